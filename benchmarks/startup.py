"""python -m benchmarks.startup: how soon `python app.py` answers beside the smallest Gradio app, and its memory."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.analysis import EXAMPLE, ROOT, tree_bytes

PROMPT = "orange rocket in a navy circle"
REPEATS = 5
GENERATIONS = 20
HELLO = """
import gradio as gr

with gr.Blocks() as demo:
    name = gr.Textbox()
    gr.Button().click(lambda name: f"Hello {name}", name, gr.Textbox())
demo.launch(quiet=True)
"""


@dataclass
class Started:
    """An app that has answered its first page: its address, its process, when it began, seconds to that page."""

    url: str
    pid: int
    begin: float
    page: float


@contextlib.contextmanager
def started(*command: str, **changes: str) -> Iterator[Started]:
    """Runs an app in a process of its own, with the same environment for all but for `changes`; ends it on leaving."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOGO_GAN_", "GRADIO_"))}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        environment = kept | {
            "GRADIO_ANALYTICS_ENABLED": "False",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "GRADIO_SERVER_NAME": "127.0.0.1",
            "GRADIO_SERVER_PORT": str(port),
            "GRADIO_TEMP_DIR": folder,
            **changes,
        }
        begin, url = time.perf_counter(), f"http://127.0.0.1:{port}"
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            while not _answers(url):
                if process.poll() is not None:
                    raise RuntimeError(f"{' '.join(command)} ended with status {process.returncode}.")
                time.sleep(0.02)
            yield Started(url, process.pid, begin, time.perf_counter() - begin)
        finally:
            process.terminate()
            process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=60) as response:
            return bool(response.read())
    except OSError:
        return False


def call(app: Started, name: str, arguments: dict) -> None:
    """Calls an endpoint and waits for the answer."""
    body, kind = json.dumps(arguments).encode(), {"Content-Type": "application/json"}
    posted = urllib.request.Request(f"{app.url}/gradio_api/call/v2/{name}", body, kind)
    with urllib.request.urlopen(posted, timeout=60) as response:
        number = json.load(response)["event_id"]
    with urllib.request.urlopen(f"{app.url}/gradio_api/call/{name}/{number}", timeout=120) as stream:
        if b"event: complete" not in stream.read():
            raise RuntimeError(f"/{name} failed.")


def hello() -> float:
    """Seconds to the first page of the smallest app."""
    with started("-c", HELLO) as app:
        return app.page


def ours() -> dict[str, float]:
    """Seconds to the first page and to the answer to a prompt sent right then; bytes of memory after some use."""
    with started("app.py") as app:
        call(app, "generate_svg", {"prompt": PROMPT, "seed": 7})
        found = {"page": app.page, "generation": time.perf_counter() - app.begin}
        for seed in range(GENERATIONS):
            call(app, "generate", {"prompt": PROMPT, "seed": seed})
        found["generating"] = tree_bytes(app.pid)
        call(app, "analyse", {"file": {"path": _uploaded(app, EXAMPLE), "meta": {"_type": "gradio.FileData"}}})
        found["analysing"] = tree_bytes(app.pid)
    return found


def _uploaded(app: Started, path: Path) -> str:
    """Where the app keeps a file that has been sent to it."""
    with path.open("rb") as file:
        answer = httpx.post(f"{app.url}/gradio_api/upload", files={"files": (path.name, file)}, timeout=60)
    return answer.raise_for_status().json()[0]


def table() -> list[str]:
    """The lines of results.md."""
    hello(), ours()  # once for the disk
    bare, runs = [], []
    for _ in range(REPEATS):  # in turn, so that a busy machine slows both
        bare.append(hello())
        runs.append(ours())
    plain = statistics.median(bare)
    median = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    rows = [
        ("the first page of a Gradio app that says hello, s", f"{plain:.2f}"),
        ("the first page of `python app.py`, s", f"{median['page']:.2f}"),
        ("ratio of the two", f"{median['page'] / plain:.2f}"),
        ("four logos from a prompt sent as soon as the page answers, from the start, s", f"{median['generation']:.2f}"),
        (f"memory after {GENERATIONS} generations, MB", f"{median['generating'] / 1e6:.0f}"),
        ("memory after the analysis of the example dataset as well, MB", f"{median['analysing'] / 1e6:.0f}"),
    ]
    return ["| what | |", "| --- | ---: |", *(f"| {what} | {value} |" for what, value in rows)]


if __name__ == "__main__":
    print("\n".join(table()))
