# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start the server: ``python -m tests.controller_server [--port N]``."""

from __future__ import annotations

import argparse
import sys

from ..loopback.serving import serve
from .app import Controller
from .world import World


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.controller_server", description="The API of an AWX controller that runs on loopback."
    )
    parser.add_argument("--port", type=int, default=0, help="the TCP port; 0, the default, takes a free one")
    options = parser.parse_args()
    world = World()
    return serve("controller", world, Controller(world), options.port)


if __name__ == "__main__":
    sys.exit(main())
