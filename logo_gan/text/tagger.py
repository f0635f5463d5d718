"""The tagger: which words of a prompt name the brand, the thing to draw, what is refused, and so on.

A small recurrent network over the sentence encoder's token states, taught on annotated briefs (training/tagger.py).
What is exact (codes of colours, quotation marks, pasted syntax) is read by rules; see brief.py for who decides what.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from logo_gan.text import colours, vocabulary
from logo_gan.text.encoder import DIMENSIONS, SentenceEncoder
from logo_gan.text.vocabulary import Token, table

FOLDER = Path(__file__).parents[2] / "weights" / "tagger"
FORMAT = 1
TAGS = ("", "brand", "slogan", "trade", "thing", "second", "avoid", "colour", "holder", "ground", "container", "count",
        "letters", "style")  # fmt: skip
TABLES = (
    "containers",
    "styles",
    "filler",
    "stops",
    "asking",
    "generic",
    "trade_adjectives",
    "adjectives",
    "not_things",
)


class TaggerError(OSError):
    """The tagger's files are missing or damaged; str() is one plain sentence."""


class Network(nn.Module):
    """States of words (B, T, 384) and what is known of them (B, T, F), their number (B,) → scores (B, T, tags)."""

    def __init__(self, features: int, width: int = 96, tags: int = len(TAGS)):
        super().__init__()
        self.squeeze = nn.Linear(DIMENSIONS, width)
        self.known = nn.Linear(features, width)
        self.drop = nn.Dropout(0.3)
        self.both_ways = nn.GRU(2 * width, width, num_layers=2, batch_first=True, bidirectional=True, dropout=0.3)
        self.judge = nn.Linear(2 * width, tags)

    def forward(self, states: Tensor, known: Tensor, lengths: Tensor) -> Tensor:
        x = torch.cat((torch.relu(self.squeeze(self.drop(states))), torch.relu(self.known(known))), dim=-1)
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        y, _ = nn.utils.rnn.pad_packed_sequence(self.both_ways(packed)[0], batch_first=True)
        return self.judge(self.drop(y))


def known_of(words: Sequence[Token], is_thing: Callable[[str], bool]) -> np.ndarray:
    """What is known of each word beside its meaning, float32 (T, F): how it is written, and which tables have it."""
    found = np.zeros((len(words), 12 + len(TABLES)), np.float32)
    shouted = sum(token.text.isupper() for token in words) > 0.6 * len(words)
    for i, token in enumerate(words):
        before, after = words[i - 1] if i else None, words[i + 1] if i + 1 < len(words) else None
        found[i, :12] = (
            token.is_word, token.text[0].isupper(), token.text.isupper() and len(token.text) > 1, shouted,
            token.low[0].isdigit(), before is None or before.low in ".!?\n",
            before is not None and before.low in ",:-–—",
            after is None or after.low in ",.:-–—!", is_thing(token.low), colours.named([token.low]) is not None,
            bool(vocabulary.trades().find(words, i)), 1 / (1 + i),
        )  # fmt: skip
        found[i, 12:] = [token.low in table(name) for name in TABLES]
    return found


def states_of(words: Sequence[Token], states: np.ndarray, spans: Sequence[tuple[int, int]]) -> np.ndarray:
    """States of words, float32 (T, 384): the mean of their word pieces', zeros for what the encoder has not read."""
    sums, counts = np.zeros((len(words), DIMENSIONS), np.float32), np.zeros(len(words), np.float32)
    ends = np.array([token.end for token in words])
    for state, (start, _) in zip(states, spans, strict=True):
        at = min(int(np.searchsorted(ends, start, "right")), len(words) - 1)
        sums[at] += state
        counts[at] += 1
    return sums / np.maximum(counts, 1)[:, None]


class Tagger:
    """Tags words."""

    def __init__(self, network: Network, encoder: SentenceEncoder) -> None:
        self.network, self.encoder = network.eval().requires_grad_(False), encoder

    @staticmethod
    @cache
    def load(folder: Path = FOLDER) -> Tagger:
        """The bundled tagger, read once; raises TaggerError where its files are missing or damaged."""
        from safetensors.torch import load

        try:
            config = json.loads((folder / "config.json").read_text("utf-8"))
            content = (folder / "model.safetensors").read_bytes()
            if config["format"] != FORMAT or tuple(config["tags"]) != TAGS:
                raise TaggerError(f"The tagger in {folder} is of another version.")
            if hashlib.sha256(content).hexdigest() != config["sha256"]:
                raise TaggerError(f"The tagger in {folder} is not what its checksum says.")
            network = Network(config["features"])
            network.load_state_dict({name: value.float() for name, value in load(content).items()})
        except TaggerError:
            raise
        except Exception:  # of safetensors and torch, by any name
            raise TaggerError(f"The tagger in {folder} is missing or damaged.") from None
        return Tagger(network, SentenceEncoder.load())

    def tags(self, text: str, words: Sequence[Token], is_thing: Callable[[str], bool]) -> tuple[list[str], np.ndarray]:
        """The likeliest tag of each word, "" for none, and the chances of all, (T, tags)."""
        if not words:
            return [], np.zeros((0, len(TAGS)), np.float32)
        states, spans, _ = self.encoder.read(text)
        with torch.inference_mode():
            scores = self.network(
                torch.from_numpy(states_of(words, states, spans))[None],
                torch.from_numpy(known_of(words, is_thing))[None],
                torch.tensor([len(words)]),
            )[0]
            chances = scores.softmax(-1).numpy()
        return [TAGS[i] for i in chances.argmax(1)], chances
