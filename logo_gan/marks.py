"""The marks that logos are made of, as signed distances: icons, letters, digits and abstract figures.

A mark is drawn once, large, and kept as a small signed-distance texture (positive inside), as in distance-field fonts
(Green, "Improved Alpha-Tested Magnification for Vector Textures and Special Effects", SIGGRAPH 2007). From it a logo
of any size, its outline and its training fields all follow by arithmetic.

Icons come from the TTF files in the PyPI package QtAwesome (Material Design Icons, Apache 2.0; Font Awesome Free 6,
CC BY 4.0; Phosphor, MIT; Remix, Apache 2.0), letters also from the packages font-fredoka-one, font-caladea,
font-source-sans-pro, font-source-serif-pro and font-manrope (all SIL OFL 1.1). A folder with the same files can be
named by LOGO_GAN_FONTS where no package is installed.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import math
import os
import string
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

VOCABULARY = json.loads(Path(__file__).with_name("vocabulary.json").read_text())
DRAWN = 256  # pixels at which a mark is drawn before its distances are taken
KEPT = 128  # texels a side of the kept texture
EXTENT = 0.78  # a mark reaches this far from the middle of its texture, whose edge is 1
REACH = 0.25  # distances are clipped here, in the same unit
FONTS = {
    "fa": "fontawesome6-solid",
    "mdi": "materialdesignicons6",
    "ph": "phosphor",
    "ri": "remixicon",
}  # file stems
FACES = {  # the face "sans" is held out
    "fredoka": "FredokaOne-Regular.ttf",
    "caladea": "Caladea-Bold.ttf",
    "sans": "SourceSansPro-Bold.ttf",
    "serif": "SourceSerifPro-Black.ttf",
    "manrope": "Manrope-ExtraBold.ttf",
}


@dataclass(frozen=True)
class Mark:
    """One drawn form of a mark. `line` says that it is drawn in strokes, `held_out` that training never sees it."""

    name: str
    kind: str  # object, letter, digit, abstract
    style: str  # where the form comes from, "fa:rocket"
    line: bool
    held_out: bool


@dataclass(frozen=True, eq=False)  # a bank is big and there is one: its identity is its key
class Bank:
    """All marks with their textures: int8 (N, KEPT, KEPT), 127 = REACH inside."""

    marks: tuple[Mark, ...]
    textures: torch.Tensor

    def forms(self, name: str, held_out: bool) -> tuple[int, ...]:
        """Rows of a mark's drawn forms: the taught ones, or the held-out one (all of them, where none is held out)."""
        return _forms(self, name, held_out)


@cache
def _forms(bank: Bank, name: str, held_out: bool) -> tuple[int, ...]:
    rows = [i for i, mark in enumerate(bank.marks) if mark.name == name]
    return tuple(i for i in rows if bank.marks[i].held_out == held_out) or tuple(rows)


def find_font(pattern: str) -> Path:
    """The newest font file that fits a glob pattern. FileNotFoundError says what to install."""
    folders = [Path(os.environ["LOGO_GAN_FONTS"])] if os.environ.get("LOGO_GAN_FONTS") else []
    packages = ("fredoka_one", "caladea", "source_sans_pro", "source_serif_pro", "manrope")
    for package in ("qtawesome", *(f"font_{name}" for name in packages)):
        spec = importlib.util.find_spec(package)
        folders += [Path(p) for p in (spec.submodule_search_locations if spec else None) or ()]
    for folder in folders:
        found = sorted(folder.rglob(pattern))
        if found:
            return found[-1]
    raise FileNotFoundError(
        f"No font file '{pattern}' was found; composing logos needs `pip install -r requirements-dev.txt`,"
        " or the fonts in the folder that LOGO_GAN_FONTS names."
    )


