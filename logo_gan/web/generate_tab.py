"""The Generate tab: prompts in, four logos out; one of them varied, mixed, recoloured, named and saved."""

from __future__ import annotations

import gradio as gr
from gradio.i18n import I18nData

from logo_gan.logo.finish import GROUNDS, LAYOUTS, SIZES
from logo_gan.logo.typefaces import DEFAULT_FONT, FONTS
from logo_gan.model.address import INVENTION
from logo_gan.web.brief_events import BriefEvents
from logo_gan.web.common import PAGE_JS, QUIET, TORCH
from logo_gan.web.examples import EXAMPLES
from logo_gan.web.generate_events import HIDDEN, Events
from logo_gan.web.session import Session
from logo_gan.web.warmup import WarmUp

_PLAIN = gr.InputHTMLAttributes(autocomplete="off", spellcheck=False, enterkeyhint="go")


class GenerateTab:
    """The tab's parts and what connects them."""

    def __init__(self, demo: gr.Blocks, model: WarmUp, language: gr.HTML):
        self.events, self.brief_events = Events(model), BriefEvents(model)
        self.session = gr.State(Session())
        with gr.Column(elem_id="studio"):
            with gr.Column(elem_id="brief"):
                with gr.Row(elem_id="names"):
                    self.name = _line("name", "generate.name", "generate.name_hint", html_attributes=_PLAIN)
                    self.slogan = _line("slogan", "generate.slogan", "generate.slogan_hint", html_attributes=_PLAIN)
                    self.trade = _line("trade", "generate.trade", "generate.trade_hint", html_attributes=_PLAIN)
                # It grows with what is written, and keeps the lines of a list that is pasted.
                self.prompt = _line("prompt", "generate.prompt", "generate.placeholder", max_lines=5, autofocus=True)
                self.go = gr.Button(I18nData("generate.go"), variant="primary", elem_id="go")
                self.reading = gr.HTML(
                    None,
                    html_template="${value || ''}",
                    apply_default_css=False,
                    head=f"<script>{PAGE_JS}</script>",
                    js_on_load="logoGAN.brief(element, watch, trigger)",
                    elem_id="reading",
                )
                with gr.Row(elem_id="dial"):
                    gr.HTML(f"<span aria-hidden='true'>{I18nData('generate.familiar')}</span>")
                    self.invention = gr.Slider(
                        0, 100, INVENTION, step=1, label=I18nData("generate.invention"), buttons=[], elem_id="invention"
                    )
                    gr.HTML(f"<span aria-hidden='true'>{I18nData('generate.inventive')}</span>")
                self.examples = gr.Dataset(
                    components=[self.prompt],
                    samples=[[example] for example in EXAMPLES["en"]],
                    label=I18nData("generate.examples"),
                    elem_id="examples",
                )
            self.gallery = _gallery("logos", "generate.logos")
        with (
            gr.Column(elem_id="finish", elem_classes=HIDDEN) as self.finish,
            gr.Accordion(I18nData("generate.this_logo")),
            gr.Row(elem_id="workbench"),
        ):
            self.editor = gr.HTML(
                None,
                html_template="${value ? value.html : ''}",
                apply_default_css=False,
                head=f"<script>{PAGE_JS}</script>",
                js_on_load="logoGAN.editor(element, props, watch, trigger)",
                elem_id="editor",
            )
            with gr.Column(elem_id="tools", min_width=260):
                self._tools()
        with (
            gr.Column(elem_id="past", elem_classes=HIDDEN) as self.past,
            gr.Accordion(I18nData("generate.history")),
        ):
            self.history = _gallery("history", "generate.history")
        with gr.Column(elem_id="seeds"):
            # Not gr.Number, which shows and sends 0 when it is empty.
            self.seed = _line("seed", "generate.seed", "generate.random", html_attributes=_PLAIN, min_width=120)
            self.used = _line("used", "generate.used", "generate.none_yet", interactive=False, min_width=120)
            self.keep = gr.Button(I18nData("generate.keep"), size="md", interactive=False, elem_id="keep")
        self._connect(demo, language)

    def _tools(self) -> None:
        with gr.Column(elem_classes="tool"):
            self.layout = gr.Radio(
                [(I18nData(f"layout.{each}"), each) for each in LAYOUTS],
                value="alone",
                label=I18nData("generate.layout"),
                elem_id="layout",
            )
            self.font = gr.Dropdown(
                [(face.title, key) for key, face in FONTS.items()],
                value=DEFAULT_FONT,
                label=I18nData("generate.font"),
                filterable=False,
                elem_id="font",
            )
        with gr.Column(elem_classes="tool"):
            self.ground = gr.Radio(
                [(I18nData(f"ground.{each}"), each) for each in GROUNDS],
                value="drawn",
                label=I18nData("generate.ground"),
                elem_id="ground",
            )
            self.size = gr.Radio(
                [(f"{size} px", size) for size in SIZES],
                value=1024,
                label=I18nData("generate.size"),
                elem_id="size",
            )
            with gr.Row(elem_classes="buttons"):
                self.png = gr.Button(
                    I18nData("generate.png"), variant="primary", size="sm", min_width=80, elem_id="png"
                )
                self.svg = gr.Button(I18nData("generate.svg"), size="sm", min_width=80, elem_id="svg")
                self.pdf = gr.Button(I18nData("generate.pdf"), size="sm", min_width=80, elem_id="pdf")
                self.kit = gr.Button(I18nData("generate.kit"), size="sm", min_width=80, elem_id="kit")
                self.link = gr.Button(I18nData("generate.link"), size="sm", min_width=80, elem_id="link")
        with gr.Column(elem_classes="tool"):
            gr.HTML(f"<p class='label'>{I18nData('generate.explore')}</p>")
            with gr.Row(elem_classes="buttons"):
                self.more = gr.Button(I18nData("generate.more"), size="sm", min_width=120, elem_id="more")
                self.first = gr.Button(I18nData("generate.first"), size="sm", min_width=120, elem_id="first")
                self.mix = gr.Button(
                    I18nData("generate.mix"), size="sm", min_width=120, interactive=False, elem_id="mix"
                )
            self.pair = gr.HTML(elem_id="pair")
        self.file = gr.File(visible=False)
        self.link_text = [gr.Textbox(visible=False), gr.Textbox(visible=False)]  # the link, whether it was copied

    def _connect(self, demo: gr.Blocks, language: gr.HTML) -> None:
        asked_for, names = [self.invention, self.prompt], [self.name, self.slogan, self.trade]
        edited = [self.session, self.editor]
        settings = [*edited, self.ground, self.layout, self.name, self.font, self.slogan]
        sheet = [self.session, self.gallery, self.used, self.keep]
        shown = [self.finish, self.editor, self.past, self.history, self.mix, self.pair]
        drawing = {"show_progress": "minimal", "show_progress_on": self.gallery, "api_visibility": "private", **TORCH}
        quiet = {**QUIET, **TORCH}

        def then_show(event) -> None:
            """Editor and history follow the sheet, which the visitor waits for."""
            event.success(None, js="() => logoGAN.drawn()", api_visibility="private")
            event.success(self.events.on_sheet, settings, shown, **quiet)

        asked = [self.go.click, self.seed.submit, self.prompt.submit, self.trade.submit]
        last = {"trigger_mode": "always_last"}  # what was asked for meanwhile is not lost

        def brief(seed: gr.Textbox) -> list:
            return [self.session, self.editor, self.prompt, seed, self.invention, self.font, self.layout, *names]

        drawn = [*sheet, self.font, self.layout, *names]
        then_show(gr.on(asked, self.events.on_draw, brief(self.seed), drawn, **drawing, **last))
        named = [self.name.submit, self.slogan.submit]  # what is set with a logo that is there already
        then_show(gr.on(named, self.events.on_first_draw, brief(self.seed), drawn, **drawing, **last))
        # What a visitor corrects is drawn at once, by the seed of what is seen: the rest stays as it was.
        corrected = self.reading.select(self.brief_events.on_correct, self.prompt, self.prompt, **QUIET, **last)
        then_show(corrected.success(self.events.on_draw, brief(self.used), drawn, **drawing, **last))
        example = self.examples.click(lambda row: row[0], self.examples, self.prompt, **QUIET)
        example.then(None, js="() => document.querySelector('#go').click()", api_visibility="private")
        self.keep.click(None, self.used, self.seed, js="(used) => used", api_visibility="private")
        # Not `input`, which Gradio sends for keys only, and not for what is pasted.
        words = [self.session, self.prompt, *names]
        written = [each.change for each in (self.prompt, *names)]
        gr.on(written, self.brief_events.on_words, words, self.reading, **quiet, **last)

        # All that was pressed is done in turn: as the last one, Gradio would send the one before, whose turn it was.
        each = {"trigger_mode": "multiple"}
        then_show(
            self.gallery.select(self.events.on_choose, edited, [self.session, self.used, self.keep], **quiet, **each)
        )
        filled = [*sheet, *asked_for, self.font, self.layout, *names]
        then_show(self.history.select(self.events.on_history, edited, filled, **drawing, **each))
        then_show(self.more.click(self.events.on_more, edited, sheet, **drawing))
        then_show(self.mix.click(self.events.on_mix, edited, sheet, **drawing))
        self.first.click(self.events.on_first, self.session, [self.session, self.mix, self.pair], **quiet)

        self.name.change(self.events.on_name, settings, [*edited, self.layout], **quiet, **last)
        changes = [
            *(each.input for each in (self.font, self.layout, self.ground)), self.slogan.change, self.editor.select,
        ]  # fmt: skip
        gr.on(changes, self.events.on_setting, settings, edited, **quiet, **last)
        self.ground.input(None, self.ground, js="(ground) => logoGAN.ground(ground)", api_visibility="private")

        for button, ending in ((self.png, "png"), (self.svg, "svg"), (self.pdf, "pdf"), (self.kit, "zip")):
            wanted = [*settings, self.size]
            done = button.click(self.events.saver(ending), wanted, self.file, **quiet)
            done.success(None, self.file, js="(file) => logoGAN.save(file)", api_visibility="private")
        self.link.click(self.events.on_link, self.link_text, js="async () => await logoGAN.share()", **QUIET)

        gr.on([demo.load, language.select], self.events.on_language, None, self.examples, **QUIET)
        opened = demo.load(self.events.on_open, self.session, [*filled, self.ground], **quiet)
        opened.success(self.events.on_sheet, settings, shown, **quiet)
        # The browser puts labels into the new language; what holds a visitor's words is said anew.
        spoken = language.select(self.brief_events.on_words, words, self.reading, **quiet)
        spoken = spoken.success(self.events.on_language_of_sheet, self.session, self.gallery, **quiet)
        spoken.success(self.events.on_sheet, settings, shown, **quiet)


def _line(elem_id: str, label: str, hint: str, **options) -> gr.Textbox:
    """A field of one line, which Enter sends; label and hint are keys of `texts/`."""
    return gr.Textbox(label=I18nData(label), placeholder=I18nData(hint), elem_id=elem_id, **{"max_lines": 1, **options})


def _gallery(elem_id: str, label: str) -> gr.Gallery:
    return gr.Gallery(
        label=I18nData(label), show_label=False, format="png", columns=6, height="auto", object_fit="contain",
        allow_preview=False, buttons=[], interactive=False, elem_id=elem_id,
    )  # fmt: skip
