# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The repository as a project of AWX, and the tables of the role awx that name what is elsewhere."""

from __future__ import annotations

import pathlib
import re
import typing as t

import pytest
import yaml
from ansible_collections.collabops.webex.plugins.module_utils._options import CREDENTIALS_FILE, keys_of
from ansible_collections.collabops.webex.tests.controller_server.projects import found_in

pytestmark = pytest.mark.any_core

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROLE = ROOT / "roles" / "awx"
PLAYBOOKS = sorted(f"playbooks/{path.name}" for path in (ROOT / "playbooks").glob("*.yml"))
# What AWX gives each job as extra variables, which win over all others (read in its source, 24.6.1).
OF_AWX = {
    "execution_node", "inventory_id", "inventory_name", "job_id", "job_launch_type", "job_scm_branch", "job_template_id",
    "job_template_name", "parent_job_schedule_id", "parent_job_schedule_name", "project_revision", "project_scm_branch",
    "schedule_id", "schedule_name", "user_email", "user_first_name", "user_id", "user_last_name", "user_name",
    "workflow_job_id", "workflow_job_launch_type", "workflow_job_name",
}  # fmt: skip


def load(path: pathlib.Path) -> t.Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


DEFAULTS, VARS = load(ROLE / "defaults" / "main.yml"), load(ROLE / "vars" / "main.yml")


def test_awx_finds_the_playbooks_and_nothing_else() -> None:
    """If it finds a playbook of the tests, write its "hosts" in quotes: AWX looks for the word alone."""
    assert found_in(ROOT) == PLAYBOOKS


def test_awx_installs_the_collection_out_of_the_project() -> None:
    assert {"name": "./", "type": "dir"} in load(ROOT / "collections" / "requirements.yml")["collections"]


def test_the_jobs_run_playbooks_that_there_are() -> None:
    assert {f"playbooks/{job['playbook']}" for job in VARS["awx_job_templates"]} < set(PLAYBOOKS)


def test_the_names_of_the_types_are_those_of_the_files() -> None:
    files = [load(path)["name"] for path in (ROLE / "files" / "credential_types").iterdir()]
    assert sorted(credential["type"] for credential in VARS["awx_credentials"]) == sorted(files)
    tasks = (ROLE / "tasks" / "credentials.yml").read_text(encoding="utf-8")
    assert {name.strip('"') for name in re.findall(r"credential_type: (.+)", tasks)} == set(files)


def test_no_variable_is_one_that_awx_sets_in_a_job() -> None:
    registered = {
        name for path in (ROLE / "tasks").iterdir() for name in re.findall(r"register: (\w+)", path.read_text())
    }
    assert not {f"awx_{name}" for name in OF_AWX} & {*DEFAULTS, *VARS, *registered}


def test_every_variable_is_documented() -> None:
    assert list(load(ROLE / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]) == list(DEFAULTS)
    rows = re.findall(r"^\| `(awx_\w+)` \|", (ROLE / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == list(DEFAULTS)


def test_the_survey_sets_variables_of_the_role_calling_users() -> None:
    variables = load(ROOT / "roles" / "calling_users" / "defaults" / "main.yml")
    assert {question["variable"] for question in DEFAULTS["awx_questions"]} <= set(variables)


def test_the_action_group_and_the_linter_know_every_module_that_the_role_uses() -> None:
    used = {
        module
        for path in (ROLE / "tasks").iterdir()
        for module in re.findall(r"^\s+(awx\.awx\.\w+):$", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert sorted(used) == load(ROOT / "meta" / "runtime.yml")["action_groups"]["awx"]
    assert sorted(used) == load(ROOT / ".ansible-lint")["mock_modules"]


def test_the_credentials_of_the_service_app_are_those_that_can_be_read() -> None:
    (service_app,) = [
        shipped
        for path in (ROLE / "files" / "credential_types").iterdir()
        if (shipped := load(path))["name"] == "Webex Service App"
    ]
    assert {field["id"] for field in service_app["inputs"]["fields"]} <= set(keys_of(CREDENTIALS_FILE))
