"""Build the bundled word vectors from Debian's free dictionaries: `python -m logo_gan.build_words`.

Needs the Debian packages `wordnet-base` and `dict-gcide` and the Python package `gensim` (development only).
Texts: WordNet's glosses, examples and relations written out as sentences, GCIDE's definitions, neighbouring
colour names, and with `--captions N` composed captions (none in the shipped table). Vectors: skip-gram with
negative sampling (Mikolov et al. 2013), then retrofitted to WordNet (Faruqui et al. 2015), so that synonyms
lie near each other, then stripped of their mean and largest common directions (Mu & Viswanath 2018).

Writes `vectors.safetensors` (int8 rows and a scale a row, row 0 all zeros) and `vocabulary.txt` (word, row).
Every row is scaled to an L2 norm of sqrt(300), hence values of about unit variance, as a network wants them.
Words without a row of their own point at the nearest kept row, as in spaCy's `prune_vectors`.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from logo_gan.dictionaries import WordNet, folded_forms, gcide_sentences, tokens, wordnet_sentences

DIMENSIONS = 300
ROWS = 32_000  # int8 rows: 9.6 MB, below the 10 MB a file may have
MIN_COUNT = 5
NEAR_ENOUGH = 0.45  # cosine below which an unkept word is left out rather than sent to a wrong row
ATTRIBUTE = 7  # WordNet's lexicographer file of attributes, colours among them
# Plurals that are marks of their own in the composer (rings beside ring) keep a row of their own, near the
# singular's.
OWN_PLURALS = "rings waves lines dots triangles chevrons petals arcs stairs scales".split()
CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
# Words of grammar: WordNet knows `in` as an inch and `a` as an angstrom, so these stay as the text taught
# them.
GRAMMAR_WORDS = """
a an the in on at as of to by for with and or no not it its is be am are was he she we us so do have may can
will i my me our your their that this there here up out off over under inside within from into like all some
more most please draw called than then but if each two three one
"""
GRAMMAR = set(GRAMMAR_WORDS.split())


def kin() -> dict[str, list[str]]:
    """The table `kin.txt`: word -> the words it is drawn towards (none: it only keeps a row of its own)."""
    lines = Path(__file__).with_name("kin.txt").read_text("utf-8").splitlines()
    return {line.split()[0]: line.split()[1:] for line in lines if line and not line.startswith("#")}


def colour_sentences(chance: random.Random, repeats: int = 6) -> Iterator[list[str]]:
    """Each colour name among its six nearest in OKLab: teal beside turquoise, navy beside dark blue."""
    from logo_gan import colours

    keys = list(colours.names())
    values = colours.oklab(np.array([colours.rgb(colours.names()[key]) for key in keys]))
    for name, value in zip(keys, values, strict=True):
        order = np.argsort(((values - value) ** 2).sum(1))[1:7]
        near = [tokens(keys[i]) for i in order]
        for _ in range(repeats):
            chance.shuffle(near)
            own = tokens(name)
            yield [*own, *near[0], "colour", *own, *near[1], *near[2], *own]


def caption_sentences(number: int, seed: int = 7) -> Iterator[list[str]]:
    """Composed captions, brand names left out."""
    from logo_gan import brand, compose

    for recipe in compose.recipes(seed, 0, number) if number else ():
        yield tokens(brand.cut(recipe.caption, lambda word: True)[1])


def train(sentences: list[list[str]], workers: int, epochs: int):
    """Skip-gram with negative sampling over the sentences."""
    from gensim.models import Word2Vec

    return Word2Vec(
        sentences,
        vector_size=DIMENSIONS,
        window=8,
        sg=1,
        negative=10,
        min_count=MIN_COUNT,
        sample=1e-4,
        epochs=epochs,
        workers=workers,
        seed=1,
    )


def closeness(net: WordNet) -> dict[tuple[str, tuple[str, str]], float]:
    """How much a word means a synset, 0..1: rarer senses less, nouns before verbs, colours before all.

    A logo tool hears `fox` and `crown` as things, `maroon` and `teal` as colours.
    """
    colour = {key for key in net.words if key[0] == "n" and net.kind[key] == ATTRIBUTE}
    roots = [key for key in colour if {"chromatic_color", "achromatic_color", "spectral_color"} & set(net.words[key])]
    hues: set[tuple[str, str]] = set()
    while roots:
        key = roots.pop()
        if key not in hues:
            hues.add(key)
            roots += net.related(key, "~")
    result: dict[tuple[str, tuple[str, str]], float] = {}
    for (lemma, pos), keys in net.senses.items():
        share = {"n": 1.0, "a": 0.5, "v": 0.25, "r": 0.5}[pos] if (lemma, "n") in net.senses else 1.0
        for number, key in enumerate(keys):
            result[lemma, key] = 1.0 if key in hues else share / (1 + number) ** 1.5
    return result


def relations(net: WordNet, index: dict[str, int], forms: dict[str, str]) -> dict[int, dict[int, float]]:
    """Weighted neighbours for retrofitting: synonyms, hypernyms at half weight, or `kin.txt` alone."""
    from logo_gan import colours

    close = closeness(net)
    special = kin()
    still = GRAMMAR | special.keys() | colours.BASIC.keys()  # basic colours draw others near but stay apart themselves
    edges: dict[int, dict[int, float]] = defaultdict(dict)

    def link(a: str, b: str, weight: float) -> None:
        i, j = index.get(forms.get(a, a)), index.get(forms.get(b, b))
        if i is not None and j is not None and i != j:
            edges[i][j] = max(edges[i].get(j, 0), weight)

    for key, words in net.words.items():
        own = [w.lower() for w in words if "_" not in w and "-" not in w]
        own = [w for w in own if w not in GRAMMAR and len(w) > 1]
        for a in own:
            if a in still:
                continue
            for b in own:
                if a != b:  # both must often mean this
                    link(a, b, close.get((a, key), 0.1) * close.get((b, key), 0.1))
            for up in net.related(key, "@"):
                for b in (w.lower() for w in net.words[up] if "_" not in w and "-" not in w):
                    if b not in GRAMMAR:
                        link(a, b, 0.5 * close.get((a, key), 0.1) * close.get((b, up), 0.1))
    for word, near in special.items():
        for other in near:
            link(word, other, 1.0)
    return edges


def add_words(names: list[str], vectors: np.ndarray, forms: dict[str, str]) -> tuple[list[str], np.ndarray]:
    """Vectors for words of `kin.txt` that the texts lack (the mean of their kin) and for OWN_PLURALS."""
    index = {word: i for i, word in enumerate(names)}
    chance = np.random.default_rng(4)
    many = chance.normal(size=DIMENSIONS)
    extra: dict[str, np.ndarray] = {}
    for word, near in kin().items():
        ids = [index[forms.get(w, w)] for w in near if forms.get(w, w) in index]
        noise = chance.normal(size=DIMENSIONS) / np.sqrt(DIMENSIONS)
        if not ids:
            continue
        mean = vectors[ids].mean(0) / np.linalg.norm(vectors[ids].mean(0))
        if word not in index:
            extra[word] = mean + 0.4 * noise
        else:
            vectors[index[word]] = 0.5 * vectors[index[word]] + 0.5 * mean
    for word in OWN_PLURALS:
        if forms.get(word) in index:
            extra[word] = vectors[index[forms.pop(word)]] + 0.6 * many / np.linalg.norm(many)
    print("added:", *extra, flush=True)
    return [*names, *extra], np.vstack([vectors, *extra.values()])


def composer_words() -> set[str]:
    """Every word of the composer's vocabulary and colour names."""
    from logo_gan import colours

    table = json.loads(Path(__file__).with_name("vocabulary.json").read_text("utf-8"))
    texts = [*colours.names(), *table["objects"], *table["trades"], *table["abstract"], *table["moods"]]
    for group in ("containers", "layouts"):
        texts += [text for name, options in table[group].items() for text in (name, *options)]
    return {word for text in texts for word in tokens(text)}


