# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give the tokens of a service app back: revoke what can be revoked, and empty the store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ...module_utils._authorizations import revoke_client
from ...module_utils._client import WebexClient
from ...module_utils._errors import OptionError, Refused
from .broker import PATIENCE, load
from .keeper import completed
from .recovery import Recovery, remove
from .request import Request
from .stored_tokens import StoredTokens
from .stores.base import NoStore, Store


@dataclass(frozen=True)
class Revocation:
    """How the tokens were given back."""

    changed: bool
    revoked: bool = False
    warnings: tuple[str, ...] = ()

    def result(self, store: Store) -> dict[str, Any]:
        """Return it as a task's result."""
        return {"changed": self.changed, "revoked": self.revoked, "store": store.describe()}


def give_back(store: Store, request: Request) -> Revocation:
    """Revoke the service app's grant in its organization, and empty the store; nothing if it is empty.

    What earlier runs could not save, in recovery files, is given back too: the next run would take it from there.
    Webex lets a token revoke a client's grants if it has identity:tokens_write (Cisco's OpenAPI, Authorizations). The
    integration's token is tried, then the service app's own. A refusal is a warning: the store is emptied all the same.
    Raises StoreError if that fails, RequestError if Webex does not answer: then nothing is lost; OptionError without
    a store.
    """
    if isinstance(store, NoStore):
        raise OptionError("store", "keeps nothing, so there is nothing to give back.", "name the store to be emptied.")
    held = load(store, request)
    request = replace(request, settings=completed(request.settings, held))
    recovery = Recovery(store.identity, request.settings.client_secret or "")
    if not held and not recovery.paths() and not store.unsaved():
        return Revocation(changed=False)
    store.check()
    if request.check_mode:
        return Revocation(changed=True)
    with store.lock(PATIENCE):
        # Another run may have given everything back in the meantime.
        held = load(store, request)
        holdings = [held, *(recovered.tokens for recovered in recovery.read()), *store.unsaved().values()]
        if not any(holdings) and not recovery.paths():
            return Revocation(changed=False)
        refusal = _revoke(holdings, request)
        store.clear()
        remove(*recovery.paths())
    if refusal is None:
        return Revocation(changed=True, revoked=True)
    warning = f"The tokens are gone from {store.name}, but could not be revoked: {refusal}"
    return Revocation(changed=True, warnings=(warning,))


def _revoke(holdings: list[StoredTokens], request: Request) -> str | None:
    """Revoke with the first token that may; return why none may, or None. Raises RequestError for passing failures."""
    refusal = "there is no token of the service app that could be read."
    apps = [holding.service_app for holding in holdings if holding.service_app]
    integrations = [holding.integration for holding in holdings if holding.integration]
    if not apps:
        return refusal
    for access_token in dict.fromkeys(token_set.access_token for token_set in (*integrations, *apps)):
        settings = replace(request.settings, access_token=access_token, org_id=apps[0].org_id)
        with WebexClient(settings) as client:
            try:
                revoke_client(client, apps[0].client_id)
                return None
            except Refused as error:
                if error.status not in (401, 403):
                    raise
                refusal = error.message
    return refusal
