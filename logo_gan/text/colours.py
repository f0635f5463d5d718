"""Colour names with their true values, and distances between colours as the eye sees them.

The basic names are the eleven of Berlin and Kay with navy and teal, in values that print well; `colours.json` holds
names of xkcd's survey (CC0, https://xkcd.com/color/rgb/) and of CSS Color Module Level 4 with their values as they
stand; `FURTHER` are names that briefs use and neither has, or has with a value that nobody expects. `colour_names.txt`
has 30,000 more (color-name-list, MIT), "fox" and "barista" among them: only where a word is known to be a colour.
OKLab is Ottosson's (https://bottosson.github.io/posts/oklab/): L in [0, 1], a and b about [-0.4, 0.4].
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

BASIC = {
    "black": "#111111", "white": "#ffffff", "grey": "#8a8d91", "red": "#e50000", "orange": "#f97306",
    "yellow": "#fddc22", "green": "#15a033", "blue": "#0b5bdf", "purple": "#7e1e9c", "pink": "#ff6fb0",
    "brown": "#6b3a14", "teal": "#029386", "navy": "#0a1f66",
}  # fmt: skip
FURTHER = {
    "rose gold": "#b76e79", "champagne": "#f0dcb8", "graphite": "#41424c", "baby blue": "#89cff0",
    "jet black": "#0a0a0a", "platinum": "#d9d8d6", "nude": "#e3bc9a", "mint": "#8fe3bd", "mint green": "#8fe3bd",
    "golden": "#d4af37", "gold": "#d4af37", "gray": "#8a8d91", "pastel pink": "#f8c8d8", "racing green": "#004225",
    "pine green": "#01796f", "electric violet": "#8f00ff", "honey yellow": "#f1b434", "pearl white": "#f4f1ea",
    # Where CSS means something else by a name than people do.
    "plum": "#7a2f5d", "dark grey": "#4a4d52", "dark gray": "#4a4d52", "chocolate": "#4e2a14", "violet": "#7b2fbe",
    "azure": "#1485d6", "lavender": "#b79ee0", "lime": "#a6d608", "khaki": "#b9a46b", "mustard": "#d9a514",
    "cream": "#fff3d6", "aqua": "#13c6d6",
    "steel blue": "#4682b4", "powder blue": "#b0d8e6", "neon blue": "#1f51ff", "off white": "#faf7f0",
    "petrol blue": "#005f6a", "electric purple": "#bf00ff", "eau de nil": "#c8d3a9",
    "blood red": "#8a0303", "wine red": "#722f37",
}  # fmt: skip
# Of OKLab lightness towards white (positive) or black, and of chroma, what a word before a colour's name adds to it.
MODIFIERS = {
    "dark": (-0.3, 0.95), "deep": (-0.2, 1.05), "light": (0.45, 0.75), "pale": (0.6, 0.45), "pastel": (0.55, 0.45),
    "bright": (0.05, 1.2), "vivid": (0.0, 1.25), "neon": (0.15, 1.4), "muted": (0.0, 0.55), "dusty": (0.1, 0.5),
    "soft": (0.3, 0.6), "warm": (0.0, 1.0), "cool": (0.0, 1.0), "rich": (-0.1, 1.1), "medium": (0.0, 1.0),
    "darker": (-0.3, 0.95), "lighter": (0.45, 0.75),
}  # fmt: skip
NO_NAMES = set("dark pale bland drab bruise dusk royal camo velvet cement leaf".split())  # of colours.json
READABLE = 0.28  # OKLab distance between two colours that touch; below it a mark sinks into its ground

LONGEST, LONGEST_RARE = 3, 5  # words of a name
FURTHER_FILE = Path(__file__).with_name("colour_names.txt")
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_CODE = re.compile(r"#(?:[0-9a-f]{3}){1,2}")
_TO_LMS = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]]
)  # fmt: skip
_TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]]
)  # fmt: skip


@cache
def rare_names() -> dict[str, str]:
    """The names of `colour_names.txt` → '#rrggbb'."""
    lines = FURTHER_FILE.read_text("utf-8").splitlines()
    return {line[8:]: line[:7] for line in lines}


def rare(words: Sequence[str]) -> tuple[int, str] | None:
    """The longest rare name that lower-case words begin with, known to be a colour: how many words, '#rrggbb'."""
    for n in range(min(LONGEST_RARE, len(words)), 0, -1):
        if value := rare_names().get(" ".join(words[:n])):
            return n, value
    return None


@cache
def names() -> dict[str, str]:
    """Every colour name without a modifier that is not part of it → '#rrggbb' (sRGB)."""
    known = json.loads(Path(__file__).with_name("colours.json").read_text())
    return {name: value for name, value in known.items() if name not in NO_NAMES} | FURTHER | BASIC


def named(words: Sequence[str]) -> tuple[int, str, str] | None:
    """The longest colour that lower-case words begin with, as "dark green": how many words, its name, '#rrggbb'."""
    if words and _CODE.fullmatch(words[0]):
        code = words[0][1:]
        return 1, words[0], "#" + (code if len(code) == 6 else "".join(2 * digit for digit in code))
    lengths = range(min(LONGEST, len(words)), 0, -1)
    best = next(((n, name, names()[name]) for n in lengths if (name := " ".join(words[:n])) in names()), None)
    if words and words[0] in MODIFIERS and (found := named(words[1:])) and not found[1].startswith("#"):
        n, name, value = found
        if not best or best[0] < n + 1:
            best = n + 1, f"{words[0]} {name}", modified(value, *MODIFIERS[words[0]])
    return best


@cache
def modified(value: str, lighter: float, chroma: float) -> str:
    """A colour moved towards white (0 to 1) or black (0 to -1), its OKLab chroma multiplied."""
    lab = np.array(lab_of(value))
    lab[0] += lighter * (1 - lab[0]) if lighter > 0 else lighter * lab[0]
    lab[1:] *= chroma
    return hexadecimal(srgb(lab))


def checked(value: object) -> str:
    """A colour as '#rrggbb' in small letters; raises ValueError of anything else."""
    if not (isinstance(value, str) and _HEX.fullmatch(value)):
        raise ValueError(f"A colour must look like '#rrggbb', not {str(value)[:40]!r}.")
    return value.lower()


def rgb(value: str) -> tuple[int, int, int]:
    """'#rrggbb' → three values 0..255."""
    return int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16)


def hexadecimal(value) -> str:
    """Three values 0..255 → '#rrggbb'."""
    return "#{:02x}{:02x}{:02x}".format(*(int(v) for v in value))


def oklab(values: np.ndarray) -> np.ndarray:
    """sRGB (..., 3) in 0..255 → OKLab (..., 3)."""
    unit = np.asarray(values, dtype=np.float64) / 255
    linear = np.where(unit <= 0.04045, unit / 12.92, ((unit + 0.055) / 1.055) ** 2.4)
    return np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T


def srgb(lab: np.ndarray) -> np.ndarray:
    """OKLab (..., 3) → sRGB (..., 3) in 0..255, clipped to the gamut."""
    linear = ((np.asarray(lab) @ np.linalg.inv(_TO_LAB).T) ** 3) @ np.linalg.inv(_TO_LMS).T
    linear = np.clip(linear, 0, 1)
    unit = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.clip(np.round(unit * 255), 0, 255).astype(int)


@cache
def lab_of(value: str) -> tuple[float, float, float]:
    """OKLab of '#rrggbb' as plain floats (kept: the composer asks for the same few hundred again and again)."""
    return tuple(float(v) for v in oklab(np.array(rgb(value))))


@cache
def distance(a: str, b: str) -> float:
    """OKLab distance of two '#rrggbb' colours."""
    return float(np.linalg.norm(np.array(lab_of(a)) - np.array(lab_of(b))))


def readable(a: str, b: str) -> bool:
    """Whether a mark of one colour can be read on the other: far enough apart, and not by hue alone."""
    return distance(a, b) >= READABLE and abs(lab_of(a)[0] - lab_of(b)[0]) >= 0.12


def contrast(a: str, b: str) -> float:
    """WCAG's contrast of two '#rrggbb' colours, 1 to 21 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""
    light = np.array([rgb(a), rgb(b)]) / 255
    linear = np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)
    darker, lighter = sorted(linear @ [0.2126, 0.7152, 0.0722])
    return float((lighter + 0.05) / (darker + 0.05))


@cache
def shade(value: str, stronger: bool) -> str:
    """A second tone of a colour: lighter for dark colours and darker for light ones; `stronger` doubles the step."""
    lab = np.array(lab_of(value))
    step = 0.26 if stronger else 0.15
    lab[0] += step if lab[0] < 0.62 else -step
    return hexadecimal(srgb(lab))
