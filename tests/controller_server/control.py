# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control plane under /_controller: look at the controller and change it, without authentication.

What it shares with other servers, such as the journal, the settings and the faults, is in `tests.loopback.control`. POST
/reset keeps the credentials of admin, unless `new_credentials`.

==============================  ====================================================================================
GET /state                      all things, readable, without secrets
GET /inputs/{name}              the inputs of a credential, with its secrets
PATCH /inputs/{name}            change some of them, as another writer would; null takes one away
POST /injected                  what a job gets of `credentials` (names): `files` in `folder`, `env`, `extra_vars`
POST /users                     a user: `username`, `password`, `superuser`, `organization` (a name, made if it is new),
                                and their `token`
POST /things/{path}             a thing, such as a credential type; no rule is checked; names stand for ids
==============================  ====================================================================================
"""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette

from ..loopback import control
from ..loopback.control import Json
from .credential_types import with_types
from .injection import injected
from .kinds import KINDS
from .show import display_inputs, display_survey
from .store import Store, Thing
from .world import World


def application(world: World) -> Starlette:
    """The control plane of this world."""
    return control.application(
        world,
        "/_controller",
        (
            ("/state", "GET", describe),
            ("/inputs/{name:path}", "GET", lambda world, body, name: world.store.named("credentials", name)["inputs"]),
            ("/inputs/{name:path}", "PATCH", change_inputs),
            ("/injected", "POST", inject),
            ("/users", "POST", add_user),
            ("/things/{path}", "POST", add_thing),
        ),
    )


def describe(world: World, body: Json) -> Json:
    """GET /state: by kind, what there is, with names in place of ids where there are any."""
    world.settle()
    return {path: [_described(world.store, thing) for thing in world.store.all(path)] for path in KINDS}


def _described(store: Store, thing: Thing) -> Json:
    fields: dict[str, Any] = {"id": thing.id, **thing.fields}
    for name, path in thing.kind.references.items():
        other = store.get(path, thing[name])
        fields[name] = other.name if other else None
    for name, path in thing.kind.links.items():
        fields[name] = [other.name for number in thing.linked(name) if (other := store.get(path, number))]
    if thing.kind.path == "credentials":
        fields["inputs"] = display_inputs(store, thing)
    if "survey" in thing.hidden:
        fields["survey_spec"] = display_survey(thing)
    if thing.kind.roles:
        members = {
            role.kind: sorted(
                [other.name for number in role.users if (other := store.get("users", number))]
                + [f"team {other.name}" for number in role.teams if (other := store.get("teams", number))]
            )
            for role in store.roles_of(thing).values()
        }
        fields["roles"] = {name: names for name, names in members.items() if names}
    if thing.kind.path == "notification_templates":
        secret = thing.hidden.get("secret", ())
        fields["notification_configuration"] = {
            name: "***" if name in secret and value else value
            for name, value in fields["notification_configuration"].items()
        }
    return fields


def change_inputs(world: World, body: Json, name: str) -> Json:
    """PATCH /inputs/{name}."""
    credential = world.store.named("credentials", name)
    inputs = {**credential["inputs"], **body}
    credential.fields["inputs"] = {key: value for key, value in inputs.items() if value is not None}
    world.store.changed(credential)
    return dict(credential["inputs"])


def inject(world: World, body: Json) -> Json:
    """POST /injected."""
    credentials = [world.store.named("credentials", name) for name in body["credentials"]]
    return injected(world.store, credentials, body.get("folder", "/runner/env"))


def add_user(world: World, body: Json) -> Json:
    """POST /users."""
    store = world.store
    user = store.add("users", username=body["username"], is_superuser=body.get("superuser", False))
    user.hidden["password"] = body.get("password", "")
    if body.get("organization"):
        found = list(store.where("organizations", name=body["organization"]))
        place = found[0] if found else store.add("organizations", name=body["organization"])
        role = "admin_role" if body.get("admin") else "member_role"
        store.roles_of(place)[role].users.append(user.id)
    token = world.add_token(user=user.id)
    return {"id": user.id, "token": token.hidden["token"]}


def add_thing(world: World, body: Json, path: str) -> Json:
    """POST /things/{path}."""
    store, kind = world.store, KINDS[path]
    fields = {name: value for name, value in body.items() if name in kind.fields}
    for name, other in kind.references.items():
        if isinstance(fields.get(name), str):
            fields[name] = store.named(other, fields[name]).id
    if path == "credential_types":
        fields["inputs"] = with_types(fields.get("inputs", {}))
    thing = store.add(path, **{"kind": "cloud", **fields} if path == "credential_types" else fields)
    for name, other in kind.links.items():
        thing.links[name] = [store.named(other, one).id for one in body.get(name, [])]
    for name, users in body.get("roles", {}).items():
        store.roles_of(thing)[name].users.extend(store.named("users", user).id for user in users)
    return {"id": thing.id}
