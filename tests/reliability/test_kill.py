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
from logo_gan import LogoGAN, history

PROMPT = {"prompt": "orange rocket in a navy circle", "seed": 7}
SECONDS = 30  # for what should take less than one
# One thread, as otherwise what the parent has begun could not be gone on with in a fork.
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}


def awaited(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not what():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.005)


def killed(main: psutil.Process, frozen: bool = False) -> None:
    """Kills a process and waits for all its children to end, which they have to do by themselves.

    frozen: stops those of the fork server first, as if they were in the middle of something long.
    """
    children, stopped = main.children(recursive=True), 0
    assert children
    for child in children if frozen else ():
        with contextlib.suppress(psutil.NoSuchProcess):
            if child.ppid() != main.pid:
                child.suspend()
                stopped += 1
    assert bool(stopped) == frozen
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
        asked(app, "random_logo", {"row": 1, "file": dataset})  # so that the fork server is there
        before = len(main.children(recursive=True))
        with half_an_upload(app.url):
            awaited(lambda: any(file.stat().st_size >= 900_000 for file in cache.glob("*/tmp*")))
            assert send(app, "analyse", {"file": dataset}).status_code == 200
            for seed in range(3):
                assert send(app, "generate", {**PROMPT, "seed": seed}).status_code == 200
            awaited(lambda: len(main.children(recursive=True)) > before)
            killed(main, frozen=True)
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
from logo_gan.train import CONFIGS, train

config = dataclasses.replace(CONFIGS["tiny"], checkpoint=32, log=32, measure=0)
target, rng = 320, random.Random(0)

def forked(out, after=None):
    if (child := os.fork()) == 0:
        train(config, out=out, images=target, workers=0, resume=True)
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
TIMES = 5


def test_a_run_killed_at_random_moments_ends_with_the_weights_of_an_unbroken_one(tmp_path):
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    done = subprocess.run(
        [sys.executable, "-c", TRAINED, str(unbroken), str(broken), str(TIMES)],
        env=ENVIRONMENT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) >= 3, "it was hardly ever killed"
    states = [torch.load(run / "state.pt", weights_only=True) for run in (unbroken, broken)]
    assert states[0]["images"] == states[1]["images"] == 320
    for part in ("G", "D", "H", "ema"):
        for name, values in states[0][part].items():
            assert torch.equal(values, states[1][part][name]), f"{part} {name}"
    weights = [load_file(run / "model.safetensors") for run in (unbroken, broken)]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    rows = [history.read(run / "history.csv") for run in (unbroken, broken)]
    assert [row["images"] for row in rows[0]] == [row["images"] for row in rows[1]] == [*range(32, 321, 32)]
    assert [p.name for p in sorted(broken.rglob("*.part"))] == []
    assert len(LogoGAN.from_pretrained(broken).generate("red star", n=1, seed=1)) == 1


# Kills itself at the n-th thing that is done to a file in its folder: opened to write, renamed, its rights changed.
AT_EACH = """
import functools, importlib, os, signal, sys
package, folder, *arguments = sys.argv[1:]
command = importlib.import_module(package + ".__main__")
if "generate" in arguments:
    command._model = functools.cache(command._model)  # loaded once, here, for all forks
    command._model(None)

def forked(number):
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
        os._exit(command.main(arguments))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

number = 1
while True:
    status = forked(number)
    print("status", status, flush=True)
    sys.stdin.readline()
    if status == 0:
        break
    number += 1
"""


