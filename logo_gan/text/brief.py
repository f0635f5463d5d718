"""A prompt becomes a brief: what to draw, in which colours and container, for whom, and what was not understood.

The tagger says of each word what it is part of. Rules read what is exact (quoted names, codes of colours) and whose
each colour is; what is tagged as a thing is looked for among the drawings. Every word gets a role or is not understood.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from logo_gan.text import (
    colour_roles,
    colours,
    emoji,
    labels,
    names,
    nouns,
    places,
    refusals,
    russian,
    syntax,
    trades,
    unread,
    vocabulary,
)
from logo_gan.text.phrases import COUNTS, TOGETHER, Finder, Things
from logo_gan.text.reading import ROLES, Reading, find_all, tell
from logo_gan.text.vocabulary import BREAKS, Token, runs, table

if TYPE_CHECKING:
    import numpy as np

    from logo_gan.text.tagger import Tagger

PROSE = {"i", "i'm", "i've", "i'd", "we", "we're", "we've", "we'd", "we'll", "our", "my", "they", "you", "us"}
INTRO = {"logo", "icon", "emblem", "symbol", "picture", "image", "something", "logotype", "mark", "drawing"} | set(
    "draw draws drawing show shows showing depict depicts depicting feature features featuring display displaying "
    "include includes including contain containing contains want wants need needs like love prefer imagine have "
    "has".split()
)
# Tags of words that are no part of a thing.
FIXED = frozenset("brand slogan avoid holder container ground count".split())


@dataclass(frozen=True)
class Brief:
    """What a prompt asks for.

    Attributes:
        prompt: as it was given.
        things: what to draw, a phrase each; the first is the mark.
        colours: '#rrggbb' or None for each of mark, container, ground, accent.
        container: circle, ring, square, rounded square, hexagon, shield, diamond or badge; "none" where the prompt
            refuses one, None where it leaves that open.
        letters: up to four capital letters or digits to be drawn.
        count: how many of the mark, if the prompt says so.
        brand, slogan, trade: as the prompt has them.
        style: words for how it should look.
        avoid: what the prompt refuses.
        not_understood: words of the prompt that nothing was made of.
    """

    prompt: str
    things: tuple[str, ...] = ()
    colours: dict[str, str | None] = field(default_factory=lambda: dict.fromkeys(ROLES))
    container: str | None = None
    letters: str | None = None
    count: int | None = None
    brand: str | None = None
    slogan: str | None = None
    trade: str | None = None
    style: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    not_understood: tuple[str, ...] = ()

    def as_dict(self) -> dict:
        """As a JSON object, without the prompt."""
        values = asdict(self)
        del values["prompt"]
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def read(prompt: str, things: Things, tagger: Tagger) -> Brief:
    """The brief of a tidied prompt, in English or Russian; `things` knows what can be drawn."""
    said, found = labels.split(prompt)
    labelled = labels.Labels(found)
    text, pasted = syntax.read(russian.translate(emoji.spelt(said)))
    text, foreign = nouns.translate(text, lambda word: things.is_word(word) or things.exact(word))
    finder = Finder(things)
    words = vocabulary.tokens(text)
    _tag(words, *tagger.tags(text, words, finder.is_thing), foreign)
    _compounds(words, finder)
    words = colour_roles.with_rare_names(words, finder)
    reading = Reading(text, words, finder, names.find(text, words, things.is_word))
    for token in words:  # what is no name after all
        if token.tag in ("brand", "slogan") and not reading.names.taken(token.start, token.end):
            token.tag = ""
    for start, end, kind in reading.names.spans:
        tell([token for token in reading.words if start <= token.start < end], kind)
    for refused in pasted:
        refusals.refuse(reading, vocabulary.tokens(refused))
    refusals.refusals(reading)
    colour_roles.codes(reading)
    colour_roles.predicates(reading)
    clauses = _clauses(reading)
    for clause in clauses:
        places.containers(reading, clause, alone=len(clauses) == 1)
    for clause in clauses:
        places.grounds(reading, clause)
    for clause in clauses:
        reading.style += find_all("styles", clause, "style", shortest=2)
    trades.tagged(reading)
    for clause in clauses:
        if not reading.trades:
            trades.trades(reading, clause)
        colour_roles.colour_words(reading, clause)
        reading.style += find_all("styles", clause, "style")
        find_all("filler", clause, "filler", shortest=2)
    _tagged_things(reading)
    for run in runs(reading.words, "style"):
        known = [t for t in run if things.is_word(t.low) or t.low in table("styles")]
        if said := [t for t in known if not t.role and t.is_word and t.low not in table("stops")]:
            reading.style.append(" ".join(token.low for token in said))
            tell(said, "style")
    if not (reading.things or reading.names.letters or reading.trades):
        for clause in clauses:
            _wanted(reading, clause)
    unread.hear(reading)
    labelled.correct(reading)
    chosen = _chosen(reading)
    colour_roles.settle(reading)
    labelled.recolour(reading)
    things_drawn, count = labelled.things(reading, chosen)
    return Brief(
        prompt,
        things_drawn,
        reading.colours,
        reading.container,
        reading.names.letters,
        count,
        reading.names.brand,
        reading.names.slogan,
        trades.trade(reading),
        tuple(dict.fromkeys(reading.style)),
        tuple(dict.fromkeys(reading.avoid)),
        (*unread.words(reading), *labelled.unread),
    )


def _tag(words: list[Token], tags: list[str], chances: np.ndarray, foreign: list[tuple[int, int]]) -> None:
    """Give words their tags; `foreign` are the places of nouns that stood in another language."""
    for token, tag, chance in zip(words, tags, chances.max(1), strict=True):
        # Of a Russian word that the lexicon lacks, the encoder knows nothing, but that it may be a name.
        if tag in ("brand", "slogan", "letters") or not russian.CYRILLIC.search(token.low):
            token.tag, token.chance = tag, float(chance)
        if foreign:  # the rest is not understood
            begun = [start for start, end in foreign if start <= token.start < end]
            token.tag = ("thing" if begun == [foreign[0][0]] else "second") if begun else ""
        if token.tag == "letters" and len(token.low) > 4:  # "monogram for Hartley"
            token.tag = "brand"
        if token.low in refusals.UNHELD or (token.low in TOGETHER and token.tag in ("thing", "second")):
            token.tag = ""


def _compounds(words: list[Token], finder: Finder) -> None:
    """Tag the whole name of a drawing alike, where a part is a thing: "pine tree", "bell pepper", "t-shirt" are one."""
    for last in range(len(words) - 1, 0, -1):
        for first in range(max(0, last - 4), last):
            part = words[first : last + 1]
            drawn = [token for token in part if token.tag in ("thing", "second")]
            if not drawn or not all(token.is_word or token.low == "-" for token in part):
                continue
            fixed = any(token.tag in FIXED or token.low in COUNTS or token.low in table("stops") for token in part)
            if fixed or part[0].low in colours.BASIC or "-" in (part[0].low, part[-1].low):
                continue
            if finder.is_thing(" ".join(token.low for token in part if token.low != "-")):
                for token in part:
                    token.tag, token.chance = drawn[-1].tag, drawn[-1].chance
                break


def _clauses(reading: Reading) -> list[list[Token]]:
    """The words between names and the signs that part a sentence."""
    clauses: list[list[Token]] = [[]]
    for token in reading.words:
        dash = token.low == "-" and token.start > 0 and reading.text[token.start - 1] == " "
        if token.role or dash or token.low in BREAKS or token.low == "but":
            clauses.append([])
            tell([token], "sign")
        else:
            clauses[-1].append(token)
    return [clause for clause in clauses if any(token.is_word for token in clause)]


def _tagged_things(reading: Reading) -> None:
    """What is to be drawn, the mark first."""
    words = reading.words
    for token in words if not any(each.tag == "thing" for each in words) else ():
        # "brown wheat": tagged as a second colour, but not read as one; "coffin": no style that is known.
        if token.tag in ("colour", "style") and not token.role and reading.finder.is_thing(token.low):
            token.tag = "thing"
    for tag in ("thing", "second"):
        for run in runs(words, tag):
            first, last = words.index(run[0]), words.index(run[-1])
            if all(token.role for token in run):
                continue
            if tag == "second" and _is_choice(words, first):
                tell(run, "said")
                continue
            before = words[first - 1] if first else None  # "soccer" of a soccer ball, for a club
            if before and before.tag == "trade" and reading.finder.is_thing(f"{before.low} {run[0].low}"):
                first, before.role = first - 1, ""
            related = _with_relation(words, last) if tag == "thing" else last
            if related > last and (one := reading.finder.whole(words[first : related + 1])):
                reading.things += one
                continue
            at = first
            while at and (words[at - 1].role in ("colour", "style") or words[at - 1].tag in ("colour", "style")):
                at -= 1
            counted = [words[at - 1]] if at and words[at - 1].low in COUNTS and not words[at - 1].role else []
            reading.things += reading.finder.find([*counted, *words[first : last + 1]])


def _is_choice(words: list[Token], first: int) -> bool:
    """Whether a further thing is only another that would do: "saturn or any planet"."""
    before = first - 1
    while before >= 0 and words[before].low in ("a", "an", "the", "any", "some", "maybe", "perhaps", "even"):
        before -= 1
    return before >= 0 and words[before].low == "or"


def _with_relation(words: list[Token], last: int) -> int:
    """Where a thing ends that something else follows in the same breath: "howling at the moon"."""
    for end in range(last + 1, min(last + 6, len(words))):
        if words[end - 1].low == "in" and colours.named([words[end].low]):  # "tulip in coral"
            return last
        if words[end].tag == "second":
            while end + 1 < len(words) and words[end + 1].tag == "second":
                end += 1
            return end
        if not words[end].is_word or words[end].tag or words[end].role or words[end].low in TOGETHER:
            break
    return last


def _wanted(reading: Reading, clause: list[Token]) -> None:
    """Look for things in what a clause asks for; one that tells of its writer asks for nothing at first."""
    lows = [token.low for token in clause]
    asks = len(clause)
    if not any(low in PROSE for low in lows):
        asks = 0
    elif intro := [i for i, low in enumerate(lows) if low in INTRO and i + 1 < len(lows)]:
        asks = intro[-1] + 1
    for token in clause[:asks]:
        token.role = token.role or "said"
    _things(reading, clause[asks:])


def _things(reading: Reading, clause: list[Token]) -> None:
    chunk: list[Token] = []
    for token in [*clause, None]:
        if token is None or token.role in ("container", "ground", "trade", "avoid", "said"):
            reading.things += reading.finder.find(chunk)
            chunk = []
        else:
            chunk.append(token)


def _chosen(reading: Reading) -> tuple[str, ...]:
    """Things that are asked for; else what the name shows, what the trade is known by, what the prompt speaks of."""
    if reading.names.brand and not reading.trades:
        words = vocabulary.tokens(reading.names.brand)
        reading.trades += [(1, hit[1]) for i in range(len(words)) if (hit := vocabulary.trades().find(words, i))][-1:]
    asked = list(dict.fromkeys(thing.phrase for thing in reading.things))
    if asked or reading.names.letters:
        return tuple(asked)
    named = [token.low for token in vocabulary.tokens(reading.names.brand or "") if token.is_word]
    if (
        named
        and (len(named) > 1 or not reading.trades)
        and not (reading.trades and {"and", "&"} & {token.low for token in vocabulary.tokens(reading.names.brand)})
        and reading.finder.is_thing(named[-1])
        and (named[-1],) not in vocabulary.trades().entries
        and named[-1] not in table("generic")
    ):
        return (vocabulary.singular(named[-1]),)
    if trade := trades.trade(reading):
        if symbols := vocabulary.symbols(trade):
            said = {vocabulary.singular(token.low) for token in reading.words if token.role == "trade"}
            return (next((thing for thing in symbols if vocabulary.singular(thing) in said), symbols[0]),)
        words = [w for w in trade.split() if w not in table("generic") and reading.finder.is_thing(w)]
        if words:
            return (vocabulary.singular(words[-1]),)
    said = [t for t in reading.words if t.role in ("said", "") and t.is_word and len(t.low) > 2]
    found = [
        t for t in said if reading.finder.is_thing(t.low) and not any(t.low in table(n) for n in ("filler", "asking"))
    ]
    for token in found[:1]:
        token.role = "thing"
    return tuple(vocabulary.singular(token.low) for token in found[:1])
