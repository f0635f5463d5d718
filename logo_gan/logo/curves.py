"""Circles, lines and cubic curves that follow points.

The curves are those of P. J. Schneider, "An Algorithm for Automatically Fitting Digitized Curves" (Graphics Gems,
1990), joined again where one does. Lengths are in the units of the points, 1024ths of the unit square.
"""

from __future__ import annotations

import math

import numpy as np

from logo_gan.logo.shapes import arc

TOLERANCE = 1.3  # largest distance of a curve: a twelfth of a cell of a 64-cell field
ROUND = 1.4  # largest distance of a circle
TANGENT = 3  # points over which a direction is taken
REFINEMENTS = 3  # Newton steps on a curve's parameters before it is split


def circle(points: np.ndarray) -> list[np.ndarray] | None:
    """Four arcs, if the contour is a circle."""
    x, y = points.T
    cx, cy, c = np.linalg.lstsq(np.stack([x, y, np.ones_like(x)], 1), x * x + y * y, rcond=None)[0]
    cx, cy = cx / 2, cy / 2
    radius = math.sqrt(max(c + cx * cx + cy * cy, 1e-9))
    if np.abs(np.hypot(x - cx, y - cy) - radius).max() > max(ROUND, 0.012 * radius):
        return None
    arcs = [arc(cx, cy, radius, k * math.pi / 2, (k + 1) * math.pi / 2) for k in range(4)]
    return arcs if area(points) > 0 else [segment[::-1] for segment in reversed(arcs)]


def curves(points: np.ndarray, start: np.ndarray | None, end: np.ndarray | None) -> list[np.ndarray]:
    """Curves along an open run of points; `start` and `end` are unit vectors into it, found here if not given."""
    reach = min(TANGENT, len(points) - 1)
    start = unit(points[reach] - points[0]) if start is None else start
    end = unit(points[-1 - reach] - points[-1]) if end is None else end
    found = _split(points, 0, len(points) - 1, start, end)
    k = 0
    while k + 1 < len(found):  # two that one curve can replace
        a, _, leaving, _, _ = found[k]
        _, b, _, arriving, _ = found[k + 1]
        curve, worst, _ = _one(points[a : b + 1], leaving, arriving)
        if worst < TOLERANCE:
            found[k : k + 2] = [(a, b, leaving, arriving, curve)]
            k = max(k - 1, 0)
        else:
            k += 1
    return [curve for *_, curve in found]


def line(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The middle and the direction of the line nearest to points, in their order."""
    middle = points.mean(0)
    _, _, axes = np.linalg.svd(points - middle, full_matrices=False)
    along = axes[0]
    return middle, along if along @ (points[-1] - points[0]) > 0 else -along


def off_line(points: np.ndarray, fitted: bool = False) -> float:
    """The largest distance of points from the chord between their ends, or from the line nearest to them."""
    if len(points) < 3:
        return 0.0
    if fitted:
        middle, along = line(points)
    else:
        middle, along = points[0], unit(points[-1] - points[0])
    return float(np.abs((points - middle) @ np.array([-along[1], along[0]])).max())


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / max(float(np.hypot(*vector)), 1e-9)


def _split(points: np.ndarray, a: int, b: int, start: np.ndarray, end: np.ndarray) -> list[tuple]:
    """(first index, last index, leaving, arriving, curve) of each curve."""
    piece = points[a : b + 1]
    curve, worst, at = _one(piece, start, end)
    if worst < TOLERANCE or len(piece) < 6:
        return [(a, b, start, end, curve)]
    middle = a + min(max(at, 2), len(piece) - 3)
    reach = min(TANGENT, middle - a, b - middle)
    tangent = unit(points[middle - reach] - points[middle + reach])
    return _split(points, a, middle, start, tangent) + _split(points, middle, b, -tangent, end)


def _one(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, float, int]:
    """One curve along points, its largest distance from them, and where that is."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    at = np.concatenate([[0.0], np.cumsum(steps)]) / max(float(steps.sum()), 1e-9)
    length = float(np.hypot(*(points[-1] - points[0])))
    best: tuple[np.ndarray, float, int] | None = None
    for attempt in range(REFINEMENTS + 1):
        curve = _least_squares(points, at, start, end, length)
        gaps = _evaluate(curve, at) - points
        squared = (gaps * gaps).sum(1)
        worst = int(squared.argmax())
        if best is None or squared[worst] < best[1] ** 2:
            best = curve, float(np.sqrt(squared[worst])), worst
        if best[1] < TOLERANCE or squared[worst] > (6 * TOLERANCE) ** 2 or attempt == REFINEMENTS:
            break
        at = _closer(curve, gaps, at)
    return best


def _evaluate(curve: np.ndarray, at: np.ndarray) -> np.ndarray:
    rest = 1.0 - at
    return np.stack([rest**3, 3 * at * rest**2, 3 * at**2 * rest, at**3], axis=1) @ curve


def _least_squares(points: np.ndarray, at: np.ndarray, start: np.ndarray, end: np.ndarray, length: float) -> np.ndarray:
    """The curve with the two handle lengths that bring it nearest to the points (Schneider's normal equations)."""
    rest = 1.0 - at
    near, far = 3 * at * rest**2, 3 * at**2 * rest
    remains = points - (rest**3 + near)[:, None] * points[0] - (at**3 + far)[:, None] * points[-1]
    c00, c01, c11 = near @ near, (near @ far) * (start @ end), far @ far
    x0, x1 = near @ (remains @ start), far @ (remains @ end)
    determinant = c00 * c11 - c01 * c01
    handles = (0.0, 0.0)
    if abs(determinant) > 1e-12:
        handles = ((x0 * c11 - x1 * c01) / determinant, (c00 * x1 - c01 * x0) / determinant)
    # Handles that point backwards or reach far beyond the piece draw loops: a third of the chord instead.
    length = max(length, 1.0)
    if min(handles) < 1e-3 * length or max(handles) > 3 * length:
        handles = (length / 3, length / 3)
    return np.stack([points[0], points[0] + start * handles[0], points[-1] + end * handles[1], points[-1]])


def _closer(curve: np.ndarray, gaps: np.ndarray, at: np.ndarray) -> np.ndarray:
    """One Newton step of every parameter towards the curve's point nearest to its sample."""
    first = 3 * np.diff(curve, axis=0)
    second = 2 * np.diff(first, axis=0)
    rest = 1.0 - at
    speed = np.stack([rest**2, 2 * at * rest, at**2], axis=1) @ first
    bend = np.stack([rest, at], axis=1) @ second
    slope = (speed * speed).sum(1) + (gaps * bend).sum(1)
    moved = at - np.where(np.abs(slope) > 1e-9, (gaps * speed).sum(1) / np.where(slope == 0, 1, slope), 0.0)
    return np.maximum.accumulate(np.clip(moved, 0.0, 1.0))


def area(points: np.ndarray) -> float:
    """The area within a closed contour, less than 0 where it runs against the clock."""
    x, y = points.T
    return 0.5 * float(x @ np.roll(y, -1) - y @ np.roll(x, -1))
