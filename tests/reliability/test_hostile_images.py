"""Image bombs are counted and not decoded, damaged and foreign images counted, unusual ones measured right."""

import io
import time
from pathlib import Path

import numpy as np
import pytest
from hostile import MB, drawn, encoded, logo, write
from hostile_images import BOMBS, DAMAGED, PICTURES, chunk, one_colour, png
from outcome import analysed, counted, patience, peak
from PIL import Image

from eda import sandbox
from eda.dataset import Dataset


@pytest.mark.parametrize("name", BOMBS)
def test_an_image_bomb_is_counted_as_oversized_and_not_decoded(tmp_path, name):
    make, width, height = BOMBS[name]
    path = write(tmp_path / "a.parquet", [logo(), make(), logo("blue")], ["a", "b", "c"])
    sandbox.prepare()
    Path("/proc/self/clear_refs").write_text("5")
    before, start = peak(), time.monotonic()
    told = analysed(path)
    assert time.monotonic() - start < 5 * patience() and peak() - before < 100 * MB
    assert counted(told) == {"oversized": [1]} and told["sampled"] == 2
    assert told["width"]["max"] == width and told["height"]["max"] == height
    assert told["pixels"]["max"] == width * height and sum(told["formats"].values()) == 3
    shown = Dataset(path).show([1])[0]
    assert shown["fault"] == "oversized" and shown["png"] is None and shown["width"] == width


def test_an_image_of_just_sixteen_million_pixels_is_read(tmp_path):
    told = analysed(write(tmp_path / "a.parquet", [one_colour(4_000)], ["a"]))
    assert counted(told) == {"blank": [0]} and told["pixels"]["max"] == 16 * MB


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_image_is_counted_and_its_size_kept(tmp_path, name):
    path = write(tmp_path / "a.parquet", [logo("blue"), DAMAGED[name]()], ["a", "b"])
    told = analysed(path)
    assert counted(told) == {"damaged": [1]}
    if name != "WebP cut":  # Pillow opens a WebP as a whole or not at all
        assert told["width"] == {"count": 2, "min": 60, "max": 60, "mean": 60, "median": 60}
        assert told["height"]["count"] == 2
    shown = Dataset(path).show([1])[0]
    assert shown["fault"] == "damaged" and shown["png"] is None


@pytest.mark.parametrize(
    "data",
    [b"\x89PNG\r\n\x1a\n", b"\x89PNG", b"\xff\xd8\xff", b"GIF89a", b"BM", b"RIFF\0\0\0\0WEBP", b"RIFF" + bytes(40), b"",
     logo()[:33], encoded(drawn(), "JPEG").partition(b"\xff\xda")[0],
     png(0, 40, b""), png(60, 40, b"", 7, 5), encoded(drawn("P"), "GIF")[:20], chunk(b"IHDR", b"")],
)  # fmt: skip
def test_hardly_an_image_is_counted_and_nothing_fails(tmp_path, data):
    told = analysed(write(tmp_path / "a.parquet", [logo(), data], ["a", "b"]))
    found = counted(told)
    assert found.get("damaged", []) + found.get("unsupported", []) == [1] and told["height"]["count"] >= 1


def test_noise_in_place_of_images_never_fails_an_analysis(tmp_path):
    noise = np.random.default_rng(0)
    whole = [encoded(drawn("P" if kind == "GIF" else "RGB"), kind) for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP")]
    images = []
    for data in whole:
        for _ in range(60):
            spoilt = bytearray(data[: noise.integers(4, len(data) + 1)])
            for at in noise.integers(0, len(spoilt), noise.integers(0, 9)):
                spoilt[at] = noise.integers(256)
            images.append(bytes(spoilt))
    told = analysed(write(tmp_path / "a.parquet", images, [f"logo {i}" for i in range(300)]))
    assert told["rows"] == 300 and told["damaged"] > 100


def test_formats_that_are_not_ours_are_counted_as_unsupported(tmp_path):
    image = drawn()
    data = [encoded(image, kind) for kind in ("TIFF", "EPS", "PPM", "ICO", "TGA", "PDF", "PCX", "AVIF", "JPEG2000")]
    data += [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<?xml version='1.0'?><svg/>", b"%!PS-Adobe", b"MZ", b"\0"]
    told = analysed(write(tmp_path / "a.parquet", [logo(), *data], ["x"] * (len(data) + 1)))
    assert counted(told) == {"unsupported": list(range(1, len(data) + 1))}
    assert told["formats"] == {"PNG": 1} and told["height"]["count"] == 1


@pytest.mark.parametrize("name", PICTURES)
def test_every_kind_of_picture_has_its_size_its_colours_and_its_first_frame(tmp_path, name):
    make, mode, grey_header, grey_pixels, colour = PICTURES[name]
    path = write(tmp_path / "a.parquet", [make()], ["a"])
    told = analysed(path)
    assert counted(told) == {}
    assert (told["width"]["max"], told["height"]["max"]) == (60, 40)
    assert told["aspect_ratio"]["mean"] == pytest.approx(40 / 60)
    assert told["modes"] == {mode: 1} or mode is None
    assert told["colour"]["by_mode"] == {"rgb": 1 - grey_header, "black_and_white": int(grey_header)}
    if grey_pixels is not None:
        assert told["colour"]["by_pixels"] == {
            "rgb": 1 - grey_pixels,
            "black_and_white": int(grey_pixels),
            "sampled": 1,
        }
    shown = Dataset(path).show([0], 60)[0]
    picture = Image.open(io.BytesIO(shown["png"]))
    assert picture.format == "PNG" and picture.size == (60, 40) and shown["fault"] is None
    if colour not in (None, "none"):
        assert told["dominant_colour"][colour] == 1
        centre = picture.convert("RGB").getpixel((20, 15))
        assert centre[0] == pytest.approx(255 if colour == "red" else 0, abs=48) and max(centre[1:]) < 60
    if name == "16 bits of grey":
        values = np.asarray(picture.convert("L"))
        assert values[15, 20] == 0xE0 and values[0, 0] == 0x19


def test_transparent_pixels_are_seen_on_white(tmp_path):
    clear = Image.new("RGBA", (60, 40), (255, 0, 0, 0))
    mark = clear.copy()
    mark.paste((0, 0, 255, 255), (20, 10, 40, 30))
    path = write(tmp_path / "a.parquet", [encoded(clear), encoded(mark)], ["a", "b"])
    told = analysed(path)
    assert counted(told) == {"blank": [0]} and told["dominant_colour"]["blue"] == 1
    shown = Image.open(io.BytesIO(Dataset(path).show([1])[0]["png"]))
    assert shown.getpixel((0, 0)) == (255, 255, 255)
