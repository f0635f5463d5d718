"""What a training logo shows and the words that ask for it.

A recipe is drawn in two steps. First the caption decides what it names: a mark, a container, colours, a layout. Then
every choice that the caption leaves open is read off a latent vector z ~ N(0, 1): the drawn form, the missing colours,
sizes. So the pair (caption, z) determines the logo, and a generator that is given the same z can be shown the very
picture it should paint, while z drawn afresh still gives the whole variety.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from functools import cache

from logo_gan import colours
from logo_gan.captions import caption
from logo_gan.marks import VOCABULARY, Bank

LATENT = 16  # values of z; the composer reads the first twelve, the rest is free for what real logos add
CONTAINERS = tuple(VOCABULARY["containers"])
LAYOUTS = tuple(VOCABULARY["layouts"])
# Ends of the two tables that fill what a caption leaves open.
GROUNDS_LIGHT = ("#ffffff", "#ffffff", "#ffffff", "#ffffff", "#f7f3ea", "#f1f4f8", "#ffffff")
GROUNDS_DARK = ("#111111", "#0a1f66", "#1f2a37", "#2b2118")
OPEN_COLOURS = (
    "blue",
    "red",
    "green",
    "orange",
    "purple",
    "teal",
    "black",
    "navy",
    "pink",
    "brown",
    "yellow",
    "grey",
)


@dataclass
class Recipe:
    """A logo to draw. Colours are (name, '#rrggbb'); `form` is a row of the mark bank; z holds LATENT values."""

    caption: str = ""
    mark: str = ""
    kind: str = "object"
    form: int = 0
    container: str = "none"
    layout: str = "solid"
    mark_colour: tuple[str, str] = ("black", "#111111")
    container_colour: tuple[str, str] | None = None
    accent_colour: tuple[str, str] | None = None
    ground_colour: tuple[str, str] = ("white", "#ffffff")
    z: list[float] = field(default_factory=list)
    u: list[float] = field(default_factory=list)
    named: dict[str, bool] = field(default_factory=dict)


def _pick(options, u: float):
    return options[min(int(u * len(options)), len(options) - 1)]


def _name_colour(rng: random.Random, apart_from: tuple = ()) -> tuple[str, str]:
    """A named colour that can be read beside the given ones."""
    for _ in range(60):
        name = rng.choice(tuple(colours.BASIC)) if rng.random() < 0.62 else rng.choice(_named())
        value = colours.names()[name]
        if all(colours.readable(value, other[1]) for other in apart_from):
            return name, value
    return ("black", "#111111") if colours.readable("#111111", apart_from[0][1]) else ("white", "#ffffff")


@cache
def _named() -> tuple[str, ...]:
    return tuple(colours.names())


@cache
def _fitting(against: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The open colours that can be read against all the given ones."""
    fits = [(n, colours.BASIC[n]) for n in OPEN_COLOURS if all(colours.readable(colours.BASIC[n], a) for a in against)]
    return tuple(fits) or (("white", "#ffffff"),)


@cache
def _grounds(against: str) -> tuple[tuple[str, str], ...]:
    light = [g for g in GROUNDS_LIGHT if colours.readable(g, against)]
    dark = [g for g in GROUNDS_DARK if colours.readable(g, against)]
    return tuple(("ground", g) for g in (light + light + light[:2] + dark[:2] if light else dark or ["#ffffff"]))


def _all_grounds() -> list[tuple[str, str]]:
    return [("ground", g) for g in (*GROUNDS_LIGHT, *GROUNDS_DARK, "#8a8d91")]


