"""Are briefs read right? `python -m benchmarks.briefs` prints, for each part of a brief, how often it is.

`briefs.jsonl` has 110 briefs that others have written for this, with what nine of ten readers would take from them.
They are for measuring alone: the tagger is not taught on them, and no rule is made for one of them. Parts that are not
there count, too: "no brand" is the share of briefs without a brand in which none is found. Five hundred plain prompts
("blue fish", "letter K, teal") are read as well: nothing of them should be lost, nothing added.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from random import Random

from logo_gan import LogoGAN
from logo_gan.text import nouns
from logo_gan.text.colours import lab_of, names
from logo_gan.text.vocabulary import singular, table

FILE = Path(__file__).with_name("briefs.jsonl")
COLOURS = "red blue green orange teal navy purple pink gold black brown yellow".split()
CONTAINERS = sorted(set(table("containers").entries.values()))
FORMS = (
    "{one} {thing}", "{thing}, {one}", "{thing} in {one}", "a {one} {thing}", "{thing} logo",
    "{one} {thing} in a {held}", "{thing} in a {held}", "letter {letter}, {one}", "{one} {thing} on white",
    "minimal {thing} icon, {one}", "{thing}", "{one} {thing} in a {other} {held}", "a {thing}, no {one}",
    "{thing} without a {held}", "{one} letter {letter} in a {other} {held}",
)  # fmt: skip
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


def plain_prompts(gan: LogoGAN, n: int = 500, seed: int = 11) -> Iterator[tuple[str, dict]]:
    """Prompts of a thing that emoji show and the memory draws, or a letter, with what they say, part by part."""
    random = Random(seed)
    shown = {name for language in nouns.languages().values() for name in language["nouns"].values()}
    things = sorted(name for name in shown if gan.memory.exact(name) is not None and len(name.split()) < 3)
    for i in range(n):
        form = FORMS[i % len(FORMS)]
        one, other = random.sample(COLOURS, 2)
        held = random.choice(CONTAINERS)
        said = {"thing": random.choice(things), "letter": random.choice("BCDEFGHJKLMNPQRSTUVWXYZ")}
        wanted = {"letters": None, "container": None, "avoid": ()}
        wanted["thing"] = said["thing"] if "{thing}" in form else None
        wanted |= {"letters": said["letter"]} if "{letter}" in form else {}
        wanted |= {"container": "none" if "without" in form else held} if "{held}" in form else {}
        wanted |= {"avoid": (one,)} if "no {one}" in form else {}
        wanted["mark"] = one if "{one}" in form and not wanted["avoid"] else None
        wanted["held"] = other if "{other}" in form else None
        wanted["ground"] = "white" if "white" in form else None
        yield form.format(one=one, other=other, held=held, **said), wanted


def is_whole(gan: LogoGAN, prompt: str, wanted: dict) -> bool:
    """Whether a brief says all that a plain prompt does, and nothing else."""
    brief = gan.read(prompt)
    drawn = [gan.memory.exact(thing) for thing in brief.things]
    values = {
        role: names()[wanted[part]] if wanted[part] else None
        for role, part in (("mark", "mark"), ("container", "held"), ("ground", "ground"))
    }
    return (
        drawn == ([gan.memory.exact(wanted["thing"])] if wanted["thing"] else [])
        and brief.colours == {**values, "accent": None}
        and (brief.letters, brief.container, brief.avoid) == (wanted["letters"], wanted["container"], wanted["avoid"])
        and not (brief.brand or brief.slogan or brief.count or brief.not_understood)
    )


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
    whole = [is_whole(gan, *each) for each in plain_prompts(gan)]
    print(f"| plain prompt, whole | {sum(whole) / len(whole):.3f} | {len(whole)} |")


if __name__ == "__main__":
    main()
