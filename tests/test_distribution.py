"""A model's logos as a whole: as good as real ones at the floor, controls far off, nothing that depends on batches."""

import json

import pytest
import torch
from conftest import ROOT

from logo_gan import compose, distances, distribution, features
from logo_gan.pipeline import LogoGAN

REAL = ROOT.parent / "shared" / "data" / "real_logos.parquet"
N = distribution.LEAST


@pytest.fixture(scope="module")
def reference() -> distribution.Reference:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distribution, "TRAINING", 800)  # for speed
        return distribution.composed(N)


@pytest.fixture(scope="module")
def fresh() -> torch.Tensor:
    """What a perfect generator would draw: composed logos of yet another seed."""
    return distribution.pixels(compose.recipes(99, 0, N))


@pytest.fixture(scope="module")
def perfect(reference, fresh) -> dict:
    return distribution.compare(features.load("domain"), reference.real, reference.other, [fresh, fresh, fresh])


def test_a_perfect_generator_scores_at_the_floor(perfect):
    assert set(perfect) == {"frechet_distance", "kernel_distance", *distribution.SHARES}
    for name, entry in perfect.items():
        assert entry["n"] == N and entry["extractor"] == "domain encoder, 64 features"
        assert len(entry["seeds"]) == 3 and entry["interval"] == (entry["value"], entry["value"]), name
    assert 0.8 < perfect["frechet_distance"]["times_floor"] < 1.25
    assert abs(perfect["kernel_distance"]["value"]) < perfect["kernel_distance"]["noise"] / 100
    for name in distribution.SHARES:
        near = 0.15 if name == "density" else 0.06
        assert perfect[name]["value"] == pytest.approx(perfect[name]["floor"], abs=near), name


def test_the_controls_are_far_from_the_floor(perfect):
    for name in ("frechet_distance", "kernel_distance"):
        entry = perfect[name]
        assert min(entry["noise"], entry["collapsed"]) > 10 * abs(entry["floor"]), name
    assert perfect["precision"]["collapsed"] == 1 and perfect["recall"]["collapsed"] < 0.02
    assert perfect["coverage"]["collapsed"] < 0.05 > perfect["coverage"]["noise"]
    assert perfect["recall"]["noise"] < 0.05 and perfect["precision"]["noise"] < 0.5 * perfect["precision"]["floor"]


def test_copies_are_found_and_new_logos_are_not(reference, fresh):
    new = distribution.copies(reference, [fresh])
    # Its captions are others than the training logos', so it lies even further off than new logos of those.
    assert (
        new["nearest_training"]["floor"] == pytest.approx(1, abs=0.1) and 0.9 < new["nearest_training"]["value"] < 1.7
    )
    assert new["memorised"]["value"] < 0.03 > abs(new["memorised"]["floor"] - 0.01)
    assert new["memorised"]["copied"] > 0.97 and new["nearest_training"]["copied"] < 0.3
    half = torch.cat((reference.training[: N // 2], fresh[: N // 2]))
    assert 0.48 < distribution.copies(reference, [half])["memorised"]["value"] < 0.55


def test_too_few_logos_are_refused_measure_by_measure(reference):
    few = slice(0, 200)
    found = distribution.compare(
        features.load("domain"), reference.real[few], reference.other[few], [reference.real[few]]
    )
    assert found["frechet_distance"]["value"] is None
    assert found["frechet_distance"]["note"].startswith("not measured here: A Fréchet distance of 200 pictures")
    assert found["coverage"]["value"] == 1 and found["kernel_distance"]["value"] < 0


@pytest.mark.parametrize("name", ["layered-64", "baseline-28"])
def test_drawing_does_not_depend_on_the_batch(name, reference, monkeypatch):
    gan = LogoGAN.from_pretrained(name)
    whole = distribution.draw(gan, reference.captions[:24], 5)
    monkeypatch.setattr(distribution, "BATCH", 7)
    again = distribution.draw(gan, reference.captions[:24], 5)
    assert (whole.int() - again.int()).abs().max() <= 1
    assert not torch.equal(whole, distribution.draw(gan, reference.captions[:24], 6))
    assert whole.shape[1:] == ((3, 64, 64) if name == "layered-64" else (3, 28, 28))
    assert distribution.resize(whole) == ("64 px" if name == "layered-64" else "28 → 64 px, bicubic, antialiased")
    images = [gan.generate(caption, n=1, seed=1, diverse=False)[0].image(64) for caption in reference.captions[:8]]
    assert len(images) == 8  # the public way draws the same captions


def test_a_model_is_measured_against_real_logos(monkeypatch):
    if not REAL.is_file():
        pytest.skip(f"needs {REAL}")
    monkeypatch.setattr(distribution, "TRAINING", 400)
    monkeypatch.delitem(distribution.EXTRACTORS, "untrained")
    measured = distribution.measure(LogoGAN.from_pretrained("baseline-28"), str(REAL), 640)
    assert json.loads(json.dumps(measured))["recall"]["n"] == N
    for name, entry in measured.items():
        if name in ("frechet_distance_inception", "kernel_distance_inception", "inception_score"):
            assert entry["value"] is None and entry["note"].startswith("not measured here: "), name
        else:
            assert entry["floor"] is not None and len(entry["seeds"]) == 3, name
            assert (
                entry["resize"] == "28 → 64 px, bicubic, antialiased"
                and "real_logos" in measured["recall"]["reference"]
            )
    assert measured["frechet_distance"]["value"] > 3 * measured["frechet_distance"]["floor"]
    assert measured["memorised"]["copied"] > 0.9


def test_splits_belong_to_data():
    with pytest.raises(ValueError, match="no splits"):
        distribution.measure(LogoGAN.from_pretrained(), split="train[-10:]")


def test_the_controls_are_what_they_say(reference):
    noise, same = distribution.noise(50), distribution.collapsed(reference.other[:50])
    assert noise.float().mean() == pytest.approx(127.5, abs=1) and noise.unique().numel() == 256
    assert (same.int() - reference.other[:1].int()).abs().max() == 2
    assert distances.nearest(same.flatten(1)[:2], same.flatten(1)[2:]).min() > 0
