"""Models to and from the Hugging Face Hub: in a child process with one deadline, so that nothing ever hangs.

A connection that stalls or drips outlives every time-out of an HTTP library; a process can always be ended.
Only safetensors, JSON and text are fetched or sent, never a pickle.
"""

from __future__ import annotations

import errno
import http
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import zip_longest
from pathlib import Path

NEEDED = ("config.json", "model.safetensors")
# What a model folder may hold, and the most bytes a file: a name, or a pattern as of `fnmatch` within one subfolder.
# Anything else is neither fetched nor sent.
FILES = {
    "memory/config.json": 20_000_000,
    "memory/drawings*.parquet": 100_000_000,
    "memory/concepts.parquet": 100_000_000,
    "memory/kinds.parquet": 100_000_000,
    "memory/keys.safetensors": 100_000_000,
    "memory/codec.safetensors": 100_000_000,
    "memory/ATTRIBUTION.md": 20_000_000,
    "memory/README.md": 20_000_000,
    "history.csv": 20_000_000,
    "measures.json": 20_000_000,
    "faults.json": 20_000_000,
    "README.md": 20_000_000,
    "progress.png": 20_000_000,
    "config.json": 20_000_000,
    "model.safetensors": 500_000_000,  # ours has ten million
}
MAX_FILES = 100  # of a model: patterns let a stranger name any number
FULL = (errno.ENOSPC, errno.EDQUOT)
ASK_SECONDS = 10.0  # for the first question to the Hub
FETCH_SECONDS = 120.0  # ten megabytes even on a slow line
PUSH_SECONDS = 600.0
GRACE = 5.0  # seconds that a child has to tidy up after its deadline


class HubError(OSError):
    """The Hub did not do what was asked; the text is one sentence, and `reason` the part that says why."""

    def __init__(self, trouble: str, why: str):
        self.reason = why.rstrip(".")
        super().__init__(f"{trouble}: {self.reason}.")

    def __str__(self) -> str:
        return str(self.args[0])


def companions(folder: Path) -> list[str]:
    """The files of a model folder that `FILES` knows, needed ones left out: "progress.png", "part/file.bin"."""
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in names if name not in NEEDED and _most_bytes(name) is not None)


def _most_bytes(name: str) -> int | None:
    """The limit of a file of a model; None for a file that no model has."""
    # Each part of a path by itself: of `fnmatch`, a star would reach into subfolders.
    for pattern, most in FILES.items():
        parts = list(zip_longest(name.split("/"), pattern.split("/"), fillvalue=""))
        if all(fnmatchcase(part, expected) for part, expected in parts):
            return most
    return None


def fetch(repo: str, revision: str | None = None, deadline: float = FETCH_SECONDS) -> Path:
    """The folder in the local cache that holds a Hub model as the Hub has it now; its name is the commit.

    Only what is not in the cache, or differs there from what the Hub lists, is downloaded.

    Raises:
        HubError: the Hub did not deliver it within `deadline` seconds.
    """
    trouble = f"The model {repo!r} could not be fetched"
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        raise HubError(trouble, "HF_HUB_OFFLINE forbids to ask the Hub")
    return Path(_in_child(["fetch", repo, revision or ""], deadline, trouble))


def cached_folder(repo: str, revision: str | None = None) -> Path | None:
    """Where the local cache holds a model's files, without any network.

    A branch or tag is the commit that it was when it was fetched.
    """
    from huggingface_hub import try_to_load_from_cache

    try:
        found = [try_to_load_from_cache(repo, name, revision=revision) for name in NEEDED]
    except ValueError:  # no name that a repository can have: fetch says so
        return None
    return Path(found[0]).parent if all(isinstance(path, str) for path in found) else None


def push(folder: Path, repo: str, deadline: float = PUSH_SECONDS) -> str:
    """Uploads the model files in `folder` to OWNER/NAME, created if need be, and returns its address.

    Raises:
        HubError: nobody is logged in, or the Hub did not take it within `deadline` seconds.
    """
    from huggingface_hub import get_token

    trouble = f"The model could not be pushed to {repo!r}"
    if not get_token():
        raise HubError(trouble, "no Hub token is set (run `hf auth login`, or set HF_TOKEN)")
    return _in_child(["push", str(folder), repo], deadline, trouble)


def reason(error: BaseException) -> str:
    """Why the Hub did not do it, in plain words: no address, no path, nothing of a token."""
    from huggingface_hub import errors

    chain = list(_causes(error))
    for each in chain:
        if isinstance(each, _Refusal):
            return str(each)
        if isinstance(each, errors.GatedRepoError):
            return "it is gated, and this account has no access to it"
        if isinstance(each, errors.RepositoryNotFoundError):
            return "the Hub has no such repository, or it is private"
        if isinstance(each, errors.RevisionNotFoundError):
            return "it has no such revision"
        if isinstance(each, errors.HfHubHTTPError) and each.response is not None:
            status = each.response.status_code
            phrase = f" ({http.HTTPStatus(status).phrase})" if status in [*http.HTTPStatus] else ""
            return f"the Hub answered with the status {status}{phrase}"
        if isinstance(each, errors.HFValidationError):
            return "that is no name of a repository"
        if isinstance(each, errors.FileMetadataError) or type(each).__name__ == "JSONDecodeError":
            return "what answers there is not the Hub"
    # httpx2's errors descend from neither OSError nor httpx's own; mostly an error of the system is behind them.
    system = next((each for each in chain if isinstance(each, OSError) and each.strerror), None)
    if system is None:
        return f"the Hub cannot be reached ({type(error).__name__})"
    if system.filename is not None or system.errno in FULL:
        return f"its files cannot be kept on this machine ({system.strerror})"
    return f"the Hub cannot be reached ({system.strerror})"


