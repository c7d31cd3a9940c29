# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Webex calls about the calling settings of a person."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from .licensing import can_have, number_refused
from .model import Location, Person
from .people import READ_ORG, find
from .state import Org
from .web import FORBIDDEN, NOT_FOUND, ApiError, Call, Routes, answer, no_content

Json = dict[str, Any]

READ_PEOPLE, WRITE_PEOPLE = [READ_ORG], ["spark-admin:people_write"]
READ_CALLING, WRITE_CALLING = ["spark-admin:telephony_config_read"], ["spark-admin:telephony_config_write"]
CALL_TYPES = (
    *("INTERNAL_CALL", "TOLL_FREE", "INTERNATIONAL", "OPERATOR_ASSISTED", "CHARGEABLE_DIRECTORY_ASSISTED"),
    *("SPECIAL_SERVICES_I", "SPECIAL_SERVICES_II", "PREMIUM_SERVICES_I", "PREMIUM_SERVICES_II", "NATIONAL"),
)
FINDABLE = 20  # characters
BLOCKED, RESTRICTED = ("INTERNATIONAL", "PREMIUM_SERVICES_I", "PREMIUM_SERVICES_II"), "PREMIUM_SERVICES_II"


@dataclass(frozen=True)
class Feature:
    """One setting: what can be written of it, as it is for a newcomer; what is shown of it; what a PUT must have."""

    name: str
    path: str
    newcomer: Callable[[Org, Person], Json]
    show: Callable[[Org, Person, Json], Json]
    check: Callable[[Org, Person, Json], None]

    @property
    def scopes(self) -> tuple[list[str], list[str]]:
        """Who can read it, and who can write it."""
        return (READ_PEOPLE, WRITE_PEOPLE) if "/features/" in self.path else (READ_CALLING, WRITE_CALLING)


def routes(table: Routes) -> None:
    """Put the calls of this module into the table."""
    table.add("/v1/telephony/config/people/{id}/numbers", PUT=change_numbers)
    table.add("/v1/telephony/config/people/{id}/voicemail/passcode", PUT=change_passcode)
    for feature in FEATURES:
        table.add(f"/v1{feature.path}", GET=reader(feature), PUT=writer(feature))


def reader(feature: Feature) -> Callable[[Call], Response]:
    """The handler that shows a setting."""

    def read(call: Call) -> Response:
        call.require(feature.scopes[0])
        person = caller(call, feature.name)
        seen = call.org.seen(person, "settings") or person
        return answer(feature.show(call.org, seen, stored(call.org, seen, feature)))

    return read


def writer(feature: Feature) -> Callable[[Call], Response]:
    """The handler that changes a setting. Fields that nobody knows are dropped without a word (*live*).

    What is not sent stays, or becomes as it is for a newcomer (*guess*: `put_settings`).
    """

    def write(call: Call) -> Response:
        call.require(feature.scopes[1])
        person, config, body = caller(call, feature.name), call.world.config, call.json()
        feature.check(call.org, person, body)
        newcomer = feature.newcomer(call.org, person)
        sent = without(body, [name.partition(".")[2] for name in config.dropped_fields if belongs(name, feature)])
        base = stored(call.org, person, feature) if config.put_settings == "keep" else newcomer
        call.org.before_write(person, config.staleness())
        person.settings[feature.name] = merged(base, sent, newcomer)
        return no_content()

    return write


def belongs(name: str, feature: Feature) -> bool:
    """Whether the name of a field, such as ``voicemail.enabled``, is of this setting."""
    return name.partition(".")[0] == feature.name


def caller(call: Call, feature: str) -> Person:
    """The person that the path names, who has calling; 404 for others, and for a moment after the license (*guess*).

    A feature that Control Hub has locked answers 403 (*live*).
    """
    person, config = find(call), call.world.config
    is_ready = time.monotonic() >= person.enabled_at + config.settings_delay
    if not call.org.calling_user(person) or not is_ready:
        raise ApiError(404, NOT_FOUND)
    if feature in config.locked_features:
        raise ApiError(403, FORBIDDEN)
    return person


def stored(org: Org, person: Person, feature: Feature) -> Json:
    """What can be written of a setting, as it is now."""
    return copy.deepcopy(person.settings.get(feature.name) or feature.newcomer(org, person))


