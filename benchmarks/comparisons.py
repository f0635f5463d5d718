"""python -m benchmarks.comparisons: what each part of the training is worth, at equal images.

Small generators (32 × 32 fields, 32 px) that differ from the first in one thing each, all on the same composed logos in
the same order. Writes comparisons.md (the pictures' error, and the measures of `evaluate`) and comparisons.png (a row a
variant, the same captions and latents). Goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from logo_gan import compose, data, metrics
from logo_gan.configs import Config
from logo_gan.data import word_ids
from logo_gan.networks import LayeredGenerator, composite
from logo_gan.prompt import WordTable
from logo_gan.train import SAMPLE_CAPTIONS, train

HERE = Path(__file__).parent
IDLE = data.IDLE
IMAGES = 40_000
TEST_SEED = 777  # of the composed logos that errors are taken on
TESTED = 1024
BASE = Config(
    generator=dict(channels=(64, 96, 64), condition=256, field_size=32), discriminator=dict(width=24), size=32,
    images=IMAGES, half_life=2_000, checkpoint=IMAGES, measure=0, adversarial_every=4, adversarial_from=IMAGES // 2,
)  # fmt: skip
# Without a layer to compare with, the adversary is all there is: from the first image, in every step, at full weight.
ADVERSARY = dict(layers=0.0, form=0.0, adversarial=1.0, adversarial_every=1, adversarial_from=0)


def _generator(**settings) -> dict:
    return dict(generator={**BASE.generator, **settings})


VARIANTS = {
    "base": ("layers, form and a late adversary", {}),
    "mean-reader": ("mean of the word vectors for attention", _generator(reader="mean")),
    "no-form": ("no head that names the drawn form", dict(form=0.0)),
    "no-adversary": ("no adversary at all", dict(adversarial_from=10 * IMAGES)),
    "no-word-noise": ("no noise on word vectors", dict(word_noise=0.0)),
    "no-idle-words": ("no words that mean nothing among those of a caption", {}),
    "batch-32": ("batch 32 for 64", dict(batch=32)),
    "three-layers": ("three layers: no shade of the container", _generator(layers=3)),
    "fields-16": ("fields of 16 × 16 for 32 × 32", _generator(channels=(64, 96), field_size=16)),
    "adversary-alone": ("adversary alone, wrong captions of one changed word", ADVERSARY),
    "adversary-shuffled": ("adversary alone, wrong captions of other logos only", dict(ADVERSARY, wrong="shuffled")),
    "adversary-none": ("adversary alone, no wrong captions", dict(ADVERSARY, wrong="none")),
    "penalty-0.5": ("adversary alone, penalties ten times as strong", dict(ADVERSARY, penalty=0.5)),
}
MEASURES = ("colour", "container", "object", "binding", "synonym", "diversity", "frechet_distance")


def load(folder: Path) -> LayeredGenerator:
    """The averaged generator of a finished run."""
    from safetensors.torch import load_file

    settings = json.loads((folder / "config.json").read_text())["generator"]
    generator = LayeredGenerator(**settings).eval().requires_grad_(False)
    generator.load_state_dict({k: v.float() for k, v in load_file(folder / "model.safetensors").items()})
    return generator


class Drawing:
    """Draws prompts with a generator, without the choice among candidates that a visitor's logos go through."""

    def __init__(self, generator: LayeredGenerator):
        self.generator, self.table = generator, WordTable.load()
        self.vectors = torch.tensor(self.table.vectors)

    @torch.inference_mode()
    def layers(self, words: torch.Tensor, latent: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        parts = [
            self.generator(self.vectors[w], w > 0, z) for w, z in zip(words.split(128), latent.split(128), strict=True)
        ]
        return torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])

    def pixels(self, words: torch.Tensor, latent: torch.Tensor) -> np.ndarray:
        """uint8 (N, 64, 64, 3)."""
        return (composite(*self.layers(words, latent), 64) * 255).round().byte().permute(0, 2, 3, 1).numpy()

    def __call__(self, prompts: list[str], seed: int) -> np.ndarray:
        words = word_ids(prompts, self.table).repeat_interleave(4, 0)
        latent = torch.randn(len(words), self.generator.latent, generator=torch.Generator().manual_seed(seed))
        images = self.pixels(words, latent)
        return images.reshape(len(prompts), 4, *images.shape[1:])


