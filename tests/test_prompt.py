"""Prompts: tidied or refused, brand names set aside, words looked up, typing errors put right."""

import json
import random
import subprocess
import sys
import time

import numpy as np
import pytest
from conftest import ROOT

from logo_gan import captions, colours, compose
from logo_gan.prompt import PromptError, TextEncoder, WordTable, split_brand, tidy, words
from logo_gan.spelling import edits

COLOURS = tuple(colours.BASIC)


@pytest.fixture(scope="module")
def table() -> WordTable:
    return WordTable.load()


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder.load()


@pytest.fixture(scope="module")
def likeness(table):
    """Cosine of two known words."""
    return lambda a, b: float(table.vectors[table.words[a]] @ table.vectors[table.words[b]]) / 300


# Tidying and refusals


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  orange\t rocket\r\n in  a circle ", "orange rocket in a circle"),
        ("cafe\u0301 owl", "café owl"),
        ("red\x00 fi\x07sh\ud800\ufeff\u202e", "red fish"),
        ("東京 カフェ", "東京 カフェ"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("7", "7"),
        ("a" * 500, "a" * 500),
        (" " * 300 + "owl" + " " * 300, "owl"),
    ],
)
def test_tidy(raw, clean):
    assert tidy(raw) == clean
    assert tidy(clean) == clean
    clean.encode()


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("", "empty"),
        (None, "empty"),
        (" \n\t\u2003", "empty"),
        ("\x00\ud800\u200d", "empty"),
        ("?!… — 🚀", "no word"),
        ("___", "no word"),
        ("a" * 501, "501 characters"),
        ("word " * 101 + "x" * 20, "525 characters"),
        (["owl"], "must be a text"),
    ],
)
def test_refusals_are_one_plain_sentence(bad, reason):
    with pytest.raises(PromptError, match=reason) as caught:
        tidy(bad)
    sentence = str(caught.value)
    assert sentence.endswith(".") and "\n" not in sentence and sentence.count(". ") == 0


def test_a_huge_prompt_is_refused_at_once():
    huge = "a\u0301 " * 10_000_000
    start = time.thread_time()
    with pytest.raises(PromptError):
        tidy(huge)
    assert time.thread_time() - start < 0.1


# Brand names


@pytest.mark.parametrize(
    ("prompt", "brand", "rest"),
    [
        ("Simple elegant logo for Valwood Park, Lines V, Park", "Valwood Park", "logo, Lines V, Park"),
        ("simple elegant logo for a coffee shop, bean", "a coffee shop", "logo, bean"),
        ("logo for Aurora, coffee shop, warm brown", "Aurora", "logo, coffee shop, warm brown"),
        ("blue fish logo for Aurora", "Aurora", "blue fish logo"),
        ("logo for The Coffee House with a cup", "The Coffee House", "logo with a cup"),
        ("logo for my bakery Sunrise", "Sunrise", "logo for my bakery"),
        ("logo for Ben's bakery", "Ben's", "logo for bakery"),
        ("a bakery called Crumbs please draw a loaf", "Crumbs", "a bakery please draw a loaf"),
        ("a company named Halden - a red fox", "Halden", "a company - a red fox"),
        ("our cafe is called Bean and a cat should be on it", "Bean", "our cafe is a cat should be on it"),
        ("our company is called Stone and Sons, a hammer", "Stone and Sons", "our company is, a hammer"),
        ("a bakery called Sunrise, brown", "Sunrise", "a bakery, brown"),
        ('logo for "blue moon", an owl', "blue moon", "logo, an owl"),
        ('logo for my band "Midnight Riders", a guitar', "Midnight Riders", "logo for my band, a guitar"),
        ("logo for zqwyx, shoes", "zqwyx", "logo, shoes"),
        ("logo for Aurora in red with an owl", "Aurora", "logo in red with an owl"),
    ],
)
def test_a_brand_is_set_aside(prompt, brand, rest):
    assert split_brand(prompt) == (brand, rest)


