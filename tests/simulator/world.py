# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything together, and the orgs that a fresh simulator starts with."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from ..loopback import world
from .config import Config
from .describe import describe_client, describe_org
from .faults import Fault
from .ids import bare, stable_uuid, webex_id
from .jobs import Job
from .model import Person
from .state import CALLING, Org
from .tokens import LIFETIMES, Client, Mint, TokenBook
from .webhooks import Webhook
from .webhooks import describe as describe_webhooks

SCOPES = (
    "spark-admin:telephony_config_read",
    "spark:calls_read",
    "spark:people_read",
    "spark:people_write",
    "spark-admin:licenses_read",
    "spark-admin:people_read",
    "spark-admin:people_write",
)
INTEGRATION_SCOPES = (
    "spark:applications_token",
    "spark:people_read",
    "identity:tokens_read",
    "identity:tokens_write",
    "application:webhooks_read",
    "application:webhooks_write",
)
_CREATED = 1_735_689_600.0  # 2025-01-01: when everything that is not created by a call was created


class Credentials:
    """The secrets of the clients and tokens that exist from the start; a reset keeps them."""

    def __init__(self, mint: Mint, org_uuid: str) -> None:
        self.service_app = {
            "client_id": mint.client_id(),
            "client_secret": mint.client_secret(),
            "refresh_token": mint.token(org_uuid),
            "access_token": mint.token(org_uuid),
        }
        self.service_app["application_id"] = webex_id("APPLICATION", self.service_app["client_id"])
        self.integration = {
            "client_id": mint.client_id(),
            "client_secret": mint.client_secret(),
            "refresh_token": mint.token(org_uuid),
            "access_token": mint.token(org_uuid),
        }
        self.bot = {"access_token": mint.token(org_uuid)}
        self.personal_access_token = {"access_token": mint.token(org_uuid)}


class World(world.World):
    """All the state of the simulator. A test can shift the time, and slow down all answers (*guess*)."""

    fault = Fault
    config: Config

    def __init__(self, seed: int | None = None) -> None:
        super().__init__()
        self.reset(seed=seed, new_credentials=True)

    def reset(  # type: ignore[override]
        self,
        people: int = 0,
        enabled: int = 0,
        numbers: int = 0,
        seed: int | None = None,
        new_credentials: bool = False,
    ) -> None:
        """A fresh state: `people` generated ones, the first `enabled` of them with Professional and an extension."""
        if seed is not None:
            self.random = random.Random(seed)
        self.config = Config()
        self.journal.clear()
        self.faults.clear()
        self.jobs: dict[str, Job] = {}
        self.rates: dict[str, list[float]] = {}  # the times of the latest requests, by token
        self.webhooks: dict[str, Webhook] = {}
        self.deliveries: list[asyncio.Task[None]] = []
        self.authorization_dates: dict[tuple[str, str], float] = {}  # by client and org
        self.accounts: dict[str, Person] = {}  # bots, guests and machine accounts: not listed in /people
        self.default = build_default_org(people, enabled, numbers)
        self.other = build_other_org()
        self.orgs: dict[str, Org] = {}
        self._by_uuid: dict[str, Org] = {}
        for org in (self.default, self.other):
            self.add_org(org)
        mint = Mint(self.random)
        if new_credentials:
            self.credentials = Credentials(mint, self.default.uuid)
        self.book = TokenBook(mint, self.now, self.secrets)
        self._issue_credentials()

    def _issue_credentials(self) -> None:
        org, given = self.default, self.credentials
        admin = org.by_email("admin@example.com")
        assert admin is not None
        for kind, name, secret, scopes in (
            ("service_app", "Onboarding", given.service_app, SCOPES),
            ("integration", "Token keeper", given.integration, INTEGRATION_SCOPES),
        ):
            client = Client(kind, name, secret["client_id"], secret["client_secret"], frozenset(scopes))
            self.book.add_client(client)
            owner = admin
            if kind == "service_app":
                client.authorized.add(org.id)
                owner = self.machine_account(client, org)
            self.book.grant(
                client, owner.id, org.id, org.uuid, access=secret["access_token"], refresh=secret["refresh_token"]
            )
        bot = self.special_account(org, "bot", "herald@webex.bot", "Herald")
        self.book.issue(
            "access", "bot", bot.id, org.id, org.uuid, frozenset(), LIFETIMES["bot"], value=given.bot["access_token"]
        )
        self.book.issue(
            "access",
            "personal",
            admin.id,
            org.id,
            org.uuid,
            None,
            LIFETIMES["personal"],
            value=given.personal_access_token["access_token"],
        )

    # -- accounts ------------------------------------------------------------------------------------------------

    def account(self, person_id: str) -> Person | None:
        """Any account, listed or not."""
        if person_id in self.accounts:
            return self.accounts[person_id]
        return next((org.people[person_id] for org in self.orgs.values() if person_id in org.people), None)

    def machine_account(self, client: Client, org: Org) -> Person:
        """The account that a service app acts as in an org. What its address looks like is not known."""
        email = f"{client.client_id[:12].lower()}@{stable_uuid('machine', org.name)[:8]}.serviceapp.example"
        return self.special_account(org, "appuser", email, client.name)

    def special_account(self, org: Org, type: str, email: str, display_name: str) -> Person:
        """An account that is not listed in /people; the same one for the same address."""
        key = webex_id("PEOPLE", stable_uuid(type, org.name, email))
        if key not in self.accounts:
            self.accounts[key] = Person(
                key, org.id, email, display_name, display_name, "", self.now(), type=type, modified=self.now()
            )
        self.accounts[key].display_name = display_name
        return self.accounts[key]

    # -- organizations -------------------------------------------------------------------------------------------

    def add_org(self, org: Org) -> Org:
        """One more customer."""
        self.orgs[org.id] = self._by_uuid[org.uuid] = org
        return org

    def org_of(self, org_id: str) -> Org | None:
        """The org with this id, whatever cluster the id names. A bare UUID is no id."""
        return self._by_uuid.get(bare(org_id))

    def is_taken(self, email: str) -> bool:
        """Whether somebody has this address: it is unique in all of Webex (*spec*, `userName` of SCIM)."""
        return any(org.by_email(email) for org in self.orgs.values())

    # -- answers of the control plane --------------------------------------------------------------------------

    def ready(self) -> dict[str, Any]:
        """What the ready line says."""
        return {
            "base_url": f"{self.origin}/v1",
            "control_url": f"{self.control_origin}/_simulator",
            "org_id": self.default.id,
            "service_app": self.credentials.service_app,
            "integration": self.credentials.integration,
            "bot": self.credentials.bot,
            "personal_access_token": self.credentials.personal_access_token,
        }

    def find_org(self, name: str) -> Org:
        """The org called "default" or "other", or the one with this name, id or UUID."""
        known = {"default": self.default, "other": self.other, **self._by_uuid, **self.orgs}
        found = known.get(name) or next((org for org in self.orgs.values() if org.name == name), None)
        if found is None:
            raise ValueError(f"there is no org {name}")
        return found

    def describe(self) -> dict[str, Any]:
        """The whole state, readable, without secrets."""
        clients = [describe_client(self.book, client, self.now()) for client in self.book.clients.values()]
        return {
            **describe_org(self.default),
            "service_apps": [client for client in clients if client["kind"] == "service_app"],
            "integrations": [client for client in clients if client["kind"] == "integration"],
            "other_org": describe_org(self.other),
            "webhooks": describe_webhooks(self),
        }


