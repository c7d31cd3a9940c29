# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the broker and its stores share."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import resource
import typing as t
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

import hvac
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret
from ansible_collections.collabops.webex.plugins.module_utils._oauth import TokenSet
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.broker import obtain
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.request import Outcome, Request
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.revocation import Revocation, give_back
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stored_client import StoredClient
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stored_tokens import StoredTokens
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores import open_store
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.base import Store
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.vault_server.process import VaultServer

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=timezone.utc)
PASSWORD = {"default": b"correct horse"}


def make_loader(passwords: dict[str, bytes] | None = None) -> DataLoader:
    """The loader of a run with these vault passwords, by vault id."""
    loader = DataLoader()
    secrets = PASSWORD if passwords is None else passwords
    loader.set_vault_secrets([(vault_id, VaultSecret(password)) for vault_id, password in secrets.items()])
    return loader


@contextmanager
def full_disk() -> t.Iterator[None]:
    """Let no file grow beyond a kilobyte."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def vault_file(
    path: pathlib.Path,
    passwords: dict[str, bytes] | None = None,
    vault_id: str | None = None,
    encrypt: str | None = None,
    **options_of_store: t.Any,
) -> Store:
    """The store in a vault file, as a run with these passwords opens it."""
    options = {"kind": "vault_file", "path": str(path), "vault_id": vault_id, "encrypt": encrypt, **options_of_store}
    return open_store(options, make_loader(passwords))


def hashi_vault(vault: VaultServer, **options: t.Any) -> Store:
    """The store in a secret, as a run that may write it opens it."""
    given = {"url": vault.url, "path": vault.credentials["writer_path"], "token": vault.credentials["writer_token"]}
    return open_store({"kind": "hashi_vault", **given, **options}, make_loader())


class Secret:
    """The secret, as somebody else sees and changes it who may do everything."""

    def __init__(self, vault: VaultServer, mount_point: str = "secret", namespace: str | None = None) -> None:
        client = hvac.Client(url=vault.url, token=vault.root_token, namespace=namespace)
        self.kv = client.secrets.kv.v2
        self.where = {"path": vault.credentials["writer_path"], "mount_point": mount_point}

    def read(self) -> dict[str, t.Any]:
        """The data of the newest version."""
        answer = self.kv.read_secret_version(**self.where, raise_on_deleted_version=True)
        return dict(answer["data"]["data"])

    def write(self, **data: t.Any) -> int:
        """Replace the data; answers the version."""
        return int(self.kv.create_or_update_secret(**self.where, secret=data)["data"]["version"])

    def add(self, **data: t.Any) -> None:
        """Change some keys."""
        self.write(**{**self.read(), **data})


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


def integration_set(**changes: t.Any) -> TokenSet:
    """The tokens of an integration."""
    secrets = {"access_token": "integration-access", "refresh_token": "integration-refresh"}
    return token_set(**{**secrets, "client_id": "C2", **changes})


def clients() -> dict[str, StoredClient]:
    """The clients that token_set() and integration_set() were got with."""
    return {
        "service_app_client": StoredClient("C1", "app-client-secret", "https://webexapis.com/v1"),
        "integration_client": StoredClient("C2", "integration-client-secret", "https://webexapis.com/v1"),
    }


def holding(**changes: t.Any) -> StoredTokens:
    """What a store keeps: a token set, good for 14 days from NOW."""
    return StoredTokens(token_set(**changes))


def contents(folder: pathlib.Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {entry.name: pathlib.Path(entry.path).read_bytes() for entry in os.scandir(folder)}


class Shop:
    """A service app, a vault file, and runs that want a token."""

    def __init__(self, webex: Simulator, settings: Settings, path: pathlib.Path) -> None:
        self.webex = webex
        self.settings = dataclasses.replace(settings, access_token=None)
        self.path = path

    def store(self, **options: t.Any) -> Store:
        """The vault file, as a run opens it."""
        return vault_file(self.path, **options)

    def put(self, integration: dict[str, t.Any] | None = None, **changes: t.Any) -> None:
        """Store a token set of the service app; its access token expires as soon as *changes* say."""
        app = {"client_id": self.settings.client_id, "refresh_token": self.settings.refresh_token}
        minter = {"client_id": self.webex.credentials["integration"]["client_id"]}
        second = integration_set(**{**minter, **integration}) if integration is not None else None
        self.store().save(StoredTokens(token_set(**{**app, **changes}), second))

    def obtain(
        self,
        store: Store | None = None,
        min_validity: timedelta = timedelta(days=1),
        settings: dict[str, t.Any] | None = None,
        **request: bool,
    ) -> Outcome:
        """One run."""
        asks = Request(dataclasses.replace(self.settings, **(settings or {})), min_validity, **request)
        return obtain(store or self.store(), asks, now=lambda: NOW)

    def integration(self, **changes: t.Any) -> dict[str, t.Any]:
        """The settings of a run that has an integration, and no refresh token of the service app."""
        given = self.webex.credentials["integration"]
        names = ("client_id", "client_secret", "refresh_token")
        known = {f"integration_{name}": given[name] for name in names}
        return {**known, "refresh_token": None, "org_id": self.webex.credentials["org_id"], **changes}

    def give_back(self, store: Store | None = None, check_mode: bool = False, **settings: t.Any) -> Revocation:
        """A run that wants no token any more."""
        asks = Request(dataclasses.replace(self.settings, **settings), timedelta(days=1), check_mode=check_mode)
        return give_back(store or self.store(), asks)

    def files(self) -> dict[str, bytes]:
        """What lies in the folder, but for the lock."""
        return {name: data for name, data in contents(self.path.parent).items() if not name.endswith(".lock")}
