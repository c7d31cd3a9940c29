# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run asks of the custody of tokens, and what it gets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ...module_utils._line import Line
from ...module_utils._oauth import TokenSet
from ...module_utils._settings import Settings
from .integration import Integration
from .stores.base import Store

# What a result says of a token set.
_KEYS = [
    "access_token",
    "refresh_token",
    "client_id",
    "org_id",
    "scopes",
    "obtained_at",
    "expires_at",
    "refresh_token_expires_at",
]


@dataclass(frozen=True)
class Request:
    """What is asked of the broker.

    ``integration`` is one whose tokens are not kept beside those of the service app, but elsewhere, and ``line`` one that
    is shared with other requests.
    """

    settings: Settings
    min_validity: timedelta
    force: bool = False
    verify: bool = True
    check_mode: bool = False
    recovery: str | None = None
    integration: Integration | None = None
    line: Line | None = None

    def is_met_by(self, token_set: TokenSet | None, now: datetime) -> bool:
        """Tell whether nothing has to be renewed, if *token_set* is what there is."""
        return token_set is not None and not self.force and token_set.lives_longer_than(self.min_validity, now)


@dataclass(frozen=True)
class Outcome:
    """What the broker hands on. In check mode ``token_set`` is what is stored and still valid, or None."""

    token_set: TokenSet | None
    refreshed: bool = False
    minted: bool = False
    rotated: bool = False
    verified: bool = False
    superseded: bool = False
    warnings: tuple[str, ...] = ()

    def result(self, store: Store) -> dict[str, Any]:
        """Return the outcome as a task's result. It holds secrets: censor it."""
        known = {**self.token_set.secret(), **self.token_set.public()} if self.token_set else dict.fromkeys(_KEYS)
        known.pop("schema", None)
        return {
            **known,
            # One that is kept where this run cannot read it is none.
            "access_token": known["access_token"] or None,
            "given": False,
            "superseded": self.superseded,
            "changed": self.refreshed,
            "refreshed": self.refreshed,
            "minted": self.minted,
            "refresh_token_rotated": self.rotated,
            "verified": self.verified,
            "store": store.describe(),
        }
