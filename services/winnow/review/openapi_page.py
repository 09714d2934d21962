"""The API as a page for people, made from its OpenAPI description: no script, nothing from elsewhere."""

from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse

from winnow.review.problems import TITLES

_INTRODUCTION = """Send <code>Authorization: Bearer TOKEN</code> with each request. Errors are
<code>application/problem+json</code> (RFC 9457) with one of the types at the end. An answer carries a
<code>response_id</code> that you make: sent again it changes nothing. The whole description for programs:
<a href="/v1/openapi.json">openapi.json</a>."""


def routes(app: FastAPI) -> APIRouter:
    """Serves the page at `/v1/docs`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/v1/docs")
    def docs() -> HTMLResponse:
        return HTMLResponse(page(app.openapi()))

    return router


def page(description: dict[str, Any]) -> str:
    """The page of an OpenAPI description."""
    schemas = description.get("components", {}).get("schemas", {})
    calls = "".join(_calls(description["paths"], schemas))
    problems = "".join(
        f"<dt><code>urn:winnow:problem:{escape(kind)}</code> ({status})</dt><dd>{escape(title)}</dd>"
        for kind, (status, title) in TITLES.items()
    )
    title = escape(description["info"]["title"])
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width"></head>'
        f"<body><main><h1>{title}</h1><p>{_INTRODUCTION}</p>{calls}<h2>Problems</h2><dl>{problems}</dl></main></body></html>"
    )


def _calls(paths: dict[str, Any], schemas: dict[str, Any]) -> Iterator[str]:
    for path, methods in paths.items():
        for method, call in methods.items():
            yield f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(call.get('description', ''))}</p>"
            fields = [*_parameters(call), *_body(call, schemas)]
            if fields:
                yield f"<ul>{''.join(fields)}</ul>"


def _parameters(call: dict[str, Any]) -> Iterator[str]:
    for parameter in call.get("parameters", ()):
        yield _field(parameter["name"], parameter["in"], is_required=parameter.get("required", False))


def _body(call: dict[str, Any], schemas: dict[str, Any]) -> Iterator[str]:
    content = call.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    schema = schemas.get(name, {})
    for field, about in schema.get("properties", {}).items():
        kind = " or ".join(str(each) for each in about.get("enum", ())) or about.get("type", "")
        yield _field(field, str(kind), is_required=field in schema.get("required", ()))


def _field(name: str, kind: str, *, is_required: bool) -> str:
    more = ", ".join(filter(None, (kind, "" if is_required else "optional")))
    return f"<li><code>{escape(name)}</code>{f' ({escape(more)})' if more else ''}</li>"
