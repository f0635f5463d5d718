"""What a prompt is drawn from, as its writer is told it, and which of its words say nothing."""

import time

import pytest

from logo_gan.prompt import TextEncoder

# Prompt; drawn from (word, or word = what it is read as); not understood; brand.
READINGS = [
    ("orange rocket in a navy circle", "orange, rocket, navy, circle", "", None),
    ("logo for Aurora, coffee shop, warm brown", "coffee shop, warm brown", "", "Aurora"),
    ("logo for Aurora", "Aurora = letter A", "", "Aurora"),
    ("lion logo for my gym", "lion = cat, gym", "", None),
    ("a lion with a crown", "crown", "lion", None),
    ("please make me a beautiful logo", "", "", None),
    ("a rokcet and an elefant", "rokcet = rocket, elefant = elephant", "", None),
    ("coffeeshop, navyblue", "coffeeshop = coffee shop, navyblue = navy blue", "", None),
    ("a cute kitten playing with yarn, so cute", "kitten = cat", "cute, playing, yarn", None),
    ("rounded square app icon with a paper plane", "rounded square, app icon, paper plane", "", None),
    ("letter B in a red shield", "letter B, red, shield", "", None),
    ("number 7, gold on black", "number 7, gold, black", "", None),
    ("a white K in a circle", "white, K = letter K, circle", "", None),
    ("two owls and three cats", "owls, cats", "", None),
    ("barber shop", "barber", "", None),
    ("my idea: a shop", "idea = lightbulb, shop = store", "", None),
    ("xqzptv, blue fish, quantum Halden", "blue, fish", "xqzptv, quantum, Halden", None),
    (
        "blue fish, successful vibe, minimalist, thought-provoking, sharp, vector art, even edges",
        "blue, fish",
        "",
        None,
    ),
    ("белая сова на зелёном щите", "белая = white, сова = owl, зелёном = green, щите = shield", "", None),
    ("ракета в тёмно-синем круге", "ракета = rocket, тёмно-синем = navy, круге = circle", "", None),
    ("нарисуй логотип для кофейни Аврора", "кофейни = coffee shop", "", "Аврора"),
    ("логотип для «Северное сияние», волк", "волк = dog", "", "Северное сияние"),
    ("буква К, квантовый хоббит", "буква К = letter K", "квантовый, хоббит", None),
    ("логотип для Бирюсы", "Бирюсы = letter B", "", "Бирюсы"),
]


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder.load()


@pytest.mark.parametrize(("prompt", "drawn_from", "not_understood", "brand"), READINGS)
def test_a_visitor_is_told_what_is_drawn(encoder, prompt, drawn_from, not_understood, brand):
    pairs = [part.partition(" = ") for part in drawn_from.split(", ") if part]
    reading = encoder.reading(prompt)
    assert reading.drawn_from == tuple((written, meant or written) for written, _, meant in pairs)
    assert reading.not_understood == tuple(part for part in not_understood.split(", ") if part)
    assert reading.brand == brand


def test_words_beyond_those_the_generator_reads_are_not_said_to_be_drawn(encoder):
    assert encoder.reading("the " * 24 + "owl").drawn_from == ()
    assert encoder.reading("owl " + "the " * 24).drawn_from == (("owl", "owl"),)


def test_it_takes_a_moment(encoder):
    prompts = [prompt for prompt, *_ in READINGS]
    for prompt in prompts:
        encoder.reading(prompt)
    start = time.thread_time()
    for prompt in prompts:
        encoder.reading(prompt)
    assert (time.thread_time() - start) / len(prompts) < 0.02
