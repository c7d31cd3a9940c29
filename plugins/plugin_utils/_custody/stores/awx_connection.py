# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request to AWX or Ansible Automation Platform, which is sent once and ends in time. Whatever is answered is an AwxError in words."""

from __future__ import annotations

import base64
import contextlib
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from ....module_utils._answers import parse_json, phrase_of
from ....module_utils._network import reason_of, route_to_webex
from ....module_utils._retry import PASSING_FAILURES
from ....module_utils._scrub import Scrubber
from ....module_utils._settings import Settings, proxy_secrets
from ....module_utils._transport import Adapter, NotConnected, UselessBody, failures, is_never_sent, read_body
from .base import StoreError

with contextlib.suppress(ImportError):  # check_packages() says so
    import requests
    import urllib3

# In bytes. One credential is some kilobytes.
LARGEST_ANSWER = 4 * 1024 * 1024
MOST_REASONS = 10
CHECK_ADDRESS = (
    "check the host in the credential `Webex: AWX access` (or store.url), its certificates, and the network."
)
CHECK_LOGIN = (
    "check the token, or user name and password, in the credential `Webex: AWX access`; newer AWX takes no tokens, and Ansible "
    "Automation Platform 2.5 and newer takes those of its gateway."
)
GIVE_ROLE = "make the user a member of the credential's organization, with the role Admin on the two credentials."
BY_STATUS = {
    400: "compare the type of the credential with the one that this collection ships; one that was made by hand may lack a field.",
    401: CHECK_LOGIN,
    403: f"{GIVE_ROLE[:-1]}; a token needs the scope Write.",
    404: GIVE_ROLE,
}


class AwxError(StoreError):
    """The controller did not do what was asked. ``passing``: it may do it a little later; ``status``: its answer, if any."""

    def __init__(self, message: str, remedy: str, *, status: int | None = None, passing: bool = False) -> None:
        super().__init__(message, remedy)
        self.status = status
        self.passing = passing


@dataclass(frozen=True)
class Access:
    """How a controller is reached; a token comes before a user name. Secrets stay out of its repr."""

    url: str
    token: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    validate_certs: bool = True
    ca_cert: str | None = None
    prefix: str | None = None
    timeout: float = 30.0

    @property
    def authorization(self) -> str:
        """The header that says who asks."""
        return f"Bearer {self.token}" if self.token else f"Basic {self._basic}"

    def secrets(self) -> list[str]:
        """Return what must not be shown."""
        return [self.token] if self.token else [secret for secret in (self.password, self._basic) if secret]

    @property
    def _basic(self) -> str:
        return base64.b64encode(f"{self.username}:{self.password}".encode()).decode()


class Connection:
    """The way to a controller. *scrub* takes secrets out of texts; what is added to it is in no error."""

    def __init__(self, access: Access) -> None:
        """Take the *access*; raises OptionError if the certificates cannot be read. Sends nothing."""
        self._access = access
        settings = Settings(base_url=access.url, validate_certs=access.validate_certs, ca_path=access.ca_cert)
        self._route = route_to_webex(settings, "store.ca_cert")
        self.scrub = Scrubber([*access.secrets(), *proxy_secrets(*self._route.proxies.values())])
        self._ends = 0.0
        self._adapter = Adapter(lambda: self._ends - time.monotonic(), 1)
        if not access.validate_certs:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def ask(self, method: str, path: str, body: Any = None, authorized: bool = True) -> dict[str, Any]:
        """Return the object that answers a request to a *path*, or to an address of this controller. Raises AwxError."""
        url = self._same_origin(path)
        request = f"{method} {urlsplit(url).path}"
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "collabops.webex"}
        if authorized:
            headers["Authorization"] = self._access.authorization
        if body is not None:
            headers["Content-Type"] = "application/json"
        timeout = self._access.timeout
        self._ends = time.monotonic() + timeout
        try:
            response = self._adapter.send(
                requests.Request(method, url, headers, data=None if body is None else json.dumps(body)).prepare(),
                stream=True,
                timeout=(timeout, timeout),
                verify=self._route.verify,
                proxies=self._route.proxies,
            )
            content = read_body(response, LARGEST_ANSWER)
        except UselessBody as flaw:
            raise self.nonsense(method, path, f"it is {flaw}") from None
        except NotConnected as error:
            raise self._no_answer(request, error.__cause__ or error, passing=True) from None
        except failures() as error:
            raise self._no_answer(request, error, passing=not is_never_sent(error)) from None
        if response.is_redirect:
            raise self._error(
                f"{request} to {self._access.url} was answered with a redirect, which is not followed.",
                "name the address that the redirect leads to; it is shown by a browser.",
                status=response.status_code,
            )
        return self._data_of(response, content, method, path)

    def _data_of(self, response: requests.Response, content: bytes, method: str, path: str) -> dict[str, Any]:
        try:
            data = parse_json(content)
        except ValueError:
            data = None
        status = response.status_code
        if status >= 300:
            reasons = _reasons(data) or phrase_of(status, response.headers)
            raise self._error(
                f"{method} {urlsplit(path).path} to {self._access.url} was answered with {status}: {reasons.rstrip('.')}.",
                BY_STATUS.get(status, "look into the log of the controller; then run again."),
                status=status,
                passing=status in PASSING_FAILURES,
            )
        if not isinstance(data, dict):
            raise self.nonsense(method, path, "it is no JSON object", status)
        return data

    def _same_origin(self, path: str) -> str:
        """Return the URL of *path*, which an answer may have named: a secret goes to no other host."""
        base = self._access.url
        try:
            url = urljoin(f"{base}/", path)
            is_same = urlsplit(url)[:2] == urlsplit(base)[:2]
        except ValueError:
            is_same = False
        if not is_same:
            raise self._error(
                f"{base} names an address on another host in its answer; nothing was sent there.", CHECK_ADDRESS
            )
        return url

    def _no_answer(self, request: str, cause: BaseException, passing: bool) -> AwxError:
        return self._error(
            f"{request} to {self._access.url}: no answer ({reason_of(cause)}).", CHECK_ADDRESS, passing=passing
        )

    def nonsense(self, method: str, path: str, flaw: str, status: int = 200) -> AwxError:
        """Return the error for an answer with a *flaw* that none of a controller has."""
        return self._error(
            f"{method} {urlsplit(path).path} to {self._access.url}: the answer is not that of a controller ({flaw}).",
            f"{CHECK_ADDRESS[:-1]}: a gateway in between may have answered.",
            status=status,
            passing=True,
        )

    def _error(self, message: str, remedy: str, *, status: int | None = None, passing: bool = False) -> AwxError:
        """Return the error whose *message* may hold texts of the controller."""
        return AwxError(self.scrub(message), remedy, status=status, passing=passing)


def _reasons(data: Any) -> str:
    """Return what the controller says of an error: ``detail``, or texts by field."""
    if not isinstance(data, dict):
        return ""
    texts: list[str] = []
    for name, value in data.items():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and text:
                texts.append(text if name in ("detail", "error", "__all__") else f"{name}: {text}")
    return "; ".join(texts[:MOST_REASONS])
