"""The adversarial objectives: the relativistic pairing with its penalties, and the baseline's."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def discriminator_loss(real: Tensor, fake: Tensor, wrong: Tensor | None = None) -> Tensor:
    """Relativistic pairing (Huang et al. 2024, eq. 2) on scores (B,), with wrong captions as a second kind of fake.

    `real` are images with their captions, `fake` generated ones with the same captions, `wrong` the real images with a
    caption that is not theirs (Reed et al. 2016): without that term nothing makes the discriminator read.
    """
    loss = F.softplus(fake - real).mean()
    return loss if wrong is None else loss + F.softplus(wrong - real).mean()


def generator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """The generator's side of the pairing: its images should be judged above the real ones."""
    return F.softplus(real - fake).mean()


def gradient_penalty(scores: Tensor, images: Tensor) -> Tensor:
    """Zero-centred penalty ½ E‖∇ₓD‖² (Mescheder et al. 2018): R1 on real images, R2 on generated ones.

    scores (B,) of images (B, C, H, W) that require a gradient.
    """
    (gradient,) = torch.autograd.grad(scores.sum(), images, create_graph=True)
    return 0.5 * gradient.square().sum((1, 2, 3)).mean()


def baseline_discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Binary cross-entropy of the baseline on probabilities (B,)."""
    return F.binary_cross_entropy(real, torch.ones_like(real)) + F.binary_cross_entropy(fake, torch.zeros_like(fake))


def baseline_generator_loss(fake: Tensor) -> Tensor:
    """The baseline's non-saturating generator loss on probabilities (B,)."""
    return F.binary_cross_entropy(fake, torch.ones_like(fake))
