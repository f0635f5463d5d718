"""The Dataset tab's analysis: what is wrong, plots of captions and images, logos in a range, files to take along."""

from __future__ import annotations

import html
import io
import json
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from gradio.components.plot import PlotData
from gradio.i18n import I18nData
from PIL import Image

from eda import figures, looks, measures, panels, sandbox, words, work
from eda.dataset import FILTERS, Dataset
from eda.facts import facts
from eda.report import report
from eda.table import TableError
from eda.texts import counted, in_language, numerals, say

FOUND = 24  # logos of a range that are shown at a time
NO_DATASET = "No dataset is loaded yet; upload a parquet file, or load the example."

QUIET = {"show_progress": "hidden", "api_visibility": "private"}


Language = Callable[[gr.Request], str]


def queue_of_files() -> dict[str, Any]:
    """One queue for everything that starts a child process on a visitor's behalf."""
    return {"concurrency_id": "parquet", "concurrency_limit": sandbox.limits.at_once}


class Analysis:
    """What is wrong, the plots of captions and of images, the logos of a range, the downloads."""

    def __init__(self, language: Language):
        self.language = language
        with gr.Row(elem_id="dataset-controls"):
            self.template = gr.Dropdown(
                [(I18nData("dataset.as_page"), looks.PAGE), *((name, name) for name in looks.TEMPLATES[1:])],
                value=looks.PAGE, label=I18nData("dataset.template"), filterable=False, elem_id="dataset-template",
            )  # fmt: skip
            self.full = gr.Checkbox(label=I18nData("dataset.full_range"), elem_id="dataset-full")
        with gr.Accordion(I18nData("dataset.wrong")):
            self.faults = gr.HTML(elem_classes=["eda", "faults"], elem_id="dataset-faults")
        self.bins: dict[str, gr.Slider] = {}
        self.plots: dict[tuple[str, str], gr.Plot] = {}
        with gr.Accordion(I18nData("dataset.captions")):
            self.cloud = gr.Image(
                label=I18nData("dataset.cloud"), show_label=False, interactive=False, format="png",
                buttons=["download", "fullscreen"], elem_id="dataset-cloud", elem_classes="cloud",
            )  # fmt: skip
            self.with_shared = gr.Checkbox(label=I18nData("dataset.with_shared"), elem_id="dataset-shared")
            self.words = gr.HTML(elem_classes="eda", elem_id="dataset-words")
            with gr.Column(elem_classes=["eda", "eda-plots"]):
                for name in measures.OF_CAPTIONS:
                    self._histogram(name, with_box=True)
                for name in ("epithets", "trades"):
                    self.plots["commonest", name] = self._plot("commonest", name)
        with gr.Accordion(I18nData("dataset.images")), gr.Column(elem_classes=["eda", "eda-plots"]):
            self.plots["pie", "colour"] = self._plot("pie", "colour")
            self.plots["bars", "dominant"] = self._plot("bars", "dominant")
            for name in measures.OF_IMAGES:
                self._histogram(name)
        with gr.Accordion(I18nData("dataset.range")):
            with gr.Row(elem_id="dataset-range"):
                choices = [(I18nData(f"dataset.range.{name}"), name) for name in FILTERS]
                self.measure = gr.Dropdown(
                    choices,
                    value="aspect_ratio",
                    label=I18nData("dataset.range.value"),
                    filterable=False,
                    elem_id="dataset-measure",
                    min_width=260,
                    scale=2,
                )
                self.low = gr.Number(label=I18nData("dataset.range.low"), elem_id="dataset-low", min_width=90)
                self.high = gr.Number(label=I18nData("dataset.range.high"), elem_id="dataset-high", min_width=90)
                self.find = gr.Button(I18nData("dataset.range.show"), elem_id="dataset-find")
            self.found_text = gr.HTML(elem_classes="eda", elem_id="dataset-found-text")
            self.found = gr.Gallery(
                show_label=False, format="png", columns=6, height="auto", object_fit="contain",
                buttons=["download", "fullscreen"], interactive=False, visible=False, elem_id="dataset-found",
            )  # fmt: skip
        with gr.Accordion(I18nData("dataset.take_along")), gr.Row():
            self.files = [
                gr.DownloadButton(I18nData(f"dataset.{kind}"), interactive=False, elem_id=f"dataset-{kind}")
                for kind in ("report", "summary")
            ]
        self.controls = [self.template, self.full, self.with_shared, self.measure, *self.bins.values()]
        self.outputs = [
            self.cloud, self.words, *self.plots.values(), self.faults, self.low, self.high, *self.files,
        ]  # fmt: skip
        self.cleared = {self.found: gr.Gallery(value=None, visible=False), self.found_text: ""}

    def fill(
        self, language: str, dataset: Dataset, template: str, full: bool, with_shared: bool, measure: str, *bins: int
    ) -> Iterator[tuple[str, dict]]:
        """Reads a dataset; yields what is being done next, and the updates of what has come meanwhile."""
        known = dict(zip(self.bins, bins, strict=True))
        updates = {
            **dict.fromkeys(self.plots.values()),
            self.cloud: gr.Image(value=None, visible=False),
            self.words: "",
        }
        updates |= {self.low: None, self.high: None, self.faults: ""} | {
            file: gr.update(interactive=False) for file in self.files
        }
        for stage in dataset.analyse():
            if not dataset.rows:
                yield say(language, "dataset.nothing"), {}
                return
            updates |= self._drawn(language, dataset, stage, template, full, known)
            if stage == "headers":
                updates |= dict(zip((self.low, self.high), self._limits(dataset, measure), strict=True))
                yield say(language, "dataset.doing.headers"), updates
                # The child looks at pixels meanwhile.
                updates[self.cloud] = _cloud(dataset, with_shared, language)
                updates[self.words] = panels.cloud_text(dataset.summary, with_shared, language)
            doing = {"lengths": "lengths", "captions": "captions", "preview": "captions"}.get(stage, "cloud")
            yield say(language, f"dataset.doing.{doing}"), updates
        rows = {row["row"]: row for row in dataset.show(panels.worth_showing(dataset.summary), work.SMALL)}
        faults = panels.faults(dataset.summary, rows, language)
        yield say(language, "dataset.doing.report"), {self.faults: faults}
        yield "", dict(zip(self.files, _files(dataset, rows, language), strict=True))

    def connect(self, held: gr.State) -> None:
        last = {"trigger_mode": "always_last", **QUIET}
        for name, slider in self.bins.items():
            slider.input(
                self._plotter(name), [held, self.full, self.template, slider], self.plots["histogram", name], **last
            )
        histograms = [self.plots["histogram", name] for name in self.bins]
        self.full.input(self._all_plotted, [held, self.full, self.template, *self.bins.values()], histograms, **last)
        self.template.input(
            self._restyled, [held, self.template, self.full, *self.bins.values()], [*self.plots.values()], **last
        )
        self.with_shared.input(self._said, [held, self.with_shared], [self.cloud, self.words], **last)
        self.measure.input(self._limits, [held, self.measure], [self.low, self.high], **QUIET)
        gr.on(
            [self.find.click, self.low.submit, self.high.submit], self._found,
            [held, self.measure, self.low, self.high], [self.found_text, self.found], **QUIET, **queue_of_files(),
        )  # fmt: skip

    def _histogram(self, name: str, with_box: bool = False) -> None:
        with gr.Column():
            self.plots["histogram", name] = self._plot("histogram", name)
            self.bins[name] = gr.Slider(
                5, measures.MOST_BINS, value=measures.BINS, step=1,
                label=I18nData(f"dataset.bins.{name}"),
                buttons=[], elem_id=f"dataset-bins-{name}",
            )  # fmt: skip
            if with_box:
                self.plots["box", name] = self._plot("box", name, "eda-box")

    @staticmethod
    def _plot(kind: str, name: str, classes: str = "eda-plot") -> gr.Plot:
        key = {"pie": "dataset.pie", "bars": "dataset.dominant"}.get(kind) or (
            f"dataset.commonest.{name}" if kind == "commonest" else f"dataset.measure.{name}"
        )
        return gr.Plot(label=I18nData(key), show_label=False, elem_classes=classes, elem_id=f"dataset-{kind}-{name}")

    def _drawn(
        self, language: str, dataset: Dataset, stage: str, template: str, full: bool, bins: dict[str, int]
    ) -> dict:
        """The plots that a stage has brought something new for."""
        summary, drawn, looks = dataset.summary, {}, (template, language)
        histograms = {"lengths": measures.OF_CAPTIONS, "headers": measures.OF_IMAGES}.get(stage, ())
        for name in histograms:
            drawn["histogram", name] = figures.histogram(summary, name, bins[name], full, *looks)
        if stage == "lengths":
            drawn |= {("box", name): figures.box(summary, name, *looks) for name in measures.OF_CAPTIONS}
        elif stage == "captions":
            for name in ("epithets", "trades"):
                drawn["commonest", name] = figures.commonest(summary.texts, name, *looks)
        elif stage in ("headers", "pixels"):
            drawn["pie", "colour"] = figures.colour_pie(summary.images, *looks)
            drawn["bars", "dominant"] = figures.dominant_colours(summary.images, *looks)
        return {self.plots[key]: _plot_data(figure) for key, figure in drawn.items()}

    def _restyled(self, request: gr.Request, dataset: Dataset | None, template: str, full: bool, *bins: int) -> list:
        if dataset is None or dataset.summary is None:
            return [gr.skip()] * len(self.plots)
        known, drawn = dict(zip(self.bins, bins, strict=True)), {}
        stages = ("lengths", "captions", *(("headers",) if dataset.summary.images is not None else ()))
        for stage in stages:
            drawn |= self._drawn(self.language(request), dataset, stage, template, full, known)
        return [drawn.get(plot, gr.skip()) for plot in self.plots.values()]

    def _plotted(self, name: str, request: gr.Request, dataset: Dataset | None, full: bool, template: str, bins: int):
        summary = dataset and dataset.summary
        if summary is None or (summary.images is None and name in measures.OF_IMAGES):
            return gr.skip()
        return figures.histogram(summary, name, bins, full, template, self.language(request))

    def _plotter(self, name: str):
        def plotted(request: gr.Request, dataset: Dataset | None, full: bool, template: str, bins: int):
            return self._plotted(name, request, dataset, full, template, bins)

        return plotted

    def _all_plotted(self, request: gr.Request, dataset: Dataset | None, full: bool, template: str, *bins: int) -> list:
        shown = zip(self.bins, bins, strict=True)
        return [self._plotted(name, request, dataset, full, template, n) for name, n in shown]

    def _said(self, request: gr.Request, dataset: Dataset | None, with_shared: bool):
        if dataset is None or dataset.summary is None:
            return gr.skip(), gr.skip()
        language = self.language(request)
        return _cloud(dataset, with_shared, language), panels.cloud_text(dataset.summary, with_shared, language)

    @staticmethod
    def _limits(dataset: Dataset | None, measure: str):
        if dataset is None or dataset.summary is None or dataset.summary.images is None:
            return gr.skip(), gr.skip()
        found = measures.MEASURES[measure].of(dataset.summary).figures()
        return (found["min"], found["max"])

    def _found(self, request: gr.Request, dataset: Dataset | None, measure: str, low: float | None, high: float | None):
        language = self.language(request)
        number, shown = told(_in_range, dataset, measure, low, high, language=language)
        limits = {end: numerals(f"{value:,.6g}", language) for end, value in (("low", low), ("high", high))}
        name = say(language, f"dataset.measure.{measure}")
        text = say(
            language, "dataset.found.some" if len(shown) < number else "dataset.found", n=number, shown=len(shown),
            rows=counted(language, "dataset.rows", dataset.rows), measure=name if language == "ru" else name.lower(),
            **limits,
        )  # fmt: skip
        without = say(language, "dataset.no_caption")
        pictures = [
            (
                Image.open(io.BytesIO(row["png"])),
                f"{panels.described(row, language)}. {(row['caption'] or without)[:80]}",
            )
            for row in shown
            if row["png"]
        ]
        return f"<p>{text}</p>", gr.Gallery(value=pictures, visible=bool(pictures))


