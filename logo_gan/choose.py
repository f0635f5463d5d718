"""From what a generator paints to what is shown: edges calmed, and of many candidates the clear and different ones."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from logo_gan.networks import TRAINING_SIZE, composite

CANDIDATES = 4  # drawn for every logo that is asked for, and the batch that the generator always sees
READABLE = 0.3  # root mean square distance of two colours, channels in [0, 1], from which a mark is plain to see
CLEAR = 0.004  # of the canvas: where no more than this is undecided, a logo is clear to every eye
COMPARED_SIZE = 32  # pixels at which candidates are compared: enough to tell two logos apart


def smooth(fields: torch.Tensor) -> torch.Tensor:
    """Fields (C, K, F, F) through a binomial filter: five taps for the container and its shade, three for the mark.

    At training size a wobble of a fraction of a pixel is never seen, so nothing has taught the generator to avoid it;
    at 1024 px it is a dented circle. Containers are large and even; marks have details that five taps would cost.
    """
    wide, narrow = torch.tensor([1.0, 4, 6, 4, 1]) / 16, torch.tensor([0.0, 1, 2, 1, 0]) / 4
    layers = fields.shape[1]
    containers = layers - 2  # the last two are the mark and its accent
    taps = torch.stack([wide if k < containers else narrow for k in range(layers)])[:, None]
    padded = F.pad(fields, (2, 2, 2, 2), mode="replicate")
    across = F.conv2d(padded, taps[:, :, None, :], groups=layers)
    return F.conv2d(across, taps[..., None], groups=layers)


def undecided(fields: torch.Tensor) -> torch.Tensor:
    """How unsure a generator is of its shapes: fields (C, K, F, F) → (C,), 0 for clear edges everywhere.

    A field that is a distance crosses zero steeply. Where it lies near zero and is flat, no edge has been decided on,
    and a large picture would show a ragged one. Counted as places, in parts of the canvas.
    """
    down, right = fields.diff(dim=2)[..., :-1], fields.diff(dim=3)[..., :-1, :]
    slope = torch.hypot(down, right) * fields.shape[-1] / 64
    flat = (fields[..., :-1, :-1].abs() < 0.2) & (slope < 0.12)
    return flat.float().mean((1, 2, 3))


def faintness(fields: torch.Tensor, palette: torch.Tensor, sharpness: float) -> torch.Tensor:
    """How hard the mark is to see: fields (C, K, F, F), palette (C, K + 1, 3) → (C,), 0 where it stands out, at most 1.

    The mark's colour against what lies beneath it, as a root mean square over the mark's place; from READABLE on it is
    clear enough. Colours that a prompt leaves open can come out too near each other.
    """
    beneath = composite(fields[:, :-2], palette[:, :-2], COMPARED_SIZE, sharpness)
    mark = F.interpolate(fields[:, -2:-1], size=(COMPARED_SIZE, COMPARED_SIZE), mode="bicubic", align_corners=False)
    place = torch.sigmoid(mark * (sharpness * COMPARED_SIZE / TRAINING_SIZE))[:, 0]
    apart = (beneath - palette[:, -2, :, None, None]).square().mean(1)
    contrast = ((apart * place).sum((1, 2)) / place.sum((1, 2)).clamp(min=1e-6)).sqrt()
    return (1 - contrast / READABLE).clamp(min=0)


def most_different(images: torch.Tensor, n: int, doubt: torch.Tensor) -> list[int]:
    """Picks `n` of the candidate images (C, 3, S, S), C ≥ CANDIDATES·n, that differ most from each other.

    The first is the one of the first CANDIDATES with the least `doubt` (C,). The i-th is the one of the first
    CANDIDATES·(i + 1), without the more doubtful half of them but for those that are CLEAR, whose pixels are farthest
    (Euclidean) from those of the nearest one already picked. No choice depends on how many follow.
    """
    flat = images.flatten(1).double()
    apart = torch.cdist(flat, flat, compute_mode="donot_use_mm_for_euclid_dist")
    chosen = [int(doubt[:CANDIDATES].argmin())]
    for i in range(1, n):
        pool = CANDIDATES * (i + 1)
        nearest = apart[:pool, chosen].amin(1)
        nearest[doubt[:pool] > doubt[:pool].median().clamp(min=CLEAR)] -= 1e6
        nearest[chosen] = -1e9
        chosen.append(int(nearest.argmax()))
    return chosen
