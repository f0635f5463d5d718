"""What is nearly regular made regular: containers become the shapes they mean to be, symmetric marks symmetric.

A generator paints on 64 × 64 places, and a fraction of a pixel there is a dent at 1024 px. Where a layer is explained
by a shape of `containers.py`, that shape is drawn in its place; where a mark looks the same in a mirror or turned, it
becomes the mean of all its views, in which what is not symmetric in it, noise, goes. A layer that is neither stays.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch.nn import functional as F

from logo_gan import containers
from logo_gan.containers import FIELD_UNIT, SHAPES, UNIT, half, rim, signed_distance

LAYERS = 4  # container, its shade, mark, its accent: of other layers nothing is known
DEEPEST = 1.5  # fields are clipped here, as the generator's are
STEEPER = 8.0  # times as steep at most

CALMING_STEPS, CALMING = 4, 0.5  # steps of outlines along their curvature, and how long one is
BENT = 0.15  # radians a sample: what bends more is meant to

# A container fits where its field differs so little from the shape's, near the outline; a field of 1 is 4 px of 64.
CONTAINER_RMS, CONTAINER_MOST = 0.15, 0.5
SCORED = 32  # pixels at which every shape is tried
SIZES = torch.arange(0.58, 1.01, 0.03)
STROKES = torch.arange(0.025, 0.1, 0.015)
STEPS = 3  # of Gauss and Newton from there

HALF = 0.7  # a second tone overlaps so far with half of its layer, or is none: shared area by joined area

# What making a mark symmetric may change at its outlines, root mean square and most.
UPRIGHT, TILTED, TURNED = (0.07, 0.24), (0.058, 0.20), (0.092, 0.28)
NO_MORE_THAN = 1.35  # times what a smaller symmetry changes: beyond, it is not noise that goes
ANGLES, RADII = 120, 40  # of the polar picture that symmetry is judged on
ORDERS = (ANGLES, 12, 8, 6, 5, 4, 3, 2)  # turns tried, the first standing for round
AXES = {"upright": ANGLES // 4, "flat": 0, "falling": ANGLES // 8, "rising": 3 * ANGLES // 8}
CENTRED = 0.03  # canvas units: a mark so little off the middle is moved there
NEAR = 0.25  # field values at which an outline is near


def regular(fields: torch.Tensor) -> torch.Tensor:
    """Fields (K, F, F) of one logo, as `choose.smooth` leaves them → (K, 2F, 2F), what is nearly regular made so.

    After the choice among candidates, not before: doubt is about what the generator painted, and blurred or dented
    edges are signs of it; and the choice looks at four times as many logos as are shown.
    """
    fields = decided(fields)
    if len(fields) != LAYERS:
        return doubled(fields)
    fields = torch.cat((fields[:2], calmed(fields[2:])))
    container, mark = true_container(fields[0]), symmetric(fields[2])
    before = doubled(fields)
    container = before[0] if container is None else container
    mark = before[2] if mark is None else mark
    shade, accent = second_tone(before[1], before[0], container), second_tone(before[3], before[2], mark)
    return torch.stack((container, shade, mark, accent)).clamp(-DEEPEST, DEEPEST)


def decided(fields: torch.Tensor) -> torch.Tensor:
    """Fields (K, F, F) made as steep near their outlines as distances are, so that no edge is drawn blurred.

    The outlines stay where they are, since nothing changes its sign.
    """
    unit = 64 / (FIELD_UNIT * fields.shape[-1])  # what a distance rises by from one sample to the next
    around = _padded(fields)
    slope = torch.hypot(around[:, 1:-1, 2:] - around[:, 1:-1, :-2], around[:, 2:, 1:-1] - around[:, :-2, 1:-1]) / 2
    # The steepest nearby: on the ridge of a stroke there is no slope, but there is one beside it.
    around = _padded(slope)
    across = torch.maximum(torch.maximum(around[..., :-2], around[..., 2:]), around[..., 1:-1])
    around = _padded(torch.maximum(torch.maximum(across[:, :-2], across[:, 2:]), across[:, 1:-1]))
    across = around[..., :-2] + around[..., 2:] + around[..., 1:-1]
    steepest = (across[:, :-2] + across[:, 2:] + across[:, 1:-1]) / 9
    return (fields * (unit / steepest.clamp(min=1e-6)).clamp(1, STEEPER)).clamp(-DEEPEST, DEEPEST)


def calmed(fields: torch.Tensor) -> torch.Tensor:
    """Fields (K, F, F), as steep as distances, with the wobble of their outlines taken and their corners left.

    Outlines move along their curvature, the less the more they bend (after Perona and Malik, "Scale-Space and Edge
    Detection Using Anisotropic Diffusion", 1990, for outlines in place of grey values).
    """
    for _ in range(CALMING_STEPS):
        around = _padded(fields)
        left, right, up, down = around[:, 1:-1, :-2], around[:, 1:-1, 2:], around[:, :-2, 1:-1], around[:, 2:, 1:-1]
        x, y, xx, yy = (right - left) / 2, (down - up) / 2, right + left - 2 * fields, down + up - 2 * fields
        xy = (around[:, 2:, 2:] + around[:, :-2, :-2] - around[:, 2:, :-2] - around[:, :-2, 2:]) / 4
        steep = x * x + y * y + 1e-3
        moved = (xx * y * y - 2 * x * y * xy + yy * x * x) / steep
        bend = (moved * moved / (steep * BENT**2)).square()
        fields = fields + CALMING * moved / (1 + bend)
    return fields


def _padded(fields: torch.Tensor) -> torch.Tensor:
    return F.pad(fields[None], (1, 1, 1, 1), mode="replicate")[0]


plane = lru_cache(maxsize=4)(containers.plane)


# Containers


def true_container(field: torch.Tensor) -> torch.Tensor | None:
    """The field (2F, 2F) of the shape that `field` (F, F) means to be; None where it means none."""
    if float((field > 0).float().mean()) < 0.02:
        return None
    shape = _nearest_shape(field)
    p, known = plane(len(field)), field.clamp(-1, 1)
    for _ in range(STEPS):
        drawn, slopes = shape.slopes(p)
        near = (drawn.abs() < 0.8).float()
        gap = ((known - drawn) * near).clamp(-0.5, 0.5).flatten()
        weighed, slopes = (slopes * near).flatten(1), slopes.flatten(1)
        shape = shape.moved(torch.linalg.solve(weighed @ slopes.T + 1e-3 * torch.eye(len(slopes)), slopes @ gap))
    drawn = shape.field(p)
    off = (field - drawn)[drawn.abs() < 0.5]
    if len(off) == 0 or float(off.square().mean().sqrt()) > CONTAINER_RMS or float(off.abs().max()) > CONTAINER_MOST:
        return None
    return shape.field(plane(2 * len(field)))


@dataclass(frozen=True)
class Shape:
    """A shape in the middle of the canvas: its kind, its size and, of an outline, half its stroke."""

    kind: str
    r: float
    stroke: float | None

    def field(self, p: torch.Tensor) -> torch.Tensor:
        distance = signed_distance(self.kind, p, torch.tensor(self.r).view(1, 1, 1))[0]
        return (distance if self.stroke is None else rim(distance, self.stroke)) * UNIT

    def slopes(self, p: torch.Tensor, step: float = 1e-3) -> tuple[torch.Tensor, torch.Tensor]:
        """The field, and its derivatives (1 or 2, S, S) by size and stroke."""
        distance, larger = signed_distance(self.kind, p, torch.tensor([self.r, self.r + step]).view(2, 1, 1))
        by_size = (larger - distance) / step
        if self.stroke is None:
            return distance * UNIT, by_size[None] * UNIT
        outwards = (self.stroke - distance).sign()
        return rim(distance, self.stroke) * UNIT, torch.stack((by_size * outwards, 1 - outwards)) * UNIT

    def moved(self, by: torch.Tensor) -> Shape:
        r, *stroke = by.clamp(-0.04, 0.04).tolist()
        return Shape(self.kind, self.r + r, self.stroke + stroke[0] if stroke else None)


def _nearest_shape(field: torch.Tensor) -> Shape:
    shapes, fields, squares = _shapes()
    small = F.interpolate(field[None, None], size=(SCORED, SCORED), mode="area").clamp(-1, 1).flatten()
    return shapes[int((squares - 2 * fields @ small).argmin())]


@lru_cache(maxsize=1)
def _shapes() -> tuple[list[Shape], torch.Tensor, torch.Tensor]:
    """Every shape in every size and stroke, their fields (N, SCORED²), and the sums of these squared (N,)."""
    shapes = [Shape(kind, r, s) for kind in SHAPES for s in (None, *STROKES.tolist()) for r in SIZES.tolist()]
    p = plane(SCORED)
    fields = torch.stack([shape.field(p) for shape in shapes]).clamp(-1, 1).flatten(1)
    return shapes, fields, fields.square().sum(1)


# Second tones


def second_tone(tone: torch.Tensor, before: torch.Tensor, base: torch.Tensor) -> torch.Tensor:
    """A second tone's field for a layer whose field was `before` and is `base` now; all (S, S).

    A tone that is about half of its layer becomes that half; another one is kept within the layer, and follows its
    outline where it did so before.
    """
    if float(tone.max()) <= 0:
        return tone
    lines = _lines(len(tone))
    shown, halves = tone > 0, torch.minimum(lines, before) > 0
    overlap = (shown & halves).sum((1, 2)) / (shown | halves).sum((1, 2))
    best = int(overlap.argmax())
    if float(overlap[best]) > HALF:
        return torch.minimum(lines[best], base)
    return torch.minimum(tone + 0.3 * (1 - base.abs() / 0.5).clamp(min=0), base)


@lru_cache(maxsize=2)
def _lines(size: int) -> torch.Tensor:
    """(4, size, size): the fields of the halves right, below right, below and below left."""
    return torch.stack([half(plane(size), quarter * math.pi / 4) for quarter in range(4)]) * UNIT


# Marks


def symmetric(field: torch.Tensor) -> torch.Tensor | None:
    """The field (2F, 2F) of a mark (F, F) that is nearly symmetric, made so; None of another."""
    weight = torch.sigmoid(16 * field)
    if float(weight.mean()) < 0.01:
        return None
    centre = (plane(len(field)) * weight).sum((1, 2)) / weight.sum()
    found = _symmetry(_polar(field, centre, RADII, ANGLES, 1.0))
    return None if found is None else _mean_view(doubled(field), centre, *found)


def _symmetry(seen: torch.Tensor) -> tuple[int, int | None] | None:
    """The largest symmetry of a polar picture (RADII, ANGLES): how often it repeats in a turn, and its mirror's axis.

    Half a turn alone is none: S, Z and N have it, and their two halves differ with intent.
    """
    axes = tuple(AXES.values())
    mirrored = _changed(seen, tuple((1, axis) for axis in axes))
    best = min(range(len(axes)), key=lambda k: mirrored[k][0])
    if mirrored[0][0] < 1.15 * mirrored[best][0]:
        best = 0  # upright
    most = UPRIGHT if best == 0 else TILTED
    if not _within(mirrored[best], most):
        orders = tuple(n for n in ORDERS if 2 < n < ANGLES)
        turned = _changed(seen, tuple((n, None) for n in orders))
        found = min(range(len(orders)), key=lambda k: turned[k][0])
        return (orders[found], None) if _within(turned[found], UPRIGHT) else None
    costs = _changed(seen, tuple((n, axes[best]) for n in ORDERS))
    least = min(rms for rms, _ in costs)
    for order, cost in zip(ORDERS, costs, strict=True):
        if _within(cost, TURNED) and cost[0] <= NO_MORE_THAN * least:
            return order, axes[best]
    return 1, axes[best]


def _within(cost: tuple[float, float], most: tuple[float, float]) -> bool:
    return cost[0] <= most[0] and cost[1] <= most[1]


def _changed(seen: torch.Tensor, symmetries: tuple[tuple[int, int | None], ...]) -> list[tuple[float, float]]:
    """What each symmetry would change near the outlines of a polar picture: root mean square by area, and at most."""
    after = torch.stack([seen @ weights for weights in _folds(symmetries)])
    near = (torch.minimum(seen.abs(), after.abs()) < NEAR).float()
    off, area = (seen - after) * near, near * torch.arange(0.5, RADII)[:, None]
    rms = ((off.square() * area).sum((1, 2)) / area.sum((1, 2)).clamp(min=1e-6)).sqrt()
    return list(zip(rms.tolist(), off.abs().amax((1, 2)).tolist(), strict=True))


@lru_cache(maxsize=8)
def _folds(symmetries: tuple[tuple[int, int | None], ...]) -> torch.Tensor:
    """(N, ANGLES, ANGLES): which mean of its angles makes a polar picture symmetric, for each symmetry.

    A symmetry (n, axis) turns n times and mirrors in the axis at that angle, if there is one.
    """
    turned = torch.arange(ANGLES)
    folds = torch.zeros(len(symmetries), ANGLES, ANGLES)
    for fold, (order, axis) in zip(folds, symmetries, strict=True):
        for k in range(order):
            to = (turned + k * ANGLES // order) % ANGLES
            fold[to, turned] += 1
            if axis is not None:
                fold[(2 * axis - to) % ANGLES, turned] += 1
        fold /= fold.sum(0)
    return folds


def _polar(field: torch.Tensor, centre: torch.Tensor, radii: int, angles: int, reach: float) -> torch.Tensor:
    """(radii, angles): a field around a point, outwards to `reach`; angle 0 is to the right, a quarter on is down."""
    r = (torch.arange(radii) + 0.5) * (reach / radii)
    turn = torch.arange(angles) * (2 * math.pi / angles)
    places = torch.stack((r[:, None] * turn.cos(), r[:, None] * turn.sin()), dim=-1) + centre
    return _sampled(field, places)


def _mean_view(field: torch.Tensor, centre: torch.Tensor, order: int, axis: int | None) -> torch.Tensor:
    """The mean of a field's views under a symmetry, moved to the middle if it is nearly there."""
    p = plane(len(field)).permute(1, 2, 0)
    if order == 1 and axis is not None:  # along its axis it stays
        across = 2 * math.pi * axis / ANGLES + math.pi / 2
        off = centre @ (normal := torch.tensor([math.cos(across), math.sin(across)]))
        to = centre - normal * off if abs(float(off)) < CENTRED else centre
    else:
        to = torch.zeros(2) if float(centre.norm()) < CENTRED else centre
    p = p - to
    if order == ANGLES:
        profile = _polar(field, centre, len(field), ANGLES, 1.5).mean(1)
        at = p.norm(dim=-1) * (len(profile) / 1.5) - 0.5
        low = at.floor().clamp(0, len(profile) - 2).long()
        return torch.lerp(profile[low], profile[low + 1], (at - low).clamp(0, 1))
    total = torch.zeros(p.shape[:2])
    for k in range(order):
        turn = 2 * math.pi * k / order
        cos, sin = math.cos(turn), math.sin(turn)
        views = [torch.tensor([[cos, -sin], [sin, cos]])]
        if axis is not None:
            turn += 4 * math.pi * axis / ANGLES
            cos, sin = math.cos(turn), math.sin(turn)
            views.append(torch.tensor([[cos, sin], [sin, -cos]]))
        for view in views:
            total += _sampled(field, p @ view.T + centre)
    return total / (order * (1 if axis is None else 2))


def _sampled(field: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """A field's values at places (..., ..., 2) in canvas units, between its samples linearly."""
    return F.grid_sample(field[None, None], places[None], padding_mode="border", align_corners=False)[0, 0]


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
