# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import json
import typing as t
from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import GrantRefused, NoAnswer, Refused
from ansible_collections.collabops.webex.plugins.module_utils._oauth import TokenSet, is_invalid_token, mint, refresh
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked, statuses

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=timezone.utc)
FULL = TokenSet(
    access_token="access-secret",
    refresh_token="refresh-secret",
    client_id="C1",
    obtained_at=NOW,
    expires_at=NOW + timedelta(days=14),
    refresh_token_expires_at=NOW + timedelta(days=90),
    scopes=("a", "b"),
    org_id="org",
)
BARE = TokenSet(access_token="access-secret", refresh_token="refresh-secret", client_id="C1", obtained_at=NOW)


@pytest.fixture
def renew(client: WebexClient, settings: Settings) -> t.Callable[..., TokenSet]:
    """Refreshes with the service app's credentials, or others."""

    def call(**changes: t.Any) -> TokenSet:
        names = ("client_id", "client_secret", "refresh_token")
        return refresh(client, now=NOW, **{**{name: getattr(settings, name) for name in names}, **changes})

    return call


# The token set


@pytest.mark.parametrize("token_set", [FULL, BARE, dataclasses.replace(FULL, refresh_token="")])
def test_a_token_set_survives_json(token_set: TokenSet) -> None:
    secret, public = json.loads(json.dumps([token_set.secret(), token_set.public()]))
    assert TokenSet.from_parts(secret, public) == token_set


def test_the_public_part_has_absolute_times_and_no_secret() -> None:
    assert FULL.public() == {
        "schema": 1,
        "client_id": "C1",
        "org_id": "org",
        "scopes": ["a", "b"],
        "obtained_at": "2026-11-24T03:00:00Z",
        "expires_at": "2026-12-08T03:00:00Z",
        "refresh_token_expires_at": "2027-02-22T03:00:00Z",
    }


def test_secrets_are_not_in_the_repr() -> None:
    assert "secret" not in repr(FULL)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ({"schema": 2}, "schema"),
        ({"schema": None}, "schema"),
        ({"access_token": None}, "access_token"),
        ({"access_token": ""}, "access_token"),
        ({"refresh_token": 17}, "refresh_token"),
        ({"client_id": None}, "client_id"),
        ({"scopes": "a b"}, "scopes"),
        ({"scopes": [1]}, "scopes"),
        ({"org_id": 1}, "org_id"),
        ({"obtained_at": None}, "obtained_at"),
        ({"obtained_at": "yesterday"}, "obtained_at"),
        ({"expires_at": "2026-11-24T03:00:00"}, "expires_at"),
        ({"refresh_token_expires_at": 1}, "refresh_token_expires_at"),
    ],
)
def test_a_damaged_token_set_is_refused_without_quoting_it(damage: dict[str, t.Any], words: str) -> None:
    parts = {**FULL.secret(), **FULL.public(), **damage}
    with pytest.raises(ValueError, match=words) as error:
        TokenSet.from_parts(parts, parts)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(("validity", "good"), [(timedelta(days=14, seconds=-1), True), (timedelta(days=14), False)])
def test_a_token_must_live_longer_than_asked_for(validity: timedelta, good: bool) -> None:
    assert FULL.lives_longer_than(validity, NOW) is good


@pytest.mark.parametrize("ahead", [timedelta(minutes=11), timedelta(days=2), timedelta(days=3650)])
def test_a_token_that_would_be_valid_longer_than_any_is_not_trusted(ahead: timedelta) -> None:
    assert FULL.lives_longer_than(timedelta(), NOW - timedelta(minutes=9))
    assert not FULL.lives_longer_than(timedelta(), NOW - ahead)


@pytest.mark.parametrize("field", ["access_token", "refresh_token", "client_id", "org_id", "scopes"])
@pytest.mark.parametrize(
    "text", ["{{ x }}", "{%x%}", "a{#b", "a b", "a\nb", "\x1b[2J", "\u00e9", "\ud800", 5, ["a"], {"a": "b"}, b"a"]
)
def test_what_cannot_be_kept_is_never_in_a_token_set(field: str, text: t.Any) -> None:
    with pytest.raises(ValueError, match=field):
        dataclasses.replace(FULL, **{field: (text,) if field == "scopes" else text})
    parts = {**FULL.secret(), **FULL.public(), field: [text] if field == "scopes" else text}
    with pytest.raises(ValueError, match=field):
        TokenSet.from_parts(parts, parts)


