"""Parquet files that are none, that lie or that unfold without end: each is refused in one plain sentence, in time."""

import io
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import ROOT
from hostile import (
    COMPRESSED,
    GROUP,
    GROUP_ROWS,
    MB,
    PAGE,
    ROWS,
    UNCOMPRESSED,
    VALUES,
    drawn,
    encoded,
    flipped,
    forge,
    logo,
    paged,
    repeated,
    three_rows,
    wide,
    write,
    zeros,
)
from outcome import analysed, counted, plain, refused
from PIL import Image

from eda import sandbox, work
from eda.dataset import Dataset
from eda.facts import facts
from eda.statistics import Summary
from eda.table import TableError

# 1 and 2: no parquet


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty"),
        (b"PAR1", "The parquet file is cut off"),
        (b"PAR1PAR1", "The parquet file is cut off"),
        (b"PAR1" + b"\0" * 1000, "The parquet file is cut off"),
        (b"GIF89a, say", "This is not a parquet file"),
        (b"\0" * 100_000, "This is not a parquet file"),
        (np.random.default_rng(0).bytes(100_000), "This is not a parquet file"),
        (b"PAR1" + np.random.default_rng(0).bytes(10_000) + b"\xf0\0\0\0PAR1", "The parquet file is damaged"),
        (b"PAR1" + bytes(100_000) + b"\xf0\0\0\0PAR1", "The parquet file is damaged"),
    ],
    ids=["empty", "only PAR1", "PAR1 twice", "cut off", "text", "zeros", "noise", "noise framed", "zeros framed"],
)
def test_what_is_no_parquet_file_is_refused(tmp_path, data, sentence):
    (tmp_path / "a.parquet").write_bytes(data)
    assert refused(tmp_path / "a.parquet").startswith(sentence)


@pytest.mark.parametrize("length", [0, 1, 100, "less", "more", "all", 1 << 31, (1 << 32) - 1])
def test_a_lie_about_the_length_of_the_footer_is_refused(tmp_path, length):
    data = three_rows(tmp_path / "a.parquet").read_bytes()
    right = int.from_bytes(data[-8:-4], "little")
    length = {"less": right - 3, "more": right + 3, "all": len(data)}.get(length, length)
    (tmp_path / "a.parquet").write_bytes(data[:-8] + length.to_bytes(4, "little") + b"PAR1")
    assert "The parquet file is damaged" in refused(tmp_path / "a.parquet")


def test_a_file_cut_off_anywhere_is_refused(tmp_path):
    data = three_rows(tmp_path / "whole.parquet").read_bytes()
    for share in (0.1, 0.5, 0.9, 0.99):
        (tmp_path / "a.parquet").write_bytes(data[: int(len(data) * share)])
        assert "cut off" in refused(tmp_path / "a.parquet")


# 3 to 6: bombs and forgeries


@pytest.mark.parametrize(
    ("image", "text", "rows"),
    [
        (4 * MB, 1, 300_000),
        (40 * MB, 1, 30_000),
        (100_000, 1, 1_000_000),
        (1, 1 * MB, 300_000),
        (1, 30_000, 1_000_000),
    ],
    ids=["images", "images too large for memory", "many images", "captions too large for memory", "captions"],
)
def test_a_dictionary_bomb_is_refused(tmp_path, image, text, rows):
    path = repeated(tmp_path / "a.parquet", b"\0" * image, "x" * text, rows)
    assert re.search("needs more memory|unfolds to over", refused(path))


@pytest.mark.parametrize("codec", ["zstd", "gzip"])
@pytest.mark.parametrize("size", [400 * MB, 1_600 * MB])
def test_a_page_that_unfolds_to_hundreds_of_megabytes_is_refused(tmp_path, codec, size):
    page, claimed = zeros(codec, size)
    path = paged(tmp_path / "a.parquet", page, claimed, 1, {"zstd": 6, "gzip": 2}[codec])
    assert path.stat().st_size < 3 * MB
    assert re.search("needs more memory|unfolds to over|damaged", refused(path))


@pytest.mark.parametrize("codec", ["zstd", "gzip"])
@pytest.mark.parametrize("claimed", [0, 1000, -1])
def test_a_page_that_claims_to_be_smaller_than_it_is_is_refused(tmp_path, codec, claimed):
    page, _ = zeros(codec, 800 * MB)
    path = paged(tmp_path / "a.parquet", page, claimed, 1, {"zstd": 6, "gzip": 2}[codec])
    assert "damaged" in refused(path)


