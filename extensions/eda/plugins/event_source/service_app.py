# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An event source for Event-Driven Ansible: the notifications of Webex about customers who authorize a service app.

ansible-rulebook runs this file by its path, outside of any package: it can import nothing of the collection.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import hashlib
import hmac
import json
import logging
import re
import ssl
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

with contextlib.suppress(ImportError):  # ansible-rulebook brings it; the checks below do without
    from aiohttp import web

DOCUMENTATION = r"""
---
short_description: Receive the notifications of Webex about customers who authorize a service app
description:
  - Receives the notifications of webhooks that the module collabops.webex.webhook has registered.
  - An event is handed on only if Webex has signed it with the secret, if it is about this service app, and once. Its key webex has
    the keys event, org_id, org_uuid, app_id, id and authorized_at. No other text of the notification is in it.
  - What is not signed is answered with 401, what is too long with 413, what comes too fast with 429. What is signed and is
    not handed on is answered with 200, since Webex switches a webhook off whose deliveries fail.
  - One connection carries one request. Connections, their bytes and their seconds are bounded, and so is the memory.
options:
  port:
    description: The port to listen on.
    type: int
    required: true
  host:
    description: The address to listen on. In a container, it has to be 0.0.0.0.
    type: str
    default: 127.0.0.1
  path:
    description: The path of the webhook's address. Anything else is answered with 404.
    type: str
    default: /
  client_id:
    description: The client id of the service app. Either it or application_id is needed.
    type: str
  application_id:
    description: The application id of the service app.
    type: str
  secret_file:
    description:
      - A file with the secret of the webhook. Either it or secret is needed.
      - Each line is a secret, so that the old one and the new one are taken while a secret is replaced. It is read at the start.
    type: str
  secret:
    description: The secret of the webhook. A file is better, since ansible-rulebook can show its arguments.
    type: str
  max_age:
    description:
      - How many seconds ago a customer may have authorized the service app. What is older is ignored. 0 means any time.
      - A deauthorization may be of any age, since Webex does not document whether it carries the date of the authorization.
    type: int
    default: 3600
  max_body:
    description: The most bytes of a notification.
    type: int
    default: 16384
  max_connections:
    description: The most connections at once.
    type: int
    default: 256
  max_rate:
    description: The most events a minute that are handed on.
    type: int
    default: 600
  max_memory:
    description: How many notifications are remembered, so that each acts once.
    type: int
    default: 10000
  read_timeout:
    description: How many seconds a connection may take.
    type: int
    default: 10
  certfile:
    description: A PEM file with the certificate of this server, and its chain. Without it, TLS must end at a proxy in front.
    type: str
  keyfile:
    description: A PEM file with the key of the certificate, if it is not in certfile.
    type: str
"""

EXAMPLES = r"""
- collabops.webex.service_app:
    host: 0.0.0.0
    port: 5000
    client_id: "{{ webex_client_id }}"
    secret_file: /run/secrets/webex_webhook
"""

# ansible-rulebook runs this file under no name that would say whose lines these are.
logger = logging.getLogger("collabops.webex.service_app")

# As Webex names it (Cisco's webhook guide): the hexadecimal HMAC-SHA1 of the body under the webhook's secret.
SIGNATURE = "X-Spark-Signature"
EVENTS = ("authorized", "deauthorized")
LONGEST_ID = 1024
# The clocks of Webex and of this machine may differ so much, in seconds.
CLOCK_SKEW = 300
# Of the request line and the headers together.
MOST_HEADER_BYTES = 16384
SECONDS_BETWEEN_LOG_LINES = 60.0
_ORGANIZATION = re.compile(
    r"(ciscospark://[a-z0-9-]+/ORGANIZATION/)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE | re.ASCII
)


class Unwanted(Exception):
    """A notification on which nothing is to be done; the message says why, and quotes nothing of it."""