class _Refusal(Exception):
    """The Hub has something, but nothing that can be used; the text says what, as a clause."""


class _Late(BaseException):
    """The deadline has passed. Not an Exception: libraries would catch it and try again."""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _in_child(arguments: list[str], deadline: float, trouble: str) -> str:
    environment = dict(os.environ, HF_HUB_DISABLE_PROGRESS_BARS="1", HF_HUB_DISABLE_TELEMETRY="1")
    environment["PYTHONPATH"] = os.pathsep.join(
        [str(Path(__file__).resolve().parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    )
    late = f"the Hub was not done within {deadline:.0f} seconds"
    command = [sys.executable, "-m", "logo_gan.model.hub", str(deadline), *arguments]
    alive, ours = os.pipe()  # nothing is ever written: it ends with this process, however that ends
    try:
        done = subprocess.run(
            command,
            env=environment,
            timeout=deadline + GRACE,
            stdin=alive,
            capture_output=True,
            text=True,
        )
    except subprocess.TimeoutExpired:
        raise HubError(trouble, late) from None
    finally:
        os.close(alive)
        os.close(ours)
    if done.returncode == -getattr(signal, "SIGALRM", 0):
        raise HubError(trouble, late)
    answer = (done.stdout.strip().splitlines() or ["the process that asked the Hub failed"])[-1]
    if done.returncode:
        raise HubError(trouble, answer)
    return answer


def _fetch(repo: str, revision: str | None) -> str:
    from huggingface_hub import HfApi

    api = HfApi()
    # Asked first and once: without a network, a download would be tried again for half a minute.
    info = api.repo_info(repo, revision=revision, files_metadata=True, timeout=ASK_SECONDS)
    listed = {file.rfilename: file for file in info.siblings or () if _most_bytes(file.rfilename) is not None}
    for name in NEEDED:
        if name not in listed:
            raise _Refusal(f"it has no {name}, and nothing else can be read")
    for name, file in listed.items():
        if (file.size or 0) > _most_bytes(name):
            raise _Refusal(f"its {name} is larger than that of any model of this kind")
    if len(listed) > MAX_FILES:
        raise _Refusal(f"it has {len(listed)} files, and no model of this kind has more than {MAX_FILES}")
    # Needed ones last: a folder of the cache that has them has the others, too. One after the other, in this thread:
    # the deadline leaves no half of a file behind.
    for name in (*sorted(listed.keys() - set(NEEDED)), *NEEDED):
        path = Path(api.hf_hub_download(repo, name, revision=info.sha))
        if not _is(path, listed[name]):
            path = Path(api.hf_hub_download(repo, name, revision=info.sha, force_download=True))
        if not _is(path, listed[name]):
            path.resolve().unlink()
            path.unlink(missing_ok=True)
            raise _Refusal(f"what arrived as {name} is not the file that the Hub lists")
    api.resolve_revision(repo, revision=revision)  # the cache knows the branch from now on
    return str(path.parent)


def _is(path: Path, listed) -> bool:
    """Whether a file has the checksum that the Hub lists for it."""
    from huggingface_hub.utils.sha import git_hash, sha_fileobj

    with path.open("rb") as content:
        if listed.lfs is not None:
            return sha_fileobj(content).hex() == listed.lfs.sha256
        return listed.blob_id in (None, git_hash(content.read()))


def _push(folder: str, repo: str) -> str:
    from huggingface_hub import HfApi

    api = HfApi()
    api.create_repo(repo, exist_ok=True)
    names = [name for name in (*companions(Path(folder)), *NEEDED) if (Path(folder) / name).is_file()]
    api.upload_folder(folder_path=folder, repo_id=repo, allow_patterns=names, commit_message="Upload LogoGAN")
    return f"{api.endpoint}/{repo}"


def _end_with_the_parent() -> None:
    os.read(0, 1)
    os._exit(1)


def _child(deadline: str, task: str, first: str, second: str) -> int:
    """The child process: its last line on standard output is the answer, or why there is none."""
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    if hasattr(signal, "setitimer"):  # the parent, which waits longer, would leave no time to tidy up

        def late(*_):
            signal.signal(signal.SIGALRM, signal.SIG_DFL)  # threads that hang end with the second alarm
            raise _Late

        signal.signal(signal.SIGALRM, late)
        signal.setitimer(signal.ITIMER_REAL, float(deadline), GRACE / 2)
    try:
        print(_fetch(first, second or None) if task == "fetch" else _push(first, second))
    except _Late:
        print(f"the Hub was not done within {float(deadline):.0f} seconds")
    except Exception as error:  # the parent turns whatever went wrong into one sentence
        print(reason(error))
    else:
        return 0
    return 1


if __name__ == "__main__":
    # What is fetched by xet's own threads could not be ended tidily.
    if sys.argv[2] == "fetch":
        os.environ["HF_HUB_DISABLE_XET"] = "1"
    sys.exit(_child(*sys.argv[1:]))
