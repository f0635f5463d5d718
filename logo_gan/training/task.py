"""What a run trains: two networks, their optimisers, and a step. The loop knows no more of an architecture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from logo_gan.training.config import Config
from logo_gan.training.data import Source
from logo_gan.training.distributed import Processes

if TYPE_CHECKING:
    from PIL.Image import Image


def half_precision(device: torch.device, wanted: bool = True) -> torch.autocast:
    """bf16 where the processor has it: on a CPU with AVX-512 BF16 a step takes half the time."""
    fast = device.type == "cuda" or torch.cpu._is_avx512_bf16_supported()
    return torch.autocast(device.type, torch.bfloat16, enabled=wanted and fast)


class Task:
    """What a run trains. A subclass sets the attributes in its `__init__(config, source, processes)`.

    Attributes:
        G, D: generator and discriminator.
        ema: the generator that is kept: the average of G's weights, or G itself.
        opt_g, opt_d: their optimisers; the loop sets the learning rates.
        labels: what `samples` shows, a text a picture.
    """

    parts: tuple[str, ...] = ("G", "D", "ema", "opt_g", "opt_d")  # with a state_dict each: what a run resumes from
    labels: tuple[str, ...] = ()
    G: nn.Module
    D: nn.Module
    ema: nn.Module
    opt_g: torch.optim.Optimizer
    opt_d: torch.optim.Optimizer

    def __init__(self, config: Config, source: Source, processes: Processes):
        self.config, self.source, self.processes, self.device = config, source, processes, processes.device

    @staticmethod
    def open_source(
        config: Config, data: str, split: str | None = None, revision: str | None = None, rank: int = 0, world: int = 1
    ) -> Source:
        """The batches of what `--data` names, for number `rank` of `world` processes.

        Raises:
            ValueError: what is wrong with the data, in one sentence.
        """
        raise NotImplementedError

    def step(self, batch: Any, images: int) -> dict[str, Tensor]:
        """Learn from this process's share of a batch, after so many images; what it reports becomes history columns.

        The loop has seeded torch by the number of images. With several processes, gradients are averaged here
        (`processes.average`), and noise is drawn for the whole batch (`processes.own`).
        """
        raise NotImplementedError

    def samples(self) -> Sequence[Image] | Tensor:
        """The same things drawn with the same latents whenever it is called: square pictures of one size, one a label.

        PIL images, or a tensor (N, 3, S, S) in [0, 1].
        """
        raise NotImplementedError

    def measure(self) -> dict[str, float]:
        """Measures of `ema` as history columns: at the measuring points, in the first process alone."""
        return {}

    def networks(self) -> dict[str, nn.Module]:
        """What drawing needs: {"model": generator} is written as model.safetensors, others beside it by their names."""
        return {"model": self.ema}

    def described(self) -> dict[str, Any]:
        """What config.json says beside name, architecture, generator and training."""
        return {}
