"""Hostile and broken files: each ends in one plain sentence, in a count beside its rows, or in words shown as they are.

Bombs and forgeries are made byte by byte: a footer and the headers of pages are Thrift, read and written here.
"""

import io
import json
import os
import re
import signal
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import ROOT
from PIL import Image

from eda import columns, panels, sandbox, work
from eda.dataset import Dataset
from eda.facts import facts
from eda.report import report
from eda.statistics import Summary
from eda.table import TableError

IMAGE = pa.struct({"bytes": pa.binary(), "path": pa.string()})
REQUIRED = pa.schema([pa.field("text", pa.string(), False), pa.field("image", pa.binary(), False)])
MB = 1_000_000
FAULTS = ("damaged", "blank", "oversized", "unsupported", "null_images", "null_captions", "bad_captions")


@pytest.fixture(scope="module", autouse=True)
def _fork_server():
    """Started before anything is timed."""
    sandbox.prepare()


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def drawn(mode: str = "RGB", size: tuple[int, int] = (60, 40), colour: str = "red") -> Image.Image:
    """A square on white."""
    image = Image.new("RGB", size, "white")
    image.paste(colour, (10, 10, size[0] // 2, size[1] // 2))
    return image.convert(mode)


def logo(colour: str = "red") -> bytes:
    return encoded(drawn(colour=colour))


def write(path: Path, images: list, texts: list, kind: pa.DataType = IMAGE, **options) -> Path:
    """`images` are encoded files, put under `bytes` where `kind` is a struct."""
    if pa.types.is_struct(kind):
        images = [None if image is None else {"bytes": image} for image in images]
    texts = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
    pq.write_table(pa.table({"image": pa.array(images, kind), "text": texts}), path, **options)
    return path


def analysed(path: Path) -> dict:
    """What is told of a file, from the door that the page uses."""
    dataset = Dataset(path)
    assert [*dataset.analyse()][-1] == "pixels" and dataset.complete
    told = facts(dataset.summary)
    assert told["rows"] == dataset.rows
    return json.loads(json.dumps(told))


def counted(told: dict) -> dict[str, list[int]]:
    """The faults that were found, with their rows."""
    for name in FAULTS:
        assert told[name] == len(told[f"{name}_rows"])
    return {name: told[f"{name}_rows"] for name in FAULTS if told[name]}


def refused(path: Path, seconds: float = 5.0) -> str:
    """The sentence that a file is refused with: in time, in plain words, and with nothing of the file in here."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before, start = peak(), time.monotonic()
    with pytest.raises(TableError) as raised:
        list(Dataset(path).analyse())
    assert time.monotonic() - start < seconds
    assert peak() - before < 100 * MB
    return plain(raised.value)


def plain(error: Exception) -> str:
    sentence = str(error)
    assert 20 <= len(sentence) <= 250 and sentence.isprintable()
    assert sentence[0].isupper() and sentence.endswith(".") and ". " not in sentence and "Traceback" not in sentence
    return sentence


def peak() -> int:
    """The most memory that this process has had, in bytes."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024


class Thrift:
    """Reads a struct of Thrift's compact protocol as {field: (type, value)}; see `thrift` for the way back."""

    def __init__(self, data: bytes):
        self.file = io.BytesIO(data)

    def struct(self) -> dict:
        fields, number = {}, 0
        while head := self.file.read(1)[0]:
            number = number + (head >> 4) if head >> 4 else self.number()
            fields[number] = (head & 15, self.value(head & 15))
        return fields

    def value(self, kind: int):
        if kind in (1, 2):
            return kind == 1
        if kind in (5, 6):
            return self.number()
        if kind == 8:
            return self.file.read(self.varint())
        if kind == 9:
            head = self.file.read(1)[0]
            n = self.varint() if head >> 4 == 15 else head >> 4
            return [head & 15, [self.value(head & 15) for _ in range(n)]]
        assert kind == 12, kind
        return self.struct()

    def number(self) -> int:
        n = self.varint()
        return n >> 1 ^ -(n & 1)

    def varint(self) -> int:
        n = shift = 0
        while True:
            byte = self.file.read(1)[0]
            n |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return n


def thrift(kind: int, value) -> bytes:
    if kind in (5, 6):
        return varint(value << 1 ^ value >> 63)
    if kind == 8:
        return varint(len(value)) + value
    if kind == 9:
        inner, items = value
        head = bytes([len(items) << 4 | inner]) if len(items) < 15 else bytes([240 | inner]) + varint(len(items))
        return head + b"".join(thrift(inner, item) for item in items)
    written, last = b"", 0
    for number, (inner, item) in sorted(value.items()):
        if inner in (1, 2):
            written += bytes([(number - last) << 4 | (1 if item else 2)])
        else:
            written += bytes([(number - last) << 4 | inner]) + thrift(inner, item)
        last = number
    return written + b"\0"


def varint(n: int) -> bytes:
    written = b""
    while n > 127:
        written, n = written + bytes([n & 127 | 128]), n >> 7
    return written + bytes([n])


# Fields of the footer: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
ROWS = (3,)
GROUP = (4, 0)
GROUP_ROWS = (*GROUP, 3)
COLUMN = (*GROUP, 1, 1, 3)  # the second column's
CODEC, VALUES, UNCOMPRESSED, COMPRESSED, PAGE = ((*COLUMN, field) for field in (4, 5, 6, 7, 9))


def forge(path: Path, changes: dict[tuple, int | bytes], body: bytes | None = None) -> Path:
    """Puts numbers into a file's footer, and another `body` before it."""
    data = path.read_bytes()
    length = int.from_bytes(data[-8:-4], "little")
    footer = Thrift(data[-8 - length : -8]).struct()
    assert thrift(12, footer) == data[-8 - length : -8]
    for (*where, last), value in changes.items():
        at = footer
        for step in where:
            at = at[step][1] if isinstance(at, dict) else at[1][step]
        at[last] = (at[last][0], value)
    written = thrift(12, footer)
    body = data[: -8 - length] if body is None else body
    path.write_bytes(body + written + len(written).to_bytes(4, "little") + b"PAR1")
    return path


def three_rows(path: Path) -> Path:
    table = pa.table({"text": ["red", "green", "blue"], "image": [logo()] * 3}, REQUIRED)
    pq.write_table(table, path, use_dictionary=False, compression="none", write_statistics=False)
    return path


def paged(path: Path, page: bytes, claimed: int, values: int = 3, codec: int = 0) -> Path:
    """Three rows whose images lie in this one compressed page; its header claims a size and a number of values."""
    meta = pq.read_metadata(three_rows(path)).row_group(0).column(1)
    encodings = {1: (5, values), 2: (5, 0), 3: (5, 3), 4: (5, 3)}
    header = thrift(12, {1: (5, 0), 2: (5, claimed), 3: (5, len(page)), 5: (12, encodings)})
    size = len(header) + len(page)
    body = path.read_bytes()[: meta.data_page_offset] + header + page
    return forge(path, {CODEC: codec, COMPRESSED: size, UNCOMPRESSED: len(header) + claimed}, body)


def zeros(codec: str, size: int) -> tuple[bytes, int]:
    """A page that unfolds to an image of so many zero bytes, and the size that it unfolds to; kept small here too."""
    block = bytes(16 * MB)
    times = size // len(block)
    prefix = struct.pack("<I", times * len(block))
    if codec == "zstd":
        compress = pa.Codec("zstd").compress
        return compress(prefix, asbytes=True) + compress(block, asbytes=True) * times, times * len(block) + 4
    packer = zlib.compressobj(9, wbits=31)
    head = packer.compress(prefix) + packer.flush(zlib.Z_FULL_FLUSH)
    repeated = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)  # stands alone, so it can stand there often
    check = zlib.crc32(prefix)
    for _ in range(times):
        check = zlib.crc32(block, check)
    size = times * len(block) + 4
    return head + repeated * times + b"\x03\0" + struct.pack("<II", check, size), size


def repeated(path: Path, image: bytes, text: str, rows: int) -> Path:
    """One image and one caption for ever so many rows, each kept once in a dictionary."""
    indices = pa.array(np.zeros(rows, np.int32))
    cells = {"image": pa.array([image]), "text": pa.array([text])}
    table = pa.table({name: pa.DictionaryArray.from_arrays(indices, cell) for name, cell in cells.items()})
    pq.write_table(table, path, compression="zstd", store_schema=False)
    assert path.stat().st_size < 20_000
    return path


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
    path = tmp_path / "a.parquet"
    named = [f"column {i}" for i in range(20_000)]
    pq.write_table(pa.table([pa.nulls(0, pa.int8())] * 20_002, [*named, "image", "text"]), path)
    assert "more than 10,000 columns" in refused(path, seconds=1)


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
    texts = [np.random.default_rng(i).bytes(100).hex() for i in range(50)]
    path = write(tmp_path / "a.parquet", [logo()] * 50, texts, pa.binary(), use_dictionary=False, compression="none",
                 write_page_checksum=True)  # fmt: skip
    assert counted(analysed(path)) == {}
    meta = pq.read_metadata(path).row_group(0).column(column)
    data = bytearray(path.read_bytes())
    data[meta.data_page_offset + meta.total_compressed_size + place] ^= 4
    path.write_bytes(data)
    assert refused(path) == "The parquet file is damaged: a page does not match its checksum."


def test_flipped_bits_without_a_page_checksum_are_found_by_that_of_the_png(tmp_path):
    path = write(tmp_path / "a.parquet", [logo(), logo("blue"), logo("green")], ["a", "b", "c"], compression="none")
    data = path.read_bytes()
    at = data.index(logo("blue")) + logo("blue").index(b"IDAT") + 8
    path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    told = analysed(path)
    assert counted(told) == {"damaged": [1]} and told["formats"] == {"PNG": 3}


# 10 to 12: columns


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "image and text are missing; the file has no columns."),
        (["image"], "text is missing; the file has image."),
        (["text", "label"], "image is missing; the file has text, label."),
        (["Image", "TEXT"], "image and text are missing; the file has Image, TEXT."),
        (["a\nb", "\u202etxt", ""], "the file has a\ufffdb, \ufffdtxt, (no name)."),
        (["x" * 300, "caption"], f"the file has {'x' * 39}…, caption."),
        ([f"column_{i:04}" for i in range(5_000)], "column_0009 and 4,990 more."),
    ],
    ids=["none", "no text", "no image", "other case", "names that break lines", "a long name", "many"],
)
def test_missing_columns_are_named_and_so_are_those_there_are(tmp_path, names, said):
    pq.write_table(pa.table([pa.array([b"x"])] * len(names), names), tmp_path / "a.parquet")
    sentence = refused(tmp_path / "a.parquet")
    assert sentence.startswith("The columns image and text are needed, and ") and sentence.endswith(said)


