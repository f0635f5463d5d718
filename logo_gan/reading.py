"""What a prompt is drawn from, told to its writer: words that have a meaning to the generator, and those without."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from logo_gan import brand, russian
from logo_gan.spelling import words
from logo_gan.stand_ins import IDLE, LETTERS

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from logo_gan.prompt import TextEncoder, WordTable

# Beside spaCy's stop words: what people say around a logo, and about where things are.
SAID_AROUND = """
want wants wanted wish like liked love need needs needed looking look looks seek think imagine draw drawn make making
made create created design designed designing generate paint showing depict depicting feature featuring include
including add place placed sit sitting stand standing hold holding contain containing middle centre surrounded framed
frame colour coloured colouring background backdrop ground shape shaped form style styled version graphic illustration
drawing draft image picture photo thing stuff kind sort type bit lot way hello hi hey dear thank thanks kindly good
nice cool great awesome beautiful pretty best better perfect lovely interesting unique original creative memorable new
small big large little tiny called named run own start started open opened opening work working use using help helping
sell selling let maybe possibly preferably also eg etc base based themed inspired company business firm project
successful vibe yes ok okay today day morning evening clear together main single simply emblem logotype mark sign
inside rounded
""".split()
# Drawn only where nothing else is: "a barber shop" shows scissors, "a shop" a shop front.
BESIDE = {*IDLE, "shop", "store"}
NAMES_LETTER = {*LETTERS, "capital"}
LONGEST = 4  # words of a taught phrase


@dataclass(frozen=True)
class Reading:
    """How a prompt is read, in the order of its words.

    Attributes:
        drawn_from: a word or phrase as the visitor wrote it, and what it is read as: the same where it was taught so,
            another after a typing error ("rokcet", "rocket"), a translation, or where a taught word stands for it.
        not_understood: words that should say something of the picture and do not, as the visitor wrote them.
        brand: the name that was set aside, or None.
    """

    drawn_from: tuple[tuple[str, str], ...]
    not_understood: tuple[str, ...]
    brand: str | None


class Word(NamedTuple):
    """A word of a prompt that has a vector."""

    written: str
    known: str  # with typing errors put right
    row: int  # of what the generator reads, 0 where it is left out


@cache
def _taught(table: WordTable) -> tuple[dict[tuple[int, ...], tuple[str, bool]], frozenset[int]]:
    """Rows of every taught phrase → its name and whether it gives something to draw; rows of what is said around."""
    from spacy.lang.en.stop_words import STOP_WORDS

    from logo_gan import captions, colours  # here: they bring torch

    phrases: dict[tuple[int, ...], tuple[str, bool]] = {}

    def teach(texts: Iterable[tuple[str, str]], is_thing: bool) -> None:
        for name, text in texts:
            rows = _rows(text, table)
            if all(rows):
                phrases.setdefault(rows, (name, is_thing))

    vocabulary = captions.VOCABULARY
    styles = (*vocabulary["moods"], *(text for options in vocabulary["layouts"].values() for text in options))
    teach(((text, text) for options in vocabulary["containers"].values() for text in options), False)
    teach(zip(colours.BASIC, colours.BASIC, strict=True), False)
    teach(captions.object_words(), True)
    teach(((trade, trade) for trade in vocabulary["trades"]), True)
    teach(_colour_names(), False)
    teach(zip(styles, styles, strict=True), False)
    said = {*STOP_WORDS, *SAID_AROUND, *IDLE, *LETTERS, *words(" ".join((captions.TAIL, *captions.FRAMES)))}
    return phrases, frozenset(table.words[word] for word in said if word in table.words)


def _colour_names() -> list[tuple[str, str]]:
    """(name, colour): a thing that gives one colour its name is that colour, (banana yellow, banana)."""
    from logo_gan import colours

    tones: dict[str, list[str]] = defaultdict(list)
    for name in colours.names():
        first, _, second = name.partition(" ")
        tones[first] += [name] if second in colours.BASIC else []
    return [(tones[name][0] if len(tones[name]) == 1 else name, name) for name in colours.names()]


def _rows(text: str, table: WordTable) -> tuple[int, ...]:
    return tuple(table.words.get(word, 0) for word in words(text))


def read(encoder: TextEncoder, table: WordTable, text: str) -> Reading:
    """How an encoder reads a tidied prompt."""
    from spacy.lang.ru.stop_words import STOP_WORDS

    from logo_gan.prompt import MAX_WORDS

    sources: dict[str, list[str]] = defaultdict(list)  # English words → the Russian ones that they stand for, in order
    if russian.CYRILLIC.search(text):
        for piece in russian.pieces(text):
            for word in words(piece.english) if piece.written and not piece.is_name else ():
                sources[word].append(piece.written)
        text = russian.translate(text)
    name, rest = brand.split(text, table.means)
    initial = 0 if rest == brand.cut(text, table.means)[1] else 2 if rest.startswith("letter ") else 1
    found: list[Word] = []
    missed: list[tuple[int, str]] = []
    for i, (written, known, taken, _) in enumerate(encoder.read(rest)):
        if name and i < initial:
            written = name
        elif sources[written.lower()]:
            written = sources[written.lower()].pop(0)
        found += [Word(written, w, table.words.get(t, 0)) for w, t in zip(known, taken, strict=True)]
        if not known and written.lower() not in STOP_WORDS:
            missed.append((len(found), written))
    drawn, untaught = _sort(found[:MAX_WORDS], table)
    once: dict[str, str] = {}
    for _, word in sorted(missed + untaught, key=lambda pair: pair[0]):
        once.setdefault(word.lower(), word)
    return Reading(tuple(dict.fromkeys(drawn)), tuple(once.values()), name)


def _sort(found: list[Word], table: WordTable) -> tuple[list[tuple[str, str]], list[tuple[int, str]]]:
    """Known words into what is drawn and, with their places, what has no meaning; what is said around is in neither."""
    phrases, said_around = _taught(table)
    drawn: list[tuple[str, str]] = []
    idle: list[tuple[str, str]] = []
    missed: list[tuple[int, str]] = []
    has_thing = False
    i = 0
    while i < len(found):
        word, n = found[i], 1
        after = found[i + 1].known if i + 1 < len(found) else ""
        if word.known in NAMES_LETTER and len(after) == 1:
            n, has_thing = 2, True
            written, meant = _written(found[i : i + n]), _character(after)
            drawn.append((written, written if word.known in written.lower() else meant))
        elif part := _phrase(found[i : i + LONGEST], phrases):
            n = len(part)
            name, is_thing = phrases[tuple(w.row for w in part)]
            written = _written(part)
            as_is = _rows(written, table) == _rows(name, table)
            meant = written if as_is else name
            is_idle = n == 1 and word.known in BESIDE
            (idle if is_idle else drawn).append((written, meant))
            has_thing |= is_thing and not is_idle
        elif len(word.known) == 1 and word.known not in "ai":
            has_thing = True
            drawn.append((word.written, _character(word.known)))
        elif word.row and word.row not in said_around:
            missed.append((i, word.written))
        i += n
    return drawn if has_thing else drawn + idle, missed


def _phrase(found: list[Word], phrases: Container[tuple[int, ...]]) -> list[Word]:
    """The longest taught phrase that begins with the first word; empty if none does."""
    parts = (found[:n] for n in range(len(found), 0, -1))
    return next((part for part in parts if tuple(word.row for word in part) in phrases), [])


def _written(part: list[Word]) -> str:
    """Words as the visitor wrote them; two that one word stands for are that one."""
    return " ".join(dict.fromkeys(word.written for word in part))


def _character(text: str) -> str:
    return f"{'digit' if text.isdigit() else 'letter'} {text.upper()}"
