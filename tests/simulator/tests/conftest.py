# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One simulator for all tests, fresh for each; and a plain HTTP client."""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

# pytest takes `simulator` for the top of the tree, and there is more above it that the simulator needs.
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.loopback import answer as loopback
from tests.simulator.process import Simulator


class Answer(loopback.Answer):
    """What came back, and what is in it."""

    @property
    def description(self) -> str:
        """The first description of a Webex error."""
        return str(self.body["errors"][0]["description"])

    @property
    def code(self) -> int | str | None:
        """The first errorCode of a Webex error."""
        code: int | str | None = self.body["errors"][0].get("errorCode")
        return code

    @property
    def next(self) -> str | None:
        """The URL of the next page."""
        link = self.headers.get("Link")
        return link[1 : link.index(">")] if link else None


@dataclass
class Webex:
    """The simulator as one client of Webex sees it: with one token."""

    simulator: Simulator
    access_token: str | None

    def call(
        self, method: str, path: str, body: Any = None, form: dict[str, str] | None = None, **query: Any
    ) -> Answer:
        """One request; `path` can be a whole URL."""
        url = path if path.startswith("http") else self.simulator.base_url + path
        url += "?" + urlencode(query) if query else ""
        data, headers = None, {}
        if body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        if form is not None:
            data, headers["Content-Type"] = urlencode(form).encode(), "application/x-www-form-urlencoded"
        if self.access_token:
            headers["Authorization"] = f"Bearer {self.access_token}"
        request = urllib.request.Request(url, data, headers, method=method)
        return Answer.to(request)

    def get(self, path: str, **query: Any) -> Answer:
        """GET."""
        return self.call("GET", path, **query)

    def pages(self, path: str, key: str = "items", **query: Any) -> list[list[Any]]:
        """The items of every page."""
        answer = self.get(path, **query)
        found = [answer.body[key]]
        while answer.next:
            answer = self.get(answer.next)
            found.append(answer.body[key])
        return found

    def person(self, name: str) -> dict[str, Any]:
        """A person of the default org, with calling data."""
        found: dict[str, Any] = self.get("/people", email=f"{name}@example.com", callingData="true").body["items"][0]
        return found

    def person_by_id(self, name: str) -> dict[str, Any]:
        """The same by GET /people/{id}, with calling data."""
        key = self.simulator.person(f"{name}@example.com")["id"]
        found: dict[str, Any] = self.get(f"/people/{key}", callingData="true").body
        return found

    def put(self, name: str, **body: Any) -> Answer:
        """PUT /people/{id}, with calling data; the name is sent if the test does not say another one."""
        person = self.simulator.person(f"{name}@example.com")
        body.setdefault("displayName", person["display_name"])
        return self.call("PUT", f"/people/{person['id']}", body, callingData="true")

    def numbers(self, **query: Any) -> list[dict[str, Any]]:
        """GET /telephony/config/numbers."""
        found: list[dict[str, Any]] = self.get("/telephony/config/numbers", **query).body["phoneNumbers"]
        return found

    def holders(self, license: str) -> list[str]:
        """The addresses of those who have a license."""
        users = self.get(f"/licenses/{license}", includeAssignedTo="user").body["users"]
        return [user["email"] for user in users]

    def assign(self, name: str, *licenses: dict[str, Any]) -> Answer:
        """PATCH /licenses/users."""
        return self.call("PATCH", "/licenses/users", {"email": f"{name}@example.com", "licenses": list(licenses)})

    def refresh(self, which: str = "service_app", **changes: str) -> Answer:
        """POST /access_token."""
        given = self.simulator.credentials[which]
        form = {
            "grant_type": "refresh_token",
            **{name: given[name] for name in ("client_id", "client_secret", "refresh_token")},
            **changes,
        }
        return Webex(self.simulator, None).call("POST", "/access_token", form=form)


@dataclass
class Ids:
    """Ids of the default org, by name."""

    professional: str  # of Sub-2, which has free units
    professional_full: str  # of Sub-1
    standard: str
    messaging: str
    berlin: str
    london: str
    warehouse: str


@pytest.fixture(scope="session")
def running() -> Iterator[Simulator]:
    """One process for all tests."""
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def simulator(running: Simulator) -> Simulator:
    """A fresh state."""
    running.reset()
    return running


@pytest.fixture
def webex(simulator: Simulator) -> Webex:
    """The default service app."""
    return Webex(simulator, simulator.credentials["service_app"]["access_token"])


@pytest.fixture
def admin(simulator: Simulator) -> Webex:
    """A personal access token, which may do everything."""
    return Webex(simulator, simulator.credentials["personal_access_token"]["access_token"])


@pytest.fixture
def ids(simulator: Simulator) -> Ids:
    """The ids that most tests need."""
    state = simulator.state()
    licenses = {(item["name"], item["subscription"]): item["id"] for item in state["licenses"]}
    places = {item["name"]: item["id"] for item in state["locations"]}
    return Ids(
        professional=licenses["Webex Calling - Professional", "Sub-2"],
        professional_full=licenses["Webex Calling - Professional", "Sub-1"],
        standard=licenses["Webex Calling - Standard", "Sub-2"],
        messaging=licenses["Messaging - Advanced", "Sub-1"],
        berlin=places["Berlin"],
        london=places["London"],
        warehouse=places["Warehouse"],
    )
