"""Outlines: quantised and back, their fields, and what a warp keeps of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logo_gan.evaluation.outlines import bending_energy
from logo_gan.logo.raster import coverage
from logo_gan.logo.warp import Symmetry, Warp, bent, heavier
from logo_gan.marks.distance import REACH, SIZE, overlap, signed_distance
from logo_gan.marks.outline import EXTENT, GRID, Outline, OutlineError, joined

KAPPA = 4 / 3 * (np.sqrt(2) - 1)


def circle(x=0.5, y=0.5, r=0.3, hole=False) -> Outline:
    quarter = np.array([[1, 0], [1, KAPPA], [KAPPA, 1], [0, 1]])
    turns = [np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) for a in np.arange(4) * np.pi / 2]
    segments = [quarter @ turn.T * r + [x, y] for turn in turns]
    return Outline.of([[s[::-1] for s in reversed(segments)] if hole else segments])


def rectangle(left, top, right, bottom) -> Outline:
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], float)
    return Outline.of([[np.stack([corners[i], corners[(i + 1) % 4]]) for i in range(4)]])


def rows_of(memory, n=60):
    return np.random.default_rng(5).choice(memory.rows("solid"), n, replace=False).tolist()


def displacement(seed, size=0.05):
    """Smooth, as a generator's: a few waves."""
    random = np.random.default_rng(seed)
    across = np.linspace(0, 1, 16)
    waves = np.stack(
        [np.sin(np.pi * across + random.uniform(0, 6)), np.cos(2 * across + random.uniform(0, 6)), np.ones(16)]
    )
    return size * np.einsum("ckl,ki,lj->cij", random.uniform(-1, 1, (2, 3, 3)), waves, waves)


def test_quantising_moves_nothing_by_more_than_a_step(memory):
    for row in rows_of(memory):
        outline = memory.outline(row).moved(0.9, 0.013, 0.017)
        again = Outline.decoded(outline.encoded())
        assert np.abs(again.points - outline.points).max() <= 0.51 / GRID + 1e-6
        assert (again.straight == outline.straight).all() and (again.starts == outline.starts).all()


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_bytes_that_are_no_outline_are_refused(data):
    try:
        outline = Outline.decoded(data)
    except OutlineError:
        return
    assert len(outline) == len(outline.straight)


def test_area_and_box_are_those_of_a_circle_with_a_hole():
    ring = joined([circle(r=0.4), circle(r=0.2, hole=True)])
    assert ring.area == pytest.approx(np.pi * (0.16 - 0.04), rel=2e-3)
    assert ring.box == pytest.approx((0.1, 0.1, 0.9, 0.9), abs=1e-3)
    assert ring.framed().box == pytest.approx((0.0625, 0.0625, 0.9375, 0.9375), abs=1e-3)
    assert ring.mirrored().area == pytest.approx(ring.area, rel=1e-6)


def test_a_field_holds_the_true_distance():
    field = signed_distance(circle(r=0.3))
    y, x = (np.mgrid[:SIZE, :SIZE] + 0.5) / SIZE
    true = (0.3 - np.hypot(x - 0.5, y - 0.5)) / REACH
    assert np.abs(field - true.clip(-1, 1)).max() < 0.02


def test_field_and_raster_show_the_same_drawing(memory):
    for row in rows_of(memory, 25):
        outline = memory.outline(row)
        cells, field = coverage(outline, SIZE), signed_distance(outline)
        sure = np.abs(field) * REACH * SIZE > 0.75
        assert ((cells > 0.5) == (field > 0))[sure].mean() > 0.999


def test_overlap_is_one_for_itself_and_what_geometry_says():
    a, b = signed_distance(rectangle(0.1, 0.1, 0.6, 0.9)), signed_distance(rectangle(0.35, 0.1, 0.85, 0.9))
    assert overlap(a, a) == pytest.approx(1)
    assert overlap(a, b) == pytest.approx(1 / 3, abs=0.03)


def test_bending_energy_of_a_circle_and_of_a_polygon():
    assert bending_energy(circle()) == pytest.approx(4 * np.pi**2, rel=0.02)
    assert bending_energy(rectangle(0.2, 0.2, 0.8, 0.7)) == 0


