# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory knows of organizations: which host is which one, by which alias, and whether it may be changed.

The truth is what the inventory itself says. Variables that win over it (``-e``, ``host_vars``, ``set_fact``) can forbid
what the inventory allows, and never allow what it does not: a slip on a command line must not open every customer.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ansible.inventory.helpers import get_group_vars
from ansible.module_utils.parsing.convert_bool import boolean

from ..module_utils._errors import OptionError
from ..module_utils._ids import bare_id, is_webex_id, organization_id, same_id
from ..module_utils._organization_list import is_org_id
from ..module_utils._settings import plain

GROUP = "webex_organizations"
WRITABLE_GROUP = "webex_organizations_writable"
# The variable that only hosts of the inventory have.
OF_A_HOST = "webex_org_uuid"
MOST_SUGGESTIONS = 3


@dataclass(frozen=True)
class Member:
    """A host that is an organization. ``list_file`` is the inventory file that it comes from, if that is known."""

    host: str
    org_id: str
    alias: str
    name: str | None
    list_file: str | None

    @property
    def label(self) -> str:
        """What to call it in a message."""
        return f"{self.alias} ({self.name or bare_id(self.org_id)})"

    def is_called(self, text: str) -> bool:
        """Tell whether *text* is its alias, its id in whichever notation, or the name of the host."""
        return text in (self.host, self.alias) or same_id(self.org_id, text)


class Fleet:
    """The hosts of the group ``webex_organizations``, as the inventory says them."""

    def __init__(self, variables: Mapping[str, Any]) -> None:
        """Take the *variables* of a task, in which there is that group; see ``fleet_of``."""
        self._variables = variables
        self._hostvars = variables["hostvars"]
        self._inventory = self._hostvars._inventory
        host = [variables["inventory_hostname"]] if OF_A_HOST in variables else []
        self._names = list(dict.fromkeys([*variables["groups"].get(GROUP, ()), *host]))

    @property
    def own(self) -> Member | None:
        """The organization that the task's host is; None if the host is something else."""
        host = self._variables.get("inventory_hostname")
        return self._member(host) if host in self._names else None

    def named(self, text: str) -> list[Member]:
        """Return the hosts that are the organization with this alias, id or UUID: mostly one, none if it is unknown.

        Raises OptionError if it is the name of several organizations.
        """
        called = [member for member in self._members if member.is_called(text)]
        if any(not same_id(member.org_id, called[0].org_id) for member in called):
            raise OptionError(
                "org_id",
                f"{text!r} is the name of several organizations: {', '.join(sorted(member.label for member in called))}.",
                "give the id of the one that is meant; keep each alias for one organization.",
            )
        return [member for member in self._members if called and same_id(member.org_id, called[0].org_id)]

    def near(self, text: str) -> list[str]:
        """Return the aliases that are most like *text*."""
        aliases = {member.alias.lower(): member.alias for member in self._members}
        return [aliases[alias] for alias in difflib.get_close_matches(text.lower(), aliases, MOST_SUGGESTIONS)]

    def is_listed_as_writable(self, member: Member) -> bool:
        """Tell whether the inventory itself says that the organization may be changed."""
        host = self._inventory.get_host(member.host)
        return _is_true({**get_group_vars(host.get_groups()), **host.vars}.get("webex_org_writable"))

    def is_forbidden(self, member: Member) -> bool:
        """Tell whether some variable forbids what the inventory may allow."""
        is_own = self._variables.get("inventory_hostname") == member.host
        variables = self._variables if is_own else self._hostvars[member.host]
        return not _is_true(variables.get("webex_org_writable"))

    @cached_property
    def _members(self) -> list[Member]:
        return [member for name in self._names if (member := self._member(name))]

    def _member(self, name: Any) -> Member | None:
        known = self._inventory.get_host(name).vars
        org_id = known.get("webex_org_id")
        if not isinstance(org_id, str) or not is_org_id(plain(org_id)):
            return None
        return Member(
            host=plain(name),
            org_id=plain(org_id),
            alias=plain(str(known.get("webex_org_alias") or name)),
            name=known.get("webex_org_name"),
            list_file=known.get("inventory_file"),
        )


def _is_true(value: Any) -> bool:
    """Tell whether *value* is true, or a word for it. Everything else allows nothing."""
    return boolean(plain(str(value)), strict=False)


def fleet_of(variables: Mapping[str, Any]) -> Fleet | None:
    """Return what the inventory of the task with these *variables* knows of organizations; None if it is no fleet.

    It is one if there is the group ``webex_organizations``, even without hosts: the inventory makes it first, so that a
    mistake in a list does not switch the guard off. Nor does an inventory that kept the hosts and lost the group.
    """
    is_fleet = GROUP in variables.get("groups", {}) or OF_A_HOST in variables
    return Fleet(variables) if is_fleet and "hostvars" in variables else None


def is_organization(variables: Mapping[str, Any]) -> bool:
    """Tell whether the host of the task with these *variables* is an organization."""
    fleet = fleet_of(variables)
    return fleet is not None and fleet.own is not None


def resolved_org_id(value: Any, variables: Mapping[str, Any], option: str = "org_id") -> Any:
    """Return the id, as Webex writes it, of the organization that *value* names by alias, id or UUID.

    What is no alias stays as it is if no inventory knows it. Raises OptionError for a text that is neither an id nor a
    UUID and that is no alias in the inventory of the task with these *variables*.
    """
    text = plain(value).strip() if isinstance(value, str) else ""
    if not text:
        return value
    fleet = fleet_of(variables)
    members = fleet.named(text) if fleet else []
    if members:
        return organization_id(members[0].org_id)
    if is_org_id(text) or is_webex_id(text):
        return value
    if fleet is None:
        raise OptionError(
            option,
            f"{text!r} is neither a UUID nor the id of an organization, and no inventory has aliases of organizations.",
            "correct it, or give an inventory of the plugin collabops.webex.organizations.",
        )
    near = fleet.near(text)
    right = f"did you mean {' or '.join(near)}?" if near else "name a host of the group webex_organizations."
    raise OptionError(option, f"the inventory has no organization {text!r}.", right)


def with_organization(arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the *arguments* of a task with ``org_id`` as an id: the one that it names, else that of the task's host.

    On a host that is not an organization, a task that names none gets none. Raises OptionError for an unknown alias.
    """
    named = arguments.get("org_id")
    if named not in (None, ""):
        return {**arguments, "org_id": resolved_org_id(named, variables)}
    fleet = fleet_of(variables)
    own = fleet.own if fleet else None
    return {**arguments, "org_id": organization_id(own.org_id)} if own else dict(arguments)
