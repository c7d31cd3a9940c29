# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of the options that say how Webex is reached: what is written out elsewhere says the same."""

from __future__ import annotations

import dataclasses
import pathlib
import re
import typing as t

import pytest
import yaml
from ansible_collections.collabops.webex.plugins.doc_fragments import client, connection
from ansible_collections.collabops.webex.plugins.inventory import organizations
from ansible_collections.collabops.webex.plugins.module_utils._options import (
    ACCESS_TOKEN_FILE,
    CLIENT_SPEC,
    CONNECTION_SPEC,
    CREDENTIALS_FILE,
    INTEGRATION_SPEC,
    OPTIONS,
    SERVER,
)
from ansible_collections.collabops.webex.plugins.module_utils._settings import Settings
from ansible_collections.collabops.webex.tests.unit.support import documentation_of

pytestmark = pytest.mark.any_core

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONNECTION, CLIENT = connection.ModuleDocFragment, client.ModuleDocFragment
# In words: the options of the fragments, by the names of the table.
SHARED = {
    name: about
    for part in (
        *(CONNECTION.DOCUMENTATION, CONNECTION.ORG_ID, CONNECTION.ACCESS_TOKEN),
        *(CLIENT.DOCUMENTATION, CLIENT.REFRESH_TOKEN),
    )
    for name, about in yaml.safe_load(part)["options"].items()
}
INTEGRATION = yaml.safe_load(CLIENT.INTEGRATION)["options"]["integration"]["suboptions"]
DOCUMENTED: dict[str, dict[str, t.Any]] = SHARED | {f"integration_{name}": about for name, about in INTEGRATION.items()}


def test_the_settings_are_those_of_the_table() -> None:
    fields = {field.name: field for field in dataclasses.fields(Settings)}
    assert fields.keys() == OPTIONS.keys()
    assert {name for name, field in fields.items() if not field.repr} == {
        name for name, option in OPTIONS.items() if option.no_log
    }
    assert all(fields[name].default == option.default for name, option in OPTIONS.items() if option.default)


def test_every_option_is_documented_once() -> None:
    assert DOCUMENTED.keys() == OPTIONS.keys()
    assert SHARED.keys() == {*CONNECTION_SPEC, *CLIENT_SPEC}
    assert INTEGRATION.keys() == INTEGRATION_SPEC.keys()


@pytest.mark.parametrize("name", OPTIONS)
def test_the_documentation_says_what_the_table_says(name: str) -> None:
    option, about = OPTIONS[name], DOCUMENTED[name]
    assert (about["type"], about.get("default")) == (option.type, option.default)
    named = set(re.findall(r"E\(((?:WEBEX|SERVICE_APP)_\w+)\)", str(about["description"])))
    files = {CREDENTIALS_FILE, ACCESS_TOKEN_FILE} & named
    assert named - files == set(option.environment)
    if not name.startswith("integration_"):
        assert files == set(option.files)


@pytest.mark.parametrize("fragment", [CONNECTION, CLIENT])
def test_variables_set_only_options_that_there_are(fragment: t.Any) -> None:
    options = yaml.safe_load(fragment.PLUGIN)["options"]
    assert options.keys() <= {*SHARED, "integration"}
    # The rest is said once, for modules and plugins.
    assert all(about.keys() == {"vars"} for about in options.values())


def test_the_inventory_has_the_options_of_the_server() -> None:
    documented = documentation_of(organizations.DOCUMENTATION)["options"]
    for name in ("access_token", *SERVER):
        assert documented[name]["type"] == OPTIONS[name].type
    assert yaml.safe_load(organizations.DOCUMENTATION)["options"].keys().isdisjoint(SERVER)


def test_the_variables_of_the_role_are_those_of_the_options_that_it_passes_on() -> None:
    folder = ROOT / "roles" / "service_app_token"
    specs = yaml.safe_load((folder / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    variables = specs["argument_specs"]["main"]["options"]
    (task, *_others) = yaml.safe_load((folder / "tasks" / "main.yml").read_text(encoding="utf-8"))
    passed = task["collabops.webex.service_app_token"].keys() & {*CONNECTION_SPEC, *CLIENT_SPEC}
    assert len(passed) >= 5
    for name in passed:
        variable = variables[f"service_app_token_{name}"]
        assert (variable["type"], variable.get("no_log", False)) == (OPTIONS[name].type, OPTIONS[name].no_log)
