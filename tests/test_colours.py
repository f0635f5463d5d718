"""Colour names, their modifiers and codes, and what is computed with colours."""

import numpy as np
import pytest

from logo_gan.text import colours


def test_names_have_values():
    assert len(colours.names()) > 800
    assert all(colours.checked(value) == value for value in colours.names().values())
    assert colours.names()["rebecca purple" if "rebecca purple" in colours.names() else "navy"]


@pytest.mark.parametrize(
    ("said", "found"),
    [("navy circle", (1, "navy")), ("forest green leaf", (2, "forest green")), ("rose gold", (2, "rose gold")),
     ("dark olive green x", (3, "dark olive green")), ("pale turquoise", (2, "pale turquoise"))],
)  # fmt: skip
def test_the_longest_name_counts(said, found):
    assert colours.named(said.split())[:2] == found


def test_codes_and_what_is_no_colour():
    assert colours.named(["#ff8800"]) == (1, "#ff8800", "#ff8800")
    assert colours.named(["#f80", "fox"]) == (1, "#f80", "#ff8800")
    assert colours.named([]) is None and colours.named(["fox"]) is None and colours.named(["dark"]) is None


@pytest.mark.parametrize("name", ["teal", "coral", "burgundy", "ochre"])
def test_modifiers_move_lightness(name):
    plain = colours.lab_of(colours.names()[name])[0]
    dark, light = (colours.lab_of(colours.named([word, name])[2])[0] for word in ("dark", "pale"))
    assert dark < plain < light


def test_distance_and_contrast():
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.distance("#123456", "#123456") == 0 < colours.distance("#123456", "#133456") < 0.01
    assert colours.readable("#ffffff", "#0a1f66") and not colours.readable("#ffffff", "#fddc22")
    values = np.array([[0, 0, 0], [255, 255, 255], [12, 200, 99]])
    assert np.abs(colours.srgb(colours.oklab(values)) - values).max() <= 1


@pytest.mark.parametrize("bad", ["red", "#12345", "#1234567", None, 7, "#gggggg"])
def test_a_bad_colour_is_refused(bad):
    with pytest.raises(ValueError, match="#rrggbb"):
        colours.checked(bad)
