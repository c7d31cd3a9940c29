# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lock that ends with the process that holds it: ``flock`` on a file of its own."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from .base import StoreError

PAUSE = 0.05
# Why a lock file cannot be made in a folder in which nothing can be written: then there is nothing to lock either.
NOTHING_CAN_BE_WRITTEN = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR)


@contextmanager
def file_lock(path: str, name: str, patience: float, on_open: Callable[[int], object]) -> Iterator[None]:
    """Hold the lock of what messages call *name* by the file at *path*. Raises StoreError after *patience* seconds.

    *on_open* is called with the descriptor of that file. Nothing is locked in a folder in which nothing can be written.
    """
    descriptor = _opened(path, name)
    try:
        if descriptor is not None:
            with suppress(StoreError):
                # If it cannot be given away, the store cannot be either; reserving says so.
                on_open(descriptor)
            _wait_for(descriptor, path, name, patience)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _opened(path: str, name: str) -> int | None:
    """Return the open lock file; None if none can be made, and so nothing can be written either.

    The file stays: removing a lock file lets two runs hold two different ones.
    """
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        if error.errno in NOTHING_CAN_BE_WRITTEN and not os.path.lexists(path):
            return None
        raise _unlockable(path, name, error) from None


def _wait_for(descriptor: int, path: str, name: str, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise StoreError(
                    f"{name} has been locked by another run for {patience:.0f} seconds.",
                    "look for a run that hangs; the lock goes when its process ends.",
                ) from None
            time.sleep(PAUSE)
        except OSError as error:
            raise _unlockable(path, name, error) from None


def _unlockable(path: str, name: str, error: OSError) -> StoreError:
    if error.errno in (errno.EMFILE, errno.ENFILE, errno.EIO):
        remedy = "free what this machine has run out of, and run again."
    elif error.errno in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP):
        remedy = "put the store on a file system that has locks."
    else:
        remedy = "remove that file if it is not ours."
    return StoreError(f"{name} cannot be locked: {path}: {error.strerror}.", remedy)
