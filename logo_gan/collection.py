"""Composed logos as a collection from the web holds them: in many sizes and shapes, some in one channel, some twice.

For trying out analyses: captions in the dataset's own grammar, several formats, and a few faults of the harmless kind
(repeated, nearly repeated and empty pictures), each in a known share.
"""

from __future__ import annotations

import io
import os
import random
from collections.abc import Iterator
from pathlib import Path

from logo_gan.captions import TAIL
from logo_gan.compose import Logos, layers, recipes
from logo_gan.networks import composite
from logo_gan.recipe import Recipe

USUAL = 144  # pixels: the commonest height
GREY = 0.15  # of the rows: logos without a colour, half of them in files of one channel
FORMATS = (("PNG", 0.86), ("JPEG", 0.12), ("WEBP", 0.02))
REPEATED, NEARLY, EMPTY = 1 / 300, 1 / 500, 1 / 700  # of the rows
TONES = 32  # colours of a picture: its own, and those of its edges
_BEGINNING = "Simple elegant logo for"
_BLOCK = 256


def write(path: str | os.PathLike, n: int, seed: int = 0) -> None:
    """Write n rows as parquet in the dataset's schema. The same seed gives the same rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if n < 1:
        raise ValueError(f"The number of logos must be at least 1, not {n}.")
    schema = pa.schema({"image": pa.struct({"bytes": pa.binary(), "path": pa.string()}), "text": pa.string()})
    target = Path(path)
    part = target.with_name(f".{target.name}.part")
    try:
        with pq.ParquetWriter(part, schema, compression="zstd", write_page_checksum=True) as writer:
            rows: list[dict] = []
            for i, (data, kind, text) in enumerate(_rows(n, seed)):
                rows.append({"image": {"bytes": data, "path": f"{i}.{kind.lower()}"}, "text": text})
                if len(rows) == 500 or i == n - 1:
                    writer.write_table(pa.Table.from_pylist(rows, schema))
                    rows = []
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _rows(n: int, seed: int) -> Iterator[tuple[bytes, str, str]]:
    """Encoded picture, format and caption of each row."""
    rng = random.Random(seed)
    earlier: list[tuple[Logos, str, tuple[int, int]]] = []  # some of the logos drawn before, to be repeated
    made: list[tuple[bytes, str, str]] = []
    for logo, recipe in _logos(n, seed, rng):
        chance = rng.random()
        if made and chance < REPEATED:
            row = rng.choice(made)
        elif earlier and chance < REPEATED + NEARLY:
            old, text, (height, width) = rng.choice(earlier)
            row = _encoded(old, text, (height + 8, width + 8), rng)
        else:
            if chance > 1 - EMPTY:
                logo.palette[:] = logo.palette[:, :1]
            shape, text = _shape(rng), recipe.caption
            if _grey(recipe) and "black and white" not in text:
                text += ", black and white"
            row = _encoded(logo, text, shape, rng)
            made, earlier = [*made, row][-100:], [*earlier, (logo, text, shape)][-100:]
        yield row


def _logos(n: int, seed: int, rng: random.Random) -> Iterator[tuple[Logos, Recipe]]:
    """n logos with captions in the dataset's grammar, a share of `GREY` of them without a colour."""
    colourless: list[Recipe] = []
    coloured: list[Recipe] = []
    start = 0
    for _ in range(n):
        wanted = colourless if rng.random() < GREY else coloured
        while not wanted:
            for recipe in recipes(seed, start, _BLOCK):
                if recipe.caption.startswith(_BEGINNING) and TAIL in recipe.caption:
                    (colourless if _grey(recipe) else coloured).append(recipe)
            start += _BLOCK
        recipe = wanted.pop(0)
        yield layers([recipe]), recipe


def _grey(recipe: Recipe) -> bool:
    used = (recipe.ground_colour, recipe.mark_colour, recipe.container_colour, recipe.accent_colour)
    return all(len({colour[1][i : i + 2] for i in (1, 3, 5)}) == 1 for colour in used if colour)


def _shape(rng: random.Random) -> tuple[int, int]:
    """Height and width in pixels: mostly the usual height; half of them square, the others mostly wide."""
    height = USUAL if rng.random() < 0.7 else min(max(round(USUAL * rng.lognormvariate(0, 0.35)), 64), 400)
    if rng.random() < 0.5:
        return height, height
    aspect = rng.lognormvariate(0.3, 0.35)  # width ÷ height
    return height, min(max(round(height * aspect), height // 2), 4 * height)


def _encoded(logo: Logos, text: str, shape: tuple[int, int], rng: random.Random) -> tuple[bytes, str, str]:
    from PIL import Image

    side, (height, width) = min(shape), shape
    pixels = (composite(logo.fields, logo.palette, side)[0] * 255).round().byte().permute(1, 2, 0).numpy()
    square = Image.fromarray(pixels)
    image = Image.new("RGB", (width, height), square.getpixel((0, 0)))
    image.paste(square, ((width - side) // 2, (height - side) // 2))
    if _grey(logo.recipes[0]) and rng.random() < 0.5:
        image = image.convert("L")
    # Few tones are as smooth to the eye as all, and half the bytes.
    image = image if image.mode == "L" else image.quantize(TONES, dither=Image.Dither.NONE).convert("RGB")
    kind = rng.choices([name for name, _ in FORMATS], [share for _, share in FORMATS])[0]
    file = io.BytesIO()
    image.save(file, kind, **({"quality": 80} if kind != "PNG" else {"optimize": True}))
    return file.getvalue(), kind, text
