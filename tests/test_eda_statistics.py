"""What the analysis counts: sums that equal the whole, and every number against one found another way."""

import io
import json
import unicodedata
from collections import Counter
from functools import reduce
from itertools import pairwise
from operator import add

import imagehash
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from eda import columns, figures, measures, pictures, statistics, table, tally, words, work
from eda.dataset import EXAMPLE
from eda.facts import facts
from eda.statistics import Images, Summary, Texts
from eda.tally import Frequencies, Rows, Tally
from logo_gan.marks.memory import Memory
from logo_gan.text.colours import BASIC
from logo_gan.training import compose
from logo_gan.training.captions import TAIL

REAL = ROOT.parent / "shared" / "data" / "real_logos.parquet"
IMAGE = pa.struct({"bytes": pa.binary(), "path": pa.string()})
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def summary(images: list[bytes | None], captions: list[bytes | None]) -> Summary:
    """Of rows that lie in memory, in one batch."""
    texts = Texts.of(columns.text_columns(pa.array(captions, pa.binary()).view(pa.string())))
    batch = pa.array(images, pa.large_binary())
    headers = columns.joined([columns.image_columns(batch)])
    sample = statistics.chosen(headers.hashes, headers.verdicts)
    suspects = np.flatnonzero(headers.may_be_blank & (headers.verdicts == pictures.OK))
    pixels = columns.pixel_columns(batch, np.union1d(sample, suspects), headers)
    return Summary(texts, Images.of(headers).seen(pixels, sample))


def of_images(images: list[bytes | None]) -> Summary:
    return summary(images, [b"a, b"] * len(images))


def state(of: Summary) -> dict:
    return json.loads(of.dumps())


# Counts of numbers, of words, of rows.

whole_numbers = st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=60)
ratios = st.lists(st.integers(1, 99), min_size=1, max_size=60).map(lambda values: [7 / value for value in values])
repeated = st.lists(st.integers(0, 4), min_size=1, max_size=60)


@settings(deadline=None, max_examples=150)
@given(st.one_of(whole_numbers, ratios, repeated), st.floats(0, 1), st.data())
def test_figures_quantiles_and_ranges_are_those_of_the_numbers_themselves(values, q, data):
    found = Tally.of(np.array(values))
    assert found.count == len(values) and (np.diff(found.values) > 0).all() and (found.counts > 0).all()
    for at in (q, 0, 0.25, 0.5, 0.75, 1):
        assert found.quantile(at) == pytest.approx(np.quantile(values, at), rel=1e-12, abs=1e-9)
    told = found.figures()
    assert (told["count"], told["min"], told["max"]) == (len(values), min(values), max(values))
    assert told["mean"] == pytest.approx(np.mean(values), rel=1e-12, abs=1e-9)
    assert told["median"] == pytest.approx(np.median(values), rel=1e-12, abs=1e-9)
    json.dumps(told)
    low, high = sorted(data.draw(st.tuples(st.sampled_from(values), st.sampled_from(values))))
    expected = Counter(value for value in values if low <= value <= high)
    inside = found.between(low, high)
    assert dict(zip(inside.values.tolist(), inside.counts.tolist(), strict=True)) == expected


@settings(deadline=None)
@given(st.lists(whole_numbers, min_size=1, max_size=5))
def test_the_sum_of_tallies_is_the_tally_of_all_numbers(parts):
    one_by_one = reduce(add, (Tally.of(np.array(part)) for part in parts))
    assert one_by_one == Tally.of(np.concatenate(parts)) == Tally.load(json.loads(json.dumps(one_by_one.dump())))
    assert Tally() + one_by_one == one_by_one == one_by_one + Tally()
    weighted = Tally.of(one_by_one.values[::-1], one_by_one.counts[::-1] * 3)
    assert weighted.count == 3 * one_by_one.count and weighted.quantile(0) == one_by_one.quantile(0)


def test_no_numbers_have_no_figures_and_no_quantile():
    assert Tally().figures() == {"count": 0, "min": None, "max": None, "mean": None, "median": None}
    assert Tally().count == 0 and not len(Tally().between(0, 1).values)
    with pytest.raises(ValueError, match="no numbers"):
        Tally().quantile(0.5)


