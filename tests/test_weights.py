"""The bundled models come whole: a broken or swapped checkpoint, or a card of other weights, fails here."""

import json
import re

import pytest
import torch
from conftest import ROOT

from logo_gan.model import checkpoint, hub
from logo_gan.training import history

WEIGHTS = ROOT / "weights"
CONFIGS = {path.parent.name: json.loads(path.read_text()) for path in WEIGHTS.glob("*/config.json")}
MODELS = sorted(name for name, config in CONFIGS.items() if config.get("architecture") in checkpoint.ARCHITECTURES)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_comes_whole(name):
    folder = WEIGHTS / name
    config = checkpoint.read_config(folder / "config.json")
    assert config["name"] == name and config["training"]["images"] > 0
    generator = checkpoint.read_generator(folder / "model.safetensors", config)
    assert sum(values.numel() for values in generator.parameters()) > 100_000
    rows = history.read(folder / "history.csv")
    assert rows[-1]["images"] == config["training"]["images"]
    assert [r["images"] for r in rows] == sorted(r["images"] for r in rows)
    losses = {column for row in rows for column in row if column.startswith("loss_")}
    assert {"loss_generator", "loss_discriminator"} <= losses
    measured = [row for row in rows if row.keys() - losses - set(history.COLUMNS)]
    assert len(measured) >= 12, "measured too seldom to be plotted"


@pytest.mark.parametrize("name", MODELS)
def test_nothing_lies_beside_a_model_that_would_not_go_to_the_hub(name):
    folder = WEIGHTS / name
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {*hub.companions(folder), *hub.NEEDED}


@pytest.mark.parametrize("name", MODELS)
def test_a_card_tells_of_these_weights(name):
    card = (WEIGHTS / name / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\n") and "license: mit" in card
    assert f"{CONFIGS[name]['training']['images']:,} images" in card


def test_the_baseline_draws_by_the_caption_and_by_the_noise():
    folder = WEIGHTS / "baseline-28"
    generator = checkpoint.read_generator(folder / "model.safetensors", CONFIGS["baseline-28"])
    random = torch.Generator().manual_seed(1)
    noise, text = torch.randn(32, 100, generator=random), torch.randn(32, 300, generator=random)
    with torch.no_grad():
        one = generator(noise, text)
        by_noise = (one - generator(noise.roll(1, 0), text)).abs().mean()
        by_text = (one - generator(noise, text.roll(1, 0))).abs().mean()
    assert by_noise > 0.05 and by_text > 0.05
    assert one.std((1, 2, 3)).min() > 0.1, "a blank picture"


def test_no_file_needs_large_file_storage():
    assert not [path for path in WEIGHTS.rglob("*") if path.is_file() and path.stat().st_size > 10_000_000]


@pytest.mark.parametrize("path", ["README.md", *(f"weights/{name}/README.md" for name in MODELS)])
def test_what_a_text_links_to_is_there(path):
    text = (ROOT / path).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert links
    assert [link for link in links if not ((ROOT / path).parent / link).exists()] == []
