"""PDF documents, logos in one colour and the brand kit, opened by independent readers."""

import io
import zipfile
from xml.etree import ElementTree as ET

import numpy as np
import pypdfium2
import pytest
import resvg_py
from drawings import DRAWINGS
from PIL import Image

from logo_gan import LogoGAN
from logo_gan.logo import containers
from logo_gan.logo.design import CANVAS, Layer, Logo
from logo_gan.logo.kit import FAVICONS, SOCIAL, kit
from logo_gan.logo.lockup import lock_up, set_alone
from logo_gan.logo.pixels import PixelLogo

NAMED = {"mark", "beside", "below", "name"}
VERSIONS = ("colour", "one-colour", "black", "white")
PROMPTS = ("octopus, teal", "orange rocket in a navy circle", "tooth and a heart", "JM monogram, rose gold",
           "white fox on a pale yellow shield", "owl in a ring, green", "three stars in a hexagon")  # fmt: skip


@pytest.fixture(scope="module")
def logos() -> list[Logo]:
    gan = LogoGAN.from_pretrained()
    return [logo for prompt in PROMPTS for logo in gan.generate(prompt, 4, 7)]


def rendered(document: bytes, size: tuple[int, int]) -> np.ndarray:
    page = pypdfium2.PdfDocument(document)[0]
    picture = page.render(scale=size[1] / page.get_height()).to_pil().convert("RGB")
    return np.asarray(picture.resize(size), float)


def apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one - other).mean())


def svg_picture(text: str, size: int) -> Image.Image:
    return Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=text, width=size)))).convert("RGBA")


def test_a_pdf_is_the_same_picture_in_curves(logos):
    for logo in logos:
        document = logo.pdf()
        assert apart(rendered(document, (400, 400)), np.asarray(logo.image(400), float)) < 1.5
        assert document == logo.pdf()
        objects = pypdfium2.PdfDocument(document)[0].get_objects()
        assert {each.type for each in objects} == {pypdfium2.raw.FPDF_PAGEOBJ_PATH}
    assert pypdfium2.PdfDocument(logos[0].pdf())[0].get_size() == (CANVAS / 2, CANVAS / 2)


@pytest.mark.parametrize("layout", ["beside", "below"])
def test_a_lock_up_s_pdf_is_the_same_picture(logos, layout):
    lockup = lock_up(logos[5], "Aurora & Moss", "cormorant", layout, slogan="since 1987")
    picture = lockup.image(300)
    assert apart(rendered(lockup.pdf(), picture.size), np.asarray(picture, float)) < 2.5
    name = set_alone("Белка и Мох", "podkova", "#112233", slogan="всё на совесть")
    picture = name.image(300)
    assert apart(rendered(name.pdf(), picture.size), np.asarray(picture, float)) < 2.5
    assert [group.get("id") for group in ET.fromstring(name.svg()).findall("{*}g")] == ["ground", "name", "slogan"]


def test_one_colour_is_one_path_that_shows_what_the_colours_did(logos):
    for logo in logos:
        flat = logo.in_one_colour("#000000")
        [layer] = flat.layers
        assert layer.role == "mark" and flat.palette == {"ground": "#ffffff", "mark": "#000000"}
        assert (flat.caption, flat.marks, flat.address) == (logo.caption, logo.marks, logo.address)
        # Where two layers touch in the colours, ink and paper do so, too.
        seen, ink = np.asarray(logo.image(256), int), np.asarray(flat.image(256).convert("L"), int)
        steps = np.abs(np.diff(seen, axis=1)).max(2) > 60
        inked = np.abs(np.diff(ink, axis=1)) > 60
        assert (inked & steps).sum() > 0.8 * steps.sum()
        svg = ET.fromstring(flat.svg())
        assert len(svg.findall(".//{*}path")) == 1


