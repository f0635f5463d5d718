"""Where files of strangers are read: a child process with a limit on memory and time, whose end harms nobody.

The children come from a fork server that has imported what they need, so one starts within some ten milliseconds. They
answer in JSON, never in pickles: what a child says after a hostile file has been through it is data, not code.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from eda.limits import Limits

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

MAX_ANSWER = 256_000_000  # bytes of what a child says at a time
_TOO_LONG = "The file took longer than {:.0f} seconds to read and was given up; a smaller one will do."
_DIED = "The file could not be read: it is damaged, or needs more memory than one analysis may have."


limits = Limits()
"""Of this process; app.py sets those of its environment."""


@cache
def _context():
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["eda.warm"])
    return context


def prepare() -> None:
    """Starts the fork server, which the first child would otherwise wait for."""
    for _ in stream(_nothing):
        pass


def stream(
    job: Callable[..., Iterator[Any]], *arguments: Any, seconds: float | None = None, memory_mb: int | None = None
) -> Iterator[Any]:
    """What the generator `job(*arguments)` yields in a child, which ends with this generator.

    Args:
        job: a function of a module; what it yields is JSON.
        seconds, memory_mb: instead of those of `limits`.

    Raises:
        TableError: as `job` raises it, or because the child passed its limits or died.
    """
    from eda.table import TableError

    seconds = limits.seconds if seconds is None else seconds
    memory_mb = limits.memory_mb if memory_mb is None else memory_mb
    receiver, sender = _context().Pipe(duplex=False)
    child = _context().Process(target=_run, args=(sender, job, arguments, seconds, memory_mb), daemon=True)
    child.start()
    sender.close()
    deadline = time.monotonic() + seconds
    # It kills the child rather than ends a wait: one that stops within an answer would be waited for forever.
    alarm = threading.Timer(seconds, child.kill)
    alarm.daemon = True
    alarm.start()
    try:
        while True:
            try:
                kind, value = json.loads(receiver.recv_bytes(MAX_ANSWER))
                if kind not in ("value", "end") and (kind != "error" or not isinstance(value, str)):
                    raise ValueError("no answer of ours")
            except (EOFError, OSError, ValueError, TypeError, RecursionError):
                raise TableError(_TOO_LONG.format(seconds) if time.monotonic() >= deadline else _DIED) from None
            if kind == "end":
                return
            if kind == "error":
                raise TableError(value)
            yield value
    finally:
        alarm.cancel()
        alarm.join()
        receiver.close()
        child.kill()
        child.join()
        child.close()


def last(job: Callable[..., Iterator[Any]], *arguments: Any, **limits: float) -> Any:
    """The last thing that `stream` yields."""
    value = None
    for value in stream(job, *arguments, **limits):  # noqa: B007
        pass
    return value


def _run(
    sender: Connection, job: Callable[..., Iterator[Any]], arguments: tuple, seconds: float, memory_mb: int
) -> None:
    from eda.table import explain

    _end_with_the_app()
    _limit(seconds, memory_mb)
    if hasattr(os, "nice"):
        os.nice(10)  # a dataset may take a second longer, rather than everybody's logos
    # What a library says before it aborts would stand beside our one sentence.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)

    def send(kind: str, value: Any) -> None:
        sender.send_bytes(json.dumps((kind, value)).encode())

    try:
        for value in job(*arguments):
            send("value", value)
        send("end", None)
    except (BrokenPipeError, KeyboardInterrupt):
        pass  # nobody listens any more
    except BaseException as error:  # whatever a hostile file provokes becomes one sentence
        with suppress(OSError):
            send("error", str(explain(error)))
    os._exit(0)  # not `return`: nothing of what a hostile file left behind may run


def _end_with_the_app() -> None:
    """Has Linux kill this child when the app ends, however that happens and whatever the child is doing.

    Elsewhere it ends when it next has something to say. The fork server ends when its last child has.
    """
    app = multiprocessing.parent_process()
    if app is None or fcntl is None or not hasattr(fcntl, "F_SETSIG"):
        return
    # The sentinel is a pipe that the app alone holds the other end of.
    fcntl.fcntl(app.sentinel, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(app.sentinel, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(app.sentinel, fcntl.F_SETFL, fcntl.fcntl(app.sentinel, fcntl.F_GETFL) | fcntl.FASYNC)
    if not app.is_alive():  # it ended while this child was being made
        os._exit(1)


def _limit(seconds: float, memory_mb: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the deadline holds there too
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    processor = int(seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (processor * (os.cpu_count() or 1), processor * (os.cpu_count() or 1)))
    with suppress(OSError, ValueError):  # only Linux tells, and heeds, the size of the address space
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + memory_mb * 1_000_000
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _nothing() -> Iterator[Any]:
    yield None
