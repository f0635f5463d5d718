"""Brand names beside and below marks: fonts, shaping, geometry, colours, and an SVG that is the same picture."""

import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import resvg_py
from drawings import DRAWINGS
from PIL import Image

from logo_gan.logo import containers
from logo_gan.logo.design import Layer, Logo
from logo_gan.logo.lockup import LAYOUTS, lock_up
from logo_gan.logo.pixels import PixelLogo
from logo_gan.logo.shapes import Circle
from logo_gan.logo.typefaces import FOLDER, FONTS
from logo_gan.text.colours import BASIC, contrast, readable

NAMES = ("Aurora", "Fjord & Co", "Северное сияние", "IBIS", "Åsa Žižek Bakery")


def drawn(container: str, mark: str, colours: dict[str, str]) -> Logo:
    outline = DRAWINGS[mark]
    layers = [] if container == "none" else [Layer("container", colours["container"], containers.shape(container))]
    layers.append(Layer("mark", colours["mark"], outline.moved(*containers.room(container).place(outline))))
    return Logo("#ffffff", layers, container=container)


LOGOS = [
    drawn("circle", "star", {"container": "#0a1f66", "mark": "#f97306"}),
    drawn("none", "bar", {"mark": "#0b5bdf"}),
    drawn("hexagon", "heart", {"container": "#15a033", "mark": "#ffffff"}),
]


def plain(background="#ffffff", container="#0a1f66", mark="#f97306", radius=320.0, x=512.0, y=512.0) -> Logo:
    """A disc with a smaller one in it."""
    layers = [Layer("container", container, Circle(x, y, radius)), Layer("mark", mark, Circle(x, y, radius / 2))]
    return Logo(background, layers)


