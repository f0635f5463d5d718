"""What the page and the report say of a dataset, as HTML. Captions are strangers' words: everything is escaped."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence

from eda import pictures, words
from eda.statistics import FAULTS, SAMPLE, Summary

SHOWN = 8  # thumbnails of each fault
LISTED = 20  # row numbers of each fault
CAPTION = 300  # characters of a caption in a table
WORDS = 60  # of a word cloud, told as text

KINDS = {
    "damaged": ("Damaged", "The file is cut off, or a checksum in it is wrong."),
    "blank": ("Blank", f"No two of its pixels differ by more than {pictures.FLAT} of 255."),
    "oversized": ("Oversized", f"More than {pictures.MAX_PIXELS // 1_000_000} million pixels; not decoded."),
    "unsupported": ("Unsupported", f"Not one of {', '.join(pictures.FORMATS)}."),
    "exact_duplicates": ("Exact duplicates", "The same file, byte for byte, as an earlier row."),
    "near_duplicates": ("Near duplicates", "Pairs that look nearly the same, among the images looked at."),
    "null_images": ("No image", "The cell is empty."),
    "null_captions": ("No caption", "The cell is empty."),
    "bad_captions": ("Broken captions", "Some bytes are no UTF-8; they were replaced."),
    "long_captions": (
        "Overlong captions",
        "Over 10,000 characters; what lies beyond was measured, its words not counted.",
    ),
}


def preview(rows: Sequence[Mapping]) -> str:
    """The first rows of a dataset as a table."""
    lines = "".join(
        f"<tr><th scope='row'>{row['row']}</th><td>{_picture(row)}</td><td class='size'>{_size(row)}</td>"
        f"<td class='caption'>{_caption(row)}</td></tr>"
        for row in rows
    )
    names = "".join(f"<th scope='col' class='{name}'>{name}</th>" for name in ("row", "image", "size", "text"))
    return f"<div class='wide'><table class='rows'><thead><tr>{names}</tr></thead><tbody>{lines}</tbody></table></div>"


def described(row: Mapping) -> str:
    """One row in a line: its size and kind, or what is wrong with it."""
    fault = KINDS[row["fault"]][0].lower() if row["fault"] in KINDS else row["fault"]
    return f"row {row['row']}, {_size(row)}" + (f": {fault}" if fault else "")


def faults(summary: Summary, thumbnails: Mapping[int, Mapping]) -> str:
    """What is wrong: counts, row numbers, and thumbnails of the rows that `worth_showing` named."""
    found = summary.faults
    rows = {name: [str(row) for row in found[name].first] for name in (*FAULTS, "exact_duplicates") if name in found}
    rows["near_duplicates"] = [f"{first} and {second}" for first, second in summary.near_duplicates]
    counts = {name: found[name].count for name in rows if name in found}
    counts["near_duplicates"] = summary.near_duplicate_count
    right = [KINDS[name][0].lower() for name in KINDS if not counts.get(name)]
    sections = []
    for name in (name for name in KINDS if counts.get(name)):
        title, told = KINDS[name]
        shown = [thumbnails[row] for row in _shown_rows(summary, name) if row in thumbnails]
        listed = ", ".join(rows[name][:LISTED]) + (" …" if counts[name] > LISTED else "")
        what = ("pair" if name == "near_duplicates" else "row") + ("" if counts[name] == 1 else "s")
        sections.append(
            f"<section><h3>{title}: {counts[name]:,} {what}</h3>"
            f"<p>{told} <span class='numbers'>Rows: {listed}</span></p>"
            f"<div class='thumbnails'>{''.join(_figure(row) for row in shown)}</div></section>"
        )
    looked = ""
    if summary.images is not None:
        n = len(summary.images.sample)
        looked = (
            f"<p class='note'>Headers, checksums and file hashes of all {summary.rows:,} rows were checked"
            + (f"; the pixels of {n:,} images were looked at" if n else "")
            + (", those with the smallest hashes, and of all that are small enough to be blank" if n == SAMPLE else "")
            + ". Rows are counted from 0.</p>"
        )
    none = f"<p class='fine'>None found: {', '.join(right)}.</p>" if right else ""
    return "".join(sections) + none + looked


def worth_showing(summary: Summary) -> list[int]:
    """The rows whose thumbnails `faults` has a place for."""
    return sorted({row for name in KINDS for row in _shown_rows(summary, name)})


def cloud_text(summary: Summary, with_shared: bool) -> str:
    """The word cloud as a list with counts, for those who do not see it."""
    found = words.words(summary.texts, with_shared, WORDS)
    if not found:
        return "<p class='note'>The captions have no words to show.</p>"
    listed = ", ".join(f"{html.escape(word[:40])} ({n:,})" for word, n in found)
    tail = words.shared(summary.texts)
    left_out = (
        ""
        if with_shared or not tail
        else f"<p class='note'>Left out, since most captions have it: {html.escape(', '.join(tail)[:600])}.</p>"
    )
    return f"<details><summary>The words with their counts</summary><p>{listed}</p></details>{left_out}"


def _shown_rows(summary: Summary, name: str) -> list[int]:
    if name == "near_duplicates":
        return [row for pair in summary.near_duplicates[: SHOWN // 2] for row in pair]
    if name == "exact_duplicates":
        return [row for group in summary.duplicate_groups(SHOWN)[: SHOWN // 2] for row in group[:2]]
    found = summary.faults.get(name)
    return list(found.first[:SHOWN]) if found else []


def _figure(row: Mapping) -> str:
    return f"<figure>{_picture(row)}<figcaption>row {row['row']}</figcaption></figure>"


def _picture(row: Mapping) -> str:
    text = html.escape((row["caption"] or "no caption")[:CAPTION], quote=True)
    if row["png"]:
        data = row["png"] if isinstance(row["png"], str) else base64.b64encode(row["png"]).decode()
        return f"<img src='data:image/png;base64,{data}' alt='{text}'>"
    fault = KINDS[row["fault"]][0].lower() if row["fault"] in KINDS else row["fault"] or "no image"
    return f"<span class='no-image' title='{text}'>{html.escape(fault)}</span>"


def _caption(row: Mapping) -> str:
    text = row["caption"]
    if text is None:
        return "<i>no caption</i>"
    return f"<bdi>{html.escape(text if len(text) <= CAPTION else text[:CAPTION] + '…')}</bdi>"


def _size(row: Mapping) -> str:
    return f"{row['width']:,} × {row['height']:,}, {row['format']}, {row['mode']}" if row["width"] else "size unknown"
