"""Statements in a prompt that leave nothing to be read: "a red fox [container: none] [name: Moss & Co]".

The page writes them where a visitor corrects what was read, so that a link, the history and a program have them, too.
"""

from __future__ import annotations

import re
from dataclasses import replace

from logo_gan.text import colours, russian, vocabulary
from logo_gan.text.phrases import Thing
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
NONE, ANY = ("none", "нет"), ("any", "любая")  # nothing of the kind; whatever goes best
MOST_LETTERS, MOST_OF_A_MARK = 4, 12
_KINDS = {name: kind for kind, names in NAMES.items() for name in names}
_LABEL = re.compile(r"\s*\[\s*([^\[\]:]{1,30}?)\s*:\s*([^\[\]]*?)\s*\]")


def split(prompt: str) -> tuple[str, dict[str, str]]:
    """A prompt's words without its labels, and the labels by kind; of two of a kind the last counts."""
    found: dict[str, str] = {}

    def taken(label: re.Match) -> str:
        kind = _KINDS.get(label[1].lower().replace("color", "colour"))
        if kind is None or not label[2]:
            return label[0]  # somebody's own brackets
        found[kind] = label[2]
        return ""

    return _LABEL.sub(taken, prompt).strip(), found


def put(prompt: str, kind: str, value: str | None, language: str = "en") -> str:
    """A prompt that says this of one kind at its end, or nothing of it for None; raises KeyError for no such kind."""
    words, found = split(prompt)
    in_russian = language == "ru"
    found.pop(kind, None)
    if value and (value := re.sub(r"[\[\]\s]+", " ", value).strip()):
        found[kind] = {NONE[0]: NONE, ANY[0]: ANY}.get(value, (value, value))[in_russian]
    return " ".join(filter(None, [words, *(f"[{NAMES[each][in_russian]}: {said}]" for each, said in found.items())]))


def plain(prompt: str) -> str:
    """What stands for a prompt in a caption: its words, or what its labels say where it has no others."""
    words, found = split(prompt)
    return words or ", ".join(found.values()) or prompt


def correct(reading: Reading, labels: dict[str, str]) -> None:
    """Put what labels say in the place of what was read, but for colours."""
    for kind in ("brand", "slogan"):
        if kind in labels:
            setattr(reading.names, kind, _or_none(labels[kind]))
    if "letters" in labels:
        said = "".join(c for c in labels["letters"] if c.isalnum() or c == "&").upper()[:MOST_LETTERS]
        reading.names.letters = said if _or_none(labels["letters"]) else None
    if "trade" in labels:
        reading.trades = [_trade(value)] if (value := _or_none(labels["trade"])) else []
    if container := vocabulary.table("containers").find(_words(labels.get("container", "")), 0):
        reading.container = container[1]
    elif "container" in labels and _or_none(labels["container"]) is None:
        reading.container, reading.colours["container"] = "none", None
    elif labels.get("container", "").lower() in ANY:
        reading.container = None
    for kind in ("style", "avoid"):
        if kind in labels:
            said = _or_none(labels[kind]) or ""
            setattr(reading, kind, [part.strip().lower() for part in said.split(",") if part.strip()])
    _things(reading, labels)


def recolour(reading: Reading, labels: dict[str, str]) -> None:
    """Give the parts of a logo the colours that labels name, by code or by name; "any" leaves one open."""
    for role in ROLES:
        if said := labels.get(f"{role} colour"):
            found = colours.named([token.low for token in _words(said)])
            if found or said.lower() in ANY:
                reading.colours[role] = found[2] if found else None


def _things(reading: Reading, labels: dict[str, str]) -> None:
    for place, kind in enumerate(("thing", "second")):
        if kind not in labels:
            continue
        read = reading.things[place] if place < len(reading.things) else None
        said = _or_none(labels[kind])
        if said is None:
            del reading.things[place:]  # without a first there is no second
            continue
        for token in (words := _words(said)):
            token.tag = kind
        found = reading.finder.find(words)
        phrase = found[0].phrase if found else said
        # It stands where the other was read: colours and counts of that are its own now.
        count = found[0].count if found and found[0].count else read and read.count
        reading.things[place : place + 1] = [Thing(phrase, read.words if read else words, count)]
    if (said := labels.get("count", "")).isdecimal() and 1 <= int(said) <= MOST_OF_A_MARK and reading.things:
        reading.things[0] = replace(reading.things[0], count=int(said) if int(said) > 1 else None)


def _trade(value: str) -> tuple[int, str]:
    words = _words(value)
    found = [hit for i in range(len(words)) if (hit := vocabulary.trades().find(words, i))]
    return (len(words), found[0][1]) if found else (0, value)


def _words(value: str) -> list[vocabulary.Token]:
    """In English, whichever of the two languages it is said in."""
    return vocabulary.tokens(russian.translate(value))


def _or_none(value: str) -> str | None:
    return None if value.lower() in NONE else value
