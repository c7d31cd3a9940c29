# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: organizations
short_description: The organizations of a Webex partner, one host for each
version_added: 1.0.0
description:
  - Makes a host of each customer organization, so that the forks, limits and slices of Ansible and AWX serve many customers.
  - The organizations come from a list (O(organizations), O(organizations_file)), and from wherever O(discover) says. Each is one
    host, however many of these name it. What the list says of an organization wins.
  - The name of the host is the alias of the organization. It can be given wherever the modules of this collection take the id
    of an organization, with this inventory.
  - All hosts are in the group C(webex_organizations), and those that the list calls writable in C(webex_organizations_writable)
    too. With this inventory, the modules of this collection that change something do so in these only. An organization that is
    found without being in the list is read-only.
  - Each host has the variables C(webex_org_id), C(webex_org_uuid), C(webex_org_alias), C(webex_org_name),
    C(webex_org_writable) and, with O(store), C(webex_org_store), which is what the option
    O(collabops.webex.service_app_token#module:store) takes. None of them is a secret. The group has
    C(ansible_connection=local) and the Python of the controller, which C(group_vars) can change.
  - The file of this inventory must be called C(organizations.yml), or something that ends with that, such as
    C(webex_organizations.yml) or C(emea.organizations.yaml).
author:
  - collabops contributors (@collabops)
extends_documentation_fragment:
  - inventory_cache
  - constructed
  - collabops.webex.connection
requirements:
  - Python 3.10 or newer, where Ansible runs
  - requests 2.28 or newer (Python package), where Ansible runs
  - hvac (Python package), where Ansible runs, to find stores in HashiCorp Vault or OpenBao
options:
  plugin:
    description: That the file is for this plugin.
    type: str
    required: true
    choices: [collabops.webex.organizations]
  organizations:
    description:
      - The list. It says what an organization is called, and whether this collection may change something there.
      - Each entry has at least C(org_id). A mistake in any entry is an error.
    type: list
    elements: dict
    suboptions:
      org_id:
        description: The organization, as Webex writes its id, or as a bare UUID.
        type: str
        required: true
      alias:
        description:
          - The name of the host, of at most 64 letters, digits, V(-) and V(_).
          - Without it, it is made of the display name, and is the UUID if there is none, or if several would have the same one. A
            customer can change their display name, so give an alias to whatever a playbook names.
        type: str
      name:
        description: The display name. Without it, it is what Webex says, if Webex is asked.
        type: str
      writable:
        description:
          - Whether the modules of this collection may change something in the organization.
          - No variable can allow what this does not. C(webex_org_writable=false) in C(group_vars), in C(host_vars) or on the command
            line forbids what this allows.
        type: bool
        default: false
      vars:
        description: Further variables of the host. They may hold templates, and no secrets of this collection.
        type: dict
      store:
        description:
          - What differs from O(store) for this organization.
          - With a C(kind) of its own, it has nothing of O(store).
        type: dict
  organizations_file:
    description:
      - A YAML or JSON file with the list, or with a mapping that has it under the key C(organizations). It may be encrypted with
        ansible-vault.
      - A relative path is one of the folder of the inventory file.
    type: str
  store:
    description:
      - Where the tokens of each organization are kept, as in O(collabops.webex.service_app_token#module:store). Its address has a
        placeholder, C({org_id}) or C({inventory_hostname}), which stands for the UUID of the organization, in lower case, or for its
        alias.
      - A relative path of a vault file is one of the folder of the inventory file.
      - It must hold no secret, since everybody who sees the inventory sees it. The login of a Vault comes from its environment variables.
    type: dict
  discover:
    description:
      - Where to look for further organizations.
      - With V(store), each organization is found whose UUID is in the address of a store. C({org_id}) must be in the last part of
        the path of O(store). Vault files are found by their names, so no vault password is needed. In HashiCorp Vault, the policy must allow
        to list. Credentials of AWX cannot be found in this way, because a job cannot list them; name the organizations in a list.
      - With V(organizations), those that C(GET /organizations) shows for O(access_token). It needs the scope
        C(spark-admin:organizations_read). Your own organization is one of them.
      - With V(partner_organizations), those of the partner administrator O(managed_by), by C(GET /partner/organizations), which a
        full or read-only administrator of the partner may ask. Cisco does not document which scope it needs. The answer has no
        names.
    type: list
    elements: str
    choices: [store, organizations, partner_organizations]
    default: []
  managed_by:
    description:
      - The id of the partner administrator whose customers to find. Webex refuses full administrators, who manage all customers.
    type: str
  access_token:
    description:
      - The access token of the partner, for O(discover). It may be a template, such as one with the lookup
        P(collabops.webex.service_app_token#lookup).
      - If it is not set, the files that the environment variables E(WEBEX_CREDENTIALS_FILE) and E(WEBEX_ACCESS_TOKEN_FILE) name are
        looked at, and then the environment variable E(WEBEX_ACCESS_TOKEN).
    type: str
notes:
  - The cache keeps what Webex lists, which is ids and names. It holds no secret. Lists and stores are read in every run.
  - Names from Webex are what the admins of customers chose. Control characters are taken out, and what would be a template is none.
  - Ansible goes on after an inventory that it cannot read. Set C(any_unparsed_is_failed=true) in the section C([inventory]) of
    C(ansible.cfg), so that a mistake ends the run. Without that, a mistake in this file leaves no organization, and so nothing is
    changed.
seealso:
  - ref: ansible_collections.collabops.webex.docsite.guide_organizations
    description: Work in many organizations, each with its own token, and with a guard against mistakes.
  - module: collabops.webex.service_app_token
"""

EXAMPLES = r"""
# webex_organizations.yml: two customers, of which one may be changed.
plugin: collabops.webex.organizations
organizations:
  - org_id: 1eb65fdf-9643-417f-9974-ad72cae0e10f
    alias: acme
    writable: true
  - org_id: Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi85NmFiYzJhYS0zZGNjLTExZTUtYTE1Mi1mZTM0ODE5Y2RjOWE
    alias: globex
    vars:
      region: emea
store:
  kind: vault_file
  path: tokens/{org_id}.yml
keyed_groups:
  - key: region
    prefix: region
---
# All that a partner's token sees, and of these what is in the list may be changed. Webex is asked once an hour.
plugin: collabops.webex.organizations
organizations_file: customers.yml
discover: [organizations]
access_token: "{{ lookup('ansible.builtin.env', 'PARTNER_TOKEN') }}"
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/webex_organizations
cache_timeout: 3600
groups:
  unlisted: not webex_org_writable
"""

from ..plugin_utils._controller import check_controller

check_controller()

import difflib
import os
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ..module_utils._errors import OptionError, WebexError
from ..module_utils._options import SERVER
from ..module_utils._organization_list import OWN_VARIABLES, Organization
from ..module_utils._organization_read import Reading, reading_of
from ..module_utils._requirements import check_packages
from ..module_utils._settings import plain, resolve
from ..plugin_utils._organization_sources import listed, merged, of_webex, store_of, store_template, stored
from ..plugin_utils._organizations import GROUP, WRITABLE_GROUP

try:
    from ansible.template import trust_as_template
except ImportError:  # before ansible-core 2.19, every text may be a template

    def trust_as_template(value: str) -> str:
        """Return *value*."""
        return value


def _trusted(value: Any) -> Any:
    """Return *value*, in which templates work."""
    if isinstance(value, dict):
        return {name: _trusted(item) for name, item in value.items()}
    return trust_as_template(value) if isinstance(value, str) else value


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """The inventory ``collabops.webex.organizations``."""

    NAME = "collabops.webex.organizations"

    def verify_file(self, path: str) -> bool:
        """Tell whether the file at *path* is for this plugin, by its name."""
        return bool(super().verify_file(path)) and path.endswith(("organizations.yml", "organizations.yaml"))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Put the organizations into *inventory*. Raises AnsibleParserError, with a message that holds no secret."""
        super().parse(inventory, loader, path, cache)
        # First of all, so that a mistake in what follows does not switch the guard off.
        self._make_groups()
        config = self._read_config_data(path)
        try:
            check_packages(on_controller=True)
            self._check_keys(config)
            self._fill(os.path.dirname(os.path.abspath(path)), self.get_cache_key(path), cache)
        except WebexError as error:
            raise AnsibleParserError(str(error)) from None

    def _make_groups(self) -> None:
        self.inventory.add_group(GROUP)
        self.inventory.add_group(WRITABLE_GROUP)
        self.inventory.add_child(GROUP, WRITABLE_GROUP)
        for group, name, value in (
            (GROUP, "ansible_connection", "local"),
            (GROUP, "ansible_python_interpreter", "{{ ansible_playbook_python }}"),
            # A variable of a group, so that files can forbid what the list allows.
            (GROUP, "webex_org_writable", False),
            (WRITABLE_GROUP, "webex_org_writable", True),
        ):
            self.inventory.set_variable(group, name, _trusted(value))

    def _check_keys(self, config: Any) -> None:
        """Raise OptionError for what is no option: Ansible ignores it."""
        known = self.get_options()
        for key in config:
            if key not in known:
                near = difflib.get_close_matches(str(key), known, 1)
                raise OptionError(str(key), "is unknown.", f"did you mean `{near[0]}`?" if near else "see ansible-doc.")
        for name in self.get_option("compose") or {}:
            if OWN_VARIABLES.fullmatch(name):
                raise OptionError(f"compose.{name}", "is set by the inventory itself.", "choose another name.")

    def _fill(self, folder: str, cache_key: str, use_cache: bool) -> None:
        options = self.get_options()
        template = store_template(options, folder)
        of_list = listed(options, self.loader, folder)
        of_store = stored(template, os.environ) if "store" in options["discover"] else []
        reading = self._of_webex(cache_key, use_cache)
        for note in reading.notes:
            self.display.warning(note)
        organizations = merged(of_list, [*reading.organizations, *of_store])
        stores = [store_of(org, template, folder) for org in organizations]
        for org, store in zip(organizations, stores, strict=True):
            self._add(org, store)

    def _of_webex(self, cache_key: str, use_cache: bool) -> Reading:
        """Return what Webex lists, or what the cache has of that for the same question."""
        sources = [source for source in self.get_option("discover") if source != "store"]
        if not sources:
            return Reading(())
        given = {name: self.get_option(name) for name in ("access_token", *SERVER)}
        given["access_token"] = plain(str(self.templar.template(given["access_token"] or "")))
        settings, managed_by = resolve(given), self.get_option("managed_by")
        question = [settings.base_url, *sources, managed_by or ""]
        is_cached = self.get_option("cache")
        if is_cached and use_cache:
            kept = self._cache.get(cache_key)
            if isinstance(kept, dict) and kept.get("question") == question:
                return reading_of("the cache of the inventory", kept["organizations"])
        reading = of_webex(settings, sources, managed_by)
        if is_cached:
            shown = [{"org_id": org.org_id, "name": org.name} for org in reading.organizations]
            self._cache[cache_key] = {"question": question, "organizations": shown}
        return reading

    def _add(self, org: Organization, store: dict[str, Any] | None) -> None:
        known = self.inventory.get_host(org.alias)
        if known:
            raise OptionError(
                f"organizations, {org.alias}",
                f"is a host already, of {known.vars.get('inventory_file') or 'another inventory'}.",
                "choose another alias; keep each organization in one inventory.",
            )
        own = {
            "webex_org_id": org.org_id,
            "webex_org_uuid": org.uuid,
            "webex_org_alias": org.alias,
            "webex_org_name": org.name,
            **({"webex_org_store": store} if store else {}),
            # Whatever else puts the host into the group of the writable ones.
            **({} if org.writable else {"webex_org_writable": False}),
        }
        # No text of these from outside is a template. One that is not trusted, ansible-inventory shows in a wrapping.
        variables: dict[str, Any] = {**org.variables, **_trusted(own)}
        self.inventory.add_host(org.alias, group=WRITABLE_GROUP if org.writable else GROUP)
        for name, value in variables.items():
            self.inventory.set_variable(org.alias, name, value)
        everything, strict = {**variables, "webex_org_writable": org.writable}, self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), everything, org.alias, strict)
        self._add_host_to_composed_groups(self.get_option("groups"), everything, org.alias, strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), everything, org.alias, strict)
