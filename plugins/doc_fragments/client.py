# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The credentials of a service app."""

    DOCUMENTATION = r"""
options:
  client_id:
    description:
      - The client id of the service app.
      - If it is not set, the file that E(WEBEX_CREDENTIALS_FILE) names and the environment variables
        E(WEBEX_CLIENT_ID) and E(SERVICE_APP_CLIENT_ID) are looked at, and at last the store.
    type: str
  client_secret:
    description:
      - The client secret of the service app. It is needed only when a token has to be refreshed.
      - If it is not set, the file that E(WEBEX_CREDENTIALS_FILE) names and the environment variables
        E(WEBEX_CLIENT_SECRET) and E(SERVICE_APP_CLIENT_SECRET) are looked at, and at last a store that keeps it (O(store.keep_client)).
    type: str
"""

    # For those that work in one organization: a refresh token is good in no other.
    REFRESH_TOKEN = r"""
options:
  refresh_token:
    description:
      - A refresh token of the service app - the first one, or a new one after the stored one has expired.
      - The store's refresh token is the newer one and is tried first; this one is tried when that is refused.
      - If it is not set, the file that E(WEBEX_CREDENTIALS_FILE) names and the environment variables
        E(WEBEX_REFRESH_TOKEN) and E(SERVICE_APP_REFRESH_TOKEN) are looked at. They are not if the host of the task is an organization
        of an inventory of P(collabops.webex.organizations#inventory), since what they have is that of one organization.
    type: str
"""

    # For those that mint.
    INTEGRATION = r"""
options:
  integration:
    description:
      - An integration that may mint tokens for service apps (scope C(spark:applications_token)). With it, a lost, expired or
        refused refresh token heals itself.
      - Its own tokens are kept in the store too, or in O(integration_store). Where there is a store, they are refreshed whenever those of the service app
        are and have no more than 7 days left, and before them, so that a run that is killed at any instant leaves one of the two
        valid. If that fails, it is a warning.
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
"""

    # The variables that set the options of a lookup.
    PLUGIN = r"""
options:
  client_id:
    vars:
      - name: webex_client_id
  client_secret:
    vars:
      - name: webex_client_secret
  refresh_token:
    vars:
      - name: webex_first_refresh_token
  integration:
    vars:
      - name: webex_integration
"""
