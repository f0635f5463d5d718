"""Good files and images, spoilt as Hypothesis draws it: byte by byte, in a footer, or in the header of a page."""

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hostile import Thrift, drawn, encoded, logo, thrift, write
from hypothesis import strategies as st

NUMBERS = (0, 1, 2, 7, -1, 127, 1 << 20, (1 << 31) - 1, 1 << 31, -(1 << 31), 1 << 40, (1 << 63) - 1, -(1 << 63))


@cache
def good_images() -> tuple[bytes, ...]:
    kinds = {"PNG": "RGBA", "JPEG": "CMYK", "GIF": "P", "WEBP": "RGBA", "BMP": "RGB", "TIFF": "RGB"}
    made = [encoded(drawn(mode), kind) for kind, mode in kinds.items()]
    return (
        *made,
        encoded(drawn(), "PNG"),
        encoded(drawn().quantize(8), "PNG", transparency=0),
        encoded(drawn(), "JPEG"),
    )


@cache
def good_files() -> tuple[bytes, ...]:
    images, texts = [logo(), None, logo("blue"), b"", logo()], ["red, star", None, "blue", "", "a, b, c"]
    kinds = [
        dict(kind=pa.binary(), compression="none", use_dictionary=False),
        dict(compression="none", write_page_checksum=True, data_page_version="2.0"),
        dict(compression="snappy", data_page_size=100, write_batch_size=1),
        dict(kind=pa.large_binary(), compression="zstd", row_group_size=2, store_schema=False),
        dict(compression="gzip", column_encoding="DELTA_LENGTH_BYTE_ARRAY", use_dictionary=False, kind=pa.binary()),
        dict(compression="lz4", write_page_index=True, store_decimal_as_integer=True),
        dict(compression="brotli", data_page_version="2.0", column_encoding="DELTA_BYTE_ARRAY", use_dictionary=False,
             kind=pa.binary()),
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.parquet"
        made = [write(path, images, texts, **options).read_bytes() for options in kinds]
        made.append(write(path, [], []).read_bytes())
        pq.write_table(pa.table({"image": pa.array([logo(), logo("blue")]), "text": ["a", "b"], "n": [1, 2]}), path)
        made.append(path.read_bytes())
    return tuple(made)


@st.composite
def spoilt(draw, files: Callable[[], tuple[bytes, ...]], keep: int = 0) -> bytes:
    """A file with some of its bytes overwritten, cut out, doubled or put in; the last `keep` may well stay."""
    data = bytearray(draw(st.sampled_from(files())))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1 - draw(st.sampled_from((0, keep))))))
        size = draw(st.sampled_from((1, 1, 1, 2, 4, 8, 40)))
        match draw(st.sampled_from(("flip", "write", "number", "cut", "double", "insert"))):
            case "flip" if at < len(data):
                data[at] ^= 1 << draw(st.integers(0, 7))
            case "write":
                data[at : at + size] = draw(st.binary(min_size=size, max_size=size))
            case "number":
                value = draw(st.sampled_from(NUMBERS)) & (1 << 64) - 1
                data[at : at + 8] = value.to_bytes(8, "little")[: draw(st.sampled_from((4, 8)))]
            case "cut":
                del data[at : at + size]
            case "double":
                data[at:at] = data[at : at + size]
            case "insert":
                data[at:at] = draw(st.binary(min_size=1, max_size=size))
    return bytes(data)


def places(kind: int, value, path: tuple = ()) -> list[tuple]:
    """The paths to all values within a Thrift value: (where, kind), the outermost left out."""
    if kind == 12:
        inner = [(number, *field) for number, field in value.items()]
    elif kind == 9:
        inner = [(n, value[0], item) for n, item in enumerate(value[1])]
    else:
        return []
    found = []
    for step, inner_kind, item in inner:
        found += [((*path, step), inner_kind), *places(inner_kind, item, (*path, step))]
    return found


def change(draw, struct: dict) -> None:
    """Changes a value somewhere within a struct of Thrift, or drops or doubles it."""
    where, kind = draw(st.sampled_from(places(12, struct)))
    holder: object = struct
    for step in where[:-1]:
        holder = holder[step][1] if isinstance(holder, dict) else holder[1][step]
    if isinstance(holder, list) and not isinstance(holder[1][where[-1]], list) and kind == 12:
        items, at = holder[1], where[-1]
        items[at : at + 1] = [items[at]] * draw(st.sampled_from((0, 2, 3, 40)))
        return
    value: object
    if kind in (5, 6):
        value = draw(st.one_of(st.sampled_from(NUMBERS), st.integers(-(1 << 63), (1 << 63) - 1)))
    elif kind == 8:
        value = draw(st.one_of(st.binary(max_size=40), st.sampled_from((b"image", b"text", b"x" * 70_000))))
    elif kind in (1, 2):
        value = draw(st.booleans())
    elif isinstance(holder, dict):
        del holder[where[-1]]
        return
    else:
        return
    if isinstance(holder, dict):
        if draw(st.integers(0, 9)):
            holder[where[-1]] = (kind, value)
        else:
            del holder[where[-1]]
    else:
        holder[1][where[-1]] = value


def split(data: bytes) -> tuple[bytes, dict]:
    """What comes before a good file's footer, and the footer."""
    length = int.from_bytes(data[-8:-4], "little")
    return data[: -8 - length], Thrift(data[-8 - length : -8]).struct()


def joined(body: bytes, footer: dict) -> bytes:
    written = thrift(12, footer)
    return body + written + len(written).to_bytes(4, "little") + b"PAR1"


@st.composite
def restructured(draw) -> bytes:
    """A file with other values in its footer, or in the header of a page of its last column."""
    body, footer = split(draw(st.sampled_from(good_files())))
    groups = footer[4][1][1]
    chunk = groups[-1][1][1][1][-1][3][1] if groups else {}  # the columns of a row group, the last, its metadata
    pages = [field for field in (9, 11) if field in chunk and chunk[field][1]]  # of data, of the dictionary
    if pages and draw(st.booleans()):
        at = chunk[draw(st.sampled_from(pages))][1]
        header = Thrift(body[at:])
        page = header.struct()
        for _ in range(draw(st.integers(1, 3))):
            change(draw, page)
        written = thrift(12, page)
        chunk[7] = (6, chunk[7][1] + len(written) - header.file.tell())
        body = body[:at] + written + body[at + header.file.tell() :]
    else:
        for _ in range(draw(st.integers(1, 4))):
            change(draw, footer)
    return joined(body, footer)
