"""Places in the space that a layered generator draws from: proposals of a prompt, neighbours of a logo, ways between.

A place is what was read in a prompt (condition values) and a latent. Whatever is drawn has an address (address.py) from
which its place is found again.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

from logo_gan.address import MAX_LOGOS, Address, Mixture, Neighbour, Proposal, neighbour, prompt_of
from logo_gan.choose import CANDIDATES, CLEAR, COMPARED_SIZE, faintness, most_different, smooth, undecided
from logo_gan.colours import oklab, srgb
from logo_gan.logo import Logo
from logo_gan.networks import LayeredGenerator, composite
from logo_gan.prompt import tidy
from logo_gan.regular import regular

if TYPE_CHECKING:
    from logo_gan.prompt import TextEncoder

NEARNESS = (0.25, 0.4, 0.55, 0.7)  # radians by which the latents of neighbours are turned away, one a candidate
FINENESS = 32  # places tried on a way between two logos
REMEMBERED = 256  # places, 2 kB each


class Places(NamedTuple):
    """read (B, condition) and latent (B, Z); palette (B, K + 1, 3) where it is not the generator's: a mixture's."""

    read: Tensor
    latent: Tensor
    palette: Tensor | None = None

    def pick(self, rows: list[int] | slice) -> Places:
        return Places(*(None if part is None else part[rows] for part in self))


class Drawn(NamedTuple):
    """fields (B, K, F, F) and palette (B, K + 1, 3)."""

    fields: Tensor
    palette: Tensor


class LatentSpace:
    """What a layered generator can draw, and the ways through it.

    Args:
        generator: in evaluation mode, without gradients.
        encoder: the text encoder that it was trained with.
        sharpness: slope of a layer's edge at 64 pixels.
    """

    def __init__(self, generator: LayeredGenerator, encoder: TextEncoder, sharpness: float):
        self.generator, self.encoder, self.sharpness = generator, encoder, sharpness
        self._place = lru_cache(maxsize=REMEMBERED)(self._find)

    def proposals(self, text: str, n: int, seed: int, diverse: bool = True, truncation: float = 1.0) -> list[Logo]:
        """Logos of a tidied prompt; the i-th does not depend on `n`."""
        places = self._start(text, seed, CANDIDATES * n if diverse else n, truncation)
        drawn = self.paint(places)
        chosen = self._most_different(drawn, n) if diverse else range(n)
        usual = diverse and truncation == 1.0
        return [
            self._logo(drawn, k, text, Proposal(text, seed, i + 1) if usual else None) for i, k in enumerate(chosen)
        ]

    def at(self, address: Address) -> Logo:
        """The logo at an address."""
        return self._logo(self.paint(self._place(address)), 0, prompt_of(address), address)

    def neighbours(self, of: Address, n: int) -> list[Logo]:
        """Logos near another one, clear and different from it and from each other; the i-th does not depend on `n`."""
        _, drawn, chosen = self._around(of, n)
        return [self._logo(drawn, k, prompt_of(of), neighbour(of, i + 1)) for i, k in enumerate(chosen)]

    def between(self, first: Address, second: Address, steps: int) -> list[Logo]:
        """Logos on the way from one to another, both left out, evenly spaced to the eye."""
        drawn = self.paint(self._way(first, second, steps))
        ways = [Mixture(first, second, i + 1, steps) for i in range(steps)]
        return [self._logo(drawn, i, prompt_of(way), way) for i, way in enumerate(ways)]

    def read(self, text: str) -> Tensor:
        """What the generator reads in a text, (1, condition)."""
        tokens, mask = self.encoder.sequence([text])
        return self.generator.read(torch.from_numpy(np.asarray(tokens, np.float32)), torch.from_numpy(np.asarray(mask)))

    def paint(self, places: Places) -> Drawn:
        """The layers at some places."""
        rows = len(places.latent)
        # The batch is always the same size: a sum's last bits depend on it, and so would a logo on its company.
        spare = [0] * (-rows % CANDIDATES)
        places = places.pick([*range(rows), *spare])
        drawn = [
            self.generator.draw(
                *self.generator.join(places.read[k : k + CANDIDATES], places.latent[k : k + CANDIDATES])
            )
            for k in range(0, rows, CANDIDATES)
        ]
        fields, palette = (torch.cat(parts)[:rows] for parts in zip(*drawn, strict=True))
        return Drawn(smooth(fields), palette if places.palette is None else places.palette[:rows])

    def _logo(self, drawn: Drawn, k: int, caption: str, address: Address | None) -> Logo:
        fields = regular(drawn.fields[k]).numpy()
        return Logo(fields, drawn.palette[k].numpy(), caption, self.sharpness, address)

    def _doubt(self, drawn: Drawn) -> Tensor:
        """How unclear each is, (B,); 0 where every edge is decided and the mark stands out."""
        return undecided(drawn.fields) + faintness(drawn.fields, drawn.palette, self.sharpness)

    def _pictures(self, drawn: Drawn) -> Tensor:
        return composite(drawn.fields, drawn.palette, COMPARED_SIZE, self.sharpness)

    def _most_different(self, drawn: Drawn, n: int) -> list[int]:
        return most_different(self._pictures(drawn), n, self._doubt(drawn))

    def _find(self, address: Address) -> Places:
        """The place of one logo."""
        match address:
            case Proposal(prompt, seed, number):
                places = self._start(tidy(prompt), seed, CANDIDATES * number)
                return places.pick([self._most_different(self.paint(places), number)[-1]])
            case Neighbour(of, numbers):
                before = Neighbour(of, numbers[:-1]) if len(numbers) > 1 else of
                places, _, chosen = self._around(before, numbers[-1])
                return places.pick([chosen[-1]])
            case Mixture(first, second, step, steps):
                return self._way(first, second, steps).pick([step - 1])

    def _start(self, text: str, seed: int, rows: int, truncation: float = 1.0) -> Places:
        latent = latents(seed, self.generator.latent)[:rows] * truncation
        return Places(self.read(text).expand(rows, -1), latent)

    def _around(self, of: Address, n: int) -> tuple[Places, Drawn, list[int]]:
        """Candidates near a logo, and the indices of those to show."""
        here = self._place(of)
        seed = zlib.crc32(str(of).encode())
        noise = latents(seed, here.latent.shape[1])[: CANDIDATES * n]
        turn = torch.tensor(NEARNESS).repeat(n)[:, None]
        latent = here.latent * turn.cos() + noise * turn.sin()
        # The logo itself stands first, so that what is chosen differs from it, too.
        latent = torch.cat((here.latent.expand(CANDIDATES, -1), latent))
        palette = None if here.palette is None else here.palette.expand(len(latent), -1, -1)
        places = Places(here.read.expand(len(latent), -1), latent, palette)
        drawn = self.paint(places)
        return places, drawn, self._most_different(drawn, n + 1)[1:]

    def _way(self, first: Address, second: Address, steps: int) -> Places:
        """The places to show on the way between two logos."""
        one, other = self._place(first), self._place(second)
        along = torch.linspace(0, 1, FINENESS + 2)[:, None]
        read = one.read + (other.read - one.read) * along
        # On the sphere (Shoemake 1985): the middle of a straight way is no latent that the generator was taught.
        cosine = torch.nn.functional.cosine_similarity(one.latent, other.latent).clamp(-0.9995, 0.9995)
        angle = torch.arccos(cosine)
        latent = (torch.sin((1 - along) * angle) * one.latent + torch.sin(along * angle) * other.latent) / angle.sin()
        drawn = self.paint(Places(read, latent))
        chosen = self._evenly(drawn, steps)
        # Colours go their own way, evenly: along the latents they would change all at once.
        ends = [own if place.palette is None else place.palette[0]
                for place, own in ((one, drawn.palette[0]), (other, drawn.palette[-1]))]  # fmt: skip
        before, after = (torch.from_numpy(oklab(255 * end.numpy())) for end in ends)
        share = torch.arange(1, steps + 1)[:, None, None] / (steps + 1)
        palette = torch.from_numpy(srgb((before + (after - before) * share).numpy()) / 255).float()
        return Places(read[chosen], latent[chosen], palette)

    def _evenly(self, drawn: Drawn, steps: int) -> list[int]:
        """Indices, ends left out, of clear logos that divide what changes along a way into like parts.

        Midway between two things may lie a stretch where neither is drawn: it is stepped over.
        """
        doubt = undecided(drawn.fields)
        inside = range(1, len(doubt) - 1)
        clearest = sorted(inside, key=lambda k: float(doubt[k]))
        enough = sum(float(doubt[k]) <= CLEAR for k in inside)
        clear = sorted(clearest[: max(enough, steps)])
        flat = self._pictures(drawn).flatten(1)[[0, *clear, len(doubt) - 1]]
        moved = flat.diff(dim=0).square().mean(1).sqrt() + 1e-4
        # A leap over such a stretch counts as a step, and not for as far as it leads: or all stood on one side of it.
        travelled = moved.clamp(max=float(moved.quantile(0.8))).cumsum(0)
        chosen: list[int] = []
        for i in range(steps):
            wanted = float(travelled[-1]) * (i + 1) / (steps + 1)
            free = range(chosen[-1] + 1 if chosen else 0, len(clear) - (steps - 1 - i))
            chosen.append(min(free, key=lambda k: abs(float(travelled[k]) - wanted)))
        return [clear[k] for k in chosen]


def latents(seed: int, width: int) -> Tensor:
    """(MAX_LOGOS · CANDIDATES, width) from N(0, 1): always all of it, so row i depends on the seed only."""
    return torch.randn(MAX_LOGOS * CANDIDATES, width, generator=torch.Generator().manual_seed(seed))
