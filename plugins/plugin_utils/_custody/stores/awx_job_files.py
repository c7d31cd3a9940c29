# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that the two credentials of Webex have put into this job of AWX: what was in them when it started."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from ....module_utils._credentials_file import read_credentials
from ....module_utils._oauth import TokenSet
from ....module_utils._options import ACCESS_TOKEN_FILE, CREDENTIALS_FILE, SECRETS
from ....module_utils._time import to_iso
from ..files import replace_privately
from ..stored_tokens import StoredTokens
from .base import StoreError

OBTAINED, REFRESH_EXPIRES, ACCESS_EXPIRES = (
    "refresh_token_obtained_at",
    "refresh_token_expires_at",
    "access_token_expires_at",
)
# Where the refresh token of each holder is.
REFRESH_TOKENS = {"service_app": "refresh_token", "integration": "integration_refresh_token"}
# Of tokens that somebody has put in by hand.
UNKNOWN = datetime(1970, 1, 1, tzinfo=timezone.utc)


class JobFiles:
    """What this job was given by *Webex Service App* and by *Webex Access Token*, of which it may lack the second."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Take the variables that name the files. Reads nothing."""
        self._environ = environ
        self.service_app: dict[str, Any] = {}
        self.access_token: dict[str, Any] = {}

    def read(self) -> StoredTokens:
        """Return the tokens in the files. Raises StoreError, and OptionError for files that cannot be read."""
        if not self._environ.get(CREDENTIALS_FILE):
            raise StoreError(
                "This job has no credential of the type `Webex Service App`, from which the store awx_credential reads.",
                f"attach one to the job; it sets {CREDENTIALS_FILE}.",
            )
        self.service_app = read_credentials(CREDENTIALS_FILE, self._environ)
        self.access_token = read_credentials(ACCESS_TOKEN_FILE, self._environ)
        try:
            return StoredTokens(self._app(), self._integration())
        except ValueError as flaw:
            raise StoreError(
                f"What this job was given by its credentials cannot be used: {flaw}.", "correct the credential in AWX."
            ) from None

    @property
    def has_access_token(self) -> bool:
        """Tell whether this job was given *Webex Access Token*."""
        return bool(self._environ.get(ACCESS_TOKEN_FILE))

    def secrets(self) -> list[str]:
        """Return what must not be shown."""
        values = {**self.service_app, **self.access_token}
        return [values[name] for name in SECRETS if values.get(name)]

    def replace(self, service_app: Mapping[str, Any], access_token: Mapping[str, Any]) -> Iterator[str]:
        """Put the new inputs of both into the files, for the tasks that follow in this job: AWX gives them to the next job only.

        Yields a warning for each file that cannot be written.
        """
        for variable, inputs in ((CREDENTIALS_FILE, service_app), (ACCESS_TOKEN_FILE, access_token)):
            path = self._environ.get(variable)
            try:
                if path:
                    replace_privately(os.path.expanduser(path), json.dumps(inputs, indent=2).encode() + b"\n")
            except OSError as error:
                yield (
                    f"The file of this job that {variable} names cannot be written ({error.strerror}): tasks that follow in this "
                    "job find the old tokens there."
                )

    def _app(self) -> TokenSet | None:
        given, token = self.service_app, self.access_token
        access_token, refresh_token = token.get("access_token", ""), given.get("refresh_token", "")
        if not access_token and not refresh_token:
            return None
        return TokenSet(
            access_token=access_token,
            refresh_token=refresh_token,
            client_id=given.get("client_id", ""),
            org_id=given.get("org_id"),
            obtained_at=given.get(OBTAINED) or UNKNOWN,
            expires_at=token.get("expires_at") if self.has_access_token else given.get(ACCESS_EXPIRES),
            refresh_token_expires_at=given.get(REFRESH_EXPIRES),
        )

    def _integration(self) -> TokenSet | None:
        """Return what is kept of the integration: nothing but its refresh token."""
        given = self.service_app
        if not given.get("integration_refresh_token"):
            return None
        return TokenSet(
            access_token="",
            refresh_token=given["integration_refresh_token"],
            client_id=given.get("integration_client_id", ""),
            obtained_at=UNKNOWN,
        )


def as_inputs(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a file of credentials holds as AWX keeps it."""
    return {name: to_iso(value) if isinstance(value, datetime) else value for name, value in values.items()}
