"""Outlines fitted to fields: near them, with few nodes; corners, lines and circles are what they were."""

import numpy as np
import pytest
from drawings import DRAWINGS

from logo_gan.logo.outlines import fit
from logo_gan.logo.raster import coverage
from logo_gan.logo.shapes import Circle, Polygon, Rectangle
from logo_gan.marks.distance import signed_distance
from logo_gan.marks.outline import Outline, joined


def letter(character: str) -> Outline:
    """A letter of Montserrat in its frame: curves, straight stems, holes."""
    from fontTools.pens.qu2cuPen import Qu2CuPen
    from fontTools.pens.recordingPen import DecomposingRecordingPen
    from fontTools.ttLib import TTFont

    from logo_gan.logo.typefaces import FONTS

    font = TTFont(FONTS["montserrat"].path)
    glyphs = font.getGlyphSet()
    pen = DecomposingRecordingPen(glyphs)
    glyphs[font.getBestCmap()[ord(character)]].draw(Qu2CuPen(pen, 0.5, all_cubic=True))
    contours, here = [], None
    for command, points in pen.value:
        if command == "moveTo":
            contours.append([])
        elif command in ("lineTo", "curveTo"):
            contours[-1].append(np.array([here, *points], float) * (1, -1))
        here = points[-1] if points else here
    return Outline.of(contours).framed()


LETTERS = {character: letter(character) for character in "AGSRB8&"}
EVERYTHING = {**DRAWINGS, **LETTERS}


def overlap(a: Outline, b: Outline) -> float:
    one, two = coverage(a, 512).astype(float), coverage(b, 512).astype(float)
    return float(np.minimum(one, two).sum() / np.maximum(one, two).sum())


@pytest.mark.parametrize("size", [64, 96])
@pytest.mark.parametrize("drawing", EVERYTHING.values(), ids=EVERYTHING)
def test_a_fit_is_the_drawing_that_the_field_was_made_of(drawing, size):
    fitted = fit(signed_distance(drawing, size))
    assert overlap(fitted, drawing) > 0.985
    assert len(fitted.starts) == len(drawing.starts)
    assert fitted.area == pytest.approx(drawing.area, rel=0.01)  # holes run against what they are cut from


@pytest.mark.parametrize("drawing", EVERYTHING.values(), ids=EVERYTHING)
def test_a_fit_has_no_more_nodes_than_a_draughtsman_sets(drawing):
    assert len(fit(signed_distance(drawing))) <= 1.3 * len(drawing) + 8


def test_solid_drawings_have_few_segments():
    counts = [len(fit(signed_distance(drawing))) for drawing in LETTERS.values()]
    assert np.median(counts) <= 36


def test_corners_are_points_and_straight_sides_are_lines():
    for drawing in (DRAWINGS["square"], DRAWINGS["triangle"], DRAWINGS["star"]):
        fitted = fit(signed_distance(drawing))
        for corner in drawing.points[:, 0]:
            assert np.hypot(*(fitted.points[:, 0] - corner).T).min() < 0.004
        assert fitted.straight.sum() >= len(drawing)
    square = fit(signed_distance(DRAWINGS["square"]))
    assert len(square) == 4 and square.straight.all()
    assert len({round(float(v), 5) for v in square.points[:, (0, 3)].ravel()}) == 2  # level and upright


def test_circles_are_circles():
    for radius in (0.06, 0.2, 0.42):
        fitted = fit(signed_distance(Circle(0.5, 0.5, radius).outline))
        assert len(fitted) == 4
        away = np.hypot(*(np.concatenate(fitted.polygons()) - 0.5).T)
        assert away.max() - away.min() < 0.002
        assert away.mean() == pytest.approx(radius, abs=0.003)


def test_a_large_arc_is_no_polygon():
    half = joined([DRAWINGS["disc"]])
    cut = np.minimum(signed_distance(half), signed_distance(Rectangle(0, 0, 1, 0.6).outline))
    fitted = fit(cut)
    assert fitted.straight.sum() == 1
    assert len(fitted) <= 7


def test_rounded_corners_stay_round():
    fitted = fit(signed_distance(Rectangle(0.1, 0.2, 0.8, 0.6, 0.15).outline))
    assert 8 <= len(fitted) <= 10
    assert fitted.straight.sum() == 4


def test_holes_run_against_what_they_are_cut_from():
    fitted = fit(signed_distance(DRAWINGS["ring"]))
    areas = []
    for loop in fitted.polygons():
        x, y = loop.astype(float).T
        areas.append(x @ np.roll(y, -1) - y @ np.roll(x, -1))
    assert areas[0] * areas[1] < 0


def test_specks_are_left_out_and_an_empty_field_is_an_empty_outline():
    speck = np.maximum(signed_distance(DRAWINGS["disc"].moved(0.5, 0, 0)), -1)
    speck[50, 50] = 0.1
    assert len(fit(speck).starts) == 1
    assert len(fit(np.full((64, 64), -1.0))) == 0


def test_what_leaves_the_square_is_closed_along_its_border():
    fitted = fit(signed_distance(Rectangle(-0.5, 0.5, 2, 2).outline))
    assert fitted.area == pytest.approx(0.5, abs=0.01)
    assert fitted.points.min() >= 0 and fitted.points.max() <= 1
    assert fit(np.ones((64, 64))).area == pytest.approx(1)


def test_noise_still_makes_closed_outlines():
    noise = np.random.default_rng(0).normal(size=(64, 64))
    for fitted in (fit(noise), fit(signed_distance(DRAWINGS["heart"]) + 0.02 * noise)):
        assert np.isfinite(fitted.points).all()
        for part in fitted.contours:
            assert (fitted.points[part][1:, 0] == fitted.points[part][:-1, 3]).all()
            assert np.abs(fitted.points[part][0, 0] - fitted.points[part][-1, 3]).max() < 1e-5


def test_a_shallow_corner_between_long_lines_is_kept():
    roof = Polygon(((0.1, 0.45), (0.5, 0.3), (0.9, 0.45), (0.9, 0.8), (0.1, 0.8))).outline
    assert len(fit(signed_distance(roof))) <= 7
