"""Figures and words of an analysis, checked on the traces that Plotly gets and on captions made for the purpose."""

import json
import re
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda import columns, figures, looks, measures, panels, pictures, words, work
from eda import texts as texts_of
from eda.dataset import EXAMPLE
from eda.facts import facts
from eda.report import report
from eda.statistics import Images, Summary, Texts
from eda.tally import Frequencies, Tally
from logo_gan.training.captions import TAIL

OF_CAPTIONS, OF_IMAGES = measures.OF_CAPTIONS, measures.OF_IMAGES


def texts(*captions: str | None) -> Texts:
    return Texts.of(columns.text_columns(pa.array(captions, pa.string())))


def shaped(heights, widths) -> Summary:
    """Of images of which nothing but the size is known."""
    sizes = (np.array(heights, np.int64) << 32) + np.array(widths)
    return Summary(texts(), Images(len(sizes), shapes=Tally.of(sizes)))


def lengths(*values: int) -> Summary:
    """Of captions of which nothing but the length is known."""
    return Summary(Texts(rows=len(values), lengths=Tally.of(np.array(values, np.int64))))


@pytest.fixture(scope="module")
def example() -> Summary:
    *_, last = work.analyse(str(EXAMPLE))
    return Summary.loads(last["summary"])


EMPTY = Summary(Texts(), Images())

# Every figure of the analysis: of a summary, in a template.
FIGURES = {
    **{f"histogram of {name}": lambda s, t, name=name: figures.histogram(s, name, template=t)
       for name in measures.MEASURES},
    **{f"full histogram of {name}": lambda s, t, name=name: figures.histogram(s, name, 100, True, t)
       for name in measures.MEASURES},
    **{f"box of {name}": lambda s, t, name=name: figures.box(s, name, t) for name in measures.MEASURES},
    "colour pie": lambda s, t: figures.colour_pie(s.images, t),
    "dominant colours": lambda s, t: figures.dominant_colours(s.images, t),
    "epithets": lambda s, t: figures.commonest(s.texts, "epithets", t),
    "trades": lambda s, t: figures.commonest(s.texts, "trades", t),
}  # fmt: skip


@pytest.mark.parametrize("template", looks.TEMPLATES)
def test_every_figure_works_in_every_template(example, template):
    for name, draw in FIGURES.items():
        figure = draw(example, template)
        assert json.loads(figure.to_json())["data"], name
        assert figure.layout.template.layout == (
            looks.page_template().layout if template == looks.PAGE else type(figure)(layout_template=template)
            .layout.template.layout
        ), name  # fmt: skip


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_passes_plotly_s_own_checks(example, name):
    """Which figures skips for the sake of speed."""
    for template in looks.TEMPLATES[:2]:
        figure = FIGURES[name](example, template)
        checked = type(figure)(figure.to_dict())
        assert len(checked.data) == len(figure.data) and checked.layout.height == figure.layout.height


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_of_nothing_is_empty_and_says_so(name):
    figure = FIGURES[name](EMPTY, looks.PAGE)
    drawn = json.loads(figure.to_json())
    assert "NaN" not in figure.to_json() and figure.layout.height >= 200
    for trace in figure.data:
        assert not any(trace.values if trace.type == "pie" else trace.y)
    if "of" in name.split():
        assert re.fullmatch("no (captions|images)", drawn["layout"]["title"]["subtitle"]["text"])


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_a_title_a_height_and_axes_with_units_and_is_small(example, name):
    figure = FIGURES[name](example, looks.PAGE)
    assert figure.layout.title.text and figure.layout.height >= figures.BOX_HEIGHT
    assert len(figure.to_json()) < 60_000
    measure = measures.MEASURES.get(name.split(" of ")[-1]) if " of " in name else None
    if measure:
        of = name.split(" of ")[-1]
        assert figure.layout.title.text.replace("<br>", " ") == texts_of.say("en", f"dataset.measure.{of}")
        assert figure.layout.xaxis.title.text == texts_of.say("en", f"dataset.unit.{of}")
        assert figure.layout.yaxis.title.text == (None if name.startswith("box") else measure.rows)
        assert f"{measure.of(example).count:,} {measure.rows}" in figure.layout.title.subtitle.text or "half" in (
            figure.layout.title.subtitle.text
        )
    assert figure.layout.dragmode is False


