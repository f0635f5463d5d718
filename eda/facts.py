"""A summary → what programs read: one JSON object of plain numbers, documented in the README."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eda import measures, pictures, words
from eda.statistics import FAULTS, Summary

FIRST_ROWS = 20  # row numbers named beside a count


def facts(summary: Summary, files: Sequence[tuple[str, int]] = ()) -> dict:
    """Everything that was counted. Rows are numbered from 0, through all `files` (name, rows) one after the other."""
    texts, images = summary.texts, summary.images
    told: dict = {"rows": summary.rows}
    if files:
        told["files"] = [{"name": name, "rows": rows} for name, rows in files]
    for name, measure in measures.MEASURES.items():
        if name in measures.OF_CAPTIONS or images is not None:
            told[name] = measure.of(summary).figures()
    if images is not None:
        colours = np.bincount(images.readable["colour"], minlength=pictures.NO_COLOUR + 1).tolist()
        told |= {
            "colour": {"by_mode": measures.by_mode(images), "by_pixels": measures.by_pixels(images)},
            "dominant_colour": dict(zip((*pictures.COLOURS, "none"), colours, strict=True)),
            "formats": dict(images.formats),
            "modes": dict(images.modes),
            "sampled": len(images.sample),
        }
    faults = summary.faults
    for name in (*FAULTS, "exact_duplicates"):
        if name in faults:
            told[name] = faults[name].count
            told[f"{name}_rows"] = list(faults[name].first[:FIRST_ROWS])
    told["exact_duplicate_groups"] = summary.duplicate_groups(FIRST_ROWS)
    told["near_duplicate_pairs"] = summary.near_duplicate_count
    told["near_duplicates"] = [list(pair) for pair in summary.near_duplicates]
    told["shared_epithets"] = words.shared(texts)
    told["frequent_epithets"] = dict(words.epithets(texts))
    told["frequent_trades"] = dict(words.trades(texts))
    told["frequent_words"] = dict(words.words(texts))
    told["counts_too_low_by_at_most"] = max(texts.words.error, texts.parts.error, texts.pairs.error)
    return told
