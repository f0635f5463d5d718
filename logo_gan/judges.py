"""The judges: what a picture of 64 × 64 pixels shows, told from its pixels alone, so that any model can be judged.

`Judge` is a small classifier that names the mark and the container, trained on composed logos only; it is rebuilt with
`python -m logo_gan.judges`. It sees the composer's training forms and its held-out ones, from a seed that no generator
is trained on; how often it is right on composed logos of yet another seed bounds what a generator judged by it can
reach. `colours_of` names the colours, by clusters of pixels in OKLab.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from logo_gan import colours
from logo_gan.compose import layers, recipes
from logo_gan.marks import VOCABULARY, bank
from logo_gan.model_files import ModelError, write_whole
from logo_gan.pipeline import WEIGHTS

FOLDER = WEIGHTS / "judge"
SIZE = 64  # pixels a side of what the judge looks at
TRAINING_SEED = 10_001  # of the composer; generators are trained on seed 1
TEST_SEED = 20_002
CHUNK = 64  # logos the judge sees at once
CONTAINERS = ("none", *VOCABULARY["containers"])
BIN, RADIUS = 0.04, 0.10  # OKLab: side of a histogram bin; how far a cluster reaches from its fullest one
SAME_HUE = 0.07  # OKLab: two tones of a colour are not further apart, lightness aside
SECOND_TONE = 0.25  # of a colour's area: a smaller tone does not name it
SPECK = 0.008  # of the picture: a smaller cluster is the blur of an edge
MOST_CLUSTERS = 7


class Judge(nn.Module):
    """Images (B, 3, 64, 64) in [0, 1] → logits of the mark (B, marks) and of the container (B, containers)."""

    def __init__(self, marks: list[str], containers: list[str], channels: tuple[int, ...] = (32, 64, 112, 176)):
        super().__init__()
        self.marks, self.containers = list(marks), list(containers)
        a, b, c, d = channels
        plan = ((3, a, 5, 2), (a, b, 3, 2), (b, b, 3, 1), (b, c, 3, 2), (c, c, 3, 1), (c, d, 3, 2))
        parts: list[nn.Module] = []
        for before, after, kernel, stride in plan:
            convolution = nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False)
            parts += [convolution, nn.BatchNorm2d(after), nn.ReLU()]
        self.body = nn.Sequential(*parts)
        self.squeeze = nn.Linear(d * 16, d)  # marks stand in the middle: where a part lies tells much
        self.mark = nn.Linear(d, len(self.marks))
        self.container = nn.Linear(d, len(self.containers))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        corners = images[..., [0, 0, -1, -1], [0, -1, 0, -1]].mean(-1)[..., None, None]
        x = F.relu(self.squeeze(self.body(images - corners).flatten(1)))  # the ground's own colour says nothing
        return self.mark(x), self.container(x)

    @torch.inference_mode()
    def name(self, images: Tensor) -> tuple[list[str], list[str]]:
        """The likeliest mark and container of each image (B, 3, 64, 64) in [0, 1]."""
        marks: list[str] = []
        containers: list[str] = []
        for part in images.split(CHUNK):
            mark, container = (logits.argmax(1).tolist() for logits in self.eval()(part))
            marks += [self.marks[i] for i in mark]
            containers += [self.containers[i] for i in container]
        return marks, containers


@cache
def load(folder: Path = FOLDER) -> Judge:
    """The judge that is shipped, once. ModelError or OSError where its files are missing or damaged."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        judge = Judge(config["marks"], config["containers"], tuple(config["channels"]))
        judge.load_state_dict(load_file(folder / "model.safetensors"))
    except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as error:
        raise ModelError(f"The judge in {folder} is damaged; `python -m logo_gan.judges` builds it anew.") from error
    return judge.eval().requires_grad_(False)


@dataclass(frozen=True)
class Seen:
    """Basic names of a picture's colours: of the largest area that is not background, and, taking it for a mark in a
    container, of the container and of the mark. More than one name where a colour comes in two tones, none where
    there is no such colour."""

    dominant: tuple[str, ...]
    container: tuple[str, ...]
    mark: tuple[str, ...]


def colours_of(images: np.ndarray) -> list[Seen]:
    """uint8 (N, 64, 64, 3) → the colours of each. The background is what most of the border shows.

    A container's colour is the one most seen two and three pixels inside its rim; its mark's is the largest further in.
    """
    return [seen for start in range(0, len(images), CHUNK) for seen in _colours_of(images[start : start + CHUNK])]


