"""What all figures share: templates and their colours, the heading, the margins."""

from __future__ import annotations

import textwrap
from functools import cache
from typing import TYPE_CHECKING

from eda.texts import SEPARATORS

if TYPE_CHECKING:
    import plotly.graph_objects as go

PAGE = "page"  # the template that takes its text colour from the page, light or dark
TEMPLATES = (
    PAGE, "plotly", "plotly_white", "plotly_dark", "ggplot2", "seaborn", "simple_white", "presentation", "xgridoff",
    "ygridoff", "gridon", "none",
)  # fmt: skip
TEXT = "rgb(100, 116, 139)"  # tab.css replaces this very colour by the page's own text colour
# At least 3 : 1 against the page's light ground (#f8fafc) and its dark one (#020617), as WCAG asks of graphics.
COLOURS = ("#6366f1", "#ea580c", "#0d9488", "#db2777", "#0284c7", "#65820f", "#9a6a3a")
HEIGHT = 320  # pixels
MAX_TITLE = 30  # characters of a title's line: what a phone has room for


def blank() -> go.Figure:
    """A figure of nothing."""
    return figure("", "", PAGE, [])


@cache
def page_template() -> go.layout.Template:
    """No ground of its own, and greys that can be read on a light and on a dark page."""
    import plotly.graph_objects as go

    faint, line, clear = "rgba(128, 128, 128, 0.22)", "rgba(128, 128, 128, 0.6)", "rgba(0, 0, 0, 0)"
    axis = dict(
        gridcolor=faint, linecolor=line, zeroline=False, showline=True, ticks="outside", tickcolor=line,
        automargin=True, title_font_size=12,
    )  # fmt: skip
    return go.layout.Template(
        layout=dict(
            colorway=list(COLOURS), font=dict(color=TEXT, family="system-ui, sans-serif", size=12), paper_bgcolor=clear,
            plot_bgcolor=clear, xaxis=axis, yaxis=axis,
            hoverlabel=dict(bgcolor="#1e293b", bordercolor="#475569", font=dict(color="#f8fafc")),
            modebar=dict(bgcolor=clear, color=line, activecolor=COLOURS[0]),
        )
    )  # fmt: skip


def figure(
    title: str, told: str, template: str, data: list[dict], height: int = HEIGHT, language: str = "en", **layout
) -> go.Figure:
    """Built in one go, as it stands: with Plotly's checks, which the tests make, it takes five times as long."""
    import plotly.graph_objects as go
    import plotly.io

    title = "<br>".join(textwrap.wrap(title, MAX_TITLE))
    above = 48 + (20 if told else 0) + 16 * told.count("<br>") + 20 * title.count("<br>")
    heading = {
        "text": title, "subtitle": {"text": told, "font": {"size": 12}}, "x": 0, "xref": "container", "xanchor": "left",
        "y": 1, "yref": "container", "yanchor": "top", "pad": {"l": 12, "t": 14}, "font": {"size": 16},
    }  # fmt: skip
    # A finger that drags scrolls the page; zooming is in the tool bar.
    tools = {"dragmode": False, "modebar": {"remove": ["select", "lasso", "pan", "autoScale"]}}
    common = {
        "template": page_template() if known(template) == PAGE else plotly.io.templates[template], "title": heading,
        "height": height,
        "margin": {"l": 56, "r": 14, "t": above, "b": 48},
        "showlegend": False, "separators": SEPARATORS[language], **tools,
    }  # fmt: skip
    return go.Figure({"data": data, "layout": {**common, **layout}}, _validate=False)


def known(template: str) -> str:
    if template not in TEMPLATES:
        raise ValueError(f"There is no template {template!r}; there are {', '.join(TEMPLATES)}.")
    return template


def colours(template: str) -> tuple[str, ...]:
    if known(template) == PAGE:
        return COLOURS
    import plotly.colors
    import plotly.io

    return tuple(plotly.io.templates[template].layout.colorway or plotly.colors.DEFAULT_PLOTLY_COLORS)
