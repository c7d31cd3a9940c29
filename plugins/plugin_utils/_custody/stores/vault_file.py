# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A YAML file of its own, encrypted with ansible-vault; in ``vars_files`` it yields the variables."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ....module_utils._errors import with_remedy
from ..files import may_be_written_by_others, remove_durably
from ..job import ends_with_the_job
from ..run_vault import RunVault
from ..stored_tokens import StoredTokens
from .base import Store, StoreError
from .file_lock import file_lock
from .temporary_files import Reservation, TemporaryFiles
from .vault_text import VaultText

REPORT_IT = "report it, with the output at -vvv; it holds no secret."


class VaultFileStore(Store):
    """The store ``vault_file``: the whole file is encrypted, or with ``values_only`` each secret in it.

    A save writes a temporary file in the same folder, which was reserved before, and renames it; a kill at any instant
    leaves the old file or the new one. The temporary file is only ever encrypted. One that holds tokens stays until
    they are kept elsewhere.
    """

    def __init__(self, path: str, vault: RunVault, values_only: bool = False, allow_shared: bool = False) -> None:
        """Take the file, and what decrypts it; *allow_shared* lets others read it if it is encrypted as a whole."""
        self._path = path
        self._folder, self._base = os.path.split(path)
        self._allow_shared = allow_shared
        self._text = VaultText(self.name, vault, values_only)
        self._temporary_files = TemporaryFiles(self.name, path, self._text.tokens_in)
        # What the file held when it was read last: it is read before the lock and under it, and decrypting takes its time.
        self._seen: tuple[bytes, StoredTokens] | None = None

    @property
    def name(self) -> str:
        return f"the vault file {self._path}"

    @property
    def identity(self) -> str:
        # A folder may be reached by symbolic links; the file itself is none.
        return f"the vault file {os.path.join(os.path.realpath(self._folder), self._base)}"

    def describe(self) -> dict[str, Any]:
        return {"kind": "vault_file", "path": self._path}

    def warnings(self, saves: bool = True) -> tuple[str, ...]:
        warnings = []
        if may_be_written_by_others(self._folder):
            warnings.append(
                with_remedy(
                    f"{self.name} is in a folder that others may write into: they can remove it, or put another in its "
                    "place.",
                    f"chmod go-w {self._folder}",
                )
            )
        if self._allow_shared and (mode := self._mode_for_others()):
            warnings.append(
                f"{self.name} can be read or written by others (mode {mode:04o}), as store.allow_shared_file allows: "
                "nothing but the vault password protects its tokens."
            )
        return tuple(warnings)

    def load(self) -> StoredTokens:
        data = self._read()
        if data is None:
            self._refuse_what_ends_with_the_job()
            return StoredTokens()
        if not self._seen or self._seen[0] != data:
            self._seen = (data, self._text.tokens_in(data))
        holding = self._seen[1]
        if not holding:
            raise self._text.not_ours("does not hold a token set")
        self._refuse_open_to_others(is_whole=self._text.is_whole(data))
        return holding

    def _refuse_what_ends_with_the_job(self) -> None:
        if ends_with_the_job(self._folder):
            raise StoreError(
                f"{self.name} would be gone with this job of AWX, and with it the refresh token that it holds: it is in the job's own "
                "container, not on a mount.",
                "if the job refreshes no token, attach a credential of the type `Webex Access Token` to it. If it does, keep the tokens in "
                "credentials of AWX: set the option store, in roles and playbooks the variable service_app_token_store, to "
                "{kind: awx_credential}, and attach the three credentials that it needs; the playbook configure_awx makes all of that. "
                "Or use the store hashi_vault, or put the file on a path that AWX mounts into jobs (Settings, Job Settings, Paths to "
                "expose to isolated jobs).",
            )

    @contextmanager
    def lock(self, patience: float) -> Iterator[None]:
        with file_lock(
            os.path.join(self._folder, f".{self._base}.lock"), self.name, patience, on_open=self._keep_owner
        ):
            try:
                yield
            finally:
                self._temporary_files.undo_reservation()

    def check(self) -> None:
        self._checked_secret()

    def reserve(self) -> None:
        self._reserved()

    def save(self, holding: StoredTokens) -> None:
        reservation = self._reserved()
        encrypted = self._text.bytes_of(holding, reservation.secret)
        # What no later run could read must not take the place of what can be read.
        if self._text.tokens_in(encrypted).variables() != holding.variables():
            raise StoreError(f"{self.name}: the tokens cannot be written so that they can be read again.", REPORT_IT)
        try:
            reservation.put_in_place(self._path, encrypted)
        except OSError as error:
            raise self._unwritable(error) from None
        finally:
            self._temporary_files.undo_reservation()

    def _reserved(self) -> Reservation:
        """Return the reservation for the next save, which is made if there is none. Raises StoreError."""
        if self._temporary_files.reservation:
            return self._temporary_files.reservation
        secret = self._checked_secret()
        try:
            # A dress rehearsal: what can go wrong with encryption, the disk or the folder goes wrong now.
            return self._temporary_files.reserve(secret, on_open=self._keep_owner)
        except OSError as error:
            raise self._unwritable(error) from None

    def _checked_secret(self) -> tuple[str, Any]:
        """Return what to encrypt with. Raises StoreError if saving would fail, as far as that can be told without writing."""
        self._refuse_what_ends_with_the_job()
        secret = self._text.encryption_secret(self._read())
        if os.path.islink(self._path):
            raise StoreError(f"{self.name} is a symbolic link, and would be replaced by a file.", "name its target.")
        if not os.path.isdir(self._folder):
            raise StoreError(f"{self.name}: the folder {self._folder} does not exist.", "create it.")
        if not os.access(self._folder, os.W_OK | os.X_OK):
            raise self._unwritable(PermissionError(0, "Permission denied"))
        return secret

    def unsaved(self) -> Mapping[str, StoredTokens]:
        return {path: tokens for path, tokens in self._temporary_files.leftovers().items() if tokens}

    def clear(self) -> None:
        self._temporary_files.clear()
        try:
            remove_durably(self._path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._unwritable(error) from None

    def _read(self) -> bytes | None:
        try:
            if not stat.S_ISREG(os.stat(self._path).st_mode):
                raise StoreError(f"{self.name} is not a regular file.", "name another path.")
            with open(self._path, "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreadable(error) from None

    def _refuse_open_to_others(self, is_whole: bool) -> None:
        mode = self._mode_for_others()
        if not mode or (self._allow_shared and is_whole):
            return
        raise StoreError(
            f"{self.name} can be read or written by others (mode {mode:04o}).",
            f"chmod 600 {self._path}; in a place where modes cannot be set, let it be encrypted as a whole, and set "
            "store.allow_shared_file.",
        )

    def _mode_for_others(self) -> int:
        """Return the mode of the file if it lets others read or write it, else 0."""
        status = self._status()
        # None: another run may have given the tokens back since the file was read.
        is_open = status and status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        return stat.S_IMODE(status.st_mode) if status and is_open else 0

    def _status(self) -> os.stat_result | None:
        try:
            return os.stat(self._path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreadable(error) from None

    def _keep_owner(self, descriptor: int) -> None:
        """Give an open file the owner that the store has: else a run as root would lock its usual user out."""
        status = self._status()
        if not status or status.st_uid == os.fstat(descriptor).st_uid:
            return
        try:
            os.fchown(descriptor, status.st_uid, status.st_gid)
        except OSError as error:
            raise StoreError(
                f"{self.name} belongs to another user (uid {status.st_uid}), and a file that replaces it cannot be "
                f"given to that user: {error.strerror}.",
                "run as the user that it belongs to.",
            ) from None

    def _unreadable(self, error: OSError) -> StoreError:
        return StoreError(f"{self.name} cannot be read: {error.strerror}.", "make it readable.")

    def _unwritable(self, error: OSError) -> StoreError:
        return StoreError(
            f"{self.name} cannot be written: {error.strerror}.",
            f"make the folder {self._folder} writable for this user, with space left, or name another path.",
        )
