"""A finished logo: scalar fields and a palette, drawn as PNG at any size, as SVG, and in other colours."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from functools import cached_property, lru_cache
from xml.sax.saxutils import escape

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from logo_gan.address import Address
from logo_gan.colours import checked, distance, shade
from logo_gan.curves import CANVAS, Segment, fit, outlines, path_data

# The meaning of the layers, from the bottom up.
LAYERS = ("container", "container-shade", "mark", "mark-accent")
SECOND_TONES = {"container-shade": "container", "mark-accent": "mark"}
MIN_SIZE, MAX_SIZE = 16, 2048  # pixels
TRAINING_SIZE = 64  # pixels at which a logo's sharpness is given
MAX_LAYERS = 8
TRACE_SIZE = 256  # pixels: outlines are traced on fields of this size
SMALLEST_PART = 0.001  # of the canvas: a layer that shows less is a speck of noise and is left out
SAME = 0.02  # OKLab: a layer no further from the background than this does not stand out
SMALL_RENDER = 128  # pixels: icons are drawn at about this size and averaged, or they would skip detail
KERNEL_B = KERNEL_C = 1 / 3  # how fields are enlarged: (0, 1/2) would keep more detail, (1, 0) smooth more

Span = tuple[float, int]  # the first pixel of a row or column, and how many

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Logo:
    """A background and K flat layers over it; it never changes once made.

    Args:
        fields: (K, F, F), one smooth field a layer from the bottom up, positive inside its shape, finite.
        palette: (K + 1, 3) values in [0, 1], or K + 1 colours as '#rrggbb'; the background first.
        caption: the words it was drawn from.
        sharpness: slope of the edges at 64 pixels; it grows with the size, so an edge is always a pixel wide.
        address: where a model draws it again (address.py), if anywhere.

    Layers that show on less than a thousandth of the canvas are left out of every picture and of `palette`.

    Raises:
        ValueError: the shapes or the values are not as above.
    """

    def __init__(self, fields, palette, caption: str = "", sharpness: float = 16.0, address: Address | None = None):
        fields = np.array(fields, dtype=np.float32)
        if fields.ndim != 3 or fields.shape[1] != fields.shape[2] or not 1 <= len(fields) <= MAX_LAYERS:
            raise ValueError(
                f"A logo's fields must be of shape (K, F, F), K from 1 to {MAX_LAYERS}, not {fields.shape}."
            )
        if not 4 <= fields.shape[1] <= MAX_SIZE:
            raise ValueError(f"A logo's fields must be 4 to {MAX_SIZE} wide, not {fields.shape[1]}.")
        if not np.isfinite(fields).all():
            raise ValueError("A logo's fields must be finite.")
        if not (np.isfinite(sharpness) and sharpness > 0):
            raise ValueError("A logo's sharpness must be a positive number.")
        fields.setflags(write=False)
        self._fields = fields
        self._colours = _colours(palette, len(fields) + 1)
        self._caption = str(caption)
        self._sharpness = float(sharpness)
        self._address = address

    @property
    def fields(self) -> np.ndarray:
        """(K, F, F) float32, read-only."""
        return self._fields

    @property
    def caption(self) -> str:
        return self._caption

    @property
    def sharpness(self) -> float:
        return self._sharpness

    @property
    def address(self) -> Address | None:
        """Where a model draws these shapes again; the colours may have been changed since."""
        return self._address

    @property
    def layers(self) -> list[str]:
        """What each colour of `palette` paints, in its order: 'background', 'container', 'mark', ..."""
        return ["background", *(self._name(k) for k in self._visible)]

    @property
    def palette(self) -> list[str]:
        """The colours that can be seen, as '#rrggbb': the background, then the layers from the bottom up."""
        return [self._colours[0], *(self._colours[k + 1] for k in self._visible)]

    def image(self, size: int = 512, transparent: bool = False) -> Image.Image:
        """Draw it.

        Args:
            size: width and height in pixels, 16 to 2048.
            transparent: leave the background out; the picture then has a true alpha channel.

        Returns:
            A picture in mode RGB, or RGBA when transparent.

        Raises:
            ValueError: the size is not a whole number from 16 to 2048.
        """
        size = checked_size(size)
        averaged = -(-SMALL_RENDER // size) if size < TRAINING_SIZE else 1
        with torch.inference_mode():
            return _picture(self._composite(size * averaged, transparent), averaged)

    def svg(self, transparent: bool = False) -> str:
        """The same picture as an SVG document: one group a visible layer, named by its meaning."""
        parts = [svg_head(self._caption)]
        side = f"{CANVAS:g}"
        if not transparent:
            parts.append(f'<g id="background" fill="{self._colours[0]}"><path d="M0 0h{side}v{side}H0z"/></g>')
        for name, fill, loops in self.shapes:
            parts.append(f'<g id="{name}" fill="{fill}"><path fill-rule="evenodd" d="{path_data(loops)}"/></g>')
        return "\n".join([*parts, "</svg>"]) + "\n"

    @property
    def shapes(self) -> list[tuple[str, str, list[list[Segment]]]]:
        """Each visible layer from the bottom up: its name, its colour, its outlines in units of the SVG's canvas."""
        return [(self._name(k), self._colours[k + 1], loops) for k, loops in self._fitted.items()]

    def box(self, ground: str | None = None) -> tuple[float, float, float, float] | None:
        """Left, top, right and bottom of what stands out from a ground (its own), in units of the SVG's canvas.

        None where nothing does.
        """
        ground = ground or self._colours[0]
        seen = [k for k in self._traced if distance(self._colours[k + 1], ground) > SAME]
        if not seen:
            return None
        points = np.concatenate([loop for k in seen for loop in self._traced[k]])
        return (*points.min(0).tolist(), *points.max(0).tolist())

    def part(self, size: float, left: float, top: float, width: int, height: int) -> Image.Image:
        """A cut-out of the logo drawn `size` pixels wide, which need not be whole, without its background.

        Args:
            size: width of the whole logo in pixels, more than 0.
            left, top: where the cut-out begins on it, in pixels; it may reach beyond the canvas, where nothing is.
            width, height: of the cut-out, whole pixels.

        Returns:
            A picture in mode RGBA.
        """
        fine = -(-SMALL_RENDER // max(1, int(size))) if size < TRAINING_SIZE else 1
        rows, columns = (top * fine, height * fine), (left * fine, width * fine)
        with torch.inference_mode():
            rgba = self._composite(size * fine, True, rows, columns)
            edges = [
                (torch.arange(count) + start + 1).clamp(0, size * fine)
                - (torch.arange(count) + start).clamp(0, size * fine)
                for start, count in (rows, columns)
            ]  # how much of each row and column lies on the canvas
            rgba *= edges[0][:, None] * edges[1]
            return _picture(rgba, fine)

    def recolored(self, colours: Sequence[str]) -> Logo:
        """The same shapes in other colours.

        Args:
            colours: one '#rrggbb' for each colour of `palette`, in its order. Second tones (a container's shade, a
                mark's accent) may be left out: they are then mixed from the colour that they belong to.

        Raises:
            ValueError: another number of colours, or one that is not of that form.
        """
        colours = _hex_colours(colours)
        wanted = len(self._visible) + 1
        main = [name for name in self.layers if name not in SECOND_TONES]
        if len(colours) == len(main) < wanted:
            given = dict(zip(main, colours, strict=True))
            tones = {tone: shade(given[of], False) for tone, of in SECOND_TONES.items() if of in given}
            given = tones | given
            colours = [given.get(name, colours[-1]) for name in self.layers]
        if len(colours) != wanted:
            raise ValueError(
                f"This logo has {wanted} colours ({', '.join(self.layers)}), and {len(colours)} were given."
            )
        palette = list(self._colours)
        for k, colour in zip((-1, *self._visible), colours, strict=True):
            palette[k + 1] = colour
        logo = copy.copy(self)  # with what has been found out about the shapes
        logo._colours = tuple(palette)
        return logo

    def _name(self, k: int) -> str:
        return LAYERS[k] if len(self._fields) == len(LAYERS) else f"layer-{k + 1}"

    @cached_property
    def _visible(self) -> tuple[int, ...]:
        """The layers that can be seen in the finished picture, from the bottom up."""
        shown, seen = [], torch.ones(SMALL_RENDER, SMALL_RENDER)
        for k in reversed(range(len(self._fields))):
            cover = self._cover(k, SMALL_RENDER)
            if float((cover * seen).mean()) >= SMALLEST_PART:
                shown.append(k)
                seen *= 1 - cover
        return tuple(reversed(shown))

    @cached_property
    def _traced(self) -> dict[int, list[np.ndarray]]:
        """The visible layers' outlines before curves are fitted to them."""
        traced = {k: outlines(_enlarged(self._fields[k], TRACE_SIZE).numpy()) for k in self._visible}
        return {k: loops for k, loops in traced.items() if loops}

    @cached_property
    def _fitted(self) -> dict[int, list[list[Segment]]]:
        """The visible layers' outlines as curves."""
        return {k: fit(loops) for k, loops in self._traced.items()}

    def _cover(self, k: int, size: float, rows: Span | None = None, columns: Span | None = None) -> torch.Tensor:
        """How far layer k covers each pixel, (size, size) in [0, 1], or those of some rows and columns only."""
        return _enlarged(self._fields[k], size, rows, columns).mul_(self._sharpness * size / TRAINING_SIZE).sigmoid_()

    def _composite(
        self, size: float, transparent: bool, rows: Span | None = None, columns: Span | None = None
    ) -> torch.Tensor:
        """(3, size, size) over the background; or (4, size, size) without it, colours multiplied by alpha.

        `rows` and `columns` ask for those only: where they begin, in pixels, and how many.
        """
        rows, columns = rows or (0, size), columns or (0, size)
        background = (0.0, 0.0, 0.0, 0.0) if transparent else _rgb(self._colours[0])
        picture = torch.tensor(background).view(-1, 1, 1).repeat(1, rows[1], columns[1])
        for k in self._visible:
            cover = self._cover(k, size, rows, columns)
            for channel, value in zip(picture, (*_rgb(self._colours[k + 1]), 1.0), strict=False):
                channel.lerp_(torch.full((1, 1), value), cover)
        return picture


def checked_size(size: int) -> int:
    """A size in pixels; raises ValueError unless it is a whole number from 16 to 2048."""
    if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or not MIN_SIZE <= size <= MAX_SIZE:
        raise ValueError(f"The size must be a whole number of pixels from {MIN_SIZE} to {MAX_SIZE}.")
    return int(size)


def _picture(composite: torch.Tensor, averaged: int) -> Image.Image:
    """Three channels, or four with colours multiplied by alpha, as a picture; `averaged` pixels a side become one."""
    if averaged > 1:
        composite = F.avg_pool2d(composite[None], averaged)[0]
    if len(composite) == 4:
        composite[:3] /= composite[3].clamp(min=1e-6)
    pixels = composite.mul_(255).add_(0.5).clamp_(0, 255).to(torch.uint8).permute(1, 2, 0).contiguous().numpy()
    return Image.fromarray(pixels, "RGBA" if len(composite) == 4 else "RGB")


def _hex_colours(colours: Sequence[str]) -> list[str]:
    if isinstance(colours, str):
        raise ValueError("Colours must be a list of '#rrggbb'.")
    return [checked(colour) for colour in colours]


def _colours(palette, wanted: int) -> tuple[str, ...]:
    if len(palette) and isinstance(palette[0], str):
        colours = _hex_colours(palette)
    else:
        values = np.array(palette, dtype=np.float64)
        if values.ndim != 2 or values.shape[1] != 3 or not np.isfinite(values).all():
            raise ValueError("A logo's palette must hold finite values of the shape (K + 1, 3).")
        whole = np.round(np.clip(values, 0, 1) * 255).astype(np.uint8)
        colours = ["#" + row.tobytes().hex() for row in whole]
    if len(colours) != wanted:
        raise ValueError(f"A logo of {wanted - 1} layers has a palette of {wanted} colours, not {len(colours)}.")
    return tuple(colours)


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red / 255, green / 255, blue / 255


def _enlarged(field: np.ndarray, size: float, rows: Span | None = None, columns: Span | None = None) -> torch.Tensor:
    """The field (F, F) at (size, size): a bicubic enlargement, as two matrix products."""
    across, down = (_bicubic(field.shape[0], size, *(span or (0, size))) for span in (columns, rows))
    return down @ torch.tensor(field) @ across.T  # copied: torch warns of read-only arrays


@lru_cache(maxsize=16)
def _bicubic(width: int, size: float, start: float, count: int) -> torch.Tensor:
    """(count, width): how much each of `width` samples adds to pixels of a row of `size`, borders aligned.

    The kernel is Mitchell and Netravali's ("Reconstruction Filters in Computer Graphics", 1988). The one of
    `F.interpolate` (a = -0.75) does not reproduce a straight slope, and turns slanted edges into stairs.
    """
    centres = np.clip((np.arange(count) + start + 0.5) * width / size, 0, width) - 0.5
    left = np.floor(centres).astype(int)
    weights = np.zeros((count, width), dtype=np.float32)
    for tap in range(-1, 3):
        x = np.abs(centres - (left + tap))
        inner = (
            (12 - 9 * KERNEL_B - 6 * KERNEL_C) * x**3 + (-18 + 12 * KERNEL_B + 6 * KERNEL_C) * x**2 + 6 - 2 * KERNEL_B
        )
        outer = (-KERNEL_B - 6 * KERNEL_C) * x**3 + (6 * KERNEL_B + 30 * KERNEL_C) * x**2
        outer += (-12 * KERNEL_B - 48 * KERNEL_C) * x + 8 * KERNEL_B + 24 * KERNEL_C
        np.add.at(weights, (np.arange(count), np.clip(left + tap, 0, width - 1)), np.where(x < 1, inner, outer) / 6)
    return torch.from_numpy(weights)


def svg_head(caption: str) -> str:
    """The beginning of a square SVG document, with its title."""
    side = f"{CANVAS:g}"
    title = escape(_NOT_XML.sub("", caption))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img">'
    return f"{head}\n<title>{title}</title>"