def ink_box(picture: Image.Image, colour: str) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the pixels near `colour`."""
    apart = np.abs(np.asarray(picture.convert("RGB"), float) - tuple(bytes.fromhex(colour[1:]))).max(2)
    rows, columns = np.nonzero(apart < 60)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@pytest.mark.parametrize("key", FONTS)
def test_each_font_has_latin_and_cyrillic_and_its_licence(key):
    face = FONTS[key]
    letters = {*range(0x20, 0x7F), *range(0xC0, 0x100), *range(0x410, 0x450), *map(ord, "ЁёҐґЄєІіЇїŁłŐőŠšŽžĞğİı€№“”—")}
    assert letters <= set(face.font.face.unicodes)
    licence = (FOLDER / f"{face.path.stem}-OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Reserved Font Name" not in licence[: licence.index("-----")]


def test_the_fonts_are_small_and_nothing_lies_beside_them():
    assert {path.name for path in FOLDER.iterdir()} == {
        name for face in FONTS.values() for name in (face.path.name, f"{face.path.stem}-OFL.txt")
    }
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_500_000
    assert len({face.purpose for face in FONTS.values()}) == len(FONTS) >= 8


@pytest.mark.parametrize("key", ["montserrat", "cormorant", "oswald", "manrope"])
def test_letters_are_kerned(key):
    """AV stands closer than A and V apart would."""
    face = FONTS[key]
    alone = [face.font.get_glyph_h_advance(face.font.get_nominal_glyph(ord(letter))) for letter in "AV"]
    (_, first, _), (_, second, _) = face.line("AV").glyphs
    assert second - first < alone[0] - 0.02 * face.em


def test_an_accent_of_its_own_is_set_on_its_letter():
    """A stressed Russian vowel has no character of its own; its accent takes no room."""
    face = FONTS["montserrat"]
    plain_word, stressed = face.line("замок"), face.line("за\u0301мок")
    assert stressed.ink[2] == pytest.approx(plain_word.ink[2])
    assert stressed.ink[1] < plain_word.ink[1]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("key", FONTS)
def test_svg_is_outlines_and_the_same_picture_as_the_pixels(key, layout):
    which = list(FONTS).index(key)
    slogan = ("", "built on trust")[which % 2]
    lockup = lock_up(LOGOS[which % len(LOGOS)], NAMES[which % len(NAMES)], key, layout, slogan=slogan)
    document = lockup.svg()
    tree = ET.fromstring(document)
    texts = ["name", "slogan"] if slogan else ["name"]
    assert [group.get("id") for group in tree.findall("{*}g")] == [*lockup.logo.palette, *texts]
    assert {element.tag.split("}")[1] for element in tree.iter()} <= {
        "svg",
        "title",
        "g",
        "path",
        "circle",
        "rect",
        "polygon",
    }
    assert [child.tag.split("}")[1] for child in tree.findall("{*}g")[-1]] == ["path"]
    width, height = lockup.size
    assert tree.get("viewBox") == f"0 0 {width} {height}"
    drawn = lockup.image(700)
    # At a scale that leaves no part of a pixel over, which a renderer would share out to both sides.
    for name, value in {
        "width": f"{drawn.width}", "height": "700", "viewBox": f"0 0 {drawn.width * height / 700} {height}",
    }.items():  # fmt: skip
        tree.set(name, value)
    rendered = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=ET.tostring(tree, encoding="unicode")))))
    assert drawn.size == rendered.size
    apart = np.abs(np.asarray(drawn, float) - np.asarray(rendered.convert("RGB"), float)).max(2)
    assert apart.mean() < 0.4
    assert (apart > 48).mean() < 0.002


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_name_keeps_clear_of_the_mark_and_of_the_edges(layout, name):
    for logo in LOGOS:
        lockup = lock_up(logo, name, "nunito", layout, colour="#ff00ff")
        picture = lockup.image(400)
        scale = 400 / lockup.size[1]
        left, top, right, bottom = ink_box(picture, "#ff00ff")
        mark = [v * scale for v in lockup.mark]
        size = max(mark[3] - mark[1], 0.6 * (mark[2] - mark[0]))
        if layout == "beside":
            assert left - mark[2] > 0.2 * size
        else:
            assert top - mark[3] > 0.1 * size
        edges = min(left, mark[0]), min(top, mark[1]), picture.width - max(right, mark[2]), 400 - max(bottom, mark[3])
        assert min(edges) > 0.24 * size


@pytest.mark.parametrize(
    "slogan", ["Since 1987", "всё на совесть", "A very long slogan, longer than any name beside it"]
)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_slogan_stands_smaller_under_the_name_within_the_edges(layout, name, slogan):
    lockup = lock_up(plain(), name, "montserrat", layout, slogan=slogan)
    below, above = lockup.slogan.ink, [line.ink for line in lockup.lines]
    assert below[1] > max(ink[3] for ink in above)
    assert 0.2 * lockup.lines[0].em < lockup.slogan.em < 0.5 * lockup.lines[0].em
    width, height = lockup.size
    assert below[0] > 0 and below[2] < width and below[3] < height
    if layout == "beside":
        assert below[0] == pytest.approx(above[0][0], abs=1) and below[0] > lockup.mark[2]
        assert (min(ink[1] for ink in above) + below[3]) / 2 == pytest.approx(height / 2, abs=0.06 * height)
    else:
        assert (below[0] + below[2]) / 2 == pytest.approx((lockup.mark[0] + lockup.mark[2]) / 2, abs=1)
    assert lock_up(plain(), name, "montserrat", layout, slogan=" \u200b ").slogan is None


@pytest.mark.parametrize("key", FONTS)
def test_capitals_beside_are_centred_on_the_mark(key):
    lockup = lock_up(plain(), "HEXEN", key, colour="#ff00ff")
    picture = lockup.image(500)
    scale = 500 / lockup.size[1]
    mark_middle = (lockup.mark[1] + lockup.mark[3]) / 2 * scale
    assert mark_middle == pytest.approx(250, abs=1)
    [line] = lockup.lines
    assert (line.y - lockup.typeface.cap_height * line.em / 2) * scale == pytest.approx(mark_middle, abs=5)
    if key not in ("pacifico", "caveat"):  # whose capitals are of many heights
        _, top, _, bottom = ink_box(picture, "#ff00ff")
        assert (top + bottom) / 2 == pytest.approx(mark_middle, abs=5)
        assert 0.28 < (bottom - top) / scale / (lockup.mark[3] - lockup.mark[1]) < 0.42


@pytest.mark.parametrize("name", NAMES)
def test_a_name_below_is_centred_on_the_mark(name):
    lockup = lock_up(plain(x=384, y=480), name, "podkova", "below", colour="#ff00ff")
    picture = lockup.image(500)
    left, _, right, _ = ink_box(picture, "#ff00ff")
    middle = (lockup.mark[0] + lockup.mark[2]) / 2 * 500 / lockup.size[1]
    assert (left + right) / 2 == pytest.approx(middle, abs=0.01 * picture.width)
    assert middle == pytest.approx(picture.width / 2, abs=0.01 * picture.width)


def test_what_counts_is_the_mark_not_where_it_stands_on_its_canvas():
    """The same disc, moved and made smaller, gives the same picture but for the edges' last bits."""
    pictures = [
        np.asarray(lock_up(plain(radius=r, x=x, y=y), "Aurora").image(256).resize((400, 128)), float)
        for r, x, y in ((384, 512, 512), (256, 320, 640))
    ]
    assert np.abs(pictures[0] - pictures[1]).mean() < 2