def merged(old: Json, sent: Json, known: Json) -> Json:
    """The fields of *known* as they are sent, else as they were."""
    result = {}
    for name, example in known.items():
        value = sent.get(name, old.get(name))
        result[name] = merged(old.get(name) or {}, value or {}, example) if isinstance(example, dict) else value
    return result


def without(body: Json, names: list[str]) -> Json:
    """The body without fields, each named by its path."""
    left = copy.deepcopy(body)
    for name in names:
        *path, last = name.split(".")
        inner: Any = left
        for part in path:
            inner = inner.get(part) or {}
        inner.pop(last, None)
    return left


def shown(data: Json) -> Json:
    """A setting without the fields that have no value."""
    return {
        name: shown(value) if isinstance(value, dict) else value for name, value in data.items() if value is not None
    }


def require(body: Json, *names: str) -> None:
    """400 if a field is not there that a PUT must have (*spec*)."""
    for name in names:
        inner: Any = body
        for part in name.split("."):
            inner = inner.get(part) if isinstance(inner, dict) else None
        if inner is None:
            raise ApiError(400, f"{name} is required.")


def location_of(org: Org, person: Person) -> Location:
    """Where the person has calling."""
    return org.locations[str(person.location_id)]


def main_number(org: Org, person: Person) -> str | None:
    """The main number of the location."""
    numbers = (number for number in org.numbers.values() if number.location_id == person.location_id and number.main)
    return next((number.value for number in numbers), None)


# -- the emergency callback number ---------------------------------------------------------------------------------


def show_callback(org: Org, person: Person, data: Json) -> Json:
    """Without a number of their own, a person has NONE until one is chosen (*spec*: "must be set up")."""
    main = main_number(org, person)
    body: Json = {
        "selected": data["selected"],
        "directLineInfo": callback(person.first_name, person.last_name, person.phone_number, "DIRECT_LINE"),
        "locationECBNInfo": callback(location_of(org, person).name, ".", main, "LOCATION_NUMBER"),
        "elinEnabled": data["elinEnabled"],
        "elinForWebexAppEnabled": data["elinForWebexAppEnabled"],
    }
    member = org.owner(data["locationMemberId"])
    if isinstance(member, Person):
        body["locationMemberInfo"] = {
            **callback(member.first_name, member.last_name, member.phone_number, "LOCATION_MEMBER_NUMBER"),
            "memberId": member.id,
            "memberType": "PEOPLE",
        }
    return body


def callback(first_name: str, last_name: str, number: str | None, level: str) -> Json:
    """What calls back, and whether anything does."""
    names = {"firstName": first_name, "lastName": last_name or "."}
    if number is None:
        return {**names, "effectiveLevel": "NONE", "quality": "INVALID"}
    return {
        **names,
        "phoneNumber": number,
        "effectiveLevel": level,
        "effectiveValue": number,
        "quality": "RECOMMENDED",
    }


def check_callback(org: Org, person: Person, body: Json) -> None:
    """A member needs an id, and a number in the same location (*spec*); without a number there is no direct line (*guess*)."""
    selected = body.get("selected")
    if selected not in (None, "DIRECT_LINE", "LOCATION_ECBN", "LOCATION_MEMBER_NUMBER"):
        raise ApiError(400, "selected is not valid.")
    if selected == "LOCATION_MEMBER_NUMBER":
        require(body, "locationMemberId")
        member = org.owner(body["locationMemberId"])
        if not isinstance(member, Person) or member.location_id != person.location_id or not member.phone_number:
            raise ApiError(400, "The member has no number in this location.")
    if selected == "DIRECT_LINE" and not person.phone_number:
        raise ApiError(400, "The person has no direct line.")


# -- features -------------------------------------------------------------------------------------------------------


def show_caller_id(org: Org, person: Person, data: Json) -> Json:
    """The types that the person can select depend on the numbers that there are (*guess*)."""
    types = [*(["DIRECT_LINE"] if person.phone_number else []), "LOCATION_NUMBER", "CUSTOM"]
    return shown(
        {
            "types": types,
            **data,
            "directNumber": person.phone_number,
            "extensionNumber": person.extension,
            "locationNumber": main_number(org, person),
            "tollFreeLocationNumber": False,
            "locationExternalCallerIdName": location_of(org, person).name,
        }
    )


