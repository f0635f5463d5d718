"""What was read in a prompt, in words, as HTML below its field."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logo_gan.text.brief import Brief
    from logo_gan.web.provenance import Say

PLAIN = ("letters", "count", "brand", "slogan", "trade")  # shown as the brief has them


def sentence(brief: Brief, say: Say) -> str:
    """A line of what was understood, and one of what was not; empty where there is nothing to tell."""
    read = [
        _part("things", map(_bold, brief.things), say),
        _part("colours", (_colour(role, value, say) for role, value in brief.colours.items() if value), say),
        _part("container", _container(brief.container, say), say),
        *(_part(name, [_bold(value)] if (value := getattr(brief, name)) else [], say) for name in PLAIN),
        _part("style", map(_bold, brief.style), say),
        _part("avoid", map(_bold, brief.avoid), say),
    ]
    lines = [" ".join(filter(None, read)), _part("not_understood", map(_bold, brief.not_understood), say)]
    told = "".join(lines)
    return f"<p role='status'>{told}</p>" if told else ""


def _part(name: str, values: Iterable[str], say: Say) -> str:
    joined = ", ".join(values)
    return f"<span class='{name}'>{html.escape(say(f'brief.{name}'))} {joined}</span>" if joined else ""


def _container(name: str | None, say: Say) -> list[str]:
    return [_bold(say(f"brief.container.{name.replace(' ', '-')}"))] if name else []


def _colour(role: str, value: str, say: Say) -> str:
    return f"{html.escape(say(f'brief.colour.{role}'))} <i style='background:{value}'></i><b>{value}</b>"


def _bold(text: object) -> str:
    return f"<b>{html.escape(str(text))}</b>"
