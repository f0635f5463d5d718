"""The log: one event a line, in text or JSON, in files that never fill the disk."""

import io
import json
import os
import re
import subprocess
import sys
import time

import pytest
from conftest import ROOT, app_environment

from logo_gan.web import log

EVENTS = """
import logging, os
from loguru import logger
from logo_gan.web import log, settings
log.set_up(settings.read(os.environ))
secret = "hunter2"
logger.bind(seed=7).info("two\\nlines")
logging.getLogger("uvicorn").warning("from a {library}")
log.request_id.set("request-7")
try:
    int(secret)
except ValueError:
    logger.exception("failed")
logger.debug("unheard")
"""
FILLING = """
import os, time
from loguru import logger
from logo_gan.web import log, settings
log.set_up(settings.read(os.environ))
for number in range(40_000):
    logger.info("{:06} {}", number, 100 * "x")
"""


def logged(tmp_path, script: str, **environment: str) -> tuple[str, dict[str, str]]:
    """Standard error of a script that logs, and the contents of its log files, the oldest first."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=app_environment(tmp_path, LOGO_GAN_LOG_DIR=str(tmp_path / "logs"), **environment),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    files = sorted((tmp_path / "logs").iterdir(), key=lambda file: (file.stat().st_mtime_ns, file.name))
    return done.stderr, {file.name: file.read_text("utf-8") for file in files}


def test_json_is_one_event_a_line_as_ecs_logging_writes_them(tmp_path):
    errors, files = logged(tmp_path, EVENTS, LOGO_GAN_LOG_FORMAT="json")
    assert files == {"logo_gan.json": errors}
    first, second, third = (json.loads(line) for line in errors.splitlines())
    assert first["message"] == "two\nlines"
    assert first["labels"] == {"seed": "7"}
    assert (second["log"]["logger"], second["log.level"]) == ("uvicorn", "warning")
    assert (third["error"]["type"], third["trace"]["id"]) == ("ValueError", "request-7")
    for event in (first, second, third):
        assert [*event][:4] == ["@timestamp", "log.level", "message", "ecs.version"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["@timestamp"])


def test_text_is_one_event_a_line_whatever_it_says(tmp_path):
    errors, files = logged(tmp_path, EVENTS)
    assert files == {"logo_gan.log": errors}
    assert "two lines" in errors.splitlines()[0]
    assert "[request-7]: failed" in errors


def test_debug_is_heard_on_request_alone(tmp_path):
    assert "unheard" in logged(tmp_path, EVENTS, LOGO_GAN_LOG_LEVEL="debug")[0]


def test_files_are_rotated_when_they_are_full_and_the_oldest_go(tmp_path):
    errors, files = logged(tmp_path, FILLING, LOGO_GAN_LOG_MB="1", LOGO_GAN_LOG_FILES="2")
    assert len(errors) == 6_000_000
    assert len(files) == 3
    assert all(len(text) <= 1_000_000 for text in files.values())
    assert sum(map(len, files.values())) > 2_000_000
    assert errors.endswith("".join(files.values()))  # not a line is lost or cut in two


def test_old_files_go_by_their_age(tmp_path):
    (tmp_path / "logs").mkdir()
    for days in (1, 13, 15):
        file = tmp_path / "logs" / f"logo_gan.2026-01-{days:02}.log"
        file.write_text("old\n")
        os.utime(file, (time.time() - days * 86_400,) * 2)
    (tmp_path / "logs" / "another.log").write_text("not ours\n")
    _, files = logged(tmp_path, FILLING.replace("40_000", "9_000"), LOGO_GAN_LOG_MB="1")
    assert {name for name in files if "2026-01" in name} == {"logo_gan.2026-01-01.log", "logo_gan.2026-01-13.log"}
    assert "another.log" in files


def test_old_files_go_when_the_app_starts_and_one_of_yesterday_makes_room(tmp_path):
    (tmp_path / "logs").mkdir()
    old, yesterday = tmp_path / "logs" / "logo_gan.2026-01-15.log", tmp_path / "logs" / "logo_gan.log"
    old.write_text("old\n")
    os.utime(old, (time.time() - 15 * 86_400,) * 2)
    yesterday.write_text("2026-01-02 03:04:05.678 INFO    logo_gan: of yesterday\n")
    errors, files = logged(tmp_path, FILLING.replace("40_000", "2"))
    assert old.name not in files and len(files) == 2
    assert files["logo_gan.log"] == errors


def test_what_failed_forges_no_line_whatever_its_message_says(tmp_path):
    script = EVENTS.replace('"hunter2"', '"a\\n2026-01-01 00:00:00.000 INFO    logo_gan: forged\\u2028\\x1b[2Jb"')
    script = script.replace("int(secret)", "raise ValueError(secret)")
    errors, _ = logged(tmp_path, script)
    (first,) = (index for index, line in enumerate(errors.splitlines()) if line.endswith("[request-7]: failed"))
    rest = errors.splitlines()[first + 1 :]
    assert any("forged" in line for line in rest)
    assert all(line.startswith("  | ") and line.isprintable() for line in rest)


def test_a_file_is_rotated_a_day_after_it_was_begun_however_small(monkeypatch, tmp_path):
    rotate, now = log._rotation(10), time.time()
    with (tmp_path / "logo_gan.log").open("a+") as file:
        assert not rotate("first\n", file)
        file.write("first\n")
        assert not rotate("second\n", file)
        monkeypatch.setattr(log.time, "time", lambda: now + 86_401)
        assert rotate("third\n", file)
        assert not rotate("fourth\n", file)


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_reader_that_stops_reading_stops_nobody(tmp_path, log_format):
    script = FILLING + "print('done', flush=True)\ninput()\ntime.sleep(1)\nlogger.info('read again')"
    environment = app_environment(tmp_path, LOGO_GAN_LOG_FORMAT=log_format)
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        begin = time.monotonic()
        assert process.stdout.readline() == "done\n"
        assert time.monotonic() - begin < 60
        _, errors = process.communicate("\n", timeout=60)
    finally:
        process.kill()
    lines = errors.splitlines()
    (told,) = (index for index, line in enumerate(lines) if "lines of the log were left out" in line)
    left_out = int(re.search(r"(\d+) lines of the log were left out", lines[told])[1])
    # What was left out halfway stands before what is told, on a line of its own.
    assert "000000 xxx" in lines[0] and "read again" in lines[-1]
    whole = [line for line in lines[:told] if "xxx" in line and line.endswith(("x", "}"))]
    assert len(whole) + left_out in (40_000, 40_001)
    if log_format == "json":
        assert json.loads(lines[told])["log.level"] == "warning"


def test_a_record_of_another_library_keeps_its_level_and_its_exception():
    heard = io.StringIO()
    number = log.logger.add(heard, format="{level} {message} {exception}")
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError as error:
        record = log.logging.LogRecord("uvicorn.error", log.logging.ERROR, "", 0, "It %s", ("failed",), None)
        record.exc_info = (type(error), error, error.__traceback__)
        log._Forward().emit(record)
    finally:
        log.logger.remove(number)
    assert heard.getvalue().startswith("ERROR It failed")
    assert "ZeroDivisionError" in heard.getvalue()


@pytest.mark.parametrize("character", ["\n", "\r", "\x1b", "\x85", "\u2028"])
def test_no_character_forges_a_line(tmp_path, character):
    record = {"name": "test", "message": f"one{character}two", "extra": {}}
    log._add_plain(record)
    assert record["extra"]["plain"] == "test: one two"
