# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where tokens are kept between runs: one class for each kind of store."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ....module_utils._errors import OptionError
from ....module_utils._settings import plain
from ..run_vault import RunVault
from .address import filled
from .awx_credential import AwxCredentialStore
from .base import NoStore, Store
from .hashi_vault import HashiVaultStore
from .vault_file import VaultFileStore

_VAULT_FILE: dict[str, dict[str, Any]] = {
    "vault_id": {"type": "str"},
    "encrypt": {"type": "str", "choices": ["file", "values"]},
    "allow_shared_file": {"type": "bool"},
}
_HASHI_VAULT: dict[str, dict[str, Any]] = {
    "url": {"type": "str"},
    "namespace": {"type": "str"},
    "engine_mount_point": {"type": "str"},
    "auth_method": {"type": "str", "choices": ["token", "approle", "jwt"]},
    "mount_point": {"type": "str"},
    "token": {"type": "str", "no_log": True},
    "role_id": {"type": "str"},
    "secret_id": {"type": "str", "no_log": True},
    "jwt": {"type": "str", "no_log": True},
    "validate_certs": {"type": "bool"},
    "ca_cert": {"type": "str"},
    "timeout": {"type": "float"},
}
_AWX_CREDENTIAL: dict[str, dict[str, Any]] = {
    "credential": {"type": "str"},
    "access_token_credential": {"type": "str"},
    "organization": {"type": "str"},
    "api_prefix": {"type": "str"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
}
# What both servers have: their address, a token, and how they are reached.
_SERVER = ("url", "token", "validate_certs", "ca_cert", "timeout")
STORE_SPEC: dict[str, dict[str, Any]] = {
    "kind": {"type": "str", "choices": ["none", "vault_file", "hashi_vault", "awx_credential"], "default": "none"},
    "path": {"type": "str"},
    **_VAULT_FILE,
    "caller_keeps": {"type": "bool"},
    "keep_client": {"type": "bool"},
    **_HASHI_VAULT,
    **_AWX_CREDENTIAL,
}
_OF_KIND: dict[str, tuple[str, ...]] = {
    "none": ("caller_keeps",),
    "vault_file": ("path", "keep_client", *_VAULT_FILE),
    "hashi_vault": ("path", "keep_client", *_HASHI_VAULT),
    "awx_credential": ("keep_client", *_AWX_CREDENTIAL, *_SERVER),
}
# In these, a relative path is one of the present folder: nothing is ever written into an installed collection.
OWN_PLAYBOOKS = os.path.realpath(os.path.join(os.path.dirname(__file__), *[os.pardir] * 4, "playbooks"))


def open_store(
    options: Mapping[str, Any], loader: Any, org_id: str | None = None, inventory_hostname: str | None = None
) -> Store:
    """Return the store that the option ``store`` describes; raises OptionError if it does not fit together.

    *org_id* and *inventory_hostname* are what the placeholders of the same names in its address mean.
    """
    options, kind = filled(options, org_id, inventory_hostname), options["kind"]
    _refuse_options_of_other_kinds(options)
    if kind == "none":
        return NoStore(bool(options.get("caller_keeps")))
    if kind == "awx_credential":
        # It has the client anyway.
        return AwxCredentialStore(options)
    store = HashiVaultStore(options) if kind == "hashi_vault" else _vault_file(options, loader)
    store.keeps_client = bool(options.get("keep_client"))
    return store


def _refuse_options_of_other_kinds(options: Mapping[str, Any]) -> None:
    kind = options["kind"]
    for name, value in options.items():
        if value is not None and name != "kind" and name not in _OF_KIND[kind]:
            kinds = " or ".join(other for other, names in _OF_KIND.items() if name in names)
            raise OptionError(f"store.{name}", f"is not for a store of the kind {kind}.", f"set store.kind to {kinds}.")


def _vault_file(options: Mapping[str, Any], loader: Any) -> VaultFileStore:
    if not options.get("path"):
        raise OptionError("store.path", "is missing.", "name the vault file, for example webex_token.yml.")
    values_only, is_shared = options.get("encrypt") == "values", bool(options.get("allow_shared_file"))
    if values_only and is_shared:
        raise OptionError(
            "store.allow_shared_file", "is for a file that is encrypted as a whole.", "set store.encrypt to file."
        )
    vault_id = plain(options["vault_id"]) if options.get("vault_id") else None
    return VaultFileStore(_absolute(plain(options["path"]), loader), RunVault(loader, vault_id), values_only, is_shared)


def _absolute(path: str, loader: Any) -> str:
    """Return *path* from the folder that it is relative to: the playbook's, or the present one in our own playbooks."""
    if os.path.realpath(loader.get_basedir()) == OWN_PLAYBOOKS and not path.startswith("~"):
        path = os.path.abspath(path)
    absolute: str = loader.path_dwim(path)
    return absolute
