"""The extractors see what a logo shows, whatever the batch; the encoder that is shipped is the one that was trained."""

import hashlib
import json
import shutil

import pytest
import torch
from conftest import ROOT
from torch.nn import functional as F

from logo_gan import distances, distribution, encoder, features
from logo_gan.compose import recipes
from logo_gan.model_files import ModelError

REAL = ROOT.parent / "shared" / "data" / "real_logos.parquet"
N = 640  # the fewest that a Fréchet distance takes here


@pytest.fixture(scope="module")
def logos() -> torch.Tensor:
    return distribution.pixels(recipes(777, 0, 2 * N))


@pytest.fixture(scope="module")
def real() -> torch.Tensor:
    if not REAL.is_file():
        pytest.skip(f"needs {REAL}")
    return features.read_logos(str(REAL))[0]


@pytest.mark.parametrize("name", ["domain", "untrained"])
def test_features_do_not_depend_on_the_batch(name, logos, monkeypatch):
    extractor = features.load(name)
    whole = extractor(logos[:100])
    assert (whole.shape, whole.dtype, extractor.name) == ((100, extractor.size), torch.float32, name)
    assert torch.equal(torch.cat([extractor(part) for part in logos[:100].split(17)]), whole)
    monkeypatch.setattr(features, "CHUNK", 9)
    assert torch.allclose(extractor(logos[:100]), whole, atol=1e-4)


@pytest.mark.parametrize("name", ["domain", "untrained"])
def test_logos_of_equal_kind_are_near_and_others_far(name, logos):
    extractor, a, b = features.load(name), logos[:N], logos[N:]
    base = extractor(a)
    blurred = F.interpolate(F.avg_pool2d(b.float(), 8), scale_factor=8, mode="bilinear").round().byte()
    found = {
        key: distances.frechet(base, extractor(images))
        for key, images in {
            "floor": b, "other colours": b[:, [1, 2, 0]], "grey": b.float().mean(1, True).byte().expand(-1, 3, -1, -1),
            "blurred": blurred, "noise": distribution.noise(N),
            "collapsed": distribution.collapsed(b),
        }.items()
    }  # fmt: skip
    floor = found.pop("floor")
    assert min(found.values()) > 1.3 * floor, (floor, found)
    assert min(found["noise"], found["collapsed"]) > 10 * floor
    assert max(found["other colours"], found["grey"], found["blurred"]) < found["noise"]


def test_the_encoder_knows_a_mark_in_other_colours_and_places(logos):
    """Nearest neighbours show the same mark far more often than chance, which is one in hundreds."""
    drawn = recipes(777, 0, 2 * N)
    found = features.load("domain")(logos)
    apart = torch.cdist(found, found).fill_diagonal_(torch.inf)
    near = apart.argmin(1).tolist()
    right = [drawn[i].mark == drawn[k].mark for i, k in enumerate(near)]
    assert sum(right) / len(right) > 0.3
    same_container = [drawn[i].container == drawn[k].container for i, k in enumerate(near)]
    assert sum(same_container) / len(same_container) > 0.4


def test_it_finds_held_out_real_logos_again(real):
    held_out = real[encoder.HELD_OUT - 1 :: encoder.HELD_OUT]
    config = json.loads((features.FOLDER / "config.json").read_text())
    assert config["training"]["real"]["held_out"] == len(held_out)
    again = features.found_again(features.load("domain"), held_out)
    assert again == pytest.approx(config["held_out_real_found_again"], abs=0.01)
    assert again > 0.8 > features.found_again(features.load("untrained"), held_out) + 0.2


def test_held_out_real_logos_lie_where_taught_ones_do(real):
    """Else a floor on real logos would be told from what the encoder has learnt by heart."""
    found, held_out = features.load("domain")(real), torch.arange(len(real)) % encoder.HELD_OUT == 4
    taught = found[~held_out][torch.randperm(int((~held_out).sum()), generator=torch.Generator().manual_seed(1))]
    between = [distances.kernel(a, b) for a, b in zip(taught.split(400)[:3], taught.split(400)[1:4], strict=True)]
    spread = max(map(abs, between)) + 0.01
    assert abs(distances.kernel(found[held_out], taught[:400])) < spread
    composed = features.load("domain")(distribution.pixels(recipes(777, 0, 400)))
    assert distances.kernel(found[held_out], composed) > 10 * spread


