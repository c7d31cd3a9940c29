# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connections to Webex: they tell a request that was never sent from one that may have arrived, and end in time."""

from __future__ import annotations

import io
import threading
import zlib
from collections.abc import Callable
from typing import Any

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
except ImportError:  # check_packages() says so
    HTTPAdapter = object  # type: ignore[assignment,misc]

# The largest body that is read, in bytes after decompression: many times what Webex sends in one page.
LARGEST_BODY = 64 * 1024 * 1024
CHUNK = 64 * 1024


class NotConnected(Exception):
    """No connection was made, so nothing of the request was sent; ``__cause__`` says why.

    It covers the whole way to the first byte of the request: the name, TCP, a proxy's CONNECT, and the TLS handshake.
    urllib3 knows nothing of it, and so neither wraps it nor takes it for one of its own errors, among which a TLS
    error while connecting and one while reading the answer cannot be told apart.
    """


class UselessBody(Exception):
    """A body that is not read any further; the message says what it is: "a body that ..."."""


class Adapter(HTTPAdapter):
    """Sends requests once: whether a request is sent again is decided elsewhere. Reads end when *time_left* does."""

    def __init__(self, time_left: Callable[[], float], connections: int) -> None:
        """Keep so many *connections*; *time_left* returns the seconds until everything has to end."""
        self._time_left = time_left
        self._managers_lock = threading.Lock()
        super().__init__(max_retries=0, pool_connections=connections, pool_maxsize=connections)

    def init_poolmanager(self, *arguments: Any, **keywords: Any) -> None:
        """Make the pools of direct connections."""
        super().init_poolmanager(*arguments, **keywords)
        self._use_own_pools(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **keywords: Any) -> Any:
        """Return the pools of connections through *proxy*."""
        with self._managers_lock:
            is_new = proxy not in self.proxy_manager
            manager = super().proxy_manager_for(proxy, **keywords)
            if is_new:
                self._use_own_pools(manager)
        return manager

    def _use_own_pools(self, manager: Any) -> None:
        manager.pool_classes_by_scheme = {
            scheme: _own_pool(pool, self._time_left) for scheme, pool in manager.pool_classes_by_scheme.items()
        }


def _own_pool(pool_class: Any, time_left: Callable[[], float]) -> Any:
    """Return *pool_class* with connections that raise NotConnected, and whose answers end when *time_left* does."""

    class Connection(pool_class.ConnectionCls):
        def connect(self) -> None:
            try:
                super().connect()
            except Exception as error:
                raise NotConnected from error

        def response_class(self, sock: Any, *arguments: Any, **keywords: Any) -> Any:
            response = super().response_class(sock, *arguments, **keywords)
            # http.client reads status, headers, "100 Continue" and body from here.
            response.fp = io.BufferedReader(_TimedReader(response.fp.detach(), sock, time_left))
            return response

    class Pool(pool_class):
        ConnectionCls = Connection

    return Pool


class _TimedReader(io.RawIOBase):
    """What comes from a socket until the time is up: a server that sends a byte now and then never times out."""

    def __init__(self, raw: io.RawIOBase, sock: Any, time_left: Callable[[], float]) -> None:
        self._raw, self._sock, self._time_left = raw, sock, time_left
        self._timeout = sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._time_left()
        if left <= 0:
            raise TimeoutError("the time is used up")
        if self._timeout is None or left < self._timeout:
            self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def read_body(response: requests.Response, largest: int = LARGEST_BODY) -> bytes:
    """Return the body of *response*, unpacked; the connection may then be used again.

    Raises UselessBody if it is larger than *largest* bytes, is no gzip though it says so, or is encoded in a way that
    was not asked for; and the errors of urllib3 if it breaks off. It is unpacked piece by piece, so that a small body
    which unpacks to a huge one is noticed before it fills the memory.
    """
    encoding = response.headers.get("content-encoding", "identity").strip().lower() or "identity"
    if encoding not in ("identity", "gzip", "x-gzip"):
        response.close()
        raise UselessBody(f"a body in an encoding that was not asked for ({encoding[:40]})")
    unpack = _Gunzip(largest) if encoding != "identity" else None
    body = bytearray()
    try:
        received = 0
        while chunk := response.raw.read(CHUNK, decode_content=False):
            received += len(chunk)
            body += unpack.feed(chunk) if unpack else chunk
            if max(received, len(body)) > largest:
                raise UselessBody(f"a body of more than {largest // (1024 * 1024)} MB")
        if unpack and received and not unpack.is_complete:
            raise UselessBody("a compressed body that breaks off")
    except zlib.error:
        raise UselessBody("a body that is not compressed as it says") from None
    finally:
        response.close()
    return bytes(body)


class _Gunzip:
    """Unpacks gzip, which may be several members one after the other (RFC 1952), to little more than *largest* bytes."""

    def __init__(self, largest: int) -> None:
        self._left = largest + 1
        self._member = zlib.decompressobj(31)

    def feed(self, data: bytes) -> bytes:
        """Return what *data* unpacks to; no more than is left to the largest size."""
        unpacked = bytearray()
        while data and self._left > 0:
            if self._member.eof:
                self._member = zlib.decompressobj(31)
            part = self._member.decompress(data, self._left)
            unpacked += part
            self._left -= len(part)
            data = self._member.unconsumed_tail or self._member.unused_data
        return bytes(unpacked)

    @property
    def is_complete(self) -> bool:
        """Whether the last member has ended."""
        return self._member.eof


def failures() -> tuple[type[Exception], ...]:
    """Return the errors by which a request ends without an answer, apart from NotConnected."""
    return (requests.RequestException, urllib3.exceptions.HTTPError, OSError)


def is_never_sent(error: BaseException) -> bool:
    """Tell whether *error* is about the request itself, which was not even tried: a URL or proxy that is none."""
    return isinstance(
        error,
        (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema),
    )
