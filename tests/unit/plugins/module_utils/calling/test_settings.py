# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of a person who has calling: each is read, compared, written and read back, against the simulator."""

from __future__ import annotations

import random
import typing as t
from collections import Counter

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.model import CallingError
from ansible_collections.collabops.webex.plugins.module_utils._calling.settings import person as persons
from ansible_collections.collabops.webex.plugins.module_utils._calling.settings.base import Subject
from ansible_collections.collabops.webex.plugins.module_utils._calling.settings.options import SETTINGS_SPEC
from ansible_collections.collabops.webex.plugins.module_utils._calling.settings.person import PersonSettings
from ansible_collections.collabops.webex.plugins.module_utils._calling.settings.table import (
    OPTIONS,
    SETTINGS,
    check,
    named,
)
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError, WebexError
from ansible_collections.collabops.webex.plugins.module_utils._patience import Patience
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import Clock, asked

Options = dict[str, t.Any]
SCOPES = [
    "spark-admin:people_read",
    "spark-admin:people_write",
    "spark-admin:telephony_config_read",
    "spark-admin:telephony_config_write",
    "spark-admin:licenses_read",
]
IVAN, JUDY = "+493055502001", "+493055502002"
# Of each setting: how it is asked for, two times with other values.
CHANGES: list[tuple[Options, Options]] = [
    ({"emergency_callback": "location"}, {"emergency_callback": JUDY}),
    ({"emergency_callback": JUDY}, {"emergency_callback": "direct_line"}),
    ({"caller_id": {"number": "location"}}, {"caller_id": {"number": JUDY, "name": "Sales"}}),
    ({"caller_id": {"name": "location"}}, {"caller_id": {"name": "direct_line"}}),
    ({"caller_id": {"block_in_forwarded_calls": True}}, {"caller_id": {"block_in_forwarded_calls": False}}),
    ({"voicemail": {"enabled": False}}, {"voicemail": {"enabled": True, "email_copy": True}}),
    ({"voicemail": {"email_copy_to": "a@example.com", "rings": 5}}, {"voicemail": {"rings": 6}}),
    (
        {"voicemail": {"notification": True, "notification_to": "b@example.com"}},
        {"voicemail": {"notification": False, "all_calls": True, "busy_calls": False, "unanswered_calls": False}},
    ),
    ({"outgoing_permissions": {"block": ["national"]}}, {"outgoing_permissions": {"allow": ["national"]}}),
    ({"outgoing_permissions": {"custom": True}}, {"outgoing_permissions": {"custom": False}}),
    ({"call_forwarding": {"always": "2002"}}, {"call_forwarding": {"always": "off", "busy": JUDY}}),
    (
        {"call_forwarding": {"no_answer": "2002", "rings": 5}},
        {"call_forwarding": {"no_answer": "off", "business_continuity": "judy@example.com"}},
    ),
    ({"time_zone": "Europe/London"}, {"time_zone": "Europe/Paris", "language": "Deutsch"}),
    ({"numbers": ["+493055502003"]}, {"numbers": ["+493055502004"], "remove_numbers": ["+493055502003"]}),
]
# One of each setting.
ONE_EACH = list({next(iter(first)): first for first, _second in CHANGES}.values())
FAULTS: list[dict[str, t.Any]] = [
    {"kind": "apply_then_fail", "status": 502},
    {"kind": "truncated"},
    {"kind": "reset"},
    {"kind": "status", "status": 503},
]


def name_of(options: t.Any) -> str:
    """How the cases of a test are called."""
    return "+".join(options) if isinstance(options, dict) else str(options)


@pytest.fixture
def org(webex: Simulator) -> Simulator:
    """An organization with ivan and judy, who have numbers in Berlin, and nora, who has an extension only."""
    webex.service_app(webex.credentials["service_app"]["client_id"], scopes=SCOPES, regrant=True)
    webex.add_numbers("Berlin", "+493055502000", main=True)
    for name, extension, number in (("judy", "2002", JUDY), ("nora", "2003", None)):
        calling = {"licenses": ["Webex Calling - Standard"], "location": "Berlin", "extension": extension}
        webex.add_person(f"{name}@example.com", **calling, phone_number=number)
    return webex


