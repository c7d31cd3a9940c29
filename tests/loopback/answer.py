# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For the servers' own tests: what came back of a request."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.message import Message
from typing import Any


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: Message
    text: str

    @property
    def body(self) -> Any:
        """The JSON body."""
        return json.loads(self.text)
