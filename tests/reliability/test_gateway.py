"""What comes in over plain HTTP: paths, sizes, stalled uploads, strange requests; what log and disk keep of it."""

import asyncio
import contextlib
import http.client
import json
import re
import socket
import time
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import parquets
import pytest
from conftest import ROOT, launched
from gradio_client import Client, handle_file
from raw_http import process

from benchmarks.analysis import tree_bytes

SECRET = "hf_averysecrettokenindeed"
DISK_MB, VISITS = 12, 2
ONE_SENTENCE = re.compile(r"[A-Z][^\n]{10,160}\.")


@pytest.fixture(scope="module")
def small(tmp_path_factory, bundled_weights):
    """An app with narrow bounds, which logs in JSON."""
    folder = tmp_path_factory.mktemp("small")
    bounds = {"LOGO_GAN_MAX_UPLOAD_MB": "2", "LOGO_GAN_DISK_MB": str(DISK_MB), "LOGO_GAN_IDLE_SECONDS": "2",
              "LOGO_GAN_SESSIONS": str(VISITS)}  # fmt: skip
    logging = {"LOGO_GAN_LOG_FORMAT": "json", "LOGO_GAN_LOG_DIR": str(folder / "logs")}
    with launched(folder, HF_TOKEN=SECRET, **bounds, **logging) as app:
        deadline = time.monotonic() + 60
        while httpx.get(f"{app.url}/health").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield app


def called(app, name: str, arguments: dict, **headers: str) -> tuple[str, object]:
    """(event, data) of an endpoint over plain HTTP."""
    posted = httpx.post(f"{app.url}/gradio_api/call/v2/{name}", json=arguments, headers=headers, timeout=60)
    answer = httpx.get(f"{app.url}/gradio_api/call/{name}/{posted.raise_for_status().json()['event_id']}", timeout=120)
    event, data = re.findall(r"event: (\w+)\ndata: (.*)", answer.text)[-1]
    return event, json.loads(data)


def upload(app, content: bytes, name: str = "logos.parquet") -> httpx.Response:
    return httpx.post(f"{app.url}/gradio_api/upload", files={"files": (name, content)}, timeout=60)


def lines(app) -> list[dict]:
    return [json.loads(line) for line in app.log.read_text("utf-8").splitlines()]


def kept(app) -> tuple[int, int]:
    """Bytes and files in the app's folder, which may remove some while they are counted."""
    sizes = []
    for path in (app.log.parent / "cache").rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            if path.is_file():
                sizes.append(path.stat().st_size)
    return sum(sizes), len(sizes)


def test_health_tells_what_a_probe_needs(small):
    answer = httpx.get(f"{small.url}/health")
    told = answer.json()
    assert (told["status"], told["model"], told["revision"], told["queue_length"]) == ("ready", "warp", None, 0)
    assert told["fingerprint"].startswith("warp-")
    assert 0 < told["uptime_seconds"] < 600
    assert answer.headers["cache-control"] == "no-store"


def test_a_model_that_cannot_be_loaded_is_no_health(tmp_path, monkeypatch):
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    from logo_gan.web import health, warmup
    from logo_gan.web.settings import Settings

    model = warmup.WarmUp(Settings())
    probe = TestClient(Starlette(routes=[health.route(model, lambda: 3)]))
    assert (probe.get("/health").status_code, probe.get("/health").json()["status"]) == (503, "loading")
    monkeypatch.setattr("logo_gan.model.pipeline.WEIGHTS", tmp_path)
    model._run()
    assert (probe.get("/health").status_code, probe.get("/health").json()["status"]) == (503, "failed")
    assert probe.get("/health").json()["queue_length"] == 3


CLOSED = [
    "/gradio_api/proxy=http://127.0.0.1:1/",
    "/gradio_api/file=http://127.0.0.1:1/",
    "/gradio_api/file=etc/passwd",
    "/gradio_api/dev/reload",
    "/gradio_api/vibe-code",
    "/gradio_api/runs",
    "/gradio_api/stream/a/b/1/playlist.m3u8",
    "/gradio_api/deep_link",
    "/monitoring",
    "/monitoring/summary",
    "/docs",
    "/openapi.json",
    "/.env",
    "/logo_gan/web/settings.py",
    "/%2e%2e/app.py",
]


