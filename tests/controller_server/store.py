# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All things that the controller keeps, and the roles on them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .kinds import KINDS, UNIFIED, Kind


@dataclass(eq=False)
class Thing:
    """One thing of a kind."""

    kind: Kind
    id: int
    created: float
    modified: float
    fields: dict[str, Any]
    links: dict[str, list[int]] = field(default_factory=dict)
    hidden: dict[str, Any] = field(default_factory=dict)  # what is not shown as it is, such as a password

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.fields.get(self.kind.name, self.id))

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def linked(self, name: str) -> list[int]:
        """The ids in one of its lists, in their order."""
        return self.links.setdefault(name, [])


@dataclass(eq=False)
class Role:
    """A role on a thing in the old role system, such as `admin_role`, and who has it."""

    id: int
    kind: str
    thing: Thing
    users: list[int] = field(default_factory=list)
    teams: list[int] = field(default_factory=list)


class Store:
    """Everything, by kind and id."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._things: dict[str, dict[int, Thing]] = {path: {} for path in KINDS}
        self._last: dict[str, int] = {}
        self.roles: dict[int, Role] = {}
        self.settings: dict[str, Any] = {"AWX_ISOLATION_SHOW_PATHS": [], "AWX_TASK_ENV": {}}

    def all(self, path: str) -> list[Thing]:
        """All of a kind, by id."""
        if path == "unified_job_templates":
            return sorted((thing for part in UNIFIED for thing in self.all(part)), key=lambda thing: thing.id)
        if path == "unified_jobs":
            parts = ("project_updates", "jobs", "workflow_jobs")
            return sorted((thing for part in parts for thing in self.all(part)), key=lambda thing: thing.id)
        return list(self._things[path].values())

    def get(self, path: str, number: Any) -> Thing | None:
        """One of a kind."""
        if path in ("unified_job_templates", "unified_jobs"):
            return next((thing for thing in self.all(path) if thing.id == number), None)
        return self._things[path].get(number)

    def where(self, path: str, **fields: Any) -> Iterator[Thing]:
        """Those of a kind that have these values."""
        return (thing for thing in self.all(path) if all(thing.fields[name] == value for name, value in fields.items()))

    def named(self, path: str, name: str) -> Thing:
        """One of a kind by its name; KeyError if there is none, or several."""
        matches = list(self.where(path, **{KINDS[path].name: name}))
        if len(matches) != 1:
            raise KeyError(f"{len(matches)} {path} are called {name}")
        return matches[0]

    def add(self, path: str, /, **fields: Any) -> Thing:
        """A new thing; no rule is checked."""
        kind, now = KINDS[path], self._now()
        defaults = {name: copy.deepcopy(value) for name, value in kind.fields.items()}
        number = self._number(kind.numbered_with or path)
        thing = self._things[path][number] = Thing(kind, number, now, now, {**defaults, **fields})
        for name in kind.roles:
            role = Role(self._number("roles"), name, thing)
            self.roles[role.id] = role
        return thing

    def changed(self, thing: Thing) -> None:
        """Note that a thing is changed now."""
        thing.modified = self._now()

    def delete(self, thing: Thing) -> None:
        """Delete a thing, and what cannot be without it; what else refers to it refers to nothing."""
        if self._things[thing.kind.path].pop(thing.id, None) is None:
            return
        paths = {thing.kind.path, thing.kind.numbered_with}
        for other in [other for things in self._things.values() for other in things.values()]:
            for name, path in other.kind.references.items():
                if path in paths and other.fields[name] == thing.id:
                    other.fields[name] = None
                    if name in other.kind.cascades:
                        self.delete(other)
            for name, path in other.kind.links.items():
                if path in paths and thing.id in other.linked(name):
                    other.linked(name).remove(thing.id)
            if "object_id" in other.fields:
                self._forget_object(other, thing)
        for role in [role for role in self.roles.values() if role.thing is thing]:
            del self.roles[role.id]
        approval = self.get("workflow_approval_templates", thing.fields.get("unified_job_template"))
        if approval and thing.kind.path == "workflow_job_template_nodes":
            self.delete(approval)
        for role in self.roles.values():
            people = {"users": role.users, "teams": role.teams}.get(thing.kind.path, [])
            if thing.id in people:
                people.remove(thing.id)

    def _forget_object(self, assignment: Thing, thing: Thing) -> None:
        """Delete an assignment of the new role system to a thing that is gone."""
        content_type = str(assignment.fields.get("content_type"))
        of_the_kind = content_type.rpartition(".")[2] == thing.kind.type.replace("_", "")
        if of_the_kind and assignment["object_id"] == str(thing.id):
            self.delete(assignment)

    def roles_of(self, thing: Thing) -> dict[str, Role]:
        """The roles on a thing, by their names."""
        return {role.kind: role for role in self.roles.values() if role.thing is thing}

    def _number(self, sequence: str) -> int:
        self._last[sequence] = self._last.get(sequence, 0) + 1
        return self._last[sequence]
