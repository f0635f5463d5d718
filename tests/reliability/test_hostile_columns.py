"""Columns that are missing, twice there or of another kind, and cells without anything or without sense."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hostile import IMAGE, logo, write
from outcome import analysed, counted, refused

from eda import panels
from eda.dataset import Dataset
from eda.report import report
from eda.table import TableError

# 10 to 12: columns


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "image and text are missing; the file has no columns."),
        (["image"], "text is missing; the file has image."),
        (["text", "label"], "image is missing; the file has text, label."),
        (["Image", "TEXT"], "image and text are missing; the file has Image, TEXT."),
        (["a\nb", "\u202etxt", ""], "the file has a\ufffdb, \ufffdtxt, (no name)."),
        (["x" * 300, "caption"], f"the file has {'x' * 39}…, caption."),
        ([f"column_{i:04}" for i in range(5_000)], "column_0009 and 4,990 more."),
    ],
    ids=["none", "no text", "no image", "other case", "names that break lines", "a long name", "many"],
)
def test_missing_columns_are_named_and_so_are_those_there_are(tmp_path, names, said):
    pq.write_table(pa.table([pa.array([b"x"])] * len(names), names), tmp_path / "a.parquet")
    sentence = refused(tmp_path / "a.parquet")
    assert sentence.startswith("The columns image and text are needed, and ") and sentence.endswith(said)


def test_a_column_whose_name_is_no_utf_8_is_refused(tmp_path):
    path = write(tmp_path / "a.parquet", [logo()], ["red"], store_schema=False)
    path.write_bytes(path.read_bytes().replace(b"\x04text", b"\x04te\xff\xfe"))
    assert "damaged" in refused(path)


@pytest.mark.parametrize("twice", ["image", "text"])
def test_two_columns_of_one_name_are_refused(tmp_path, twice):
    cells = {"image": pa.array([logo()]), "text": pa.array(["red"])}
    pq.write_table(pa.table([*cells.values(), cells[twice]], [*cells, twice]), tmp_path / "a.parquet")
    assert refused(tmp_path / "a.parquet") == f"The file has 2 columns of the name {twice}; it needs just one."


def struct_of(kind: pa.DataType) -> pa.DataType:
    return pa.struct({"bytes": kind, "path": pa.string()})


KINDS = [pa.binary(), pa.large_binary(), pa.binary_view(), pa.dictionary(pa.int32(), pa.binary())]


@pytest.mark.parametrize("kind", [*KINDS, *map(struct_of, KINDS), pa.struct({"bytes": pa.binary()})], ids=str)
def test_images_are_read_from_every_kind_of_binary_column(tmp_path, kind):
    if pa.types.is_struct(kind) and pa.types.is_dictionary(kind[0].type):
        kept = pa.array([logo(), None, logo()]).dictionary_encode()
        cells = pa.StructArray.from_arrays([kept, pa.nulls(3, pa.string())], ["bytes", "path"])
        pq.write_table(pa.table({"image": cells, "text": ["a", "b", "c"]}), tmp_path / "a.parquet")
    elif pa.types.is_dictionary(kind):
        cells = pa.array([logo(), None, logo()]).dictionary_encode()
        pq.write_table(pa.table({"image": cells, "text": ["a", "b", "c"]}), tmp_path / "a.parquet")
    else:
        write(tmp_path / "a.parquet", [logo(), None, logo()], ["a", "b", "c"], kind)
    told = analysed(tmp_path / "a.parquet")
    assert counted(told) == {"null_images": [1]} and told["exact_duplicates_rows"] == [2]
    shown = Dataset(tmp_path / "a.parquet").show([2, 1])
    assert [row["fault"] for row in shown] == [None, "no image"] and shown[0]["png"].startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "cells",
    [
        pa.array([[1, 2, 3]]), pa.array(["logo.png"]), pa.array([[b"x"]]), pa.array([7]), pa.nulls(1),
        pa.array([b"four"], pa.binary(4)), pa.array([{"path": "logo.png"}]), pa.array([{"bytes": "a string"}]),
        pa.array([{"bytes": {"bytes": b"x"}}]), pa.array([{"a\nb\u202e": 1}]),
        pa.array([{f"field {i}": i for i in range(99)}]),
    ],
    ids=lambda cells: str(cells.type)[:40],
)  # fmt: skip
def test_images_of_another_kind_are_refused(tmp_path, cells):
    pq.write_table(pa.table({"image": cells, "text": ["red"]}), tmp_path / "a.parquet")
    sentence = refused(tmp_path / "a.parquet")
    assert sentence.startswith("The column image holds ") and "as binary or as a struct" in sentence


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view(), "dictionary"], ids=str)
def test_captions_are_read_from_every_kind_of_string_column(tmp_path, kind):
    texts = pa.array(["red, star", None, "blåbær 🍓"])
    texts = texts.dictionary_encode() if kind == "dictionary" else texts.cast(kind)
    path = write(tmp_path / "a.parquet", [logo()] * 3, texts)
    told = analysed(path)
    assert counted(told) == {"null_captions": [1]} and told["caption_length"]["max"] == 9
    assert [row["caption"] for row in Dataset(path).show([2, 1, 0])] == ["blåbær 🍓", None, "red, star"]


@pytest.mark.parametrize(
    "texts", [pa.array([1]), pa.array([b"bytes"]), pa.array([["a", "b"]]), pa.array([{"en": "a"}]), pa.nulls(1)],
    ids=lambda texts: str(texts.type)[:40],
)  # fmt: skip
def test_captions_of_another_kind_are_refused(tmp_path, texts):
    sentence = refused(write(tmp_path / "a.parquet", [logo()], texts))
    assert sentence.startswith("The column text holds ") and sentence.endswith("; it has to hold strings.")


def test_columns_that_begin_like_ours_are_not_taken_for_them(tmp_path):
    cells = {"text.note": pa.array([1, 2]), "image.bytes": pa.array([3, 4]), "text": pa.array(["red", "blue"]),
             "image": pa.array([{"bytes": logo()}] * 2)}  # fmt: skip
    pq.write_table(pa.table(cells), tmp_path / "a.parquet")
    told = analysed(tmp_path / "a.parquet")
    assert told["formats"] == {"PNG": 2} and told["caption_length"]["max"] == 4
    assert Dataset(tmp_path / "a.parquet").preview[1]["caption"] == "blue"


# 13 to 15: nothing, and no text


def test_rows_without_an_image_or_a_caption_are_counted_and_the_rest_is_charted(tmp_path):
    cells = pa.array([{"bytes": logo()}, None, {"bytes": None, "path": "a.png"}, {"bytes": logo("blue")}], IMAGE)
    pq.write_table(pa.table({"image": cells, "text": ["red", None, "green", None]}), tmp_path / "a.parquet")
    told = analysed(tmp_path / "a.parquet")
    assert counted(told) == {"null_images": [1, 2], "null_captions": [1, 3]}
    assert told["height"]["count"] == 2 and told["caption_length"]["count"] == 2
    assert told["colour"]["by_pixels"] == {"rgb": 2, "black_and_white": 0, "sampled": 2}


@pytest.mark.parametrize("cell", [None, b""])
def test_a_dataset_of_no_image_at_all_is_analysed(tmp_path, cell):
    told = analysed(write(tmp_path / "a.parquet", [cell] * 3, [None] * 3))
    assert counted(told) == {"damaged" if cell == b"" else "null_images": [0, 1, 2], "null_captions": [0, 1, 2]}
    assert told["height"]["count"] == told["sampled"] == 0 and told["caption_length"]["median"] is None


@pytest.mark.parametrize("groups", ["none", "one that is empty"])
def test_a_file_without_rows_is_an_empty_dataset(tmp_path, groups):
    path = tmp_path / "a.parquet"
    schema = pa.schema({"image": IMAGE, "text": pa.string()})
    with pq.ParquetWriter(path, schema) as writer:
        if groups != "none":
            writer.write_table(schema.empty_table())
    dataset = Dataset(path)
    assert dataset.rows == 0 and dataset.preview == []
    told = analysed(path)
    assert told["rows"] == 0 and counted(told) == {} and told["pixels"]["count"] == 0
    list(dataset.analyse())
    assert "0 rows" in report("a.parquet", dataset.summary) and panels.preview([])
    with pytest.raises(TableError, match=r"The dataset has no rows\."):
        dataset.show([0])
    assert dataset.show([]) == []


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), "dictionary"], ids=str)
@pytest.mark.parametrize("row", [1, 9_000])
def test_captions_that_are_no_utf_8_are_counted_and_the_first_row_is_named(tmp_path, kind, row):
    raw = [b"blue, star"] * row + [b"r\xffed, \xc3", b"green", b"\xed\xa0\x80"]
    texts = pa.array(raw, pa.large_binary() if kind == pa.large_string() else pa.binary())
    texts = texts.view(pa.string()).dictionary_encode() if kind == "dictionary" else texts.view(kind)
    told = analysed(write(tmp_path / "a.parquet", [None] * len(raw), texts))
    assert told["bad_captions"] == 2 and told["bad_captions_rows"] == [row, row + 2]
    assert told["epithets"]["count"] == len(raw)
    assert Dataset(tmp_path / "a.parquet").show([row])[0]["caption"] == "r\ufffded, \ufffd"