@pytest.mark.parametrize("path", CLOSED)
def test_what_the_page_does_not_need_is_not_there(small, path):
    answer = httpx.get(f"{small.url}{path}")
    assert (answer.status_code, answer.json()["detail"]) == (404, "There is nothing at this address.")


OTHERS = ["process_recording", "vibe-edit", "component_server", "stream/1", "run-history/connect"]


@pytest.mark.parametrize("path", OTHERS)
def test_what_gradio_would_write_or_run_is_closed(small, path):
    assert httpx.post(f"{small.url}/gradio_api/{path}", json={}).status_code == 404


TRICKS = [
    "{root}/app.py",
    "{root}/weights/memory/../../app.py",
    "{root}/logo_gan/web/texts/en.json",
    "/etc/passwd",
    "//etc/passwd",
    "/proc/self/environ",
    "{cache}/../../app.log",
    "{cache}/%2e%2e/%2e%2e/app.log",
    "{cache}/..%2f..%2fapp.log",
    "{cache}/nothing%00.png",
    "{cache}/" + 300 * "a",
]


@pytest.mark.parametrize("path", TRICKS)
def test_no_file_of_the_machine_is_served(small, path):
    (cache,) = (small.log.parent / "cache").glob("logo-gan-*")
    host, port = small.url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=30)  # which sends the path as it is
    connection.request("GET", f"/gradio_api/file={path.format(root=ROOT, cache=cache)}")
    answer = connection.getresponse()
    assert answer.status in (400, 403, 404)
    assert set(json.loads(answer.read())) == {"detail"}


FILE = {"meta": {"_type": "gradio.FileData"}}
ELSEWHERE = ["/etc/passwd", f"{ROOT}/app.py", "http://127.0.0.1:1/x", "HTTPS://example.com/x.parquet", ""]


@pytest.mark.parametrize("path", ELSEWHERE)
@pytest.mark.parametrize("endpoint", ["load_dataset", "analyse"])
def test_a_file_that_was_not_uploaded_is_refused_in_one_sentence(small, endpoint, path):
    event, told = called(small, endpoint, {"file": {"path": path, **FILE}})
    assert event == "error"
    assert ONE_SENTENCE.fullmatch(told["error"]), told
    assert path not in told["error"] or not path


STRANGE = {
    "no arguments": {"data": []},
    "an object": {"data": [{"a": 1}, 7]},
    "a list": {"data": [[["cat"]], 7]},
    "a number": {"data": [7, 7]},
    "too many": {"data": ["cat", 7, 8, 9]},
    "deeply nested": {"data": [json.loads(200 * "[" + 200 * "]"), 7]},
    "infinite": {"data": ["cat", 1e999]},
}


@pytest.mark.parametrize("body", STRANGE.values(), ids=STRANGE)
def test_arguments_of_another_kind_are_refused_in_one_sentence(small, body):
    posted = httpx.post(f"{small.url}/gradio_api/call/generate", content=json.dumps(body), timeout=60)
    if posted.status_code == 200:
        answer = httpx.get(f"{small.url}/gradio_api/call/generate/{posted.json()['event_id']}", timeout=60)
        event, data = re.findall(r"event: (\w+)\ndata: (.*)", answer.text)[-1]
        assert event == "error" or body == STRANGE["too many"]
        assert event == "complete" or ONE_SENTENCE.fullmatch(json.loads(data)["error"]), data
    else:
        assert posted.status_code in (400, 422)


