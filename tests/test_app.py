"""The app as its users meet it: the Python client, plain HTTP, and a start that goes wrong."""

import io
import json
import re
import shutil
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
import zipfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import resvg_py
from conftest import launched
from gradio_client import Client
from gradio_client.exceptions import AppError, ValidationError
from PIL import Image

from logo_gan.logo.raster import coverage
from logo_gan.marks.outline import EXTENT

PROMPT = "orange rocket in a navy circle"
MAX_SEED = 2**32 - 1


@pytest.fixture(scope="module")
def client(app, tmp_path_factory) -> Client:
    return Client(app.url, verbose=False, download_files=str(tmp_path_factory.mktemp("downloads")))


def pixels(path: str) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def test_the_named_endpoints_are_these_and_no_other_is_public(client):
    api = client.view_api(return_format="dict", print_info=False)
    assert api["unnamed_endpoints"] == {}
    parameters = {
        name: [(each["parameter_name"], each["parameter_has_default"]) for each in endpoint["parameters"]]
        for name, endpoint in api["named_endpoints"].items()
    }
    assert parameters == {
        "/generate": [("prompt", False), ("seed", True), ("invention", True)],
        "/generate_svg": [("prompt", False), ("seed", True), ("invention", True)],
        "/more_like_this": [("logo", False), ("n", True)],
        "/mix": [("first", False), ("second", False), ("steps", True)],
        "/export": [
            ("logo", False),
            ("kind", True),
            ("size", True),
            ("ground", True),
            ("colours", True),
            ("name", True),
            ("font", True),
            ("layout", True),
            ("slogan", True),
        ],
        "/kit": [("logo", False), ("colours", True), ("name", True), ("font", True), ("slogan", True)],
        "/brief": [("prompt", False)],
        "/model_info": [],
        "/load_dataset": [("file", False)],
        "/random_logo": [("row", True), ("file", True)],
        "/analyse": [("file", True)],
    }


def test_generate_answers_with_four_different_pictures_and_the_seed(client):
    pictures, seed = client.predict(PROMPT, 7, api_name="/generate")
    assert seed == 7
    for i, picture in enumerate(pictures):
        assert re.fullmatch(rf"Proposal {i + 1}, from “[^”]+” \([^)]+\): {PROMPT}", picture["caption"])
    images = [pixels(picture["image"]) for picture in pictures]
    assert [image.shape for image in images] == [(1024, 1024, 3)] * 4
    assert all((images[i] != images[j]).any() for i in range(4) for j in range(i))


def test_a_random_seed_is_told_and_gives_the_same_logos_again(client):
    first, seed = client.predict(PROMPT, api_name="/generate")
    _, other = client.predict(PROMPT, api_name="/generate")
    again, same = client.predict(f"  {PROMPT}\n", seed, api_name="/generate")
    assert 0 <= seed <= MAX_SEED
    assert seed == same != other
    for one, two in zip(first, again, strict=True):
        assert (pixels(one["image"]) == pixels(two["image"])).all()


def test_generate_svg_answers_with_four_documents(client):
    documents = client.predict(PROMPT, 7, api_name="/generate_svg")
    assert len(documents) == len(set(documents)) == 4
    for document in documents:
        root = ET.fromstring(document)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert root.find("{http://www.w3.org/2000/svg}title").text == PROMPT
    assert documents == client.predict(PROMPT, 7.0, api_name="/generate_svg")


