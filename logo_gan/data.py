"""Training batches from composed logos, from real ones in a cache (`cached`), or from both in turn."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from logo_gan import cached, captions, compose, marks
from logo_gan.prompt import WordTable
from logo_gan.spelling import words

WORDS = 24  # words of a caption that a generator reads
COMMON = 10_000  # rows of the word table, most frequent first, from which idle words are taken
IDLE = 0.5  # share of the captions that get idle words
STRANGE = 0.5  # cosine to every word of the composer below which a word counts as idle


@dataclass
class Batch:
    """Images (B, 3, S, S) in [0, 1]; word ids of the caption and of a wrong one (B, WORDS), 0 for none; latents.

    Composed logos bring their layers: fields (B, 4, S, S), palette (B, 5, 3), used (B, 5), and form (B,), the drawn
    form's row in the mark bank; real ones None there.
    """

    images: Tensor
    words: Tensor
    wrong: Tensor
    latent: Tensor
    fields: Tensor | None = None
    palette: Tensor | None = None
    used: Tensor | None = None
    form: Tensor | None = None


def word_ids(texts: list[str], table: WordTable) -> Tensor:
    """Captions → ids (B, WORDS), 0 beyond their end."""
    ids = np.zeros((len(texts), WORDS), dtype=np.int64)
    for row, text in zip(ids, texts, strict=True):
        found = table.ids(text, WORDS)
        row[: len(found)] = found
    return torch.from_numpy(ids)


@cache
def strangers() -> np.ndarray:
    """Rows of frequent words that say nothing of what a logo shows: none is near a word that the composer uses."""
    table = WordTable.load()
    vectors = table.vectors / np.sqrt(table.vectors.shape[1])
    known = sorted({row for text in captions.content_words() for word in words(text) if (row := table.words.get(word))})
    return 1 + np.flatnonzero((vectors[1 : COMMON + 1] @ vectors[known].T).max(1) < STRANGE)


def among_strangers(ids: Tensor, seed: int) -> Tensor:
    """Caption ids (B, WORDS) with words that mean nothing here put among them, in half of the rows one to five.

    Visitors wrap what they want in words that no training caption holds ("could mine have a lemon sitting in ..."). A
    reader that never met an idle word takes each one for the name of the nearest object: "sitting" for a chair.
    """
    rng = np.random.default_rng(seed)
    result = ids.clone()
    for row in np.flatnonzero(rng.random(len(ids)) < IDLE):
        caption = [int(i) for i in ids[row] if i]
        for _ in range(min(int(rng.integers(1, 6)), WORDS - len(caption))):
            caption.insert(int(rng.integers(len(caption) + 1)), int(rng.choice(strangers())))
        result[row, : len(caption)] = torch.tensor(caption)
    return result


def composed_batch(seed: int, start: int, count: int, size: int, table: WordTable, part: slice = slice(None)) -> Batch:
    """Logos start … start + count - 1 of the composer's stream: the same numbers, the same batch.

    `part` keeps some of its rows, the same as in the whole batch, and spares the others' pixels.
    """
    recipes = compose.recipes(seed, start, count)
    logos = compose.layers(recipes[part], size)
    rng = random.Random(f"{seed} {start}")
    # A wrong caption is another logo's, or, harder, its own with one word changed.
    others = [r.caption for r in recipes[1:] + recipes[:1]]
    swapped = [captions.negatives(r, rng) if i % 2 else "" for i, r in enumerate(recipes)]
    wrong = [own or other for own, other in zip(swapped, others, strict=True)]
    return Batch(
        logos.images(size),
        among_strangers(word_ids([r.caption for r in recipes], table), (seed << 40) + start)[part],
        # Wrong captions get theirs too: by idle words alone a discriminator must not tell one from the other.
        among_strangers(word_ids(wrong, table), (seed << 40) + start)[part],
        torch.tensor([r.z for r in recipes[part]]), logos.fields, logos.palette, logos.used,
        torch.tensor([r.form for r in recipes[part]]),
    )  # fmt: skip


class Stream(IterableDataset):
    """An endless stream of batches, from `start` images on.

    A batch follows from the number of images before it and nothing else, so any number of workers give the same.
    Of several processes, each with its `rank` among `world`, each gets its rows of every batch of `count`: together
    they see what one alone would see.
    """

    start: int = 0
    description: str  # what a run's configuration says of its data

    def __init__(self, count: int, rank: int = 0, world: int = 1):
        if count % world or not 0 <= rank < world:
            raise ValueError(f"A batch of {count} images cannot be shared out evenly among {world} processes.")
        self.count, self.part = count, slice(rank * count // world, (rank + 1) * count // world)

    def batch(self, images: int) -> Batch:
        """The batch after so many images."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[Batch]:
        worker = get_worker_info()
        first, every = (worker.id, worker.num_workers) if worker else (0, 1)
        for images in itertools.count(self.start + first * self.count, every * self.count):
            yield self.batch(images)


