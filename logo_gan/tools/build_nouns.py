"""Builds `logo_gan/text/nouns.json`: python -m logo_gan.tools.build_nouns [--work DIR]

Names of the things that emoji show, in two dozen languages, from Unicode's CLDR (Unicode licence) by way of the npm
package emojibase-data; small words of these languages from spaCy (MIT).
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter, defaultdict
from importlib import import_module
from pathlib import Path

from logo_gan.text import emoji
from logo_gan.text.nouns import FILE, LANGUAGES, UNSPACED
from logo_gan.tools.collect import install

KINDS = {0, 1, 3, 4, 5, 6, 7}  # groups of emoji that are not families, skin tones and flags
SHORTEST = 2
FACE = re.compile("の顔$|脸$|臉$|얼굴$| का चेहरा$|gesicht$|gezicht$")


def nouns(modules: Path) -> dict[str, dict]:
    """Language → its `nouns` (in lower case → English name) and `small` words."""
    folder = modules / "emojibase-data"

    def read(language: str) -> dict[str, dict]:
        entries = json.loads((folder / language / "data.json").read_text(encoding="utf-8"))
        return {each["hexcode"]: each for each in entries if each.get("group") in KINDS}

    english = {}
    for code, each in read("en").items():
        said = emoji.name(each["emoji"][0]) or each["label"]
        name = re.sub(r"\b(?:face|symbol|button|mark)\b", "", said).strip()
        if each["group"] != 0 and re.fullmatch(r"[a-z][a-z -]{2,30}", name):
            english[code] = name
    found: dict[str, dict] = {}
    for language in LANGUAGES:
        meant: dict[str, Counter] = defaultdict(Counter)
        labels: dict[str, str] = {}
        for code, each in read(language).items():
            if code not in english:
                continue
            label = re.sub(r"\s*[(:,].*$", "", each["label"].lower()).strip()
            labels.setdefault(label, english[code])
            labels.setdefault(FACE.sub("", label), english[code])
            for tag in each.get("tags", ()):
                meant[tag.lower()][english[code]] += 1
        # A further word counts where it is part of a name, as "fuchs" of "fuchsgesicht", and its things are one kind.
        whole = " ".join(labels)
        further = {tag: _head(names) for tag, names in meant.items() if tag in whole and _head(names)}
        words = further | labels
        found[language] = {
            "nouns": {w: n for w, n in sorted(words.items()) if (len(w) >= SHORTEST or w > "\u3000") and w != n},
            "small": _small_words(language),
        }
    return found


def _head(names: Counter) -> str | None:
    """What a word stands for that belongs to several things: their own name, or the noun that most of them end with."""
    if len(names) == 1:
        return next(iter(names))
    last, count = Counter(name.split()[-1] for name in names).most_common(1)[0]
    return last if count > 0.6 * len(names) else None


def _small_words(language: str) -> list[str]:
    """Words that a sentence of a language hardly does without, and that are none of English; of Latin scripts."""
    if language in (*UNSPACED, "ko", "bn", "hi", "ms"):
        return []
    english = import_module("spacy.lang.en.stop_words").STOP_WORDS
    own = import_module(f"spacy.lang.{language}.stop_words").STOP_WORDS
    return sorted(word for word in own if word not in english and 1 < len(word) < 8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path("runs/memory"), help="where the packages are")
    modules = install(parser.parse_args().work)
    found = nouns(modules)
    licence = json.loads((modules / "spdx-license-list" / "licenses" / "Unicode-3.0.json").read_text(encoding="utf-8"))
    FILE.with_name("nouns.licence.txt").write_text(licence["licenseText"].strip() + "\n", encoding="utf-8")
    FILE.write_text(json.dumps(found, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    print({language: len(each["nouns"]) for language, each in found.items()})


if __name__ == "__main__":
    main()
