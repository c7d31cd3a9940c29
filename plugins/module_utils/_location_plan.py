# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan for one location: what is asked for, what there is, and what has to be written. Nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ._calling.model import Location
from ._calling.organization import locations_called
from ._client import WebexClient
from ._errors import OptionError, WebexError
from ._json_case import snake_case
from ._page_sizes import LOCATIONS_PER_PAGE

LOCATIONS_PATH, CALLING_PATH = "/locations", "/telephony/config/locations"
CREATE, UPDATE, ENABLE = "create", "update", "enable"
# What a location must have to be created or enabled, beside its name (Cisco's OpenAPI, "Create a Location" and "Enable a
# Location for Webex Calling"); and what a change can change ("Update a Location").
REQUIRED = ("timeZone", "preferredLanguage", "announcementLanguage", "address")
CHANGEABLE = ("timeZone", "preferredLanguage", "address")
# Characters of a name, with and without calling ("Create a Location").
LONGEST_CALLING_NAME, LONGEST_NAME = 80, 256


class LocationError(WebexError):
    """What was asked for cannot be done, as the organization is."""


@dataclass(frozen=True)
class WantedLocation:
    """What is asked for. ``properties`` go by their Webex names; those that are missing stay as they are."""

    name: str
    calling: bool = True
    properties: Mapping[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        """Raise OptionError for a name that cannot be one."""
        longest = LONGEST_CALLING_NAME if self.calling else LONGEST_NAME
        if not self.name.strip():
            raise OptionError("name", "is empty.", "give the name of the location.")
        if len(self.name) > longest:
            raise OptionError("name", f"has {len(self.name)} characters.", f"give {longest} at most.")


@dataclass(frozen=True)
class Sight:
    """A location as the list of all locations shows it, and as that of calling locations does; None: not at all."""

    plain: Mapping[str, Any] | None
    calling: Mapping[str, Any] | None

    @property
    def location(self) -> Mapping[str, Any] | None:
        """What is shown of the location. One list can be older than the other, and the second one has no properties."""
        return self.plain or self.calling

    def differences(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of *properties* that the location does not have; what Webex does not show is not compared."""
        shown = self.plain or {}
        return {key: value for key, value in properties.items() if key in shown and not _fits(shown[key], value)}


@dataclass(frozen=True)
class LocationPlan:
    """The way from ``before`` to what is wanted; ``changes`` is what differs. ``notes`` say what the user should know."""

    wanted: WantedLocation
    before: Sight
    changes: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def actions(self) -> list[str]:
        """What is done, in this order: ``create`` or ``update``, and ``enable``."""
        first = [CREATE] if self.before.location is None else [UPDATE] if self.changes else []
        return first + [ENABLE] * (self.wanted.calling and self.before.calling is None)

    @property
    def target(self) -> Mapping[str, Any]:
        """The properties that reads show when the plan is carried out."""
        properties = self.wanted.properties
        return {key: properties[key] for key in CHANGEABLE} if CREATE in self.actions else self.changes

    @property
    def after(self) -> dict[str, Any]:
        """The location as it will be, as far as it is known before."""
        return {**(self.before.location or self._new), **self.changes}

    @property
    def _new(self) -> dict[str, Any]:
        return {"name": self.wanted.name, **self.wanted.properties}

    def difference(self) -> dict[str, dict[str, Any]]:
        """Return ``before`` and ``after``, of what is changed only."""
        if self.before.location is None:
            return {"before": {}, "after": {**self._new, "callingEnabled": self.wanted.calling}}
        before = {key: self.before.location.get(key) for key in self.changes}
        if ENABLE not in self.actions:
            return {"before": before, "after": dict(self.changes)}
        return {"before": {**before, "callingEnabled": False}, "after": {**self.changes, "callingEnabled": True}}


def see(client: WebexClient, name: str) -> Sight:
    """Read both lists, and return the location of this name; raises LocationError if there are several."""
    return Sight(_named(client, name, LOCATIONS_PATH, "items"), _named(client, name, CALLING_PATH, "locations"))


def _named(client: WebexClient, name: str, path: str, key: str) -> dict[str, Any] | None:
    page: dict[str, Any] = {"max": LOCATIONS_PER_PAGE, **client.org_params}
    items = {str(item["id"]): item for item in client.pages(path, key, **page)}
    fitting = locations_called(name, (Location(key, str(item.get("name", ""))) for key, item in items.items()))
    if len(fitting) > 1:
        raise LocationError(
            f"Several locations are called {name!r}: {', '.join(location.id for location in fitting)}.",
            "rename all but one of them in Control Hub.",
        )
    return items[fitting[0].id] if fitting else None


def plan_location(client: WebexClient, wanted: WantedLocation) -> LocationPlan:
    """Return what has to be done for one location, after reading what is; nothing is written.

    Raises OptionError for what is wrong by itself, LocationError for what cannot be done.
    """
    wanted.check()
    sight = see(client, wanted.name)
    named = {key: wanted.properties[key] for key in CHANGEABLE if key in wanted.properties}
    plan = LocationPlan(wanted, sight, sight.differences(named), _notes(wanted, sight, named))
    missing = [key for key in REQUIRED if key not in wanted.properties]
    if missing and {CREATE, ENABLE} & set(plan.actions):
        what = "does not exist" if sight.location is None else "is not enabled for Webex Calling"
        raise LocationError(
            f"The location {wanted.name!r} {what}, and to change that, Webex wants: {', '.join(_options(missing))}.",
            "give them; or correct `name`, if you mean another location.",
        )
    return plan


def _notes(wanted: WantedLocation, sight: Sight, named: Mapping[str, Any]) -> tuple[str, ...]:
    unseen = [] if sight.location is None else [key for key in named if key not in (sight.plain or {})]
    if not unseen:
        return ()
    return (f"Webex does not show these of the location {wanted.name}, so they were left alone: {_options(unseen)}",)


def _options(keys: list[str]) -> list[str]:
    """Return Webex's names as those of options."""
    return list(snake_case(dict.fromkeys(keys)))


def _fits(known: Any, wanted: Any) -> bool:
    """Compare without regard to case: languages are written ``en_us`` and ``en_US``. Of an address, what is named counts."""
    if isinstance(wanted, Mapping):
        return isinstance(known, Mapping) and all(_fits(known.get(key), value) for key, value in wanted.items())
    return str(known or "").casefold() == str(wanted or "").casefold()
