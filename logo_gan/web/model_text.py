"""What the Model tab says, as HTML: the model in use, how it works, what is measured, why the old one failed.

Everything that comes from a file is escaped: a model from the Hub is a stranger's.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Mapping
from typing import Any

from logo_gan.evaluation.model_card import REPOSITORY
from logo_gan.web.i18n import in_language, numerals, read, say

MAX_TEXT = 300  # characters of a text from a file

UNTRAINED = "_untrained"  # of measures in other features, to see how much depends on them
CONTROLS = ("noise", "collapsed", "copied")
FAULTS = ("ignores_text", "frechet_12", "inception_score")
FACTS = ("name", "source", "revision", "kind", "parameters", "memory", "words", "trained_on", "notice")
DESCRIBED = {"warp": ("memory", "bends", "dial", "logo", "learnt"), "baseline": ("does", "learnt")}  # paragraphs
ENCODERS = {"bundled": "model.bundled_words", "all-minilm-l6-v2": "model.sentence_encoder"}


def strip_text(name: str, captions: tuple[str, ...], language: str = "en") -> str:
    """The strip in words, for those who do not see it."""
    return say(language, "model.strip", name=name, n=len(captions), captions="; ".join(captions))


def no_strip(names: list[str], language: str = "en") -> str:
    """A sentence about the models that have no progress strip; empty if all have."""
    told = say(language, "model.no_strip", names=", ".join(names))
    return f"<p class='missing'>{_text(told)}</p>" if names else ""


def untracked(runs: Mapping[str, list[dict]], measures: Iterable[str], language: str = "en") -> str:
    """What no plot shows: the models without a history, and those in whose history no measure was tracked."""
    sentences = []
    for model, rows in runs.items():
        if not rows:
            sentences.append(say(language, "model.no_history", name=model))
        elif not any(measure in row for row in rows for measure in measures):
            sentences.append(say(language, "model.only_losses", name=model))
    return "".join(f"<p class='missing'>{html.escape(sentence)}</p>" for sentence in sentences)


def facts(info: Mapping[str, Any], language: str = "en") -> str:
    """What is loaded, as a table: the answer of /model_info without measures."""
    training = info["training"] if isinstance(info.get("training"), dict) else {}
    encoder, kind = info["text_encoder"], info["architecture"]
    shown = {
        "name": info["name"],
        "source": in_language(info["source"], language, "model.said."),
        "revision": info["revision"] or say(language, "model.no_revision"),
        "kind": say(language, f"model.kind.{kind}") if kind in DESCRIBED else None,
        "parameters": numerals(f"{info['parameters']:,}", language),
        "memory": _memory(info.get("memory"), language),
        "words": say(language, ENCODERS[encoder]) if encoder in ENCODERS else encoder,
        "trained_on": trained_on(training, language),
        "notice": info["notice"] and in_language(info["notice"], language),
    }
    cells = "".join(
        f"<tr><th scope='row'>{say(language, f'model.fact.{key}')}</th><td>{_text(shown[key])}</td></tr>"
        for key in FACTS
        if shown[key]
    )
    return f"<table class='facts'>{cells}</table>"


def description(gan, language: str = "en") -> str:
    """What a LogoGAN does and how it was trained, in a few short paragraphs."""
    kind = gan.config["architecture"]
    if kind == "baseline":
        numbers: dict[str, object] = {"noise": gan.generator.noise}
    else:
        counts = {"drawings": len(gan.memory), "things": len(gan.memory.concepts), "parameters": parameters(gan)}
        numbers = {key: numerals(f"{n:,}", language) for key, n in counts.items()} | {"latent": gan.generator.latent}
    told = "".join(f"<p>{say(language, f'model.{kind}.{part}', **numbers)}</p>" for part in DESCRIBED[kind])
    return f"{told}<p><a href='{REPOSITORY}'>{say(language, 'model.link')}</a></p>"


def parameters(gan) -> int:
    """How many numbers a LogoGAN's generator has learnt."""
    return sum(weights.numel() for weights in gan.generator.parameters())


