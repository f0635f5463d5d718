"""What each part of the generator is worth; `python -m benchmarks.generators` writes benchmarks/generators.md.

Trains the warp without adversary, with it, and with it but without words, two seeds each and for equal images, and
draws the same 360 marks with each, as well as with the bundled model, with bends by chance, with linear blends of two
near codes, and with retrieval alone. Every variant draws without the retries that the app makes where a mark is a copy.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from benchmarks import redraw
from logo_gan.evaluation import recogniser
from logo_gan.evaluation.evaluate import COPY, masks_of
from logo_gan.evaluation.outlines import bending_energy
from logo_gan.logo.outlines import fit
from logo_gan.logo.raster import coverage
from logo_gan.logo.warp import Symmetry, Warp, bent, heavier
from logo_gan.marks.distance import REACH, signed_distance
from logo_gan.marks.memory import Memory
from logo_gan.marks.outline import Outline
from logo_gan.model.checkpoint import read_config, read_generator, read_network
from logo_gan.model.networks import GRID, Discriminator, apply_warp
from logo_gan.model.pipeline import WEIGHTS
from logo_gan.training.config import CONFIGS
from logo_gan.training.loop import train

TARGET = Path(__file__).with_name("generators.md")
RUNS = Path("runs/generators")
THINGS, MARKS = 120, 3
SEEDS = (1, 2)
TRIES = 4
VARIANTS = {
    "warp, no adversary": dict(options={"adversarial_every": 0}),
    "warp, adversary": {},
    "warp, adversary, no words": dict(generator={"text": False}, discriminator={"text": False}),
}


def sources(memory: Memory) -> list[int]:
    """Rows that the recogniser has not been taught: MARKS of each of THINGS things."""
    random = np.random.default_rng(11)
    rows: list[int] = []
    for concept in random.permutation(len(memory.concepts)):
        fitting = [r for r in memory.drawings(int(concept)).tolist() if not recogniser.is_taught(memory, r)]
        if len(memory.drawings(int(concept))) >= 4 and len(fitting) >= MARKS:
            rows += fitting[:MARKS]
        if len(rows) >= THINGS * MARKS:
            break
    return rows


def warped(memory: Memory, rows: list[int], displacement: np.ndarray, weight: np.ndarray) -> list[Outline]:
    """Each drawing bent by its displacement, by less where that would fold it."""
    drawn = []
    for row, bend, heavy in zip(rows, displacement, weight, strict=True):
        symmetry = Symmetry.decoded(memory.symmetry(row))
        warp = next((w for f in (1, 0.7, 0.45, 0.25) if (w := Warp(bend * f, symmetry)).is_sound()), None)
        outline = memory.outline(row)
        drawn.append(heavier(bent(outline, warp), heavy * REACH) if warp else outline)
    return drawn


@torch.inference_mode()
def by_model(memory: Memory, rows: list[int], folder: Path, critic: Discriminator | None = None) -> list[Outline]:
    """The marks of a trained generator: of one latent, or of the best of four by a discriminator."""
    config = read_config(folder / "config.json")
    generator = read_generator(folder / "model.safetensors", config)
    fields = torch.from_numpy(memory.fields(rows))[:, None]
    text = torch.from_numpy(np.stack([memory.vector_of(memory.concept_of(row)) for row in rows]))
    found = []
    for k in range(TRIES if critic else 1):
        latent = torch.randn(len(rows), generator.latent, generator=torch.Generator().manual_seed(50 + k))
        displacement, weight = generator(fields, text, latent)
        score = critic(apply_warp(fields, displacement, weight), text) if critic else torch.zeros(len(rows))
        found.append((displacement, weight, score))
    best = torch.stack([score for _, _, score in found]).argmax(0)
    at = torch.arange(len(rows))
    displacement, weight = (torch.stack([each[i] for each in found])[best, at].numpy() for i in (0, 1))
    return warped(memory, rows, displacement, weight)


def by_chance(memory: Memory, rows: list[int], size: float) -> list[Outline]:
    """Bends of smooth noise, of `size` unit squares."""
    random = torch.Generator().manual_seed(3)
    coarse = size * torch.randn(len(rows), 2, 5, 5, generator=random)
    bend = torch.nn.functional.interpolate(coarse, size=(GRID, GRID), mode="bicubic", align_corners=True)
    return warped(memory, rows, bend.numpy(), np.zeros(len(rows)))


def partners(memory: Memory, rows: list[int]) -> list[int]:
    """For each drawing the most similar other one of the same thing."""
    found = []
    for row in rows:
        others = [other for other in memory.drawings(memory.concept_of(row)).tolist() if other != row]
        values = memory.codec.values(memory.codes[[row, *others]])
        found.append(others[int(((values[1:] - values[0]) ** 2).sum(1).argmin())])
    return found


def by_blends(memory: Memory, rows: list[int], generator: redraw.RedrawGenerator | None = None) -> list[Outline]:
    """Half and half with the partner, as a field that curves are fitted to; linear, or redrawn by a generator."""
    beside = partners(memory, rows)
    if generator is None:
        values = [memory.codec.values(memory.codes[each]) for each in (rows, beside)]
        fields = memory.codec.decode((values[0] + values[1]) / 2)
    else:
        fields = redraw.drawn(memory, generator, rows, beside)
    return [fit(field).framed() for field in fields]


@torch.inference_mode()
def judged(memory: Memory, rows: list[int], drawn: list[Outline]) -> dict[str, float]:
    """What is measured of marks, each beside the row that it was drawn from."""
    concepts = [memory.concept_of(row) for row in rows]
    choices = sorted(set(concepts))
    text = torch.from_numpy(np.stack([memory.vector_of(c) for c in choices]))
    order = (recogniser.load()(masks_of(drawn)) @ text.T).argsort(1, descending=True)
    right = torch.tensor([choices.index(c) for c in concepts])[:, None]
    fields = np.stack([signed_distance(outline) for outline in drawn])
    nearest, _ = memory.nearest(fields, 1)
    near = []
    for outline, row in zip(drawn, nearest[:, 0].tolist(), strict=True):
        a, b = coverage(outline, 64), coverage(memory.outline(row), 64)
        near.append(np.minimum(a, b).sum() / max(np.maximum(a, b).sum(), 1e-6))
    usual = {c: [memory.outline(r) for r in memory.drawings(c).tolist()] for c in choices}
    segments = {c: np.median([len(o) for o in each]) for c, each in usual.items()}
    energy = {c: max(np.median([bending_energy(o) for o in each]), 1) for c, each in usual.items()}
    return {
        "top_1": float((order[:, :1] == right).any(1).float().mean()),
        "top_5": float((order[:, :5] == right).any(1).float().mean()),
        "similarity": float(np.mean(near)), "copies": float((np.array(near) > COPY).mean()),
        "segments": float(np.median([len(o) / segments[c] for o, c in zip(drawn, concepts, strict=True)])),
        "energy": float(np.median([bending_energy(o) / energy[c] for o, c in zip(drawn, concepts, strict=True)])),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=8_000, help="pairs that each variant is trained for; 0: none is")
    images = parser.parse_args().images
    memory = Memory.load()
    rows = sources(memory)
    found: dict[str, list[dict[str, float]]] = {
        "retrieval alone": [judged(memory, rows, [memory.outline(row) for row in rows])],
        "bends by chance": [judged(memory, rows, by_chance(memory, rows, 0.03))],
        "linear blends of near codes": [judged(memory, rows, by_blends(memory, rows))],
    }
    for name, changes in VARIANTS.items() if images else ():
        for seed in SEEDS:
            folder = RUNS / f"{name.replace(', ', '-').replace(' ', '-')}-{seed}"
            config = replace(
                CONFIGS["warp"], images=images, seed=seed, measure=0, checkpoint=images, warm_up=1_600, **changes
            )
            train(config, "memory", out=folder, images=images, resume=(folder / "state.pt").is_file(), workers=0)
            found.setdefault(name, []).append(judged(memory, rows, by_model(memory, rows, folder)))
            if name == "warp, adversary":
                critic = read_network(folder / "discriminator.safetensors", Discriminator, config.discriminator)
                best = judged(memory, rows, by_model(memory, rows, folder, critic))
                found.setdefault("warp, adversary, best of four", []).append(best)
    if images:
        found["redraw, adversary, words"] = [
            judged(memory, rows, by_blends(memory, rows, redraw.train(images, seed))) for seed in SEEDS
        ]
    bundled = WEIGHTS / "warp"
    found["bundled model"] = [judged(memory, rows, by_model(memory, rows, bundled))]
    trained = json.loads((bundled / "config.json").read_text(encoding="utf-8"))["training"]["images"]
    keys = ("top_1", "top_5", "similarity", "copies", "segments", "energy")
    intro = (
        f"`python -m benchmarks.generators`: {len(rows)} marks of {len(rows) // MARKS} things, the same drawings for"
        f" every row; variants trained for {images:,} pairs with each of {len(SEEDS)} seeds (0: none was trained),"
        f" the bundled model for {trained:,}. Recognised: the thing is the first, or among the first five, of all"
        " things of the table, by a recogniser that was taught neither these drawings nor any generator's. Copies:"
        f" overlap above {COPY} with the nearest remembered drawing. Segments and bending energy: ÷ the median of"
        " open drawings of the same thing. Two values are two seeds."
    )
    head = (
        "marks",
        "recognised, first",
        "among five",
        "likeness to the nearest",
        "copies",
        "segments",
        "bending energy",
    )
    lines = ["# What each part of the generator is worth", "", intro, "", f"| {' | '.join(head)} |"]
    lines.append("| --- |" + " ---: |" * len(keys))
    for name, runs in found.items():
        cells = [", ".join(f"{run[key]:.3f}" for run in runs) for key in keys]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
