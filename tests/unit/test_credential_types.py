# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The types of credentials for AWX: it takes them, and what it makes of them can be read, whatever is filled in."""

from __future__ import annotations

import json
import pathlib
import typing as t
import urllib.request

import pytest
import yaml
from ansible_collections.collabops.webex.plugins.module_utils._credentials_file import read_credentials
from ansible_collections.collabops.webex.plugins.module_utils._options import (
    ACCESS_TOKEN_FILE,
    CREDENTIALS_FILE,
    SECRETS,
    keys_of,
)
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.awx_access import resolve_access
from ansible_collections.collabops.webex.tests.controller_server.jobs import (
    ACCESS_TOKEN,
    AWX_ACCESS,
    ORGANIZATION,
    SERVICE_APP,
    TYPES,
)
from ansible_collections.collabops.webex.tests.controller_server.process import Controller

pytestmark = pytest.mark.any_core

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
ODD = "quotes \" ' backslash \\ braces {{ x }} {% y %} line\nbreak \u00fc \u2028 <&>"
PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.fixture
def made(controller: Controller) -> Controller:
    """A controller that has made the types itself, with all its checks."""
    for shipped in TYPES.values():
        request = urllib.request.Request(
            f"{controller.url}/api/v2/credential_types/",
            json.dumps(shipped).encode(),
            {"Authorization": f"Bearer {controller.admin_token}", "Content-Type": "application/json"},
        )
        with OPENER.open(request, timeout=30) as answer:
            assert answer.status == 201
    controller.add("organizations", ORGANIZATION)
    return controller


def fields_of(name: str) -> dict[str, dict[str, t.Any]]:
    """The fields of a type, by their ids."""
    return {field["id"]: field for field in TYPES[name]["inputs"]["fields"]}


def start(controller: Controller, type_: str, inputs: dict[str, t.Any], folder: pathlib.Path) -> dict[str, str]:
    """What a job gets of a credential: its environment, and files in the folder."""
    controller.add("credentials", "mine", credential_type=type_, organization=ORGANIZATION, inputs=inputs)
    injected = controller.injected(["mine"], str(folder))
    for path, text in injected["files"].items():
        pathlib.Path(path).write_text(text, encoding="utf-8")
    assert injected["extra_vars"] == {}
    # A path, and no value: AWX writes the environment into files in plain text.
    assert all(value in injected["files"] for value in injected["env"].values())
    return dict(injected["env"])


def test_there_are_three() -> None:
    assert set(TYPES) == {SERVICE_APP, ACCESS_TOKEN, AWX_ACCESS}


@pytest.mark.parametrize("name", [SERVICE_APP, ACCESS_TOKEN, AWX_ACCESS])
def test_nothing_has_to_be_filled_in_for_a_job_to_start(made: Controller, name: str, tmp_path: pathlib.Path) -> None:
    """AWX ends a job with an error for a template that needs a field that is empty."""
    environ = start(made, name, {}, tmp_path)
    for variable in {CREDENTIALS_FILE, ACCESS_TOKEN_FILE} & environ.keys():
        assert read_credentials(variable, environ) == {}


@pytest.mark.parametrize(
    ("name", "variable"), [(SERVICE_APP, "WEBEX_CREDENTIALS_FILE"), (ACCESS_TOKEN, "WEBEX_ACCESS_TOKEN_FILE")]
)
def test_every_field_arrives_as_it_is(made: Controller, name: str, variable: str, tmp_path: pathlib.Path) -> None:
    moments = {field for field, kind in keys_of(variable).items() if kind not in (str, bool)}
    inputs = {field: "2026-12-01T03:00:00Z" if field in moments else f"{field} {ODD}" for field in fields_of(name)}
    found = read_credentials(variable, start(made, name, inputs, tmp_path))
    assert found.keys() == inputs.keys()
    assert all(found[field] == inputs[field] for field in inputs.keys() - moments)
    assert inputs.keys() <= keys_of(variable).keys()


@pytest.mark.parametrize("name", [SERVICE_APP, ACCESS_TOKEN, AWX_ACCESS])
def test_what_is_secret_is_marked_and_what_must_be_read_back_is_not(name: str) -> None:
    marked = {field for field, about in fields_of(name).items() if about.get("secret")}
    assert marked == fields_of(name).keys() & {*SECRETS, "proxy", "token", "password"}


@pytest.mark.parametrize(
    ("inputs", "validates"), [({}, True), ({"insecure": False}, True), ({"insecure": True}, False)]
)
@pytest.mark.parametrize("has_authorities", [False, True])
def test_access_to_awx(
    made: Controller, inputs: dict[str, bool], validates: bool, has_authorities: bool, tmp_path: pathlib.Path
) -> None:
    """AWX gives a job false for a boolean that nobody has set: that must not switch a check off."""
    given = {"host": "awx.example.com", "username": "refresher", "password": ODD, **inputs}
    environ = start(made, AWX_ACCESS, {**given, **({"ca": PEM} if has_authorities else {})}, tmp_path)
    access = resolve_access({}, environ)
    assert (access.url, access.username, access.password) == ("https://awx.example.com", "refresher", ODD)
    assert access.validate_certs is validates
    if has_authorities:
        assert pathlib.Path(str(access.ca_cert)).read_text(encoding="utf-8").strip() == PEM.strip()
    else:
        assert access.ca_cert is None


def test_nothing_but_yaml_is_in_the_files() -> None:
    folder = pathlib.Path(__file__).parents[2] / "roles" / "awx" / "files" / "credential_types"
    for path in folder.iterdir():
        shipped = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert set(shipped) == {"name", "description", "kind", "inputs", "injectors"}
        assert set(shipped["injectors"]) == {"file", "env"}
