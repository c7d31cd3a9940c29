# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tokens in the store and those that earlier runs could not store: none is lost while Webex is asked for more."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ...module_utils._errors import OptionError, WebexError
from ...module_utils._ids import same_id
from ...module_utils._oauth import TokenSet
from ...module_utils._settings import COMMERCIAL, Settings
from .._signals import put_off
from .._voice import Voice
from .job import is_in_job
from .recovery import Recovered, Recovery, remove
from .request import Request
from .stored_client import StoredClient
from .stored_tokens import HOLDERS, StoredTokens
from .stores.base import NoStore, Store, StoreError

# Seconds. All requests under the lock together.
REFRESH_BUDGET = 45.0
GIVE_BACK = "repair the store; then run once more with this text as the option `recovery` (service_app_token_recovery of the role)."
CHOOSE_STORE = (
    "name a store; then run once more with this text as the option `recovery`, which puts it there. If you keep the refresh token of the "
    "result yourself, say so with store.caller_keeps=true."
)


@dataclass(frozen=True)
class Candidate:
    """A refresh token to try: where it is from, and the token set that it belongs to, if that is known. Secrets stay out of its repr."""

    refresh_token: str = field(repr=False)
    origin: str
    token_set: TokenSet | None = None


@dataclass(frozen=True)
class Credentials:
    """What one of HOLDERS identifies itself with, and the refresh token that was given for it. Secrets stay out of its repr."""

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str | None = field(repr=False)


class Unsaved(StoreError):
    """Tokens that the store did not take; *recovery* is a text that holds them, if they are in no file."""

    def __init__(self, message: str, remedy: str, recovery: str | None = None) -> None:
        super().__init__(message, remedy)
        self.recovery = recovery

    def details(self) -> dict[str, Any]:
        return {**super().details(), "recovery": self.recovery}


