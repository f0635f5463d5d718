"""The page's looks, its heading, and the Generate tab: prompts in, four logos and their files out."""

import hashlib
import html
import io
import re
import secrets
import time
from pathlib import Path

import gradio as gr
from gradio.utils import get_upload_folder
from loguru import logger

from logo_gan.warmup import ModelUnavailableError, WarmUp

PROPOSALS = 4
PNG_SIZE = 1024  # pixels: what the gallery shows and the PNG button saves
DELETE_CACHE = (600, 3600)  # look every 10 minutes for files older than an hour
QUEUE_SIZE = 64  # visitors that may wait; the next one is told to come back
SESSIONS = 200  # whose last four logos are remembered, about 0.3 MB each
CSS = Path(__file__).with_name("page.css")
TAGLINE = "Say what your logo should show and get four proposals, as crisp PNG and as SVG."
EXAMPLES = (
    "orange rocket in a navy circle",
    "a white owl on a green hexagon",
    "blue fish logo",
    "letter K, teal, rounded square",
    "logo for Aurora, coffee shop, warm brown",
    "purple abstract waves",
)
EXAMPLE_SEED = 1  # of the logos on the empty page

# One queue for everything that runs torch: two generations at once would only share the same cores.
_TORCH = {"concurrency_id": "torch", "concurrency_limit": 1}
_WHOLE = re.compile(r"[0-9]{1,10}")
_PLAIN = gr.InputHTMLAttributes(autocomplete="off", spellcheck=False, enterkeyhint="go")


def theme() -> gr.themes.Base:
    """Calm neutrals and one accent; only fonts that the visitor's machine has."""
    fonts = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")
    return gr.themes.Default(
        primary_hue="indigo",
        secondary_hue="indigo",
        neutral_hue="slate",
        radius_size="lg",
        font=fonts,
        font_mono=("ui-monospace", "Consolas", "monospace"),
    ).set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        block_border_width="0px",
        block_shadow="none",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_400",
        block_label_text_color="*neutral_700",
        block_title_text_color="*neutral_700",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
    )


def header(demo: gr.Blocks, model: WarmUp) -> None:
    """The heading above the tabs, and a line when the model in use is not the one that was asked for."""
    gr.HTML(f"<h1>LogoGAN</h1><p>{TAGLINE}</p>", elem_id="heading")
    notice = gr.HTML(visible=False, elem_id="notice")

    def show_notice():
        try:
            model.model()
            text = model.notice
        except ModelUnavailableError as error:
            text = str(error)
        return gr.update(value=html.escape(text or ""), visible=bool(text))

    demo.load(show_notice, None, notice, show_progress="hidden", api_visibility="private")


def generate(demo: gr.Blocks, model: WarmUp) -> None:
    """The Generate tab and the endpoints /generate and /generate_svg."""
    shown = gr.State(None)
    with gr.Row(elem_id="studio"):
        with gr.Column(elem_id="brief", min_width=280):
            prompt = gr.Textbox(
                label="What should the logo show?",
                placeholder=EXAMPLES[0],
                max_lines=1,
                autofocus=True,
                elem_id="prompt",
            )
            go = gr.Button("Generate four logos", variant="primary", elem_id="go")
            examples = gr.Dataset(
                components=[prompt],
                samples=[[example] for example in EXAMPLES],
                label="Or try one of these",
                elem_id="examples",
            )
        with gr.Column(elem_id="result", min_width=280):
            gallery = gr.Gallery(
                label="Logos",
                show_label=False,
                format="png",
                columns=2,
                height="auto",
                object_fit="contain",
                buttons=["download", "fullscreen"],
                interactive=False,
                elem_id="logos",
            )
            with gr.Column(elem_id="downloads", visible=False) as downloads:
                files = [
                    gr.DownloadButton(f"{kind} {i + 1}", size="sm", min_width=60)
                    for kind in ("PNG", "SVG")
                    for i in range(PROPOSALS)
                ]
        with gr.Column(elem_id="seeds", min_width=280):
            # Not gr.Number, which shows and sends 0 when it is empty.
            seed = gr.Textbox(
                label="Seed",
                placeholder="random",
                max_lines=1,
                html_attributes=_PLAIN,
                elem_id="seed",
                min_width=120,
            )
            used = gr.Textbox(
                label="Drawn with seed",
                placeholder="none yet",
                max_lines=1,
                interactive=False,
                elem_id="used",
                min_width=120,
            )
            keep = gr.Button("Keep this seed", size="sm", interactive=False, elem_id="keep")

    def for_page(prompt: str, seed: str):
        """Shows four logos at once; `prepare_files` fills the download buttons afterwards."""
        logos, number = _draw(model, prompt, seed)
        pictures = _pictures(logos, number)
        waiting = [gr.update(interactive=False)] * len(files)
        state = (logos, [path for path, _ in pictures], number)
        return pictures, str(number), state, gr.update(interactive=True), gr.update(visible=True), *waiting

    def prepare_files(state: tuple):
        logos, paths, number = state
        paths = [*paths, *(_svg(logo, i, number) for i, logo in enumerate(logos))]
        return [gr.update(value=path, interactive=True) for path in paths]

    def four_logos(prompt: str, seed: float | None = None):
        """Draw four logos for a prompt.

        Returns four PNG images of 1024 pixels with captions, and the seed: the same prompt and seed give the
        same logos again. A seed is a whole number from 0 to 4294967295; without one it is random.
        """
        logos, number = _draw(model, prompt, seed)
        return _pictures(logos, number), number

    def generate_svg(prompt: str, seed: int | None = None) -> list[str]:
        """Draw four logos for a prompt, as the texts of four SVG documents.

        The same prompt and seed as in /generate give the same logos; without a seed it is random.
        """
        return [logo.svg() for logo in _draw(model, prompt, seed)[0]]

    def welcome():
        """One logo for each of the first examples, so that a visitor sees at once what comes of a prompt."""
        try:
            gan = model.model()
        except ModelUnavailableError:
            return []  # the notice above the tabs says why
        logos = [gan.generate(example, n=1, seed=EXAMPLE_SEED)[0] for example in EXAMPLES[:PROPOSALS]]
        return [(_png(logo, 0, EXAMPLE_SEED), f"Example: {logo.caption}") for logo in logos]

    drawn = gr.on(
        [go.click, prompt.submit, seed.submit],
        for_page,
        [prompt, seed],
        [gallery, used, shown, keep, downloads, *files],
        show_progress="minimal",
        show_progress_on=gallery,
        api_visibility="private",
        **_TORCH,
    )
    drawn.success(prepare_files, shown, files, show_progress="hidden", api_visibility="private", **_TORCH)
    chosen = examples.click(lambda row: row[0], examples, prompt, show_progress="hidden", api_visibility="private")
    chosen.then(None, js="() => document.querySelector('#go').click()", api_visibility="private")
    keep.click(None, used, seed, js="(used) => used", api_visibility="private")
    demo.load(welcome, None, gallery, show_progress="hidden", api_visibility="private", **_TORCH)

    # The page's own event also carries the session's state, which has no place in an answer to a program.
    number = gr.Number(label="Seed", visible=False)
    gr.Button(visible=False).click(four_logos, [prompt, number], [gallery, number], api_name="generate", **_TORCH)
    gr.api(generate_svg, api_name="generate_svg", **_TORCH)


