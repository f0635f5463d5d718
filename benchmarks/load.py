"""python -m benchmarks.load: fifty visitors who draw, export, upload, analyse and leave; what they and the app notice.

Starts `python app.py` on a loopback port, sends it visitors for some minutes and then a burst, and looks at it before
(each action has been done, so that what is imported and cached on the first use is there), meanwhile and afterwards.
`--minutes 20` is the soak: whether anything grows.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import os
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import psutil
import pyarrow.parquet as pq

from benchmarks.analysis import EXAMPLE, tree_bytes
from benchmarks.startup import started
from benchmarks.visitors import LONGEST, Refused, Session, Site, Tally, broken_upload

VISITORS, MINUTES = 50, 3.0
MOST_VISITORS, MOST_MINUTES = 500, 120.0
# Seconds between two actions, on average, exponentially spread. Typing thirty characters takes ten, and as many go by
# before four logos have been looked at. TPC-W's customers, who mostly click, wait seven.
THINKING = 20.0
LONGEST_THOUGHT = 60.0
OVERFLOW = 200  # clients of the second burst, more than the queue holds
ROWS = 1900  # of a dataset
WARM_ROUNDS, WARM_VISITORS = 2, 3
# What is kept for a while is kept for a shorter one, so that its going is seen within the time that is measured.
SHORT = {"LOGO_GAN_KEEP_MINUTES": "2", "LOGO_GAN_AWAY_MINUTES": "1"}
CALM = 20.0  # seconds between the first uses and the first look
SETTLE = 150.0  # seconds after the last visitor has left
COLOURS = ("red", "orange", "yellow", "green", "teal", "blue", "navy", "purple", "pink", "brown", "black", "grey")
OBJECTS = ("rocket", "owl", "fish", "cat", "leaf", "heart", "star", "mountain", "anchor", "tree", "key", "cup")
PLACES = ("", " in a circle", " on a navy hexagon", " in a yellow shield", " on a white square", ", outline")
# Shares of what a visitor does next.
MIX = {
    "draw": 50, "more like this": 10, "choose": 8, "save": 8, "call generate_svg": 4, "call reading": 3,
    "model page": 3, "analyse": 4, "random row": 3, "leave while waiting": 3, "leave while uploading": 2,
    "leave while analysing": 1, "come back": 1,
}  # fmt: skip


@cache
def datasets() -> list[bytes]:
    """Parquet files of 1,900 rows of the example, no two the same, for visitors come with datasets of their own."""
    table, rng = pq.read_table(EXAMPLE), np.random.default_rng(0)
    files = []
    for _ in range(8):
        pq.write_table(table.take(np.sort(rng.choice(len(table), ROWS, replace=False))), file := io.BytesIO())
        files.append(file.getvalue())
    return files


class Visitor:
    """Someone who opens the page and does things on it, one after the other."""

    def __init__(self, site: Site, tally: Tally, seed: str):
        self.site, self.tally, self.rng = site, tally, random.Random(seed)
        self.session: Session | None = None
        self.drawn = self.analysed = self.looked = False

    async def stay(self, seconds: float) -> None:
        """Does what `MIX` says, with pauses, until so many seconds have passed; then leaves."""
        end = time.monotonic() + seconds
        while (pause := min(self.rng.expovariate(1 / THINKING), LONGEST_THOUGHT)) < end - time.monotonic():
            await asyncio.sleep(pause)
            await self.act(self.rng.choices([*MIX], [*MIX.values()])[0])
        await asyncio.sleep(max(0.0, end - time.monotonic()))
        await self.leave()

    async def act(self, action: str) -> None:
        """One action of `MIX`, and what has to come before it."""
        if self.session is None:
            await self._do("load page", self._open())
        if action in ("more like this", "choose", "save") and not self.drawn:
            action = "draw"
        if action == "random row" and not self.analysed:
            action = "analyse"
        await self._do(action, getattr(self, f"_{action.replace(' ', '_')}")())

    async def leave(self) -> None:
        if self.session is not None:
            await self.session.close()
        self.session, self.drawn, self.analysed = None, False, False

    async def _do(self, action: str, job: Awaitable) -> None:
        with self.tally.counted(action):
            async with asyncio.timeout(LONGEST):
                await job

    async def _open(self) -> None:
        self.session = Session(self.site, self.rng)
        await self.session.open()

    def _prompt(self) -> str:
        return f"{self.rng.choice(COLOURS)} {self.rng.choice(OBJECTS)}{self.rng.choice(PLACES)}"

    async def _draw(self) -> None:
        prompt = self._prompt()
        await self.session.fire("on_words", at0=prompt)
        begin = time.perf_counter()
        came = await self.session.fire("on_draw", at2=prompt, at3=str(self.rng.getrandbits(32)))
        self.tally.seconds["generation"].append(self.session.answered - begin)
        await self.session.fetch(came)
        self.drawn = True

    async def _more_like_this(self) -> None:
        await self.session.fetch(await self.session.fire("on_more"))

    async def _choose(self) -> None:
        await self.session.fire("on_choose", event_data={"index": self.rng.randrange(4), "value": None})

    async def _save(self) -> None:
        await self.session.fetch(await self.session.fire(self.rng.choice(("save", "save_1"))))

    async def _call_generate_svg(self) -> None:
        await self.site.call("generate_svg", prompt=self._prompt(), seed=self.rng.getrandbits(32))

    async def _call_reading(self) -> None:
        await self.site.call("reading", prompt=self._prompt())

    async def _model_page(self) -> None:
        await self.session.fire("open_tab")

    async def _analyse(self) -> None:
        file = await self.site.upload("logos.parquet", self.rng.choice(datasets()))
        with self.tally.counted("analysis"):
            came = await self.session.fire("load", at0=file)
            if not any(f"{ROWS:,} rows" in each for each in came if isinstance(each, str)):
                raise Refused("The page does not say how many rows the dataset has.")
        self.analysed = True

    async def _random_row(self) -> None:
        await self.session.fetch(await self.session.fire("_show_random"))

    async def _leave_while_waiting(self) -> None:
        await self._interrupted(self.session.fire("on_draw", at2=self._prompt()), self.rng.uniform(0.02, 0.3))

    async def _leave_while_uploading(self) -> None:
        await broken_upload(self.site)
        await self.leave()

    async def _leave_while_analysing(self) -> None:
        file = await self.site.upload("logos.parquet", self.rng.choice(datasets()))
        await self._interrupted(self.session.fire("load", at0=file), self.rng.uniform(0.1, 1.0))

    async def _come_back(self) -> None:
        await self.leave()
        await self._open()

    async def _interrupted(self, job: Awaitable, after: float) -> None:
        task = asyncio.ensure_future(job)
        await asyncio.wait([task], timeout=after)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await self.leave()


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
