"""Sources, slices, the cache of decoded logos and the streams: what is read, what is skipped, what survives a kill."""

import dataclasses
import io
import json
import os
import pickle
import subprocess
import sys
import time

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from conftest import ROOT
from hub_stand_in import COMMIT, hub
from PIL import Image

from logo_gan.text.word_vectors import WordTable
from logo_gan.training import cache, shards
from logo_gan.training.data import batches, open_logos, share, word_ids

REAL = ROOT.parent / "shared" / "data" / "real_logos.parquet"
IMAGE = pa.struct({"bytes": pa.binary(), "path": pa.string()})


def encoded(number: int, size=(30, 20), kind="PNG") -> bytes:
    """A logo of one colour, which says its number."""
    file = io.BytesIO()
    Image.new("RGB", size, (number % 256, number // 256, 7)).save(file, kind)
    return file.getvalue()


def number_of(pixels) -> list[int]:
    """The numbers of images (N, 3, S, S), read off their middles."""
    middle = np.asarray(pixels)[:, :, pixels.shape[2] // 2, pixels.shape[3] // 2].astype(int)
    return [int(red + 256 * green) for red, green, _ in middle]


def write(path, images, texts=None, kind=IMAGE, group=8, **columns):
    texts = texts or [f"a red star, number {i}" for i in range(len(images))]
    if kind == IMAGE:
        images = [{"bytes": image, "path": None} for image in images]
    table = pa.table({"image": pa.array(images, kind), "text": pa.array(texts), **columns})
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, row_group_size=group)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Laid out as the Hub's: 60 rows in three shards of 20, in row groups of 8, 8 and 4; ten more in another split."""
    root = tmp_path_factory.mktemp("hub") / "logos"
    for i in range(3):
        numbers = list(range(20 * i, 20 * i + 20))
        write(
            root / "data" / f"train-{i:05}-of-00003-0123456789abcdef.parquet",
            [encoded(n) for n in numbers],
            [f"logo {n}, blue leaf" for n in numbers],
        )
    write(
        root / "data" / "test-00000-of-00001.parquet",
        [encoded(n) for n in range(100, 110)],
        [f"logo {n}, leaf" for n in range(100, 110)],
    )
    return root


@pytest.fixture(scope="module")
def as_datasets_reads(folder, tmp_path_factory):
    cache = str(tmp_path_factory.mktemp("datasets"))

    def read(split: str) -> list[int]:
        rows = datasets.load_dataset(str(folder), split=split, cache_dir=cache)
        return [int(row["text"].split()[1].strip(",")) for row in rows]

    return read


@pytest.mark.parametrize(
    "split",
    [
        "train",
        "train[-7:]",
        "train[10:45]",
        "train[10%:20%]",
        "train[:3]+test[-2:]",
        "train[59:900]",
        "train[-25:-15]",
    ],
)
def test_a_slice_has_the_rows_that_datasets_gives_it(folder, as_datasets_reads, tmp_path, split):
    found = cache.open_cache(str(folder), split, 16, folder=tmp_path)
    assert number_of(found.images()) == as_datasets_reads(split)
    assert found.about["skipped"] == {}


def test_reading_goes_on_at_any_row(folder):
    parts = shards.pieces(shards.locate(str(folder)), "train[5:47]+test")
    rows = list(shards.read(parts))
    assert len(rows) == 52
    for start in range(53):
        assert list(shards.read(parts, start)) == rows[start:]


@pytest.mark.parametrize("given", ["file", "glob"])
def test_files_and_globs_are_read_and_sliced_like_a_folder(folder, tmp_path, given):
    pattern = "train-00001*.parquet" if given == "file" else "train-*.parquet"
    path = str(next((folder / "data").glob(pattern))) if given == "file" else str(folder / "data" / pattern)
    rows = list(range(20, 40)) if given == "file" else list(range(60))
    assert number_of(cache.open_cache(path, None, 16, folder=tmp_path).images()) == rows
    assert number_of(cache.open_cache(path, "train[-3:]", 16, folder=tmp_path).images()) == rows[-3:]


def test_columns_may_be_structs_bytes_or_the_image_feature(tmp_path):
    images = [encoded(n) for n in range(5)]
    texts = pa.array(["green leaf"] * 5).dictionary_encode()
    write(tmp_path / "struct.parquet", images)
    write(tmp_path / "binary.parquet", images, kind=pa.binary())
    write(tmp_path / "large.parquet", images, kind=pa.large_binary())
    pq.write_table(pa.table({"text": texts, "image": pa.array(images)}), tmp_path / "dictionary.parquet")
    feature = datasets.Features({"image": datasets.Image(), "text": datasets.Value("large_string")})
    rows = {"image": [Image.open(io.BytesIO(image)) for image in images], "text": ["green leaf"] * 5}
    datasets.Dataset.from_dict(rows, features=feature).to_parquet(tmp_path / "feature.parquet")
    for path in tmp_path.glob("*.parquet"):
        found = cache.open_cache(str(path), None, 16, folder=tmp_path / "cache")
        assert number_of(found.images()) == [0, 1, 2, 3, 4], path


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"picture": [b"x"], "text": ["a"]}, "has no column image; it has picture, text"),
        ({"image": [["x"]], "text": ["a"]}, "The column image of .* holds list"),
        ({"image": ["x.png"], "text": ["a"]}, "The column image of .* holds string"),
        ({"image": [b"x"], "text": [3]}, "The column text of .* holds int64"),
        ({"image": [b"x"][:0], "text": ["a"][:0]}, "has no rows"),
    ],
)
def test_other_columns_are_refused_in_one_sentence(tmp_path, columns, sentence):
    types = {"image": pa.binary(), "text": pa.string()} if not next(iter(columns.values())) else {}
    table = pa.table({name: pa.array(values, types.get(name)) for name, values in columns.items()})
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(ValueError, match=sentence) as refused:
        cache.open_cache(str(tmp_path / "a.parquet"), None, 16, folder=tmp_path / "cache")
    assert "\n" not in str(refused.value) and not (tmp_path / "cache").exists()


