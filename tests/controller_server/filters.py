# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists: which things, in which order, on which page.

The parameters are those of AWX (*source*): fields, `__` into what they refer to, a lookup such as `__icontains`, and the
prefixes `or__`, `not__` and `chain__`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from .kinds import KINDS
from .store import Store, Thing
from .web import ApiError, Call, Json

MAX_PAGE_SIZE = 200
_NOT_FIELDS = (
    "page",
    "page_size",
    "order",
    "order_by",
    "search",
    "format",
    "count_disabled",
    "no_truncate",
    "role_level",
)
_LOOKUPS: dict[str, Callable[[Any, str], bool]] = {
    "exact": lambda has, wanted: has == wanted,
    "iexact": lambda has, wanted: has.lower() == wanted.lower(),
    "contains": lambda has, wanted: wanted in has,
    "icontains": lambda has, wanted: wanted.lower() in has.lower(),
    "startswith": lambda has, wanted: has.startswith(wanted),
    "istartswith": lambda has, wanted: has.lower().startswith(wanted.lower()),
    "endswith": lambda has, wanted: has.endswith(wanted),
    "iendswith": lambda has, wanted: has.lower().endswith(wanted.lower()),
    "regex": lambda has, wanted: re.search(wanted, has) is not None,
    "iregex": lambda has, wanted: re.search(wanted, has, re.IGNORECASE) is not None,
    "in": lambda has, wanted: has in wanted.split(","),
    "gt": lambda has, wanted: number(has) > number(wanted),
    "gte": lambda has, wanted: number(has) >= number(wanted),
    "lt": lambda has, wanted: number(has) < number(wanted),
    "lte": lambda has, wanted: number(has) <= number(wanted),
}


def number(text: str) -> float:
    """A number; 400 for what is none."""
    try:
        return float(text)
    except ValueError:
        raise ApiError(400, f"could not convert string to float: {text!r}") from None


def chosen(call: Call, things: Sequence[Thing]) -> list[Thing]:
    """The things that the parameters of a request ask for, in the order that they ask for."""
    alternatives: list[Callable[[Store, Thing], bool]] = []
    conditions: list[Callable[[Store, Thing], bool]] = []
    for key, value in call.query:
        name, *rest = key.split("__")
        if name in _NOT_FIELDS:
            continue
        prefixes = []
        while name in ("or", "not", "chain") and rest:
            prefixes.append(name)
            name, *rest = rest
        test = condition([name, *rest], value, "not" in prefixes)
        (alternatives if "or" in prefixes else conditions).append(test)
    found = [
        thing
        for thing in things
        if all(test(call.store, thing) for test in conditions)
        and (not alternatives or any(test(call.store, thing) for test in alternatives))
    ]
    query = dict(call.query)
    if "search" in query:
        wanted = query["search"].lower()
        found = [thing for thing in found if wanted in f"{thing.name} {thing.fields.get('description', '')}".lower()]
    for name in reversed(query.get("order_by", query.get("order", "")).split(",")):
        if name:
            field = name.removeprefix("-")
            found.sort(key=lambda thing: sort_key(call.store, thing, field), reverse=name.startswith("-"))
    return found


def sort_key(store: Store, thing: Thing, field: str) -> tuple[bool, Any]:
    """What a list is ordered by; things without a value stand at the end."""
    value = value_of(store, thing, [field])
    return value is None, value if isinstance(value, int | float) else str(value).lower()


def condition(path: Sequence[str], wanted: str, negated: bool) -> Callable[[Store, Thing], bool]:
    """Whether a thing has what one parameter asks for."""
    lookup = "exact"
    if len(path) > 1 and path[-1] in (*_LOOKUPS, "isnull"):
        *path, lookup = path

    def holds(store: Store, thing: Thing) -> bool:
        has = value_of(store, thing, path)
        if lookup == "isnull":
            result = (has is None) == (wanted.lower() in ("1", "true"))
        elif lookup == "exact" and wanted.lower() in ("none", "null"):
            result = has is None
        elif isinstance(has, list):
            result = any(_LOOKUPS[lookup](str(item), wanted) for item in has)
        else:
            result = has is not None and _LOOKUPS[lookup](text_of(has), _as_text_of(has, wanted))
        return result != negated

    return holds


def text_of(value: Any) -> str:
    """A value as parameters write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _as_text_of(value: Any, wanted: str) -> str:
    if not isinstance(value, bool):
        return wanted
    return {"1": "true", "0": "false"}.get(wanted.lower(), wanted.lower())


def value_of(store: Store, thing: Thing, path: Sequence[str]) -> Any:
    """The value of a field of a thing, or of what a field refers to; 400 if there is no such field."""
    name, *rest = path
    if name in ("id", "pk", "type", "created", "modified"):
        return {"id": thing.id, "pk": thing.id, "type": thing.kind.type}.get(name, getattr(thing, name, None))
    if name == "kind" and thing.kind.path == "credentials":
        return store_type(store, thing).fields["namespace"]
    if name in thing.kind.links:
        return thing.linked(name)
    if name not in thing.kind.fields:
        raise ApiError(400, f"{thing.kind.model} has no field named '{name}'")
    value = thing[name]
    if not rest:
        return value
    other = store.get(thing.kind.references[name], value) if name in thing.kind.references else None
    return value_of(store, other, rest) if other else None


def store_type(store: Store, credential: Thing) -> Thing:
    """The type of a credential."""
    found = store.get("credential_types", credential["credential_type"])
    assert found is not None, KINDS["credential_types"].path
    return found


def page(call: Call, shown: Callable[[Thing], Json], things: Sequence[Thing]) -> Json:
    """One page of a list, with the addresses of its neighbours, which are relative to the server."""
    query = dict(call.query)
    try:
        size = min(int(query.get("page_size", 25)), MAX_PAGE_SIZE, call.world.config.max_page_size)
        current = int(query.get("page", 1))
    except ValueError:
        raise ApiError(404, "Invalid page.") from None
    start = (current - 1) * size
    if current < 1 or (current > 1 and start >= len(things)):
        raise ApiError(404, "Invalid page.")

    def neighbour(number: int) -> str:
        others = [(key, value) for key, value in call.query if key != "page"]
        return f"{call.path}?{urlencode([*others, ('page', number)])}"

    return {
        "count": len(things),
        "next": neighbour(current + 1) if start + size < len(things) else None,
        "previous": neighbour(current - 1) if current > 1 else None,
        "results": [shown(thing) for thing in things[start : start + size]],
    }
