# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start the simulator: ``python -m tests.simulator [--port N]``."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import socket
import sys
from types import FrameType

import uvicorn

from .app import Protocol, Simulator
from .world import World


class Server(uvicorn.Server):
    """uvicorn, which says when it is ready, and stops with its parent."""

    def __init__(self, world: World) -> None:
        super().__init__(
            uvicorn.Config(
                Simulator(world),
                http=Protocol,
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


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description="A Webex that runs on loopback.")
    parser.add_argument("--port", type=int, default=0, help="the TCP port; 0, the default, takes a free one")
    parser.add_argument("--seed", type=int, help="make the same secrets in every run")
    options = parser.parse_args()

    # With the protocol named, asyncio switches on TCP_NODELAY; without it every answer is 40 ms late.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", options.port))
    except (OSError, OverflowError) as error:
        print(f"The simulator cannot listen on 127.0.0.1:{options.port}: {error}", file=sys.stderr)
        return 1
    world = World(options.seed)
    world.origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    Server(world).run([listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
