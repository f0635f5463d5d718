"""A run's history: it grows row by row and column by column, goes on after a resumption, and takes older files."""

import math

import pytest
from conftest import ROOT

from logo_gan.training import history

OLD = "images,epoch,seconds,loss_generator,loss_masks,temperature\n4096,0.04,14,0.7,,0.5\n8192,0.08,27,0.6,0.1,\n"


def header(path):
    return path.read_text().splitlines()[0].split(",")


def test_rows_beyond_the_checkpoint_are_repeated_not_doubled(tmp_path):
    first = history.History(tmp_path / "history.csv")
    for images in (100, 200, 300):
        first.add(images=images, loss_generator=0.5)
    second = history.History(tmp_path / "history.csv", images=200)
    second.add(images=300, loss_generator=0.25)
    assert [(r["images"], r["loss_generator"]) for r in history.read(tmp_path / "history.csv")] == [
        (100, 0.5), (200, 0.5), (300, 0.25),
    ]  # fmt: skip


def test_columns_come_with_their_first_values_and_stay(tmp_path):
    path = tmp_path / "history.csv"
    rows = history.History(path)
    assert header(path) == list(history.COLUMNS)
    rows.add(images=1, seconds=2, loss_generator=0.5)
    rows.add(images=2, penalty=0.1, loss_generator=0.4)
    rows.add(images=3, frechet_distance=9)
    rows.add(images=4, loss_generator=0.3)
    wanted = [*history.COLUMNS, "loss_generator", "penalty", "frechet_distance"]
    assert header(path) == wanted
    # What a resumed run drops takes its columns along: it ends as an unbroken one would.
    history.History(path, images=2)
    assert header(path) == wanted[:-1]
    assert history.read(path) == [
        {"images": 1, "seconds": 2, "loss_generator": 0.5},
        {"images": 2, "loss_generator": 0.4, "penalty": 0.1},
    ]


def test_measures_join_the_row_of_their_images(tmp_path):
    rows = history.History(tmp_path / "history.csv")
    rows.add(images=64, loss_generator=0.5)
    rows.add(images=64, frechet_distance=3)
    assert history.read(tmp_path / "history.csv") == [{"images": 64, "loss_generator": 0.5, "frechet_distance": 3}]


def test_an_older_file_is_gone_on_with(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text(OLD)
    history.History(path, images=8192).add(images=12_288, loss_masks=0.05, frechet_distance=31.5)
    assert history.read(path) == [
        {"images": 4096, "epoch": 0.04, "seconds": 14, "loss_generator": 0.7, "temperature": 0.5},
        {"images": 8192, "epoch": 0.08, "seconds": 27, "loss_generator": 0.6, "loss_masks": 0.1},
        {"images": 12_288, "loss_masks": 0.05, "frechet_distance": 31.5},
    ]


def test_the_bundled_baseline_s_history_is_read():
    rows = history.read(ROOT / "weights" / "baseline-28" / "history.csv")
    assert rows[-1]["images"] == 1_500_000
    assert len([row for row in rows if "frechet_distance" in row]) >= 12
    assert all(row["loss_generator"] > 0 for row in rows)


def test_whole_numbers_stay_whole_however_large(tmp_path):
    path = tmp_path / "history.csv"
    history.History(path).add(images=123_456_789, seconds=40_000, colour=1 / 3)
    for _ in range(2):
        history.History(path, images=10**9)
    assert path.read_text().splitlines()[1].startswith("123456789,,40000,")
    assert history.read(path)[0]["colour"] == pytest.approx(1 / 3, rel=1e-5)


def test_what_is_not_finite_is_left_out(tmp_path):
    path = tmp_path / "history.csv"
    history.History(path).add(images=1, loss_generator=math.inf, synonym=math.nan, recall=0.0)
    assert history.read(path) == [{"images": 1, "recall": 0.0}]
    assert header(path) == [*history.COLUMNS, "recall"]
