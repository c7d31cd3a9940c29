# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a job gets of its credentials: files, variables of the environment, and extra vars, as AWX renders them.

By `CredentialType.inject_credential` of AWX 24.6.1 (*source*). Files are under ``/runner/env`` with random names.
"""

from __future__ import annotations

import secrets
from typing import Any

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .filters import store_type
from .store import Store, Thing
from .web import Json


class _Namespace:
    """What templates call `tower`, or `tower.filename`."""


def injected(store: Store, credentials: list[Thing], folder: str) -> Json:
    """What a job with these credentials gets: `files` by path, `env`, `extra_vars`.

    Of two credentials that inject the same variable one wins, silently (*seen*); here it is the later one (*guess*). ValueError
    for a template that cannot be rendered: such a job ends with an error (*seen*).
    """
    result: Json = {"files": {}, "env": {}, "extra_vars": {}}
    for credential in credentials:
        try:
            _inject(store_type(store, credential), credential["inputs"], folder, result)
        except (TemplateError, TypeError, ValueError) as error:
            raise ValueError(f"the credential {credential.name} cannot be injected: {error}") from None
    return result


def values(type_: Thing, inputs: Json) -> Json:
    """What templates can use: an input that is empty is undefined, but a boolean is there anyway (*seen*)."""
    names: Json = {name: value for name, value in inputs.items() if isinstance(value, bool) or len(value)}
    for field in type_["inputs"].get("fields", []):
        if field["type"] == "boolean" and field["id"] not in inputs:
            names[field["id"]] = False
        if field.get("format") == "ssh_private_key" and field["id"] in names:
            names[field["id"]] = names[field["id"]].rstrip("\n") + "\n"
    return names


def _inject(type_: Thing, inputs: Json, folder: str, result: Json) -> None:
    environment, tower, injectors = ImmutableSandboxedEnvironment(), _Namespace(), type_["injectors"]
    names = {"tower": tower, **values(type_, inputs)}
    for label, template in injectors.get("file", {}).items():
        path = f"{folder}/tmp{secrets.token_hex(4)}"
        result["files"][path] = environment.from_string(template).render(**names)
        name = label.partition(".")[2]
        if name:
            several = tower.__dict__.setdefault("filename", _Namespace())
            setattr(several, name, path)
        else:
            tower.__dict__["filename"] = path
    for name, template in injectors.get("env", {}).items():
        result["env"][name] = environment.from_string(template).render(**names)

    def rendered(node: Any) -> Any:
        if isinstance(node, dict):
            return {rendered(key): rendered(value) for key, value in node.items()}
        if isinstance(node, list):
            return [rendered(value) for value in node]
        return environment.from_string(str(node)).render(**names)

    result["extra_vars"].update(rendered(injectors.get("extra_vars", {})))
