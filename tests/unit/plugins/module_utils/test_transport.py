# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What arrives at a server, and what is said of it, if connections break: over TLS, through proxies, at every spot."""

from __future__ import annotations

import contextlib
import functools
import gzip
import itertools
import pathlib
import resource
import socket
import threading
import time
import typing as t
import zlib

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import (
    BrokenAnswer,
    NoAnswer,
    OptionError,
    OutOfTime,
    Refused,
    RequestError,
    Unreachable,
    UntrustedCertificate,
)
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.module_utils._throttle import Throttle
from ansible_collections.collabops.webex.tests.unit.support import (
    Clock,
    RawServer,
    Server,
    cut,
    make_certificate,
    send_below_tls,
)

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
UNSAFE = {
    "patch": lambda client: client.patch("/x", {"a": 1}),
    "post": lambda client: client.post("/x", {"a": 1}),
    "post_form": lambda client: client.post_form("/x", {"a": "1"}, secrets=[]),
}
Treat = t.Callable[[RawServer, socket.socket], None]


@pytest.fixture
def pem(tmp_path: pathlib.Path) -> str:
    """A certificate of the server, which signs itself."""
    return str(tmp_path / "pem")


@pytest.fixture
def connect(clock: Clock) -> t.Iterator[t.Callable[..., WebexClient]]:
    """Makes clients that do not wait between tries."""
    with contextlib.ExitStack() as stack:
        yield lambda base_url, **changes: stack.enter_context(
            WebexClient(Settings(**{"access_token": "the-token", "base_url": base_url, "timeout": 2, **changes}))
        )


def answers(server: RawServer, connection: socket.socket) -> None:
    """Answer every request."""
    while True:
        server.read_request(connection)
        connection.sendall(OK)


def closes(_server: RawServer, _connection: socket.socket) -> None:
    """Close the connection at once."""


def resets(_server: RawServer, connection: socket.socket) -> None:
    """Cut the connection at once."""
    cut(connection)


def then(end: t.Callable[[socket.socket], object]) -> Treat:
    """Read the request, then do that."""

    def treat(server: RawServer, connection: socket.socket) -> None:
        server.read_request(connection)
        end(connection)

    return treat


def broken_record(connection: socket.socket) -> None:
    """Send a TLS record that cannot be decrypted."""
    send_below_tls(connection, b"\x17\x03\x03\x00\x20" + b"\x55" * 32)


def half_an_answer(connection: socket.socket) -> None:
    """Send the head of an answer, and half of its body."""
    connection.sendall(OK[:-1])


def no_tls(_server: RawServer, connection: socket.socket) -> None:
    """Speak something else than TLS."""
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


# What the server does, whether it takes the request, and whether it does the handshake before that.
BEFORE = {"closes": closes, "resets": resets, "no_tls": no_tls}
AFTER = {
    "close": then(lambda connection: None),
    "reset": then(cut),
    "half": then(half_an_answer),
    "half_and_reset": then(lambda connection: (half_an_answer(connection), cut(connection))),
    "silence": then(lambda connection: time.sleep(4)),
    "no_http": then(lambda connection: connection.sendall(b"\x00\x01\x02\r\n\r\n")),
}


@pytest.mark.parametrize("send", UNSAFE)
@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("spot", [*AFTER, "broken_record", "broken_record_in_body"])
def test_what_breaks_after_the_request_was_sent_is_unclear_and_not_sent_again(
    connect: t.Any, pem: str, spot: str, tls: bool, send: str
) -> None:
    if spot.startswith("broken_record") and not tls:
        return  # there are no records
    treat = {
        **AFTER,
        "broken_record": then(broken_record),
        "broken_record_in_body": then(lambda connection: (half_an_answer(connection), broken_record(connection))),
    }[spot]
    with RawServer(treat, make_certificate(pem) if tls else None) as server, pytest.raises(NoAnswer) as error:
        UNSAFE[send](connect(server.base_url, ca_path=pem if tls else None))
    assert len(server.arrivals) == server.connections == 1
    assert error.value.unclear
    assert not isinstance(error.value, Unreachable)


@pytest.mark.parametrize("send", UNSAFE)
@pytest.mark.parametrize("spot", BEFORE)
def test_what_breaks_in_the_handshake_was_not_sent(connect: t.Any, pem: str, spot: str, send: str) -> None:
    tls = make_certificate(pem)
    with RawServer(BEFORE[spot], tls, handshake=False) as server, pytest.raises(Unreachable) as error:
        UNSAFE[send](connect(server.base_url, ca_path=pem))
    assert (server.arrivals, server.connections) == ([], 4)
    assert not error.value.unclear
    assert error.value.hits_everybody


