"""The generator and what trains it: plain modules, tensors in and tensors out.

`WarpGenerator` looks at the field of a remembered drawing, at the words, and at noise, and says how the drawing should
be bent: a smooth displacement on a coarse grid, and how much heavier it should be. The same displacement moves pixels
in training and the nodes of Bézier outlines when logos are drawn (logo/warp.py).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

TEXT = 384  # values of a text vector
GRID = 16  # control points a side of a displacement; one lies beyond each border
MOST = 0.16  # of the unit square: the largest displacement of a control point
HEAVIER = 0.45  # the largest change of weight, in units of a field (3 cells of 1/64)


def spline_weights(x: Tensor, grid: int = GRID) -> Tensor:
    """How much each control point adds at places x (N,) in [0, 1]: (N, grid), the uniform cubic B-spline."""
    spans = grid - 3
    at = (x * spans).clamp(0, spans)
    first = at.floor().clamp(max=spans - 1)
    t = (at - first)[:, None]
    four = torch.cat(((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3), dim=1) / 6
    weights = torch.zeros(len(x), grid, dtype=x.dtype, device=x.device)
    return weights.scatter_(1, first.long()[:, None] + torch.arange(4, device=x.device), four)


def centres(size: int) -> Tensor:
    """The middles of `size` cells across the unit square."""
    return (torch.arange(size) + 0.5) / size


def apply_warp(fields: Tensor, displacement: Tensor, weight: Tensor) -> Tensor:
    """Bend fields (B, 1, S, S) by control points (B, 2, GRID, GRID), x first, and add a weight (B,).

    What was at x + d(x) is now at x, with d in unit squares; beyond the border lies empty ground.
    """
    size = fields.shape[-1]
    basis = spline_weights(centres(size).to(fields)).to(fields)
    moved = basis @ displacement @ basis.T
    across = centres(size).to(fields)
    x, y = across + moved[:, 0], across[:, None] + moved[:, 1]
    grid = torch.stack((x, y), dim=-1) * 2 - 1
    bent = F.grid_sample(fields + 1, grid, padding_mode="zeros", align_corners=False) - 1
    return (bent + weight[:, None, None, None]).clamp(-1, 1)


def roughness(displacement: Tensor) -> Tensor:
    """Bending energy of control points (B, 2, GRID, GRID): (B,), 0 for an affine map (Wahba 1990, on a grid)."""
    d = displacement * (GRID - 3)
    xx = d[..., 2:] - 2 * d[..., 1:-1] + d[..., :-2]
    yy = d[..., 2:, :] - 2 * d[..., 1:-1, :] + d[..., :-2, :]
    xy = d[..., 1:, 1:] - d[..., 1:, :-1] - d[..., :-1, 1:] + d[..., :-1, :-1]
    return sum(e.square().mean((1, 2, 3)) * factor for e, factor in ((xx, 1), (yy, 1), (xy, 2)))


class Block(nn.Module):
    """Two 3 × 3 convolutions with a skip; the condition scales and shifts between them (FiLM, Perez et al. 2018)."""

    def __init__(self, channels: int, condition: int):
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.film = nn.Linear(condition, 2 * channels)
        nn.init.zeros_(self.second.weight)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        scale, shift = self.film(condition)[:, :, None, None].chunk(2, dim=1)
        y = F.leaky_relu(self.first(F.leaky_relu(x, 0.2)) * (1 + scale) + shift, 0.2)
        return x + self.second(y)


class WarpGenerator(nn.Module):
    """A drawing's field, words and noise become a displacement and a change of weight.

    fields (B, 1, 64, 64) in [-1, 1], text (B, 384) of unit length, latent (B, latent) → displacement (B, 2, 16, 16) in
    unit squares and weight (B,) in units of a field. With `text` False the words are not looked at.
    """

    def __init__(self, latent: int = 16, channels: tuple[int, int, int] = (24, 48, 96), blocks: int = 2,
                 condition: int = 128, text: bool = True):  # fmt: skip
        super().__init__()
        self.latent, self.text = latent, text
        a, b, c = channels
        self.words = nn.Linear(TEXT, 64)
        self.condition = nn.Sequential(
            nn.Linear(64 + latent, condition), nn.LeakyReLU(0.2), nn.Linear(condition, condition), nn.LeakyReLU(0.2)
        )
        self.stem = nn.Conv2d(3, a, 5, 2, 2)
        self.down = nn.Conv2d(a, b, 3, 2, 1)
        self.fine = nn.ModuleList(Block(b, condition) for _ in range(blocks))
        self.deeper = nn.Conv2d(b, c, 3, 2, 1)
        self.coarse = nn.ModuleList(Block(c, condition) for _ in range(blocks))
        self.up = nn.Conv2d(c, b, 3, padding=1)
        self.last = Block(b, condition)
        self.bend = nn.Conv2d(b, 2, 3, padding=1)
        self.heavier = nn.Linear(c, 1)
        for head in (self.bend, self.heavier):  # begins with every drawing as it is
            nn.init.zeros_(head.weight)
            nn.init.zeros_(head.bias)

    def example(self) -> tuple[Tensor, Tensor, Tensor]:
        """Arguments of one call."""
        return torch.zeros(1, 1, 64, 64), torch.zeros(1, TEXT), torch.zeros(1, self.latent)

    def forward(self, fields: Tensor, text: Tensor, latent: Tensor) -> tuple[Tensor, Tensor]:
        words = self.words(text * TEXT**0.5) if self.text else latent.new_zeros(len(latent), 64)
        condition = self.condition(torch.cat((words, latent), dim=1))
        # Where a cell lies: convolutions alone cannot tell a stretch of all of it from none.
        across = (centres(fields.shape[-1]).to(fields) * 2 - 1).expand_as(fields)
        x = self.stem(torch.cat((fields, across, across.mT), dim=1))
        x = self.down(F.leaky_relu(x, 0.2))
        for block in self.fine:
            x = block(x, condition)
        y = self.deeper(F.leaky_relu(x, 0.2))
        for block in self.coarse:
            y = block(y, condition)
        x = x + F.interpolate(self.up(F.leaky_relu(y, 0.2)), scale_factor=2.0, mode="bilinear", align_corners=False)
        x = self.last(x, condition)
        displacement = MOST * torch.tanh(self.bend(F.leaky_relu(x, 0.2)))
        weight = HEAVIER * torch.tanh(self.heavier(F.leaky_relu(y, 0.2).mean((2, 3))))[:, 0]
        return displacement, weight


class PairEncoder(nn.Module):
    """How one drawing differs from another of the same thing: fields (B, 1, 64, 64) twice → mean and log variance."""

    def __init__(self, latent: int = 16, width: int = 24):
        super().__init__()
        w = width
        self.body = nn.Sequential(
            nn.Conv2d(2, w, 5, 2, 2), nn.LeakyReLU(0.2), nn.Conv2d(w, 2 * w, 3, 2, 1), nn.LeakyReLU(0.2),
            nn.Conv2d(2 * w, 4 * w, 3, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(4 * w, 2 * w, 3, 2, 1), nn.LeakyReLU(0.2),
        )  # fmt: skip
        self.head = nn.Linear(2 * w * 16, 2 * latent)

    def forward(self, source: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        mean, spread = self.head(self.body(torch.cat((source, target), dim=1)).flatten(1)).chunk(2, dim=1)
        return mean, spread.clamp(-8, 4)


class Discriminator(nn.Module):
    """Does the field look like a drawing, and is it of what the words say?

    fields (B, 1, 64, 64) → features (B, width · 4); `judge` projects the words onto them (Miyato & Koyama 2018), so one
    pass over a field serves its own words and wrong ones. No normalisation (Huang et al. 2024).
    """

    def __init__(self, width: int = 24, text: bool = True):
        super().__init__()
        w = width
        self.text = text
        self.body = nn.Sequential(
            nn.Conv2d(1, w, 5, 2, 2), nn.LeakyReLU(0.2), nn.Conv2d(w, 2 * w, 3, 2, 1), nn.LeakyReLU(0.2),
            nn.Conv2d(2 * w, 3 * w, 3, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(3 * w, 4 * w, 3, 2, 1), nn.LeakyReLU(0.2),
        )  # fmt: skip
        self.gather = nn.Linear(4 * w * 16, 4 * w)
        self.words = nn.Linear(TEXT, 4 * w)
        self.real = nn.Linear(4 * w, 1)

    def example(self) -> tuple[Tensor, Tensor]:
        """Arguments of one call."""
        return torch.zeros(1, 1, 64, 64), torch.zeros(1, TEXT)

    def features(self, fields: Tensor) -> Tensor:
        return F.leaky_relu(self.gather(self.body(fields).flatten(1)), 0.2)

    def judge(self, features: Tensor, text: Tensor) -> Tensor:
        """Scores (B,), higher is more real and better fitting."""
        score = self.real(features)[:, 0]
        if self.text:
            score = score + (features * self.words(text * TEXT**0.5)).mean(1)
        return score

    def forward(self, fields: Tensor, text: Tensor) -> Tensor:
        return self.judge(self.features(fields), text)
