# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the controller keeps: each kind of thing with its fields, what it refers to, and what hangs on it.

Fields, defaults, uniqueness and what goes with a thing that is deleted are those of the models and serializers of AWX
24.6.1 (*source*), as far as `awx.awx` and this collection use them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class Required:
    """Stands for the default of a field that has none."""


REQUIRED = Required()
NOTIFIED = ("started", "success", "error")
UNIFIED = ("projects", "job_templates", "workflow_job_templates", "workflow_approval_templates")
# What can be set for one launch, and the field of a template that allows it.
PROMPTS = {
    "extra_vars": "ask_variables_on_launch",
    "inventory": "ask_inventory_on_launch",
    "credentials": "ask_credential_on_launch",
    "limit": "ask_limit_on_launch",
    "scm_branch": "ask_scm_branch_on_launch",
    "job_type": "ask_job_type_on_launch",
    "job_tags": "ask_tags_on_launch",
    "skip_tags": "ask_skip_tags_on_launch",
    "diff_mode": "ask_diff_mode_on_launch",
    "verbosity": "ask_verbosity_on_launch",
    "execution_environment": "ask_execution_environment_on_launch",
    "labels": "ask_labels_on_launch",
    "forks": "ask_forks_on_launch",
    "job_slice_count": "ask_job_slice_count_on_launch",
    "timeout": "ask_timeout_on_launch",
    "instance_groups": "ask_instance_groups_on_launch",
}


@dataclass(frozen=True)
class Kind:
    """One kind of thing."""

    path: str  # the plural, as in the URL
    type: str  # the singular, as in answers
    fields: Mapping[str, Any]  # with their defaults
    references: Mapping[str, str] = field(default_factory=dict)  # the fields that name another thing, and its path
    cascades: tuple[str, ...] = ()  # the references whose end is the end of this thing; others become null
    links: Mapping[str, str] = field(default_factory=dict)  # lists of other things under this one, and their paths
    children: Mapping[str, tuple[str, str]] = field(
        default_factory=dict
    )  # lists of those that refer to it: path, field
    pages: tuple[str, ...] = ()  # what else is under it
    unique: tuple[str, ...] = ("name",)
    roles: tuple[str, ...] = ()
    read_only: tuple[str, ...] = ("managed", "custom_virtualenv")
    name: str = "name"
    numbered_with: str = ""  # the path of a kind that has its ids out of the same sequence
    choices: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    methods: tuple[str, ...] = ("GET", "POST", "PUT", "PATCH", "DELETE")

    @property
    def model(self) -> str:
        """The name of the model in AWX, such as JobTemplate."""
        return "".join(word.title() for word in self.type.split("_"))


def _named(**fields: Any) -> dict[str, Any]:
    return {"name": REQUIRED, "description": "", **fields}


def _notifications(*more: str) -> dict[str, str]:
    return {f"notification_templates_{event}": "notification_templates" for event in (*NOTIFIED, *more)}


_PROMPTED: dict[str, Any] = {
    "extra_data": {},
    **dict.fromkeys(
        (
            "inventory",
            "scm_branch",
            "job_type",
            "job_tags",
            "skip_tags",
            "limit",
            "diff_mode",
            "verbosity",
            "execution_environment",
            "forks",
            "job_slice_count",
            "timeout",
        )
    ),
}
_PROMPTED_REFERENCES = {"inventory": "inventories", "execution_environment": "execution_environments"}
_PROMPTED_LINKS = {"credentials": "credentials", "labels": "labels", "instance_groups": "instance_groups"}
_ORGANIZATION = {"organization": "organizations"}
_RAN: dict[str, Any] = {
    "unified_job_template": None,
    "launch_type": "manual",
    "status": "successful",
    "failed": False,
    "started": None,
    "finished": None,
    "elapsed": 0.0,
    "job_explanation": "",
    "event_processing_finished": True,
}

