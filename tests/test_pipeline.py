"""LogoGAN: the bundled weights draw, models load strictly and save whole, bad input ends in one sentence."""

import copy
import itertools
import json

import numpy as np
import pytest
import safetensors.torch
import torch

from logo_gan import Logo, LogoGAN
from logo_gan.choose import CANDIDATES, faintness, most_different, smooth, undecided
from logo_gan.model_files import ModelError, write_whole
from logo_gan.networks import BaselineGenerator, LayeredGenerator
from logo_gan.pipeline import MAX_SEED
from logo_gan.pixel_logo import PixelLogo

PROMPT = "orange rocket in a navy circle"
TINY = {"channels": [8, 8, 8, 8], "condition": 16, "width": 16}


@pytest.fixture(scope="module")
def gan() -> LogoGAN:
    return LogoGAN.from_pretrained()


@pytest.fixture
def folder(tmp_path):
    """A small untrained model."""
    torch.manual_seed(0)
    config = {"name": "tiny", "architecture": "layered", "generator": TINY, "text_encoder": "bundled"}
    LogoGAN(LayeredGenerator(**TINY), config).save_pretrained(tmp_path / "tiny")
    return tmp_path / "tiny"


def pictures(logos) -> list[bytes]:
    return [logo.image(64).tobytes() for logo in logos]


def test_bundled_model_draws_four_crisp_logos(gan):
    logos = gan.generate(PROMPT, n=4, seed=7)
    assert len(logos) == 4
    assert all(isinstance(logo, Logo) and logo.caption == PROMPT for logo in logos)
    assert logos[0].image(1024).size == (1024, 1024)
    for logo in logos:
        assert logo.svg().startswith("<svg ")
        assert len(logo.svg().encode()) < 20_000
        assert len(logo.palette) == len(logo.layers) >= 2
    assert "bundled" in gan.source and gan.config["architecture"] == "layered"


def test_same_prompt_and_seed_same_logos(gan):
    again = LogoGAN.from_pretrained()
    first, second = gan.generate(PROMPT, seed=MAX_SEED), again.generate(PROMPT, seed=MAX_SEED)
    assert pictures(first) == pictures(second)
    assert [logo.svg() for logo in first] == [logo.svg() for logo in second]
    assert pictures(gan.generate(PROMPT, seed=0)) != pictures(gan.generate(PROMPT, seed=1))


@pytest.mark.parametrize("diverse", [True, False])
def test_a_logo_does_not_depend_on_how_many_follow(gan, diverse):
    sixteen = pictures(gan.generate(PROMPT, n=16, seed=3, diverse=diverse))
    for n in (1, 3, 4):
        assert pictures(gan.generate(PROMPT, n=n, seed=3, diverse=diverse)) == sixteen[:n]


def test_four_logos_differ_and_choosing_makes_them_differ_more(gan):
    def spread(logos):
        small = [np.asarray(logo.image(32), dtype=float) / 255 for logo in logos]
        return np.mean([np.sqrt(((a - b) ** 2).mean()) for a, b in itertools.combinations(small, 2)])

    chosen = np.mean([spread(gan.generate(PROMPT, seed=seed)) for seed in range(5)])
    plain = np.mean([spread(gan.generate(PROMPT, seed=seed, diverse=False)) for seed in range(5)])
    assert chosen > 0.02
    assert chosen > plain


def test_truncation_zero_draws_the_same_logo_four_times(gan):
    assert len(set(pictures(gan.generate(PROMPT, seed=1, truncation=0.0)))) == 1


def test_the_most_different_candidates_are_picked():
    values = torch.tensor([0.0, 0.1, 0.9, 0.2, 0.5, 0.1, 0.0, 0.6, 0.1, 1.0, 0.0, 0.0])
    images, sure = values.view(-1, 1, 1, 1).expand(-1, 3, 4, 4), torch.zeros(12)
    assert most_different(images, 1, sure) == [0]
    assert most_different(images, 2, sure) == [0, 2]
    assert most_different(images, 3, sure) == [0, 2, 4]
    same = torch.zeros(4 * CANDIDATES, 3, 4, 4)
    assert most_different(same, 4, torch.zeros(4 * CANDIDATES)) == [0, 1, 2, 3]


def test_doubtful_candidates_are_left_out():
    values = torch.tensor([0.0, 0.1, 0.9, 0.2, 0.5, 0.1, 0.0, 0.6])
    images, doubt = values.view(-1, 1, 1, 1).expand(-1, 3, 4, 4), torch.zeros(8)
    doubt[[0, 2]] = 0.5
    assert most_different(images, 1, doubt) == [1]
    assert most_different(images, 2, doubt) == [1, 7], "2 differs more and is in doubt"


