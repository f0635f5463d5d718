"""A run's history: it grows row by row, goes on after a resumption, and takes older files and later measures."""

import math

import pytest

from logo_gan import history

OLD = "images,epoch,seconds,loss_generator,loss_masks,temperature\n4096,0.04,14,0.7,,0.5\n8192,0.08,27,0.6,0.1,\n"


def test_rows_beyond_the_checkpoint_are_repeated_not_doubled(tmp_path):
    columns = ("images", "loss_generator")
    first = history.History(tmp_path / "history.csv", columns)
    for images in (100, 200, 300):
        first.add(images=images, loss_generator=0.5)
    second = history.History(tmp_path / "history.csv", columns, images=200)
    second.add(images=300, loss_generator=0.25)
    assert [(r["images"], r["loss_generator"]) for r in history.read(tmp_path / "history.csv")] == [
        (100, 0.5), (200, 0.5), (300, 0.25),
    ]  # fmt: skip


def test_an_older_file_gains_the_new_columns_and_loses_none(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text(OLD)
    history.History(path, history.COLUMNS, images=8192).add(images=12_288, loss_masks=0.05, frechet_distance=31.5)
    assert set(history.COLUMNS) | {"temperature"} == set(path.read_text().splitlines()[0].split(","))
    assert history.read(path) == [
        {"images": 4096, "epoch": 0.04, "seconds": 14, "loss_generator": 0.7, "temperature": 0.5},
        {"images": 8192, "epoch": 0.08, "seconds": 27, "loss_generator": 0.6, "loss_masks": 0.1},
        {"images": 12_288, "loss_masks": 0.05, "frechet_distance": 31.5},
    ]


def test_whole_numbers_stay_whole_however_large(tmp_path):
    path = tmp_path / "history.csv"
    history.History(path, history.COLUMNS).add(images=123_456_789, seconds=40_000, colour=1 / 3)
    for _ in range(2):
        history.History(path, history.COLUMNS, images=10**9)
    assert path.read_text().splitlines()[1].startswith("123456789,,40000,")
    assert history.read(path)[0]["colour"] == pytest.approx(1 / 3, rel=1e-5)


def test_what_is_not_finite_is_left_out(tmp_path):
    path = tmp_path / "history.csv"
    history.History(path, history.COLUMNS).add(images=1, loss_generator=math.inf, synonym=math.nan, recall=0.0)
    assert history.read(path) == [{"images": 1, "recall": 0.0}]


def test_measures_made_later_go_to_their_place(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text(OLD)
    history.insert(path, 8192, colour=0.9)
    history.insert(path, 5000, colour=0.8)
    rows = history.read(path)
    assert [r["images"] for r in rows] == [4096, 5000, 8192]
    assert [r.get("colour") for r in rows] == [None, 0.8, 0.9]
    assert rows[1]["epoch"] == 0.05 and rows[2]["loss_masks"] == 0.1