@pytest.mark.parametrize(
    "prompt",
    [
        "logo for a coffee shop, brown",
        "logo for coffee shop, brown",
        "Logo For A Coffee Shop",
        "Logo For Coffee Shop In Brown",
        "LOGO FOR A COFFEE SHOP",
        "logo for the bakery",
        "logo for German bakery",
        "logo for rokcet",
        "logo of a red cat",
        "a badge of honour",
        "orange rocket in a navy circle",
        "white Owl on a Green hexagon",
    ],
)
def test_a_trade_is_no_brand(prompt):
    assert split_brand(prompt) == (None, prompt)


@pytest.mark.parametrize(
    ("prompt", "rest"),
    [
        ("logo for Aurora", "letter A"),
        ("Simple elegant logo for Acme", "letter A"),
        ("logo for The Yard", "letter Y"),
        ("logo for Éclair", "letter E"),
        ("logo for 3M", "letter 3"),
        ("orange logo for Aurora in a blue circle", "letter A, orange logo in a blue circle"),
        ("logo for Жук", "letter Z"),
        ("logo for 東京", "abstract, logo"),
    ],
)
def test_where_only_the_brand_is_left_its_initial_is_drawn(prompt, rest):
    assert split_brand(prompt)[1] == rest


# The table


def test_files_are_small_and_values_sound(table):
    folder = ROOT / "weights" / "words"
    assert all(file.stat().st_size < 10_000_000 for file in folder.iterdir())
    assert table.vectors.dtype == np.float32 and table.vectors.shape[1] == 300
    assert len(table.words) > 100_000
    assert not table.vectors[0].any() and np.isfinite(table.vectors).all()
    assert np.allclose(np.linalg.norm(table.vectors[1:], axis=1), 300**0.5, rtol=2e-3)
    assert set(table.words.values()) == set(range(1, len(table.vectors)))


def test_every_word_of_the_composer_is_known(table):
    for recipe in compose.recipes(3, 0, 400):
        said = words(split_brand(recipe.caption)[1])
        unknown = [word for word in said if word not in table.words and word.capitalize() not in captions.BRANDS]
        assert not unknown, recipe.caption


def test_likeness_is_of_meaning(likeness):
    def nearer(word, to, than):
        assert likeness(word, to) > likeness(word, than) + 0.1, (word, to, than)

    nearer("crimson", "red", "blue")
    nearer("maroon", "red", "abandon")
    nearer("navy", "blue", "red")
    nearer("espresso", "coffee", "vasopressin")
    nearer("feline", "cat", "lifeline")
    nearer("kitty", "cat", "gamble")
    nearer("fox", "wolf", "trick")
    nearer("lawyer", "attorney", "dentist")
    nearer("spaceship", "rocket", "ship")
    nearer("bakery", "pizzeria", "battery")


def test_basic_colours_and_letters_stay_apart(likeness):
    for names, limit in ((COLOURS, 0.65), ("abcdefghijklmnopqrstuvwxyz", 0.45)):
        assert max(likeness(a, b) for a in names for b in names if a != b) < limit


@pytest.mark.parametrize(
    ("one", "other"),
    [("gray", "grey"), ("color", "colour"), ("rockets", "rocket"), ("wolves", "wolf"), ("mice", "mouse"),
     ("jewelry", "jewellery"), ("cherries", "cherry"), ("theater", "theatre")],
)  # fmt: skip
def test_spellings_and_plurals_share_a_vector(table, one, other):
    assert table.words[one] == table.words[other]


def test_marks_with_plural_names_keep_their_own(table):
    for many, one in (("rings", "ring"), ("waves", "wave"), ("scales", "scale"), ("glasses", "glass")):
        assert table.words[many] != table.words[one]


def test_damaged_files_are_refused(tmp_path, table):
    with pytest.raises(OSError, match="missing or damaged"):
        WordTable.load(tmp_path)
    source = ROOT / "weights" / "words"
    (tmp_path / "vocabulary.txt").write_text("owl 99999999\n")
    (tmp_path / "vectors.safetensors").write_bytes((source / "vectors.safetensors").read_bytes())
    with pytest.raises(OSError, match="wrong shape"):
        WordTable.load(tmp_path)
    (tmp_path / "vectors.safetensors").write_bytes((source / "vectors.safetensors").read_bytes()[:5000])
    with pytest.raises(OSError, match="missing or damaged"):
        WordTable.load(tmp_path)


