"""What is measured of a generator: does it draw what a visitor asks for, and four different logos of it?

Each request names some of mark, colour, container and container's colour, in wordings of its own that the composer does
not write, and is drawn four times. The same requests drawn by the composer give each measure's ceiling, since neither
judge nor colour clusters are always right; composed logos held against one another's requests give its floor.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from logo_gan import captions, colours, judges
from logo_gan.compose import layers
from logo_gan.marks import VOCABULARY, bank

if TYPE_CHECKING:
    from logo_gan.pipeline import LogoGAN

PROMPTS = 300  # requests where no number is given: 60 of each kind
REFERENCE = 150  # floors and ceilings are taken on at least so many
LOGOS = 4  # of a request
SEED = 30_003
KINDS = ("colour", "container", "binding", "colour and container", "synonym")
WORDINGS = {
    "colour": (
        "could you make me {a_o}, {c} please", "hi! something with {a_o}, all in {c}",
        "we'd love {a_c} {o} as our logo", "our company Halden wants {a_c} {o}", "can the logo be {a_c} {o}?",
        "I'm thinking of {a_o} coloured {c}", "I run a small business called Tessaly and need {a_c} {o}",
        "{c} is our colour, the picture is {a_o}",
    ),
    "container": (
        "{a_o} sitting inside {a_k}", "put {a_o} into {a_k} for me", "I want {a_k} and in the middle of it {a_o}",
        "could you draw {a_o} framed by {a_k}?", "my brand is called Norrby: we picture {a_o} inside {a_k}",
        "can I have {a_k} that contains {a_o}",
    ),
    "binding": (
        "could I get {a_c} {o} placed on {a_b} {k}", "{a_b} {k}, and on it {a_c} {o}",
        "we want {a_b} {k} and inside of it {a_c} {o}", "my idea: {a_c} {o} over {a_b} {k}",
        "hello, make {a_c} {o} on {a_b} {k} please", "for Norrby we'd like {a_c} {o} inside {a_b} {k}",
    ),
    "colour and container": (
        "could you make me {a_o}, {c} please, inside {a_k}", "a logo where {a_c} {o} sits in {a_k}",
        "we need {a_k} holding {a_c} {o}", "our club Tessaly asks for {a_c} {o} within {a_k}",
    ),
    "synonym": (
        "could you make me {a_o}?", "we'd love {a_c} {o} as our logo", "something with {a_o}, thanks",
        "Halden needs a picture of {a_o}", "my idea: {a_o}, in {c} perhaps",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Request:
    """A visitor's prompt, and what the logo must show: None where nothing is said."""

    kind: str
    prompt: str
    mark: str
    colour: str | None = None
    container: str | None = None
    container_colour: str | None = None

    def recipe(self) -> captions.Recipe:
        """It, as the composer's recipe: to be drawn by `captions.redraw`."""
        named = {"mark": True, "container": bool(self.container), "mark_colour": bool(self.colour)}
        named |= {"container_colour": bool(self.container_colour), "accent": False, "ground": False, "layout": False}
        first, second = ((c, colours.BASIC[c]) if c else None for c in (self.colour, self.container_colour))
        recipe = captions.Recipe(self.prompt, self.mark, container=self.container or "none", named=named)
        recipe.mark_colour, recipe.container_colour = first or recipe.mark_colour, second
        return recipe


@dataclass(frozen=True)
class Shown:
    """What the judges see in a logo."""

    mark: str
    container: str
    colours: judges.Seen


@dataclass(frozen=True)
class Measure:
    """A share of logos: which requests it concerns, when a logo fulfils one, and by what that is told."""

    kinds: tuple[str, ...]
    right: Callable[[Request, Shown], bool]
    extractor: str


