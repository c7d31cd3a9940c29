#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: service_app_token
short_description: Get a valid access token of a Webex service app
version_added: 1.0.0
description:
  - With O(state=present), returns an access token that is valid for at least O(min_validity). As long as the stored one does, no request is sent.
    Otherwise it is refreshed, and saved in the store before it is used. If the refresh token is lost, expired or refused,
    and O(integration) is set, new tokens are minted.
  - With O(state=absent), the tokens are revoked as far as Webex lets them be, and the store is emptied.
  - If the store fails after Webex has answered, the new tokens go into a recovery file on the controller, encrypted with
    the client secret. The next run takes them from there. A job of AWX runs in a container that ends with it, so there the
    failure has them as a text, which O(recovery) takes back.
  - From the request for new tokens until they are saved, at most 55 seconds, signals that would end the run (as
    Ctrl-C sends them) and the task keyword C(timeout) wait. Then they do what they would have done. For a store of the kind
    V(awx_credential), it may be minutes if AWX is away.
  - The task runs on the controller, whichever host it is meant for.
  - The result is never shown, at any verbosity, even without C(no_log). It can be registered and used as always.
  - A play that hands a token on by M(ansible.builtin.set_stats), or by M(ansible.builtin.set_fact) with C(cacheable), is refused before
    anything is asked, since these leave it in plain text, in AWX for everybody who may see the job, whatever C(no_log) says. Tasks that
    are included while the play runs, and other plays, are not seen.
author:
  - collabops contributors (@collabops)
extends_documentation_fragment:
  - collabops.webex.connection
  - collabops.webex.connection.org_id
  - collabops.webex.client
  - collabops.webex.client.refresh_token
  - collabops.webex.client.integration
  - collabops.webex.store
  - collabops.webex.attributes
attributes:
  check_mode:
    support: full
    details:
      - Tells with RV(refreshed) whether a token would be obtained, and sends no request. The tokens are returned if the stored
        one is still valid. Only a token that is given, RV(given), is proven as in a real run, by requests that read.
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
  store:
    default: {}
  state:
    description:
      - Whether there is to be a token, or none any more.
      - To revoke, a token with the scope C(identity:tokens_write) is needed; that of O(integration), if it is stored, and the
        service app's own are tried. If none may, that is a warning, and the store is emptied all the same.
      - Tokens in a recovery file are given back too. A store of the kind V(none) is an error, since it has nothing to give
        back.
    type: str
    choices: [present, absent]
    default: present
  access_token:
    description:
      - An access token that you have. It is handed on as it is. Nothing is refreshed, and neither a client nor a store is needed.
        Webex is asked until when it is valid and whose it is; what it does not say is V(none).
      - It is looked at only with O(accept_access_token=true), so that C(module_defaults) of the action group do no harm.
    type: str
  accept_access_token:
    description:
      - Whether an access token that is given will do, so that the same play runs with a service app and with nothing but a
        token.
      - O(access_token) comes before all else. One in a file that E(WEBEX_CREDENTIALS_FILE) or E(WEBEX_ACCESS_TOKEN_FILE)
        names, or in E(WEBEX_ACCESS_TOKEN), counts if no O(client_secret) is given in any way, also if there is a store. With a
        client secret, the token of the service app is got as ever.
      - With O(force=true) and with O(state=absent), no given token is looked at.
    type: bool
    default: false
  recovery:
    description:
      - The text with the new tokens that a run has shown which could not save them. They are put into the store, if it still has
        what they were to replace. A text that is not needed any more does no harm.
      - It is encrypted with the client secret, and may be broken into lines.
    type: str
  min_validity:
    description:
      - How long the access token must still be valid. A token that does not is refreshed.
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
seealso:
  - ref: ansible_collections.collabops.webex.docsite.guide_security
    description: How tokens are kept, what was tried in order to lose one, and which risks remain.
  - module: collabops.webex.service_app_scopes_info
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

- name: Keep it in HashiCorp Vault, and let an integration replace a refresh token that has expired
  collabops.webex.service_app_token:
    org_id: "{{ customer_org_id }}"
    integration:
      client_id: "{{ vault_integration_client_id }}"
      client_secret: "{{ vault_integration_client_secret }}"
      refresh_token: "{{ vault_integration_refresh_token }}"
    store:
      kind: hashi_vault
      url: https://vault.example.com:8200
      auth_method: approle
      role_id: "{{ vault_role_id }}"
      secret_id: "{{ vault_secret_id }}"
      path: webex/customer
  register: token

