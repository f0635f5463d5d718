"""Pairs of drawings of the same thing that are of like build: what the warp learns to turn into one another."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from logo_gan.marks.distance import SIZE, overlap
from logo_gan.marks.memory import FOLDER, Memory
from logo_gan.training.data import share

LEAST, MOST = (
    0.45,
    0.97,
)  # overlap of a pair: below, nothing smooth leads from one to the other; above, they are doubles
PER_CONCEPT = 24  # drawings of a thing that are paired
COARSE = 16  # cells a side at which drawings are compared to be paired
HELD_OUT = 20  # one concept in so many is kept for measuring


@dataclass
class PairBatch:
    """Fields (B, 1, 64, 64) of sources and targets, text vectors (B, 384) of what they show and of something else."""

    source: Tensor
    target: Tensor
    text: Tensor
    wrong: Tensor


class Pairs:
    """Batches of pairs out of a memory.

    Args:
        folder: of the memory; None for the bundled one.
        seed, count: of the stream, and pairs in a batch of all processes together.
        rank, world: which of how many processes asks.

    Raises:
        ValueError: the memory cannot be used, or holds no two drawings of a thing that are of like build.
    """

    def __init__(self, folder: Path | None, seed: int, count: int, rank: int = 0, world: int = 1):
        self.folder, self.seed, self.count, self.part = folder or FOLDER, seed, count, share(count, rank, world)
        memory = self.memory
        name = "memory" if folder is None else str(folder)
        self.description = f"{name} ({memory.fingerprint}), {len(memory.rows()):,} drawings"
        found = list(_pairs(memory))
        table = np.array([row for rows in found for row in rows], np.int64).reshape(-1, 4)
        held_out = np.array([_held_out(memory.concepts[c]) for c in range(len(memory.concepts))])
        kept = held_out[table[:, 0]]
        self.table, self.held_out = table[~kept], table[kept]
        if len(self.table) < 2:
            raise ValueError(f"The memory {name} has no two drawings of one thing that are of like build.")
        # A thing with twice as many pairs is seen more often, but not twice.
        size = np.bincount(self.table[:, 0], minlength=len(memory.concepts))[self.table[:, 0]]
        chance = size**-0.5
        self.chance = np.cumsum(chance / chance.sum())

    @cached_property
    def memory(self) -> Memory:
        return Memory.load(self.folder)

    def __getstate__(self) -> dict:
        return {key: value for key, value in self.__dict__.items() if key != "memory"}

    def batch(self, images: int) -> PairBatch:
        """The pairs after so many."""
        random = np.random.default_rng((self.seed, images))
        rows = np.searchsorted(self.chance, random.random(self.count)).clip(max=len(self.table) - 1)
        flip = random.random(self.count) < 0.5
        wrong = random.integers(len(self.memory.concepts), size=self.count)
        return self.of(self.table[rows[self.part]], flip[self.part], wrong[self.part])

    def of(self, table: np.ndarray, flip: np.ndarray, wrong: np.ndarray) -> PairBatch:
        """A batch of rows of `table`, both sides mirrored where `flip` says so, with wrong concepts."""
        concept, a, b, mirrored = table.T
        source, target = self.memory.fields(a), self.memory.fields(b)
        target = np.where((mirrored == 1)[:, None, None], target[..., ::-1], target)
        source, target = (np.where(flip[:, None, None], each[..., ::-1], each) for each in (source, target))
        vectors = np.stack([self.memory.vector_of(c) for c in concept])
        others = np.stack([self.memory.vector_of(c) for c in wrong])
        return PairBatch(
            torch.from_numpy(np.ascontiguousarray(source))[:, None],
            torch.from_numpy(np.ascontiguousarray(target))[:, None],
            torch.from_numpy(vectors), torch.from_numpy(others),
        )  # fmt: skip

    def measured(self, count: int) -> PairBatch:
        """Pairs of things that are never trained on, the same ones whenever it is called."""
        table = self.held_out if len(self.held_out) else self.table
        rows = np.random.default_rng(0).choice(len(table), min(count, len(table)), replace=False)
        wrong = np.random.default_rng(1).integers(len(self.memory.concepts), size=len(rows))
        return self.of(table[rows], np.zeros(len(rows), bool), wrong)


def _held_out(name: str) -> bool:
    return zlib.crc32(name.encode()) % HELD_OUT == 0


def _pairs(memory: Memory) -> Iterator[list[tuple[int, int, int, int]]]:
    """For each concept its pairs, both ways: concept, source, target, whether the target is mirrored."""
    codec, step = memory.codec, SIZE // COARSE
    basis, mean = (each.reshape(-1, COARSE, step, COARSE, step).mean((2, 4)).reshape(-1, COARSE**2)
                   for each in (codec.basis, codec.mean))  # fmt: skip
    for concept in range(len(memory.concepts)):
        rows = memory.drawings(concept)[:PER_CONCEPT]
        if len(rows) < 2:
            continue
        fields = (codec.values(memory.codes[rows]) @ basis + mean).reshape(-1, COARSE, COARSE)
        found = []
        for i in range(len(rows) - 1):
            plain = overlap(fields[i], fields[i + 1 :])
            turned = overlap(fields[i], fields[i + 1 :, :, ::-1])
            mirrored = turned > plain + 0.02
            best = np.where(mirrored, turned, plain)
            for k in np.flatnonzero((best >= LEAST) & (best <= MOST)).tolist():
                j, flip = i + 1 + k, int(mirrored[k])
                found += [(concept, rows[i], rows[j], flip), (concept, rows[j], rows[i], flip)]
        yield found