@settings(deadline=None)
@given(st.lists(st.lists(st.text("abc", max_size=4)), max_size=6))
def test_words_are_counted_exactly_until_there_are_too_many(parts):
    found = sum((Frequencies.of(Counter(part)) for part in parts), Frequencies())
    assert found.counts == Counter(word for part in parts for word in part) and found.error == 0
    assert Frequencies.load(json.loads(json.dumps(found.dump()))) == found


def assert_bounded(found: Frequencies, true: Counter) -> None:
    for word, n in true.items():
        assert found.counts.get(word, 0) <= n <= found.counts.get(word, 0) + found.error, word
    assert len(found.counts) <= tally.KEPT_WORDS and not set(found.counts) - set(true)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.lists(st.sampled_from("abcdefghij"), max_size=30), max_size=8), st.integers(1, 6))
def test_beyond_that_no_count_is_wrong_by_more_than_is_said(parts, kept):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tally, "KEPT_WORDS", kept)
        found = sum((Frequencies.of(Counter(part)) for part in parts), Frequencies())
        assert_bounded(found, Counter(word for part in parts for word in part))


def test_the_bound_on_words_is_useful_on_a_language_of_many():
    """Five parts, frequencies as in a language: tens of thousands of words, the commonest told exactly enough."""
    draw = np.random.default_rng(3).zipf(1.15, 120_000)
    parts = [Counter(f"w{n % 10**6}" for n in part.tolist()) for part in np.split(draw, 5)]
    found = reduce(add, (Frequencies.of(part) for part in parts))
    true = sum(parts, Counter())
    assert len(true) > 2 * tally.KEPT_WORDS and len(found.counts) == tally.KEPT_WORDS and found.error > 0
    assert_bounded(found, true)
    assert found.error < 30 < 1000 < max(found.counts.values())
    assert words.ranked(found.counts)[:50] == words.ranked(true)[:50]


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 399), unique=True, max_size=200), min_size=1, max_size=4))
def test_rows_of_a_sum_are_counted_and_the_first_are_named(parts):
    found, numbers = Rows(), []
    for i, part in enumerate(parts):
        found += Rows.of(part).after(400 * i)
        numbers += [number + 400 * i for number in part]
    assert found == Rows(len(numbers), tuple(sorted(numbers)[: tally.KEPT_ROWS]))
    assert Rows.load(json.loads(json.dumps(found.dump()))) == found


# Summaries that add up.


def pool() -> list[bytes | None]:
    """Files of every verdict, some of them alike."""
    drawn = Image.new("RGB", (48, 30), "white")
    ImageDraw.Draw(drawn).ellipse((6, 6, 30, 26), "#e50000")
    bars = Image.new("L", (20, 44), 250)
    ImageDraw.Draw(bars).rectangle((3, 5, 12, 40), 30)
    whole = encoded(drawn)
    return [
        None, whole, encoded(drawn.resize((52, 33))), encoded(drawn, "JPEG"), encoded(drawn, "GIF"), encoded(bars),
        encoded(bars, "BMP"), encoded(bars.convert("RGB"), "WEBP"), encoded(Image.new("RGB", (30, 30), "navy")),
        encoded(Image.new("RGBA", (9, 12))), whole[:-20], whole[:30], b"", b"<svg/>", encoded(drawn, "TIFF"),
        encoded(Image.new("1", (5000, 4000))),
    ]  # fmt: skip


POOL = pool()
captions = st.one_of(
    st.none(),
    st.lists(st.sampled_from(["Red", "fox", ", ", ",", "Ærø", "猫", "é", "'", " ", "3", "\x1f"]), max_size=9).map(
        lambda parts: "".join(parts).encode()
    ),
    st.sampled_from([b"\xff fox, red", b"a, sharp, even edges", b"b, sharp, even edges, red", b"x" * 10_001]),
)
datasets = st.lists(st.tuples(st.sampled_from(POOL), captions), max_size=7)


def of_rows(rows) -> Summary:
    return summary([image for image, _ in rows], [caption for _, caption in rows])


