"""Per-row columns → a summary that can be added to that of other rows, stored as JSON, and drawn without the file.

Rows are numbered from 0. In a sum, those of the second summary come after those of the first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from eda import columns, pictures
from eda.columns import SAMPLED, ImageColumns, TextColumns
from eda.tally import KEPT_ROWS, Frequencies, Rows, Tally, pack, unpack

SAMPLE = 2_048  # images whose pixels are looked at: those with the smallest hashes
FAULTS = (
    "damaged",
    "blank",
    "oversized",
    "unsupported",
    "null_images",
    "null_captions",
    "bad_captions",
    "long_captions",
)
NEAR = 0.08  # of the bits set in two difference hashes: where no more differ, two images are nearly the same
NEAR_LEAST = 16  # bits set in either: with fewer, as in pictures of level bands, a hash says too little
NEAR_PAIRS = 100  # that are named
_WIDTH = 32  # bits of the width in a packed shape
_VERSION = 1


@dataclass(frozen=True)
class Texts:
    """All that is counted of captions."""

    rows: int = 0
    lengths: Tally = field(default_factory=Tally)
    epithets: Tally = field(default_factory=Tally)
    words: Frequencies = field(default_factory=Frequencies)
    parts: Frequencies = field(default_factory=Frequencies)
    pairs: Frequencies = field(default_factory=Frequencies)
    faults: Mapping[str, Rows] = field(default_factory=dict)

    @classmethod
    def of(cls, batch: TextColumns) -> Texts:
        there = batch.lengths >= 0
        faults = {
            "null_captions": Rows.of(np.flatnonzero(~there)),
            "bad_captions": Rows.of(batch.bad),
            "long_captions": Rows.of(np.flatnonzero(batch.lengths > columns.LONG_CAPTION)),
        }
        lengths, epithets = Tally.of(batch.lengths[there]), Tally.of(batch.epithets[there])
        return cls(len(there), lengths, epithets, batch.words, batch.parts, batch.pairs, faults)

    @classmethod
    def of_lengths(cls, lengths: np.ndarray, epithets: np.ndarray) -> Texts:
        """Before the words have been counted; -1 stands for a row without a caption."""
        return cls(len(lengths), Tally.of(lengths[lengths >= 0]), Tally.of(epithets[epithets >= 0]))

    def __add__(self, other: Texts) -> Texts:
        return Texts(
            self.rows + other.rows, self.lengths + other.lengths, self.epithets + other.epithets,
            self.words + other.words, self.parts + other.parts, self.pairs + other.pairs,
            _joined(self.faults, other.faults, self.rows),
        )  # fmt: skip


@dataclass(frozen=True)
class Images:
    """All that is counted of images. `shapes` holds height · 2³² + width; `sample` records sorted by hash, then row."""

    rows: int = 0
    hashes: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint64))
    shapes: Tally = field(default_factory=Tally)
    formats: Mapping[str, int] = field(default_factory=dict)
    modes: Mapping[str, int] = field(default_factory=dict)
    faults: Mapping[str, Rows] = field(default_factory=dict)
    sample: np.ndarray = field(default_factory=lambda: np.zeros(0, SAMPLED))

    @classmethod
    def of(cls, batch: ImageColumns) -> Images:
        known = batch.heights > 0
        faults = {
            name: Rows.of(np.flatnonzero(batch.verdicts == verdict)) for name, verdict in columns.VERDICTS.items()
        }
        return cls(
            len(batch.hashes), batch.hashes, Tally.of((batch.heights[known] << _WIDTH) + batch.widths[known]),
            batch.formats, batch.modes, faults,
        )  # fmt: skip

    def seen(self, pixels: np.ndarray, chosen: np.ndarray) -> Images:
        """With what decoded rows show: the chosen ones, which are the sample, and all those small enough to be blank,
        of which the blank and the broken ones are counted."""
        small = pixels[pixels["small"] == 1]
        faults = {**self.faults, "blank": Rows.of(small["row"][small["blank"] == 1])}
        faults["damaged"] += Rows.of(small["row"][small["broken"] == 1])
        sample = _smallest(pixels[np.isin(pixels["row"], chosen)])
        return Images(self.rows, self.hashes, self.shapes, self.formats, self.modes, faults, sample)

    def __add__(self, other: Images) -> Images:
        later = other.sample.copy()
        later["row"] += self.rows
        return Images(
            self.rows + other.rows, np.concatenate((self.hashes, other.hashes)), self.shapes + other.shapes,
            columns.total(self.formats, other.formats), columns.total(self.modes, other.modes),
            _joined(self.faults, other.faults, self.rows), _smallest(np.concatenate((self.sample, later))),
        )  # fmt: skip

    @property
    def heights(self) -> Tally:
        return Tally.of(self.shapes.values >> _WIDTH, self.shapes.counts)

    @property
    def widths(self) -> Tally:
        return Tally.of(self.shapes.values & (1 << _WIDTH) - 1, self.shapes.counts)

    @property
    def aspects(self) -> Tally:
        """Height ÷ width."""
        return Tally.of((self.shapes.values >> _WIDTH) / (self.shapes.values & (1 << _WIDTH) - 1), self.shapes.counts)

    @property
    def pixels(self) -> Tally:
        return Tally.of((self.shapes.values >> _WIDTH) * (self.shapes.values & (1 << _WIDTH) - 1), self.shapes.counts)

    @property
    def readable(self) -> np.ndarray:
        """The records of the sample that could be decoded."""
        return self.sample[self.sample["broken"] == 0]


@dataclass(frozen=True)
class Summary:
    """What is known of a dataset: of its captions, and of its images once they have been read."""

    texts: Texts = field(default_factory=Texts)
    images: Images | None = None

    @property
    def rows(self) -> int:
        return self.texts.rows

    def __add__(self, other: Summary) -> Summary:
        both = self.images is not None and other.images is not None
        return Summary(self.texts + other.texts, self.images + other.images if both else None)

    @cached_property
    def faults(self) -> dict[str, Rows]:
        """What is wrong, by kind. A sampled image that cannot be decoded, or is blank, joins those that were told by
        their header or their size; the pixels of the other rows have not been looked at."""
        none = dict.fromkeys(FAULTS, Rows())
        if self.images is None:
            return {**none, **self.texts.faults}
        found = {**none, **self.texts.faults, **self.images.faults}
        sample = self.images.sample[self.images.sample["small"] == 0]
        found["blank"] += Rows.of(sample["row"][sample["blank"] == 1])
        found["damaged"] += Rows.of(sample["row"][sample["broken"] == 1])
        return {**found, "exact_duplicates": self.duplicates()}

    def duplicates(self) -> Rows:
        """Rows whose file is, byte for byte, that of an earlier row."""
        return Rows.of(np.concatenate([group[1:] for group in self._same] or [[]]))

    def duplicate_groups(self, most: int = KEPT_ROWS) -> list[list[int]]:
        """Rows that share one file, the largest groups first."""
        groups = sorted(self._same, key=lambda group: (-len(group), group[0]))
        return [[int(row) for row in group[:most]] for group in groups[:most]]

    @cached_property
    def _same(self) -> list[np.ndarray]:
        if self.images is None:
            return []
        order = np.argsort(self.images.hashes, kind="stable")
        ordered = self.images.hashes[order]
        starts = np.flatnonzero(np.diff(ordered, prepend=np.uint64(0)))  # of hashes; 0 stands for no image
        sizes = np.diff(starts, append=len(order))
        return [order[start : start + size] for start, size in zip(starts, sizes, strict=True) if size > 1]

    @property
    def near_duplicates(self) -> list[tuple[int, int]]:
        """The first `NEAR_PAIRS` pairs of sampled rows that look nearly the same, the most alike first."""
        return self._near[1]

    @property
    def near_duplicate_count(self) -> int:
        """How many such pairs there are."""
        return self._near[0]

    @cached_property
    def _near(self) -> tuple[int, list[tuple[int, int]]]:
        """Number of pairs, and the most alike of them; exact duplicates are left out.

        Their difference hashes agree but for a share of `NEAR` of the bits that either sets (few are set in a picture
        that is mostly ground), and their dominant colour is the same.
        """
        if self.images is None:
            return 0, []
        sample = self.images.readable
        sample = sample[sample["blank"] == 0]
        sample = sample[np.unique(sample["key"], return_index=True)[1]]
        count, pairs = 0, []
        for i in range(len(sample) - 1):
            one, others = sample[i], sample[i + 1 :]
            apart = np.bitwise_count(one["dhash"] ^ others["dhash"]).sum(1, dtype=np.int64)
            either = np.bitwise_count(one["dhash"] | others["dhash"]).sum(1, dtype=np.int64)
            alike = (apart <= NEAR * either) & (either >= NEAR_LEAST) & (others["colour"] == one["colour"])
            for j in np.flatnonzero(alike):
                pairs.append((apart[j] / either[j], *sorted((int(one["row"]), int(others["row"][j])))))
            count += int(alike.sum())
            pairs = sorted(pairs)[:NEAR_PAIRS]
        return count, [(first, second) for _, first, second in pairs]

    def dumps(self) -> str:
        """The whole state as JSON; see `loads`."""
        texts = {"rows": self.texts.rows, "faults": {name: rows.dump() for name, rows in self.texts.faults.items()}}
        for name in ("lengths", "epithets", "words", "parts", "pairs"):
            texts[name] = getattr(self.texts, name).dump()
        state: dict = {"version": _VERSION, "texts": texts}
        if (images := self.images) is not None:
            state["images"] = {
                "rows": images.rows, "hashes": pack(images.hashes), "shapes": images.shapes.dump(),
                "formats": dict(images.formats), "modes": dict(images.modes), "sample": pack(images.sample),
                "faults": {name: rows.dump() for name, rows in images.faults.items()},
            }  # fmt: skip
        return json.dumps(state)

    @classmethod
    def loads(cls, text: str | bytes) -> Summary:
        state = json.loads(text)
        texts = state["texts"]
        loaded = Texts(
            texts["rows"], Tally.load(texts["lengths"]), Tally.load(texts["epithets"]),
            Frequencies.load(texts["words"]), Frequencies.load(texts["parts"]),
            Frequencies.load(texts["pairs"]), _loaded(texts["faults"]),
        )  # fmt: skip
        images = state.get("images")
        if images is not None:
            images = Images(
                images["rows"], unpack(images["hashes"], np.uint64), Tally.load(images["shapes"]), images["formats"],
                images["modes"], _loaded(images["faults"]), unpack(images["sample"], SAMPLED),
            )  # fmt: skip
        return cls(loaded, images)


def chosen(hashes: np.ndarray, verdicts: np.ndarray, limit: int = 1 << 64, least: int = 0) -> np.ndarray:
    """The rows of a sample: the `SAMPLE` smallest hashes below `limit` among whole images, `least` of them at least."""
    whole = np.flatnonzero(verdicts == pictures.OK)
    ordered = whole[np.argsort(hashes[whole], kind="stable")][:SAMPLE]
    below = sum(int(key) < limit for key in hashes[ordered])
    return ordered[: max(below, least)]


def sample_limit(rows: int) -> int:
    """Hashes that can be among the `SAMPLE` smallest of so many rows, with a margin of one half."""
    return (1 << 64) if rows * 2 <= SAMPLE * 3 else (1 << 64) * SAMPLE * 3 // (rows * 2)


def _smallest(sample: np.ndarray) -> np.ndarray:
    return sample[np.lexsort((sample["row"], sample["key"]))][:SAMPLE]


def _joined(first: Mapping[str, Rows], second: Mapping[str, Rows], rows: int) -> dict[str, Rows]:
    names = [*first, *(name for name in second if name not in first)]
    return {name: first.get(name, Rows()) + second.get(name, Rows()).after(rows) for name in names}


def _loaded(faults: Mapping[str, list]) -> dict[str, Rows]:
    return {name: Rows.load(rows) for name, rows in faults.items()}