def test_a_container_in_the_colour_of_the_ground_does_not_count():
    """A white circle around an orange disc is nothing on white: the disc alone is the mark."""
    logo = plain("#0a1f66", "#ffffff", "#f97306", radius=384)
    own, white = lock_up(logo, "Ibis"), lock_up(logo, "Ibis", ground="#ffffff")
    widths = [lockup.mark[2] - lockup.mark[0] for lockup in (own, white)]
    assert widths == pytest.approx([768, 384], rel=0.02)
    assert white.image(64).getpixel((0, 0)) == (255, 255, 255)
    assert own.size[1] > 1.8 * white.size[1]


def test_a_long_name_gets_two_lines_or_smaller_letters_but_stays_readable():
    logo = plain()
    short, two, long = (
        lock_up(logo, name) for name in ("Ibis", "Северное сияние", "Donaudampfschifffahrtsgesellschaft")
    )
    assert [len(lockup.lines) for lockup in (short, two, long)] == [1, 2, 1]
    short_em, two_em, long_em = (lockup.lines[0].em for lockup in (short, two, long))
    assert short_em > two_em > long_em
    size = long.mark[3] - long.mark[1]
    assert long_em * long.typeface.cap_height >= 0.149 * size
    assert short.aspect_ratio < two.aspect_ratio * 1.2 < long.aspect_ratio
    assert short.aspect_ratio == short.size[0] / short.size[1]


@pytest.mark.parametrize(
    ("background", "container", "mark", "ground", "expected"),
    [
        ("#ffffff", "#0a1f66", "#e50000", None, "#e50000"),  # the mark's
        ("#ffffff", "#0a1f66", "#fddc22", None, "#0a1f66"),  # yellow on white: the container's
        ("#ffffff", "#fddc22", "#ffffff", None, "#111111"),  # neither
        ("#0a1f66", "#0b5bdf", "#111111", None, "#ffffff"),  # neither, on a dark ground
        ("#0a1f66", "#e50000", "#ffffff", None, "#ffffff"),
        ("#0a1f66", "#e50000", "#ffffff", "#ffffff", "#e50000"),  # white is no colour for a white ground
    ],
)
def test_the_name_takes_a_colour_of_the_logo_that_can_be_read(background, container, mark, ground, expected):
    lockup = lock_up(plain(background, container, mark), "Aurora")
    assert lockup.name_colour(ground or background) == expected
    assert f'<g id="name" fill="{expected}">' in lockup.svg(ground=ground)
    assert ink_box(lockup.image(128, ground=ground), expected)


def test_on_any_ground_some_colour_is_found_that_reads():
    lockup = lock_up(plain("#ffffff", "#8a8d91", "#029386"), "A")
    for ground in BASIC.values():
        colour = lockup.name_colour(ground)
        assert readable(colour, ground) and contrast(colour, ground) >= 2.4


