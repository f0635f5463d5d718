"""What the page says: one JSON file a language in `texts/`, keys → sentences with {places} for values.

Labels that never change go to the browser as keys and are put into its language there (gr.I18n). What depends on a
visitor's doing is said here, in the language that the request asks for. Programs are always answered in English.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, Protocol

FOLDER = Path(__file__).with_name("texts")
LANGUAGES = {"en": "English", "ru": "Русский"}
COOKIE = "logogan-language"  # what the page's own switch has set


class Request(Protocol):
    """What of gr.Request is needed here."""

    headers: Any
    cookies: Any
    query_params: Any


@cache
def read(language: str, folder: Path = FOLDER) -> dict[str, str]:
    """All texts of a language by their keys."""
    return json.loads((folder / f"{language}.json").read_text("utf-8"))


def say(language: str, key: str, /, folder: Path = FOLDER, **values: object) -> str:
    """One text; raises KeyError where there is none, or a value for it is missing."""
    return read(language, folder)[key].format(**values)


def speaker(request: Request | None, folder: Path = FOLDER):
    """`say` in the language of a request: (key, **values) → text."""
    return partial(say, language_of(request), folder=folder)


def language_of(request: Request | None) -> str:
    """What the visitor chose on the page, else what the address says (?lang=ru), else what the browser prefers."""
    if request is None:
        return "en"
    chosen = (request.cookies or {}).get(COOKIE) or dict(request.query_params or {}).get("lang")
    if chosen in LANGUAGES:
        return chosen
    # "de-CH, ru;q=0.7, en;q=0.3": browsers write the preferred first.
    for wanted in re.findall(r"[a-z]+(?=[-,;]|$)", str((request.headers or {}).get("accept-language", "")).lower()):
        if wanted in LANGUAGES:
            return wanted
    return "en"


def in_language(sentence: str, language: str, among: str = "error.") -> str:
    """An English sentence of an error in another language; as it is where `texts/` does not know it.

    What raises errors serves programs too and speaks English, so the English text is looked up, values and all.
    """
    if language == "en":
        return sentence
    for key, pattern in _patterns(among).items():
        if found := pattern.fullmatch(sentence):
            return say(language, key, **found.groupdict())
    return sentence


def numerals(text: str, language: str) -> str:
    """The numbers in a text, which Python and English write as 1,234.5, as a language writes them."""
    if language == "en":
        return text
    return re.sub(r"(?<=\d)\.(?=\d)", ",", re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "\N{NO-BREAK SPACE}", text))


@cache
def _patterns(among: str) -> Mapping[str, re.Pattern]:
    """For every English text whose key begins with `among`, what matches it with any values in its places.

    Longer texts first: "{n} px" would match whatever ends so.
    """
    texts = {key: text for key, text in read("en").items() if key.startswith(among)}
    return {
        key: re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(texts[key])), re.DOTALL)
        for key in sorted(texts, key=lambda key: -len(texts[key]))
    }
