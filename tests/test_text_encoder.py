"""The sentence encoder against vectors of an independent implementation, its files, and its place in spaCy."""

import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

from logo_gan.text.encoder import DIMENSIONS, FOLDER, EncoderError, SentenceEncoder
from logo_gan.text.spacy_pipeline import sentence_pipeline


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder.load()


@pytest.fixture(scope="module")
def nlp():
    return sentence_pipeline()


def test_published_vectors(encoder):
    # By Hugging Face's transformers 5.24 from the float32 file, mean pooling over at most 256 word pieces.
    stored = np.load(Path(__file__).with_name("reference_vectors.npz"))
    wanted = stored["vectors"].astype(np.float32)
    found = encoder.encode(list(stored["phrases"]))
    cosines = (found * wanted).sum(1) / np.linalg.norm(wanted, axis=1)
    assert len(wanted) > 20
    assert cosines.min() > 0.99, dict(zip(stored["phrases"], cosines, strict=True))
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_likeness_is_likeness_of_meaning(encoder):
    thunder, lightning, teapot = encoder.encode(["thunderbolt", "lightning", "teapot"])
    assert thunder @ lightning > thunder @ teapot + 0.2


def test_a_vector_does_not_depend_on_the_batch(encoder):
    texts = ["fox", "a very long brief about a small bakery with a wheat ear, " * 20, "", "two crossed hammers"] * 12
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([text]) for text in texts[:4]])
    np.testing.assert_allclose(together[:4], alone, atol=1e-5)
    np.testing.assert_allclose(together[-4:], alone, atol=1e-5)
    assert encoder.encode([]).shape == (0, DIMENSIONS)


def test_tokens_and_their_places(encoder):
    text = "Zyntriq, an owl"
    states, spans = encoder.tokens(text)
    assert states.shape == (len(spans), DIMENSIONS) and states.dtype == np.float32
    pieces = [text[start:end] for start, end in spans]
    assert "".join(pieces) == text.replace(" ", "") and pieces[-2:] == ["an", "owl"]
    assert encoder.tokens("")[0].shape == (0, DIMENSIONS)


def test_spacy_component(nlp, encoder):
    doc = nlp("Zyntriq, an  owl")
    np.testing.assert_allclose(doc.vector, encoder.encode([doc.text])[0], atol=1e-5)
    states, spans = encoder.tokens(doc.text)
    assert doc.tensor.shape == (len(doc), DIMENSIONS)
    np.testing.assert_allclose(doc[-1].vector, states[-1], atol=1e-5)
    of_name = [state for state, (_, end) in zip(states, spans, strict=True) if end <= len("Zyntriq")]
    assert len(of_name) > 1
    np.testing.assert_allclose(doc[0].vector, np.mean(of_name, axis=0), atol=1e-5)
    assert doc.has_vector and doc[0].has_vector and doc.vector_norm == pytest.approx(1, abs=1e-5)
    assert nlp("lightning").similarity(nlp("thunderbolt")) > nlp("lightning").similarity(nlp("teapot"))
    assert pickle.loads(pickle.dumps(doc)).text == doc.text  # noqa: S301
    assert len(nlp("")) == 0


def test_longer_than_it_reads(nlp):
    doc = nlp("lighthouse " * 300)
    assert doc[0].has_vector and not doc[299].has_vector


@pytest.fixture
def copy(tmp_path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "encoder"))


def changed(folder: Path, **values) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | values))


def test_missing_files(copy, tmp_path):
    (copy / "model-2-of-4.safetensors").unlink()
    with pytest.raises(EncoderError, match=r"model-2-of-4\.safetensors is missing"):
        SentenceEncoder.load(copy)
    with pytest.raises(EncoderError, match="missing"):
        SentenceEncoder.load(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["model-1-of-4.safetensors", "tokenizer.json"])
def test_damaged_file(copy, name):
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(EncoderError, match=rf"{name} is not what its checksum says"):
        SentenceEncoder.load(copy)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 1, "files": 3}', '{"format": 1, "files": {}}'])
def test_damaged_configuration(copy, content):
    (copy / "config.json").write_text(content)
    with pytest.raises(EncoderError, match=r"config\.json"):
        SentenceEncoder.load(copy)


def test_other_version_and_other_shape(copy):
    changed(copy, format=2)
    with pytest.raises(EncoderError, match=r"version 2.*reads version 1"):
        SentenceEncoder.load(copy)
    network = json.loads((FOLDER / "config.json").read_text())["network"]
    changed(copy, format=1, network=network | {"layers": 5})
    with pytest.raises(EncoderError, match="damaged"):
        SentenceEncoder.load(copy)


def test_files_are_small():
    assert all(path.stat().st_size < 10_000_000 for path in FOLDER.iterdir())
