# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be switched while the simulator runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..loopback.settings import Settings

READS = ("person", "people", "holders", "numbers", "counts", "settings")  # each can be stale by itself
_CHOICES = {
    "refusal_shape": ("oauth", "webex"),
    "refusal_error": ("invalid_grant", "invalid_request"),
    "dead_refresh_status": (400, 401),
    "license_overage": ("refuse", "allow"),
    "implicit_put": ("keep", "refuse"),
    "inactive_numbers": ("refuse", "allow"),
    "integrated_pstn": ("accept", "refuse"),
    "emails_order": ("primary_first", "primary_last", "shuffled"),
    "put_emails": ("replace", "keep"),
    "put_settings": ("keep", "reset"),
    "move_answer": ("wxc_sdk", "spec"),
    "scim_answer": ("schema", "example"),
    "error_shape": ("webex", "errors_code_message", "error_list", "error_key"),
    "put_webhook_secret": ("keep", "lose"),
}


@dataclass
class Config(Settings):
    """The settings, with what holds if nobody changes them. RULES.md says what is known about each."""

    CHOICES: ClassVar[Mapping[str, Collection[Any]]] = _CHOICES

    rotate_refresh_tokens: bool = False
    scope_in_answer: bool = True
    refusal_shape: str = "oauth"  # or "webex": the same text in the usual error body
    refusal_error: str = "invalid_grant"  # or "invalid_request": both are seen
    dead_refresh_status: int = 400  # or 401
    max_page_size: int | None = None
    rate_limit: float | None = None  # requests per second and token
    error_shape: str = "webex"  # of what calls under /telephony refuse; see `web.SHAPES`

    # For how many seconds after a write a read answers the state before it. Decided when the write comes.
    stale_seconds: float = 0  # short for stale_person and stale_people
    stale_person: float = 0  # GET /people/{id}
    stale_people: float = 0  # GET /people: lists, and the search for an e-mail address
    stale_holders: float = 0  # GET /licenses/{id}?includeAssignedTo=user: `users`
    stale_numbers: float = 0  # GET /telephony/config/numbers
    stale_counts: float = 0  # consumedUnits and consumedByUsers of every license
    stale_locations: float = 0  # GET /locations and GET /telephony/config/locations
    stale_settings: float = 0  # the calling settings of a person, such as voicemail (*guess*)

    license_overage: str = "refuse"  # 206 if no unit is free; "allow": assigned beyond the total
    implicit_put: str = "keep"  # a PUT without an implicit license leaves it; "refuse": 400
    inactive_numbers: str = "refuse"  # an INACTIVE number cannot be assigned; "allow": it can
    directory_first: bool = False  # whether a directory number stands before the number of calling
    emails_order: str = "primary_first"  # in reads; or "primary_last", "shuffled"
    put_emails: str = "replace"  # what a PUT does to addresses that it does not name; or "keep"

    add_in_part: bool = False  # numbers that can be added are, when others of the same request are refused
    integrated_pstn: str = "accept"  # numbers are added and activated there too; "refuse": 400
    scim_answer: str = "schema"  # or "example": `operations` or `Operations` in the answer of a bulk
    new_person_seconds: float = 0  # how long PATCH /licenses/users does not know a new person
    put_settings: str = "keep"  # what a PUT does to fields of a setting that it does not name; or "reset"
    settings_delay: float = 0  # for how many seconds after the license nobody knows of settings: 404
    locked_features: list[str] = field(default_factory=list)  # that answer 403: voicemail, callerId, ...
    dropped_fields: list[str] = field(default_factory=list)  # of a PUT: voicemail.emailCopyOfMessage.enabled, ...

    move_seconds: float = 0  # how long a job that moves users runs
    move_failure: str = ""  # the message with which every move fails
    move_failures: dict[str, str] = field(default_factory=dict)  # the same for single people, by e-mail address
    move_answer: str = "wxc_sdk"  # or "spec": the two bodies that clients and Cisco describe
    one_move_at_a_time: bool = False  # 409 while another job runs

    show_webhook_secret: bool = True  # in reads
    put_webhook_secret: str = "lose"  # what a PUT without a secret does to it; or "keep"

    def allows(self, name: str, value: Any) -> bool:
        """Whether a setting can have a value."""
        return super().allows(name, value) and not (name == "max_page_size" and value is not None and value < 1)

    def staleness(self) -> dict[str, float]:
        """For how many seconds each kind of read is stale after a write."""
        seconds = {kind: float(getattr(self, f"stale_{kind}")) for kind in READS}
        for kind in ("person", "people"):
            seconds[kind] = max(seconds[kind], self.stale_seconds)
        return seconds
