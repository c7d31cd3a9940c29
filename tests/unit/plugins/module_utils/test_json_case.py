# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.collabops.webex.plugins.module_utils._json_case import camel_case, snake_case


def test_every_key_at_every_depth_is_in_snake_case() -> None:
    webex = {"displayName": "A", "phoneNumbers": [{"type": "work", "phoneNumberType": "PRIMARY"}], "esn": None}
    assert snake_case(webex) == {
        "display_name": "A",
        "phone_numbers": [{"type": "work", "phone_number_type": "PRIMARY"}],
        "esn": None,
    }


def test_values_are_untouched() -> None:
    assert snake_case({"userName": "camelCase", "listOf": ["camelCase", 1]}) == {
        "user_name": "camelCase",
        "list_of": ["camelCase", 1],
    }


def test_options_become_the_names_of_webex() -> None:
    options = {
        "display_name": "A",
        "login_enabled": None,
        "addresses": [{"street_address": "B", "region": None}],
        "x": ["y"],
    }
    assert camel_case(options) == {
        "displayName": "A",
        "loginEnabled": None,
        "addresses": [{"streetAddress": "B"}],
        "x": ["y"],
    }
