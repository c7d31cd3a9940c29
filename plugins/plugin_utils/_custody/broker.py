# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get a valid access token, with the fewest calls possible, and never lose one: load, lock, prepare, refresh, save."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from ...module_utils._client import WebexClient
from ...module_utils._errors import GrantRefused, NoAnswer, OptionError, OutOfTime, Refused, WebexError
from ...module_utils._identity import owner
from ...module_utils._ids import same_id
from ...module_utils._line import Line
from ...module_utils._oauth import TokenSet, is_invalid_token, mint
from ...module_utils._remedies import BY_GRANT_CAUSE, GOVERNMENT_HOST
from ...module_utils._settings import Settings
from ...module_utils._time import utc_now
from .integration import Integration, IntegrationBeside
from .keeper import Keeper
from .renewal import refresh_with_any
from .stored_tokens import StoredTokens
from .stores.base import Store, StoreError, Superseded

# The longest that a lock may be waited for, in seconds: a few of the budgets that it is held for.
PATIENCE = 120.0
# An integration's token that is used at once need not be valid for long.
MOMENT = timedelta(minutes=5)


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
        known = {**self.token_set.secret(), **self.token_set.public()} if self.token_set else dict.fromkeys(RESULT_KEYS)
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


# What is known of a token set.
RESULT_KEYS = [
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
    """Return a token that is valid for longer than ``request.min_validity``.

    No request is sent while the stored one is good; one refresh when it is not, before which an integration, if there is
    one, is made ready; a mint by it when the refresh token is lost or refused. Raises StoreError if the store cannot
    be used, OptionError if a setting is missing (both before anything is spent), GrantRefused if Webex refuses,
    NoAnswer if it does not answer. What an earlier run could not save is taken from its recovery file first.
    """
    keeper = _keeper_of(store, request, load(store, request))
    if _suffices(keeper, request, now()):
        return Outcome(keeper.held.service_app)
    newest = keeper.newest
    # Before the lock, which may be something that is written.
    _require_a_way(newest, keeper.settings, store, request.integration)
    app = newest.service_app
    alive = app if app is not None and app.lives_longer_than(timedelta(), now()) else None
    try:
        if request.check_mode:
            store.check()
            return Outcome(alive, refreshed=not _is_good(app, request, now()))
        if request.integration and not _is_government(keeper.settings):
            # Before the lock: who waits for an integration that others use too has used up no time of its own.
            request.integration.make_ready(now())
        return _obtain_alone(store, request, now)
    except Superseded as news:
        # What the other run got is for the runs after this one: it cannot be read here.
        return Outcome(alive, superseded=True, warnings=(str(news),))


def _obtain_alone(store: Store, request: Request, now: Callable[[], datetime]) -> Outcome:
    """Return a new token, or one that another run has got in the meantime, under the lock. Raises what ``obtain`` raises."""
    with store.lock_unless(lambda tokens: _suffices(_keeper_of(store, request, tokens), request, now()), PATIENCE):
        # After a wait for the lock, what the others got is there, and nothing more is needed.
        keeper = _keeper_of(store, request, load(store, request))
        keeper.recover()
        if _is_good(keeper.held.service_app, request, now()):
            return Outcome(keeper.held.service_app, warnings=keeper.warnings)
        with WebexClient(keeper.settings, keeper.budget, line=request.line) as client:
            outcome = _renew(keeper, request, client, now())
        return _proven(keeper, request, replace(outcome, warnings=keeper.warnings))


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


def _keeper_of(store: Store, request: Request, held: StoredTokens) -> Keeper:
    return Keeper(store, request.settings, held, request.recovery)


def _suffices(keeper: Keeper, request: Request, now: datetime) -> bool:
    """Tell whether what is stored is good, and no earlier run has left anything that belongs into the store."""
    return keeper.newest == keeper.held and _is_good(keeper.held.service_app, request, now)


def _is_good(held: TokenSet | None, request: Request, now: datetime) -> bool:
    return held is not None and not request.force and held.lives_longer_than(request.min_validity, now)


def _require_a_way(held: StoredTokens, settings: Settings, store: Store, integration: Integration | None) -> None:
    """Raise OptionError unless there is a way to a new token: a refresh token, or an integration that can mint."""
    if held.service_app is None:
        settings.require("client_id")
    settings.require("client_secret")
    if held.service_app or settings.refresh_token:
        return
    if not (integration or settings.has_integration):
        try:
            settings.require("refresh_token")
        except OptionError as error:
            error.problem += store.absence()
            raise
    if not settings.org_id:
        raise OptionError("org_id", "is missing.", "an integration mints a token for one organization: name it.")


def _renew(keeper: Keeper, request: Request, client: WebexClient, now: datetime) -> Outcome:
    """Return a new token that is kept already: by the refresh token, else by the integration."""
    settings, held = keeper.settings, keeper.held.service_app
    client_id = settings.client_id or (held.client_id if held else "")
    candidates = keeper.candidates("service_app", client_id, settings.refresh_token)
    integration = _integration_of(request, keeper, client)
    if integration is None and not candidates:
        settings.require("refresh_token")
    why_mint, why_not = "There is no refresh token.", None
    if candidates:
        if integration is not None and keeper.keeps and not _is_government(settings):
            why_not = integration.make_ready(now)
        _require_time(keeper, why_not)
        try:
            with keeper.grant():
                fresh, used = refresh_with_any(
                    candidates, keeper, client, client_id, settings.client_secret or "", integration is not None, now
                )
                keeper.keep_renewed(keeper.with_fresh("service_app", fresh), "service_app", used)
        except GrantRefused as error:
            if error.cause == "wrong_client" or integration is None:
                raise
            why_mint = error.message
        else:
            keeper.note_spent(used)
            if why_not:
                keeper.warnings += (f"Nothing could mint new tokens if these were lost. {why_not}",)
            return Outcome(fresh, refreshed=True, rotated=fresh.refresh_token != used)
    if integration is None:
        raise AssertionError("without an integration, there is a token or an error")
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
    fresh = _mint(keeper, request, integration, client_id, org_id, now, why_not)
    return Outcome(fresh, refreshed=True, minted=True, rotated=True)


def _integration_of(request: Request, keeper: Keeper, client: WebexClient) -> Integration | None:
    if request.integration or not keeper.settings.has_integration:
        return request.integration
    return IntegrationBeside(keeper, keeper.settings, client)


def _require_time(keeper: Keeper, why_not: WebexError | None) -> None:
    """Raise OutOfTime if the integration has left too little time for the service app; *why_not* is what it failed of."""
    if keeper.is_late:
        raise OutOfTime(
            "The integration's token took so long that no time is left for the service app's, whose refresh token was "
            f"not spent.{f' {why_not}' if why_not else ''}",
            "run again.",
        )


def _is_government(settings: Settings) -> bool:
    return urlsplit(settings.base_url).hostname == GOVERNMENT_HOST


def _mint(
    keeper: Keeper,
    request: Request,
    integration: Integration,
    client_id: str,
    org_id: str,
    now: datetime,
    why_not: WebexError | None,
) -> TokenSet:
    """Return a new token set of the service app, by the integration, which is kept already.

    The integration's own token is refreshed first if need be. Raises *why_not* in the place of such a refresh: it was
    tried already.
    """

    settings = keeper.settings

    def by(token: TokenSet) -> TokenSet:
        minting = replace(settings, access_token=token.access_token)
        with WebexClient(minting, keeper.budget, line=request.line) as minter, keeper.grant():
            fresh = mint(
                minter,
                client_id=client_id,
                client_secret=settings.client_secret or "",
                org_id=org_id,
                now=now,
                previous=keeper.held.service_app,
            )
            keeper.keep(keeper.with_fresh("service_app", fresh))
        return fresh

    held = integration.held()
    is_alive = held is not None and held.lives_longer_than(MOMENT, now)
    if held and is_alive:
        try:
            return by(held)
        except Refused as error:
            if not is_invalid_token(error):
                raise
    if why_not:
        raise why_not
    return by(integration.renew(now, refused=held if is_alive else None))


def _proven(keeper: Keeper, request: Request, outcome: Outcome) -> Outcome:
    """Return the outcome after one harmless request with the new token, which also tells its organization."""
    fresh = outcome.token_set
    if not request.verify or fresh is None:
        return outcome
    saved = f"The new token (kept by {keeper.store.name})"
    try:
        settings = replace(keeper.settings, access_token=fresh.access_token)
        with WebexClient(settings, keeper.budget, line=request.line) as client:
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
