#!/usr/bin/python
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: token_health
short_description: Report how healthy the stored tokens of Webex service apps are
version_added: 1.0.0
description:
  - Reads the stored tokens of one or many service apps, and asks Webex about each access token, only by C(GET) requests. Nothing is
    refreshed, and no store is written. What was found out can be kept as an HTML page and as a JSON file.
  - An app is V(broken) if a token is expired, if Webex refuses the access token, if a required scope is missing, or if its store is
    empty or cannot be read.
  - It is V(warning) if the access token expires before the next scheduled refresh, if a token expires within its margin, if a
    scheduled refresh is overdue, or if Webex could not be queried. Otherwise it is V(healthy).
  - A broken app is an answer and does not stop the others. The task fails only for options that do not fit.
  - A refresh token cannot be tried without using it. That it was revoked shows at the access token, which is revoked with it.
  - The task runs on the controller, as the user who runs Ansible, whichever host it is meant for and whatever C(become) says.
    Neither its result nor its files hold a secret.
  - Each file is replaced as a whole. The task is changed only if a file is new, or says something else than the one before. A
    file in which nothing but the time differs (when it was looked at, how long a token lasts from then, which turn of a schedule
    is the next one) is brought up to date, so that it tells when the last look was; that is not reported as a change.
author:
  - collabops contributors (@collabops)
extends_documentation_fragment:
  - collabops.webex.connection
  - collabops.webex.connection.org_id
  - collabops.webex.attributes
attributes:
  check_mode:
    support: full
    details:
      - Everything is found out in check mode, too, but no file is written.
  diff_mode:
    support: none
    details:
      - The page is long, and says the same as RV(table).
  idempotent:
    support: full
    details:
      - The task is not changed again until something else than the time differs.
