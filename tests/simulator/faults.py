# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures to order, with the answers of Webex."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from starlette.responses import Response

from ..loopback import faults
from .web import SHAPES, ApiError, new_tracking_id


@dataclass
class Fault(faults.Fault):
    """One order. `retry_after` can be a text that is no number, as was seen in the field (*live*).

    `org` is the name or the id of an organization: then it strikes only requests with a token of that, or for one.

    `shape` is one of `web.SHAPES`: how the error with this `message` and `code` is written.
    """

    shape: str = "webex"
    message: str = "A failure that a test ordered."
    code: int | str | None = None
    org: str | None = None

    kinds: ClassVar[Mapping[str, str]] = {
        **faults.KINDS,
        "partial": "PATCH /licenses/users answers 206 and grants nothing",
    }

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise ValueError(f"shape is one of {', '.join(SHAPES)}")
        if self.kind == "partial":  # means something for this call only
            self.method, self.path = "PATCH", self.path or "/licenses/users$"
        super().__post_init__()

    def response(self) -> Response:
        """The answer of a fault that has one."""
        response = super().response()
        if self.body is not None:
            response.headers["trackingid"] = new_tracking_id()
        return response

    def error(self, status: int, headers: Mapping[str, str]) -> Response:
        """An error in one of the shapes."""
        return ApiError(status, self.message, code=self.code, headers=headers).response(self.shape)
