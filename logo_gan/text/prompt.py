"""Text becomes tokens and vectors: prompts are tidied or refused, brand names set aside, words looked up.

Training needs `words` and `WordTable` only (numpy, no spaCy). The app uses `TextEncoder`: a spaCy pipeline
whose vectors are the bundled table (`weights/words/`, built by `build_words.py`) or those of
`en_core_web_md`.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from logo_gan import brand, russian
from logo_gan.settings import current
from logo_gan.spelling import CLITIC, WORD, Speller, words
from logo_gan.stand_ins import StandIns

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Token

    from logo_gan.reading import Reading

MAX_WORDS = 24  # words of a prompt that the generator reads
DIMENSIONS = 300
WORDS_FOLDER = Path(__file__).parent.parent / "weights" / "words"
BUNDLED = "bundled"

_PIECES = re.compile(rf"(?P<word>[^\W_]+)|(?P<space>\s+)|(?P<other>{CLITIC}|.)", re.IGNORECASE | re.DOTALL)
# Joiners are format characters too, but Persian, Hindi and emoji are spelt with them.
_JOINERS = "\u200c\u200d"


class PromptError(ValueError):
    """A prompt that cannot be drawn; str() is one plain sentence."""


def tidy(text: str) -> str:
    """Unicode NFC, control characters and lone surrogates out, white space folded.

    Raises:
        PromptError: the prompt is empty, longer than `max_prompt` characters, or without a single word.
    """
    if text is None:
        text = ""
    if not isinstance(text, str):
        raise PromptError("The prompt must be a text.")
    longest = current().max_prompt
    if len(text) > 10 * longest:  # before anything whose cost grows with the length
        raise _too_long(len(text), longest)
    text = "".join(c for c in text if c.isspace() or c in _JOINERS or unicodedata.category(c)[0] != "C")
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    if not text.strip(_JOINERS):
        raise PromptError("The prompt is empty: say in a few words what the logo should show.")
    if len(text) > longest:
        raise _too_long(len(text), longest)
    if not WORD.search(text):
        raise PromptError("The prompt has no word in it: say in a few words what the logo should show.")
    return text


def _too_long(length: int, longest: int) -> PromptError:
    return PromptError(f"The prompt has {length:,} characters, and at most {longest} are allowed.")


def split_brand(text: str) -> tuple[str | None, str]:
    """Set a prompt's brand name aside, since it is a name and no thing to draw (the rules: `brand.cut`).

    Returns:
        The brand or None, as it is written, and the description without it, Russian words put into English; where
        nothing to draw is left, it asks for the brand's initial.
    """
    return brand.split(russian.translate(text), WordTable.load().means)


class WordTable:
    """The bundled vectors, without spaCy.

    Attributes:
        words: word -> row; spellings and plurals share a row.
        vectors: float32 (N, 300), row 0 zeros, every other of norm sqrt(300); rows are ordered by frequency.
        speller: finds known words behind unknown ones (used for prompts, not for training captions).
    """

    def __init__(self, words: dict[str, int], vectors: np.ndarray) -> None:
        self.words = words
        self.vectors = vectors
        self.speller = Speller(words)

    @cached_property
    def stand_ins(self) -> StandIns:
        """Finds taught words for those that no training caption holds (used for prompts only)."""
        return StandIns(self.words, self.vectors)

    def knows(self, word: str) -> bool:
        """Whether a word is in the table, or one slip of the pen away from one that is."""
        return word in self.words or bool(self.speller.find(word, True))

    def means(self, word: str) -> bool:
        """Whether a visitor means something by a word: a Russian one beyond the lexicon is no name for that."""
        return self.knows(word) or bool(russian.CYRILLIC.search(word))

    @staticmethod
    @cache
    def load(folder: str | Path = WORDS_FOLDER) -> WordTable:
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
        """Rows of a caption's words, brand and unknown words left out, padded with 0 to `n_max` if given.

        A caption without a known word becomes the word "logo", so that no row is empty.
        """
        found = [row for word in words(brand.cut(text, self.knows)[1]) if (row := self.words.get(word))]
        found = found or [self.words["logo"]]
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


class Read(NamedTuple):
    """A word of a prompt: as written, the known words it was taken for, those read in their place, their vectors."""

    written: str
    known: tuple[str, ...]
    taken: tuple[str, ...]  # "" where a word is left out
    vectors: list[np.ndarray]


class TextEncoder:
    """Prompts become word vectors, by the bundled table or by a spaCy pipeline with vectors.

    Attributes:
        name: "bundled" or the pipeline's name, as a checkpoint's configuration gives it.
        nlp: the spaCy pipeline; its tokens have `.vector` and `.has_vector`.
    """

    def __init__(self, name: str, nlp: Language, table: WordTable | None) -> None:
        self.name = name
        self.nlp = nlp
        self.table = table
        self._lock = threading.Lock()  # a memory zone belongs to one caller at a time

    @staticmethod
    @cache
    def load(name: str = BUNDLED) -> TextEncoder:
        """The bundled encoder, or an installed spaCy pipeline with 300-value vectors, as `en_core_web_md`.

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
            return TextEncoder(name, nlp, None)
        table = WordTable.load()
        nlp = spacy.blank("en")
        nlp.tokenizer = WordTokenizer(nlp)
        # Keys are hashes only: 130,000 words in spaCy's string store would double the time to load.
        vectors = Vectors(strings=nlp.vocab.strings, data=table.vectors, name="logo_gan", attr="LOWER")
        vectors.key2row.update(zip(map(hash_string, table.words), table.words.values(), strict=True))
        nlp.vocab.vectors = vectors
        return TextEncoder(name, nlp, table)

    def sequence(self, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Word vectors in order, brand names left out.

        Returns:
            tokens float32 (B, 24, 300), zero beyond a text's end, and mask bool (B, 24), True at a word.
            Every text has at least one word: where none is known, "logo" stands in.
        """
        tokens = np.zeros((len(texts), MAX_WORDS, DIMENSIONS), np.float32)
        mask = np.zeros((len(texts), MAX_WORDS), bool)
        for i, text in enumerate(texts):
            rows = self._vectors(text)[:MAX_WORDS]
            tokens[i, : len(rows)] = rows
            mask[i, : len(rows)] = True
        return tokens, mask

    def mean(self, texts: list[str]) -> np.ndarray:
        """The mean of the vectors that `sequence` gives, float32 (B, 300): what the baseline model reads."""
        tokens, mask = self.sequence(texts)
        return tokens.sum(1) / mask.sum(1, keepdims=True)

    def reading(self, text: str) -> Reading:
        """Which words of a tidied prompt the logos are drawn from, as what, and which say nothing to the generator."""
        from logo_gan import reading

        return reading.read(self, self.table or WordTable.load(), text)

    def _vectors(self, text: str) -> list[np.ndarray]:
        found = [vector for word in self.read(split_brand(text)[1]) for vector in word.vectors]
        return found or [vector for word in self.read("logo") for vector in word.vectors]

    def read(self, text: str) -> list[Read]:
        """The words of a description, in order, and what the generator gets for each."""
        found: list[Read] = []
        with self._lock, self.nlp.memory_zone():  # visitors' words do not pile up in spaCy's string store
            for token in self.nlp(text):
                if self._is_word(token):
                    word = token.text.lower()
                    if token.has_vector:
                        found.append(Read(token.text, (word,), (word,), [np.array(token.vector, np.float32)]))
                    elif self.table is not None:
                        # "our company Halden": a capital within a sentence marks a name, and no slip of the pen.
                        is_name = token.text[:1].isupper()
                        named = is_name and token.i > 0 and not text.istitle() and not text.isupper()
                        near = () if named else self.table.speller.find(word, is_name)
                        found.append(Read(token.text, near, near, []))
                    else:
                        found.append(Read(token.text, (), (), []))
        if self.table is None:
            return found
        instead = self.table.stand_ins.find([w for word in found for w in word.known])
        rows, vectors = self.table.words, self.table.vectors
        taken = [tuple(instead.get(w, w) for w in word.known) for word in found]
        return [
            Read(word.written, word.known, read, [vectors[rows[w]] for w in read if w])
            for word, read in zip(found, taken, strict=True)
        ]

    @staticmethod
    def _is_word(token: Token) -> bool:
        return (
            not (token.is_punct or token.is_space)
            and any(c.isalnum() for c in token.text)
            and token.text[0] not in "'’"
        )
