# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the unit tests share: real servers on loopback, a clock that does not wait, processes to kill, and a look at pages."""

from __future__ import annotations

import contextlib
import datetime
import html.parser
import http.server
import importlib
import multiprocessing
import os
import socket
import ssl
import struct
import threading
import time
import typing as t
from dataclasses import dataclass, field

import yaml
from ansible_collections.collabops.webex.tests.loopback.waiting import wait_until as wait_until
from ansible_collections.collabops.webex.tests.simulator.process import Simulator

# Processes that share what the test has prepared.
FORK = multiprocessing.get_context("fork")


def asked(webex: Simulator) -> list[str]:
    """The requests that the simulator got, in order: ``GET /people/me``."""
    return [f"{entry['method']} {entry['path'].removeprefix('/v1')}" for entry in webex.journal()]


def statuses(webex: Simulator) -> list[int | None]:
    """What the simulator answered, in order; None where it cut the connection."""
    return [entry["status"] for entry in webex.journal()]


@dataclass
class Clock:
    """Stands in for the module ``time``: a nap is over at once, and written down."""

    naps: list[float] = field(default_factory=list)
    on_nap: t.Callable[[], object] = lambda: None

    def sleep(self, seconds: float) -> None:
        """Write the nap down."""
        self.naps.append(seconds)
        self.on_nap()

    def monotonic(self) -> float:
        """The time, which passes only in naps."""
        return 1000.0 + sum(self.naps)

    def time(self) -> float:
        """The wall clock, moved on by the naps."""
        return time.time() + sum(self.naps)


