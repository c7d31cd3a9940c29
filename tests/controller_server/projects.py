# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Projects: their updates, which always succeed, and the playbooks in them."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from starlette.responses import JSONResponse, Response

from . import objects
from .access import Access
from .kinds import KINDS
from .store import Thing
from .web import ApiError, Call, Json, Routes, forbidden, invalid

# A file with such a line is a playbook for AWX (*source*).
_PLAYBOOK = re.compile(
    r"^\s*?-?\s*?(?:hosts|(ansible\.builtin\.)?include|(ansible\.builtin\.)?import_playbook):\s*?.*?$"
)
_SKIPPED = {"roles", "tasks", "group_vars", "host_vars"}
_SOURCE = ("scm_type", "scm_url", "scm_branch", "scm_refspec", "credential")


def routes(table: Routes) -> None:
    """The handlers about projects that are like no other."""
    table.add("projects/{id}/update/", GET=may_update, POST=update)
    table.add("projects/{id}/playbooks/", GET=list_playbooks)


def check(call: Call, fields: Json, asked: Json, thing: Thing | None) -> Json:
    """A project out of a repository needs its address (*source*)."""
    if asked.get("scm_type") in ("git", "svn", "archive") and not asked.get("scm_url"):
        raise invalid(scm_url="SCM URL is required.")
    return fields


def stored(call: Call, thing: Thing, data: Json, new: bool) -> None:
    """A project is updated when it is new, and when its source is another one (*source*)."""
    source = [thing[name] for name in _SOURCE]
    if thing["scm_type"] and source != thing.hidden.get("source"):
        start(call, thing)
    thing.hidden["source"] = source


def start(call: Call, project: Thing) -> Thing:
    """A new update."""
    return call.world.start_job(
        "project_updates",
        call.world.config.update_seconds,
        name=project["name"],
        project=project.id,
        unified_job_template=project.id,
        scm_revision=revision(project),
    )


def revision(project: Thing) -> str:
    """A commit: the same one as long as the source is the same."""
    return hashlib.sha1(f"{project['scm_url']}#{project['scm_branch']}".encode()).hexdigest()


def may_update(call: Call) -> Response:
    """GET whether a project can be updated."""
    project = objects.readable(call, KINDS["projects"])
    return JSONResponse({"can_update": bool(project["scm_type"])})


def update(call: Call) -> Response:
    """POST: start an update."""
    project = call.find("projects")
    if not Access(call.store, call.user).starts(project):
        raise forbidden()
    if not project["scm_type"]:
        raise ApiError(405, 'Method "POST" not allowed.')
    job = start(call, project)
    return JSONResponse({"project_update": job.id, **objects.shown(call, job)}, 202)


def list_playbooks(call: Call) -> Response:
    """GET the files that AWX takes for playbooks."""
    return JSONResponse(playbooks(call, objects.readable(call, KINDS["projects"])) or [])


def has_playbook(call: Call, project: Thing, name: str) -> bool:
    """Whether a project has a playbook of this name; a playbook is a file, never an FQCN (*seen*).

    What is in a repository is known if it is a folder of this machine, or by the setting `playbooks`; in another one, there
    is every YAML file (*guess*).
    """
    known = playbooks(call, project)
    return name.endswith((".yml", ".yaml")) if known is None else name in known


def playbooks(call: Call, project: Thing) -> list[str] | None:
    """The playbooks of a project; None if nobody knows."""
    if call.world.config.playbooks:
        return call.world.config.playbooks
    folder = Path(str(project["scm_url"]).removeprefix("file://"))
    return found_in(folder) if folder.is_absolute() and folder.is_dir() else None


def found_in(folder: Path) -> list[str]:
    """The files below a folder that AWX offers as playbooks (*source*)."""
    found = []
    for place, _folders, files in os.walk(folder):
        parts = Path(place).relative_to(folder).parts
        if not _SKIPPED.isdisjoint(parts) or any(part.startswith(".") for part in parts):
            continue
        for name in files:
            if name.endswith((".yml", ".yaml")) and is_playbook(Path(place, name)):
                found.append(str(Path(*parts, name)))
    return sorted(found)


def is_playbook(path: Path) -> bool:
    """Whether a file looks like a playbook to AWX (*source*)."""
    lines = path.read_text(encoding="utf-8", errors="ignore").splitlines()
    return any(_PLAYBOOK.match(line) for line in lines) or lines[:1] != [] and lines[0].startswith("$ANSIBLE_VAULT;")
