"""A logo: a ground and a few flat layers with roles, as SVG, as PNG at any size, and in other colours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import uharfbuzz as hb
from PIL import Image

from logo_gan.logo import pdf, svg
from logo_gan.logo.raster import Raster, coverage, draw, font
from logo_gan.logo.shapes import CANVAS, Rectangle, Shape, outline_of
from logo_gan.marks.outline import joined
from logo_gan.text.colours import checked, distance

ROLES = ("container", "mark", "second", "accent")
MIN_SIZE, MAX_SIZE = 16, 2048  # pixels
SMALL, FINER = 128, 4  # below so many pixels it is drawn larger and averaged: HarfBuzz cuts an eighth of a pixel off
CELLS, WITHIN = 128, 0.97  # a side, where layers are compared; the part of one that lies within what it lies upon
SAME = 0.02  # OKLab: a layer no further from the ground than this does not stand out
FLATNESS = 0.05  # canvas units: how exact boxes are


@dataclass(frozen=True)
class MarkSource:
    """Where a mark comes from.

    Attributes:
        concept: what it shows, as "water drop".
        sources: the open drawings that it was made from, each {"set", "name", "author", "licence"}.
        nearest: the most similar of all remembered drawings, {"set", "name", "similarity"}.
    """

    concept: str
    sources: tuple[dict, ...] = ()
    nearest: dict | None = None

    def as_dict(self) -> dict:
        return {"concept": self.concept, "sources": list(self.sources), "nearest": self.nearest}


@dataclass(frozen=True, eq=False)
class Layer:
    """One shape in one colour, in canvas units.

    Attributes:
        role: one of `ROLES`.
        colour: '#rrggbb'.
        shape: with no overlapping outlines.

    Raises:
        ValueError: the role or the colour is not as above.
    """

    role: str
    colour: str
    shape: Shape

    def __post_init__(self):
        if self.role not in ROLES:
            raise ValueError(f"A layer's role must be one of {', '.join(ROLES)}, not {self.role!r}.")
        object.__setattr__(self, "colour", checked(self.colour))

    @cached_property
    def box(self) -> tuple[float, float, float, float] | None:
        """Left, top, right and bottom of what lies on the canvas; None where nothing does."""
        loops = outline_of(self.shape).polygons(FLATNESS)
        if not loops:
            return None
        points = np.concatenate(loops)
        left, top, right, bottom = (*points.min(0).clip(0, CANVAS), *points.max(0).clip(0, CANVAS))
        return (float(left), float(top), float(right), float(bottom)) if left < right and top < bottom else None

    @cached_property
    def font(self) -> hb.Font:
        return font(outline_of(self.shape))

    def draw(self, drawing: hb.RasterDraw, scale: float, x: float = 0.0, y: float = 0.0) -> None:
        """Add it to what `drawing` will fill: scaled from canvas units to pixels, then moved."""
        draw(drawing, self.font, scale, x, y)


@dataclass(frozen=True, eq=False)
class Logo:
    """A ground and layers upon it; it never changes once made.

    Attributes:
        ground: '#rrggbb'.
        layers: from the bottom up, no two of the same role.
        caption: the words it was drawn from.
        address: what finds it again (any object whose str() is a query), or None.
        container: the name of the container, or "none".
        letters: those that it shows in place of a thing, or None.
        marks: where each of its marks comes from.

    Raises:
        ValueError: two layers of one role, or a ground that is no '#rrggbb'.
    """

    ground: str
    layers: tuple[Layer, ...]
    caption: str = ""
    address: object = None
    container: str = "none"
    letters: str | None = None
    marks: tuple[MarkSource, ...] = ()

    def __post_init__(self):
        object.__setattr__(self, "ground", checked(self.ground))
        object.__setattr__(self, "layers", tuple(self.layers))
        roles = [layer.role for layer in self.layers]
        if len(set(roles)) < len(roles):
            raise ValueError(f"Each role may have one layer, and the layers given are {', '.join(roles)}.")

    @cached_property
    def palette(self) -> dict[str, str]:
        """Role → '#rrggbb': the ground first, then the layers from the bottom up."""
        return {"ground": self.ground, **{layer.role: layer.colour for layer in self.layers}}

    def recolored(self, /, **roles: str) -> Logo:
        """The same shapes in other colours.

        Args:
            roles: '#rrggbb' for some or all roles of `palette`; the others keep theirs.

        Raises:
            ValueError: a role that this logo does not have, or a colour that is not of that form.
        """
        unknown = [role for role in roles if role not in self.palette]
        if unknown:
            raise ValueError(f"This logo has no {unknown[0]}: its colours are {', '.join(self.palette)}.")
        layers = [replace(layer, colour=roles[layer.role]) if layer.role in roles else layer for layer in self.layers]
        return replace(self, ground=roles.get("ground", self.ground), layers=tuple(layers))

    def with_address(self, address: object) -> Logo:
        return replace(self, address=address)

    def image(self, size: int = 512, transparent: bool = False) -> Image.Image:
        """Draw it.

        Args:
            size: width and height in pixels, 16 to 2048.
            transparent: leave the ground out; the picture then has a true alpha channel.

        Returns:
            A picture in mode RGB, or RGBA when transparent.

        Raises:
            ValueError: the size is not a whole number from 16 to 2048.
        """
        size = checked_size(size)
        finer = FINER if size < SMALL else 1
        raster = Raster(size * finer, size * finer, None if transparent else self.ground)
        for layer in self.layers:
            drawing = hb.RasterDraw()
            layer.draw(drawing, size * finer / CANVAS)
            raster.fill(layer.colour, drawing)
        return raster.picture.reduce(finer) if finer > 1 else raster.picture

    def svg(self, transparent: bool = False) -> str:
        """The same picture as an SVG document: one group a layer, its id the role."""
        groups = [] if transparent else [svg.ground(self.ground, CANVAS, CANVAS)]
        groups += [svg.layer(layer.role, layer.colour, layer.shape) for layer in self.layers]
        return svg.document(CANVAS, CANVAS, self.caption, groups)

    def pdf(self, transparent: bool = False) -> bytes:
        """The same picture as a PDF document of one page."""
        layers = [] if transparent else [(self.ground, Rectangle(0, 0, CANVAS, CANVAS).outline)]
        layers += [(layer.colour, outline_of(layer.shape)) for layer in self.layers]
        return pdf.document(CANVAS, CANVAS, svg.shortened(self.caption), layers)

    def in_one_colour(self, colour: str = "#111111", ground: str = "#ffffff") -> Logo:
        """It in one colour, as a single path: what lies upon something is cut out of it, as cutters and stamps need it.

        Raises:
            ValueError: a colour is no '#rrggbb'.
        """
        outlines = [outline_of(layer.shape) for layer in self.layers]
        covered = [coverage(outline.moved(1 / CANVAS, 0, 0), CELLS) for outline in outlines]
        inked: list[bool] = []
        for i, own in enumerate(covered):
            under = (j for j in range(i)[::-1] if np.minimum(own, covered[j]).sum() > WITHIN * own.sum())
            beneath = next(under, None)
            inked.append(beneath is None or not inked[beneath])
        turned = [each if each.clockwise == ink else each.reversed() for each, ink in zip(outlines, inked, strict=True)]
        return replace(self, ground=ground, layers=(Layer("mark", colour, joined(turned)),) if turned else ())

    def box(self, ground: str | None = None) -> tuple[float, float, float, float] | None:
        """Left, top, right and bottom of what stands out from a ground (its own), in canvas units.

        None where nothing does.
        """
        ground = ground or self.ground
        boxes = [layer.box for layer in self.layers if layer.box and distance(layer.colour, ground) > SAME]
        if not boxes:
            return None
        left, top, right, bottom = zip(*boxes, strict=True)
        return min(left), min(top), max(right), max(bottom)

    def facts(self) -> dict:
        """What is known of it, as JSON takes it."""
        return {
            "palette": dict(self.palette),
            "container": self.container,
            "marks": [mark.as_dict() for mark in self.marks],
            "letters": self.letters,
            "address": None if self.address is None else str(self.address),
        }


def checked_size(size: int) -> int:
    """A size in pixels; raises ValueError unless it is a whole number from 16 to 2048."""
    if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or not MIN_SIZE <= size <= MAX_SIZE:
        raise ValueError(f"The size must be a whole number of pixels from {MIN_SIZE} to {MAX_SIZE}.")
    return int(size)
