"""An icon's SVG becomes clean outlines: strokes, transforms, arcs and clips resolved, overlaps united.

Most solid icons are bare paths, which fontTools parses and Skia unites in a millisecond; picosvg resolves the others in
some 70. What neither of them can do right is refused with a reason, and left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pathops
from fontTools.svgLib.path import parse_path
from lxml import etree
from picosvg.svg import SVG

from logo_gan.marks.outline import MAX_SEGMENTS, Outline

UNITS = 1024  # width at which outlines are united: Skia's tolerances are absolute
_UNSUPPORTED = (
    "mask",
    "filter",
    "image",
    "text",
    "use",
    "pattern",
    "animate",
    "linearGradient",
    "radialGradient",
    "style",
)
_COLOURS = {"currentColor", "#000", "#000000", "black", "none"}


class UnresolvedError(Exception):
    """An icon that cannot be resolved; str() is the reason, in a word or two."""


def resolve(body: str, left: float, top: float, width: float, height: float) -> Outline:
    """The outlines of an icon's body, framed in the unit square; raises UnresolvedError."""
    for name in _UNSUPPORTED:
        if f"<{name}" in body:
            raise UnresolvedError(name)
    if "opacity" in body:
        raise UnresolvedError("opacity")
    colours = set(re.findall(r'(?:fill|stroke)="([^"]*)"', body))
    if colours - _COLOURS:
        raise UnresolvedError("colours")
    scale = UNITS / max(width, height)
    found = pathops.Path()
    pen = found.getPen(glyphSet=None)
    try:
        for data, rule in _plain(body) or _picosvg(body, left, top, width, height):
            one = pathops.Path(fillType=pathops.FillType.EVEN_ODD if rule == "evenodd" else pathops.FillType.WINDING)
            parse_path(data, one.getPen(glyphSet=None))
            one = one.transform(scale, 0, 0, scale, -left * scale, -top * scale)
            one.simplify(fix_winding=True, keep_starting_points=False)
            one.draw(pen)
        found.simplify(fix_winding=True, keep_starting_points=False)
    except UnresolvedError:
        raise
    except Exception as error:  # what a stranger's drawing may hold has no end
        raise UnresolvedError(type(error).__name__) from error
    outline = outline_of(found)
    if not 2 < len(outline) <= MAX_SEGMENTS:
        raise UnresolvedError("empty")
    return outline.framed()


def _plain(body: str) -> list[tuple[str, str]] | None:
    """Path data and fill rules of a body that is made of filled paths alone; None for any other."""
    if re.search(r"stroke|transform|clip|<(?!/?(?:path|g)\b)", body):
        return None
    root = etree.fromstring(f"<g>{body}</g>")
    paths = []
    for path in root.iter("path"):
        inherited = [path, *path.iterancestors()]
        fill = next((each.get("fill") for each in inherited if each.get("fill")), "black")
        rule = next((each.get("fill-rule") for each in inherited if each.get("fill-rule")), "nonzero")
        if fill != "none":
            paths.append((path.get("d", ""), rule))
    return paths


def _picosvg(body: str, left: float, top: float, width: float, height: float) -> list[tuple[str, str]]:
    text = body.replace("currentColor", "#000000")
    box = f"{left} {top} {width} {height}"
    document = SVG.fromstring(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{text}</svg>').topicosvg()
    return [(shape.as_path().d, shape.fill_rule) for shape in document.shapes() if shape.fill != "none"]


def outline_of(path: pathops.Path) -> Outline:
    """A united path in units of UNITS as an outline, without crumbs."""
    return Outline.of([_tidied(contour) for contour in _contours(path)])


def _contours(path: pathops.Path) -> Iterator[list[np.ndarray]]:
    """Each contour's segments in units of the unit square, lines of (2, 2) and cubics of (4, 2)."""
    contour: list[np.ndarray] = []
    here = np.zeros(2)
    path.convertConicsToQuads()
    for verb, given in path:
        points = [np.array(point, float) / UNITS for point in given]
        if verb in (pathops.PathVerb.MOVE, pathops.PathVerb.CLOSE):
            if contour:
                yield contour
            contour = []
            here = points[0] if points else here
            continue
        if verb == pathops.PathVerb.LINE:
            contour.append(np.stack([here, *points]))
        elif verb == pathops.PathVerb.QUAD:
            control, end = points
            contour.append(np.stack([here, here + (control - here) * (2 / 3), end + (control - end) * (2 / 3), end]))
        else:
            contour.append(np.stack([here, *points]))
        here = points[-1]
    if contour:
        yield contour


TINY = 0.0015  # of the unit square: a shorter segment is a leftover of uniting
COLLINEAR = 0.0006  # a node that lies no further off the line through its neighbours is none


def _tidied(segments: list[np.ndarray]) -> list[np.ndarray]:
    """Without the crumbs that uniting leaves: segments of no length, nodes within a straight line, flat curves."""
    flat = []
    for segment in segments:
        if len(segment) == 4:
            a, b = segment[0], segment[3]
            chord = b - a
            length = np.hypot(*chord)
            if length > 0:
                off = np.abs((segment[1:3] - a) @ np.array([-chord[1], chord[0]])) / length
                along = (segment[1:3] - a) @ chord / length**2
                if off.max() < COLLINEAR / 2 and (along > -0.01).all() and (along < 1.01).all():
                    segment = np.stack([a, b])
        flat.append(segment)
    kept: list[np.ndarray] = []
    for segment in flat:
        size = np.abs(segment - segment[0]).max()
        if kept and size < TINY:
            kept[-1][-1] = segment[-1]
            continue
        if kept and len(segment) == 2 and len(kept[-1]) == 2:
            a, b, c = kept[-1][0], segment[0], segment[1]
            if _between(a, b, c):
                kept[-1][1] = c
                continue
        kept.append(segment.copy())
    if len(kept) > 2 and len(kept[0]) == 2 and len(kept[-1]) == 2 and _between(kept[-1][0], kept[0][0], kept[0][1]):
        kept[0][0] = kept[-1][0]
        kept.pop()
    if kept:
        kept[0][0] = kept[-1][-1] if np.abs(kept[0][0] - kept[-1][-1]).max() < 2 * TINY else kept[0][0]
    return kept


def _between(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> bool:
    chord = c - a
    length = np.hypot(*chord)
    if length < TINY:
        return False
    off = abs((b - a) @ np.array([-chord[1], chord[0]])) / length
    return bool(off < COLLINEAR and 0 < (b - a) @ chord < length**2)
