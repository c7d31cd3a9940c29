# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the catalogue says a module needs is what Webex asks of it, no more and no less.

Every module is run with exactly the scopes that are derived for it, and then without each of them:
service_app_scopes_info says beforehand what the module then meets as a 403.
"""

from __future__ import annotations

import itertools
import json
import pathlib
import typing as t

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible_collections.collabops.webex.plugins.action import activation_code, guest_token, service_app_token
from ansible_collections.collabops.webex.plugins.module_utils._scopes import (
    MODULES,
    Requirement,
    Use,
    least,
    requirements,
)
from ansible_collections.collabops.webex.plugins.modules import (
    authorization,
    authorization_info,
    calling_user,
    calling_user_settings,
    calling_users,
    license_info,
    location,
    location_info,
    number,
    number_info,
    person,
    person_info,
    service_app_scopes_info,
    token_info,
    webhook,
)
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked, run_action, statuses

Run = t.Callable[..., dict[str, t.Any]]

# How each module is run, so that it makes every kind of request that it can: ordinary modules, and actions.
ORDINARY: dict[str, tuple[t.Callable[[], None], dict[str, t.Any]]] = {
    "authorization": (authorization.main, {"client_id": "C1", "email": "admin@example.com"}),
    "authorization_info": (authorization_info.main, {"email": "admin@example.com"}),
    "calling_user": (calling_user.main, {"email": "alice@example.com", "location": "Berlin", "extension": "2002"}),
    "calling_user_settings": (
        calling_user_settings.main,
        {
            "email": "ivan@example.com",
            "caller_id": {"name": "Sales"},
            "time_zone": "Europe/London",
            "voicemail_passcode": "7294817",
            "voicemail_passcode_update": "always",
        },
    ),
    "calling_users": (
        calling_users.main,
        {"users": [{"email": "alice@example.com", "location": "Berlin", "extension": "2002"}]},
    ),
    "license_info": (license_info.main, {}),
    "location": (
        location.main,
        {
            "name": "Hamburg",
            "time_zone": "Europe/Berlin",
            "preferred_language": "de_de",
            "announcement_language": "de_de",
            "address": {
                "address1": "Kai 1",
                "city": "Hamburg",
                "state": "HH",
                "postal_code": "20457",
                "country": "DE",
            },
        },
    ),
    "location_info": (location_info.main, {}),
    "number": (number.main, {"location": "Berlin", "phone_numbers": ["+493055503001"]}),
    "number_info": (number_info.main, {"owner": "alice@example.com"}),
    "person": (
        person.main,
        {"email": "new@example.com", "display_name": "New Person", "licenses": ["Messaging - Advanced"]},
    ),
    "person_info": (person_info.main, {"email": "alice@example.com"}),
    "token_info": (token_info.main, {}),
    "webhook": (
        webhook.main,
        {
            "name": "New",
            "client_id": "C1",
            "target_url": "https://events.example.com/",
            "secret": "the-secret-of-a-webhook",
        },
    ),
}
ACTIONS: dict[str, tuple[type[t.Any], dict[str, t.Any]]] = {
    "activation_code": (activation_code.ActionModule, {"email": "ivan@example.com", "model": "DMS Cisco 8865"}),
    "guest_token": (guest_token.ActionModule, {"subject": "visitor-1", "display_name": "Alex"}),
    "service_app_token": (service_app_token.ActionModule, {}),
}
# Those that need nothing have nothing to lose.
NEEDY = [name for name, needs in MODULES.items() if needs]


@pytest.fixture
def work(run: Run, webex: Simulator, clock: object) -> Run:
    """Runs a module with a token that has these scopes, in a fresh organization."""

    def work_with(module: str, scopes: t.Iterable[str]) -> dict[str, t.Any]:
        webex.reset()
        app = webex.credentials["service_app"]
        webex.service_app(app["client_id"], scopes=sorted(scopes), regrant=True)
        connection = {"base_url": webex.base_url, "access_token": app["access_token"]}
        if module in ACTIONS:
            action, arguments = ACTIONS[module]
            if module == "service_app_token":
                connection = {name: app[name] for name in ("client_id", "client_secret", "refresh_token")}
                connection["base_url"] = webex.base_url
            return run_action(module, action, {**connection, **arguments}, DataLoader())
        main, arguments = ORDINARY[module]
        if module == "webhook":
            # A service app cannot register webhooks.
            connection["access_token"] = webex.token(kind="integration", scopes=sorted(scopes))["access_token"]
        if module == "authorization":
            webex.token(kind="integration")  # so that there is something to revoke
            arguments = {**arguments, "client_id": webex.credentials["integration"]["client_id"]}
        return run(main, **connection, **arguments)

    return work_with


@pytest.fixture
def foretell(run: Run, webex: Simulator) -> Run:
    """Runs service_app_scopes_info for a module, with a grant."""
    return lambda module, scopes: run(
        service_app_scopes_info.main, base_url=webex.base_url, modules=[module], granted=sorted(scopes)
    )


def groups(module: str) -> list[tuple[str, ...]]:
    return [requirement.any_of for requirement in requirements([], None, [module])]


def test_every_module_that_needs_something_is_run_here() -> None:
    assert {*ORDINARY, *ACTIONS} == set(NEEDY)


@pytest.mark.parametrize("module", NEEDY)
def test_with_exactly_what_is_derived_it_works(work: Run, foretell: Run, webex: Simulator, module: str) -> None:
    scopes = least(requirements([], None, [module]))
    foretold = foretell(module, scopes)
    assert (foretold["valid"], foretold["excess"], asked(webex)) == (True, [], [])
    assert not work(module, scopes).get("failed")
    assert 403 not in statuses(webex)
    assert statuses(webex)


@pytest.mark.parametrize(
    ("module", "scopes"),
    [
        (module, scopes)
        for module in NEEDY
        if any(len(group) > 1 for group in groups(module))
        for scopes in itertools.product(*groups(module))
    ],
)
def test_every_alternative_will_do(
    work: Run, foretell: Run, webex: Simulator, module: str, scopes: tuple[str, ...]
) -> None:
    assert foretell(module, scopes)["valid"]
    assert not work(module, scopes).get("failed")
    assert 403 not in statuses(webex)


@pytest.mark.parametrize(("module", "gone"), [(module, gone) for module in NEEDY for gone in groups(module)])
def test_what_is_taken_away_is_foretold_and_met(
    work: Run, foretell: Run, webex: Simulator, module: str, gone: tuple[str, ...]
) -> None:
    scopes = {scope for group in groups(module) for scope in group} - set(gone)
    foretold = foretell(module, scopes)
    assert (foretold["failed"], foretold["valid"]) == (True, False)
    assert str(Requirement(gone, "")) in foretold["missing"]
    assert f"needed by the module {module}" in foretold["msg"]
    result = work(module, scopes)
    assert 403 in statuses(webex)
    if result.get("failed"):
        # The message says of the call what was foretold of the module.
        assert any(scope in result["error"]["remedy"] for scope in gone)
    else:
        # It needs it for a part of its answer only, and says that this part is unknown.
        assert result["org_id"] is None


MOVES = {
    "calling_user": (calling_user.main, {"email": "ivan@example.com", "location": "London", "extension": "2001"}),
    "calling_users": (
        calling_users.main,
        {"users": [{"email": "ivan@example.com", "location": "London", "extension": "2001"}]},
    ),
}
MOVE_SCOPES = ("spark-admin:telephony_config_write", "spark-admin:people_write", "identity:groups_rw")


def moving_scopes(module: str) -> set[str]:
    """What a task of this module needs that may move people."""
    return set(least(requirements([], uses=[Use(module, "site.yml", frozenset({"allow_move"}))])))


@pytest.fixture
def move(run: Run, webex: Simulator, clock: object) -> Run:
    """Lets a module move somebody, with a token that has these scopes."""

    def move_with(module: str, scopes: set[str]) -> dict[str, t.Any]:
        app = webex.credentials["service_app"]
        webex.service_app(app["client_id"], scopes=sorted(scopes), regrant=True)
        main, arguments = MOVES[module]
        connection = {"base_url": webex.base_url, "access_token": app["access_token"]}
        return run(main, **connection, **arguments, allow_move=True)

    return move_with


@pytest.mark.parametrize("module", MOVES)
def test_with_exactly_what_is_derived_people_are_moved(move: Run, webex: Simulator, module: str) -> None:
    assert set(MOVE_SCOPES) <= moving_scopes(module)
    result = move(module, moving_scopes(module))
    assert not result.get("failed")
    assert 403 not in statuses(webex)
    ivan = next(person for person in webex.state()["people"] if person["email"] == "ivan@example.com")
    assert ivan["location"] == "London"


@pytest.mark.parametrize("module", MOVES)
@pytest.mark.parametrize("gone", MOVE_SCOPES)
def test_without_one_of_the_scopes_of_a_move_nobody_is_moved(
    move: Run, webex: Simulator, module: str, gone: str
) -> None:
    assert move(module, moving_scopes(module) - {gone})["failed"]
    assert 403 in statuses(webex)
    ivan = next(person for person in webex.state()["people"] if person["email"] == "ivan@example.com")
    assert ivan["location"] == "Berlin"


def release_scopes(module: str) -> set[str]:
    """What a task of this module needs that lets leavers give their devices back."""
    return set(least(requirements([], uses=[Use(module, "site.yml", frozenset({"release"}))])))


@pytest.mark.parametrize("module", MOVES)
@pytest.mark.parametrize("gone", [None, "spark-admin:devices_read", "spark-admin:devices_write"])
def test_devices_of_leavers_need_scopes_of_their_own(run: Run, webex: Simulator, module: str, gone: str | None) -> None:
    webex.add_device("ivan@example.com")
    token = webex.token(kind="service_app", scopes=sorted(release_scopes(module) - {gone}))["access_token"]
    main, leaver = MOVES[module][0], {"email": "ivan@example.com", "state": "absent"}
    wanted = {"users": [leaver]} if module == "calling_users" else leaver
    connection = {"base_url": webex.base_url, "access_token": token, "wait_timeout": 0}
    result = run(main, **connection, **wanted, release=True)
    assert (403 in statuses(webex)) is (gone is not None)
    assert bool(webex.state()["devices"]) is (gone is not None)
    assert result.get("failed", False) is (gone == "spark-admin:devices_read")
    if gone == "spark-admin:devices_write":
        assert f"needs {gone}" in result["released"][0]["left"][0]


# Each setting with a value that differs from what ivan has.
SETTINGS: dict[str, t.Any] = {
    "emergency_callback": "location",
    "caller_id": {"name": "Sales"},
    "voicemail": {"email_copy": True},
    "voicemail_passcode": "7294817",
    "outgoing_permissions": {"block": ["national"]},
    "call_forwarding": {"always": "2002"},
    "time_zone": "Europe/London",
    "language": "Deutsch",
    "numbers": ["+493055502003"],
}
IVAN = {"email": "ivan@example.com", "location": "Berlin", "extension": "2001"}
SET_UP: dict[str, tuple[t.Callable[[], None], t.Callable[[dict[str, t.Any]], dict[str, t.Any]]]] = {
    "calling_user_settings": (calling_user_settings.main, lambda wanted: {"email": IVAN["email"], **wanted}),
    "calling_user": (calling_user.main, lambda wanted: {**IVAN, **wanted}),
    "calling_users": (calling_users.main, lambda wanted: {"users": [{**IVAN, **wanted}]}),
}


# All of them for one module, and one of each kind for those that have the same options.
CASES = [("calling_user_settings", option) for option in SETTINGS]
CASES += [
    ("calling_user", "emergency_callback"),
    ("calling_users", "voicemail"),
    ("calling_users", "voicemail_passcode"),
]
WRITE = {"spark-admin:people_write", "spark-admin:telephony_config_write"}


@pytest.mark.parametrize(("module", "option"), CASES)
def test_with_exactly_what_a_setting_needs_it_is_set_and_without_any_of_it_it_is_not(
    run: Run, webex: Simulator, clock: object, module: str, option: str
) -> None:
    wanted = {option: SETTINGS[option]}
    if option == "voicemail_passcode":
        wanted["voicemail_passcode_update"] = "always"
    use = Use(module, "site.yml", frozenset({option}))
    scopes = set(least(requirements([], uses=[use])))
    # What the module needs for a license, which ivan has; and for a warning, without which it can be set.
    for_more = {need.any_of[0] for need in Use(module, "site.yml", frozenset()).needs} & WRITE
    of_telephony = ("emergency_callback", "time_zone", "language", "numbers")
    if module == "calling_user_settings" and option not in of_telephony:
        for_more.add("spark-admin:telephony_config_read")
    if option == "voicemail":
        for_more.discard("spark-admin:people_write")
    app = webex.credentials["service_app"]
    main, arguments = SET_UP[module]
    connection = {"base_url": webex.base_url, "access_token": app["access_token"], "wait_timeout": 0}

    def is_set_with(granted: set[str]) -> bool:
        webex.reset()
        webex.service_app(app["client_id"], scopes=sorted(granted), regrant=True)
        result = run(main, **connection, **arguments(wanted))
        return not result.get("failed") and bool(result["changed"])

    assert is_set_with(scopes)
    assert 403 not in statuses(webex)
    for gone in scopes - for_more:
        assert not is_set_with(scopes - {gone})
        assert 403 in statuses(webex)


def test_a_playbook_whose_list_has_settings_is_told_what_it_lacks(
    run: Run, webex: Simulator, tmp_path: pathlib.Path
) -> None:
    playbook = tmp_path / "site.yml"
    granted = least(requirements([], None, ["calling_users"]))
    for defaults, missing in (
        ({"location": "Berlin"}, []),
        ({"voicemail": {"enabled": True}}, []),
        ({"emergency_callback": "location"}, ["spark-admin:telephony_config_write"]),
    ):
        task = {"collabops.webex.calling_users": {"src": "users.csv", "defaults": defaults}}
        playbook.write_text(json.dumps([{"hosts": "all", "tasks": [task]}]), encoding="utf-8")
        result = run(service_app_scopes_info.main, base_url=webex.base_url, playbook=str(playbook), granted=granted)
        assert (result["valid"], result["missing"]) == (not missing, missing)


@pytest.mark.parametrize(("is_on", "is_valid"), [(True, False), (False, True)])
def test_a_playbook_that_moves_is_told_what_it_lacks(
    run: Run, webex: Simulator, tmp_path: pathlib.Path, is_on: bool, is_valid: bool
) -> None:
    playbook = tmp_path / "site.yml"
    task = {"collabops.webex.calling_user": {"email": "x", "allow_move": is_on}}
    playbook.write_text(json.dumps([{"hosts": "all", "tasks": [task]}]), encoding="utf-8")
    granted = least(requirements([], None, ["calling_user"]))
    result = run(service_app_scopes_info.main, base_url=webex.base_url, playbook=str(playbook), granted=granted)
    assert result["valid"] is is_valid
    lacking = [] if is_valid else ["identity:groups_rw", "spark-admin:telephony_config_write"]
    assert sorted(result["missing"]) == lacking


CREATION_SCOPES = least(requirements([], uses=[Use("calling_users", "", frozenset({"create_people"}))]))
NEWCOMERS = [
    {"email": f"new{n}@example.com", "display_name": f"New {n}", "location": "Berlin", "extension": f"500{n}"}
    for n in range(3)
]


@pytest.fixture
def create(run: Run, webex: Simulator, clock: object) -> Run:
    """Lets calling_users create people, with a token that has these scopes."""

    def create_with(scopes: t.Iterable[str]) -> dict[str, t.Any]:
        app = webex.credentials["service_app"]
        webex.service_app(app["client_id"], scopes=sorted(scopes), regrant=True)
        connection = {"base_url": webex.base_url, "access_token": app["access_token"]}
        return run(calling_users.main, **connection, users=NEWCOMERS, create_people=True, wait_timeout=1)

    return create_with


@pytest.mark.parametrize(("more", "refused"), [((), ["POST"]), (("identity:people_rw",), [])])
def test_with_what_is_derived_people_are_created(
    create: Run, webex: Simulator, more: tuple[str, ...], refused: list[str]
) -> None:
    assert create([*CREATION_SCOPES, *more])["counts"]["enabled"] == len(NEWCOMERS)
    assert [entry["method"] for entry in webex.journal() if entry["status"] == 403] == refused


@pytest.mark.parametrize("gone", CREATION_SCOPES)
def test_without_one_of_the_scopes_nobody_is_enabled(create: Run, webex: Simulator, gone: str) -> None:
    result = create({*CREATION_SCOPES, "identity:people_rw"} - {gone})
    assert result["failed"]
    assert 403 in statuses(webex)
    assert not any(person["extension"] for person in webex.state()["people"] if person["email"].startswith("new"))


def test_a_playbook_of_all_modules_needs_what_they_need_together(
    run: Run, webex: Simulator, tmp_path: pathlib.Path
) -> None:
    playbook = tmp_path / "site.yml"
    # Every option that needs a scope, but for the switches.
    options = {"email": "x", "owner": "x", "licenses": ["x"], "time_zone": "x", "caller_id": {}}
    tasks = [{f"collabops.webex.{module}": options} for module in MODULES]
    playbook.write_text(json.dumps([{"hosts": "all", "tasks": tasks}]), encoding="utf-8")
    together = least(requirements([], None, MODULES))
    result = run(service_app_scopes_info.main, base_url=webex.base_url, playbook=str(playbook), granted=together)
    assert result["modules"] == sorted(MODULES)
    assert (result["least"], result["excess"], result["unresolved"]) == (together, [], [])
