# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`awx.awx` makes things, changes nothing when it runs again, and takes them away."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.controller_server.process import Controller

BIN = Path(sys.executable).parent
BYTECODE = Path(__file__).resolve().parents[2] / "tools" / "bytecode"
pytestmark = pytest.mark.skipif(
    not list(BIN.parent.glob("lib/python*/site-packages/ansible_collections/awx/awx")),
    reason="awx.awx is not installed",
)
# What the role `awx` uses is shown by its own tests; this is what else there is, and what that needs. Texts of a play, not
# a file: AWX would take a file for a playbook of this project.
PRESENT = """
- awx.awx.organization: {name: Org, description: Provisioning, galaxy_credentials: [Ansible Galaxy]}
- awx.awx.credential_type:
    name: Type
    kind: cloud
    inputs: {fields: [{id: refresh_token, label: Refresh token, type: string, secret: true}], required: [refresh_token]}
    injectors: {extra_vars: {webex: !unsafe "{{ refresh_token }}"}}
- awx.awx.credential:
    {name: App, organization: Org, credential_type: Type, inputs: {refresh_token: first}, state: exists}
- awx.awx.user: {username: refresher, password: sesame-open-1, update_secrets: false, organization: Org}
- awx.awx.role: {user: refresher, role: admin, credentials: [App]}
- awx.awx.role_definition:
    name: Write credential
    description: ""
    content_type: awx.credential
    permissions: [awx.change_credential, awx.view_credential]
- awx.awx.role_user_assignment: {user: admin, object_id: "{{ app }}", role_definition: Write credential}
- awx.awx.project:
    {name: Project, organization: Org, scm_type: git, scm_url: https://git.example/webex, update_project: true}
- awx.awx.inventory: {name: Nothing, organization: Org, variables: {a: 1}}
- awx.awx.label: {name: webex, organization: Org}
- awx.awx.job_template:
    name: Refresh
    organization: Org
    project: Project
    inventory: Nothing
    playbook: playbooks/refresh.yml
    credentials: [App]
    labels: [webex]
    extra_vars: {days: 7}
    survey_enabled: true
    survey_spec:
      name: Survey
      description: ""
      spec: [{type: textarea, question_name: Users, variable: users, required: true, max: 10000000, default: ""}]
- awx.awx.workflow_job_template: {name: Night, organization: Org}
- awx.awx.workflow_job_template_node:
    {workflow_job_template: Night, identifier: refresh, unified_job_template: Refresh, extra_data: {users: a@example.com}}
- awx.awx.schedule:
    name: Nightly
    unified_job_template: Refresh
    extra_data: {users: a@example.com}
    rrule: DTSTART;TZID=Europe/Berlin:20260101T030000 RRULE:FREQ=DAILY;INTERVAL=1
"""
TASKS = PRESENT.count("\n- awx.awx.")
# What goes with the organization is not named.
ABSENT = """
- awx.awx.workflow_job_template: {name: Night, organization: Org, state: absent}
- awx.awx.job_template: {name: Refresh, organization: Org, state: absent}
- awx.awx.project: {name: Project, organization: Org, state: absent}
- awx.awx.inventory: {name: Nothing, organization: Org, state: absent}
- awx.awx.role: {user: refresher, role: admin, credentials: [App], state: absent}
- awx.awx.role_user_assignment:
    {user: admin, object_id: "{{ app }}", role_definition: Write credential, state: absent}
- awx.awx.role_definition:
    name: Write credential
    content_type: awx.credential
    permissions: [awx.view_credential]
    state: absent
- awx.awx.user: {username: refresher, state: absent}
- awx.awx.organization: {name: Org, state: absent}
- awx.awx.credential_type: {name: Type, state: absent}
"""
TOKEN = """
- awx.awx.token: {description: of the service user, scope: write}
  register: made
- ansible.builtin.assert: {that: made.ansible_facts.controller_token.user == user_id}
- awx.awx.token: {existing_token: "{{ made.ansible_facts.controller_token }}", state: absent}
"""


def play(awx: Controller, tasks: str, folder: Path, **variables: Any) -> tuple[int, int]:
    """Run tasks as admin, or as who the variables say; the numbers of those that are ok and changed."""
    indented = tasks.replace("\n", "\n    ")
    path = folder / "play.yml"
    path.write_text(
        "- hosts: localhost\n  gather_facts: false\n"
        "  module_defaults:\n    group/awx.awx.controller: '{{ access }}'\n"
        f"  tasks:\n{indented}",
        encoding="utf-8",
    )
    access = {"controller_host": awx.url, **variables.pop("access", {"controller_oauthtoken": awx.admin_token})}
    values = folder / "values.json"
    values.write_text(json.dumps({"access": access, **variables}), encoding="utf-8")
    environment = {**os.environ, "ANSIBLE_HOME": str(folder), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    environment["PYTHONPATH"] = str(BYTECODE)  # or each module takes a third longer
    environment["SSL_CERT_FILE"] = os.devnull  # or Ansible reads all certificate authorities before each request
    environment |= {"ANSIBLE_LOCALHOST_WARNING": "0", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0"}
    done = subprocess.run(
        [str(BIN / "ansible-playbook"), str(path), "-e", f"@{values}"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout + done.stderr
    recap = re.search(r"ok=(\d+)\s+changed=(\d+)", done.stdout)
    assert recap
    return int(recap[1]), int(recap[2])


def comparable(awx: Controller) -> dict[str, Any]:
    """The state, without what runs leave behind."""
    return {path: things for path, things in awx.state().items() if path not in ("project_updates", "tokens")}


@pytest.mark.long
def test_set_up_twice_and_taken_away(running: Controller, tmp_path: Path) -> None:
    running.reset()
    before = comparable(running)
    ok, changed = play(running, PRESENT, tmp_path, app=2)
    assert (ok, changed) == (TASKS, TASKS)
    running.change_inputs("App", refresh_token="rotated")
    state = comparable(running)
    running.clear_journal()
    assert play(running, PRESENT, tmp_path, app=2) == (TASKS, 0)
    assert comparable(running) == state
    assert running.secret_inputs("App")["refresh_token"] == "rotated"
    assert running.named("job_templates", "Refresh")["labels"] == ["webex"]
    assert running.named("job_templates", "Refresh")["survey_spec"]["spec"][0]["variable"] == "users"
    assert running.named("organizations", "Org")["galaxy_credentials"] == ["Ansible Galaxy"]
    play(running, ABSENT, tmp_path, app=2)
    assert comparable(running) == before


def test_a_token_is_made_as_the_user(running: Controller, tmp_path: Path) -> None:
    running.reset()
    user = running.add_user("refresher", password="sesame-open-1", organization="Webex")
    access = {"controller_username": "refresher", "controller_password": "sesame-open-1"}
    play(running, TOKEN, tmp_path, access=access, user_id=user["id"])
    # The modules made tokens of their own to log in, and deleted them.
    assert [token["user"] for token in running.state()["tokens"]] == ["admin", "refresher"]
