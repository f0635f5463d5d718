"""Feature extractors: pictures become a few numbers each, between whose clouds `distances.py` measures.

`domain` is a small encoder of our own (`encoder.py`), rebuilt by `python -m logo_gan.features --real FILE --minutes M`.
`untrained` is the same network with seeded random weights: a second opinion that no training data has shaped (Naeem et
al. 2020, https://arxiv.org/abs/2002.09797). `inception` is the usual Inception-v3, through torch-fidelity, where that
and its weights are found; nothing is ever downloaded.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from logo_gan import encoder
from logo_gan.encoder import FOLDER, SIZE, Encoder
from logo_gan.model_files import ModelError

NAMES = ("domain", "untrained", "inception")
CHUNK = 64  # logos that an extractor always sees at once: a sum's last bits depend on it
UNTRAINED_SEED = 64
INCEPTION = "weights-inception-2015-12-05-6726825d.pth"  # as torch-fidelity calls it


@dataclass(frozen=True)
class Extractor:
    """Pictures → features. `size` counts the features, `resize` is the side in pixels that a picture is brought to."""

    name: str
    size: int
    resize: int
    network: Callable[[Tensor], Tensor]

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> Tensor:
        """uint8 (N, 3, H, W) → float32 (N, size), the same whatever else is among the N.

        Pictures of another size are resized with antialiasing, bicubically.

        Raises:
            ValueError: it is no such tensor, or an empty one.
        """
        if images.dtype != torch.uint8 or images.ndim != 4 or images.shape[1] != 3 or not len(images):
            shape = " × ".join(map(str, images.shape))
            raise ValueError(f"Features are taken of uint8 pictures (N, 3, H, W), not of {images.dtype} {shape}.")
        parts = []
        for part in images.split(CHUNK):
            full = torch.cat((part, part[-1:].expand(CHUNK - len(part), -1, -1, -1)))
            parts.append(self.network(full)[: len(part)])
        return torch.cat(parts).float()


def resized(images: Tensor, size: int = SIZE) -> Tensor:
    """uint8 (N, 3, H, W) → uint8 (N, 3, size, size), with antialiasing."""
    if images.shape[-2:] == (size, size):
        return images
    floats = F.interpolate(images.float(), (size, size), mode="bicubic", antialias=True, align_corners=False)
    return floats.round().clamp(0, 255).byte()


@cache
def load(name: str = "domain", folder: Path = FOLDER) -> Extractor:
    """An extractor by its name, once.

    Raises:
        ModelError: the encoder's files are missing or not what their checksum says, or Inception is not there.
        ValueError: there is no extractor of that name.
    """
    if name == "domain":
        return of_encoder(name, encoder.load(folder))
    if name == "untrained":
        return of_encoder(name, encoder.untrained(UNTRAINED_SEED))
    if name == "inception":
        return _inception()
    raise ValueError(f"There is no extractor {name[:50]!r}: there are {', '.join(NAMES)}.")


def of_encoder(name: str, own: Encoder) -> Extractor:
    """An encoder, made an extractor."""
    own = own.to(memory_format=torch.channels_last)

    def network(images: Tensor) -> Tensor:
        return own((resized(images).float() / 255).contiguous(memory_format=torch.channels_last))

    return Extractor(name, own.squeeze.out_features, SIZE, network)


def _inception() -> Extractor:
    """The Inception-v3 of the original FID. torch-fidelity would fetch missing weights by itself; it is not let."""
    try:
        from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
    except ImportError:
        raise ModelError("torch-fidelity is not installed (requirements-inception.txt).") from None
    path = Path(torch.hub.get_dir()) / "checkpoints" / INCEPTION
    if not path.is_file():
        raise ModelError(f"The Inception weights are not at {path}.")
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    if not checksum.startswith(path.stem.rpartition("-")[2]):  # it will be unpickled
        raise ModelError(f"The Inception weights at {path} are not what the checksum in their name says.")
    wanted = ["2048", "logits_unbiased"]
    network = FeatureExtractorInceptionV3("inception-v3-compat", wanted, feature_extractor_weights_path=str(path))
    network.eval().requires_grad_(False)
    # The logits go behind the features, for the Inception Score: `[:, :2048]` and `[:, 2048:]`.
    return Extractor("inception", 2048, 299, lambda images: torch.cat(network(images), dim=1))


def found_again(extractor: Extractor, images: Tensor, seed: int = 1) -> float:
    """The share of logos whose nearest neighbour in features, of a second view of them all, is themselves."""
    random = torch.Generator().manual_seed(seed)
    a, b = (extractor((encoder.views(images.float() / 255, random) * 255).round().byte()).double() for _ in range(2))
    return float((torch.cdist(a, b).argmin(1) == torch.arange(len(a))).double().mean())


def read_logos(source: str, split: str | None = None, limit: int | None = None) -> tuple[Tensor, list[str]]:
    """The readable logos among the first `limit` rows of a source, as `shards.locate` and `shards.pieces` take it.

    Returns:
        uint8 (N, 3, 64, 64) on white, and their captions.

    Raises:
        ValueError: it cannot be read, or holds no logo.
    """
    from logo_gan import shards

    images, texts = [], []
    for encoded, text in itertools.islice(shards.read(shards.pieces(shards.locate(source), split)), limit):
        image = shards.picture(encoded, SIZE) if encoded else "missing"
        if not isinstance(image, str):
            images.append(torch.from_numpy(image.copy()))
            texts.append((text or b"").decode(errors="replace"))
    if not images:
        raise ValueError(f"{source} holds no readable logo.")
    return torch.stack(images), texts


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--real", metavar="FILE.parquet", help="real logos, beside the composed ones")
    parser.add_argument("--minutes", type=float, default=6)
    parser.add_argument("--start", type=Path, metavar="DIR", help="an encoder to begin with")
    options = parser.parse_args()
    print(json.dumps(encoder.train(options.out, options.real, options.minutes, start=options.start), indent=1))