def killed_at_each_step(package: str, folder: Path, arguments: list[str], look: Callable[[], None]) -> int:
    """Runs a command once for each moment at which it could be killed, calls `look` after each; how many there were."""
    with subprocess.Popen(
        [sys.executable, "-c", AT_EACH, package, str(folder), *arguments],
        cwd=ROOT, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as driver:  # fmt: skip
        moments = 0
        while (line := driver.stdout.readline().split()) == ["status", "-9"]:
            look()
            moments += 1
            driver.stdin.write("\n")
            driver.stdin.flush()
        driver.stdin.close()
        assert line == ["status", "0"], driver.stderr.read()
        look()
    return moments


def test_generate_killed_at_any_moment_leaves_whole_pictures_or_none(tmp_path):
    out = tmp_path / "out"

    def look() -> None:
        for path in [*out.glob("logo_*.png")]:
            with Image.open(path) as image:
                image.load()
        for path in out.glob("logo_*.svg"):
            assert path.read_text().rstrip().endswith("</svg>")

    arguments = ["generate", "red star", "--n", "1", "--seed", "1", "--size", "64", "--out", str(out)]
    assert killed_at_each_step("logo_gan", tmp_path, arguments, look) >= 9
    assert sorted(path.name for path in out.glob("logo_*")) == ["logo_0.png", "logo_0.svg"]


def test_compose_killed_at_any_moment_leaves_a_whole_parquet_or_none(tmp_path):
    out = tmp_path / "out.parquet"

    def look() -> None:
        assert not out.exists() or pq.read_table(out).num_rows == 4

    arguments = ["compose", "--n", "4", "--seed", "1", "--size", "64", "--out", str(out)]
    assert killed_at_each_step("logo_gan", tmp_path, arguments, look) >= 3
    assert out.exists()


def test_an_analysis_on_the_command_line_killed_at_any_moment_leaves_whole_files_or_none(tmp_path):
    source, page, figures = tmp_path / "few.parquet", tmp_path / "out" / "a.html", tmp_path / "out" / "a.json"
    pq.write_table(pq.read_table(EXAMPLE)[:20], source)

    def look() -> None:
        assert not page.exists() or page.read_text().rstrip().endswith("</html>")
        assert not figures.exists() or json.loads(figures.read_text())["rows"] == 20

    arguments = [str(source), "--html", str(page), "--json", str(figures), "--workers", "1"]
    assert killed_at_each_step("eda", page.parent, arguments, look) >= 6
    assert page.exists() and figures.exists()


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("eda", [str(EXAMPLE), "--json", "{out}/figures.json"]),
        ("logo_gan", ["train", "--config", "tiny", "--data", "compose", "--out", "{out}/run"]),
    ],
)
def test_children_of_a_killed_command_end_with_it(tmp_path, module, arguments):
    command = [sys.executable, "-m", module, *(each.format(out=tmp_path) for each in arguments)]
    main = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    working = psutil.Process(main.pid)
    awaited(lambda: len(working.children(recursive=True)) > (2 if module == "eda" else 0) or main.poll() is not None)
    killed(working, frozen=module == "eda")
    assert main.wait() == -signal.SIGKILL
    assert not list(tmp_path.glob("figures.json"))


def test_a_fetch_whose_parent_is_killed_ends_and_leaves_no_half_of_a_model(tmp_path, bundled_weights):
    environment = {**ENVIRONMENT, "HF_HUB_CACHE": str(tmp_path / "hub"), "HF_TOKEN": ""}
    environment.pop("HF_HUB_OFFLINE", None)
    command = [sys.executable, "-c", "from logo_gan.hub import fetch; print(fetch('owner/logos'))"]
    with hub(tmp_path) as server:
        server.model("owner/logos", bundled_weights, trouble="drip")
        environment["HF_ENDPOINT"] = server.url
        main = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        awaited(lambda: "model.safetensors" in dict(server.sent))
        time.sleep(random.Random(0).uniform(0.1, 0.3))  # some of it has come
        killed(psutil.Process(main.pid))
        main.communicate()
        assert not list((tmp_path / "hub").rglob("snapshots/*/model.safetensors"))
        server.model("owner/logos", bundled_weights)
        fetched = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert fetched.returncode == 0, fetched.stderr
    found = Path(fetched.stdout.strip()) / "model.safetensors"
    assert found.read_bytes() == (bundled_weights / "model.safetensors").read_bytes()