def test_ids(table):
    ids = table.ids("logo for Aurora, Blue zqwyx owls!", 8)
    assert ids == [table.words["logo"], table.words["blue"], table.words["owl"], 0, 0, 0, 0, 0]
    assert len(table.ids("owl " * 40)) == 24
    assert len(table.ids("owl " * 40, None)) == 40
    assert table.ids("zqwyx", 2) == [table.words["logo"], 0]


@pytest.mark.parametrize("prompt", ["we'd love an owl", "I’m after an owl", "we'll take an owl", "Don't forget an owl"])
def test_contractions_ask_for_no_letter(encoder, prompt):
    read = encoder.read(prompt)
    assert not {"d", "m", "t", "ll"} & {word.written for word in read}
    assert encoder.reading(prompt).drawn_from == (("owl", "owl"),)


@pytest.mark.parametrize(
    ("prompt", "taught"), [("a hound, please", "dog"), ("our feline friend", "cat"), ("Halden needs a bunny", "rabbit")]
)
def test_untaught_words_are_read_as_their_neighbours(encoder, table, prompt, taught):
    """The words are held out from training captions; alone they stand for what was taught."""
    word = next(w for w in words(prompt) if w in {"hound", "feline", "bunny"})
    stand_in = table.stand_ins.find(words(prompt))[word]
    owner = {w: name for name, parts in captions.synonyms().items() for w in (name, *parts["train"])}
    assert owner[stand_in] == taught
    tokens, mask = encoder.sequence([prompt])
    assert any(np.array_equal(row, table.vectors[table.words[stand_in]]) for row in tokens[0][mask[0]])


@pytest.mark.parametrize(
    ("prompt", "left"),
    [("I run a small shop called Tessaly and need a yellow tent", "I a small shop need a yellow tent"),
     ("We own a bakery", "We a bakery"), ("a runner", "a runner"), ("run, fox, run", "run, fox, run")],
)  # fmt: skip
def test_what_people_say_of_themselves_is_not_drawn(prompt, left):
    assert split_brand(prompt)[1] == left


def test_the_table_by_hand_answers_no_measure(table):
    """Its words are known, its objects drawn; none is held out, and none is taught but in another sense."""
    from logo_gan import stand_ins

    rows = {w: table.words[w] for _, w, _ in stand_ins.read()}
    held_out = {
        table.words.get(w) for parts in captions.synonyms().values() for t in parts["held_out"] for w in words(t)
    }
    taught = {table.words.get(w) for text in captions.taught_words() for w in words(text)}
    alone = {table.words.get(text) for _, text in captions.object_words()}
    for name, word, ambiguous in stand_ins.read():
        assert name in captions.VOCABULARY["objects"], name
        assert rows[word] not in held_out | alone, word
        assert (rows[word] in taught) == ambiguous, word
    assert table.stand_ins.find(words("two-tone orange fox")) == {"fox": "dog"}
    assert table.stand_ins.find(words("a lion for our brewery")) == {"lion": "cat"}
    assert table.stand_ins.find(words("strawberry logo")) == {"strawberry": "cherry"}
    assert table.stand_ins.find(words("strawberry rocket")) == {}


def test_untaught_words_stay_beside_a_taught_one(table):
    assert table.stand_ins.find(words("a rocket for our feline friend")) == {}
    assert table.stand_ins.find(words("an idea")) == {}
    assert table.stand_ins.find(words("we'd love, that is my idea, a hound"))["idea"] == ""
    assert table.stand_ins.find(words("letter B for the feline club")) == {}
    assert table.stand_ins.find(words("a modern logo for our brand")) == {}


# spaCy


def test_the_tokenizers_agree(encoder):
    """Training's plain tokenizer gives spaCy's tokens: our pipeline's always, English rules' on captions."""
    import spacy

    captions = [recipe.caption for recipe in compose.recipes(5, 0, 300)]
    odd = [
        "We'd love what I'm after, don't we?",
        "Joe's B. cannot 24/7 red/white, hello_world #ff0000!",
        "l’atelier's  3D x-ray\n東京 (C&A)",
    ]
    english = spacy.blank("en")
    for text in captions:
        assert words(text) == [t.lower_ for t in english(text) if not (t.is_punct or t.is_space)], text
    for text in captions + odd:
        doc = encoder.nlp(text)
        assert doc.text == text
        assert words(text) == [t.lower_ for t in doc if t.text[0].isalnum()], text


