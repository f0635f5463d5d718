"""Logo: geometry, sharpness, transparency, recolouring, and an SVG that is the same picture."""

import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import resvg_py
from PIL import Image

from logo_gan import curves
from logo_gan.logo import Logo
from logo_gan.pixel_logo import PixelLogo

WHITE, NAVY, TEAL, ORANGE, RED = "#ffffff", "#102a43", "#0f766e", "#f0b429", "#d9372b"
PALETTE = [WHITE, NAVY, TEAL, ORANGE, RED]
Y, X = (np.mgrid[:64, :64] + 0.5).astype(np.float32)
NOTHING = np.full((64, 64), -1, np.float32)


def field(distance: np.ndarray) -> np.ndarray:
    """A signed distance in pixels at 64 px, positive inside, as a generator's field."""
    return np.clip(distance / 4, -1, 1).astype(np.float32)


def circle(radius: float, x: float = 32, y: float = 32) -> np.ndarray:
    return field(radius - np.hypot(X - x, Y - y))


def box(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return field(np.minimum(np.minimum(X - left, right - X), np.minimum(Y - top, bottom - Y)))


def star(radius: float = 15) -> np.ndarray:
    angle = np.arctan2(X - 32, 32 - Y) % (2 * np.pi / 5)
    fold = np.minimum(angle, 2 * np.pi / 5 - angle)
    r, sharp = np.hypot(X - 32, Y - 32), np.radians(18)
    return field((radius - r * np.cos(fold)) * np.sin(sharp) - r * np.sin(fold) * np.cos(sharp))


def logo(container=NOTHING, shade=NOTHING, mark=NOTHING, accent=NOTHING, palette=PALETTE, caption="a logo") -> Logo:
    return Logo(np.stack([container, shade, mark, accent]), palette, caption)


SAMPLES = {
    "star on a circle": logo(circle(28), mark=star()),
    "ring": logo(np.minimum(circle(28), -circle(24)), mark=circle(6), accent=circle(2)),
    "split circle": logo(circle(28), np.minimum(circle(28), box(32, -40, 104, 104)), star()),
    "leaves the canvas": logo(box(-40, 40, 104, 104), mark=circle(14, 60, 10)),
    "fills the canvas": logo(np.ones_like(X), mark=box(20, 20, 44, 44)),
    "square": logo(box(8, 8, 56, 56), mark=box(30, 4, 34, 60)),
}


def render(svg: str, size: int) -> np.ndarray:
    png = resvg_py.svg_to_bytes(svg_string=svg, width=size, height=size)
    return np.asarray(Image.open(io.BytesIO(bytes(png))).convert("RGB"), dtype=float)


def pixels(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture, dtype=float)


@pytest.mark.parametrize("size", [16, 33, 64, 512, 2048])
def test_image_has_the_size_and_mode_that_were_asked_for(size):
    sample = SAMPLES["star on a circle"]
    assert (sample.image(size).size, sample.image(size).mode) == ((size, size), "RGB")
    assert (sample.image(size, transparent=True).size, sample.image(size, True).mode) == (
        (size, size),
        "RGBA",
    )


@pytest.mark.parametrize("size", [15, 2049, 0, -1, 64.0, "64", True, None])
def test_other_sizes_are_refused(size):
    with pytest.raises(ValueError, match="whole number of pixels from 16 to 2048"):
        SAMPLES["ring"].image(size)


@pytest.mark.parametrize("size", [16, 64, 512, 1024])
def test_a_circle_keeps_its_area_at_every_size(size):
    dark = (255 - pixels(logo(mark=circle(20), palette=[WHITE, RED, RED, "#000000", RED]).image(size))) / 255
    assert dark.mean() == pytest.approx(np.pi * 20**2 / 64**2, rel=0.01)


@pytest.mark.parametrize("size", [64, 512, 1024])
def test_edges_are_about_one_pixel_wide_at_every_size(size):
    black = ["#ffffff", RED, RED, "#000000", RED]
    row = pixels(logo(mark=box(21.3, -40, 42.7, 104), palette=black).image(size))[size // 2, :, 0]
    between = ((row > 0.1 * 255) & (row < 0.9 * 255)).sum()
    assert 1 <= between <= 4  # two edges


def test_a_slanted_edge_is_straight():
    """The bicubic kernel of torch turns it into a staircase with steps of a tenth of a field's pixel."""
    slanted = field((X - 32) * np.cos(0.4) + (Y - 32) * np.sin(0.4))
    picture = pixels(logo(mark=slanted, palette=["#ffffff", RED, RED, "#000000", RED]).image(1024))[200:824, :, 0]
    edge = (picture / 255).sum(1)  # the white part of each row
    rows = np.arange(len(edge))
    assert np.abs(edge - np.polyval(np.polyfit(rows, edge, 1), rows)).max() < 0.35  # pixels of 1024


def test_layers_paint_over_one_another_in_order():
    picture = SAMPLES["ring"].image(128)
    colours = ["#{:02x}{:02x}{:02x}".format(*picture.getpixel((64, y))) for y in (2, 11, 30, 54, 64)]
    assert colours == [WHITE, NAVY, WHITE, ORANGE, RED]


def test_transparent_leaves_the_background_out_and_nothing_else():
    sample = SAMPLES["ring"]
    cut = sample.image(256, transparent=True)
    assert cut.getpixel((3, 3))[3] == 0
    assert cut.getpixel((128, 128)) == (0xD9, 0x37, 0x2B, 255)
    for colour in (WHITE, RED):
        ground = Image.new("RGBA", cut.size, colour)
        ground.alpha_composite(cut)
        expected = sample.recolored([colour, *sample.palette[1:]]).image(256)
        assert np.abs(pixels(ground.convert("RGB")) - pixels(expected)).max() <= 3


def test_palette_lists_what_can_be_seen():
    assert SAMPLES["star on a circle"].palette == [WHITE, NAVY, ORANGE]
    assert SAMPLES["star on a circle"].layers == ["background", "container", "mark"]
    assert SAMPLES["split circle"].layers == ["background", "container", "container-shade", "mark"]
    covered = logo(circle(10), mark=circle(20))
    assert covered.layers == ["background", "mark"]
    speck = logo(circle(20), accent=circle(0.5))
    assert speck.layers == ["background", "container"]
    assert logo().palette == [WHITE]


def test_recolored_changes_colours_only():
    before = SAMPLES["star on a circle"]
    after = before.recolored(["#000000", "#FF0000", "#00ff00"])
    assert after.palette == ["#000000", "#ff0000", "#00ff00"]
    assert before.palette == [WHITE, NAVY, ORANGE]
    assert after.caption == before.caption
    assert re.findall(' d="[^"]*"', after.svg()) == re.findall(' d="[^"]*"', before.svg())
    assert pixels(after.image(64))[32, 32].tolist() == [0, 255, 0]
    assert after.recolored(before.palette).svg() == before.svg()


BAD_COLOURS = {
    "none": [],
    "too few": [WHITE],
    "too many": [WHITE] * 5,
    "not a list": WHITE,
    "short": ["#fff", NAVY, RED],
    "a name": ["white", NAVY, RED],
    "not hexadecimal": ["#12345g", NAVY, RED],
    "markup": [WHITE, NAVY, 'red"/><script>'],
    "nothing": [WHITE, NAVY, None],
    "a line's end": [WHITE, NAVY, "#123456\n"],
    "another script's digit": [WHITE, NAVY, "#12345６"],
}


@pytest.mark.parametrize("colours", BAD_COLOURS.values(), ids=BAD_COLOURS)
def test_recolored_refuses_wrong_counts_and_forms(colours):
    with pytest.raises(ValueError, match=r"^[^\n]+\.$"):
        SAMPLES["star on a circle"].recolored(colours)


@pytest.mark.parametrize(
    ("fields", "palette"),
    [
        (np.zeros((64, 64)), PALETTE),
        (np.zeros((4, 64, 32)), PALETTE),
        (np.zeros((0, 64, 64)), [WHITE]),
        (np.zeros((9, 64, 64)), [WHITE] * 10),
        (np.zeros((4, 2, 2)), PALETTE),
        (np.full((4, 64, 64), np.nan), PALETTE),
        (np.full((4, 64, 64), np.inf), PALETTE),
        (np.zeros((4, 64, 64)), PALETTE[:4]),
        (np.zeros((4, 64, 64)), np.zeros((4, 3))),
        (np.zeros((4, 64, 64)), np.full((5, 3), np.nan)),
        (np.zeros((4, 64, 64)), []),
    ],
)
def test_shapes_and_values_are_checked(fields, palette):
    with pytest.raises(ValueError, match=r"^[^\n]+\.$"):
        Logo(fields, palette)


@pytest.mark.parametrize("sharpness", [0, -1, np.nan, np.inf])
def test_sharpness_is_checked(sharpness):
    with pytest.raises(ValueError, match="sharpness"):
        Logo(np.zeros((4, 64, 64)), PALETTE, sharpness=sharpness)


def test_a_logo_cannot_be_changed():
    fields, palette = np.stack([circle(20)] * 4), np.full((5, 3), 0.5)
    sample = Logo(fields, palette)
    before = sample.svg()
    fields[:] = -1
    palette[:] = 0
    sample.palette[0] = "#000000"
    assert sample.svg() == before
    with pytest.raises(ValueError, match="read-only"):
        sample.fields[0, 0, 0] = 1
    with pytest.raises(AttributeError):
        sample.caption = "another"


@pytest.mark.parametrize("name", SAMPLES)
def test_svg_is_the_same_picture_and_small(name):
    svg = SAMPLES[name].svg()
    gap = np.abs(render(svg, 512) - pixels(SAMPLES[name].image(512)))
    assert gap.mean() < 0.6  # of 255: half-covered pixels along the outlines differ, areas do not
    assert (gap.max(2) > 100).mean() < 5e-4
    assert len(svg.encode()) < 5_000


def test_svg_has_one_named_group_a_visible_layer():
    root = ET.fromstring(SAMPLES["split circle"].svg())
    tag = "{http://www.w3.org/2000/svg}"
    groups = {group.get("id"): group.get("fill") for group in root.iter(f"{tag}g")}
    assert groups == {"background": WHITE, "container": NAVY, "container-shade": TEAL, "mark": ORANGE}
    assert root.get("viewBox") == "0 0 1024 1024"
    assert all(len(group.findall(f"{tag}path")) == 1 for group in root.iter(f"{tag}g"))


def test_svg_of_hostile_captions_is_well_formed():
    for caption in (
        '</title><script>alert("1")</script>',
        "a & b < c",
        "nul \0, lone \ud800, bell \x07",
        "]]> é 猫 🐈",
    ):
        title = ET.fromstring(logo(circle(20), caption=caption).svg().encode())[0].text
        assert title == "".join(c for c in caption if c not in "\0\ud800\x07")


def test_svg_keeps_corners_and_closes_shapes_at_the_border():
    """A square's corners are nodes; shapes that leave the canvas run along its border and not beyond."""
    square = curves.outlines(np.kron(box(16, 16, 48, 48), np.ones((4, 4))))
    starts = np.array([segment[0] for segment in curves.fit_closed(square[0])])
    for corner in ((256, 256), (768, 256), (768, 768), (256, 768)):
        assert np.hypot(*(starts - corner).T).min() < 12
    for name in ("leaves the canvas", "fills the canvas"):
        for line in curves.outlines(SAMPLES[name].fields[0]):
            assert line.min() >= 0 and line.max() == 1024


def test_curves_follow_a_circle_with_few_nodes():
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    segments = curves.fit_closed(512 + 300 * np.stack([np.cos(angle), np.sin(angle)], 1))
    along = np.linspace(0, 1, 50)
    points = np.concatenate([curves._evaluate(segment, along) for segment in segments])
    assert np.abs(np.hypot(*(points - 512).T) - 300).max() < curves.TOLERANCE
    assert len(segments) == 4
    assert all((a[3] == b[0]).all() for a, b in zip(segments, segments[1:] + segments[:1], strict=True))


def test_specks_and_holes_of_noise_are_dropped():
    specks = np.maximum(circle(20), circle(0.4, 5, 5))
    assert len(curves.outlines(specks)) == 1


def test_noise_still_makes_a_valid_svg():
    """An untrained generator's fields are the worst case for the tracer."""
    sample = Logo(np.random.default_rng(0).normal(size=(1, 32, 32)), [WHITE, NAVY])
    ET.fromstring(sample.svg())
    assert np.abs(render(sample.svg(), 256) - pixels(sample.image(256))).mean() < 12


def test_same_logo_same_bytes():
    first, second = (logo(circle(28), mark=star()) for _ in range(2))
    assert first.svg() == second.svg()
    assert first.image(300).tobytes() == second.image(300).tobytes()


def test_pixel_logo():
    picture = np.full((28, 28, 3), 250, np.uint8)
    picture[8:20, 8:20] = (200, 30, 30)
    sample = PixelLogo(picture, "red square")
    assert sample.image(512).size == (512, 512)
    assert len(sample.palette) >= 2
    assert np.abs(np.array([int(sample.palette[0][k : k + 2], 16) for k in (1, 3, 5)]) - 250).max() < 8
    assert np.abs(render(sample.svg(), 512) - pixels(sample.image(512))).mean() < 4
    for refused in (
        lambda: sample.image(8),
        lambda: sample.image(64, True),
        lambda: sample.recolored(["#000000"]),
    ):
        with pytest.raises(ValueError, match=r"\.$"):
            refused()
    for wrong in (picture[:, :20], picture[..., 0], picture.astype(float)):
        with pytest.raises(ValueError, match="pixel logo"):
            PixelLogo(wrong)


def test_drawing_needs_no_heavy_packages():
    script = (
        "import sys, logo_gan.logo; "
        "print({'spacy', 'gradio', 'pandas', 'loguru', 'huggingface_hub'} & sys.modules.keys() or 'none')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "none"


def test_recolored_mixes_second_tones_from_their_own_colour():
    sample = logo(container=circle(28), shade=np.minimum(circle(28), box(32, 0, 64, 64)), mark=circle(12))
    assert sample.layers == ["background", "container", "container-shade", "mark"]
    after = sample.recolored(["#ffffff", "#102a43", "#f0b429"])
    assert [after.palette[0], after.palette[1], after.palette[3]] == ["#ffffff", "#102a43", "#f0b429"]
    assert after.palette[2] not in after.palette[:2]
    assert int(after.palette[2][1:3], 16) > 0x10  # a dark container has a lighter second tone
