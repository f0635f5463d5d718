"""A field and a short code of it: principal components over the memory's drawings, in int8.

Linear, so that sums and means of codes are codes of sums and means of fields: it serves likeness, blending and what a
generator reads. The picture of a remembered drawing comes from its outline, never from its code.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from logo_gan.marks.distance import SIZE

SPREAD = 6.0  # standard deviations of a component that its 127 steps reach


class CodecError(ValueError):
    """A codec's file that cannot be used; str() is one plain sentence."""


class Codec:
    """Fields (N, 64, 64) float32 in [-1, 1] to codes (N, K) int8, and back.

    Args:
        mean: (4096,), the mean field.
        basis: (K, 4096), orthonormal rows, the strongest component first.
        deviation: (K,), standard deviation of each component over the drawings that it was fitted to.
    """

    def __init__(self, mean: np.ndarray, basis: np.ndarray, deviation: np.ndarray):
        self.mean, self.basis, self.deviation = (np.asarray(each, np.float32) for each in (mean, basis, deviation))
        self.step = self.deviation * np.float32(SPREAD / 127)

    def __len__(self) -> int:
        """Values of a code."""
        return len(self.basis)

    def encode(self, fields: np.ndarray) -> np.ndarray:
        """Codes (N, K) int8."""
        values = (np.asarray(fields, np.float32).reshape(len(fields), -1) - self.mean) @ self.basis.T
        return np.round(values / self.step).clip(-127, 127).astype(np.int8)

    def values(self, codes: np.ndarray) -> np.ndarray:
        """Codes as coefficients (N, K) float32: their distances are those of the fields."""
        return codes.astype(np.float32) * self.step

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Fields (N, 64, 64) of int8 codes, or of float32 coefficients."""
        values = self.values(codes) if codes.dtype == np.int8 else codes
        return (values @ self.basis + self.mean).clip(-1, 1).reshape(-1, SIZE, SIZE)

    @staticmethod
    def fit(fields: np.ndarray, values: int) -> Codec:
        """The `values` strongest principal components of fields (N, 64, 64)."""
        import torch  # here: who only decodes does not wait for it

        flat = torch.as_tensor(fields.reshape(len(fields), -1)).float()
        mean = flat.mean(0)
        if len(flat) < flat.shape[1]:
            _, strengths, basis = torch.linalg.svd(flat - mean, full_matrices=False)
            strengths, basis = strengths[:values] ** 2 / len(flat), basis[:values]
        else:  # of many fields, what their products say takes less memory
            covariance = torch.zeros(flat.shape[1], flat.shape[1])
            for part in flat.split(4096):
                covariance += (part - mean).T @ (part - mean)
            strengths, vectors = torch.linalg.eigh(covariance / len(flat))
            strengths, basis = strengths.flip(0)[:values], vectors.T.flip(0)[:values]
        deviation = strengths.clamp(min=1e-12).sqrt()
        return Codec(mean.numpy(), basis.numpy(), deviation.numpy())

    def save(self, path: str | os.PathLike) -> None:
        """In half precision."""
        from safetensors.numpy import save_file

        parts = {"mean": self.mean, "basis": self.basis, "deviation": self.deviation}
        save_file({key: np.ascontiguousarray(part.astype(np.float16)) for key, part in parts.items()}, path)

    @staticmethod
    def load(path: str | os.PathLike) -> Codec:
        """From what `save` wrote; raises CodecError where that is missing or damaged."""
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            parts = load_file(path)
            mean, basis, deviation = (parts[key] for key in ("mean", "basis", "deviation"))
        except FileNotFoundError:
            raise CodecError(f"The codec {Path(path).name} is missing from {Path(path).parent}.") from None
        except (OSError, KeyError, SafetensorError):
            raise CodecError(f"The codec {path} is damaged.") from None
        fits = mean.shape == (SIZE * SIZE,) and basis.ndim == 2 and basis.shape[1:] == mean.shape
        if (
            not fits
            or deviation.shape != basis.shape[:1]
            or not all(np.isfinite(part).all() for part in parts.values())
        ):
            raise CodecError(
                f"The codec {path} has other shapes than fields of {SIZE} cells need, or values without end."
            )
        return Codec(mean, basis, deviation)
