"""WordNet 3.0 and GCIDE as Debian's wordnet-base and dict-gcide ship them, read and told as sentences."""

from __future__ import annotations

import gzip
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from logo_gan.spelling import WORD

WORDNET = Path("/usr/share/wordnet")
GCIDE = Path("/usr/share/dictd/gcide.dict.dz")
PARTS = ("noun", "verb", "adj", "adv")
# British spellings lead, since WordNet's other forms point at them; rules are tried on words of one synset.
RESPELL = (
    ("or", "our"),
    ("er", "re"),
    ("ize", "ise"),
    ("izing", "ising"),
    ("izer", "iser"),
    ("ray", "rey"),
    ("elry", "ellery"),
    ("se", "ce"),
    ("og", "ogue"),
    ("eler", "eller"),
    ("eling", "elling"),
    ("yze", "yse"),
)


class WordNet:
    """WordNet 3.0 as Debian ships it (wndb(5WN)): synsets, their words, glosses and pointers."""

    def __init__(self, folder: Path = WORDNET) -> None:
        self.words: dict[tuple[str, str], list[str]] = {}
        self.gloss: dict[tuple[str, str], str] = {}
        self.pointers: dict[tuple[str, str], list[tuple[str, tuple[str, str]]]] = {}
        self.kind: dict[tuple[str, str], int] = {}  # lexicographer file, e.g. 5 = animals
        self.senses: dict[tuple[str, str], list[tuple[str, str]]] = {}  # (lemma, pos) -> synsets, first is commonest
        self.plural: dict[str, str] = {}
        for part in PARTS:
            pos = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}[part]
            for line in (folder / f"data.{part}").read_text("latin-1").splitlines():
                if line.startswith("  "):
                    continue
                head, _, gloss = line.partition(" | ")
                field = head.split()
                key, count = (pos, field[0]), int(field[3], 16)
                self.kind[key] = int(field[1])
                self.words[key] = [re.sub(r"\(.*\)", "", w) for w in field[4 : 4 + 2 * count : 2]]
                start = 4 + 2 * count
                number = int(field[start])
                self.pointers[key] = [
                    (field[i], (field[i + 2].replace("s", "a"), field[i + 1]))
                    for i in range(start + 1, start + 1 + 4 * number, 4)
                ]
                self.gloss[key] = gloss.strip()
            for line in (folder / f"index.{part}").read_text("latin-1").splitlines():
                if line.startswith("  "):
                    continue
                field = line.split()
                number = int(field[2])
                self.senses[field[0], pos] = [(pos, offset) for offset in field[-number:]]
        for line in (folder / "noun.exc").read_text("latin-1").splitlines():
            many, one = line.split()[:2]
            self.plural[many] = one

    def lemmas(self) -> set[str]:
        """Every single-word lemma of any part of speech, in lower case."""
        return {lemma for lemma, _ in self.senses if "_" not in lemma and "-" not in lemma}

    def related(self, key: tuple[str, str], *symbols: str) -> list[tuple[str, str]]:
        """Synsets that a pointer such as `@` (hypernym) or `~` (hyponym) leads to."""
        return [target for symbol, target in self.pointers[key] if symbol in symbols]


def tokens(text: str) -> list[str]:
    """Lower-case words of a text; hyphens, underscores and punctuation part words."""
    return WORD.findall(text.lower())


def folded_forms(net: WordNet) -> dict[str, str]:
    """Plurals and second spellings, mapped onto the form that carries the vector.

    A plural that is a lemma of its own (glasses, scissors) stays; grey and gray, colour and color become one.
    """
    lemmas = net.lemmas()
    meanings: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for (lemma, _), keys in net.senses.items():
        meanings[lemma].update(keys)
    forms: dict[str, str] = {}
    for many, one in net.plural.items():
        if many not in lemmas and one in lemmas and many != one:
            forms[many] = one
    for lemma, pos in net.senses:
        if pos != "n" or len(lemma) < 3 or lemma not in lemmas or not lemma.isalpha():
            continue
        if re.search(r"(s|x|z|ch|sh)$", lemma):
            many = lemma + "es"
        elif re.search(r"[^aeiou]y$", lemma):
            many = lemma[:-1] + "ies"
        else:
            many = lemma + "s"
        if many not in lemmas:
            forms.setdefault(many, lemma)
    for words in net.words.values():
        group = {w.lower() for w in words} & lemmas
        for word in group:
            for american, british in RESPELL:
                other = word[: -len(american)] + british
                if word.endswith(american) and other in group and meanings[word] <= meanings[other]:
                    forms[word] = other  # not timber and timbre, which share but one sense
    forms.update(
        gray="grey",
        grays="grey",
        greys="grey",
        color="colour",
        colors="colour",
        colored="coloured",
        colorful="colourful",
        donut="doughnut",
        donuts="doughnut",
        ax="axe",
        mustache="moustache",
    )
    return {word: forms.get(target, target) for word, target in forms.items()}


def wordnet_sentences(net: WordNet, chance: random.Random) -> Iterator[list[str]]:
    """Glosses with their words strewn in, examples, and the relations of each synset as shuffled lists."""
    for key, words in net.words.items():
        own = [tokens(w) for w in words]
        definition, *examples = re.split(r';\s*(?=")', net.gloss[key])
        text = tokens(definition)
        for lemma in own[:4]:
            sentence: list[str] = []
            for start in range(0, max(len(text), 1), 8):  # the lemma stays inside the window of each gloss word
                sentence += lemma + text[start : start + 8]
            yield sentence
        for example in examples:
            yield tokens(example)
        up = [tokens(w) for target in net.related(key, "@", "@i", "&", "\\") for w in net.words[target][:2]]
        if len(own) > 1 or up:
            for _ in range(3):
                chance.shuffle(own)
                yield [*chain(*own[:5], *chance.sample(up, min(2, len(up))))]
        for symbols in (("~", "~i"), ("%m", "%s", "%p"), ("#m", "#s", "#p"), ("+", "=", ";c", "-c")):
            near = [tokens(net.words[target][0]) for target in net.related(key, *symbols)]
            near = [lemma for lemma in near if len(lemma) < 3]
            chance.shuffle(near)
            for start in range(0, min(len(near), 120), 5):
                yield [*chain(chance.choice(own), *near[start : start + 5], chance.choice(own))]


def gcide_sentences(path: Path = GCIDE) -> Iterator[list[str]]:
    """GCIDE's definitions: a sentence a paragraph, headed by its word, freed of mark-up and sources."""
    head: list[str] = []
    paragraph: list[str] = []
    with gzip.open(path, "rt", encoding="utf-8", errors="replace") as lines:
        for line in lines:
            start = re.match(r"([A-Z][\w' -]{1,30}?) (?:\\|\()", line)
            if start or not line.strip():
                text = " ".join(paragraph)
                text = re.sub(r"\\[^\\]*\\,?|\[[^\]]*\]|\([A-Z][^)]*\.\)|--[A-Z].*$", " ", text)
                words = [w for w in tokens(text) if w.isascii()]
                if head and len(words) > 3:
                    yield [*head, *words]
                paragraph = []
                if start:
                    head = tokens(start[1])
            paragraph.append(line.strip())
