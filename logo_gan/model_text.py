"""What the Model tab says, as HTML: the model in use, how it works, what is measured, why the old one failed.

Everything that comes from a file is escaped: a model from the Hub is a stranger's.
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from typing import Any

REPOSITORY = "https://github.com/logo-gan/logo-gan"  # as in pyproject.toml
PLOTS = (
    "Each model has its own losses and its own epochs, so compare measures between models, not losses. A loss is drawn "
    "as its running mean, with the rows of the history faint behind it; a gap is a time in which it was not taken."
)
MAX_TEXT = 300  # characters of a text from a file

MEASURES = {
    "colour": "the colour named is the dominant colour",
    "colour_in_container": "the colour named is the dominant one or the mark's, in a container without a colour",
    "container": "the container named is the one drawn",
    "object": "the object named is recognised",
    "binding": "two colours are each in the right place (orange rocket on a navy circle)",
    "synonym": "the object is recognised when named by a word never taught",
    "diversity": "difference among the four logos of a prompt, divided by that of composed ones",
    "frechet_distance": "Fréchet distance to the reference logos, lower is better",
    "kernel_distance": "kernel distance to the reference logos, lower is better",
    "precision": "precision: generated logos that look like the reference",
    "recall": "recall: reference logos that generated ones come near",
    "density": "density: how many reference logos lie around a generated one, 1 being as many as around each other",
    "coverage": "coverage: reference logos with a generated one beside them",
    "nearest_training": "how far the nearest training logo is (0 would be a copy)",
    "memorised": "logos that are near copies of a training logo, lower is better",
    "frechet_distance_inception": "FID: the Fréchet distance in Inception's features, lower is better",
    "kernel_distance_inception": "KID: the kernel distance in Inception's features, lower is better",
    "inception_score": "Inception Score, higher is better",
}
UNTRAINED = "_untrained"
CONTROLS = ("noise", "collapsed", "copied")
FAULTS = {
    "ignores_text": (
        "It had no reason to read.",
        "The discriminator never saw a wrong caption. "
        "So nothing made it read the text, and the generator had nothing to gain from following it.",
    ),
    "frechet_12": (
        "Its Fréchet distance could not be small.",
        "The distance was taken on 12 images, and on the class scores of a network for photographs. "
        "So it could only be in the hundreds, whatever the images were.",
    ),
    "inception_score": (
        "Its Inception Score could only be 1.",
        "Ten images were split into ten parts of one image each, "
        "and the score says how much the images of a part differ. "
        "One image does not differ from itself, so the score was exactly 1 by construction.",
    ),
}


def strip_text(name: str, captions: tuple[str, ...]) -> str:
    """The strip in words, for those who do not see it."""
    return (
        f"Logos that {name} drew of the same {len(captions)} captions, with the same random values, at points of its "
        f"training from early to late. The captions: {'; '.join(captions)}."
    )


def no_strip(names: list[str]) -> str:
    """A sentence about the models that have no progress strip; empty if all have."""
    return f"<p class='missing'>There is no progress strip of {_text(' and '.join(names))}.</p>" if names else ""


def untracked(missing: Mapping[str, list[str] | None], measures: int) -> str:
    """What no plot shows: for each model the names of measures without a number, None where there is no history.

    `measures` is how many measures a history can hold.
    """
    sentences = []
    for model, names in missing.items():
        if names is None:
            sentences.append(f"There is no history of {model} that can be read, so nothing of it is plotted.")
        elif len(names) == measures:
            sentences.append(f"No measure was tracked while {model} was trained, only losses.")
        elif names:
            sentences.append(f"Not tracked while {model} was trained: {', '.join(names)}.")
    return "".join(f"<p class='missing'>{html.escape(sentence)}</p>" for sentence in sentences)


def facts(info: Mapping[str, Any]) -> str:
    """What is loaded, as a table: the answer of /model_info without measures."""
    training = info["training"] if isinstance(info.get("training"), dict) else {}
    encoder = {"bundled": "bundled word vectors"}.get(info["text_encoder"], info["text_encoder"])
    shown = {
        "Name": info["name"],
        "From": info["source"],
        "Revision": info["revision"] or "none: its files come with the app, or lie in a folder",
        "Kind": {"layered": "generator of layers", "baseline": "generator of pixels"}.get(info["architecture"]),
        "Parameters": info["parameters"],
        "Words": encoder,
        "Trained on": trained_on(training),
        "Notice": info["notice"],
    }
    cells = "".join(
        f"<tr><th scope='row'>{key}</th><td>{_text(value)}</td></tr>" for key, value in shown.items() if value
    )
    return f"<table class='facts'>{cells}</table>"


def description(gan) -> str:
    """What a LogoGAN does and how it was trained, in a few sentences."""
    if gan.config["architecture"] == "baseline":
        does = (
            f"This is the model of before, kept for comparison. From {gan.generator.noise} random values and the mean "
            "of the prompt's word vectors it makes a picture of 28 × 28 pixels, which is only enlarged for you. "
            "A mean does not know the order of words, so it cannot tell which colour belongs to what."
        )
        learnt = (
            "A second network, the discriminator, learnt beside it to tell its pictures from those of the data; it "
            "never saw a wrong caption."
        )
    else:
        layers, field = gan.generator.layers, gan.generator.field_size
        does = (
            "It paints layers, not pixels. A small attention network reads the prompt's words in their order; from "
            f"them and {gan.generator.latent} random values the generator makes {layers} layers and a palette of "
            f"{layers + 1} colours, the ground's first. Each layer is a smooth field of {field} × {field} values that "
            "is positive inside its shape, so its edge can be drawn crisply at any size. Layers are laid over one "
            "another: the container, its shade, the mark, the mark's accent. In the SVG each is a group of paths, and "
            "another palette recolours the logo. Of four candidates a logo, the page shows the clear ones that differ "
            "most."
        )
        learnt = (
            "In training it is shown composed logos together with the layers they were made of. A second network, the "
            "discriminator, judges whether a picture looks like a logo and fits its caption; it also sees right "
            "pictures with wrong captions, so it has to read."
        )
    return f"<p>{does}</p><p>{learnt}</p><p><a href='{REPOSITORY}'>Code, weights and how to train your own</a></p>"


def measures_table(measured: Mapping[str, dict[str, dict] | str | None]) -> str:
    """The measures of several models side by side.

    Args:
        measured: model name → what `model_card.measures` returns, or a sentence that says why there is nothing. A model
            without measures gets that sentence below the table, and no column.
    """
    known = {model: entries for model, entries in measured.items() if isinstance(entries, dict)}
    missing = [
        f"<p class='missing'>{_text(entries or _not_measured(model))}</p>"
        for model, entries in measured.items()
        if model not in known
    ]
    found = dict.fromkeys(name for entries in known.values() for name in entries)
    names = [*(name for name in MEASURES if name in found), *(name for name in found if name not in MEASURES)]
    if not names:
        return "".join(missing)
    controls = any(key in e for entries in known.values() for e in entries.values() for key in CONTROLS)
    notes: dict[str, int] = {}
    heads = [*map(_text, known), "Floor", "Ceiling", *(["Controls"] if controls else []), "Judged by"]
    lines = []
    for name in names:
        entries = [entries.get(name) for entries in known.values()]
        there = [entry for entry in entries if entry]
        cells = [
            *(_value(entry, notes) for entry in entries),
            _joined(_number(entry.get("floor")) for entry in there),
            _joined(_ceiling(entry) for entry in there),
            *([_joined(_controls(entry) for entry in there)] if controls else []),
            _joined(_extractor(entry) for entry in there),
        ]
        lines.append(f"<tr><th scope='row'>{words(name)}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    head = "".join(f"<th scope='col'>{text}</th>" for text in ("Measure", *heads))
    return (
        "<div class='wide' role='region' aria-label='Measures' tabindex='0'><table><thead><tr>"
        f"{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>{_footnotes(notes)}{''.join(missing)}"
    )


def words(measure: str) -> str:
    """A measure in plain words."""
    name = measure.removesuffix(UNTRAINED)
    text = MEASURES.get(name) or _text(name.replace("_", " "))
    return text + (", in the features of an untrained network" if name != measure else "")


def faults_text(measured: Mapping[str, str]) -> str:
    """The three faults of the baseline as it was, each with what was measured of it where that is known."""
    items = []
    for name, (title, text) in FAULTS.items():
        figure = f" <em>Measured: {_text(measured[name])}</em>" if name in measured else ""
        items.append(f"<li><strong>{title}</strong> {text}{figure}</li>")
    return f"<ol>{''.join(items)}</ol>"


def _not_measured(model: str) -> str:
    return f"{model} has not been measured: there is no measures.json beside its weights."


def trained_on(training: Mapping[str, Any]) -> str:
    """Data, images and time of a training, as far as its configuration tells them."""
    data = training.get("data")
    data = "composed logos" if data == "compose" else data
    images, seconds = training.get("images"), training.get("seconds")
    seen = f"{images:,} images" if isinstance(images, int) else ""
    time = f"{seconds / 60:,.0f} minutes" if isinstance(seconds, (int, float)) and math.isfinite(seconds) else ""
    return ", ".join(str(part) for part in (data, seen, time) if part)


def _value(entry: dict | None, notes: dict[str, int]) -> str:
    """A model's cell: the value, and small below it the 95 % interval, N, and the spread over seeds.

    Remarks that many measures share go into `notes`, text → number of a footnote.
    """
    if entry is None:
        return "<span class='none'>not measured</span>"
    note = str(entry.get("note") or "")
    if _number(entry.get("value")) == "":
        return f"<small>{_text(note)}</small>" if note else "<span class='none'>not measured here</span>"
    small = [_interval(entry.get("interval"))]
    if isinstance(entry.get("n"), int):
        small.append(f"N {entry['n']:,}")
    seeds = [s for s in entry["seeds"] if _number(s)] if isinstance(entry.get("seeds"), list) else []
    if seeds:
        small.append(f"{len(seeds)} seeds {_number(min(seeds))} to {_number(max(seeds))}")
    if times := _number(entry.get("times_floor")):
        small.append(f"{times} × the floor")
    reference = entry.get("reference")
    remarks = [f"Reference: {reference}", *note.split("; ")] if reference else note.split("; ")
    numbers = [notes.setdefault(remark, len(notes) + 1) for remark in remarks if remark]
    marks = f" <sup>{', '.join(map(str, numbers))}</sup>" if numbers else ""
    return f"<b>{_number(entry['value'])}</b>{marks}<small>{', '.join(filter(None, small))}</small>"


def _footnotes(notes: dict[str, int]) -> str:
    return f"<ol class='notes'>{''.join(f'<li>{_text(note)}</li>' for note in notes)}</ol>" if notes else ""


def _interval(interval: Any) -> str:
    ends = interval if isinstance(interval, (list, tuple)) and len(interval) == 2 else ()
    texts = [_number(end) for end in ends]
    return f"95 %: {texts[0]} to {texts[1]}" if all(texts) and texts else ""


def _ceiling(entry: dict) -> str:
    other = _number(entry.get("ceiling_held_out"))
    return _number(entry.get("ceiling")) + (f"<small>{other} in forms not taught</small>" if other else "")


def _controls(entry: dict) -> str:
    both = ((key, _number(entry.get(key))) for key in CONTROLS)
    return ", ".join(f"{key} {text}" for key, text in both if text)


def _extractor(entry: dict) -> str:
    size = entry.get("resize")
    told = (entry.get("extractor"), f"{size} px" if isinstance(size, int) else size)
    return ", ".join(_text(part) for part in told if part)


def _joined(texts) -> str:
    """What differs between models is given for each, in their order; what does not, once."""
    return "<br>".join(dict.fromkeys(text for text in texts if text)) or "–"


def _number(value: Any) -> str:
    """Three decimals below ten, else three digits; empty for what is no finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return ""
    if value and abs(value) < 0.0005:
        return f"{value:.1e}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}" if abs(value) < 100 else f"{value:,.0f}"


def _text(value: Any) -> str:
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return html.escape(text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…")
