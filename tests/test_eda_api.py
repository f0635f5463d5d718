"""The Dataset tab's endpoints as programs use them: the Python client and plain HTTP."""

import json
import re
import subprocess
import sys
import time
import urllib.request

import parquets as made
import pyarrow.parquet as pq
import pytest
from conftest import ROOT
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from test_app import called

COUNTED = {"damaged": [5], "blank": [3], "unsupported": [7], "null_images": [9], "exact_duplicates": [11],
           "null_captions": [13]}  # fmt: skip


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    return made.faulty(tmp_path_factory.mktemp("faulty") / "faulty.parquet")


@pytest.fixture
def client(app, tmp_path) -> Client:
    """A session of its own."""
    return Client(app.url, verbose=False, download_files=str(tmp_path))


def test_a_dataset_is_loaded_looked_at_and_analysed(client, faulty, tmp_path):
    rows, preview = client.predict(handle_file(faulty), api_name="/load_dataset")
    assert rows == 60
    texts = pq.read_table(faulty, columns=["text"])["text"].to_pylist()
    assert [(row["row"], row["caption"]) for row in preview] == list(enumerate(texts[:6]))
    assert (preview[0]["width"], preview[0]["height"], preview[0]["fault"]) == (180, 180, None)
    assert preview[5]["fault"] == "damaged"
    image, caption, index = client.predict(17, api_name="/random_logo")
    assert (caption, index) == (texts[17], 17)
    with Image.open(image) as picture:
        assert picture.size == (900, 600)
    assert client.predict(5, api_name="/random_logo") == (None, texts[5], 5)
    seen = {client.predict(api_name="/random_logo")[2] for _ in range(8)}
    assert len(seen) > 1 and all(0 <= number < 60 for number in seen)
    found = client.predict(api_name="/analyse")
    assert {name: found[f"{name}_rows"] for name in COUNTED} == COUNTED
    assert all(found[name] == 1 for name in COUNTED)
    target = tmp_path / "out.json"
    command = [sys.executable, "-m", "eda", str(faulty), "--json", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    written = json.loads(target.read_text())
    assert {**found, "files": None} == {**written, "files": None}


def test_a_session_without_a_dataset_is_told_what_to_do(client):
    for endpoint in ("/random_logo", "/analyse"):
        with pytest.raises(AppError, match=r"^No dataset is loaded yet; upload a parquet file, or load the example\.$"):
            client.predict(api_name=endpoint)


def test_sessions_do_not_share_datasets(app, client, faulty, tmp_path):
    other = Client(app.url, verbose=False, download_files=str(tmp_path))
    client.predict(handle_file(faulty), api_name="/load_dataset")
    with pytest.raises(AppError, match="No dataset is loaded"):
        other.predict(api_name="/random_logo")
    small = made.write(tmp_path / "one.parquet", [made.picture(1)], ["the only one"])
    other.predict(handle_file(small), api_name="/load_dataset")
    assert other.predict(api_name="/random_logo")[1:] == ("the only one", 0)
    assert client.predict(59, api_name="/random_logo")[2] == 59


@pytest.mark.parametrize("row", [60, -1, 2.5, 1e30])
def test_a_row_that_is_not_there_is_refused(client, faulty, row):
    client.predict(handle_file(faulty), api_name="/load_dataset")
    with pytest.raises(AppError) as caught:
        client.predict(row, api_name="/random_logo")
    assert re.fullmatch(r"(There is no row|The row has to be) [^\n]{10,160}\.", str(caught.value))


def test_a_file_that_is_no_dataset_is_refused_in_one_sentence(client, tmp_path):
    (tmp_path / "no.parquet").write_bytes(b"no")
    for endpoint, arguments in {
        "/load_dataset": ["FILE"],
        "/random_logo": [None, "FILE"],
        "/analyse": ["FILE"],
    }.items():
        given = [handle_file(tmp_path / "no.parquet") if argument else None for argument in arguments]
        with pytest.raises(AppError, match=r"^This is not a parquet file; [^\n]+\.$"):
            client.predict(*given, api_name=endpoint)


def test_plain_http_names_the_file_each_time(app, faulty):
    boundary = "boundary"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="faulty.parquet"\r\n\r\n'.encode()
        + faulty.read_bytes()
        + f"\r\n--{boundary}--\r\n".encode()
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    request = urllib.request.Request(f"{app.url}/gradio_api/upload", body, headers)
    with urllib.request.urlopen(request, timeout=60) as response:
        (path,) = json.load(response)
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    event, data = called(app, "load_dataset", {"file": file})
    assert (event, data[0]) == ("complete", 60)
    event, data = called(app, "random_logo", {"file": file, "row": 3})
    assert (event, data[2]) == ("complete", 3)
    event, data = called(app, "analyse", {"file": file})
    assert (event, data[0]["rows"]) == ("complete", 60)
    event, error = called(app, "analyse", {})
    assert event == "error" and "No dataset is loaded" in json.dumps(error)


def test_a_dataset_that_is_replaced_leaves_the_disk(app, client, faulty):
    cache = app.log.parent / "cache"
    before = len(list(cache.glob("dataset-*")))
    for _ in range(4):
        client.predict(handle_file(faulty), api_name="/load_dataset")
    deadline = time.monotonic() + 20
    while len(list(cache.glob("dataset-*"))) > before + 1 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert len(list(cache.glob("dataset-*"))) <= before + 1
