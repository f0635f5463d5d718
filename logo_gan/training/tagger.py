"""Teaches the tagger of briefs: `python -m logo_gan.training.tagger`, some ten minutes.

One annotated brief in ten is held out whole: figures are of wording that nobody has trained on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from logo_gan.marks.memory import Memory
from logo_gan.model.checkpoint import write_network
from logo_gan.model.choice import Drawable
from logo_gan.text.encoder import SentenceEncoder
from logo_gan.text.phrases import Finder
from logo_gan.text.tagger import FOLDER, FORMAT, TAGS, Network, known_of, states_of
from logo_gan.text.vocabulary import tokens
from logo_gan.training.briefs import Composer, Piece, annotated, plain

HELD_OUT = 10  # every so many lines, one
COMPOSED, EPOCHS, BATCH, RATE = 16_000, 14, 64, 2e-3
SEED = 5


class Examples:
    """Briefs as the network sees them."""

    def __init__(self, memory: Memory) -> None:
        self.encoder = SentenceEncoder.load()
        self.is_thing = Finder(Drawable(memory, self.encoder)).is_thing
        self.states: list[np.ndarray] = []
        self.known: list[np.ndarray] = []
        self.tags: list[np.ndarray] = []

    def add(self, text: str, places: list[tuple[int, int, str]]) -> None:
        """One brief more, and the places (start, end, tag) of what is tagged."""
        words = tokens(text)
        states, spans, _ = self.encoder.read(text)
        self.states.append(states_of(words, states, spans).astype(np.float16))
        self.known.append(known_of(words, self.is_thing))
        tag = [next((t for a, b, t in places if a <= word.start < b), "") for word in words]
        self.tags.append(np.array([TAGS.index(t) for t in tag]))

    def batch(self, rows: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        lengths = torch.tensor([len(self.tags[i]) for i in rows])
        most = int(lengths.max())

        def padded(parts: list[np.ndarray], fill: float) -> torch.Tensor:
            whole = np.full((len(rows), most, *parts[rows[0]].shape[1:]), fill, parts[rows[0]].dtype)
            for k, i in enumerate(rows):
                whole[k, : len(parts[i])] = parts[i]
            return torch.from_numpy(whole)

        return padded(self.states, 0).float(), padded(self.known, 0), lengths, padded(self.tags, -1)


def train(
    out: Path = FOLDER, composed: int = COMPOSED, epochs: int = EPOCHS, briefs: Sequence[list[Piece]] | None = None
) -> dict:
    """Teach a tagger on `briefs`, all annotated ones by default; returns its configuration, with its figures."""
    memory = Memory.load()
    torch.manual_seed(SEED)
    whole = annotated() if briefs is None else list(briefs)
    held = whole[HELD_OUT - 1 :: HELD_OUT]
    taught = [brief for i, brief in enumerate(whole) if i % HELD_OUT != HELD_OUT - 1]
    composer = Composer(taught, [c for c in memory.concepts if not c.startswith(("letter ", "digit "))], SEED)
    began = time.monotonic()
    train_set, test_set = Examples(memory), Examples(memory)
    for brief in held:
        test_set.add(*plain(brief))
    for brief in taught:
        train_set.add(*plain(brief))
    for _ in range(composed):
        train_set.add(*composer.brief())
    print(f"{len(train_set.tags):,} briefs read in {time.monotonic() - began:.0f} s", flush=True)
    network = Network(train_set.known[0].shape[1])
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=0.01)
    random = np.random.default_rng(SEED)
    steps, step = epochs * (len(train_set.tags) // BATCH), 0
    for epoch in range(epochs):
        order = random.permutation(len(train_set.tags))
        # Of like lengths together; batches in any order.
        order = order[np.argsort([len(train_set.tags[i]) // 8 for i in order], kind="stable")]
        batches = [order[k : k + BATCH] for k in range(0, len(order) - BATCH + 1, BATCH)]
        total = 0.0
        for k in random.permutation(len(batches)):
            for group in optimizer.param_groups:
                group["lr"] = RATE * min(1.0, step / 100 + 0.01, 1.02 - step / steps)
            states, known, lengths, tags = train_set.batch(batches[k])
            scores = network(states, known, lengths)
            loss = nn.functional.cross_entropy(scores.flatten(0, 1), tags.flatten(), ignore_index=-1)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            total, step = total + float(loss.detach()), step + 1
        network.eval()
        figures = measured(network, test_set)
        network.train()
        print(f"{epoch + 1}: loss {total / len(batches):.3f}, words right {figures['words']:.3f}", flush=True)
    network.eval()
    out.mkdir(parents=True, exist_ok=True)
    write_network(out / "model.safetensors", network)
    config = {
        "format": FORMAT, "sha256": hashlib.sha256((out / "model.safetensors").read_bytes()).hexdigest(),
        "tags": TAGS, "features": train_set.known[0].shape[1], "annotated": len(taught), "composed": composed,
        "memory": memory.fingerprint, "held_out": len(held), "measured": measured(network, test_set),
    }  # fmt: skip
    (out / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    return config


@torch.inference_mode()
def measured(network: Network, examples: Examples) -> dict[str, float]:
    """Share of words whose tag is right, and for each tag the F1 score of its words."""
    right = total = 0
    hits = np.zeros((len(TAGS), 3))
    for i in range(len(examples.tags)):
        states, known, lengths, tags = examples.batch(np.array([i]))
        found, wanted = network(states, known, lengths)[0].argmax(-1).numpy(), tags[0].numpy()
        right, total = right + int((found == wanted).sum()), total + len(wanted)
        for t in range(len(TAGS)):
            hits[t] += ((found == t) & (wanted == t)).sum(), (found == t).sum(), (wanted == t).sum()
    f1 = {TAGS[t] or "none": round(float(2 * hit / max(a + b, 1)), 3) for t, (hit, a, b) in enumerate(hits)}
    return {"words": round(right / max(total, 1), 4), **f1}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--composed", type=int, default=COMPOSED)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    options = parser.parse_args()
    print(json.dumps(train(options.out, options.composed, options.epochs), indent=1))
