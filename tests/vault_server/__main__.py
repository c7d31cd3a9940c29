# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start the server: ``python -m tests.vault_server [--port N]``."""

from __future__ import annotations

import argparse
import os
import socket
import sys

import uvicorn

from ..simulator.__main__ import Server as SimulatorServer
from .app import Protocol, Vault
from .world import World


class Server(SimulatorServer):
    """The simulator's: says when it is ready, and stops with its parent. Only the application is another."""

    def __init__(self, world: World) -> None:
        uvicorn.Server.__init__(
            self,
            uvicorn.Config(
                Vault(world),
                http=Protocol,
                ws="none",
                lifespan="off",
                loop="asyncio",
                log_level="error",
                access_log=False,
                timeout_keep_alive=75,
            ),
        )
        self.world = world  # type: ignore[assignment]  # of which the simulator's needs `ready` alone
        self.parent = os.getppid()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.vault_server", description="A Vault that runs on loopback.")
    parser.add_argument("--port", type=int, default=0, help="the TCP port; 0, the default, takes a free one")
    options = parser.parse_args()

    # With the protocol named, asyncio switches on TCP_NODELAY; without it every answer is 40 ms late.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", options.port))
    except (OSError, OverflowError) as error:
        print(f"The Vault server cannot listen on 127.0.0.1:{options.port}: {error}", file=sys.stderr)
        return 1
    world = World()
    world.origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    Server(world).run([listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
