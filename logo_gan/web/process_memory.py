"""Freed memory goes back to the system; glibc would keep it, in an arena for every few threads."""

from __future__ import annotations

import contextlib
import ctypes
import platform
from functools import cache

ARENAS = 2  # of the 8 for each core that glibc would have
_M_ARENA_MAX = -8  # malloc.h


def share_arenas() -> None:
    """Has threads share few arenas; to be called before there are any."""
    if libc := _glibc():
        libc.mallopt(_M_ARENA_MAX, ARENAS)


def give_back() -> None:
    """Gives back whatever whole pages are free; takes some ten milliseconds."""
    if libc := _glibc():
        libc.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    if platform.libc_ver()[0] != "glibc":
        return None
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt, libc.malloc_trim  # noqa: B018
        return libc
    return None
