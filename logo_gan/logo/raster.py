"""Shapes to pixels, with soft edges as wide as a pixel.

HarfBuzz fills outlines with exact coverage, in C, but it takes them from a font only. So an outline becomes a font of
one glyph: a CFF table (Adobe Technical Notes 5176 and 5177), whose curves are the outline's own.
"""

from __future__ import annotations

import struct

import numpy as np
import uharfbuzz as hb
from PIL import Image

from logo_gan.marks.outline import Outline

_FIXED = 1 << 16  # a charstring's numbers are whole multiples of 1 / 65536
_MOVE, _CURVE, _END = b"\x15", 8, b"\x0e"


class Raster:
    """A picture that shapes are painted on, from the bottom up.

    Args:
        width, height: in pixels.
        ground: '#rrggbb', or None for a transparent one.
    """

    def __init__(self, width: int, height: int, ground: str | None = None):
        self.picture = Image.new("RGBA" if ground is None else "RGB", (width, height), ground or "#00000000")

    def fill(self, colour: str, drawing: hb.RasterDraw) -> None:
        """Lay a colour on what was drawn."""
        coverage, at = _coverage(drawing, *self.picture.size)
        if coverage is None:
            return
        if self.picture.mode == "RGB":
            self.picture.paste(colour, (*at, at[0] + coverage.width, at[1] + coverage.height), coverage)
            return
        over = Image.new("RGBA", coverage.size, colour)
        over.putalpha(coverage)
        self.picture.alpha_composite(over, at)


def draw(drawing: hb.RasterDraw, shape: hb.Font, scale: float, x: float = 0.0, y: float = 0.0) -> None:
    """Add a `font` of one outline to what `drawing` will fill, in pixels: scaled about the origin, then moved."""
    drawing.transform = (scale, 0, 0, scale, x, y)
    drawing.draw_glyph(shape, 0)


def font(outline: Outline) -> hb.Font:
    """A font whose only glyph is the outline, in its units, y down. Coordinates must lie within ±16383."""
    name, nothing = _index([b"A"]), _index([])
    charstrings = _index([_charstring(outline)])
    at = 4 + len(name) + len(_index([_top_dict(0, 0)])) + 2 * len(nothing)
    top = _index([_top_dict(at, at + len(charstrings))])
    tables = {
        "CFF ": b"\x01\x00\x04\x04" + name + top + nothing + nothing + charstrings,
        "head": struct.pack(">4I2H2Q4h2H3h", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, 1000, 0, 0, *[0] * 4, 0, 8, 2, 0, 0),
        "maxp": struct.pack(">IH", 0x5000, 1),
    }
    return hb.Font(hb.Face.create_for_tables(lambda face, tag, data: tables.get(tag), None))


def coverage(outline: Outline, size: int) -> np.ndarray:
    """How far an outline of the unit square covers each of size × size cells, float32 in [0, 1]."""
    drawing = hb.RasterDraw()
    draw(drawing, font(outline), size)
    filled = np.zeros((size, size), np.float32)
    found, (x, y) = _coverage(drawing, size, size)
    if found is not None:
        filled[y : y + found.height, x : x + found.width] = np.asarray(found, np.float32) / 255
    return filled


def _coverage(drawing: hb.RasterDraw, width: int, height: int) -> tuple[Image.Image | None, tuple[int, int]]:
    """How far what was drawn covers each pixel of the picture (mode L), and where the left top corner lies."""
    found = drawing.render()
    box = found.extents
    if not (box and box.width and box.height):
        return None, (0, 0)
    rows = np.frombuffer(found.buffer, np.uint8).reshape(box.height, box.stride)[:, : box.width]
    left, top = max(0, box.x_origin), max(0, box.y_origin)
    right, bottom = min(width, box.x_origin + box.width), min(height, box.y_origin + box.height)
    if left >= right or top >= bottom:
        return None, (0, 0)
    inside = rows[top - box.y_origin : bottom - box.y_origin, left - box.x_origin : right - box.x_origin]
    return Image.fromarray(np.ascontiguousarray(inside)), (left, top)


def _charstring(outline: Outline) -> bytes:
    points = np.round(outline.points.astype(np.float64) * _FIXED).astype(np.int64)
    parts, here = [], np.zeros(2, np.int64)
    for part in outline.contours:
        segments = points[part]
        parts += [_numbers((segments[0, 0] - here)[None]).tobytes(), _MOVE]
        curves = np.full((len(segments), 31), _CURVE, np.uint8)  # six numbers of five bytes, and the command
        curves[:, :30] = _numbers(np.diff(segments, axis=1).reshape(len(segments), 6))
        parts.append(curves.tobytes())
        here = segments[-1, 3]
    return b"".join(parts) + _END


def _numbers(values: np.ndarray) -> np.ndarray:
    """(N, K) fixed-point numbers as bytes (N, 5K)."""
    found = np.full((*values.shape, 5), 255, np.uint8)
    found[..., 1:] = values.astype(">i4")[..., None].view(np.uint8)
    return found.reshape(len(values), -1)


def _index(items: list[bytes]) -> bytes:
    if not items:
        return bytes(2)
    offsets = np.cumsum([1, *map(len, items)])
    return struct.pack(">HB", len(items), 4) + offsets.astype(">u4").tobytes() + b"".join(items)


def _top_dict(charstrings: int, private: int) -> bytes:
    """Where the charstrings lie, and an empty private dictionary."""
    return struct.pack(">bibbibib", 29, charstrings, 17, 29, 0, 29, private, 18)
