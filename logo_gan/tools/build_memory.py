"""Builds `weights/memory/` from pinned npm packages: python -m logo_gan.tools.build_memory [--work DIR] [--out DIR]

Icons are collected and resolved (collect.py), those that are no marks are thrown out, doubles too; the codec is fitted;
names and further words for them become text vectors. Needs requirements-dev.txt and npm. Some fifteen minutes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Container
from dataclasses import replace
from pathlib import Path

import numpy as np

from logo_gan.logo.warp import Symmetry
from logo_gan.marks.codec import Codec
from logo_gan.marks.distance import overlap
from logo_gan.marks.memory import FORMAT, PARTS, STYLES
from logo_gan.text.vocabulary import singular
from logo_gan.tools.collect import Drawing, brands, collect, install, is_brand, read_set
from logo_gan.tools.icon_sets import HELD_OUT, LINES, MIXED, SETS, concept
from logo_gan.tools.kinds import kinds, notice
from logo_gan.tools.letters import FACES, letters
from logo_gan.tools.tags import tags_of

VALUES = 384  # of a code
WORST_CODE = 0.82  # overlap of a drawing with what its code gives, below which it is too fine for a mark
MOST_SEGMENTS, MOST_CONTOURS = 200, 40
THINNEST = 0.010  # mean half width of what is filled, in unit squares
THINNEST_LINE = 0.004
LEAST_AREA, MOST_AREA = 0.035, 0.74
NARROWEST = 0.16  # the shorter side of the box, in unit squares
SAME_THING, SAME_DRAWING = 0.978, 0.985  # overlap from which two drawings of one thing, or of any, are doubles
ODD = 4.0  # what a root mean square apart from the other drawings of a thing costs against a rank
LARGEST_FILE = 9_500_000  # bytes: a Space takes files of 10 MB without more ado
MOST_ALIASES, SHORTEST_HEAD = 12, 3
AUTHORS = {"game-icons": "Lorc, Delapouite and contributors (game-icons.net)"}  # as its licence asks
# Words whose drawings go by another name.
MEANT = {"lightning": "lightning bolt", "diamond ring": "ring", "engagement ring": "ring", "wedding ring": "ring"}
# Drawings that were looked at and found poor as marks: they come last.
POOR = {
    tuple(each.split("/"))
    for each in """mdi/bee picon/bee icon-park-solid/bee mdi/violin whh/violin mingcute/barbell-fill healthicons/spine
    fluent-emoji-high-contrast/olive game-icons/half-log picon/log streamline/drone-solid picon/quadcopter
    solar/crown-minimalistic-bold fluent-emoji-high-contrast/fox fluent-emoji-high-contrast/whale picon/whale
    streamline/flower-alt-solid ph/lightning-a-fill healthicons/fruits emojione-monotone/snail mdi/circle-slice-3
    griddy-icons/tooth-gum-filled mingcute/magic-hat-2-fill ph/tooth-fill game-icons/bulb""".split()
}


def no_mark(d: Drawing) -> str | None:
    """Why a drawing is no mark; None if it is one."""
    left, top, right, bottom = _extent(d)
    if d.segments > MOST_SEGMENTS or d.contours > MOST_CONTOURS:
        return "too many parts"
    if d.area / max(d.length, 1e-9) < (THINNEST if d.style == "solid" else THINNEST_LINE):
        return "too thin"
    if not LEAST_AREA <= d.area <= MOST_AREA and d.style != "letter":
        return "almost nothing, or almost all filled"
    if min(right - left, bottom - top) < NARROWEST and d.style != "letter":
        return "too narrow"
    return None


def is_thing(d: Drawing, sets_of: dict[str, set[str]], known: Container[str]) -> bool:
    """Whether what a drawing of a mixed set shows is a thing: another set draws it too, or it has further names."""
    return d.set not in MIXED or bool(sets_of[d.concept] - {d.set}) or (d.set != "whh" and d.concept in known)


def named_anew(drawings: list[Drawing]) -> list[Drawing]:
    """Drawings by today's rules for names, which may be stricter than when they were resolved."""
    sets = {
        (s.name, style): s for group, style in ((SETS, "solid"), (HELD_OUT, "solid"), (LINES, "line")) for s in group
    }
    named = [(concept(d.name, sets[d.set, d.style]), d) for d in drawings]
    return [replace(d, concept=name) for name, d in named if name]


def _extent(d: Drawing) -> tuple[float, float, float, float]:
    filled = d.field > 0
    rows, columns = np.flatnonzero(filled.any(1)), np.flatnonzero(filled.any(0))
    if not len(rows):
        return 0, 0, 0, 0
    return columns[0] / 64, rows[0] / 64, (columns[-1] + 1) / 64, (rows[-1] + 1) / 64


