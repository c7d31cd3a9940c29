# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Organizations for the tests of the calling engine: one that is given as plain data, and the simulator's."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ansible_collections.collabops.webex.plugins.module_utils._calling.bulk_plan import Work, plan_all, read_and_plan
from ansible_collections.collabops.webex.plugins.module_utils._calling.bulk_read import BulkOrganization
from ansible_collections.collabops.webex.plugins.module_utils._calling.bulk_write import carry_out
from ansible_collections.collabops.webex.plugins.module_utils._calling.inventory import Entry
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import License, Location, Wanted
from ansible_collections.collabops.webex.plugins.module_utils._calling.organization import Organization
from ansible_collections.collabops.webex.plugins.module_utils._calling.plan import Rules
from ansible_collections.collabops.webex.plugins.module_utils._calling.result import Result
from ansible_collections.collabops.webex.plugins.module_utils._calling.steps import Way
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._ids import same_id
from ansible_collections.collabops.webex.plugins.module_utils._patience import Patience
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.module_utils._throttle import Throttle
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import Clock, asked

Json = dict[str, t.Any]

PROFESSIONAL = License("professional-1", "Webex Calling - Professional", "Sub-1", 10, 2)
SECOND_PROFESSIONAL = License("professional-2", "Webex Calling - Professional", "Sub-2", 5, 1)
STANDARD = License("standard-1", "Webex Calling - Standard", "Sub-1", 10, 1)
UNTOLD_TIER = License("calling-1", "Webex Calling", "Sub-3", 10, 0)
WORKSPACES = License("workspaces-1", "Webex Calling - Workspaces", "Sub-1", 10, 0)
MESSAGING = License("messaging-1", "Messaging - Advanced", "Sub-1", 10, 0)
LICENSES = (PROFESSIONAL, SECOND_PROFESSIONAL, STANDARD, UNTOLD_TIER, WORKSPACES, MESSAGING)

BERLIN = Location("berlin-1", "Berlin", "8030")
LONDON = Location("london-1", "London", "8044")
WAREHOUSE = Location("warehouse-1", "Warehouse")


def person(
    name: str,
    *licenses: License,
    place: Location | None = None,
    extension: str | None = None,
    number: str | None = None,
    **more: t.Any,
) -> Json:
    """A person as Webex says it, with calling data if there is a place."""
    body: Json = {
        "id": name,
        "emails": [f"{name}@example.com"],
        "displayName": f"{name.title()} Example",
        "licenses": [license_.id for license_ in licenses],
    }
    if place:
        numbers: list[Json] = []
        if number:
            numbers.append({"type": "work", "value": number, "primary": True})
        if extension:
            numbers.append({"type": "work_extension", "value": place.routing_prefix + extension})
            body["extension"] = extension
        body |= {"locationId": place.id, "phoneNumbers": numbers}
    return {**body, **more}


def entry(
    number: str | None = None,
    extension: str | None = None,
    place: Location | None = BERLIN,
    owner: str | None = None,
    **more: t.Any,
) -> Json:
    """An item of the inventory as Webex says it; *owner* is the name of a person."""
    item: Json = {"state": "ACTIVE"}
    if number:
        item |= {"phoneNumber": number, "phoneNumberType": "PRIMARY"}
    if extension:
        item["extension"] = extension
    if place:
        item["location"] = {"id": place.id, "name": place.name}
    if owner:
        item["owner"] = {"id": owner, "type": "PEOPLE", "firstName": owner.title(), "lastName": "Example"}
    return {**item, **more}


class KnownOrganization(Organization):
    """An organization of which everything is known from the start, as Webex would say it; all else is real.

    What people have is in the inventory, too, unless *entries* have something else to say of that number or extension.
    ``queries`` are those with which the inventory was asked for. Webex is not asked.
    """

    def __init__(
        self,
        people: Sequence[Json] = (),
        entries: Sequence[Json] = (),
        licenses: Iterable[License] = LICENSES,
        locations: Iterable[Location] = (BERLIN, LONDON),
        client: WebexClient | None = None,
    ) -> None:
        super().__init__(t.cast(WebexClient, client))
        self.people = list(people)
        self.items = [*entries, *self._owned(people, entries)]
        self.queries: list[dict[str, str]] = []
        self.__dict__["licenses"] = list(licenses)
        self.__dict__["calling_locations"] = list(locations)
        self.__dict__["plain_locations"] = [*locations, WAREHOUSE]

    @staticmethod
    def _owned(people: Sequence[Json], entries: Sequence[Json]) -> list[Json]:
        said = {(item.get("phoneNumber"), None) for item in entries if item.get("phoneNumber")}
        said |= {(None, item.get("extension")) for item in entries if item.get("extension")}
        names = {place.id: place for place in (BERLIN, LONDON)}
        items = []
        for someone in people:
            place = names.get(someone.get("locationId") or "")
            numbers = [number["value"] for number in someone.get("phoneNumbers", []) if number["type"] == "work"]
            first, extension = next(iter(numbers), None), someone.get("extension")
            if place and (first or extension) and not {(first, None), (None, extension)} & said:
                items.append(entry(first, extension, place, someone["id"]))
        return items

    def person(self, wanted: Wanted) -> Json | None:
        """The person, if there is one."""
        for someone in self.people:
            if same_id(someone["id"], wanted.person_id) or (wanted.email or "").lower() in someone["emails"]:
                return someone
        return None

    def person_now(self, person_id: str) -> Json | None:
        """The person, as ever."""
        return self.person(Wanted(person_id=person_id))

    def _inventory(self, key: str, **query: str) -> list[Entry]:
        # Whatever was asked for: Webex may return more than that.
        self.queries.append(query)
        places: dict[str, Location] = {}
        return [Entry.from_webex(item, places) for item in self.items]


