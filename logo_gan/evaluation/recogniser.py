"""The recogniser: a small network that says what a drawing shows, for measuring only.

It puts a drawing's field beside text vectors, so its vocabulary is open (Radford et al., "Learning Transferable Visual
Models From Natural Language Supervision", 2021). It is taught on one half of the memory's drawings, and judges marks
that were made from the other half; no generator is trained with it.

    python -m logo_gan.evaluation.recogniser --minutes 6
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import re
import time
import zlib
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from logo_gan.marks.distance import REACH, SIZE
from logo_gan.marks.memory import WEIGHTS, Memory
from logo_gan.model.checkpoint import ModelError, read_network, write_network, write_whole
from logo_gan.model.networks import GRID, TEXT, apply_warp

FOLDER = WEIGHTS / "recogniser"
FEATURES = 56
BATCH = 192
TEMPERATURE = 0.07
SEED = 77


class Recogniser(nn.Module):
    """Masks (B, 1, 64, 64), -1 outside and 1 inside, → text directions (B, 384) of unit length.

    `features` (B, 56) come before.
    """

    def __init__(self, width: int = 24):
        super().__init__()
        w, parts = width, []
        for a, b, stride in (
            (1, w, 2),
            (w, 2 * w, 2),
            (2 * w, 2 * w, 1),
            (2 * w, 4 * w, 2),
            (4 * w, 4 * w, 1),
            (4 * w, 6 * w, 2),
        ):
            parts += [
                nn.Conv2d(a, b, 5 if a == 1 else 3, stride, 2 if a == 1 else 1, bias=False),
                nn.BatchNorm2d(b),
                nn.ReLU(),
            ]
        self.body = nn.Sequential(*parts)
        self.squeeze = nn.Linear(6 * w * 16, FEATURES)
        self.text = nn.Linear(FEATURES, TEXT)

    def example(self) -> tuple[Tensor]:
        """Arguments of one call."""
        return (torch.zeros(1, 1, 64, 64),)

    def features(self, masks: Tensor) -> Tensor:
        return self.squeeze(self.body(masks).flatten(1))

    def forward(self, masks: Tensor) -> Tensor:
        return F.normalize(self.text(F.relu(self.features(masks))), dim=1)


def masks_of(fields: Tensor) -> Tensor:
    """Fields as masks whose edges are a cell wide."""
    return (fields * (2 * SIZE * REACH)).clamp(-1, 1)


def is_taught(memory: Memory, row: int) -> bool:
    """Whether a drawing belongs to the half that the recogniser is taught on.

    What a set's versions call alike ("fa5-solid" and "fa7-solid") is in the same half: they redraw each other's.
    """
    source = memory.source(row)
    family = re.split(r"[-\d]", source["set"])[0]
    return zlib.crc32(f"{family}/{source['name']}".encode()) % 2 == 0


@cache
def load(folder: Path = FOLDER) -> Recogniser:
    """The trained recogniser; raises ModelError where its files are missing or damaged."""
    try:
        checksum = json.loads((folder / "config.json").read_text(encoding="utf-8"))["sha256"]
        content = (folder / "model.safetensors").read_bytes()
    except (OSError, ValueError, KeyError):
        raise ModelError(f"The recogniser is missing from {folder}, or damaged.") from None
    if hashlib.sha256(content).hexdigest() != checksum:
        raise ModelError(f"The recogniser in {folder} is not what its checksum says.")
    return read_network(folder / "model.safetensors", Recogniser, {}).requires_grad_(False)


def _augmented(fields: Tensor, random: torch.Generator) -> Tensor:
    """Mirrored, moved, stretched, bent and made heavier or lighter by a little."""
    n = len(fields)
    flip = torch.rand(n, generator=random) < 0.5
    fields = torch.where(flip[:, None, None, None], fields.flip(-1), fields)
    theta = torch.eye(2, 3).repeat(n, 1, 1) + 0.06 * torch.randn(n, 2, 3, generator=random)
    grid = F.affine_grid(theta, list(fields.shape), align_corners=False)
    fields = F.grid_sample(fields + 1, grid, padding_mode="zeros", align_corners=False) - 1
    coarse = 0.02 * torch.randn(n, 2, 5, 5, generator=random)
    bend = F.interpolate(coarse, size=(GRID, GRID), mode="bicubic", align_corners=True)
    return masks_of(apply_warp(fields, bend, 0.12 * torch.randn(n, generator=random)))


def train(out: Path = FOLDER, minutes: float = 6) -> dict:
    """Teach a recogniser for `minutes`; returns its configuration, with its accuracy on sets that nobody has seen."""
    memory = Memory.load()
    torch.manual_seed(SEED)
    random, pick = torch.Generator().manual_seed(SEED), np.random.default_rng(SEED)
    rows = np.array([row for row in memory.rows("solid") if is_taught(memory, row)])
    concepts = np.array([memory.concept_of(row) for row in rows])
    vectors = torch.from_numpy(np.stack([memory.vector_of(c) for c in concepts]))
    chance = np.bincount(concepts)[concepts] ** 0.25  # things with many drawings are asked for most, too
    chance = np.cumsum(chance / chance.sum())
    network = Recogniser()
    optimizer = torch.optim.AdamW(network.parameters(), 2e-3, weight_decay=0.02)
    began, done, seen, mean = time.monotonic(), 0.0, 0, 0.0
    while done < 1:
        done = (time.monotonic() - began) / (60 * minutes)
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * min(1, done / 0.03 + 0.02) * (0.01 + 0.99 * math.cos(math.pi / 2 * min(done, 1)) ** 2)
        at = np.searchsorted(chance, pick.random(BATCH)).clip(max=len(rows) - 1)
        fields = _augmented(torch.from_numpy(memory.fields(rows[at]))[:, None], random)
        text = vectors[at]
        likeness = network(fields) @ text.T / TEMPERATURE
        same = torch.from_numpy(concepts[at][:, None] == concepts[at][None])
        # Other drawings of the same thing are no wrong answers.
        hide = (same & ~torch.eye(len(at), dtype=torch.bool)).float() * -1e4
        target = torch.arange(len(at))
        loss = F.cross_entropy(likeness + hide, target) + F.cross_entropy(likeness.T + hide, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen, mean = seen + len(at), 0.98 * mean + 0.02 * float(loss.detach())
        if seen % (BATCH * 200) == 0:
            print(f"{seen:,} drawings, {time.monotonic() - began:.0f} s: loss {mean:.3f}", flush=True)
    network.eval().requires_grad_(False)
    out.mkdir(parents=True, exist_ok=True)
    write_network(out / "model.safetensors", network)
    config = {
        "format": 1, "sha256": hashlib.sha256((out / "model.safetensors").read_bytes()).hexdigest(),
        "memory": memory.fingerprint, "drawings": len(rows), "seen": seen, "seconds": round(time.monotonic() - began),
        "held_out_sets": held_out_accuracy(network, memory),
    }  # fmt: skip
    text = json.dumps(config, indent=1) + "\n"
    write_whole(out / "config.json", lambda path: path.write_text(text, encoding="utf-8"))
    return config


def held_out_accuracy(network: Recogniser, memory: Memory) -> dict[str, float]:
    """How often drawings of sets outside the memory get their own name among all the names of those sets."""
    import pyarrow.parquet as pq

    table = pq.read_table(memory.folder / "held_out.parquet")
    names = table["shows"].to_pylist()
    known = [i for i, name in enumerate(names) if memory.exact(name) is not None]
    codes = np.stack([np.frombuffer(code, np.int8) for code in table["code"].to_pylist()])[known]
    concepts = [memory.exact(names[i]) for i in known]
    choices = sorted(set(concepts))
    text = torch.from_numpy(np.stack([memory.vector_of(c) for c in choices]))
    with torch.inference_mode():
        likeness = network(masks_of(torch.from_numpy(memory.codec.decode(codes))[:, None])) @ text.T
    order = likeness.argsort(1, descending=True)
    right = torch.tensor([choices.index(c) for c in concepts])[:, None]
    return {"n": len(known), "choices": len(choices), "top_1": float((order[:, :1] == right).any(1).float().mean()),
            "top_5": float((order[:, :5] == right).any(1).float().mean())}  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=6)
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args()
    print(json.dumps(train(options.out, options.minutes), indent=1))
