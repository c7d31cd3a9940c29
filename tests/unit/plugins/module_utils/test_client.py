# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import email.utils
import json
import pathlib
import socket
import typing as t
from urllib.parse import quote_plus

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import (
    BrokenAnswer,
    NoAnswer,
    OutOfTime,
    Refused,
)
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.support import Clock, Server, asked, make_certificate, statuses

NOTHING = {"licenses": []}
OK = (200, {}, "{}")


@pytest.fixture
def connect(clock: Clock) -> t.Iterator[t.Callable[..., WebexClient]]:
    """Makes clients of other servers."""
    with contextlib.ExitStack() as stack:
        yield lambda base_url, **changes: stack.enter_context(
            WebexClient(Settings(**{"access_token": "the-token", "base_url": base_url, "timeout": 5, **changes}))
        )


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# What is sent, and as whom


def test_the_token_is_sent(webex: Simulator, client: WebexClient) -> None:
    assert client.get("/people/me")["type"] == "appuser"
    assert [entry["token_kind"] for entry in webex.journal()] == ["service_app"]


def test_a_form_is_sent_without_the_token(connect: t.Any) -> None:
    with Server([OK]) as server:
        connect(server.base_url).post_form("/access_token", {"grant_type": "refresh_token"}, secrets=[])
    assert "Authorization" not in server.requests[0][2]


def test_a_netrc_file_is_not_used(connect: t.Any, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Server([OK]) as server:
        client = connect(server.base_url)
        client.get("/people/me")
        client.post_form("/access_token", {}, secrets=[])
    sent = [headers.get("Authorization") for _method, _path, headers in server.requests]
    assert sent == ["Bearer the-token", None]


def test_requests_go_through_the_proxy(connect: t.Any) -> None:
    with Server([OK]) as proxy:
        connect("http://127.0.0.1:9/v1", proxy=f"http://127.0.0.1:{proxy.port}").get("/people/me")
    assert [(method, path) for method, path, _headers in proxy.requests] == [("GET", "http://127.0.0.1:9/v1/people/me")]


@pytest.mark.parametrize("by_option", [True, False])
def test_the_proxy_of_the_environment_is_for_those_without_the_option(
    connect: t.Any, monkeypatch: pytest.MonkeyPatch, by_option: bool
) -> None:
    with Server([OK]) as of_environment, Server([OK]) as of_option:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{of_environment.port}")
        proxy = f"http://127.0.0.1:{of_option.port}" if by_option else None
        connect("http://127.0.0.1:9/v1", proxy=proxy).get("/people/me")
    assert (len(of_environment.requests), len(of_option.requests)) == ((0, 1) if by_option else (1, 0))


def test_the_organization_is_a_parameter_only_if_it_is_set(settings: Settings) -> None:
    with WebexClient(settings) as without, WebexClient(dataclasses.replace(settings, org_id="abc")) as with_org:
        assert (without.org_params, with_org.org_params) == ({}, {"orgId": "abc"})


# TLS


@pytest.mark.parametrize("other_bundle", [False, True])
def test_a_certificate_by_an_unknown_authority_is_refused(
    connect: t.Any, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, other_bundle: bool
) -> None:
    pem = str(tmp_path / "pem")
    if other_bundle:  # a setting of requests does not get in the way
        make_certificate(str(tmp_path / "other"))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", pem)
    with Server([OK], tls=make_certificate(pem)) as server, pytest.raises(NoAnswer, match="certificate") as error:
        connect(server.base_url, ca_path=str(tmp_path / "other") if other_bundle else None).patch("/x", NOTHING)
    assert not error.value.unclear
    assert not server.requests


@pytest.mark.parametrize("trust", ["ca_path", "validate_certs"])
def test_a_certificate_that_is_trusted_is_accepted(
    connect: t.Any, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, trust: str
) -> None:
    pem = str(tmp_path / "pem")
    with Server([OK], tls=make_certificate(pem)) as server:
        make_certificate(str(tmp_path / "other"))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "other"))
        connect(server.base_url, **({"ca_path": pem} if trust == "ca_path" else {"validate_certs": False})).get("/x")
    assert len(server.requests) == 1


