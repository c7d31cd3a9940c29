# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users, their tokens, and who they are; the users of organizations and teams."""

from __future__ import annotations

from collections.abc import Callable, Collection

from starlette.responses import JSONResponse, Response

from . import objects
from .access import Access
from .kinds import KINDS, Kind
from .show import moment
from .store import Thing
from .web import ApiError, Call, Handler, Json, Routes, forbidden, invalid

# What an AAP manages in its gateway, and which fields of it.
SHARED = {
    "organizations": ("name", "description"),
    "teams": ("name", "description", "organization"),
    "users": ("username", "email", "first_name", "last_name", "is_superuser"),
}
TOKEN_LIFETIME = 1000 * 365 * 86_400  # seconds (*seen*)


def routes(table: Routes) -> None:
    """The handlers about users that are like no other."""
    table.add("me/", GET=me)
    table.add("users/{id}/tokens/", GET=tokens_of, POST=make_token)
    table.add("users/{id}/personal_tokens/", GET=tokens_of, POST=make_token)
    table.add("users/{id}/organizations/", GET=places_of("organizations"))
    table.add("users/{id}/teams/", GET=places_of("teams"))
    for path, page, role in (
        ("organizations", "users", "member_role"),
        ("organizations", "admins", "admin_role"),
        ("teams", "users", "member_role"),
    ):
        table.add(f"{path}/{{id}}/{page}/", GET=people(path, role), POST=join(path, role))


def me(call: Call) -> Response:
    """GET /me/: a list of one, whoever asks."""
    return objects.answer_list(call, [call.user])


# -- users ---------------------------------------------------------------------------------------------------------------


def check(call: Call, fields: Json, asked: Json, thing: Thing | None) -> Json:
    """A new user needs a password; nobody but a superuser makes superusers (*source*)."""
    if thing is None and not asked.get("password"):
        raise invalid(password="Password required for new User.")
    for name in ("is_superuser", "is_system_auditor"):
        if fields.get(name) and not call.user["is_superuser"]:
            raise forbidden()
    return fields


def stored(call: Call, thing: Thing, data: Json, new: bool) -> None:
    """Keep the password; `$encrypted$` is none (*source*)."""
    if data.get("password") not in (None, "", "$encrypted$"):
        thing.hidden["password"] = data["password"]


def check_shared(call: Call, kind: Kind, act: str, changed: Collection[str] = ()) -> None:
    """403 for who would make, delete or change what an AAP manages in its gateway: organizations, teams and users.

    So AWX does if local management is switched off (*source*); that every AAP switches it off is a *guess*.
    """
    shared = SHARED.get(kind.path, ())
    if not call.world.is_behind_gateway or not shared:
        return
    if act != "change":
        done = {"create": "Creation", "delete": "Deletion"}[act]
        raise forbidden(
            f"{done} of this resource is not allowed. {act.title()} this resource via the platform ingress."
        )
    for name in changed:
        if name in shared:
            why = f"Cannot change shared field '{name}'. Alter this field via the platform ingress."
            raise ApiError(403, {name: why})


def check_membership(call: Call, place: Thing) -> None:
    """403 for who would change the members of an organization or a team there."""
    if call.world.is_behind_gateway and place.kind.path in SHARED:
        what = f"Cannot directly modify user membership to {place.kind.type}."
        raise ApiError(403, {"msg": f"{what} Direct shared resource management disabled"})


def check_end(call: Call, thing: Thing) -> None:
    """Nobody deletes themselves, nor the last superuser (*source*)."""
    superusers = list(call.store.where("users", is_superuser=True))
    if thing is call.user or superusers == [thing]:
        raise forbidden()


def team_stored(call: Call, thing: Thing, data: Json, new: bool) -> None:
    """Whoever makes a team is its administrator (*source*)."""
    if new and not call.user["is_superuser"]:
        call.store.roles_of(thing)["admin_role"].users.append(call.user.id)


def people(path: str, role: str) -> Handler:
    """GET the users of an organization or a team."""

    def handle(call: Call) -> Response:
        place = objects.readable(call, KINDS[path])
        users = call.store.roles_of(place)[role].users
        return objects.answer_list(call, [thing for thing in call.store.all("users") if thing.id in users])

    return handle


