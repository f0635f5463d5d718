"""What is measured of a generator: does it draw what a visitor asks for, four different logos of it, as good as others?

Each request (`requests.py`) is drawn four times. The same requests drawn by the composer give each measure's ceiling,
since neither judge nor colour clusters are always right; composed logos held against one another's requests give its
floor. What compares logos as a whole is in `distribution.py`. `quick` measures a run while it trains.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from logo_gan import distances, distribution, features, judges
from logo_gan.requests import KINDS, LOGOS, SEED, Request, compose, draw, requests

if TYPE_CHECKING:
    from logo_gan.pipeline import LogoGAN

PROMPTS = 300  # requests where no number is given: 60 of each kind
REFERENCE = 150  # floors and ceilings are taken on at least so many
OTHERS = 32  # other requests that each logo is held against for the floor
QUICK = 100


@dataclass(frozen=True)
class Shown:
    """What the judges see in a logo."""

    mark: str
    container: str
    colours: judges.Seen


@dataclass(frozen=True)
class Measure:
    """A share of logos: which requests it concerns, when a logo fulfils one, and by what that is told."""

    kinds: tuple[str, ...]
    right: Callable[[Request, Shown], bool]
    extractor: str


MEASURES = {
    "colour": Measure(("colour",), lambda r, s: r.colour in s.colours.dominant, "pixels, OKLab clusters"),
    # "A navy lamp in a diamond": drawn as a navy diamond, or as a navy lamp on a quiet one.
    "colour_in_container": Measure(
        ("colour and container",),
        lambda r, s: r.colour in s.colours.dominant + s.colours.mark,
        "pixels, OKLab clusters by place",
    ),
    "container": Measure(
        ("container", "binding", "colour and container"), lambda r, s: s.container == r.container, "judge, 9 containers"
    ),
    "object": Measure(KINDS[:4], lambda r, s: s.mark == r.mark, "judge, {} marks"),
    "binding": Measure(
        ("binding",),
        lambda r, s: r.colour in s.colours.mark and r.container_colour in s.colours.container,
        "pixels, OKLab clusters by place",
    ),
    "synonym": Measure(("synonym",), lambda r, s: s.mark == r.mark, "judge, {} marks"),
}


def look(images: np.ndarray) -> list[list[Shown]]:
    """uint8 (N, 4, 64, 64, 3) → what each logo shows."""
    flat = images.reshape(-1, *images.shape[2:])
    pixels = torch.from_numpy(np.ascontiguousarray(flat)).permute(0, 3, 1, 2).float() / 255
    shown = [Shown(*row) for row in zip(*judges.load().name(pixels), judges.colours_of(flat), strict=True)]
    return [shown[k : k + images.shape[1]] for k in range(0, len(shown), images.shape[1])]


def share(measure: Measure, asked: list[Request], shown: list[list[Shown]]) -> tuple[float, int]:
    """The share of logos that fulfil their request, of the requests that a measure concerns, and how many those are."""
    rights = [measure.right(r, s) for r, row in zip(asked, shown, strict=True) if r.kind in measure.kinds for s in row]
    return (float(np.mean(rights)) if rights else math.nan), len(rights)


def chance(measure: Measure, asked: list[Request], shown: list[list[Shown]]) -> float:
    """The share where each logo is held against up to 32 other requests: what ignoring the prompt gets."""
    pairs = [(r, row) for r, row in zip(asked, shown, strict=True) if r.kind in measure.kinds]
    n = len(pairs)
    rights = [measure.right(pairs[i][0], pairs[i - k][1][0]) for i in range(n) for k in range(1, min(OTHERS + 1, n))]
    return float(np.mean(rights)) if rights else math.nan


def spread(images: np.ndarray) -> np.ndarray:
    """(N, 4, 64, 64, 3) uint8 → (N,): the mean distance (root mean square, values in [0, 1]) of two logos."""
    x = images.reshape(*images.shape[:2], -1).astype(np.float32) / 255
    i, j = np.triu_indices(images.shape[1], 1)
    return np.sqrt(((x[:, i] - x[:, j]) ** 2).mean(-1)).mean(-1)


def wilson(value: float, n: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    middle, wide = value + z * z / (2 * n), z * math.sqrt(value * (1 - value) / n + (z / (2 * n)) ** 2)
    return (middle - wide) / (1 + z * z / n), (middle + wide) / (1 + z * z / n)


def evaluate(
    model: LogoGAN, data: str | None = None, n: int | None = None, seed: int = SEED, split: str | None = None
) -> dict[str, dict]:
    """Measure a model on n requests, four logos each, and compare as many logos of captions with others' logos.

    Args:
        model: the generator.
        data: what it is compared with: None or "compose" for composed logos of a seed of their own; else a parquet
            file, a folder of them or a Hub dataset.
        n: requests; 300 by default.
        seed: of the requests and their logos.
        split: of the data, or a slice of one.

    Returns:
        {measure: {value, interval, n, extractor, floor, ceiling, noise, collapsed, ...}}, as `follow` and
        `distribution.measure` give them.

    Raises:
        ValueError: n is less than one request of each kind, or the data cannot be read or is too little.
    """
    n = PROMPTS if n is None else n
    if n < len(KINDS):
        raise ValueError(f"At least {len(KINDS)} prompts are needed, one of each kind, not {n}.")
    compared = distribution.measure(model, data, max(LOGOS * n, distribution.LEAST), split)
    return follow(model, n, seed) | compared


def follow(model: LogoGAN, n: int = PROMPTS, seed: int = SEED) -> dict[str, dict]:
    """Does a model draw what n requests ask for, and four different logos of each?

    Returns:
        {measure: {value, interval, n, extractor, floor, ceiling, ...}}. `n` counts logos, but the 95 % interval takes
        the requests as the sample, since the four logos of one are alike. `ceiling` is of composed logos in the forms
        that generators are taught, `ceiling_held_out` in the others.
    """
    asked, reference = requests(n, seed), requests(max(n, REFERENCE), seed)
    images, composed = draw(model, asked, seed), compose(reference, False, seed)
    shown, best, other = look(images), look(composed), look(compose(reference, True, seed))
    measured = {}
    for name, measure in MEASURES.items():
        value, count = share(measure, asked, shown)
        measured[name] = {
            "value": value, "interval": wilson(value, count // LOGOS), "n": count,
            "extractor": measure.extractor.format(len(judges.load().marks)), "floor": chance(measure, reference, best),
            "ceiling": share(measure, reference, best)[0], "ceiling_held_out": share(measure, reference, other)[0],
        }  # fmt: skip
    own, theirs = spread(images), spread(composed[:n])
    again = spread(compose(asked, False, seed + 1))
    measured["diversity"] = {
        "value": float(own.mean() / theirs.mean()), "interval": _bootstrap(own, theirs), "n": n * LOGOS,
        "extractor": "pixels, distance ÷ composed", "floor": 0.0, "ceiling": float(again.mean() / theirs.mean()),
    }  # fmt: skip
    return measured


def quick(drawing: Callable[[list[str], int], np.ndarray], n: int = QUICK, seed: int = SEED) -> dict[str, float]:
    """The measures of a run's history, in seconds: at least n requests, and no fewer than a Fréchet distance takes.

    Distances and shares compare the logos of all requests with the composer's of the same, in domain features.

    Args:
        drawing: prompts and a seed → logos uint8 (N, 4, 64, 64, 3), four of each prompt.
        n: requests.
        seed: of the requests and the logos.

    Raises:
        ValueError: the logos have another shape.
    """
    asked = requests(max(n, len(KINDS), -(-distribution.LEAST // LOGOS)), seed)
    images = np.asarray(drawing([request.prompt for request in asked], seed))
    wanted = (len(asked), LOGOS, judges.SIZE, judges.SIZE, 3)
    if images.shape != wanted or images.dtype != np.uint8:
        raise ValueError(f"The logos to measure must be uint8 {wanted}, not {images.dtype} {images.shape}.")
    shown, (reference, apart) = look(images), _composed(len(asked), seed)
    found = {name: share(measure, asked, shown)[0] for name, measure in MEASURES.items()}
    found["diversity"] = float(spread(images).mean() / apart)
    own = features.load("domain")(_flat(images))
    found |= {
        "frechet_distance": distances.frechet(reference, own),
        "kernel_distance": distances.kernel(reference, own),
    }
    return found | distances.manifold(reference, own)


@cache
def _composed(n: int, seed: int) -> tuple[Tensor, float]:
    """Domain features of the composer's logos for the first n requests, and their mean spread."""
    images = compose(requests(n, seed), False, seed)
    return features.load("domain")(_flat(images)), float(spread(images).mean())


def _flat(images: np.ndarray) -> Tensor:
    """(N, 4, S, S, 3) → (4 N, 3, S, S)."""
    return torch.from_numpy(images.reshape(-1, *images.shape[2:])).permute(0, 3, 1, 2).contiguous()


def _bootstrap(above: np.ndarray, below: np.ndarray, times: int = 1000) -> tuple[float, float]:
    """The 95 % interval of a ratio of two means over the same requests."""
    rows = np.random.default_rng(SEED).integers(0, len(above), (times, len(above)))
    low, high = np.quantile(above[rows].mean(1) / below[rows].mean(1), (0.025, 0.975))
    return float(low), float(high)
