"""Distances mean what their papers say: known distributions, equal ones, collapsed ones, and refusals."""

import math

import pytest
import torch
import torchmetrics.image.fid
import torchmetrics.image.inception
import torchmetrics.image.kid

from logo_gan.evaluation import distances

D = 8
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:torchmetrics")


def cloud(n: int, seed: int, shift: float = 0.0, scale: float = 1.0, d: int = D) -> torch.Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed)) * scale + shift


def features(size: int) -> torch.nn.Module:
    """What torchmetrics takes for an extractor, where the pictures are features already."""
    module = torch.nn.Identity()
    module.num_features = size
    return module


def test_frechet_of_known_normal_distributions():
    a, b = torch.tensor([1.0, 4.0, 9.0]).double(), torch.tensor([4.0, 4.0, 1.0]).double()
    mean = torch.tensor([0.5, 0.0, -2.0]).double()
    # Where covariances commute, the formula is that of each axis: (μ − ν)² + (√a − √b)².
    expected = 0.25 + 4 + (1 - 2) ** 2 + 0 + (3 - 1) ** 2
    turn = torch.linalg.qr(torch.randn(3, 3, generator=torch.Generator().manual_seed(1)).double()).Q
    found = distances.gaussian(torch.zeros(3).double(), turn * a @ turn.T, turn @ mean, turn * b @ turn.T)
    assert found == pytest.approx(expected, rel=1e-9)
    sample = cloud(200_000, 1, d=3), cloud(200_000, 2, 0.5, 2.0, 3)
    assert distances.frechet(*sample) == pytest.approx(3 * (0.25 + 1), rel=0.02)


def test_frechet_is_torchmetrics_own():
    a, b = cloud(300, 1), cloud(400, 2, 0.3, 1.4)
    theirs = torchmetrics.image.fid.FrechetInceptionDistance(feature=features(D))
    theirs.update(a, real=True)
    theirs.update(b, real=False)
    assert distances.frechet(a, b) == pytest.approx(float(theirs.compute()), rel=1e-4)
    assert distances.frechet(b, a) == pytest.approx(distances.frechet(a, b), rel=1e-9)


def test_kernel_is_torchmetrics_own():
    a, b = cloud(300, 1), cloud(300, 2, 0.3, 1.4)
    theirs = torchmetrics.image.kid.KernelInceptionDistance(feature=features(D), subsets=2, subset_size=300)
    theirs.update(a, real=True)
    theirs.update(b, real=False)
    assert distances.kernel(a, b) == pytest.approx(float(theirs.compute()[0]), rel=1e-4)


def test_inception_score_is_torchmetrics_own():
    logits = cloud(1000, 1, scale=2.0)
    theirs = torchmetrics.image.inception.InceptionScore(feature=features(D), splits=1)
    theirs.update(logits)
    assert distances.inception_score(logits.softmax(1), 1) == pytest.approx(float(theirs.compute()[0]), rel=1e-4)


def test_inception_score_of_known_probabilities():
    one_hot = torch.eye(10).repeat(100, 1)
    assert distances.inception_score(one_hot, 1) == pytest.approx(10)
    assert distances.inception_score(one_hot, 2) == pytest.approx(10)
    assert distances.inception_score(one_hot[:1].expand(1000, -1), 1) == pytest.approx(1)
    assert distances.inception_score(torch.full((1000, 10), 0.1), 1) == pytest.approx(1)


def test_equal_clouds_score_at_the_floor():
    a, b, far = cloud(400, 1), cloud(400, 2), cloud(400, 3, 2.0)
    assert distances.frechet(a, a) == pytest.approx(0, abs=1e-9)
    assert distances.frechet(a, b) < distances.frechet(a, far) / 50
    # The estimate is unbiased, so that equal distributions score around 0.
    several = [distances.kernel(cloud(400, 2 * k), cloud(400, 2 * k + 1)) for k in range(20)]
    assert abs(sum(several) / 20) < 2 * torch.tensor(several).std() / math.sqrt(20)
    assert distances.kernel(a, far) > 50 * max(several)
    same = distances.manifold(a, a)
    assert same["precision"] == same["recall"] == same["coverage"] == 1
    assert distances.manifold(a, far)["precision"] < 0.2 > distances.manifold(a, far)["coverage"]


