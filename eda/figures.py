"""A summary → Plotly figures and the word cloud: pure functions. No figure holds a row's value, only counts."""

from __future__ import annotations

import html
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from eda import pictures, words
from eda.measures import BINS, MEASURES, Measure, bin_edges, by_mode, by_pixels, robust_range
from eda.statistics import Images, Summary, Texts
from eda.tally import Tally

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from PIL import Image

PAGE = "page"  # the template that takes its text colour from the page, light or dark
TEMPLATES = (
    PAGE, "plotly", "plotly_white", "plotly_dark", "ggplot2", "seaborn", "simple_white", "presentation", "xgridoff",
    "ygridoff", "gridon", "none",
)  # fmt: skip
TEXT = "rgb(100, 116, 139)"  # tab.css replaces this very colour by the page's own text colour
# At least 3 : 1 against the page's light ground (#f8fafc) and its dark one (#020617), as WCAG asks of graphics.
COLOURS = ("#6366f1", "#ea580c", "#0d9488", "#db2777", "#0284c7", "#65820f", "#9a6a3a")
HEIGHT, BOX_HEIGHT = 320, 200  # pixels
POINTS = 200  # outliers of a box plot that are drawn
_NO_EXTRA = "<extra></extra>"  # beside a hover text, where Plotly would write the name of the trace
SHOWN = 15  # epithets or trades of a bar chart
FEW = 12  # whole numbers that each get a tick of their own
CLOUD_SIZE = (1200, 480)  # pixels
MAX_NAME = 40  # characters of a label


def histogram(summary: Summary, name: str, bins: int = BINS, full: bool = False, template: str = PAGE) -> go.Figure:
    """How a measure is spread, in at most `bins` bins of equal width; a whole number of values wide for whole numbers.

    Few outliers do not set the range: what lies beyond `FENCE` times the middle half is put into one bar at either
    end, labelled with its count, unless `full`.

    Raises:
        KeyError: no such measure.
        ValueError: no such template.
    """
    measure = MEASURES[name]
    tally = measure.of(summary)
    axes = {
        "xaxis": {"title": {"text": measure.unit}},
        "yaxis": {"title": {"text": measure.rows}, "rangemode": "tozero"},
    }
    if not len(tally.values):
        return _figure(measure.title, _told(tally, measure), template, [], **axes)
    few = measure.whole and tally.values[-1] - tally.values[0] < BINS  # each can have a bin of its own
    low, high = (tally.values[0], tally.values[-1]) if full or few else robust_range(tally)
    edges = bin_edges(low, high, bins, measure.whole)
    first, last = (np.ceil(edges[:-1]), np.floor(edges[1:])) if measure.whole else (edges[:-1], edges[1:])
    low, high = first[0], last[-1]  # the last bin may reach a little further
    inside = tally.between(low, high)
    counts = np.histogram(inside.values, edges, weights=inside.counts)[0].astype(int)
    spans = [_span(a, b, measure.whole) for a, b in zip(first, last, strict=True)]
    unit, colours = _short(measure.unit), _colours(template)
    bars = [{
        "type": "bar", "x": (edges[:-1] + edges[1:]) / 2, "y": counts, "width": np.diff(edges) * 0.96,
        "customdata": list(zip(spans, counts / tally.count, strict=True)),
        "marker": {"color": colours[0], "line": {"width": 0}},
        "hovertemplate": f"%{{customdata[0]}} {unit}<br>%{{y:,}} {measure.rows} (%{{customdata[1]:.1%}})" + _NO_EXTRA,
    }]  # fmt: skip
    step, notes = edges[1] - edges[0], []
    for beyond, at, sign, limit in (
        (tally.between(-np.inf, np.nextafter(low, -np.inf)), edges[0] - 1.5 * step, "below", low),
        (tally.between(np.nextafter(high, np.inf), np.inf), edges[-1] + 1.5 * step, "above", high),
    ):
        if beyond.count:
            label = f"{sign} {_number(limit, measure.whole)}"
            reach = _span(beyond.values[0], beyond.values[-1], measure.whole)
            bars.append({
                "type": "bar", "x": [at], "y": [beyond.count], "width": [step],
                "marker": {"color": colours[1], "line": {"width": 0}},
                "hovertemplate": f"{label}: %{{y:,}} {measure.rows}<br>{reach} {unit}" + _NO_EXTRA,
            })  # fmt: skip
            notes.append({
                "x": at, "y": beyond.count, "text": f"{label}:<br>{beyond.count:,}", "showarrow": False,
                "yanchor": "bottom", "xanchor": "left" if sign == "below" else "right", "font": {"size": 11},
            })  # fmt: skip
    middle = tally.quantile(0.5)
    line = {
        "type": "line",
        "x0": middle,
        "x1": middle,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"color": TEXT, "width": 1, "dash": "dot"},
    }
    if measure.whole and high - low < FEW:
        axes["xaxis"]["dtick"] = 1
    shapes = [line] if low <= middle <= high else []
    return _figure(measure.title, _told(tally, measure), template, bars, **axes, annotations=notes, shapes=shapes)


