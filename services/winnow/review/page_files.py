"""The page: a few files, served as they are. No build step, nothing from elsewhere."""

from importlib.resources import files

from fastapi import APIRouter, Response

_TYPES = {
    "index.html": "text/html; charset=utf-8",
    "review.css": "text/css; charset=utf-8",
    **dict.fromkeys(("review.js", "desk.js", "outbox.js", "view.js", "api.js"), "text/javascript; charset=utf-8"),
    "icon.svg": "image/svg+xml",
}


def routes() -> APIRouter:
    """`/` and the files it needs."""
    router = APIRouter(include_in_schema=False)
    folder = files("winnow.review") / "page"
    contents = {name: (folder / name).read_bytes() for name in _TYPES}

    @router.get("/")
    def index() -> Response:
        return _file("index.html")

    @router.get("/page/{name}")
    def page_file(name: str) -> Response:
        return _file(name) if name in contents else Response(status_code=404)

    def _file(name: str) -> Response:
        return Response(contents[name], media_type=_TYPES[name], headers={"Cache-Control": "no-cache"})

    return router
