"""Models from and to the Hub, with the real client against a stand-in on this machine."""

import contextlib
import json
import os
import re
import shutil
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import huggingface_hub.constants
import pytest
import safetensors.torch
import torch
from conftest import launched, opened
from gradio_client import Client
from hub_stand_in import TOKEN, hub
from huggingface_hub import ModelCard

from logo_gan import __main__ as cli
from logo_gan.evaluation import model_card
from logo_gan.marks.memory import WEIGHTS
from logo_gan.model.baseline import BaselineGenerator
from logo_gan.model.checkpoint import ModelError, write_config, write_network
from logo_gan.model.hub import HubError, companions, fetch, push
from logo_gan.model.pipeline import DEFAULT_MODEL, LogoGAN
from logo_gan.web.i18n import in_language
from logo_gan.web.settings import Settings
from logo_gan.web.warmup import WarmUp

PROMPT = "orange rocket in a navy circle"
TINY = {"noise": 8}
BUNDLED = f"bundled ({DEFAULT_MODEL})"
DAY = 86_400.0
NOWHERE = "http://127.0.0.1:9"  # refuses every connection, as the Hub does on a machine without a network


def small(folder, seed: int, **config) -> None:
    """A small untrained model, written to `folder`."""
    torch.manual_seed(seed)
    folder.mkdir()
    config = {"name": "tiny", "architecture": "baseline", "generator": TINY, "text_encoder": "bundled", **config}
    write_config(folder, config)
    write_network(folder / "model.safetensors", BaselineGenerator(**TINY))


def svgs(gan) -> list[str]:
    return [logo.svg() for logo in gan.generate(PROMPT, seed=7)]


@contextlib.contextmanager
def environment(folder, endpoint: str, token: str = ""):
    """A cache and a Hub of their own, as this process and the child that asks the Hub see them."""
    with pytest.MonkeyPatch.context() as patch:
        for name, path in (("HF_HUB_CACHE", "hub"), ("HF_TOKEN_PATH", "token")):
            patch.setenv(name, str(folder / path))
            patch.setattr(huggingface_hub.constants, name, str(folder / path))
        patch.setenv("HF_TOKEN", token)
        patch.setenv("HF_ENDPOINT", endpoint)
        patch.setenv("HF_HUB_DISABLE_XET", "1")  # the stand-in takes large files by plain LFS
        patch.delenv("HF_HUB_OFFLINE", raising=False)
        yield folder / "hub"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with hub(tmp_path_factory.mktemp("pushed")) as running:
        yield running


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Two good models, and broken ones, by name."""
    root = tmp_path_factory.mktemp("models")
    for i in range(2):
        small(root / f"good{i}", i)
    for name in ("nan", "shapes", "pickle", "disguised", "large"):
        shutil.copytree(root / "good0", root / name)
    for name, values in (("nan", torch.full((3,), torch.nan)), ("shapes", torch.zeros(16))):
        weights = safetensors.torch.load_file(root / name / "model.safetensors")
        safetensors.torch.save_file({**weights, "body.6.bias": values}, root / name / "model.safetensors")
    (root / "pickle" / "model.safetensors").unlink()
    torch.save({}, root / "pickle" / "pytorch_model.bin")
    torch.save({}, root / "disguised" / "model.safetensors")
    with (root / "large" / "config.json").open("ab") as config:
        config.truncate(20_000_001)
    return root


# What goes wrong: each time the bundled model draws at once, and the sentence says why.

SLOW = ("hang", "drip", "truncated")  # what would never end: here it has three seconds
WHY = {
    **dict.fromkeys(SLOW, "the Hub was not done within 3 seconds"),
    "503": "the Hub answered with the status 503 (Service Unavailable)",
    "429": "the Hub answered with the status 429 (Too Many Requests)",
    "html": "what arrived as model.safetensors is not the file that the Hub lists",
    "portal": "what answers there is not the Hub",
    "gated": "it is gated, and this account has no access to it",
    "nothing": "the Hub has no such repository, or it is private",
    "large": "its config.json is larger than that of any model of this kind",
    "pickle": "it has no model.safetensors, and nothing else can be read",
    "disguised": "model.safetensors is not a readable safetensors file",
    "nan": "model.safetensors has values in 'body.6.bias' that are not finite",
    "shapes": "model.safetensors has 'body.6.bias' of shape [16], not [3]",
}


def when(said, seconds: float = 60.0):
    """What `said` answers as soon as that is true."""
    end = time.monotonic() + seconds
    while not (answer := said()):
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)
    return answer


def ten_seconds() -> float:
    """Ten seconds, or as many more as other work keeps this machine's cores busy."""
    return 10 * max(1.0, os.getloadavg()[0] / os.cpu_count())


