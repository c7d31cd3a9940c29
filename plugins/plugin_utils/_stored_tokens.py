# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a store keeps: the tokens of a service app, and of the integration that can mint new ones for it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..module_utils._oauth import TokenSet

# The holders of tokens, and the names under which theirs are kept. A user meets these as variables: secrets apart from the rest.
_NAMES = {
    "service_app": ("webex_access_token", "webex_refresh_token", "webex_token"),
    "integration": ("webex_integration_access_token", "webex_integration_refresh_token", "webex_integration_token"),
}
HOLDERS = tuple(_NAMES)
SECRET_VARIABLES = tuple(name for names in _NAMES.values() for name in names[:2])
VARIABLES = tuple(name for names in _NAMES.values() for name in names)


@dataclass(frozen=True)
class StoredTokens:
    """Both token sets; None is none."""

    service_app: TokenSet | None = None
    integration: TokenSet | None = None

    def __bool__(self) -> bool:
        return bool(self.service_app or self.integration)

    def of(self, holder: str) -> TokenSet | None:
        """Return the token set of one of HOLDERS."""
        token_set: TokenSet | None = getattr(self, holder)
        return token_set

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
        known = self.fingerprints()
        return replace(
            self,
            **{
                holder: newer.of(holder)
                for holder in HOLDERS
                if newer.of(holder) and (holder not in known or known[holder] == replaces.get(holder))
            },
        )

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
        return variables

    @classmethod
    def from_variables(cls, variables: Mapping[str, Any], is_whole: bool = True) -> StoredTokens:
        """Return what *variables* hold; names that are not ours are passed over.

        Raises ValueError, without quoting a value, if a token set is not complete. One without its access token is, unless
        these variables are all that there is: *is_whole*.
        """
        held: dict[str, TokenSet | None] = {}
        for holder, (access_token, refresh_token, rest) in _NAMES.items():
            if not any(name in variables for name in (access_token, refresh_token, rest)):
                continue
            if not isinstance(variables.get(rest), Mapping):
                raise ValueError(f"{rest} is missing or not a mapping")
            secret = {"access_token": variables.get(access_token), "refresh_token": variables.get(refresh_token)}
            held[holder] = TokenSet.from_parts(secret, variables[rest], is_whole)
        return cls(**held)


def _fingerprint(token_set: TokenSet) -> str:
    return hashlib.sha256(f"{token_set.access_token}\n{token_set.refresh_token}".encode()).hexdigest()
