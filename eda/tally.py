"""What can be added up: counts of numbers and of words, lists of rows. The sum of the parts is that of the whole."""

from __future__ import annotations

import base64
import heapq
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

KEPT_WORDS = 10_000  # of a `Frequencies`; what is dropped beyond them is bounded by `error`
KEPT_ROWS = 100  # row numbers that a `Rows` names


@dataclass(frozen=True)
class Tally:
    """How often each number occurs: `values` ascending and distinct, `counts` beside them; both (D,)."""

    values: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    counts: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    @classmethod
    def of(cls, values: np.ndarray, counts: np.ndarray | None = None) -> Tally:
        """From numbers in any order, each `counts` times (once by default)."""
        if counts is None:
            return cls(*np.unique(values, return_counts=True))
        distinct, where = np.unique(values, return_inverse=True)
        summed = np.zeros(len(distinct), np.int64)
        np.add.at(summed, where, counts)
        return cls(distinct, summed)

    def __add__(self, other: Tally) -> Tally:
        return Tally.of(np.concatenate((self.values, other.values)), np.concatenate((self.counts, other.counts)))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Tally)
            and np.array_equal(self.values, other.values)
            and np.array_equal(self.counts, other.counts)
        )

    @property
    def count(self) -> int:
        """How many numbers there are, repetitions included."""
        return int(self.counts.sum())

    def quantile(self, q: float) -> float:
        """As numpy.quantile of the numbers themselves (linear between two), exactly.

        Raises:
            ValueError: there are no numbers.
        """
        if not len(self.values):
            raise ValueError("no numbers")
        at = q * (self.count - 1)
        until = np.cumsum(self.counts)
        low, high = (self.values[np.searchsorted(until, i, side="right")] for i in (int(at), int(np.ceil(at))))
        return float(low + (high - low) * (at - int(at)))

    def between(self, low: float, high: float) -> Tally:
        """Those from `low` to `high`, both included."""
        inside = (self.values >= low) & (self.values <= high)
        return Tally(self.values[inside], self.counts[inside])

    def figures(self) -> dict[str, float | int | None]:
        """count, min, max, mean and median; None where there are no numbers."""
        if not len(self.values):
            return {"count": 0, "min": None, "max": None, "mean": None, "median": None}
        mean = float(np.dot(self.values.astype(float), self.counts) / self.count)
        return {
            "count": self.count,
            "min": self.values[0].item(),
            "max": self.values[-1].item(),
            "mean": mean,
            "median": self.quantile(0.5),
        }

    def dump(self) -> dict:
        return {"values": pack(self.values), "counts": pack(self.counts)}

    @classmethod
    def load(cls, state: Mapping) -> Tally:
        return cls(unpack(state["values"], np.int64), unpack(state["counts"], np.int64))


@dataclass(frozen=True)
class Frequencies:
    """How often each text occurs, of the `KEPT_WORDS` most frequent.

    Exact until more have been seen; a count is then too low by at most `error`, and what is missing occurred at most
    `error` times.
    """

    counts: dict[str, int] = field(default_factory=dict)
    error: int = 0

    @classmethod
    def of(cls, counts: Mapping[str, int], error: int = 0) -> Frequencies:
        if len(counts) <= KEPT_WORDS:
            return cls(dict(counts), error)
        ranked = heapq.nsmallest(KEPT_WORDS + 1, counts.items(), key=lambda item: (-item[1], item[0]))
        return cls(dict(ranked[:-1]), error + ranked[-1][1])

    def __add__(self, other: Frequencies) -> Frequencies:
        counts = dict(self.counts)
        for text, n in other.counts.items():
            counts[text] = counts.get(text, 0) + n
        return Frequencies.of(counts, self.error + other.error)

    def dump(self) -> dict:
        return {"counts": self.counts, "error": self.error}

    @classmethod
    def load(cls, state: Mapping) -> Frequencies:
        return cls(dict(state["counts"]), state["error"])


@dataclass(frozen=True)
class Rows:
    """How many rows there are of a kind, and the first `KEPT_ROWS` of their numbers (from 0), ascending."""

    count: int = 0
    first: tuple[int, ...] = ()

    @classmethod
    def of(cls, numbers: Iterable[int]) -> Rows:
        numbers = [int(number) for number in numbers]
        return cls(len(numbers), tuple(sorted(numbers)[:KEPT_ROWS]))

    def after(self, rows: int) -> Rows:
        """The same rows with as many others before them."""
        return Rows(self.count, tuple(number + rows for number in self.first))

    def __add__(self, other: Rows) -> Rows:
        return Rows(self.count + other.count, tuple(sorted((*self.first, *other.first))[:KEPT_ROWS]))

    def dump(self) -> list:
        return [self.count, list(self.first)]

    @classmethod
    def load(cls, state: list) -> Rows:
        return cls(int(state[0]), tuple(state[1]))


def pack(values: np.ndarray) -> str:
    """An array as text, for JSON."""
    return base64.b64encode(zlib.compress(np.ascontiguousarray(values).tobytes(), 1)).decode()


def unpack(text: str, kind: np.dtype | type) -> np.ndarray:
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), kind)
