# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the options of a task or a lookup to a store and a request: what the action and the lookup have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.collections import is_string
from ansible.module_utils.common.validation import check_type_dict
from ansible.module_utils.errors import UnsupportedError

from ..module_utils._errors import OptionError
from ..module_utils._oauth import ACCESS_TOKEN_LIFETIME
from ..module_utils._options import CLIENT_SPEC, INTEGRATION, INTEGRATION_SPEC, SERVER, spec_of
from ..module_utils._settings import Settings, plain, resolve
from ..module_utils._time import parse_duration
from ._custody.request import Request
from ._custody.shared_integration import SharedIntegration
from ._custody.stores import STORE_SPEC, open_store
from ._custody.stores.base import Store
from ._organizations import is_organization

# The kinds of stores in which the tokens of a shared integration can be: a job of AWX has one credential of each type.
SHARED_KINDS = ("vault_file", "hashi_vault")
ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **spec_of(("org_id", *SERVER)),
    **CLIENT_SPEC,
    "integration": {"type": "dict", "options": INTEGRATION_SPEC},
    "min_validity": {"type": "str", "default": "1d"},
    "force": {"type": "bool", "default": False},
    "verify": {"type": "bool", "default": True},
    "store": {"type": "dict", "options": STORE_SPEC, "apply_defaults": True},
    "integration_store": {"type": "dict", "options": STORE_SPEC},
}


def validated(arguments: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return *arguments* with their types and defaults; raises OptionError."""
    # module_defaults of the action group give an access token to all modules, also to the one where it comes from.
    given = {name: _detached(value) for name, value in arguments.items() if name != "access_token" or name in spec}
    check_types(given, spec)
    validation = ArgumentSpecValidator(spec).validate(given)
    if validation.error_messages:
        # Of an unknown option, the message gives no more than the name.
        unknown = "not known: " if isinstance(validation.errors[0], UnsupportedError) else ""
        raise OptionError("options", unknown + "; ".join(validation.error_messages), "see ansible-doc.")
    options: dict[str, Any] = validation.validated_parameters
    return options


def _detached(value: Any) -> Any:
    """Return *value* with containers of its own: the validator copies them, and those of an expression hold all of Ansible."""
    if isinstance(value, Mapping):
        return {name: _detached(item) for name, item in value.items()}
    return [_detached(item) for item in value] if isinstance(value, list) else value


def check_types(arguments: Mapping[str, Any], spec: Mapping[str, Any], within: str = "") -> None:
    """Raise OptionError for a value of a wrong type, which Ansible would quote in an error, or silently make text of.

    *within* is the beginning of the names of suboptions: ``integration.``.
    """
    for name, option in spec.items():
        value = arguments.get(name)
        if value is None:
            continue
        full_name = within + name
        takes_numbers = not option.get("no_log") and not isinstance(value, (list, tuple, Mapping))
        if option["type"] == "str" and not is_string(value) and not takes_numbers:
            raise OptionError(full_name, "is not text.", "give one value, in quotes if it looks like a number.")
        if option["type"] == "dict":
            check_types(_as_mapping(full_name, value), option.get("options", {}), f"{full_name}.")


def _as_mapping(name: str, value: Any) -> Mapping[str, Any]:
    try:
        # It may be text: JSON, or key=value, as on a command line.
        mapping: Mapping[str, Any] = value if isinstance(value, Mapping) else check_type_dict(value)
    except TypeError:
        raise OptionError(name, "is not a mapping.", "give its suboptions by their names; see ansible-doc.") from None
    return mapping


def open_task(
    options: Mapping[str, Any], loader: Any, check_mode: bool, variables: Mapping[str, Any]
) -> tuple[Store, Request]:
    """Return the store and the request that validated *options* of a task with these *variables* describe.

    Raises OptionError.
    """
    settings = settings_of(options)
    if is_organization(variables) and not options["refresh_token"]:
        # One that the environment gives is that of one organization, and here are many.
        settings = replace(settings, refresh_token=None)
    store = open_store(options["store"], loader, settings.org_id, variables.get("inventory_hostname"))
    request = Request(
        settings=settings,
        min_validity=min_validity(options["min_validity"]),
        force=options["force"],
        verify=options["verify"],
        check_mode=check_mode,
        recovery=plain(options["recovery"]) if options.get("recovery") else None,
    )
    return store, replace(request, integration=shared_integration(options, request, loader))


def shared_integration(
    options: Mapping[str, Any], request: Request, loader: Any, is_needed: bool = False
) -> SharedIntegration | None:
    """Return the integration whose tokens are in the store that *options* name; None if they name none.

    *is_needed*: an integration, if there is one, has to have such a store. Raises OptionError.
    """
    given = options.get("integration_store")
    if not given:
        if is_needed and request.settings.has_integration:
            raise OptionError(
                "integration_store",
                "is missing: one integration mints for all organizations, and its refresh token may be good for one use only.",
                "name a store for its tokens, for example kind: vault_file.",
            )
        return None
    if given["kind"] not in SHARED_KINDS:
        raise OptionError(
            "integration_store.kind", f"is {given['kind']}.", f"choose from {' and '.join(SHARED_KINDS)}."
        )
    return SharedIntegration(open_store(given, loader), request)


def settings_of(options: Mapping[str, Any]) -> Settings:
    """Return the settings that validated *options* of a task give, with those of its integration; raises OptionError."""
    integration = {f"{INTEGRATION}{name}": value for name, value in (options.get("integration") or {}).items()}
    return resolve({**options, **integration})


def check_concurrency(options: Mapping[str, Any]) -> None:
    """Raise OptionError unless the option ``concurrency`` is a number of requests that may be under way at once."""
    if not 1 <= options["concurrency"] <= 100:
        raise OptionError("concurrency", f"{options['concurrency']} is not from 1 to 100.", "write for example 8.")


def min_validity(text: str) -> timedelta:
    """Return the duration that the option ``min_validity`` gives; raises OptionError."""
    try:
        duration = parse_duration(text)
    except ValueError as error:
        raise OptionError("min_validity", f"{error}.") from None
    if duration >= ACCESS_TOKEN_LIFETIME:
        raise OptionError(
            "min_validity",
            f"{text} is not below the 14 days for which an access token is valid.",
            "write for example 1d.",
        )
    return duration
