"""What a training run can be told: one table of presets, a line or two each."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Config:
    """What a run is. Learning rates are Adam's; `half_life` is of the averaged weights, in images."""

    architecture: str = "layered"
    generator: dict = field(default_factory=dict)
    discriminator: dict = field(default_factory=dict)
    size: int = 64  # pixels of a training image
    batch: int = 64  # of all processes together
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
    wrong: str = "changed"  # captions the discriminator must reject: "changed" (the data's own), "shuffled", "none"
    penalty: float = 0.05  # gamma of R1 and R2
    penalty_every: int = 4  # adversarial steps between two with penalties (Karras et al. 2020, lazy regularisation)
    word_noise: float = 0.5  # largest standard deviation of the noise on word vectors, drawn anew for each caption
    bf16: bool = True  # half precision where the processor has it
    seed: int = 1
    checkpoint: int = 50_000  # images between checkpoints
    log: int = 4_096  # images between rows of the history
    measure: int | None = None  # images between measuring points, 0 for never; None: fifteen points in the run
    keep: bool = False  # the generator of each measuring point, as model_000100000.safetensors

    def __post_init__(self):
        if self.wrong not in WRONG:
            raise ValueError(f"Wrong captions are {', '.join(WRONG)}, not '{self.wrong}'.")


WRONG = ("changed", "shuffled", "none")
CONFIGS = {
    "layered-64": Config(generator=dict(channels=(96, 128, 96, 64))),
    "tiny": Config(
        generator=dict(channels=(16, 16, 16), condition=64, width=32, field_size=32),
        discriminator=dict(width=8, text=64), size=32, batch=32, images=12_000, half_life=1_000,
        checkpoint=6_000, log=512, measure=0, adversarial_every=2, adversarial_from=0,
    ),
    "baseline-28": Config("baseline", size=28, batch=32, images=1_500_000, rate=2e-4, rate_discriminator=2e-4,
                          betas=(0.5, 0.999), betas_discriminator=(0.5, 0.999), half_life=0, word_noise=0.0,
                          checkpoint=100_000, log=4_000),
}  # fmt: skip
