# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError
from ansible_collections.collabops.webex.plugins.module_utils._organization_list import (
    Organization,
    alias_of,
    is_org_id,
    read_organizations,
    refuse_secrets,
)

ONE, TWO = "96abc2aa-3dcc-11e5-a152-fe34819cdc9a", "1eb65fdf-9643-417f-9974-ad72cae0e10f"


def webex_id(last: str = ONE, kind: str = "ORGANIZATION", cluster: str = "us") -> str:
    return base64.urlsafe_b64encode(f"ciscospark://{cluster}/{kind}/{last}".encode()).decode().rstrip("=")


def test_an_entry_needs_no_more_than_an_id() -> None:
    assert read_organizations([{"org_id": ONE.upper()}]) == [Organization(ONE.upper(), alias=ONE)]


def test_an_entry_may_say_more() -> None:
    store = {"path": "tokens/acme.yml"}
    entry = {"org_id": f" {webex_id()}\n", "alias": "acme", "name": "Acme, Inc.", "writable": True}
    (org,) = read_organizations([{**entry, "vars": {"region": "eu"}, "store": store}])
    assert org == Organization(webex_id(), "acme", "Acme, Inc.", True, {"region": "eu"}, store)
    assert org.uuid == ONE


@pytest.mark.parametrize(
    ("names", "aliases"),
    [
        (["Acme, Inc."], ["acme-inc"]),
        (["Müller & Söhne"], ["muller-sohne"]),
        (["株式会社"], [ONE]),
        (["Acme", "ACME"], [ONE, TWO]),
        (["All"], [ONE]),
        ([TWO], [TWO[:32].strip("-")]),
        (["x" * 100], ["x" * 32]),
    ],
)
def test_an_alias_is_made_of_the_name_unless_it_would_be_ambiguous(names: list[str], aliases: list[str]) -> None:
    entries = [{"org_id": org_id, "name": name} for org_id, name in zip((ONE, TWO), names, strict=False)]
    assert [org.alias for org in read_organizations(entries)] == aliases


def test_an_alias_of_the_list_wins_over_one_that_is_made_of_a_name() -> None:
    entries = [{"org_id": ONE, "name": "Acme"}, {"org_id": TWO, "alias": "ACME"}]
    assert [org.alias for org in read_organizations(entries)] == [ONE, "ACME"]


def test_an_alias_of_a_name_is_never_an_id() -> None:
    assert not is_org_id(alias_of(ONE))
    assert not is_org_id(alias_of(webex_id()))


ENTRY = {"org_id": ONE}


@pytest.mark.parametrize(
    ("entries", "place", "wrong", "right"),
    [
        (None, "organizations", "not a list", "list of mappings"),
        ("acme", "organizations", "not a list", "list of mappings"),
        (ENTRY, "organizations", "not a list", "list of mappings"),
        (["acme"], "organizations, entry 1", "not a mapping", "org_id"),
        ([ENTRY, None], "organizations, entry 2", "not a mapping", "org_id"),
        ([{"alias": "acme"}], "organizations, entry 1 (acme), org_id", "missing", "UUID"),
        ([{"org_id": 5}], "organizations, entry 1, org_id", "missing or not text", "UUID"),
        ([{"org_id": "acme"}], "organizations, entry 1 (acme), org_id", "neither a UUID nor an id", "UUID"),
        ([{"org_id": ONE[:-1]}], f"organizations, entry 1 ({ONE[:-1]}), org_id", "neither a UUID", "UUID"),
        ([{"org_id": f"{ONE}/../x"}], f"entry 1 ({ONE}/../x), org_id", "neither a UUID", "UUID"),
        ([{"org_id": webex_id(kind="PEOPLE")}], "org_id", "something else (PEOPLE)", "UUID"),
        ([{"org_id": webex_id("../../etc")}], "org_id", "something else", "UUID"),
        ([{"org_id": webex_id("etc")}], "org_id", "no UUID", "UUID"),
        ([{"org_id": webex_id()[:9] + "!" + webex_id()[9:]}], "org_id", "neither a UUID", "UUID"),
        ([{**ENTRY, "writeable": True}], "writeable", "is unknown", "did you mean `writable`?"),
        ([{**ENTRY, 5: True}], "5", "is unknown", "the keys are org_id, alias"),
        ([{**ENTRY, "writable": "nearly"}], "writable", "neither true nor false", "write true"),
        ([{**ENTRY, "writable": 1}], "writable", "neither true nor false", "write true"),
        ([{**ENTRY, "alias": 12}], "alias", "not text", "in quotes"),
        ([{**ENTRY, "alias": ""}], "alias", "other characters", "letters, digits"),
        ([{**ENTRY, "alias": "-acme"}], "alias", "other characters", "letters, digits"),
        ([{**ENTRY, "alias": "a b"}], "alias", "other characters", "letters, digits"),
        ([{**ENTRY, "alias": "{{ x }}"}], "alias", "other characters", "letters, digits"),
        ([{**ENTRY, "alias": "a" * 65}], "alias", "other characters, or too many", "at most 64"),
        ([{**ENTRY, "alias": "All"}], "alias", "means something else", "another name"),
        ([{**ENTRY, "alias": TWO}], "alias", "means something else", "another name"),
        ([{**ENTRY, "alias": "acme"}, {"org_id": TWO, "alias": "ACME"}], "entry 2 (ACME), alias", "of entry 1", "no other"),
        ([{**ENTRY, "alias": "acme"}, {"org_id": webex_id()}], f"entry 2 ({webex_id()}), org_id", "of entry 1, too", "one entry"),
        ([{**ENTRY, "name": ["Acme"]}], "name", "not one line", "in quotes"),
        ([{**ENTRY, "name": "Acme\x1b[31m"}], "name", "not one line", "in quotes"),
        ([{**ENTRY, "name": "{{ x }}"}], "name", "not one line", "in quotes"),
        ([{**ENTRY, "vars": ["x"]}], "vars", "not a mapping", "names and values"),
        ([{**ENTRY, "vars": {"a-b": 1}}], "vars", "not the name of a variable", "letters"),
        ([{**ENTRY, "vars": {"webex_org_writable": True}}], "vars.webex_org_writable", "by the inventory", "writable"),
        ([{**ENTRY, "store": "x.yml"}], "store", "not a mapping", "names and values"),
    ],
)  # fmt: skip
def test_an_error_names_the_entry_and_the_key(entries: t.Any, place: str, wrong: str, right: str) -> None:
    with pytest.raises(OptionError) as raised:
        read_organizations(entries)
    option, _colon, message = raised.value.message.partition(": ")
    assert place in option
    assert wrong in message
    assert right in (raised.value.remedy or "")


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ({"vars": {"webex_access_token": "x"}}, "vars.webex_access_token"),
        ({"vars": {"apps": [{"client_secret": "x"}]}}, "vars.client_secret"),
        ({"store": {"kind": "hashi_vault", "token": "x"}}, "store.token"),
        ({"store": {"kind": "awx_credential", "password": "x"}}, "store.password"),
    ],
)
def test_secrets_are_refused_and_not_quoted(entry: dict[str, t.Any], place: str) -> None:
    with pytest.raises(OptionError, match=f"entry {ONE}, {place}: is a secret"):
        refuse_secrets(read_organizations([{**ENTRY, **entry}]))


def test_an_expression_is_no_secret() -> None:
    template = "{{ lookup('ansible.builtin.env', 'X') }}"
    refuse_secrets(
        read_organizations([{**ENTRY, "vars": {"webex_access_token": template}, "store": {"token": template}}])
    )
