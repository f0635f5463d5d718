"""The Dataset tab: a parquet is uploaded, looked at and analysed; and the endpoints that do the same for programs."""

from __future__ import annotations

import html
import io
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import gradio as gr
from gradio.i18n import I18nData
from loguru import logger
from PIL import Image

from eda import looks, panels, sandbox, tab_api, work
from eda.dataset import EXAMPLE, Dataset
from eda.limits import Limits
from eda.tab_analysis import QUIET, Analysis, Language, queue_of_files, status, told
from eda.table import TableError
from eda.texts import in_language, say

CSS = Path(__file__).with_name("tab.css")


def build(tab: gr.Tab, limits: Limits, language: Language = lambda _: "en") -> None:
    """The sections of the Dataset tab, and the endpoints /load_dataset, /random_logo and /analyse.

    Args:
        limits: of what a dataset may cost, for all of this process.
        language: which one a request is answered in, "en" or "ru". Programs are answered in English.
    """
    sandbox.limits = limits
    held = gr.State(None, time_to_live=limits.kept_seconds)
    turns = gr.State([])  # grows with each file that this visitor asks for
    with gr.Column(elem_id="dataset"):
        # The browser fetches Plotly for the first figure that it meets; this one spares the visitor's own the wait.
        gr.Plot(looks.blank(), show_label=False, elem_id="dataset-plotly")
        with gr.Accordion(I18nData("dataset.format")):
            gr.HTML(f"<p>{I18nData('dataset.format.text')}</p>", elem_classes="eda")
            example = gr.HTML(elem_classes="eda", elem_id="dataset-format")
            with gr.Row():
                load_example = gr.Button(I18nData("dataset.load_example"), elem_id="dataset-example")
                gr.DownloadButton(I18nData("dataset.download_example"), value=str(EXAMPLE), elem_id="dataset-download")
        label = f"{I18nData('dataset.file')} {limits.upload_mb}"  # the browser puts one text into its language, not two
        file = gr.File(label=label, file_count="single", elem_id="dataset-file")
        told = gr.HTML(elem_classes="eda", elem_id="dataset-status")
        # By its class, for what comes for an invisible column while the browser is putting it up would be lost.
        with gr.Column(elem_classes="eda-unloaded") as loaded:
            with gr.Accordion(I18nData("dataset.first_rows")):
                preview = gr.HTML(elem_classes="eda", elem_id="dataset-preview")
            one = Element(language)
            shown = Analysis(language)

    def load(request: gr.Request, path: str | None, turns: list, *controls) -> Iterator[dict]:
        """Fills the page while the file is being read; what was loaded before stays if the new one is refused.

        Everything that has come so far is sent again each time: the page may be too busy to look at each message, and
        a later one that says nothing of a plot would replace the one that brought it.
        """
        turns.append(path)
        turn = len(turns)
        sent = {loaded: gr.update(elem_classes=[]), preview: ""}
        if path != str(EXAMPLE):
            # The place to drop a file is free again at once: the name of what is loaded stands below it. Not for the
            # example: it would take away a file that is being uploaded meanwhile.
            sent[file] = gr.File(value=None)
        dataset, spoken = None, language(request)
        silence = {told: gr.skip()}  # Gradio sends the last message once more at the end, whenever that is
        try:
            dataset = tab_api.opened(path, look=False)
            for note, updates in shown.fill(spoken, dataset, *controls):
                if turn < len(turns):  # another file has been asked for; two would write over each other
                    yield silence
                    return
                sent |= {held: dataset, told: status(dataset, note, spoken), **updates}
                if dataset.preview and not sent[preview]:
                    sent[preview] = panels.preview(dataset.preview, spoken)
                if not dataset.rows:
                    sent[loaded] = gr.update(elem_classes="eda-unloaded")
                yield sent
        except Exception as error:
            if not isinstance(error, TableError):
                logger.exception("An analysis failed.")
                error = TableError("The analysis failed; the reason is in the log.")
            if turn < len(turns):
                yield silence
                return
            why = in_language(str(error), spoken)
            if held not in sent:
                yield {told: f"<p class='refused' role='alert'>{html.escape(why)}</p>", file: gr.File(value=None)}
            else:
                yield {**sent, told: status(dataset, say(spoken, "dataset.kept", error=why), spoken)}

    def load_the_example(request: gr.Request, *arguments) -> Iterator[dict]:
        yield from load(request, str(EXAMPLE), *arguments)

    def example_row(request: gr.Request) -> str:
        return _example_row(language(request))

    filled = [held, told, loaded, preview, file, *shown.outputs]
    cleared = {**one.cleared, **shown.cleared}

    def clear() -> list:
        return [*cleared.values()]

    gr.on([file.upload, load_example.click], clear, None, [*cleared], queue=False, **QUIET)
    at_once = {"trigger_mode": "multiple", **QUIET, **queue_of_files()}
    file.upload(load, [file, turns, *shown.controls], filled, **at_once)
    load_example.click(load_the_example, [turns, *shown.controls], filled, **at_once)
    tab.select(example_row, None, example, **QUIET)
    one.connect(held)
    shown.connect(held)
    tab_api.build(held)


