"""Real logos, decoded and resized once: a memory-mapped array of images with the word ids of their captions beside it.

    ~/.cache/logo_gan/data-<key>/images.npy   uint8 (N, 3, S, S), on white
                                 words.npy    int32 (N, 24), rows of the word table, 0 beyond a caption's end
                                 about.json   what it was made of, how far it is, what was skipped and why

The key follows from the source's files or commit, the split, the size and what turns captions into ids. about.json is
replaced as a whole after the rows it speaks of are on the disk, so that a process killed at any moment loses at most
the last few hundred rows. A lock in the folder lets one process write; others wait for it and find the work done.
"""

from __future__ import annotations

import hashlib
import inspect
import itertools
import json
import os
import shutil
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

import numpy as np

from logo_gan.text import word_vectors
from logo_gan.text.word_vectors import MAX_WORDS, WordTable
from logo_gan.training import shards

FORMAT = 1  # of the folder; raised whenever the same source would give other numbers
ROWS = 512  # rows between two states of about.json
SPARE = 64 << 20  # bytes of the disk that are left alone
SECONDS = 20  # between two lines of progress where there is no terminal


@dataclass(frozen=True)
class Cache:
    """A finished cache. Its arrays are mapped, so that processes share one copy, which need not fit into memory."""

    folder: Path
    about: dict

    @property
    def rows(self) -> int:
        """Logos in it, those skipped not counted."""
        return self.about["kept"]

    @property
    def description(self) -> str:
        """What the logos are, in a line: dataset with its commit or file's name, split, number."""
        split = f" {self.about['split']}" if self.about["split"] != "train" else ""
        skipped = f", {n:,} skipped" if (n := sum(self.about["skipped"].values())) else ""
        name = self.about["name"] if self.about["commit"] else Path(self.about["name"]).name
        return f"{name}{split} ({self.rows:,} logos{skipped})"

    def images(self) -> np.ndarray:
        """uint8 (N, 3, S, S)."""
        return np.lib.format.open_memmap(self.folder / "images.npy", mode="r")  # which takes no archive and no objects

    def words(self) -> np.ndarray:
        """int32 (N, 24)."""
        return np.lib.format.open_memmap(self.folder / "words.npy", mode="r")