def join(path: str, role: str) -> Handler:
    """POST an id, to add a user to an organization or a team or with `disassociate` to take them out; or a new user.

    So an administrator of an organization can make users, who cannot by `POST /users/` (*seen*).
    """

    def handle(call: Call) -> Response:
        place, data = objects.changeable(call, KINDS[path]), call.data
        check_membership(call, place)
        users = call.store.roles_of(place)[role].users
        if "id" not in data:
            fields = objects.fields_of(call.store, KINDS["users"], data)
            if "username" not in fields:
                raise invalid(username="This field is required.")
            check(call, fields, data, None)
            objects.check_unique(call.store, KINDS["users"], fields, None)
            user = call.store.add("users", **fields)
            stored(call, user, data, True)
            users.append(user.id)
            return objects.answer(call, user, 201)
        if call.store.get("users", data["id"]) is None:
            raise invalid(detail=f"User with id {data['id']} does not exist.")
        if data.get("disassociate"):
            users[:] = [user for user in users if user != data["id"]]
        elif data["id"] not in users:
            users.append(data["id"])
        return Response(status_code=204)

    return handle


def places_of(path: str) -> Handler:
    """GET the organizations or teams that a user is in."""

    def handle(call: Call) -> Response:
        user = objects.readable(call, KINDS["users"])
        inside: Callable[[Thing], bool] = lambda place: user.id in call.store.roles_of(place)["member_role"].users  # noqa: E731
        return objects.answer_list(call, [place for place in call.store.all(path) if inside(place)])

    return handle


# -- tokens --------------------------------------------------------------------------------------------------------------


def check_token(call: Call, fields: Json, asked: Json, thing: Thing | None) -> Json:
    """A token belongs to the user that asks for it, whatever they say of another user (*seen*)."""
    words = str(asked.get("scope", "write")).split()
    if not words or len(set(words)) < len(words) or not set(words) <= {"read", "write"}:
        why = "Must be a simple space-separated string with allowed scopes ['read', 'write']."
        raise invalid(scope=why)
    if thing:
        return fields
    return {**fields, "user": call.user.id, "expires": moment(call.world.now() + TOKEN_LIFETIME)}


def token_stored(call: Call, thing: Thing, data: Json, new: bool) -> None:
    """Give a new token its text."""
    if new:
        call.world.issue(thing)


def told(call: Call, token: Thing) -> Response:
    """A new token with its text: the only time that it is told."""
    return JSONResponse({**objects.shown(call, token), "token": token.hidden["token"]}, 201)


def make_token(call: Call) -> Response:
    """POST /users/N/tokens/ and /users/N/personal_tokens/: it belongs to who asks, not to N (*seen*)."""
    objects.readable(call, KINDS["users"])
    fields = check_token(call, objects.fields_of(call.store, KINDS["tokens"], call.data), call.data, None)
    return told(call, call.world.add_token(**fields))


def tokens_of(call: Call) -> Response:
    """GET /users/N/personal_tokens/: those of who asks (*source*)."""
    objects.readable(call, KINDS["users"])
    return objects.answer_list(call, list(call.store.where("tokens", user=call.user.id)))


def gateway_token(call: Call) -> Response:
    """POST /api/gateway/v1/tokens/ of an AAP: what it answers beside the token is a *guess*."""
    if call.how != "Basic":
        raise forbidden()
    token = call.world.add_token(user=call.user.id, description=call.data.get("description", ""), gateway=True)
    shown = {"id": token.id, "url": f"/api/gateway/v1/tokens/{token.id}/", "token": token.hidden["token"]}
    return JSONResponse({**shown, "user": call.user.id, "scope": "write"}, 201)


def revoke_gateway_token(call: Call) -> Response:
    """DELETE /api/gateway/v1/tokens/N/."""
    token = call.find("tokens")
    if not Access(call.store, call.user).changes(token):
        raise ApiError(404, "Not found.")
    call.store.delete(token)
    return Response(status_code=204)
