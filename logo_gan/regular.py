"""What is nearly regular made regular: containers become the shapes they mean to be, symmetric marks symmetric.

A generator paints on 64 × 64 places, and a fraction of a pixel there is a dent at 1024 px. Where a layer is explained
by a shape of `containers.py`, that shape is drawn in its place; where a mark looks the same in a mirror or turned, it
becomes the mean of all its views (`symmetry.py`); where a second tone is about half of its layer, it is cut straight.
A layer that is none of these keeps its shape.
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch.nn import functional as F

from logo_gan import containers
from logo_gan.symmetry import symmetric

LAYERS = 4  # container, its shade, mark, its accent: of other layers nothing is known
DEEPEST = 1.5  # fields are clipped here, as the generator's are
STEEPER = 2.0  # times as steep at most: eyes that are only hinted at go where all is made sharp

HALF = 0.7  # a second tone overlaps so far with half of its layer, or is none: shared area by joined area
WITHIN, OUTSIDE = 0.9, 0.3  # so much of a second tone lies within its layer, or no deeper outside


def regular(fields: torch.Tensor) -> torch.Tensor:
    """Fields (K, F, F) of one logo, as `choose.smooth` leaves them → (K, 2F, 2F), what is nearly regular made so.

    After the choice among candidates, not before: doubt is about what the generator painted, and blurred or dented
    edges are signs of it; and the choice looks at four times as many logos as are shown.
    """
    fields = decided(fields)
    if len(fields) != LAYERS:
        return doubled(fields)
    before = doubled(fields)
    shape, mark = containers.meant(fields[0]), symmetric(fields[2], before[2])
    container = before[0] if shape is None else shape.field(containers.plane(before.shape[-1]))
    mark = before[2] if mark is None else mark
    shade, accent = second_tone(before[1], before[0], container), second_tone(before[3], before[2], mark)
    return torch.stack((container, shade, mark, accent)).clamp(-DEEPEST, DEEPEST)


def decided(fields: torch.Tensor) -> torch.Tensor:
    """Fields (K, F, F) made nearly as steep at their outlines as distances are, so that edges are drawn less blurred.

    The outlines stay where they are, since nothing changes its sign.
    """
    unit = 64 / (containers.FIELD_UNIT * fields.shape[-1])  # what a distance rises by from one sample to the next
    around = _padded(fields)
    slope = torch.hypot(around[:, 1:-1, 2:] - around[:, 1:-1, :-2], around[:, 2:, 1:-1] - around[:, :-2, 1:-1]) / 2
    # The steepest nearby: on the ridge of a stroke there is no slope, but there is one beside it.
    around = _padded(slope)
    across = torch.maximum(torch.maximum(around[..., :-2], around[..., 2:]), around[..., 1:-1])
    around = _padded(torch.maximum(torch.maximum(across[:, :-2], across[:, 2:]), across[:, 1:-1]))
    across = around[..., :-2] + around[..., 2:] + around[..., 1:-1]
    steepest = (across[:, :-2] + across[:, 2:] + across[:, 1:-1]) / 9
    return (fields * (unit / steepest.clamp(min=1e-6)).clamp(1, STEEPER)).clamp(-DEEPEST, DEEPEST)


def _padded(fields: torch.Tensor) -> torch.Tensor:
    return F.pad(fields[None], (1, 1, 1, 1), mode="replicate")[0]


def second_tone(tone: torch.Tensor, before: torch.Tensor, base: torch.Tensor) -> torch.Tensor:
    """A second tone's field for a layer whose field was `before` and is `base` now; all (S, S).

    A tone that is about half of its layer becomes that half; another one is kept within the layer, and follows its
    outline where it did so before. What lies elsewhere is no second tone.
    """
    shown = tone > 0
    if float((shown & (before > -OUTSIDE)).sum()) < WITHIN * float(shown.sum()) or not shown.any():
        return tone
    lines = _lines(len(tone))
    halves = torch.minimum(lines, before) > 0
    overlap = (shown & halves).sum((1, 2)) / (shown | halves).sum((1, 2))
    best = int(overlap.argmax())
    if float(overlap[best]) > HALF:
        return torch.minimum(lines[best], base)
    return torch.minimum(tone + 0.3 * (1 - base.abs() / 0.5).clamp(min=0), base)


@lru_cache(maxsize=2)
def _lines(size: int) -> torch.Tensor:
    """(4, size, size): the fields of the halves right, below right, below and below left."""
    return (
        torch.stack([containers.half(containers.plane(size), quarter * math.pi / 4) for quarter in range(4)])
        * containers.UNIT
    )


def doubled(fields: torch.Tensor) -> torch.Tensor:
    """Fields (..., F, F) at twice the resolution (Catmull and Rom's spline: straight slopes stay straight)."""
    weights = _doubling(fields.shape[-1])
    return weights @ fields @ weights.T


@lru_cache(maxsize=4)
def _doubling(width: int) -> torch.Tensor:
    weights = torch.zeros(2 * width, width)
    rows = torch.arange(2 * width)
    for tap, weight in zip(range(-2, 3), (-3, 29, 111, -9, 0), strict=True):
        # An even sample lies a quarter before its own place, an odd one a quarter after.
        step = torch.where(rows % 2 == 0, tap, -tap)
        weights.index_put_((rows, (rows // 2 + step).clamp(0, width - 1)), torch.tensor(weight / 128), accumulate=True)
    return weights
