"""What a run shows of itself on its way: a sheet of samples at each checkpoint, and the strip of them all."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from PIL.Image import Image

GAP = 2  # pixels between two pictures
CELL, LABEL, TOP = 64, 150, 20  # pixels of the strip: a picture, the labels' column, the row of image counts
POINTS = 8  # columns of the strip


def pixels(images: Tensor) -> np.ndarray:
    """Images (N, 3, S, S) in [0, 1] → uint8 (N, S, S, 3)."""
    return (images.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy()


def pixels_of(image: Image) -> Tensor:
    """A PIL image in RGB → (3, S, S) in [0, 1]."""
    return torch.from_numpy(np.array(image)).permute(2, 0, 1).float() / 255


def sheet(images: Sequence[Image] | Tensor) -> Image:
    """Square pictures of one size, PIL's or a tensor (N, 3, S, S) in [0, 1], in one row."""
    from PIL import Image

    if isinstance(images, Tensor):
        images = [Image.fromarray(image) for image in pixels(images)]
    size = images[0].height
    joined = Image.new("RGB", (len(images) * (size + GAP), size), "white")
    for i, image in enumerate(images):
        joined.paste(image, (i * (size + GAP), 0))
    return joined


def strip(folder: str | Path, labels: Sequence[str], points: int = POINTS) -> Image:
    """The labels' pictures side by side, from the sheets in `folder`/samples: a row a label, a column a point.

    At most `points` points of the run, evenly spread over its images, the first and the last always among them.
    ValueError: there are no sheets, or they have another number of pictures.
    """
    from PIL import Image, ImageDraw, ImageFont

    sheets = {int(p.stem): p for p in (Path(folder) / "samples").glob("*.png") if p.stem.isdigit()}
    if not sheets:
        raise ValueError(f"{folder} has no sample sheets.")
    counts = np.array(sorted(sheets))
    wanted = np.linspace(counts[0], counts[-1], min(points, len(counts)))
    chosen = sorted({int(counts[np.abs(counts - w).argmin()]) for w in wanted})
    rows, step = len(labels), CELL + GAP
    joined = Image.new("RGB", (LABEL + len(chosen) * step, TOP + rows * step), "white")
    pen, font = ImageDraw.Draw(joined), ImageFont.load_default(11)
    for row, label in enumerate(labels):
        text = "\n".join(textwrap.wrap(label, 24))
        pen.multiline_text((4, TOP + row * step + CELL / 2), text, "black", font, anchor="lm")
    for column, count in enumerate(chosen):
        left = LABEL + column * step
        label = f"{count / 1000:,.0f} k" if count >= 1000 else str(count)
        pen.text((left + CELL / 2, TOP / 2), label, "black", font, anchor="mm")
        with Image.open(sheets[count]) as opened:
            pictures = opened.convert("RGB")
        size = pictures.height
        if pictures.width != rows * (size + GAP):
            raise ValueError(f"{sheets[count]} was not drawn from the {rows} samples of today.")
        for row in range(rows):
            picture = pictures.crop((row * (size + GAP), 0, row * (size + GAP) + size, size))
            if size != CELL:
                resampling = Image.Resampling.BICUBIC if size < CELL else Image.Resampling.LANCZOS
                picture = picture.resize((CELL, CELL), resampling)
            joined.paste(picture, (left, TOP + row * step))
    return joined
