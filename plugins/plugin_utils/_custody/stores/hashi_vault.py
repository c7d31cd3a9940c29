# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The store in a secret of HashiCorp Vault or OpenBao, beside whatever else is in it."""

from __future__ import annotations

import os
import random
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, timezone
from typing import Any

from ....module_utils._time import from_iso, to_iso
from ..stored_tokens import VARIABLES, StoredTokens
from .base import Store, StoreError
from .kv_secret import KvSecret, Version

# Longer than the broker's budget for the requests under the lock, shorter than its patience.
LEASE = timedelta(seconds=60)
LEASE_KEY = "webex_lease"
# By so much the clocks of two controllers may differ.
CLOCK_SKEW = timedelta(seconds=10)
ATTEMPTS = 10
# In seconds, between two looks at a lease of another run.
SHORTEST_PAUSE = 0.2
LONGEST_PAUSE = 1.6


class HashiVaultStore(Store):
    """The store ``hashi_vault``.

    Every write is checked and set on the version that was read. That guards the write but does not stop two runs from
    refreshing, so the lock is a lease: a holder and an end time, written by check-and-set before Webex is asked. Only
    the winner asks. The others look at what the winner saves, and leave with it. A lease whose end has passed is free,
    and a run that outlives its lease does not overwrite what others have saved in the meantime.
    """

    def __init__(self, options: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> None:
        """Take the suboptions of ``store``. Raises OptionError for what is missing or does not fit together."""
        self._secret = KvSecret(options, os.environ if environ is None else environ)
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{random.SystemRandom().getrandbits(64):x}"
        self._known: Version | None = None
        # The tokens that this run has read or written last: what it may replace.
        self._own_tokens: dict[str, Any] | None = None
        self._left_early = False

    @property
    def name(self) -> str:
        return self._secret.name

    def describe(self) -> dict[str, Any]:
        return {"kind": "hashi_vault", **self._secret.describe()}

    def absence(self) -> str:
        return f" {self._known.absence}" if self._known and self._known.absence else ""

    def load(self) -> StoredTokens:
        version = self._read()
        try:
            tokens = StoredTokens.from_variables(version.data)
        except ValueError as error:
            raise self._secret.error(
                f"{self.name} does not hold a complete token set: {error}; it was left untouched.",
                f"remove the keys {', '.join(VARIABLES)} from it, or name another path.",
            ) from None
        self._own_tokens = _tokens_in(version.data)
        return tokens

    @contextmanager
    def lock(self, patience: float) -> Iterator[None]:
        with self.lock_unless(lambda tokens: False, patience):
            yield

    @contextmanager
    def lock_unless(self, suffices: Callable[[StoredTokens], bool], patience: float) -> Iterator[None]:
        self._left_early = not self._wait_for_lease(suffices, patience)
        try:
            yield
        finally:
            if not self._left_early:
                # A lease that cannot be given back ends by itself.
                with suppress(StoreError):
                    self._change(self._without_own_lease)
            self._left_early = False

    def check(self) -> None:
        """Nothing but a write tells whether writing is allowed; the lease is one."""
        self._read()

    def reserve(self) -> None:
        """The lease was written, so the tokens can be too. Raises StoreError if there is no lease."""
        if self._left_early:
            raise StoreError(
                f"{self.name} had good tokens a moment ago, and has none now.", "run again; find out who removes them."
            )

    def save(self, holding: StoredTokens) -> None:
        self._replace_tokens(holding.variables())

    def clear(self) -> None:
        self._replace_tokens({})

    def _replace_tokens(self, variables: dict[str, Any]) -> None:
        """Put *variables* in the place of the tokens that this run has read; raises StoreError if there are others."""

        def replaced(data: dict[str, Any]) -> dict[str, Any]:
            if self._own_tokens is not None and _tokens_in(data) not in (self._own_tokens, variables):
                raise StoreError(
                    f"{self.name} has tokens that another run has saved in the meantime; they were left as they are.",
                    "run again; if it happens often, find out why a run takes longer than a minute.",
                )
            return {**{key: value for key, value in data.items() if key not in VARIABLES}, **variables}

        self._change(replaced)
        self._own_tokens = variables

    def _wait_for_lease(self, suffices: Callable[[StoredTokens], bool], patience: float) -> bool:
        """Return whether the lease was taken; false if what others have saved *suffices*. Raises StoreError."""
        deadline = time.monotonic() + patience
        pause = SHORTEST_PAUSE
        while True:
            version = self._read()
            if suffices(_stored_in(version)):
                return False
            holder = _lease_holder(version)
            if holder in (None, self._holder) and self._take_lease(version):
                return True
            if time.monotonic() > deadline:
                raise self._secret.error(
                    f"{self.name} has been leased by another run ({holder}) for {patience:.0f} seconds.",
                    "look for a run that hangs, and whether the clocks agree; a lease ends by itself after a minute.",
                )
            # Not all at once, and less and less often: a hundred that wait would else keep the server from the winner.
            time.sleep(random.uniform(pause / 2, pause))
            pause = min(2 * pause, LONGEST_PAUSE)

    def _take_lease(self, version: Version) -> bool:
        lease = {"holder": self._holder, "until": to_iso(datetime.now(timezone.utc) + LEASE)}
        return self._write({**version.data, LEASE_KEY: lease}, version)

    def _without_own_lease(self, data: dict[str, Any]) -> dict[str, Any]:
        lease = data.get(LEASE_KEY)
        # One that ended before it was given back may be another run's by now.
        is_own = isinstance(lease, Mapping) and lease.get("holder") == self._holder
        return {key: value for key, value in data.items() if not (is_own and key == LEASE_KEY)}

    def _change(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Apply *change* to the data; again, if another client wrote in between, which may have changed other keys."""
        version = self._known or self._read()
        for _attempt in range(ATTEMPTS):
            data = change(version.data)
            if data == version.data or self._write(data, version):
                return
            version = self._read()
        raise StoreError(f"{self.name} changes faster than it can be written.", "find out who else writes to it.")

    def _read(self) -> Version:
        self._known = self._secret.read()
        return self._known

    def _write(self, data: dict[str, Any], after: Version) -> bool:
        written = self._secret.write(data, after)
        self._known = written or self._known
        return written is not None


def _tokens_in(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: data[key] for key in VARIABLES if key in data}


def _stored_in(version: Version) -> StoredTokens:
    """Return the tokens in *version*; none if they are not complete, which loading them then says."""
    try:
        return StoredTokens.from_variables(version.data)
    except ValueError:
        return StoredTokens()


def _lease_holder(version: Version) -> str | None:
    """Return which run holds the lease; None if it is free, over, or ends later than any lease: a clock was ahead."""
    lease = version.data.get(LEASE_KEY)
    if not isinstance(lease, Mapping) or not isinstance(lease.get("holder"), str):
        return None
    try:
        until = from_iso(lease.get("until"))
    except ValueError:
        return None
    now = datetime.now(timezone.utc)
    return lease["holder"] if until and now < until <= now + LEASE + CLOCK_SKEW else None
