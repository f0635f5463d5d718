"""`python -m eda` and `compose --collection` as processes: what they write, refuse, and leave behind."""

import io
import json
import os
import shutil
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import ROOT, opened
from hub_stand_in import hub
from PIL import Image, ImageDraw

from eda import measures
from eda.dataset import EXAMPLE
from eda.texts import say
from logo_gan.training import collection
from logo_gan.training.captions import TAIL

SCHEMA = pa.schema({"image": pa.struct({"bytes": pa.binary(), "path": pa.string()}), "text": pa.string()})
MEASURES = ("caption_length", "epithets", "height", "width", "aspect_ratio", "pixels")
FAULTS = ("damaged", "blank", "oversized", "unsupported", "null_images", "null_captions", "exact_duplicates")


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def star(number: int, kind: str = "PNG") -> bytes:
    """A logo that no other number's looks like."""
    corners = np.random.default_rng(number).integers(10, 90, (6, 2))
    image = Image.new("RGB", (100, 100), "white")
    ImageDraw.Draw(image).polygon([*map(tuple, corners.tolist())], "#e50000")
    return encoded(image, kind)


def write(path: Path, images: list[bytes | None], texts: list[str | None], group: int = 1000) -> Path:
    rows = [{"image": {"bytes": i, "path": None}, "text": t} for i, t in zip(images, texts, strict=True)]
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), path, row_group_size=group)
    return path


def stars(path: Path, first: int, n: int = 6, **options) -> Path:
    numbers = range(first, first + n)
    return write(
        path, [star(i) for i in numbers], [f"Logo for {i}, red star, bank, {TAIL}" for i in numbers], **options
    )


def everything_in(folder: Path) -> dict[str, bytes | None]:
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in sorted(folder.rglob("*"))}


@pytest.fixture
def run(tmp_path_factory):
    """Runs `python -m eda` in a folder, and looks that it leaves nothing in the system's temporary one."""
    temp, home = (tmp_path_factory.mktemp(name) for name in ("temp", "home"))

    def command(folder, *arguments, module: str = "eda", **environment) -> subprocess.CompletedProcess:
        settings = {"TMPDIR": str(temp), "HOME": str(home), "HF_HOME": str(home / "hf"), "HF_TOKEN": "",
                    "PYTHONPATH": str(ROOT)}  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", module, *map(str, arguments)],
            cwd=folder, env={**os.environ, **settings, **environment}, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert not list(temp.iterdir()), "left in the temporary folder"
        return done

    return command


def analysed(run, folder, *arguments, **environment) -> dict:
    """The JSON of an analysis that goes well, which says nothing on standard error."""
    done = run(folder, *arguments, "--json", "out.json", **environment)
    assert (done.returncode, done.stderr) == (0, "")
    written = (Path(folder) / "out.json").read_text(encoding="utf-8")
    assert written.endswith("}\n")
    return json.loads(written)


def refused(run, folder, *arguments, **environment) -> str:
    """The one sentence of a refusal that wrote nothing."""
    before = everything_in(Path(folder))
    done = run(folder, *arguments, **environment)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1 and "Traceback" not in done.stderr
    assert everything_in(Path(folder)) == before
    return done.stderr.removeprefix("error: ").strip()


# What it reads.


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("collection")
    for i, name in enumerate(("a.parquet", "b.parquet", "deep/er/c.parquet")):
        stars(root / name, 10 * i, 3 + i)
    (root / "notes.txt").write_text("not a dataset")
    return root


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (["a.parquet"], ["a.parquet"]),
        (["*.parquet"], ["a.parquet", "b.parquet"]),
        (["**/*.parquet"], ["a.parquet", "b.parquet", "deep/er/c.parquet"]),
        (["."], ["a.parquet", "b.parquet", "deep/er/c.parquet"]),
        (["deep", "a.parquet"], ["deep/er/c.parquet", "a.parquet"]),
        (["b.parquet", "*.parquet", "b.parquet"], ["b.parquet", "a.parquet"]),
    ],
)
def test_files_globs_and_folders_are_read_each_file_once(files, run, tmp_path, given, found):
    folder = shutil.copytree(files, tmp_path / "data")
    told = analysed(run, folder, *given)
    rows = {"a.parquet": 3, "b.parquet": 4, "deep/er/c.parquet": 5}
    assert told["files"] == [{"name": name, "rows": rows[name]} for name in found]
    assert told["rows"] == sum(rows[name] for name in found) == told["height"]["count"]