# What is sent again


@pytest.mark.parametrize("status", [423, 429, 500, 502, 503, 504])
def test_get_is_sent_again_after_a_passing_failure(webex: Simulator, client: WebexClient, status: int) -> None:
    webex.fault(kind="status", status=status)
    client.get("/people/me")
    assert statuses(webex) == [status, 200]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 501])
def test_get_is_not_sent_again_after_a_refusal(webex: Simulator, client: WebexClient, status: int) -> None:
    webex.fault(kind="status", status=status)
    with pytest.raises(Refused, match=f"GET /people/me was answered with {status}"):
        client.get("/people/me")
    assert statuses(webex) == [status]


def test_put_is_sent_again_after_a_passing_failure(webex: Simulator, client: WebexClient) -> None:
    alice = next(client.pages("/people", "items", email="alice@example.com"))
    webex.clear_journal()
    webex.fault(kind="status", status=503, method="PUT")
    client.put(f"/people/{alice['id']}", {"displayName": "Alice"})
    assert statuses(webex) == [503, 200]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_patch_is_not_sent_again_after_a_server_failure(webex: Simulator, client: WebexClient, status: int) -> None:
    webex.fault(kind="status", status=status)
    with pytest.raises(Refused) as error:
        client.patch("/licenses/users", NOTHING)
    assert statuses(webex) == [status]
    assert error.value.unclear


def test_post_is_not_sent_again_after_a_server_failure(webex: Simulator, client: WebexClient) -> None:
    webex.fault(kind="status", status=503)
    with pytest.raises(Refused) as error:
        client.post_form("/access_token", {}, secrets=[])
    assert statuses(webex) == [503]
    assert error.value.unclear


def test_patch_is_sent_again_after_429(webex: Simulator, client: WebexClient) -> None:
    webex.fault(kind="status", status=429, retry_after=1)
    client.patch("/licenses/users", {"email": "alice@example.com", **NOTHING})
    assert statuses(webex) == [429, 200]


def test_post_is_sent_again_after_429(webex: Simulator, client: WebexClient) -> None:
    webex.fault(kind="status", status=429)
    with pytest.raises(Refused, match="answered with 400"):
        client.post_form("/access_token", {}, secrets=[])
    assert statuses(webex) == [429, 400]


def test_a_refusal_is_not_unclear(webex: Simulator, client: WebexClient) -> None:
    with pytest.raises(Refused) as error:
        client.patch("/licenses/users", NOTHING)
    assert not error.value.unclear


def test_get_is_sent_again_after_a_lost_connection(webex: Simulator, client: WebexClient) -> None:
    webex.fault(kind="reset")
    client.get("/people/me")
    assert statuses(webex) == [None, 200]


def test_patch_is_not_sent_again_after_a_lost_connection(webex: Simulator, client: WebexClient) -> None:
    webex.fault(kind="reset")
    with pytest.raises(NoAnswer) as error:
        client.patch("/licenses/users", NOTHING)
    assert statuses(webex) == [None]
    assert error.value.unclear


@pytest.mark.parametrize("send", ["patch", "post_form"])
def test_a_refused_connection_is_tried_again_whatever_is_sent(clock: Clock, connect: t.Any, send: str) -> None:
    with contextlib.ExitStack() as stack:
        server = Server([OK], port=unused_port())
        clock.on_nap = lambda: server.requests or stack.enter_context(server)
        client = connect(server.base_url)
        getattr(client, send)("/x", {}, **({"secrets": []} if send == "post_form" else {}))
    assert len(server.requests) == 1


def test_a_connection_that_is_never_made_is_not_unclear(connect: t.Any) -> None:
    with pytest.raises(NoAnswer, match="Connection refused") as error:
        connect(f"http://127.0.0.1:{unused_port()}/v1").patch("/x", NOTHING)
    assert not error.value.unclear


