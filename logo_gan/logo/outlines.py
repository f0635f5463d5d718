"""Outlines of a scalar field with as few nodes as a draughtsman sets.

What a draughtsman sees first is found first: corners, of which a field has rounded the points off, are set where their
sides meet; straight runs become lines, round contours circles. The curves between are Schneider's least-squares fit
("An Algorithm for Automatically Fitting Digitized Curves", Graphics Gems, 1990), joined again where one curve does.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from contourpy import LineType, contour_generator

from logo_gan.logo.shapes import arc
from logo_gan.marks.outline import Outline

UNIT = 1024.0  # parts of the unit square that lengths in this file are counted in
TRACED = 256  # cells a side of the enlarged field that contours are traced on
STEP = 3.0  # between the points of a contour
TOLERANCE = 1.3  # largest distance of a curve: a twelfth of a cell of a 64-cell field
STRAIGHT = 0.8  # largest distance of a line
ROUND = 1.4  # largest distance of a circle
SPECK = 200.0  # contours around less are noise: the area of a cell
CORNER_REACH = 21.0  # a corner is a sharp turn between the directions over this length before and after it
CORNER_ANGLE = math.radians(38)
BLUR = 8.0  # how far from a corner a field has rounded it off
POINT = 16.0  # how far the true point of a corner may lie from the rounded one
BENT = math.radians(1.6)  # between two directions of 18 units each: what turns less is straight
SHORTEST_LINE = 42.0
FACET, LONGEST_FACET = math.radians(20), 130.0  # shorter runs that meet at less are an arc
LEVEL = 1.6  # a line whose ends differ by less is level or upright
REFINEMENTS = 3  # Newton steps on a curve's parameters before it is split


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
    return [loop for loop in loops if abs(_area(loop)) >= SPECK]


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
        circle = _circle(points)
        if circle is not None:
            return circle
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
        inner = inner[int(BLUR / STEP) if a in is_corner and len(inner) > 12 else 0 :]
        inner = inner[: len(inner) - (int(BLUR / STEP) if b in is_corner and len(inner) > 12 else 0)]
        piece = np.vstack([start, inner, end])
        if _off_line(piece) < STRAIGHT:
            fitted.append([np.stack([start, end])])
            continue
        before, after = spans[k - 1], spans[(k + 1) % len(spans)]
        leaving = arriving = None
        if a not in is_corner:
            leaving = _unit(start - nodes[before[0]]) if kinds[k - 1] else _unit(points[(a + 2) % n] - points[a - 2])
        if b not in is_corner:
            next_line = kinds[(k + 1) % len(spans)]
            arriving = _unit(end - nodes[after[1]]) if next_line else _unit(points[b - 2] - points[(b + 2) % n])
        fitted.append(_curves(piece, leaving, arriving))
    return fitted


def _nodes(
    points: np.ndarray, cuts: list[int], spans: list[tuple[int, int]], kinds: list[bool], is_corner: set[int]
) -> dict[int, np.ndarray]:
    """Where each cut lies: corners where their sides meet, ends of lines on the lines, level lines level."""
    n = len(points)
    nodes = {cut: points[cut].copy() for cut in cuts}
    fits = {}
    for (a, b), line in zip(spans, kinds, strict=True):
        if line:
            inner = points[np.arange(a, (b if b > a else b + n) + 1) % n]
            skip = min(int(BLUR / STEP), max(0, (len(inner) - 6) // 2))
            fits[a, b] = _line(inner[skip : len(inner) - skip] if skip else inner)
    for a, b in spans:
        if (a, b) in fits:
            middle, along = fits[a, b]
            for end in (a, b):
                nodes[end] = middle + along * ((points[end] - middle) @ along)
    for k, cut in enumerate(cuts):
        if cut not in is_corner:
            continue
        span_before, span_after = spans[k - 1], spans[k]
        before = fits.get(span_before) or _leading(points, cut, span_before[0], -1)
        after = fits.get(span_after) or _leading(points, cut, span_after[1], 1)
        if before is None or after is None:
            continue
        (p, u), (q, v) = before, after
        cross = u[0] * v[1] - u[1] * v[0]
        if abs(cross) > 0.15:
            meeting = p + u * (((q - p)[0] * v[1] - (q - p)[1] * v[0]) / cross)
            if np.hypot(*(meeting - points[cut])) < POINT:
                nodes[cut] = np.clip(meeting, 0, UNIT)
    for (a, b), line in zip(spans, kinds, strict=True):
        if line:
            for axis in (0, 1):
                if abs(nodes[a][axis] - nodes[b][axis]) < LEVEL and abs(nodes[a] - nodes[b]).max() > SHORTEST_LINE:
                    nodes[a][axis] = nodes[b][axis] = (nodes[a][axis] + nodes[b][axis]) / 2
    return nodes


def _leading(points: np.ndarray, corner: int, other: int, way: int) -> tuple[np.ndarray, np.ndarray] | None:
    """The line on which a side runs into a corner, seen beyond what is rounded off."""
    n = len(points)
    length = (other - corner) * way % n
    first = int(BLUR / STEP)
    last = min(first + 6, length - 2)
    if last - first < 2:
        return None
    near, far = points[(corner + way * first) % n], points[(corner + way * last) % n]
    return near, _unit(near - far)


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
        if length * STEP >= SHORTEST_LINE and _off_line(inner[2:-2], fitted=True) < STRAIGHT and not _arched(inner):
            found.append((a, b))
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
        first, second = (_unit(points[end] - points[start]) for start, end in ((a, b), following))
        if first @ second > math.cos(FACET):
            facets |= {run for run in ((a, b), following) if (run[1] - run[0]) % n * STEP < LONGEST_FACET}
    return [run for run in runs if run not in facets]


def _arched(points: np.ndarray) -> bool:
    """Whether the two halves of a run point in different directions, as those of a large arc do."""
    middle, skip = len(points) // 2, min(int(BLUR / STEP), len(points) // 6)
    (_, first), (_, last) = _line(points[skip : middle + 1]), _line(points[middle : len(points) - skip])
    return abs(first[0] * last[1] - first[1] * last[0]) > BENT


def _drawn_out(points: np.ndarray, a: int, b: int, stops: np.ndarray) -> tuple[int, int]:
    """A straight run made longer at both ends for as long as the points stay on its line, at most to a corner."""
    n = len(points)
    inner = points[np.arange(a, a + (b - a) % n + 1) % n]
    if len(inner) < 3:
        return a, b
    middle, along = _line(inner)
    normal = np.array([-along[1], along[0]])
    for _ in range(round(40 / STEP)):
        if stops[b] or abs((points[(b + 1) % n] - middle) @ normal) > STRAIGHT * (4 if stops[(b + 1) % n] else 0.7):
            break
        b = (b + 1) % n
    for _ in range(round(40 / STEP)):
        if stops[a] or abs((points[(a - 1) % n] - middle) @ normal) > STRAIGHT * (4 if stops[(a - 1) % n] else 0.7):
            break
        a = (a - 1) % n
    # A corner's last points are rounded off and off the line.
    for k in range(1, round(BLUR / STEP) + 2):
        if stops[(b + k) % n]:
            b = (b + k) % n
            break
    for k in range(1, round(BLUR / STEP) + 2):
        if stops[(a - k) % n]:
            a = (a - k) % n
            break
    return a, b


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


def _circle(points: np.ndarray) -> list[np.ndarray] | None:
    """Four arcs, if the contour is a circle."""
    x, y = points.T
    cx, cy, c = np.linalg.lstsq(np.stack([x, y, np.ones_like(x)], 1), x * x + y * y, rcond=None)[0]
    cx, cy = cx / 2, cy / 2
    radius = math.sqrt(max(c + cx * cx + cy * cy, 1e-9))
    if np.abs(np.hypot(x - cx, y - cy) - radius).max() > max(ROUND, 0.012 * radius):
        return None
    arcs = [arc(cx, cy, radius, k * math.pi / 2, (k + 1) * math.pi / 2) for k in range(4)]
    return arcs if _area(points) > 0 else [segment[::-1] for segment in reversed(arcs)]


def _curves(points: np.ndarray, start: np.ndarray | None, end: np.ndarray | None) -> list[np.ndarray]:
    """Curves along an open run of points; `start` and `end` are unit vectors into it, found here if not given."""
    reach = min(3, len(points) - 1)
    start = _unit(points[reach] - points[0]) if start is None else start
    end = _unit(points[-1 - reach] - points[-1]) if end is None else end
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


def _split(points: np.ndarray, a: int, b: int, start: np.ndarray, end: np.ndarray) -> list[tuple]:
    """(first index, last index, leaving, arriving, curve) of each curve."""
    piece = points[a : b + 1]
    curve, worst, at = _one(piece, start, end)
    if worst < TOLERANCE or len(piece) < 6:
        return [(a, b, start, end, curve)]
    middle = a + min(max(at, 2), len(piece) - 3)
    reach = min(3, middle - a, b - middle)
    tangent = _unit(points[middle - reach] - points[middle + reach])
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
    length = max(length, STEP)
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


def _corners(points: np.ndarray) -> np.ndarray:
    """Indices of the points where the outline turns sharply and more than anywhere else nearby, ascending."""
    reach = max(1, min(round(CORNER_REACH / STEP), len(points) // 4))
    turn = np.abs(_turns(points, reach))
    around = np.stack([np.roll(turn, shift) for shift in range(-reach, reach + 1)])
    peaks = np.flatnonzero((turn > CORNER_ANGLE) & (turn >= around.max(0) - 1e-12))
    # A corner turns within the blur of a field; a small arc turns all along its way.
    close = np.abs(_turns(points, max(1, reach // 2)))
    peaks = peaks[close[peaks] > 0.68 * turn[peaks]]
    kept: list[int] = []
    for index in peaks.tolist():  # equal neighbours, as on a tiny circle, would make every point a corner
        if all(min(index - k, len(points) - index + k) > reach for k in kept):
            kept.append(index)
    return np.array(kept, dtype=int)


def _turns(points: np.ndarray, reach: int) -> np.ndarray:
    """The angle at each point between the directions from `reach` points before it and to `reach` points after it."""
    before = points - np.roll(points, reach, axis=0)
    after = np.roll(points, -reach, axis=0) - points
    return np.arctan2(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0], (before * after).sum(1))


def _line(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The middle and the direction of the line nearest to points, in their order."""
    middle = points.mean(0)
    _, _, axes = np.linalg.svd(points - middle, full_matrices=False)
    along = axes[0]
    return middle, along if along @ (points[-1] - points[0]) > 0 else -along


def _off_line(points: np.ndarray, fitted: bool = False) -> float:
    """The largest distance of points from the chord between their ends, or from the line nearest to them."""
    if len(points) < 3:
        return 0.0
    if fitted:
        middle, along = _line(points)
    else:
        middle, along = points[0], _unit(points[-1] - points[0])
    return float(np.abs((points - middle) @ np.array([-along[1], along[0]])).max())


def _evenly_spaced(points: np.ndarray) -> np.ndarray:
    loop = np.vstack([points, points[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(loop, axis=0).T))])
    count = max(12, round(along[-1] / STEP))
    at = np.linspace(0.0, along[-1], count, endpoint=False)
    return np.stack([np.interp(at, along, loop[:, 0]), np.interp(at, along, loop[:, 1])], axis=1)


def _area(points: np.ndarray) -> float:
    x, y = points.T
    return 0.5 * float(x @ np.roll(y, -1) - y @ np.roll(x, -1))


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / max(float(np.hypot(*vector)), 1e-9)
