"""LogoGAN: prompt → brief → remembered drawings → generator → logos; its files bundled, in a folder, or on the Hub."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import tempfile
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from logo_gan.logo.composition import Mark, build
from logo_gan.logo.design import Logo
from logo_gan.marks.memory import Memory, MemoryFileError
from logo_gan.model import address as addresses
from logo_gan.model import choice, hub
from logo_gan.model.address import (
    INVENTION,
    MAX_LOGOS,
    MAX_SEED,
    MAX_STEPS,
    Address,
    Mixture,
    Proposal,
    parse,
)
from logo_gan.model.checkpoint import (
    ModelError,
    read_config,
    read_generator,
    write_config,
    write_network,
    write_whole,
)
from logo_gan.model.drafts import Draft, Drafter
from logo_gan.model.drawing import Draughtsman, Part
from logo_gan.text.brief import Brief, read
from logo_gan.text.encoder import SentenceEncoder
from logo_gan.text.prompt import tidy
from logo_gan.text.tagger import Tagger
from logo_gan.text.vocabulary import symbols

if TYPE_CHECKING:
    from logo_gan.logo.pixels import PixelLogo

WEIGHTS = Path(__file__).resolve().parents[2] / "weights"
DEFAULT_MODEL = "warp"
REMEMBERED = 256  # drafts
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
    """A trained generator with the memory that it draws from.

    Args:
        generator: of the architecture in `config`.
        config: what config.json holds (`architecture`, `generator`, ...).
        memory: the drawings; None for the baseline, which has none.
        source: where it comes from, in words.
        folder: where its files lie, if anywhere.
    """

    def __init__(
        self, generator: torch.nn.Module, config: dict[str, Any], memory: Memory | None = None,
        source: str = "memory", folder: Path | None = None,
    ):  # fmt: skip
        self.generator = generator.float().eval().requires_grad_(False)
        self.config, self.memory, self.source, self.folder = config, memory, source, folder

    @classmethod
    def from_pretrained(
        cls, model: str | os.PathLike | None = None, revision: str | None = None, *,
        memory: str | os.PathLike | None = None, deadline: float = hub.FETCH_SECONDS,
    ) -> LogoGAN:  # fmt: skip
        """Loads a model.

        Args:
            model: None for the bundled one; else a folder, the name of a bundled model, or a Hub repository
                'owner/name', looked up in the local cache first.
            revision: branch, tag or commit of a Hub repository.
            memory: the folder of another memory to draw from.
            deadline: seconds within which the Hub has to deliver it.

        Raises:
            ModelError: there is no such model, or its files are not as they must be.
            MemoryFileError: the same of the memory.
            hub.HubError: the Hub did not deliver it.
        """
        name = os.fspath(model) if model is not None else DEFAULT_MODEL
        if model is not None and name and Path(name).is_dir():
            found = cls._read(Path(name), name)
        elif re.fullmatch(r"[\w-]+", name) and (WEIGHTS / name).is_dir():
            found = cls._read(WEIGHTS / name, f"bundled ({name})")
        elif _HUB_ID.fullmatch(name):
            found = cls._from_hub(name, revision, deadline)
        else:
            raise ModelError(f"There is no model {name[:100]!r}: give a folder, or a Hub repository as owner/name.")
        return found if memory is None else found.with_memory(memory)

    @classmethod
    def _from_hub(cls, repo: str, revision: str | None, deadline: float) -> LogoGAN:
        """From the local cache; what does not pass the checks there, the Hub is asked for again."""

        def opened(folder: Path) -> LogoGAN:
            commit = folder.name[:12]
            pinned = revision is None or folder.name.startswith(revision)
            return cls._read(folder, f"{repo} at {commit if pinned else f'{revision}, {commit}'} (Hugging Face Hub)")

        cached = hub.cached_folder(repo, revision)
        if cached is None:
            return opened(hub.fetch(repo, revision, deadline))
        try:
            return opened(cached)
        except ModelError as unusable:
            try:
                fetched = hub.fetch(repo, revision, deadline)
            except hub.HubError as error:
                trouble = f"The model {repo!r} cannot be used"
                raise hub.HubError(trouble, f"in the local cache {unusable.reason}, and {error.reason}") from error
        return opened(fetched)

    @classmethod
    def _read(cls, folder: Path, source: str) -> LogoGAN:
        try:
            config = read_config(folder / "config.json")
            generator = read_generator(folder / "model.safetensors", config)
            if config["architecture"] == "baseline":
                return cls(generator, config, source=source, folder=folder)
            own = folder / "memory"
            memory = Memory.load(own) if own.is_dir() else Memory.load()
            return cls(generator, config, memory, source, folder)
        except MemoryFileError as error:  # a part of the model like any other: it may be fetched anew
            unusable = ModelError(str(error))
            unusable.folder = folder
            raise unusable from error
        except ModelError as error:
            error.folder = folder
            raise

    def with_memory(self, folder: str | os.PathLike) -> LogoGAN:
        """The same generator with another memory to draw from; raises MemoryFileError."""
        self._needs_memory()
        memory = Memory.load(folder)
        return LogoGAN(self.generator, self.config, memory, self.source, self.folder)

    @cached_property
    def encoder(self) -> SentenceEncoder:
        """What texts are compared by; loaded on first use, models share it."""
        return SentenceEncoder.load()

    @cached_property
    def fingerprint(self) -> str:
        """Which weights and which memory these are, as "warp-1f2e3d4c-5b6a7988"."""
        name = str(self.config.get("name") or self.config["architecture"])[:60]
        try:
            if self.folder is not None:
                with (self.folder / "model.safetensors").open("rb") as file:
                    name = f"{name}-{hashlib.file_digest(file, 'sha256').hexdigest()[:8]}"
        except OSError:  # the folder has gone since
            pass
        return name if self.memory is None else f"{name}-{self.memory.fingerprint}"

    @property
    def revision(self) -> str | None:
        """The commit of a Hub repository; None for weights from elsewhere."""
        return self.folder.name if self.folder is not None and self.folder.parent.name == "snapshots" else None

    def read(self, prompt: str) -> Brief:
        """What a prompt asks for.

        Raises:
            PromptError: the prompt is empty, too long, or without a word.
            ValueError: the model is the baseline, which reads no briefs.
        """
        self._needs_memory()
        return self._brief(tidy(prompt))

    def alternatives(self, brief: Brief) -> list[list[tuple[str, str]]]:
        """What could be drawn instead of each thing of a brief: symbols of its trade, things near in meaning.

        Returns:
            For each thing names and drawings, these as the `d` of an SVG path in a square of 100; its own comes first.
        """
        self._needs_memory()
        return [self._alternatives(thing, brief.trade) for thing in brief.things]

    @cached_property
    def _alternatives(self):
        def found(thing: str, trade: str | None) -> list[tuple[str, str]]:
            own = choice.find(self.memory, self.encoder, [thing])[0].rows[:1]
            others = choice.alternatives(self.memory, self.encoder, thing, symbols(trade) if trade else ())
            drawn = [(thing, own[0]), *(each for each in others if each[1] != own[0])] if own else others
            return [(name, self.memory.outline(row).moved(100, 0, 0).path_data(0)) for name, row in drawn]

        return lru_cache(maxsize=REMEMBERED)(found)

    def generate(self, prompt: str | Brief, n: int = 4, seed: int | None = None, *,
                 invention: float = INVENTION / 100) -> list[Logo] | list[PixelLogo]:  # fmt: skip
        """Draws logos.

        The same prompt, seed, weights and machine give the same logos, and the i-th does not depend on `n`.

        Args:
            prompt: what the logo is for, in at most 500 characters, or a brief.
            n: how many, 1 to 16.
            seed: a whole number from 0 to 4294967295; None for a random one.
            invention: 0 for drawings as they are remembered, to 1 for the most inventive ones.

        Raises:
            PromptError: the prompt is empty, too long, or without a word.
            ValueError: another argument is out of range.
        """
        brief = prompt if isinstance(prompt, Brief) else None
        text = tidy(brief.prompt if brief else prompt)
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or not 1 <= n <= MAX_LOGOS:
            raise ValueError(f"The number of logos must be a whole number from 1 to {MAX_LOGOS}.")
        if isinstance(invention, bool) or not isinstance(invention, (int, float)) or not 0 <= invention <= 1:
            raise ValueError("The invention must be a number from 0 to 1.")
        seed = random_seed() if seed is None else check_seed(seed)
        dial = round(100 * invention)
        if self.config["architecture"] == "baseline":
            return self._draw_pixels(text, n, seed)
        own = brief is None or brief == self.read(text)
        drafts = self._drafter.sheets(brief or self._brief(text), n, seed, dial / 100)
        return self._drawn(drafts, [Proposal(text, seed, i + 1, dial) if own else None for i in range(n)])

    def draw(self, parts: list[Part]) -> list[Mark]:
        """Marks alone, as `generate` draws them, each beside the nearest remembered drawing."""
        self._needs_memory()
        with torch.inference_mode():
            return self._draughtsman.with_nearest(self._draughtsman.draw(parts))

    def at(self, address: Address | str) -> Logo | PixelLogo:
        """The logo at an address (address.py), as `logo.address` gives it.

        Raises:
            ValueError: the address leads nowhere, or only a model with a memory can follow it.
        """
        address = parse(address) if isinstance(address, str) else address
        if self.memory is None and isinstance(address, Proposal):
            return self._draw_pixels(address.prompt, address.number, address.seed)[-1]
        self._needs_memory()
        return self._drawn([self._drafter.find(address)], [address])[0]

    def more_like(self, logo: Logo | Address | str, n: int = 4) -> list[Logo]:
        """Logos near another one: the same thing in the same colours, drawn otherwise.

        Args:
            logo: a logo that `generate`, `more_like` or `mix` gave, or its address.
            n: how many, 1 to 15; the i-th does not depend on it.

        Raises:
            ValueError: `logo` has no address or is too far off, `n` is out of range, or the model is the baseline.
        """
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or not 1 <= n < MAX_LOGOS:
            raise ValueError(f"The number of logos must be a whole number from 1 to {MAX_LOGOS - 1}.")
        self._needs_memory()
        of = _address(logo)
        addresses.check(addresses.neighbour(of, int(n)))  # or they could not be found again
        return self._drawn(self._drafter.around(of, int(n)), [addresses.neighbour(of, i + 1) for i in range(n)])

    def mix(self, first: Logo | Address | str, second: Logo | Address | str, steps: int = 5) -> list[Logo]:
        """Logos on the way from one to another through remembered drawings, both left out.

        Args:
            first, second: logos, or their addresses; of one prompt or of two.
            steps: how many, 1 to 9.

        Raises:
            ValueError: a logo has no address or is too far off, `steps` is out of range, or the model is the baseline.
        """
        if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or not 1 <= steps <= MAX_STEPS:
            raise ValueError(f"The number of steps must be a whole number from 1 to {MAX_STEPS}.")
        self._needs_memory()
        first, second = _address(first), _address(second)
        addresses.check(Mixture(first, second, 1, int(steps)))
        return self._drawn(self._drafter.way(first, second, int(steps)),
                           [Mixture(first, second, i + 1, int(steps)) for i in range(steps)])  # fmt: skip

    def _needs_memory(self) -> None:
        if self.memory is None:
            raise ValueError(
                "The baseline model draws pixels from word vectors: it reads no brief, varies and mixes nothing."
            )

    @cached_property
    def _brief(self):
        return lru_cache(maxsize=REMEMBERED)(lambda text: read(text, self._things, Tagger.load()))

    @cached_property
    def _things(self) -> choice.Drawable:
        return choice.Drawable(self.memory, self.encoder)

    @cached_property
    def _drafter(self) -> Drafter:
        return Drafter(self.memory, self.encoder, self._brief, self.generator.latent)

    @cached_property
    def _draughtsman(self) -> Draughtsman:
        return Draughtsman(self.memory, self.generator)

    def _drawn(self, drafts: list[Draft], at: list[Address | None]) -> list[Logo]:
        parts = [draft.first for draft in drafts] + [draft.second for draft in drafts if draft.second]
        marks = self.draw(parts)
        seconds = iter(marks[len(drafts) :])
        return [
            build(draft.plan, mark, next(seconds) if draft.second else None,
                  addresses.prompt_of(address) if address else draft.brief.prompt, address)
            for draft, mark, address in zip(drafts, marks, at, strict=False)
        ]  # fmt: skip

    def _draw_pixels(self, text: str, n: int, seed: int) -> list[PixelLogo]:
        from logo_gan.logo.pixels import PixelLogo
        from logo_gan.text.word_vectors import MeanVectors

        mean = torch.from_numpy(MeanVectors.load(self.config.get("text_encoder", "bundled")).encode([text])).expand(
            n, -1
        )
        noise = torch.randn(n, self.generator.noise, generator=torch.Generator().manual_seed(seed))
        with torch.inference_mode():
            pixels = self.generator(noise, mean).add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8)
        return [
            PixelLogo(image.permute(1, 2, 0).numpy(), text, Proposal(text, seed, i + 1))
            for i, image in enumerate(pixels)
        ]

    def save_pretrained(self, folder: str | os.PathLike) -> None:
        """Writes a folder with all that `from_pretrained` needs, the memory too, and the history and card, if any.

        Every file is written under another name first, so that a folder never holds half of one.

        Raises:
            OSError: the folder cannot be written.
            ModelError: a weight is not finite in half precision.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        write_network(folder / "model.safetensors", self.generator)
        write_config(folder, {key: value for key, value in self.config.items() if key != "format"})
        if self.memory is not None:
            (folder / "memory").mkdir(exist_ok=True)
            for path in self.memory.files():
                _copy(path, folder / "memory" / path.name)
        if self.folder is not None:
            for name in hub.companions(self.folder):
                if not name.startswith("memory/"):
                    _copy(self.folder / name, folder / name)

    def push_to_hub(self, repo: str) -> str:
        """Uploads weights, memory with its attribution, configuration, history and card to OWNER/NAME.

        A model without a card gets one that says what it is, how it was trained, and what was measured.

        Returns:
            The repository's address.

        Raises:
            ValueError: the name is not of that form.
            hub.HubError: nobody is logged in, or the Hub did not take it.
        """
        from logo_gan.evaluation import model_card

        if not _HUB_ID.fullmatch(repo):
            raise ValueError(f"A Hub repository is named OWNER/NAME, not {repo[:100]!r}.")
        with tempfile.TemporaryDirectory() as staging:
            folder = Path(staging) / (self.folder.name if self.folder else "model")
            self.save_pretrained(folder)
            model_card.prepare(folder, repo, self.config)
            return hub.push(folder, repo)


def _copy(origin: Path, target: Path) -> None:
    if origin.resolve() != target.resolve():
        write_whole(target, lambda path: shutil.copyfile(origin, path))


def _address(logo: Logo | Address | str) -> Address:
    """The address of a logo that was drawn here; raises ValueError."""
    address = getattr(logo, "address", logo)
    if address is None:
        raise ValueError("This logo has no address: it was not drawn by `generate` in its usual way.")
    return parse(address) if isinstance(address, str) else address
