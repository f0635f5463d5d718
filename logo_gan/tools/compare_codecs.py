"""Codecs side by side, on drawings of sets that are not in the memory: python -m logo_gan.tools.compare_codecs

For fields of 64 and of 96 cells and codes of 256 to 1,024 values in int8: overlap of the decoded drawing with the
outline at 256 px, at thin lines and at corners too, and what a code and the matrix take.
"""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from logo_gan.logo.raster import coverage
from logo_gan.marks.codec import Codec
from logo_gan.marks.distance import signed_distance
from logo_gan.marks.memory import FOLDER, Memory
from logo_gan.marks.outline import Outline

TAUGHT = 6_000
PIXELS = 256
CELLS, VALUES = (64, 96), (256, 384, 512, 1_024)
THIN = 0.03  # mean width of lines, in unit squares, up to which a drawing counts as one of thin lines


def held_out() -> list[Outline]:
    """The drawings of the sets that are kept for measuring."""
    import pyarrow.parquet as pq

    return [Outline.decoded(data) for data in pq.read_table(FOLDER / "held_out.parquet")["outline"].to_pylist()]


def main() -> None:
    memory, outlines = Memory.load(), held_out()
    rows = np.random.default_rng(1).choice(memory.rows("solid"), TAUGHT, replace=False)
    true = torch.from_numpy(np.stack([coverage(outline, PIXELS) for outline in outlines]))
    edge = 1 - (2 * F.avg_pool2d(true[:, None], 9, 1, 4)[:, 0] - 1).abs()  # where within 9 pixels both sides meet
    corner = edge * (F.avg_pool2d(true[:, None], 17, 1, 8)[:, 0] - 0.5).abs() > 0.15
    thin = torch.tensor([2 * outline.area / outline.length < THIN for outline in outlines])
    print(f"{len(outlines)} held-out drawings, {int(thin.sum())} of thin lines; {TAUGHT:,} taught")
    print("| cells | values | overlap, mean | median | thin lines | at corners | code, bytes | matrix, MB |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for cells in CELLS:
        reach = 3 / cells
        taught = np.stack([signed_distance(memory.outline(int(row)), cells, reach) for row in rows])
        asked = np.stack([signed_distance(outline, cells, reach) for outline in outlines])
        flat = torch.from_numpy(taught.reshape(len(taught), -1))
        mean = flat.mean(0)
        torch.manual_seed(0)
        _, strengths, vectors = torch.svd_lowrank(flat - mean, max(VALUES), niter=3)
        for values in VALUES:
            deviation = strengths[:values] / len(flat) ** 0.5
            codec = Codec(mean.numpy(), vectors.T[:values].numpy(), deviation.numpy())
            coded = torch.from_numpy(codec.values(codec.encode(asked)) @ codec.basis + codec.mean)
            field = F.interpolate(
                coded.view(-1, 1, cells, cells), (PIXELS, PIXELS), mode="bicubic", align_corners=False
            )
            drawn = (field[:, 0] * reach * PIXELS + 0.5).clamp(0, 1)
            both, either = torch.minimum(drawn, true), torch.maximum(drawn, true)
            overlap = both.sum((1, 2)) / either.sum((1, 2))
            at_corners = (both * corner).sum() / (either * corner).sum()
            print(
                f"| {cells} | {values} | {overlap.mean():.4f} | {overlap.median():.4f} | {overlap[thin].mean():.4f} "
                f"| {at_corners:.4f} | {values} | {2 * values * cells**2 / 1e6:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
