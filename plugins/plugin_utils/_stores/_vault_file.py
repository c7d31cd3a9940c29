# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A YAML file of its own, encrypted with ansible-vault; in ``vars_files`` it yields the variables."""

from __future__ import annotations

import fcntl
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import yaml
from ansible_collections.collabops.webex.plugins.module_utils._oauth import TokenSet
from ansible_collections.collabops.webex.plugins.plugin_utils._stores._base import Store, StoreError
from ansible_collections.collabops.webex.plugins.plugin_utils._vault import RunVault, VaultError

# More than a token set takes; encrypted it is four times that, since ansible-vault writes hex in hex.
PLACEHOLDER = "# Reserved for a token set.\n" + "#" * 16 * 1024
PAUSE = 0.05
HEADER = (
    "# Written by collabops.webex.service_app_token, and rewritten whole at every refresh: do not edit.\n"
    "# Use it in vars_files, or name it as the store of the module.\n"
)
SECRET_VARIABLES = {"webex_access_token": "access_token", "webex_refresh_token": "refresh_token"}
PUBLIC_VARIABLE = "webex_token"
VARIABLES = {*SECRET_VARIABLES, PUBLIC_VARIABLE}


class VaultFileStore(Store):
    """The store ``vault_file``.

    A save writes a temporary file in the same folder, which was reserved before, and renames it; a kill at any instant
    leaves the old file or the new one. The temporary file is only ever encrypted, and the next run removes it.
    """

    def __init__(self, path: str, vault: RunVault) -> None:
        self._path = path
        self._folder, self._base = os.path.split(path)
        self._vault = vault
        self._temporary: str | None = None

    @property
    def name(self) -> str:
        return f"the vault file {self._path}"

    def describe(self) -> dict[str, Any]:
        return {"kind": "vault_file", "path": self._path}

    def load(self) -> TokenSet | None:
        data = self._read()
        if data is None:
            return None
        if not self._vault.is_encrypted(data):
            raise self._not_ours("is not encrypted with ansible-vault")
        if not self._vault.has_secrets:
            raise StoreError(f"{self.name} is encrypted, and this run has no vault password.", _GIVE_PASSWORD)
        try:
            text = self._vault.decrypt(data)
        except VaultError as error:
            raise StoreError(f"{self.name} cannot be decrypted: {error}.", _OTHER_PASSWORD) from None
        return self._token_set(text)

    @contextmanager
    def lock(self, patience: float) -> Iterator[None]:
        descriptor = self._open_lock()
        try:
            if descriptor is not None:
                self._wait_for(descriptor, patience)
            yield
        finally:
            self._remove_temporary()
            if descriptor is not None:
                os.close(descriptor)

    def check(self) -> None:
        self._encryption_secret()
        if os.path.islink(self._path):
            raise StoreError(f"{self.name} is a symbolic link, and would be replaced by a file.", "name its target.")
        if not os.path.isdir(self._folder):
            raise StoreError(f"{self.name}: the folder {self._folder} does not exist.", "create it.")
        if not os.access(self._folder, os.W_OK | os.X_OK):
            raise self._unwritable(PermissionError(0, "Permission denied"))

    def reserve(self) -> None:
        self.check()
        # A dress rehearsal: what can go wrong with encryption or the disk goes wrong now.
        placeholder = self._vault.encrypt(PLACEHOLDER, self._encryption_secret())
        self._remove_leftovers()
        path = os.path.join(self._folder, f".{self._base}.{secrets.token_hex(8)}.tmp")
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._temporary = path
            _write_durably(descriptor, placeholder)
        except OSError as error:
            raise self._unwritable(error) from None

    def save(self, token_set: TokenSet) -> None:
        public = token_set.public()
        variables = {name: token_set.secret()[key] for name, key in SECRET_VARIABLES.items()}
        text = HEADER + yaml.safe_dump({**variables, PUBLIC_VARIABLE: public}, sort_keys=False)
        encrypted = self._vault.encrypt(text, self._encryption_secret())
        if self._temporary is None:
            self.reserve()
        temporary = str(self._temporary)
        try:
            # In place, so that the blocks that were reserved are those that are used.
            _write_durably(os.open(temporary, os.O_WRONLY), encrypted)
            os.replace(temporary, self._path)
            self._temporary = None
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
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
            raise StoreError(f"{self.name} cannot be read: {error.strerror}.", "make it readable.") from None

    def _token_set(self, text: str) -> TokenSet:
        try:
            variables = yaml.safe_load(text)
        except (yaml.YAMLError, ValueError):  # a date that does not exist is a ValueError
            raise self._not_ours("is not YAML") from None
        if not isinstance(variables, dict) or not isinstance(variables.get(PUBLIC_VARIABLE), dict):
            raise self._not_ours("does not hold a token set")
        foreign = sorted(str(name) for name in set(variables) - VARIABLES)
        if foreign:
            raise self._not_ours(f"holds other variables too ({', '.join(foreign)})")
        secret = {key: variables.get(name) for name, key in SECRET_VARIABLES.items()}
        try:
            return TokenSet.from_parts(secret, variables[PUBLIC_VARIABLE])
        except ValueError as error:
            raise self._not_ours(f"is not a complete token set: {error}") from None

    def _encryption_secret(self) -> tuple[str, Any]:
        if not self._vault.has_secrets:
            raise StoreError(f"{self.name} cannot be encrypted: this run has no vault password.", _GIVE_PASSWORD)
        try:
            return self._vault.encryption_secret(like=self._read())
        except VaultError as error:
            raise StoreError(f"{self.name} cannot be encrypted: {error}.", _GIVE_PASSWORD) from None

    def _open_lock(self) -> int | None:
        """Return the open lock file; None where none can be made, and so nothing can be written either.

        The file stays: removing a lock file lets two runs hold two different ones.
        """
        path = os.path.join(self._folder, f".{self._base}.lock")
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError:
            return None

    def _wait_for(self, descriptor: int, patience: float) -> None:
        deadline = time.monotonic() + patience
        while True:
            try:
                return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise StoreError(
                        f"{self.name} has been locked by another run for {patience:.0f} seconds.",
                        "look for a run that hangs; the lock goes when its process ends.",
                    ) from None
                time.sleep(PAUSE)

    def _remove_temporary(self) -> None:
        if self._temporary:
            with suppress(OSError):
                os.unlink(self._temporary)
            self._temporary = None

    def _remove_leftovers(self) -> None:
        """Remove what killed runs left; whoever holds the lock is the only one who writes."""
        for entry in os.listdir(self._folder):
            if entry.startswith(f".{self._base}.") and entry.endswith(".tmp"):
                with suppress(OSError):
                    os.unlink(os.path.join(self._folder, entry))

    def _not_ours(self, why: str) -> StoreError:
        return StoreError(
            f"{self.name} {why}; it was left untouched.",
            "the file belongs to the store alone: name another path, or remove the file if nothing in it is needed.",
        )

    def _unwritable(self, error: OSError) -> StoreError:
        return StoreError(
            f"{self.name} cannot be written: {error.strerror}.",
            f"make the folder {self._folder} writable for this user, with space left, or name another path.",
        )


_GIVE_PASSWORD = (
    "give it as for any vault file: --vault-id, --vault-password-file or --ask-vault-pass, "
    "ANSIBLE_VAULT_PASSWORD_FILE, or a Vault credential in AWX."
)
_OTHER_PASSWORD = "give the password it was encrypted with; a damaged file is restored from a backup, or removed."


def _write_durably(descriptor: int, data: bytes) -> None:
    """Make *data* the whole content of an open file, on stable storage, and close it."""
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.ftruncate(file.fileno(), len(data))
        os.fsync(file.fileno())
