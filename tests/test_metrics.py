"""The measures tell good generators from bad ones, and their judges are what their weights' folder says."""

import json
import random
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
import torch
from conftest import ROOT
from PIL import Image, ImageDraw

from logo_gan import captions, colours, compose, distribution, history, judges, metrics
from logo_gan.logo import Logo
from logo_gan.marks import VOCABULARY, bank
from logo_gan.model_files import ModelError
from logo_gan.pipeline import LogoGAN
from logo_gan.recipe import CONTAINERS, redraw

N = 60


class Composer:
    """A generator that draws by the composer: what is asked for, or, `deaf`, something else; `stuck` has one idea."""

    def __init__(self, asked: list[metrics.Request], deaf: bool = False, stuck: bool = False):
        told = [*asked[1:], asked[0]] if deaf else asked
        self.recipes = {request.prompt: other.recipe() for request, other in zip(asked, told, strict=True)}
        self.stuck = stuck

    def generate(self, prompt: str, n: int, seed: int) -> list[Logo]:
        drawn = []
        for i in range(n):
            rng = random.Random(f"{seed} {0 if self.stuck else i}")
            drawn.append(redraw(self.recipes[prompt], rng, bank()))
        logos = compose.layers(drawn)
        return [Logo(f.numpy(), p.numpy(), prompt) for f, p in zip(logos.fields, logos.palette, strict=True)]


@pytest.fixture(scope="module")
def asked() -> list[metrics.Request]:
    return metrics.requests(N)


@pytest.fixture(scope="module")
def good(asked) -> dict:
    return metrics.follow(Composer(asked), n=N)


def test_logos_that_show_what_is_asked_for_reach_the_ceiling(good):
    assert set(good) == {*metrics.MEASURES, "diversity"}
    for name, entry in good.items():
        assert entry["ceiling"] > 0.9, name
        assert abs(entry["value"] - entry["ceiling"]) < 0.06, name
        assert entry["interval"][0] <= entry["value"] <= entry["interval"][1] + 1e-9, name
        assert entry["floor"] < 0.3 and entry["extractor"] and entry["n"] >= 4 * N // 5, name


def test_a_generator_that_does_not_listen_stays_at_the_floor(asked, good):
    deaf = metrics.follow(Composer(asked, deaf=True), n=N)
    for name in metrics.MEASURES:
        assert deaf[name]["value"] < good[name]["floor"] + 0.2, name
        assert deaf[name]["value"] < good[name]["value"] / 2, name
    assert deaf["object"]["value"] < 0.02
    assert deaf["diversity"]["value"] > 0.8  # it is deaf, not dull


def test_four_equal_logos_have_no_diversity(asked):
    stuck = metrics.follow(Composer(asked, stuck=True), n=N)
    assert stuck["diversity"]["value"] == 0
    assert stuck["object"]["value"] > 0.9  # ... and are right all the same


def test_an_evaluation_can_be_repeated_and_written_down(asked, good):
    again = metrics.follow(Composer(asked), n=N)
    assert again == good
    assert json.loads(json.dumps(again))["object"]["value"] == good["object"]["value"]


def test_what_is_seen_does_not_depend_on_the_batch(asked, monkeypatch):
    images = metrics.compose(asked[:12])
    whole = metrics.look(images)
    assert [metrics.look(images[k : k + 1])[0] for k in range(12)] == whole
    monkeypatch.setattr(judges, "CHUNK", 7)
    assert metrics.look(images) == whole


def test_the_prompts_are_nobody_elses():
    prompts = {request.prompt for request in metrics.requests(1000)}
    assert len(prompts) > 950
    for held_out in (False, True):
        assert not prompts & {recipe.caption for recipe in compose.recipes(1, 0, 3000, held_out)}


def test_the_first_requests_are_the_same_for_any_number():
    assert metrics.requests(300)[:40] == metrics.requests(40)
    assert metrics.requests(40, seed=1) != metrics.requests(40, seed=2)


def test_the_requests_cover_the_vocabulary():
    made = metrics.requests(len(metrics.KINDS) * len(VOCABULARY["objects"]))
    assert {r.mark for r in made if r.kind == "colour"} == set(VOCABULARY["objects"])
    assert {r.container for r in made} - {None} == set(CONTAINERS)
    assert {r.colour for r in made} - {None} == set(colours.BASIC)
    for r in made:
        assert (r.colour is None) or r.colour in r.prompt
        if r.kind == "binding":
            assert colours.readable(colours.BASIC[r.colour], colours.BASIC[r.container_colour])
        if r.kind == "synonym":
            own, taught = captions.synonyms()[r.mark]["held_out"], captions.synonyms()[r.mark]["train"]
            words = r.prompt.replace(",", " ").replace("?", " ")
            assert any(word in words for word in own), r
            assert not {r.mark, *taught} & set(words.split()), r


