# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both role systems: roles on things, which users and teams are members of; and role definitions, which are assigned."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from . import objects, users
from .access import Access
from .filters import page
from .kinds import KINDS
from .store import Role, Store, Thing
from .web import NOT_FOUND, ApiError, Call, Handler, Json, Routes, forbidden, invalid

_MEMBERSHIPS = ("member_role", "admin_role")
# In this order the new role system shows permissions: Django's own first, then those of the model (*guess*).
_ACTIONS = ("add", "change", "delete", "view")
_MORE: dict[str, tuple[str, ...]] = {
    "credential": ("use",),
    "jobtemplate": ("execute",),
    "project": ("update", "use"),
    "inventory": ("use", "adhoc", "update"),
    "workflowjobtemplate": ("execute", "approve"),
    "notificationtemplate": (),
    "executionenvironment": (),
    "team": ("member",),
    "organization": ("member", "audit"),
}
_TITLES = {
    "credential": "Credential",
    "jobtemplate": "JobTemplate",
    "project": "Project",
    "inventory": "Inventory",
    "workflowjobtemplate": "WorkflowJobTemplate",
    "notificationtemplate": "NotificationTemplate",
    "executionenvironment": "ExecutionEnvironment",
    "team": "Team",
    "organization": "Organization",
}


def routes(table: Routes) -> None:
    """The handlers of the old role system; those of the new one are like those of other things."""
    table.add("roles/", GET=list_roles)
    table.add("roles/{id}/", GET=show_role)
    for path in ("users", "teams"):
        table.add(f"roles/{{id}}/{path}/", GET=members(path), POST=grant_here(path))
        table.add(f"{path}/{{id}}/roles/", GET=roles_of(path), POST=grant_to(path))
    for kind in KINDS.values():
        if kind.roles:
            table.add(f"{kind.path}/{{id}}/object_roles/", GET=object_roles(kind.path))


# -- roles on things -----------------------------------------------------------------------------------------------------


def shown(call: Call, role: Role) -> Json:
    """A role as it looks in answers."""
    return {
        "id": role.id,
        "type": "role",
        "url": f"{call.root}roles/{role.id}/",
        "related": {name: f"{call.root}roles/{role.id}/{name}/" for name in ("users", "teams")},
        "summary_fields": {
            "resource_id": role.thing.id,
            "resource_name": role.thing.name,
            "resource_type": role.thing.kind.type,
            "resource_type_display_name": role.thing.kind.type.replace("_", " ").title(),
        },
        "name": role.kind.removesuffix("_role").replace("_", " ").title(),
        "role_field": role.kind,
        "description": "",
    }


def answer(call: Call, found: list[Role]) -> Response:
    """One page of roles."""
    by_id = {role.id: role for role in found}
    things = [Thing(KINDS["labels"], role.id, 0, 0, {}) for role in found]  # a page needs no more of them than the ids
    return JSONResponse(page(call, lambda thing: shown(call, by_id[thing.id]), things))


def list_roles(call: Call) -> Response:
    """GET /roles/: those on things that the one who asks can see."""
    access = Access(call.store, call.user)
    return answer(call, [role for role in call.store.roles.values() if access.reads(role.thing)])


def find_role(call: Call, number: int) -> Role:
    """A role; 404 if there is none."""
    if number not in call.store.roles:
        raise ApiError(404, NOT_FOUND)
    return call.store.roles[number]


def show_role(call: Call) -> Response:
    """GET /roles/N/."""
    return JSONResponse(shown(call, find_role(call, int(call.parameters["id"]))))


def object_roles(path: str) -> Handler:
    """GET the roles on a thing."""
    return lambda call: answer(call, list(call.store.roles_of(objects.readable(call, KINDS[path])).values()))


def members(path: str) -> Handler:
    """GET /roles/N/users/ or /teams/."""

    def handle(call: Call) -> Response:
        numbers = getattr(find_role(call, int(call.parameters["id"])), path)
        return objects.answer_list(call, [thing for thing in call.store.all(path) if thing.id in numbers])

    return handle


