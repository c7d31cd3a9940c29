#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: service_app_scopes
short_description: Check that a token has the scopes that are needed, before anything is changed
version_added: 0.1.0
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
      - A named set of required scopes.
      - V(calling_user_enablement) is the seven scopes for enabling users for Webex Calling.
    type: str
    choices: [calling_user_enablement]
  modules:
    description:
      - Names of modules of this collection that are going to be used with the token, with or without the collection's name.
    type: list
    elements: str
    default: []
  granted:
    description:
      - The scopes that the token has, as RV(collabops.webex.service_app_token#module:scopes) tells them.
      - Leave it out, or give V(null), if they are not known.
    type: list
    elements: str
  probe:
    description: Whether to send harmless requests where O(granted) is not known.
    type: bool
    default: true
  strict:
    description: Whether a scope that stays unverified is a failure too.
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
  collabops.webex.service_app_scopes:
    access_token: "{{ token.access_token }}"
    profile: calling_user_enablement
    granted: "{{ token.scopes }}"

- name: Check the scopes that two modules need
  collabops.webex.service_app_scopes:
    access_token: "{{ token.access_token }}"
    granted: "{{ token.scopes }}"
    modules:
      - license_info
      - calling_user
"""

RETURN = r"""
valid:
  description: Whether nothing is missing, and with O(strict=true) nothing unverified.
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
"""

from dataclasses import asdict
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.collabops.webex.plugins.module_utils._client import WebexClient
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError
from ansible_collections.collabops.webex.plugins.module_utils._module import run_module
from ansible_collections.collabops.webex.plugins.module_utils._scopes import (
    GRANTED,
    MISSING,
    PROFILES,
    UNVERIFIED,
    explain_unmet,
    judge,
    requirements,
)


def work(module: AnsibleModule, client: WebexClient) -> dict[str, Any]:
    """Judge the scopes, and fail where they will not do."""
    params = module.params
    required = requirements(params["scopes"], params["profile"], params["modules"])
    if not required:
        raise OptionError("scopes", "nothing is required.", "give scopes, a profile, or modules.")
    verdicts, by_verdict = judge(required, params["granted"], client if params["probe"] else None)
    unmet = by_verdict[MISSING] + (by_verdict[UNVERIFIED] if params["strict"] else [])
    result = {
        "changed": False,
        "valid": not unmet,
        "scopes": [asdict(verdict) for verdict in verdicts],
        "granted": by_verdict[GRANTED],
        "missing": by_verdict[MISSING],
        "unverified": by_verdict[UNVERIFIED],
    }
    if unmet:
        error = explain_unmet(by_verdict[MISSING], unmet, required)
        module.fail_json(msg=str(error), error=error.details(), **result)
    return result


def main() -> None:
    """Run the module."""
    run_module(
        {
            "scopes": {"type": "list", "elements": "str", "default": []},
            "profile": {"type": "str", "choices": sorted(PROFILES)},
            "modules": {"type": "list", "elements": "str", "default": []},
            "granted": {"type": "list", "elements": "str"},
            "probe": {"type": "bool", "default": True},
            "strict": {"type": "bool", "default": False},
        },
        work,
        needs_token=lambda params: params["granted"] is None and params["probe"],
    )


if __name__ == "__main__":
    main()