@pytest.fixture(scope="module")
def outcomes(server, models, tmp_path_factory):
    """For each kind of trouble: seconds until the bundled model drew, and what was said in the end."""
    for name in WHY.keys() - {"nothing"}:
        broken = (models / name).is_dir()
        server.model(f"owner/{name}", models / (name if broken else "good0"), trouble=None if broken else name)
    LogoGAN.from_pretrained().generate(PROMPT)  # what the first one reads from the disk is not what is timed

    def outcome(name: str) -> tuple[float, str]:
        begun = time.monotonic()
        wanted = Settings(model=f"owner/{name}")
        warm = WarmUp(wanted, deadline=3 if name in SLOW else 60, pause=DAY).start()
        assert len(warm.model().generate(PROMPT)) == 4
        ready = time.monotonic() - begun
        when(lambda: "being fetched" not in warm.notice)
        assert warm.model().source == BUNDLED
        return ready, warm.notice

    with environment(tmp_path_factory.mktemp("cache"), server.url) as cache, ThreadPoolExecutor(4) as pool:
        found = dict(zip(WHY, pool.map(outcome, WHY), strict=True))
    return found, cache


@pytest.mark.parametrize("name", WHY)
def test_whatever_goes_wrong_the_bundled_model_draws_and_the_notice_says_why(outcomes, name):
    ready, notice = outcomes[0][name]
    assert notice == f"The model owner/{name} could not be loaded ({WHY[name]}), so the bundled one draws."
    assert in_language(notice, "ru").startswith(f"Модель owner/{name} не загрузилась (")
    assert name in ("large", "shapes") or WHY[name] not in in_language(notice, "ru")
    assert ready < ten_seconds()


def test_what_was_given_up_leaves_nothing_in_the_cache(outcomes):
    _, cache = outcomes
    left = [path.relative_to(cache).as_posix() for path in cache.rglob("*") if path.is_file()]
    assert not [path for path in left if path.endswith(".incomplete")]
    weights = [path.split("/")[0] for path in left if path.endswith("model.safetensors")]
    assert sorted(weights) == [f"models--owner--{name}" for name in ("disguised", "nan", "shapes")]


@pytest.mark.parametrize("endpoint", ["http://hub.invalid", NOWHERE])
def test_a_hub_that_cannot_be_reached_is_told_at_once(tmp_path, endpoint):
    begun = time.monotonic()
    with environment(tmp_path, endpoint):
        warm = WarmUp(Settings(model="owner/name"), pause=DAY).start()
        when(lambda: "being fetched" not in (warm.notice or "being fetched"))
    assert re.search(r" \(the Hub cannot be reached \([A-Z][\w ]+\)\), so the bundled one draws\.$", warm.notice)
    assert warm.model().source == BUNDLED and time.monotonic() - begun < ten_seconds()


def test_a_second_start_needs_no_hub(server, models, tmp_path):
    (commit,) = server.model("owner/again", models / "good0")
    for endpoint in (server.url, NOWHERE):
        with environment(tmp_path, endpoint):
            warm = WarmUp(Settings(model="owner/again"), pause=DAY).start()
            warm.model()
            when(lambda warm=warm: warm.notice is None)
        assert warm.model().source == f"owner/again at {commit[:12]} (Hugging Face Hub)"


def test_a_hub_that_comes_back_is_noticed(server, models, tmp_path):
    (commit,) = server.model("owner/late", models / "good0", trouble="503")
    with environment(tmp_path, server.url):
        warm = WarmUp(Settings(model="owner/late"), pause=0.2).start()
        when(lambda: "503" in (warm.notice or ""))
        server.repos["models", "owner/late"].trouble = None
        when(lambda: warm.notice is None)
        assert warm.model().source == f"owner/late at {commit[:12]} (Hugging Face Hub)"


# What is fetched is kept, its commit is known, and damage is mended.