def test_no_figure_holds_a_value_of_a_row(example):
    """What is drawn are counts: ten times the rows make no figure larger."""
    many = example
    for _ in range(9):
        many = many + example
    for name, draw in FIGURES.items():
        one, ten = (len(draw(s, looks.PAGE).to_json()) for s in (example, many))
        assert ten < 1.2 * one + 500, name


@pytest.mark.parametrize(
    "draw", [figures.histogram, figures.box, lambda s, n, **o: figures.commonest(s.texts, "trades", **o)]
)
def test_an_unknown_template_or_measure_is_refused(example, draw):
    with pytest.raises(ValueError, match=r"^There is no template 'nonsense'; there are page, .+\.$"):
        draw(example, "height", template="nonsense")
    for unknown in (figures.histogram, figures.box):
        with pytest.raises(KeyError):
            unknown(example, "depth")
    with pytest.raises(KeyError):
        figures.commonest(example.texts, "brands")


# Histograms.


def test_few_outliers_are_put_into_a_bar_of_their_own_and_the_bins_stay_fine():
    usual = [180 + i % 41 for i in range(1000)]
    main, below, above = (figure := figures.histogram(lengths(*usual, 2, 9_000, 70_000), "caption_length")).data
    assert len(main.x) == 21 and sum(main.y) == 1000  # two characters a bin: as fine as 30 bins of whole numbers can be
    assert min(main.x) == 180.5 and 219 < max(main.x) < 222
    assert list(below.y) == [1] and list(above.y) == [2]
    notes = [note.text for note in figure.layout.annotations]
    assert notes == ["below 180:<br>1", "above 221:<br>2"]
    assert [note.x for note in figure.layout.annotations] == [below.x[0], above.x[0]]
    assert below.x[0] < min(main.x) < max(main.x) < above.x[0]
    assert "9,000 to 70,000 characters" in above.hovertemplate and "2 characters" in below.hovertemplate
    assert "2 to 70,000<br>median 200, mean 278" in figure.layout.title.subtitle.text


def test_the_whole_range_is_shown_on_request():
    usual = [180 + i % 41 for i in range(1000)]
    figure = figures.histogram(lengths(*usual, 2, 9_000, 70_000), "caption_length", full=True)
    (main,) = figure.data
    assert sum(main.y) == 1003 and not figure.layout.annotations
    step = main.x[1] - main.x[0]
    assert main.x[0] - step / 2 <= 2 and main.x[-1] + step / 2 >= 70_000 and np.count_nonzero(main.y) == 2 + 1


def test_without_outliers_there_is_no_bar_for_them(example):
    assert len(figures.histogram(lengths(*range(100, 200)), "caption_length").data) == 1
    for name in measures.MEASURES:
        main, *beyond = figures.histogram(example, name).data
        total = measures.MEASURES[name].of(example).count
        assert sum(main.y) + sum(bar.y[0] for bar in beyond) == total
        assert sum(main.y) >= 0.9 * total


@settings(deadline=None, max_examples=80)
@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=80), st.integers(1, 100), st.booleans())
def test_the_bars_of_any_numbers_add_up(values, bins, full):
    figure = figures.histogram(lengths(*values), "caption_length", bins, full)
    main, *beyond = figure.data
    assert sum(main.y) + sum(bar.y[0] for bar in beyond) == len(values)
    assert len(main.y) <= bins and sum(main.y) >= (len(values) if full else 0.98 * len(values) - 2)
    step = main.width[0] / 0.96
    for x, n in zip(main.x, main.y, strict=True):
        assert n == sum(x - step / 2 < value < x + step / 2 for value in values)
    assert len(figure.layout.annotations) == len(beyond)
    share = sum(share for _, share in main.customdata)
    assert share == pytest.approx(sum(main.y) / len(values))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 4000), st.integers(1, 4000)), min_size=1, max_size=60), st.integers(1, 100))
def test_the_bars_of_any_ratios_add_up(sizes, bins):
    found = shaped(*zip(*sizes, strict=True))
    for name, all_of_them in (("aspect_ratio", sizes), ("aspect_ratio_not_square", [s for s in sizes if s[0] != s[1]])):
        for full in (False, True):
            main = figures.histogram(found, name, bins, full).data
            assert sum(sum(bar.y) for bar in main) == len(all_of_them)
            assert not main or len(main[0].y) <= bins


ends = st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)).map(sorted)


