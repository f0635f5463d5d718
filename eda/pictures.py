"""One encoded image: what its header says, whether it is whole, and what its pixels hold."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageChops, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
MAX_PIXELS = 16_000_000
REDUCED = 128  # pixels: the longer side of what the measures of pixels look at
SINGLE_CHANNEL = {"1", "L", "LA", "La", "I", "F"}  # modes of black-and-white; I;16 and its kin as well
LOSSY_GREY = 3  # of 255: how far the channels of a grey may drift apart in JPEG and lossy WebP
FLAT = 4  # of 255: an image whose pixels differ by no more is blank
HASH_SIDE = 16  # of a dHash: 16 × 16 comparisons, 256 bits

OK, DAMAGED, OVERSIZED, UNSUPPORTED = range(4)

# The eleven basic colour terms of Berlin and Kay with navy and teal, in values that print well.
COLOURS = {
    "black": "#111111", "white": "#ffffff", "grey": "#8a8d91", "red": "#e50000", "orange": "#f97306",
    "yellow": "#fddc22", "green": "#15a033", "blue": "#0b5bdf", "purple": "#7e1e9c", "pink": "#ff6fb0",
    "brown": "#6b3a14", "teal": "#029386", "navy": "#0a1f66",
}  # fmt: skip
NO_COLOUR = len(COLOURS)

_SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8", b"BM")
# Files of one colour are smaller, as encoders write them: bytes a pixel, and for the rest of the file. Larger ones
# (stored uncompressed, or with a big colour profile) are found blank only where their pixels are looked at anyway.
_BLANK_PER_PIXEL = {"PNG": 1 / 50, "GIF": 1 / 50, "JPEG": 1 / 32, "WEBP": 1 / 32, "BMP": 4.0}
_BLANK_BYTES = 1_536

# Pillow's own limit on pixels is a warning first; ours is MAX_PIXELS, looked at before anything is decoded.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True)
class Header:
    """What can be said of an image without decoding it; sizes are 0 where they are not known."""

    verdict: int
    width: int = 0
    height: int = 0
    format: str = ""
    mode: str = ""
    may_be_blank: bool = False


@dataclass(frozen=True)
class Pixels:
    """What an image shows. `colour` is an index into `COLOURS`, or NO_COLOUR; `dhash` 4 × 64 bits."""

    grey: bool
    blank: bool
    colour: int
    dhash: np.ndarray


def header(data: bytes) -> Header:
    """Reads the header and checks the structure: every chunk's checksum of a PNG, the end of the other formats.

    A file whose end looks wrong is decoded, for some good ones do; only if that fails, it is damaged.
    """
    if oversized := _oversized_webp(data):
        return oversized
    try:
        with warnings.catch_warnings(action="ignore"):
            image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        return Header(DAMAGED if not data or data.startswith(_SIGNATURES) else UNSUPPORTED)
    except MemoryError:
        return Header(OVERSIZED)
    except Exception:  # readers of damaged files raise whatever they stumble over, SyntaxError for one
        return Header(DAMAGED)
    kind, mode, (width, height) = image.format, image.mode, image.size
    if width * height > MAX_PIXELS:
        return Header(OVERSIZED, width, height, kind, mode)
    try:
        if kind == "PNG":
            image.verify()
            whole = True
        else:
            whole = _ends_well(kind, data) or decoded(data) is not None
    except Exception:
        whole = False
    if not whole:
        return Header(DAMAGED, width, height, kind, mode)
    small = len(data) <= width * height * _BLANK_PER_PIXEL[kind] + _BLANK_BYTES
    return Header(OK, width, height, kind, mode, small)


def single_channel(mode: str) -> bool:
    """Whether a mode of Pillow is black-and-white by its header."""
    return mode in SINGLE_CHANNEL or mode.startswith("I;16")


def decoded(data: bytes, side: int | None = None) -> Image.Image | None:
    """The first frame as RGB on white, L where it has one channel; None if it is damaged or oversized.

    `side`: JPEG is decoded at the smallest size that is no smaller, which takes a fraction of the time.
    """
    if _oversized_webp(data):
        return None
    try:
        with warnings.catch_warnings(action="ignore"):
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            if image.width * image.height > MAX_PIXELS:
                return None
            if side:
                image.draft(None, (side, side))
            image.load()
            if image.mode.startswith("I"):  # 16 bits of grey, which `convert` would clip to white
                image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
            if image.mode in ("1", "F"):
                image = image.convert("L")
            if image.mode not in ("L", "RGB") or "transparency" in image.info:
                image = image.convert("RGBA")
                ground = Image.new("RGBA", image.size, "white")
                ground.alpha_composite(image)
                image = ground.convert("RGB")
            return image
    except Exception:
        return None


def pixels(data: bytes) -> Pixels | None:
    """What an image shows, from one decoding; None if it cannot be decoded."""
    image = decoded(data, REDUCED)
    if image is None:
        return None
    lossy = data.startswith((b"\xff\xd8", b"RIFF")) and data[12:16] != b"VP8L"
    extrema = image.getextrema()
    blank = all(high - low <= FLAT for low, high in ([extrema] if image.mode == "L" else extrema))
    grey = image.mode == "L" or _is_grey(image, LOSSY_GREY if lossy else 0)
    image = image.reduce(-(-max(image.size) // REDUCED))
    dhash = difference_hash(image)
    return Pixels(grey, blank, NO_COLOUR if blank else dominant(image), dhash)


def dominant(image: Image.Image) -> int:
    """Index into `COLOURS` of the colour that covers most, the ground (the commonest along the edge) left out."""
    rgb = np.asarray(image.convert("RGB"), np.int32) >> 3
    names = _names()[rgb[..., 0] << 10 | rgb[..., 1] << 5 | rgb[..., 2]]
    edge = np.concatenate((names[0], names[-1], names[:, 0], names[:, -1]))
    counts = np.bincount(names.ravel(), minlength=len(COLOURS))
    counts[np.bincount(edge).argmax()] = 0
    return int(counts.argmax()) if counts.any() else NO_COLOUR


def difference_hash(image: Image.Image) -> np.ndarray:
    """Krawetz' dHash, as `imagehash.dhash(image, 16)`: each pixel of a tiny grey copy against the next; (4,) uint64."""
    small = np.asarray(image.convert("L").resize((HASH_SIDE + 1, HASH_SIDE), Image.Resampling.LANCZOS))
    return np.packbits(small[:, 1:] > small[:, :-1]).view(np.uint64)


