"""Where real logos lie: a parquet file, a glob, a folder of shards or a dataset on the Hub, and a slice of its rows.

`datasets` says which shards a split has and which rows a slice means; the rows are read here. Left to itself it would
download every shard before it sliced (`train[-100000:]` of amazing_logos_v4 needs a quarter of 14 GB), and streaming
it refuses slices. Here the footer of each shard, a few kilobytes, says how many rows each row group has, and of the
shards only the row groups that the slice touches are read, one at a time, from the Hub's file system as from a disk.
"""

from __future__ import annotations

import glob
import io
import re
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

COLUMNS = ("image", "text")
ROWS = 64  # rows that become Python objects at a time
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
COMMIT = re.compile(r"[0-9a-f]{40}")
MAX_PIXELS = 16_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
HUB_SECONDS = 10.0  # for the first question to the Hub; what hangs then would hang for ever

Row = tuple[bytes | None, bytes | None]  # an encoded image, and its caption as UTF-8


class HubUnreachable(ValueError):
    """The Hub did not say which commit a revision is; the text is one sentence."""


@dataclass(frozen=True)
class Source:
    """A source found, not yet read: its name, and what must be the same for its rows to be the same.

    `identity` is the Hub's commit, or the paths, sizes and times of change of local files.
    """

    name: str
    identity: str
    paths: tuple[str, ...] = ()  # of a file or a glob; a folder and a dataset are resolved by `datasets`
    folder: str = ""
    commit: str = ""


@dataclass(frozen=True)
class Piece:
    """Rows first … last - 1 of a row group, which takes so many bytes to read."""

    path: str
    group: int
    first: int
    last: int
    bytes: int


def locate(source: str, revision: str | None = None) -> Source:
    """Find a source. A dataset's revision (a branch, a tag; default: the main branch) is pinned to its commit.

    Raises:
        HubUnreachable: the Hub does not answer, or has no such dataset or revision.
        ValueError: there is nothing there, or a revision is given for local files.
    """
    folder = Path(source).is_dir()
    found = [source] if Path(source).is_file() else sorted(glob.glob(source))  # noqa: PTH207, absolute globs too
    if folder:
        found = sorted(map(str, Path(source).rglob("*.parquet")))
        if not found:
            raise ValueError(f"The folder {source} holds no parquet file.")
    if found:
        if revision:
            raise ValueError("--revision belongs to a dataset on the Hub; local files have none.")
        stats = [(str(Path(path).resolve()), Path(path).stat()) for path in found]
        identity = "\n".join(f"{path} {stat.st_size} {stat.st_mtime_ns}" for path, stat in stats)
        return Source(source, identity, () if folder else tuple(found), source if folder else "")
    if not HUB_ID.fullmatch(source) or source.endswith(".parquet"):
        raise ValueError(
            f"No data at '{source}': give `memory`, a parquet file, a glob, a folder, or a dataset as owner/name."
        )
    commit = revision if revision and COMMIT.fullmatch(revision) else _commit(source, revision)
    return Source(f"{source}@{commit}", f"{source}@{commit}", commit=commit)


def _commit(name: str, revision: str | None) -> str:
    try:
        from huggingface_hub import HfApi
    except ImportError as error:
        raise ValueError(f"No data at '{name}', and datasets of the Hub need the package huggingface_hub.") from error
    from logo_gan.model import hub

    try:
        # Asked first, once and with a limit: whatever else asks the Hub tries again for half a minute.
        return HfApi().dataset_info(name, revision=revision, timeout=HUB_SECONDS).sha
    except Exception as error:  # httpx2's errors have no common parent with anything
        at = f" at revision '{revision}'" if revision else ""
        reason = hub.reason(error).rstrip(".")
        raise HubUnreachable(f"The dataset '{name}'{at} cannot be read: {reason}.") from error