BODIES = [b"", b"{", b"[]", b"null", b'"', b"\xff\xfe", 100_000 * b"[", b'{"data": "cat"}', b'{"data": ["\\ud800", 1]}']


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
@pytest.mark.parametrize("path", ["call/generate", "call/v2/generate", "queue/join", "run/predict", "cancel", "reset"])
def test_what_is_no_request_at_all_ends_no_process(small, path, body):
    headers = {"Content-Type": "application/json"}
    answer = httpx.post(f"{small.url}/gradio_api/{path}", content=body, headers=headers, timeout=30)
    assert answer.status_code in (200, 400, 404, 422)
    assert "Traceback" not in answer.text and str(ROOT) not in answer.text


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize(("path", "status"), [("call/generate", 413), ("queue/join", 422), ("upload", 413)])
def test_what_is_too_large_is_refused_in_one_sentence(small, path, status, declared):
    size = 3_000_000 if path == "upload" else 1_100_000
    file = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
    content = (file if path == "upload" else b'{"data": ["') + size * b"a" + b'"]}'
    headers = {"Content-Type": "multipart/form-data; boundary=x" if path == "upload" else "application/json"}
    sent = content if declared else iter([content[:100_000], content[100_000:]])  # then in chunks, without a length
    answer = httpx.post(f"{small.url}/gradio_api/{path}", content=sent, headers=headers, timeout=30)
    assert answer.status_code == status
    # Gradio counts the file, and may come to its end first.
    assert re.search(r"is too large: at most [\d,]+ [kM]B are allowed\.|^File size exceeded .* bytes\.$", answer.text)


def test_an_upload_that_stands_still_is_given_up_and_leaves_nothing_open(small):
    host, port = small.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        head = "POST /gradio_api/upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        connection.sendall(f"{head}Content-Length: 1000\r\n\r\n--x\r\n".encode())
        begin, answer = time.monotonic(), b""
        while chunk := connection.recv(4096):
            answer += chunk
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"stood still for 2 seconds" in answer
    assert 1.5 < time.monotonic() - begin < 10


def test_the_disk_is_bounded_and_what_was_uploaded_last_is_kept(small):
    paths = [upload(small, number.to_bytes(2, "big") * 750_000).raise_for_status().json()[0] for number in range(16)]
    assert kept(small)[0] <= DISK_MB * 1_000_000
    assert Path(paths[-1]).is_file()
    assert not Path(paths[0]).is_file()
    event, (_, seed) = called(small, "generate", {"prompt": "cat", "seed": 1})
    assert (event, seed) == ("complete", 1)


def test_a_thousand_small_files_go_again(small):
    files = [("files", (f"{number}.png", f"{number}".encode())) for number in range(1000)]
    answer = httpx.post(f"{small.url}/gradio_api/upload", files=files, timeout=60)
    assert len(answer.raise_for_status().json()) == 1000
    # Each takes a block of 4 kB, so three thousand of them are the bound.
    for times in range(3):
        more = [("files", (name, content + bytes([times]))) for _, (name, content) in files]
        httpx.post(f"{small.url}/gradio_api/upload", files=more, timeout=60).raise_for_status()
    deadline = time.monotonic() + 30
    while kept(small)[1] > 3000:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{small.url}/gradio_api/upload", timeout=30)


def test_a_request_that_drips_is_given_up(small):
    host, port = small.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        head = "POST /gradio_api/upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        connection.sendall(f"{head}Content-Length: 1000\r\n\r\n--x\r\n".encode())
        connection.settimeout(0.3)
        begin, answer = time.monotonic(), b""
        while time.monotonic() - begin < 15 and not answer:
            with contextlib.suppress(TimeoutError):
                answer = connection.recv(4096)
            connection.sendall(b"y" * (not answer))
    assert answer.startswith(b"HTTP/1.1 408")


def test_progress_is_asked_for_by_an_id_alone(small):
    for query in ("", "?upload_id=" + 65 * "x", "?upload_id=a&upload_id=b", "?upload_id=%00", "?upload_id=a&x=y"):
        assert httpx.get(f"{small.url}/gradio_api/upload_progress{query}").status_code == 404


def test_what_a_stranger_sends_for_a_component_is_not_remembered(small):
    page = httpx.get(f"{small.url}/config").json()
    (event,) = (each for each in page["dependencies"] if each["api_name"] == "on_words")
    nothing = json.dumps(60_000 * [[]])  # 240 kB on the line, 4 MB in Python
    before = tree_bytes(process(small).pid)
    for number in range(60):
        body = f'{{"data": [{nothing}], "fn_index": {event["id"]}, "session_hash": "stranger{number}"}}'
        headers = {"Content-Type": "application/json"}
        httpx.post(f"{small.url}/gradio_api/queue/join", content=body, headers=headers).raise_for_status()
        httpx.get(f"{small.url}/gradio_api/queue/data", params={"session_hash": f"stranger{number}"}, timeout=60)
    assert tree_bytes(process(small).pid) - before < 100_000_000