def draw(seed: int, index: int, bank: Bank, held_out: bool = False) -> Recipe:
    """The recipe number `index` of a seeded endless stream. `held_out` draws forms and synonyms never trained on."""
    rng = random.Random((seed << 48) ^ (index << 1) ^ held_out)
    z = [rng.gauss(0, 1) for _ in range(LATENT)]
    u = [0.5 * (1 + math.erf(v / math.sqrt(2))) for v in z]
    r = Recipe(z=z, u=u)
    named = r.named

    # The mark: named, or left to the trade, or (rarely) wholly open.
    trade = None
    p = rng.random()
    if p < 0.74:
        r.mark, r.kind, named["mark"] = rng.choice(_objects()), "object", True
    elif p < 0.82:
        r.mark = rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
        r.kind, named["mark"] = ("letter" if r.mark.isalpha() else "digit"), True
    elif p < 0.87:
        r.mark, r.kind, named["mark"] = rng.choice(VOCABULARY["abstract"]), "abstract", True
    elif p < 0.98:
        trade = rng.choice(tuple(VOCABULARY["trades"]))
        r.mark, r.kind = _pick(VOCABULARY["trades"][trade], u[1]), "object"
    else:
        r.mark, r.kind = _pick(_objects(), u[1]), "object"
    if trade is None and r.kind == "object" and rng.random() < 0.2:
        trade = _trade_of(r.mark, rng)

    # What else the caption names.
    named["container"] = rng.random() < 0.5
    named["mark_colour"] = rng.random() < 0.8
    named["container_colour"] = named["container"] and rng.random() < 0.62
    named["accent"] = not named["container"] and named["mark_colour"] and rng.random() < 0.08
    named["ground"] = rng.random() < 0.09
    named["layout"] = rng.random() < 0.12

    if named["container"]:
        r.container = rng.choice(CONTAINERS)
    else:
        r.container = _open_container(named["accent"], u)
    r.layout = _layout(r, rng, u)
    _colour(r, rng, u)
    r.form = _form(r, bank, held_out, u)
    r.caption = caption(r, rng, trade, held_out)
    return r


@cache
def _objects() -> tuple[str, ...]:
    return tuple(VOCABULARY["objects"])


def _trade_of(mark: str, rng: random.Random) -> str | None:
    found = [t for t, marks in VOCABULARY["trades"].items() if mark in marks]
    return rng.choice(found) if found else None


def _layout(r: Recipe, rng: random.Random, u: list[float]) -> str:
    filled = r.container not in ("none", "ring")
    fits = {
        "solid": True,
        # With the mark cut out of the container a colour of its own could not show.
        "negative": filled and not r.named["container_colour"],
        "outline": r.container not in ("ring", "circle") and not r.named["container_colour"] and not r.named["accent"],
        "two-tone": True,
        "split": filled and not r.named["accent"],
    }
    if r.named["accent"]:
        r.named["layout"] = False
        return "two-tone"
    if r.named["layout"]:
        return rng.choice([k for k, fit in fits.items() if fit])
    shares = {"solid": 0.5, "negative": 0.16, "outline": 0.12, "two-tone": 0.12, "split": 0.1}
    if filled and r.named["mark_colour"] and not r.named["container_colour"]:
        # "blue fish in a circle": blue must stay the strongest colour, so the container mostly wears it.
        shares = {"negative": 0.8, "outline": 0.2}
    options = [(k, shares[k]) for k, fit in fits.items() if fit and k in shares]
    at = u[3] * sum(s for _, s in options)
    for layout, share in options:
        at -= share
        if at <= 0:
            return layout
    return "solid"


def redraw(r: Recipe, rng: random.Random, bank: Bank, held_out: bool = False) -> Recipe:
    """The same caption drawn once more: its mark and all that it names stay, the rest is read off a fresh z."""
    z = [rng.gauss(0, 1) for _ in range(LATENT)]
    u = [0.5 * (1 + math.erf(v / math.sqrt(2))) for v in z]
    new = Recipe(caption=r.caption, mark=r.mark, kind=r.kind, z=z, u=u, named=dict(r.named))
    named = new.named
    # A layout that is named ("split", "outline") may need its container.
    held = named["container"] or named["layout"]
    new.container = r.container if held else _open_container(named["accent"], u)
    new.layout = r.layout if named["layout"] or named["accent"] else _layout(new, rng, u)
    parts = {
        "mark_colour": r.container_colour if r.layout == "negative" else r.mark_colour,
        "container_colour": r.container_colour, "accent": r.accent_colour, "ground": r.ground_colour,
    }  # fmt: skip
    _colour(new, rng, u, {part: colour for part, colour in parts.items() if named[part] and colour})
    new.form = _form(new, bank, held_out, u)
    return new


