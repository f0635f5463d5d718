"""loguru's sinks: readable text or one line of JSON an event, on standard error and in rotated files."""

import json
import logging
import os
import sys
import traceback
from datetime import UTC
from typing import TYPE_CHECKING

from loguru import logger

from logo_gan.settings import Settings

if TYPE_CHECKING:
    from loguru import Record

_TEXT = "{time:YYYY-MM-DD HH:mm:ss.SSS} {level: <7} {name}: {extra[plain]}\n{exception}"
_JSON = "{extra[ecs]}\n"
_ECS_VERSION = "8.11.0"
# At most 6 files of 10 MB stay: the disk never fills.
_ROTATION, _RETENTION = "10 MB", 5
_CONTROL = dict.fromkeys((*range(32), *range(127, 160), 8232, 8233), " ")


def set_up(settings: Settings) -> None:
    """Replaces every sink by those of `settings`; warnings of the standard library's loggers join them."""
    as_json = settings.log_format == "json"
    options = {
        "level": "INFO",
        "format": (lambda _: _JSON) if as_json else (lambda _: _TEXT),
        "diagnose": False,  # loguru's default prints the values of arguments, secrets included
        "backtrace": False,
    }
    logger.remove()
    logger.configure(patcher=_add_ecs if as_json else _add_plain)
    logger.add(sys.stderr, colorize=False, **options)
    if settings.log_dir is not None:
        path = settings.log_dir / ("logo_gan.json" if as_json else "logo_gan.log")
        logger.add(path, rotation=_ROTATION, retention=_RETENTION, encoding="utf-8", **options)
    logging.basicConfig(handlers=[_Forward()], level=logging.WARNING, force=True)


def _add_plain(record: "Record") -> None:
    _name(record)
    # A line break in a prompt must not be able to forge a line of the log.
    record["extra"]["plain"] = record["message"].translate(_CONTROL)


def _add_ecs(record: "Record") -> None:
    """Puts the event as Elastic Common Schema JSON into `extra`; bound values go to `labels`."""
    _name(record)
    time = record["time"].astimezone(UTC)
    event: dict[str, object] = {
        "@timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z",
        "log.level": record["level"].name.lower(),
        "message": record["message"],
        "ecs.version": _ECS_VERSION,
        "service.name": "logo-gan",
        "log.logger": record["name"],
        "process.pid": os.getpid(),
    }
    if record["extra"]:
        event["labels"] = {
            key: value if isinstance(value, str | int | float | bool) else str(value)
            for key, value in record["extra"].items()
        }
    if (exception := record["exception"]) is not None and exception.type is not None:
        event["error.type"] = exception.type.__name__
        event["error.message"] = str(exception.value)
        event["error.stack_trace"] = "".join(traceback.format_exception(*exception))
    record["extra"]["ecs"] = json.dumps(event, ensure_ascii=True)


def _name(record: "Record") -> None:
    """A forwarded record keeps the name of the library it comes from."""
    record["name"] = record["extra"].pop("library", record["name"])


class _Forward(logging.Handler):
    """Hands the standard library's records (Gradio, uvicorn, huggingface_hub) to loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        level = record.levelname if record.levelname in ("INFO", "WARNING", "ERROR", "CRITICAL") else "INFO"
        forwarded = logger.bind(library=record.name).opt(exception=record.exc_info)
        forwarded.log(level, "{}", record.getMessage())