def test_colour_and_ground_that_were_asked_for_are_taken():
    lockup = lock_up(plain(), "Aurora", colour="#FF6FB0")
    assert '<g id="name" fill="#ff6fb0">' in lockup.svg()
    assert lockup.image(64, ground="#15A033").getpixel((0, 0)) == (0x15, 0xA0, 0x33)
    assert re.search('<g id="ground" fill="#15a033">', lockup.svg(ground="#15A033"))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_transparent_has_no_ground_and_composes_to_the_same_picture(layout):
    lockup = lock_up(LOGOS[0], "Fjord & Co", "pacifico", layout)
    cut = lockup.image(300, transparent=True)
    assert (cut.mode, lockup.image(300).mode) == ("RGBA", "RGB")
    assert cut.getpixel((0, 0))[3] == 0 and cut.getchannel("A").getextrema() == (0, 255)
    white = Image.new("RGBA", cut.size, "#ffffff")
    white.alpha_composite(cut)
    apart = np.abs(np.asarray(white.convert("RGB"), float) - np.asarray(lockup.image(300, ground="#ffffff"), float))
    assert apart.max() <= 3
    assert 'id="ground"' not in lockup.svg(transparent=True)


@pytest.mark.parametrize("height", [16, 33, 512, 2048])
def test_image_has_the_height_that_was_asked_for(height):
    lockup = lock_up(plain(), "Ibis")
    assert lockup.image(height).size == (round(height * lockup.aspect_ratio), height)


@pytest.mark.parametrize("height", [15, 4097, 0, -1, 64.0, "64", True, None])
def test_other_heights_are_refused(height):
    with pytest.raises(ValueError, match="whole number of pixels from 16 to 4096"):
        lock_up(plain(), "Ibis").image(height)


def test_a_picture_that_would_be_too_wide_is_refused_with_the_height_that_fits():
    lockup = lock_up(plain(), "W" * 40)
    with pytest.raises(ValueError, match=r"at most (\d+) pixels, not 2048") as refusal:
        lockup.image(2048)
    most = int(re.search(r"most (\d+)", str(refusal.value))[1])
    assert lockup.image(most).width <= 8192
    with pytest.raises(ValueError, match="at most"):
        lockup.image(most + 2)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  Fjord \t\n &\u00a0 Co ", "Fjord & Co"),
        ("e\u0301clair", "éclair"),
        ("iBiS", "iBiS"),
        ("\u202eAu\u200brora\u2066\x00\x1b", "Aurora"),
        ("soft\u00adhyphen\ufeff", "softhyphen"),
        ('<script>alert("&")</script>', '<script>alert("&")</script>'),
    ],
)
def test_a_name_is_tidied_and_its_case_kept(given, kept):
    lockup = lock_up(plain(), given)
    assert lockup.name == kept
    assert ET.fromstring(lockup.svg()).findtext("{*}title") == kept


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "The name is empty"),
        ({"name": " \u200b\n"}, "The name is empty"),
        ({"name": "x" * 41}, "at most 40 characters, and this one has 41"),
        ({"name": "x" * 1_000_000}, "at most 40 characters"),
        ({"name": "猫"}, "The font Montserrat has no 猫, and no other font here has all that this name needs."),
        ({"name": "猫と🚀"}, "has no 猫, と, 🚀, and no other font here has all"),
        ({"name": "Ұлт", "font": "jetbrains-mono"}, "The font JetBrains Mono has no Ұ; Montserrat has all"),
        ({"slogan": "x" * 61}, "A slogan has at most 60 characters, and this one has 61."),
        ({"slogan": "猫"}, "The font Montserrat has no 猫"),
        ({"font": "Comic Sans"}, "The font must be one of manrope, montserrat, "),
        ({"layout": "above"}, "'beside' or 'below'"),
        ({"colour": "red"}, "A colour must look like '#rrggbb', not 'red'."),
        ({"logo": PixelLogo(np.zeros((8, 8, 3), np.uint8))}, "baseline model's logos have no layers"),
        ({"logo": Logo("#ffffff", [])}, "shows nothing on that ground"),
        ({"logo": plain("#ffffff", "#ffffff", "#fefefe")}, "shows nothing on that ground"),
    ],
)
def test_what_cannot_be_set_is_refused_in_a_sentence(change, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        lock_up(**{"logo": plain(), "name": "Aurora", **change})


def test_a_ground_that_is_no_colour_is_refused():
    for ground in ("white", "#fff", '#ffffff"/><script>', 5):
        for draw in (lock_up(plain(), "Ibis").svg, lock_up(plain(), "Ibis").image):
            with pytest.raises(ValueError, match="must look like '#rrggbb'"):
                draw(ground=ground)