@pytest.mark.parametrize("claimed", [(1 << 31) - 1, 1500 * MB, -5, -(1 << 31)])
def test_a_page_that_claims_to_be_larger_than_it_is_is_refused(tmp_path, claimed):
    page, _ = zeros("zstd", 16 * MB)
    assert re.search("damaged|needs more memory", refused(paged(tmp_path / "a.parquet", page, claimed, codec=6)))


@pytest.mark.parametrize("size", [0, 1, 1 << 31, 1 << 40, (1 << 63) - 1, -1])
@pytest.mark.parametrize("field", [COMPRESSED, PAGE], ids=["size", "offset"])
def test_a_footer_that_lies_about_sizes_and_places_is_refused(tmp_path, field, size):
    path = forge(three_rows(tmp_path / "a.parquet"), {field: size})
    assert "damaged" in refused(path)


@pytest.mark.parametrize("size", [0, 1 << 40, -1])
def test_a_size_that_nobody_needs_is_not_believed(tmp_path, size):
    path = forge(three_rows(tmp_path / "a.parquet"), {UNCOMPRESSED: size, (*GROUP, 2): size})
    assert analysed(path)["formats"] == {"PNG": 3}


@pytest.mark.parametrize("rows", [0, 2, 4, 1_000_000_000_000, (1 << 63) - 1, -1, -5])
@pytest.mark.parametrize("fields", [[ROWS], [GROUP_ROWS]], ids=["file", "row group"])
def test_a_footer_that_contradicts_itself_on_the_number_of_rows_is_refused(tmp_path, rows, fields):
    path = forge(three_rows(tmp_path / "a.parquet"), dict.fromkeys(fields, rows))
    assert "contradicts itself on the number of rows" in refused(path)


@pytest.mark.parametrize("rows", [4, 100_000, 1_000_000_000_000, (1 << 63) - 1])
@pytest.mark.parametrize("fields", [(ROWS, GROUP_ROWS), (ROWS, GROUP_ROWS, VALUES)], ids=["rows", "values too"])
def test_fewer_rows_than_the_footer_says_are_refused(tmp_path, rows, fields):
    path = forge(three_rows(tmp_path / "a.parquet"), dict.fromkeys(fields, rows))
    assert "fewer rows than its footer says" in refused(path)


@pytest.mark.parametrize("values", [0, 2, -1, -(1 << 31)])
def test_a_page_that_claims_fewer_values_than_there_are_rows_is_refused(tmp_path, values):
    page = b"".join(struct.pack("<I", len(logo())) + logo() for _ in range(3))
    assert "damaged" in refused(paged(tmp_path / "a.parquet", page, len(page), values))


@pytest.mark.parametrize("values", [4, 1_000_000, (1 << 31) - 1])
def test_a_page_that_claims_more_values_is_read_as_far_as_there_are_rows_and_refused_where_there_are_none(
    tmp_path, values
):
    page = b"".join(struct.pack("<I", len(logo())) + logo() for _ in range(3))
    path = paged(tmp_path / "a.parquet", page, len(page), values)
    assert analysed(path)["formats"] == {"PNG": 3}
    assert "damaged" in refused(forge(path, dict.fromkeys((ROWS, GROUP_ROWS, VALUES), values)))


@pytest.mark.parametrize("length", [1000, (1 << 31) - 1, (1 << 32) - 1])
def test_an_image_that_reaches_beyond_its_page_is_refused(tmp_path, length):
    page = b"".join(struct.pack("<I", n) + logo() for n in (len(logo()), len(logo()), length))
    assert "damaged" in refused(paged(tmp_path / "a.parquet", page, len(page)))


# 7 and 8: too wide, too long


def test_twenty_thousand_columns_are_refused_within_a_second(tmp_path):
    assert "more than 10,000 columns" in refused(wide(tmp_path / "a.parquet"), seconds=1)


def test_one_row_group_larger_than_the_memory_is_streamed(tmp_path):
    """Pictures of a megabyte, and noise after them so that the file is no bomb: 450 MB through 300."""
    picture, noise = encoded(drawn(size=(600, 600)), "BMP"), np.random.default_rng(0)
    four = pa.table({"image": [picture + noise.bytes(10_000) for _ in range(4)], "text": ["logo"] * 4})
    options = dict(compression="zstd", use_dictionary=False, write_batch_size=4, row_group_size=420)
    pq.write_table(pa.concat_tables([four] * 105), tmp_path / "a.parquet", **options)
    meta = pq.read_metadata(tmp_path / "a.parquet")
    assert meta.num_row_groups == 1 and meta.row_group(0).column(0).total_uncompressed_size > 400 * MB
    found = sandbox.last(work.analyse, str(tmp_path / "a.parquet"), memory_mb=300)
    told = facts(Summary.loads(found["summary"]))
    assert found["stage"] == "pixels" and told["rows"] == told["formats"]["BMP"] == 420 and counted(told) == {}


