"""Make `synonyms.json` from `synonyms.txt`: `python -m logo_gan.build_synonyms`.

Each object's and trade's other words are split by a fixed rule into `train`, which the composer's captions
use, and `held_out` (about 30 %), which no training caption ever holds: with these an evaluation measures how
well words never trained on are understood. A word is dropped if the word table lacks it or gives it the very
vector of its object (a plural, a second spelling), since it would then teach and prove nothing.
"""

from __future__ import annotations

import json
import sys
import zlib
from pathlib import Path

from logo_gan.prompt import WordTable, words

FOLDER = Path(__file__).parent
TRAIN_SHARE = 0.7


def read(path: Path = FOLDER / "synonyms.txt") -> dict[str, list[str]]:
    """The hand-picked lists: object or trade -> words, a plus before those that are never held out."""
    lists: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, others = line.partition(":")
            lists[name.strip()] = [word.strip() for word in others.split(",")]
    return lists


def composer_words() -> set[str]:
    """Single words that training captions hold anyway: names of what is drawn, colours, the tail."""
    from logo_gan import captions, colours

    table = captions.VOCABULARY
    texts = [
        captions.TAIL,
        *colours.names(),
        *table["objects"],
        *table["trades"],
        *table["abstract"],
        *table["moods"],
    ]
    for group in ("containers", "layouts"):
        texts += [text for name, options in table[group].items() for text in (name, *options)]
    return {word for text in texts for word in words(text)}


def split(lists: dict[str, list[str]], table: WordTable) -> dict[str, dict[str, list[str]]]:
    """Train and held-out words of each name.

    Held out are the words with the largest checksums, among those that no training caption can hold in any
    other way: no word of theirs is the composer's, or on the vector of one that is, or in another name's
    list.
    """
    heard = {table.words.get(word, 0) for word in composer_words()}
    result: dict[str, dict[str, list[str]]] = {}
    kept: dict[str, list[str]] = {}
    for name, others in lists.items():
        own = [table.words.get(word) for word in words(name)]
        rows = {text: [table.words.get(word) for word in words(text)] for text in others}
        dropped = [text for text in others if None in rows[text] or rows[text] == own]
        if dropped:
            print(f"dropped for {name}: {', '.join(dropped)}", file=sys.stderr)
        kept[name] = [text for text in others if text not in dropped]
    uses: dict[int, int] = {}
    for others in kept.values():
        for row in {table.words[word] for text in others for word in words(text)}:
            uses[row] = uses.get(row, 0) + 1
    for name, others in kept.items():
        ordered = sorted(others, key=lambda text: zlib.crc32(text.encode()))
        within = [row for text in others for row in {table.words[word] for word in words(text)}]
        free = [
            text
            for text in ordered
            if text[0] != "+"
            and all(
                table.words[word] not in heard and uses[table.words[word]] == 1 and within.count(table.words[word]) == 1
                for word in words(text)
            )
        ]
        wanted = len(ordered) - round(TRAIN_SHARE * len(ordered)) if len(ordered) > 1 else 0
        held_out = free[len(free) - wanted :] if wanted else []
        train = [text.removeprefix("+") for text in ordered if text not in held_out]
        result[name] = {"train": train, "held_out": held_out}
    return {name: parts for name, parts in result.items() if parts["train"] or parts["held_out"]}


def main() -> None:
    """Command line: no options."""
    parts = split(read(), WordTable.load())
    rows = [f" {json.dumps(name)}: {json.dumps(value)}" for name, value in parts.items()]
    (FOLDER / "synonyms.json").write_text("{\n" + ",\n".join(rows) + "\n}\n", "utf-8")
    train, held_out = (sum(len(value[part]) for value in parts.values()) for part in ("train", "held_out"))
    print(f"{len(parts)} names, {train} training words, {held_out} held out")


if __name__ == "__main__":
    main()
