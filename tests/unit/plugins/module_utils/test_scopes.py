# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import NoAnswer, OptionError, Refused
from ansible_collections.collabops.webex.plugins.module_utils._scopes import (
    CATALOGUE,
    MODULES,
    PROBES,
    PROFILES,
    Requirement,
    Use,
    excess,
    explain_unmet,
    judge,
    least,
    needed,
    requirements,
)
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked

SEVEN = [any_of[0] for any_of in PROFILES["calling_user_enablement"]]
PEOPLE, LICENSES = "spark-admin:people_read", "spark-admin:licenses_read"


@pytest.fixture
def probed(webex: Simulator, settings: Settings, clock: object) -> t.Callable[..., dict[str, list[str]]]:
    """Judges requirements by probes with a token that has certain scopes."""

    def call(required: t.Iterable[str], token_scopes: list[str]) -> dict[str, list[str]]:
        token = webex.token(kind="service_app", scopes=token_scopes)["access_token"]
        with WebexClient(dataclasses.replace(settings, access_token=token)) as client:
            return judge(requirements(required, None, []), None, client)[1]

    return call


# Requirements


def test_a_list_a_profile_and_modules_are_required_together() -> None:
    required = requirements(["a:b"], "calling_user_enablement", ["license_info"])
    assert [str(one) for one in required] == ["a:b", *SEVEN, LICENSES]
    assert [one.needed_by for one in required] == [
        "the option `scopes`",
        *["the profile calling_user_enablement"] * 7,
        "the module license_info",
    ]


def test_a_module_may_have_the_name_of_the_collection() -> None:
    assert requirements([], None, ["collabops.webex.location_info"]) == requirements([], None, ["location_info"])


def test_the_seven_scopes_are_those_of_the_lab(webex: Simulator) -> None:
    assert sorted(SEVEN) == webex.state()["service_apps"][0]["scopes"]


@pytest.mark.parametrize(
    ("asked_for", "option"),
    [
        ((["a b"], None, []), "scopes"),
        (([""], None, []), "scopes"),
        ((["a,b"], None, []), "scopes"),
        (([], "none", []), "profile"),
        (([], None, ["none"]), "modules"),
    ],
)
def test_what_is_not_known_is_refused(asked_for: tuple[t.Any, t.Any, t.Any], option: str) -> None:
    with pytest.raises(OptionError) as error:
        requirements(*asked_for)
    assert error.value.option == option


def test_a_use_in_a_playbook_says_where() -> None:
    (required,) = requirements([], uses=[Use("license_info", "site.yml")])
    assert required.needed_by == "the module license_info (site.yml)"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (None, ["identity:tokens_write", "identity:tokens_read"]),
        ({"authorization_id"}, ["identity:tokens_write"]),
        ({"client_id", "email"}, ["identity:tokens_write", "identity:tokens_read"]),
    ],
)
def test_options_decide_what_a_module_needs(options: set[str] | None, expected: list[str]) -> None:
    use = Use("authorization", "site.yml", None if options is None else frozenset(options))
    assert [str(one) for one in requirements([], uses=[use])] == expected


MOVE = ["spark-admin:telephony_config_write", "identity:groups_rw"]
RELEASE = ["spark-admin:devices_read", "spark-admin:devices_write"]


@pytest.mark.parametrize("module", ["calling_user", "calling_users"])
@pytest.mark.parametrize(
    ("options", "more"),
    [({"email"}, []), ({"allow_move"}, MOVE), ({"release"}, RELEASE), (None, [*MOVE, *RELEASE])],
)
def test_a_switch_needs_scopes_of_its_own(module: str, options: set[str] | None, more: list[str]) -> None:
    usual = [str(requirement) for requirement in requirements([], None, [module])]
    assert not set(usual) & {*MOVE, *RELEASE}
    assert "spark-admin:people_write" in usual
    use = Use(module, "site.yml", None if options is None else frozenset(options))
    assert [str(requirement) for requirement in needed(requirements([], uses=[use]))] == [*usual, *more]


IN_BULK = "identity:people_rw"


