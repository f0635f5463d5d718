"""Training: it learns, it resumes to the same weights, it leaves whole files, it refuses nonsense in one sentence."""

import dataclasses
import json
import os
import subprocess
import sys
import time

import pytest
import tiny_task
import torch
from conftest import ROOT
from PIL import Image
from safetensors.torch import load_file

from logo_gan.model import checkpoint
from logo_gan.training import history
from logo_gan.training.config import CONFIGS
from logo_gan.training.distributed import Processes
from logo_gan.training.loop import Run, train
from logo_gan.training.schedule import LAST, rate_factor, update_average

REAL = ROOT.parent / "shared" / "data" / "real_logos.parquet"
LEFT_OUT = ("spacy", "gradio", "pandas", "loguru", "datasets", "accelerate", "huggingface_hub", "plotly", "tokenizers")
STEPS = 24  # of the baseline: what shows that it learns, and takes seconds


def tiny(**changes):
    return dataclasses.replace(tiny_task.CONFIG, **changes)


def run_tiny(out, images=None, resume=False, **changes):
    return train(tiny(**changes), "noise", out=out, images=images, resume=resume, workers=0)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return run_tiny(tmp_path_factory.mktemp("tiny"))


def test_a_run_learns_and_its_history_tells(trained):
    rows = history.read(trained / "history.csv")
    assert [row["images"] for row in rows] == list(range(128, 2_049, 128))
    assert all({"loss_generator", "loss_discriminator", "epoch", "seconds"} <= row.keys() for row in rows)
    measured = [row["colour_error"] for row in rows if "colour_error" in row]
    assert len(measured) == 4 and measured[-1] < 0.5 * measured[0]


def test_a_run_leaves_what_drawing_needs(trained):
    config = json.loads((trained / "config.json").read_text())
    assert (config["format"], config["architecture"], config["colours"]) == (checkpoint.FORMAT, "tiny", 3)
    assert config["training"]["images"] == 2_048 and config["training"]["data"] == "reddish noise"
    assert config["training"]["samples"] == ["one", "two", "three"]
    for name in ("model", "judge"):
        assert all(value.dtype == torch.float16 for value in load_file(trained / f"{name}.safetensors").values())
    assert [path.name for path in sorted((trained / "samples").iterdir())] == ["000001024.png", "000002048.png"]
    red, green, blue = Image.open(trained / "samples" / "000002048.png").resize((1, 1)).getpixel((0, 0))
    assert red > 1.5 * max(green, blue)
    assert Image.open(trained / "progress.png").height > 3 * 64
    assert not list(trained.rglob("*.part"))


def test_the_history_ends_where_the_weights_do(tmp_path):
    folder = run_tiny(tmp_path, images=100, batch=20)  # no multiple of the rows' 128
    last = history.read(folder / "history.csv")[-1]
    assert last["images"] == json.loads((folder / "config.json").read_text())["training"]["images"] == 100
    assert last["loss_generator"] > 0


def weights(folder):
    return torch.load(folder / "state.pt", weights_only=True)


def without_time(folder):
    return [{**row, "seconds": 0} for row in history.read(folder / "history.csv")]


def test_a_resumed_run_equals_an_unbroken_one(tmp_path):
    whole = weights(run_tiny(tmp_path / "whole", images=512, checkpoint=192))
    run_tiny(tmp_path / "parts", images=192, checkpoint=192, measure=512)
    (tmp_path / "parts" / ".state.pt.left.part").write_bytes(b"by a killed run")
    parts = weights(run_tiny(tmp_path / "parts", images=512, checkpoint=192, resume=True))
    assert whole["images"] == parts["images"] == 512
    for part in ("G", "D", "ema"):
        for name, value in whole[part].items():
            assert torch.equal(value, parts[part][name]), f"{part}.{name}"
    assert without_time(tmp_path / "whole")[-1] == without_time(tmp_path / "parts")[-1]
    assert [row["images"] for row in without_time(tmp_path / "whole")] == [128, 192, 256, 384, 512]
    assert not list(tmp_path.rglob("*.part"))


def test_workers_do_not_change_a_run(tmp_path):
    alone = weights(run_tiny(tmp_path / "alone", images=256))
    helped = weights(train(tiny(), "noise", out=tmp_path / "helped", images=256, workers=2))
    assert all(torch.equal(value, helped["G"][name]) for name, value in alone["G"].items())


