"""Logos composed of a memory's drawings, with captions and what is true of them: a seeded, endless stream.

What a caption names (a colour, a container) the logo has; the rest is left to the composition, as it is for a visitor.
"""

from __future__ import annotations

import io
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import torch

from logo_gan.logo import composition, containers
from logo_gan.logo.design import Logo, MarkSource
from logo_gan.marks.memory import FOLDER, Memory
from logo_gan.model.checkpoint import write_whole
from logo_gan.text.brief import Brief
from logo_gan.text.colours import contrast, distance
from logo_gan.text.word_vectors import WordTable
from logo_gan.training.captions import Facts, caption
from logo_gan.training.data import Batch, share, word_ids
from logo_gan.training.samples import pixels_of

COLOURS = {
    "black": "#111111", "white": "#ffffff", "grey": "#8a8d91", "red": "#e50000", "orange": "#f97306",
    "yellow": "#fddc22", "green": "#15a033", "blue": "#0b5bdf", "purple": "#7e1e9c", "pink": "#ff6fb0",
    "brown": "#6b3a14", "teal": "#029386", "navy": "#0a1f66", "gold": "#d4a017", "crimson": "#a8102e",
    "turquoise": "#1fb8b0", "coral": "#ff6f52", "olive": "#6b6b1e", "cream": "#f7efd9", "lavender": "#b59ce0",
    "sky blue": "#5cb3f0", "dark green": "#0c4a26", "maroon": "#5e1224", "mint": "#9fe0bd",
}  # fmt: skip
CONTRAST = 3.0  # between two named colours that touch
NAMED = {"mark": 0.75, "held": 0.5, "container": 0.6, "ground": 0.1}  # how often a caption names it
LEAST, MOST = 3, 12  # drawings of a thing: what has fewer is mostly an odd name; the best ones are drawn
WORDS = 2  # of a thing's name at most
MAX_SIZE = 512


@dataclass(frozen=True)
class ComposedLogo:
    """A logo, its caption, and what is true of it.

    `attributes`: object; container (or "none"); colours (the nearest of COLOURS, mark first); palette ('#rrggbb', the
    ground first); set, name, author, licence of the drawing.
    """

    logo: Logo
    caption: str
    attributes: dict


def compose(memory: Memory, seed: int, index: int) -> ComposedLogo:
    """Logo number `index` of a seed's stream."""
    rng = random.Random(f"{seed} {index}")
    concept = rng.choice(things(memory))
    row, thing = int(rng.choice(memory.drawings(concept)[:MOST])), memory.concepts[concept]
    named = _named(rng)
    container = rng.choice(containers.NAMES) if rng.random() < NAMED["held"] else None
    if container is None:
        named.pop("container", None)
    brief = Brief(thing, (thing,), {role: COLOURS[c] for role, c in named.items()}, container)
    plan = rng.choice(composition.plan(brief, seed=rng.getrandbits(32)))
    source = MarkSource(thing, (memory.source(row),))
    logo = composition.build(plan, composition.Mark(memory.outline(row), source))
    facts = Facts(thing, *map(named.get, ("mark", "container", "ground")), container, is_grey(logo))
    text = caption(facts, rng)
    order = sorted(logo.palette, key=["mark", "container", "accent", "ground"].index)
    attributes = {
        "object": thing, "container": logo.container,
        "colours": list(dict.fromkeys(spoken(logo.palette[role]) for role in order)),
        "palette": list(logo.palette.values()), **memory.source(row),
    }  # fmt: skip
    return ComposedLogo(logo, text, attributes)


def stream(memory: Memory, seed: int, start: int = 0) -> Iterator[ComposedLogo]:
    """Logos start, start + 1, … of a seed's stream."""
    while True:
        yield compose(memory, seed, start)
        start += 1


def is_grey(logo: Logo) -> bool:
    """Whether a logo has no colour."""
    return all(max(value) == min(value) for value in map(_rgb, logo.palette.values()))


def spoken(colour: str) -> str:
    """The nearest of COLOURS by name."""
    return min(COLOURS, key=lambda name: distance(colour, COLOURS[name]))


@lru_cache(maxsize=4)
def things(memory: Memory) -> tuple[int, ...]:
    """The concepts that logos are composed of: of a short name and with several drawings, or all that have one."""
    concepts = range(len(memory.concepts))
    short = (c for c in concepts if len(memory.concepts[c].split()) <= WORDS)
    often = tuple(c for c in short if len(memory.drawings(c)) >= LEAST)
    return often or tuple(c for c in concepts if len(memory.drawings(c)))


def _named(rng: random.Random) -> dict[str, str]:
    """Role → name of a colour for the roles that the caption names, told apart from those named before."""
    named: dict[str, str] = {}
    for role in ("mark", "container", "ground"):
        if rng.random() < NAMED[role]:
            beside = [COLOURS[name] for name in named.values()]
            fitting = [n for n, c in COLOURS.items() if all(contrast(c, other) >= CONTRAST for other in beside)]
            if fitting:
                named[role] = rng.choice(fitting)
    return named


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


class Composed:
    """Batches of composed logos, none twice.

    Args:
        folder: of the memory; None for the bundled one.
        seed, count, size: of the stream; logos in a batch of all processes together; pixels of a side.
        rank, world: which of how many processes asks.
    """

    def __init__(self, folder: Path | None, seed: int, count: int, size: int, rank: int = 0, world: int = 1):
        self.folder, self.seed, self.size = folder or FOLDER, seed, size
        self.part = range(count)[share(count, rank, world)]
        self.description = f"logos composed of {folder or 'memory'} ({self.memory.fingerprint})"

    @cached_property
    def memory(self) -> Memory:
        return Memory.load(self.folder)

    def __getstate__(self) -> dict:
        return {key: value for key, value in self.__dict__.items() if key != "memory"}

    def batch(self, images: int) -> Batch:
        composed = [compose(self.memory, self.seed, images + i) for i in self.part]
        pictures = torch.stack([pixels_of(each.logo.image(self.size)) for each in composed])
        return Batch(pictures, word_ids([each.caption for each in composed], WordTable.load()))


def write(path: str | os.PathLike, n: int, seed: int = 0, size: int = 64, memory: Memory | None = None) -> None:
    """Write n composed logos as parquet in the dataset's schema, with what is true of them in a column `attributes`.

    Raises:
        ValueError: n or size out of range, or a memory that cannot be used; nothing is written then.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if n < 1:
        raise ValueError(f"The number of logos must be at least 1, not {n}.")
    if not 16 <= size <= MAX_SIZE:
        raise ValueError(f"The size must be from 16 to {MAX_SIZE} pixels, not {size}.")
    memory = memory or Memory.load()
    texts, text = ("object", "container", "set", "name", "author", "licence"), pa.string()
    truth = pa.struct(dict.fromkeys(texts, text) | {name: pa.list_(text) for name in ("colours", "palette")})
    image = pa.struct({"bytes": pa.binary(), "path": text})
    schema = pa.schema({"image": image, "text": text, "attributes": truth})

    def fill(part: Path) -> None:
        with pq.ParquetWriter(part, schema, compression="zstd") as writer:
            for start in range(0, n, 256):
                rows = []
                for i in range(start, min(start + 256, n)):
                    made = compose(memory, seed, i)
                    picture = {"bytes": encoded(made.logo.image(size)), "path": f"{seed}_{i}.png"}
                    rows.append({"image": picture, "text": made.caption, "attributes": made.attributes})
                writer.write_table(pa.Table.from_pylist(rows, schema))

    write_whole(Path(path), fill)


def encoded(image, kind: str = "PNG", **options) -> bytes:
    """A PIL image as a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