def test_a_revision_is_pinned_and_its_commit_told(server, models, tmp_path):
    commits = server.model("owner/two", models / "good0", models / "good1")
    asked = {"v0": 0, commits[0]: 0, None: 1, "main": 1}
    told = {
        "v0": f"owner/two at v0, {commits[0][:12]}",
        commits[0]: f"owner/two at {commits[0][:12]}",
        None: f"owner/two at {commits[1][:12]}",
        "main": f"owner/two at main, {commits[1][:12]}",
    }
    drawn = [svgs(LogoGAN.from_pretrained(models / f"good{i}")) for i in range(2)]
    assert drawn[0] != drawn[1]
    for endpoint in (server.url, NOWHERE):  # then from the cache, with the Hub gone
        with environment(tmp_path, endpoint):
            for revision, i in asked.items():
                gan = LogoGAN.from_pretrained("owner/two", revision)
                assert (gan.source, gan.folder.name) == (f"{told[revision]} (Hugging Face Hub)", commits[i])
                assert svgs(gan) == drawn[i]
    with environment(tmp_path, server.url), pytest.raises(HubError, match=r"fetched: it has no such revision\.$"):
        LogoGAN.from_pretrained("owner/two", "v9")


def test_a_damaged_file_in_the_cache_is_fetched_anew_and_nothing_else_is(server, models, tmp_path):
    server.model("owner/mended", models / "good0")
    with environment(tmp_path, server.url):
        gan = LogoGAN.from_pretrained("owner/mended")
        weights = gan.folder / "model.safetensors"
        weights.write_text("<!doctype html><title>Sign in</title>")
        server.sent.clear()
        assert svgs(LogoGAN.from_pretrained("owner/mended")) == svgs(gan)
        assert [name for name, _ in server.sent] == ["model.safetensors"]
        weights.write_text("<!doctype html><title>Sign in</title>")
    why = (
        r"^The model 'owner/mended' cannot be used: in the local cache model\.safetensors is not a readable "
        r"safetensors file, and the Hub cannot be reached \(Connection refused\)\.$"
    )
    with environment(tmp_path, NOWHERE), pytest.raises(HubError, match=why):
        LogoGAN.from_pretrained("owner/mended")


def test_a_branch_that_was_mended_on_the_hub_is_asked_for_again(server, models, tmp_path):
    server.model("owner/moved", models / "nan")
    with environment(tmp_path, server.url):
        with pytest.raises(ModelError, match="not finite"):
            LogoGAN.from_pretrained("owner/moved")
        commits = server.model("owner/moved", models / "nan", models / "good1")
        assert LogoGAN.from_pretrained("owner/moved").folder.name == commits[1]


def test_offline_is_respected(tmp_path, monkeypatch):
    with environment(tmp_path, NOWHERE):
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        with pytest.raises(HubError, match=r"fetched: HF_HUB_OFFLINE forbids to ask the Hub\.$"):
            LogoGAN.from_pretrained("owner/name")


def test_a_cache_that_cannot_be_written_is_not_blamed_on_the_hub(server, models, tmp_path):
    server.model("owner/unkept", models / "good0")
    (tmp_path / "hub").write_text("a file where the cache should be")
    why = r"^The model 'owner/unkept' could not be fetched: its files cannot be kept on this machine \([\w ]+\)\.$"
    with environment(tmp_path, server.url), pytest.raises(HubError, match=why):
        LogoGAN.from_pretrained("owner/unkept")


@pytest.mark.parametrize("name", ["a/b--c", "a/b..c", "a/b."])
def test_names_that_no_repository_can_have_are_told_so(tmp_path, name):
    with environment(tmp_path, NOWHERE), pytest.raises(HubError, match=r"fetched: that is no name of a repository\.$"):
        LogoGAN.from_pretrained(name)


# The app itself.


def test_the_app_changes_over_to_the_hub_s_model_and_tells_its_commit(
    bundled_weights, browser, server, models, tmp_path
):
    shutil.copytree(models / "good0", tmp_path / "model")
    shutil.copy(bundled_weights / "progress.png", tmp_path / "model")
    (commit,) = server.model("owner/app", tmp_path / "model")
    (tmp_path / "temporary").mkdir()  # else the cache of the Hub's files would lie in it, where Gradio serves any file
    own = {"HF_HOME": str(tmp_path / "hf"), "HF_ENDPOINT": server.url, "TMPDIR": str(tmp_path / "temporary")}
    with launched(tmp_path, LOGO_GAN_MODEL="owner/app", LOGO_GAN_REVISION="v0", **own) as app:
        client = Client(app.url, verbose=False, download_files=str(tmp_path))
        when(lambda: client.predict(api_name="/model_info")["notice"] is None)
        info = client.predict(api_name="/model_info")
        source = f"owner/app at v0, {commit[:12]} (Hugging Face Hub)"
        assert (info["source"], info["revision"], info["name"]) == (source, commit, "tiny")
        drawn = client.predict(PROMPT, 7, api_name="/generate_svg")
        assert list(drawn) == svgs(LogoGAN.from_pretrained(models / "good0"))
        assert f"Changed over to {source}" in app.log.read_text()
        with opened(browser, app.url) as page:
            page.get_by_role("tab", name="Model").click()
            page.get_by_role("img", name="What owner/app").wait_for()
            assert source in page.locator("#model").inner_text() and commit in page.locator("#model").inner_text()


