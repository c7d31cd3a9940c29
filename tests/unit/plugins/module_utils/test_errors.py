# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._errors import (
    GrantRefused,
    Interrupted,
    NoAnswer,
    OptionError,
    OutOfTime,
    Refused,
    Unreachable,
    UntrustedCertificate,
    WebexError,
    with_more,
)


def test_a_message_says_what_to_do() -> None:
    assert str(WebexError("It broke.", "repair it.")) == "It broke. What to do: repair it."
    assert str(WebexError("It broke.")) == "It broke."


def test_an_option_error_names_the_option() -> None:
    error = OptionError("timeout", "is not above zero.", "give seconds.")
    assert str(error) == "timeout: is not above zero. What to do: give seconds."
    assert error.details() == {"message": "timeout: is not above zero.", "remedy": "give seconds.", "option": "timeout"}


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "GET /x was answered with 400: no message. trackingId none sent."),
        ({"reason": "No.", "descriptions": ["No."]}, "GET /x was answered with 400: No. trackingId none sent."),
        (
            {"reason": "No", "descriptions": ["Because."], "error_codes": ["1", "2"], "tracking_id": "T"},
            "GET /x was answered with 400: No. Because. errorCode 1, 2. trackingId T.",
        ),
    ],
)
def test_a_refusal_is_a_sentence(said: dict[str, t.Any], sentence: str) -> None:
    assert str(Refused(request="GET /x", status=400, **said)) == sentence


def test_a_message_that_was_completed_later_is_shown() -> None:
    error = GrantRefused(cause="other", request="POST /x", status=400, remedy="look.")
    error.problem += " More."
    assert str(error) == f"{error.problem} trackingId none sent. What to do: look."
    assert error.problem.endswith("More.")
    assert error.details()["message"] == f"{error.problem} trackingId none sent."
    assert error.details()["remedy"] == "look."


def test_what_differs_between_requests_is_a_field_of_its_own() -> None:
    first, second = (Refused(request="GET /x", status=500, tracking_id=key, remedy="wait.") for key in ("T1", "T2"))
    assert first.without_tracking_id() == second.without_tracking_id() == f"{first.problem} What to do: wait."
    more = with_more(first, " More. trackingId T1.")
    # What a message happens to say is not cut out of it.
    assert more.without_tracking_id() == f"{first.problem} More. trackingId T1. What to do: wait."


def test_an_option_error_has_what_is_wrong_beside_the_option() -> None:
    error = OptionError("timeout", "is not above zero.", "give seconds.")
    assert (error.option, error.wrong, error.problem) == (
        "timeout",
        "is not above zero.",
        "timeout: is not above zero.",
    )


@pytest.mark.parametrize(
    ("error", "stops"),
    [
        (WebexError("x"), False),
        (OptionError("x", "y"), False),
        (NoAnswer("x"), False),
        (Refused(request="GET /x", status=403), False),
        (Refused(request="GET /x", status=401), True),
        (Unreachable("x"), True),
        (UntrustedCertificate("x"), True),
        (OutOfTime("x"), True),
        (Interrupted("x"), True),
    ],
)
def test_what_would_happen_to_everybody_says_so(error: WebexError, stops: bool) -> None:
    assert error.hits_everybody == stops
