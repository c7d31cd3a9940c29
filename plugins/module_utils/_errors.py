# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one family of errors: what went wrong, what Webex said of it, and what to do, each as a field of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def with_remedy(problem: str, remedy: str | None) -> str:
    """Return a problem and what to do about it as one text: the only place that joins them."""
    return f"{problem} What to do: {remedy}" if remedy else problem


class WebexError(Exception):
    """Something that the user has to know about: a problem, and a remedy if there is one."""

    tracking_id: str | None = None

    def __init__(self, problem: str, remedy: str | None = None) -> None:
        # Not handed on: the arguments of an exception would keep a problem that is cleaned later.
        super().__init__()
        self.problem = problem
        self.remedy = remedy

    @property
    def message(self) -> str:
        """The problem with the tracking id, if Webex answered."""
        return self.problem

    @property
    def hits_everybody(self) -> bool:
        """Whether the same would happen to every other request of the task: then stop all of it."""
        return False

    def __str__(self) -> str:
        return with_remedy(self.message, self.remedy)

    def without_tracking_id(self) -> str:
        """Return the error as text, without what differs from one request to the next: so that it can be grouped."""
        return with_remedy(self.problem, self.remedy)

    def clean(self, scrub: Callable[[str], str]) -> None:
        """Make every text of the error that may come from outside fit to be shown, by *scrub*, a Scrubber."""
        self.problem = scrub(self.problem)

    def details(self) -> dict[str, Any]:
        """Return the error as the module result ``error``: snake_case, without secrets."""
        return {"message": self.message, "remedy": self.remedy}


class OptionError(WebexError):
    """Bad input: the option, what was wrong, and what would be right. Raised before any request is sent."""

    def __init__(self, option: str, wrong: str, right: str | None = None) -> None:
        super().__init__(f"{option}: {wrong}", right)
        self.option = option
        self.wrong = wrong

    def details(self) -> dict[str, Any]:
        return {**super().details(), "option": self.option}


class MissingSetting(OptionError):
    """A setting that was given in none of the ways that there are."""


class MalformedSecret(OptionError):
    """A token or another secret that cannot be one: Webex need not be asked."""


class RequestError(WebexError):
    """A request that did not end well.

    ``unclear``: Webex may have carried it out all the same. ``passing``: the same request may go well a little later.
    """

    def __init__(
        self,
        problem: str,
        remedy: str | None = None,
        *,
        request: str = "",
        unclear: bool = False,
        passing: bool = False,
    ) -> None:
        super().__init__(problem, remedy)
        self.request = request
        self.unclear = unclear
        self.passing = passing
        # Whether the same request was sent before, and may have been carried out then.
        self.was_sent_before = False

    def clean(self, scrub: Callable[[str], str]) -> None:
        super().clean(scrub)
        self.request = scrub(self.request)

    def details(self) -> dict[str, Any]:
        return {**super().details(), "request": self.request, "unclear": self.unclear}


class NoAnswer(RequestError):
    """No usable answer: no connection, a timeout, a broken connection, or something that is not JSON."""


class BrokenAnswer(NoAnswer):
    """An answer that began and is of no use: it broke off, or it is not JSON."""


class Unreachable(NoAnswer):
    """No connection was made in spite of several tries: nothing of the request was sent."""

    @property
    def hits_everybody(self) -> bool:
        return True


class UntrustedCertificate(NoAnswer):
    """The server, or a proxy, shows a certificate that is not trusted: nothing of the request was sent."""

    @property
    def hits_everybody(self) -> bool:
        return True


class OutOfTime(NoAnswer):
    """The seconds that the task may take are used up."""

    @property
    def hits_everybody(self) -> bool:
        return True


class Interrupted(NoAnswer):
    """The run was interrupted before the request was sent."""

    @property
    def hits_everybody(self) -> bool:
        return True


class Refused(RequestError):
    """Webex answered, and the answer is an error. ``retry_after``: for how many seconds it asks to wait, if it does."""

    def __init__(
        self,
        *,
        request: str,
        status: int,
        reason: str = "",
        descriptions: list[str] | None = None,
        error_codes: list[str] | None = None,
        tracking_id: str | None = None,
        remedy: str | None = None,
        unclear: bool = False,
        passing: bool = False,
        retry_after: float | None = None,
    ) -> None:
        self.status = status
        self.reason = reason
        self.descriptions = descriptions or []
        self.error_codes = error_codes or []
        self.tracking_id = tracking_id
        self.retry_after = retry_after
        super().__init__(self._sentence(request), remedy, request=request, unclear=unclear, passing=passing)

    @property
    def message(self) -> str:
        return f"{self.problem} trackingId {self.tracking_id or 'none sent'}."

    @property
    def words(self) -> str:
        """What Webex said: the reason and the descriptions."""
        return ". ".join(dict.fromkeys(part.rstrip(".") for part in [self.reason, *self.descriptions] if part))

    @property
    def hits_everybody(self) -> bool:
        return self.status == 401

    def clean(self, scrub: Callable[[str], str]) -> None:
        self.request, self.reason = scrub(self.request), scrub(self.reason)
        self.descriptions = [scrub(text) for text in self.descriptions]
        self.error_codes = [scrub(code) for code in self.error_codes]
        self.tracking_id = scrub(self.tracking_id) if self.tracking_id else None
        self.problem = self._sentence(self.request)

    def _sentence(self, request: str) -> str:
        codes = f" errorCode {', '.join(self.error_codes)}." if self.error_codes else ""
        return f"{request} was answered with {self.status}: {self.words or 'no message'}.{codes}"

    def details(self) -> dict[str, Any]:
        return {
            **super().details(),
            "status": self.status,
            "reason": self.reason,
            "descriptions": self.descriptions,
            "error_codes": self.error_codes,
            "tracking_id": self.tracking_id,
        }


class GrantRefused(Refused):
    """The token endpoint refused to hand out a token.

    ``cause`` is a key of ``BY_GRANT_CAUSE`` in ``_remedies``.
    """

    def __init__(self, *, cause: str, **answer: Any) -> None:
        super().__init__(**answer)
        self.cause = cause

    def details(self) -> dict[str, Any]:
        return {**super().details(), "cause": self.cause}


def with_more(error: WebexError, text: str) -> WebexError:
    """Return the same error with more to say. Others may hold it, too, so it stays as it is."""
    longer = error.__class__.__new__(error.__class__)
    longer.__dict__.update(error.__dict__)
    longer.problem = f"{error.problem}{text}"
    return longer
