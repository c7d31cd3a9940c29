# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials: their inputs are replaced whole, and `$encrypted$` keeps a secret that is stored."""

from __future__ import annotations

import re
from typing import Any

from .access import Access
from .filters import store_type
from .show import ENCRYPTED, secret_fields
from .store import Store, Thing
from .web import ApiError, Call, Json, ServerError, forbidden, invalid

_SEARCHABLE = re.compile(r"[\w+/=.~%-]{20,}")  # what can be looked for in logs


def check(call: Call, fields: Json, asked: Json, thing: Thing | None) -> Json:
    """What is stored of a credential; 400, 403 or 500 for what AWX does not take."""
    if thing and thing["managed"]:
        raise forbidden("Modifications not allowed for managed credentials")
    if thing is None:
        fields = owned(call, asked, fields)
    elif "organization" in fields and fields["organization"] != thing["organization"]:
        check_move(call, fields["organization"])
    type_ = call.store.get("credential_types", asked["credential_type"])
    assert type_ is not None
    if "inputs" in fields:
        before = thing["inputs"] if thing else {}
        fields = {**fields, "inputs": replaced(type_, fields["inputs"], before, new=thing is None)}
    return fields


def check_move(call: Call, organization: int | None) -> None:
    """403 for who does not administer the organization that a credential would move to (*source*)."""
    target = call.store.get("organizations", organization) if organization else None
    if not Access(call.store, call.user).administers(target, "credentials"):
        raise forbidden()


def owned(call: Call, asked: Json, fields: Json) -> Json:
    """The fields of a new credential with its organization; 400 unless exactly one owner is named (*source*)."""
    owners = [name for name in ("organization", "team", "user") if asked.get(name)]
    if not owners:
        raise ApiError(400, {"detail": ["Missing 'user', 'team', or 'organization'."]})
    if len(owners) > 1:
        named = ", ".join(sorted(owners))
        why = f"Only one of 'user', 'team', or 'organization' should be provided, received {named} fields."
        raise ApiError(400, {"detail": [why]})
    for name in ("user", "team"):
        if asked.get(name) and call.store.get(f"{name}s", asked[name]) is None:
            raise invalid(**{name: f'Invalid pk "{asked[name]}" - object does not exist.'})
    if asked.get("team"):
        team = call.store.get("teams", asked["team"])
        assert team is not None
        return {**fields, "organization": team["organization"]}
    return fields


def replaced(type_: Thing, inputs: Any, before: Json, new: bool) -> Json:
    """The inputs that are stored: those that are sent, and no other (*seen*).

    The literal `$encrypted$` keeps a secret; for one that is not stored it is a 500 (*seen*). An empty text removes a secret
    (*seen*). What the type does not know, and a secret that is no text, is a 400 (*seen*). A null is what is empty (*source*).
    """
    if not isinstance(inputs, dict):
        raise invalid(inputs=f"{type(inputs).__name__} provided, expected dict")
    known = {field["id"]: field for field in type_["inputs"].get("fields", [])}
    secret = secret_fields(type_)
    inputs = {name: empty(known[name]) if value is None and name in known else value for name, value in inputs.items()}
    for name in sorted(secret & inputs.keys()):
        if new and inputs[name] == ENCRYPTED:
            raise invalid(inputs=f"$encrypted$ is a reserved keyword, and cannot be used for {name}.")
        if not isinstance(inputs[name], str) and not new:
            raise invalid(inputs=f"secret values must be of type string, not {type(inputs[name]).__name__}")
    if unknown := sorted(inputs.keys() - known.keys()):
        names = ", ".join(f"'{name}'" for name in unknown)
        were = "was" if len(unknown) == 1 else "were"
        raise invalid(inputs=f"Additional properties are not allowed ({names} {were} unexpected)")
    errors = {name: [why] for name, value in inputs.items() if (why := wrong(known[name], value))}
    if errors:
        raise ApiError(400, {"inputs": errors})
    for name in secret & inputs.keys():
        if inputs[name] == ENCRYPTED:
            if name not in before:
                raise ServerError
            inputs[name] = before[name]
        elif inputs[name] == "":
            del inputs[name]
    return inputs


def empty(field: Json) -> Any:
    """What a null stands for."""
    if field.get("choices"):
        return field["choices"][0]
    return False if field["type"] == "boolean" else ""


def wrong(field: Json, value: Any) -> str:
    """What is wrong with a value, in the words of the JSON schema; empty if nothing is."""
    if not isinstance(value, bool if field["type"] == "boolean" else str):
        return f"{value!r} is not of type '{field['type']}'"
    if field.get("choices") and value not in list(field["choices"]):
        return f"{value!r} is not one of {field['choices']!r}"
    if field.get("format") == "url" and value and "://" not in str(value):
        return f"{value!r} is not a 'url'"
    return ""


def stored(call: Call, thing: Thing, data: Json, new: bool) -> None:
    """A new credential belongs to its user or team; its secrets are told to those who look for leaks."""
    if new:
        roles = call.store.roles_of(thing)
        if data.get("user"):
            roles["admin_role"].users.append(data["user"])
        if data.get("team"):
            roles["admin_role"].teams.append(data["team"])
    for name in secret_fields(store_type(call.store, thing)) & thing["inputs"].keys():
        if _SEARCHABLE.fullmatch(thing["inputs"][name]):
            call.world.secrets[thing["inputs"][name]] = f"{name} of the credential {thing.name}"


def missing_inputs(store: Store, credential: Thing) -> list[str]:
    """The required inputs that a credential has not: nothing but a launch looks (*seen*)."""
    type_ = store_type(store, credential)
    known = {field["id"] for field in type_["inputs"].get("fields", [])}
    required = [name for name in type_["inputs"].get("required", []) if name in known]
    return sorted(name for name in required if credential["inputs"].get(name) in ("", None))
