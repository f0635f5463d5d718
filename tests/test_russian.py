"""Prompts in Russian: read as the English words of the same, in every case and gender; names keep their spelling."""

import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from logo_gan import captions, judges, russian
from logo_gan.metrics import look
from logo_gan.pipeline import LogoGAN
from logo_gan.prompt import TextEncoder, WordTable, split_brand, tidy
from logo_gan.requests import Request, draw

WORDS = """
cat: кот кота коту котом кошка кошки кошек котёнка котята Котик; dog: собаку псом щенки собачек
owl: сова сову совой сов филина
bear: медведь медведем мишку; fish: рыбы рыбкой рыбок; bird: птица птичек воробья; horse: конь коня лошадью
rabbit: зайца кролики; butterfly: бабочек; dove: голубя голуби; elephant: слоны слонёнком; turtle: черепах черепахой
rocket: ракета ракеты ракету ракетой ракете ракетами; tree: дерево деревья деревьев; flower: цветок цветка цветы розу
leaf: листья листом листка; sun: солнца солнышком; moon: луной; star: звёзды звезде звёзд; fire: огня пламенем
house: дома домиком; castle: замок замка; key: ключи ключом; sofa: диван диваном; croissant: круассаном
heart: сердец сердцем; gear: шестерёнок; scissors: ножниц ножницами; crown: короной корону; anchor: якоря якорь
lion: лев льва львы львом; eagle: орёл орла орлами; fox: лиса лисы лисий; wolf: волки
red: красный красная красное красные красного красной красному; white: белая белое белому; green: зелёном зелёную
blue: синий синяя синего синюю; black: чёрная чёрными; orange: рыжего оранжевом; yellow: жёлтую жёлтых
grey: серое серой
teal: бирюзовая бирюзовом; gold: золотой золотого золотистая; pink: розовую; purple: фиолетовом; brown: коричневой
navy: тёмно-синий тёмно-синего тёмно-синюю; maroon: бордовый; lilac: сиреневую
circle: круг круге кругом кружок; hexagon: шестиугольник шестиугольнике шестиугольника; shield: щит щите щитом
diamond: ромбе ромба; square: квадрат квадрате; ring: кольцо кольце колец; badge: значке
bakery: пекарня пекарни пекарен; restaurant: ресторан рестораном; pharmacy: аптеку; gym: фитнес-клуб спортзале
playful: весёлый весёлая; modern: современный современное; outline: контурный контуром
"""
PHRASES = [
    ("белая сова на зелёном шестиугольнике", "white owl on a green hexagon"),
    ("рыжего кота в синем круге", "orange cat in a blue circle"),
    ("Ярко-красная ракета в скруглённом квадрате", "bright red rocket in a rounded square"),
    ("нарисуйте, пожалуйста, воздушный шар", "balloon"),
    ("божьей коровки", "bug"),
    ("я хочу логотип с изображением летучей мыши", "logo with a bat"),
    ("тёмно-зелёный щит, на нём золотой лев", "dark green shield, on it a gold lion"),
    ("буква К в красном круге", "letter K in a red circle"),
    ("буква «Ж»", "letter «Z»"),
    ("белая буква с короной", "white letter with a crown"),
    ("цифра 7, жёлтая", "digit 7, yellow"),
    ("чёрно-белый бумажный самолётик", "black and white paper plane"),
    ("золото на чёрном фоне", "gold on a black background"),
    ("эмблема для хоккейной команды, синий медведь", "emblem for a hockey team, blue bear"),
    ("шестиуголник с ракетой", "hexagon with a rocket"),
    ("orange rocket в синем circle", "orange rocket in a blue circle"),
    ("нужен логотип для юридической фирмы, весы", "logo for a law firm, scales"),
    ("БЕЛАЯ СОВА", "white owl"),
]
BRANDS = [
    ("логотип для Авроры, кофейня, тёплый коричневый", "Авроры", "logo, coffee shop, warm brown"),
    ("логотип для «Северное сияние», кофейня", "Северное сияние", "logo, coffee shop"),
    ("нарисуй логотип для кофейни Аврора", "Аврора", "logo for a coffee shop"),
    ("Кофейня «Белая Сова», чашка на зелёном круге", "Белая Сова", "coffee shop, coffee on a green circle"),
    ("логотип для Aurora, пекарня", "Aurora", "logo, bakery"),
    ("пекарня под названием хлебушек, колос", "хлебушек", "bakery, wheat"),
    ("лого юридической фирмы Иванов и Партнёры с весами", "Иванов и Партнёры", "logo law firm, with a scales"),
    ("логотип для Бирюсы", "Бирюсы", "letter B"),
    ("синий логотип для Жука", "Жука", "letter Z, blue logo"),
    ("логотип для хоббитов", None, "logo for хоббитов"),
    ("Белая Сова на Зелёном Шестиугольнике", None, "white owl on a green hexagon"),
]


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder.load()


