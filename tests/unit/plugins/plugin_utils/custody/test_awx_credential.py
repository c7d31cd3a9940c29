# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import json
import os
import pathlib
import re
import threading
import typing as t
import urllib.request
from datetime import timedelta

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._errors import GrantRefused, OptionError, WebexError
from ansible_collections.collabops.webex.plugins.module_utils._ids import organization_id
from ansible_collections.collabops.webex.plugins.module_utils._patience import Patience
from ansible_collections.collabops.webex.plugins.module_utils._settings import resolve
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.keeper import Unsaved
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stored_tokens import StoredTokens
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores import awx_credential
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.awx_api import PREFIXES
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.base import StoreError
from ansible_collections.collabops.webex.tests.controller_server.jobs import (
    ACCESS_TOKEN,
    AWX_ACCESS,
    ORGANIZATION,
    PASSWORD,
    SERVICE_APP,
    USER,
)
from ansible_collections.collabops.webex.tests.controller_server.process import Controller
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.plugins.plugin_utils.custody.awx import EXPIRED, Awx
from ansible_collections.collabops.webex.tests.unit.plugins.plugin_utils.custody.support import NOW, holding

# What a controller says is the same on every ansible-core.
pytestmark = pytest.mark.any_core

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
NEW = "2026-11-24T03:00:00Z"
# What the second PATCH to each credential is: the first is the rehearsal.
SAVES_OF_SERVICE_APP = r"/credentials/2/$"
SAVES_OF_ACCESS_TOKEN = r"/credentials/3/$"


