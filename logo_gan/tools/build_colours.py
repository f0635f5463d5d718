"""Builds `logo_gan/text/colour_names.txt`: python -m logo_gan.tools.build_colours [--work DIR]

Some 30,000 names of colours from the npm package color-name-list (MIT), a line each, "#rrggbb name".
"""

from __future__ import annotations

import argparse
import csv
import re
from pathlib import Path

from logo_gan.text import colours, vocabulary
from logo_gan.tools.collect import install

_PLAIN = re.compile(r"[a-zà-ÿ' ]{3,40}")


def names(path: Path) -> dict[str, str]:
    """Name as prompts are read, in lower case without hyphens → '#rrggbb'; of a name with digits or signs none."""
    found: dict[str, str] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            words = vocabulary.key(row["name"])
            name = " ".join(words)
            if len(words) <= colours.LONGEST_RARE and _PLAIN.fullmatch(name) and name not in colours.names():
                found.setdefault(name, row["hex"].lower())
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path("runs/memory"), help="where the packages are")
    package = install(parser.parse_args().work) / "color-name-list"
    found = names(package / "dist" / "colornames.csv")
    lines = [f"{value} {name}\n" for name, value in sorted(found.items())]
    colours.FURTHER_FILE.write_text("".join(lines), encoding="utf-8")
    licence = (package / "LICENSE").read_text(encoding="utf-8")
    colours.FURTHER_FILE.with_name("colour_names.licence.txt").write_text(licence.strip() + "\n", encoding="utf-8")
    print(len(found))


if __name__ == "__main__":
    main()
