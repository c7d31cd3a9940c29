# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest
from ansible_collections.collabops.webex.plugins.plugin_utils._voice import Voice

# Above what Linux gives: no process has it.
NO_PROCESS = 2**31 - 1


def test_lines_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output may be JSON."""
    Voice("calling_users").say("3 of 4 users")
    output = capsys.readouterr()
    assert output.out == ""
    assert "calling_users: 3 of 4 users" in output.err


def test_a_silent_one_says_only_what_is_urgent(capfd: pytest.CaptureFixture[str]) -> None:
    voice = Voice("calling_users", is_silent=True)
    voice.say("3 of 4 users")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("parent", [os.getpid, lambda: NO_PROCESS], ids=["ansible-playbook", "no /proc"])
def test_what_is_urgent_reaches_the_standard_error_of_ansible_playbook(
    parent: object, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A worker has a standard error of its own, or none; without /proc it is the best there is."""
    monkeypatch.setattr(os, "getppid", parent)
    Voice("service_app_token", is_silent=True).say_urgently("the new tokens are in a file")
    assert capfd.readouterr() == ("", "\nservice_app_token: the new tokens are in a file\n")


def test_a_standard_error_that_is_closed_does_not_end_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    voice = Voice("service_app_token")
    with open(os.devnull, "rb") as unwritable:
        monkeypatch.setattr(voice, "_stderr", unwritable.fileno())
        voice.say_urgently("nobody reads this")