def test_one_row_group_in_a_single_page_larger_than_the_memory_is_refused(tmp_path):
    schema = pa.schema({"image": pa.binary(), "text": pa.string()})
    picture = np.random.default_rng(0).bytes(300_000)
    table = pa.table({"image": [picture] * 300, "text": ["x"] * 300}, schema)
    pq.write_table(table, tmp_path / "a.parquet", compression="zstd", use_dictionary=False, data_page_size=1 << 30)
    with pytest.raises(TableError, match="needs more memory") as raised:
        list(sandbox.stream(work.analyse, str(tmp_path / "a.parquet"), memory_mb=60))
    plain(raised.value)


# 9: flipped bits


@pytest.mark.parametrize("column", [0, 1])
@pytest.mark.parametrize("place", [-3, -1000])
def test_flipped_bits_under_a_page_checksum_are_told_as_damage(tmp_path, column, place):
    path = flipped(tmp_path / "a.parquet", column, place)
    assert refused(path) == "The parquet file is damaged: a page does not match its checksum."


def test_flipped_bits_without_a_page_checksum_are_found_by_that_of_the_png(tmp_path):
    path = write(tmp_path / "a.parquet", [logo(), logo("blue"), logo("green")], ["a", "b", "c"], compression="none")
    data = path.read_bytes()
    at = data.index(logo("blue")) + logo("blue").index(b"IDAT") + 8
    path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    told = analysed(path)
    assert counted(told) == {"damaged": [1]} and told["formats"] == {"PNG": 3}


# Rows by number


def test_a_row_is_looked_up_without_reading_the_others(tmp_path):
    """The middle one of three row groups is spoilt: rows before and after it are shown, and only its own are not."""
    colours = ["red", "green", "blue"]
    path = write(tmp_path / "a.parquet", [logo(colours[i // 8]) for i in range(24)], [f"row {i}" for i in range(24)],
                 row_group_size=8, write_page_checksum=True, use_dictionary=False, compression="none")  # fmt: skip
    meta = pq.read_metadata(path).row_group(1).column(0)
    data = bytearray(path.read_bytes())
    data[meta.data_page_offset + meta.total_compressed_size - 3] ^= 1
    path.write_bytes(data)
    dataset = Dataset(path)
    shown = dataset.show([23, 0, 16])
    assert [(row["row"], row["caption"]) for row in shown] == [(23, "row 23"), (0, "row 0"), (16, "row 16")]
    centres = [Image.open(io.BytesIO(row["png"])).getpixel((20, 15)) for row in shown]
    assert centres == [(0, 0, 255), (255, 0, 0), (0, 0, 255)]
    for read in (lambda: dataset.show([12]), lambda: list(dataset.analyse())):
        with pytest.raises(TableError, match="does not match its checksum"):
            read()


@pytest.mark.parametrize("row", [-1, 3, 10**12, -(10**12), 1 << 70])
def test_a_row_that_is_not_there_is_refused(tmp_path, row):
    dataset = Dataset(write(tmp_path / "a.parquet", [logo()] * 3, ["a", "b", "c"]))
    with pytest.raises(TableError) as raised:
        dataset.show([0, row])
    assert plain(raised.value) == f"There is no row {row}; the rows of this dataset are numbered from 0 to 2."
    assert dataset.show([2, 2])[1]["row"] == 2


# The command line


REFUSED_THERE: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "junk": lambda path: path.write_bytes(b"junk" * 1000),
    "20,000 columns": wide,
    "dictionary bomb": lambda path: repeated(path, b"\0" * 4 * MB, "x", 300_000),
    "zstd bomb": lambda path: paged(path, *zeros("zstd", 1_600 * MB), 1, 6),
}


@pytest.mark.parametrize("name", REFUSED_THERE)
def test_the_command_line_refuses_in_one_line_and_writes_nothing(tmp_path, name):
    REFUSED_THERE[name](tmp_path / "a.parquet")
    command = [sys.executable, "-m", "eda", str(tmp_path / "a.parquet"), "--json", str(tmp_path / "out.json")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and done.stdout == ""
    assert re.fullmatch(r"error: \S.*\.\n", done.stderr) and "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]
