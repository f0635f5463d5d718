"""The training loop: one screen for the algorithm, around it checkpoints, histories and sample sheets.

    python -m logo_gan train --config layered-64 --data compose --out runs/layered-64 --minutes 60 [--resume]

Progress is counted in images. All randomness of a step follows from the number of images seen before it, so a run that
was stopped and resumed sees the same batches as one that was not. The small artefact for sampling (`model.safetensors`
with `config.json`) lies beside the full state for resuming (`state.pt`).
"""

from __future__ import annotations

import copy
import json
import pickle
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from logo_gan import losses, networks
from logo_gan.data import Batch, batches, open_source, word_ids
from logo_gan.history import History
from logo_gan.networks import composite
from logo_gan.prompt import WordTable

SAMPLE_CAPTIONS = (
    "orange rocket in a navy circle", "blue fish logo", "a white owl on a green hexagon",
    "red heart in a yellow shield",
    "logo for Aurora, coffee shop, brown", "green leaf", "letter M in a purple square", "pink flower on a teal badge",
    "black cat", "yellow sun in a blue diamond", "navy anchor, outline", "two-tone teal mountain",
    "law firm logo", "white rocket on a navy circle", "navy rocket on a white circle", "purple waves",
)  # fmt: skip


@dataclass(frozen=True)
class Config:
    """What a run is. Learning rates are Adam's; `half_life` is of the averaged weights, in images."""

    architecture: str = "layered"
    generator: dict = field(default_factory=dict)
    discriminator: dict = field(default_factory=dict)
    size: int = 64  # pixels of a training image
    batch: int = 64
    images: int = 1_000_000  # the length of the run, over which the learning rate falls
    rate: float = 1.5e-3
    rate_discriminator: float = 4e-4
    betas: tuple[float, float] = (0.9, 0.99)
    betas_discriminator: tuple[float, float] = (0.0, 0.99)
    half_life: int = 20_000
    layers: float = 1.0  # weight of the layers' own loss where a batch brings layers
    form: float = 0.2  # weight of naming the drawn form
    adversarial: float = 0.02  # weight of the adversarial loss of the generator
    adversarial_every: int = 8  # steps between two with the discriminator
    adversarial_from: int = 450_000  # images before which composed logos teach by their layers alone
    penalty: float = 0.05  # gamma of R1 and R2
    penalty_every: int = 4  # adversarial steps between two with penalties (Karras et al. 2020, lazy regularisation)
    word_noise: float = 0.5  # largest standard deviation of the noise on word vectors, drawn anew for each caption
    seed: int = 1
    checkpoint: int = 50_000  # images between checkpoints
    log: int = 4_096  # images between rows of the history


CONFIGS = {
    "layered-64": Config(generator=dict(channels=(96, 128, 96, 64))),
    "tiny": Config(
        generator=dict(channels=(16, 16, 16), condition=64, width=32, field_size=32),
        discriminator=dict(width=8, text=64), size=32, batch=32, images=12_000, half_life=1_000,
        checkpoint=6_000, log=512, adversarial_every=2, adversarial_from=0,
    ),
    "baseline-28": Config("baseline", size=28, batch=32, images=1_500_000, rate=2e-4, rate_discriminator=2e-4,
                          betas=(0.5, 0.999), betas_discriminator=(0.5, 0.999), half_life=0, word_noise=0.0,
                          checkpoint=100_000, log=4_000),
}  # fmt: skip
COLUMNS = ("images", "epoch", "seconds", "loss_generator", "loss_discriminator", "loss_wrong_caption", "loss_fields",
           "loss_masks", "loss_palette", "loss_form", "penalty")  # fmt: skip
PARTS = ("G", "D", "H", "ema", "opt_g", "opt_d")  # of the state to resume from
FORMS = 1024  # rows of the mark bank, and room for more
EPOCH = 100_000  # images called an epoch where a source has no end


def half(device: torch.device) -> torch.autocast:
    """bf16 where the processor has it: on a CPU with AVX-512 BF16 a step takes half the time."""
    fast = device.type == "cuda" or torch.cpu._is_avx512_bf16_supported()
    return torch.autocast(device.type, torch.bfloat16, enabled=fast)


