# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start the simulator: ``python -m tests.simulator [--port N]``."""

from __future__ import annotations

import argparse
import sys

from ..loopback.serving import serve
from .app import Simulator
from .world import World


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description="A Webex that runs on loopback.")
    parser.add_argument("--port", type=int, default=0, help="the TCP port; 0, the default, takes a free one")
    parser.add_argument("--seed", type=int, help="make the same secrets in every run")
    options = parser.parse_args()
    world = World(options.seed)
    return serve("simulator", world, Simulator(world), options.port)


if __name__ == "__main__":
    sys.exit(main())
