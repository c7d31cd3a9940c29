# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ansible-vault secrets of this run, in whatever way they were given: password file, prompt, client, AWX."""

from __future__ import annotations

import functools
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultLib, is_encrypted, match_encrypt_secret, parse_vaulttext_envelope


class VaultError(Exception):
    """A text that cannot be encrypted or decrypted; the message says why, without the text."""


def _encrypted(text: str, secret: tuple[str, Any]) -> bytes:
    vault_id, key = secret
    encrypted: bytes = VaultLib([secret]).encrypt(text, secret=key, vault_id=vault_id)
    return encrypted


@functools.lru_cache(maxsize=16)
def rehearsed(text: str, secret: tuple[str, Any]) -> bytes:
    """Return *text*, encrypted with what ``encryption_secret`` returned: the proof that this can be done.

    Once proven, it is so for all stores of this process: to derive a key takes as long as a request.
    """
    return _encrypted(text, secret)


class RunVault:
    """Encrypts and decrypts with the vault secrets that a plugin's loader holds."""

    def __init__(self, loader: Any, vault_id: str | None = None) -> None:
        """Take the loader of an action or lookup plugin, and the vault id to encrypt with (None: the usual one)."""
        # Only the loader has the secrets of the run, and it has no public way to hand them out (2.16 to 2.21).
        self._secrets: list[tuple[str, Any]] = list(loader._vault.secrets or [])
        self._vault_id = vault_id
        self._library = VaultLib(self._secrets)

    @property
    def vault_ids(self) -> list[str]:
        """The vault ids for which this run has a secret."""
        return [vault_id for vault_id, _secret in self._secrets]

    @property
    def has_secrets(self) -> bool:
        """Whether the run was given any vault password at all."""
        return bool(self._secrets)

    def encryption_secret(self, like: bytes | None = None) -> tuple[str, Any]:
        """Return vault id and secret to encrypt with: the chosen vault id, else that of the file *like*, else the usual.

        Raises VaultError if the run has no such secret.
        """
        vault_id = (
            self._vault_id or self._vault_id_of(like) or C.config.get_config_value("DEFAULT_VAULT_ENCRYPT_IDENTITY")
        )
        try:
            return match_encrypt_secret(self._secrets, encrypt_vault_id=vault_id)
        except AnsibleError:
            known = ", ".join(self.vault_ids) or "none"
            raise VaultError(f"no password for the vault id {vault_id or 'default'} (known: {known})") from None

    def encrypt(self, text: str, secret: tuple[str, Any]) -> bytes:
        """Return *text*, encrypted with what ``encryption_secret`` returned."""
        return _encrypted(text, secret)

    def decrypt(self, encrypted: bytes) -> str:
        """Return the plain text; raises VaultError if no secret of the run fits, or the text is damaged."""
        try:
            parse_vaulttext_envelope(encrypted)
        except Exception:  # a damaged envelope raises whatever its pieces raise
            raise VaultError("it is damaged") from None
        try:
            plain: bytes = self._library.decrypt(encrypted)
        except AnsibleError:
            raise VaultError("it was encrypted with another password, or is damaged") from None
        try:
            return plain.decode("utf-8")
        except UnicodeDecodeError:
            raise VaultError("it is not text") from None

    @staticmethod
    def is_encrypted(data: bytes) -> bool:
        """Tell whether *data* looks like the output of ansible-vault."""
        return bool(is_encrypted(data))

    def _vault_id_of(self, encrypted: bytes | None) -> str | None:
        if not encrypted:
            return None
        vault_id = parse_vaulttext_envelope(encrypted, default_vault_id="")[3]
        return vault_id if vault_id in self.vault_ids else None
