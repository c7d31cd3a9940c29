# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials and their types: what is stored, shown, refused, and injected into jobs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.controller_server.process import Controller

from .conftest import INJECTORS, INPUTS, SECRET, TOKEN, Client

SHOWN = {"client_id": "C1", "client_secret": "$encrypted$", "refresh_token": "$encrypted$"}


def test_shown_without_secrets(admin: Client) -> None:
    found = admin.find("credentials", "App")
    assert found["inputs"] == SHOWN
    assert admin.get(found["url"]).body == found
    assert found["related"]["credential_type"] == admin.find("credential_types", "Webex Service App")["url"]
    assert SECRET not in admin.get("credentials/").text


def test_inputs_are_replaced_whole(awx: Controller, admin: Client) -> None:
    url = admin.find("credentials", "App")["url"]
    assert admin.patch(url, inputs={"refresh_token": "new"}).body["inputs"] == {"refresh_token": "$encrypted$"}
    assert awx.secret_inputs("App") == {"refresh_token": "new"}


def test_an_echo_keeps_the_secrets_and_moves_modified(awx: Controller, admin: Client) -> None:
    before = admin.find("credentials", "App")
    after = admin.patch(before["url"], inputs={**before["inputs"], "obtained_at": "today"})
    assert after.status == 200
    assert awx.secret_inputs("App") == {
        "client_id": "C1",
        "client_secret": SECRET,
        "refresh_token": TOKEN,
        "obtained_at": "today",
    }
    assert after.body["modified"] > before["modified"]
    assert "ETag" not in after.headers


@pytest.mark.parametrize("change", [{"client_secret": None}, {"client_secret": ""}])
def test_an_echo_of_a_secret_that_is_not_stored_is_a_500(
    awx: Controller, admin: Client, change: dict[str, Any]
) -> None:
    url = admin.find("credentials", "App")["url"]
    if change["client_secret"] is None:
        awx.change_inputs("App", client_secret=None)
    else:
        admin.patch(url, inputs={**SHOWN, **change})
    before = awx.secret_inputs("App")
    assert "client_secret" not in before
    answer = admin.patch(url, inputs=SHOWN)
    assert (answer.status, answer.headers.get_content_type()) == (500, "text/html")
    assert awx.secret_inputs("App") == before


@pytest.mark.parametrize(
    ("inputs", "errors"),
    [
        ({"x": "1"}, ["Additional properties are not allowed ('x' was unexpected)"]),
        ({"y": "1", "x": "1"}, ["Additional properties are not allowed ('x', 'y' were unexpected)"]),
        ({"client_secret": 3}, ["secret values must be of type string, not int"]),
        ({"client_id": 3}, {"client_id": ["3 is not of type 'string'"]}),
        ({"validate": "yes"}, {"validate": ["'yes' is not of type 'boolean'"]}),
        ({"region": "moon"}, {"region": ["'moon' is not one of ['global', 'eu']"]}),
        (["client_id"], ["list provided, expected dict"]),
    ],
)
def test_refused_inputs(awx: Controller, admin: Client, inputs: Any, errors: Any) -> None:
    url = admin.find("credentials", "App")["url"]
    assert admin.patch(url, inputs=inputs).said == (400, {"inputs": errors})
    assert awx.secret_inputs("App")["client_secret"] == SECRET


def test_a_null_is_an_empty_input(awx: Controller, admin: Client) -> None:
    url = admin.find("credentials", "App")["url"]
    assert admin.patch(url, inputs={"client_id": None, "validate": None, "region": None}).status == 200
    assert awx.secret_inputs("App") == {"client_id": "", "validate": False, "region": "global"}


def test_a_new_credential(awx: Controller, admin: Client) -> None:
    type_ = admin.find("credential_types", "Webex Service App")["id"]
    place = admin.find("organizations", "Webex")["id"]
    new = {"name": "Other", "credential_type": type_, "inputs": {"refresh_token": "x"}}
    assert admin.post("credentials/", **new).said == (400, {"detail": ["Missing 'user', 'team', or 'organization'."]})
    assert admin.post("credentials/", **new, organization=place, user=1).status == 400
    assert admin.post("credentials/", name="x", organization=place).body == {
        "credential_type": ["This field is required."]
    }
    assert admin.post("credentials/", **{**new, "credential_type": 99}, organization=place).body == {
        "credential_type": ['Invalid pk "99" - object does not exist.']
    }
    reserved = {**new, "inputs": {"refresh_token": "$encrypted$"}}
    why = "$encrypted$ is a reserved keyword, and cannot be used for refresh_token."
    assert admin.post("credentials/", **reserved, organization=place).said == (400, {"inputs": [why]})
    assert admin.post("credentials/", **new, organization=place).status == 201
    answer = admin.post("credentials/", **new, organization=place)
    assert answer.said == (
        400,
        {"__all__": ["Credential with this Organization, Name and Credential type already exists."]},
    )
    assert admin.post("credentials/", **new, user=1).body["summary_fields"]["user_capabilities"]["edit"]


