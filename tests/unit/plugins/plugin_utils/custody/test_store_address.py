# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError
from ansible_collections.collabops.webex.plugins.module_utils._ids import organization_id
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stored_tokens import StoredTokens
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores import open_store
from ansible_collections.collabops.webex.plugins.plugin_utils._custody.stores.address import filled
from ansible_collections.collabops.webex.tests.unit.plugins.plugin_utils.custody.support import (
    PASSWORD,
    hashi_vault,
    holding,
    make_loader,
)
from ansible_collections.collabops.webex.tests.vault_server.process import VaultServer

ACME = "96ABC2AA-3dcc-11e5-a152-fe34819cdc9a"
UMBRELLA = "11111111-2222-4333-8444-555555555555"


@pytest.mark.parametrize("org_id", [ACME, ACME.lower(), organization_id(ACME.lower()), organization_id(ACME)])
def test_each_way_to_write_an_org_names_the_same_store(org_id: str) -> None:
    options = {"kind": "vault_file", "path": "tokens/{org_id}.yml", "vault_id": None}
    assert filled(options, org_id) == {**options, "path": f"tokens/{ACME.lower()}.yml"}


def test_every_part_of_an_address_may_have_placeholders() -> None:
    options = {"credential": "Webex {inventory_hostname}", "access_token_credential": "{inventory_hostname} {org_id}"}
    assert filled(options, UMBRELLA, "acme") == {
        "credential": "Webex acme",
        "access_token_credential": f"acme {UMBRELLA}",
    }


@pytest.mark.parametrize("path", ["token.yml", "a}b{c.yml", None])
def test_an_address_without_placeholders_stays_as_it_is(path: str | None) -> None:
    assert filled({"path": path}) == {"path": path}


@pytest.mark.parametrize(
    ("address", "host", "words"),
    [
        ("{org}.yml", "acme", "{org} in it, which is unknown. What to do: the placeholders are {org_id}, {inv"),
        ("{}.yml", "acme", "{} in it, which is unknown"),
        ("{org_id!r}.yml", "acme", "{org_id!r} in it, which is unknown"),
        ("{org_id}.yml", "acme", "{org_id} in it, which has no value here. What to do: name the organization"),
        ("{inventory_hostname}.yml", None, "{inventory_hostname} in it, which has no value here"),
        ("{inventory_hostname}.yml", "../acme", "is not fit for a name"),
        ("{inventory_hostname}/x.yml", "..", "is not fit for a name"),
        ("{inventory_hostname}.yml", "acme corp", "is not fit for a name"),
        ("{inventory_hostname}.yml", "acme\n", "is not fit for a name"),
    ],
)
@pytest.mark.parametrize("name", ["path", "credential", "access_token_credential"])
def test_a_placeholder_that_cannot_be_filled_is_named(name: str, address: str, host: str | None, words: str) -> None:
    with pytest.raises(OptionError) as error:
        filled({name: address}, None, host)
    assert error.value.option == f"store.{name}"
    assert words in str(error.value)


def test_an_organization_that_is_no_name_is_refused() -> None:
    with pytest.raises(OptionError, match="is not fit for a name"):
        filled({"path": "{org_id}.yml"}, "../../etc")


def test_two_organizations_have_two_files_and_two_locks(tmp_path: pathlib.Path) -> None:
    options = {"kind": "vault_file", "path": str(tmp_path / "{org_id}.yml")}
    acme, umbrella = (open_store(options, make_loader(), org_id) for org_id in (ACME, UMBRELLA))
    acme.save(holding(access_token="of-acme"))
    with acme.lock(0), umbrella.lock(0):
        umbrella.save(holding(access_token="of-umbrella"))
    assert open_store(options, make_loader(PASSWORD), ACME.lower()).load() == holding(access_token="of-acme")
    assert sorted(path.name for path in tmp_path.glob("*.yml")) == [f"{UMBRELLA}.yml", f"{ACME.lower()}.yml"]


def test_two_organizations_have_two_secrets_and_two_leases(vault: VaultServer) -> None:
    def store(org_id: str) -> t.Any:
        path = filled({"path": "webex/{org_id}"}, org_id)["path"]
        return hashi_vault(vault, path=path, token=vault.root_token)

    acme, umbrella = store(ACME), store(UMBRELLA)
    with acme.lock(0), umbrella.lock(0):
        acme.save(holding(access_token="of-acme"))
        assert umbrella.load() == StoredTokens()
