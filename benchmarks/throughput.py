"""python -m benchmarks.throughput: training images a second, from the cache and from a loop that decodes every time.

The loop is what the baseline did: for each row in each epoch, decode the PNG, resize it, run spaCy on the caption and
take the mean of its tokens' vectors, punctuation and spaces left out. Both give the same batches: images (B, 3, S, S)
in [0, 1] with text vectors (B, 300). The rows lie in memory for the loop and in the page cache for the cache, and both
work in one process with one thread. Making the cache is paid once and measured by itself.
"""

import io
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from logo_gan.text.word_vectors import MeanVectors, WordTable
from logo_gan.training import cache, shards
from logo_gan.training.data import batches, open_logos

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "real_logos.parquet"
BATCH = 64
SIZES = (28, 64)
EPOCHS = {"cache": 20, "loop": 2}  # after one that warms up


def every_time(rows: list[shards.Row], size: int, nlp) -> Iterator[tuple[Tensor, Tensor]]:
    """One epoch of the loop."""
    for start in range(0, len(rows) - BATCH + 1, BATCH):
        images, texts = [], []
        for encoded, text in rows[start : start + BATCH]:
            image = Image.open(io.BytesIO(encoded)).convert("RGB")
            image = ImageOps.pad(image, (size, size), Image.Resampling.LANCZOS, color="white")
            images.append(torch.from_numpy(np.array(image)).permute(2, 0, 1).float() / 255)
            tokens = [token.vector for token in nlp(text.decode()) if not (token.is_punct or token.is_space)]
            texts.append(torch.from_numpy(np.mean(tokens, axis=0)))
        yield torch.stack(images), torch.stack(texts)


def from_cache(stream, vectors: Tensor, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
    """As many batches from the cache, the means of their words' vectors taken as the baseline's step takes them."""
    for _ in range(epoch // BATCH):
        batch = next(stream)
        known = batch.words > 0
        yield batch.images, vectors[batch.words].sum(1) / known.sum(1, keepdim=True).clamp(min=1)


def seconds(epoch) -> float:
    begin = time.perf_counter()
    for images, texts in epoch():
        assert images.dtype == texts.dtype == torch.float32
    return time.perf_counter() - begin


def rows() -> list[tuple[str, float]]:
    """What was measured, and its value: images a second (medians of whole epochs), their ratio, and seconds."""
    import spacy

    torch.set_num_threads(1)
    nlp = spacy.blank("en")
    nlp.vocab.vectors = MeanVectors.load().nlp.vocab.vectors
    vectors = torch.tensor(WordTable.load().vectors)
    logos = list(shards.read(shards.pieces(shards.locate(str(REAL)))))
    measured = []
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            begin = time.perf_counter()
            cache.open_cache(str(REAL), None, size, folder=Path(folder))
            making = time.perf_counter() - begin
            stream = batches(open_logos(str(REAL), None, 1, BATCH, size, folder=Path(folder)), BATCH)
            ways = {
                "cache": lambda stream=stream: from_cache(stream, vectors, len(logos)),
                "loop": lambda size=size: every_time(logos, size, nlp),
            }
            rate = {}
            for way, epoch in ways.items():
                seconds(epoch)
                times = [seconds(epoch) for _ in range(EPOCHS[way])]
                rate[way] = len(logos) // BATCH * BATCH / statistics.median(times)
        measured += [
            (f"training images a second at {size} px, from the cache", rate["cache"]),
            (f"training images a second at {size} px, decoded and read by spaCy every time", rate["loop"]),
            (f"ratio of the two at {size} px", rate["cache"] / rate["loop"]),
            (f"seconds to make the cache of {len(logos):,} logos at {size} px, once", making),
        ]
    return measured


def main() -> None:
    for what, value in rows():
        print(f"{value:12,.1f}  {what}")


if __name__ == "__main__":
    main()
