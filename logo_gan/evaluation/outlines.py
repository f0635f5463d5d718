"""How much work a draughtsman would have with an outline: segments, and how much its curves bend."""

from __future__ import annotations

import numpy as np

from logo_gan.marks.outline import Outline

PLACES = (np.arange(8) + 0.5) / 8  # of a segment, where its curvature is taken
LEAST_SPEED = 1e-4  # of a parameter step, in unit squares: a handle of no length has no curvature


def bending_energy(outline: Outline) -> float:
    """∫ κ² ds · L over all smooth parts of an outline, without unit: 4π² for a circle, 0 for a polygon."""
    p = outline.points[~outline.straight].astype(np.float64)
    if not len(p):
        return 0.0
    t = PLACES[None, :, None]
    first = 3 * np.diff(p, axis=1)
    second = 2 * np.diff(first, axis=1)
    speed = (1 - t) ** 2 * first[:, None, 0] + 2 * t * (1 - t) * first[:, None, 1] + t**2 * first[:, None, 2]
    bend = (1 - t) * second[:, None, 0] + t * second[:, None, 1]
    norm = np.hypot(speed[..., 0], speed[..., 1]).clip(min=LEAST_SPEED)
    curvature = np.abs(speed[..., 0] * bend[..., 1] - speed[..., 1] * bend[..., 0]) / norm**3
    curvature = np.minimum(curvature, 200)  # a tip is a corner, however it was drawn
    return float((curvature**2 * norm).sum() / len(PLACES) * outline.length)