class Desk:
    """Somebody who sets things up for a person."""

    def __init__(self, webex: Simulator, client: WebexClient, clock: Clock) -> None:
        self.webex, self.client, self.clock = webex, client, clock
        self.seconds = 10.0

    def subject(self, name: str = "ivan") -> Subject:
        """The person, as they are read."""
        return persons.find_subject(self.client, email=f"{name}@example.com")

    def apply(self, options: Options, name: str = "ivan") -> PersonSettings:
        """Bring about what is asked for."""
        plain = check(options)
        patience = Patience(self.seconds, self.clock.monotonic, self.clock.sleep)
        return persons.apply_all(named(plain), self.subject(name), plain, patience)

    def preview(self, options: Options, name: str = "ivan") -> PersonSettings:
        """What check mode says."""
        plain = check(options)
        return persons.preview_all(named(plain), self.subject(name), plain)

    def state(self, name: str = "ivan") -> dict[str, t.Any]:
        """What Webex has."""
        return self.webex.person(name)

    def writes(self) -> list[str]:
        """The requests that write, since the last time."""
        found = [request for request in asked(self.webex) if not request.startswith("GET ")]
        self.webex.clear_journal()
        return found


@pytest.fixture
def desk(org: Simulator, client: WebexClient, clock: Clock) -> Desk:
    return Desk(org, client, clock)


# Each setting


@pytest.mark.parametrize(("first", "second"), CHANGES, ids=name_of)
def test_check_do_again_change(desk: Desk, first: Options, second: Options) -> None:
    for options in (first, second):
        before = desk.state()
        foretold = desk.preview(options)
        assert (foretold.is_changed, foretold.error, desk.writes(), desk.state()) == (True, None, [], before)
        done = desk.apply(options)
        assert (done.error, done.notes, done.changed) == (None, (), foretold.changed)
        assert done.difference() == foretold.difference()
        assert done.shown() == foretold.shown()
        assert len(desk.writes()) == len(done.outcomes)
        state = desk.state()
        again = desk.apply(options)
        assert (again.is_changed, again.error, desk.writes(), desk.state()) == (False, None, [], state)
        assert again.shown() == done.shown()


@pytest.mark.parametrize(
    "options",
    [
        {"emergency_callback": "location"},
        {"caller_id": {"number": JUDY, "name": "location", "block_in_forwarded_calls": True}},
        {"voicemail": {"enabled": False, "email_copy": True, "rings": 5}},
        {"outgoing_permissions": {"custom": True}},
        {"call_forwarding": {"always": "2002", "rings": 5, "business_continuity": JUDY}},
        {"time_zone": "Europe/London", "language": "Deutsch"},
    ],
    ids=name_of,
)
def test_what_was_before_undoes_what_was_done(desk: Desk, options: Options) -> None:
    shown = desk.preview(options)
    before, _after = desk.apply(options).difference()
    undone = desk.apply(before)
    assert (undone.error, undone.is_changed) == (None, True)
    assert [outcome.after for outcome in undone.outcomes] == [outcome.before for outcome in shown.outcomes]


def test_numbers_that_were_given_are_taken_again(desk: Desk) -> None:
    assert desk.apply({"numbers": ["+493055502003", "+493055502004"]}).shown()["numbers"] == [
        "+493055502003",
        "+493055502004",
    ]
    assert desk.apply({"remove_numbers": ["+493055502003"]}).shown() == {"numbers": ["+493055502004"]}
    assert desk.state()["phone_number"] == IVAN


