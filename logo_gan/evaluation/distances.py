"""How far one cloud of features lies from another: all (N, D), one row a picture, any float or whole-number type.

By hand rather than with torchmetrics' classes, for three reasons: training runs measure on machines that have torch and
little else; its kernel distance and Inception Score draw subsets from the global random state, so that a result cannot
be had again; and it sums in single precision. tests/test_distances.py holds both to the same numbers.
Everything is in double precision, so no result depends on the order or size of batches. What means nothing is refused.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

ROWS_PER_FEATURE = 10  # below, a covariance is mostly noise, and the Fréchet distance mostly its bias
IMAGES_PER_SPLIT = 500
NEIGHBOURS = 5  # of Naeem et al.
CHUNK = 512


def frechet(a: Tensor, b: Tensor) -> float:
    """The squared Fréchet distance of the normal distributions fitted to a and b (Heusel et al. 2017, FID).

    Raises:
        ValueError: fewer than ten rows a feature, or clouds of another kind.
    """
    a, b = _clouds(a, b)
    needed, n = ROWS_PER_FEATURE * a.shape[1], min(len(a), len(b))
    if n < needed:
        raise ValueError(
            f"A Fréchet distance of {n:,} pictures in {a.shape[1]:,} features means nothing: it takes {needed:,}."
        )
    return gaussian(a.mean(0), a.T.cov(), b.mean(0), b.T.cov())


def gaussian(mean_a: Tensor, cov_a: Tensor, mean_b: Tensor, cov_b: Tensor) -> float:
    """The squared Fréchet distance of two normal distributions: |μ − ν|² + tr(A + B − 2 (A^½ B A^½)^½)."""
    values, vectors = torch.linalg.eigh(cov_a)
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    cross = torch.linalg.eigvalsh(root @ cov_b @ root).clamp(min=0).sqrt().sum()
    result = (mean_a - mean_b).square().sum() + cov_a.trace() + cov_b.trace() - 2 * cross
    return max(float(result), 0.0)


def kernel(a: Tensor, b: Tensor) -> float:
    """The kernel distance: the unbiased squared maximum mean discrepancy with the cubic kernel (xᵀy / D + 1)³
    (Bińkowski et al. 2018, KID), of all rows at once instead of random subsets. It may fall below 0 by chance.

    Raises:
        ValueError: fewer than two rows, or clouds of another kind.
    """
    a, b = _clouds(a, b)
    if min(len(a), len(b)) < 2:
        raise ValueError("A kernel distance takes at least two pictures on each side.")

    def total(x: Tensor, y: Tensor) -> float:
        return sum(float((part @ y.T / x.shape[1] + 1).pow(3).sum()) for part in x.split(CHUNK))

    def own(x: Tensor) -> float:
        itself = float((x.square().sum(1) / x.shape[1] + 1).pow(3).sum())
        return (total(x, x) - itself) / (len(x) * (len(x) - 1))

    return own(a) + own(b) - 2 * total(a, b) / (len(a) * len(b))


def manifold(real: Tensor, fake: Tensor, k: int = NEIGHBOURS) -> dict[str, float]:
    """What part of each cloud the other reaches, where a row reaches as far as its k-th nearest neighbour.

    Precision: fake rows within some real row's reach; recall: real rows within some fake row's reach (Kynkäänniemi et
    al. 2019). Density: real rows that reach a fake one, over k; it may pass 1. Coverage: real rows that reach a fake
    one at all (Naeem et al. 2020), which, unlike recall, a few stray fakes cannot raise.

    Raises:
        ValueError: not more than k rows, or clouds of another kind.
    """
    real, fake = _clouds(real, fake)
    if min(len(real), len(fake)) <= k:
        raise ValueError(f"Precision and recall with {k} neighbours take more than {k} pictures on each side.")
    reach_real, reach_fake = _reach(real, k), _reach(fake, k)
    within_real, hits = torch.zeros(len(fake), dtype=torch.bool), 0
    within_fake, covered = [], []
    for rows, reach in zip(real.split(CHUNK), reach_real.split(CHUNK), strict=True):
        apart = _apart(rows, fake)
        reached = apart <= reach[:, None]
        within_real |= reached.any(0)
        hits += int(reached.sum())
        covered.append(reached.any(1))
        within_fake.append((apart <= reach_fake).any(1))
    return {
        "precision": float(within_real.double().mean()),
        "recall": float(torch.cat(within_fake).double().mean()),
        "density": hits / (k * len(fake)),
        "coverage": float(torch.cat(covered).double().mean()),
    }


def inception_score(probabilities: Tensor, splits: int = 10) -> float:
    """exp of the mean divergence of each picture's class probabilities (N, C) from their mean, averaged over splits
    in the order given (Salimans et al. 2016). A split of one picture scores 1, whatever it shows.

    Raises:
        ValueError: fewer than 500 pictures a split, or rows that are no probabilities.
    """
    p = _cloud(probabilities)
    if splits < 1 or len(p) // splits < IMAGES_PER_SPLIT:
        raise ValueError(
            f"An Inception Score of {len(p):,} pictures in {splits} splits means nothing: "
            f"it takes {IMAGES_PER_SPLIT} pictures a split."
        )
    if (p < 0).any() or ((p.sum(1) - 1).abs() > 1e-4).any():
        raise ValueError("An Inception Score is of class probabilities, each row of which sums to 1.")
    scores = []
    for part in p.tensor_split(splits):
        mean = part.mean(0)
        scores.append(math.exp(float((torch.xlogy(part, part) - torch.xlogy(part, mean)).sum(1).mean())))
    return sum(scores) / len(scores)


def nearest(a: Tensor, b: Tensor) -> Tensor:
    """(N,): each row's distance to the nearest row of b, double."""
    a, b = _clouds(a, b)
    return torch.cat([_apart(part, b).amin(1) for part in a.split(CHUNK)])


