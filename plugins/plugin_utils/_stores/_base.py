# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a store can do, and the store that keeps nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ansible_collections.collabops.webex.plugins.module_utils._errors import WebexError
from ansible_collections.collabops.webex.plugins.module_utils._oauth import TokenSet


class StoreError(WebexError):
    """The store cannot be used; it is as it was."""


class Store(ABC):
    """One token set, kept between runs. The broker calls: load, lock, load, check, reserve, save."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What to call the store in a message."""

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """Return the store as results show it: its kind, and where it is."""

    @abstractmethod
    def load(self) -> TokenSet | None:
        """Return what is stored; None where nothing is. Raises StoreError for what is not this store's own."""

    @abstractmethod
    def lock(self, patience: float) -> AbstractContextManager[None]:
        """Let one run in at a time. Raises StoreError after *patience* seconds. On leaving, reservations are undone."""

    @abstractmethod
    def check(self) -> None:
        """Raise StoreError if saving would fail, as far as that can be told without writing anything."""

    @abstractmethod
    def reserve(self) -> None:
        """Make sure that the next save can be done, before anything is spent. Raises StoreError."""

    @abstractmethod
    def save(self, token_set: TokenSet) -> None:
        """Put *token_set* on stable storage, whole or not at all. Raises StoreError."""


class NoStore(Store):
    """Keeps nothing: the caller registers the result."""

    name = "no store"

    def describe(self) -> dict[str, Any]:
        return {"kind": "none"}

    def load(self) -> None:
        return None

    def lock(self, patience: float) -> AbstractContextManager[None]:
        return nullcontext()

    def check(self) -> None:
        """Nothing can fail."""

    def reserve(self) -> None:
        """Nothing to reserve."""

    def save(self, token_set: TokenSet) -> None:
        """Nothing to save."""
