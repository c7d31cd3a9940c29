# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A YAML file of its own, encrypted with ansible-vault; in ``vars_files`` it yields the variables."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import yaml

from ....module_utils._errors import with_remedy
from ..files import (
    create_private,
    may_be_written_by_others,
    open_folder,
    remove_durably,
    write_durably,
)
from ..job import ends_with_the_job
from ..run_vault import RunVault, VaultError, rehearsed
from ..stored_tokens import SECRET_VARIABLES, VARIABLES, StoredTokens
from .base import Store, StoreError

# So many temporary files of one store are told apart: one that is reserved, and those with tokens that killed runs left.
SLOTS = 8
# More than both token sets take; encrypted it is four times that, since ansible-vault writes hex in hex.
PLACEHOLDER = "# Reserved for token sets.\n" + "#" * 24 * 1024
PAUSE = 0.05
# Why a lock file cannot be made in a folder in which nothing can be written: then there is nothing to lock either.
NOTHING_CAN_BE_WRITTEN = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR)
HEADER = (
    "# Written by collabops.webex.service_app_token, and rewritten whole at every refresh: do not edit.\n"
    "# Use it in vars_files, or name it as the store of the module.\n"
)
GIVE_PASSWORD = (
    "give it as for any vault file: --vault-id, --vault-password-file or --ask-vault-pass, "
    "ANSIBLE_VAULT_PASSWORD_FILE, or a Vault credential in AWX."
)
REPORT_IT = "report it, with the output at -vvv; it holds no secret."
OTHER_PASSWORD = "give the password it was encrypted with; a damaged file is restored from a backup, or removed."


