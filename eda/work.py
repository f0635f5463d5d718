"""What is done with a file in a `sandbox`: generators that yield JSON."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from eda import columns, pictures, table
from eda.statistics import Images, Summary, Texts, chosen, sample_limit

PREVIEW = 6  # rows
ROW_SIDE, THUMBNAIL, SMALL = 1024, 160, 96  # pixels of the pictures that are shown
_NONE = np.zeros(0, np.int64)
MAX_SHOWN = 2_000  # characters of a caption that is shown


def look(path: str) -> Iterator[dict]:
    """Checks a file; yields its number of rows, and its first ones as by `show`."""
    with table.open_table(path) as file:
        total = file.metadata.num_rows
        yield {"rows": total, "preview": _shown(file, range(min(PREVIEW, total)), THUMBNAIL)}


def find(pattern: str) -> Iterator[list[str]]:
    """Yields the files that an argument of the command line means."""
    yield table.find(pattern)


def cut(path: str) -> Iterator[list]:
    """Yields the parts of a file: row groups, number of the first row, number of rows."""
    yield [(part.groups, part.first, part.rows) for part in table.parts(path)]


def show(path: str, numbers: list[int], side: int) -> Iterator[list[dict]]:
    """Yields some rows: number, caption, what the header says, and a PNG of at most `side` pixels as base64."""
    with table.open_table(path) as file:
        yield _shown(file, numbers, side)


def analyse(path: str, values: str | None = None) -> Iterator[dict]:
    """Yields ever fuller summaries of a file, each with its `stage`: of the lengths of captions, of captions with their
    words, of headers, of pixels; and the first rows in between.

    `values`: where to write what is known of each row, for `rows_between`.
    """
    with table.open_table(path) as file:
        found = [columns.text_lengths(batch) for batch in table.captions(file)] or [(_NONE, _NONE)]
        lengths, epithets = (np.concatenate(column) for column in zip(*found, strict=True))
        yield {"stage": "lengths", "summary": Summary(Texts.of_lengths(lengths, epithets)).dumps()}
        texts = Texts()
        for batch in table.captions(file):
            texts += Texts.of(columns.text_columns(batch))
        yield {"stage": "captions", "summary": Summary(texts).dumps()}
        yield {"stage": "preview", "preview": _shown(file, range(min(PREVIEW, texts.rows)), THUMBNAIL)}
        headers = columns.joined([columns.image_columns(batch) for batch in table.images(file)] or [columns.none()])
        images = Images.of(headers)
        if values is not None:
            unfinished = Path(f"{values}.part")
            with unfinished.open("wb") as out:
                np.savez(out, caption_length=lengths, epithets=epithets, height=headers.heights, width=headers.widths)
            unfinished.replace(values)
        yield {"stage": "headers", "summary": Summary(texts, images).dumps()}
        sample = chosen(headers.hashes, headers.verdicts)
        wanted = np.union1d(sample, _suspects(headers))
        pixels, start = [], 0
        for batch in table.images(file):
            here = wanted[(wanted >= start) & (wanted < start + len(batch))]
            pixels.append(columns.pixel_columns(batch, here, headers, start))
            start += len(batch)
        images = images.seen(np.concatenate(pixels), sample) if pixels else images
        yield {"stage": "pixels", "summary": Summary(texts, images).dumps()}


def summarise(path: str, groups: tuple[int, ...], total: int) -> Iterator[str]:
    """Yields the summary of some row groups of a dataset of about `total` rows, from one pass over its images."""
    with table.open_table(path) as file:
        texts, images = Texts(), Images()
        for batch in table.captions(file, groups):
            texts += Texts.of(columns.text_columns(batch))
        limit = sample_limit(total)
        for batch in table.images(file, groups):
            headers = columns.image_columns(batch)
            # One at least, for a dataset of ever the same image has either all hashes below the limit or none.
            sample = chosen(headers.hashes, headers.verdicts, limit, least=0 if len(images.sample) else 1)
            pixels = columns.pixel_columns(batch, np.union1d(sample, _suspects(headers)), headers)
            images += Images.of(headers).seen(pixels, sample)
        yield Summary(texts, images).dumps()


def _suspects(headers: columns.ImageColumns) -> np.ndarray:
    return np.flatnonzero(headers.may_be_blank & (headers.verdicts == pictures.OK))


def _shown(file, numbers, side: int) -> list[dict]:
    found = table.rows(file, numbers)
    return [{"row": number, **_described(*found[number], side)} for number in numbers]


def _described(data: bytes | None, text: str | None, side: int) -> dict:
    told = {"caption": text if text is None or len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…",
            "width": None, "height": None, "format": None, "mode": None, "fault": None, "png": None}  # fmt: skip
    if data is None:
        return {**told, "fault": "no image"}
    head = pictures.header(data)
    if head.width:
        told |= {"width": head.width, "height": head.height, "format": head.format, "mode": head.mode}
    if head.verdict != pictures.OK:
        return {**told, "fault": {v: name for name, v in columns.VERDICTS.items()}[head.verdict]}
    image = pictures.decoded(data, side)
    if image is None:
        return {**told, "fault": "damaged"}
    return {**told, "png": base64.b64encode(pictures.png(image, side)).decode()}
