"""The measures tell good generators from bad ones, and their judges are what their weights' folder says."""

import json
import random
from collections import Counter

import numpy as np
import pytest
import torch
from conftest import ROOT
from PIL import Image, ImageDraw

from logo_gan import captions, colours, compose, judges, metrics
from logo_gan.logo import Logo
from logo_gan.marks import VOCABULARY, bank
from logo_gan.pipeline import ModelError

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
            drawn.append(captions.redraw(self.recipes[prompt], rng, bank()))
        logos = compose.layers(drawn)
        return [Logo(f.numpy(), p.numpy(), prompt) for f, p in zip(logos.fields, logos.palette, strict=True)]


@pytest.fixture(scope="module")
def asked() -> list[metrics.Request]:
    return metrics.requests(N)


@pytest.fixture(scope="module")
def good(asked) -> dict:
    return metrics.evaluate(Composer(asked), n=N)


def test_logos_that_show_what_is_asked_for_reach_the_ceiling(good):
    assert set(good) == {*metrics.MEASURES, "diversity"}
    for name, entry in good.items():
        assert entry["ceiling"] > 0.9, name
        assert abs(entry["value"] - entry["ceiling"]) < 0.06, name
        assert entry["interval"][0] <= entry["value"] <= entry["interval"][1] + 1e-9, name
        assert entry["floor"] < 0.3 and entry["extractor"] and entry["n"] >= 4 * N // 5, name


def test_a_generator_that_does_not_listen_stays_at_the_floor(asked, good):
    deaf = metrics.evaluate(Composer(asked, deaf=True), n=N)
    for name in metrics.MEASURES:
        assert deaf[name]["value"] < good[name]["floor"] + 0.2, name
        assert deaf[name]["value"] < good[name]["value"] / 2, name
    assert deaf["object"]["value"] < 0.02
    assert deaf["diversity"]["value"] > 0.8  # it is deaf, not dull


def test_four_equal_logos_have_no_diversity(asked):
    stuck = metrics.evaluate(Composer(asked, stuck=True), n=N)
    assert stuck["diversity"]["value"] == 0
    assert stuck["object"]["value"] > 0.9  # ... and are right all the same


def test_an_evaluation_can_be_repeated_and_written_down(asked, good):
    again = metrics.evaluate(Composer(asked), n=N)
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
    made = metrics.requests(2000)
    assert {r.mark for r in made if r.kind == "colour"} == set(VOCABULARY["objects"])
    assert {r.container for r in made} - {None} == set(captions.CONTAINERS)
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
        again = captions.redraw(recipe, random.Random(i), bank())
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
    assert judge.containers == ["none", *captions.CONTAINERS]
    assert sum(f.stat().st_size for f in (ROOT / "weights" / "judge").iterdir()) < 3_000_000


def test_the_judge_does_not_mind_which_colours_a_logo_has():
    recipe = metrics.Request("binding", "", "anchor", "white", "hexagon", "navy").recipe()
    for first, second in (("white", "navy"), ("black", "yellow"), ("yellow", "purple"), ("brown", "pink")):
        recipe.mark_colour, recipe.container_colour = (first, BASIC[first]), (second, BASIC[second])
        drawn = [captions.redraw(recipe, random.Random(i), bank()) for i in range(8)]
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


@pytest.mark.parametrize(
    ("n", "data", "said"), [(4, None, "At least 5 prompts"), (20, "logos.parquet", "composed logos")]
)
def test_what_cannot_be_measured_is_said_in_one_sentence(asked, n, data, said):
    with pytest.raises(ValueError, match=said):
        metrics.evaluate(Composer(asked), data=data, n=n)


def test_wilson_against_values_worked_out_by_hand():
    low, high = metrics.wilson(0.5, 100)
    assert (round(low, 4), round(high, 4)) == (0.4038, 0.5962)
    low, high = metrics.wilson(0.0, 10)
    assert low == pytest.approx(0, abs=1e-12) and round(high, 4) == 0.2775
