"""One training process, or those that `accelerate launch` has started side by side: what they tell each other.

    accelerate launch --multi_gpu --num_processes 2 -m logo_gan train --config warp --data memory --out runs/a

(Without a GPU that starts two processes on the CPU; `--cpu` would start one, unless MPI is there.) Gradients are
averaged by hand. The wrapper that would do it unseen, DistributedDataParallel, expects a module to be called once and
differentiated once; here the discriminator is called in parts, several times a step, and differentiated twice for the
gradient penalty. One mean over all gradients, before they are clipped, is shorter than the exceptions.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Iterable

import torch
from torch import Tensor, nn

WORLD = ("WORLD_SIZE", "PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE")  # what launchers set


class Processes:
    """Number `rank` of `world` processes; each works on its share of every batch, the first one writes the files."""

    def __init__(self) -> None:
        self.rank, self.world = 0, 1
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        if max(int(os.environ.get(name) or 1) for name in WORLD) > 1:
            try:
                from accelerate import Accelerator
            except ImportError as error:
                raise ValueError("Several processes need the package accelerate: pip install accelerate.") from error
            self.accelerator = Accelerator(cpu=not torch.cuda.is_available())
            self.rank, self.world = self.accelerator.process_index, self.accelerator.num_processes
            if self.device.type == "cuda":
                self.device = self.accelerator.device  # its "cpu:0" is no place to load a state to
            atexit.register(self.accelerator.end_training)  # a process that leaves without a word is taken for dead
        elif os.environ.get("ACCELERATE_USE_CPU") == "True" and "MASTER_ADDR" in os.environ:
            print("accelerate started one process only: use --multi_gpu, also for CPUs, or MPI.", file=sys.stderr)

    @property
    def first(self) -> bool:
        return self.rank == 0

    def mean(self, values: Tensor) -> Tensor:
        """The mean of a tensor over the processes, the same in each of them."""
        return values if self.world == 1 else self.accelerator.reduce(values, "mean")

    def any(self, wish: bool) -> bool:
        """Whether any process wishes it: all must leave the loop at the same step."""
        return wish if self.world == 1 else bool(self.mean(torch.tensor([float(wish)], device=self.device)) > 0)

    def own(self, rows: Tensor) -> Tensor:
        """This process's share of rows for the whole batch, so that noise is the same however many processes run."""
        share = len(rows) // self.world
        return rows[self.rank * share : (self.rank + 1) * share]

    def average(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace the gradients by their means over the processes."""
        if self.world == 1:
            return
        gradients = [p.grad for p in parameters if p.grad is not None]
        means = self.mean(torch.cat([g.flatten() for g in gradients]))
        for gradient, part in zip(gradients, means.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(part.view(gradient.shape))