def _draw(model: WarmUp, prompt: str | None, seed: float | str | None):
    """(logos, seed used), or gr.Error with the one sentence that the visitor can act on."""
    try:
        gan, begin = model.model(), time.perf_counter()
        number = _seed(seed)
        logos = gan.generate(prompt or "", n=PROPOSALS, seed=number)
    except (ValueError, ModelUnavailableError) as error:
        raise gr.Error(str(error), print_exception=False) from error
    except Exception as error:
        logger.exception("A generation failed.")
        raise gr.Error("The drawing failed; the reason is in the log.", print_exception=False) from error
    # Never the prompt: it is the visitor's own.
    logger.info("Drew {} logos in {:.0f} ms.", len(logos), 1000 * (time.perf_counter() - begin))
    return logos, number


def _seed(value: float | str | None) -> int:
    """The seed as a whole number, a random one for an empty field; raises ValueError with one sentence."""
    # Imported here: at the top it would hold up the page until torch has been loaded.
    from logo_gan.pipeline import check_seed, random_seed

    if value is None or value == "":
        return random_seed()
    # JSON and JavaScript know one kind of number: 7.0 is as whole as 7.
    whole_float = isinstance(value, float) and value.is_integer()
    whole_text = isinstance(value, str) and _WHOLE.fullmatch(value.strip())
    return check_seed(int(value) if whole_float or whole_text else value)


def _pictures(logos: list, seed: int) -> list[tuple[str, str]]:
    """What the gallery takes: paths of PNG files with captions, which are their alternative texts too."""
    return [(_png(logo, i, seed), f"Proposal {i + 1}: {logo.caption}") for i, logo in enumerate(logos)]


def _png(logo, index: int, seed: int) -> str:
    """The path of a PNG file in Gradio's cache."""
    buffer = io.BytesIO()
    logo.image(PNG_SIZE).save(buffer, "PNG")
    return _cached(buffer.getvalue(), f"{_slug(logo.caption)}-{seed}-{index + 1}.png")


def _svg(logo, index: int, seed: int) -> str:
    """The path of an SVG file in Gradio's cache."""
    return _cached(logo.svg().encode(), f"{_slug(logo.caption)}-{seed}-{index + 1}.svg")


def _slug(caption: str) -> str:
    return re.sub(r"\W+", "-", caption.lower())[:60].strip("-_") or "logo"


def _cached(content: bytes, name: str) -> str:
    """Writes a file where Gradio serves it from as it is; `DELETE_CACHE` removes it in due time."""
    folder = Path(get_upload_folder()) / hashlib.sha256(content).hexdigest()
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / secrets.token_hex(8)  # the same logo can be asked for twice at once
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError as error:
        logger.error("{} cannot be written: {}", path, error.strerror)
        raise gr.Error("The server cannot save pictures just now.", print_exception=False) from error
    return str(path)
