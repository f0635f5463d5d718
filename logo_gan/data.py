"""Training batches from composed logos, from parquet files of real ones, or from a dataset on the Hub."""

from __future__ import annotations

import glob
import io
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from logo_gan import captions, compose, marks
from logo_gan.prompt import WordTable
from logo_gan.spelling import words

WORDS = 24  # words of a caption that a generator reads
COMMON = 10_000  # rows of the word table, most frequent first, from which idle words are taken
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
    for row in np.flatnonzero(rng.random(len(ids)) < 0.5):
        caption = [int(i) for i in ids[row] if i]
        for _ in range(min(int(rng.integers(1, 6)), WORDS - len(caption))):
            caption.insert(int(rng.integers(len(caption) + 1)), int(rng.choice(strangers())))
        result[row, : len(caption)] = torch.tensor(caption)
    return result


def composed_batch(seed: int, start: int, count: int, size: int, table: WordTable) -> Batch:
    """Logos start … start + count - 1 of the composer's stream: the same numbers, the same batch."""
    recipes = compose.recipes(seed, start, count)
    logos = compose.layers(recipes, size)
    rng = random.Random(f"{seed} {start}")
    # A wrong caption is another logo's, or, harder, its own with one word changed.
    others = [r.caption for r in recipes[1:] + recipes[:1]]
    swapped = [captions.negatives(r, rng) if i % 2 else "" for i, r in enumerate(recipes)]
    wrong = [own or other for own, other in zip(swapped, others, strict=True)]
    return Batch(
        logos.images(size), among_strangers(word_ids([r.caption for r in recipes], table), (seed << 40) + start),
        word_ids(wrong, table),
        torch.tensor([r.z for r in recipes]), logos.fields, logos.palette, logos.used,
        torch.tensor([r.form for r in recipes]),
    )  # fmt: skip


class Composed(IterableDataset):
    """The composer's endless stream of batches, from `start` images on."""

    def __init__(self, seed: int, start: int, count: int, size: int):
        self.seed, self.start, self.count, self.size = seed, start, count, size

    def __iter__(self) -> Iterator[Batch]:
        table = WordTable.load()
        for start in range(self.start, 1 << 62, self.count):
            yield composed_batch(self.seed, start, self.count, self.size, table)


