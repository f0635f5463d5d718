"""LogoGAN: prompt → vectors → generator → logos, with its weights bundled, in a folder, or on the Hub."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import tempfile
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import safetensors
import safetensors.torch
import torch

from logo_gan import address as addresses
from logo_gan import hub, model_card
from logo_gan.address import MAX_LOGOS, MAX_SEED, MAX_STEPS, Address, Mixture, Proposal, parse
from logo_gan.choose import CANDIDATES
from logo_gan.latents import LatentSpace, latents
from logo_gan.logo import Logo
from logo_gan.model_files import FORMAT, ModelError, read_config, read_generator, write_whole
from logo_gan.pixel_logo import PixelLogo
from logo_gan.prompt import TextEncoder, tidy

if TYPE_CHECKING:
    pass

WEIGHTS = Path(__file__).resolve().parents[1] / "weights"
DEFAULT_MODEL = "layered-64"
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)


def check_seed(seed: int) -> int:
    """`seed` as an int; raises ValueError unless it is a whole number from 0 to 4294967295."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed <= MAX_SEED:
        raise ValueError(f"The seed must be a whole number from 0 to {MAX_SEED}.")
    return int(seed)


def random_seed() -> int:
    """A seed that nobody chose."""
    return secrets.randbelow(MAX_SEED + 1)


