"""Training: it learns, it resumes to the same weights, it leaves whole files, it refuses nonsense in one sentence."""

import dataclasses
import json

import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from logo_gan import compose, history
from logo_gan.data import batches, open_source, read_rows, word_ids
from logo_gan.pipeline import LogoGAN
from logo_gan.prompt import TextEncoder, WordTable
from logo_gan.train import CONFIGS, Run, train

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
    assert len(sheets) >= 2 and Image.open(sheets[-1]).size[1] == TINY.size
    assert not list(trained.rglob("*.part"))
    assert len(LogoGAN.from_pretrained(trained).generate("red star", n=2, seed=1)) == 2


def weights(folder):
    return torch.load(folder / "state.pt", weights_only=True)


def test_a_resumed_run_equals_an_unbroken_one(tmp_path):
    config = short()
    whole = weights(train(config, out=tmp_path / "whole", images=384, workers=0))
    train(config, out=tmp_path / "parts", images=192, workers=0)
    parts = weights(train(config, out=tmp_path / "parts", images=384, workers=0, resume=True))
    assert whole["images"] == parts["images"] == 384
    for part in ("G", "D", "H", "ema"):
        for name, value in whole[part].items():
            assert torch.equal(value, parts[part][name]), f"{part}.{name}"
    images = [[r["images"] for r in history.read(tmp_path / d / "history.csv")] for d in ("whole", "parts")]
    assert images[0] == images[1]


def test_history_rows_beyond_the_checkpoint_are_repeated_not_doubled(tmp_path):
    columns = ("images", "loss_generator")
    first = history.History(tmp_path / "history.csv", columns)
    for images in (100, 200, 300):
        first.add(images=images, loss_generator=0.5)
    second = history.History(tmp_path / "history.csv", columns, images=200)
    second.add(images=300, loss_generator=0.25)
    assert [(r["images"], r["loss_generator"]) for r in history.read(tmp_path / "history.csv")] == [
        (100, 0.5), (200, 0.5), (300, 0.25),
    ]  # fmt: skip


def test_averaged_weights_lag_behind_and_follow(tmp_path):
    run = Run("tiny", short(), "compose", tmp_path, resume=False)
    before = run.task.ema.seed.weight.clone()
    stream = batches(open_source("compose", None, 1, 32, TINY.size, 16))
    for _ in range(6):
        run.step(next(stream))
    moved = (run.task.ema.seed.weight - before).norm()
    ahead = (run.task.G.seed.weight - before).norm()
    assert 0 < moved < ahead


def test_a_parquet_of_logos_trains_by_the_adversary_alone(tmp_path):
    compose.write(tmp_path / "a.parquet", n=80, seed=3)
    out = train(short(), data=str(tmp_path / "*.parquet"), out=tmp_path / "run", images=256, workers=0)
    row = history.read(out / "history.csv")[-1]
    assert "loss_generator" in row and "loss_fields" not in row


def test_the_same_batches_come_again_from_any_image_count(tmp_path):
    compose.write(tmp_path / "a.parquet", n=80, seed=3)
    for source in ("compose", str(tmp_path / "a.parquet")):
        stream = batches(open_source(source, None, 1, 16, 32, 16))
        third = [next(stream) for _ in range(3)][2]
        again = next(batches(open_source(source, None, 1, 16, 32, 16), start=32))
        assert torch.equal(third.images, again.images) and torch.equal(third.words, again.words)
        assert torch.equal(third.latent, again.latent) and torch.equal(third.wrong, again.wrong)


def test_an_epoch_of_a_parquet_shows_each_row_once(tmp_path):
    compose.write(tmp_path / "a.parquet", n=64, seed=3)
    stream = batches(open_source(str(tmp_path / "a.parquet"), None, 1, 16, 32, 16))
    seen = torch.cat([next(stream).images for _ in range(4)]).flatten(1)
    assert len(torch.unique(seen, dim=0)) == 64


def test_broken_rows_are_skipped_and_counted(tmp_path):
    compose.write(tmp_path / "a.parquet", n=8, seed=3)
    rows = [(r["image"]["bytes"], r["text"]) for r in pq.read_table(tmp_path / "a.parquet").to_pylist()]
    rows[2] = (rows[2][0][:60], "cut off")
    rows[5] = (None, "nothing")
    images, texts, skipped = read_rows(iter(rows), 32)
    assert len(images) == len(texts) == 6 and skipped == 2


def test_a_folder_of_shards_trains_like_a_dataset_of_the_hub(tmp_path, monkeypatch):
    """`datasets` reads a local folder as it reads a repository; slices of a split work."""
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "logos" / "data").mkdir(parents=True)
    for i in range(2):
        compose.write(tmp_path / "logos" / "data" / f"train-0000{i}-of-00002.parquet", n=40, seed=i)
    stream = open_source(str(tmp_path / "logos"), "train[-60:]", 1, 16, 32, 16)
    assert len(stream.texts) == 60 and stream.skipped == 0
    assert next(batches(stream)).images.shape == (16, 3, 32, 32)


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
