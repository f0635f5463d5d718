"""The shapes that marks stand in, and the room that each of them leaves for a mark.

A room is a convex region, given by its distance from its middle in `DIRECTIONS`. A mark is placed so that it comes as
near to all sides as it can, drawn a little towards its centre of gravity, which is where the eye expects its middle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from logo_gan.logo.shapes import CANVAS, Circle, Polygon, Rectangle, Shape, arc, outline_of
from logo_gan.marks.outline import Outline, joined

NAMES = ("circle", "ring", "square", "rounded square", "hexagon", "shield", "diamond", "badge")
MIDDLE = CANVAS / 2
ALONE, ALONE_REACH = 0.375, 0.49  # of the canvas: half the longer side of a mark alone; its farthest point
RING_STROKE = 36.0
RIM = 0.085  # of a container's size: how broad the rim is that sets a light container off from a light ground
LINE = (0.905, 0.885)  # of a container's size: the outer and the inner edge of a line within it
GRAVITY = 0.25  # how far from the middle of its sides towards its centre of gravity a mark's middle lies

# Multiples of 15 degrees hold the sides of squares, diamonds and hexagons exactly.
DIRECTIONS = np.array([(math.cos(a), math.sin(a)) for a in np.arange(24) * (math.pi / 12)])
_STEPS = 40  # towards the middle of a mark; each is shorter than the one before

# How much of a container's own reach its room has.
_ROOMS = {
    "circle": 0.73, "ring": 0.72, "square": 0.7, "rounded square": 0.7, "hexagon": 0.74, "shield": 0.76,
    "diamond": 0.74, "badge": 0.68,
}  # fmt: skip


@dataclass(frozen=True)
class Room:
    """Where a mark may stand.

    Attributes:
        x, y: its middle, in canvas units.
        reach: (24,) how far it reaches from there in `DIRECTIONS`.
    """

    x: float
    y: float
    reach: np.ndarray

    def place(self, outline: Outline, size: float = 1.0) -> tuple[float, float, float]:
        """Scale, x and y for `Outline.moved` that put an outline here; `size` 1 fills the room."""
        loops = outline.polygons(0.004 * _extent(outline))
        points = np.concatenate(loops)
        support = (points @ DIRECTIONS.T).max(0)
        x, y = _middle(support, self.reach)
        left, top = points.min(0)
        right, bottom = points.max(0)
        gx, gy = _centroid(loops, (x, y))
        x, y = x + GRAVITY * (gx - x), y + GRAVITY * (gy - y)
        # Never so far that the mark looks out of its box.
        x = min(max(x, (left + right) / 2 - 0.1 * (right - left)), (left + right) / 2 + 0.1 * (right - left))
        y = min(max(y, (top + bottom) / 2 - 0.1 * (bottom - top)), (top + bottom) / 2 + 0.1 * (bottom - top))
        scale = size / max(float(((support - DIRECTIONS @ (x, y)) / self.reach).max()), 1e-6)
        return scale, self.x - scale * x, self.y - scale * y


@cache
def shape(name: str, size: float = 1.0) -> Shape:
    """A container in the middle of the canvas, `size` times as large as it usually is.

    Raises:
        ValueError: there is no container of that name.
    """
    if name not in NAMES:
        raise ValueError(f"A container must be one of {', '.join(NAMES)}, not {name!r}.")
    return _SHAPES[name](size)


@cache
def room(name: str, lined: bool = False) -> Room:
    """The room in a container, or on the bare canvas for "none"; `lined` leaves place for a line along its edge."""
    if name == "none":
        reach = np.full(len(DIRECTIONS), ALONE_REACH * CANVAS)
        reach[::6] = ALONE * CANVAS
        return Room(MIDDLE, MIDDLE, reach)
    points = np.concatenate(outline_of(shape(name)).polygons(0.1))
    # A shield is broad above and pointed below.
    x, y = MIDDLE, MIDDLE - (0.075 * CANVAS if name == "shield" else 0)
    reach = ((points - (x, y)) @ DIRECTIONS.T).max(0)
    if name in ("square", "rounded square"):  # a square in a square looks larger than a disc that is as broad
        reach = np.minimum(reach, 1.26 * reach[0])
    return Room(x, y, reach * _ROOMS[name] * (0.92 if lined else 1))


@cache
def line(name: str) -> Shape:
    """A line within a container, along its edge."""
    outer, inner = LINE
    if name in ("circle", "ring"):
        radius = _RADIUS * (outer + inner) / 2
        return Circle(MIDDLE, MIDDLE, radius, _RADIUS * (outer - inner))
    contours = [outline_of(shape(name, size)) for size in (outer, inner)]
    hole = contours[1]
    turned = Outline(np.ascontiguousarray(hole.points[::-1, ::-1]), hole.straight[::-1].copy(), hole.starts)
    return joined([contours[0], turned])


_RADIUS = 0.43 * CANVAS


def _round(size: float) -> Shape:
    return Circle(MIDDLE, MIDDLE, _RADIUS * size)


def _ring(size: float) -> Shape:
    return Circle(MIDDLE, MIDDLE, _RADIUS * size - RING_STROKE / 2, RING_STROKE)


def _square(size: float, side: float = 0.78, corner: float = 0.0) -> Shape:
    side *= CANVAS * size
    return Rectangle(MIDDLE - side / 2, MIDDLE - side / 2, side, side, corner * side)


def _rounded_square(size: float) -> Shape:
    return _square(size, 0.8, 0.22)


def _hexagon(size: float) -> Shape:
    r = 0.45 * CANVAS * size
    return Polygon(
        tuple((MIDDLE + r * math.sin(k * math.pi / 3), MIDDLE - r * math.cos(k * math.pi / 3)) for k in range(6))
    )


def _diamond(size: float) -> Shape:
    r = 0.47 * CANVAS * size
    return Polygon(((MIDDLE, MIDDLE - r), (MIDDLE + r, MIDDLE), (MIDDLE, MIDDLE + r), (MIDDLE - r, MIDDLE)))


def _shield(size: float) -> Shape:
    """Straight top and sides with slightly rounded corners, and two curves that meet in a point."""
    corner = 0.09
    right = [
        np.array([[0, -0.95], [0.8 - corner, -0.95]]),
        arc(0.8 - corner, -0.95 + corner, corner, -math.pi / 2, 0),
        np.array([[0.8, -0.95 + corner], [0.8, -0.1]]),
        np.array([[0.8, -0.1], [0.8, 0.42], [0.47, 0.76], [0, 1]]),
    ]
    left = [segment[::-1] * (-1, 1) for segment in reversed(right)]
    top = np.stack([left[-1][0], right[0][-1]])  # one line from corner to corner
    segments = [top, *right[1:], *left[:-1]]
    return Outline.of([[s * (0.46 * CANVAS * size) + MIDDLE for s in segments]])


def _badge(size: float, bumps: int = 16, valley: float = 0.945) -> Shape:
    """Round bumps that meet in `valley` of the radius."""
    r, half = 0.455 * CANVAS * size, math.pi / bumps
    # The circle of a bump touches the radius from within and passes through the valleys beside it.
    away = (1 - valley**2) / (2 * (1 - valley * math.cos(half)))
    spread = math.asin(valley * math.sin(half) / (1 - away))
    middles = np.arange(bumps) * 2 * half
    return Outline.of(
        [
            [
                arc(
                    MIDDLE + r * away * math.cos(a),
                    MIDDLE + r * away * math.sin(a),
                    r * (1 - away),
                    a - spread,
                    a + spread,
                )
                for a in middles
            ]
        ]
    )


_SHAPES = {
    "circle": _round, "ring": _ring, "square": _square, "rounded square": _rounded_square, "hexagon": _hexagon,
    "shield": _shield, "diamond": _diamond, "badge": _badge,
}  # fmt: skip


def _middle(support: np.ndarray, reach: np.ndarray) -> tuple[float, float]:
    """The point from which a mark with this support needs the least room (Badoiu and Clarkson's way to its middle)."""
    middle = np.array([support[0] - support[12], support[6] - support[18]]) / 2
    best = (math.inf, middle)
    for step in range(_STEPS):
        away = support - DIRECTIONS @ middle
        need = away / reach
        worst = int(need.argmax())
        if need[worst] < best[0]:
            best = float(need[worst]), middle
        middle = middle + DIRECTIONS[worst] * (away[worst] / (step + 8))
    return float(best[1][0]), float(best[1][1])


def _centroid(loops: list[np.ndarray], otherwise: tuple[float, float]) -> tuple[float, float]:
    """The centre of gravity of what is filled."""
    x, y = np.concatenate(loops).astype(np.float64).T
    next_x, next_y = np.concatenate([loop[np.arange(1, len(loop) + 1) % len(loop)] for loop in loops]).T
    cross = x * next_y - next_x * y
    area = float(cross.sum()) / 2
    if abs(area) < 1e-9:
        return otherwise
    return float((x + next_x) @ cross) / 6 / area, float((y + next_y) @ cross) / 6 / area


def _extent(outline: Outline) -> float:
    return float(np.ptp(outline.points.reshape(-1, 2), axis=0).max())
