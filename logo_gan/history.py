"""The history of a training run: a table of images seen, epochs, losses and measures, flushed as it grows."""

from __future__ import annotations

import csv
import math
from pathlib import Path

LOSSES = ("loss_generator", "loss_discriminator", "loss_wrong_caption", "loss_fields", "loss_masks", "loss_palette",
          "loss_form", "penalty")  # fmt: skip
# Empty in most rows: of the averaged generator, at the measuring points.
MEASURES = ("colour", "colour_in_container", "container", "object", "binding", "synonym", "diversity",
            "frechet_distance", "kernel_distance", "precision", "recall", "density", "coverage")  # fmt: skip
COLUMNS = ("images", "epoch", "seconds", *LOSSES, *MEASURES)
EPOCH = 100_000  # images called an epoch, whatever the source: composed logos have no end


class History:
    """A CSV file that gains a row now and then. Opened on an existing file it goes on after `images` seen.

    Rows beyond that count belong to work that a resumed run is about to repeat and are dropped. Columns that an older
    file lacks are empty in its rows; those that only it has are kept.
    """

    def __init__(self, path: Path, columns: tuple[str, ...], images: int = 0):
        rows = [r for r in read(path) if r["images"] <= images] if path.is_file() else []
        self.path, self.columns = path, tuple(dict.fromkeys([*columns, *(k for r in rows for k in r)]))
        _write(path, self.columns, rows)

    def add(self, **values) -> None:
        """Append a row and flush it, so that a killed run loses nothing. Values that are not finite are left out."""
        with self.path.open("a", newline="") as file:
            csv.DictWriter(file, self.columns, lineterminator="\n").writerow(_cells(values))


def read(path: str | Path) -> list[dict[str, float]]:
    """The rows of a history file, numbers as floats; empty cells are left out."""
    with Path(path).open(newline="") as file:
        return [{k: float(v) for k, v in row.items() if v} for row in csv.DictReader(file)]


def insert(path: Path, images: int, **values) -> None:
    """Put values that became known later into the row of an image count, or into a new row at its place."""
    rows = read(path) if path.is_file() else []
    row = next((r for r in rows if r["images"] == images), None)
    if row is None:
        row = {"images": images, "epoch": images / EPOCH}
        rows.append(row)
    row.update(values)
    rows.sort(key=lambda r: r["images"])
    _write(path, tuple(dict.fromkeys([*COLUMNS, *(k for r in rows for k in r)])), rows)


def _write(path: Path, columns: tuple[str, ...], rows: list[dict]) -> None:
    part = path.with_name(f".{path.name}.part")  # killed just now, the run must not lose its past
    with part.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(_cells(r) for r in rows)
    part.replace(path)


def _cells(values: dict) -> dict[str, str]:
    cells = {}
    for key, value in values.items():
        if math.isfinite(value):
            cells[key] = str(int(value)) if value == int(value) else f"{value:.6g}"
    return cells
