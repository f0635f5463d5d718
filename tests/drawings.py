"""Simple drawings for tests, each in its frame: the unit square."""

import math

import numpy as np

from logo_gan.logo.shapes import Circle, Polygon, Rectangle
from logo_gan.marks.outline import Outline


def star() -> Outline:
    turns = [k * math.pi / 5 for k in range(10)]
    reach = [0.45 if k % 2 else 1.0 for k in range(10)]
    return Polygon(
        tuple((r * math.sin(a), -r * math.cos(a)) for r, a in zip(reach, turns, strict=True))
    ).outline.framed()


def heart() -> Outline:
    curves = [
        [(0.5, 0.3), (0.4, 0.1), (0.05, 0.1), (0.05, 0.42)],
        [(0.05, 0.42), (0.05, 0.65), (0.3, 0.78), (0.5, 0.95)],
        [(0.5, 0.95), (0.7, 0.78), (0.95, 0.65), (0.95, 0.42)],
        [(0.95, 0.42), (0.95, 0.1), (0.6, 0.1), (0.5, 0.3)],
    ]
    return Outline.of([[np.array(curve, float) for curve in curves]]).framed()


def disc() -> Outline:
    return Circle(0.5, 0.5, 0.5).outline.framed()


def ring() -> Outline:
    return Circle(0.5, 0.5, 0.35, 0.2).outline.framed()


def square() -> Outline:
    return Rectangle(0, 0, 1, 1).outline.framed()


def bar() -> Outline:
    return Rectangle(0, 0, 1, 0.25, 0.1).outline.framed()


def triangle() -> Outline:
    return Polygon(((0, 1), (0.5, 0), (1, 1))).outline.framed()


def tall() -> Outline:
    return Rectangle(0, 0, 0.2, 1, 0.1).outline.framed()


DRAWINGS = {make.__name__: make() for make in (star, heart, disc, ring, square, bar, triangle, tall)}