def test_a_token_whose_end_is_unknown_is_not_trusted() -> None:
    assert not BARE.lives_longer_than(timedelta(), NOW)


def test_an_unknown_organization_changes_nothing() -> None:
    assert (FULL.of_org(None), FULL.of_org("other").org_id) == (FULL, "other")


# Refreshing


def test_a_refresh_answers_a_complete_token_set(
    renew: t.Callable[..., TokenSet], webex: Simulator, settings: Settings
) -> None:
    fresh = renew()
    (app,) = webex.state()["service_apps"]
    assert fresh.access_token != settings.access_token
    assert fresh.expires_at == NOW + timedelta(days=14, seconds=-1)
    assert fresh.refresh_token_expires_at == NOW + timedelta(days=90, seconds=-1)
    assert (fresh.client_id, fresh.obtained_at, fresh.org_id) == (settings.client_id, NOW, None)
    assert fresh.scopes == tuple(app["scopes"])
    assert asked(webex) == ["POST /access_token"]
    assert webex.journal()[0]["token_id"] is None


def test_the_refreshed_token_works(renew: t.Callable[..., TokenSet], settings: Settings) -> None:
    with WebexClient(dataclasses.replace(settings, access_token=renew().access_token)) as client:
        assert client.get("/people/me")["type"] == "appuser"


@pytest.mark.parametrize("rotate", [False, True])
def test_the_refresh_token_of_the_answer_is_the_one_to_keep(
    renew: t.Callable[..., TokenSet], webex: Simulator, settings: Settings, rotate: bool
) -> None:
    webex.configure(rotate_refresh_tokens=rotate)
    first = renew()
    assert (first.refresh_token != settings.refresh_token) is rotate
    assert renew(refresh_token=first.refresh_token).access_token != first.access_token


@pytest.mark.parametrize(("previous", "scopes"), [(None, None), (FULL, ("a", "b"))])
def test_scopes_that_are_not_in_the_answer_are_those_of_before(
    renew: t.Callable[..., TokenSet], webex: Simulator, previous: TokenSet | None, scopes: tuple[str, ...] | None
) -> None:
    webex.configure(scope_in_answer=False)
    assert renew(previous=previous).scopes == scopes


def test_an_answer_that_leaves_things_out_keeps_what_is_known(
    renew: t.Callable[..., TokenSet], webex: Simulator, settings: Settings
) -> None:
    webex.fault(kind="status", status=200, body={"access_token": "new", "expires_in": "soon"})
    fresh = renew(previous=FULL)
    assert (fresh.access_token, fresh.refresh_token) == ("new", settings.refresh_token)
    assert (fresh.expires_at, fresh.refresh_token_expires_at, fresh.org_id) == (None, None, "org")


@pytest.mark.parametrize("body", [{}, {"access_token": ""}, {"access_token": 5}])
def test_an_answer_without_a_token_is_no_answer(
    renew: t.Callable[..., TokenSet], webex: Simulator, body: dict[str, t.Any]
) -> None:
    webex.fault(kind="status", status=200, body=body)
    with pytest.raises(NoAnswer, match="without an access token") as error:
        renew()
    assert error.value.unclear


# Refusals


@pytest.mark.parametrize("shape", ["oauth", "webex"])
@pytest.mark.parametrize("status", [400, 401])
@pytest.mark.parametrize("word", ["invalid_grant", "invalid_request"])
def test_a_dead_refresh_token_is_recognized(
    renew: t.Callable[..., TokenSet], webex: Simulator, shape: str, status: int, word: str
) -> None:
    webex.configure(refusal_shape=shape, dead_refresh_status=status, refusal_error=word)
    with pytest.raises(GrantRefused, match="mint a new token pair") as error:
        renew(refresh_token="dead-secret")
    assert (error.value.cause, error.value.status) == ("dead_refresh_token", status)
    assert error.value.tracking_id
    assert "dead-secret" not in json.dumps(error.value.details())


@pytest.mark.parametrize("shape", ["oauth", "webex"])
@pytest.mark.parametrize("wrong", [{"client_secret": "wrong-secret"}, {"client_id": "C0"}])
def test_a_wrong_client_is_recognized(
    renew: t.Callable[..., TokenSet], webex: Simulator, shape: str, wrong: dict[str, str]
) -> None:
    webex.configure(refusal_shape=shape)
    with pytest.raises(GrantRefused, match="check `client_id` and `client_secret`") as error:
        renew(**wrong)
    assert error.value.cause == "wrong_client"
    assert error.value.details()["cause"] == "wrong_client"
    assert statuses(webex) == [401]


