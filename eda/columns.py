"""Record batches → what is known of each row, of its caption, header and pixels: arrays of one value a row."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eda import pictures
from eda.tally import Frequencies

LONG_CAPTION = 10_000  # characters; what a caption has beyond them is counted, but its words are not
LONG_PART = 100  # characters of a word or a part; those that begin with the same ones count as the same
WORD_BREAKS = r"[^\p{L}\p{M}\p{N}'’-]+"
NULL = 4  # verdict on a row without an image, after those of `pictures`
VERDICTS = {"damaged": pictures.DAMAGED, "oversized": pictures.OVERSIZED, "unsupported": pictures.UNSUPPORTED,
            "null_images": NULL}  # fmt: skip
BETWEEN = "\x1f"  # between a part of a caption and the one after it
_BETWEEN = pa.scalar(BETWEEN, pa.large_string())

# Of a decoded row: the hash of its file, its number, whether it is small enough to be blank, what it shows.
SAMPLED = np.dtype(
    [("key", "<u8"), ("row", "<i8"), ("small", "u1"), ("broken", "u1"), ("grey", "u1"), ("blank", "u1"),
     ("colour", "u1"), ("dhash", "<u8", (4,))]
)  # fmt: skip


@dataclass(frozen=True)
class TextColumns:
    """Of a batch of captions: lengths in characters and epithets (-1 without a caption), and what they are made of."""

    lengths: np.ndarray
    epithets: np.ndarray
    bad: np.ndarray  # rows whose bytes are no UTF-8
    words: Frequencies
    parts: Frequencies
    pairs: Frequencies  # "part, BETWEEN, the next part"


@dataclass(frozen=True)
class ImageColumns:
    """Of a batch of images: hashes of their files (0 without one), verdicts, sizes (0 where unknown), kinds."""

    hashes: np.ndarray
    verdicts: np.ndarray
    heights: np.ndarray
    widths: np.ndarray
    may_be_blank: np.ndarray
    formats: dict[str, int] = field(default_factory=dict)
    modes: dict[str, int] = field(default_factory=dict)


def text_columns(captions: pa.Array) -> TextColumns:
    """What is counted of captions, a string array of any kind; no loop over captions but where bytes are no UTF-8."""
    captions, bad = _utf8(captions)
    lengths, epithets = _lengths(captions)
    if lengths.max(initial=0) > LONG_CAPTION:
        captions = pc.utf8_slice_codeunits(captions, 0, LONG_CAPTION)
    split = pc.split_pattern(pc.utf8_lower(captions), ",")
    whole = pc.utf8_trim_whitespace(pc.list_flatten(split))
    parts = _cut(whole)
    rows = pc.list_parent_indices(split).to_numpy()
    later = np.ones(len(rows), bool)  # than the first part, which is the brand's and different in every row
    later[:1] = False
    later[1:] = rows[1:] == rows[:-1]
    before = np.flatnonzero(later[:-1] & later[1:])
    pairs = pc.binary_join_element_wise(parts.take(before), parts.take(before + 1), _BETWEEN)
    return TextColumns(lengths, epithets, bad, _words(whole), _count(parts.filter(pa.array(later))), _count(pairs))


def text_lengths(captions: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Only the lengths and the epithets of captions, which take a twentieth of the time."""
    return _lengths(_utf8(captions)[0])


def image_columns(images: pa.Array) -> ImageColumns:
    """What headers say of encoded images, a binary array of any kind."""
    n = len(images)
    hashes, verdicts = np.zeros(n, np.uint64), np.full(n, NULL, np.uint8)
    heights, widths, may_be_blank = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, bool)
    formats: dict[str, int] = {}
    modes: dict[str, int] = {}
    for i, value in enumerate(images):
        data = value.as_py()  # one by one: a batch of large files takes memory enough without a copy
        if data is None:
            continue
        found = pictures.header(data)
        hashes[i], verdicts[i] = file_hash(data), found.verdict
        heights[i], widths[i], may_be_blank[i] = found.height, found.width, found.may_be_blank
        if found.mode:
            formats[found.format] = formats.get(found.format, 0) + 1
            modes[found.mode] = modes.get(found.mode, 0) + 1
    return ImageColumns(hashes, verdicts, heights, widths, may_be_blank, formats, modes)