KINDS: dict[str, Kind] = {
    kind.path: kind
    for kind in (
        Kind(
            "organizations",
            "organization",
            _named(max_hosts=0, custom_virtualenv=None, default_environment=None),
            {"default_environment": "execution_environments"},
            links={
                **_notifications("approvals"),
                "instance_groups": "instance_groups",
                "galaxy_credentials": "credentials",
            },
            children={
                path: (path, "organization")
                for path in (
                    "credentials",
                    "execution_environments",
                    "inventories",
                    "job_templates",
                    "notification_templates",
                    "projects",
                    "teams",
                    "workflow_job_templates",
                )
            },
            pages=("users", "admins", "object_roles"),
            roles=(
                "admin_role",
                "execute_role",
                "project_admin_role",
                "inventory_admin_role",
                "credential_admin_role",
                "workflow_admin_role",
                "notification_admin_role",
                "job_template_admin_role",
                "execution_environment_admin_role",
                "auditor_role",
                "member_role",
                "read_role",
                "approval_role",
            ),
        ),
        Kind(
            "users",
            "user",
            {
                "username": REQUIRED,
                "first_name": "",
                "last_name": "",
                "email": "",
                "is_superuser": False,
                "is_system_auditor": False,
            },
            pages=("roles", "tokens", "personal_tokens", "organizations", "teams"),
            unique=("username",),
            name="username",
        ),
        Kind(
            "teams",
            "team",
            _named(organization=REQUIRED),
            _ORGANIZATION,
            cascades=("organization",),
            pages=("users", "roles", "object_roles"),
            unique=("organization", "name"),
            roles=("admin_role", "member_role", "read_role"),
        ),
        Kind(
            "labels",
            "label",
            {"name": REQUIRED, "organization": REQUIRED},
            _ORGANIZATION,
            cascades=("organization",),
            unique=("name", "organization"),
            methods=("GET", "POST", "PUT", "PATCH"),
        ),
        Kind(
            "credential_types",
            "credential_type",
            _named(kind=REQUIRED, namespace=None, managed=False, inputs={}, injectors={}),
            children={"credentials": ("credentials", "credential_type")},
            unique=("name", "kind"),
            read_only=("managed", "namespace"),
        ),
        Kind(
            "credentials",
            "credential",
            _named(organization=None, credential_type=REQUIRED, managed=False, inputs={}),
            {**_ORGANIZATION, "credential_type": "credential_types"},
            cascades=("organization", "credential_type"),
            pages=("copy", "object_roles"),
            unique=("organization", "name", "credential_type"),
            roles=("admin_role", "use_role", "read_role"),
        ),
        Kind(
            "execution_environments",
            "execution_environment",
            _named(organization=None, image=REQUIRED, managed=False, credential=None, pull=""),
            {**_ORGANIZATION, "credential": "credentials"},
            cascades=("organization",),
            choices={"pull": ("", "always", "missing", "never")},
        ),
        Kind("instance_groups", "instance_group", {"name": REQUIRED, "is_container_group": False}),
        Kind(
            "inventories",
            "inventory",
            _named(
                organization=REQUIRED, kind="", host_filter=None, variables="", prevent_instance_group_fallback=False
            ),
            _ORGANIZATION,
            links={"instance_groups": "instance_groups", "input_inventories": "inventories"},
            children={"hosts": ("hosts", "inventory")},
            pages=("object_roles",),
            unique=("name", "organization"),
            roles=("admin_role", "update_role", "adhoc_role", "use_role", "read_role"),
            choices={"kind": ("", "smart", "constructed")},
        ),
        Kind(
            "hosts",
            "host",
            _named(inventory=REQUIRED, enabled=True, instance_id="", variables=""),
            {"inventory": "inventories"},
            cascades=("inventory",),
            unique=("name", "inventory"),
        ),
        Kind(
            "projects",
            "project",
            _named(
                organization=None,
                local_path="",
                scm_type="",
                scm_url="",
                scm_branch="",
                scm_refspec="",
                scm_clean=False,
                scm_delete_on_update=False,
                scm_track_submodules=False,
                credential=None,
                timeout=0,
                scm_revision="",
                scm_update_on_launch=False,
                scm_update_cache_timeout=0,
                allow_override=False,
                custom_virtualenv=None,
                default_environment=None,
                signature_validation_credential=None,
            ),
            {
                **_ORGANIZATION,
                "credential": "credentials",
                "default_environment": "execution_environments",
                "signature_validation_credential": "credentials",
            },
            links=_notifications(),
            children={
                "schedules": ("schedules", "unified_job_template"),
                "project_updates": ("project_updates", "project"),
            },
            pages=("update", "playbooks", "copy", "object_roles"),
            unique=("organization", "name"),
            roles=("admin_role", "use_role", "update_role", "read_role"),
            read_only=("scm_revision", "custom_virtualenv"),
            numbered_with="unified_job_templates",
            choices={"scm_type": ("", "git", "svn", "insights", "archive")},
        ),
        Kind(
            "job_templates",
            "job_template",
            _named(
                job_type="run",
                inventory=None,
                project=None,
                playbook="",
                scm_branch="",
                forks=0,
                limit="",
                verbosity=0,
                extra_vars="",
                job_tags="",
                force_handlers=False,
                skip_tags="",
                start_at_task="",
                timeout=0,
                use_fact_cache=False,
                organization=None,
                execution_environment=None,
                host_config_key="",
                **dict.fromkeys(PROMPTS.values(), False),
                survey_enabled=False,
                become_enabled=False,
                diff_mode=False,
                allow_simultaneous=False,
                custom_virtualenv=None,
                job_slice_count=1,
                webhook_service="",
                webhook_credential=None,
                prevent_instance_group_fallback=False,
            ),
            {
                **_ORGANIZATION,
                "inventory": "inventories",
                "project": "projects",
                "execution_environment": "execution_environments",
                "webhook_credential": "credentials",
            },
            links={
                **_notifications(),
                "credentials": "credentials",
                "labels": "labels",
                "instance_groups": "instance_groups",
            },
            children={"schedules": ("schedules", "unified_job_template"), "jobs": ("jobs", "job_template")},
            pages=("launch", "survey_spec", "copy", "object_roles"),
            unique=("organization", "name"),
            roles=("admin_role", "execute_role", "read_role"),
            read_only=("organization", "custom_virtualenv"),  # the organization is that of the project
            numbered_with="unified_job_templates",
            choices={"job_type": ("run", "check"), "verbosity": (0, 1, 2, 3, 4, 5)},
        ),
        Kind(
            "workflow_job_templates",
            "workflow_job_template",
            _named(
                extra_vars="",
                organization=None,
                survey_enabled=False,
                allow_simultaneous=False,
                inventory=None,
                limit=None,
                scm_branch=None,
                job_tags=None,
                skip_tags=None,
                webhook_service="",
                webhook_credential=None,
                **dict.fromkeys(
                    (
                        "ask_variables_on_launch",
                        "ask_inventory_on_launch",
                        "ask_scm_branch_on_launch",
                        "ask_limit_on_launch",
                        "ask_labels_on_launch",
                        "ask_tags_on_launch",
                        "ask_skip_tags_on_launch",
                    ),
                    False,
                ),
            ),
            {**_ORGANIZATION, "inventory": "inventories", "webhook_credential": "credentials"},
            links={**_notifications("approvals"), "labels": "labels"},
            children={
                "schedules": ("schedules", "unified_job_template"),
                "workflow_nodes": ("workflow_job_template_nodes", "workflow_job_template"),
                "workflow_jobs": ("workflow_jobs", "workflow_job_template"),
            },
            pages=("launch", "survey_spec", "copy", "object_roles"),
            unique=("organization", "name"),
            roles=("admin_role", "execute_role", "read_role", "approval_role"),
            numbered_with="unified_job_templates",
        ),
        Kind(
            "workflow_job_template_nodes",
            "workflow_job_template_node",
            {
                **_PROMPTED,
                "workflow_job_template": REQUIRED,
                "unified_job_template": None,
                "all_parents_must_converge": False,
                "identifier": "",
            },
            {
                **_PROMPTED_REFERENCES,
                "workflow_job_template": "workflow_job_templates",
                "unified_job_template": "unified_job_templates",
            },
            cascades=("workflow_job_template",),
            links={
                **_PROMPTED_LINKS,
                "success_nodes": "workflow_job_template_nodes",
                "failure_nodes": "workflow_job_template_nodes",
                "always_nodes": "workflow_job_template_nodes",
            },
            pages=("create_approval_template",),
            unique=("identifier", "workflow_job_template"),
            name="identifier",
        ),
        Kind(
            "workflow_approval_templates",
            "workflow_approval_template",
            # All that can be run has an organization, which lists look for; that of an approval stays empty.
            _named(timeout=0, organization=None),
            _ORGANIZATION,
            unique=(),
            read_only=("organization",),
            numbered_with="unified_job_templates",
            methods=("GET", "PUT", "PATCH", "DELETE"),
        ),
        Kind(
            "schedules",
            "schedule",
            {"rrule": REQUIRED, **_named(), **_PROMPTED, "unified_job_template": REQUIRED, "enabled": True},
            {**_PROMPTED_REFERENCES, "unified_job_template": "unified_job_templates"},
            cascades=("unified_job_template",),
            links=_PROMPTED_LINKS,
            unique=("unified_job_template", "name"),
        ),
        Kind(
            "notification_templates",
            "notification_template",
            _named(organization=REQUIRED, notification_type=REQUIRED, notification_configuration={}, messages=None),
            _ORGANIZATION,
            cascades=("organization",),
            pages=("copy",),
            unique=("organization", "name"),
        ),
        Kind(
            "role_definitions",
            "role_definition",
            _named(permissions=REQUIRED, content_type=None, managed=False),
        ),
        Kind(
            "role_user_assignments",
            "role_user_assignment",
            {"user": REQUIRED, "role_definition": REQUIRED, "object_id": None, "content_type": None},
            {"user": "users", "role_definition": "role_definitions"},
            cascades=("user", "role_definition"),
            unique=("user", "role_definition", "object_id"),
            read_only=("content_type",),
            methods=("GET", "POST", "DELETE"),
        ),
        Kind(
            "role_team_assignments",
            "role_team_assignment",
            {"team": REQUIRED, "role_definition": REQUIRED, "object_id": None, "content_type": None},
            {"team": "teams", "role_definition": "role_definitions"},
            cascades=("team", "role_definition"),
            unique=("team", "role_definition", "object_id"),
            read_only=("content_type",),
            methods=("GET", "POST", "DELETE"),
        ),
        Kind(
            "tokens",
            "o_auth2_access_token",
            {"description": "", "user": None, "application": None, "expires": None, "scope": "write"},
            {"user": "users"},
            cascades=("user",),
            unique=(),
            read_only=("user", "expires"),
            name="id",
        ),
        Kind(
            "project_updates",
            "project_update",
            _named(**_RAN, project=REQUIRED, scm_revision=""),
            {"project": "projects", "unified_job_template": "unified_job_templates"},
            cascades=("project",),
            unique=(),
            numbered_with="unified_jobs",
            methods=("GET", "DELETE"),
        ),
        Kind(
            "jobs",
            "job",
            _named(
                **_RAN,
                job_template=None,
                job_type="run",
                inventory=None,
                project=None,
                playbook="",
                limit="",
                extra_vars="{}",
                artifacts={},
            ),
            {
                "job_template": "job_templates",
                "unified_job_template": "unified_job_templates",
                "inventory": "inventories",
                "project": "projects",
            },
            links={"credentials": "credentials", "labels": "labels"},
            unique=(),
            numbered_with="unified_jobs",
            methods=("GET", "DELETE"),
        ),
        Kind(
            "workflow_jobs",
            "workflow_job",
            _named(**_RAN, workflow_job_template=None, extra_vars="{}", inventory=None, limit=None),
            {
                "workflow_job_template": "workflow_job_templates",
                "unified_job_template": "unified_job_templates",
                "inventory": "inventories",
            },
            unique=(),
            numbered_with="unified_jobs",
            methods=("GET", "DELETE"),
        ),
    )
}
