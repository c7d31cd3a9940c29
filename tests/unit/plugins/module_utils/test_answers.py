# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._answers import (
    parse_json,
    phrase_of,
    retry_after_of,
    words_of,
)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {"message": "No.", "errors": [{"description": "Why.", "errorCode": 400404}]},
            ("No.", ["Why."], ["400404"]),
        ),
        ({"error": [{"code": "E1", "message": "Why."}]}, ("", ["Why."], ["E1"])),
        (
            {"error": {"key": "400", "message": [{"code": 4250, "description": "Why."}]}},
            ("400", ["Why."], ["4250"]),
        ),
        ({"errors": [{"code": 5, "message": "Why."}, {"code": 6}]}, ("", ["Why."], ["5", "6"])),
        (
            {"error": "invalid_grant", "error_description": "It expired."},
            ("invalid_grant", ["It expired."], []),
        ),
        ({"error": {"code": 7, "message": "Why."}}, ("", ["Why."], ["7"])),
        ({"message": {"code": 8, "description": "Why."}}, ("", ["Why."], ["8"])),
        ({"message": 404}, ("404", [], [])),
        # What has another type than expected.
        ({"message": ["a"], "errors": ["b"], "error": None}, ("", [], [])),
        ({"message": True, "errors": 5, "error": 1.5}, ("1.5", [], [])),
        ({"errors": {"description": {"a": 1}, "errorCode": [1]}}, ("", [], [])),
        ({"error": [[{"code": 1}]]}, ("", [], [])),
        ([{"message": "x"}], ("", [], [])),
        ("text", ("", [], [])),
        (None, ("", [], [])),
    ],
)
def test_every_shape_of_an_error_gives_its_words(body: t.Any, words: tuple[str, list[str], list[str]]) -> None:
    assert words_of(body) == words


@pytest.mark.parametrize("content", [b"", b"<html>", b"[" * 100_000, b"\xff\xfe\xff", b'{"a":' * 100_000])
def test_what_is_no_json_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parse_json(content)


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b'{"a": "x\\ud800y"}', {"a": "x\ufffd\ufffd\ufffdy"}),
        (b'["\\uDFFF"]', ["\ufffd\ufffd\ufffd"]),
        (b'{"\\ud83d": "\\ud83d\\ude00"}', {"\ufffd\ufffd\ufffd": "\U0001f600"}),
        (b'"\\\\ud800"', "\\ud800"),
        (b"\xef\xbb\xbf{}", {}),
    ],
)
def test_half_a_surrogate_pair_becomes_a_replacement(content: bytes, value: t.Any) -> None:
    parsed = parse_json(content)
    assert parsed == value
    assert json.dumps(parsed, ensure_ascii=False).encode()


def test_of_very_many_errors_some_are_told() -> None:
    errors = [{"description": f"No. {number}", "errorCode": number} for number in range(1000)]
    _reason, descriptions, codes = words_of({"errors": errors})
    assert len(descriptions) == len(codes) == 20


def test_numbers_of_any_length_are_no_problem() -> None:
    with pytest.raises(ValueError, match="digits"):
        parse_json(b"1" * 10_000)
    assert parse_json(json.dumps({"a": 10**100}).encode()) == {"a": 10**100}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("1.5", 1.5),
        ("61", 60),
        ("0", None),
        ("-1", None),
        ("\u0663", None),
        ("1e3", None),
        ("", None),
    ],
)
def test_retry_after_is_a_number_above_zero_or_of_no_use(value: str, seconds: float | None) -> None:
    assert retry_after_of({"retry-after": value}) == seconds


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (502, {"content-type": "text/html; charset=utf-8"}, "Bad Gateway (the body was text/html)"),
        (502, {}, "Bad Gateway (the body was nothing)"),
        (599, {"content-type": "text/html"}, "an unknown status (the body was text/html)"),
    ],
)
def test_an_error_without_words_gets_those_of_its_status(status: int, headers: dict[str, str], words: str) -> None:
    assert phrase_of(status, headers) == words
