"""What a visitor of the page does: draws, saves, uploads and analyses datasets, leaves midway, comes back."""

from __future__ import annotations

import asyncio
import io
import random
import time
from collections.abc import Awaitable
from functools import cache

import numpy as np
import pyarrow.parquet as pq

from benchmarks.analysis import EXAMPLE
from benchmarks.client import LONGEST, Refused, Session, Site, Tally, broken_upload

# Seconds between two actions, on average, exponentially spread. Typing thirty characters takes ten, and as many go by
# before four logos have been looked at. TPC-W's customers, who mostly click, wait seven.
THINKING = 20.0
LONGEST_THOUGHT = 60.0
ROWS = 1900  # of a dataset
COLOURS = ("red", "orange", "yellow", "green", "teal", "blue", "navy", "purple", "pink", "brown", "black", "grey")
OBJECTS = ("rocket", "owl", "fish", "cat", "leaf", "heart", "star", "mountain", "anchor", "tree", "key", "cup")
PLACES = ("", " in a circle", " on a navy hexagon", " in a yellow shield", " on a white square", ", outline")
# Shares of what a visitor does next.
MIX = {
    "draw": 50, "more like this": 10, "choose": 8, "save": 8, "call generate_svg": 4, "call brief": 3,
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

    async def _call_brief(self) -> None:
        await self.site.call("brief", prompt=self._prompt())

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