def told(job, *arguments, language: str = "en"):
    """What `job` returns; a TableError becomes the page's own kind of error, with the same sentence in a language."""
    try:
        return job(*arguments)
    except TableError as error:
        raise gr.Error(in_language(str(error), language), print_exception=False) from error


def _in_range(dataset: Dataset | None, measure: str, low: float | None, high: float | None) -> tuple[int, list[dict]]:
    """How many rows have a value from `low` to `high`, and some of them, spread evenly; raises TableError."""
    if dataset is None:
        raise TableError(NO_DATASET)
    if low is None or high is None or low > high:
        raise TableError("The range needs two numbers, the smaller one first.")
    rows = dataset.rows_between(measure, low, high)
    some = rows[np.unique(np.linspace(0, len(rows) - 1, min(FOUND, len(rows))).astype(int))]
    return len(rows), dataset.show(some.tolist())


def _cloud(dataset: Dataset, with_shared: bool, language: str):
    image = figures.word_cloud(words.words(dataset.summary.texts, with_shared))
    if image is None:
        return gr.Image(value=None, visible=False)
    path = _served(dataset, "words.png")
    image.save(path)
    return gr.Image(value=str(path), visible=True, alt_text=say(language, "dataset.cloud.alt"))


def _plot_data(figure) -> PlotData:
    """What gr.Plot would make of a figure each time that it is sent."""
    return PlotData(type="plotly", plot=figure.to_json())


