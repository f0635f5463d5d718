"""What changes with the images seen: learning rates, the average of the weights."""

from __future__ import annotations

import torch
from torch import nn

from logo_gan.training.config import Config

LAST = 0.02  # of the run: where falling rates stop, so that they never reach 0
EARLY = 0.05  # half-life of the average as a share of the images seen, while all is new


def rate_factor(config: Config, images: int) -> float:
    """What both learning rates are multiplied with after so many images: a rise, a plateau, a linear fall."""
    rise = min(1.0, (images + config.batch) / config.warm_up) if config.warm_up else 1.0
    left = max(1 - images / config.images, LAST)
    return rise * (min(1.0, left / config.fall) if config.fall else 1.0)


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, config: Config, images: int) -> None:
    """Move the exponential average of the weights on by a batch; the memory is short while all is new."""
    half_life = min(config.half_life, EARLY * images)
    decay = 0.5 ** (config.batch / half_life) if half_life else 0.0
    torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), 1 - decay)
    for kept, now in zip(average.buffers(), network.buffers(), strict=True):
        kept.copy_(now)
