"""The process that reads a stranger's file: whatever it does, its reader gets one sentence, in time, and it is gone."""

import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from conftest import ROOT
from hostile import MB, logo, write
from outcome import patience, plain

from eda import sandbox
from eda.dataset import Dataset
from eda.table import TableError


@pytest.fixture(scope="module", autouse=True)
def _fork_server():
    """Started before anything is timed."""
    sandbox.prepare()


def says_who_it_is() -> Iterator[int]:
    yield os.getpid()


def sleeps() -> Iterator[int]:
    yield os.getpid()
    time.sleep(60)


def computes() -> Iterator[int]:
    yield os.getpid()
    while True:
        pass


def talks() -> Iterator[int]:
    while True:
        yield os.getpid()


def dies(number: int) -> Iterator[int]:
    yield os.getpid()
    os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n")
    os.kill(os.getpid(), number)
    time.sleep(60)


def eats() -> Iterator[int]:
    yield os.getpid()
    held = []
    while True:
        held.append(b"x" * 50 * MB)


def overflows_the_stack() -> Iterator[int]:
    yield os.getpid()
    sys.setrecursionlimit(10**9)
    nested = []
    for _ in range(10**6):
        nested = [nested]
    repr(nested)


def fails(error: type[BaseException]) -> Iterator[int]:
    yield os.getpid()
    raise error("one. two\nthree")


def answers(data: bytes) -> Iterator[int]:
    """Sends bytes of its own in place of an answer."""
    yield os.getpid()
    sys._getframe(1).f_locals["sender"].send_bytes(data)
    yield 2


def breaks_off(data: bytes) -> Iterator[int]:
    """Writes these very bytes, and nothing more."""
    yield os.getpid()
    os.write(sys._getframe(1).f_locals["sender"].fileno(), data)
    time.sleep(60)


def ended(stream: Iterator[int], pattern: str) -> None:
    """The stream names its process, then is refused with a sentence, and the process is gone."""
    child = next(stream)
    with pytest.raises(TableError, match=pattern) as raised:
        for _ in stream:
            pass
    plain(raised.value)
    assert not psutil.pid_exists(child)


@pytest.mark.parametrize("job", [sleeps, computes, talks])
def test_a_child_is_killed_when_its_time_is_over(job):
    start = time.monotonic()
    ended(sandbox.stream(job, seconds=1), "took longer than 1 seconds")
    assert 1 <= time.monotonic() - start < 3 * patience()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM])
def test_a_child_that_dies_is_told_of_in_one_sentence(number):
    ended(sandbox.stream(dies, int(number)), "damaged, or needs more memory")


def test_a_child_that_dies_says_nothing_beside_that():
    code = "import test_sandbox as jobs\nfor _ in jobs.sandbox.stream(jobs.dies, 6): print('alive', flush=True)"
    folders = (ROOT, ROOT / "tests", Path(__file__).parent)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout == "alive\n" and "TableError: The file could not be read" in done.stderr
    assert "terminate called" not in done.stderr


def test_a_child_that_eats_memory_is_refused_it():
    start, before = time.monotonic(), psutil.Process().memory_info().rss
    ended(sandbox.stream(eats), "needs more memory")
    assert time.monotonic() - start < 5 * patience() and psutil.Process().memory_info().rss - before < 50 * MB


def test_a_child_without_a_stack_is_told_of_in_one_sentence():
    ended(sandbox.stream(overflows_the_stack), "damaged, or needs more memory|analysis failed")


@pytest.mark.parametrize("error", [RuntimeError, ValueError, OSError, MemoryError, SystemExit, RecursionError])
def test_what_fails_in_a_child_becomes_a_sentence(error):
    ended(sandbox.stream(fails, error), r"\.$")


@pytest.mark.parametrize(
    "data",
    [b"", b"no JSON", b"\xff\xfe", b"7", b"null", b"[]", b'["value"]', b'["value", 1, 2]', b'{"a": 1, "b": 2}', b'"ab"',
     b'["what", 1]', b'["error", {"a": [1]}]', b"[" * 100_000],
)  # fmt: skip
def test_a_child_that_answers_nonsense_is_refused(data):
    ended(sandbox.stream(answers, data, seconds=10), "could not be read")


@pytest.mark.parametrize("data", [b"\0", struct.pack("!i", 1000) + b"[", struct.pack("!iQ", -1, 1 << 20)])
def test_a_child_that_stops_within_an_answer_is_not_waited_for(data):
    start = time.monotonic()
    ended(sandbox.stream(breaks_off, data, seconds=1), "took longer than 1 seconds")
    assert time.monotonic() - start < 3 * patience()


def test_an_answer_that_claims_to_be_endless_is_refused_at_once():
    start = time.monotonic()
    ended(sandbox.stream(breaks_off, struct.pack("!iQ", -1, 1 << 40), seconds=10), "could not be read")
    assert time.monotonic() - start < 5 * patience()


@pytest.mark.parametrize("job", [sleeps, computes, talks])
def test_no_child_outlives_a_stream_that_is_closed_early(job):
    stream = sandbox.stream(job)
    child = next(stream)
    assert psutil.pid_exists(child)
    stream.close()
    assert not psutil.pid_exists(child)


def test_no_child_outlives_an_analysis_that_is_left(tmp_path):
    other = sandbox.stream(sleeps)
    server = psutil.Process(next(other)).parent()
    other.close()
    dataset = Dataset(write(tmp_path / "a.parquet", [logo()] * 500, ["red"] * 500))
    stream = dataset.analyse()
    assert next(stream)
    del stream
    assert server.children() == []
    assert list(dataset.analyse())[-1] == "pixels"


def test_each_stream_has_a_process_of_its_own():
    first, second = (next(sandbox.stream(says_who_it_is)) for _ in range(2))
    assert len({first, second, os.getpid()}) == 3


def test_a_refused_file_leaves_nothing_on_the_disk(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    (tmp_path / "kept").mkdir()
    with pytest.raises(TableError):
        Dataset(tmp_path / "a.parquet", folder=tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == []
    dataset = Dataset(write(tmp_path / "b.parquet", [logo()], ["a"]), folder=tmp_path / "kept")
    assert {path.name.split("-")[0] for path in (tmp_path / "kept").iterdir()} == {"dataset", "served"}
    del dataset
    assert list((tmp_path / "kept").iterdir()) == []
