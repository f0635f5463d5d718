"""The baseline's networks, and the files of a network: what is written is read, what is wrong is refused."""

import json

import pytest
import safetensors.torch
import torch
from conftest import ROOT

from logo_gan.model import checkpoint
from logo_gan.model.baseline import BaselineDiscriminator, BaselineGenerator
from logo_gan.model.checkpoint import ModelError

BUNDLED = ROOT / "weights" / "baseline-28"


def test_baseline_is_the_one_described():
    generator, discriminator = BaselineGenerator(), BaselineDiscriminator()
    image = generator(torch.randn(5, 100), torch.randn(5, 300))
    assert image.shape == (5, 3, 28, 28) and image.abs().max() <= 1
    steps = generator.body[0](torch.randn(2, 400, 1, 1))
    assert steps.shape[2:] == (7, 7) and generator.body[3](steps).shape[2:] == (14, 14)
    verdict = discriminator(image, torch.randn(5, 300))
    assert verdict.shape == (5,) and (verdict >= 0).all() and (verdict <= 1).all()


def test_the_discriminator_sees_the_text_as_planes_joined_with_the_image():
    discriminator, image, text = BaselineDiscriminator().eval(), torch.randn(3, 3, 28, 28), torch.randn(3, 300)
    joined = torch.cat((image, text[:, :, None, None].expand(-1, -1, 28, 28)), dim=1)
    assert torch.allclose(discriminator(image, text), discriminator.body(joined).flatten(), atol=1e-5)


def test_every_parameter_of_both_players_is_reached():
    generator, discriminator, text = BaselineGenerator(), BaselineDiscriminator(), torch.randn(4, 300)
    discriminator(generator(torch.randn(4, 100), text), text).sum().backward()
    for module in (generator, discriminator):
        for name, parameter in module.named_parameters():
            assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


@pytest.fixture
def folder(tmp_path):
    """A model of known weights."""
    torch.manual_seed(3)
    checkpoint.write_config(tmp_path, {"name": "small", "architecture": "baseline", "generator": {"noise": 8}})
    checkpoint.write_network(tmp_path / "model.safetensors", BaselineGenerator(noise=8))
    return tmp_path


def read(folder):
    return checkpoint.read_generator(
        folder / "model.safetensors", checkpoint.read_config(folder / "config.json")
    )  # fmt: skip


def test_what_is_written_is_read(folder):
    torch.manual_seed(3)
    written, found = BaselineGenerator(noise=8).eval(), read(folder)
    assert not found.training and found.noise == 8
    arguments = torch.randn(2, 8), torch.randn(2, 300)
    with torch.no_grad():
        assert torch.allclose(written(*arguments), found(*arguments), atol=1e-2)  # half precision
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.safetensors"]


def test_the_bundled_baseline_is_read():
    generator = read(BUNDLED)
    image = generator(torch.randn(16, 100, generator=torch.Generator().manual_seed(1)), torch.zeros(16, 300))
    assert image.isfinite().all() and image.std(0).mean() > 0.02, "all noise gives one picture"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": 2}, r"is not the configuration of a LogoGAN model of format 1\."),
        ({"architecture": "layered"}, r"names an unknown architecture; known are baseline, warp\."),
        ({"architecture": ["baseline"]}, r"names an unknown architecture"),
        (
            {"text_encoder": "os.path"},
            r"names an unknown text encoder; known are bundled, en_core_web_md, all-mini",
        ),
        ({"generator": []}, r"has generator settings of the wrong type\."),
        ({"generator": {"noise": 100_000}}, r"config\.json has network settings that cannot be used\."),
        ({"generator": {"colour": 3}}, r"config\.json has network settings that cannot be used\."),
        ({"generator": {"noise": 9}}, r"has 'body\.0\.weight' of shape \[308, 128, 7, 7\], not \[309, 128, 7, 7\]\."),
    ],
)
def test_another_configuration_is_refused_in_one_sentence(folder, change, sentence):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **change}))
    with pytest.raises(ModelError, match=sentence) as refused:
        read(folder)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"{", "is not a JSON file"), (b"[" * 100_000, "is not a JSON file"), (b"[]", "is not the configuration")],
)
def test_a_damaged_configuration_is_refused(folder, content, sentence):
    (folder / "config.json").write_bytes(content)
    with pytest.raises(ModelError, match=sentence):
        read(folder)
    (folder / "config.json").unlink()
    with pytest.raises(ModelError, match="The model has no file"):
        read(folder)


def broken(folder, change):
    state = safetensors.torch.load_file(folder / "model.safetensors")
    safetensors.torch.save_file(change(state), folder / "model.safetensors")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda s: {k: v for k, v in s.items() if k != "body.6.bias"}, r"lacks weight 'body\.6\.bias'\."),
        (lambda s: {**s, "body.9.bias": torch.zeros(1)}, r"has the unknown weight 'body\.9\.bias'\."),
        (lambda s: {**s, "body.6.bias": torch.zeros(4)}, r"has 'body\.6\.bias' of shape \[4\], not \[3\]\."),
        (lambda s: {**s, "body.6.bias": torch.full((3,), torch.nan)}, r"values in 'body\.6\.bias' that are not finite"),
        (lambda s: {**s, "body.1.running_var": -torch.ones(128)}, r"has weights that draw values which are not finite"),
    ],
)
def test_other_weights_are_refused_in_one_sentence(folder, change, sentence):
    broken(folder, change)
    with pytest.raises(ModelError, match=sentence):
        read(folder)


def test_a_pickle_is_refused(folder):
    torch.save({}, folder / "model.safetensors")
    with pytest.raises(ModelError, match="is not a readable safetensors file"):
        read(folder)


def test_weights_beyond_half_precision_are_not_written(tmp_path):
    generator = BaselineGenerator()
    with torch.no_grad():
        generator.body[6].bias[0] = 1e6
    with pytest.raises(ModelError, match=r"'body\.6\.bias' is not finite in half precision"):
        checkpoint.write_network(tmp_path / "model.safetensors", generator)
    assert not list(tmp_path.iterdir())


def test_a_reason_names_no_folder(folder):
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError) as refused:
        read(folder)
    refused.value.folder = folder
    assert refused.value.reason == "The model has no file model.safetensors"


def test_a_file_is_never_seen_half_written(tmp_path):
    def fail(path):
        path.write_text("half")
        raise OSError("full")

    (tmp_path / "a.txt").write_text("before")
    with pytest.raises(OSError, match="full"):
        checkpoint.write_whole(tmp_path / "a.txt", fail)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["before"]
    checkpoint.write_whole(tmp_path / "a.txt", lambda path: path.write_text("after"))
    assert (tmp_path / "a.txt").read_text() == "after" and (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o644
