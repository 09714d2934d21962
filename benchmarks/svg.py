"""Small pictures as SVG text: readable in a browser and on a repository's page, without a plotting library."""

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

FONT = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"
INK, FAINT, GRID = "#1f2933", "#6b7785", "#e3e8ee"
Point = tuple[float, float]
GOOD, BAD, OTHER = "#0b7a75", "#c2410c", "#8a94a3"


def element(name: str, text: str = "", **attributes: object) -> str:
    """One element; `_` in an attribute's name stands for `-`."""
    written = "".join(f" {key.replace('_', '-')}={quoteattr(_number(value))}" for key, value in attributes.items())
    return f"<{name}{written}>{escape(text)}</{name}>" if text else f"<{name}{written}/>"


def text(at: Point, words: str, size: int = 12, fill: str = INK, anchor: str = "start") -> str:
    """Words whose base line begins, or with another anchor ends or has its middle, there."""
    return element("text", words, x=at[0], y=at[1], font_size=size, fill=fill, text_anchor=anchor)


def line(start: Point, end: Point, stroke: str, width: float = 1, dash: str = "") -> str:
    """A straight line."""
    more = {"stroke_dasharray": dash} if dash else {}
    (x1, y1), (x2, y2) = start, end
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, stroke_width=width, **more)


def dot(at: Point, radius: float, fill: str, title: str, stroke: str = "none") -> str:
    """A circle that says what it is when pointed at."""
    x, y = map(_number, at)
    attributes = f'cx="{x}" cy="{y}" r="{_number(radius)}" fill="{fill}" stroke="{stroke}"'
    return f"<circle {attributes}><title>{escape(title)}</title></circle>"


def picture(width: int, height: int, title: str, parts: Iterable[str]) -> str:
    """The whole file, on white so that it reads on a dark page too."""
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    said = f'role="img" aria-label={quoteattr(title)} font-family={quoteattr(FONT)}'
    ground = element("rect", width=width, height=height, fill="#ffffff")
    opened = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {said}>'
    return "\n".join([opened, ground, text((16, 26), title, 15), *parts, "</svg>\n"])


def _number(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
