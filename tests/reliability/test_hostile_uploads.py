"""Hostile files as a visitor sends them, to the app that runs: each ends in one sentence or in the right counts, in
time, while another visitor gets logos; and nothing of it reaches the log as a traceback."""

import re
import struct
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hostile import (
    COMPRESSED,
    GROUP_ROWS,
    IMAGE,
    MB,
    PAGE,
    ROWS,
    VALUES,
    WORDS,
    drawn,
    encoded,
    flipped,
    forge,
    framed,
    giant_group,
    logo,
    paged,
    repeated,
    three_rows,
    wide,
    write,
    zeros,
)
from hostile_images import DAMAGED, PICTURES, png
from outcome import counted, patience, plain
from raw_http import asked, process, upload

MEMORY = 200 * MB  # what the app itself may grow by meanwhile; its readers have their own


@dataclass(frozen=True)
class Case:
    """`expected`: words of the sentence, or some of what is told (`faults` with their rows, captions in `preview`)."""

    make: Callable[[Path], object]
    expected: str | dict[str, Any]
    seconds: float = 5.0  # for each of the two answers


def table(path: Path, **columns: Any) -> None:
    pq.write_table(pa.table(columns), path)


def nulls(path: Path) -> None:
    cells = pa.array([{"bytes": logo()}, None, {"bytes": None, "path": "a.png"}, {"bytes": logo("blue")}], IMAGE)
    table(path, image=cells, text=["red", None, "green", None])


def twice(path: Path) -> None:
    pq.write_table(pa.table([pa.array([logo()]), pa.array(["a"]), pa.array(["b"])], ["image", "text", "text"]), path)


def bad_utf_8(path: Path) -> None:
    texts = pa.array([b"blue, star", b"r\xffed, \xc3", b"green", b"\xed\xa0\x80"], pa.binary())
    write(path, [logo()] * 4, texts.view(pa.string()))


def captions(*texts: str) -> Callable[[Path], object]:
    return lambda path: write(path, [logo()] * len(texts), list(texts), compression="zstd")


def images(*made: bytes) -> Callable[[Path], object]:
    """A good logo, then these."""
    return lambda path: write(path, [logo(), *made], ["red, star"] * (1 + len(made)))


def bomb(side: int) -> bytes:
    return png(side, side, zlib.compress(b"\0"))


THREE = struct.pack("<I", len(logo())) + logo()
DAMAGE = r"The parquet file is damaged"
HEAVY = r"needs more memory|unfolds to over"