@pytest.mark.parametrize("container", containers.NAMES)
def test_what_lies_upon_something_is_cut_out_of_it(container):
    shape = DRAWINGS["star"].moved(300, 362, 362)
    logo = Logo(
        "#ffffff", (Layer("container", "#0a1f66", containers.shape(container)), Layer("mark", "#f97306", shape))
    )
    flat = np.asarray(logo.in_one_colour("#000000").image(512).convert("L")) < 128
    held = np.asarray(Logo("#ffffff", logo.layers[:1]).in_one_colour("#000000").image(512).convert("L")) < 128
    mark = np.asarray(Logo("#ffffff", logo.layers[1:]).in_one_colour("#000000").image(512).convert("L")) < 128
    wanted = held | mark if container == "ring" else held & ~mark
    assert (flat != wanted).mean() < 0.002


def test_the_kit_is_complete_and_every_file_opens(logos):
    content = kit(logos[4], "Aurora & Moss", "since 1987")
    assert content == kit(logos[4], "Aurora & Moss", "since 1987")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        pictures = {f"{place}/{place}-{version}.{ending}" for place in NAMED for version in VERSIONS
                    for ending in ("svg", "pdf", "png")}  # fmt: skip
        social = {f"social/{name}-{width}x{height}.png" for name, (width, height) in SOCIAL.items()}
        icons = {f"icons/{name}" for name in ("favicon.ico", "favicon.svg", "apple-touch-icon.png", "icon-192.png",
                                              "icon-512.png", "icon-maskable-512.png")}  # fmt: skip
        clear = {f"{place}/{place}-colour-transparent.{ending}" for place in NAMED for ending in ("svg", "png")}
        assert names == pictures | clear | social | icons | {"guide.html", "sources.txt"}
        for place in NAMED:
            assert b'id="ground"' not in archive.read(f"{place}/{place}-colour-transparent.svg")
        assert b"<title>Aurora &amp; Moss</title>" in archive.read("icons/favicon.svg")
        for path in sorted(pictures):
            data = archive.read(path)
            if path.endswith("png"):
                with Image.open(io.BytesIO(data)) as image:
                    assert image.mode == ("RGB" if "-colour." in path and "one" not in path else "RGBA")
                    assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1) and image.info["srgb"] == 0
                    drawn = svg_picture(archive.read(path[:-3] + "svg").decode(), 300)
                    over = Image.new("RGBA", image.size, "#888888")
                    over.alpha_composite(image.convert("RGBA"))
                    under = Image.new("RGBA", drawn.size, "#888888")
                    under.alpha_composite(drawn)
                    assert apart(np.asarray(over.resize(drawn.size), float), np.asarray(under, float)) < 3
            elif path.endswith("pdf"):
                assert len(pypdfium2.PdfDocument(data)) == 1
        with Image.open(io.BytesIO(archive.read("icons/favicon.ico"))) as icon:
            assert icon.info["sizes"] == set(FAVICONS)
        for path in social:
            with Image.open(io.BytesIO(archive.read(path))) as image:
                assert f"{image.width}x{image.height}" in path
                assert len(set(image.resize((64, 64)).get_flattened_data())) > 1
        guide, sources = archive.read("guide.html").decode(), archive.read("sources.txt").decode()
    for colour in logos[4].palette.values():
        assert colour in guide
    assert "Aurora &amp; Moss" in guide and "Montserrat" in guide
    for mark in logos[4].marks:
        assert all(source["author"] in sources and source["licence"] in sources for source in mark.sources)


def test_a_kit_without_a_name_has_the_mark_alone(logos):
    with zipfile.ZipFile(io.BytesIO(kit(logos[0]))) as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {
            "mark",
            "icons",
            "social",
            "guide.html",
            "sources.txt",
        }


def test_what_cannot_be_a_kit_is_refused(logos):
    with pytest.raises(ValueError, match="no kit"):
        kit(PixelLogo(np.zeros((8, 8, 3), np.uint8)))
    with pytest.raises(ValueError, match="at most 40"):
        kit(logos[0], "x" * 41)