def drawn(document: str) -> np.ndarray:
    """What the mark of an SVG covers, (64, 64) in [0, 1], in the frame of remembered drawings."""
    root = ET.fromstring(document)
    mark = next(each for each in root.iter() if each.get("id") == "mark")
    for other in [each for each in root if each is not mark]:
        root.remove(other)
    mark.set("fill", "#000000")
    picture = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=ET.tostring(root, encoding="unicode")))))
    covered = picture.getchannel("A")
    left, top, right, bottom = covered.getbbox()
    side = round(max(right - left, bottom - top) / EXTENT)
    framed = Image.new("L", (side, side))
    framed.paste(covered, ((side - left - right) // 2, (side - top - bottom) // 2))
    return np.asarray(framed.resize((64, 64), Image.Resampling.BOX), float) / 255


@pytest.mark.parametrize(
    ("prompt", "things"),
    [
        ("wolf howling at the moon", "wolf,wolf head,wolf howl"),
        ("hops, craft brewery", "hops"),
        ("octopus", "octopus"),
        ("law firm", "justice scale,gavel"),
        ("smiling tooth, mint green", "tooth"),
    ],
)
def test_what_is_asked_for_is_drawn(client, memory, prompt, things):
    """Three of four marks overlap with some remembered drawing of the thing as drawings of one thing do."""
    rows = np.concatenate([memory.drawings(memory.exact(thing)) for thing in things.split(",")])
    remembered = np.stack([coverage(memory.outline(row), 64) for row in rows])
    remembered = np.concatenate([remembered, remembered[:, :, ::-1]])
    found = []
    for document in client.predict(prompt, 5, api_name="/generate_svg"):
        cells = drawn(document)
        found.append((np.minimum(cells, remembered).sum((1, 2)) / np.maximum(cells, remembered).sum((1, 2))).max())
    assert sorted(found)[1] > 0.6, found


ROCKET = "prompt=orange+rocket+in+a+navy+circle&seed=7&logo=2"
FISH = "prompt=blue+fish+logo&seed=9&logo=1"


def test_more_like_this_answers_with_logos_and_their_addresses(client):
    near = client.predict(ROCKET, api_name="/more_like_this")
    assert [logo["address"] for logo in near] == [f"{ROCKET}&like={i}" for i in (1, 2, 3, 4)]
    assert len({logo["svg"] for logo in near}) == 4
    assert client.predict(near[2]["address"], 1, api_name="/more_like_this")[0]["address"] == f"{ROCKET}&like=3.1"


def test_mix_answers_with_the_way_from_one_logo_to_another(client):
    way = client.predict(ROCKET, FISH, 3, api_name="/mix")
    assert [way[0]["address"], way[-1]["address"]] == [ROCKET, FISH]
    assert [logo["address"].rpartition("step=")[2] for logo in way[1:-1]] == ["1of3", "2of3", "3of3"]
    assert way[0]["svg"] == client.predict(PROMPT, 7, api_name="/generate_svg")[1]


def test_export_answers_with_a_finished_file(client):
    path = client.predict(ROCKET, api_name="/export")
    with Image.open(path) as image:
        assert (Path(path).name, image.format, image.size) == (
            "orange-rocket-in-a-navy-circle-7-2.png", "PNG", (1024, 1024),
        )  # fmt: skip
    path = client.predict(ROCKET, "png", 300, "transparent", name="Aurora", layout="below", api_name="/export")
    with Image.open(path) as image:
        assert (image.mode, min(image.size)) == ("RGBA", 300)
    path = client.predict(
        ROCKET,
        "svg",
        ground="white",
        colours="ground=#fffbeb, container=#102a43 mark=#f0b429",
        name="Аврора",
        font="oswald",
        api_name="/export",
    )
    groups = {group.get("id"): group.get("fill") for group in ET.parse(path).getroot()[1:]}
    assert {key: groups[key] for key in ("ground", "container", "mark")} == {
        "ground": "#ffffff", "container": "#102a43", "mark": "#f0b429",
    }  # fmt: skip
    assert "name" in groups


def test_export_writes_pdf_and_kit_an_archive_with_all_files(client):
    path = client.predict(ROCKET, "pdf", name="Aurora", api_name="/export")
    assert Path(path).name == "aurora-7-2.pdf" and Path(path).read_bytes().startswith(b"%PDF-")
    path = client.predict(ROCKET, "mark=#123456", "Aurora", slogan="up and away", api_name="/kit")
    assert Path(path).name.endswith("-kit.zip")
    with zipfile.ZipFile(path) as archive:
        assert b"#123456" in archive.read("mark/mark-colour.svg")
        assert b'id="slogan"' in archive.read("below/below-black.svg")


def test_brief_tells_what_is_read_in_a_prompt(client):
    told = client.predict("logo for Aurora, #ff8800 rocket in a navy circle, quibbledock", api_name="/brief")
    assert list(told) == [
        "things", "colours", "container", "letters", "count", "brand", "slogan", "trade", "style", "avoid",
        "not_understood",
    ]  # fmt: skip
    assert (told["things"], told["container"], told["brand"]) == (["rocket"], "circle", "Aurora")
    assert (told["colours"]["mark"], told["not_understood"]) == ("#ff8800", ["quibbledock"])


def test_the_dial_changes_the_drawings_and_is_kept_in_their_addresses(client):
    familiar, inventive = (client.predict("fox", 7, dial, api_name="/generate_svg") for dial in (0, 1))
    assert familiar != inventive
    address = "prompt=fox&seed=7&logo=1&invention="
    for dial, documents in ((0, familiar), (100, inventive)):
        path = client.predict(f"{address}{dial}", "svg", api_name="/export")
        assert Path(path).read_text("utf-8") == documents[0]


@pytest.mark.parametrize(
    ("endpoint", "arguments"),
    [
        ("/more_like_this", ("a=1",)),
        ("/more_like_this", (ROCKET, 99)),
        ("/more_like_this", ("prompt=!!!&seed=1&logo=1",)),
        ("/mix", (ROCKET, "")),
        ("/mix", (ROCKET, FISH, 0)),
        ("/export", (ROCKET, "gif")),
        ("/export", (ROCKET, "png", 9999)),
        ("/export", (ROCKET, "png", 512.5)),
        ("/export", (ROCKET, "png", 512, "black")),
        ("/export", (ROCKET, "png", 512, "drawn", "red")),
        ("/export", (ROCKET, "png", 512, "drawn", "mark=red")),
        ("/export", (ROCKET, "png", 512, "drawn", "self=#ffffff")),
        ("/generate", ("cat", 1, 1.5)),
        ("/generate_svg", ("cat", 1, -0.1)),
        ("/export", (ROCKET, "png", 512, "drawn", "", "Aurora", "comic")),
        ("/export", (ROCKET, "png", 512, "drawn", "", "Aurora", "oswald", "above")),
        ("/export", (ROCKET, "png", 512, "drawn", "", "猫")),
        ("/brief", ("",)),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_sentence(client, endpoint, arguments):
    with pytest.raises(AppError) as caught:
        client.predict(*arguments, api_name=endpoint)
    assert re.fullmatch(r"[A-Z][^\n]{10,160}\.", str(caught.value))


def test_model_info_tells_which_weights_are_in_use(client, bundled_weights):
    info = client.predict(api_name="/model_info")
    assert info["name"] == "warp"
    assert info["memory"]["drawings"] > 25_000 and info["memory"]["sets"] > 50
    assert "bundled" in info["source"]
    assert info["parameters"] > 100_000
    assert info["training"]
    assert info["notice"] is None
    history = (bundled_weights / "history.csv").read_text().splitlines()
    assert info["last_history_row"]["images"] == float(history[-1].split(",")[0])
    measured = bundled_weights / "measures.json"
    assert set(info["measures"]) == set(json.loads(measured.read_text()) if measured.is_file() else ())


def test_model_info_tells_what_is_measured_of_a_model_in_a_folder(bundled_weights, tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    for name in ("config.json", "model.safetensors"):
        shutil.copy(bundled_weights / name, folder)
    (folder / "history.csv").write_text("images,epoch,loss_generator,object\n64,0.1,nan,\n128,0.2,1.5,0.25\n")
    entry = {"value": 0.5, "interval": [0.4, 0.6], "n": 960, "floor": 0.003, "goal": 0.9}
    measures = {"object": entry, "fid": {"value": None, "note": "not measured here: no weights"}}
    (folder / "measures.json").write_text(json.dumps(measures))
    with launched(tmp_path, LOGO_GAN_MODEL=str(folder)) as app:
        info = Client(app.url, verbose=False, download_files=str(tmp_path)).predict(api_name="/model_info")
        assert info["source"] == str(folder)
        assert info["measures"] == {
            "object": {"value": 0.5, "interval": [0.4, 0.6], "n": 960},
            "fid": {"value": None, "interval": None, "n": None},
        }
        assert info["last_history_row"] == {"images": 128, "epoch": 0.2, "loss_generator": 1.5, "object": 0.25}
        (folder / "measures.json").write_text("{")
        (folder / "history.csv").write_text("images\nmany\n")
        event, (info,) = called(app, "model_info", {})
        assert (event, info["measures"], info["last_history_row"]) == ("complete", {}, None)


def test_every_endpoint_says_what_it_does(client):
    with urllib.request.urlopen(f"{client.src.rstrip('/')}/gradio_api/info", timeout=60) as response:
        endpoints = json.load(response)["named_endpoints"]
    assert all(len(endpoint["description"]) > 40 for endpoint in endpoints.values())
    told = endpoints["/model_info"]["description"]
    assert all(f"`{key}`" in told for key in client.predict(api_name="/model_info"))


REFUSED = {
    "empty": ("", 1),
    "null": (None, 1),
    "space": (" \n\t", 1),
    "wordless": ("!? ---", 1),
    "too long": ("logo " * 101, 1),
    "seed not whole": ("cat", 1.5),
    "seed negative": ("cat", -1),
    "seed too large": ("cat", MAX_SEED + 1),
    "seed a word": ("cat", "seven"),
    "seed a boolean": ("cat", True),
    "seed a list": ("cat", [1]),
}


@pytest.mark.parametrize("endpoint", ["/generate", "/generate_svg"])
@pytest.mark.parametrize("arguments", REFUSED.values(), ids=REFUSED)
def test_bad_input_is_refused_in_one_sentence(client, arguments, endpoint):
    with pytest.raises(AppError) as caught:
        client.predict(*arguments, api_name=endpoint)
    assert re.fullmatch(r"The (prompt|seed) [^\n]{10,120}\.", str(caught.value))


def test_a_prompt_of_30_mb_is_refused_before_it_waits_in_the_queue(client):
    with pytest.raises(ValidationError, match=r"The request is too large: at most 256 kB are allowed\.$"):
        client.predict("a" * 30_000_000, 1, api_name="/generate")


@pytest.mark.parametrize("seed", [0, MAX_SEED])
def test_the_smallest_and_the_largest_seed_work(client, seed):
    assert client.predict("cat", seed, api_name="/generate")[1] == seed


def post(url: str, body: dict) -> dict:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


def called(app, name: str, body: dict) -> tuple[str, object]:
    """(event, data) of an endpoint over plain HTTP, as the README says."""
    event_id = post(f"{app.url}/gradio_api/call/v2/{name}", body)["event_id"]
    with urllib.request.urlopen(f"{app.url}/gradio_api/call/{name}/{event_id}", timeout=60) as stream:
        lines = stream.read().decode().splitlines()
    events = [
        (event.removeprefix("event: "), data.removeprefix("data: "))
        for event, data in pairwise(lines)
        if event.startswith("event: ")
    ]
    name, data = events[-1]
    return name, json.loads(data)


def test_plain_http_generates(app):
    event, (pictures, seed) = called(app, "generate", {"prompt": PROMPT, "seed": 7})
    assert (event, seed, len(pictures)) == ("complete", 7, 4)
    with urllib.request.urlopen(pictures[0]["image"]["url"], timeout=60) as response:
        assert response.headers["Content-Type"] == "image/png"
        with Image.open(response) as image:
            assert image.size == (1024, 1024)


STRANGE = {
    "NUL": "cat\x00dog",
    "lone surrogate": "cat \ud800",
    "right to left": "\u202eкот на синем фоне",
    "emoji": "cat \N{ROCKET}",
    "markup": "<script>alert(1)</script>",
    "Japanese": "猫のロゴ",
}


@pytest.mark.parametrize("prompt", STRANGE.values(), ids=STRANGE)
def test_a_strange_but_readable_prompt_is_drawn(app, prompt):
    event, (pictures, _) = called(app, "generate", {"prompt": prompt, "seed": 1})
    assert (event, len(pictures)) == ("complete", 4)


def test_plain_http_gives_svg_texts(app):
    event, (documents,) = called(app, "generate_svg", {"prompt": PROMPT, "seed": 7})
    assert event == "complete"
    assert [document[:4] for document in documents] == ["<svg"] * 4


def test_plain_http_refuses_in_one_sentence(app):
    event, error = called(app, "generate", {"prompt": "", "seed": 7})
    assert event == "error"
    assert "The prompt is empty" in json.dumps(error)


@pytest.mark.parametrize("path", ["/gradio_api/run/generate", "/gradio_api/api/generate"])
def test_the_queue_cannot_be_bypassed(app, path):
    with pytest.raises(urllib.error.HTTPError) as caught:
        post(f"{app.url}{path}", {"data": [PROMPT, 7]})
    assert 400 <= caught.value.code < 500


def test_nobody_reads_how_the_app_is_used(app):
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{app.url}/monitoring/summary", timeout=30)


def test_the_log_says_once_that_it_works_offline_and_never_holds_a_prompt(app, client):
    client.predict("a very private kangaroo", 1, api_name="/generate")
    log = app.log.read_text()
    assert log.count("works offline") == 1
    assert "kangaroo" not in log
    assert "Traceback" not in log


def test_a_damaged_model_leaves_the_bundled_one_in_use_and_says_so(bundled_weights, tmp_path):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_text("{}")
    with launched(tmp_path, LOGO_GAN_MODEL=str(tmp_path / "broken")) as app:
        client = Client(app.url, verbose=False, download_files=str(tmp_path))
        info = client.predict(api_name="/model_info")
        assert "bundled" in info["source"]
        why = "config.json is not the configuration of a LogoGAN model of format 1"
        assert info["notice"] == f"The model broken could not be loaded ({why}), so the bundled one draws."
        assert len(client.predict(PROMPT, 7, api_name="/generate")[0]) == 4


def test_pictures_lie_in_the_cache_that_is_emptied(app, client):
    pictures, _ = client.predict(PROMPT, 7, api_name="/generate")
    name = Path(pictures[0]["image"]).name
    assert name == "orange-rocket-in-a-navy-circle-7-1.png"
    assert list((app.log.parent / "cache").glob(f"logo-gan-*/*/{name}"))
