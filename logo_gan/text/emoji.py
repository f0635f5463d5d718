"""Emoji as words: what a sign is called says what it shows."""

from __future__ import annotations

import re
import unicodedata

_SIGN = re.compile(r"[\U0001F000-\U0001FAFF\u2190-\u2BFF\u3030\u303D\u3297\u3299][\uFE0E\uFE0F\U0001F3FB-\U0001F3FF]*")
_JOINED = re.compile(rf"({_SIGN.pattern})(?:\u200d{_SIGN.pattern})+")
_FLAGS = re.compile(r"[\U0001F1E6-\U0001F1FF]{2}")
# Names that say how a sign looks, or are not what it is called otherwise.
_DROPPED = re.compile(r"\b(?:face|heavy|black|white|symbol|sign|emoji|with .*|for .*)\b")
_CALLED = {
    "ear of rice": "wheat", "electric light bulb": "light bulb", "slice of pizza": "pizza slice",
    "hot beverage": "coffee", "evergreen tree": "pine tree",
    "high voltage": "lightning", "black heart suit": "heart", "white medium star": "star", "hocho": "knife",
    "barber pole": "barber pole", "tooth": "tooth", "personal computer": "laptop", "european castle": "castle",
    "mortar board": "graduation cap", "open book": "open book", "house building": "house",
    "deciduous tree": "tree", "high-heeled shoe": "high heel", "eyeglasses": "glasses", "musical note": "music note",
    "four leaf clover": "clover", "black sun with rays": "sun", "earth globe europe-africa": "globe",
    "earth globe americas": "globe", "earth globe asia-australia": "globe", "video game": "game controller",
    "white heavy check mark": "check mark", "fire": "flame", "droplet": "water drop", "glowing star": "star",
    "baby chick": "chick", "cooking": "frying pan", "bouquet": "flowers", "artist palette": "palette",
    "man's shoe": "shoe", "athletic shoe": "sneaker", "paw prints": "paw", "wine glass": "wine glass",
}  # fmt: skip


def spelt(text: str) -> str:
    """A text with its emoji as words: "fox in a circle" for "🦊 in a circle"; of joined signs the first counts."""
    text = _FLAGS.sub(" flag ", text)
    text = _JOINED.sub(r"\1", text)
    text = re.sub(rf"({_SIGN.pattern})(?=\s*{_SIGN.pattern})", r"\1, ", text)
    return " ".join(_SIGN.sub(lambda sign: f" {name(sign[0][0])} ", text).split())


def name(sign: str) -> str:
    """What one emoji is called, in lower case; '' where its name says nothing of a thing."""
    called = unicodedata.name(sign, "").lower()
    if called in _CALLED:
        return _CALLED[called]
    return " ".join(_DROPPED.sub(" ", called).split())
