# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For tests: run the controller as a subprocess and talk to its control plane. Standard library only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..loopback.running import Running


class Controller(Running):
    """A running controller: ``with Controller() as awx: ... awx.url ... awx.admin_token ... awx.journal()``."""

    module = "tests.controller_server"

    @property
    def url(self) -> str:
        """The address, as in CONTROLLER_HOST."""
        return str(self.credentials["url"])

    @property
    def admin_token(self) -> str:
        """A token of the user admin, who is a superuser."""
        return str(self.credentials["admin_token"])

    @property
    def admin_password(self) -> str:
        """The password of the user admin."""
        return str(self.credentials["password"])

    def state(self) -> dict[str, list[dict[str, Any]]]:
        """All things by kind, with names in place of ids, without secrets."""
        return dict(self.control("GET", "/state"))

    def named(self, path: str, name: str) -> dict[str, Any]:
        """One thing of the state, such as a job template, by its name; KeyError if there is none."""
        for thing in self.state()[path]:
            if name in (thing.get("name"), thing.get("username"), thing.get("identifier")):
                return thing
        raise KeyError(name)

    def secret_inputs(self, credential: str) -> dict[str, Any]:
        """The inputs of a credential as they are stored, with its secrets."""
        return dict(self.control("GET", f"/inputs/{credential}"))

    def change_inputs(self, credential: str, **inputs: Any) -> dict[str, Any]:
        """Change some inputs of a credential, as another writer would; None takes one away."""
        return dict(self.control("PATCH", f"/inputs/{credential}", inputs))

    def injected(self, credentials: Sequence[str], folder: str = "/runner/env") -> dict[str, dict[str, Any]]:
        """What a job with these credentials gets: `files` (text by path in the folder), `env`, `extra_vars`.

        ValueError if a template cannot be rendered: such a job ends with an error.
        """
        body = {"credentials": list(credentials), "folder": folder}
        return dict(self.control("POST", "/injected", body))

    def add_user(self, username: str, **options: Any) -> dict[str, Any]:
        """A new user: their `id` and `token`; the options are those of POST /users of the control plane."""
        return dict(self.control("POST", "/users", {"username": username, **options}))

    def add(self, path: str, name: str, **fields: Any) -> int:
        """A new thing, such as a credential; names stand for ids, and no rule is checked. Answers its id.

        `roles` gives users roles on it: ``roles={"admin_role": ["refresher"]}``.
        """
        return int(self.control("POST", f"/things/{path}", {"name": name, **fields})["id"])
