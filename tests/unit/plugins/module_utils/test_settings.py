# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import pathlib
import typing as t
from datetime import datetime, timezone

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._credentials_file import read_credentials
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError
from ansible_collections.collabops.webex.plugins.module_utils._settings import (
    Settings,
    is_loopback,
    proxy_secrets,
    resolve,
)


@pytest.fixture
def credentials(tmp_path: pathlib.Path) -> t.Callable[[t.Any], dict[str, str]]:
    """Writes a credentials file, and returns the environment that names it."""

    def write(content: t.Any) -> dict[str, str]:
        path = tmp_path / "credentials"
        path.write_bytes(content if isinstance(content, bytes) else str(content).encode())
        return {"WEBEX_CREDENTIALS_FILE": str(path)}

    return write


def test_the_defaults_are_those_of_the_commercial_cloud() -> None:
    assert resolve({}, {}) == Settings(base_url="https://webexapis.com/v1", validate_certs=True, timeout=30)


# Where settings come from


@pytest.mark.parametrize(
    ("variable", "setting"),
    [
        ("WEBEX_ACCESS_TOKEN", "access_token"),
        ("WEBEX_CLIENT_ID", "client_id"),
        ("SERVICE_APP_CLIENT_ID", "client_id"),
        ("WEBEX_CLIENT_SECRET", "client_secret"),
        ("SERVICE_APP_CLIENT_SECRET", "client_secret"),
        ("WEBEX_REFRESH_TOKEN", "refresh_token"),
        ("SERVICE_APP_REFRESH_TOKEN", "refresh_token"),
        ("WEBEX_ORG_ID", "org_id"),
    ],
)
def test_a_variable_gives_a_setting(variable: str, setting: str) -> None:
    assert getattr(resolve({}, {variable: "value"}), setting) == "value"


def test_the_collection_s_own_variable_comes_before_that_of_wxc_sdk() -> None:
    assert resolve({}, {"WEBEX_CLIENT_ID": "own", "SERVICE_APP_CLIENT_ID": "other"}).client_id == "own"


def test_an_option_comes_before_the_file_and_the_file_before_a_variable(credentials: t.Any) -> None:
    environ = {
        **credentials('{"client_id": "file", "client_secret": "file"}'),
        "WEBEX_CLIENT_ID": "variable",
        "WEBEX_CLIENT_SECRET": "variable",
        "WEBEX_REFRESH_TOKEN": "variable",
    }
    found = resolve({"client_id": "option"}, environ)
    assert (found.client_id, found.client_secret, found.refresh_token) == ("option", "file", "variable")


@pytest.mark.parametrize("empty", [None, ""])
def test_an_empty_value_counts_as_none(empty: str | None) -> None:
    assert resolve({"client_id": empty}, {"WEBEX_CLIENT_ID": "variable"}).client_id == "variable"


def test_an_option_that_is_false_counts() -> None:
    assert resolve({"validate_certs": False}, {}).validate_certs is False


@pytest.mark.parametrize("text", ['{"org_id": "o", "client_id": "c"}', "org_id: o\nclient_id: c\n"])
def test_the_file_is_json_or_yaml(credentials: t.Any, text: str) -> None:
    found = resolve({}, credentials(text))
    assert (found.org_id, found.client_id) == ("o", "c")


def test_blanks_around_a_value_are_taken_off() -> None:
    assert resolve({"access_token": " token\n"}, {}).access_token == "token"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a-secret", "is not a mapping"),
        ("[a-secret]", "is not a mapping"),
        ("a: [a-secret", "is not a mapping"),
        ("1: a-secret", "is not a mapping"),
        ("org_id: 2026-99-99\nclient_secret: a-secret", "is not a mapping"),
        ("tenant: a-secret", "unknown keys: tenant"),
        ("client_secret: 12345", "client_secret should be text"),
        (b"\xff\xfe", "it is not a text file"),
    ],
)
def test_a_bad_file_is_refused_without_quoting_its_values(credentials: t.Any, content: t.Any, words: str) -> None:
    with pytest.raises(OptionError, match=words) as error:
        resolve({}, credentials(content))
    assert error.value.option == "WEBEX_CREDENTIALS_FILE"
    assert "12345" not in str(error.value)
    assert "a-secret" not in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(OptionError, match="none cannot be read: No such file"):
        resolve({}, {"WEBEX_CREDENTIALS_FILE": str(tmp_path / "none")})