@pytest.mark.parametrize("send", UNSAFE)
def test_after_a_handshake_that_broke_the_request_is_sent_once(connect: t.Any, pem: str, send: str) -> None:
    tls = make_certificate(pem)

    def treat(server: RawServer, connection: socket.socket) -> None:
        if server.connections > 2:
            answers(server, tls.wrap_socket(connection, server_side=True))

    with RawServer(treat, tls, handshake=False) as server:
        UNSAFE[send](connect(server.base_url, ca_path=pem))
    assert (len(server.arrivals), server.connections) == (1, 3)


def test_what_is_safe_is_sent_again_after_a_broken_record(connect: t.Any, pem: str) -> None:
    def treat(server: RawServer, connection: socket.socket) -> None:
        server.read_request(connection)
        if server.connections < 3:
            broken_record(connection)
        else:
            connection.sendall(OK)

    with RawServer(treat, make_certificate(pem)) as server:
        connect(server.base_url, ca_path=pem).put("/x", {})
    assert len(server.arrivals) == 3


@pytest.mark.parametrize("send", [*UNSAFE, "get"])
def test_a_certificate_that_is_not_trusted_is_no_matter_of_trying_again(connect: t.Any, pem: str, send: str) -> None:
    with RawServer(answers, make_certificate(pem)) as server, pytest.raises(UntrustedCertificate) as error:
        {**UNSAFE, "get": lambda client: client.get("/x")}[send](connect(server.base_url))
    assert (server.arrivals, server.connections) == ([], 1)
    assert "`ca_path`" in str(error.value)
    assert not error.value.unclear
    assert error.value.hits_everybody


# Through a proxy


class Proxy(RawServer):
    """A proxy that fails at a *spot*, or passes everything on."""

    def __init__(self, spot: str, target: RawServer) -> None:
        super().__init__(Proxy._pass_on)
        self.spot, self.target = spot, target

    def _pass_on(self, connection: socket.socket) -> None:
        if self.spot == "at_once":
            return cut(connection)
        head = self.read_request(connection) if self.target.tls or self.spot != "after_the_request" else ""
        if self.spot.isdigit():
            return connection.sendall(f"HTTP/1.1 {self.spot} No\r\nContent-Length: 0\r\n\r\n".encode())
        if head.startswith("CONNECT"):
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        if self.spot == "after_connect":
            return cut(connection)
        with socket.create_connection(("127.0.0.1", self.target.port)) as onwards:
            there = threading.Thread(target=pump, args=(connection, onwards), daemon=True)
            there.start()
            pump(onwards, connection)
            if self.spot == "after_the_request":
                cut(connection)
        return None


