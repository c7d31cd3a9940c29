# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which handler answers a request."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Generic, TypeVar

Handler = TypeVar("Handler")


class Routes(ABC, Generic[Handler]):
    """Which handler answers which method and path; 404 and 405 otherwise. The first pattern that fits wins."""

    value = "[^/]+"  # what a parameter of a path can be

    def __init__(self) -> None:
        self._routes: list[tuple[re.Pattern[str], dict[str, Handler]]] = []

    def add(self, path: str, **handlers: Handler) -> None:
        """One path, such as ``/people/{id}``, and its handlers by method."""
        pattern = re.sub(r"{(\w+)}", lambda name: f"(?P<{name[1]}>{self.value})", path)
        self._routes.append((re.compile(pattern), handlers))

    def find(self, method: str, path: str) -> tuple[Handler, dict[str, str]]:
        """The handler, and the parameters of the path."""
        for pattern, handlers in self._routes:
            match = pattern.fullmatch(path)
            if match and method in handlers:
                return handlers[method], match.groupdict()
            if match:
                raise self.not_allowed(method, handlers)
        raise self.not_found()

    @abstractmethod
    def not_found(self) -> Exception:
        """The answer for a path that there is not."""

    @abstractmethod
    def not_allowed(self, method: str, allowed: Iterable[str]) -> Exception:
        """The answer for a method that a path does not have."""