@pytest.mark.parametrize(("first", "_second"), CHANGES, ids=name_of)
def test_what_is_not_named_is_not_sent_unless_webex_demands_it(desk: Desk, first: Options, _second: Options) -> None:
    demanded = {
        "voicemail": {"notifications", "transferToNumber"},
        "caller_id": {"selected"},
        "outgoing_permissions": {"callingPermissions", "useCustomEnabled", "useCustomPermissions"},
    }
    desk.apply(first)
    (body,) = [entry["body"] for entry in desk.webex.writes()]
    (option,) = first
    changed = {
        "emergency_callback": {"selected", "locationMemberId"},
        "caller_id": {"externalCallerIdNamePolicy", "blockInForwardCallsEnabled"},
        "voicemail": {"enabled", "emailCopyOfMessage", "sendUnansweredCalls"},
        "call_forwarding": {"callForwarding"},
        "time_zone": {"timeZone"},
        "numbers": {"phoneNumbers"},
    }
    assert set(body) <= demanded.get(option, set()) | changed.get(option, set())
    if option == "call_forwarding":
        assert len(body["callForwarding"]) == 1


def test_every_option_is_tested_and_can_be_given() -> None:
    tested = {name for pair in CHANGES for options in pair for name in options}
    assert tested | {"voicemail_passcode", "voicemail_passcode_update"} == set(OPTIONS)
    assert set(SETTINGS_SPEC) == set(OPTIONS)
    for setting in SETTINGS:
        assert setting.checks.keys() & set(OPTIONS)


# What Webex does


@pytest.mark.parametrize(
    ("field", "options", "named_in_error"),
    [
        ("emergencyCallbackNumber.selected", {"emergency_callback": "location"}, "emergency_callback"),
        ("callerId.selected", {"caller_id": {"number": "location"}}, "caller_id.number"),
        ("voicemail.emailCopyOfMessage.enabled", {"voicemail": {"email_copy": True}}, "voicemail.email_copy"),
        ("callForwarding.callForwarding.always", {"call_forwarding": {"always": "2002"}}, "call_forwarding.always"),
        ("outgoingPermission.NATIONAL", {"outgoing_permissions": {"block": ["national"]}}, "outgoing_permissions.nat"),
        ("person.announcementLanguage", {"language": "Deutsch", "time_zone": "Europe/Paris"}, "language"),
    ],
)
def test_a_field_that_webex_drops_is_an_error_that_names_it(
    desk: Desk, field: str, options: Options, named_in_error: str
) -> None:
    desk.webex.configure(dropped_fields=[field])
    result = desk.apply(options)
    assert f"does not show {named_in_error}" in str(result.error)
    assert "Control Hub" in str(result.error)
    # What else was asked for is changed, and told.
    assert result.is_changed is field.startswith(("outgoingPermission", "person"))


def test_of_two_fields_only_the_dropped_one_is_named(desk: Desk) -> None:
    desk.webex.configure(dropped_fields=["voicemail.sendUnansweredCalls.numberOfRings"])
    result = desk.apply({"voicemail": {"rings": 7, "email_copy": True}})
    message = str(result.error)
    assert result.difference() == ({"voicemail": {"email_copy": False}}, {"voicemail": {"email_copy": True}})
    assert "voicemail.rings (wanted 7, shown 3)" in message
    assert "email_copy" not in message


def test_what_webex_changes_beside_is_said(desk: Desk) -> None:
    desk.apply({"voicemail": {"enabled": False}})
    desk.webex.configure(put_settings="reset")
    result = desk.apply({"voicemail": {"all_calls": True}})
    assert (result.error, result.is_changed) == (None, True)
    assert result.notes == ("Webex changed voicemail.enabled as well: it was False, and is True",)


def test_what_webex_demands_comes_from_a_read_right_before(desk: Desk) -> None:
    desk.apply({"voicemail": {"notification": True, "notification_to": "b@example.com"}})
    desk.webex.configure(put_settings="reset")
    desk.apply({"voicemail": {"all_calls": True}})
    assert desk.state()["settings"]["voicemail"]["notifications"] == {"enabled": True, "destination": "b@example.com"}


