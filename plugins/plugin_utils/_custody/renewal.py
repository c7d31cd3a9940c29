# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refreshing with whichever refresh token is still good: the store's, an earlier run's, or the one of the options."""

from __future__ import annotations

from datetime import datetime

from ...module_utils._client import WebexClient
from ...module_utils._errors import GrantRefused, RequestError
from ...module_utils._oauth import TokenSet, refresh
from .keeper import Candidate, Keeper


def refresh_with_any(
    candidates: list[Candidate],
    keeper: Keeper,
    client: WebexClient,
    client_id: str,
    client_secret: str,
    has_integration: bool,
    now: datetime,
) -> tuple[TokenSet, str]:
    """Return a new token set, and the refresh token that was good for it; raises the last GrantRefused.

    *has_integration* says whether something could mint new tokens if these were lost.
    """
    tried: list[str] = []
    for candidate in candidates:
        tried.append(candidate.origin)
        try:
            fresh = refresh(
                client,
                client_id=client_id,
                client_secret=client_secret,
                refresh_token=candidate.refresh_token,
                now=now,
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
                _tell_what_may_be_lost(error, has_integration)
            raise
        else:
            return fresh, candidate.refresh_token
    raise AssertionError("there is at least one candidate")


def _tell_what_may_be_lost(error: RequestError, has_integration: bool) -> None:
    error.problem += " Webex may have replaced the refresh token all the same, and then the new one is lost."
    next_run = "run again: the next run tries the refresh token that is stored, and if Webex refuses it, "
    if has_integration:
        error.remedy = f"{next_run}the integration mints new tokens."
    else:
        error.remedy = (
            f"{next_run}mint new tokens by hand and give their refresh token as `refresh_token`. "
            "An integration would do that by itself."
        )
