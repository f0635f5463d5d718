"""A brand name beside or below a logo's mark, with a slogan under it, as designers lock them up: as SVG or as pixels.

Everything is measured on what can be seen: the box around the mark's shapes, not its canvas; the height of capitals
and of x, not the font's line; the ink of the first and the last letter, not their side bearings. Lengths are in units
of the logo's canvas, 1,024 a side, so that its shapes are used as they are.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

import numpy as np
import uharfbuzz as hb
from PIL import Image

from logo_gan.logo import pdf, svg
from logo_gan.logo.design import Logo
from logo_gan.logo.raster import Raster
from logo_gan.logo.schemes import INK, WHITE
from logo_gan.logo.shapes import Rectangle, outline_of
from logo_gan.logo.typefaces import DEFAULT_FONT, FONTS, MAX_NAME, Line, Typeface
from logo_gan.marks.outline import Outline, joined
from logo_gan.text.colours import checked, contrast, readable

LAYOUTS = ("beside", "below")
MIN_HEIGHT, MAX_HEIGHT = 16, 4096  # pixels
MAX_WIDTH = 8192  # pixels
READ_AS_TEXT = (4.5, 3.0, 2.4)  # WCAG's least contrasts for text and for large text; pink on white still serves

ALONE = 640.0  # units of the canvas: the height of the mark that a name without one is as large as it would be beside
# All of these in terms of the mark's size: its height, or 0.6 of its width where it is flatter.
FLATTEST = 0.6
CLEAR = 0.25  # empty space around
GAP = {"beside": 0.26, "below": 0.22}
LETTERS = {"beside": 0.34, "below": 0.24}  # height of capitals
LETTERS_OF_TWO = {"beside": 0.28, "below": 0.2}  # the same on two lines
LEAST_LETTERS = {"beside": 0.15, "below": 0.12}
LONGEST = {"beside": 3.0, "below": 1.6}  # a longer line has smaller letters, down to the least
LEADING = 1.62  # distance of two baselines in heights of capitals
GAIN_OF_TWO = 1.15  # so much larger must letters get for a name to be set on two lines
# A slogan in terms of the name's letters: its own, which get smaller where it is longer than the name, and its gap.
SLOGAN, LEAST_SLOGAN, SLOGAN_GAP = 0.42, 0.26, 0.4
MAX_SLOGAN = 60  # characters
LOWER_CASE = 0.92  # the mean height of capitals and x, of what the capitals of a name without small letters have


@dataclass(frozen=True)
class SetLine:
    """A line of text in its place: x and y of where its baseline begins, and the size of its letters."""

    line: Line
    x: float
    y: float
    em: float

    @property
    def ink(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of what is seen."""
        left, top, right, bottom = (side * self.em for side in self.line.ink)
        return self.x + left, self.y + top, self.x + right, self.y + bottom

    def moved(self, x: float, y: float) -> SetLine:
        return replace(self, x=self.x + x, y=self.y + y)


