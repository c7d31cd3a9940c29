# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get a valid access token, with the fewest calls possible, and never lose one: load, lock, prepare, refresh, save."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from ..module_utils._client import WebexClient
from ..module_utils._errors import (
    GrantRefused,
    NoAnswer,
    OptionError,
    Refused,
    RequestError,
    WebexError,
)
from ..module_utils._identity import owner
from ..module_utils._ids import same_id
from ..module_utils._oauth import TokenSet, is_invalid_token, mint, refresh
from ..module_utils._remedies import (
    BY_GRANT_CAUSE,
    GOVERNMENT_HOST,
    integration_remedy,
)
from ..module_utils._settings import Settings
from ..module_utils._time import utc_now
from ._recovery import Recovery, newest
from ._stored_tokens import StoredTokens
from ._stores._base import NoStore, Store, StoreError

# Seconds. All requests under the lock together; the longest that a lock may be waited for is a few of those.
REFRESH_BUDGET = 45.0
PATIENCE = 120.0
# An integration's token that is used at once need not live long; one that is held ready must last until the next runs.
MOMENT = timedelta(minutes=5)
RESERVE = timedelta(days=7)


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
    minted: bool = False
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
            "minted": self.minted,
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

    No request is sent while the stored one is good; one refresh when it is not, before which an integration, if there is
    one, is made ready; a mint by it when the refresh token is lost or refused. Raises StoreError where the store cannot
    be used, OptionError where a setting is missing (both before anything is spent), GrantRefused where Webex refuses,
    NoAnswer where it does not answer.
    """
    held = load(store, request)
    if _is_good(held.service_app, request, now()):
        return Outcome(held.service_app)
    # Before the lock, which may be something that is written.
    _require_a_way(held, request.settings, store)
    if request.check_mode:
        store.check()
        app = held.service_app
        alive = app is not None and app.lives_longer_than(timedelta(), now())
        return Outcome(app if alive else None, refreshed=True)
    with store.lock_unless(lambda tokens: _is_good(tokens.service_app, request, now()), PATIENCE):
        # Who waited for the lock finds what the others got, and needs nothing more.
        held = load(store, request)
        if _is_good(held.service_app, request, now()):
            return Outcome(held.service_app)
        store.reserve()
        keeper = Keeper(store, request.settings, held)
        if keeper.recover() and _is_good(keeper.held.service_app, request, now()):
            return Outcome(keeper.held.service_app, warnings=keeper.warnings)
        with WebexClient(request.settings, keeper.budget) as client:
            outcome = _renew(keeper, request.settings, client, now())
        return _proven(keeper, request, replace(outcome, warnings=keeper.warnings))


class Keeper:
    """The store together with its recovery file: what is given to it is kept, or it is said where it went."""

    def __init__(self, store: Store, settings: Settings, held: StoredTokens) -> None:
        self.store = store
        self.held = held
        self.warnings: tuple[str, ...] = ()
        self._ends = time.monotonic() + REFRESH_BUDGET
        client_id = settings.client_id or (held.service_app.client_id if held.service_app else "")
        self.keeps = not isinstance(store, NoStore)
        secret = settings.client_secret
        self._recovery = Recovery(store.name, client_id, secret) if secret and self.keeps else None

    @property
    def budget(self) -> float:
        """How many seconds are left for the requests that must be done under the lock."""
        return max(self._ends - time.monotonic(), 1.0)

    def recover(self) -> bool:
        """Take back what an earlier run could not save, if it is newer; return whether there was any."""
        found = self._recovery.read() if self._recovery else None
        if self._recovery is None or found is None:
            return False
        # Points in time are whole seconds, and what could not be saved came after what was.
        if found != self.held and newest(found) >= newest(self.held):
            self.keep(found)
            self.warnings += (f"The tokens that an earlier run could not save were put into {self.store.name}.",)
        self._recovery.remove()
        return True

    def keep(self, holding: StoredTokens) -> None:
        """Save *holding*; into the recovery file where the store fails. Raises StoreError then."""
        try:
            self.store.save(holding)
        except Exception as error:  # whatever it is: these tokens exist nowhere else
            reason = error.message if isinstance(error, WebexError) else f"{self.store.name}: {type(error).__name__}."
            path = self._recovery.write(holding) if self._recovery else None
            if path is None:
                raise StoreError(
                    f"{reason} The new tokens could not be kept anywhere else either, and are lost.",
                    "mend the store; then mint new tokens, or configure an integration that does.",
                ) from None
            raise StoreError(
                f"{reason} The new tokens are in {path}, encrypted with the client secret.",
                "mend the store and run again on this machine: the next run takes them from there.",
            ) from None
        self.held = holding


def load(store: Store, request: Request) -> StoredTokens:
    """Return what is stored, after making sure that it is the service app's and the organization's that are meant."""
    held, settings = store.load(), request.settings
    app = held.service_app
    if app and settings.client_id and settings.client_id != app.client_id:
        raise StoreError(
            f"{store.name} holds the tokens of another service app (client id {app.client_id}); it was left untouched.",
            "give each service app a store of its own, or remove this one if that app is gone.",
        )
    if app and settings.org_id and app.org_id and not same_id(settings.org_id, app.org_id):
        raise StoreError(
            f"{store.name} holds the tokens of another organization ({app.org_id}); it was left untouched.",
            "give each organization a store of its own, or correct `org_id`.",
        )
    return held


def _is_good(held: TokenSet | None, request: Request, now: datetime) -> bool:
    return held is not None and not request.force and held.lives_longer_than(request.min_validity, now)


def _require_a_way(held: StoredTokens, settings: Settings, store: Store) -> None:
    """Raise OptionError unless there is a way to a new token: a refresh token, or an integration that can mint."""
    if held.service_app is None:
        settings.require("client_id")
    settings.require("client_secret")
    if held.service_app or settings.refresh_token:
        return
    if not settings.has_integration:
        try:
            settings.require("refresh_token")
        except OptionError as error:
            error.message += store.absence()
            raise
    if not settings.org_id:
        raise OptionError("org_id", "is missing.", "an integration mints a token for one organization: name it.")


def _renew(keeper: Keeper, settings: Settings, client: WebexClient, now: datetime) -> Outcome:
    """Return a new token that is kept already: by the refresh token, else by the integration."""
    held = keeper.held.service_app
    client_id = settings.client_id or (held.client_id if held else "")
    candidates = _candidates(held, settings.refresh_token)
    if not settings.has_integration and not candidates:
        settings.require("refresh_token")
    why_mint, why_not = "There is no refresh token.", None
    if candidates:
        why_not = _hold_integration_ready(keeper, settings, client, now)
        try:
            fresh, used = _refresh_with_any(candidates, client, client_id, settings.client_secret or "", held, now)
        except GrantRefused as error:
            if error.cause == "wrong_client" or not settings.has_integration:
                raise
            why_mint = error.message
        else:
            keeper.keep(replace(keeper.held, service_app=fresh))
            if why_not:
                keeper.warnings += (f"Nothing could mint new tokens if these were lost. {why_not}",)
            return Outcome(fresh, refreshed=True, rotated=fresh.refresh_token != used)
    if _is_government(settings):
        raise WebexError(
            f"{why_mint} The government cloud does not offer minting by an integration.",
            BY_GRANT_CAUSE["not_offered"],
        )
    org_id = settings.org_id or (held.org_id if held else None)
    if not org_id:
        raise OptionError(
            "org_id", "is missing, and the store does not know it.", "name it, for the integration to mint."
        )
    fresh = _mint(keeper, settings, client, client_id, org_id, now, why_not)
    keeper.keep(replace(keeper.held, service_app=fresh))
    return Outcome(fresh, refreshed=True, minted=True, rotated=True)


def _is_government(settings: Settings) -> bool:
    return urlsplit(settings.base_url).hostname == GOVERNMENT_HOST


def _hold_integration_ready(
    keeper: Keeper, settings: Settings, client: WebexClient, now: datetime
) -> WebexError | None:
    """Renew the integration's token, if it dies soon, before that of the service app is spent; return why it cannot be.

    Who is killed between Webex's answer and the disk loses what the answer held: then the other one must heal it. And a
    refresh token that nobody uses dies after 90 days (facts). Raises an error after which it is not known whether the
    integration's refresh token was spent: the service app's is not put at risk then.
    """
    if not settings.has_integration or not keeper.keeps or _is_government(settings):
        return None
    held = _held_integration(keeper, settings)
    if held and held.lives_longer_than(RESERVE, now):
        return None
    try:
        _refresh_integration(keeper, settings, client, held, now)
    except (OptionError, RequestError) as error:
        if isinstance(error, RequestError) and error.unclear:
            raise
        return error
    return None


def _held_integration(keeper: Keeper, settings: Settings) -> TokenSet | None:
    held = keeper.held.integration
    return held if held and held.client_id == settings.integration_client_id else None


def _refresh_with_any(
    candidates: dict[str, str],
    client: WebexClient,
    client_id: str,
    client_secret: str,
    held: TokenSet | None,
    now: datetime,
) -> tuple[TokenSet, str]:
    """Return a new token set, and the refresh token that was good for it; raises the last GrantRefused."""
    tried: list[str] = []
    for refresh_token, origin in candidates.items():
        tried.append(origin)
        try:
            fresh = refresh(
                client,
                client_id=client_id,
                client_secret=client_secret,
                refresh_token=refresh_token,
                now=now,
                # Another refresh token is another grant: what is known of the stored one does not hold for it.
                previous=held if held and held.refresh_token == refresh_token else None,
            )
        except GrantRefused as error:
            if error.cause == "wrong_client" or len(tried) == len(candidates):
                error.message += f" The refresh token was the one of {', then the one of '.join(tried)}."
                raise
        else:
            return fresh, refresh_token
    raise AssertionError("there is at least one candidate")


def _candidates(held: TokenSet | None, given: str | None) -> dict[str, str]:
    """Return the refresh tokens to try, in order, each with where it is from. The store has the newer one."""
    candidates = {held.refresh_token: "the store"} if held and held.refresh_token else {}
    if given:
        candidates.setdefault(given, "the options or the environment")
    return candidates


def _mint(
    keeper: Keeper,
    settings: Settings,
    client: WebexClient,
    client_id: str,
    org_id: str,
    now: datetime,
    why_not: WebexError | None,
) -> TokenSet:
    """Return a new token set of the service app, by the integration; its own token is refreshed first if need be.

    Raises *why_not* in the place of such a refresh: it was tried already.
    """

    def by(integration: TokenSet) -> TokenSet:
        with WebexClient(replace(settings, access_token=integration.access_token), keeper.budget) as minter:
            return mint(
                minter,
                client_id=client_id,
                client_secret=settings.client_secret or "",
                org_id=org_id,
                now=now,
                previous=keeper.held.service_app,
            )

    held = _held_integration(keeper, settings)
    if held and held.lives_longer_than(MOMENT, now):
        try:
            return by(held)
        except Refused as error:
            if not is_invalid_token(error):
                raise
    if why_not:
        raise why_not
    return by(_refresh_integration(keeper, settings, client, held, now))


def _refresh_integration(
    keeper: Keeper, settings: Settings, client: WebexClient, held: TokenSet | None, now: datetime
) -> TokenSet:
    """Return a new token set of the integration, which is kept already."""
    candidates = _candidates(held, settings.integration_refresh_token)
    if not candidates:
        settings.require("integration_refresh_token")
    client_id, client_secret = settings.integration_client_id or "", settings.integration_client_secret or ""
    try:
        fresh, _used = _refresh_with_any(candidates, client, client_id, client_secret, held, now)
    except GrantRefused as error:
        error.message = f"The integration: {error.message}"
        error.remedy = integration_remedy(error.cause)
        raise
    keeper.keep(replace(keeper.held, integration=fresh))
    return fresh


def _proven(keeper: Keeper, request: Request, outcome: Outcome) -> Outcome:
    """Return the outcome after one harmless request with the new token, which also tells its organization."""
    fresh = outcome.token_set
    if not request.verify or fresh is None:
        return outcome
    saved = f"The new token (kept by {keeper.store.name})"
    try:
        settings = replace(request.settings, access_token=fresh.access_token)
        with WebexClient(settings, keeper.budget) as client:
            me = owner(client)
    except (NoAnswer, Refused) as error:
        if isinstance(error, Refused) and error.status == 401:
            raise WebexError(f"{saved} is refused by Webex: {error.message}", "run again with force=true.") from None
        # Webex has just issued it: an answer that does not come says nothing against it.
        unproven = f"{saved} could not be proven: {error.message}"
        return replace(outcome, warnings=(*outcome.warnings, unproven))
    org_id = (me or {}).get("orgId")
    proven = fresh.of_org(org_id)
    if proven != fresh:
        keeper.keep(replace(keeper.held, service_app=proven))
    if request.settings.org_id and org_id and not same_id(org_id, request.settings.org_id):
        raise WebexError(
            f"{saved} belongs to the organization {org_id}, not to {request.settings.org_id}.",
            "give the refresh token that was minted for the organization that `org_id` names, or correct `org_id`.",
        )
    return replace(outcome, token_set=proven, verified=True)
