"""Where a mark stands: its container and its ground, with their colours."""

from __future__ import annotations

from logo_gan.text import colours
from logo_gan.text.reading import WHITE, Reading, described_from, is_colour, take, tell
from logo_gan.text.vocabulary import Token, table

DARK = "#14171c"
GROUND = {"background", "backgrounds", "backdrop", "bg", "canvas", "ground"}
CLEAR = {"transparent", "clear", "empty", "plain", "no", "alpha", "blank"}
ON = {"on", "against", "over", "upon", "onto"}
# Words that alone do not ask for a container: a drawing may be meant.
BOTH = {"shield", "crest", "diamond", "ring", "seal", "round", "circular", "hexagonal", "hex", "badge", "rosette",
        "medallion", "hoop", "disc", "disk", "lozenge", "starburst", "coat"}  # fmt: skip
SHAPED = {"shape", "shapes", "shaped", "frame", "frames", "border", "container", "outline", "emblem", "logo", "badge",
          "background", "form", "icon", "logotype", "behind", "around", "design"}  # fmt: skip
ROUND = {"round", "circular", "hexagonal", "hex"}  # say how a thing looks, too
AROUND = {"with", "containing", "around", "holding", "showing", "behind", "surrounding", "enclosing"}


def containers(reading: Reading, clause: list[Token], alone: bool) -> None:
    """Read the containers of a clause, with their colours; `alone` where it is all that the prompt says."""
    i = 0
    while i < len(clause):
        found = None if clause[i].role else table("containers").find(clause, i)
        if not found:
            i += 1
            continue
        end, meant = found
        start = described_from(clause, i)
        placed = _inside(clause, start)
        rest = clause[end].low if end < len(clause) else ""
        hyphen = rest == "-" and end + 1 < len(clause) and clause[end + 1].low == "shaped"
        shape = rest in SHAPED or hyphen
        if _is_asked(reading, clause, i, end, meant, alone) or placed is not None or shape:
            if not reading.has_container:
                reading.container = meant
            for role, value in zip(("container", "accent"), take(clause[start:i]), strict=False):
                reading.colour(role, value)
            end += (1 + hyphen) if shape else (rest in AROUND)
            tell(clause[start if placed is None else placed : end], "container")
        i = end


def _is_asked(reading: Reading, clause: list[Token], i: int, end: int, meant: str, alone: bool) -> bool:
    """Whether "circle" at i is a container without an "in": "navy circle with an owl", "owl, navy circle"."""
    if clause[i].low in ROUND and end == i + 1:
        return False
    if i and reading.finder.is_thing(f"{clause[i - 1].low} {clause[end - 1].low}"):
        return False
    start = described_from(clause, i)
    clear = clause[end - 1].low not in BOTH and clause[i].low not in BOTH
    if start == 0 and end < len(clause) and clause[end].low in AROUND:
        return clear or meant == "shield" or any(is_colour(token) for token in clause[:i])
    coloured = any(is_colour(token) for token in clause[start:i])
    if clear and coloured and end == len(clause) and any(token.tag == "thing" for token in clause[:start]):
        return True  # "orange rocket navy circle"
    others = any(token.is_word and token.low not in table("stops") for token in clause[:start] + clause[end:])
    return clear and not others and not alone


def _inside(clause: list[Token], start: int) -> int | None:
    """Where "in", "on", "in the shape of" before a container begins; None if nothing of the kind stands there."""
    return table("inside").ending(clause, start)


def grounds(reading: Reading, clause: list[Token]) -> None:
    for i, token in enumerate(clause):
        if token.low in GROUND and not token.role and (token.low != "ground" or i):
            _ground_word(reading, clause, i)
    for i, token in enumerate(clause):
        if token.role or token.low not in ON:
            continue
        start = i + 1 + (i + 1 < len(clause) and clause[i + 1].low in ("a", "an", "the", "solid", "plain"))
        named = colours.named([t.low for t in clause[start:]])
        if not named or any(t.role for t in clause[start : start + named[0]]):
            continue
        end = start + named[0]
        rest = clause[end].low if end < len(clause) else ""
        if not rest or clause[end].role or rest in table("stops"):
            place = "container" if reading.has_container and not reading.colours["container"] else "ground"
            reading.colours[place] = reading.colours[place] or named[2]
            for t in clause[i:end]:
                t.role = "ground"
    for token in clause:
        if token.low == "transparent" and not token.role:
            reading.colours["ground"] = reading.colours["ground"] or WHITE
            token.role = "ground"


def _ground_word(reading: Reading, clause: list[Token], i: int) -> None:
    start = described_from(clause, i)
    while (
        start and clause[start - 1].low in CLEAR | {"transparent", "solid", "gradient"} and not clause[start - 1].role
    ):
        start -= 1
        start = described_from(clause, start)
    before, after = clause[start:i], clause[i + 1 :]
    lows = {token.low for token in before}
    given = take(before)
    end = i + 1
    if not given:
        skip = 0
        while skip < len(after) and after[skip].low in (
            "is",
            "in",
            "of",
            "colour",
            "color",
            "should",
            "be",
            "a",
            "shade",
            "are",
        ):
            skip += 1
        named = colours.named([token.low for token in after[skip:]]) if skip or not before else None
        if named and not any(token.role for token in after[skip : skip + named[0]]):
            given, end = [named[2]], i + 1 + skip + named[0]
    if not given and start >= 2 and clause[start - 1].low in ("as", "for"):
        given = take(clause[max(0, start - 3) : start])
    if not given and not lows & (CLEAR | {"transparent", "light", "dark", "bright"}) and i + 1 == len(clause):
        following = _colour_after(reading, clause[i])  # "background: navy"
        given = [following] if following else []
    if given:
        value = given[0]
    elif lows & {"dark", "deep"}:
        value = DARK
    elif lows & (CLEAR | {"transparent", "light", "bright", "simple", "clean"}):
        value = WHITE
    else:
        return
    reading.colours["ground"] = reading.colours["ground"] or value
    prep = start
    while prep and clause[prep - 1].low in ON | {"in", "with", "a", "an", "the", "and"} and not clause[prep - 1].role:
        prep -= 1
        if clause[prep].low == "and":
            break
    for token in clause[prep:end]:
        token.role = "ground"


def _colour_after(reading: Reading, token: Token) -> str | None:
    at = reading.words.index(token)
    if at + 2 < len(reading.words) and reading.words[at + 1].low in (":", "="):
        rest = reading.words[at + 2 : at + 5]
        named = colours.named([t.low for t in rest])
        if named:
            for t in rest[: named[0]]:
                t.role = "ground"
            return named[2]
    return None
