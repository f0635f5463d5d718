"""A training run: the loop, and around it checkpoints, a history and sample sheets. A step is in steps.py.

    python -m logo_gan train --config layered-64 --data compose --out runs/layered-64 --minutes 60 [--resume]

Progress is counted in images. All randomness of a step follows from the number of images seen before it, so a run that
was stopped and resumed sees the same batches as one that was not. The small artefact for sampling (`model.safetensors`
with `config.json`) lies beside the full state for resuming (`state.pt`).
"""

from __future__ import annotations

import json
import pickle
import sys
import time
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor, nn

from logo_gan import networks, progress
from logo_gan.configs import CONFIGS, Config
from logo_gan.data import Batch, batches, open_source, word_ids
from logo_gan.history import COLUMNS, EPOCH, History
from logo_gan.processes import Processes
from logo_gan.progress import SAMPLE_CAPTIONS
from logo_gan.prompt import WordTable
from logo_gan.steps import TASKS

PARTS = ("G", "D", "H", "ema", "opt_g", "opt_d")  # of the state to resume from
MEASURINGS = 15  # points of a run at which its generator is measured


class Run:
    """A run in a folder: builds or resumes it, steps it, and writes what it leaves behind.

    With several processes each has a Run with the same weights; the first one's writes the files.
    """

    def __init__(
        self, name: str, config: Config, data: str, out: Path, resume: bool, processes: Processes | None = None,
        target: int | None = None,
    ):  # fmt: skip
        self.name, self.config, self.data, self.out = name, config, data, out
        self.processes = processes or Processes()
        torch.manual_seed(config.seed)
        self.table = WordTable.load()
        self.task = TASKS[config.architecture](config, self.table, self.processes)
        self.images, self.seconds = 0, 0.0
        self.sums: dict[str, list[Tensor]] = {}  # of the losses since the last row
        self.measuring = (target or config.images) // MEASURINGS if config.measure is None else config.measure
        self.measured = self.saved = -1  # images seen when that was last done
        self.measurable = True
        out.mkdir(parents=True, exist_ok=True)
        if resume and (out / "state.pt").is_file():
            try:
                state = torch.load(out / "state.pt", map_location=self.processes.device, weights_only=True)
                for key in PARTS:
                    getattr(self.task, key).load_state_dict(state[key])
                self.images, self.seconds = state["images"], state["seconds"]
                described = out / "config.json"  # written after the state: a kill between the two leaves none
                before = json.loads(described.read_text())["training"]["data"] if described.is_file() else data
            except (OSError, RuntimeError, KeyError, ValueError, EOFError, pickle.UnpicklingError) as error:
                raise ValueError(f"{out / 'state.pt'} is damaged, or of another configuration than {name}.") from error
            self.saved = self.images
            if before != data and not before.endswith(f", then {data}"):
                self.data = f"{before}, then {data}"  # what was seen stays seen
            elif before != data:
                self.data = before
        elif (out / "state.pt").is_file():
            raise ValueError(f"{out} already holds a run: add --resume to go on with it, or choose another folder.")
        seen = torch.tensor(self.images, dtype=torch.float64, device=self.processes.device)
        if self.processes.any(bool(self.processes.mean(seen) != seen)):
            raise ValueError(f"The processes do not all see the same {out / 'state.pt'}: it must be on a shared disk.")
        if self.processes.first:
            self.history = History(out / "history.csv", COLUMNS, self.images)
        self.words = word_ids(list(SAMPLE_CAPTIONS), self.table)
        self.latent = torch.randn(len(SAMPLE_CAPTIONS), self.task.latent, generator=torch.Generator().manual_seed(7))

    def step(self, batch: Batch) -> dict[str, Tensor]:
        torch.manual_seed((self.config.seed << 40) + self.images)
        fall = max(1 - self.images / self.config.images, 0.02)
        warm = min(1, (self.images + self.config.batch) / 6_000)
        for group in self.task.opt_g.param_groups:
            group["lr"] = self.config.rate * (1 if self.config.architecture == "baseline" else warm * min(1, 2 * fall))
        report = self.task.step(batch, self.images)
        self.images += len(batch.images) * self.processes.world
        for key, value in report.items():
            self.sums.setdefault(key, []).append(value.detach())
        return report

    def due(self, every: int) -> bool:
        """Whether the last step came to, or passed, a multiple of so many images; never for 0."""
        return every > 0 and self.images % every < self.config.batch

    def row(self, measure: bool) -> dict[str, float]:
        """Write a row of the history: the losses' means since the last one, and measures if wished. Returns the means.

        Every checkpoint has its row, so the history of a finished run ends where its weights do.
        """
        if not self.sums and not measure:
            return {}
        names, values = list(self.sums), [torch.stack(v).mean() for v in self.sums.values()]
        means = dict(zip(names, self.processes.mean(torch.stack(values)).tolist(), strict=True)) if values else {}
        self.sums = {}
        if self.processes.first:
            found = self.measure() if measure else {}
            if means or found:
                seen = {"images": self.images, "epoch": self.images / EPOCH, "seconds": round(self.seconds)}
                self.history.add(**seen, **means, **found)
        return means

    def measure(self) -> dict[str, float]:
        """Measures of the averaged generator, and its weights to the side where the run keeps them."""
        self.measured = self.images
        if self.config.keep:
            _replace(self.out / f"model_{self.images:09d}.safetensors", lambda p: _save(self.task.ema, p))
        found = progress.measure(self.task, self.table) if self.measurable else None
        self.measurable = found is not None  # it will not go better next time
        return found or {}

    def checkpoint(self) -> None:
        """Write state, weights, configuration, sample sheet and strip, each under a temporary name first."""
        self.saved = self.images
        if not self.processes.first:
            return
        state = {k: getattr(self.task, k).state_dict() for k in PARTS}
        _replace(
            self.out / "state.pt",
            lambda p: torch.save({**state, "images": self.images, "seconds": self.seconds}, p),
        )
        training = {"data": self.data, "images": self.images, "seconds": round(self.seconds)}
        save_weights(self.out, self.name, self.config, self.task.ema, {**training, "config": asdict(self.config)})
        sheet = progress.sheet(self.task.sample(self.words, self.latent))
        (self.out / "samples").mkdir(exist_ok=True)
        _replace(self.out / "samples" / f"{self.images:09d}.png", lambda p: sheet.save(p, "png"))
        strip = progress.strip(self.out)
        _replace(self.out / "progress.png", lambda p: strip.save(p, "png", optimize=True))


