"""The chosen logo, large, with its colours to change: HTML for the browser, where page.js does what needs no server."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from urllib.parse import urlencode

from logo_gan.logo.finish import WHITE, Finished, ready_palettes
from logo_gan.web import provenance
from logo_gan.web.provenance import Say


def editor(finished: Finished, say: Say, model: str) -> dict:
    """What the page's editor takes, `html` and what page.js keeps beside it.

    `colours` (role → '#rrggbb') and `name_colour` come back with the page's requests as the visitor has changed them,
    with the `address` that they belong to; `query` is that of a link to this logo drawn by `model`, without colours.
    """
    logo, named = finished.logo, finished.locked_up
    colours = {**logo.palette, **finished.colours}
    # A baseline logo has colours, but no layers whose colours could be changed.
    inputs = [_input(say(f"role.{role}"), role, colour) for role, colour in colours.items() if hasattr(logo, "layers")]
    if named:
        beneath = WHITE if finished.ground == "transparent" else finished.recolored.palette["ground"]  # paper, mostly
        inputs.append(_input(say("role.name"), "name", named.name_colour(beneath)))
    buttons = [_palette(say(f"palette.{key}"), colours) for key, colours in ready_palettes(logo).items()]
    alt = say("editor.alt", caption=logo.caption) + (f" {say('editor.alt_name', name=named.title)}" if named else "")
    parts = [
        f'<div class="editor" data-ground="{finished.ground}">',
        f'<div class="sheet" role="img" aria-label="{_attribute(alt)}" style="background:{colours["ground"]}">',
        f"{_inline(finished.svg())}</div>",
        provenance.details(logo, say),
        f'<fieldset class="colours"><legend>{html.escape(say("editor.colours"))}</legend>{"".join(inputs)}</fieldset>',
        f'<div class="palettes" role="group" aria-label="{_attribute(say("editor.palettes"))}">{"".join(buttons)}',
        "</div>",
        f'<div class="doings"><button type="button" data-do="drawn">{html.escape(say("editor.as_drawn"))}</button>',
        f'<button type="button" data-do="copy" data-done="{_attribute(say("editor.copied"))}">',
        f"{html.escape(say('editor.copy'))}</button></div></div>",
    ]
    return {
        "html": "".join(parts),
        "colours": colours,
        "drawn": dict(logo.palette),
        "name_colour": finished.name_colour,
        "address": str(logo.address or ""),
        "query": _query(finished, named is not None, model),
    }


def _query(finished: Finished, named: bool, model: str) -> str:
    naming = {"name": finished.name, "font": finished.font, "layout": finished.layout} if named else {}
    naming |= {"slogan": finished.slogan} if named else {}  # an empty one, too: the prompt may have another
    return f"{finished.logo.address}&{urlencode({'model': model, **naming})}" if finished.logo.address else ""


def _input(label: str, role: str, colour: str) -> str:
    return (
        f'<label><input type="color" value="{colour}" data-role="{role}"><span>{html.escape(label)}</span>'
        f"<code>{colour}</code></label>"
    )


def _palette(label: str, colours: Mapping[str, str]) -> str:
    bands = "".join(f'<i style="background:{colour}"></i>' for colour in dict.fromkeys(colours.values()))
    title = _attribute(label)
    pairs = " ".join(f"{role}={colour}" for role, colour in colours.items())
    return f'<button type="button" title="{title}" aria-label="{title}" data-palette="{pairs}">{bands}</button>'


def _inline(svg: str) -> str:
    """An SVG document as part of the page: its groups are named by an attribute that nothing else on the page has."""
    svg = re.sub(r'<g id="([\w-]+)"', r'<g data-layer="\1"', svg)
    return re.sub(r"<title>.*?</title>", "", svg, count=1, flags=re.DOTALL).replace(
        'role="img"', 'aria-hidden="true"', 1
    )


def _attribute(text: str) -> str:
    return html.escape(text, quote=True)
