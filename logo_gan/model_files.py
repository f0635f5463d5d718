"""A model's files: written whole, read with every check, before anything is drawn with them."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import safetensors
import safetensors.torch
import torch

from logo_gan.networks import VECTOR, BaselineGenerator, LayeredGenerator
from logo_gan.prompt import MAX_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

FORMAT = 1
ARCHITECTURES = {"layered": LayeredGenerator, "baseline": BaselineGenerator}
ENCODERS = ("bundled", "en_core_web_md")  # no other: spaCy would import whatever a fetched file names
MAX_SETTING = 1024  # of a generator in a configuration file


class ModelError(ValueError):
    """A model that cannot be used; the text is one sentence that names the file."""

    folder: Path | None = None

    @property
    def reason(self) -> str:
        """The sentence as a clause, without the folder's path: for strangers."""
        return str(self).replace(f"{self.folder}{os.sep}", "").rstrip(".")


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Lets `write` fill a temporary file beside `path` and renames it: `path` is never seen half-written."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        write(temporary)
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def read_config(path: Path) -> dict[str, Any]:
    """The configuration in a file; raises ModelError."""
    try:
        config = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise ModelError(f"The model has no file {path}.") from None
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError):
        raise ModelError(f"{path} is not a JSON file.") from None
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        raise ModelError(f"{path} is not the configuration of a LogoGAN model of format {FORMAT}.")
    if config.get("architecture") not in tuple(ARCHITECTURES):
        raise ModelError(f"{path} names an unknown architecture; known are {' and '.join(ARCHITECTURES)}.")
    sharpness = config.get("sharpness", 16.0)
    if isinstance(sharpness, bool) or not isinstance(sharpness, (int, float)) or not 0 < sharpness <= 1000:
        raise ModelError(f"{path} must give a sharpness between 0 and 1000.")
    if config.get("text_encoder", "bundled") not in ENCODERS:
        raise ModelError(f"{path} names an unknown text encoder; known are {' and '.join(ENCODERS)}.")
    if not isinstance(config.get("generator", {}), dict):
        raise ModelError(f"{path} has generator settings of the wrong type.")
    return config


def read_generator(path: Path, config: dict[str, Any]) -> torch.nn.Module:
    """The generator that `config` describes, with the weights of `path`: exactly its names and shapes, all finite.

    Raises:
        ModelError: a file is not as it must be.
    """
    build, settings = ARCHITECTURES[config["architecture"]], config.get("generator", {})
    try:
        state = safetensors.torch.load_file(path)
    except FileNotFoundError:
        raise ModelError(f"The model has no file {path}.") from None
    except (OSError, safetensors.SafetensorError):
        raise ModelError(f"{path} is not a readable safetensors file.") from None
    try:
        if not all(_plausible(value) for value in settings.values()):
            raise ValueError
        generator = build(**settings).eval()
        _try_out(generator)
    except Exception:  # whatever a constructor or a network makes of nonsense
        raise ModelError(f"{path.with_name('config.json')} has generator settings that cannot be used.") from None
    expected = {name: value.shape for name, value in generator.state_dict().items()}
    for name in sorted(expected.keys() ^ state.keys()):
        raise ModelError(f"{path} {'lacks' if name in expected else 'has the unknown'} weight {name[:80]!r}.")
    for name, value in state.items():
        if value.shape != expected[name]:
            raise ModelError(f"{path} has {name!r} of shape {list(value.shape)}, not {list(expected[name])}.")
        if not value.isfinite().all():
            raise ModelError(f"{path} has values in {name!r} that are not finite.")
    generator.load_state_dict(state, strict=True)  # copies into float32 whatever was stored
    if not _try_out(generator):
        raise ModelError(f"{path} has weights that draw values which are not finite.")
    return generator


def _try_out(generator: torch.nn.Module) -> bool:
    """One run on zeros: settings such as a shorter reader build well, and fail only when a prompt comes.

    Returns whether all that came out is finite.
    """
    with torch.inference_mode():
        if isinstance(generator, BaselineGenerator):
            drawn = [generator(torch.zeros(1, generator.noise), torch.zeros(1, VECTOR))]
        else:
            mask = torch.ones(1, MAX_WORDS, dtype=torch.bool)
            drawn = generator(torch.zeros(1, MAX_WORDS, VECTOR), mask, torch.zeros(1, generator.latent))
    return all(bool(values.isfinite().all()) for values in drawn)


def _plausible(setting: Any) -> bool:
    """False for a size that no generator of ours has, and that would only fill the memory."""
    if isinstance(setting, list):
        return len(setting) <= 16 and all(_plausible(part) for part in setting)
    return isinstance(setting, (int, float)) and 0 <= setting <= MAX_SETTING