def test_the_gateway_knows_which_pages_are_open(tmp_path):
    from logo_gan.web.gateway import Gateway
    from logo_gan.web.settings import Settings
    from logo_gan.web.storage import Storage

    beating, seen = Counter(), []

    async def app(scope, receive, send):
        seen.append(dict(beating))

    gateway = Gateway(app, Settings(), Storage(Settings(cache_dir=tmp_path)), beating)
    for path in ("/gradio_api/heartbeat/abc", "/config"):
        scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, gateway(scope, None, None)).result()
    assert (seen, beating) == ([{"abc": 1}, {}], Counter())


def test_calls_of_endpoints_push_no_visit_out(small, tmp_path):
    visit = Client(small.url, verbose=False, download_files=str(tmp_path))
    file = parquets.write(tmp_path / "logos.parquet", [parquets.picture(i) for i in range(3)], ["a", "b", "c"])
    rows, _ = visit.predict(handle_file(file), api_name="/load_dataset")
    for _ in range(VISITS + 128 + 20):  # more than the visits and the queue that are remembered
        assert called(small, "brief", {"prompt": "cat"})[0] == "complete"
    assert 0 <= visit.predict(api_name="/random_logo")[2] < rows


def test_the_line_of_a_request_and_those_of_what_it_started_share_an_id(small):
    number = "probe-0123456789"
    answer = httpx.post(
        f"{small.url}/gradio_api/call/v2/generate",
        json={"prompt": "a very private kangaroo", "seed": 3},
        headers={"X-Request-ID": number},
    )
    assert answer.headers["x-request-id"] == number
    httpx.get(f"{small.url}/gradio_api/call/generate/{answer.json()['event_id']}", timeout=60)
    called(small, "generate", {"prompt": "", "seed": 3}, **{"X-Request-ID": "probe-refused-1"})
    called(small, "generate", {"prompt": "cat", "seed": 3}, **{"X-Request-ID": "not an id!"})
    found = [line for line in lines(small) if line.get("trace", {}).get("id") == number]
    assert {line["event"]["action"] for line in found if "event" in line} == {"http-request", "generate"}
    (event,) = (line for line in found if line.get("event", {}).get("action") == "generate")
    assert event["event"]["outcome"] == "success"
    assert event["event"]["duration"] > 1_000_000  # ns
    (refused,) = (
        line for line in lines(small) if line.get("trace", {}).get("id") == "probe-refused-1" and "error" in line
    )
    assert (refused["event"]["outcome"], refused["error"]) == ("failure", {"type": "PromptError"})


def test_the_log_holds_no_prompt_no_secret_and_nothing_but_json(small):
    called(small, "generate", {"prompt": "a very private kangaroo", "seed": 3})
    httpx.get(f"{small.url}/?prompt=a+very+private+kangaroo")
    upload(small, b"x", "very-private-wombat.parquet")
    # Gradio gives up such a session in the middle of its answer.
    answer = httpx.get(f"{small.url}/gradio_api/queue/data", params={"session_hash": "averyprivatesession"})
    assert "averyprivatesession" not in answer.text and answer.status_code == 200
    text = small.log.read_text("utf-8")
    assert len(lines(small)) > 50
    assert not re.search(r"kangaroo|wombat|averyprivatesession", text)
    assert SECRET not in text
    # A request that is nonsense fails before any of our code runs, and is no error of ours.
    assert [line["message"] for line in lines(small) if line["log.level"] == "error"] == []
    # The app may write on between two readings: what is read later begins with what was read before.
    kept = (small.log.parent / "logs" / "logo_gan.json").read_text("utf-8")
    assert kept.startswith(text) and small.log.read_text("utf-8").startswith(kept)
