"""Several marks in one drawing: two things beside each other, one thing several times. Geometry only."""

from __future__ import annotations

import math

import numpy as np

from logo_gan.logo.raster import coverage
from logo_gan.marks.outline import Outline, joined

NAMES = ("beside", "stacked", "within", "row", "arc", "triangle", "grid", "ring")
MOST = 24  # copies of a mark
GAP = 0.16  # between two things, in terms of their mean size
STEP = 1.16  # from copy to copy, in terms of the mark's width and height
AROUND = 1.06  # the same on a ring, in terms of its diagonal
# Of a thing's size, the circle in it that holds a second one, or, where it is the second, the first; and what fills it.
LEAST_INNER, LEAST_BEHIND, INNER = 0.235, 0.29, 0.8
CELLS = 48  # a side, where that circle's middle is looked for
BALANCE = 0.35  # how far the smaller side of a thing makes up for it: 0, all have the same area; 1, the same height


def fitting(count: int, second: bool, container: str) -> list[str]:
    """The arrangements that suit a number of copies, a second thing and a container."""
    if count > 1:
        flat = {2: ["row"], 3: ["row", "triangle", "arc"], 4: ["grid", "row"], 5: ["arc", "ring"]}
        found = flat.get(count, ["ring", "grid"])
        compact = [name for name in found if name != "row"]
        return compact if compact and container != "none" else found
    return ["within", "stacked", "within", "beside"] if second else ["beside"]


def arranged(mark: Outline, second: Outline | None, name: str, count: int = 1) -> list[Outline]:
    """The mark (all its copies as one outline) and the second thing, in one frame of any size.

    Args:
        mark, second: each in its own frame.
        name: one of `NAMES`; copies beside a second thing stand in a row above it.
        count: copies of the mark, of which at most 24 are drawn.
    """
    first = mark if count <= 1 else _repeated(mark, "row" if second else name, min(count, MOST))
    if second is None:
        return [first]
    return _pair(first, second, name == "stacked" or count > 1)


def within(first: Outline, second: Outline, least: float = LEAST_INNER) -> Outline | None:
    """The second thing in the largest circle that the first has room for, in the first's frame.

    None where that circle's radius is less than `least` of the first's size.
    """
    x, y, radius = _inner_circle(first)
    left, top, right, bottom = first.box
    if radius < least * max(right - left, bottom - top):
        return None
    points = np.concatenate(second.polygons(0.004 * max(np.subtract(second.box[2:], second.box[:2]))))
    middle = (points.min(0) + points.max(0)) / 2
    scale = INNER * radius / float(np.hypot(*(points - middle).T).max())
    return second.moved(scale, x - scale * middle[0], y - scale * middle[1])


def cut(first: Outline, second: Outline) -> Outline:
    """The first without the second, which lies within what it fills."""
    return joined([first, second.reversed() if second.clockwise == first.clockwise else second])


def _inner_circle(outline: Outline) -> tuple[float, float, float]:
    """x, y and radius of the largest circle within what an outline fills, to a part in a hundred of its size."""
    left, top, right, bottom = outline.box
    size = max(right - left, bottom - top, 1e-6)
    edges = np.concatenate([_dense(loop, size / 96) for loop in outline.polygons(0.004 * size)])
    x, y = np.meshgrid(*(np.linspace(low, low + size, CELLS, endpoint=False) + size / CELLS / 2 for low in (left, top)))
    filled = coverage(outline.moved(1 / size, -left / size, -top / size), CELLS) > 0.99
    if not filled.any():
        return left, top, 0.0
    points = np.stack([x[filled], y[filled]], 1)
    away = np.sqrt(((points[:, None] - edges[None]) ** 2).sum(-1).min(1))
    best = int(away.argmax())
    return float(points[best, 0]), float(points[best, 1]), float(away[best])


def _dense(loop: np.ndarray, step: float) -> np.ndarray:
    """Points along a closed polygon, no further apart than `step`."""
    along = np.roll(loop, -1, axis=0) - loop
    count = np.maximum(1, np.ceil(np.hypot(*along.T) / step)).astype(int)
    share = np.concatenate([np.arange(n) / n for n in count])
    return np.repeat(loop, count, 0) + share[:, None] * np.repeat(along, count, 0)


