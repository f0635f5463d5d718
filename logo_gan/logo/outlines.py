"""Outlines of a scalar field with as few nodes as a draughtsman sets.

What a draughtsman sees first is found first: corners, of which a field has rounded the points off, are set where their
sides meet; straight runs become lines, round contours circles. What is between is fitted with curves.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from contourpy import LineType, contour_generator

from logo_gan.logo.curves import area, circle, curves, line, off_line, unit
from logo_gan.marks.outline import Outline

UNIT = 1024.0  # parts of the unit square that lengths in this file are counted in
TRACED = 256  # cells a side of the enlarged field that contours are traced on
STEP = 3.0  # between the points of a contour
STRAIGHT = 0.8  # largest distance of a line
SPECK = 200.0  # contours around less are noise: the area of a cell
CORNER_REACH = 21.0  # a corner is a sharp turn between the directions over this length before and after it
CORNER_ANGLE = math.radians(38)
BLUR = 8.0  # how far from a right-angled corner a field has rounded it off
BLURRED = 9  # points next to a corner that may be rounded off
ROUNDED = 20.0  # the radius with which a field of 64 cells rounds corners off, and no more
POINT = 40.0  # how far the true point of a corner may lie from the rounded one: sharp ones lose much
BENT = math.radians(1.6)  # between two directions of 18 units each: what turns less is straight
SHORTEST_LINE = 42.0
FACET, LONGEST_FACET = math.radians(20), 130.0  # shorter runs that meet at less are an arc
LEVEL = 1.6  # a line whose ends differ by less is level or upright


def fit(field: np.ndarray) -> Outline:
    """The outline of what a field holds.

    Args:
        field: float (F, F) over the unit square, positive inside, sampled at the centres of its cells.

    Returns:
        Contours with holes running against what they are cut from. Shapes that leave the square are closed along its
        border; specks are left out.
    """
    return Outline.of([[piece / UNIT for piece in _fitted(loop)] for loop in contours(field)])


def contours(field: np.ndarray) -> list[np.ndarray]:
    """The closed contours of a field, each (N, 2) in 1024ths of the unit square, the first point not repeated."""
    size = max(TRACED, len(field))
    weights = _enlarging(len(field), size)
    padded = np.pad(np.pad(weights @ np.asarray(field, np.float64) @ weights.T, 1, mode="edge"), 1, constant_values=-1)
    lines = contour_generator(z=padded, line_type=LineType.Separate).lines(0.0)
    loops = [np.clip((line[:-1] - 1.5) * (UNIT / size), 0.0, UNIT) for line in lines]
    return [loop for loop in loops if abs(area(loop)) >= SPECK]


@lru_cache(maxsize=4)
def _enlarging(width: int, size: int) -> np.ndarray:
    """(size, width): Catmull and Rom's spline, which keeps straight slopes straight, borders aligned."""
    centres = np.clip((np.arange(size) + 0.5) * width / size, 0, width) - 0.5
    left = np.floor(centres).astype(int)
    weights = np.zeros((size, width))
    for tap in range(-1, 3):
        x = np.abs(centres - (left + tap))
        value = np.where(x < 1, 1 - 2.5 * x**2 + 1.5 * x**3, 2 - 4 * x + 2.5 * x**2 - 0.5 * x**3)
        np.add.at(weights, (np.arange(size), np.clip(left + tap, 0, width - 1)), value)
    return weights


def _fitted(loop: np.ndarray) -> list[np.ndarray]:
    """A contour as segments: (2, 2) lines and (4, 2) curves."""
    points = _evenly_spaced(loop)
    corners = _corners(points)
    if not len(corners):
        found = circle(points)
        if found is not None:
            return found
    return [piece for side in _sides(points, corners, _straight_runs(points, corners)) for piece in side]