def people(first: int, last: int, **changes: t.Any) -> list[Wanted]:
    """The generated people of the simulator, as they are if they were enabled from the start."""
    return [
        replace(Wanted(email=f"user{n:05}@example.com", location="Berlin", extension=str(10_000 + n)), **changes)
        for n in range(first, last + 1)
    ]


def alice(**changes: t.Any) -> Wanted:
    """A person of the simulator who can be enabled."""
    return replace(Wanted(email="alice@example.com", location="Berlin", extension="2002"), **changes)


def ivan(**changes: t.Any) -> Wanted:
    """The person of the simulator who has Professional, Berlin, 2001 and +493055502001."""
    return replace(Wanted(email="ivan@example.com", location="Berlin", extension="2001"), **changes)


class SimulatedOrganization:
    """The simulator's organization, and the way from a list of users to how each of them ends."""

    def __init__(self, webex: Simulator, settings: Settings) -> None:
        self.webex = webex
        self.settings = settings
        self.clock = Clock()
        self.workers = 8
        self.budget = 600.0

    def client(self) -> WebexClient:
        """A client that many workers share."""
        return WebexClient(self.settings, self.budget, Throttle(self.workers))

    def patience(self, seconds: float) -> Patience:
        """Patience that takes no time."""
        return Patience(seconds, self.clock.monotonic, self.clock.sleep)

    def plan(self, users: list[Wanted], **rules: t.Any) -> Work:
        """Read, and plan."""
        with self.client() as client:
            organization = BulkOrganization(client, users, self.workers)
            organization.read()
            return plan_all(organization, users, Rules(**rules))

    def apply(
        self,
        users: list[Wanted],
        *,
        max_failures: int | None = None,
        patience: float = 30,
        between: Callable[[], object] = lambda: None,
        progress: Callable[[Result], None] = lambda result: None,
        **rules: t.Any,
    ) -> dict[str, Result]:
        """Read, plan, do something else, and write without waiting; the results by user."""
        with self.client() as client:
            way = Way(self.workers, self.patience(patience), max_failures, Rules(**rules))
            organization = BulkOrganization(client, users, self.workers, way.rules.create_people)
            work = read_and_plan(organization, users, way.rules, way.patience)
            assert work.problems == []
            between()
            results = carry_out(client, organization, work, way, progress)
        assert sorted(result.who for result in results) == sorted(user.who for user in users)
        return {result.who: result for result in results}

    def apply_one(self, wanted: Wanted, **options: t.Any) -> Result:
        """The same for one user."""
        return self.apply([wanted], **options)[wanted.who]

    def person(self, name: str) -> Json:
        """What the simulator knows of a person."""
        return next(known for known in self.webex.state()["people"] if known["email"] == f"{name}@example.com")

    def add(self, name: str, license_name: str = "Webex Calling - Standard", **options: str) -> None:
        """Put a calling user into the organization, past all rules."""
        body = {"email": f"{name}@example.com", "licenses": [license_name], "location": "Berlin", **options}
        self.webex.control("POST", "/people", body)

    def allow_settings(self) -> None:
        """Give the service app the scope for settings of telephony, and Berlin a number that can be called back."""
        self._allow("spark-admin:telephony_config_write")
        self.webex.add_numbers("Berlin", "+493055502000", main=True)

    def allow_jobs(self) -> None:
        """Give the service app the scopes that the move job needs."""
        self._allow("spark-admin:telephony_config_write", "identity:groups_rw")

    def _allow(self, *needed: str) -> None:
        app = self.webex.credentials["service_app"]["client_id"]
        self.webex.service_app(app, scopes=[*self.webex.service_app(app)["scopes"], *needed], regrant=True)

    def enabled(self) -> dict[str, str | None]:
        """The extensions of all people who hold a calling license."""
        state = self.webex.state()["people"]
        return {
            known["email"]: known["extension"]
            for known in state
            if any("Calling" in name for name in known["licenses"])
        }

    def consumed(self) -> int:
        """The calling licenses that people hold."""
        licenses = self.webex.state()["licenses"]
        return sum(license_["consumed_by_users"] for license_ in licenses if "Calling" in license_["name"])

    def writes(self) -> list[str]:
        """The writing requests."""
        return [request for request in asked(self.webex) if not request.startswith("GET ")]

    def use_up(self, name: str = PROFESSIONAL.name, leave: int = 0) -> None:
        """Leave a few free units of a license in the big subscription, none in the other."""
        for license_ in self.webex.state()["licenses"]:
            if license_["name"] == name:
                units = license_["consumed_units"] + (leave if license_["subscription"] == "Sub-2" else 0)
                self.webex.control("PATCH", f"/licenses/{license_['id']}", {"total_units": units})
