# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are whole or not there: what was written is on stable storage before it gets its name."""

from __future__ import annotations

import os


def write_durably(descriptor: int, data: bytes) -> None:
    """Make *data* the whole content of an open file, on stable storage, and close it. Raises OSError."""
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.ftruncate(file.fileno(), len(data))
        os.fsync(file.fileno())


def create_private(path: str) -> int:
    """Return the descriptor of a new file that only its owner can read. Raises OSError, also where it exists."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def rename_durably(source: str, target: str) -> None:
    """Give a file its name, which replaces what had it, and put the folder on stable storage. Raises OSError."""
    os.replace(source, target)
    sync_folder(os.path.dirname(target))


def remove_durably(path: str) -> None:
    """Remove a file for good. Raises OSError."""
    os.unlink(path)
    sync_folder(os.path.dirname(path))


def sync_folder(folder: str) -> None:
    """Put the names in a folder on stable storage. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
