"""What the Dataset tab and the report say: one JSON file a language in `texts/`, keys → sentences with {places}."""

from __future__ import annotations

import json
import re
from functools import cache
from numbers import Integral
from pathlib import Path

FOLDER = Path(__file__).with_name("texts")
SEPARATORS = {"en": ".,", "ru": ",\N{NO-BREAK SPACE}"}  # Plotly's: of decimals, of thousands


@cache
def read(language: str) -> dict[str, str]:
    """All texts of a language by their keys."""
    return json.loads((FOLDER / f"{language}.json").read_text("utf-8"))


def say(language: str, key: str, /, **values: object) -> str:
    """One text; raises KeyError where there is none, or a value for it is missing."""
    whole = {name: numerals(f"{value:,}", language) for name, value in values.items() if isinstance(value, Integral)}
    return read(language)[key].format(**{**values, **whole})


def counted(language: str, key: str, n: int) -> str:
    """A number with its noun. The text holds the noun's forms: of 1 and more in English, of 1, 2 and 5 in Russian."""
    forms = read(language)[key].split("|")
    if language == "ru":
        form = 0 if n % 10 == 1 and n % 100 != 11 else 1 if n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14) else 2
    else:
        form = int(n != 1)
    return forms[form].format(n=numerals(f"{n:,}", language))


def numerals(text: str, language: str) -> str:
    """The numbers in a text, which Python and English write as 1,234.5, as a language writes them."""
    if language == "en":
        return text
    return re.sub(r"(?<=\d)\.(?=\d)", ",", re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "\N{NO-BREAK SPACE}", text))


def in_language(sentence: str, language: str) -> str:
    """An error's English sentence in another language; as it is where `texts/` does not know it."""
    if language != "en":
        for key, pattern in _errors().items():
            if found := pattern.fullmatch(sentence):
                values = found.groupdict().items()
                numbers = {name: numerals(v, language) if re.fullmatch(r"[\d.,]+", v) else v for name, v in values}
                return say(language, key, **numbers)
    return sentence


@cache
def _errors() -> dict[str, re.Pattern]:
    """For every English error text, what matches it with any values in its places."""
    return {
        key: re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(text)), re.DOTALL)
        for key, text in read("en").items()
        if key.startswith("dataset.error.")
    }
