"""What the page and the report say of a dataset, as HTML. Captions are strangers' words: everything is escaped."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence

from eda import pictures, words
from eda.columns import LONG_CAPTION
from eda.statistics import FAULTS, SAMPLE, Summary
from eda.texts import counted, numerals, say

SHOWN = 8  # thumbnails of each fault
LISTED = 20  # row numbers of each fault
CAPTION = 300  # characters of a caption in a table
WORDS = 60  # of a word cloud, told as text

KINDS = (
    "damaged", "blank", "oversized", "unsupported", "exact_duplicates", "near_duplicates", "null_images",
    "null_captions", "bad_captions", "long_captions",
)  # fmt: skip
LIMITS = {"flat": pictures.FLAT, "millions": pictures.MAX_PIXELS // 1_000_000, "formats": ", ".join(pictures.FORMATS),
          "characters": LONG_CAPTION}  # fmt: skip


def preview(rows: Sequence[Mapping], language: str = "en") -> str:
    """The first rows of a dataset as a table."""
    lines = "".join(
        f"<tr><th scope='row'>{row['row']}</th><td>{_picture(row, language)}</td>"
        f"<td class='size'>{_size(row, language)}</td><td class='caption'>{_caption(row, language)}</td></tr>"
        for row in rows
    )
    heads = {"row": say(language, "dataset.head.row"), "image": "image", "size": say(language, "dataset.head.size"),
             "text": "text"}  # fmt: skip
    names = "".join(f"<th scope='col' class='{name}'>{head}</th>" for name, head in heads.items())
    return f"<div class='wide'><table class='rows'><thead><tr>{names}</tr></thead><tbody>{lines}</tbody></table></div>"


def described(row: Mapping, language: str = "en") -> str:
    """One row in a line: its size and kind, or what is wrong with it."""
    told = f"{say(language, 'dataset.row', n=str(row['row']))}, {_size(row, language)}"
    return f"{told}: {_fault(row, language)}" if row["fault"] else told


def faults(summary: Summary, thumbnails: Mapping[int, Mapping], language: str = "en") -> str:
    """What is wrong: counts, row numbers, and thumbnails of the rows that `worth_showing` named."""
    found = summary.faults
    rows = {name: [str(row) for row in found[name].first] for name in (*FAULTS, "exact_duplicates") if name in found}
    rows["near_duplicates"] = [
        say(language, "dataset.pair", one=str(first), other=str(second)) for first, second in summary.near_duplicates
    ]
    counts = {name: found[name].count for name in rows if name in found}
    counts["near_duplicates"] = summary.near_duplicate_count
    titles = {name: say(language, f"dataset.fault.{name}") for name in KINDS}
    right = [title.lower() for name, title in titles.items() if not counts.get(name)]
    sections = []
    for name in (name for name in KINDS if counts.get(name)):
        why = say(language, f"dataset.fault.{name}.why", **LIMITS)
        shown = [thumbnails[row] for row in _shown_rows(summary, name) if row in thumbnails]
        listed = ", ".join(rows[name][:LISTED]) + (" …" if counts[name] > LISTED else "")
        listed = say(language, "dataset.row_numbers", numbers=listed)
        n = counted(language, "dataset.pairs" if name == "near_duplicates" else "dataset.rows", counts[name])
        sections.append(
            f"<section><h3>{titles[name]}: {n}</h3><p>{why} <span class='numbers'>{listed}</span></p>"
            f"<div class='thumbnails'>{''.join(_figure(row, language) for row in shown)}</div></section>"
        )
    none = say(language, "dataset.none_found", faults=", ".join(right))
    none = f"<p class='fine'>{none}</p>" if right else ""
    return "".join(sections) + none + _looked(summary, language)


def _looked(summary: Summary, language: str) -> str:
    """What was looked at to find what is wrong."""
    if summary.images is None:
        return ""
    n, told = len(summary.images.sample), [say(language, "dataset.checked", rows=summary.rows)]
    if n:
        told.append(say(language, "dataset.looked_at" + (".sample" if n == SAMPLE else ""), n=n))
    return f"<p class='note'>{' '.join([*told, say(language, 'dataset.from_0')])}</p>"


def worth_showing(summary: Summary) -> list[int]:
    """The rows whose thumbnails `faults` has a place for."""
    return sorted({row for name in KINDS for row in _shown_rows(summary, name)})


def cloud_text(summary: Summary, with_shared: bool, language: str = "en") -> str:
    """The word cloud as a list with counts, for those who do not see it."""
    found = words.words(summary.texts, with_shared, WORDS)
    if not found:
        return f"<p class='note'>{say(language, 'dataset.no_words')}</p>"
    listed = ", ".join(f"{html.escape(word[:40])} ({numerals(f'{n:,}', language)})" for word, n in found)
    told = f"<details><summary>{say(language, 'dataset.words')}</summary><p>{listed}</p></details>"
    tail = words.shared(summary.texts)
    if with_shared or not tail:
        return told
    return told + f"<p class='note'>{say(language, 'dataset.left_out', words=html.escape(', '.join(tail)[:600]))}</p>"


def _shown_rows(summary: Summary, name: str) -> list[int]:
    if name == "near_duplicates":
        return [row for pair in summary.near_duplicates[: SHOWN // 2] for row in pair]
    if name == "exact_duplicates":
        return [row for group in summary.duplicate_groups(SHOWN)[: SHOWN // 2] for row in group[:2]]
    found = summary.faults.get(name)
    return list(found.first[:SHOWN]) if found else []


def _figure(row: Mapping, language: str) -> str:
    number = say(language, "dataset.row", n=str(row["row"]))
    return f"<figure>{_picture(row, language)}<figcaption>{number}</figcaption></figure>"


def _picture(row: Mapping, language: str) -> str:
    text = html.escape((row["caption"] or say(language, "dataset.no_caption"))[:CAPTION], quote=True)
    if row["png"]:
        data = row["png"] if isinstance(row["png"], str) else base64.b64encode(row["png"]).decode()
        return f"<img src='data:image/png;base64,{data}' alt='{text}'>"
    return f"<span class='no-image' title='{text}'>{html.escape(_fault(row, language))}</span>"


def _fault(row: Mapping, language: str) -> str:
    """What is wrong with a row's image, in a word."""
    kind = row["fault"] if row["fault"] in ("damaged", "oversized", "unsupported") else "null_images"
    return say(language, f"dataset.is.{kind}")


def _caption(row: Mapping, language: str) -> str:
    text = row["caption"]
    if text is None:
        return f"<i>{say(language, 'dataset.no_caption')}</i>"
    return f"<bdi>{html.escape(text if len(text) <= CAPTION else text[:CAPTION] + '…')}</bdi>"


def _size(row: Mapping, language: str) -> str:
    if not row["width"]:
        return say(language, "dataset.no_size")
    size = numerals(f"{row['width']:,} × {row['height']:,}", language)
    return f"{size}, {row['format']}, {row['mode']}"
