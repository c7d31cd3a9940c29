# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is alike for things of every kind: how they are shown, found, checked and completed."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from starlette.responses import JSONResponse, Response

from .access import Access
from .filters import chosen, page
from .kinds import Kind, Required
from .show import show
from .store import Store, Thing
from .web import ApiError, Call, Json, forbidden, invalid


def shown(call: Call, thing: Thing) -> Json:
    """A thing as the one who asks sees it."""
    return show(call.store, call.root, Access(call.store, call.user), thing)


def answer(call: Call, thing: Thing, status: int = 200) -> Response:
    """A thing as an answer."""
    return JSONResponse(shown(call, thing), status)


def answer_list(call: Call, things: Sequence[Thing]) -> Response:
    """One page of those of the things that the one who asks can see."""
    access = Access(call.store, call.user)
    visible = chosen(call, [thing for thing in things if access.reads(thing)])
    return JSONResponse(page(call, lambda thing: shown(call, thing), visible))


def readable(call: Call, kind: Kind) -> Thing:
    """The thing that the path names; 404 if there is none, 403 if it is not for the one who asks (*seen*)."""
    thing = call.find(kind.path)
    if not Access(call.store, call.user).reads(thing):
        raise forbidden()
    return thing


def changeable(call: Call, kind: Kind) -> Thing:
    """The same, for a change."""
    thing = call.find(kind.path)
    if not Access(call.store, call.user).changes(thing):
        raise forbidden()
    return thing


def defaults(kind: Kind) -> Json:
    """The fields of a kind, with what they are if nobody says."""
    return {name: None if isinstance(value, Required) else copy.deepcopy(value) for name, value in kind.fields.items()}


def fields_of(store: Store, kind: Kind, data: Json) -> Json:
    """The fields of a kind out of what was sent. What is unknown or read-only is ignored; wrong types are a 400."""
    fields, errors = {}, {}
    for name, default in kind.fields.items():
        if name in data and name not in kind.read_only:
            try:
                fields[name] = value_of(store, kind, name, default, data[name])
            except ValueError as error:
                errors[name] = [str(error)]
    if errors:
        raise ApiError(400, errors)
    return fields


def value_of(store: Store, kind: Kind, name: str, default: Any, value: Any) -> Any:
    """A value as it is stored; ValueError says what is wrong with it."""
    if name in kind.references:
        return reference(store, kind, name, default, value)
    if name in kind.choices and value is not None and value not in kind.choices[name]:
        raise ValueError(f'"{value}" is not a valid choice.')
    if value is None:
        if isinstance(default, Required):
            raise ValueError("This field may not be blank.")
        if isinstance(default, int) and not isinstance(default, bool):
            raise ValueError("This field may not be null.")
        return type(default)() if isinstance(default, str | bool) else copy.deepcopy(default)  # (*source*)
    if isinstance(default, bool):
        if isinstance(value, bool):
            return value
        if str(value).lower() in ("true", "false", "1", "0"):
            return str(value).lower() in ("true", "1")
        raise ValueError("Must be a valid boolean.")
    if isinstance(default, int):
        if isinstance(value, bool) or not str(value).lstrip("-").isdecimal():
            raise ValueError("A valid integer is required.")
        return int(value)
    if isinstance(default, str) or name == kind.name:
        if isinstance(value, bool | dict | list):
            raise ValueError("Not a valid string.")
        if name == kind.name and not str(value).strip():
            raise ValueError("This field may not be blank.")
        return str(value)
    return value


def reference(store: Store, kind: Kind, name: str, default: Any, value: Any) -> int | None:
    """The id of another thing that there is; ValueError says what is wrong with it."""
    if value in (None, ""):
        if isinstance(default, Required):
            raise ValueError("This field may not be null.")
        return None
    if isinstance(value, bool) or not str(value).isdecimal():
        raise ValueError(f"Incorrect type. Expected pk value, received {type(value).__name__}.")
    if store.get(kind.references[name], int(value)) is None:
        raise ValueError(f'Invalid pk "{value}" - object does not exist.')
    return int(value)


def check_unique(store: Store, kind: Kind, fields: Json, thing: Thing | None) -> None:
    """400 for what there is already. Nothing is equal to null, as in its database."""
    wanted = {name: fields.get(name) for name in kind.unique}
    if not wanted or None in wanted.values():
        return
    if all(other is thing for other in store.where(kind.path, **wanted)):
        return
    title = kind.type.replace("_", " ").capitalize()
    names = [name.replace("_", " ").capitalize() for name in kind.unique]
    if len(names) == 1:
        raise invalid(**{kind.unique[0]: f"{title} with this {names[0]} already exists."})
    raise invalid(__all__=f"{title} with this {', '.join(names[:-1])} and {names[-1]} already exists.")