@settings(deadline=None, max_examples=120)
@given(datasets, datasets)
def test_the_summaries_of_two_parts_add_up_to_that_of_the_whole(first, second):
    both, whole = of_rows(first) + of_rows(second), of_rows(first + second)
    assert state(both) == state(whole)
    assert facts(both) == facts(whole)


@settings(deadline=None, max_examples=60)
@given(datasets, datasets, datasets)
def test_it_does_not_matter_which_parts_are_added_first(one, two, three):
    a, b, c = of_rows(one), of_rows(two), of_rows(three)
    assert ((a + b) + c).dumps() == (a + (b + c)).dumps()
    assert state(Summary(Texts(), Images()) + a) == state(a)


@settings(deadline=None, max_examples=60)
@given(datasets)
def test_a_stored_summary_is_the_same_when_it_is_read_again(rows):
    for made in (of_rows(rows), Summary(of_rows(rows).texts)):
        loaded = Summary.loads(made.dumps())
        assert loaded.dumps() == made.dumps() and facts(loaded) == facts(made) and loaded.faults == made.faults
        assert (loaded + loaded).rows == 2 * made.rows


@settings(deadline=None, max_examples=80)
@given(datasets)
def test_every_row_is_counted_where_it_belongs(rows):
    """Against a plain loop over what the rows are known to be."""
    found = facts(of_rows(rows))
    images, texts = [image for image, _ in rows], [text for _, text in rows]
    kinds = {10: "damaged", 11: "damaged", 12: "damaged", 13: "unsupported", 14: "unsupported", 15: "oversized",
             0: "null_images", 8: "blank", 9: "blank"}  # fmt: skip
    expected = {name: [] for name in (*statistics.FAULTS, "exact_duplicates")}
    for i, (image, text) in enumerate(rows):
        if name := kinds.get(POOL.index(image)):
            expected[name].append(i)
        if image is not None and image in images[:i]:
            expected["exact_duplicates"].append(i)
        if text is None:
            expected["null_captions"].append(i)
        elif text.startswith(b"\xff"):
            expected["bad_captions"].append(i)
        elif len(text.decode()) > 10_000:
            expected["long_captions"].append(i)
    assert {name: found[f"{name}_rows"] for name in expected} == expected
    assert {name: found[name] for name in expected} == {name: len(rows) for name, rows in expected.items()}
    read = [text.decode("utf-8", "replace") for text in texts if text is not None]
    assert found["caption_length"]["count"] == len(read)
    if read:
        assert found["caption_length"]["mean"] == pytest.approx(np.mean([len(text) for text in read]))
        assert found["epithets"]["mean"] == pytest.approx(np.mean([text.count(",") for text in read]))


def test_a_sum_has_the_sample_of_the_whole_where_not_all_images_are_looked_at():
    noise = np.random.default_rng(5).integers(0, 256, (2_600, 6, 6, 3), dtype=np.uint8)
    images = [encoded(Image.fromarray(pixels), "BMP") for pixels in noise]
    images[7] = images[1990] = images[2500]
    cut = [0, 900, 901, 2_300, 2_600]
    parts = [of_images(images[a:b]) for a, b in pairwise(cut)]
    whole, joined = of_images(images), reduce(add, parts)
    assert state(joined) == state(whole) == state(parts[0] + (parts[1] + (parts[2] + parts[3])))
    sample = whole.images.sample
    assert len(sample) == statistics.SAMPLE < len(images)
    hashes = sorted(columns.file_hash(image) for image in images)
    assert sample["key"].tolist() == hashes[: statistics.SAMPLE]
    assert whole.faults["exact_duplicates"] == Rows(2, (1990, 2500))


