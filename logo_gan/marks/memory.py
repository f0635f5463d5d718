"""The memory: open drawings with their outlines, codes, names and origins, found by meaning or by likeness.

A memory is a folder: `config.json` (counts, the sets with licence and author, checksums), `drawings*.parquet` (a row a
drawing), `concepts.parquet` (what they show, with further words for it), `kinds.parquet` (what to draw for a word that
no drawing has: a bird for a puffin), `keys.safetensors` (a text vector for each name and further word) and
`codec.safetensors`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from logo_gan.marks.codec import Codec, CodecError
from logo_gan.marks.outline import Outline, OutlineError

WEIGHTS = Path(__file__).resolve().parents[2] / "weights"
FOLDER = WEIGHTS / "memory"
FORMAT = 2
STYLES = ("solid", "line", "letter")
PARTS = ("concepts.parquet", "kinds.parquet", "keys.safetensors", "codec.safetensors")  # beside the drawings
ENCODER = "all-MiniLM-L6-v2"  # that keys are from
TEXT = 384  # values of a key
MOST_ROWS, MOST_BYTES = 1_000_000, 500_000_000  # of a parquet file, as it says itself: what is larger is not read
# Columns and their types, as tools/build_memory.py writes them; a code is of fixed size.
DRAWINGS = {"set": "dictionary", "name": "string", "concept": "int32", "style": "int8", "segments": "int16",
            "symmetry": "int8", "outline": "binary", "code": "fixed_size_binary"}  # fmt: skip
CONCEPTS = {"name": "string", "aliases": "list"}
KINDS = {"word": "string", "concept": "int32"}
COARSE, CANDIDATES = 96, 64  # values of a code, and drawings, that a search for the nearest begins with
ALIAS = 0.06  # of similarity that a further word for a concept has to make up for against its own name


class MemoryFileError(ValueError):
    """A memory that cannot be used; str() is one plain sentence."""


@dataclass(frozen=True)
class Found:
    """A concept that was found, and its likeness to what was asked for: the cosine of text vectors, 1 for equal."""

    concept: int
    name: str
    similarity: float


class Memory:
    """Drawings and what they show.

    Attributes:
        folder: where its files lie.
        config: what config.json holds.
        codec: between fields and codes.
        concepts: what the drawings show, a few words each, in lower case.
    """

    def __init__(
        self, folder: Path, config: dict[str, Any], codec: Codec, table, words, kinds, keys: dict[str, np.ndarray]
    ):
        self.folder, self.config, self.codec = folder, config, codec
        self.concepts: list[str] = words["name"].to_pylist()
        self.aliases: list[list[str]] = words["aliases"].to_pylist()
        self._kinds = dict(zip(kinds["word"].to_pylist(), kinds["concept"].to_pylist(), strict=True))
        self._table = table
        self._outlines = table["outline"]
        self._concept = table["concept"].to_numpy()
        self._style = table["style"].to_numpy()
        self._segments = table["segments"].to_numpy()
        self._symmetry = table["symmetry"].to_numpy()
        codes = np.frombuffer(b"".join(chunk.buffers()[1] for chunk in _fixed(table["code"])), np.int8)
        self.codes = codes.reshape(len(table), -1)
        scale = keys["scale"].astype(np.float32)
        self._keys = keys["keys"].astype(np.float32) * scale[:, None]
        self._key_concept = keys["concept"].astype(np.int64)
        self._is_name = keys["is_name"].astype(bool)
        order = np.argsort(self._concept, kind="stable")
        self._order, self._first = order, np.searchsorted(self._concept[order], np.arange(len(self.concepts) + 1))
        self.outline = lru_cache(maxsize=4096)(self._outline)

    @staticmethod
    @cache
    def load(folder: str | os.PathLike = FOLDER) -> Memory:
        """Read a memory, once for each folder; raises MemoryFileError where a file is missing or damaged."""
        import pyarrow as pa
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        folder = Path(folder)
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise MemoryFileError(f"There is no memory in {folder}: its config.json is missing.") from None
        except (OSError, ValueError):
            raise MemoryFileError(f"The memory's {folder / 'config.json'} is damaged.") from None
        if not isinstance(config, dict) or config.get("format") != FORMAT:
            raise MemoryFileError(f"The memory in {folder} is of another version than {FORMAT}: build it anew.")
        if config.get("encoder") != ENCODER:
            raise MemoryFileError(f"The memory in {folder} has keys of another text encoder than {ENCODER}.")
        try:
            names = [str(name) for name in config["drawings"]]
            if set(config["sha256"]) != {*names, *PARTS}:
                raise MemoryFileError(f"The memory in {folder} lacks checksums of its files.")
            for name, checksum in config["sha256"].items():
                if Path(name).name != name:
                    raise MemoryFileError(f"The memory in {folder} names a file outside its folder.")
                with (folder / name).open("rb") as file:
                    if hashlib.file_digest(file, "sha256").hexdigest() != checksum:
                        raise MemoryFileError(f"The memory's file {folder / name} is not what its checksum says.")
            table = pa.concat_tables([_read(folder / name, DRAWINGS) for name in names])
            words = _read(folder / "concepts.parquet", CONCEPTS)
            kinds = _read(folder / "kinds.parquet", KINDS)
            keys = load_file(folder / "keys.safetensors")
            memory = Memory(folder, config, Codec.load(folder / "codec.safetensors"), table, words, kinds, keys)
            memory._check()
            return memory
        except FileNotFoundError as error:
            raise MemoryFileError(f"The memory in {folder} lacks {Path(error.filename or '').name}.") from None
        except CodecError as error:
            raise MemoryFileError(str(error)) from None
        except MemoryFileError:
            raise
        except (
            OSError,
            LookupError,
            AttributeError,
            TypeError,
            ValueError,
            pa.ArrowException,
            SafetensorError,
        ) as error:
            raise MemoryFileError(f"The memory in {folder} is damaged ({type(error).__name__}).") from None

    def _check(self) -> None:
        rows, concepts, values = len(self._table), len(self.concepts), len(self.codec)
        sets = self.config["sets"]
        named = np.zeros(concepts, bool)
        named[self._key_concept[self._is_name]] = True
        fits = (
            rows > 0 and self.codes.shape == (rows, values) and self._keys.shape == (len(self._key_concept), TEXT)
            and len(self._keys) == len(self._is_name) and np.isfinite(self._keys).all() and named.all()
            and _within(self._concept, concepts) and _within(self._key_concept, concepts)
            and all(0 <= concept < concepts for concept in self._kinds.values())
            and _within(self._style, len(STYLES)) and _within(self._symmetry, 48)
            and (self._symmetry % 16 > 0).all()
            and all(isinstance(each[key], str) for each in sets.values() for key in ("author", "licence"))
            and set(self._table["set"].unique().to_pylist()) <= set(sets)
        )  # fmt: skip
        if not fits:
            raise MemoryFileError(f"The parts of the memory in {self.folder} do not belong together.")

    def __len__(self) -> int:
        """How many drawings it holds."""
        return len(self._table)

    @property
    def fingerprint(self) -> str:
        """The beginning of the checksum of all its files."""
        return hashlib.sha256(json.dumps(self.config["sha256"], sort_keys=True).encode()).hexdigest()[:8]

    def files(self) -> list[Path]:
        """All that a copy of it needs: what checksums name, the configuration, and where the drawings are from."""
        return [self.folder / name for name in ("config.json", "ATTRIBUTION.md", *self.config["sha256"])]

    def search(self, vectors: np.ndarray, n: int = 8) -> list[list[Found]]:
        """The concepts that mean most nearly what each text vector does.

        Args:
            vectors: float32 (Q, 384) of unit length, from the sentence encoder that the keys are from.
            n: how many of each, best first; a concept stands once, by its name or by another word for it.
        """
        scores = np.asarray(vectors, np.float32) @ self._keys.T - np.where(self._is_name, 0, ALIAS).astype(np.float32)
        found = []
        for row in scores:
            most = min(len(row), 8 * n)
            best = np.argpartition(-row, most - 1)[:most]
            best = best[np.argsort(-row[best], kind="stable")]
            once: dict[int, float] = {}
            for key in best.tolist():
                once.setdefault(int(self._key_concept[key]), float(row[key]))
            found.append([Found(c, self.concepts[c], s) for c, s in list(once.items())[:n]])
        return found

    @cached_property
    def _by_name(self) -> dict[str, int]:
        table: dict[str, int] = {}
        # Where several share a word, it goes to the one with the most drawings: "photography" is a camera's.
        for i in sorted(range(len(self.concepts)), key=lambda i: self._first[i] - self._first[i + 1]):
            for word in self.aliases[i]:
                table.setdefault(word, i)
        return table | {name: i for i, name in enumerate(self.concepts)}

    def exact(self, text: str) -> int | None:
        """The concept of just this name, in the singular or the plural; None if there is none."""
        return next((self._by_name[form] for form in _forms(text) if form in self._by_name), None)

    def kind(self, text: str) -> int | None:
        """The concept to draw for a word that is no name of one, as a bird for a puffin; None if none is known."""
        return next((self._kinds[form] for form in _forms(text) if form in self._kinds), None)

    def drawings(self, concept: int, style: str | None = "solid") -> np.ndarray:
        """The rows of a concept's drawings, best first, of one style or of all (None)."""
        rows = self._order[self._first[concept] : self._first[concept + 1]]
        return rows if style is None else rows[self._style[rows] == STYLES.index(style)]

    def rows(self, style: str | None = "solid") -> np.ndarray:
        """All rows of one style, or of all (None)."""
        return np.arange(len(self)) if style is None else np.flatnonzero(self._style == STYLES.index(style))

    def style_of(self, row: int) -> str:
        """One of STYLES."""
        return STYLES[self._style[row]]

    def concept_of(self, row: int) -> int:
        """What a drawing shows."""
        return int(self._concept[row])

    def vector_of(self, concept: int) -> np.ndarray:
        """The text vector of a concept's name, float32 (384,)."""
        return self._keys[self._name_key[concept]]

    @cached_property
    def _name_key(self) -> np.ndarray:
        keys = np.zeros(len(self.concepts), np.int64)
        at = np.flatnonzero(self._is_name)
        keys[self._key_concept[at]] = at
        return keys

    def segments(self, row: int) -> int:
        """How many segments the outline of a drawing has."""
        return int(self._segments[row])

    def symmetry(self, row: int) -> int:
        """What maps a drawing onto itself, as `Symmetry.code` (logo/warp.py) gives it."""
        return int(self._symmetry[row])

    def _outline(self, row: int) -> Outline:
        try:
            return Outline.decoded(self._outlines[int(row)].as_py())
        except OutlineError:
            raise MemoryFileError(f"The outline of drawing {row} in {self.folder} is damaged.") from None

    def fields(self, rows: Sequence[int] | np.ndarray) -> np.ndarray:
        """Fields as codes give them, float32 (N, 64, 64)."""
        return self.codec.decode(self.codes[np.asarray(rows)])

    @cached_property
    def _values(self) -> np.ndarray:
        return self.codec.values(self.codes)

    @cached_property
    def _coarse(self) -> tuple[np.ndarray, np.ndarray]:
        """The strongest values of all codes, and the sums of their squares."""
        strongest = np.ascontiguousarray(self._values[:, :COARSE])
        return strongest, (strongest**2).sum(1)

    def nearest(self, fields: np.ndarray, n: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """The most similar drawings to fields (N, 64, 64): rows (N, n), and distances (N, n) as root mean squares.

        By all values of the codes, among those that are nearest by the strongest ones.
        """
        values = (np.asarray(fields, np.float32).reshape(len(fields), -1) - self.codec.mean) @ self.codec.basis.T
        strongest, squares = self._coarse
        likely = squares - 2 * values[:, :COARSE] @ strongest.T
        among = min(len(self), max(CANDIDATES, 4 * n))
        rows = np.argpartition(likely, among - 1, axis=1)[:, :among]
        apart = ((self._values[rows] - values[:, None]) ** 2).sum(2)
        best = np.argsort(apart, axis=1)[:, :n]
        return np.take_along_axis(rows, best, 1), np.sqrt(np.take_along_axis(apart, best, 1) / self.codec.mean.size)

    def source(self, row: int) -> dict[str, str]:
        """Where a drawing is from: `set`, `name`, `author`, `licence`."""
        name = self._table["set"][int(row)].as_py()
        of_set = self.config["sets"][name]
        return {
            "set": name, "name": self._table["name"][int(row)].as_py(), "author": of_set["author"],
            "licence": of_set["licence"],
        }  # fmt: skip


def _forms(text: str) -> list[str]:
    """A name in lower case, and what it may be in the singular or the plural."""
    text = re.sub(r"[-_\s]+", " ", text.lower()).strip()
    forms = [text]
    if text.endswith("ies"):
        forms.append(text[:-3] + "y")
    if text.endswith("ves"):
        forms += [text[:-3] + "f", text[:-3] + "fe"]
    if text.endswith("es"):
        forms.append(text[:-2])
    if text.endswith("s"):
        forms.append(text[:-1])
    return [*forms, text + "s"]


def _within(values: np.ndarray, count: int) -> bool:
    """Whether all of some values are indices of `count` things."""
    return len(values) > 0 and values.min() >= 0 and values.max() < count


def _read(path: Path, columns: dict[str, str]):
    """A parquet file of just these columns, without a null; raises ValueError for any other."""
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    described = file.metadata
    size = sum(described.row_group(i).total_byte_size for i in range(described.num_row_groups))
    if described.num_rows > MOST_ROWS or size > MOST_BYTES:
        raise ValueError("too large")
    table = file.read(list(columns))
    for name, kind in columns.items():
        column = table[name]
        if not str(column.type).startswith(kind) or column.null_count:
            raise ValueError(name)
    if "aliases" in columns and any(word is None for words in table["aliases"].to_pylist() for word in words):
        raise ValueError("aliases")
    return table


def _fixed(column) -> list:
    """The chunks of a column of fixed-size binary values, each beginning at its buffer's start."""
    import pyarrow as pa

    return [pa.array(chunk.to_pylist(), chunk.type) if chunk.offset else chunk for chunk in column.chunks]
