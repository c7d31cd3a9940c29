# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every answer to a walk over all calls fits Cisco's OpenAPI descriptions, which are not part of the repository."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.loopback.running import ROOT
from tests.simulator.app import MODULES
from tests.simulator.web import ApiError, Routes

from .conftest import Answer, Ids, Webex
from .test_api import add, remove
from .test_features import settings
from .test_locations import HAMBURG
from .test_scim import create_in_bulk, statuses
from .test_scim import scim as scim_url
from .test_tokens import mint

FILES = ("openapi-subset.json", "openapi-provisioning.json")
SCOPES = ("guest-issuer:write",)
# Where the simulator goes beyond a schema, and why: the words in the schema that it breaks, and the property.
KNOWN = {
    ("/telephony/config/numbers", "enum", "includedTelephonyTypes"),  # Cisco's own example has MOBILE_NUMBER
    ("/telephony/config/numbers", "additionalProperties", "isReservedNumber"),  # seen by clients
    ("/telephony/config/locations", "type", "phoneNumber"),  # null in Cisco's own example
    # The schema of the request stands for the answer of a bulk, too, whose operations have what RFC 7644 says.
    ("/identity/scim/{orgId}/v2/Bulk", "required", "failOnErrors"),
    ("/identity/scim/{orgId}/v2/Bulk", "required", "operations"),
    ("/identity/scim/{orgId}/v2/Bulk", "required", "path"),
    ("/identity/scim/{orgId}/v2/Bulk", "additionalProperties", "Operations"),
    ("/identity/scim/{orgId}/v2/Bulk", "additionalProperties", "status"),
    ("/identity/scim/{orgId}/v2/Bulk", "additionalProperties", "location"),
    ("/identity/scim/{orgId}/v2/Bulk", "additionalProperties", "response"),
    ("/locations", "additionalProperties", "orgId"),  # the schema knows id and name only, the example all of these
    ("/locations", "additionalProperties", "timeZone"),
    ("/locations", "additionalProperties", "preferredLanguage"),
    ("/locations", "additionalProperties", "address"),
}


def folder() -> Path | None:
    """Where the descriptions are: in WEBEX_API_FACTS, or in ``shared/webex-api`` beside a folder above."""
    named = os.environ.get("WEBEX_API_FACTS")
    candidates = [Path(named)] if named else [parent / "shared" / "webex-api" for parent in ROOT.parents]
    return next((place for place in candidates if all((place / name).is_file() for name in FILES)), None)


