"""The baseline's step: a conditional DCGAN as it was, with its faults."""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor
from torch.nn import functional as F

from logo_gan.evaluation import distances
from logo_gan.model.baseline import BaselineDiscriminator, BaselineGenerator
from logo_gan.text.word_vectors import WordTable
from logo_gan.training import losses
from logo_gan.training.config import Config
from logo_gan.training.data import Batch, Source, open_logos, word_ids
from logo_gan.training.distributed import Processes
from logo_gan.training.task import Task, half_precision

SAMPLE_CAPTIONS = (
    "orange rocket in a navy circle", "blue fish logo", "a white owl on a green hexagon",
    "red heart in a yellow shield",
    "logo for Aurora, coffee shop, brown", "green leaf", "letter M in a purple square", "pink flower on a teal badge",
    "black cat", "yellow sun in a blue diamond", "navy anchor, outline", "two-tone teal mountain",
    "law firm logo", "white rocket on a navy circle", "navy rocket on a white circle", "purple waves",
)  # fmt: skip
COARSE = 7  # pixels of a side of what the tracked distance compares
MEASURED = 1536  # logos that are measured, and as many of the data
CHUNK = 256  # drawn at once


class Baseline(Task):
    """One step of the DCGAN: no wrong captions, batch normalisation, binary cross-entropy.

    In several processes each normalises by its own share of a batch, so their number changes the result.
    """

    labels = SAMPLE_CAPTIONS

    def __init__(self, config: Config, source: Source, processes: Processes):
        super().__init__(config, source, processes)
        self.table = WordTable.load()
        self.vectors = torch.tensor(self.table.vectors).to(self.device)
        self.G = BaselineGenerator(**config.generator).to(self.device)
        self.D = BaselineDiscriminator(**config.discriminator).to(self.device)
        self.ema = self.G  # the baseline samples from its last weights
        self.opt_g = torch.optim.Adam(self.G.parameters(), config.rate, config.betas, fused=True)
        self.opt_d = torch.optim.Adam(
            self.D.parameters(), config.rate_discriminator, config.betas_discriminator, fused=True
        )
        self.latent = torch.randn(len(self.labels), self.G.noise, generator=torch.Generator().manual_seed(7))

    @staticmethod
    def open_source(
        config: Config, data: str, split: str | None = None, revision: str | None = None, rank: int = 0, world: int = 1
    ) -> Source:
        """Composed or real logos; see `data.open_logos`."""
        return open_logos(
            data, split, config.seed, config.batch, config.size, revision=revision, rank=rank, world=world
        )

    def read(self, words: Tensor) -> Tensor:
        """Word ids (B, T) → the mean of their vectors (B, 300)."""
        known = (words > 0).to(self.device)
        return self.vectors[words.to(self.device)].sum(1) / known.sum(1, keepdim=True).clamp(min=1)

    def step(self, batch: Batch, images: int) -> dict[str, Tensor]:
        real, text = batch.images.to(self.device) * 2 - 1, self.read(batch.words)
        noise = torch.randn(len(real) * self.processes.world, self.G.noise, device=self.device)
        with half_precision(self.device, self.config.bf16):
            fake = self.G(self.processes.own(noise), text)
            of_real, of_fake = self.D(real, text), self.D(fake.detach(), text)
        loss_d = losses.baseline_discriminator_loss(of_real, of_fake)
        self.opt_d.zero_grad()
        loss_d.backward()
        self.processes.average(self.D.parameters())
        self.opt_d.step()
        with half_precision(self.device, self.config.bf16):
            of_fake = self.D(fake, text)
        loss_g = losses.baseline_generator_loss(of_fake)
        self.opt_g.zero_grad()
        loss_g.backward()
        self.processes.average(self.G.parameters())
        self.opt_g.step()
        return {"loss_generator": loss_g, "loss_discriminator": loss_d}

    @torch.no_grad()
    def draw(self, words: Tensor, latent: Tensor) -> Tensor:
        """Word ids (B, T) and noise (B, 100) → images (B, 3, 28, 28) in [0, 1]."""
        self.G.eval()
        image = self.G(latent.to(self.device), self.read(words))
        self.G.train()
        return image / 2 + 0.5

    def samples(self) -> Tensor:
        return self.draw(word_ids(list(self.labels), self.table), self.latent)

    @cached_property
    def reference(self) -> tuple[Tensor, Tensor]:
        """The first logos of the data as coarse pixels (N, 147), and their captions' word ids."""
        starts = range(0, MEASURED * self.processes.world, self.config.batch)
        batches = [self.source.batch(images) for images in starts]
        return torch.cat([_coarse(b.images) for b in batches]), torch.cat([b.words for b in batches])

    def measure(self) -> dict[str, float]:
        """The Fréchet distance to the data in coarse pixels (7 × 7): no network is needed to follow a run by it."""
        real, words = self.reference
        latent = torch.randn(len(words), self.G.noise, generator=torch.Generator().manual_seed(8))
        parts = zip(words.split(CHUNK), latent.split(CHUNK), strict=True)
        drawn = torch.cat([_coarse(self.draw(*part)) for part in parts])
        return {"frechet_distance_pixels": distances.frechet(drawn, real)}

    def described(self) -> dict[str, str]:
        return {"text_encoder": "bundled"}


def _coarse(images: Tensor) -> Tensor:
    return F.interpolate(images.cpu(), COARSE, mode="area").flatten(1)