class Layered:
    """One step of the layered generator and its discriminator."""

    def __init__(self, config: Config, device: torch.device, table: WordTable):
        self.c, self.device = config, device
        self.vectors = torch.tensor(table.vectors).to(device)
        self.G = networks.LayeredGenerator(**config.generator).to(device, memory_format=torch.channels_last)
        self.D = networks.LayeredDiscriminator(**config.discriminator).to(device, memory_format=torch.channels_last)
        self.ema = copy.deepcopy(self.G).requires_grad_(False)
        # Names the drawn form from the condition; only training has it (the classifier of Odena et al. 2017, moved
        # to where shapes are chosen). Without it marks stayed one mean blob for the first 100,000 images.
        self.H = nn.Linear(self.G.seed.in_features, FORMS).to(device)
        trained = [*self.G.parameters(), *self.H.parameters()]
        self.opt_g = torch.optim.Adam(trained, config.rate, config.betas, fused=True)
        self.opt_d = torch.optim.Adam(
            self.D.parameters(), config.rate_discriminator, config.betas_discriminator, fused=True
        )

    def read(self, words: Tensor, noise: bool = False) -> tuple[Tensor, Tensor]:
        words = words.to(self.device)
        tokens = self.vectors[words]
        if noise and self.c.word_noise:
            # Neighbours of a word mean much the same; noise teaches that without naming them.
            spread = torch.rand(len(words), 1, 1, device=self.device) * self.c.word_noise
            tokens = tokens + spread * torch.randn_like(tokens)
        return tokens, words > 0

    def step(self, batch: Batch, images: int) -> dict[str, Tensor]:
        c, step, report = self.c, images // self.c.batch, {}
        real, latent = batch.images.to(self.device), batch.latent.to(self.device)
        tokens, mask = self.read(batch.words, noise=True)
        with half(self.device):
            told, w = self.G.condition(tokens, mask, latent)
            fields, palette = self.G.draw(told, w)
        fields, palette = fields.float(), palette.float()

        loss = torch.zeros((), device=self.device)
        if batch.fields is not None:
            target = batch.fields.to(self.device)
            report["loss_fields"] = losses.field_loss(fields, target)
            report["loss_masks"] = losses.mask_loss(fields, target)
            report["loss_palette"] = losses.palette_loss(
                palette, batch.palette.to(self.device), batch.used.to(self.device)
            )
            # Squares of sigmoids are small numbers; the weights bring the three terms to one scale.
            loss = c.layers * (4 * report["loss_fields"] + 8 * report["loss_masks"] + 8 * report["loss_palette"])
            report["loss_form"] = nn.functional.cross_entropy(self.H(w.float()), batch.form.to(self.device))
            loss = loss + c.form * report["loss_form"]

        if batch.fields is None or (images >= c.adversarial_from and step % c.adversarial_every == 0):
            fake = composite(fields, palette, c.size)
            right, wrong = self.read(batch.words), self.read(batch.wrong)
            report |= self._discriminate(real, fake.detach(), right, wrong, step)
            self.D.requires_grad_(False)
            with half(self.device):
                text = self.D.read(*right)
                of_real, of_fake = (
                    self.D.judge(self.D.features(real), text),
                    self.D.judge(self.D.features(fake), text),
                )
            self.D.requires_grad_(True)
            report["loss_generator"] = losses.generator_loss(of_real.float(), of_fake.float())
            loss = loss + (c.adversarial if batch.fields is not None else 1.0) * report["loss_generator"]

        self.opt_g.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.G.parameters(), 1.0)
        self.opt_g.step()
        decay = 0.5 ** (c.batch / max(min(c.half_life, 0.05 * images), 1e-8))  # a short memory while all is new
        with torch.no_grad():
            torch._foreach_lerp_(list(self.ema.parameters()), list(self.G.parameters()), 1 - decay)
        return report

    def _discriminate(self, real: Tensor, fake: Tensor, right, wrong, step: int) -> dict[str, Tensor]:
        c, report = self.c, {}
        with half(self.device):
            text, other = self.D.read(*right), self.D.read(*wrong)
            seen = self.D.features(real)
            of_real, of_wrong = self.D.judge(seen, text), self.D.judge(seen, other)
            of_fake = self.D.judge(self.D.features(fake), text)
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
        self.opt_d.step()
        return report

    @torch.no_grad()
    def sample(self, words: Tensor, latent: Tensor) -> Tensor:
        """Images (B, 3, S, S) in [0, 1] of the averaged generator."""
        fields, palette = self.ema(*self.read(words), latent.to(self.device))
        return composite(fields, palette, self.c.size)


