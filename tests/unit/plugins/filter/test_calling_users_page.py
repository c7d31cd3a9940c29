# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from datetime import datetime, timezone

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.collabops.webex.plugins.filter.calling_users_page import FilterModule
from ansible_collections.collabops.webex.plugins.filter.calling_users_report import calling_users_report

PAGE: t.Callable[..., str] = FilterModule().filters()["calling_users_page"]


def test_the_page_has_every_user_and_the_present_time() -> None:
    users = [{"email": "alice@example.com"}, {"email": "bob@example.com"}]
    page = PAGE(calling_users_report(users, [{"user": "bob@example.com", "outcome": "enabled"}]))
    assert "alice@example.com" in page
    assert "bob@example.com" in page
    assert f"{datetime.now(timezone.utc):%Y-%m-%d}" in page


@pytest.mark.parametrize("found", [None, [], {}, {"counts": {}}, "text"])
def test_what_is_no_report_is_refused(found: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="not a report"):
        PAGE(found)
