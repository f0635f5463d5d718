"""A remembered outline bent by a smooth displacement, as a draughtsman would redraw it.

Nodes move, and their tangents follow the map's Jacobian, so corners stay corners, smooth nodes smooth, and straight
lines straight. What a plain warp would spoil is kept by rule: level and upright lines and tangents, what stands on one
line, arcs of circles, and symmetry.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from logo_gan.logo.arcs import keep_circles
from logo_gan.marks.distance import overlap
from logo_gan.marks.outline import Outline

ITERATIONS = 8  # of inverting the map: it moves nothing by more than a sixth, and is smooth
SAME_LINE = 0.004  # unit squares within which nodes count as standing on one line
APART = 0.03  # after the warp, from which nodes that stood on one line are left apart
LEVEL = 0.02  # slope up to which a line or a tangent counts as level
PASSES = 3  # of bringing lines and circles together
SYMMETRIC = 0.955  # overlap of a field with its mirror image or its turn
TURNS = (2, 3, 4, 5, 6, 8)  # orders of rotation that are looked for
THINNER, FATTER = 0.12, 0.14  # of the width of its lines, that a drawing may lose or gain on each side
LEAST_HEAVIER, MOST_LIGHTER, MOST_HEAVIER = 0.0008, 0.011, 0.006  # unit squares; gaps close sooner than lines thin
LONGEST_MITRE = 1.8  # how much further than its sides a corner moves
PLACES = 4096  # across the unit square, at which splines are tabled
CHECKED = 24  # places a side where the map is looked at for folds
_MIRRORS = {"upright": np.diag([-1.0, 1.0]), "level": np.diag([1.0, -1.0])}  # by their axes
LEAST_DETERMINANT, MOST_DETERMINANT = 0.4, 2.5  # of the map: what it makes of a small square


@dataclass(frozen=True)
class Symmetry:
    """What maps a drawing onto itself.

    Attributes:
        order: how many turns about the middle do, 1 for none but the whole one.
        mirror: "upright" or "level" for the axis that it can be mirrored at, "" for none.
    """

    order: int = 1
    mirror: str = ""

    @cached_property
    def elements(self) -> np.ndarray:
        """The turns and mirrorings (G, 2, 2) about the middle, the identity first."""
        turns = [_rotation(2 * np.pi * k / self.order) for k in range(self.order)]
        mirrored = [_MIRRORS[self.mirror] @ turn for turn in turns] if self.mirror else []
        return np.stack(turns + mirrored)

    @property
    def code(self) -> int:
        """As a memory keeps it: the order, with 16 more for an upright mirror or 32 for a level one."""
        return self.order + 16 * ("", *_MIRRORS).index(self.mirror)

    @staticmethod
    def decoded(code: int) -> Symmetry:
        """From what `code` gave."""
        return Symmetry(code % 16, ("", *_MIRRORS)[code // 16])

    @staticmethod
    def of(field: np.ndarray) -> Symmetry:
        """Of a drawing's field (64, 64)."""
        field = field.reshape(len(field) // 2, 2, len(field) // 2, 2).mean((1, 3))
        middle = _middle(field)
        order = 1
        for n in TURNS:
            if n % order == 0 or order == 1:
                turned = _transformed(field, _rotation(2 * np.pi / n), middle)
                if overlap(field, turned) > SYMMETRIC - (0.02 if n > 2 else 0):
                    order = n
        mirrors = (
            name
            for name, element in _MIRRORS.items()
            if overlap(field, _transformed(field, element, middle)) > SYMMETRIC
        )
        return Symmetry(order, next(mirrors, ""))


class Warp:
    """The map of a displacement, averaged over a drawing's symmetry.

    Args:
        displacement: (2, G, G) control points in unit squares, x first, as model/networks.py has them: what was at
            x + d(x) comes to x.
        symmetry: what the result has to keep.
    """

    def __init__(self, displacement: np.ndarray, symmetry: Symmetry):
        self.control = np.asarray(displacement, np.float64)
        self.symmetry = symmetry

    def __call__(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where points (N, 2) go, and the Jacobian (N, 2, 2) there."""
        elements = self.symmetry.elements
        turned = (np.asarray(points, np.float64) - 0.5) @ elements.transpose(0, 2, 1) + 0.5  # (G, N, 2)
        places, jacobians = self._plain(turned.reshape(-1, 2))
        places = (places.reshape(turned.shape) - 0.5) @ elements
        jacobians = jacobians.reshape(*turned.shape, 2)
        jacobians = elements.transpose(0, 2, 1)[:, None] @ jacobians @ elements[:, None]
        return places.mean(0) + 0.5, jacobians.mean(0)

    def _plain(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        n, to = self.control.shape[-1], points
        for _ in range(ITERATIONS):
            to = points - self._at(_spline(to[:, 0], n), _spline(to[:, 1], n))
        wx, wy = _spline(to[:, 0], n), _spline(to[:, 1], n)
        gradient = np.stack((self._at(_slope(to[:, 0], n), wy), self._at(wx, _slope(to[:, 1], n))), axis=-1)
        return to, np.linalg.inv(np.eye(2) + gradient)

    def _at(self, wx: np.ndarray, wy: np.ndarray) -> np.ndarray:
        """The displacement (N, 2) that weights (N, G) across and down give."""
        return np.stack([((wy @ part) * wx).sum(1) for part in self.control], axis=1)

    def is_sound(self) -> bool:
        """Whether nothing is folded or torn by it."""
        across = (np.arange(CHECKED) + 0.5) / CHECKED
        weights, slopes = _spline(across, self.control.shape[-1]), _slope(across, self.control.shape[-1])
        dx, dy = weights @ self.control @ slopes.T, slopes @ self.control @ weights.T
        determinant = (1 + dx[0]) * (1 + dy[1]) - dx[1] * dy[0]  # of the map back
        return bool(determinant.min() > 1 / MOST_DETERMINANT and determinant.max() < 1 / LEAST_DETERMINANT)


def bent(outline: Outline, warp: Warp) -> Outline:
    """The outline as the warp redraws it, framed in the unit square; it has the same segments."""
    if not len(outline):
        return outline
    points = outline.points.astype(np.float64)
    before = np.arange(len(points)) - 1  # the segment that ends where each begins
    for part in outline.contours:
        before[part.start] = part.stop - 1
    following = np.empty_like(before)
    following[before] = np.arange(len(points))
    nodes = points[:, 0]
    to, jacobian = warp(nodes)
    after = np.empty_like(points)
    leaving = np.einsum("nij,nj->ni", jacobian, points[:, 1] - nodes)
    arriving = np.einsum("nij,nj->ni", jacobian, points[before, 2] - nodes)  # of the segment before
    circle, grown = keep_circles(points, outline.straight, before, to)
    kept = circle >= 0
    leaving[kept] = (points[:, 1] - nodes)[kept] * grown[kept, None]
    arriving[kept] = (points[before, 2] - nodes)[kept] * grown[kept, None]
    tangents = np.stack((points[:, 1] - nodes, points[before, 2] - nodes))
    for axis in (0, 1):
        level = _is_level(tangents, axis)
        line = np.where(outline.straight & level[0], following, -1)
        _align(nodes[:, axis], to[:, axis], level.any(0), circle, line)
        for handles, flat in zip((leaving, arriving), level, strict=True):
            handles[flat, axis] = 0
    after[:, 0] = to
    after[:, 1] = to + leaving
    after[before, 2] = to + arriving
    after[before, 3] = to
    line = outline.straight
    after[line, 1] = after[line, 0] + (after[line, 3] - after[line, 0]) / 3
    after[line, 2] = after[line, 0] + (after[line, 3] - after[line, 0]) * (2 / 3)
    return Outline(after.astype(np.float32), line, outline.starts).framed()


def heavier(outline: Outline, amount: float) -> Outline:
    """The outline moved outward by `amount` unit squares, inward where that is negative; nodes stay as they are.

    It moves by less where lines are thin, and not at all where a part would turn inside out.
    """
    width = 2 * outline.area / max(outline.length, 1e-9)  # what a line of this area and length would be wide
    amount = float(np.clip(amount, -min(THINNER * width, MOST_LIGHTER), min(FATTER * width, MOST_HEAVIER)))
    if not len(outline) or abs(amount) < LEAST_HEAVIER:
        return outline
    points = outline.points.astype(np.float64)
    before = np.arange(len(points)) - 1
    for part in outline.contours:
        before[part.start] = part.stop - 1
    side = np.sign(sum(_signed_area(points[part]) for part in outline.contours)) or 1.0
    out, into = _direction(points), _direction(points[:, ::-1])[before] * -1
    first, second = (np.stack((t[:, 1], -t[:, 0]), axis=1) * side for t in (into, out))
    mitre = (first + second) / np.maximum(1 + (first * second).sum(1), 0.3)[:, None]
    size = np.hypot(*mitre.T)[:, None]
    nodes = points[:, 0] + amount * mitre * np.minimum(1, LONGEST_MITRE / np.maximum(size, 1e-9))
    ends = np.empty_like(nodes)
    ends[before] = nodes
    chord = np.hypot(*(points[:, 3] - points[:, 0]).T)
    grown = (np.hypot(*(ends - nodes).T) / np.maximum(chord, 1e-9)).clip(0.5, 2)[:, None]
    after = np.stack(
        (nodes, nodes + (points[:, 1] - points[:, 0]) * grown, ends + (points[:, 2] - points[:, 3]) * grown, ends),
        axis=1,
    )
    for part in outline.contours:
        was, now = _signed_area(points[part]), _signed_area(after[part])
        if was * now <= 0 or not 0.5 < now / was < 2:
            return outline
    return Outline(after.astype(np.float32), outline.straight, outline.starts).framed()


def _direction(points: np.ndarray) -> np.ndarray:
    """The unit tangents (S, 2) in which segments (S, 4, 2) leave their starts."""
    steps = points[:, 1:] - points[:, :1]
    size = np.hypot(steps[..., 0], steps[..., 1])
    chosen = (size > 1e-6).argmax(1)
    step = steps[np.arange(len(points)), chosen]
    return step / np.maximum(np.hypot(*step.T), 1e-9)[:, None]


def _signed_area(segments: np.ndarray) -> float:
    """Of a contour's control polygon."""
    x, y = segments[:, :3].reshape(-1, 2).T
    return 0.5 * float(x @ np.roll(y, -1) - y @ np.roll(x, -1))


def _runs(index: np.ndarray, values: np.ndarray, gap: float) -> list[np.ndarray]:
    """Indices in groups whose values, in ascending order, lie no further apart than `gap`."""
    order = index[np.argsort(values[index], kind="stable")]
    return np.split(order, np.flatnonzero(np.diff(values[order]) > gap) + 1)


def _still_joined(row: np.ndarray, after: np.ndarray, line: np.ndarray) -> list[np.ndarray]:
    """A row of nodes in groups that are still about one line; the two ends of a straight one are never parted."""
    label = np.full(len(after), -1)
    for k, part in enumerate(_runs(row, after, APART)):
        label[part] = k
    for node in row[line[row] >= 0]:
        a, b = label[node], label[line[node]]
        if b >= 0:
            label[label == b] = a
    return [row[label[row] == k] for k in np.unique(label[row])]


def _is_level(tangents: np.ndarray, axis: int) -> np.ndarray:
    """Which tangents (2, N, 2) have no part along an axis: level lines for y, upright ones for x."""
    size = np.hypot(tangents[..., 0], tangents[..., 1])
    return (np.abs(tangents[..., axis]) < LEVEL * size) & (size > 1e-5)


def _align(before: np.ndarray, after: np.ndarray, level: np.ndarray, circle: np.ndarray, line: np.ndarray) -> None:
    """Bring nodes that stood on one line, as seen along an axis, to one line again; changes `after`.

    The nodes of a circle move together: the round ends of a bar go where the bar's sides are level. `line` (N,) is
    where the level straight line that begins at a node ends, -1 for none.
    """
    index = np.flatnonzero(level)
    if not len(index):
        return
    rows = [part for row in _runs(index, before, SAME_LINE) for part in _still_joined(row, after, line)]
    circles = [np.flatnonzero(circle == k) for k in range(circle.max() + 1)]
    for _ in range(PASSES if circles else 1):
        step = np.zeros_like(after)
        for row in rows:
            step[row] = after[row].mean() - after[row]
        for members in circles:
            moved = members[level[members]]
            step[members] = step[moved].mean() if len(moved) else 0
        after += step


def _spline(x: np.ndarray, grid: int) -> np.ndarray:
    """Weights of the control points at places x, as in model/networks.py, (N, grid)."""
    return _tables(grid)[0][_place(x)]


def _slope(x: np.ndarray, grid: int) -> np.ndarray:
    """Derivatives of `_spline`."""
    return _tables(grid)[1][_place(x)]


def _place(x: np.ndarray) -> np.ndarray:
    return np.rint(x.clip(0, 1) * PLACES).astype(np.intp)


@cache
def _tables(grid: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights and their derivatives at PLACES + 1 places across the unit square."""
    at = np.linspace(0, 1, PLACES + 1) * (grid - 3)
    first = np.minimum(at.astype(int), grid - 4)
    t = at - first
    values = np.stack(((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3), axis=1) / 6
    slopes = np.stack((-((1 - t) ** 2), 3 * t**2 - 4 * t, -3 * t**2 + 2 * t + 1, t**2), axis=1) / 2 * (grid - 3)
    tables = np.zeros((2, PLACES + 1, grid))
    rows, columns = np.arange(PLACES + 1)[:, None], first[:, None] + np.arange(4)
    tables[0, rows, columns], tables[1, rows, columns] = values, slopes
    return tables[0], tables[1]


def _rotation(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _middle(field: np.ndarray) -> float:
    return (field.shape[0] - 1) / 2


def _transformed(field: np.ndarray, element: np.ndarray, middle: float) -> np.ndarray:
    """A field turned or mirrored about its middle, bilinear."""
    size = field.shape[0]
    y, x = np.mgrid[:size, :size] - middle
    sx, sy = element[0, 0] * x + element[0, 1] * y + middle, element[1, 0] * x + element[1, 1] * y + middle
    x0, y0 = np.floor(sx).astype(int), np.floor(sy).astype(int)
    fx, fy = sx - x0, sy - y0
    padded = np.pad(field, 1, constant_values=-1.0)

    def at(row: np.ndarray, column: np.ndarray) -> np.ndarray:
        return padded[np.clip(row + 1, 0, size + 1), np.clip(column + 1, 0, size + 1)]

    return (
        at(y0, x0) * (1 - fy) * (1 - fx) + at(y0, x0 + 1) * (1 - fy) * fx
        + at(y0 + 1, x0) * fy * (1 - fx) + at(y0 + 1, x0 + 1) * fy * fx
    )  # fmt: skip
