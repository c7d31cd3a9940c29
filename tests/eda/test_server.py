# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event source as a real server on loopback: what it hands on, and what it bounds."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import gzip
import itertools
import logging
import os
import pathlib
import random
import socket
import ssl
import subprocess
import typing as t
from collections import Counter

import pytest

from tests.eda.support import (
    CLIENT_ID,
    SECRET,
    SOURCE,
    application_id,
    body_of,
    moment,
    notification,
    org_id,
    signature_of,
)

POSTS, CUSTOMERS, AT_ONCE = 10_000, 20, 200
PATIENCE = 60
ARGUMENTS = {"port": 5000, "client_id": CLIENT_ID, "secret": SECRET}


@dataclasses.dataclass
class Running:
    """An event source that listens, and the queue that it hands events on to."""

    port: int
    queue: asyncio.Queue[t.Any]
    receiver: t.Any
    tls: ssl.SSLContext | None = None

    async def send(self, raw: bytes) -> bytes:
        """Everything that comes back on a connection on which this is sent; nothing if it is cut."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=self.tls)
        try:
            writer.write(raw)
            await writer.drain()
            return await asyncio.wait_for(reader.read(), PATIENCE)
        except ConnectionError:
            return b""
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    async def post(self, body: bytes, signature: str | None = None, **more: t.Any) -> int:
        """The status that answers a POST, by default with the right signature."""
        return status_of(await self.send(request(body, signature, **more)))

    @property
    def events(self) -> list[dict[str, str]]:
        """What was handed on."""
        return [event["webex"] for event in self.queue._queue]  # type: ignore[attr-defined]


def request(
    body: bytes, signature: str | None = None, method: str = "POST", path: str = "/", headers: t.Sequence[str] = ()
) -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: events.example.com",
        f"X-Spark-Signature: {signature_of(body) if signature is None else signature}",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def status_of(answer: bytes) -> int:
    """The status of an answer; 0 if there is none."""
    return int(answer.split(b" ", 2)[1]) if answer else 0


@contextlib.asynccontextmanager
async def running(**arguments: t.Any) -> t.AsyncIterator[Running]:
    queue: asyncio.Queue[t.Any] = asyncio.Queue()
    options = dataclasses.replace(SOURCE.read_options({**ARGUMENTS, **arguments}), port=0)
    receiver = SOURCE.Receiver(options, queue.put)
    async with SOURCE.serving(options, receiver) as server:
        yield Running(server.sockets[0].getsockname()[1], queue, receiver)


def resident_bytes() -> int:
    """The memory of this process."""
    pages = int(pathlib.Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def flood() -> list[tuple[str, bytes, str]]:
    """Posts of all kinds in any order: what each is, its body and its signature. The true ones come many times."""
    now = moment()
    true = [body_of(notification(authorizerOrgId=org_id(number), authorizationDate=now)) for number in range(CUSTOMERS)]
    # Long ones: if they were kept, it would show.
    long = body_of({**notification(authorizerOrgId=org_id(1000)), "more": "x" * 12_000})
    old = body_of(notification(authorizerOrgId=org_id(1001), authorizationDate=moment(7200)))
    other = body_of(notification(authorizerOrgId=org_id(1002), id=application_id("C1")))
    kinds = [
        *(("wrong signature", long, signature_of(long, "guessed")) for _time in range(6)),
        ("old", old, signature_of(old)),
        ("another app", other, signature_of(other)),
        *(("true", body, signature_of(body)) for body in true[:1]),
    ]
    posts = [*itertools.islice(itertools.cycle(kinds), POSTS - 50 * CUSTOMERS)]
    posts += [("true", body, signature_of(body)) for body in true * 50]
    random.Random(1).shuffle(posts)
    return posts


def test_of_ten_thousand_at_once_only_the_true_ones_act_and_each_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    posts = flood()
    assert len(posts) == POSTS

    async def all_of_them() -> tuple[Counter[tuple[str, int]], list[dict[str, str]], int, int]:
        answers: Counter[tuple[str, int]] = Counter()
        async with running(max_connections=AT_ONCE, max_memory=CUSTOMERS) as source:
            left = iter(posts)

            async def one_of_many() -> None:
                for kind, body, signature in left:
                    answers[kind, await source.post(body, signature)] += 1

            before = resident_bytes()
            await asyncio.gather(*(one_of_many() for _time in range(AT_ONCE)))
            return answers, source.events, resident_bytes() - before, len(source.receiver.memory.ids)

    answers, events, grown, remembered = asyncio.run(all_of_them())
    assert answers.keys() == {
        ("wrong signature", 401),
        ("old", 200),
        ("another app", 200),
        ("true", 200),
    }
    assert answers.total() == POSTS
    assert sorted(event["org_id"] for event in events) == sorted(org_id(number) for number in range(CUSTOMERS))
    assert remembered == CUSTOMERS
    # All the bodies together have some 80 MB.
    assert grown < 40_000_000
    assert len(caplog.records) < 20


async def statuses(source: Running) -> dict[str, int]:
    """How different requests are answered."""
    body = body_of(notification())
    too_long = b"x" * 16_385
    chunked = b"4001\r\n" + b"x" * 16_385 + b"\r\n0\r\n\r\n"
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    return {
        "right": await source.post(body),
        "wrong signature": await source.post(body, "0" * 40),
        "two signatures": await source.post(body, headers=[f"X-Spark-Signature: {signature_of(body)}"]),
        "no signature": status_of(await source.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")),
        "too long": await source.post(too_long),
        "too long in chunks": status_of(await source.send(head + chunked)),
        "another path": await source.post(body, path="/other"),
        "a query": await source.post(body, path="/?x=1"),
        "GET": await source.post(b"", method="GET"),
        "no HTTP": status_of(await source.send(b"\x16\x03\x01 hello\r\n\r\n")),
        "a long header": await source.post(body, headers=[f"X: {'x' * 9000}"]),
    }


def test_each_request_gets_its_answer() -> None:
    async def ask() -> tuple[dict[str, int], int]:
        async with running() as source:
            return await statuses(source), source.queue.qsize()

    assert asyncio.run(ask()) == (
        {
            "right": 200,
            "wrong signature": 401,
            "two signatures": 401,
            "no signature": 401,
            "too long": 413,
            "too long in chunks": 413,
            "another path": 404,
            "a query": 200,
            "GET": 405,
            "no HTTP": 400,
            "a long header": 400,
        },
        1,
    )


def test_no_more_than_so_many_bytes_are_read() -> None:
    async def ask() -> tuple[list[int], int]:
        async with running(max_body=100) as source:
            endless = b"POST / HTTP/1.1\r\nHost: x\r\n" + b"X-Header: x\r\n" * 100_000
            return [await source.post(b"x" * 10_000_000), status_of(await source.send(endless))], source.queue.qsize()

    answers, handed_on = asyncio.run(ask())
    # Some are answered, others are cut off: by the time the sender listens, the connection may be gone.
    assert set(answers) <= {0, 400, 413}
    assert handed_on == 0


def test_a_compressed_body_is_not_unpacked() -> None:
    async def ask() -> tuple[int, int]:
        async with running() as source:
            bomb = gzip.compress(b" " * 10_000_000 + body_of(notification()))
            return await source.post(bomb, headers=["Content-Encoding: gzip"]), source.queue.qsize()

    assert asyncio.run(ask()) == (200, 0)


def test_a_connection_too_many_is_refused_until_another_one_ends() -> None:
    async def ask() -> tuple[int, int]:
        async with running(max_connections=1, read_timeout=10 * PATIENCE) as source:
            _reader, idle = await asyncio.open_connection("127.0.0.1", source.port)
            # Bytes that nobody reads would be answered with a reset.
            refused = status_of(await source.send(b""))
            idle.close()
            await idle.wait_closed()
            async with asyncio.timeout(PATIENCE):
                while await source.post(body_of(notification())) != 200:
                    await asyncio.sleep(0.01)
            return refused, source.queue.qsize()

    assert asyncio.run(ask()) == (429, 1)


def test_a_connection_that_dawdles_is_ended() -> None:
    async def dawdle() -> tuple[bytes, int]:
        async with running(read_timeout=1) as source:
            reader, writer = await asyncio.open_connection("127.0.0.1", source.port)
            writer.write(b"POST / HTTP/1.1\r\nContent-Le")
            end = await asyncio.wait_for(read_all(reader), PATIENCE)
            writer.close()
            return end, source.queue.qsize()

    assert asyncio.run(dawdle()) == (b"", 0)


async def read_all(reader: asyncio.StreamReader) -> bytes:
    """What comes until the end, whichever way it ends."""
    try:
        return await reader.read()
    except ConnectionError:
        return b""


def test_broken_requests_are_a_few_lines_of_log(caplog: pytest.LogCaptureFixture) -> None:
    async def ask() -> None:
        async with running() as source:
            for _time in range(50):
                await source.send(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")

    asyncio.run(ask())
    assert 1 <= len(caplog.records) < 4
    assert "broken request" in caplog.text
    assert "Traceback" not in caplog.text


@pytest.fixture
def certificate(tmp_path: pathlib.Path) -> tuple[str, str]:
    """The files of a certificate of 127.0.0.1, and of its key."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    words += ["-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*words, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return str(certificate), str(key)


