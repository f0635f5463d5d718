"""A logo as a visitor finishes it: its colours, its ground, a name beside or below it; saved as SVG or PNG."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from logo_gan.logo.kit import kit
from logo_gan.logo.lockup import LAYOUTS as NAMED_LAYOUTS
from logo_gan.logo.lockup import LockUp, lock_up
from logo_gan.logo.typefaces import DEFAULT_FONT
from logo_gan.text.colours import contrast

if TYPE_CHECKING:
    from PIL import Image

    from logo_gan.logo.design import Logo
    from logo_gan.logo.pixels import PixelLogo

SIZES = (512, 1024, 2048)  # pixels
LONGEST_SIDE = 8192  # pixels
MOST_BYTES = 100  # of words in a file's name
GROUNDS = ("drawn", "white", "transparent")
LAYOUTS = ("alone", *NAMED_LAYOUTS)
WHITE = "#ffffff"

# (key, ground, what is strong, what lies on it): a container and its mark, or a mark alone on the ground.
PALETTES = (
    ("ink", "#ffffff", "#16181d", "#ffffff"),
    ("navy", "#ffffff", "#102a43", "#f0b429"),
    ("forest", "#f6f4ec", "#1f4d3a", "#ecd9a0"),
    ("ocean", "#eef8fb", "#0b6e8f", "#ffffff"),
    ("coral", "#fff4ef", "#d9472b", "#fff4ef"),
    ("plum", "#faf5ff", "#54257f", "#ffc9dd"),
    ("rust", "#fbf3e4", "#8f4117", "#ffe3b3"),
    ("night", "#0f172a", "#5cc8f5", "#0f172a"),
)


@dataclass(frozen=True)
class Finished:
    """A logo and what was made of it.

    Attributes:
        logo: as it was drawn.
        colours: role → '#rrggbb' for the roles of `logo.palette` that were given other colours.
        ground: "drawn", "white" or "transparent".
        layout: "alone", or where the name stands: "beside", "below".
        name, font, name_colour, slogan: as `lock_up` takes them; unused when alone.

    Raises:
        ValueError: one of the choices is not as above; further ones when it is drawn.
    """

    logo: Logo | PixelLogo
    colours: Mapping[str, str] = field(default_factory=dict)
    ground: str = "drawn"
    layout: str = "alone"
    name: str = ""
    font: str = DEFAULT_FONT
    name_colour: str | None = None
    slogan: str = ""

    def __post_init__(self):
        if self.ground not in GROUNDS:
            raise ValueError(f"The ground must be one of {', '.join(GROUNDS)}.")
        if self.layout not in LAYOUTS:
            raise ValueError(f"The layout must be one of {', '.join(LAYOUTS)}.")

    @cached_property
    def recolored(self) -> Logo | PixelLogo:
        """The logo in the colours chosen, on the ground chosen."""
        colours = {**self.colours, **({"ground": WHITE} if self.ground == "white" else {})}
        changed = {role: colour for role, colour in colours.items() if self.logo.palette.get(role) != colour}
        return self.logo.recolored(**changed) if changed else self.logo

    @cached_property
    def locked_up(self) -> LockUp | None:
        """With the name; None without one."""
        if self.layout == "alone" or not self.name.strip():
            return None
        logo = self.recolored
        ground = logo.palette["ground"]
        return lock_up(logo, self.name, self.font, self.layout, self.name_colour, ground, self.slogan)

    def svg(self) -> str:
        """As an SVG document; raises ValueError with one sentence."""
        return (self.locked_up or self.recolored).svg(transparent=self.ground == "transparent")

    def image(self, size: int) -> Image.Image:
        """As pixels, `size` being the shorter side; very long ones get a smaller one. Raises ValueError."""
        transparent, named = self.ground == "transparent", self.locked_up
        if named is None:
            return self.recolored.image(size, transparent)
        height = size / min(named.aspect_ratio, 1.0)
        return named.image(int(min(height, LONGEST_SIDE / named.aspect_ratio, LONGEST_SIDE / 2)), transparent)

    def pdf(self) -> bytes:
        """As a PDF document; raises ValueError with one sentence."""
        shown = self.locked_up or self.recolored
        if not hasattr(shown, "pdf"):
            raise ValueError("The baseline model's logos are pixels, so there is no PDF of them.")
        return shown.pdf(transparent=self.ground == "transparent")

    def kit(self) -> bytes:
        """The brand kit, with lock-ups where there is a name; raises ValueError with one sentence."""
        return kit(self.recolored, self.name, self.slogan, self.font, self.name_colour)

    def filename(self, *marks: str) -> str:
        """A name for a file, without its ending: what says what is in it (the brand or the prompt), then `marks`."""
        words = (self.name if self.locked_up else self.logo.caption).lower()
        # In bytes, for file systems count those: 255 at most, and the marks take some.
        stem = re.sub(r"\W+", "-", words).strip("-_").encode()[:MOST_BYTES].decode(errors="ignore").strip("-_")
        return "-".join([stem or "logo", *marks])


def _upon(logo: Logo) -> str | None:
    """Which of two marks lies upon the other, if one does."""
    marks = [layer for layer in logo.layers if layer.role in ("mark", "second")]
    if len(marks) < 2:
        return None
    (left, top, right, bottom), (x0, y0, x1, y1) = (layer.box for layer in marks)
    return marks[1].role if left < x0 and top < y0 and x1 < right and y1 < bottom else None


def ready_palettes(logo: Logo | PixelLogo) -> dict[str, dict[str, str]]:
    """The ready palettes as colours for the roles of `logo.palette`; none for pixels, which have no layers."""
    if not hasattr(logo, "layers"):
        return {}
    found = {}
    for key, ground, strong, upon in PALETTES:
        drawn = upon if logo.container not in ("none", "ring") else strong
        colours = {"ground": ground, "container": strong, "mark": drawn, "second": drawn, "accent": drawn}
        if upper := _upon(logo):
            colours[upper] = max((ground, strong, upon), key=lambda colour: contrast(colour, drawn))
        found[key] = {role: colours[role] for role in logo.palette}
    return found
