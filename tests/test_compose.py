"""Composed logos: what their captions and attributes say is what is drawn, and the stream is the same every time."""

import io
import pickle
from collections import Counter

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from logo_gan.logo import containers
from logo_gan.marks.memory import Memory
from logo_gan.text.colours import contrast
from logo_gan.training import captions, collection, compose
from logo_gan.training.data import open_logos

N = 300


@pytest.fixture(scope="module")
def memory():
    return Memory.load()


@pytest.fixture(scope="module")
def stream(memory):
    return [compose.compose(memory, 11, i) for i in range(N)]


def rgb(colour):
    return np.array(list(bytes.fromhex(colour[1:])))


def test_the_same_numbers_give_the_same_logo(memory, stream):
    again = compose.compose(memory, 11, 7)
    assert (again.caption, again.attributes) == (stream[7].caption, stream[7].attributes)
    assert again.logo.svg() == stream[7].logo.svg()
    assert compose.compose(memory, 12, 7).caption != again.caption


def test_the_stream_is_various(stream):
    assert len({each.caption for each in stream}) > 0.97 * N
    assert len({each.attributes["object"] for each in stream}) > 0.6 * N
    held = Counter(each.attributes["container"] for each in stream)
    assert set(held) == {*containers.NAMES, "none"} and held["none"] > 0.2 * N
    grammar = [each for each in stream if each.caption.startswith(captions.OPENING)]
    assert 0.2 < len(grammar) / N < 0.4 and all(captions.TAIL in each.caption for each in grammar)


def test_a_caption_names_what_is_drawn(stream):
    for each in stream:
        told = f" {each.caption} "
        assert each.attributes["object"] in told
        named = [name for name in containers.NAMES if f" {name}" in told.replace(each.attributes["object"], "")]
        assert not named or each.attributes["container"] in named, each.caption


def test_colours_are_drawn_at_their_value(stream):
    """The first colour of the attributes is the mark's; each colour of the palette covers some pixels."""
    for each in stream[:60]:
        image = np.asarray(each.logo.image(256)).reshape(-1, 3).astype(int)
        for colour in each.attributes["palette"]:
            assert (np.abs(image - rgb(colour)).max(1) < 4).mean() > 0.001, each.caption
        assert each.attributes["colours"][0] == compose.spoken(each.logo.palette["mark"])
        assert each.attributes["palette"][0] == each.logo.palette["ground"]
    told = [each for each in stream if f" {each.attributes['colours'][0]} {each.attributes['object']}" in each.caption]
    assert len(told) > 0.3 * N
    assert all(each.logo.palette["mark"] == compose.COLOURS[each.attributes["colours"][0]] for each in told)


def test_named_colours_that_touch_can_be_told_apart(stream):
    found = []
    for each in stream:
        palette, held = each.logo.palette, each.logo.container not in ("none", "ring")
        found.append(contrast(palette["mark"], palette["container" if held else "ground"]))
    # A container between a named mark and a named ground cannot always stand out from both.
    assert min(found) >= 2 and np.mean(np.array(found) >= 2.99) > 0.97


def test_provenance_is_told(stream, memory):
    for each in stream[:50]:
        assert all(each.attributes[name] for name in ("set", "name", "author", "licence"))
        assert each.attributes["set"] in memory.config["sets"]


def test_a_stream_of_batches_follows_from_the_image_count(memory):
    source = open_logos("memory", None, seed=3, count=8, size=28)
    batch = source.batch(16)
    assert batch.images.shape == (8, 3, 28, 28) and batch.images.min() >= 0 and batch.images.max() <= 1
    assert (batch.words > 0).any(1).all()
    again = pickle.loads(pickle.dumps(source))  # noqa: S301, our own
    assert len(pickle.dumps(source)) < 10_000 and torch.equal(again.batch(16).images, batch.images)
    parts = [open_logos("memory", None, seed=3, count=8, size=28, rank=i, world=2).batch(16) for i in range(2)]
    assert torch.equal(torch.cat([part.words for part in parts]), batch.words)
    assert memory.fingerprint in source.description
    folder = open_logos(str(memory.folder), None, seed=3, count=8, size=28)
    assert torch.equal(folder.batch(0).images, source.batch(0).images)


def test_a_written_parquet_has_the_schema_and_what_is_true(tmp_path):
    compose.write(tmp_path / "logos.parquet", n=40, seed=2, size=96)
    table = pq.read_table(tmp_path / "logos.parquet")
    assert table.num_rows == 40 and table.column_names == ["image", "text", "attributes"]
    for row in table.to_pylist():
        assert Image.open(io.BytesIO(row["image"]["bytes"])).size == (96, 96)
        assert row["attributes"]["object"] in row["text"]
        assert all(len(colour) == 7 for colour in row["attributes"]["palette"])
        assert set(row["attributes"]["colours"]) <= set(compose.COLOURS)
    assert [p.name for p in tmp_path.iterdir()] == ["logos.parquet"]


@pytest.mark.parametrize(("n", "size"), [(0, 64), (-3, 64), (5, 8), (5, 5000)])
def test_nonsense_is_refused_and_nothing_is_left(tmp_path, n, size):
    with pytest.raises(ValueError, match=r"must be"):
        compose.write(tmp_path / "x.parquet", n=n, size=size)
    assert not list(tmp_path.iterdir())


def test_a_collection_looks_as_if_collected(tmp_path):
    collection.write(tmp_path / "logos.parquet", n=500, seed=5)
    rows = pq.read_table(tmp_path / "logos.parquet").to_pylist()
    images = [Image.open(io.BytesIO(row["image"]["bytes"])) for row in rows]
    kinds, sizes = Counter(image.format for image in images), Counter(image.size for image in images)
    assert len(rows) == 500 and set(kinds) == {"PNG", "JPEG", "WEBP"} and kinds["PNG"] > 350
    assert len(sizes) > 100 and sizes.most_common(1)[0][0] == (144, 144)
    assert 10 < sum(image.mode == "L" for image in images) < 100
    grey = [row["text"].endswith(captions.GREY_ENDING) for row in rows]
    assert 0.08 < sum(grey) / 500 < 0.25
    assert all(row["text"].startswith(captions.OPENING) and captions.TAIL in row["text"] for row in rows)
    for image, told in zip(images, grey, strict=True):
        if told and image.format == "PNG":
            assert np.ptp(np.asarray(image.convert("RGB")).astype(int), axis=2).max() == 0
    copies = 500 - len({row["image"]["bytes"] for row in rows})
    assert copies < 12
    collection.write(tmp_path / "again.parquet", n=500, seed=5)
    assert (tmp_path / "again.parquet").read_bytes() == (tmp_path / "logos.parquet").read_bytes()
