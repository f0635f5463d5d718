"""The word vectors that the baseline reads: the table, its spaCy pipeline, and another pipeline in its place."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from conftest import ROOT

from logo_gan.text.word_vectors import MeanVectors, WordTable, words


@pytest.fixture(scope="module")
def table() -> WordTable:
    return WordTable.load()


@pytest.fixture(scope="module")
def encoder() -> MeanVectors:
    return MeanVectors.load()


def test_files_are_small_and_values_sound(table):
    folder = ROOT / "weights" / "words"
    assert all(file.stat().st_size < 10_000_000 for file in folder.iterdir())
    assert table.vectors.dtype == np.float32 and table.vectors.shape[1] == 300
    assert len(table.words) > 100_000
    assert not table.vectors[0].any() and np.isfinite(table.vectors).all()
    assert np.allclose(np.linalg.norm(table.vectors[1:], axis=1), 300**0.5, rtol=2e-3)
    assert set(table.words.values()) == set(range(1, len(table.vectors)))


def test_words_of_like_meaning_lie_near(table):
    def likeness(a: str, b: str) -> float:
        return float(table.vectors[table.words[a]] @ table.vectors[table.words[b]]) / 300

    for near, far in ((("cat", "kitten"), ("cat", "rocket")), (("navy", "blue"), ("navy", "owl"))):
        assert likeness(*near) > likeness(*far) + 0.2


@pytest.mark.parametrize("name", ["vectors.safetensors", "vocabulary.txt"])
def test_damaged_files_are_told(tmp_path, name):
    for file in (ROOT / "weights" / "words").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes()[:1000] if file.name == name else file.read_bytes())
    with pytest.raises(OSError, match=r"missing or damaged|wrong shape"):
        WordTable.load(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(OSError, match="missing or damaged"):
        WordTable.load(str(tmp_path))


def test_ids(table):
    ids = table.ids("logo, Blue zqwyx owls!", 8)
    assert ids == [table.words["logo"], table.words["blue"], table.words["owl"], 0, 0, 0, 0, 0]
    assert len(table.ids("owl " * 40)) == 24 and len(table.ids("owl " * 40, None)) == 40
    assert table.ids("zqwyx", 2) == [table.words["logo"], 0]
    assert words("Joe's B. cannot 24/7, we'd") == ["joe", "b", "cannot", "24", "7", "we"]


def test_spacy_reads_as_training_does(encoder, table):
    texts = ["We'd love what I'm after, don't we?", "Joe's B. cannot 24/7 red/white, hello_world #ff0000!",
             "l’atelier's  3D x-ray\n東京 (C&A)", "Simple elegant logo for Valwood Park, Lines V, Park"]  # fmt: skip
    for text in texts:
        doc = encoder.nlp(text)
        assert doc.text == text
        assert words(text) == [token.lower_ for token in doc if token.text[0].isalnum()], text
        mean = table.vectors[table.ids(text, None)].mean(0)
        np.testing.assert_allclose(encoder.encode([text])[0], mean, atol=1e-5)
    doc = encoder.nlp("A Navy owl, zqwyx")
    assert [token.has_vector for token in doc] == [True, True, True, False, False]


def test_what_has_no_known_word_is_a_logo(encoder, table):
    assert np.array_equal(encoder.encode(["🚀 zqwyx"])[0], table.vectors[table.words["logo"]])
    assert encoder.encode(["owl " * 60, "owl"]).shape == (2, 300)


def test_visitors_words_do_not_pile_up(encoder):
    encoder.encode(["owl"])
    before = len(encoder.nlp.vocab.strings)
    encoder.encode([f"zq{i}wx gibberish{i}" for i in range(50)])
    assert len(encoder.nlp.vocab.strings) == before


def test_threads_get_the_same(encoder):
    texts = [f"{colour} owl in a {other} circle" for colour in ("red", "navy", "teal") for other in ("blue", "black")]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: encoder.encode([text])[0], texts))
    assert np.array_equal(np.stack(together), encoder.encode(texts))


def test_training_needs_no_spacy():
    code = "import sys; from logo_gan.text.word_vectors import WordTable; WordTable.load().ids('owl');"
    code += "print(*(name in sys.modules for name in ('spacy', 'torch', 'gradio')))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["False"] * 3, done.stdout + done.stderr


def test_another_pipeline(tmp_path):
    with pytest.raises(OSError, match="not installed") as caught:
        MeanVectors.load("no_such_pipeline_md")
    assert "\n" not in str(caught.value)

    import spacy

    english = spacy.blank("en")  # a small stand-in for en_core_web_md, saved and loaded as spaCy does
    for word in ("orange", "rocket"):
        english.vocab.set_vector(word, np.full(300, len(word), np.float32))
    english.to_disk(tmp_path / "model")
    encoder = MeanVectors.load(str(tmp_path / "model"))
    assert np.array_equal(encoder.encode(["an orange rocket, blorp!"]), np.full((1, 300), 6, np.float32))
    assert not encoder.encode(["blorp"]).any()
    small = spacy.blank("en")
    small.vocab.set_vector("owl", np.ones(5, np.float32))
    small.to_disk(tmp_path / "small")
    with pytest.raises(OSError, match="no vectors of 300 values"):
        MeanVectors.load(str(tmp_path / "small"))