def test_a_redrawn_recipe_keeps_what_its_caption_names():
    forms = Counter()
    for i, recipe in enumerate(compose.recipes(5, 0, 1500)):
        again = redraw(recipe, random.Random(i), bank())
        spoken = [r.container_colour if r.layout == "negative" else r.mark_colour for r in (recipe, again)]
        assert (again.mark, again.caption) == (recipe.mark, recipe.caption)
        assert again.container == recipe.container or not recipe.named["container"]
        assert spoken[0] == spoken[1] or not recipe.named["mark_colour"]
        assert again.container_colour == recipe.container_colour or not recipe.named["container_colour"]
        assert again.layout == recipe.layout or not recipe.named["layout"]
        forms[again.form != recipe.form] += 1
    assert forms[True] > 300  # and the rest is drawn anew


def picture(ground: str, *shapes: tuple[str, str, tuple[int, int, int, int]]) -> np.ndarray:
    """A hand-drawn picture of 64 × 64 pixels with soft edges: (shape, colour, box) from the bottom up."""
    image = Image.new("RGB", (256, 256), ground)
    for shape, colour, box in shapes:
        getattr(ImageDraw.Draw(image), shape)([4 * v for v in box], fill=colour)
    return np.asarray(image.resize((64, 64), Image.Resampling.BOX))


DISC = (4, 4, 60, 60)
BASIC = colours.BASIC


@pytest.mark.parametrize(
    ("drawn", "dominant", "container", "mark"),
    [
        (picture("#ffffff", ("ellipse", BASIC["navy"], DISC), ("rectangle", BASIC["orange"], (24, 20, 40, 44))),
         "navy", "navy", "orange"),
        # The mark is cut out: it has the ground's colour, and is no background all the same.
        (picture("#ffffff", ("ellipse", BASIC["green"], DISC), ("rectangle", "#ffffff", (24, 20, 40, 44))),
         "green", "green", "white"),
        # A ring: what shows inside it is the ground, not the mark.
        (picture("#ffffff", ("ellipse", BASIC["red"], DISC), ("ellipse", "#ffffff", (8, 8, 56, 56)),
                 ("rectangle", BASIC["teal"], (26, 26, 38, 38))), "red", "red", "teal"),
        (picture(BASIC["navy"], ("ellipse", BASIC["yellow"], (20, 20, 44, 44))), "yellow", "yellow", None),
        (picture("#f7f3ea"), None, None, None),
    ],
)  # fmt: skip
def test_colours_are_read_off_the_pixels(drawn, dominant, container, mark):
    (seen,) = judges.colours_of(drawn[None])
    assert seen == judges.Seen(*((name,) if name else () for name in (dominant, container, mark)))


def test_two_tones_of_a_colour_are_one_colour():
    shade = colours.shade(BASIC["navy"], True)
    half = picture("#ffffff", ("rectangle", BASIC["navy"], (8, 8, 56, 56)), ("rectangle", shade, (8, 8, 30, 56)))
    (seen,) = judges.colours_of(half[None])
    assert "navy" in seen.dominant and seen.mark == ()


def test_every_basic_colour_is_told_from_every_other():
    for name, value in BASIC.items():
        ground = "#ffffff" if name != "white" else "#111111"
        (seen,) = judges.colours_of(picture(ground, ("ellipse", value, (14, 14, 50, 50)))[None])
        assert seen.dominant == (name,)


@pytest.mark.parametrize("held_out", [False, True])
def test_the_shipped_judge_is_as_good_as_it_says(held_out):
    config = json.loads((judges.FOLDER / "config.json").read_text())
    claimed = config["training"]["accuracy_held_out_forms" if held_out else "accuracy_taught_forms"]
    for head, value in judges.accuracy(judges.load(), 77, 512, held_out).items():
        assert claimed[head] > 0.97
        assert value > claimed[head] - 0.03


def test_the_judge_knows_every_mark_and_fits_its_place():
    judge = judges.load()
    assert judge.marks == judges.mark_names() and len(set(judge.marks)) == len(judge.marks)
    assert judge.containers == ["none", *CONTAINERS]
    assert sum(f.stat().st_size for f in (ROOT / "weights" / "judge").iterdir()) < 3_000_000


def test_the_judge_does_not_mind_which_colours_a_logo_has():
    recipe = metrics.Request("binding", "", "anchor", "white", "hexagon", "navy").recipe()
    for first, second in (("white", "navy"), ("black", "yellow"), ("yellow", "purple"), ("brown", "pink")):
        recipe.mark_colour, recipe.container_colour = (first, BASIC[first]), (second, BASIC[second])
        drawn = [redraw(recipe, random.Random(i), bank()) for i in range(8)]
        marks, containers = judges.load().name(compose.layers(drawn).images(64))
        assert set(marks) == {"anchor"} and set(containers) == {"hexagon"}