def test_get_gives_up_after_timeouts(webex: Simulator, settings: Settings, clock: Clock) -> None:
    webex.fault(kind="timeout", times=None)
    with WebexClient(dataclasses.replace(settings, timeout=0.1)) as client, pytest.raises(NoAnswer, match="timed out"):
        client.get("/people/me")
    assert asked(webex) == ["GET /people/me"] * 4


def test_patch_is_not_sent_again_after_a_timeout(webex: Simulator, settings: Settings, clock: Clock) -> None:
    webex.fault(kind="timeout", times=None)
    with WebexClient(dataclasses.replace(settings, timeout=0.1)) as client, pytest.raises(NoAnswer) as error:
        client.patch("/licenses/users", NOTHING)
    assert asked(webex) == ["PATCH /licenses/users"]
    assert error.value.unclear


@pytest.mark.parametrize("send", ["patch", "put", "get"])
def test_a_lock_that_says_how_long_it_lasts_is_waited_for(connect: t.Any, clock: Clock, send: str) -> None:
    with Server([(423, {"Retry-After": "7"}, "{}"), OK]) as server:
        client = connect(server.base_url)
        client.get("/x") if send == "get" else getattr(client, send)("/x", {})
        assert client.traffic.waited == 7
    assert (len(server.requests), clock.naps) == (2, [7])


@pytest.mark.parametrize("retry_after", [{}, {"Retry-After": "soon"}])
def test_a_lock_that_does_not_is_no_reason_to_write_again(connect: t.Any, retry_after: dict[str, str]) -> None:
    with Server([(423, retry_after, "{}"), OK]) as server, pytest.raises(Refused) as error:
        connect(server.base_url).patch("/x", {})
    assert (len(server.requests), error.value.unclear) == (1, False)


@pytest.mark.parametrize(("status", "stops"), [(400, False), (401, True), (403, False), (404, False), (500, False)])
def test_a_token_that_is_refused_hits_everybody(connect: t.Any, status: int, stops: bool) -> None:
    with Server([(status, {}, "{}")]) as server, pytest.raises(Refused) as error:
        connect(server.base_url).patch("/x", {})
    assert error.value.hits_everybody == stops


def test_the_traffic_is_counted(webex: Simulator, client: WebexClient) -> None:
    webex.fault(kind="status", status=429, retry_after=7, times=2)
    webex.fault(kind="status", status=503)
    client.get("/people/me")
    assert client.traffic.shown() == {"requests": 4, "throttled": 2, "seconds_waited": 14}


# How long is waited


def test_retry_after_is_respected(webex: Simulator, client: WebexClient, clock: Clock) -> None:
    webex.fault(kind="status", status=429, retry_after=7)
    client.get("/people/me")
    assert clock.naps == [7]


def test_retry_after_is_capped(webex: Simulator, client: WebexClient, clock: Clock) -> None:
    webex.fault(kind="status", status=503, retry_after=86_400)
    client.get("/people/me")
    assert clock.naps == [60]


@pytest.mark.parametrize(
    ("retry_after", "naps"),
    [
        (email.utils.format_datetime(datetime.datetime(2999, 1, 1, tzinfo=datetime.timezone.utc), usegmt=True), [60]),
        (email.utils.format_datetime(datetime.datetime(1999, 1, 1, tzinfo=datetime.timezone.utc), usegmt=True), [5]),
        (f"Mon, 01 Jan {9**9} 00:00:00 GMT", [5]),
        ("9" * 5000, [60]),
        ("7.0", [7]),
        ("rand(30),add(30)", [5]),
        ("-3", [5]),
        ("0", [5]),
        ("", [5]),
    ],
)
def test_an_odd_retry_after_is_no_problem(connect: t.Any, clock: Clock, retry_after: str, naps: list[float]) -> None:
    with Server([(429, {"Retry-After": retry_after}, "{}"), OK]) as server:
        connect(server.base_url).get("/x")
    assert clock.naps == naps
    assert len(server.requests) == 2


