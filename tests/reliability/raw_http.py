"""The app asked over plain HTTP, byte by byte: what no well-behaved client would send can be sent."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import psutil
from conftest import App

SECONDS = 60


def upload(app: App, path: Path) -> dict[str, Any]:
    """Sends a file; returns it as the endpoints take it."""
    with path.open("rb") as file:
        answer = httpx.post(f"{app.url}/gradio_api/upload", files={"files": (path.name, file)}, timeout=SECONDS)
    return {"path": answer.raise_for_status().json()[0], "meta": {"_type": "gradio.FileData"}}


def send(app: App, endpoint: str, body: bytes | dict) -> httpx.Response:
    """Posts JSON, or bytes in its place, to an endpoint, which answers with the number of an event."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    url = f"{app.url}/gradio_api/call/v2/{endpoint}"
    return httpx.post(url, content=content, headers={"Content-Type": "application/json"}, timeout=SECONDS)


def collect(app: App, endpoint: str, posted: httpx.Response) -> tuple[str, Any]:
    """What comes of a post: ("complete", data), ("error", sentence), or, not accepted, (status, detail)."""
    if posted.status_code != 200:
        return str(posted.status_code), posted.json()["detail"]
    number = posted.json()["event_id"]
    lines = httpx.get(f"{app.url}/gradio_api/call/{endpoint}/{number}", timeout=SECONDS).text.splitlines()
    events = [(name[7:], data[6:]) for name, data in pairwise(lines) if name.startswith("event: ")]
    name, data = events[-1]
    return name, json.loads(data)["error"] if name == "error" else json.loads(data)


def asked(app: App, endpoint: str, body: bytes | dict) -> tuple[str, Any]:
    """`send` and `collect`."""
    return collect(app, endpoint, send(app, endpoint, body))


def process(app: App) -> psutil.Process:
    """The app's own process, a child of this one."""
    port = app.url.rpartition(":")[2]
    return next(p for p in psutil.Process().children() if p.environ().get("GRADIO_SERVER_PORT") == port)
