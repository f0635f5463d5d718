"""The words of a training caption: the dataset's own grammar, or a visitor's plain words."""

from __future__ import annotations

import json
import random
import re
import string
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from logo_gan import colours
from logo_gan.marks import VOCABULARY

if TYPE_CHECKING:
    from logo_gan.recipe import Recipe

TAIL = (
    "successful vibe, minimalist, thought-provoking, abstract, recognizable, relatable, sharp, vector art, even edges"
)
# What visitors write around what they want; nothing of it is drawn.
FRAMES = (
    "make {}", "can you make me {}", "please design {}", "we need {}", "I want {}", "i would like {} please",
    "{} please", "draw {} for us", "something like {}", "how about {}", "looking for {}", "it should be {}",
    "maybe {}", "hello, {}", "{}, thank you", "{} for our brand", "give us {}", "imagine {}", "the logo is {}",
    "our logo shows {}", "good day, {}, thanks", "let us have {}", "create {} for my company", "a picture of {}",
    "I am after {}", "show {}", "we are thinking about {}",
)  # fmt: skip
BRANDS = """
Aurora Valwood Kestrel Nimbus Lumen Harbor Orchard Vertex Solace Juniper Monarch Zephyr Cobalt Willow Ember
Atlas Cascade Meridian Pioneer Sterling Oakridge Bluebird Northwind Everly Quartz Tandem Velora Brightwell
Marlow Novus Fennel Halcyon Ironwood Larkspur Mistral Oriole Pemberton Quill Redwood Summit Thistle Umbra
Vista Wren Yarrow Zenith
""".split()
SURNAMES = """
Park Works Labs Group Studio House Partners Brothers Co Collective Union Systems Hill Street
""".split()


@cache
def synonyms() -> dict[str, dict[str, list[str]]]:
    """Words for an object beside its name, by part: {"cat": {"train": [...], "held_out": [...]}}."""
    path = Path(__file__).with_name("synonyms.json")
    return json.loads(path.read_text()) if path.is_file() else {}


def object_words() -> list[tuple[str, str]]:
    """(mark, word for it) of objects and abstract marks, as training captions use them, the marks' own names first."""
    names = [*VOCABULARY["objects"], *VOCABULARY["abstract"]]
    others = [(name, text) for name in names for text in synonyms().get(name, {}).get("train", ())]
    return [(name, name) for name in names] + others


def taught_words() -> list[str]:
    """Every word of training captions, brand names left out."""
    texts = ["a letter, an initial or a monogram in capitals; a number, digit or numeral; in on inside it within with",
             "surrounded around and container background icon logo symbol mark emblem please draw showing for",
             TAIL, *FRAMES, *string.ascii_lowercase, *string.digits]  # fmt: skip
    texts += [*colours.names(), *VOCABULARY["moods"], *VOCABULARY["trades"], *(w for _, w in object_words())]
    for group in ("containers", "layouts"):
        texts += [text for name, options in VOCABULARY[group].items() for text in (name, *options)]
    return texts


def content_words() -> list[str]:
    """What can matter to a picture, the held-out words among it: nothing may teach that they mean nothing."""
    said_around = {*FRAMES}
    held_out = [text for parts in synonyms().values() for part in parts.values() for text in part]
    return [text for text in taught_words() if text not in said_around] + held_out


def _words_for(r: Recipe, rng: random.Random, held_out: bool) -> str:
    if r.kind == "letter":
        return rng.choice(("letter {}", "letter {}", "monogram {}", "initial {}", "capital {}")).format(r.mark)
    if r.kind == "digit":
        return rng.choice(("number {}", "digit {}", "numeral {}")).format(r.mark)
    if r.kind == "abstract":
        return r.mark if rng.random() < 0.7 else f"abstract {r.mark}"
    words = synonyms().get(r.mark, {}).get("held_out" if held_out else "train", ())
    if words and rng.random() < (1.0 if held_out else 0.35):
        return rng.choice(words)
    return r.mark


def _article(text: str) -> str:
    return ("an " if text[0] in "aeiouAEIOU" else "a ") + text


