"""The Dataset tab's endpoints, /load_dataset, /random_logo and /analyse, and what the page shares with them."""

from __future__ import annotations

import io
import secrets
from pathlib import Path

import gradio as gr
from gradio.utils import get_upload_folder
from loguru import logger
from PIL import Image

from eda.dataset import Dataset
from eda.facts import facts
from eda.tab_analysis import NO_DATASET, queue_of_files, told
from eda.table import TableError
from eda.work import ROW_SIDE


def build(held: gr.State) -> None:
    """What programs call. A session keeps its dataset between calls; who has none names the file each time."""

    def load_dataset(file: str, dataset: Dataset | None = None) -> tuple[int, list, Dataset]:
        """Check a parquet file of logos (columns `image` and `text`) and keep it for this session.

        Returns the number of rows, and the first ones: row (from 0), caption, width, height, format, mode, fault.
        """
        dataset = told(opened, file)
        first = [{key: value for key, value in row.items() if key != "png"} for row in dataset.preview]
        return dataset.rows, first, dataset

    def random_logo(row: float | None = None, file: str | None = None, dataset: Dataset | None = None):
        """Show one row of a dataset, a random one unless `row` (from 0) is given.

        Without a `file`, of the one that /load_dataset keeps for this session. Returns the image (null if the row has
        none that can be shown) as a PNG of at most 1,024 pixels, the caption (at most 2,000 characters of it) and the
        row's number.
        """
        shown = told(row_of, told(opened, file) if file else dataset, row)
        image = Image.open(io.BytesIO(shown["png"])) if shown["png"] else None
        return image, shown["caption"], shown["row"]

    def analyse(file: str | None = None, dataset: Dataset | None = None) -> dict:
        """Analyse a dataset: captions, sizes, colours, and what is wrong, as one JSON object.

        Without a `file`, the one that /load_dataset keeps for this session. Keys as `python -m eda --json` writes them.
        """
        dataset = told(opened, file) if file else dataset
        if dataset is None:
            raise gr.Error(NO_DATASET, print_exception=False)
        told(lambda: [*dataset.analyse()])
        return facts(dataset.summary, [(dataset.name, dataset.rows)])

    with gr.Column(visible=False):
        file, row = gr.File(label="File"), gr.Number(label="Row", value=None)
        rows, first = gr.Number(label="Rows"), gr.JSON(label="Preview")
        image, caption = gr.Image(label="Image", format="png"), gr.Textbox(label="Caption")
        index = gr.Number(label="Index")
        found, button = gr.JSON(label="Summary"), gr.Button()
    optional = gr.File(label="File", value=None, visible=False)
    button.click(load_dataset, [file, held], [rows, first, held], api_name="load_dataset", **queue_of_files())
    button.click(
        random_logo, [row, optional, held], [image, caption, index], api_name="random_logo", **queue_of_files()
    )
    button.click(analyse, [optional, held], found, api_name="analyse", **queue_of_files())


def opened(path: str | None, look: bool = True) -> Dataset:
    """A visitor's own dataset; raises TableError."""
    if not path:
        raise TableError("No file was given; a parquet file with the columns image and text is needed.")
    dataset = Dataset(path, folder=_folder(), look=look)
    logger.info("Took in a dataset of {:.1f} MB.", Path(dataset.path).stat().st_size / 1e6)
    return dataset


def row_of(dataset: Dataset | None, number: float | str | None) -> dict:
    """One row as by `Dataset.show`, a random one without a number; raises TableError."""
    if dataset is None or not dataset.rows:
        raise TableError(NO_DATASET if dataset is None else "The dataset has no rows.")
    if number is None or number == "":
        number = secrets.randbelow(dataset.rows)
    try:
        if float(number) != int(float(number)):
            raise ValueError
        number = int(float(number))
    except (ValueError, OverflowError):
        last = dataset.rows - 1
        raise TableError(f"The row has to be a whole number from 0 to {last}.") from None
    return dataset.show([number], ROW_SIDE)[0]


def _folder() -> str:
    folder = Path(get_upload_folder())
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder)
