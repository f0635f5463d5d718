"""The environment is read and checked once, and every mistake is one sentence at the start."""

import re
import socket
import subprocess
import sys

import pytest
from conftest import ROOT, app_environment

from logo_gan.web import settings


def test_nothing_set_means_the_bundled_model_and_text_on_standard_error():
    assert settings.read({}) == settings.Settings()
    assert settings.read({"LOGO_GAN_MODEL": " ", "LOGO_GAN_LOG_DIR": ""}) == settings.Settings()


def test_everything_set(tmp_path):
    read = settings.read(
        {
            "LOGO_GAN_MODEL": "someone/logos",
            "LOGO_GAN_REVISION": "v2",
            "LOGO_GAN_MEMORY": str(tmp_path),
            "LOGO_GAN_LOG_FORMAT": "JSON",
            "LOGO_GAN_LOG_DIR": str(tmp_path / "new" / "logs"),
            "LOGO_GAN_MAX_UPLOAD_MB": "64",
            "GRADIO_SERVER_PORT": "8080",
        }
    )
    assert read == settings.Settings(
        model="someone/logos",
        revision="v2",
        memory=tmp_path,
        log_format="json",
        log_dir=tmp_path / "new" / "logs",
        max_upload_mb=64,
        port=8080,
    )
    assert read.model_is_on_hub
    assert (tmp_path / "new" / "logs").is_dir()


def test_the_readme_has_the_table_of_bounds():
    readme = (ROOT / "README.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\d,]+) \|", readme, re.MULTILINE))
    assert rows == {name: f"{default:,}" for name, (default, _) in settings.bounds().items()}


@pytest.mark.parametrize("name", settings.bounds())
def test_every_bound_is_set_by_its_variable_and_has_ends(name):
    field = name.removeprefix("LOGO_GAN_").lower()
    default, _ = settings.bounds()[name]
    assert getattr(settings.read({}), field) == default
    other = default - 1 if field == "max_prompt" else default + 1  # no prompt may be longer
    assert getattr(settings.read({name: str(other)}), field) == other
    for value in ("-1", "0.5", "1e3", "999999999", "many"):
        with pytest.raises(settings.SettingsError, match=f"^{name} is .* has to be a number from"):
            settings.read({name: value})


def test_a_model_in_a_folder_is_not_on_the_hub(tmp_path):
    assert not settings.read({"LOGO_GAN_MODEL": str(tmp_path)}).model_is_on_hub


@pytest.fixture
def unwritable(tmp_path) -> str:
    """A folder that not even root can make: its parent is a file."""
    (tmp_path / "file").write_text("")
    return str(tmp_path / "file" / "folder")


MISTAKES = [
    ("LOGO_GAN_LOG_FORMAT", "xml"),
    ("LOGO_GAN_LOG_DIR", "UNWRITABLE"),
    ("GRADIO_TEMP_DIR", "UNWRITABLE"),
    ("LOGO_GAN_MAX_UPLOAD_MB", "0"),
    ("LOGO_GAN_MAX_UPLOAD_MB", "12.5"),
    ("LOGO_GAN_MAX_UPLOAD_MB", "-3"),
    ("LOGO_GAN_MAX_UPLOAD_MB", "many"),
    ("GRADIO_SERVER_PORT", "80 80"),
    ("GRADIO_SERVER_PORT", "70000"),
    ("GRADIO_MCP_SERVER", "yes"),
    ("LOGO_GAN_MODEL", "no-such-model"),
    ("LOGO_GAN_MEMORY", "/no/such/folder"),
    ("LOGO_GAN_MODEL", "/no/such/folder"),
    ("LOGO_GAN_MODEL", "a/b/c"),
    ("LOGO_GAN_MODEL", "https://huggingface.co/owner/name"),
]


@pytest.mark.parametrize(("name", "value"), MISTAKES)
def test_a_mistake_is_one_sentence_that_names_the_variable(name, value, unwritable):
    with pytest.raises(settings.SettingsError) as caught:
        settings.read({name: value.replace("UNWRITABLE", unwritable)})
    sentence = str(caught.value)
    assert sentence.startswith(name)
    assert sentence.endswith(".")
    assert "\n" not in sentence


def refused(tmp_path, **environment) -> list[str]:
    """What the app says when it refuses to start."""
    done = subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=app_environment(tmp_path, **environment),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2, done.stderr
    return [line for line in done.stderr.splitlines() if " INFO " not in line]


def test_the_app_refuses_to_start_with_one_line(tmp_path):
    (line,) = refused(tmp_path, LOGO_GAN_MODEL="no-such-model")
    assert re.match(r"error: LOGO_GAN_MODEL is 'no-such-model'", line)


def test_the_app_refuses_a_port_that_is_taken(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        (line,) = refused(tmp_path, GRADIO_SERVER_PORT=str(other.getsockname()[1]))
    assert line.startswith("error: ")
