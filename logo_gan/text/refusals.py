"""What a prompt refuses: "no circle", "without text", "don't use red or orange"."""

from __future__ import annotations

from logo_gan.text import colours
from logo_gan.text.places import GROUND
from logo_gan.text.reading import WHITE, Reading, tell
from logo_gan.text.vocabulary import BREAKS, Token, runs, table

NO = {
    tuple(said.split())
    for said in (
        "no, not, without, never, avoid, avoiding, except, excluding, minus, nothing, neither, nor, not a, please no, "
        "free of, isn't, aren't, instead of, rather than, don't use, don't want, don't include, don't add, don't like, "
        "don't put, don't draw, don't make, don't need, doesn't need, do not use, do not want, do not include, "
        "do not add, do not put, do not draw, shouldn't be, shouldn't have, should not be, should not have, "
        "should not contain"
    ).split(", ")
}
SAFE = {("profit",), ("nonsense",), ("only",), ("just",), ("sure",)}  # "non profit", "no nonsense", "not only"
SURE = 0.75  # chance from which a word is refused that no "no" or "without" stands before
AHEAD = 6  # words after a "no" of which one must be tagged
LITTLE = set("a an the any too it in be put around all of on at as use inside lol else anything please pls".split())
UNHELD = {"uncontained", "unframed", "frameless", "borderless", "freestanding"}  # without a container
ENCLOSED = {"enclosed", "contained", "framed", "boxed"}


def refusals(reading: Reading) -> None:
    """Read every refusal of a prompt."""
    for token in reading.words:
        if token.low in UNHELD and not token.role:
            reading.container, token.role = reading.container or "none", "container"
    i = 0
    while i < len(reading.words):
        n = next((n for n in (4, 3, 2, 1) if tuple(t.low for t in reading.words[i : i + n]) in NO), 0)
        after = tuple([token.low for token in reading.words[i + n : i + n + 2] if token.low != "-"][:1])
        if not n or after in SAFE or reading.words[i].role or (i and reading.words[i - 1].low == "-"):
            i += 1
            continue
        end = i + n
        ahead = reading.words[i + n : i + n + AHEAD]
        if not any(token.tag or token.low in ENCLOSED for token in ahead):  # "the kids shouldn't be scared"
            i = end
            continue
        while end < len(reading.words) and _goes_on(reading, end):
            end += 1
        refuse(reading, reading.words[i + n : end])
        tell(reading.words[i:end], "avoid")
        i = max(end, i + 1)
    for run in runs(reading.words, "avoid"):
        sure = min(token.chance for token in run if token.tag) >= SURE and (run[0].low,) not in SAFE
        if sure and not any(token.role for token in run):
            refuse(reading, run)
            tell(run, "avoid")


def _goes_on(reading: Reading, at: int) -> bool:
    """Whether a refusal still reaches the word: up to a comma, or an "and" that begins something wanted."""
    token = reading.words[at]
    if (
        token.role
        or (token.low in BREAKS and token.low != "/")
        or token.low in ("but", "please", "just", "with", "only")
    ):
        return False
    if token.low == "and" and at + 1 < len(reading.words):
        after = [t.low for t in reading.words[at + 1 : at + 3]]
        return after[0] not in ("a", "an", "the", "with", "no", "without", "not", "make", "use", "please", "i", "we")
    return not any(tuple(t.low for t in reading.words[at : at + n]) in NO for n in (1, 2, 3))


def refuse(reading: Reading, refused: list[Token]) -> None:
    """What is refused: a container, a ground, or something to avoid."""
    content = [token for token in refused if token.is_word and token.low not in LITTLE]
    parts: list[list[Token]] = [[]]
    for token in content:
        if token.low in ("or", "and", "nor"):
            parts.append([])
        else:
            parts[-1].append(token)
    for part in filter(None, parts):
        said = " ".join(token.low for token in part)
        lows = [token.low for token in part]
        if lows[0] in ENCLOSED:  # "I don't want it enclosed in anything"
            reading.container = reading.container or "none"
            continue
        held = [i for i in range(len(part)) if table("containers").find(part, i) or table("frames").find(part, i)]
        if lows[0] in GROUND or lows[-1] in GROUND:
            if len(part) == 1 or not colours.named(lows):
                reading.colours["ground"] = reading.colours["ground"] or WHITE
            if len(part) > 1:
                reading.avoid.append(said)
        elif held and lows[0] not in ("text", "letters"):
            reading.container = reading.container or "none"
        else:
            reading.avoid.append(said)