@pytest.mark.parametrize(
    ("feature", "options"),
    [
        ("voicemail", {"voicemail": {"email_copy": True}}),
        ("voicemail", {"voicemail_passcode": "7294817", "voicemail_passcode_update": "always"}),
        ("callerId", {"caller_id": {"number": "location"}}),
        ("emergencyCallbackNumber", {"emergency_callback": "location"}),
        ("numbers", {"numbers": ["+493055502003"]}),
    ],
)
def test_a_locked_feature_says_so_and_stops_no_other(desk: Desk, feature: str, options: Options) -> None:
    desk.webex.configure(locked_features=[feature])
    (name,) = {setting.name for setting in named(check(options))}
    result = desk.apply({**options, "time_zone": "Europe/London"})
    message = str(result.error)
    assert message.startswith(f"{name}: ")
    assert f"may have locked {name}" in message
    assert f"Settings as wanted: time_zone and language; not: {name}." in message
    assert desk.state()["settings"]["person"]["timeZone"] == "Europe/London"


def test_a_change_that_shows_late_is_waited_for_and_no_longer(desk: Desk) -> None:
    desk.webex.stale(3600, "settings")
    result = desk.apply({"time_zone": "Europe/London"})
    assert "or shows it late" in str(result.error)
    assert 0 < sum(desk.clock.naps) <= desk.seconds
    assert len(desk.writes()) == 1


def test_somebody_who_got_calling_a_moment_ago_is_waited_for(desk: Desk) -> None:
    desk.webex.configure(settings_delay=3600)
    options = check({"time_zone": "Europe/London"})
    subject = Subject(desk.client, desk.subject().person, "ivan", is_new=True)
    desk.clock.on_nap = lambda: desk.webex.configure(settings_delay=0)
    result = persons.apply_all(named(options), subject, options, Patience(5, desk.clock.monotonic, desk.clock.sleep))
    assert (result.error, result.is_changed) == (None, True)
    assert desk.clock.naps == [0.25]


# Failures


@pytest.mark.parametrize(
    ("email", "words"),
    [
        ("not an address", "email: "),
        ("nobody@example.com", "There is no person nobody@example.com in this organization."),
        ("alice@example.com", "alice@example.com has no Webex Calling, so there are no settings."),
    ],
)
def test_a_person_without_settings_is_an_error_that_says_why(desk: Desk, email: str, words: str) -> None:
    with pytest.raises(WebexError) as error:
        persons.find_subject(desk.client, email=email)
    assert str(error.value).startswith(words)


def test_settings_that_are_not_there_are_an_error_and_not_waited_for(desk: Desk) -> None:
    desk.webex.fault(method="GET", path="features/voicemail$", kind="status", status=404, times=None)
    result = desk.apply({"voicemail": {"email_copy": True}})
    assert "was answered with 404" in str(result.error)
    assert (desk.writes(), desk.clock.naps) == ([], [])


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (None, "Webex answered that it is done."),
        ({"kind": "apply_then_fail", "status": 502, "times": None}, "was answered with 502"),
    ],
)
def test_what_cannot_be_read_back_is_said_to_be_unknown(desk: Desk, fault: t.Any, words: str) -> None:
    voicemail = "features/voicemail$"
    desk.webex.fault(method="GET", path=voicemail, kind="status", status=403, times=None, skip=1)
    if fault:
        desk.webex.fault(method="PUT", path=voicemail, **fault)
    result = desk.apply({"voicemail": {"email_copy": True}})
    message = str(result.error)
    assert words in message
    assert "Whether it was done is unknown, since it cannot be read" in message
    assert not result.is_changed


def test_a_type_of_call_that_webex_does_not_have_is_refused(desk: Desk) -> None:
    (setting,) = named(check({"outgoing_permissions": {"block": ["national"]}}))
    with pytest.raises(CallingError, match="Webex has no calls of the type national here"):
        setting.body(desk.subject(), {"outgoing_permissions.national": "block"}, {"callingPermissions": []})


