"""python -m benchmarks.load: fifty visitors who draw, export, upload, analyse and leave; what they and the app notice.

Starts `python app.py` on a loopback port, sends it visitors for some minutes and then a burst, and looks at it before
(each action has been done, so that what is imported and cached on the first use is there), meanwhile and afterwards.
`--minutes 20` is the soak: whether anything grows.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from benchmarks.analysis import tree_bytes
from benchmarks.client import Session, Site, Tally
from benchmarks.startup import started
from benchmarks.visitors import COLOURS, MIX, OBJECTS, ROWS, Visitor

VISITORS, MINUTES = 50, 3.0
MOST_VISITORS, MOST_MINUTES = 500, 120.0
OVERFLOW = 200  # clients of the second burst, more than the queue holds
WARM_ROUNDS, WARM_VISITORS = 2, 3
# What is kept for a while is kept for a shorter one, so that its going is seen within the time that is measured.
SHORT = {"LOGO_GAN_KEEP_MINUTES": "2", "LOGO_GAN_AWAY_MINUTES": "1"}
CALM = 20.0  # seconds between the first uses and the first look
SETTLE = 150.0  # seconds after the last visitor has left


@dataclass(frozen=True)
class Sample:
    """The app at one moment: its process with all children, and its folder of uploads and pictures."""

    seconds: float
    memory: int
    """Bytes, by PSS."""
    files: int
    """Open files of the main process."""
    threads: int
    children: int
    disk: int
    """Bytes."""
    disk_files: int
    processor: float
    """Seconds of processor time that the main process, and children that it has waited for, have taken."""

    @classmethod
    def of(cls, pid: int, begin: float) -> Sample:
        process = psutil.Process(pid)
        folder, sizes = process.environ()["GRADIO_TEMP_DIR"], {}
        for place, _, names in os.walk(folder):
            for name in names:
                with contextlib.suppress(FileNotFoundError):  # it has just been removed
                    found = os.lstat(Path(place) / name)
                    sizes[found.st_ino] = found.st_size  # a dataset has two names
        return cls(
            time.monotonic() - begin, tree_bytes(pid), process.num_fds(), process.num_threads(),
            len(process.children(recursive=True)), sum(sizes.values()), len(sizes), sum(process.cpu_times()[:4]),
        )  # fmt: skip


@dataclass
class Found:
    """What a run has found.

    Attributes:
        samples: before the visitors came, then at even distances until they left, then after `SETTLE` seconds.
        burst: seconds that each of the visitors waited who asked for a drawing all at once.
        overflow: answered, and for each sentence how often it came, when more asked than the queue holds.
    """

    visitors: int
    minutes: float
    tally: Tally
    samples: list[Sample]
    burst: list[float]
    overflow: tuple[int, dict[str, int]]
    busy: float  # processes that wanted to run on the machine, on average over the last minutes

    @property
    def processor(self) -> float:
        """Seconds of processor time that the main process took in each second with visitors."""
        first, last = self.samples[0], self.samples[-2]
        return (last.processor - first.processor) / (last.seconds - first.seconds)

    def grows(self, of: Callable[[Sample], float]) -> float:
        """Slope per hour over the last three quarters of the time with visitors, by least squares."""
        there = self.samples[1:-1]
        late = [sample for sample in there if sample.seconds >= there[-1].seconds / 4]
        if len(late) < 3:
            return float("nan")
        return 3600 * float(np.polyfit([sample.seconds for sample in late], [of(sample) for sample in late], 1)[0])


async def visit(url: str, pid: int, visitors: int, minutes: float, seed: int) -> Found:
    """The whole of a run against a running app."""
    async with Site.reached(url) as site:
        await warm(site, seed)
        await asyncio.sleep(CALM)
        begin, tally, stop = time.monotonic(), Tally(), asyncio.Event()
        samples = [await asyncio.to_thread(Sample.of, pid, begin)]
        watching = asyncio.create_task(_watch(samples, pid, begin, 30.0 if minutes >= 10 else 2.0, stop))
        people = [Visitor(site, tally, f"{seed}-{number}") for number in range(visitors)]
        await asyncio.gather(*(each.stay(60 * minutes) for each in people))
        stop.set()
        await watching
        await asyncio.sleep(SETTLE)
        samples.append(await asyncio.to_thread(Sample.of, pid, begin))
        burst, _ = await rush(site, visitors, seed)
        answered, sentences = await rush(site, OVERFLOW, seed + 1)
        return Found(
            visitors, minutes, tally, samples, burst, (len(answered), sentences), psutil.getloadavg()[1]
        )  # fmt: skip


async def warm(site: Site, seed: int) -> None:
    """Each action, some of them at once; RuntimeError if one fails."""
    tally = Tally()

    async def all_of_it(number: int) -> None:
        visitor = Visitor(site, tally, f"warm-{seed}-{number}")
        for action in MIX:
            await visitor.act(action)
        await visitor.leave()

    for begin in range(0, WARM_ROUNDS * WARM_VISITORS, WARM_VISITORS):
        await asyncio.gather(*map(all_of_it, range(begin, begin + WARM_VISITORS)))
    if tally.errors:
        raise RuntimeError("\n".join(tally.errors))


async def rush(site: Site, clients: int, seed: int) -> tuple[list[float], dict[str, int]]:
    """All ask for a drawing at the same moment: seconds until each had it, and what the others were told."""
    tally = Tally()

    async def one(number: int) -> None:
        session = Session(site, random.Random(f"rush-{seed}-{number}"))
        with tally.counted("all of it"):
            begin = time.perf_counter()
            await session.fire("on_draw", at2=f"{COLOURS[number % 12]} {OBJECTS[number // 12 % 12]}", at3="1")
            tally.seconds["generation"].append(session.answered - begin)

    await asyncio.gather(*map(one, range(clients)))
    told = dict(tally.refusals)
    for error in tally.errors:
        told[f"error: {error}"] = told.get(f"error: {error}", 0) + 1
    return tally.seconds["generation"], told


async def _watch(samples: list[Sample], pid: int, begin: float, every: float, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await asyncio.wait_for(stop.wait(), every)
        except TimeoutError:
            samples.append(await asyncio.to_thread(Sample.of, pid, begin))


def run(visitors: int = VISITORS, minutes: float = MINUTES, seed: int = 0) -> Found:
    """Starts the app, sends it visitors, ends it."""
    with started("app.py", **SHORT) as app:
        return asyncio.run(visit(app.url, app.pid, visitors, minutes, seed))


def told(found: Found) -> list[str]:
    """What has been found as a Markdown table."""
    drawings, analyses = found.tally.seconds["generation"], found.tally.seconds["analysis"]
    rows = [
        (f"visitors, for {found.minutes:g} minutes", f"{found.visitors}"),
        ("actions done", f"{found.tally.done:,}"),
        ("errors, refusals", f"{len(found.tally.errors)}, {found.tally.refusals.total()}"),
        ("drawings", f"{len(drawings):,}"),
        ("median, 95 %, 99 %, slowest of them, s", _percentiles(drawings, 50, 95, 99, 100)),
        (f"analyses of {ROWS:,} rows", f"{len(analyses):,}"),
        ("median, 95 % of them, s", _percentiles(analyses, 50, 95)),
        ("before, at most, after: memory of all processes, MB", _three(found, lambda each: round(each.memory / 1e6))),
        ("open files", _three(found, lambda each: each.files)),
        ("threads", _three(found, lambda each: each.threads)),
        ("child processes", _three(found, lambda each: each.children)),
        ("uploads and pictures on the disk, MB", _three(found, lambda each: round(each.disk / 1e6))),
        ("their number", _three(found, lambda each: each.disk_files)),
        ("an hour: memory, MB", f"{found.grows(lambda each: each.memory / 1e6):+.0f}"),
        ("open files", f"{found.grows(lambda each: each.files):+.0f}"),
        ("threads", f"{found.grows(lambda each: each.threads):+.0f}"),
        ("uploads and pictures, MB", f"{found.grows(lambda each: each.disk / 1e6):+.0f}"),
        (f"{found.visitors} drawings at the same moment: answered", f"{len(found.burst)}"),
        ("the first, the last of them, s", _percentiles(found.burst, 0, 100)),
        (f"{OVERFLOW} at the same moment: answered", f"{found.overflow[0]}"),
        *((f"told {sentence!r}", f"{count}") for sentence, count in found.overflow[1].items()),
        ("processor time of the main process, s a second", f"{found.processor:.2f}"),
        ("load average of the machine, this app and its visitors among it", f"{found.busy:.1f}"),
    ]
    return ["| what | |", "| --- | ---: |", *(f"| {what} | {value} |" for what, value in rows)]


def table() -> list[str]:
    """The lines of results.md; RuntimeError if a visitor met an error."""
    found = run()
    if found.tally.errors:
        raise RuntimeError("\n".join(found.tally.errors[:20]))
    return told(found)


def _three(found: Found, of: Callable[[Sample], int]) -> str:
    return f"{of(found.samples[0]):,}, {max(map(of, found.samples)):,}, {of(found.samples[-1]):,}"


def _percentiles(seconds: list[float], *percents: int) -> str:
    return ", ".join(f"{np.percentile(seconds, percent):.2f}" for percent in percents) if seconds else "none"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, default=VISITORS, choices=range(1, MOST_VISITORS + 1), metavar="N")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if not 0 < options.minutes <= MOST_MINUTES:
        parser.error(f"--minutes has to be above 0 and at most {MOST_MINUTES:g}.")
    found = run(options.visitors, options.minutes, options.seed)
    print("\n".join(told(found)))
    print("\n| action | times | median, s | 95 %, s |\n| --- | ---: | ---: | ---: |")
    for action, seconds in sorted(found.tally.seconds.items()):
        print(f"| {action} | {len(seconds)} | {_percentiles(seconds, 50, 95).replace(', ', ' | ')} |")
    for error in found.tally.errors:
        print(f"error: {error}")
    if options.minutes >= 10:
        print("\n| s | memory, MB | open files | threads | children | disk, MB | files |\n|" + " ---: |" * 7)
        for each in found.samples:
            print(f"| {each.seconds:.0f} | {each.memory / 1e6:.0f} | {each.files} | {each.threads} | {each.children} "
                  f"| {each.disk / 1e6:.0f} | {each.disk_files} |")  # fmt: skip


if __name__ == "__main__":
    main()