def test_broken_rows_are_skipped_and_counted_by_their_fault(tmp_path, capsys):
    images, texts = [encoded(n) for n in range(12)], [b"blue leaf"] * 12
    images[1] = images[1][:60]
    images[2] = bytearray(images[2])
    images[2][45] ^= 255  # a wrong checksum
    images[2] = bytes(images[2])
    images[4] = None
    images[5] = b""
    images[6] = encoded(6, kind="TIFF")
    images[7] = encoded(7, size=(5000, 4000))
    images[8] = b"<svg/>"
    texts[9], texts[10], texts[11] = None, b" ", b"\xff\xfe leaf"
    text = pa.array(texts, pa.binary()).view(pa.string())
    table = pa.table({"image": pa.array([{"bytes": image} for image in images]), "text": text})
    pq.write_table(table, tmp_path / "a.parquet")
    found = cache.open_cache(str(tmp_path / "a.parquet"), None, 16, folder=tmp_path)
    assert number_of(found.images()) == [0, 3]
    assert found.about["skipped"] == {
        "damaged": 2, "without image": 2, "of another format": 2, "oversized": 1, "without caption": 2,
        "with a caption that is not UTF-8": 1,
    }  # fmt: skip
    assert "10 rows were skipped: 2 damaged" in capsys.readouterr().err
    assert "2 logos, 10 skipped" in found.description


@pytest.mark.parametrize(
    ("mode", "colour", "kind", "expected"),
    [
        ("L", 90, "PNG", (90, 90, 90)),
        ("LA", (0, 0), "PNG", (255, 255, 255)),
        ("RGBA", (255, 0, 0, 128), "PNG", (255, 127, 127)),
        ("P", 0, "PNG", (0, 0, 0)),
        ("1", 1, "PNG", (255, 255, 255)),
        ("I;16", 30_000, "PNG", (117, 117, 117)),
        ("CMYK", (0, 255, 255, 0), "JPEG", (254, 0, 0)),
        ("RGB", (1, 2, 3), "WEBP", (1, 2, 3)),
    ],
)
def test_every_kind_of_image_comes_out_in_its_colour(mode, colour, kind, expected):
    file = io.BytesIO()
    Image.new(mode, (40, 40), colour).save(file, kind, **({"lossless": True} if kind == "WEBP" else {}))
    found = shards.picture(file.getvalue(), 16)
    assert np.abs(found.reshape(3, -1).T.astype(int) - expected).max() <= 2


