"""Figures of training histories, checked on the traces that Plotly gets."""

import json
import re

import numpy as np
import pandas as pd
import plotly.io
import pytest
from conftest import ROOT

from logo_gan.training import history
from logo_gan.web import i18n, plots

MEASURED = [c for chart in plots.CHARTS.values() if not chart.noisy for c in chart.columns]
LOSSES = ("loss_generator", "loss_discriminator")


def rows(count: int = 60, step: int = 4096, **columns) -> list[dict]:
    """A history with smooth losses; `columns` are functions of the row's number, None leaves the cell out."""
    losses = {"loss_generator": lambda i: 1 + 1 / i, "loss_discriminator": lambda i: 1 / i}
    made = []
    for i in range(1, count + 1):
        row = {"images": i * step, "epoch": i * step / 100_000}
        row |= {c: value for c, make in {**losses, **columns}.items() if (value := make(i)) is not None}
        made.append(row)
    return made


def lines(figure) -> dict[str, object]:
    """The lines that the legend names (not the faint raw ones), by name."""
    return {trace.name: trace for trace in figure.data if not trace.name.endswith("row by row")}


def test_a_line_holds_the_history_s_own_numbers_at_its_epochs():
    measured = rows(12, 50_000, object=lambda i: i / 20)
    trace = lines(plots.draw("accuracy", {"m": measured}))["object"]
    assert trace.x == pytest.approx([row["epoch"] for row in measured])
    assert trace.y == pytest.approx([row["object"] for row in measured])
    assert trace.mode == "lines+markers"


def test_cells_left_empty_are_no_points():
    """Measures stand in a row of their own every now and then."""
    sparse = rows(60, frechet_distance=lambda i: 100 / i if i % 5 == 0 else None)
    (trace,) = plots.draw("frechet", {"m": sparse}).data
    assert trace.y == pytest.approx([100 / i for i in range(5, 61, 5)])


def test_a_noisy_loss_is_smoothed_with_the_raw_line_faint_behind():
    noise = np.random.default_rng(0).normal(size=200)
    raw, smooth = (
        trace
        for trace in plots.draw("adversarial", {"m": rows(200, loss_generator=lambda i: 3 + noise[i - 1])}).data
        if trace.legendgroup == "loss_generator"
    )
    assert raw.y == pytest.approx(3 + noise, rel=1e-5)
    assert smooth.customdata == pytest.approx(raw.y)
    assert np.std(smooth.y) < np.std(raw.y) / 2
    assert np.mean(smooth.y) == pytest.approx(np.mean(raw.y), abs=0.05)
    assert raw.opacity < 0.5 and not raw.showlegend and smooth.showlegend
    assert raw.line.color == smooth.line.color


def test_a_short_history_is_drawn_as_it_is():
    (line,) = (t for t in plots.draw("adversarial", {"m": rows(5)}).data if t.legendgroup == "loss_generator")
    assert line.y == pytest.approx([2, 1.5, 4 / 3, 1.25, 1.2])


def test_a_pause_of_a_loss_breaks_its_line():
    """The discriminator rests for a part of the run: nothing may be drawn there, nor smoothed across."""
    paused = rows(200, loss_generator=lambda i: 5.0 if i <= 50 else 1.0 if i > 150 else None)
    trace = lines(plots.draw("adversarial", {"m": paused}))["generator"]
    assert np.isnan(trace.y).sum() == 1
    assert set(np.asarray(trace.y)[~np.isnan(trace.y)].round(5)) == {1.0, 5.0}


def test_a_long_history_is_averaged_to_a_bounded_number_of_points():
    figure = plots.draw("adversarial", {"m": rows(10_000)})
    assert all(len(trace.x) <= plots.POINTS for trace in figure.data)
    assert len(figure.to_json()) < 40_000