@dataclass(frozen=True)
class Options:
    """The arguments of the event source, checked."""

    port: int
    application: str
    secrets: tuple[bytes, ...] = field(repr=False)
    host: str = "127.0.0.1"
    path: str = "/"
    max_age: int = 3600
    max_body: int = 16384
    max_connections: int = 256
    max_rate: int = 600
    max_memory: int = 10000
    read_timeout: int = 10
    certfile: str | None = None
    keyfile: str | None = None


NUMBERS = ("port", "max_age", "max_body", "max_connections", "max_rate", "max_memory", "read_timeout")
TEXTS = ("host", "path", "certfile", "keyfile")
KNOWN = {"client_id", "application_id", "secret", "secret_file", *NUMBERS, *TEXTS}


def read_options(args: dict[str, Any]) -> Options:
    """Return the arguments of a rulebook, checked. Raises ValueError, which names the argument and quotes no secret."""
    # ansible-rulebook adds arguments of its own, which begin with eda_.
    unknown = sorted(name for name in args if name not in KNOWN and not name.startswith("eda_"))
    if unknown:
        raise ValueError(f"unknown: {', '.join(unknown)}. There are: {', '.join(sorted(KNOWN))}")
    given = {name: value for name, value in args.items() if value not in (None, "")}
    if ("client_id" in given) == ("application_id" in given):
        raise ValueError("client_id: give either it or application_id")
    rest: dict[str, Any] = {name: given[name] for name in TEXTS if name in given}
    rest |= {name: _whole_number(name, given[name]) for name in NUMBERS if name in given}
    if "port" not in rest:
        raise ValueError("port: is missing")
    application = application_of(str(given.get("application_id") or given["client_id"]))
    return Options(application=application, secrets=_read_secrets(given), **rest)


def _whole_number(name: str, value: Any) -> int:
    """Return a number, also one that a template has made a text. Raises ValueError."""
    least = 0 if name == "max_age" else 1
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,9}", str(value)) or int(value) < least:
        raise ValueError(f"{name}: is no whole number of {least} or more")
    return int(value)


def _read_secrets(given: dict[str, Any]) -> tuple[bytes, ...]:
    """Return the secrets that Webex may have signed with. Raises ValueError: an empty secret is one that all know."""
    if ("secret" in given) == ("secret_file" in given):
        raise ValueError("secret_file: give either it or secret")
    if "secret" in given:
        return (str(given["secret"]).encode(),)
    with open(given["secret_file"], "rb") as file:
        secrets = tuple(line.strip() for line in file.read().splitlines() if line.strip())
    if not secrets:
        raise ValueError("secret_file: there is no secret in the file")
    return secrets


def decoded(webex_id: str) -> str:
    """Return what an id of Webex encodes: mostly a ciscospark:// URI, in older answers a UUID; itself if it is bare."""
    with contextlib.suppress(binascii.Error, ValueError):
        text = base64.b64decode(webex_id + "=" * (-len(webex_id) % 4), altchars=b"-_", validate=True).decode("ascii")
        if text.startswith("ciscospark://") or _ORGANIZATION.fullmatch(text):
            return text
    return webex_id


def application_of(webex_id: str) -> str:
    """Return what tells service apps apart, in lower case: the client id, out of an application id or bare."""
    return decoded(webex_id).rpartition("/")[2].lower()


def is_signed(body: bytes, signatures: Sequence[str], secrets: Sequence[bytes]) -> bool:
    """Tell in constant time whether the one of *signatures* is the one of *body* under one of *secrets*."""
    if len(signatures) != 1:
        return False
    given = signatures[0].strip().lower().encode("utf-8", "replace")
    expected = [hmac.new(secret, body, hashlib.sha1).hexdigest().encode() for secret in secrets]
    return any(hmac.compare_digest(given, signature) for signature in expected)