def test_permissions_that_no_option_can_give_are_shown_by_type() -> None:
    (setting,) = named(check({"outgoing_permissions": {"block": ["national"]}}))
    seen = {"outgoing_permissions.custom": True, "outgoing_permissions.national": "block"}
    shown = setting.as_options({**seen, "outgoing_permissions.international": "auth_code"})
    assert shown == {
        "outgoing_permissions": {"custom": True, "block": ["national"], "other": {"international": "auth_code"}}
    }


@pytest.mark.parametrize("options", ONE_EACH, ids=name_of)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["kind"])
def test_an_unclear_end_is_looked_at(desk: Desk, fault: dict[str, t.Any], options: Options) -> None:
    desk.webex.fault(method="PUT", **fault)
    result = desk.apply(options)
    assert (result.error, result.is_changed) == (None, True)
    desk.webex.clear_faults()
    assert not desk.preview(options).is_changed


@pytest.mark.parametrize("options", ONE_EACH, ids=name_of)
def test_what_was_not_done_is_not_said_to_be(desk: Desk, options: Options) -> None:
    desk.webex.fault(method="PUT", kind="status", status=500, times=None)
    before = desk.state()
    result = desk.apply(options)
    assert not result.is_changed
    assert "was answered with 500" in str(result.error)
    assert "does not show the wanted" in str(result.error)
    assert desk.state() == before


def test_a_refused_token_ends_it_at_once(desk: Desk) -> None:
    desk.webex.fault(method="PUT", kind="status", status=401, times=None)
    result = desk.apply({"emergency_callback": "location", "time_zone": "Europe/London", "language": "Deutsch"})
    assert result.stop is not None
    assert result.not_tried == ("time_zone and language",)
    assert "not: emergency_callback, time_zone and language." in str(result.error)
    assert len(desk.writes()) == 1


@pytest.mark.parametrize("seed", [1, 2])
def test_with_failures_everywhere_a_result_is_true(desk: Desk, seed: int) -> None:
    chance, told = random.Random(seed), Counter[bool]()
    wanted = [options for pair in CHANGES for options in pair]
    for options in chance.sample(wanted, len(wanted)):
        for kind in FAULTS:
            desk.webex.fault(times=None, probability=0.1, path="config/people|/features/", **kind)
        result = desk.apply(options)
        desk.webex.clear_faults()
        told[result.error is None] += 1
        is_as_wanted = not desk.preview(options).is_changed
        if result.error is None:
            assert is_as_wanted
        else:
            assert desk.apply(options).error is None
    assert told[True] > len(wanted) / 2


# The passcode


def test_the_passcode_is_set_when_voicemail_is_switched_on(desk: Desk) -> None:
    off, on = {"voicemail": {"enabled": False}}, {"voicemail": {"enabled": True}, "voicemail_passcode": "7294817"}
    desk.apply(off)
    desk.writes()
    foretold, done = desk.preview(on), desk.apply(on)
    assert done.difference() == foretold.difference()
    assert done.difference()[1] == {"voicemail": {"enabled": True}, "voicemail_passcode": "(new)"}
    assert [request.rpartition("/")[2] for request in desk.writes()] == ["passcode", "voicemail"]
    assert not desk.apply(on).is_changed
    assert (desk.state()["passcodes"], desk.writes()) == (1, [])


def test_the_passcode_can_be_set_each_time(desk: Desk) -> None:
    options = {"voicemail_passcode": "7294817", "voicemail_passcode_update": "always"}
    assert desk.apply(options).is_changed
    assert desk.apply(options).is_changed
    assert desk.state()["passcodes"] == 2


