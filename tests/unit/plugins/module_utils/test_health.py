# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t
from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import NoAnswer, WebexError
from ansible_collections.collabops.webex.plugins.module_utils._health import (
    Expected,
    Observed,
    assess,
    count,
    empty,
    observe,
    report,
    table,
    unusable,
    when,
)
from ansible_collections.collabops.webex.plugins.module_utils._oauth import TokenSet
from ansible_collections.collabops.webex.plugins.module_utils._scopes import requirements
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import asked

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=timezone.utc)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SCOPES = ("spark-admin:licenses_read", "spark-admin:people_read")


def held(**changes: t.Any) -> TokenSet:
    """A token set that was obtained yesterday."""
    values = {
        "access_token": "hidden-access",
        "refresh_token": "hidden-refresh",
        "client_id": "C1",
        "obtained_at": NOW - DAY,
        "expires_at": NOW + 13 * DAY,
        "refresh_token_expires_at": NOW + 89 * DAY,
        "scopes": SCOPES,
        "org_id": "O1",
    }
    return TokenSet(**{**values, **changes})


def health(
    tokens: TokenSet | None = None,
    observed: Observed | None = None,
    integration: TokenSet | None = None,
    **expected: t.Any,
) -> dict[str, t.Any]:
    """The assessment of an app that is refreshed daily, and whose token Webex accepts."""
    expectation = Expected(**{"refresh_every": DAY, **expected})
    return assess("app", tokens or held(), integration, observed or Observed(valid=True), expectation, NOW)


def findings(app: dict[str, t.Any]) -> list[tuple[str, str]]:
    """What was found, and how bad it is."""
    return [(finding["about"], finding["level"]) for finding in app["findings"]]


# The pure part: a token set, what Webex said, and a time


def test_a_good_token_is_healthy() -> None:
    app = health()
    assert (app["status"], app["findings"]) == ("healthy", [])
    assert app["next_refresh"] == "2026-11-25T03:00:00Z"
    assert app["expires_at"] == "2026-12-07T03:00:00Z"


@pytest.mark.parametrize(
    ("left", "expected", "level"),
    [
        (DAY + HOUR, {}, "healthy"),
        (DAY, {}, "warning"),
        (HOUR, {}, "warning"),
        (timedelta(), {}, "broken"),
        (-DAY, {}, "broken"),
        # The schedule decides, and not a margin, where there is one.
        (2 * HOUR, {"refresh_every": HOUR}, "healthy"),
        (2 * HOUR, {"next_refresh": NOW + HOUR}, "healthy"),
        (2 * HOUR, {"next_refresh": NOW + 3 * HOUR}, "warning"),
        (2 * DAY, {"refresh_every": None}, "healthy"),
        (DAY - HOUR, {"refresh_every": None}, "warning"),
        (DAY - HOUR, {"refresh_every": None, "access_margin": HOUR}, "healthy"),
        (13 * DAY, {"next_refresh": NOW - HOUR}, "warning"),
    ],
)
def test_the_life_of_the_access_token(left: timedelta, expected: dict[str, t.Any], level: str) -> None:
    observed = Observed(valid=left > timedelta())
    app = health(held(expires_at=NOW + left), observed, **expected)
    assert app["status"] == level
    assert findings(app) == ([] if level == "healthy" else [("access_token", level)])


def test_what_webex_says_of_the_end_counts_more_than_what_is_stored() -> None:
    assert health(observed=Observed(True, NOW + HOUR))["status"] == "warning"
    assert health(held(expires_at=NOW - DAY), Observed(True, NOW + 2 * DAY))["status"] == "healthy"
    assert health(held(expires_at=None))["status"] == "healthy"


def test_a_token_that_is_refused_before_its_end_was_revoked() -> None:
    (finding,) = health(observed=Observed(valid=False))["findings"]
    assert (finding["level"], finding["about"]) == ("broken", "access_token")
    assert "(401), though it should be valid until 2026-12-07T03:00:00Z" in finding["message"]
    assert "authorizes the app again" in finding["remedy"]


