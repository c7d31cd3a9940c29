# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Where tokens are kept; the specification is STORE_SPEC in plugin_utils/_custody/stores."""

    DOCUMENTATION = r"""
options:
  store:
    description: Where the tokens are kept between runs.
    type: dict
    suboptions:
      kind:
        description:
          - With V(none), nothing is kept. A refresh token can be replaced by any refresh. If that happens, the task fails, with the
            new tokens as a text for O(collabops.webex.service_app_token#module:recovery), unless O(store.caller_keeps=true).
          - With V(vault_file), they are kept in a file that is encrypted with ansible-vault.
          - With V(hashi_vault), they are kept in a secret of the KV version 2 engine of HashiCorp Vault or OpenBao. The Python
            package hvac is needed on the controller. Other keys of the secret are left alone. While Webex is asked, the secret
            is leased to one run, so the clocks of the controllers must agree to a few seconds. The other runs wait, and use
            what it saves. A run whose lease of a minute has ended does not replace tokens that another run has saved in the meantime.
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
            sees that the other has saved newer tokens, leaves them, and ends with RV(collabops.webex.service_app_token#module:superseded=true).
          - The files that AWX gave the job are brought up to date, so that tasks that follow find the new tokens.
        type: str
        choices: [none, vault_file, hashi_vault, awx_credential]
        default: none
      caller_keeps:
        description:
          - Whether you keep RV(collabops.webex.service_app_token#module:refresh_token) yourself, so that the task does not fail if Webex
            replaces it. It cannot be said of the refresh token of O(integration), which is not returned.
          - Only for V(none).
        type: bool
      keep_client:
        description:
          - Whether the store keeps the credentials of the client too, once Webex has accepted them - client id, client secret and base
            URL of the service app, and those of O(integration) if there is one. Later runs then need nothing but what opens the store.
          - Credentials that are given in any other way come first. With this option, they replace those in the store after a refresh
            with them has succeeded. A client of another service app is refused.
          - Without it, a client that the store has is used, and stays there until the tokens are given back.
          - Whoever can read the store can then get new tokens even after those in it were revoked. Leave it off if a job is to have
            tokens without the client secret.
          - For V(vault_file), where it is the encrypted variable C(webex_client), and V(hashi_vault), where it is the key of that name. The
            credentials of V(awx_credential) have the client anyway.
        type: bool
      path:
        description:
          - It may hold the placeholders C({org_id}), which is the UUID of the organization in lower case, and C({inventory_hostname}),
            so that one line names the stores of many organizations, each with a lock of its own. They work in O(store.credential) and
            O(store.access_token_credential) too. What is put in has letters, digits, C(-), C(_) and C(.) only.
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
          - An administrator is refused, since anybody who can change the job could do anything with it.
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
  integration_store:
    description:
      - A store of its own for the tokens of O(integration), with the suboptions of O(store). It is for an integration that mints for
        several organizations. Its refresh token may be good for one use only, so that no two stores may hold it. All tasks
        that name this store share the tokens in it. They are refreshed once, by whichever task comes first, when they have no more than
        7 days left, before those of a service app.
      - The store may be of the kind V(vault_file) or V(hashi_vault). In its file or secret, the tokens have the names that those of a
        service app have.
      - Without it, the tokens of O(integration) are kept in O(store), beside those of the service app.
    type: dict
"""

    # The variables that set the options of a lookup.
    PLUGIN = r"""
options:
  store:
    vars:
      - name: webex_store
  integration_store:
    vars:
      - name: webex_integration_store
"""
