# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of reports on the controller: each is replaced as a whole, or not at all."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from ..module_utils._errors import OptionError
from ._custody.files import discard, rename_durably, write_durably

_WORDS = {
    errno.EACCES: "it is read-only for this user",
    errno.EPERM: "it is read-only for this user",
    errno.EROFS: "it is read-only for this user",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.ENOENT: "there is no such folder",
    errno.ENOTDIR: "a file stands where a folder should be",
    errno.EEXIST: "a file stands where a folder should be",
}


@dataclass(frozen=True)
class ReportFile:
    """A file to write: the option that asks for it, its absolute path, its text, and its mode."""

    option: str
    path: str
    text: str
    mode: int

    @property
    def data(self) -> bytes:
        """The text in UTF-8. Half surrogate pairs, which a JSON text may hold, become their escapes."""
        return self.text.encode("utf-8", "backslashreplace")

    @property
    def is_written(self) -> bool:
        """Whether the file is already there with the same content and mode."""
        try:
            status = os.lstat(self.path)
            if not stat.S_ISREG(status.st_mode) or stat.S_IMODE(status.st_mode) != self.mode:
                return False
            with open(self.path, "rb") as handle:
                return handle.read() == self.data
        except OSError:
            return False


def on_controller(path: str) -> str:
    """Return the absolute path of what an option names: relative to the present folder; ``~`` is the home folder."""
    return os.path.abspath(os.path.expanduser(path))


def make_folder(option: str, folder: str) -> None:
    """Make a folder that only its owner can read, unless it is there. Raises OptionError."""
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    except OSError as error:
        raise _complaint(option, folder, error) from None


def check_path(option: str, path: str) -> None:
    """Raise OptionError if no file can be at *path*, as far as can be seen without writing."""
    folder = os.path.dirname(path)
    if os.path.isdir(path):
        raise OptionError(option, f"{path} is a folder.", "name a file.")
    if os.path.exists(path) and not os.path.isfile(path):
        raise OptionError(option, f"{path} is not a plain file.", "name a file.")
    if not os.path.isdir(folder):
        raise _complaint(option, folder, OSError(errno.ENOTDIR if os.path.exists(folder) else errno.ENOENT, ""))
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _complaint(option, folder, OSError(errno.EACCES, ""))


def check_writable(option: str, folder: str) -> None:
    """Prove by a temporary file, which is removed, that files can be written into *folder*. Raises OptionError."""
    try:
        descriptor, path = tempfile.mkstemp(prefix=".webex_report.", dir=folder)
        try:
            # A full disk may still have room for an empty file.
            write_durably(descriptor, bytes(4096))
        finally:
            os.close(descriptor)
            os.unlink(path)
    except OSError as error:
        raise _complaint(option, folder, error) from None


def write_files(files: Sequence[ReportFile]) -> None:
    """Write *files*, each as a whole; what is already there is not touched.

    All of them are on the disk before the first one gets its name, so that a full disk leaves those of before. Raises
    OptionError, and leaves no temporary file behind.
    """
    with ExitStack() as stack:
        prepared = [(file, _prepare(file, stack)) for file in files if not file.is_written]
        for file, temporary in prepared:
            try:
                rename_durably(temporary, file.path)
            except OSError as error:
                raise _complaint(file.option, file.path, error) from None


def _prepare(file: ReportFile, stack: ExitStack) -> str:
    """Write a file under a temporary name, which it has at most until *stack* ends; return its path."""
    check_path(file.option, file.path)
    folder, name = os.path.split(file.path)
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
        stack.callback(discard, temporary)
        try:
            write_durably(descriptor, file.data)
            # There are file systems without modes.
            with suppress(PermissionError):
                os.fchmod(descriptor, file.mode)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _complaint(file.option, folder, error) from None
    return temporary


def _complaint(option: str, path: str, error: OSError) -> OptionError:
    """Return the error of the system in plain words."""
    words = _WORDS.get(error.errno or 0, error.strerror or "unknown error")
    remedy = f"name a folder that is there and that you can write to, or leave {option} out."
    return OptionError(option, f"nothing can be written to {path}: {words}.", remedy)