def closed(schema: Any) -> Any:
    """The same schema, but fields that it does not name are not allowed: the simulator invents none."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: closed(value) for key, value in schema.items()}
    if schema.get("type") == "object" and isinstance(schema.get("properties"), dict):
        strict["additionalProperties"] = False
    return strict


@dataclass
class Description:
    """The OpenAPI files, and which of their calls were answered."""

    files: list[dict[str, Any]]
    seen: set[tuple[str, str]] = field(default_factory=set)

    def template(self, description: dict[str, Any], path: str) -> str | None:
        """The path of the description that fits; the one with the fewest parameters."""
        patterns = ((known, re.sub(r"{\w+}", "[^/]+", known)) for known in description["paths"])
        found = [known for known, pattern in patterns if re.fullmatch(pattern, path)]
        return min(found, key=lambda known: known.count("{"), default=None)

    def problems(self, method: str, path: str, answer: Answer) -> Iterator[str]:
        """What is wrong with an answer."""
        jsonschema = pytest.importorskip("jsonschema")
        for description in self.files:
            template = self.template(description, path)
            operation = description["paths"].get(template, {}).get(method.lower())
            if operation is None:
                continue
            self.seen.add((method, str(template)))
            response = operation["responses"].get(str(answer.status))
            if response is None and answer.status >= 400:
                continue
            if response is None:
                yield f"{method} {path}: {answer.status} is not described"
                continue
            schema = response.get("content", {}).get("application/json", {}).get("schema")
            if schema is None:
                if answer.text:
                    yield f"{method} {path}: a body"
                continue
            strict = {**closed(schema), "components": closed(description["components"])}
            for error in jsonschema.Draft202012Validator(strict).iter_errors(answer.body):
                if not {(str(template), str(error.validator), name) for name in culprits(error)} <= KNOWN:
                    yield f"{method} {path}: {error.json_path}: {error.message}"

    def simulated(self) -> set[tuple[str, str]]:
        """The calls of the descriptions that the simulator knows."""
        table = Routes()
        for module in MODULES:
            module.routes(table)
        known = set()
        for description in self.files:
            for template, operations in description["paths"].items():
                place = "" if template.startswith("/identity/scim/") else "/v1"
                for method in operations.keys() & {"get", "post", "put", "patch", "delete"}:
                    try:
                        table.find(method.upper(), f"{place}{template}")
                    except ApiError:
                        continue
                    known.add((method.upper(), template))
        return known


def culprits(error: Any) -> list[str]:
    """The names of the properties that an error is about."""
    if error.validator == "additionalProperties":
        return [name for name in error.instance if name not in error.schema["properties"]]
    if error.validator == "required":
        return [name for name in error.validator_value if name not in error.instance]
    return [str(error.absolute_path[-1])] if error.absolute_path else [""]


@dataclass
class Checked(Webex):
    """A client that compares every answer with the descriptions."""

    description: Description = field(default_factory=lambda: Description([]))
    wrong: list[str] = field(default_factory=list)

    def call(self, method: str, path: str, *arguments: Any, **options: Any) -> Answer:
        """One request."""
        answer = super().call(method, path, *arguments, **options)
        name = path.removeprefix(self.simulator.base_url).removeprefix(self.simulator.host_url).partition("?")[0]
        self.wrong += self.description.problems(method, name, answer)
        return answer


@pytest.fixture
def checked(admin: Webex) -> Checked:
    """A client that may do everything, and checks all that it is told; skipped without the descriptions."""
    place = folder()
    if place is None:
        pytest.skip(f"WEBEX_API_FACTS names no folder with {' and '.join(FILES)}")
    files = [json.loads((place / name).read_text()) for name in FILES]
    return Checked(admin.simulator, admin.access_token, Description(files))


def test_a_walk_over_all_calls_fits_the_descriptions(checked: Checked, ids: Ids) -> None:
    fill(checked)
    checked.simulator.configure(move_answer="spec")
    walk_people(checked, ids)
    walk_scim(checked)
    walk_licenses(checked, ids)
    walk_numbers(checked)
    walk_locations(checked)
    walk_devices(checked)
    walk_settings(checked)
    walk_moves(checked, ids)
    walk_webhooks(checked)
    walk_tokens(checked)
    assert checked.wrong == []
    assert checked.description.simulated() == checked.description.seen


def fill(checked: Checked) -> None:
    """Put into the org whatever has a form of its own."""
    simulator = checked.simulator
    simulator.change_person(
        "ivan@example.com",
        aliases=["i@example.com"],
        directory_numbers=["+4989100", {"type": "mobile", "value": "+49170"}, {"type": "fax", "value": "+49899"}],
    )
    simulator.add_numbers("Berlin", "+493055503001", type="ALTERNATE", owner={"email": "ivan@example.com"})
    simulator.add_numbers("Berlin", "+493055503002", owner={"type": "HUNT_GROUP", "name": "Sales"}, extension="7001")
    simulator.add_numbers("Berlin", owner={"type": "PLACE", "first_name": "Lobby"}, extension="7002")
    simulator.add_numbers("Berlin", "+493055503003", service=True, state="INACTIVE")
    simulator.add_numbers("Berlin", "+493055503004", reserved=True, toll_free=True, type="DNIS")
    simulator.add_numbers("London", "+442071839001", mobile=True, main=True)
    simulator.add_license("Screen Share", implicit=True, holders="everybody")


def walk_people(checked: Checked, ids: Ids) -> None:
    """Everything about people."""
    ivan = checked.person("ivan")["id"]
    judy = {"emails": ["judy@example.com"], "displayName": "Judy", "licenses": [ids.professional]}
    calling = {"locationId": ids.berlin, "extension": "2901"}
    checked.pages("/people", max=4)
    checked.get("/people", callingData="true", locationId=ids.berlin)
    checked.get("/people", id=f"{ivan},x")
    checked.get("/people/me")
    checked.get(f"/people/{ivan}")
    checked.get(f"/people/{ivan}", callingData="true")
    checked.call("PUT", f"/people/{ivan}", {"displayName": "I"})
    checked.call("PUT", f"/people/{ivan}", {"displayName": "I"}, minResponse="true")
    made = checked.call("POST", "/people", {**judy, **calling}, callingData="true")
    checked.call("DELETE", f"/people/{made.body['id']}")
    checked.call("POST", "/people", judy, minResponse="true")


def walk_scim(checked: Checked) -> None:
    """People created in bulk, and looked for."""
    assert statuses(create_in_bulk(checked, "kim@example.com", "ivan@example.com")) == ["201", "409"]
    checked.simulator.configure(scim_answer="example")
    assert create_in_bulk(checked, "lee@example.com").body["Operations"][0]["status"] == "201"
    found = checked.get(
        scim_url(checked, "Users"), filter='userName eq "kim@example.com" or userName eq "lee@example.com"'
    )
    assert [person["userName"] for person in found.body["Resources"]] == ["kim@example.com", "lee@example.com"]


def walk_licenses(checked: Checked, ids: Ids) -> None:
    """Everything about licenses and organizations."""
    assert checked.assign("alice", add(ids.professional, locationId=ids.berlin, extension="2902")).status == 200
    assert checked.assign("bob", add(ids.professional_full, locationId=ids.berlin, extension="2903")).status == 206
    assert checked.assign("alice", remove(ids.professional)).status == 200
    assert checked.assign("bob", add("unknown")).status == 400
    assert checked.assign("bob", add(ids.professional, locationId=ids.berlin, extension="2001")).status == 400
    site = {"siteUrl": "example.webex.com", "accountType": "attendee"}
    checked.call("PATCH", "/licenses/users", {"email": "bob@example.com", "siteUrls": [site]})
    checked.get("/licenses")
    checked.get(f"/licenses/{ids.messaging}")
    checked.pages(f"/licenses/{ids.messaging}", "users", includeAssignedTo="user", limit=4)
    checked.get("/organizations")
    checked.get("/partner/organizations", managedBy=checked.person("alice")["id"])
    checked.get(f"/organizations/{checked.simulator.credentials['org_id']}")


def walk_numbers(checked: Checked) -> None:
    """Locations, numbers and extensions."""
    checked.get("/locations")
    checked.get("/telephony/config/locations")
    shown = checked.pages("/telephony/config/numbers", "phoneNumbers", max=10)
    owners = {number["owner"]["type"] for page in shown for number in page if "owner" in number}
    assert owners == {"PEOPLE", "HUNT_GROUP", "PLACE"}


def walk_locations(checked: Checked) -> None:
    """A location from nothing to its numbers."""
    made = checked.call("POST", "/locations", HAMBURG)
    hamburg = {"id": made.body["id"], **HAMBURG}
    assert checked.call("POST", "/telephony/config/locations", hamburg).status == 201
    checked.simulator.change_location("Hamburg", pstn="LOCAL_GATEWAY")
    path, numbers = f"/telephony/config/locations/{made.body['id']}/numbers", {"phoneNumbers": ["+494055503001"]}
    assert checked.call("POST", path, {**numbers, "state": "INACTIVE", "numberType": "DID"}).status == 201
    assert checked.call("PUT", path, {**numbers, "action": "ACTIVATE"}).status == 204
    assert checked.call("DELETE", path, numbers).status == 204


def walk_devices(checked: Checked) -> None:
    """A telephone."""
    body = {"personId": checked.person("ivan")["id"], "model": "DMS Cisco 8865"}
    assert checked.call("POST", "/devices/activationCode", body).status == 200
    checked.simulator.add_device("ivan@example.com")
    assert len(checked.get("/devices").body["items"]) == 1


def walk_settings(checked: Checked) -> None:
    """What a user of calling has beside a license."""
    checked.simulator.add_numbers("Berlin", "+493055503005")
    ivan = checked.person("ivan")["id"]
    for path, body in settings(ivan).items():
        assert checked.call("PUT", path.format(ivan), body).status == 204, path
        checked.get(path.format(ivan))
    for path, body in (
        ("voicemail/passcode", {"passcode": "493827"}),
        ("numbers", {"phoneNumbers": [{"primary": False, "action": "ADD", "directNumber": "+493055503005"}]}),
    ):
        assert checked.call("PUT", f"/telephony/config/people/{ivan}/{path}", body).status == 204, path


def walk_moves(checked: Checked, ids: Ids) -> None:
    """A job that is checked, one that fails in part, and one that runs. The answer of wxc_sdk is in no description."""
    simulator, path = checked.simulator, "/telephony/config/jobs/person/moveLocation"
    people = [{"userId": checked.person("ivan")["id"]}]
    simulator.add_person("nora@example.com", licenses=["Webex Calling - Standard"], location="Berlin", extension="2904")
    both = [*people, {"userId": simulator.person("nora")["id"]}]
    simulator.configure(move_failures={"nora@example.com": "User is in an active hotdesking association."})
    for users, validate in ((people, True), (both, False)):
        entry = {"locationId": ids.london, "validate": validate, "users": users}
        assert checked.call("POST", path, {"usersList": [entry]}).status == (200 if validate else 201)
    simulator.configure(move_seconds=60)
    back = {"locationId": ids.berlin, "validate": False, "users": people}
    running = checked.call("POST", path, {"usersList": [back]}).body["response"]["id"]
    jobs = checked.get(path).body["items"]
    assert [job["latestExecutionExitCode"] for job in jobs] == ["UNKNOWN", "COMPLETED_WITH_ERRORS"]
    assert running == jobs[0]["id"]
    for job in jobs:
        checked.get(f"{path}/{job['id']}")
        checked.get(f"{path}/{job['id']}/errors")


def walk_webhooks(checked: Checked) -> None:
    """Everything about webhooks, which belong to an integration."""
    simulator, token = checked.simulator, checked.simulator.credentials["integration"]["access_token"]
    keeper = Checked(simulator, token, checked.description, checked.wrong)
    target = {"name": "Customers", "targetUrl": "http://127.0.0.1:9/"}
    for event in ("authorized", "deauthorized"):
        body = {**target, "resource": "serviceApp", "event": event, "filter": "id=x", "secret": "0" * 32}
        made = keeper.call("POST", "/webhooks", body)
    keeper.pages("/webhooks", max=1)
    path = f"/webhooks/{made.body['id']}"
    keeper.get(path)
    keeper.call("PUT", path, {**target, "status": "active"})
    keeper.call("DELETE", path)


def walk_tokens(checked: Checked) -> None:
    """Everything about tokens that is described."""
    simulator, description = checked.simulator, checked.description
    issuer = Checked(
        simulator, simulator.token(kind="service_app", scopes=list(SCOPES))["access_token"], description, checked.wrong
    )
    issuer.call("POST", "/guests/token", {"subject": "x", "displayName": "X"})
    simulator.configure(scope_in_answer=False)  # the description has no `scope` in the answer of a mint
    application = simulator.credentials["service_app"]["application_id"]
    for changes, status in (({}, 200), ({"clientSecret": ""}, 400), ({"targetOrgId": "x"}, 403)):
        minted = mint(checked, **changes)
        assert minted.status == status
        checked.wrong += description.problems("POST", f"/applications/{application}/token", minted)
    checked.get("/authorizations/tokenExpiry")
    grants = checked.get("/authorizations", personEmail="admin@example.com").body["items"]
    checked.call("DELETE", f"/authorizations/{grants[0]['id']}")
    client_id = simulator.credentials["service_app"]["client_id"]
    checked.call("DELETE", "/authorizations", clientId=client_id)


def test_an_answer_that_does_not_fit_is_found(checked: Checked) -> None:
    invented = Answer(200, checked.get("/licenses").headers, json.dumps({"items": [{"nmae": "x"}]}))
    assert any("nmae" in problem for problem in checked.description.problems("GET", "/licenses", invented))
    wrong = Answer(200, invented.headers, json.dumps({"phoneNumbers": [{"state": 1}]}))
    assert list(checked.description.problems("GET", "/telephony/config/numbers", wrong))
