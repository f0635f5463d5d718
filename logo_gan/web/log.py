"""loguru's sinks: readable text or one line of JSON an event, on standard error and in rotated files.

What belongs to a request carries its id. An event that has fields of its own in the Elastic Common Schema binds them:
`logger.bind(ecs={"event": {"outcome": "success"}})`; whatever else is bound becomes a label.
"""

import json
import logging
import os
import re
import select
import sys
import time
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from loguru import logger

from logo_gan import __version__
from logo_gan.web.settings import Settings

if TYPE_CHECKING:
    from loguru import Message, Record

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Of the request that is being answered; threads that run a part of it inherit it."""

ECS_VERSION = "1.6.0"  # what the package ecs-logging writes, and the tests hold our fields against
_TEXT = "{time:YYYY-MM-DD HH:mm:ss.SSS} {level: <7} {extra[plain]}\n"
_JSON = "{extra[json]}\n"
_OLDEST_FILE = timedelta(days=1)  # then it is rotated, however small
_OURS = (Path(__file__).parents[1], Path(__file__).parents[2] / "eda")
_AT_THE_GATEWAY = {Path(__file__).with_name(name) for name in ("gateway.py", "gradio_patches.py")}
_CONTROL = dict.fromkeys((*range(32), *range(127, 160), 8232, 8233), " ")
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def set_up(settings: Settings) -> None:
    """Replaces every sink by those of `settings`; warnings of the standard library's loggers join them."""
    as_json = settings.log_format == "json"
    options = {
        "level": settings.log_level.upper(),
        "format": (lambda _: _JSON) if as_json else (lambda _: _TEXT),
        "diagnose": False,  # loguru's default prints the values of arguments, secrets included
        "backtrace": False,
    }
    logger.remove()
    logger.configure(patcher=_add_json if as_json else _add_plain)
    # Neither sink is `enqueue`d: a queue in front of a slow one would grow without end.
    logger.add(_StandardError(), **options)
    if settings.log_dir is not None:
        path = settings.log_dir / ("logo_gan.json" if as_json else "logo_gan.log")
        rotation, retention = _rotation(settings.log_mb), _retention(settings.log_files, settings.log_days)
        retention([str(each) for each in settings.log_dir.glob(f"{path.stem}.*{path.suffix}") if each != path])
        logger.add(path, rotation=rotation, retention=retention, encoding="utf-8", **options)
    logging.basicConfig(handlers=[_Forward()], level=logging.WARNING, force=True)


class _StandardError:
    """Standard error, whose reader may have stopped reading: then lines are left out and counted, not waited for."""

    _AT_ONCE = 512  # bytes that every pipe takes whole where it takes any
    _PATIENCE = 1.0  # seconds, once

    def __init__(self) -> None:
        self._left_out = 0
        self._begun = False  # a line that was left out halfway

    def __call__(self, message: str) -> None:
        if self._left_out:
            self._left_out += 1
            if not self._written(_note(message, self._left_out - 1), 0.0):
                return
            self._left_out = 0
        if not self._written(message, self._PATIENCE):
            self._left_out = 1

    def _written(self, text: str, patience: float) -> bool:
        try:
            file = sys.stderr.fileno()
        except (AttributeError, OSError, ValueError):  # none, or one within this process
            if sys.stderr is not None:
                sys.stderr.write(text)
            return True
        whole = data = ("\n" * self._begun + text).encode("utf-8", "backslashreplace")
        while data:
            if os.name != "nt" and not select.select([], [file], [], patience)[1]:
                break
            try:
                data = data[os.write(file, data[: self._AT_ONCE]) :]
            except OSError:  # its reader is gone
                break
        self._begun = bool(data) and (self._begun or data != whole)
        return not data


def _note(message: str, left_out: int) -> str:
    """A line like `message` that says how many were left out before it."""
    told = f"{left_out} lines of the log were left out here: nobody read them."
    if not message.startswith("{"):
        return f"{message[:23]} WARNING {told}\n"
    event = json.loads(message)
    kept = {key: event[key] for key in ("ecs.version", "service", "process")}
    first = {"@timestamp": event["@timestamp"], "log.level": "warning", "message": told}
    return json.dumps({**first, **kept, "log": {"logger": __name__}}) + "\n"


