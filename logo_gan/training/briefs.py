"""Annotated briefs, and ever new ones made from them: what the tagger is taught on.

A line of `briefs.txt` is a brief as people write them, with marks: "[fox|thing] for a [bakery|trade]". From each come
many: names, things, trades and colours are exchanged, letters mistyped, capitals lost.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from logo_gan.text import colours, vocabulary
from logo_gan.text.tagger import TAGS

FILE = Path(__file__).with_name("briefs.txt")
_MARK = re.compile(r"\[([^\[\]|]+)\|([a-z]+)\]")
ONE_TAG = {"nocontainer": "avoid"}  # what the rules tell apart
KINDS = ("Co", "Studio", "Works", "& Sons", "Group", "Labs", "Collective", "House", "Club", "Supply", "and Daughters")
STARTS = "br cr dr fl gr h k l m n p r s st t tr v w z b d f g j sh th zy".split()
MIDDLES = "a e i o u ai ee oo ia ea y".split()
ENDS = "n r x l s t ra lo vi ta sy nix bit ly mo za do ric vex pra len by".split()


@dataclass(frozen=True)
class Piece:
    """A stretch of a brief and its tag, "" for none."""

    text: str
    tag: str = ""


def parsed(line: str) -> list[Piece]:
    """The pieces of an annotated line; raises ValueError for a tag that there is not."""
    pieces, at = [], 0
    for found in _MARK.finditer(line):
        tag = ONE_TAG.get(found[2], found[2])
        if tag not in TAGS:
            raise ValueError(f"There is no tag {found[2]!r}: {line[:80]}")
        pieces += [Piece(line[at : found.start()]), Piece(found[1], tag)]
        at = found.end()
    return [piece for piece in (*pieces, Piece(line[at:])) if piece.text]


def plain(brief: Sequence[Piece]) -> tuple[str, list[tuple[int, int, str]]]:
    """A brief without marks, and the places (start, end, tag) of what is tagged."""
    text, places = "", []
    for piece in brief:
        if piece.tag:
            places.append((len(text), len(text) + len(piece.text), piece.tag))
        text += piece.text
    return text, places


@cache
def annotated() -> list[list[Piece]]:
    """All annotated briefs."""
    lines = FILE.read_text("utf-8").splitlines()
    return [parsed(line.strip()) for line in lines if line.strip() and not line.startswith("# ")]


class Composer:
    """Makes briefs from annotated ones.

    Args:
        briefs: what they are made from.
        things: names of drawings.
        seed: of all that is left to chance.
    """

    def __init__(self, briefs: Sequence[list[Piece]], things: Sequence[str], seed: int) -> None:
        self.briefs, self.things, self.random = list(briefs), list(things), random.Random(seed)
        self.colours = [name for name in colours.names() if name.isascii()]
        self.trades = [name for name in vocabulary.trades().entries if len(name) < 4]
        self.said = {tag: [p.text for brief in briefs for p in brief if p.tag == tag] for tag in TAGS}
        self.asides = [
            sentence.strip() + " "
            for brief in briefs
            for piece in brief
            if not piece.tag
            for sentence in re.findall(r"(?<=[.!?] )[A-Z][^.!?]{12,90}[.!?]", piece.text)
        ]

    def brief(self) -> tuple[str, list[tuple[int, int, str]]]:
        """A brief, and the places (start, end, tag) of what is tagged."""
        pieces = [self._exchanged(piece) for piece in self.random.choice(self.briefs)]
        if self.asides and self.random.random() < 0.15:
            pieces.insert(0, Piece(self.random.choice(self.asides)))
        chance = self.random.random()
        if chance < 0.12:
            pieces = [Piece(p.text.lower(), p.tag) for p in pieces]
        elif chance < 0.17:
            pieces = [Piece(p.text.upper(), p.tag) for p in pieces]
        if self.random.random() < 0.15:
            pieces = [p if p.tag == "brand" else Piece(self._mistyped(p.text), p.tag) for p in pieces]
        return plain(pieces)

    def _exchanged(self, piece: Piece) -> Piece:
        chance, pick = self.random.random(), self.random.choice
        match piece.tag:
            case "thing" | "second" if chance < 0.55:
                name = pick(self.things)
                return Piece(name + "s" if piece.text.endswith("s") and not name.endswith("s") else name, piece.tag)
            case "avoid" if chance < 0.3:
                return Piece(pick(self.things), piece.tag)
            case "brand" if chance < 0.7:
                name = self._name() if chance < 0.5 else pick(self.said["brand"])
                return Piece(name.lower() if piece.text.islower() else name, piece.tag)
            case "trade" if chance < 0.4:
                return Piece(" ".join(pick(self.trades)), piece.tag)
            case "colour" | "holder" | "ground" if chance < 0.5 and not piece.text.startswith("#"):
                return Piece(pick(self.colours), piece.tag)
            case "style" | "slogan" if chance < 0.4:
                return Piece(pick(self.said[piece.tag]), piece.tag)
        return piece

    def _name(self) -> str:
        """A name that nobody has, of words that are things, surnames of no language, or both."""
        pick = self.random.choice
        noun = lambda: pick(self.things).split()[-1].capitalize()  # noqa: E731
        sound = lambda: (pick(STARTS) + pick(MIDDLES) + pick(ENDS)).capitalize()  # noqa: E731
        kind = self.random.randrange(9)
        match kind:
            case 0:
                return f"{noun()} & {noun()}"
            case 1:
                return f"{sound()} & {sound()}"
            case 2:
                return f"{noun()} {pick(KINDS)}"
            case 3:
                return f"{sound()} {pick(KINDS)}"
            case 4:
                return f"The {noun()} {noun()}"
            case 5:
                return sound() + pick(MIDDLES) + pick(ENDS)
            case 6:
                return f"{sound()}'s {noun()}"
            case 7:
                return f"{noun()}{sound()}{self.random.choice(['', '', '7', '360', '+'])}"
        return f"{pick(self.colours).split()[0].capitalize()} {noun()}"

    def _mistyped(self, text: str) -> str:
        """With a slip of the pen in some of the longer words."""

        def slip(found: re.Match) -> str:
            word = found[0]
            if self.random.random() > 0.15:
                return word
            i = self.random.randrange(1, len(word) - 2)
            return pick(
                [
                    word[:i] + word[i + 1] + word[i] + word[i + 2 :],
                    word[:i] + word[i + 1 :],
                    word[:i] + word[i] + word[i:],
                ]
            )

        pick = self.random.choice
        return re.sub(r"[A-Za-z]{5,}", slip, text)
