# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give the tokens of a service app back: revoke what can be revoked, and empty the store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..module_utils._authorizations import revoke_client
from ..module_utils._client import WebexClient
from ..module_utils._errors import Refused
from ._broker import PATIENCE, Request, load
from ._recovery import Recovery
from ._stored_tokens import StoredTokens
from ._stores._base import Store


@dataclass(frozen=True)
class Revocation:
    """What became of the tokens."""

    changed: bool
    revoked: bool = False
    warnings: tuple[str, ...] = ()

    def result(self, store: Store) -> dict[str, Any]:
        """Return it as a task's result."""
        return {"changed": self.changed, "revoked": self.revoked, "store": store.describe()}


def give_back(store: Store, request: Request) -> Revocation:
    """Revoke the service app's grant in its organization, and empty the store; nothing where the store is empty.

    Webex lets a token revoke a client's grants if it has identity:tokens_write (Cisco's OpenAPI, Authorizations). The
    integration's token is tried, then the service app's own. A refusal is a warning: the store is emptied all the same.
    Raises StoreError where that fails, RequestError where Webex does not answer: then nothing is lost.
    """
    held = load(store, request)
    if not held:
        return Revocation(changed=False)
    store.check()
    if request.check_mode:
        return Revocation(changed=True)
    with store.lock(PATIENCE):
        held = load(store, request)
        if not held:
            # Another run gave them back while this one waited.
            return Revocation(changed=False)
        refusal = _revoke(held, request)
        store.clear()
        if held.service_app:
            # What a failed save may have left must not come back.
            Recovery(store.name, held.service_app.client_id, "").remove()
    if refusal is None:
        return Revocation(changed=True, revoked=True)
    warning = f"The tokens are gone from {store.name}, but could not be revoked: {refusal}"
    return Revocation(changed=True, warnings=(warning,))


def _revoke(held: StoredTokens, request: Request) -> str | None:
    """Revoke with the first token that may; return why none may, or None. Raises RequestError for passing failures."""
    app, refusal = held.service_app, "there is no token of the service app."
    if app is None:
        return refusal
    for token_set in filter(None, (held.integration, app)):
        settings = replace(request.settings, access_token=token_set.access_token, org_id=app.org_id)
        with WebexClient(settings) as client:
            try:
                revoke_client(client, app.client_id)
                return None
            except Refused as error:
                if error.status not in (401, 403):
                    raise
                refusal = error.message
    return refusal
