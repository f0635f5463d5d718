"""The sentence encoder as a spaCy component, so that a pipeline with vectors of its own can stand in its place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Token

from logo_gan.text.encoder import FOLDER, SentenceEncoder

NAME = "sentence_encoder"


class SentenceComponent:
    """Gives a Doc the encoder's vectors: `doc.vector` (384,), and `doc.tensor` (tokens, 384), also `token.vector`.

    A token's row is the mean of the states of its word pieces, zeros where it has none.
    """

    def __init__(self, encoder: SentenceEncoder) -> None:
        self.encoder = encoder

    def __call__(self, doc: Doc) -> Doc:
        states, spans, vector = self.encoder.read(doc.text)
        doc.tensor = np.zeros((len(doc), len(vector)), np.float32)
        counts = np.zeros(len(doc), np.float32)
        ends = np.array([token.idx + len(token) for token in doc])
        for state, (start, _) in zip(states, spans, strict=True):
            token = int(np.searchsorted(ends, start, "right"))
            doc.tensor[token] += state
            counts[token] += 1
        doc.tensor /= np.maximum(counts, 1)[:, None]
        doc.user_data[NAME] = vector
        doc.user_hooks |= {"vector": _vector, "has_vector": _has_vector, "vector_norm": _norm, "similarity": _likeness}
        doc.user_token_hooks |= {"vector": _row, "has_vector": _has_row, "vector_norm": _row_norm}
        return doc


@Language.factory(NAME, default_config={"folder": str(FOLDER)}, assigns=["doc.tensor"])
def create(nlp: Language, name: str, folder: str) -> SentenceComponent:
    """What `nlp.add_pipe("sentence_encoder")` adds; `folder` holds the encoder."""
    return SentenceComponent(SentenceEncoder.load(folder))


def sentence_pipeline(folder: str | Path = FOLDER) -> Language:
    """A blank English pipeline with the sentence encoder.

    Raises:
        EncoderError: the encoder cannot be loaded.
    """
    nlp = spacy.blank("en")
    nlp.add_pipe(NAME, config={"folder": str(folder)})
    return nlp


def _vector(doc: Doc) -> np.ndarray:
    return doc.user_data[NAME]


def _has_vector(doc: Doc) -> bool:
    return True


def _norm(doc: Doc) -> float:
    return float(np.linalg.norm(doc.vector))


def _likeness(doc: Doc, other: Doc | Token) -> float:
    return float(doc.vector @ other.vector / (doc.vector_norm * other.vector_norm or 1.0))


def _row(token: Token) -> np.ndarray:
    return token.doc.tensor[token.i]


def _has_row(token: Token) -> bool:
    return bool(token.vector.any())


def _row_norm(token: Token) -> float:
    return float(np.linalg.norm(token.vector))
