"""The history of a training run: a table of images seen, epochs, losses, flushed as it grows."""

from __future__ import annotations

import csv
from pathlib import Path


class History:
    """A CSV file that gains a row now and then. Opened on an existing file it goes on after `images` seen.

    Rows beyond that count belong to work that a resumed run is about to repeat and are dropped.
    """

    def __init__(self, path: Path, columns: tuple[str, ...], images: int = 0):
        self.path, self.columns = path, columns
        rows = [r for r in read(path) if r["images"] <= images] if path.is_file() else []
        part = path.with_name(f".{path.name}.part")  # killed just now, the run must not lose its past
        with part.open("w", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows({k: r.get(k, "") for k in columns} for r in rows)
        part.replace(path)

    def add(self, **values) -> None:
        """Append a row and flush it, so that a killed run loses nothing."""
        row = {k: f"{v:.6g}" if isinstance(v, float) else v for k, v in values.items()}
        with self.path.open("a", newline="") as file:
            csv.DictWriter(file, self.columns, lineterminator="\n").writerow(row)


def read(path: str | Path) -> list[dict[str, float]]:
    """The rows of a history file, numbers as floats; empty cells are left out."""
    with Path(path).open(newline="") as file:
        return [{k: float(v) for k, v in row.items() if v} for row in csv.DictReader(file)]
