"""The Model tab: which weights draw, how they were trained, and what is measured of them."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
from gradio.i18n import I18nData
from gradio.processing_utils import save_file_to_cache
from gradio.utils import get_upload_folder
from loguru import logger

from logo_gan import figures, model_card, model_text, texts
from logo_gan.warmup import ModelUnavailableError, WarmUp

TOGETHER = "together"  # the picker's last choice
TOGETHER_LABELS = {2: "model.both", 3: "model.all_three"}  # of how many models
LINEAR, LOG = "linear", "logarithmic"
SLOTS = len(model_card.BUNDLED) + 1  # progress strips: of the bundled models and of one from elsewhere


def build(tab: gr.Tab, warm: WarmUp) -> None:
    """The sections of the Model tab, filled whenever it is opened, and the endpoint /model_info."""
    with gr.Accordion(I18nData("model.which")):
        facts = gr.HTML(elem_id="model")
    with gr.Accordion(I18nData("model.how")):
        description = gr.HTML(elem_id="description")
    with gr.Accordion(I18nData("model.training")):
        with gr.Row(elem_id="plot-controls"):
            picker = gr.Radio(_choices(list(model_card.BUNDLED)), label=I18nData("model.picker"), elem_id="picker")
            axis = gr.Radio(
                [(I18nData(f"model.{kind}"), kind) for kind in (LINEAR, LOG)],
                value=LOG,
                label=I18nData("model.scale"),
                elem_id="axis",
            )
            template = gr.Dropdown(
                [(I18nData("model.as_page"), figures.PAGE), *((name, name) for name in figures.TEMPLATES[1:])],
                value=figures.PAGE,
                label=I18nData("model.template"),
                filterable=False,
                elem_id="template",
            )
        with gr.Column(elem_id="plots"):
            plots = [
                gr.Plot(
                    label=I18nData(f"model.chart.{chart}"), show_label=False, visible=False, elem_id=f"plot-{chart}"
                )
                for chart in figures.CHARTS
            ]
        gr.HTML(f"<p class='missing'>{I18nData('model.plots')}</p>")
        untracked = gr.HTML(elem_id="untracked")
    with gr.Accordion(I18nData("model.captions")):
        strips = [
            gr.Image(visible=False, interactive=False, buttons=["fullscreen"], elem_classes="strip")
            for _ in range(SLOTS)
        ]
        no_strip = gr.HTML(elem_id="no-strip")
    with gr.Accordion(I18nData("model.measured")):
        measured = gr.HTML(elem_id="measures")
    with gr.Accordion(I18nData("model.faults")):
        faults = gr.HTML(elem_id="faults")

    def model_info() -> dict:
        """Tell which model draws, how it was trained, and what is measured of it.

        Returns a JSON object: `name`; `source` (where it comes from); `revision` (commit of a Hub repository, else
        null); `architecture` (layered or baseline); `parameters` (of the generator); `text_encoder`; `training`
        (`data`, `images`, `seconds`, `config`); `notice` (one sentence where it is not the model that was asked for,
        else null); `measures` ({measure: {`value`, `interval` of 95 %, `n`}}, empty where nothing was measured, null
        values where a measure could not be taken); `last_history_row` ({column: number}, null without a history).
        """
        try:
            return info(warm)
        except ModelUnavailableError as error:
            raise gr.Error(str(error), print_exception=False) from error

    def redraw(picked: str, kind: str, template: str, request: gr.Request):
        """Only the plots, and what is said below them."""
        return _plots(_folders(_loaded(warm)), picked, kind, template, texts.language_of(request))

    def open_tab(picked: str, kind: str, template: str, request: gr.Request):
        language = texts.language_of(request)
        gan = _loaded(warm)
        folders = _folders(gan)
        picked = picked if picked in (*folders, TOGETHER) else next(iter(folders))
        return (
            model_text.facts(info(warm), language) if gan else f"<p>{I18nData('model.no_model')}</p>",
            model_text.description(gan, language) if gan else "",
            gr.Radio(_choices(list(folders)), value=picked),
            *_strips(folders, language),
            model_text.measures_table({name: _measures(folder) for name, folder in folders.items()}, language),
            model_text.faults_text(model_card.faults(), language),
            *_plots(folders, picked, kind, template, language),
        )

    controls, drawn = [picker, axis, template], [*plots, untracked]
    quiet = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": 4}
    tab.select(open_tab, controls, [facts, description, picker, *strips, no_strip, measured, faults, *drawn], **quiet)
    gr.on([control.input for control in controls], redraw, controls, drawn, trigger_mode="always_last", **quiet)
    gr.api(model_info, api_name="model_info")


def info(warm: WarmUp) -> dict:
    """What /model_info answers; raises ModelUnavailableError."""
    gan = warm.model()
    measures, rows = (_measures(gan.folder), _rows(gan.folder)) if gan.folder else (None, [])
    return {
        "name": gan.config.get("name"),
        "source": gan.source,
        "revision": gan.revision,
        "architecture": gan.config["architecture"],
        "parameters": sum(weights.numel() for weights in gan.generator.parameters()),
        "text_encoder": gan.config.get("text_encoder"),
        "training": gan.config.get("training", {}),
        "notice": warm.notice,
        "measures": model_card.summary(measures if isinstance(measures, dict) else None),
        "last_history_row": rows[-1] if rows else None,
    }


def _loaded(warm: WarmUp):
    """The LogoGAN in use; None if there is none, for the other sections have something to show all the same."""
    try:
        return warm.model()
    except ModelUnavailableError:
        return None


def _folders(gan) -> dict[str, Path]:
    """The models to choose from and where their files lie: the one in use first, then the bundled ones."""
    folders = {name: model_card.WEIGHTS / name for name in model_card.BUNDLED}
    if gan is None or gan.folder is None:
        return folders
    own = gan.folder.resolve()
    name = next((name for name, folder in folders.items() if folder.resolve() == own), gan.source)
    return {name: gan.folder, **{other: folder for other, folder in folders.items() if other != name}}


def _choices(names: list[str]) -> list[tuple]:
    return [*((name, name) for name in names), (I18nData(TOGETHER_LABELS[len(names)]), TOGETHER)]


def _plots(folders: dict[str, Path], picked: str, kind: str, template: str, language: str) -> list:
    """Updates of the plots and of the text below them, for one model or for all."""
    names = [picked] if picked in folders else list(folders)
    runs = {name: _rows(folders[name]) for name in names}
    drawn = [figures.draw(chart, runs, template, log=kind == LOG, language=language) for chart in figures.CHARTS]
    updates = [gr.Plot(value=figure, visible=figure is not None) for figure in drawn]
    missing = {name: figures.untracked(rows, language) if rows else None for name, rows in runs.items()}
    return [*updates, model_text.untracked(missing, len(figures.MEASURES), language)]


def _strips(folders: dict[str, Path], language: str) -> list:
    """Updates of the progress strips, and a sentence about the models that have none."""
    from logo_gan.progress import SAMPLE_CAPTIONS

    updates, without = [], []
    for name, folder in folders.items():
        path = model_card.strip(folder)
        if path is None:
            without.append(name)
        else:
            text = model_text.strip_text(name, SAMPLE_CAPTIONS, language)
            # A copy: Gradio serves no file that lies elsewhere, as the Hub's local cache does.
            shown = save_file_to_cache(path, get_upload_folder())
            updates.append(gr.Image(value=shown, label=name, alt_text=text, visible=True))
    updates += [gr.Image(value=None, visible=False)] * (SLOTS - len(updates))
    return [*updates, model_text.no_strip(without, language)]


def _rows(folder: Path) -> list[dict[str, float]]:
    try:
        return model_card.rows(folder)
    except ValueError as error:
        logger.warning("{}", error)
        return []


def _measures(folder: Path) -> dict | str | None:
    """The measures of a model, or the sentence that says why they cannot be shown."""
    try:
        return model_card.measures(folder)
    except ValueError as error:
        logger.warning("{}", error)
        return str(error)
