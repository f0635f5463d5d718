"""python -m benchmarks.analysis: the analysis of a dataset beside the plain way, and how it grows with the rows.

The plain way is what a notebook does: pandas reads the file, Pillow decodes every image, numpy tells shapes and whether
an image is grey, Plotly draws from the raw columns. Both run in processes of their own that have imported what they
need; the memory is what the process and its children take at most beyond that, sampled every few milliseconds.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "eda" / "example.parquet"
REAL = ROOT.parent / "shared" / "data" / "real_logos.parquet"
REPEATS = 5
ROWS = int(os.environ.get("LOGO_GAN_BENCH_ROWS", "100000"))
ROW_BYTES = 37_000  # about what an image of the public dataset takes
SHAPES = 512


def plain(path: str) -> dict[str, float]:
    """Seconds until there are plots, which here all come at the end."""
    import io

    import numpy as np
    import pandas as pd
    import plotly.graph_objects as go
    from PIL import Image

    begin = time.perf_counter()
    frame = pd.read_parquet(path)
    heights, widths, grey = [], [], []
    for cell in frame["image"]:
        pixels = np.asarray(Image.open(io.BytesIO(cell["bytes"])))
        heights.append(pixels.shape[0])
        widths.append(pixels.shape[1])
        grey.append(pixels.ndim == 2 or bool((pixels == pixels[..., :1]).all()))
    frame["height"], frame["width"], frame["grey"] = heights, widths, grey
    frame["length"] = frame["text"].str.len()
    frame["epithets"] = frame["text"].str.count(",")
    frame["aspect"] = frame["height"] / frame["width"]
    frame["pixels"] = frame["height"] * frame["width"]
    other = frame.loc[frame["aspect"] != 1, "aspect"]
    figures = [go.Figure(go.Histogram(x=frame[name], nbinsx=30)) for name in ("length", "epithets")]
    figures += [go.Figure(go.Box(x=frame[name])) for name in ("length", "epithets")]
    for values in (frame["height"], frame["width"], frame["aspect"], other, frame["pixels"]):
        figures.append(go.Figure(go.Histogram(x=values, nbinsx=30)))
    figures.append(go.Figure(go.Pie(values=frame["grey"].value_counts())))
    sent = [figure.to_json() for figure in figures]
    assert len(sent) == 10
    took = time.perf_counter() - begin
    return {"first": took, "all": took}


def ours(path: str) -> dict[str, float]:
    """The same, as the page does it: what it sends after each stage."""
    from eda import figures, measures
    from eda.dataset import Dataset

    begin, took = time.perf_counter(), {}
    dataset = Dataset(path, look=False)
    for stage in dataset.analyse():
        summary = dataset.summary
        if stage == "lengths":
            drawn = [draw(summary, of) for of in measures.OF_CAPTIONS for draw in (figures.histogram, figures.box)]
            took["first"] = _sent(drawn, begin)
        elif stage == "captions":
            _sent([figures.commonest(summary.texts, what) for what in ("epithets", "trades")], begin)
        elif stage == "headers":
            drawn = [figures.histogram(summary, of) for of in measures.OF_IMAGES] + [figures.colour_pie(summary.images)]
            took["all"] = _sent(drawn, begin)
        elif stage == "pixels":
            took["pixels"] = _sent(
                [figures.colour_pie(summary.images), figures.dominant_colours(summary.images)], begin
            )
    begin = time.perf_counter()
    _sent([figures.histogram(summary, "width", 47)], begin)
    took["slider"] = time.perf_counter() - begin
    return took


def _sent(drawn: list, begin: float) -> float:
    assert all(figure.to_json() for figure in drawn)
    return time.perf_counter() - begin


def measured(way: Callable[[str], dict[str, float]], path: Path) -> dict[str, float]:
    """Medians of `way` in a fresh, warm process, and the megabytes it took at most."""
    command = [sys.executable, "-m", "benchmarks.analysis", way.__name__, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def _measure(way: Callable[[str], dict[str, float]], path: str) -> dict[str, float]:
    if way is ours:
        from eda import sandbox

        sandbox.prepare()
    way(str(EXAMPLE))  # imports, and Plotly's first figure
    with Memory() as memory:
        runs = [way(path) for _ in range(REPEATS)]
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]} | {"megabytes": memory.grown / 1e6}


class Memory:
    """The most memory that this process and its children had beyond what they had at first: `grown`, in bytes.

    Pages that are shared, as a fork's are, count once (PSS, as the Linux kernel shares them out).
    """

    def __enter__(self) -> Memory:
        self._first, self.grown, self._over = self._now(), 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.01):
            self.grown = max(self.grown, self._now() - self._first)

    @staticmethod
    def _now() -> int:
        return tree_bytes(os.getpid())


def tree_bytes(pid: int) -> int:
    """The memory of a process and its children, by PSS."""
    import psutil

    total = 0
    try:
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += 1024 * int(line.split()[1])
    except (OSError, psutil.Error):  # one has just ended
        pass
    return total


def write_large(path: Path, rows: int, seed: int = 0) -> None:
    """A dataset of the public one's shape: `SHAPES` sizes, `ROW_BYTES` an image, every file its own, long captions."""
    import io
    import random

    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq
    from PIL import Image

    from logo_gan.training.captions import TAIL

    numbers, rng = np.random.default_rng(seed), random.Random(seed)
    pictures = []
    for _ in range(SHAPES):
        height, width = (int(side) for side in np.clip(numbers.lognormal(np.log(180), 0.25, 2), 64, 512))
        file = io.BytesIO()
        # So many random bits that deflate leaves about ROW_BYTES of them.
        levels = int(np.clip(2 ** (8 * ROW_BYTES / (height * width * 3)), 2, 256))
        noise = numbers.integers(0, levels, (height, width, 3)) * (255 // (levels - 1))
        Image.fromarray(noise.astype(np.uint8)).save(file, "PNG", compress_level=1)
        pictures.append(file.getvalue())
    words = [bytes(rng.choices(range(97, 123), k=rng.randint(3, 9))).decode() for _ in range(20_000)]
    schema = pa.schema({"image": pa.struct({"bytes": pa.binary(), "path": pa.string()}), "text": pa.string()})
    with pq.ParquetWriter(path, schema, compression="none") as writer:
        for start in range(0, rows, 500):
            images, texts = [], []
            for row in range(start, min(start + 500, rows)):
                note = b"tEXt" + b"row\0%d" % row
                chunk = (len(note) - 4).to_bytes(4, "big") + note + zlib.crc32(note).to_bytes(4, "big")
                picture = pictures[rng.randrange(SHAPES)]
                images.append({"bytes": picture[:-12] + chunk + picture[-12:], "path": None})
                brand, trade = " ".join(rng.choices(words, k=2)), rng.choice(words[:500])
                texts.append(f"Simple elegant logo for {brand}, {' '.join(rng.choices(words, k=4))}, {trade}, {TAIL}")
            writer.write_table(pa.table({"image": images, "text": texts}, schema=schema))


def growing(rows: int = ROWS) -> list[tuple[int, float, float]]:
    """Rows, seconds and megabytes of `python -m eda` on a quarter, a half and the whole of a large dataset."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for part in (rows // 4, rows // 2, rows):
            path = Path(folder) / "large.parquet"
            write_large(path, part)
            begin = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-m", "eda", str(path), "--json", str(Path(folder) / "out.json")],
                cwd=ROOT, stdout=subprocess.DEVNULL,
            )  # fmt: skip
            most = 0
            while process.poll() is None:
                most = max(most, tree_bytes(process.pid))
                time.sleep(0.05)
            assert process.returncode == 0
            assert json.loads((Path(folder) / "out.json").read_text())["rows"] == part
            found.append((part, time.perf_counter() - begin, most / 1e6))
    return found


def table() -> list[str]:
    """The lines of results.md."""
    lines = ["| dataset | what | plain way | ours | ratio |", "| --- | --- | ---: | ---: | ---: |"]
    for path in (EXAMPLE, REAL):
        if not path.is_file():
            lines.append(f"| {path.name} | not measured here, it is absent | | | |")
            continue
        one, two = measured(plain, path), measured(ours, path)
        for what, name in (("plots of captions, s", "first"), ("all plots, from headers, s", "all")):
            lines.append(f"| {path.name} | {what} | {one[name]:.2f} | {two[name]:.3f} | {one[name] / two[name]:.1f} |")
        ratio = one["all"] / two["pixels"]
        lines.append(
            f"| {path.name} | plots from pixels too, s | {one['all']:.2f} | {two['pixels']:.2f} | {ratio:.1f} |"
        )
        ratio = one["megabytes"] / two["megabytes"]
        lines.append(
            f"| {path.name} | memory at most, MB | {one['megabytes']:.0f} | {two['megabytes']:.0f} | {ratio:.1f} |"
        )
        lines.append(f"| {path.name} | a bins slider, on the server, ms | | {1000 * two['slider']:.1f} | |")
    lines += ["", "`python -m eda` on generated datasets of the public one's shape, all processes together:", ""]
    lines += ["| rows | seconds | rows a second | memory at most, MB |", "| ---: | ---: | ---: | ---: |"]
    lines += [f"| {rows:,} | {took:.1f} | {rows / took:,.0f} | {most:,.0f} |" for rows, took, most in growing()]
    return lines


def main() -> None:
    if len(sys.argv) == 3:
        print(json.dumps(_measure({"plain": plain, "ours": ours}[sys.argv[1]], sys.argv[2])))
    else:
        print("\n".join(table()))


if __name__ == "__main__":
    main()
