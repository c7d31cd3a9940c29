# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import re

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._errors import NoAnswer, Refused, RequestError
from ansible_collections.collabops.webex.plugins.module_utils._remedies import (
    ADD_SCOPES,
    BY_ERROR_CODE,
    BY_GRANT_CAUSE,
    BY_STATUS,
    BY_WORDS,
    CHECK_INTEGRATION,
    GOVERNMENT_HOST,
    RENEW_INTEGRATION,
    SCOPES_TOO_LONG,
    USER_TOKEN,
    grant_cause,
    integration_remedy,
    is_explained,
    remedy_for,
)

PAGE = pathlib.Path(__file__).resolve().parents[4] / "docs" / "docsite" / "rst" / "guide_troubleshooting.rst"
LINES = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("   * - ")]
INVALID = "The request requires a valid access token set in the Authorization request header."
DEAD = "The refresh token provided is expired, revoked, malformed, or invalid."
WRAPPED = f'The identity broker answered 400: {{"error": "invalid_request", "error_description": "{DEAD}"}}'


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((401, INVALID, []), "service_app_token"),
        ((403, "", []), "authorizes the app again"),
        ((403, "", [], "GET /licenses"), "GET /licenses needs spark-admin:licenses_read; the token lacks a scope"),
        ((403, "", [], "GET /licenses/1"), "needs spark-admin:licenses_read"),
        ((403, "", [], "PUT /people/1"), "needs spark-admin:people_write and spark-admin:people_read"),
        ((403, "", [], "GET /people/me"), "needs spark-admin:people_read or spark:people_read"),
        ((403, "", [], "POST /guests/token"), "needs guest-issuer:write"),
        ((403, "", [], "GET /nobody/knows"), "the token lacks a scope"),
        ((404, "", []), "check the id"),
        ((405, "", []), "does not offer"),
        ((409, "", []), "conflicts"),
        ((418, "", []), "correct the value"),
        ((423, "", []), "locked"),
        ((429, "", []), "limits the rate"),
        ((500, "", []), "status.webex.com"),
        ((503, "", []), "status.webex.com"),
        ((400, "License conflict", ["400112"]), "from Professional to Standard"),
        ((400, "", ["1", "400411"]), "properties"),
        ((400, "[Error 4250] +1 phone number(s) not added.", []), "inventory"),
        ((400, "Calling flag not set", ["400"]), "not enabled for Webex Calling"),
        ((400, "Error 42500", []), "correct the value"),
    ],
)
def test_the_most_exact_remedy_is_given(answer: tuple[int, str, list[str]], words: str) -> None:
    assert words in remedy_for(*answer)


@pytest.mark.parametrize("code", BY_ERROR_CODE)
def test_an_error_code_has_its_remedy(code: str) -> None:
    assert remedy_for(400, "", [code]) == BY_ERROR_CODE[code]


@pytest.mark.parametrize(
    ("status", "words", "cause"),
    [
        (400, f"invalid_grant {DEAD}", "dead_refresh_token"),
        (401, f"invalid_request {DEAD}", "dead_refresh_token"),
        (400, WRAPPED, "dead_refresh_token"),
        (401, "invalid_client", "wrong_client"),
        (400, "Client secret is invalid", "wrong_client"),
        (400, "invalid_request Missing required parameter", "other"),
    ],
)
def test_the_cause_of_a_refused_refresh_is_told_by_status_and_words(status: int, words: str, cause: str) -> None:
    for host in ("webexapis.com", GOVERNMENT_HOST):
        assert grant_cause(status, words, minting=False, host=host) == cause


@pytest.mark.parametrize(
    ("status", "words", "host", "cause"),
    [
        (403, "Service App not authorized by Full Admin in Control Hub", "webexapis.com", "not_authorized"),
        (404, "The requested resource could not be found.", "webexapis.com", "unknown_app"),
        (401, "invalid_client", "webexapis.com", "wrong_client"),
        (400, "Bad Request", "webexapis.com", "other"),
        (404, "The requested resource could not be found.", GOVERNMENT_HOST, "not_offered"),
        (405, "Method Not Allowed", GOVERNMENT_HOST, "not_offered"),
    ],
)
def test_the_cause_of_a_refused_mint_is_told_by_status_words_and_deployment(
    status: int, words: str, host: str, cause: str
) -> None:
    assert grant_cause(status, words, minting=True, host=host) == cause


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        ("dead_refresh_token", "Generate Tokens"),
        ("wrong_client", "`client_secret`"),
        ("not_authorized", "Control Hub"),
        ("not_offered", "60 days"),
        ("unknown_app", "`client_id`"),
        ("other", "`base_url`"),
    ],
)
def test_every_cause_says_what_to_do(cause: str, words: str) -> None:
    assert words in BY_GRANT_CAUSE[cause]


@pytest.mark.parametrize("cause", BY_GRANT_CAUSE)
def test_no_consent_mends_a_wrong_secret_of_the_integration(cause: str) -> None:
    remedy = CHECK_INTEGRATION if cause == "wrong_client" else RENEW_INTEGRATION
    assert integration_remedy(cause) == remedy
    assert ("consent" in remedy) == (cause != "wrong_client")
    assert ("`integration.client_secret`" in remedy) == (cause == "wrong_client")


def test_there_is_no_other_cause() -> None:
    assert len(BY_GRANT_CAUSE) == 6


def test_what_a_service_app_cannot_have_is_said() -> None:
    assert "880 characters" in SCOPES_TOO_LONG
    assert "integration" in USER_TOKEN
    assert "Control Hub" in ADD_SCOPES


@pytest.mark.parametrize(
    ("error", "is_known"),
    [
        (NoAnswer("no answer"), False),
        (Refused(request="PATCH /licenses/users", status=403), True),
        (Refused(request="PATCH /licenses/users", status=400, error_codes=["400411"]), True),
        (Refused(request="PATCH /licenses/users", status=400, reason="Error 4250"), True),
        # The plan may have been made from an old read.
        (Refused(request="PATCH /licenses/users", status=400, error_codes=["400112"]), False),
        (Refused(request="PATCH /licenses/users", status=400), False),
        (Refused(request="PATCH /licenses/users", status=409), False),
    ],
)
def test_a_refusal_is_explained_if_its_cause_is_not_the_state_of_the_user(error: RequestError, is_known: bool) -> None:
    assert is_explained(error) is is_known


# The page that users read


def codes(pattern: str) -> set[str]:
    """What the first column names."""
    return {found for line in LINES for found in re.findall(pattern, line)}


def test_the_page_has_a_line_for_every_cause() -> None:
    assert codes(r"cause ``(\w+)``") == set(BY_GRANT_CAUSE)


def test_the_page_has_a_line_for_every_error_code() -> None:
    assert codes(r"errorCode ([\w.]+)") == set(BY_ERROR_CODE)


def test_the_page_has_a_line_for_every_status() -> None:
    assert {int(code) for code in codes(r"\b(4\d\d)\b(?=,|$)")} == set(BY_STATUS)
    assert codes(r"\b5xx\b")


@pytest.mark.parametrize("pattern", [pattern for pattern, _remedy in BY_WORDS])
def test_the_page_has_a_line_for_known_words(pattern: re.Pattern[str]) -> None:
    assert any(pattern.search(line) for line in LINES)


@pytest.mark.parametrize("words", ["too many scopes", "no service app can have", "government cloud"])
def test_the_page_has_a_line_for_what_the_collection_finds_itself(words: str) -> None:
    assert any(words in line for line in LINES)