IN_THE_APP = {
    "refused": "the Hub cannot be reached (Connection refused)",
    "html": WHY["html"],
    "429": WHY["429"],
    "hang": "is being fetched; until then the bundled one draws.",
}


@pytest.fixture(scope="module")
def starts(bundled_weights, server, models, tmp_path_factory):
    """For each kind of trouble, of an app: seconds until it drew, what its endpoints said then and later, its log."""

    def start(name: str):
        folder = tmp_path_factory.mktemp(name)
        server.model(f"app/{name}", models / "good0", trouble=name)
        own = {"HF_HOME": str(folder / "hf"), "HF_ENDPOINT": NOWHERE if name == "refused" else server.url}
        begun = time.monotonic()
        with launched(folder, LOGO_GAN_MODEL=f"app/{name}", **own) as app:
            client = Client(app.url, verbose=False, download_files=str(folder))
            drawn = client.predict(PROMPT, 7, api_name="/generate")[0]
            ready = time.monotonic() - begun
            told = client.predict(api_name="/model_info")
            when(lambda: IN_THE_APP[name] in client.predict(api_name="/model_info")["notice"])
            return ready, drawn, told, app.log.read_text()

    with ThreadPoolExecutor(2) as pool:  # one a core
        return dict(zip(IN_THE_APP, pool.map(start, IN_THE_APP), strict=True))


@pytest.mark.parametrize("name", IN_THE_APP)
def test_the_app_is_ready_in_ten_seconds_whatever_the_hub_does(starts, name):
    ready, drawn, told, log = starts[name]
    assert len(drawn) == 4 and ready < ten_seconds()
    assert told["source"] == BUNDLED and f"app/{name}" in told["notice"]
    assert "Traceback" not in log


# Pushing.


def test_what_is_pushed_comes_back_and_draws_the_same(server, tmp_path, capfd):
    small(tmp_path / "own", 5, training={"data": "compose", "images": 640, "seconds": 60})
    measures = {"object": {"value": 0.51239, "interval": [0.4, 0.6], "n": 960, "extractor": "a | b", "floor": 0.01}}
    measures["fid"] = {"value": None, "note": "not measured here"}
    (tmp_path / "own" / "measures.json").write_text(json.dumps(measures))
    (tmp_path / "own" / "history.csv").write_text("images,loss_generator\n64,1.5\n")
    (tmp_path / "own" / "pytorch_model.bin").write_bytes(b"never sent")
    with environment(tmp_path, server.url, TOKEN):
        assert cli.main(["push", "--model", str(tmp_path / "own"), "--repo", "me/logos"]) == 0
        assert capfd.readouterr().out == f"{server.url}/me/logos\n"
        again = LogoGAN.from_pretrained("me/logos")
        files = {"config.json", "model.safetensors", "README.md", "measures.json", "history.csv"}
        assert {path.name for path in again.folder.iterdir()} == files
        assert svgs(again) == svgs(LogoGAN.from_pretrained(tmp_path / "own"))
        assert again.folder.name == server.repos["models", "me/logos"].refs["main"]
        card = ModelCard.load(again.folder / "README.md")
        told = card.data.to_dict()
        assert (told["license"], told["library_name"], told["pipeline_tag"]) == ("unknown", "logo_gan", "text-to-image")
        assert [(r.metric_type, r.metric_value) for r in card.data.eval_results] == [("object", 0.5124)]
        assert "`object`) | **0.512** | 0.4–0.6 | 960 | a \\| b | 0.01 |" in card.text
        assert "not measured here" in card.text and 'from_pretrained("me/logos")' in card.text
        # A card of one's own is sent as it is.
        (tmp_path / "own" / "README.md").write_text("---\nlicense: cc0-1.0\npipeline_tag: text-to-image\n---\nMine.\n")
        LogoGAN.from_pretrained(tmp_path / "own").push_to_hub("me/logos")
        pushed = server.repos["models", "me/logos"]
        assert (pushed.commits[pushed.refs["main"]] / "README.md").read_text().endswith("---\nMine.\n")


