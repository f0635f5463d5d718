"""The sentence encoder: a text becomes a vector whose direction is its meaning.

all-MiniLM-L6-v2 (Reimers and Gurevych 2019, https://arxiv.org/abs/1908.10084) on torch's own layers; its weights are
stored as int8 (`weights/text-encoder`, built by `python -m logo_gan.tools.build_text_encoder`) and computed with as
float32.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

if TYPE_CHECKING:
    from tokenizers import Tokenizer

FOLDER = Path(__file__).parents[2] / "weights" / "text-encoder"
FORMAT = 1  # of the files
TOKENIZER = "tokenizer.json"
DIMENSIONS = 384
LONGEST = 256  # word pieces, the two that mark start and end included
BATCH = 32


class EncoderError(OSError):
    """The encoder's files are missing, damaged or of another version; str() is one plain sentence."""


class Network(nn.Module):
    """Ids of word pieces (B, T) and a mask (B, T), True at a piece → states (B, T, dimensions)."""

    def __init__(self, pieces: int, dimensions: int, layers: int, heads: int, feed_forward: int, positions: int):
        super().__init__()
        # The table stays int8: a text needs a few rows of it.
        self.register_buffer("pieces", torch.zeros(pieces, dimensions, dtype=torch.int8))
        self.register_buffer("piece_scales", torch.zeros(pieces))
        self.positions = nn.Parameter(torch.zeros(positions, dimensions))
        self.norm = nn.LayerNorm(dimensions, eps=1e-12)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                dimensions, heads, feed_forward, 0.0, F.gelu, layer_norm_eps=1e-12, batch_first=True
            )
            for _ in range(layers)
        )

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        states = self.pieces[ids] * self.piece_scales[ids][..., None]
        states = self.norm(states + self.positions[: ids.shape[1]])
        padding = None if mask.all() else ~mask
        for layer in self.layers:
            states = layer(states, src_key_padding_mask=padding)
        return states


class SentenceEncoder:
    """Texts become unit vectors, and a text's word pieces states.

    Attributes:
        name: of the encoder, as a memory built with it gives it.
        fingerprint: SHA-256 over the files that it computes with.
        tokenizer: cuts texts into word pieces.
    """

    def __init__(self, name: str, fingerprint: str, network: Network, tokenizer: Tokenizer) -> None:
        self.name = name
        self.fingerprint = fingerprint
        self._network = network
        self.tokenizer = tokenizer

    @staticmethod
    @cache
    def load(folder: str | Path = FOLDER) -> SentenceEncoder:
        """The encoder in a folder, read once.

        Raises:
            EncoderError: a file is missing, damaged, of another version, or not what its checksum says.
        """
        folder = Path(folder)
        config, contents = _read(folder)
        from safetensors.torch import load as parse
        from tokenizers import Tokenizer

        try:
            with torch.device("meta"):  # nothing is initialised only to be overwritten
                network = Network(**config["network"])
            stored = {name: tensor for content in contents.values() for name, tensor in parse(content).items()}
            network.load_state_dict(_dequantised(stored), strict=True, assign=True)
            name = str(config["name"])
            tokenizer = Tokenizer.from_str((folder / TOKENIZER).read_text("utf-8"))
        except Exception:  # what tokenizers raises has no other class
            raise EncoderError(f"The text encoder in {folder} is damaged: its files do not fit each other.") from None
        tokenizer.no_padding()
        tokenizer.enable_truncation(LONGEST)
        fingerprint = hashlib.sha256("".join(config["files"].values()).encode()).hexdigest()
        return SentenceEncoder(name, fingerprint, network.eval().requires_grad_(False), tokenizer)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """One vector for each text: float32 (N, 384), L2 norm 1. What follows the 256th word piece is not read."""
        ids = [self.tokenizer.encode(text).ids for text in texts]
        vectors = np.empty((len(ids), DIMENSIONS), np.float32)
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            batch = torch.zeros(len(rows), len(ids[rows[-1]]), dtype=torch.long)
            mask = torch.zeros(batch.shape, dtype=torch.bool)
            for row, i in enumerate(rows):
                batch[row, : len(ids[i])] = torch.tensor(ids[i])
                mask[row, : len(ids[i])] = True
            with torch.inference_mode():
                vectors[rows] = _pooled(self._network(batch, mask), mask).numpy()
        return vectors

    def is_word(self, word: str) -> bool:
        """Whether a lower-case word is a word piece of its own, as some 20,000 English words are."""
        return self.tokenizer.token_to_id(word) is not None

    def tokens(self, text: str) -> tuple[np.ndarray, list[tuple[int, int]]]:
        """The word pieces of a text: their states float32 (T, 384), and where in the text each stands."""
        states, spans, _ = self.read(text)
        return states, spans

    def read(self, text: str) -> tuple[np.ndarray, list[tuple[int, int]], np.ndarray]:
        """What `tokens` and `encode` give for one text, computed once: states, places, vector (384,)."""
        found = self.tokenizer.encode(text)
        ids = torch.tensor([found.ids])
        mask = torch.ones_like(ids, dtype=torch.bool)
        with torch.inference_mode():
            states = self._network(ids, mask)
            vector = _pooled(states, mask)[0].numpy()
        return states[0, 1:-1].numpy(), found.offsets[1:-1], vector


def _pooled(states: Tensor, mask: Tensor) -> Tensor:
    return F.normalize((states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True), dim=1)


def _read(folder: Path) -> tuple[dict, dict[str, bytes]]:
    """The configuration, and the contents of the files of weights, all checked."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        files = dict(config["files"])
        version = config["format"]
    except OSError:
        raise EncoderError(f"The text encoder is missing from {folder}: it has no config.json.") from None
    except (ValueError, KeyError, TypeError):
        raise EncoderError(f"The text encoder's {folder / 'config.json'} is damaged.") from None
    if version != FORMAT:
        raise EncoderError(
            f"The text encoder in {folder} is of version {version}, and this program reads version {FORMAT}."
        )
    contents = {}
    for name, checksum in files.items():
        try:
            contents[name] = (folder / Path(name).name).read_bytes()
        except OSError:
            raise EncoderError(f"The text encoder in {folder} is not whole: {name} is missing.") from None
        if hashlib.sha256(contents[name]).hexdigest() != checksum:
            raise EncoderError(f"The text encoder's {folder / name} is not what its checksum says.")
    if contents.pop(TOKENIZER, None) is None:
        raise EncoderError(f"The text encoder's {folder / 'config.json'} does not name {TOKENIZER}.")
    return config, contents


def _dequantised(stored: dict[str, Tensor]) -> dict[str, Tensor]:
    """The network's state from what is stored: int8 rows with a scale each, and float16."""
    parts = sorted(name for name in stored if name.startswith("pieces."))
    state = {
        "pieces": torch.cat([stored.pop(name) for name in parts]),
        "piece_scales": stored.pop("piece_scales").float(),
    }
    for name, tensor in stored.items():
        if tensor.dtype == torch.int8:
            state[name] = tensor.float() * stored[f"{name}.scale"].float()[:, None]
        elif not name.endswith(".scale"):
            state[name] = tensor.float()
    return state
