"""python -m benchmarks: how long the things take that people wait for; writes benchmarks/results.md."""

import io
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

import torch

from benchmarks import analysis, load, startup, throughput
from logo_gan import LogoGAN
from logo_gan.marks.memory import Memory
from logo_gan.training.compose import stream

PROMPT = "orange rocket in a navy circle"
# Nobody asks for the same twice: each drawing is of words that have not been read before.
THINGS = (
    "owl fox anchor tree mountain bicycle fish crown leaf guitar horse castle camera wrench butterfly lighthouse tooth "
    "rocket key pizza violin bear apple"
).split()
RESULTS = Path(__file__).with_name("results.md")
REPEATS = 15
COMPOSED = 64  # logos at a time


def milliseconds(run: Callable[[], object], repeats: int = REPEATS) -> float:
    """The median time of `run`, warm."""
    run()
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        run()
        times.append(1000 * (time.perf_counter() - begin))
    return statistics.median(times)


def compose_logos() -> None:
    """Captions and pixels of some logos, as `python -m logo_gan compose` makes them."""
    for made in islice(stream(Memory.load(), 0), COMPOSED):
        made.logo.image(64)


def cold_command() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "logo_gan", "generate", PROMPT, "--seed", "7", "--out", folder]
        subprocess.run(command, check=True, capture_output=True)


def png(logo) -> None:
    logo.image(1024).save(io.BytesIO(), "PNG")


def reading() -> list[str]:
    """The table of training images a second, on real logos where there are some."""
    if not throughput.REAL.is_file():
        return [f"Reading real logos: not measured here, {throughput.REAL.name} is absent."]
    threads = torch.get_num_threads()
    try:
        rows = throughput.rows()
    finally:
        torch.set_num_threads(threads)
    return ["Reading real logos, one thread:", "", "| what | |", "| --- | ---: |",
            *(f"| {what} | {value:,.{0 if value >= 10 else 1}f} |" for what, value in rows)]  # fmt: skip


def main() -> None:
    gan = LogoGAN.from_pretrained()
    logos = gan.generate(PROMPT, seed=7)
    unseen = iter([gan.generate(PROMPT, 1, seed)[0] for seed in range(REPEATS + 1)])
    asked = cycle(f"{colour} {thing} logo" for colour in ("teal", "dark red") for thing in THINGS)
    rows = [
        (
            "four logos at 512 px from a prompt, warm",
            milliseconds(lambda: [logo.image(512) for logo in gan.generate(next(asked), seed=7)]),
        ),
        ("one PNG of 1024 px", milliseconds(lambda: png(logos[0]))),
        # A logo keeps its outlines: a new one each time.
        ("one SVG", milliseconds(lambda: next(unseen).svg())),
        ("`python -m logo_gan generate`, from a cold start", milliseconds(cold_command, repeats=3)),
        ("composing a logo of 64 px", milliseconds(compose_logos, repeats=5) / COMPOSED),
    ]
    lines = [
        "# Benchmarks",
        "",
        f"Medians on {os.cpu_count()} cores ({platform.machine()}), {torch.get_num_threads()} threads, "
        f"Python {platform.python_version()}, torch {torch.__version__}, model {gan.config['name']}.",
        "",
        "| what | ms |",
        "| --- | ---: |",
        *(f"| {what} | {time:.{0 if time >= 10 else 2}f} |" for what, time in rows),
        "",
        "Starting (`python -m benchmarks.startup`), medians of five, both in turn; memory of all processes together:",
        "",
        *startup.table(),
        "",
        *reading(),
        "",
        "Visitors who draw, upload, analyse and leave midway (`python -m benchmarks.load`):",
        "",
        *load.table(),
        "",
        "Analysing a dataset of logos (`python -m benchmarks.analysis`), medians in fresh, warm processes:",
        "",
        *analysis.table(),
        "",
    ]
    RESULTS.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
