"""A drawing as closed Bézier outlines, and its quantised form in the memory's files.

Coordinates are those of SVG: x to the right, y down. A remembered drawing lies in the unit square: the box around it is
centred and its longer side is `EXTENT`. Outlines do not cross themselves or each other, and holes run against what they
are cut from, so that both fill rules of SVG give the same picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

MARGIN = 1 / 16  # of the unit square, left free on each side of a drawing
EXTENT = 1 - 2 * MARGIN
GRID = 4096  # steps of a quantised coordinate across the unit square
FLATNESS = 1 / 4096  # largest distance between a curve and the chords that stand for it, in unit squares
MAX_SEGMENTS = 4096  # of a drawing: what has more is no drawing of ours

_MOVE, _LINE, _CURVE = 0, 1, 2
_COORDINATES = np.array([2, 2, 6])  # of each command


class OutlineError(ValueError):
    """Bytes that are no outline."""


@dataclass(frozen=True, eq=False)
class Outline:
    """Closed contours of cubic Bézier segments.

    Attributes:
        points: float32 (S, 4, 2): start, two handles, end of each segment. The end of a segment is the start of the
            next one of its contour, and the last one's end the first one's start.
        straight: bool (S,): segments that are lines; their handles lie at a third and two thirds.
        starts: int64 (C,): the first segment of each contour, ascending, 0 first.
    """

    points: np.ndarray
    straight: np.ndarray
    starts: np.ndarray

    def __len__(self) -> int:
        """How many segments it has."""
        return len(self.points)

    @property
    def contours(self) -> list[slice]:
        """Each contour's segments."""
        starts = self.starts.tolist()
        return [slice(a, b) for a, b in zip(starts, [*starts[1:], len(self.points)], strict=False)]

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of what can be seen; of nothing, a point in the middle of the unit square."""
        if not len(self.points):
            return 0.5, 0.5, 0.5, 0.5
        flat = np.concatenate(self.polygons())
        return (*flat.min(0).tolist(), *flat.max(0).tolist())

    @cached_property
    def _signed_area(self) -> float:
        return sum(_area(loop) for loop in self.polygons())

    @property
    def area(self) -> float:
        """The area of what is filled, in unit squares."""
        return abs(self._signed_area)

    @property
    def clockwise(self) -> bool:
        """The sense of rotation of its outer contours, y downwards; holes have the other one."""
        return self._signed_area > 0

    @cached_property
    def length(self) -> float:
        """The length of all contours."""
        return sum(float(np.hypot(*(loop - np.roll(loop, 1, axis=0)).T).sum()) for loop in self.polygons(1 / 1024))

    def moved(self, scale: float, x: float, y: float) -> Outline:
        """Scaled about the origin, then moved."""
        return Outline(self.points * np.float32(scale) + np.float32([x, y]), self.straight, self.starts)

    def mirrored(self) -> Outline:
        """Left and right exchanged within the unit square; contours keep their sense of rotation."""
        flipped = self.points * np.float32([-1, 1]) + np.float32([1, 0])
        parts = [flipped[part][::-1, ::-1] for part in self.contours]
        straight = [self.straight[part][::-1] for part in self.contours]
        if not parts:
            return self
        return Outline(np.ascontiguousarray(np.concatenate(parts)), np.concatenate(straight), self.starts)

    def reversed(self) -> Outline:
        """The same shape with every contour the other way round: drawn upon another, it cuts itself out."""
        if not len(self):
            return self
        points = np.concatenate([self.points[part][::-1, ::-1] for part in self.contours])
        straight = np.concatenate([self.straight[part][::-1] for part in self.contours])
        return Outline(np.ascontiguousarray(points), straight, self.starts)

    def framed(self) -> Outline:
        """Moved and scaled so that it fills the unit square but for the margin."""
        left, top, right, bottom = self.box
        scale = EXTENT / max(right - left, bottom - top, 1e-9)
        return self.moved(scale, 0.5 - scale * (left + right) / 2, 0.5 - scale * (top + bottom) / 2)

    def polygons(self, flatness: float = FLATNESS) -> list[np.ndarray]:
        """Each contour as float32 (N, 2), the first point not repeated; no curve is further off than `flatness`."""
        if not len(self.points):
            return []
        p = self.points.astype(np.float64)
        # Wang's bound: the second differences of the control points say how many chords a cubic needs.
        bend = np.maximum(*(np.hypot(*(p[:, i] - 2 * p[:, i + 1] + p[:, i + 2]).T) for i in (0, 1)))
        count = np.where(self.straight, 1, np.ceil(np.sqrt(0.75 * bend / flatness))).clip(1, 64).astype(int)
        which = np.repeat(np.arange(len(p)), count)
        first = np.repeat(np.cumsum(count) - count, count)
        t = ((np.arange(len(which)) - first) / count[which])[:, None]
        q, s = p[which], 1 - t
        flat = s**3 * q[:, 0] + 3 * t * s**2 * q[:, 1] + 3 * t**2 * s * q[:, 2] + t**3 * q[:, 3]
        at = np.cumsum(count) - count
        return [loop.astype(np.float32) for loop in np.split(flat, at[self.starts[1:]])]

    def path_data(self, digits: int = 2) -> str:
        """The `d` attribute of an SVG path: relative commands, rounded to `digits` places behind the point."""
        unit = 10**digits
        whole = np.round(self.points.astype(np.float64) * unit).astype(np.int64)
        parts = []
        for part in self.contours:
            here = whole[part.start, 0]
            parts.append("M" + _numbers(here, digits))
            last = part.stop - 1
            for i in range(part.start, part.stop):
                end = whole[i, 3]
                if self.straight[i]:
                    step = end - here
                    if i == last:
                        pass  # z draws it
                    elif step[1] == 0:
                        parts.append("h" + _numbers(step[:1], digits))
                    elif step[0] == 0:
                        parts.append("v" + _numbers(step[1:], digits))
                    else:
                        parts.append("l" + _numbers(step, digits))
                else:
                    # From the rounded pen position, so that rounding never adds up along a path.
                    parts.append("c" + _numbers((whole[i, 1:] - here).ravel(), digits))
                here = end
            parts.append("z")
        return "".join(parts)

    def encoded(self) -> bytes:
        """Quantised to steps of 1 / 4096; see `decoded`."""
        whole = np.round(self.points.astype(np.float64) * GRID).astype(np.int64)
        commands, numbers = [], []
        for part in self.contours:
            here = whole[part.start, 0]
            commands.append(_MOVE)
            numbers.append(here)
            for i in range(part.start, part.stop):
                if self.straight[i]:
                    commands.append(_LINE)
                    numbers.append(whole[i, 3] - here)
                else:
                    commands.append(_CURVE)
                    numbers.append(np.diff(np.vstack([here, whole[i, 1:]]), axis=0).ravel())
                here = whole[i, 3]
        values = np.concatenate(numbers) if numbers else np.zeros(0, np.int64)
        if len(values) and np.abs(values).max() > 32767:
            raise OutlineError("The outline reaches too far beyond the unit square.")
        head = np.array([len(commands)], "<u2").tobytes()
        return head + np.array(commands, np.uint8).tobytes() + values.astype("<i2").tobytes()

    @staticmethod
    def decoded(data: bytes) -> Outline:
        """An outline from what `encoded` gave.

        Raises:
            OutlineError: the bytes are no outline.
        """
        n = int.from_bytes(data[:2], "little")
        commands = np.frombuffer(data, np.uint8, min(n, len(data) - 2), 2) if len(data) > 2 else np.zeros(0, np.uint8)
        if len(commands) != n or (n and (commands[0] != _MOVE or commands.max() > _CURVE)):
            raise OutlineError("The commands of an outline are damaged.")
        rest = data[2 + n :]
        sizes = _COORDINATES[commands]
        if len(rest) != 2 * sizes.sum():
            raise OutlineError("The coordinates of an outline are damaged.")
        values = np.frombuffer(rest, "<i2").astype(np.int64)
        pairs = values.reshape(-1, 2)
        moves = np.repeat(commands == _MOVE, sizes // 2)
        # Every pair is relative to the one before; a contour's first is absolute.
        total = np.cumsum(pairs, axis=0)
        before = np.where(moves[:, None], total - pairs, 0)
        at = np.flatnonzero(moves)
        base = np.repeat(before[at], np.diff([*at.tolist(), len(pairs)]), axis=0)
        position = total - base
        drawn = commands != _MOVE
        last = np.cumsum(sizes // 2) - 1  # of each command, its last pair
        ends = position[last]
        s = int(drawn.sum())
        points = np.zeros((s, 4, 2), np.float32)
        index = np.flatnonzero(drawn)
        points[:, 0], points[:, 3] = ends[index - 1], ends[index]
        straight = commands[index] == _LINE
        curves = index[~straight]
        points[~straight, 1], points[~straight, 2] = position[last[curves] - 2], position[last[curves] - 1]
        points /= GRID
        points[straight, 1] = points[straight, 0] + (points[straight, 3] - points[straight, 0]) / 3
        points[straight, 2] = points[straight, 0] + (points[straight, 3] - points[straight, 0]) * (2 / 3)
        number = np.cumsum(drawn) - drawn
        starts = number[commands == _MOVE]
        if s > MAX_SEGMENTS or (s and (points.min() < -1 or points.max() > 2)):
            raise OutlineError(f"An outline has more than {MAX_SEGMENTS} segments, or reaches far beyond its frame.")
        return Outline(points, straight, np.unique(starts[starts < s]).astype(np.int64))

    @staticmethod
    def of(contours: list[list[np.ndarray]]) -> Outline:
        """From contours as lists of segments, each (2, 2) for a line or (4, 2) for a curve.

        A contour that is not closed is closed by a line; segments of no length and empty contours are left out.
        """
        points, straight, starts = [], [], []
        for contour in contours:
            kept = []
            for segment in contour:
                segment = np.asarray(segment, np.float64)
                if len(segment) == 2:
                    a, b = segment
                    if np.abs(a - b).max() > 1e-6:
                        kept.append((np.stack([a, a + (b - a) / 3, a + (b - a) * (2 / 3), b]), True))
                elif np.abs(segment - segment[0]).max() > 1e-6:
                    kept.append((segment, False))
            if not kept:
                continue
            first, last = kept[0][0][0], kept[-1][0][3]
            if np.abs(first - last).max() > 1e-6:
                kept.append((np.stack([last, last + (first - last) / 3, last + (first - last) * (2 / 3), first]), True))
            starts.append(len(points))
            points += [segment for segment, _ in kept]
            straight += [line for _, line in kept]
        return Outline(
            np.array(points, np.float32).reshape(-1, 4, 2), np.array(straight, bool), np.array(starts, np.int64)
        )


def joined(outlines: list[Outline]) -> Outline:
    """Outlines that do not overlap, as one."""
    counts = np.cumsum([0, *(len(each) for each in outlines)])
    return Outline(
        np.concatenate([each.points for each in outlines]) if outlines else np.zeros((0, 4, 2), np.float32),
        np.concatenate([each.straight for each in outlines]) if outlines else np.zeros(0, bool),
        np.concatenate([each.starts + n for each, n in zip(outlines, counts, strict=False)])
        if outlines
        else np.zeros(0, np.int64),
    )


def _area(loop: np.ndarray) -> float:
    x, y = loop.astype(np.float64).T
    return 0.5 * float(x @ np.roll(y, -1) - y @ np.roll(x, -1))


def _numbers(values: np.ndarray, digits: int) -> str:
    """Whole multiples of 10^-digits as SVG writes them, as short as they can be."""
    unit, text = 10**digits, ""
    for value in values.tolist():
        whole, rest = divmod(abs(value), unit)
        number = "-" if value < 0 else ""
        fraction = f".{rest:0{digits}d}".rstrip("0") if rest else ""
        number += (str(whole) if whole or not rest else "") + fraction
        text += number if not text or number[0] == "-" else " " + number
    return text