def test_numbers_of_rows_run_through_all_files(run, tmp_path):
    images = [star(i) for i in range(30)]
    images[3] = images[3][:-30]
    images[12] = encoded(Image.new("RGB", (40, 40), "teal"))
    images[15] = images[0]
    images[18] = star(1, "BMP")
    images[21], images[22], images[23] = None, b"<svg/>", encoded(Image.new("1", (5000, 4000)))
    texts = [f"Logo {i}, red star" for i in range(30)]
    texts[17] = texts[29] = None
    for i in range(3):
        write(tmp_path / f"{i}.parquet", images[10 * i : 10 * i + 10], texts[10 * i : 10 * i + 10], group=4)
    done = run(tmp_path, "*.parquet", "--json", "out.json", "--html", "out.html")
    told = json.loads((tmp_path / "out.json").read_text())
    expected = {"damaged": [3], "blank": [12], "exact_duplicates": [15], "null_images": [21], "unsupported": [22],
                "oversized": [23], "null_captions": [17, 29], "bad_captions": [], "long_captions": []}  # fmt: skip
    assert {name: told[f"{name}_rows"] for name in expected} == expected
    assert {name: told[name] for name in expected} == {name: len(rows) for name, rows in expected.items()}
    assert told["exact_duplicate_groups"] == [[0, 15]] and told["near_duplicates"] == [[1, 18]]
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if line}
    assert lines["damaged"].endswith(" 1  rows 3") and lines["null_captions"].endswith(" 2  rows 17, 29")
    assert lines["near_duplicates"].endswith(" 1  rows 1 and 18") and done.stdout.startswith("30 rows in 3 files\n")
    page = (tmp_path / "out.html").read_text()
    shown = (0, 1, 12, 15, 17, 18, 29)  # pictures of rows of every file
    assert all(f"<figcaption>row {row}</figcaption>" in page for row in shown)
    assert page.count("<figure><img src='data:image/png;base64,") == len(shown)


def test_the_json_has_what_the_contract_names(run, tmp_path):
    told = analysed(run, tmp_path, EXAMPLE)
    frame = pd.read_parquet(EXAMPLE)
    assert told["rows"] == len(frame) == 2000
    for name in MEASURES:
        assert set(told[name]) == {"count", "min", "max", "mean", "median"}
        assert told[name]["count"] == 2000 and told[name]["min"] <= told[name]["median"] <= told[name]["max"]
        number = float if name == "aspect_ratio" else int
        assert all(type(told[name][key]) is number for key in ("min", "max"))
        assert all(type(told[name][key]) is float for key in ("mean", "median"))
    assert told["caption_length"]["median"] == frame["text"].str.len().median()
    assert told["epithets"]["mean"] == pytest.approx(frame["text"].str.count(",").mean())
    by_mode, by_pixels = told["colour"]["by_mode"], told["colour"]["by_pixels"]
    assert by_mode.keys() == {"rgb", "black_and_white"} and by_pixels.keys() == {*by_mode, "sampled"}
    assert sum(by_mode.values()) == by_pixels["sampled"] == by_pixels["rgb"] + by_pixels["black_and_white"] == 2000
    for name in FAULTS:
        assert type(told[name]) is int and told[name] >= len(told[f"{name}_rows"]) == min(told[name], 20)
        assert all(type(row) is int for row in told[f"{name}_rows"])
    assert told["exact_duplicates"] == frame["image"].map(lambda image: image["bytes"]).duplicated().sum()
    assert told["counts_too_low_by_at_most"] == 0


def test_a_file_without_rows_is_analysed_too(run, tmp_path):
    write(tmp_path / "empty.parquet", [], [])
    told = analysed(run, tmp_path, "empty.parquet", "--html", "out.html")
    assert told["rows"] == 0 and told["height"] == {"count": 0, "min": None, "max": None, "mean": None, "median": None}
    assert "0 rows" in (tmp_path / "out.html").read_text()


def test_parts_read_at_a_time_change_nothing(run, tmp_path):
    numbers = range(17_000)
    images = [star(i % 50) if i % 40 == 7 else None for i in numbers]
    write(tmp_path / "many.parquet", images, [f"Logo for {i % 999}, {i % 7}, sharp" for i in numbers], group=3_000)
    first = analysed(run, tmp_path, "many.parquet", "--workers", "1")
    assert analysed(run, tmp_path, "many.parquet", "--workers", "7") == first
    assert first["rows"] == 17_000 and first["null_images"] == 16_575
    assert first["exact_duplicates"] == 425 - len({i % 50 for i in numbers if i % 40 == 7})


