# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a store can do, and the store that keeps nothing.

Another kind of store is one more class in this folder:

1. Derive it from Store, and say in its docstring where it keeps what.
2. name and describe() are what messages and results show: no secret.
3. load() returns StoredTokens.from_variables(...), an empty StoredTokens for nothing, and refuses what is not its own.
4. lock() lets one run in at a time, waits within its patience, and goes when its holder dies.
5. check() and reserve() find out that a save will succeed: the first without a trace, the second by preparing it.
6. save() writes StoredTokens.variables() whole or not at all, and returns when that is on stable storage.
7. clear() takes away what save() wrote, and nothing else.
8. Every failure is a StoreError that says what to do; nothing has changed then.
9. Add its options to STORE_SPEC and its construction to open_store() in __init__.py, and document both.
10. If runs can overtake each other, check_current() tells that one has.
11. If a killed run may leave tokens that were written and not put in place, unsaved() finds them.
12. Let it run through tests/unit/plugins/plugin_utils/test_stores.py and the race and kill tests.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ....module_utils._errors import WebexError
from ..stored_tokens import StoredTokens


class StoreError(WebexError):
    """The store cannot be used; it is as it was."""


class Superseded(StoreError):
    """Another run has saved newer tokens since this one has read its own: they stay, and this run has no need to go on."""


class Store(ABC):
    """One holding, kept between runs. The broker calls: load, lock, load, check, reserve, save."""

    # How many seconds a save may take.
    save_time = 10.0
    # Whether it keeps the client's credentials beside the tokens, once they are proven.
    keeps_client = False

    @property
    @abstractmethod
    def name(self) -> str:
        """What to call the store in a message. It names one store and no other."""

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """Return the store as results show it: its kind, and where it is."""

    @property
    def identity(self) -> str:
        """What tells this store from all others, by whichever way it is named."""
        return self.name

    def warnings(self, saves: bool = True) -> tuple[str, ...]:
        """Return what endangers the tokens here, though they can be used; also what keeps them from being saved, if the caller *saves*."""
        return ()

    def absence(self) -> str:
        """Return a sentence (with a blank before it) on why nothing is stored, if there is more to say of it."""
        return ""

    @abstractmethod
    def load(self) -> StoredTokens:
        """Return what is stored. Raises StoreError for what is not this store's own."""

    @abstractmethod
    def lock(self, patience: float) -> AbstractContextManager[None]:
        """Let one run in at a time. Raises StoreError after *patience* seconds. On leaving, reservations are undone."""

    def lock_unless(self, suffices: Callable[[StoredTokens], bool], patience: float) -> AbstractContextManager[None]:
        """Do what lock() does; a store whose waiters can see what is saved lets them in as soon as that *suffices*.

        They have no lock then: if what they load does not suffice, reserve() raises StoreError.
        """
        return self.lock(patience)

    def check_current(self) -> None:
        """Raise Superseded if another run has saved newer tokens in the meantime; a store whose lock prevents that does nothing."""
        return

    @abstractmethod
    def check(self) -> None:
        """Raise StoreError if saving would fail, as far as that can be told without writing anything."""

    @abstractmethod
    def reserve(self) -> None:
        """Make sure that the next save can be done, before anything is spent; once for each save. Raises StoreError."""

    @abstractmethod
    def save(self, holding: StoredTokens) -> None:
        """Put *holding* on stable storage, whole or not at all. Raises StoreError."""

    def unsaved(self) -> Mapping[str, StoredTokens]:
        """Return the tokens in files that a save has written and not put in place, by path. Raises StoreError."""
        return {}

    @abstractmethod
    def clear(self) -> None:
        """Take away everything that was saved, or written for a save. Raises StoreError."""


class NoStore(Store):
    """Keeps nothing: the caller registers the result, and keeps a refresh token that is replaced, or not."""

    name = "no store"

    def __init__(self, caller_keeps: bool = False) -> None:
        """*caller_keeps*: the caller keeps the refresh token of the result, if it is another one than before."""
        self.caller_keeps = caller_keeps

    def describe(self) -> dict[str, Any]:
        return {"kind": "none"}

    def load(self) -> StoredTokens:
        return StoredTokens()

    def lock(self, patience: float) -> AbstractContextManager[None]:
        return nullcontext()

    def check(self) -> None:
        """Nothing can fail."""

    def reserve(self) -> None:
        """Nothing to reserve."""

    def save(self, holding: StoredTokens) -> None:
        """Nothing to save."""

    def clear(self) -> None:
        """Nothing to clear."""
