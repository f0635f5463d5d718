"""The shapes that layers are made of: true primitives, each as an SVG element and as an outline.

Units are those of the canvas: `CANVAS` a side, x to the right, y down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from logo_gan.marks.outline import Outline

CANVAS = 1024
ARCS = 8  # cubic curves of a circle; with eight, none is further off than 4 millionths of the radius


@dataclass(frozen=True)
class Circle:
    """A disc, or with a `stroke` the ring of that width whose middle line has the radius."""

    x: float
    y: float
    radius: float
    stroke: float = 0.0

    @cached_property
    def outline(self) -> Outline:
        if not self.stroke:
            return Outline.of([_circle(self.x, self.y, self.radius)])
        inner = _circle(self.x, self.y, self.radius - self.stroke / 2)
        hole = [segment[::-1] for segment in reversed(inner)]
        return Outline.of([_circle(self.x, self.y, self.radius + self.stroke / 2), hole])

    def moved(self, scale: float, x: float, y: float) -> Circle:
        """Scaled about the origin, then moved."""
        return Circle(self.x * scale + x, self.y * scale + y, self.radius * scale, self.stroke * scale)

    def element(self) -> str:
        return f'<circle cx="{number(self.x)}" cy="{number(self.y)}" r="{number(self.radius)}"/>'


@dataclass(frozen=True)
class Rectangle:
    """An upright rectangle; `radius` rounds its corners."""

    x: float
    y: float
    width: float
    height: float
    radius: float = 0.0

    @cached_property
    def outline(self) -> Outline:
        left, top, right, bottom, r = self.x, self.y, self.x + self.width, self.y + self.height, self.radius
        corners = [(right - r, top + r), (right - r, bottom - r), (left + r, bottom - r), (left + r, top + r)]
        segments = []
        for i, (x, y) in enumerate(corners):
            start, end = math.pi / 2 * (i - 1), math.pi / 2 * i
            before = segments[-1][-1] if segments else np.array([left + r, top])
            first = np.array([x + r * math.cos(start), y + r * math.sin(start)])
            segments.append(np.stack([before, first]))
            if r:
                segments += [arc(x, y, r, start, (start + end) / 2), arc(x, y, r, (start + end) / 2, end)]
        return Outline.of([segments])

    def moved(self, scale: float, x: float, y: float) -> Rectangle:
        """Scaled about the origin, then moved."""
        return Rectangle(
            self.x * scale + x, self.y * scale + y, self.width * scale, self.height * scale, self.radius * scale
        )

    def element(self) -> str:
        rounded = f' rx="{number(self.radius)}"' if self.radius else ""
        return (
            f'<rect x="{number(self.x)}" y="{number(self.y)}" '
            f'width="{number(self.width)}" height="{number(self.height)}"{rounded}/>'
        )


@dataclass(frozen=True)
class Polygon:
    """Straight lines from point to point, and back to the first."""

    points: tuple[tuple[float, float], ...]

    @cached_property
    def outline(self) -> Outline:
        ends = np.array(self.points, float)
        return Outline.of([[np.stack(pair) for pair in zip(ends, np.roll(ends, -1, axis=0), strict=True)]])

    def moved(self, scale: float, x: float, y: float) -> Polygon:
        """Scaled about the origin, then moved."""
        return Polygon(tuple((px * scale + x, py * scale + y) for px, py in self.points))

    def element(self) -> str:
        points = " ".join(f"{number(x)},{number(y)}" for x, y in self.points)
        return f'<polygon points="{points}"/>'


Shape = Outline | Circle | Rectangle | Polygon


def outline_of(shape: Shape) -> Outline:
    """The shape as closed curves."""
    return shape if isinstance(shape, Outline) else shape.outline


def arc(x: float, y: float, radius: float, start: float, end: float) -> np.ndarray:
    """The cubic curve (4, 2) nearest to an arc around x, y; angles in radians from the right, downwards."""
    handle = 4 / 3 * math.tan((end - start) / 4)
    a, b = (np.array([math.cos(angle), math.sin(angle)]) for angle in (start, end))
    turned_a, turned_b = np.array([-a[1], a[0]]), np.array([-b[1], b[0]])
    return np.stack([a, a + handle * turned_a, b - handle * turned_b, b]) * radius + np.array([x, y])


def number(value: float) -> str:
    """As SVG writes it: two places behind the point at most."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if round(value, 2) else "0"


def _circle(x: float, y: float, radius: float) -> list[np.ndarray]:
    turn = 2 * math.pi / ARCS
    return [arc(x, y, radius, i * turn, (i + 1) * turn) for i in range(ARCS)]
