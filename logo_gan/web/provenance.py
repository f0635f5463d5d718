"""What a logo was drawn from, in words: the open drawings, their sets, authors and licences, and the nearest of all."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logo_gan.logo.design import Logo, MarkSource
    from logo_gan.logo.pixels import PixelLogo

Say = Callable[..., str]  # i18n.say in a visitor's language
ATTRIBUTED = ("CC-BY",)  # beginnings of licences that ask for the author's name


def short(logo: Logo | PixelLogo, say: Say) -> str:
    """A clause for a caption; empty for a logo of pixels."""
    return "".join(
        say("origin.short" if i == 0 else "origin.short_second", concept=mark.concept, source=_sets(mark))
        for i, mark in enumerate(_marks(logo))
    )


def details(logo: Logo | PixelLogo, say: Say) -> str:
    """One line that opens into the whole account, as HTML; empty for a logo of pixels."""
    marks = _marks(logo)
    if not marks:
        return ""
    items = "".join(f"<li>{html.escape(sentence)}</li>" for mark in marks for sentence in _account(mark, say))
    licences = {str(source["licence"]) for mark in marks for source in mark.sources}
    notes = [say("origin.similarity")] if any(mark.nearest for mark in marks) else []
    notes += [say("origin.attribution")] if any(each.startswith(ATTRIBUTED) for each in licences) else []
    told = "".join(f"<p>{html.escape(note)}</p>" for note in notes)
    line = html.escape(_line(marks, say))
    return f"<details class='origin'><summary>{line}</summary><ul>{items}</ul>{told}</details>"


def _marks(logo: Logo | PixelLogo) -> tuple[MarkSource, ...]:
    return tuple(mark for mark in getattr(logo, "marks", ()) if mark.sources)


def _line(marks: tuple[MarkSource, ...], say: Say) -> str:
    drawings = [say("origin.drawing", concept=mark.concept, **mark.sources[0]) for mark in marks]
    line = say("origin.line", drawings="; ".join(drawings))
    near = [say("origin.near", **_nearest(mark.nearest)) for mark in marks if mark.nearest]
    return f"{line} {say('origin.nearest_line', drawings='; '.join(near))}" if near else line


def _account(mark: MarkSource, say: Say) -> list[str]:
    drawn = [say("origin.source", concept=mark.concept, **source) for source in mark.sources]
    return [*drawn, *([say("origin.nearest", concept=mark.concept, **_nearest(mark.nearest))] if mark.nearest else [])]


def _nearest(nearest: Mapping) -> dict[str, object]:
    return {"set": nearest["set"], "name": nearest["name"], "percent": round(100 * nearest["similarity"])}


def _sets(mark: MarkSource) -> str:
    """The set and licence of each drawing, once."""
    return "; ".join(dict.fromkeys(f"{source['set']}, {source['licence']}" for source in mark.sources))
