"""What a page's address says beside its logo: colours, typeface, place of the name, ground, the model that drew it."""

from __future__ import annotations

import html
from collections.abc import Mapping

import gradio as gr

from logo_gan.logo.finish import GROUNDS, LAYOUTS
from logo_gan.logo.typefaces import DEFAULT_FONT, FONTS
from logo_gan.web import colours, i18n
from logo_gan.web.common import warn
from logo_gan.web.session import Session

FORMER = "layered-"  # how the fingerprints of the model before this one begin
USUAL = {"font": (FONTS, DEFAULT_FONT), "layout": (LAYOUTS, "alone"), "ground": (GROUNDS, "drawn")}


def choice(query: Mapping[str, str], field: str) -> str:
    """A choice of font, layout or ground; the usual one where the address has none that there is."""
    known, usual = USUAL[field]
    return query[field] if query.get(field) in known else usual


def keep_colours(query: Mapping[str, str], session: Session, request: gr.Request) -> None:
    """Give the session's logo the colours in an address, as the editor would send them."""
    if query.get("model", "").startswith(FORMER):  # whose colours had no roles
        return
    found: dict[str, str] = {}
    try:
        found = colours.from_link(query.get("colours"))
        if found:
            session.logo.recolored(**found)
    except ValueError as error:
        warn(str(error), request)
        found = {}
    name_colour = f"#{query.get('name_colour', '')}"
    session.keep({"address": str(session.logo.address), "colours": found, "name_colour": name_colour})


def warn_of_model(wanted: str, model: str, request: gr.Request) -> None:
    """Say that a logo was drawn by another model than the one in use, where it was."""
    if wanted != model:
        key = "generate.former_model" if wanted.startswith(FORMER) else "generate.other_model"
        told = i18n.speaker(request)(key, wanted=wanted[:80], model=model)
        gr.Warning(html.escape(told), duration=None)
