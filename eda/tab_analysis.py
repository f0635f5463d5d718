"""The Dataset tab's analysis: what is wrong, plots of captions and images, logos in a range, files to take along."""

from __future__ import annotations

import html
import io
import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import numpy as np
from gradio.components.plot import PlotData
from PIL import Image

from eda import figures, measures, panels, words, work
from eda.dataset import FILTERS, Dataset
from eda.facts import facts
from eda.report import report
from eda.table import TableError

FOUND = 24  # logos of a range that are shown at a time
NO_DATASET = "No dataset is loaded yet; upload a parquet file, or load the example."
COUNTING, READING, DRAWING = "counting words …", "reading headers …", "drawing words …"
LOOKING, WRITING = "looking at pixels …", "writing the report …"

# One queue for everything that starts a child process on a visitor's behalf.
FILES = {"concurrency_id": "parquet", "concurrency_limit": 2}
QUIET = {"show_progress": "hidden", "api_visibility": "private"}


class Analysis:
    """What is wrong, the plots of captions and of images, the logos of a range, the downloads."""

    def __init__(self):
        with gr.Row(elem_id="dataset-controls"):
            self.template = gr.Dropdown(
                [("as the page", figures.PAGE), *((name, name) for name in figures.TEMPLATES[1:])],
                value=figures.PAGE, label="Plotly template", filterable=False, elem_id="dataset-template",
            )  # fmt: skip
            self.full = gr.Checkbox(label="Histograms over the full range, outliers included", elem_id="dataset-full")
        with gr.Accordion("What is wrong"):
            self.faults = gr.HTML(elem_classes=["eda", "faults"], elem_id="dataset-faults")
        self.bins: dict[str, gr.Slider] = {}
        self.plots: dict[tuple[str, str], gr.Plot] = {}
        with gr.Accordion("Captions"):
            self.cloud = gr.Image(
                label="Word cloud", show_label=False, interactive=False, format="png",
                buttons=["download", "fullscreen"], elem_id="dataset-cloud", elem_classes="cloud",
            )  # fmt: skip
            self.with_shared = gr.Checkbox(label="With the words that most captions share", elem_id="dataset-shared")
            self.words = gr.HTML(elem_classes="eda", elem_id="dataset-words")
            with gr.Column(elem_classes=["eda", "eda-plots"]):
                for name in measures.OF_CAPTIONS:
                    self._histogram(name, with_box=True)
                for name in ("epithets", "trades"):
                    self.plots["commonest", name] = self._plot("commonest", name)
        with gr.Accordion("Images"), gr.Column(elem_classes=["eda", "eda-plots"]):
            self.plots["pie", "colour"] = self._plot("pie", "colour")
            self.plots["bars", "dominant"] = self._plot("bars", "dominant")
            for name in measures.OF_IMAGES:
                self._histogram(name)
        with gr.Accordion("Logos in a range"):
            with gr.Row(elem_id="dataset-range"):
                choices = [
                    (f"{measures.MEASURES[name].title} ({measures.MEASURES[name].unit})", name) for name in FILTERS
                ]
                self.measure = gr.Dropdown(
                    choices,
                    value="aspect_ratio",
                    label="Value",
                    filterable=False,
                    elem_id="dataset-measure",
                    min_width=260,
                )
                self.low = gr.Number(label="From", elem_id="dataset-low", min_width=90)
                self.high = gr.Number(label="To", elem_id="dataset-high", min_width=90)
                self.find = gr.Button("Show these logos", elem_id="dataset-find")
            self.found_text = gr.HTML(elem_classes="eda", elem_id="dataset-found-text")
            self.found = gr.Gallery(
                show_label=False, format="png", columns=6, height="auto", object_fit="contain",
                buttons=["download", "fullscreen"], interactive=False, visible=False, elem_id="dataset-found",
            )  # fmt: skip
        with gr.Accordion("Take it along"), gr.Row():
            self.files = [
                gr.DownloadButton(label, interactive=False, elem_id=f"dataset-{kind}")
                for label, kind in (("Report (HTML)", "report"), ("Summary (JSON)", "summary"))
            ]
        self.controls = [self.template, self.full, self.with_shared, self.measure, *self.bins.values()]
        self.outputs = [
            self.cloud, self.words, *self.plots.values(), self.faults, self.low, self.high, *self.files,
        ]  # fmt: skip
        self.cleared = {self.found: gr.Gallery(value=None, visible=False), self.found_text: ""}

    def fill(
        self, dataset: Dataset, template: str, full: bool, with_shared: bool, measure: str, *bins: int
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
                yield "The columns are as they have to be, but there is nothing to analyse.", {}
                return
            updates |= self._drawn(dataset, stage, template, full, known)
            if stage == "headers":
                updates |= dict(zip((self.low, self.high), self._limits(dataset, measure), strict=True))
                yield DRAWING, updates
                # The child looks at pixels meanwhile.
                updates[self.cloud] = self._cloud(dataset, with_shared)
                updates[self.words] = panels.cloud_text(dataset.summary, with_shared)
            yield {"lengths": COUNTING, "captions": READING, "preview": READING}.get(stage, LOOKING), updates
        rows = {row["row"]: row for row in dataset.show(panels.worth_showing(dataset.summary), work.SMALL)}
        yield WRITING, {self.faults: panels.faults(dataset.summary, rows)}
        yield "", dict(zip(self.files, _files(dataset, rows), strict=True))

    def connect(self, held: gr.State) -> None:
        last = {"trigger_mode": "always_last", **QUIET}
        for name, slider in self.bins.items():
            slider.input(
                lambda dataset, bins, full, template, name=name: self._plotted(dataset, name, bins, full, template),
                [held, slider, self.full, self.template], self.plots["histogram", name], **last,
            )  # fmt: skip
        histograms = [self.plots["histogram", name] for name in self.bins]
        self.full.input(
            lambda dataset, full, template, *bins: [
                self._plotted(dataset, name, n, full, template) for name, n in zip(self.bins, bins, strict=True)
            ],
            [held, self.full, self.template, *self.bins.values()], histograms, **last,
        )  # fmt: skip
        self.template.input(
            self._restyled, [held, self.template, self.full, *self.bins.values()], [*self.plots.values()], **last
        )
        self.with_shared.input(self._said, [held, self.with_shared], [self.cloud, self.words], **last)
        self.measure.input(self._limits, [held, self.measure], [self.low, self.high], **QUIET)
        gr.on(
            [self.find.click, self.low.submit, self.high.submit], self._found,
            [held, self.measure, self.low, self.high], [self.found_text, self.found], **QUIET, **FILES,
        )  # fmt: skip

    def _histogram(self, name: str, with_box: bool = False) -> None:
        with gr.Column():
            self.plots["histogram", name] = self._plot("histogram", name)
            self.bins[name] = gr.Slider(
                5, measures.MOST_BINS, value=measures.BINS, step=1,
                label=f"Bins: {measures.MEASURES[name].title.lower()}",
                buttons=[], elem_id=f"dataset-bins-{name}",
            )  # fmt: skip
            if with_box:
                self.plots["box", name] = self._plot("box", name, "eda-box")

    @staticmethod
    def _plot(kind: str, name: str, classes: str = "eda-plot") -> gr.Plot:
        label = measures.MEASURES[name].title if name in measures.MEASURES else name
        return gr.Plot(label=label, show_label=False, elem_classes=classes, elem_id=f"dataset-{kind}-{name}")

    def _drawn(self, dataset: Dataset, stage: str, template: str, full: bool, bins: dict[str, int]) -> dict:
        """The plots that a stage has brought something new for."""
        summary, drawn = dataset.summary, {}
        histograms = {"lengths": measures.OF_CAPTIONS, "headers": measures.OF_IMAGES}.get(stage, ())
        for name in histograms:
            drawn["histogram", name] = figures.histogram(summary, name, bins[name], full, template)
        if stage == "lengths":
            drawn |= {("box", name): figures.box(summary, name, template) for name in measures.OF_CAPTIONS}
        elif stage == "captions":
            for name in ("epithets", "trades"):
                drawn["commonest", name] = figures.commonest(summary.texts, name, template)
        elif stage in ("headers", "pixels"):
            drawn["pie", "colour"] = figures.colour_pie(summary.images, template)
            drawn["bars", "dominant"] = figures.dominant_colours(summary.images, template)
        return {self.plots[key]: _plot_data(figure) for key, figure in drawn.items()}

    def _restyled(self, dataset: Dataset | None, template: str, full: bool, *bins: int) -> list:
        if dataset is None or dataset.summary is None:
            return [gr.skip()] * len(self.plots)
        known, drawn = dict(zip(self.bins, bins, strict=True)), {}
        stages = ("lengths", "captions", *(("headers",) if dataset.summary.images is not None else ()))
        for stage in stages:
            drawn |= self._drawn(dataset, stage, template, full, known)
        return [drawn.get(plot, gr.skip()) for plot in self.plots.values()]

    @staticmethod
    def _plotted(dataset: Dataset | None, name: str, bins: int, full: bool, template: str):
        summary = dataset and dataset.summary
        if summary is None or (summary.images is None and name in measures.OF_IMAGES):
            return gr.skip()
        return figures.histogram(summary, name, bins, full, template)

    def _said(self, dataset: Dataset | None, with_shared: bool):
        if dataset is None or dataset.summary is None:
            return gr.skip(), gr.skip()
        return self._cloud(dataset, with_shared), panels.cloud_text(dataset.summary, with_shared)

    @staticmethod
    def _cloud(dataset: Dataset, with_shared: bool):
        image = figures.word_cloud(words.words(dataset.summary.texts, with_shared))
        if image is None:
            return gr.Image(value=None, visible=False)
        path = _served(dataset, "words.png")
        image.save(path)
        return gr.Image(value=str(path), visible=True, alt_text="Word cloud of the captions; its words follow as text")

    @staticmethod
    def _limits(dataset: Dataset | None, measure: str):
        if dataset is None or dataset.summary is None or dataset.summary.images is None:
            return gr.skip(), gr.skip()
        found = measures.MEASURES[measure].of(dataset.summary).figures()
        return (found["min"], found["max"])

    @staticmethod
    def _found(dataset: Dataset | None, measure: str, low: float | None, high: float | None):
        if dataset is None:
            raise gr.Error(NO_DATASET, print_exception=False)
        if low is None or high is None or low > high:
            raise gr.Error("The range needs two numbers, the smaller one first.", print_exception=False)
        try:
            rows = dataset.rows_between(measure, low, high)
            some = rows[np.unique(np.linspace(0, len(rows) - 1, min(FOUND, len(rows))).astype(int))]
            shown = dataset.show(some.tolist())
        except TableError as error:
            raise gr.Error(str(error), print_exception=False) from error
        unit = measures.MEASURES[measure].title.lower()
        told = f"<p>{len(rows):,} of {dataset.rows:,} rows: {unit} from {low:,.6g} to {high:,.6g}"
        told += f"; {len(some)} of them, evenly spaced by value:</p>" if len(some) < len(rows) else ".</p>"
        pictures = [
            (Image.open(io.BytesIO(row["png"])), f"{panels.described(row)}. {(row['caption'] or 'no caption')[:80]}")
            for row in shown
            if row["png"]
        ]
        return told, gr.Gallery(value=pictures, visible=bool(pictures))


def _plot_data(figure) -> PlotData:
    """What gr.Plot would make of a figure each time that it is sent."""
    return PlotData(type="plotly", plot=figure.to_json())


def status(dataset: Dataset, note: str = "") -> str:
    rows = f"{dataset.rows:,} row{'' if dataset.rows == 1 else 's'}"
    note = f"<p class='note' role='status'>{html.escape(note)}</p>"
    return f"<p class='count'>{html.escape(dataset.name)}: {rows}</p>{note}"


def _files(dataset: Dataset, thumbnails: dict[int, dict]) -> list:
    """Updates of the download buttons. The files lie where Gradio serves them, and go with the dataset or earlier."""
    names = [(dataset.name, dataset.rows)]
    stem = Path(dataset.name).stem[:60] or "dataset"
    (page := _served(dataset, f"{stem}.html")).write_text(
        report(dataset.name, dataset.summary, thumbnails, names), encoding="utf-8"
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
