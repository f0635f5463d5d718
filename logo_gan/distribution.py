"""How a model's logos compare with others as a whole: as good, as varied, and not copied?

The reference is cut in two halves of N logos. The model draws the second half's captions, once each, and its logos are
held against the first half; so is the second half itself (real against real: the `floor`, the best that a measure lets
anything score at this N), and so are two controls, `noise` (uniform random pixels) and `collapsed` (one good logo over
and over, each pixel value off by up to 2). Everything is done three times, with three seeds; `value` is the mean.
"""

from __future__ import annotations

import itertools
import math
import random
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from logo_gan import distances, encoder, features
from logo_gan.choose import smooth
from logo_gan.compose import layers, recipes
from logo_gan.marks import bank
from logo_gan.model_files import ModelError
from logo_gan.networks import composite
from logo_gan.prompt import PromptError, tidy
from logo_gan.recipe import Recipe, redraw

if TYPE_CHECKING:
    from logo_gan.pipeline import LogoGAN

SEED = 50_005  # of the composer: the reference's
TRAINING_SEED = 1  # of the composer, where a model's configuration names none
SEEDS = 3
LEAST = distances.ROWS_PER_FEATURE * encoder.FEATURES
FEWEST = 100  # logos of a half, below which nothing is measured at all
TRAINING = 2000  # training logos among which copies are looked for
BATCH = 32
STUDENT = 4.303  # 97.5 % point of Student's t with two degrees of freedom: of three seeds
SHARES = ("precision", "recall", "density", "coverage")
EXTRACTORS = {"domain": "", "untrained": "_untrained", "inception": "_inception"}  # and what its measures' names end in
CALLED = {"domain": "domain encoder", "untrained": "untrained encoder", "inception": "Inception-v3"}
IDEAL = "floor: real against real, here the most to expect"
BATCHES = "logos in plain batches, without the choice among candidates that a visitor gets"


@dataclass
class Reference:
    """What a model is compared with: images uint8 (N, 3, 64, 64), the captions of `other`, and, to look for copies,
    `training` logos with their captions and logos that were `held_out` of training."""

    name: str
    real: Tensor
    other: Tensor
    captions: list[str]
    training: Tensor
    training_captions: list[str]
    held_out: Tensor
    training_name: str = "training logos"


def composed(n: int, training_seed: int = TRAINING_SEED) -> Reference:
    """Composed logos of a seed of their own. The held-out ones draw the training logos' captions once more."""
    drawn, taught = recipes(SEED, 0, 2 * n), recipes(training_seed, 0, TRAINING)
    again = [redraw(r, random.Random(f"{SEED} {i}"), bank()) for i, r in enumerate(taught)]
    images = pixels(drawn)
    return Reference(
        f"composed logos of seed {SEED}", images[:n], images[n:], [r.caption for r in drawn[n:]],
        pixels(taught), [r.caption for r in taught], pixels(again),
    )  # fmt: skip


