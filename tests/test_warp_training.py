"""The warp learns: its loss falls, its adversary changes it, a resumed run goes on as if it had not stopped."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from logo_gan.model.networks import (
    GRID,
    Discriminator,
    PairEncoder,
    WarpGenerator,
    apply_warp,
    roughness,
    spline_weights,
)
from logo_gan.training.config import CONFIGS
from logo_gan.training.loop import TASKS, Run
from logo_gan.training.pairs import LEAST, MOST, Pairs
from logo_gan.training.warp import Warp

TINY = replace(CONFIGS["warp-tiny"], measure=0, checkpoint=10**9, log=10**9)


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    return Warp.open_source(TINY, "memory")


def trained(pairs, folder, images, config=TINY, **options) -> Run:
    run = Run("warp-tiny", replace(config, options=options), pairs, folder, resume=folder.exists())
    while run.images < images:
        run.step(pairs.batch(run.images))
    return run


def weights(run) -> np.ndarray:
    return np.concatenate([value.detach().numpy().ravel() for value in run.task.G.parameters()])


def test_pairs_are_drawings_of_one_thing_and_of_like_build(pairs, memory):
    concept, a, b, _ = pairs.table.T
    assert len(pairs.table) > 20_000
    for one in (a, b):
        assert all(memory.concept_of(row) == c for row, c in zip(one[:500], concept[:500], strict=True))
    assert (a != b).all()
    assert not set(concept) & set(pairs.held_out[:, 0]), "things for measuring are never trained on"
    batch, again = pairs.batch(640), pairs.batch(640)
    assert torch.equal(batch.source, again.source) and torch.equal(batch.text, again.text)
    assert 0 < LEAST < MOST < 1


def test_the_loss_falls_and_held_out_pairs_come_nearer(pairs, tmp_path):
    run = Run("warp-tiny", replace(TINY, options={"adversarial_every": 0}), pairs, tmp_path / "a", False)
    losses = []
    while run.images < 8_000:
        losses.append(float(run.step(pairs.batch(run.images))["loss_reconstruction"].detach()))
    assert np.mean(losses[-40:]) < np.mean(losses[:40]) - 0.01
    found = run.task.measure()
    assert found["overlap"] > found["overlap_before"] + 0.005


def test_an_adversary_changes_what_is_learnt(pairs, tmp_path):
    alone = trained(pairs, tmp_path / "alone", 640, adversarial_every=0)
    against = trained(pairs, tmp_path / "against", 640, adversarial_every=1)
    assert np.abs(weights(alone) - weights(against)).max() > 1e-4
    assert against.sums["loss_discriminator"] and "loss_discriminator" not in alone.sums


def test_a_resumed_run_goes_on_as_if_it_had_not_stopped(pairs, tmp_path):
    whole = trained(pairs, tmp_path / "whole", 320)
    first = trained(pairs, tmp_path / "parts", 160)
    first.checkpoint()
    second = trained(pairs, tmp_path / "parts", 320)
    assert np.array_equal(weights(whole), weights(second))
    assert {"model.safetensors", "discriminator.safetensors", "config.json", "progress.png"} <= {
        path.name for path in (tmp_path / "parts").iterdir()
    }


def test_a_warp_without_displacement_changes_nothing():
    fields = torch.rand(3, 1, 64, 64) * 2 - 1
    same = apply_warp(fields, torch.zeros(3, 2, GRID, GRID), torch.zeros(3))
    assert torch.allclose(same, fields, atol=1e-5)
    assert torch.allclose(spline_weights(torch.linspace(0, 1, 99)).sum(1), torch.ones(99), atol=1e-5)
    affine = torch.zeros(1, 2, GRID, GRID)
    affine[0, 0] = torch.linspace(-0.1, 0.1, GRID)
    assert float(roughness(affine)) < 1e-10 < float(roughness(torch.randn(1, 2, GRID, GRID)))


def test_networks_begin_as_the_identity_and_read_words():
    generator, critic, encoder = WarpGenerator(), Discriminator(), PairEncoder()
    displacement, weight = generator(*generator.example())
    assert displacement.abs().max() == 0 and weight.abs().max() == 0
    words = torch.nn.functional.normalize(torch.randn(2, 384), dim=1)
    field = torch.randn(1, 1, 64, 64).expand(2, -1, -1, -1)
    scores = critic(field, words)
    assert scores.shape == (2,) and scores[0] != scores[1]
    mute = Discriminator(text=False)(field, words)
    assert torch.allclose(mute[0], mute[1], atol=1e-5)
    assert [part.shape for part in encoder(field, field)] == [(2, 16), (2, 16)]


def test_what_is_no_memory_is_refused(tmp_path):
    for data, options in ((str(tmp_path), {}), ("memory", {"split": "train"}), ("memory", {"revision": "v1"})):
        with pytest.raises(ValueError, match=r"\.$"):
            TASKS["warp"].open_source(TINY, data, **options)
