"""Words that no generator was taught are read as the taught word nearest to them: "a merino" asks for a sheep.

A generator that reads a new word by its vector alone finds the right mark in about two thirds of the cases, but paints
it unclearly, between the marks that it knows. Read as its neighbour, the word gives that neighbour's mark, as clear as
ever. Only where a prompt names nothing that was taught: beside "rocket" the other words are company.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from logo_gan.spelling import words

OF_NAME = 0.3  # of an object's name in the vector of each word for it
NEAR_ENOUGH = 0.45  # cosine below which a word is no neighbour, and stays what it is
# What people say around any logo, whatever it shows.
IDLE = """
logo brand branding company business firm name picture image icon symbol sign design designer style idea team website
site online digital vintage retro premium young old new fun kids data product service idea love
""".split()
LETTERS = ("letter", "monogram", "initial", "initials", "number", "digit", "numeral")


def read() -> list[tuple[str, str, bool]]:
    """The table by hand: (object, word that it stands for, whether captions teach that word in another sense)."""
    text = Path(__file__).with_name("stand_ins.txt").read_text("utf-8")
    lines = [line.partition(":") for line in text.splitlines() if not line.startswith("#")]
    return [(name, word.removeprefix("+"), word[0] == "+") for name, _, given in lines for word in given.split()]


class StandIns:
    """Nearest taught words.

    Args:
        rows: word -> row of the vector table.
        vectors: (N, 300), rows of norm sqrt(300).
    """

    def __init__(self, rows: dict[str, int], vectors: np.ndarray) -> None:
        self.rows, self.vectors = rows, vectors
        from logo_gan import captions  # here: it brings torch, which training's table does not wait for

        single = [(name, text) for name, text in captions.object_words() if len(words(text)) == 1 and text in rows]
        # Row of a taught word → what to read in its place: its object's name, where that is one word too.
        self.taught: dict[int, str] = {}
        for name, text in single:
            self.taught.setdefault(rows[text], name if (name, name) in single else text)
        heard = {word for text in (*captions.taught_words(), *IDLE) for word in words(text)}
        self.heard = self.taught.keys() | {rows[word] for word in heard if word in rows}
        self.by_hand, self.ambiguous = {}, set()
        for name, word, ambiguous in read():
            if word in rows and name in rows:
                self.by_hand[rows[word]] = name
                self.ambiguous |= {rows[word]} if ambiguous else set()
        self.names = list(self.taught.values())
        # A little of the name in each: beagles and spaniels are near many things, dogs less so.
        own = [rows[name] for name in self.names]
        self.matrix = (vectors[list(self.taught)] + OF_NAME * vectors[own]) / vectors.shape[1] / (1 + OF_NAME)

    def find(self, found: list[str]) -> dict[str, str]:
        """For known words of one prompt: those that another stands for, "" for those to leave out beside them.

        Empty where something taught is named. "Idea" is taught, of a lightbulb, but in "my idea: a sunrise" the thing
        to draw is another.
        """
        known = list(dict.fromkeys(word for word in found if word in self.rows))
        if any(word in LETTERS or (len(word) == 1 and word not in "ai") for word in known):
            return {}
        if any(self.rows[word] in self.taught and word not in IDLE for word in known):
            return {}
        result = {}
        for word in known:
            row = self.rows[word]
            if row in self.by_hand and (row not in self.heard or row in self.ambiguous):
                result[word] = self.by_hand[row]
            elif row not in self.heard:
                likeness = self.matrix @ self.vectors[row]
                if likeness.max() >= NEAR_ENOUGH:
                    result[word] = self.names[int(likeness.argmax())]
        if result:
            result |= {word: "" for word in known if word in IDLE and self.rows[word] in self.taught}
        return result
