"""A model's files: written whole, read with every check, before anything is drawn with them.

    config.json          `format`, `name`, `architecture`, `generator` (its settings), `training`, ...
    model.safetensors    the generator's weights in half precision

A network of another file (a recogniser, say) is read and written by the same functions.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch

FORMAT = 1
# No others: spaCy would import whatever a fetched file names. The first two are the baseline's word vectors.
ENCODERS = ("bundled", "en_core_web_md", "all-minilm-l6-v2")
MAX_SETTING = 1024  # of a network in a configuration file


class ModelError(ValueError):
    """A model that cannot be used; the text is one sentence that names the file."""

    folder: Path | None = None

    @property
    def reason(self) -> str:
        """The sentence as a clause, without the folder's path: for strangers."""
        return str(self).replace(f"{self.folder}{os.sep}", "").rstrip(".")


def _baseline(**settings: Any) -> torch.nn.Module:
    from logo_gan.model.baseline import BaselineGenerator

    return BaselineGenerator(**settings)


def _warp(**settings: Any) -> torch.nn.Module:
    from logo_gan.model.networks import WarpGenerator

    return WarpGenerator(**settings)


# Architecture in config.json → what builds its generator from `generator`, the settings there. A network has
# `example()`, the arguments of one call, with which it is tried out.
ARCHITECTURES: dict[str, Callable[..., torch.nn.Module]] = {"baseline": _baseline, "warp": _warp}


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Lets `write` fill a temporary file beside `path` and renames it: `path` is never seen half-written."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        write(temporary)
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_config(folder: Path, config: dict[str, Any]) -> None:
    """Writes config.json; the format is added."""
    text = json.dumps({"format": FORMAT, **config}, indent=1, ensure_ascii=False) + "\n"
    write_whole(folder / "config.json", lambda path: path.write_text(text, encoding="utf-8"))


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
        raise ModelError(f"{path} names an unknown architecture; known are {', '.join(ARCHITECTURES)}.")
    if config.get("text_encoder", "bundled") not in ENCODERS:
        raise ModelError(f"{path} names an unknown text encoder; known are {', '.join(ENCODERS)}.")
    if not isinstance(config.get("generator", {}), dict):
        raise ModelError(f"{path} has generator settings of the wrong type.")
    return config


def write_network(path: Path, network: torch.nn.Module) -> None:
    """Writes a network's weights in half precision; raises ModelError where one is not finite in it."""
    state = {}
    for name, value in network.state_dict().items():
        state[name] = (value.half() if value.is_floating_point() else value).contiguous().cpu()
        if value.is_floating_point() and not state[name].isfinite().all():
            raise ModelError(f"The weight {name!r} is not finite in half precision, so it cannot be saved.")
    write_whole(path, lambda unfinished: safetensors.torch.save_file(state, unfinished))


def read_generator(path: Path, config: dict[str, Any]) -> torch.nn.Module:
    """The generator that `config` describes, with the weights of `path`; raises ModelError as `read_network` does."""
    return read_network(path, ARCHITECTURES[config["architecture"]], config.get("generator", {}))


def read_network(path: Path, build: Callable[..., torch.nn.Module], settings: dict[str, Any]) -> torch.nn.Module:
    """`build(**settings)` with the weights of `path`: exactly its names and shapes, all finite; in float32, for use.

    Raises:
        ModelError: a file is not as it must be.
    """
    try:
        state = safetensors.torch.load_file(path)
    except FileNotFoundError:
        raise ModelError(f"The model has no file {path}.") from None
    except (OSError, safetensors.SafetensorError):
        raise ModelError(f"{path} is not a readable safetensors file.") from None
    try:
        if not all(_plausible(value) for value in settings.values()):
            raise ValueError
        network = build(**settings).eval()
        _try_out(network)
    except Exception:  # whatever a constructor or a network makes of nonsense
        raise ModelError(f"{path.with_name('config.json')} has network settings that cannot be used.") from None
    expected = {name: value.shape for name, value in network.state_dict().items()}
    for name in sorted(expected.keys() ^ state.keys()):
        raise ModelError(f"{path} {'lacks' if name in expected else 'has the unknown'} weight {name[:80]!r}.")
    for name, value in state.items():
        if value.shape != expected[name]:
            raise ModelError(f"{path} has {name!r} of shape {list(value.shape)}, not {list(expected[name])}.")
        if not value.isfinite().all():
            raise ModelError(f"{path} has values in {name!r} that are not finite.")
    network.load_state_dict(state, strict=True)  # copies into float32 whatever was stored
    if not _try_out(network):
        raise ModelError(f"{path} has weights that draw values which are not finite.")
    return network


def _try_out(network: torch.nn.Module) -> bool:
    """One run on the network's own example: some settings build well, and fail only when a prompt comes.

    Returns whether all that came out is finite.
    """
    with torch.inference_mode():
        drawn = network(*network.example())
    return all(bool(values.isfinite().all()) for values in ([drawn] if torch.is_tensor(drawn) else drawn))


def _plausible(setting: Any) -> bool:
    """False for a size that no network of ours has, and that would only fill the memory."""
    if isinstance(setting, list):
        return len(setting) <= 16 and all(_plausible(part) for part in setting)
    return isinstance(setting, (int, float)) and 0 <= setting <= MAX_SETTING