def _colours_of(images: np.ndarray) -> list[Seen]:
    found = [_clusters(image) for image in images]
    labels = torch.from_numpy(np.stack([label for label, _ in found]))
    border = torch.cat((labels[:, 0], labels[:, -1], labels[:, 1:-1, 0], labels[:, 1:-1, -1]), dim=1)
    ground = F.one_hot(border + 1, MOST_CLUSTERS + 1)[..., 1:].sum(1).argmax(1)
    is_ground = labels == ground[:, None, None]
    # How deep a pixel lies inside the shape that the outer background leaves.
    outer = _flood(is_ground)
    depth = torch.zeros_like(labels)
    for step in range(11):
        depth += ~outer
        outer = _spread(outer, corners=bool(step % 2))
    rim, middle = (depth == 2) | (depth == 3), (depth >= 8) & (depth <= 10)
    hollow = (is_ground & middle).sum((1, 2)) > 0.8 * middle.sum((1, 2))  # a ring: the ground shows inside, too

    def areas(where: Tensor) -> Tensor:
        """(N, clusters): pixels of each cluster in a region."""
        return torch.stack([((labels == k) & where).sum((1, 2)) for k in range(MOST_CLUSTERS)], dim=1)

    of_ground = F.one_hot(ground, MOST_CLUSTERS).bool()
    whole = areas(torch.ones_like(rim)).masked_fill(of_ground, 0)
    edge = areas(rim).masked_fill(of_ground, 0)
    of_container = F.one_hot(edge.argmax(1), MOST_CLUSTERS).bool()
    inside = areas(depth > 3).masked_fill(of_container | (of_ground & hollow[:, None]), 0)
    return [
        Seen(*(names[int(row.argmax())] if row.max() > 0 else () for row in rows))
        for (_, names), *rows in zip(found, whole, edge, inside, strict=True)
    ]


def _clusters(image: np.ndarray) -> tuple[np.ndarray, list[tuple[str, ...]]]:
    """uint8 (64, 64, 3) → each pixel's cluster, -1 for none, and the clusters' basic names.

    Flat areas fill one bin of a histogram; the blur of an edge spreads over many, and so makes no cluster. Two tones of
    a colour, apart in lightness alone and too near each other to be read, count as one cluster with two names.
    """
    packed, where, pixels = np.unique(
        image.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1]), return_inverse=True, return_counts=True
    )
    values = np.stack((packed >> 16, packed >> 8 & 255, packed & 255), axis=1)
    lab = colours.oklab(values)
    _, bins = np.unique(np.floor(lab / BIN + 0.5) @ np.array([1, 100, 10_000]), return_inverse=True)
    labels = np.full(len(lab), -1)
    clusters: list[list[tuple[int, str, np.ndarray]]] = []  # of each, its tones: pixels, name, colour
    for _ in range(MOST_CLUSTERS):
        free = pixels * (labels < 0)
        counts = np.bincount(bins, weights=free)
        if counts.max() < SPECK * pixels.sum():
            break
        core = int((free * (bins == counts.argmax())).argmax())
        near = (labels < 0) & (np.linalg.norm(lab - lab[core], axis=1) < RADIUS)
        name = list(colours.BASIC)[int(colours.nearest_basic(values[core]))]
        at = next((k for k, tones in enumerate(clusters) if _same_hue(tones[0][2], lab[core])), len(clusters))
        if at == len(clusters):
            clusters.append([])
        clusters[at].append((int(pixels[near].sum()), name, lab[core]))
        labels[near] = at
    names = []
    for tones in clusters:
        least = SECOND_TONE * sum(count for count, _, _ in tones)
        names.append(tuple(dict.fromkeys(name for count, name, _ in tones if count >= least)))
    return labels[where].reshape(image.shape[:2]), names


