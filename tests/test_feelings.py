"""What a brief says of how a logo should feel shows: in its palettes, its containers, the typeface of its name."""

import numpy as np
import pytest

from logo_gan import LogoGAN
from logo_gan.logo import containers, feelings
from logo_gan.logo.composition import plan
from logo_gan.logo.schemes import SCHEMES
from logo_gan.logo.typefaces import FONTS
from logo_gan.text.colours import distance

SEEDS = range(12)


@pytest.fixture(scope="module")
def gan():
    return LogoGAN.from_pretrained()


@pytest.mark.parametrize("name", feelings.FEELINGS)
def test_a_feeling_names_what_there_is_and_its_words_are_read(gan, name):
    feeling = feelings.FEELINGS[name]
    assert any(set(feeling.moods) & set(scheme.moods) for scheme in SCHEMES)
    assert set(feeling.containers) <= {*containers.NAMES, "none"}
    assert feeling.font in FONTS
    unread = [word for word in sorted(feeling.words) if feeling not in feelings.of(gan.read(f"owl, {word}").style)]
    assert set(unread) <= {"corporate"}  # which is taken for a trade


@pytest.mark.parametrize("name", feelings.FEELINGS)
def test_palettes_and_containers_follow_a_feeling(gan, name):
    feeling = feelings.FEELINGS[name]
    word = name if name in feeling.words else sorted(feeling.words)[0]
    plans = [each for seed in SEEDS for each in plan(gan.read(f"owl, {word}"), 4, seed)]
    plain = [each for seed in SEEDS for each in plan(gan.read("owl"), 4, seed)]
    fitting = {(s.deep, s.light, s.bright, s.tint) for s in SCHEMES if set(s.moods) & set(feeling.moods)}
    colours = [colour for scheme in fitting for colour in (*scheme, "#ffffff")]

    def fits(each) -> bool:
        return all(min(distance(colour, other) for other in colours) < 0.06 for colour in each.colours.values())

    def held(some) -> float:
        """Of the proposals in a container, how many have a fitting one."""
        chosen = [each.container for each in some if each.container != "none"]
        return sum(container in feeling.containers for container in chosen) / len(chosen)

    assert sum(map(fits, plans)) > 0.75 * len(plans)
    assert sum(map(fits, plans)) > sum(map(fits, plain))
    assert held(plans) > 0.7 and held(plans) > held(plain)


def test_what_is_named_stays_whatever_the_feeling(gan):
    for each in plan(gan.read("red owl in a navy hexagon, calm"), 4, 3):
        assert (each.container, each.colours["mark"], each.colours["container"]) == ("hexagon", "#e50000", "#0a1f66")


@pytest.mark.parametrize(
    ("style", "font"),
    [
        (("calm",), "nunito"), (("old school",), "podkova"), (("flat", "high-end"), "manrope"),
        (("odd",), "montserrat"), ((), "montserrat"),
    ],
)  # fmt: skip
def test_the_first_feeling_chooses_the_typeface(style, font):
    assert feelings.font(style) == font


def test_light_and_heavy_feelings_choose_light_and_heavy_drawings(gan):
    def heavy(prompt: str) -> float:
        logos = [logo for seed in range(3) for logo in gan.generate(prompt, 4, seed, invention=0)]
        shapes = [layer.shape.framed() for logo in logos for layer in logo.layers if layer.role == "mark"]
        return float(np.mean([shape.area / shape.length for shape in shapes]))

    for thing in ("owl", "key", "house"):
        assert heavy(f"{thing}, bold") > 1.15 * heavy(f"{thing}, luxury")