options:
  apps:
    description: The service apps.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What to call the app in the report.
        type: str
        required: true
      store:
        description:
          - Where its tokens are kept, as in O(collabops.webex.service_app_token#module:store). A path of a vault file is relative to
            the playbook's folder, or to the present folder in the playbooks of this collection.
        type: dict
        required: true
      base_url:
        description: The base of the Webex API for this app, if it is not that of O(base_url), for example the government cloud.
        type: str
      client_id:
        description: The client id that the stored tokens must belong to.
        type: str
      org_id:
        description: The organization that the stored tokens must belong to. That of O(org_id) if it is not set.
        type: str
      scopes:
        description: Scopes that the token must have.
        type: list
        elements: str
        default: []
      profile:
        description: A profile of scopes that the token must have, as in O(collabops.webex.service_app_scopes_info#module:profile).
        type: str
      modules:
        description: Modules of this collection whose scopes the token must have.
        type: list
        elements: str
        default: []
      next_refresh:
        description: When the next refresh is scheduled, in ISO 8601 with a time zone.
        type: str
      refresh_every:
        description: How often a refresh is scheduled for this app, if not as O(refresh_every) says.
        type: str
  profiles:
    description: Profiles of your own, as in O(collabops.webex.service_app_scopes_info#module:profiles).
    type: dict
    default: {}
  refresh_every:
    description:
      - How often a refresh is scheduled, a duration such as V(1d). It is counted from when the stored tokens were obtained.
      - Without it and O(apps[].next_refresh), nothing is known of a schedule.
    type: str
  refresh_margin:
    description: How long a refresh token must still be valid. If it expires sooner, the app is V(warning).
    type: str
    default: 14d
  access_margin:
    description:
      - How long an access token must still be valid if no refresh is known to be scheduled. If it expires sooner, the app is
        V(warning).
    type: str
    default: 1d
  concurrency:
    description: How many requests may be under way at once, from 1 to 100.
    type: int
    default: 8
  html:
    description:
      - Where to write the report as one HTML page, on the controller. It has no font and no image, sends no request, is
        dark or light as the browser is, and can be printed. With more than 20 apps, it has a script by which it can be searched, filtered
        and sorted. It can be read without. Every app has a time line with the ends of both tokens and the next
        refresh, the verdict on each scope, and what to do.
      - Relative to the folder where Ansible was started. The folder of the file must be there. The file gets the mode V(0644).
    type: path
  json:
    description: Where to write RV(report) as a JSON file, in the same way as O(html).
    type: path
seealso:
  - ref: ansible_collections.collabops.webex.docsite.guide_troubleshooting
    description: What the known messages mean, and what to do.
  - module: collabops.webex.service_app_token
  - module: collabops.webex.service_app_scopes_info
  - module: collabops.webex.token_info
"""

EXAMPLES = r"""
- name: Look at two service apps that are refreshed daily
  collabops.webex.token_health:
    refresh_every: 1d
    html: /srv/www/webex_token_health.html
    json: /var/lib/monitor/webex_token_health.json
    apps:
      - name: Onboarding
        profile: calling_user_enablement
        store:
          kind: vault_file
          path: onboarding.yml
      - name: Reporting
        modules: [person_info, license_info]
        store:
          kind: hashi_vault
          url: https://vault.example.com:8200
          path: webex/reporting
  register: result

- name: Show what was found out
  ansible.builtin.debug:
    msg: "{{ result.table }}"

- name: Raise the alarm
  ansible.builtin.fail:
    msg: "These are broken: {{ result.report.broken | join(', ') }}."
  when: result.report.status == 'broken'
"""

RETURN = r"""
report:
  description: What was found out, the worst app first.
  type: dict
  returned: success
  contains:
    status:
      description: The status of the worst app; V(healthy), V(warning) or V(broken).
      type: str
      sample: warning
    checked_at:
      description: When it was found out, in UTC.
      type: str
      sample: "2026-11-24T03:00:00Z"
    healthy:
      description: The names of the healthy apps.
      type: list
      elements: str
      sample: [Onboarding]
    warning:
      description: The names of the apps that need a look.
      type: list
      elements: str
      sample: [Reporting]
    broken:
      description: The names of the broken apps.
      type: list
      elements: str
      sample: []
    apps:
      description: Everything about each app. What is unknown is V(none).
      type: list
      elements: dict
      contains:
        name:
          description: The app's name.
          type: str
          sample: Reporting
        status:
          description: Its status.
          type: str
          sample: warning
        findings:
          description: What is wrong, the worst first.
          type: list
          elements: dict
          contains:
            about:
              description: >-
                What it is about; V(access_token), V(refresh_token), V(integration), V(scopes), V(store) or V(webex).
              type: str
              sample: refresh_token
            level:
              description: How bad it is; V(warning) or V(broken).
              type: str
              sample: warning
            message:
              description: What it is.
              type: str
              sample: The refresh token expires in 13 d 2 h.
            remedy:
              description: What to do.
              type: str
              sample: refresh now (`collabops.webex.service_app_token` with force=true), and see why no scheduled run has.
        store:
          description: Where the tokens are kept.
          type: dict
          sample:
            kind: vault_file
            path: /srv/playbooks/reporting.yml
        client_id:
          description: The client id.
          type: str
          sample: C1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef
        org_id:
          description: The organization.
          type: str
          sample: Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi85NmFiYzJhYS0zZGNjLTExZTUtYTE1Mi1mZTM0ODE5Y2RjOWE
        valid:
          description: Whether Webex accepts the access token.
          type: bool
          sample: true
        obtained_at:
          description: When the tokens were obtained.
          type: str
          sample: "2026-11-23T03:00:00Z"
        expires_at:
          description: When the access token expires; what Webex says of it, otherwise what is stored.
          type: str
          sample: "2026-12-07T03:00:00Z"
        refresh_token_expires_at:
          description: When the refresh token expires.
          type: str
          sample: "2026-12-07T05:00:00Z"
        next_refresh:
          description: When the next refresh is scheduled.
          type: str
          sample: "2026-11-25T03:00:00Z"
        scopes:
          description: The verdict on each scope that is required. Where one of several will do, they are joined by C(or).
          type: list
          elements: dict
          contains:
            scope:
              description: The scope.
              type: str
              sample: spark-admin:people_read
            verdict:
              description: The verdict; V(granted), V(missing) or V(unverified).
              type: str
              sample: granted
            evidence:
              description: What the verdict rests on.
              type: str
              sample: the grant lists it
            needed_by:
              description: What needs the scope.
              type: list
              elements: str
              sample: [the module person_info]
        excess:
          description: Scopes that were granted beyond what is required, if both are known.
          type: list
          elements: str
          sample: [spark-admin:people_write]
table:
  description: The same as lines of text, for a terminal.
  type: list
  elements: str
  returned: success
  sample:
    - "app         status   access token  refresh token  next refresh  scopes"
    - "----------  -------  ------------  -------------  ------------  ---------"
    - "Onboarding  healthy  in 13 d       in 89 d        in 1 d        7 granted"
    - "Overall: healthy (0 broken, 0 warning, 1 healthy)."
files:
  description: The paths of the files that were written, or would be in check mode; C(html) and C(json), as far as they were asked for.
  type: dict
  returned: success
  sample:
    html: /srv/www/webex_token_health.html
"""
