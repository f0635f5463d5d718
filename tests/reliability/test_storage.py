"""The folder of uploads and pictures: room for what comes, nobody else's files, a full disk told in one sentence."""

import re

import gradio as gr
import pytest
from loguru import logger

from logo_gan.web import files
from logo_gan.web.settings import Settings
from logo_gan.web.storage import Storage

ONE_SENTENCE = re.compile(r"[A-Z][^\n]{10,160}\.")


def test_room_is_kept_for_an_upload_that_has_begun(tmp_path):
    storage = Storage(Settings(cache_dir=tmp_path, disk_mb=64))
    assert storage.refusal(40_000_000) is None
    assert storage.refusal(40_000_000) is not None
    assert storage.arrived(30_000_000, 30_000_000)
    assert not storage.arrived(30_000_000, 0)  # of one that did not say how large it would be
    assert storage.refusal(60_000_000) is not None
    storage.given_up(10_000_000)
    assert storage.refusal(60_000_000) is None


def test_a_disk_that_is_nearly_full_takes_no_upload(tmp_path):
    storage = Storage(Settings(cache_dir=tmp_path, disk_free_mb=10_000_000))
    assert ONE_SENTENCE.fullmatch(storage.refusal())
    assert Storage(Settings(cache_dir=tmp_path, disk_free_mb=0)).refusal() is None


def test_a_folder_whose_process_was_killed_is_removed_by_the_next_and_no_other(tmp_path):
    alive = Storage(Settings(cache_dir=tmp_path))
    dead = tmp_path / "logo-gan-dead"
    (dead / "abc").mkdir(parents=True)
    (dead / ".lock").touch()
    (dead / "abc" / "logo.png").write_bytes(b"x")
    # A folder of somebody else's, by such a name: GitHub's archives unpack to one.
    (tmp_path / "logo-gan-main" / "weights").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    third = Storage(Settings(cache_dir=tmp_path))
    assert {each.name for each in tmp_path.iterdir()} == {
        alive.folder.name,
        third.folder.name,
        "other",
        "logo-gan-main",
    }


def test_a_picture_that_cannot_be_written_is_told_in_one_sentence_and_not_by_its_name(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "file"))
    heard = []
    sink = logger.add(heard.append)
    with pytest.raises(gr.Error, match=r"cannot save pictures just now\."):
        files.write(b"x", "very-private-kangaroo.png")
    logger.remove(sink)
    assert "cannot be written" in heard[0] and "kangaroo" not in heard[0]
