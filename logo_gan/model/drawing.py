"""From things and noise to marks: remembered drawings are found, and the generator redraws them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch

from logo_gan.logo.composition import Mark
from logo_gan.logo.design import MarkSource
from logo_gan.logo.raster import coverage
from logo_gan.logo.warp import Symmetry, Warp, bent, heavier
from logo_gan.marks.distance import REACH, signed_distance
from logo_gan.marks.outline import Outline, joined
from logo_gan.model.networks import WarpGenerator

if TYPE_CHECKING:
    from logo_gan.marks.memory import Memory

CELLS = 64  # a side, of what is compared
STRENGTH = 2.3  # of a displacement at the dial's end, of what the generator says; it is 1 in the middle
TRIES = 4  # latents that are tried for a mark, if need be
TOO_NEAR = 0.95  # overlap with its remembered drawing from which the next latent is tried
SOFTER = (1.0, 0.85, 0.7, 0.55, 0.4, 0.25)  # what a displacement is multiplied with until it folds nothing
BOLDER = (1.0, 1.3, 1.7, 2.2)  # of the candidates in turn, until the drawing is no copy
NEAREST = 3  # remembered drawings that a mark is compared with
GAP = 0.07  # between two letters, of their height


@dataclass(frozen=True, eq=False)
class Part:
    """What a mark is drawn from.

    Attributes:
        rows: of the memory: one drawing, or the letters of a monogram.
        latents: (TRIES, Z) noise; the first that gives a sound drawing, and no copy, is taken.
        invention: of the dial, 0 for the drawing as it is remembered, to 1.
        mirrored: the drawing is taken with left and right exchanged.
    """

    rows: tuple[int, ...]
    latents: np.ndarray
    invention: float
    mirrored: bool = False


class Draughtsman:
    """Draws marks from a memory.

    Args:
        memory: what is drawn from.
        generator: says how a drawing is to be bent.
    """

    def __init__(self, memory: Memory, generator: WarpGenerator):
        self.memory, self.generator = memory, generator

    def draw(self, parts: list[Part]) -> list[Mark]:
        """A mark for each part."""
        with _one_thread():
            return [
                self._bent(part) if len(part.rows) == 1 and part.invention else self._remembered(part) for part in parts
            ]

    def _candidates(self, part: Part) -> Iterator[tuple[np.ndarray, float]]:
        """Displacements and changes of weight for a part, one latent after the other.

        One at a time: a sum's last bits depend on the batch, and so would a logo on its company.
        """
        memory, row = self.memory, part.rows[0]
        field = torch.from_numpy(memory.fields([row]))[:, None]
        text = torch.from_numpy(memory.vector_of(memory.concept_of(row)))[None]
        strength = STRENGTH * part.invention
        for latent in torch.from_numpy(part.latents.astype(np.float32)):
            displacement, weight = self.generator(field, text, latent[None])
            yield displacement[0].numpy() * strength, float(weight) * REACH * strength

    def _bent(self, part: Part) -> Mark:
        """The first candidate that is sound and no copy; else the one that is least of a copy."""
        row = part.rows[0]
        outline, symmetry = self.memory.outline(row), Symmetry.decoded(self.memory.symmetry(row))
        best: tuple[float, Outline] | None = None
        for bolder, (displacement, weight) in zip(BOLDER, self._candidates(part), strict=True):
            warp = self._sound(displacement * bolder, symmetry)
            if warp is None:
                continue
            drawn = heavier(bent(outline, warp), bolder * weight)
            near = self._overlap(coverage(drawn, CELLS), row)
            if best is None or near < best[0]:
                best = near, drawn
            if near < TOO_NEAR:
                break
        return self._mark(best[1] if best else outline, part)

    @staticmethod
    def _sound(displacement: np.ndarray, symmetry: Symmetry) -> Warp | None:
        for softer in SOFTER:
            warp = Warp(displacement * softer, symmetry)
            if warp.is_sound():
                return warp
        return None

    def _remembered(self, part: Part) -> Mark:
        outlines = [self.memory.outline(row) for row in part.rows]
        return self._mark(outlines[0] if len(outlines) == 1 else _set_side_by_side(outlines), part)

    def _mark(self, outline: Outline, part: Part) -> Mark:
        memory, row = self.memory, part.rows[0]
        if part.mirrored:
            outline = outline.mirrored()
        concepts = [memory.concepts[memory.concept_of(each)] for each in part.rows]
        if memory.style_of(row) == "letter":
            letters = "".join("&" if name == "ampersand" else name.split()[-1].upper() for name in concepts)
            return Mark(outline, MarkSource(f"letters {letters}", self._sources(part), None), letters)
        return Mark(outline, MarkSource(memory.concepts[memory.concept_of(row)], self._sources(part), None))

    def _sources(self, part: Part) -> tuple[dict, ...]:
        return tuple(self.memory.source(row) for row in part.rows)

    def with_nearest(self, marks: list[Mark]) -> list[Mark]:
        """The marks with the most similar of all remembered drawings beside each."""
        rows, _ = self.memory.nearest(np.stack([signed_distance(mark.outline) for mark in marks]), NEAREST)
        found = []
        for mark, near in zip(marks, rows.tolist(), strict=True):
            cells = coverage(mark.outline, CELLS)
            overlaps = [self._overlap(cells, row) for row in near]
            best = int(np.argmax(overlaps))
            source = self.memory.source(near[best])
            nearest = {"set": source["set"], "name": source["name"], "similarity": round(overlaps[best], 3)}
            found.append(replace(mark, source=replace(mark.source, nearest=nearest)))
        return found

    def _overlap(self, cells: np.ndarray, row: int) -> float:
        """Intersection over union of covered cells (64, 64) with a remembered drawing."""
        other = self._cells(row)
        return float(np.minimum(cells, other).sum() / max(float(np.maximum(cells, other).sum()), 1e-6))

    @lru_cache(maxsize=4096)  # noqa: B019 a draughtsman lives as long as its model
    def _cells(self, row: int) -> np.ndarray:
        return coverage(self.memory.outline(row), CELLS)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Torch on one thread: between layers this small, two that wait for each other take twice as long."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _set_side_by_side(letters: list[Outline]) -> Outline:
    """Letters of one height beside each other, framed as one drawing."""
    placed, at = [], 0.0
    for letter in letters:
        left, top, right, bottom = letter.box
        scale = 1 / max(bottom - top, 1e-6)
        placed.append(letter.moved(scale, at - left * scale, -top * scale))
        at += (right - left) * scale + GAP
    return joined(placed).framed()
