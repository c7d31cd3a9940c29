# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the clients of one task have in common: their connections, their pace, and whether Webex is away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from ._retry import Outage
from ._throttle import Throttle
from ._transport import Adapter

# For a server that has answered in this task and is gone, in seconds.
OUTAGE_PATIENCE = 60.0


class Line:
    """The connections to Webex, for one client, or for many that ask for different organizations.

    A connection is kept for whichever client sends next: a thousand clients shake hands as often as one does.
    """

    def __init__(self, pace: Throttle, outage: Outage | None = None) -> None:
        """Keep as many connections as *pace* lets be in use at once."""
        self.pace = pace
        self.outage = outage or Outage(OUTAGE_PATIENCE, time.monotonic)
        self.is_stopped = False
        # A connection reads for the request of the thread that it is used in, and that has a time of its own.
        self._of_thread = threading.local()
        self._adapter = Adapter(lambda: float(self._of_thread.time_left()), pace.most)

    def send(self, request: Any, time_left: Callable[[], float], **how: Any) -> Any:
        """Send a prepared *request*, and return the response, whose body is read until *time_left* is 0 seconds."""
        self._of_thread.time_left = time_left
        return self._adapter.send(request, **how)

    def stop(self) -> None:
        """Let no client send a request any more; those that are under way are answered."""
        self.is_stopped = True

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        self._adapter.close()
