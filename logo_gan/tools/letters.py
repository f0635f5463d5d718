"""Letters and digits of open typefaces as marks, from the npm packages @expo-google-fonts/*."""

from __future__ import annotations

import string
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pathops
from fontTools.ttLib import TTFont

from logo_gan.marks.distance import signed_distance
from logo_gan.tools import collect
from logo_gan.tools.resolve import outline_of

CYRILLIC = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЫЭЮЯ"
CHARACTERS = string.ascii_uppercase + string.digits + "&" + CYRILLIC


@dataclass(frozen=True)
class Face:
    """A typeface: its title, its package's version, the file in it, and who made it."""

    title: str
    version: str
    file: str
    author: str

    @property
    def package(self) -> str:
        return "@expo-google-fonts/" + self.title.lower().replace(" ", "-")

    @property
    def url(self) -> str:
        return "https://fonts.google.com/specimen/" + self.title.replace(" ", "+")


def _face(title: str, version: str, weight: str, author: str) -> Face:
    return Face(title, version, f"{weight}/{title.replace(' ', '')}_{weight}.ttf", author)


FACES = {
    face.package.removeprefix("@expo-google-fonts/"): face
    for face in (
        _face("Archivo Black", "0.4.1", "400Regular", "Omnibus-Type"),
        _face("Abril Fatface", "0.4.1", "400Regular", "TypeTogether"),
        _face("Alfa Slab One", "0.4.1", "400Regular", "JM Solé"),
        _face("Bebas Neue", "0.4.1", "400Regular", "Ryoichi Tsunekawa"),
        _face("Cinzel", "0.4.2", "800ExtraBold", "Natanael Gama"),
        _face("Comfortaa", "0.4.2", "700Bold", "Johan Aakerlund"),
        _face("DM Serif Display", "0.4.1", "400Regular", "Colophon Foundry, Frank Grießhammer"),
        _face("Fredoka", "0.4.1", "700Bold", "Milena Brandão, Hafontia"),
        _face("Josefin Sans", "0.4.2", "700Bold", "Santiago Orozco"),
        _face("Lobster", "0.4.1", "400Regular", "Impallari Type, Cyreal"),
        _face("Montserrat", "0.4.2", "800ExtraBold", "Julieta Ulanovsky and others"),
        _face("Orbitron", "0.4.2", "800ExtraBold", "Matt McInerney"),
        _face("Oswald", "0.4.2", "700Bold", "Vernon Adams and others"),
        _face("Playfair Display", "0.4.2", "800ExtraBold", "Claus Eggers Sørensen"),
        _face("Poppins", "0.4.1", "800ExtraBold", "Indian Type Foundry, Jonny Pinhorn"),
        _face("Righteous", "0.4.1", "400Regular", "Astigmatic"),
        _face("Rubik", "0.4.2", "800ExtraBold", "Hubert and Fischer and others"),
        _face("Russo One", "0.4.1", "400Regular", "Jovanny Lemonad"),
        _face("Unbounded", "0.4.1", "700Bold", "NaN"),
        _face("Space Grotesk", "0.4.1", "700Bold", "Florian Karsten"),
    )
}


def letters(modules: Path) -> list[collect.Drawing]:
    """Every character of each face, as drawings of the style "letter"; a character that a face lacks is left out."""
    drawings = []
    for rank, (name, face) in enumerate(FACES.items()):
        font = TTFont(modules / face.package / face.file)
        glyphs, table = font.getGlyphSet(), font.getBestCmap()
        units = font["head"].unitsPerEm
        for character in CHARACTERS:
            if ord(character) not in table:
                continue
            path = pathops.Path()
            glyphs[table[ord(character)]].draw(path.getPen(glyphSet=glyphs))
            scale = 1024 / units
            path = path.transform(scale, 0, 0, -scale, 0, 1024)
            path.simplify(fix_winding=True, keep_starting_points=False)
            outline = outline_of(path).framed()
            if not len(outline):
                continue
            loops = outline.polygons(1 / 1024)
            length = sum(float(np.hypot(*(loop - np.roll(loop, 1, axis=0)).T).sum()) for loop in loops)
            kind = "digit" if character.isdigit() else "letter" if character.isalpha() else "ampersand"
            shown = f"{kind} {character.lower()}" if kind != "ampersand" else kind
            drawings.append(collect.Drawing(
                name, character, shown, "letter", "memory", rank / 20, outline.encoded(), len(outline), outline.area,
                len(loops), length, signed_distance(outline).astype(np.float16),
            ))  # fmt: skip
    return drawings
