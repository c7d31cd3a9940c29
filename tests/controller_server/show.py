# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How things look in answers: with their address, what is related to them, and a summary of it."""

from __future__ import annotations

import copy
from datetime import datetime, timezone
from typing import Any

from .access import Access
from .filters import store_type
from .store import Store, Thing
from .web import Json

ENCRYPTED = "$encrypted$"


def moment(at: float | None) -> str | None:
    """A time as the controller writes it."""
    return None if at is None else datetime.fromtimestamp(at, timezone.utc).isoformat().replace("+00:00", "Z")


def address(root: str, thing: Thing) -> str:
    """The path of a thing."""
    return f"{root}{thing.kind.path}/{thing.id}/"


def show(store: Store, root: str, access: Access, thing: Thing) -> Json:
    """A thing as `access.user` sees it, with addresses under the root."""
    kind = thing.kind
    url = address(root, thing)
    related = {name: f"{url}{name}/" for name in (*kind.links, *kind.children, *kind.pages)}
    summary: Json = {}
    for name, path in kind.references.items():
        other = store.get(path, thing[name])
        if other:
            related[name] = address(root, other)
            summary[name] = {"id": other.id, "name": other.name, "description": other.fields.get("description", "")}
            if path == "unified_job_templates":
                summary[name]["unified_job_type"] = other.kind.type.removesuffix("_template")
    if kind.roles:
        summary["object_roles"] = {
            role.kind: {"id": role.id, "name": role.kind.removesuffix("_role").replace("_", " ").title()}
            for role in store.roles_of(thing).values()
        }
    change = access.changes(thing)
    summary["user_capabilities"] = {"edit": change, "delete": change, "start": access.starts(thing)}
    shown: Json = {
        "id": thing.id,
        "type": kind.type,
        "url": url,
        "related": related,
        "summary_fields": summary,
        "created": moment(thing.created),
        "modified": moment(thing.modified),
        **thing.fields,
    }
    _SPECIAL.get(kind.path, lambda *_arguments: None)(store, thing, shown)
    return shown


def _credential(store: Store, thing: Thing, shown: Json) -> None:
    type_ = store_type(store, thing)
    shown["inputs"] = display_inputs(store, thing)
    shown["kind"], shown["cloud"], shown["kubernetes"] = type_["namespace"], type_["kind"] == "cloud", False


def display_inputs(store: Store, credential: Thing) -> Json:
    """The inputs of a credential without secrets: `$encrypted$` for each that is stored, nothing for others (*seen*)."""
    secret = secret_fields(store_type(store, credential))
    return {name: ENCRYPTED if name in secret else value for name, value in credential["inputs"].items()}


def display_survey(template: Thing) -> Json:
    """The survey of a template without the defaults that are secret."""
    survey: Json = copy.deepcopy(template.hidden.get("survey", {}))
    for question in survey.get("spec", []):
        if question["type"] == "password" and question.get("default"):
            question["default"] = ENCRYPTED
    return survey


def secret_fields(type_: Thing) -> set[str]:
    """The ids of the inputs of a credential type that are secret."""
    return {field["id"] for field in type_["inputs"].get("fields", []) if field.get("secret")}


def _user(store: Store, thing: Thing, shown: Json) -> None:
    shown["password"] = ENCRYPTED
    shown |= {"ldap_dn": "", "last_login": None, "external_account": None, "auth": []}


def _token(store: Store, thing: Thing, shown: Json) -> None:
    shown["token"] = "************"
    shown["refresh_token"] = None


def _notification(store: Store, thing: Thing, shown: Json) -> None:
    secret = thing.hidden.get("secret", ())
    shown["notification_configuration"] = {
        name: ENCRYPTED if name in secret and value else value
        for name, value in thing["notification_configuration"].items()
    }


def _template(store: Store, thing: Thing, shown: Json) -> None:
    last = [job for job in store.all("unified_jobs") if job["unified_job_template"] == thing.id]
    shown["status"] = last[-1]["status"] if last else "never updated"
    shown["last_job_run"] = moment(last[-1]["finished"]) if last else None
    shown["last_job_failed"] = bool(last and last[-1]["failed"])
    for job in last[-1:]:
        name = "last" if job["finished"] else "current"
        what = "update" if job.kind.path == "project_updates" else "job"
        shown["summary_fields"][f"{name}_{what}"] = {"id": job.id, "name": job.name, "status": job["status"]}
    if "credentials" in thing.kind.links:
        chosen = [store.get("credentials", number) for number in thing.linked("credentials")]
        shown["summary_fields"]["credentials"] = [{"id": each.id, "name": each.name} for each in chosen if each]


def _node(store: Store, thing: Thing, shown: Json) -> None:
    for name in ("success_nodes", "failure_nodes", "always_nodes"):
        shown[name] = thing.linked(name)


def _job(store: Store, thing: Thing, shown: Json) -> None:
    shown["started"], shown["finished"] = moment(thing["started"]), moment(thing["finished"])
    shown["event_processing_finished"] = thing["finished"] is not None


def _assignment(store: Store, thing: Thing, shown: Json) -> None:
    shown["object_ansible_id"] = None


_SPECIAL: dict[str, Any] = {
    "credentials": _credential,
    "users": _user,
    "tokens": _token,
    "notification_templates": _notification,
    "projects": _template,
    "job_templates": _template,
    "workflow_job_templates": _template,
    "workflow_job_template_nodes": _node,
    "jobs": _job,
    "project_updates": _job,
    "workflow_jobs": _job,
    "role_user_assignments": _assignment,
    "role_team_assignments": _assignment,
}
