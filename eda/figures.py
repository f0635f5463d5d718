"""A summary → Plotly figures and the word cloud: pure functions. No figure holds a row's value, only counts."""

from __future__ import annotations

import html
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from eda import pictures, words
from eda.looks import COLOURS, PAGE, TEXT, colours, figure
from eda.measures import BINS, MEASURES, Measure, bin_edges, by_mode, by_pixels, robust_range
from eda.statistics import Images, Summary, Texts
from eda.tally import Tally
from eda.texts import numerals, say

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from PIL import Image

BOX_HEIGHT = 200  # pixels
POINTS = 200  # outliers of a box plot that are drawn
_NO_EXTRA = "<extra></extra>"  # beside a hover text, where Plotly would write the name of the trace
SHOWN = 15  # epithets or trades of a bar chart
FEW = 12  # whole numbers that each get a tick of their own
CLOUD_SIZE = (1200, 480)  # pixels
MAX_NAME = 40  # characters of a label


def histogram(
    summary: Summary, name: str, bins: int = BINS, full: bool = False, template: str = PAGE, language: str = "en"
) -> go.Figure:
    """How a measure is spread, in at most `bins` bins of equal width; a whole number of values wide for whole numbers.

    Few outliers do not set the range: what lies beyond `FENCE` times the middle half is put into one bar at either
    end, labelled with its count, unless `full`.

    Raises:
        KeyError: no such measure.
        ValueError: no such template.
    """
    measure = MEASURES[name]
    tally = measure.of(summary)
    rows = say(language, f"dataset.axis.{measure.rows}")
    axes = {"xaxis": _along(name, language), "yaxis": {"title": {"text": rows}, "rangemode": "tozero"}}
    heading = say(language, f"dataset.measure.{name}"), _told(tally, measure, language)
    if not len(tally.values):
        return figure(*heading, template, [], language=language, **axes)
    few = measure.whole and tally.values[-1] - tally.values[0] < BINS  # each can have a bin of its own
    low, high = (tally.values[0], tally.values[-1]) if full or few else robust_range(tally)
    edges = bin_edges(low, high, bins, measure.whole)
    first, last = (np.ceil(edges[:-1]), np.floor(edges[1:])) if measure.whole else (edges[:-1], edges[1:])
    low, high = first[0], last[-1]  # the last bin may reach a little further
    inside = tally.between(low, high)
    counts = np.histogram(inside.values, edges, weights=inside.counts)[0].astype(int)
    spans = [_span(a, b, measure.whole, language) for a, b in zip(first, last, strict=True)]
    inks = colours(template)
    bar = say(language, f"dataset.value.{name}", value="%{customdata[0]}")
    n = say(language, f"dataset.n.{measure.rows}", n="%{y:,}")
    bars = [{
        "type": "bar", "x": (edges[:-1] + edges[1:]) / 2, "y": counts, "width": np.diff(edges) * 0.96,
        "customdata": list(zip(spans, counts / tally.count, strict=True)),
        "marker": {"color": inks[0], "line": {"width": 0}},
        "hovertemplate": f"{bar}<br>{n} (%{{customdata[1]:.1%}})" + _NO_EXTRA,
    }]  # fmt: skip
    step, notes = edges[1] - edges[0], []
    for beyond, at, sign, limit in (
        (tally.between(-np.inf, np.nextafter(low, -np.inf)), edges[0] - 1.5 * step, "below", low),
        (tally.between(np.nextafter(high, np.inf), np.inf), edges[-1] + 1.5 * step, "above", high),
    ):
        if beyond.count:
            label = say(language, f"dataset.{sign}", limit=_number(limit, measure.whole, language))
            reach = _span(beyond.values[0], beyond.values[-1], measure.whole, language)
            reach = say(language, f"dataset.value.{name}", value=reach)
            bars.append({
                "type": "bar", "x": [at], "y": [beyond.count], "width": [step],
                "marker": {"color": inks[1], "line": {"width": 0}},
                "hovertemplate": f"{label}: {n}<br>{reach}" + _NO_EXTRA,
            })  # fmt: skip
            notes.append({
                "x": at, "y": beyond.count, "showarrow": False,
                "text": f"{label}:<br>{numerals(f'{beyond.count:,}', language)}",
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
    return figure(*heading, template, bars, language=language, **axes, annotations=notes, shapes=shapes)


def box(summary: Summary, name: str, template: str = PAGE, language: str = "en") -> go.Figure:
    """Quartiles, whiskers of 1.5 times the middle half, and the values beyond them, from counts alone."""
    measure = MEASURES[name]
    tally = measure.of(summary)
    axes = {"xaxis": _along(name, language), "yaxis": {"showticklabels": False, "ticks": ""}}
    title = say(language, f"dataset.measure.{name}")
    if not len(tally.values):
        return figure(title, _told(tally, measure, language), template, [], BOX_HEIGHT, language, **axes)
    q1, q2, q3 = (tally.quantile(q) for q in (0.25, 0.5, 0.75))
    inside = tally.between(q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)).values
    outside = np.flatnonzero((tally.values < inside[0]) | (tally.values > inside[-1]))
    some = outside[np.linspace(0, len(outside) - 1, min(POINTS, len(outside))).astype(int)]
    inks = colours(template)
    drawn = {
        "type": "box", "q1": [q1], "median": [q2], "q3": [q3], "lowerfence": [float(inside[0])],
        "upperfence": [float(inside[-1])], "mean": [tally.figures()["mean"]], "y": [""], "orientation": "h",
        "marker": {"color": inks[0]}, "name": "", "hoverinfo": "skip",
    }  # fmt: skip
    # Plotly names the box's own lines in English only.
    lines = dict(zip(("low", "q1", "median", "q3", "high"), (inside[0], q1, q2, q3, inside[-1]), strict=True))
    told = [
        say(language, f"dataset.box.{line}", value=_number(value, measure.whole, language))
        for line, value in lines.items()
    ]
    hover = {
        "type": "scatter", "x": [*map(float, lines.values())], "y": [""] * len(lines), "mode": "markers",
        "customdata": told, "marker": {"color": inks[0], "size": 12, "opacity": 0},
        "hovertemplate": "%{customdata}" + _NO_EXTRA,
    }  # fmt: skip
    points = {
        "type": "scatter", "x": tally.values[some], "y": [""] * len(some), "mode": "markers",
        "customdata": tally.counts[some], "marker": {"color": inks[1], "size": 6},
        "hovertemplate": f"{say(language, f'dataset.value.{name}', value='%{x:,}')}<br>"
        + say(language, f"dataset.n.{measure.rows}", n="%{customdata:,}") + _NO_EXTRA,
    }  # fmt: skip
    low, high = (_number(q, measure.whole, language) for q in (q1, q3))
    told = say(language, "dataset.half", low=low, high=high)
    return figure(title, told, template, [drawn, points, hover], BOX_HEIGHT, language, **axes)


def colour_pie(images: Images, template: str = PAGE, language: str = "en") -> go.Figure:
    """RGB against black-and-white: by the header (one channel), and by what the pixels of the sample hold."""
    header, held = by_mode(images), by_pixels(images)
    sampled = held["sampled"]
    looked = say(language, "dataset.pie.pixels", n=sampled) if sampled else say(language, "dataset.pie.reading")
    labels = [say(language, f"dataset.pie.{kind}") for kind in ("rgb", "grey")]
    read, n = (
        say(language, "dataset.pie.headers", n=sum(header.values())), say(language, "dataset.n.images", n="%{value:,}")
    )  # fmt: skip
    pies = [
        {
            "type": "pie", "labels": labels, "values": [counts["rgb"], counts["black_and_white"]],
            "hole": 0.5, "sort": False, "direction": "clockwise", "domain": {"x": [left, right], "y": [0, 1]},
            "title": {"text": told, "position": "bottom center"},
            "marker": {"colors": [colours(template)[0], "#8a8d91"]},
            "textinfo": "percent", "insidetextorientation": "horizontal",
            "hovertemplate": f"%{{label}}<br>{n} (%{{percent}})" + _NO_EXTRA,
        }
        for counts, left, right, told in ((header, 0, 0.47, read), (held, 0.53, 1, looked))
    ]  # fmt: skip
    legend = {"orientation": "h", "x": 0.5, "xanchor": "center", "y": 0, "yanchor": "bottom", "yref": "container"}
    title = say(language, "dataset.pie")
    return figure(title, "", template, pies, language=language, legend=legend, showlegend=True)


def dominant_colours(images: Images, template: str = PAGE, language: str = "en") -> go.Figure:
    """In how many images of the sample each colour covers most, the ground left out."""
    seen = images.readable
    counts = np.bincount(seen["colour"], minlength=pictures.NO_COLOUR + 1)
    ranked = sorted(((int(counts[i]), name) for i, name in enumerate(pictures.COLOURS)), key=lambda item: -item[0])
    bars = {
        "type": "bar", "x": [say(language, f"dataset.colour.{name}") for _, name in ranked],
        "y": [n for n, _ in ranked],
        "marker": {"color": [pictures.COLOURS[name] for _, name in ranked], "line": {"color": TEXT, "width": 1}},
        "customdata": [n / max(len(seen), 1) for n, _ in ranked],
        "hovertemplate": f"%{{x}}<br>{say(language, 'dataset.n.images', n='%{y:,}')} (%{{customdata:.1%}})" + _NO_EXTRA,
    }  # fmt: skip
    told = say(language, "dataset.dominant.told", n=len(seen), none=int(counts[-1]))
    axis = {"title": {"text": say(language, "dataset.axis.images")}}
    return figure(say(language, "dataset.dominant"), told, template, [bars], language=language, yaxis=axis)


def commonest(texts: Texts, what: str, template: str = PAGE, language: str = "en") -> go.Figure:
    """The commonest `epithets` or `trades`, without what all captions share."""
    rows = {"epithets": words.epithets, "trades": words.trades}[what](texts, SHOWN)[::-1]
    labels, places = [_name(text) for text, _ in rows], list(range(len(rows)))
    bars = {
        "type": "bar", "x": [n for _, n in rows], "y": places, "orientation": "h", "customdata": labels,
        "marker": {"color": colours(template)[0]},
        "hovertemplate": f"%{{customdata}}<br>{say(language, 'dataset.n.captions', n='%{x:,}')}" + _NO_EXTRA,
    }  # fmt: skip
    # Bars by place, not by name: two names may be cut to the same label, and one may look like a number.
    names = {"tickvals": places, "ticktext": labels, "tickfont": {"size": 11}}
    height = 116 + 20 * max(len(rows), 5)
    told = say(language, f"dataset.commonest.{what}.told") if rows else say(language, "dataset.commonest.none")
    axes = {"xaxis": {"title": {"text": say(language, "dataset.axis.captions")}}, "yaxis": names}
    return figure(say(language, f"dataset.commonest.{what}"), told, template, [bars], height, language, **axes)


def word_cloud(frequencies: list[tuple[str, int]]) -> Image.Image | None:
    """Words as large as they are frequent, on a clear ground; None without words. Equal words give equal clouds."""
    # Without its end an endless word still fits; whole, it would leave no room or size to those after it.
    counts: dict[str, int] = {}
    for word, n in frequencies:
        counts[_cut(word)] = counts.get(_cut(word), 0) + n
    return _word_cloud(tuple(counts.items())) if counts else None


@lru_cache(maxsize=2)  # the page shows it, then the report
def _word_cloud(counts: tuple[tuple[str, int], ...]) -> Image.Image:
    import random

    from wordcloud import WordCloud

    shades = random.Random(0)
    # Places are looked for on a grid of 2 pixels, in a third of the time.
    cloud = WordCloud(
        width=CLOUD_SIZE[0] // 2, height=CLOUD_SIZE[1] // 2, scale=2, mode="RGBA", background_color=None,
        random_state=0, prefer_horizontal=1, max_font_size=55, relative_scaling=0.5,
        color_func=lambda *_, **__: shades.choice(COLOURS),
    )  # fmt: skip
    return cloud.generate_from_frequencies(dict(counts)).to_image()


def _along(name: str, language: str) -> dict:
    title = {"text": say(language, f"dataset.unit.{name}")}
    return {"title": title, "exponentformat": "none", "separatethousands": True}


def _told(tally: Tally, measure: Measure, language: str) -> str:
    """The numbers of a histogram in words."""
    found = tally.figures()
    if not found["count"]:
        return say(language, f"dataset.none.{measure.rows}")
    low, high, median = (_number(found[key], measure.whole, language) for key in ("min", "max", "median"))
    n, mean = say(language, f"dataset.n.{measure.rows}", n=found["count"]), _number(found["mean"], False, language)
    return say(language, "dataset.told", n=n, low=low, high=high, median=median, mean=mean)


def _span(low: float, high: float, whole: bool, language: str) -> str:
    low, high = _number(low, whole, language), _number(high, whole, language)
    return low if low == high else say(language, "dataset.span", low=low, high=high)


def _number(value: float, whole: bool, language: str) -> str:
    if whole and float(value).is_integer():
        return numerals(f"{int(value):,}", language)
    return numerals(f"{value:,.1f}" if abs(value) >= 100 else f"{value:.3g}", language)


def _name(text: str) -> str:
    """A label: Plotly would read tags in it."""
    return html.escape(_cut(text), quote=False)  # &quot; is an entity that Plotly does not know


def _cut(text: str) -> str:
    return text if len(text) <= MAX_NAME else text[: MAX_NAME - 1] + "…"
