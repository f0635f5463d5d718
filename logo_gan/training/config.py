"""What a training run can be told: one table of presets, a line or two each."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Config:
    """What a run is. Learning rates are Adam's."""

    architecture: str
    generator: dict = field(default_factory=dict)
    discriminator: dict = field(default_factory=dict)
    options: dict = field(default_factory=dict)  # what only this architecture's task knows
    size: int = 64  # pixels of a training image
    batch: int = 64  # of all processes together
    images: int = 1_000_000  # the length of the run
    rate: float = 2e-4
    rate_discriminator: float = 2e-4
    betas: tuple[float, float] = (0.0, 0.99)
    betas_discriminator: tuple[float, float] = (0.0, 0.99)
    warm_up: int = 0  # images over which the learning rates rise
    fall: float = 0.0  # last share of the run, over which they fall
    half_life: int = 0  # of the averaged weights, in images; 0: no average
    bf16: bool = False  # half precision where the processor has it
    seed: int = 1
    checkpoint: int = 50_000  # images between checkpoints
    log: int = 4_096  # images between rows of the history
    measure: int | None = None  # images between measuring points, 0 for never; None: fifteen points in the run


CONFIGS = {
    "warp": Config("warp", images=112_000, rate=1e-3, rate_discriminator=5e-4, warm_up=3_200, fall=0.4,
                   half_life=10_000, checkpoint=16_000, log=3_200, measure=8_000),
    "warp-tiny": Config("warp", dict(channels=(8, 12, 16), blocks=1, condition=32), dict(width=8), images=4_096,
                        batch=32, rate=2e-3, rate_discriminator=1e-3, half_life=500, checkpoint=2_048, log=512,
                        measure=0),
    "baseline-28": Config("baseline", size=28, batch=32, images=1_500_000, betas=(0.5, 0.999),
                          betas_discriminator=(0.5, 0.999), bf16=True, checkpoint=100_000, log=4_000),
}  # fmt: skip
