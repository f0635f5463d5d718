"""The bundled memory: whole, lawful, found by meaning; and what damaged ones are told."""

import json
import shutil

import numpy as np
import pytest

from logo_gan.marks.codec import Codec
from logo_gan.marks.distance import overlap, signed_distance
from logo_gan.marks.memory import FOLDER, Memory, MemoryFileError
from logo_gan.marks.outline import Outline
from logo_gan.text.encoder import SentenceEncoder
from logo_gan.text.vocabulary import singular

LICENCES = {"MIT", "Apache-2.0", "CC0-1.0", "CC-BY-3.0", "CC-BY-4.0", "OFL-1.1", "ISC"}
BRAND_SETS = {
    "simple-icons",
    "logos",
    "cib",
    "fa7-brands",
    "fa6-brands",
    "fa-brands",
    "devicon",
    "skill-icons",
    "bxl",
    "thesvg",
}
# What is asked for, and a word that the name of the thing found must hold.
PHRASES = dict(
    pair.split(": ")
    for pair in """
    wolf howling at the moon: wolf; hops: hop; barley: barley; octopus: octopus; scales of justice: scale; water
    drop: drop; spanner: wrench; a cup of coffee: coffee; maple leaf: maple; open book: book; smiling tooth:
    tooth; airplane: plane; hummingbird: bird; sailing boat: sail; lighthouse: lighthouse; mountain peak:
    mountain; pine tree: tree; red rose: rose; sunflower: sunflower; bee: bee; butterfly: butterfly; elephant:
    elephant; horse: horse; cat: cat; puppy: dog; fox: fox; owl: owl; eagle: eagle; lion: lion; tiger: tiger;
    bear: bear; dolphin: dolphin; shark: shark; whale: whale; turtle: turtle; snail: snail; spider: spider;
    dragon: dragon; unicorn: unicorn; castle: castle; crown: crown; sword: sword; shield: shield; anchor: anchor;
    compass: compass; rocket: rocket; bicycle: bicycle; truck: truck; train: train; tractor: tractor; helicopter:
    helicopter; hammer: hammer; screwdriver: screwdriver; gear: gear; key: key; lock: lock; light bulb: bulb;
    camera: camera; microphone: microphone; guitar: guitar; piano: piano; violin: violin; paint brush: brush;
    palette: palette; scissors: scissors; comb: comb; lipstick: lipstick; diamond: diamond; ring: ring; watch:
    watch; glasses: glass; t-shirt: shirt; shoe: shoe; hat: hat; umbrella: umbrella; house: house; tent: tent;
    campfire: fire; pizza: pizza; burger: burger; ice cream: ice; cake: cake; cupcake: cupcake; bread: bread;
    croissant: croissant; wheat: wheat; apple: apple; banana: banana; strawberry: strawberry; grapes: grape;
    carrot: carrot; mushroom: mushroom; wine glass: wine; beer: beer; teapot: tea; chef hat: chef; fork and knife:
    fork; football: football; basketball: basketball; tennis racket: tennis; dumbbell: dumbbell; stethoscope:
    stethoscope
    """.replace("\n    ", " ")
    .strip()
    .split("; ")
)


def test_it_is_as_large_as_it_should_be(memory):
    config = memory.config
    assert config["solid"] >= 25_000 and config["solid_concepts"] >= 5_000 and config["letter"] >= 20 * 36
    assert len(memory) == config["rows"] == config["solid"] + config["line"] + config["letter"]
    assert config["code"]["held_out_overlap_median"] >= 0.97
    sizes = [path.stat().st_size for path in FOLDER.iterdir()]
    assert max(sizes) < 10_000_000 and sum(sizes) < 30_000_000


def test_every_drawing_says_where_it_is_from(memory):
    attribution = (FOLDER / "ATTRIBUTION.md").read_text(encoding="utf-8")
    seen = set()
    for row in range(len(memory)):
        source = memory.source(row)
        assert source["name"] and source["author"] and source["licence"] in LICENCES
        seen.add(source["set"])
    assert seen == set(memory.config["sets"]) and not seen & BRAND_SETS
    assert not seen & set(memory.config["held_out"]) and len(memory.config["held_out"]) == 3
    assert all(f"| {name} |" in attribution for name in seen)
    texts = attribution.split("## The licences")[1]
    assert texts.count("```text") == 1 + len({each["licence"] for each in memory.config["sets"].values()})
    assert "Permission is hereby granted, free of charge" in texts and "Creative Commons" in texts


def test_things_are_found_by_what_they_mean(memory):
    vectors = SentenceEncoder.load().encode(list(PHRASES))
    found = memory.search(vectors, 3)
    wrong = [
        (phrase, best[0].name) for (phrase, word), best in zip(PHRASES.items(), found, strict=True)
        if not any(word in each.name for each in best[:1])
    ]  # fmt: skip
    assert len(wrong) <= 0.05 * len(PHRASES), wrong


