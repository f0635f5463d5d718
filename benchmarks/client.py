"""The page over plain HTTP, as a browser asks for it: a session, queue, event stream, heartbeat, uploads; a tally.

Only of this machine's own app: whoever names another host is refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

API = "/gradio_api"
LONGEST = 120.0  # seconds until an action counts as an error
PARQUET = b"PAR1" + bytes(2_000_000)  # an upload that is never finished

PARTS = ("generation", "analysis")  # of actions, timed by themselves

# What an honest page may say to a request that is right: it is too busy, or has no room.
HONEST = (
    re.compile(r"Queue is full\. Max size is \d+ and size is \d+\."),
    re.compile(r"The server has no room for another file just now; [^\n]+\."),
)


class Refused(Exception):
    """The app said no; the text is its sentence."""


@dataclass
class Tally:
    """What has come of all actions.

    Attributes:
        seconds: for an action, how long each took that was answered.
        refusals: for a sentence of `HONEST`, how often it came.
        errors: everything else that came instead of an answer.
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    refusals: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    @contextlib.contextmanager
    def counted(self, action: str):
        """Times an action; takes up what comes of it instead of an answer."""
        begin = time.perf_counter()
        try:
            yield
            self.seconds[action].append(time.perf_counter() - begin)
        except Refused as refused:
            if any(honest.fullmatch(str(refused)) for honest in HONEST):
                self.refusals[str(refused)] += 1
            else:
                self.errors.append(f"{action}: {refused}")
        except Exception as error:
            self.errors.append(f"{action}: {type(error).__name__}: {error}")

    @property
    def done(self) -> int:
        return sum(len(seconds) for action, seconds in self.seconds.items() if action not in PARTS)


class Site:
    """The app, as its page describes itself."""

    def __init__(self, url: str, client: httpx.AsyncClient, config: dict):
        self.url, self.client = url, client
        self.values = {each["id"]: each["props"].get("value") for each in config["components"]}
        self.events = {each["api_name"]: each for each in config["dependencies"] if each["backend_fn"]}
        self.root = config["layout"]["id"]

    @classmethod
    @contextlib.asynccontextmanager
    async def reached(cls, url: str) -> AsyncIterator[Site]:
        """A client of the app at `url`; ValueError unless that is on this machine's loopback."""
        host = urlsplit(url).hostname or ""
        try:
            own = ipaddress.ip_address(host).is_loopback
        except ValueError:
            own = host == "localhost"
        if not own:
            raise ValueError(f"Only an app on this machine may be visited so, not one at {host or url!r}.")
        # The app ends idle connections after 5 s. A browser asks again when it meets such an end, httpx does not.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=50, keepalive_expiry=2.0)
        async with httpx.AsyncClient(base_url=url, timeout=LONGEST, limits=limits, trust_env=False) as client:
            yield cls(url, client, (await client.get("/config")).raise_for_status().json())

    async def call(self, name: str, **arguments: Any) -> Any:
        """What a named endpoint answers, as the README calls it; raises Refused."""
        answer = await self.client.post(f"{API}/call/v2/{name}", json=arguments)
        number = _checked(answer)["event_id"]
        async with self.client.stream("GET", f"{API}/call/{name}/{number}") as stream:
            event = ""
            async for line in stream.aiter_lines():
                kind, _, value = line.partition(": ")
                event = value if kind == "event" else event
                if kind == "data" and event in ("complete", "error"):
                    if event == "complete":
                        return json.loads(value)
                    raise Refused(_sentence(json.loads(value)))
        raise Refused(f"The answer of {name} ended in the middle.")

    async def upload(self, name: str, content: bytes) -> dict:
        """An uploaded file, as an event takes it; raises Refused."""
        answer = await self.client.post(f"{API}/upload", files={"files": (name, content)})
        return {"path": _checked(answer)[0], "orig_name": name, "meta": {"_type": "gradio.FileData"}}


