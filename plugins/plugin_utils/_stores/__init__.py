# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a token set lives between runs: one class per kind of store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError
from ansible_collections.collabops.webex.plugins.module_utils._settings import plain
from ansible_collections.collabops.webex.plugins.plugin_utils._stores._base import NoStore, Store
from ansible_collections.collabops.webex.plugins.plugin_utils._stores._vault_file import VaultFileStore
from ansible_collections.collabops.webex.plugins.plugin_utils._vault import RunVault

STORE_SPEC: dict[str, dict[str, Any]] = {
    "kind": {"type": "str", "choices": ["none", "vault_file"], "default": "none"},
    "path": {"type": "str"},
    "vault_id": {"type": "str"},
}


def open_store(options: Mapping[str, Any], loader: Any) -> Store:
    """Return the store that the option ``store`` describes; raises OptionError where it does not fit together."""
    if options["kind"] == "none":
        for name in ("path", "vault_id"):
            if options.get(name):
                raise OptionError(f"store.{name}", "is only for a store that keeps something.", "set store.kind too.")
        return NoStore()
    if not options.get("path"):
        raise OptionError("store.path", "is missing.", "name the vault file, for example webex_token.yml.")
    path = loader.path_dwim(plain(options["path"]))
    vault_id = plain(options["vault_id"]) if options.get("vault_id") else None
    return VaultFileStore(path, RunVault(loader, vault_id))
