"""One step of training: the layered generator with its discriminator, and the baseline. The algorithm is here.

Each task has the modules `G`, `D`, `H` and `ema`, the optimisers `opt_g` and `opt_d`, `step` and `sample`; checkpoints,
histories and the order of batches are train.py's.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from logo_gan import losses, networks
from logo_gan.configs import Config
from logo_gan.data import Batch
from logo_gan.networks import composite
from logo_gan.processes import Processes
from logo_gan.prompt import WordTable

FORMS = 2048  # rows of the mark bank, and room for more


def half(device: torch.device, wanted: bool = True) -> torch.autocast:
    """bf16 where the processor has it: on a CPU with AVX-512 BF16 a step takes half the time."""
    fast = device.type == "cuda" or torch.cpu._is_avx512_bf16_supported()
    return torch.autocast(device.type, torch.bfloat16, enabled=wanted and fast)


class Layered:
    """One step of the layered generator and its discriminator."""

    def __init__(self, config: Config, table: WordTable, processes: Processes):
        self.c, self.processes, self.device = config, processes, processes.device
        self.mixed = False  # whether logos with known layers and real ones without come in turn
        self.vectors = torch.tensor(table.vectors).to(self.device)
        self.G = networks.LayeredGenerator(**config.generator).to(self.device, memory_format=torch.channels_last)
        self.D = networks.LayeredDiscriminator(**config.discriminator)
        self.D = self.D.to(self.device, memory_format=torch.channels_last)
        self.ema = copy.deepcopy(self.G).requires_grad_(False)
        self.latent = self.G.latent
        # Names the drawn form from the condition; only training has it (the classifier of Odena et al. 2017, moved
        # to where shapes are chosen). Without it marks stayed one mean blob for the first 100,000 images.
        self.H = nn.Linear(self.G.seed.in_features, FORMS).to(self.device)
        self.trained = [*self.G.parameters(), *self.H.parameters()]
        self.opt_g = torch.optim.Adam(self.trained, config.rate, config.betas, fused=True)
        self.opt_d = torch.optim.Adam(
            self.D.parameters(), config.rate_discriminator, config.betas_discriminator, fused=True
        )

    def read(self, words: Tensor, noise: bool = False) -> tuple[Tensor, Tensor]:
        words = words.to(self.device)
        tokens = self.vectors[words]
        if noise and self.c.word_noise:
            # Neighbours of a word mean much the same; noise teaches that without naming them.
            whole = len(words) * self.processes.world
            spread = self.processes.own(torch.rand(whole, 1, 1, device=self.device)) * self.c.word_noise
            tokens = tokens + spread * self.processes.own(torch.randn(whole, *tokens.shape[1:], device=self.device))
        return tokens, words > 0

    def step(self, batch: Batch, images: int) -> dict[str, Tensor]:
        c, step, report = self.c, images // self.c.batch, {}
        real, latent = batch.images.to(self.device), batch.latent.to(self.device)
        tokens, mask = self.read(batch.words, noise=True)
        with half(self.device, c.bf16):
            told, w = self.G.condition(tokens, mask, latent)
            fields, palette = self.G.draw(told, w)
        fields, palette = fields.float(), palette.float()

        loss = torch.zeros((), device=self.device)
        if batch.fields is not None:
            report |= self._compare_layers(fields, palette, batch)
            # The weights bring the three terms to one scale.
            loss = c.layers * (4 * report["loss_fields"] + 8 * report["loss_masks"] + 3 * report["loss_palette"])
            report["loss_form"] = nn.functional.cross_entropy(self.H(w.float()), batch.form.to(self.device))
            loss = loss + c.form * report["loss_form"]

        real_alone = batch.fields is None and not self.mixed
        turn = step % c.adversarial_every == 0 or batch.fields is None
        if not loss.requires_grad and not real_alone and images < c.adversarial_from:
            return report  # a real logo among composed ones has nothing to teach before the adversary begins
        if real_alone or (images >= c.adversarial_from and turn):
            fake = composite(fields, palette, c.size)
            wrong = batch.words.roll(1, 0) if c.wrong == "shuffled" else batch.wrong
            report |= self._discriminate(real, fake.detach(), self.read(batch.words), self.read(wrong), step)
            self.D.requires_grad_(False)
            with half(self.device, c.bf16):
                text = self.D.read(*self.read(batch.words))
                of_real, of_fake = (
                    self.D.judge(self.D.features(real), text),
                    self.D.judge(self.D.features(fake), text),
                )
            self.D.requires_grad_(True)
            report["loss_generator"] = losses.generator_loss(of_real.float(), of_fake.float())
            loss = loss + (1.0 if real_alone else c.adversarial) * report["loss_generator"]

        self.opt_g.zero_grad(set_to_none=True)
        loss.backward()
        self.processes.average(self.trained)
        nn.utils.clip_grad_norm_(self.G.parameters(), 1.0)
        self.opt_g.step()
        decay = 0.5 ** (c.batch / max(min(c.half_life, 0.05 * images), 1e-8))  # a short memory while all is new
        with torch.no_grad():
            torch._foreach_lerp_(list(self.ema.parameters()), list(self.G.parameters()), 1 - decay)
        return report

    def _compare_layers(self, fields: Tensor, palette: Tensor, batch: Batch) -> dict[str, Tensor]:
        own = losses.LAYERS[self.G.layers]
        colours = (0, *(k + 1 for k in own))
        target, used = batch.fields[:, own].to(self.device), batch.used[:, colours].to(self.device)
        if fields.shape[-1] != target.shape[-1]:  # coarser fields answer for what is seen of them
            fields = nn.functional.interpolate(fields, size=target.shape[-2:], mode="bicubic", align_corners=False)
        # A mean over the colours that are used: of two processes the one with more of them counts for more.
        share = used.sum() / self.processes.mean(used.sum().float())
        return {
            "loss_fields": losses.field_loss(fields, target),
            "loss_masks": losses.mask_loss(fields, target),
            "loss_palette": losses.palette_loss(palette, batch.palette[:, colours].to(self.device), used) * share,
        }

    def _discriminate(self, real: Tensor, fake: Tensor, right, wrong, step: int) -> dict[str, Tensor]:
        c, report = self.c, {}
        with half(self.device, c.bf16):
            text, other = self.D.read(*right), self.D.read(*wrong)
            seen = self.D.features(real)
            of_real, of_wrong = self.D.judge(seen, text), self.D.judge(seen, other)
            of_fake = self.D.judge(self.D.features(fake), text)
        if c.wrong == "none":
            loss = losses.generator_loss(of_fake.float(), of_real.float())  # the pairing alone, its sides exchanged
        else:
            loss = losses.discriminator_loss(of_real.float(), of_fake.float(), of_wrong.float())
        report["loss_discriminator"] = loss.detach()
        report["loss_wrong_caption"] = nn.functional.softplus(of_wrong - of_real).float().mean().detach()
        if c.penalty and (step // c.adversarial_every) % c.penalty_every == 0:
            real, fake = real.clone().requires_grad_(), fake.clone().requires_grad_()
            penalty = losses.gradient_penalty(self.D.judge(self.D.features(real), text.float()), real)
            penalty = penalty + losses.gradient_penalty(self.D.judge(self.D.features(fake), text.float()), fake)
            report["penalty"] = penalty.detach()
            loss = loss + c.penalty * c.penalty_every * penalty
        self.opt_d.zero_grad(set_to_none=True)
        loss.backward()
        self.processes.average(self.D.parameters())
        self.opt_d.step()
        return report

    @torch.no_grad()
    def sample(self, words: Tensor, latent: Tensor, size: int | None = None) -> Tensor:
        """Word ids (B, T) and latents (B, latent) → images (B, 3, S, S) in [0, 1] of the averaged generator."""
        fields, palette = self.ema(*self.read(words), latent.to(self.device))
        return composite(fields, palette, size or self.c.size)


class Baseline:
    """One step of the baseline DCGAN, as it was: no wrong captions, batch normalisation, binary cross-entropy.

    In several processes each normalises by its own share of a batch, so their number changes the result.
    """

    def __init__(self, config: Config, table: WordTable, processes: Processes):
        self.c, self.processes, self.device = config, processes, processes.device
        self.vectors = torch.tensor(table.vectors).to(self.device)
        self.H = nn.Identity()
        self.G = networks.BaselineGenerator(**config.generator).to(self.device)
        self.D = networks.BaselineDiscriminator(**config.discriminator).to(self.device)
        self.ema = self.G  # the baseline samples from its last weights
        self.latent = self.G.noise
        self.opt_g = torch.optim.Adam(self.G.parameters(), config.rate, config.betas, fused=True)
        self.opt_d = torch.optim.Adam(
            self.D.parameters(), config.rate_discriminator, config.betas_discriminator, fused=True
        )

    def read(self, words: Tensor) -> Tensor:
        known = (words > 0).to(self.device)
        return self.vectors[words.to(self.device)].sum(1) / known.sum(1, keepdim=True).clamp(min=1)

    def step(self, batch: Batch, images: int) -> dict[str, Tensor]:
        real, text = batch.images.to(self.device) * 2 - 1, self.read(batch.words)
        noise = self.processes.own(torch.randn(len(real) * self.processes.world, self.G.noise, device=self.device))
        with half(self.device, self.c.bf16):
            fake = self.G(noise, text)
            of_real, of_fake = self.D(real, text), self.D(fake.detach(), text)
        loss_d = losses.baseline_discriminator_loss(of_real, of_fake)
        self.opt_d.zero_grad()
        loss_d.backward()
        self.processes.average(self.D.parameters())
        self.opt_d.step()
        with half(self.device, self.c.bf16):
            of_fake = self.D(fake, text)
        loss_g = losses.baseline_generator_loss(of_fake)
        self.opt_g.zero_grad()
        loss_g.backward()
        self.processes.average(self.G.parameters())
        self.opt_g.step()
        return {"loss_generator": loss_g, "loss_discriminator": loss_d}

    @torch.no_grad()
    def sample(self, words: Tensor, latent: Tensor, size: int | None = None) -> Tensor:
        """Word ids (B, T) and noise (B, 100) → images (B, 3, 28, 28) in [0, 1]: it knows no other size."""
        self.G.eval()
        image = self.G(latent.to(self.device), self.read(words))
        self.G.train()
        return image / 2 + 0.5


TASKS = {"layered": Layered, "baseline": Baseline}
