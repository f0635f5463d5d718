"""Many files → one summary: their parts are summarised in processes of this machine, or on a Dask cluster, and added.

Dask rather than Ray Data: it is pure Python, its cluster starts within a second on one machine, and a sum that keeps
its order, which row numbers need, is a tree of plain function calls there.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from eda import sandbox, table, work
from eda.statistics import Images, Summary, Texts
from eda.table import Part, TableError

PART_SECONDS, FIND_SECONDS = 3_600.0, 60.0
Progress = Callable[[int], None]


def find(pattern: str) -> list[str]:
    """The files that an argument of the command line means: a path, a glob, or hf://datasets/OWNER/NAME[/PATH].

    Raises:
        TableError: there are none, or the Hub does not tell within `FIND_SECONDS`.
    """
    # In a process of its own, for a Hub that drips keeps a connection for ever.
    return sandbox.last(work.find, pattern, seconds=FIND_SECONDS)


def parts_of(paths: Sequence[str]) -> list[Part]:
    """The parts of all files in order, from their footers.

    Raises:
        TableError: one cannot be analysed; the sentence names it.
    """
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda path: _named(path, sandbox.last, work.cut, path), paths)
        return [
            Part(path, tuple(groups), first, rows)
            for path, cut in zip(paths, found, strict=True)
            for groups, first, rows in cut
        ]


def files_of(parts: Sequence[Part]) -> list[tuple[str, int]]:
    """The files, and how many rows each has."""
    rows: dict[str, int] = {}
    for part in parts:
        rows[part.path] = rows.get(part.path, 0) + part.rows
    return list(rows.items())


def on_this_machine(parts: Sequence[Part], workers: int | None = None, progress: Progress = lambda _: None) -> Summary:
    """The summary of the parts, each read in a process of its own, at most `workers` at a time (one a core).

    Raises:
        TableError: a part cannot be read.
    """
    total, summary = sum(part.rows for part in parts), Summary(Texts(), Images())

    def one(part: Part) -> str:
        return _named(part.path, sandbox.last, work.summarise, part.path, part.groups, total, seconds=PART_SECONDS)

    pool = ThreadPoolExecutor(workers or os.cpu_count() or 1)
    try:
        for part, found in zip(parts, pool.map(one, parts), strict=True):
            summary += Summary.loads(found)
            progress(part.rows)
    finally:
        pool.shutdown(cancel_futures=True)
    return summary


def thumbnails(parts: Sequence[Part], rows: Sequence[int]) -> dict[int, dict]:
    """Pictures of some rows, numbered through all files, for `panels.faults`."""
    found: dict[int, dict] = {}
    start = 0
    for path, count in files_of(parts):
        here = [row - start for row in rows if start <= row < start + count]
        if here:
            for row in sandbox.last(work.show, path, here, work.SMALL):
                found[row["row"] + start] = {**row, "row": row["row"] + start}
        start += count
    return found


def on_dask(parts: Sequence[Part], address: str | None = None) -> Summary:
    """The same on a Dask cluster: the one at `address` (host:port), or one of this machine's processes.

    Each worker needs this package and must reach the files under the same paths. Parts are read in a worker's own
    process, without the limits of `sandbox`.

    Raises:
        TableError: Dask is not installed, the cluster does not answer, or a part cannot be read.
    """
    try:
        import dask
        from distributed import Client
    except ImportError as error:
        raise TableError("Dask is not installed: `pip install -r requirements-dask.txt` brings it.") from error
    total = sum(part.rows for part in parts)
    nodes = [dask.delayed(_summarise, pure=False)(part, total) for part in parts]
    while len(nodes) > 1:  # neighbours, so that rows keep their order
        pairs = [nodes[i : i + 2] for i in range(0, len(nodes), 2)]
        nodes = [dask.delayed(_add)(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
    # A folder for what Dask writes, which it would leave behind.
    with tempfile.TemporaryDirectory() as scratch, dask.config.set({"temporary-directory": scratch}):
        try:
            local = {"n_workers": os.cpu_count(), "threads_per_worker": 1, "dashboard_address": None,
                     "silence_logs": logging.CRITICAL}  # fmt: skip
            client = Client(address, timeout=10) if address else Client(**local)
        except (OSError, ValueError) as error:
            raise TableError(f"The Dask cluster at {address} does not answer.") from error
        with client:
            return Summary.loads(client.compute(nodes[0]).result()) if nodes else Summary(Texts(), Images())


def _summarise(part: Part, total: int) -> str:
    try:
        return next(work.summarise(part.path, part.groups, total))
    except Exception as error:
        raise _in_file(part.path, table.explain(error)) from None


def _add(first: str, second: str) -> str:
    return (Summary.loads(first) + Summary.loads(second)).dumps()


def _named(path: str, job: Callable, *arguments, **limits):
    try:
        return job(*arguments, **limits)
    except TableError as error:
        raise _in_file(path, error) from None


def _in_file(path: str, error: TableError) -> TableError:
    return error if path in str(error) else TableError(f"{path}: {error}")