def test_a_judge_can_be_rebuilt(tmp_path):
    config = judges.train(tmp_path, images=512, tests=128)
    assert config["training"]["images"] == 512
    judge = judges.load(tmp_path)
    marks, _ = judge.name(torch.rand(3, 3, 64, 64))
    assert len(marks) == 3
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    judges.load.cache_clear()
    with pytest.raises(ModelError, match="damaged"):
        judges.load(tmp_path)


@pytest.fixture(scope="module")
def gan(bundled_weights) -> LogoGAN:
    return LogoGAN.from_pretrained(bundled_weights)


@pytest.mark.parametrize(
    ("n", "data", "said"),
    [(4, None, "At least 5 prompts"), (20, "no-such-file.parquet", "no-such-file"), (20, "few", "at least 200")],
)
def test_what_cannot_be_measured_is_said_in_one_sentence(gan, tmp_path, n, data, said):
    if data == "few":
        data = str(tmp_path / "few.parquet")
        compose.write(data, 20)
    with pytest.raises(ValueError, match=said) as caught:
        metrics.evaluate(gan, data=data, n=n)
    assert "\n" not in str(caught.value)


def test_chance_takes_a_sample_and_stays_right(asked):
    """Linear in the requests, and near what all pairs give."""
    shown = metrics.look(metrics.compose(asked))
    for measure in metrics.MEASURES.values():
        pairs = [(r, row[0]) for r, row in zip(asked, shown, strict=True) if r.kind in measure.kinds]
        every = np.mean([measure.right(a[0], b[1]) for i, a in enumerate(pairs) for j, b in enumerate(pairs) if i != j])
        assert metrics.chance(measure, asked, shown) == pytest.approx(every, abs=0.05)


def test_quick_measures_what_a_history_holds(gan, monkeypatch):
    """From the drawing alone, and a good generator's figures are better than a deaf one's."""

    def composed(prompts: list[str], seed: int) -> np.ndarray:
        made = metrics.requests(len(prompts), seed)
        assert prompts == [request.prompt for request in made]
        return metrics.compose(made, seed=seed + 1)

    best = metrics.quick(composed, n=10)
    noisy = metrics.quick(
        lambda p, s: np.random.default_rng(s).integers(0, 256, (len(p), 4, 64, 64, 3), np.uint8), n=10
    )
    dull = metrics.quick(lambda p, s: np.repeat(composed(p, s)[:1, :1], len(p), 0).repeat(4, 1), n=10)
    assert set(best) == set(history.MEASURES)
    assert all(isinstance(value, float) for value in best.values())
    for name in (*metrics.MEASURES, "diversity"):
        assert best[name] > 0.85, name
    for bad in (noisy, dull):
        assert bad["frechet_distance"] > 10 * best["frechet_distance"]
        assert bad["kernel_distance"] > 10 * abs(best["kernel_distance"])
        assert bad["coverage"] < best["coverage"] / 5 and bad["recall"] < best["recall"] / 2
    assert dull["precision"] == 1 and dull["diversity"] == 0 and dull["object"] < 0.1
    with pytest.raises(ValueError, match="uint8"):
        metrics.quick(lambda p, s: np.zeros((len(p), 64, 64, 3), np.uint8), n=10)


def test_quick_on_the_bundled_model(gan):
    """Drawn as a training run draws: a batch of latents, no spaCy, no choice among candidates."""

    def drawing(prompts: list[str], seed: int) -> np.ndarray:
        images = distribution.draw(gan, [prompt for prompt in prompts for _ in range(4)], seed)
        return images.unflatten(0, (-1, 4)).permute(0, 1, 3, 4, 2).numpy()

    found = metrics.quick(drawing)
    assert set(found) == set(history.MEASURES) and np.isfinite(list(found.values())).all()
    assert found["colour"] > 0.7 and found["container"] > 0.7 and 0.5 < found["diversity"] < 1.5
    assert 0 < found["frechet_distance"] < 40


def test_measuring_needs_no_spacy():
    """Training runs on a bare machine, and is measured there."""
    code = (
        "import sys, logo_gan.metrics; bare = {'spacy', 'gradio', 'pandas', 'loguru', 'datasets', 'torchmetrics', "
        "'accelerate', 'huggingface_hub', 'torch_fidelity'}; print(*bare & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr


def test_wilson_against_values_worked_out_by_hand():
    low, high = metrics.wilson(0.5, 100)
    assert (round(low, 4), round(high, 4)) == (0.4038, 0.5962)
    low, high = metrics.wilson(0.0, 10)
    assert low == pytest.approx(0, abs=1e-12) and round(high, 4) == 0.2775
