"""What a prompt names: the brand, its slogan, and letters to be drawn. Names are words that show nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from logo_gan.text.vocabulary import Token, runs, table

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
_LABEL = re.compile(r"\b(?:called|named?|brand|company)\W*(?:is\W*)?$", re.I)
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
_FOR = re.compile(r"\bfor\s+([A-ZÀ-ÖØ-ÞА-ЯЁ][\w'’-]+(?:\s+(?:&\s+)?[A-ZÀ-ÖØ-ÞА-ЯЁ][\w'’-]*)*)(?=\s*(?:[,.;:!?]|$))")
_OPENING = re.compile(r"\s*([A-ZÀ-ÖØ-ÞА-ЯЁ][\w'’]{2,})\s*(?:[-–—|]\s|[:,])")  # "Zyntriq - a supply chain platform"
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
_TITLES = {"Dr", "Mr", "Mrs", "Ms", "St", "Prof"}
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
DESCRIBED = set("a an my our your some that which who we i you they to of in for this".split())
SURE, SURE_OF_SMALL = 0.7, 0.85  # chance from which a name is one; of one in small letters
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


def find(text: str, words: Sequence[Token], is_word: Callable[[str], bool]) -> Names:
    """Names in a prompt, whose words are tagged; `is_word` knows those that mean something."""
    names = Names()
    _quoted(text, words, names)
    for pattern in (_PLAIN_SLOGAN, _FOUNDED):
        found = pattern.search(text)
        if found and not names.slogan and not names.taken(*found.span()):
            names.slogan = found[0].strip(" .") if pattern is _FOUNDED else found[1].strip()
            names.spans.append((*found.span(), "slogan"))
    if not names.letters:
        _letters(text, words, names)
    for kind in ("brand", "slogan"):
        _tagged(text, words, names, kind)
    if not names.brand:
        _called(text, names)
    opening = _OPENING.match(text)
    if not names.brand and opening and not is_word(opening[1].lower()) and not names.taken(*opening.span(1)):
        names.brand = opening[1]
        names.spans.append((*opening.span(1), "brand"))
    for run in [] if names.letters else runs(words, "letters"):
        said = "".join(c for token in run for c in token.text if c.isalnum()).upper()
        if len(said) < 5 and min(token.chance for token in run if token.tag) >= SURE and not names.letters:
            names.letters = said
            names.spans.append((run[0].start, run[-1].end, "letters"))
    if not names.letters and names.brand and (said := _INITIALS.search(text)):
        names.letters = initials(names.brand) or None
        names.spans.append((*said.span(), "letters"))
    return names


def initials(name: str) -> str:
    """One to three capital letters that stand for a name: "HM" for "Hartley & Moss"."""
    words = [word for word in re.findall(r"[^\W_]+", name) if word.lower() not in _SMALL]
    return "".join(word[0].upper() for word in words[:3])


def _quoted(text: str, words: Sequence[Token], names: Names) -> None:
    for found in _QUOTED.finditer(text):
        said, before = next(part for part in found.groups() if part).strip(" ,.;:"), text[: found.start()]
        if not re.search(r"\w", said) or text[found.end() :].lstrip()[:1] == ":":  # a key of JSON
            continue
        tags = {token.tag for token in words if found.start() < token.start < found.end()}
        if tags and tags <= {"thing", "second", "avoid", "colour", "holder", "ground", "container", "trade", "style"}:
            continue
        short = re.fullmatch(r"[^\W_]{1,3}", said)
        if _SAID_LETTERS.search(before) or (short and len(said) == 1):
            names.letters = names.letters or said.upper()
            kind = "letters"
        elif not names.brand and _LABEL.search(before):
            names.brand, kind = said, "brand"
        elif not names.slogan and (_SLOGAN.search(before) or names.brand or _is_slogan(words, *found.span())):
            names.slogan, kind = said, "slogan"
        elif not names.brand and ("brand" in tags or found[1] or not _named_beyond(words, found.span())):
            names.brand, kind = said, "brand"
        else:
            continue
        names.spans.append((*found.span(), kind))


def _named_beyond(words: Sequence[Token], quoted: tuple[int, int]) -> bool:
    """Whether words outside of quotation marks are tagged as the brand beyond doubt."""
    return any(
        token.tag == "brand" and token.chance >= SURE and not quoted[0] < token.start < quoted[1] for token in words
    )


def _is_slogan(words: Sequence[Token], start: int, end: int) -> bool:
    tags = [token.tag for token in words if start <= token.start < end]
    return tags.count("slogan") > tags.count("brand")


def _tagged(text: str, words: Sequence[Token], names: Names, kind: str) -> None:
    """The first stretch that is tagged as brand or slogan beyond doubt, unless one is known."""
    if getattr(names, kind):
        return
    written = _has_capitals(text)
    for run in runs(words, kind):
        sure = sum(token.chance for token in run if token.tag) / sum(bool(token.tag) for token in run)
        first, last = words.index(run[0]), words.index(run[-1])
        small = not any(token.text[0].isupper() or token.text[0].isdigit() for token in run)
        described = (first and words[first - 1].low in DESCRIBED) or run[-1].low in table("stops")
        if sure < SURE or (kind == "brand" and small and (described or sure < SURE_OF_SMALL)):
            continue
        if kind == "brand":
            first, last = _whole(words, first, last, written)
        start, end = words[first].start, words[last].end
        said = _TAILS.sub("", text[start:end]).strip(_QUOTES + ".,:;-–—& ")
        said = re.sub(r"^(?:(?i:called|named|name)|is|of)\s+|\s+(?:and|of|the|for|in|n)$", "", said)
        if re.search(r"\w", said) and not names.taken(start, end):
            setattr(names, kind, said)
            names.spans.append((start, end, kind))
            return


def _has_capitals(text: str) -> bool:
    """Whether capitals say something: neither all letters have them, nor the first of nearly all words, nor none."""
    letters = [c for c in text if c.isalpha()]
    long = re.findall(r"[^\W\d_]{4,}", text)
    titled = len(long) > 2 and sum(word[0].isupper() for word in long) > 0.8 * len(long)
    return bool(letters) and 0 < sum(map(str.isupper, letters)) < 0.7 * len(letters) and not titled


def _whole(words: Sequence[Token], first: int, last: int, written: bool) -> tuple[int, int]:
    """A name with what is written as part of it: words with capitals beside it, and what a hyphen or plus joins."""

    def is_part(token: Token) -> bool:
        capital = token.text[0].isupper() and token.tag in ("", "brand", "trade") and not token.role
        return written and capital and (token.low == "the" or token.low not in table("asking"))

    while first and (
        (words[first - 1].end == words[first].start and words[first - 1].low in "-+&'")
        or (is_part(words[first - 1]) and (words[first - 1].low == "the" or words[first - 1].low not in table("stops")))
        or (words[first - 1].low == "." and first > 1 and words[first - 2].text in _TITLES)
        or words[first - 1].text in _TITLES
    ):
        first -= 1
    while last + 1 < len(words) and (words[first].text[0].isupper() or words[last].end == words[last + 1].start):
        after = words[last + 1]
        glued = words[last].end == after.start and (after.low in "-+" or words[last].low in "-+" or after.is_word)
        joined = after.low in ("&", "and") and last + 2 < len(words) and is_part(words[last + 2])
        titled = after.low == "." and words[last].text in _TITLES and last + 2 < len(words)
        if not (glued or joined or titled or is_part(after)):
            break
        last += 2 if joined or titled else 1
    return first, last


def _letters(text: str, words: Sequence[Token], names: Names) -> None:
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
        named = found and any(token.tag == "brand" and token.start == found.start(1) for token in words)
        if found and not named and not names.taken(*found.span(1)):  # the N of "Fluff N Stuff" is none
            names.letters = found[1]
            names.spans.append((*found.span(1), "letters"))
            return


def _called(text: str, names: Names) -> None:
    for pattern in (_TEMPLATE, _CALLED, *([_FOR] if _has_capitals(text) else [])):
        found = pattern.search(text)
        if found and pattern is _FOR and found[1].split()[0].lower() in table("proper"):
            continue  # "for Christmas"
        if found and not names.taken(*found.span()) and (said := found[1].strip(_QUOTES)):
            names.brand = said
            names.spans.append((*found.span(), "brand"))
            return
