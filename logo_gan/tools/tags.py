"""Further words for things, from the packages that carry them: emoji keywords, and the tags of two icon sets."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path

_PHOSPHOR = re.compile(r'name: ?"([^"]+)".*?tags: ?\[([^\]]*)\]', re.DOTALL)
# Words of interfaces, and words that hang on everything.
_IDLE = set("*new* object symbol icon sign face person things item tool web app ui user interface data general".split())


# Words that the packages lack, and the things that stand for them.
OWN = {
    "pillar": ["column", "greek column", "roman column"], "classical building": ["courthouse"], "sprout": ["twig"],
    "barbell": ["weights"], "gavel": ["judge's hammer"], "location arrow": ["arrow"],
}  # fmt: skip


def tags_of(modules: Path) -> dict[str, list[str]]:
    """For names of things in lower case, other words that fit them, the surest first."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def add(name: str, words: list[str]) -> None:
        name = re.sub(r"[-_]+", " ", name.lower()).strip()
        for word in words:
            word = re.sub(r"[-_]+", " ", word.lower()).strip()
            if 2 < len(word) < 30 and word not in _IDLE and word != name and not word.isdigit():
                found[name][word] += 1

    for name, words in OWN.items():
        for _ in range(5):
            add(name, words)
    for emoji in json.loads((modules / "emojibase-data" / "en" / "data.json").read_text(encoding="utf-8")):
        add(emoji["label"], emoji.get("tags", []))
    for name, icon in json.loads((modules / "@tabler" / "icons" / "icons.json").read_text(encoding="utf-8")).items():
        add(name, [str(tag) for tag in icon.get("tags", [])])
    source = (modules / "@phosphor-icons" / "core" / "dist" / "index.mjs").read_text(encoding="utf-8")
    for name, tags in _PHOSPHOR.findall(source):
        add(name, re.findall(r'"([^"]+)"', tags))
    return {name: [w for w, _ in sorted(words.items(), key=lambda p: -p[1])] for name, words in found.items()}
