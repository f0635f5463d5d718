"""The page's looks, its heading and its language."""

from __future__ import annotations

import html
from pathlib import Path

import gradio as gr
from gradio.i18n import I18nData

from logo_gan import texts
from logo_gan.tab_common import PAGE_JS, QUIET
from logo_gan.warmup import ModelUnavailableError, WarmUp

CSS = Path(__file__).with_name("page.css")


def languages(of_datasets: Path) -> gr.I18n:
    """All texts of the page that the browser puts into its language: those of `texts/`, and of another such folder."""
    return gr.I18n(**{each: texts.read(each) | texts.read(each, of_datasets) for each in texts.LANGUAGES})


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


def header(demo: gr.Blocks, model: WarmUp) -> gr.HTML:
    """The heading above the tabs, the choice of language, and a line when the model in use is not the one asked for.

    Returns the choice, whose event `select` says that the language has changed.
    """
    buttons = "".join(
        f'<button type="button" lang="{key}" data-language="{key}" aria-pressed="false">{name}</button>'
        for key, name in texts.LANGUAGES.items()
    )
    with gr.Row(elem_id="heading"):
        gr.HTML(f"<h1>LogoGAN</h1><p>{I18nData('header.tagline')}</p>", elem_id="title")
        choice = gr.HTML(
            f'<div role="group" aria-label="Language, язык" data-cookie="{texts.COOKIE}">{buttons}</div>',
            apply_default_css=False,
            head=f"<script>{PAGE_JS}</script>",
            js_on_load="logoGAN.languages(element, trigger)",
            elem_id="languages",
        )
    notice = gr.HTML(visible=False, elem_id="notice")

    def show_notice(request: gr.Request):
        try:
            model.model()
            text = model.notice
        except ModelUnavailableError as error:
            text = str(error)
        text = texts.in_language(text or "", texts.language_of(request))
        return gr.update(value=html.escape(text), visible=bool(text))

    gr.on([demo.load, choice.select], show_notice, None, notice, **QUIET)
    return choice


def relabel(choice: gr.HTML, tabs: dict[str, gr.Tab]) -> None:
    """Labels of tabs, keys of `texts/`, are sent again when the language changes: the browser keeps the old ones."""
    choice.select(lambda: [gr.Tab(label=I18nData(key)) for key in tabs], None, [*tabs.values()], **QUIET)
