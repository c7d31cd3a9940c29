# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start the simulator: ``python -m tests.simulator [--port N] [--export]``."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from typing import Any

from ..loopback.serving import serve
from .app import Simulator
from .world import World


def exports(ready: dict[str, Any]) -> str:
    """Return the address and the service app's credentials as lines that a shell can read."""
    app = ready["service_app"]
    variables = {
        "WEBEX_BASE_URL": ready["base_url"],
        "WEBEX_CLIENT_ID": app["client_id"],
        "WEBEX_CLIENT_SECRET": app["client_secret"],
        "WEBEX_REFRESH_TOKEN": app["refresh_token"],
    }
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items())


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description="A Webex that runs on loopback.")
    parser.add_argument("--port", type=int, default=0, help="the TCP port; 0, the default, takes a free one")
    parser.add_argument("--seed", type=int, help="make the same secrets in every run")
    parser.add_argument(
        "--export", action="store_true", help="print lines for a shell in the place of one line of JSON"
    )
    options = parser.parse_args()
    world = World(options.seed)
    return serve("simulator", world, Simulator(world), options.port, announce=exports if options.export else json.dumps)


if __name__ == "__main__":
    sys.exit(main())