def test_no_displacement_gives_the_drawing_itself(memory):
    warp = Warp(np.zeros((2, 16, 16)), Symmetry())
    for row in rows_of(memory, 20):
        outline = memory.outline(row)
        assert np.abs(bent(outline, warp).points - outline.framed().points).max() < 5e-3


def test_a_warp_keeps_nodes_lines_and_frame(memory):
    for seed, row in enumerate(rows_of(memory, 40)):
        outline = memory.outline(row)
        after = bent(outline, Warp(displacement(seed), Symmetry()))
        assert len(after) == len(outline) and (after.straight == outline.straight).all()
        line = after.points[after.straight]
        chord = line[:, 3] - line[:, 0]
        off = (line[:, 1] - line[:, 0])[:, 0] * chord[:, 1] - (line[:, 1] - line[:, 0])[:, 1] * chord[:, 0]
        assert np.abs(off).max(initial=0) < 1e-5
        left, top, right, bottom = after.box
        assert max(right - left, bottom - top) == pytest.approx(EXTENT, abs=1e-3)


def test_level_lines_stay_level_and_what_stood_in_line_stays_in_line():
    two = joined([rectangle(0.1, 0.2, 0.4, 0.8), rectangle(0.6, 0.5, 0.9, 0.8)])
    for seed in range(8):
        after = bent(two, Warp(displacement(seed), Symmetry()))
        ends = after.points[:, [0, 3]]
        before = two.points[:, [0, 3]]
        level = np.abs(before[:, 0, 1] - before[:, 1, 1]) < 1e-6
        assert np.abs(ends[level, 0, 1] - ends[level, 1, 1]).max() < 1e-5
        feet = [ends[i, 0, 1] for i in range(len(two)) if abs(before[i, 0, 1] - 0.8) < 1e-6]
        assert np.ptp(feet) < 1e-5


def test_circles_stay_circles():
    wheels = joined([circle(0.25, 0.6, 0.2), circle(0.25, 0.6, 0.1, hole=True), rectangle(0.6, 0.2, 0.9, 0.8)])
    for seed in range(8):
        after = bent(wheels, Warp(displacement(seed, 0.08), Symmetry()))
        for part in after.contours[:2]:
            points = np.concatenate(Outline(after.points[part], after.straight[part], np.zeros(1, int)).polygons())
            middle = points.mean(0)
            radii = np.hypot(*(points - middle).T)
            assert np.ptp(radii) / radii.mean() < 0.02


def test_a_symmetric_drawing_stays_symmetric():
    ring = joined([circle(0.3, 0.4, 0.15), circle(0.7, 0.4, 0.15), rectangle(0.3, 0.7, 0.7, 0.9)]).framed()
    symmetry = Symmetry.of(signed_distance(ring))
    assert len(symmetry.elements) == 2
    for seed in range(5):
        field = signed_distance(bent(ring, Warp(displacement(seed), symmetry)))
        assert overlap(field, field[:, ::-1]) > 0.985
    assert len(Symmetry.of(signed_distance(circle())).elements) >= 8


def test_a_fold_is_no_sound_warp():
    wild = np.zeros((2, 16, 16))
    wild[0, :, 8:] = -0.16
    assert not Warp(wild, Symmetry()).is_sound()
    assert Warp(displacement(1, 0.03), Symmetry()).is_sound()


def test_a_heavier_drawing_keeps_its_nodes_and_turns_nothing_inside_out(memory):
    for row in rows_of(memory, 40):
        outline = memory.outline(row)
        light, heavy = heavier(outline, -0.01), heavier(outline, 0.01)
        assert len(light) == len(heavy) == len(outline)
        for after in (light, heavy):
            assert [np.sign(_turn(after, part)) for part in after.contours] == [
                np.sign(_turn(outline, part)) for part in outline.contours
            ]
            assert overlap(signed_distance(after), signed_distance(outline)) > 0.6
    ring = joined([circle(r=0.4), circle(r=0.25, hole=True)])
    # Framed again, the outer edge stays where it is: the hole tells.
    assert heavier(ring, 0.006).area > ring.framed().area > heavier(ring, -0.006).area


def _turn(outline, part) -> float:
    """The signed area of a contour."""
    x, y = outline.points[part, :3].astype(float).reshape(-1, 2).T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1))
