# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An integration whose tokens are kept in the store of the service app, beside that one's own."""

from __future__ import annotations

from ...module_utils._errors import GrantRefused
from ...module_utils._oauth import TokenSet
from .integration import Integration, name_integration
from .renewal import Renewal


class IntegrationBeside(Integration):
    """The integration that the options name, for a run that has the lock of the store."""

    def __init__(self, renewal: Renewal) -> None:
        """Take what the tokens of the service app are renewed with: the integration's are renewed with the same."""
        self._renewal = renewal
        self._keeper = renewal.keeper

    def held(self) -> TokenSet | None:
        held = self._keeper.held.integration
        return held if held and held.client_id == self._keeper.credentials_of("integration").client_id else None

    def is_client_kept(self) -> bool:
        client = self._keeper.client_to_keep("integration")
        return client is None or client == self._keeper.held.client_of("integration")

    def renew(self, refused: TokenSet | None = None) -> TokenSet:
        if not self._keeper.candidates("integration"):
            self._keeper.settings.require("integration_refresh_token")
        try:
            fresh, _used = self._renewal.refresh("integration", can_mint=False)
        except GrantRefused as error:
            name_integration(error)
            raise
        return fresh
