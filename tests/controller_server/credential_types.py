# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credential types: which inputs and injectors they can have, and the managed ones of a fresh controller."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .store import Store, Thing
from .web import Call, Json, forbidden, invalid

_FIELD_KEYS = (
    "type",
    "format",
    "choices",
    "id",
    "label",
    "help_text",
    "multiline",
    "secret",
    "ask_at_runtime",
    "default",
)
_ID = re.compile(r"[a-zA-Z_]+[a-zA-Z0-9_]*")
_EXTRA_VAR = re.compile(r"[a-zA-Z_{}]+[a-zA-Z0-9_{}]*")
_FILE = re.compile(r"template(\.[a-zA-Z_]+[a-zA-Z0-9_]*)?")
# Variables of the environment that no credential can set (*source*).
BLOCKED = frozenset(
    (
        "VIRTUAL_ENV",
        "PATH",
        "PYTHONPATH",
        "JOB_ID",
        "INVENTORY_ID",
        "INVENTORY_SOURCE_ID",
        "INVENTORY_UPDATE_ID",
        "AD_HOC_COMMAND_ID",
        "REST_API_URL",
        "REST_API_TOKEN",
        "MAX_EVENT_RES",
        "CALLBACK_QUEUE",
        "CALLBACK_CONNECTION",
        "CACHE",
        "JOB_CALLBACK_DEBUG",
        "INVENTORY_HOSTVARS",
        "AWX_HOST",
        "PROJECT_REVISION",
        "SUPERVISOR_CONFIG_PATH",
    )
)


def check(call: Call, fields: Json, asked: Json, thing: Thing | None) -> Json:
    """What is stored of a type; 400 or 403 for what AWX refuses (*source*)."""
    if thing and thing["managed"]:
        raise forbidden("Modifications not allowed for managed credential types")
    in_use = thing is not None and any(call.store.where("credentials", credential_type=thing.id))
    if thing and in_use and with_types(fields.get("inputs", thing["inputs"])) != thing["inputs"]:
        raise forbidden("Modifications to inputs are not allowed for credential types that are in use")
    if "kind" in fields and fields["kind"] not in ("cloud", "net"):
        raise invalid(kind=f"Must be 'cloud' or 'net', not {fields['kind']}")
    if "inputs" in fields:
        if problems := list(wrong_inputs(fields["inputs"])):
            raise invalid(inputs=problems)
        if any(field.get("ask_at_runtime") for field in fields["inputs"].get("fields", [])):
            raise invalid(inputs="'ask_at_runtime' is not supported for custom credentials.")
        fields = {**fields, "inputs": with_types(fields["inputs"])}
    inputs = fields.get("inputs", thing["inputs"] if thing else {})
    if "injectors" in fields and (problems := list(wrong_injectors(fields["injectors"], inputs))):
        raise invalid(injectors=problems)
    return fields


def check_end(call: Call, thing: Thing) -> None:
    """403 for a type that is used (*source*)."""
    if any(call.store.where("credentials", credential_type=thing.id)):
        raise forbidden("Credential types that are in use cannot be deleted")


def with_types(inputs: Any) -> Any:
    """The inputs with the type of each field, which is a string if nobody says otherwise (*source*)."""
    if not isinstance(inputs, dict) or not isinstance(inputs.get("fields"), list):
        return inputs
    fields = [{**field, "type": field.get("type", "string")} for field in inputs["fields"] if isinstance(field, dict)]
    return {**inputs, "fields": fields}


def wrong_inputs(inputs: Any) -> Iterator[str]:
    """What is wrong with the inputs of a type, in the words of AWX where they are known."""
    if not isinstance(inputs, dict):
        yield f"{type(inputs).__name__} provided, expected dict"
        return
    if "dependencies" in inputs:
        yield "'dependencies' is not supported for custom credentials."
    for name in inputs.keys() - {"fields", "required", "dependencies"}:
        yield f"Schema validation error in relative path [] (Additional properties are not allowed ('{name}' was unexpected))"
    seen = set()
    for index, field in enumerate(inputs.get("fields", [])):
        for name in field.keys() - set(_FIELD_KEYS):
            yield (
                f"Schema validation error in relative path ['fields', {index}] "
                f"(Additional properties are not allowed ('{name}' was unexpected))"
            )
        for name in ("id", "label"):
            if name not in field:
                yield f"'{name}' is a required property"
        number, kind = field.get("id", ""), field.get("type", "string")
        if kind not in ("string", "boolean"):
            yield f"'{kind}' is not one of ['string', 'boolean']"
            continue
        if number and not _ID.fullmatch(number):
            yield f"{number} is an invalid variable name"
        if number == "tower":
            yield '"tower" is a reserved field name'
        if number in seen:
            yield f"field IDs must be unique ({number})"
        seen.add(number)
        if "default" in field and not isinstance(field["default"], {"string": str, "boolean": bool}[kind]):
            yield f"{field['default']} is not a {kind}"
        for name in ("choices", "multiline", "format", "secret"):
            if name in field and kind != "string":
                yield f"{name} not allowed for {kind} type ({number})"


