"""`kill -9` at any moment: nothing half-written is ever read, nothing lives on, and the next start is a clean one."""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pyarrow.parquet as pq
import pytest
import torch
from conftest import ROOT, launched
from hub_stand_in import hub
from PIL import Image
from raw_http import asked, process, send, upload
from safetensors.torch import load_file

from eda.dataset import EXAMPLE
from logo_gan.training import history

PROMPT = {"prompt": "orange rocket in a navy circle", "seed": 7}
SECONDS = 30  # for what should take less than one
# One thread, as otherwise what the parent has begun could not be gone on with in a fork.
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "tests")))}


def awaited(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not what():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.005)


def reading(main: psutil.Process) -> list[psutil.Process]:
    """The children that read datasets, which they do less urgently than what their parent does."""
    found = []
    for child in main.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            found += [child] if child.nice() > main.nice() else []
    return found


def killed(main: psutil.Process) -> None:
    """Kills a process and waits for all its children to end, which they have to do by themselves.

    Those that read datasets are stopped first, as if they were in the middle of something long.
    """
    children = main.children(recursive=True)
    assert children
    for child in reading(main):
        child.suspend()
    main.kill()
    _, alive = psutil.wait_procs(children, SECONDS)
    assert not alive, [child.cmdline() for child in alive]


def half_an_upload(url: str) -> socket.socket:
    """A connection on which a half of a file has been sent."""
    connection = socket.create_connection((urlsplit(url).hostname, urlsplit(url).port))
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="half.parquet"\r\n\r\n'
    connection.sendall(
        b"POST /gradio_api/upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        + f"Content-Length: {2_000_000 + len(head)}\r\n\r\n".encode()
        + head
        + bytes(1_000_000)
    )
    return connection


def test_an_app_killed_while_it_draws_takes_in_and_analyses_leaves_no_process_and_starts_clean(tmp_path):
    cache = tmp_path / "cache"
    with launched(tmp_path) as app:
        assert asked(app, "generate", PROMPT)[0] == "complete"
        main, dataset = process(app), upload(app, EXAMPLE)
        with half_an_upload(app.url):
            awaited(lambda: any(file.stat().st_size >= 900_000 for file in cache.glob("*/tmp*")))
            assert send(app, "analyse", {"file": dataset}).status_code == 200
            for seed in range(3):
                assert send(app, "generate", {**PROMPT, "seed": seed}).status_code == 200
            awaited(lambda: reading(main))
            killed(main)
        (folder,) = cache.iterdir()
    with launched(tmp_path) as app:
        assert not folder.exists(), "what the dead process had is still there"
        (own,) = cache.iterdir()
        pictures = asked(app, "generate", PROMPT)[1][0]
        for picture in pictures:
            with Image.open(picture["image"]["path"]) as image:
                image.load()
        assert asked(app, "analyse", {"file": upload(app, EXAMPLE)})[1][0]["rows"] == 2_000
        assert {path.parent.parent for path in map(Path, (each["image"]["path"] for each in pictures))} == {own}
        assert "Traceback" not in app.log.read_text() and "ERROR" not in app.log.read_text()


# Of a process that has imported what it needs, forks of which do the work until they are killed.
TRAINED = """
import dataclasses, os, random, signal, sys, time
from logo_gan.training.loop import train
from tiny_task import CONFIG

config = dataclasses.replace(CONFIG, checkpoint=32, log=32, measure=0)
target, rng = 160, random.Random(0)

def forked(out, after=None):
    if (child := os.fork()) == 0:
        train(config, "noise", out=out, images=target, workers=0, resume=True)
        os._exit(0)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

begin = time.monotonic()
assert forked(sys.argv[1]) == 0
whole = time.monotonic() - begin
print("killed", sum(forked(sys.argv[2], rng.uniform(0.1, 0.35) * whole) < 0 for _ in range(int(sys.argv[3]))))
assert forked(sys.argv[2]) == 0
"""
TIMES = 4


def test_a_run_killed_at_random_moments_ends_with_the_weights_of_an_unbroken_one(tmp_path):
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    done = subprocess.run(
        [sys.executable, "-c", TRAINED, str(unbroken), str(broken), str(TIMES)],
        env=ENVIRONMENT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) >= 2, "it was hardly ever killed"
    states = [torch.load(run / "state.pt", weights_only=True) for run in (unbroken, broken)]
    assert states[0]["images"] == states[1]["images"] == 160
    for part in ("G", "D", "ema"):
        for name, values in states[0][part].items():
            assert torch.equal(values, states[1][part][name]), f"{part} {name}"
    weights = [load_file(run / "model.safetensors") for run in (unbroken, broken)]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    rows = [history.read(run / "history.csv") for run in (unbroken, broken)]
    assert [row["images"] for row in rows[0]] == [row["images"] for row in rows[1]] == [*range(32, 161, 32)]
    assert [p.name for p in sorted(broken.rglob("*.part"))] == []


