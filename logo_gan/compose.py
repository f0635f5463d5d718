"""Composed training logos: recipe → layers as signed distances → pixels, a batch at a time.

The layers are those of the generator: 0 container, 1 its second half, 2 mark, 3 its second tone. Fields are signed
distances, positive inside, in units of FIELD_UNIT (containers.py) pixels at 64 px and clipped to [-1, 1]; a layer that
a logo does not use is -1 everywhere.
Seeded: the same seed and index give the same pixels, whatever the batch.
"""

from __future__ import annotations

import io
import math
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from logo_gan import colours, containers, marks
from logo_gan.containers import UNIT
from logo_gan.networks import composite
from logo_gan.recipe import Recipe, draw

LAYERS = 4
# How far a mark may reach inside each container of size 1, and how far it is shifted up.
_ROOM = {"none": (0.80, 0), "circle": (0.64, 0), "ring": (0.56, 0), "square": (0.72, 0), "rounded square": (0.70, 0),
         "hexagon": (0.63, 0), "shield": (0.57, 0.09), "diamond": (0.52, 0), "badge": (0.60, 0)}  # fmt: skip
_SIZE = {"square": 0.80, "rounded square": 0.82, "diamond": 0.95}


@dataclass
class Logos:
    """Composed logos: fields (B, 4, S, S) in [-1, 1], palette (B, 5, 3) in [0, 1], used (B, 5) bool, recipes."""

    fields: torch.Tensor
    palette: torch.Tensor
    used: torch.Tensor
    recipes: list[Recipe]

    def images(self, size: int) -> torch.Tensor:
        """(B, 3, size, size) in [0, 1]."""
        return composite(self.fields, self.palette, size)


def layers(recipes: list[Recipe], size: int = 64, bank: marks.Bank | None = None) -> Logos:
    """Recipes → logos with fields at `size` × `size`."""
    bank = bank or marks.bank()
    n = len(recipes)
    p = containers.plane(size)
    u = torch.tensor([r.u for r in recipes], dtype=torch.float32)[:, :, None, None]
    outline = torch.tensor([r.layout == "outline" for r in recipes])
    line = torch.tensor([bank.marks[r.form].line for r in recipes])

    # The mark: its texture sampled at its place; where it is to be an outline and is not drawn so, the rim alone.
    room = torch.tensor([_ROOM[r.container][0] for r in recipes])[:, None, None]
    up = torch.tensor([_ROOM[r.container][1] for r in recipes])[:, None, None]
    scale = room * (0.92 + 0.14 * u[:, 8]) / marks.EXTENT
    texture = bank.textures[torch.tensor([r.form for r in recipes])].float()[:, None] / 127
    grid = torch.stack((p[0] / scale, (p[1] + up) / scale), dim=-1)
    mark = F.grid_sample(texture, grid, padding_mode="border", align_corners=False)[:, 0] * marks.REACH * scale
    rim = 0.035 + 0.02 * u[:, 9]
    mark = torch.where((outline & ~line)[:, None, None], rim - (mark - rim).abs(), mark)

    fields = torch.full((n, LAYERS, size, size), -1.0)
    fields[:, 2] = mark * UNIT
    by_kind: dict[str, list[int]] = {}
    for i, recipe in enumerate(recipes):
        by_kind.setdefault(recipe.container, []).append(i)
    for kind, rows in by_kind.items():
        if kind == "none":
            continue
        at = torch.tensor(rows)
        r = _SIZE.get(kind, 0.90) * (0.96 + 0.07 * u[at, 10])
        shape = containers.signed_distance("circle" if kind == "ring" else kind, p, r)
        if kind == "ring":
            shape = containers.rim(shape, 0.055 + 0.03 * u[at, 9])
        shape = torch.where(outline[at, None, None], containers.rim(shape, 0.03 + 0.02 * u[at, 9]), shape)
        fields[at, 0] = shape * UNIT
    # The right half, the lower one, or one of the diagonal ones.
    half = containers.half(p, (u[:, 11] * 4).floor().clamp(max=3) * (math.pi / 4))
    split = torch.tensor([r.layout == "split" for r in recipes])
    fields[split, 1] = torch.minimum(fields[split, 0], half[split] * UNIT)
    tone = torch.tensor([r.layout == "two-tone" for r in recipes])
    fields[tone, 3] = torch.minimum(fields[tone, 2], half[tone] * UNIT)

    used = torch.stack((torch.ones(n, dtype=torch.bool), ~torch.tensor([r.container == "none" for r in recipes]),
                        split, torch.ones(n, dtype=torch.bool), tone), dim=1)  # fmt: skip
    return Logos(fields.clamp(-1, 1), _palette(recipes), used, recipes)


