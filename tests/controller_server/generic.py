# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The handlers that are alike for many kinds: lists, reading, making, changing, deleting, attaching, copying."""

from __future__ import annotations

import copy
from collections.abc import Callable

from starlette.responses import JSONResponse, Response

from . import (
    credential_types,
    credentials,
    launching,
    notifications,
    objects,
    projects,
    roles,
    schedules,
    users,
    workflows,
)
from .access import Access
from .kinds import KINDS, Kind, Required
from .store import Thing
from .web import FORBIDDEN, ApiError, Call, Handler, Json, Routes, forbidden, invalid

# What a kind has beyond its fields: given these, and all that was sent or is there, it checks and completes the fields
# before anything is stored.
_CHECKS: dict[str, Callable[[Call, Json, Json, Thing | None], Json]] = {
    "credential_types": credential_types.check,
    "credentials": credentials.check,
    "job_templates": launching.check_template,
    "notification_templates": notifications.check,
    "projects": projects.check,
    "role_definitions": roles.check_definition,
    "role_user_assignments": roles.check_assignment,
    "role_team_assignments": roles.check_assignment,
    "schedules": schedules.check,
    "tokens": users.check_token,
    "users": users.check,
    "workflow_job_template_nodes": workflows.check_node,
}
# What follows when a thing was stored: given what was sent, and whether it is new.
_FOLLOWS: dict[str, Callable[[Call, Thing, Json, bool], None]] = {
    "credentials": credentials.stored,
    "notification_templates": notifications.stored,
    "projects": projects.stored,
    "teams": users.team_stored,
    "tokens": users.token_stored,
    "users": users.stored,
}
# Whether a thing can be deleted: raises if not.
_ENDS: dict[str, Callable[[Call, Thing], None]] = {
    "credential_types": credential_types.check_end,
    "role_definitions": roles.check_end,
    "users": users.check_end,
}


def routes(table: Routes) -> None:
    """All handlers that are alike for many kinds."""
    for kind in KINDS.values():
        offered = {"GET": listing(kind.path), "POST": making(kind)}
        table.add(f"{kind.path}/", **{name: act for name, act in offered.items() if name in kind.methods})
        offered = {"GET": reading(kind), "PUT": changing(kind), "PATCH": changing(kind), "DELETE": deleting(kind)}
        table.add(f"{kind.path}/{{id}}/", **{name: act for name, act in offered.items() if name in kind.methods})
        for name, path in kind.links.items():
            table.add(f"{kind.path}/{{id}}/{name}/", GET=linked(kind, name), POST=attaching(kind, name, path))
        for name, (path, field) in kind.children.items():
            table.add(
                f"{kind.path}/{{id}}/{name}/",
                GET=children(kind, path, field),
                POST=making(KINDS[path], parent=(kind, field)),
            )
        if "copy" in kind.pages:
            table.add(f"{kind.path}/{{id}}/copy/", GET=may_copy(kind), POST=copying(kind))
    for path in ("unified_job_templates", "unified_jobs"):
        table.add(f"{path}/", GET=listing(path))


def listing(path: str) -> Handler:
    """GET a list."""
    return lambda call: objects.answer_list(call, call.store.all(path))


def reading(kind: Kind) -> Handler:
    """GET one thing."""
    return lambda call: objects.answer(call, objects.readable(call, kind))


def children(kind: Kind, path: str, field: str) -> Handler:
    """GET the things that refer to one."""
    return lambda call: objects.answer_list(
        call, list(call.store.where(path, **{field: objects.readable(call, kind).id}))
    )


def linked(kind: Kind, name: str) -> Handler:
    """GET the things in a list of one, in their order."""

    def handle(call: Call) -> Response:
        numbers = objects.readable(call, kind).linked(name)
        found = [call.store.get(kind.links[name], number) for number in numbers]
        return objects.answer_list(call, [thing for thing in found if thing])

    return handle


# -- making, changing, deleting ------------------------------------------------------------------------------------------


def making(kind: Kind, parent: tuple[Kind, str] | None = None) -> Handler:
    """POST a new thing, to its list or to the list of what it belongs to."""

    def handle(call: Call) -> Response:
        data = call.data
        if parent:
            data[parent[1]] = call.find(parent[0].path).id
        thing = make(call, kind, data)
        return users.told(call, thing) if kind.path == "tokens" else objects.answer(call, thing, 201)

    return handle


