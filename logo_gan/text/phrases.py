"""From the unread words of a prompt to the things to draw: whole phrases where a drawing is known, else nouns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from logo_gan.text.vocabulary import Token, key, singular, table

WHOLE = 0.74  # likeness to a drawing's name from which a phrase of several words is asked for as it stands
RELATED = 0.78  # the same for two things and what is between them
PAIRED = 0.6  # the same for "crossed axes" and "olive branch", which are more than their last word
NEAR = 0.55  # likeness below which a phrase is like no drawing
SURE = 0.68  # the same where a word is not known
LONGEST_WORD, MOST_SLIPS = 16, 4  # letters of a word whose spelling is mended; such words of a prompt
LONGEST = 4  # words of a drawing's name
COUNTS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
    "double": 2, "twin": 2, "triple": 3,
} | {str(n): n for n in range(2, 13)}  # fmt: skip
TOGETHER = {"and", "n", "&", "+", "with", "plus", "beside", "or"}
IN_PAIRS = {"crossed", "intertwined", "linked", "overlapping", "entwined", "interlocking"}
SHORTEST = 5  # letters of a word that a slip of the pen is looked for in
SOUNDS = (
    ("f", "ph"),
    ("ph", "f"),
    ("k", "c"),
    ("c", "k"),
    ("s", "c"),
    ("c", "s"),
    ("ei", "ie"),
    ("ie", "ei"),
    ("i", "y"),
)
BETWEEN = set(
    "of at on in under over around behind above into from by near through against across between for to inside beside "
    "next out up down off as like that which while".split()
)
NOUNS = set(
    "wing king ring string earring spring building wedding ceiling pudding dumpling seedling lightning boxing bowling "
    "swing sling duckling painting clothing bed seed red weed sled reed shed breed feed steed".split()
)


class Things(Protocol):
    """What can be drawn, as the reading of a brief needs to know it."""

    def exact(self, phrase: str) -> bool:
        """Whether there is a drawing of just this name, in the singular or plural."""

    def kind(self, phrase: str) -> str | None:
        """The name of what is drawn for a word that no drawing has: "bird" for "puffin"."""

    def similarity(self, phrases: list[str]) -> Sequence[float]:
        """For each phrase the likeness, up to 1, of the drawing's name that is nearest in meaning."""

    def is_word(self, word: str) -> bool:
        """Whether a word is known, so that its likeness says something, and no slip of the pen."""


@dataclass
class Thing:
    """Something to draw: its phrase, its words in the prompt, how many of it are asked for, and whether in passing."""

    phrase: str
    words: list[Token]
    count: int | None = None


