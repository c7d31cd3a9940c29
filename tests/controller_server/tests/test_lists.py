# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists: parameters, order, pages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.controller_server.process import Controller

from .conftest import Client


@pytest.fixture
def labels(awx: Controller, admin: Client) -> Client:
    """An administrator of a controller with five labels."""
    for name in ("Beta", "alpha", "gamma", "delta", "4"):
        awx.add("labels", name, organization="Webex")
    return admin


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"name": "alpha"}, ["alpha"]),
        ({"name": "Alpha"}, []),
        ({"name__iexact": "Alpha"}, ["alpha"]),
        ({"name__icontains": "ta"}, ["Beta", "delta"]),
        ({"name__startswith": "a"}, ["alpha"]),
        ({"name__in": "alpha,gamma"}, ["alpha", "gamma"]),
        ({"not__name__in": "alpha,gamma"}, ["Beta", "delta", "4"]),
        ({"or__id": "4", "or__name": "4"}, ["delta", "4"]),
        ({"id__gt": "4"}, ["4"]),
        ({"id__lte": "2"}, ["Beta", "alpha"]),
        ({"organization__name": "Webex", "name__regex": "^.a"}, ["gamma"]),
        ({"organization": "None"}, []),
        ({"organization__isnull": "false", "id": "1"}, ["Beta"]),
        ({"search": "LPH"}, ["alpha"]),
        ({"order_by": "name", "page_size": "2"}, ["4", "alpha"]),
        ({"order_by": "-id", "page_size": "2"}, ["4", "delta"]),
    ],
)
def test_parameters(labels: Client, query: dict[str, Any], names: list[str]) -> None:
    assert labels.names("labels/", **query) == names


def test_fields_of_others(admin: Client) -> None:
    assert admin.names("credentials/", credential_type__name="Webex Service App") == ["App"]
    assert admin.names("credentials/", credential_type__kind="cloud") == ["App"]
    assert admin.names("credential_types/", managed="false") == ["Webex Service App"]
    assert admin.get("credentials/", colour="red").said == (
        400,
        {"detail": "Credential has no field named 'colour'"},
    )


def test_pages(awx: Controller, labels: Client) -> None:
    first = labels.get("labels/", page_size=2, name__iregex="a").body
    assert (first["count"], first["previous"]) == (4, None)
    assert first["next"].startswith("/api/v2/labels/?")
    second = labels.get(first["next"]).body
    assert [label["name"] for label in second["results"]] == ["gamma", "delta"]
    assert second["next"] is None
    assert labels.get(second["previous"]).body == first
    assert labels.get("labels/", page=9).said == (404, {"detail": "Invalid page."})
    awx.configure(max_page_size=1)
    assert len(labels.get("labels/", page_size=100).body["results"]) == 1
