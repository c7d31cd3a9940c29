#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: calling_users
short_description: Enable many people for Webex Calling in one task
version_added: 0.1.0
description:
  - Does for a list of people what M(collabops.webex.calling_user) does for one, with the same options and the same rules.
  - The state of the organization is read in bulk where that takes fewer requests than asking for each person. Everything is
    planned before the first write. All problems are reported at once, and nothing is written unless O(on_error=skip).
  - Then O(concurrency) workers write what differs. When Webex limits the rate, all of them slow down together. After a
    failure whose end is unclear, the person is read before anything is repeated.
  - Those with O(users[].state=absent) come first, so that their units, numbers and extensions are there for the others.
  - The task fails if anybody failed or was skipped.
  - A run that was killed can simply be repeated, and does only the rest.
author:
  - collabops contributors (@collabops)
extends_documentation_fragment:
  - collabops.webex.connection
  - collabops.webex.connection.access_token
  - collabops.webex.attributes
  - collabops.webex.attributes.resource
options:
  users:
    description: The people, each with options of M(collabops.webex.calling_user).
    type: list
    elements: dict
    required: true
    suboptions:
      email:
        description: The person's e-mail address. One of O(users[].email) and O(users[].person_id) is required.
        type: str
      person_id:
        description: The person's id.
        type: str
      state:
        description: Whether the person has Webex Calling.
        type: str
        choices: [present, absent]
        default: present
      license:
        description: The license, as V(professional) or V(standard), by its name, or by its id.
        type: str
        default: professional
      location:
        description: The location by name or id. Mandatory unless O(users[].phone_number) is given.
        type: str
      extension:
        description: The extension, without the location's routing prefix.
        type: str
      phone_number:
        description: The phone number in E.164 notation.
        type: str
  on_error:
    description:
      - What to do if some of the list cannot be done.
      - With V(stop), nothing is written if the plan has any problem.
      - With V(skip), those who can be done are done, and the others are reported as failed.
    type: str
    choices: [stop, skip]
    default: stop
  max_failures:
    description: After how many failed writes, at least 1, the rest is skipped. Without it, everybody is tried.
    type: int
  allow_move:
    description:
      - Whether somebody who has calling in another location may be moved. A move is a job of Webex, which can have impacts on
        the user's settings and takes a while. It needs the scope C(spark-admin:telephony_config_write).
      - Without it, such a user is a problem.
    type: bool
    default: false
  concurrency:
    description: How many requests are under way at once at the most.
    type: int
    default: 8
  time_budget:
    description:
      - How many seconds all requests and waits of the task may take together. Who is left then is skipped, and the task fails;
        the next run does the rest.
    type: float
    default: 3600
  wait_timeout:
    description: How many seconds to wait until the changes can be read back. What does not show by then is not verified.
    type: float
    default: 30
seealso:
  - module: collabops.webex.calling_user
"""

EXAMPLES = r"""
- name: Enable the users of a CSV file
  collabops.webex.calling_users:
    access_token: "{{ webex_access_token }}"
    users: "{{ lookup('ansible.builtin.file', 'users.csv') | collabops.webex.calling_users }}"

- name: Enable those who can be enabled, and report the others
  collabops.webex.calling_users:
    access_token: "{{ webex_access_token }}"
    on_error: skip
    users:
      - email: alice@example.com
        location: Berlin
        extension: "2002"
      - email: bob@example.com
        location: Berlin
        phone_number: "+493055502003"
"""

RETURN = r"""
users:
  description: What became of each user. Those who failed come first.
  type: list
  elements: dict
  returned: always, once the organization was read
  contains:
    user:
      description: The person, as they were named.
      type: str
      sample: alice@example.com
    outcome:
      description:
        - V(ok) (nothing to do), V(enabled), V(changed) (also taken away), V(skipped) or V(failed). In check mode, as it would
          be.
      type: str
      sample: enabled
    reason:
      description: Why the user failed or was skipped, and what to do.
      type: str
      sample: The extension 2001 in Berlin is in use by Ivan Example.
    error_codes:
      description: The error codes of Webex.
      type: list
      elements: str
      sample: ["400404"]
    tracking_id:
      description: The tracking id of Webex.
      type: str
      sample: NA_88b8b4ce-6338-4d3a-8d6c-22b37e62354f
    verified:
      description: Whether the change was seen when the person was read again.
      type: bool
      sample: true
  sample:
    - user: alice@example.com
      outcome: enabled
      extension: "2002"
      location: Berlin
