"""Histories of training runs → Plotly figures: pure functions, tables in, figures out.

A chart shows a group of columns (`CHARTS`). Each model has a panel of its own with its own epochs, because losses of
two objectives cannot be compared by height, and one run may be much longer than the other.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from logo_gan.web.i18n import numerals, say

if TYPE_CHECKING:
    import plotly.graph_objects as go

    Rows = pd.DataFrame | Iterable[Mapping[str, Any]]

PAGE = "page"  # the template that takes its text colour from the page, light or dark
TEMPLATES = (
    PAGE, "plotly", "plotly_white", "plotly_dark", "ggplot2", "seaborn", "simple_white", "presentation", "xgridoff",
    "ygridoff", "gridon", "none",
)  # fmt: skip
# page.css looks for this very colour in the pictures and replaces it by the page's own text colour.
TEXT = "rgb(100, 116, 139)"
# At least 3 : 1 against the page's light ground (#f8fafc) and its dark one (#020617), as WCAG asks of graphics.
COLOURS = ("#6366f1", "#ea580c", "#0d9488", "#db2777", "#0284c7", "#65820f", "#9a6a3a")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star")
POINTS = 300  # of a line; a longer history is averaged, for every visitor's session keeps its figures
GAP = 8  # times the usual distance between rows: farther apart, a noisy line is broken
SMOOTH_FROM = 30  # rows from which on a noisy line is smoothed
PANEL, ABOVE, BELOW, BETWEEN, LEGEND = 220, 68, 56, 84, 56  # pixels
MAX_NAME = 60  # characters of a model's name
SEPARATORS = {"en": ".,", "ru": ",\N{NO-BREAK SPACE}"}  # Plotly's: of decimals, of thousands


@dataclass(frozen=True)
class Chart:
    """Which columns of a history are shown together, and how; `texts/` holds the names of both."""

    columns: tuple[str, ...]
    share: bool = False  # shares and ratios stay on a linear axis that begins at 0
    percent: bool = False  # the axis is 0 to 100 %, the same for every model
    noisy: bool = False  # means of single steps, to be smoothed


CHARTS = {
    "adversarial": Chart(("loss_generator", "loss_discriminator", "loss_wrong_caption", "penalty"), noisy=True),
    "frechet": Chart(("frechet_distance",)),
    "bending": Chart(("loss_reconstruction", "divergence", "roughness"), noisy=True),
    "overlap": Chart(("overlap", "overlap_before", "overlap_source"), share=True),
    "judging": Chart(("words_right", "real_above_fake"), share=True, percent=True),
    # What was tracked while the baseline was trained.
    "accuracy": Chart(
        ("colour", "colour_in_container", "container", "object", "binding", "synonym"), share=True, percent=True
    ),
    "kernel": Chart(("kernel_distance",)),
    "likeness": Chart(("precision", "recall", "density", "coverage", "diversity"), share=True),
}
MEASURES = tuple(column for chart in CHARTS.values() if not chart.noisy for column in chart.columns)


def table(rows: Rows) -> pd.DataFrame:
    """A history as numbers only, in the order of images seen; what is no finite number becomes NaN.

    Adds the column `x`, what is drawn along the horizontal axis: epochs, else images, else the row's number.
    """
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    frame = frame.apply(pd.to_numeric, errors="coerce").replace([np.inf, -np.inf], np.nan).astype(float)
    along = next((c for c in ("epoch", "images") if c in frame and frame[c].notna().any()), None)
    frame = frame.assign(x=frame[along] if along else np.arange(1.0, len(frame) + 1))
    frame.attrs["along"] = along or "row"
    return frame.dropna(subset="x").sort_values("x", kind="stable", ignore_index=True)


def draw(
    chart: str, runs: Mapping[str, Rows], template: str = PAGE, log: bool = False, language: str = "en"
) -> go.Figure | None:
    """One chart of one or several models, a panel each; None if none of them tracked any of its columns.

    Args:
        chart: a key of `CHARTS`.
        runs: model name → history.
        template: one of `TEMPLATES`; the first takes the page's colours.
        log: a logarithmic vertical axis; charts of shares keep their linear one.
        language: of titles, axes, names and hover texts, one of `texts.LANGUAGES`.

    Raises:
        ValueError: there is no such chart or template.
    """
    if chart not in CHARTS:
        raise ValueError(f"There is no chart {chart!r}; there are {', '.join(CHARTS)}.")
    if template not in TEMPLATES:
        raise ValueError(f"There is no template {template!r}; there are {', '.join(TEMPLATES)}.")
    from plotly.subplots import make_subplots

    what = CHARTS[chart]
    frames = {name: table(rows) for name, rows in runs.items()}
    frames = {name: frame for name, frame in frames.items() if tracked(frame, what.columns)}
    if not frames:
        return None
    count, log = len(frames), log and not what.share
    inside = count * PANEL + (count - 1) * BETWEEN
    below = BELOW + (LEGEND if len(what.columns) > 1 else 0)
    figure = make_subplots(
        rows=count, cols=1, vertical_spacing=BETWEEN / inside if count > 1 else 0,
        subplot_titles=[_panel_title(name, frame, language) for name, frame in frames.items()],
    )  # fmt: skip
    figure.update_layout(template=page_template() if template == PAGE else template)
    colours = _colours(template)
    named: set[str] = set()
    for i, frame in enumerate(frames.values()):
        for k, column in enumerate(what.columns):
            if column in tracked(frame, what.columns):
                style = dict(color=colours[k % len(colours)], symbol=SYMBOLS[k])
                for line in _lines(frame, column, what, style, log, column not in named, language):
                    figure.add_trace(line, row=i + 1, col=1)
                named.add(column)
        values = frame[tracked(frame, what.columns)]
        hidden = log and (values <= 0).any(axis=None)
        axis = say(language, f"model.axis.{chart}")
        axis = say(language, "model.axis.above_0", axis=axis) if hidden else axis
        figure.update_yaxes(title_text=axis, row=i + 1, col=1)
        if log:
            figure.update_yaxes(type="log", **_log_ticks(values, language), row=i + 1, col=1)
        hover = _hover_title(frame, language)
        figure.update_xaxes(title_text=_along(frame, language), unifiedhovertitle_text=hover, row=i + 1, col=1)
    if what.share:
        figure.update_yaxes(rangemode="tozero")
    if what.percent:
        figure.update_yaxes(range=[0, 1.02], tickformat=".0%", dtick=0.25)
    figure.update_xaxes(showspikes=True, spikemode="across", spikethickness=1, spikedash="dot", spikecolor=TEXT)
    figure.update_annotations(x=0, xanchor="left", xshift=-24, yshift=7, font_size=12)  # clear of the topmost tick
    figure.update_layout(
        title=dict(text=say(language, f"model.chart.{chart}"), x=0, xref="container", xanchor="left",
                   y=1, yref="container", yanchor="top", pad=dict(l=12, t=14), font_size=16),
        height=inside + ABOVE + below,
        margin=dict(l=64, r=14, t=ABOVE, b=below),
        legend=dict(orientation="h", x=0, xanchor="left", y=0, yref="container", yanchor="bottom", font_size=12),
        showlegend=len(what.columns) > 1,
        separators=SEPARATORS[language],
        hovermode="x unified",
        dragmode=False,  # a finger that drags scrolls the page; zooming is in the tool bar
        modebar=dict(remove=["select", "lasso", "pan", "autoScale"]),
    )  # fmt: skip
    return figure


def tracked(frame: pd.DataFrame, columns: Iterable[str]) -> list[str]:
    """Those of `columns` that hold at least one number."""
    return [c for c in columns if c in frame and frame[c].notna().any()]


@cache
def page_template() -> go.layout.Template:
    """No ground of its own, and greys that can be read on a light and on a dark page."""
    import plotly.graph_objects as go

    axis = dict(
        gridcolor="rgba(128, 128, 128, 0.22)", linecolor="rgba(128, 128, 128, 0.6)", zeroline=False, showline=True,
        ticks="outside", tickcolor="rgba(128, 128, 128, 0.6)", automargin=True, title_font_size=12,
    )  # fmt: skip
    clear = "rgba(0, 0, 0, 0)"
    return go.layout.Template(
        layout=dict(
            colorway=list(COLOURS), font=dict(color=TEXT, family="system-ui, sans-serif", size=12),
            paper_bgcolor=clear, plot_bgcolor=clear, xaxis=axis, yaxis=axis,
            hoverlabel=dict(bgcolor="#1e293b", bordercolor="#475569", font=dict(color="#f8fafc")),
            modebar=dict(bgcolor=clear, color="rgba(128, 128, 128, 0.7)", activecolor="#6366f1"),
        )
    )  # fmt: skip


def _lines(
    frame: pd.DataFrame, column: str, what: Chart, style: dict, log: bool, legend: bool, language: str
) -> list[go.Scatter]:
    """A line of points, or for noisy columns a smooth line over the faint raw one."""
    import plotly.graph_objects as go

    points = _thin(frame[["x", column]].dropna())
    if log:
        points = points[points[column] > 0]
    name = say(language, f"model.line.{column}")
    common = dict(x=_short(points["x"]), name=name, legendgroup=column, showlegend=legend)
    line = dict(color=style["color"], width=2)
    if not what.noisy or len(points) < SMOOTH_FROM:
        number = ".1%" if what.percent else ".4g"
        few = len(points) < SMOOTH_FROM
        return [
            go.Scatter(
                **common, y=_short(points[column]), line=line, mode="lines+markers" if few else "lines",
                marker=dict(symbol=style["symbol"], size=7, color=style["color"]), hovertemplate=f"%{{y:{number}}}",
            )
        ]  # fmt: skip
    # Smoothed piece by piece: over a pause of a loss, nothing is known.
    apart = points["x"].diff()
    piece = (apart > GAP * apart.median()).cumsum()
    window = max(5, len(points) // 20) | 1
    points = points.assign(smooth=np.nan)
    for _, part in points.groupby(piece):
        points.loc[part.index, "smooth"] = part[column].rolling(window, center=True, min_periods=1).mean()
    breaks = points[piece.diff() > 0].assign(**{column: np.nan, "smooth": np.nan})
    points = pd.concat([breaks, points]).sort_values("x", kind="stable")
    common["x"] = _short(points["x"])
    raw = go.Scatter(
        x=common["x"], y=_short(points[column]), name=f"{name}, row by row", legendgroup=column, showlegend=False,
        mode="lines", line=dict(color=style["color"], width=1), opacity=0.25, hoverinfo="skip",
    )  # fmt: skip
    return [
        raw,
        go.Scatter(
            **common, y=_short(points["smooth"]), mode="lines", line=line, customdata=_short(points[column]),
            hovertemplate=say(language, "model.hover.value", y="%{y:.3g}", raw="%{customdata:.3g}"),
        ),
    ]  # fmt: skip


def _thin(points: pd.DataFrame) -> pd.DataFrame:
    """At most `POINTS` rows: means of neighbours where there are more."""
    together = -(-len(points) // POINTS)
    return points if together < 2 else points.groupby(np.arange(len(points)) // together).mean()


def _short(values: pd.Series) -> np.ndarray:
    """Half the bytes on their way to the browser; nobody reads an eighth digit off a plot."""
    return values.to_numpy(np.float32)


def _log_ticks(values: pd.DataFrame, language: str) -> dict:
    """1, 2, 5, 10, ... written out: Plotly shortens 20 to 2. Only powers of ten where there are many."""
    positive = values.where(values > 0)
    low, high = np.log10(positive.min(axis=None)), np.log10(positive.max(axis=None))
    if np.isnan(low):
        return {}
    steps = (1, 2, 5) if high - low < 2.5 else (1,)
    ticks = [step * 10.0**power for power in range(int(np.floor(low)), int(np.ceil(high)) + 1) for step in steps]
    return dict(tickvals=ticks, ticktext=[numerals(f"{tick:g}", language) for tick in ticks])


def _panel_title(name: str, frame: pd.DataFrame, language: str) -> str:
    images = frame["images"].max() if "images" in frame else np.nan
    title = f"<b>{html.escape(name if len(name) <= MAX_NAME else name[: MAX_NAME - 1] + '…')}</b>"
    if np.isnan(images):
        return title
    return say(language, "model.panel", name=title, n=numerals(f"{images:,.0f}", language))


def _along(frame: pd.DataFrame, language: str) -> str:
    """The title of the horizontal axis; an epoch's length only where every row agrees on it."""
    along = frame.attrs["along"]
    if along == "epoch" and "images" in frame:
        length = (frame["images"] / frame["epoch"]).replace([np.inf, -np.inf], np.nan).dropna()
        if len(length) and length.max() - length.min() < 0.01 * length.median():
            return say(language, "model.along.epoch_of", n=numerals(f"{length.median():,.0f}", language))
    return say(language, f"model.along.{along}")


def _hover_title(frame: pd.DataFrame, language: str) -> str:
    along = frame.attrs["along"]
    x = {"epoch": "%{x:.2f}", "images": "%{x:,.0f}", "row": "%{x:.0f}"}[along]
    return say(language, f"model.hover.{along}", x=x)


def _colours(template: str) -> tuple[str, ...]:
    """A template's own colours in their order, given to lines explicitly: two lines of one column share theirs."""
    if template == PAGE:
        return COLOURS
    import plotly.colors
    import plotly.io

    return tuple(plotly.io.templates[template].layout.colorway or plotly.colors.DEFAULT_PLOTLY_COLORS)
