# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: service_app_token
short_description: A valid access token of a Webex service app, inside an expression
version_added: 1.0.0
description:
  - Returns an access token that is valid for at least O(min_validity), as M(collabops.webex.service_app_token) does, with the
    same stores and the same care. It is meant for C(group_vars), for modules of other collections, and for
    M(ansible.builtin.uri).
  - However often the expression is evaluated, each process asks the store once for each token, and again only when the
    token it got has less than O(min_validity) left.
  - In check mode no request is sent. If the stored token would have to be refreshed, it is returned as long as it is valid.
author:
  - collabops contributors (@collabops)
extends_documentation_fragment:
  - collabops.webex.connection
  - collabops.webex.connection.org_id
  - collabops.webex.connection.plugin
  - collabops.webex.client
  - collabops.webex.client.refresh_token
  - collabops.webex.client.integration
  - collabops.webex.client.plugin
  - collabops.webex.store
  - collabops.webex.store.plugin
options:
  min_validity:
    description: How long the access token must still be valid; a duration such as V(1d) or V(12h), less than 14 days.
    type: str
    default: 1d
    vars:
      - name: webex_min_validity
  store:
    description:
      - Where the tokens are kept between runs. It must keep something, because an expression can hand on nothing but the access
        token.
    required: true
notes:
  - The environment is that of Ansible itself. The keyword C(environment) of a play or a task does not reach a lookup.
  - If a lookup fails, Ansible puts words of its own, about the expression, before the message.
  - An expression cannot hide its value. A task that prints its arguments, such as M(ansible.builtin.uri) at C(-vvv), shows the
    token unless it has C(no_log).
seealso:
  - ref: ansible_collections.collabops.webex.docsite.guide_security
    description: How tokens are kept, what was tried in order to lose one, and which risks remain.
  - module: collabops.webex.service_app_token
"""

EXAMPLES = r"""
# The variables can as well be in group_vars/all/webex.yml.
- name: Call what this collection has no module for
  hosts: localhost
  gather_facts: false
  vars:
    webex_store:
      kind: vault_file
      path: webex_token.yml
  tasks:
    - name: List the workspaces of the organization
      ansible.builtin.uri:
        url: https://webexapis.com/v1/workspaces
        headers:
          Authorization: "Bearer {{ lookup('collabops.webex.service_app_token') }}"
      no_log: true
"""

RETURN = r"""
_raw:
  description: The access token, a list with one element.
  type: list
  elements: str
"""

from ..plugin_utils._controller import check_controller

check_controller()

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display

from ..module_utils._errors import MissingSetting, OptionError, WebexError
from ..module_utils._oauth import TokenSet
from ..module_utils._requirements import check_packages
from ..module_utils._time import utc_now
from ..plugin_utils._custody.broker import obtain
from ..plugin_utils._organizations import resolved_org_id
from ..plugin_utils._task import ARGUMENT_SPEC, check_types, open_task, validated

NO_ENVIRONMENT = (
    "The keyword `environment` of a play or a task does not reach a lookup; the module service_app_token sees it."
)
# What this process got already, by what was asked for.
_TOKENS: dict[str, tuple[TokenSet, timedelta]] = {}


class LookupModule(LookupBase):
    """The lookup ``collabops.webex.service_app_token``."""

    def run(self, terms: list[Any], variables: Mapping[str, Any] | None = None, **kwargs: Any) -> list[str]:
        """Return the access token; raises AnsibleLookupError with a message that holds no secret."""
        templated = self._templated(variables or {})
        try:
            check_packages(on_controller=True)
            # Ansible would quote a value of a wrong type.
            for arguments in (kwargs, *self._by_option(templated)):
                check_types(arguments, ARGUMENT_SPEC)
            self.set_options(var_options=templated, direct=kwargs)
            given = {
                name: value for name, value in self.get_options().items() if name in ARGUMENT_SPEC and value is not None
            }
            if terms:
                raise OptionError("terms", "there is nothing to look up.", "give keywords, for example store=...")
            return [self._token(given, variables or {})]
        except MissingSetting as error:
            raise AnsibleLookupError(f"{error} {NO_ENVIRONMENT}") from None
        except WebexError as error:
            raise AnsibleLookupError(str(error)) from None

    def _variables_of_options(self) -> list[tuple[str, str]]:
        """Return each option that a variable can set, with the name of that variable."""
        options = C.config.get_configuration_definitions("lookup", self._load_name)
        return [(name, variable["name"]) for name, option in options.items() for variable in option.get("vars") or []]

    def _templated(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the variables that are options, as values: a lookup gets them as they were written."""
        names = [variable for _option, variable in self._variables_of_options()]
        return {name: self._templar.template(variables[name]) for name in names if name in variables}

    def _by_option(self, variables: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the *variables* under the names of the options that they set."""
        return [{option: variables[name]} for option, name in self._variables_of_options() if name in variables]

    def _token(self, given: dict[str, Any], variables: Mapping[str, Any]) -> str:
        host = variables.get("inventory_hostname")
        asked_by = host if "{inventory_hostname}" in str(given) else None
        key = repr((asked_by, sorted(given.items(), key=str)))
        if key in _TOKENS:
            token_set, min_validity = _TOKENS[key]
            if token_set.lives_longer_than(min_validity, utc_now()):
                return token_set.access_token
        given = {**given, "org_id": resolved_org_id(given.get("org_id"), variables)}
        options = validated(given, ARGUMENT_SPEC)
        if options["store"]["kind"] == "none":
            raise OptionError("store", "keeps nothing.", "give a store that does, for example kind: vault_file.")
        store, request = open_task(options, self._loader, bool(variables.get("ansible_check_mode")), variables)
        outcome = obtain(store, request)
        for warning in (*store.warnings(), *outcome.warnings):
            Display().warning(warning)
        token_set_or_none = outcome.token_set
        if token_set_or_none is None:
            raise OptionError("store", "holds no valid token, and check mode asks for none.", "run without --check.")
        if not token_set_or_none.access_token:
            raise OptionError(
                "store", "has a token that this job was not given.", "attach `Webex Access Token` to the job."
            )
        _TOKENS[key] = (token_set_or_none, request.min_validity)
        return token_set_or_none.access_token
