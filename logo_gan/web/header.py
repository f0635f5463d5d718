"""The page's heading: its title, its language, and a notice about the model in use."""

from __future__ import annotations

import html
from pathlib import Path

import gradio as gr
from gradio.i18n import I18nData

from logo_gan.web import i18n
from logo_gan.web.common import PAGE_JS, QUIET
from logo_gan.web.warmup import ModelUnavailableError, WarmUp


def languages(of_datasets: Path) -> gr.I18n:
    """All texts of the page that the browser puts into its language: those of `texts/`, and of another such folder."""
    return gr.I18n(**{each: i18n.read(each) | i18n.read(each, of_datasets) for each in i18n.LANGUAGES})


def build(demo: gr.Blocks, model: WarmUp) -> gr.HTML:
    """The heading above the tabs, the choice of language, and a line when the model in use is not the one asked for.

    Returns the choice, whose event `select` says that the language has changed.
    """
    buttons = "".join(
        f'<button type="button" lang="{key}" data-language="{key}" aria-pressed="false">{name}</button>'
        for key, name in i18n.LANGUAGES.items()
    )
    with gr.Row(elem_id="heading"):
        gr.HTML(f"<h1>LogoGAN</h1><p>{I18nData('header.tagline')}</p>", elem_id="title")
        choice = gr.HTML(
            f'<div role="group" aria-label="Language, язык" data-cookie="{i18n.COOKIE}">{buttons}</div>',
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
        text = i18n.in_language(text or "", i18n.language_of(request))
        return gr.update(value=html.escape(text), visible=bool(text))

    gr.on([demo.load, choice.select], show_notice, None, notice, **QUIET)
    return choice


def relabel(choice: gr.HTML, tabs: dict[str, gr.Tab]) -> None:
    """Labels of tabs, keys of `texts/`, are sent again when the language changes: the browser keeps the old ones."""
    choice.select(lambda: [gr.Tab(label=I18nData(key)) for key in tabs], None, [*tabs.values()], **QUIET)