def test_a_collapsed_cloud_is_precise_and_recalls_nothing():
    real = cloud(500, 1)
    one = real[:1] * 0.5 + cloud(500, 2, scale=0.001)
    found = distances.manifold(real, one)
    assert found["precision"] == 1
    assert found["recall"] < 0.02
    assert found["coverage"] < 0.1
    spread = distances.manifold(real, cloud(500, 3))
    assert spread["precision"] > 0.7 and spread["recall"] > 0.7 and spread["coverage"] > 0.9
    assert spread["density"] == pytest.approx(1, abs=0.15)


def test_a_cloud_too_wide_recalls_all_and_is_not_precise():
    found = distances.manifold(cloud(500, 1), cloud(500, 2, scale=4.0))
    assert found["recall"] > 0.9
    assert found["precision"] < 0.1 and found["density"] < 0.1


def test_manifold_by_hand():
    # On a line, k = 1: real points reach 1, 1 and 4; fake ones 2, 2 and 10.
    real, fake = torch.tensor([[0.0], [1.0], [5.0]]), torch.tensor([[0.5], [-1.5], [-11.5]])
    found = distances.manifold(real, fake, k=1)
    assert found["precision"] == pytest.approx(1 / 3)  # only 0.5
    assert found["recall"] == pytest.approx(2 / 3)  # 0 and 1
    assert found["density"] == pytest.approx(2 / 3)  # 0 and 1 reach 0.5; 5 reaches down to 1
    assert found["coverage"] == pytest.approx(2 / 3)


@pytest.mark.parametrize("measure", [distances.frechet, distances.kernel, distances.manifold, distances.nearest])
def test_neither_order_nor_chunks_matter(measure, monkeypatch):
    a, b = cloud(300, 1), cloud(300, 2, 0.3)
    whole = measure(a, b)
    monkeypatch.setattr(distances, "CHUNK", 7)
    again = measure(a[torch.arange(300).flip(0)], b[torch.arange(300).roll(11)])
    if isinstance(whole, dict):
        assert again == whole
    else:
        again = again.flip(0) if isinstance(again, torch.Tensor) else again
        assert again == pytest.approx(whole, rel=1e-9)


def test_copies_are_told_from_new_ones():
    training, held_out = cloud(1000, 1), cloud(500, 2)
    new = distances.memorised(cloud(500, 3), held_out, training)
    assert new["ratio"] == pytest.approx(1, abs=0.08) and new["copies"] < 0.03
    copied = distances.memorised(training[:500] + cloud(500, 4, scale=0.01), held_out, training)
    assert copied["ratio"] < 0.1 and copied["copies"] == 1
    half = distances.memorised(torch.cat((training[:250], cloud(250, 5))), held_out, training)
    assert 0.5 <= half["copies"] < 0.52


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: distances.frechet(cloud(79, 1), cloud(500, 2)), "of 79 pictures in 8 features .* takes 80"),
        (lambda: distances.frechet(cloud(500, 1), cloud(12, 2)), "means nothing"),
        (lambda: distances.kernel(cloud(1, 1), cloud(9, 2)), "at least two"),
        (lambda: distances.manifold(cloud(5, 1), cloud(9, 2)), "more than 5"),
        (lambda: distances.inception_score(torch.full((4990, 10), 0.1), 10), "takes 500 pictures a split"),
        (lambda: distances.inception_score(torch.ones(500, 10), 1), "sums to 1"),
        (lambda: distances.memorised(cloud(9, 1), cloud(99, 2), cloud(9, 3)), "at least 100"),
        (lambda: distances.memorised(cloud(9, 1), cloud(100, 2), cloud(100, 2)), "are copies"),
        (lambda: distances.kernel(cloud(9, 1), cloud(9, 2, d=9)), "not 8 with 9"),
        (lambda: distances.kernel(cloud(9, 1), cloud(9, 2) / 0), "not finite"),
        (lambda: distances.kernel(cloud(9, 1)[0], cloud(9, 2)), "a row a picture"),
    ],
)
def test_what_means_nothing_is_refused(call, said):
    with pytest.raises(ValueError, match=said) as caught:
        call()
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)
