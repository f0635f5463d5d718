"""Every environment variable, read and checked once.

`Settings` holds the table of bounds as well: whatever a visitor can ask for ends at one of them. The defaults suit two
cores and 16 GB of memory.

Gradio's own variables (GRADIO_SERVER_NAME, GRADIO_ROOT_PATH, ...) are Gradio's business. Those that end in a
traceback or in silence when they are wrong are checked here as well: the port, the temporary folder, the MCP server.
"""

import importlib.util
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

_WEIGHTS = Path(__file__).resolve().parents[2] / "weights"
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_PORTS = range(1, 65536)


class SettingsError(ValueError):
    """A variable that cannot be used; its text is one sentence for the person who set it."""


def _bound(default: int, low: int, high: int, what: str) -> Any:
    """A field of Settings that is a whole number; its variable is LOGO_GAN_ with the field's name in capitals."""
    return field(default=default, metadata={"allowed": range(low, high + 1), "what": what})


@dataclass(frozen=True)
class Settings:
    """What the environment asks for. None stands for a variable that is unset or empty."""

    model: str | None = None
    """A folder, the name of a bundled model, or a Hub repository id; None is the bundled default."""
    revision: str | None = None
    """Branch, tag or commit of a Hub model."""
    memory: Path | None = None
    """Folder of another memory to draw from; None is the model's own, or the bundled one."""
    log_format: str = "text"
    """"text" or "json" (one event a line, Elastic Common Schema)."""
    log_level: str = "info"
    """"debug", "info", "warning" or "error"; at "debug" the log holds prompts."""
    log_dir: Path | None = None
    """Folder for rotated log files; None logs to standard error only."""
    cache_dir: Path | None = None
    """Where each process makes a folder of its own for uploads and pictures; None is Gradio's usual place."""
    port: int | None = None
    """Where the page has to be; None is the first free port from 7860 on."""

    # The table of bounds. A drawing needs no deadline beside `max_work`: it ends by itself.
    max_upload_mb: int = _bound(512, 1, 100_000, "largest file that can be uploaded, MB")
    max_request_kb: int = _bound(256, 16, 100_000, "largest request other than an upload, kB")
    max_prompt: int = _bound(500, 20, 500, "longest prompt, characters")
    max_work: int = _bound(200, 16, 10_000, "most logos that are drawn on the way to one, when a link is followed")
    queue: int = _bound(128, 1, 10_000, "events that may wait; the next one is told that the queue is full")
    drawings: int = _bound(1, 1, 64, "drawings at a time")
    threads: int = _bound(1, 1, 64, "threads of torch; more help a lone visitor, and hinder many")
    readings: int = _bound(2, 1, 64, "datasets read at a time, each in a process of its own")
    read_seconds: int = _bound(120, 1, 86_400, "deadline of reading a dataset, s")
    read_mb: int = _bound(1024, 128, 100_000, "memory of the process that reads a dataset, MB")
    wait_seconds: int = _bound(120, 1, 3_600, "how long a request waits for the model at the start, s")
    idle_seconds: int = _bound(30, 1, 3_600, "how long an upload or request may stand still, s")
    fetch_seconds: int = _bound(120, 1, 86_400, "deadline of fetching a model from the Hub, s")
    sessions: int = _bound(200, 1, 100_000, "visits that are remembered, some 0.8 MB each")
    away_minutes: int = _bound(60, 1, 10_000, "how long a visit is remembered after its page was closed, minutes")
    dataset_minutes: int = _bound(240, 1, 10_000, "how long a visit's dataset is kept, minutes")
    disk_mb: int = _bound(4096, 1, 10_000_000, "uploads and pictures together, MB; beyond, the oldest go")
    disk_free_mb: int = _bound(512, 0, 10_000_000, "what stays free of the disk, MB; below, uploads are refused")
    keep_minutes: int = _bound(60, 1, 10_000, "how long uploads and pictures are kept, minutes")
    log_mb: int = _bound(10, 1, 10_000, "size at which a log file is rotated, MB; a day old it is, too")
    log_files: int = _bound(5, 1, 1_000, "rotated log files that are kept")
    log_days: int = _bound(14, 1, 3_650, "how long they are kept, days")

    @property
    def of_datasets(self) -> tuple[int, int, float, float, int]:
        """What eda.limits.Limits has: upload in MB, how many at once, kept and deadline in seconds, memory in MB."""
        return self.max_upload_mb, self.readings, 60.0 * self.dataset_minutes, float(self.read_seconds), self.read_mb

    @property
    def model_is_on_hub(self) -> bool:
        """True if the model has to be fetched from the Hub (or found in its cache)."""
        return self.model is not None and "/" in self.model and not Path(self.model).is_dir()