@pytest.fixture
def awx(controller: Controller, webex: Simulator, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Awx:
    """A controller, whose service app has refresh tokens that can be used once."""
    webex.configure(rotate_refresh_tokens=True)
    return Awx(controller, webex, tmp_path, monkeypatch)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three tries, and pauses that take no time."""

    class Hurry:
        """A clock that goes by with the pauses, and no faster."""

        now = 0.0

        def sleep(self, seconds: float) -> None:
            self.now += seconds

    for name in ("BRIEF", "LONG", "OTHER_RUN"):
        clock = Hurry()
        monkeypatch.setattr(
            awx_credential,
            name,
            Patience(1, lambda clock=clock: clock.now, clock.sleep),  # type: ignore[misc]
        )


# A night like any other


def test_new_tokens_are_put_into_both_credentials_and_nothing_else_changes(awx: Awx) -> None:
    before, token_before = awx.service_app, awx.access_token
    outcome = awx.run()
    assert outcome.refreshed
    assert outcome.rotated
    assert outcome.verified
    assert not outcome.warnings
    assert outcome.token_set is not None
    new = outcome.token_set
    expires = {"access_token_expires_at": "2026-12-08T02:59:59Z", "refresh_token_expires_at": "2027-02-22T02:59:59Z"}
    assert awx.service_app == {
        **before,
        "refresh_token": new.refresh_token,
        "refresh_token_obtained_at": NEW,
        **expires,
    }
    assert awx.access_token == {**token_before, "access_token": new.access_token, "expires_at": "2026-12-08T02:59:59Z"}


def test_it_is_rehearsed_before_webex_is_asked_and_saved_in_the_order_in_which_nothing_is_lost(awx: Awx) -> None:
    awx.run()
    tokens = {"refresh_token", "access_token"}
    assert [sorted(names & tokens) for names in awx.writes()] == [[], [], ["refresh_token"], ["access_token"], []]


def test_a_night_without_need_sends_nothing(awx: Awx) -> None:
    awx.run()
    awx.controller.clear_journal()
    awx.webex.clear_journal()
    again = awx.run()
    assert again.token_set is not None
    assert (again.refreshed, again.token_set.access_token) == (False, awx.access_token["access_token"])
    assert awx.controller.journal() == awx.webex.journal() == []


def test_120_days_with_a_new_job_each_night(awx: Awx, monkeypatch: pytest.MonkeyPatch) -> None:
    """The chain lives by the credentials alone; every refresh token is used once."""
    refreshes = 0
    for day in range(120):
        monkeypatch.setattr(
            "ansible_collections.collabops.webex.tests.unit.plugins.plugin_utils.custody.awx.NOW",
            NOW + timedelta(days=day),
        )
        refreshes += awx.run(verify=False).refreshed
    assert refreshes == 10  # every 13 days: a day is kept in reserve
    assert len(awx.asked_of_webex()) == refreshes


def test_a_refresh_token_that_stays_is_not_written_again(awx: Awx) -> None:
    awx.webex.configure(rotate_refresh_tokens=False)
    outcome = awx.run()
    assert outcome.refreshed
    assert not outcome.rotated
    assert not any("refresh_token" in names for names in awx.writes())
    assert awx.service_app["refresh_token_obtained_at"] == NEW
    assert awx.service_app["refresh_token"] == awx.app["refresh_token"]


def test_the_first_run_has_a_refresh_token_and_nothing_else(awx: Awx) -> None:
    nothing = dict.fromkeys(("refresh_token_obtained_at", "refresh_token_expires_at", "access_token_expires_at"))
    awx.controller.change_inputs(SERVICE_APP, **nothing, org_id=None)
    awx.controller.change_inputs(ACCESS_TOKEN, access_token="none-yet", expires_at=None)
    assert awx.run().refreshed
    # Webex told it, and no other run has to ask again.
    assert awx.service_app["org_id"] == awx.webex.credentials["org_id"]
    assert not awx.run().refreshed


def test_the_access_token_need_not_be_given_to_the_refresh_job(awx: Awx) -> None:
    awx.controller.change_inputs(ACCESS_TOKEN, access_token=None, expires_at=None)
    job = (SERVICE_APP, AWX_ACCESS)
    assert awx.run(job).refreshed
    assert awx.access_token["expires_at"] == awx.service_app["access_token_expires_at"]
    awx.controller.clear_journal()
    again = awx.run(job)
    assert not again.refreshed
    assert again.result(awx.store())["access_token"] is None
    assert awx.controller.journal() == []


def test_tasks_that_follow_in_the_job_have_the_new_tokens(awx: Awx) -> None:
    first = awx.run()
    awx.controller.clear_journal()
    second = awx.task()
    assert first.token_set is not None
    assert second.token_set is not None
    assert (second.refreshed, second.token_set.access_token) == (False, first.token_set.access_token)
    assert resolve({}).access_token == first.token_set.access_token
    assert awx.controller.journal() == []
    for name in ("WEBEX_CREDENTIALS_FILE", "WEBEX_ACCESS_TOKEN_FILE"):
        assert os.stat(os.environ[name]).st_mode & 0o777 == 0o600


def test_a_file_of_the_job_that_cannot_be_written_is_a_warning(awx: Awx) -> None:
    awx.begin()
    folder = pathlib.Path(os.environ["WEBEX_CREDENTIALS_FILE"]).parent
    store = awx.store()
    store.load()
    with store.lock(0):
        folder.rename(folder.with_name("away"))
        store.save(_holding(awx))
    assert len(store.warnings()) == 2
    assert "tasks that follow in this job find the old tokens" in store.warnings()[0]


def _holding(awx: Awx) -> StoredTokens:
    """New tokens that a save puts into the credentials."""
    return holding(client_id=awx.app["client_id"])


def test_check_mode_looks_and_writes_nothing(awx: Awx) -> None:
    before = awx.service_app
    assert awx.run(check_mode=True).refreshed
    assert awx.controller.writes() == awx.asked_of_webex() == []
    assert awx.service_app == before
    awx.controller.change_inputs(SERVICE_APP, client_id="another")
    with pytest.raises(StoreError, match="of another service app"):
        awx.task(check_mode=True)


def test_giving_back_empties_both_credentials(awx: Awx) -> None:
    awx.begin()
    store = awx.store()
    store.load()
    with store.lock(0):
        store.clear()
    kept = {"client_id", "client_secret", "org_id", "base_url"}
    assert {name for name, value in awx.service_app.items() if value} == kept
    assert {name for name, value in awx.access_token.items() if value} == {"base_url"}
    awx.begin()
    assert not awx.store().load()


# Which controller


@pytest.mark.parametrize("flavor", ["awx", "awx_devel", "aap", "aap_2.7"])
@pytest.mark.parametrize("way", ["token", "gateway token", "password"])
def test_every_version_is_asked_in_its_way(awx: Awx, flavor: str, way: str) -> None:
    awx.controller.configure(flavor=flavor)
    if way == "password":
        awx.controller.change_inputs(AWX_ACCESS, token=None, username=USER, password=PASSWORD)
    if way == "gateway token":
        if not flavor.startswith("aap"):
            pytest.skip("it has no gateway")
        awx.controller.change_inputs(AWX_ACCESS, token=_gateway_token(awx))
    takes = {"awx": ["token", "password"], "awx_devel": ["password"], "aap": ["token", "gateway token", "password"]}
    if way in takes.get(flavor, ["gateway token"]):
        assert awx.run().refreshed
        prefix = PREFIXES[0] if flavor.startswith("aap") else PREFIXES[1]
        used = {entry["path"] for entry in awx.controller.journal() if entry["status"] == 200}
        assert all(path.startswith(prefix) for path in used)
    else:
        with pytest.raises(StoreError, match="answered with 401") as error:
            awx.run()
        assert "newer AWX takes no tokens" in str(error.value)
        assert awx.asked_of_webex() == []


def _new_token(awx: Awx, path: str, authorization: str) -> str:
    """A token that somebody makes."""
    body = json.dumps({"scope": "write"}).encode()
    headers = {"Authorization": authorization, "Content-Type": "application/json"}
    request = urllib.request.Request(f"{awx.controller.url}{path}", body, headers)
    with OPENER.open(request, timeout=30) as answer:
        return str(json.load(answer)["token"])


def _gateway_token(awx: Awx) -> str:
    """A token that the user of the refresh job has made at the gateway."""
    login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    return _new_token(awx, "/api/gateway/v1/tokens/", f"Basic {login}")


def test_an_awx_that_serves_both_paths_is_asked_by_one(awx: Awx) -> None:
    awx.controller.configure(optional_prefix="controller")
    assert awx.run().refreshed


@pytest.mark.parametrize("way", ["option", "field"])
def test_the_path_may_be_named(awx: Awx, way: str) -> None:
    if way == "field":
        awx.controller.change_inputs(AWX_ACCESS, api_prefix="/api/v2")
    awx.begin()
    assert awx.task(awx.store(**({"api_prefix": "api/v2/"} if way == "option" else {}))).refreshed
    assert not any("ping" in entry["path"] for entry in awx.controller.journal())


def test_a_place_without_an_api_is_named(awx: Awx) -> None:
    awx.controller.fault(kind="html", status=200, path="/ping/", times=None)
    with pytest.raises(StoreError, match="neither /api/controller/v2/ping/ nor /api/v2/ping/ is there"):
        awx.run()


def test_options_come_before_the_credential(awx: Awx) -> None:
    awx.begin((SERVICE_APP, ACCESS_TOKEN))
    store = awx.store(url=awx.controller.url, token=awx.jobs.token, organization=ORGANIZATION)
    assert awx.task(store).refreshed
    assert not store.warnings()


# What is refused, before anything is spent


def refusal(awx: Awx, **options: t.Any) -> str:
    """What the job that has begun says, which leaves all as it was."""
    before, token_before = awx.service_app, awx.access_token
    with pytest.raises(WebexError) as error:
        awx.task(awx.store(**options))
    assert awx.asked_of_webex() == []
    tokens = ("refresh_token", "access_token")
    for now, then in ((awx.service_app, before), (awx.access_token, token_before)):
        assert {name: now.get(name) for name in tokens} == {name: then.get(name) for name in tokens}
    return str(error.value)


@pytest.mark.parametrize("way", ["token", "password"])
def test_an_administrator_is_refused(awx: Awx, way: str) -> None:
    admin = {"token": awx.controller.admin_token}
    if way == "password":
        admin = {"token": "", "username": "admin", "password": awx.controller.admin_password}
    awx.controller.change_inputs(AWX_ACCESS, **admin)
    awx.begin()
    said = refusal(awx)
    assert "belongs to admin, who is an administrator" in said
    assert ("as the user of the refresh job, make a token" in said) is (way == "token")
    assert awx.controller.writes() == []


def test_a_token_that_an_administrator_made_for_the_user_is_the_administrators(awx: Awx) -> None:
    """As AWX does it: the answer says 201, and the token belongs to who asked."""
    users = awx.controller.state()["users"]
    number = next(user["id"] for user in users if user["username"] == USER)
    token = _new_token(awx, f"/api/v2/users/{number}/personal_tokens/", f"Bearer {awx.controller.admin_token}")
    awx.controller.change_inputs(AWX_ACCESS, token=token)
    awx.begin()
    assert "a token that an administrator makes for that user belongs to the administrator" in refusal(awx)


def test_a_job_without_its_credentials_says_which_are_missing(awx: Awx) -> None:
    awx.begin((ACCESS_TOKEN, AWX_ACCESS))
    assert "no credential of the type `Webex Service App`" in refusal(awx)
    awx.begin((SERVICE_APP, ACCESS_TOKEN))
    assert "attach a credential of the type `Webex: AWX access`" in refusal(awx)


def test_a_job_that_could_not_save_says_so_before_it_has_to(awx: Awx) -> None:
    awx.run()
    awx.begin((SERVICE_APP, ACCESS_TOKEN))
    store = awx.store()
    assert not awx.task(store).refreshed
    assert "This job could not save new tokens" in store.warnings()[0]
    # One that only looks has nothing to save.
    assert store.warnings(saves=False) == ()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"credential": "Another"}, "shows this user no credential with the name 'Another'"),
        ({"access_token_credential": "Another"}, "shows this user no credential with the name 'Another'"),
        ({"organization": "Another"}, "shows this user no organization with the name 'Another'"),
        ({"organization": "Default"}, "shows this user no organization with the name 'Default'"),
        ({"token": "wrong"}, "answered with 401"),
        ({"url": "http://127.0.0.1:9"}, "no answer"),
        ({"url": "http://awx.example.com"}, "without encryption"),
        ({"url": "https://awx.example.com/sub"}, "too much follows"),
        ({"url": "https://user:a-secret@awx.example.com"}, "a user or a password"),
        ({"api_prefix": "https://x"}, "is not a path"),
        ({"ca_cert": "/dev/null", "url": "https://127.0.0.1:9"}, "store.ca_cert: /dev/null is no file of certificates"),
    ],
)
def test_options_that_do_not_fit(awx: Awx, options: dict[str, str], words: str, impatient: None) -> None:
    awx.begin()
    said = refusal(awx, **options)
    assert words in said
    assert "a-secret" not in said


def test_two_credentials_with_one_name_are_told_apart_by_their_organization(awx: Awx) -> None:
    awx.begin()
    awx.controller.add_user("other", organization="Other")
    awx.controller.add(
        "credentials",
        SERVICE_APP,
        credential_type=SERVICE_APP,
        organization="Other",
        inputs={"client_id": "C9"},
        roles={"admin_role": [USER]},
    )
    with pytest.raises(StoreError, match="has 2 credentials with the name 'Webex Service App'"):
        awx.task()
    assert awx.asked_of_webex() == []
    assert awx.task(awx.store(organization=ORGANIZATION)).refreshed


def test_a_credential_that_the_job_was_not_given_is_not_written(awx: Awx) -> None:
    awx.jobs.add(SERVICE_APP, {"client_id": "C9", "refresh_token": "another"}, "Of another app")
    awx.jobs.add(ACCESS_TOKEN, {"access_token": "another"}, "Another token")
    awx.begin()
    assert "of another service app than the one" in refusal(awx, credential="Of another app")
    # One service app has tokens in many organizations, and a credential for each.
    other = organization_id("11111111-2222-4333-8444-555555555555")
    awx.jobs.add(SERVICE_APP, {**awx.app, "org_id": other}, "Of another organization")
    assert "of another organization" in refusal(awx, credential="Of another organization")
    assert "is not the one that this job was given" in refusal(awx, access_token_credential="Another token")
    assert awx.controller.writes() == []


def test_a_token_that_is_linked_from_elsewhere_cannot_be_kept(awx: Awx) -> None:
    awx.begin()
    awx.controller.change_inputs(SERVICE_APP, refresh_token=None)
    assert "does not hold the refresh_token that this job was given" in refusal(awx)


def test_a_type_that_was_made_by_hand_must_have_the_fields_and_keep_secrets(awx: Awx) -> None:
    fields = [{"id": name, "label": name, "type": "string"} for name in ("access_token", "base_url")]
    env = {"env": {"X": "x"}}
    awx.controller.add("credential_types", "By hand", inputs={"fields": fields}, injectors=env)
    awx.jobs.add("By hand", {"access_token": "a-token-for-everybody", "base_url": ""}, "Open")
    awx.begin((SERVICE_APP, AWX_ACCESS))
    assert "shows its access_token to everybody" in refusal(awx, access_token_credential="Open")
    fields[0]["secret"] = True  # type: ignore[assignment]
    awx.controller.add("credential_types", "Few fields", inputs={"fields": fields}, injectors=env)
    awx.jobs.add("Few fields", {"access_token": "a-token-for-nobody"}, "Few")
    said = refusal(awx, access_token_credential="Few")
    assert "Additional properties are not allowed ('expires_at' was unexpected)" in said
    assert "compare the type of the credential" in said


@pytest.mark.parametrize("role", ["read_role", "use_role"])
def test_a_user_who_may_not_write_finds_out_by_the_rehearsal(awx: Awx, role: str) -> None:
    reader = awx.controller.add_user("reader", organization=ORGANIZATION)
    for name, type_ in (("Read only", SERVICE_APP), ("Read only token", ACCESS_TOKEN)):
        inputs = awx.service_app if type_ == SERVICE_APP else awx.access_token
        awx.controller.add(
            "credentials",
            name,
            credential_type=type_,
            organization=ORGANIZATION,
            inputs=inputs,
            roles={role: ["reader"]},
        )
    awx.controller.change_inputs(AWX_ACCESS, token=reader["token"])
    awx.begin()
    said = refusal(awx, credential="Read only", access_token_credential="Read only token")
    assert "answered with 403: You do not have permission to perform this action" in said
    assert "with the role Admin on the two credentials" in said


# A controller that is away, slow, or not what it should be


FAULTS = {
    "an error": {"kind": "status", "status": 503},
    "no page": {"kind": "html"},
    "nothing": {"kind": "empty"},
    "a reset": {"kind": "reset"},
    "half an answer": {"kind": "truncated"},
    "a page with 200": {"kind": "html", "status": 200},
    "done, and then an error": {"kind": "apply_then_fail", "status": 502},
    "too many": {"kind": "status", "status": 429},
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("method", ["GET", "PATCH"])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_what_passes_is_outlasted_at_every_step(
    awx: Awx, fault: dict[str, t.Any], method: str, number: int, impatient: None
) -> None:
    awx.controller.fault(**fault, method=method, path="/credentials/", times=1, skip=number)
    outcome = awx.run()
    assert outcome.token_set is not None
    assert awx.service_app["refresh_token"] == outcome.token_set.refresh_token
    assert awx.access_token["access_token"] == outcome.token_set.access_token
    assert len([path for path in awx.asked_of_webex() if path == "/v1/access_token"]) == 1


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("where", ["/ping/", "/me/", "/credentials/$", "/credentials/2/$", "/credentials/3/$"])
def test_a_controller_that_is_out_of_order_is_found_out_before_webex_is_asked(
    awx: Awx, fault: dict[str, t.Any], where: str, impatient: None
) -> None:
    awx.controller.fault(**fault, path=where, times=None)
    awx.begin()
    assert "What to do:" in refusal(awx)


def test_a_controller_that_does_not_answer_is_not_waited_for_without_an_end(awx: Awx, impatient: None) -> None:
    awx.controller.fault(kind="timeout", path="/me/", seconds=60, times=None)
    awx.begin()
    assert "no answer (Read timed out" in refusal(awx, timeout=0.2)


def test_a_controller_that_is_restarted_while_tokens_are_saved_is_waited_for(awx: Awx) -> None:
    awx.begin()
    store = awx.store()
    store.load()
    with store.lock(0):
        awx.controller.down()
        timer = threading.Timer(1.5, awx.controller.up)
        timer.start()
        store.save(_holding(awx))
        timer.join()
    assert awx.service_app["refresh_token"] == "stored-refresh"
    assert awx.access_token["access_token"] == "stored-access"


@pytest.mark.parametrize("field", ["refresh_token", "refresh_token_obtained_at", "client_secret", "base_url"])
def test_a_field_that_a_save_has_lost_is_put_in_again(awx: Awx, field: str, impatient: None) -> None:
    before = awx.service_app
    awx.controller.fault(kind="forget", field=f"inputs.{field}", method="PATCH", path=SAVES_OF_SERVICE_APP, skip=1)
    outcome = awx.run()
    assert outcome.token_set is not None
    assert {**before, **awx.service_app} == awx.service_app | {"client_secret": before["client_secret"]}
    assert awx.service_app["refresh_token"] == outcome.token_set.refresh_token
    assert awx.service_app["client_secret"] == before["client_secret"]
    assert awx.service_app[field]


@pytest.mark.parametrize("field", ["refresh_token", "client_secret", "base_url"])
def test_a_field_that_the_rehearsal_loses_is_a_failure_and_nothing_is_spent(
    awx: Awx, field: str, impatient: None
) -> None:
    awx.controller.fault(kind="forget", field=f"inputs.{field}", method="PATCH", path=SAVES_OF_SERVICE_APP, times=None)
    awx.begin()
    with pytest.raises(StoreError, match=field):
        awx.task()
    assert awx.asked_of_webex() == []


# Saving fails for good, and recovery


def failed_save(awx: Awx, where: str) -> Unsaved:
    """A job after whose rehearsal nothing can be written any more into one of the credentials."""
    awx.controller.fault(kind="status", status=503, method="PATCH", path=where, skip=1, times=None)
    awx.begin()
    with pytest.raises(Unsaved) as error:
        awx.task()
    awx.controller.clear_faults()
    return error.value


@pytest.mark.parametrize("where", [SAVES_OF_SERVICE_APP, SAVES_OF_ACCESS_TOKEN])
def test_tokens_that_cannot_be_saved_come_back_by_their_text(awx: Awx, where: str, impatient: None) -> None:
    error = failed_save(awx, where)
    text = error.details()["recovery"]
    assert text in str(error)
    assert "as the option `recovery`" in str(error)
    assert "on this machine" not in str(error)
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", text)
    assert not list(pathlib.Path(os.environ["ANSIBLE_HOME"]).rglob("*recovery*"))
    for secret in [*awx.webex.secrets(), *awx.controller.secrets()]:
        assert secret not in str(error)
    asked = len(awx.asked_of_webex())
    # As a survey hands it on.
    folded = "\r\n".join(text[start : start + 76] for start in range(0, len(text), 76))
    outcome = awx.run(recovery=folded)
    assert outcome.token_set is not None
    assert awx.service_app["refresh_token"] == outcome.token_set.refresh_token
    assert awx.access_token["access_token"] == outcome.token_set.access_token
    # The access token alone is got anew: its refresh token was saved.
    assert len(awx.asked_of_webex()) == asked + (where == SAVES_OF_ACCESS_TOKEN)
    # A text that stays in a survey does no harm.
    assert not awx.run(recovery=folded).refreshed
    assert awx.service_app["refresh_token"] == outcome.token_set.refresh_token


def test_without_the_text_a_refresh_token_that_was_saved_heals_the_next_run(awx: Awx, impatient: None) -> None:
    failed_save(awx, SAVES_OF_ACCESS_TOKEN)
    assert awx.run().refreshed
    assert not awx.run().refreshed


@pytest.mark.parametrize("text", ["nonsense", "bm9uc2Vuc2U=", "", "\u00e9"])
def test_a_text_that_is_none_is_refused(awx: Awx, text: str) -> None:
    if not text:
        assert awx.run(recovery=text).refreshed
        return
    awx.begin()
    with pytest.raises(OptionError, match="recovery: is not a recovery text that this client secret opens"):
        awx.task(recovery=text)
    assert awx.asked_of_webex() == []


def test_when_only_the_points_in_time_cannot_be_saved_the_run_ends_well(awx: Awx, impatient: None) -> None:
    awx.controller.fault(kind="status", status=503, method="PATCH", path=SAVES_OF_SERVICE_APP, skip=2, times=None)
    awx.begin()
    store = awx.store()
    assert awx.task(store).refreshed
    assert "The tokens are saved, but not when they expire" in store.warnings()[0]
    awx.controller.clear_faults()
    # The access token says itself when it expires.
    assert not awx.run().refreshed


# Two runs at once


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_run_that_another_has_overtaken_ends_well_and_spends_nothing(awx: Awx, check_mode: bool) -> None:
    awx.begin()
    late, environment = awx.store(), dict(os.environ)
    awx.run()
    asked, saved = len(awx.asked_of_webex()), (awx.service_app, awx.access_token)
    os.environ.update({name: value for name, value in environment.items() if name.startswith("WEBEX_")})
    outcome = awx.task(late, check_mode=check_mode)
    assert (outcome.superseded, outcome.refreshed, outcome.token_set) == (True, False, None)
    assert f"Another run got new tokens at {NEW}" in outcome.warnings[0]
    assert len(awx.asked_of_webex()) == asked
    assert (awx.service_app, awx.access_token) == saved


def test_a_run_whose_refresh_token_another_has_spent_meanwhile_ends_well(
    awx: Awx, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one saves after this one was refused."""
    awx.begin()
    store = awx.store()
    store.load()
    other = awx.jobs.start(pathlib.Path(os.environ["WEBEX_CREDENTIALS_FILE"]).parent / "other")
    current = store.check_current

    def other_saves_first() -> None:
        own = {name: os.environ[name] for name in other}
        os.environ.update(other)
        awx_store = awx.store()
        awx_store.load()
        with awx_store.lock(0):
            awx_store.save(_holding(awx))
        os.environ.update(own)
        current()

    monkeypatch.setattr(store, "check_current", other_saves_first)
    awx.webex.fault(kind="status", status=400, path="/access_token", body={"error": "invalid_grant"})
    outcome = awx.task(store)
    assert outcome.superseded
    assert awx.service_app["refresh_token"] == "stored-refresh"


def test_a_refresh_token_that_is_refused_though_nobody_else_was_there_is_a_failure(awx: Awx, impatient: None) -> None:
    awx.controller.change_inputs(SERVICE_APP, refresh_token="a-dead-one")
    with pytest.raises(GrantRefused):
        awx.run()
    assert awx.service_app["refresh_token"] == "a-dead-one"


def test_what_another_run_has_saved_meanwhile_is_not_replaced_by_older_tokens(awx: Awx) -> None:
    awx.begin()
    store = awx.store()
    store.load()
    with store.lock(0):
        awx.controller.change_inputs(
            SERVICE_APP, refresh_token="newest", refresh_token_obtained_at="2026-11-24T03:00:01Z"
        )
        store.save(_holding(awx))
    assert awx.service_app["refresh_token"] == "newest"
    assert "Another run got new tokens at 2026-11-24T03:00:01Z" in store.warnings()[0]
    assert awx.access_token["expires_at"] == EXPIRED


# An integration


def integrated(awx: Awx, **changes: t.Any) -> dict[str, t.Any]:
    """Give the credential an integration; returns its credentials."""
    given = awx.webex.credentials["integration"]
    names = ("client_id", "client_secret", "refresh_token")
    awx.controller.change_inputs(SERVICE_APP, **{f"integration_{name}": given[name] for name in names}, **changes)
    return dict(given)


def test_the_refresh_token_of_an_integration_is_kept_too(awx: Awx) -> None:
    given = integrated(awx)
    outcome = awx.run()
    assert outcome.refreshed
    assert not outcome.minted
    assert not outcome.warnings
    assert awx.service_app["integration_refresh_token"] not in ("", given["refresh_token"])
    # It is single-use, so the chain lives on by what was saved.
    awx.controller.change_inputs(SERVICE_APP, refresh_token="lost")
    again = awx.run(force=True)
    assert again.minted
    assert not awx.run().refreshed


def test_an_integration_mints_the_first_token(awx: Awx) -> None:
    integrated(awx, refresh_token=None, refresh_token_obtained_at=None)
    awx.controller.change_inputs(ACCESS_TOKEN, access_token=None, expires_at=None)
    outcome = awx.run((SERVICE_APP, AWX_ACCESS))
    assert outcome.minted
    assert outcome.token_set is not None
    assert awx.service_app["refresh_token"] == outcome.token_set.refresh_token


def test_the_tokens_of_an_integration_come_back_by_the_text_too(awx: Awx, impatient: None) -> None:
    given = integrated(awx)
    error = failed_save(awx, SAVES_OF_SERVICE_APP)
    assert awx.service_app["integration_refresh_token"] == given["refresh_token"]
    outcome = awx.run(recovery=error.recovery)
    assert outcome.refreshed or outcome.token_set is not None
    assert awx.service_app["integration_refresh_token"] != given["refresh_token"]
    assert not awx.run(recovery=error.recovery).refreshed