@pytest.fixture
def token_file(tmp_path: pathlib.Path) -> t.Callable[[t.Any], dict[str, str]]:
    """Writes a file with an access token, and returns the environment that names it."""

    def write(content: t.Any) -> dict[str, str]:
        path = tmp_path / "token"
        path.write_text(json.dumps(content), encoding="utf-8")
        return {"WEBEX_ACCESS_TOKEN_FILE": str(path)}

    return write


def test_the_file_of_an_access_token_comes_after_that_of_a_service_app(credentials: t.Any, token_file: t.Any) -> None:
    token = {
        "access_token": "token",
        "base_url": "https://token.example.com/v1",
        "proxy": "http://token:1",
        "expires_at": "",
    }
    both = {
        **credentials('{"client_id": "c", "base_url": "https://app.example.com/v1", "proxy": ""}'),
        **token_file(token),
        "WEBEX_ACCESS_TOKEN": "variable",
    }
    found = resolve({}, both)
    assert (found.access_token, found.client_id) == ("token", "c")
    assert (found.base_url, found.proxy) == ("https://app.example.com/v1", "http://token:1")
    assert resolve({"access_token": "option"}, both).access_token == "option"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True),
        ("false", False),
        ('"false"', False),
        ('"No"', False),
        ('"1"', True),
        ("0", False),
        ('""', True),
        ("null", True),
    ],
)
def test_certificates_are_checked_as_the_file_says_unless_the_option_says_otherwise(
    credentials: t.Any, text: str, expected: bool
) -> None:
    environ = credentials(f'{{"validate_certs": {text}}}')
    assert resolve({}, environ).validate_certs is expected
    assert resolve({"validate_certs": None}, environ).validate_certs is expected
    assert resolve({"validate_certs": not expected}, environ).validate_certs is not expected


def test_the_file_may_name_certificates_in_the_home_folder(
    credentials: t.Any, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "ca.pem").touch()
    assert resolve({}, credentials("ca_path: ~/ca.pem")).ca_path == str(tmp_path / "ca.pem")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"access_token_expires_at": "2026-12-01T03:00:00Z"}', datetime(2026, 12, 1, 3, tzinfo=timezone.utc)),
        ("access_token_expires_at: 2026-12-01T04:00:00+01:00", datetime(2026, 12, 1, 3, tzinfo=timezone.utc)),
        ("access_token_expires_at: '2026-12-01T03:00:00+00:00'", datetime(2026, 12, 1, 3, tzinfo=timezone.utc)),
        ('{"access_token_expires_at": ""}', None),
        ('{"access_token_expires_at": null}', None),
    ],
)
def test_points_in_time_are_read(credentials: t.Any, text: str, expected: datetime | None) -> None:
    found = read_credentials("WEBEX_CREDENTIALS_FILE", credentials(text))
    assert found.get("access_token_expires_at") == expected


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("validate_certs: perhaps a-secret", "validate_certs is neither true nor false"),
        ("refresh_token_expires_at: a-secret", "refresh_token_expires_at is not a point in time"),
        ("refresh_token_expires_at: 2026-12-01", "refresh_token_expires_at is not a point in time"),
        ("refresh_token_expires_at: 2026-12-01T03:00:00", "refresh_token_expires_at is not a point in time"),
        ("refresh_token_expires_at: 0001-01-01T00:00:00+23:59", "refresh_token_expires_at is not a point in time"),
        ("expires_at: 2026-12-01T03:00:00Z", "unknown keys: expires_at"),
        ("[" * 1_000, "is not a mapping"),
    ],
)
def test_a_value_of_the_file_that_cannot_be_right_is_not_quoted(credentials: t.Any, content: str, words: str) -> None:
    with pytest.raises(OptionError, match=words) as error:
        resolve({}, credentials(content))
    assert "a-secret" not in str(error.value)


# What is refused


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/v1", "http://[::1]/v1", "http://localhost/v1"])
def test_http_is_allowed_on_loopback(url: str) -> None:
    assert resolve({"base_url": url}, {}).base_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://webexapis.com/v1",
        "http://localhost.example.com/v1",
        "http://127.0.0.1.example.com/v1",
        "http://10.0.0.1/v1",
    ],
)
def test_http_is_refused_elsewhere(url: str) -> None:
    with pytest.raises(OptionError, match="without encryption"):
        resolve({"base_url": url}, {})


