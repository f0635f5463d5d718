"""The pictures of the README, drawn by the bundled model: python -m logo_gan.tools.pictures

docs/logos.png: four proposals each for the prompts below, nothing picked by hand. docs/dial.png: remembered
drawings and what the generator makes of them, along the dial.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from logo_gan.logo.raster import coverage
from logo_gan.model.drawing import TRIES, Part
from logo_gan.model.pipeline import LogoGAN

DOCS = Path(__file__).parents[2] / "docs"
SEED = 7
PROMPTS = (
    "wolf howling at the moon", "craft brewery, hops and barley", "octopus, teal",
    "law firm Hartley & Moss, navy and gold", "#ff8800 fox on a #003366 circle", "JM monogram, rose gold",
    "coffee roaster Night Owl, an owl, brown", "yoga studio, lotus flower, soft purple",
    "bike workshop, bicycle in a green hexagon", "lighthouse on a navy shield",
    "dentist Brightside, tooth and a heart, teal", "alpine club, mountain, black background",
)  # fmt: skip
THINGS = ("wolf", "owl", "anchor", "bicycle", "leaf", "rocket", "crown", "fish", "guitar", "castle")
DIAL = (0.0, 0.25, 0.5, 0.75, 1.0)
LOGO, MARK, GAP, COLUMNS = 200, 110, 8, 2


def logos(gan: LogoGAN) -> Image.Image:
    """Two columns of prompts, four logos each."""
    rows = -(-len(PROMPTS) // COLUMNS)
    width = COLUMNS * (4 * (LOGO + GAP) + 3 * GAP)
    sheet = Image.new("RGB", (width, rows * (LOGO + GAP) + GAP), "#dfe3e8")
    for i, prompt in enumerate(PROMPTS):
        left, top = i % COLUMNS * (width // COLUMNS) + GAP, i // COLUMNS * (LOGO + GAP) + GAP
        for k, logo in enumerate(gan.generate(prompt, 4, SEED)):
            sheet.paste(logo.image(LOGO), (left + k * (LOGO + GAP), top))
    return sheet


def dial(gan: LogoGAN) -> Image.Image:
    """A row a drawing, from remembered to inventive; two columns."""
    random = np.random.default_rng(SEED)
    memory, step = gan.memory, MARK + GAP
    sheet = Image.new("L", (2 * len(DIAL) * step + 5 * GAP, -(-len(THINGS) // 2) * step + GAP), 255)
    for i, thing in enumerate(THINGS):
        row = int(memory.drawings(memory.exact(thing))[0])
        latents = random.standard_normal((TRIES, gan.generator.latent))
        for k, mark in enumerate(gan.draw([Part((row,), latents, at) for at in DIAL])):
            picture = Image.fromarray(np.uint8(255 - 255 * coverage(mark.outline, MARK)))
            sheet.paste(picture, (i % 2 * (len(DIAL) * step + 4 * GAP) + k * step + GAP, i // 2 * step + GAP))
    return sheet


def main() -> None:
    gan = LogoGAN.from_pretrained()
    logos(gan).quantize(128, dither=Image.Dither.NONE).save(DOCS / "logos.png", optimize=True)
    dial(gan).quantize(16).save(DOCS / "dial.png", optimize=True)


if __name__ == "__main__":
    main()
