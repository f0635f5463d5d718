"""Closed outlines of a scalar field as short lists of cubic Bézier curves, written as SVG path data.

The fit is the least-squares one of P. J. Schneider, "An Algorithm for Automatically Fitting Digitized Curves"
(Graphics Gems, 1990): corners are found first and kept, the pieces between them are split until they fit.
"""

from __future__ import annotations

import itertools

import numpy as np

CANVAS = 1024.0  # side of the SVG's view box; every length in this file is in its units
STEP = 4.0  # distance between the points that the curves are fitted to
TOLERANCE = 0.35  # largest distance between an outline and its curves: a third of a pixel at 1024 px
SPECK_AREA = 220.0  # outlines around less are noise: the area of about one pixel at 64 px
BUSY = 12 * CANVAS  # outlines of a layer longer than this together are noise: the tolerance grows with their length
CORNER_REACH = 20.0  # a corner is a sharp turn between the directions over this length before and after it
CORNER_ANGLE = np.radians(48)
REFINEMENTS = 3  # Newton steps on the curve's parameters before a piece is split

Segment = np.ndarray  # (4, 2): start, two control points, end


def outlines(field: np.ndarray) -> list[np.ndarray]:
    """The closed outlines of `field` (T, T), positive inside, pixel centres half a step from the border.

    Returns arrays (N, 2) of x, y, the first point not repeated at the end. Shapes that leave the canvas are
    closed along its border. Specks are left out.
    """
    from contourpy import LineType, contour_generator  # here: machines that only train lack it

    size = field.shape[0]
    padded = np.pad(np.pad(field, 1, mode="edge"), 1, constant_values=-1.0)
    lines = contour_generator(z=padded, line_type=LineType.Separate).lines(0.0)
    found = []
    for line in lines:
        points = np.clip((line[:-1] - 1.5) * (CANVAS / size), 0.0, CANVAS)
        if abs(_area(points)) >= SPECK_AREA:
            found.append(points)
    return found


def fit(loops: list[np.ndarray]) -> list[list[Segment]]:
    """A layer's outlines as curves, looser ones where the outlines have no end: it bounds time and size."""
    length = sum(float(np.hypot(*(loop - np.roll(loop, 1, axis=0)).T).sum()) for loop in loops)
    return [fit_closed(loop, TOLERANCE * max(1.0, (length / BUSY) ** 2)) for loop in loops]


def fit_closed(points: np.ndarray, tolerance: float = TOLERANCE) -> list[Segment]:
    """Cubic Bézier curves, end to start, that follow a closed outline (N, 2) within about `tolerance`.

    Straight pieces come back as segments whose control points lie on their ends.
    """
    points = _evenly_spaced(points)
    cuts = _corners(points)
    smooth = len(cuts) == 0
    if smooth:  # nodes at the extremes, as type designers set them: a circle becomes four curves
        x, y = points.T
        cuts = np.unique([y.argmin(), x.argmax(), y.argmax(), x.argmin()])
    points = np.roll(points, -int(cuts[0]), axis=0)
    loop = np.vstack([points, points[:1]])
    cuts = np.append(cuts - cuts[0], len(points)).tolist()
    segments: list[Segment] = []
    for start, end in itertools.pairwise(cuts):
        piece = loop[start : end + 1]
        if smooth:
            leaving = _unit(points[(start + 1) % len(points)] - points[start - 1])
            arriving = -_unit(points[(end + 1) % len(points)] - points[end - 1])
        else:
            reach = min(2, len(piece) - 1)
            leaving, arriving = _unit(piece[reach] - piece[0]), _unit(piece[-1 - reach] - piece[-1])
        segments += _fit(piece, leaving, arriving, tolerance)
    return segments


def path_data(loops: list[list[Segment]]) -> str:
    """The `d` attribute that draws closed loops of segments: relative commands, coordinates to a tenth."""
    parts = []
    for segments in loops:
        here = np.round(segments[0][0] * 10).astype(int)
        parts.append("M" + _numbers(here))
        for segment in segments:
            tenths = np.round(segment * 10).astype(int)
            if _is_line(segment):
                parts.append("l" + _numbers(tenths[3] - here))
            else:
                # Taken from the rounded pen position, so that rounding never adds up along a path.
                parts.append("c" + _numbers((tenths[1:] - here).ravel()))
            here = tenths[3]
        parts.append("z")
    return "".join(parts)


def _numbers(tenths: np.ndarray) -> str:
    text = ""
    for value in tenths.tolist():
        whole, rest = divmod(abs(value), 10)
        number = "-" if value < 0 else ""
        number += (str(whole) if whole or not rest else "") + (f".{rest}" if rest else "")
        text += number if not text or number[0] == "-" else " " + number
    return text


def _is_line(segment: Segment) -> bool:
    return bool((segment[0] == segment[1]).all() and (segment[2] == segment[3]).all())


def _area(points: np.ndarray) -> float:
    x, y = points.T
    return 0.5 * float(x @ np.roll(y, -1) - y @ np.roll(x, -1))


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / max(float(np.hypot(*vector)), 1e-9)


