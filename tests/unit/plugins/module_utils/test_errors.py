# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._errors import (
    GrantRefused,
    NoAnswer,
    OptionError,
    OutOfTime,
    Refused,
    Unreachable,
    UntrustedCertificate,
    WebexError,
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
    error.message += " More."
    assert str(error).endswith("More. What to do: look.")
    assert error.details()["message"].endswith("More.")


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
    ],
)
def test_what_would_happen_to_everybody_says_so(error: WebexError, stops: bool) -> None:
    assert error.hits_everybody == stops