def test_images_keep_their_shape_on_white_with_smooth_edges():
    stripes = Image.fromarray(np.tile(np.array([[0], [255]], np.uint8), (60, 240)))
    file = io.BytesIO()
    stripes.save(file, "PNG")
    found = shards.picture(file.getvalue(), 32)
    assert (found[:, :7] == 255).all() and (found[:, -7:] == 255).all()
    assert np.abs(found[:, 10:22].astype(int) - 127).max() < 12  # stripes finer than a pixel become grey


def test_captions_become_the_ids_that_training_reads(folder, tmp_path):
    found = cache.open_cache(str(folder), None, 16, folder=tmp_path)
    captions = [f"logo {n}, blue leaf" for n in range(60)]
    assert np.array_equal(found.words(), word_ids(captions, WordTable.load()))


CHILD = "import sys; from logo_gan.training.cache import *; open_cache(sys.argv[1], None, 32, folder=Path(sys.argv[2]))"


def child(source, folder) -> subprocess.Popen:
    arguments = [sys.executable, "-c", CHILD, str(source), str(folder)]
    return subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Rows that take a while, one in nine broken, and the cache of an unbroken reading."""
    root = tmp_path_factory.mktemp("many")
    noise = np.random.default_rng(1).integers(0, 256, (32, 110, 110, 3), dtype=np.uint8)
    files = []
    for image in noise:
        file = io.BytesIO()
        Image.fromarray(image).save(file, "PNG")
        files.append(file.getvalue())
    images = [files[i % 32] if i % 9 else files[i % 32][:500] for i in range(3000)]
    path = write(root / "many.parquet", images, [f"a red star in {i} rings" for i in range(3000)], group=700)
    return path, cache.open_cache(str(path), None, 32, folder=root / "whole")


def same_files(one, other) -> bool:
    return all((one.folder / name).read_bytes() == (other.folder / name).read_bytes() for name in
               ("images.npy", "words.npy", "about.json"))  # fmt: skip


def test_a_reading_killed_at_any_moment_goes_on_where_it_was(many, tmp_path):
    source, whole = many
    about, reached = tmp_path / whole.folder.name / "about.json", []
    for _ in range(2):
        before, process = (reached or [0])[-1], child(source, tmp_path)
        while process.poll() is None:
            state = json.loads(about.read_text()) if about.is_file() else {"read": 0}
            if state["read"] > before:
                process.kill()
                break
            time.sleep(0.002)
        process.communicate()
        assert process.returncode == -9, "it was done before it could be killed"
        reached.append(json.loads(about.read_text())["read"])
        with (about.parent / "images.npy").open("ab") as file:  # what the system had written behind the last state
            file.write(b"half a row")
    assert 0 < reached[0] < reached[1] < 3000
    process = child(source, tmp_path)
    said = process.communicate()[1]
    assert process.returncode == 0 and f"of which {reached[1]:,} are there" in said
    found = cache.open_cache(str(source), None, 32, folder=tmp_path)
    assert same_files(found, whole) and found.about["skipped"] == {"damaged": 334}
    assert len(found.images()) == len(found.words()) == found.rows == 2666


def test_two_processes_make_one_cache(many, tmp_path):
    source, whole = many
    processes = [child(source, tmp_path) for _ in range(2)]
    said = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert "".join(said).count("Reading 3,000 rows") == 1
    assert same_files(cache.open_cache(str(source), None, 32, folder=tmp_path), whole)


def test_a_finished_cache_is_not_made_again_unless_its_source_changed_or_it_is_damaged(tmp_path, capsys):
    path = write(tmp_path / "a.parquet", [encoded(n) for n in range(6)])

    def open_it(size=16):
        found = cache.open_cache(str(path), None, size, folder=tmp_path / "cache")
        return found, "Reading" in capsys.readouterr().err

    first, read = open_it()
    assert read and not open_it()[1] and open_it(8)[1]
    (first.folder / "images.npy").write_bytes((first.folder / "images.npy").read_bytes()[:-100])
    again, read = open_it()
    assert read and again.folder == first.folder and number_of(again.images()) == list(range(6))
    write(path, [encoded(n) for n in range(50, 56)])
    os.utime(path, ns=(1, 1))
    other, read = open_it()
    assert read and number_of(other.images()) == list(range(50, 56))


def test_what_does_not_fit_on_the_disk_is_refused_before_it_begins(folder, tmp_path):
    with pytest.raises(ValueError, match=r"^60 logos at 400000 px need 28800\.0 GB more on the disk of .* free\.$"):
        cache.open_cache(str(folder), None, 400_000, folder=tmp_path)
    assert not list(tmp_path.rglob("*.npy"))


@pytest.mark.parametrize(
    ("source", "split", "revision", "sentence"),
    [
        ("folder", "valid[:3]", None, "has no split 'valid'; it has train, test."),
        ("folder", "train[3", None, "'train[3' is no split or slice of one"),
        ("folder", "train[10%:300%]", None, "is no split or slice of one"),
        ("folder", "train[70:]", None, "'train[70:]' of .* has no rows: train has 60."),
        ("folder", None, "main", "--revision belongs to a dataset on the Hub"),
        ("nowhere/*.parquet", None, None, "No data at 'nowhere/"),
        ("nowhere", None, None, "No data at 'nowhere'"),
        (str(ROOT / "benchmarks"), None, None, "holds no parquet file."),
        (__file__, None, None, "is not a readable parquet file."),
    ],
)
def test_a_source_that_cannot_be_read_is_refused_in_one_sentence(folder, tmp_path, source, split, revision, sentence):
    source = str(folder) if source == "folder" else source
    with pytest.raises(ValueError, match=sentence.replace("[", r"\[")) as refused:
        cache.open_cache(source, split, 16, revision, folder=tmp_path / "cache")
    assert "\n" not in str(refused.value) and not (tmp_path / "cache").exists()


def test_a_shard_damaged_inside_is_named_and_what_was_read_is_kept(tmp_path):
    path = write(tmp_path / "a.parquet", [encoded(n) for n in range(2000)], group=1000)
    content = bytearray(path.read_bytes())
    begin = pq.read_metadata(path).row_group(1).column(0).data_page_offset
    content[begin : begin + 40] = b"\xff" * 40
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.parquet .*; the \d+ rows before are kept, and the same command"):
        cache.open_cache(str(path), None, 16, folder=tmp_path)


HUB = """
import json, sys; from pathlib import Path; from logo_gan.training.cache import open_cache
for folder, revision in json.loads(sys.argv[1]):
    try:
        found = open_cache("owner/logos", "train[-7:]", 16, revision, Path(folder))
        print(found.description, found.words().shape, found.images()[:, 0, 8, 8].tolist())
    except ValueError as error:
        print(error)