def test_pictures_of_any_size_are_brought_to_64_pixels(logos):
    small = F.avg_pool2d(logos[:20].float(), 2).round().byte()
    large = F.interpolate(logos[:20].float(), scale_factor=4, mode="bilinear").round().byte()
    assert features.resized(logos[:3]) is not None and torch.equal(features.resized(logos[:3]), logos[:3])
    assert features.resized(small).shape == features.resized(large).shape == logos[:20].shape
    extractor = features.load("domain")
    own = extractor(logos[:20])
    assert (extractor(large) - own).norm(dim=1).median() < 0.3 * torch.pdist(own).median()
    # With antialiasing: one dark line in eight turns to an even grey, and does not come and go.
    lines = torch.full((1, 3, 512, 512), 255, dtype=torch.uint8)
    lines[:, :, ::8] = 0
    assert features.resized(lines).float().std() < 2


@pytest.mark.parametrize(
    "images",
    [torch.zeros(2, 3, 64, 64), torch.zeros(2, 64, 64, 3, dtype=torch.uint8), torch.zeros(0, 3, 64, 64).byte()],
    ids=["floats", "channels last", "none"],
)
def test_what_is_no_picture_is_refused(images):
    with pytest.raises(ValueError, match="uint8 pictures"):
        features.load("domain")(images)


def test_the_shipped_encoder_is_small_and_has_its_checksum():
    config = json.loads((features.FOLDER / "config.json").read_text())
    content = (features.FOLDER / "model.safetensors").read_bytes()
    assert config["sha256"] == hashlib.sha256(content).hexdigest()
    assert (config["features"], config["resize"]) == (encoder.FEATURES, encoder.SIZE)
    assert sum(f.stat().st_size for f in features.FOLDER.iterdir()) < 3_000_000
    assert features.load("domain") is features.load("domain")


def test_a_changed_encoder_is_refused(tmp_path):
    def refused(said: str) -> None:
        features.load.cache_clear()
        with pytest.raises(ModelError, match=said) as caught:
            features.load("domain", tmp_path / "encoder")
        assert str(caught.value).endswith(".") and "\n" not in str(caught.value)

    refused("missing")
    shutil.copytree(features.FOLDER, tmp_path / "encoder")
    weights, config = (tmp_path / "encoder" / name for name in ("model.safetensors", "config.json"))
    features.load("domain", tmp_path / "encoder")
    content = bytearray(weights.read_bytes())
    content[-5] ^= 1
    weights.write_bytes(content)
    refused("not what its checksum says")
    config.write_text(json.dumps({"sha256": hashlib.sha256(content).hexdigest(), "channels": [8] * 4, "features": 64}))
    refused("damaged")
    config.write_text("{")
    refused("not a JSON file")


def test_the_encoder_can_be_rebuilt(tmp_path, monkeypatch):
    monkeypatch.setattr(encoder, "WHITENED", 256)
    config = encoder.train(tmp_path, images=300)
    assert config["training"]["composed"]["images"] >= 300 and config["training"]["real"]["logos"] == 0
    more = encoder.train(tmp_path, images=96, start=tmp_path)
    assert more["sha256"] != config["sha256"] and more["training"]["before"] == config["training"]
    extractor = features.load("domain", tmp_path)
    assert extractor(torch.zeros(3, 3, 64, 64, dtype=torch.uint8)).shape == (3, encoder.FEATURES)


def test_inception_is_never_fetched(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    features.load.cache_clear()
    with pytest.raises(ModelError, match=r"not installed|are not at"):
        features.load("inception")
    with pytest.raises(ValueError, match="domain, untrained, inception"):
        features.load("clip")


def test_nt_xent_is_low_for_pairs_and_high_for_strangers():
    a = torch.eye(16)
    paired, strange = encoder.nt_xent(a, a), encoder.nt_xent(a, a.roll(1, 0))
    assert paired < 0.2 < 4 < strange


def test_views_stay_near_and_are_never_mirrored(logos):
    images = logos[:64].float() / 255
    seen = encoder.views(images, torch.Generator().manual_seed(1))
    own, mirrored = (seen - images).square().mean((1, 2, 3)), (seen - images.flip(3)).square().mean((1, 2, 3))
    assert (own <= mirrored + 0.02).all()
    assert torch.allclose(seen.amax((2, 3)), images.amax((2, 3)), atol=0.1)  # the colours stay
