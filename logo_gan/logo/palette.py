"""The colours of a proposal: what a brief names, exactly, and the rest in harmony, told apart from what is beneath."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import numpy as np

from logo_gan.logo.schemes import INK, PLAIN, SCHEMES, WHITE, Scheme
from logo_gan.text.colours import contrast, distance, hexadecimal, lab_of, srgb

LEAST_CONTRAST = 3.0  # WCAG's, between a layer and what is beneath it
NEAR = 0.06  # OKLab: two colours of one logo are the same or further apart
ALIKE = 0.17  # OKLab: colours that go by the same name
LIGHT = 0.8  # OKLab lightness from which a colour is a light one
DARK = 0.5  # OKLab lightness of a ground below which it is a dark one
PLAIN_STYLES = {"monochrome", "black and white", "black-and-white", "monochromatic", "ink"}
CLOSE = 0.14  # OKLab: a tone of a colour that still serves as that colour
FITTING = 12  # schemes that go best with what is named, of which the seed takes some
RAMP = (0.2, 0.28, 0.36, 0.44, 0.52, 0.58, 0.64, 0.72, 0.82, 0.9, 0.96)  # OKLab lightness of a colour's other tones


def schemes(
    named: Iterable[str], words: Iterable[str], trade: str, avoided: Iterable[str], rng: np.random.Generator
) -> list[Scheme]:
    """The hand-chosen schemes in the order in which proposals take them.

    Args:
        named: '#rrggbb' that the brief fixes; schemes that hold colours like them come first.
        words: of style; schemes of such a mood come first, and styles without colour get none.
        trade: schemes for it come before others where no word of style decides.
        avoided: '#rrggbb'; schemes with a colour like one of them are left out.
    """
    named, avoided, words = list(named), list(avoided), {word.lower() for word in words}
    if words & PLAIN_STYLES:
        return [PLAIN]
    found = [SCHEMES[i] for i in rng.permutation(len(SCHEMES))]
    left = [
        s for s in found if not any(distance(own, a) < ALIKE for own in (s.deep, s.light, s.bright) for a in avoided)
    ]
    found = left or found
    if len(set(named)) > 1:
        return [own(named)]
    coloured = [colour for colour in named if _chroma(colour) > 0.04]
    if coloured:
        found.sort(key=lambda s: sum(min(distance(c, own) for own in (s.deep, s.light, s.bright)) for c in coloured))
        best = found[:FITTING]
        found = [best[i] for i in rng.permutation(len(best))] + found[FITTING:]
    spoken = {part for word in words for part in word.split()}
    return sorted(found, key=lambda s: (not spoken & set(s.moods), not set(trade.split()) & set(s.moods)))


def own(named: list[str]) -> Scheme:
    """A scheme of two or more named colours alone, with white, ink and a tint of them."""
    by_light = sorted(set(named), key=lambda colour: lab_of(colour)[0])
    bright = max(by_light, key=_chroma)
    return Scheme(
        by_light[0] if dark(by_light[0]) else INK, by_light[-1] if lab_of(by_light[-1])[0] > LIGHT else WHITE, bright,
        tones(bright)[-1],
    )  # fmt: skip


def settled(
    wanted: Mapping[str, str], fixed: Mapping[str, str], touching: Iterable[tuple[str, str]], scheme: Scheme
) -> dict[str, str]:
    """Colours near the wanted ones that go together.

    Args:
        wanted: role → '#rrggbb', in the order in which they are settled.
        fixed: those that must not change, role → '#rrggbb'.
        touching: pairs of roles that lie upon each other and need contrast.
        scheme: where others may come from.

    Returns:
        Role → '#rrggbb' for the wanted roles. No colour that was free is nearly, but not quite, another; each has a
        contrast of 3 at least to what it touches, as far as the fixed ones allow. An accent or a second mark never
        decides on others.
    """
    touching = list(touching)
    deciding = set(wanted) - {"accent", "second"}
    found = {role: colour for role, colour in fixed.items() if role in deciding}
    for role, wish in wanted.items():
        if role in fixed:
            found[role] = fixed[role]
            continue
        beside = [
            found[b if a == role else a] for a, b in touching if role in (a, b) and (b if a == role else a) in found
        ]
        others = list(found.values())
        # Another role's own colour is better than one that is nearly it: a cream circle stands on cream.
        near = [tone for tone in (*others, *tones(wish)) if distance(tone, wish) < CLOSE]
        near = near if _fault(wish, beside, others) else []
        best = _best((wish, *near), wish, beside, others)
        if _fault(best, beside, others):
            best = _best(
                (best, scheme.deep, scheme.light, scheme.bright, WHITE, INK, scheme.tint), wish, beside, others
            )
        if _fault(best, beside, others):  # then a tone of the wish, or of a colour that is named
            shades = [tone for colour in (wish, *fixed.values()) if _chroma(colour) > 0.03 for tone in tones(colour)]
            best = _best((best, *shades), wish, beside, others)
        found[role] = best
    return {role: found[role] for role in wanted}


@cache
def tones(colour: str) -> list[str]:
    """The same hue lighter and darker."""
    lightness, a, b = lab_of(colour)
    made = []
    for other in RAMP:
        # Chroma falls towards black and white, as it does in sRGB.
        keep = min(1.0, (1 - abs(2 * other - 1.15)) / max(1 - abs(2 * lightness - 1.15), 0.2))
        made.append(hexadecimal(srgb(np.array([other, a * keep, b * keep]))))
    return made


def dark(colour: str) -> bool:
    return lab_of(colour)[0] < DARK


def _best(options: Iterable[str], wish: str, beside: list[str], others: list[str]) -> str:
    return min(options, key=lambda option: (_fault(option, beside, others), distance(option, wish)))


def _fault(option: str, beside: list[str], others: list[str]) -> float:
    """0 where a colour is told apart from those that it lies beside, and is no near miss of any other."""
    missing = sum(max(0.0, LEAST_CONTRAST - contrast(option, other)) for other in beside)
    return missing + sum(0 < distance(option, other) < NEAR for other in others)


def _chroma(colour: str) -> float:
    _, a, b = lab_of(colour)
    return float(np.hypot(a, b))
