# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One controller for all tests, fresh for each; and a plain HTTP client."""

from __future__ import annotations

import base64
import json
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

# pytest takes `controller_server` for the top of the tree, and there is more above it that the server needs.
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.controller_server.process import Controller
from tests.loopback import answer as loopback

INPUTS = {
    "fields": [
        {"id": "client_id", "label": "Client ID"},
        {"id": "client_secret", "label": "Client secret", "secret": True},
        {"id": "refresh_token", "label": "Refresh token", "secret": True},
        {"id": "obtained_at", "label": "Obtained at"},
        {"id": "validate", "label": "Validate", "type": "boolean"},
        {"id": "region", "label": "Region", "choices": ["global", "eu"]},
    ],
    "required": ["client_id", "refresh_token"],
}
INJECTORS = {
    "file": {"template": "{{ client_id }} {{ refresh_token | default('') | tojson }} {{ validate }}"},
    "extra_vars": {"webex_file": "{{ tower.filename }}"},
}
SECRET, TOKEN = "the-secret-of-the-client", "the-refresh-token-of-the-app"


class Answer(loopback.Answer):
    """What came back, and what is in it."""

    @property
    def said(self) -> tuple[int, Any]:
        """The status and the body."""
        return self.status, self.body


@dataclass
class Client:
    """The controller as one user sees it, without a library."""

    awx: Controller
    authorization: str | None
    root: str = "/api/v2/"

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Answer:
        """One request; a path that begins with a slash is a whole one, others are below the root."""
        url = self.awx.url + (path if path.startswith("/") else self.root + path)
        url += "?" + urlencode(query, doseq=True) if query else ""
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if self.authorization:
            headers["Authorization"] = self.authorization
        request = urllib.request.Request(url, data, headers, method=method)
        return Answer.to(request)

    def get(self, path: str, **query: Any) -> Answer:
        """GET."""
        return self.call("GET", path, **query)

    def post(self, path: str, **body: Any) -> Answer:
        """POST."""
        return self.call("POST", path, body)

    def patch(self, path: str, **body: Any) -> Answer:
        """PATCH."""
        return self.call("PATCH", path, body)

    def delete(self, path: str) -> Answer:
        """DELETE."""
        return self.call("DELETE", path)

    def find(self, path: str, name: str) -> dict[str, Any]:
        """The one thing of this name."""
        field = {"users": "username"}.get(path, "name")
        (found,) = self.get(f"{path}/", **{field: name}).body["results"]
        return dict(found)

    def names(self, path: str, **query: Any) -> list[str]:
        """The names in a list."""
        return [thing.get("name", thing.get("username")) for thing in self.get(path, **query).body["results"]]

    def as_user(self, authorization: str | None) -> Client:
        """The same controller, as another user sees it."""
        return replace(self, authorization=authorization)


def bearer(token: str) -> str:
    """The header with a token."""
    return f"Bearer {token}"


def basic(username: str, password: str) -> str:
    """The header with a password."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


@pytest.fixture(scope="session")
def running() -> Iterator[Controller]:
    """One process for all tests."""
    with Controller() as controller:
        yield controller


@pytest.fixture
def awx(running: Controller) -> Controller:
    """A fresh controller, with an organization that has a credential of a type of its own."""
    running.reset()
    running.add("organizations", "Webex")
    running.add("credential_types", "Webex Service App", inputs=INPUTS, injectors=INJECTORS)
    stored = {"client_id": "C1", "client_secret": SECRET, "refresh_token": TOKEN}
    running.add("credentials", "App", organization="Webex", credential_type="Webex Service App", inputs=stored)
    running.clear_journal()
    return running


@pytest.fixture
def admin(awx: Controller) -> Client:
    """The superuser."""
    return Client(awx, bearer(awx.admin_token))


@pytest.fixture
def member(awx: Controller, admin: Client) -> Client:
    """A member of the organization, without a role on anything."""
    return admin.as_user(bearer(awx.add_user("refresher", organization="Webex")["token"]))


@pytest.fixture
def owner(awx: Controller, admin: Client) -> Client:
    """An administrator of the organization."""
    return admin.as_user(bearer(awx.add_user("owner", organization="Webex", admin=True)["token"]))
