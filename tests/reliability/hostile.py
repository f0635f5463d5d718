"""Makers of hostile and broken parquet files.

Bombs and forgeries are made byte by byte: a footer and the headers of pages are Thrift, read and written here.
"""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

IMAGE = pa.struct({"bytes": pa.binary(), "path": pa.string()})
REQUIRED = pa.schema([pa.field("text", pa.string(), False), pa.field("image", pa.binary(), False)])
MB = 1_000_000
WORDS = [  # markup, links, marks that turn text round, formulas: captions are shown as they are
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


def framed(data: bytes, length: int) -> bytes:
    """Bytes in place of a parquet file's pages and footer, which has this length, as the end says."""
    return b"PAR1" + data + length.to_bytes(4, "little") + b"PAR1"


def wide(path: Path) -> Path:
    """Twenty thousand columns beside ours, and no rows."""
    named = [f"column {i}" for i in range(20_000)]
    pq.write_table(pa.table([pa.nulls(0, pa.int8())] * 20_002, [*named, "image", "text"]), path)
    return path


def giant_group(path: Path) -> Path:
    """One row group of 1,100 TIFFs of a megabyte, with noise so that it is no bomb: 1.1 GB in a file of 11 MB."""
    noise = np.random.default_rng(0)
    four = pa.table({"image": [b"II*\0" + bytes(MB) + noise.bytes(10_000) for _ in range(4)], "text": ["logo"] * 4})
    options = dict(compression="zstd", use_dictionary=False, write_batch_size=4, row_group_size=1_100)
    pq.write_table(pa.concat_tables([four] * 275), path, **options)
    return path


def flipped(path: Path, column: int = 0, place: int = -3) -> Path:
    """Fifty rows in pages with checksums, and one bit of one column flipped, so many bytes from its end."""
    texts = [np.random.default_rng(i).bytes(100).hex() for i in range(50)]
    options = dict(use_dictionary=False, compression="none", write_page_checksum=True)
    write(path, [logo()] * 50, texts, pa.binary(), **options)
    meta = pq.read_metadata(path).row_group(0).column(column)
    data = bytearray(path.read_bytes())
    data[meta.data_page_offset + meta.total_compressed_size + place] ^= 4
    path.write_bytes(data)
    return path
