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

from .._files import (
    create_private,
    remove_durably,
    rename_durably,
    write_durably,
)
from .._stored_tokens import SECRET_VARIABLES, VARIABLES, StoredTokens
from .._vault import RunVault, VaultError
from ._base import Store, StoreError

# More than both token sets take; encrypted it is four times that, since ansible-vault writes hex in hex.
PLACEHOLDER = "# Reserved for token sets.\n" + "#" * 16 * 1024
PAUSE = 0.05
HEADER = (
    "# Written by collabops.webex.service_app_token, and rewritten whole at every refresh: do not edit.\n"
    "# Use it in vars_files, or name it as the store of the module.\n"
)
GIVE_PASSWORD = (
    "give it as for any vault file: --vault-id, --vault-password-file or --ask-vault-pass, "
    "ANSIBLE_VAULT_PASSWORD_FILE, or a Vault credential in AWX."
)
OTHER_PASSWORD = "give the password it was encrypted with; a damaged file is restored from a backup, or removed."


class VaultFileStore(Store):
    """The store ``vault_file``: the whole file is encrypted, or with ``values_only`` each secret in it.

    A save writes a temporary file in the same folder, which was reserved before, and renames it; a kill at any instant
    leaves the old file or the new one. The temporary file is only ever encrypted, and the next run removes it.
    """

    def __init__(self, path: str, vault: RunVault, values_only: bool = False) -> None:
        self._path = path
        self._folder, self._base = os.path.split(path)
        self._vault = vault
        self._values_only = values_only
        self._temporary: str | None = None

    @property
    def name(self) -> str:
        return f"the vault file {self._path}"

    def describe(self) -> dict[str, Any]:
        return {"kind": "vault_file", "path": self._path}

    def load(self) -> StoredTokens:
        data = self._read()
        if data is None:
            return StoredTokens()
        if self._vault.is_encrypted(data):
            text = self._decrypt(data)
        elif b"!vault" in data:
            text = data.decode("utf-8", errors="replace")
        else:
            raise self._not_ours("is not encrypted with ansible-vault")
        variables = self._parse(text)
        foreign = sorted(str(name) for name in set(variables) - set(VARIABLES))
        if foreign:
            raise self._not_ours(f"holds other variables too ({', '.join(foreign)})")
        for name in SECRET_VARIABLES:
            if isinstance(variables.get(name), _Encrypted):
                variables[name] = self._decrypt(variables[name].data)
            elif name in variables and not self._vault.is_encrypted(data):
                raise self._not_ours(f"has {name} in plain text")
        try:
            holding = StoredTokens.from_variables(variables)
        except ValueError as error:
            raise self._not_ours(f"is not a complete token set: {error}") from None
        if not holding:
            raise self._not_ours("does not hold a token set")
        self._refuse_open_to_others()
        return holding

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
        path = os.path.join(self._folder, f".{self._base}.{secrets.token_hex(8)}.tmp")
        try:
            self._remove_leftovers()
            descriptor = create_private(path)
            self._temporary = path
            write_durably(descriptor, placeholder)
        except OSError as error:
            raise self._unwritable(error) from None

    def save(self, holding: StoredTokens) -> None:
        encrypted = self._render(holding)
        if self._temporary is None:
            self.reserve()
        temporary = str(self._temporary)
        try:
            # In place, so that the blocks that were reserved are those that are used.
            write_durably(os.open(temporary, os.O_WRONLY), encrypted)
            rename_durably(temporary, self._path)
        except OSError as error:
            raise self._unwritable(error) from None
        self._temporary = None

    def clear(self) -> None:
        try:
            remove_durably(self._path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._unwritable(error) from None

    def _render(self, holding: StoredTokens) -> bytes:
        secret = self._encryption_secret()
        if not self._values_only:
            return self._vault.encrypt(HEADER + yaml.safe_dump(holding.variables(), sort_keys=False), secret)
        parts = [HEADER]
        for name, value in holding.variables().items():
            if name in SECRET_VARIABLES:
                lines = self._vault.encrypt(value, secret).decode("ascii").splitlines()
                parts.append(f"{name}: !vault |\n" + "".join(f"  {line}\n" for line in lines))
            else:
                parts.append(yaml.safe_dump({name: value}, sort_keys=False))
        return "".join(parts).encode("utf-8")

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

    def _refuse_open_to_others(self) -> None:
        # Another run may have given the tokens back since the file was read.
        with suppress(FileNotFoundError):
            mode = stat.S_IMODE(os.stat(self._path).st_mode)
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise StoreError(
                    f"{self.name} can be read or written by others (mode {mode:04o}).", f"chmod 600 {self._path}"
                )

    def _decrypt(self, data: bytes) -> str:
        if not self._vault.has_secrets:
            raise StoreError(f"{self.name} is encrypted, and this run has no vault password.", GIVE_PASSWORD)
        try:
            return self._vault.decrypt(data)
        except VaultError as error:
            raise StoreError(f"{self.name} cannot be decrypted: {error}.", OTHER_PASSWORD) from None

    def _parse(self, text: str) -> dict[str, Any]:
        try:
            variables = yaml.load(text, Loader=_Loader)
        except (yaml.YAMLError, ValueError):  # a date that does not exist is a ValueError
            raise self._not_ours("is not YAML") from None
        if not isinstance(variables, dict):
            raise self._not_ours("does not hold a token set")
        return variables

    def _encryption_secret(self) -> tuple[str, Any]:
        if not self._vault.has_secrets:
            raise StoreError(f"{self.name} cannot be encrypted: this run has no vault password.", GIVE_PASSWORD)
        try:
            return self._vault.encryption_secret(like=self._present_cipher_text())
        except VaultError as error:
            raise StoreError(f"{self.name} cannot be encrypted: {error}.", GIVE_PASSWORD) from None

    def _present_cipher_text(self) -> bytes | None:
        """Return something that is encrypted in the file now: it tells the vault id to keep."""
        data = self._read()
        if data is None or self._vault.is_encrypted(data):
            return data
        variables = self._parse(data.decode("utf-8", errors="replace"))
        return next((value.data for value in variables.values() if isinstance(value, _Encrypted)), None)

    def _open_lock(self) -> int | None:
        """Return the open lock file; None where none can be made, and so nothing can be written either.

        The file stays: removing a lock file lets two runs hold two different ones.
        """
        path = os.path.join(self._folder, f".{self._base}.lock")
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            if os.path.lexists(path):
                raise StoreError(
                    f"{self.name} cannot be locked: {path}: {error.strerror}.", "remove that file if it is not ours."
                ) from None
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


class _Encrypted:
    """A value behind the tag ``!vault``."""

    def __init__(self, data: bytes) -> None:
        self.data = data


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A safe loader (in C where there is one) that keeps encrypted values as they are."""


_Loader.add_constructor("!vault", lambda loader, node: _Encrypted(str(node.value).encode("utf-8")))
