"""python -m logo_gan: what it writes, and that bad input ends in one line with nothing half-written."""

import json
import subprocess
import sys
import zipfile

import pytest
from PIL import Image

from logo_gan import __main__ as cli

PROMPT = "orange rocket in a navy circle"


def fails(capfd, *arguments: str) -> str:
    """The one line of a command that must fail."""
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    out, err = capfd.readouterr()
    assert caught.value.code == 2
    assert out == ""
    assert err.startswith("error: ") and err.endswith("\n") and err.count("\n") == 1
    return err


def test_generate_in_a_process_of_its_own(tmp_path):
    options = ["--n", "2", "--seed", "7", "--size", "128", "--out", str(tmp_path / "a" / "b")]
    command = [sys.executable, "-m", "logo_gan", "generate", PROMPT, *options]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    names = ["logo_0.png", "logo_0.svg", "logo_1.png", "logo_1.svg"]
    assert done.stdout.splitlines() == [str(tmp_path / "a" / "b" / name) for name in names]
    assert sorted(path.name for path in (tmp_path / "a" / "b").iterdir()) == names
    with Image.open(tmp_path / "a" / "b" / "logo_1.png") as picture:
        assert (picture.size, picture.mode) == ((128, 128), "RGB")


def test_generate_repeats_with_the_seed_that_it_showed(tmp_path, capfd):
    assert cli.main(["generate", PROMPT, "--n", "1", "--out", str(tmp_path / "one")]) == 0
    seed = capfd.readouterr().err.removeprefix("seed: ").strip()
    assert cli.main(["generate", PROMPT, "--n", "1", "--seed", seed, "--out", str(tmp_path / "two")]) == 0
    for name in ("logo_0.png", "logo_0.svg"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.parametrize("prompt", ["", "   ", "?!", "x" * 501, "\x00"])
def test_bad_prompts(tmp_path, capfd, prompt):
    fails(capfd, "generate", prompt, "--out", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "options",
    [
        ("--seed", "1.5"),
        ("--seed", "-1"),
        ("--seed", "4294967296"),
        ("--seed", "seven"),
        ("--seed", "１"),
        ("--seed", "9" * 5000),
        ("--n", "0"),
        ("--n", "17"),
        ("--size", "15"),
        ("--size", "2049"),
        ("--size",),
        ("--model", "no-such-model"),
        ("--model", "/no/such/folder"),
        ("--colour", "red"),
        ("--invention", "1.1"),
        ("--invention", "nan"),
        ("--memory", "/no/such/folder"),
    ],
    ids=" ".join,
)
def test_bad_options(tmp_path, capfd, options):
    fails(capfd, "generate", PROMPT, "--out", str(tmp_path / "out"), *(option[:50] for option in options))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("draw",),
        ("generate",),
        ("compose", "--n", "1"),
        ("compose", "--n", "x", "--seed", "1", "--out", "x.parquet"),
        ("train", "--config", "warp", "--data", "memory"),
        ("train", "--config", "warp-tiny", "--data", "memory", "--out", "x", "--images", "1", "--minutes", "1"),
        ("train", "--config", "warp-tiny", "--data", "memory", "--out", "x", "--minutes", "nan"),
        ("evaluate", "--n", "0"),
        ("evaluate", "--model", "no-such-model"),
        ("brief",),
        ("brief", "!!!"),
        ("push", "--repo", "owner/name"),
        ("push", "--model", "/no/such/folder", "--repo", "owner/name"),
    ],
    ids=lambda arguments: " ".join(arguments) or "nothing",
)
def test_bad_commands(tmp_path, monkeypatch, capfd, arguments):
    monkeypatch.chdir(tmp_path)
    fails(capfd, *arguments)
    assert list(tmp_path.iterdir()) == []