def _open_container(accent: bool, u: list[float]) -> str:
    """The container of a logo whose caption names none: more often none than one."""
    return "none" if accent or u[2] < 0.55 else _pick(CONTAINERS, (u[2] - 0.55) / 0.45)


def _colour(r: Recipe, rng: random.Random, u: list[float], given: dict[str, tuple[str, str]] | None = None) -> None:
    """Fill the colours: named ones as given or at random, open ones from z, every touching pair readable."""
    named, given = r.named, given or {}
    if named["mark_colour"]:
        r.mark_colour = given.get("mark_colour") or _name_colour(rng)
    else:
        r.mark_colour = _pick(_fitting(()), u[4])
    has_container = r.container != "none"
    if named["container_colour"]:
        r.container_colour = given.get("container_colour") or _name_colour(rng, (r.mark_colour,))
        if not named["mark_colour"]:
            r.mark_colour = (
                _pick((("white", "#ffffff"),) * 3 + _fitting((r.container_colour[1],)), u[4])
                if (colours.readable("#ffffff", r.container_colour[1]))
                else _pick(_fitting((r.container_colour[1],)), u[4])
            )
    elif has_container and r.layout not in ("negative", "outline") and r.container != "ring":
        # One colour named: it must stay the strongest, so the ground of the container keeps quiet.
        quiet = (("light", "#f1f4f8"), ("cream", "#f3ead7"), ("dark", "#1f2a37"), ("black", "#111111"))
        if named["mark_colour"]:
            options = [q for q in quiet if colours.readable(q[1], r.mark_colour[1])]
        else:
            options = list(_fitting((r.mark_colour[1],)))
        r.container_colour = _pick(options or [("white", "#ffffff")], u[5])
    elif has_container:
        r.container_colour = r.mark_colour

    outer = r.container_colour if has_container else r.mark_colour
    if named["ground"]:
        r.ground_colour = given.get("ground") or _name_colour(rng, (r.mark_colour, outer))
    else:
        # The mark stands on the ground itself unless a filled container lies between them.
        bare = not has_container or r.container == "ring" or r.layout == "outline"
        options = [g for g in _grounds(outer[1]) if not bare or colours.readable(g[1], r.mark_colour[1])]
        if not options:  # a pale mark in a dark ring: the ground that both can best be seen on
            options = [
                max(_all_grounds(), key=lambda g: min(colours.distance(g[1], c[1]) for c in (outer, r.mark_colour)))
            ]
        r.ground_colour = _pick(options, u[6] * 0.999)
    if r.layout == "negative":
        r.mark_colour, r.container_colour = r.ground_colour, r.mark_colour
    if r.layout == "two-tone":
        ground = r.container_colour if has_container and r.container != "ring" else r.ground_colour
        if named["accent"]:
            r.accent_colour = given.get("accent") or _name_colour(rng, (r.mark_colour, ground))
        else:
            r.accent_colour = ("shade", colours.shade(r.mark_colour[1], u[7] > 0.5))
    elif r.layout == "split":
        r.accent_colour = ("shade", colours.shade(r.container_colour[1], False))


def _form(r: Recipe, bank: Bank, held_out: bool, u: list[float]) -> int:
    rows = bank.forms(r.mark, held_out)
    if r.layout == "outline":
        rows = tuple(i for i in rows if bank.marks[i].line) or rows
    return _pick(rows, u[0])