@pytest.mark.parametrize(
    ("left", "expected", "level"),
    [
        (15 * DAY, {}, "healthy"),
        (13 * DAY, {}, "warning"),
        (13 * DAY, {"refresh_margin": 7 * DAY}, "healthy"),
        (13 * DAY, {"refresh_margin": 7 * DAY, "next_refresh": NOW + 13 * DAY}, "warning"),
        (timedelta(), {}, "broken"),
    ],
)
def test_the_life_of_the_refresh_token(left: timedelta, expected: dict[str, t.Any], level: str) -> None:
    tokens = held(refresh_token_expires_at=NOW + left, expires_at=NOW + 14 * DAY)
    app = health(tokens, **expected)
    assert app["status"] == level
    assert findings(app) == ([] if level == "healthy" else [("refresh_token", level)])


def test_where_the_refresh_token_is_dead_only_a_new_one_helps() -> None:
    app = health(held(expires_at=NOW - DAY, refresh_token_expires_at=NOW - DAY), Observed(valid=False))
    assert findings(app) == [("refresh_token", "broken"), ("access_token", "broken")]
    assert [bool(finding["remedy"]) for finding in app["findings"]] == [True, False]


def test_without_a_refresh_token_an_integration_must_be_there() -> None:
    tokens = held(refresh_token="", refresh_token_expires_at=None)
    assert findings(health(tokens)) == [("refresh_token", "warning")]
    assert health(tokens, integration=held())["status"] == "healthy"


def test_an_integration_that_dies_is_a_matter_for_soon() -> None:
    app = health(integration=held(refresh_token_expires_at=NOW + DAY))
    assert findings(app) == [("integration", "warning")]
    assert health(integration=held(refresh_token_expires_at=NOW - DAY))["status"] == "warning"


def test_where_webex_does_not_answer_nothing_is_claimed() -> None:
    app = health(observed=Observed(problem=NoAnswer("GET /x: no answer.", "look.")))
    assert (app["status"], app["valid"]) == ("warning", None)
    assert app["findings"][0]["message"] == "Webex could not be queried: GET /x: no answer."
    assert health(held(expires_at=NOW - DAY), Observed(problem=NoAnswer("no")))["status"] == "broken"


def test_a_missing_scope_breaks_and_an_unverified_one_does_not() -> None:
    scopes = [
        {"scope": name, "verdict": verdict} for name, verdict in (("a", "missing"), ("b", "missing"), ("c", "granted"))
    ]
    (finding,) = health(observed=Observed(True, scopes=tuple(scopes)))["findings"]
    assert (finding["level"], finding["message"]) == ("broken", "2 scopes are missing: a, b.")
    assert health(observed=Observed(True, scopes=({"scope": "a", "verdict": "unverified"},)))["status"] == "healthy"


def test_what_is_granted_beyond_need_is_named() -> None:
    required = tuple(requirements(["spark-admin:people_read"], None, []))
    assert health(required=required)["excess"] == ["spark-admin:licenses_read"]
    assert health(held(scopes=None), required=required)["excess"] == []
    assert health()["excess"] == []


@pytest.mark.parametrize(
    ("obtained", "every", "next_refresh"),
    [
        (NOW - HOUR, DAY, NOW + 23 * HOUR),
        (NOW - 30 * DAY - HOUR, DAY, NOW + 23 * HOUR),
        (NOW - DAY, DAY, NOW + DAY),
        (NOW + HOUR, DAY, NOW + HOUR),
        (NOW, None, None),
    ],
)
def test_a_rhythm_is_counted_from_the_last_refresh(
    obtained: datetime, every: timedelta | None, next_refresh: datetime | None
) -> None:
    assert Expected(refresh_every=every).refresh_after(NOW, obtained) == next_refresh


# The report


def a_report() -> dict[str, t.Any]:
    apps = [
        health(),
        empty("nothing", "the vault file x"),
        {**health(held(expires_at=NOW + HOUR)), "name": "hurry"},
        unusable("damaged", WebexError("the vault file y is damaged.", "restore it.")),
    ]
    return report(apps, NOW)


def test_the_worst_comes_first_and_decides() -> None:
    found = a_report()
    assert (found["status"], found["checked_at"]) == ("broken", "2026-11-24T03:00:00Z")
    assert [app["name"] for app in found["apps"]] == ["nothing", "damaged", "hurry", "app"]
    assert (found["healthy"], found["warning"], found["broken"]) == (["app"], ["hurry"], ["nothing", "damaged"])
    assert len({tuple(app) for app in found["apps"]}) == 1


def test_no_apps_are_healthy() -> None:
    found = report([], NOW)
    assert found["status"] == "healthy"
    assert table(found)[-1] == "Overall: healthy (0 broken, 0 warning, 0 healthy)."


def test_the_report_is_plain_and_holds_no_secret() -> None:
    assert "hidden" not in json.dumps(a_report())


