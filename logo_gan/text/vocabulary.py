"""The words that briefs are read by: tokens of a prompt, and tables of phrases that are looked up in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TOKEN = re.compile(r"#[0-9A-Fa-f]{6}\b|#[0-9A-Fa-f]{3}\b|[^\W_]+(?:['’][^\W_]+)*|\S")
BREAKS = set(',;:.!?\n()[]|•·*/<>{}"«»“”„=~_—–…')  # signs that part what is said
JOINS = {"of", "and", "the", "n", "for", "in", "de", "la"}
_ENDINGS = (("ies", "y"), ("ves", "f"), ("es", ""), ("s", ""))


@dataclass
class Token:
    """A word or sign of a prompt.

    Attributes:
        text, low: as written, and in lower case.
        start, end: its place in the prompt.
        role: what it was read as; '' for nothing yet.
        tag, chance: what the tagger takes it for, '' for nothing that is asked for, and how sure it is of that.
    """

    text: str
    low: str
    start: int
    end: int
    role: str = ""
    tag: str = ""
    chance: float = 0.0

    @property
    def is_word(self) -> bool:
        """Whether it is a word, a number or a colour's code, and no sign."""
        return self.low[0] == "#" or self.low[0].isalnum()


def tokens(text: str) -> list[Token]:
    """The words, numbers and signs of a text; hyphens part words, apostrophes do not."""
    return [
        Token(found[0], found[0].lower().replace("’", "'"), found.start(), found.end())
        for found in _TOKEN.finditer(text)
    ]


def runs(words: Sequence[Token], tag: str) -> list[list[Token]]:
    """The stretches of words with a tag; a sign, or a small word without a tag, parts none: "Hartley & Moss"."""
    found: list[list[Token]] = []
    last = -2
    for i, token in enumerate(words):
        if token.tag != tag:
            continue
        between = words[last + 1 : i]
        joins = len(between) == 1 and (between[0].low in JOINS or len(between[0].low) == 1) and not between[0].tag
        if found and (last == i - 1 or (joins and between[0].low not in BREAKS)):
            found[-1] += [*between, token]
        else:
            found.append([token])
        last = i
    return found


def key(phrase: str) -> tuple[str, ...]:
    """A phrase as tables hold it: its words in lower case."""
    return tuple(token.low for token in tokens(phrase) if token.low != "-")


class Table:
    """Phrases of a few words, and what each stands for."""

    def __init__(self, phrases: Mapping[str, str]) -> None:
        self.entries = {key(phrase): meant for phrase, meant in phrases.items()}
        self.longest = max(map(len, self.entries), default=0)

    def __contains__(self, word: str) -> bool:
        return (word,) in self.entries

    def find(self, words: Sequence[Token], start: int) -> tuple[int, str] | None:
        """Where the longest phrase that begins at `start` ends, and what it stands for; hyphens are spaces."""
        at, said, best = start, [], None
        while at < len(words) and len(said) < self.longest:
            if words[at].low != "-" or not said:
                said.append(words[at].low)
                meant = self.entries.get(tuple(said))
                best = best if meant is None else (at + 1, meant)
            at += 1
        return best

    def ending(self, words: Sequence[Token], end: int) -> int | None:
        """Where the longest phrase that ends just before `end` begins."""
        for n in range(min(2 * self.longest, end), 0, -1):
            found = self.find(words, end - n)
            if found and found[0] == end:
                return end - n
        return None


@cache
def _stored() -> dict:
    return json.loads(Path(__file__).with_name("vocabulary.json").read_text("utf-8"))


def _listed(text: str) -> Iterable[str]:
    return (phrase.strip() for phrase in text.split(",") if phrase.strip())


@cache
def table(name: str) -> Table:
    """A list of `vocabulary.json` as a table; of containers each word stands for one of the eight."""
    stored = _stored()[name]
    if isinstance(stored, dict):
        return Table({phrase: meant for meant, phrases in stored.items() for phrase in _listed(phrases)})
    return Table({phrase: phrase for phrase in _listed(stored)})


@cache
def _trades() -> dict[str, dict]:
    return json.loads(Path(__file__).with_name("trades.json").read_text("utf-8"))


@cache
def trades() -> Table:
    """Names of trades, as "dental clinic" → the trade that `symbols` knows, "dentist"."""
    also = {phrase: name for name, trade in _trades().items() for phrase in _listed(trade["also"])}
    return Table(also | {name: name for name in _trades()})


@cache
def trade_names() -> frozenset[str]:
    """The trades that `symbols` knows, each by one name."""
    return frozenset(_trades())


def symbols(trade: str) -> tuple[str, ...]:
    """Things that stand for a trade, the most usual first: ("tooth", …) for "dentist" or "dental clinic"."""
    found = trades().entries.get(key(trade))
    return tuple(_trades()[found]["things"]) if found else ()


def singular(word: str) -> str:
    """An English noun without its plural ending."""
    if word.endswith(("ss", "us", "is")) or len(word) < 4:
        return word
    for ending, instead in _ENDINGS:
        if word.endswith(ending):
            if ending == "es" and not word.endswith(("shes", "ches", "xes", "sses", "zes", "oes")):
                continue
            return word.removesuffix(ending) + instead
    return word
