"""README.md as a newcomer takes it: every example is run as printed, endpoints and front matter are what they are."""

import importlib.metadata
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import ROOT, app_environment, launched, opened
from gradio_client import Client
from huggingface_hub import metadata_load
from test_embed import served

README = (ROOT / "README.md").read_text(encoding="utf-8")
PRINTED = "http://127.0.0.1:7860"  # here the app under test runs on a free port, the one thing that is changed
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
# What is not run, by a part of its text, and why.
LEFT_OUT = {
    "make run ": "installs everything; CI does the same with `make test`",
    "docker compose up": "needs a Docker daemon; test_docker.py",
    "--profile elk": "needs a Docker daemon; test_elk.py",
    "docker build": "needs a Docker daemon; test_docker.py",
    "requirements-mcp.txt": "needs a package index; test_mcp.py",
    "<iframe": "no program; test_embed.py",
    "hf://datasets": "needs the network; test_eda_cli.py",
    "LOGO_GAN_MODEL=owner/name": "needs the network; tests with a stand-in for the Hub",
    "hf upload OWNER/NAME": "needs the Hub",
    "-m logo_gan push": "needs the network; tests with a stand-in for the Hub",
    "make train": "takes an hour; test_train.py",
    "accelerate launch": "needs two GPUs; test_processes.py",
    "--config baseline-28": "needs the network and hours; test_data.py",
}
# What each of the others leaves behind or prints.
FILES = {
    "gan.generate": ["rocket.png"],
    "lock_up": ["name.png", "name-transparent.png", "name.svg"],
    "-m logo_gan generate": ["logos/logo_3.png", "logos/logo_3.svg"],
    "-m eda logos.parquet": ["report.html", "summary.json"],
}
PRINTS = {
    "gan.generate": r"\{'ground': '#[0-9a-f]{6}'.*\n<svg ",
    "-m logo_gan generate": r"logo_0\.png",
    'api_name="/generate"': r"^7 \['\S+-7-1\.png'.*\n<svg .*\n\[('prompt=[^']*', ){3}'prompt=[^']*'\]\n\S+\.svg",
    "$(curl": r"event: complete\ndata: \[\[\"<svg ",
    "await fetch": r"^4 <svg ",
    "-m eda logos.parquet": r"\b50\b",
}


def run_blocks() -> list:
    return [
        pytest.param(kind, text, id=f"{i} {kind}")
        for i, (kind, text) in enumerate(BLOCKS)
        if not any(part in text for part in LEFT_OUT)
    ]


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder with what the examples name: a parquet file, and some in shards/."""
    rows = pq.read_table(ROOT / "eda" / "example.parquet").slice(0, 50)
    (tmp_path / "shards").mkdir()
    for name in ("logos.parquet", "shards/0.parquet", "shards/1.parquet"):
        pq.write_table(rows, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(("kind", "text"), run_blocks())
def test_an_example_runs_as_printed(kind, text, app, browser, folder):
    printed = RUN[kind](text.replace(PRINTED, app.url), folder, browser)
    assert all((folder / name).stat().st_size for part, names in FILES.items() if part in text for name in names)
    for part, pattern in PRINTS.items():
        if part in text:
            assert re.search(pattern, printed, re.MULTILINE), printed


def in_process(command: list[str], folder: Path) -> str:
    """Runs a command as in a checkout whose environment is active; returns what it prints."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = app_environment(folder, PATH=path, PYTHONPATH=str(ROOT), TMPDIR=str(folder))
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def in_browser(text: str, folder: Path, browser) -> str:
    """Runs a module in a page of another origin than the app's; returns what it logs."""
    logged: list[str] = []
    address = re.search(r"http://[\d.:]+", text).group()
    with served(b"<link rel=icon href=data:,>") as url, opened(browser, url, address) as page:
        page.on("console", lambda message: logged.append(message.text))
        page.add_script_tag(content=f"{text}\ndocument.title = 'done';", type="module")
        page.wait_for_function("document.title == 'done'")
    return "\n".join(logged)


RUN = {
    "python": lambda text, folder, _: in_process([sys.executable, "-c", text], folder),
    "sh": lambda text, folder, _: in_process(["bash", "-euo", "pipefail", "-c", text], folder),
    "js": in_browser,
}


def test_what_is_left_out_is_there():
    for part in LEFT_OUT | FILES | PRINTS:
        assert any(part in text for _, text in BLOCKS), part


def test_the_documented_endpoints_are_those_of_the_app(app, tmp_path):
    rows = re.findall(r"^\| `(/\w+)` \|([^|]*)\|", README, re.MULTILINE)
    documented = {name: re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", takes)) for name, takes in rows}
    api = Client(app.url, verbose=False, download_files=str(tmp_path)).view_api(return_format="dict", print_info=False)
    assert documented == {
        name: [parameter["parameter_name"] for parameter in endpoint["parameters"]]
        for name, endpoint in api["named_endpoints"].items()
    }


COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}  # that the Hub knows


def test_the_front_matter_makes_a_space_of_the_tested_versions():
    found = metadata_load(ROOT / "README.md")
    assert found["sdk"] == "gradio"
    assert found["sdk_version"] == importlib.metadata.version("gradio")
    assert re.fullmatch(r"3\.\d\d", found["python_version"])  # a text: 3.10 would be read as 3.1
    assert (ROOT / found["app_file"]).is_file()
    assert len(found["short_description"]) <= 60
    assert {found["colorFrom"], found["colorTo"]} <= COLOURS
    assert found["license"] == "mit"


ZERO_GPU = """
import sys
from pathlib import Path

def GPU(task):
    loaded = [name for name in ("torch", "gradio") if name in sys.modules]
    Path(r"{}").write_text(f"{{callable(task)}} {{loaded}}")
    return task
"""


@pytest.fixture
def zero_gpu(tmp_path) -> Iterator[Path]:
    """Where a stand-in for the package of ZeroGPU Spaces, which wants CUDA, tells what it was asked to decorate."""
    told = tmp_path / "told.txt"
    (tmp_path / "spaces.py").write_text(ZERO_GPU.format(told))
    yield told


def test_a_space_on_zero_gpu_finds_a_function_for_it_before_torch_comes(zero_gpu, tmp_path, bundled_weights):
    with launched(tmp_path, PYTHONPATH=str(tmp_path)):
        assert zero_gpu.read_text() == "True []"
