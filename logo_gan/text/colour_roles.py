"""Which colour is whose: a colour belongs to what it stands before; the others are given out in order."""

from __future__ import annotations

from dataclasses import replace

from logo_gan.text import colours, vocabulary
from logo_gan.text.phrases import COUNTS, Finder
from logo_gan.text.reading import WHITE, Reading, is_colour, is_colour_part, tell
from logo_gan.text.vocabulary import BREAKS, Token, table

GROWN = set("tree trees leaf leaves branch petal petals flower fruit slice cone bush garden bean beans bar cup seed "
            "blossom wedge plant bouquet vine dune castle bottle glass cask barrel stem sprig".split())  # fmt: skip
SAID = {"is", "are", "be", ":", "=", "was"}  # says a colour of what stands before it
SAID_OF = SAID | set("should must will in the a all - coloured colored colour color to".split())
ALIKE = 0.25  # OKLab distance of a name's colour and that of the code behind it
AFTER = {"dark", "light", "pale"}  # modifiers that some put behind a colour
MARKS = {"symbol", "icon", "mark", "letters", "letter", "initials", "monogram", "figure", "drawing"}
GROUNDS = {"ground", "background", "backdrop", "bg", "page", "canvas"}
METALS = {"gold", "silver", "copper", "bronze"}
OF_COLOURS = ("colour", "holder", "ground")  # tags


def with_rare_names(words: list[Token], finder: Finder) -> list[Token]:
    """The words, with each rare name of a colour as one that is read as its code: "eton blue" tagged as a colour."""
    found: list[Token] = []
    i = 0
    while i < len(words):
        end = i
        while end < len(words) and words[end].tag == words[i].tag:
            end += 1
        lows = [token.low for token in words[i:end]]
        rare = colours.rare(lows) if words[i].tag in OF_COLOURS else None
        usual = colours.named(lows)
        shown = rare and (
            finder.is_thing(" ".join(lows[: rare[0]]))
            or (usual and usual[0] + 1 == rare[0] and finder.is_thing(lows[rare[0] - 1]))  # "blue tea"
        )
        if rare and not shown and rare[0] > (usual[0] if usual else 0):
            first, last = words[i], words[i + rare[0] - 1]
            text = " ".join(token.text for token in words[i : i + rare[0]])
            found.append(replace(first, text=text, low=rare[1], end=last.end))
            i += rare[0]
        else:
            found.append(words[i])
            i += 1
    return found


def codes(reading: Reading) -> None:
    """Names of colours that a code follows say what the code says: "purple #5b2a86", "purple (#5b2a86)"."""
    words = reading.words
    for i, token in enumerate(words):
        named = colours.named([each.low for each in words[i : i + 3]]) if token.low[0] != "#" else None
        if not named:
            continue
        after = i + named[0]
        while after < len(words) and words[after].low in ("(", ":", "=", "-", ","):
            after += 1
        code = colours.named([words[after].low]) if after < len(words) and words[after].low[0] == "#" else None
        # After a comma, only a code of much the same colour.
        if code and (words[after - 1].low != "," or colours.distance(named[2], code[2]) < ALIKE):
            tell(words[i : i + named[0]], "filler")


def predicates(reading: Reading) -> None:
    """Read colours that are said of something: "the hexagon should be mustard and the bee black", "shield: navy"."""
    words = reading.words
    lows = [token.low for token in words]
    i = 0
    while i < len(words):
        found = None if words[i].role or words[i].tag in ("thing", "second") else colours.named(lows[i:])
        if not found:
            i += 1
            continue
        end = i + found[0]
        noun = i - 1
        while noun >= 0 and i - noun < 4 and lows[noun] in SAID_OF:
            noun -= 1
        role = _part(words, noun) if noun >= 0 and not words[noun].role else None
        if role and (SAID & set(lows[noun + 1 : i]) or _stands_alone(words, noun, end)):
            reading.colour(role, found[2])
            tell(words[i:end], "colour")
            tell(words[noun + 1 : i], "filler")
            if words[noun].tag not in ("thing", "second", "container"):  # named again
                tell([words[noun]], "filler")
        i = end


def _part(words: list[Token], at: int) -> str | None:
    """The part of a logo that a word names: a thing that is to be drawn, or the container, or the ground."""
    token = words[at]
    if is_colour(token):
        return None
    for tag, role in (("thing", "mark"), ("second", "accent")):
        named = {vocabulary.singular(each.low) for each in words if each.tag == tag}
        if token.tag in (tag, "", "holder") and vocabulary.singular(token.low) in named:
            return role
    if token.low in GROUNDS:
        return "ground"
    if token.tag in ("", "container", "holder") and any(token.low in table(name) for name in ("containers", "frames")):
        return "container"
    return "mark" if token.low in MARKS and token.tag in ("", "letters") else None


def _stands_alone(words: list[Token], noun: int, end: int) -> bool:
    """Whether the colour right after a noun is the noun's: not that of what follows, nor does it have one before it."""
    lows = [token.low for token in words]
    before = noun - 1
    while before >= 0 and lows[before] in ("a", "an", "the"):
        before -= 1
    if before >= 0 and is_colour(words[before]):
        return False
    after = words[end] if end < len(words) else None
    if after is None or not after.is_word or after.low in table("stops"):
        return True
    return _part(words, end) is not None and colours.named(lows[end + 1 :]) is not None  # "shield navy letters ivory"