def build_default_org(people: int, enabled: int, numbers: int) -> Org:
    """The org of the tests: ten people, of whom ivan can make calls, and as many generated ones as asked for.

    Generated people are user00001@example.com and so on, held by Sub-2, which grows by their number; the enabled ones
    have the extensions 10001 and up in Berlin. `numbers` adds +49306000001 and up to the inventory of Berlin.
    """
    org = Org("Example GmbH", "example.webex.com", _CREATED)
    first = org.add_license(CALLING + "Professional", "Sub-1", 5, elsewhere=4, tier="professional")
    second = org.add_license(CALLING + "Professional", "Sub-2", 20 + people, tier="professional")
    org.add_license(CALLING + "Standard", "Sub-2", 5, tier="standard")
    org.add_license(CALLING + "Workspaces", "Sub-2", 5, tier="workspace")
    messaging = org.add_license("Messaging - Advanced", "Sub-1", 100 + people)
    meeting = org.add_license("Meeting - Webex Meeting Center", "Sub-1", 100 + people, site_url=org.site_url)

    in_berlin, in_london = {"city": "Berlin", "country": "DE"}, {"city": "London", "country": "GB"}
    berlin = org.add_location("Berlin", "8030", in_berlin, "Europe/Berlin", "de_DE", pstn="LOCAL_GATEWAY")
    london = org.add_location("London", "8044", in_london, "Europe/London", "en_GB", pstn="NON_INTEGRATED_CCP")
    in_potsdam = {"city": "Potsdam", "country": "DE"}
    org.add_location("Warehouse", None, in_potsdam, "Europe/Berlin", "de_DE", calling=False)
    for n in range(1, 21):
        org.add_number(f"+4930555020{n:02}", berlin.id)
    for n in range(1, 11):
        org.add_number(f"+4420718380{n:02}", london.id)
    for n in range(1, numbers + 1):
        org.add_number(f"+49306{n:06}", berlin.id)

    names = ("admin", "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan")
    accounts = [(f"{name}@example.com", f"{name.title()} Example") for name in names]
    accounts += [(f"user{n:05}@example.com", f"User {n:05}") for n in range(1, people + 1)]
    for email, display_name in accounts:
        person = org.add_person(email, display_name, _CREATED, admin=email.startswith("admin@"))
        org.grant(person, messaging)
        org.grant(person, meeting)
        number = int(person.last_name) if person.last_name.isdecimal() else 0
        if email.startswith("ivan@") or 0 < number <= enabled:
            org.grant(person, second if number else first)
            person.location_id = berlin.id
            org.set_extension(person, str(10_000 + number) if number else "2001")
        if email.startswith("ivan@"):
            org.set_number(person, "+493055502001")
    return org


def build_customer(name: str, partner_id: str) -> Org:
    """A customer of a partner: one admin, nothing else."""
    org = Org(name, f"{stable_uuid('site', name)[:8]}.webex.com", _CREATED)
    org.partner_id = partner_id
    org.add_person(f"admin@{stable_uuid('domain', name)[:8]}.example", "Customer Admin", _CREATED, admin=True)
    return org


def build_other_org() -> Org:
    """Another customer, who can authorize the service app too: one admin, nothing else."""
    org = Org("Other Ltd", "other.webex.com", _CREATED)
    org.add_person("zoe@other.example", "Zoe Other", _CREATED, admin=True)
    return org
