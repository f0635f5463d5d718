"""The words of a text, and the known words behind an unknown one: inflections, joined words, typing errors.

Typing errors are found by shared character n-grams, then compared letter by letter. numpy only.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cached_property, lru_cache

import numpy as np

WORD = re.compile(r"[^\W_]+")
# "Joe's", "we'd", "I'm": read as words of their own, they would ask for the letters S, D and M.
CLITIC = r"['’](?:s|d|m|t|re|ll|ve)\b"
_CLITIC = re.compile(rf"(?<=[^\W_]){CLITIC}", re.IGNORECASE)
SHORTEST = 4  # letters a misspelt word needs: below that every word is near every other
LONGEST = 30
CANDIDATES = 40  # words with the most shared n-grams that are then compared letter by letter
COMMON = 12_000  # rows, most frequent first, whose words may be parts of a joined word
# Ending and what stands for it in the base form.
ENDINGS = (
    ("ies", "y"), ("es", ""), ("s", ""), ("ing", ""), ("ing", "e"), ("ed", ""),
    ("ed", "e"), ("ers", "er"), ("er", ""), ("er", "e"), ("ier", "y"), ("est", ""),
    ("y", ""), ("ly", ""), ("ish", ""), ("ness", ""), ("less", ""), ("like", ""),
    ("themed", ""), ("inspired", ""), ("izing", "ising"), ("ize", "ise"), ("or", "our"), ("ors", "our"),
)  # fmt: skip
FREQUENCY_BONUS = 0.12  # edits that a word ten times as frequent by rank is worth
SOUNDS = (("ph", "f"), ("ck", "k"), ("qu", "kw"), ("x", "ks"), ("z", "s"), ("y", "i"), ("c", "k"))


def words(text: str) -> list[str]:
    """Lower-case words and numbers of a text; punctuation parts words, what an apostrophe adds ('s, 'd) is dropped."""
    return [word.lower() for word in WORD.findall(_CLITIC.sub(" ", text))]


class Speller:
    """Finds known words behind an unknown one.

    Args:
        words: word -> row of the vector table, the table's rows ordered by frequency.
    """

    def __init__(self, words: dict[str, int]) -> None:
        self.words = words
        self.find = lru_cache(4096)(self._find)

    def _find(self, word: str, is_name: bool = False) -> tuple[str, ...]:
        """Known words that stand for an unknown one; empty if nothing is near.

        Args:
            word: one word, lower case.
            is_name: it was written with a capital, so it may be a name: only the nearest spelling counts.
        """
        plain = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
        if plain in self.words:
            return (plain,)
        if not (SHORTEST <= len(plain) <= LONGEST and plain.isascii() and plain.isalpha()):
            return ()
        for ending, instead in ENDINGS:
            base = plain.removesuffix(ending) + instead
            if plain.endswith(ending) and len(base) >= 3:
                if base in self.words:
                    return (base,)
                if base[-1:] == base[-2:-1] and base[:-1] in self.words:  # running -> run
                    return (base[:-1],)
        near = self._nearest(plain, 1 if is_name or len(plain) < 6 else 2)
        return near or self._parts(plain)

    def _parts(self, word: str) -> tuple[str, ...]:
        """Two common words written as one: coffeeshop."""
        cuts = [
            (self.words[word[:i]] + self.words[word[i:]], word[:i], word[i:])
            for i in range(3, len(word) - 2)
            if self.words.get(word[:i], COMMON) < COMMON and self.words.get(word[i:], COMMON) < COMMON
        ]
        return min(cuts)[1:] if cuts else ()

    def _nearest(self, word: str, most: int) -> tuple[str, ...]:
        codes = np.unique(_ngrams(np.frombuffer(f"^{word}$".encode(), np.uint8)[None])[0])
        index = self._index
        starts = np.searchsorted(index["codes"], codes, "left")
        ends = np.searchsorted(index["codes"], codes, "right")
        shared = np.zeros(len(index["names"]), np.int32)
        for start, end in zip(starts, ends, strict=True):
            shared[index["owners"][start:end]] += 1
        likeness = 2 * shared / (len(codes) + index["sizes"])
        best = np.argpartition(-likeness, min(CANDIDATES, len(likeness) - 1))[:CANDIDATES]
        found = (np.inf, "")
        for i in best:
            name, alike = str(index["names"][i]), float(likeness[i])
            if alike < 0.25 or abs(len(name) - len(word)) > most:
                continue
            distance: float = edits(word, name, most)
            if edits(sound(word), sound(name), 1) == 0:  # elefant, elephant
                distance = min(distance, 0.5)
            if distance > most or (distance > 1 and (name[0] != word[0] or alike < 0.3)):
                continue
            rarity = FREQUENCY_BONUS * float(np.log10(index["rows"][i]))
            found = min(found, (distance + rarity - 0.5 * alike + 0.5 * (name[0] != word[0]), name))
        return (found[1],) if found[1] else ()

    @cached_property
    def _index(self) -> dict[str, np.ndarray]:
        """Postings of every 2- and 3-gram with word boundaries, built on first use."""
        first: dict[int, str] = {}
        for name, row in self.words.items():
            if name.isascii() and name.isalpha() and 3 <= len(name) <= 20:
                first.setdefault(row, name)
        names = np.array(list(first.values()))
        lines = np.char.add(np.char.add("^", names), "$").astype("S")
        letters = lines.view(np.uint8).reshape(len(names), -1)
        grams = _ngrams(letters)
        owners = np.repeat(np.arange(len(names)), grams.shape[1])
        pairs = np.unique((grams.ravel() * len(names) + owners)[grams.ravel() > 0])
        codes, owners = np.divmod(pairs, len(names))
        sizes = np.bincount(owners, minlength=len(names))
        return {
            "names": names,
            "rows": np.array(list(first)),
            "codes": codes,
            "owners": owners,
            "sizes": sizes,
        }


def _ngrams(letters: np.ndarray) -> np.ndarray:
    """Letters (N, L) uint8, 0 as padding -> n-gram codes (N, 2L - 3), n = 2 and 3, 0 in the padding."""
    wide = letters.astype(np.int64)
    two = wide[:, :-1] * 128 + wide[:, 1:]
    three = two[:, :-1] * 128 + wide[:, 2:] + 128**3
    return np.concatenate([two * (wide[:, 1:] > 0), three * (wide[:, 2:] > 0)], 1)


def sound(word: str) -> str:
    """A word as it sounds, roughly: one spelling a sound, single letters for double ones."""
    for spelling, letter in SOUNDS:
        word = word.replace(spelling, letter)
    return "".join(c for i, c in enumerate(word) if not i or c != word[i - 1])


def edits(a: str, b: str, most: int) -> int:
    """Edit distance with swapped neighbours as one edit (optimal string alignment), or most + 1 if larger."""
    before, row = [], list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        older, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
