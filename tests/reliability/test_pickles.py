"""No pickle from outside is ever loaded: one that would leave a mark is offered at every door, and leaves none.

Unpickling runs what the pickle names, so the mark is a folder that it would make. `MARK` is the same for all of a
door's forms: a bare pickle, an array of NumPy's with an object in it, and the two formats of `torch.save`.
"""

import base64
import hashlib
import io
import json
import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from conftest import launched
from hostile import IMAGE, logo, write
from hub_stand_in import hub
from outcome import analysed
from raw_http import asked, send, upload
from test_hub import environment, small
from tiny_task import CONFIG

from eda import dataset
from logo_gan import LogoGAN
from logo_gan.marks.memory import FOLDER, Memory, MemoryFileError
from logo_gan.model.checkpoint import ModelError
from logo_gan.model.hub import HubError
from logo_gan.text.word_vectors import WordTable
from logo_gan.training import cache
from logo_gan.training.loop import train


class Poison:
    """Makes a folder when it is unpickled."""

    def __init__(self, mark: Path):
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (str(self.mark),)


def array(poison: Poison) -> bytes:
    file = io.BytesIO()
    np.save(file, np.array([poison], object), allow_pickle=True)
    return file.getvalue()


def saved(poison: Poison, zipped: bool) -> bytes:
    file = io.BytesIO()
    torch.save({"G": poison, "images": 1}, file, _use_new_zipfile_serialization=zipped)
    return file.getvalue()


FORMS = {
    "pickle": pickle.dumps,
    "pickle of protocol 0": lambda poison: pickle.dumps(poison, 0),
    "array": array,
    "torch": lambda poison: saved(poison, True),
    "torch before 1.6": lambda poison: saved(poison, False),
}


@pytest.fixture(scope="module")
def mark(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("poison") / "mark"


@pytest.fixture(autouse=True)
def _no_mark(mark):
    """After each test of this module: nothing was unpickled, here or in any process that the test has started."""
    yield
    assert not mark.exists()


@pytest.fixture(params=FORMS)
def poison(request, mark) -> bytes:
    return FORMS[request.param](Poison(mark))


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Path:
    """A small model."""
    folder = tmp_path_factory.mktemp("model") / "good"
    small(folder, 0)
    return folder


@pytest.fixture
def model(good, tmp_path) -> Path:
    """A copy of it, to be spoilt."""
    return Path(shutil.copytree(good, tmp_path / "model"))


@pytest.fixture(scope="module")
def poisoned(mark, good, tmp_path_factory):
    """The app, started on a model whose weights are a pickle, with others beside them."""
    folder = tmp_path_factory.mktemp("poisoned")
    own = Path(shutil.copytree(good, folder / "own"))
    for name in ("model.safetensors", "pytorch_model.bin", "state.pt", "history.csv", "measures.json"):
        (own / name).write_bytes(saved(Poison(mark), True))
    with launched(folder, LOGO_GAN_MODEL=str(own)) as app:
        yield app


def test_the_mark_is_left_by_every_form_that_is_really_unpickled(tmp_path):
    loads = {
        "pickle": pickle.loads,
        "pickle of protocol 0": pickle.loads,
        "array": lambda data: np.load(io.BytesIO(data), allow_pickle=True),
        "torch": lambda data: torch.load(io.BytesIO(data), weights_only=False),
        "torch before 1.6": lambda data: torch.load(io.BytesIO(data), weights_only=False),
    }
    for name, form in FORMS.items():
        loads[name](form(Poison(tmp_path / name)))
        assert (tmp_path / name).is_dir(), name


# Models.


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_a_model_s_folder(model, poison, name):
    (model / name).write_bytes(poison)
    with pytest.raises(ModelError):
        LogoGAN.from_pretrained(model)


def test_beside_good_weights(model, poison):
    for name in (
        "pytorch_model.bin",
        "model.pt",
        "model.ckpt",
        "model.pkl",
        "state.pt",
        "history.csv",
        "measures.json",
    ):
        (model / name).write_bytes(poison)
    assert len(LogoGAN.from_pretrained(model).generate("cat", 1, 1)) == 1


def test_instead_of_weights(model, poison):
    (model / "model.safetensors").rename(model / "kept")
    for name in ("pytorch_model.bin", "model.pt", "model.bin"):
        (model / name).write_bytes(poison)
    with pytest.raises(ModelError, match=r"has no file .*model\.safetensors"):
        LogoGAN.from_pretrained(model)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "pytorch_model.bin"])
def test_a_model_on_the_hub(model, mark, tmp_path, name):
    (model / name).write_bytes(saved(Poison(mark), True))
    with hub(tmp_path / "hub") as server, environment(tmp_path, server.url) as cache:
        server.model("owner/model", model)
        if name == "pytorch_model.bin":
            assert len(LogoGAN.from_pretrained("owner/model").generate("cat", 1, 1)) == 1
        else:
            with pytest.raises((ModelError, HubError)):
                LogoGAN.from_pretrained("owner/model")
            with pytest.raises((ModelError, HubError)):  # once more, with what is in the cache now
                LogoGAN.from_pretrained("owner/model")
        assert not list(cache.rglob("pytorch_model.bin"))


# What training and measuring read.


def test_a_checkpoint_to_resume_from(tmp_path, poison):
    (tmp_path / "state.pt").write_bytes(poison)
    with pytest.raises(ValueError, match=r"state\.pt is damaged"):
        train(CONFIG, "noise", out=tmp_path, images=32, workers=0, resume=True)


