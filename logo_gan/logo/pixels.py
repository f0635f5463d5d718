"""A finished logo of the baseline model: pixels, without layers."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from PIL import Image

from logo_gan.logo import svg
from logo_gan.logo.design import checked_size
from logo_gan.logo.shapes import CANVAS

COLOURS = 4  # in the palette
NO_GROUND = "The baseline model's logos have no layers, so the ground cannot be left out."
NO_LAYERS = "The baseline model's logos have no layers, so they cannot be recoloured."


@dataclass(frozen=True, eq=False)
class PixelLogo:
    """A picture of the baseline generator, which has pixels only: no layers, one fixed resolution.

    Attributes:
        pixels: uint8 (H, H, 3), RGB.
        caption: the words it was drawn from.
        address: what finds it again (any object whose str() is a query), or None.

    Raises:
        ValueError: the pixels are not as above.
    """

    pixels: np.ndarray
    caption: str = ""
    address: object = None

    def __post_init__(self):
        pixels = np.array(self.pixels)
        if pixels.ndim != 3 or pixels.shape[0] != pixels.shape[1] or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
            raise ValueError(f"A pixel logo needs whole numbers 0 to 255 of the shape (H, H, 3), not {pixels.shape}.")
        pixels.setflags(write=False)
        object.__setattr__(self, "pixels", pixels)

    @cached_property
    def palette(self) -> dict[str, str]:
        """Its dominant colours as '#rrggbb': "ground", that of most of the border, then "colour-2", … by area."""
        reduced = Image.fromarray(self.pixels).quantize(COLOURS, method=Image.Quantize.MEDIANCUT)
        colours = np.array(reduced.getpalette()[: 3 * COLOURS]).reshape(-1, 3)
        index = np.asarray(reduced)
        border = np.concatenate([index[0], index[-1], index[:, 0], index[:, -1]])
        counts = np.bincount(index.ravel(), minlength=len(colours))
        first = int(np.bincount(border).argmax())
        order = [first, *(int(i) for i in np.argsort(-counts, kind="stable") if i != first and counts[i])]
        names = ["ground", *(f"colour-{k}" for k in range(2, len(order) + 1))]
        return {name: "#" + bytes(colours[i].tolist()).hex() for name, i in zip(names, order, strict=True)}

    def with_address(self, address: object) -> PixelLogo:
        return replace(self, address=address)

    def image(self, size: int = 512, transparent: bool = False) -> Image.Image:
        """It, enlarged; raises ValueError for a transparent ground, which pixels do not have."""
        size = checked_size(size)
        if transparent:
            raise ValueError(NO_GROUND)
        return Image.fromarray(self.pixels).resize((size, size), Image.Resampling.BICUBIC)

    def svg(self, transparent: bool = False) -> str:
        """An SVG document that holds the pixels as they are: there is nothing to trace in a blur.

        Raises ValueError for a transparent ground, as `image` does.
        """
        if transparent:
            raise ValueError(NO_GROUND)
        buffer = io.BytesIO()
        Image.fromarray(self.pixels).save(buffer, "PNG")
        data = base64.b64encode(buffer.getvalue()).decode()
        picture = f'<image width="{CANVAS}" height="{CANVAS}" href="data:image/png;base64,{data}"/>'
        return svg.document(CANVAS, CANVAS, self.caption, [picture])

    def recolored(self, /, **roles: str) -> PixelLogo:
        raise ValueError(NO_LAYERS)

    def facts(self) -> dict:
        """What is known of it, as JSON takes it."""
        address = None if self.address is None else str(self.address)
        return {"palette": dict(self.palette), "container": "none", "marks": [], "letters": None, "address": address}
