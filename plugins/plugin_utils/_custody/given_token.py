# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An access token that the user gives: it is handed on as it is, without a client, a store or a refresh."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ...module_utils._client import WebexClient
from ...module_utils._credentials_file import read_credentials
from ...module_utils._errors import OptionError, Refused
from ...module_utils._identity import expiry, owner
from ...module_utils._ids import same_id
from ...module_utils._options import ACCESS_TOKEN_FILE, CREDENTIALS_FILE, OPTIONS
from ...module_utils._settings import Settings
from ...module_utils._time import to_iso
from .job import is_in_job
from .request import Outcome, Request
from .stores.base import NoStore, Store

(VARIABLE,) = OPTIONS["access_token"].environment
GIVE_ANOTHER = (
    "give a valid one, or leave it out: with client id, client secret and a refresh token or a store, the token of the "
    "service app is got and refreshed."
)
REFRESH_FIRST = (
    "launch the job that refreshes the token, which puts a valid one into the credential, and then this job again; what this job "
    "has is what was there when it started."
)


@dataclass(frozen=True)
class GivenToken:
    """A token that was given, and what Webex says of it; None is unknown. The secret stays out of its repr."""

    access_token: str = field(repr=False)
    expires_at: datetime | None = None
    org_id: str | None = None
    verified: bool = False
    warnings: tuple[str, ...] = ()

    def result(self, _store: Store) -> dict[str, Any]:
        """Return it as a task's result, whichever store the task names. It holds a secret: censor it."""
        return {
            **Outcome(None, verified=self.verified).result(NoStore()),
            "access_token": self.access_token,
            "org_id": self.org_id,
            "expires_at": to_iso(self.expires_at),
            "given": True,
        }


def is_given(options: Mapping[str, Any], settings: Settings) -> bool:
    """Tell whether a task with these *options* is to hand on the access token of its *settings*.

    One that the option names always; one of the credentials file or the environment unless a client secret says that the
    token of the service app is meant. None is if the task does not accept it, or forces a refresh.
    """
    if not options["accept_access_token"] or options["force"]:
        return False
    return bool(options["access_token"] or (settings.access_token and not settings.client_secret))


def hand_on(options: Mapping[str, Any], request: Request, now: datetime) -> GivenToken:
    """Return the given token, proven by requests that only read, in check mode too; not at all without ``verify``.

    Raises Refused if Webex does not accept it, OptionError if it belongs to another organization than ``org_id``.
    """
    settings = request.settings
    token = settings.access_token or ""
    if not request.verify:
        return GivenToken(token)
    with WebexClient(settings) as client:
        try:
            expires_at, me = _expiry(client), owner(client)
        except Refused as error:
            if error.status == 401:
                origin = _origin(options, token)
                error.problem = f"The access token that {origin} gives is refused: {error.problem}"
                error.remedy = REFRESH_FIRST if is_in_job() and ACCESS_TOKEN_FILE in origin else GIVE_ANOTHER
            raise
    org_id = (me or {}).get("orgId")
    if settings.org_id and org_id and not same_id(org_id, settings.org_id):
        wrong = f"the access token that {_origin(options, token)} gives belongs to the organization {org_id}."
        raise OptionError("org_id", wrong, "give a token of the organization that `org_id` names, or correct `org_id`.")
    warnings: tuple[str, ...] = ()
    if expires_at and expires_at - now < request.min_validity:
        until = f"The access token that {_origin(options, token)} gives is valid until {to_iso(expires_at)}"
        warnings = (f"{until}, which is sooner than min_validity asks for, and it cannot be refreshed.",)
    return GivenToken(token, expires_at, org_id, verified=True, warnings=warnings)


def _expiry(client: WebexClient) -> datetime | None:
    try:
        return expiry(client)
    except Refused as error:
        if error.status == 401:
            raise
        return None


def _origin(options: Mapping[str, Any], token: str) -> str:
    if options["access_token"]:
        return "the option `access_token`"
    if os.environ.get(VARIABLE, "").strip() == token:
        return f"the environment variable {VARIABLE}"
    is_in_credentials = bool(read_credentials(CREDENTIALS_FILE, os.environ).get("access_token"))
    return f"the file that {CREDENTIALS_FILE if is_in_credentials else ACCESS_TOKEN_FILE} names"