@pytest.mark.parametrize("name", ["images.npy", "words.npy", "about.json"])
def test_cached_training_data(tmp_path, poison, name):
    source = str(write(tmp_path / "a.parquet", [logo(), logo("blue")], ["red, star", "blue, star"]))
    made = cache.open_cache(source, None, 16, folder=tmp_path / "cache")
    whole = np.array(made.images())
    (made.folder / name).write_bytes(poison)
    again = cache.open_cache(source, None, 16, folder=tmp_path / "cache")
    assert again.folder == made.folder and (again.images() == whole).all() and again.words().shape == (2, 24)


@pytest.mark.parametrize("name", ["images", "words"])
def test_cached_training_data_that_is_replaced_after_it_was_checked(tmp_path, poison, name):
    source = str(write(tmp_path / "a.parquet", [logo()], ["red, star"]))
    made = cache.open_cache(source, None, 16, folder=tmp_path / "cache")
    (made.folder / f"{name}.npy").write_bytes(poison)
    with pytest.raises(ValueError):
        getattr(made, name)()


def test_the_word_vectors(tmp_path, poison):
    (tmp_path / "vocabulary.txt").write_text("cat 1")
    (tmp_path / "vectors.safetensors").write_bytes(poison)
    with pytest.raises(OSError, match="missing or damaged"):
        WordTable.load(tmp_path)
    (tmp_path / "vocabulary.txt").write_bytes(poison)
    with pytest.raises(OSError, match="missing or damaged"):
        WordTable.load(str(tmp_path))


@pytest.mark.parametrize("name", ["config.json", "drawings-0.parquet", "keys.safetensors", "codec.safetensors"])
def test_the_memory(tmp_path, poison, name):
    for path in FOLDER.iterdir():
        (tmp_path / path.name).symlink_to(path)
    config = json.loads((FOLDER / "config.json").read_text())
    if name in config["sha256"]:  # whoever changes the file can change that as well
        config["sha256"][name] = hashlib.sha256(poison).hexdigest()
    for changed, content in (("config.json", json.dumps(config).encode()), (name, poison)):
        (tmp_path / changed).unlink()
        (tmp_path / changed).write_bytes(content)
    with pytest.raises(MemoryFileError):
        Memory.load(tmp_path)


# What visitors send.


def with_metadata(path: Path, poison: bytes) -> Path:
    """A good dataset whose columns claim to be of the type that pyarrow used to unpickle (CVE-2023-47248)."""
    claims = {"ARROW:extension:name": "arrow.py_extension_type", "ARROW:extension:metadata": poison}
    schema = pa.schema([pa.field("image", IMAGE, metadata=claims), pa.field("text", pa.string(), metadata=claims)])
    schema = schema.with_metadata({"pandas": poison, "pickle": poison, "huggingface": poison})
    pq.write_table(pa.table({"image": [{"bytes": logo()}], "text": ["red, star"]}, schema=schema), path)
    assert path.read_bytes().count(base64.b64encode(poison)[:40]) or poison[:40] in path.read_bytes()
    return path


def test_a_file_uploaded_as_parquet(poisoned, tmp_path, poison):
    for data in (poison, b"PAR1" + poison + b"PAR1"):
        (tmp_path / "a.parquet").write_bytes(data)
        for endpoint in ("load_dataset", "analyse"):
            assert asked(poisoned, endpoint, {"file": upload(poisoned, tmp_path / "a.parquet")})[0] == "error"


def test_an_image_of_an_uploaded_dataset(poisoned, tmp_path, poison):
    file = upload(poisoned, write(tmp_path / "a.parquet", [poison, logo()], ["red, star"] * 2))
    outcome, (told,) = asked(poisoned, "analyse", {"file": file})
    assert (outcome, told["unsupported_rows"]) == ("complete", [0])
    assert asked(poisoned, "random_logo", {"file": file, "row": 0})[1][:2] == [None, "red, star"]


def test_the_metadata_of_an_uploaded_dataset(poisoned, tmp_path, poison):
    outcome, (told,) = asked(poisoned, "analyse", {"file": upload(poisoned, with_metadata(tmp_path / "a", poison))})
    assert (outcome, told["rows"]) == ("complete", 1)


def test_the_metadata_of_training_data(tmp_path, poison):
    source = str(with_metadata(tmp_path / "a.parquet", poison))
    assert cache.open_cache(source, None, 16, folder=tmp_path / "cache").rows == 1


def test_what_is_kept_of_a_dataset_s_rows(tmp_path, mark):
    """A reader that a hostile file has taken over could write it."""
    own = dataset.Dataset(write(tmp_path / "a.parquet", [logo()], ["red, star"]))
    list(own.analyse())
    assert list(own.rows_between("height", 0, 100)) == [0]
    columns = {name: np.array([Poison(mark)], object) for name in dataset.FILTERS}
    np.savez(own._values, allow_pickle=True, **columns)
    with pytest.raises(ValueError, match="Object arrays cannot be loaded"):
        own.rows_between("height", 0, 100)
    assert analysed(own.path)["rows"] == 1


def test_values_of_calls(poisoned, mark):
    poison = pickle.dumps(Poison(mark))
    text = base64.b64encode(poison).decode()
    values = [
        text,
        poison.decode("latin-1"),
        {"py/reduce": [{"py/function": "os.mkdir"}, {"py/tuple": [str(mark)]}]},
        {"path": f"data:;base64,{text}", "meta": {"_type": "gradio.FileData"}},
        {"__type__": "pickle", "data": text},
        [text],
    ]
    for endpoint, name in {"reading": "prompt", "more_like_this": "logo", "load_dataset": "file"}.items():
        assert 400 <= send(poisoned, endpoint, poison).status_code < 500
        for value in values:
            asked(poisoned, endpoint, {name: value})
    assert "bundled" in asked(poisoned, "model_info", {})[1][0]["source"]
