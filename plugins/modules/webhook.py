#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: webhook
short_description: Register webhooks for the authorizations of a Webex service app
version_added: 1.0.0
description:
  - Registers webhooks with which Webex tells that an admin of a customer has authorized a service app, or has taken that back.
    Corrects what differs, and switches on again what Webex has switched off.
  - Webex switches a webhook off after 100 failed deliveries within 5 minutes. Run this module by schedule, and that is undone.
  - Webex has one webhook for each event. Which one is meant is determined by O(name), the event and the service app. Of several that
    are the same in this, one is kept.
  - Needs the access token of an integration of the service app's developer, with the scopes C(application:webhooks_read) and
    C(application:webhooks_write). A service app cannot register them.
  - The government cloud does not offer such webhooks.
author:
  - collabops contributors (@collabops)
extends_documentation_fragment:
  - collabops.webex.connection
  - collabops.webex.connection.org_id
  - collabops.webex.connection.access_token
  - collabops.webex.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Of the secret, it only shows that it is set.
  idempotent:
    support: partial
    details:
      - With O(update_secret=always), every run is a change.
options:
  state:
    description:
      - With V(present), the webhooks are registered and active.
      - With V(absent), they are deleted.
    type: str
    choices: [present, absent]
    default: present
  name:
    description: The name of the webhooks. Webhooks of another name stay as they are.
    type: str
    required: true
  client_id:
    description: The client id of the service app. Either it or O(application_id) is needed.
    type: str
  application_id:
    description: The application id of the service app, as the developer portal and Webex show it.
    type: str
  events:
    description: The events to be notified of.
    type: list
    elements: str
    choices: [authorized, deauthorized]
    default: [authorized, deauthorized]
  target_url:
    description:
      - The address of the receiver, for example of the event source C(collabops.webex.service_app), or of an event stream.
        It must be HTTPS, unless the host is the loopback interface.
      - Needed with O(state=present).
    type: str
  secret:
    description:
      - The secret with which Webex signs what it sends. The receiver has the same one, and refuses what is not signed with it.
      - Take a long random one. Needed with O(state=present).
    type: str
  update_secret:
    description:
      - When the secret of a webhook that exists is replaced by O(secret). Every other change of it sends the secret too, since
        it is not documented whether Webex keeps one that is not sent.
      - With V(if_different), if Webex shows another one. Cisco's description says that Webex shows it; if your organization's
        is not shown, a changed secret is not noticed.
      - With V(always), in every run, which is always a change. Use it once when you have changed the secret and it is not shown.
      - With V(on_create), never. Use it if Webex shows something else than the secret, so that every run would be a change.
    type: str
    choices: [if_different, always, on_create]
    default: if_different
seealso:
  - ref: ansible_collections.collabops.webex.docsite.guide_events
    description: Get the token of a new customer as soon as an administrator authorizes the service app.
  - module: collabops.webex.service_app_token
  - name: Create a Webhook
    description: The call of the Webex API that this module makes.
    link: https://developer.webex.com/docs/api/v1/webhooks/create-a-webhook
"""

EXAMPLES = r"""
- name: Be told when a customer authorizes the service app
  collabops.webex.webhook:
    access_token: "{{ integration_access_token }}"
    name: New customers
    client_id: "{{ service_app_client_id }}"
    target_url: https://events.example.com/webex
    secret: "{{ webhook_secret }}"

- name: Replace the secret
  collabops.webex.webhook:
    access_token: "{{ integration_access_token }}"
    name: New customers
    client_id: "{{ service_app_client_id }}"
    target_url: https://events.example.com/webex
    secret: "{{ new_webhook_secret }}"
    update_secret: always

- name: Be told no more
  collabops.webex.webhook:
    access_token: "{{ integration_access_token }}"
    name: New customers
    client_id: "{{ service_app_client_id }}"
    state: absent