@cache
def _icon_font(prefix: str) -> tuple[str, dict[str, str]]:
    path = find_font(f"{FONTS[prefix]}*.ttf")
    names = next(path.parent.glob(f"{FONTS[prefix]}-*charmap*.json"), None) or next(
        path.parent.glob(f"{FONTS[prefix]}*charmap*.json")
    )
    return str(path), {k: chr(int(v, 16)) for k, v in json.loads(names.read_text()).items()}


def _glyph(path: str, text: str) -> np.ndarray:
    """A glyph's coverage, centred and scaled to EXTENT, float32 (DRAWN, DRAWN) in [0, 1]."""
    probe = ImageFont.truetype(path, 256)
    left, top, right, bottom = probe.getbbox(text)
    width, height = right - left, bottom - top
    # Between the longer side and the diagonal: a square mark must not look larger than a round one.
    reach = 0.5 * max(width, height, 0.84 * math.hypot(width, height))
    font = ImageFont.truetype(path, 256 * EXTENT * DRAWN / 2 / reach)
    left, top, right, bottom = font.getbbox(text)
    image = Image.new("L", (DRAWN, DRAWN))
    ImageDraw.Draw(image).text(
        (DRAWN / 2 - (left + right) / 2, DRAWN / 2 - (top + bottom) / 2), text, fill=255, font=font
    )
    return np.asarray(image, dtype=np.float32) / 255