def test_a_memory_in_its_subfolder_is_sent_and_fetched_and_nothing_else_beside_it(server, models, tmp_path):
    own = shutil.copytree(models / "good0", tmp_path / "own")
    memory = ["memory/ATTRIBUTION.md", "memory/codec.safetensors", "memory/drawings-0.parquet"]
    for name in (*memory, "memory/deep/drawings-0.parquet", "memory/drawings.pkl", "other/concepts.parquet", "e.bin"):
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_bytes(name.encode())
    assert companions(own) == memory
    with environment(tmp_path, server.url, TOKEN):
        push(own, "me/memory")
        pushed = server.repos["models", "me/memory"]
        (pushed.commits[pushed.refs["main"]] / "memory" / "drawings.pkl").write_bytes(b"put there by a stranger")
        again = fetch("me/memory")
    assert companions(again) == memory
    found = {path.relative_to(again).as_posix() for path in again.rglob("*") if path.is_file()}
    assert found == {*memory, "config.json", "model.safetensors"}


def test_a_push_that_the_hub_does_not_take_ends_in_one_sentence(server, models, tmp_path):
    gan = LogoGAN.from_pretrained(models / "good0")
    with pytest.raises(ValueError, match=r"named OWNER/NAME, not 'name'\.$"):
        gan.push_to_hub("name")
    trouble = "^The model could not be pushed to 'me/refused': "
    for token, endpoint, why in (
        ("", server.url, r"no Hub token is set \(run `hf auth login`, or set HF_TOKEN\)"),
        ("hf_wrong", server.url, r"the Hub answered with the status 401 \(Unauthorized\)"),
        (TOKEN, NOWHERE, r"the Hub cannot be reached \(Connection refused\)"),
    ):
        with environment(tmp_path, endpoint, token), pytest.raises(HubError, match=rf"{trouble}{why}\.$"):
            gan.push_to_hub("me/refused")


def test_a_hub_that_hangs_is_given_up_while_pushing(models, tmp_path):
    """A server that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        why = r"^The model could not be pushed to 'me/silent': the Hub was not done within 2 seconds\.$"
        begun = time.monotonic()
        with environment(tmp_path, address, TOKEN), pytest.raises(HubError, match=why):
            push(models / "good0", "me/silent", deadline=2)
    assert time.monotonic() - begun < 10


# Cards.


@pytest.mark.parametrize("name", model_card.BUNDLED)
def test_the_bundled_cards_carry_what_was_measured_as_metadata(name):
    folder = WEIGHTS / name
    config = json.loads((folder / "config.json").read_text())
    expected = model_card.metadata(config, model_card.measures(folder), name)
    card = ModelCard.load(folder / "README.md")
    assert card.data.to_dict() == expected.to_dict()
    assert {result.metric_type for result in card.data.eval_results} >= {"frechet_distance"}
    assert expected.license == "mit" and expected.pipeline_tag == "text-to-image"


def test_links_of_a_bundled_card_lead_out_of_the_hub_s_repository(tmp_path):
    shutil.copy(WEIGHTS / DEFAULT_MODEL / "README.md", tmp_path)
    assert "](../../" in (tmp_path / "README.md").read_text()
    model_card.prepare(tmp_path, "me/copy", {})
    text = (tmp_path / "README.md").read_text()
    assert "](../../" not in text and "/blob/main/benchmarks/generators.md)" in text


def test_a_card_names_the_data_and_claims_no_licence_for_what_others_own(tmp_path):
    commit = "0123456789abcdef" * 2 + "01234567"
    data = f"compose, 0.1 real: someone/logos@{commit} train (7 logos)"
    config = {"architecture": "baseline", "training": {"data": data}}
    card = ModelCard(model_card.card(tmp_path, "me/mixed", config))
    assert card.data.to_dict() == {
        "license": "unknown",
        "library_name": "logo_gan",
        "pipeline_tag": "text-to-image",
        "language": ["en"],
        "tags": ["logo", "gan", "text-to-image"],
        "datasets": ["someone/logos"],
    }
    assert "Not measured" in card.text and "progress.png" not in card.text