- name: Keep the client's credentials in the vault file too, so that later runs need its password only
  collabops.webex.service_app_token:
    client_id: "{{ vault_client_id }}"
    client_secret: "{{ vault_client_secret }}"
    refresh_token: "{{ vault_refresh_token }}"
    store:
      kind: vault_file
      path: webex_token.yml
      keep_client: true
  register: token

- name: Take the access token of WEBEX_ACCESS_TOKEN, if that is all there is
  collabops.webex.service_app_token:
    accept_access_token: true
    store:
      kind: vault_file
      path: webex_token.yml
  register: token

- name: Refresh in a job of AWX that has the three credentials of Webex
  collabops.webex.service_app_token:
    store:
      kind: awx_credential

- name: Give the tokens back
  collabops.webex.service_app_token:
    state: absent
    store:
      kind: vault_file
      path: webex_token.yml

- name: Refresh with credentials from vaulted variables, without a store
  collabops.webex.service_app_token:
    client_id: "{{ vault_client_id }}"
    client_secret: "{{ vault_client_secret }}"
    refresh_token: "{{ vault_refresh_token }}"
  register: token
"""

RETURN = r"""
access_token:
  description:
    - The access token. V(none) in check mode if it would have to be refreshed and the stored one has expired, with RV(superseded=true) if
      that is so, and if a job of AWX was not given the access token that is still good.
  type: str
  returned: success, with O(state=present)
  sample: "(secret)"
expires_at:
  description: When the access token expires, in UTC. V(none) if Webex did not say.
  type: str
  returned: success, with O(state=present)
  sample: "2026-12-08T03:00:00Z"
refresh_token:
  description: The refresh token to use from now on. V(none) if the access token was given.
  type: str
  returned: success, with O(state=present)
  sample: "(secret)"
refresh_token_expires_at:
  description: When the refresh token expires, in UTC. Every refresh puts it off.
  type: str
  returned: success, with O(state=present)
  sample: "2027-02-22T03:00:00Z"
obtained_at:
  description: When the tokens were obtained, in UTC.
  type: str
  returned: success, with O(state=present)
  sample: "2026-11-24T03:00:00Z"
scopes:
  description: The scopes that were granted. V(none) if Webex did not say.
  type: list
  elements: str
  returned: success, with O(state=present)
  sample: [spark-admin:people_read, spark-admin:people_write]
client_id:
  description: The client id of the service app.
  type: str
  returned: success, with O(state=present)
  sample: C1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef
org_id:
  description: The organization of the token. V(none) if the token was never proven, or has no scope to tell.
  type: str
  returned: success, with O(state=present)
  sample: Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi85NmFiYzJhYS0zZGNjLTExZTUtYTE1Mi1mZTM0ODE5Y2RjOWE
given:
  description:
    - Whether the access token is one that was given, and handed on as it is. There is no refresh token then, and RV(store) is of
      the kind V(none).
  type: bool
  returned: success, with O(state=present)
  sample: false
superseded:
  description:
    - Whether another run has saved newer tokens since this job of AWX began, so that nothing was done. They can be read by jobs that
      begin from now on. RV(access_token) is the old one then, or V(none) if it has expired.
  type: bool
  returned: success, with O(state=present)
  sample: false
refreshed:
  description: Whether a new token was obtained, or in check mode would be.
  type: bool
  returned: success, with O(state=present)
  sample: true
minted:
  description: Whether the new token was minted by the integration.
  type: bool
  returned: success, with O(state=present)
  sample: false
revoked:
  description: Whether Webex revoked the tokens.
  type: bool
  returned: with O(state=absent), if there were any
  sample: true
refresh_token_rotated:
  description: Whether Webex replaced the refresh token.
  type: bool
  returned: success, with O(state=present)
  sample: false
verified:
  description: Whether a new token was proven by a request.
  type: bool
  returned: success, with O(state=present)
  sample: true
store:
  description: Where the tokens are kept.
  type: dict
  returned: success
  sample:
    kind: vault_file
    path: /srv/playbooks/webex_token.yml
"""
