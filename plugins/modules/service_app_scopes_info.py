#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: service_app_scopes_info
short_description: Check that a Webex token has the scopes that are needed, before anything is changed
version_added: 1.0.0
description:
  - Gives a verdict on each required scope and fails when one is missing, with what it is for, what needs it, and how an
    admin adds it.
  - Webex has no call that lists the scopes of a token. If O(granted) tells them, they settle everything and no request is
    sent. Otherwise harmless requests that need the scope are sent. An answer shows that the scope is there, a 403 that it is
    missing, or that the token's owner lacks an admin role. Some scopes, above all those for writing, have no harmless
    request and stay V(unverified).
author:
  - collabops contributors (@collabops)
extends_documentation_fragment:
  - collabops.webex.connection
  - collabops.webex.connection.org_id
  - collabops.webex.connection.access_token
  - collabops.webex.attributes
  - collabops.webex.attributes.info_module
options:
  scopes:
    description: Scopes that are required.
    type: list
    elements: str
    default: []
  profile:
    description:
      - A named set of required scopes, one of those below or of O(profiles).
      - V(calling_user_enablement) is the seven scopes for enabling users for Webex Calling.
      - V(calling_read_only) is what it takes to read people, licenses, locations and calling settings.
      - V(people_provisioning) is what it takes to create and change people and their licenses.
      - V(reporting) is what it takes to read reports and the detailed call history. No service app can have these scopes; it
        takes an integration.
    type: str
  profiles:
    description:
      - Profiles of your own, each a list of scopes by its name. A list within the list stands for any one of its scopes.
      - They are there to be named in O(profile), and go before those of the same name above.
    type: dict
    default: {}
  modules:
    description:
      - Names of modules of this collection that are going to be used with the token, with or without the collection's name.
      - They are taken to be used with every option that needs a scope, but without C(allow_move) of
        M(collabops.webex.calling_user) and M(collabops.webex.calling_users). For that, add
        C(spark-admin:telephony_config_write) and C(identity:groups_rw) to O(scopes), or use O(playbook).
    type: list
    elements: str
    default: []
  playbook:
    description:
      - A playbook that is going to be run with the token. What its tasks need is required, and what they do not need is told
        as RV(excess).
      - It is read on the host that runs this task, so run it on the controller. It is only read. Includes, imports and roles are
        followed, and those of collections too, if they are found where Ansible would look for them. What depends on variables
        is told as RV(unresolved). A condition on a task is taken to be met.
      - An option that is off, such as C(allow_move=false), needs nothing. If a variable says whether it is on, the defaults and
        variables of roles, and the C(vars) of plays, blocks, tasks and roles tell its value. The inventory, the command line,
        files of variables and facts are not looked at. An option of which nothing there tells the value is taken to be on.
      - Lookups and filters in templates are not looked at.
      - The Python package PyYAML is needed on that host.
    type: path
  role:
    description: The folder of a role that is going to be used with the token. Otherwise like O(playbook).
    type: path
  granted:
    description:
      - The scopes that the token has, as RV(collabops.webex.service_app_token#module:scopes) tells them.
      - Leave it out, or give V(null), if they are unknown.
    type: list
    elements: str
  probe:
    description: Whether to send harmless requests if O(granted) is unknown.
    type: bool
    default: true
  strict:
    description: Whether a scope that stays unverified is a failure too, and so is anything unresolved in O(playbook) or O(role).
    type: bool
    default: false
seealso:
  - module: collabops.webex.service_app_token
"""

EXAMPLES = r"""
- name: Get a token
  collabops.webex.service_app_token:
    store:
      kind: vault_file
      path: webex_token.yml
  register: token

- name: Check the scopes for enabling users for Webex Calling
  collabops.webex.service_app_scopes_info:
    access_token: "{{ token.access_token }}"
    profile: calling_user_enablement
    granted: "{{ token.scopes }}"

- name: Check the scopes that two modules need
  collabops.webex.service_app_scopes_info:
    access_token: "{{ token.access_token }}"
    granted: "{{ token.scopes }}"
    modules:
      - license_info
      - calling_user

- name: Check that the token has what a playbook needs
  collabops.webex.service_app_scopes_info:
    access_token: "{{ token.access_token }}"
    granted: "{{ token.scopes }}"
    playbook: "{{ playbook_dir }}/onboarding.yml"
  register: verdict

- name: Stop if it has more than that
  ansible.builtin.assert:
    that: verdict.excess == []

- name: Check a profile of our own
  collabops.webex.service_app_scopes_info:
    access_token: "{{ token.access_token }}"
    granted: "{{ token.scopes }}"
    profile: helpdesk
    profiles:
      helpdesk:
        - spark-admin:people_read
        - [spark-admin:locations_read, spark-admin:device_read]
"""

RETURN = r"""
valid:
  description: Whether nothing is missing, and with O(strict=true) nothing unverified or unresolved.
  type: bool
  returned: always
  sample: true
scopes:
  description: The verdict on each scope.
  type: list
  elements: dict
  returned: always
  contains:
    scope:
      description: The scope.
      type: str
      sample: spark-admin:people_write
    verdict:
      description: The verdict; V(granted), V(missing) or V(unverified).
      type: str
      sample: granted
    evidence:
      description: What the verdict rests on.
      type: str
      sample: the grant lists it
granted:
  description: The requirements that are met. Where one of several scopes will do, they are joined by C(or).
  type: list
  elements: str
  returned: always
  sample: [spark-admin:people_read, spark-admin:people_write]
missing:
  description: The requirements that are not met.
  type: list
  elements: str
  returned: always
  sample: []
unverified:
  description: The requirements of which nothing can be said.
  type: list
  elements: str
  returned: always
  sample: []
least:
  description: The fewest scopes that meet all requirements. Of alternatives it is the one that is granted already.
  type: list
  elements: str
  returned: always
  sample: [spark-admin:people_read, spark-admin:people_write]
excess:
  description: The scopes that the token has and that nothing here needs. Taken away, an accident with the token does less harm.
  type: list
  elements: str
  returned: when O(granted) is known
  sample: [spark-admin:telephony_config_write]
modules:
  description: The modules of this collection that O(playbook) or O(role) use.
  type: list
  elements: str
  returned: with O(playbook) or O(role)
  sample: [calling_user, license_info]
unresolved:
  description: What in O(playbook) or O(role) could not be followed, with its place. It may need more scopes.
  type: list
  elements: str
  returned: with O(playbook) or O(role)
  sample: ["onboarding.yml: include of {{ country }}.yml"]
"""

from ..module_utils._python import refuse_old_python

refuse_old_python()

from dataclasses import asdict
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._client import WebexClient
from ..module_utils._errors import OptionError, with_remedy
from ..module_utils._module import run_module
from ..module_utils._playbooks import read_playbook, read_role
from ..module_utils._remedies import SCOPES_TOO_LONG
from ..module_utils._scopes import (
    GRANTED,
    LONGEST_SCOPE_STRING,
    MISSING,
    UNVERIFIED,
    excess,
    explain_unmet,
    judge,
    least,
    requirements,
)


def work(module: AnsibleModule, client: WebexClient) -> dict[str, Any]:
    """Judge the scopes, and fail if they will not do."""
    params, granted = module.params, module.params["granted"]
    playbook, role = params["playbook"], params["role"]
    found = read_playbook(playbook) if playbook else read_role(role) if role else None
    required = requirements(
        params["scopes"], params["profile"], params["modules"], found.uses if found else (), params["profiles"]
    )
    if not required and not found:
        raise OptionError("scopes", "nothing is required.", "give scopes, a profile, modules, a playbook or a role.")
    verdicts, by_verdict = judge(required, granted, client if params["probe"] else None)
    unmet = by_verdict[MISSING] + (by_verdict[UNVERIFIED] if params["strict"] else [])
    unresolved = found.unresolved if found else []
    fewest = least(required, granted or ())
    result: dict[str, Any] = {
        "changed": False,
        "valid": not unmet and not (params["strict"] and unresolved),
        "scopes": [asdict(verdict) for verdict in verdicts],
        "granted": by_verdict[GRANTED],
        "missing": by_verdict[MISSING],
        "unverified": by_verdict[UNVERIFIED],
        "least": fewest,
        **({} if granted is None else {"excess": excess(required, granted)}),
        **({"modules": sorted({use.module for use in found.uses}), "unresolved": unresolved} if found else {}),
    }
    if len(" ".join(fewest)) > LONGEST_SCOPE_STRING:
        module.warn(with_remedy("These are too many scopes for one service app.", SCOPES_TOO_LONG))
    if unmet:
        error = explain_unmet(by_verdict[MISSING], unmet, required)
        module.fail_json(msg=str(error), error=error.details(), **result)
    if unresolved:
        message = f"What cannot be followed may need more scopes: {'; '.join(unresolved)}."
        if params["strict"]:
            remedy = "name the modules that it uses with `modules`, and leave out `strict`."
            module.fail_json(msg=message, error={"message": message, "remedy": remedy}, **result)
        module.warn(message)
    return result


def main() -> None:
    """Run the module."""
    run_module(
        {
            "scopes": {"type": "list", "elements": "str", "default": []},
            "profile": {"type": "str"},
            "profiles": {"type": "dict", "default": {}},
            "modules": {"type": "list", "elements": "str", "default": []},
            "playbook": {"type": "path"},
            "role": {"type": "path"},
            "granted": {"type": "list", "elements": "str"},
            "probe": {"type": "bool", "default": True},
            "strict": {"type": "bool", "default": False},
        },
        work,
        needs_token=lambda params: params["granted"] is None and params["probe"],
        mutually_exclusive=[("playbook", "role")],
    )


if __name__ == "__main__":
    main()
