# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refresh jobs of AWX, each of which begins with what is in the credentials then."""

from __future__ import annotations

import dataclasses
import pathlib
import typing as t
from collections.abc import Sequence
from datetime import timedelta

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._settings import resolve
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.broker import obtain
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.request import Outcome, Request
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores import open_store
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.base import Store
from ansible_collections.collabops.webex.tests.controller_server.jobs import (
    ACCESS_TOKEN,
    REFRESH_JOB,
    SERVICE_APP,
    Jobs,
)
from ansible_collections.collabops.webex.tests.controller_server.process import Controller
from ansible_collections.collabops.webex.tests.simulator.process import Simulator
from ansible_collections.collabops.webex.tests.unit.plugins.plugin_utils.custody.support import NOW, make_loader

EXPIRED = "2026-11-24T02:00:00Z"
OBTAINED = "2026-11-10T02:00:00Z"


class Awx:
    """A controller that keeps the tokens of the simulator's service app, which is due to be refreshed at NOW."""

    def __init__(
        self, controller: Controller, webex: Simulator, folder: pathlib.Path, patch: pytest.MonkeyPatch
    ) -> None:
        self.controller, self.webex = controller, webex
        self._folder, self._patch, self._jobs_begun = folder, patch, 0
        app = webex.credentials["service_app"]
        self.app = {name: app[name] for name in ("client_id", "client_secret", "refresh_token")}
        self.jobs = Jobs(
            controller,
            {
                **self.app,
                "org_id": webex.credentials["org_id"],
                "base_url": webex.base_url,
                "refresh_token_obtained_at": OBTAINED,
                "access_token_expires_at": EXPIRED,
            },
            {"access_token": app["access_token"], "expires_at": EXPIRED, "base_url": webex.base_url},
        )

    def begin(self, credentials: Sequence[str] = REFRESH_JOB) -> None:
        """A new job: this process has the environment and the files of it from now on."""
        for name in ("WEBEX_CREDENTIALS_FILE", "WEBEX_ACCESS_TOKEN_FILE", "WEBEX_AWX_FILE", "WEBEX_AWX_CA_FILE"):
            self._patch.delenv(name, raising=False)
        self._jobs_begun += 1
        for name, value in self.jobs.start(self._folder / str(self._jobs_begun), credentials).items():
            self._patch.setenv(name, value)

    def store(self, **options: t.Any) -> Store:
        """The store, as a task of the job opens it."""
        return open_store({"kind": "awx_credential", "timeout": 5, **options}, make_loader())

    def task(self, store: Store | None = None, recovery: str | None = None, **request: t.Any) -> Outcome:
        """One task of the job that has begun."""
        settings = dataclasses.replace(resolve({}), timeout=10)
        asked = Request(settings, request.pop("min_validity", timedelta(days=1)), recovery=recovery, **request)
        return obtain(store or self.store(), asked, now=lambda: NOW)

    def run(self, credentials: Sequence[str] = REFRESH_JOB, **arguments: t.Any) -> Outcome:
        """A job with one task."""
        self.begin(credentials)
        return self.task(**arguments)

    @property
    def service_app(self) -> dict[str, t.Any]:
        """What the first credential holds."""
        return self.controller.secret_inputs(SERVICE_APP)

    @property
    def access_token(self) -> dict[str, t.Any]:
        """What the second credential holds."""
        return self.controller.secret_inputs(ACCESS_TOKEN)

    def asked_of_webex(self) -> list[str]:
        """The requests for tokens that Webex got."""
        return [entry["path"] for entry in self.webex.journal() if entry["method"] == "POST"]

    def writes(self) -> list[set[str]]:
        """What each PATCH has sent, but for what it only echoed: names."""
        return [
            {name for name, value in write["body"]["inputs"].items() if value != "$encrypted$"}
            for write in self.controller.writes()
        ]