def test_a_column_whose_name_is_no_utf_8_is_refused(tmp_path):
    path = write(tmp_path / "a.parquet", [logo()], ["red"], store_schema=False)
    path.write_bytes(path.read_bytes().replace(b"\x04text", b"\x04te\xff\xfe"))
    assert "damaged" in refused(path)


@pytest.mark.parametrize("twice", ["image", "text"])
def test_two_columns_of_one_name_are_refused(tmp_path, twice):
    cells = {"image": pa.array([logo()]), "text": pa.array(["red"])}
    pq.write_table(pa.table([*cells.values(), cells[twice]], [*cells, twice]), tmp_path / "a.parquet")
    assert refused(tmp_path / "a.parquet") == f"The file has 2 columns of the name {twice}; it needs just one."


def struct_of(kind: pa.DataType) -> pa.DataType:
    return pa.struct({"bytes": kind, "path": pa.string()})


KINDS = [pa.binary(), pa.large_binary(), pa.binary_view(), pa.dictionary(pa.int32(), pa.binary())]


@pytest.mark.parametrize("kind", [*KINDS, *map(struct_of, KINDS), pa.struct({"bytes": pa.binary()})], ids=str)
def test_images_are_read_from_every_kind_of_binary_column(tmp_path, kind):
    if pa.types.is_struct(kind) and pa.types.is_dictionary(kind[0].type):
        kept = pa.array([logo(), None, logo()]).dictionary_encode()
        cells = pa.StructArray.from_arrays([kept, pa.nulls(3, pa.string())], ["bytes", "path"])
        pq.write_table(pa.table({"image": cells, "text": ["a", "b", "c"]}), tmp_path / "a.parquet")
    elif pa.types.is_dictionary(kind):
        cells = pa.array([logo(), None, logo()]).dictionary_encode()
        pq.write_table(pa.table({"image": cells, "text": ["a", "b", "c"]}), tmp_path / "a.parquet")
    else:
        write(tmp_path / "a.parquet", [logo(), None, logo()], ["a", "b", "c"], kind)
    told = analysed(tmp_path / "a.parquet")
    assert counted(told) == {"null_images": [1]} and told["exact_duplicates_rows"] == [2]
    shown = Dataset(tmp_path / "a.parquet").show([2, 1])
    assert [row["fault"] for row in shown] == [None, "no image"] and shown[0]["png"].startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "cells",
    [
        pa.array([[1, 2, 3]]), pa.array(["logo.png"]), pa.array([[b"x"]]), pa.array([7]), pa.nulls(1),
        pa.array([b"four"], pa.binary(4)), pa.array([{"path": "logo.png"}]), pa.array([{"bytes": "a string"}]),
        pa.array([{"bytes": {"bytes": b"x"}}]), pa.array([{"a\nb\u202e": 1}]),
        pa.array([{f"field {i}": i for i in range(99)}]),
    ],
    ids=lambda cells: str(cells.type)[:40],
)  # fmt: skip
def test_images_of_another_kind_are_refused(tmp_path, cells):
    pq.write_table(pa.table({"image": cells, "text": ["red"]}), tmp_path / "a.parquet")
    sentence = refused(tmp_path / "a.parquet")
    assert sentence.startswith("The column image holds ") and "as binary or as a struct" in sentence


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view(), "dictionary"], ids=str)
def test_captions_are_read_from_every_kind_of_string_column(tmp_path, kind):
    texts = pa.array(["red, star", None, "blåbær 🍓"])
    texts = texts.dictionary_encode() if kind == "dictionary" else texts.cast(kind)
    path = write(tmp_path / "a.parquet", [logo()] * 3, texts)
    told = analysed(path)
    assert counted(told) == {"null_captions": [1]} and told["caption_length"]["max"] == 9
    assert [row["caption"] for row in Dataset(path).show([2, 1, 0])] == ["blåbær 🍓", None, "red, star"]