def _evenly_spaced(points: np.ndarray) -> np.ndarray:
    loop = np.vstack([points, points[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(loop, axis=0).T))])
    count = max(8, round(along[-1] / STEP))
    at = np.linspace(0.0, along[-1], count, endpoint=False)
    return np.stack([np.interp(at, along, loop[:, 0]), np.interp(at, along, loop[:, 1])], axis=1)


def _corners(points: np.ndarray) -> np.ndarray:
    """Indices of the points where the outline turns sharply and more than anywhere else nearby, ascending."""
    reach = max(1, min(round(CORNER_REACH / STEP), len(points) // 4))
    before = points - np.roll(points, reach, axis=0)
    after = np.roll(points, -reach, axis=0) - points
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    turn = np.abs(np.arctan2(cross, (before * after).sum(1)))
    around = np.stack([np.roll(turn, shift) for shift in range(-reach, reach + 1)])
    peaks = np.flatnonzero((turn > CORNER_ANGLE) & (turn >= around.max(0) - 1e-12))
    kept: list[int] = []
    for index in peaks.tolist():  # equal neighbours, as on a tiny circle, would make every point a corner
        if all(min(index - k, len(points) - index + k) > reach for k in kept):
            kept.append(index)
    return np.array(kept, dtype=int)


def _fit(points: np.ndarray, start: np.ndarray, end: np.ndarray, tolerance: float) -> list[Segment]:
    """Segments along an open run of points (N, 2); the unit vectors `start` and `end` point into it."""
    first, last = points[0], points[-1]
    chord = last - first
    length = float(np.hypot(*chord))
    if len(points) < 3:
        return [np.stack([first, first, last, last])]
    if length > 0:
        off = np.abs((points[:, 0] - first[0]) * chord[1] - (points[:, 1] - first[1]) * chord[0]) / length
        # Tighter than for curves: a shallow arc must not become a polygon.
        if off.max() < tolerance / 3:
            return [np.stack([first, first, last, last])]
    steps = np.hypot(*np.diff(points, axis=0).T)
    at = np.concatenate([[0.0], np.cumsum(steps)]) / max(float(steps.sum()), 1e-9)
    worst = len(points) // 2
    for attempt in range(REFINEMENTS + 1):
        segment = _least_squares(points, at, start, end, length)
        gaps = _evaluate(segment, at) - points
        squared = (gaps * gaps).sum(1)
        worst = int(squared.argmax())
        if squared[worst] < tolerance**2:
            return [segment]
        if squared[worst] > (6 * tolerance) ** 2 or attempt == REFINEMENTS:
            break
        at = _closer(segment, gaps, at)
    worst = min(max(worst, 1), len(points) - 2)
    around = min(2, worst, len(points) - 1 - worst)
    tangent = _unit(points[worst - around] - points[worst + around])
    return _fit(points[: worst + 1], start, tangent, tolerance) + _fit(points[worst:], -tangent, end, tolerance)


def _evaluate(segment: Segment, at: np.ndarray) -> np.ndarray:
    rest = 1.0 - at
    weights = np.stack([rest**3, 3 * at * rest**2, 3 * at**2 * rest, at**3], axis=1)
    return weights @ segment


def _least_squares(points: np.ndarray, at: np.ndarray, start: np.ndarray, end: np.ndarray, length: float) -> Segment:
    """With the two handle lengths that bring it nearest to the points (Schneider's normal equations)."""
    rest = 1.0 - at
    near, far = 3 * at * rest**2, 3 * at**2 * rest
    to_first, to_last = rest**3 + near, at**3 + far
    remains = points - to_first[:, None] * points[0] - to_last[:, None] * points[-1]
    c00, c01, c11 = near @ near, (near @ far) * (start @ end), far @ far
    x0, x1 = near @ (remains @ start), far @ (remains @ end)
    determinant = c00 * c11 - c01 * c01
    handles = (0.0, 0.0)
    if abs(determinant) > 1e-12:
        handles = ((x0 * c11 - x1 * c01) / determinant, (c00 * x1 - c01 * x0) / determinant)
    # Handles that point backwards or reach far beyond the piece draw loops: a third of the chord instead.
    longest = 3 * max(length, STEP)
    if min(handles) < 1e-3 * max(length, STEP) or max(handles) > longest:
        handles = (length / 3, length / 3)
    return np.stack([points[0], points[0] + start * handles[0], points[-1] + end * handles[1], points[-1]])


def _closer(segment: Segment, gaps: np.ndarray, at: np.ndarray) -> np.ndarray:
    """One Newton step of every parameter towards the curve's point nearest to its sample."""
    first = 3 * np.diff(segment, axis=0)
    second = 2 * np.diff(first, axis=0)
    rest = 1.0 - at
    speed = np.stack([rest**2, 2 * at * rest, at**2], axis=1) @ first
    bend = np.stack([rest, at], axis=1) @ second
    slope = (speed * speed).sum(1) + (gaps * bend).sum(1)
    moved = at - np.where(np.abs(slope) > 1e-9, (gaps * speed).sum(1) / np.where(slope == 0, 1, slope), 0.0)
    return np.maximum.accumulate(np.clip(moved, 0.0, 1.0))
