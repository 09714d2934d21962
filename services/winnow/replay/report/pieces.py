"""What pages of figures are made of: sections, plots and tables, as HTML that needs nothing from outside."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import plotly.graph_objects as go
import plotly.io
from plotly.offline import get_plotlyjs

_FOLDER = Path(__file__).parent


def page_of(template: str, **parts: str) -> str:
    """A template of this folder with its parts; the style and plotly's code come into the page itself."""
    style = (_FOLDER / "page.css").read_text(encoding="utf-8")
    text = (_FOLDER / template).read_text(encoding="utf-8")
    return Template(text).substitute(parts, style=style, plotly=get_plotlyjs())


def section(title: str, text: str, content: str) -> str:
    """A heading, a sentence or two, and what they are about."""
    paragraph = f"<p>{escape(text)}</p>" if text else ""
    return f"<section><h2>{escape(title)}</h2>{paragraph}{content}</section>"


def plot(figure: Any, name: str) -> str:
    """A plotly figure."""
    html: str = plotly.io.to_html(
        figure,
        include_plotlyjs=False,
        full_html=False,
        div_id=f"plot-{name}",
        config={"displaylogo": False, "responsive": True},
    )
    return html


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows under the names of their columns."""
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<div class=wide><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def empty_figure(x_title: str, y_title: str) -> Any:
    """An empty plotly figure in the style of the house."""
    figure = go.Figure()
    figure.update_layout(
        template="plotly_white",
        height=360,
        margin={"l": 70, "r": 20, "t": 20, "b": 50},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        hovermode="closest",
        font={"family": "system-ui, sans-serif", "size": 13},
    )
    figure.update_xaxes(title=x_title)
    figure.update_yaxes(title=y_title)
    return figure
