"""The bundled fonts for brand names, and a line of text in one of them: shaped, measured, outlined.

All are under the SIL Open Font License 1.1 (the licences lie beside them in `fonts/`), with Latin and Cyrillic. Shaping
(kerning, ligatures, accents) and drawing are HarfBuzz's, so a line is the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import uharfbuzz as hb

from logo_gan.marks.outline import Outline

FOLDER = Path(__file__).with_name("fonts")
DEFAULT_FONT = "montserrat"
MAX_NAME = 40  # characters of a name
NAMED = 5  # missing characters that a message names


@dataclass(frozen=True)
class Typeface:
    """One font.

    `tracking` is the space added between letters, in ems, `capitals` the same in a name without small letters;
    `space` widens or narrows the spaces between words; `scale` makes up for a font that looks small at its height.
    """

    key: str
    title: str
    purpose: str  # what it is for, in a word or two
    tracking: float = 0.0
    capitals: float = 0.04
    space: float = 1.0
    scale: float = 1.0

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.title.replace(' ', '')}.ttf"

    @cached_property
    def font(self) -> hb.Font:
        """HarfBuzz's font in its own units."""
        return hb.Font(hb.Face(hb.Blob.from_file_path(str(self.path))))

    @cached_property
    def em(self) -> int:
        return self.font.face.upem

    @cached_property
    def cap_height(self) -> float:
        """Height of H in ems, as drawn."""
        return self._top("H")

    @cached_property
    def x_height(self) -> float:
        """Height of x in ems, as drawn."""
        return self._top("x")

    def has(self, character: str) -> bool:
        return self.font.get_nominal_glyph(ord(character)) is not None

    def _top(self, character: str) -> float:
        return self.font.get_glyph_extents(self.font.get_nominal_glyph(ord(character))).y_bearing / self.em

    def check(self, text: str) -> None:
        """Raises ValueError if it lacks some of the characters, naming a font that has them all, if any."""
        missing = [c for c in dict.fromkeys(text) if not self.has(c)]
        if not missing:
            return
        named = ", ".join(missing[:NAMED]) + (", …" if len(missing) > NAMED else "")
        others = [face.title for face in FONTS.values() if all(face.has(c) for c in text)]
        hint = f"; {others[0]} has all" if others else ", and no other font here has all"
        raise ValueError(f"The font {self.title} has no {named}{hint} that this name needs.")

    def line(self, text: str, capitals: bool = False) -> Line:
        """The text as one line, shaped; `capitals` says that the whole name is set in them.

        Characters that the font lacks become its empty box: `check` first.
        """
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        tracking = self.capitals if capitals else self.tracking
        hb.shape(self.font, buffer, {"lnum": True, "liga": tracking <= 0})  # figures as tall as capitals
        glyphs, x, cluster = [], 0.0, 0
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            if info.cluster != cluster:
                x, cluster = x + tracking * self.em, info.cluster
            glyphs.append((info.codepoint, x + position.x_offset, position.y_offset))
            x += position.x_advance * (self.space if text[cluster] == " " else 1)
        return Line(self, tuple(glyphs))


@dataclass(frozen=True)
class Line:
    """Glyphs on a baseline: (number in the font, x, y) each, in the font's units, y upwards."""

    face: Typeface
    glyphs: tuple[tuple[int, float, float], ...]

    @cached_property
    def ink(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of what is drawn, in ems from the start of the baseline, y downwards."""
        boxes = []
        for glyph, x, y in self.glyphs:
            box = self.face.font.get_glyph_extents(glyph)
            if box.width:
                left, top = x + box.x_bearing, -y - box.y_bearing
                boxes.append((left, top, left + box.width, top - box.height))
        left, top, right, bottom = zip(*boxes, strict=True)
        return tuple(v / self.face.em for v in (min(left), min(top), max(right), max(bottom)))

    def outline(self, x: float, y: float, size: float) -> Outline:
        """Its closed curves, y downwards: the baseline starts at x, y and an em is `size` long."""
        pen = _OutlinePen()
        for glyph, pen.x, pen.y in self.glyphs:
            self.face.font.draw_glyph_with_pen(glyph, pen)
        scale = size / self.face.em
        at = np.array([x, y])
        return Outline.of([[part * (scale, -scale) + at for part in contour] for contour in pen.contours])

    def draw(self, drawing: hb.RasterDraw, x: float, y: float, size: float) -> None:
        """Add it to what `drawing` will fill, in pixels, y downwards."""
        scale = size / self.face.em
        for glyph, glyph_x, glyph_y in self.glyphs:
            drawing.transform = (scale, 0, 0, -scale, x + glyph_x * scale, y - glyph_y * scale)
            drawing.draw_glyph(self.face.font, glyph)


class _OutlinePen:
    """Collects a glyph's contours as segments; method names are those of fontTools' pens."""

    def __init__(self):
        self.x = self.y = 0.0  # of the glyph
        self.contours: list[list[np.ndarray]] = []

    def _add(self, *points: tuple[float, float]) -> None:
        self.contours[-1].append(np.array([self.here, *((self.x + x, self.y + y) for x, y in points)]))
        self.here = self.contours[-1][-1][-1]

    def moveTo(self, point):
        self.here = np.array([self.x + point[0], self.y + point[1]])
        self.contours.append([])

    def lineTo(self, point):
        self._add(point)

    def qCurveTo(self, handle, point):
        first, last = self.here - (self.x, self.y), np.array(point)
        self._add(first + (handle - first) * (2 / 3), last + (handle - last) * (2 / 3), point)

    def curveTo(self, *points):
        self._add(*points)

    def closePath(self):
        pass  # Outline.of does


FONTS = {
    face.key: face
    for face in (
        Typeface("manrope", "Manrope", "modern"),
        Typeface("montserrat", "Montserrat", "geometric", tracking=-0.005),
        Typeface("nunito", "Nunito", "rounded"),
        Typeface("cormorant", "Cormorant", "classical", capitals=0.07, scale=1.08),
        Typeface("podkova", "Podkova", "slab"),
        Typeface("oswald", "Oswald", "condensed", tracking=0.01, capitals=0.06, scale=1.05),
        Typeface("unbounded", "Unbounded", "wide", capitals=0.02, scale=0.92),
        Typeface("jetbrains-mono", "JetBrains Mono", "technical", tracking=-0.02, capitals=0.0, space=0.6),
        Typeface("pacifico", "Pacifico", "script", capitals=0.0),
        Typeface("caveat", "Caveat", "handwritten", capitals=0.01, scale=1.15),
    )
}
