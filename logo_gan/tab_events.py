"""What the Generate tab's events do. Where one fails, it says why in one sentence, in the visitor's language."""

from __future__ import annotations

import base64
import html
import time
from collections.abc import Callable, Iterable
from urllib.parse import urlencode

import gradio as gr
from loguru import logger

from logo_gan import served, texts
from logo_gan.address import parse, prompts
from logo_gan.design import GROUNDS, LAYOUTS, Design
from logo_gan.editor import editor
from logo_gan.prompt import tidy
from logo_gan.tab_common import checked_seed, guarded, said, saved, warn
from logo_gan.typefaces import DEFAULT_FONT, FONTS, MAX_NAME
from logo_gan.visit import PROPOSALS, Past, Visit, mixture, seed_of, sheet_around
from logo_gan.warmup import ModelUnavailableError, WarmUp

SHOWN = 512  # pixels: the sheet's pictures, twice as wide as the widest window shows them
KEPT = 2 * MAX_NAME  # characters of what is written: what is longer is refused anyway
SMALL = 160  # pixels: what the history shows
HIDDEN = "hidden-part"  # by its class: what comes for an invisible column while the browser puts it up would be lost
EXAMPLES = {
    "en": (
        "orange rocket in a navy circle",
        "a white owl on a green hexagon",
        "blue fish logo",
        "letter K, teal, rounded square",
        "logo for Aurora, coffee shop, warm brown",
        "purple abstract waves",
    ),
    "ru": (
        "оранжевая ракета в тёмно-синем круге",
        "белая сова на зелёном шестиугольнике",
        "синяя рыба",
        "рыжий кот на синем щите",
        "логотип для «Авроры», кофейня, коричневый",
        "фиолетовые волны",
    ),
}
EXAMPLE_SEED = 1  # of the logos on the empty page