def test_a_name_is_found_in_singular_and_plural(memory):
    assert memory.exact("wolves") == memory.exact("wolf") is not None
    assert memory.exact("Water  drop") == memory.exact("water-drop") is not None
    assert memory.exact("qwertzuiop") is None


def test_a_word_without_a_drawing_has_a_kind(memory):
    drawn = {word: memory.concepts[memory.kind(word)] for word in ("puffins", "cello", "begonia", "wombat", "samovar")}
    assert drawn == {"puffins": "bird", "cello": "violin", "begonia": "flower", "wombat": "kangaroo", "samovar": "pot"}
    assert memory.kind("fox") is None and memory.kind("qwertzuiop") is None
    assert all(len(memory.drawings(concept, None)) for concept in set(memory._kinds.values()))


def test_codes_give_drawings_of_sets_that_nobody_has_seen(memory):
    import pyarrow.parquet as pq

    table = pq.read_table(FOLDER / "held_out.parquet")
    outlines = [Outline.decoded(data) for data in table["outline"].to_pylist()[::4]]
    true = np.stack([signed_distance(outline) for outline in outlines])
    again = memory.codec.decode(memory.codec.encode(true))
    assert np.median(overlap(true, again)) >= 0.97
    assert overlap(true, again).mean() >= 0.96


def test_codes_are_those_of_the_outlines(memory):
    rows = np.random.default_rng(2).choice(len(memory), 40, replace=False)
    true = np.stack([signed_distance(memory.outline(int(row))) for row in rows])
    assert np.median(overlap(true, memory.fields(rows))) > 0.97


def test_the_nearest_drawing_of_a_drawing_is_itself(memory):
    rows = np.random.default_rng(3).choice(memory.rows("solid"), 12, replace=False)
    found, distance = memory.nearest(memory.fields(rows), 2)
    assert (found[:, 0] == rows).all() and (distance[:, 0] <= distance[:, 1]).all()


def test_a_codec_keeps_more_with_more_values(memory):
    fields = memory.fields(memory.rows("solid")[:600])
    few, many = Codec.fit(fields[:500], 8), Codec.fit(fields[:500], 64)
    kept = [overlap(codec.decode(codec.encode(fields[500:])), fields[500:]).mean() for codec in (few, many)]
    assert kept[0] < kept[1]


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(FOLDER, tmp_path / "memory")


def test_a_missing_or_damaged_memory_is_told_in_a_sentence(copy, tmp_path):
    def reason(folder=copy) -> str:
        with pytest.raises(MemoryFileError) as caught:
            Memory.load(folder)
        Memory.load.cache_clear()
        text = str(caught.value)
        assert text.endswith(".") and "\n" not in text
        return text

    assert "missing" in reason(tmp_path / "nowhere")
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"format": 99}))
    assert "version" in reason()
    (copy / "config.json").write_text("{")
    assert "damaged" in reason()
    (copy / "config.json").write_text(json.dumps(config))
    keys = (copy / "keys.safetensors").read_bytes()
    (copy / "keys.safetensors").write_bytes(keys[:-1000] + bytes(each ^ 1 for each in keys[-1000:]))
    assert "checksum" in reason()
    (copy / "keys.safetensors").unlink()
    assert "keys.safetensors" in reason()
    # Of another shape, and with a checksum that says so: what a stranger can upload.
    (copy / "keys.safetensors").write_bytes(keys)
    Codec(np.zeros(4096), np.eye(8, 4096), np.ones(8)).save(copy / "codec.safetensors")
    import hashlib

    sums = config["sha256"] | {
        "codec.safetensors": hashlib.sha256((copy / "codec.safetensors").read_bytes()).hexdigest()
    }
    (copy / "config.json").write_text(json.dumps(config | {"sha256": sums}))
    assert "belong together" in reason()
    for lie, part in (
        ({"sets": {}}, "damaged"), ({"sha256": {}}, "checksums"), ({"encoder": "another"}, "text encoder"),
        ({"drawings": ["../drawings-0.parquet"]}, "checksums"),
    ):  # fmt: skip
        (copy / "config.json").write_text(json.dumps(config | lie))
        assert part in reason() or "belong together" in reason()


def test_a_drawing_without_npm_is_refused_in_a_sentence(tmp_path, monkeypatch):
    from logo_gan.tools.collect import install

    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OSError, match="npm is not installed"):
        install(tmp_path / "work")


@pytest.mark.parametrize(
    "word",
    "ring wings wing arrow window box calendar keyboard battery scroll person people child computer database shell "
    "badge crown sun moon tree star heart fire cup ball hat key bell book fish bird cat dog horse lion wolf bear "
    "apple flower leaf hand eye tooth house door chair lamp clock car truck train plane ship bicycle wheel gear "
    "hammer wrench knife fork bottle bag chain feather egg mask helmet sword shield flag ribbon trophy cross church "
    "castle tower bridge mountain wave cloud rainbow globe map compass anchor rocket".split(),
)
def test_a_common_word_is_drawn_as_what_it_says(memory, word):
    concept = memory.concepts[memory.exact(word)]
    assert {word, singular(word)} & {*concept.split(), *map(singular, concept.split())}