class Captioned(IterableDataset):
    """Shuffled epochs over captioned images that are kept in memory at training size, from `start` images on."""

    def __init__(self, rows: Iterator[tuple[bytes, str]], seed: int, count: int, size: int, latent: int):
        self.images, self.texts, self.skipped = read_rows(rows, size)
        if len(self.texts) < count:
            raise ValueError(f"The data has {len(self.texts)} readable logos, fewer than one batch of {count}.")
        self.seed, self.start, self.count, self.latent = seed, 0, count, latent

    def __iter__(self) -> Iterator[Batch]:
        words = word_ids(self.texts, WordTable.load())
        per_epoch = len(words) // self.count
        for step in range(self.start // self.count, 1 << 62):
            epoch, at = divmod(step, per_epoch)
            order = np.random.default_rng((self.seed, epoch)).permutation(len(words))
            rows = torch.from_numpy(order[at * self.count : (at + 1) * self.count])
            noise = torch.Generator().manual_seed((self.seed << 32) + step)
            latent = torch.randn(self.count, self.latent, generator=noise)
            yield Batch(self.images[rows].float() / 255, words[rows], words[rows.roll(1)], latent)


def read_rows(rows: Iterator[tuple[bytes, str]], size: int) -> tuple[Tensor, list[str], int]:
    """Encoded images with captions → uint8 (N, 3, size, size) on white, resized with antialiasing; captions; skipped.

    A row whose image is missing, damaged, of another format or too large is skipped and counted.
    """
    from PIL import Image, UnidentifiedImageError

    images, texts, skipped = [], [], 0
    for encoded, text in rows:
        try:
            picture = Image.open(io.BytesIO(encoded), formats=("PNG", "JPEG", "WEBP", "GIF", "BMP"))
            images.append(np.asarray(_square(picture, size)).transpose(2, 0, 1))
            texts.append(str(text or ""))
        except (UnidentifiedImageError, OSError, TypeError, ValueError, Image.DecompressionBombError):
            skipped += 1
    pixels = torch.from_numpy(np.stack(images)) if images else torch.empty(0, 3, size, size, dtype=torch.uint8)
    return pixels, texts, skipped


def _square(picture, size: int):
    from PIL import Image, ImageOps

    picture = picture.convert("RGBA")
    ground = Image.new("RGBA", picture.size, "white")
    ground.alpha_composite(picture)
    return ImageOps.pad(ground.convert("RGB"), (size, size), Image.Resampling.LANCZOS, color="white")


def _parquet_rows(paths: list[str]) -> Iterator[tuple[bytes, str]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    for path in paths:
        try:
            file = pq.ParquetFile(path)
            _check_columns(path, file.schema_arrow.names)
            for rows in file.iter_batches(64, columns=["image", "text"]):
                for image, text in zip(rows["image"].to_pylist(), rows["text"].to_pylist(), strict=True):
                    yield (image.get("bytes") if isinstance(image, dict) else image), text
        except pa.ArrowInvalid as error:
            raise ValueError(f"{path} is not a readable parquet file.") from error


def _dataset_rows(name: str, split: str | None) -> Iterator[tuple[bytes, str]]:
    """The rows of a dataset on the Hub, or of a folder laid out like one; `split` as in `train[-100000:]`."""
    import datasets

    try:
        table = datasets.load_dataset(name, split=split or "train")
    except Exception as error:  # the package raises a dozen kinds, from DNS failures to unknown splits
        raise ValueError(f"The dataset '{name}' with split '{split or 'train'}' cannot be loaded.") from error
    _check_columns(name, table.column_names)
    table = table.select_columns(["image", "text"])
    if isinstance(table.features["image"], datasets.Image):
        table = table.cast_column("image", datasets.Image(decode=False))
    for row in table:
        image = row["image"]
        yield (image.get("bytes") if isinstance(image, dict) else image), row["text"]


def _check_columns(name: str, found: list[str]) -> None:
    missing = {"image", "text"} - set(found)
    if missing:
        raise ValueError(f"{name} has no column {' and '.join(sorted(missing))}; it has {', '.join(found)}.")


def open_source(source: str, split: str | None, seed: int, count: int, size: int, latent: int) -> Composed | Captioned:
    """`compose`, a parquet file or glob, a folder of parquet shards, or a dataset on the Hub → a stream of batches.

    ValueError says in one sentence what is wrong with the source.
    """
    if source == "compose":
        if split:
            raise ValueError("Composed logos have no splits: leave --split out.")
        marks.bank()  # drawn here once, not in every worker
        return Composed(seed, 0, count, size)
    paths = [source] if Path(source).is_file() else sorted(glob.glob(source))  # noqa: PTH207, absolute globs too
    if Path(source).is_dir() or (not paths and re.fullmatch(r"[\w.-]+/[\w.-]+", source) and "." not in source[-8:]):
        rows = _dataset_rows(source, split)
    elif not paths:
        raise ValueError(f"No data at '{source}': give `compose`, a parquet file, a glob, or a dataset as owner/name.")
    elif split:
        raise ValueError("--split belongs to a dataset on the Hub or to a folder; a parquet file has none.")
    else:
        rows = _parquet_rows(paths)
    return Captioned(rows, seed, count, size, latent)


def batches(stream: Composed | Captioned, start: int = 0, workers: int = 0) -> Iterator[Batch]:
    """The endless batches of a source, continued after `start` images; the same whatever the number of workers."""
    stream.start = start
    # One worker at most: two would each yield the whole stream.
    workers = min(workers, 1)
    return iter(DataLoader(stream, batch_size=None, num_workers=workers, prefetch_factor=4 if workers else None))
