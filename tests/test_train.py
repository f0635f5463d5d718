"""Training: it learns, it resumes to the same weights, it leaves whole files, it refuses nonsense in one sentence."""

import dataclasses
import json
import subprocess
import sys
import time

import pytest
import torch
from conftest import ROOT
from PIL import Image
from safetensors.torch import load_file

from logo_gan import compose, history
from logo_gan.data import batches, open_source, word_ids
from logo_gan.marks import bank
from logo_gan.pipeline import LogoGAN
from logo_gan.prompt import TextEncoder, WordTable
from logo_gan.steps import FORMS
from logo_gan.train import CONFIGS, SAMPLE_CAPTIONS, Config, Run, train

TINY = CONFIGS["tiny"]


def short(**changes):
    return dataclasses.replace(TINY, **{"checkpoint": 10**9, "log": 128, **changes})


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The tiny configuration, run whole: well under three minutes on a CPU."""
    return train("tiny", out=tmp_path_factory.mktemp("tiny"), workers=0)


def test_the_tiny_configuration_learns_to_read(trained):
    rows = history.read(trained / "history.csv")
    assert rows[-1]["images"] >= TINY.images - TINY.log
    tail = rows[-4:]
    mean = {k: sum(r[k] for r in tail) / len(tail) for k in ("loss_wrong_caption", "loss_fields", "loss_palette")}
    # log 2 is what a discriminator gets that cannot tell a wrong caption from the right one.
    assert mean["loss_wrong_caption"] < 0.69 - 0.01
    assert mean["loss_wrong_caption"] < rows[0]["loss_wrong_caption"]
    assert mean["loss_fields"] < 0.6 * rows[0]["loss_fields"]
    assert mean["loss_palette"] < 0.9 * rows[0]["loss_palette"]


def test_a_run_leaves_what_sampling_needs(trained):
    config = json.loads((trained / "config.json").read_text())
    assert config["training"]["images"] >= TINY.images and config["architecture"] == "layered"
    assert all(v.dtype == torch.float16 for v in load_file(trained / "model.safetensors").values())
    sheets = sorted((trained / "samples").iterdir())
    assert len(sheets) == 2 and Image.open(sheets[-1]).size[1] == TINY.size
    assert Image.open(trained / "progress.png").height > 16 * 64
    assert not list(trained.rglob("*.part"))
    assert len(LogoGAN.from_pretrained(trained).generate("red star", n=2, seed=1)) == 2


def test_the_history_ends_where_the_weights_do(trained, tmp_path):
    # 12,000 is no multiple of the rows' 512; nor is 100 of anything.
    for folder in (trained, train(short(batch=20), out=tmp_path, images=100, workers=0)):
        last = history.read(folder / "history.csv")[-1]
        assert last["images"] == json.loads((folder / "config.json").read_text())["training"]["images"]
        assert last["loss_fields"] > 0


def weights(folder):
    return torch.load(folder / "state.pt", weights_only=True)


def test_a_resumed_run_equals_an_unbroken_one(tmp_path):
    config = short(checkpoint=192)
    whole = weights(train(config, out=tmp_path / "whole", images=384, workers=0))
    train(config, out=tmp_path / "parts", images=192, workers=0)
    parts = weights(train(config, out=tmp_path / "parts", images=384, workers=0, resume=True))
    assert whole["images"] == parts["images"] == 384
    for part in ("G", "D", "H", "ema"):
        for name, value in whole[part].items():
            assert torch.equal(value, parts[part][name]), f"{part}.{name}"
    rows = [history.read(tmp_path / d / "history.csv") for d in ("whole", "parts")]
    assert [r["images"] for r in rows[0]] == [128, 192, 256, 384]
    assert [{**r, "seconds": 0} for r in rows[0]] == [{**r, "seconds": 0} for r in rows[1]]


def test_a_run_with_an_older_history_goes_on(tmp_path):
    train(short(), out=tmp_path, images=64, workers=0)
    (tmp_path / "history.csv").write_text("images,epoch,seconds,loss_fields\n32,0.00032,1,0.8\n")
    train(short(), out=tmp_path, images=128, workers=0, resume=True)
    rows = history.read(tmp_path / "history.csv")
    assert rows[0] == {"images": 32, "epoch": 0.00032, "seconds": 1, "loss_fields": 0.8}
    assert [r["images"] for r in rows] == [32, 128] and "loss_masks" in rows[1]


KILLED = """
import dataclasses, sys
from logo_gan.steps import FORMS
from logo_gan.train import CONFIGS, train
config = dataclasses.replace(CONFIGS["tiny"], checkpoint=32, log=32)
train(config, out=sys.argv[1], workers=0, resume=True)
"""


def test_a_run_killed_while_it_writes_leaves_whole_files(tmp_path):
    out, part = tmp_path / "run", tmp_path / "run" / ".state.pt.part"
    for _ in range(5):
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(out)], cwd=ROOT, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 120
        while not ((out / "model.safetensors").is_file() and part.exists()) and time.monotonic() < until:
            time.sleep(0.0005)
        process.kill()
        process.wait()
        if part.exists():
            break
    else:
        raise AssertionError("never killed in the middle of writing")
    state = weights(out)
    assert state["images"] >= 32 and state["images"] % 32 == 0
    assert load_file(out / "model.safetensors").keys() == state["ema"].keys()
    target = state["images"] + 64
    train(short(log=32), out=out, images=target, workers=0, resume=True)
    train(short(log=32), out=out, images=target, workers=0, resume=True)  # a finished run stays as it is
    (out / "config.json").unlink()  # as after a kill between the state and it: the run goes on all the same
    train(short(log=32), out=out, images=target, workers=0, resume=True)
    assert [r["images"] for r in history.read(out / "history.csv")] == list(range(32, target + 1, 32))
    assert not list(out.rglob("*.part"))


@pytest.mark.parametrize(
    ("images", "batch", "measure", "points"),
    [(12_000, 32, None, 15), (1_000_000, 64, None, 15), (100_000, 96, 10_000, 10), (10_000, 32, 0, 0)],
)
def test_a_run_has_its_measuring_points(tmp_path, images, batch, measure, points):
    run = Run("tiny", short(images=images, batch=batch, measure=measure), "compose", tmp_path, resume=False)
    due = 0
    for run.images in range(batch, images + batch, batch):
        due += run.due(run.measuring)
    assert due == points


def test_averaged_weights_lag_behind_and_follow(tmp_path):
    run = Run("tiny", short(), "compose", tmp_path, resume=False)
    before = run.task.ema.seed.weight.clone()
    stream = batches(open_source("compose", None, 1, 32, TINY.size, 16))
    for _ in range(6):
        run.step(next(stream))
    moved = (run.task.ema.seed.weight - before).norm()
    ahead = (run.task.G.seed.weight - before).norm()
    assert 0 < moved < ahead


def test_every_form_of_the_bank_can_be_named():
    assert len(bank().marks) <= FORMS


def test_a_parquet_of_logos_trains_by_the_adversary_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    compose.write(tmp_path / "a.parquet", n=80, seed=3)
    out = train(short(), data=str(tmp_path / "*.parquet"), out=tmp_path / "run", images=256, workers=0)
    row = history.read(out / "history.csv")[-1]
    assert "loss_generator" in row and "loss_fields" not in row


@pytest.mark.parametrize("wrong", ["changed", "shuffled", "none"])
def test_the_discriminator_learns_from_the_wrong_captions_it_is_given(tmp_path, wrong):
    """Only the gradient tells: the loss on wrong captions is reported whether or not it is learned from."""
    moved = {}
    for batch_wrong in (0, 1):
        run = Run("tiny", short(wrong=wrong, bf16=False), "compose", tmp_path / f"{wrong}{batch_wrong}", resume=False)
        batch = next(batches(open_source("compose", None, 1, 32, TINY.size, 16)))
        batch.wrong = batch.wrong if batch_wrong else batch.words
        assert "loss_wrong_caption" in run.step(batch)
        moved[batch_wrong] = torch.cat([p.detach().flatten() for p in run.task.D.parameters()])
    assert torch.equal(moved[0], moved[1]) == (wrong != "changed"), "the data's own wrong captions"


def test_without_wrong_captions_the_reader_is_taught_by_the_pairing_alone(tmp_path):
    ends = {}
    for wrong in ("shuffled", "none"):
        run = Run("tiny", short(wrong=wrong, bf16=False), "compose", tmp_path / wrong, resume=False)
        run.step(next(batches(open_source("compose", None, 1, 32, TINY.size, 16))))
        ends[wrong] = torch.cat([p.detach().flatten() for p in run.task.D.parameters()])
    assert not torch.equal(ends["shuffled"], ends["none"])
    with pytest.raises(ValueError, match="Wrong captions are changed, shuffled, none, not 'odd'"):
        Config(wrong="odd")


def test_coarser_fields_are_held_against_what_is_seen_of_them(tmp_path):
    run = Run("tiny", short(size=64), "compose", tmp_path, resume=False)
    report = run.step(next(batches(open_source("compose", None, 1, 32, 64, 16))))
    assert run.task.ema.field_size == 32 and 0 < report["loss_fields"] < 2
    assert run.task.sample(run.words, run.latent).shape == (len(SAMPLE_CAPTIONS), 3, 64, 64)


def test_training_and_the_app_read_captions_alike():
    table, encoder = WordTable.load(), TextEncoder.load()
    captions = [r.caption for r in compose.recipes(8, 0, 400)]
    tokens, mask = encoder.sequence(captions)
    ids = word_ids(captions, table).numpy()
    same = [
        (table.vectors[row] == t).all() and ((row > 0) == m).all() for row, t, m in zip(ids, tokens, mask, strict=True)
    ]
    different = [c for c, s in zip(captions, same, strict=True) if not s]
    # A caption of a brand alone is read as its initial in the app and as "logo" in training.
    assert len(different) < 4, different[:5]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (dict(config="huge"), "There is no configuration 'huge'"),
        (dict(config="tiny", data="nowhere/*.parquet"), "No data at 'nowhere/"),
        (dict(config="tiny", split="train[:10]"), "Composed logos have no splits"),
        (dict(config="tiny", data="nobody/nothing"), "The dataset 'nobody/nothing'"),
        (dict(config="tiny", data=__file__), f"{__file__} is not a readable parquet file"),
    ],
)
def test_nonsense_is_refused_in_one_sentence(tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ValueError, match=r"^[^\n]+$") as refused:
        train(out=tmp_path / "run", images=32, workers=0, **arguments)
    assert str(refused.value).startswith(sentence)
    assert not (tmp_path / "run").exists()


def test_a_folder_with_a_run_is_not_overwritten_by_accident(tmp_path):
    train(short(), out=tmp_path, images=32, workers=0)
    with pytest.raises(ValueError, match="--resume"):
        train(short(), out=tmp_path, images=64, workers=0)


def test_a_damaged_or_foreign_state_is_refused(tmp_path):
    train(short(), out=tmp_path, images=32, workers=0)
    with pytest.raises(ValueError, match="of another configuration"):
        train("baseline-28", out=tmp_path, images=64, workers=0, resume=True)
    (tmp_path / "state.pt").write_bytes(b"PK not a state")
    with pytest.raises(ValueError, match="damaged"):
        train(short(), out=tmp_path, images=64, workers=0, resume=True)