def test_a_failure_that_stays_is_reported_after_seven_requests(
    webex: Simulator, client: WebexClient, clock: Clock
) -> None:
    webex.fault(kind="status", status=503, times=None)
    with pytest.raises(Refused, match="answered with 503"):
        client.get("/people/me")
    assert statuses(webex) == [503] * 7
    assert sum(clock.naps) < 30


def test_all_waits_of_a_client_are_bounded_together(webex: Simulator, client: WebexClient, clock: Clock) -> None:
    webex.fault(kind="status", status=429, retry_after=45, times=None)
    with pytest.raises(Refused, match="answered with 429"):
        client.get("/people/me")
    for _request in range(2):
        with pytest.raises(OutOfTime, match="not sent. The task's 300 seconds are used up"):
            client.get("/people/me")
    assert clock.naps == [45] * 6  # a seventh would end after more than five minutes
    assert statuses(webex) == [429] * 7


# Pages


@pytest.mark.parametrize(
    ("path", "key", "count"),
    [("/people", "items", 10), ("/telephony/config/numbers", "phoneNumbers", 30), ("/locations", "items", 3)],
)
def test_every_page_is_read(webex: Simulator, client: WebexClient, path: str, key: str, count: int) -> None:
    webex.configure(max_page_size=2)
    found = list(client.pages(path, key, max=100))
    assert len({json.dumps(one) for one in found}) == len(found) == count
    assert asked(webex) == [f"GET {path}"] * ((count + 1) // 2)


def test_a_failure_on_a_later_page_is_not_a_shorter_list(webex: Simulator, client: WebexClient) -> None:
    webex.configure(max_page_size=4)
    webex.fault(kind="status", status=403, skip=1)
    with pytest.raises(Refused):
        list(client.pages("/people", "items"))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_next_page_on_another_host_is_not_asked_for(connect: t.Any, scheme: str) -> None:
    with Server([OK]) as elsewhere:
        link = {"Link": f'<{scheme}://127.0.0.1:{elsewhere.port}/v1/people?cursor=2>; rel="next"'}
        with (
            Server([(200, link, '{"items": [{}]}')]) as server,
            pytest.raises(NoAnswer, match="The next page lies on another host"),
        ):
            list(connect(server.base_url).pages("/people", "items"))
    assert not elsewhere.requests


def test_a_next_page_that_was_there_before_ends_the_list(connect: t.Any) -> None:
    server = Server([], port=unused_port())
    server.answers = [(200, {"Link": f'<{server.base_url}/people?cursor=1>; rel="next"'}, '{"items": [{}]}')]
    with server:
        assert len(list(connect(server.base_url).pages("/people", "items"))) == 2


def test_a_next_page_may_be_named_relative_to_the_one_before(connect: t.Any) -> None:
    def page(link: str, item: int) -> tuple[int, dict[str, str], str]:
        return 200, {"Link": f'<{link}>; rel="next"'}, json.dumps({"items": [{"id": item}]})

    pages = [page("?cursor=2", 1), page("/v1/people?cursor=3", 2), page("people?cursor=4", 3), (200, {}, "{}")]
    with Server(pages) as server:
        items = list(connect(server.base_url).pages("/people", "items", max=1))
    assert [item["id"] for item in items] == [1, 2, 3]
    asked_for = [path for _method, path, _headers in server.requests]
    assert asked_for == ["/v1/people?max=1", *(f"/v1/people?cursor={number}" for number in (2, 3, 4))]


@pytest.mark.parametrize("link", ["//127.0.0.2/v1/people", "ftp://127.0.0.1/v1/people", "http://user@{host}/v1/people"])
def test_a_relative_next_page_does_not_take_the_token_elsewhere(connect: t.Any, link: str) -> None:
    with Server([OK]) as server:
        target = link.format(host=f"127.0.0.1:{server.port}")
        server.answers = [(200, {"Link": f'<{target}>; rel="next"'}, '{"items": [{}]}')]
        with pytest.raises(NoAnswer, match="The next page lies on another host"):
            list(connect(server.base_url).pages("/people", "items"))
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [(200, {"Link": '<//[x>; rel="next"'}, "no URL"), (302, {"Location": "http://[x"}, "redirect")],
)
def test_an_address_that_is_none_is_an_error_of_ours(
    connect: t.Any, status: int, headers: dict[str, str], words: str
) -> None:
    with Server([(status, headers, "{}")]) as server, pytest.raises(NoAnswer, match=words):
        list(connect(server.base_url).pages("/people", "items"))
    assert len(server.requests) == 1


