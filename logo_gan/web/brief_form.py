"""What was read in a prompt, as HTML: a part each with its alternatives. page.js says which one a visitor changes."""

from __future__ import annotations

import html
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from logo_gan.text import labels
from logo_gan.text.vocabulary import table
from logo_gan.web import fields

if TYPE_CHECKING:
    from logo_gan.text.brief import Brief
    from logo_gan.web.provenance import Say

CONTAINERS = (*dict.fromkeys(table("containers").entries.values()), "none")
OPEN_COLOUR = "#808080"  # what a picker begins with where no colour is named


def form(brief: Brief, alternatives: Sequence[Sequence[tuple[str, str]]], say: Say, known: Collection[str] = ()) -> str:
    """The parts of a brief to be seen and corrected, and what was not understood.

    Args:
        brief: what was read.
        alternatives: for each thing names and drawings, as `LogoGAN.alternatives` gives them.
        say: in the visitor's language.
        known: what stands in the fields for name, slogan and trade already.
    """
    parts = [
        *(_thing(place, each, say) for place, each in enumerate(alternatives[:2])),
        *([_search("second", "brief.add", say)] if len(alternatives) == 1 and not brief.letters else []),
        *([] if alternatives else [_search("thing", "brief.add_first", say)]),
        *([_letters(brief.letters, say)] if brief.letters else []),
        *([_count(brief.count or 1, say)] if brief.things else []),
        _container(brief.container, say),
        *(_colour(role, value, say) for role, value in brief.colours.items() if value or _can_have(role, brief)),
        *(_told(name, said, say) for name in fields.KINDS if (said := getattr(brief, name)) and said not in known),
        *_words("style", brief.style, say),
        *_words("avoid", brief.avoid, say),
    ]
    missed = ", ".join(f"<b>{html.escape(word)}</b>" for word in brief.not_understood)
    told = f"{html.escape(say('brief.not_understood'))} {missed}" if missed else ""
    title = html.escape(say("brief.title"), quote=True)
    return f'<div class="parts" role="group" aria-label="{title}">{"".join(parts)}</div><p role="status">{told}</p>'


def _can_have(role: str, brief: Brief) -> bool:
    return role in ("mark", "ground") or (role == "container" and brief.container not in (None, "none"))


def _thing(place: int, drawn: Sequence[tuple[str, str]], say: Say) -> str:
    """A thing with its drawing, which opens the others."""
    kind = "second" if place else "thing"
    own, *others = drawn
    buttons = [_button(kind, name, f"{_drawing(path)}{html.escape(name)}") for name, path in others]
    if place:
        buttons.append(_button(kind, labels.NONE, html.escape(say("brief.none"))))
    summary = f"{_drawing(own[1])}<b>{html.escape(own[0])}</b>"
    return (
        f'<details class="{kind}" name="choices"><summary>{summary}</summary><div class="choices">{"".join(buttons)}'
        f"{_field(kind, say('brief.another'))}</div></details>"
    )


def _search(kind: str, label: str, say: Say) -> str:
    return (
        f'<details class="add" name="choices"><summary>{html.escape(say(label))}</summary>'
        f'<div class="choices">{_field(kind, say("brief.another"))}</div></details>'
    )


def _field(kind: str, label: str) -> str:
    return f'<label>{html.escape(label)} <input data-kind="{kind}" maxlength="60" autocomplete="off"></label>'


def _letters(letters: str, say: Say) -> str:
    return (
        f'<label class="letters">{html.escape(say("brief.letters"))} <input data-kind="letters" maxlength="4" size="4" '
        f'value="{html.escape(letters)}" autocomplete="off"></label>'
    )


def _count(count: int, say: Say) -> str:
    numbers = [(str(n), str(n)) for n in range(1, max(labels.MOST_OF_A_MARK, count) + 1)]
    return _select("count", say("brief.count"), numbers, str(count))


def _container(name: str | None, say: Say) -> str:
    options = [(labels.ANY, say("brief.open"))]
    options += [(each, say(f"brief.container.{each.replace(' ', '-')}")) for each in CONTAINERS]
    return _select("container", say("brief.container"), options, name or labels.ANY)


def _select(kind: str, label: str, options: Iterable[tuple[str, str]], chosen: str) -> str:
    listed = "".join(
        f'<option value="{html.escape(value)}"{" selected" if value == chosen else ""}>{html.escape(shown)}</option>'
        for value, shown in options
    )
    return f'<label class="{kind}">{html.escape(label)} <select data-kind="{kind}">{listed}</select></label>'


def _colour(role: str, value: str | None, say: Say) -> str:
    name, kind = html.escape(say(f"brief.colour.{role}")), f"{role} colour"
    shown = f"<b>{value or html.escape(say('brief.open'))}</b>"
    picker = f'<input type="color" data-kind="{kind}" value="{value or OPEN_COLOUR}">'
    without = html.escape(say("brief.any_colour", what=say(f"brief.colour.{role}")), quote=True)
    remove = _button(kind, labels.ANY, "×", without) if value else ""
    state = "" if value else " open"
    return f'<span class="colour {role}{state}"><label>{picker}{name} {shown}</label>{remove}</span>'


def _told(kind: str, value: str, say: Say) -> str:
    """A part that has a field of its own."""
    remove = _button(kind, labels.NONE, "×", html.escape(say("brief.without", what=value), quote=True))
    return f'<span class="{kind}">{html.escape(say(f"brief.{kind}"))} <b>{html.escape(value)}</b>{remove}</span>'


def _words(kind: str, words: Sequence[str], say: Say) -> Iterable[str]:
    for word in words:
        others = ", ".join(each for each in words if each != word) or labels.NONE
        without = html.escape(say("brief.without", what=word), quote=True)
        yield (
            f'<span class="{kind}">{html.escape(say(f"brief.{kind}"))} <b>{html.escape(word)}</b>'
            f"{_button(kind, others, '×', without)}</span>"
        )


def _button(kind: str, value: str, inner: str, label: str = "") -> str:
    spoken = f' aria-label="{label}"' if label else ""
    return f'<button type="button" data-kind="{kind}" data-value="{html.escape(value)}"{spoken}>{inner}</button>'


def _drawing(path: str) -> str:
    return f'<svg viewBox="0 0 100 100" aria-hidden="true"><path d="{path}"/></svg>'
