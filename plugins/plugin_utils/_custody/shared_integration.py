# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An integration that mints for many organizations: one set of tokens, in a store of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from ...module_utils._errors import GrantRefused, MissingSetting, WebexError
from ...module_utils._oauth import TokenSet
from ...module_utils._remedies import RENEW_INTEGRATION
from ...module_utils._time import utc_now
from .broker import load, obtain
from .integration import RESERVE, Integration, name_integration
from .request import Request
from .stores.base import Store


class SharedIntegration(Integration):
    """An integration for all the runs and threads that use the same store.

    Its refresh token may be good for one use only, so that no two stores may hold it. Its tokens are got by the broker, as
    those of a service app are, and with the same care: in its store, they are in the place of a service app's.
    """

    def __init__(self, store: Store, request: Request, now: Callable[[], datetime] = utc_now) -> None:
        """Take its store, and the *request* of a service app, whose settings name the integration.

        Its own store may keep its client, as that of a service app does. Raises MissingSetting if nothing names it, StoreError.
        """
        settings = request.settings
        client = None if settings.has_integration else store.load().client_of("service_app")
        if client and settings.integration_client_id in (None, client.client_id):
            settings = replace(
                settings, integration_client_id=client.client_id, integration_client_secret=client.client_secret
            )
        settings.require("integration_client_id", "integration_client_secret")
        self._store, self._now = store, now
        self._settings = settings
        self._request = Request(
            replace(
                settings,
                access_token=None,
                client_id=settings.integration_client_id,
                client_secret=settings.integration_client_secret,
                refresh_token=settings.integration_refresh_token,
                integration_client_id=None,
                integration_client_secret=None,
                integration_refresh_token=None,
                org_id=None,
            ),
            RESERVE,
            verify=False,
            line=request.line,
        )
        self.warnings: tuple[str, ...] = ()
        self._lock = threading.Lock()
        self._stored: TokenSet | None = None
        self._renewed: TokenSet | None = None
        # Why there is no new token: found out once, and not by a request for each organization.
        self._failure: WebexError | None = None

    def held(self) -> TokenSet | None:
        with self._lock:
            self._stored = self._renewed or self._stored or load(self._store, self._request).service_app
            return self._stored

    def renew(self, refused: TokenSet | None = None) -> TokenSet:
        with self._lock:
            if refused is not None and refused == self._renewed:
                self._failure = WebexError(
                    "Webex refuses the token that the integration has just got.", RENEW_INTEGRATION
                )
            if self._failure:
                raise self._failure
            if self._renewed is None:
                try:
                    self._renewed = self._obtain(is_refused=refused is not None)
                except WebexError as error:
                    self._failure = error
                    raise
            return self._renewed

    def _obtain(self, is_refused: bool) -> TokenSet:
        """Return new tokens, or those that another run has got; but not those of the store, if they were refused."""
        try:
            outcome = obtain(self._store, replace(self._request, force=is_refused), now=self._now)
        except GrantRefused as error:
            name_integration(error)
            raise
        except MissingSetting:
            # The only one that can be; here it has another name.
            self._settings.require("integration_refresh_token")
            raise
        self.warnings += outcome.warnings
        if outcome.token_set is None:
            raise AssertionError("outside of check mode, there is a token or an error")
        return outcome.token_set
