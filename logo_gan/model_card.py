"""What lies beside a model's weights: its history, measures, faults, progress strip, and the card for the Hub."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from logo_gan import history, model_text

WEIGHTS = Path(__file__).resolve().parents[1] / "weights"
BUNDLED = ("layered-64", "baseline-28")
MAX_BYTES = 8_000_000  # of a history or a JSON file: a model from the Hub may bring anything
MAX_PIXELS = 16_000_000  # of a progress strip
COLUMNS = ("floor", "ceiling", *model_text.CONTROLS)  # of the card's table, beside value, interval, N and extractor
KINDS = {
    "layered": "A conditional GAN that paints a logo as layers, smooth fields and a palette: crisp at any size.",
    "baseline": "A conditional DCGAN on 28 × 28 RGB pixels, the model that the layered one replaces.",
}
_HUB_DATASET = re.compile(r"([\w.-]+/[\w.-]+)@[0-9a-f]{40}\b", re.ASCII)  # in what a configuration says of its data


def rows(folder: Path) -> list[dict[str, float]]:
    """The history in a model's folder, without what is no finite number; empty if there is none.

    Raises:
        ValueError: there is one that cannot be read.
    """
    path = folder / "history.csv"
    if not path.is_file():
        return []
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError
        found = history.read(path)
    except (OSError, ValueError, TypeError, AttributeError, csv.Error):
        raise ValueError(f"{path.name} of {folder.name} cannot be read.") from None
    return [{key: value for key, value in row.items() if math.isfinite(value)} for row in found]


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


def prepare(folder: Path, repo: str, config: Mapping[str, Any]) -> None:
    """Makes the README.md in `folder` ready for the Hub: writes one if there is none; links lead out of the repository.

    Raises:
        ValueError: measures.json or README.md cannot be read.
    """
    path = folder / "README.md"
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else card(folder, repo, config)
    except (OSError, UnicodeDecodeError):
        raise ValueError(f"{path.name} of {folder.name} cannot be read.") from None
    from logo_gan.model_files import write_whole  # here: it brings torch, which the page does not wait for

    text = text.replace("](../../", f"]({model_text.REPOSITORY}/blob/main/")
    write_whole(path, lambda unfinished: unfinished.write_text(text, encoding="utf-8"))


def card(folder: Path, repo: str, config: Mapping[str, Any]) -> str:
    """A model card: metadata as the Hub reads it, what the model is, how it was trained, what is measured of it."""
    found = measures(folder) or {}
    head = metadata(config, found, repo.split("/")[-1]).to_yaml()
    trained = model_text.trained_on(_training(config)) or "not recorded"
    strip_text = "\n![The same captions through training](progress.png)\n" if strip(folder) else ""
    measured = table(found) or "Not measured (`python -m logo_gan evaluate --model DIR --json DIR/measures.json`)."
    return f"""---
{head}
---

# {repo.split("/")[-1]}

{KINDS[config["architecture"]]} From [LogoGAN]({model_text.REPOSITORY}).

```python
from logo_gan import LogoGAN

LogoGAN.from_pretrained("{repo}").generate("orange rocket in a navy circle", n=4, seed=7)
```
{strip_text}
## Training

Trained on: {_cell(trained)}. `config.json` holds the settings, `history.csv` the losses and measures along the run.

## Measured

{measured}
"""


def metadata(config: Mapping[str, Any], measured: Mapping[str, dict], name: str):
    """The card's metadata as huggingface_hub's ModelCardData, with a model-index of every measure that has a value."""
    from huggingface_hub import EvalResult, ModelCardData

    layered, data = config["architecture"] == "layered", str(_training(config).get("data", ""))
    results = [
        EvalResult(
            task_type="text-to-image",
            dataset_type="prompts",
            dataset_name="Prompts and reference logos of python -m logo_gan evaluate",
            metric_type=measure,
            metric_name=model_text.words(measure),
            metric_value=float(f"{entry['value']:.4g}"),
        )
        for measure, entry in measured.items()
        if _finite(entry.get("value"))
    ]
    return ModelCardData(
        # Composed logos are of openly licensed marks; what other data allow, only its owner knows.
        license="mit" if data == "compose" or config.get("name") in BUNDLED else "unknown",
        library_name="logo_gan",
        pipeline_tag="text-to-image",
        language=["en"],
        tags=["logo", *(["svg"] if layered else []), "gan", "text-to-image"],
        datasets=sorted({*_HUB_DATASET.findall(data)}) or None,
        model_name=name if results else None,
        eval_results=results or None,
    )


def table(measured: Mapping[str, dict]) -> str:
    """The measures as a Markdown table; empty without any."""
    columns = [column for column in COLUMNS if any(column in entry for entry in measured.values())]
    head = ["measure", "value", "95 %", "N", "extractor", *columns]
    lines = [head, ["---"] * len(head)]
    for name, entry in measured.items():
        interval = entry.get("interval")
        ends = interval if isinstance(interval, list) and len(interval) == 2 and all(map(_finite, interval)) else []
        value = f"**{entry['value']:.3g}**" if _finite(entry.get("value")) else entry.get("note") or "not measured"
        told = [f"{model_text.words(name)} (`{name}`)", value, "–".join(f"{end:.3g}" for end in ends)]
        lines.append([*told, entry.get("n"), entry.get("extractor"), *(entry.get(column) for column in columns)])
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines) if measured else ""


def _training(config: Mapping[str, Any]) -> dict:
    training = config.get("training")
    return training if isinstance(training, dict) else {}


def _finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _cell(value: Any) -> str:
    """A value in one line of Markdown that is no cell's end."""
    text = f"{value:.3g}" if isinstance(value, float) else "" if value is None else str(value)
    return " ".join(text.replace("|", "\\|").split())[: model_text.MAX_TEXT]


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
