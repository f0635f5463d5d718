"""The domain encoder: a small convolutional network that has learnt to see what logos show.

What an encoder was never taught to see, a distance in its features does not see either, so it is taught three things:
to name what composed logos show (mark, container, colours), and to tell any logo, composed or real, from all others
whatever its place and size (NT-Xent; Chen et al. 2020, https://arxiv.org/abs/2002.05709). Views are never mirrored nor
recoloured, since a colour and the way a letter faces are what a logo is about. Every fifth real logo is held out.
`python -m logo_gan.features --real FILE --minutes M` rebuilds it.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from logo_gan import judges
from logo_gan.compose import layers, recipes
from logo_gan.model_files import ModelError, write_whole
from logo_gan.pipeline import WEIGHTS

FOLDER = WEIGHTS / "encoder"
FEATURES = 64
SIZE = 64  # pixels a side of what the encoder looks at
CHANNELS = (32, 64, 128, 160)
TRAINING_SEED = 40_004  # of the composer; neither a generator's nor a judge's
HELD_OUT = 5  # every fifth real logo
BATCH, REAL_BATCH = 96, 32  # composed and real logos of a step
TEMPERATURE = 0.2  # of NT-Xent
WHITENED = 4096  # composed logos, with real ones in proportion, over which features are whitened


class Encoder(nn.Module):
    """Images (B, 3, 64, 64) in [0, 1] → features (B, 64), whitened over the training logos: mean 0, variance 1."""

    def __init__(self, channels: tuple[int, ...] = CHANNELS, features: int = FEATURES):
        super().__init__()
        a, b, c, d = channels
        plan = ((3, a, 5, 2), (a, b, 3, 2), (b, b, 3, 1), (b, c, 3, 2), (c, c, 3, 1), (c, d, 3, 2))
        parts: list[nn.Module] = []
        for before, after, kernel, stride in plan:
            convolution = nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False)
            parts += [convolution, nn.BatchNorm2d(after), nn.ReLU()]
        self.body = nn.Sequential(*parts)
        self.squeeze = nn.Linear(d * 16, features, bias=False)
        self.norm = nn.BatchNorm1d(features, affine=False)

    def forward(self, images: Tensor) -> Tensor:
        return self.norm(self.squeeze(self.body(images * 2 - 1).flatten(1)))


def load(folder: Path = FOLDER) -> Encoder:
    """The trained encoder; ModelError where its files are missing, damaged or not what their checksum says."""
    from safetensors import SafetensorError
    from safetensors import torch as stored

    remedy = "`python -m logo_gan.features` builds it anew"
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        content = (folder / "model.safetensors").read_bytes()
    except OSError:
        raise ModelError(f"The domain encoder is missing from {folder}; {remedy}.") from None
    except ValueError:
        raise ModelError(f"The domain encoder's {folder / 'config.json'} is not a JSON file; {remedy}.") from None
    try:
        if hashlib.sha256(content).hexdigest() != config["sha256"]:
            raise ModelError(f"The domain encoder in {folder} is not what its checksum says; {remedy}.")
        encoder = Encoder(tuple(config["channels"]), config["features"])
        encoder.load_state_dict(stored.load(content))
    except (KeyError, TypeError, RuntimeError, SafetensorError):
        raise ModelError(f"The domain encoder in {folder} is damaged; {remedy}.") from None
    return encoder.eval().requires_grad_(False)


def untrained(seed: int) -> Encoder:
    """The encoder with random weights, scaled so that activations neither grow nor shrink (He et al. 2015)."""
    random = torch.Generator().manual_seed(seed)
    encoder = Encoder()
    for weight in encoder.parameters():
        if weight.ndim > 1:
            weight.data = torch.randn(weight.shape, generator=random) * math.sqrt(2 / weight[0].numel())
    return encoder.eval().requires_grad_(False)


def views(images: Tensor, random: torch.Generator) -> Tensor:
    """Each image moved by up to 4 pixels and scaled by 0.85 to 1.15, so that its rim may be cropped."""
    n = len(images)
    theta = torch.zeros(n, 2, 3)
    theta[:, [0, 1], [0, 1]] = 0.85 + torch.rand(n, 1, generator=random) * 0.3
    theta[:, :, 2] = (torch.rand(n, 2, generator=random) * 2 - 1) * 8 / SIZE
    grid = F.affine_grid(theta, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, padding_mode="border", align_corners=False)


def nt_xent(a: Tensor, b: Tensor) -> Tensor:
    """How badly each row of a (B, D) finds its own row of b among all rows of both, and the other way round."""
    z = F.normalize(torch.cat((a, b)), dim=1)
    logits = (z @ z.T / TEMPERATURE).fill_diagonal_(-math.inf)
    return F.cross_entropy(logits, torch.arange(len(z)).roll(len(a)))


def whiten(encoder: Encoder, images: Tensor) -> None:
    """Turn and scale an encoder's features so that over these images none goes with another and each has variance 1.

    Names take most directions of what is learnt; unwhitened, a distance would hardly notice wrong colours.
    """
    with torch.inference_mode():
        found = torch.cat([encoder(part) for part in images.split(128)]).double()
        values, vectors = torch.linalg.eigh(found.T.cov())
        turn = vectors * values.clamp(min=1e-3).rsqrt() @ vectors.T
        norm = encoder.norm
        scale = (norm.running_var.double() + norm.eps).sqrt()
        mean = turn @ (norm.running_mean.double() / scale + found.mean(0))
        encoder.squeeze.weight.copy_(turn / scale @ encoder.squeeze.weight.double())
        norm.running_mean.copy_(mean)
        norm.running_var.fill_(1 - norm.eps)


class _Lessons(nn.Module):
    """What hangs on the encoder in training only: heads for mark, container and palette, and the projection."""

    def __init__(self, marks: int, containers: int):
        super().__init__()
        self.mark, self.container = nn.Linear(FEATURES, marks), nn.Linear(FEATURES, containers)
        self.palette = nn.Linear(FEATURES, 15)
        self.project = nn.Sequential(nn.Linear(FEATURES, 128), nn.ReLU(), nn.Linear(128, 64))

    def forward(self, x: Tensor, y: Tensor, mark: Tensor, container: Tensor, palette: Tensor, used: Tensor) -> Tensor:
        """The loss of two views' features; the first rows of each are the composed logos that the rest describes."""
        loss = nt_xent(self.project(x), self.project(y))
        for view in (x[: len(mark)], y[: len(mark)]):
            wrong = (self.palette(view).unflatten(1, (5, 3)) - palette).square().mean(-1)
            loss = loss + 0.5 * F.cross_entropy(self.mark(view), mark, label_smoothing=0.05)
            loss = loss + 0.25 * F.cross_entropy(self.container(view), container) + 8 * (wrong * used).mean()
        return loss