@pytest.mark.parametrize(
    "texts", [pa.array([1]), pa.array([b"bytes"]), pa.array([["a", "b"]]), pa.array([{"en": "a"}]), pa.nulls(1)],
    ids=lambda texts: str(texts.type)[:40],
)  # fmt: skip
def test_captions_of_another_kind_are_refused(tmp_path, texts):
    sentence = refused(write(tmp_path / "a.parquet", [logo()], texts))
    assert sentence.startswith("The column text holds ") and sentence.endswith("; it has to hold strings.")


def test_columns_that_begin_like_ours_are_not_taken_for_them(tmp_path):
    cells = {"text.note": pa.array([1, 2]), "image.bytes": pa.array([3, 4]), "text": pa.array(["red", "blue"]),
             "image": pa.array([{"bytes": logo()}] * 2)}  # fmt: skip
    pq.write_table(pa.table(cells), tmp_path / "a.parquet")
    told = analysed(tmp_path / "a.parquet")
    assert told["formats"] == {"PNG": 2} and told["caption_length"]["max"] == 4
    assert Dataset(tmp_path / "a.parquet").preview[1]["caption"] == "blue"


# 13 to 15: nothing, and no text


def test_rows_without_an_image_or_a_caption_are_counted_and_the_rest_is_charted(tmp_path):
    cells = pa.array([{"bytes": logo()}, None, {"bytes": None, "path": "a.png"}, {"bytes": logo("blue")}], IMAGE)
    pq.write_table(pa.table({"image": cells, "text": ["red", None, "green", None]}), tmp_path / "a.parquet")
    told = analysed(tmp_path / "a.parquet")
    assert counted(told) == {"null_images": [1, 2], "null_captions": [1, 3]}
    assert told["height"]["count"] == 2 and told["caption_length"]["count"] == 2
    assert told["colour"]["by_pixels"] == {"rgb": 2, "black_and_white": 0, "sampled": 2}


