# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as a whole: what every plugin must have, and that the tables which name plugins agree."""

from __future__ import annotations

import ast
import functools
import pathlib
import typing as t

import pytest
import yaml
from ansible_collections.collabops.webex.plugins.module_utils._scopes import MODULES
from ansible_collections.collabops.webex.plugins.plugin_utils._organization_guard import WRITING_MODULES
from ansible_collections.collabops.webex.tests.unit.support import documentation_of

# The text of the files is the same on every ansible-core.
pytestmark = pytest.mark.any_core

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAME = "collabops.webex"
# In module_utils, what makes a folder a package is an empty file: ansible-test demands that.
PLUGINS = sorted(path for path in (ROOT / "plugins").rglob("*.py") if path.stat().st_size)
MODULE_FILES = sorted((ROOT / "plugins" / "modules").glob("*.py"))
NAMES = [path.stem for path in MODULE_FILES]
FOR_OLD_PYTHONS = [*MODULE_FILES, ROOT / "plugins" / "module_utils" / "_python.py"]
ENTRIES = [*MODULE_FILES, *(path for path in PLUGINS if path.parent.name in ("action", "lookup", "inventory"))]
# The actions of modules that need no other one than any module: the same text in each.
PLAIN_ACTION = (ROOT / "plugins" / "action" / "person.py").read_text(encoding="utf-8")
# They look at tokens, or change them, and nothing in an organization.
# These change tokens, or the webhooks of the developer: nothing in an organization.
OF_TOKENS = {"service_app_token", "service_app_tokens", "token_health", "webhook"}
LICENCE = """\
# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
SECRETS = {"access_token", "client_secret", "refresh_token"}


def name_of(path: pathlib.Path) -> str:
    return str(path.relative_to(ROOT))


@functools.cache
def texts(path: pathlib.Path) -> dict[str, str]:
    """DOCUMENTATION, EXAMPLES and RETURN, or what else a file says with a string under a name."""
    found = {}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found |= {target.id: node.value.value for target in node.targets if isinstance(target, ast.Name)}
    return found


@functools.cache
def documentation(path: pathlib.Path) -> dict[str, t.Any]:
    """A plugin's documentation, with the options of its fragments."""
    return documentation_of(texts(path)["DOCUMENTATION"])


@functools.cache
def tasks(path: pathlib.Path) -> list[dict[str, t.Any]]:
    examples: list[dict[str, t.Any]] = yaml.safe_load(texts(path)["EXAMPLES"])
    return examples


def walk(data: t.Any) -> t.Iterator[tuple[str, t.Any]]:
    """Every key at every depth, and its value."""
    for item in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from walk(item)
    if isinstance(data, dict):
        yield from data.items()


def test_there_are_modules() -> None:
    assert len(NAMES) >= 7


# Tables that name every module


@pytest.mark.parametrize("name", NAMES)
def test_a_module_has_unit_tests(name: str) -> None:
    assert (ROOT / "tests" / "unit" / "plugins" / "modules" / f"test_{name}.py").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_a_module_has_an_integration_target(name: str) -> None:
    target = ROOT / "tests" / "integration" / "targets" / name
    assert (target / "tasks" / "main.yml").is_file() or (target / "runme.sh").is_file()


def test_the_action_group_has_every_module() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert runtime["action_groups"]["webex"] == NAMES


def test_the_scopes_of_every_module_are_known() -> None:
    assert sorted(MODULES) == NAMES


def test_every_module_runs_in_the_organization_that_is_meant() -> None:
    """Its action reads the inventory: one of its own, or the one for plain modules, of which each has the same file."""
    actions = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "plugins" / "action").glob("*.py")}
    assert sorted(actions) == NAMES
    assert [name for name, text in actions.items() if "..plugin_utils._organization" not in text] == []


@pytest.mark.parametrize("path", MODULE_FILES, ids=name_of)
def test_a_module_reads_only_or_is_guarded(path: pathlib.Path) -> None:
    is_info = f"{NAME}.attributes.info_module" in documentation(path)["extends_documentation_fragment"]
    assert (path.stem in WRITING_MODULES) == (not is_info and path.stem not in OF_TOKENS)