"""

RETURN = r"""
actions:
  description: What was done about each webhook, or in check mode would be done.
  type: list
  elements: dict
  returned: success
  contains:
    event:
      description: The event of the webhook.
      type: str
      sample: authorized
    action:
      description: V(none), V(create), V(update) or V(delete).
      type: str
      sample: update
    changes:
      description: What changed of a webhook that was there.
      type: list
      elements: str
      sample: [status]
  sample:
    - {event: authorized, action: update, changes: [status]}
    - {event: deauthorized, action: none, changes: []}
webhooks:
  description:
    - The webhooks as Webex shows them after the change, without their secrets. In check mode, as far as it is known before.
  type: list
  elements: dict
  returned: success
  sample:
    - id: Y2lzY29zcGFyazovL3VzL1dFQkhPT0svOTZhYmMyYWEtM2RjYy0xMWU1LWExNTItZmUzNDgxOWNkYzlh
      name: New customers
      event: authorized
      target_url: https://events.example.com/webex
      filter: id=Y2lzY29zcGFyazovL3VzL0FQUExJQ0FUSU9OL0MwMTIzNDU2Nzg5YWJjZGVm
      status: active
      created: "2026-01-31T03:00:00.000Z"
"""

from ..module_utils._python import refuse_old_python

refuse_old_python()

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._client import WebexClient
from ..module_utils._ids import application_id
from ..module_utils._json_case import snake_case
from ..module_utils._module import run_module
from ..module_utils._webhooks import (
    ALWAYS,
    EVENTS,
    IF_DIFFERENT,
    NONE,
    ON_CREATE,
    UPDATE,
    WantedWebhook,
    carry_out,
    difference,
    plan_absent,
    plan_present,
    refuse_government_cloud,
    shown,
    webhooks_of,
)


def wanted_webhook(params: dict[str, Any]) -> WantedWebhook:
    """Return what the options ask for. Raises OptionError."""
    client_id = params["client_id"]
    wanted = WantedWebhook(
        name=params["name"],
        application_id=application_id(client_id) if client_id else params["application_id"] or "",
        events=tuple(dict.fromkeys(params["events"])),
        target_url=params["target_url"] or "",
        secret=params["secret"] or "",
        update_secret=params["update_secret"],
    ).check()
    return wanted.check_target() if params["state"] == "present" else wanted


def work(module: AnsibleModule, client: WebexClient) -> dict[str, Any]:
    """Plan, and carry the plan out unless in check mode."""
    refuse_government_cloud(client)
    wanted = wanted_webhook(module.params)
    plan = plan_present if module.params["state"] == "present" else plan_absent
    steps = plan(wanted, webhooks_of(client))
    after = [step.after(wanted) if module.check_mode else carry_out(client, wanted, step) for step in steps]
    return {
        "changed": any(step.action != NONE for step in steps),
        "actions": [
            {
                "event": step.event,
                "action": step.action,
                "changes": sorted(step.changes) if step.action == UPDATE else [],
            }
            for step in steps
        ],
        "webhooks": [snake_case(shown(webhook)) for webhook in after if webhook],
        "diff": snake_case(difference(wanted, steps)),
    }


def main() -> None:
    """Run the module."""
    run_module(
        {
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "name": {"type": "str", "required": True},
            "client_id": {"type": "str"},
            "application_id": {"type": "str"},
            "events": {"type": "list", "elements": "str", "choices": list(EVENTS), "default": list(EVENTS)},
            "target_url": {"type": "str"},
            "secret": {"type": "str", "no_log": True},
            "update_secret": {
                "type": "str",
                "no_log": False,
                "choices": [IF_DIFFERENT, ALWAYS, ON_CREATE],
                "default": IF_DIFFERENT,
            },
        },
        work,
        mutually_exclusive=[("client_id", "application_id")],
        required_one_of=[("client_id", "application_id")],
        required_if=[("state", "present", ("target_url", "secret"))],
    )


if __name__ == "__main__":
    main()
