"""Losses against values worked out by hand."""

import math

import pytest
import torch

from logo_gan.training import losses


def test_discriminator_loss_pairs_real_with_fake_and_with_wrong():
    real, fake, wrong = torch.tensor([2.0, 0.0]), torch.tensor([1.0, 0.0]), torch.tensor([2.0, -3.0])
    pair = (math.log(1 + math.exp(-1)) + math.log(2)) / 2
    text = (math.log(2) + math.log(1 + math.exp(-3))) / 2
    assert losses.discriminator_loss(real, fake).item() == pytest.approx(pair, rel=1e-6)
    assert losses.discriminator_loss(real, fake, wrong).item() == pytest.approx(pair + text, rel=1e-6)


def test_generator_loss_is_the_other_side():
    assert losses.generator_loss(torch.tensor([1.0]), torch.tensor([3.0])).item() == pytest.approx(
        math.log(1 + math.exp(-2)), rel=1e-6
    )


def test_gradient_penalty_of_a_linear_score():
    images = torch.randn(3, 3, 4, 4, requires_grad=True)
    weight = torch.randn(3, 4, 4)
    penalty = losses.gradient_penalty((images * weight).sum((1, 2, 3)), images)
    assert penalty.item() == pytest.approx(0.5 * weight.square().sum().item(), rel=1e-5)


def test_baseline_losses_are_binary_cross_entropy():
    real, fake = torch.tensor([0.9]), torch.tensor([0.2])
    assert losses.baseline_discriminator_loss(real, fake).item() == pytest.approx(-math.log(0.9) - math.log(0.8))
    assert losses.baseline_generator_loss(fake).item() == pytest.approx(-math.log(0.2))
