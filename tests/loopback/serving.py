# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serve an application on loopback: take a port, say when it is ready, stop with the parent."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import sys
from asyncio import Transport
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .faults import reset
from .world import World

Announce = Callable[[dict[str, Any]], str]


class _HandsItselfOn:
    """Hands the TCP connection to the application, for the faults that close it."""

    app_state: dict[str, Any]

    def connection_made(self, transport: Transport) -> None:
        """Put the connection where each request finds it, in ``scope["state"]``."""
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)  # type: ignore[misc]


class Connection(_HandsItselfOn, HttpToolsProtocol):  # type: ignore[misc]
    """uvicorn's fast one, which refuses unknown methods."""


class AnyMethod(_HandsItselfOn, H11Protocol):  # type: ignore[misc]
    """uvicorn's one in plain Python, which takes every method."""


class Server(uvicorn.Server):
    """uvicorn, which says when it is ready, stops with its parent, and can refuse connections for a while."""

    def __init__(
        self, world: World, application: ASGIApp, connection: type[asyncio.Protocol], announce: Announce
    ) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                http=connection,
                ws="none",
                lifespan="off",
                loop="asyncio",
                log_level="error",
                access_log=False,
                timeout_keep_alive=75,
            )
        )
        self.world = world
        self.announce = announce
        self.parent = os.getppid()
        self.waiting: socket.socket | None = None  # keeps the port while connections are refused
        world.refuse_connections = self.refuse_connections
        world.accept_connections = self.accept_connections

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print what is announced: the only thing on standard output."""
        await super().startup(sockets)
        print(self.announce(self.world.ready()), flush=True)
        self.watch = asyncio.create_task(self.stop_with_parent())

    async def stop_with_parent(self) -> None:
        """Stop when the process that started this one is gone."""
        while os.getppid() == self.parent:
            await asyncio.sleep(0.2)
        self.stop()

    async def refuse_connections(self) -> None:
        """Cut all connections to the API, and refuse new ones. The control plane goes on."""
        if self.waiting:
            return
        port = port_of(self.world.origin)
        self.servers[0].close()
        self.waiting = listen(port)
        for connection in list(self.server_state.connections):
            if connection.transport.get_extra_info("sockname")[1] == port:
                reset(connection.transport)

    async def accept_connections(self) -> None:
        """Listen again, on the same port."""
        listener, self.waiting = self.waiting, None
        if listener:
            self.servers[0] = await asyncio.get_running_loop().create_server(self.new_connection, sock=listener)

    def new_connection(self) -> asyncio.Protocol:
        """What uvicorn does with a connection."""
        make: Any = self.config.http_protocol_class
        protocol: asyncio.Protocol = make(self.config, self.server_state, self.lifespan.state)
        return protocol

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM and SIGINT end it with status 0."""
        self.stop()

    def stop(self) -> None:
        """Stop at once: requests that still hang do so on purpose, and are no error to log."""
        logging.getLogger("uvicorn.error").disabled = True
        self.should_exit = self.force_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Cut the connections, for which uvicorn would wait."""
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)


def listen(port: int) -> socket.socket:
    """A socket on a port of loopback (0: any free one). OSError and OverflowError if it cannot be had."""
    # With the protocol named, asyncio switches on TCP_NODELAY; without it every answer is 40 ms late.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except (OSError, OverflowError):
        listener.close()
        raise
    return listener


def port_of(origin: str) -> int:
    """The port of an address such as ``http://127.0.0.1:8123``."""
    return int(origin.rpartition(":")[2])


def serve(
    name: str,
    world: World,
    application: ASGIApp,
    port: int,
    connection: type[asyncio.Protocol] = Connection,
    announce: Announce = json.dumps,
) -> int:
    """Serve *application* until the process is told to stop; answers the exit status.

    *announce* makes a text of the address and the credentials, one line of JSON by default.
    """
    try:
        listener = listen(port)
    except (OSError, OverflowError) as error:
        print(f"The {name} cannot listen on 127.0.0.1:{port}: {error}", file=sys.stderr)
        return 1
    control = listen(0)
    world.origin, world.control_origin = (f"http://127.0.0.1:{sock.getsockname()[1]}" for sock in (listener, control))
    Server(world, application, connection, announce).run([listener, control])
    return 0
