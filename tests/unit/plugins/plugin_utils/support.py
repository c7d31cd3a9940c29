# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the broker and its stores share."""

from __future__ import annotations

import os
import pathlib
import typing as t
from datetime import datetime, timedelta, timezone

from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret
from ansible_collections.collabops.webex.plugins.module_utils._oauth import TokenSet
from ansible_collections.collabops.webex.plugins.plugin_utils._holding import Holding
from ansible_collections.collabops.webex.plugins.plugin_utils._stores import open_store
from ansible_collections.collabops.webex.plugins.plugin_utils._stores._base import Store

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=timezone.utc)
PASSWORD = {"default": b"correct horse"}


def make_loader(passwords: dict[str, bytes] | None = None) -> DataLoader:
    """The loader of a run with these vault passwords, by vault id."""
    loader = DataLoader()
    secrets = PASSWORD if passwords is None else passwords
    loader.set_vault_secrets([(vault_id, VaultSecret(password)) for vault_id, password in secrets.items()])
    return loader


def vault_file(path: pathlib.Path, passwords: dict[str, bytes] | None = None, vault_id: str | None = None) -> Store:
    """The store in a vault file, as a run with these passwords opens it."""
    options = {"kind": "vault_file", "path": str(path), "vault_id": vault_id}
    return open_store(options, make_loader(passwords))


def token_set(**changes: t.Any) -> TokenSet:
    """A token set that is good for 14 days from NOW."""
    values = {
        "access_token": "stored-access",
        "refresh_token": "stored-refresh",
        "client_id": "C1",
        "obtained_at": NOW,
        "expires_at": NOW + timedelta(days=14),
    }
    return TokenSet(**{**values, **changes})


def holding(**changes: t.Any) -> Holding:
    """What a store keeps: a token set, good for 14 days from NOW."""
    return Holding(token_set(**changes))


def contents(folder: pathlib.Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {entry.name: pathlib.Path(entry.path).read_bytes() for entry in os.scandir(folder)}