def _palette(recipes: list[Recipe]) -> torch.Tensor:
    rows = []
    for r in recipes:
        ground, mark = r.ground_colour[1], r.mark_colour[1]
        container = r.container_colour[1] if r.container_colour else ground
        accent = r.accent_colour[1] if r.accent_colour else None
        parts = (ground, container, accent if r.layout == "split" else container, mark,
                 accent if r.layout == "two-tone" else mark)  # fmt: skip
        rows.append([colours.rgb(v) for v in parts])
    return torch.tensor(rows, dtype=torch.float32) / 255


def recipes(seed: int, start: int, count: int, held_out: bool = False) -> list[Recipe]:
    """The recipes start … start + count - 1 of a seeded stream."""
    bank = marks.bank()
    return [draw(seed, i, bank, held_out) for i in range(start, start + count)]


def attributes(r: Recipe) -> dict:
    """The truth about a logo: names of colours mark first, palette background first as in Logo.palette."""
    own = [c for c in (r.mark_colour, r.container_colour, r.accent_colour, r.ground_colour) if c]
    used = [r.ground_colour, r.container_colour, r.accent_colour if r.layout == "split" else None, r.mark_colour,
            r.accent_colour if r.layout == "two-tone" else None]  # fmt: skip
    return {
        "object": r.mark, "container": r.container, "style": r.layout, "kind": r.kind,
        "colours": [_spoken(c) for c in own], "palette": [c[1] for c in used if c],
    }  # fmt: skip


def _spoken(colour: tuple[str, str]) -> str:
    """The name of a colour; open ones get the basic name nearest to them."""
    if colour[0] in colours.names():
        return colour[0]
    return list(colours.BASIC)[int(colours.nearest_basic(np.array(colours.rgb(colour[1]))))]


def write(path: str | os.PathLike, n: int, seed: int = 0, size: int = 64) -> None:
    """Write n composed logos as parquet in the dataset's schema, with the truth in a column `attributes`.

    The file is written under a temporary name and renamed, so that no half of it is ever found.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq
    from PIL import Image

    if n < 1:
        raise ValueError(f"The number of logos must be at least 1, not {n}.")
    if not 16 <= size <= 1024:
        raise ValueError(f"The size must be from 16 to 1024 pixels, not {size}.")
    text = pa.string()
    schema = pa.schema({
        "image": pa.struct({"bytes": pa.binary(), "path": text}), "text": text,
        "attributes": pa.struct({"object": text, "container": text, "style": text, "kind": text,
                                 "colours": pa.list_(text), "palette": pa.list_(text)}),
    })  # fmt: skip
    target = Path(path)
    part = target.with_name(f".{target.name}.part")
    try:
        with pq.ParquetWriter(part, schema, compression="zstd") as writer:
            for start in range(0, n, 256):
                logos = layers(recipes(seed, start, min(256, n - start)), max(size, 64))
                pixels = (logos.images(size) * 255).round().byte().permute(0, 2, 3, 1).numpy()
                rows = {"image": [], "text": [], "attributes": []}
                for i, recipe in enumerate(logos.recipes):
                    file = io.BytesIO()
                    Image.fromarray(pixels[i]).save(file, "png")
                    rows["image"].append({"bytes": file.getvalue(), "path": f"{seed}_{start + i}.png"})
                    rows["text"].append(recipe.caption)
                    rows["attributes"].append(attributes(recipe))
                writer.write_table(pa.table(rows, schema=schema))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
