# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The integration that mints tokens of a service app whose refresh token is lost."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime, timedelta

from ...module_utils._errors import GrantRefused, OptionError, RequestError, WebexError
from ...module_utils._oauth import TokenSet
from ...module_utils._remedies import integration_remedy

# A token that is held ready must last until the next runs.
RESERVE = timedelta(days=7)


class Integration(ABC):
    """An integration, wherever its tokens are kept."""

    @abstractmethod
    def held(self) -> TokenSet | None:
        """Return what is kept of it. Raises StoreError."""

    @abstractmethod
    def renew(self, refused: TokenSet | None = None) -> TokenSet:
        """Return a new token set, which is kept already, in the place of the one that Webex has *refused*.

        Raises OptionError if a setting is missing, RequestError if Webex refuses or does not answer, StoreError.
        """

    def is_client_kept(self) -> bool:
        """Tell whether the store has its client, as far as it is to; a renewal proves the client, and keeps it."""
        return True

    def make_ready(self, now: datetime) -> WebexError | None:
        """Renew its tokens, if they expire soon, before those of the service app are spent; return why that cannot be.

        A run that is killed between Webex's answer and the disk loses the answer: then the other one must heal it. And a
        refresh token that nobody uses expires after 90 days (facts). Raises an error that leaves open whether the
        integration's refresh token was spent: the service app's is not put at risk then.
        """
        held = self.held()
        if held and held.lives_longer_than(RESERVE, now) and self.is_client_kept():
            return None
        try:
            self.renew()
        except (OptionError, RequestError) as error:
            if isinstance(error, RequestError) and error.unclear:
                raise
            return error
        return None


def name_integration(error: GrantRefused) -> None:
    """Let the *error* say that it is the integration that is refused, and what to do about that."""
    error.problem = f"The integration: {error.problem}"
    error.remedy = integration_remedy(error.cause)
