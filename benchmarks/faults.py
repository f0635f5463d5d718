"""python -m benchmarks.faults: why the model that this project replaces could not be seen to fail, three experiments.

Its Inception Score was split into parts of one image, its Fréchet distance taken on twelve images and on class logits,
and its discriminator never saw a wrong caption. Each experiment does the same with our own judge and discriminator, on
composed logos. Writes weights/baseline-28/faults.json, which the Model page shows.
"""

from __future__ import annotations

import dataclasses
import json
import tempfile
from pathlib import Path

import numpy as np
import torch

from logo_gan import compose, judges
from logo_gan import distances as between
from logo_gan.configs import CONFIGS
from logo_gan.data import word_ids
from logo_gan.networks import LayeredDiscriminator
from logo_gan.pipeline import WEIGHTS
from logo_gan.prompt import WordTable
from logo_gan.train import train

SEED = 40_004  # of composed logos that neither judge nor discriminators were trained on
FEW, MANY = 12, 1_200
IMAGES = 24_000  # that each of the two discriminators sees


@torch.inference_mode()
def logits(count: int) -> torch.Tensor:
    """The judge's class logits (count, marks) of composed logos."""
    judge = judges.load()
    parts = [judge(compose.layers(compose.recipes(SEED, k, 100)).images(judges.SIZE))[0] for k in range(0, count, 100)]
    return torch.cat(parts)[:count].double()


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


def reads(wrong: str, images: int, folder: Path) -> float:
    """Trains a small pair against each other and asks its discriminator: in what share of 1,000 new logos does it
    score the logo's own caption above another logo's? 0.5 is what ignoring the caption gets.
    """
    tiny = dataclasses.replace(CONFIGS["tiny"], layers=0.0, form=0.0, adversarial=1.0, adversarial_every=1, wrong=wrong,
                               images=images, checkpoint=images, measure=0)  # fmt: skip
    train(tiny, data="compose", out=folder, images=images)
    discriminator = LayeredDiscriminator(**tiny.discriminator).eval()
    discriminator.load_state_dict(torch.load(folder / "state.pt", weights_only=True)["D"])
    made, table = compose.recipes(SEED, 0, 1_000), WordTable.load()
    pictures = compose.layers(made).images(tiny.size)
    words = word_ids([r.caption for r in made], table)
    with torch.inference_mode():
        features = discriminator.features(pictures)
        own, other = (
            discriminator.judge(features, discriminator.read(torch.tensor(table.vectors)[w], w > 0))
            for w in (words, words.roll(1, 0))
        )
    return float((own > other).float().mean())


def scores() -> dict:
    """Inception Score of 1,000 good logos, in ten parts of one image as it was, and in ten parts of a hundred."""
    p = logits(1_000).softmax(1)
    single, whole = inception_score(p[:10], 10), inception_score(p, 10)
    return {
        "single": single, "whole": whole,
        "sentence": f"The same {p.shape[1]} classes give {single:.3f} in ten parts of one logo each, whatever the "
                    f"logos, and {whole:.0f} in ten parts of a hundred.",
    }  # fmt: skip


def distances() -> dict:
    """Fréchet distance of class logits between two halves of one set: of twelve logos a half, and of 1,200."""
    found = logits(2 * MANY)
    order = torch.from_numpy(np.random.default_rng(SEED).permutation(len(found)))
    few, many = (frechet(found[order[:n]], found[order[n : 2 * n]]) for n in (FEW, MANY))
    return {
        "few": few, "many": many,
        "sentence": f"Two halves of one and the same set of good logos are {few:,.0f} apart with {FEW} logos a half, "
                    f"and {many:,.0f} with {MANY:,}: the first says how few were counted, not how good they are.",
    }  # fmt: skip


def readers(images: int = IMAGES) -> dict:
    """How often a discriminator prefers a logo's own caption, trained without wrong captions and with them."""
    with tempfile.TemporaryDirectory() as folder:
        without, with_wrong = (reads(wrong, images, Path(folder) / wrong) for wrong in ("none", "changed"))
    return {
        "without": without, "with_wrong": with_wrong, "images": images,
        "sentence": f"After {images:,} logos a discriminator trained without wrong captions prefers a logo's own "
                    f"caption to another's in {without:.0%} of the cases (guessing gives 50 %), one trained with them "
                    f"in {with_wrong:.0%}.",
    }  # fmt: skip


def main() -> None:
    found = {"inception_score": scores(), "frechet_12": distances(), "ignores_text": readers()}
    text = json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    (WEIGHTS / "baseline-28" / "faults.json").write_text(text, encoding="utf-8")
    for fault in found.values():
        print(fault["sentence"])


if __name__ == "__main__":
    main()