@dataclass
class _Reservation:
    """A temporary file with room for the tokens, and all that it takes to save them in it without opening anything."""

    path: str
    secret: tuple[str, Any]
    file: int
    folder: int
    holds_tokens: bool = False

    @classmethod
    def open(cls, path: str, secret: tuple[str, Any]) -> _Reservation:
        """Return a reservation with a new, empty file. Raises OSError."""
        folder = open_folder(os.path.dirname(path))
        try:
            return cls(path, secret, create_private(path), folder)
        except OSError:
            os.close(folder)
            raise

    def close(self) -> None:
        """Give the descriptors back."""
        for descriptor in (self.file, self.folder):
            with suppress(OSError):
                os.close(descriptor)


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
        self._vault = vault
        self._values_only = values_only
        self._allow_shared = allow_shared
        self._reservation: _Reservation | None = None
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
            self._seen = (data, self._tokens_in(data))
        holding = self._seen[1]
        if not holding:
            raise self._not_ours("does not hold a token set")
        self._refuse_open_to_others(is_whole=self._vault.is_encrypted(data))
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

    def _tokens_in(self, data: bytes) -> StoredTokens:
        """Return what a file with *data* holds. Raises StoreError for what is not this store's own."""
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
            return StoredTokens.from_variables(variables)
        except ValueError as error:
            raise self._not_ours(f"is not a complete token set: {error}") from None

    @contextmanager
    def lock(self, patience: float) -> Iterator[None]:
        descriptor = self._open_lock()
        try:
            if descriptor is not None:
                self._wait_for(descriptor, patience)
            yield
        finally:
            self._undo_reservation()
            if descriptor is not None:
                os.close(descriptor)

    def check(self) -> None:
        self._refuse_what_ends_with_the_job()
        self._encryption_secret()
        if os.path.islink(self._path):
            raise StoreError(f"{self.name} is a symbolic link, and would be replaced by a file.", "name its target.")
        if not os.path.isdir(self._folder):
            raise StoreError(f"{self.name}: the folder {self._folder} does not exist.", "create it.")
        if not os.access(self._folder, os.W_OK | os.X_OK):
            raise self._unwritable(PermissionError(0, "Permission denied"))

    def reserve(self) -> None:
        self._reserved()

    def _reserved(self) -> _Reservation:
        """Return the reservation for the next save, which is made if there is none."""
        if self._reservation:
            return self._reservation
        self.check()
        # A dress rehearsal: what can go wrong with encryption, the disk or the folder goes wrong now.
        secret = self._encryption_secret()
        placeholder = rehearsed(PLACEHOLDER, secret)
        self._remove_worthless_leftovers()
        try:
            self._reservation = self._open_reservation(secret)
            self._keep_owner(self._reservation.file)
            write_durably(self._reservation.file, placeholder)
            os.fsync(self._reservation.folder)
        except BaseException as error:
            self._undo_reservation()
            if isinstance(error, OSError):
                raise self._unwritable(error) from None
            raise
        return self._reservation

    def _open_reservation(self, secret: tuple[str, Any]) -> _Reservation:
        """Return a reservation in the first temporary file that is not there yet. Raises OSError, StoreError."""
        for path in self._temporary_files():
            with suppress(FileExistsError):
                return _Reservation.open(path, secret)
        raise StoreError(
            f"{self.name} has {SLOTS} temporary files beside it, whose tokens cannot be read.",
            f"give the passwords that they were encrypted with, or remove them: .{self._base}.*.tmp in {self._folder}.",
        )

    def _temporary_files(self) -> list[str]:
        """Return the paths of all temporary files that may be there: a folder of a thousand stores is never listed."""
        return [os.path.join(self._folder, f".{self._base}.{slot}.tmp") for slot in range(SLOTS)]

    def save(self, holding: StoredTokens) -> None:
        reservation = self._reserved()
        encrypted = self._render(holding, reservation.secret)
        # What no later run could read must not take the place of what can be read.
        if self._tokens_in(encrypted).variables() != holding.variables():
            raise StoreError(f"{self.name}: the tokens cannot be written so that they can be read again.", REPORT_IT)
        # From the first byte on it must not be taken for a mere reservation.
        reservation.holds_tokens = True
        try:
            # In place, so that the blocks that were reserved are those that are used.
            write_durably(reservation.file, encrypted)
            os.replace(reservation.path, self._path)
            os.fsync(reservation.folder)
        except OSError as error:
            raise self._unwritable(error) from None
        finally:
            self._undo_reservation()

    def unsaved(self) -> Mapping[str, StoredTokens]:
        return {path: tokens for path, tokens in self._leftovers().items() if tokens}

    def clear(self) -> None:
        for leftover in self._leftovers():
            self._remove(leftover)
        try:
            remove_durably(self._path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._unwritable(error) from None

    def _render(self, holding: StoredTokens, secret: tuple[str, Any]) -> bytes:
        if not self._values_only:
            return self._vault.encrypt(HEADER + _dumped(holding.variables()), secret)
        parts = [HEADER]
        for name, value in holding.variables().items():
            if name in SECRET_VARIABLES:
                lines = self._vault.encrypt(value, secret).decode("ascii").splitlines()
                parts.append(f"{name}: !vault |\n" + "".join(f"  {line}\n" for line in lines))
            else:
                parts.append(_dumped({name: value}))
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
        """Return the open lock file; None if none can be made, and so nothing can be written either.

        The file stays: removing a lock file lets two runs hold two different ones.
        """
        path = os.path.join(self._folder, f".{self._base}.lock")
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            if error.errno in NOTHING_CAN_BE_WRITTEN and not os.path.lexists(path):
                return None
            raise self._unlockable(path, error) from None
        with suppress(StoreError):
            # If it cannot be given away, the store cannot be either; reserving says so.
            self._keep_owner(descriptor)
        return descriptor

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
            except OSError as error:
                raise self._unlockable(f".{self._base}.lock", error) from None

    def _undo_reservation(self) -> None:
        """Remove the reserved file; but one that got tokens, and not its name, stays for the next run."""
        reservation, self._reservation = self._reservation, None
        if reservation:
            reservation.close()
            if not (reservation.holds_tokens and self._tokens_of_leftover(reservation.path)):
                self._remove(reservation.path)

    def _leftovers(self) -> dict[str, StoredTokens | None]:
        """Return the temporary files that ended runs have left, each with the tokens in it, if they can be read."""
        own = self._reservation.path if self._reservation else None
        paths = [path for path in self._temporary_files() if path != own and os.path.isfile(path)]
        return {path: self._tokens_of_leftover(path) for path in paths}

    def _tokens_of_leftover(self, path: str) -> StoredTokens | None:
        with suppress(OSError, StoreError), open(path, "rb") as file:
            return self._tokens_in(file.read()) or None
        return None

    def _remove_worthless_leftovers(self) -> None:
        """Remove what has no tokens: the one that holds the lock is the only one that writes."""
        for path, tokens in self._leftovers().items():
            if not tokens and not _may_be_whole(path):
                self._remove(path)

    def _remove(self, path: str) -> None:
        with suppress(OSError):
            os.unlink(path)

    def _unreadable(self, error: OSError) -> StoreError:
        return StoreError(f"{self.name} cannot be read: {error.strerror}.", "make it readable.")

    def _unlockable(self, lock: str, error: OSError) -> StoreError:
        if error.errno in (errno.EMFILE, errno.ENFILE, errno.EIO):
            remedy = "free what this machine has run out of, and run again."
        elif error.errno in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP):
            remedy = "put the store on a file system that has locks."
        else:
            remedy = "remove that file if it is not ours."
        return StoreError(f"{self.name} cannot be locked: {lock}: {error.strerror}.", remedy)

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


def _dumped(variables: Mapping[str, Any]) -> str:
    text: str = yaml.dump(dict(variables), Dumper=_Dumper, sort_keys=False)
    return text


class _Encrypted:
    """A value behind the tag ``!vault``."""

    def __init__(self, data: bytes) -> None:
        self.data = data


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A safe loader (in C where there is one) that keeps encrypted values as they are."""


# In C where there is one.
_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_Loader.add_constructor("!vault", lambda loader, node: _Encrypted(str(node.value).encode("utf-8")))
