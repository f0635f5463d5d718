"""What a prompt names: the brand, its slogan, and letters to be drawn. Names are words that show nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from logo_gan.text import colours, vocabulary
from logo_gan.text.vocabulary import Token, table

_QUOTED = re.compile(
    r"«([^«»]{1,60})»|“([^“”]{1,60})”|„([^„“”]{1,60})[“”]|\"([^\"]{1,60})\"|(?<!\w)['‘]([^'‘’]{1,60})['’](?!\w)"
)
_SLOGAN = re.compile(
    r"\b(?:slogan|tagline|motto|strapline|claim|saying|reads?|reading|words|text|phrase)\W*(?:is\W*)?$", re.I
)
_PLAIN_SLOGAN = re.compile(
    r"\b(?:with\s+(?:the|a)\s+)?(?:slogan|tagline|motto|strapline)\s*(?::|is|of)?\s+([^,;.!?\n«\"“]{3,60})", re.I
)
_FOUNDED = re.compile(r"\b(?:est(?:ablished|\.)?|since|founded)\s+(?:in\s+)?(1[5-9]\d\d|20\d\d)\b\.?", re.I)
_SAID_LETTERS = re.compile(r"\b(?:letters?|initials?|monograms?|lettermark)\W*(?:of\W*)?$", re.I)
_STOP = (
    r"(?=\s*[,;:!?(\n]|\s*\.(?:\s|$)|\s*$|\s+[-–—|]|\s+(?:and\s+)?(?:we|i)['’]"
    r"|\s+(?:please|with|in|on|featuring|showing|using|is|it|needs?|wants?|would|we|i|that|which|where"
    r"|and\s+(?:an?|the|it|needs?|wants?|would|we|i))\s)"
)
_CALLED = re.compile(
    r"(?<!so )(?<!so-)\b(?:called|named|titled|(?:company|brand|business|shop|club|team|firm|studio|restaurant|its|the)"
    r"\s+name\s*(?:is|:)|(?:brand|name|company|client)\s*:|brand\s+name|under\s+the\s+name(?:\s+of)?)\s*(.{1,60}?)"
    + _STOP,
    re.I,
)
_TEMPLATE = re.compile(r"^\s*simple elegant logo for\s+([^,]+?)\s*(?:,|$)", re.I)
_ONE = r"[A-Z0-9À-ÖØ-ÞА-ЯЁ]"
_GROUP = rf"({_ONE}\.?(?:\s*(?:&|\+|and|,|-|\s)\s*{_ONE}\b\.?){{1,3}}|{_ONE}(?:\.{_ONE}){{1,3}}\.?|{_ONE}{{1,4}})"
_LETTERS = (
    re.compile(rf"\b(?:capital\s+|big\s+|the\s+)?(?:[Ll]etters?|[Ii]nitials?|[Cc]haracters?|[Nn]umerals?|[Dd]igits?|[Nn]umber"
               rf"|LETTERS?|INITIALS?)(?:\s+mark)?\s*(?:of|:)?\s*(?:the\s+)?{_GROUP}(?![\w'’])"),
    re.compile(r"\b(?:letter|initial)\s+()([a-zß-öø-ÿа-яё])(?=\s*(?:[,.;:!]|$)|\s+(?:in|on|with|and|for|as|inside|made)\b)"),
    re.compile(rf"\b[Mm]onogram\s*(?:of|with|from|for|:|\s)\s*(?:the\s+)?(?:letters?\s+|initials?\s+)?{_GROUP}(?![\w'’])"),
    re.compile(rf"(?<![\w&.])(?<!& ){_GROUP}[\s-]+(?:[Mm]onograms?|[Ii]nitials?|[Ll]ettermark|[Ll]etters?\b)"),
    re.compile(rf"^\s*{_GROUP}\s*(?:[Ll]ogo)?\s*[.!]?\s*$"),
)  # fmt: skip
_LONE = re.compile(r"(?<![\w.&'’#-])(?<!& )([B-HJ-Z])(?![\w'’.&-])(?!\s*&)")
_LONE_VOWEL = re.compile(
    r"\b(?:an?|the|white|black|gold|golden|red|blue|green|navy|orange|bold|letter|capital|big)\s+([AI])(?![\w'’])"
)
_CAPITAL = re.compile(r"[^\W\d_]?[A-ZÀ-ÖØ-ÞА-ЯЁ]|\d")
_WORDS = re.compile(r"[^\W_][\w'’.-]*[\w]|[^\W_]|&|\+")
_TITLES = {"Dr", "Mr", "Mrs", "Ms", "St", "Prof"}
_PERSON = re.compile(r"\b(?:my name is|i am|i['’]m)\s*$", re.I)
PLAIN = ("styles", "filler", "containers", "stops", "asking", "proper", "generic", "trade_adjectives", "not_things")
_SMALL = {
    "of",
    "and",
    "the",
    "for",
    "de",
    "la",
    "le",
    "du",
    "van",
    "von",
    "y",
    "&",
    "+",
    "und",
    "et",
    "da",
    "di",
    "del",
}
_PLACES = {"in", "from", "at", "near", "like", "of", "around", "based", "to"}
_INITIALS = re.compile(r"\b(?:monogram|initials?|lettermark)\b", re.I)
_QUOTES = "\"'“”„‘’«»` "
_TAILS = re.compile(r"\s+(?:[Ll]ogo(?:type)?|LOGO|[Ii]con|[Ee]mblem|24/7|24h)$")


@dataclass
class Names:
    """What a prompt names, and which stretches of it say so, each with what was read from it."""

    brand: str | None = None
    slogan: str | None = None
    letters: str | None = None
    spans: list[tuple[int, int, str]] = field(default_factory=list)

    def taken(self, start: int, end: int) -> bool:
        """Whether any part of a stretch has been read."""
        return any(a < end and start < b for a, b, _ in self.spans)


def find(text: str, is_thing: Callable[[str], bool]) -> Names:
    """Names in a prompt; `is_thing` says whether a lower-case word is the name of a drawing."""
    names = Names()
    _quoted(text, names)
    for pattern in (_FOUNDED, _PLAIN_SLOGAN):
        found = pattern.search(text)
        if found and not names.slogan and not names.taken(*found.span()):
            names.slogan = found[0].strip(" .") if pattern is _FOUNDED else found[1].strip()
            names.spans.append((*found.span(), "slogan"))
    if not names.letters:
        _letters(text, names)
    if not names.brand:
        _called(text, names)
    if not names.brand:
        _capitals(text, names, is_thing)
    if not names.letters and names.brand and (said := _INITIALS.search(text)):
        names.letters = initials(names.brand) or None
        names.spans.append((*said.span(), "letters"))
    return names


def initials(name: str) -> str:
    """One to three capital letters that stand for a name: "HM" for "Hartley & Moss"."""
    words = [word for word in re.findall(r"[^\W_]+", name) if word.lower() not in _SMALL]
    return "".join(word[0].upper() for word in words[:3])


def _quoted(text: str, names: Names) -> None:
    for found in _QUOTED.finditer(text):
        said, before = next(part for part in found.groups() if part).strip(" ,.;:"), text[: found.start()]
        if not re.search(r"\w", said):
            continue
        short = re.fullmatch(r"[^\W_]{1,3}", said)
        if _SAID_LETTERS.search(before) or (short and len(said) == 1):
            names.letters = names.letters or said.upper()
            kind = "letters"
        elif not names.slogan and (_SLOGAN.search(before) or names.brand):
            names.slogan, kind = said, "slogan"
        elif not names.brand:
            names.brand, kind = said, "brand"
        else:
            continue
        names.spans.append((*found.span(), kind))


def _letters(text: str, names: Names) -> None:
    for pattern in _LETTERS:
        for found in pattern.finditer(text):
            said = "".join(re.findall(r"[^\W_]", re.sub(r"\band\b", "", found[found.lastindex]))).upper()
            if said and not names.taken(*found.span()) and not (said.isdigit() and len(said) > 2):
                names.letters = said
                names.spans.append((*found.span(), "letters"))
                return
    letters = [c for c in text if c.isalpha()]
    if sum(map(str.isupper, letters)) > 0.7 * len(letters):
        return  # where all is shouted, a capital says nothing
    for pattern in (_LONE, _LONE_VOWEL):
        found = pattern.search(text)
        if found and not names.taken(*found.span(1)):
            names.letters = found[1]
            names.spans.append((*found.span(1), "letters"))
            return


def _called(text: str, names: Names) -> None:
    for pattern in (_TEMPLATE, _CALLED):
        found = pattern.search(text)
        if found and not names.taken(*found.span()) and (said := found[1].strip(_QUOTES)):
            names.brand = said
            names.spans.append((*found.span(), "brand"))
            return


def _capitals(text: str, names: Names, is_thing: Callable[[str], bool]) -> None:
    """A name is what is written with capitals where a sentence asks for none."""
    long = re.findall(r"[^\W\d_]{4,}", text)
    titled = len(long) > 2 and sum(word[0].isupper() for word in long) > 0.8 * len(long)
    for run in _runs(text):
        if names.taken(run[0], run[1]) or _PERSON.search(text[: run[0]]):
            continue
        start, end = run
        said = text[start:end]
        said = _TAILS.sub("", said)
        end = start + len(said)
        if _is_name(text, start, end, titled, is_thing):
            names.brand = said.strip(_QUOTES + ".")
            names.spans.append((start, end, "brand"))
            return


def _runs(text: str) -> list[tuple[int, int]]:
    """Stretches of words with capitals, with what joins them: "Hartley & Moss", "Kwik-e-Florist", "Garage 77"."""
    found = [word for word in _WORDS.finditer(text) if not text[: word.start()].endswith("#")]  # a colour is no name
    runs, i = [], 0
    while i < len(found):
        if not _is_capital(found[i][0]) or (found[i][0][0].isdigit() and not re.search(r"[A-Za-z]", found[i][0])):
            i += 1
            continue
        end = i + 1
        while end < len(found):
            word, gap = found[end][0], text[found[end - 1].end() : found[end].start()]
            if gap not in (" ", "", "/") and not (gap == ". " and found[end - 1][0] in _TITLES):
                break
            if _is_capital(word) and not re.match(r"24/?", text[found[end].start() :]):
                end += 1
            elif (
                word.lower() in _SMALL
                and end + 1 < len(found)
                and _is_capital(found[end + 1][0])
                and found[end + 1][0] != "I"
                and text[found[end].end() : found[end + 1].start()] == " "
                and word.lower() not in ("for",)
            ):
                end += 2
            else:
                break
        # "Hello", "Logo for", "Draw", "A": what begins a prompt and is no name.
        while i < end and _is_around(found[i][0], only=end - i == 1):
            i += 1
        if i < end:
            runs.append((found[i].start(), found[end - 1].end()))
        i = max(end, i + 1)
    return runs


def _is_capital(word: str) -> bool:
    return bool(_CAPITAL.match(word))


def _is_around(word: str, only: bool) -> bool:
    low = word.lower().replace("’", "'")
    said = (
        low in table("asking") or low in table("stops") or low in {"logo", "logotype", "emblem", "icon", "hello", "hi"}
    )
    return (said and (only or low not in ("the", "a", "i"))) or low in ("a", "i", "an")


def _is_plain(word: str, is_thing: Callable[[str], bool]) -> bool:
    """Whether a word has a meaning of its own that a brief may ask for."""
    low = word.lower().replace("’", "'")
    parts = re.split(r"[-'.]", low)
    return all(
        len(part) < 2
        or part in colours.names()
        or part in colours.MODIFIERS
        or any(part in table(name) for name in PLAIN)
        or part in vocabulary.trades()
        or is_thing(part)
        for part in parts
    )  # fmt: skip


def _is_name(text: str, start: int, end: int, titled: bool, is_thing: Callable[[str], bool]) -> bool:
    said = text[start:end]
    words = [word for word in re.findall(r"[^\W_][\w'’.-]*", said) if word.lower() not in _SMALL]
    if not words or all(word.lower() in table("proper") for word in words):
        return False
    plain = [_is_plain(word, is_thing) for word in words]
    strong = bool(re.search(r"^The [A-Z]|[a-z][A-Z]|&|\w['’]s?\b(?!\w)|[A-Z][a-z]*-\w+-?[A-Z]|[A-Za-z]\d", said))
    before = re.findall(r"[^\W_]+|[.!?:,;–—|-]", text[:start])
    last = before[-1].lower() if before else ""
    after = text[end:].lstrip()
    follows = vocabulary.tokens(after[:60])
    trade = bool(follows) and (vocabulary.trades().find(follows, 0) or _generic(follows))
    opens = not last or last in ".!?"
    ends = not after or after[0] in ",;:|–—(\n" or bool(re.match(r"-\s|\.(\s|$)", after))
    if titled:
        return (
            (strong or not all(plain))
            and (opens or last in (",", ":", "-", "–", "for"))
            and len(words) < 5
            and (ends or bool(trade))
        )
    if last in _PLACES and not (last == "of" and before[-2:-1] == ["logo"]):
        return False
    if opens:
        if len(words) > 1:
            return not all(plain) or strong or ends or bool(trade)
        if ends:
            return strong or not plain[0]
        about = bool(
            re.match(
                r"(?:is|are|was|offers?|helps?|provides?|makes?|sells?|needs?|wants?|logo|brand|app)\b", after, re.I
            )
        )
        return (strong and (bool(trade) or about or "'" in said or "’" in said)) or (
            bool(trade or about) and not plain[0]
        )
    if len(words) > 1:
        return not all(plain) or strong or ends or last not in table("stops")
    after_kind = (
        last
        in ("for", "called", "company", "brand", "firm", "shop", "club", "studio", "team", "welcome", "by", "we're")
        or last in vocabulary.trades()
        or bool(vocabulary.trades().ending(vocabulary.tokens(text[:start]), len(vocabulary.tokens(text[:start]))))
    )
    return strong or not plain[0] or (after_kind and not words[0].isupper())


def _generic(follows: list[Token]) -> bool:
    return any(token.low in table("generic") for token in follows[:2])
