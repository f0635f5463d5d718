"""A training run: the loop, and around it checkpoints, a history and sample sheets. What is learnt is a task's.

    python -m logo_gan train --config warp --data memory --out runs/warp --minutes 60 [--resume]

Progress is counted in images. All randomness of a step follows from the number of images seen before it, so a run that
was stopped and resumed sees the same batches as one that was not. The small artefact for drawing (`model.safetensors`
with `config.json`) lies beside the full state for resuming (`state.pt`).
"""

from __future__ import annotations

import json
import pickle
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from logo_gan.model.checkpoint import write_config, write_network, write_whole
from logo_gan.training import samples
from logo_gan.training.baseline import Baseline
from logo_gan.training.config import CONFIGS, Config
from logo_gan.training.data import Source, batches
from logo_gan.training.distributed import Processes
from logo_gan.training.history import EPOCH, History
from logo_gan.training.schedule import rate_factor
from logo_gan.training.task import Task
from logo_gan.training.warp import Warp

TASKS: dict[str, type[Task]] = {"warp": Warp, "baseline": Baseline}  # by the architecture of a configuration
MEASURINGS = 15  # points of a run at which its generator is measured


class Run:
    """A run in a folder: builds or resumes it, steps it, and writes what it leaves behind.

    With several processes each has a Run with the same weights; the first one's writes the files.
    """

    def __init__(
        self, name: str, config: Config, source: Source, out: Path, resume: bool, processes: Processes | None = None,
        target: int | None = None,
    ):  # fmt: skip
        self.name, self.config, self.data, self.out = name, config, source.description, out
        self.processes = processes or Processes()
        torch.manual_seed(config.seed)
        self.task = TASKS[config.architecture](config, source, self.processes)
        self.images, self.seconds = 0, 0.0
        self.sums: dict[str, list[Tensor]] = {}  # of what steps reported since the last row
        self.measuring = (target or config.images) // MEASURINGS if config.measure is None else config.measure
        self.measured = self.saved = -1  # images seen when that was last done
        self.measurable = True
        out.mkdir(parents=True, exist_ok=True)
        if (out / "state.pt").is_file():
            if not resume:
                raise ValueError(f"{out} already holds a run: add --resume to go on with it, or choose another folder.")
            self._resume()
        seen = torch.tensor(self.images, dtype=torch.float64, device=self.processes.device)
        if self.processes.any(bool(self.processes.mean(seen) != seen)):
            raise ValueError(f"The processes do not all see the same {out / 'state.pt'}: it must be on a shared disk.")
        if self.processes.first:
            for left in out.rglob(".*.part"):  # by a run that was killed while it wrote
                left.unlink()
            self.history = History(out / "history.csv", self.images)

    def _resume(self) -> None:
        path, described = self.out / "state.pt", self.out / "config.json"
        try:
            state = torch.load(path, map_location=self.processes.device, weights_only=True)
            for part in self.task.parts:
                getattr(self.task, part).load_state_dict(state[part])
            self.images, self.seconds = state["images"], state["seconds"]
            # Written after the state: a kill between the two leaves none.
            before = json.loads(described.read_text())["training"]["data"] if described.is_file() else self.data
        except (OSError, RuntimeError, KeyError, ValueError, EOFError, pickle.UnpicklingError) as error:
            raise ValueError(f"{path} is damaged, or of another configuration than {self.name}.") from error
        self.saved = self.images
        if before == self.data or before.endswith(f", then {self.data}"):
            self.data = before
        else:
            self.data = f"{before}, then {self.data}"  # what was seen stays seen

    def step(self, batch: Any) -> dict[str, Tensor]:
        torch.manual_seed((self.config.seed << 40) + self.images)
        factor, config = rate_factor(self.config, self.images), self.config
        for optimiser, rate in ((self.task.opt_g, config.rate), (self.task.opt_d, config.rate_discriminator)):
            for group in optimiser.param_groups:
                group["lr"] = rate * factor
        report = self.task.step(batch, self.images)
        self.images += config.batch
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
        """The task's measures; nothing, after one line, where a package or file that they need is missing."""
        self.measured = self.images
        if not self.measurable:
            return {}
        try:
            return self.task.measure()
        except (ImportError, OSError) as error:
            self.measurable = False  # it will not go better next time
            print(f"Nothing is measured here: {error}", file=sys.stderr)
            return {}

    def checkpoint(self) -> None:
        """Write state, weights, configuration, sample sheet and strip, each under a temporary name first."""
        self.saved = self.images
        if not self.processes.first:
            return
        state: dict[str, Any] = {part: getattr(self.task, part).state_dict() for part in self.task.parts}
        state |= {"images": self.images, "seconds": self.seconds}
        write_whole(self.out / "state.pt", lambda path: torch.save(state, path))
        for name, network in self.task.networks().items():
            write_network(self.out / f"{name}.safetensors", network)
        training = {"data": self.data, "images": self.images, "seconds": round(self.seconds)}
        write_config(self.out, {
            "name": self.name, "architecture": self.config.architecture, "generator": self.config.generator,
            **self.task.described(),
            "training": {**training, "samples": list(self.task.labels), "config": asdict(self.config)},
        })  # fmt: skip
        sheet = samples.sheet(self.task.samples())
        (self.out / "samples").mkdir(exist_ok=True)
        write_whole(self.out / "samples" / f"{self.images:09d}.png", lambda path: sheet.save(path, "png"))
        strip = samples.strip(self.out, self.task.labels)
        write_whole(self.out / "progress.png", lambda path: strip.save(path, "png", optimize=True))


def train(
    config: str | Config = "baseline-28",
    data: str = "memory",
    split: str | None = None,
    out: str | Path = "runs/baseline-28",
    images: int | None = None,
    minutes: float | None = None,
    resume: bool = False,
    workers: int = 1,
    revision: str | None = None,
) -> Path:
    """Train a generator and return its folder, which `LogoGAN.from_pretrained` can load.

    `data`, `split` and `revision` are what the task's `open_source` takes. Under `accelerate launch` each process works
    on its share of every batch, and the first one writes.
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
    source = TASKS[config.architecture].open_source(config, data, split, revision, processes.rank, processes.world)
    run = Run(name, config, source, Path(out), resume, processes, target)
    stream = batches(source, config.batch, run.images, workers)
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
    bar = "#" * int(30 * run.images / target)
    text = " ".join(f"{k.removeprefix('loss_')} {v:.3f}" for k, v in means.items())
    line = f"[{bar:<30}] {run.images:,} images, {run.images / max(run.seconds, 1):.0f}/s, {text}"
    terminal = sys.stderr.isatty()
    print(f"\r{line}" if terminal else line, end="" if terminal else "\n", file=sys.stderr, flush=True)
