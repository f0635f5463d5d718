"""Rebuild `logo_gan/logo/fonts/`: the fonts for names, cut down to the letters and features that names need.

    npm install --prefix DIR @expo-google-fonts/{manrope,montserrat,nunito,cormorant,podkova,oswald,unbounded} \
        @expo-google-fonts/{jetbrains-mono,pacifico,caveat}
    python -m logo_gan.tools.build_fonts DIR/node_modules/@expo-google-fonts

Only fonts under the SIL Open Font License without a reserved name may be cut down and keep their names (its
condition 3), so a licence that reserves one is refused. Needs fontTools and skia-pathops, which come with
`requirements-dev.txt`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.removeOverlaps import removeOverlaps

from logo_gan.logo.typefaces import FOLDER, FONTS

SOURCES = {  # where each lies in its package
    "manrope": "manrope/600SemiBold/Manrope_600SemiBold.ttf",
    "montserrat": "montserrat/700Bold/Montserrat_700Bold.ttf",
    "nunito": "nunito/800ExtraBold/Nunito_800ExtraBold.ttf",
    "cormorant": "cormorant/700Bold/Cormorant_700Bold.ttf",
    "podkova": "podkova/700Bold/Podkova_700Bold.ttf",
    "oswald": "oswald/500Medium/Oswald_500Medium.ttf",
    "unbounded": "unbounded/600SemiBold/Unbounded_600SemiBold.ttf",
    "jetbrains-mono": "jetbrains-mono/700Bold/JetBrainsMono_700Bold.ttf",
    "pacifico": "pacifico/400Regular/Pacifico_400Regular.ttf",
    "caveat": "caveat/700Bold/Caveat_700Bold.ttf",
}
LETTERS = (
    range(0x20, 0x7F), range(0xA0, 0x180),  # Latin, Latin-1, Latin Extended-A
    (0x18F, 0x259), range(0x218, 0x21C), range(0x1E80, 0x1E86), (0x1E9E, 0x1EF2, 0x1EF3),  # Azeri, Romanian, Welsh, ẞ
    (0x300, 0x301, 0x302, 0x304, 0x306, 0x307, 0x308, 0x30A, 0x30B, 0x30C, 0x327, 0x328),  # accents to combine
    range(0x400, 0x460), range(0x490, 0x500),  # Cyrillic with Ukrainian, Serbian, Kazakh and others
    range(0x2010, 0x2016), range(0x2018, 0x201F), range(0x2020, 0x2023), (0x2026, 0x2030, 0x2032, 0x2033),
    (0x2039, 0x203A, 0x20AC, 0x20B4, 0x20B8, 0x20BA, 0x20BD, 0x2116, 0x2117, 0x2120, 0x2122, 0x2212),
)  # fmt: skip
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "liga", "rlig", "calt", "lnum"]


def build(source: Path, licence: Path, target: Path) -> None:
    """Write one font cut down, and its licence beside it."""
    text = licence.read_text(encoding="utf-8")
    head = text[: text.index("-----")]
    if "SIL Open Font License" not in head or "Reserved Font Name" in head:
        raise ValueError(f"{licence} is not the SIL Open Font License without a reserved name.")
    options = Options()
    options.layout_features, options.hinting, options.name_IDs = FEATURES, False, ["*"]
    options.glyph_names, options.notdef_outline = False, True
    font = TTFont(source, recalcTimestamp=False)  # the same bytes whenever it is built
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for block in LETTERS for code in block])
    subsetter.subset(font)
    removeOverlaps(font)  # a plotter would cut them
    font.save(target)
    target.with_name(f"{target.stem}-OFL.txt").write_text(text, encoding="utf-8")


def main(folder: Path) -> None:
    FOLDER.mkdir(exist_ok=True)
    for key, path in SOURCES.items():
        build(folder / path, folder / path.split("/")[0] / "LICENSE_FONT", FONTS[key].path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