def error(drawing: Drawing) -> float:
    """Mean squared error of the pictures, values in [0, 1], on composed logos of another seed, given their latents."""
    truth = compose.layers(compose.recipes(TEST_SEED, 0, TESTED), 64)
    words = word_ids([r.caption for r in truth.recipes], drawing.table)
    pictures = drawing.pixels(words, torch.tensor([r.z for r in truth.recipes]))
    wanted = truth.images(64).permute(0, 2, 3, 1).numpy()
    return float(((pictures / 255 - wanted) ** 2).mean())


def planned(name: str, images: int) -> Config:
    """A variant's configuration for runs of another length than IMAGES."""
    config = dataclasses.replace(BASE, **VARIANTS[name][1])
    begin = config.adversarial_from * images // IMAGES
    return dataclasses.replace(config, images=images, checkpoint=images, adversarial_from=begin)


def measure(folder: Path) -> dict[str, float]:
    """Error and measures of a finished run, kept beside it."""
    kept, training = folder / "compared.json", json.loads((folder / "config.json").read_text())["training"]
    if not kept.is_file() or json.loads(kept.read_text()).get("images", training["images"]) != training["images"]:
        drawing = Drawing(load(folder))
        seconds, images = training["seconds"], training["images"]
        found = {"images": images, "seconds": seconds, "error": error(drawing), **metrics.quick(drawing)}
        kept.write_text(json.dumps(found))
    return json.loads(kept.read_text())


def strip(runs: Path, names: list[str]) -> Image.Image:
    """A row a variant: the same eight captions, the same latents."""
    captions, size, left = SAMPLE_CAPTIONS[:8], 96, 150
    words = word_ids(list(captions), WordTable.load())
    latent = torch.randn(len(captions), 16, generator=torch.Generator().manual_seed(7))
    sheet = Image.new("RGB", (left + size * len(captions), size * len(names)), "white")
    pen = ImageDraw.Draw(sheet)
    for row, name in enumerate(names):
        pen.text((4, row * size + size // 2 - 6), name, fill="black", font_size=14)
        for column, pixels in enumerate(Drawing(load(runs / name)).pixels(words, latent)):
            logo = Image.fromarray(pixels).resize((size - 4, size - 4), Image.Resampling.LANCZOS)
            sheet.paste(logo, (left + column * size, row * size))
    return sheet


def table(found: dict[str, dict[str, float]], images: int) -> str:
    head = ["variant", "what differs", "squared error", *MEASURES, "images/s"]
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for name, values in found.items():
        cells = [f"{values['error']:.4f}", *(f"{values[k]:.3g}" for k in MEASURES)]
        lines.append(f"| {name} | {VARIANTS[name][0]} | {' | '.join(cells)} | {images / values['seconds']:.0f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, default=Path("runs/comparisons"))
    parser.add_argument("--images", type=int, default=IMAGES)
    parser.add_argument("names", nargs="*", default=list(VARIANTS), help="variants (default: all)")
    options = parser.parse_args()
    if unknown := set(options.names) - VARIANTS.keys():
        parser.error(f"there is no variant {', '.join(sorted(unknown))}; there are {', '.join(VARIANTS)}")
    for name in options.names:
        config = planned(name, options.images)
        data.IDLE = 0.0 if name == "no-idle-words" else IDLE
        train(config, data="compose", out=options.runs / name, images=options.images, resume=True)
        print(name, measure(options.runs / name), file=sys.stderr)
    done = [name for name in VARIANTS if (options.runs / name / "compared.json").is_file()]
    found = {name: measure(options.runs / name) for name in done}
    text = (
        f"What each part of the training is worth: {options.images:,} composed logos each, 32 × 32 fields, one seed.\n"
        "`python -m benchmarks.comparisons`. The error is that of the pictures of\n"
        f"{TESTED:,} composed logos of another seed, given their latents. The measures are those of\n"
        "`python -m logo_gan evaluate`, on raw draws without the choice among candidates.\n\n"
    )
    (HERE / "comparisons.md").write_text(text + table(found, options.images) + "\n", encoding="utf-8")
    strip(options.runs, done).save(HERE / "comparisons.png", optimize=True)


if __name__ == "__main__":
    main()
