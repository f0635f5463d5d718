"""The Generate tab: prompts in, four logos out; one of them varied, mixed, recoloured, named and saved."""

from __future__ import annotations

import base64
import html
import re
import time
from collections.abc import Callable
from pathlib import Path

import gradio as gr
from gradio.i18n import I18nData
from loguru import logger

from logo_gan import served, texts
from logo_gan.address import Address, Mixture, Neighbour, Proposal, parse, prompts
from logo_gan.design import GROUNDS, LAYOUTS, SIZES, Design
from logo_gan.editor import editor
from logo_gan.prompt import tidy
from logo_gan.typefaces import DEFAULT_FONT, FONTS, MAX_NAME
from logo_gan.visit import PROPOSALS, Past, Visit, mixture, seed_of, sheet_around
from logo_gan.warmup import ModelUnavailableError, WarmUp

PNG_SIZE = 1024  # pixels: what the gallery shows
SMALL = 160  # pixels: what the history shows
PAGE_JS = Path(__file__).with_name("page.js").read_text("utf-8")
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
HIDDEN = "hidden-part"  # by its class: what comes for an invisible column while the browser puts it up would be lost

# One queue for everything that runs torch: two generations at once would only share the same cores.
TORCH = {"concurrency_id": "torch", "concurrency_limit": 1}
QUIET = {"show_progress": "hidden", "api_visibility": "private"}
_WHOLE = re.compile(r"[0-9]{1,10}")
_PLAIN = gr.InputHTMLAttributes(autocomplete="off", spellcheck=False, enterkeyhint="go")