def test_any_other_refusal_is_shown_as_it_is(renew: t.Callable[..., TokenSet], webex: Simulator) -> None:
    webex.fault(kind="status", status=400, body={"message": "Out of order"})
    with pytest.raises(GrantRefused, match="Out of order") as error:
        renew()
    assert error.value.cause == "other"


# Minting by an integration


@pytest.fixture
def forge(settings: Settings, webex: Simulator, clock: object) -> t.Callable[..., TokenSet]:
    """Mints with the integration's access token, or another."""

    def call(access_token: str | None = None, **changes: t.Any) -> TokenSet:
        token = access_token or webex.credentials["integration"]["access_token"]
        arguments = {
            "client_id": settings.client_id,
            "client_secret": settings.client_secret,
            "org_id": webex.credentials["org_id"],
            "now": NOW,
        }
        with WebexClient(dataclasses.replace(settings, access_token=token)) as minter:
            return mint(minter, **{**arguments, **changes})

    return call


def test_a_mint_answers_a_new_pair(forge: t.Any, renew: t.Any, webex: Simulator, settings: Settings) -> None:
    minted = forge()
    (app,) = webex.state()["service_apps"]
    assert minted.refresh_token not in ("", settings.refresh_token)
    assert minted.expires_at == NOW + timedelta(days=14, seconds=-1)
    assert (minted.client_id, minted.obtained_at, minted.org_id) == (settings.client_id, NOW, None)
    assert minted.scopes == tuple(app["scopes"])
    assert asked(webex) == [f"POST /applications/{webex.credentials['service_app']['application_id']}/token"]
    assert renew(refresh_token=minted.refresh_token).access_token != minted.access_token


def test_the_secret_of_a_mint_is_in_its_body_alone(forge: t.Any, webex: Simulator, settings: Settings) -> None:
    forge()
    (entry,) = webex.journal()
    assert settings.client_secret not in json.dumps([entry["path"], entry["query"]])
    assert set(entry["body"]) == {"clientId", "clientSecret", "targetOrgId"}


def test_the_organization_may_be_a_bare_uuid(forge: t.Any, settings: Settings) -> None:
    assert forge(org_id=str(settings.refresh_token).rpartition("_")[2]).refresh_token


def test_of_what_was_known_only_the_organization_holds_for_a_mint(forge: t.Any, webex: Simulator) -> None:
    webex.configure(scope_in_answer=False)
    minted = forge(previous=FULL)
    assert (minted.org_id, minted.scopes) == ("org", None)


def test_a_mint_without_a_refresh_token_has_none(forge: t.Any, webex: Simulator) -> None:
    webex.fault(kind="status", status=200, body={"access_token": "new", "expires_in": 60})
    assert forge(previous=FULL).secret() == {"access_token": "new", "refresh_token": ""}


@pytest.mark.parametrize(
    ("wrong", "status", "cause"),
    [
        ({"client_secret": "wrong-secret"}, 401, "wrong_client"),
        ({"client_id": "C0"}, 404, "unknown_app"),
        ({"org_id": "96abc2aa-0000-0000-0000-fe34819cdc9a"}, 403, "not_authorized"),
    ],
)
def test_a_mint_that_is_refused_says_why(forge: t.Any, wrong: dict[str, str], status: int, cause: str) -> None:
    with pytest.raises(GrantRefused, match="What to do: ") as error:
        forge(**wrong)
    assert (error.value.status, error.value.cause) == (status, cause)
    assert error.value.tracking_id
    assert "wrong-secret" not in json.dumps(error.value.details())


def test_a_dead_token_of_the_integration_is_no_refused_grant(forge: t.Any) -> None:
    with pytest.raises(Refused) as error:
        forge(access_token="dead")
    assert not isinstance(error.value, GrantRefused)
    assert is_invalid_token(error.value)


@pytest.mark.parametrize(
    ("answer", "invalid"),
    [
        ({"status": 401, "reason": "The request requires a valid access token set in the Authorization header."}, True),
        ({"status": 401}, True),
        ({"status": 401, "reason": "invalid_client"}, False),
        ({"status": 401, "reason": "Unauthorized", "descriptions": ["The Client Secret is wrong."]}, False),
        ({"status": 403, "reason": "The token is not valid."}, False),
        ({"status": 400}, False),
    ],
)
def test_a_401_is_about_the_token_or_about_the_client(answer: dict[str, t.Any], invalid: bool) -> None:
    assert is_invalid_token(Refused(request="POST /x", **answer)) is invalid