def root() -> Path:
    """The folder of all caches."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "logo_gan"


def open_cache(
    source: str, split: str | None, size: int, revision: str | None = None, folder: Path | None = None
) -> Cache:
    """The cache of a source (as in `shards.locate`) at `size` × `size`, made or finished first where need be.

    Once it is there, neither the source's files nor the Hub are read again; if the Hub cannot say which commit a
    branch is, the newest finished cache of the same request serves.

    Raises:
        ValueError: one sentence, if the source cannot be read or the disk has no room.
    """
    folder, split = folder or root(), split or "train"
    asked = {"format": FORMAT, "source": source, "revision": revision, "split": split, "size": size, "words": _words()}
    try:
        origin = shards.locate(source, revision)
    except shards.HubUnreachable as error:
        if found := _same_request(folder, asked):
            _say(f"{str(error).rstrip('.')}; {found.description} is used from {found.folder}.")
            return found
        raise
    parts = (FORMAT, origin.identity, split, size, asked["words"])
    own = folder / f"data-{hashlib.blake2b(repr(parts).encode(), digest_size=8).hexdigest()}"
    if found := _finished(own):
        return found
    from filelock import FileLock, Timeout

    planned = shards.pieces(origin, split)  # what is wrong with a source shows before there is a folder
    own.mkdir(parents=True, exist_ok=True)
    lock = FileLock(own / "lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        _say(f"Another process is reading {origin.name}; waiting for it.")
        lock.acquire(timeout=-1)
    try:
        if not (found := _finished(own)):
            _fill(own, {**asked, "name": origin.name, "commit": origin.commit}, planned)
            found = _finished(own)
    finally:
        lock.release()
    return found


def _finished(folder: Path) -> Cache | None:
    about = _about(folder)
    if not about.get("done"):
        return None
    if not about["kept"]:
        return Cache(folder, about)
    try:
        found = Cache(folder, about)
        whole = len(found.images()) == len(found.words()) == found.rows
    except (OSError, ValueError, EOFError):
        return None
    return found if whole else None


def _about(folder: Path) -> dict:
    try:
        return json.loads((folder / "about.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def _same_request(folder: Path, asked: dict) -> Cache | None:
    found = [c for path in folder.glob("data-*") if (c := _finished(path)) and asked.items() <= c.about.items()]
    return max(found, key=lambda c: (c.folder / "about.json").stat().st_mtime, default=None)


@cache
def _words() -> str:
    """A checksum of what turns captions into ids: the word table, and the code that finds words in a caption."""
    vocabulary = repr(sorted(WordTable.load().words.items())).encode()
    return hashlib.blake2b(vocabulary + inspect.getsource(word_vectors).encode(), digest_size=8).hexdigest()


def _fill(folder: Path, about: dict, planned: list[shards.Piece]) -> None:
    """Read the rows that are still missing. Called by the holder of the lock."""
    rows, size = sum(p.last - p.first for p in planned), about["size"]
    shapes = {"images": ((rows, 3, size, size), np.uint8), "words": ((rows, MAX_WORDS), np.int32)}
    state = _about(folder)
    files = {name: folder / f"{name}.npy" for name in shapes}
    if not _can_go_on(state, rows, files, shapes):
        state = {**about, "rows": rows, "read": 0, "kept": 0, "skipped": {}, "done": False}
    left = (rows - state["read"]) * (3 * size * size + 4 * MAX_WORDS)
    free = shutil.disk_usage(folder).free
    if left > free - SPARE:
        need = f"{rows:,} logos at {size} px need {_bytes(left)} more"
        raise ValueError(f"{need} on the disk of {folder}, which has {_bytes(free)} free.")
    begun = f", of which {state['read']:,} are there," if state["read"] else ""
    much = f"{rows:,} rows ({_bytes(sum(p.bytes for p in planned))})"
    _say(f"Reading {much} of {about['name']}{begun} into {folder}, which takes {_bytes(left)} more.")
    with (
        _continued(files["images"], *shapes["images"], state["kept"]) as images,
        _continued(files["words"], *shapes["words"], state["kept"]) as words,
    ):
        _write_about(folder, state)
        try:
            _add_rows(folder, state, planned, images, words)
        except ValueError as error:
            kept = f"; the {state['read']:,} rows before are kept, and the same command goes on there."
            raise ValueError(str(error).rstrip(".") + kept) from error
        for name, file in (("images", images), ("words", words)):
            _header(file, (state["kept"], *shapes[name][0][1:]), shapes[name][1])
    _write_about(folder, {**state, "done": True})
    why = ", ".join(f"{n:,} {reason}" for reason, n in state["skipped"].items())
    total = sum(state["skipped"].values())
    _say(f"{state['kept']:,} logos are in {folder}; {total:,} rows were skipped{why and f': {why}'}.")


def _add_rows(folder: Path, state: dict, planned: list[shards.Piece], images: BinaryIO, words: BinaryIO) -> None:
    skipped, progress = Counter(state["skipped"]), _Progress(state["read"], state["rows"])
    for results in _prepared(shards.read(planned, state["read"]), state["size"]):
        for result in results:
            if isinstance(result, str):
                skipped[result] += 1
            else:
                images.write(result[0])
                words.write(result[1])
        for file in (images, words):
            file.flush()
            os.fsync(file.fileno())
        read = state["read"] + len(results)
        state |= {"read": read, "kept": read - skipped.total(), "skipped": dict(skipped)}
        _write_about(folder, state)
        progress.show(read, skipped.total())
    if state["read"] != state["rows"]:
        raise ValueError(f"{state['name']} changed while it was read: {state['rows']:,} rows were announced.")


def _can_go_on(state: dict, rows: int, files: dict, shapes: dict) -> bool:
    if state.get("rows") != rows or state["done"]:  # a finished one that comes here lost a file, or part of it
        return False
    sizes = {k: np.dtype(kind).itemsize * int(np.prod(shape[1:])) for k, (shape, kind) in shapes.items()}
    return all(files[k].is_file() and files[k].stat().st_size >= state["kept"] * sizes[k] for k in files)


def _continued(path: Path, shape: tuple[int, ...], kind: type, kept: int):
    """An .npy file open for writing behind its first `kept` rows; what lay behind them is cut off."""
    file = path.open("r+b" if kept else "wb")
    _header(file, shape, kind)
    file.seek(kept * np.dtype(kind).itemsize * int(np.prod(shape[1:])), os.SEEK_CUR)
    file.truncate()
    return file


def _header(file, shape: tuple[int, ...], kind: type) -> None:
    # numpy pads the header for a first axis of any length, so that it can be corrected in place at the end.
    file.seek(0)
    described = {"descr": np.dtype(kind).str, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, described)


def _write_about(folder: Path, state: dict) -> None:
    part = folder / ".about.json.part"
    part.write_text(json.dumps(state, indent=1) + "\n", "utf-8")
    part.replace(folder / "about.json")


def _prepared(rows: Iterator[shards.Row], size: int) -> Iterator[list]:
    """Lists of up to ROWS results of `prepare`, in order; the next rows are fetched while these are decoded."""
    from PIL import Image

    table = WordTable.load()
    # Threads are enough: Pillow decodes and resizes outside the interpreter's lock.
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 16)) as pool, warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # shards.MAX_PIXELS is stricter
        waiting = None
        while chunk := list(itertools.islice(rows, ROWS)):
            results = pool.map(lambda row: prepare(row, size, table), chunk)
            if waiting is not None:
                yield list(waiting)
            waiting = results
        if waiting is not None:
            yield list(waiting)


def prepare(row: shards.Row, size: int, table: WordTable) -> tuple[bytes, bytes] | str:
    """A row → uint8 (3, size, size) and int32 (24,) as bytes, or why it is skipped: in two words, to be counted."""
    encoded, text = row
    if not encoded:
        return "without image"
    if not (text and text.strip()):
        return "without caption"
    try:
        caption = text.decode("utf-8")
    except UnicodeDecodeError:
        return "with a caption that is not UTF-8"
    pixels = shards.picture(encoded, size)
    if isinstance(pixels, str):
        return pixels
    return pixels.tobytes(), np.asarray(table.ids(caption, MAX_WORDS), np.int32).tobytes()


def _bytes(n: float) -> str:
    return f"{n / 1e9:.1f} GB" if n >= 1e9 else f"{max(n / 1e6, 1):.0f} MB"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class _Progress:
    """A bar on a terminal, elsewhere a plain line now and then."""

    def __init__(self, begun: int, rows: int):
        self.begun, self.rows, self.started = begun, rows, time.monotonic()
        self.last, self.terminal = self.started, sys.stderr.isatty()

    def show(self, read: int, skipped: int) -> None:
        now = time.monotonic()
        if not self.terminal and now - self.last < SECONDS:
            return
        self.last = now
        rate = (read - self.begun) / max(now - self.started, 1e-3)
        bar = "#" * (30 * read // self.rows)
        line = f"[{bar:<30}] {read:,} of {self.rows:,} rows, {rate:.0f}/s, {skipped:,} skipped"
        end = "" if self.terminal and read < self.rows else "\n"
        print(f"\r{line}" if self.terminal else line, end=end, file=sys.stderr, flush=True)