def test_spacy_tokens_carry_the_vectors(encoder, table):
    doc = encoder.nlp("A Navy owl, zqwyx")
    assert [token.has_vector for token in doc] == [True, True, True, False, False]
    assert np.array_equal(doc[1].vector, table.vectors[table.words["navy"]])


def test_prompts_are_read_as_training_reads_captions(encoder, table):
    """Captions that name a thing: ids of the table and sequence of the encoder are the same vectors."""
    captions = [r.caption for r in compose.recipes(11, 0, 300) if r.named.get("mark") and r.kind == "object"]
    tokens, mask = encoder.sequence(captions)
    for text, vectors, known in zip(captions, tokens, mask, strict=True):
        ids = np.array(table.ids(text))
        assert np.array_equal(known, ids > 0), text
        assert np.array_equal(vectors, table.vectors[ids]), text


def test_sequence_and_mean(encoder, table):
    tokens, mask = encoder.sequence(["white rocket on navy", "🚀 zqwyx", "owl " * 60])
    assert tokens.shape == (3, 24, 300) and tokens.dtype == np.float32
    assert mask.sum(1).tolist() == [4, 1, 24]
    assert not tokens[~mask].any()
    assert np.array_equal(tokens[1, 0], table.vectors[table.words["logo"]])
    mean = encoder.mean(["white rocket on navy", "owl owl"])
    assert mean.shape == (2, 300) and np.allclose(mean[0], tokens[0, :4].mean(0), atol=1e-5)
    assert np.allclose(mean[1], table.vectors[table.words["owl"]])
    again, _ = encoder.sequence(["white rocket on navy", "🚀 zqwyx", "owl " * 60])
    assert np.array_equal(tokens, again)


def test_order_matters(encoder):
    one, _ = encoder.sequence(["white rocket on a navy circle"])
    other, _ = encoder.sequence(["navy rocket on a white circle"])
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("rokcet", "rocket"), ("elefant", "elephant"), ("coffe", "coffee"), ("spaceshp", "spaceship"),
     ("buterfly", "butterfly"), ("ornage", "orange"), ("hexagn", "hexagon"), ("gren", "green"),
     ("tigr", "tiger"),
     ("pinaple", "pineapple"), ("sailbaot", "sailboat"), ("café", "cafe"), ("restarant", "restaurant"),
     ("giraffs", "giraffe"), ("jewlery", "jewellery"), ("photografy", "photography")],
)  # fmt: skip
def test_typing_errors_land_near(encoder, typed, meant):
    assert [word.known for word in encoder.read(f"a {typed}")] == [("a",), (meant,)]
    assert np.array_equal(encoder.sequence([typed])[0], encoder.sequence([meant])[0])


def test_joined_words_come_apart_and_gibberish_means_nothing(encoder):
    assert [word.known for word in encoder.read("coffeeshop, navyblue")] == [("coffee", "shop"), ("navy", "blue")]
    assert not any(word.known for word in encoder.read("xqzptv asdfghjkl qwerty blorptang 東京 2024"))


def test_edits():
    assert edits("owl", "owl", 3) == 0
    assert edits("rokcet", "rocket", 3) == edits("cat", "cart", 3) == edits("ab", "ba", 3) == 1
    assert edits("kitten", "sitting", 3) == 3
    assert edits("kitten", "sitting", 2) == 3


def test_it_needs_nothing_heavy():
    code = (
        "import sys; from logo_gan.prompt import TextEncoder; TextEncoder.load();"
        "print(*(name in sys.modules for name in ('gensim', 'sklearn', 'gradio')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["False"] * 3, done.stdout + done.stderr


def test_visitors_words_do_not_pile_up(encoder):
    encoder.sequence(["owl"])
    before = len(encoder.nlp.vocab.strings)
    for i in range(50):
        encoder.sequence([f"zq{i}wx gibberish{i}"])
    assert len(encoder.nlp.vocab.strings) == before


def test_threads_get_the_same(encoder):
    from concurrent.futures import ThreadPoolExecutor

    texts = [f"{colour} owl in a {other} circle" for colour in COLOURS for other in COLOURS]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: encoder.sequence([text])[0], texts))
    assert np.array_equal(np.concatenate(together), encoder.sequence(texts)[0])