@pytest.mark.parametrize("cell", [None, b""])
def test_a_dataset_of_no_image_at_all_is_analysed(tmp_path, cell):
    told = analysed(write(tmp_path / "a.parquet", [cell] * 3, [None] * 3))
    assert counted(told) == {"damaged" if cell == b"" else "null_images": [0, 1, 2], "null_captions": [0, 1, 2]}
    assert told["height"]["count"] == told["sampled"] == 0 and told["caption_length"]["median"] is None


@pytest.mark.parametrize("groups", ["none", "one that is empty"])
def test_a_file_without_rows_is_an_empty_dataset(tmp_path, groups):
    path = tmp_path / "a.parquet"
    schema = pa.schema({"image": IMAGE, "text": pa.string()})
    with pq.ParquetWriter(path, schema) as writer:
        if groups != "none":
            writer.write_table(schema.empty_table())
    dataset = Dataset(path)
    assert dataset.rows == 0 and dataset.preview == []
    told = analysed(path)
    assert told["rows"] == 0 and counted(told) == {} and told["pixels"]["count"] == 0
    list(dataset.analyse())
    assert "0 rows" in report("a.parquet", dataset.summary) and panels.preview([])
    with pytest.raises(TableError, match=r"The dataset has no rows\."):
        dataset.show([0])
    assert dataset.show([]) == []


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), "dictionary"], ids=str)
@pytest.mark.parametrize("row", [1, 9_000])
def test_captions_that_are_no_utf_8_are_counted_and_the_first_row_is_named(tmp_path, kind, row):
    raw = [b"blue, star"] * row + [b"r\xffed, \xc3", b"green", b"\xed\xa0\x80"]
    texts = pa.array(raw, pa.large_binary() if kind == pa.large_string() else pa.binary())
    texts = texts.view(pa.string()).dictionary_encode() if kind == "dictionary" else texts.view(kind)
    told = analysed(write(tmp_path / "a.parquet", [None] * len(raw), texts))
    assert told["bad_captions"] == 2 and told["bad_captions_rows"] == [row, row + 2]
    assert told["epithets"]["count"] == len(raw)
    assert Dataset(tmp_path / "a.parquet").show([row])[0]["caption"] == "r\ufffded, \ufffd"


# 16 and 17: captions


