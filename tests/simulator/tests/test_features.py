# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calling settings of a person."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Ids, Webex
from .test_api import add

CALLBACK = "/telephony/config/people/{}/emergencyCallbackNumber"
VOICEMAIL = "/people/{}/features/voicemail"
CALLER_ID = "/people/{}/features/callerId"
FORWARDING = "/people/{}/features/callForwarding"
PERMISSIONS = "/people/{}/features/outgoingPermission"
LOCALE = "/telephony/config/people/{}"
NUMBERS = "/telephony/config/people/{}/numbers"
PASSCODE = "/telephony/config/people/{}/voicemail/passcode"
WHOLE = {"notifications": {"enabled": False}, "transferToNumber": {"enabled": False}}


def settings(member: str) -> dict[str, dict[str, Any]]:
    """A change of every setting that can be read, by its path."""
    block = {"callType": "NATIONAL", "action": "BLOCK", "transferEnabled": False}
    return {
        CALLBACK: {"selected": "LOCATION_MEMBER_NUMBER", "locationMemberId": member},
        VOICEMAIL: {**WHOLE, "emailCopyOfMessage": {"enabled": True}},
        CALLER_ID: {"selected": "CUSTOM", "customNumber": "+493055502001"},
        FORWARDING: {"callForwarding": {"always": {"enabled": True, "destination": "2002"}}},
        PERMISSIONS: {"useCustomEnabled": True, "callingPermissions": [block]},
        LOCALE: {"timeZone": "Europe/London"},
    }


@pytest.fixture
def ivan(admin: Webex) -> str:
    """The id of somebody who can make calls."""
    return str(admin.person("ivan")["id"])


@pytest.mark.parametrize("path", settings(""))
def test_a_change_shows_and_the_rest_stays(admin: Webex, ivan: str, path: str) -> None:
    before = admin.get(path.format(ivan)).body
    assert admin.call("PUT", path.format(ivan), settings(ivan)[path]).status == 204
    after = admin.get(path.format(ivan)).body
    assert after != before
    changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    assert changed <= {*settings(ivan)[path], "locationMemberInfo"}


def test_what_is_not_sent_can_be_reset(admin: Webex, ivan: str) -> None:
    admin.call("PUT", VOICEMAIL.format(ivan), {**WHOLE, "enabled": False})
    admin.simulator.configure(put_settings="reset")
    admin.call("PUT", VOICEMAIL.format(ivan), {**WHOLE, "sendAllCalls": {"enabled": True}})
    assert admin.get(VOICEMAIL.format(ivan)).body["enabled"] is True


def test_what_nobody_knows_is_dropped(admin: Webex, ivan: str) -> None:
    before = admin.get(LOCALE.format(ivan)).body
    assert admin.call("PUT", LOCALE.format(ivan), {"timezone": "Europe/London"}).status == 204
    admin.simulator.configure(dropped_fields=["person.timeZone"])
    assert admin.call("PUT", LOCALE.format(ivan), {"timeZone": "Europe/London"}).status == 204
    assert admin.get(LOCALE.format(ivan)).body == before


def test_a_locked_feature_is_forbidden(admin: Webex, ivan: str) -> None:
    admin.simulator.configure(locked_features=["voicemail"])
    assert admin.call("PUT", VOICEMAIL.format(ivan), WHOLE).status == 403
    assert admin.call("PUT", PASSCODE.format(ivan), {"passcode": "493827"}).status == 403
    assert admin.get(CALLER_ID.format(ivan)).status == 200


def test_settings_come_after_the_license_and_go_with_it(admin: Webex, ids: Ids) -> None:
    admin.simulator.configure(settings_delay=3600)
    alice = admin.person("alice")["id"]
    assert admin.assign("alice", add(ids.professional, locationId=ids.berlin, extension="2902")).status == 200
    assert admin.get(VOICEMAIL.format(alice)).status == 404
    admin.simulator.configure(settings_delay=0)
    assert admin.call("PUT", VOICEMAIL.format(alice), {**WHOLE, "enabled": False}).status == 204
    assert admin.get(CALLBACK.format(alice)).body["selected"] == "NONE"
    assert admin.assign("alice", {"id": ids.professional, "operation": "remove"}).status == 200
    assert admin.get(VOICEMAIL.format(alice)).status == 404
    assert admin.simulator.person("alice")["settings"] == {}