def train(
    out: Path = FOLDER,
    real: str | None = None,
    minutes: float = 6,
    images: int | None = None,
    start: Path | None = None,
    rate: float = 2e-3,
) -> dict:
    """Train the domain encoder on composed logos and those of a parquet file `real`; write it to `out`.

    It takes `minutes`, or `images` composed logos, and begins with the encoder in `start`, if any, as after marks were
    added. Returns its configuration.
    """
    from safetensors.torch import save

    from logo_gan import features

    torch.manual_seed(TRAINING_SEED)
    random = torch.Generator().manual_seed(TRAINING_SEED)
    pictures = features.read_logos(real)[0] if real else torch.zeros(0, 3, SIZE, SIZE, dtype=torch.uint8)
    held_out = torch.arange(len(pictures)) % HELD_OUT == HELD_OUT - 1
    taught = pictures[~held_out]
    names = judges.mark_names()
    at_mark, at_container = ({n: i for i, n in enumerate(kinds)} for kinds in (names, judges.CONTAINERS))
    encoder = (load(start).train().requires_grad_(True) if start else Encoder()).to(memory_format=torch.channels_last)
    before = json.loads((start / "config.json").read_text(encoding="utf-8"))["training"] if start else None
    lessons = _Lessons(len(names), len(judges.CONTAINERS))
    optimizer = torch.optim.AdamW([*encoder.parameters(), *lessons.parameters()], rate, weight_decay=0.02)
    began, done, seen = time.monotonic(), 0.0, 0
    for drawn in _streams(before["composed"]["images"] // BATCH if before else 0):
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, done / 0.05 + 0.02) * (0.01 + 0.99 * math.cos(math.pi / 2 * done) ** 2)
        logos = layers(drawn, SIZE)
        rows = torch.randperm(len(taught), generator=random)[:REAL_BATCH]
        pixels = torch.cat((logos.images(SIZE), taught[rows].float() / 255))
        both = torch.cat((views(pixels, random), views(pixels, random))).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            found = encoder(both)
        x, y = found.float().chunk(2)
        mark = torch.tensor([at_mark[r.mark] for r in drawn])
        container = torch.tensor([at_container[r.container] for r in drawn])
        loss = lessons(x, y, mark, container, logos.palette, logos.used.float())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen += len(drawn)
        seconds = time.monotonic() - began
        done = min(1.0, seconds / (60 * minutes) if images is None else seen / images)
        if done == 1 or seen % (BATCH * 100) == 0:
            right = float((lessons.mark(x[: len(mark)]).argmax(1) == mark).float().mean())
            print(f"{seen} composed logos, {seconds:.0f} s: loss {loss:.3f}, marks {right:.2f}", flush=True)
        if done == 1:
            break
    encoder.eval().requires_grad_(False)
    drawn = recipes(TRAINING_SEED, 0, WHITENED)
    sample = torch.cat([layers(drawn[k : k + 128], SIZE).images(SIZE) for k in range(0, WHITENED, 128)])
    whiten(encoder, torch.cat((sample, taught[: WHITENED * REAL_BATCH // BATCH].float() / 255)))
    state = {k: (v.half() if v.is_floating_point() else v).contiguous() for k, v in encoder.state_dict().items()}
    encoder.load_state_dict(state)
    content = save(state)
    steps = seen // BATCH
    config = {
        "format": 1, "sha256": hashlib.sha256(content).hexdigest(), "features": FEATURES, "resize": SIZE,
        "channels": list(CHANNELS),
        "training": {
            "composed": {"seed": TRAINING_SEED, "images": seen, "forms": "taught and held-out"},
            "real": {"file": Path(real).name if real else None, "logos": len(taught), "held_out": int(held_out.sum()),
                     "rule": f"every {HELD_OUT}th row is held out", "images": steps * REAL_BATCH if real else 0},
            "batch": [BATCH, REAL_BATCH], "rate": rate, "seconds": round(time.monotonic() - began),
            "losses": "marks, containers, palettes, NT-Xent over two views; features whitened",
            "before": before,
        },
    }  # fmt: skip
    if held_out.sum() > 1:
        config["held_out_real_found_again"] = features.found_again(
            features.of_encoder("domain", encoder), pictures[held_out]
        )
    out.mkdir(parents=True, exist_ok=True)
    write_whole(out / "model.safetensors", lambda path: path.write_bytes(content))
    text = json.dumps(config, indent=1, ensure_ascii=False) + "\n"
    write_whole(out / "config.json", lambda path: path.write_text(text, encoding="utf-8"))
    features.load.cache_clear()
    return config


def _streams(first: int) -> Iterator[list]:
    """Batches of recipes from one on, without end; taught forms and held-out ones in turn."""
    for k in range(first, 1 << 30):
        yield recipes(TRAINING_SEED, k * BATCH, BATCH, bool(k % 2))
