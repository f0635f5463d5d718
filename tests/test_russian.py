"""Prompts in Russian: put into English, in every case and gender; names keep their spelling."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from logo_gan.text import colours, russian, vocabulary

WORDS = """
cat: кот кота коту котом кошка кошки кошек Котик
kitten: котёнка котята; dog: собаку псом собачек
puppy: щенки щенят
owl: сова сову совой сов филина
bear: медведь медведем мишку; fish: рыбы рыбкой рыбок; bird: птица птичек
sparrow: воробья; horse: конь коня лошадью
rabbit: кролики; hare: зайца; butterfly: бабочек; dove: голубя голуби; elephant: слоны слонёнком
turtle: черепах черепахой
rocket: ракета ракеты ракету ракетой ракете ракетами; tree: дерево деревья деревьев; flower: цветок цветка цветы
rose: розу
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
    ("божьей коровки", "ladybug"),
    ("три звезды, не красные", "three star, not red"),
    ("я хочу логотип с изображением летучей мыши", "logo with a bat"),
    ("тёмно-зелёный щит, на нём золотой лев", "dark green shield, on it a gold lion"),
    ("буква К в красном круге", "letter К in a red circle"),
    ("буква «Ж»", "letter «Ж»"),
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


@pytest.mark.parametrize(
    "line", WORDS.replace("\n", ";").strip(";").split(";"), ids=lambda line: line.split(":")[0].strip()
)
def test_a_word_means_the_same_in_every_case_and_gender(line):
    english, given = line.split(":")
    for word in given.split():
        assert russian.translate(word) == english.strip(), word


@pytest.mark.parametrize(("prompt", "english"), PHRASES)
def test_a_prompt_is_put_into_english(prompt, english):
    assert russian.translate(prompt) == english


def test_the_lexicon_says_what_briefs_are_read_by():
    english = set(russian.Lexicon.load().exact.values())
    containers = set(vocabulary.table("containers").entries.values())
    assert set(colours.BASIC) | containers | {"without", "no", "two", "three"} <= english
    trades = {
        vocabulary.trades().entries[vocabulary.key(e)]
        for e in english
        if vocabulary.key(e) in vocabulary.trades().entries
    }
    assert len(trades) > 100


def test_other_prompts_pass_untouched():
    start = time.thread_time()  # however busy the machine is
    for text in ("white owl on a green hexagon", "Café 東京", "Ünïcode", ""):
        assert russian.translate(text) is text
    assert time.thread_time() - start < 0.01
    assert russian.translate("Привіт, намалюй їжака ў") == "Привіт, намалюй їжака ў"


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


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("без круга без текста, лиса", "without circle without text, fox"),
        ("лиса не красная не синяя", "fox not red not blue"),
        ("колосок пшеницы золотого цвета", "gold wheat"),
        ("волк не хороший", "wolf not"),
        ("якорь не рисовать", "without anchor"),
        ("название: Аврора. Кофейня, лиса", "called: «Аврора». Coffee shop, fox"),
        ("название: Аврора логотип с лисой", "called: «Аврора», logo with a fox"),
    ],
)
def test_refusals_stay_refusals_and_labelled_names_end(text, english):
    assert russian.translate(text).lower() == english.lower()