def make(call: Call, kind: Kind, data: Json) -> Thing:
    """A new thing out of what was sent; 400 or 403 if it cannot be."""
    users.check_shared(call, kind, "create")
    fields = objects.fields_of(call.store, kind, data)
    missing = [name for name, default in kind.fields.items() if isinstance(default, Required) and name not in fields]
    missing = [name for name in missing if name not in kind.read_only]
    if missing:
        raise ApiError(400, {name: ["This field is required."] for name in missing})
    asked = {**data, **fields}
    if not Access(call.store, call.user).adds(kind.path, asked, kind.references):
        raise forbidden()
    if kind.path in _CHECKS:
        fields = _CHECKS[kind.path](call, fields, asked, None)
    objects.check_unique(call.store, kind, {**objects.defaults(kind), **fields}, None)
    thing = call.store.add(kind.path, **fields)
    if kind.path in _FOLLOWS:
        _FOLLOWS[kind.path](call, thing, data, True)
    return thing


def changing(kind: Kind) -> Handler:
    """PATCH or PUT a thing: what is sent replaces what was there, whole fields at a time.

    There is no ETag, and every change moves `modified`, also one that changes nothing (*seen*).
    """

    def handle(call: Call) -> Response:
        thing, data = objects.changeable(call, kind), call.data
        fields = objects.fields_of(call.store, kind, data)
        users.check_shared(call, kind, "change", [name for name, value in fields.items() if value != thing[name]])
        if kind.path in _CHECKS:
            fields = _CHECKS[kind.path](call, fields, {**thing.fields, **data, **fields}, thing)
        objects.check_unique(call.store, kind, {**thing.fields, **fields}, thing)
        thing.fields.update(fields)
        call.store.changed(thing)
        if kind.path in _FOLLOWS:
            _FOLLOWS[kind.path](call, thing, data, False)
        return objects.answer(call, thing)

    return handle


def deleting(kind: Kind) -> Handler:
    """DELETE a thing."""

    def handle(call: Call) -> Response:
        thing = call.find(kind.path)
        users.check_shared(call, kind, "delete")
        if kind.path in ("role_user_assignments", "role_team_assignments"):
            roles.check_assignment_end(call, thing)
        elif not Access(call.store, call.user).changes(thing):
            raise forbidden()
        if thing.fields.get("managed"):
            raise forbidden(f"Deletion not allowed for managed {kind.path.replace('_', ' ')}")
        if kind.path in _ENDS:
            _ENDS[kind.path](call, thing)
        call.store.delete(thing)
        return Response(status_code=204)

    return handle


# -- attaching and copying -----------------------------------------------------------------------------------------------


def attaching(kind: Kind, name: str, path: str) -> Handler:
    """POST an id to a list of a thing: attach it, or with `disassociate` take it out. Without an id, make it first."""

    def handle(call: Call) -> Response:
        thing, data = objects.changeable(call, kind), call.data
        number = data.get("id")
        if number is None:
            made = make(call, KINDS[path], data)
            thing.linked(name).append(made.id)
            return objects.answer(call, made, 201)
        if not isinstance(number, int):
            raise ApiError(400, {"msg": '"id" field must be an integer.'})
        other = call.store.get(path, number)
        if other is None:
            raise invalid(detail=f"{KINDS[path].model} with id {number} does not exist.")
        attached = thing.linked(name)
        if data.get("disassociate"):
            if number in attached:
                attached.remove(number)
        elif number not in attached:
            check_attachable(call, thing, other)
            attached.append(number)
        return Response(status_code=204)

    return handle


def check_attachable(call: Call, thing: Thing, other: Thing) -> None:
    """403 for what the one who asks may not see or use, 400 for a second credential of a type."""
    access = Access(call.store, call.user)
    if not (access.uses(other) if other.kind.path == "credentials" else access.reads(other)):
        raise forbidden()
    if thing.kind.path == "job_templates" and other.kind.path == "credentials":
        launching.check_credential(call, thing, other)


def may_copy(kind: Kind) -> Handler:
    """GET whether a thing can be copied."""

    def handle(call: Call) -> Response:
        thing = objects.readable(call, kind)
        allowed = Access(call.store, call.user).adds(kind.path, thing.fields, kind.references)
        return JSONResponse({"can_copy": allowed, "can_copy_without_user_input": allowed})

    return handle


def copying(kind: Kind) -> Handler:
    """POST a name: a copy of a thing under that name."""

    def handle(call: Call) -> Response:
        thing = objects.readable(call, kind)
        fields = copy.deepcopy(thing.fields) | {"name": call.data.get("name", "")}
        if not Access(call.store, call.user).adds(kind.path, fields, kind.references):
            raise ApiError(403, FORBIDDEN)
        objects.check_unique(call.store, kind, fields, None)
        other = call.store.add(kind.path, **fields)
        other.links, other.hidden = copy.deepcopy(thing.links), copy.deepcopy(thing.hidden)
        return objects.answer(call, other, 201)

    return handle
