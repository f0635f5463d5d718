"""Are briefs read right? `python -m benchmarks.briefs` prints, for each part of a brief, how often it is.

`briefs.jsonl` has 110 briefs that others have written for this, with what nine of ten readers would take from them.
They are for measuring alone: the tagger is not taught on them, and no rule is made for one of them. Parts that are not
there count, too: "no brand" is the share of briefs without a brand in which none is found.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from logo_gan import LogoGAN
from logo_gan.text.colours import lab_of
from logo_gan.text.vocabulary import singular

FILE = Path(__file__).with_name("briefs.jsonl")
NEAR, EXACT = 0.14, 0.02  # OKLab distance from one of the values that pass for a name, from a code


def plain(text: str | None) -> str:
    """A name without its quotation marks and full stops, in small letters."""
    return " ".join((text or "").casefold().replace("’", "'").strip("«»\"'. ").split())


def is_near(found: str | None, values: list[str], code: bool) -> bool:
    """Whether a colour is near one of some."""
    if not found:
        return False
    return min(math.dist(lab_of(found), lab_of(value)) for value in values) <= (EXACT if code else NEAR)


def shows(things: list[str], wanted: list[str]) -> bool:
    """Whether one of the things is one of those that are wanted, by its name or as part of it."""
    return any(w in t or t in w or singular(w) == singular(t) for w in wanted for t in map(str.lower, things))


def marks(wanted: dict, read: dict) -> Iterator[tuple[str, bool]]:
    """Each part of a brief, and whether it was read right."""
    for part in ("brand", "letters", "container", "slogan"):
        if wanted[part]:
            yield part, plain(read[part]) == plain(wanted[part])
        else:
            yield f"no {part}", not read[part]
    for part, role in (("mark_colour", "mark"), ("container_colour", "container"), ("ground", "ground")):
        if name := wanted[part]:
            yield f"colour of {role}", is_near(read["colours"][role], wanted["colours"][name], name.startswith("#"))
    if wanted["avoid"]:
        yield "refused", all(any(each in said for said in map(plain, read["avoid"])) for each in wanted["avoid"])
    else:
        yield "nothing refused", not read["avoid"]
    if wanted["count"]:
        yield "count", read["count"] == wanted["count"]
    else:
        yield "no count", read["count"] in (None, 1)
    if wanted["mark"]:
        yield "thing", shows(read["things"][:1], wanted["mark"])
    if wanted["second"]:
        yield "second thing", shows(read["things"][1:], wanted["second"])
    elif wanted["mark"]:
        yield "no second thing", len(read["things"]) < 2


def main() -> None:
    gan = LogoGAN.from_pretrained()
    found: dict[str, list[bool]] = defaultdict(list)
    for line in FILE.read_text(encoding="utf-8").splitlines():
        wanted = json.loads(line)
        for part, right in marks(wanted, gan.read(wanted["prompt"]).as_dict()):
            found[part].append(right)
    print("| part | read right | of |\n| --- | ---: | ---: |")
    for part, right in sorted(found.items(), key=lambda item: ("no" in item[0].split()[0], item[0])):
        print(f"| {part} | {sum(right) / len(right):.2f} | {len(right)} |")


if __name__ == "__main__":
    main()