@dataclass(frozen=True)
class LockUp:
    """A logo's mark and a name; made by `lock_up`, it never changes.

    Attributes:
        lines: the name's.
        slogan: the slogan's line, if there is one.
        title: name and slogan, to be read out.
        mark: left, top, right and bottom of the mark.
        origin: x and y of the left top corner of the logo's own canvas.
        size: width and height. These are all in units of the logo's SVG canvas.
    """

    logo: Logo
    name: str
    typeface: Typeface
    layout: str
    colour: str | None
    ground: str | None
    lines: tuple[SetLine, ...]
    slogan: SetLine | None
    title: str
    mark: tuple[float, float, float, float]
    origin: tuple[float, float]
    size: tuple[int, int]

    @property
    def aspect_ratio(self) -> float:
        """Width ÷ height."""
        return self.size[0] / self.size[1]

    def name_colour(self, ground: str) -> str:
        """The one asked for; else the mark's or the container's, if it can be read on `ground`; else black or white."""
        if self.colour:
            return self.colour
        shown = {role: colour for role, colour in self.logo.palette.items() if role != "ground"}
        ours = [shown[role] for role in ("mark", "container") if role in shown] or list(shown.values())[::-1]
        ours = [colour for colour in ours if readable(colour, ground)]
        for least in READ_AS_TEXT:
            for colour in ours:
                if contrast(colour, ground) >= least:
                    return colour
        return max(("#111111", "#ffffff"), key=lambda colour: contrast(colour, ground))

    def svg(self, transparent: bool = False, ground: str | None = None) -> str:
        """It as an SVG document without fonts: one group a layer of the logo, then "name" and "slogan" with outlines.

        Args:
            transparent: leave the background out.
            ground: '#rrggbb' in place of the one given to `lock_up`, or of the logo's background. Of a transparent
                lock-up it is what it will lie on (white), and only the name's colour depends on it.

        Raises:
            ValueError: the ground is no such colour.
        """
        ground = self._ground(transparent, ground)
        width, height = self.size
        groups = [] if transparent else [svg.ground(ground, width, height)]
        for layer in self.logo.layers:
            groups.append(svg.layer(layer.role, layer.colour, layer.shape.moved(1.0, *self.origin)))
        for role, lines in self._texts:
            groups.append(svg.layer(role, self.name_colour(ground), _letters(lines)))
        return svg.document(width, height, self.title, groups)

    def image(self, height: int = 512, transparent: bool = False, ground: str | None = None) -> Image.Image:
        """The same picture in pixels.

        Args:
            height: in pixels, 16 to 4096; the width follows, and is at most 8192.
            transparent, ground: as in `svg`.

        Returns:
            A picture in mode RGB, or RGBA when transparent.

        Raises:
            ValueError: the height is not as above, or the ground no colour.
        """
        ground = self._ground(transparent, ground)
        whole = isinstance(height, (int, np.integer)) and not isinstance(height, bool)
        if not (whole and MIN_HEIGHT <= height <= MAX_HEIGHT):
            raise ValueError(f"The height must be a whole number of pixels from {MIN_HEIGHT} to {MAX_HEIGHT}.")
        height, scale = int(height), int(height) / self.size[1]
        width = round(self.size[0] * scale)
        if width > MAX_WIDTH:
            most = int(MAX_WIDTH / self.aspect_ratio)
            raise ValueError(f"This lock-up is so wide that its height can be at most {most} pixels, not {height}.")
        raster = Raster(width, height, None if transparent else ground)
        x, y = (place * scale for place in self.origin)
        for layer in self.logo.layers:
            drawing = hb.RasterDraw()
            layer.draw(drawing, scale, x, y)
            raster.fill(layer.colour, drawing)
        drawing = hb.RasterDraw()
        for _, lines in self._texts:
            for each in lines:
                each.line.draw(drawing, each.x * scale, each.y * scale, each.em * scale)
        raster.fill(self.name_colour(ground), drawing)
        return raster.picture

    def pdf(self, transparent: bool = False, ground: str | None = None) -> bytes:
        """The same picture as a PDF document of one page; the arguments are those of `svg`."""
        ground = self._ground(transparent, ground)
        layers = [] if transparent else [(ground, Rectangle(0, 0, *self.size).outline)]
        layers += [(layer.colour, outline_of(layer.shape.moved(1.0, *self.origin))) for layer in self.logo.layers]
        layers += [(self.name_colour(ground), _letters(lines)) for _, lines in self._texts]
        return pdf.document(*self.size, self.title, layers)

    @property
    def _texts(self) -> list[tuple[str, tuple[SetLine, ...]]]:
        return [("name", self.lines), *([("slogan", (self.slogan,))] if self.slogan else [])]

    def _ground(self, transparent: bool, ground: str | None) -> str:
        if ground is not None:
            return checked(ground)
        return self.ground or ("#ffffff" if transparent else self.logo.ground)


