"""Shapes, ranges and gradients of the networks, and the painting of layers."""

import pytest
import torch

from logo_gan.networks import (
    BaselineDiscriminator,
    BaselineGenerator,
    LayeredDiscriminator,
    LayeredGenerator,
    composite,
    quantile_features,
)

SMALL = dict(channels=(16, 16, 16, 16), condition=64, width=32)


def prompts(n=3, words=24, seed=0):
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randn(n, words, 300, generator=generator)
    mask = torch.arange(words) < torch.randint(2, words, (n, 1), generator=generator)
    return tokens * mask[..., None], mask, torch.randn(n, 16, generator=generator)


@pytest.mark.parametrize(("layers", "size"), [(4, 64), (3, 32)])
def test_layered_generator_gives_fields_and_a_palette(layers, size):
    fields, palette = LayeredGenerator(layers=layers, field_size=size, **SMALL)(*prompts())
    assert fields.shape == (3, layers, size, size)
    assert palette.shape == (3, layers + 1, 3)
    assert palette.min() >= 0 and palette.max() <= 1
    assert fields.abs().max() <= 1.5


def test_every_parameter_of_both_players_is_reached():
    generator, discriminator = LayeredGenerator(**SMALL), LayeredDiscriminator(width=8, text=64)
    tokens, mask, latent = prompts()
    score = discriminator(composite(*generator(tokens, mask, latent), 64), tokens, mask)
    assert score.shape == (3,)
    score.sum().backward()
    for module in (generator, discriminator):
        silent = [name for name, p in module.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
        # The attention is softmax over few words: a bias that shifts all of them alike cannot matter.
        assert [n for n in silent if not n.endswith(("weigh.bias", "in_proj_bias"))] == []


def test_words_behind_the_mask_change_nothing_and_order_does():
    generator = LayeredGenerator(**SMALL).eval()
    tokens, mask, latent = prompts()
    reference = generator(tokens, mask, latent)[0]
    noise = torch.randn_like(tokens) * ~mask[..., None]
    assert torch.allclose(reference, generator(tokens + noise, mask, latent)[0], atol=1e-5)
    swapped = tokens.clone()
    swapped[:, [0, 1]] = tokens[:, [1, 0]]
    assert (reference - generator(swapped, mask, latent)[0]).abs().max() > 1e-4


def test_a_prompt_without_words_is_drawn_without_nan():
    tokens, mask, latent = prompts()
    mask[:] = False
    fields, palette = LayeredGenerator(**SMALL)(tokens, mask, latent)
    assert fields.isfinite().all() and palette.isfinite().all()


def test_generator_does_not_depend_on_its_neighbours_in_the_batch():
    generator = LayeredGenerator(**SMALL).eval()
    tokens, mask, latent = prompts(4)
    together = generator(tokens, mask, latent)[0]
    alone = torch.cat([generator(tokens[i : i + 1], mask[i : i + 1], latent[i : i + 1])[0] for i in range(4)])
    assert torch.allclose(together, alone, atol=1e-5)


def test_composite_paints_by_the_formula():
    fields = torch.tensor([[[[3.0, -3.0], [0.0, -3.0]]]])
    palette = torch.tensor([[[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]]])
    image = composite(fields, palette, 2, sharpness=64)  # at 2 px the slope is 64 · 2 / 64
    a = torch.sigmoid(torch.tensor(0.0))
    assert torch.allclose(image[0, :, 0, 0], torch.tensor([1.0, 0.0, 0.0]), atol=0.01)
    assert torch.allclose(image[0, :, 0, 1], torch.ones(3), atol=0.01)
    assert torch.allclose(image[0, :, 1, 0], torch.tensor([1.0, 1 - a, 1 - a]), atol=1e-6)


def test_later_layers_lie_on_top():
    fields = torch.full((1, 2, 8, 8), 1.0)
    palette = torch.tensor([[[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]])
    assert torch.allclose(composite(fields, palette, 8, 1000.0)[0, :, 4, 4], torch.tensor([0.0, 0.0, 1.0]), atol=1e-4)


def test_edges_are_as_sharp_in_a_large_picture():
    axis = (torch.arange(64) + 0.5) / 64 * 2 - 1
    disc = ((0.6 - torch.hypot(axis[None], axis[:, None])) * 8).clamp(-1, 1)[None, None]
    palette = torch.tensor([[[1.0] * 3, [0.0] * 3]])
    soft = [((i := composite(disc, palette, s)) > 0.1).logical_and(i < 0.9).float().mean() * s for s in (64, 256, 512)]
    assert max(soft) / min(soft) < 1.6, "the width of the edge in pixels should not grow with the size"


def test_quantile_features_are_hats():
    latent = torch.tensor([[0.0, -9.0, 9.0]])
    features = quantile_features(latent, steps=4)
    assert features.shape == (1, 3 * 6)
    hats = features[0, 3:].view(3, 5)
    assert torch.allclose(hats.sum(1), torch.ones(3), atol=1e-5)
    assert hats.argmax(1).tolist() == [2, 0, 4]


def test_baseline_is_the_one_described():
    generator, discriminator = BaselineGenerator(), BaselineDiscriminator()
    image = generator(torch.randn(5, 100), torch.randn(5, 300))
    assert image.shape == (5, 3, 28, 28) and image.abs().max() <= 1
    steps = generator.body[0](torch.randn(2, 400, 1, 1))
    assert steps.shape[2:] == (7, 7) and generator.body[3](steps).shape[2:] == (14, 14)
    verdict = discriminator(image, torch.randn(5, 300))
    assert verdict.shape == (5,) and (verdict >= 0).all() and (verdict <= 1).all()
