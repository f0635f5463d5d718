"""The words for a composed logo: in the dataset's own grammar, or as people write to a designer."""

from __future__ import annotations

import random
from dataclasses import dataclass

OPENING = "Simple elegant logo for"
TAIL = (  # of every caption of the dataset
    "successful vibe, minimalist, thought-provoking, abstract, recognizable, relatable, sharp, vector art, even edges"
)
GREY_ENDING = ", black and white"
GRAMMAR = 0.3  # share of captions in the dataset's grammar
BRANDS = """
Aurora Valwood Kestrel Nimbus Lumen Harbor Orchard Vertex Solace Juniper Monarch Zephyr Cobalt Willow Ember
Atlas Cascade Meridian Pioneer Sterling Oakridge Bluebird Northwind Everly Quartz Tandem Velora Brightwell
Marlow Novus Fennel Halcyon Ironwood Larkspur Mistral Oriole Pemberton Quill Redwood Summit Thistle Umbra
Vista Wren Yarrow Zenith
""".split()
SURNAMES = "Park Works Labs Group Studio House Partners Brothers Co Collective Union Systems Hill Street".split()
TRADES = (
    "coffee shop", "law firm", "bakery", "brewery", "hotel", "gym", "school", "dentist", "barber shop", "florist",
    "restaurant", "real estate", "software", "consulting", "travel agency", "insurance", "clothing", "music studio",
    "pet shop", "construction", "farm", "pharmacy", "museum", "bookshop", "photography", "games", "transport",
    "energy", "bank", "charity",
)  # fmt: skip
# {t}: the thing with its colour; {a}: the same with its article. What a logo has none of is left out with its template.
PLAIN = (
    "{t}", "{a}", "{t} logo", "{a} logo", "logo with {a}", "logo of {a}", "{t} icon", "{t} symbol", "{t} emblem",
    "a logo showing {a}", "please draw {a}", "we need {a}", "I would like {a} please", "make {a}", "how about {a}",
    "something with {a}", "can you design {a}", "our logo should show {a}",
)  # fmt: skip
HELD = (
    "{t} in {k}", "{a} in {k}", "{a} inside {k}", "{t} on {k}", "logo with {a} in {k}", "{a} logo in {k}",
    "{k} with {a}", "{k}, inside it {a}", "{t}, {k}", "{k} around {a}", "please put {a} in {k}", "{k} and in it {a}",
    "our logo should show {a} within {k}",
)  # fmt: skip
AROUND = (
    "{text}", "{text}", "{text}", "{text}, {trade}", "{text} for a {trade}", "{trade}, {text}",
    "logo for {brand}, {trade}, {text}", "{brand} is a {trade} and wants {text}", "hello, {text}, thank you",
    "{text} for my company {brand}",
)  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What a caption may tell of a logo. Colours are spoken names, None where it does not tell them."""

    thing: str
    colour: str | None = None
    container_colour: str | None = None
    ground: str | None = None
    container: str | None = None
    grey: bool = False  # a logo without any colour


def grammar(facts: Facts, rng: random.Random) -> str:
    """A caption as the dataset's are written."""
    thing = " ".join(filter(None, (facts.colour, facts.thing)))
    held = " ".join(filter(None, (facts.container_colour, facts.container)))
    ground = f"{facts.ground} background" if facts.ground else ""
    parts = [f"{OPENING} {_brand(rng)}", thing, held, ground, rng.choice(TRADES), TAIL]
    return ", ".join(filter(None, parts)) + (GREY_ENDING if facts.grey else "")


def plain(facts: Facts, rng: random.Random) -> str:
    """A caption as someone asks for a logo."""
    thing = " ".join(filter(None, (facts.colour, facts.thing)))
    held = _article(" ".join(filter(None, (facts.container_colour, facts.container))))
    text = rng.choice(HELD if facts.container else PLAIN).format(t=thing, a=_article(thing), k=held)
    if facts.ground:
        text += rng.choice((" on {g}", ", {g} background", " on a {g} background")).format(g=facts.ground)
    return rng.choice(AROUND).format(text=text, trade=rng.choice(TRADES), brand=_brand(rng))


def caption(facts: Facts, rng: random.Random) -> str:
    """One or the other."""
    return grammar(facts, rng) if rng.random() < GRAMMAR else plain(facts, rng)


def _brand(rng: random.Random) -> str:
    return rng.choice(BRANDS) + (f" {rng.choice(SURNAMES)}" if rng.random() < 0.4 else "")


def _article(text: str) -> str:
    vowel = text[:1] in tuple("aeiou") and not text.startswith(("uni", "eu", "use", "one"))
    return f"{'an' if vowel else 'a'} {text}" if text else ""