def lock_up(
    logo: Logo,
    name: str,
    font: str = DEFAULT_FONT,
    layout: str = "beside",
    colour: str | None = None,
    ground: str | None = None,
    slogan: str = "",
) -> LockUp:
    """Set a name beside or below a logo's mark.

    Args:
        logo: one made of layers.
        name: 1 to 40 characters; spaces are tidied, characters without a shape left out, case is kept.
        font: a key of `FONTS`.
        layout: "beside" or "below". A name that is long for its place gets smaller letters, or two lines.
        colour: the name's, '#rrggbb'; without it, one of the logo's that can be read.
        ground: '#rrggbb' in place of the logo's background. Parts of the logo in this very colour do not count.
        slogan: at most 60 characters in smaller letters under the name, or none.

    Raises:
        ValueError: the logo has no layers or shows nothing, the name or one of the choices is not as above, or the
            font lacks some of the name's characters; the message then names a font that has them.
    """
    if not isinstance(logo, Logo):
        raise ValueError("The baseline model's logos have no layers, so no name can be set with their mark.")
    if layout not in LAYOUTS:
        raise ValueError("A name is set beside or below the mark: layout must be 'beside' or 'below'.")
    ground = None if ground is None else checked(ground)
    box = logo.box(ground)
    if box is None:
        raise ValueError("This logo shows nothing on that ground, so there is no mark to set a name with.")
    return _locked_up(logo, name, font, layout, colour, ground, slogan, box)


def _locked_up(
    logo: Logo, name: str, font: str, layout: str, colour: str | None, ground: str | None, slogan: str,
    box: tuple[float, float, float, float] | None,
) -> LockUp:  # fmt: skip
    """A name beside or below what lies in a box of the canvas, or alone."""
    if font not in FONTS:
        raise ValueError(f"The font must be one of {', '.join(FONTS)}.")
    name, slogan, face = tidy(name), tidy_slogan(slogan), FONTS[font]
    face.check(name + slogan)
    colour = None if colour is None else checked(colour)
    alone, box = box is None, box or (0.0, 0.0, 0.0, ALONE)
    left, top, right, bottom = box
    size = max(bottom - top, FLATTEST * (right - left))
    lines, em, tall = _set(face, name, layout, size)
    leading, clear, gap = LEADING * face.cap_height * em, CLEAR * size, GAP[layout] * size
    # What stands under the name's last baseline belongs to the block that is centred.
    below = _slogan(face, slogan, lines, em) if slogan else None
    under = below.y if below else 0.0
    if layout == "beside":
        first = (top + bottom + tall * em - leading * (len(lines) - 1) - under) / 2
    else:
        accents = max(0.0, -lines[0].ink[1] - face.cap_height)  # half of what they take is added to the gap
        first = bottom + gap + (face.cap_height + accents / 2) * em
    placed = [SetLine(line, 0.0, first + leading * i, em) for i, line in enumerate(lines)]
    if below:
        placed.append(below.moved(0.0, placed[-1].y))
    starts = [
        right + gap - each.ink[0] if layout == "beside" else (left + right - each.ink[0] - each.ink[2]) / 2
        for each in placed
    ]
    placed = [each.moved(start, 0.0) for each, start in zip(placed, starts, strict=True)]
    boxes = [each.ink for each in placed] + ([] if alone else [box])
    x0, y0 = (min(each[k] for each in boxes) - clear for k in (0, 1))
    x1, y1 = (max(each[k] for each in boxes) + clear for k in (2, 3))
    if layout == "beside" and not alone:  # the mark stays in the middle of the height
        reach = max(y1 - (top + bottom) / 2, (top + bottom) / 2 - y0)
        y0, y1 = (top + bottom) / 2 - reach, (top + bottom) / 2 + reach
    placed = [each.moved(-x0, -y0) for each in placed]
    return LockUp(
        logo, name, face, layout, colour, ground,
        lines=tuple(placed[: len(lines)]),
        slogan=placed[-1] if below else None,
        title=f"{name}. {slogan}" if slogan else name,
        mark=(left - x0, top - y0, right - x0, bottom - y0),
        origin=(-x0, -y0),
        size=(round(x1 - x0), round(y1 - y0)),
    )  # fmt: skip


