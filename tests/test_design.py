"""A logo as its visitor finishes it, and the editor's HTML of it."""

import re
import xml.etree.ElementTree as ET
from functools import partial

import numpy as np
import pytest

from logo_gan import LogoGAN, texts
from logo_gan.address import Proposal
from logo_gan.design import PALETTES, SIZES, Design, ready_palettes
from logo_gan.editor import editor
from logo_gan.visit import Past, Visit

SVG = "{http://www.w3.org/2000/svg}"
say = partial(texts.say, "en")


@pytest.fixture(scope="module")
def gan(bundled_weights) -> LogoGAN:
    return LogoGAN.from_pretrained(bundled_weights)


@pytest.fixture(scope="module")
def rocket(gan):
    return gan.generate("orange rocket in a navy circle", 1, 7)[0]


def layers(svg: str) -> dict[str, str]:
    """Group → fill of an SVG document."""
    return {group.get("id"): group.get("fill") for group in ET.fromstring(svg).iter(f"{SVG}g")}


def test_a_design_without_changes_is_the_logo(rocket):
    assert Design(rocket).svg() == rocket.svg()
    assert np.array_equal(Design(rocket).image(512), rocket.image(512))
    # The name of a design that stands alone is not set, whatever it is.
    assert Design(rocket, name="Aurora").svg() == rocket.svg()
    assert Design(rocket, name="  ", layout="beside").svg() == rocket.svg()


@pytest.mark.parametrize("layout", ["alone", "beside", "below"])
def test_the_ground_is_as_drawn_white_or_left_out(rocket, layout):
    colours = ("#fdf6e3", *rocket.palette[1:])
    drawn, white, clear = (
        Design(rocket, colours, ground, layout, "Aurora") for ground in ("drawn", "white", "transparent")
    )
    assert layers(drawn.svg())["background"] == "#fdf6e3"
    assert layers(white.svg())["background"] == "#ffffff"
    assert "background" not in layers(clear.svg())
    assert drawn.image(64).getpixel((0, 0)) == (0xFD, 0xF6, 0xE3)
    assert white.image(64).getpixel((0, 0)) == (255, 255, 255)
    assert clear.image(64).getpixel((0, 0))[3] == 0
    assert ("name" in layers(drawn.svg())) == (layout != "alone")


@pytest.mark.parametrize("size", SIZES)
def test_the_shorter_side_has_the_size_asked_for(rocket, size):
    assert Design(rocket).image(size).size == (size, size)
    width, height = Design(rocket, layout="beside", name="Aurora").image(size).size
    assert (height, width > height) == (size, True)


def test_a_very_wide_design_is_no_larger_than_can_be_used(rocket):
    width, height = Design(rocket, layout="beside", name="M" * 40).image(2048).size
    assert max(width, height) <= 8192


