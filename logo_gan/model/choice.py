"""Which remembered drawings the proposals of a brief are drawn from."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from logo_gan.marks.memory import Memory
    from logo_gan.text.encoder import SentenceEncoder

CONCEPTS = 12  # that are looked at for a thing
FAR = 0.46  # likeness of texts below which a thing is not in the memory
BEHIND = 0.24  # how much less fitting than the best another concept may be
EXACT = 1.1  # how well the concept of just the thing's name fits
SURE = 0.8  # how well a concept has to fit to stand for what nobody has asked for
OTHER_HEAD = 0.06  # and that one without it loses
ALIAS_EXACT = 0.8  # and of a concept that has the thing for a further name
OTHER_WORD = 0.06  # of likeness, for each word of a concept that the thing does not have
BETWEEN = set("of at on in under over around with behind above into by from near and holding".split())
NOUNS = {
    "ring",
    "wing",
    "king",
    "building",
    "string",
    "spring",
    "earring",
    "painting",
    "lightning",
    "dumpling",
    "wedding",
}
WHOLE = {"head", "face"}  # but for these: the head of an animal stands for it
KINDS = WHOLE | {"flower", "tree", "fruit", "bird", "fish", "plant", "animal", "dog", "cat"}  # say little of a thing
ENOUGH = 6  # drawings, from which no further concept is looked at
OTHER_THING = 0.2  # that a concept without the thing's last word loses, where that word has drawings
SAME_WORD = 0.12  # of likeness, that a concept which holds the thing's last word is given
POOL = 14  # drawings that four are chosen from
FEW, USUAL = 6, 0.7  # drawings of a concept up to which all are taken; of more, this share
FEWEST, WEIGHTED = 4, 0.5  # of a thing's drawings that stay where light or heavy ones are asked for
FALLBACK = "abstract"
LOOK_ALIKE = str.maketrans("АВЕКМНОРСТХІЇЄҐЎ", "ABEKMHOPCTXIIEГУ")
OTHERS, NEAR = 8, 0.5  # alternatives of a thing, and how like its name theirs are
LATER = 0.05  # what a drawing further down costs, in field distance, when different ones are looked for


class Drawable:
    """What a memory can draw, as the reading of a brief needs to know it (text/phrases.py)."""

    def __init__(self, memory: Memory, encoder: SentenceEncoder):
        self.memory, self.encoder = memory, encoder

    def exact(self, phrase: str) -> bool:
        """Whether there is a drawing of just this name, in the singular or plural."""
        return self.memory.exact(phrase) is not None

    def kind(self, phrase: str) -> str | None:
        """The name of what is drawn for a word that no drawing has: "bird" for "puffin"."""
        found = self.memory.kind(phrase)
        return None if found is None else self.memory.concepts[found]

    def similarity(self, phrases: list[str]) -> list[float]:
        """For each phrase the likeness, up to 1, of the drawing's name that is nearest in meaning."""
        found = self.memory.search(self.encoder.encode(phrases), 1) if phrases else []
        return [each[0].similarity for each in found]

    def is_word(self, word: str) -> bool:
        """Whether a word is known, so that its likeness says something, and no slip of the pen."""
        return self.encoder.is_word(word)


@dataclass(frozen=True)
class Thing:
    """What was found for a phrase: rows of the memory, the most fitting first, and how well the best concept fits."""

    phrase: str
    rows: tuple[int, ...]
    fit: float


def find(memory: Memory, encoder: SentenceEncoder, phrases: Sequence[str], style: str = "solid") -> list[Thing]:
    """Drawings of each phrase, as "wolf" or "two crossed hammers"."""
    if not phrases:
        return []
    named = {phrase: memory.exact(phrase) for phrase in phrases}
    # The names of drawings have their vectors already.
    vectors = {phrase: memory.vector_of(concept) for phrase, concept in named.items()
               if concept is not None and memory.concepts[concept] == phrase.lower()}  # fmt: skip
    if unknown := [phrase for phrase in named if phrase not in vectors]:
        vectors |= dict(zip(unknown, encoder.encode(unknown), strict=True))
    return found_by(memory, phrases, np.stack([vectors[phrase] for phrase in phrases]), style)


def found_by(memory: Memory, phrases: Sequence[str], vectors: np.ndarray, style: str = "solid") -> list[Thing]:
    """`find` with the phrases' text vectors (N, 384), which a concept's own name has already."""
    found = memory.search(vectors, CONCEPTS)
    return [_thing(memory, phrase, concepts, style) for phrase, concepts in zip(phrases, found, strict=True)]