def check_caller_id(org: Org, person: Person, body: Json) -> None:
    """`selected` must be sent (*spec*), and can only be what the person can select (*guess*)."""
    require(body, "selected")
    if body["selected"] not in show_caller_id(org, person, {})["types"]:
        raise ApiError(400, "selected is not valid.")
    if body["selected"] == "CUSTOM":
        require(body, "customNumber")


def show_voicemail(org: Org, person: Person, data: Json) -> Json:
    """With what cannot be written."""
    body = shown(data)
    for name in ("sendBusyCalls", "sendUnansweredCalls"):
        body[name]["greetingUploaded"] = False
    body["sendUnansweredCalls"]["systemMaxNumberOfRings"] = 20
    return body


def check_voicemail(org: Org, person: Person, body: Json) -> None:
    """Two objects must be sent, and from 2 to 20 rings (*spec*)."""
    require(body, "notifications", "transferToNumber")
    check_rings((body.get("sendUnansweredCalls") or {}).get("numberOfRings"))


def check_rings(number: Any) -> None:
    """From 2 to 20 rings (*spec*)."""
    if number is not None and not (isinstance(number, int) and 2 <= number <= 20):
        raise ApiError(400, "numberOfRings must be between 2 and 20.")


def show_forwarding(org: Org, person: Person, data: Json) -> Json:
    """With what cannot be written."""
    body = shown(data)
    body["callForwarding"]["noAnswer"]["systemMaxNumberOfRings"] = 20
    return body


def check_forwarding(org: Org, person: Person, body: Json) -> None:
    """`always` needs `enabled` (*spec*); forwarding needs a destination (*guess*)."""
    forwarding = body.get("callForwarding") or {}
    if "always" in forwarding:
        require(body, "callForwarding.always.enabled")
    check_rings((forwarding.get("noAnswer") or {}).get("numberOfRings"))
    for part in (*forwarding.values(), body.get("businessContinuity") or {}):
        if part.get("enabled") and not part.get("destination"):
            raise ApiError(400, "destination is required.")


def permissions(body: Json) -> Json:
    """The permissions of a body as they are kept: by the type of call."""
    entries = {entry.get("callType"): entry for entry in body.get("callingPermissions") or []}
    return {
        call_type: {"action": entry.get("action"), "transferEnabled": entry.get("transferEnabled")}
        for call_type, entry in entries.items()
    }


def new_permissions(org: Org, person: Person) -> Json:
    """What a newcomer may call."""
    body: Json = {"useCustomEnabled": False, "useCustomPermissions": False}
    for call_type in CALL_TYPES:
        body[call_type] = {"action": "BLOCK" if call_type in BLOCKED else "ALLOW", "transferEnabled": True}
    return body


def show_permissions(org: Org, person: Person, data: Json) -> Json:
    """One type of call is restricted by the system."""
    return {
        "useCustomEnabled": data["useCustomEnabled"],
        "useCustomPermissions": data["useCustomPermissions"],
        "callingPermissions": [
            {"callType": name, **data[name], "isCallTypeRestrictionEnabled": name == RESTRICTED} for name in CALL_TYPES
        ],
    }


def check_permissions(org: Org, person: Person, body: Json) -> None:
    """The list must be sent, with `transferEnabled` in each entry (*spec*). Types that are not in it stay (*guess*).

    What the system restricts cannot be changed (*spec*).
    """
    require(body, "callingPermissions")
    for entry in body["callingPermissions"]:
        require(entry, "transferEnabled")
        if entry.get("callType") == RESTRICTED and entry.get("action") != "BLOCK":
            raise ApiError(400, f"{RESTRICTED} is restricted.")
    body.update(permissions(body))