class Composed(Stream):
    """The composer's logos, none twice."""

    description = "compose"

    def __init__(self, seed: int, start: int, count: int, size: int, rank: int = 0, world: int = 1):
        super().__init__(count, rank, world)
        self.seed, self.start, self.size = seed, start, size

    def batch(self, images: int) -> Batch:
        return composed_batch(self.seed, images, self.count, self.size, WordTable.load(), self.part)


class Captioned(Stream):
    """Shuffled epochs over the logos of a cache; the rest of an epoch that fills no batch is left out."""

    def __init__(self, logos: cached.Cache, seed: int, count: int, latent: int, rank: int = 0, world: int = 1):
        super().__init__(count, rank, world)
        if logos.rows < count:
            raise ValueError(f"The data has {logos.rows} readable logos, fewer than one batch of {count}.")
        self.logos, self.seed, self.latent = logos, seed, latent
        self.description = logos.description
        self._open: tuple[np.ndarray, np.ndarray] | None = None
        self._epoch: tuple[int, np.ndarray] = (-1, np.empty(0))

    def batch(self, images: int) -> Batch:
        if self._open is None:  # in each worker anew: a mapped array would be copied whole into it
            self._open = self.logos.images(), self.logos.words()
        pixels, words = self._open
        step = images // self.count
        epoch, at = divmod(step, self.logos.rows // self.count)
        if epoch != self._epoch[0]:
            self._epoch = epoch, np.random.default_rng((self.seed, epoch)).permutation(self.logos.rows)
        rows = self._epoch[1][at * self.count : (at + 1) * self.count]
        noise = torch.Generator().manual_seed((self.seed << 32) + step)
        latent = torch.randn(self.count, self.latent, generator=noise)
        own, other = rows[self.part], np.roll(rows, 1)[self.part]
        return Batch(
            torch.from_numpy(pixels[own]).float().div_(255), torch.from_numpy(words[own]).long(),
            torch.from_numpy(words[other]).long(), latent[self.part],
        )  # fmt: skip

    def __getstate__(self) -> dict:
        return {**self.__dict__, "_open": None}


class Mixed(Stream):
    """Composed batches, and real ones in an even share: with a share of 0.1, every tenth batch is real.

    Composed batches are those of the same image count in a run without real ones; real ones follow each other
    through their epochs, whatever lies between.
    """

    def __init__(self, composed: Composed, real: Captioned, share: float):
        super().__init__(composed.count)
        self.composed, self.real = composed, real
        self.share = Fraction(share).limit_denominator(1000)
        if not 0 < self.share < 1:
            raise ValueError(f"The share of real logos must lie between 0 and 1 (at least 0.001), and is {share}.")
        self.description = f"compose, {float(self.share):g} real: {real.description}"

    def batch(self, images: int) -> Batch:
        step = images // self.count
        before, after = int(step * self.share), int((step + 1) * self.share)
        if after > before:
            return self.real.batch(before * self.count)
        return self.composed.batch(images)


def open_source(
    source: str, split: str | None, seed: int, count: int, size: int, latent: int, *,
    revision: str | None = None, real: str | None = None, real_share: float = 0.0,
    rank: int = 0, world: int = 1, folder: Path | None = None,
) -> Stream:  # fmt: skip
    """`compose`, a parquet file or glob, a folder of parquet shards, or a dataset on the Hub → a stream of batches.

    Args:
        split: of real logos, as `train[-100000:]`.
        latent: values of the noise that comes with a real logo; a composed one brings its own.
        revision: branch, tag or commit of a dataset on the Hub.
        real, real_share: with `compose`, a source of real logos and their share of the batches.
        rank, world: which of how many processes asks; `count` is the batch of all of them.
        folder: of the caches (default: `cached.root()`).

    Raises:
        ValueError: what is wrong with the source, in one sentence.
    """
    if source != "compose":
        if real is not None or real_share:
            raise ValueError("Real logos are mixed with composed ones only: give --data compose --real SOURCE.")
        return Captioned(cached.open_cache(source, split, size, revision, folder), seed, count, latent, rank, world)
    if real is None:
        if real_share:
            raise ValueError("A share of real logos needs their source: add --real SOURCE.")
        if split or revision:
            name = "splits: leave --split out" if split else "revisions: leave --revision out"
            raise ValueError(f"Composed logos have no {name}.")
    if real is not None and not 0 < real_share < 1:
        raise ValueError("--real needs --real-share, the share of batches of real logos, between 0 and 1, as 0.1.")
    marks.bank()  # drawn here once, not in every worker
    composed = Composed(seed, 0, count, size, rank, world)
    if real is None:
        return composed
    logos = Captioned(cached.open_cache(real, split, size, revision, folder), seed, count, latent, rank, world)
    return Mixed(composed, logos, real_share)


def batches(stream: Stream, start: int = 0, workers: int = 0) -> Iterator[Batch]:
    """The endless batches of a source, continued after `start` images; the same whatever the number of workers."""
    stream.start = start
    return iter(DataLoader(stream, batch_size=None, num_workers=workers, prefetch_factor=4 if workers else None))