class Events:
    """The events, for all visitors; each gets its visitor's own Visit."""

    def __init__(self, model: WarmUp):
        self.model = model
        self.welcome: dict[tuple[str, str], list] = {}  # model and language → logos of the empty page with their files

    # Gradio has one space of names for events and endpoints: with "on_" before it, no event takes an endpoint's.

    def on_draw(self, visit: Visit, edited, prompt: str, seed: str, name: str, layout: str, request: gr.Request):
        visit.keep(edited)

        def draw(gan):
            number = checked_seed(seed)
            return gan.generate(prompt or "", PROPOSALS, number), 0, number

        updates = self._sheet(visit, draw, request)
        brand = self.model.model().encoder.reading(visit.logo.caption).brand or ""
        brand = brand if len(brand) <= MAX_NAME else ""
        # A brand in a prompt is set with its logos, until the visitor writes another name. Otherwise the field is left
        # alone: something may have been written in it while the logos were drawn.
        if brand == visit.given or not (brand or visit.name == visit.given):
            return *updates, gr.skip(), gr.skip()
        visit.given = visit.name = brand
        return *updates, brand, "alone" if not brand else "beside" if layout == "alone" else gr.skip()

    def on_more(self, visit: Visit, edited, request: gr.Request):
        visit.keep(edited)
        of = _chosen(visit, request).address
        return self._sheet(visit, lambda gan: (gan.more_like(of), 0, seed_of(of)), request)

    def on_mix(self, visit: Visit, edited, request: gr.Request):
        visit.keep(edited)
        second = _chosen(visit, request).address
        first = visit.first.address if visit.first else second
        return self._sheet(visit, lambda gan: (mixture(gan, first, second), 1, None), request)

    def on_history(self, visit: Visit, edited, event: gr.SelectData, request: gr.Request):
        """Back to a logo of the history, among those that it appeared with."""
        visit.keep(edited)
        past = _at(visit.history, event, request)
        updates = self._sheet(visit, lambda gan: (*sheet_around(gan, past.address), seed_of(past.address)), request)
        self._warn_of_model(past.model, visit.model, request)
        naming = visit.names.get(visit.logo.caption, ("", DEFAULT_FONT, "alone"))
        visit.name = naming[0]
        return *updates, prompts(past.address)[0], *naming

    def on_choose(self, visit: Visit, edited, event: gr.SelectData, request: gr.Request):
        visit.keep(edited)
        visit.chosen = visit.sheet.index(_at(visit.sheet, event, request))
        seed = seed_of(visit.logo.address)
        return visit, "" if seed is None else str(seed), gr.update(interactive=seed is not None)

    def on_first(self, visit: Visit, request: gr.Request):
        visit.first = _past(_chosen(visit, request), visit.model)
        return visit, *self._mixing(visit, request)

    def on_name(self, visit: Visit, edited, name: str, font: str, layout: str, ground: str, request: gr.Request):
        """A name that is written is set, too: beside the mark, unless it stands below."""
        name = name or ""
        if visit.logo is None or name == visit.name:
            visit.name = name[:KEPT]
            return visit, gr.skip(), gr.skip()
        visit.keep(edited)
        visit.name, layout = name[:KEPT], "beside" if name.strip() and layout == "alone" else layout
        return visit, self._edited(visit, name, font, layout, ground, request), layout

    def on_setting(self, visit: Visit, edited, name: str, font: str, layout: str, ground: str, request: gr.Request):
        """Font, layout or ground have been changed."""
        if visit.logo is None:
            return visit, gr.skip()
        visit.keep(edited)
        return visit, self._edited(visit, name, font, layout, ground, request)

    def on_sheet(self, visit: Visit, edited, name: str, font: str, layout: str, ground: str, request: gr.Request):
        """Updates of `shown`: the chosen logo in the editor, the history, what can be mixed."""
        if visit.chosen is None:
            return [gr.skip()] * 6
        visit.keep(edited)
        past = [(served.write(past.png, "small.png"), past.caption) for past in visit.history]
        return (
            gr.update(elem_classes=[]),
            self._edited(visit, name, font, layout, ground, request),
            gr.update(elem_classes=[] if past else [HIDDEN]),
            gr.Gallery(past, selected_index=None),
            *self._mixing(visit, request),
        )

    def on_language_of_sheet(self, visit: Visit, request: gr.Request):
        """The pictures' captions in the language that the visitor has changed to."""
        if not visit.sheet:
            return gr.skip()
        return gr.Gallery(self._captioned(visit, map(_picture, visit.sheet), request), selected_index=visit.chosen)

    def _edited(self, visit: Visit, name: str, font: str, layout: str, ground: str, request: gr.Request) -> dict:
        """The chosen logo for the editor; without its name where that cannot be set, and with the reason."""
        say = texts.speaker(request)
        visit.names[visit.logo.caption] = ((name or "")[:KEPT], font, layout)
        try:
            return editor(visit.design(ground, layout, name, font), say, visit.model)
        except ValueError as error:
            warn(str(error), request)
            return editor(visit.design(), say, visit.model)

    @staticmethod
    def _mixing(visit: Visit, request: gr.Request):
        """Updates of the button that mixes, and of what is said below it."""
        say, first = texts.speaker(request), visit.first
        if first is None:
            told, picture, two = say("generate.pair_none"), "", False
        else:
            two = first.address != visit.logo.address
            told = say("generate.pair" if two else "generate.pair_same", first=first.caption)
            data = base64.b64encode(first.png).decode()
            picture = f'<img src="data:image/png;base64,{data}" alt="">'
        return gr.update(interactive=two), f"<div class='pair'>{picture}<p>{html.escape(told)}</p></div>"

    def saver(self, ending: str):
        def save(visit: Visit, edited, name: str, font: str, layout: str, ground: str, size: int, request: gr.Request):
            visit.keep(edited)
            _chosen(visit, request)
            return guarded(lambda: saved(visit.design(ground, layout, name, font), ending, size), request)

        return save

    @staticmethod
    def on_link(link: str, copied: str, request: gr.Request):
        say = texts.speaker(request)
        if copied:
            gr.Info(say("generate.link_copied"))
        else:  # it stays, for it has to be copied by hand
            gr.Info(say("generate.link_is", link=html.escape(link)), duration=None)

    def on_words(self, prompt: str, request: gr.Request) -> str:
        """What the words say to the model, below the prompt; nothing where the prompt cannot be read."""
        try:
            reading = self.model.model().encoder.reading(tidy(prompt or ""))
        except (ValueError, ModelUnavailableError):
            return ""
        say = texts.speaker(request)
        known = [word if word == read else f"{word} → {read}" for word, read in reading.drawn_from]
        parts = []
        for key, words in (("drawn_from", known), ("not_understood", reading.not_understood)):
            if words:
                words = ", ".join(f"<b>{html.escape(word)}</b>" for word in words)
                parts.append(f"<span class='{key}'>{html.escape(say(f'generate.{key}'))} {words}</span>")
        return f"<p role='status'>{' '.join(parts)}</p>" if parts else ""

    @staticmethod
    def on_language(request: gr.Request):
        return gr.Dataset(samples=[[example] for example in EXAMPLES[texts.language_of(request)]])

    def on_open(self, visit: Visit, request: gr.Request):
        """What the page's address asks for; otherwise a logo for each of the first examples."""
        query, untouched = dict(request.query_params), [gr.skip()] * 5
        if visit.sheet:  # who is quick, or has a slow line, has drawn something before the browser sends this event
            return gr.skip()  # all of it
        try:
            gan = self.model.model()
        except ModelUnavailableError:  # the notice above the tabs says why
            return visit, [], "", gr.skip(), *untouched
        if "prompt" not in query and "mix" not in query:
            return *self._welcome(visit, gan, request), *untouched
        if "mix" not in query and "seed" not in query:  # ?prompt=cat alone is a request, too
            query["seed"] = str(checked_seed(None))
        text = str(request.query_params) if "mix" in query else urlencode(query)
        try:
            address = guarded(lambda: parse(text), request)
            updates = self._sheet(visit, lambda gan: (*sheet_around(gan, address), seed_of(address)), request)
        except gr.Error as error:
            gr.Warning(error.message)
            return *self._welcome(visit, gan, request), query.get("prompt", gr.skip()), *untouched[1:]
        self._warn_of_model(query.get("model") or visit.model, visit.model, request)
        visit.keep(_colours_of(query, visit, request))
        chosen = {field: query.get(field, "") for field in ("name", "font", "layout", "ground")}
        visit.name = chosen["name"]
        return (
            *updates,
            prompts(address)[0],
            chosen["name"],
            chosen["font"] if chosen["font"] in FONTS else DEFAULT_FONT,
            chosen["layout"] if chosen["layout"] in LAYOUTS else "alone",
            chosen["ground"] if chosen["ground"] in GROUNDS else "drawn",
        )

    @staticmethod
    def _warn_of_model(wanted: str, model: str, request: gr.Request) -> None:
        if wanted != model:
            say = texts.speaker(request)
            gr.Warning(html.escape(say("generate.other_model", wanted=wanted[:80], model=model)), duration=None)

    def _welcome(self, visit: Visit, gan, request: gr.Request):
        """One logo for each of the first examples, so that a visitor sees at once what comes of a prompt."""
        language = texts.language_of(request)
        shown = self.welcome.get((gan.fingerprint, language))
        if shown is None:  # the same for everyone, so drawn once
            logos = [gan.generate(example, 1, EXAMPLE_SEED)[0] for example in EXAMPLES[language][:PROPOSALS]]
            shown = [(logo, served.encoded(logo.image(SHOWN))) for logo in logos]
            self.welcome[gan.fingerprint, language] = shown
        visit.show([logo for logo, _ in shown], None, None, gan.fingerprint)
        paths = [served.write(content, "example.png") for _, content in shown]
        return visit, gr.Gallery(self._captioned(visit, paths, request), selected_index=None), "", gr.skip()

    def _sheet(self, visit: Visit, draw: Callable, request: gr.Request):
        """Updates of `sheet` from what `draw` makes of the model: logos, index of the chosen one, seed."""
        begin = time.perf_counter()
        gan = guarded(self.model.model, request)  # one for all of it: another may take its place meanwhile
        logos, chosen, seed = guarded(lambda: draw(gan), request)
        # Never the prompt: it is the visitor's own.
        logger.info("Drew {} logos in {:.0f} ms.", len(logos), 1000 * (time.perf_counter() - begin))
        visit.show(logos, chosen, seed, gan.fingerprint)
        visit.remember([_past(logo, visit.model) for logo in logos])
        gallery = gr.Gallery(self._captioned(visit, map(_picture, visit.sheet), request), selected_index=visit.chosen)
        return visit, gallery, "" if seed is None else str(seed), gr.update(interactive=seed is not None)

    @staticmethod
    def _captioned(visit: Visit, paths: Iterable[str], request: gr.Request) -> list[tuple[str, str]]:
        """The sheet for the gallery: its pictures with captions, which are the alternative texts, too."""
        say = texts.speaker(request)
        if visit.chosen is None:
            captions = [say("generate.example", caption=logo.caption) for logo in visit.sheet]
        else:
            captions = [said(logo.address, logo.caption, say) for logo in visit.sheet]
        return [*zip(paths, captions, strict=True)]