# By the number of the case and a name of its own.
CASES: dict[str, Case] = {
    "1 empty": Case(lambda path: path.write_bytes(b""), "The file is empty"),
    "1 only PAR1": Case(lambda path: path.write_bytes(b"PAR1"), "is cut off"),
    "1 noise": Case(lambda path: path.write_bytes(np.random.default_rng(0).bytes(100_000)), "not a parquet file"),
    "1 noise framed": Case(lambda path: path.write_bytes(framed(np.random.default_rng(0).bytes(10_000), 240)), DAMAGE),
    "2 a footer of no length": Case(lambda path: path.write_bytes(framed(bytes(1_000), 0)), DAMAGE),
    "2 a footer longer than the file": Case(
        lambda path: path.write_bytes(framed(three_rows(path).read_bytes()[4:-8], 1 << 31)), DAMAGE
    ),
    "3 a dictionary of images": Case(lambda path: repeated(path, bytes(4 * MB), "x", 300_000), HEAVY),
    "3 a dictionary of captions": Case(lambda path: repeated(path, b"\0", "x" * MB, 300_000), HEAVY),
    "4 zstd": Case(lambda path: paged(path, *zeros("zstd", 1_600 * MB), 1, 6), f"{HEAVY}|{DAMAGE}"),
    "5 a column of a terabyte": Case(lambda path: forge(three_rows(path), {COMPRESSED: 1 << 40}), DAMAGE),
    "5 a page beyond the end": Case(lambda path: forge(three_rows(path), {PAGE: (1 << 63) - 1}), DAMAGE),
    "5 a page that claims 1 kB": Case(lambda path: paged(path, zeros("zstd", 800 * MB)[0], 1_000, 1, 6), DAMAGE),
    "6 fewer values than rows": Case(lambda path: paged(path, THREE * 3, len(THREE) * 3, -(1 << 31)), DAMAGE),
    "6 more rows than values": Case(
        lambda path: forge(three_rows(path), dict.fromkeys((ROWS, GROUP_ROWS, VALUES), (1 << 63) - 1)), DAMAGE
    ),
    "6 rows of the file alone": Case(lambda path: forge(three_rows(path), {ROWS: -1}), DAMAGE),
    "7 20,000 columns": Case(wide, "more than 10,000 columns", 1.0),
    "8 one row group of 1.1 GB": Case(
        giant_group, {"rows": 1_100, "unsupported": 1_100, "caption_length": {"max": 4}}, 10.0
    ),
    "9 flipped bits": Case(flipped, r"The parquet file is damaged: a page does not match its checksum\."),
    "10 no text": Case(lambda path: table(path, image=[logo()], label=["a"]), r"text is missing; .* image, label\."),
    "10 neither": Case(lambda path: table(path, a=[1], b=[2]), r"image and text are missing; the file has a, b\."),
    "11 two columns of one name": Case(twice, "has 2 columns of the name text"),
    "12 plain binary": Case(
        lambda path: write(path, [logo(), logo("blue")], ["a", "b"], pa.binary()), {"faults": {}, "formats": {"PNG": 2}}
    ),
    "12 a list": Case(lambda path: table(path, image=[[1, 2]], text=["a"]), "The column image holds list"),
    "12 a string": Case(lambda path: table(path, image=["a.png"], text=["a"]), "The column image holds string"),
    "13 nulls": Case(nulls, {
        "faults": {"null_images": [1, 2], "null_captions": [1, 3]}, "height": {"count": 2}, "formats": {"PNG": 2},
    }),
    "14 no rows": Case(lambda path: write(path, [], []), {"faults": {}, "rows": 0, "pixels": {"count": 0}}),
    "15 bad UTF-8": Case(bad_utf_8, {"faults": {"bad_captions": [1, 3]}, "rows": 4}),
    "16 a caption of 100 MB": Case(captions("é" * 50 * MB, "blue, star"), {
        "faults": {}, "long_captions_rows": [0], "caption_length": {"max": 50 * MB},
    }, 10.0),
    "16 five million commas": Case(captions("," * 5 * MB, "blue, star"), {
        "faults": {}, "long_captions_rows": [0], "epithets": {"max": 5 * MB},
    }),
    "17 markup, links, marks, formulas": Case(captions(*(f"{word}, {word}" for word in WORDS * 3)), {
        "faults": {}, "frequent_epithets": {word.strip(): 3 for word in WORDS},
        "preview": [f"{word}, {word}" for word in WORDS[:6]],
    }),
    "18 PNGs of 14,000 and 60,000": Case(
        images(bomb(14_000), bomb(60_000)), {"faults": {"oversized": [1, 2]}, "width": {"max": 60_000}}
    ),
    "19 cut and wrong PNGs": Case(
        images(DAMAGED["PNG cut in its pixels"](), DAMAGED["PNG with a wrong checksum"]()),
        {"faults": {"damaged": [1, 2]}, "width": {"count": 3, "max": 60}, "height": {"count": 3, "max": 40}},
    ),
    "20 TIFF, EPS, SVG": Case(
        images(encoded(drawn(), "TIFF"), encoded(drawn(), "EPS"), b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        {"faults": {"unsupported": [1, 2, 3]}, "formats": {"PNG": 1}},
    ),
    "21 every kind of picture": Case(lambda path: write(path, [make() for make, *_ in PICTURES.values()], ["a"] * 17), {
        "faults": {}, "rows": 17, "width": {"count": 17, "min": 60, "max": 60}, "height": {"min": 40, "max": 40},
        "colour": {"by_mode": {"rgb": 12, "black_and_white": 5}, "by_pixels": {"rgb": 10, "black_and_white": 7}},
    }),
}  # fmt: skip


@pytest.fixture(scope="module")
def watched(app):
    """The app, warm: it keeps what it has said and taken, so that both can be looked at afterwards."""
    assert asked(app, "generate_svg", {"prompt": "cat", "seed": 1})[0] == "complete"
    log, memory = app.log.stat().st_size, process(app).memory_info().rss
    yield app
    assert b"Traceback" not in app.log.read_bytes()[log:]
    assert process(app).memory_info().rss - memory < MEMORY
    assert asked(app, "generate_svg", {"prompt": "cat", "seed": 1})[0] == "complete"


def within(told: Any, expected: Any) -> bool:
    """Whether all that is expected is told, other keys aside."""
    if isinstance(expected, dict) and expected:
        return all(within(told[key], value) for key, value in expected.items())
    return told == expected


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_file_ends_in_a_sentence_or_in_counts_and_other_visitors_are_served(watched, tmp_path, name):
    case = CASES[name]
    case.make(tmp_path / "a.parquet")
    file = upload(watched, tmp_path / "a.parquet")
    begin = time.monotonic()
    loaded = asked(watched, "load_dataset", {"file": file})
    assert time.monotonic() - begin < case.seconds * patience()
    with ThreadPoolExecutor() as another:
        logos = another.submit(asked, watched, "generate_svg", {"prompt": "cat", "seed": 1})
        begin = time.monotonic()
        outcome, told = asked(watched, "analyse", {"file": file})
        assert time.monotonic() - begin < case.seconds * patience()
        assert logos.result()[0] == "complete"
    if isinstance(case.expected, str):
        assert outcome == "error"
        assert loaded[0] == "complete" or loaded == (outcome, told)
        assert re.search(case.expected, plain(told))
    else:
        assert (loaded[0], outcome) == ("complete", "complete"), (loaded, told)
        (found,), (rows, preview, *_) = told, loaded[1]
        found |= {"preview": [row["caption"] for row in preview]}
        if "faults" in case.expected:
            found["faults"] = counted(found)
        assert rows == found["rows"] and within(found, case.expected), found
