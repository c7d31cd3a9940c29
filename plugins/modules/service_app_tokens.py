#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: service_app_tokens
short_description: Keep the tokens of a Webex service app valid in many organizations
version_added: 1.0.0
description:
  - Does for each organization of a list what M(collabops.webex.service_app_token) does for one, several at once. As long as a stored
    token is valid for at least O(min_validity), no request is sent for its organization. Otherwise it is refreshed, and saved in the
    organization's own store before it is used.
  - An organization that has no tokens yet, or whose refresh token is lost, expired or refused, gets new ones by O(integration). To add a
    customer whose administrator has authorized the service app, add a line to the list.
  - An organization that fails stops none of the others. At the end, the task fails if one failed or was skipped, and says how many,
    why, and what to do.
  - The result has no token. To use one, name the organization's store in M(collabops.webex.service_app_token), or in the lookup
    P(collabops.webex.service_app_token#lookup).
  - All requests of the task keep one pace. When Webex limits the rate, all wait. Each organization has 45 seconds for its
    requests, as M(collabops.webex.service_app_token) has.
  - A signal that would end the run (as Ctrl-C sends it) and the task keyword C(timeout) wait until what Webex was asked is
    answered and saved, at most 55 seconds. No other request is sent until then. Then a line on standard error says what was done. The next
    run goes on from there.
  - The task runs on the controller, whichever host it is meant for. One task for all organizations takes less than a task for each, which
    the playbook C(collabops.webex.refresh_fleet) has.
author:
  - collabops contributors (@collabops)
extends_documentation_fragment:
  - collabops.webex.connection
  - collabops.webex.connection.org_id
  - collabops.webex.client
  - collabops.webex.client.integration
  - collabops.webex.store
  - collabops.webex.attributes
attributes:
  check_mode:
    support: full
    details:
      - Tells which organizations would get new tokens, and sends no request. RV(organizations[].status) is then V(refreshed), whether they
        would be refreshed or minted.
  diff_mode:
    support: none
    details:
      - There is nothing to show but tokens.
  idempotent:
    support: partial
    details:
      - RV(ignore:changed) is true exactly when a new token was obtained, which is every time with O(force=true).
options:
  organizations:
    description:
      - The organizations, in the form in which the inventory P(collabops.webex.organizations#inventory) lists them. No two may be the same
        organization, have the same alias, or have the same store.
    type: list
    elements: dict
    required: true
    suboptions:
      org_id:
        description:
          - The organization, as Webex writes its id, or its UUID. With an inventory of
            P(collabops.webex.organizations#inventory), it may be an alias of that.
        type: str
        required: true
      alias:
        description:
          - A short name, of letters, digits, C(-) and C(_). C({inventory_hostname}) in the address of a store stands for it.
          - If it is not set, it is made of O(organizations[].name), or it is the UUID.
        type: str
      name:
        description: The name to show.
        type: str
      store:
        description:
          - What differs from O(store) for this organization.
          - With a C(kind) of its own, it has nothing of O(store).
        type: dict
      writable:
        description: Not looked at, since tokens are not written to the organization. It is for the inventory.
        type: bool
        default: false
      vars:
        description: Not looked at. They are for the inventory.
        type: dict
  store:
    description:
      - Where the tokens of each organization are kept, which must not be nowhere. Its address needs C({org_id}) or
        C({inventory_hostname}), unless there is but one.
      - A store of the kind V(awx_credential) can be that of one organization only, since a job of AWX has one credential of each type.
    default: {}
  org_id:
    description: Not looked at. Each entry of O(organizations) names its own.
    type: str
  min_validity:
    description:
      - How long each access token must still be valid. A token that does not is refreshed.
      - A duration such as V(1d), V(12h), V(1d12h), V(90m), or a number of seconds; less than 14 days.
    type: str
    default: 1d
  force:
    description: Whether to refresh also tokens that are good.
    type: bool
    default: false
  verify:
    description: Whether each new token is proven by one harmless request, which also tells its organization.
    type: bool
    default: true
  concurrency:
    description: How many requests may be under way at once, from 1 to 100.
    type: int
    default: 8
  time_budget:
    description:
      - How many seconds the task may take. After that, no organization is begun. Those that are left are V(skipped), and the task fails.
      - An organization that has begun is brought to its end, which takes at most three minutes more.
    type: float
    default: 1800
  progress:
    description: Whether lines on standard error say how far the task is, every few seconds.
    type: bool
    default: true
seealso:
  - ref: ansible_collections.collabops.webex.docsite.guide_organizations
    description: Work in many organizations, each with its own token, and with a guard against mistakes.
  - module: collabops.webex.service_app_token
  - module: collabops.webex.token_health
"""

EXAMPLES = r"""
# The client id and the client secret are taken from WEBEX_CLIENT_ID and WEBEX_CLIENT_SECRET.
- name: Keep the tokens of all customers valid
  collabops.webex.service_app_tokens:
    organizations:
      - org_id: 96abc2aa-3dcc-11e5-a152-fe34819cdc9a
        alias: acme
      - org_id: Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8xMTExMTExMS0yMjIyLTQzMzMtODQ0NC01NTU1NTU1NTU1NTU
        name: Umbrella Corp.
    store:
      kind: vault_file
      path: tokens/{org_id}.yml

- name: Mint the first tokens of new customers by an integration, and keep all in HashiCorp Vault
  collabops.webex.service_app_tokens:
    organizations: "{{ customers }}"
    integration:
      client_id: "{{ vault_integration_client_id }}"
      client_secret: "{{ vault_integration_client_secret }}"
      refresh_token: "{{ vault_integration_refresh_token }}"
    store:
      kind: hashi_vault
      url: https://vault.example.com:8200
      path: webex/{org_id}
    integration_store:
      kind: hashi_vault
      url: https://vault.example.com:8200
      path: webex/integration
  register: tokens

- name: Use the token of one of them
  collabops.webex.person_info:
    access_token: "{{ lookup('collabops.webex.service_app_token', org_id=acme, store=webex_store) }}"
    email: alice@example.com
"""

RETURN = r"""
counts:
  description: How many organizations there are, in C(total), and with which status.
  type: dict
  returned: if the options are valid
  sample:
    total: 1000
    fresh: 0
    refreshed: 996
    minted: 1
    failed: 3
    skipped: 0
organizations:
  description:
    - The outcome of each organization, in the order of the list. No token is in it.
    - If the task fails, only those that failed or were skipped, and no more than 100 of them, since Ansible prints all that a failed task
      returns. Those with RV(organizations[].recovery) are always there.
  type: list
  elements: dict
  returned: if the options are valid
  contains:
    org_id:
      description: The organization, as the list has it.
      type: str
      sample: 96abc2aa-3dcc-11e5-a152-fe34819cdc9a
    alias:
      description: Its alias.
      type: str
      sample: acme
    name:
      description: Its name, or V(none).
      type: str
      sample: ACME Inc.
    status:
      description:
        - With V(fresh), the stored token was good, and no request was sent. With V(refreshed) and V(minted), there is a new one. With
          V(failed), there is none, for the reason that RV(organizations[].msg) gives. With V(skipped), the organization was not begun.
      type: str
      sample: refreshed
    changed:
      description: Whether a new token was obtained, or in check mode would be.
      type: bool
      sample: true
    expires_at:
      description: When the access token expires, in UTC. V(none) if that is unknown.
      type: str
      sample: "2026-12-08T03:00:00Z"
    refresh_token_expires_at:
      description: When the refresh token expires, in UTC. V(none) if that is unknown.
      type: str
      sample: "2027-02-22T03:00:00Z"
    store:
      description: Where the tokens are kept.
      type: dict
      sample:
        kind: vault_file
        path: /srv/playbooks/tokens/96abc2aa-3dcc-11e5-a152-fe34819cdc9a.yml
    msg:
      description: What went wrong, or V(none).
      type: str
      sample: null
    remedy:
      description: What to do, or V(none).
      type: str
      sample: null
    tracking_id:
      description: The tracking id of Webex, for Cisco's support, or V(none).
      type: str
      sample: null
    recovery:
      description:
        - New tokens that the store did not take, as a text that is encrypted with the client secret, or V(none). Give it back as
          O(collabops.webex.service_app_token#module:recovery) in a task for this organization.
      type: str
      sample: null
    warnings:
      description: What endangers the tokens, though they are good.
      type: list
      elements: str
      sample: []
msg:
  description:
    - How many organizations had which outcome. If the task fails, also a line for each thing to do, which names the organizations.
  type: str
  returned: always
  sample: "1000 organizations: 996 refreshed, 1 minted, 3 failed."
"""
