"""Every environment variable, read and checked once.

Gradio's own variables (GRADIO_SERVER_NAME, GRADIO_ROOT_PATH, ...) are Gradio's business. Those that end in a
traceback or in silence when they are wrong are checked here as well: the port, the temporary folder, the MCP server.
"""

import importlib.util
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_WEIGHTS = Path(__file__).resolve().parents[1] / "weights"
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_PORTS = range(1, 65536)
_UPLOAD_MB = range(1, 100_001)


class SettingsError(ValueError):
    """A variable that cannot be used; its text is one sentence for the person who set it."""


@dataclass(frozen=True)
class Settings:
    """What the environment asks for. None stands for a variable that is unset or empty."""

    model: str | None = None
    """A folder, the name of a bundled model, or a Hub repository id; None is the bundled default."""
    revision: str | None = None
    """Branch, tag or commit of a Hub model."""
    log_format: str = "text"
    """"text" or "json" (one event a line, Elastic Common Schema)."""
    log_dir: Path | None = None
    """Folder for rotated log files; None logs to standard error only."""
    max_upload_mb: int = 512
    """Largest file a visitor can upload, in MB."""
    port: int | None = None
    """Where the page has to be; None is the first free port from 7860 on."""

    @property
    def model_is_on_hub(self) -> bool:
        """True if the model has to be fetched from the Hub (or found in its cache)."""
        return self.model is not None and "/" in self.model and not Path(self.model).is_dir()


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """Reads and checks the environment; raises SettingsError with one sentence."""
    variables = os.environ if environment is None else environment

    def value(name: str) -> str | None:
        return variables.get(name, "").strip() or None

    log_format = (value("LOGO_GAN_LOG_FORMAT") or "text").lower()
    if log_format not in ("text", "json"):
        raise SettingsError(f"LOGO_GAN_LOG_FORMAT is {log_format!r}, but can only be text or json.")
    if cache := value("GRADIO_TEMP_DIR"):
        _writable("GRADIO_TEMP_DIR", cache)
    _mcp_server(value("GRADIO_MCP_SERVER"))
    log_dir = value("LOGO_GAN_LOG_DIR")
    return Settings(
        model=_model(value("LOGO_GAN_MODEL")),
        revision=value("LOGO_GAN_REVISION"),
        log_format=log_format,
        log_dir=_writable("LOGO_GAN_LOG_DIR", log_dir) if log_dir else None,
        max_upload_mb=_whole_number(
            "LOGO_GAN_MAX_UPLOAD_MB", value("LOGO_GAN_MAX_UPLOAD_MB"), Settings.max_upload_mb, _UPLOAD_MB
        ),
        port=_whole_number("GRADIO_SERVER_PORT", value("GRADIO_SERVER_PORT"), None, _PORTS),
    )


def _model(name: str | None) -> str | None:
    if name is None or Path(name).is_dir() or _HUB_ID.fullmatch(name):
        return name
    if re.fullmatch(r"[\w-]+", name) and (_WEIGHTS / name).is_dir():
        return name
    raise SettingsError(
        f"LOGO_GAN_MODEL is {name!r}, but has to be a folder that exists or a Hub repository (owner/name)."
    )


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
