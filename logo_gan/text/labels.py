"""Statements in a prompt that leave nothing to be read: "a red fox [container: none] [name: Moss & Co]".

The page writes them where a visitor corrects what was read, so that a link, the history and a program have them, too.
"""

from __future__ import annotations

import re

from logo_gan.text import colours, emoji, refusals, russian, vocabulary
from logo_gan.text.phrases import COUNTS
from logo_gan.text.reading import ROLES, Reading

# Kind → how it is written, in English and in Russian.
NAMES = {
    "brand": ("name", "название"),
    "slogan": ("slogan", "девиз"),
    "trade": ("trade", "дело"),
    "thing": ("thing", "предмет"),
    "second": ("second thing", "второй предмет"),
    "count": ("count", "сколько"),
    "letters": ("letters", "буквы"),
    "container": ("container", "подложка"),
    "mark colour": ("mark colour", "цвет знака"),
    "container colour": ("container colour", "цвет подложки"),
    "ground colour": ("background", "цвет фона"),
    "accent colour": ("accent colour", "цвет акцента"),
    "style": ("style", "стиль"),
    "avoid": ("avoid", "без"),
}
NONE, ANY = "none", "any"  # nothing of the kind; whatever goes best, of containers and colours
# What the page writes on Russian pages.
IN_RUSSIAN = {
    NONE: "нет", ANY: "любая", "circle": "круг", "ring": "кольцо", "square": "квадрат",
    "rounded square": "скруглённый квадрат", "hexagon": "шестиугольник", "shield": "щит", "diamond": "ромб",
    "badge": "эмблема",
}  # fmt: skip
OPEN = ("container", *(f"{role} colour" for role in ROLES))  # kinds that can be left open
MOST_LETTERS, MOST_OF_A_MARK = 4, 12
_KINDS = {name: kind for kind, names in NAMES.items() for name in names}
_ENGLISH = {value: name for name, value in IN_RUSSIAN.items()}
_LABEL = re.compile(r"\[([^\[\]:]{1,30}):([^\[\]]*)\]")


def split(prompt: str) -> tuple[str, dict[str, str]]:
    """A prompt's words without its labels, and the labels by kind; of two of a kind the last counts."""
    found: dict[str, str] = {}

    def taken(label: re.Match) -> str:
        kind, value = _KINDS.get(label[1].strip().lower().replace("color", "colour")), " ".join(label[2].split())
        if kind is None or not value:
            return label[0]  # somebody's own brackets
        found[kind] = value
        return " "

    words = _LABEL.sub(taken, prompt)
    return (" ".join(words.split()) if found else prompt), found


def put(prompt: str, kind: str, value: str | None, language: str = "en") -> str:
    """A prompt that says this of one kind at its end, or nothing of it for None; raises KeyError for no such kind."""
    words, found = split(prompt)
    in_russian = language == "ru"
    found.pop(kind, None)
    if value and (value := " ".join(re.sub(r"[\[\]]", " ", value).split())):
        known = value == NONE or kind in OPEN
        found[kind] = IN_RUSSIAN.get(value, value) if in_russian and known else value
    return " ".join(filter(None, [words, *(f"[{NAMES[each][in_russian]}: {said}]" for each, said in found.items())]))


def plain(prompt: str) -> str:
    """What stands for a prompt in a caption: its words, or what its labels name where it has no others."""
    words, found = split(prompt)
    named = [found[kind] for kind in ("brand", "trade", "thing", "second") if kind in found]
    return words.strip() or ", ".join(named) or prompt


