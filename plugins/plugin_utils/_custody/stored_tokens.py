# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a store keeps: the tokens of a service app and of the integration that can mint new ones for it, and their clients."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...module_utils._oauth import TokenSet
from .stored_client import StoredClient

# The holders of tokens, and the names under which theirs are kept. A user meets these as variables: secrets apart from the rest.
_NAMES = {
    "service_app": ("webex_access_token", "webex_refresh_token", "webex_token"),
    "integration": ("webex_integration_access_token", "webex_integration_refresh_token", "webex_integration_token"),
}
HOLDERS = tuple(_NAMES)
# Their own credentials, for a store that keeps the client too.
_CLIENTS = {"service_app": "webex_client", "integration": "webex_integration_client"}
SECRET_VARIABLES = (*(name for names in _NAMES.values() for name in names[:2]), *_CLIENTS.values())
VARIABLES = (*(name for names in _NAMES.values() for name in names), *_CLIENTS.values())


@dataclass(frozen=True)
class StoredTokens:
    """Both token sets, and the clients that they were got with; None is none, or one that is not kept."""

    service_app: TokenSet | None = None
    integration: TokenSet | None = None
    service_app_client: StoredClient | None = None
    integration_client: StoredClient | None = None

    def __bool__(self) -> bool:
        return bool(self.service_app or self.integration)

    def of(self, holder: str) -> TokenSet | None:
        """Return the token set of one of HOLDERS."""
        token_set: TokenSet | None = getattr(self, holder)
        return token_set

    def client_of(self, holder: str) -> StoredClient | None:
        """Return the client of one of HOLDERS; None if it is not kept, or not the one that the tokens were got with."""
        token_set = self.of(holder)
        client: StoredClient | None = getattr(self, f"{holder}_client")
        return client if client and token_set and client.client_id == token_set.client_id else None

    def with_fresh(self, holder: str, fresh: TokenSet, client: StoredClient | None) -> StoredTokens:
        """Return these tokens with *fresh* as those of one of HOLDERS, and with the *client* that got them, if it is to be kept."""
        changes: dict[str, Any] = {holder: fresh}
        if client:
            changes[f"{holder}_client"] = client
        return replace(self, **changes)

    def fingerprints(self) -> dict[str, str]:
        """Return a hash of the two tokens of each token set that there is, by holder."""
        return {holder: _fingerprint(token_set) for holder in HOLDERS if (token_set := self.of(holder))}

    def name(self) -> str:
        """Return a short name that other tokens do not have."""
        return hashlib.sha256("".join(self.fingerprints().values()).encode()).hexdigest()[:16]

    def succeeded_by(self, newer: StoredTokens, replaces: Mapping[str, Any]) -> StoredTokens:
        """Return these tokens with those sets of *newer* in their place for which there is none, or that replace them.

        *replaces* are the fingerprints of what each set of *newer* is to replace.
        """
        known, successor = self.fingerprints(), self
        for holder in HOLDERS:
            fresh = newer.of(holder)
            if fresh and (holder not in known or known[holder] == replaces.get(holder)):
                successor = successor.with_fresh(holder, fresh, newer.client_of(holder))
        return successor

    def variables(self) -> dict[str, Any]:
        """Return everything as variables: plain JSON types, the secrets under SECRET_VARIABLES."""
        variables: dict[str, Any] = {}
        for holder, (access_token, refresh_token, rest) in _NAMES.items():
            token_set = self.of(holder)
            if token_set:
                secret = token_set.secret()
                variables[access_token] = secret["access_token"]
                variables[refresh_token] = secret["refresh_token"]
                variables[rest] = token_set.public()
            client = self.client_of(holder)
            if client:
                variables[_CLIENTS[holder]] = client.text()
        return variables

    @classmethod
    def from_variables(cls, variables: Mapping[str, Any], is_whole: bool = True) -> StoredTokens:
        """Return what *variables* hold; names that are not ours are passed over.

        Raises ValueError, without quoting a value, if a token set or a client is not complete. A token set without its access
        token is, unless these variables are all that there is: *is_whole*.
        """
        held: dict[str, Any] = {}
        for holder, (access_token, refresh_token, rest) in _NAMES.items():
            if not any(name in variables for name in (access_token, refresh_token, rest)):
                continue
            if not isinstance(variables.get(rest), Mapping):
                raise ValueError(f"{rest} is missing or not a mapping")
            secret = {"access_token": variables.get(access_token), "refresh_token": variables.get(refresh_token)}
            held[holder] = TokenSet.from_parts(secret, variables[rest], is_whole)
        for holder, name in _CLIENTS.items():
            if name in variables:
                held[f"{holder}_client"] = StoredClient.from_text(variables[name])
        return cls(**held)


def _fingerprint(token_set: TokenSet) -> str:
    return hashlib.sha256(f"{token_set.access_token}\n{token_set.refresh_token}".encode()).hexdigest()
