# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory of a long list."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

from ansible_collections.collabops.webex.plugins.module_utils import _client
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.simulator.process import Simulator

MEASURE = r"""
import json, re, sys
from ansible_collections.collabops.webex.plugins.module_utils._calling.bulk_plan import check_each, plan_all
from ansible_collections.collabops.webex.plugins.module_utils._calling.bulk_read import BulkOrganization
from ansible_collections.collabops.webex.plugins.module_utils._calling.bulk_write import carry_out
from ansible_collections.collabops.webex.plugins.module_utils._calling.steps import Way
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._patience import Patience
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.plugins.module_utils._throttle import Throttle

def kilobytes():
    # Not ru_maxrss of getrusage(): that counts what the parent had when it forked, too.
    with open("/proc/self/status", encoding="ascii") as status:
        return int(re.search(r"VmHWM:\s+(\d+)", status.read())[1])

base_url, token, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
before = kilobytes()
raw = [
    {"email": f"user{n:05}@example.com", "location": "Berlin", "extension": str(10_000 + n)}
    for n in range(1, number + 1)
]
the_list = kilobytes() - before
users, problems = check_each(raw)
with WebexClient(Settings(base_url=base_url, access_token=token), 600, Throttle(8)) as client:
    organization = BulkOrganization(client, users, 8)
    organization.read()
    work = plan_all(organization, users)
    results = carry_out(client, organization, work, Way(8, Patience(5)))
shown = [result.shown() for result in results]
print(json.dumps({"peak": kilobytes() - the_list, "users": len(shown), "problems": len(work.problems + problems)}))
"""


def peak(webex: Simulator, settings: Settings, number: int) -> int:
    """The memory that a process of its own takes for so many users, in KiB, beyond their list."""
    root = pathlib.Path(_client.__file__).parents[5]
    ended = subprocess.run(
        [sys.executable, "-c", MEASURE, webex.base_url, str(settings.access_token), str(number)],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    measured = json.loads(ended.stdout)
    assert (measured["users"], measured["problems"]) == (number, 0)
    return int(measured["peak"])


def test_memory_hardly_grows_with_the_list(webex: Simulator, settings: Settings) -> None:
    # Of the long list, 500 are written, in the organization that is read for the short one, too.
    organization = {"people": 5000, "enabled": 4500}
    webex.reset(**organization)
    few = peak(webex, settings, 100)
    webex.reset(**organization)
    assert peak(webex, settings, 5000) <= 1.5 * few
