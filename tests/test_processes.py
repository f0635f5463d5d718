"""Several processes under `accelerate launch` train as one does: the same batches, one history, one set of files."""

import dataclasses
import os
import subprocess
import sys

import pytest
import tiny_task
import torch
from conftest import ROOT

from logo_gan.training import history
from logo_gan.training.loop import train

# --resume, for every process must find the first one's files.
LAUNCHED = """
import dataclasses, sys
sys.path.insert(0, "tests")
from tiny_task import CONFIG
from logo_gan.training.loop import train
config = dataclasses.replace(CONFIG, checkpoint=96, log=64, measure=0)
try:
    for images, resume in ((96, False), (192, True)):
        train(config, "noise", out=sys.argv[1], images=images, resume=resume)
except ValueError as error:
    sys.exit(f"error: {error}")
"""
LAUNCH = "accelerate.commands.accelerate_cli launch --multi_gpu --num_processes 2 --num_machines 1"
LAUNCH += " --mixed_precision no --dynamo_backend no --main_process_port 0"  # 0: any free one


def launched(*command):
    """Without a GPU even where there is one: two processes could not share it."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", *LAUNCH.split(), *map(str, command)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


@pytest.mark.skipif(torch.cuda.is_available(), reason="compares the CPU's sums")
def test_two_processes_train_as_one_does(tmp_path):
    (tmp_path / "launched.py").write_text(LAUNCHED)
    done = launched(tmp_path / "launched.py", tmp_path / "two")
    assert done.returncode == 0, done.stderr
    config = dataclasses.replace(tiny_task.CONFIG, checkpoint=96, log=64, measure=0)
    train(config, "noise", out=tmp_path / "one", images=96, workers=0)
    train(config, "noise", out=tmp_path / "one", images=192, workers=0, resume=True)

    one, two = (torch.load(tmp_path / d / "state.pt", weights_only=True) for d in ("one", "two"))
    assert one["images"] == two["images"] == 192
    for part in ("G", "D", "ema"):
        apart = sum((one[part][k] - two[part][k]).double().square().sum() for k in one[part]) ** 0.5
        assert apart < 1e-4, (part, apart)
    rows = [history.read(tmp_path / d / "history.csv") for d in ("one", "two")]
    assert [r["images"] for r in rows[1]] == [64, 96, 128, 192]
    for alone, together in zip(*rows, strict=True):
        assert {**together, "seconds": 0} == pytest.approx({**alone, "seconds": 0}, rel=1e-3)
    names = [sorted(p.name for p in (tmp_path / d).rglob("*")) for d in ("one", "two")]
    assert names[0] == names[1]


def test_a_batch_that_cannot_be_shared_out_is_refused(tmp_path):
    (tmp_path / "odd.py").write_text(LAUNCHED.replace("measure=0", "batch=33"))
    done = launched(tmp_path / "odd.py", tmp_path / "run")
    assert done.returncode != 0 and "error: A batch of 33" in done.stderr
    assert not (tmp_path / "run").exists()
