"""What a run shows of itself on its way: sample sheets of the same captions, the strip of them, and measures.

    python -m logo_gan.progress runs/layered-64

measures the generators that a run has kept, where its history has no measures of them yet, and draws progress.png anew.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from logo_gan import history
from logo_gan.configs import Config
from logo_gan.data import word_ids
from logo_gan.model_files import write_whole
from logo_gan.processes import Processes
from logo_gan.prompt import WordTable
from logo_gan.steps import TASKS, Baseline, Layered

if TYPE_CHECKING:
    from PIL import Image

SAMPLE_CAPTIONS = (
    "orange rocket in a navy circle", "blue fish logo", "a white owl on a green hexagon",
    "red heart in a yellow shield",
    "logo for Aurora, coffee shop, brown", "green leaf", "letter M in a purple square", "pink flower on a teal badge",
    "black cat", "yellow sun in a blue diamond", "navy anchor, outline", "two-tone teal mountain",
    "law firm logo", "white rocket on a navy circle", "navy rocket on a white circle", "purple waves",
)  # fmt: skip
GAP = 2  # pixels between two pictures
CELL, LABEL, TOP = 64, 150, 20  # pixels of the strip: a picture, the captions' column, the row of image counts
POINTS = 8  # columns of the strip
LOGOS = 4  # of a prompt, where a generator is measured
MEASURED_SIZE = 64  # pixels a side of what is measured
CHUNK = 128  # logos drawn at once


def sheet(images: Tensor) -> Image.Image:
    """Images (N, 3, S, S) in one row."""
    from PIL import Image

    pixels = _bytes(images)
    size = pixels.shape[1]
    joined = Image.new("RGB", (len(pixels) * (size + GAP), size), "white")
    for i, image in enumerate(pixels):
        joined.paste(Image.fromarray(image), (i * (size + GAP), 0))
    return joined


def strip(folder: str | Path, points: int = POINTS) -> Image.Image:
    """The captions' pictures side by side, from the sheets in `folder`/samples: a row a caption, a column a point.

    At most `points` points of the run, evenly spread over its images, the first and the last always among them.
    ValueError: there are no sheets, or they were drawn from other captions than SAMPLE_CAPTIONS.
    """
    from PIL import Image, ImageDraw, ImageFont

    sheets = {int(p.stem): p for p in (Path(folder) / "samples").glob("*.png") if p.stem.isdigit()}
    if not sheets:
        raise ValueError(f"{folder} has no sample sheets.")
    counts = np.array(sorted(sheets))
    wanted = np.linspace(counts[0], counts[-1], min(points, len(counts)))
    chosen = sorted({int(counts[np.abs(counts - w).argmin()]) for w in wanted})
    rows, step = len(SAMPLE_CAPTIONS), CELL + GAP
    joined = Image.new("RGB", (LABEL + len(chosen) * step, TOP + rows * step), "white")
    pen, font = ImageDraw.Draw(joined), ImageFont.load_default(11)
    for row, caption in enumerate(SAMPLE_CAPTIONS):
        text = "\n".join(textwrap.wrap(caption, 24))
        pen.multiline_text((4, TOP + row * step + CELL / 2), text, "black", font, anchor="lm")
    for column, count in enumerate(chosen):
        left = LABEL + column * step
        label = f"{count / 1000:,.0f} k" if count >= 1000 else str(count)
        pen.text((left + CELL / 2, TOP / 2), label, "black", font, anchor="mm")
        with Image.open(sheets[count]) as opened:
            pictures = opened.convert("RGB")
        size = pictures.height
        if pictures.width != rows * (size + GAP):
            raise ValueError(f"{sheets[count]} was not drawn from the {rows} captions of today.")
        for row in range(rows):
            picture = pictures.crop((row * (size + GAP), 0, row * (size + GAP) + size, size))
            if size != CELL:
                picture = picture.resize((CELL, CELL), Image.Resampling.BICUBIC)
            joined.paste(picture, (left, TOP + row * step))
    return joined


def drawer(task: Layered | Baseline, table: WordTable) -> Callable[[list[str], int], np.ndarray]:
    """`draw(prompts, seed)` → uint8 (N, 4, 64, 64, 3), as `metrics.quick` asks for it: the averaged generator's logos.

    They come straight from four latents, without the choice among candidates that a visitor gets. Prompts are read by
    the word table alone, so a bare machine can do it. The baseline's 28 pixels are enlarged as in the app.
    """
    from PIL import Image

    def draw(prompts: list[str], seed: int) -> np.ndarray:
        words = word_ids(prompts, table).repeat_interleave(LOGOS, 0)
        latent = torch.randn(len(words), task.latent, generator=torch.Generator().manual_seed(seed))
        parts = zip(words.split(CHUNK), latent.split(CHUNK), strict=True)
        pixels = np.concatenate([_bytes(task.sample(w, z, MEASURED_SIZE)) for w, z in parts])
        if pixels.shape[1] != MEASURED_SIZE:
            side = (MEASURED_SIZE, MEASURED_SIZE)
            pixels = np.stack([Image.fromarray(x).resize(side, Image.Resampling.BICUBIC) for x in pixels])
        return pixels.reshape(len(prompts), LOGOS, MEASURED_SIZE, MEASURED_SIZE, 3)

    return draw


def measure(task: Layered | Baseline, table: WordTable) -> dict[str, float] | None:
    """The history's measures of the averaged generator; None, after one line, where what they need is missing."""
    try:
        from logo_gan import metrics

        found = metrics.quick(drawer(task, table))
    except (ImportError, OSError, ValueError) as error:
        print(f"Nothing is measured here: {error}", file=sys.stderr)
        return None
    return {name: value for name, value in found.items() if name in history.MEASURES}


def measure_checkpoints(folder: str | Path) -> list[int]:
    """Measure a run's kept generators (model_*.safetensors, and the last) that its history has no measures of.

    Returns their image counts; each is written into history.csv at once, so the run must not be going on. ValueError:
    the folder holds no run, or weights that are damaged or of another architecture than config.json says.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    folder = Path(folder)
    try:
        described = json.loads((folder / "config.json").read_text())
        task_type, last = TASKS[described["architecture"]], described["training"]["images"]
    except (OSError, KeyError, ValueError) as error:
        raise ValueError(f"{folder} holds no run: its config.json is missing or damaged.") from error
    saved = {last: folder / "model.safetensors"}
    for path in folder.glob("model_*.safetensors"):
        if count := re.fullmatch(r"model_(\d+)", path.stem):
            saved[int(count[1])] = path
    rows = history.read(folder / "history.csv") if (folder / "history.csv").is_file() else []
    known = {int(row["images"]) for row in rows if row.keys() & set(history.MEASURES)}
    table = WordTable.load()
    task = task_type(Config(described["architecture"], described["generator"]), table, Processes())
    done = []
    for images in sorted(saved.keys() - known):
        try:
            task.ema.load_state_dict(load_file(saved[images]))
        except (OSError, RuntimeError, SafetensorError) as error:
            raise ValueError(f"{saved[images]} is damaged, or of another architecture than its run.") from error
        found = measure(task, table)
        if found is None:
            break
        history.insert(folder / "history.csv", images, **found)
        done.append(images)
    return done


def _bytes(images: Tensor) -> np.ndarray:
    """Images (N, 3, S, S) in [0, 1] → uint8 (N, S, S, 3)."""
    return (images.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="RUN")
    given = parser.parse_args().folder
    try:
        print("measured:", *measure_checkpoints(given))
        write_whole(given / "progress.png", lambda path: strip(given).save(path, "png"))
    except ValueError as problem:
        sys.exit(f"error: {problem}")