def memorised(drawn: Tensor, held_out: Tensor, training: Tensor) -> dict[str, float]:
    """Whether drawn logos lie nearer to training logos than others do that no model has seen.

    Returns:
        ratio: the median distance of drawn logos to their nearest training logo over that of the held-out ones; about 1
            for new logos, 0 for copies.
        copies: the share of drawn logos that are nearer than the nearest 1 % of held-out ones; about 0.01 for new ones.

    Raises:
        ValueError: fewer than 100 held-out logos, or clouds of another kind.
    """
    if len(held_out) < 100:
        raise ValueError(f"The nearest 1 % are told from at least 100 held-out pictures, not {len(held_out)}.")
    own, others = nearest(drawn, training), nearest(held_out, training)
    if not others.median() > 0:
        raise ValueError("The held-out pictures are copies of the training pictures, so nothing is told from them.")
    return {
        "ratio": float(own.median() / others.median()),
        "copies": float((own < others.quantile(0.01)).double().mean()),
    }


def _reach(x: Tensor, k: int) -> Tensor:
    """(N,): the distance of each row to its k-th nearest other row."""
    # The row itself comes first, at distance 0.
    return torch.cat([_apart(part, x).kthvalue(k + 1, dim=1).values for part in x.split(CHUNK)])


def _apart(a: Tensor, b: Tensor) -> Tensor:
    # Without the detour over matrix products, which makes equal rows differ by rounding.
    return torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist")


def _clouds(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    a, b = _cloud(a), _cloud(b)
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"Features of one extractor are compared, not {a.shape[1]} with {b.shape[1]} of them.")
    return a, b


def _cloud(x: Tensor) -> Tensor:
    x = torch.as_tensor(x).double()
    if x.ndim != 2 or not x.numel():
        raise ValueError(f"Features are given as (N, D), a row a picture, not as {' × '.join(map(str, x.shape))}.")
    if not x.isfinite().all():
        raise ValueError("Some features are not finite numbers.")
    return x