def _colours_of(query: dict, visit: Visit, request: gr.Request) -> dict:
    """The colours in a page's address, as the editor would send them."""
    colours = [f"#{each}" for each in query.get("colours", "").split("-") if each]
    try:
        colours = visit.logo.recolored(colours).palette if colours else visit.logo.palette
    except ValueError as error:
        warn(str(error), request)
        colours = visit.logo.palette
    return {"address": str(visit.logo.address), "colours": colours, "name_colour": f"#{query.get('name_colour', '')}"}


def _chosen(visit: Visit, request: gr.Request):
    """The logo in the editor; gr.Error where it is forgotten: after a restart, or with more visitors than are kept."""
    if visit.logo is None:
        raise gr.Error(texts.say(texts.language_of(request), "error.no_logo"), print_exception=False)
    return visit.logo


def _at(shown: list, event: gr.SelectData, request: gr.Request):
    """What was pressed of what is shown; gr.Error where there is no such."""
    if not isinstance(event.index, int) or not 0 <= event.index < len(shown):
        raise gr.Error(texts.say(texts.language_of(request), "error.no_logo"), print_exception=False)
    return shown[event.index]


def _picture(logo) -> str:
    return served.png(logo.image(SHOWN), f"{Design(logo).filename()}.png")


def _past(logo, model: str) -> Past:
    seed = seed_of(logo.address)
    caption = logo.caption if seed is None else f"{seed} · {logo.caption}"
    return Past(logo.address, model, served.encoded(logo.image(SMALL)), caption)
