"""What a logo is for: "law firm", "dental clinic", "candle shop"."""

from __future__ import annotations

from logo_gan.text import colours, vocabulary
from logo_gan.text.reading import Reading, is_colour, tell
from logo_gan.text.vocabulary import Token, table

DESCRIBES = set("that which who where whose in from near based for of at offering selling specializing specialising "
                "focused providing making helping to since by".split())  # fmt: skip
SURE = 0.75  # chance below which the name of a drawing that is tagged as a trade is a thing
BEFORE = {"a", "an", "the", "my", "our", "your", "for", "of", "-"}


def trades(reading: Reading, clause: list[Token]) -> None:
    """Read the trades that a clause names, and what it says of them."""
    i = 0
    while i < len(clause):
        drawn = clause[i].tag in ("thing", "second")
        found = None if clause[i].role or drawn else vocabulary.trades().find(clause, i)
        named = colours.named([token.low for token in clause[i:]])
        if named and named[0] > 1 and not (found and found[0] - i >= named[0]):
            i += named[0]
            continue
        if found and not _is_drawn(reading, clause, i, found[0]):
            end = found[0]
            if end < len(clause) and clause[end].low in table("generic") and not clause[end].role:
                end += 1
            reading.trades.append((sum(t.is_word for t in clause[i : found[0]]), found[1]))
        elif found:
            reading.trades.append((0, found[1]))
            i = found[0]
            continue
        elif (end := _generic(reading, clause, i)) and not _is_drawn(reading, clause, i, end):
            reading.trades.append((0, " ".join(t.low for t in clause[i:end] if t.low != "-")))
        else:
            i += 1
            continue
        start = i
        while (
            start
            and not clause[start - 1].role
            and (clause[start - 1].low in BEFORE or clause[start - 1].low in table("trade_adjectives"))
            and not is_colour(clause[start - 1])
        ):
            start -= 1
        tell(clause[start:end], "trade")
        if end < len(clause) and clause[end].low in DESCRIBES and not clause[end].role:
            _describe(reading, clause, end)
        i = end


def tagged(reading: Reading) -> None:
    """Read the trades that are tagged as such, each by the longest name of one that its words are part of."""
    words = reading.words
    for run in vocabulary.runs(words, "trade"):
        if all(token.role for token in run):
            continue
        first, last = words.index(run[0]), words.index(run[-1])
        found = []
        for i in range(max(0, first - 2), last + 1):
            hit = vocabulary.trades().find(words, i)
            if hit and hit[0] > first and not any(token.role for token in words[i : hit[0]]):
                found.append((sum(t.is_word for t in words[i : hit[0]]), hit[0], i, hit[1]))
        if found:
            length, end, start, name = max(found)
            reading.trades.append((length, name))
            tell(words[start:end], "trade")
            if end < len(words) and words[end].low in table("generic"):
                tell([words[end]], "trade")
        elif len(run) == 1 and run[0].chance < SURE and reading.finder.is_thing(run[0].low):
            run[0].tag = "thing"
            continue
        elif any(reading.finder.things.is_word(token.low) for token in run if not token.role):
            said = " ".join(token.low for token in run if token.is_word and not token.role)
            reading.trades.append((0, said))
        else:
            continue  # no word of it is known
        tell(run, "trade")


def trade(reading: Reading) -> str | None:
    """The trade that most words name, of several the last, as "AI-powered logistics" is logistics."""
    return max(reversed(reading.trades), key=lambda trade: trade[0])[1] if reading.trades else None


def _describe(reading: Reading, clause: list[Token], start: int) -> None:
    """What follows a trade tells of it and is not to be drawn, unless a colour or a container follows."""
    rest = clause[start:]
    if any(is_colour(token) or token.role in ("container", "ground") for token in rest[:4]):
        return
    if rest[0].low == "in" and len(rest) > 1 and any(t.low in table("styles") for t in rest[1:3]):
        return
    for token in rest:
        if token.low in ("with", "showing", "featuring") or token.role:
            break
        token.role = "said"


def _generic(reading: Reading, clause: list[Token], i: int) -> int:
    """The end of "candle shop", "chess school": one or two plain words and a kind of business; 0 if none is here."""
    for n in (1, 2):
        end = i + n
        if end >= len(clause) or any(t.role or not t.is_word for t in clause[i : end + 1]):
            return 0
        said = clause[end - 1].low
        if any(said in table(name) for name in ("stops", "asking", "filler")) or is_colour(clause[end - 1]):
            return 0
        if clause[end].low in table("generic") and clause[i].low not in table("trade_adjectives"):
            return end + 1
    return 0


def _is_drawn(reading: Reading, clause: list[Token], start: int, end: int) -> bool:
    """Whether a trade's words are part of the name of a thing: "tennis ball", "wedding ring"."""
    after = clause[end] if end < len(clause) else None
    if after is None or after.role or not after.is_word:
        return False
    if any(after.low in known for known in (table("generic"), table("filler"), table("stops"), vocabulary.trades())):
        return False
    phrase = " ".join(token.low for token in clause[start : end + 1] if token.low != "-")
    return reading.finder.is_thing(phrase) or (end == start + 1 and reading.finder.is_thing(after.low))