counts:
  description: How many users had which outcome.
  type: dict
  returned: always, once the organization was read
  sample: {ok: 4995, enabled: 4, changed: 0, skipped: 0, failed: 1}
"""

from collections import Counter
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._calling_bulk import (
    OUTCOMES,
    BulkOrganization,
    Result,
    Work,
    carry_out,
    check_each,
    plan_all,
    preview,
)
from ..module_utils._client import WebexClient
from ..module_utils._errors import OptionError
from ..module_utils._module import WANTED_SPEC, run_module
from ..module_utils._settings import Settings
from ..module_utils._throttle import Throttle


def work(module: AnsibleModule, client: WebexClient) -> dict[str, Any]:
    """Plan everything, and carry it out unless in check mode or stopped by a problem."""
    params = module.params
    users, unsound = check_each(params["users"])
    organization = BulkOrganization(client, users, params["concurrency"])
    organization.read()
    plan = plan_all(organization, users, params["allow_move"])
    plan.problems[:0] = unsound
    stopped = bool(plan.problems) and params["on_error"] == "stop"
    if module.check_mode or stopped:
        results = preview(plan, stopped)
    else:
        results = carry_out(
            client,
            organization,
            plan,
            workers=params["concurrency"],
            max_failures=params["max_failures"],
            patience=params["wait_timeout"],
        )
    return report(module, plan, results)


def report(module: AnsibleModule, plan: Work, results: list[Result]) -> dict[str, Any]:
    """Return the result; leave with a failure if anybody failed, or was skipped."""
    results = [Result(who, "failed", error=error) for who, error in plan.problems] + results
    results.sort(key=lambda one: (one.outcome != "failed", one.outcome != "skipped"))
    undone = [one for one in results if one.outcome in ("failed", "skipped")]
    counts = Counter(result.outcome for result in results)
    done = [result for result in results if result.plan and result.outcome in ("enabled", "changed")]
    result = {
        "changed": bool(done),
        "users": [one.shown() for one in results],
        "counts": {outcome: counts[outcome] for outcome in OUTCOMES},
        "diff": {
            "before": "".join(f"{one.who}: {one.plan.before.line()}\n" for one in done if one.plan),
            "after": "".join(f"{one.who}: {one.plan.after.line()}\n" for one in done if one.plan),
        },
    }
    unseen = sum(not one.verified for one in results)
    if unseen:
        module.warn(f"Webex accepted the changes of {unseen} users, but did not show them yet; look again later.")
    if undone:
        reasons = "".join(f" {one.who}: {one.error}" for one in undone[:10])
        more = f" And {len(undone) - 10} more: see the return value users." if len(undone) > 10 else ""
        skipped = f", and {counts['skipped']} were skipped" if counts["skipped"] else ""
        msg = f"{counts['failed']} of {len(results)} users failed{skipped}.{reasons}{more}"
        error = undone[0].error
        module.fail_json(msg=msg, error=error.details() if error else None, **result)
    return result


def main() -> None:
    """Run the module."""
    run_module(
        {
            "users": {"type": "list", "elements": "dict", "required": True, "options": WANTED_SPEC},
            "on_error": {"type": "str", "choices": ["stop", "skip"], "default": "stop"},
            "max_failures": {"type": "int"},
            "allow_move": {"type": "bool", "default": False},
            "concurrency": {"type": "int", "default": 8},
            "time_budget": {"type": "float", "default": 3600},
            "wait_timeout": {"type": "float", "default": 30},
        },
        work,
        connect=connect,
    )


def connect(settings: Settings, params: dict[str, Any]) -> WebexClient:
    """Return the client that all workers share."""
    if not 1 <= params["concurrency"] <= 100:
        raise OptionError("concurrency", f"{params['concurrency']} is not from 1 to 100.", "write for example 8.")
    if params["max_failures"] is not None and params["max_failures"] < 1:
        raise OptionError(
            "max_failures", f"{params['max_failures']} is not at least 1.", "write 1 to stop at the first."
        )
    return WebexClient(settings, params["time_budget"], Throttle(params["concurrency"]))


if __name__ == "__main__":
    main()
