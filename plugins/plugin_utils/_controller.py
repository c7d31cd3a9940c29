# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every plugin that runs on the controller begins with: it can run here, and as the task says."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.ansible_release import __version__

from ..module_utils._errors import OptionError, WebexError
from ..module_utils._python import flaw_of_python
from ..module_utils._requirements import check_core, check_packages
from ..module_utils._settings import plain

Run = Callable[..., "dict[str, Any]"]


def check_controller() -> None:
    """Raise AnsibleError if Ansible or its Python is too old; before the imports that would fail by that.

    Ansible makes the message of a plugin that cannot be loaded for this reason the message of the task.
    """
    flaw = flaw_of_python()
    if flaw:
        raise AnsibleError(flaw)
    try:
        check_core(__version__)
    except WebexError as error:
        raise AnsibleError(str(error)) from None


def on_controller(run: Run) -> Run:
    """Let *run*, the method of an action, see the keyword ``environment`` of its task, and fail by WebexError.

    The failure holds no secret and can be read; packages that are missing are one, before anything is done.
    """

    @functools.wraps(run)
    def run_on_controller(
        action: Any, tmp: str | None = None, task_vars: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            check_packages(on_controller=True)
            with environment_of(action._task):
                return run(action, tmp, task_vars)
        except WebexError as error:
            return failure_of(error)

    return run_on_controller


def failure_of(error: WebexError) -> dict[str, Any]:
    """Return *error* as the result of a task that failed."""
    return {"failed": True, "changed": False, "msg": str(error), "error": error.details()}


def censored(action: Any, result: dict[str, Any]) -> dict[str, Any]:
    """Return *result* so that it can be registered and used, and is not shown at any verbosity, even without ``no_log``.

    The task's own no_log is for what a loop returns as a whole: ansible-core before 2.19 shows it to callbacks (junit),
    whatever its items say.
    """
    action._task.no_log = True
    return {**result, "_ansible_no_log": True}


@contextmanager
def environment_of(task: Any) -> Iterator[None]:
    """Let this process have what the keyword ``environment`` of play, blocks and *task* says, as a module on a host does.

    Ansible has templated it. Each task has a process of its own. Raises OptionError, which quotes no value.
    """
    variables = {
        plain(str(name)): plain(str(value)) for layer in task.environment or () for name, value in layer.items()
    }
    before = {name: os.environ.get(name) for name in variables}
    try:
        _set_variables(variables)
        yield
    finally:
        _set_variables(before)


def _set_variables(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        try:
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        except ValueError:
            raise OptionError("environment", f"{name!r} cannot be set.", "correct its name or its value.") from None
