# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renewing tokens by whatever is still good for it: a refresh token of the store, of an earlier run or of the options; else a mint."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ...module_utils._client import WebexClient
from ...module_utils._errors import GrantRefused, OptionError, Refused, RequestError, WebexError
from ...module_utils._oauth import TokenSet, is_invalid_token, mint, refresh
from .integration import Integration
from .keeper import Keeper

# An integration's token that is used at once need not be valid for long.
MOMENT = timedelta(minutes=5)


@dataclass(frozen=True)
class Renewal:
    """What tokens are renewed with, under the store's lock: who keeps them, who asks Webex, and what time it is."""

    keeper: Keeper
    client: WebexClient
    now: datetime

    def client_with(self, access_token: str) -> WebexClient:
        """Return another client for the time that is left, which uses *access_token*; the caller closes it."""
        settings = replace(self.keeper.settings, access_token=access_token)
        return WebexClient(settings, self.keeper.budget, line=self.keeper.request.line)

    def refresh(self, holder: str, can_mint: bool) -> tuple[TokenSet, str]:
        """Return a new token set of one of HOLDERS, which is kept already, and the refresh token that was spent for it.

        *can_mint* says whether something could mint new tokens if these were lost. There must be a candidate. Raises the last
        GrantRefused, RequestError if Webex does not answer, StoreError.
        """
        with self.keeper.grant():
            fresh, used = self._refresh_with_any(holder, can_mint)
            self.keeper.keep_fresh(holder, fresh, used)
        return fresh, used

    def mint(self, integration: Integration, why_not: WebexError | None) -> TokenSet:
        """Return a new token set of the service app, by the *integration*, which is kept already.

        The integration's own token is refreshed first if need be. Raises *why_not* in the place of such a refresh: it was
        tried already. Raises OptionError if the organization is unknown, Refused, RequestError, StoreError.
        """
        org_id = self._org_id()
        held = integration.held()
        is_alive = held is not None and held.lives_longer_than(MOMENT, self.now)
        if held and is_alive:
            try:
                return self._mint_with(held, org_id)
            except Refused as error:
                if not is_invalid_token(error):
                    raise
        if why_not:
            raise why_not
        return self._mint_with(integration.renew(refused=held if is_alive else None), org_id)

    def _refresh_with_any(self, holder: str, can_mint: bool) -> tuple[TokenSet, str]:
        keeper, credentials = self.keeper, self.keeper.credentials_of(holder)
        candidates = keeper.candidates(holder)
        tried: list[str] = []
        for candidate in candidates:
            tried.append(candidate.origin)
            try:
                fresh = refresh(
                    self.client,
                    client_id=credentials.client_id,
                    client_secret=credentials.client_secret,
                    refresh_token=candidate.refresh_token,
                    now=self.now,
                    # Another refresh token is another grant: what is known of the stored one does not hold for it.
                    previous=candidate.token_set,
                )
            except GrantRefused as error:
                if error.cause == "dead_refresh_token":
                    keeper.note_spent(candidate.refresh_token)
                if error.cause == "wrong_client" or len(tried) == len(candidates):
                    # Another run may have spent it, and has got new ones.
                    keeper.store.check_current()
                    error.problem += f" The refresh token was the one of {', then the one of '.join(tried)}."
                    raise
            except RequestError as error:
                if error.unclear:
                    _tell_what_may_be_lost(error, can_mint)
                raise
            else:
                return fresh, candidate.refresh_token
        raise AssertionError("there is at least one candidate")

    def _org_id(self) -> str:
        stored = self.keeper.held.service_app
        org_id = self.keeper.settings.org_id or (stored.org_id if stored else None)
        if not org_id:
            raise OptionError(
                "org_id", "is missing, and the store does not know it.", "name it, for the integration to mint."
            )
        return org_id

    def _mint_with(self, token: TokenSet, org_id: str) -> TokenSet:
        """Return a new token set, which is kept already, by the access token of the integration."""
        credentials = self.keeper.credentials_of("service_app")
        with self.client_with(token.access_token) as minter, self.keeper.grant():
            fresh = mint(
                minter,
                client_id=credentials.client_id,
                client_secret=credentials.client_secret,
                org_id=org_id,
                now=self.now,
                previous=self.keeper.held.service_app,
            )
            self.keeper.keep_fresh("service_app", fresh)
        return fresh


def _tell_what_may_be_lost(error: RequestError, can_mint: bool) -> None:
    error.problem += " Webex may have replaced the refresh token all the same, and then the new one is lost."
    next_run = "run again: the next run tries the refresh token that is stored, and if Webex refuses it, "
    if can_mint:
        error.remedy = f"{next_run}the integration mints new tokens."
    else:
        error.remedy = (
            f"{next_run}mint new tokens by hand and give their refresh token as `refresh_token`. "
            "An integration would do that by itself."
        )
