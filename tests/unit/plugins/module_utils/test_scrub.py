# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts from outside: every secret in every form, in every place of an answer."""

from __future__ import annotations

import base64
import json
import typing as t
from urllib.parse import quote, quote_plus

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import RequestError
from ansible_collections.collabops.webex.plugins.module_utils._scrub import LONGEST, Scrubber
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.unit.support import RawServer

ORG = "1eb65fdf-9643-417f-9974-ad72cae0e10f"
RANDOM = "Zm9vYmFyMjAyNi1hYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg+/x%41"
TOKEN = f"{RANDOM}_PF84_{ORG}"
PASSWORD = "p@ss-word"
FORMS: dict[str, t.Callable[[str], str]] = {
    "plain": str,
    "upper case": str.upper,
    "swapped case": str.swapcase,
    "first part": lambda secret: secret[:20],
    "middle part": lambda secret: secret[7:28],
    "URL-encoded": lambda secret: quote(secret, safe=""),
    "form-encoded": quote_plus,
    "URL-encoded twice": lambda secret: quote(quote(secret, safe=""), safe=""),
    "every character encoded": lambda secret: "".join(f"%{ord(character):02x}" for character in secret),
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64 after one": lambda secret: base64.b64encode(b"x" + secret.encode() + b"y").decode(),
    "base64 after two": lambda secret: base64.b64encode(b"xx" + secret.encode()).decode(),
    "base64 of a part": lambda secret: base64.b64encode(secret[3:24].encode()).decode(),
    "base64url": lambda secret: base64.urlsafe_b64encode(b"Bearer " + secret.encode()).decode(),
    "base64 in another case": lambda secret: base64.b64encode(secret.encode()).decode().lower(),
    "base64, URL-encoded": lambda secret: quote(base64.b64encode(secret.encode()).decode(), safe=""),
}


def leaks(text: str, secret: str) -> bool:
    """Whether a form of the *secret* shows, as far as 20 characters of it, or 24 of its base64."""
    for form in FORMS.values():
        encoded = form(secret)
        size = min(24, len(encoded))
        if any(encoded[start : start + size] in text for start in range(len(encoded) - size + 1)):
            return True
    return False


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_secret_is_hidden_in_every_form(form: t.Callable[[str], str]) -> None:
    scrubbed = Scrubber([TOKEN])(f"before {form(TOKEN)} after")
    assert "***" in scrubbed
    assert (scrubbed[:7], scrubbed[-6:]) == ("before ", " after")
    assert not leaks(scrubbed, RANDOM)


@pytest.mark.parametrize("form", [str, str.upper, quote_plus, FORMS["base64 after one"]])
def test_a_short_password_is_hidden_whole(form: t.Callable[[str], str]) -> None:
    assert "***" in Scrubber([PASSWORD])(f"before {form(PASSWORD)} after")
    assert form(PASSWORD) not in Scrubber([PASSWORD])(f"before {form(PASSWORD)} after")


def test_what_a_token_has_in_common_with_others_is_shown() -> None:
    text = f"the organization {ORG}, and _PF84_{ORG}; half a token is {RANDOM[:19]}"
    assert Scrubber([TOKEN])(text) == text


def test_words_between_secrets_stay() -> None:
    scrub = Scrubber(["first-secret-of-two", "second-secret-of-two"])
    assert scrub("first-secret-of-two, SECOND-SECRET-OF-TWO: no (first)") == "***, ***: no (first)"


def test_a_secret_that_is_added_later_is_hidden_too() -> None:
    scrub = Scrubber()
    assert scrub("a-secret") == "a-secret"
    scrub.add(["a-secret"])
    assert scrub("a-secret") == "***"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("a\r\nb\tc\x0bd", "a b c d"),
        ("a\x00\x07\x08\x7f\x9b\u202e\u200b\ud800b", "ab"),
        ("M\u00fcnchen \u2014 \u6771\u4eac", "M\u00fcnchen \u2014 \u6771\u4eac"),
        ("a" * (LONGEST + 1), "a" * LONGEST + "..."),
    ],
)
def test_what_controls_a_terminal_goes(text: str, shown: str) -> None:
    assert Scrubber()(text) == shown