def test_smoothing_keeps_shapes_and_takes_wobble():
    axis = (torch.arange(64) + 0.5) - 32
    disc = ((20 - torch.hypot(axis[None], axis[:, None])) / 4).clamp(-1, 1).expand(1, 4, -1, -1)
    noise = 0.1 * torch.randn(1, 4, 64, 64, generator=torch.Generator().manual_seed(0))
    kept, calmed = smooth(disc), smooth(disc + noise)
    assert ((kept > 0) != (disc > 0)).float().mean() < 0.002
    assert (calmed - kept).std() < 0.5 * noise.std()


def test_doubt_is_of_flat_fields_near_zero():
    axis = (torch.arange(64) + 0.5) - 32
    clear = ((20 - torch.hypot(axis[None], axis[:, None])) / 4).clamp(-1, 1)
    blurred = clear * 0.05
    doubt = undecided(torch.stack((clear, blurred))[:, None])
    assert doubt[0] < 0.01 < 0.5 < doubt[1]


def test_a_mark_in_the_colour_of_its_ground_is_faint():
    axis = (torch.arange(64) + 0.5) / 64 * 2 - 1
    disc = ((0.5 - torch.hypot(axis[None], axis[:, None])) * 8).clamp(-1, 1)
    fields = torch.full((3, 4, 64, 64), -1.0)
    fields[:, 2] = disc
    palette = torch.ones(3, 5, 3)
    palette[1, 3], palette[2, 3] = 0.9, 0.0  # white on white, nearly white on white, black on white
    none, little, full = faintness(fields, palette, 16.0).tolist()
    assert none == pytest.approx(1, abs=1e-3) and 0.5 < little < none and full == 0


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, 1.0, "7", True, float("nan"), [1]])
def test_bad_seeds_are_refused(gan, seed):
    with pytest.raises(ValueError, match=r"^The seed must be a whole number from 0 to 4294967295\.$"):
        gan.generate(PROMPT, seed=seed)


@pytest.mark.parametrize("n", [0, 17, -1, 2.0, "4", None, True])
def test_bad_counts_are_refused(gan, n):
    with pytest.raises(ValueError, match=r"^The number of logos must be a whole number from 1 to 16\.$"):
        gan.generate(PROMPT, n=n)


@pytest.mark.parametrize("truncation", [-0.1, 2.1, float("nan"), "1", None, True])
def test_bad_truncations_are_refused(gan, truncation):
    with pytest.raises(ValueError, match=r"^The truncation must be a number from 0 to 2\.$"):
        gan.generate(PROMPT, truncation=truncation)


@pytest.mark.parametrize("prompt", ["", "  \n ", "!!! ...", "x" * 501, "🦊", "\0"])
def test_bad_prompts_are_refused(gan, prompt):
    with pytest.raises(ValueError, match=r"^[^\n]+\.$"):
        gan.generate(prompt)


def test_baseline_model_draws_pixels():
    gan = LogoGAN.from_pretrained("baseline-28")
    first, second = (gan.generate(PROMPT, n=3, seed=5) for _ in range(2))
    assert [type(logo) for logo in first] == [PixelLogo] * 3
    assert pictures(first) == pictures(second)
    assert len(set(pictures(first))) == 3
    assert first[0].image(512).size == (512, 512)


def test_saved_model_loads_as_the_same(folder, tmp_path):
    gan = LogoGAN.from_pretrained(folder)
    assert gan.source == str(folder) and gan.config["format"] == 1
    (folder / "history.csv").write_text("images\n1\n")
    gan.save_pretrained(tmp_path / "copy")
    again = LogoGAN.from_pretrained(tmp_path / "copy")
    assert pictures(gan.generate(PROMPT, seed=1)) == pictures(again.generate(PROMPT, seed=1))
    assert sorted(p.name for p in (tmp_path / "copy").iterdir()) == [
        "config.json",
        "history.csv",
        "model.safetensors",
    ]
    stored = safetensors.torch.load_file(tmp_path / "copy" / "model.safetensors")
    assert {value.dtype for value in stored.values()} == {torch.float16}
    assert all(value.dtype == torch.float32 for value in again.generator.state_dict().values())


def test_saving_over_itself_keeps_every_file(folder):
    (folder / "README.md").write_text("card")
    LogoGAN.from_pretrained(folder).save_pretrained(folder)
    assert (folder / "README.md").read_text() == "card"
    LogoGAN.from_pretrained(folder)


