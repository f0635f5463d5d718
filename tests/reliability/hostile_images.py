"""Makers of images that claim too much, are damaged, or are merely unusual."""

import struct
import zlib
from collections.abc import Callable

import numpy as np
from hostile import drawn, encoded, logo
from PIL import Image


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, data: bytes, bits: int = 8, colour: int = 0) -> bytes:
    """With right checksums, whatever the header claims."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def one_colour(side: int) -> bytes:
    """A whole grey PNG, packed row by row."""
    packer = zlib.compressobj(9)
    row = b"\0" + b"\x80" * side
    return png(side, side, b"".join(packer.compress(row) for _ in range(side)) + packer.flush())


def vp8l(side: int, alpha: bool) -> bytes:
    """A WebP of one colour: its few bits are the same for any size."""
    colour = (200, 0, 0, 90) if alpha else (200, 0, 0)
    data = bytearray(encoded(Image.new("RGBA" if alpha else "RGB", (9, 9), colour), "WEBP", lossless=True))
    assert data[12:16] == b"VP8L"
    data[21:25] = (side - 1 | side - 1 << 14 | alpha << 28).to_bytes(4, "little")
    return bytes(data)


def jpeg_of(width: int, height: int) -> bytes:
    data = bytearray(encoded(drawn(), "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def gif_of(width: int, height: int, canvas: bool) -> bytes:
    """Either the canvas or the frame on it is so large."""
    data = bytearray(encoded(drawn("P"), "GIF"))
    at = 6 if canvas else data.index(b"\x2c\0\0\0\0") + 5
    data[at : at + 4] = struct.pack("<HH", width, height)
    return bytes(data)


def bmp_of(width: int, height: int) -> bytes:
    data = bytearray(encoded(drawn(), "BMP"))
    data[18:26] = struct.pack("<ii", width, height)
    return bytes(data)


def vp8x(width: int, height: int) -> bytes:
    header = b"VP8X" + struct.pack("<I", 10) + b"\x10\0\0\0" + struct.pack("<I", width - 1)[:3]
    body = b"WEBP" + header + struct.pack("<I", height - 1)[:3] + vp8l(9, True)[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


BOMBS: dict[str, tuple[Callable[[], bytes], int, int]] = {
    "forged PNG of 14,000": (lambda: png(14_000, 14_000, zlib.compress(b"\0")), 14_000, 14_000),
    "forged PNG of 60,000": (lambda: png(60_000, 60_000, zlib.compress(b"\0")), 60_000, 60_000),
    "a wide PNG": (lambda: png((1 << 31) - 1, 1 << 20, zlib.compress(b"\0")), (1 << 31) - 1, 1 << 20),
    "a real PNG of 14,000": (lambda: one_colour(14_000), 14_000, 14_000),
    "JPEG": (lambda: jpeg_of(65_500, 65_500), 65_500, 65_500),
    "canvas of a GIF": (lambda: gif_of(65_535, 65_535, True), 65_535, 65_535),
    "frame of a GIF": (lambda: gif_of(65_535, 65_535, False), 65_535, 65_535),
    "BMP": (lambda: bmp_of(60_000, 60_000), 60_000, 60_000),
    "WebP": (lambda: vp8l(14_000, False), 14_000, 14_000),
    "WebP with alpha": (lambda: vp8l(16_384, True), 16_384, 16_384),
    "canvas of a WebP": (lambda: vp8x(60_000, 60_000), 60_000, 60_000),
    "just too large": (lambda: one_colour(4_001), 4_001, 4_001),
}


def wrong_crc(data: bytes) -> bytes:
    at = data.index(b"IDAT") + 6
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


DAMAGED = {
    "PNG without its end": lambda: logo()[:-12],
    "PNG cut in its pixels": lambda: logo()[: logo().index(b"IDAT") + 20],
    "PNG with a wrong checksum": lambda: wrong_crc(logo()),
    "PNG whose pixels end early": lambda: png(60, 40, zlib.compress(bytes(300))),
    "PNG whose pixels are noise": lambda: png(60, 40, b"no zlib at all"),
    "JPEG cut": lambda: encoded(drawn(), "JPEG")[:-200],
    "GIF cut": lambda: encoded(drawn("P"), "GIF")[:-40],
    "WebP cut": lambda: encoded(drawn(), "WEBP")[:-40],
    "BMP cut": lambda: encoded(drawn(), "BMP")[:-400],
}


def sixteen_bits(colour: bool) -> bytes:
    """Of 16 bits a channel: a bright square (bytes of 200 and more) on a ground of a tenth."""
    ramp = np.full((40, 60, 3 if colour else 1), 0x1999, ">u2")
    ramp[10:20, 10:30] = (0xE000, 0x2000, 0x2000) if colour else 0xE000
    rows = b"".join(b"\0" + row.tobytes() for row in ramp)
    return png(60, 40, zlib.compress(rows), 16, 2 if colour else 0)


def animated(kind: str) -> bytes:
    """A red square first, then grey ones."""
    later = [drawn(colour=colour).convert("L").convert("RGB") for colour in ("blue", "black")]
    return encoded(drawn(), kind, save_all=True, append_images=later, duration=100)


def palette(colour: str) -> bytes:
    return encoded(drawn(colour=colour).quantize(8), "PNG")


PICTURES = {
    "16 bits of grey": (lambda: sixteen_bits(False), "I;16", True, True, "none"),
    "16 bits of RGB": (lambda: sixteen_bits(True), "RGB", False, False, "red"),
    "a palette of colours": (lambda: palette("red"), "P", False, False, "red"),
    "a palette of greys": (lambda: palette("black"), "P", False, True, "black"),
    "transparency in a palette": (lambda: encoded(drawn().quantize(8), "PNG", transparency=0), "P", False, None, None),
    "alpha": (lambda: encoded(drawn("RGBA"), "PNG"), "RGBA", False, False, "red"),
    "grey with alpha": (lambda: encoded(drawn("LA", colour="black"), "PNG"), "LA", True, True, "black"),
    "one bit": (lambda: encoded(drawn("1", colour="black"), "PNG"), "1", True, True, "black"),
    "grey": (lambda: encoded(drawn("L", colour="black"), "PNG"), "L", True, True, "black"),
    "grey in three channels": (lambda: logo("black"), "RGB", False, True, "black"),
    "grey JPEG": (lambda: encoded(drawn("L", colour="black"), "JPEG"), "L", True, True, "black"),
    "CMYK JPEG": (lambda: encoded(drawn("CMYK"), "JPEG", quality=95), "CMYK", False, False, "red"),
    "progressive JPEG": (lambda: encoded(drawn(), "JPEG", progressive=True), "RGB", False, False, "red"),
    "animated GIF": (lambda: animated("GIF"), None, False, False, "red"),
    "animated WebP": (lambda: animated("WEBP"), "RGB", False, False, "red"),
    "animated PNG": (lambda: animated("PNG"), "RGB", False, False, "red"),
    "BMP": (lambda: encoded(drawn(), "BMP"), "RGB", False, False, "red"),
}