def _sides(points: np.ndarray, corners: np.ndarray, runs: list[tuple[int, int]]) -> list[list[np.ndarray]]:
    """The contour cut at its corners and at the ends of its straight runs, each part fitted."""
    n = len(points)
    is_corner = set(corners.tolist())
    cuts = sorted(is_corner | {i % n for run in runs for i in run})
    if not cuts:  # nodes at the extremes, as type designers set them
        x, y = points.T
        cuts = sorted({int(y.argmin()), int(x.argmax()), int(y.argmax()), int(x.argmin())})
    if len(cuts) == 1:
        cuts = sorted([cuts[0], (cuts[0] + n // 2) % n])
    lines = {(a % n, b % n) for a, b in runs}
    spans = [(a, cuts[(k + 1) % len(cuts)]) for k, a in enumerate(cuts)]
    kinds = [span in lines for span in spans]
    nodes = _nodes(points, cuts, spans, kinds, is_corner)
    fitted = []
    for k, (a, b) in enumerate(spans):
        start, end = nodes[a], nodes[b]
        if kinds[k]:
            fitted.append([np.stack([start, end])])
            continue
        inner = points[np.arange(a + 1, b + (n if b <= a else 0)) % n]
        # What a field has rounded off next to a corner says nothing of the curve.
        first = min(_blurred(points, a) if a in is_corner else 0, len(inner) // 3)
        last = min(_blurred(points, b) if b in is_corner else 0, len(inner) // 3)
        inner = inner[first : len(inner) - last]
        piece = np.vstack([start, inner, end])
        if off_line(piece) < STRAIGHT:
            fitted.append([np.stack([start, end])])
            continue
        before, after = spans[k - 1], spans[(k + 1) % len(spans)]
        leaving = arriving = None
        if a not in is_corner:
            leaving = unit(start - nodes[before[0]]) if kinds[k - 1] else unit(points[(a + 2) % n] - points[a - 2])
        if b not in is_corner:
            next_line = kinds[(k + 1) % len(spans)]
            arriving = unit(end - nodes[after[1]]) if next_line else unit(points[b - 2] - points[(b + 2) % n])
        fitted.append(curves(piece, leaving, arriving))
    return fitted


def _nodes(
    points: np.ndarray, cuts: list[int], spans: list[tuple[int, int]], kinds: list[bool], is_corner: set[int]
) -> dict[int, np.ndarray]:
    """Where each cut lies: corners where their sides meet, ends of lines on the lines, level lines level."""
    n = len(points)
    nodes = {cut: points[cut].copy() for cut in cuts}
    fits = {}
    for (a, b), straight in zip(spans, kinds, strict=True):
        if straight:
            inner = points[np.arange(a, (b if b > a else b + n) + 1) % n]
            skip = min(BLURRED, max(0, (len(inner) - 6) // 2))
            fits[a, b] = line(inner[skip : len(inner) - skip])
    for a, b in spans:
        if (a, b) in fits:
            middle, along = fits[a, b]
            for end in (a, b):
                nodes[end] = middle + along * ((points[end] - middle) @ along)
    for k, cut in enumerate(cuts):
        if cut not in is_corner:
            continue
        before = fits.get(spans[k - 1]) or _leading(points, cut, -1)
        after = fits.get(spans[k]) or _leading(points, cut, 1)
        meeting = _meeting(before, after)
        if meeting is not None and np.hypot(*(meeting - points[cut])) < POINT:
            nodes[cut] = np.clip(meeting, 0, UNIT)
    for (a, b), straight in zip(spans, kinds, strict=True):
        if straight:
            for axis in (0, 1):
                if abs(nodes[a][axis] - nodes[b][axis]) < LEVEL and abs(nodes[a] - nodes[b]).max() > SHORTEST_LINE:
                    nodes[a][axis] = nodes[b][axis] = (nodes[a][axis] + nodes[b][axis]) / 2
    return nodes


def _straight_runs(points: np.ndarray, corners: np.ndarray) -> list[tuple[int, int]]:
    """First and last index of each straight run; none reaches beyond a corner."""
    n, reach = len(points), round(18 / STEP)
    if n < 4 * reach:
        return []
    turn = np.abs(_turns(points, reach))
    flat = turn < BENT
    # Near a corner or a curve's beginning the window sees the turn; runs are drawn out to there below.
    fixed = set(corners.tolist())
    stops = np.zeros(n, bool)
    stops[list(fixed)] = True
    runs = []
    start = int(np.flatnonzero(~flat)[0]) if (~flat).any() else 0
    order = [(start + i) % n for i in range(n)]
    current: list[int] = []
    for i in [*order, order[0]]:
        if flat[i] and not (current and i == order[0]):
            current.append(i)
            continue
        if current:
            runs.append((current[0], current[-1]))
        current = []
    found = []
    for a, b in runs:
        a, b = _drawn_out(points, a, b, stops)
        length = (b - a) % n
        inner = points[np.arange(a, a + length + 1) % n]
        if length * STEP >= SHORTEST_LINE and off_line(inner[2:-2], fitted=True) < STRAIGHT and not _arched(inner):
            found.append(_to_corners(points, a, b, stops))
    return _apart(_no_facets(found, points, stops), n, fixed)


def _no_facets(runs: list[tuple[int, int]], points: np.ndarray, stops: np.ndarray) -> list[tuple[int, int]]:
    """Without short runs that meet another one at a small angle: those are the facets of an arc."""
    n = len(points)
    facets = set()
    for k, (a, b) in enumerate(runs):
        following = runs[(k + 1) % len(runs)]
        gap = (following[0] - b + n // 2) % n - n // 2  # less than 0 where they overlap
        if len(runs) < 2 or gap > 6 or stops[np.arange(b, b + max(gap, 0) + 1) % n].any():
            continue
        first, second = (unit(points[end] - points[start]) for start, end in ((a, b), following))
        if first @ second > math.cos(FACET):
            facets |= {run for run in ((a, b), following) if (run[1] - run[0]) % n * STEP < LONGEST_FACET}
    return [run for run in runs if run not in facets]


def _arched(points: np.ndarray) -> bool:
    """Whether the two halves of a run point in different directions, as those of a large arc do."""
    middle, skip = len(points) // 2, min(int(BLUR / STEP), len(points) // 6)
    (_, first), (_, last) = line(points[skip : middle + 1]), line(points[middle : len(points) - skip])
    return abs(first[0] * last[1] - first[1] * last[0]) > BENT


def _drawn_out(points: np.ndarray, a: int, b: int, stops: np.ndarray) -> tuple[int, int]:
    """A straight run made longer at both ends for as long as the points stay on its line, at most to a corner."""
    n = len(points)
    inner = points[np.arange(a, a + (b - a) % n + 1) % n]
    if len(inner) < 3:
        return a, b
    middle, along = line(inner)
    normal = np.array([-along[1], along[0]])
    for _ in range(round(40 / STEP)):
        if stops[b] or abs((points[(b + 1) % n] - middle) @ normal) > STRAIGHT * (4 if stops[(b + 1) % n] else 0.7):
            break
        b = (b + 1) % n
    for _ in range(round(40 / STEP)):
        if stops[a] or abs((points[(a - 1) % n] - middle) @ normal) > STRAIGHT * (4 if stops[(a - 1) % n] else 0.7):
            break
        a = (a - 1) % n
    return a, b


def _to_corners(points: np.ndarray, a: int, b: int, stops: np.ndarray) -> tuple[int, int]:
    """A straight run that ends near corners made to end in them: the points between are rounded off."""
    n = len(points)
    middle, along = line(points[np.arange(a, a + (b - a) % n + 1) % n])
    normal = np.array([-along[1], along[0]])
    ends = []
    for end, way in ((a, -1), (b, 1)):
        near = [(end + way * k) % n for k in range(BLURRED + 5)]
        found = [i for i in near if stops[i] and abs((points[i] - middle) @ normal) < BLUR]
        ends.append(found[0] if found else end)
    return ends[0], ends[1]


def _apart(runs: list[tuple[int, int]], n: int, corners: set[int]) -> list[tuple[int, int]]:
    """Runs that do not overlap: two that meet without a corner share a node in the middle of the overlap."""
    kept: list[tuple[int, int]] = []
    for a, b in sorted(runs, key=lambda run: -((run[1] - run[0]) % n)):
        inside = {i % n for i in range(a + 1, a + (b - a) % n)}
        taken = {i % n for c, d in kept for i in range(c, c + (d - c) % n + 1)} - corners
        free = [i % n for i in range(a, a + (b - a) % n + 1) if i % n not in taken]
        if len(free) * STEP < SHORTEST_LINE * 0.8 or inside & corners:
            continue
        if (free[-1] - free[0]) % n + 1 == len(free):
            kept.append((free[0], free[-1]))
    return kept


def _corners(points: np.ndarray) -> np.ndarray:
    """Indices of the points where the outline turns sharply and more than anywhere else nearby, ascending."""
    reach = max(1, min(round(CORNER_REACH / STEP), len(points) // 4))
    turn = np.abs(_turns(points, reach))
    around = np.stack([np.roll(turn, shift) for shift in range(-reach, reach + 1)])
    peaks = np.flatnonzero((turn > CORNER_ANGLE) & (turn >= around.max(0) - 1e-12))
    peaks = np.array([i for i in peaks.tolist() if _rounding(points, i) < ROUNDED], int)
    kept: list[int] = []
    for index in peaks.tolist():  # equal neighbours, as on a tiny circle, would make every point a corner
        if all(min(index - k, len(points) - index + k) > reach for k in kept):
            kept.append(index)
    return np.array(kept, dtype=int)


def _rounding(points: np.ndarray, corner: int) -> float:
    """The radius with which a corner is rounded off: that of an arc between the lines on which its sides lead to it."""
    before, after = (_leading(points, corner, way) for way in (-1, 1))
    meeting = _meeting(before, after)
    if meeting is None:
        return math.inf
    half = (math.pi - math.acos(float(np.clip(before[1] @ -after[1], -1, 1)))) / 2
    return float(np.hypot(*(meeting - points[corner]))) / max(1 / max(math.sin(half), 0.05) - 1, 1e-3)


def _leading(points: np.ndarray, corner: int, way: int) -> tuple[np.ndarray, np.ndarray]:
    """The line on which a side runs into a corner, seen beyond what is rounded off: a point and the way to there."""
    n, first = len(points), _blurred(points, corner)
    near, far = points[(corner + way * first) % n], points[(corner + way * min(first + 6, n // 4)) % n]
    return near, unit(near - far)


def _blurred(points: np.ndarray, corner: int) -> int:
    """How many points on each side of a corner are rounded off; the sharper it is, the more."""
    n, wide = len(points), round(36 / STEP)
    half = max(_angle(points[corner - wide] - points[corner], points[(corner + wide) % n] - points[corner]) / 2, 0.2)
    return min(max(round(BLUR / math.tan(half) / STEP) + 1, 2), BLURRED, n // 6)


def _meeting(before: tuple[np.ndarray, np.ndarray], after: tuple[np.ndarray, np.ndarray]) -> np.ndarray | None:
    """Where two lines meet, each a point and a direction; None where they are nearly parallel."""
    (p, u), (q, v) = before, after
    cross = u[0] * v[1] - u[1] * v[0]
    if abs(cross) < 0.15:
        return None
    return p + u * (((q - p)[0] * v[1] - (q - p)[1] * v[0]) / cross)


def _angle(a: np.ndarray, b: np.ndarray) -> float:
    return math.acos(float(np.clip(unit(a) @ unit(b), -1, 1)))


def _turns(points: np.ndarray, reach: int) -> np.ndarray:
    """The angle at each point between the directions from `reach` points before it and to `reach` points after it."""
    before = points - np.roll(points, reach, axis=0)
    after = np.roll(points, -reach, axis=0) - points
    return np.arctan2(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0], (before * after).sum(1))


def _evenly_spaced(points: np.ndarray) -> np.ndarray:
    loop = np.vstack([points, points[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(loop, axis=0).T))])
    count = max(12, round(along[-1] / STEP))
    at = np.linspace(0.0, along[-1], count, endpoint=False)
    return np.stack([np.interp(at, along, loop[:, 0]), np.interp(at, along, loop[:, 1])], axis=1)
