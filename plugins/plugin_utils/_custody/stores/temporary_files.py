# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The temporary files beside a vault file: one that is reserved, and those with tokens that killed runs left."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ..files import create_private, discard, open_folder, write_durably
from ..run_vault import rehearsed
from ..stored_tokens import StoredTokens
from .base import StoreError

# So many temporary files of one store are told apart: one that is reserved, and those with tokens that killed runs left.
SLOTS = 8
# More than both token sets take; encrypted it is four times that, since ansible-vault writes hex in hex.
PLACEHOLDER = "# Reserved for token sets.\n" + "#" * 24 * 1024


@dataclass
class Reservation:
    """A temporary file with room for the tokens, and all that it takes to save them in it without opening anything."""

    path: str
    secret: tuple[str, Any]
    file: int
    folder: int
    holds_tokens: bool = False

    @classmethod
    def open(cls, path: str, secret: tuple[str, Any]) -> Reservation:
        """Return a reservation with a new, empty file. Raises OSError."""
        folder = open_folder(os.path.dirname(path))
        try:
            return cls(path, secret, create_private(path), folder)
        except OSError:
            os.close(folder)
            raise

    def put_in_place(self, path: str, encrypted: bytes) -> None:
        """Let the file at *path* be one with *encrypted* tokens, on stable storage. Raises OSError."""
        # From the first byte on it must not be taken for a mere reservation.
        self.holds_tokens = True
        # In place, so that the blocks that were reserved are those that are used.
        write_durably(self.file, encrypted)
        os.replace(self.path, path)
        os.fsync(self.folder)

    def close(self) -> None:
        """Give the descriptors back."""
        for descriptor in (self.file, self.folder):
            with suppress(OSError):
                os.close(descriptor)


class TemporaryFiles:
    """Temporary files with names that are known beforehand: a folder of a thousand stores is never listed."""

    def __init__(self, name: str, path: str, tokens_in: Callable[[bytes], StoredTokens]) -> None:
        """Take what to call the store in messages, the file that they are beside, and what reads one of them."""
        self._name = name
        self._folder, self._base = os.path.split(path)
        self._tokens_in = tokens_in
        self.reservation: Reservation | None = None

    def reserve(self, secret: tuple[str, Any], on_open: Callable[[int], object]) -> Reservation:
        """Return a new reservation for tokens that *secret* encrypts; *on_open* is called with its descriptor.

        It is on stable storage, with all the room that they take. Raises OSError, StoreError; then there is none.
        """
        # What can go wrong with encryption goes wrong now.
        placeholder = rehearsed(PLACEHOLDER, secret)
        self._remove_worthless()
        try:
            self.reservation = self._open(secret)
            on_open(self.reservation.file)
            write_durably(self.reservation.file, placeholder)
            os.fsync(self.reservation.folder)
        except BaseException:
            self.undo_reservation()
            raise
        return self.reservation

    def undo_reservation(self) -> None:
        """Remove the reserved file; but one that got tokens, and not its name, stays for the next run."""
        reservation, self.reservation = self.reservation, None
        if reservation:
            reservation.close()
            if not (reservation.holds_tokens and self._tokens_of(reservation.path)):
                discard(reservation.path)

    def leftovers(self) -> dict[str, StoredTokens | None]:
        """Return the temporary files that ended runs have left, each with the tokens in it, if they can be read."""
        own = self.reservation.path if self.reservation else None
        paths = [path for path in self._paths() if path != own and os.path.isfile(path)]
        return {path: self._tokens_of(path) for path in paths}

    def clear(self) -> None:
        """Remove what ended runs have left, whatever it holds."""
        for path in self.leftovers():
            discard(path)

    def _remove_worthless(self) -> None:
        """Remove what has no tokens: the one that holds the lock is the only one that writes."""
        for path, tokens in self.leftovers().items():
            if not tokens and not _may_be_whole(path):
                discard(path)

    def _open(self, secret: tuple[str, Any]) -> Reservation:
        """Return a reservation in the first temporary file that is not there yet. Raises OSError, StoreError."""
        for path in self._paths():
            with suppress(FileExistsError):
                return Reservation.open(path, secret)
        raise StoreError(
            f"{self._name} has {SLOTS} temporary files beside it, whose tokens cannot be read.",
            f"give the passwords that they were encrypted with, or remove them: .{self._base}.*.tmp in {self._folder}.",
        )

    def _paths(self) -> list[str]:
        return [os.path.join(self._folder, f".{self._base}.{slot}.tmp") for slot in range(SLOTS)]

    def _tokens_of(self, path: str) -> StoredTokens | None:
        with suppress(OSError, StoreError), open(path, "rb") as file:
            return self._tokens_in(file.read()) or None
        return None


def _may_be_whole(path: str) -> bool:
    """Tell whether a temporary file that cannot be read may hold tokens all the same, under another password.

    One with nothing but a reservation, or with tokens that were not written to their end, still has its reserved size;
    one that was not even reserved to its end has no line feed there.
    """
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return True
    return data.endswith(b"\n") and len(data) < 4 * len(PLACEHOLDER)
