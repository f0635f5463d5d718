"""The judge: a small classifier that names the mark and the container of a logo, trained on composed logos only.

It is rebuilt with `python -m logo_gan.judges`. It sees the composer's training forms and its held-out ones, from a seed
that no generator is trained on; how often it is right on composed logos of yet another seed bounds what a generator
judged by it can reach.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from logo_gan.compose import layers, recipes
from logo_gan.marks import VOCABULARY, bank
from logo_gan.pipeline import WEIGHTS, ModelError, write_whole

FOLDER = WEIGHTS / "judge"
SIZE = 64  # pixels a side of what the judge looks at
TRAINING_SEED = 10_001  # of the composer; generators are trained on seed 1
TEST_SEED = 20_002
CHUNK = 64  # logos the judge sees at once
CONTAINERS = ("none", *VOCABULARY["containers"])


class Judge(nn.Module):
    """Images (B, 3, 64, 64) in [0, 1] → logits of the mark (B, marks) and of the container (B, containers)."""

    def __init__(self, marks: list[str], containers: list[str], channels: tuple[int, ...] = (32, 64, 112, 176)):
        super().__init__()
        self.marks, self.containers = list(marks), list(containers)
        a, b, c, d = channels
        plan = ((3, a, 5, 2), (a, b, 3, 2), (b, b, 3, 1), (b, c, 3, 2), (c, c, 3, 1), (c, d, 3, 2))
        self.body = nn.Sequential(
            *(
                m
                for before, after, kernel, stride in plan
                for m in (nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(after), nn.ReLU())
            )
        )  # fmt: skip
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


def mark_names() -> list[str]:
    """Every mark that can be recognised: objects, letters, digits, abstract ones."""
    return list(dict.fromkeys(mark.name for mark in bank().marks))


def composed(seed: int, count: int, held_out: bool | None, start: int = 0) -> Iterator[tuple[Tensor, list[str], list[str]]]:
    """Batches of composed images with their marks and containers; `held_out` None: one batch of each in turn."""
    for k, first in enumerate(range(start, start + count, 128)):
        hold = bool(k % 2) if held_out is None else held_out
        drawn = recipes(seed, first, min(128, start + count - first), hold)
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
            print(f"{step * 128} logos, {time.monotonic() - began:.0f} s: loss {loss:.3f}, marks {right:.2f}", flush=True)
    judge.half().float().eval()  # measured as it is shipped
    training = {
        "data": "compose", "seed": TRAINING_SEED, "images": images, "batch": 128, "rate": rate, "forms": "taught and held-out",
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