def roles_of(path: str) -> Handler:
    """GET /users/N/roles/ or /teams/N/roles/."""

    def handle(call: Call) -> Response:
        actor = objects.readable(call, KINDS[path])
        return answer(call, [role for role in call.store.roles.values() if actor.id in getattr(role, path)])

    return handle


def grant_here(path: str) -> Handler:
    """POST /roles/N/users/ or /teams/ with the id of a user or team."""

    def handle(call: Call) -> Response:
        data, role = call.data, find_role(call, int(call.parameters["id"]))
        return grant(call, role, path, data.get("id"), bool(data.get("disassociate")))

    return handle


def grant_to(path: str) -> Handler:
    """POST /users/N/roles/ or /teams/N/roles/ with the id of a role."""

    def handle(call: Call) -> Response:
        data, actor = call.data, call.find(path)
        number = data.get("id")
        if number not in call.store.roles:
            raise ApiError(400, {"msg": "Role 'id' field is missing."} if number is None else {"detail": NOT_FOUND})
        return grant(call, call.store.roles[number], path, actor.id, bool(data.get("disassociate")))

    return handle


def grant(call: Call, role: Role, path: str, number: int | None, take: bool) -> Response:
    """Give a role to a user or team, or take it from them (*source*)."""
    actor = call.store.get(path, number)
    if actor is None:
        raise ApiError(400, {"msg": f"{path.removesuffix('s').title()} 'id' field is missing."})
    thing = role.thing
    if role.kind in _MEMBERSHIPS:
        users.check_membership(call, thing)
    organization = call.store.get("organizations", thing.fields.get("organization"))
    if path == "teams" and thing.kind.path == "organizations" and role.kind in _MEMBERSHIPS:
        raise ApiError(400, {"msg": "You cannot assign an Organization participation role as a child role for a Team."})
    if thing.kind.path == "credentials" and not take:
        if path == "users" and organization and not Access(call.store, actor).is_member(organization):
            why = "You cannot grant credential access to a user not in the credentials' organization"
            raise ApiError(400, {"msg": why})
        if path == "users" and organization is None and not call.user["is_superuser"]:
            raise ApiError(400, {"msg": "You cannot grant private credential access to another user"})
        if path == "teams" and (organization is None or actor["organization"] != organization.id):
            why = "You cannot grant credential access to a team when the Organization field isn't set, or belongs to a different organization"
            raise ApiError(400, {"msg": why})
    if not Access(call.store, call.user).changes(thing):
        raise forbidden()
    numbers = getattr(role, path)
    if take:
        numbers[:] = [other for other in numbers if other != actor.id]
    elif actor.id not in numbers:
        numbers.append(actor.id)
    return Response(status_code=204)


# -- role definitions and assignments ------------------------------------------------------------------------------------


def permission(model: str, action: str) -> str:
    """The name of a permission, such as ``awx.change_credential``."""
    return f"{prefix(model)}.{action}_{model}"


def prefix(model: str) -> str:
    """Organizations and teams are shared with other parts of an AAP."""
    return "shared" if model in ("organization", "team") else "awx"


def permissions_of(model: str) -> list[str]:
    """All permissions that a role on a thing of a model can give, in their order; an organization has those of its things."""
    own = [permission(model, action) for action in (*_ACTIONS[1:], *_MORE[model])]
    if model != "organization":
        return own
    others = [permission(other, action) for other in _MORE if other != model for action in (*_ACTIONS, *_MORE[other])]
    return own + others


def add_managed(store: Store) -> None:
    """The definitions that every controller has, with the names of AWX 24.6.1 (*source*)."""

    def add(name: str, model: str, permissions: list[str]) -> None:
        content_type = f"{prefix(model)}.{model}"
        store.add("role_definitions", name=name, permissions=permissions, content_type=content_type, managed=True)

    for model, more in _MORE.items():
        add(f"{_TITLES[model]} Admin", model, permissions_of(model))
        if model not in ("organization", "team"):
            everything = [permission(model, action) for action in (*_ACTIONS, *more)]
            add(f"Organization {_TITLES[model]} Admin", "organization", ["shared.view_organization", *everything])
        for action in more:
            name = f"{_TITLES[model]} {action.title()}"
            add(name, model, [permission(model, "view"), permission(model, action)])