class GenerateTab:
    """The tab's parts and what connects them."""

    def __init__(self, demo: gr.Blocks, model: WarmUp, language: gr.HTML):
        self.model = model
        self.visit = gr.State(Visit())
        self.welcome: dict[tuple[str, str], list] = {}  # model and language → logos of the empty page with their files
        with gr.Column(elem_id="studio"):
            with gr.Column(elem_id="brief"):
                self.prompt = gr.Textbox(
                    label=I18nData("generate.prompt"),
                    placeholder=I18nData("generate.placeholder"),
                    max_lines=1,
                    autofocus=True,
                    elem_id="prompt",
                )
                self.go = gr.Button(I18nData("generate.go"), variant="primary", elem_id="go")
                self.reading = gr.HTML(elem_id="reading")
                self.examples = gr.Dataset(
                    components=[self.prompt],
                    samples=[[example] for example in EXAMPLES["en"]],
                    label=I18nData("generate.examples"),
                    elem_id="examples",
                )
            self.gallery = _gallery("logos", "generate.logos")
            with gr.Column(elem_id="seeds"):
                # Not gr.Number, which shows and sends 0 when it is empty.
                self.seed = gr.Textbox(
                    label=I18nData("generate.seed"),
                    placeholder=I18nData("generate.random"),
                    max_lines=1,
                    html_attributes=_PLAIN,
                    elem_id="seed",
                    min_width=120,
                )
                self.used = gr.Textbox(
                    label=I18nData("generate.used"),
                    placeholder=I18nData("generate.none_yet"),
                    max_lines=1,
                    interactive=False,
                    elem_id="used",
                    min_width=120,
                )
                self.keep = gr.Button(I18nData("generate.keep"), size="md", interactive=False, elem_id="keep")
        with gr.Column(elem_id="finish", elem_classes=HIDDEN) as self.finish:
            gr.HTML(f"<h2>{I18nData('generate.this_logo')}</h2>")
            with gr.Row(elem_id="workbench"):
                self.editor = gr.HTML(
                    None,
                    html_template="${value ? value.html : ''}",
                    apply_default_css=False,
                    head=f"<script>{PAGE_JS}</script>",
                    js_on_load="logoGAN.editor(element, props, watch)",
                    elem_id="editor",
                )
                with gr.Column(elem_id="tools", min_width=260):
                    self._tools()
        with gr.Column(elem_id="past", elem_classes=HIDDEN) as self.past:
            gr.HTML(f"<h2>{I18nData('generate.history')}</h2>")
            self.history = _gallery("history", "generate.history")
        self._connect(demo, language)

    def _tools(self) -> None:
        with gr.Column(elem_classes="tool"):
            self.name = gr.Textbox(
                label=I18nData("generate.name"),
                placeholder=I18nData("generate.name_hint"),
                max_lines=1,
                html_attributes=_PLAIN,
                elem_id="name",
            )
            self.layout = gr.Radio(
                [(I18nData(f"layout.{each}"), each) for each in LAYOUTS],
                value="alone",
                label=I18nData("generate.layout"),
                elem_id="layout",
            )
            self.font = gr.Dropdown(
                [(f"{face.title}", key) for key, face in FONTS.items()],
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
        naming = [self.name, self.font, self.layout]
        sheet = [self.visit, self.gallery, self.used, self.keep]
        shown = [self.finish, self.editor, self.past, self.history, self.mix, self.pair]
        drawing = {"show_progress": "minimal", "show_progress_on": self.gallery, "api_visibility": "private", **TORCH}
        quiet = {**QUIET, **TORCH}

        def then_show(event) -> None:
            """Editor and history follow the sheet, which the visitor waits for."""
            event.success(self._show, [self.visit, *naming, self.ground], shown, **quiet)

        asked = [self.go.click, self.prompt.submit, self.seed.submit]
        then_show(gr.on(asked, self._draw, [self.visit, self.editor, self.prompt, self.seed, self.name, self.layout],
                        [*sheet, self.name, self.layout], **drawing))  # fmt: skip
        example = self.examples.click(lambda row: row[0], self.examples, self.prompt, **QUIET)
        example.then(None, js="() => document.querySelector('#go').click()", api_visibility="private")
        self.keep.click(None, self.used, self.seed, js="(used) => used", api_visibility="private")
        # Not `input`, which Gradio sends for keys only, and not for what is pasted.
        self.prompt.change(self._read, self.prompt, self.reading, trigger_mode="always_last", **QUIET)

        edited = [self.visit, self.editor]
        then_show(self.gallery.select(self._choose, edited, [self.visit, self.used, self.keep], **quiet))
        then_show(self.history.select(self._return, edited, [*sheet, self.prompt], **drawing))
        then_show(self.more.click(self._more, edited, sheet, **drawing))
        then_show(self.mix.click(self._mix, edited, sheet, **drawing))
        self.first.click(self._take_first, self.visit, [self.visit, self.mix, self.pair], **quiet)

        changes = [self.name.change, self.font.input, self.layout.input]
        gr.on(changes, self._rename, [*edited, *naming, self.ground], [self.visit, self.editor],
              trigger_mode="always_last", **quiet)  # fmt: skip
        self.ground.input(None, self.ground, js="(ground) => logoGAN.ground(ground)", api_visibility="private")

        for button, ending in ((self.png, "png"), (self.svg, "svg")):
            wanted = [*edited, *naming, self.ground, self.size]
            done = button.click(self._saver(ending), wanted, self.file, **quiet)
            done.success(None, self.file, js="(file) => logoGAN.save(file)", api_visibility="private")
        self.link.click(self._linked, self.link_text, js="async () => await logoGAN.share()", **QUIET)

        gr.on([demo.load, language.select], self._offer, None, self.examples, **QUIET)
        opened = demo.load(self._open, None, [*sheet, self.prompt, self.seed, *naming],
                           **quiet)  # fmt: skip
        opened.success(self._show, [self.visit, *naming, self.ground], shown, **quiet)
        # The browser puts labels into the new language; what was said with a visitor's words in it is said anew.
        spoken = language.select(self._read, self.prompt, self.reading, **QUIET)
        spoken.success(self._show, [self.visit, *naming, self.ground], shown, **quiet)

    # What the events do. What goes wrong is said in one sentence, in the visitor's language.

    def _draw(self, visit: Visit, edited, prompt: str, seed: str, name: str, layout: str, request: gr.Request):
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

    def _more(self, visit: Visit, edited, request: gr.Request):
        visit.keep(edited)
        of = visit.logo.address
        return self._sheet(visit, lambda gan: (gan.more_like(of), 0, seed_of(of)), request)

    def _mix(self, visit: Visit, edited, request: gr.Request):
        visit.keep(edited)
        first, second = visit.first.address, visit.logo.address
        return self._sheet(visit, lambda gan: (mixture(gan, first, second), 1, None), request)

    def _return(self, visit: Visit, edited, event: gr.SelectData, request: gr.Request):
        """Back to a logo of the history, among those that it appeared with."""
        visit.keep(edited)
        address = visit.history[event.index].address
        updates = self._sheet(visit, lambda gan: (*sheet_around(gan, address), seed_of(address)), request)
        return *updates, prompts(address)[0]

    def _choose(self, visit: Visit, edited, event: gr.SelectData):
        visit.keep(edited)
        visit.chosen = min(event.index, len(visit.sheet) - 1)
        seed = seed_of(visit.logo.address)
        return visit, "" if seed is None else str(seed), gr.update(interactive=seed is not None)

    def _take_first(self, visit: Visit, request: gr.Request):
        visit.first = _past(visit.logo)
        return visit, *self._mixing(visit, request)

    def _rename(self, visit: Visit, edited, name: str, font: str, layout: str, ground: str, request: gr.Request):
        if visit.logo is None:  # the name came before the logo
            return visit, gr.skip()
        visit.keep(edited)
        return visit, self._edited(visit, name, font, layout, ground, request)

    def _show(self, visit: Visit, name: str, font: str, layout: str, ground: str, request: gr.Request):
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
        say, model = texts.speaker(request), self.model.model().fingerprint
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
            return gr.update(
                interactive=False
            ), f"<div class='pair'><p>{html.escape(say('generate.pair_none'))}</p></div>"
        data = base64.b64encode(Path(first.path).read_bytes()).decode()
        same = first.address == visit.logo.address
        told = say("generate.pair_same" if same else "generate.pair", first=first.caption)
        picture = f'<img src="data:image/png;base64,{data}" alt="">'
        return gr.update(interactive=not same), f"<div class='pair'>{picture}<p>{html.escape(told)}</p></div>"

    def _saver(self, ending: str):
        def save(visit: Visit, edited, name: str, font: str, layout: str, ground: str, size: int, request: gr.Request):
            visit.keep(edited)
            colours, name_colour = visit.changed.get(visit.logo.address, ((), None))
            design = Design(visit.logo, colours, ground, layout, name, font, name_colour)
            return guarded(lambda: saved(design, ending, size), request)

        return save

    @staticmethod
    def _linked(link: str, copied: str, request: gr.Request):
        say = texts.speaker(request)
        gr.Info(say("generate.link_copied") if copied else say("generate.link_is", link=html.escape(link)))

    def _read(self, prompt: str, request: gr.Request) -> str:
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
    def _offer(request: gr.Request):
        return gr.Dataset(samples=[[example] for example in EXAMPLES[texts.language_of(request)]])

    def _open(self, request: gr.Request):
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
        visit.show([logo for logo, _ in shown], None, None)
        pictures = [
            (served.write(content, f"{Design(logo).filename()}.png"), say("generate.example", caption=logo.caption))
            for logo, content in shown
        ]
        return visit, gr.Gallery(pictures, selected_index=None), "", gr.skip()

    def _sheet(self, visit: Visit, draw: Callable, request: gr.Request):
        """Updates of `sheet` from what `draw` makes of the model: logos, index of the chosen one, seed."""
        begin = time.perf_counter()
        logos, chosen, seed = guarded(lambda: draw(self.model.model()), request)
        # Never the prompt: it is the visitor's own.
        logger.info("Drew {} logos in {:.0f} ms.", len(logos), 1000 * (time.perf_counter() - begin))
        captions = [said(logo.address, logo.caption, texts.speaker(request)) for logo in logos]
        pictures = [*zip(map(_picture, logos), captions, strict=True)]
        visit.show(logos, chosen, seed)
        visit.remember([_past(logo) for logo in logos])
        gallery = gr.Gallery(pictures, selected_index=visit.chosen)
        return visit, gallery, "" if seed is None else str(seed), gr.update(interactive=seed is not None)


def guarded(job: Callable, request: gr.Request | None = None):
    """What `job` gives, or gr.Error with the one sentence that the visitor can act on."""
    try:
        return job()
    except (ValueError, ModelUnavailableError) as error:
        sentence = texts.in_language(str(error), texts.language_of(request))
        raise gr.Error(sentence, print_exception=False) from error
    except gr.Error:
        raise
    except Exception as error:
        logger.exception("A drawing failed.")
        sentence = texts.in_language("The drawing failed; the reason is in the log.", texts.language_of(request))
        raise gr.Error(sentence, print_exception=False) from error


def checked_seed(value: float | str | None) -> int:
    """The seed as a whole number, a random one for an empty field; raises ValueError with one sentence."""
    # Imported here: at the top it would hold up the page until torch has been loaded.
    from logo_gan.pipeline import check_seed, random_seed

    if value is None or value == "":
        return random_seed()
    # JSON and JavaScript know one kind of number: 7.0 is as whole as 7.
    whole_float = isinstance(value, float) and value.is_integer()
    whole_text = isinstance(value, str) and _WHOLE.fullmatch(value.strip())
    return check_seed(int(value) if whole_float or whole_text else value)


def said(address: Address | None, caption: str, say: Callable[..., str]) -> str:
    """What stands below a logo, and is its alternative text."""
    match address:
        case Proposal(number=number):
            return say("generate.proposal", number=number, caption=caption)
        case Neighbour(numbers=numbers):
            return say("generate.variation", number=numbers[-1], caption=caption)
        case Mixture(step=step, steps=steps):
            return say("generate.step", step=step, steps=steps, caption=caption)
    return caption


def saved(design: Design, ending: str, size: int) -> str:
    """The path of a file to save."""
    seed = seed_of(design.logo.address) if design.logo.address else None
    number = getattr(design.logo.address, "number", None)
    name = design.filename(*(str(each) for each in (seed, number) if each is not None))
    if ending == "svg":
        return served.write(design.svg().encode(), f"{name}.svg")
    return served.png(design.image(size), f"{name}.png")


def _picture(logo) -> str:
    return served.png(logo.image(PNG_SIZE), f"{Design(logo).filename()}.png")


def _past(logo) -> Past:
    seed = seed_of(logo.address)
    caption = logo.caption if seed is None else f"{seed} · {logo.caption}"
    return Past(logo.address, served.png(logo.image(SMALL), "small.png"), caption)


def _gallery(elem_id: str, label: str) -> gr.Gallery:
    return gr.Gallery(
        label=I18nData(label), show_label=False, format="png", columns=6, height="auto", object_fit="contain",
        allow_preview=False, buttons=[], interactive=False, elem_id=elem_id,
    )  # fmt: skip