@settings(deadline=None, max_examples=300)
@given(ends, st.integers(1, 100))
def test_bins_of_whole_numbers_are_equally_wide_and_hold_them_all(ends, bins):
    low, high = ends
    edges = measures.bin_edges(low, high, bins, whole=True)
    assert 2 <= len(edges) <= bins + 1 and edges[0] == low - 0.5 and high < edges[-1]
    widths = set(np.diff(edges))
    assert len(widths) == 1 and widths.pop().is_integer(), "as many whole numbers in each bin"
    assert edges[-2] < high, "no bin that holds nothing by its place"


@settings(deadline=None, max_examples=300)
@given(st.tuples(st.floats(1e-4, 1e4), st.floats(1e-4, 1e4)).map(sorted), st.integers(1, 100))
def test_bins_of_ratios_are_equally_wide_and_hold_them_all(ends, bins):
    low, high = ends
    edges = measures.bin_edges(low, high, bins, whole=False)
    assert 2 <= len(edges) <= bins + 1 and edges[0] <= low and high <= edges[-1]
    assert np.allclose(np.diff(edges), (edges[-1] - edges[0]) / (len(edges) - 1), rtol=1e-6)
    assert (np.diff(edges) > 0).all() or high - low < 1e-12


@pytest.mark.parametrize(("asked", "got"), [(-5, 1), (0, 1), (1, 1), (30, 30), (100, 100), (10**9, 100)])
def test_numbers_of_bins_are_kept_within_reason(asked, got):
    assert len(figures.histogram(lengths(*range(1, 100_001, 7)), "caption_length", asked).data[0].x) == got


@settings(deadline=None, max_examples=200)
@given(st.lists(st.integers(1, 10**5), min_size=1, max_size=200))
def test_the_range_of_the_bins_holds_the_middle_and_nearly_all(values):
    low, high = measures.robust_range(Tally.of(np.array(values)))
    q1, q3 = np.quantile(values, (0.25, 0.75))
    inside = [value for value in values if low <= value <= high]
    assert min(inside) == low and max(inside) == high and len(inside) >= 0.98 * len(values) - 2
    assert all(value in inside for value in values if q1 <= value <= q3)


def test_few_whole_numbers_get_a_tick_each():
    assert figures.histogram(lengths(10, 11, 11, 12), "caption_length").layout.xaxis.dtick == 1
    assert figures.histogram(lengths(*range(100)), "caption_length").layout.xaxis.dtick is None


def test_the_median_is_a_line_in_the_histogram(example):
    for name, measure in measures.MEASURES.items():
        (line,) = figures.histogram(example, name).layout.shapes
        assert line.x0 == line.x1 == measure.of(example).quantile(0.5)


# Box plots.


def test_a_box_draws_few_of_many_outliers_and_the_extreme_ones_among_them():
    usual = [180 + i % 10 for i in range(5000)]
    box, points, _ = figures.box(lengths(*usual, *range(1000, 2000)), "caption_length").data
    assert len(points.x) == figures.POINTS and (min(points.x), max(points.x)) == (1000, 1999)
    assert box.upperfence[0] == 189 and box.lowerfence[0] == 180
    _, points, _ = figures.box(lengths(*usual, 1000, 1000, 3), "caption_length").data
    assert dict(zip(points.x, points.customdata, strict=True)) == {3: 1, 1000: 2}


# Colours.


def test_the_pie_tells_headers_from_pixels_and_says_while_these_are_being_read():
    images = Images(10, modes={"RGB": 4, "P": 1, "L": 2, "LA": 1, "1": 1, "I;16": 1})
    header, held = figures.colour_pie(images).data
    assert list(header.values) == [5, 5] and header.title.text == "by the headers of 10"
    assert not any(held.values) and held.title.text == "pixels are being read"


def test_bars_of_colours_are_in_their_own_colours_the_commonest_first(example):
    (bars,) = figures.dominant_colours(example.images).data
    assert list(bars.y) == sorted(bars.y, reverse=True)
    assert [pictures.COLOURS[name] for name in bars.x] == list(bars.marker.color)
    assert sorted(bars.x) == sorted(pictures.COLOURS)


# Words.


