#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: service_app_token
short_description: Get a valid access token of a Webex service app
version_added: 0.1.0
description:
  - Returns an access token that lives for at least O(min_validity). As long as the stored one does, no request is sent.
    Otherwise it is refreshed, and saved in the store before it is used.
  - The task runs on the controller, whichever host it is meant for.
  - The result is never shown, at any verbosity, also without C(no_log). It can be registered and used as always.
author:
  - collabops contributors (@collabops)
extends_documentation_fragment:
  - collabops.webex.connection
  - collabops.webex.client
  - collabops.webex.attributes
attributes:
  check_mode:
    support: full
    details:
      - Tells with RV(refreshed) whether a token would be obtained, and sends no request at all. The tokens are returned
        if the stored one is still alive.
  diff_mode:
    support: none
    details:
      - The result is never shown.
  idempotent:
    support: partial
    details:
      - RV(ignore:changed) is true exactly when a new token was obtained, which is every time without a store and with
        O(force=true).
options:
  min_validity:
    description:
      - How long the access token must still live. A token that does not is refreshed.
      - A duration such as V(1d), V(12h), V(1d12h), V(90m), or a number of seconds; less than 14 days.
    type: str
    default: 1d
  force:
    description: Whether to refresh also if the stored token is good.
    type: bool
    default: false
  verify:
    description:
      - Whether a new token is proven by one harmless request before it is handed on. That request also tells its
        organization, which must be that of O(org_id), if that is set.
      - If that request gets no answer, the task ends with a warning and RV(verified=false).
    type: bool
    default: true
  store:
    description: Where the tokens are kept between runs.
    type: dict
    default: {}
    suboptions:
      kind:
        description:
          - With V(none), nothing is kept. A refresh token can be replaced by any refresh, so keep RV(refresh_token).
          - With V(vault_file), they are kept in a file that is encrypted with ansible-vault.
        type: str
        choices: [none, vault_file]
        default: none
      path:
        description:
          - The vault file, relative to the playbook's folder. It is created with mode 0600; the folder must exist.
          - The file belongs to the store alone. One that holds anything else is refused and left untouched.
          - In C(vars_files) it yields the variables C(webex_access_token), C(webex_refresh_token) and C(webex_token),
            which holds the rest.
          - Beside it lies a lock file, whose name begins with a dot and ends with C(.lock); leave it there.
        type: str
      vault_id:
        description:
          - The vault id to encrypt with. The run must have its password.
          - Without it, a file keeps the vault id it has; a new file gets the usual one of this run.
        type: str
seealso:
  - module: collabops.webex.service_app_scopes
  - module: collabops.webex.token_info
  - name: Service Apps
    description: How service apps are made, authorized, and given their first tokens.
    link: https://developer.webex.com/docs/service-apps
"""

EXAMPLES = r"""
# The credentials are taken from WEBEX_CLIENT_ID, WEBEX_CLIENT_SECRET and WEBEX_REFRESH_TOKEN.
- name: Get a token, and keep it in a vault file
  collabops.webex.service_app_token:
    store:
      kind: vault_file
      path: webex_token.yml
  register: token

- name: Use it
  collabops.webex.calling_user:
    access_token: "{{ token.access_token }}"
    email: alice@example.com
    location: Berlin
    extension: "2002"

- name: Refresh with credentials from vaulted variables, without a store
  collabops.webex.service_app_token:
    client_id: "{{ vault_client_id }}"
    client_secret: "{{ vault_client_secret }}"
    refresh_token: "{{ vault_refresh_token }}"
  register: token
"""

RETURN = r"""
access_token:
  description: The access token. In check mode V(none) if it would have to be refreshed and the stored one is dead.
  type: str
  returned: success
  sample: "(secret)"
expires_at:
  description: When the access token expires, in UTC. V(none) if Webex did not say.
  type: str
  returned: success
  sample: "2026-12-08T03:00:00Z"
refresh_token:
  description: The refresh token to use from now on.
  type: str
  returned: success
  sample: "(secret)"
refresh_token_expires_at:
  description: When the refresh token expires, in UTC. Every refresh puts it off.
  type: str
  returned: success
  sample: "2027-02-22T03:00:00Z"
obtained_at:
  description: When the tokens were obtained, in UTC.
  type: str
  returned: success
  sample: "2026-11-24T03:00:00Z"
scopes:
  description: The scopes that were granted. V(none) if Webex did not say.
  type: list
  elements: str
  returned: success
  sample: [spark-admin:people_read, spark-admin:people_write]
client_id:
  description: The client id of the service app.
  type: str
  returned: success
  sample: C1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef
org_id:
  description: The organization of the token. V(none) if the token was never proven, or has no scope to tell.
  type: str
  returned: success
  sample: Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi85NmFiYzJhYS0zZGNjLTExZTUtYTE1Mi1mZTM0ODE5Y2RjOWE
refreshed:
  description: Whether a new token was obtained, or in check mode would be.
  type: bool
  returned: success
  sample: true
refresh_token_rotated:
  description: Whether Webex replaced the refresh token.
  type: bool
  returned: success
  sample: false
verified:
  description: Whether a new token was proven by a request.
  type: bool
  returned: success
  sample: true
store:
  description: Where the tokens are kept.
  type: dict
  returned: success
  sample:
    kind: vault_file
    path: /srv/playbooks/webex_token.yml
"""