@pytest.mark.parametrize("kind", ["action", "inventory", "lookup"])
def test_other_plugins_have_unit_tests(kind: str) -> None:
    files = (ROOT / "plugins" / kind).glob("*.py")
    names = {path.stem for path in files if path.read_text(encoding="utf-8") != PLAIN_ACTION}
    tested = {
        path.stem.removeprefix("test_") for path in (ROOT / "tests" / "unit" / "plugins" / kind).glob("test_*.py")
    }
    assert names == tested


# Documentation


@pytest.mark.parametrize("path", MODULE_FILES, ids=name_of)
def test_a_plugin_is_documented(path: pathlib.Path) -> None:
    documented = documentation(path)
    assert documented.get("module", documented.get("name")) == path.stem
    assert documented["version_added"]
    assert yaml.safe_load(texts(path)["RETURN"])


@pytest.mark.parametrize("path", MODULE_FILES, ids=name_of)
def test_examples_use_full_names(path: pathlib.Path) -> None:
    assert f"{NAME}.{path.stem}" in texts(path)["EXAMPLES"]
    for task in tasks(path):
        (action,) = task.keys() - {"name", "register", "loop", "loop_control", "vars", "when", "ignore_errors"}
        assert action.startswith((f"{NAME}.", "ansible.builtin."))


@pytest.mark.parametrize("path", MODULE_FILES, ids=name_of)
def test_examples_hold_no_secret(path: pathlib.Path) -> None:
    given = [value for key, value in walk(tasks(path)) if key in SECRETS]
    assert all(value.startswith("{{ ") for value in given)


@pytest.mark.parametrize("path", MODULE_FILES, ids=name_of)
def test_examples_use_only_options_that_exist(path: pathlib.Path) -> None:
    for task in tasks(path):
        for action, arguments in task.items():
            if action.startswith(f"{NAME}."):
                module = ROOT / "plugins" / "modules" / f"{action.rpartition('.')[2]}.py"
                assert arguments.keys() <= documentation(module)["options"].keys()


@pytest.mark.parametrize("path", MODULE_FILES, ids=name_of)
def test_a_module_belongs_to_the_action_group_and_has_the_connection(path: pathlib.Path) -> None:
    fragments = documentation(path)["extends_documentation_fragment"]
    assert {f"{NAME}.connection", f"{NAME}.attributes"} <= set(fragments)


# Files


@pytest.mark.parametrize("path", PLUGINS, ids=name_of)
def test_a_file_begins_with_the_licence_and_delays_annotations(path: pathlib.Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.removeprefix("#!/usr/bin/python\n").startswith(LICENCE)
    # Python 3.6 does not know how to delay them, and has to get as far as the check of its version.
    assert ("\nfrom __future__ import annotations\n" in text) == (path not in FOR_OLD_PYTHONS)


@pytest.mark.parametrize("path", FOR_OLD_PYTHONS, ids=name_of)
def test_an_old_python_can_read_a_module(path: pathlib.Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("path", ENTRIES, ids=name_of)
def test_what_ansible_loads_looks_at_its_python_before_it_imports_anything(path: pathlib.Path) -> None:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    is_text = (ast.Expr, ast.Assign)
    code = [node for node in body if not (isinstance(node, is_text) and isinstance(node.value, ast.Constant))]
    first = [node for node in code if not (isinstance(node, ast.ImportFrom) and node.module == "__future__")][:2]
    # A module that is documentation only has no code.
    if code:
        check = "refuse_old_python" if path in MODULE_FILES else "check_controller"
        assert [ast.unparse(node).partition(" import ")[2] or ast.unparse(node) for node in first] in (
            [check, f"{check}()"],
            [f"{check}, on_controller", f"{check}()"],
        )


def test_no_sanity_test_is_ignored() -> None:
    assert list((ROOT / "tests" / "sanity").glob("ignore*")) == []


@pytest.mark.parametrize("path", sorted((ROOT / "plugins" / "module_utils").rglob("*.py")), ids=name_of)
def test_what_knows_webex_does_not_know_ansible(path: pathlib.Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    knows_ansible = any(name.split(".")[0] == "ansible" for name in imported)
    assert knows_ansible == (path.name == "_module.py")
    assert not any("plugin_utils" in name.split(".") for name in imported)