def test_the_dataset_s_grammar_is_taken_apart():
    found = texts(
        f"Simple elegant logo for Aurora, red fox, in circle, bakery, {TAIL}",
        f"Simple elegant logo for Kestrel, blue whale, bakery, {TAIL}, black and white",
        f"Simple elegant logo for Zenith, red fox, law firm, {TAIL}",
        f"Simple elegant logo for Nimbus, sharp knife, law firm, {TAIL}",
        f"Simple elegant logo for Wren, sharp knife, law firm, {TAIL}, black and white",
        f"Simple elegant logo for Ember, green leaf, {TAIL}",
        None,
    )
    assert sorted(words.shared(found)) == sorted(TAIL.split(", "))
    assert words.trades(found) == [("law firm", 3), ("bakery", 2)]
    assert words.epithets(found) == [
        ("law firm", 3), ("bakery", 2), ("black and white", 2), ("red fox", 2), ("sharp knife", 2)
    ]  # fmt: skip
    cloud = dict(words.words(found))
    assert {name: cloud[name] for name in ("fox", "sharp", "knife", "whale", "aurora", "white")} == {
        "fox": 2, "sharp": 2, "knife": 2, "whale": 1, "aurora": 1, "white": 2
    }  # fmt: skip
    assert not cloud.keys() & {"simple", "elegant", "logo", "minimalist", "for", "in", "and"}
    everything = dict(words.words(found, with_shared=True))
    assert everything["sharp"] == 8 and everything["elegant"] == everything["minimalist"] == 6


def test_a_tail_in_another_order_or_without_some_parts_is_still_shared():
    trade = ("bank", "airline", "bakery")
    captions = [f"Logo {i}, fox, {trade[i % 3]}, " + ", ".join(TAIL.split(", ")[i % 5 == 0 :]) for i in range(30)]
    found = texts(*captions)
    assert set(TAIL.split(", ")[1:]) <= set(words.shared(found)) - {*trade}
    assert dict(words.trades(found)) == dict.fromkeys(trade, 8), "those that stand before its usual beginning"
    mixed = texts(*(f"{i}, fox{i}, {'a, b' if i % 2 else 'b, a'}" for i in range(10)))
    assert sorted(words.shared(mixed)) == ["a", "b"]


@pytest.mark.parametrize("n", [1, 2])
def test_one_or_two_captions_share_only_what_both_have(n):
    found = texts(*[f"Logo for {name}, red {name}, sharp, even edges" for name in ("fox", "whale")][:n])
    assert sorted(words.shared(found)) == ([] if n == 1 else ["even edges", "sharp"])
    assert "fox" in dict(words.words(found)) and words.trades(found) == []


def test_captions_without_commas_or_without_anything_have_no_tail():
    for found in (texts(), texts(None, None), texts("", ""), texts("red fox", "blue whale"), texts(",,,", ", ,")):
        assert words.shared(found) == words.trades(found) == words.epithets(found) == []
        assert facts(Summary(found))["shared_epithets"] == []
    assert dict(words.words(texts("red fox", "blue whale", "red whale", "red owl"))) == {
        "blue": 1, "fox": 1, "owl": 1, "whale": 2
    }  # fmt: skip


def test_an_empty_part_is_no_trade():
    found = texts(*(f"Logo for {i}, , {TAIL}" for i in range(9)), *(f"Logo for {i}, bank, {TAIL}" for i in range(8)))
    assert words.trades(found) == [("bank", 8)]


def test_a_tail_with_signs_in_it_takes_its_own_words_away_and_no_others():
    captions = [f"Brand {i}, fox, arts & crafts/design (flat)" for i in range(20)] + ["Zen, crafts, design, flat, red"]
    cloud = dict(words.words(texts(*captions)))
    assert {name: cloud.get(name) for name in ("crafts", "design", "flat", "red", "arts")} == {
        "crafts": 1, "design": 1, "flat": 1, "red": 1, "arts": None
    }  # fmt: skip


def test_words_keep_their_letters_and_what_is_no_word_is_left_out():
    found = texts(
        "Ærø café 猫猫 t-shirt O'Neil", "-- ' 12 7 3,000 a I the 90% x² ' - ’", "été naïve Straße", "ЛОГОТИП логотип"
    )
    assert {w for w, _ in words.words(found, with_shared=True)} == {
        "ærø", "café", "猫猫", "t-shirt", "o'neil", "été", "naïve", "straße", "логотип", "x²"
    }  # fmt: skip


def test_equal_counts_are_ordered_by_letters_so_that_no_list_depends_on_the_order_of_rows():
    captions = [f"x, {word}, end" for word in ("pear", "fig", "fig", "pear", "apple", "apple", "plum")]
    one, other = texts(*captions), texts(*reversed(captions))
    assert words.epithets(one) == words.epithets(other) == [("apple", 2), ("fig", 2), ("pear", 2)]
    assert words.words(one) == words.words(other)


