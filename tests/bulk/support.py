# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks of the calling engine as the modules run them, against the simulator, with time that goes twenty times as fast."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.collabops.webex.plugins.module_utils._calling.bulk_plan import check_each, read_and_plan
from ansible_collections.collabops.webex.plugins.module_utils._calling.bulk_read import BulkOrganization
from ansible_collections.collabops.webex.plugins.module_utils._calling.bulk_write import carry_out
from ansible_collections.collabops.webex.plugins.module_utils._calling.plan import Rules
from ansible_collections.collabops.webex.plugins.module_utils._calling.result import Result
from ansible_collections.collabops.webex.plugins.module_utils._calling.steps import Way
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import RequestError
from ansible_collections.collabops.webex.plugins.module_utils._patience import Patience
from ansible_collections.collabops.webex.plugins.module_utils._person_plan import WantedPerson, plan_person
from ansible_collections.collabops.webex.plugins.module_utils._person_write import carry_out as carry_out_person
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.module_utils._throttle import Throttle
from ansible_collections.collabops.webex.tests.simulator.process import Simulator

SPEED = 20.0


def patience(seconds: float) -> Patience:
    """Patience for seconds that pass twenty times as fast as on the wall."""
    return Patience(seconds, lambda: time.monotonic() * SPEED, lambda pause: time.sleep(pause / SPEED))


@dataclass
class Tasks:
    """Runs tasks, each with a client of its own, as a play does."""

    webex: Simulator
    settings: Settings
    wait_timeout: float = 30
    workers: int = 8
    rules: Rules = Rules(allow_move=True)

    def client(self) -> WebexClient:
        """A client for one task."""
        return WebexClient(self.settings, 600, Throttle(self.workers))

    def calling_users(self, *users: dict[str, t.Any], workers: int | None = None) -> list[Result]:
        """What `calling_users` with on_error=skip does; with one worker and one user it is what `calling_user` does."""
        wanted, unsound = check_each(users)
        assert not unsound
        way = Way(workers or self.workers, patience(self.wait_timeout), rules=self.rules)
        with self.client() as client:
            organization = BulkOrganization(client, wanted, way.workers, way.rules.create_people)
            work = read_and_plan(organization, wanted, way.rules, way.patience)
            results = carry_out(client, organization, work, way)
        return [Result(who, "failed", error=error) for who, error in work.problems] + results

    def calling_user(self, **user: t.Any) -> Result:
        """What `calling_user` does. An organization that cannot be read is a failure of the user here."""
        try:
            (result,) = self.calling_users(user, workers=1)
        except RequestError as error:
            return Result(str(user.get("email")), "failed", error=error)
        return result

    def person(self, email: str, **changes: t.Any) -> bool:
        """What `person` does; tells whether it ended well."""
        try:
            with self.client() as client:
                plan = plan_person(client, WantedPerson(email, properties=changes))
                if plan.action != "none":
                    carry_out_person(client, plan, patience(self.wait_timeout))
        except RequestError:
            return False
        return True


def with_short_pauses(settings: Settings) -> Settings:
    """Settings under which a request that hangs is given up soon."""
    return replace(settings, timeout=0.6)
