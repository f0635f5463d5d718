"""A logo's colours by role as visitors send them: in a link, and in a request."""

from __future__ import annotations


def from_pairs(text: str | None) -> dict[str, str]:
    """ "mark=#0a1f66 ground=#ffffff" → role → colour, neither checked yet; raises ValueError with one sentence."""
    return dict(_pair(each, "=", "") for each in (text or "").replace(",", " ").split())


def from_link(text: str | None) -> dict[str, str]:
    """ "mark-0a1f66_ground-ffffff" → role → colour, neither checked yet; raises ValueError with one sentence."""
    return dict(_pair(each, "-", "#") for each in (text or "").split("_") if each)


def _pair(text: str, between: str, before: str) -> tuple[str, str]:
    role, found, colour = text.partition(between)
    if not (role and found and colour):
        example = {"=": "mark=#0a1f66", "-": "mark-0a1f66"}[between]
        raise ValueError(f"A colour needs its role before it, as {example}, and {text[:40]!r} has none.")
    return role, before + colour
