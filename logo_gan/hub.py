"""Models to and from the Hugging Face Hub: in a child process with one deadline, so that nothing ever hangs.

A connection that stalls or drips outlives every time-out of an HTTP library; a process can always be ended.
Only safetensors, JSON and text are fetched or sent, never a pickle.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

NEEDED = ("config.json", "model.safetensors")
FILES = (*NEEDED, "history.csv", "measures.json", "faults.json", "README.md", "progress.png")
FETCH_SECONDS = 120.0  # ten megabytes even on a slow line
PUSH_SECONDS = 600.0


class HubError(OSError):
    """The Hub did not do what was asked; the text is one sentence."""

    def __str__(self) -> str:
        return str(self.args[0])


def fetch(repo: str, revision: str | None = None, deadline: float = FETCH_SECONDS) -> Path:
    """The folder of a Hub model: from the local cache if it is there, else downloaded into it.

    A branch that is in the cache is not looked up again: name a commit as the revision to get another state.

    Raises:
        HubError: it is not in the cache, and the Hub did not deliver it within `deadline` seconds.
    """
    cached = cached_folder(repo, revision)
    if cached is not None:
        return cached
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        raise HubError(f"The model {repo!r} is not in the local cache, and HF_HUB_OFFLINE forbids to download it.")
    return Path(_in_child(["fetch", repo, revision or ""], deadline, f"The model {repo!r} could not be fetched"))


def cached_folder(repo: str, revision: str | None = None) -> Path | None:
    """Where the local cache holds a model's files, without any network."""
    from huggingface_hub import try_to_load_from_cache

    found = [try_to_load_from_cache(repo, name, revision=revision) for name in NEEDED]
    return Path(found[0]).parent if all(isinstance(path, str) for path in found) else None


def push(folder: Path, repo: str, deadline: float = PUSH_SECONDS) -> str:
    """Uploads the model files in `folder` to OWNER/NAME, created if need be, and returns its address.

    Raises:
        HubError: nobody is logged in, or the Hub did not take it within `deadline` seconds.
    """
    from huggingface_hub import get_token

    if not get_token():
        raise HubError("Pushing needs a Hub token: run `hf auth login`, or set HF_TOKEN.")
    return _in_child(["push", str(folder), repo], deadline, f"The model could not be pushed to {repo!r}")


def _in_child(arguments: list[str], deadline: float, trouble: str) -> str:
    environment = dict(os.environ, HF_HUB_DISABLE_PROGRESS_BARS="1", HF_HUB_DISABLE_TELEMETRY="1")
    environment["PYTHONPATH"] = os.pathsep.join(
        [str(Path(__file__).resolve().parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    )
    command = [sys.executable, "-m", "logo_gan.hub", *arguments]
    try:
        done = subprocess.run(
            command,
            env=environment,
            timeout=deadline,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
    except subprocess.TimeoutExpired:
        raise HubError(f"{trouble}: the Hub was not done within {deadline:.0f} seconds.") from None
    answer = (done.stdout.strip().splitlines() or ["the process that asked the Hub failed"])[-1]
    if done.returncode:
        raise HubError(f"{trouble}: {answer.rstrip('.')}.")
    return answer


def _child(arguments: list[str]) -> str:
    from huggingface_hub import HfApi

    api = HfApi()
    if arguments[0] == "fetch":
        repo, revision = arguments[1], arguments[2] or None
        # Asked first and once: without a network, a download would be tried again for half a minute.
        api.repo_info(repo, revision=revision, timeout=10)
        return api.snapshot_download(repo, revision=revision, allow_patterns=list(FILES))
    folder, repo = arguments[1:]
    api.create_repo(repo, exist_ok=True)
    api.upload_folder(folder_path=folder, repo_id=repo, allow_patterns=list(FILES), commit_message="Upload LogoGAN")
    return f"https://huggingface.co/{repo}"


def reason(error: Exception) -> str:
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):
        return "it is gated, and this account has no access to it"
    if isinstance(error, errors.RepositoryNotFoundError):
        return "the Hub has no such repository, or it is private"
    if isinstance(error, errors.RevisionNotFoundError):
        return "it has no such revision"
    if isinstance(error, errors.HfHubHTTPError) and error.response is not None:
        return f"the Hub answered with the status {error.response.status_code}"
    # httpx2's errors descend from neither OSError nor httpx's own, so their text is all there is to go by.
    return f"the Hub cannot be reached ({type(error).__name__}: {' '.join(str(error).split())[:120]})"


if __name__ == "__main__":
    try:
        print(_child(sys.argv[1:]))
    except Exception as error:  # the parent turns whatever went wrong into one sentence
        print(reason(error))
        sys.exit(1)