def test_each_model_has_a_panel_with_its_own_epochs():
    runs = {"warp": rows(90, 10_000), "baseline-28": rows(15, 100_000)}
    figure = plots.draw("adversarial", runs)
    titles = [annotation.text for annotation in figure.layout.annotations]
    assert titles == ["<b>warp</b>, 900,000 images", "<b>baseline-28</b>, 1,500,000 images"]
    ends = {trace.xaxis: max(trace.x) for trace in figure.data if trace.legendgroup == "loss_generator"}
    assert ends == {"x": pytest.approx(9), "x2": pytest.approx(15)}
    assert figure.layout.xaxis.matches is None
    assert figure.layout.height > plots.draw("adversarial", {"m": rows()}).layout.height
    shown = [t.name for t in figure.data if t.showlegend]
    assert sorted(shown) == ["discriminator", "generator"], "the legend names a column once"


def test_a_model_without_a_column_has_no_panel_and_no_line():
    runs = {"warp": rows(loss_reconstruction=lambda i: 1 / i), "baseline-28": rows()}
    assert len(plots.draw("bending", runs).layout.annotations) == 1
    assert plots.draw("bending", {"baseline-28": rows()}) is None
    assert set(lines(plots.draw("adversarial", runs))) == {"generator", "discriminator"}


@pytest.mark.parametrize("chart", plots.CHARTS)
@pytest.mark.parametrize("empty", [[], [{}], [{"images": 1.0}], pd.DataFrame()])
def test_nothing_tracked_is_no_figure(chart, empty):
    assert plots.draw(chart, {"m": empty}) is None


@pytest.mark.parametrize("name", ["warp", "baseline-28"])
def test_every_column_of_a_bundled_history_has_its_chart(name):
    path = ROOT / "weights" / name / "history.csv"
    columns = {column for row in history.read(path) for column in row} - {*history.COLUMNS}
    assert columns <= {column for chart in plots.CHARTS.values() for column in chart.columns}


def test_the_bundled_history_is_drawn():
    real = history.read(ROOT / "weights" / "warp" / "history.csv")
    figure = plots.draw("adversarial", {"warp": real})
    assert {"generator", "discriminator"} <= set(lines(figure))
    assert figure.layout.xaxis.title.text == "epoch (100,000 images each)"


def test_log_switches_losses_and_distances_but_not_shares():
    everything = {"m": rows(**dict.fromkeys(MEASURED, lambda i: i / 60))}
    for name, chart in plots.CHARTS.items():
        if figure := plots.draw(name, everything, log=True):
            assert (figure.layout.yaxis.type == "log") == (not chart.share), name
            assert plots.draw(name, everything).layout.yaxis.type != "log"


def test_a_log_axis_leaves_out_what_it_cannot_show_and_says_so():
    runs = {"m": rows(12, kernel_distance=lambda i: 0.5 - i / 10)}
    figure = plots.draw("kernel", runs, log=True)
    assert figure.data[0].y == pytest.approx([0.4, 0.3, 0.2, 0.1])
    assert "above 0 only" in figure.layout.yaxis.title.text
    assert "above 0 only" not in plots.draw("kernel", runs).layout.yaxis.title.text
    assert plots.draw("kernel", {"m": rows(12, kernel_distance=lambda i: -1.0)}, log=True) is not None


def test_ticks_of_a_log_axis_are_written_out():
    axis = plots.draw("frechet", {"m": rows(12, frechet_distance=lambda i: 8.0 * i)}, log=True).layout.yaxis
    assert {"10", "20", "50"} <= set(axis.ticktext)
    assert [float(text) for text in axis.ticktext] == pytest.approx(list(axis.tickvals))


def test_every_plotly_template_is_offered():
    assert set(plots.TEMPLATES) == {plots.PAGE, *plotly.io.templates}


@pytest.mark.parametrize("template", plots.TEMPLATES)
def test_a_template_restyles_and_keeps_the_numbers(template):
    runs = {"m": rows(colour=lambda i: i / 60)}
    figure, plain = plots.draw("adversarial", runs, template), plots.draw("adversarial", runs)
    assert [list(t.y) for t in figure.data] == [list(t.y) for t in plain.data]
    if template not in (plots.PAGE, "none"):
        assert figure.layout.template == plotly.io.templates[template]
    assert len({trace.line.color for trace in figure.data}) == len(LOSSES)