def test_markup_in_captions_is_shown_as_it_was_written():
    part = "<b>bold</b> <a href='x'>&"
    found = texts(*(f"Logo, {part}, {i}" for i in range(2)), *(f"Logo, {i}, sharp" for i in range(9)))
    figure = figures.commonest(found, "epithets")
    labels = json.dumps(figure.to_plotly_json()["layout"]["yaxis"], default=list) + json.dumps(list(figure.data[0].y))
    assert "<b>" not in labels and "<a" not in labels and "&lt;b&gt;bold&lt;/b&gt;" in labels
    told = report("<script>alert(1)</script>", Summary(found, None))
    assert "<script>alert" not in told and "<a href='x'>" not in told
    assert "<a href" not in panels.cloud_text(Summary(found), True)


def test_labels_that_are_cut_alike_keep_their_bars_apart():
    long = "the very same beginning of two different epithets"
    captions = [f"a, {long} {i % 2}" for i in range(5)] + ["b, fox"] * 9
    figure = figures.commonest(texts(*captions), "epithets")
    (bars,) = figure.data
    assert list(bars.x) == [2, 3] and len(set(bars.y)) == 2
    axis = figure.layout.yaxis
    shown = axis.ticktext or bars.y
    assert all(len(label) <= figures.MAX_NAME and label.endswith("…") for label in shown)


def test_the_word_cloud_of_equal_words_is_equal_and_there_is_none_without_words(example):
    found = words.words(example.texts)
    one, again = figures.word_cloud(found), figures.word_cloud(list(found))
    assert one.tobytes() == again.tobytes() and one.size == figures.CLOUD_SIZE and one.mode == "RGBA"
    assert figures.word_cloud(found[:50]).tobytes() != one.tobytes()
    assert figures.word_cloud([]) is None
    assert "no words" in panels.cloud_text(EMPTY, False)
    ink = np.asarray(one)[..., 3]
    assert 0.05 < (ink > 0).mean() < 0.7 and ink[0, 0] == 0


@pytest.mark.parametrize(
    "found",
    [
        [("fox", 1)],
        [("x" * 10_000, 1)],
        [("x" * 10_000, 9), ("fox", 5), ("whale", 4)],
        [(f"word{i}", 1) for i in range(200)],
        [("fox", 10**9), ("whale", 1)],
        [("猫", 3), ("лого", 2)],
    ],
)
def test_the_word_cloud_takes_any_words(found):
    ink = np.asarray(figures.word_cloud(found))[..., 3] > 0
    assert ink.any()
    if len(found) == 3:  # an endless word may not push the others out, nor make them tiny
        assert np.ptp(np.flatnonzero(ink.any(1))) > 60


def test_frequent_words_beyond_the_cap_still_make_figures():
    many = Texts(rows=5, words=Frequencies.of(Counter({f"w{i}x": 3 for i in range(20_000)})))
    assert facts(Summary(many))["counts_too_low_by_at_most"] == 3
    assert figures.commonest(many, "trades").layout.title.subtitle.text == "none"


@pytest.mark.parametrize("of", [EMPTY, Summary()])
def test_facts_and_the_report_of_nothing_can_be_read(of):
    told = facts(of)
    assert json.loads(json.dumps(told, allow_nan=False))["rows"] == 0
    assert told["caption_length"] == {"count": 0, "min": None, "max": None, "mean": None, "median": None}
    assert "0 rows" in report("nothing", of)


def test_measures_of_captions_and_of_images_are_told_apart():
    assert (*OF_CAPTIONS, *OF_IMAGES) == tuple(measures.MEASURES)
    found = shaped([100, 200, 200], [100, 100, 400])
    assert [measures.MEASURES[name].of(found).values.tolist() for name in OF_IMAGES] == [
        [100, 200], [100, 400], [0.5, 1, 2], [0.5, 2], [10_000, 20_000, 80_000]
    ]  # fmt: skip


def test_the_report_is_written_in_the_language_that_it_is_asked_for(example):
    english, russian = report("x.parquet", example), report("x.parquet", example, language="ru")
    for text in ("Caption length", "What is wrong", "2,000 rows", "captions, 148 to 234"):
        assert text in english and text not in russian, text
    assert "lang='ru'" in russian and "2\N{NO-BREAK SPACE}000 строк" in russian and "Что не так с данными" in russian
