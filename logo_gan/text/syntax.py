"""What is written for programs rather than for people: options and weights, JSON, XML, addresses, rgb codes, "w/o"."""

from __future__ import annotations

import re

from logo_gan.text import colours

_SYNTAX = re.compile(
    r"--no\s+(?P<no>[^-]+)|--\w+(?:\s+[\w:./]+)?|\(\(*(?P<kept>[^():]{1,60})(?::\s*\d[\d.]*)?\)\)*|<[^<>]{1,60}>"
    r"|\b24/7\b|\b(?:365|24h)\b|https?://\S+|www\.\S+|\S+@\S+\.\w+|(?<=\w):\d\.\d\b|\bnegative\s+prompt\s*:(?P<negative>.*)$",
    re.I,
)
# `"icon": "fox",` of JSON and `<icon>fox</icon>` of XML are "icon: fox,".
_LABELLED = re.compile(r'"(\w+)"\s*:\s*"?([^",{}\[\]]*)"?\s*[,}]?|<(\w+)>([^<>]+)</\3>')
# A form's labels in a row: "Brand: Mossback Industry: outdoor gear".
_ROW = re.compile(
    r"(?<=\w)\s+(?=(?:brand|name|company|business|client|industry|sector|trade|icon|symbol|mark|shape|container|frame|"
    r"palette|tagline|slogan|motto|style|mood|vibe|avoid|exclude|letters|initials|background|colou?rs?)"
    r"(?:\s+(?:name|colou?rs?))?\s*:)",
    re.I,
)
# "Three ears of wheat" are three of wheat.
_EARS = re.compile(
    r"\b(?:ears?|stalks?|spikes?|stems?|blades?|heads?|grains?|sprigs?|sheaf|sheaves)\s+of\s+"
    r"(?=(?:wheat|barley|rye|oats?|corn|maize|grass|rosemary|thyme|lavender|mint|grain|rice)\b)",
    re.I,
)
_HEAD_OF = re.compile(r"\b(head|face)\s+of\s+(?:an?\s+|the\s+)?([a-z]+)\b", re.I)
_NUMBERED = re.compile(r"(?:^|\s)\d{1,2}[.)]\s+(?=[^\W\d_])")
_RGB = re.compile(r"\brgb\s*\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)", re.I)
_WITHOUT, _WITH = re.compile(r"\bw/o\b", re.I), re.compile(r"\bw/", re.I)


def read(text: str) -> tuple[str, list[str]]:
    """A prompt without it, and what it refuses ("--no text", "negative prompt: …")."""
    text = _RGB.sub(lambda code: colours.hexadecimal([min(int(v), 255) for v in code.groups()]), text)
    text = _WITH.sub("with ", _WITHOUT.sub("without", text))
    text = _HEAD_OF.sub(r"\2 \1", _EARS.sub("", text))
    text = _ROW.sub(", ", _LABELLED.sub(_said_plainly, text))
    if len(_NUMBERED.findall(text)) > 1:
        text = _NUMBERED.sub(", ", text).lstrip(", ")
    refused: list[str] = []
    return " ".join(_SYNTAX.sub(lambda found: _pasted(found, refused), text).split()), refused


def _said_plainly(found: re.Match) -> str:
    """A label and its value, of JSON or XML."""
    label, value = found[1] or found[3], found[2] or found[4]
    return f" {label}: {value.strip()}, " if value and value.strip() else " "


def _pasted(found: re.Match, refused: list[str]) -> str:
    """What is left of syntax for other programs: "(fox:1.3)" is a fox, and what follows "--no" is refused."""
    if said := found["no"] or found["negative"]:
        refused += [part.strip() for part in re.split(r"[,;]", said) if part.strip()]
    return f", {found['kept']}, " if found["kept"] else " "