def pieces(source: Source, split: str | None = None) -> list[Piece]:
    """The row groups, or parts of them, that make up a split or a slice of it, in order.

    Args:
        split: as `datasets` reads it, for example `train`, `train[-100000:]`, `train[10%:20%]`, `train+test`;
            default `train`, which is also the name of all rows of a file or a glob.

    Raises:
        ValueError: no such split, a slice of no rows, a damaged shard, columns other than an image and a text.
    """
    split = split or "train"
    shards = {"train": list(source.paths)} if source.paths else _shards(source)
    named = [re.match(r"\s*[\w.]*", part)[0].strip() for part in split.split("+")]
    for name in named:
        if name not in shards:
            raise ValueError(f"{source.name} has no split '{name}'; it has {', '.join(shards)}.")
    groups: dict[str, list[tuple[str, int, int, int]]] = {}
    with ThreadPoolExecutor(8 if source.commit else 1) as pool:
        for name in dict.fromkeys(named):
            footers = pool.map(_footer, shards[name])
            groups[name] = [
                (path, group, rows, size)
                for path, counts in zip(shards[name], footers, strict=True)
                for group, (rows, size) in enumerate(counts)
            ]
    totals = {name: sum(rows for _, _, rows, _ in of) for name, of in groups.items()}
    found = []
    for name, start, stop in _slices(split, totals):
        at = 0
        for path, group, rows, size in groups[name]:
            first, last = max(start - at, 0), min(stop - at, rows)
            if first < last:
                found.append(Piece(path, group, first, last, size))
            at += rows
    if not found:
        had = ", ".join(f"{name} has {total:,}" for name, total in totals.items())
        raise ValueError(f"'{split}' of {source.name} has no rows: {had}.")
    return found


def _slices(split: str, totals: dict[str, int]) -> list[tuple[str, int, int]]:
    if split in totals:  # without `datasets`, which a bare machine may lack
        return [(split, 0, totals[split])]
    datasets = _datasets()
    try:
        return [(p.splitname, p.from_, p.to) for p in datasets.ReadInstruction.from_spec(split).to_absolute(totals)]
    except (ValueError, AssertionError) as error:
        raise ValueError(
            f"'{split}' is no split or slice of one: write train, train[-1000:], train[10%:20%] or the like."
        ) from error


def _shards(source: Source) -> dict[str, list[str]]:
    """The parquet files of each split of a folder or of a dataset on the Hub, as `datasets` finds them."""
    datasets = _datasets()
    name = source.folder or source.name.split("@")[0]
    with tempfile.TemporaryDirectory() as unused:  # where it would keep what it prepares
        try:
            builder = datasets.load_dataset_builder(name, revision=source.commit or None, cache_dir=unused)
            files = {str(split): [str(f) for f in paths] for split, paths in builder.config.data_files.items()}
        except Exception as error:  # the package raises a dozen kinds, from network failures to unknown layouts
            reason = " ".join(str(error).split())[:160].rstrip(".") or type(error).__name__
            raise ValueError(f"The dataset '{source.name}' cannot be read: {reason}.") from error
    other = next((f for paths in files.values() for f in paths if not f.endswith(".parquet")), None)
    if other:
        raise ValueError(
            f"The dataset '{source.name}' is not stored as parquet ({other.rsplit('/', 1)[-1]});"
            " the Hub keeps such a copy of most datasets under --revision refs/convert/parquet."
        )
    return files


def _datasets():
    try:
        import datasets
    except ImportError as error:
        raise ValueError(
            "Splits, folders and datasets on the Hub need the package `datasets`; a parquet file or a glob does not."
        ) from error
    return datasets


def _open(path: str):
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        if path.startswith("hf://"):
            from huggingface_hub import HfFileSystem

            return pq.ParquetFile(HfFileSystem().open(path, "rb"))
        return pq.ParquetFile(path)
    except pa.ArrowException as error:
        raise ValueError(f"{path} is not a readable parquet file.") from error


