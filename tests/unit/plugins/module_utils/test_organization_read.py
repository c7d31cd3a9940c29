# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the inventory do not show of reading organizations."""

from __future__ import annotations

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._errors import BrokenAnswer
from ansible_collections.collabops.webex.plugins.module_utils._organization_list import Organization
from ansible_collections.collabops.webex.plugins.module_utils._organization_read import MOST_ORGANIZATIONS, reading_of

UUID = "1eb65fdf-9643-417f-9974-ad72cae0e10f"


def test_an_organization_is_kept_once_with_the_first_name() -> None:
    reading = reading_of("Webex", [{"org_id": UUID, "name": "Acme"}, {"org_id": UUID.upper(), "name": "Other"}])
    assert reading.organizations == (Organization(UUID, name="Acme"),)
    assert reading.notes == ()


@pytest.mark.parametrize("org_id", ["x", f"{UUID[:-8]}{{:08}}"])
def test_a_list_that_is_too_long_is_none(org_id: str) -> None:
    entries = ({"org_id": org_id.format(n)} for n in range(MOST_ORGANIZATIONS + 1))
    with pytest.raises(BrokenAnswer, match="Webex lists more than 20000 organizations"):
        reading_of("Webex", entries)