def caption(r: Recipe, rng: random.Random, trade: str | None, held_out: bool) -> str:
    """The caption in the dataset's grammar or in a visitor's plain words."""
    named = r.named
    # In a negative layout the named colour is the container's; people still say "blue fish".
    spoken = r.container_colour if r.layout == "negative" else r.mark_colour
    c = spoken[0] if named["mark_colour"] else ""
    if named["accent"]:
        c = f"{c} and {r.accent_colour[0]}"
    o = _words_for(r, rng, held_out) if named.get("mark") else ""
    k = rng.choice(VOCABULARY["containers"][r.container]) if named["container"] else ""
    cc = r.container_colour[0] if named["container_colour"] else ""
    style = rng.choice(VOCABULARY["layouts"][r.layout]) if named["layout"] else ""
    mood = rng.choice(VOCABULARY["moods"]) if rng.random() < 0.25 else ""
    ground = f"{r.ground_colour[0]} background" if named["ground"] else ""
    brand = rng.choice(BRANDS) + (f" {rng.choice(SURNAMES)}" if rng.random() < 0.4 else "")
    co, cck = f"{c} {o}".strip(), f"{cc} {k}".strip()

    if rng.random() < 0.25:
        parts = [f"Simple elegant logo for {brand}"]
        first = [w for w in (style, c, o) if w]
        parts += [" ".join(first)] if first else []
        parts += [rng.choice((cck, f"{cck} container", f"in {cck}"))] if k else []
        parts += [ground] if ground else []
        parts += [trade] if trade else []
        text = ", ".join(parts)
        text += f", {TAIL}" if rng.random() < 0.5 else f", {', '.join(rng.sample(TAIL.split(', '), 3))}"
        return text + (", black and white" if c == "black" and not cc and rng.random() < 0.5 else "")

    if not o:
        base = (
            rng.choice(
                (
                    f"logo for {brand}, {trade}",
                    f"{trade} logo",
                    f"logo for {_article(trade)}",
                    f"{trade}",
                    f"a {trade} brand",
                )
            )
            if trade
            else rng.choice(("logo", "a logo", f"logo for {brand}", "something"))
        )
        extra = [w for w in (c, rng.choice((cck, f"in {_article(cck)}")) if k else "", ground, style) if w]
        rng.shuffle(extra)
        if c and not k and rng.random() < 0.4:
            return f"{c} {base}" if not base.startswith(("logo for", "a ")) else f"{base}, {c}"
        return ", ".join([base, *extra])

    if k:
        joint = rng.choice(("in", "in", "on", "inside", "within"))
        text = rng.choice(
            (
                f"{co} {joint} {_article(cck)}",
                f"{_article(co)} {joint} {_article(cck)}",
                f"{_article(co)} logo {joint} {_article(cck)}",
                f"logo with {_article(co)} {joint} {_article(cck)}",
                f"{_article(co)} surrounded by {_article(cck)}",
                f"{cck} with {_article(co)}",
                f"{_article(cck)} with {_article(co)}",
                f"{co}, {cck}",
                f"{_article(cck)}, inside it {_article(co)}",
                f"{cck} and in it {_article(co)}",
                f"{_article(cck)} around {_article(co)}",
                f"{o} in {c}, {k} in {cc}" if c and cc else f"{co} {joint} {_article(cck)}",
                f"the {o} {c}, the {k} {cc}" if c and cc else f"{_article(co)} {joint} {_article(cck)}",
            )
        )
    else:
        text = rng.choice(
            (
                f"{co}", f"{_article(co)}", f"{co} logo", f"{_article(co)} logo", f"logo with {_article(co)}",
                f"logo of {_article(co)}", f"{o} in {c}" if c else f"{o} icon", f"{o}, {c}" if c else f"{o} symbol",
                f"{o} logo, {c}" if c else f"a logo showing {_article(o)}", f"{co} mark", f"{co} emblem",
                f"please draw {_article(co)}",
            )
        )  # fmt: skip
    if mood and not text.startswith(("logo", "please")):
        text = f"{mood} {text}" if not text.startswith(("a ", "an ")) else f"a {mood} {text.split(' ', 1)[1]}"
    if style:
        text = rng.choice((f"{style} {text}", f"{text}, {style}", f"{text} in {style} style"))
    if ground and not k and rng.random() < 0.4:
        text = f"{text} on {r.ground_colour[0]}"  # "gold crown on black"
    elif ground:
        text = rng.choice((f"{text} on {_article(ground)}", f"{text}, {ground}"))
    if rng.random() < 0.35:
        if rng.random() < 0.8:
            text = rng.choice(FRAMES).format(text)
        else:
            text = rng.choice(("our company {} wants {}", "at {} we would like {}", "this is for {}, {}")).format(
                brand, text
            )
    if trade and rng.random() < 0.8:
        text = rng.choice((f"logo for {brand}, {trade}, {text}", f"{text}, {trade}", f"{text} for {_article(trade)}"))
    elif rng.random() < 0.06:
        text = f"logo for {brand}, {text}"
    return text


def negatives(r: Recipe, rng: random.Random) -> str:
    """The recipe's caption with one word made wrong: its colour, its mark or its container."""
    swaps = []
    spoken = r.container_colour if r.layout == "negative" else r.mark_colour
    if r.named["mark_colour"]:
        swaps.append((spoken[0], rng.choice(tuple(colours.BASIC))))
    if r.named["container_colour"]:
        swaps.append((r.container_colour[0], rng.choice(tuple(colours.BASIC))))
    if r.named.get("mark") and r.kind == "object":
        swaps.append((r.mark, rng.choice(tuple(VOCABULARY["objects"]))))
    if r.named["container"]:
        swaps.append((r.container, rng.choice(tuple(VOCABULARY["containers"]))))
    swaps = [(rf"\b{re.escape(a)}\b", b) for a, b in swaps if a != b and re.search(rf"\b{re.escape(a)}\b", r.caption)]
    if not swaps:
        return ""
    old, new = rng.choice(swaps)
    return re.sub(old, new, r.caption)
