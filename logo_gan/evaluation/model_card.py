"""The card of a model on the Hub: what it is, what it was trained on, what it draws from, what is measured of it."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from logo_gan.evaluation.records import BUNDLED, measures, strip

REPOSITORY = "https://github.com/logo-gan/logo-gan"  # as in pyproject.toml
COLUMNS = ("floor", "ceiling")  # of the table, beside value, interval, N and extractor
LONGEST = 300  # characters of a cell
KINDS = {
    "warp": "A conditional GAN that bends remembered open drawings into new ones: outlines, crisp at any size.",
    "baseline": "A conditional DCGAN on 28 × 28 RGB pixels, the model that the product is compared with.",
}
_HUB_DATASET = re.compile(r"([\w.-]+/[\w.-]+)@[0-9a-f]{40}\b", re.ASCII)  # in what a configuration says of its data


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
    from logo_gan.model.checkpoint import write_whole  # here: it brings torch, which the page does not wait for

    text = text.replace("](../../", f"]({REPOSITORY}/blob/main/")
    write_whole(path, lambda unfinished: unfinished.write_text(text, encoding="utf-8"))


def card(folder: Path, repo: str, config: Mapping[str, Any]) -> str:
    """A model card: metadata as the Hub reads it, what the model is, how it was trained, what is measured of it."""
    found = measures(folder) or {}
    name, memory = repo.split("/")[-1], _memory(folder)
    head = metadata(config, found, name, memory).to_yaml()
    strip_text = "\n![The same samples through training](progress.png)\n" if strip(folder) else ""
    measured = table(found) or "Not measured (`python -m logo_gan evaluate --model DIR --json DIR/measures.json`)."
    return f"""---
{head}
---

# {name}

{KINDS[config["architecture"]]} From [LogoGAN]({REPOSITORY}).

```python
from logo_gan import LogoGAN

LogoGAN.from_pretrained("{repo}").generate("orange rocket in a navy circle", n=4, seed=7)
```
{strip_text}
## Training

Trained on: {_cell(trained_on(config)) or "not recorded"}. `config.json` holds the settings, `history.csv` the losses
and measures along the run.
{_of_memory(memory)}
## Measured

{measured}
"""


def trained_on(config: Mapping[str, Any]) -> str:
    """Data, images and time of a training, as far as its configuration tells them."""
    training = _training(config)
    told = [str(training.get("data") or "")]
    if isinstance(training.get("images"), int):
        told.append(f"{training['images']:,} images")
    if _finite(training.get("seconds")):
        told.append(f"{training['seconds'] / 60:,.0f} minutes")
    return ", ".join(filter(None, told))


def metadata(config: Mapping[str, Any], measured: Mapping[str, dict], name: str, memory: Mapping | None = None):
    """The card's metadata as huggingface_hub's ModelCardData, with a model-index of every measure that has a value."""
    from huggingface_hub import EvalResult, ModelCardData

    data = str(_training(config).get("data", ""))
    results = [
        EvalResult(
            task_type="text-to-image",
            dataset_type="prompts",
            dataset_name="Briefs of python -m logo_gan evaluate",
            metric_type=measure,
            metric_name=_words(measure),
            metric_value=float(f"{entry['value']:.4g}"),
        )
        for measure, entry in measured.items()
        if _finite(entry.get("value"))
    ]
    return ModelCardData(
        **_licence(config, memory),
        library_name="logo_gan",
        pipeline_tag="text-to-image",
        language=["en"],
        tags=["logo", *(["svg"] if config["architecture"] == "warp" else []), "gan", "text-to-image"],
        datasets=sorted({*_HUB_DATASET.findall(data)}) or None,
        model_name=name if results else None,
        eval_results=results or None,
    )


def _licence(config: Mapping[str, Any], memory: Mapping | None) -> dict[str, str]:
    """Our own weights are under MIT, each drawing of a memory under its own licence; of other data, its owner knows."""
    own = config.get("name") in BUNDLED
    if memory is None:
        return {"license": "mit" if own else "unknown"}
    link = {"license_name": "of-each-drawing", "license_link": "memory/ATTRIBUTION.md"}
    return {"license": "other", **link}


def _memory(folder: Path) -> dict | None:
    """The configuration of the memory in a model's folder; None without one."""
    try:
        found = json.loads((folder / "memory" / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("sets"), dict) else None


def _of_memory(memory: Mapping | None) -> str:
    if memory is None:
        return ""
    licences: Counter[str] = Counter()
    for each in memory["sets"].values():
        licences[str(each.get("licence"))] += int(each.get("drawings") or 0)
    told = ", ".join(f"{_cell(name)} {n:,}" for name, n in licences.most_common())
    return f"""
## Memory

It draws from {_cell(memory.get("rows"))} open drawings of {_cell(memory.get("concepts"))} things. They are from
{len(memory["sets"])} sets. Drawings by licence: {told}. `memory/ATTRIBUTION.md` names every set and its author.
"""


def table(measured: Mapping[str, dict]) -> str:
    """The measures as a Markdown table; empty without any."""
    columns = [column for column in COLUMNS if any(column in entry for entry in measured.values())]
    head = ["measure", "value", "95 %", "N", "extractor", *columns]
    lines = [head, ["---"] * len(head)]
    for name, entry in measured.items():
        interval = entry.get("interval")
        ends = interval if isinstance(interval, list) and len(interval) == 2 and all(map(_finite, interval)) else []
        value = f"**{entry['value']:.3g}**" if _finite(entry.get("value")) else entry.get("note") or "not measured"
        told = [f"{_words(name)} (`{name}`)", value, "–".join(f"{end:.3g}" for end in ends)]
        lines.append([*told, entry.get("n"), entry.get("extractor"), *(entry.get(column) for column in columns)])
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines) if measured else ""


def _words(measure: str) -> str:
    return measure.replace("_", " ")


def _training(config: Mapping[str, Any]) -> dict:
    training = config.get("training")
    return training if isinstance(training, dict) else {}


def _finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _cell(value: Any) -> str:
    """A value in one line of Markdown that is no cell's end."""
    text = f"{value:.3g}" if isinstance(value, float) else "" if value is None else str(value)
    return " ".join(text.replace("|", "\\|").split())[:LONGEST]
