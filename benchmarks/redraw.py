"""The other way from remembered drawings to new ones, tried for benchmarks.generators: fields redrawn, curves fitted.

The generator gets the linear blend of two near codes, words and noise, and adds what is missing to make it a drawing
(instance-conditioned; Casanova et al. 2021). Where both codes are one drawing's, it has to give that drawing back;
where they are two drawings' of one thing, a discriminator judges the result, and its code must stay that of the blend.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from logo_gan.marks.memory import Memory
from logo_gan.model.networks import TEXT, Block, Discriminator, centres
from logo_gan.training import losses
from logo_gan.training.pairs import Pairs

KEPT = 192  # strongest values of a code that the generator gets: what is beyond, it has to draw
BATCH, RATE = 64, 1e-3
RECONSTRUCTION, ADVERSARIAL, CONSISTENCY = 20.0, 0.1, 10.0
EVERY, PENALTY, PENALTY_EVERY = 2, 0.5, 4
LATENT = 16


class RedrawGenerator(nn.Module):
    """Blended fields (B, 1, 64, 64), text (B, 384), latent (B, 16) → fields (B, 1, 64, 64) in [-1, 1]."""

    def __init__(self, channels: tuple[int, int, int] = (24, 64, 96), blocks: int = 2, condition: int = 128):
        super().__init__()
        a, b, c = channels
        self.words = nn.Linear(TEXT, 64)
        self.condition = nn.Sequential(nn.Linear(64 + LATENT, condition), nn.LeakyReLU(0.2))
        self.stem, self.down = nn.Conv2d(3, a, 5, 2, 2), nn.Conv2d(a, b, 3, 2, 1)
        self.fine = nn.ModuleList(Block(b, condition) for _ in range(blocks))
        self.deeper, self.up = nn.Conv2d(b, c, 3, 2, 1), nn.Conv2d(c, b, 3, padding=1)
        self.coarse = nn.ModuleList(Block(c, condition) for _ in range(blocks))
        self.last = Block(b, condition)
        self.paint = nn.Conv2d(b, 16, 3, padding=1)
        self.shuffle = nn.PixelShuffle(4)

    def forward(self, blend: Tensor, text: Tensor, latent: Tensor) -> Tensor:
        condition = self.condition(torch.cat((self.words(text * TEXT**0.5), latent), dim=1))
        across = (centres(blend.shape[-1]).to(blend) * 2 - 1).expand_as(blend)
        x = self.down(F.leaky_relu(self.stem(torch.cat((blend, across, across.mT), dim=1)), 0.2))
        for block in self.fine:
            x = block(x, condition)
        y = self.deeper(F.leaky_relu(x, 0.2))
        for block in self.coarse:
            y = block(y, condition)
        x = x + F.interpolate(self.up(F.leaky_relu(y, 0.2)), scale_factor=2.0, mode="bilinear", align_corners=False)
        x = self.last(x, condition)
        return (blend + self.shuffle(self.paint(F.leaky_relu(x, 0.2)))).clamp(-1, 1)


def blended(memory: Memory, a: Tensor, b: Tensor, share: Tensor) -> Tensor:
    """Fields (B, 1, 64, 64) of the mixtures of what the strongest values of two drawings' codes give."""
    basis, mean = torch.from_numpy(memory.codec.basis[:KEPT]), torch.from_numpy(memory.codec.mean)
    mixed = a * (1 - share)[:, None, None, None] + b * share[:, None, None, None]
    return ((mixed.flatten(1) - mean) @ basis.T @ basis + mean).view_as(a).clamp(-1, 1)


def train(images: int, seed: int) -> RedrawGenerator:
    """A redrawing generator after so many pairs."""
    torch.manual_seed(seed)
    pairs = Pairs(None, seed, BATCH)
    memory = pairs.memory
    basis, mean = torch.from_numpy(memory.codec.basis[:64]), torch.from_numpy(memory.codec.mean)
    generator, critic = RedrawGenerator(), Discriminator()
    opt_g = torch.optim.Adam(generator.parameters(), RATE, (0.0, 0.99))
    opt_d = torch.optim.Adam(critic.parameters(), RATE / 2, (0.0, 0.99))
    for step in range(images // BATCH):
        for group in opt_g.param_groups:
            group["lr"] = RATE * min(1, (step + 1) / 25, 2 - 2 * step * BATCH / images)
        batch = pairs.batch(step * BATCH)
        source, target, text, wrong = batch.source, batch.target, batch.text, batch.wrong
        noise = torch.randn(2, len(source), LATENT)
        again = generator(blended(memory, source, source, torch.zeros(len(source))), text, noise[0])
        loss = RECONSTRUCTION * (again - source).square().mean()
        if step % EVERY == 0:
            blend = blended(memory, source, target, 0.3 + 0.4 * torch.rand(len(source)))
            fake = generator(blend, text, noise[1])
            _discriminate(critic, opt_d, target, fake.detach(), text, wrong, step // EVERY)
            critic.requires_grad_(False)
            adversarial = losses.generator_loss(critic(target, text), critic(fake, text))
            critic.requires_grad_(True)
            apart = ((fake - blend).flatten(1) @ basis.T).square().mean() / mean.numel()
            loss = loss + ADVERSARIAL * adversarial + CONSISTENCY * apart
        opt_g.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(generator.parameters(), 1.0)
        opt_g.step()
    return generator.eval().requires_grad_(False)


def _discriminate(critic, optimizer, real: Tensor, fake: Tensor, text: Tensor, wrong: Tensor, step: int) -> None:
    seen = critic.features(real)
    loss = losses.discriminator_loss(critic.judge(seen, text), critic(fake, text), critic.judge(seen, wrong))
    if step % PENALTY_EVERY == 0:
        real, fake = real.clone().requires_grad_(), fake.clone().requires_grad_()
        penalty = losses.gradient_penalty(critic(real, text), real) + losses.gradient_penalty(critic(fake, text), fake)
        loss = loss + PENALTY * PENALTY_EVERY * penalty
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


@torch.inference_mode()
def drawn(memory: Memory, generator: RedrawGenerator, rows: list[int], partners: list[int]) -> np.ndarray:
    """Fields (N, 64, 64) half-way between drawings and their partners."""
    a, b = (torch.from_numpy(memory.fields(each))[:, None] for each in (rows, partners))
    text = torch.from_numpy(np.stack([memory.vector_of(memory.concept_of(row)) for row in rows]))
    latent = torch.randn(len(rows), LATENT, generator=torch.Generator().manual_seed(50))
    return generator(blended(memory, a, b, torch.full((len(rows),), 0.5)), text, latent)[:, 0].numpy()
