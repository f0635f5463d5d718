"""Labels in a prompt: written, read back, exact where the words around them say something else."""

import re
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logo_gan import LogoGAN
from logo_gan.logo import containers
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


def test_a_label_changes_what_it_names_and_keeps_the_drawings(gan):
    before, after = (gan.generate(f"blue fish{said}", 4, 7) for said in ("", " [container: hexagon]"))
    assert {logo.container for logo in after} == {"hexagon"} != {logo.container for logo in before}
    sources = [[mark.sources for mark in logo.marks] for logo in before]
    assert sources == [[mark.sources for mark in logo.marks] for logo in after]
    assert after[0].caption == "blue fish"
    again = gan.at(str(after[2].address))
    assert np.array_equal(again.image(128), after[2].image(128))


@pytest.mark.parametrize("kind", ["container", "style", "avoid", "thing", "count", "mark colour"])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_choice_of_the_page_is_read_as_itself(gan, kind, language):
    choices = {
        "container": [*containers.NAMES, labels.NONE, labels.ANY], "style": ["calm", "old-school, bold"],
        "avoid": ["green", "text"], "thing": ["penguin", "angel wings", "wolf head"], "count": ["2", "12"],
        "mark colour": ["#12ab34"],
    }  # fmt: skip
    for value in choices[kind]:
        brief = gan.read(labels.put(PROMPT, kind, value, language))
        read = {
            "container": brief.container or labels.ANY,
            "style": ", ".join(brief.style),
            "avoid": ", ".join(brief.avoid),
            "thing": brief.things[0],
            "count": str(brief.count),
            "mark colour": brief.colours["mark"],
        }
        assert read[kind] == value and brief.not_understood == ()


@pytest.mark.parametrize(
    ("prompt", "things", "count", "left"),
    [
        ("law firm [count: 3]", ("scales of justice",), 3, ()),
        ("law firm [second thing: star]", ("scales of justice", "star"), None, ()),
        ("[trade: law firm] [thing: owl] [count: two]", ("owl",), 2, ()),
        ("fox [thing: 🦊 and moon]", ("fox", "moon"), None, ()),
        ("fox and owl [avoid: owl]", ("fox",), None, ()),
        ("fox [count: 13]", ("fox",), None, ("13",)),
        ("fox [container: triangle]", ("fox",), None, ("triangle",)),
        ("fox [mark colour: xqzptv]", ("fox",), None, ("xqzptv",)),
        ("wolf [thing: love howl]", ("love howl",), None, ()),
    ],
)
def test_what_labels_say_of_things_and_what_they_fail_to(gan, prompt, things, count, left):
    brief = gan.read(prompt)
    assert (brief.things, brief.count, brief.not_understood) == (things, count, left)


def test_labels_leave_a_container_open_with_its_colour_and_refuse_a_colour(gan):
    assert gan.read("fox in a red circle [container: any]").colours["container"] is None
    assert gan.read("red fox [avoid: red]").colours["mark"] is None
    assert gan.read("owl [avoid: circle]").container == "none"


def test_names_are_held_to_the_letter(gan):
    assert gan.read("fox [name: None]").brand == "None"
    assert gan.read("fox, Aurora bakery [name: none]").brand is None
    assert gan.read("лиса [название: Круг]").brand == "Круг"


def test_a_label_without_an_end_costs_nothing():
    started = time.perf_counter()
    for text in ("[a:" + " " * 4000, "[" * 4000, " [" * 2000, "[name:" * 800):
        labels.put(labels.split(text)[0], "thing", "x")
    assert time.perf_counter() - started < 0.5


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
    plain = {kind: " ".join(re.sub(r"[\[\]]", " ", value).split()) for kind, value in said.items()}
    known = {**labels.IN_RUSSIAN} if language == "ru" else {}
    wanted = {
        kind: known.get(value, value) if value == labels.NONE or kind in labels.OPEN else value
        for kind, value in plain.items()
        if value
    }
    assert found == wanted
    for kind in said:
        prompt = labels.put(prompt, kind, None, language)
    assert labels.split(prompt)[1] == {}
