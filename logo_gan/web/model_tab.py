"""The Model tab: which weights draw, how they were trained, and what is measured of them."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import gradio as gr
from gradio.i18n import I18nData
from gradio.processing_utils import save_file_to_cache
from gradio.utils import get_upload_folder
from loguru import logger

from logo_gan.evaluation import records
from logo_gan.training import history
from logo_gan.web import i18n, model_text, plots
from logo_gan.web.warmup import ModelUnavailableError, WarmUp

TOGETHER = "together"  # the picker's last choice
TOGETHER_LABELS = {2: "model.both", 3: "model.all_three"}  # of how many models
LINEAR, LOG = "linear", "logarithmic"
MAX_BYTES = 8_000_000  # of a history: a model from the Hub may bring anything
SLOTS = len(records.BUNDLED) + 1  # progress strips: of the bundled models and of one from elsewhere


def build(tab: gr.Tab, warm: WarmUp) -> None:
    """The sections of the Model tab, filled whenever it is opened, and the endpoint /model_info."""
    with gr.Accordion(I18nData("model.which")):
        facts = gr.HTML(elem_id="model")
    with gr.Accordion(I18nData("model.how")):
        description = gr.HTML(elem_id="description")
    with gr.Accordion(I18nData("model.training")):
        with gr.Row(elem_id="plot-controls"):
            picker = gr.Radio(_choices(list(records.BUNDLED)), label=I18nData("model.picker"), elem_id="picker")
            axis = gr.Radio(
                [(I18nData(f"model.{kind}"), kind) for kind in (LINEAR, LOG)],
                value=LOG,
                label=I18nData("model.scale"),
                elem_id="axis",
            )
            template = gr.Dropdown(
                [(I18nData("model.as_page"), plots.PAGE), *((name, name) for name in plots.TEMPLATES[1:])],
                value=plots.PAGE,
                label=I18nData("model.template"),
                filterable=False,
                elem_id="template",
            )
        with gr.Column(elem_id="plots"):
            figures = [
                gr.Plot(
                    label=I18nData(f"model.chart.{chart}"), show_label=False, visible=False, elem_id=f"plot-{chart}"
                )
                for chart in plots.CHARTS
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
        null); `architecture` (warp or baseline); `parameters` (of the generator); `memory` (what it draws
        from: `drawings`, `things`, `sets`, `fingerprint`; null for the baseline); `text_encoder`; `training`
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
        return _plots(_folders(_loaded(warm)), picked, kind, template, i18n.language_of(request))

    def open_tab(picked: str, kind: str, template: str, request: gr.Request):
        language = i18n.language_of(request)
        gan = _loaded(warm)
        folders = _folders(gan)
        picked = picked if picked in (*folders, TOGETHER) else next(iter(folders))
        return (
            model_text.facts(info(warm), language) if gan else f"<p>{I18nData('model.no_model')}</p>",
            model_text.description(gan, language) if gan else "",
            gr.Radio(_choices(list(folders)), value=picked),
            *_strips(folders, language),
            model_text.measures_table({name: _measures(folder) for name, folder in folders.items()}, language),
            model_text.faults_text(records.faults(), language),
            *_plots(folders, picked, kind, template, language),
        )

    controls, drawn = [picker, axis, template], [*figures, untracked]
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
        "parameters": model_text.parameters(gan),
        "memory": _memory(gan.memory),
        "text_encoder": gan.config.get("text_encoder"),
        "training": gan.config.get("training", {}),
        "notice": warm.notice,
        "measures": records.summary(measures if isinstance(measures, dict) else None),
        "last_history_row": rows[-1] if rows else None,
    }


def _memory(memory) -> dict | None:
    if memory is None:
        return None
    sizes = {"drawings": len(memory), "things": len(memory.concepts), "sets": len(memory.config["sets"])}
    return {**sizes, "fingerprint": memory.fingerprint}


def _loaded(warm: WarmUp):
    """The LogoGAN in use; None if there is none, for the other sections have something to show all the same."""
    try:
        return warm.model()
    except ModelUnavailableError:
        return None


def _folders(gan) -> dict[str, Path]:
    """The models to choose from and where their files lie: the one in use first, then the bundled ones."""
    folders = {name: records.WEIGHTS / name for name in records.BUNDLED}
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
    drawn = [plots.draw(chart, runs, template, log=kind == LOG, language=language) for chart in plots.CHARTS]
    updates = [gr.Plot(value=figure, visible=figure is not None) for figure in drawn]
    return [*updates, model_text.untracked(runs, plots.MEASURES, language)]


def _strips(folders: dict[str, Path], language: str) -> list:
    """Updates of the progress strips, and a sentence about the models that have none."""
    updates, without = [], []
    for name, folder in folders.items():
        path = records.strip(folder)
        if path is None:
            without.append(name)
        else:
            text = model_text.strip_text(name, _sampled(folder), language)
            # A copy: Gradio serves no file that lies elsewhere, as the Hub's local cache does.
            shown = save_file_to_cache(path, get_upload_folder())
            updates.append(gr.Image(value=shown, label=name, alt_text=text, visible=True))
    updates += [gr.Image(value=None, visible=False)] * (SLOTS - len(updates))
    return [*updates, model_text.no_strip(without, language)]


def _rows(folder: Path) -> list[dict[str, float]]:
    """The history in a model's folder, without what is no finite number; empty where there is none to read."""
    path = folder / "history.csv"
    try:
        if not path.is_file():
            return []
        if path.stat().st_size > MAX_BYTES:
            raise ValueError
        found = history.read(path)
    except (OSError, ValueError, TypeError, AttributeError, csv.Error):
        logger.warning("{} of {} cannot be read.", path.name, folder.name)
        return []
    return [{key: value for key, value in row.items() if math.isfinite(value)} for row in found]


def _sampled(folder: Path) -> tuple[str, ...]:
    """What a progress strip shows, as the model's configuration says."""
    try:
        found = json.loads((folder / "config.json").read_bytes())["training"]["samples"]
    except (OSError, ValueError, LookupError, TypeError):
        return ()
    return tuple(str(each)[:100] for each in found[:32]) if isinstance(found, list) else ()


def _measures(folder: Path) -> dict | str | None:
    """The measures of a model, or the sentence that says why they cannot be shown."""
    try:
        return records.measures(folder)
    except ValueError as error:
        logger.warning("{}", error)
        return str(error)
