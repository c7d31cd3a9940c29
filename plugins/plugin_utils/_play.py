# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a play does with the token that it gets: tasks that would leave it somewhere in plain text are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean

from ..module_utils._errors import WebexError

# The variables of the role and of a vault file, and the lookup.
_TOKEN = r"\bwebex_(?:integration_)?(?:access|refresh)_token\b|\bcollabops\.webex\.service_app_token\b"
_MAKERS = frozenset({"service_app_token", "guest_token"})
# Of a registered result, a secret by its name, or all of it.
_SECRET_OF = r"\b{}\b(?:\s*\.\s*(?:access|refresh)_token\b|\s*\[\s*['\"](?:access|refresh)_token|(?!\s*[.\[\w]))"


def refuse_plain_text(task: Any) -> None:
    """Raise WebexError if the play of *task* hands a token on by ``set_stats``, or by ``set_fact`` with ``cacheable``.

    Both leave it in plain text, also with ``no_log``: AWX keeps what was set in the job's artifacts, its database and
    its facts of hosts (seen in AWX 24.6.1). Seen are the tasks of the play and of what it imports, not what it includes.
    """
    if task._parent is None:
        return
    tasks = list(_tasks_in(task.get_play().compile()))
    registered = [pattern for other in tasks if _action_of(other) in _MAKERS for pattern in _registered_by(other)]
    token = re.compile("|".join([_TOKEN, *registered]))
    for other in tasks:
        way = _way_of(other)
        if way and token.search(str(other.args)):
            raise WebexError(
                f"The task {other.get_name()!r} of this play hands a token on by {way}, which leaves it in plain text, in AWX for everybody "
                "who may see the job, also with no_log. No token was got.",
                "use set_fact without cacheable within a play; a job of AWX gets its token by a credential of the type `Webex Access Token`.",
            )


def _tasks_in(blocks: list[Any]) -> Iterator[Any]:
    for item in blocks:
        if hasattr(item, "block"):
            yield from _tasks_in([*item.block, *item.rescue, *item.always])
        else:
            yield item


def _registered_by(task: Any) -> Iterator[str]:
    """Yield what finds the secrets that *task* registers: by a name, or since ansible-core 2.21 by expressions too."""
    names = task.register or {}
    for name, expression in (names if isinstance(names, dict) else {names: ""}).items():
        is_secret = re.search("(access|refresh)_token", str(expression))
        yield (r"\b{}\b" if is_secret else _SECRET_OF).format(re.escape(str(name)))


def _action_of(task: Any) -> str:
    return str(task.action).rpartition(".")[2]


def _way_of(task: Any) -> str | None:
    """Return how *task* hands something on so that it lasts; None if it does not."""
    action = _action_of(task)
    if action == "set_stats":
        return "set_stats"
    is_cached = action == "set_fact" and boolean(str(task.args.get("cacheable", False)), strict=False)
    return "set_fact with cacheable" if is_cached else None
