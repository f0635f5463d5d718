"""What several tests share: the app launched for real, a browser, CI's rule that nothing may be skipped."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = Path("/usr/bin/chromium")
START_SECONDS = 90
# Before torch is imported, here or in what is started. Its threads spin while they wait for each other: where the
# cores have other work, as two processes of tests give them, training takes ten times as long with two as with one.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# What a machine of CI cannot have; a test skipped there for any other reason counts as failed.
NOT_IN_CI = ("needs a GPU", "needs the network", "needs en_core_web_md")

_skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not any(allowed in reason for allowed in NOT_IN_CI):
            _skipped.append(f"{report.nodeid}: {reason}")


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.skipped:
        _skipped.append(f"{report.nodeid}: {report.longrepr}")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if os.environ.get("LOGO_GAN_CI") and _skipped and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter) -> None:
    if os.environ.get("LOGO_GAN_CI") and _skipped:
        terminalreporter.section("skipped although CI can run it", red=True)
        for line in _skipped:
            terminalreporter.line(line)


@dataclass(frozen=True)
class App:
    """A running app: its address and the file that its standard error goes to."""

    url: str
    log: Path


@contextlib.contextmanager
def launched(folder: Path, **environment: str) -> Iterator[App]:
    """`python app.py` in a process of its own on a free port, ready to answer; ended on leaving."""
    port, log = free_port(), folder / "app.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env=app_environment(folder, GRADIO_SERVER_PORT=str(port), **environment),
            stdout=errors,
            stderr=subprocess.STDOUT,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + START_SECONDS
        while not _answers(url):
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"The app did not start:\n{log.read_text()}")
            time.sleep(0.1)
        yield App(url, log)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def app_environment(folder: Path, **changes: str) -> dict[str, str]:
    """The environment for an app under test: none of this machine's settings, its files in `folder`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOGO_GAN_", "GRADIO_"))}
    own = {"GRADIO_TEMP_DIR": str(folder / "cache"), "GRADIO_SERVER_NAME": "127.0.0.1"}
    return {**kept, **own, **changes}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="session")
def memory():
    """The bundled memory."""
    from logo_gan.marks.memory import Memory

    return Memory.load()


@pytest.fixture(scope="session")
def bundled_weights() -> Path:
    """The folder of the bundled model; skips where it is not there yet, which CI counts as a failure."""
    folder = ROOT / "weights" / "warp"
    if not (folder / "model.safetensors").is_file():
        pytest.skip(f"needs the bundled weights in {folder}")
    return folder


@pytest.fixture(scope="session")
def app(tmp_path_factory, bundled_weights) -> Iterator[App]:
    """One app for all tests that do not change it."""
    with launched(tmp_path_factory.mktemp("app")) as running:
        yield running


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium without a window."""
    if not CHROMIUM.is_file():
        pytest.skip(f"needs {CHROMIUM}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(app, browser):
    """The app in a fresh browser session. Fails the test on a page error or a request off the host."""
    with opened(browser, app.url) as tab:
        yield tab


@contextlib.contextmanager
def opened(browser, url: str, *hosts: str, **options):
    """A page at `url` in a new session (options: viewport, color_scheme, ...), checked when it is left.

    Requests may go to its host and to `hosts`, and nowhere else.
    """
    host = url.partition("?")[0].rstrip("/")
    context = browser.new_context(**options)
    tab = context.new_page()
    faults: list[str] = []

    def on_console(message) -> None:
        # A frame of another origin may not take the focus, which is as it should be.
        if message.type == "error" and not message.text.startswith("Blocked autofocusing"):
            faults.append(message.text)

    def on_request(request) -> None:
        if not request.url.startswith((host, *hosts, "data:", "blob:")):
            faults.append(f"off the host: {request.url}")

    tab.on("pageerror", lambda error: faults.append(f"page error: {error}"))
    tab.on("console", on_console)
    tab.on("request", on_request)
    try:
        tab.goto(url)
        yield tab
        assert not faults, "\n".join(faults)
    finally:
        context.close()
