"""Batches to train on. A source gives any batch of its stream by the number of images before it."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from logo_gan.text.word_vectors import MAX_WORDS, WordTable
from logo_gan.training import cache

MEMORY = "memory"  # as `--data`: the bundled drawings


class Source(Protocol):
    """An endless stream of batches: what a task's `open_source` returns, and the task's `step` gets.

    It is pickled into the worker processes that prepare batches.
    """

    description: str  # what a run's configuration says of its data

    def batch(self, images: int) -> Any:
        """The batch after so many images. It follows from that number and nothing else, so resuming is exact."""


def share(count: int, rank: int, world: int) -> slice:
    """The rows of a batch of `count` that are for number `rank` of `world` processes: together they see all."""
    if count % world or not 0 <= rank < world:
        raise ValueError(f"A batch of {count} images cannot be shared out evenly among {world} processes.")
    return slice(rank * count // world, (rank + 1) * count // world)


class _Stream(IterableDataset):
    def __init__(self, source: Source, count: int, start: int):
        self.source, self.count, self.start = source, count, start

    def __iter__(self) -> Iterator:
        worker = get_worker_info()
        first, every = (worker.id, worker.num_workers) if worker else (0, 1)
        for images in itertools.count(self.start + first * self.count, every * self.count):
            yield self.source.batch(images)


def batches(source: Source, count: int, start: int = 0, workers: int = 0) -> Iterator:
    """The endless batches of `count` images, continued after `start` images; the same for any number of workers."""
    stream = _Stream(source, count, start)
    options = {"prefetch_factor": 4, "worker_init_fn": _end_with_parent} if workers else {}
    return iter(DataLoader(stream, batch_size=None, num_workers=workers, **options))


def _end_with_parent(worker: int) -> None:
    """torch's own watch misses a parent that is killed before its worker has begun to watch."""

    def wait() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


@dataclass
class Batch:
    """Logos with captions: images (B, 3, S, S) in [0, 1]; word ids (B, MAX_WORDS), 0 beyond the caption's end."""

    images: Tensor
    words: Tensor


def word_ids(texts: list[str], table: WordTable) -> Tensor:
    """Captions → ids (B, MAX_WORDS), 0 beyond their end."""
    return torch.tensor([table.ids(text, MAX_WORDS) for text in texts], dtype=torch.int64)


class Captioned:
    """Shuffled epochs over the logos of a cache; the rest of an epoch that fills no batch is left out."""

    def __init__(self, logos: cache.Cache, seed: int, count: int, rank: int = 0, world: int = 1):
        if logos.rows < count:
            raise ValueError(f"The data has {logos.rows} readable logos, fewer than one batch of {count}.")
        self.logos, self.seed, self.count, self.part = logos, seed, count, share(count, rank, world)
        self.description = logos.description
        self._open: tuple[np.ndarray, np.ndarray] | None = None
        self._epoch: tuple[int, np.ndarray] = (-1, np.empty(0))

    def batch(self, images: int) -> Batch:
        if self._open is None:  # in each worker anew: a mapped array would be copied whole into it
            self._open = self.logos.images(), self.logos.words()
        pixels, words = self._open
        epoch, at = divmod(images // self.count, self.logos.rows // self.count)
        if epoch != self._epoch[0]:
            self._epoch = epoch, np.random.default_rng((self.seed, epoch)).permutation(self.logos.rows)
        rows = self._epoch[1][at * self.count : (at + 1) * self.count][self.part]
        return Batch(torch.from_numpy(pixels[rows]).float().div_(255), torch.from_numpy(words[rows]).long())

    def __getstate__(self) -> dict:
        return {**self.__dict__, "_open": None}


def open_logos(
    data: str, split: str | None, seed: int, count: int, size: int, *,
    revision: str | None = None, rank: int = 0, world: int = 1, folder: Path | None = None,
) -> Source:  # fmt: skip
    """Batches of captioned logos: composed of a memory's drawings, or real ones.

    Args:
        data: `memory` (the bundled drawings) or a memory's folder; else a parquet file or glob, a folder of parquet
            shards, or a dataset on the Hub.
        split: of real logos, as `train[-100000:]`.
        count: logos in a batch, of all processes together.
        size: pixels of a side.
        revision: branch, tag or commit of a dataset on the Hub.
        rank, world: which of how many processes asks.
        folder: of the caches (default: `cache.root()`).

    Raises:
        ValueError: what is wrong with the data, in one sentence.
    """
    if is_memory(data):
        for given, option in ((split, "--split"), (revision, "--revision")):
            if given:
                raise ValueError(f"{option} is for real logos; those of a memory are composed: leave it out.")
        from logo_gan.training.compose import Composed

        return Composed(None if data == MEMORY else Path(data), seed, count, size, rank, world)
    return Captioned(cache.open_cache(data, split, size, revision, folder), seed, count, rank, world)


def is_memory(data: str) -> bool:
    """Whether `--data` names a memory of drawings: the bundled one, or a folder that holds one."""
    return data == MEMORY or (Path(data) / "concepts.parquet").is_file()
