"""Many visitors at once: each gets a result or one honest sentence, and nobody gets what is another's."""

import asyncio
import contextlib
import io
import random
import re
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import launched
from PIL import Image
from raw_http import process

from benchmarks.analysis import EXAMPLE, tree_bytes
from benchmarks.client import Refused, Session, Site, Tally, broken_upload
from benchmarks.visitors import Visitor

CLIENTS = {"draw": 30, "call": 8, "analyse": 2, "leave while waiting": 6, "leave while uploading": 4}
QUEUE, REMEMBERED = 8, 20
TIMES = 60  # that somebody patient asks
GROWN = 60_000_000  # bytes that more crowds may add to the memory, when as many visits are remembered as may be
SETTLED = 40  # seconds until memory that is free has gone back to the system


def finished(job: Coroutine):
    """What a coroutine gives, in a thread of its own: this one runs Playwright's loop once there is a browser."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, job).result()


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    """An app whose queue holds few events and that remembers few visits."""
    with launched(
        tmp_path_factory.mktemp("narrow"), LOGO_GAN_QUEUE=f"{QUEUE}", LOGO_GAN_SESSIONS=f"{REMEMBERED}"
    ) as app:
        yield app


async def patient(ask: Callable[[], Awaitable]):
    """Asks again while the queue is full."""
    for _ in range(TIMES):
        with contextlib.suppress(Refused):
            return await ask()
        await asyncio.sleep(0.5)
    return await ask()


async def crowd(url: str, seed: int) -> Tally:
    """All of `CLIENTS` at the same moment."""
    tally = Tally()
    async with Site.reached(url) as site:

        async def one(action: str, number: int) -> None:
            session = Session(site, random.Random(f"{seed}-{action}-{number}"))
            with tally.counted(action):
                if action == "draw":
                    await session.fetch(await session.fire("on_draw", at2=f"red cat {number}"))
                elif action == "call":
                    pictures, _ = await site.call("generate", prompt="blue fish logo")
                    assert len(pictures) == 4
                elif action == "analyse":
                    file = await site.upload("logos.parquet", EXAMPLE.read_bytes())
                    assert (await patient(lambda: site.call("analyse", file=file)))[0]["rows"] == 2_000
                elif action == "leave while uploading":
                    await broken_upload(site)
                else:
                    waiting = asyncio.ensure_future(session.fire("on_draw", at2="green leaf"))
                    await asyncio.wait([waiting], timeout=0.05 * number)
                    waiting.cancel()
                    await asyncio.gather(waiting, return_exceptions=True)

        await asyncio.gather(*(one(action, number) for action, count in CLIENTS.items() for number in range(count)))
    return tally


def test_of_fifty_at_once_each_gets_a_result_or_is_told_that_the_queue_is_full(narrow):
    tally = finished(crowd(narrow.url, 0))
    assert tally.errors == []
    assert tally.done + tally.refusals.total() == 50
    assert tally.seconds["draw"] and len(tally.seconds["analyse"]) == CLIENTS["analyse"]
    assert tally.refusals.total() >= 10
    assert all(re.fullmatch(rf"Queue is full\. Max size is {QUEUE} and size is \d+\.", said) for said in tally.refusals)


def test_after_more_crowds_the_app_draws_as_before_with_no_more_memory_files_or_processes(narrow):
    main = process(narrow)
    finished(crowd(narrow.url, 1))
    memory, files, children = tree_bytes(main.pid), main.num_fds(), len(main.children(recursive=True))
    for seed in (2, 3):
        assert finished(crowd(narrow.url, seed)).errors == []
    deadline = time.monotonic() + SETTLED
    while (now := tree_bytes(main.pid)) > memory + GROWN and time.monotonic() < deadline:
        time.sleep(0.5)
    assert now <= memory + GROWN, f"{memory / 1e6:.0f} MB have become {now / 1e6:.0f}"
    assert main.num_fds() < files + 20
    assert len(main.children(recursive=True)) == children

    async def visit() -> Tally:
        tally = Tally()
        async with Site.reached(narrow.url) as site:
            visitor = Visitor(site, tally, "afterwards")
            for action in ("draw", "more like this", "save", "analyse", "random row", "call brief"):
                await visitor.act(action)
            await visitor.leave()
        return tally

    tally = finished(visit())
    assert not tally.errors and not tally.refusals
    log = narrow.log.read_text()
    assert "Traceback" not in log and " ERROR " not in log


def logos(captions: list[str]) -> bytes:
    """A parquet file of plain pictures with these captions."""
    picture, file = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (32, 32), "teal").save(picture, "PNG")
    image = [{"bytes": picture.getvalue(), "path": None}] * len(captions)
    pq.write_table(pa.table({"image": image, "text": captions}), file)
    return file.getvalue()


def history(session: Session) -> str:
    """All that the history says below its pictures."""
    _, _, _, shown, *_ = session.site.events["on_sheet"]["outputs"]
    return " ".join(each["caption"] for each in session.values[shown])


class Pair:
    """Two visitors of the same app at the same time, who draw other things and look at other datasets."""

    def __init__(self, site: Site):
        self.site = site
        self.one, self.two = Session(site, random.Random("one")), Session(site, random.Random("two"))

    async def both(self, event: str, first, second, place: str) -> list:
        return await asyncio.gather(
            self.one.fire(event, **{place: first}), self.two.fire(event, **{place: second})
        )  # fmt: skip


def test_of_two_interleaved_visitors_each_keeps_its_own_logos_history_and_dataset(app):
    async def visits() -> None:
        async with Site.reached(app.url) as site:
            pair = Pair(site)
            files = [
                await site.upload("same-name.parquet", logos([f"{who} {i}" for i in range(9)]))
                for who in ("oak", "elm")
            ]
            await asyncio.gather(pair.one.open(), pair.two.open())
            await pair.both("on_draw", "red rocket", "blue fish", "at2")
            await pair.both("load", *files, "at0")
            await pair.both("on_draw", "orange rocket", "teal fish", "at2")
            for _ in range(3):
                rows = await asyncio.gather(pair.one.fire("_show_random"), pair.two.fire("_show_random"))
                for came, own, other in zip(rows, ("oak", "elm"), ("elm", "oak"), strict=True):
                    assert own in str(came) and other not in str(came)
            await asyncio.gather(pair.one.fire("on_more"), pair.two.fire("on_more"))
            for session, own, other in ((pair.one, "rocket", "fish"), (pair.two, "fish", "rocket")):
                assert history(session).count(own) == 12 and other not in history(session)
                await session.close()

    finished(visits())


def test_whoever_has_anothers_session_id_is_in_that_visit_and_in_no_other(app):
    async def visits() -> None:
        async with Site.reached(app.url) as site:
            pair = Pair(site)
            pair.one.hash, pair.two.hash = "reusedid1", "reusedid2"
            await pair.both("on_draw", "red rocket", "blue fish", "at2")
            stranger = Session(site, random.Random())
            stranger.hash = pair.one.hash
            await stranger.fire("on_draw", at2="green owl")
            assert history(stranger).count("rocket") == history(stranger).count("owl") == 4
            await pair.two.fire("on_more")
            assert history(pair.two).count("fish") == 8
            assert "owl" not in history(pair.two) and "rocket" not in history(pair.two)
            guess = Session(site, random.Random("guess"))
            with pytest.raises(Refused, match=r"^[A-Z][^\n]+\.$"):
                await guess.fire("on_more")

    finished(visits())
