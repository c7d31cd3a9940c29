# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard: with an inventory of organizations, a module that writes works in the organization that is meant, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._client import WebexClient
from ..module_utils._errors import NoAnswer, OptionError, WebexError
from ..module_utils._identity import organization_hint, owner
from ..module_utils._ids import bare_id, same_id
from ..module_utils._options import CONNECTION_SPEC
from ..module_utils._requirements import check_packages
from ..module_utils._settings import Settings, resolve
from ._controller import environment_of
from ._organizations import GROUP, Fleet, Member, fleet_of
from ._task import validated

# Every module that changes something in an organization. The others say in their documentation that they only read;
# service_app_token and service_app_tokens change tokens, webhook what the developer is told: nothing in an organization.
WRITING_MODULES = frozenset(
    {
        "activation_code",
        "authorization",
        "calling_user",
        "calling_user_settings",
        "calling_users",
        "guest_token",
        "location",
        "number",
        "person",
    }
)
# Whose token it is, by server and token: a loop asks once.
_OWNERS: dict[tuple[str, str], dict[str, Any] | None] = {}


def guard(action: ActionBase, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
    """Raise WebexError unless the task of *action* may write with these *arguments*, whose ``org_id`` is an id.

    It may if the inventory of its *variables* has no organizations. If it has, the organization must be that of the task's
    host, or named on a host that is none; it must be known, and writable; and the access token must be allowed there, as
    far as the controller can see it. In check mode, too.
    """
    fleet = fleet_of(variables)
    if fleet is None:
        return
    member = _target(fleet, arguments, variables)
    _refuse_read_only(fleet, member)
    _check_token(action, arguments, fleet, member)


def _target(fleet: Fleet, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Member:
    """Return the organization that the task would write to."""
    own, named = fleet.own, arguments.get("org_id")
    if own is None:
        if not named:
            raise OptionError(
                "org_id",
                f"is missing: the host {variables.get('inventory_hostname')} is none of the organizations of the inventory.",
                f"name the organization by its alias or id, or run the task on its host, in the group {GROUP}.",
            )
        members = fleet.named(named)
        if not members:
            raise OptionError(
                "org_id",
                f"the inventory does not know the organization {bare_id(named)}, so it is read-only.",
                "add it to the list of organizations, with `writable: true`, if it is to be changed.",
            )
        return members[0]
    if named and not same_id(named, own.org_id):
        raise OptionError(
            "org_id",
            f"names {_label_of(named, fleet)}, but the host of the task is {own.label}.",
            "leave it out to work in the host's organization, or run the task on the host of the other one.",
        )
    for variable in ("webex_org_id", "webex_org_uuid"):
        value = variables.get(variable)
        if value is not None and not same_id(str(value), own.org_id):
            raise OptionError(
                variable,
                f"names another organization than {own.label}, which the host is.",
                "do not set it: the inventory does.",
            )
    return own


def _label_of(org_id: str, fleet: Fleet) -> str:
    """Return what to call an organization: by its alias, if it has one."""
    return next((member.label for member in fleet.named(org_id)), bare_id(org_id))


def _refuse_read_only(fleet: Fleet, member: Member) -> None:
    for listed in fleet.named(member.org_id):
        if not fleet.is_listed_as_writable(listed):
            where = f" in {listed.list_file}" if listed.list_file else ""
            raise WebexError(
                f"The organization {listed.label} is read-only for this collection: the inventory does not say that it is writable.",
                f"if it is to be changed, write `writable: true` into its entry ({listed.alias}){where}.",
            )
        if fleet.is_forbidden(listed):
            raise WebexError(
                f"The organization {listed.label} is read-only in this run: the variable webex_org_writable is not true.",
                "look for it in group_vars, host_vars, the play and --extra-vars; the inventory itself sets it to true.",
            )


def _check_token(action: ActionBase, arguments: Mapping[str, Any], fleet: Fleet, member: Member) -> None:
    """Raise WebexError if the access token, as far as it can be seen here, is not for the organization.

    A machine account works in its own organization. A person may be the administrator of a partner, which Webex decides.
    """
    is_local = action._connection.transport == "local"
    given = {name: arguments[name] for name in CONNECTION_SPEC if name in arguments}
    if not is_local and not given.get("access_token"):
        # It comes from the environment or a file of the host that runs the module.
        return
    try:
        check_packages(on_controller=True)
        with environment_of(action._task):
            settings = resolve(validated(given, CONNECTION_SPEC))
        if not settings.access_token:
            return
        org_id, kind = _owner_of(settings)
    except (NoAnswer, OptionError) as error:
        if is_local:
            raise
        Display().warning(
            f"Whether the access token is for the organization {member.label} was not looked at from here: {error}"
        )
        return
    if not org_id:
        raise OptionError(
            "access_token",
            "does not say whose it is, and so may be that of another organization.",
            "give the service app or integration the scope spark:people_read, and get a new token.",
        )
    if not same_id(org_id, member.org_id) and kind != "person":
        raise OptionError(
            "access_token",
            f"is that of {_label_of(org_id, fleet)}, and the task is for {member.label}.",
            "give the token of the organization that is meant: `collabops.webex.service_app_token` returns that of a host.",
        )


def _owner_of(settings: Settings) -> tuple[str | None, str | None]:
    """Return the organization and the type of the owner of the access token; the organization is None if nothing tells it.

    ``GET /people/me`` tells it. A token without the scope for that has the organization in its form, which is a hint.
    """
    token = settings.access_token or ""
    key = (settings.base_url, token)
    if key not in _OWNERS:
        with WebexClient(settings) as client:
            _OWNERS[key] = owner(client)
    me = _OWNERS[key]
    return (me.get("orgId"), me.get("type")) if me else (organization_hint(token), None)
