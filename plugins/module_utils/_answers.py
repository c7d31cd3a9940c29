# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what Webex, and what stands in between, puts into answers and errors."""

from __future__ import annotations

import email.utils
import json
import re
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from ._errors import BrokenAnswer, NoAnswer, Refused
from ._remedies import CHECK_ROUTE, NOT_WEBEX, remedy_for
from ._retry import LONGEST_WAIT, PASSING_FAILURES

if TYPE_CHECKING:
    import requests

# Those by which a request is sent elsewhere, and so was not carried out (RFC 9110, 15.4).
MOVED = frozenset({301, 302, 307, 308})
# Of the descriptions and codes of one error, so many are shown.
MOST_ENTRIES = 20
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def parse_json(content: bytes) -> Any:
    """Return the JSON value of *content*; ValueError if it is none, or is nested too deeply to be read.

    Half a surrogate pair, which no file and no terminal takes, becomes replacement characters.
    """
    try:
        value = json.loads(content.decode(json.detect_encoding(content)))
        if _SURROGATE.search(content):
            text = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass").decode("utf-8", "replace")
            value = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def data_of(response: requests.Response, content: bytes, request: str) -> dict[str, Any] | None:
    """Return the JSON object that a success carries in its *content*, None for a write that was answered with nothing.

    Raises BrokenAnswer if it is something else: a gateway in between has answered.
    """
    if not content:
        if request.startswith("GET "):
            raise broken_answer(response, request, "an empty body")
        return None
    try:
        data = parse_json(content)
    except ValueError:
        raise broken_answer(response, request, "a body that is not JSON") from None
    if not isinstance(data, dict):
        raise broken_answer(response, request, "a body that is not a JSON object")
    return data


def broken_answer(response: requests.Response, request: str, flaw: str) -> BrokenAnswer:
    """Return the error for an answer to *request* that is of no use, because it has such a *flaw*."""
    kind = response.headers.get("content-type") or "no content type"
    return BrokenAnswer(
        f"{request} was answered with {response.status_code} and {flaw} ({kind}).",
        NOT_WEBEX,
        request=request,
        unclear=True,
        passing=True,
    )


def no_success(response: requests.Response, request: str) -> NoAnswer:
    """Return the error for an answer to *request* that is neither a success nor an error: a redirect, or the like.

    It is not followed, since the token, or a client secret in the form, would go along.
    """
    status, location = response.status_code, response.headers.get("location")
    what = f"{status} and no address to go to, which is no success"
    if location and response.is_redirect:
        what = f"a redirect to another address ({_host_of(location)}), which is not followed"
    return NoAnswer(f"{request} was answered with {what}.", CHECK_ROUTE, request=request, unclear=status not in MOVED)


def words_of(body: Any) -> tuple[str, list[str], list[str]]:
    """Return reason, descriptions and error codes of an error's *body*, in any of the known shapes.

    Webex's own, telephony's (``error`` or ``errors`` with ``code`` and ``message``; ``error.message`` may be a list of
    these), and OAuth's (RFC 6749, 5.2). What has another type than expected is left out.
    """
    if not isinstance(body, dict):
        return "", [], []
    error = body.get("error")
    entries = [entry for key in ("errors", "error", "message") for entry in _entries(body.get(key))]
    reason = _text(body.get("message")) or _text(error) or (_text(error.get("key")) if isinstance(error, dict) else "")
    descriptions = [_text(entry.get("description")) or _text(entry.get("message")) for entry in entries]
    descriptions.append(_text(body.get("error_description")))
    codes = [_text(entry.get("errorCode")) or _text(entry.get("code")) for entry in entries]
    return (
        reason,
        [text for text in descriptions if text][:MOST_ENTRIES],
        [code for code in codes if code][:MOST_ENTRIES],
    )


def _entries(value: Any) -> list[dict[str, Any]]:
    """Return the objects that describe an error: *value*, those in it, and those in the ``message`` of each."""
    objects = [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]
    nested = [
        item
        for entry in objects
        for message in [entry.get("message")]
        for item in (message if isinstance(message, list) else [message])
        if isinstance(item, dict)
    ]
    return objects + nested


def _text(value: Any) -> str:
    """Return *value* as text if it is text or a number."""
    return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""


def tracking_id_of(body: Any, headers: Mapping[str, str]) -> str | None:
    """Return the id by which Cisco's support finds the request, from the *body* or else from the *headers*."""
    return (_text(body.get("trackingId")) if isinstance(body, dict) else "") or headers.get("trackingid")


def refusal(response: requests.Response, content: bytes, request: str) -> Refused:
    """Return the error that an answer with an error status is, by its *content*."""
    status = response.status_code
    try:
        body = parse_json(content)
    except ValueError:
        body = None
    reason, descriptions, codes = words_of(body)
    words = " ".join([reason, *descriptions])
    return Refused(
        request=request,
        status=status,
        reason=reason or phrase_of(status, response.headers),
        descriptions=descriptions,
        error_codes=codes,
        tracking_id=tracking_id_of(body, response.headers),
        remedy=remedy_for(status, words, codes, request) if isinstance(body, dict) else NOT_WEBEX,
        unclear=status >= 500,
        passing=status in PASSING_FAILURES,
        retry_after=retry_after_of(response.headers),
    )


def phrase_of(status: int, headers: Mapping[str, str]) -> str:
    """Return words for an error without any: what *status* means, and what kind of body it had."""
    kind = headers.get("content-type", "").split(";")[0] or "nothing"
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "an unknown status"
    return f"{phrase} (the body was {kind})"


def retry_after_of(headers: Mapping[str, str]) -> float | None:
    """Return for how many seconds *headers* ask to wait, at most LONGEST_WAIT; None if they say nothing of use.

    Retry-After is seconds or a date (RFC 9110, 10.2.3). A literal ``rand(30),add(30)`` was reported from the field.
    """
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        seconds = float(value)
    else:
        try:
            moment = email.utils.parsedate_tz(value)
            seconds = email.utils.mktime_tz(moment) - time.time() if moment else 0.0
        except (ValueError, OverflowError, TypeError):
            return None
    return min(seconds, LONGEST_WAIT) if seconds > 0 else None


def next_page_of(links: Mapping[str, Mapping[str, str]], url: str) -> str | None:
    """Return the URL of the next page, of which *links* may speak relative to *url* (RFC 8288, 3.1)."""
    target = links.get("next", {}).get("url")
    try:
        return urljoin(url, target) if target else None
    except ValueError:
        return target  # it is refused when it is asked for


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or "the same host"
    except ValueError:
        return "which is no URL"
