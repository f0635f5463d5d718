"""What a run shows of itself: measures on a machine with few packages, kept generators, sample sheets, the strip."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
from conftest import ROOT
from PIL import Image

from logo_gan import history, progress
from logo_gan.configs import CONFIGS
from logo_gan.processes import Processes
from logo_gan.progress import CELL, GAP, LABEL, SAMPLE_CAPTIONS, TOP
from logo_gan.prompt import WordTable
from logo_gan.steps import TASKS

# The packages that a machine for training need not have.
BARE = """
import sys
for name in ("spacy", "gradio", "pandas", "loguru", "datasets", "accelerate", "torchmetrics", "plotly"):
    sys.modules[name] = None
import dataclasses
from logo_gan.train import CONFIGS, train
config = dataclasses.replace(CONFIGS["tiny"], batch=16, log=10**9, checkpoint=10**9, measure=32, keep=True)
train(config, out=sys.argv[1], images=64, workers=0)
"""


def bare(folder, out):
    done = subprocess.run(
        [sys.executable, "-c", BARE, str(out)], cwd=folder, capture_output=True, text=True, timeout=300,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """64 images of the tiny configuration, measured at 32 and at the end, without any package that is not needed."""
    out = tmp_path_factory.mktemp("run")
    bare(ROOT, out)
    return out


def test_a_bare_machine_measures_its_run(run):
    rows = history.read(run / "history.csv")
    assert [r["images"] for r in rows] == [32, 64]
    for row in rows:
        assert set(history.MEASURES) <= row.keys() and "loss_fields" in row
        assert 0 <= row["colour"] <= 1 and row["frechet_distance"] > 1, "an untrained generator draws no logos"


def test_a_run_keeps_the_generators_that_it_measured(run):
    assert sorted(p.name for p in run.glob("model_*")) == ["model_000000032.safetensors", "model_000000064.safetensors"]
    assert (run / "model_000000064.safetensors").read_bytes() == (run / "model.safetensors").read_bytes()
    assert (run / "model_000000032.safetensors").read_bytes() != (run / "model.safetensors").read_bytes()


def test_kept_generators_are_measured_later_as_they_were_then(run, tmp_path):
    later = shutil.copytree(run, tmp_path / "later")
    (later / "history.csv").unlink()
    history.insert(later / "history.csv", 32, loss_fields=0.5)
    assert progress.measure_checkpoints(later) == [32, 64]
    for then, now in zip(history.read(run / "history.csv"), history.read(later / "history.csv"), strict=True):
        for name in history.MEASURES:
            assert now[name] == pytest.approx(then[name], rel=0.02, abs=0.02), name  # kept in half precision
    assert history.read(later / "history.csv")[0]["loss_fields"] == 0.5
    assert progress.measure_checkpoints(later) == [], "measured twice"


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (lambda f: (f / "config.json").write_text("{"), "holds no run"),
        (lambda f: (f / "model_000000032.safetensors").write_bytes(b"no"), "model_000000032.safetensors is damaged"),
        (
            lambda f: (f / "config.json").write_text(
                (f / "config.json").read_text().replace('"width": 32', '"width": 16')
            ),
            "of another architecture",
        ),
    ],
)
def test_what_is_no_run_is_refused_in_one_sentence(run, tmp_path, break_it, sentence):
    broken = shutil.copytree(run, tmp_path / "broken")
    (broken / "history.csv").unlink()
    break_it(broken)
    with pytest.raises(ValueError, match=sentence) as refused:
        progress.measure_checkpoints(broken)
    assert "\n" not in str(refused.value)


def test_where_judge_and_encoder_are_missing_a_run_says_so_once_and_goes_on(tmp_path):
    shutil.copytree(ROOT / "logo_gan", tmp_path / "logo_gan", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "words").symlink_to(ROOT / "weights" / "words")
    said = bare(tmp_path, tmp_path / "run")
    assert said.count("Nothing is measured here") == 1, said
    rows = history.read(tmp_path / "run" / "history.csv")
    assert rows[-1]["images"] == 64 and "loss_fields" in rows[-1] and "colour" not in rows[-1]
    assert len(list((tmp_path / "run").glob("model_*"))) == 2, "to be measured elsewhere"


def test_the_bundled_model_scores_as_it_does_in_the_app(bundled_weights, tmp_path):
    """By the word table alone and without a choice among candidates it must still draw what is asked for."""
    for name in ("config.json", "model.safetensors"):
        shutil.copy(bundled_weights / name, tmp_path)
    progress.measure_checkpoints(tmp_path)
    (row,) = history.read(tmp_path / "history.csv")
    assert row["colour"] > 0.7 and row["container"] > 0.8 and row["object"] > 0.5 and row["binding"] > 0.6
    assert row["diversity"] > 0.6


@pytest.mark.parametrize("name", ["tiny", "baseline-28"])
def test_draws_what_metrics_asks_for(name):
    config, table = CONFIGS[name], WordTable.load()
    draw = progress.drawer(TASKS[config.architecture](config, table, Processes()), table)
    some, more = draw(["red star", "a blue fish"], 5), draw(["red star", "a blue fish", "cat"], 5)
    assert some.shape == (2, 4, 64, 64, 3) and some.dtype == np.uint8
    assert np.abs(some.astype(int) - more[:2]).max() <= 1, "a logo depends on those drawn after it"
    assert (draw(["red star"], 6) != some[:1]).any() and (some[0, 0] != some[0, 1]).any()
    assert (draw(["blue star"], 5) != some[:1]).any(), "the prompt is not read"


def plain_sheets(folder, counts, size):
    """Sheets whose picture i of count c is one colour: (c // 10, 10 i, 0)."""
    (folder / "samples").mkdir()
    for count in counts:
        images = torch.zeros(len(SAMPLE_CAPTIONS), 3, size, size)
        for i, image in enumerate(images):
            image[0], image[1] = count // 10 / 255, 10 * i / 255
        progress.sheet(images).save(folder / "samples" / f"{count:09d}.png")


@pytest.mark.parametrize("size", [28, 64])
def test_the_strip_has_a_row_a_caption_and_columns_spread_over_the_run(tmp_path, size):
    # Sheets lie close together at first; columns are spread over the images, not over the sheets.
    plain_sheets(tmp_path, [10, 20, 30, 40, 50, 60, 70, 80, 90, 500, 1000, 1500, 2000], size)
    strip = progress.strip(tmp_path, points=5)
    assert strip.size == (LABEL + 5 * (CELL + GAP), TOP + 16 * (CELL + GAP))
    for column, count in enumerate((10, 500, 1000, 1500, 2000)):
        for row in (0, 7, 15):
            middle = (LABEL + column * (CELL + GAP) + CELL // 2, TOP + row * (CELL + GAP) + CELL // 2)
            assert strip.getpixel(middle) == (count // 10, 10 * row, 0)
    labels, heads = strip.crop((0, TOP, LABEL, strip.height)), strip.crop((LABEL, 0, strip.width, TOP))
    for k in range(16):
        assert labels.crop((0, k * (CELL + GAP), LABEL, (k + 1) * (CELL + GAP))).getextrema()[0][0] < 128
    assert heads.getextrema()[0][0] < 128


def test_a_strip_needs_sheets_of_the_captions_it_is_labelled_with(tmp_path):
    with pytest.raises(ValueError, match="no sample sheets"):
        progress.strip(tmp_path)
    plain_sheets(tmp_path, [100], 32)
    Image.open(tmp_path / "samples" / "000000100.png").crop((0, 0, 34 * 12, 32)).save(tmp_path / "samples" / "200.png")
    with pytest.raises(ValueError, match=r"200\.png was not drawn from the 16 captions"):
        progress.strip(tmp_path)