def read_notification(body: bytes, application: str, max_age: float, now: float) -> dict[str, str]:
    """Return the event that a signed *body* tells of; *now* and *max_age* are in seconds. Raises Unwanted.

    The service app is ``data.id`` and the customer is ``data.authorizerOrgId``; ``orgId`` and ``appId`` beside them are
    those of the webhook's owner (Cisco's onboarding sample).
    """
    try:
        notification = json.loads(body)
    except (ValueError, RecursionError):
        raise Unwanted("is no JSON") from None
    data = notification.get("data") if isinstance(notification, dict) else None
    if not isinstance(data, dict) or notification.get("resource") != "serviceApp":
        raise Unwanted("is not about a service app")
    event = notification.get("event")
    if event not in EVENTS:
        raise Unwanted("is about another event")
    app_id, org_id = _text(data, "id"), _text(data, "authorizerOrgId")
    if application_of(app_id) != application:
        raise Unwanted("is about another service app")
    organization = _ORGANIZATION.fullmatch(decoded(org_id))
    if not organization:
        raise Unwanted("names no organization in data.authorizerOrgId")
    org_uuid = organization[2].lower()
    authorized_at = _moment(_text(data, "authorizationDate"))
    age = now - authorized_at.timestamp()
    if age < -CLOCK_SKEW:
        raise Unwanted("is of the future")
    if event == "authorized" and max_age and age > max_age:
        raise Unwanted("is too old")
    moment = authorized_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "event": event,
        "org_id": org_id if organization[1] else _encoded(f"ciscospark://us/ORGANIZATION/{org_uuid}"),
        "org_uuid": org_uuid,
        "app_id": app_id,
        "id": hashlib.sha256("\n".join((application, org_uuid, event, moment)).encode()).hexdigest(),
        "authorized_at": moment,
    }


def _encoded(uri: str) -> str:
    return base64.urlsafe_b64encode(uri.encode()).decode().rstrip("=")


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID:
        raise Unwanted(f"has no data.{name}")
    return value


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        raise Unwanted("has no time in data.authorizationDate") from None


@dataclass
class Memory:
    """The ids of the latest notifications, at most *most* of them."""

    most: int
    ids: OrderedDict[str, None] = field(default_factory=OrderedDict)

    def is_new(self, notification_id: str) -> bool:
        """Tell whether an id is new, and remember it."""
        is_new = notification_id not in self.ids
        self.ids[notification_id] = None
        if len(self.ids) > self.most:
            self.ids.popitem(last=False)
        return is_new

    def forget(self, notification_id: str) -> None:
        """Let the same notification act if it comes again."""
        self.ids.pop(notification_id, None)


