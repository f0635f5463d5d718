"""Labels in a prompt: written, read back, exact where the words around them say something else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logo_gan import LogoGAN
from logo_gan.text import labels

PROMPT = "orange rocket in a navy circle"


@pytest.fixture(scope="module")
def gan():
    return LogoGAN.from_pretrained()


@pytest.mark.parametrize(
    ("said", "part", "value"),
    [
        ("[thing: penguin]", "things", ("penguin",)),
        ("[second thing: star]", "things", ("rocket", "star")),
        ("[предмет: пингвин]", "things", ("penguin",)),
        ("[container: hexagon]", "container", "hexagon"),
        ("[container: none]", "container", "none"),
        ("[container: any]", "container", None),
        ("[подложка: шестиугольник]", "container", "hexagon"),
        ("[count: 3]", "count", 3),
        ("[letters: ab]", "letters", "AB"),
        ("[name: Moss & Co]", "brand", "Moss & Co"),
        ("[NAME:Moss]", "brand", "Moss"),
        ("[slogan: Up, up and away]", "slogan", "Up, up and away"),
        ("[trade: law firm]", "trade", "law firm"),
        ("[trade: a small dental clinic]", "trade", "dentist"),
        ("[style: calm, vintage]", "style", ("calm", "vintage")),
        ("[avoid: green]", "avoid", ("green",)),
    ],
)
def test_a_label_is_read_whatever_the_words_say(gan, said, part, value):
    brief, plain = gan.read(f"{PROMPT} {said}"), gan.read(PROMPT)
    assert getattr(brief, part) == value
    assert brief.not_understood == ()
    others = {name: told for name, told in plain.as_dict().items() if name not in (part, "colours")}
    assert others.items() <= brief.as_dict().items()


@pytest.mark.parametrize(
    ("said", "colours"),
    [
        ("[mark colour: #12ab34]", {"mark": "#12ab34", "container": "#0a1f66"}),
        ("[mark color: teal]", {"mark": "#029386", "container": "#0a1f66"}),
        ("[цвет знака: красный]", {"mark": "#e50000", "container": "#0a1f66"}),
        ("[container colour: any]", {"mark": "#f97306", "container": None}),
        ("[background: white]", {"mark": "#f97306", "container": "#0a1f66", "ground": "#ffffff"}),
        ("[container: none]", {"mark": "#f97306", "container": None}),
    ],
)
def test_a_label_gives_a_part_its_colour(gan, said, colours):
    assert gan.read(f"{PROMPT} {said}").colours == dict.fromkeys(("mark", "container", "ground", "accent")) | colours


@pytest.mark.parametrize(
    ("prompt", "things", "brand"),
    [
        ("[name: Hartley & Moss] [trade: law firm]", ("scales of justice",), "Hartley & Moss"),
        ("[name: Bloom] [trade: флорист]", ("flower",), "Bloom"),
        ("[thing: puffin]", ("bird",), None),
        ("blue fish and an anchor [second thing: none]", ("fish",), None),
        ("a law firm [thing: owl]", ("owl",), None),
    ],
)
def test_labels_alone_are_a_brief(gan, prompt, things, brand):
    brief = gan.read(prompt)
    assert (brief.things, brief.brand) == (things, brand)
    assert gan.generate(prompt, 1, 7)[0].marks[0].sources


def test_somebodys_own_brackets_are_no_labels(gan):
    assert labels.split("fox [foo: bar] [thing:] [a]") == ("fox [foo: bar] [thing:] [a]", {})
    assert gan.read("fox [draft: 2], blue").things == ("fox",)


def test_a_label_changes_what_it_names_and_nothing_else(gan):
    before, after = (gan.generate(f"blue fish{said}", 4, 7) for said in ("", " [container: hexagon]"))
    assert {logo.container for logo in after} == {"hexagon"} != {logo.container for logo in before}
    sources = [[mark.sources for mark in logo.marks] for logo in before]
    assert sources == [[mark.sources for mark in logo.marks] for logo in after]
    assert after[0].caption == "blue fish"
    again = gan.at(str(after[2].address))
    assert np.array_equal(again.image(128), after[2].image(128))


@given(
    st.text(st.characters(exclude_categories=["C"]), max_size=40),
    st.dictionaries(st.sampled_from([*labels.NAMES]), st.text(max_size=30), max_size=4),
    st.sampled_from(["en", "ru"]),
)
def test_what_is_put_into_a_prompt_is_found_in_it(words, said, language):
    words, prompt = labels.split(words)[0], words
    for kind, value in said.items():
        prompt = labels.put(prompt, kind, value, language)
    kept, found = labels.split(prompt)
    assert " ".join(kept.split()) == " ".join(words.split())
    assert set(found) <= set(said)
    for kind, value in found.items():
        assert value in ("нет", "любая") or set(value) - {" "} <= set(said[kind])
    for kind in said:
        prompt = labels.put(prompt, kind, None, language)
    assert labels.split(prompt)[1] == {}
