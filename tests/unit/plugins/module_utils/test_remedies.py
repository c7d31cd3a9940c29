# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._remedies import remedy_for


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((401, "", []), "service_app_token"),
        ((403, "", []), "authorizes the app again"),
        ((404, "", []), "check the id"),
        ((418, "", []), "correct the value"),
        ((429, "", []), "limits the rate"),
        ((500, "", []), "status.webex.com"),
        ((400, "License conflict", ["400112"]), "from Professional to Standard"),
        ((400, "", ["1", "400411"]), "properties"),
        ((400, "[Error 4250] +1 phone number(s) not added.", []), "inventory"),
        ((400, "Calling flag not set", ["400"]), "not enabled for Webex Calling"),
        ((400, "Error 42500", []), "correct the value"),
    ],
)
def test_the_most_exact_remedy_is_given(answer: tuple[int, str, list[str]], words: str) -> None:
    assert words in remedy_for(*answer)
