# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at the tokens of service apps, on the controller: only there are the vault secrets of the run."""

from __future__ import annotations

from ..plugin_utils._controller import check_controller, on_controller

check_controller()

import time
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._client import WAIT_BUDGET, WebexClient
from ..module_utils._errors import OptionError, WebexError
from ..module_utils._health import (
    Expected,
    assess,
    empty,
    observe,
    report,
    table,
    unusable,
)
from ..module_utils._line import Line
from ..module_utils._options import SERVER, spec_of
from ..module_utils._parallel import run_parallel
from ..module_utils._scopes import requirements
from ..module_utils._settings import resolve
from ..module_utils._throttle import Throttle
from ..module_utils._time import from_iso, parse_duration, utc_now
from ..plugin_utils._custody.broker import load
from ..plugin_utils._custody.request import Request
from ..plugin_utils._custody.stores import STORE_SPEC, open_store
from ..plugin_utils._custody.stores.base import NoStore
from ..plugin_utils._health_files import check_paths, paths_of, write_health
from ..plugin_utils._organizations import resolved_org_id
from ..plugin_utils._task import check_concurrency, validated

APP_SPEC: dict[str, dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "store": {"type": "dict", "required": True, "options": STORE_SPEC},
    **spec_of(("base_url", "client_id", "org_id")),
    "profile": {"type": "str"},
    "scopes": {"type": "list", "elements": "str", "default": []},
    "modules": {"type": "list", "elements": "str", "default": []},
    "next_refresh": {"type": "str"},
    "refresh_every": {"type": "str"},
}
ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **spec_of(("org_id", *SERVER)),
    "apps": {"type": "list", "elements": "dict", "required": True, "options": APP_SPEC},
    "profiles": {"type": "dict", "default": {}},
    "refresh_every": {"type": "str"},
    "refresh_margin": {"type": "str", "default": "14d"},
    "access_margin": {"type": "str", "default": "1d"},
    "concurrency": {"type": "int", "default": 8},
    "html": {"type": "path"},
    "json": {"type": "path"},
}
# Seconds for one app: one that does not answer must not take the time of the others.
APP_BUDGET = 60.0


class ActionModule(ActionBase):
    """The action ``collabops.webex.token_health``."""

    TRANSFERS_FILES = False
    _requires_connection = False

    @on_controller
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the report, which holds no secret, and write it; a broken app is an answer, not a failure."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        now, self._ends = utc_now(), time.monotonic() + WAIT_BUDGET
        options = validated(self._task.args, ARGUMENT_SPEC)
        self._variables = task_vars or {}
        if not options["apps"]:
            raise OptionError("apps", "is empty: there is nothing to look at.", "name the service apps.")
        for name in ("refresh_every", "refresh_margin", "access_margin"):
            _duration(options, name)
        files = paths_of(options)
        check_paths(files, self._task.check_mode)
        check_concurrency(options)
        host = (task_vars or {}).get("inventory_hostname")
        with closing(Line(Throttle(options["concurrency"]))) as line:
            looks = run_parallel(
                options["concurrency"], lambda app: self._examine(app, options, now, host, line), options["apps"]
            )
        found = report(looks, now)
        changed = write_health(files, found, self._task.check_mode)
        return {**result, "changed": changed, "report": found, "table": table(found), "files": files}

    def _examine(
        self, app: dict[str, Any], options: dict[str, Any], now: datetime, host: str | None, line: Line
    ) -> dict[str, Any]:
        """Return what is found out about one app; whatever is wrong with it does not stop the others."""
        where = {"kind": app["store"]["kind"]}
        try:
            org_id = resolved_org_id(app["org_id"] or options["org_id"], self._variables)
            store = open_store(app["store"], self._loader, org_id, host)
            where = store.describe()
            if isinstance(store, NoStore):
                raise OptionError("store.kind", "is none: there is nothing to look at.", "name the app's store.")
            settings = resolve({**options, "base_url": app["base_url"] or options["base_url"]})
            # Those of the environment belong to one app, and here may be many.
            settings = replace(settings, client_id=app["client_id"], org_id=org_id)
            expected = _expected(app, options)
            held = load(store, Request(settings, min_validity=timedelta()))
            for warning in store.warnings(saves=False):
                Display().warning(warning)
            if held.service_app is None:
                return {**empty(app["name"], store.name), "store": where}
            if not held.service_app.access_token:
                raise OptionError(
                    "store",
                    "has a token that this job was not given.",
                    "attach a credential `Webex Access Token` to the job.",
                )
            asking = replace(settings, access_token=held.service_app.access_token)
            budget = max(min(APP_BUDGET, self._ends - time.monotonic()), 1.0)
            with WebexClient(asking, budget, line=line) as client:
                observed = observe(client, held.service_app, expected.required)
        except WebexError as error:
            return {**unusable(app["name"], error), "store": where}
        return {**assess(app["name"], held.service_app, held.integration, observed, expected, now), "store": where}


def _expected(app: dict[str, Any], options: dict[str, Any]) -> Expected:
    """Return what the options expect of an app; raises OptionError."""
    try:
        next_refresh = from_iso(app["next_refresh"])
    except ValueError:
        raise OptionError(
            "next_refresh", f"{app['next_refresh']!r} is no point in time.", "write for example 2026-12-01T03:00:00Z."
        ) from None
    return Expected(
        required=tuple(requirements(app["scopes"], app["profile"], app["modules"], profiles=options["profiles"])),
        next_refresh=next_refresh,
        refresh_every=_duration(app, "refresh_every") or _duration(options, "refresh_every"),
        refresh_margin=_duration(options, "refresh_margin") or timedelta(),
        access_margin=_duration(options, "access_margin") or timedelta(),
    )


def _duration(options: dict[str, Any], name: str) -> timedelta | None:
    if not options[name]:
        return None
    try:
        return parse_duration(options[name])
    except ValueError as error:
        raise OptionError(name, f"{error}.") from None