def test_a_run_with_an_older_history_goes_on(tmp_path):
    run_tiny(tmp_path, images=64)
    (tmp_path / "history.csv").write_text("images,epoch,seconds,loss_fields\n32,0.00032,1,0.8\n")
    run_tiny(tmp_path, images=128, resume=True)
    rows = history.read(tmp_path / "history.csv")
    assert rows[0] == {"images": 32, "epoch": 0.00032, "seconds": 1, "loss_fields": 0.8}
    assert [row["images"] for row in rows] == [32, 128] and "loss_generator" in rows[1]


KILLED = """
import sys
sys.path.insert(0, "tests")
from tiny_task import CONFIG
import dataclasses
from logo_gan.training.loop import train
train(dataclasses.replace(CONFIG, checkpoint=32, log=32, measure=0, images=10**6), "noise", out=sys.argv[1],
      workers=0, resume=True)
"""


def test_a_run_killed_while_it_writes_leaves_whole_files(tmp_path):
    out = tmp_path / "run"
    for _ in range(5):
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(out)], cwd=ROOT, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 120
        while not ((out / "progress.png").is_file() and list(out.glob(".*.part"))) and time.monotonic() < until:
            time.sleep(0.0005)
        process.kill()
        process.wait()
        if list(out.glob(".*.part")):
            break
    else:
        raise AssertionError("never killed in the middle of writing")
    state = weights(out)
    assert state["images"] >= 32 and state["images"] % 32 == 0
    assert load_file(out / "model.safetensors").keys() == state["ema"].keys()
    short = dict(images=state["images"] + 64, resume=True, log=32, checkpoint=10**9, measure=0)
    for _ in range(2):  # a finished run stays as it is
        run_tiny(out, **short)
    (out / "config.json").unlink()  # as after a kill between the state and it: the run goes on all the same
    run_tiny(out, **short)
    assert [row["images"] for row in history.read(out / "history.csv")] == list(range(32, short["images"] + 1, 32))
    assert not list(out.rglob("*.part"))


def tiny_run(config, out):
    return Run("tiny", config, tiny_task.Tiny.open_source(config, "noise"), out, resume=False)


@pytest.mark.parametrize(
    ("images", "batch", "measure", "points"),
    [(12_000, 32, None, 15), (1_000_000, 64, None, 15), (100_000, 96, 10_000, 10), (10_000, 32, 0, 0)],
)
def test_a_run_has_its_measuring_points(tmp_path, images, batch, measure, points):
    run = tiny_run(tiny(images=images, batch=batch, measure=measure), tmp_path)
    due = 0
    for run.images in range(batch, images + batch, batch):
        due += run.due(run.measuring)
    assert due == points


def test_a_run_whose_measures_cannot_be_taken_says_so_once_and_goes_on(tmp_path, monkeypatch, capsys):
    def lacking(self):
        raise ImportError("No module named 'judge'")

    monkeypatch.setattr(tiny_task.Tiny, "measure", lacking)
    rows = history.read(run_tiny(tmp_path, images=256, measure=64) / "history.csv")
    assert rows[-1]["images"] == 256 and "loss_generator" in rows[-1]
    assert capsys.readouterr().err.count("Nothing is measured here: No module named 'judge'") == 1


def test_rates_rise_stay_and_fall():
    config = tiny(images=1000, batch=10, warm_up=100, fall=0.5)
    factors = [rate_factor(config, images) for images in (0, 40, 90, 300, 500, 750, 1000, 5000)]
    assert factors == pytest.approx([0.1, 0.5, 1, 1, 1, 0.5, 2 * LAST, 2 * LAST])
    assert rate_factor(CONFIGS["baseline-28"], 10**7) == 1


def test_averaged_weights_lag_behind_and_follow():
    config, network = tiny(half_life=1_000), torch.nn.BatchNorm1d(4)
    average = torch.nn.BatchNorm1d(4)
    with torch.no_grad():
        network.weight.fill_(3)
    network.running_mean.fill_(5)
    update_average(average, network, config, images=10**6)
    assert average.weight.tolist() == pytest.approx([3 - 2 * 0.5 ** (32 / 1_000)] * 4)
    assert average.running_mean.tolist() == [5] * 4
    update_average(average, network, config, images=0)
    assert average.weight.tolist() == [3] * 4, "at first there is nothing to remember"