def colour_words(reading: Reading, clause: list[Token]) -> None:
    """Read the colours of a clause; whose they are is settled once the things are known."""
    lows = [token.low for token in clause]
    i = 0
    while i < len(clause):
        found = None if clause[i].role else colours.named(lows[i:])
        if (
            not found
            or _is_name(reading, clause[i], found[1])
            or any(token.role for token in clause[i : i + found[0]])
            or _is_noun(reading, clause, i, *found[:2])
        ):
            i += 1
            continue
        n, _, value = found
        after = clause[i + n : i + n + 1]
        if after and after[0].low in AFTER and (i + n + 1 == len(clause) or not clause[i + n + 1].is_word):
            modified = colours.named([after[0].low, *lows[i : i + n]])  # "blue dark"; none for a code
            value = modified[2] if modified else colours.modified(value, *colours.MODIFIERS[after[0].low])
            tell(after, "colour")
        tell(clause[i : i + n], "colour")
        reading.bound.append((reading.words.index(clause[i]), value))
        i += n


def _is_name(reading: Reading, token: Token, name: str) -> bool:
    """Whether a colour's name is somebody's: "my grandmother Rosa", where the rest is written small."""
    usual = name in colours.BASIC or name in table("colours") or name in table("likely_colours")
    before = [each for each in reading.words if each.end <= token.start]
    inside = bool(before) and before[-1].low not in BREAKS
    small = sum(each.text[0].islower() for each in reading.words if each.is_word)
    return (
        not usual
        and token.text[0].isupper()
        and inside
        and small > len(reading.words) / 2
        and token.tag not in OF_COLOURS
    )


def _is_noun(reading: Reading, clause: list[Token], i: int, n: int, name: str) -> bool:
    """Whether a colour's name stands for the thing of that name: "an orange", "cherry blossom", "a rose"."""
    if name.startswith("#"):
        return False
    tagged = all(token.tag in ("thing", "second") for token in clause[i : i + n])
    if tagged and name not in colours.BASIC and not (name in METALS and i + n < len(clause)):
        return True
    if not reading.finder.things.exact(name):
        return False
    if name in colours.BASIC and name != "orange":
        return False
    likely = name in table("likely_colours") or name in table("colours")
    after = clause[i + n] if i + n < len(clause) else None
    free = after is not None and (not after.role or after.role == "trade")
    modifies = free and after.is_word and after.low not in table("stops")
    if modifies and not is_colour(after):
        grown = after.low in GROWN and name not in METALS
        return not likely or grown or reading.finder.is_thing(f"{name} {after.low}")
    if n > 1:
        return False
    if after is not None and (after.low == "/" or is_colour(after)):
        return False
    before = clause[i - 1].low if i else ""
    joined = after is not None and after.low in ("and", "&") and i + n + 1 < len(clause)
    if joined:
        return not is_colour(clause[i + n + 1])
    if before in ("a", "an") or before in COUNTS or (i and clause[i - 1].role == "colour"):
        return True
    if before in ("and", "&") and i > 1:
        return not (likely and is_colour_part(clause, i - 2))
    said = sum(token.is_word for token in reading.words)
    return not likely or (said == 1 and name not in table("colours")) or (said == 1 and name == "orange")


def settle(reading: Reading) -> None:
    """Give each colour to what it stands before, the others in order to the mark, container, accent."""
    places = {id(token): n for n, thing in enumerate(reading.things) for token in thing.words}
    free: list[str] = []
    for at, value in reading.bound:
        owner = _owner(reading, at, places)
        if owner is None:
            free.append(value)
        elif owner == 0 and not reading.colours["mark"]:
            reading.colours["mark"] = value
        elif not reading.colours["accent"]:
            reading.colours["accent"] = value
    if not reading.colours["mark"] and not free:
        reading.colours["mark"], reading.colours["accent"] = reading.colours["accent"], None
    if free[1:] and free[0] == WHITE and not reading.container and not reading.colours["ground"]:
        free = [*free[1:], WHITE]  # "white and blue": a blue mark on white
    for value in free:
        if not reading.colours["mark"]:
            reading.colours["mark"] = value
        elif reading.has_container and not reading.colours["container"]:
            reading.colours["container"] = value
        elif value == WHITE and not reading.container and not reading.colours["ground"]:
            reading.colours["ground"] = value
        elif not reading.colours["accent"]:
            reading.colours["accent"] = value
    if "black and white" in reading.style and not reading.colours["mark"]:
        reading.colours["mark"], reading.colours["ground"] = colours.BASIC["black"], reading.colours["ground"] or WHITE


def _owner(reading: Reading, at: int, places: dict[int, int]) -> int | None:
    """Which thing the colour at word `at` belongs to: the one in whose phrase it stands, or right before it."""
    if id(reading.words[at]) in places:
        return places[id(reading.words[at])]
    for token in reading.words[at + 1 :]:
        if id(token) in places:
            return places[id(token)]
        if token.role not in ("colour", "style", "count") and token.low not in ("and", "&", "-", "/"):
            return None
    return None
