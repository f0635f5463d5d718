"""What has been read of a prompt so far, and what every part of the reading asks of words."""

from __future__ import annotations

from dataclasses import dataclass, field

from logo_gan.text import colours
from logo_gan.text.names import Names
from logo_gan.text.phrases import Finder, Thing
from logo_gan.text.vocabulary import Token, table

ROLES = ("mark", "container", "ground", "accent")  # of colours
WHITE = "#ffffff"


@dataclass
class Reading:
    """The state of a reading.

    Attributes:
        text: the prompt in English words, without pasted syntax.
        words: its tokens; each gets a role.
        bound: colours before their owners are known: the place among the words, and '#rrggbb'.
        trades: how many words say so, and the trade.
    """

    text: str
    words: list[Token]
    finder: Finder
    names: Names
    colours: dict[str, str | None] = field(default_factory=lambda: dict.fromkeys(ROLES))
    container: str | None = None
    bound: list[tuple[int, str]] = field(default_factory=list)
    trades: list[tuple[int, str]] = field(default_factory=list)
    style: list[str] = field(default_factory=list)
    avoid: list[str] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)

    @property
    def has_container(self) -> bool:
        """Whether a container is asked for."""
        return self.container not in (None, "none")

    def colour(self, role: str, value: str) -> None:
        """Give a role its colour, unless it has one."""
        self.colours[role] = self.colours[role] or value


def tell(words: list[Token], role: str) -> None:
    """Give a role to those words that have none."""
    for token in words:
        token.role = token.role or role


def find_all(name: str, words: list[Token], role: str, shortest: int = 1) -> list[str]:
    """The phrases of a table among unread words, which get a role; of at least `shortest` tokens each."""
    found, i = [], 0
    while i < len(words):
        # A style's word may be part of a thing's name: "flat shoe".
        within = words[i].tag in ("thing", "second") and [t.tag for t in words[i + 1 : i + 2]] == [words[i].tag]
        hit = None if words[i].role or within else table(name).find(words, i)
        if hit and hit[0] - i >= shortest and not any(token.role for token in words[i : hit[0]]):
            found.append(hit[1])
            tell(words[i : hit[0]], role)
            i = hit[0]
        else:
            i += 1
    return found


def is_colour(token: Token) -> bool:
    """Whether a word alone is a colour's name or code."""
    return colours.named([token.low]) is not None


def is_colour_part(clause: list[Token], i: int) -> bool:
    """Whether word i belongs to a colour: "navy", "forest" of "forest green", "dark" of "dark red"."""
    lows = [token.low for token in clause]
    for start in range(max(0, i - 2), i + 1):
        found = colours.named(lows[start:])
        if found and start + found[0] > i:
            return True
    return False


def take(part: list[Token]) -> list[str]:
    """The colours among unread words, which get their role."""
    found, i = [], 0
    lows = [token.low for token in part]
    while i < len(part):
        named = None if part[i].role else colours.named(lows[i:])
        if named:
            found.append(named[2])
            for token in part[i : i + named[0]]:
                token.role = "colour"
        i += named[0] if named else 1
    return found


def described_from(clause: list[Token], i: int) -> int:
    """Where the words that describe word i begin: articles, colours, "big", "thin"."""
    start = i
    while start > 0:
        token = clause[start - 1]
        told = (
            token.low in ("a", "an", "the", "one", "-", "/", "single", "its", "coloured", "colored")
            or token.low in table("adjectives")
            or is_colour_part(clause, start - 1)
            or (token.low in ("and", "&") and start - 1 > 0 and is_colour_part(clause, start - 2) and
                is_colour_part(clause, start))
        )  # fmt: skip
        if token.role or not told:
            break
        start -= 1
    return start
