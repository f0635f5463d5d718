"""Which remembered drawings the proposals of a brief are drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from logo_gan.marks.memory import Memory
    from logo_gan.text.encoder import SentenceEncoder

CONCEPTS = 12  # that are looked at for a thing
FAR = 0.46  # likeness of texts below which a thing is not in the memory
BEHIND = 0.22  # how much less like than the best another concept may be
SAME_WORD = 0.12  # of likeness, that a concept which holds the thing's last word is given
POOL = 16  # drawings that four are chosen from
FALLBACK = "abstract"
LATER = 0.05  # what a drawing further down costs, in field distance, when different ones are looked for


@dataclass(frozen=True)
class Thing:
    """What was found for a phrase: rows of the memory, the most fitting first; `near` is False where none fits."""

    phrase: str
    rows: tuple[int, ...]
    near: bool


def find(memory: Memory, encoder: SentenceEncoder, phrases: Sequence[str], style: str = "solid") -> list[Thing]:
    """Drawings of each phrase, as "wolf" or "two crossed hammers"."""
    if not phrases:
        return []
    found = memory.search(encoder.encode(list(phrases)), CONCEPTS)
    return [_thing(memory, phrase, concepts, style) for phrase, concepts in zip(phrases, found, strict=True)]


def _thing(memory: Memory, phrase: str, concepts: list, style: str) -> Thing:
    exact = memory.exact(phrase)
    head = phrase.lower().split()[-1:]
    ranked: dict[int, float] = {} if exact is None else {exact: 1.1}
    for each in concepts:
        shared = SAME_WORD if head and head[0] in each.name.split() else 0.0
        ranked[each.concept] = max(ranked.get(each.concept, 0.0), each.similarity + shared)
    order = sorted(ranked, key=lambda c: -ranked[c])
    best = ranked[order[0]] if order else 0.0
    rows: list[int] = []
    for concept in order:
        if ranked[concept] < max(best - BEHIND, FAR) and len(rows) >= 4:
            break
        rows += _of_style(memory, concept, style).tolist()
        if len(rows) >= POOL:
            break
    return Thing(phrase, tuple(dict.fromkeys(rows))[:POOL], best >= FAR)


def _of_style(memory: Memory, concept: int, style: str) -> np.ndarray:
    rows = memory.drawings(concept, style)
    return rows if len(rows) else memory.drawings(concept, None if style == "line" else "solid")


def different(memory: Memory, rows: Sequence[int], n: int, random: np.random.Generator) -> list[int]:
    """`n` of a thing's drawings that differ as much as they can, the first being one of the most fitting.

    Those of a smaller `n` are the first of a larger one. A thing with fewer drawings has them again, in turn.
    """
    if not rows:
        return []
    values = memory.codec.values(memory.codes[np.asarray(rows)])
    apart = np.sqrt(((values[:, None] - values[None]) ** 2).sum(-1) / memory.codec.mean.size)
    behind = LATER * np.arange(len(rows))
    first = int(random.integers(min(3, len(rows)))) if len(rows) > 3 else 0
    chosen = [first]
    jitter = 0.12 * random.random(len(rows))
    while len(chosen) < min(n, len(rows)):
        worth = apart[chosen].min(0) - behind * 0.5 + jitter
        worth[chosen] = -np.inf
        chosen.append(int(worth.argmax()))
    return [rows[chosen[i % len(chosen)]] for i in range(n)]


def letters(memory: Memory, text: str, n: int, random: np.random.Generator) -> list[tuple[int, ...]]:
    """For each of `n` monograms the rows of its letters, of one typeface each; empty where no face has them all."""
    names = [f"{'digit' if c.isdigit() else 'letter'} {c.lower()}" if c != "&" else "ampersand" for c in text]
    concepts = [memory.exact(name) for name in names]
    if not names or None in concepts:
        return []
    by_face: dict[str, list[int]] = {}
    for concept in concepts:
        for row in memory.drawings(concept, "letter").tolist():
            by_face.setdefault(memory.source(row)["set"], []).append(row)
    whole = [tuple(rows) for rows in by_face.values() if len(rows) == len(names)]
    if not whole:
        return []
    order = random.permutation(len(whole))
    return [whole[order[i % len(whole)]] for i in range(n)]
