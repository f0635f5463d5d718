"""The shapes that logos stand in, as signed distances: what the composer draws and what a drawn logo is held against.

Lengths are canvas units: the picture reaches from -1 to 1. Formulas after Quilez
(https://iquilezles.org/articles/distfunctions2d/).
"""

from __future__ import annotations

import math

import torch

FIELD_UNIT = 4  # pixels at 64 px that make a field value of 1
UNIT = 64 / 2 / FIELD_UNIT  # canvas units → field values
SHAPES = ("circle", "square", "rounded square", "hexagon", "diamond", "shield", "badge")


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