def test_weights_that_half_precision_cannot_hold_are_not_saved(tmp_path):
    generator = LayeredGenerator(**TINY)
    next(generator.parameters()).data.fill_(1e6)
    with pytest.raises(ModelError, match="not finite"):
        LogoGAN(generator, {"architecture": "layered"}).save_pretrained(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")

    def fail(temporary):
        temporary.write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_whole(path, fail)
    assert [p.name for p in tmp_path.iterdir()] == ["file"] and path.read_text() == "old"


def change_config(folder, **changes):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **changes}))


def change_weights(folder, change):
    state = safetensors.torch.load_file(folder / "model.safetensors")
    change(state)
    safetensors.torch.save_file(state, folder / "model.safetensors")


def drop_weight(state):
    del state["paint.bias"]


def add_weight(state):
    state["extra"] = torch.zeros(1)


def reshape_weight(state):
    state["paint.bias"] = torch.zeros(3)


def poison_weight(state):
    state["paint.bias"][0] = float("nan")


def overflow_weight(state):
    state["paint.bias"][0] = float("inf")


BROKEN = {
    "no configuration": lambda f: (f / "config.json").unlink(),
    "no weights": lambda f: (f / "model.safetensors").unlink(),
    "configuration is not JSON": lambda f: (f / "config.json").write_text("<html>"),
    "configuration is not UTF-8": lambda f: (f / "config.json").write_bytes(b'{"a": "\xff"}'),
    "configuration is a bomb": lambda f: (f / "config.json").write_text("[" * 100_000),
    "configuration is a list": lambda f: (f / "config.json").write_text("[]"),
    "another format": lambda f: change_config(f, format=2),
    "unknown architecture": lambda f: change_config(f, architecture="diffusion"),
    "architecture is a list": lambda f: change_config(f, architecture=["layered"]),
    "sharpness": lambda f: change_config(f, sharpness="sharp"),
    "text encoder": lambda f: change_config(f, text_encoder="os"),
    "generator is a list": lambda f: change_config(f, generator=[1]),
    "unknown generator setting": lambda f: change_config(f, generator={**TINY, "depth": 3}),
    "enormous generator": lambda f: change_config(f, generator={**TINY, "condition": 10**9}),
    "another generator": lambda f: change_config(f, generator={}),
    "weights are HTML": lambda f: (f / "model.safetensors").write_text("<html>"),
    "weights are empty": lambda f: (f / "model.safetensors").write_bytes(b""),
    "weights are cut": lambda f: (f / "model.safetensors").write_bytes((f / "model.safetensors").read_bytes()[:-9]),
    "a weight is missing": lambda f: change_weights(f, drop_weight),
    "an unknown weight": lambda f: change_weights(f, add_weight),
    "another shape": lambda f: change_weights(f, reshape_weight),
    "not a number": lambda f: change_weights(f, poison_weight),
    "infinite": lambda f: change_weights(f, overflow_weight),
}


@pytest.mark.parametrize("damage", BROKEN.values(), ids=BROKEN)
def test_broken_models_are_refused_in_one_sentence_that_names_the_file(folder, damage):
    damage(folder)
    with pytest.raises(ModelError, match=r"^[^\n]+\.$") as caught:
        LogoGAN.from_pretrained(folder)
    assert "config.json" in str(caught.value) or "model.safetensors" in str(caught.value)


def test_a_generator_that_builds_but_cannot_draw_is_refused(tmp_path):
    settings = {**TINY, "words": 8}  # fewer than the encoder gives
    config = {"architecture": "layered", "generator": settings}
    LogoGAN(LayeredGenerator(**settings), config).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r"config\.json has generator settings that cannot be used\.$"):
        LogoGAN.from_pretrained(tmp_path)


@pytest.mark.parametrize("name", ["", "nothing-here", "../weights", "a/b/c", "http://a.org/x", "a b/c", "/no"])
def test_unknown_models_are_refused(name):
    with pytest.raises(ModelError, match=r"^There is no model .*\.$"):
        LogoGAN.from_pretrained(name)


def test_baseline_weights_are_not_taken_for_layers(folder):
    safetensors.torch.save_file(BaselineGenerator().state_dict(), folder / "model.safetensors")
    with pytest.raises(ModelError, match="weight"):
        LogoGAN.from_pretrained(folder)


def test_loading_leaves_the_generator_as_it_is(folder):
    gan = LogoGAN.from_pretrained(folder)
    before = copy.deepcopy(gan.generator.state_dict())
    gan.generate(PROMPT, seed=1)
    assert not gan.generator.training
    assert all(torch.equal(before[name], value) for name, value in gan.generator.state_dict().items())