class LogoGAN:
    """A trained generator with its text encoder.

    Args:
        generator: a module of networks.py.
        config: what config.json holds (`architecture`, `generator`, `sharpness`, `text_encoder`, ...).
        source: where it comes from, in words.
        folder: where its files lie, if anywhere.
    """

    def __init__(
        self,
        generator: torch.nn.Module,
        config: dict[str, Any],
        source: str = "memory",
        folder: Path | None = None,
    ):
        self.generator = generator.float().eval().requires_grad_(False)
        self.config = config
        self.source = source
        self.folder = folder

    @classmethod
    def from_pretrained(
        cls,
        model: str | os.PathLike | None = None,
        revision: str | None = None,
        *,
        deadline: float = hub.FETCH_SECONDS,
    ) -> LogoGAN:
        """Loads a model.

        Args:
            model: None for the bundled one; else a folder, the name of a bundled model, or a Hub repository
                'owner/name', looked up in the local cache first.
            revision: branch, tag or commit of a Hub repository.
            deadline: seconds within which the Hub has to deliver it.

        Raises:
            ModelError: there is no such model, or its files are not as they must be.
            hub.HubError: the Hub did not deliver it.
        """
        name = os.fspath(model) if model is not None else DEFAULT_MODEL
        if model is not None and name and Path(name).is_dir():
            folder, source = Path(name), name
        elif re.fullmatch(r"[\w-]+", name) and (WEIGHTS / name).is_dir():
            folder, source = WEIGHTS / name, f"bundled ({name})"
        elif _HUB_ID.fullmatch(name):
            return cls._from_hub(name, revision, deadline)
        else:
            raise ModelError(f"There is no model {name[:100]!r}: give a folder, or a Hub repository as owner/name.")
        return cls._read(folder, source)

    @classmethod
    def _from_hub(cls, repo: str, revision: str | None, deadline: float) -> LogoGAN:
        """From the local cache; what does not pass the checks there, the Hub is asked for again."""

        def read(folder: Path) -> LogoGAN:
            commit = folder.name[:12]
            pinned = revision is None or folder.name.startswith(revision)
            return cls._read(folder, f"{repo} at {commit if pinned else f'{revision}, {commit}'} (Hugging Face Hub)")

        cached = hub.cached_folder(repo, revision)
        if cached is None:
            return read(hub.fetch(repo, revision, deadline))
        try:
            return read(cached)
        except ModelError as unusable:
            try:
                fetched = hub.fetch(repo, revision, deadline)
            except hub.HubError as error:
                trouble = f"The model {repo!r} cannot be used"
                raise hub.HubError(trouble, f"in the local cache {unusable.reason}, and {error.reason}") from error
        return read(fetched)

    @classmethod
    def _read(cls, folder: Path, source: str) -> LogoGAN:
        try:
            config = read_config(folder / "config.json")
            return cls(read_generator(folder / "model.safetensors", config), config, source, folder)
        except ModelError as error:
            error.folder = folder
            raise

    @cached_property
    def encoder(self) -> TextEncoder:
        """The text encoder that the model was trained with, loaded on first use; models share it."""
        return _encoder(self.config.get("text_encoder", "bundled"))

    @cached_property
    def fingerprint(self) -> str:
        """Which weights these are, as "layered-64-1f2e3d4c": the name and the beginning of the file's SHA-256."""
        name = str(self.config.get("name") or self.config["architecture"])[:60]
        try:
            if self.folder is not None:
                with (self.folder / "model.safetensors").open("rb") as file:
                    return f"{name}-{hashlib.file_digest(file, 'sha256').hexdigest()[:8]}"
        except OSError:  # the folder has gone since
            pass
        return name

    @property
    def revision(self) -> str | None:
        """The commit of a Hub repository; None for weights from elsewhere."""
        return self.folder.name if self.folder is not None and self.folder.parent.name == "snapshots" else None

    @cached_property
    def space(self) -> LatentSpace:
        """What the generator can draw, and the ways through it; raises ValueError for the baseline."""
        if self.config["architecture"] == "baseline":
            raise ValueError("The baseline model draws pixels, so its logos cannot be varied or mixed.")
        return LatentSpace(self.generator, self.encoder, float(self.config.get("sharpness", 16.0)))

    def generate(
        self,
        prompt: str,
        n: int = 4,
        seed: int | None = None,
        *,
        diverse: bool = True,
        truncation: float = 1.0,
    ) -> list[Logo] | list[PixelLogo]:
        """Draws logos.

        The same prompt, seed, weights and machine give the same logos, and the i-th does not depend on `n`.

        Args:
            prompt: what the logo is for, in at most 500 characters.
            n: how many, 1 to 16.
            seed: a whole number from 0 to 4294967295; None for a random one.
            diverse: draw four candidates a logo, and take the clear one that differs most from the logos before it.
            truncation: factor on the latents, 0 to 2: lower is more usual, higher more varied.

        Raises:
            PromptError: the prompt is empty, too long, or without a word.
            ValueError: another argument is out of range.
        """
        text = tidy(prompt)
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or not 1 <= n <= MAX_LOGOS:
            raise ValueError(f"The number of logos must be a whole number from 1 to {MAX_LOGOS}.")
        if isinstance(truncation, bool) or not isinstance(truncation, (int, float)) or not 0 <= truncation <= 2:
            raise ValueError("The truncation must be a number from 0 to 2.")
        seed = random_seed() if seed is None else check_seed(seed)
        with torch.inference_mode():
            if self.config["architecture"] == "baseline":
                return self._draw_pixels(text, n, seed, truncation)
            return self.space.proposals(text, n, seed, diverse, truncation)

    def at(self, address: Address | str) -> Logo | PixelLogo:
        """The logo at an address (address.py), as `logo.address` gives it.

        Raises:
            ValueError: the address leads nowhere, or only a layered model can follow it.
        """
        address = parse(address) if isinstance(address, str) else address
        if isinstance(address, Proposal) and self.config["architecture"] == "baseline":
            return self.generate(address.prompt, address.number, address.seed)[-1]
        with torch.inference_mode():
            return self.space.at(address)

    def more_like(self, logo: Logo | Address | str, n: int = 4) -> list[Logo]:
        """Logos near another one in latent space, clear and different from each other.

        Args:
            logo: a logo that `generate`, `more_like` or `mix` gave, or its address.
            n: how many, 1 to 15; the i-th does not depend on it.

        Raises:
            ValueError: `logo` has no address or is too far off, `n` is out of range, or the model is the baseline.
        """
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or not 1 <= n < MAX_LOGOS:
            raise ValueError(f"The number of logos must be a whole number from 1 to {MAX_LOGOS - 1}.")
        of = _address(logo)
        addresses.check(addresses.neighbour(of, int(n)))  # or they could not be found again
        with torch.inference_mode():
            return self.space.neighbours(of, int(n))

    def mix(self, first: Logo | Address | str, second: Logo | Address | str, steps: int = 5) -> list[Logo]:
        """Logos on the way from one to another through latent space, both left out.

        Args:
            first, second: logos, or their addresses; of one prompt or of two.
            steps: how many, 1 to 9.

        Raises:
            ValueError: a logo has no address or is too far off, `steps` is out of range, or the model is the baseline.
        """
        if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or not 1 <= steps <= MAX_STEPS:
            raise ValueError(f"The number of steps must be a whole number from 1 to {MAX_STEPS}.")
        first, second = _address(first), _address(second)
        addresses.check(Mixture(first, second, 1, int(steps)))
        with torch.inference_mode():
            return self.space.between(first, second, int(steps))

    def _draw_pixels(self, text: str, n: int, seed: int, truncation: float) -> list[PixelLogo]:
        mean = torch.from_numpy(np.asarray(self.encoder.mean([text]), dtype=np.float32)).expand(CANDIDATES, -1)
        noise = latents(seed, self.generator.noise) * truncation
        drawn = [self.generator(noise[k : k + CANDIDATES], mean) for k in _starts(-(-n // CANDIDATES))]
        pixels = torch.cat(drawn)[:n].add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8)
        return [
            PixelLogo(image.permute(1, 2, 0).numpy(), text, Proposal(text, seed, i + 1))
            for i, image in enumerate(pixels)
        ]

    def save_pretrained(self, folder: str | os.PathLike) -> None:
        """Writes config.json and model.safetensors (fp16); copies the history and the model card, if any.

        Every file is written under another name first, so that a folder never holds half of one.

        Raises:
            OSError: the folder cannot be written.
            ModelError: a weight is not finite in fp16.
        """
        folder = Path(folder)
        state = {}
        for name, value in self.generator.state_dict().items():
            state[name] = (value.half() if value.is_floating_point() else value).contiguous().cpu()
            if value.is_floating_point() and not state[name].isfinite().all():
                raise ModelError(f"The weight {name!r} is not finite in half precision, so it cannot be saved.")
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / "model.safetensors", lambda path: safetensors.torch.save_file(state, path))
        config = json.dumps({"format": FORMAT, **self.config}, indent=2, ensure_ascii=False) + "\n"
        write_whole(folder / "config.json", lambda path: path.write_text(config, encoding="utf-8"))
        for name in set(hub.FILES) - set(hub.NEEDED):
            origin = self.folder / name if self.folder else None
            if origin and origin.is_file() and origin.resolve() != (folder / name).resolve():
                write_whole(folder / name, lambda path, origin=origin: shutil.copyfile(origin, path))

    def push_to_hub(self, repo: str) -> str:
        """Uploads weights, configuration, history and model card to OWNER/NAME; returns its address.

        A model without a card gets one that says what it is, how it was trained, and what was measured.

        Raises:
            ValueError: the name is not of that form.
            hub.HubError: nobody is logged in, or the Hub did not take it.
        """
        if not _HUB_ID.fullmatch(repo):
            raise ValueError(f"A Hub repository is named OWNER/NAME, not {repo[:100]!r}.")
        with tempfile.TemporaryDirectory() as staging:
            folder = Path(staging) / (self.folder.name if self.folder else "model")
            self.save_pretrained(folder)
            model_card.prepare(folder, repo, self.config)
            return hub.push(folder, repo)


@cache
def _encoder(name: str) -> TextEncoder:
    return TextEncoder.load(name)


def _address(logo: Logo | Address | str) -> Address:
    """The address of a logo that was drawn here; raises ValueError."""
    address = getattr(logo, "address", logo)
    if address is None:
        raise ValueError("This logo has no address: it was not drawn by `generate` in its usual way.")
    return parse(address) if isinstance(address, str) else address


def _starts(batches: int) -> range:
    return range(0, batches * CANDIDATES, CANDIDATES)