class Session:
    """One page in one browser."""

    def __init__(self, site: Site, rng: random.Random):
        self.site, self.hash = site, f"{rng.getrandbits(55):x}"
        self.values = dict(site.values)
        self.answered = (
            0.0  # moment at which the events that were fired last had come, those that followed them not yet
        )
        self._shown: set[str] = set()
        self._heart: asyncio.Task | None = None

    async def open(self) -> None:
        """Loads the page: its markup, then what it asks for by itself, with the pictures that come."""
        (await self.site.client.get("/")).raise_for_status()
        self._heart = asyncio.create_task(self._beat())
        load = [name for name, event in self.site.events.items() if [self.site.root, "load"] in event["targets"]]
        await self.fetch(await self.fire(*load))

    async def fetch(self, value: Any) -> None:
        """Fetches the pictures and files of an answer that this browser does not have yet; raises Refused."""
        for path in sorted({*_paths(value)} - self._shown):
            answer = await self.site.client.get(f"{API}/file={path}")
            if answer.status_code != 200:
                raise Refused(f"A file of the answer cannot be fetched: {answer.status_code}.")
            self._shown.add(path)

    async def close(self) -> None:
        """Leaves: the browser's connections break, whatever they are waiting for."""
        if self._heart is not None:
            self._heart.cancel()
            await asyncio.gather(self._heart, return_exceptions=True)
            self._heart = None

    async def fire(self, *names: str, event_data: Any = None, **inputs: Any) -> list:
        """Fires events, and those that follow them; what came, in the end. Raises Refused.

        `inputs`: instead of what a component holds, by its place among the inputs, "at3" for the fourth.
        """
        pending = [await self._join(name, event_data, inputs) for name in names]
        waiting, came, waiting_for_first = dict(pending), [], True
        while waiting:
            following: dict[str, str] = {}
            async for number, output in self._answers(set(waiting)):
                event = self.site.events[waiting.pop(number)]
                for component, value in zip(event["outputs"], output, strict=False):
                    self._take(component, value)
                came += output
                for name, other in self.site.events.items():
                    if other["trigger_after"] == event["id"]:
                        following[name] = ""
            if waiting_for_first:
                self.answered, waiting_for_first = time.perf_counter(), False
            waiting = dict([await self._join(name, None, {}) for name in following])
        return came

    async def _join(self, name: str, event_data: Any, inputs: dict[str, Any]) -> tuple[str, str]:
        event = self.site.events[name]
        data = [self.values.get(component) for component in event["inputs"]]
        for place, value in inputs.items():
            index = int(place.removeprefix("at"))
            data[index] = self.values[event["inputs"][index]] = value
        trigger = next((target[0] for target in event["targets"] if target[0]), None)
        body = {
            "data": data, "fn_index": event["id"], "session_hash": self.hash,
            "event_data": event_data, "trigger_id": trigger,
        }  # fmt: skip
        if not event["queue"]:
            answer = await self.site.client.post(f"{API}/run/predict", json=body)
            return _checked(answer) and ("", name)
        return _checked(await self.site.client.post(f"{API}/queue/join", json=body))["event_id"], name

    async def _answers(self, waiting: set[str]) -> AsyncIterator[tuple[str, list]]:
        """Number and outputs of events as they are completed."""
        for number in waiting & {""}:  # was not queued, and has been answered already
            waiting.discard(number)
            yield number, []
        if not waiting:
            return
        asked = {"session_hash": self.hash}
        async with self.site.client.stream("GET", f"{API}/queue/data", params=asked) as stream:
            async for line in stream.aiter_lines():
                if not line.startswith("data: "):
                    continue
                message = json.loads(line.removeprefix("data: "))
                if message["msg"] == "unexpected_error":
                    raise Refused(f"unexpected error: {message['message']}")
                if message["msg"] == "process_completed" and message["event_id"] in waiting:
                    if not message["success"]:
                        raise Refused(_sentence(message["output"]))
                    waiting.discard(message["event_id"])
                    yield message["event_id"], message["output"]["data"]
                # Once the last event is answered, the server ends the stream.
        if waiting:
            raise Refused("The stream of answers ended in the middle.")

    def _take(self, component: int, value: Any) -> None:
        """Holds what came for a component, as the browser does."""
        if isinstance(value, dict) and value.get("__type__") == "update":
            if "value" in value:
                self.values[component] = value["value"]
        elif value is not None:
            self.values[component] = value

    async def _beat(self) -> None:
        with contextlib.suppress(httpx.HTTPError):
            async with self.site.client.stream("GET", f"{API}/heartbeat/{self.hash}", timeout=None) as stream:
                async for _ in stream.aiter_lines():
                    pass


async def broken_upload(site: Site) -> None:
    """Sends a half of a file and leaves."""
    host, port = urlsplit(site.url).hostname, urlsplit(site.url).port
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="logos.parquet"\r\n\r\n'
    _, writer = await asyncio.open_connection(host, port)
    writer.write(
        f"POST {API}/upload HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        f"Content-Length: {len(head) + 2 * len(PARQUET)}\r\n\r\n".encode()
    )
    writer.write(head + PARQUET)
    await writer.drain()
    writer.transport.abort()


def _checked(answer: httpx.Response) -> Any:
    """The JSON of an answer; raises Refused."""
    try:
        told = answer.json()
    except ValueError:
        raise Refused(f"status {answer.status_code} without JSON: {answer.text[:200]!r}") from None
    if answer.status_code != 200:
        detail = told.get("detail", told) if isinstance(told, dict) else told
        raise Refused(detail if isinstance(detail, str) else json.dumps(detail))
    return told


def _sentence(output: Any) -> str:
    return str(output.get("error") or output) if isinstance(output, dict) else str(output)


def _paths(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["path"]] if isinstance(value.get("path"), str) else []
        return own + [path for each in value.values() for path in _paths(each)]
    return [path for each in value for path in _paths(each)] if isinstance(value, list) else []
