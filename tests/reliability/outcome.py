"""What comes of a file that is read in a sandbox of this process: what is told of it, or the sentence of refusal."""

import json
import os
import re
import time
from pathlib import Path

import pytest
from hostile import MB

from eda import sandbox
from eda.dataset import Dataset
from eda.facts import facts
from eda.table import TableError

FAULTS = ("damaged", "blank", "oversized", "unsupported", "null_images", "null_captions", "bad_captions")


def analysed(path: Path) -> dict:
    """What is told of a file, from the door that the page uses."""
    dataset = Dataset(path)
    assert [*dataset.analyse()][-1] == "pixels" and dataset.complete
    told = facts(dataset.summary)
    assert told["rows"] == dataset.rows
    return json.loads(json.dumps(told))


def counted(told: dict) -> dict[str, list[int]]:
    """The faults that were found, with their rows."""
    for name in FAULTS:
        assert told[name] == len(told[f"{name}_rows"])
    return {name: told[f"{name}_rows"] for name in FAULTS if told[name]}


def refused(path: Path, seconds: float = 5.0) -> str:
    """The sentence that a file is refused with: in time, in plain words, and with nothing of the file in here."""
    sandbox.prepare()  # the fork server is not what is timed
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before, start = peak(), time.monotonic()
    with pytest.raises(TableError) as raised:
        list(Dataset(path).analyse())
    assert time.monotonic() - start < seconds * patience()
    assert peak() - before < 100 * MB
    return plain(raised.value)


def patience() -> float:
    """By how much a limit in seconds grows where other work keeps this machine's cores busy; 1 where none does."""
    return max(1.0, os.getloadavg()[0] / os.cpu_count())


def plain(error: Exception) -> str:
    sentence = str(error)
    assert 20 <= len(sentence) <= 250 and sentence.isprintable()
    assert sentence[0].isupper() and sentence.endswith(".") and ". " not in sentence and "Traceback" not in sentence
    return sentence


def peak() -> int:
    """The most memory that this process has had, in bytes."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024