class Finder:
    """Finds things in stretches of unread words, and gives those words their role."""

    def __init__(self, things: Things) -> None:
        self.things = things
        self._likeness: dict[str, float] = {}
        self.slips = 0  # words looked up in other spellings

    def is_thing(self, phrase: str) -> bool:
        """Whether a phrase is the name of a drawing, and no word that prompts use for something else."""
        return (
            len(phrase) > 1
            and key(phrase) not in table("not_things").entries
            and phrase not in table("stops")
            and self.things.exact(phrase)
        )

    def likeness(self, phrase: str) -> float:
        if phrase not in self._likeness:
            self._likeness[phrase] = float(self.things.similarity([phrase])[0])
        return self._likeness[phrase]

    def whole(self, chunk: list[Token]) -> list[Thing]:
        """The one thing that a stretch of words is, where a drawing shows just that: "wolf howling at the moon"."""
        words = _trimmed([token for token in chunk if not token.role])
        phrase = _said(words)
        drawn = 1 < len(words) < 8 and (self.is_thing(phrase) or self.likeness(phrase) >= RELATED)
        return [self._thing(phrase, words)] if drawn else []

    def find(self, chunk: list[Token]) -> list[Thing]:
        """The things that a stretch of words asks for, in order."""
        chunk = _trimmed(chunk)
        words = [token for token in chunk if not token.role]
        if not words:
            return []
        joined = [i for i, token in enumerate(chunk) if token.low in TOGETHER and not token.role]
        if joined:
            if len(words) <= LONGEST + 1 and self.is_thing(_said(words)):
                return [self._thing(_said(words), chunk)]
            parts, start = [], 0
            for i in [*joined, len(chunk)]:
                parts.append(chunk[start:i])
                start = i + 1
            return [thing for part in parts for thing in self.find(part)]
        return self._part(chunk)

    def _part(self, part: list[Token]) -> list[Thing]:
        count, words = _count([token for token in part if not token.role or token.low in COUNTS])
        words = _trimmed(words)
        if not words:
            return []
        phrase = _said(words)
        if self.is_thing(phrase):
            return [self._thing(phrase, part, count)]
        if any(token.low in IN_PAIRS for token in words) and self.likeness(phrase) >= PAIRED:
            return [self._thing(phrase, part, count)]
        cut = _cut(words)
        if (
            len(words) > 1
            and len(words) <= 7
            and self.likeness(phrase) >= WHOLE
            and (len(cut) > 1 or not self._ends(words))
        ):
            return [self._thing(phrase, part, None if len(cut) > 1 else count)]
        if len(cut) > 1:
            found = [thing for piece in cut for thing in self._noun(piece, count if piece is cut[0] else None)]
        else:
            found = self._noun(words, count)
        if not found and any(token.tag in ("thing", "second") for token in words):
            found = self._kind(words, count)
        if not found and (meant := self._meant(words)):
            return [self._thing(meant, part, count)]
        return found

    def _kind(self, words: list[Token], count: int | None) -> list[Thing]:
        """What stands for the last words of a phrase that no drawing has the name of: a bird for a puffin."""
        for end in range(len(words), 0, -1):
            for start in range(max(0, end - 2), end):
                said = _said(words[start:end])
                found = f"{said} head" if self.is_thing(f"{said} head") else self.things.kind(said)
                if found:
                    return [self._thing(found, words, count)]
        return []

    def _meant(self, words: list[Token]) -> str | None:
        """What words that name no drawing are asked for as: what they are near to, or a slip of the pen away from."""
        for token in reversed(words):
            # A slip of the pen is looked for in words, not in heaps of letters, and not in one after the other.
            if (
                SHORTEST <= len(token.low) <= LONGEST_WORD
                and not self.things.is_word(token.low)
                and self.slips < MOST_SLIPS
            ):
                self.slips += 1
                for spelling in spellings(token.low):
                    if self.is_thing(spelling):
                        return spelling
        known = all(self.things.is_word(token.low) for token in words if token.low != "-")
        return _said(words) if len(words) < 6 and self.likeness(_said(words)) >= (NEAR if known else SURE) else None

    def _noun(self, words: list[Token], count: int | None) -> list[Thing]:
        """The noun that ends a phrase, with as much before it as a drawing's name has: "big wolf head" → wolf head."""
        own_count, words = _count(words)
        words = _trimmed(words)
        for end in range(len(words), 0, -1):
            for start in range(max(0, end - LONGEST), end):
                phrase = _said(words[start:end])
                if self.is_thing(phrase):
                    whole = _said(words)
                    compound = 0 < start == end - 1 and self.is_thing(_said(words[start - 1 : start]))
                    if compound and end == len(words) and self.likeness(whole) >= PAIRED:  # "olive branch"
                        return [self._thing(whole, words, own_count or count)]
                    if start == 0 or end < len(words) or self.likeness(whole) < WHOLE:
                        return [self._thing(phrase, words[start:end], own_count or count)]
                    return [self._thing(whole, words, own_count or count)]
        return []

    def _ends(self, words: list[Token]) -> bool:
        return any(self.is_thing(_said(words[start:])) for start in range(1, len(words)))

    def _thing(self, phrase: str, words: list[Token], count: int | None = None) -> Thing:
        for token in words:
            token.role = token.role or "thing"
        if count and not any(token.low in IN_PAIRS for token in words) and len(phrase.split()) < 4:
            head, _, last = phrase.rpartition(" ")
            phrase = f"{head} {singular(last)}".strip()
        return Thing(phrase, words, count)


def spellings(word: str) -> Iterator[str]:
    """What may be meant by a word with one slip of the pen, the likeliest first."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    yield from (a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1 and a)
    yield from (a + sound + b[len(said) :] for said, sound in SOUNDS for a, b in cuts if b.startswith(said))
    yield from (a + letter + b for a, b in cuts if a for letter in letters)
    yield from (a + b[1:] for a, b in cuts if b and a)
    yield from (a + letter + b[1:] for a, b in cuts if b and a for letter in letters)


def _said(words: Sequence[Token]) -> str:
    text = " ".join(token.low for token in words if token.low != "-")
    return re.sub(r"'s\b", "", text)


def _trimmed(chunk: list[Token]) -> list[Token]:
    """Without the articles, verbs and the like at either end."""
    around = ("stops", "asking", "filler")

    def is_around(token: Token) -> bool:
        if token.role:
            return token.role in ("filler", "stop")
        return not token.is_word or any(token.low in table(name) for name in around) or token.low in BETWEEN

    start, end = 0, len(chunk)
    while start < end and is_around(chunk[start]):
        start += 1
    while end > start and is_around(chunk[end - 1]):
        end -= 1
    return chunk[start:end]


def _count(words: list[Token]) -> tuple[int | None, list[Token]]:
    if len(words) > 1 and words[0].low in COUNTS and words[1].is_word:
        words[0].role = "count"
        return COUNTS[words[0].low], words[1:]
    return None, [token for token in words if token.role != "count"]


def _cut(words: list[Token]) -> list[list[Token]]:
    """A phrase cut where what happens or where it is begins: "fox | curled around a | book"."""
    pieces: list[list[Token]] = [[]]
    for i, token in enumerate(words):
        parts = token.low in BETWEEN or token.low in table("stops")
        verb = i > 0 and len(token.low) > 4 and token.low.endswith(("ing", "ed")) and token.low not in NOUNS
        if parts or verb:
            if pieces[-1]:
                pieces.append([])
        else:
            pieces[-1].append(token)
    return [piece for piece in pieces if piece]