def retrofit(vectors: np.ndarray, edges: dict[int, dict[int, float]], rounds: int = 5) -> np.ndarray:
    """Faruqui et al. 2015: draw each unit vector towards its neighbours, holding it to where it was."""
    result = vectors.copy()
    for _ in range(rounds):
        for i, near in edges.items():
            ids = np.fromiter(near, int)
            weights = np.fromiter(near.values(), np.float32)
            weights *= min(1, 1.2 / weights.sum())
            result[i] = (vectors[i] + weights @ result[ids]) / (1 + weights.sum())
        result /= np.linalg.norm(result, axis=1, keepdims=True)
    return result


def single_out_characters(vectors: np.ndarray, index: dict[str, int]) -> None:
    """Give letters and digits directions of their own: a monogram needs them apart."""
    names = [c for c in CHARACTERS if c in index]
    ids = [index[c] for c in names]
    common = vectors[ids].mean(0)
    common /= np.linalg.norm(common)
    own, _ = np.linalg.qr(np.random.default_rng(3).normal(size=(DIMENSIONS, len(ids))))
    vectors[ids] = 0.5 * common + 0.866 * own.T


def choose(net: WordNet, counts: Counter, index: dict[str, int], first: set[str]) -> list[str]:
    """Words that keep a row: the tool's own first, then concrete nouns and adjectives, then what is frequent.

    A noun counts as concrete when its first sense lies in WordNet's files of animals, artefacts, bodies,
    food, places, natural objects, persons, phenomena, plants, shapes or substances.
    """
    concrete = {5, 6, 8, 13, 15, 17, 18, 19, 20, 25, 27}
    score = {}
    for word in index:
        weight = np.log(counts[word] + 1.0)
        senses = net.senses.get((word, "n"))
        if senses and net.kind[senses[0]] in concrete:
            weight += 1.5
            if net.words[senses[0]][0][:1].isupper():  # people, places and genera by name
                weight -= 2.5
        elif senses or (word, "a") in net.senses:
            weight += 0.7
        elif not any((word, pos) in net.senses for pos in "vr"):
            weight -= 1.5
        score[word] = weight + (100 if word in first else 0) - (1 if len(word) > 14 or not word.isascii() else 0)
    return sorted(score, key=lambda w: (-score[w], w))[:ROWS]


