"""Composed logos as a collection from the web holds them: in many sizes and shapes, some in one channel, some twice.

For trying out analyses: captions in the dataset's own grammar, several formats, and a few faults of the harmless kind
(repeated, nearly repeated and empty pictures), each in a known share.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from logo_gan.logo.design import Logo
from logo_gan.marks.memory import Memory
from logo_gan.model.checkpoint import write_whole
from logo_gan.training.captions import Facts, grammar
from logo_gan.training.compose import compose, encoded, is_grey

USUAL = 144  # pixels: the commonest height
GREY = 0.15  # of the rows: logos without a colour, half of them in files of one channel
GREY_PALETTE = {"ground": "#ffffff", "container": "#111111", "mark": "#111111", "accent": "#888888"}
FORMATS = (("PNG", 0.86), ("JPEG", 0.12), ("WEBP", 0.02))
REPEATED, NEARLY, EMPTY = 1 / 300, 1 / 500, 1 / 700  # of the rows
TONES = 32  # colours of a picture: its own, and those of its edges
ROWS = 500  # of a row group


def write(path: str | os.PathLike, n: int, seed: int = 0, memory: Memory | None = None) -> None:
    """Write n rows as parquet in the dataset's schema. The same seed and memory give the same rows.

    Raises:
        ValueError: n out of range, or a memory that cannot be used; nothing is written then.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if n < 1:
        raise ValueError(f"The number of logos must be at least 1, not {n}.")
    memory = memory or Memory.load()
    schema = pa.schema({"image": pa.struct({"bytes": pa.binary(), "path": pa.string()}), "text": pa.string()})

    def fill(part: Path) -> None:
        with pq.ParquetWriter(part, schema, compression="zstd", write_page_checksum=True) as writer:
            rows: list[dict] = []
            for i, (data, kind, text) in zip(range(n), _rows(memory, seed), strict=False):
                rows.append({"image": {"bytes": data, "path": f"{i}.{kind.lower()}"}, "text": text})
                if len(rows) == ROWS or i == n - 1:
                    writer.write_table(pa.Table.from_pylist(rows, schema))
                    rows = []

    write_whole(Path(path), fill)


def _rows(memory: Memory, seed: int) -> Iterator[tuple[bytes, str, str]]:
    """Encoded picture, format and caption of each row, without end."""
    rng = random.Random(seed)
    earlier: list[tuple[Logo, str, tuple[int, int]]] = []  # some of the logos drawn before, to be repeated
    made: list[tuple[bytes, str, str]] = []
    for index in count():
        chance = rng.random()
        if made and chance < REPEATED:
            row = rng.choice(made)
        elif earlier and chance < REPEATED + NEARLY:
            logo, text, (height, width) = rng.choice(earlier)
            row = _encoded(logo, text, (height + 8, width + 8), rng)
        else:
            logo, text = _logo(memory, seed, index, rng)
            if chance > 1 - EMPTY:
                logo = logo.recolored(**dict.fromkeys(logo.palette, logo.ground))
            shape = _shape(rng)
            row = _encoded(logo, text, shape, rng)
            made, earlier = [*made, row][-100:], [*earlier, (logo, text, shape)][-100:]
        yield row


def _logo(memory: Memory, seed: int, index: int, rng: random.Random) -> tuple[Logo, str]:
    """A logo and its caption in the dataset's grammar, a share of `GREY` of them without a colour."""
    composed = compose(memory, seed, index)
    logo, facts = composed.logo, composed.attributes
    grey = rng.random() < GREY
    if grey:
        palette = {role: GREY_PALETTE[role] for role in logo.palette}
        if logo.container not in ("none", "ring"):
            palette["mark"] = "#ffffff"
        logo = logo.recolored(**palette)
    container = None if logo.container == "none" else logo.container
    colours = facts["colours"]
    told = Facts(facts["object"], None if grey else colours[0], container=container, grey=grey or is_grey(logo))
    return logo, grammar(told, rng)


def _shape(rng: random.Random) -> tuple[int, int]:
    """Height and width in pixels: mostly the usual height; half of them square, the others mostly wide."""
    height = USUAL if rng.random() < 0.7 else min(max(round(USUAL * rng.lognormvariate(0, 0.35)), 64), 400)
    if rng.random() < 0.5:
        return height, height
    aspect = rng.lognormvariate(0.3, 0.35)  # width ÷ height
    return height, min(max(round(height * aspect), height // 2), 4 * height)


def _encoded(logo: Logo, text: str, shape: tuple[int, int], rng: random.Random) -> tuple[bytes, str, str]:
    from PIL import Image

    side, (height, width) = min(shape), shape
    image = Image.new("RGB", (width, height), logo.ground)
    image.paste(logo.image(side), ((width - side) // 2, (height - side) // 2))
    if is_grey(logo) and rng.random() < 0.5:
        image = image.convert("L")
    # Few tones are as smooth to the eye as all, and half the bytes.
    image = image if image.mode == "L" else image.quantize(TONES, dither=Image.Dither.NONE).convert("RGB")
    kind = rng.choices([name for name, _ in FORMATS], [share for _, share in FORMATS])[0]
    return encoded(image, kind, **({"quality": 80} if kind != "PNG" else {"optimize": True})), kind, text
