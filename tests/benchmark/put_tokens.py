# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program: put tokens that are due into vault files. Standard input says which, as JSON: `client_id` and `customers`.

A program of its own, since only what the desk starts finds the collection.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret
from ansible_collections.collabops.webex.plugins.module_utils._oauth import TokenSet
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stored_tokens import StoredTokens
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores import open_store

from tests.benchmark.desk import PASSWORD

LONG_AGO = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(days=20)


def put(customer: dict[str, str], client_id: str) -> None:
    """Store tokens of which the access token has expired."""
    loader = DataLoader()
    loader.set_vault_secrets([("default", VaultSecret(PASSWORD.encode()))])
    tokens = TokenSet(
        access_token=customer["access_token"],
        refresh_token=customer["refresh_token"],
        client_id=client_id,
        obtained_at=LONG_AGO,
        expires_at=LONG_AGO + timedelta(days=14),
        org_id=customer["org_id"],
    )
    open_store({"kind": "vault_file", "path": customer["path"]}, loader).save(StoredTokens(tokens))


if __name__ == "__main__":
    order = json.load(sys.stdin)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda customer: put(customer, order["client_id"]), order["customers"]))
