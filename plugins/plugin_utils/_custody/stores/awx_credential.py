# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The store in two credentials of AWX: read from the files that AWX gives a job, written by its API."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from ....module_utils._errors import with_remedy
from ....module_utils._ids import same_id
from ....module_utils._patience import Patience
from ....module_utils._settings import plain
from ....module_utils._time import from_iso, to_iso
from ..stored_tokens import StoredTokens
from .awx_access import ACCESS_FILE, resolve_access
from .awx_api import AwxApi
from .awx_connection import AwxError
from .awx_inputs import Inputs, insist
from .awx_job_files import ACCESS_EXPIRES, OBTAINED, REFRESH_EXPIRES, REFRESH_TOKENS, UNKNOWN, JobFiles, as_inputs
from .base import Store, StoreError, Superseded

# What they are called unless the task says otherwise: as their types.
SERVICE_APP = "Webex Service App"
ACCESS_TOKEN = "Webex Access Token"
# For what costs nothing but a run; for a controller that is restarted while tokens are at stake; and for another run, which
# has got the tokens that this one was refused, to save them.
BRIEF, LONG, OTHER_RUN = Patience(20), Patience(240), Patience(10)


class AwxCredentialStore(Store):
    """The store ``awx_credential``.

    *Webex Service App* has the refresh token, and that of the integration; *Webex Access Token* has the access token. Secrets
    cannot be read back from AWX: what is stored is what this job was given when it started, in files. A save writes the
    refresh token first. The points in time beside the tokens can be read, and tell whether another run has saved since.

    There is no lock: the job template keeps runs apart. If it does not, and refresh tokens can be used once, one of
    the runs gets new tokens, and the others end with Superseded.
    """

    # The refresh token, the access token, and what a request takes that was begun in time.
    save_time = 3 * LONG.seconds

    def __init__(self, options: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> None:
        """Take the suboptions of ``store``. Sends and reads nothing."""
        self._options = options
        self._environ = os.environ if environ is None else environ
        self._service_app_name = plain(options.get("credential") or SERVICE_APP)
        self._access_token_name = plain(options.get("access_token_credential") or ACCESS_TOKEN)
        self._given = JobFiles(self._environ)
        self._known = StoredTokens()
        self._opened_inputs: tuple[Inputs, Inputs] | None = None
        self._is_rehearsed = False
        self._warnings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"the credentials {self._service_app_name!r} and {self._access_token_name!r} of AWX"

    def describe(self) -> dict[str, Any]:
        return {
            "kind": "awx_credential",
            "credential": self._service_app_name,
            "access_token_credential": self._access_token_name,
        }

    def warnings(self, saves: bool = True) -> tuple[str, ...]:
        if not saves or self._options.get("url") or self._environ.get(ACCESS_FILE):
            return self._warnings
        cannot_save = with_remedy(
            "This job could not save new tokens, and will fail when they are due: it has no access to AWX.",
            "attach a credential of the type `Webex: AWX access` to the job.",
        )
        return (*self._warnings, cannot_save)

    def load(self) -> StoredTokens:
        self._known = self._given.read()
        return self._known

    @contextmanager
    def lock(self, patience: float) -> Iterator[None]:
        # Here and not in reserve(), so that a slow controller takes nothing of the time for Webex.
        self._rehearse()
        yield

    def check(self) -> None:
        service_app, access_token = self._opened()
        self._check_service_app(service_app.read())
        self._check_access_token(access_token.read())

    def reserve(self) -> None:
        """Raise StoreError unless both credentials could be written a moment ago, by lock()."""
        if not self._is_rehearsed:
            self._rehearse()

    def check_current(self) -> None:
        inputs, _access_token = self._opened()
        # What is not there yet may come: the other run saves after it has got an answer.
        for _look in OTHER_RUN.looks():
            with suppress(AwxError):
                self._check_service_app(inputs.read())

    def save(self, holding: StoredTokens) -> None:
        service_app, access_token = self._opened()
        try:
            self._save_refresh_tokens(service_app, holding)
            self._save_access_token(access_token, holding)
            self._note_what_is_public(service_app, holding)
        except Superseded as news:
            self._warnings += (str(news),)
        self._keep(holding)

    def clear(self) -> None:
        own = ((*REFRESH_TOKENS.values(), OBTAINED, REFRESH_EXPIRES, ACCESS_EXPIRES), ("access_token", "expires_at"))
        for inputs, names in zip(self._opened(), own, strict=True):
            inputs.change({name: "" for name in names if inputs.holds(name)}, lambda shown: None, LONG)
        self._keep(StoredTokens())

    # What the controller has

    def _opened(self) -> tuple[Inputs, Inputs]:
        """Return both credentials, of a controller that was found and a user who may be used."""
        if self._opened_inputs:
            return self._opened_inputs
        api = AwxApi(resolve_access(self._options, self._environ))
        api.hide(self._given.secrets())
        api.connect()
        organization = plain(self._options["organization"]) if self._options.get("organization") else None

        def inputs(name: str, own: Mapping[str, Any], tokens: tuple[str, ...], points: tuple[str, ...]) -> Inputs:
            return Inputs(api, name, organization, as_inputs(own), tokens, points)

        points = (OBTAINED, REFRESH_EXPIRES, ACCESS_EXPIRES)
        self._opened_inputs = (
            inputs(self._service_app_name, self._given.service_app, tuple(REFRESH_TOKENS.values()), points),
            inputs(self._access_token_name, self._given.access_token, ("access_token",), ("expires_at",)),
        )
        return self._opened_inputs

    def _rehearse(self) -> None:
        def attempt() -> None:
            self.check()
            for inputs in self._opened():
                inputs.rehearse()

        insist(attempt, BRIEF, lambda error: not error.passing)
        self._is_rehearsed = True

    def _check_service_app(self, shown: Mapping[str, Any]) -> None:
        given, there = self._given.service_app.get("client_id"), shown.get("client_id")
        if given != there:
            raise StoreError(
                f"The credential {self._service_app_name!r} is of another service app than the one that this job was given (client id "
                f"{given}).",
                "name the credential that is attached to the job in store.credential.",
            )
        org_id, org_there = self._given.service_app.get("org_id"), shown.get("org_id")
        if org_id and org_there and not same_id(org_id, org_there):
            raise StoreError(
                f"The credential {self._service_app_name!r} is of another organization ({org_there}) than the one that this job was given "
                f"({org_id}).",
                "name the credential that is attached to the job in store.credential.",
            )
        app = self._known.service_app
        self._refuse_superseded(shown, app.obtained_at if app else UNKNOWN)

    def _check_access_token(self, shown: Mapping[str, Any]) -> None:
        expires_at = self._given.access_token.get("expires_at")
        if self._given.has_access_token and expires_at != _moment(shown.get("expires_at")):
            raise StoreError(
                f"The credential {self._access_token_name!r} is not the one that this job was given, or was changed since.",
                "name the credential that is attached to the job in store.access_token_credential; then run again.",
            )

    def _refuse_superseded(self, shown: Mapping[str, Any], obtained_at: datetime) -> None:
        newer = _moment(shown.get(OBTAINED))
        if newer and newer > obtained_at:
            raise Superseded(
                f"Another run got new tokens at {to_iso(newer)}, and they are in {self.name}. This job has what was there when it "
                "started, and leaves them as they are.",
                "forbid simultaneous runs of the job template, and refresh with one template only.",
            )

    # What is written

    def _keep(self, holding: StoredTokens) -> None:
        """Let this job go on with what the credentials have now."""
        self._known = holding
        service_app, access_token = self._opened()
        self._warnings += tuple(self._given.replace(service_app.own, access_token.own))

    def _save_refresh_tokens(self, inputs: Inputs, holding: StoredTokens) -> None:
        changes = {
            name: new.refresh_token
            for holder, name in REFRESH_TOKENS.items()
            if (new := holding.of(holder)) and new.refresh_token != inputs.own.get(name, "")
        }
        app = holding.service_app
        if app and "refresh_token" in changes:
            changes |= {
                OBTAINED: to_iso(app.obtained_at) or "",
                REFRESH_EXPIRES: to_iso(app.refresh_token_expires_at) or "",
            }
        if changes:
            inputs.change(changes, self._check_of(holding), LONG)

    def _save_access_token(self, inputs: Inputs, holding: StoredTokens) -> None:
        app = holding.service_app
        if app and app.access_token and app.access_token != inputs.own.get("access_token"):
            changes = {"access_token": app.access_token, "expires_at": to_iso(app.expires_at) or ""}
            inputs.change(changes, lambda shown: None, LONG)

    def _note_what_is_public(self, inputs: Inputs, holding: StoredTokens) -> None:
        """Write what is known of the tokens and is no secret. They are saved already, so a failure is a warning."""
        app = holding.service_app
        if not app:
            return
        notes = {
            OBTAINED: to_iso(app.obtained_at) or "",
            REFRESH_EXPIRES: to_iso(app.refresh_token_expires_at) or "",
            ACCESS_EXPIRES: to_iso(app.expires_at) or "",
            "org_id": inputs.own.get("org_id") or app.org_id or "",
        }
        try:
            # All of them: the rehearsal of another run may just have put back what it has read before.
            if any(value != inputs.own.get(name, "") for name, value in notes.items()):
                inputs.change(notes, self._check_of(holding), BRIEF)
        except AwxError as error:
            self._warnings += (
                f"The tokens are saved, but not when they expire, so that the next run gets new ones: {error}",
            )

    def _check_of(self, holding: StoredTokens) -> Callable[[Mapping[str, Any]], None]:
        """Return what refuses to replace tokens that are newer than those of *holding*."""
        app = holding.service_app
        if app is None or app == self._known.service_app:
            return lambda shown: None
        return lambda shown: self._refuse_superseded(shown, app.obtained_at)


def _moment(text: Any) -> datetime | None:
    """Return the point in time that a field of a credential shows; None if it shows none."""
    try:
        return from_iso(text) if isinstance(text, str) and text else None
    except ValueError:
        return None
