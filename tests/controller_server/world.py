# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything together, and what a fresh controller has."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..loopback import world
from ..loopback.settings import Settings
from . import credential_types, roles
from .faults import Fault
from .store import Store, Thing

FLAVORS = ("awx", "awx_devel", "aap", "aap_2.7")
# What the controller says of itself; those of an AAP are a *guess*.
VERSIONS = {"awx": "24.6.1", "awx_devel": "24.6.2", "aap": "4.6.0", "aap_2.7": "4.8.0"}


@dataclass
class Config(Settings):
    """What can be switched while the server runs. RULES.md says what is known about each.

    The optional prefix is that of 24.6.1 (*seen*).
    """

    flavor: str = "awx"  # 24.6.1; "awx_devel": Basic only; "aap": 2.5 and 2.6; "aap_2.7"
    optional_prefix: str = ""  # with AWX, "controller" serves /api/controller/v2/ too
    max_page_size: int = 200
    update_seconds: float = 0  # how long an update of a project runs
    job_seconds: float = 0  # how long a job runs
    job_status: str = "successful"  # how a job ends; or "failed", "error"
    playbooks: list[str] = field(default_factory=list)  # those of every project, if any are named

    CHOICES: ClassVar[Mapping[str, Collection[Any]]] = {
        "flavor": FLAVORS,
        "optional_prefix": ("", "controller"),
        "job_status": ("successful", "failed", "error", "canceled"),
    }

    def allows(self, name: str, value: Any) -> bool:
        """Whether a setting can have a value."""
        if name == "playbooks":
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        return super().allows(name, value) and not (name == "max_page_size" and value < 1)


class World(world.World):
    """All the state of the controller. A test can shift the time, slow down all answers, and say how jobs end (*guess*)."""

    fault = Fault
    config: Config

    def __init__(self) -> None:
        super().__init__()
        self.reset(new_credentials=True)

    def reset(self, new_credentials: bool = False) -> None:  # type: ignore[override]
        """A fresh controller, with the credentials of before unless there are to be new ones."""
        self.config = Config()
        self.journal.clear()
        self.faults.clear()
        self.store = Store(self.now)
        if new_credentials:
            self.admin_password, self.admin_token = secrets.token_hex(12), secrets.token_hex(15)
            self.secrets |= {self.admin_password: "password of admin", self.admin_token: "token of admin"}
        store = self.store
        store.add("users", username="admin", is_superuser=True).hidden["password"] = self.admin_password
        self.add_token(text=self.admin_token, user=1, description="of the tests")
        store.add("organizations", name="Default")
        store.add("instance_groups", name="controlplane")
        store.add("instance_groups", name="default")
        store.add("execution_environments", name="AWX EE (24.6.1)", image="quay.io/ansible/awx-ee:24.6.1")
        store.add("execution_environments", name="Control Plane Execution Environment", managed=True, image="awx-ee")
        credential_types.add_managed(store)
        galaxy = store.named("credential_types", "Ansible Galaxy/Automation Hub API Token")
        inputs = {"url": "https://galaxy.example/"}
        store.add("credentials", name="Ansible Galaxy", credential_type=galaxy.id, managed=True, inputs=inputs)
        roles.add_managed(store)

    @property
    def is_behind_gateway(self) -> bool:
        """Whether this is the controller of an AAP."""
        return self.config.flavor.startswith("aap")

    def ready(self) -> dict[str, Any]:
        """What the ready line says."""
        return {
            "url": self.origin,
            "control_url": f"{self.control_origin}/_controller",
            "username": "admin",
            "password": self.admin_password,
            "admin_token": self.admin_token,
        }

    def add_token(self, text: str = "", gateway: bool = False, **fields: Any) -> Thing:
        """A new token of a user, of the controller or of the gateway in front of it."""
        token = self.store.add("tokens", **fields)
        self.issue(token, text, gateway)
        return token

    def issue(self, token: Thing, text: str = "", gateway: bool = False) -> None:
        """Give a token its text: thirty letters and digits, as AWX has them."""
        token.hidden |= {"token": text or secrets.token_hex(15), "gateway": gateway}
        self.secrets.setdefault(token.hidden["token"], f"token of user {token['user']}")

    def start_job(self, path: str, seconds: float, failed: str = "", **fields: Any) -> Thing:
        """A job that runs for some seconds, and ends as `job_status` says, unless it cannot start.

        It runs still when the request is answered that started it, and can have ended when the next one comes.
        """
        now = self.now()
        job = self.store.add(path, **fields, status="running", started=now, finished=None)
        outcome = failed or ("successful" if path == "project_updates" else self.config.job_status)
        job.hidden |= {"ends": now + (0 if failed else seconds), "outcome": outcome}
        return job

    def settle(self) -> None:
        """Let jobs end whose time has come."""
        for job in self.store.all("unified_jobs"):
            if job["finished"] is None and job.hidden["ends"] <= self.now():
                outcome = job.hidden["outcome"]
                job.fields |= {
                    "status": outcome,
                    "failed": outcome != "successful",
                    "finished": job.hidden["ends"],
                    "elapsed": job.hidden["ends"] - job["started"],
                }
                if job.kind.path == "project_updates":
                    project = self.store.get("projects", job["project"])
                    assert project is not None
                    project.fields["scm_revision"] = job["scm_revision"]