def test_a_scope_that_only_makes_it_faster_is_neither_missed_nor_too_much() -> None:
    creating = requirements([], uses=[Use("calling_users", "", frozenset({"create_people"}))])
    usual = requirements([], uses=[Use("calling_users", "", frozenset())])
    assert {str(known) for known in creating} - {str(known) for known in usual} == {IN_BULK}
    assert needed(creating) == usual
    granted = least(usual)
    assert least(creating, granted) == granted
    assert excess(creating, [*granted, IN_BULK]) == []
    assert excess(usual, [*granted, IN_BULK]) == [IN_BULK]
    for scopes in (granted, [*granted, IN_BULK]):
        verdicts, by_verdict = judge(creating, scopes, None)
        assert {verdict.verdict for verdict in verdicts} == {"granted"}
        assert IN_BULK not in str(by_verdict)


@pytest.mark.parametrize(("options", "is_needed"), [({"email", "licenses"}, True), ({"email", "title"}, False)])
def test_a_person_with_licenses_needs_to_read_them(options: set[str], is_needed: bool) -> None:
    names = [str(requirement) for requirement in requirements([], uses=[Use("person", "", frozenset(options))])]
    assert ("spark-admin:licenses_read" in names) is is_needed


# Profiles of the user's own


def test_a_profile_may_be_the_user_s_own() -> None:
    own = {"helpdesk": [PEOPLE, ["spark-admin:locations_read", "spark-admin:device_read"]]}
    required = requirements([], "helpdesk", profiles=own)
    assert [str(one) for one in required] == [PEOPLE, "spark-admin:locations_read or spark-admin:device_read"]
    assert required[0].needed_by == "the profile helpdesk"


def test_a_profile_of_the_user_s_own_goes_first() -> None:
    assert [str(one) for one in requirements([], "reporting", profiles={"reporting": [PEOPLE]})] == [PEOPLE]


@pytest.mark.parametrize("groups", ["spark:x", {"a": 1}, ["a b"], [[]], [["a", 1]], [1], [None]])
def test_a_profile_that_cannot_be_is_refused(groups: t.Any) -> None:
    with pytest.raises(OptionError) as error:
        requirements([], profiles={"helpdesk": groups})
    assert error.value.option == "profiles"


# The least set, and what is beyond it


@pytest.mark.parametrize(
    ("modules", "granted", "needed"),
    [
        (["license_info"], [], [LICENSES]),
        (["location_info"], [], ["spark-admin:telephony_config_read", "spark-admin:locations_read"]),
        (["location_info", "person_info"], [], ["spark-admin:telephony_config_read", PEOPLE]),
        (["location_info", "token_info"], [], ["spark-admin:telephony_config_read", PEOPLE]),
        (
            ["location_info"],
            ["spark-admin:device_read"],
            ["spark-admin:telephony_config_read", "spark-admin:device_read"],
        ),
        (["service_app_scopes_info"], [PEOPLE], []),
    ],
)
def test_the_least_set_meets_everything(modules: list[str], granted: list[str], needed: list[str]) -> None:
    required = requirements([], None, modules)
    assert least(required, granted) == needed
    assert judge(required, needed, None)[1]["missing"] == []


@pytest.mark.parametrize("module", MODULES)
def test_the_least_set_cannot_do_with_less(module: str) -> None:
    required = requirements([], None, [module])
    for scope in least(required):
        rest = set(least(required)) - {scope}
        assert judge(required, rest, None)[1]["missing"]


def test_what_is_granted_beyond_need_is_told() -> None:
    required = requirements([], None, ["location_info"])
    granted = ["spark:kms", "spark-admin:device_read", "spark-admin:telephony_config_read", "spark:kms"]
    assert excess(required, granted) == ["spark:kms"]
    assert excess(required, []) == []


# By the grant


def test_the_grant_s_list_settles_everything_without_a_request(webex: Simulator, client: WebexClient) -> None:
    verdicts, by_verdict = judge(requirements([PEOPLE, LICENSES], None, []), [PEOPLE], client)
    assert [one.verdict for one in verdicts] == ["granted", "missing"]
    assert by_verdict == {"granted": [PEOPLE], "missing": [LICENSES], "unverified": []}
    assert asked(webex) == []


def test_an_empty_grant_grants_nothing() -> None:
    assert judge(requirements([PEOPLE], None, []), [], None)[1]["missing"] == [PEOPLE]