def _letters(lines: tuple[SetLine, ...]) -> Outline:
    return joined([each.line.outline(each.x, each.y, each.em) for each in lines])


def _slogan(face: Typeface, slogan: str, lines: list[Line], em: float) -> SetLine:
    """A slogan under a name whose last baseline is at 0, as wide as the name at most, unless it would be too small."""
    line = face.line(slogan, not any(c.islower() for c in slogan))
    wide = max(each.ink[2] - each.ink[0] for each in lines)
    size = em * max(LEAST_SLOGAN, min(SLOGAN, wide / (line.ink[2] - line.ink[0])))
    drop = max(0.0, lines[-1].ink[3]) * em
    return SetLine(line, 0.0, max(drop, SLOGAN_GAP * face.cap_height * em) + 1.25 * face.cap_height * size, size)


def set_alone(name: str, font: str = DEFAULT_FONT, colour: str = INK, ground: str = WHITE, slogan: str = "") -> LockUp:
    """A name without a mark, on one line if it is not too long for one; raises ValueError as `lock_up` does."""
    return _locked_up(Logo(ground, ()), name, font, "beside", colour, ground, slogan, None)


def tidy(name: str) -> str:
    """The name as it will be set; raises ValueError if nothing is left of it or it is longer than 40 characters."""
    if not (name := _clean(name, MAX_NAME)):
        raise ValueError("The name is empty: write what shall stand with the mark.")
    if len(name) > MAX_NAME:
        raise ValueError(f"A name has at most {MAX_NAME} characters, and this one has {len(name)}.")
    return name


def tidy_slogan(slogan: str) -> str:
    """The slogan as it will be set, which may be empty; raises ValueError if it is longer than 60 characters."""
    if len(slogan := _clean(slogan, MAX_SLOGAN)) > MAX_SLOGAN:
        raise ValueError(f"A slogan has at most {MAX_SLOGAN} characters, and this one has {len(slogan)}.")
    return slogan


def _clean(text: str, longest: int) -> str:
    """NFC, white space folded, control characters out; what is absurdly long is not even looked at."""
    if len(text) > longest * 25:
        return text
    text = "".join(" " if c.isspace() else c for c in unicodedata.normalize("NFC", text))
    return " ".join("".join(c for c in text if unicodedata.category(c)[0] != "C").split())


def _set(face: Typeface, name: str, layout: str, size: float) -> tuple[list[Line], float, float]:
    """The name's lines, their em, and the height in ems by which they are centred."""
    capitals = not any(c.islower() for c in name)
    tall = face.cap_height if capitals else (face.cap_height + face.x_height) / 2

    def widest(lines: list[Line]) -> float:
        return max(line.ink[2] - line.ink[0] for line in lines)

    def em(lines: list[Line], letters: float) -> float:
        wanted = face.scale * letters * (1 if capitals else LOWER_CASE) / tall
        least = LEAST_LETTERS[layout] / face.cap_height
        return size * min(wanted, max(least, LONGEST[layout] / widest(lines)))

    one = [face.line(name, capitals)]
    words = name.split(" ")
    pairs = [[face.line(" ".join(part), capitals) for part in (words[:i], words[i:])] for i in range(1, len(words))]
    best = min(pairs, key=widest, default=one)
    on_one, on_two = em(one, LETTERS[layout]), em(best, LETTERS_OF_TWO[layout])
    return (best, on_two, tall) if on_two > GAIN_OF_TWO * on_one else (one, on_one, tall)
