# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control plane under /_vault: look at the server and change it, without authentication.

What it shares with other servers, such as the journal, the settings and the faults, is in `tests.loopback.control`. POST
/reset keeps the credentials, unless `new_credentials`.

==========================  ========================================================================================
POST /tokens                a token: `rules` (capabilities by path; none: a root token), `ttl` (seconds; 0: for ever;
                            negative: expired), `namespace`
POST /mounts                an engine or an auth method at another path: `path`, `kind` (`kv`, `approle`, `jwt`)
==========================  ========================================================================================
"""

from __future__ import annotations

from starlette.applications import Starlette

from ..loopback import control
from ..loopback.control import Json
from .world import World


def application(world: World) -> Starlette:
    """The control plane of this world."""
    return control.application(world, "/_vault", (("/tokens", "POST", issue_token), ("/mounts", "POST", mount)))


def issue_token(world: World, body: Json) -> Json:
    """POST /tokens."""
    token = world.issue("custom", body.get("rules"), body.get("namespace", "").strip("/"), body.get("ttl", 3600))
    return {"client_token": token.value, "accessor": token.accessor}


def mount(world: World, body: Json) -> Json:
    """POST /mounts, in every namespace."""
    world.mount(body["path"], body["kind"])
    return {"kv": sorted(world.kv_mounts), "auth": world.auth_mounts}