def measures_table(measured: Mapping[str, dict[str, dict] | str | None], language: str = "en") -> str:
    """The measures of several models side by side.

    Args:
        measured: model name → what `records.measures` returns, or a sentence that says why there is nothing. A model
            without measures gets that sentence below the table, and no column.
    """
    known = {model: entries for model, entries in measured.items() if isinstance(entries, dict)}
    without = {model: why or say(language, "model.no_measures", name=model) for model, why in measured.items()}
    missing = [
        f"<p class='missing'>{_text(_said(why, language))}</p>" for model, why in without.items() if model not in known
    ]
    names = list(dict.fromkeys(name for entries in known.values() for name in entries))
    if not names:
        return "".join(missing)
    controls = any(key in e for entries in known.values() for e in entries.values() for key in CONTROLS)
    notes: dict[str, int] = {}
    heads = ["floor", "ceiling", *(["controls"] if controls else []), "extractor"]
    heads = [*map(_text, known), *(say(language, f"model.head.{head}") for head in heads)]
    lines = []
    for name in names:
        entries = [entries.get(name) for entries in known.values()]
        there = [entry for entry in entries if entry]
        cells = [
            *(_value(entry, notes, language) for entry in entries),
            _joined(_number(entry.get("floor"), language) for entry in there),
            _joined(_ceiling(entry, language) for entry in there),
            *([_joined(_controls(entry, language) for entry in there)] if controls else []),
            _extractor(there, language),
        ]
        told = "".join(f"<td>{cell}</td>" for cell in cells)
        lines.append(f"<tr><th scope='row'>{words(name, language)}</th>{told}</tr>")
    head = "".join(f"<th scope='col'>{text}</th>" for text in (say(language, "model.head.measure"), *heads))
    frame = f"<div class='wide' role='region' aria-label='{say(language, 'model.measures')}' tabindex='0'>"
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    return f"{frame}{table}</div>{_footnotes(notes)}{''.join(missing)}"


def words(measure: str, language: str = "en") -> str:
    """A measure in plain words, where `texts/` has any."""
    name = measure.removesuffix(UNTRAINED)
    key = f"model.measure.{name}"
    text = say(language, key) if key in read(language) else _text(name.replace("_", " "))
    return say(language, "model.untrained", measure=text) if name != measure else text


def faults_text(measured: Mapping[str, str], language: str = "en") -> str:
    """The three faults of the baseline as it was, each with what was measured of it where that is known."""
    items = []
    for name in FAULTS:
        title, why = say(language, f"model.fault.{name}"), say(language, f"model.fault.{name}.why")
        found = ""
        if name in measured:
            what = _text(_said(measured[name], language))
            found = f" <em>{say(language, 'model.found', what=what)}</em>"
        items.append(f"<li><strong>{title}</strong> {why}{found}</li>")
    return f"<ol>{''.join(items)}</ol>"


def trained_on(training: Mapping[str, Any], language: str = "en") -> str:
    """Data, images and time of a training, as far as its configuration tells them."""
    data, images, seconds = (training.get(key) for key in ("data", "images", "seconds"))
    told = [_said(str(data or ""), language)]
    if isinstance(images, int):
        told.append(say(language, "model.images", n=numerals(f"{images:,}", language)))
    if isinstance(seconds, (int, float)) and math.isfinite(seconds):
        told.append(say(language, "model.minutes", n=numerals(f"{seconds / 60:,.0f}", language)))
    return ", ".join(filter(None, told))


def _memory(memory: Any, language: str) -> str | None:
    if not isinstance(memory, dict):
        return None
    counts = {key: numerals(f"{memory[key]:,}", language) for key in ("drawings", "things", "sets")}
    return say(language, "model.memory", **counts)