def luminance(colour: str) -> float:
    """Relative luminance of '#rrggbb' or 'rgb(r, g, b)' (WCAG 2.2)."""
    if colour.startswith("#"):
        parts = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
    else:
        parts = [int(part) for part in re.findall(r"\d+", colour)]
    linear = [v / 12.92 if (v := part / 255) <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("ground", ["#f8fafc", "#020617"])
@pytest.mark.parametrize("colour", [*plots.COLOURS, plots.TEXT])
def test_the_page_s_colours_can_be_told_from_a_light_and_a_dark_ground(colour, ground):
    one, two = sorted((luminance(colour), luminance(ground)))
    assert (two + 0.05) / (one + 0.05) >= 3


def test_the_page_s_style_sheet_knows_the_text_colour():
    assert plots.TEXT in (ROOT / "logo_gan" / "web" / "page.css").read_text(encoding="utf-8")


def test_titles_units_and_height_are_there():
    everything = rows(**dict.fromkeys([*MEASURED, "loss_reconstruction"], lambda i: i / 60))
    for name in plots.CHARTS:
        layout = plots.draw(name, {"m": everything}).layout
        assert layout.title.text == i18n.say("en", f"model.chart.{name}")
        assert layout.yaxis.title.text == i18n.say("en", f"model.axis.{name}")
        assert layout.xaxis.title.text == "epoch (100,000 images each)"
        assert layout.height > 300


def test_in_russian_nothing_of_a_figure_is_english_and_the_numbers_are_the_same():
    everything = rows(200, **dict.fromkeys([*MEASURED, "loss_reconstruction"], lambda i: i / 200 - 0.1))
    for name in plots.CHARTS:
        russian, english = (
            plots.draw(name, {"m": everything}, log=True, language=language) for language in ("ru", "en")
        )
        assert [[*trace.y] for trace in russian.data] == [[*trace.y] for trace in english.data]
        layout = russian.layout
        titles = [layout.title.text, layout.yaxis.title.text, layout.xaxis.title.text]
        hover = [trace.hovertemplate for trace in russian.data if trace.customdata is not None]
        for text in [*titles, layout.xaxis.unifiedhovertitle.text, *lines(russian), *hover]:
            assert re.search("[а-яё]", text), text
        assert titles[2] == "эпоха (по 100\N{NO-BREAK SPACE}000 изобр.)"
        assert layout.separators == ",\N{NO-BREAK SPACE}" and "." not in "".join(layout.yaxis.ticktext or ())


def test_epochs_of_another_or_a_changing_length_are_named_honestly():
    other = [{"images": i * 2000.0, "epoch": float(i), "colour": 0.5} for i in range(1, 9)]
    assert plots.draw("accuracy", {"m": other}).layout.xaxis.title.text == "epoch (2,000 images each)"
    other[-1]["images"] *= 3
    assert plots.draw("accuracy", {"m": other}).layout.xaxis.title.text == "epoch"
    bare = [{"images": i * 2000.0, "colour": 0.5} for i in range(1, 9)]
    assert plots.draw("accuracy", {"m": bare}).layout.xaxis.title.text == "images seen"


def test_a_stranger_s_history_harms_nothing():
    hostile = [
        {"images": 1.0, "epoch": "<b>", "colour": "x"},
        {"images": 2.0, "epoch": 1.0, "colour": float("inf"), "object": 0.5, "extra": 1e308},
    ]
    figure = plots.draw("accuracy", {"<img src=x onerror=alert(1)>" + "y" * 500: hostile})
    text = figure.layout.annotations[0].text
    assert "<img" not in text and len(text) < 150
    assert list(lines(figure)) == ["object"]
    assert "Infinity" not in figure.to_json()
    json.loads(figure.to_json())


@pytest.mark.parametrize("arguments", [("nonsense", {}), ("adversarial", {}, "nonsense")])
def test_an_unknown_chart_or_template_is_refused_in_one_sentence(arguments):
    with pytest.raises(ValueError, match=r"^There is no (chart|template) 'nonsense'; there are .+\.$"):
        plots.draw(*arguments)
