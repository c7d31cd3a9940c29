# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays that would leave a token somewhere in plain text. They are loaded as ansible-playbook does it, and not run."""

from __future__ import annotations

import typing as t

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play import Play
from ansible.playbook.task import Task
from ansible.release import __version__
from ansible.vars.manager import VariableManager
from ansible_collections.collabops.webex.plugins.module_utils._errors import WebexError
from ansible_collections.collabops.webex.plugins.plugin_utils._play import refuse_plain_text

Json = dict[str, t.Any]

CORE = tuple(int(part) for part in __version__.split(".")[:2])

GETS = {"name": "Get a token", "collabops.webex.service_app_token": {}, "register": "webex"}
SECRETS = (
    "{{ webex_access_token }}",
    "{{ webex_integration_refresh_token }}",
    "{{ lookup('collabops.webex.service_app_token') }}",
    "{{ webex.access_token }}",
    "{{ webex['refresh_token'] }}",
    "{{ webex }}",
)
HARMLESS = ("{{ webex.expires_at }}", "{{ webex_token.scopes }}", "{{ other.webex_id }}", "plain text")


def first_task(tasks: list[Json]) -> Task:
    """The first task of a play."""
    loader = DataLoader()
    variables = VariableManager(loader=loader, inventory=InventoryManager(loader=loader, sources=["localhost,"]))
    play = Play.load({"hosts": "localhost", "gather_facts": False, "tasks": tasks}, variables, loader)
    blocks = [block for block in play.compile() if block.block]
    return next(
        task for block in blocks for task in block.block if isinstance(task, Task) and "meta" not in task.action
    )


def stats(value: str) -> Json:
    return {"name": "Hand it on", "ansible.builtin.set_stats": {"data": {"token": value}}}


def fact(value: str, **more: t.Any) -> Json:
    return {"name": "Keep it", "ansible.builtin.set_fact": {"token": value, **more}}


@pytest.mark.parametrize("value", SECRETS)
@pytest.mark.parametrize(
    ("task", "way"),
    [
        (stats, "'Hand it on' of this play hands a token on by set_stats"),
        (
            lambda value: fact(value, cacheable=True),
            "'Keep it' of this play hands a token on by set_fact with cacheable",
        ),
    ],
    ids=["set_stats", "cacheable"],
)
def test_a_token_that_would_be_kept_in_plain_text_is_refused(
    value: str, task: t.Callable[[str], Json], way: str
) -> None:
    with pytest.raises(WebexError) as error:
        refuse_plain_text(first_task([GETS, task(value)]))
    assert way in error.value.message
    assert "No token was got." in error.value.message


@pytest.mark.parametrize("value", HARMLESS)
def test_what_is_no_secret_may_be_handed_on(value: str) -> None:
    refuse_plain_text(first_task([GETS, stats(value), fact(value, cacheable=True)]))


@pytest.mark.parametrize("value", SECRETS)
def test_a_fact_that_ends_with_the_play_may_hold_a_token(value: str) -> None:
    refuse_plain_text(first_task([GETS, fact(value), fact(value, cacheable="no")]))


def test_a_result_of_another_module_is_no_secret() -> None:
    other = {"name": "Say hello", "ansible.builtin.command": "true", "register": "webex"}
    refuse_plain_text(first_task([other, stats("{{ webex }}")]))


@pytest.mark.parametrize("section", ["block", "rescue", "always"])
def test_a_task_within_a_block_is_seen(section: str) -> None:
    harmless = fact("plain text")
    block = {
        "block": [harmless],
        "rescue": [harmless],
        "always": [harmless],
        section: [stats("{{ webex_access_token }}")],
    }
    with pytest.raises(WebexError):
        refuse_plain_text(first_task([GETS, block]))


@pytest.mark.skipif(CORE < (2, 21), reason="a task registers nothing but its whole result")
def test_an_expression_that_is_registered_is_a_secret_by_its_value() -> None:
    registers = {"bearer": "_task.result.access_token", "ends": "_task.result.expires_at"}
    gets = {**GETS, "register": registers}
    refuse_plain_text(first_task([gets, stats("{{ ends[:10] }}")]))
    with pytest.raises(WebexError):
        refuse_plain_text(first_task([gets, stats("{{ bearer[:64] }}")]))


def test_a_task_without_a_play_has_nothing_to_be_refused() -> None:
    refuse_plain_text(Task())