def test_the_table() -> None:
    assert [line.rstrip() for line in table(a_report())] == [
        "app      status   access token  refresh token  next refresh  scopes",
        "-------  -------  ------------  -------------  ------------  --------------",
        "nothing  broken   -             -              -             -",
        "    broken: There are no tokens in the vault file x.",
        "        What to do: get the first token with `collabops.webex.service_app_token` and this store.",
        "damaged  broken   -             -              -             -",
        "    broken: The vault file y is damaged.",
        "        What to do: restore it.",
        "hurry    warning  in 1 h        in 89 d        in 1 d        none asked for",
        "    warning: The access token expires in 1 h, before the next scheduled refresh (in 1 d).",
        "        What to do: let the scheduled refresh run earlier, or with a longer `min_validity`.",
        "app      healthy  in 13 d       in 89 d        in 1 d        none asked for",
        "Overall: broken (2 broken, 1 warning, 1 healthy).",
    ]


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-24T03:00:30Z", "in less than a minute"),
        ("2026-11-24T04:05:00Z", "in 1 h 5 min"),
        ("2026-11-26T03:59:00Z", "in 2 d"),
        ("2026-11-22T01:00:00Z", "2 d 2 h ago"),
        (None, "unknown"),
    ],
)
def test_when_in_words(moment: str | None, words: str) -> None:
    assert when(moment, "2026-11-24T03:00:00Z") == words


def test_the_count_of_verdicts() -> None:
    verdicts = ["granted", "missing", "granted", "unverified"]
    assert count({"scopes": [{"verdict": verdict} for verdict in verdicts]}) == "1 missing, 1 unverified, 2 granted"


# What Webex is asked


@pytest.fixture
def connect(webex: Simulator) -> t.Iterator[t.Callable[[str], WebexClient]]:
    """Connects with any access token."""
    clients: list[WebexClient] = []

    def make(access_token: str) -> WebexClient:
        clients.append(WebexClient(Settings(access_token=access_token, base_url=webex.base_url, timeout=10)))
        return clients[-1]

    yield make
    for one in clients:
        one.__exit__()


def test_a_grant_that_is_known_takes_one_request(client: WebexClient, webex: Simulator) -> None:
    observed = observe(client, held(), requirements(SCOPES, None, ["license_info", "location_info"]))
    assert (observed.valid, observed.problem) == (True, None)
    assert observed.expires_at is not None
    assert [(scope["scope"], scope["verdict"]) for scope in observed.scopes][:2] == [
        (scope, "granted") for scope in SCOPES
    ]
    assert observed.scopes[0]["needed_by"] == ["the option `scopes`", "the module license_info"]
    # Any one of the three will do: the others are not missing.
    assert [scope["verdict"] for scope in observed.scopes if " or " in scope["scope"]] == ["granted"]
    assert asked(webex) == ["GET /authorizations/tokenExpiry"]


def test_a_grant_that_is_not_known_is_probed(client: WebexClient, webex: Simulator) -> None:
    observed = observe(client, held(scopes=None), requirements([*SCOPES, "spark-admin:people_write"], None, []))
    assert [scope["verdict"] for scope in observed.scopes] == ["granted", "granted", "unverified"]
    assert all(request.startswith("GET ") for request in asked(webex))


def test_a_token_that_is_refused_is_not_used_for_probes(connect: t.Any, webex: Simulator) -> None:
    observed = observe(connect("dead"), held(scopes=None), requirements(SCOPES, None, []))
    assert (observed.valid, observed.problem) == (False, None)
    assert {scope["verdict"] for scope in observed.scopes} == {"unverified"}
    assert asked(webex) == ["GET /authorizations/tokenExpiry"]


@pytest.mark.parametrize("path", ["/authorizations/tokenExpiry", "/people"])
def test_an_answer_that_does_not_come_is_a_problem(client: WebexClient, webex: Simulator, path: str) -> None:
    webex.fault(kind="status", status=500, path=path, times=None)
    observed = observe(client, held(scopes=None), requirements(SCOPES, None, []))
    assert observed.valid is (None if "token" in path else True)
    assert "500" in str(observed.problem)
    assert {scope["verdict"] for scope in observed.scopes} == {"unverified"}


def test_an_end_that_webex_does_not_tell_is_not_known(client: WebexClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "get", lambda path: {})
    assert observe(client, held(), []) == Observed(True, None)