def real(source: str, n: int, split: str | None = None) -> Reference:
    """The first 2n logos of a parquet file, a folder of them or a Hub dataset, shuffled; fewer where it has fewer.

    Every fifth row is held out of what counts as training, as it is when the domain encoder is trained.

    Raises:
        ValueError: the data cannot be read, or is too little.
    """
    images, texts = features.read_logos(source, split, limit=2 * n)
    usable = torch.tensor([i for i, text in enumerate(texts) if _is_prompt(text)], dtype=torch.int64)
    n = min(n, len(usable) // 2)
    if n < FEWEST:
        raise ValueError(
            f"{source} has {len(usable)} readable logos with a caption; to compare, at least {2 * FEWEST} are needed."
        )
    held_out = usable % encoder.HELD_OUT == encoder.HELD_OUT - 1
    taught = usable[~held_out][:TRAINING]
    mixed = usable[torch.randperm(len(usable), generator=torch.Generator().manual_seed(SEED))]
    return Reference(
        f"{len(usable)} logos of {source}{f' {split}' if split else ''}", images[mixed[:n]], images[mixed[n : 2 * n]],
        [texts[i] for i in mixed[n : 2 * n]], images[taught], [texts[i] for i in taught], images[usable[held_out]],
        # What a model was trained on is not known here: every fifth row counts as unseen whatever it saw.
        "of these logos, as if the model had been trained on them and on no fifth row",
    )  # fmt: skip


def pixels(drawn: list[Recipe]) -> Tensor:
    """The composer's logos: uint8 (N, 3, 64, 64)."""
    parts = [layers(drawn[k : k + 128]).images(encoder.SIZE) for k in range(0, len(drawn), 128)]
    return (torch.cat(parts) * 255).round().byte()


def draw(gan: LogoGAN, prompts: list[str], seed: int) -> Tensor:
    """One logo of each prompt: uint8 (N, 3, S, S), 64 pixels a side or, of the baseline, its own 28."""
    drawn, generator = [], gan.generator
    baseline = gan.config["architecture"] == "baseline"
    random = torch.Generator().manual_seed(seed)
    noise = torch.randn(len(prompts), generator.noise if baseline else generator.latent, generator=random)
    with torch.inference_mode():
        for k in range(0, len(prompts), BATCH):
            part, z = prompts[k : k + BATCH], noise[k : k + BATCH]
            if baseline:
                mean = torch.from_numpy(np.asarray(gan.encoder.mean(part), dtype=np.float32))
                images = generator(z, mean) / 2 + 0.5
            else:
                tokens, mask = (torch.from_numpy(np.asarray(x)) for x in gan.encoder.sequence(part))
                fields, palette = generator(tokens.float(), mask, z)
                sharpness = float(gan.config.get("sharpness", 16.0))
                images = composite(smooth(fields), palette, encoder.SIZE, sharpness)
            drawn.append((images * 255).round().clamp(0, 255).byte())
    return torch.cat(drawn)


def measure(gan: LogoGAN, data: str | None = None, n: int = LEAST, split: str | None = None) -> dict[str, dict]:
    """Compare a model with n composed logos, or, where `data` names them, with real ones, of a `split` or slice.

    Returns:
        {measure: {value, interval, n, extractor, floor, noise, collapsed, seeds, ...}}; what cannot be measured has the
        value None and a note that says why. `interval` is Student's of the seeds' mean, at 95 %: it tells how steady
        the figure is, not how near a larger sample would come. A Fréchet distance falls with N: compare at equal N.

    Raises:
        ValueError: the data cannot be read, or is too little.
    """
    if data in (None, "compose"):
        if split:
            raise ValueError("Composed logos have no splits: leave --split out.")
        training = gan.config.get("training")  # a stranger's configuration may hold anything there
        settings = training.get("config") if isinstance(training, dict) else None
        seed = settings.get("seed") if isinstance(settings, dict) else None
        reference = composed(n, seed if isinstance(seed, int) else TRAINING_SEED)
    else:
        reference = real(data, n, split)
    drawn = [draw(gan, reference.captions, SEED + i) for i in range(SEEDS)]
    about = {"resize": resize(drawn[0]), "reference": reference.name, "note": BATCHES}
    measured: dict[str, dict] = {}
    for name, ending in EXTRACTORS.items():
        try:
            found = compare(features.load(name), reference.real, reference.other, drawn)
        except ModelError as error:
            names = ("frechet_distance", "kernel_distance", *(("inception_score",) if name == "inception" else SHARES))
            found = {key: _unmeasured(CALLED[name], str(error)) for key in names}
        for key, entry in found.items():
            if entry["value"] is not None:
                entry |= {**about, "note": "; ".join(filter(None, (entry.get("note"), BATCHES)))}
            measured[key + ("" if key == "inception_score" else ending)] = entry
    prompts = reference.training_captions[:LEAST]
    return measured | copies(reference, [draw(gan, prompts, SEED + i) for i in range(SEEDS)])


def compare(extractor: features.Extractor, real: Tensor, other: Tensor, drawn: list[Tensor]) -> dict[str, dict]:
    """Every distribution measure of one extractor: images of some model, one set a seed, against two halves of others.

    All are uint8 (N, 3, H, W).
    """
    n = min(len(real), *map(len, drawn))
    kept = slice(None, extractor.size)  # Inception's logits stand behind its features
    taken = {"other": extractor(other), "noise": extractor(noise(len(other))), "collapsed": extractor(collapsed(other))}
    taken |= {i: extractor(images) for i, images in enumerate(drawn)}
    base = extractor(real)[:, kept]
    measures = {"frechet_distance": distances.frechet, "kernel_distance": distances.kernel}
    found: dict[str, dict] = {}
    for name, distance in measures.items():
        try:
            found[name] = _entry(extractor, n, {k: distance(base, x[:, kept]) for k, x in taken.items()})
        except ValueError as error:
            found[name] = _unmeasured(CALLED[extractor.name], str(error))
    if (floor := found["frechet_distance"].get("floor")) and floor > 0:
        found["frechet_distance"]["times_floor"] = found["frechet_distance"]["value"] / floor
    if extractor.name == "inception":
        return found | {"inception_score": _inception_score(extractor, n, taken)}
    shares = {k: distances.manifold(base, x) for k, x in taken.items()}
    for name in SHARES:
        found[name] = _entry(extractor, n, {k: share[name] for k, share in shares.items()}) | {"note": IDEAL}
    return found


def copies(reference: Reference, drawn: list[Tensor]) -> dict[str, dict]:
    """Memorised or new: logos drawn from training captions, one set a seed, against the training logos, in domain
    features. The control `copied` is the training logos themselves, each pixel value off by up to 2."""
    extractor = features.load("domain")
    n = len(drawn[0])
    training, held_out = extractor(reference.training), extractor(reference.held_out)
    again = reference.training[:n].int() + _flicker(n, reference.training.shape[1:])
    try:
        copied = distances.memorised(extractor(again.clamp(0, 255).byte()), held_out, training)
        others = distances.memorised(held_out[::2], held_out[1::2], training)
    except ValueError as error:
        return {name: _unmeasured(CALLED["domain"], str(error)) for name in ("nearest_training", "memorised")}
    told = [distances.memorised(extractor(images), held_out, training) for images in drawn]
    entries = {}
    for key, name in (("ratio", "nearest_training"), ("copies", "memorised")):
        found = {i: one[key] for i, one in enumerate(told)}
        entries[name] = _entry(extractor, n, {**found, "other": others[key], "copied": copied[key]})
        entries[name] |= {"resize": resize(drawn[0]), "reference": f"{len(training)} {reference.training_name}"}
    entries["nearest_training"]["note"] = "distance to the nearest training logo ÷ that of held-out logos: 0 for copies"
    entries["memorised"]["note"] = "share nearer to a training logo than the nearest 1 % of held-out logos"
    return entries


def noise(n: int, size: int = encoder.SIZE) -> Tensor:
    """Uniform random pixels: uint8 (n, 3, size, size)."""
    shape, random = (n, 3, size, size), torch.Generator().manual_seed(SEED)
    return torch.randint(256, shape, generator=random, dtype=torch.uint8)


def collapsed(images: Tensor) -> Tensor:
    """The first of some images in place of each, every pixel value off by up to 2."""
    return (images[:1].int() + _flicker(len(images), images.shape[1:])).clamp(0, 255).byte()


def resize(images: Tensor) -> str:
    """What is done to images before their features are taken, in words."""
    size = f"{encoder.SIZE} px"
    return size if images.shape[-1] == encoder.SIZE else f"{images.shape[-1]} → {size}, bicubic, antialiased"


def _flicker(n: int, shape: torch.Size) -> Tensor:
    return torch.randint(-2, 3, (n, *shape), generator=torch.Generator().manual_seed(SEED))


def _entry(extractor: features.Extractor, n: int, found: dict) -> dict:
    """One measure's entry from its value for each seed and control."""
    seeds = [found[i] for i in itertools.takewhile(found.__contains__, itertools.count())]
    value, wide = statistics.fmean(seeds), 0.0
    entry = {"value": value, "interval": None, "n": n}
    if len(seeds) == SEEDS:
        wide = STUDENT * statistics.stdev(seeds) / math.sqrt(SEEDS)
        entry["interval"] = (value - wide, value + wide)
    entry |= {"extractor": f"{CALLED[extractor.name]}, {extractor.size:,} features", "floor": found["other"]}
    entry |= {k: found[k] for k in ("noise", "collapsed", "copied") if k in found}
    return entry | {"seeds": seeds}


def _inception_score(extractor: features.Extractor, n: int, taken: dict) -> dict:
    splits = min(10, max(1, n // distances.IMAGES_PER_SPLIT))
    try:
        logits = {k: x[:, extractor.size :].softmax(1) for k, x in taken.items()}
        scores = {k: distances.inception_score(x, splits) for k, x in logits.items()}
    except ValueError as error:
        return _unmeasured(CALLED["inception"], str(error))
    return _entry(extractor, n, scores) | {"note": f"{splits} splits; higher is better"}


def _unmeasured(extractor: str, why: str) -> dict:
    return {"value": None, "extractor": extractor, "note": f"not measured here: {why}"}


def _is_prompt(text: str) -> bool:
    try:
        return bool(tidy(text))
    except PromptError:
        return False
