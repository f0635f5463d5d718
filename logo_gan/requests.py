"""The requests that a generator is measured on: a visitor's prompts, and what each logo must show.

Each names some of mark, colour, container and container's colour, in wordings of its own that the composer does not
write. They need no spaCy, so that a training run can be measured on them, too.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from logo_gan import captions, colours, judges
from logo_gan.compose import layers
from logo_gan.marks import VOCABULARY, bank
from logo_gan.recipe import CONTAINERS, Recipe, redraw

if TYPE_CHECKING:
    from logo_gan.pipeline import LogoGAN

LOGOS = 4  # of a request
SEED = 30_003
KINDS = ("colour", "container", "binding", "colour and container", "synonym")
WORDINGS = {
    "colour": (
        "could you make me {a_o}, {c} please", "hi! something with {a_o}, all in {c}",
        "we'd love {a_c} {o} as our logo", "for Halden, our company: {a_c} {o}", "can the logo be {a_c} {o}?",
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

    def recipe(self) -> Recipe:
        """It, as the composer's recipe: to be drawn by `redraw`."""
        named = {"mark": True, "container": bool(self.container), "mark_colour": bool(self.colour)}
        named |= {"container_colour": bool(self.container_colour), "accent": False, "ground": False, "layout": False}
        first, second = ((c, colours.BASIC[c]) if c else None for c in (self.colour, self.container_colour))
        recipe = Recipe(self.prompt, self.mark, container=self.container or "none", named=named)
        recipe.mark_colour, recipe.container_colour = first or recipe.mark_colour, second
        return recipe


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
    container = rng.choice(CONTAINERS) if "{k}" in wording or "{a_k}" in wording else None
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
    drawn = [redraw(r.recipe(), rng, bank(), held_out) for r in asked for _ in range(LOGOS)]
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