def test_with_a_certificate_it_speaks_tls(certificate: tuple[str, str]) -> None:
    async def ask() -> tuple[int, int]:
        async with running(certfile=certificate[0], keyfile=certificate[1]) as source:
            plain = await source.post(body_of(notification()))
            source.tls = ssl.create_default_context(cafile=certificate[0])
            return plain, await source.post(body_of(notification()))

    assert asyncio.run(ask()) == (0, 200)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_main_receives_until_it_is_cancelled() -> None:
    async def run() -> tuple[int, int]:
        queue: asyncio.Queue[t.Any] = asyncio.Queue()
        port = free_port()
        main = asyncio.create_task(SOURCE.main(queue, {**ARGUMENTS, "port": port, "eda_feedback_queue": None}))
        source = Running(port, queue, None)
        status = 0
        while not status and not main.done():
            with contextlib.suppress(ConnectionRefusedError):
                status = await source.post(body_of(notification()))
            await asyncio.sleep(0.01)
        main.cancel()
        with pytest.raises(asyncio.CancelledError):
            await main
        with pytest.raises(ConnectionRefusedError):
            await source.post(body_of(notification()))
        return status, queue.qsize()

    assert asyncio.run(run()) == (200, 1)


def test_main_says_what_is_wrong_with_its_arguments() -> None:
    with pytest.raises(ValueError, match="secret_file: give either it or secret"):
        asyncio.run(SOURCE.main(asyncio.Queue(), {"port": 1, "client_id": "C"}))
