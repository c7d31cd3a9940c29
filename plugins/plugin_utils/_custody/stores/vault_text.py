# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a vault file holds: YAML with tokens, encrypted with ansible-vault as a whole or value by value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from ..run_vault import RunVault, VaultError
from ..stored_tokens import SECRET_VARIABLES, VARIABLES, StoredTokens
from .base import StoreError

HEADER = (
    "# Written by collabops.webex.service_app_token, and rewritten whole at every refresh: do not edit.\n"
    "# Use it in vars_files, or name it as the store of the module.\n"
)
GIVE_PASSWORD = (
    "give it as for any vault file: --vault-id, --vault-password-file or --ask-vault-pass, "
    "ANSIBLE_VAULT_PASSWORD_FILE, or a Vault credential in AWX."
)
OTHER_PASSWORD = "give the password it was encrypted with; a damaged file is restored from a backup, or removed."


class VaultText:
    """Makes tokens of the bytes of a file, and the other way round."""

    def __init__(self, name: str, vault: RunVault, values_only: bool) -> None:
        """Take what to call the file in messages, and what encrypts it: as a whole, or with *values_only* each secret in it."""
        self._name = name
        self._vault = vault
        self._values_only = values_only

    def is_whole(self, data: bytes) -> bool:
        """Tell whether a file with *data* is encrypted as a whole."""
        return self._vault.is_encrypted(data)

    def tokens_in(self, data: bytes) -> StoredTokens:
        """Return what a file with *data* holds. Raises StoreError for what is not this store's own."""
        if self.is_whole(data):
            text = self._decrypt(data)
        elif b"!vault" in data:
            text = data.decode("utf-8", errors="replace")
        else:
            raise self.not_ours("is not encrypted with ansible-vault")
        variables = self._parse(text)
        foreign = sorted(str(name) for name in set(variables) - set(VARIABLES))
        if foreign:
            raise self.not_ours(f"holds other variables too ({', '.join(foreign)})")
        for name in SECRET_VARIABLES:
            if isinstance(variables.get(name), _Encrypted):
                variables[name] = self._decrypt(variables[name].data)
            elif name in variables and not self.is_whole(data):
                raise self.not_ours(f"has {name} in plain text")
        try:
            return StoredTokens.from_variables(variables)
        except ValueError as error:
            raise self.not_ours(f"is not a complete token set: {error}") from None

    def bytes_of(self, holding: StoredTokens, secret: tuple[str, Any]) -> bytes:
        """Return what a file that holds *holding* consists of, encrypted with what ``encryption_secret`` returned."""
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

    def encryption_secret(self, present: bytes | None) -> tuple[str, Any]:
        """Return what to encrypt with, by the vault id that the *present* bytes of the file have, if none was chosen.

        Raises StoreError if the run has no password for it.
        """
        if not self._vault.has_secrets:
            raise StoreError(f"{self._name} cannot be encrypted: this run has no vault password.", GIVE_PASSWORD)
        try:
            return self._vault.encryption_secret(like=self._cipher_text_in(present))
        except VaultError as error:
            raise StoreError(f"{self._name} cannot be encrypted: {error}.", GIVE_PASSWORD) from None

    def _cipher_text_in(self, data: bytes | None) -> bytes | None:
        """Return something that is encrypted in the file: it tells the vault id to keep."""
        if data is None or self.is_whole(data):
            return data
        variables = self._parse(data.decode("utf-8", errors="replace"))
        return next((value.data for value in variables.values() if isinstance(value, _Encrypted)), None)

    def _decrypt(self, data: bytes) -> str:
        if not self._vault.has_secrets:
            raise StoreError(f"{self._name} is encrypted, and this run has no vault password.", GIVE_PASSWORD)
        try:
            return self._vault.decrypt(data)
        except VaultError as error:
            raise StoreError(f"{self._name} cannot be decrypted: {error}.", OTHER_PASSWORD) from None

    def _parse(self, text: str) -> dict[str, Any]:
        try:
            variables = yaml.load(text, Loader=_Loader)
        except (yaml.YAMLError, ValueError):  # a date that does not exist is a ValueError
            raise self.not_ours("is not YAML") from None
        if not isinstance(variables, dict):
            raise self.not_ours("does not hold a token set")
        return variables

    def not_ours(self, why: str) -> StoreError:
        """Return the error for a file that is not this store's; *why* goes on from its name."""
        return StoreError(
            f"{self._name} {why}; it was left untouched.",
            "the file belongs to the store alone: name another path, or remove the file if nothing in it is needed.",
        )


def _dumped(variables: Mapping[str, Any]) -> str:
    text: str = yaml.dump(dict(variables), Dumper=_Dumper, sort_keys=False)
    return text


class _Encrypted:
    """A value behind the tag ``!vault``."""

    def __init__(self, data: bytes) -> None:
        self.data = data


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A safe loader (in C if there is one) that keeps encrypted values as they are."""


# In C if there is one.
_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_Loader.add_constructor("!vault", lambda loader, node: _Encrypted(str(node.value).encode("utf-8")))