class Element:
    """A random element, or the one of a number: image, caption, index."""

    def __init__(self, language: Language):
        self.language = language
        with gr.Accordion(I18nData("dataset.element")), gr.Column(elem_id="dataset-element"):
            with gr.Row():
                self.random = gr.Button(I18nData("dataset.random"), variant="primary", elem_id="dataset-random")
                self.number = gr.Textbox(
                    label=I18nData("dataset.number"),
                    placeholder=I18nData("dataset.number.placeholder"),
                    max_lines=1,
                    elem_id="dataset-number",
                )
            self.image = gr.Image(
                show_label=False,
                interactive=False,
                format="png",
                buttons=["download", "fullscreen"],
                visible=False,
                elem_id="dataset-row",
            )
            self.told = gr.HTML(elem_classes="eda", elem_id="dataset-row-text")
        self.cleared = {self.image: gr.Image(value=None, visible=False), self.told: "", self.number: ""}

    def connect(self, held: gr.State) -> None:
        outputs = [self.image, self.told, self.number]
        self.random.click(self._show_random, held, outputs, **QUIET, **queue_of_files())
        self.number.submit(
            self._show, [held, self.number], outputs, trigger_mode="always_last", **QUIET, **queue_of_files()
        )

    def _show_random(self, request: gr.Request, dataset: Dataset | None):
        return self._show(request, dataset, None)

    def _show(self, request: gr.Request, dataset: Dataset | None, number: str | None):
        language = self.language(request)
        row = told(tab_api.row_of, dataset, number, language=language)
        text = row["caption"] or say(language, "dataset.no_caption")
        described = html.escape(panels.described(row, language))
        shown = f"<p><b>{described}</b></p><p><bdi>{html.escape(text)}</bdi></p>"
        if row["png"] is None:
            return gr.Image(value=None, visible=False), shown, str(row["row"])
        image = gr.Image(value=Image.open(io.BytesIO(row["png"])), visible=True, alt_text=text[:300])
        return image, shown, str(row["row"])


@cache
def _example_row(language: str) -> str:
    """The first row of the example as a table."""
    return panels.preview(sandbox.last(work.show, str(EXAMPLE), [1], work.SMALL), language)


def start() -> None:
    """Starts the process that reads datasets, in a thread; the first dataset would otherwise wait for it."""
    threading.Thread(target=_prepare, name="sandbox", daemon=True).start()


def _prepare() -> None:
    try:
        sandbox.prepare()
    except Exception as error:  # each dataset says it again
        logger.opt(exception=error).error("The process that reads datasets cannot be started.")