def _abstract(name: str, form: int) -> np.ndarray:
    """An abstract figure's coverage, float32 (DRAWN, DRAWN). `form` 0, 1 or 2 varies count, weight and turn."""
    n = DRAWN * 2
    y, x = (np.mgrid[0:n, 0:n] + 0.5) / n * 2 - 1
    x, y = x / EXTENT, y / EXTENT  # the figure lives in the unit circle or square
    r, a = np.hypot(x, y), np.arctan2(y, x)
    k = form
    box = np.maximum(abs(x), abs(y))
    if name == "lines":
        t = (x + y) / 1.42 if k == 1 else y
        m = (np.mod(t * (2.5 + k % 2) + 0.25, 1) < 0.55) & (r < 1)
    elif name == "dots":
        c = 3 + k
        u, v = (x + 1) / 2 * c, (y + 1) / 2 * c
        size = 0.40 if k < 2 else 0.46 * (1 - np.floor(v) / (c + 1))
        m = (np.hypot(u % 1 - 0.5, v % 1 - 0.5) < size) & (box < 1)
    elif name == "waves":
        m = (np.mod(y * (2 + 0.5 * k) + 0.22 * np.sin(x * (5 + k)) + 0.2, 1) < 0.5) & (r < 1)
    elif name == "triangles":

        def triangle(cx, cy, s):
            return (y - cy < s * 0.5) & (y - cy > -s + abs(x - cx) * 1.732)

        if k == 0:
            m = triangle(0, -0.42, 0.5) | triangle(-0.47, 0.4, 0.5) | triangle(0.47, 0.4, 0.5)
        elif k == 1:
            m = triangle(0, 0.25, 1.0) & ~triangle(0, 0.33, 0.42)
        else:
            m = triangle(-0.25, 0.25, 0.75) ^ triangle(0.3, 0.1, 0.62)
    elif name == "rings":
        m = np.mod(r * (2 + k) + 0.02, 1) > 0.48
        m = (
            (m & (r < 1))
            if k < 2
            else (abs(np.hypot(x + 0.35, y) - 0.5) < 0.13) | (abs(np.hypot(x - 0.35, y) - 0.5) < 0.13)
        )
    elif name == "chevrons":
        t = (y if k != 1 else x) * 1.0 + abs(x if k != 1 else y) * (0.7 if k < 2 else 1.1)
        m = (np.mod(t * 1.75 + 0.1, 1) < 0.52) & (box < 0.9)
    elif name == "spiral":
        turns = 2.2 + 0.5 * k
        m = (np.mod(r * turns + a / (2 * np.pi) * (-1 if k == 1 else 1), 1) < 0.5) & (r < 1)
    elif name == "overlap":
        d = 0.36
        if k == 0:
            m = (np.hypot(x + d, y) < 0.62) ^ (np.hypot(x - d, y) < 0.62)
        elif k == 1:
            m = (
                (np.hypot(x, y + d) < 0.56)
                ^ (np.hypot(x - d, y - d * 0.7) < 0.56)
                ^ (np.hypot(x + d, y - d * 0.7) < 0.56)
            )
        else:
            m = (np.maximum(abs(x + d), abs(y + d)) < 0.58) ^ (np.maximum(abs(x - d), abs(y - d)) < 0.58)
    elif name == "sunburst":
        m = (np.cos(a * (8 + 4 * k)) > 0.1) & (r < 1) & (r > 0.42) | (r < 0.32)
    elif name == "petals":
        m = r < abs(np.cos(a * (2 + k / 2 + (k == 2) * 1.0))) ** 0.8
    elif name == "grid":
        c = 3 + (k == 1)
        u, v = (x + 1) / 2 * c, (y + 1) / 2 * c
        m = (np.maximum(abs(u % 1 - 0.5), abs(v % 1 - 0.5)) < 0.4) & (box < 1)
        if k == 2:
            m &= (np.floor(u) + np.floor(v)) % 2 == 0
    elif name == "arcs":
        c = np.hypot(x + (k != 1) * 0.9, y - 0.9) if k < 2 else np.hypot(x, y - 0.75)
        m = (np.mod(c * 1.55, 1) < 0.55) & (box < 0.92)
    elif name == "stairs":
        c = 4 + (k == 1)
        u = np.floor((x + 0.9) / 1.8 * c)
        m = (y > 0.9 - 1.8 * (u + 1) / c) & (box < 0.9)
        if k != 2:
            m &= ((x + 0.9) / 1.8 * c) % 1 < 0.74
    elif name == "pinwheel":
        c = 4 + k
        t = np.mod(a + r * 1.1, 2 * np.pi / c) / (2 * np.pi / c)
        m = (t < 0.55) & (r < 1)
    elif name == "orbit":
        m = r < 0.24
        for i in range(2 + (k == 1)):
            t = np.pi * i / (2 + (k == 1)) + (0.5 if k == 0 else 0.0)
            u, v = x * np.cos(t) + y * np.sin(t), -x * np.sin(t) + y * np.cos(t)
            m |= abs(np.hypot(u, v * 2.4) - 0.95) < 0.09 + 0.06 * (abs(v) > 0.2)
        if k == 2:
            m = (abs(r - 0.75) < 0.09) | (np.hypot(x - 0.53, y + 0.53) < 0.25) | (r < 0.33)
    elif name == "cube":
        q = np.maximum(abs(x) * 0.866 + abs(y) * 0.5, abs(y))
        u, v = x, -y
        edge = np.minimum(
            abs(u) + 9 * (v > 0),
            np.minimum(abs(v - 0.577 * u) + 9 * (u < 0), abs(v + 0.577 * u) + 9 * (u > 0)),
        )
        m = (q < 0.86) & (edge > 0.09)
        if k == 1:
            m &= ~((u > 0) & (v < 0.577 * u) & (q < 0.6))
        if k == 2:
            m = (q < 0.86) & (edge > 0.06) & ((q > 0.45) | (q < 0.3))
    else:
        raise ValueError(f"unknown abstract mark {name!r}")
    return m.reshape(DRAWN, 2, DRAWN, 2).mean((1, 3)).astype(np.float32)


