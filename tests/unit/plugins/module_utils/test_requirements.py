# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys

import pytest
from ansible_collections.collabops.webex.plugins.module_utils import _requirements
from ansible_collections.collabops.webex.plugins.module_utils._errors import WebexError

MISSING = ModuleNotFoundError("No module named 'requests'", name="requests")
BROKEN = ImportError("cannot import name 'DEFAULT_CIPHERS' from 'urllib3.util.ssl_'")


@pytest.mark.parametrize("on_controller", [False, True])
@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MISSING, "The Python package requests is missing ("),
        (BROKEN, "The Python package requests cannot be imported: cannot import name 'DEFAULT_CIPHERS'"),
        (ModuleNotFoundError("No module named 'idna'", name="idna"), "cannot be imported: No module named 'idna'"),
    ],
)
def test_a_package_that_cannot_be_used_is_named_with_its_python(
    monkeypatch: pytest.MonkeyPatch, error: ImportError, words: str, on_controller: bool
) -> None:
    monkeypatch.setattr(_requirements, "REQUESTS_IMPORT_ERROR", error)
    with pytest.raises(WebexError) as failure:
        _requirements.check_packages(on_controller)
    assert words in failure.value.message
    assert f"({sys.executable} on " in failure.value.message
    assert f"{sys.executable} -m pip install 'requests>=2.28'" in str(failure.value)
    # On the controller it is Ansible's own Python, in whose place no other can be named.
    assert ("ansible_python_interpreter" in str(failure.value)) != on_controller


@pytest.mark.parametrize(("version", "will_do"), [("2.27.1", False), ("2.28.0", True), ("3.0", True), ("odd", True)])
def test_requests_must_be_new_enough(monkeypatch: pytest.MonkeyPatch, version: str, will_do: bool) -> None:
    monkeypatch.setattr(_requirements.requests, "__version__", version)
    if will_do:
        _requirements.check_packages()
        return
    with pytest.raises(WebexError, match=r"requests 2\.27\.1 is too old, 2\.28 or newer is needed"):
        _requirements.check_packages()


@pytest.mark.parametrize(
    ("version", "will_do"), [("2.9.6", False), ("2.15.13", False), ("2.16.0b1", True), ("2.21.5", True), ("3.0", True)]
)
def test_ansible_core_must_be_new_enough(version: str, will_do: bool) -> None:
    if will_do:
        _requirements.check_core(version)
        return
    with pytest.raises(WebexError, match="is too old for collabops.webex, which needs 2.16 or newer"):
        _requirements.check_core(version)
