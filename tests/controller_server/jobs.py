# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For tests: a controller with the credentials of this collection, and what its jobs get of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from .process import Controller

ROOT = Path(__file__).resolve().parents[2]
TYPES = {
    shipped["name"]: shipped
    for path in sorted((ROOT / "roles" / "awx" / "files" / "credential_types").glob("*.yml"))
    for shipped in [yaml.safe_load(path.read_text(encoding="utf-8"))]
}
SERVICE_APP, ACCESS_TOKEN, AWX_ACCESS = "Webex Service App", "Webex Access Token", "Webex: AWX access"
REFRESH_JOB = (SERVICE_APP, ACCESS_TOKEN, AWX_ACCESS)
ORGANIZATION = "Webex"
USER, PASSWORD = "refresher", "the-password-of-the-refresher"


class Jobs:
    """The jobs of a controller in which each shipped type has one credential, with the name of its type."""

    def __init__(self, controller: Controller, service_app: dict[str, Any], access_token: dict[str, Any]) -> None:
        """Take the inputs of two credentials; that of the third is a user who may write these two and nothing else."""
        self.controller = controller
        for name, shipped in TYPES.items():
            controller.add("credential_types", name, inputs=shipped["inputs"], injectors=shipped["injectors"])
        user = controller.add_user(USER, password=PASSWORD, organization=ORGANIZATION)
        self.token = str(user["token"])
        self.add(SERVICE_APP, service_app)
        self.add(ACCESS_TOKEN, access_token)
        self.add(AWX_ACCESS, {"host": controller.url, "token": self.token})

    def add(self, type_: str, inputs: dict[str, Any], name: str = "") -> None:
        """A credential that the user of the refresh job may write."""
        roles = {"admin_role": [USER]} if type_ != AWX_ACCESS else {}
        self.controller.add(
            "credentials", name or type_, credential_type=type_, organization=ORGANIZATION, inputs=inputs, roles=roles
        )

    def start(self, folder: Path, credentials: Sequence[str] = REFRESH_JOB) -> dict[str, str]:
        """Begin a job: put its files into *folder*, as AWX does it, and answer the variables of its environment."""
        folder.mkdir(parents=True, exist_ok=True)
        injected = self.controller.injected(credentials, str(folder))
        for path, text in injected["files"].items():
            file = Path(path)
            file.touch(mode=0o600)
            file.write_text(text, encoding="utf-8")
        return {"JOB_ID": "42", "AWX_PRIVATE_DATA_DIR": "/runner", **injected["env"]}