def of_ours(error: BaseException) -> bool:
    """Whether an error came up in our code behind the gateway; what fails before, a strange request has brought."""
    files = {Path(frame.f_code.co_filename) for frame, _ in traceback.walk_tb(error.__traceback__)}
    return any(folder in file.parents for file in files - _AT_THE_GATEWAY for folder in _OURS)


def _rotation(megabytes: int) -> Callable[["Message", TextIO], bool]:
    """Whether a file has to make room for the next: it is full, or it was begun a day ago."""
    begun: dict[str, float] = {}

    def full(message: "Message", file: TextIO) -> bool:
        if file.name not in begun:
            begun[file.name] = _begun(file.name)
        first = begun[file.name]
        file.seek(0, os.SEEK_END)
        too_large = file.tell() + len(message.encode()) > megabytes * 1_000_000
        too_old = time.time() - first > _OLDEST_FILE.total_seconds()
        if too_large or too_old:
            del begun[file.name]
        return file.tell() > 0 and (too_large or too_old)

    return full


def _begun(path: str) -> float:
    """When the first line of a file was written, which may have been before this process; now, where it has none."""
    with Path(path).open(encoding="utf-8", errors="replace") as file:
        found = re.search(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d+Z?", file.readline(200))
    return datetime.fromisoformat(found[0]).timestamp() if found else time.time()


def _retention(count: int, days: int) -> Callable[[list[str]], None]:
    """Deletes rotated files beyond a number, and those older than so many days."""

    def clean(paths: list[str]) -> None:
        files = sorted((path for path in map(Path, paths) if path.is_file()), key=_age)
        for index, path in enumerate(files):  # the one that comes next is not among them yet
            if index >= count or _age(path) > days * 86_400:
                path.unlink(missing_ok=True)

    return clean


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime


def _add_plain(record: "Record") -> None:
    extra, found = record["extra"], request_id.get()
    where = extra.pop("library", record["name"]) + (f" [{found}]" if found else "")
    # A line break in a prompt must not be able to forge a line of the log.
    lines = [f"{where}: {record['message']}"]
    if (exception := record.get("exception")) is not None and exception.type is not None:
        lines += [f"  | {line}" for line in "".join(traceback.format_exception(*exception)).splitlines()]
    extra["plain"] = "\n".join(line.translate(_CONTROL) for line in lines)


def _add_json(record: "Record") -> None:
    """Puts the event as a line of JSON into `extra`: Elastic Common Schema, as ecs-logging writes it."""
    extra, moment = record["extra"], record["time"].astimezone(UTC)
    event: dict[str, Any] = {
        "@timestamp": _iso(moment),
        "log.level": record["level"].name.lower(),
        "message": record["message"],
        "ecs.version": ECS_VERSION,
        "service": {"name": "logo-gan", "version": __version__},
        "process": {"pid": os.getpid(), "thread": {"name": record["thread"].name}},
        "log": {"logger": extra.pop("library", record["name"])},
        **extra.pop("ecs", {}),
    }
    if found := request_id.get():
        event["trace"] = {"id": found}
    if (exception := record["exception"]) is not None and exception.type is not None:
        event["error"] = {
            "type": exception.type.__name__,
            "message": str(exception.value),
            "stack_trace": "".join(traceback.format_exception(*exception)),
        }
    if extra:
        event["labels"] = {key: str(value) for key, value in extra.items()}
    extra["json"] = json.dumps(event, ensure_ascii=True)


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


class _Forward(logging.Handler):
    """Hands the standard library's records (Gradio, uvicorn, huggingface_hub) to loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        level = record.levelname if record.levelname in _LEVELS else "INFO"
        forwarded = logger.bind(library=record.name).opt(exception=record.exc_info)
        forwarded.log(level, "{}", record.getMessage())
