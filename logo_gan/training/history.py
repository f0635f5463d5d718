"""The history of a training run: a table of images seen, epochs, losses and measures, flushed as it grows."""

from __future__ import annotations

import csv
import math
from pathlib import Path

COLUMNS = ("images", "epoch", "seconds")  # first in every history; others follow in the order of their first values
EPOCH = 100_000  # images called an epoch, whatever the source: composed logos have no end


class History:
    """A CSV file that gains a row now and then. Opened on an existing file it goes on after `images` seen.

    Rows beyond that count belong to work that a resumed run is about to repeat and are dropped. A column appears with
    its first value and is empty in the rows before.
    """

    def __init__(self, path: Path, images: int = 0):
        self.path = path
        self.rows = [row for row in read(path) if row["images"] <= images] if path.is_file() else []
        self.columns = _columns(self.rows)
        self._write()

    def add(self, images: int, **values: float) -> None:
        """Append a row and flush it, so that a killed run loses nothing. Values that are not finite are left out.

        What is added to the last row's image count goes into that row.
        """
        row = {"images": images, **{name: value for name, value in values.items() if math.isfinite(value)}}
        begun = bool(self.rows) and self.rows[-1]["images"] == images
        if begun:
            self.rows[-1] |= row
        else:
            self.rows.append(row)
        if not begun and set(row) <= set(self.columns):
            with self.path.open("a", newline="") as file:
                csv.DictWriter(file, self.columns, lineterminator="\n").writerow(_cells(row))
        else:
            self.columns = _columns(self.rows)
            self._write()

    def _write(self) -> None:
        part = self.path.with_name(f".{self.path.name}.part")  # killed just now, the run must not lose its past
        with part.open("w", newline="") as file:
            writer = csv.DictWriter(file, self.columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(map(_cells, self.rows))
        part.replace(self.path)


def read(path: str | Path) -> list[dict[str, float]]:
    """The rows of a history file, numbers as floats; empty cells are left out."""
    with Path(path).open(newline="") as file:
        return [{name: float(value) for name, value in row.items() if value} for row in csv.DictReader(file)]


def _columns(rows: list[dict[str, float]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*COLUMNS, *(name for row in rows for name in row)]))


def _cells(row: dict[str, float]) -> dict[str, str]:
    return {name: str(int(value)) if value == int(value) else f"{value:.6g}" for name, value in row.items()}
