"""The chosen logo, large, with its colours to change: HTML for the browser, where page.js does what needs no server."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import urlencode

from logo_gan.design import WHITE, Design, ready_palettes

Say = Callable[..., str]  # texts.say in a visitor's language


def editor(design: Design, say: Say, model: str) -> dict:
    """What the page's editor takes, `html` and what page.js keeps beside it.

    `colours` and `name_colour` come back with the page's requests as the visitor has changed them, with the `address`
    that they belong to; `query` is that of a link to this logo drawn by `model`, but for the colours.
    """
    logo, named = design.logo, design.locked_up
    colours = list(design.colours or logo.palette)
    # A baseline logo has colours, but no layers whose colours could be changed.
    layers = zip(getattr(logo, "layers", ()), colours, strict=False)
    inputs = [_colour(_named(layer, say), layer, colour) for layer, colour in layers]
    if named:
        beneath = WHITE if design.ground == "transparent" else design.recolored.palette[0]  # paper, most of the time
        inputs.append(_colour(say("layer.name"), "name", named.name_colour(beneath)))
    buttons = [_palette(say(f"palette.{key}"), colours) for key, colours in ready_palettes(logo).items()]
    alt = say("editor.alt", caption=logo.caption) + (f" {say('editor.alt_name', name=named.name)}" if named else "")
    parts = [
        f'<div class="editor" data-ground="{design.ground}">',
        f'<div class="sheet" role="img" aria-label="{_attribute(alt)}" style="background:{colours[0]}">',
        f"{_inline(design.svg())}</div>",
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
        "drawn": logo.palette,
        "name_colour": design.name_colour,
        "address": str(logo.address or ""),
        "query": _query(design, named is not None, model),
    }


def _query(design: Design, named: bool, model: str) -> str:
    naming = {"name": design.name, "font": design.font, "layout": design.layout} if named else {}
    return f"{design.logo.address}&{urlencode({'model': model, **naming})}" if design.logo.address else ""


def _named(layer: str, say: Say) -> str:
    """What a layer is called; those of a generator that is not ours have numbers only."""
    number = layer.removeprefix("layer-")
    return say("layer.other", n=number) if number != layer else say(f"layer.{layer}")


def _colour(label: str, layer: str, colour: str) -> str:
    return (
        f'<label><input type="color" value="{colour}" data-layer="{layer}"><span>{html.escape(label)}</span>'
        f"<code>{colour}</code></label>"
    )


def _palette(label: str, colours: list[str]) -> str:
    bands = "".join(f'<i style="background:{colour}"></i>' for colour in dict.fromkeys(colours))
    title = _attribute(label)
    given = " ".join(colours)
    return f'<button type="button" title="{title}" aria-label="{title}" data-palette="{given}">{bands}</button>'


def _inline(svg: str) -> str:
    """An SVG document as part of the page: its groups are named by an attribute that nothing else on the page has."""
    svg = re.sub(r'<g id="([\w-]+)"', r'<g data-layer="\1"', svg)
    return re.sub(r"<title>.*?</title>", "", svg, count=1, flags=re.DOTALL).replace(
        'role="img"', 'aria-hidden="true"', 1
    )


def _attribute(text: str) -> str:
    return html.escape(text, quote=True)
