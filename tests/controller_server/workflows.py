# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workflows: nodes, and approvals, which are nodes too."""

from __future__ import annotations

import uuid

from starlette.responses import Response

from . import launching, objects
from .kinds import KINDS
from .store import Thing
from .web import Call, Json, Routes, invalid


def routes(table: Routes) -> None:
    """The handlers about nodes that are like no other."""
    table.add("workflow_job_template_nodes/{id}/create_approval_template/", POST=make_approval)


def check_node(call: Call, fields: Json, asked: Json, thing: Thing | None) -> Json:
    """A node has an identifier, and prompts that its template allows; its workflow is for good (*source*)."""
    if thing:
        fields = {name: value for name, value in fields.items() if name != "workflow_job_template"}
    elif not asked.get("identifier"):
        fields = {**fields, "identifier": str(uuid.uuid4())}
    template = call.store.get("unified_job_templates", asked.get("unified_job_template"))
    if template:
        launching.check_prompts(call, template, fields, exclude=("required",))
    return fields


def make_approval(call: Call) -> Response:
    """POST: the node becomes an approval, whose page has no lists of nodes as that of the node has (*source*)."""
    node = objects.changeable(call, KINDS["workflow_job_template_nodes"])
    kind = KINDS["workflow_approval_templates"]
    fields = objects.fields_of(call.store, kind, call.data)
    if "name" not in fields:
        raise invalid(name="This field is required.")
    approval = call.store.add(kind.path, **fields)
    node.fields["unified_job_template"] = approval.id
    return objects.answer(call, approval, 201)
