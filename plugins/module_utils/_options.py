# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of what is needed to talk to Webex: each setting once, with every way to give it.

Argument specifications, environment variables and files with credentials follow from it. The doc fragments `connection`
and `client` say the same in words, and a test compares them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# The variables that name files with credentials: that of a service app, and that of an access token.
CREDENTIALS_FILE = "WEBEX_CREDENTIALS_FILE"
ACCESS_TOKEN_FILE = "WEBEX_ACCESS_TOKEN_FILE"
_SERVICE_APP, _BOTH = (CREDENTIALS_FILE,), (CREDENTIALS_FILE, ACCESS_TOKEN_FILE)


@dataclass(frozen=True)
class Option:
    """How a setting can be given.

    ``type`` and ``default`` are those of the option in Ansible, ``environment`` has the variables, of which the first that
    is set counts, and ``files`` has the variables of the files that may hold it. ``no_log``: it is a secret, or may hold one.
    """

    type: str = "str"
    environment: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    no_log: bool = False
    default: float | None = None

    @property
    def spec(self) -> dict[str, Any]:
        """The entry in an argument specification."""
        default = {} if self.default is None else {"default": self.default}
        return {"type": self.type, **default, **({"no_log": True} if self.no_log else {})}


# The SERVICE_APP_* names are those of wxc_sdk: its users need not rename anything.
OPTIONS: dict[str, Option] = {
    "access_token": Option(environment=("WEBEX_ACCESS_TOKEN",), files=_BOTH, no_log=True),
    "client_id": Option(environment=("WEBEX_CLIENT_ID", "SERVICE_APP_CLIENT_ID"), files=_SERVICE_APP),
    "client_secret": Option(
        environment=("WEBEX_CLIENT_SECRET", "SERVICE_APP_CLIENT_SECRET"), files=_SERVICE_APP, no_log=True
    ),
    "refresh_token": Option(
        environment=("WEBEX_REFRESH_TOKEN", "SERVICE_APP_REFRESH_TOKEN"), files=_SERVICE_APP, no_log=True
    ),
    "integration_client_id": Option(environment=("WEBEX_INTEGRATION_CLIENT_ID",), files=_SERVICE_APP),
    "integration_client_secret": Option(
        environment=("WEBEX_INTEGRATION_CLIENT_SECRET",), files=_SERVICE_APP, no_log=True
    ),
    "integration_refresh_token": Option(
        environment=("WEBEX_INTEGRATION_REFRESH_TOKEN",), files=_SERVICE_APP, no_log=True
    ),
    "base_url": Option(environment=("WEBEX_BASE_URL",), files=_BOTH),
    "org_id": Option(environment=("WEBEX_ORG_ID",), files=_SERVICE_APP),
    # No default, which would win over the files with credentials.
    "validate_certs": Option("bool", files=_BOTH),
    "ca_path": Option("path", files=_BOTH),
    # It may have a password in it, which -vvv would show among the arguments.
    "proxy": Option(files=_BOTH, no_log=True),
    "timeout": Option("float", default=30),
}
# What is a secret as a whole.
SECRETS = tuple(name for name, option in OPTIONS.items() if option.no_log and name != "proxy")
# What else the files may hold: until when their tokens are valid.
_MOMENTS = {
    CREDENTIALS_FILE: ("refresh_token_obtained_at", "refresh_token_expires_at", "access_token_expires_at"),
    ACCESS_TOKEN_FILE: ("expires_at",),
}


def spec_of(names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the argument specification of the options *names*."""
    return {name: OPTIONS[name].spec for name in names}


# What every module has but the one that gets the token; the server alone; and the credentials of a service app.
SERVER = ("base_url", "validate_certs", "ca_path", "proxy", "timeout")
CONNECTION_SPEC = spec_of(("access_token", "org_id", *SERVER))
CLIENT_SPEC = spec_of(("client_id", "client_secret", "refresh_token"))
# An integration has its own, which are suboptions.
INTEGRATION = "integration_"
INTEGRATION_SPEC = {
    name[len(INTEGRATION) :]: option.spec for name, option in OPTIONS.items() if name.startswith(INTEGRATION)
}


def keys_of(variable: str) -> dict[str, type]:
    """Return what the file that *variable* names may hold, and of which type."""
    settings = {name: option.type for name, option in OPTIONS.items() if variable in option.files}
    return {
        **{name: bool if kind == "bool" else str for name, kind in settings.items()},
        **dict.fromkeys(_MOMENTS[variable], datetime),
    }