"""


def ask(endpoint, home, *questions) -> tuple[list[str], str, float]:
    """What a process of its own is answered to questions (folder, revision), what it says beside, and how long."""
    environment = {**os.environ, "HF_ENDPOINT": endpoint, "HF_HOME": str(home), "HF_TOKEN": ""}
    begun = time.monotonic()
    arguments = [sys.executable, "-c", HUB, json.dumps([[str(folder), revision] for folder, revision in questions])]
    done = subprocess.run(arguments, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines(), done.stderr, time.monotonic() - begun


def test_a_dataset_of_the_hub_is_pinned_and_only_its_slice_is_read(folder, tmp_path):
    """Against a stand-in on this machine that answers as the Hub does."""
    mine, other, home = tmp_path / "mine", tmp_path / "other", tmp_path / "hf"
    logos = f"owner/logos@{COMMIT} train[-7:] (7 logos) (7, 24) [53, 54, 55, 56, 57, 58, 59]"
    with hub(folder, "owner/logos") as server:
        answers, said, _ = ask(server.url, home, (mine, None), (mine, "main"), (mine, "v9"))
        # Each shard's footer was looked at; rows were read from the last shard alone, and once.
        last = next((folder / "data").glob("train-00002*")).relative_to(folder)
        assert len({name for name, _ in server.sent}) == 3
        assert len([name for name, _ in server.sent if name != str(last)]) == 2
        assert said.count("Reading 7 rows") == 1
    unknown = "The dataset 'owner/logos' at revision 'v9' cannot be read: it has no such revision."
    assert answers == [logos, logos, unknown]
    # The Hub is gone: what was read serves, by the branch as by the commit; what was not is refused at once.
    (branch, commit, refused), said, seconds = ask(server.url, home, (mine, None), (mine, COMMIT), (other, None))
    assert branch == commit == logos and said.count("is used from") == 1
    assert refused.startswith("The dataset 'owner/logos' cannot be read: the Hub cannot be reached")
    assert seconds < 20 and not other.exists()


def equal(one, other) -> bool:
    return all(torch.equal(getattr(one, f.name), getattr(other, f.name)) for f in dataclasses.fields(one))


def joined(parts):
    return type(parts[0])(*(torch.cat([getattr(p, f.name) for p in parts]) for f in dataclasses.fields(parts[0])))


def open_it(folder, tmp_path, **more):
    """The folder's logos in batches of 8 at 32 px."""
    return open_logos(str(folder), None, seed=1, count=8, size=32, folder=tmp_path, **more)