@pytest.mark.parametrize(
    ("granted", "verdict"), [(["spark-admin:device_read"], "granted"), (["spark:people_read"], "missing")]
)
def test_one_of_several_scopes_will_do(granted: list[str], verdict: str) -> None:
    required = [Requirement(("spark-admin:locations_read", "spark-admin:device_read"), "a test")]
    assert judge(required, granted, None)[1][verdict] == ["spark-admin:locations_read or spark-admin:device_read"]


def test_a_requirement_that_occurs_twice_is_told_once() -> None:
    assert judge(requirements([PEOPLE, PEOPLE], None, ["person_info"]), [], None)[1]["missing"] == [PEOPLE]


# By probes


@pytest.mark.parametrize(
    "scope", [PEOPLE, LICENSES, "spark-admin:telephony_config_read", "spark-admin:organizations_read"]
)
@pytest.mark.parametrize("has_it", [True, False])
def test_a_scope_that_one_request_needs_can_be_probed(probed: t.Any, scope: str, has_it: bool) -> None:
    found = probed([scope], [scope] if has_it else ["spark:calls_read"])
    assert found["granted" if has_it else "missing"] == [scope]


def test_a_scope_for_writing_stays_unverified_and_sends_nothing(webex: Simulator, probed: t.Any) -> None:
    assert probed(["spark-admin:people_write"], SEVEN)["unverified"] == ["spark-admin:people_write"]
    assert asked(webex) == []


def test_probes_only_read(webex: Simulator, probed: t.Any) -> None:
    probed(CATALOGUE, SEVEN)
    assert len(asked(webex)) == len(PROBES)
    assert webex.writes() == []


@pytest.mark.parametrize("scope", ["spark:people_read", "spark:people_write"])
def test_a_people_scope_of_any_kind_lets_the_owner_be_read(probed: t.Any, scope: str) -> None:
    assert probed(["spark:people_read"], [scope])["unverified"] == ["spark:people_read"]


def test_a_success_that_another_scope_may_explain_proves_nothing(probed: t.Any) -> None:
    found = probed(["spark-admin:locations_read"], ["spark-admin:device_read"])
    assert found["unverified"] == ["spark-admin:locations_read"]


def test_nothing_is_said_without_a_client() -> None:
    assert judge(requirements([PEOPLE], None, []), None, None)[1]["unverified"] == [PEOPLE]


def test_a_call_that_a_deployment_does_not_offer_says_nothing(webex: Simulator, probed: t.Any) -> None:
    webex.fault(kind="status", status=405, path="/licenses")
    assert probed([LICENSES], [LICENSES])["unverified"] == [LICENSES]


def test_a_dead_token_is_an_error(webex: Simulator, client: WebexClient, settings: Settings) -> None:
    webex.service_app(settings.client_id or "", expire="access")
    with pytest.raises(Refused) as error:
        judge(requirements([PEOPLE], None, []), None, client)
    assert error.value.status == 401


def test_a_probe_without_an_answer_is_an_error(webex: Simulator, probed: t.Any) -> None:
    webex.fault(kind="reset", times=None)
    with pytest.raises(NoAnswer):
        probed([LICENSES], [LICENSES])


# What is said


def test_what_is_missing_is_explained() -> None:
    required = requirements([LICENSES], None, ["license_info"])
    error = explain_unmet([LICENSES], [LICENSES], required)
    assert error.message == (
        f"1 scope is missing from the token: {LICENSES} (read the licenses of the organization and who holds them), "
        "needed by the option `scopes` and the module license_info."
    )
    assert "Control Hub" in (error.remedy or "")


def test_what_could_not_be_verified_is_not_called_missing_without_doubt() -> None:
    error = explain_unmet([], [PEOPLE], requirements([PEOPLE], None, []))
    assert "which cannot be verified" in error.message


def test_what_a_service_app_cannot_have_is_said() -> None:
    required = requirements([], "reporting")
    error = explain_unmet(["analytics:read_all"], ["analytics:read_all"], required)
    assert "which no service app can have" in error.message
    assert "integration" in (error.remedy or "")


def test_a_typing_error_is_guessed() -> None:
    error = explain_unmet(["x"], ["spark-admin:people_raed"], requirements(["spark-admin:people_raed"], None, []))
    assert f"did you mean {PEOPLE}?" in error.message
