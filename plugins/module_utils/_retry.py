# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a request is sent again, and when."""

from __future__ import annotations

from collections.abc import Callable

from ._errors import BrokenAnswer, NoAnswer, Refused, RequestError, Unreachable

# For one Retry-After, in seconds.
LONGEST_WAIT = 60.0
# Between two tries to reach a server that is away, in seconds.
LONGEST_PAUSE = 5.0
SHORTEST_PAUSE = 0.3
# After a 429 that does not say how long, in seconds: what wxc_sdk waits.
DEFAULT_RETRY_AFTER = 5.0

SAFE_TO_REPEAT = frozenset({"GET", "PUT", "DELETE"})
PASSING_FAILURES = frozenset({423, 429, 500, 502, 503, 504})
# How often a request is sent again after errors of one kind. An error is of the first kind that fits.
MOST_REPEATS: tuple[tuple[type[RequestError], int], ...] = (
    (Refused, 6),
    (Unreachable, 3),
    (BrokenAnswer, 2),
    (NoAnswer, 3),
)


def may_repeat(method: str, error: RequestError) -> bool:
    """Tell whether sending the request again can do no harm (wxcli's rule, after an incident on a live organization).

    GET, PUT and DELETE may be carried out twice. POST and PATCH are sent again only if it is certain that Webex did
    not carry them out: no connection was made, or the answer says so.
    """
    return method in SAFE_TO_REPEAT or not error.unclear


class Outage:
    """Whether the server is away at present, for all threads of a client."""

    def __init__(self, patience: float, clock: Callable[[], float]) -> None:
        """Wait at most *patience* seconds for a server that has answered before; *clock* is in seconds."""
        self.patience = patience
        self.has_answered = False
        self._clock = clock
        self._began_at: float | None = None

    def is_over(self) -> None:
        """Note an answer: the server is there."""
        self.has_answered, self._began_at = True, None

    @property
    def seconds(self) -> float:
        """For how long the server has been away."""
        began_at = self._began_at
        return 0.0 if began_at is None else self._clock() - began_at

    def pause(self) -> float | None:
        """Note a connection that could not be made; return the seconds until the next try, None if it is too late.

        The pauses grow with the age of the outage, so all threads agree on them.
        """
        if self._began_at is None:
            self._began_at = self._clock()
        if self.has_answered and self.seconds >= self.patience:
            return None
        return min(max(self.seconds, SHORTEST_PAUSE), LONGEST_PAUSE)


class Repeats:
    """How often one request was sent again, and after which errors."""

    def __init__(self, method: str, outage: Outage) -> None:
        self._method = method
        self._outage = outage
        self._counts: dict[type[RequestError], int] = {}

    def pause_after(self, error: RequestError) -> float | None:
        """Return the seconds to wait before the request is sent again after *error*; None if it is not."""
        if not error.passing or not may_repeat(self._method, error):
            return None
        kind, most = next((kind, most) for kind, most in MOST_REPEATS if isinstance(error, kind))
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        if isinstance(error, Unreachable):
            pause = self._outage.pause()
            return pause if self._outage.has_answered or count <= most else None
        if count > most or (isinstance(error, BrokenAnswer) and self._method != "GET"):
            return None
        if isinstance(error, Refused):
            return self._pause_after_refusal(error, count)
        return _backoff(count)

    def _pause_after_refusal(self, refusal: Refused, count: int) -> float | None:
        if refusal.retry_after is not None:
            return refusal.retry_after
        if refusal.status == 429:
            return DEFAULT_RETRY_AFTER
        # A lock that does not say how long it lasts is nothing to wait for with a request that must not arrive twice.
        return _backoff(count) if self._method in SAFE_TO_REPEAT else None


def _backoff(count: int) -> float:
    """Return the seconds before the repeat number *count*: none, then longer and longer."""
    return 0.0 if count == 1 else SHORTEST_PAUSE * 2.0 ** (count - 1)
