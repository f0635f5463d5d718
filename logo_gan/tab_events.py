"""What the Generate tab's events do. Where one fails, it says why in one sentence, in the visitor's language."""

from __future__ import annotations

import base64
import html
import time
from collections.abc import Callable
from pathlib import Path

import gradio as gr
from loguru import logger

from logo_gan import served, texts
from logo_gan.address import parse, prompts
from logo_gan.design import LAYOUTS, Design
from logo_gan.editor import editor
from logo_gan.prompt import tidy
from logo_gan.tab_common import PNG_SIZE, checked_seed, guarded, said, saved
from logo_gan.typefaces import DEFAULT_FONT, FONTS, MAX_NAME
from logo_gan.visit import PROPOSALS, Past, Visit, mixture, seed_of, sheet_around
from logo_gan.warmup import ModelUnavailableError, WarmUp

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

    def draw(self, visit: Visit, edited, prompt: str, seed: str, name: str, layout: str, request: gr.Request):
        visit.keep(edited)

        def draw(gan):
            number = checked_seed(seed)
            return gan.generate(prompt or "", PROPOSALS, number), 0, number

        updates = self._sheet(visit, draw, request)
        brand = self.model.model().encoder.reading(visit.logo.caption).brand or ""
        brand = brand if len(brand) <= MAX_NAME else ""
        # A name that the prompt gives stands in the field, as long as the visitor has written no other.
        if brand != visit.given and name.strip() in ("", visit.given):
            name, layout = brand, "alone" if not brand else "beside" if layout == "alone" else layout
            visit.given = brand
        return *updates, name, layout

    def more(self, visit: Visit, edited, request: gr.Request):
        visit.keep(edited)
        of = _chosen(visit, request).address
        return self._sheet(visit, lambda gan: (gan.more_like(of), 0, seed_of(of)), request)

    def mix(self, visit: Visit, edited, request: gr.Request):
        visit.keep(edited)
        second = _chosen(visit, request).address
        first = visit.first.address if visit.first else second
        return self._sheet(visit, lambda gan: (mixture(gan, first, second), 1, None), request)

    def go_back(self, visit: Visit, edited, event: gr.SelectData, request: gr.Request):
        """Back to a logo of the history, among those that it appeared with."""
        visit.keep(edited)
        address = _at(visit.history, event, request).address
        updates = self._sheet(visit, lambda gan: (*sheet_around(gan, address), seed_of(address)), request)
        return *updates, prompts(address)[0]

    def choose(self, visit: Visit, edited, event: gr.SelectData, request: gr.Request):
        visit.keep(edited)
        visit.chosen = visit.sheet.index(_at(visit.sheet, event, request))
        seed = seed_of(visit.logo.address)
        return visit, "" if seed is None else str(seed), gr.update(interactive=seed is not None)

    def take_first(self, visit: Visit, request: gr.Request):
        visit.first = _past(_chosen(visit, request))
        return visit, *self._mixing(visit, request)

    def rename(self, visit: Visit, edited, name: str, font: str, layout: str, ground: str, request: gr.Request):
        if visit.logo is None:  # the name came before the logo
            return visit, gr.skip()
        visit.keep(edited)
        return visit, self._edited(visit, name, font, layout, ground, request)

    def show(self, visit: Visit, name: str, font: str, layout: str, ground: str, request: gr.Request):
        """Updates of `shown`: the chosen logo in the editor, the history, what can be mixed."""
        if not visit.history and visit.chosen is None:
            return [gr.skip()] * 6
        past = [(past.path, past.caption) for past in visit.history]
        return (
            gr.update(elem_classes=[]),
            self._edited(visit, name, font, layout, ground, request),
            gr.update(elem_classes=[] if past else [HIDDEN]),
            gr.Gallery(past, selected_index=None),
            *self._mixing(visit, request),
        )

    def _edited(self, visit: Visit, name: str, font: str, layout: str, ground: str, request: gr.Request) -> dict:
        """The chosen logo for the editor; without its name where that cannot be set, and with the reason."""
        say, model = texts.speaker(request), visit.model
        colours, name_colour = visit.changed.get(visit.logo.address, ((), None))
        try:
            return editor(Design(visit.logo, colours, ground, layout, name, font, name_colour), say, model)
        except ValueError as error:
            gr.Warning(texts.in_language(str(error), texts.language_of(request)))
            return editor(Design(visit.logo, colours), say, model)

    @staticmethod
    def _mixing(visit: Visit, request: gr.Request):
        """Updates of the button that mixes, and of what is said below it."""
        say, first = texts.speaker(request), visit.first
        if first is None:
            told, picture, two = say("generate.pair_none"), "", False
        else:
            two = first.address != visit.logo.address
            told = say("generate.pair" if two else "generate.pair_same", first=first.caption)
            data = base64.b64encode(Path(first.path).read_bytes()).decode()
            picture = f'<img src="data:image/png;base64,{data}" alt="">'
        return gr.update(interactive=two), f"<div class='pair'>{picture}<p>{html.escape(told)}</p></div>"

    def saver(self, ending: str):
        def save(visit: Visit, edited, name: str, font: str, layout: str, ground: str, size: int, request: gr.Request):
            visit.keep(edited)
            logo = _chosen(visit, request)
            colours, name_colour = visit.changed.get(logo.address, ((), None))
            design = Design(logo, colours, ground, layout, name, font, name_colour)
            return guarded(lambda: saved(design, ending, size), request)

        return save

    @staticmethod
    def linked(link: str, copied: str, request: gr.Request):
        say = texts.speaker(request)
        gr.Info(say("generate.link_copied") if copied else say("generate.link_is", link=html.escape(link)))

    def read(self, prompt: str, request: gr.Request) -> str:
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
    def offer(request: gr.Request):
        return gr.Dataset(samples=[[example] for example in EXAMPLES[texts.language_of(request)]])

    def open(self, request: gr.Request):
        """What the page's address asks for; otherwise a logo for each of the first examples."""
        visit, query, rest = Visit(), dict(request.query_params), [gr.skip()] * 5
        try:
            gan = self.model.model()
        except ModelUnavailableError:  # the notice above the tabs says why
            return visit, [], "", gr.skip(), *rest
        if "prompt" not in query and "mix" not in query:
            return *self._welcome(visit, gan, request), *rest
        say = texts.speaker(request)
        wanted = query.get("model") or gan.fingerprint
        if wanted != gan.fingerprint:
            gr.Warning(say("generate.other_model", wanted=wanted[:80], model=gan.fingerprint), duration=None)
        address = None
        try:
            address = parse(str(request.query_params))
            updates = self._sheet(visit, lambda gan: (*sheet_around(gan, address), seed_of(address)), request)
        except (gr.Error, ValueError) as error:
            gr.Warning(texts.in_language(str(error), texts.language_of(request)))
            return *self._welcome(visit, gan, request), *rest
        try:
            if colours := [f"#{each}" for each in query.get("colours", "").split("-") if each]:
                visit.changed[address] = (tuple(visit.logo.recolored(colours).palette), None)
        except ValueError as error:
            gr.Warning(texts.in_language(str(error), texts.language_of(request)))
        name, font, layout = (query.get(field, "") for field in ("name", "font", "layout"))
        prompt, seed = prompts(address)[0], "" if visit.seed is None else str(visit.seed)
        naming = name, font if font in FONTS else DEFAULT_FONT, layout if layout in LAYOUTS else "alone"
        return *updates, prompt, seed, *naming

    def _welcome(self, visit: Visit, gan, request: gr.Request):
        """One logo for each of the first examples, so that a visitor sees at once what comes of a prompt."""
        say, language = texts.speaker(request), texts.language_of(request)
        shown = self.welcome.get((gan.fingerprint, language))
        if shown is None:  # the same for everyone, so drawn once
            logos = [gan.generate(example, 1, EXAMPLE_SEED)[0] for example in EXAMPLES[language][:PROPOSALS]]
            shown = [(logo, served.encoded(logo.image(PNG_SIZE))) for logo in logos]
            self.welcome[gan.fingerprint, language] = shown
        visit.show([logo for logo, _ in shown], None, None, gan.fingerprint)
        pictures = [
            (served.write(content, f"{Design(logo).filename()}.png"), say("generate.example", caption=logo.caption))
            for logo, content in shown
        ]
        return visit, gr.Gallery(pictures, selected_index=None), "", gr.skip()

    def _sheet(self, visit: Visit, draw: Callable, request: gr.Request):
        """Updates of `sheet` from what `draw` makes of the model: logos, index of the chosen one, seed."""
        begin = time.perf_counter()
        gan = guarded(self.model.model, request)  # one for all of it: another may take its place meanwhile
        logos, chosen, seed = guarded(lambda: draw(gan), request)
        # Never the prompt: it is the visitor's own.
        logger.info("Drew {} logos in {:.0f} ms.", len(logos), 1000 * (time.perf_counter() - begin))
        captions = [said(logo.address, logo.caption, texts.speaker(request)) for logo in logos]
        pictures = [*zip(map(_picture, logos), captions, strict=True)]
        visit.show(logos, chosen, seed, gan.fingerprint)
        visit.remember([_past(logo) for logo in logos])
        gallery = gr.Gallery(pictures, selected_index=visit.chosen)
        return visit, gallery, "" if seed is None else str(seed), gr.update(interactive=seed is not None)


def _chosen(visit: Visit, request: gr.Request):
    """The logo in the editor; gr.Error where there is none, as where a program calls the page's events."""
    if visit.logo is None:
        raise gr.Error(texts.say(texts.language_of(request), "error.no_logo"), print_exception=False)
    return visit.logo


def _at(shown: list, event: gr.SelectData, request: gr.Request):
    """What was pressed of what is shown; gr.Error where there is no such."""
    if not isinstance(event.index, int) or not 0 <= event.index < len(shown):
        raise gr.Error(texts.say(texts.language_of(request), "error.no_logo"), print_exception=False)
    return shown[event.index]


def _picture(logo) -> str:
    return served.png(logo.image(PNG_SIZE), f"{Design(logo).filename()}.png")


def _past(logo) -> Past:
    seed = seed_of(logo.address)
    caption = logo.caption if seed is None else f"{seed} · {logo.caption}"
    return Past(logo.address, served.png(logo.image(SMALL), "small.png"), caption)
