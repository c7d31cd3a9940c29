# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are whole or not there: what was written is on stable storage before it gets its name."""

from __future__ import annotations

import grp
import os
import pwd
import secrets
import stat
from contextlib import suppress


def write_durably(descriptor: int, data: bytes) -> None:
    """Make *data* the whole content of an open file, on stable storage; the file stays open. Raises OSError."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    # Only now, so that blocks that the file had before are used again.
    os.ftruncate(descriptor, len(data))
    os.fsync(descriptor)


def create_private(path: str) -> int:
    """Return the descriptor of a new file that only its owner can read. Raises OSError, also if it exists."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def open_folder(folder: str) -> int:
    """Return the descriptor of a folder, whose names ``os.fsync`` puts on stable storage. Raises OSError."""
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY)


def rename_durably(source: str, target: str) -> None:
    """Give a file its name, which replaces what had it, and put the folder on stable storage. Raises OSError."""
    os.replace(source, target)
    _sync_folder(os.path.dirname(target))


def write_beside(path: str, data: bytes) -> str:
    """Return a new temporary file beside *path* that holds *data* and that only its owner can read. Raises OSError."""
    temporary = f"{path}.{secrets.token_hex(8)}.tmp"
    descriptor = create_private(temporary)
    try:
        write_durably(descriptor, data)
    except OSError:
        discard(temporary)
        raise
    finally:
        os.close(descriptor)
    return temporary


def replace_privately(path: str, data: bytes) -> None:
    """Put a file with *data*, which only its owner can read, in the place of the one at *path*. Raises OSError."""
    temporary = write_beside(path, data)
    try:
        rename_durably(temporary, path)
    except OSError:
        discard(temporary)
        raise


def discard(path: str) -> None:
    """Remove a file, if there is one and it is possible; a run that is killed may leave it all the same."""
    with suppress(OSError):
        os.unlink(path)


def remove_durably(path: str) -> None:
    """Remove a file for good. Raises OSError."""
    os.unlink(path)
    _sync_folder(os.path.dirname(path))


def is_private(status: os.stat_result) -> bool:
    """Tell whether a file or folder is this user's own, closed to all others, and no symbolic link."""
    mode = status.st_mode
    return status.st_uid == os.getuid() and not stat.S_ISLNK(mode) and not mode & (stat.S_IRWXG | stat.S_IRWXO)


def may_be_written_by_others(folder: str) -> bool:
    """Tell whether somebody else than the owner of *folder* may create, replace and remove files in it.

    A group that has the name of the owner is the owner's alone, as most Linux distributions set users up.
    """
    try:
        status = os.stat(folder)
    except OSError:
        return False
    is_shared_group = status.st_mode & stat.S_IWGRP and not _is_own_group(status)
    return bool(status.st_mode & stat.S_IWOTH or is_shared_group)


def _is_own_group(status: os.stat_result) -> bool:
    with suppress(KeyError):
        return pwd.getpwuid(status.st_uid).pw_name == grp.getgrgid(status.st_gid).gr_name
    return False


def _sync_folder(folder: str) -> None:
    descriptor = open_folder(folder)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