@pytest.mark.parametrize("group", [37, 100, 1000])
def test_the_parts_of_a_file_add_up_to_what_its_analysis_says_at_last(tmp_path, group):
    rows = pq.read_table(EXAMPLE).slice(0, 290).to_pylist()
    for i, image in enumerate(POOL):
        rows.insert(15 * i, {"image": {"bytes": image, "path": None}, "text": None if i % 5 == 0 else f"row {i}, fox"})
    pq.write_table(pa.Table.from_pylist(rows, pa.schema({"image": IMAGE, "text": pa.string()})),
                   tmp_path / "a.parquet", row_group_size=group)  # fmt: skip
    path = str(tmp_path / "a.parquet")
    stages = {found["stage"]: Summary.loads(found["summary"]) for found in work.analyse(path) if "summary" in found}
    parts = table.parts(path, rows=60)
    assert len(parts) == {37: 5, 100: 4, 1000: 1}[group] and sum(part.rows for part in parts) == len(rows)
    found = [next(work.summarise(path, part.groups, len(rows))) for part in parts]
    total = sum(map(Summary.loads, found), Summary(Texts(), Images()))
    assert state(total) == state(stages["pixels"])
    by_hand = summary([row["image"]["bytes"] for row in rows], [row["text"] and row["text"].encode() for row in rows])
    assert state(total) == state(by_hand)
    assert (stages["lengths"].texts.lengths, stages["lengths"].texts.epithets) == (
        total.texts.lengths, total.texts.epithets
    ) and stages["lengths"].rows == len(rows)  # fmt: skip
    assert stages["captions"].images is None and state(stages["captions"])["texts"] == state(total)["texts"]
    assert stages["headers"].images.shapes == total.images.shapes and not len(stages["headers"].images.sample)


def test_a_sum_with_a_part_whose_images_were_not_read_is_one_of_captions():
    part = of_rows([(POOL[1], b"a, b")])
    both = part + Summary(part.texts)
    assert both.images is None and both.rows == 2 and both.texts.epithets.count == 2
    assert "height" not in facts(both) and both.duplicates() == Rows() and both.near_duplicates == []


# Real logos, each figure found once more with pandas, Pillow and numpy.


@pytest.fixture(scope="module")
def real() -> Summary:
    if not REAL.is_file():
        pytest.skip(f"needs {REAL}")
    *_, last = work.analyse(str(REAL))
    return Summary.loads(last["summary"])


@pytest.fixture(scope="module")
def told(real) -> dict:
    return facts(real)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """The same file, read by pandas and decoded in full by Pillow."""
    if not REAL.is_file():
        pytest.skip(f"needs {REAL}")
    frame = pd.read_parquet(REAL)
    frame["bytes"] = [image["bytes"] for image in frame["image"]]
    seen = []
    for data in frame["bytes"]:
        image = Image.open(io.BytesIO(data))
        image.load()
        pixels = np.asarray(image.convert("RGB"))
        grey = bool((pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 1] == pixels[..., 2]).all())
        seen.append((image.height, image.width, image.mode, image.format, grey, int(np.ptp(pixels, (0, 1)).max())))
    return frame.join(pd.DataFrame(seen, columns=["height", "width", "mode", "format", "grey", "spread"]))


@pytest.fixture(scope="module")
def numbers(rows) -> dict[str, pd.Series]:
    aspect = rows["height"] / rows["width"]
    return {
        "caption_length": rows["text"].map(len),
        "epithets": rows["text"].map(lambda text: len(text.split(",")) - 1),
        "height": rows["height"],
        "width": rows["width"],
        "aspect_ratio": aspect,
        "aspect_ratio_not_square": aspect[rows["height"] != rows["width"]],
        "pixels": rows["height"] * rows["width"],
    }


@pytest.mark.parametrize("name", measures.MEASURES)
def test_real_measures_are_those_of_pandas(real, told, numbers, name):
    values = numbers[name]
    expected = {"count": len(values), "min": values.min(), "max": values.max(), "mean": values.mean()}
    assert told[name] == pytest.approx({**expected, "median": values.median()}, rel=1e-12)
    found = measures.MEASURES[name].of(real)
    assert np.array_equal(np.repeat(found.values, found.counts), np.sort(values))


def test_real_colours_are_those_of_the_headers_and_of_the_pixels(told, rows):
    assert told["modes"] == rows["mode"].value_counts().to_dict()
    assert told["formats"] == rows["format"].value_counts().to_dict()
    single = int((rows["mode"] == "L").sum())
    assert told["colour"]["by_mode"] == {"rgb": len(rows) - single, "black_and_white": single}
    grey = int(rows["grey"].sum())
    assert told["colour"]["by_pixels"] == {"rgb": len(rows) - grey, "black_and_white": grey, "sampled": len(rows)}
    assert told["blank"] == int((rows["spread"] == 0).sum()) == 0
    assert sum(told["dominant_colour"].values()) == told["sampled"] == len(rows) == told["rows"]


