# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook of the README, as it stands."""

from __future__ import annotations

import re

import pytest

from tests.integration.scenarios.conftest import COLLECTION, Workplace, person
from tests.simulator.process import Simulator

README = (COLLECTION / "README.md").read_text(encoding="utf-8")
PLAYBOOK = next(block for block in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL) if "hosts:" in block)
SEVEN = (
    "spark-admin:telephony_config_read",
    "spark:calls_read",
    "spark:people_read",
    "spark:people_write",
    "spark-admin:licenses_read",
    "spark-admin:people_read",
    "spark-admin:people_write",
)
PROBED = ("spark-admin:telephony_config_read", "spark-admin:licenses_read", "spark-admin:people_read")


STORED = """
- hosts: localhost
  gather_facts: false
  vars_files: [webex_token.yml]
  tasks:
    - collabops.webex.token_info:
        access_token: "{{ webex_access_token }}"
      register: token
    - ansible.builtin.assert:
        that:
          - token.valid
          - token.remaining_seconds > 13 * 86400
          - token.org_id == webex_token.org_id
          - "'spark-admin:people_write' in webex_token.scopes"
          - webex_refresh_token | length > 20
"""


def test_it_refreshes_validates_and_enables_and_a_second_run_changes_nothing(user: Workplace, webex: Simulator) -> None:
    first = user.play(PLAYBOOK)
    assert first.status == 0
    assert first.changed() == 2
    assert [write["path"] for write in webex.writes()] == ["/v1/access_token", "/v1/licenses/users"]
    alice = person(webex, "alice@example.com")
    assert (alice["location"], alice["extension"]) == ("Berlin", "2002")
    assert user.vault_file.read_text(encoding="utf-8").startswith("$ANSIBLE_VAULT;")
    assert user.vault_file.stat().st_mode & 0o777 == 0o600

    webex.clear_journal()
    again = user.play(PLAYBOOK)
    assert (again.status, again.changed()) == (0, 0)
    # Its tokens can be used in vars_files.
    assert user.play(STORED).status == 0
    assert webex.writes() == []


@pytest.mark.any_core
@pytest.mark.parametrize(
    ("scopes", "in_answer"),
    [(("spark-admin:licenses_read", "spark:people_write"), True), (PROBED, False)],
    ids=["by the grant", "by probes"],
)
def test_missing_scopes_stop_it_before_any_user(
    scopes: tuple[str, ...], in_answer: bool, user: Workplace, webex: Simulator
) -> None:
    webex.configure(scope_in_answer=in_answer)
    left = [name for name in SEVEN if name not in scopes]
    webex.service_app(webex.credentials["service_app"]["client_id"], scopes=left, regrant=True)
    run = user.play(PLAYBOOK)
    assert run.status != 0
    (failure,) = run.failures()
    assert f"{len(scopes)} scopes are missing from the token: " in failure
    assert all(scope in failure.partition("What to do")[0] for scope in scopes)
    assert "Control Hub" in failure
    assert [write["path"] for write in webex.writes()] == ["/v1/access_token"]
    assert person(webex, "alice@example.com")["extension"] is None