# Kills itself at the n-th thing that is done to a file in its folder: opened to write, renamed, its rights changed.
AT_EACH = """
import functools, importlib, json, os, signal, sys
package, folder, *commands = sys.argv[1:]
module = importlib.import_module(package + ".__main__")
if package == "logo_gan":
    from logo_gan.marks.memory import Memory
    Memory.load()
    module._model = functools.cache(module._model)  # loaded once, here, for all forks
    module._model(None)

def forked(arguments, number):
    if (child := os.fork()) == 0:
        seen = 0
        def hook(event, values):
            nonlocal seen
            if event not in ("open", "os.rename", "os.chmod", "os.mkdir", "os.remove"):
                return
            if not str(values[0]).startswith(folder) or event == "open" and not values[2] & os.O_ACCMODE:
                return
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)
        sys.addaudithook(hook)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os._exit(module.main(arguments))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

for command in commands:
    arguments, numbers = json.loads(command)
    for number in numbers:
        status = forked(arguments, number)
        print("status", status, flush=True)
        sys.stdin.readline()
        if status == 0:
            break
"""


def killed_at(package: str, folder: Path, look: Callable[[], None], *commands: tuple[list[str], list[int]]) -> int:
    """Runs commands, each once for each of some moments at which it is killed, counted in what it does to files in a
    folder, until one has nothing left to be killed at; calls `look` after each. Returns how often it was killed.
    """
    with subprocess.Popen(
        [sys.executable, "-c", AT_EACH, package, str(folder), *map(json.dumps, commands)],
        cwd=ROOT, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as driver:  # fmt: skip
        kills, whole = 0, 0
        while line := driver.stdout.readline():
            assert line in ("status -9\n", "status 0\n")
            look()
            kills += line == "status -9\n"
            whole += line == "status 0\n"
            driver.stdin.write("\n")
            driver.stdin.flush()
        assert whole == len(commands), driver.stderr.read()
    return kills


def test_commands_that_draw_killed_at_any_moment_leave_whole_files_or_none(tmp_path):
    pictures, composed = tmp_path / "pictures", tmp_path / "composed.parquet"

    def look() -> None:
        for path in pictures.glob("logo_*.png"):
            with Image.open(path) as image:
                image.load()
        for path in pictures.glob("logo_*.svg"):
            assert path.read_text().rstrip().endswith("</svg>")
        assert not composed.exists() or pq.read_table(composed).num_rows == 4

    generate = ["generate", "red star", "--n", "1", "--seed", "1", "--size", "64", "--out", str(pictures)]
    compose = ["compose", "--n", "4", "--seed", "1", "--size", "64", "--out", str(composed)]
    every = list(range(1, 30))
    assert killed_at("logo_gan", tmp_path, look, (generate, every), (compose, every)) >= 12
    assert sorted(path.name for path in pictures.glob("logo_*")) == ["logo_0.png", "logo_0.svg"]
    assert composed.exists()


def test_an_analysis_on_the_command_line_killed_at_any_moment_leaves_whole_files_or_none(tmp_path):
    source, page, figures = tmp_path / "few.parquet", tmp_path / "out" / "a.html", tmp_path / "out" / "a.json"
    pq.write_table(pq.read_table(EXAMPLE)[:20], source)

    def look() -> None:
        assert not page.exists() or page.read_text().rstrip().endswith("</html>")
        assert not figures.exists() or json.loads(figures.read_text())["rows"] == 20

    # Each has a process of its own that reads, so not every moment: before and after the first file has its name.
    arguments = [str(source), "--html", str(page), "--json", str(figures), "--workers", "1"]
    assert killed_at("eda", page.parent, look, (arguments, [3, 5, 7, 100])) >= 2
    assert page.exists() and figures.exists()


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("eda", [str(EXAMPLE), "--json", "{out}/figures.json"]),
        ("logo_gan", ["train", "--config", "baseline-28", "--data", "memory", "--out", "{out}/run"]),
    ],
)
def test_children_of_a_killed_command_end_with_it(tmp_path, module, arguments):
    command = [sys.executable, "-m", module, *(each.format(out=tmp_path) for each in arguments)]
    main = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    working = psutil.Process(main.pid)
    awaited(lambda: reading(working) if module == "eda" else working.children())
    killed(working)
    assert main.wait() == -signal.SIGKILL
    assert not list(tmp_path.glob("figures.json"))


def test_a_fetch_whose_parent_is_killed_ends_and_leaves_no_half_of_a_model(tmp_path, bundled_weights):
    environment = {**ENVIRONMENT, "HF_HUB_CACHE": str(tmp_path / "hub"), "HF_TOKEN": ""}
    environment.pop("HF_HUB_OFFLINE", None)
    command = [sys.executable, "-c", "from logo_gan.model.hub import fetch; print(fetch('owner/logos'))"]
    with hub(tmp_path) as server:
        server.model("owner/logos", bundled_weights, trouble="drip")
        environment["HF_ENDPOINT"] = server.url
        main = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        awaited(lambda: any(name.endswith(".safetensors") for name in dict(server.sent)))
        time.sleep(random.Random(0).uniform(0.1, 0.3))  # some of it has come
        killed(psutil.Process(main.pid))
        main.communicate()
        assert not list((tmp_path / "hub").rglob("snapshots/*/model.safetensors"))
        server.model("owner/logos", bundled_weights)
        fetched = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert fetched.returncode == 0, fetched.stderr
    found = Path(fetched.stdout.strip()) / "model.safetensors"
    assert found.read_bytes() == (bundled_weights / "model.safetensors").read_bytes()