class Baseline:
    """One step of the baseline DCGAN, as it was: no wrong captions, batch normalisation, binary cross-entropy."""

    def __init__(self, config: Config, device: torch.device, table: WordTable):
        self.c, self.device = config, device
        self.vectors = torch.tensor(table.vectors).to(device)
        self.H = nn.Identity()
        self.G = networks.BaselineGenerator(**config.generator).to(device)
        self.D = networks.BaselineDiscriminator(**config.discriminator).to(device)
        self.ema = self.G  # the baseline samples from its last weights
        self.opt_g = torch.optim.Adam(self.G.parameters(), config.rate, config.betas, fused=True)
        self.opt_d = torch.optim.Adam(
            self.D.parameters(), config.rate_discriminator, config.betas_discriminator, fused=True
        )

    def read(self, words: Tensor) -> Tensor:
        known = (words > 0).to(self.device)
        return self.vectors[words.to(self.device)].sum(1) / known.sum(1, keepdim=True).clamp(min=1)

    def step(self, batch: Batch, images: int) -> dict[str, Tensor]:
        real, text = batch.images.to(self.device) * 2 - 1, self.read(batch.words)
        with half(self.device):
            fake = self.G(torch.randn(len(real), self.G.noise, device=self.device), text)
            of_real, of_fake = self.D(real, text), self.D(fake.detach(), text)
        loss_d = losses.baseline_discriminator_loss(of_real, of_fake)
        self.opt_d.zero_grad()
        loss_d.backward()
        self.opt_d.step()
        with half(self.device):
            of_fake = self.D(fake, text)
        loss_g = losses.baseline_generator_loss(of_fake)
        self.opt_g.zero_grad()
        loss_g.backward()
        self.opt_g.step()
        return {"loss_generator": loss_g, "loss_discriminator": loss_d}

    @torch.no_grad()
    def sample(self, words: Tensor, latent: Tensor) -> Tensor:
        noise = torch.randn(len(words), self.G.noise, generator=torch.Generator().manual_seed(0))
        self.G.eval()
        image = self.G(noise.to(self.device), self.read(words))
        self.G.train()
        return image / 2 + 0.5


class Run:
    """A run in a folder: builds or resumes it, steps it, and writes what it leaves behind."""

    def __init__(self, name: str, config: Config, data: str, out: Path, resume: bool):
        self.name, self.config, self.data, self.out = name, config, data, out
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(config.seed)
        self.table = WordTable.load()
        self.task = (Layered if config.architecture == "layered" else Baseline)(config, self.device, self.table)
        self.images, self.seconds = 0, 0.0
        out.mkdir(parents=True, exist_ok=True)
        if resume and (out / "state.pt").is_file():
            try:
                state = torch.load(out / "state.pt", map_location=self.device, weights_only=True)
                for key in PARTS:
                    getattr(self.task, key).load_state_dict(state[key])
                self.images, self.seconds = state["images"], state["seconds"]
            except (RuntimeError, KeyError, ValueError, EOFError, pickle.UnpicklingError) as error:
                raise ValueError(f"{out / 'state.pt'} is damaged, or of another configuration than {name}.") from error
        elif (out / "state.pt").is_file():
            raise ValueError(f"{out} already holds a run: add --resume to go on with it, or choose another folder.")
        self.history = History(out / "history.csv", COLUMNS, self.images)
        self.words = word_ids(list(SAMPLE_CAPTIONS), self.table)
        latent = config.generator.get("latent", 16)
        self.latent = torch.randn(len(SAMPLE_CAPTIONS), latent, generator=torch.Generator().manual_seed(7))

    def step(self, batch: Batch) -> dict[str, Tensor]:
        torch.manual_seed((self.config.seed << 40) + self.images)
        fall = max(1 - self.images / self.config.images, 0.02)
        warm = min(1, (self.images + self.config.batch) / 6_000)
        for group in self.task.opt_g.param_groups:
            group["lr"] = self.config.rate * (1 if self.config.architecture == "baseline" else warm * min(1, 2 * fall))
        report = self.task.step(batch, self.images)
        self.images += len(batch.images)
        return report

    def checkpoint(self) -> None:
        """Write state, weights, configuration and a sample sheet, each under a temporary name first."""
        t = self.task
        state = {k: getattr(t, k).state_dict() for k in PARTS}
        _replace(
            self.out / "state.pt",
            lambda p: torch.save({**state, "images": self.images, "seconds": self.seconds}, p),
        )
        save_weights(
            self.out,
            self.name,
            self.config,
            t.ema,
            {
                "data": self.data,
                "images": self.images,
                "seconds": round(self.seconds),
                "config": asdict(self.config),
            },
        )
        sheet = _sheet(t.sample(self.words, self.latent))
        (self.out / "samples").mkdir(exist_ok=True)
        _replace(self.out / "samples" / f"{self.images:09d}.png", lambda p: sheet.save(p, "png"))


