"""Word vectors, which the baseline model reads: the mean over a text's words, as its notebook had it.

Training needs `WordTable` only (numpy, no spaCy). The app uses `MeanVectors`: a spaCy pipeline whose vectors are the
bundled table (`weights/words`) or those of an installed pipeline such as `en_core_web_md`.
"""

from __future__ import annotations

import re
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Token

MAX_WORDS = 24  # words of a text that are read
DIMENSIONS = 300
FOLDER = Path(__file__).parents[2] / "weights" / "words"
BUNDLED = "bundled"

_WORD = re.compile(r"[^\W_]+")
# "Joe's", "we'd", "I'm": read as words of their own, they would be the letters S, D and M.
_CLITIC = r"['’](?:s|d|m|t|re|ll|ve)\b"
_CLITICS = re.compile(rf"(?<=[^\W_]){_CLITIC}", re.IGNORECASE)
_PIECES = re.compile(rf"(?P<word>[^\W_]+)|(?P<space>\s+)|(?P<other>{_CLITIC}|.)", re.IGNORECASE | re.DOTALL)


def words(text: str) -> list[str]:
    """Lower-case words and numbers of a text; punctuation parts words, what an apostrophe adds ('s, 'd) is dropped."""
    return [word.lower() for word in _WORD.findall(_CLITICS.sub(" ", text))]


class WordTable:
    """The bundled vectors, without spaCy.

    Attributes:
        words: word -> row; spellings and plurals share a row.
        vectors: float32 (N, 300), row 0 zeros, every other of norm sqrt(300); rows are ordered by frequency.
    """

    def __init__(self, words: dict[str, int], vectors: np.ndarray) -> None:
        self.words = words
        self.vectors = vectors

    @staticmethod
    @cache
    def load(folder: str | Path = FOLDER) -> WordTable:
        """Read `vocabulary.txt` and `vectors.safetensors`, once for each folder.

        Raises:
            OSError: a file is missing or damaged.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        folder = Path(folder)
        try:
            stored = load_file(folder / "vectors.safetensors")
            parts = (folder / "vocabulary.txt").read_text("utf-8").split()
            table = dict(zip(parts[::2], map(int, parts[1::2]), strict=True))
            vectors = stored["rows"].astype(np.float32)
            vectors *= stored["scale"].astype(np.float32)[:, None]
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise OSError(f"The word vectors in {folder} are missing or damaged.") from error
        if vectors.ndim != 2 or vectors.shape[1] != DIMENSIONS or max(table.values()) >= len(vectors):
            raise OSError(f"The word vectors in {folder} have the wrong shape.")
        vectors.flags.writeable = False
        return WordTable(table, vectors)

    def ids(self, text: str, n_max: int | None = MAX_WORDS) -> list[int]:
        """Rows of a text's words, unknown ones left out, padded with 0 to `n_max` if given.

        A text without a known word becomes the word "logo", so that no row is empty.
        """
        found = [row for word in words(text) if (row := self.words.get(word))] or [self.words["logo"]]
        return found if n_max is None else found[:n_max] + [0] * (n_max - len(found))


class WordTokenizer:
    """A spaCy tokenizer whose alphanumeric tokens are those of `words`, all else being tokens of their own.

    spaCy's English rules would keep "B.", "24/7" and "red/white" whole and split "cannot", and so miss words
    of the table.
    """

    def __init__(self, nlp: Language) -> None:
        self.vocab = nlp.vocab

    def __call__(self, text: str) -> Doc:
        from spacy.tokens import Doc

        parts: list[str] = []
        spaces: list[bool] = []
        for match in _PIECES.finditer(text):
            if match["space"] and match[0] == " " and parts and not spaces[-1]:
                spaces[-1] = True
            else:
                parts.append(match[0])
                spaces.append(False)
        return Doc(self.vocab, words=parts, spaces=spaces)


class MeanVectors:
    """Texts become the mean of their words' vectors, by the bundled table or by a spaCy pipeline with vectors.

    Attributes:
        name: "bundled" or the pipeline's name, as a checkpoint's configuration gives it.
        nlp: the spaCy pipeline; its tokens have `.vector` and `.has_vector`.
    """

    def __init__(self, name: str, nlp: Language) -> None:
        self.name = name
        self.nlp = nlp
        self._lock = threading.Lock()  # a memory zone belongs to one caller at a time

    @staticmethod
    @cache
    def load(name: str = BUNDLED) -> MeanVectors:
        """The bundled vectors, or those of an installed spaCy pipeline with 300 values, as `en_core_web_md`.

        Raises:
            OSError: the bundled files are damaged, or the pipeline is not installed or has no such vectors.
        """
        import spacy
        from spacy.strings import hash_string
        from spacy.vectors import Vectors

        if name != BUNDLED:
            try:
                nlp = spacy.load(name, exclude=["tagger", "parser", "senter", "attribute_ruler", "lemmatizer", "ner"])
            except (OSError, ImportError, ValueError) as error:
                raise OSError(
                    f"The spaCy pipeline {name!r} is not installed: run `python -m spacy download {name}`."
                ) from error
            if nlp.vocab.vectors_length != DIMENSIONS:
                raise OSError(f"The spaCy pipeline {name[:100]!r} has no vectors of {DIMENSIONS} values.")
            return MeanVectors(name, nlp)
        table = WordTable.load()
        nlp = spacy.blank("en")
        nlp.tokenizer = WordTokenizer(nlp)
        # Keys are hashes only: 130,000 words in spaCy's string store would double the time to load.
        vectors = Vectors(strings=nlp.vocab.strings, data=table.vectors, name="logo_gan", attr="LOWER")
        vectors.key2row.update(zip(map(hash_string, table.words), table.words.values(), strict=True))
        nlp.vocab.vectors = vectors
        return MeanVectors(name, nlp)

    def encode(self, texts: list[str]) -> np.ndarray:
        """float32 (N, 300): the mean vector of the first 24 known words, of "logo" where none is known."""
        return np.stack([self._mean(text) for text in texts])

    def _mean(self, text: str) -> np.ndarray:
        found = self._vectors(text) or self._vectors("logo") or [np.zeros(DIMENSIONS, np.float32)]
        return np.mean(found[:MAX_WORDS], axis=0, dtype=np.float32)

    def _vectors(self, text: str) -> list[np.ndarray]:
        with self._lock, self.nlp.memory_zone():  # visitors' words do not pile up in spaCy's string store
            return [np.array(t.vector, np.float32) for t in self.nlp(text) if _is_word(t) and t.has_vector]


def _is_word(token: Token) -> bool:
    return not (token.is_punct or token.is_space) and any(c.isalnum() for c in token.text) and token.text[0] not in "'’"
