# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One user of a list and what is to be done for them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .model import CallingState, Plan, Wanted
from .settings.base import Setting
from .settings.person import PersonSettings


@dataclass(slots=True)
class PlannedUser:
    """One user of a list and their plan; ``parking`` goes before it, to make room for others of the list.

    ``settings`` are those that are wanted, as they stand before anything is written, and ``due`` those to be written.
    """

    wanted: Wanted
    plan: Plan
    parking: Plan | None = None
    settings: PersonSettings | None = None
    due: tuple[Setting, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether they need something."""
        return self.plan.changes or bool(self.due)

    @property
    def who(self) -> str:
        """The person, as they were named."""
        return self.wanted.who

    @property
    def before(self) -> CallingState:
        """What the user had before anything was done."""
        return self.parking.before if self.parking else self.plan.before

    def unpark(self) -> None:
        """Plan without a parking, and say nothing of it."""
        if self.parking:
            notes = tuple(note for note in self.plan.notes if note not in self.parking.notes)
            self.plan, self.parking = replace(self.plan, before=self.before, notes=notes), None