def box(summary: Summary, name: str, template: str = PAGE) -> go.Figure:
    """Quartiles, whiskers of 1.5 times the middle half, and the values beyond them, from counts alone."""
    measure = MEASURES[name]
    tally = measure.of(summary)
    axes = {"xaxis": {"title": {"text": measure.unit}}, "yaxis": {"showticklabels": False, "ticks": ""}}
    if not len(tally.values):
        return _figure(measure.title, _told(tally, measure), template, [], BOX_HEIGHT, **axes)
    q1, q2, q3 = (tally.quantile(q) for q in (0.25, 0.5, 0.75))
    inside = tally.between(q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)).values
    outside = np.flatnonzero((tally.values < inside[0]) | (tally.values > inside[-1]))
    some = outside[np.linspace(0, len(outside) - 1, min(POINTS, len(outside))).astype(int)]
    colours = _colours(template)
    drawn = {
        "type": "box", "q1": [q1], "median": [q2], "q3": [q3], "lowerfence": [float(inside[0])],
        "upperfence": [float(inside[-1])], "mean": [tally.figures()["mean"]], "y": [""], "orientation": "h",
        "marker": {"color": colours[0]}, "name": "",
    }  # fmt: skip
    points = {
        "type": "scatter", "x": tally.values[some], "y": [""] * len(some), "mode": "markers",
        "customdata": tally.counts[some], "marker": {"color": colours[1], "size": 6},
        "hovertemplate": f"%{{x:,}} {_short(measure.unit)}: %{{customdata:,}} {measure.rows}" + _NO_EXTRA,
    }  # fmt: skip
    told = f"half of them from {_number(q1, measure.whole)} to {_number(q3, measure.whole)}"
    return _figure(measure.title, told, template, [drawn, points], BOX_HEIGHT, **axes)


def colour_pie(images: Images, template: str = PAGE) -> go.Figure:
    """RGB against black-and-white: by the header (one channel), and by what the pixels of the sample hold."""
    header, held = by_mode(images), by_pixels(images)
    looked = f"by the pixels of {held['sampled']:,}" if held["sampled"] else "pixels are being read"
    pies = [
        {
            "type": "pie", "labels": ["RGB", "black-and-white"], "values": [counts["rgb"], counts["black_and_white"]],
            "hole": 0.5, "sort": False, "direction": "clockwise", "domain": {"x": [left, right], "y": [0, 1]},
            "title": {"text": told, "position": "bottom center"},
            "marker": {"colors": [_colours(template)[0], "#8a8d91"]},
            "textinfo": "percent", "insidetextorientation": "horizontal",
            "hovertemplate": "%{label}: %{value:,} images (%{percent})" + _NO_EXTRA,
        }
        for counts, left, right, told in (
            (header, 0, 0.47, f"by the headers of {sum(header.values()):,}"), (held, 0.53, 1, looked),
        )
    ]  # fmt: skip
    legend = {"orientation": "h", "x": 0.5, "xanchor": "center", "y": 0, "yanchor": "bottom", "yref": "container"}
    return _figure("RGB and black-and-white", "", template, pies, legend=legend, showlegend=True)


def dominant_colours(images: Images, template: str = PAGE) -> go.Figure:
    """In how many images of the sample each colour covers most, the ground left out."""
    seen = images.readable
    counts = np.bincount(seen["colour"], minlength=pictures.NO_COLOUR + 1)
    ranked = sorted(((int(counts[i]), name) for i, name in enumerate(pictures.COLOURS)), key=lambda item: -item[0])
    bars = {
        "type": "bar", "x": [name for _, name in ranked], "y": [n for n, _ in ranked],
        "marker": {"color": [pictures.COLOURS[name] for _, name in ranked], "line": {"color": TEXT, "width": 1}},
        "customdata": [n / max(len(seen), 1) for n, _ in ranked],
        "hovertemplate": "%{x}: %{y:,} images (%{customdata:.1%})" + _NO_EXTRA,
    }  # fmt: skip
    told = f"{len(seen):,} images looked at, {int(counts[-1]):,} without one"
    return _figure("Dominant colour", told, template, [bars], yaxis={"title": {"text": "images"}})


def commonest(texts: Texts, what: str, template: str = PAGE) -> go.Figure:
    """The commonest `epithets` or `trades`, without what all captions share."""
    title, found, told = {
        "epithets": ("Most frequent epithets", words.epithets, "without what all captions share"),
        "trades": ("Most frequent trades", words.trades, "what stands before the shared ones"),
    }[what]
    rows = found(texts, SHOWN)[::-1]
    labels, places = [_name(text) for text, _ in rows], list(range(len(rows)))
    bars = {
        "type": "bar", "x": [n for _, n in rows], "y": places, "orientation": "h", "customdata": labels,
        "marker": {"color": _colours(template)[0]}, "hovertemplate": "%{customdata}: %{x:,} captions" + _NO_EXTRA,
    }  # fmt: skip
    # Bars by place, not by name: two names may be cut to the same label, and one may look like a number.
    names = {"tickvals": places, "ticktext": labels, "tickfont": {"size": 11}}
    height = 116 + 20 * max(len(rows), 5)
    return _figure(
        title, told if rows else "none", template, [bars], height, xaxis={"title": {"text": "captions"}}, yaxis=names
    )