def test_a_run_that_ends_between_passcode_and_voicemail_does_both_again(desk: Desk) -> None:
    options = {"voicemail": {"enabled": True}, "voicemail_passcode": "7294817"}
    desk.apply({"voicemail": {"enabled": False}})
    desk.webex.fault(method="PUT", path="features/voicemail$", kind="status", status=400)
    assert "features/voicemail was answered with 400" in str(desk.apply(options).error)
    assert desk.apply(options).error is None
    assert (desk.state()["passcodes"], desk.state()["settings"]["voicemail"]["enabled"]) == (2, True)


def test_a_passcode_that_is_refused_leaves_voicemail_off(desk: Desk) -> None:
    desk.apply({"voicemail": {"enabled": False}})
    result = desk.apply({"voicemail": {"enabled": True}, "voicemail_passcode": "letters"})
    assert "passcode was answered with 400" in str(result.error)
    assert desk.state()["settings"]["voicemail"]["enabled"] is False


def test_no_error_and_no_result_shows_the_passcode(desk: Desk) -> None:
    options = {"voicemail_passcode": "7294817", "voicemail_passcode_update": "always"}
    echo = {"message": "7294817 is too easy", "errors": [{"description": "try another one than 7294817"}]}
    assert "7294817" not in repr(desk.preview(options))
    desk.webex.fault(method="PUT", kind="status", status=400, body=echo)
    refused = desk.apply(options)
    assert "is too easy" in str(refused.error)
    assert "7294817" not in repr(refused) + str(refused.error) + str(refused.error and refused.error.details())
    assert "7294817" not in repr(desk.apply(options))


# Who has no number of their own


@pytest.mark.parametrize("is_check", [True, False])
def test_without_a_number_the_emergency_callback_is_missed(desk: Desk, is_check: bool) -> None:
    (setting,) = [setting for setting in SETTINGS if setting.name == "emergency_callback"]
    result = persons.preview_all([setting], desk.subject("nora"), {})
    assert "emergency services have no number" in result.notes[0]
    done = (desk.preview if is_check else desk.apply)({"emergency_callback": "location"}, "nora")
    assert (done.notes, done.is_changed, done.error) == ((), True, None)


def test_a_location_without_a_number_calls_nobody_back(desk: Desk) -> None:
    desk.webex.add_person(
        "lara@example.com", licenses=["Webex Calling - Standard"], location="London", extension="3001"
    )
    result = desk.apply({"emergency_callback": "location"}, "lara")
    assert result.is_changed
    assert "emergency services have no number" in result.notes[0]