def test_on_dask_every_byte_is_the_same(run, files, tmp_path):
    folder = shutil.copytree(files, tmp_path / "data")
    stars(folder / "d.parquet", 200, 30, group=7)
    here = analysed(run, folder, ".", "--html", "here.html")
    written = (folder / "out.json").read_bytes()
    done = run(folder, ".", "--dask", "--json", "dask.json", "--html", "dask.html")
    assert done.returncode == 0 and here["rows"] == 42
    assert (folder / "dask.json").read_bytes() == written


def test_a_name_full_of_signs_and_a_reader_who_leaves_do_no_harm(run, tmp_path):
    name = """a <b>, "c" é 猫.parquet"""
    stars(tmp_path / name, 1)
    told = analysed(run, tmp_path, name, "--html", "out.html")
    assert told["files"][0]["name"] == name and "<b>.parquet" not in (tmp_path / "out.html").read_text()
    read, written = os.pipe()
    os.close(read)
    with open(written, "wb") as nobody:  # noqa: PTH123, a pipe
        done = subprocess.run(
            [sys.executable, "-m", "eda", tmp_path / name], cwd=ROOT, stdout=nobody, stderr=subprocess.PIPE, text=True
        )
    assert (done.returncode, done.stderr) == (0, "")


# The report.


class Attributes(HTMLParser):
    """Tags with their attributes; what scripts and styles hold is no tag."""

    def __init__(self, page: str):
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    """The report of logos whose captions are full of signs."""
    folder = tmp_path_factory.mktemp("report")
    part = """the "best" <b>of</b> it's & all"""
    texts = [f"Logo for {i} <img src=http://x.invalid/a.png>, red, {part}, {TAIL}" for i in range(20)]
    texts += [f"Logo for {i}, 2024, {TAIL}, https://y.invalid/{i % 2}" for i in range(20)]
    images = [star(i) for i in range(39)]
    write(folder / "logos.parquet", [*images, images[0]], texts)
    done = subprocess.run(
        [sys.executable, "-m", "eda", folder / "logos.parquet", "--html", folder / "new" / "out.html"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "new" / "out.html"


def test_the_report_is_one_page_that_loads_nothing(page):
    text = page.read_text(encoding="utf-8")
    assert [path.name for path in page.parent.iterdir()] == ["out.html"]
    tags = Attributes(text).found
    for tag, attributes in tags:
        for name in ("src", "href", "srcset", "data", "action", "poster", "background"):
            assert (attributes.get(name) or "data:").startswith("data:"), (tag, name)
        assert tag not in ("link", "iframe", "object", "embed", "base")
    style = text[text.index("<style>") : text.index("</style>")]
    assert "@import" not in style and "http" not in style and "url(" not in style.replace("url(data:", "")
    assert sum(tag == "img" for tag, _ in tags) == 3, "the word cloud, and a pair of equal logos"


def test_the_report_opens_offline_with_every_plot_drawn(page, browser):
    with opened(browser, page.as_uri()) as tab:
        tab.wait_for_function("document.querySelectorAll('.js-plotly-plot .main-svg .plot, .pielayer .slice').length")
        drawn = tab.evaluate(
            """[...document.querySelectorAll('.js-plotly-plot')].map(plot => ({
                title: plot.layout.title.text.replace("<br>", " "),
                width: plot.querySelector('.main-svg').getBoundingClientRect().width,
                marks: plot.querySelectorAll('.bars path, .boxes path, .slice path').length}))"""
        )
        titles = {say("en", f"dataset.measure.{name}") for name in measures.MEASURES} | {
            "RGB and black-and-white", "Dominant colour", "Most frequent epithets", "Most frequent trades"
        }  # fmt: skip
        assert {plot["title"] for plot in drawn} == titles and len(drawn) == len(titles) + len(measures.OF_CAPTIONS)
        assert all(plot["marks"] and plot["width"] > 300 for plot in drawn if "square" not in plot["title"]), drawn
        assert tab.evaluate("[...document.images].every(image => image.complete && image.naturalWidth)")
        labels = tab.locator(".ytick text").all_text_contents()
        assert """the "best" <b>of</b> it's & all""" in labels and "2024" in labels
        assert not tab.evaluate("document.documentElement.scrollWidth > innerWidth")


# What it refuses.


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.parquet"], "There is no parquet file at nowhere.parquet."),
        (["nowhere/*.parquet"], "There is no parquet file at nowhere/*.parquet."),
        (["folder"], "There is no parquet file at folder."),
        (["good.parquet", "text.parquet"], "text.parquet: This is not a parquet file;"),
        (["good.parquet", "cut.parquet"], "cut.parquet: The parquet file is cut off"),
        (["empty.parquet"], "empty.parquet: The file is empty;"),
        (["other.parquet"], "other.parquet: The columns image and text are needed,"),
        (["damaged.parquet"], "damaged.parquet: The parquet file is damaged"),
        (["good.parquet", "--json", "folder"], "folder is a folder, not a file."),
        (["good.parquet", "--html", "folder"], "folder is a folder, not a file."),
        (["good.parquet", "--json", "/proc/out.json"], "/proc/out.json cannot be written:"),
        (["good.parquet", "--html", "good.parquet/out.html"], "good.parquet/out.html cannot be written:"),
        (["good.parquet", "--html", "./good.parquet"], "good.parquet is one of the files to analyse;"),
        (["*.parquet", "--json", "good.parquet"], "good.parquet is one of the files to analyse;"),
        (["good.parquet", "--json", "out", "--html", "./out"], "out cannot be both the report and the figures;"),
        (["good.parquet", "--nonsense"], "unrecognized arguments: --nonsense"),
        (["good.parquet", "--workers", "0"], "argument --workers: must be a whole number from 1 to 256, not '0'"),
        (["good.parquet", "--workers", "1.5"], "argument --workers: must be a whole number"),
        (["good.parquet", "--workers", "9" * 5000], "argument --workers: must be a whole number"),
        (["good.parquet", "--json"], "argument --json: expected one argument"),
        ([], "the following arguments are required: FILE"),
        (["hf://models/owner/name"], "hf://models/owner/name is no dataset;"),
        (["hf://datasets/owner"], "hf://datasets/owner is no dataset;"),
    ],
)
def test_bad_input_is_refused_in_one_sentence_and_nothing_is_written(run, tmp_path, arguments, sentence):
    good = stars(tmp_path / "good.parquet", 1, 20)
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.parquet").write_text("not a parquet file")
    (tmp_path / "cut.parquet").write_bytes(good.read_bytes()[:-9])
    (tmp_path / "empty.parquet").touch()
    pq.write_table(pa.table({"picture": [b"x"], "text": ["a"]}), tmp_path / "other.parquet")
    content = bytearray(good.read_bytes())
    begin = pq.read_metadata(good).row_group(0).column(0).data_page_offset
    content[begin : begin + 40] = b"\xff" * 40
    (tmp_path / "damaged.parquet").write_bytes(content)
    results = [] if {"--json", "--html"} & {*arguments} else ["--json", "x/out.json", "--html", "x/out.html"]
    said = refused(run, tmp_path, *results, *arguments)
    assert said.startswith(sentence) and len(said) < 300


