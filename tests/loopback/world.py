# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state that each server has, whatever it stands for."""

from __future__ import annotations

import random
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any

from .faults import Fault
from .journal import Journal
from .settings import Settings


async def _not_served(*_arguments: Any) -> None:
    raise ValueError("the server does not listen yet")


class World(ABC):
    """What was asked, what is to fail, what is set, and where the server listens."""

    fault: type[Fault] = Fault  # the failures that can be ordered
    config: Settings

    def __init__(self) -> None:
        self.origin = ""  # http://127.0.0.1:<port>, once known
        self.control_origin = ""  # the same for the control plane, which answers when the server does not listen
        self.random: random.Random = secrets.SystemRandom()
        self.journal = Journal()
        self.faults: list[Fault] = []
        self.secrets: dict[str, str] = {}  # all there ever were, and what they are: a reset does not unmake them
        self.refuse_connections: Callable[[], Awaitable[None]] = _not_served
        self.accept_connections: Callable[[], Awaitable[None]] = _not_served

    def now(self) -> float:
        """The time as the server sees it, which a test can shift."""
        return time.time() + self.config.clock_offset

    @abstractmethod
    def ready(self) -> dict[str, Any]:
        """What the ready line says."""

    @abstractmethod
    def reset(self, **options: Any) -> None:
        """A fresh state: no request, no failure, nothing set."""