def wrong_injectors(injectors: Any, inputs: Json) -> Iterator[str]:
    """What is wrong with the injectors of a type: their names, and templates that use what there is not."""
    if not isinstance(injectors, dict):
        yield f"{type(injectors).__name__} provided, expected dict"
        return
    for name in injectors.keys() - {"file", "env", "extra_vars"}:
        yield f"Schema validation error in relative path [] (Additional properties are not allowed ('{name}' was unexpected))"
    files = injectors.get("file", {})
    for part, pattern in (("file", _FILE), ("env", _ID), ("extra_vars", _EXTRA_VAR)):
        for name in injectors.get(part, {}):
            if not pattern.fullmatch(name):
                yield f"Schema validation error in relative path ['{part}'] ('{name}' does not match any of the regexes)"
    for name in injectors.get("env", {}):
        if name.startswith("ANSIBLE_"):
            yield f"Environment variable {name} may affect Ansible configuration so its use is not allowed in credentials."
        elif name in BLOCKED:
            yield f"Environment variable {name} is not allowed to be used in credentials."
    if "template" in files and len(files) > 1:
        yield "Must use multi-file syntax when injecting multiple files"
        return
    names: Json = {field["id"]: "EXAMPLE" for field in inputs.get("fields", []) if "id" in field}
    several = {name.partition(".")[2]: "EXAMPLE_FILENAME" for name in files if "." in name}
    filename = "EXAMPLE_FILENAME" if "template" in files else several or None
    names["tower"] = {"filename": filename} if filename else {}
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    for part, key, template in templates(injectors):
        try:
            environment.from_string(template).render(names)
        except UndefinedError as error:
            yield f"{key} uses an undefined field ({error})"
        except SecurityError as error:
            yield f"Encountered unsafe code execution: {error}"
        except TemplateSyntaxError as error:
            yield f"Syntax error rendering template for {key} inside of {part} ({error})"


def templates(injectors: Json) -> Iterator[tuple[str, str, str]]:
    """All templates of injectors: which part they are of, their key, their text."""
    for part in ("file", "env"):
        for key, template in injectors.get(part, {}).items():
            yield part, key, template
    yield from _templates_in("extra_vars", injectors.get("extra_vars", {}))


def _templates_in(key: str, node: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield "extra_vars", "a key", name
            yield from _templates_in(name, value)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _templates_in(f"{key}[{index}]", value)
    else:
        yield "extra_vars", key, str(node)


def _text(name: str, label: str, **more: Any) -> Json:
    return {"id": name, "label": label, "type": "string", **more}


_CONTROLLER = {
    "host": "HOST",
    "username": "USERNAME",
    "password": "PASSWORD",
    "verify_ssl": "VERIFY_SSL",
    "oauth_token": "OAUTH_TOKEN",
}
# The managed types that people meet here, with those of their fields that matter (*source*).
_MANAGED: tuple[tuple[str, str, str, list[Json], list[str], Json], ...] = (
    (
        "ssh",
        "Machine",
        "ssh",
        [
            _text("username", "Username"),
            _text("password", "Password", secret=True, ask_at_runtime=True),
            _text("ssh_key_data", "SSH Private Key", format="ssh_private_key", secret=True, multiline=True),
        ],
        [],
        {},
    ),
    (
        "scm",
        "Source Control",
        "scm",
        [
            _text("username", "Username"),
            _text("password", "Password", secret=True),
            _text("ssh_key_data", "SCM Private Key", format="ssh_private_key", secret=True, multiline=True),
        ],
        [],
        {},
    ),
    (
        "vault",
        "Vault",
        "vault",
        [
            _text("vault_password", "Vault Password", secret=True, ask_at_runtime=True),
            _text("vault_id", "Vault Identifier", format="vault_id"),
        ],
        ["vault_password"],
        {},
    ),
    (
        "galaxy_api_token",
        "Ansible Galaxy/Automation Hub API Token",
        "galaxy",
        [
            _text("url", "Galaxy Server URL"),
            _text("auth_url", "Auth Server URL"),
            _text("token", "API Token", secret=True, multiline=True),
        ],
        ["url"],
        {},
    ),
    (
        "registry",
        "Container Registry",
        "registry",
        [
            _text("host", "Authentication URL", default="quay.io"),
            _text("username", "Username"),
            _text("password", "Password or Token", secret=True),
            {"id": "verify_ssl", "label": "Verify SSL", "type": "boolean", "default": True},
        ],
        ["host"],
        {},
    ),
    (
        "controller",
        "Red Hat Ansible Automation Platform",
        "cloud",
        [
            _text("host", "Red Hat Ansible Automation Platform"),
            _text("username", "Username"),
            _text("password", "Password", secret=True),
            _text("oauth_token", "OAuth Token", secret=True),
            {"id": "verify_ssl", "label": "Verify SSL", "type": "boolean", "secret": False},
        ],
        ["host"],
        {
            "env": {
                f"{prefix}_{name}": f"{{{{ {field} }}}}"
                for prefix in ("TOWER", "CONTROLLER")
                for field, name in _CONTROLLER.items()
            }
        },
    ),
)


def add_managed(store: Store) -> None:
    """The types that every controller has."""
    for namespace, name, kind, fields, required, injectors in _MANAGED:
        store.add(
            "credential_types",
            name=name,
            kind=kind,
            namespace=namespace,
            managed=True,
            inputs={"fields": fields, "required": required},
            injectors=injectors,
        )
