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
from types import FrameType
from typing import Any, Protocol

import uvicorn


class World(Protocol):
    """What is served: it learns where, and tells what the ready line says."""

    origin: str

    def ready(self) -> dict[str, Any]:
        """What the ready line says."""


class Server(uvicorn.Server):
    """uvicorn, which says when it is ready, and stops with its parent."""

    def __init__(self, world: World, application: Any, connection: type[asyncio.Protocol]) -> None:
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
        self.parent = os.getppid()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print the ready line: the only thing on standard output."""
        await super().startup(sockets)
        print(json.dumps(self.world.ready()), flush=True)
        self.watch = asyncio.create_task(self.stop_with_parent())

    async def stop_with_parent(self) -> None:
        """Stop when the process that started this one is gone."""
        while os.getppid() == self.parent:
            await asyncio.sleep(0.2)
        self.stop()

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


def serve(name: str, world: World, application: Any, connection: type[asyncio.Protocol], port: int) -> int:
    """Serve *application* until the process is told to stop; answers the exit status."""
    try:
        listener = listen(port)
    except (OSError, OverflowError) as error:
        print(f"The {name} cannot listen on 127.0.0.1:{port}: {error}", file=sys.stderr)
        return 1
    world.origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    Server(world, application, connection).run([listener])
    return 0
