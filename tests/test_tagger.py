"""The tagger: right on wording that it was not taught, refused where damaged, taught on briefs that are ever new."""

import shutil

import pytest
from conftest import ROOT

from logo_gan.marks.memory import Memory
from logo_gan.text.tagger import FOLDER, Tagger, TaggerError
from logo_gan.text.vocabulary import tokens
from logo_gan.training import tagger as training
from logo_gan.training.briefs import Composer, Piece, annotated, parsed, plain


@pytest.fixture(scope="module")
def figures():
    examples = training.Examples(Memory.load())
    for brief in annotated()[training.HELD_OUT - 1 :: training.HELD_OUT]:
        examples.add(*plain(brief))
    return training.measured(Tagger.load().network, examples)


@pytest.mark.parametrize(("tag", "least"), {"words": 0.93, "brand": 0.9, "thing": 0.83, "avoid": 0.82}.items())
def test_held_out_briefs_are_tagged_right(figures, tag, least):
    assert figures[tag] >= least, figures


def test_a_word_is_tagged_by_its_sentence():
    """The same word is a name, the thing to draw, or what is refused."""
    tagger = Tagger.load()
    for text, tag in {
        "Moss & Hartley, law firm, a gavel": "brand",
        "draw some moss on a stone, green": "thing",
        "a stone for a garden centre, please no moss": "avoid",
    }.items():
        words = tokens(text)
        found, chances = tagger.tags(text, words, lambda word: True)
        assert found[[word.low for word in words].index("moss")] == tag
        assert chances.shape[0] == len(words) and chances.sum(1) == pytest.approx(1, abs=1e-4)
    assert tagger.tags("", [], lambda word: True)[0] == []


@pytest.mark.parametrize("harm", ["gone", "cut", "swapped", "other version"])
def test_a_damaged_tagger_is_refused_in_one_sentence(tmp_path, harm):
    folder = tmp_path / "tagger"
    shutil.copytree(FOLDER, folder)
    weights, config = folder / "model.safetensors", folder / "config.json"
    if harm == "gone":
        weights.unlink()
    elif harm == "cut":
        weights.write_bytes(weights.read_bytes()[:-9])
    elif harm == "swapped":
        weights.write_bytes((ROOT / "weights" / "warp" / "model.safetensors").read_bytes())
    else:
        config.write_text(config.read_text().replace('"format": 1', '"format": 9'))
    with pytest.raises(TaggerError, match=r"^The tagger in .*\.$"):
        Tagger.load(folder)


def test_a_brief_of_marks():
    assert parsed("[fox|thing] for a [bakery|trade], no [circle|nocontainer]") == [
        Piece("fox", "thing"), Piece(" for a "), Piece("bakery", "trade"), Piece(", no "), Piece("circle", "avoid"),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="no tag 'animal'"):
        parsed("[fox|animal]")


def test_composed_briefs_are_new_and_marked_where_they_say(memory):
    def some(seed):
        composer = Composer(annotated(), ["fox", "wolf head"], seed)
        return [composer.brief() for _ in range(200)]

    assert some(1) == some(1) != some(2)
    known = {plain(brief)[0] for brief in annotated()}
    assert sum(text in known for text, _ in some(1)) < 60
    for text, places in some(1):
        assert all(0 <= a < b <= len(text) for a, b, _ in places)


def test_it_is_taught_by_one_command(tmp_path):
    config = training.train(tmp_path, composed=32, epochs=2, briefs=annotated()[:40])
    assert config["held_out"] == 4 and 0 <= config["measured"]["words"] <= 1
    assert Tagger.load(tmp_path).network.judge.out_features == len(config["tags"])