def test_real_duplicates_are_those_of_pandas(told, rows):
    again = rows["bytes"].duplicated()
    assert told["exact_duplicates"] == again.sum() > 0
    assert told["exact_duplicates_rows"] == np.flatnonzero(again).tolist()
    groups = [group.index.tolist() for _, group in rows.groupby("bytes") if len(group) > 1]
    assert sorted(told["exact_duplicate_groups"]) == sorted(groups)


def split(text: str) -> list[str]:
    """The words of a text, found letter by letter."""
    kept = (c if c.isalnum() or c in "'’-" or unicodedata.category(c)[0] == "M" else " " for c in text.lower())
    return "".join(kept).split()


def test_real_words_and_parts_are_counted_as_by_a_plain_loop(real, rows):
    assert real.texts.words == Frequencies(Counter(word for text in rows["text"] for word in split(text)))
    parts = [[part.strip() for part in text.lower().split(",")] for text in rows["text"]]
    assert real.texts.parts == Frequencies(Counter(part for each in parts for part in each[1:]))
    pairs = Counter((a, b) for each in parts for a, b in pairwise(each[1:]))
    assert real.texts.pairs == Frequencies({f"{a}{columns.BETWEEN}{b}": n for (a, b), n in pairs.items()})


def test_real_captions_share_the_dataset_s_tail_and_name_their_trades_before_it(real, told, rows):
    tail = TAIL.split(", ")
    assert sorted(told["shared_epithets"]) == sorted(tail)
    parts = [[part.strip() for part in text.lower().split(",")] for text in rows["text"]]
    before = Counter(each[each.index(tail[0]) - 1] for each in parts if each.index(tail[0]) > 1)
    trades = {part: n for part, n in before.items() if n >= max(2, 0.002 * len(rows))}
    assert list(told["frequent_trades"].items()) == words.ranked(trades)[:25] and trades["cryptocurrency"] > 100
    others = Counter(part for each in parts for part in each[1:] if part not in tail)
    expected = [(part, n) for part, n in words.ranked(others) if n > 1][:25]
    assert list(told["frequent_epithets"].items()) == expected


def test_real_words_without_what_all_captions_share(real, rows):
    from wordcloud import STOPWORDS

    own = [", ".join(p for p in text.lower().split(", ") if p not in TAIL.split(", ")) for text in rows["text"]]
    counted = Counter(word for text in own for word in split(text))
    kept = {
        word: n for word, n in counted.items()
        if n < len(rows) / 2 and len(word) > 1 and word not in STOPWORDS and any(map(str.isalpha, word))
    }  # fmt: skip
    assert words.words(real.texts) == words.ranked(kept)[: words.CLOUD]
    assert not {"simple", "elegant", "logo"} & dict(words.words(real.texts)).keys()
    shared = dict(words.words(real.texts, with_shared=True))
    assert shared["elegant"] == shared["minimalist"] == len(rows)


@pytest.mark.parametrize("bins", [1, 7, measures.BINS, 100])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("name", measures.MEASURES)
def test_bars_of_real_histograms_are_numpy_s_counts(real, numbers, name, full, bins):
    values = numbers[name].to_numpy()
    main, *beyond = figures.histogram(real, name, bins, full).data
    q01, q1, q3, q99 = np.quantile(values, (0.01, 0.25, 0.75, 0.99))
    low, high = min(q1 - 3 * (q3 - q1), q01), max(q3 + 3 * (q3 - q1), q99)
    whole = measures.MEASURES[name].whole
    inside = values if full or (whole and np.ptp(values) < 30) else values[(values >= low) & (values <= high)]
    if whole:
        step = main.width[0] / 0.96
        inside = values[(values > main.x[0] - step / 2) & (values < main.x[-1] + step / 2)]
        assert full or (low <= inside.min() and inside.max() - high < step)
        expected = [((inside > x - step / 2) & (inside < x + step / 2)).sum() for x in main.x]
        assert step == pytest.approx(round(step)) and np.allclose(np.diff(main.x), step)
    elif inside.min() == inside.max():
        expected = [len(inside)]
    else:
        expected = np.histogram(inside, np.linspace(inside.min(), inside.max(), bins + 1))[0]
    assert list(main.y) == list(expected) and len(main.y) <= bins and sum(main.y) == len(inside)
    outside = [n for n in ((values < inside.min()).sum(), (values > inside.max()).sum()) if n]
    assert [bar.y[0] for bar in beyond] == outside and sum(main.y) + sum(outside) == len(values)


