# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may read, change and make what.

Both role systems count: roles on things (`users/N/roles/`), and role definitions that are assigned
(`role_user_assignments/`). What members, administrators and owners of an organization may is that of AWX 24.6.1
(*source*), in short: an administrator of an organization may do everything in it but what is for superusers here, and a
member with the role admin on a credential can write it (*seen*).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .store import Store, Thing

FOR_SUPERUSERS = ("credential_types", "role_definitions", "instance_groups")
READ_BY_ALL = FOR_SUPERUSERS
# The roles of an organization that are as good as the role admin on its things of a kind.
_ADMIN_OF = {
    "credentials": "credential_admin_role",
    "execution_environments": "execution_environment_admin_role",
    "inventories": "inventory_admin_role",
    "job_templates": "job_template_admin_role",
    "notification_templates": "notification_admin_role",
    "projects": "project_admin_role",
    "workflow_job_templates": "workflow_admin_role",
}
# What something belongs to, if it has no organization of its own; a node to its workflow, whatever it runs.
_PARENTS = ("inventory", "workflow_job_template", "unified_job_template", "job_template", "project")


class Access:
    """What a user may do."""

    def __init__(self, store: Store, user: Thing) -> None:
        self.store = store
        self.user = user
        self.superuser = bool(user["is_superuser"])

    def organization_of(self, fields: dict[str, Any], references: Any) -> Thing | None:
        """The organization of what has these fields, by itself or by what it belongs to."""
        if isinstance(number := fields.get("organization"), int):
            return self.store.get("organizations", number)
        for name in _PARENTS:
            parent = self.store.get(references[name], fields.get(name)) if name in references else None
            if parent:
                return self.organization_of(parent.fields, parent.kind.references)
        return None

    def teams(self) -> list[int]:
        """The teams that the user is in."""
        return [
            role.thing.id
            for role in self.store.roles.values()
            if role.thing.kind.path == "teams" and self.user.id in role.users and role.kind != "read_role"
        ]

    def has_role(self, thing: Thing, *names: str) -> bool:
        """Whether the user or a team of theirs has one of these roles on a thing; without names, any."""
        teams = set(self.teams())
        return any(
            (not names or name in names) and (self.user.id in role.users or not teams.isdisjoint(role.teams))
            for name, role in self.store.roles_of(thing).items()
        )

    def assigned(self, thing: Thing) -> Iterator[str]:
        """The permissions that the user has by role definitions on a thing, such as `change_credential`."""
        mine = list(self.store.where("role_user_assignments", user=self.user.id))
        mine += [one for team in self.teams() for one in self.store.where("role_team_assignments", team=team)]
        model = thing.kind.type.replace("_", "")
        for assignment in mine:
            of_the_kind = str(assignment["content_type"]).rpartition(".")[2] == model
            if of_the_kind and assignment["object_id"] == str(thing.id):
                definition = self.store.get("role_definitions", assignment["role_definition"])
                for permission in definition["permissions"] if definition else ():
                    yield permission.rpartition(".")[2]

    def may(self, thing: Thing, action: str) -> bool:
        """Whether a role definition on a thing, or on its organization, allows an action."""
        wanted = f"{action}_{thing.kind.type.replace('_', '')}"
        organization = self.organization_of(thing.fields, thing.kind.references)
        return wanted in self.assigned(thing) or (organization is not None and wanted in self.assigned(organization))

    def administers(self, organization: Thing | None, path: str = "") -> bool:
        """Whether the user is an administrator of an organization, or of its things of a kind."""
        if self.superuser:
            return True
        if organization is None:
            return False
        roles = ("admin_role", *filter(None, [_ADMIN_OF.get(path)]))
        return self.has_role(organization, *roles) or "change_organization" in self.assigned(organization)

    def is_member(self, organization: Thing | None) -> bool:
        """Whether the user is in an organization."""
        return organization is not None and (
            self.has_role(organization) or "member_organization" in self.assigned(organization)
        )

    def reads(self, thing: Thing) -> bool:
        """Whether the user sees a thing."""
        path = thing.kind.path
        organization = self.organization_of(thing.fields, thing.kind.references)
        if self.superuser or self.user["is_system_auditor"] or path in READ_BY_ALL or thing is self.user:
            return True
        if path == "users":
            return bool(thing["is_superuser"]) or any(
                self.is_member(place) and Access(self.store, thing).is_member(place)
                for place in self.store.all("organizations")
            )
        if path == "tokens":
            return bool(thing["user"] == self.user.id)
        if path == "organizations":
            return self.is_member(thing)
        if path == "execution_environments" and organization is None:
            return True
        if path in ("teams", "labels", "execution_environments"):
            return self.is_member(organization)
        if path in ("role_user_assignments", "role_team_assignments"):
            return thing.fields.get("user") == self.user.id or thing.fields.get("team") in self.teams()
        if self.administers(organization, path) or self.has_role(thing) or self.may(thing, "view"):
            return True
        parents = (
            self.store.get(thing.kind.references[name], thing[name]) for name in _PARENTS if name in thing.fields
        )
        return not thing.kind.roles and any(parent and self.reads(parent) for parent in parents)

    def changes(self, thing: Thing) -> bool:
        """Whether the user may change and delete a thing."""
        path = thing.kind.path
        if self.superuser or thing is self.user:
            return True
        if path in FOR_SUPERUSERS:
            return False
        if path == "tokens":
            return bool(thing["user"] == self.user.id)
        if path == "users":
            places = [place for place in self.store.all("organizations") if Access(self.store, thing).is_member(place)]
            return not thing["is_superuser"] and bool(places) and all(self.administers(place) for place in places)
        if path == "organizations":
            return self.administers(thing)
        if path in ("role_user_assignments", "role_team_assignments"):
            return False
        organization = self.organization_of(thing.fields, thing.kind.references)
        return self.administers(organization, path) or self.has_role(thing, "admin_role") or self.may(thing, "change")

    def starts(self, template: Thing) -> bool:
        """Whether the user may launch a template, or update a project."""
        return (
            self.changes(template)
            or self.has_role(template, "execute_role", "update_role")
            or self.may(template, "execute")
            or self.may(template, "update")
        )

    def adds(self, path: str, fields: dict[str, Any], references: Any) -> bool:
        """Whether the user may make a thing with these fields."""
        if self.superuser:
            return True
        if path in (*FOR_SUPERUSERS, "users", "organizations"):
            return False
        if path in ("tokens", "role_user_assignments", "role_team_assignments"):  # it depends on the object
            return True
        if path == "credentials" and fields.get("user") == self.user.id:  # anybody can have a private one
            return True
        if path == "credentials" and (team := self.store.get("teams", fields.get("team"))):
            fields = team.fields
        return self.administers(self.organization_of(fields, references), path)

    def uses(self, credential: Thing) -> bool:
        """Whether the user may attach a credential to something; a permission to change it is not enough (*seen*)."""
        organization = self.organization_of(credential.fields, credential.kind.references)
        return (
            self.administers(organization, "credentials")
            or self.has_role(credential, "admin_role", "use_role")
            or self.may(credential, "use")
        )
