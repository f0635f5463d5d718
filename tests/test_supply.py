"""What is installed is pinned, down to the last package, and every way of installing it keeps to the pins."""

import importlib.metadata
import re
import shutil
import subprocess

import pytest
from conftest import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ALL = "requirements-dev.txt"  # takes in those of the app and of its extras


def lines(name: str) -> list[str]:
    """The requirements in a file, comments and options left out."""
    kept = (re.sub(r"(^|\s)#.*", "", line).strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines())
    return [line for line in kept if line and not line.startswith("-")]


def required(name: str) -> list[Requirement]:
    """The requirements of a file and of those that it takes in."""
    files = re.findall(r"^-r (\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    return [*map(Requirement, lines(name)), *(each for file in files for each in required(file))]


def pins() -> dict[str, list[Requirement]]:
    """Name → its lines in constraints.txt, of which the markers leave one."""
    found: dict[str, list[Requirement]] = {}
    for each in map(Requirement, lines("constraints.txt")):
        found.setdefault(canonicalize_name(each.name), []).append(each)
    return found


def closure(name: str) -> dict[str, str]:
    """Name → installed version of all that a requirements file needs on this machine, at any depth."""
    waiting, seen, versions = required(name), set(), {}
    while waiting:
        each = waiting.pop()
        key = (canonicalize_name(each.name), frozenset(each.extras))
        if key in seen:
            continue
        seen.add(key)
        distribution = importlib.metadata.distribution(each.name)
        versions[key[0]] = distribution.version
        for below in map(Requirement, distribution.requires or []):
            if below.marker is None or any(below.marker.evaluate({"extra": extra}) for extra in ("", *each.extras)):
                waiting.append(below)
    return versions


def test_all_that_is_installed_is_the_pinned_version():
    pinned = {
        name: {pin.specifier for pin in each if pin.marker is None or pin.marker.evaluate()}
        for name, each in pins().items()
    }
    installed = closure(ALL)
    assert len(installed) > 100 and closure("requirements.txt").items() < installed.items()
    # A build's label, as in 2.13.0+cpu, is no other version.
    assert {name: {f"=={Version(version).public}"} for name, version in installed.items()} == {
        name: {str(specifier) for specifier in pinned.get(name, ())} for name in installed
    }


@pytest.mark.parametrize("name", ["requirements.txt", ALL])
def test_pins_and_requirements_agree(name):
    pinned = pins()
    for each in required(name):
        for pin in pinned[canonicalize_name(each.name)]:
            (only,) = pin.specifier
            assert only.operator == "==" and each.specifier.contains(only.version), f"{each} but {pin}"
    assert not [pin for each in pinned.values() for pin in each if pin.extras or pin.url]


def test_whatever_make_installs_keeps_to_the_pins(tmp_path):
    """Of what make would run in a fresh clone."""
    for name in ("Makefile", "constraints.txt", *(path.name for path in ROOT.glob("requirements*.txt"))):
        shutil.copy(ROOT / name, tmp_path)
    for target in ("run", "install", "test"):
        done = subprocess.run(["make", "-n", target], cwd=tmp_path, capture_output=True, text=True, check=True)
        installs = [line for line in done.stdout.replace("\\\n", "").split("\n") if " install " in line]
        assert installs and all("--constraint constraints.txt " in line for line in installs)


def test_the_image_keeps_to_the_pins():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "")
    installs = [line for line in text.splitlines() if re.match(r"RUN .*\bpip .*\binstall ", line)]
    assert installs and all(line.endswith(" --constraint constraints.txt") for line in installs)
    assert re.search(r"^COPY requirements\.txt constraints\.txt ", text, re.MULTILINE)