def answer(status: str, body: str = "", **headers: str) -> bytes:
    """An answer as it goes over the wire."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body.encode()


def error(**body: t.Any) -> bytes:
    """A refusal with this *body*."""
    return answer("400 Bad Request", json.dumps(body), Content_Type="application/json")


PLACES: dict[str, t.Callable[[str], bytes]] = {
    "message": lambda text: error(message=text),
    "description": lambda text: error(errors=[{"description": text}]),
    "error code": lambda text: error(errors=[{"errorCode": text}]),
    "telephony": lambda text: error(error={"key": text, "message": [{"code": text, "description": text}]}),
    "OAuth": lambda text: error(error=text, error_description=text),
    "tracking id": lambda text: error(trackingId=text),
    "header of the tracking id": lambda text: answer("400 No", "{}", trackingid=text),
    "content type of an error": lambda text: answer("502 No", "x", Content_Type=text),
    "content type of a success": lambda text: answer("200 OK", "x", Content_Type=text),
    "encoding": lambda text: answer("200 OK", "x", Content_Encoding=text),
    "host of a redirect": lambda text: answer("302 Found", Location=f"https://{text}/"),
    "user of a redirect": lambda text: answer("302 Found", Location=f"https://{text}@example.com/"),
    "status line": lambda text: f"HTTP/1.1 {text}\r\n\r\n".encode("latin-1"),
    "no HTTP": lambda text: f"{text}\r\n\r\n".encode("latin-1"),
    "host of the next page": lambda text: answer("200 OK", '{"items": [1]}', Link=f'<https://{text}/>; rel="next"'),
    "path of the next page": lambda text: answer("200 OK", '{"items": [1]}', Link=f'</v1/{text}>; rel="next"'),
}
SHORT_FORMS = ("plain", "upper case", "middle part", "URL-encoded", "base64 after one", "base64 after two")


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("form", SHORT_FORMS)
@pytest.mark.parametrize("place", PLACES)
def test_no_place_of_an_answer_shows_a_secret_or_controls_a_terminal(place: str, form: str) -> None:
    secret = TOKEN.replace("/", "-")
    text = "\x1b[2J\x07" + FORMS[form](secret) + "\x9b1m"
    first = PLACES[place](text)
    last = answer("404 Not Found", "{}")

    def treat(server: RawServer, connection: t.Any) -> None:
        server.read_request(connection)
        connection.sendall(first if len(server.arrivals) == 1 or "next page" not in place else last)

    with RawServer(treat) as server:
        settings = Settings(base_url=server.base_url, access_token=secret, timeout=5)
        with WebexClient(settings, 10) as client, pytest.raises(RequestError) as caught:
            list(client.pages("/people", "items"))
    shown = [str(caught.value), caught.value.without_tracking_id(), repr(caught.value)]
    shown += [str(value) for value in caught.value.details().values()]
    assert not any(leaks(text, secret.removesuffix(f"_PF84_{ORG}")) for text in shown)
    assert all(text.isprintable() for text in shown)


def test_what_a_proxy_quotes_is_hidden_too() -> None:
    credentials = base64.b64encode(f"user:{PASSWORD}".encode()).decode()

    def treat(server: RawServer, connection: t.Any) -> None:
        server.read_request(connection)
        connection.sendall(error(message=f"{PASSWORD} {quote(PASSWORD)} Basic {credentials}"))

    with RawServer(treat) as proxy:
        settings = Settings(
            base_url="http://localhost:1/v1", proxy=f"http://user:{quote(PASSWORD)}@127.0.0.1:{proxy.port}"
        )
        with WebexClient(settings, 10) as client, pytest.raises(RequestError, match="400") as caught:
            client.get("/people/me")
    assert PASSWORD not in str(caught.value)
    assert quote(PASSWORD) not in str(caught.value)
    assert credentials not in str(caught.value)