def test_a_dask_cluster_that_is_not_there_is_refused(run, tmp_path):
    stars(tmp_path / "good.parquet", 1)
    said = refused(run, tmp_path, "good.parquet", "--json", "out.json", "--dask", "ftp://a:1")
    assert said == "The Dask cluster at ftp://a:1 does not answer."


def test_a_damaged_part_is_refused_on_dask_as_it_is_here(run, tmp_path):
    good = stars(tmp_path / "good.parquet", 1, 40, group=20)
    content = bytearray(good.read_bytes())
    begin = pq.read_metadata(good).row_group(1).column(0).data_page_offset
    content[begin : begin + 40] = b"\xff" * 40
    (tmp_path / "bad.parquet").write_bytes(content)
    here, there = (refused(run, tmp_path, "bad.parquet", "--json", "out.json", *dask) for dask in ((), ("--dask",)))
    assert here == there and here.startswith("bad.parquet: The parquet file is damaged")


# The Hub.


@pytest.mark.parametrize(
    ("pattern", "files"),
    [
        ("hf://datasets/owner/logos", ["data/train-0.parquet", "data/train-1.parquet", "top.parquet"]),
        ("hf://datasets/owner/logos/data/*.parquet", ["data/train-0.parquet", "data/train-1.parquet"]),
    ],
)
def test_datasets_of_the_hub_are_read(run, tmp_path, pattern, files):
    """Against a stand-in on this machine that answers as the Hub does."""
    folder = tmp_path / "hub"
    rows = {"data/train-0.parquet": 5, "data/train-1.parquet": 6, "top.parquet": 7}
    for i, (name, n) in enumerate(rows.items()):
        stars(folder / name, 10 * i, n)
    (folder / "README.md").write_text("not a dataset")
    with hub(folder, "owner/logos") as server:
        told = analysed(run, tmp_path, pattern, HF_ENDPOINT=server.url)
        assert {name for name, _ in server.sent} == {*files}, "no other file's bytes were asked for"
    assert told["files"] == [{"name": f"hf://datasets/owner/logos/{name}", "rows": rows[name]} for name in files]
    if len(files) == 3:
        assert {**told, "files": []} == {**analysed(run, folder, *files), "files": []}