def test_folders_that_cannot_be_written(tmp_path, capfd):
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "dir").mkdir()
    for out in (tmp_path / "file", tmp_path / "file" / "below", "/proc/nowhere"):
        assert str(out).split("/")[1] in fails(capfd, "generate", PROMPT, "--out", str(out))
        fails(capfd, "train", "--config", "warp-tiny", "--data", "memory", "--out", str(out))
        fails(capfd, "compose", "--n", "1", "--seed", "1", "--out", f"{out}/x.parquet")
        fails(capfd, "evaluate", "--json", f"{out}/x.json")
    fails(capfd, "compose", "--n", "1", "--seed", "1", "--out", str(tmp_path / "dir"))
    fails(capfd, "evaluate", "--json", str(tmp_path / "dir"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dir", "file"]


def test_a_failure_midway_leaves_nothing(tmp_path, capfd, monkeypatch):
    from logo_gan.training import compose

    drawn = []

    def encoded(image):
        drawn.append(image)
        if len(drawn) > 300:
            raise OSError(28, "No space left on device")
        return b"a picture"

    monkeypatch.setattr(compose, "encoded", encoded)
    assert "No space left" in fails(capfd, "compose", "--n", "400", "--seed", "1", "--out", str(tmp_path / "x.parquet"))
    assert list(tmp_path.iterdir()) == []


def test_environment_names_the_model(tmp_path, capfd, monkeypatch):
    monkeypatch.setenv("LOGO_GAN_MODEL", str(tmp_path))
    assert "config.json" in fails(capfd, "generate", PROMPT, "--out", str(tmp_path / "out"))


def test_kit_writes_an_archive_with_the_prompt_s_names_or_others(tmp_path, capfd):
    address = "prompt=logo+for+Aurora,+orange+rocket&seed=7&logo=1"
    out = tmp_path / "new" / "kit.zip"
    assert cli.main(["kit", address, "--out", str(out)]) == 0
    assert capfd.readouterr().out.strip() == str(out)
    with zipfile.ZipFile(out) as archive:
        assert b"<title>Aurora</title>" in archive.read("beside/beside-colour.svg")
    assert cli.main(["kit", address, "--out", str(out), "--name", "Nimbus", "--slogan", "above all"]) == 0
    with zipfile.ZipFile(out) as archive:
        assert b"<title>Nimbus. above all</title>" in archive.read("beside/beside-colour.svg")
    assert cli.main(["kit", address, "--out", str(out), "--name", ""]) == 0
    with zipfile.ZipFile(out) as archive:
        assert not [name for name in archive.namelist() if name.startswith("beside")]
    before = out.read_bytes()
    capfd.readouterr()
    assert "seed" in fails(capfd, "kit", "prompt=fox", "--out", str(out))
    assert "font" in fails(capfd, "kit", address, "--out", str(out), "--font", "Comic Sans")
    assert out.read_bytes() == before and [path.name for path in out.parent.iterdir()] == ["kit.zip"]


def test_compose_writes_the_datasets_columns(tmp_path, capfd):
    import pyarrow.parquet

    path = tmp_path / "new" / "logos.parquet"
    assert cli.main(["compose", "--n", "5", "--seed", "3", "--size", "32", "--out", str(path)]) == 0
    assert capfd.readouterr().out == f"{path}\n"
    table = pyarrow.parquet.read_table(path)
    assert table.num_rows == 5
    assert {"image", "text", "attributes"} <= set(table.column_names)
    assert [p.name for p in path.parent.iterdir()] == ["logos.parquet"]


def test_evaluate_prints_a_table_and_writes_json(tmp_path, capfd, monkeypatch):
    from logo_gan.evaluation import evaluate as evaluation

    measured = {
        "colour": {"value": 0.91234, "n": 400, "extractor": "OKLab bins", "floor": 0.08, "ceiling": 1.0},
        "seconds": {"value": 0.06, "n": 20},
    }
    monkeypatch.setattr(evaluation, "evaluate", lambda gan, n=None: measured)
    assert cli.main(["evaluate", "--n", "20", "--json", str(tmp_path / "m.json")]) == 0
    header, colour, seconds = capfd.readouterr().out.splitlines()
    assert header.split() == ["metric", "value", "n", "extractor", "floor", "ceiling"]
    assert colour.split()[:3] == ["colour", "0.9123", "400"]
    assert seconds.split() == ["seconds", "0.06", "20", "-", "-", "-"]
    assert json.loads((tmp_path / "m.json").read_text()) == measured


def test_help_is_quick_and_loads_nothing_heavy():
    script = (
        "import sys; from logo_gan.__main__ import _parser; _parser().format_help(); "
        "print({'torch', 'numpy', 'spacy', 'gradio'} & sys.modules.keys() or 'none')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "none"
