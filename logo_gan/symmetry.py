"""Marks that are nearly symmetric, made so: a mark becomes the mean of its views in a mirror, or turned.

What is not symmetric in such a mark is noise, and a mean takes it. One that is meant to lean differs by far more from
its mirrored view and is left as it is.
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch.nn import functional as F

from logo_gan.containers import plane

Symmetry = tuple[int, int | None]  # how often it repeats in a turn, and the angle of a mirror's axis if it has one

# What making a mark symmetric may change at its outlines, root mean square and most.
UPRIGHT, TILTED, TURNED = (0.068, 0.23), (0.045, 0.15), (0.092, 0.275)
NO_MORE_THAN = 1.35  # times what a smaller symmetry changes: beyond, it is not noise that goes
ANGLES, RADII = 120, 40  # of the polar picture that symmetry is judged on
ORDERS = (ANGLES, 12, 8, 6, 5, 4, 3, 2)  # turns tried, the first standing for round
AXES = (ANGLES // 4, 0, ANGLES // 8, 3 * ANGLES // 8)  # of mirrors: upright, flat, falling, rising
UPRIGHT_FIRST = 1.15  # times what the best mirror changes, and the upright one is taken
CENTRED = 0.03  # canvas units: a mark so little off the middle is moved there
NEAR = 0.25  # field values at which an outline is near


def symmetric(field: torch.Tensor, fine: torch.Tensor) -> torch.Tensor | None:
    """The field (S, S) of a nearly symmetric mark, made so from its enlarged field `fine` (S, S); None of another.

    Whether it is symmetric is judged on `field` (F, F).
    """
    weight = torch.sigmoid(16 * field)
    if float(weight.mean()) < 0.01:
        return None
    centre = (plane(len(field)) * weight).sum((1, 2)) / weight.sum()
    found = _symmetry(_polar(field, centre, RADII, ANGLES, 1.0))
    return None if found is None else _mean_view(fine, centre, *found)


def _symmetry(seen: torch.Tensor) -> Symmetry | None:
    """The largest symmetry of a polar picture (RADII, ANGLES).

    Half a turn alone is none: S, Z and N have it, and their two halves differ with intent.
    """
    mirrors = [(1, axis) for axis in AXES]
    costs = _changed(seen, mirrors)
    best = min(range(len(AXES)), key=lambda k: costs[k][0])
    if costs[0][0] < UPRIGHT_FIRST * costs[best][0]:
        best = 0
    if _within(costs[best], TILTED if best else UPRIGHT):
        return _largest(seen, [(order, AXES[best]) for order in ORDERS], TURNED) or mirrors[best]
    return _largest(seen, [(order, None) for order in ORDERS if 2 < order < ANGLES], UPRIGHT)


def _largest(seen: torch.Tensor, symmetries: list[Symmetry], most: tuple[float, float]) -> Symmetry | None:
    """The first of some symmetries, larger ones before smaller ones, that changes no more than noise explains."""
    costs = _changed(seen, symmetries)
    least = min(rms for rms, _ in costs)
    fits = (s for s, c in zip(symmetries, costs, strict=True) if _within(c, most) and c[0] <= NO_MORE_THAN * least)
    return next(fits, None)


def _within(cost: tuple[float, float], most: tuple[float, float]) -> bool:
    return cost[0] <= most[0] and cost[1] <= most[1]


def _changed(seen: torch.Tensor, symmetries: list[Symmetry]) -> list[tuple[float, float]]:
    """What each symmetry would change near the outlines of a polar picture: root mean square by area, and at most."""
    after = torch.stack([seen @ weights for weights in _folds(tuple(symmetries))])
    near = (torch.minimum(seen.abs(), after.abs()) < NEAR).float()
    off, area = (seen - after) * near, near * torch.arange(0.5, RADII)[:, None]
    rms = ((off.square() * area).sum((1, 2)) / area.sum((1, 2)).clamp(min=1e-6)).sqrt()
    return list(zip(rms.tolist(), off.abs().amax((1, 2)).tolist(), strict=True))


@lru_cache(maxsize=8)
def _folds(symmetries: tuple[Symmetry, ...]) -> torch.Tensor:
    """(N, ANGLES, ANGLES): which mean of its angles makes a polar picture symmetric, for each symmetry."""
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
