"""The composer: what it draws is what its captions and its attributes say."""

import io
import random
from collections import Counter

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from logo_gan import captions, colours, compose, marks
from logo_gan.marks import VOCABULARY
from logo_gan.recipe import CONTAINERS, LATENT, LAYOUTS, draw


@pytest.fixture(scope="module")
def stream():
    return compose.recipes(11, 0, 2000)


def test_the_inventory_is_as_large_as_promised():
    bank = marks.bank()
    forms = Counter(m.name for m in bank.marks if m.kind == "object")
    assert len(forms) >= 400
    assert len(bank.marks) <= 2048
    assert sum(m.kind == "letter" for m in bank.marks) == 26 * 6
    for character in ("A", "7"):
        faces = [m.style.split(":")[0] for m in bank.marks if m.name == character and not m.held_out]
        assert len(set(faces)) == 5 and "sans" not in faces
    assert len({m.name for m in bank.marks if m.kind == "digit"}) == 10
    assert len(VOCABULARY["abstract"]) >= 12
    assert len(CONTAINERS) >= 8
    assert len(LAYOUTS) == 5
    assert len(colours.names()) > 500


def test_every_mark_is_drawn_and_fills_its_place():
    for mark, texture in zip(marks.bank().marks, marks.bank().textures, strict=True):
        inside = (texture > 0).float()
        assert 0.02 < inside.mean() < 0.62, mark
        assert (texture[0] < 0).all() and (texture[:, -1] < 0).all(), f"{mark} is cut off"


def test_held_out_forms_are_never_taught(stream):
    bank = marks.bank()
    assert not any(bank.marks[r.form].held_out for r in stream)
    shown = compose.recipes(11, 0, 500, held_out=True)
    with_spare = [r for r in shown if any(m.held_out and m.name == r.mark for m in bank.marks)]
    assert with_spare and all(bank.marks[r.form].held_out for r in with_spare)


def test_held_out_synonyms_are_never_taught(stream):
    taught = " ".join(r.caption.lower() for r in stream).split()
    for word in ("tomcat", "canine", "bronco"):
        assert word not in taught


def test_same_seed_same_pixels_whatever_the_batch():
    one = compose.layers(compose.recipes(3, 0, 40)).images(64)
    parts = [compose.layers(compose.recipes(3, start, 8)).images(64) for start in range(0, 40, 8)]
    assert torch.equal(one, torch.cat(parts))
    assert not torch.equal(one, compose.layers(compose.recipes(4, 0, 40)).images(64))


def test_touching_colours_can_be_read(stream):
    for r in stream:
        inner = r.container_colour if r.container not in ("none", "ring") and r.layout != "outline" else r.ground_colour
        assert colours.distance(r.mark_colour[1], inner[1]) > 0.2, r


def test_named_colours_are_in_the_picture_at_their_true_value(stream):
    named = [r for r in stream if r.named["mark_colour"] and r.layout == "solid" and r.container == "none"][:40]
    images = (compose.layers(named).images(64) * 255).round()
    for r, image in zip(named, images, strict=True):
        wanted = torch.tensor(colours.rgb(colours.names()[r.mark_colour[0]]))[:, None, None]
        share = ((image - wanted).abs().amax(0) < 3).float().mean()
        assert share > 0.004, r  # a hand in thin strokes has few pixels without an edge in them
        assert r.mark_colour[0] in r.caption


def test_the_container_in_the_attributes_is_the_container_drawn(stream):
    """Nothing is painted outside a container, and a logo without one leaves its corners and rim free."""
    logos = compose.layers(stream[:400])
    has = logos.fields[:, 0].amax((1, 2)) > 0
    assert has.tolist() == [r.container != "none" for r in stream[:400]]
    touching = (logos.fields[:, :, 0] > 0).any() | (logos.fields[:, :, :, -1] > 0).any()
    assert not touching, "a layer runs off the canvas"


def test_latents_are_standard_normal_and_named_marks_exist():
    bank = marks.bank()
    for index in range(200):
        r = draw(5, index, bank)
        assert len(r.z) == LATENT
        if r.named.get("mark"):
            assert r.mark in {m.name for m in bank.marks}
    z = np.array([draw(5, i, bank).z for i in range(1500)])
    assert abs(z.mean()) < 0.02 and abs(z.std() - 1) < 0.02  # what a generator will be given


def test_a_wrong_caption_differs_in_one_place(stream):
    rng = random.Random(0)
    wrong = [(r.caption, captions.negatives(r, rng)) for r in stream[:300]]
    changed = [(a, b) for a, b in wrong if b]
    assert len(changed) > 200
    assert all(a != b for a, b in changed)


def test_captions_speak_both_languages(stream):
    texts = [r.caption for r in stream]
    grammar = [t for t in texts if t.startswith("Simple elegant logo for ")]
    assert 0.15 < len(grammar) / len(texts) < 0.4
    assert any(t.endswith("black and white") for t in texts)
    assert any(t.startswith("a ") for t in texts) and any(" in a" in t for t in texts)
    assert len(set(texts)) > 0.97 * len(texts)


def test_written_parquet_has_the_datasets_schema_and_the_truth(tmp_path):
    compose.write(tmp_path / "logos.parquet", n=40, seed=2, size=96)
    table = pq.read_table(tmp_path / "logos.parquet")
    assert table.num_rows == 40
    assert table.column_names == ["image", "text", "attributes"]
    assert Image.open(io.BytesIO(table["image"][0]["bytes"].as_py())).size == (96, 96)
    truth = table["attributes"].to_pylist()
    for text, row in zip(table["text"].to_pylist(), truth, strict=True):
        assert text and row["container"] in (*CONTAINERS, "none") and row["style"] in LAYOUTS
        assert row["colours"] and all(c in colours.names() for c in row["colours"])
        assert all(len(c) == 7 for c in row["palette"])
    assert [p.name for p in tmp_path.iterdir()] == ["logos.parquet"]


@pytest.mark.parametrize(("n", "size"), [(0, 64), (-3, 64), (5, 8), (5, 5000)])
def test_nonsense_is_refused_and_nothing_is_left(tmp_path, n, size):
    with pytest.raises(ValueError, match=r"must be"):
        compose.write(tmp_path / "x.parquet", n=n, size=size)
    assert not list(tmp_path.iterdir())


def test_signed_distance_of_a_disc():
    axis = torch.arange(64) + 0.5 - 32
    r = torch.hypot(axis[None], axis[:, None])
    coverage = (20.5 - r).clamp(0, 1)
    distance = marks.signed_distance(coverage[None])[0]
    near = (r - 20).abs() < 6
    assert (distance - (20 - r))[near].abs().max() < 0.75
    assert (distance - (20 - r))[near].abs().mean() < 0.25


def test_colour_arithmetic():
    assert colours.hexadecimal(colours.srgb(colours.oklab(np.array([18, 130, 200])))) == "#1282c8"
    assert colours.readable("#000000", "#ffffff") and not colours.readable("#ff0000", "#ee1111")
    names = list(colours.BASIC)
    for name, value in colours.BASIC.items():
        assert names[int(colours.nearest_basic(np.array(colours.rgb(value))))] == name