@dataclass
class Allowance:
    """How many events may be handed on: *most* at once, and as many in each minute."""

    most: int
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self.left, self.at = float(self.most), self.clock()

    def take(self) -> bool:
        """Take one, if there is one."""
        now = self.clock()
        self.left, self.at = min(self.most, self.left + (now - self.at) * self.most / 60), now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Log:
    """Says why requests are not handed on: each reason once a minute, with how often, however many come."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.counts: Counter[str] = Counter()
        self.said_at: dict[str, float] = {}

    def say(self, reason: str) -> None:
        """Count a reason, and log it if it is time."""
        self.counts[reason] += 1
        now = self.clock()
        if now - self.said_at.get(reason, -SECONDS_BETWEEN_LOG_LINES) >= SECONDS_BETWEEN_LOG_LINES:
            logger.warning("A notification %s (%d of them since the last such line)", reason, self.counts.pop(reason))
            self.said_at[reason] = now

    def of_http(self) -> logging.Logger:
        """Return a logger for aiohttp, which would log each broken request with its traceback."""
        http, handler = logging.Logger("http", logging.ERROR), logging.Handler()
        handler.emit = lambda record: self.say(f"comes in a broken request ({_kind(record)})")  # type: ignore[method-assign]
        http.addHandler(handler)
        return http


def _kind(record: logging.LogRecord) -> str:
    error = record.exc_info[0] if record.exc_info else None
    return error.__name__ if error else "no exception"


class Receiver:
    """Decides what is done about the body of a request, and hands events on."""

    def __init__(self, options: Options, put: Callable[[dict[str, Any]], Any], log: Log | None = None) -> None:
        """Events go to *put*, a coroutine function."""
        self.options = options
        self.put = put
        self.memory = Memory(options.max_memory)
        self.allowance = Allowance(options.max_rate)
        self.log = log or Log()

    async def receive(self, body: bytes, signatures: Sequence[str]) -> int:
        """Return the HTTP status of the answer, once the event is handed on."""
        if not is_signed(body, signatures, self.options.secrets):
            self.log.say("is not signed with the secret of the webhook")
            return 401
        try:
            event = read_notification(body, self.options.application, self.options.max_age, time.time())
        except Unwanted as reason:
            self.log.say(str(reason))
            return 200
        if not self.memory.is_new(event["id"]):
            return 200
        if self.allowance.take():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.put({"webex": event}), self.options.read_timeout / 2)
                logger.info("%s: the service app was %s", event["org_uuid"], event["event"])
                return 200
        self.memory.forget(event["id"])
        self.log.say("comes too fast")
        return 429


class Connection(asyncio.Protocol):
    """A connection for one request, for so many bytes and seconds, of which there may be so many at once."""

    def __init__(self, options: Options, http: asyncio.Protocol, let_in: set[Connection], log: Log) -> None:
        """What comes is handed on to *http*, the protocol of aiohttp; *let_in* are the connections that are open."""
        self.options, self.http, self.let_in, self.log = options, http, let_in, log
        self.bytes_left = options.max_body + MOST_HEADER_BYTES

    def connection_made(self, transport: Any) -> None:
        """Let it in, or say that there are too many."""
        self.transport = transport
        self.end = asyncio.get_running_loop().call_later(self.options.read_timeout, transport.abort)
        self.is_let_in = len(self.let_in) < self.options.max_connections
        if self.is_let_in:
            self.let_in.add(self)
            self.http.connection_made(transport)
        else:
            self.log.say("comes on a connection too many")
            transport.write(b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            transport.close()

    def data_received(self, data: bytes) -> None:
        """Hand bytes on, until they are too many; if the headers tell of a body too long, that is answered before."""
        self.bytes_left -= len(data)
        if self.bytes_left < 0:
            self.transport.abort()
        elif self.is_let_in:
            self.http.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Make room for another one."""
        self.end.cancel()
        if self.is_let_in:
            self.let_in.discard(self)
            self.http.connection_lost(exc)


async def answer(request: web.BaseRequest, receiver: Receiver) -> web.Response:
    """Answer one request, and end its connection."""
    if request.path != receiver.options.path:
        status = 404
    elif request.method != "POST":
        status = 405
    else:
        body = await read_body(request, receiver.options.max_body)
        status = 413 if body is None else await receiver.receive(body, request.headers.getall(SIGNATURE, []))
    response = web.Response(status=status)
    response.force_close()
    return response


async def read_body(request: web.BaseRequest, most: int) -> bytes | None:
    """Return the body as it was sent, or None if it is too long, of which no more is read then."""
    body = b""
    if (request.content_length or 0) > most:
        return None
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > most:
            return None
    return body


@contextlib.asynccontextmanager
async def serving(options: Options, receiver: Receiver) -> AsyncIterator[asyncio.Server]:
    """Listen, until the block ends."""
    # Without decompression: the body is signed as it is sent, and a small one could become huge.
    http = web.Server(
        lambda request: answer(request, receiver),
        access_log=None,
        logger=receiver.log.of_http(),
        auto_decompress=False,
        lingering_time=0,
    )
    tls: dict[str, Any] = {}
    if options.certfile:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.certfile, options.keyfile)
        tls = {"ssl": context, "ssl_handshake_timeout": options.read_timeout}
    let_in: set[Connection] = set()
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(options, http(), let_in, receiver.log),
        options.host,
        options.port,
        backlog=1024,
        **tls,
    )
    try:
        logger.info("Listening on %s, port %d", options.host, options.port)
        yield server
    finally:
        server.close()
        await http.shutdown(timeout=1)


async def main(queue: Any, args: dict[str, Any]) -> None:
    """Receive notifications, until ansible-rulebook cancels it. Raises ValueError for arguments that cannot be."""
    options = read_options(args)
    async with serving(options, Receiver(options, queue.put)):
        await asyncio.get_running_loop().create_future()