def test_the_hub_s_pictures_stand_in_the_report(run, tmp_path):
    write(tmp_path / "hub" / "a.parquet", [star(1), star(2), star(1)], ["a, b", "c, d", "a, b"])
    with hub(tmp_path / "hub", "owner/logos") as server:
        done = run(tmp_path, "hf://datasets/owner/logos", "--html", "out.html", HF_ENDPOINT=server.url)
    assert (done.returncode, done.stderr) == (0, "")
    page = (tmp_path / "out.html").read_text()
    assert page.count("<figure><img src='data:image/png;base64,") == 2 and "<title>a.parquet</title>" in page


@pytest.mark.parametrize("pattern", ["hf://datasets/owner/logos", "hf://datasets/owner/logos/*.parquet"])
def test_a_hub_that_cannot_be_reached_is_told_soon_and_in_one_sentence(run, tmp_path, pattern):
    begun = time.monotonic()
    said = refused(run, tmp_path, pattern, "--json", "out.json", HF_ENDPOINT="http://127.0.0.1:9")
    assert said.startswith(f"The dataset {pattern} cannot be read: ") and time.monotonic() - begun < 20


def test_a_dataset_that_the_hub_does_not_have_is_named(run, tmp_path):
    stars(tmp_path / "hub" / "a.parquet", 1)
    with hub(tmp_path / "hub", "owner/logos") as server:
        for pattern in ("hf://datasets/owner/other", "hf://datasets/owner/logos/none/*.parquet"):
            said = refused(run, tmp_path, pattern, "--json", "out.json", HF_ENDPOINT=server.url)
            assert pattern in said and said.endswith(".")


# The collection that the example is from.


def test_the_same_seed_composes_the_same_collection(run, tmp_path):
    options = ("--collection", "--n", 60, "--seed", 3, "--out", "a.parquet")
    done = run(tmp_path, "compose", *options, module="logo_gan")
    assert (done.returncode, done.stdout) == (0, "a.parquet\n"), done.stderr
    for name, seed in (("b", 3), ("c", 4)):
        collection.write(tmp_path / f"{name}.parquet", 60, seed)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.parquet", "b.parquet", "c.parquet"]
    a, b, c = ((tmp_path / f"{name}.parquet").read_bytes() for name in "abc")
    assert a == b != c
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.schema.remove_metadata() == SCHEMA and table.num_rows == 60
    sizes, kinds, modes = set(), set(), set()
    for i, row in enumerate(table.to_pylist()):
        with Image.open(io.BytesIO(row["image"]["bytes"])) as image:
            image.load()
            sizes.add(image.size)
            kinds.add(image.format)
            modes.add(image.mode)
        assert row["image"]["path"] == f"{i}.{image.format.lower()}"
        assert row["text"].startswith("Simple elegant logo for ") and TAIL in row["text"]
        assert image.mode != "L" or row["text"].endswith("black and white")
    assert len(sizes) > 20 and {"PNG", "JPEG"} <= kinds and modes == {"RGB", "L"}


def test_a_collection_of_no_rows_or_at_no_place_is_refused(run, tmp_path):
    (tmp_path / "folder").mkdir()
    for n, out, sentence in (
        ("0", "a.parquet", "must be"), ("x", "a.parquet", "must be"), ("3", "folder", "is a folder, not a file.")
    ):  # fmt: skip
        said = refused(run, tmp_path, "compose", "--collection", "--n", n, "--seed", 1, "--out", out, module="logo_gan")
        assert sentence in said


def test_the_example_has_two_thousand_rows_of_the_collection_s_first_logos_in_ten_megabytes():
    metadata = pq.read_metadata(EXAMPLE)
    assert metadata.num_rows == 2000 and EXAMPLE.stat().st_size < 10_000_000
    assert metadata.schema.to_arrow_schema().remove_metadata() == SCHEMA
    texts = pq.read_table(EXAMPLE, columns=["text"])["text"].to_pylist()
    assert all(text.startswith("Simple elegant logo for ") for text in texts) and len(set(texts)) > 1900
