"""The image without a Docker daemon: linters, and what the Dockerfile says done with the files that it takes."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, free_port
from docker.utils import exclude_paths
from dockerfile_parse import DockerfileParser
from gradio_client import Client

BIN = Path(sys.executable).parent
# In a namespace of its own, the machine's disk is read-only for a command: all but the folder home in the one named.
ALONE = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
READ_ONLY = """
mount --bind "$1" "$1" && mount --bind "$1/home" "$1/home" && mount -o remount,bind,ro "$1" &&
mount -o remount,bind,ro / && cd "$PWD" && shift && exec "$@"
"""


@pytest.fixture(scope="module")
def instructions() -> list[tuple[str, str]]:
    """(instruction, value) of each line of the Dockerfile."""
    parsed = DockerfileParser(str(ROOT / "Dockerfile")).structure
    return [(each["instruction"], each["value"]) for each in parsed if each["instruction"] != "COMMENT"]


@pytest.fixture(scope="module")
def context() -> set[str]:
    """The files that .dockerignore leaves for COPY."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    files = {name for name in exclude_paths(str(ROOT), patterns) if (ROOT / name).is_file()}
    return files - {"Dockerfile", ".dockerignore"}  # which the daemon is sent in any case


def tracked(*folders: str) -> set[str]:
    listed = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(listed.stdout.split())


def command(value: str) -> list[str]:
    """The list of words after CMD of an instruction in its exec form."""
    return json.loads(re.search(r"\[.*\]$", value).group())


def test_hadolint_has_nothing_to_say():
    done = subprocess.run([BIN / "hadolint", ROOT / "Dockerfile"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_compose_file_is_one():
    checked = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", ROOT / "compose.yaml"]
    done = subprocess.run(checked, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


def test_compose_hands_on_every_variable_of_the_readme():
    app = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["app"]
    named = set(re.findall(r"^\| `(LOGO_GAN_\w+)`", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert len(named) >= 5
    assert named <= set(app["environment"])


def test_all_that_the_app_runs_on_goes_into_the_image_and_nothing_else(context):
    code = tracked("logo_gan", "eda", "weights")
    assert code | {"app.py", "requirements.txt", "constraints.txt", "LICENSE"} <= context
    assert {name.split("/")[0] for name in context} == {
        "app.py", "eda", "logo_gan", "weights", "requirements.txt", "constraints.txt", "LICENSE",
    }  # fmt: skip
    assert not [name for name in context if "__pycache__" in name]


def test_what_is_copied_exists(instructions, context):
    copies = [shlex.split(value) for name, value in instructions if name == "COPY"]
    assert copies
    for words in copies:
        *sources, _ = (word for word in words if not word.startswith("--"))
        if not any(word.startswith("--from") for word in words):
            assert all(source == "." or source in context for source in sources)


def test_the_image_belongs_to_user_1000_and_its_port_is_7860(instructions):
    last = dict(instructions)  # of each instruction
    assert last["USER"] == "1000:1000"
    assert last["EXPOSE"] == "7860"
    assert "GRADIO_SERVER_PORT=7860" in last["ENV"]
    assert "--chown=1000:1000" in last["COPY"]


@pytest.fixture
def image(instructions, context, tmp_path):
    """(folder, environment, instructions) of what the image would be, with none of this machine's settings."""
    folder, home, last = tmp_path / "app", tmp_path / "home", dict(instructions)
    home.mkdir()
    for name in context:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    said = dict(word.split("=", 1) for word in shlex.split(last["ENV"]))
    inside = {name: value.replace("/home/user", str(home)) for name, value in said.items()}
    path = f"{BIN}:{os.environ['PATH']}"
    return folder, {**inside, "PATH": path, "GRADIO_SERVER_PORT": str(free_port())}, last


def test_the_app_runs_on_the_files_of_the_image_and_writes_to_its_home_alone(image, tmp_path):
    folder, environment, last = image
    confined = [*ALONE, READ_ONLY, "sh", str(tmp_path)]
    touch = subprocess.run([*confined, "touch", "home/x", "app/x"], cwd=tmp_path, capture_output=True, text=True)
    if "Operation not permitted" in touch.stderr:
        pytest.skip(f"needs the right to a mount namespace: {touch.stderr}")
    assert (tmp_path / "home" / "x").is_file() and "'app/x': Read-only file system" in touch.stderr
    health = command(last["HEALTHCHECK"])
    assert subprocess.run(health, env=environment, capture_output=True, timeout=30).returncode != 0
    # A shell that starts the tests in the background has them ignore the signal; a container does not.
    process = subprocess.Popen(
        [*confined, *command(last["CMD"])], cwd=folder, env=environment,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 90
        while subprocess.run(health, env=environment, capture_output=True, timeout=30).returncode != 0:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.3)
        client = Client(f"http://127.0.0.1:{environment['GRADIO_SERVER_PORT']}", verbose=False, download_files=False)
        pictures, _ = client.predict("orange rocket in a navy circle", 7, api_name="/generate")
        assert len(pictures) == 4
        assert list((tmp_path / "home").rglob("orange-rocket-*-7-1.png"))
        assert client.predict(api_name="/model_info")["source"].startswith("bundled")
    finally:
        process.send_signal(signal.Signals[last["STOPSIGNAL"]])
        try:
            process.wait(30)
        finally:
            process.kill()
    assert process.returncode == 0
    assert not list((tmp_path / "home").rglob("*.png"))  # gone with the process