def test_batches_follow_from_the_image_count_whatever_the_workers(folder, tmp_path):
    stream = batches(open_it(folder, tmp_path), 8)
    first = [next(stream) for _ in range(12)]
    for workers, start in ((1, 0), (2, 40), (0, 88)):
        again = batches(open_it(folder, tmp_path), 8, start, workers)
        assert all(equal(batch, next(again)) for batch in first[start // 8 :]), (workers, start)
    used = open_it(folder, tmp_path)
    assert equal(first[0], used.batch(0))
    assert len(pickle.dumps(used)) < 10_000  # workers that are not forked map the images; they are not sent any


def test_two_processes_see_together_what_one_would_see(folder, tmp_path):
    whole, *parts = (open_it(folder, tmp_path, rank=rank, world=world) for rank, world in ((0, 1), (0, 2), (1, 2)))
    for images in range(0, 40, 8):
        assert equal(whole.batch(images), joined([part.batch(images) for part in parts]))
    with pytest.raises(ValueError, match="A batch of 8 images cannot be shared out evenly among 3 processes"):
        share(8, 0, 3)


def test_an_epoch_shows_each_row_once_in_an_order_of_its_own(folder, tmp_path):
    stream = batches(open_logos(str(folder), "train[:40]", 1, 8, 16, folder=tmp_path), 8)
    epochs = [number_of(torch.cat([next(stream).images for _ in range(5)]) * 255) for _ in range(2)]
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(40))
    assert epochs[0] != epochs[1] != list(range(40))


def test_captions_stay_with_their_logos(tmp_path):
    texts = "red star/blue leaf/green tree/black cat/pink flower/orange fish/purple moon/yellow sun".split("/")
    path = write(tmp_path / "a.parquet", [encoded(n) for n in range(8)], texts)
    batch = open_logos(str(path), None, 1, 8, 16, folder=tmp_path).batch(0)
    assert torch.equal(batch.words, word_ids(texts, WordTable.load())[number_of(batch.images * 255)])


def test_data_of_fewer_logos_than_a_batch_are_refused(folder, tmp_path):
    with pytest.raises(ValueError, match=r"^The data has 5 readable logos, fewer than one batch of 8\.$"):
        open_logos(str(folder), "train[:5]", 1, 8, 16, folder=tmp_path)


def test_the_real_logos_are_read_whole(tmp_path):
    if not REAL.is_file():
        pytest.skip(f"needs {REAL}")
    found = cache.open_cache(str(REAL), None, 28, folder=tmp_path)
    assert found.rows == 2038 and found.about["skipped"] == {}
    file = pq.ParquetFile(REAL)
    row = file.read_row_group(4).slice(7, 1).to_pylist()[0]
    assert np.array_equal(found.images()[2007], shards.picture(row["image"]["bytes"], 28))
    assert list(found.words()[2007]) == WordTable.load().ids(row["text"])
    assert len(np.unique(found.images().reshape(2038, -1), axis=0)) > 1900
    assert (found.words() > 0).any(1).all()
