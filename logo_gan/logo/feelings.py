"""How a logo should feel, and what that means: palettes of a mood, containers, a typeface for the name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from logo_gan.logo.typefaces import DEFAULT_FONT


@dataclass(frozen=True)
class Feeling:
    """One feeling.

    Attributes:
        words: of a brief's style, any of which asks for it.
        moods: of the colour schemes (schemes.py) that go with it.
        containers: that go with it, where a brief leaves them open; "none" for marks that stand alone.
        font: of the name, a key of FONTS.
        weight: -1 for the lighter ones of a thing's drawings, 1 for the heavier ones, 0 for all.
    """

    words: frozenset[str]
    moods: tuple[str, ...]
    containers: tuple[str, ...]
    font: str
    weight: int = 0


def _feeling(words: str, moods: str, containers: tuple[str, ...], font: str, weight: int = 0) -> Feeling:
    return Feeling(frozenset(words.split()), tuple(moods.split()), containers, font, weight)


FEELINGS = {
    "calm": _feeling(
        "calm calming peaceful relaxing soothing zen spiritual gentle quiet serene tranquil meditative mindful",
        "calm spa natural", ("none", "circle", "ring"), "nunito", weight=-1,
    ),
    "luxury": _feeling(
        "luxury luxurious premium high-end upscale elegant sophisticated refined glamorous royal noble majestic chic "
        "exclusive expensive opulent timeless stylish classy posh",
        "luxury premium elegant", ("none", "ring", "diamond"), "cormorant", weight=-1,
    ),
    "playful": _feeling(
        "playful fun funny cute kawaii cheerful happy cartoon cartoonish whimsical quirky childlike silly cheeky "
        "kid-friendly lively colorful colourful comic bubbly light-hearted",
        "playful kids", ("circle", "rounded square", "none"), "nunito", weight=1,
    ),
    "serious": _feeling(
        "serious professional corporate trustworthy reliable confident honest formal conservative trusting secure "
        "dependable established competent discreet",
        "trust finance classic", ("shield", "square", "none"), "montserrat",
    ),
    "tech": _feeling(
        "tech techy futuristic high-tech hi-tech digital innovative technological cyberpunk technical sci-fi",
        "tech software", ("hexagon", "rounded square", "none"), "unbounded",
    ),
    "vintage": _feeling(
        "vintage retro classic classical traditional old-school nostalgic antique western americana heraldic "
        "engraved woodcut steampunk old-fashioned",
        "vintage rustic", ("badge", "circle", "shield"), "podkova",
    ),
    "hand-made": _feeling(
        "handmade hand-made hand-drawn handcrafted artisan artisanal crafted homemade rustic authentic cozy cosy "
        "homely sketch watercolor watercolour hand-thrown",
        "craft rustic", ("none", "circle", "ring"), "caveat",
    ),
    "bold": _feeling(
        "bold strong powerful aggressive fierce sporty dynamic edgy urban energetic tough masculine loud heavy",
        "bold strong sport", ("shield", "hexagon", "square"), "oswald", weight=1,
    ),
    "natural": _feeling(
        "natural organic eco-friendly sustainable fresh earthy botanical ecological",
        "natural eco organic", ("circle", "none", "ring"), "manrope",
    ),
    "friendly": _feeling(
        "friendly warm welcoming inviting caring approachable family-friendly kind down-to-earth",
        "friendly warm", ("circle", "rounded square", "none"), "nunito",
    ),
    "romantic": _feeling(
        "romantic feminine dreamy delicate sweet pretty girly floral bohemian boho",
        "romantic beauty", ("none", "ring", "circle"), "pacifico", weight=-1,
    ),
    "modern": _feeling(
        "modern minimal minimalist minimalistic clean simple sleek scandinavian nordic geometric flat",
        "minimal modern clean", ("none", "circle", "rounded square"), "manrope",
    ),
}  # fmt: skip


def of(style: Iterable[str]) -> list[Feeling]:
    """The feelings that words of a style ask for, in their order: what is said first counts most."""
    asked = [part for word in style for part in (word.lower().replace(" ", "-"), *word.lower().split())]
    found = [feeling for word in asked for feeling in FEELINGS.values() if word in feeling.words]
    return list(dict.fromkeys(found))


def weight(style: Iterable[str]) -> int:
    """How heavy the drawings should be, as the first feeling has it."""
    return next((feeling.weight for feeling in of(style)), 0)


def font(style: Iterable[str]) -> str:
    """The typeface for a name in a style; the usual one where it says nothing of how the logo should feel."""
    found = of(style)
    return found[0].font if found else DEFAULT_FONT
