# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of AWX and Ansible Automation Platform: where their API is, who asks, and credentials.

Addresses in answers are followed, and none but lists are composed, since the path of the API differs between versions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from .awx_connection import CHECK_ADDRESS, GIVE_ROLE, Access, AwxError, Connection

# Behind the gateway of Ansible Automation Platform 2.5 and newer, and of AWX itself. An AWX that serves both is content with either.
PREFIXES = ("/api/controller/v2/", "/api/v2/")
MAKE_TOKEN = (
    "log in to AWX as the user of the refresh job, make a token there (its own page, Tokens, scope Write), and put it into the "
    "credential; a token that an administrator makes for that user belongs to the administrator. Or use the user's name and password."
)


class AwxApi:
    """A controller. Every method raises AwxError."""

    def __init__(self, access: Access) -> None:
        """Take the *access*; raises OptionError if the certificates cannot be read. Sends nothing."""
        self._access = access
        self._connection = Connection(access)
        self._prefix: str | None = None

    def hide(self, secrets: Iterable[str]) -> None:
        """Keep *secrets* out of the messages of errors."""
        self._connection.scrub.add(secrets)

    def connect(self) -> None:
        """Find the API, and refuse a user who may do everything."""
        if self._prefix is None:
            self._prefix = self._find_prefix()
            self._refuse_administrator()

    def find(self, name: str, organization: str | None) -> str:
        """Return the address of the credential called *name*, which is the only one (in *organization*, if it is named)."""
        filters = {"name": name}
        if organization:
            filters["organization"] = str(self._only("organizations", {"name": organization}).get("id"))
        url = self._only("credentials", filters).get("url")
        if not isinstance(url, str) or not url:
            raise self._connection.nonsense("GET", self._list_path("credentials"), "the credential has no url")
        return url

    def inputs(self, url: str) -> dict[str, Any]:
        """Return the inputs of the credential at *url*, whose secrets read ``$encrypted$``."""
        inputs = self._connection.ask("GET", url).get("inputs")
        if not isinstance(inputs, dict):
            raise self._connection.nonsense("GET", url, "there are no inputs in it")
        return inputs

    def replace_inputs(self, url: str, inputs: Mapping[str, Any]) -> None:
        """Put *inputs* in the place of all that the credential at *url* has; ``$encrypted$`` keeps a secret that is stored."""
        self._connection.ask("PATCH", url, {"inputs": inputs})

    def _find_prefix(self) -> str:
        if self._access.prefix:
            return self._access.prefix
        pings = [f"{prefix}ping/" for prefix in PREFIXES]
        for prefix, ping in zip(PREFIXES, pings, strict=True):
            try:
                self._connection.ask("GET", ping, authorized=False)
            except AwxError as error:
                # What is not there is answered with 404, or with a page that has another status.
                if error.status not in (200, 404):
                    raise
            else:
                return prefix
        raise AwxError(
            f"{self._access.url} has no API of a controller: neither {' nor '.join(pings)} is there.",
            f"{CHECK_ADDRESS[:-1]}; if its API has another path, set api_prefix.",
        )

    def _refuse_administrator(self) -> None:
        user = self._first("me", {})
        if user.get("is_superuser") is True:
            name = self._connection.scrub(str(user.get("username")))
            kind = "token" if self._access.token else "login"
            raise AwxError(
                f"{self._access.url} says that the {kind} of this job belongs to {name}, who is an administrator: whoever can "
                "change the job could do everything with it. Nothing was sent to Webex.",
                MAKE_TOKEN if self._access.token else "use a user who may write the two credentials and nothing else.",
            )

    def _only(self, kind: str, filters: Mapping[str, str]) -> dict[str, Any]:
        """Return the one object of a list that has the name in *filters*."""
        named = [item for item in self._list(kind, filters) if item.get("name") == filters["name"]]
        if len(named) == 1:
            return named[0]
        singular = kind.removesuffix("s")
        if named:
            raise AwxError(
                f"{self._access.url} has {len(named)} {kind} with the name {filters['name']!r}.",
                "name the organization of the credentials in store.organization, or rename one of them.",
            )
        raise AwxError(
            f"{self._access.url} shows this user no {singular} with the name {filters['name']!r}.",
            f"correct the name in the option store; if it is right, {GIVE_ROLE}",
        )

    def _first(self, kind: str, filters: Mapping[str, str]) -> dict[str, Any]:
        items = self._list(kind, filters)
        if not items:
            raise self._connection.nonsense("GET", self._list_path(kind), "the list is empty")
        return items[0]

    def _list(self, kind: str, filters: Mapping[str, str]) -> list[dict[str, Any]]:
        path = self._list_path(kind)
        results = self._connection.ask("GET", f"{path}?{urlencode(filters)}" if filters else path).get("results")
        if not isinstance(results, list) or not all(isinstance(item, dict) for item in results):
            raise self._connection.nonsense("GET", path, "there is no list of results in it")
        return results

    def _list_path(self, kind: str) -> str:
        return f"{self._prefix}{kind}/"
