"""Signed distance fields of outlines: what codes, generators and comparisons see of a drawing.

A field is float32 (S, S) over the unit square, sampled at the centres of S × S cells, positive inside. It is in units
of `REACH`, 3 cells of 1/64, and clipped to [-1, 1]: what is further from an edge tells nothing of its course.
"""

from __future__ import annotations

import numpy as np

from logo_gan.marks.outline import Outline

SIZE = 64  # cells a side
REACH = 3 / 64  # distance, in unit squares, at which a field saturates
FLATNESS = 1 / 1024  # of the chords that are measured against: a 16th of a cell
_LONGEST = 3 / 64  # chord that is measured as one: all look at a window of cells of one size
_CHUNK = 512  # chords at once


def signed_distance(outline: Outline, size: int = SIZE, reach: float = REACH) -> np.ndarray:
    """The field of an outline, exact but for the chords that stand for its curves; -1 everywhere for an empty one."""
    loops = outline.polygons(FLATNESS)
    if not loops:
        return np.full((size, size), -1, np.float32)
    a = np.concatenate(loops)
    b = np.concatenate([np.roll(loop, -1, axis=0) for loop in loops])
    centres = ((np.arange(size) + 0.5) / size).astype(np.float32)
    nearest = np.full((size, size), reach * reach, np.float32)
    start, end = _short(a, b)
    for k in range(0, len(start), _CHUNK):
        _lower(nearest, start[k : k + _CHUNK], end[k : k + _CHUNK], reach)
    inside = _inside(a, b, centres)
    return np.where(inside, 1, -1).astype(np.float32) * np.sqrt(nearest) / np.float32(reach)


def _short(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The chords, long ones in equal pieces."""
    pieces = np.ceil(np.abs(b - a).max(1) / _LONGEST).clip(1).astype(int)
    which = np.repeat(np.arange(len(a)), pieces)
    k = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    step = ((b - a) / pieces[:, None].astype(np.float32))[which]
    start = a[which] + step * k[:, None].astype(np.float32)
    return start, start + step


def _lower(nearest: np.ndarray, a: np.ndarray, b: np.ndarray, reach: float) -> None:
    """Take the squared distance to each chord where it is less, looking only at the cells within its reach."""
    size = len(nearest)
    side = int(np.ceil((_LONGEST + 2 * reach) * size)) + 1
    first = np.ceil((np.minimum(a, b) - reach) * size - 0.5).astype(int)
    cells = first[:, None] + np.arange(side)[:, None]  # (N, side, 2) columns and rows
    at = (cells.astype(np.float32) + np.float32(0.5)) / np.float32(size) - a[:, None]
    d = b - a
    length = np.maximum((d * d).sum(1), 1e-12)[:, None, None]
    x, y = at[:, None, :, 0], at[:, :, None, 1]
    along = ((x * d[:, None, None, 0] + y * d[:, None, None, 1]) / length).clip(0, 1)
    square = (x - along * d[:, None, None, 0]) ** 2 + (y - along * d[:, None, None, 1]) ** 2
    column, row = np.broadcast_arrays(cells[:, None, :, 0], cells[:, :, None, 1])
    near = (square < reach * reach) & (column >= 0) & (column < size) & (row >= 0) & (row < size)
    np.minimum.at(nearest, (row[near], column[near]), square[near])


def _inside(a: np.ndarray, b: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Which cells lie inside, by the even-odd rule: along each row every crossing changes the side."""
    size = len(centres)
    low, high = np.minimum(a[:, 1], b[:, 1]), np.maximum(a[:, 1], b[:, 1])
    first = np.searchsorted(centres, low, "right")  # a row that passes through a node counts for one of its two chords
    last = np.searchsorted(centres, high, "right")
    count = last - first
    which = np.repeat(np.arange(len(a)), count)
    row = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + first[which]
    t = (centres[row] - a[which, 1]) / (b[which, 1] - a[which, 1])
    x = a[which, 0] + t * (b[which, 0] - a[which, 0])
    column = np.searchsorted(centres, x, "left")
    flips = np.zeros((size, size + 1), np.int32)
    np.add.at(flips, (row, column), 1)
    return np.cumsum(flips, axis=1)[:, :size] % 2 == 1


def overlap(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of what two fields (..., S, S) fill, counted in cells; 1 where both are empty.

    A cell that an edge crosses counts in part, so that thin lines are not lost between the cells' centres.
    """
    steep = SIZE * REACH  # a ramp one cell wide
    p = (np.asarray(a) * steep + 0.5).clip(0, 1)
    q = (np.asarray(b) * steep + 0.5).clip(0, 1)
    union = np.maximum(p, q).sum((-1, -2))
    return np.where(union > 0, np.minimum(p, q).sum((-1, -2)) / np.maximum(union, 1e-9), 1.0)