def test_a_name_takes_the_colour_that_was_chosen_for_it(rocket):
    assert layers(Design(rocket, layout="beside", name="Aurora", name_colour="#123456").svg())["name"] == "#123456"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ground": "red"}, "The ground must be"),
        ({"layout": "above"}, "The layout must be"),
        ({"colours": ("#ffffff",)}, "This logo has"),
        ({"colours": ("red", "green", "blue")}, "A colour must look like"),
        ({"name": "猫", "layout": "beside"}, "猫"),
        ({"name": "a" * 41, "layout": "beside"}, "at most 40"),
    ],
)
def test_a_choice_that_cannot_be_made_is_refused_in_one_sentence(rocket, changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        Design(rocket, **changes).svg()


def test_a_file_is_named_by_the_brand_or_the_prompt(gan, rocket):
    assert Design(rocket).filename("7", "1") == "orange-rocket-in-a-navy-circle-7-1"
    assert Design(rocket, layout="below", name="Fjord & Co").filename("7") == "fjord-co-7"
    assert Design(gan.generate("рыжий кот", 1, 1)[0]).filename() == "рыжий-кот"


def test_ready_palettes_fit_logos_with_and_without_a_container_and_with_second_tones(gan):
    seen = set()
    for seed in range(3):
        for prompt in ("orange rocket in a navy circle", "blue fish logo"):
            for logo in gan.generate(prompt, 4, seed):
                palettes = ready_palettes(logo)
                seen.add(tuple(logo.layers))
                assert list(palettes) == [key for key, *_ in PALETTES]
                assert all(logo.recolored(palette).palette == palette for palette in palettes.values())
                assert [palette[0] for palette in palettes.values()] == [ground for _, ground, *_ in PALETTES]
    assert len(seen) >= 3


def test_the_baseline_is_shown_and_saved_but_has_no_palettes_and_takes_no_name():
    logo = LogoGAN.from_pretrained("baseline-28").generate("red heart", 1, 1)[0]
    assert ready_palettes(logo) == {}
    assert Design(logo).image(512).size == (512, 512)
    assert "<image" in editor(Design(logo), say, "m")["html"]
    for refused in (Design(logo, ground="transparent"), Design(logo, layout="beside", name="Aurora")):
        with pytest.raises(ValueError, match="no layers"):
            refused.image(512)


def test_the_editor_has_a_picker_for_each_colour_and_one_for_the_name(rocket):
    alone = editor(Design(rocket), say, "m")
    pickers = re.findall(r'<input type="color" value="(#\w{6})" data-layer="([\w-]+)">', alone["html"])
    assert [colour for colour, _ in pickers] == rocket.palette == alone["colours"]
    assert [layer for _, layer in pickers] == rocket.layers
    assert set(re.findall(r'<g data-layer="([\w-]+)"', alone["html"])) == set(rocket.layers)
    assert alone["address"] == str(Proposal("orange rocket in a navy circle", 7, 1))
    assert alone["query"] == f"{alone['address']}&model=m"
    named = editor(Design(rocket, layout="below", name="Aurora"), say, "m")
    assert 'data-layer="name"' in named["html"]
    assert "with the name Aurora" in named["html"]
    assert " id=" not in named["html"]


def test_words_and_names_are_no_markup_in_the_editor(gan):
    logo = gan.generate("<script>alert(1)</script> \"cat\" <img src=x onerror='a'>", 1, 1)[0]
    html = editor(Design(logo, layout="beside", name="<b>\"x'"), say, "m")["html"]
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>" not in html


def test_a_visit_keeps_changed_colours_and_forgets_what_left_the_history(gan):
    visit, sheet = Visit(), gan.generate("red heart", 4, 3)
    visit.show(sheet, 0, 3, "m")
    changed = ["#000000", *sheet[0].palette[1:]]
    edited = {"address": str(sheet[0].address), "colours": changed, "name_colour": None}
    visit.keep(edited)
    assert visit.changed == {sheet[0].address: (tuple(changed), None)}
    visit.keep({**edited, "colours": sheet[0].palette})
    assert visit.changed == {}
    hostile = [{**edited, "colours": colours} for colours in (["red"], "#000000", [1], None, ["<svg>"] * len(changed))]
    for strange in (None, "x", {}, {**edited, "address": "another"}, *hostile):
        visit.keep(strange)
        assert visit.changed == {}
    visit.keep(edited)
    visit.remember([Past(logo.address, "m", b"", "") for logo in sheet])
    visit.remember([Past(logo.address, "m", b"", "") for logo in sheet])
    assert len(visit.history) == 4
    visit.show(gan.generate("blue fish", 4, 1), 0, 1, "m")
    visit.remember([Past(Proposal("blue fish", seed, 1), "m", b"", "") for seed in range(60)])
    assert len(visit.history) == 40
    assert visit.changed == {}


def test_of_another_model_a_visit_carries_over_no_more_than_its_history(gan):
    visit, sheet = Visit(), gan.generate("red heart", 4, 3)
    visit.show(sheet, 0, 3, "one")
    visit.first = Past(sheet[0].address, "one", b"", "")
    visit.remember([visit.first])
    visit.keep({"address": str(sheet[0].address), "colours": ["#000000", *sheet[0].palette[1:]], "name_colour": None})
    visit.show(sheet, 1, 3, "one")
    assert visit.changed
    visit.show(sheet, 0, 3, "another")
    assert (visit.changed, visit.first, len(visit.history)) == ({}, None, 1)


def test_a_file_s_name_fits_every_file_system(gan):
    for prompt in ("𠀀" * 400, "рыжий кот " * 40, "a" * 500):
        logo = gan.generate(prompt, 1, 4294967295)[0]
        assert len(Design(logo).filename("4294967295", "1", "like", "4").encode()) < 200