@pytest.mark.parametrize("text", ["é" * 50 * MB, "word, " * (100 * MB // 6)], ids=["a word", "words"])
def test_a_caption_of_a_hundred_megabytes_is_measured_flagged_and_shown_in_part(tmp_path, text):
    path = write(tmp_path / "a.parquet", [logo()] * 3, [text, "blue, star", None], compression="zstd")
    before, start = psutil.Process().memory_info().rss, time.monotonic()
    dataset = Dataset(path, look=False)
    list(dataset.analyse())
    told = facts(dataset.summary)
    assert time.monotonic() - start < 10 and psutil.Process().memory_info().rss - before < 100 * MB
    assert told["long_captions"] == 1 and told["long_captions_rows"] == [0]
    assert told["caption_length"]["max"] == len(text) and told["epithets"]["max"] == max(text.count(","), 1)
    assert told["frequent_words"]["star"] == 1 and len(json.dumps(told)) < 100_000
    assert dataset.preview[0]["caption"] == text[: work.MAX_SHOWN] + "…"


def test_five_million_commas_are_counted_and_flagged(tmp_path):
    told = analysed(write(tmp_path / "a.parquet", [logo()] * 2, ["," * 5 * MB, "blue, star"]))
    assert told["epithets"]["max"] == 5 * MB and told["long_captions_rows"] == [0]
    assert told["frequent_epithets"] == {} and "star" in told["frequent_words"]


def test_ten_thousand_endless_words_do_not_fill_this_process(tmp_path):
    texts = [f"{i}a" + "y" * 9_990 + f", {i}b" + "z" * 5_000 for i in range(12_000)]
    path = write(tmp_path / "a.parquet", [None] * len(texts), texts, compression="zstd")
    del texts
    Path("/proc/self/clear_refs").write_text("5")
    before = peak()
    told = analysed(path)
    assert peak() - before < 100 * MB
    assert max(map(len, told["frequent_words"])) <= columns.LONG_PART


WORDS = [
    "<script>alert('pwned')</script>",
    "</script><script>alert(1)//",
    "<img src=x onerror=alert(2)>",
    "<a href='https://evil.example/a'>free</a>",
    "[free](https://evil.example/b)",
    "\u202emoc.elgoog\u202c",
    "\u2066left\u2069\u200f",
    "=cmd|'/c calc'!a0",
    "+1+1",
    "@sum(1+1)",
    "{{7*7}} ${7*7} %s {0}",
    "' onmouseover='alert(3)",
    '" autofocus onfocus="alert(4)',
    "a\0b\x1fc\x1b[31m",
    "&lt;b&gt; &amp;",
]


class Page(HTMLParser):
    """The elements of a page with their attributes' names, and its texts; scripts and styles are no text."""

    def __init__(self, page: str):
        super().__init__()
        self.elements: list[str] = []
        self.texts: list[str] = []
        self.open = ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.open = tag
        self.elements.append(" ".join([tag, *(name for name, _ in attributes)]))
        self.texts += [value or "" for name, value in attributes if name in ("alt", "title")]

    def handle_data(self, data):
        if self.open not in ("script", "style"):
            self.texts.append(data)


def pages(path: Path) -> tuple[Page, Page, Dataset]:
    """What the page of the app shows of a file as HTML, and the report."""
    dataset = Dataset(path)
    list(dataset.analyse())
    thumbnails = {row["row"]: row for row in dataset.show(panels.worth_showing(dataset.summary))}
    shown = panels.preview(dataset.show(range(dataset.rows))) + panels.faults(dataset.summary, thumbnails)
    shown += panels.cloud_text(dataset.summary, True) + "".join(map(panels.described, dataset.preview))
    return Page(shown), Page(report(dataset.name, dataset.summary, thumbnails)), dataset


def test_markup_links_bidi_marks_and_formulas_in_captions_are_text_everywhere(tmp_path):
    """Pages about hostile captions have the very elements of pages about harmless ones."""
    images = [logo(), b"<svg onload=alert(5)>", None, b"\x89PNG", logo()]

    def dataset(name: str, words: list[str]) -> Path:
        texts = [f"{word}, {word}, for all" for word in words for _ in range(3)]
        return write(tmp_path / f"{name}.parquet", [images[i % 5] for i in range(len(texts))], texts)

    hostile, hostile_report, found = pages(dataset("hostile", WORDS))
    harmless, harmless_report, _ = pages(dataset("harmless", [f"word{chr(97 + i)}" for i in range(len(WORDS))]))
    assert set(hostile.elements) == set(harmless.elements)
    assert hostile_report.elements == harmless_report.elements
    assert not {"script", "a"} & {element.split()[0] for element in hostile.elements}
    told = json.loads(json.dumps(facts(found.summary)))
    for i, word in enumerate(WORDS):
        caption = f"{word}, {word}, for all"
        assert found.show([3 * i])[0]["caption"] == caption
        assert caption.replace("\0", "\ufffd") in [text.replace("\0", "\ufffd") for text in hostile.texts], word
        assert told["frequent_epithets"][word.strip()] == 3, word
    assert told["shared_epithets"] == ["for all"]


def test_a_file_s_own_name_is_text_in_the_report(tmp_path):
    path = write(tmp_path / "<script>alert(1)<_script>.parquet", [logo()], ["red"])
    dataset = Dataset(path)
    list(dataset.analyse())
    page = report(dataset.name, dataset.summary)
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page


# 18 to 21: images


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, data: bytes, bits: int = 8, colour: int = 0) -> bytes:
    """With right checksums, whatever the header claims."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def one_colour(side: int) -> bytes:
    """A whole grey PNG, packed row by row."""
    packer = zlib.compressobj(9)
    row = b"\0" + b"\x80" * side
    return png(side, side, b"".join(packer.compress(row) for _ in range(side)) + packer.flush())


def vp8l(side: int, alpha: bool) -> bytes:
    """A WebP of one colour: its few bits are the same for any size."""
    colour = (200, 0, 0, 90) if alpha else (200, 0, 0)
    data = bytearray(encoded(Image.new("RGBA" if alpha else "RGB", (9, 9), colour), "WEBP", lossless=True))
    assert data[12:16] == b"VP8L"
    data[21:25] = (side - 1 | side - 1 << 14 | alpha << 28).to_bytes(4, "little")
    return bytes(data)


def jpeg_of(width: int, height: int) -> bytes:
    data = bytearray(encoded(drawn(), "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def gif_of(width: int, height: int, canvas: bool) -> bytes:
    """Either the canvas or the frame on it is so large."""
    data = bytearray(encoded(drawn("P"), "GIF"))
    at = 6 if canvas else data.index(b"\x2c\0\0\0\0") + 5
    data[at : at + 4] = struct.pack("<HH", width, height)
    return bytes(data)


def bmp_of(width: int, height: int) -> bytes:
    data = bytearray(encoded(drawn(), "BMP"))
    data[18:26] = struct.pack("<ii", width, height)
    return bytes(data)


def vp8x(width: int, height: int) -> bytes:
    header = b"VP8X" + struct.pack("<I", 10) + b"\x10\0\0\0" + struct.pack("<I", width - 1)[:3]
    body = b"WEBP" + header + struct.pack("<I", height - 1)[:3] + vp8l(9, True)[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


BOMBS: dict[str, tuple[Callable[[], bytes], int, int]] = {
    "forged PNG of 14,000": (lambda: png(14_000, 14_000, zlib.compress(b"\0")), 14_000, 14_000),
    "forged PNG of 60,000": (lambda: png(60_000, 60_000, zlib.compress(b"\0")), 60_000, 60_000),
    "a wide PNG": (lambda: png((1 << 31) - 1, 1 << 20, zlib.compress(b"\0")), (1 << 31) - 1, 1 << 20),
    "a real PNG of 14,000": (lambda: one_colour(14_000), 14_000, 14_000),
    "JPEG": (lambda: jpeg_of(65_500, 65_500), 65_500, 65_500),
    "canvas of a GIF": (lambda: gif_of(65_535, 65_535, True), 65_535, 65_535),
    "frame of a GIF": (lambda: gif_of(65_535, 65_535, False), 65_535, 65_535),
    "BMP": (lambda: bmp_of(60_000, 60_000), 60_000, 60_000),
    "WebP": (lambda: vp8l(14_000, False), 14_000, 14_000),
    "WebP with alpha": (lambda: vp8l(16_384, True), 16_384, 16_384),
    "canvas of a WebP": (lambda: vp8x(60_000, 60_000), 60_000, 60_000),
    "just too large": (lambda: one_colour(4_001), 4_001, 4_001),
}


@pytest.mark.parametrize("name", BOMBS)
def test_an_image_bomb_is_counted_as_oversized_and_not_decoded(tmp_path, name):
    make, width, height = BOMBS[name]
    path = write(tmp_path / "a.parquet", [logo(), make(), logo("blue")], ["a", "b", "c"])
    Path("/proc/self/clear_refs").write_text("5")
    before, start = peak(), time.monotonic()
    told = analysed(path)
    assert time.monotonic() - start < 5 and peak() - before < 100 * MB
    assert counted(told) == {"oversized": [1]} and told["sampled"] == 2
    assert told["width"]["max"] == width and told["height"]["max"] == height
    assert told["pixels"]["max"] == width * height and sum(told["formats"].values()) == 3
    shown = Dataset(path).show([1])[0]
    assert shown["fault"] == "oversized" and shown["png"] is None and shown["width"] == width


def test_an_image_of_just_sixteen_million_pixels_is_read(tmp_path):
    told = analysed(write(tmp_path / "a.parquet", [one_colour(4_000)], ["a"]))
    assert counted(told) == {"blank": [0]} and told["pixels"]["max"] == 16 * MB


def wrong_crc(data: bytes) -> bytes:
    at = data.index(b"IDAT") + 6
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


DAMAGED = {
    "PNG without its end": lambda: logo()[:-12],
    "PNG cut in its pixels": lambda: logo()[: logo().index(b"IDAT") + 20],
    "PNG with a wrong checksum": lambda: wrong_crc(logo()),
    "PNG whose pixels end early": lambda: png(60, 40, zlib.compress(bytes(300))),
    "PNG whose pixels are noise": lambda: png(60, 40, b"no zlib at all"),
    "JPEG cut": lambda: encoded(drawn(), "JPEG")[:-200],
    "GIF cut": lambda: encoded(drawn("P"), "GIF")[:-40],
    "WebP cut": lambda: encoded(drawn(), "WEBP")[:-40],
    "BMP cut": lambda: encoded(drawn(), "BMP")[:-400],
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_image_is_counted_and_its_size_kept(tmp_path, name):
    path = write(tmp_path / "a.parquet", [logo("blue"), DAMAGED[name]()], ["a", "b"])
    told = analysed(path)
    assert counted(told) == {"damaged": [1]}
    if name != "WebP cut":  # Pillow opens a WebP as a whole or not at all
        assert told["width"] == {"count": 2, "min": 60, "max": 60, "mean": 60, "median": 60}
        assert told["height"]["count"] == 2
    shown = Dataset(path).show([1])[0]
    assert shown["fault"] == "damaged" and shown["png"] is None


@pytest.mark.parametrize(
    "data",
    [b"\x89PNG\r\n\x1a\n", b"\x89PNG", b"\xff\xd8\xff", b"GIF89a", b"BM", b"RIFF\0\0\0\0WEBP", b"RIFF" + bytes(40), b"",
     logo()[:33], encoded(drawn(), "JPEG").partition(b"\xff\xda")[0],
     png(0, 40, b""), png(60, 40, b"", 7, 5), encoded(drawn("P"), "GIF")[:20], chunk(b"IHDR", b"")],
)  # fmt: skip
def test_hardly_an_image_is_counted_and_nothing_fails(tmp_path, data):
    told = analysed(write(tmp_path / "a.parquet", [logo(), data], ["a", "b"]))
    found = counted(told)
    assert found.get("damaged", []) + found.get("unsupported", []) == [1] and told["height"]["count"] >= 1


def test_noise_in_place_of_images_never_fails_an_analysis(tmp_path):
    noise = np.random.default_rng(0)
    whole = [encoded(drawn("P" if kind == "GIF" else "RGB"), kind) for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP")]
    images = []
    for data in whole:
        for _ in range(60):
            spoilt = bytearray(data[: noise.integers(4, len(data) + 1)])
            for at in noise.integers(0, len(spoilt), noise.integers(0, 9)):
                spoilt[at] = noise.integers(256)
            images.append(bytes(spoilt))
    told = analysed(write(tmp_path / "a.parquet", images, [f"logo {i}" for i in range(300)]))
    assert told["rows"] == 300 and told["damaged"] > 100


def test_formats_that_are_not_ours_are_counted_as_unsupported(tmp_path):
    image = drawn()
    data = [encoded(image, kind) for kind in ("TIFF", "EPS", "PPM", "ICO", "TGA", "PDF", "PCX", "AVIF", "JPEG2000")]
    data += [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<?xml version='1.0'?><svg/>", b"%!PS-Adobe", b"MZ", b"\0"]
    told = analysed(write(tmp_path / "a.parquet", [logo(), *data], ["x"] * (len(data) + 1)))
    assert counted(told) == {"unsupported": list(range(1, len(data) + 1))}
    assert told["formats"] == {"PNG": 1} and told["height"]["count"] == 1


def sixteen_bits(colour: bool) -> bytes:
    """Of 16 bits a channel: a bright square (bytes of 200 and more) on a ground of a tenth."""
    ramp = np.full((40, 60, 3 if colour else 1), 0x1999, ">u2")
    ramp[10:20, 10:30] = (0xE000, 0x2000, 0x2000) if colour else 0xE000
    rows = b"".join(b"\0" + row.tobytes() for row in ramp)
    return png(60, 40, zlib.compress(rows), 16, 2 if colour else 0)


def animated(kind: str) -> bytes:
    """A red square first, then grey ones."""
    later = [drawn(colour=colour).convert("L").convert("RGB") for colour in ("blue", "black")]
    return encoded(drawn(), kind, save_all=True, append_images=later, duration=100)


def palette(colour: str) -> bytes:
    return encoded(drawn(colour=colour).quantize(8), "PNG")


PICTURES = {
    "16 bits of grey": (lambda: sixteen_bits(False), "I;16", True, True, "none"),
    "16 bits of RGB": (lambda: sixteen_bits(True), "RGB", False, False, "red"),
    "a palette of colours": (lambda: palette("red"), "P", False, False, "red"),
    "a palette of greys": (lambda: palette("black"), "P", False, True, "black"),
    "transparency in a palette": (lambda: encoded(drawn().quantize(8), "PNG", transparency=0), "P", False, None, None),
    "alpha": (lambda: encoded(drawn("RGBA"), "PNG"), "RGBA", False, False, "red"),
    "grey with alpha": (lambda: encoded(drawn("LA", colour="black"), "PNG"), "LA", True, True, "black"),
    "one bit": (lambda: encoded(drawn("1", colour="black"), "PNG"), "1", True, True, "black"),
    "grey": (lambda: encoded(drawn("L", colour="black"), "PNG"), "L", True, True, "black"),
    "grey in three channels": (lambda: logo("black"), "RGB", False, True, "black"),
    "grey JPEG": (lambda: encoded(drawn("L", colour="black"), "JPEG"), "L", True, True, "black"),
    "CMYK JPEG": (lambda: encoded(drawn("CMYK"), "JPEG", quality=95), "CMYK", False, False, "red"),
    "progressive JPEG": (lambda: encoded(drawn(), "JPEG", progressive=True), "RGB", False, False, "red"),
    "animated GIF": (lambda: animated("GIF"), None, False, False, "red"),
    "animated WebP": (lambda: animated("WEBP"), "RGB", False, False, "red"),
    "animated PNG": (lambda: animated("PNG"), "RGB", False, False, "red"),
    "BMP": (lambda: encoded(drawn(), "BMP"), "RGB", False, False, "red"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_every_kind_of_picture_has_its_size_its_colours_and_its_first_frame(tmp_path, name):
    make, mode, grey_header, grey_pixels, colour = PICTURES[name]
    path = write(tmp_path / "a.parquet", [make()], ["a"])
    told = analysed(path)
    assert counted(told) == {}
    assert (told["width"]["max"], told["height"]["max"]) == (60, 40)
    assert told["aspect_ratio"]["mean"] == pytest.approx(40 / 60)
    assert told["modes"] == {mode: 1} or mode is None
    assert told["colour"]["by_mode"] == {"rgb": 1 - grey_header, "black_and_white": int(grey_header)}
    if grey_pixels is not None:
        assert told["colour"]["by_pixels"] == {
            "rgb": 1 - grey_pixels,
            "black_and_white": int(grey_pixels),
            "sampled": 1,
        }
    shown = Dataset(path).show([0], 60)[0]
    picture = Image.open(io.BytesIO(shown["png"]))
    assert picture.format == "PNG" and picture.size == (60, 40) and shown["fault"] is None
    if colour not in (None, "none"):
        assert told["dominant_colour"][colour] == 1
        centre = picture.convert("RGB").getpixel((20, 15))
        assert centre[0] == pytest.approx(255 if colour == "red" else 0, abs=48) and max(centre[1:]) < 60
    if name == "16 bits of grey":
        values = np.asarray(picture.convert("L"))
        assert values[15, 20] == 0xE0 and values[0, 0] == 0x19


def test_transparent_pixels_are_seen_on_white(tmp_path):
    clear = Image.new("RGBA", (60, 40), (255, 0, 0, 0))
    mark = clear.copy()
    mark.paste((0, 0, 255, 255), (20, 10, 40, 30))
    path = write(tmp_path / "a.parquet", [encoded(clear), encoded(mark)], ["a", "b"])
    told = analysed(path)
    assert counted(told) == {"blank": [0]} and told["dominant_colour"]["blue"] == 1
    shown = Image.open(io.BytesIO(Dataset(path).show([1])[0]["png"]))
    assert shown.getpixel((0, 0)) == (255, 255, 255)


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
    "20,000 columns": lambda path: pq.write_table(
        pa.table([pa.nulls(0)] * 20_000, [f"column {i}" for i in range(20_000)]), path
    ),
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


# The child


def says_who_it_is() -> Iterator[int]:
    yield os.getpid()


def sleeps() -> Iterator[int]:
    yield os.getpid()
    time.sleep(60)


def computes() -> Iterator[int]:
    yield os.getpid()
    while True:
        pass


def talks() -> Iterator[int]:
    while True:
        yield os.getpid()


def dies(number: int) -> Iterator[int]:
    yield os.getpid()
    os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n")
    os.kill(os.getpid(), number)
    time.sleep(60)


def eats() -> Iterator[int]:
    yield os.getpid()
    held = []
    while True:
        held.append(b"x" * 50 * MB)


def overflows_the_stack() -> Iterator[int]:
    yield os.getpid()
    sys.setrecursionlimit(10**9)
    nested = []
    for _ in range(10**6):
        nested = [nested]
    repr(nested)


def fails(error: type[BaseException]) -> Iterator[int]:
    yield os.getpid()
    raise error("one. two\nthree")


def answers(data: bytes) -> Iterator[int]:
    """Sends bytes of its own in place of an answer."""
    yield os.getpid()
    sys._getframe(1).f_locals["sender"].send_bytes(data)
    yield 2


def breaks_off(data: bytes) -> Iterator[int]:
    """Writes these very bytes, and nothing more."""
    yield os.getpid()
    os.write(sys._getframe(1).f_locals["sender"].fileno(), data)
    time.sleep(60)


def ended(stream: Iterator[int], pattern: str) -> None:
    """The stream names its process, then is refused with a sentence, and the process is gone."""
    child = next(stream)
    with pytest.raises(TableError, match=pattern) as raised:
        for _ in stream:
            pass
    plain(raised.value)
    assert not psutil.pid_exists(child)


@pytest.mark.parametrize("job", [sleeps, computes, talks])
def test_a_child_is_killed_when_its_time_is_over(job):
    start = time.monotonic()
    ended(sandbox.stream(job, seconds=1), "took longer than 1 seconds")
    assert 1 <= time.monotonic() - start < 3


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM])
def test_a_child_that_dies_is_told_of_in_one_sentence(number):
    ended(sandbox.stream(dies, int(number)), "damaged, or needs more memory")


def test_a_child_that_dies_says_nothing_beside_that():
    code = "import test_eda_hostile as jobs\nfor _ in jobs.sandbox.stream(jobs.dies, 6): print('alive', flush=True)"
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout == "alive\n" and "TableError: The file could not be read" in done.stderr
    assert "terminate called" not in done.stderr


def test_a_child_that_eats_memory_is_refused_it():
    start, before = time.monotonic(), psutil.Process().memory_info().rss
    ended(sandbox.stream(eats), "needs more memory")
    assert time.monotonic() - start < 5 and psutil.Process().memory_info().rss - before < 50 * MB


def test_a_child_without_a_stack_is_told_of_in_one_sentence():
    ended(sandbox.stream(overflows_the_stack), "damaged, or needs more memory|analysis failed")


@pytest.mark.parametrize("error", [RuntimeError, ValueError, OSError, MemoryError, SystemExit, RecursionError])
def test_what_fails_in_a_child_becomes_a_sentence(error):
    ended(sandbox.stream(fails, error), r"\.$")


@pytest.mark.parametrize(
    "data",
    [b"", b"no JSON", b"\xff\xfe", b"7", b"null", b"[]", b'["value"]', b'["value", 1, 2]', b'{"a": 1, "b": 2}', b'"ab"',
     b'["what", 1]', b'["error", {"a": [1]}]', b"[" * 100_000],
)  # fmt: skip
def test_a_child_that_answers_nonsense_is_refused(data):
    ended(sandbox.stream(answers, data, seconds=10), "could not be read")


@pytest.mark.parametrize("data", [b"\0", struct.pack("!i", 1000) + b"[", struct.pack("!iQ", -1, 1 << 20)])
def test_a_child_that_stops_within_an_answer_is_not_waited_for(data):
    start = time.monotonic()
    ended(sandbox.stream(breaks_off, data, seconds=1), "took longer than 1 seconds")
    assert time.monotonic() - start < 3


def test_an_answer_that_claims_to_be_endless_is_refused_at_once():
    start = time.monotonic()
    ended(sandbox.stream(breaks_off, struct.pack("!iQ", -1, 1 << 40), seconds=10), "could not be read")
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("job", [sleeps, computes, talks])
def test_no_child_outlives_a_stream_that_is_closed_early(job):
    stream = sandbox.stream(job)
    child = next(stream)
    assert psutil.pid_exists(child)
    stream.close()
    assert not psutil.pid_exists(child)


def test_no_child_outlives_an_analysis_that_is_left(tmp_path):
    other = sandbox.stream(sleeps)
    server = psutil.Process(next(other)).parent()
    other.close()
    dataset = Dataset(write(tmp_path / "a.parquet", [logo()] * 500, ["red"] * 500))
    stream = dataset.analyse()
    assert next(stream)
    del stream
    assert server.children() == []
    assert list(dataset.analyse())[-1] == "pixels"


def test_each_stream_has_a_process_of_its_own():
    first, second = (next(sandbox.stream(says_who_it_is)) for _ in range(2))
    assert len({first, second, os.getpid()}) == 3


def test_a_refused_file_leaves_nothing_on_the_disk(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    (tmp_path / "kept").mkdir()
    with pytest.raises(TableError):
        Dataset(tmp_path / "a.parquet", folder=tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == []
    dataset = Dataset(write(tmp_path / "b.parquet", [logo()], ["a"]), folder=tmp_path / "kept")
    assert {path.name.split("-")[0] for path in (tmp_path / "kept").iterdir()} == {"dataset", "served"}
    del dataset
    assert list((tmp_path / "kept").iterdir()) == []
