"""What lies beside a model's weights and tells of them: its measures, the baseline's faults, its progress strip."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

WEIGHTS = Path(__file__).resolve().parents[2] / "weights"
BUNDLED = ("warp", "baseline-28")
MAX_BYTES = 8_000_000  # of a JSON file: a model from the Hub may bring anything
MAX_PIXELS = 16_000_000  # of a progress strip


def measures(folder: Path) -> dict[str, dict] | None:
    """What `evaluate --json` wrote into measures.json; None without that file. Plain numbers become entries.

    Raises:
        ValueError: there is one that cannot be read.
    """
    found = _json(folder / "measures.json")
    if found is None:
        return None
    return {str(name): entry if isinstance(entry, dict) else {"value": entry} for name, entry in found.items()}


def faults(folder: Path = WEIGHTS / "baseline-28") -> dict[str, str]:
    """{fault: what was measured of it, in a sentence} from faults.json; empty without that file."""
    try:
        found = _json(folder / "faults.json") or {}
    except ValueError:
        return {}
    sentences = {name: entry.get("sentence") for name, entry in found.items() if isinstance(entry, dict)}
    return {name: text for name, text in sentences.items() if isinstance(text, str) and text.strip()}


def strip(folder: Path) -> Path | None:
    """The progress strip, if there is one and it is a PNG of a sensible size."""
    from PIL import Image

    path = folder / "progress.png"
    try:
        with Image.open(path, formats=("PNG",)) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            image.verify()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return path


def summary(entries: Mapping[str, dict] | None) -> dict[str, dict]:
    """{measure: {value, interval, n}}, what a program is told of the measures."""
    return {
        name: {key: entry.get(key) for key in ("value", "interval", "n")} for name, entry in (entries or {}).items()
    }


def _json(path: Path) -> dict | None:
    if not path.is_file():
        return None
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError
        # NaN is no JSON, but Python writes and reads it.
        found = json.loads(path.read_bytes(), parse_constant=lambda _: None)
        if not isinstance(found, dict):
            raise ValueError
    except (OSError, ValueError, RecursionError):
        raise ValueError(f"{path.name} of {path.parent.name} cannot be read.") from None
    return found