@dataclass
class Server:
    """A web server on loopback: it sends its answers in order, the last one for ever, and keeps what it was asked."""

    answers: list[tuple[int, dict[str, str], str]]
    port: int = 0
    tls: ssl.SSLContext | None = None
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)

    def __enter__(self) -> Server:
        """Start it."""
        self._httpd = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        if self.tls:
            self._httpd.socket = self.tls.wrap_socket(self._httpd.socket, server_side=True)
        self.port = self._httpd.server_address[1]
        threading.Thread(target=self._httpd.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        """Stop it."""
        self._httpd.shutdown()
        self._httpd.server_close()

    @property
    def base_url(self) -> str:
        """The base of its API."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/v1"

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do(handler) -> None:  # pylint: disable=no-self-argument
                self.requests.append((handler.command, handler.path, dict(handler.headers)))
                self.bodies.append(handler.rfile.read(int(handler.headers.get("content-length", 0))).decode())
                status, headers, body = self.answers[min(len(self.requests), len(self.answers)) - 1]
                handler.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    handler.send_header(name, value)
                handler.send_header("Content-Length", str(len(body.encode())))
                handler.end_headers()
                handler.wfile.write(body.encode())

            do_GET = do_POST = do_PATCH = do_PUT = do

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        return Handler


class RawServer:
    """A server on loopback that treats each connection as *treat* says, and keeps the requests that arrived whole.

    With *tls* it shakes hands first, unless *treat* is to do that.
    """

    def __init__(
        self,
        treat: t.Callable[[RawServer, socket.socket], None],
        tls: ssl.SSLContext | None = None,
        handshake: bool = True,
        port: int = 0,
    ) -> None:
        self._treat, self.tls, self._handshake = treat, tls, handshake
        self.port = port
        self.connections = 0
        self.arrivals: list[str] = []

    def __enter__(self) -> RawServer:
        """Start it."""
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        """Stop it, and end what is still open."""
        for open_socket in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                # Of the plain socket, without TLS. Who uses it closes it: its number could be somebody else's by now.
                socket.socket.shutdown(open_socket, socket.SHUT_RDWR)
        self._listener.close()

    @property
    def base_url(self) -> str:
        """The base of its API."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/v1"

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self.tls and self._handshake:
                connection = self.tls.wrap_socket(connection, server_side=True)
            self._open.append(connection)
            try:
                self._treat(self, connection)
            finally:
                connection.close()

    def read_request(self, connection: socket.socket) -> str:
        """Read a request to its end, keep and return its first line."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(4096) or _raise_end()
        head, _blank, body = data.partition(b"\r\n\r\n")
        lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        while len(body) < int(lengths[0] if lengths else 0):
            body += connection.recv(4096) or _raise_end()
        line = head.split(b"\r\n")[0].decode()
        self.arrivals.append(line)
        return line


def send_without_end(server: RawServer, connection: socket.socket) -> None:
    """Answer with a body that does not end, until the client goes away."""
    server.read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        connection.sendall(b" " * 1024 * 1024)


def send_a_byte_now_and_then(server: RawServer, connection: socket.socket) -> None:
    """Answer with a body that grows by a byte ten times a second, until the client goes away, or for a minute."""
    server.read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    connection.settimeout(0.1)
    for _byte in range(600):
        connection.sendall(b" ")
        try:
            connection.recv(1)
            return
        except TimeoutError:
            continue


def _raise_end() -> bytes:
    raise OSError("the connection ended")


def cut(connection: socket.socket) -> None:
    """Cut a connection with a TCP RST."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Not unwrapped: no TLS alert goes out.
        socket.socket(fileno=connection.detach()).close()


def send_below_tls(connection: socket.socket, data: bytes) -> None:
    """Send bytes on a TLS connection that are not encrypted."""
    with socket.socket(fileno=os.dup(connection.fileno())) as below:
        below.sendall(data)


def make_certificate(path: str) -> ssl.SSLContext:
    """Write a key and a certificate for 127.0.0.1, signed by itself, and return what a server needs to use them."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    with open(path, "wb") as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@contextlib.contextmanager
def process(target: t.Callable[..., object], *arguments: object) -> t.Iterator[multiprocessing.process.BaseProcess]:
    """Run a function in a process of its own, which is killed at the end of the block unless it has ended before."""
    child = FORK.Process(target=target, args=arguments)
    child.start()
    try:
        yield child
    finally:
        child.kill()
        child.join()


def documentation_of(text: str) -> dict[str, t.Any]:
    """A plugin's documentation, with the options of this collection's fragments, merged as Ansible merges them."""
    documentation: dict[str, t.Any] = yaml.safe_load(text)
    options = dict(documentation.get("options") or {})
    for fragment in documentation.get("extends_documentation_fragment", []):
        if fragment.startswith("collabops.webex."):
            name, _dot, part = fragment.removeprefix("collabops.webex.").partition(".")
            module = importlib.import_module(f"ansible_collections.collabops.webex.plugins.doc_fragments.{name}")
            shared = getattr(module.ModuleDocFragment, (part or "documentation").upper())
            for option, about in yaml.safe_load(shared)["options"].items():
                options[option] = {**about, **options.get(option, {})}
    return {**documentation, "options": options}


def run_action(
    name: str,
    action: type[t.Any],
    options: dict[str, t.Any],
    loader: t.Any,
    check_mode: bool = False,
    variables: dict[str, t.Any] | None = None,
) -> dict[str, t.Any]:
    """Run an action plugin of this collection as a task with these options does, and return its result."""
    import os

    from ansible.playbook.play_context import PlayContext
    from ansible.playbook.task import Task
    from ansible.plugins import loader as plugin_loaders
    from ansible.template import Templar

    task = Task()
    task.action = f"collabops.webex.{name}"
    task.args = options
    task.check_mode = check_mode
    local = plugin_loaders.connection_loader.get("ansible.builtin.local", PlayContext(), os.devnull)
    result: dict[str, t.Any] = action(task, local, PlayContext(), loader, Templar(loader=loader), plugin_loaders).run(
        task_vars=variables or {}
    )
    return result


class Checker(html.parser.HTMLParser):
    """Makes sure that every element is closed where it should be, and collects them."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        assert self.open.pop() == tag


def parse(page: str) -> list[tuple[str, dict[str, str | None]]]:
    """Every element of a page, which is well formed."""
    checker = Checker()
    checker.feed(page)
    checker.close()
    assert checker.open == []
    return checker.seen