def word_cloud(frequencies: list[tuple[str, int]]) -> Image.Image | None:
    """Words as large as they are frequent, on a clear ground; None without words. Equal words give equal clouds."""
    if not frequencies:
        return None
    import random

    from wordcloud import WordCloud

    shades = random.Random(0)
    cloud = WordCloud(
        width=CLOUD_SIZE[0], height=CLOUD_SIZE[1], mode="RGBA", background_color=None, random_state=0,
        prefer_horizontal=1,
        max_font_size=110, relative_scaling=0.5, color_func=lambda *_, **__: shades.choice(COLOURS),
    )  # fmt: skip
    # Without its end an endless word still fits; whole, it would leave no room or size to those after it.
    counts: dict[str, int] = {}
    for word, n in frequencies:
        counts[_cut(word)] = counts.get(_cut(word), 0) + n
    return cloud.generate_from_frequencies(counts).to_image()


def blank() -> go.Figure:
    """A figure of nothing."""
    return _figure("", "", PAGE, [])


@cache
def page_template() -> go.layout.Template:
    """No ground of its own, and greys that can be read on a light and on a dark page."""
    import plotly.graph_objects as go

    faint, line, clear = "rgba(128, 128, 128, 0.22)", "rgba(128, 128, 128, 0.6)", "rgba(0, 0, 0, 0)"
    axis = dict(
        gridcolor=faint, linecolor=line, zeroline=False, showline=True, ticks="outside", tickcolor=line, automargin=True
    )
    return go.layout.Template(
        layout=dict(
            colorway=list(COLOURS), font=dict(color=TEXT, family="system-ui, sans-serif", size=12), paper_bgcolor=clear,
            plot_bgcolor=clear, xaxis=axis, yaxis=axis,
            hoverlabel=dict(bgcolor="#1e293b", bordercolor="#475569", font=dict(color="#f8fafc")),
            modebar=dict(bgcolor=clear, color=line, activecolor=COLOURS[0]),
        )
    )  # fmt: skip


def _figure(title: str, told: str, template: str, data: list[dict], height: int = HEIGHT, **layout) -> go.Figure:
    """Built in one go, as it stands: with Plotly's checks, which the tests make, it takes five times as long."""
    import plotly.graph_objects as go
    import plotly.io

    heading = {
        "text": title, "subtitle": {"text": told, "font": {"size": 12}}, "x": 0, "xref": "container", "xanchor": "left",
        "y": 1, "yref": "container", "yanchor": "top", "pad": {"l": 12, "t": 14}, "font": {"size": 16},
    }  # fmt: skip
    # A finger that drags scrolls the page; zooming is in the tool bar.
    tools = {"dragmode": False, "modebar": {"remove": ["select", "lasso", "pan", "autoScale"]}}
    common = {
        "template": page_template() if _known(template) == PAGE else plotly.io.templates[template], "title": heading,
        "height": height,
        "margin": {"l": 56, "r": 14, "t": (84 if "<br>" in told else 68) if told else 48, "b": 48},
        "showlegend": False, **tools,
    }  # fmt: skip
    return go.Figure({"data": data, "layout": {**common, **layout}}, _validate=False)


def _told(tally: Tally, measure: Measure) -> str:
    """The numbers of a histogram in words."""
    found = tally.figures()
    if not found["count"]:
        return f"no {measure.rows}"
    low, high, middle = (_number(found[key], measure.whole) for key in ("min", "max", "median"))
    return (
        f"{found['count']:,} {measure.rows}, {low} to {high}<br>median {middle}, mean {_number(found['mean'], False)}"
    )


def _span(low: float, high: float, whole: bool) -> str:
    low, high = _number(low, whole), _number(high, whole)
    return low if low == high else f"{low} to {high}"


def _number(value: float, whole: bool) -> str:
    if whole and float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.1f}" if abs(value) >= 100 else f"{value:.3g}"


def _short(unit: str) -> str:
    return unit.split(" (")[0].split(" after")[0]


def _name(text: str) -> str:
    """A label: Plotly would read tags in it."""
    return html.escape(_cut(text), quote=False)  # &quot; is an entity that Plotly does not know


def _cut(text: str) -> str:
    return text if len(text) <= MAX_NAME else text[: MAX_NAME - 1] + "…"


def _known(template: str) -> str:
    if template not in TEMPLATES:
        raise ValueError(f"There is no template {template!r}; there are {', '.join(TEMPLATES)}.")
    return template


def _colours(template: str) -> tuple[str, ...]:
    if _known(template) == PAGE:
        return COLOURS
    import plotly.colors
    import plotly.io

    return tuple(plotly.io.templates[template].layout.colorway or plotly.colors.DEFAULT_PLOTLY_COLORS)