def png(image: Image.Image, side: int) -> bytes:
    """A PNG of at most `side` pixels: never the file itself, which is a stranger's."""
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _oversized_webp(data: bytes) -> Header | None:
    """The header of a WebP if it is oversized: Pillow would allocate all its pixels, twice, before it tells.

    https://developers.google.com/speed/webp/docs/riff_container
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or len(data) < 30:
        return None
    if data[12:16] == b"VP8X":
        alpha = data[20] & 0x10
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif data[12:16] == b"VP8L":
        packed = int.from_bytes(data[21:25], "little")
        alpha, width, height = packed >> 28 & 1, (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    else:
        alpha, (width, height) = 0, (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (26, 28))
    return Header(OVERSIZED, width, height, "WEBP", "RGBA" if alpha else "RGB") if width * height > MAX_PIXELS else None


def _ends_well(kind: str, data: bytes) -> bool:
    tail = data[-64:].rstrip(b"\0\r\n ")
    if kind == "JPEG":
        return tail.endswith(b"\xff\xd9")
    if kind == "GIF":
        return tail.endswith(b";")
    if kind == "WEBP":
        return int.from_bytes(data[4:8], "little") + 8 <= len(data)
    return False  # BMP: it is as quickly decoded


def _is_grey(image: Image.Image, tolerance: int) -> bool:
    red, green, blue = image.split()
    pairs = ((red, green), (green, blue), (red, blue))
    return all(ImageChops.difference(*pair).getextrema()[1] <= tolerance for pair in pairs)


@cache
def _names() -> np.ndarray:
    """Index into `COLOURS` of the name nearest in OKLab to each colour of 5 bits a channel; (32768,) uint8."""
    steps = np.arange(32) * 255 / 31
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 3)
    centres = np.array([tuple(bytes.fromhex(value[1:])) for value in COLOURS.values()])
    apart = _oklab(grid)[:, None] - _oklab(centres)
    return np.linalg.norm(apart, axis=-1).argmin(-1).astype(np.uint8)


def _oklab(values: np.ndarray) -> np.ndarray:
    """sRGB (N, 3) in 0..255 → OKLab (N, 3); https://bottosson.github.io/posts/oklab/."""
    unit = values / 255
    linear = np.where(unit <= 0.04045, unit / 12.92, ((unit + 0.055) / 1.055) ** 2.4)
    to_lms = [
        [0.41222147, 0.53633254, 0.05144599],
        [0.2119035, 0.68069955, 0.10739696],
        [0.08830246, 0.28171884, 0.62997870],
    ]
    to_lab = [
        [0.21045426, 0.79361778, -0.00407205],
        [1.9779985, -2.42859221, 0.45059371],
        [0.02590404, 0.78277177, -0.80867577],
    ]
    return np.cbrt(linear @ np.array(to_lms).T) @ np.array(to_lab).T
