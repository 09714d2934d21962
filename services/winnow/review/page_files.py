"""The page: a few files, served as they are. No build step, nothing from elsewhere."""

from importlib.resources import files

from fastapi import APIRouter, Response

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


def routes() -> APIRouter:
    """`/`, `/operators` and the files they need."""
    router = APIRouter(include_in_schema=False)
    contents = {each.name: each.read_bytes() for each in (files("winnow.review") / "page").iterdir()}

    @router.get("/")
    def index() -> Response:
        return _file("index.html")

    @router.get("/operators")
    def operators() -> Response:
        return _file("operators.html")

    @router.get("/page/{name}")
    def page_file(name: str) -> Response:
        return _file(name) if name in contents else Response(status_code=404)

    def _file(name: str) -> Response:
        kind = _TYPES[name[name.rindex(".") :]]
        return Response(contents[name], media_type=kind, headers={"Cache-Control": "no-cache"})

    return router
