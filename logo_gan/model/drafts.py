"""What logos are drawn from: a brief, a plan, rows of the memory, noise; for proposals, neighbours, ways between."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np

from logo_gan.logo import feelings
from logo_gan.logo.composition import Plan, mixed, plan
from logo_gan.model import choice
from logo_gan.model.address import Address, Mixture, Neighbour, Proposal
from logo_gan.model.drawing import TRIES, Part
from logo_gan.text import labels
from logo_gan.text.brief import Brief
from logo_gan.text.prompt import tidy
from logo_gan.text.vocabulary import symbols

if TYPE_CHECKING:
    from logo_gan.marks.memory import Memory
    from logo_gan.text.encoder import SentenceEncoder

SHEET = 4  # proposals that are planned together, so that they differ
REMEMBERED = 256  # drafts
LETTERS = "letters"  # in place of a thing: the brief's letters
AGAIN = 0.3  # how much further the dial is turned for a drawing that a sheet has already
TURN = 0.6  # radians by which the latents of neighbours are turned away
LINE_STYLES = {"line art", "outline", "outlined", "line", "linear", "line drawing", "thin lines", "lineart"}


@dataclass(frozen=True, eq=False)
class Draft:
    """All that a logo is drawn from."""

    brief: Brief
    plan: Plan
    first: Part
    second: Part | None = None


class Drafter:
    """Drafts logos from a memory.

    Args:
        memory: what is drawn from.
        encoder: of the memory's keys.
        read: prompt to brief.
        latent: values of the generator's noise.
    """

    def __init__(self, memory: Memory, encoder: SentenceEncoder, read: Callable[[str], Brief], latent: int):
        self.memory, self.encoder, self.read, self.latent = memory, encoder, read, latent
        self.find = lru_cache(maxsize=REMEMBERED)(self._found)
        self._things = lru_cache(maxsize=REMEMBERED)(partial(choice.find, memory, encoder))

    def sheets(self, brief: Brief, n: int, seed: int, invention: float) -> list[Draft]:
        """Drafts of `n` proposals; a smaller `n` has the first of them."""
        whole = -(-n // SHEET) * SHEET
        if brief.letters and brief.things and choice.letters(self.memory, brief.letters, 1, np.random.default_rng(0)):
            brief = replace(
                brief, things=(LETTERS, brief.things[0])
            )  # "letter K with a crown": the thing stands beside
        # The same seed is no reason for the same colours; but a label changes only what it names.
        own = zlib.crc32((labels.split(brief.prompt)[0] or f"{brief.brand} {brief.trade}").encode())
        plans = plan(brief, whole, seed ^ own)
        random = np.random.default_rng((seed, own))
        firsts = self._rows(brief, 0, whole, random)
        seconds = self._rows(brief, 1, whole, random) if len(brief.things) > 1 else [None] * whole
        latents = random.standard_normal((whole, 2, TRIES, self.latent))
        # A thing with few drawings has them again: looking the other way, and bent otherwise.
        solid = [len(rows) == 1 and self.memory.style_of(rows[0]) != "letter" for rows in firsts]
        again = [solid[i] and firsts[:i].count(firsts[i]) % 2 == 1 for i in range(n)]
        bolder = [min(1.0, invention + AGAIN) if invention and firsts[i] in firsts[:i] else invention for i in range(n)]
        return [
            Draft(brief, plans[i], Part(firsts[i], latents[i, 0], bolder[i], again[i]),
                  seconds[i] and Part(seconds[i], latents[i, 1], invention))
            for i in range(n)
        ]  # fmt: skip

    def _rows(self, brief: Brief, which: int, n: int, random: np.random.Generator) -> list[tuple[int, ...]]:
        """For each proposal the rows that the first or the second mark is drawn from."""
        memory = self.memory
        letters = brief.letters or (None if brief.things else _initials(brief))
        lettered = letters and brief.things[which : which + 1] in ((), (LETTERS,))
        if lettered and (rows := choice.letters(memory, letters, n, random)):
            return rows
        style = "line" if LINE_STYLES & {word.lower() for word in brief.style} else "solid"
        phrases = _phrases(brief, which)
        found = self._things(phrases, style)
        found = [thing for i, thing in enumerate(found) if thing.rows and (i == 0 or thing.fit >= choice.SURE)]
        if not found:
            raise ValueError(f"The memory holds no drawing of {phrases[0]!r}, nor anything that could stand for it.")
        weight = feelings.weight(brief.style)
        rows = [choice.of_weight(memory, thing.rows, weight) for thing in found]
        chosen = [choice.different(memory, each, n, random) for each in rows]
        # A trade that names no thing has several: half of the proposals show the first of them.
        order = [0] * n if len(chosen) == 1 else [(0, 1, 0, 2)[i % 4] % len(chosen) for i in range(n)]
        return [(chosen[k][i],) for i, k in enumerate(order)]

    def _found(self, address: Address) -> Draft:
        match address:
            case Proposal(prompt, seed, number, dial):
                return self.sheets(self.read(tidy(prompt)), number, seed, dial / 100)[-1]
            case Neighbour(of, numbers):
                before = Neighbour(of, numbers[:-1]) if len(numbers) > 1 else of
                return self.around(before, numbers[-1])[-1]
            case Mixture(first, second, step, steps):
                return self.way(first, second, steps)[step - 1]

    def around(self, of: Address, n: int) -> list[Draft]:
        """Drafts near a logo: its own drawing bent otherwise, and others of the same thing, in turn."""
        here = self.find(of)
        random = np.random.default_rng(zlib.crc32(str(of).encode()))
        others = self._siblings(here.first, n)
        drafts = []
        for i in range(n):
            noise = random.standard_normal(here.first.latents.shape)
            latents = here.first.latents * np.cos(TURN) + noise * np.sin(TURN)
            rows = (others[i // 2],) if i % 2 and i // 2 < len(others) else here.first.rows
            if len(here.first.rows) > 1 and i < len(others):
                rows = others[i]
            first = replace(here.first, rows=rows, latents=latents, invention=max(here.first.invention, 0.25))
            second = here.second and replace(here.second, latents=random.standard_normal(here.second.latents.shape))
            drafts.append(replace(here, first=first, second=second))
        return drafts

    def _siblings(self, part: Part, n: int) -> list:
        """Other drawings of the same thing, the most similar first; of a monogram, the same letters in other faces."""
        memory = self.memory
        concepts = [memory.concepts[memory.concept_of(row)] for row in part.rows]
        if memory.style_of(part.rows[0]) == "letter":
            text = "".join(name.split()[-1] for name in concepts)
            return [
                rows
                for rows in choice.letters(memory, text, n + 1, np.random.default_rng(part.rows[0]))
                if rows != part.rows
            ]
        row = part.rows[0]
        concept, style = memory.concept_of(row), memory.style_of(row)
        thing = choice.found_by(memory, [concepts[0]], memory.vector_of(concept)[None], style)[0]
        rows = [each for each in thing.rows if each != row]
        values = memory.codec.values(memory.codes[[row, *rows]])
        return [rows[i] for i in np.argsort(((values[1:] - values[0]) ** 2).sum(1))]

    def way(self, first: Address, second: Address, steps: int) -> list[Draft]:
        """Drafts between two logos: drawings of the first thing that are ever more like the second's, then of that."""
        one, other = self.find(first), self.find(second)
        memory = self.memory
        values = memory.codec.values(memory.codes[[one.first.rows[0], other.first.rows[0]]])
        taken = {one.first.rows, other.first.rows}
        drafts = []
        siblings = [
            [each if isinstance(each, tuple) else (each,) for each in self._siblings(end.first, 4 * steps)]
            for end in (one, other)
        ]
        for k in range(1, steps + 1):
            share = k / (steps + 1)
            near = one if share < 0.5 else other
            rows = near.first.rows
            free = [each for each in siblings[near is other] if each not in taken]
            if free:
                wanted = values[0] * (1 - share) + values[1] * share
                apart = memory.codec.values(memory.codes[[each[0] for each in free]]) - wanted
                rows = free[int((apart**2).sum(1).argmin())]
            taken.add(rows)
            latents = one.first.latents * np.cos(share * np.pi / 2) + other.first.latents * np.sin(share * np.pi / 2)
            part = replace(near.first, rows=rows, latents=latents)
            drafts.append(Draft(near.brief, mixed(one.plan, other.plan, share), part, near.second))
        return drafts


def _initials(brief: Brief) -> str | None:
    """The letter to draw where a brief names nothing that can be drawn: the brand's, else that of an unknown word."""
    words = "".join((brief.brand or "", *brief.not_understood))
    return next((c.upper() for c in words if c.isalnum()), None)


def _phrases(brief: Brief, which: int) -> tuple[str, ...]:
    """What to look for as the first or the second thing: one phrase, or all that stand for a trade."""
    if not brief.things:
        return (choice.FALLBACK,)
    thing = brief.things[which]
    implied = symbols(brief.trade) if brief.trade and len(brief.things) == 1 else ()
    # Where nobody has named a thing, the brief holds the first that stands for the trade.
    named = not implied or thing != implied[0] or thing.split()[-1] in brief.prompt.lower()
    return (thing,) if named else implied