# What cannot be


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"emergency_callback": "+493055502099"}, "not in the inventory"),
        ({"emergency_callback": "+493055502019"}, "Nobody has the number"),
        ({"emergency_callback": "+442071838001"}, "in London, where the person is not"),
        (
            {"outgoing_permissions": {"allow": ["premium_services_ii"]}},
            "restricts calls of the type premium_services_ii",
        ),
        ({"numbers": [JUDY]}, "in use by Judy"),
        ({"numbers": ["+442071838002"]}, "inventory of London"),
        ({"numbers": ["+493055502099"]}, "not in the inventory"),
        ({"remove_numbers": [IVAN]}, "the primary one of the person"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(desk: Desk, options: Options, says: str) -> None:
    desk.webex.add_person(
        "lara@example.com",
        licenses=["Webex Calling - Standard"],
        location="London",
        extension="3001",
        phone_number="+442071838001",
    )
    for work in (desk.preview, desk.apply):
        result = work(options)
        assert says in str(result.error)
        assert not result.is_changed
    assert desk.writes() == []


def test_a_caller_id_that_webex_does_not_allow_is_refused_before_anything_is_written(desk: Desk) -> None:
    result = desk.apply({"caller_id": {"number": "direct_line"}}, "nora")
    assert "does not let this person show direct_line" in str(result.error)
    assert "location, another number" in str(result.error)
    assert desk.writes() == []


def test_the_primary_number_counts_as_theirs(desk: Desk) -> None:
    assert not desk.apply({"numbers": [IVAN]}).is_changed


@pytest.mark.parametrize(
    ("options", "option", "right"),
    [
        ({"emergency_callback": "head office"}, "emergency_callback", "direct_line, location; or write E.164"),
        ({"emergency_callback": "2001"}, "emergency_callback", "E.164"),
        ({"caller_id": {"number": "nobody"}}, "caller_id.number", "direct_line, location; or write E.164"),
        ({"caller_id": {"nmae": "x"}}, "caller_id", "choose from number, name"),
        ({"caller_id": "location"}, "caller_id", "give one or more of number"),
        ({"voicemail": {"enabled": "maybe"}}, "voicemail.enabled", "write true or false"),
        ({"voicemail": {"rings": 1}}, "voicemail.rings", "write for example 4"),
        ({"voicemail": {"rings": "many"}}, "voicemail.rings", "write for example 4"),
        ({"voicemail": {"email_copy_to": "alice"}}, "voicemail.email_copy_to", "alice@example.com"),
        ({"voicemail_passcode": "12345"}, "voicemail_passcode", "in quotes"),
        ({"voicemail_passcode": "1" * 31}, "voicemail_passcode", "in quotes"),
        ({"voicemail_passcode_update": "often"}, "voicemail_passcode_update", "on_enable, always"),
        ({"outgoing_permissions": {"allow": ["mars"]}}, "outgoing_permissions.allow", "internal_call"),
        ({"outgoing_permissions": {"allow": 5}}, "outgoing_permissions.allow", "write a list"),
        (
            {"outgoing_permissions": {"allow": ["national"], "block": ["national"]}},
            "outgoing_permissions",
            "leave it in one",
        ),
        (
            {"outgoing_permissions": {"custom": False, "block": ["national"]}},
            "outgoing_permissions.custom",
            "leave out one",
        ),
        ({"call_forwarding": {"always": "the moon"}}, "call_forwarding.always", "or off"),
        ({"call_forwarding": {"always": True}}, "call_forwarding.always", "quotes"),
        ({"time_zone": ["x"]}, "time_zone", "one value"),
        ({"numbers": ["030"]}, "numbers", "E.164"),
        ({"numbers": [JUDY], "remove_numbers": [JUDY]}, "remove_numbers", "in one of them"),
    ],
)
def test_what_is_wrong_by_itself_names_the_option_and_what_is_right(options: Options, option: str, right: str) -> None:
    with pytest.raises(OptionError) as caught:
        check(options)
    assert caught.value.option == option
    assert right in str(caught.value.remedy)
    assert not any(str(value) in str(caught.value) for value in [options.get("voicemail_passcode")] if value)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ({"call_forwarding": {"always": False, "busy": "+49 (30) 55502002"}}, {"always": "off", "busy": JUDY}),
        ({"voicemail": {"enabled": "yes", "rings": "4", "email_copy": None}}, {"enabled": True, "rings": 4}),
        ({"outgoing_permissions": {"block": "National, toll_free"}}, {"block": ["national", "toll_free"]}),
        ({"emergency_callback": "Direct Line"}, "direct_line"),
        ({"emergency_callback": "+49 30-55502002"}, JUDY),
        ({"numbers": f"{JUDY},{JUDY}"}, [JUDY]),
        ({"language": ""}, None),
        ({"voicemail": {}}, None),
    ],
)
def test_what_has_one_meaning_is_understood(written: Options, plain: t.Any) -> None:
    (option,) = written
    assert check(written).get(option) == plain


def test_a_number_without_its_country_is_the_same_line(desk: Desk) -> None:
    desk.apply({"caller_id": {"number": JUDY}})
    shown = desk.state()["settings"]["callerId"]["customNumber"]
    assert shown == JUDY
    person_id = desk.state()["id"]
    desk.client.put(f"/people/{person_id}/features/callerId", {"selected": "CUSTOM", "customNumber": "3055502002"})
    assert not desk.apply({"caller_id": {"number": JUDY}}).is_changed