def pump(source: socket.socket, target: socket.socket) -> None:
    """Pass on what comes, to the end."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)


@pytest.mark.parametrize("send", UNSAFE)
@pytest.mark.parametrize(
    ("spot", "tries"), [("at_once", 4), ("after_connect", 4), ("407", 1), ("403", 1), ("502", 4), ("503", 4)]
)
def test_a_tunnel_that_is_not_made_carries_nothing(connect: t.Any, pem: str, spot: str, tries: int, send: str) -> None:
    with (
        RawServer(answers, make_certificate(pem)) as server,
        Proxy(spot, server) as proxy,
        pytest.raises(Unreachable) as error,
    ):
        UNSAFE[send](connect(server.base_url, ca_path=pem, proxy=f"http://a:pass-word@127.0.0.1:{proxy.port}"))
    assert (server.arrivals, proxy.connections) == ([], tries)
    assert not error.value.unclear
    assert "pass-word" not in str(error.value)
    if spot.isdigit():
        assert spot in str(error.value)
        assert "`proxy`" in str(error.value)


@pytest.mark.parametrize("send", UNSAFE)
@pytest.mark.parametrize("tls", [False, True])
def test_a_proxy_that_is_not_there_carries_nothing(connect: t.Any, pem: str, tls: bool, send: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with (
        RawServer(answers, make_certificate(pem) if tls else None) as server,
        pytest.raises(Unreachable, match="Connection refused") as error,
    ):
        UNSAFE[send](connect(server.base_url, ca_path=pem if tls else None, proxy=nobody))
    assert server.arrivals == []
    assert not error.value.unclear


@pytest.mark.parametrize("send", UNSAFE)
@pytest.mark.parametrize("end", ["close", "reset", "half", "broken_record"])
def test_what_breaks_within_a_tunnel_is_unclear(connect: t.Any, pem: str, end: str, send: str) -> None:
    treat = then(broken_record) if end == "broken_record" else AFTER[end]
    with (
        RawServer(treat, make_certificate(pem)) as server,
        Proxy("after_the_request", server) as proxy,
        pytest.raises(NoAnswer) as error,
    ):
        UNSAFE[send](connect(server.base_url, ca_path=pem, proxy=f"http://127.0.0.1:{proxy.port}"))
    assert len(server.arrivals) == 1
    assert error.value.unclear


@pytest.mark.parametrize("send", UNSAFE)
@pytest.mark.parametrize(("spot", "kind"), [("at_once", NoAnswer), ("after_the_request", NoAnswer), ("502", Refused)])
def test_what_breaks_behind_a_proxy_without_a_tunnel_is_unclear(
    connect: t.Any, spot: str, kind: type[RequestError], send: str
) -> None:
    with RawServer(AFTER["close"]) as server, Proxy(spot, server) as proxy, pytest.raises(kind) as error:
        UNSAFE[send](connect(server.base_url, proxy=f"http://127.0.0.1:{proxy.port}"))
    assert len(server.arrivals) <= 1
    if spot == "at_once":
        # A proxy that is quick cuts the connection while it is being made: then it is certain that nothing was sent.
        assert error.value.unclear != isinstance(error.value, Unreachable)
    else:
        assert (proxy.connections, error.value.unclear) == (1, True)


def test_a_proxy_that_refuses_a_request_has_not_passed_it_on(connect: t.Any) -> None:
    with RawServer(answers) as server, Proxy("407", server) as proxy, pytest.raises(Refused) as error:
        connect(server.base_url, proxy=f"http://127.0.0.1:{proxy.port}").patch("/x", {})
    assert (error.value.status, error.value.unclear, proxy.connections) == (407, False, 1)


def test_a_proxy_that_works_passes_a_request_on(connect: t.Any, pem: str) -> None:
    with RawServer(answers, make_certificate(pem)) as server, Proxy("nowhere", server) as proxy:
        client = connect(server.base_url, ca_path=pem, proxy=f"http://127.0.0.1:{proxy.port}")
        client.patch("/x", {})
        client.patch("/x", {})
    assert (len(server.arrivals), proxy.connections) == (2, 1)


@pytest.mark.parametrize("proxy", ["http://", "gopher://127.0.0.1:1", "http://[::1"])
def test_a_proxy_that_is_none_is_an_error_before_anything_is_sent(connect: t.Any, proxy: str) -> None:
    with RawServer(answers) as server, pytest.raises(RequestError) as error:
        connect(server.base_url, proxy=proxy).patch("/x", {})
    assert (server.connections, error.value.unclear) == (0, False)


# Certificates that are named


@pytest.mark.parametrize("content", [None, "", "no certificate"])
@pytest.mark.parametrize("source", ["ca_path", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_certificates_that_cannot_be_read_are_named(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, source: str, content: str | None
) -> None:
    path = tmp_path / "bundle.pem"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    if source != "ca_path":
        monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
        monkeypatch.setenv(source, str(path))
    settings = Settings(base_url="https://127.0.0.1:9/v1", ca_path=str(path) if source == "ca_path" else None)
    with pytest.raises(OptionError, match="bundle.pem") as error:
        WebexClient(settings)
    assert error.value.option == source
    # Nothing is looked at that is not used.
    WebexClient(Settings(base_url="https://127.0.0.1:9/v1", ca_path=settings.ca_path, validate_certs=False))
    WebexClient(Settings(base_url="http://127.0.0.1:9/v1"))


def test_a_folder_of_certificates_is_accepted(tmp_path: pathlib.Path) -> None:
    WebexClient(Settings(base_url="https://127.0.0.1:9/v1", ca_path=str(tmp_path)))


# Servers that do not come to an end, in real time


def for_ever(*pieces: bytes, pause: float = 0.0) -> Treat:
    """Read the request, send the first piece, then the second again and again."""

    def treat(server: RawServer, connection: socket.socket) -> None:
        server.read_request(connection)
        connection.sendall(pieces[0])
        for _number in itertools.count():
            connection.sendall(pieces[-1])
            time.sleep(pause)

    return treat


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ENDLESS: dict[str, Treat] = {
    "drip_of_a_body": for_ever(HEAD + b"Content-Length: 1000000\r\n\r\n", b" ", pause=0.1),
    "drip_of_chunks": for_ever(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", pause=0.1),
    "drip_until_the_end": for_ever(HEAD + b"Connection: close\r\n\r\n", b" ", pause=0.1),
    "drip_of_a_header": for_ever(b"HTTP/1.1 200 OK\r\nX: ", b"x", pause=0.1),
    "drip_of_a_status": for_ever(b"HTTP", b"/", pause=0.1),
    "continue": for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "drip_of_continue": for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.1),
    "trailers": for_ever(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n", pause=0.001),
    "error": for_ever(b"HTTP/1.1 500 No\r\nContent-Length: 1000000\r\n\r\n", b" ", pause=0.1),
    "redirect": for_ever(b"HTTP/1.1 302 No\r\nLocation: /y\r\nContent-Length: 1000000\r\n\r\n", b" ", pause=0.1),
    "silence": for_ever(b"", b"", pause=0.1),
}


OVER_TLS = ("drip_of_a_body", "drip_of_a_header", "drip_until_the_end", "trailers", "silence")


@pytest.mark.parametrize(("kind", "tls"), [*((kind, False) for kind in ENDLESS), *((kind, True) for kind in OVER_TLS)])
def test_an_answer_without_an_end_ends_with_the_budget(pem: str, kind: str, tls: bool) -> None:
    with RawServer(ENDLESS[kind], make_certificate(pem) if tls else None) as server:
        settings = Settings(base_url=server.base_url, ca_path=pem if tls else None, timeout=60)
        with (
            WebexClient(settings, 3) as client,
            pytest.raises(OutOfTime, match="The task's 3 seconds are used up") as error,
        ):
            client.patch("/x", {})
    assert (len(server.arrivals), error.value.unclear, error.value.hits_everybody) == (1, True, True)


@pytest.mark.parametrize("through_proxy", [False, True])
def test_a_handshake_without_an_end_ends_with_the_budget(pem: str, through_proxy: bool) -> None:
    def treat(_server: RawServer, connection: socket.socket) -> None:
        while connection.recv(4096):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX: " if through_proxy else b"\x16\x03\x03")

    with RawServer(treat, make_certificate(pem), handshake=False) as server:
        settings = Settings(
            base_url=server.base_url,
            ca_path=pem,
            timeout=60,
            proxy=f"http://127.0.0.1:{server.port}" if through_proxy else None,
        )
        with WebexClient(settings, 1) as client, pytest.raises(OutOfTime, match="not sent") as error:
            client.patch("/x", {})
    assert not error.value.unclear


def test_a_body_without_an_end_is_given_up_when_it_is_too_large() -> None:
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    with (
        RawServer(for_ever(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", chunk)) as server,
        WebexClient(Settings(base_url=server.base_url), 120) as client,
        pytest.raises(BrokenAnswer, match="a body of more than 64 MB") as error,
    ):
        client.patch("/x", {})
    assert error.value.unclear


@functools.cache
def bomb(times: int) -> bytes:
    """So many megabytes of blanks, packed: after a full flush, what is packed can be repeated as it is."""
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    first, second = (pack.compress(b" " * 1024 * 1024) + pack.flush(zlib.Z_FULL_FLUSH) for _number in range(2))
    return first + second * (times - 1) + pack.flush()


def packed(body: bytes, encoding: str, status: str = "200 OK") -> Treat:
    """Answer with a body that is encoded."""
    head = f"HTTP/1.1 {status}\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    return then(lambda connection: connection.sendall(head + body))


@pytest.mark.parametrize("status", ["200 OK", "400 No", "500 No", "302 Found\r\nLocation: /y"])
def test_a_small_body_that_unpacks_to_a_huge_one_does_not_fill_the_memory(connect: t.Any, status: str) -> None:
    body = bomb(600)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with (
        RawServer(packed(body, "gzip", status)) as server,
        pytest.raises(BrokenAnswer, match="more than 64 MB"),
    ):
        connect(server.base_url, timeout=30).patch("/x", {})
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 300
    assert len(server.arrivals) == 1


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "deflate", "zstd", "gzip,identity"])
def test_an_encoding_that_was_not_asked_for_is_refused(connect: t.Any, encoding: str) -> None:
    with (
        RawServer(packed(gzip.compress(gzip.compress(b"{}", mtime=0)), encoding)) as server,
        pytest.raises(BrokenAnswer, match="an encoding that was not asked for"),
    ):
        connect(server.base_url).patch("/x", {})


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(b'{"a": 1}', mtime=0), "gzip"),
        (gzip.compress(b'{"a": 1}', mtime=0), "X-GZIP"),
        (gzip.compress(b'{"a"', mtime=0) + gzip.compress(b": 1}", mtime=0), "gzip"),
        (b'{"a": 1}', "identity"),
        (b'{"a": 1}', ""),
        ('{"a": 1}'.encode("utf-16"), ""),
        (b'\xef\xbb\xbf{"a": 1}', ""),
    ],
)
def test_a_body_is_unpacked(connect: t.Any, body: bytes, encoding: str) -> None:
    with RawServer(packed(body, encoding)) as server:
        assert connect(server.base_url).get("/x") == {"a": 1}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (gzip.compress(b'{"a": 1}', mtime=0)[:-4], "breaks off"),
        (b'{"a": 1}', "not compressed as it says"),
        (gzip.compress(b"[" * 200_000, mtime=0), "not JSON"),
    ],
)
def test_a_body_that_cannot_be_unpacked_is_broken(connect: t.Any, body: bytes, words: str) -> None:
    with RawServer(packed(body, "gzip")) as server, pytest.raises(BrokenAnswer, match=words):
        connect(server.base_url).patch("/x", {})


def test_connections_are_used_again(connect: t.Any, pem: str) -> None:
    with RawServer(answers, make_certificate(pem)) as server:
        client = connect(server.base_url, ca_path=pem)
        for _number in range(5):
            client.get("/x")
    assert (len(server.arrivals), server.connections) == (5, 1)


# A server that goes away


def test_a_server_that_is_gone_is_waited_for_by_all(clock: Clock) -> None:
    """Sixteen threads; nobody asks while the server stops, so nothing that is under way is lost."""
    errors: list[RequestError] = []
    first = RawServer(answers)
    with first:
        client = WebexClient(Settings(base_url=first.base_url), 120, Throttle(8))
        client.get("/x")
        client._line.close()
    second = RawServer(answers, port=first.port)

    def work(number: int) -> None:
        try:
            client.patch(f"/{number}", {})
        except RequestError as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(16)]
    for thread in threads:
        thread.start()
    time.sleep(2)
    with second:
        for thread in threads:
            thread.join(60)
    assert errors == []
    assert sorted(second.arrivals) == sorted(f"PATCH /v1/{number} HTTP/1.1" for number in range(16))


def test_a_server_that_stays_away_is_given_up_after_the_patience(clock: Clock) -> None:
    with RawServer(answers) as server:
        client = WebexClient(Settings(base_url=server.base_url), 300, outage_patience=60)
        client.get("/x")
        client._line.close()
    with pytest.raises(Unreachable) as error:
        client.patch("/x", {})
    assert not error.value.unclear
    assert error.value.hits_everybody
    assert 60 <= sum(clock.naps) < 66
    assert max(clock.naps) == 5
    clock.naps[:] = [sum(clock.naps)]
    with pytest.raises(Unreachable):  # who comes later does not wait once more
        client.patch("/x", {})
    assert len(clock.naps) == 1


def test_a_server_that_is_back_is_waited_for_anew(clock: Clock) -> None:
    port = 0
    client: WebexClient | None = None
    for _outage in range(3):
        with RawServer(answers, port=port) as server:
            port = server.port
            client = client or WebexClient(Settings(base_url=server.base_url), 300, outage_patience=40)
            client.get("/x")
            client._line.close()
        server = RawServer(answers, port=port)
        with contextlib.ExitStack() as stack:
            begin = sum(clock.naps)
            clock.on_nap = lambda: sum(clock.naps) - begin < 30 or stack.enter_context(server)  # noqa: B023
            client.patch("/x", {})
            clock.on_nap = lambda: None
        client._line.close()
        assert len(server.arrivals) == 1


def test_a_server_that_was_never_there_is_not_waited_for(connect: t.Any, clock: Clock) -> None:
    with Server([(200, {}, "{}")]) as server:
        pass
    with pytest.raises(Unreachable, match="Connection refused"):
        connect(server.base_url).get("/x")
    assert len(clock.naps) == 3