MEASURES = {
    "colour": Measure(("colour",), lambda r, s: r.colour in s.colours.dominant, "pixels, OKLab clusters"),
    # "A navy lamp in a diamond": drawn as a navy diamond, or as a navy lamp on a quiet one.
    "colour_in_container": Measure(
        ("colour and container",),
        lambda r, s: r.colour in s.colours.dominant + s.colours.mark,
        "pixels, OKLab clusters by place",
    ),
    "container": Measure(
        ("container", "binding", "colour and container"), lambda r, s: s.container == r.container, "judge, 9 containers"
    ),
    "object": Measure(KINDS[:4], lambda r, s: s.mark == r.mark, "judge, {} marks"),
    "binding": Measure(
        ("binding",),
        lambda r, s: r.colour in s.colours.mark and r.container_colour in s.colours.container,
        "pixels, OKLab clusters by place",
    ),
    "synonym": Measure(("synonym",), lambda r, s: s.mark == r.mark, "judge, {} marks"),
}


def requests(n: int, seed: int = SEED) -> list[Request]:
    """n requests, all kinds in turn. The first ones are the same whatever n."""
    made = []
    objects = {"synonym": [o for o in VOCABULARY["objects"] if captions.synonyms().get(o, {}).get("held_out")]}
    for kind in KINDS:
        rng = random.Random(f"{seed} {kind}")
        pool = objects.get(kind, list(VOCABULARY["objects"]))
        order: list[str] = []
        for i in range(KINDS.index(kind), n, len(KINDS)):
            order = order or rng.sample(pool, len(pool))  # every object once before one comes again
            made.append((i, _request(kind, order.pop(), rng)))
    return [request for _, request in sorted(made, key=lambda pair: pair[0])]


def _request(kind: str, mark: str, rng: random.Random) -> Request:
    wording = rng.choice(WORDINGS[kind])
    word = rng.choice(captions.synonyms()[mark]["held_out"]) if kind == "synonym" else mark
    first, second = rng.choice(
        [(a, b) for a in colours.BASIC for b in colours.BASIC if colours.readable(colours.BASIC[a], colours.BASIC[b])]
    )
    container = rng.choice(captions.CONTAINERS) if "{k}" in wording or "{a_k}" in wording else None
    spoken = rng.choice(VOCABULARY["containers"][container][:2]) if container else ""
    has_colour, has_second = "{c}" in wording or "{a_c}" in wording, "{a_b}" in wording
    words = {"o": word, "c": first, "k": spoken, "b": second}
    words |= {f"a_{key}": f"{'an' if text[:1] in 'aeiou' else 'a'} {text}" for key, text in words.items()}
    return Request(
        kind, wording.format(**words), mark, first if has_colour else None, container, second if has_second else None
    )


def compose(asked: list[Request], held_out: bool = False, seed: int = SEED) -> np.ndarray:
    """The composer's logos for requests: uint8 (N, 4, 64, 64, 3), each of the four with its own latent."""
    rng = random.Random(f"{seed} composed")
    drawn = [captions.redraw(r.recipe(), rng, bank(), held_out) for r in asked for _ in range(LOGOS)]
    parts = [layers(drawn[k : k + 128]).images(judges.SIZE) for k in range(0, len(drawn), 128)]
    pixels = (torch.cat(parts) * 255).round().byte().permute(0, 2, 3, 1)
    return pixels.unflatten(0, (len(asked), LOGOS)).contiguous().numpy()


def draw(gan: LogoGAN, asked: list[Request], seed: int = SEED) -> np.ndarray:
    """A model's logos for requests, as a visitor would get them: uint8 (N, 4, 64, 64, 3)."""
    return np.stack(
        [
            np.stack([np.asarray(x.image(judges.SIZE)) for x in gan.generate(r.prompt, n=LOGOS, seed=seed + i)])
            for i, r in enumerate(asked)
        ]
    )


def look(images: np.ndarray) -> list[list[Shown]]:
    """uint8 (N, 4, 64, 64, 3) → what each logo shows."""
    flat = images.reshape(-1, *images.shape[2:])
    pixels = torch.from_numpy(np.ascontiguousarray(flat)).permute(0, 3, 1, 2).float() / 255
    shown = [Shown(*row) for row in zip(*judges.load().name(pixels), judges.colours_of(flat), strict=True)]
    return [shown[k : k + images.shape[1]] for k in range(0, len(shown), images.shape[1])]