def signed_distance(coverage: torch.Tensor) -> torch.Tensor:
    """Coverage (N, S, S) in [0, 1] → signed distance in pixels, positive inside, clipped to a quarter of S / 2.

    Exact Euclidean distance between pixel centres in two passes (Felzenszwalb & Huttenlocher 2012, with a window in
    place of the lower envelope, since distances are clipped), refined by the coverage of the pixels on the edge.
    S is at most 960: squared distances are kept in 16 bits.
    """
    size = coverage.shape[-1]
    reach = int(size / 2 * REACH) + 2
    inside = coverage > 0.5

    def to(target: torch.Tensor) -> torch.Tensor:
        # Whole numbers in 16 bits: the same distances as in floats, at a fraction of the memory that is moved.
        column = torch.where(target, 0, 1000).to(torch.int16)
        for i in range(1, size):
            torch.minimum(column[:, i], column[:, i - 1] + 1, out=column[:, i])
        for i in range(size - 2, -1, -1):
            torch.minimum(column[:, i], column[:, i + 1] + 1, out=column[:, i])
        squared = torch.nn.functional.pad(column.clamp(max=reach) ** 2, (reach, reach), value=16000)
        best = torch.full_like(column, 16000)
        for shift in range(-reach, reach + 1):
            torch.minimum(best, squared[..., reach + shift : reach + shift + size] + shift * shift, out=best)
        return best.float().sqrt()

    distance = torch.where(inside, to(~inside) - 0.5, 0.5 - to(inside))
    edge = (coverage > 0.02) & (coverage < 0.98) & (distance.abs() < 1.2)
    return torch.where(edge, coverage - 0.5, distance).clamp(-reach + 2, reach - 2)


def _inventory() -> list[Mark]:
    marks = []
    for name, glyphs in VOCABULARY["objects"].items():
        solid, line = glyphs["solid"], glyphs["line"]
        for i, style in enumerate(solid[:3]):
            # Two solid forms are taught; a third is kept for the judges, so that they are not asked by rote.
            marks.append(Mark(name, "object", style, False, i == 2))
        marks += [Mark(name, "object", style, True, False) for style in line[:1]]
    for character in string.ascii_uppercase + string.digits:
        kind = "letter" if character.isalpha() else "digit"
        for face in ("fa", *FACES):
            marks.append(Mark(character, kind, f"{face}:{character}", False, face == "sans"))
    for name in VOCABULARY["abstract"]:
        marks += [Mark(name, "abstract", f"drawn:{form}", False, False) for form in range(3)]
    return marks


def _coverage(mark: Mark) -> np.ndarray:
    source, name = mark.style.split(":")
    if source == "drawn":
        return _abstract(mark.name, int(name))
    if source in FACES:
        return _glyph(str(find_font(FACES[source])), name)
    path, names = _icon_font(source)
    return _glyph(path, names[name.lower()])


@cache
def bank() -> Bank:
    """The bank of all marks; drawn once (a quarter of a minute), then read from the cache folder."""
    marks = _inventory()
    patterns = [*(f"{stem}*.ttf" for stem in FONTS.values()), *FACES.values()]
    fonts = [(path.name, path.stat().st_size) for path in map(find_font, patterns)]
    text = json.dumps([fonts, [str(m) for m in marks]]) + Path(__file__).read_text()
    key = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "logo_gan"
    kept = folder / f"marks-{key}.npy"
    with contextlib.suppress(OSError, ValueError, EOFError, TypeError):  # not there yet, or damaged: drawn anew
        textures = torch.from_numpy(np.load(kept))
        if textures.shape == (len(marks), KEPT, KEPT):
            return Bank(tuple(marks), textures)
    parts = []
    for start in range(0, len(marks), 16):
        drawn = torch.from_numpy(np.stack([_coverage(m) for m in marks[start : start + 16]]))
        distance = signed_distance(drawn)[:, None]
        small = torch.nn.functional.avg_pool2d(distance, DRAWN // KEPT)[:, 0] * (2 / DRAWN / REACH)
        parts.append((small.clamp(-1, 1) * 127).round().to(torch.int8))
    textures = torch.cat(parts)
    with contextlib.suppress(OSError):  # a read-only home costs this time at each start, nothing else
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as unfinished:
            np.save(Path(unfinished) / "marks.npy", textures.numpy())
            (Path(unfinished) / "marks.npy").replace(kept)
    return Bank(tuple(marks), textures)