def goodness(d: Drawing) -> float:
    """How well a drawing serves as a mark among others of the same thing; lower is better."""
    effort = abs(np.log(d.segments / 32)) if d.style != "letter" else 0.0
    poor = 2.0 if (d.set, d.name) in POOR else 0.0
    return poor + d.rank + 0.6 * effort + 0.04 * d.contours + (0.5 if d.area < 0.12 else 0)


def oddness(drawings: list[Drawing], chosen: list[int], values: np.ndarray) -> dict[int, float]:
    """How unlike the other drawings of its thing each is, in root mean squares of fields, mirrored ones left aside.

    What most sets draw alike is what people expect: the one clock that is a pin on a map comes last.
    """
    by_thing: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i in chosen:
        by_thing[drawings[i].concept, drawings[i].style].append(i)
    found = {}
    for rows in by_thing.values():
        points = values[rows].astype(np.float32)
        apart = np.sqrt(((points[:, None] - points[None]) ** 2).sum(-1)) / 64
        near = max(1, (len(rows) - 1) // 2)  # the nearer half: a thing may well be drawn in two ways
        typical = np.sort(apart, axis=1)[:, 1 : near + 1].mean(1) if len(rows) > 1 else np.zeros(1)
        found.update(zip(rows, typical.tolist(), strict=True))
    return found


def without_doubles(drawings: list[Drawing], values: np.ndarray) -> tuple[list[int], dict[int, set[str]]]:
    """Indices to keep, and for each the concepts that doubles of it were called by."""
    order = sorted(range(len(drawings)), key=lambda i: goodness(drawings[i]))
    values = values[order].astype(np.float32)
    squares = (values**2).sum(1)
    kept: list[int] = []
    called: dict[int, set[str]] = defaultdict(set)
    limit = 0.10 * 64  # no two fields further apart than this overlap by the least that counts
    alive = np.ones(len(order), bool)
    for a in range(0, len(order), 512):
        block = slice(a, min(a + 512, len(order)))
        distance = squares[block, None] + squares - 2 * values[block] @ values.T
        for i in range(block.start, block.stop):
            if not alive[i]:
                continue
            one = drawings[order[i]]
            kept.append(order[i])
            near = np.flatnonzero((distance[i - a] < limit**2 * 16) & alive)
            near = near[near > i]
            if not len(near):
                continue
            same = overlap(
                one.field.astype(np.float32), np.stack([drawings[order[j]].field for j in near]).astype(np.float32)
            )
            for j, value in zip(near.tolist(), same.tolist(), strict=True):
                other = drawings[order[j]]
                alike = other.concept == one.concept and other.style == one.style
                if value > (SAME_THING if alike else SAME_DRAWING) and other.split == one.split:
                    alive[j] = False
                    if other.concept != one.concept and other.style == one.style != "letter":
                        called[order[i]].add(other.concept)
    return kept, called


def with_heads(words: dict[str, list[str]], drawn: Counter) -> dict[str, list[str]]:
    """Further words of concepts; one that others end with means these: "wings" are an angel's, no butterfly."""
    heads: dict[str, list[str]] = defaultdict(list)
    for name in words:
        last = name.split()[-1]
        if len(name.split()) > 1 and len(last) > SHORTEST_HEAD and last not in words and singular(last) not in words:
            heads[singular(last)].append(name)
    kept = {
        name: [word for word in said if singular(word) not in heads or name in heads[singular(word)]]
        for name, said in words.items()
    }
    meant = {head: max(names, key=lambda name: drawn[name]) for head, names in heads.items()} | MEANT
    for word, name in meant.items():
        kept = {each: [w for w in said if w != word] for each, said in kept.items()} if word in MEANT else kept
        kept[name] = list(dict.fromkeys([word, *kept[name]]))[:MOST_ALIASES]
    return kept


def build(modules: Path, work: Path, out: Path) -> dict:
    """Build the memory in `out`; returns its configuration."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from safetensors.numpy import save_file

    from logo_gan.text.encoder import SentenceEncoder

    drawings, left_out = collect(modules, work / "drawings.pkl")
    known = brands(modules)
    drawings = [d for d in named_anew(drawings) if not is_brand(d.set, d.concept, known)] + letters(modules)
    tags = tags_of(modules)
    sets_of: dict[str, set[str]] = defaultdict(set)
    for d in drawings:
        sets_of[d.concept].add(d.set)
    reasons = [no_mark(d) or (None if is_thing(d, sets_of, tags) else "an interface's") for d in drawings]
    left_out.update(reason for reason in reasons if reason)
    drawings = [d for d, reason in zip(drawings, reasons, strict=True) if reason is None]
    fields = np.stack([d.field for d in drawings]).astype(np.float32)
    taught = np.array([d.split == "memory" for d in drawings])
    codec = Codec.fit(fields[taught], VALUES)
    codes = codec.encode(fields)
    fidelity = np.concatenate(
        [overlap(codec.decode(codes[k : k + 512]), fields[k : k + 512]) for k in range(0, len(codes), 512)]
    )
    print(f"codec: held out {np.median(fidelity[~taught]):.4f} median, {fidelity[~taught].mean():.4f} mean")
    fine = (fidelity >= WORST_CODE) | np.array([d.style == "line" for d in drawings])
    left_out["too fine for its code"] += int((~fine).sum())
    index = np.flatnonzero(fine)
    drawings, codes = [drawings[i] for i in index], codes[index]
    kept, called = without_doubles(drawings, codec.values(codes))
    left_out["doubles"] += len(drawings) - len(kept)

    aliases: dict[str, Counter] = defaultdict(Counter)
    for i, names in called.items():
        aliases[drawings[i].concept].update(names)
    memory = [i for i in kept if drawings[i].split == "memory"]
    names = sorted({drawings[i].concept for i in memory})
    for name in names:
        aliases[name].update(dict.fromkeys(tags.get(name, ()), 2))
    words = {
        name: [w for w, _ in aliases[name].most_common() if w != name and w not in names][:MOST_ALIASES]
        for name in names
    }
    words = with_heads(words, Counter(drawings[i].concept for i in memory))
    number = {name: i for i, name in enumerate(names)}
    unusual = oddness(drawings, memory, codec.values(codes))
    memory.sort(key=lambda i: (number[drawings[i].concept], goodness(drawings[i]) + ODD * unusual[i]))

    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.parquet"):
        old.unlink()
    schema = pa.schema({
        "set": pa.dictionary(pa.int8(), pa.string()), "name": pa.string(), "concept": pa.int32(), "style": pa.int8(),
        "segments": pa.int16(), "symmetry": pa.int8(), "outline": pa.binary(), "code": pa.binary(VALUES),
    })  # fmt: skip

    def table(rows: list[int]) -> pa.Table:
        chosen = [drawings[i] for i in rows]
        return pa.table({
            "set": pa.array([d.set for d in chosen]).dictionary_encode().cast(schema.field("set").type),
            "name": [d.name for d in chosen],
            "concept": pa.array([number.get(d.concept, -1) for d in chosen], pa.int32()),
            "style": pa.array([STYLES.index(d.style) for d in chosen], pa.int8()),
            "segments": pa.array([d.segments for d in chosen], pa.int16()),
            "symmetry": pa.array([Symmetry.of(d.field.astype(np.float32)).code for d in chosen], pa.int8()),
            "outline": [d.outline for d in chosen],
            "code": pa.array([codes[i].tobytes() for i in rows], pa.binary(VALUES)),
        }, schema=schema)  # fmt: skip

    parts = -(-sum(len(drawings[i].outline) + VALUES for i in memory) // LARGEST_FILE)
    files = [f"drawings-{k}.parquet" for k in range(parts)]
    for k, file in enumerate(files):
        share = memory[k * len(memory) // parts : (k + 1) * len(memory) // parts]
        pq.write_table(table(share), out / file, compression="zstd", compression_level=19)
    held_out = [i for i in kept if drawings[i].split == "held out"]
    shown = pa.array([drawings[i].concept for i in held_out])
    pq.write_table(table(held_out).append_column("shows", shown), out / "held_out.parquet", compression="zstd")
    pq.write_table(
        pa.table({"name": names, "aliases": pa.array([words[n] for n in names], pa.list_(pa.string()))}),
        out / "concepts.parquet", compression="zstd",
    )  # fmt: skip
    write_kinds(modules, out, names, Counter(drawings[i].concept for i in memory))
    codec.save(out / "codec.safetensors")

    texts = [(name, i, True) for i, name in enumerate(names)]
    texts += [(word, i, False) for i, name in enumerate(names) for word in words[name]]
    unique = sorted({text for text, _, _ in texts})
    encoder = SentenceEncoder.load()
    vectors = dict(zip(unique, encoder.encode(unique), strict=True))
    keys = np.stack([vectors[text] for text, _, _ in texts])
    scale = np.abs(keys).max(1) / 127
    save_file({
        "keys": np.round(keys / scale[:, None]).astype(np.int8), "scale": scale.astype(np.float16),
        "concept": np.array([i for _, i, _ in texts], np.int32),
        "is_name": np.array([n for _, _, n in texts], np.uint8),
    }, out / "keys.safetensors")  # fmt: skip

    used = Counter(drawings[i].set for i in memory)
    sets = {name: {**_described(modules, name), "drawings": n} for name, n in sorted(used.items())}
    solid = [i for i in memory if drawings[i].style == "solid"]
    config = {
        "format": FORMAT, "name": "open-marks", "encoder": encoder.name, "drawings": files,
        "rows": len(memory), "solid": len(solid), "line": sum(drawings[i].style == "line" for i in memory),
        "letter": sum(drawings[i].style == "letter" for i in memory), "concepts": len(names),
        "solid_concepts": len({drawings[i].concept for i in solid}),
        "code": {"values": VALUES, "cells": 64,
                 "held_out_overlap_median": round(float(np.median(fidelity[~taught])), 4),
                 "held_out_overlap_mean": round(float(fidelity[~taught].mean()), 4), "held_out": int((~taught).sum())},
        "held_out": {name: _described(modules, name) for name in sorted({drawings[i].set for i in held_out})},
        "held_out_rows": len(held_out), "left_out": dict(left_out.most_common()), "sets": sets,
    }  # fmt: skip
    config["sha256"] = {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in (*files, *PARTS)}
    (out / "config.json").write_text(json.dumps(config, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (out / "ATTRIBUTION.md").write_text(_attribution(config, modules), encoding="utf-8")
    return config


def write_kinds(modules: Path, out: Path, names: list[str], drawn: Counter) -> None:
    """Write `kinds.parquet`: words that name no drawing, and the concept to draw for each."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    known, number = set(names), {name: i for i, name in enumerate(names)}
    found = kinds(modules, lambda name: drawn[name] if name in known else 0)
    table = pa.table({"word": list(found), "concept": pa.array([number[n] for n in found.values()], pa.int32())})
    pq.write_table(table, out / "kinds.parquet", compression="zstd", compression_level=19)


def _described(modules: Path, name: str) -> dict[str, str]:
    if name in FACES:
        face = FACES[name]
        return {
            "title": face.title, "author": face.author, "licence": "OFL-1.1", "url": face.url,
            "licence_url": "https://spdx.org/licenses/OFL-1.1.html",
        }  # fmt: skip
    info = read_set(modules, name)["info"]
    return {
        "title": info["name"], "author": AUTHORS.get(name, info["author"]["name"]),
        "licence": info["license"]["spdx"], "url": info["author"].get("url") or "",
        "licence_url": info["license"].get("url") or f"https://spdx.org/licenses/{info['license']['spdx']}.html",
    }  # fmt: skip


def _attribution(config: dict, modules: Path) -> str:
    """The sets with authors and licences, and the licences' texts, which have to go with the drawings."""
    lines = [
        "# Where the drawings are from",
        "",
        "Each drawing of the memory keeps the name of its set and its own; a logo made from it names both. The",
        "outlines were united, framed and quantised. Sets under CC BY ask to be named where their drawings are shown.",
        "",
        "| set | title | drawings | licence | author | at |",
        "| --- | --- | ---: | --- | --- | --- |",
    ]
    for name, each in config["sets"].items():
        licence = f"[{each['licence']}]({each['licence_url']})"
        cells = [name, each["title"], f"{each['drawings']:,}", licence, each["author"], each["url"]]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "Held out, for measuring only (`held_out.parquet`):", ""]
    lines += ["| set | title | licence | author | at |", "| --- | --- | --- | --- | --- |"]
    for name, each in config["held_out"].items():
        lines.append(f"| {name} | {each['title']} | {each['licence']} | {each['author']} | {each['url']} |")
    lines += ["", "## The licences", "", "The holders of copyright are the authors above."]
    for licence in sorted({each["licence"] for part in ("sets", "held_out") for each in config[part].values()}):
        path = modules / "spdx-license-list" / "licenses" / f"{licence}.json"
        text = json.loads(path.read_text(encoding="utf-8"))
        lines += ["", f"### {text['name']}", "", "```text", text["licenseText"].strip(), "```"]
    lines += ["", "### WordNet 3.1, for what kind of thing a word names (`kinds.parquet`)", ""]
    lines += ["```text", notice(modules), "```"]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path("runs/memory"), help="for packages and what is resolved")
    parser.add_argument("--out", type=Path, default=Path("weights/memory"))
    options = parser.parse_args()
    try:
        config = build(install(options.work), options.work, options.out)
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
    print(json.dumps({key: config[key] for key in ("rows", "solid", "concepts", "code", "left_out")}, indent=1))


if __name__ == "__main__":
    main()
