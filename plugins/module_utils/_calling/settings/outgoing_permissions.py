# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which calls the person may make (Cisco's OpenAPI, "Modify a person's Outgoing Calling Permissions Settings").

The PUT must have ``callingPermissions``, and each entry ``transferEnabled``. Whether types of calls that are left out keep
their permission is not documented, so all that were read right before are sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._errors import OptionError
from ..model import CallingError
from .base import Flat, Json, Setting, Subject
from .values import boolean, choice_of, list_of, mapping_of

OPTION = "outgoing_permissions"
CUSTOM = f"{OPTION}.custom"
CALL_TYPES = (
    *("internal_call", "toll_free", "national", "international", "operator_assisted"),
    *("chargeable_directory_assisted", "special_services_i", "special_services_ii"),
    *("premium_services_i", "premium_services_ii"),
)
_ACTIONS = {"allow": "ALLOW", "block": "BLOCK"}
_TYPES = list_of(choice_of(CALL_TYPES))


class OutgoingPermissions(Setting):
    """Whether permissions of their own hold for the person, and which types of calls these allow and block."""

    def check(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options in their plain form. Raises OptionError for what contradicts itself."""
        plain = super().check(options)
        wanted = plain.get(OPTION, {})
        both = set(wanted.get("allow", ())) & set(wanted.get("block", ()))
        if both:
            raise OptionError(OPTION, f"{', '.join(sorted(both))} is both in allow and in block.", "leave it in one.")
        if wanted.get("custom") is False and (wanted.get("allow") or wanted.get("block")):
            raise OptionError(
                f"{OPTION}.custom", "is false, so that allow and block do not hold.", "leave out one of them."
            )
        return plain

    def flat(self, options: Mapping[str, Any]) -> Flat:
        """Return what is wanted by type of call; permissions that are named hold."""
        wanted = options.get(OPTION) or {}
        flat: Flat = {f"{OPTION}.{kind}": action for action in _ACTIONS for kind in wanted.get(action, ())}
        if flat or "custom" in wanted:
            flat[CUSTOM] = wanted.get("custom", True)
        return flat

    def as_options(self, flat: Flat) -> Json:
        """Return which types of calls are allowed and blocked, and what holds for the others (``auth_code``, ...)."""
        options: Json = {}
        for option, value in flat.items():
            kind = option.partition(".")[2]
            if option == CUSTOM:
                options["custom"] = value
            elif value in _ACTIONS:
                options.setdefault(value, []).append(kind)
            else:
                options.setdefault("other", {})[kind] = value
        return {OPTION: options}

    def shown(self, data: Json) -> Flat:
        """Return the action for each type of call in lower case."""
        seen: Flat = {CUSTOM: data.get("useCustomPermissions") is True and data.get("useCustomEnabled") is not False}
        for entry in _entries(data):
            seen[f"{OPTION}.{str(entry.get('callType')).lower()}"] = str(entry.get("action")).lower()
        return seen

    def is_alone(self, changes: Flat) -> bool:
        """Tell whether other permissions stay: whether they are the person's own decides which ones Webex shows."""
        return CUSTOM not in changes

    def body(self, subject: Subject, changes: Flat, data: Json) -> Json:
        """Return the PUT. Raises CallingError for a type of call that the system restricts, or that Webex does not have."""
        actions = {option.partition(".")[2].upper(): value for option, value in changes.items() if option != CUSTOM}
        permissions = []
        for entry in _entries(data):
            kind = str(entry.get("callType"))
            if kind in actions and entry.get("isCallTypeRestrictionEnabled") is True:
                raise CallingError(f"Webex restricts calls of the type {kind.lower()} for everybody.", "leave it out.")
            action = _ACTIONS[actions.pop(kind)] if kind in actions else entry.get("action")
            transfer = entry.get("transferEnabled") is True
            permissions.append({"callType": kind, "action": action, "transferEnabled": transfer})
        if actions:
            raise CallingError(f"Webex has no calls of the type {', '.join(actions).lower()} here.", "leave it out.")
        custom = (
            {"useCustomEnabled": changes[CUSTOM], "useCustomPermissions": changes[CUSTOM]} if CUSTOM in changes else {}
        )
        return {**custom, "callingPermissions": permissions}


def _entries(data: Json) -> list[Json]:
    entries = data.get("callingPermissions")
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


SETTING = OutgoingPermissions(
    OPTION,
    "/people/{id}/features/outgoingPermission",
    {OPTION: mapping_of({"custom": boolean, "allow": _TYPES, "block": _TYPES})},
    {},
)
