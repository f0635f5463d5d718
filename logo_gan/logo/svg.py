"""SVG documents of layers: one named group a layer, a true primitive where the shape is one."""

from __future__ import annotations

import re
import textwrap
from xml.sax.saxutils import escape

from logo_gan.logo.shapes import Circle, Shape, number
from logo_gan.marks.outline import Outline

LONGEST_TITLE = 60  # characters
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def document(width: float, height: float, title: str, groups: list[str]) -> str:
    """A document of groups, from the bottom up."""
    width, height = number(width), number(height)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img">',
            f"<title>{escape(shortened(title))}</title>",
            *groups,
            "</svg>\n",
        ]
    )


def shortened(title: str) -> str:
    """A title for a file that is passed on: of a brief, which may be a letter with names in it, the beginning."""
    return textwrap.shorten(_NOT_XML.sub("", title), LONGEST_TITLE, placeholder="…")


def ground(colour: str, width: float, height: float) -> str:
    """The group of the ground, which covers the whole document."""
    return group("ground", f'fill="{colour}"', f'<rect width="{number(width)}" height="{number(height)}"/>')


def layer(role: str, colour: str, shape: Shape) -> str:
    """The group of one layer."""
    if isinstance(shape, Outline):
        return group(role, f'fill="{colour}"', f'<path d="{shape.path_data()}"/>')
    if isinstance(shape, Circle) and shape.stroke:
        paint = f'fill="none" stroke="{colour}" stroke-width="{number(shape.stroke)}"'
        return group(role, paint, shape.element())
    return group(role, f'fill="{colour}"', shape.element())


def group(role: str, paint: str, elements: str) -> str:
    return f'<g id="{role}" {paint}>{elements}</g>'