def status(dataset: Dataset, note: str, language: str) -> str:
    rows = counted(language, "dataset.rows", dataset.rows)
    note = f"<p class='note' role='status'>{html.escape(note)}</p>"
    return f"<p class='count'>{html.escape(dataset.name)}: {rows}</p>{note}"


def _files(dataset: Dataset, thumbnails: dict[int, dict], language: str) -> list:
    """Updates of the download buttons. The files lie where Gradio serves them, and go with the dataset or earlier."""
    names = [(dataset.name, dataset.rows)]
    stem = Path(dataset.name).stem[:60] or "dataset"
    (page := _served(dataset, f"{stem}.html")).write_text(
        report(dataset.name, dataset.summary, thumbnails, names, language), encoding="utf-8"
    )
    (numbers := _served(dataset, f"{stem}.json")).write_text(
        json.dumps(facts(dataset.summary, names), indent=2, ensure_ascii=False), encoding="utf-8"
    )
    return [gr.update(value=str(path), interactive=True) for path in (page, numbers)]


def _served(dataset: Dataset, name: str) -> Path:
    """Where to write a file for the owner of a dataset: Gradio serves it as it is, for nobody can guess its address."""
    folder = Path(dataset.served.name) / secrets.token_hex(8)
    folder.mkdir()
    return folder / name