@pytest.mark.parametrize("items", ["[]", '[{"id": 1}]'])
def test_a_list_without_an_end_ends(connect: t.Any, items: str) -> None:
    pages = [(200, {"Link": f'<?cursor={number}>; rel="next"'}, f'{{"items": {items}}}') for number in range(100)]
    with Server(pages) as server, pytest.raises(NoAnswer, match="10 pages in a row have nothing new"):
        list(connect(server.base_url).pages("/people", "items"))
    assert len(server.requests) <= 12


def test_a_list_that_is_none_is_a_broken_answer(connect: t.Any) -> None:
    with Server([(200, {}, '{"items": {"id": 1}}')]) as server, pytest.raises(BrokenAnswer, match="no list under"):
        list(connect(server.base_url).pages("/people", "items"))


def test_pages_end_with_the_budget(connect: t.Any, clock: Clock) -> None:
    pages = [
        (200, {"Link": f'<?cursor={number}>; rel="next"'}, f'{{"items": [{{"id": {number}}}]}}') for number in range(99)
    ]
    with Server(pages) as server:
        items = connect(server.base_url).pages("/people", "items")
        with pytest.raises(OutOfTime, match="The task's 300 seconds are used up"):
            any(clock.sleep(100) for _item in items)
    assert len(server.requests) == 3


# Redirects


@pytest.mark.parametrize("send", ["get", "patch"])
@pytest.mark.parametrize("status", [300, 301, 302, 304, 305, 399])
def test_a_redirect_to_nowhere_is_no_success(connect: t.Any, status: int, send: str) -> None:
    with Server([(status, {}, "")]) as server, pytest.raises(NoAnswer, match=f"{status} and no address") as error:
        getattr(connect(server.base_url), send)("/x", **({"body": {}} if send == "patch" else {}))
    assert len(server.requests) == 1
    assert error.value.unclear == (status not in (301, 302))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("send", "arguments"), [("get", {}), ("patch", {"body": {}}), ("post_form", {"form": {}, "secrets": []})]
)
def test_a_redirect_is_not_followed(connect: t.Any, status: int, send: str, arguments: dict[str, t.Any]) -> None:
    with (
        Server([OK]) as elsewhere,
        Server([(status, {"Location": f"{elsewhere.base_url}/people"}, "")]) as server,
        pytest.raises(NoAnswer, match="redirect") as error,
    ):
        getattr(connect(server.base_url), send)("/people", **arguments)
    assert len(server.requests) == 1
    assert not elsewhere.requests
    assert "the-token" not in str(error.value)


# Answers of no use


def test_a_page_of_html_is_asked_for_again(webex: Simulator, client: WebexClient) -> None:
    webex.fault(kind="html", status=200)
    assert client.get("/people/me")["type"] == "appuser"
    assert statuses(webex) == [200, 200]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "html", "status": 200}, "a body that is not JSON (text/html"),
        ({"kind": "empty"}, "an empty body"),
        ({"kind": "status", "status": 200, "body": ["a"]}, "a body that is not a JSON object"),
        ({"kind": "truncated"}, "GET /people/me"),
    ],
)
def test_a_read_that_stays_useless_is_reported(
    webex: Simulator, client: WebexClient, fault: dict[str, t.Any], words: str
) -> None:
    webex.fault(**fault, times=None)
    with pytest.raises(BrokenAnswer) as error:
        client.get("/people/me")
    assert words in str(error.value)
    assert asked(webex) == ["GET /people/me"] * 3


