"""Brand names in prompts: a name is no thing to draw, and "logo for Aurora" is no northern light."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from logo_gan import russian
from logo_gan.spelling import words

_TEMPLATE = re.compile(r"^\s*simple elegant logo for\s+([^,]+?)\s*(?:,\s*|$)", re.IGNORECASE)
_FOR = re.compile(
    r"\b(?:logo|logotype|emblem|badge|icon|symbol|sign|brand|branding|mark|monogram|identity)\s+(for|of)\s+"
    r"(.+?)(?=\s*[,;:.!?(\n]|\s*$"
    r"|\s+(?:with|in|on|featuring|showing|using|made|having|and an?|that|which|inside)\s)",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"[\s,]*\b(?<!so )(?<!so-)(?:called|named)\s+"
    r"(.+?)(?=\s*[,;:.!?(\n]|\s*$|\s+[-–—]|\s+(?:and\s+)?(?:we|i)['’]"
    r"|\s+(?:please|with|in|on|featuring|showing|using|and\s+(?:an?|the|it)|(?:and\s+)?(?:needs?|wants?|would|we|i)|which|that)\s)",
    re.IGNORECASE,
)
_SELF = re.compile(r"\b(i|we)\s+(?:run|own|manage|opened|started)\b", re.IGNORECASE)  # "we run a bakery": no runner
_QUOTES = "\"'“”„‘’«»`"
_QUOTED = re.compile(r"\s[\"“„«](.+?)[\"”“»]$")
_ARTICLES = {"a", "an", "my", "our", "your", "his", "her", "their", "some", "this", "any", "new"}
_SMALL = {"of", "and", "the", "for", "de", "la", "le", "du", "van", "von", "y", "in", "on", "at", "by", "to"}
# Words that leave open what is drawn: with only these beside a brand name, its initial is drawn.
_OPEN_WORDS = """
a an the and or of for in on with to my our your is it please draw make create design give me i want need
logo logos brand branding emblem badge icon symbol sign mark identity company business firm shop name called
named simple elegant minimal minimalist modern clean bold sleek flat geometric crisp friendly playful
professional nice cool good beautiful successful vibe thought provoking abstract recognizable relatable
sharp vector art even edges style look feel colour color colours colors background black white grey gray red
orange yellow green blue purple pink brown teal navy gold golden dark light bright pale deep warm circle
disc ring square rounded hexagon shield diamond container solid outline outlined negative space two tone
split initial monogram
"""
_OPEN = set(_OPEN_WORDS.split())


def split(text: str, is_known: Callable[[str], bool]) -> tuple[str | None, str]:
    """Set the brand name aside; where nothing but it and words such as colours are left, ask for its initial.

    Returns:
        The brand or None, and the description: "letter A, orange logo" for "orange logo for Aurora".
    """
    brand, rest = cut(text, is_known)
    if brand and all(word in _OPEN for word in words(rest)):
        initial = _initial(brand)
        rest = ", ".join(part for part in (f"letter {initial}" if initial else "abstract", rest) if part)
        if set(words(rest)) <= {"letter", "logo", initial.lower()}:
            rest = f"letter {initial}"
    return brand, rest


def cut(text: str, is_known: Callable[[str], bool]) -> tuple[str | None, str]:
    """Set the brand name aside: what training captions go through.

    "Simple elegant logo for X, ..." always names a brand. After "logo for" X is a brand if it is quoted or
    capitalised, or if `is_known` knows no word of it; "logo for a coffee shop" names none. What is "called X"
    is named X.
    """
    text = _SELF.sub(r"\1", text)
    if found := _TEMPLATE.match(text):
        return found[1].strip(_QUOTES + " "), _join("logo", text[found.end() :], ", ")
    if (found := _CALLED.search(text)) and (brand := found[1].strip(_QUOTES + " ")):
        # Its "and" joins two sentences, not two colours: "called Aurora and need a yellow tent".
        return brand, _join(text[: found.start()], re.sub(r"^\s+and\b", "", text[found.end() :]), " ")
    for found in _FOR.finditer(text):
        brand, kept = _name_in(found[2], text, is_known)
        if found[1].lower() == "of" and any(map(is_known, words(brand or ""))):
            continue  # a logo of something shows it
        if brand:
            before = text[: found.start(1)]
            return brand, _join(f"{before}for {kept}" if kept else before, text[found.end() :], " ")
    return None, text


def _join(before: str, after: str, between: str) -> str:
    before, after = before.strip(" ,;:"), after.strip()
    if after[:1] in tuple(",;:."):
        after, between = after.lstrip(",;:. "), ", "
    return before + between + after if before and after else before or after


def _name_in(phrase: str, text: str, is_known: Callable[[str], bool]) -> tuple[str | None, str]:
    """The name in what follows "logo for", and what of it still describes the trade ("my bakery Aurora")."""
    phrase = phrase.strip()
    if phrase[:1] in tuple(_QUOTES):
        return phrase.strip(_QUOTES + " ") or None, ""
    if found := _QUOTED.search(phrase):  # my band "Midnight Riders"
        return found[1], phrase[: found.start()].strip()
    parts = phrase.split()
    letters = [c for c in text if c.isalpha()]
    shouted = len(letters) > 3 and sum(c.isupper() for c in letters) > 0.8 * len(letters)
    beside = [w for w in re.split(r"\W+", text.replace(phrase, " ")) if len(w) > 3 and w.lower() != "logo"]
    # Where every word has a capital, a capital says nothing.
    titled = shouted or " For " in text or (f"{phrase}," not in text and beside and all(map(str.istitle, beside)))
    capital = [part[:1].isupper() or part[:1].isdigit() or part == "&" for part in parts]
    if not titled:
        named = [up or part.lower() in _SMALL for up, part in zip(capital, parts, strict=True)]
        if capital[0] and all(named) and parts[0] not in ("A", "An"):
            return phrase, ""
        tail = len(parts)
        while tail and capital[tail - 1]:
            tail -= 1
        if 0 < tail < len(parts) and parts[0].lower() in _ARTICLES:  # my bakery Aurora
            return " ".join(parts[tail:]), " ".join(parts[:tail])
        if capital[0] and re.search(r"['’]s?$", parts[0]):  # Ben's bakery
            return parts[0], " ".join(parts[1:])
    if parts[0].lower() in _ARTICLES or parts[0].lower() == "the" or not words(phrase):
        return None, ""
    return (None, "") if any(map(is_known, words(phrase))) else (phrase, "")


def _initial(brand: str) -> str:
    """A to Z or a digit that stands for a brand, or '' if it has none (a script that is neither Latin nor Cyrillic)."""
    if letter := russian.initial(brand.strip()[:1]):
        return letter
    plain = unicodedata.normalize("NFKD", brand)
    plain = re.sub(r"^the\s+", "", plain, flags=re.IGNORECASE)
    found = re.search(r"[A-Za-z0-9]", plain)
    return found[0].upper() if found else russian.initial(brand)