@pytest.mark.parametrize(
    "url",
    [
        "webexapis.com/v1",
        "ftp://webexapis.com/v1",
        "https:///v1",
        "https://webexapis.com",
        "https://webexapis.com/v1?x=1",
        "https://webexapis.com/v1#x",
        "https://webexapis.com:0/v1",
        "https://webexapis.com:port/v1",
        "https://[/v1",
        "https://user:a-secret@webexapis.com/v1",
        "http://127.0.0.1:80@webexapis.com/v1",
    ],
)
def test_what_is_not_the_base_of_an_api_is_refused(url: str) -> None:
    with pytest.raises(OptionError, match="base_url: ") as error:
        resolve({"base_url": url}, {})
    assert "a-secret" not in str(error.value)


def test_a_slash_at_the_end_is_taken_off() -> None:
    assert resolve({"base_url": "https://webexapis.com/v1/"}, {}).base_url == "https://webexapis.com/v1"


@pytest.mark.parametrize("name", ["access_token", "client_secret", "refresh_token"])
@pytest.mark.parametrize("value", ["Bearer hidden", "hidden\nmore", "hidden\u00e9", "hid den hidden"])
def test_a_secret_with_anything_else_in_it_is_refused_without_quoting_it(name: str, value: str) -> None:
    with pytest.raises(OptionError, match=f"{name}: ") as error:
        resolve({name: value}, {})
    assert "hidden" not in str(error.value)


@pytest.mark.parametrize("name", ["access_token", "client_secret", "refresh_token"])
@pytest.mark.parametrize("value", [["hidden"], {"a": "hidden"}, "['hidden']", "{'a':'hidden'}", "{{hidden", 5])
def test_a_secret_that_is_not_text_is_refused_without_quoting_it(name: str, value: t.Any) -> None:
    with pytest.raises(OptionError, match=f"{name}: ") as error:
        resolve({name: value}, {})
    assert "hidden" not in str(error.value)


@pytest.mark.parametrize("name", ["client_id", "integration_client_id", "org_id"])
@pytest.mark.parametrize("value", ["{{ x }}", "{%x%}", "a b", "a\x1bb", "\u00e9", "\udcff"])
def test_a_name_that_could_not_be_kept_is_refused_before_anything_is_sent(name: str, value: str) -> None:
    with pytest.raises(OptionError, match=f"{name}: has"):
        resolve({name: value}, {})


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        ("http://proxy:3128", []),
        ("http://user:word@proxy:3128", ["user:word", "word"]),
        ("http://token@proxy:3128", ["token"]),
        ("user:word@proxy:3128", ["user:word", "word"]),
        ("http://user:p%40ss@proxy", ["user:p%40ss", "user:p@ss", "p%40ss", "p@ss"]),
        ("http://user:word@[proxy", ["user:word", "word"]),
    ],
)
def test_what_must_not_be_shown_of_a_proxy(url: str, secrets: list[str]) -> None:
    assert proxy_secrets(url) == secrets


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"timeout": 0}, "timeout: 0 is not above zero"),
        ({"timeout": -1.5}, "timeout: -1.5 is not above zero"),
        ({"ca_path": "/no/such/file"}, "ca_path: /no/such/file does not exist"),
    ],
)
def test_other_settings_are_checked(options: dict[str, t.Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        resolve(options, {})


# What is there


def test_a_missing_setting_is_named_with_every_way_to_give_it() -> None:
    with pytest.raises(OptionError) as error:
        Settings(client_id="C").require("client_id", "client_secret", "refresh_token")
    assert error.value.option == "client_secret"
    for way in ("`client_secret`", "WEBEX_CLIENT_SECRET", "SERVICE_APP_CLIENT_SECRET", "WEBEX_CREDENTIALS_FILE"):
        assert way in str(error.value)


def test_secrets_are_listed_and_not_in_the_repr() -> None:
    secrets = {"access_token": "hidden-1", "client_secret": "hidden-2", "refresh_token": "hidden-3"}
    found = Settings(**secrets, proxy="http://user:hidden%2D4@proxy")
    passwords = ["user:hidden%2D4", "user:hidden-4", "hidden%2D4", "hidden-4"]
    assert found.secrets() == ["hidden-1", "hidden-2", "hidden-3", *passwords]
    assert "hidden" not in repr(found)


@pytest.mark.parametrize(("host", "is_it"), [("127.1.2.3", True), ("::1", True), ("0.0.0.0", False), (None, False)])
def test_loopback(host: str | None, is_it: bool) -> None:
    assert is_loopback(host) is is_it
