"""Prompts in further languages: the nouns that emoji have are known, no name of an English prompt is taken for one."""

import json

import pytest

from logo_gan.marks.memory import Memory
from logo_gan.model.choice import Drawable
from logo_gan.text import nouns
from logo_gan.text.brief import read
from logo_gan.text.encoder import SentenceEncoder
from logo_gan.text.prompt import tidy
from logo_gan.text.tagger import Tagger


@pytest.fixture(scope="module")
def understood():
    things = Drawable(Memory.load(), SentenceEncoder.load())
    return lambda prompt: read(tidy(prompt), things, Tagger.load())


@pytest.mark.parametrize(
    ("prompt", "things"),
    [
        ("Ein roter Fuchs im Kreis", ["fox"]), ("eine Eule mit Buch", ["owl", "book"]),
        ("renard roux dans un cercle", ["fox"]), ("Un zorro naranja con una llave", ["fox", "key"]),
        ("logo para padaria, um pão", ["bread"]), ("en räv och en nyckel", ["fox", "key"]),
        ("een vos en een boek", ["fox", "book"]), ("logo dla kawiarni, kot", ["cat"]),
        ("лисиця і ключ", ["fox", "key"]), ("キツネのロゴ", ["fox"]), ("狐狸标志", ["fox"]), ("여우 로고", ["fox"]),
        ("लोमड़ी और चाबी", ["fox", "key"]),
    ],
)  # fmt: skip
def test_nouns_of_further_languages_are_known(understood, prompt, things):
    assert list(understood(prompt).things) == things


def test_what_is_not_known_is_said(understood):
    assert understood("Ein roter Fuchs im Kreis").not_understood == ("Ein", "roter", "im", "Kreis")


@pytest.mark.parametrize(
    "prompt",
    [
        "Fuchs & Partner law firm, a gavel", "Volpe Sons, a gavel", "Café Bonjour, a coffee cup, brown", "blue fish",
        "Pizzeria Due Fratelli, pizza slice", "letter K, teal", "Zorro Fitness, kettlebell", "Die Hard gym, dumbbell",
    ],
)  # fmt: skip
def test_an_english_prompt_stays_as_it_is(prompt):
    things = Drawable(Memory.load(), SentenceEncoder.load())
    assert nouns.translate(prompt, lambda w: things.is_word(w) or things.exact(w)) == (prompt, [])


def test_every_language_has_its_thousand_nouns():
    stored = json.loads(nouns.FILE.read_text(encoding="utf-8"))
    assert set(stored) == set(nouns.LANGUAGES) and len(stored) >= 20
    assert min(len(each["nouns"]) for each in stored.values()) > 1_000
