"""A finished logo of the baseline model: pixels, without layers."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from logo_gan.address import Address
from logo_gan.curves import CANVAS
from logo_gan.logo import checked_size, svg_head

NO_LAYERS = "The baseline model's logos have no layers, so the background cannot be left out."


class PixelLogo:
    """A picture of the baseline generator, which has pixels only: no layers, one fixed resolution.

    Args:
        pixels: (H, H, 3), RGB as whole numbers 0 to 255.
        caption: the words it was drawn from.
        address: where the model draws it again (address.py), if anywhere.
    """

    COLOURS = 4  # in its palette

    def __init__(self, pixels, caption: str = "", address: Address | None = None):
        pixels = np.array(pixels)
        if pixels.ndim != 3 or pixels.shape[0] != pixels.shape[1] or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
            raise ValueError(f"A pixel logo needs whole numbers 0 to 255 of the shape (H, H, 3), not {pixels.shape}.")
        pixels.setflags(write=False)
        self._pixels = pixels
        self._caption = str(caption)
        self.address = address

    @property
    def pixels(self) -> np.ndarray:
        return self._pixels

    @property
    def caption(self) -> str:
        return self._caption

    @property
    def palette(self) -> list[str]:
        """Its dominant colours as '#rrggbb': that of most of the border first, then by area."""
        reduced = Image.fromarray(self._pixels).quantize(self.COLOURS, method=Image.Quantize.MEDIANCUT)
        colours = np.array(reduced.getpalette()[: 3 * self.COLOURS]).reshape(-1, 3)
        index = np.asarray(reduced)
        border = np.concatenate([index[0], index[-1], index[:, 0], index[:, -1]])
        counts = np.bincount(index.ravel(), minlength=len(colours))
        first = int(np.bincount(border).argmax())
        order = [first, *(int(i) for i in np.argsort(-counts, kind="stable") if i != first and counts[i])]
        return ["#" + bytes(colours[i].tolist()).hex() for i in order]

    def image(self, size: int = 512, transparent: bool = False) -> Image.Image:
        """It, enlarged; raises ValueError for a transparent background, which pixels do not have."""
        size = checked_size(size)
        if transparent:
            raise ValueError(NO_LAYERS)
        return Image.fromarray(self._pixels).resize((size, size), Image.Resampling.BICUBIC)

    def svg(self, transparent: bool = False) -> str:
        """An SVG document that holds the pixels as they are: there is nothing to trace in a blur.

        Raises ValueError for a transparent background, as `image` does.
        """
        if transparent:
            raise ValueError(NO_LAYERS)
        buffer = io.BytesIO()
        Image.fromarray(self._pixels).save(buffer, "PNG")
        data, side = base64.b64encode(buffer.getvalue()).decode(), f"{CANVAS:g}"
        return (
            f"{svg_head(self._caption)}\n"
            f'<image width="{side}" height="{side}" href="data:image/png;base64,{data}"/>\n</svg>\n'
        )

    def recolored(self, colours: Sequence[str]) -> PixelLogo:
        raise ValueError("The baseline model's logos have no layers, so they cannot be recoloured.")
