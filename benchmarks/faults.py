"""python -m benchmarks.faults: why the model that this project replaces could not be seen to fail, three experiments.

Its Inception Score was split into parts of one image, its Fréchet distance taken on twelve images and on class logits,
and its discriminator never saw a wrong caption. Each experiment does the same with our own recogniser and
discriminator, on drawings of the memory. Writes weights/baseline-28/faults.json, which the Model page shows.
"""

from __future__ import annotations

import dataclasses
import json
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import torch

from logo_gan.evaluation import distances as between
from logo_gan.evaluation import recogniser
from logo_gan.marks.memory import WEIGHTS, Memory
from logo_gan.training.config import CONFIGS
from logo_gan.training.loop import Run
from logo_gan.training.pairs import Pairs

SEED = 40_004
CLASSES = 400  # things with the most drawings
FEW, MANY = 12, 1_200
IMAGES = 12_800  # that each of the two discriminators sees


@cache
@torch.inference_mode()
def logits(count: int) -> torch.Tensor:
    """The recogniser's class logits (count, CLASSES) of drawings that it was not taught."""
    memory, network = Memory.load(), recogniser.load()
    things = sorted(range(len(memory.concepts)), key=lambda c: -len(memory.drawings(c)))[:CLASSES]
    rows = [row for c in things for row in memory.drawings(c).tolist() if not recogniser.is_taught(memory, row)]
    rows = np.random.default_rng(SEED).permutation(rows)[:count]
    text = torch.from_numpy(np.stack([memory.vector_of(c) for c in things]))
    masks = recogniser.masks_of(torch.from_numpy(memory.fields(rows))[:, None])
    return (network(masks) @ text.T / recogniser.TEMPERATURE).double()


def inception_score(probabilities: torch.Tensor, splits: int) -> float:
    """exp of the mean KL divergence of p(y|x) from p(y), averaged over splits (Salimans et al. 2016).

    As `distances.inception_score`, which refuses parts of fewer than 500 images.
    """
    scores = []
    for part in probabilities.chunk(splits):
        ratio = part.clamp(min=1e-12).log() - part.mean(0, keepdim=True).clamp(min=1e-12).log()
        scores.append((part * ratio).sum(1).mean().exp())
    return float(torch.stack(scores).mean())


def frechet(a: torch.Tensor, b: torch.Tensor) -> float:
    """The Fréchet distance of two samples (N, D), however few they are: our own refuses what `few` shows."""
    return between.gaussian(a.mean(0), torch.cov(a.T), b.mean(0), torch.cov(b.T))


@cache
def _pairs() -> Pairs:
    return Pairs(None, CONFIGS["warp-tiny"].seed, CONFIGS["warp-tiny"].batch)


def reads(wrong: bool, images: int, folder: Path) -> float:
    """Trains a small pair and asks its discriminator: in what share of drawings of things that it never saw does it
    score the drawing's own words above another thing's? 0.5 is what ignoring the words gets.
    """
    tiny = CONFIGS["warp-tiny"]
    config = dataclasses.replace(tiny, options={"wrong_words": wrong, "adversarial_every": 1}, images=images, measure=0)
    source = _pairs()
    run = Run("warp-tiny", config, source, folder, False)
    while run.images < images:
        run.step(source.batch(run.images))
    return run.task.measure()["words_right"]


def scores() -> dict:
    """Inception Score of 1,000 good drawings, in ten parts of one as it was, and in ten parts of a hundred."""
    p = logits(2 * MANY)[:1_000].softmax(1)
    single, whole = inception_score(p[:10], 10), inception_score(p, 10)
    return {
        "single": single, "whole": whole,
        "sentence": f"The same {p.shape[1]} classes give {single:.3f} in ten parts of one drawing each, whatever the "
                    f"drawings, and {whole:.0f} in ten parts of a hundred.",
    }  # fmt: skip


def distances() -> dict:
    """Fréchet distance of class logits between two halves of one set: of twelve drawings a half, and of 1,200."""
    found = logits(2 * MANY)
    order = torch.from_numpy(np.random.default_rng(SEED).permutation(len(found)))
    few, many = (frechet(found[order[:n]], found[order[n : 2 * n]]) for n in (FEW, MANY))
    return {
        "few": few, "many": many,
        "sentence": f"Two halves of one and the same set of good drawings are {few:,.0f} apart with {FEW} drawings a "
                    f"half, and {many:,.0f} with {MANY:,}: the first says how few were counted, not how good they are.",
    }  # fmt: skip


def readers(images: int = IMAGES) -> dict:
    """How often a discriminator prefers a drawing's own words, trained without wrong words and with them."""
    with tempfile.TemporaryDirectory() as folder:
        without, with_wrong = (reads(wrong, images, Path(folder) / str(wrong)) for wrong in (False, True))
    return {
        "without": without, "with_wrong": with_wrong, "images": images,
        "sentence": f"After {images:,} drawings a discriminator trained without wrong words prefers a drawing's own "
                    f"words to another thing's in {without:.0%} of the cases (guessing gives 50 %), one trained with "
                    f"them in {with_wrong:.0%}.",
    }  # fmt: skip


def main() -> None:
    found = {"inception_score": scores(), "frechet_12": distances(), "ignores_text": readers()}
    text = json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    (WEIGHTS / "baseline-28" / "faults.json").write_text(text, encoding="utf-8")
    for fault in found.values():
        print(fault["sentence"])


if __name__ == "__main__":
    main()