def test_another_pipeline(monkeypatch, tmp_path):
    with pytest.raises(OSError, match="not installed") as caught:
        TextEncoder.load("no_such_pipeline_md")
    assert "\n" not in str(caught.value)

    import spacy

    english = spacy.blank("en")  # a small stand-in for en_core_web_md, saved and loaded as spaCy does
    for word in ("orange", "rocket"):
        english.vocab.set_vector(word, np.full(300, len(word), np.float32))
    english.to_disk(tmp_path / "model")
    encoder = TextEncoder.load(str(tmp_path / "model"))
    tokens, mask = encoder.sequence(["logo for Aurora, orange rocket, blorp!"])
    assert mask.sum() == 2 and np.all(tokens[mask] == 6)
    reading = encoder.reading("orange blorp")
    assert (reading.drawn_from, reading.not_understood) == ((("orange", "orange"),), ("blorp",))
    small = spacy.blank("en")
    small.vocab.set_vector("owl", np.ones(5, np.float32))
    small.to_disk(tmp_path / "small")
    with pytest.raises(OSError, match="no vectors of 300 values"):
        TextEncoder.load(str(tmp_path / "small"))


# Synonyms


def test_held_out_words_are_never_trained_on(table):
    lists = json.loads((ROOT / "logo_gan" / "synonyms.json").read_text("utf-8"))
    held_out = {row for name in lists for text in lists[name]["held_out"] for row in table.ids(text, None)}
    assert len(held_out) > 200
    for recipe in compose.recipes(9, 0, 3000):
        assert held_out.isdisjoint(table.ids(recipe.caption, None)), recipe.caption


def test_synonyms_file_is_what_its_source_gives(table, capsys):
    from logo_gan import build_synonyms

    stored = json.loads((ROOT / "logo_gan" / "synonyms.json").read_text("utf-8"))
    assert build_synonyms.split(build_synonyms.read(), table) == stored


def test_a_wordnet_is_read(tmp_path):
    """A WordNet of four synsets in the format of wndb(5WN)."""
    from logo_gan.dictionaries import WordNet, folded_forms, wordnet_sentences

    for part in ("noun", "verb", "adj", "adv"):
        for name in (f"data.{part}", f"index.{part}"):
            (tmp_path / name).write_text("  1 This is the licence.\n")
    with (tmp_path / "data.noun").open("a") as data:
        data.write('00000001 05 n 02 feline 0 felid 0 001 ~ 00000002 n 0000 | a cat-like mammal; "a big felid"\n')
        data.write("00000002 05 n 02 cat 0 true_cat 0 001 @ 00000001 n 0000 | feline mammal\n")
        data.write("00000003 07 n 02 gray 0 grey 0 000 | a neutral color\n")
        data.write("00000004 05 n 01 wolf 0 000 | a wild dog\n")
    with (tmp_path / "index.noun").open("a") as index:
        for lemma, number in (("feline", 1), ("felid", 1), ("cat", 2), ("gray", 3), ("grey", 3), ("wolf", 4)):
            index.write(f"{lemma} n 1 0 1 0 0000000{number}  \n")
    (tmp_path / "noun.exc").write_text("wolves wolf\n")
    net = WordNet(tmp_path)
    cat = net.senses["cat", "n"][0]
    assert net.words[cat] == ["cat", "true_cat"] and net.gloss[cat] == "feline mammal"
    assert [net.words[up] for up in net.related(cat, "@")] == [["feline", "felid"]]
    forms = folded_forms(net)
    assert (forms["wolves"], forms["gray"], forms["cats"]) == ("wolf", "grey", "cat") and "wolf" not in forms
    sentences = [" ".join(sentence) for sentence in wordnet_sentences(net, random.Random(0))]
    assert "cat feline mammal" in sentences and "a big felid" in sentences
