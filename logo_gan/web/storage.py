"""Where uploads and pictures lie: a folder of this process alone, bounded in size and age, gone with the process.

A process that was killed leaves its folder behind; the next one to start removes it. A lock tells the dead from the
living, so several apps can share a disk.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from loguru import logger

from logo_gan.web.settings import Settings

try:
    import fcntl
except ImportError:  # Windows: what a killed process leaves there stays
    fcntl = None

EVERY_SECONDS, LONGEST = 5.0, 60.0  # between two looks at the folder; longer, so that looking takes no more than ...
LOOKING = 0.02  # ... this part of a core
EMPTY_SECONDS = 60.0  # after which a folder that nothing was put into is removed
ROOM = 0.9  # of the bound is what is left when the oldest had to go
NO_ROOM = "The server has no room for another file just now; please try again later, or with a smaller one."
_PREFIX, _NEW, _LOCK = "logo-gan-", ".new-logo-gan-", ".lock"
_OWNED = ("dataset-", "served-")  # a visit's dataset goes with the visit; only for want of room it goes before


@dataclass(frozen=True)
class _File:
    path: Path
    key: tuple[int, int]  # a file with two names takes its place once
    size: int  # bytes on the disk
    age: float  # seconds
    owned: bool


class Storage:
    """The folder; `refusal` says whether there is room for an upload.

    Attributes:
        folder: what `GRADIO_TEMP_DIR` has to be for Gradio to put everything there.
    """

    def __init__(self, settings: Settings):
        """Makes the folder and removes those of dead processes; raises OSError where it cannot be made."""
        self._most = settings.disk_mb * 1_000_000
        self._free = settings.disk_free_mb * 1_000_000
        self._kept = settings.keep_minutes * 60
        base = settings.cache_dir or Path(tempfile.gettempdir()) / "gradio"
        base.mkdir(parents=True, exist_ok=True)
        _sweep(base)
        # Under another name until it is locked: another process may be sweeping at this moment.
        unlocked = Path(tempfile.mkdtemp(prefix=_NEW, dir=base))
        self._lock = _locked(unlocked)
        self.folder = unlocked.rename(base / f"{_PREFIX}{unlocked.name.removeprefix(_NEW)}")
        self._used = 0  # bytes, when it was last looked at
        self._arrived = 0  # bytes of uploads since then
        self._awaited = 0  # bytes that uploads have said they will have, and that are not here yet
        self._looking, self._counting = threading.Lock(), threading.Lock()
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)

    def start(self, also: Callable[[], object] = lambda: None) -> None:
        """Looks after the folder from now on, in a thread, and does what else is to be done every few seconds."""
        threading.Thread(target=self._keep_tidy, args=(also,), name="storage", daemon=True).start()

    def refusal(self, size: int = 0) -> str | None:
        """Why an upload of so many bytes (0: unknown) cannot be taken; may delete old files to make room.

        None where it can: they are then kept free for it, and have to be `arrived` or `given_up` in the end.
        """
        if self._awaits(size):
            return None
        self.tidy(size)
        if self._awaits(size):
            return None
        logger.warning("No room for an upload: {:.0f} MB are kept, {:.0f} MB of the disk are free.",
                       self._used / 1e6, shutil.disk_usage(self.folder).free / 1e6)  # fmt: skip
        return NO_ROOM

    def arrived(self, size: int, awaited: int) -> bool:
        """Counts bytes of an upload, of which some were awaited; False where there is no room for more of it."""
        with self._counting:
            self._arrived += size  # until the next look finds them
            self._awaited -= awaited
            return self._has_room(0)

    def given_up(self, awaited: int) -> None:
        """These bytes will not come."""
        with self._counting:
            self._awaited -= awaited

    def tidy(self, needed: int = 0) -> None:
        """Deletes what is too old, and the oldest where it is too much, until `needed` bytes fit in, too."""
        with self._looking:
            before = self._arrived
            files = sorted(self._files(), key=lambda file: (file.owned, -file.age))
            sizes: dict[tuple[int, int], int] = {}
            names: dict[tuple[int, int], int] = {}
            for file in files:
                sizes[file.key] = file.size
                names[file.key] = names.get(file.key, 0) + 1
            used, gone = sum(sizes.values()), 0
            needed += self._awaited
            most = self._most if used + needed <= self._most else ROOM * self._most - needed
            for file in files:
                if used <= most and (file.owned or file.age < self._kept):
                    continue
                with suppress(OSError):
                    file.path.unlink()
                    gone += 1
                    names[file.key] -= 1
                    used -= sizes[file.key] if not names[file.key] else 0
            self._remove_empty()
            with self._counting:
                self._used = used
                self._arrived -= before
        if gone:
            logger.info("Deleted {} files that were old or too much; {:.0f} MB are kept.", gone, used / 1e6)

    def _awaits(self, size: int) -> bool:
        with self._counting:
            if fits := self._has_room(size):
                self._awaited += size
            return fits

    def _has_room(self, size: int) -> bool:
        size += self._awaited
        fits = self._used + self._arrived + size <= self._most
        return fits and shutil.disk_usage(self.folder).free - size >= self._free

    def _keep_tidy(self, also: Callable[[], object]) -> None:
        while True:
            begin = time.thread_time()  # not the clock's, or a busy machine would be tidied more seldom
            try:
                self.tidy()
                also()
            except Exception:  # the next look may go better; without one disk or memory would fill
                logger.exception("What is no longer needed could not be tidied away.")
            time.sleep(min(LONGEST, max(EVERY_SECONDS, (time.thread_time() - begin) / LOOKING)))

    def _files(self) -> Iterator[_File]:
        now = time.time()
        for folder, _, names in os.walk(self.folder):
            owned = str(Path(folder).relative_to(self.folder)).startswith(_OWNED)
            for name in names:
                path = Path(folder, name)
                if name == _LOCK:
                    continue
                with suppress(OSError):
                    found = path.stat()
                    size = getattr(found, "st_blocks", -(-found.st_size // 512)) * 512
                    age = now - max(found.st_mtime, found.st_ctime)
                    yield _File(path, (found.st_dev, found.st_ino), size, age, owned)

    def _remove_empty(self) -> None:
        """Gradio makes a folder for each file and leaves it."""
        now = time.time()
        for each in self.folder.iterdir():
            with suppress(OSError):  # not empty, or gone meanwhile
                if each.is_dir() and not each.name.startswith(_OWNED) and now - each.stat().st_mtime > EMPTY_SECONDS:
                    each.rmdir()


def _locked(folder: Path):
    """An open file whose lock lasts as long as this process; None where there are no such locks."""
    if fcntl is None:
        return None
    lock = (folder / _LOCK).open("w")
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return lock


def _sweep(base: Path) -> None:
    """Removes the folders of processes that are no more."""
    if fcntl is None:
        return
    for folder in base.glob(f"{_PREFIX}*"):
        with suppress(OSError):  # its owner is alive, it is another user's, or no folder of ours: that has a lock
            with (folder / _LOCK).open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    for folder in base.glob(f"{_NEW}*"):  # killed before it got its name
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > EMPTY_SECONDS:
                (folder / _LOCK).unlink(missing_ok=True)
                folder.rmdir()
