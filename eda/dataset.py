"""One visitor's dataset: a file of its own, what is known of it, and its end."""

from __future__ import annotations

import base64
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from eda import sandbox, work
from eda.statistics import Summary
from eda.table import TableError

EXAMPLE = Path(__file__).with_name("example.parquet")
FILTERS = ("caption_length", "epithets", "height", "width", "aspect_ratio", "pixels")


class Dataset:
    """A checked parquet file. Its folder is deleted with the object, or at the latest with the process.

    Attributes:
        name: as its owner calls it.
        rows: how many it has.
        preview: its first rows, as by `show`.
        summary: what `analyse` has found so far; None before.
        served: a folder for what is made of it for its owner, deleted with it.
        complete: whether `analyse` has been through.
    """

    def __init__(
        self,
        path: str | os.PathLike,
        name: str | None = None,
        folder: str | os.PathLike | None = None,
        look: bool = True,
    ):
        """Takes a file, which may be deleted afterwards unless it is the example, and looks at it.

        Args:
            folder: where a folder for it is made.
            look: without it, `rows` and `preview` are known, and errors raised, only when `analyse` gets to them.

        Raises:
            TableError: the file cannot be analysed; the sentence says why.
        """
        self.name = name or Path(path).name
        self.served = tempfile.TemporaryDirectory(prefix="served-", dir=folder)
        self._folder = tempfile.TemporaryDirectory(prefix="dataset-", dir=folder)
        self.path = str(path)
        if Path(path) != EXAMPLE:
            self.path = str(Path(self._folder.name) / "data.parquet")
            try:
                os.link(path, self.path)
            except OSError:  # another disk, or one without links
                _copy(path, self.path)
        found = sandbox.last(work.look, self.path) if look else {"rows": 0, "preview": []}
        self.rows: int = found["rows"]
        self.preview: list[dict] = found["preview"]
        self.summary: Summary | None = None
        self.complete = False
        self._analysing = threading.Lock()

    def analyse(self) -> Iterator[str]:
        """Makes `summary` ever fuller; yields what has come: "lengths", "captions", "preview", "headers", "pixels".

        One analysis at a time; after a complete one there is nothing more to do, and nothing is yielded.
        """
        with self._analysing:
            for found in () if self.complete else sandbox.stream(work.analyse, self._there(), self._values):
                if "summary" in found:
                    self.summary = Summary.loads(found["summary"])
                    self.rows = self.summary.rows
                else:
                    self.preview = found["preview"]
                yield found["stage"]
            self.complete = True

    def show(self, rows: Sequence[int], side: int = work.THUMBNAIL) -> list[dict]:
        """Some rows: `row`, `caption`, `width`, `height`, `format`, `mode`, `fault` (None, or what is wrong with the
        image) and `png` (bytes of a picture of at most `side` pixels, or None).

        Raises:
            TableError: there is no such row.
        """
        if not rows:
            return []
        shown = sandbox.last(work.show, self._there(), [int(row) for row in rows], side)
        return [{**row, "png": row["png"] and base64.b64decode(row["png"])} for row in shown]

    def rows_between(self, name: str, low: float, high: float) -> np.ndarray:
        """The rows whose value of one of `FILTERS` lies from low to high, both included, ordered by value.

        Raises:
            TableError: the headers have not been read yet.
        """
        if self.summary is None or self.summary.images is None:
            raise TableError("The rows are still being read; try again in a moment.")
        self._there()
        with np.load(self._values, allow_pickle=False) as stored:
            height, width = stored["height"], stored["width"]
            if name == "aspect_ratio":
                values = np.divide(height, width, out=np.full(len(height), -1.0), where=width > 0)
            elif name == "pixels":
                values = np.where(width > 0, height * width, -1)
            else:
                values = stored[name]
            there = values > 0 if name not in ("caption_length", "epithets") else values >= 0
        found = np.flatnonzero(there & (values >= low) & (values <= high))
        return found[np.argsort(values[found], kind="stable")]

    def _there(self) -> str:
        """The file's path; raises TableError where it had to make room. Those that are used longest ago go first."""
        for path in (self.path, self._values) if self.complete else (self.path,):
            try:
                os.utime(path)
            except FileNotFoundError:
                raise TableError("The dataset is no longer kept here; please upload it again.") from None
            except OSError:  # the example, where the app may not write
                pass
        return self.path

    @property
    def _values(self) -> str:
        return str(Path(self._folder.name) / "values.npz")


def _copy(path: str | os.PathLike, target: str) -> None:
    try:
        shutil.copyfile(path, target)
    except OSError as error:
        raise TableError(f"The server cannot keep the file: {(error.strerror or 'unknown reason').lower()}.") from error
