"""What one visitor sees and has made: the sheet of logos on the page, the one chosen, changes, the history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from logo_gan.logo.finish import Finished
from logo_gan.logo.typefaces import DEFAULT_FONT
from logo_gan.model.address import Address, Mixture, Neighbour, Proposal, prompts
from logo_gan.text.colours import checked

if TYPE_CHECKING:
    from logo_gan.logo.design import Logo
    from logo_gan.logo.pixels import PixelLogo
    from logo_gan.model.pipeline import LogoGAN

PROPOSALS = 4
STEPS = 4  # of a mixture, both logos left out
REMEMBERED = 40  # logos in the history


@dataclass(frozen=True)
class Past:
    """A logo of the history: where it lies for which model, its small picture as PNG, what is said of it."""

    address: Address
    model: str
    png: bytes
    caption: str


@dataclass
class Session:
    """One visitor's page.

    Attributes:
        sheet: the logos on the page.
        chosen: index of the one in the editor; None before the visitor has asked for any.
        seed: of the sheet, or None where it has several.
        changed: for an address, the colours by role and the name's colour that the visitor gave it.
        history: this visit's logos, the latest first.
        first: what the next mixture begins with.
        given: the name, slogan, trade and font that the last prompt gave, by kind.
        name: what stands in the name's field, as far as is known here.
        names: for a prompt, the name, font, layout and slogan that its logos were last shown with.
        model: fingerprint of the weights that drew the sheet.
    """

    sheet: list[Logo | PixelLogo] = field(default_factory=list)
    chosen: int | None = None
    seed: int | None = None
    changed: dict[Address, tuple[Mapping[str, str], str | None]] = field(default_factory=dict)
    history: list[Past] = field(default_factory=list)
    first: Past | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    model: str = ""
    name: str = ""
    names: dict[str, tuple[str, str, str, str]] = field(default_factory=dict)

    @property
    def logo(self) -> Logo | PixelLogo | None:
        return None if self.chosen is None else self.sheet[self.chosen]

    def finished(
        self, ground: str = "drawn", layout: str = "alone", name: str = "", font: str = DEFAULT_FONT, slogan: str = ""
    ) -> Finished:
        """The chosen logo in the visitor's colours, finished so; raises ValueError as `Finished` does."""
        colours, name_colour = self.changed.get(self.logo.address, ({}, None))
        return Finished(self.logo, colours, ground, layout, name, font, name_colour, slogan)

    def show(self, sheet: list, chosen: int | None, seed: int | None, model: str) -> None:
        """Puts a sheet on the page. Of another model, nothing is carried over but the history."""
        if model != self.model:
            self.changed, self.first = {}, None
        self.sheet, self.chosen, self.seed, self.model = sheet, chosen, seed, model

    def remember(self, added: list[Past]) -> None:
        """Adds to the history what is not in it."""
        known = {(past.address, past.model) for past in self.history}
        self.history = [past for past in added if (past.address, past.model) not in known] + self.history
        del self.history[REMEMBERED:]
        kept = {past.address for past in self.history} | {logo.address for logo in self.sheet}
        shown = {naming(address) for address in kept}
        self.names = {prompt: names for prompt, names in self.names.items() if prompt in shown}
        self.changed = {address: change for address, change in self.changed.items() if address in kept}

    def keep(self, edited: dict | None) -> None:
        """Takes over the colours that the visitor has given the chosen logo in the browser, if they are any."""
        logo = self.logo
        if logo is None or not isinstance(edited, dict) or edited.get("address") != str(logo.address or ""):
            return
        colours, name_colour = edited.get("colours"), edited.get("name_colour")
        if not isinstance(colours, dict):
            return
        changed = {role: colour for role, colour in colours.items() if logo.palette.get(role) != colour}
        try:
            if changed:
                logo.recolored(**changed)
        except ValueError:
            return
        try:
            name_colour = checked(name_colour)
        except ValueError:
            name_colour = None
        if changed or name_colour:
            self.changed[logo.address] = (changed, name_colour)
        else:
            self.changed.pop(logo.address, None)


def naming(address: Address | None) -> str:
    """What the names of logos are kept by: the prompts that they were drawn from, with their labels."""
    return "" if address is None else " + ".join(prompts(address))


def seed_of(address: Address) -> int | None:
    """The seed that a logo goes back to; None for a mixture of two."""
    match address:
        case Proposal(seed=seed):
            return seed
        case Neighbour(of=of):
            return seed_of(of)
    seeds = {seed_of(address.first), seed_of(address.second)}
    return seeds.pop() if len(seeds) == 1 else None


def invention_of(address: Address) -> int:
    """The dial of the logo that another goes back to, in percent; of a mixture that of its first."""
    match address:
        case Proposal(invention=invention):
            return invention
        case Neighbour(of=of):
            return invention_of(of)
    return invention_of(address.first)


def sheet_around(gan: LogoGAN, address: Address) -> tuple[list, int]:
    """The sheet on which a logo appeared, and its index there."""
    match address:
        case Proposal(prompt, seed, number, invention):
            before = (number - 1) // PROPOSALS * PROPOSALS
            logos = gan.generate(prompt, before + PROPOSALS, seed, invention=invention / 100)
            return logos[before:], number - 1 - before
        case Neighbour(of, numbers):
            before = Neighbour(of, numbers[:-1]) if len(numbers) > 1 else of
            logos, number = gan.more_like(before, max(PROPOSALS, numbers[-1])), numbers[-1]
            return logos[-PROPOSALS:], min(number, PROPOSALS) - 1
        case Mixture(first, second, step, steps):
            return mixture(gan, first, second, steps), step


def mixture(gan: LogoGAN, first: Address, second: Address, steps: int = STEPS) -> list:
    """The way from one logo to another, both ends included."""
    return [gan.at(first), *gan.mix(first, second, steps), gan.at(second)]
