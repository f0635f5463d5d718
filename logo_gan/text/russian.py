"""Russian prompts, put into the English words that the generator reads, by a lexicon (`russian.txt`) matched by stems.

Word by word, since only the words count, and Russian puts a colour before its noun as English does. Names and letters
keep their own spelling.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from logo_gan.text import colours, vocabulary

WORD = re.compile(r"[^\W_]+")
CYRILLIC = re.compile(r"[\u0400-\u04ff]")
LONGEST = 4  # words of a phrase
DROPPED = "-"  # the lexicon's mark for words that say nothing of a picture
EXACT = 4  # letters up to which a dropped word counts only as it is spelt: the stem of "мой" is near everything
MISSPELT = 6  # letters that a stem needs to be looked for with a slip of the pen in it
# Ending of a noun's first case and those of cases whose stem the stemmer gives otherwise: "диван" loses its "ан".
CASES = (
    ("онок", "ата"), ("онок", "онка"), ("енок", "енка"), ("енок", "ята"), ("енок", "ят"), ("онок", "ат"), ("ок", "ка"),
    ("ек", "ка"), ("ек", "ька"), ("ец", "ца"), ("ка", "ок"), ("ка", "ек"), ("йка", "ек"), ("ька", "ек"), ("ко", "ек"),
    ("ай", "ая"), ("ей", "ея"), ("ей", "ем"), ("й", "я"), ("ь", "и"), ("ея", "еи"), ("ея", "ею"), ("ия", "ию"),
    ("ия", "ий"), ("а", "у"), ("а", "е"), ("а", "ы"), ("а", "ой"), ("а", ""), ("о", ""), ("", "у"), ("", "ом"),
    ("", "е"), ("", "ы"), ("", "ов"), ("", "а"),
)  # fmt: skip
SMALL = {"without", "not", "letter", "background", "called", "two", "three"}  # said again, they say something else
QUOTES = {"«": "»", "„": "“”", "“": "”", '"': '"', "‹": "›"}
ALPHABET = set("АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯІЇЄҐЎ")
LETTERS = {"letter", "capital letter", "initial", "monogram"}
LOGOS = {"logo", "emblem", "icon", "symbol", "sign", "brand", "mark"}
PLACES = {"in", "on", "of", "inside", "under", "over"}
# Captions say "in a blue circle": without the article, the circle's blue goes to what is in it.
BEFORE_ARTICLE = PLACES | {"with", "for", "around", "surrounded by", "on it", "inside it"}
# What a name may follow; the trades are read from the vocabulary.
NAMED = LOGOS | {"for", "company", "club", "shop", "studio", "team"}


# Where a form's labels say what follows, it is a name as it stands.
_LABELLED = re.compile(
    r"\b(название|имя|бренд|слоган|девиз)\s*[:=]\s*([^,;.!?\n«»\"“”\[\]]{2,60}?)(?=\s+(?:логотип|эмблем|знач|лого)|[,;.!?\n\[]|$)",
    re.I,
)
_REFUSED = re.compile(  # "якорь не рисовать"
    r"([\w-]+)\s+не\s+(?:рис(?:овать|уйте|уй)|нуж(?:ен|на|но|ны)|надо|использ(?:овать|уйте)|хо(?:чу|тим|тел\w*|чется))\b",
    re.I,
)
_OF_COLOUR = re.compile(r"(\w+)\s+([\w-]+[ое]го)\s+цвета\b", re.I)  # "лиса синего цвета"
_AROUND = re.compile(r"\b([a-z]{3,}) (\w+) \1\b")


@dataclass(frozen=True)
class Piece:
    """A stretch of a prompt as it is written, and the English in its place ('' for nothing)."""

    written: str
    english: str
    is_name: bool = False


def translate(text: str) -> str:
    """A prompt with its Russian words in English; what has no Cyrillic letter in it stays as it is.

    Words beyond the lexicon stay, and so do names: "логотип для Авроры, кофейня" is "logo for Авроры, coffee shop".
    """
    if not CYRILLIC.search(text):
        return text
    text = _LABELLED.sub(lambda said: f"{said[1]}: «{said[2].strip()}»", text)
    text = _OF_COLOUR.sub(r"\2 \1", _REFUSED.sub(r"без \1", text))
    text = "".join(piece.english for piece in pieces(text))
    text = re.sub(r"\s+([,;:.!?)])", r"\1", " ".join(text.split()))
    # Two words for one thing: "колос пшеницы", "колос пшеницы золотого цвета".
    text = _AROUND.sub(_once, re.sub(r"\b([a-z]+)(?: \1\b)+", r"\1", text))
    return re.sub(r"([,;:])[,;:.\s]*(?=[,;:.])", "", text).lstrip(" ,;:.-–—")


def _once(said: re.Match) -> str:
    """ "wheat gold wheat" is said once, but not "without circle without text"."""
    small = any(said[1] in vocabulary.table(name) for name in ("stops", "filler", "asking"))
    return said[0] if small or said[1] in SMALL or not colours.named([said[2]]) else f"{said[2]} {said[1]}"


_stemming = threading.Lock()  # a stemmer holds the word that it is at


@lru_cache(8192)
def stem(word: str) -> str:
    """A lower-case word without its ending, by the Snowball stemmer."""
    with _stemming:
        return _stemmer().stemWord(word)


@cache
def _stemmer():
    import snowballstemmer  # here: training reads no Russian, and runs without it

    return snowballstemmer.stemmer("russian")


def _plain(text: str) -> str:
    return text.lower().replace("ё", "е")


class Lexicon:
    """Russian phrases, as tuples of words, and the English for them.

    Attributes:
        exact: by the words as they are spelt.
        stems: by the words' stems; of two entries the first counts.
    """

    def __init__(self, text: str) -> None:
        self.exact: dict[tuple[str, ...], str] = {}
        self.stems: dict[tuple[str, ...], str] = {}
        for line in text.splitlines():
            english, colon, given = line.partition(":")
            if line.startswith("#") or not colon:
                continue
            for phrase in given.split(","):
                words = tuple(WORD.findall(_plain(phrase)))
                self.exact.setdefault(words, english)
                short = english == DROPPED and max(map(len, words)) <= EXACT
                if not (phrase.strip().startswith("=") or short):
                    self.stems.setdefault(tuple(map(stem, words)), english)
        nouns = [(words[0], english) for words, english in self.exact.items() if len(words) == 1 and len(words[0]) > 2]
        for word, english in nouns:
            if english != DROPPED and (stem(word),) in self.stems:
                for ending, other in CASES:
                    if word.endswith(ending) and (ending or word[-1] not in "аеиоуыэюяйь"):
                        self.stems.setdefault((stem(word.removesuffix(ending) + other),), english)
        self.misspelt = lru_cache(4096)(self._misspelt)

    @staticmethod
    @cache
    def load() -> Lexicon:
        """The lexicon that is shipped, once."""
        return Lexicon(Path(__file__).with_name("russian.txt").read_text("utf-8"))

    def find(self, words: list[str]) -> tuple[int, str | None]:
        """How many of the first words make an entry, the longest there is, and its English; (1, None) if none."""
        for n in range(min(LONGEST, len(words)), 0, -1):
            for entries, key in ((self.exact, tuple(words[:n])), (self.stems, tuple(map(stem, words[:n])))):
                if key in entries:
                    return n, entries[key]
        return 1, None

    def _misspelt(self, word: str) -> str | None:
        """The English of the one-word entry that is one slip of the pen away."""
        short = stem(word)
        if len(short) < MISSPELT:
            return None
        for key, english in self.stems.items():
            near = len(key) == 1 and key[0][0] == short[0] and len(key[0]) >= MISSPELT
            if near and abs(len(key[0]) - len(short)) < 2 and edits(short, key[0], 1) < 2:
                return english
        return None


def pieces(text: str) -> list[Piece]:
    """A prompt cut into what is translated, what stays, and what parts the words."""
    return _Reader(text).read()


class _Reader:
    """One pass over a prompt."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found = list(WORD.finditer(text))
        self.words = [_plain(match[0]) for match in self.found]
        self.lexicon = Lexicon.load()
        letters = [c for c in text if c.isalpha()]
        long = [match[0] for match in self.found if len(match[0]) > 3]
        # Where every word has a capital, a capital says nothing.
        shouted = len(letters) > 3 and sum(map(str.isupper, letters)) > 0.8 * len(letters)
        self.titled = shouted or (len(long) > 2 and all(word[0].isupper() for word in long))
        self.pieces: list[Piece] = []
        self.said: list[str] = []  # the English so far

    def read(self) -> list[Piece]:
        at = i = 0
        while i < len(self.found):
            start = self.found[i].start()
            gap = self.text[at:start]
            self.pieces.append(Piece("", gap))
            i, at = self._step(i, gap)
        self.pieces.append(Piece("", self.text[at:]))
        return self.pieces

    def _step(self, i: int, gap: str) -> tuple[int, int]:
        """Read from word i on: the next word, and where in the text what was read ends."""
        word, last = self.found[i][0], self._last
        if (end := self._quoted(i, gap)) and not (end == i + 1 and len(word) == 1 and last in LETTERS):
            return self._name(i, end)
        if letter := self._letter(i):
            return self._say(i, 1, letter if last in LETTERS else f"letter {letter}", "letter")
        if last == "called" or (self._names(i) and not self._is_trade(i)):
            end = i + 1
            while more := self._goes_on(end):
                end += more
            return self._name(i, end)
        n, english = self.lexicon.find(self._phrase(i))
        if english is None and not CYRILLIC.search(word):
            return self._say(i, 1, word, word.lower())
        if english is None and not word[0].isupper():
            english = self.lexicon.misspelt(self.words[i])
        if english is None:
            return self._say(i, 1, word, "")
        return self._say(i, n, "" if english == DROPPED else english, english)

    @property
    def _last(self) -> str:
        """What was said last; after "буквы К и" that is still a letter."""
        if self.said[-3:] == ["letter", "letter", "and"]:
            return "letter"
        return self.said[-1] if self.said else ""

    def _gap(self, i: int) -> str:
        """What stands before word i."""
        end = self.found[i].start() if i < len(self.found) else None
        return self.text[self.found[i - 1].end() if i else 0 : end]

    def _phrase(self, i: int) -> list[str]:
        """The words from i on that nothing but spaces and hyphens parts."""
        end = i + 1
        while end < min(len(self.found), i + LONGEST) and not self._gap(end).strip(" -"):
            end += 1
        return self.words[i:end]

    def _english(self, i: int) -> str | None:
        return self.lexicon.find(self._phrase(i))[1] if i < len(self.found) else None

    def _is_trade(self, i: int) -> bool:
        english = self._english(i)
        return english in vocabulary.trade_names() or english in NAMED

    def _starts(self, i: int) -> bool:
        return not i or any(c in ".!?…\n" for c in self._gap(i))

    def _quoted(self, i: int, gap: str) -> int:
        """The word after the closing quotation mark, where one opens before word i; else 0."""
        if gap[-1:] not in QUOTES:
            return 0
        close = re.search(f"[{QUOTES[gap[-1]]}]", self.text[self.found[i].end() :])
        end = self.found[i].end() + close.start() if close else 0
        return sum(match.start() < end for match in self.found)

    def _names(self, i: int) -> bool:
        """Whether word i begins a name: a capital that no sentence asks for."""
        word, last = self.found[i][0], self._last
        if not word[0].isupper() or len(word) == 1:
            return False
        after_kind = last in NAMED or last in vocabulary.trade_names()
        if self.titled:
            return after_kind and self._english(i) is None and bool(CYRILLIC.search(word))
        if self._starts(i):  # "Заря, кофейня"
            follows = i + 1 < len(self.found) and self._gap(i + 1).strip()[:1] in tuple(",:-–—")
            return follows and self._english(i) is None and self._is_trade(i + 1)
        return after_kind or (self._english(i) is None and last not in PLACES and bool(CYRILLIC.search(word)))

    def _goes_on(self, i: int) -> int:
        """How many words from i on still belong to a name: one with a capital, or "и" and one."""
        if i < len(self.found) and self._gap(i) in (" ", "-", " & "):
            if self.found[i][0][0].isupper():
                return 1
            if self.words[i] in ("и", "and") and self._gap(i + 1) == " " and self.found[i + 1][0][0].isupper():
                return 2
        return 0

    def _letter(self, i: int) -> str:
        """The capitals of a word that is meant as letters: "буква К", "белая К на синем"; else ''."""
        word, last = self.found[i][0], self._last
        if not ALPHABET.issuperset(word.upper()):
            return ""
        after = self._english(i + 1)
        ends = i + 1 == len(self.found) or after in PLACES or bool(self._gap(i + 1).strip())
        if last in LETTERS and (len(word) == 1 or (word.isupper() and len(word) < 4)):
            is_word = len(word) == 1 and self._english(i) is not None and word.islower()
            return "" if is_word and not ends else " ".join(word.upper())
        alone = len(word) == 1 and word.isupper() and not self.titled and word != "Я"
        is_letter = alone and (not self._starts(i) or after in PLACES or len(self.found) == 1)
        return word if is_letter else ""

    def _say(self, i: int, n: int, english: str, said: str) -> tuple[int, int]:
        end = self.found[i + n - 1].end()
        if english and self._wants_article(i, n, said):
            english = f"{'an' if english[0] in 'aeiou' else 'a'} {english}"
        if english:
            self.said.append(said)
        self.pieces.append(Piece(self.text[self.found[i].start() : end], english))
        return i + n, end

    def _wants_article(self, i: int, n: int, said: str) -> bool:
        """Whether n words from i on, put into English, begin what is in, on or with something."""
        if not (self.said and self.said[-1] in BEFORE_ARTICLE and said and CYRILLIC.search(self.words[i])):
            return False
        ends = i + n == len(self.found) or bool(self._gap(i + n).strip())
        is_bare = said in colours.names() and (ends or self._english(i + n) in BEFORE_ARTICLE)  # "gold on black"
        return not (is_bare or said in BEFORE_ARTICLE or said in ("and", "called", "background"))

    def _name(self, i: int, end: int) -> tuple[int, int]:
        """Keep a name, so that `brand.cut` finds it: after "logo for" as it is, elsewhere as what is "called" so."""
        until = self.found[end - 1].end()
        name = self.text[self.found[i].start() : until]
        opened = self.pieces.pop().english
        closed = self.text[until : until + 1] if opened[-1:] in QUOTES else ""
        self.pieces.append(Piece("", opened[:-1] if closed else opened))
        if self.said[-1:] == ["for"] and not LOGOS & set(self.said[-2:-1]):
            last = max(k for k, piece in enumerate(self.pieces) if piece.english == "for")
            self.pieces[last] = Piece(self.pieces[last].written, "")
            self.said.pop()
        if self.said[-1:] not in (["for"], ["called"], ["slogan"]):
            self.pieces.append(Piece("", " called "))
        parted = self.text[until + len(closed) :].lstrip()[:1]
        comma = "," if parted and parted not in ",;:.!?(" else ""
        self.pieces.append(Piece(name, (opened[-1] + name + closed if closed else name) + comma, is_name=True))
        self.said.append("")
        return end, until + len(closed)


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