def _same_hue(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two OKLab colours are tones of one: what touches and is to be read differs by more."""
    return abs(a[0] - b[0]) < 0.95 * colours.READABLE and float(np.hypot(*(a - b)[1:])) < SAME_HUE


def _spread(region: Tensor, corners: bool) -> Tensor:
    """A bool region (N, S, S) grown by a pixel, with or without its diagonal neighbours."""
    x = region[:, None].float()
    if corners:
        return F.max_pool2d(x, 3, 1, 1)[:, 0] > 0
    return torch.maximum(F.max_pool2d(x, (3, 1), 1, (1, 0)), F.max_pool2d(x, (1, 3), 1, (0, 1)))[:, 0] > 0


def _flood(passable: Tensor) -> Tensor:
    """The part of a bool region (N, S, S) that is connected with the border."""
    reached = passable.clone()
    reached[:, 1:-1, 1:-1] = False
    while True:
        grown = _spread(reached, corners=False) & passable
        if torch.equal(grown, reached):
            return reached
        reached = grown


def mark_names() -> list[str]:
    """Every mark that can be recognised: objects, letters, digits, abstract ones."""
    return list(dict.fromkeys(mark.name for mark in bank().marks))


def composed(seed: int, count: int, held_out: bool | None) -> Iterator[tuple[Tensor, list[str], list[str]]]:
    """Batches of composed images with their marks and containers; `held_out` None: one batch of each in turn."""
    for k, start in enumerate(range(0, count, 128)):
        hold = bool(k % 2) if held_out is None else held_out
        drawn = recipes(seed, start, min(128, count - start), hold)
        yield layers(drawn, SIZE).images(SIZE), [r.mark for r in drawn], [r.container for r in drawn]


def accuracy(judge: Judge, seed: int, count: int, held_out: bool) -> dict[str, float]:
    """How often the judge is right about composed logos of a seed."""
    right = {"mark": 0, "container": 0}
    for images, marks, containers in composed(seed, count, held_out):
        named = judge.name((images * 255).round() / 255)
        right["mark"] += sum(a == b for a, b in zip(named[0], marks, strict=True))
        right["container"] += sum(a == b for a, b in zip(named[1], containers, strict=True))
    return {key: value / count for key, value in right.items()}


def _jitter(images: Tensor, random: torch.Generator) -> Tensor:
    """Each image moved by up to 3 pixels and scaled by up to 6 %; never mirrored, never in other colours."""
    n = len(images)
    theta = torch.zeros(n, 2, 3)
    theta[:, [0, 1], [0, 1]] = 1 + (torch.rand(n, 1, generator=random) * 2 - 1) * 0.06
    theta[:, :, 2] = (torch.rand(n, 2, generator=random) * 2 - 1) * 6 / SIZE
    grid = F.affine_grid(theta, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, padding_mode="border", align_corners=False)


def train(out: Path = FOLDER, images: int = 160_000, rate: float = 3e-3, tests: int = 8192) -> dict:
    """Train a judge on `images` composed logos, each seen once, and write it to `out`. Returns its configuration."""
    from safetensors.torch import save_file

    torch.manual_seed(TRAINING_SEED)
    random = torch.Generator().manual_seed(TRAINING_SEED)
    judge = Judge(mark_names(), list(CONTAINERS)).to(memory_format=torch.channels_last)
    at_mark, at_container = ({name: i for i, name in enumerate(names)} for names in (judge.marks, judge.containers))
    optimizer = torch.optim.AdamW(judge.parameters(), rate, weight_decay=0.02)
    steps = -(-images // 128)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=0.1)
    began = time.monotonic()
    for step, (pixels, marks, containers) in enumerate(composed(TRAINING_SEED, images, None), 1):
        pixels = _jitter(pixels, random).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            mark, container = judge(pixels)
        wanted = torch.tensor([at_mark[m] for m in marks])
        loss = F.cross_entropy(mark.float(), wanted, label_smoothing=0.05)
        loss = loss + 0.5 * F.cross_entropy(container.float(), torch.tensor([at_container[c] for c in containers]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 50 == 0 or step == steps:
            right = float((mark.argmax(1) == wanted).float().mean())
            seconds = time.monotonic() - began
            print(f"{step * 128} logos, {seconds:.0f} s: loss {loss:.3f}, marks {right:.2f}", flush=True)
    judge.half().float().eval()  # measured as it is shipped
    training = {
        "data": "compose", "seed": TRAINING_SEED, "images": images, "batch": 128, "rate": rate,
        "forms": "taught and held-out",
        "augmentation": "moved by up to 3 px, scaled by up to 6 %", "test_seed": TEST_SEED, "test_images": tests,
        "accuracy_taught_forms": accuracy(judge, TEST_SEED, tests, False),
        "accuracy_held_out_forms": accuracy(judge, TEST_SEED, tests, True),
    }  # fmt: skip
    config = {"format": 1, "channels": [32, 64, 112, 176], "containers": judge.containers, "marks": judge.marks}
    config["training"] = training
    state = {k: (v.half() if v.is_floating_point() else v).contiguous() for k, v in judge.state_dict().items()}
    out.mkdir(parents=True, exist_ok=True)
    write_whole(out / "model.safetensors", lambda path: save_file(state, path))
    text = json.dumps(config, indent=1, ensure_ascii=False) + "\n"
    write_whole(out / "config.json", lambda path: path.write_text(text, encoding="utf-8"))
    return config


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--images", type=int, default=160_000)
    options = parser.parse_args()
    print(json.dumps(train(options.out, options.images)["training"], indent=1))