def _footer(path: str) -> list[tuple[int, int]]:
    """The number of rows of each row group and its bytes, after a look at the columns."""
    import pyarrow.types as kinds

    with _open(path) as file:
        schema = file.schema_arrow
        missing = set(COLUMNS) - set(schema.names)
        if missing:
            raise ValueError(
                f"{path} has no column {' and '.join(sorted(missing))}; it has {', '.join(schema.names)[:300]}."
            )
        if any(schema.names.count(name) > 1 for name in COLUMNS):
            raise ValueError(f"{path} has two columns of the name image or text.")
        image, text = (schema.field(name).type for name in COLUMNS)
        if kinds.is_struct(image) and image.get_field_index("bytes") >= 0:
            image = image.field("bytes").type
        if not (kinds.is_binary(image) or kinds.is_large_binary(image) or kinds.is_binary_view(image)):
            raise ValueError(f"The column image of {path} holds {image}: encoded images or structs with them are read.")
        text = text.value_type if kinds.is_dictionary(text) else text
        if not (kinds.is_string(text) or kinds.is_large_string(text) or kinds.is_string_view(text)):
            raise ValueError(f"The column text of {path} holds {text}, and captions are strings.")
        groups = map(file.metadata.row_group, range(file.metadata.num_row_groups))
        return [(group.num_rows, group.total_byte_size) for group in groups]


def read(parts: list[Piece], start: int = 0) -> Iterator[Row]:
    """The rows of the pieces from number `start` on; never more than one row group in memory.

    Raises:
        ValueError: a shard is damaged, or the Hub stopped answering.
    """
    path, file = "", None
    try:
        for part in parts:
            first = part.first + start
            start = max(first - part.last, 0)
            if first >= part.last:
                continue
            if part.path != path:
                if file:
                    file.close()
                path, file = part.path, _open(part.path)
            yield from _read_group(file, part.group, first, part.last)
    except ValueError:
        raise
    except Exception as error:  # pyarrow's, the system's, or one of the HTTP library's
        reason = " ".join(str(error).split())[:160].rstrip(".") or type(error).__name__
        raise ValueError(f"{path} could not be read to the end: {reason}.") from error
    finally:
        if file:
            file.close()


def _read_group(file, group: int, first: int, last: int) -> Iterator[Row]:
    import pyarrow as pa

    at = 0
    # One group a call: the reader would fetch all groups of a call ahead, a whole shard if need be.
    for batch in file.iter_batches(ROWS, row_groups=[group], columns=list(COLUMNS)):
        low, high = max(first - at, 0), min(last - at, len(batch))
        at += len(batch)
        if low >= high:
            continue
        images, texts = (batch.slice(low, high - low)[name] for name in COLUMNS)
        if isinstance(texts, pa.DictionaryArray):
            texts = texts.dictionary_decode()
        # As bytes, since one caption of bad UTF-8 must not cost its neighbours.
        for image, text in zip(images.to_pylist(), texts.cast(pa.large_binary()).to_pylist(), strict=True):
            yield (image.get("bytes") if isinstance(image, dict) else image), text


def picture(encoded: bytes, size: int) -> np.ndarray | str:
    """An encoded image → uint8 (3, size, size) on white, resized with antialiasing, or why it cannot be."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        image = Image.open(io.BytesIO(encoded), formats=FORMATS)
        if image.width * image.height > MAX_PIXELS:
            return "oversized"
        if image.mode.startswith("I"):  # 16 bits of grey, which `convert` would clip to white
            image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
        if image.mode not in ("L", "RGB") or "transparency" in image.info:
            image = image.convert("RGBA")
            ground = Image.new("RGBA", image.size, "white")
            ground.alpha_composite(image)
            image = ground
        square = ImageOps.pad(image.convert("RGB"), (size, size), Image.Resampling.LANCZOS, color="white")
        return np.asarray(square).transpose(2, 0, 1)
    except Image.DecompressionBombError:
        return "oversized"
    except UnidentifiedImageError:
        return "of another format"
    except Exception:  # decoders of damaged files raise whatever they stumble over, SyntaxError for one
        return "damaged"