def pixel_columns(images: pa.Array, rows: Iterable[int], headers: ImageColumns, start: int = 0) -> np.ndarray:
    """What some images of a batch show, one `SAMPLED` record each.

    Args:
        rows: which ones, as numbered in `headers`; the first image of the batch has the number `start` there.
    """
    found = []
    for row in rows:
        seen = pictures.pixels(images[int(row) - start].as_py())
        shows = (
            (1, 0, 0, 0, (0, 0, 0, 0)) if seen is None else (0, seen.grey, seen.blank, seen.colour, tuple(seen.dhash))
        )
        found.append((headers.hashes[row], row, headers.may_be_blank[row], *shows))
    return np.array(found, SAMPLED)


def none() -> ImageColumns:
    """The columns of no rows."""
    whole = np.zeros(0, np.int64)
    return ImageColumns(whole.astype(np.uint64), whole.astype(np.uint8), whole, whole, whole.astype(bool))


def joined(batches: Sequence[ImageColumns]) -> ImageColumns:
    """The columns of several batches, one after the other."""
    arrays = ("hashes", "verdicts", "heights", "widths", "may_be_blank")
    whole = {name: np.concatenate([getattr(batch, name) for batch in batches]) for name in arrays}
    return ImageColumns(**whole, formats=total(*(b.formats for b in batches)), modes=total(*(b.modes for b in batches)))


def total(*counts: Mapping[str, int]) -> dict[str, int]:
    """Counts by name, added up."""
    names = sorted({name for each in counts for name in each})
    return {name: sum(each.get(name, 0) for each in counts) for name in names}


def file_hash(data: bytes) -> int:
    """64 bits of SHA-256, never 0: among a million files two different ones share them with odds of 1 in 10⁷."""
    return int.from_bytes(hashlib.sha256(data).digest()[:8], "little") or 1


def _words(parts: pa.Array) -> Frequencies:
    """The words of texts, many of which are the same: each is taken apart once."""
    counted = pc.value_counts(parts)
    split = pc.split_pattern_regex(counted.field("values"), WORD_BREAKS)
    times = counted.field("counts").take(pc.list_parent_indices(split))
    total = (
        pa.table({"word": _cut(pc.list_flatten(split)), "n": times})
        .group_by("word", use_threads=False)
        .aggregate([("n", "sum")])
    )
    return Frequencies.of(
        {word: n for word, n in zip(total["word"].to_pylist(), total["n_sum"].to_pylist(), strict=True) if word}
    )


def _utf8(captions: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """The captions as valid large strings, and the rows where bytes had to be replaced."""
    captions = captions.cast(pa.large_string(), safe=False)
    try:
        captions.validate(full=True)
        return captions, np.zeros(0, np.int64)
    except pa.ArrowInvalid:
        texts = captions.cast(pa.large_binary()).to_pylist()
        read = [None if text is None else text.decode("utf-8", "replace") for text in texts]
        bad = [i for i, text in enumerate(read) if text is not None and text.encode() != texts[i]]
        return pa.array(read, pa.large_string()), np.array(bad, np.int64)


def _lengths(captions: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    return _numbers(pc.utf8_length(captions)), _numbers(pc.count_substring(captions, ","))


def _cut(parts: pa.Array) -> pa.Array:
    """Without what goes beyond `LONG_PART`: ten thousand words of ten thousand characters would fill the memory."""
    too_long = pc.max(pc.binary_length(parts)).as_py() or 0
    return pc.utf8_slice_codeunits(parts, 0, LONG_PART) if too_long > LONG_PART else parts


def _numbers(column: pa.Array) -> np.ndarray:
    return pc.fill_null(column, -1).to_numpy(zero_copy_only=False).astype(np.int64)


def _count(texts: pa.Array) -> Frequencies:
    counts = pc.value_counts(texts)
    found = zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True)
    return Frequencies.of({text: n for text, n in found if text})