def parts(outline: Outline) -> list[Outline]:
    """The pieces of a drawing that do not touch, each with the holes in it."""
    loops = outline.polygons(1 / 128 * max(np.subtract(outline.box[2:], outline.box[:2])))
    areas = [0.5 * float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) for x, y in (loop.astype(float).T for loop in loops)]
    if not loops:
        return []
    solid = np.sign(max(areas, key=abs))
    outer = [i for i, area in enumerate(areas) if area * solid > 0]
    members = {i: [i] for i in outer}
    for i, area in enumerate(areas):
        if area * solid > 0:
            continue
        around = [k for k in outer if abs(areas[k]) > abs(area) and _inside(loops[i][0], loops[k])]
        if around:
            members[min(around, key=lambda k: abs(areas[k]))].append(i)
    pieces = [Outline(outline.points[part], outline.straight[part], np.zeros(1, np.int64)) for part in outline.contours]
    return [joined([pieces[i] for i in found]) for found in members.values()]


def _pair(first: Outline, second: Outline, stacked: bool) -> list[Outline]:
    """Two things of like weight, their middles on one line."""
    sized = []
    for outline in (first, second):
        left, top, right, bottom = outline.box
        width, height = max(right - left, 1e-6), max(bottom - top, 1e-6)
        across = height if not stacked else width
        scale = 1 / ((width * height) ** (0.5 * (1 - BALANCE)) * across**BALANCE)
        sized.append(
            (
                outline.moved(scale, -scale * (left + right) / 2, -scale * (top + bottom) / 2),
                width * scale,
                height * scale,
            )
        )
    (a, *size_a), (b, *size_b) = sized
    along = 1 if stacked else 0
    apart = (size_a[along] + size_b[along]) / 2 + GAP * (size_a[along] + size_b[along]) / 2
    return [a, b.moved(1.0, *((0.0, apart) if stacked else (apart, 0.0)))]


def _repeated(mark: Outline, name: str, count: int) -> Outline:
    left, top, right, bottom = mark.box
    width, height = max(right - left, 1e-6), max(bottom - top, 1e-6)
    places = _places(name, count, width * STEP, height * STEP, math.hypot(width, height) * AROUND)
    copies = []
    for x, y, scale in places:
        copies.append(mark.moved(scale, x - scale * (left + right) / 2, y - scale * (top + bottom) / 2))
    return joined(copies)


def _places(name: str, count: int, across: float, down: float, step: float) -> list[tuple[float, float, float]]:
    """x, y and scale of each copy."""
    middle = (count - 1) / 2
    if name == "triangle":
        rows = [k for k in range(1, count + 1) if k * (k + 1) // 2 <= count]
        return [((i - (row - 1) / 2) * across, row * down * 0.94, 1.0) for row in rows for i in range(row)]
    if name == "arc":
        return [
            (
                (i - middle) * across * 1.12,
                down * 0.42 * ((i - middle) / max(middle, 1)) ** 2,
                1.24 - 0.24 * abs(i - middle) / max(middle, 1),
            )
            for i in range(count)
        ]
    if name == "grid":
        columns = math.ceil(math.sqrt(count))
        rows = [min(columns, count - start) for start in range(0, count, columns)]
        return [((i - (n - 1) / 2) * across, row * down, 1.0) for row, n in enumerate(rows) for i in range(n)]
    if name == "ring":
        radius = step / (2 * math.sin(math.pi / count))
        turns = [2 * math.pi * i / count for i in range(count)]
        return [(radius * math.sin(turn), -radius * math.cos(turn), 1.0) for turn in turns]
    return [((i - middle) * across, 0.0, 1.0) for i in range(count)]


def _inside(point: np.ndarray, loop: np.ndarray) -> bool:
    x, y = loop.astype(float).T
    next_x, next_y = np.roll(x, -1), np.roll(y, -1)
    px, py = point.astype(float)
    crossed = (y > py) != (next_y > py)
    at = x + (py - y) * (next_x - x) / np.where(next_y == y, 1, next_y - y)
    return bool((crossed & (px < at)).sum() % 2)