def test_a_type_of_ones_own(admin: Client) -> None:
    new = {"name": "Mine", "kind": "cloud", "inputs": INPUTS, "injectors": INJECTORS}
    made = admin.post("credential_types/", **new)
    assert made.status == 201
    assert made.body["inputs"]["fields"][0]["type"] == "string"
    assert admin.patch(made.body["url"], description="x").status == 200
    used = admin.find("credential_types", "Webex Service App")["url"]
    assert admin.patch(used, inputs={"fields": []}).said == (
        403,
        {"detail": "Modifications to inputs are not allowed for credential types that are in use"},
    )
    assert admin.patch(used, inputs=INPUTS, injectors=INJECTORS).status == 200
    assert admin.delete(used).body == {"detail": "Credential types that are in use cannot be deleted"}
    managed = admin.find("credential_types", "Machine")["url"]
    assert admin.patch(managed, name="x").status == 403
    assert admin.delete(managed).status == 403
    assert admin.delete(made.body["url"]).status == 204


@pytest.mark.parametrize(
    ("change", "field", "why"),
    [
        ({"kind": "ssh"}, "kind", "Must be 'cloud' or 'net', not ssh"),
        ({"inputs": {"fields": [{"id": "a"}]}}, "inputs", "'label' is a required property"),
        ({"inputs": {"fields": [{"id": "1a", "label": "x"}]}}, "inputs", "1a is an invalid variable name"),
        ({"inputs": {"fields": [{"id": "tower", "label": "x"}]}}, "inputs", '"tower" is a reserved field name'),
        ({"inputs": {"fields": [{"id": "a", "label": "x"}] * 2}}, "inputs", "field IDs must be unique (a)"),
        ({"inputs": {"fields": [{"id": "a", "label": "x", "hint": ""}]}}, "inputs", "'hint' was unexpected"),
        ({"inputs": {"fields": [{"id": "a", "label": "x", "type": "int"}]}}, "inputs", "'int' is not one of"),
        (
            {"inputs": {"fields": [{"id": "a", "label": "x", "type": "boolean", "secret": True}]}},
            "inputs",
            "secret not allowed for boolean type (a)",
        ),
        ({"injectors": {"env": {"ANSIBLE_X": "1"}}}, "injectors", "ANSIBLE_X may affect"),
        ({"injectors": {"env": {"PATH": "1"}}}, "injectors", "PATH is not allowed"),
        ({"injectors": {"env": {"X": "{{ nothing }}"}}}, "injectors", "X uses an undefined field"),
        ({"injectors": {"env": {"X": "{{ tower.filename }}"}}}, "injectors", "X uses an undefined field"),
        ({"injectors": {"env": {"X": "{{"}}}, "injectors", "Syntax error rendering template for X inside of env"),
        ({"injectors": {"extra_vars": {"x": ["{{ nothing }}"]}}}, "injectors", "x[0] uses an undefined field"),
        ({"injectors": {"file": {"template": "", "template.a": ""}}}, "injectors", "Must use multi-file syntax"),
        ({"injectors": {"files": {}}}, "injectors", "'files' was unexpected"),
    ],
)
def test_refused_types(admin: Client, change: dict[str, Any], field: str, why: str) -> None:
    answer = admin.post("credential_types/", **{"name": "Mine", "kind": "cloud", "inputs": INPUTS, **change})
    assert answer.status == 400
    assert why in answer.body[field][0]


def test_what_a_job_gets(awx: Controller) -> None:
    got = awx.injected(["App"])
    ((path, text),) = got["files"].items()
    assert text == f'C1 "{TOKEN}" False'
    assert path.startswith("/runner/env/tmp")
    assert got["extra_vars"] == {"webex_file": path}
    awx.change_inputs("App", refresh_token="")
    assert list(awx.injected(["App"], folder="/x")["files"].values()) == ['C1 "" False']


def test_a_template_that_needs_what_is_empty(awx: Controller) -> None:
    injectors = {"env": {"X": "{{ client_id | tojson }}"}}
    awx.add("credential_types", "Careless", inputs=INPUTS, injectors=injectors)
    awx.add("credentials", "Bad", organization="Webex", credential_type="Careless", inputs={"client_id": ""})
    with pytest.raises(ValueError, match="the credential Bad cannot be injected"):
        awx.injected(["Bad"])


def test_several_files_and_several_credentials(awx: Controller) -> None:
    injectors = {
        "file": {"template.a": "A {{ client_id }}", "template.b": "B"},
        "env": {"B_FILE": "{{ tower.filename.b }}"},
        "extra_vars": {"webex_file": "{{ tower.filename.a }}", "nested": {"list": ["{{ client_id }}"]}},
    }
    awx.add("credential_types", "Two files", inputs=INPUTS, injectors=injectors)
    awx.add("credentials", "Two", organization="Webex", credential_type="Two files", inputs={"client_id": "C2"})
    got = awx.injected(["App", "Two"])
    assert len(got["files"]) == 3
    assert got["files"][got["extra_vars"]["webex_file"]] == "A C2"
    assert got["files"][got["env"]["B_FILE"]] == "B"
    assert got["extra_vars"]["nested"] == {"list": ["C2"]}


def test_the_builtin_type_of_a_controller(awx: Controller) -> None:
    inputs = {"host": "https://awx.example", "oauth_token": "t"}
    type_ = "Red Hat Ansible Automation Platform"
    awx.add("credentials", "Here", organization="Webex", credential_type=type_, inputs=inputs)
    env = awx.injected(["Here"])["env"]
    assert (env["CONTROLLER_HOST"], env["TOWER_OAUTH_TOKEN"], env["CONTROLLER_VERIFY_SSL"]) == (
        "https://awx.example",
        "t",
        "False",
    )
