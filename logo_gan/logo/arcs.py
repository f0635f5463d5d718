"""Circles within an outline: its curves that are arcs of one, and how they stay so when nodes are moved."""

from __future__ import annotations

import numpy as np

ROUND = 0.004  # how far a curve may leave the arc that it is taken for
SAME_ARC = 0.012  # distance of centres and of radii within which arcs are of one circle
LEAST_ARC = np.radians(150)  # arcs of one circle together, from which it is kept


def keep_circles(
    points: np.ndarray, straight: np.ndarray, before: np.ndarray, to: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Find arcs of circles, and change `to` (N, 2) so that they stay such; each moves as its nodes do on average.

    Returns which circle each node is on, (N,), -1 for none, and by how much that grows, (N,); circles of one radius
    grow alike.
    """
    n = len(points)
    centre, radius, angle = _arcs(points, straight)
    following = np.empty(n, int)
    following[before] = np.arange(n)
    circle, grown = np.full(n, -1), np.ones(n)
    found = []
    for group in _circles(centre, radius, angle):
        nodes = np.unique(np.concatenate((group, following[group])))
        nodes = nodes[circle[nodes] < 0]
        if len(nodes) < 2:
            continue
        circle[nodes] = len(found)
        moved, spread = (each - each.mean(0) for each in (to[nodes], points[nodes, 0]))
        scale = (moved * spread).sum() / max((spread**2).sum(), 1e-12)
        found.append((float(radius[group].mean()), float(np.clip(scale, 0.7, 1.4))))
    for k, (own, _) in enumerate(found):
        scale = float(np.mean([other for size, other in found if abs(size - own) < SAME_ARC / 2]))
        nodes = np.flatnonzero(circle == k)
        to[nodes] = to[nodes].mean(0) + scale * (points[nodes, 0] - points[nodes, 0].mean(0))
        grown[nodes] = scale
    return circle, grown


def _circles(centre: np.ndarray, radius: np.ndarray, angle: np.ndarray) -> list[np.ndarray]:
    """Segments that are arcs of one circle, those that make up most of an outline first."""
    arcs = np.flatnonzero(angle > 0)
    left = set(arcs.tolist())
    groups = []
    for i in arcs[np.argsort(-angle[arcs] * radius[arcs])].tolist():
        if i not in left:
            continue
        rest = np.array(sorted(left))
        near = np.hypot(*(centre[rest] - centre[i]).T) < SAME_ARC
        group = rest[near & (np.abs(radius[rest] - radius[i]) < SAME_ARC)]
        left -= set(group.tolist())
        if angle[group].sum() >= LEAST_ARC:
            groups.append(group)
    return sorted(groups, key=lambda group: -float((angle[group] * radius[group]).sum()))


def _arcs(points: np.ndarray, straight: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centre (S, 2), radius (S,) and angle (S,) of the circle that each segment is an arc of; angle 0 where of none."""
    a, b = points[:, 0], points[:, 3]
    m = (points[:, 0] + 3 * points[:, 1] + 3 * points[:, 2] + points[:, 3]) / 8
    u, v = m - a, b - a
    cross = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    safe = np.where(np.abs(cross) > 1e-9, cross, 1)
    uu, vv = (u * u).sum(1), (v * v).sum(1)
    offset = np.stack((v[:, 1] * uu - u[:, 1] * vv, u[:, 0] * vv - v[:, 0] * uu), axis=1) / (2 * safe[:, None])
    centre, radius = a + offset, np.hypot(*offset.T)
    quarters = [
        (1 - t) ** 3 * points[:, 0] + 3 * t * (1 - t) ** 2 * points[:, 1]
        + 3 * t**2 * (1 - t) * points[:, 2] + t**3 * points[:, 3]
        for t in (0.25, 0.75)
    ]  # fmt: skip
    off = np.max([np.abs(np.hypot(*(q - centre).T) - radius) for q in quarters], axis=0)
    is_arc = ~straight & (np.abs(cross) > 1e-7) & (radius < 0.75) & (radius > 0.01) & (off < ROUND)
    half = np.arcsin(np.clip(np.hypot(*u.T) / np.maximum(2 * radius, 1e-9), 0, 1))
    return centre, radius, np.where(is_arc, 4 * half, 0.0)