FEATURES = (
    Feature(
        "emergencyCallbackNumber",
        "/telephony/config/people/{id}/emergencyCallbackNumber",
        lambda org, person: {
            "selected": "DIRECT_LINE" if person.phone_number else "NONE",
            "locationMemberId": None,
            "elinEnabled": False,
            "elinForWebexAppEnabled": False,
        },
        show_callback,
        check_callback,
    ),
    Feature(
        "callerId",
        "/people/{id}/features/callerId",
        lambda org, person: {
            "selected": "DIRECT_LINE" if person.phone_number else "LOCATION_NUMBER",
            "customNumber": None,
            "firstName": person.first_name,
            "lastName": person.last_name,
            "blockInForwardCallsEnabled": False,
            "externalCallerIdNamePolicy": "DIRECT_LINE",
            "customExternalCallerIdName": None,
            "additionalExternalCallerIdDirectLineEnabled": False,
            "additionalExternalCallerIdLocationNumberEnabled": False,
            "additionalExternalCallerIdCustomNumber": None,
            "dialByFirstName": person.first_name,
            "dialByLastName": person.last_name,
        },
        show_caller_id,
        check_caller_id,
    ),
    Feature(
        "voicemail",
        "/people/{id}/features/voicemail",
        lambda org, person: {
            "enabled": True,
            "sendAllCalls": {"enabled": False},
            "sendBusyCalls": {"enabled": True, "greeting": "DEFAULT"},
            "sendUnansweredCalls": {"enabled": True, "greeting": "DEFAULT", "numberOfRings": 3},
            "notifications": {"enabled": False, "destination": None},
            "transferToNumber": {"enabled": False, "destination": None},
            "emailCopyOfMessage": {"enabled": False, "emailId": person.email},
            "messageStorage": {"mwiEnabled": True, "storageType": "INTERNAL", "externalEmail": person.email},
            "faxMessage": {"enabled": False, "phoneNumber": None, "extension": None},
        },
        show_voicemail,
        check_voicemail,
    ),
    Feature(
        "callForwarding",
        "/people/{id}/features/callForwarding",
        lambda org, person: {
            "callForwarding": {
                "always": {
                    "enabled": False,
                    "destination": None,
                    "ringReminderEnabled": False,
                    "destinationVoicemailEnabled": False,
                },
                "busy": {"enabled": False, "destination": None, "destinationVoicemailEnabled": False},
                "noAnswer": {
                    "enabled": False,
                    "destination": None,
                    "numberOfRings": 3,
                    "destinationVoicemailEnabled": False,
                },
            },
            "businessContinuity": {"enabled": False, "destination": None, "destinationVoicemailEnabled": False},
        },
        show_forwarding,
        check_forwarding,
    ),
    Feature(
        "outgoingPermission",
        "/people/{id}/features/outgoingPermission",
        new_permissions,
        show_permissions,
        check_permissions,
    ),
    Feature(
        "person",
        "/telephony/config/people/{id}",
        lambda org, person: {
            "announcementLanguage": "English",
            "timeZone": location_of(org, person).timezone,
        },
        lambda org, person, data: data,
        lambda org, person, body: None,
    ),
)


# -- without a read -------------------------------------------------------------------------------------------------


def change_passcode(call: Call) -> Response:
    """PUT .../voicemail/passcode: 6 to 30 digits (*spec*). Nobody can read it.

    One that is long enough for a leak to be found is known as a secret, be it that it is refused.
    """
    passcode = call.json().get("passcode")
    if len(str(passcode)) >= FINDABLE:
        call.world.secrets[str(passcode)] = "voicemail passcode"
    call.require(WRITE_CALLING)
    person = caller(call, "voicemail")
    if not isinstance(passcode, str) or not passcode.isdecimal() or not 6 <= len(passcode) <= 30:
        raise ApiError(400, "The passcode is not valid.")
    person.passcodes.append(passcode)
    return no_content()


def change_numbers(call: Call) -> Response:
    """PUT .../numbers: numbers are given and taken one by one (*spec*), all or none of them (*guess*).

    A number that the person has already is refused like any other that is not free (*guess*).
    """
    call.require(WRITE_CALLING)
    org, config, person, body = call.org, call.world.config, caller(call, "numbers"), call.json()
    require(body, "phoneNumbers")
    numbers, location = list(person.numbers), location_of(org, person)
    for entry in body["phoneNumbers"]:
        for name in ("primary", "action", "directNumber"):
            require(entry, name)
        value = entry["directNumber"]
        if entry["action"] == "DELETE":
            if value not in numbers:
                raise ApiError(400, f"{value} is not assigned to the person.")
            numbers.remove(value)
        elif value in numbers or not can_have(config, person, org.numbers.get(value), location):
            raise number_refused(value)
        else:
            numbers.insert(0 if entry["primary"] else len(numbers), value)
    if not numbers and not person.extension:
        raise ApiError(400, "A Webex Calling user needs a phone number or an extension.")
    org.before_write(person, config.staleness())
    org.set_numbers(person, numbers)
    return no_content()
