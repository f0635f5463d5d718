"""The warp's step: to turn a drawing into another of the same thing, and to make new ones that a critic believes.

A pair encoder says how two drawings differ, and the generator, told so by the latent, has to bring one to the other
(a conditional variational autoencoder; Zhu et al., "Toward Multimodal Image-to-Image Translation", 2017). With a latent
that nobody has encoded, the discriminator keeps the result plausible: the relativistic pairing with R1 and R2 (Huang et
al., "The GAN is dead; long live the GAN!", 2024), and wrong words as a second kind of fake (Reed et al. 2016).
"""

from __future__ import annotations

import copy
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from logo_gan.evaluation.distances import frechet
from logo_gan.marks.distance import overlap
from logo_gan.model.networks import Discriminator, PairEncoder, WarpGenerator, apply_warp, roughness
from logo_gan.training import losses
from logo_gan.training.config import Config
from logo_gan.training.data import MEMORY
from logo_gan.training.distributed import Processes
from logo_gan.training.pairs import PairBatch, Pairs
from logo_gan.training.schedule import update_average
from logo_gan.training.task import Task

SAMPLED = ("wolf", "rocket", "tree", "owl", "bicycle", "scissors", "anchor", "crown", "fish", "coffee cup", "butterfly",
           "house", "flower", "key", "horse", "mountain")  # fmt: skip
STEEP = 4.0  # slope of the soft masks that overlaps are learnt on
MEASURED = 512  # pairs
COMPONENTS = 48  # of the codec's, that the Fréchet distance looks at