@pytest.fixture(scope="module")
def baseline(tmp_path_factory):
    """A few steps of the baseline on real logos, with no package but those that training may count on."""
    if not REAL.is_file():
        pytest.skip(f"needs {REAL}")
    out = tmp_path_factory.mktemp("baseline")
    bare = f"""
import sys
for name in {LEFT_OUT}:
    sys.modules[name] = None
import dataclasses
from logo_gan.training.loop import CONFIGS, train
config = dataclasses.replace(CONFIGS["baseline-28"], log=128, checkpoint=10**9, measure=32 * {STEPS // 2})
train(config, data={str(REAL)!r}, out={str(out / "run")!r}, images=32 * {STEPS}, workers=0)
"""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "XDG_CACHE_HOME": str(out)}
    done = subprocess.run(
        [sys.executable, "-c", bare], cwd=ROOT, capture_output=True, text=True, timeout=300, env=environment
    )
    assert done.returncode == 0, done.stderr
    return out / "run"


def test_the_baseline_learns_from_a_parquet_of_logos(baseline):
    rows = history.read(baseline / "history.csv")
    assert rows[-1]["loss_discriminator"] < rows[0]["loss_discriminator"]
    distances = [row["frechet_distance_pixels"] for row in rows if "frechet_distance_pixels" in row]
    assert len(distances) == 2 and distances[1] < 0.95 * distances[0]


def test_a_trained_baseline_can_be_loaded(baseline):
    config = checkpoint.read_config(baseline / "config.json")
    generator = checkpoint.read_generator(baseline / "model.safetensors", config)
    assert config["training"]["images"] == 32 * STEPS and "2,038 logos" in config["training"]["data"]
    drawn = generator(torch.randn(4, 100), torch.randn(4, 300))
    assert drawn.shape == (4, 3, 28, 28) and drawn.std() > 0.05
    assert Image.open(baseline / "progress.png").height > 16 * 64


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (dict(config="huge"), "There is no configuration 'huge'; there are "),
        (dict(data="nowhere/*.parquet"), "No data at 'nowhere/"),
        (dict(data="memory", split="train[:10]"), "--split is for real logos"),
        (dict(data="memory", revision="main"), "--revision is for real logos"),
        (dict(data="nobody/nothing"), "The dataset 'nobody/nothing'"),
        (dict(data=__file__), f"{__file__} is not a readable parquet file"),
        (dict(config=tiny_task.CONFIG, data="signal"), "There is noise only"),
    ],
)
def test_nonsense_is_refused_in_one_sentence(tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ValueError, match=r"^[^\n]+$") as refused:
        train(**{"config": "baseline-28", **arguments}, out=tmp_path / "run", images=32, workers=0)
    assert str(refused.value).startswith(sentence)
    assert not (tmp_path / "run").exists()


def test_a_folder_with_a_run_is_not_overwritten_by_accident(tmp_path):
    run_tiny(tmp_path, images=32)
    with pytest.raises(ValueError, match="--resume"):
        run_tiny(tmp_path, images=64)


def test_a_damaged_or_foreign_state_is_refused(tmp_path):
    run_tiny(tmp_path, images=32)
    state = weights(tmp_path)
    torch.save({**state, "G": {"other": torch.zeros(1)}}, tmp_path / "state.pt")
    with pytest.raises(ValueError, match="of another configuration"):
        run_tiny(tmp_path, images=64, resume=True)
    (tmp_path / "state.pt").write_bytes(b"PK not a state")
    with pytest.raises(ValueError, match="damaged"):
        run_tiny(tmp_path, images=64, resume=True)


def test_what_was_seen_stays_in_the_description_of_the_data(tmp_path):
    run_tiny(tmp_path, images=32)
    run = Run("tiny", tiny(), tiny_task.Pictures(tiny(), slice(None)), tmp_path, resume=True, processes=Processes())
    assert run.data == "reddish noise"
    source = tiny_task.Pictures(tiny(), slice(None))
    source.description = "greenish noise"
    assert Run("tiny", tiny(), source, tmp_path, resume=True).data == "reddish noise, then greenish noise"
