# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How Webex is reached, and as whom; the table that these options follow from is OPTIONS in module_utils/_options.py."""

    DOCUMENTATION = r"""
options:
  base_url:
    description:
      - The base of the Webex API, with its version.
      - If it is not set, the files that E(WEBEX_CREDENTIALS_FILE) and E(WEBEX_ACCESS_TOKEN_FILE) name and the environment
        variable E(WEBEX_BASE_URL) are looked at. The default is the commercial deployment, V(https://webexapis.com/v1); the government cloud is
        V(https://api-usgov.webex.com/v1).
      - V(http://) is refused unless the host is the loopback interface.
    type: str
  validate_certs:
    description:
      - Whether the server's TLS certificate is checked. It is, unless this option says otherwise, or C(validate_certs) in the files that
        E(WEBEX_CREDENTIALS_FILE) and E(WEBEX_ACCESS_TOKEN_FILE) name. Leave it on outside of a laboratory.
    type: bool
  ca_path:
    description:
      - A PEM file, or a folder of them, with the authorities to trust instead of the system's own.
      - If it is not set, the files that E(WEBEX_CREDENTIALS_FILE) and E(WEBEX_ACCESS_TOKEN_FILE) name are looked at.
    type: path
  proxy:
    description:
      - The URL of an HTTP proxy. If it is not set, the files that E(WEBEX_CREDENTIALS_FILE) and E(WEBEX_ACCESS_TOKEN_FILE) name
        are looked at, and then the usual environment variables such as E(HTTPS_PROXY).
    type: str
  timeout:
    description:
      - How many seconds to wait for a connection, and for each piece of an answer.
      - All requests and waits of one task together are bounded as well, at five minutes.
    type: float
    default: 30
"""

    # For what works in one organization.
    ORG_ID = r"""
options:
  org_id:
    description:
      - The organization to work in, as Webex writes its id, or as a bare UUID if it is only compared.
      - With an inventory of P(collabops.webex.organizations#inventory), it may be the alias of an organization or its UUID, and
        the organization that the host of the task is, if it is one, is the default.
      - Partners who manage several organizations need it. Without it, it is the token's own organization.
      - If it is not set, the file that E(WEBEX_CREDENTIALS_FILE) names and the environment variable E(WEBEX_ORG_ID)
        are looked at.
    type: str
"""

    # For every module but the one that gets the token.
    ACCESS_TOKEN = r"""
options:
  access_token:
    description:
      - The access token to use, for example the one that M(collabops.webex.service_app_token) returns.
      - If it is not set, the files that the environment variables E(WEBEX_CREDENTIALS_FILE) and E(WEBEX_ACCESS_TOKEN_FILE) name are
        looked at, and then the environment variable E(WEBEX_ACCESS_TOKEN). All are those of the host that runs the task.
    type: str
"""

    # The variables that set the options of a lookup. Ansible is not told of those of the environment, which come after the
    # files with credentials, and which it would take for what the user has written.
    PLUGIN = r"""
options:
  org_id:
    vars:
      - name: webex_org_id
  base_url:
    vars:
      - name: webex_base_url
  validate_certs:
    vars:
      - name: webex_validate_certs
  ca_path:
    vars:
      - name: webex_ca_path
  proxy:
    vars:
      - name: webex_proxy
  timeout:
    vars:
      - name: webex_timeout
"""
