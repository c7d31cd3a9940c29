# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an org consists of: licenses, locations, numbers, people, and the features of calling that own numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

TIERS = ("professional", "standard", "workspace", "other")
NUMBER_KINDS = ("PRIMARY", "ALTERNATE", "FAX", "DNIS")
PSTN_TYPES = ("LOCAL_GATEWAY", "NON_INTEGRATED_CCP", "INTEGRATED_CCP", "CISCO_PSTN")


def stamp(epoch: float) -> str:
    """A time as Webex writes it: UTC, milliseconds."""
    return datetime.fromtimestamp(epoch, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class License:
    """A license of one subscription. `elsewhere` are the units in use by workspaces, which are not simulated.

    `tier` says what it is, whatever its name says (Cisco renamed licenses, *live*): one of `TIERS` if it makes its holder a Webex Calling user, else "".
    """

    id: str
    name: str
    subscription: str
    total: int
    elsewhere: int = 0
    site_url: str | None = None
    tier: str = ""
    implicit: bool = False  # given by the system: no admin can take it away
    holders: dict[str, None] = field(default_factory=dict)  # person ids, in the order of assignment

    @property
    def calling(self) -> bool:
        """Whether it makes its holder a Webex Calling user."""
        return bool(self.tier)

    @property
    def consumed(self) -> int:
        """The units in use."""
        return len(self.holders) + self.elsewhere

    @property
    def free(self) -> bool:
        """Whether a unit is left; a total of -1 is unlimited."""
        return self.total == -1 or self.consumed < self.total


@dataclass
class Location:
    """A place; `calling` says whether it is enabled for Webex Calling, `pstn` how it reaches the telephone network."""

    id: str
    name: str
    calling: bool
    routing_prefix: str | None
    address: dict[str, str]
    timezone: str
    language: str
    announcement_language: str | None = None
    pstn: str | None = None  # one of PSTN_TYPES, or not connected
    details: dict[str, str] = field(default_factory=dict)  # latitude, longitude, notes: kept, not understood


@dataclass
class Number:
    """A phone number in the inventory of a location."""

    value: str
    location_id: str
    owner_id: str | None = None  # a person or a feature
    kind: str = "PRIMARY"  # one of NUMBER_KINDS
    active: bool = True
    service: bool = False
    reserved: bool = False
    mobile: bool = False
    main: bool = False
    toll_free: bool = False


@dataclass
class Device:
    """A telephone of a person."""

    id: str
    person_id: str
    product: str
    mac: str


@dataclass
class Feature:
    """What else can own numbers and an extension: a hunt group, an auto attendant, a workspace, a virtual line."""

    id: str
    type: str  # as the owner of a number has it: HUNT_GROUP, AUTO_ATTENDANT, PLACE, ...
    first_name: str | None
    last_name: str | None
    location_id: str
    extension: str | None = None
    numbers: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What a person would call it."""
        return " ".join(part for part in (self.first_name, self.last_name) if part)


@dataclass
class Person:
    """An account: a person of the org, or a bot, a guest, or the machine account of a service app."""

    id: str
    org_id: str
    email: str  # the primary address
    display_name: str
    first_name: str
    last_name: str
    created: float
    serial: int = 0  # the order of creation: what the paging cursor counts
    type: str = "person"
    admin: bool = False
    modified: float = 0.0
    aliases: list[str] = field(default_factory=list)  # further addresses
    licenses: list[str] = field(default_factory=list)
    location_id: str | None = None
    extension: str | None = None
    phone_number: str | None = None  # the primary number of calling
    alternates: list[str] = field(default_factory=list)  # further numbers of calling
    directory_numbers: list[dict[str, Any]] = field(default_factory=list)  # entries of phoneNumbers, as reads show them
    site_urls: list[str] = field(default_factory=list)
    login_enabled: bool = True
    can_have_licenses_at: float = 0.0  # by the monotonic clock: before, PATCH /licenses/users does not know the person
    enabled_at: float = 0  # when the first calling license came, by time.monotonic()
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)  # of calling: what was written, by feature
    passcodes: list[str] = field(default_factory=list)  # of voicemail, the newest last
    details: dict[str, Any] = field(default_factory=dict)  # department, title, addresses, ...: kept, not understood

    @property
    def emails(self) -> list[str]:
        """All addresses, the primary one first."""
        return [self.email, *self.aliases]

    @property
    def numbers(self) -> list[str]:
        """All numbers of calling, the primary one first."""
        return [*filter(None, [self.phone_number]), *self.alternates]


Owner = Person | Feature
