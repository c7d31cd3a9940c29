# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inputs of one credential of AWX: what can be read of them, and how some are changed without losing the others.

A controller replaces all inputs at once and has no versions. It shows a secret as ``$encrypted$``, and keeps one that is
sent back so; for a secret that it does not have, the answer is an error. So each write sends what was read just before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from ....module_utils._patience import Patience
from .awx_api import AwxApi
from .awx_connection import AwxError

ENCRYPTED = "$encrypted$"
# The controller says no, and will say it again.
FINAL = (400,)


def insist(attempt: Callable[[], None], patience: Patience, is_hopeless: Callable[[AwxError], bool]) -> None:
    """Make an *attempt* again and again with *patience*. Raises the last AwxError, or the first that *is_hopeless*."""
    for _look in patience.looks():
        try:
            return attempt()
        except AwxError as error:
            if is_hopeless(error):
                raise
            failure = error
    raise failure


class Inputs:
    """The inputs of the credential called *name*, which this job was given as *own*."""

    def __init__(
        self,
        api: AwxApi,
        name: str,
        organization: str | None,
        own: Mapping[str, Any],
        tokens: Collection[str],
        points_in_time: Collection[str],
    ) -> None:
        """Take the names of the *tokens*, which are secret, and of the *points_in_time*, which are not: they are written."""
        self.name = name
        self._api = api
        self._organization = organization
        self.own = own
        self._tokens = tokens
        self._points_in_time = points_in_time
        self._address: str | None = None
        self._known: dict[str, Any] = {}

    def read(self) -> dict[str, Any]:
        """Return what the controller shows. Raises AwxError; also if the tokens are not kept there, or not as secrets."""
        shown = self._api.inputs(self._url)
        for token in self._tokens:
            if shown.get(token) not in (None, "", ENCRYPTED):
                raise AwxError(
                    f"The credential {self.name!r} shows its {token} to everybody who may see it: its type does not say that it is secret.",
                    "use the types of credentials that this collection ships, and replace the token.",
                )
            if self.own.get(token) and not shown.get(token) and token not in self._known:
                raise AwxError(
                    f"The credential {self.name!r} does not hold the {token} that this job was given, which comes from another "
                    "credential, or from a secret elsewhere that is linked to it: it cannot be replaced there.",
                    "name the credentials of the job in the option store, and keep the tokens in them.",
                )
        return shown

    def rehearse(self) -> None:
        """Write what is shown, and find it again: a save will go well. Raises AwxError.

        Points in time that it does not have yet are written as nothing, which tells whether its type has them.
        """
        shown = self.read()
        inputs = {**dict.fromkeys(self._points_in_time, ""), **self._kept(shown)}
        self._known = {**self._known, **shown}
        self._write(inputs)

    def change(
        self, changes: Mapping[str, str], check: Callable[[Mapping[str, Any]], None], patience: Patience
    ) -> None:
        """Write *changes*, again and again with *patience* if need be, until they are found. Raises AwxError.

        *check* is given what is shown before each write, and may raise an error of its own.
        """
        self._api.hide(changes[name] for name in self._tokens if changes.get(name))

        def attempt() -> None:
            shown = self._api.inputs(self._url)
            check(shown)
            self._write({**self._kept(shown), **changes})

        # What may pass is not all that is worth another try: the tokens exist nowhere else.
        insist(attempt, patience, lambda error: error.status in FINAL)
        self.own = {**self.own, **changes}

    def holds(self, name: str) -> bool:
        """Tell whether there is a field *name*, as far as that was seen."""
        return name in self._known or name in self.own

    def _kept(self, shown: Mapping[str, Any]) -> dict[str, Any]:
        """Return all inputs as *shown*; one that was there before and is lost as this job was given it."""
        lost = {name: self.own[name] for name in self._known if name not in shown and self.own.get(name)}
        return {**lost, **shown}

    @property
    def _url(self) -> str:
        if self._address is None:
            self._address = self._api.find(self.name, self._organization)
        return self._address

    def _write(self, inputs: dict[str, Any]) -> None:
        self._api.replace_inputs(self._url, inputs)
        shown = self._api.inputs(self._url)
        lacking = sorted(name for name, value in {**self._known, **inputs}.items() if not _shows(shown, name, value))
        if lacking:
            raise AwxError(
                f"The credential {self.name!r} does not show what was written into it ({', '.join(lacking)}).",
                "look at the credential in AWX; what is missing has to be put in again.",
                passing=True,
            )
        self._known = shown


def _shows(shown: Mapping[str, Any], name: str, value: Any) -> bool:
    """Tell whether *value* was kept under *name*, as far as that can be seen."""
    if value in ("", None):
        return shown.get(name) in ("", None)
    return shown.get(name) in (value, ENCRYPTED)
