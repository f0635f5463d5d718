"""What the Generate tab's events do. Where one fails, it says why in one sentence, in the visitor's language."""

from __future__ import annotations

import base64
import html
import time
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import urlencode

import gradio as gr
from loguru import logger

from logo_gan.logo.finish import Finished
from logo_gan.logo.typefaces import DEFAULT_FONT, MAX_NAME
from logo_gan.model.address import prompts
from logo_gan.web import fields, files, i18n, links, provenance
from logo_gan.web.common import checked_seed, guarded, parsed, said, saved, tidied, warn
from logo_gan.web.editor import editor
from logo_gan.web.examples import EXAMPLES, SEED
from logo_gan.web.session import (
    PROPOSALS,
    Past,
    Session,
    invention_of,
    mixture,
    naming,
    seed_of,
    sheet_around,
)
from logo_gan.web.warmup import ModelUnavailableError, WarmUp

SHOWN = 512  # pixels: the sheet's pictures, twice as wide as the widest window shows them
KEPT = 2 * MAX_NAME  # characters of what is written: what is longer is refused anyway
SMALL = 160  # pixels: what the history shows
HIDDEN = "hidden-part"  # by its class: what comes for an invisible column while the browser puts it up would be lost


class Events:
    """The events, for all visitors; each gets its visitor's own Session."""

    def __init__(self, model: WarmUp):
        self.model = model
        self.welcome: dict[tuple[str, str], list] = {}  # model and language → logos of the empty page with their files

    # Gradio has one space of names for events and endpoints: with "on_" before it, no event takes an endpoint's.

    def on_draw(
        self, session: Session, edited, prompt: str, seed: str, invention: float, font: str, layout: str,
        name: str, slogan: str, trade: str, request: gr.Request,
    ):  # fmt: skip
        session.keep(edited)
        written, before, first = (name, slogan, trade), session.given, session.chosen is None

        def draw(gan):
            number, whole = checked_seed(seed), tidied(fields.asked(gan, prompt, written, before))
            return gan.generate(whole, PROPOSALS, number, invention=invention / 100), 0, number

        updates = self._sheet(session, draw, request)
        # What a prompt names stands in the fields, until the visitor writes something else. Otherwise they are left
        # alone: something may have been written in them while the logos were drawn.
        session.given = given = fields.given(self.model.model(), prompt or "")
        filled = [
            given[kind] if given[kind] != before.get(kind, "") and (value or "") in ("", before.get(kind, "")) else None
            for kind, value in zip(fields.KINDS, written, strict=True)
        ]
        if given["too_long"]:
            warn(given["too_long"], request)
        if filled[0] is not None:
            session.name = filled[0]
            layout = "alone" if not filled[0] else "beside" if layout == "alone" else gr.skip()
        elif (name or "").strip() and layout == "alone" and first:
            session.name, layout = name[:KEPT], "beside"
        else:
            layout = gr.skip()
        # A typeface that goes with the style, until the visitor chooses another.
        font = given["font"] if font == before.get("font", DEFAULT_FONT) != given["font"] else gr.skip()
        return *updates, font, layout, *(gr.skip() if value is None else value for value in filled)

    def on_first_draw(self, session: Session, *settings):
        """Draw, unless something has been drawn."""
        return self.on_draw(session, *settings) if session.chosen is None else gr.skip()

    def on_more(self, session: Session, edited, request: gr.Request):
        session.keep(edited)
        of = _chosen(session, request).address
        return self._sheet(session, lambda gan: (gan.more_like(of), 0, seed_of(of)), request)

    def on_mix(self, session: Session, edited, request: gr.Request):
        session.keep(edited)
        second = _chosen(session, request).address
        first = session.first.address if session.first else second
        return self._sheet(session, lambda gan: (mixture(gan, first, second), 1, None), request)

    def on_history(self, session: Session, edited, event: gr.SelectData, request: gr.Request):
        """Back to a logo of the history, among those that it appeared with."""
        session.keep(edited)
        past = _at(session.history, event, request)
        updates = self._sheet(session, lambda gan: (*sheet_around(gan, past.address), seed_of(past.address)), request)
        links.warn_of_model(past.model, session.model, request)
        box, own = self._fields(session, prompts(past.address)[0])
        unnamed = (own.get("brand", ""), DEFAULT_FONT, "alone", own["slogan"])
        name, font, layout, slogan = session.names.get(naming(session.logo.address), unnamed)
        session.name = name
        return *updates, invention_of(past.address), box, font, layout, name, slogan, own["trade"]

    def on_choose(self, session: Session, edited, event: gr.SelectData, request: gr.Request):
        session.keep(edited)
        session.chosen = session.sheet.index(_at(session.sheet, event, request))
        seed = seed_of(session.logo.address)
        return session, "" if seed is None else str(seed), gr.update(interactive=seed is not None)

    def on_first(self, session: Session, request: gr.Request):
        session.first = _past(_chosen(session, request), session.model)
        return session, *self._mixing(session, request)

    def on_name(
        self, session: Session, edited, ground: str, layout: str, name: str, font: str, slogan: str, request: gr.Request
    ):
        """A name that is written is set, too: beside the mark, unless it stands below."""
        name = name or ""
        if session.logo is None or name == session.name:
            session.name = name[:KEPT]
            return session, gr.skip(), gr.skip()
        session.keep(edited)
        session.name, layout = name[:KEPT], "beside" if name.strip() and layout == "alone" else layout
        return session, self._edited(session, (ground, layout, name, font, slogan), request), layout

    def on_setting(
        self, session: Session, edited, ground: str, layout: str, name: str, font: str, slogan: str, request: gr.Request
    ):
        """Font, layout, ground or slogan have been changed."""
        if session.logo is None:
            return session, gr.skip()
        session.keep(edited)
        return session, self._edited(session, (ground, layout, name, font, slogan), request)

    def on_sheet(
        self, session: Session, edited, ground: str, layout: str, name: str, font: str, slogan: str, request: gr.Request
    ):
        """Updates of `shown`: the chosen logo in the editor, the history, what can be mixed."""
        if session.chosen is None:
            return [gr.skip()] * 6
        session.keep(edited)
        past = [(files.write(past.png, "small.png"), past.caption) for past in session.history]
        return (
            gr.update(elem_classes=[]),
            self._edited(session, (ground, layout, name, font, slogan), request),
            gr.update(elem_classes=[] if past else [HIDDEN]),
            gr.Gallery(past, selected_index=None),
            *self._mixing(session, request),
        )

    def on_language_of_sheet(self, session: Session, request: gr.Request):
        """The pictures' captions in the language that the visitor has changed to."""
        if not session.sheet:
            return gr.skip()
        return self._gallery(session, map(_picture, session.sheet), request)

    def _edited(self, session: Session, settings: Sequence[str | None], request: gr.Request) -> dict:
        """The chosen logo for the editor."""
        say = i18n.speaker(request)
        ground, layout, name, font, slogan = settings
        written = (name or "")[:KEPT], (slogan or "")[:KEPT]
        session.names[naming(session.logo.address)] = (written[0], font, layout, written[1])
        # Without the slogan where that cannot be set, or else without the name, and with the reason.
        for finish in ((ground, layout, name or "", font, slogan or ""), (ground, layout, name or "", font), ()):
            try:
                return editor(session.finished(*finish), say, session.model)
            except ValueError as error:
                warn(str(error), request)
        raise AssertionError("A logo without a name can be shown.")

    @staticmethod
    def _mixing(session: Session, request: gr.Request):
        """Updates of the button that mixes, and of what is said below it."""
        say, first = i18n.speaker(request), session.first
        if first is None:
            told, picture, two = say("generate.pair_none"), "", False
        else:
            two = first.address != session.logo.address
            told = say("generate.pair" if two else "generate.pair_same", first=first.caption)
            data = base64.b64encode(first.png).decode()
            picture = f'<img src="data:image/png;base64,{data}" alt="">'
        return gr.update(interactive=two), f"<div class='pair'>{picture}<p>{html.escape(told)}</p></div>"

    def saver(self, ending: str):
        def save(
            session: Session,
            edited,
            ground: str,
            layout: str,
            name: str,
            font: str,
            slogan: str,
            size: int,
            request: gr.Request,
        ):
            session.keep(edited)
            _chosen(session, request)
            return guarded(
                lambda: saved(session.finished(ground, layout, name or "", font, slogan or ""), ending, size), request
            )

        return save

    @staticmethod
    def on_link(link: str, copied: str, request: gr.Request):
        say = i18n.speaker(request)
        if copied:
            gr.Info(say("generate.link_copied"))
        else:  # it stays, for it has to be copied by hand
            gr.Info(say("generate.link_is", link=html.escape(link)), duration=None)

    @staticmethod
    def on_language(request: gr.Request):
        return gr.Dataset(samples=[[example] for example in EXAMPLES[i18n.language_of(request)]])

    def on_open(self, session: Session, request: gr.Request):
        """What the page's address asks for; otherwise a logo for each of the first examples."""
        query, untouched = dict(request.query_params), [gr.skip()] * 8
        if session.sheet:  # who is quick, or has a slow line, has drawn something before the browser sends this event
            return gr.skip()  # all of it
        try:
            gan = self.model.model()
        except ModelUnavailableError:  # the notice above the tabs says why
            return session, [], "", gr.skip(), *untouched
        if "prompt" not in query and "mix" not in query:
            return *self._welcome(session, gan, request), *untouched
        fresh = "mix" not in query and "seed" not in query  # ?prompt=cat alone is a request, too
        if fresh:
            query["seed"] = str(checked_seed(None))
        text = str(request.query_params) if "mix" in query else urlencode(query)
        try:
            address = guarded(lambda: parsed(text), request)
            updates = self._sheet(session, lambda gan: (*sheet_around(gan, address), seed_of(address)), request)
        except gr.Error as error:
            gr.Warning(error.message)
            return *self._welcome(session, gan, request), gr.skip(), query.get("prompt", gr.skip()), *untouched[2:]
        links.warn_of_model(query.get("model") or session.model, session.model, request)
        links.keep_colours(query, session, request)
        box, own = self._fields(session, prompts(address)[0])
        if fresh:  # as if it had been written and drawn here
            brand = own.get("brand") or session.given["brand"]
            query = {"name": brand, "layout": "beside" if brand else "alone", "font": session.given["font"], **query}
        session.name = query.get("name", own.get("brand", ""))
        return (
            *updates,
            invention_of(address),
            box,
            links.choice(query, "font"),
            links.choice(query, "layout"),
            session.name,
            query.get("slogan", own["slogan"]),
            own["trade"],
            links.choice(query, "ground"),
        )

    def _fields(self, session: Session, prompt: str) -> tuple[str, dict[str, str]]:
        """The prompt's field for a logo's prompt, and what those of slogan and trade hold; the name, if it was written.

        A brand in the prompt's own words stands in the field only where it is set with the logo.
        """
        box, own = fields.split(prompt)
        session.given = given = fields.given(self.model.model(), box)
        return box, {"slogan": given["slogan"], "trade": given["trade"], **own}

    def _welcome(self, session: Session, gan, request: gr.Request):
        """One logo for each of the first examples, so that a visitor sees at once what comes of a prompt."""
        language = i18n.language_of(request)
        shown = self.welcome.get((gan.fingerprint, language))
        if shown is None:  # the same for everyone, so drawn once
            logos = [gan.generate(example, 1, SEED)[0] for example in EXAMPLES[language][:PROPOSALS]]
            shown = [(logo, files.encoded(logo.image(SHOWN))) for logo in logos]
            self.welcome[gan.fingerprint, language] = shown
        session.show([logo for logo, _ in shown], None, None, gan.fingerprint)
        paths = [files.write(content, "example.png") for _, content in shown]
        return session, self._gallery(session, paths, request), "", gr.skip()

    def _sheet(self, session: Session, draw: Callable, request: gr.Request):
        """Updates of `sheet` from what `draw` makes of the model: logos, index of the chosen one, seed."""
        begin = time.perf_counter()
        gan = guarded(self.model.model, request)  # one for all of it: another may take its place meanwhile
        logos, chosen, seed = guarded(lambda: draw(gan), request)
        # Never the prompt: it is the visitor's own.
        logger.info("Drew {} logos in {:.0f} ms.", len(logos), 1000 * (time.perf_counter() - begin))
        session.show(logos, chosen, seed, gan.fingerprint)
        session.remember([_past(logo, session.model) for logo in logos])
        gallery = self._gallery(session, map(_picture, session.sheet), request)
        return session, gallery, "" if seed is None else str(seed), gr.update(interactive=seed is not None)

    @staticmethod
    def _gallery(session: Session, paths: Iterable[str], request: gr.Request) -> gr.Gallery:
        """The sheet: its pictures with captions, which are the alternative texts, too."""
        say = i18n.speaker(request)
        captions = [
            say("generate.example", caption=logo.caption, source=provenance.short(logo, say))
            if session.chosen is None
            else said(logo, say)
            for logo in session.sheet
        ]
        return gr.Gallery([*zip(paths, captions, strict=True)], selected_index=session.chosen)


def _chosen(session: Session, request: gr.Request):
    """The logo in the editor; gr.Error where it is forgotten: after a restart, or with more visitors than are kept."""
    if session.logo is None:
        raise gr.Error(i18n.say(i18n.language_of(request), "error.no_logo"), print_exception=False)
    return session.logo


def _at(shown: list, event: gr.SelectData, request: gr.Request):
    """What was pressed of what is shown; gr.Error where there is no such."""
    if not isinstance(event.index, int) or not 0 <= event.index < len(shown):
        raise gr.Error(i18n.say(i18n.language_of(request), "error.no_logo"), print_exception=False)
    return shown[event.index]


def _picture(logo) -> str:
    return files.png(logo.image(SHOWN), f"{Finished(logo).filename()}.png")


def _past(logo, model: str) -> Past:
    seed = seed_of(logo.address)
    caption = logo.caption if seed is None else f"{seed} · {logo.caption}"
    return Past(logo.address, model, files.encoded(logo.image(SMALL)), caption)