def told(error: SettingsError | OSError) -> str:
    """One sentence; an OSError is of a file that cannot be written in a folder that can."""
    return f"{error.filename} cannot be written: {error.strerror}." if isinstance(error, OSError) else str(error)


@cache
def current() -> Settings:
    """The settings of this process, read the first time; raises SettingsError with one sentence."""
    return read(os.environ)


def variable(name: str) -> str:
    """The environment variable of a field."""
    return {"port": "GRADIO_SERVER_PORT", "cache_dir": "GRADIO_TEMP_DIR"}.get(name, f"LOGO_GAN_{name.upper()}")


def bounds() -> dict[str, tuple[int, str]]:
    """The table of bounds: variable → default, what it is of."""
    return {variable(each.name): (each.default, each.metadata["what"]) for each in fields(Settings) if each.metadata}


def read(environment: Mapping[str, str]) -> Settings:
    """Reads and checks an environment; raises SettingsError with one sentence."""

    def value(name: str) -> str | None:
        return environment.get(name, "").strip() or None

    def one_of(name: str, choices: tuple[str, ...]) -> str:
        chosen = (value(name) or choices[0]).lower()
        if chosen not in choices:
            raise SettingsError(f"{name} is {chosen!r}, but can only be {' or '.join(choices)}.")
        return chosen

    def folder(name: str) -> Path | None:
        return _writable(name, value(name)) if value(name) else None

    _mcp_server(value("GRADIO_MCP_SERVER"))
    numbers = {each.name: (variable(each.name), each.default, each.metadata["allowed"])
               for each in fields(Settings) if each.metadata}  # fmt: skip
    return Settings(
        model=_model(value("LOGO_GAN_MODEL")),
        revision=value("LOGO_GAN_REVISION"),
        memory=_memory(value("LOGO_GAN_MEMORY")),
        log_format=one_of("LOGO_GAN_LOG_FORMAT", ("text", "json")),
        log_level=one_of("LOGO_GAN_LOG_LEVEL", ("info", "debug", "warning", "error")),
        log_dir=folder("LOGO_GAN_LOG_DIR"),
        cache_dir=folder("GRADIO_TEMP_DIR"),
        port=_whole_number("GRADIO_SERVER_PORT", value("GRADIO_SERVER_PORT"), None, _PORTS),
        **{key: _whole_number(name, value(name), default, allowed)
           for key, (name, default, allowed) in numbers.items()},
    )  # fmt: skip


def _model(name: str | None) -> str | None:
    if name is None or Path(name).is_dir() or _HUB_ID.fullmatch(name):
        return name
    if re.fullmatch(r"[\w-]+", name) and (_WEIGHTS / name).is_dir():
        return name
    raise SettingsError(
        f"LOGO_GAN_MODEL is {name!r}, but has to be a folder that exists or a Hub repository (owner/name)."
    )


def _memory(name: str | None) -> Path | None:
    if name is None or Path(name).is_dir():
        return name and Path(name)
    raise SettingsError(f"LOGO_GAN_MEMORY is {name!r}, but has to be the folder of a memory.")


def _mcp_server(wanted: str | None) -> None:
    """Gradio itself serves MCP where it is asked to; without the package it would leave it out and say nothing."""
    if wanted is None or wanted.lower() == "false":
        return
    if wanted.lower() != "true":
        raise SettingsError(f"GRADIO_MCP_SERVER is {wanted!r}, but can only be True or False.")
    if importlib.util.find_spec("mcp") is None:
        raise SettingsError("GRADIO_MCP_SERVER is set, but the package mcp is missing: install requirements-mcp.txt.")


def _whole_number(name: str, text: str | None, default: int | None, allowed: range) -> int | None:
    if text is None:
        return default
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or int(text) not in allowed:
        raise SettingsError(f"{name} is {text!r}, but has to be a number from {allowed[0]} to {allowed[-1]}.")
    return int(text)


def _writable(name: str, folder: str) -> Path:
    path = Path(folder).expanduser().absolute()
    try:
        path.mkdir(parents=True, exist_ok=True)
        # os.access is wrong for root and on network drives: only writing tells.
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise SettingsError(f"{name} is {folder!r}, a folder that cannot be written: {reason}.") from error
    return path
