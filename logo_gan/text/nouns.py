"""Nouns of two dozen languages, put into the English words that drawings are found by.

In a prompt in none of the languages that are read whole (English, Russian), the things that emoji have are known by
`nouns.json` (tools/build_nouns.py): "Logo für eine Bäckerei, Brezel" has a pretzel. The rest is not understood.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("nouns.json")
LANGUAGES = ("bn", "da", "de", "es", "et", "fi", "fr", "hi", "hu", "it", "ja", "ko", "lt", "ms", "nb", "nl", "pl", "pt",
             "sv", "th", "uk", "vi", "zh", "zh-hant")  # fmt: skip
UNSPACED = ("ja", "zh", "zh-hant", "th")  # languages that put no spaces between words
LONGEST = 3  # words of a name
_LETTERS = r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u0900-\u0dff])*"  # vowels of Indian scripts are signs beside letters
_WORD = re.compile(rf"{_LETTERS}(?:['’-]{_LETTERS})*")
_FOREIGN = re.compile(r"[^\x00-\u024f\u0400-\u04ff\u1e00-\u1eff\u2000-\u2bff]")  # scripts but Latin and Cyrillic


@cache
def languages() -> dict[str, dict]:
    stored = json.loads(FILE.read_text(encoding="utf-8"))
    return {language: {**each, "small": frozenset(each["small"])} for language, each in stored.items()}


def translate(text: str, is_english: Callable[[str], bool]) -> tuple[str, list[tuple[int, int]]]:
    """A prompt with the nouns of its language in English, and where these stand; one in English stays as it is.

    Args:
        is_english: whether a lower-case word is English.
    """
    words = [match[0].lower() for match in _WORD.finditer(text)]
    if _FOREIGN.search(text):
        most = max((_unspaced(text, language) for language in UNSPACED), key=len)
        if most:
            return _exchanged(text, most)
    language = _language(words, is_english)
    if language is None:
        return text, []
    nouns, small = languages()[language]["nouns"], languages()[language]["small"]
    found, matches, i = [], list(_WORD.finditer(text)), 0
    while i < len(matches):
        for n in range(min(LONGEST, len(matches) - i), 0, -1):
            start, end = matches[i].start(), matches[i + n - 1].end()
            said = re.sub(r"\s+", " ", text[start:end].lower())
            if said in nouns and said not in small:
                found.append((start, end, nouns[said]))
                i += n - 1
                break
        i += 1
    return _exchanged(text, found)


def _unspaced(text: str, language: str) -> list[tuple[int, int, str]]:
    """The nouns in a text without spaces, the longest first where they overlap."""
    found: list[tuple[int, int, str]] = []
    for word in sorted(languages()[language]["nouns"], key=len, reverse=True):
        at = text.find(word) if _FOREIGN.search(word) else -1
        if at >= 0 and not any(a < at + len(word) and at < b for a, b, _ in found):
            found.append((at, at + len(word), languages()[language]["nouns"][word]))
    return sorted(found)


def _exchanged(text: str, found: list[tuple[int, int, str]]) -> tuple[str, list[tuple[int, int]]]:
    written, places, at = "", [], 0
    for start, end, english in found:
        written += text[at:start].rstrip() + " "
        places.append((len(written), len(written) + len(english)))
        written += english + " "
        at = end
    return written + text[at:].lstrip() if found else text, places


def _language(words: list[str], is_english: Callable[[str], bool]) -> str | None:
    """The language that most words are of. One noun alone may be a name: two are needed, or small words beside it."""
    foreign = [word for word in words if not is_english(word)]
    best, most = None, 1.0
    for language in LANGUAGES if foreign else ():
        known = languages()[language]
        nouns = [word for word in foreign if word in known["nouns"]]
        if not nouns:
            continue
        small = sum(word in known["small"] for word in words)
        own = not all(word.isascii() for word in nouns) and len(words) < 4
        if (score := len(nouns) + small + own) > most and score > 0.2 * len(words):
            best, most = language, score
    return best