def test_a_read_can_be_stale(admin: Webex, ivan: str) -> None:
    admin.simulator.stale(3600, "settings")
    before = admin.get(LOCALE.format(ivan)).body
    admin.call("PUT", LOCALE.format(ivan), {"timeZone": "Europe/London"})
    assert admin.get(LOCALE.format(ivan)).body == before


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (CALLBACK, {"selected": "LOCATION_MEMBER_NUMBER"}),
        (CALLBACK, {"selected": "LOCATION_MEMBER_NUMBER", "locationMemberId": "x"}),
        (CALLBACK, {"selected": "NONE"}),
        (VOICEMAIL, {"enabled": True}),
        (VOICEMAIL, {**WHOLE, "sendUnansweredCalls": {"numberOfRings": 1}}),
        (CALLER_ID, {"blockInForwardCallsEnabled": True}),
        (CALLER_ID, {"selected": "CUSTOM"}),
        (CALLER_ID, {"selected": "OTHER"}),
        (FORWARDING, {"callForwarding": {"always": {"destination": "2002"}}}),
        (FORWARDING, {"callForwarding": {"busy": {"enabled": True}}}),
        (PERMISSIONS, {"useCustomEnabled": True}),
        (PERMISSIONS, {"callingPermissions": [{"callType": "NATIONAL", "action": "BLOCK"}]}),
        (
            PERMISSIONS,
            {"callingPermissions": [{"callType": "PREMIUM_SERVICES_II", "action": "ALLOW", "transferEnabled": True}]},
        ),
        (PASSCODE, {"passcode": "12345"}),
        (PASSCODE, {"passcode": "abcdef"}),
        (NUMBERS, {"phoneNumbers": [{"primary": False, "action": "ADD"}]}),
        (NUMBERS, {"phoneNumbers": [{"primary": False, "action": "ADD", "directNumber": "+493055502001"}]}),
        (NUMBERS, {"phoneNumbers": [{"primary": False, "action": "ADD", "directNumber": "+442071838001"}]}),
        (NUMBERS, {"phoneNumbers": [{"primary": False, "action": "DELETE", "directNumber": "+493055502002"}]}),
    ],
)
def test_what_is_refused_changes_nothing(admin: Webex, ivan: str, path: str, body: dict[str, Any]) -> None:
    before = admin.simulator.person("ivan")
    assert admin.call("PUT", path.format(ivan), body).status == 400
    assert admin.simulator.person("ivan") == before


def test_further_numbers_are_given_and_taken(admin: Webex, ivan: str) -> None:
    def change(action: str, number: str) -> None:
        entry = {"primary": False, "action": action, "directNumber": number}
        assert admin.call("PUT", NUMBERS.format(ivan), {"phoneNumbers": [entry]}).status == 204

    change("ADD", "+493055502002")
    change("ADD", "+493055502003")
    assert admin.simulator.person("ivan")["alternate_numbers"] == ["+493055502002", "+493055502003"]
    change("DELETE", "+493055502002")
    assert admin.simulator.person("ivan")["alternate_numbers"] == ["+493055502003"]


def test_the_passcode_is_kept_and_never_shown(admin: Webex, ivan: str) -> None:
    assert admin.call("PUT", PASSCODE.format(ivan), {"passcode": "493827"}).status == 204
    assert admin.simulator.person("ivan")["passcodes"] == 1
    assert "493827" not in str(admin.simulator.journal())


@pytest.mark.parametrize(
    ("path", "read", "write"),
    [
        (VOICEMAIL, "spark-admin:people_read", "spark-admin:people_write"),
        (CALLBACK, "spark-admin:telephony_config_read", "spark-admin:telephony_config_write"),
        (LOCALE, "spark-admin:telephony_config_read", "spark-admin:telephony_config_write"),
    ],
)
def test_reading_and_writing_need_a_scope_each(admin: Webex, ivan: str, path: str, read: str, write: str) -> None:
    for scopes, expected in (([read], (200, 403)), ([write], (403, 204)), ([], (403, 403))):
        token = admin.simulator.token(kind="service_app", scopes=scopes)["access_token"]
        webex = Webex(admin.simulator, token)
        answers = (webex.get(path.format(ivan)), webex.call("PUT", path.format(ivan), settings(ivan)[path]))
        assert tuple(answer.status for answer in answers) == expected