def save_weights(folder: Path, name: str, config: Config, generator: nn.Module, training: dict) -> None:
    """What sampling needs: model.safetensors (half precision) and config.json."""
    _replace(folder / "model.safetensors", lambda p: _save(generator, p))
    described = {
        "format": 1, "name": name, "architecture": config.architecture, "generator": config.generator,
        "text_encoder": "bundled", "training": training,
    }  # fmt: skip
    if config.architecture == "layered":
        described["sharpness"] = networks.SHARPNESS
    _replace(folder / "config.json", lambda p: Path(p).write_text(json.dumps(described, indent=1) + "\n"))


def _save(generator: nn.Module, path: Path) -> None:
    from safetensors.torch import save_file

    tensors = {k: v.half().contiguous() if v.is_floating_point() else v for k, v in generator.state_dict().items()}
    save_file(tensors, path)


def _replace(target: Path, write) -> None:
    part = target.with_name(f".{target.name}.part")
    write(part)
    part.replace(target)


def train(
    config: str | Config = "layered-64",
    data: str = "compose",
    split: str | None = None,
    out: str | Path = "runs/layered-64",
    images: int | None = None,
    minutes: float | None = None,
    resume: bool = False,
    workers: int = 1,
    revision: str | None = None,
    real: str | None = None,
    real_share: float = 0.0,
) -> Path:
    """Train a generator and return its folder, which `LogoGAN.from_pretrained` can load.

    `data`, `split`, `revision`, `real` and `real_share` are what `data.open_source` takes. Under `accelerate launch`
    each process works on its share of every batch, and the first one writes.
    Stops after `images` images in all or `minutes` of this call, whichever comes first, else at the configuration's
    length. ValueError says what is wrong with the arguments.
    """
    name = config if isinstance(config, str) else config.architecture
    if isinstance(config, str):
        if config not in CONFIGS:
            raise ValueError(f"There is no configuration '{config}'; there are {', '.join(CONFIGS)}.")
        config = CONFIGS[config]
    target = config.images if images is None else images
    processes = Processes()
    if config.batch % processes.world:
        raise ValueError(f"A batch of {config.batch} cannot be divided among {processes.world} processes.")
    # The source comes first: a wrong one must leave no folder behind.
    latent = config.generator.get("latent", 16)
    source = open_source(
        data, split, config.seed, config.batch, config.size, latent, revision=revision, real=real,
        real_share=real_share, rank=processes.rank, world=processes.world,
    )  # fmt: skip
    run = Run(name, config, source.description, Path(out), resume, processes, target)
    run.task.mixed = bool(real)
    stream = batches(source, run.images, workers)
    begun, before = time.monotonic(), run.seconds

    while run.images < target and not processes.any(minutes is not None and time.monotonic() - begun >= 60 * minutes):
        run.step(next(stream))
        run.seconds = before + time.monotonic() - begun
        if run.due(config.log) or run.due(config.checkpoint) or run.due(run.measuring):
            _show(run, target, run.row(measure=run.due(run.measuring)))
        if run.due(config.checkpoint):
            run.checkpoint()
    if run.saved != run.images:
        run.row(measure=run.measuring > 0 and run.measured != run.images)
        run.checkpoint()
    processes.any(False)  # whoever returns finds the files there
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return run.out


def _show(run: Run, target: int, means: dict[str, float]) -> None:
    if not run.processes.first:
        return
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
