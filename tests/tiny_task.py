"""A task that is trained in a second: linear networks that learn the mean colour of random pictures."""

import copy

import torch
from torch import nn

from logo_gan.training import losses
from logo_gan.training.config import Config
from logo_gan.training.data import Batch, share
from logo_gan.training.loop import TASKS
from logo_gan.training.schedule import update_average
from logo_gan.training.task import Task

SIZE = 8
CONFIG = Config(
    "tiny", size=SIZE, batch=32, images=2_048, rate=2e-2, rate_discriminator=2e-3, warm_up=128, fall=0.5,
    half_life=256, checkpoint=1_024, log=128, measure=512, options={"penalty_every": 3},
)  # fmt: skip


class Pictures:
    """Reddish noise."""

    description = "reddish noise"

    def __init__(self, config: Config, part: slice):
        self.config, self.part = config, part

    def batch(self, images: int) -> Batch:
        noise = torch.Generator().manual_seed(1_000_003 * self.config.seed + images)
        pictures = torch.rand(self.config.batch, 3, SIZE, SIZE, generator=noise) * 0.2
        pictures[:, 0] += 0.7
        return Batch(pictures[self.part], torch.zeros(len(pictures[self.part]), 1, dtype=torch.int64))


class Tiny(Task):
    labels = ("one", "two", "three")

    def __init__(self, config, source, processes):
        super().__init__(config, source, processes)
        self.G = nn.Sequential(nn.Linear(4, 3 * SIZE * SIZE), nn.Sigmoid(), nn.Unflatten(1, (3, SIZE, SIZE)))
        self.D = nn.Sequential(nn.Flatten(), nn.Linear(3 * SIZE * SIZE, 16), nn.Tanh(), nn.Linear(16, 1))
        self.G, self.D = self.G.to(self.device), self.D.to(self.device)
        self.ema = copy.deepcopy(self.G).requires_grad_(False)
        self.opt_g = torch.optim.Adam(self.G.parameters(), config.rate, config.betas)
        self.opt_d = torch.optim.Adam(self.D.parameters(), config.rate_discriminator, config.betas_discriminator)

    @staticmethod
    def open_source(config, data, split=None, revision=None, rank=0, world=1):
        if data != "noise":
            raise ValueError(f"There is noise only, and no {data}.")
        return Pictures(config, share(config.batch, rank, world))

    def step(self, batch, images):
        real, report = batch.images.to(self.device), {}
        noise = self.processes.own(torch.randn(self.config.batch, 4, device=self.device))
        loss_d = losses.discriminator_loss(self.D(real)[:, 0], self.D(self.G(noise).detach())[:, 0])
        report["loss_discriminator"] = loss_d
        if images // self.config.batch % self.config.options["penalty_every"] == 0:
            real = real.clone().requires_grad_()
            report["penalty"] = losses.gradient_penalty(self.D(real)[:, 0], real)
            loss_d = loss_d + 0.1 * report["penalty"]
        self._learn(loss_d, self.D, self.opt_d)
        loss_g = losses.generator_loss(self.D(batch.images.to(self.device))[:, 0].detach(), self.D(self.G(noise))[:, 0])
        self._learn(loss_g, self.G, self.opt_g)
        update_average(self.ema, self.G, self.config, images)
        return {**report, "loss_generator": loss_g}

    def _learn(self, loss, network, optimiser):
        optimiser.zero_grad()
        loss.backward()
        self.processes.average(network.parameters())
        optimiser.step()

    @torch.no_grad()
    def samples(self):
        return self.ema(torch.eye(4, device=self.device)[: len(self.labels)])

    def measure(self):
        wanted = torch.tensor([0.8, 0.1, 0.1])
        return {"colour_error": float((self.samples().mean((0, 2, 3)).cpu() - wanted).abs().mean())}

    def networks(self):
        return {"model": self.ema, "judge": self.D}

    def described(self):
        return {"colours": 3}


TASKS["tiny"] = Tiny