@pytest.mark.parametrize("name", measures.MEASURES)
def test_boxes_of_real_logos_are_numpy_s_quartiles(real, numbers, name):
    values = numbers[name].to_numpy()
    box, points, *_ = figures.box(real, name).data
    q1, q2, q3 = np.quantile(values, (0.25, 0.5, 0.75))
    assert (box.q1[0], box.median[0], box.q3[0]) == pytest.approx((q1, q2, q3))
    assert box.mean[0] == pytest.approx(values.mean())
    inside = values[(values >= q1 - 1.5 * (q3 - q1)) & (values <= q3 + 1.5 * (q3 - q1))]
    assert (box.lowerfence[0], box.upperfence[0]) == pytest.approx((inside.min(), inside.max()))
    outside = Counter(values[(values < inside.min()) | (values > inside.max())].tolist())
    drawn = dict(zip(np.asarray(points.x).tolist(), np.asarray(points.customdata).tolist(), strict=True))
    assert len(drawn) == min(figures.POINTS, len(outside)) and drawn.items() <= outside.items()
    if outside:
        assert min(drawn) == min(outside) and max(drawn) == max(outside)


def test_pies_and_bars_of_real_logos_hold_the_counts(real, told, rows):
    header, held = figures.colour_pie(real.images).data
    assert list(header.values) == [(rows["mode"] != "L").sum(), (rows["mode"] == "L").sum()]
    assert list(held.values) == [(~rows["grey"]).sum(), rows["grey"].sum()]
    (bars,) = figures.dominant_colours(real.images).data
    drawn = dict(zip(bars.x, (int(n) for n in bars.y), strict=True))
    assert {**drawn, "none": told["dominant_colour"]["none"]} == told["dominant_colour"]
    for what in ("epithets", "trades"):
        (bars,) = figures.commonest(real.texts, what).data
        assert list(bars.x)[::-1] == list(told[f"frequent_{what}"].values())[: figures.SHOWN]


# Pixels.


def test_the_dominant_colour_of_composed_logos_is_theirs():
    """Logos of one basic colour on a ground of another."""
    assert BASIC == pictures.COLOURS
    memory = Memory.load()
    bare = [each.logo for i in range(400) if (each := compose.compose(memory, 4, i)).logo.container == "none"]
    pairs = [(mark, ground) for mark in BASIC for ground in ("white", "black", "yellow", "navy") if mark != ground]
    seen = [
        pictures.pixels(encoded(logo.recolored(mark=BASIC[mark], ground=BASIC[ground]).image(128))).colour
        for logo, (mark, ground) in zip(bare, pairs, strict=False)
    ]
    assert len(seen) == len(pairs) > 40
    assert np.mean([list(BASIC)[i] == mark for i, (mark, _) in zip(seen, pairs, strict=True) if i < len(BASIC)]) > 0.97


@pytest.mark.parametrize("name", pictures.COLOURS)
def test_each_named_colour_is_told_in_every_format(name):
    ground = "white" if name != "white" else "#111111"
    drawn = Image.new("RGB", (90, 60), ground)
    ImageDraw.Draw(drawn).rectangle((30, 15, 60, 45), pictures.COLOURS[name])
    for kind in FORMATS:
        seen = pictures.pixels(encoded(drawn, kind, **({"quality": 95} if kind in ("JPEG", "WEBP") else {})))
        assert list(pictures.COLOURS)[seen.colour] == name and not seen.blank, kind
        assert seen.grey == (name in ("black", "white")) or name == "grey", kind


def test_the_difference_hash_is_that_of_imagehash(rows):
    noise = np.random.default_rng(0).integers(0, 256, (40, 37, 52, 3), dtype=np.uint8)
    images = [Image.fromarray(pixels) for pixels in noise]
    images += [Image.open(io.BytesIO(data)) for data in rows["bytes"][::20]]
    for image in images:
        theirs = np.packbits(imagehash.dhash(image, 16).hash).view(np.uint64)
        assert np.array_equal(pictures.difference_hash(image), theirs)


