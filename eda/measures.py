"""What is measured of a dataset: the numbers that each row has, their names and units, and the ranges of their bins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from eda import pictures
from eda.statistics import Images, Summary
from eda.tally import Tally

BINS, MOST_BINS = 30, 100
FENCE = 3.0  # times the middle half, beyond which a value would ruin the bins


@dataclass(frozen=True)
class Measure:
    """A number that each row has: what has it, and how it is found. `texts/` holds its names."""

    rows: str  # "captions" or "images"
    of: Callable[[Summary], Tally]
    whole: bool = True


def _non_square(summary: Summary) -> Tally:
    aspects = summary.images.aspects
    other = aspects.values != 1
    return Tally(aspects.values[other], aspects.counts[other])


MEASURES = {
    "caption_length": Measure("captions", lambda s: s.texts.lengths),
    "epithets": Measure("captions", lambda s: s.texts.epithets),
    "height": Measure("images", lambda s: s.images.heights),
    "width": Measure("images", lambda s: s.images.widths),
    "aspect_ratio": Measure("images", lambda s: s.images.aspects, whole=False),
    "aspect_ratio_not_square": Measure("images", _non_square, whole=False),
    "pixels": Measure("images", lambda s: s.images.pixels),
}
OF_CAPTIONS = ("caption_length", "epithets")
OF_IMAGES = tuple(name for name in MEASURES if name not in OF_CAPTIONS)


def by_mode(images: Images) -> dict[str, int]:
    """Images by the channels that their header tells of."""
    grey = sum(n for mode, n in images.modes.items() if pictures.single_channel(mode))
    return {"rgb": sum(images.modes.values()) - grey, "black_and_white": grey}


def by_pixels(images: Images) -> dict[str, int]:
    """Images of the sample by what their pixels hold: a file with three equal channels is black-and-white."""
    seen = images.readable
    grey = int(seen["grey"].sum())
    return {"rgb": len(seen) - grey, "black_and_white": grey, "sampled": len(seen)}


def robust_range(tally: Tally) -> tuple[float, float]:
    """The range that bins should cover: within `FENCE` times the middle half of the quartiles, and 98 % in any case."""
    q01, q1, q3, q99 = (tally.quantile(q) for q in (0.01, 0.25, 0.75, 0.99))
    low, high = min(q1 - FENCE * (q3 - q1), q01), max(q3 + FENCE * (q3 - q1), q99)
    inside = tally.between(low, high).values
    return inside[0], inside[-1]


def bin_edges(low: float, high: float, bins: int, whole: bool) -> np.ndarray:
    """Edges of at most `bins` bins that hold low and high. Bins of whole numbers hold equally many of them."""
    bins = int(np.clip(bins, 1, MOST_BINS))
    if whole:
        step = -(-(int(high) - int(low) + 1) // bins)
        count = -(-(int(high) - int(low) + 1) // step)
        return int(low) - 0.5 + step * np.arange(count + 1)
    if high == low:
        return np.array([low - 0.05, low + 0.05])
    return np.linspace(low, high, bins + 1)