def test_a_read_that_breaks_off_is_sent_again(webex: Simulator, client: WebexClient) -> None:
    webex.fault(kind="truncated")
    assert client.get("/people/me")["type"] == "appuser"
    assert asked(webex) == ["GET /people/me"] * 2


@pytest.mark.parametrize("fault", [{"kind": "truncated"}, {"kind": "html", "status": 200}])
def test_a_write_whose_answer_is_useless_is_unclear(
    webex: Simulator, client: WebexClient, fault: dict[str, t.Any]
) -> None:
    webex.fault(**fault)
    with pytest.raises(BrokenAnswer) as error:
        client.patch("/licenses/users", {"email": "alice@example.com", **NOTHING})
    assert asked(webex) == ["PATCH /licenses/users"]
    assert error.value.unclear


def test_an_empty_answer_to_a_write_is_a_success(webex: Simulator, client: WebexClient) -> None:
    webex.fault(kind="empty", status=204)
    answer = client.patch("/licenses/users", NOTHING)
    assert (answer.status, answer.data) == (204, None)


# Errors


def test_an_error_has_everything_that_webex_said(webex: Simulator, client: WebexClient) -> None:
    said = {
        "message": "License conflict",
        "errors": [{"description": "Not both.", "errorCode": 400404}, {"description": "And more."}],
        "trackingId": "ROUTER_1",
    }
    webex.fault(kind="status", status=400, body=said)
    with pytest.raises(Refused) as error:
        client.patch("/licenses/users", NOTHING)
    assert error.value.details() == {
        "message": "PATCH /licenses/users was answered with 400: License conflict. Not both. And more. "
        "errorCode 400404. trackingId ROUTER_1.",
        "remedy": "the user has the other calling license (Professional or Standard); remove that one first.",
        "request": "PATCH /licenses/users",
        "unclear": False,
        "status": 400,
        "reason": "License conflict",
        "descriptions": ["Not both.", "And more."],
        "error_codes": ["400404"],
        "tracking_id": "ROUTER_1",
    }


def test_an_error_page_is_an_error_with_the_tracking_id_of_its_header(connect: t.Any) -> None:
    with (
        Server([(502, {"Content-Type": "text/html; charset=utf-8", "trackingid": "T_1"}, "<html>")]) as server,
        pytest.raises(Refused, match=r"502: Bad Gateway \(the body was text/html\). trackingId T_1"),
    ):
        connect(server.base_url).patch("/x", NOTHING)


@pytest.mark.parametrize(
    "body", ["", "[]", '"no"', "null", '{"errors": "none"}', '{"errors": 5}', '{"errors": [1, {}]}']
)
def test_an_error_of_an_unknown_shape_is_an_error(connect: t.Any, body: str) -> None:
    with (
        Server([(418, {}, body)]) as server,
        pytest.raises(Refused, match="answered with 418: .*trackingId none sent"),
    ):
        connect(server.base_url).get("/x")


@pytest.mark.parametrize("encode", [str, quote_plus])
def test_a_secret_that_is_quoted_back_is_not_in_the_error(connect: t.Any, encode: t.Callable[[str], str]) -> None:
    secrets = {"access_token": "a/secret+1=", "client_secret": "a/secret+2=", "refresh_token": "a/secret+3="}
    quoted = encode("a/secret+1=") + " and " + encode("a/secret+4=")
    body = {"message": quoted, "error_description": quoted, "errors": [{"description": quoted}]}
    with Server([(400, {}, json.dumps(body))]) as server, pytest.raises(Refused) as error:
        connect(server.base_url, **secrets).post_form("/access_token", {}, secrets=["a/secret+4="])
    assert "secret" not in json.dumps(error.value.details()).replace("`client_secret`", "")
    assert "*** and ***" in str(error.value)
