# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data: complete, without contradictions, and every entry with its source."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._scope_catalogue import CALLS, PROBES, SCOPES, Scope
from ansible_collections.collabops.webex.plugins.module_utils._scopes import CATALOGUE, MODULES, PROFILES

SOURCES = {"spec", "lab", "calls", "portal", "reference", "wxc_sdk", "wxcli", "byods"}


def needed() -> t.Iterator[str]:
    """Every scope that anything else names."""
    groups = [need.any_of for needs in MODULES.values() for need in needs]
    groups += [group for profile in PROFILES.values() for group in profile]
    groups += [group for call in CALLS for group in call.groups]
    for group in groups:
        yield from group
    for probe in PROBES:
        yield from (*probe.tells, *probe.also)


def test_no_scope_is_there_twice() -> None:
    assert len(CATALOGUE) == len(SCOPES)


def test_every_scope_that_anything_needs_is_there() -> None:
    assert set(needed()) <= set(CATALOGUE)


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.name)
def test_a_scope_is_complete(scope: Scope) -> None:
    assert re.fullmatch(r"[A-Za-z-]+:\w+", scope.name)
    assert scope.meaning
    assert not scope.meaning.endswith(".")
    assert set(scope.source.partition(";")[0].split(", ")) <= SOURCES


@pytest.mark.parametrize("part", ["xsi", "analytics", "cdr", "contact"])
def test_what_service_apps_cannot_have_is_said(part: str) -> None:
    found = [scope for scope in SCOPES if part in scope.name and scope.name != "identity:contacts_rw"]
    assert found
    assert all(scope.service_app is False for scope in found)


def test_what_was_granted_to_a_service_app_can_be() -> None:
    for group in PROFILES["calling_user_enablement"]:
        assert CATALOGUE[group[0]].service_app is True


def test_no_two_probes_ask_the_same() -> None:
    assert len({probe.path for probe in PROBES}) == len(PROBES)


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.path)
def test_a_probe_says_what_the_table_of_calls_says(probe: t.Any) -> None:
    request = f"GET {probe.path}"
    groups = next((call.groups for call in CALLS if re.fullmatch(call.request, request)), (probe.tells,))
    assert groups == (probe.tells,)
