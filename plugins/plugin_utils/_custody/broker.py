# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get a valid access token, with the fewest calls possible, and never lose one: load, lock, prepare, refresh, save."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from ...module_utils._client import WebexClient
from ...module_utils._errors import GrantRefused, NoAnswer, OptionError, OutOfTime, Refused, WebexError
from ...module_utils._identity import owner
from ...module_utils._ids import same_id
from ...module_utils._remedies import BY_GRANT_CAUSE, GOVERNMENT_HOST
from ...module_utils._settings import Settings
from ...module_utils._time import utc_now
from .integration import Integration
from .integration_beside import IntegrationBeside
from .keeper import Keeper
from .renewal import Renewal
from .request import Outcome, Request
from .stored_tokens import StoredTokens
from .stores.base import Store, StoreError, Superseded

# The longest that a lock may be waited for, in seconds: a few of the budgets that it is held for.
PATIENCE = 120.0


def obtain(store: Store, request: Request, *, now: Callable[[], datetime] = utc_now) -> Outcome:
    """Return a token that is valid for longer than ``request.min_validity``.

    No request is sent while the stored one is good; one refresh when it is not, before which an integration, if there is
    one, is made ready; a mint by it when the refresh token is lost or refused. Raises StoreError if the store cannot
    be used, OptionError if a setting is missing (both before anything is spent), GrantRefused if Webex refuses,
    NoAnswer if it does not answer. What an earlier run could not save is taken from its recovery file first.
    """
    keeper = Keeper(store, request, load(store, request))
    if keeper.suffices(now()):
        return Outcome(keeper.held.service_app)
    # Before the lock, which may be something that is written.
    _require_a_way(keeper)
    app = keeper.newest.service_app
    alive = app if app is not None and app.lives_longer_than(timedelta(), now()) else None
    try:
        if request.check_mode:
            store.check()
            return Outcome(alive, refreshed=not request.is_met_by(app, now()))
        if request.integration and not _is_government(keeper.settings):
            # Before the lock: who waits for an integration that others use too has used up no time of its own.
            request.integration.make_ready(now())
        return _obtain_alone(store, request, now)
    except Superseded as news:
        # What the other run got is for the runs after this one: it cannot be read here.
        return Outcome(alive, superseded=True, warnings=(str(news),))


def _obtain_alone(store: Store, request: Request, now: Callable[[], datetime]) -> Outcome:
    """Return a new token, or one that another run has got in the meantime, under the lock. Raises what ``obtain`` raises."""
    with store.lock_unless(lambda tokens: Keeper(store, request, tokens).suffices(now()), PATIENCE):
        # After a wait for the lock, what the others got is there, and nothing more is needed.
        keeper = Keeper(store, request, load(store, request))
        keeper.recover()
        if request.is_met_by(keeper.held.service_app, now()):
            return Outcome(keeper.held.service_app, warnings=keeper.warnings)
        with WebexClient(keeper.settings, keeper.budget, line=request.line) as client:
            renewal = Renewal(keeper, client, now())
            outcome = _renewed(renewal)
        return _proven(renewal, replace(outcome, warnings=keeper.warnings))


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


def _require_a_way(keeper: Keeper) -> None:
    """Raise OptionError unless there is a way to a new token: a refresh token, or an integration that can mint."""
    settings, app = keeper.settings, keeper.newest.service_app
    if app is None:
        settings.require("client_id")
    settings.require("client_secret")
    if app or settings.refresh_token:
        return
    if not (keeper.request.integration or settings.has_integration):
        try:
            settings.require("refresh_token")
        except OptionError as error:
            error.problem += keeper.store.absence()
            raise
    if not settings.org_id:
        raise OptionError("org_id", "is missing.", "an integration mints a token for one organization: name it.")


def _renewed(renewal: Renewal) -> Outcome:
    """Return a new token that is kept already: by the refresh token, else by the integration."""
    keeper, integration = renewal.keeper, _integration_of(renewal)
    is_government = _is_government(keeper.settings)
    why_mint, why_not = "There is no refresh token.", None
    if keeper.candidates("service_app"):
        if integration is not None and keeper.keeps and not is_government:
            why_not = integration.make_ready(renewal.now)
        _require_time(keeper, why_not)
        try:
            fresh, used = renewal.refresh("service_app", can_mint=integration is not None)
        except GrantRefused as error:
            if error.cause == "wrong_client" or integration is None:
                raise
            why_mint = error.message
        else:
            if why_not:
                keeper.warnings += (f"Nothing could mint new tokens if these were lost. {why_not}",)
            return Outcome(fresh, refreshed=True, rotated=fresh.refresh_token != used)
    if integration is None:
        keeper.settings.require("refresh_token")
        raise AssertionError("without an integration, there is a token or an error")
    if is_government:
        raise WebexError(
            f"{why_mint} The government cloud does not offer minting by an integration.",
            BY_GRANT_CAUSE["not_offered"],
        )
    return Outcome(renewal.mint(integration, why_not), refreshed=True, minted=True, rotated=True)


def _integration_of(renewal: Renewal) -> Integration | None:
    keeper = renewal.keeper
    if keeper.request.integration or not keeper.settings.has_integration:
        return keeper.request.integration
    return IntegrationBeside(renewal)


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


def _proven(renewal: Renewal, outcome: Outcome) -> Outcome:
    """Return the outcome after one harmless request with the new token, which also tells its organization."""
    keeper, request, fresh = renewal.keeper, renewal.keeper.request, outcome.token_set
    if not request.verify or fresh is None:
        return outcome
    saved = f"The new token (kept by {keeper.store.name})"
    try:
        with renewal.client_with(fresh.access_token) as client:
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
