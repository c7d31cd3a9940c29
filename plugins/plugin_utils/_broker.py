# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get a valid access token, with the fewest calls possible, and never lose one: load, lock, prepare, refresh, save."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import (
    GrantRefused,
    NoAnswer,
    Refused,
    WebexError,
)
from ansible_collections.collabops.webex.plugins.module_utils._identity import owner
from ansible_collections.collabops.webex.plugins.module_utils._ids import same_id
from ansible_collections.collabops.webex.plugins.module_utils._oauth import TokenSet, refresh
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.module_utils._time import utc_now
from ansible_collections.collabops.webex.plugins.plugin_utils._stores._base import Store, StoreError

# The longest that another run may hold the store: its own waits are bounded by the client's budget.
PATIENCE = 120.0


@dataclass(frozen=True)
class Request:
    """What is asked of the broker."""

    settings: Settings
    min_validity: timedelta
    force: bool = False
    verify: bool = True
    check_mode: bool = False


@dataclass(frozen=True)
class Outcome:
    """What the broker hands on. In check mode ``token_set`` is what is stored and still alive, or None."""

    token_set: TokenSet | None
    refreshed: bool = False
    rotated: bool = False
    verified: bool = False
    warnings: tuple[str, ...] = ()

    def result(self, store: Store) -> dict[str, Any]:
        """Return the outcome as a task's result. It holds secrets: whoever returns it must censor it."""
        known = {**self.token_set.secret(), **self.token_set.public()} if self.token_set else dict.fromkeys(_KEYS)
        known.pop("schema", None)
        return {
            **known,
            "changed": self.refreshed,
            "refreshed": self.refreshed,
            "refresh_token_rotated": self.rotated,
            "verified": self.verified,
            "store": store.describe(),
        }


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


def obtain(store: Store, request: Request, *, now: Callable[[], datetime] = utc_now) -> Outcome:
    """Return a token that lives longer than ``request.min_validity``.

    No request is sent while the stored one is good, one refresh when it is not. Raises StoreError where the store
    cannot be used, OptionError where a setting is missing (both before anything is spent), GrantRefused where Webex
    refuses to refresh, NoAnswer where it does not answer.
    """
    held = _load(store, request)
    if _is_good(held, request, now()):
        return Outcome(held)
    if request.check_mode:
        _candidates(held, request.settings)
        store.check()
        alive = held is not None and held.lives_longer_than(timedelta(), now())
        return Outcome(held if alive else None, refreshed=True)
    with store.lock(PATIENCE):
        # Who waited for the lock finds what the others got, and needs nothing more.
        held = _load(store, request)
        if _is_good(held, request, now()):
            return Outcome(held)
        candidates = _candidates(held, request.settings)
        store.reserve()
        fresh, used = _refresh(request.settings, held, candidates, now())
        store.save(fresh)
        return _proven(store, request, Outcome(fresh, refreshed=True, rotated=fresh.refresh_token != used))


def _load(store: Store, request: Request) -> TokenSet | None:
    """Return what is stored, after making sure that it is the service app's and the organization's that are meant."""
    held, settings = store.load(), request.settings
    if held is None:
        return None
    if settings.client_id and settings.client_id != held.client_id:
        raise StoreError(
            f"{store.name} holds the tokens of another service app (client id {held.client_id}); it was left untouched.",
            "give each service app a store of its own, or remove this one if that app is gone.",
        )
    if settings.org_id and held.org_id and not same_id(settings.org_id, held.org_id):
        raise StoreError(
            f"{store.name} holds the tokens of another organization ({held.org_id}); it was left untouched.",
            "give each organization a store of its own, or correct `org_id`.",
        )
    return held


def _is_good(held: TokenSet | None, request: Request, now: datetime) -> bool:
    return held is not None and not request.force and held.lives_longer_than(request.min_validity, now)


def _candidates(held: TokenSet | None, settings: Settings) -> dict[str, str]:
    """Return the refresh tokens to try, in order, each with where it is from. The store has the newer one."""
    if held is None:
        settings.require("client_id", "client_secret", "refresh_token")
    settings.require("client_secret")
    candidates = {held.refresh_token: "the store"} if held else {}
    if settings.refresh_token:
        candidates.setdefault(settings.refresh_token, "the options or the environment")
    return candidates


def _refresh(
    settings: Settings, held: TokenSet | None, candidates: dict[str, str], now: datetime
) -> tuple[TokenSet, str]:
    """Return a new token set, and the refresh token that was good for it."""
    refused: list[str] = []
    client_id = settings.client_id or (held.client_id if held else "")
    with WebexClient(settings) as client:
        for refresh_token, origin in candidates.items():
            try:
                fresh = refresh(
                    client,
                    client_id=client_id,
                    client_secret=settings.client_secret or "",
                    refresh_token=refresh_token,
                    now=now,
                    # Another refresh token is another grant: what is known of the stored one does not hold for it.
                    previous=held if held and held.refresh_token == refresh_token else None,
                )
                return fresh, refresh_token
            except GrantRefused as error:
                refused.append(origin)
                last = error
                if error.cause == "wrong_client":
                    break
    last.message += f" The refresh token was the one of {', then the one of '.join(refused)}."
    raise last


def _proven(store: Store, request: Request, outcome: Outcome) -> Outcome:
    """Return the outcome after one harmless request with the new token, which also tells its organization."""
    fresh = outcome.token_set
    if not request.verify or fresh is None:
        return outcome
    saved = f"The new token (kept by {store.name})"
    try:
        with WebexClient(replace(request.settings, access_token=fresh.access_token)) as client:
            me = owner(client)
    except (NoAnswer, Refused) as error:
        if isinstance(error, Refused) and error.status == 401:
            raise WebexError(f"{saved} is refused by Webex: {error.message}", "run again with force=true.") from None
        # Webex has just issued it: an answer that does not come says nothing against it.
        return replace(outcome, warnings=(f"{saved} could not be proven: {error.message}",))
    org_id = (me or {}).get("orgId")
    proven = fresh.of_org(org_id)
    if proven != fresh:
        store.save(proven)
    if request.settings.org_id and org_id and not same_id(org_id, request.settings.org_id):
        raise WebexError(
            f"{saved} belongs to the organization {org_id}, not to {request.settings.org_id}.",
            "give the refresh token that was minted for the organization that `org_id` names, or correct `org_id`.",
        )
    return replace(outcome, token_set=proven, verified=True)
