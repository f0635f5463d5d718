"""The shapes that logos stand in, as signed distances: what the composer draws and what a drawn logo is held against.

Lengths are canvas units: the picture reaches from -1 to 1. Formulas after Quilez
(https://iquilezles.org/articles/distfunctions2d/).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch.nn import functional as F

FIELD_UNIT = 4  # pixels at 64 px that make a field value of 1
UNIT = 64 / 2 / FIELD_UNIT  # canvas units → field values
SHAPES = ("circle", "square", "rounded square", "hexagon", "diamond", "shield", "badge")

# A drawn field is of a shape from which it differs so little near the outline, root mean square and at most.
ALIKE_RMS, ALIKE_MOST = 0.17, 0.65
SMALLEST = 0.02  # of the canvas: less is no container
SCORED = 32  # pixels at which every shape is tried
SIZES, STROKES = torch.arange(0.58, 1.01, 0.03), torch.arange(0.025, 0.1, 0.015)
STEPS = 3  # of Gauss and Newton from there


def plane(size: int) -> torch.Tensor:
    """(2, size, size): x and y of the pixels' centres."""
    axis = (torch.arange(size) + 0.5) / size * 2 - 1
    return torch.stack((axis.expand(size, size), axis[:, None].expand(size, size)))


def signed_distance(kind: str, p: torch.Tensor, r: torch.Tensor) -> torch.Tensor:
    """Signed distance (N, S, S), positive inside, of shapes of one kind; p (2, S, S), r (N, 1, 1)."""
    x, y = p[0], p[1]
    ax, ay = x.abs(), y.abs()
    if kind == "circle":
        return r - torch.hypot(x, y)
    if kind in ("square", "rounded square"):
        corner = r * (0.03 if kind == "square" else 0.46)
        dx, dy = ax - r + corner, ay - r + corner
        return corner - torch.hypot(dx.clamp(min=0), dy.clamp(min=0)) - torch.maximum(dx, dy).clamp(max=0)
    if kind == "hexagon":
        flat = r * math.sqrt(3) / 2
        return torch.minimum(flat - ax, flat - (ax * 0.5 + ay * math.sqrt(3) / 2))
    if kind == "diamond":
        corner = 0.05
        return (r - corner - (ax + ay)) / math.sqrt(2) + corner
    if kind == "shield":
        # A flat top, straight sides, and two arcs that meet in the point.
        top = y + r * 0.92
        arc = r * 0.959 - torch.hypot(ax + r * 0.129, (y - r * 0.05).clamp(min=0))
        return torch.minimum(torch.minimum(top, r * 0.83 - ax), arc)
    if kind == "badge":
        angle = torch.atan2(y, x)
        return (r * (0.92 + 0.08 * torch.cos(angle * 12)) - torch.hypot(x, y)) * 0.8
    raise ValueError(f"unknown container {kind!r}")


def rim(shape: torch.Tensor, stroke: torch.Tensor | float) -> torch.Tensor:
    """The band along the inner side of a shape's outline, 2 · `stroke` wide."""
    return stroke - (shape - stroke).abs()


def half(p: torch.Tensor, angle: torch.Tensor | float) -> torch.Tensor:
    """Signed distance to the half plane through the middle that lies in the direction of `angle` (downwards from x)."""
    angle = torch.as_tensor(angle)
    return p[0] * angle.cos() + p[1] * angle.sin()


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


def meant(field: torch.Tensor) -> Shape | None:
    """The shape that a drawn field (F, F) means to be, by least squares; None where it means none of these."""
    if float((field > 0).float().mean()) < SMALLEST:
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
    alike = len(off) and float(off.square().mean().sqrt()) <= ALIKE_RMS and float(off.abs().max()) <= ALIKE_MOST
    return shape if alike else None


def _nearest_shape(field: torch.Tensor) -> Shape:
    shapes, fields, squares = _shapes()
    small = F.interpolate(field[None, None], size=(SCORED, SCORED), mode="area").clamp(-1, 1).flatten()
    return shapes[int((squares - 2 * fields @ small).argmin())]


@lru_cache(maxsize=1)
def _shapes() -> tuple[list[Shape], torch.Tensor, torch.Tensor]:
    """Every shape in every size and stroke, their fields (N, SCORED²), and the sums of these squared (N,)."""
    shapes, fields, p = [], [], plane(SCORED)
    for kind in SHAPES:
        distances = signed_distance(kind, p, SIZES[:, None, None])
        for stroke in (None, *STROKES.tolist()):
            shapes += [Shape(kind, r, stroke) for r in SIZES.tolist()]
            fields.append(distances if stroke is None else rim(distances, stroke))
    fields = (torch.cat(fields) * UNIT).clamp(-1, 1).flatten(1)
    return shapes, fields, fields.square().sum(1)