class Keeper:
    """A store together with its recovery files: what is given to it is kept, or it is said where it went."""

    def __init__(self, store: Store, request: Request, held: StoredTokens) -> None:
        """Take what the store holds, and read what earlier runs left beside it, or in a text. Sends and writes nothing.

        ``settings`` are those of the request, completed by the clients that the store keeps. Raises OptionError if the text cannot be
        read.
        """
        self.store = store
        self.request = request
        self.held = held
        self.warnings: tuple[str, ...] = ()
        self.keeps = not isinstance(store, NoStore)
        self._ends = time.monotonic() + REFRESH_BUDGET
        self.settings = completed(request.settings, held)
        client_secret = self.settings.client_secret
        self._recovery = Recovery(store.identity, client_secret) if client_secret else None
        self._recovered = self._read_recovered(request.recovery)
        # Refresh tokens that are of no use any more: Webex refused them, or their successors are kept.
        self._spent: set[str] = set()

    @property
    def budget(self) -> float:
        """How many seconds are left for the requests that must be done under the lock."""
        return max(self._ends - time.monotonic(), 1.0)

    @property
    def is_late(self) -> bool:
        """Whether too little of the budget is left for Webex to answer: an answer that comes too late loses tokens."""
        return self.budget < REFRESH_BUDGET / 2

    @property
    def newest(self) -> StoredTokens:
        """What is stored, with what earlier runs got to replace it and could not save."""
        newest, rest = self.held, list(self._recovered)
        while True:
            for recovered in rest:
                successor = newest.succeeded_by(recovered.tokens, recovered.replaces)
                if successor != newest:
                    newest = successor
                    rest.remove(recovered)
                    break
            else:
                return newest

    def suffices(self, now: datetime) -> bool:
        """Tell whether what is stored is good, and no earlier run has left anything that belongs into the store."""
        return self.newest == self.held and self.request.is_met_by(self.held.service_app, now)

    def recover(self) -> None:
        """Save what earlier runs got and could not save. Only under the lock. Raises StoreError."""
        newest = self.newest
        if newest != self.held:
            self.keep(newest)
            self.warnings += (f"The tokens that an earlier run could not save were put into {self.store.name}.",)
        self._remove_settled()

    @contextmanager
    def grant(self) -> Iterator[None]:
        """Around a request for new tokens and the ``keep`` that follows: nothing that can wait comes between them.

        The save is prepared first. Raises StoreError if it would fail.
        """
        self.store.reserve()
        with put_off(self.budget + self.store.save_time):
            yield

    def keep(self, holding: StoredTokens) -> None:
        """Save *holding*; into a recovery file or text if the store fails, and then raise StoreError.

        What is no Exception (a signal that could not be put off any longer) is raised again after that.
        """
        try:
            self.store.save(holding)
        except Exception as error:  # whatever it is: these tokens exist nowhere else
            raise self._rescued(holding, error) from None
        except BaseException:
            where, text = self._rescue(holding)
            if text:
                Voice("service_app_token").say_urgently(f"the new tokens are in {where}: {text}")
            raise
        self.held = holding
        self._remove_settled()

    def keep_fresh(self, holder: str, fresh: TokenSet, used: str | None = None) -> None:
        """Keep what Webex has handed out to one of HOLDERS, for the refresh token *used* or by a mint.

        Only now its client is proven, and *used* is of no use any more. Raises StoreError; Unsaved, with a text that holds the
        new refresh token, if Webex has replaced it and nobody keeps that.
        """
        self.keep(self.held.with_fresh(holder, fresh, self.client_to_keep(holder)))
        if used is None:
            return
        # The result of a task has nothing of the integration, so its caller cannot keep that.
        is_kept = not isinstance(self.store, NoStore) or (self.store.caller_keeps and holder == "service_app")
        if is_kept or fresh.refresh_token == used or self._recovery is None:
            self.note_spent(used)
            return
        text = self._recovery.text(self.held, instead_of=self.held)
        raise Unsaved(
            "Webex has replaced the refresh token, so that the old one is of no use any more, and a store of the kind none does not "
            f"keep the new one. The new tokens are in this text, encrypted with the client secret: {text}",
            CHOOSE_STORE,
            text,
        )

    def credentials_of(self, holder: str) -> Credentials:
        """Return what one of HOLDERS identifies itself with; what is missing is empty."""
        given, stored = self.settings, self.held.service_app
        if holder == "integration":
            return Credentials(
                given.integration_client_id or "",
                given.integration_client_secret or "",
                given.integration_refresh_token,
            )
        client_id = given.client_id or (stored.client_id if stored else "")
        return Credentials(client_id, given.client_secret or "", given.refresh_token)

    def client_to_keep(self, holder: str) -> StoredClient | None:
        """Return the client of this run to keep for one of HOLDERS; None if the store keeps none."""
        credentials = self.credentials_of(holder)
        if not self.store.keeps_client or not credentials.client_secret:
            return None
        return StoredClient(credentials.client_id, credentials.client_secret, self.settings.base_url)

    def candidates(self, holder: str) -> list[Candidate]:
        """Return the refresh tokens of one of HOLDERS to try, in order.

        The store's is first, since an option may be as old as the first run.
        """
        credentials = self.credentials_of(holder)
        sets = [(self.held.of(holder), "the store")]
        sets += [(recovered.tokens.of(holder), recovered.origin) for recovered in self._recovered]
        unlike: dict[str, Candidate] = {}
        for token_set, origin in sets:
            if token_set and token_set.client_id == credentials.client_id and token_set.refresh_token:
                unlike.setdefault(token_set.refresh_token, Candidate(token_set.refresh_token, origin, token_set))
        if credentials.refresh_token:
            given = Candidate(credentials.refresh_token, "the options or the environment")
            unlike.setdefault(given.refresh_token, given)
        return list(unlike.values())

    def note_spent(self, refresh_token: str) -> None:
        """Note that a refresh token is of no use any more: a recovery file with it need not be kept."""
        self._spent.add(refresh_token)
        self._remove_settled()

    def _read_recovered(self, text: str | None) -> list[Recovered]:
        recovered = self._recovery.read() if self._recovery and self.keeps else []
        if text:
            recovered.append(self._read_text(text))
        with suppress(StoreError):
            # Nothing says what these were to replace: they are taken if nothing is stored, and else are candidates.
            recovered += [Recovered(path, tokens, {}) for path, tokens in self.store.unsaved().items()]
        return [item for item in recovered if self._is_meant(item.tokens.service_app)]

    def _read_text(self, text: str) -> Recovered:
        if not self.keeps:
            raise OptionError("recovery", "needs a store to put the tokens into.", "name one in the option store.")
        if self._recovery is None:
            self.settings.require("client_secret")
            raise AssertionError("without a client secret, there is an error")
        return self._recovery.read_text(text)

    def _is_meant(self, app: TokenSet | None) -> bool:
        """Tell whether tokens are of the service app and the organization that this run is about."""
        if app is None:
            return True
        stored, settings = self.held.service_app, self.settings
        client_id = settings.client_id or (stored.client_id if stored else app.client_id)
        org_id = settings.org_id or (stored.org_id if stored else None)
        return app.client_id == client_id and (not org_id or not app.org_id or same_id(org_id, app.org_id))

    def _remove_settled(self) -> None:
        """Remove the recovery files of which nothing is needed: the store has it, or Webex takes it no more."""
        for recovered in tuple(self._recovered):
            if all(self._is_settled(holder, recovered.tokens.of(holder)) for holder in HOLDERS):
                self._recovered.remove(recovered)
                recovered.remove()

    def _is_settled(self, holder: str, token_set: TokenSet | None) -> bool:
        stored = self.held.of(holder)
        if token_set is None or token_set.refresh_token in self._spent:
            return True
        if stored is None:
            return False
        # A mint need not come with a refresh token.
        kind = "refresh_token" if token_set.refresh_token else "access_token"
        return bool(getattr(token_set, kind) == getattr(stored, kind))

    def _rescue(self, holding: StoredTokens) -> tuple[str | None, str | None]:
        """Keep *holding* in spite of the store; return where it is and how it is encrypted, and the text if it is in one.

        Nothing twice is nowhere. What a job of AWX leaves in its container is gone with it, so that gets a text.
        """
        with put_off(self.store.save_time), suppress(StoreError):
            if self._recovery and is_in_job():
                return "this text, encrypted with the client secret", self._recovery.text(holding, instead_of=self.held)
            path = self._recovery.write(holding, instead_of=self.held) if self._recovery and self.keeps else None
            where = f"{path}, encrypted with the client secret" if path else None
            for unsaved, tokens in self.store.unsaved().items():
                if tokens != holding:
                    continue
                if path:
                    remove(unsaved)
                else:
                    where = f"{unsaved}, encrypted as the store is"
            return where, None
        return None, None

    def _rescued(self, holding: StoredTokens, error: Exception) -> StoreError:
        reason = error.message if isinstance(error, WebexError) else f"{self.store.name}: {type(error).__name__}."
        where, text = self._rescue(holding)
        if where is None:
            return Unsaved(
                f"{reason} The new tokens could not be kept anywhere else either, and are lost.",
                "repair the store; then mint new tokens, or configure an integration that does.",
            )
        if text:
            return Unsaved(f"{reason} The new tokens are in {where}: {text}", GIVE_BACK, text)
        return Unsaved(
            f"{reason} The new tokens are in {where}.",
            "repair the store and run again on this machine: the next run takes them from there.",
        )


def completed(settings: Settings, held: StoredTokens) -> Settings:
    """Return *settings* with what they lack of the clients that the store keeps in *held*; what was given comes first."""
    app, integration = held.client_of("service_app"), held.client_of("integration")
    changes: dict[str, Any] = {}
    if app:
        changes = {
            "client_id": app.client_id,
            "client_secret": settings.client_secret or app.client_secret,
            "base_url": app.base_url if settings.base_url == COMMERCIAL else settings.base_url,
        }
    if integration and settings.integration_client_id in (None, integration.client_id):
        changes["integration_client_id"] = integration.client_id
        changes["integration_client_secret"] = settings.integration_client_secret or integration.client_secret
    return replace(settings, **changes)