@pytest.mark.parametrize(
    "line", WORDS.replace("\n", ";").strip(";").split(";"), ids=lambda line: line.split(":")[0].strip()
)
def test_a_word_means_the_same_in_every_case_and_gender(encoder, line):
    english, given = line.split(":")
    wanted, mask = encoder.sequence([english.strip()])
    for word in given.split():
        read, same = encoder.sequence([word])
        assert np.array_equal(mask, same) and np.array_equal(wanted, read), word


@pytest.mark.parametrize(("prompt", "english"), PHRASES)
def test_a_prompt_is_read_as_its_english(encoder, prompt, english):
    assert russian.translate(prompt) == english
    assert np.array_equal(encoder.sequence([prompt])[0], encoder.sequence([english])[0])


@pytest.mark.parametrize(("prompt", "brand", "rest"), BRANDS)
def test_a_name_keeps_its_spelling(prompt, brand, rest):
    assert split_brand(prompt) == (brand, rest)


def test_the_lexicon_knows_what_is_taught():
    english = set(russian.Lexicon.load().exact.values())
    for group in ("objects", "containers", "abstract", "moods"):
        assert set(captions.VOCABULARY[group]) <= english, group
    trades = set(captions.VOCABULARY["trades"])
    assert len(trades & english) > 0.95 * len(trades)


def test_all_the_lexicon_says_is_known():
    table = WordTable.load()
    said = {word for english in russian.Lexicon.load().exact.values() for word in english.strip("-").split()}
    assert [word for word in said for part in word.split("-") if part not in table.words] == []


def test_other_prompts_pass_untouched():
    start = time.thread_time()  # however busy the machine is
    for text in ("white owl on a green hexagon", "Café 東京", "Ünïcode", ""):
        assert russian.translate(text) is text
    assert time.thread_time() - start < 0.01
    assert russian.translate("Привіт, намалюй їжака ў") == "Привіт, намалюй їжака ў"


def test_any_mixture_of_signs_is_read(encoder):
    """Quotation marks without an end, lone letters, numbers, other alphabets: read without an error."""
    rng = random.Random(5)
    parts = [
        *"«»„“\"'—-,.!?&()ВКЯвксщъ7 ",
        "сова ",
        "Аврора ",
        "логотип ",
        "для ",
        "называется ",
        "буква ",
        "їжак ",
        "owl ",
        "東京 ",
        "АК ",
    ]
    for _ in range(200):
        text = "".join(rng.choices(parts, k=rng.randint(1, 14)))
        try:
            text = tidy(text)
        except ValueError:
            continue
        tokens, mask = encoder.sequence([text])
        assert mask.any() and np.isfinite(tokens).all(), text
        encoder.reading(text)


def test_the_logos_show_what_was_asked_in_russian():
    """As `metrics` judges: the mark, its colour, the container and its colour."""
    asked = [
        Request("binding", "белая сова на зелёном шестиугольнике", "owl", "white", "hexagon", "green"),
        Request("binding", "нарисуй, пожалуйста, жёлтого слона в синем круге", "elephant", "yellow", "circle", "blue"),
        Request("binding", "тёмно-синий ромб, а в нём розовый пингвин", "penguin", "pink", "diamond", "navy"),
        Request("container", "мы хотим змею внутри щита", "snake", None, "shield"),
        Request("container", "скруглённый квадрат с гитарой", "guitar", None, "rounded square"),
        Request("colour", "нужен логотип с красной ракетой", "rocket", "red"),
        Request("colour", "ярко-оранжевый дракон", "dragon", "orange"),
        Request("colour", "для пекарни «Колос»: коричневый круассан", "croissant", "brown"),
        Request("colour", "фиолетовый якорь", "anchor", "purple"),
        Request("colour", "логотип с чёрными ножницами", "scissors", "black"),
        Request("colour", "бирюзовая бабочка", "butterfly", "teal"),
        Request("colour", "буква К, коричневая", "K", "brown"),
    ]
    shown = look(draw(LogoGAN.from_pretrained(), asked))
    pairs = [(request, seen) for request, row in zip(asked, shown, strict=True) for seen in row]
    assert np.mean([s.mark == r.mark for r, s in pairs]) > 0.9
    assert np.mean([s.container == r.container for r, s in pairs if r.container]) > 0.9
    assert np.mean([r.colour in s.colours.dominant for r, s in pairs if r.kind == "colour"]) > 0.9
    bound = [
        r.colour in s.colours.mark and r.container_colour in s.colours.container for r, s in pairs if r.container_colour
    ]
    assert np.mean(bound) > 0.8
    assert {r.mark for r in asked} <= set(judges.load().marks)


def test_threads_stem_alike():
    words = 5 * WORDS.lower().replace(",", " ").replace(";", " ").split()
    russian.stem.cache_clear()
    alone = [*map(russian.stem, words)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            for _ in range(3):
                russian.stem.cache_clear()
                found = threads.map(lambda _: [*map(russian.stem.__wrapped__, words)], range(4))
                assert all(each == alone for each in found)
    finally:
        sys.setswitchinterval(interval)