def _said(text: str, language: str) -> str:
    """What stands in a model's files in another language, if it is one of our own sentences."""
    told = in_language(text, language, "model.said.")
    return text if told == text else numerals(told, language)


def _value(entry: dict | None, notes: dict[str, int], language: str) -> str:
    """A model's cell: the value, and small below it the 95 % interval, N, and the spread over seeds.

    Remarks that many measures share go into `notes`, text → number of a footnote.
    """
    if entry is None:
        return f"<span class='none'>{say(language, 'model.not_measured')}</span>"
    note = str(entry.get("note") or "")
    if _number(entry.get("value"), language) == "":
        if note:
            return f"<small>{_text(_said(note, language))}</small>"
        return f"<span class='none'>{say(language, 'model.not_measured_here')}</span>"
    small = [_interval(entry.get("interval"), language)]
    if isinstance(entry.get("n"), int):
        small.append(f"N {numerals(format(entry['n'], ','), language)}")
    seeds = [s for s in entry["seeds"] if _number(s, language)] if isinstance(entry.get("seeds"), list) else []
    if seeds:
        low, high = (_number(end, language) for end in (min(seeds), max(seeds)))
        small.append(say(language, "model.seeds", n=len(seeds), low=low, high=high))
    if times := _number(entry.get("times_floor"), language):
        small.append(say(language, "model.times_floor", n=times))
    remarks = [_said(remark, language) for remark in note.split("; ") if remark]
    if reference := entry.get("reference"):
        remarks.insert(0, say(language, "model.reference", what=_said(str(reference), language)))
    numbers = [notes.setdefault(remark, len(notes) + 1) for remark in remarks]
    marks = f" <sup>{', '.join(map(str, numbers))}</sup>" if numbers else ""
    return f"<b>{_number(entry['value'], language)}</b>{marks}<small>{', '.join(filter(None, small))}</small>"


def _footnotes(notes: dict[str, int]) -> str:
    return f"<ol class='notes'>{''.join(f'<li>{_text(note)}</li>' for note in notes)}</ol>" if notes else ""


def _interval(interval: Any, language: str) -> str:
    ends = interval if isinstance(interval, (list, tuple)) and len(interval) == 2 else ()
    low, high = (_number(end, language) for end in ends) if ends else ("", "")
    return say(language, "model.interval", low=low, high=high) if low and high else ""


def _ceiling(entry: dict, language: str) -> str:
    ceiling, other = (_number(entry.get(key), language) for key in ("ceiling", "ceiling_held_out"))
    return ceiling + (f"<small>{say(language, 'model.held_out', value=other)}</small>" if other else "")


def _controls(entry: dict, language: str) -> str:
    both = ((key, _number(entry.get(key), language)) for key in CONTROLS)
    return ", ".join(f"{say(language, f'model.control.{key}')} {text}" for key, text in both if text)


def _extractor(entries: list[dict], language: str) -> str:
    """What judged, and small below it how the pictures came to its size."""
    sizes = [f"{size} px" if isinstance(size := entry.get("resize"), int) else size for entry in entries]
    extractors = (_text(_said(str(entry.get("extractor") or ""), language)) for entry in entries)
    resized = dict.fromkeys(_text(_said(str(size), language)) for size in sizes if size)
    return _joined(extractors) + (f"<small>{'<br>'.join(resized)}</small>" if resized else "")


def _joined(texts) -> str:
    """What differs between models is given for each, in their order; what does not, once."""
    return "<br>".join(dict.fromkeys(text for text in texts if text)) or "–"


def _number(value: Any, language: str) -> str:
    """Three decimals below ten, else three digits; empty for what is no finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return ""
    if value and abs(value) < 0.0005:
        return numerals(f"{value:.1e}", language)
    digits = ".3f" if abs(value) < 10 else ".1f" if abs(value) < 100 else ",.0f"
    return numerals(format(value, digits), language)


def _text(value: Any) -> str:
    text = str(value)
    return html.escape(text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…")
