"""The adversarial objective and, for logos whose layers are known, the layers' own loss."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from logo_gan.networks import SHARPNESS


def discriminator_loss(real: Tensor, fake: Tensor, wrong: Tensor) -> Tensor:
    """Relativistic pairing (Huang et al. 2024, eq. 2) on scores (B,), with wrong captions as a second kind of fake.

    `real` are images with their captions, `fake` generated ones with the same captions, `wrong` the real images with a
    caption that is not theirs (Reed et al. 2016): without that term nothing makes the discriminator read.
    """
    return F.softplus(fake - real).mean() + F.softplus(wrong - real).mean()


def generator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """The generator's side of the pairing: its images should be judged above the real ones."""
    return F.softplus(real - fake).mean()


def gradient_penalty(scores: Tensor, images: Tensor) -> Tensor:
    """Zero-centred penalty ½ E‖∇ₓD‖² (Mescheder et al. 2018): R1 on real images, R2 on generated ones."""
    (gradient,) = torch.autograd.grad(scores.sum(), images, create_graph=True)
    return 0.5 * gradient.square().sum((1, 2, 3)).mean()


LAYER_WEIGHTS = (1.0, 0.5, 2.0, 0.5)  # container, its shade, mark, its accent: the mark is what is looked at
LAYERS = {4: (0, 1, 2, 3), 3: (0, 2, 3)}  # of composed logos that a generator of K layers has; three have no shade


def _layer_mean(error: Tensor) -> Tensor:
    weights = torch.tensor([LAYER_WEIGHTS[k] for k in LAYERS[error.shape[1]]], device=error.device)
    return (error.mean((0, 2, 3)) * weights).sum() / weights.sum()


def field_loss(fields: Tensor, target: Tensor) -> Tensor:
    """Mean squared error of fields against clipped signed distances, both (B, K, F, F).

    Where the target is clipped only the wrong side costs: how deep inside or far outside a place lies makes no picture.
    """
    error = fields - target
    error = torch.where(target >= 1, error.clamp(max=0), torch.where(target <= -1, error.clamp(min=0), error))
    return _layer_mean(error.square())


def mask_loss(fields: Tensor, target: Tensor) -> Tensor:
    """Mean squared error of the layers' coverage, that is of what is seen of them at training size."""
    return _layer_mean((torch.sigmoid(fields * SHARPNESS) - torch.sigmoid(target * SHARPNESS)).square())


def palette_loss(palette: Tensor, target: Tensor, used: Tensor) -> Tensor:
    """Mean absolute error of the colours (B, K + 1, 3) that are used (B, K + 1) in a logo.

    Of two colours that are both likely it takes one; a squared error mixes them into a third, and that is a muddy one.
    """
    return ((palette - target).abs().mean(2) * used).sum() / used.sum()


def baseline_discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Binary cross-entropy of the baseline on probabilities (B,)."""
    return F.binary_cross_entropy(real, torch.ones_like(real)) + F.binary_cross_entropy(fake, torch.zeros_like(fake))


def baseline_generator_loss(fake: Tensor) -> Tensor:
    """The baseline's non-saturating generator loss on probabilities (B,)."""
    return F.binary_cross_entropy(fake, torch.ones_like(fake))