def alternatives(
    memory: Memory, encoder: SentenceEncoder, phrase: str, first: Sequence[str] = (), n: int = OTHERS
) -> list[tuple[str, int]]:
    """Names of drawings near in meaning to a phrase, those in `first` before others, each with its best row."""
    own = memory.exact(phrase)
    known = own is not None and memory.concepts[own] == phrase.lower()
    vectors = memory.vector_of(own)[None] if known else encoder.encode([phrase])
    names = [(each, memory.exact(each)) for each in first]
    # By their own names: a further word for one, as "fox" for a television, says too little here.
    near = [(float(memory.vector_of(each.concept) @ vectors[0]), each) for each in memory.search(vectors, 4 * n)[0]]
    near.sort(key=lambda pair: -pair[0])
    names += [(each.name, each.concept) for likeness, each in near if likeness >= NEAR]
    found: dict[int, str] = {}  # row → name
    for name, concept in names:
        rows = memory.drawings(concept) if concept is not None else ()
        if len(rows) and name != phrase.lower() and name not in found.values():
            found.setdefault(int(rows[0]), name)
    return [(name, row) for row, name in found.items()][:n]


def _thing(memory: Memory, phrase: str, concepts: list, style: str) -> Thing:
    exact = memory.exact(phrase)
    words = phrase.lower().split()
    ranked: dict[int, float] = {}
    literal = exact is not None and memory.concepts[exact] == phrase.lower()  # "hops" are no hop
    if exact is not None:  # by its own name, or by a further word for something else
        own = [_singular(word) for word in memory.concepts[exact].split()] == [_singular(word) for word in words]
        ranked[exact] = EXACT if own else ALIAS_EXACT
    for each in concepts:
        ranked[each.concept] = max(
            ranked.get(each.concept, 0.0), _fit(words, each.name.split(), each.similarity, literal)
        )
    kind = memory.exact(" ".join(words[:-1])) if len(words) > 1 and _singular(words[-1]) in KINDS else None
    if kind is not None and exact is None:  # a hibiscus for a hibiscus flower, a goat for a goat's head
        ranked[kind] = EXACT
    head = _singular(_head(words[:-1] if words[-1] in WHOLE and len(words) > 1 else words))  # a goat's, not a head
    if len(words) > 1 and (own_head := memory.exact(head)) is not None:  # "crossed oars" are no cross
        ranked.setdefault(own_head, FAR + SAME_WORD)
        said = {_singular(word) for word in words}
        for concept, name in ((c, memory.concepts[c]) for c in ranked):
            theirs = {_singular(word) for word in name.split()}
            part = theirs <= said and not theirs <= KINDS  # "hibiscus" of a hibiscus flower
            ranked[concept] -= OTHER_THING * (head not in name and concept != exact and not part)
    order = sorted(ranked, key=lambda c: -ranked[c])
    best = ranked[order[0]] if order else 0.0
    rows: list[int] = []
    for concept in order:
        if rows and ranked[concept] < max(best - BEHIND, FAR):
            break
        rows += _of_style(memory, concept, style).tolist()
        if len(rows) >= ENOUGH:
            break
    return Thing(phrase, tuple(dict.fromkeys(rows))[:POOL], best)


def _fit(words: list[str], name: list[str], similarity: float, literal: bool) -> float:
    """How well a concept fits a thing: a "fox head" does for a fox, a "fox tail" less."""
    own, theirs = (words, name) if literal else ([_singular(w) for w in each] for each in (words, name))
    shared = SAME_WORD if _head(own) in theirs else -OTHER_HEAD
    more = sum(word not in own and word not in WHOLE for word in theirs)
    return similarity + shared - OTHER_WORD * more


def _head(words: list[str]) -> str:
    """The word of a phrase that names the thing: "wolf" of "wolf howling at the moon", "hammer" of "crossed hammer"."""
    for i, word in enumerate(words[1:], 1):
        if word in BETWEEN or (word.endswith("ing") and word not in NOUNS):
            return words[i - 1]
    return words[-1]


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _of_style(memory: Memory, concept: int, style: str) -> np.ndarray:
    """A concept's drawings in a style, or else solid ones; of many, those at the end are the odd ones."""
    rows = memory.drawings(concept, style)
    rows = rows if len(rows) else memory.drawings(concept, "solid")
    rows = rows if len(rows) else memory.drawings(concept, None)
    return rows if len(rows) <= FEW else rows[: max(FEW, round(USUAL * len(rows)))]


def of_weight(memory: Memory, rows: Sequence[int], weight: int) -> Sequence[int]:
    """The lighter (-1) or heavier (1) ones of a thing's drawings, the most fitting first; all of them for 0, or of few.

    How heavy a drawing is, its area says in terms of its edges' length.
    """
    if not weight or len(rows) <= FEWEST:
        return rows
    outlines = [memory.outline(row) for row in rows]
    heavy = [weight * outline.area / max(outline.length, 1e-6) for outline in outlines]
    kept = sorted(range(len(rows)), key=lambda i: -heavy[i])[: max(FEWEST, round(WEIGHTED * len(rows)))]
    return [rows[i] for i in sorted(kept)]


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
    """For each of `n` monograms the rows of its letters, of one typeface each; empty where no face has them all.

    Accents are left out, and Cyrillic letters that look like Latin ones are drawn by these, which more faces have.
    """
    plain = "".join(unicodedata.normalize("NFD", c)[0] if "À" <= c <= "ſ" else c for c in text.upper())
    plain = plain.translate(LOOK_ALIKE)
    names = [f"{'digit' if c.isdigit() else 'letter'} {c.lower()}" if c != "&" else "ampersand" for c in plain]
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