class Labels:
    """The labels of one prompt, put in the place of what was read; `unread` are those that say nothing."""

    def __init__(self, found: dict[str, str]) -> None:
        # A firm may be called Круг, or None.
        self.found = {
            kind: (NONE if value == IN_RUSSIAN[NONE] else value) if kind in ("brand", "slogan")
            else _ENGLISH.get(value.lower(), value)
            for kind, value in found.items()
        }  # fmt: skip
        self.unread: list[str] = []

    def correct(self, reading: Reading) -> None:
        """What does not depend on the things: names, letters, trade, container, style, refusals."""
        for kind in ("brand", "slogan"):
            if kind in self.found:
                setattr(reading.names, kind, None if self.found[kind] == NONE else self.found[kind])
        if letters := self.found.get("letters"):
            said = "".join(c for c in letters if c.isalnum() or c == "&").upper()[:MOST_LETTERS]
            reading.names.letters = None if letters == NONE else said or None
        if trade := self.found.get("trade"):
            reading.trades = [] if trade == NONE else [_trade(trade)]
        self._container(reading)
        if style := self.found.get("style"):
            reading.style = [] if style == NONE else _listed(style)
        if avoid := self.found.get("avoid"):
            self._refuse(reading, [] if avoid == NONE else _listed(avoid))

    def things(self, reading: Reading, chosen: tuple[str, ...]) -> tuple[tuple[str, ...], int | None]:
        """The things that are drawn, and how many of the first, from those that were chosen by the words."""
        count = reading.things[0].count if reading.things else None
        things = [thing for thing in chosen if thing not in reading.avoid]
        for place, kind in enumerate(("thing", "second")):
            said = self.found.get(kind)
            if said == NONE:
                del things[place:]  # without a first there is no second
            elif said:
                found, several = self._phrase(reading, said, kind)
                things[place : place + 1] = found if place == 0 and len(found) > 1 else found[:1]
                count = several or count
        if said := self.found.get("count"):
            number = int(said) if said.isdecimal() else COUNTS.get(said.lower(), 0)
            if 1 <= number <= MOST_OF_A_MARK:
                count = number if number > 1 else None
            else:
                self.unread.append(said)
        return tuple(things), count if things else None

    def recolour(self, reading: Reading) -> None:
        """The parts in the colours that labels name, by code or by name; "any" leaves one open."""
        for role in ROLES:
            if not (said := self.found.get(f"{role} colour")):
                continue
            words = [token.low for token in _words(said)]
            rare = colours.rare(words)
            if found := colours.named(words):
                reading.colours[role] = rare[1] if rare and rare[0] > found[0] else found[2]
            elif rare or said in (ANY, NONE):
                reading.colours[role] = rare[1] if rare else None
            else:
                self.unread.append(said)

    def _container(self, reading: Reading) -> None:
        said = self.found.get("container")
        words = _words(said or "")
        found = [hit[1] for i in range(len(words)) if (hit := vocabulary.table("containers").find(words, i))]
        if found:
            reading.container = found[0]
        elif said in (NONE, ANY):
            reading.container = NONE if said == NONE else None
            reading.colours["container"] = None
        elif said:
            self.unread.append(said)

    @staticmethod
    def _refuse(reading: Reading, refused: list[str]) -> None:
        """What is refused by a label alone; colours and a container that the words name go as well."""
        reading.avoid = []
        for said in refused:
            words = _words(said)
            if (hit := vocabulary.table("containers").find(words, 0)) and hit[1] == reading.container:
                reading.container, reading.colours["container"] = None, None
            refusals.refuse(reading, words)
            if named := colours.named([token.low for token in words]):
                reading.bound = [(at, value) for at, value in reading.bound if value != named[2]]
                reading.colours = {r: None if value == named[2] else value for r, value in reading.colours.items()}

    def _phrase(self, reading: Reading, said: str, kind: str) -> tuple[list[str], int | None]:
        """The things that a label names; the name of a drawing stands as it is."""
        if reading.finder.things.exact(said):
            return [said.lower()], None
        words = _words(said)
        for token in words:
            token.tag = kind
        found = reading.finder.find(words)
        if not found and not any(token.is_word for token in words):
            self.unread.append(said)
            return [], None
        return [thing.phrase for thing in found] or [said], found[0].count if found else None


def _trade(value: str) -> tuple[int, str]:
    words = _words(value)
    found = [hit for i in range(len(words)) if (hit := vocabulary.trades().find(words, i))]
    return (len(words), found[0][1]) if found else (0, value)


def _listed(value: str) -> list[str]:
    return [english for part in value.split(",") if (english := russian.translate(part.strip()).lower())]


def _words(value: str) -> list[vocabulary.Token]:
    """In English, whichever of the two languages or emoji it is said in."""
    return vocabulary.tokens(russian.translate(emoji.spelt(value)))
