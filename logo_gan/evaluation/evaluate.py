"""What is measured of a model: are marks recognised, as simple as drawings are, new, and different from each other?

    python -m logo_gan evaluate --model M [--n 300]

Things are chosen by chance among those of which the memory holds at least four drawings. What is recognised is counted
over marks whose source the recogniser has not been taught.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from logo_gan.evaluation import recogniser
from logo_gan.evaluation.distances import ROWS_PER_FEATURE, frechet
from logo_gan.evaluation.outlines import bending_energy
from logo_gan.logo.raster import coverage
from logo_gan.marks.memory import Memory
from logo_gan.marks.outline import Outline
from logo_gan.model.address import INVENTION

if TYPE_CHECKING:
    from logo_gan.logo.design import Logo
    from logo_gan.model.pipeline import LogoGAN

N = 360  # things
LOGOS = 4  # of each
SEED = 2027  # of things and logos: no training has it
LEAST_DRAWINGS = 4
COPY = 0.97  # overlap with a remembered drawing from which a mark is a copy
ALIKE = 0.9  # correlation of two pictures from which they are alike
PIXELS = 64  # a side, of pictures that are compared
EXTRACTOR = "recogniser (taught on the other half of the memory)"
RESAMPLES = 1000


def evaluate(gan: LogoGAN, n: int = N, invention: float = INVENTION / 100) -> dict[str, dict[str, Any]]:
    """Every measure as {name: {"value", "n", "interval" (95 %), "floor" or "ceiling", "extractor", "note"}}.

    Raises:
        ValueError: the model has no memory, or `n` is less than 20.
    """
    if gan.memory is None:
        raise ValueError("The baseline draws pixels without marks; its own measures are in weights/baseline-28.")
    if n < 20:
        raise ValueError(f"Measures of fewer than 20 things mean nothing: --n must be at least 20, not {n}.")
    memory = gan.memory
    random = np.random.default_rng(SEED)
    things = _things(memory, n, random)
    sheets = [gan.generate(memory.concepts[c], LOGOS, SEED + i, invention=invention) for i, c in enumerate(things)]
    marks = [(c, logo) for c, sheet in zip(things, sheets, strict=True) for logo in sheet]
    found = _recognition(memory, things, marks)
    found |= _draughtsmanship(memory, marks)
    similarity = np.array([logo.marks[0].nearest["similarity"] for _, logo in marks])
    rare = [
        gan.generate(memory.concepts[c], LOGOS, SEED + i, invention=invention)
        for i, c in enumerate(_things(memory, max(n // 6, 20), random, most=LEAST_DRAWINGS - 1))
    ]
    found["four_different_rare"] = _rate(np.array([_differ(sheet) for sheet in rare]), random) | {
        "note": f"the same for things of which the memory holds fewer than {LEAST_DRAWINGS} drawings",
    }
    found["copies"] = _rate(similarity > COPY, random) | {
        "floor": 1.0, "note": f"overlap above {COPY} with the nearest remembered drawing; retrieval alone: all of them",
    }  # fmt: skip
    found["four_different"] = _rate(np.array([_differ(sheet) for sheet in sheets]), random) | {
        "note": f"no two of a prompt's four correlate by {ALIKE} or more at {PIXELS} px",
    }
    return found


def _things(
    memory: Memory, n: int, random: np.random.Generator, least: int = LEAST_DRAWINGS, most: int | None = None
) -> list[int]:
    """`n` things by chance, of `least` drawings or more; or of at least one and `most` at most."""
    low, high = (1, most) if most else (least, len(memory))
    known = [
        c for c in range(len(memory.concepts))
        if low <= len(memory.drawings(c)) <= high and memory.exact(memory.concepts[c]) == c
    ]  # fmt: skip
    return sorted(random.choice(known, min(n, len(known)), replace=False).tolist())


def masks_of(outlines: list[Outline]) -> torch.Tensor:
    """What the recogniser sees of outlines in the unit square, (N, 1, 64, 64)."""
    return torch.from_numpy(np.stack([2 * coverage(outline, PIXELS) - 1 for outline in outlines]))[:, None]


def _recognition(memory: Memory, things: list[int], marks: list) -> dict[str, dict[str, Any]]:
    """How often the thing asked for is the likeliest of all things of the evaluation, and the Fréchet distance."""
    network = recogniser.load()
    random = np.random.default_rng(SEED)
    by_source = {(s["set"], s["name"]): row for row in memory.rows().tolist() for s in [memory.source(row)]}
    drawn, unchanged, concepts, unseen = [], [], [], []
    for concept, logo in marks:
        source = logo.marks[0].sources[0]
        row = by_source[source["set"], source["name"]]
        drawn.append(_framed(logo))
        unchanged.append(memory.outline(row))
        concepts.append(things.index(concept))
        unseen.append(not recogniser.is_taught(memory, row))
    text = torch.from_numpy(np.stack([memory.vector_of(c) for c in things]))
    right, judged = torch.tensor(concepts)[:, None], torch.tensor(unseen)
    found, features = {}, {}
    for name, outlines in (("marks", drawn), ("remembered", unchanged)):
        with torch.inference_mode():
            masks = masks_of(outlines)
            features[name] = network.features(masks)
            order = (network(masks) @ text.T).argsort(1, descending=True)
        for k in (1, 5):
            found[name, k] = (order[:, :k] == right).any(1)[judged].numpy()
    measures = {}
    for k in (1, 5):
        measures[f"recognised_top_{k}"] = _rate(found["marks", k], random) | {
            "ceiling": round(float(found["remembered", k].mean()), 3), "floor": round(k / len(things), 4),
            "extractor": EXTRACTOR,
            "note": f"among {len(things)} things; ceiling: the same drawings as they are remembered",
        }  # fmt: skip
    half = random.permutation(len(unchanged))
    a, b = features["remembered"][half[::2]], features["remembered"][half[1::2]]
    if min(len(a), len(b)) >= ROWS_PER_FEATURE * a.shape[1]:
        measures["frechet_distance"] = {
            "value": round(frechet(features["marks"], features["remembered"]), 3), "n": len(drawn),
            "floor": round(frechet(a, b), 3), "extractor": EXTRACTOR,
            "note": "to the drawings that they were made from; floor: between two halves of these",
        }  # fmt: skip
    return measures


def _framed(logo: Logo) -> Outline:
    shape = next(layer.shape for layer in logo.layers if layer.role == "mark")
    return shape.framed()


def _draughtsmanship(memory: Memory, marks: list) -> dict[str, dict[str, Any]]:
    """Segments and bending energy, each against the median of the open drawings of the same thing."""
    usual: dict[int, tuple[float, float]] = {}
    segments, energies = [], []
    for concept, logo in marks:
        if concept not in usual:
            outlines = [memory.outline(row) for row in memory.drawings(concept).tolist()]
            usual[concept] = (float(np.median([len(o) for o in outlines])),
                              float(np.median([bending_energy(o) for o in outlines])))  # fmt: skip
        outline = _framed(logo)
        segments.append(len(outline) / usual[concept][0])
        energies.append(bending_energy(outline) / max(usual[concept][1], 1.0))
    random = np.random.default_rng(SEED)
    note = "median over marks, ÷ the median of open drawings of the same thing"
    return {
        "segments": _median(segments, random) | {"note": note},
        "bending_energy": _median(energies, random) | {"note": note},
    }


def _differ(sheet: list) -> bool:
    pictures = np.stack([np.asarray(logo.image(PIXELS), np.float64).ravel() for logo in sheet])
    return bool((np.corrcoef(pictures)[np.triu_indices(len(sheet), 1)] < ALIKE).all())


def _rate(hits: np.ndarray, random: np.random.Generator) -> dict[str, Any]:
    drawn = random.choice(np.asarray(hits, float), (RESAMPLES, len(hits))).mean(1)
    return {"value": round(float(np.mean(hits)), 4), "n": len(hits), "interval": _ends(drawn)}


def _median(values: list[float], random: np.random.Generator) -> dict[str, Any]:
    drawn = np.median(random.choice(np.asarray(values), (RESAMPLES, len(values))), axis=1)
    return {"value": round(float(np.median(values)), 4), "n": len(values), "interval": _ends(drawn)}


def _ends(drawn: np.ndarray) -> list[float]:
    return [round(float(end), 4) for end in np.percentile(drawn, (2.5, 97.5))]
