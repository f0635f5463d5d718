"""A logo as its visitor finishes it: colours, ground, a name with it, what its file is called."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from drawings import DRAWINGS

from logo_gan.logo import containers
from logo_gan.logo.design import Layer, Logo
from logo_gan.logo.finish import PALETTES, SIZES, Finished, ready_palettes
from logo_gan.logo.pixels import PixelLogo
from logo_gan.text.colours import contrast

SVG = "{http://www.w3.org/2000/svg}"
CAPTION = "orange star in a navy circle"


def star(container: str = "circle", caption: str = CAPTION, **more) -> Logo:
    outline = DRAWINGS["star"]
    layers = [] if container == "none" else [Layer("container", "#102a43", containers.shape(container))]
    layers.append(Layer("mark", "#f97306", outline.moved(*containers.room(container).place(outline))))
    layers += [Layer(role, colour, containers.shape("circle", 0.1)) for role, colour in more.items()]
    return Logo("#fdf6e3", layers, caption, container=container)


def layers(svg: str) -> dict[str, str]:
    """Group → fill of an SVG document."""
    return {group.get("id"): group.get("fill") for group in ET.fromstring(svg).iter(f"{SVG}g")}


def test_without_changes_it_is_the_logo():
    logo = star()
    assert Finished(logo).svg() == logo.svg()
    assert np.array_equal(Finished(logo).image(512), logo.image(512))
    # The name of a design that stands alone is not set, whatever it is.
    assert Finished(logo, name="Aurora").svg() == logo.svg()
    assert Finished(logo, name="  ", layout="beside").svg() == logo.svg()


def test_colours_that_were_given_are_taken_and_others_kept():
    shown = layers(Finished(star(), {"mark": "#ff0000"}).svg())
    assert shown == {"ground": "#fdf6e3", "container": "#102a43", "mark": "#ff0000"}


@pytest.mark.parametrize("layout", ["alone", "beside", "below"])
def test_the_ground_is_as_drawn_white_or_left_out(layout):
    drawn, white, clear = (
        Finished(star(), {}, ground, layout, "Aurora") for ground in ("drawn", "white", "transparent")
    )
    assert layers(drawn.svg())["ground"] == "#fdf6e3"
    assert layers(white.svg())["ground"] == "#ffffff"
    assert "ground" not in layers(clear.svg())
    assert drawn.image(64).getpixel((0, 0)) == (0xFD, 0xF6, 0xE3)
    assert white.image(64).getpixel((0, 0)) == (255, 255, 255)
    assert clear.image(64).getpixel((0, 0))[3] == 0
    assert ("name" in layers(drawn.svg())) == (layout != "alone")


@pytest.mark.parametrize("size", SIZES)
def test_the_shorter_side_has_the_size_asked_for(size):
    assert Finished(star()).image(size).size == (size, size)
    width, height = Finished(star(), layout="beside", name="Aurora").image(size).size
    assert (height, width > height) == (size, True)


def test_a_very_wide_one_is_no_larger_than_can_be_used():
    width, height = Finished(star(), layout="beside", name="M" * 40).image(2048).size
    assert max(width, height) <= 8192


def test_a_name_takes_the_colour_that_was_chosen_for_it():
    assert layers(Finished(star(), layout="beside", name="Aurora", name_colour="#123456").svg())["name"] == "#123456"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ground": "red"}, "The ground must be"),
        ({"layout": "above"}, "The layout must be"),
        ({"colours": {"second": "#ffffff"}}, "This logo has no second"),
        ({"colours": {"mark": "red"}}, "A colour must look like"),
        ({"name": "猫", "layout": "beside"}, "猫"),
        ({"name": "a" * 41, "layout": "beside"}, "at most 40"),
    ],
)
def test_a_choice_that_cannot_be_made_is_refused_in_one_sentence(changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        Finished(star(), **changes).svg()


def test_a_file_is_named_by_the_brand_or_the_prompt():
    assert Finished(star()).filename("7", "1") == "orange-star-in-a-navy-circle-7-1"
    assert Finished(star(), layout="below", name="Fjord & Co").filename("7") == "fjord-co-7"
    assert Finished(star(caption="рыжий кот")).filename() == "рыжий-кот"
    assert Finished(star(caption="…")).filename() == "logo"


def test_a_file_s_name_fits_every_file_system():
    for caption in ("𠀀" * 400, "рыжий кот " * 40, "a" * 500):
        assert len(Finished(star(caption=caption)).filename("4294967295", "1", "like", "4").encode()) < 200


@pytest.mark.parametrize("container", ["none", "circle", "ring"])
def test_ready_palettes_fit_every_logo(container):
    logo = star(container, second="#0b5bdf", accent="#111111")
    palettes = ready_palettes(logo)
    assert list(palettes) == [key for key, *_ in PALETTES]
    for colours in palettes.values():
        assert logo.recolored(**colours).palette == colours
        on_it = colours["container"] if container == "circle" else colours["ground"]
        assert colours["mark"] != on_it


@pytest.mark.parametrize("order", [("mark", "second"), ("second", "mark")])
def test_ready_palettes_tell_two_marks_apart_that_lie_upon_each_other(order):
    outer, inner = DRAWINGS["disc"].moved(800, 112, 112), DRAWINGS["star"].moved(300, 362, 362)
    logo = Logo("#ffffff", [Layer(order[0], "#6b3a14", outer), Layer(order[1], "#fff3d6", inner)])
    for colours in ready_palettes(logo).values():
        assert contrast(colours["mark"], colours["second"]) > 2
        assert contrast(colours[order[0]], colours["ground"]) > 2


def test_pixels_are_shown_and_saved_but_have_no_palettes_and_take_no_name():
    logo = PixelLogo(np.zeros((28, 28, 3), np.uint8), "red heart")
    assert ready_palettes(logo) == {}
    assert Finished(logo).image(512).size == (512, 512)
    assert "<image" in Finished(logo).svg()
    for refused in (Finished(logo, ground="transparent"), Finished(logo, layout="beside", name="Aurora")):
        with pytest.raises(ValueError, match="no layers"):
            refused.image(512)