def save_weights(folder: Path, name: str, config: Config, generator: nn.Module, training: dict) -> None:
    """What sampling needs: model.safetensors (half precision) and config.json."""
    from safetensors.torch import save_file

    tensors = {k: v.half().contiguous() if v.is_floating_point() else v for k, v in generator.state_dict().items()}
    _replace(folder / "model.safetensors", lambda p: save_file(tensors, p))
    described = {
        "format": 1, "name": name, "architecture": config.architecture, "generator": config.generator,
        "text_encoder": "bundled", "training": training,
    }  # fmt: skip
    if config.architecture == "layered":
        described["sharpness"] = networks.SHARPNESS
    _replace(folder / "config.json", lambda p: Path(p).write_text(json.dumps(described, indent=1) + "\n"))


def _replace(target: Path, write) -> None:
    part = target.with_name(f".{target.name}.part")
    write(part)
    part.replace(target)


def _sheet(images: Tensor):
    """Images (N, 3, S, S) in one row."""
    from PIL import Image

    pixels = (images.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    size = pixels.shape[1]
    sheet = Image.new("RGB", (len(pixels) * (size + 2), size), "white")
    for i, image in enumerate(pixels):
        sheet.paste(Image.fromarray(image), (i * (size + 2), 0))
    return sheet


def train(
    config: str | Config = "layered-64",
    data: str = "compose",
    split: str | None = None,
    out: str | Path = "runs/layered-64",
    images: int | None = None,
    minutes: float | None = None,
    resume: bool = False,
    workers: int = 1,
) -> Path:
    """Train a generator and return its folder, which `LogoGAN.from_pretrained` can load.

    Stops after `images` images in all or `minutes` of this call, whichever comes first, else at the configuration's
    length. ValueError says what is wrong with the arguments.
    """
    name = config if isinstance(config, str) else config.architecture
    if isinstance(config, str):
        if config not in CONFIGS:
            raise ValueError(f"There is no configuration '{config}'; there are {', '.join(CONFIGS)}.")
        config = CONFIGS[config]
    target = config.images if images is None else images
    # The source comes first: a wrong one must leave no folder behind.
    latent = config.generator.get("latent", 16)
    source = open_source(data, split, config.seed, config.batch, config.size, latent)
    run = Run(name, config, data if split is None else f"{data} {split}", Path(out), resume)
    stream = batches(source, run.images, workers)
    begun, before = time.monotonic(), run.seconds
    sums: dict[str, list[Tensor]] = {}
    while run.images < target and (minutes is None or time.monotonic() - begun < 60 * minutes):
        for key, value in run.step(next(stream)).items():
            sums.setdefault(key, []).append(value.detach())
        run.seconds = before + time.monotonic() - begun
        if run.images % config.log < config.batch:
            means = {k: float(torch.stack(v).mean()) for k, v in sums.items()}
            run.history.add(images=run.images, epoch=run.images / EPOCH, seconds=round(run.seconds), **means)
            _progress(run, target, means)
            sums.clear()
        if run.images % config.checkpoint < config.batch:
            run.checkpoint()
    run.checkpoint()
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return run.out


def _progress(run: Run, target: int, means: dict[str, float]) -> None:
    done = run.images / target
    bar = "#" * int(30 * done)
    text = " ".join(f"{k.removeprefix('loss_')} {v:.3f}" for k, v in means.items())
    line = f"[{bar:<30}] {run.images:,} images, {run.images / max(run.seconds, 1):.0f}/s, {text}"
    print(
        f"\r{line}" if sys.stderr.isatty() else line,
        end="" if sys.stderr.isatty() else "\n",
        file=sys.stderr,
        flush=True,
    )
