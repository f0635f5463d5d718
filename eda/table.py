"""A parquet of logos: opened, checked, streamed. Hostile files stop here, for all of this runs in a `sandbox`.

Columns: `image`, encoded files as plain binary or as a struct with them under `bytes` (what `datasets` writes), and
`text`, strings of any kind. Other columns are never read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as kinds

COLUMNS = ("image", "text")
IMAGES_AT_ONCE = 32
TEXTS_AT_ONCE = 8_192
PART_ROWS = 8_192  # rows of a part: what one process summarises at a time
MAX_FOOTER_ITEMS = 10_000  # of any list in the footer: columns, row groups
MAX_FOOTER_STRING = 16_000_000  # bytes
BUFFER = 1 << 20  # bytes that are read ahead; without it whole column chunks are
# What one column may unfold to: a value that a dictionary repeats costs nothing in a file and all its bytes here.
MAX_UNFOLDED, MAX_GAIN = 500_000_000, 100  # bytes, and for each byte of the file
_MAGIC = b"PAR1"
_TOO_FEW = "The parquet file is damaged: it has fewer rows than its footer says."
_SHOWN_NAMES, _SHOWN_NAME = 110, 40  # characters of all column names in a message, and of one


class TableError(ValueError):
    """A file that cannot be analysed; the text is one sentence that says what is wrong and what would be right."""


class Table(pq.ParquetFile):
    """An open file that knows its `size` in bytes."""

    size: int


@dataclass(frozen=True)
class Part:
    """Some row groups of a file: `rows` rows, the first of which has the number `first` in the file."""

    path: str
    groups: tuple[int, ...]
    first: int
    rows: int


def open_table(path: str) -> Table:
    """Opens a file, or one of the Hub (hf://...), and checks its columns and its footer's numbers of rows.

    Raises:
        TableError: it is no parquet file, is damaged, or lacks the columns.
    """
    remote = path.startswith("hf://")
    if not remote:
        _check_magic(path)
    try:
        source = _hub().open(path, "rb") if remote else path
        file = Table(
            source, pre_buffer=False, buffer_size=BUFFER, page_checksum_verification=True,
            thrift_string_size_limit=MAX_FOOTER_STRING, thrift_container_size_limit=MAX_FOOTER_ITEMS,
        )  # fmt: skip
        file.size = source.size if remote else Path(path).stat().st_size
        schema = file.schema_arrow
        _check_columns(schema)
    except (MemoryError, TableError):
        raise
    except FileNotFoundError as error:
        raise TableError(f"There is no file {path}.") from error
    except (pa.ArrowException, OSError) as error:
        raise TableError(_unreadable(error)) from error
    except UnicodeDecodeError as error:
        raise TableError("The parquet file is damaged: the name of a column is no UTF-8.") from error
    counts = _counts(file)
    if min(counts, default=0) < 0 or sum(counts) != file.metadata.num_rows:
        raise TableError("The parquet file is damaged: its footer contradicts itself on the number of rows.")
    return file


def parts(path: str, rows: int = PART_ROWS) -> list[Part]:
    """A file cut into pieces of whole row groups, of at least `rows` rows where the file has as many."""
    with open_table(path) as file:
        counts = _counts(file)
    found: list[Part] = []
    groups: list[int] = []
    first = held = 0
    for group, count in enumerate(counts):
        groups.append(group)
        held += count
        if held >= rows or group == len(counts) - 1:
            found.append(Part(path, tuple(groups), first, held))
            first, held, groups = first + held, 0, []
    return found or [Part(path, (), 0, 0)]


def captions(file: Table, groups: Sequence[int] | None = None) -> Iterator[pa.Array]:
    """The captions as large strings, which may be no UTF-8, batch by batch."""
    return _values(file, "text", TEXTS_AT_ONCE, groups, pa.large_string())


def images(file: Table, groups: Sequence[int] | None = None) -> Iterator[pa.Array]:
    """The encoded images as large binary, batch by batch."""
    leaf = "image.bytes" if kinds.is_struct(file.schema_arrow.field("image").type) else "image"
    return _values(file, leaf, IMAGES_AT_ONCE, groups, pa.large_binary())


def rows(file: Table, numbers: Iterable[int]) -> dict[int, tuple[bytes | None, str | None]]:
    """Some rows by number: their encoded images and captions. Only the row groups that hold them are read.

    Raises:
        TableError: there is no such row.
    """
    wanted = sorted({*numbers})
    counts = _counts(file)
    if wanted and not 0 <= wanted[0] <= wanted[-1] < sum(counts):
        raise TableError(_no_row(wanted[-1] if wanted[0] >= 0 else wanted[0], sum(counts)))
    found: dict[int, tuple[bytes | None, str | None]] = {}
    start = 0
    for group, count in enumerate(counts):
        here = [number for number in wanted if start <= number < start + count]
        if here:
            encoded = _picked(images(file, [group]), [number - start for number in here])
            texts = _picked(captions(file, [group]), [number - start for number in here])
            for number, image, text in zip(here, encoded, texts, strict=True):
                found[number] = (image, _text(text))
        start += count
    return found


def find(pattern: str) -> list[str]:
    """The files that an argument of the command line means: a path, a glob, or hf://datasets/OWNER/NAME[/PATH].

    Raises:
        TableError: none.
    """
    if pattern.startswith("hf://"):
        found = _find_on_hub(pattern)
    elif Path(pattern).is_dir():
        found = sorted(str(path) for path in Path(pattern).rglob("*.parquet"))
    elif Path(pattern).is_file():
        found = [pattern]
    else:
        import glob

        found = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207, absolute globs too
    if not found:
        raise TableError(f"There is no parquet file at {pattern}.")
    return found


def explain(error: Exception) -> TableError:
    """What went wrong while a file was read, as one sentence."""
    if isinstance(error, TableError):
        return error
    if isinstance(error, MemoryError):
        return TableError("The file needs more memory than one analysis may have; split it into smaller row groups.")
    if isinstance(error, (pa.ArrowException, OSError)):
        return TableError(_unreadable(error))
    return TableError(f"The analysis failed ({type(error).__name__}); please report this with the file that caused it.")


def _counts(file: Table) -> list[int]:
    """The rows of each row group, as the footer says."""
    return [file.metadata.row_group(i).num_rows for i in range(file.metadata.num_row_groups)]


def _values(file: Table, leaf: str, size: int, groups: Sequence[int] | None, kind: pa.DataType) -> Iterator[pa.Array]:
    """The values of a column, or of a field of it, cast to `kind` batch by batch."""
    name, _, inner = leaf.partition(".")
    left = MAX_UNFOLDED + MAX_GAIN * file.size
    # One group a call: the reader would fetch all groups of a call ahead.
    for group in range(file.metadata.num_row_groups) if groups is None else groups:
        count = 0
        for batch in file.iter_batches(size, row_groups=[group], columns=[leaf], use_threads=False):
            column = batch.column(name)  # by name, for a column "text.note" comes along with "text"
            column = (pc.struct_field(column, inner) if inner else column).cast(kind, safe=False)
            left -= column.nbytes
            if left < 0:
                raise TableError(
                    f"The file has {file.size:,} bytes but unfolds to over {MAX_UNFOLDED // 1_000_000} MB; no logos "
                    "and captions shrink that far, so it is not read."
                )
            count += len(column)
            yield column
        if count != file.metadata.row_group(group).num_rows:
            raise TableError(_TOO_FEW)


def _picked(batches: Iterable[pa.Array], places: list[int]) -> list[pa.Scalar]:
    """The values at ascending places of a stream, which is left at the last of them."""
    found: list[pa.Scalar] = []
    start = 0
    for batch in batches:
        found += [batch[place - start] for place in places if start <= place < start + len(batch)]
        start += len(batch)
        if len(found) == len(places):
            return [value.as_py() if pa.types.is_large_binary(value.type) else value for value in found]
    raise TableError(_TOO_FEW)


def _text(value: pa.Scalar) -> str | None:
    raw = value.cast(pa.large_string()).cast(pa.large_binary()).as_py() if value.is_valid else None
    return None if raw is None else raw.decode("utf-8", "replace")


def _check_magic(path: str) -> None:
    try:
        with Path(path).open("rb") as file:
            head = file.read(4)
            size = file.seek(0, 2)
            file.seek(max(size - 4, 0))
            tail = file.read(4)
    except FileNotFoundError as error:
        raise TableError(f"There is no file {path}.") from error
    except OSError as error:
        raise TableError(f"The file cannot be read: {error.strerror or 'unknown reason'}.") from error
    if not size:
        raise TableError("The file is empty; a parquet file with the columns image and text is needed.")
    if head != _MAGIC:
        raise TableError("This is not a parquet file; one with the columns image and text is needed.")
    if tail != _MAGIC or size < 12:
        raise TableError("The parquet file is cut off: its end is missing, so please upload it again as a whole.")


def _check_columns(schema: pa.Schema) -> None:
    missing = [name for name in COLUMNS if name not in schema.names]
    if missing:
        raise TableError(
            f"The columns image and text are needed, and {' and '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} missing; the file has {_listed(schema.names)}."
        )
    for name in COLUMNS:
        if schema.names.count(name) > 1:
            raise TableError(f"The file has {schema.names.count(name)} columns of the name {name}; it needs just one.")
    image, text = (schema.field(name).type for name in COLUMNS)
    if kinds.is_struct(image) and image.get_field_index("bytes") >= 0:
        image = image.field("bytes").type
    image = image.value_type if kinds.is_dictionary(image) else image
    if not (kinds.is_binary(image) or kinds.is_large_binary(image) or kinds.is_binary_view(image)):
        raise TableError(
            f"The column image holds {_plain(str(image), 80)}; it has to hold encoded image files, as binary or as a "
            "struct with the field bytes."
        )
    text = text.value_type if kinds.is_dictionary(text) else text
    if not (kinds.is_string(text) or kinds.is_large_string(text) or kinds.is_string_view(text)):
        raise TableError(f"The column text holds {_plain(str(text), 80)}; it has to hold strings.")


def _listed(names: Sequence[str]) -> str:
    """Names of columns, as many as a sentence has room for."""
    shown: list[str] = []
    for name in names:
        shown.append(_plain(name, _SHOWN_NAME) or "(no name)")
        if sum(map(len, shown)) > _SHOWN_NAMES:
            shown.pop()
            break
    more = f" and {len(names) - len(shown):,} more" if len(names) > len(shown) else ""
    return ", ".join(shown) + more if shown else "no columns"


def _plain(text: str, most: int) -> str:
    """A stranger's words within one of our sentences: short, and nothing in them that breaks or turns a line."""
    text = text if len(text) <= most else text[: most - 1] + "…"
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _unreadable(error: Exception) -> str:
    reason = _plain(" ".join(str(error).split()).replace(". ", "; "), 120).rstrip(".")
    if "checksum" in reason or "CRC" in reason:
        return "The parquet file is damaged: a page does not match its checksum."
    if "Exceeded size limit" in reason or "size limit" in reason:
        return (
            f"The parquet file has more than {MAX_FOOTER_ITEMS:,} columns or row groups, or a footer too large to read."
        )
    return f"The parquet file is damaged and cannot be read ({type(error).__name__}: {reason})."


def _no_row(number: int, total: int) -> str:
    if not total:
        return "The dataset has no rows."
    return f"There is no row {number}; the rows of this dataset are numbered from 0 to {total - 1}."


def _hub():
    from huggingface_hub import HfFileSystem

    return HfFileSystem()


def _find_on_hub(pattern: str) -> list[str]:
    rest = pattern.removeprefix("hf://").rstrip("/")
    if not rest.startswith("datasets/") or rest.count("/") < 2:
        raise TableError(
            f"{pattern} is no dataset; write hf://datasets/OWNER/NAME or hf://datasets/OWNER/NAME/*.parquet."
        )
    try:
        hub = _hub()
        inside = rest if rest.endswith(".parquet") else f"{rest}/**/*.parquet"
        return sorted(f"hf://{path}" for path in hub.glob(inside))
    except Exception as error:  # of the HTTP library, whose errors have no common parent with anything
        reason = " ".join(str(error).split())[:160].rstrip(".") or type(error).__name__
        raise TableError(f"The dataset {pattern} cannot be read: {reason}.") from error