@pytest.fixture(scope="module")
def example() -> pd.DataFrame:
    frame = pd.read_parquet(EXAMPLE)
    frame["bytes"] = [image["bytes"] for image in frame["image"]]
    frame["size"] = [Image.open(io.BytesIO(data)).size for data in frame["bytes"]]
    return frame


def tiny(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB").resize((24, 24), Image.Resampling.BOX), float)


def test_the_example_s_near_duplicates_are_found_and_nothing_else(example):
    """It repeats some logos eight pixels larger, under the same caption."""
    *_, last = work.analyse(str(EXAMPLE))
    found = Summary.loads(last["summary"]).near_duplicates
    known = {
        tuple(sorted(map(int, pair.index)))
        for _, pair in example.groupby("text")
        if len(pair) == 2 and pair["bytes"].nunique() == 2
        and {abs(a - b) for a, b in zip(*pair["size"], strict=True)} == {8}
    }  # fmt: skip
    assert len(known) == 3 and known <= set(found)
    for first, second in found:
        assert np.abs(tiny(example["bytes"][first]) - tiny(example["bytes"][second])).mean() < 6, (first, second)


def scaled(image: Image.Image, by: float, how: Image.Resampling) -> bytes:
    return encoded(image.resize((round(image.width * by), round(image.height * by)), how))


# How a copy comes about, and the share of copies that must be found: the bits that thin lines set change most.
COPIES = {
    "JPEG": (lambda image: encoded(image.convert("RGB"), "JPEG", quality=85), 0.9),
    "WebP": (lambda image: encoded(image, "WEBP", quality=80), 0.85),
    "GIF": (lambda image: encoded(image, "GIF"), 0.97),
    "smaller": (lambda image: scaled(image, 0.75, Image.Resampling.BOX), 0.75),
    "larger": (lambda image: scaled(image, 1.5, Image.Resampling.BICUBIC), 0.8),
}


@pytest.mark.parametrize("how", COPIES)
def test_copies_that_were_encoded_again_or_resized_are_found_and_other_logos_are_not(example, how, monkeypatch):
    monkeypatch.setattr(statistics, "NEAR_PAIRS", 10_000)
    originals = list(example["bytes"][:200])
    copy, share = COPIES[how]
    copies = [copy(Image.open(io.BytesIO(data))) for data in originals]
    found = of_images(originals + copies).near_duplicates
    assert all(second - first == 200 for first, second in found), "two different logos"
    assert len(found) >= share * len(originals)


def test_pairs_are_named_by_their_rows_the_most_alike_first_and_exact_copies_are_left_out():
    logo = Image.new("RGB", (120, 120), "white")
    ImageDraw.Draw(logo).polygon([(20, 100), (60, 15), (100, 90)], "#15a033")
    shifted = logo.copy()
    ImageDraw.Draw(shifted).rectangle((95, 95, 101, 101), "#15a033")
    grey = logo.convert("L")
    images = [encoded(shifted), encoded(grey), encoded(logo), encoded(logo, "BMP"), encoded(logo)]
    found = of_images(images)
    assert found.near_duplicates[0] == (2, 3) and (0, 2) in found.near_duplicates[1:]
    assert not {row for pair in found.near_duplicates for row in pair} & {1, 4}
    assert found.duplicate_groups() == [[2, 4]]


@pytest.mark.parametrize("kind", FORMATS)
def test_grey_files_with_three_channels_are_told_from_coloured_ones(kind, example):
    options = {"quality": 70} if kind in ("JPEG", "WEBP") else {}
    logos = [Image.open(io.BytesIO(data)).convert("RGB") for data in example["bytes"][:60]]
    for logo in logos:
        grey = pictures.pixels(encoded(logo.convert("L").convert("RGB"), kind, **options))
        assert grey.grey
        pixels = np.asarray(logo, int)
        if np.ptp(pixels, 2).max() > 100:
            assert not pictures.pixels(encoded(logo, kind, **options)).grey


def test_a_tint_counts_as_colour_where_files_keep_it():
    tinted = Image.new("RGB", (60, 60), (100, 100, 102))
    ImageDraw.Draw(tinted).rectangle((10, 10, 30, 30), (0, 0, 0))
    assert not pictures.pixels(encoded(tinted)).grey
    assert pictures.pixels(encoded(tinted, "JPEG")).grey
    ImageDraw.Draw(tinted).rectangle((0, 0, 60, 60), (96, 100, 104))
    assert not pictures.pixels(encoded(tinted, "JPEG")).grey


def test_pictures_of_level_bands_are_not_taken_for_one_another():
    bands = []
    for tops in ((20,), (20, 60, 100, 140), (120,)):
        image = Image.new("RGB", (180, 180), "white")
        for top in tops:
            ImageDraw.Draw(image).rectangle((0, top, 180, top + 15), "red")
        bands.append(encoded(image))
    assert of_images(bands).near_duplicate_count == 0


def test_a_faint_mark_and_a_tiny_one_are_no_blank():
    faint, tiny = Image.new("RGB", (180, 180), (255, 255, 255)), Image.new("RGB", (1500, 1500), (255, 255, 255))
    ImageDraw.Draw(faint).ellipse((40, 40, 140, 140), (249, 249, 249))
    tiny.putpixel((700, 700), (0, 0, 0))
    assert not pictures.pixels(encoded(faint)).blank and not pictures.pixels(encoded(tiny)).blank


BLANKS = {
    "RGB": ("RGB", (13, 77, 200)), "white": ("RGB", (255, 255, 255)), "L": ("L", 137), "transparent": ("RGBA", 0),
    "half transparent": ("RGBA", (200, 30, 60, 128)), "bilevel": ("1", 0),
}  # fmt: skip


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("blank", BLANKS)
def test_pictures_of_one_colour_are_blank_in_every_format(kind, blank):
    mode, colour = BLANKS[blank]
    image = Image.new(mode, (150, 90), colour)
    image = image.convert("RGB") if mode == "RGBA" and kind in ("JPEG", "BMP") else image
    found = of_images([POOL[1], encoded(image, kind)])
    assert found.faults["blank"] == Rows(1, (1,)) and found.images.sample["colour"].max() == pictures.NO_COLOUR


def test_what_hides_under_full_transparency_is_blank_and_a_small_mark_is_not():
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 4), dtype=np.uint8)
    noise[..., 3] = 0
    marked = Image.new("RGB", (400, 300), "white")
    ImageDraw.Draw(marked).line((0, 150, 400, 150), "black")
    hidden = encoded(Image.fromarray(noise))
    found = of_images([hidden, encoded(marked), encoded(marked, "GIF"), encoded(marked, "JPEG")])
    assert found.faults["blank"] == Rows(1, (0,))


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("side", [16, 17, 31, 64, 180, 512, 1000, 2000])
def test_no_blank_file_is_too_large_to_be_taken_for_one(kind, mode, side):
    """Those are looked at wherever they lie; of the others only a sample is."""
    encodings = {"JPEG": [{}, {"quality": 100, "subsampling": 0}], "WEBP": [{"method": 0}, {"lossless": True}],
                 "PNG": [{}, {"optimize": True}]}.get(kind, [{}])  # fmt: skip
    for size in ((side, side), (side, 16), (16, side)):
        for options in encodings:
            data = encoded(Image.new(mode, size, 137 if mode == "L" else (13, 77, 200)), kind, **options)
            found = pictures.header(data)
            assert found.verdict == pictures.OK and (found.width, found.height) == size
            assert found.may_be_blank, (size, options, len(data))


def test_blank_rows_are_found_beyond_the_sample_too():
    noise = np.random.default_rng(6).integers(0, 256, (2_300, 40, 40), dtype=np.uint8)
    images = [encoded(Image.fromarray(pixels), "BMP") for pixels in noise[:2_200]]
    images[100:2_100:250] = [encoded(Image.new("RGB", (90, 60 + i), "teal")) for i in range(8)]
    found = of_images(images)
    assert found.faults["blank"] == Rows(8, tuple(range(100, 2_100, 250)))
    assert len(found.images.sample) == statistics.SAMPLE