def build(out: Path, captions: int, workers: int, epochs: int) -> None:
    """Read, train, retrofit, prune and write; about ten minutes on two cores.

    With several workers the skip-gram vectors differ a little from run to run; checkpoints need the table
    they were trained with, so a new table asks for new training.
    """
    chance = random.Random(5)
    net = WordNet()
    forms = folded_forms(net)
    colours = list(colour_sentences(chance))
    texts = [*wordnet_sentences(net, chance), *gcide_sentences(), *colours, *caption_sentences(captions)]
    texts += [[word, word] for word in kin()] * MIN_COUNT
    texts = [[forms.get(word, word) for word in text] for text in texts if len(text) > 1]
    chance.shuffle(texts)
    counts = Counter(word for text in texts for word in text)
    print(f"{len(texts):,} sentences, {sum(counts.values()):,} words", flush=True)
    model = train(texts, workers, epochs)
    names = model.wv.index_to_key
    finish(out, net, forms, counts, names, model.wv.vectors)


def finish(out: Path, net: WordNet, forms: dict[str, str], counts: Counter, names: list[str], raw: np.ndarray) -> None:
    """From raw vectors to the two files."""
    from safetensors.numpy import save_file

    vectors = raw.astype(np.float32) / np.linalg.norm(raw, axis=1, keepdims=True)
    frequent = vectors[:30_000]
    vectors = vectors - frequent.mean(0)
    top = np.linalg.svd(vectors[:30_000:3], full_matrices=False)[2][:2]
    vectors -= vectors @ top.T @ top
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    names, vectors = add_words(names, vectors, forms)
    index = {word: i for i, word in enumerate(names)}
    vectors = retrofit(vectors, relations(net, index, forms))
    single_out_characters(vectors, index)
    first = {forms.get(w, w) for w in [*kin(), *composer_words(), *CHARACTERS]}
    kept = choose(net, counts, index, first)
    kept.sort(key=lambda w: (-counts[w], w))
    matrix = vectors[[index[w] for w in kept]]
    row = {word: i + 1 for i, word in enumerate(kept)}
    lemmas = net.lemmas()
    rest = [w for w in names if w not in row and w.isalpha() and w in lemmas]
    for start in range(0, len(rest), 2000):
        part = rest[start : start + 2000]
        likeness = vectors[[index[w] for w in part]] @ matrix.T
        best = likeness.argmax(1)
        for word, i, value in zip(part, best, likeness.max(1), strict=True):
            if value >= NEAR_ENOUGH:
                row[word] = int(i) + 1
    for word, target in forms.items():
        if target in row and word not in row:
            row[word] = row[target]
    scale = np.abs(matrix).max(1) / 127
    packed = np.rint(matrix / scale[:, None]).astype(np.int8)
    norm = np.sqrt(DIMENSIONS) / np.linalg.norm(packed.astype(np.float32), axis=1)
    packed = np.vstack([np.zeros((1, DIMENSIONS), np.int8), packed])
    save_file({"rows": packed, "scale": np.concatenate([[0], norm]).astype(np.float16)}, out / ".new")
    lines = [f"{word} {i}\n" for word, i in row.items()]
    (out / "vocabulary.txt").write_text("".join(lines), "utf-8")
    (out / ".new").replace(out / "vectors.safetensors")
    (out / "vectors.safetensors").chmod(0o644)
    print(f"{len(kept):,} rows, {len(row):,} words", flush=True)


def main() -> None:
    """Command line: `python -m logo_gan.build_words [--out DIR]`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "weights" / "words")
    parser.add_argument("--captions", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=4)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    build(args.out, args.captions, args.workers, args.epochs)


if __name__ == "__main__":
    main()