class Warp(Task):
    """Generator, pair encoder and discriminator over pairs of drawings.

    Options of the configuration: `reconstruction`, `divergence`, `smooth`, `adversarial`: weights of the losses;
    `adversarial_every`: steps between two with the discriminator, 0 for none; `penalty`, `penalty_every`: gamma of R1
    and R2, and adversarial steps between two with them; `wrong_words`: whether the discriminator is shown wrong words.
    """

    parts = ("G", "D", "E", "ema", "opt_g", "opt_d")
    labels = SAMPLED

    def __init__(self, config: Config, source: Pairs, processes: Processes):
        super().__init__(config, source, processes)
        self.options: dict[str, Any] = OPTIONS | config.options
        self.G = WarpGenerator(**config.generator).to(self.device)
        self.E = PairEncoder(self.G.latent).to(self.device)
        self.D = Discriminator(**config.discriminator).to(self.device)
        self.ema = copy.deepcopy(self.G).requires_grad_(False)
        self.trained = [*self.G.parameters(), *self.E.parameters()]
        self.opt_g = torch.optim.Adam(self.trained, config.rate, config.betas)
        self.opt_d = torch.optim.Adam(self.D.parameters(), config.rate_discriminator, config.betas_discriminator)

    @staticmethod
    def open_source(
        config: Config, data: str, split: str | None = None, revision: str | None = None, rank: int = 0, world: int = 1
    ) -> Pairs:
        if split or revision:
            raise ValueError("A memory has no splits and no revisions: leave --split and --revision out.")
        if data != MEMORY and not (Path(data) / "config.json").is_file():
            raise ValueError(f"The warp learns from a memory: --data memory, or the folder of one, not {data[:100]!r}.")
        return Pairs(None if data == MEMORY else Path(data), config.seed, config.batch, rank, world)

    def step(self, batch: PairBatch, images: int) -> dict[str, Tensor]:
        o, count = self.options, images // self.config.batch
        source, target, text, wrong = (
            each.to(self.device) for each in (batch.source, batch.target, batch.text, batch.wrong)
        )
        mean, spread = self.E(source, target)
        noise = self._noise(len(source))
        latent = mean + noise * (spread / 2).exp()
        displacement, weight = self.G(source, text, latent)
        redrawn = apply_warp(source, displacement, weight)
        reconstruction = (redrawn - target).square().mean() + 1 - _soft_overlap(redrawn, target).mean()
        divergence = 0.5 * (mean.square() + spread.exp() - 1 - spread).sum(1).mean()
        rough = roughness(displacement).mean()
        loss = o["reconstruction"] * reconstruction + o["divergence"] * divergence + o["smooth"] * rough
        report = {"loss_reconstruction": reconstruction, "divergence": divergence, "roughness": rough}
        if o["adversarial_every"] and count % o["adversarial_every"] == 0:
            bend, heavy = self.G(source, text, self._noise(len(source)))
            fake = apply_warp(source, bend, heavy)
            real = _resampled(target, self._noise(len(source))[:, :6])
            report |= self._discriminate(real, fake.detach(), text, wrong, count // o["adversarial_every"])
            self.D.requires_grad_(False)
            of_fake, of_real = self.D(fake, text), self.D(real, text)
            self.D.requires_grad_(True)
            report["loss_generator"] = losses.generator_loss(of_real, of_fake)
            loss = loss + o["adversarial"] * report["loss_generator"] + o["smooth"] * roughness(bend).mean()
        self.opt_g.zero_grad(set_to_none=True)
        loss.backward()
        self.processes.average(self.trained)
        nn.utils.clip_grad_norm_(self.trained, 1.0)
        self.opt_g.step()
        update_average(self.ema, self.G, self.config, images + self.config.batch)
        return report

    def _discriminate(self, real: Tensor, fake: Tensor, text: Tensor, wrong: Tensor, step: int) -> dict[str, Tensor]:
        o = self.options
        seen = self.D.features(real)
        of_real, of_wrong = self.D.judge(seen, text), self.D.judge(seen, wrong)
        of_fake = self.D(fake, text)
        loss = losses.discriminator_loss(of_real, of_fake, of_wrong if self.D.text and o["wrong_words"] else None)
        report = {"loss_discriminator": loss.detach(), "real_above_fake": (of_real > of_fake).float().mean()}
        if self.D.text:
            report["loss_wrong_caption"] = F.softplus(of_wrong - of_real).mean().detach()
        if o["penalty"] and step % o["penalty_every"] == 0:
            real, fake = real.clone().requires_grad_(), fake.clone().requires_grad_()
            penalty = losses.gradient_penalty(self.D(real, text), real)
            penalty = penalty + losses.gradient_penalty(self.D(fake, text), fake)
            report["penalty"] = penalty.detach()
            loss = loss + o["penalty"] * o["penalty_every"] * penalty
        self.opt_d.zero_grad(set_to_none=True)
        loss.backward()
        self.processes.average(self.D.parameters())
        self.opt_d.step()
        return report

    def _noise(self, count: int) -> Tensor:
        whole = torch.randn(count * self.processes.world, self.G.latent, device=self.device)
        return self.processes.own(whole)

    @cached_property
    def _sampled(self) -> tuple[Tensor, Tensor, Tensor]:
        memory = self.source.memory
        wanted = [memory.exact(name) for name in SAMPLED]
        wanted = [i if c is None else c for i, c in enumerate(wanted)]
        rows = [int(memory.drawings(c, None)[0]) for c in wanted]
        latent = torch.randn(len(rows), self.G.latent, generator=torch.Generator().manual_seed(7))
        text = torch.from_numpy(np.stack([memory.vector_of(c) for c in wanted]))
        return torch.from_numpy(memory.fields(rows))[:, None], text, latent

    @torch.no_grad()
    def samples(self) -> Tensor:
        fields, text, latent = (each.to(self.device) for each in self._sampled)
        drawn = apply_warp(fields, *self.ema(fields, text, latent))
        return 1 - (drawn * 3 + 0.5).clamp(0, 1).expand(-1, 3, -1, -1)

    @cached_property
    def _measured(self) -> PairBatch:
        return self.source.measured(MEASURED)

    @torch.no_grad()
    def measure(self) -> dict[str, float]:
        """Of things that are never trained on.

        `overlap`: of drawings with their partners after the warp that the pair encoder asks for, beside
        `overlap_before`; `overlap_source`: of drawings with themselves warped by noise, lower is more novel;
        `frechet_distance`: between such warped drawings and the partners, in the codec's strongest components;
        `words_right`: share of partners for which the discriminator prefers their own words to wrong ones.
        """
        batch, codec = self._measured, self.source.memory.codec
        latent = torch.randn(len(batch.source), self.G.latent, generator=torch.Generator().manual_seed(3))
        source, target, text = (each.to(self.device) for each in (batch.source, batch.target, batch.text))
        mean, _ = self.E(source, target)
        near = apply_warp(source, *self.ema(source, text, mean))
        new = apply_warp(source, *self.ema(source, text, latent.to(self.device)))
        seen = self.D.features(target)
        right = self.D.judge(seen, text) > self.D.judge(seen, batch.wrong.to(self.device))
        source, target, near, new = (each[:, 0].cpu().numpy() for each in (source, target, near, new))

        def strongest(fields: np.ndarray) -> Tensor:
            return torch.from_numpy((fields.reshape(len(fields), -1) - codec.mean) @ codec.basis[:COMPONENTS].T)

        return {
            "overlap": float(overlap(near, target).mean()), "overlap_before": float(overlap(source, target).mean()),
            "overlap_source": float(overlap(new, source).mean()),
            "frechet_distance": float(frechet(strongest(new), strongest(target))),
            "words_right": float(right.float().mean()),
        }  # fmt: skip

    def networks(self) -> dict[str, nn.Module]:
        return {"model": self.ema, "discriminator": self.D}

    def described(self) -> dict[str, Any]:
        return {"text_encoder": "all-minilm-l6-v2", "discriminator": self.config.discriminator}


OPTIONS = {
    "reconstruction": 4.0, "divergence": 0.02, "smooth": 0.02, "adversarial": 0.1, "adversarial_every": 2,
    "penalty": 0.5, "penalty_every": 4, "wrong_words": True,
}  # fmt: skip


def _soft_overlap(a: Tensor, b: Tensor) -> Tensor:
    p, q = torch.sigmoid(STEEP * a), torch.sigmoid(STEEP * b)
    return torch.minimum(p, q).sum((1, 2, 3)) / torch.maximum(p, q).sum((1, 2, 3)).clamp(min=1)


def _resampled(fields: Tensor, noise: Tensor) -> Tensor:
    """Fields moved, turned and stretched by a hair: generated ones are resampled, which must not give them away."""
    theta = torch.eye(2, 3, device=fields.device) + 0.02 * noise.view(-1, 2, 3)
    grid = F.affine_grid(theta, list(fields.shape), align_corners=False)
    return F.grid_sample(fields + 1, grid, padding_mode="zeros", align_corners=False) - 1
