#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: service_app_token
short_description: Get a valid access token of a Webex service app
version_added: 0.1.0
description:
  - With O(state=present), returns an access token that lives for at least O(min_validity). As long as the stored one does, no request is sent.
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
  - The result is never shown, at any verbosity, also without C(no_log). It can be registered and used as always.
  - A play that hands a token on by M(ansible.builtin.set_stats), or by M(ansible.builtin.set_fact) with C(cacheable), is refused before
    anything is asked, since these leave it in plain text, in AWX for everybody who may see the job, whatever C(no_log) says. Tasks that
    are included while the play runs, and other plays, are not seen.
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
      - Tells with RV(refreshed) whether a token would be obtained, and sends no request. The tokens are returned if the stored
        one is still alive. Only a token that is given, RV(given), is proven as in a real run, by requests that read.
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
        Webex is asked until when it lives and whose it is; what it does not say is V(none).
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
  integration:
    description:
      - An integration that may mint tokens for service apps (scope C(spark:applications_token)). With it, a lost, expired or
        refused refresh token heals itself.
      - Its own tokens are kept in the store too. Where there is one, they are refreshed whenever those of the service app
        are and have no more than 7 days left, and before them, so that a run that dies at any instant leaves one of the two
        alive. If that fails, it is a warning.
      - For the first token of a store, O(org_id) says for which organization. The government cloud does not offer this.
    type: dict
    suboptions:
      client_id:
        description: Its client id. The environment variable E(WEBEX_INTEGRATION_CLIENT_ID) if it is not set.
        type: str
      client_secret:
        description: Its client secret. The environment variable E(WEBEX_INTEGRATION_CLIENT_SECRET) if it is not set.
        type: str
      refresh_token:
        description:
          - A refresh token of it. The store's is tried first.
          - The environment variable E(WEBEX_INTEGRATION_REFRESH_TOKEN) if it is not set.
        type: str
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
          - With V(none), nothing is kept. A refresh token can be replaced by any refresh. If that happens, the task fails, with the
            new tokens as a text for O(recovery), unless O(store.caller_keeps=true).
          - With V(vault_file), they are kept in a file that is encrypted with ansible-vault.
          - With V(hashi_vault), they are kept in a secret of the KV version 2 engine of HashiCorp Vault or OpenBao. The Python
            package hvac is needed on the controller. Other keys of the secret are left alone. While Webex is asked, the secret
            is leased to one run, so the clocks of the controllers must agree to a few seconds. The other runs wait, and use
            what it saves. A run whose lease of a minute has ended does not replace tokens that another run saved meanwhile.
          - >-
            With V(awx_credential), they are kept in two credentials of AWX, or of Ansible Automation Platform, for a job that
            refreshes. Their types are in C(roles/awx/files/credential_types). The job has the credential C(Webex Service App),
            from which the refresh token is read, C(Webex Access Token), and C(Webex: AWX access), which says how AWX is
            reached. Without C(Webex Access Token), the tokens are refreshed all the same, but an access token that is still
            good cannot be returned.
          - Whether a token is due is told by what the job was given. If none is, no request is sent, neither to Webex nor to AWX.
            Otherwise both credentials are first written as they are, so that a save that would fail fails before Webex is asked.
            The refresh token is saved before the access token, each with tries over four minutes, as long as AWX may take to be
            restarted. So long, signals wait.
          - AWX has no lock. Forbid simultaneous runs of the job template. If two jobs refresh at once all the same, one of them
            sees that the other has saved newer tokens, leaves them, and ends with RV(superseded=true).
          - The files that AWX gave the job are brought up to date, so that tasks that follow find the new tokens.
        type: str
        choices: [none, vault_file, hashi_vault, awx_credential]
        default: none
      caller_keeps:
        description:
          - Whether you keep RV(refresh_token) yourself, so that the task does not fail if Webex replaces it. It cannot be said of the
            refresh token of O(integration), which is not returned.
          - Only for V(none).
        type: bool
      path:
        description:
          - For V(hashi_vault), the path of the secret within O(store.engine_mount_point). The rest is about V(vault_file).
          - The vault file, relative to the playbook's folder, or to the present folder in the playbooks of this collection. It is
            created with mode 0600; the folder must exist. A file
            that others can read or write is refused, unless O(store.allow_shared_file) says otherwise. A folder that others
            may write into is a warning.
          - A file that is replaced keeps its owner. If it cannot, it is an error before Webex is asked.
          - In a job of AWX, a file that is on no mount of its own would be gone with the job, and is refused.
          - The file belongs to the store alone. One that holds anything else is refused and left untouched.
          - In C(vars_files) it yields the variables C(webex_access_token), C(webex_refresh_token) and C(webex_token),
            which holds the rest.
          - Beside it lies a lock file, whose name begins with a dot and ends with C(.lock); leave it there.
        type: str
      vault_id:
        description:
          - The vault id to encrypt with. The run must have its password.
          - Without it, a file keeps the vault id it has; a new file gets the usual one of this run.
          - Only for V(vault_file).
        type: str
      encrypt:
        description:
          - With V(file), which is the default, the whole vault file is encrypted.
          - With V(values), each secret is encrypted, and the rest is plain text, so that expiries can be read without the
            password. In C(vars_files) both are alike, and a file of either form is read.
        type: str
        choices: [file, values]
      allow_shared_file:
        description:
          - Whether the vault file may be one that others can read or write. It is for places where modes cannot be set, or are not
            kept, such as a git checkout, WSL, or a mounted Kubernetes secret. A warning says that nothing but the vault
            password protects the tokens then.
          - The file must be encrypted as a whole, so it cannot be combined with O(store.encrypt=values).
          - Only for V(vault_file).
        type: bool
      credential:
        description:
          - The name of the credential with the client and the refresh token; V(Webex Service App) if it is not set. It must be the one
            that the job has.
          - Only for V(awx_credential), as are the options down to O(store.password).
        type: str
      access_token_credential:
        description: The name of the credential with the access token; V(Webex Access Token) if it is not set.
        type: str
      organization:
        description: The organization of both credentials, if there are others with the same names.
        type: str
      api_prefix:
        description:
          - >-
            The path of the API. If neither it nor the credential C(Webex: AWX access) says so, it is V(/api/controller/v2/) or
            V(/api/v2/), whichever answers.
        type: str
      username:
        description:
          - >-
            The user who writes the credentials, if there is no O(store.token). That of C(Webex: AWX access) if it is not set.
          - An administrator is refused, since whoever can change the job could do everything with it.
        type: str
      password:
        description: >-
          The password of the user. That of C(Webex: AWX access) if it is not set.
        type: str
      url:
        description:
          - The address of the server, for V(hashi_vault) and V(awx_credential), as are the options from here on unless they say
            otherwise. It begins with C(https://), unless the server is on the same machine, and has no user and no password in it.
          - For V(hashi_vault), the environment variables E(ANSIBLE_HASHI_VAULT_ADDR) and E(VAULT_ADDR) if it is not set.
          - >-
            For V(awx_credential), the host in the credential C(Webex: AWX access) if it is not set.
          - A standby node that answers with a redirect cannot be used, since redirects are not followed. Name the active node,
            or a load balancer in front of the nodes.
        type: str
      namespace:
        description: The namespace, for V(hashi_vault). E(ANSIBLE_HASHI_VAULT_NAMESPACE) and E(VAULT_NAMESPACE) if it is not set.
        type: str
      engine_mount_point:
        description: Where the KV version 2 engine of V(hashi_vault) is mounted; V(secret) if it is not set.
        type: str
      auth_method:
        description: How to log in to V(hashi_vault); V(token) if neither it nor E(ANSIBLE_HASHI_VAULT_AUTH_METHOD) is set.
        type: str
        choices: [token, approle, jwt]
      mount_point:
        description: Where the login method is mounted, if not under its own name. Also E(ANSIBLE_HASHI_VAULT_MOUNT_POINT).
        type: str
      token:
        description:
          - The token for O(store.auth_method=token), or for V(awx_credential).
          - For V(hashi_vault), E(ANSIBLE_HASHI_VAULT_TOKEN), E(VAULT_TOKEN), and what C(vault login) left in the home folder, if it is not set.
          - >-
            For V(awx_credential), that of C(Webex: AWX access) if it is not set. It must have been made by the user whom it is
            for. One that an administrator has made for another user belongs to the administrator, and is refused. AWX that is
            newer than 24.6.1 has no tokens, and Ansible Automation Platform 2.5 and newer has those of its gateway.
        type: str
      role_id:
        description: The role for V(approle) and V(jwt). Also E(ANSIBLE_HASHI_VAULT_ROLE_ID).
        type: str
      secret_id:
        description: The secret id for V(approle). Also E(ANSIBLE_HASHI_VAULT_SECRET_ID).
        type: str
      jwt:
        description: The JSON web token for V(jwt). Also E(ANSIBLE_HASHI_VAULT_JWT).
        type: str
      validate_certs:
        description:
          - >-
            Whether the server's TLS certificate is checked. It is, unless E(VAULT_SKIP_VERIFY) for V(hashi_vault), or the
            credential C(Webex: AWX access) for V(awx_credential) says otherwise.
        type: bool
      ca_cert:
        description:
          - A PEM file with the authorities to trust.
          - >-
            For V(hashi_vault), also E(ANSIBLE_HASHI_VAULT_CA_CERT) and E(VAULT_CACERT). For V(awx_credential), also the
            certificates in the credential C(Webex: AWX access).
        type: str
      timeout:
        description: How many seconds to wait for the server; 30 if it is not set.
        type: float
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

- name: Keep it in HashiCorp Vault, and let an integration heal a dead refresh token
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
    - The access token. V(none) in check mode if it would have to be refreshed and the stored one is dead, with RV(superseded=true) if
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