def share(measure: Measure, asked: list[Request], shown: list[list[Shown]]) -> tuple[float, int]:
    """The share of logos that fulfil their request, of the requests that a measure concerns, and how many those are."""
    rights = [measure.right(r, s) for r, row in zip(asked, shown, strict=True) if r.kind in measure.kinds for s in row]
    return (float(np.mean(rights)) if rights else math.nan), len(rights)


def chance(measure: Measure, asked: list[Request], shown: list[list[Shown]]) -> float:
    """The share where each logo is held against all the other requests: what ignoring the prompt gets."""
    pairs = [(r, row) for r, row in zip(asked, shown, strict=True) if r.kind in measure.kinds]
    rights = [measure.right(r, row[0]) for i, (r, _) in enumerate(pairs) for j, (_, row) in enumerate(pairs) if i != j]
    return float(np.mean(rights))


def spread(images: np.ndarray) -> np.ndarray:
    """(N, 4, 64, 64, 3) uint8 → (N,): the mean distance (root mean square, values in [0, 1]) of two logos."""
    x = images.reshape(*images.shape[:2], -1).astype(np.float32) / 255
    i, j = np.triu_indices(images.shape[1], 1)
    return np.sqrt(((x[:, i] - x[:, j]) ** 2).mean(-1)).mean(-1)


def wilson(value: float, n: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    middle, wide = value + z * z / (2 * n), z * math.sqrt(value * (1 - value) / n + (z / (2 * n)) ** 2)
    return (middle - wide) / (1 + z * z / n), (middle + wide) / (1 + z * z / n)


def evaluate(model: LogoGAN, data: str | None = None, n: int | None = None, seed: int = SEED) -> dict[str, dict]:
    """Measure a model on n requests, four logos each.

    Returns:
        {measure: {value, interval, n, extractor, floor, ceiling, ...}}. `n` counts logos, but the 95 % interval takes
        the requests as the sample, since the four logos of one are alike. `ceiling` is of composed logos in the forms
        that generators are taught, `ceiling_held_out` in the others.

    Raises:
        ValueError: n is less than one request of each kind, or other data than composed logos is asked for.
    """
    if data not in (None, "compose"):
        raise ValueError("Models are so far compared with composed logos only: leave --data out, or give 'compose'.")
    n = PROMPTS if n is None else n
    if n < len(KINDS):
        raise ValueError(f"At least {len(KINDS)} prompts are needed, one of each kind, not {n}.")
    asked, reference = requests(n, seed), requests(max(n, REFERENCE), seed)
    images, composed = draw(model, asked, seed), compose(reference, False, seed)
    shown, best, other = look(images), look(composed), look(compose(reference, True, seed))
    measured = {}
    for name, measure in MEASURES.items():
        value, count = share(measure, asked, shown)
        measured[name] = {
            "value": value, "interval": wilson(value, count // LOGOS), "n": count,
            "extractor": measure.extractor.format(len(judges.load().marks)), "floor": chance(measure, reference, best),
            "ceiling": share(measure, reference, best)[0], "ceiling_held_out": share(measure, reference, other)[0],
        }  # fmt: skip
    own, theirs = spread(images), spread(composed[:n])
    again = spread(compose(asked, False, seed + 1))
    measured["diversity"] = {
        "value": float(own.mean() / theirs.mean()), "interval": _bootstrap(own, theirs), "n": n * LOGOS,
        "extractor": "pixels, distance ÷ composed", "floor": 0.0, "ceiling": float(again.mean() / theirs.mean()),
    }  # fmt: skip
    return measured


def _bootstrap(above: np.ndarray, below: np.ndarray, times: int = 1000) -> tuple[float, float]:
    """The 95 % interval of a ratio of two means over the same requests."""
    rows = np.random.default_rng(SEED).integers(0, len(above), (times, len(above)))
    low, high = np.quantile(above[rows].mean(1) / below[rows].mean(1), (0.025, 0.975))
    return float(low), float(high)