def check_definition(call: Call, fields: Json, asked: Json, thing: Thing | None) -> Json:
    """A definition of one's own has a type, and permissions that the type knows, with the one to view (*source*)."""
    if thing and thing["managed"]:
        raise ApiError(400, ["Role is managed by the system"])
    content_type, permissions = asked.get("content_type"), asked.get("permissions")
    if not content_type:
        raise invalid(content_type="System-wide roles are not enabled")
    model = str(content_type).rpartition(".")[2]
    if model not in _MORE:
        raise invalid(content_type=f'"{content_type}" is not a valid choice.')
    if model == "team":
        raise ApiError(400, ["Creating custom roles for teams is disabled"])
    if not isinstance(permissions, list):
        raise invalid(permissions=f'Expected a list of items but got type "{type(permissions).__name__}".')
    known = permissions_of(model)
    codes = {name.rpartition(".")[2]: name for name in known}
    if unknown := [name for name in permissions if str(name).rpartition(".")[2] not in codes]:
        named = ", ".join(f'"{str(name).rpartition(".")[2]}"' for name in unknown)
        raise invalid(permissions=f"Permissions {named} are not valid for {model} roles")
    given = {codes[str(name).rpartition(".")[2]] for name in permissions}
    if given and permission(model, "view") not in given:
        named = ", ".join(sorted(name.rpartition(".")[2] for name in given))
        raise invalid(permissions=f"Permissions for model {model} needs to include view, got: {named}")
    return {
        **fields,
        "content_type": f"{prefix(model)}.{model}",
        "permissions": [name for name in known if name in given],
    }


def check_end(call: Call, thing: Thing) -> None:
    """400 for a definition of the system (*source*)."""
    if thing["managed"]:
        raise ApiError(400, ["Role is managed by the system"])


def check_assignment(call: Call, fields: Json, asked: Json, thing: Thing | None) -> Json:
    """An assignment names a thing of the type of its definition, which the one who asks may change.

    A role on a credential goes to administrators of its organization only, not to members (*seen*); or to teams of it.
    """
    definition = call.store.get("role_definitions", fields.get("role_definition"))
    assert definition is not None
    path = next(
        kind.path
        for kind in KINDS.values()
        if kind.type.replace("_", "") == definition["content_type"].rpartition(".")[2]
    )
    number = asked.get("object_id")
    if number in (None, ""):
        raise invalid(object_id="Object must be specified for this role assignment")
    found = call.store.get(path, int(number)) if str(number).isdecimal() else None
    access = Access(call.store, call.user)
    if found is None or not access.reads(found):
        raise invalid(object_id=f'Invalid pk "{number}" - object does not exist.')
    if not access.changes(found):
        raise forbidden()
    if path == "credentials":
        check_credential(call, found, asked)
    return {**fields, "object_id": str(found.id), "content_type": definition["content_type"]}


def check_credential(call: Call, credential: Thing, asked: Json) -> None:
    """400 for who cannot have a role on a credential."""
    organization = call.store.get("organizations", credential["organization"])
    if asked.get("team"):
        team = call.store.get("teams", asked["team"])
        if team and organization and team["organization"] == organization.id:
            return
    else:
        user = call.store.get("users", asked.get("user"))
        if user and Access(call.store, user).administers(organization):
            return
    who = "Team" if asked.get("team") else "User"
    raise invalid(detail=f"You cannot grant credential access to a {who} not in the credentials' organization")


def check_assignment_end(call: Call, thing: Thing) -> None:
    """403 for who may not change the thing of an assignment (*source*)."""
    model = thing["content_type"].rpartition(".")[2]
    path = next(kind.path for kind in KINDS.values() if kind.type.replace("_", "") == model)
    found = call.store.get(path, int(thing["object_id"]))
    if found is None or not Access(call.store, call.user).changes(found):
        raise forbidden()
