# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the event source service_app checks: plain Python, without ansible-rulebook and aiohttp."""

from __future__ import annotations

import asyncio
import json
import logging
import pathlib
import time
import typing as t

import pytest
import yaml
from ansible_collections.collabops.webex.tests.eda.support import (
    CLIENT_ID,
    SECRET,
    SOURCE,
    application_id,
    body_of,
    encoded,
    moment,
    notification,
    org_id,
    signature_of,
)

pytestmark = pytest.mark.any_core

ARGUMENTS = {"port": 5000, "client_id": CLIENT_ID, "secret": SECRET}
ORG_UUID = "00000000-0000-0000-0000-000000000000"
HOUR = 3600


def read(message: t.Any, max_age: float = HOUR) -> dict[str, str]:
    body = message if isinstance(message, bytes) else body_of(message)
    event: dict[str, str] = SOURCE.read_notification(body, CLIENT_ID.lower(), max_age, time.time())
    return event


# Signatures


def test_the_signature_is_of_the_raw_body() -> None:
    body = b'{"a":1, "b":2}'
    # Computed by another tool: printf '{"a":1, "b":2}' | openssl dgst -sha1 -hmac secret
    signature = "1ee4f38626ce17997f457d484374cf478e1aef76"
    assert SOURCE.is_signed(body, [signature], [b"secret"])
    assert SOURCE.is_signed(body, [signature.upper()], [b"secret"])
    assert not SOURCE.is_signed(b'{"a":1,"b":2}', [signature], [b"secret"])


@pytest.mark.parametrize(
    "signatures",
    [
        [],
        [""],
        ["0" * 40],
        ["not hexadecimal"],
        ["\udce4"],
        ["sha1=" + signature_of(b"x")],
        [signature_of(b"x", "another secret")],
        [signature_of(b"x")[:-1]],
        [signature_of(b"x") + "0"],
        [signature_of(b"x"), signature_of(b"x")],
    ],
    ids=repr,
)
def test_another_signature_is_none(signatures: list[str]) -> None:
    assert not SOURCE.is_signed(b"x", signatures, [SECRET.encode()])


def test_while_a_secret_is_replaced_both_are_taken() -> None:
    secrets = [b"old", b"new"]
    assert all(SOURCE.is_signed(b"x", [signature_of(b"x", secret)], secrets) for secret in ("old", "new"))


# Content


@pytest.mark.parametrize("event", ["authorized", "deauthorized"])
def test_an_event_says_who_and_when(event: str) -> None:
    at = moment()
    found = read(notification(event, authorizationDate=at))
    assert len(found.pop("id")) == 64
    assert found == {
        "event": event,
        "org_id": org_id(),
        "org_uuid": ORG_UUID,
        "app_id": application_id(),
        "authorized_at": at,
    }


@pytest.mark.parametrize(
    ("written", "handed_on"),
    [
        (ORG_UUID, org_id()),
        (ORG_UUID.upper(), org_id()),
        (encoded(ORG_UUID), org_id()),
        (encoded(f"ciscospark://eu/ORGANIZATION/{ORG_UUID}"), encoded(f"ciscospark://eu/ORGANIZATION/{ORG_UUID}")),
    ],
)
def test_an_organization_may_be_written_in_any_way(written: str, handed_on: str) -> None:
    at = moment()
    found = read(notification(authorizerOrgId=written, authorizationDate=at))
    assert (found["org_id"], found["org_uuid"]) == (handed_on, ORG_UUID)
    assert found["id"] == read(notification(authorizerOrgId=org_id(), authorizationDate=at))["id"]


def test_the_service_app_may_be_written_as_its_client_id() -> None:
    assert read(notification(id=CLIENT_ID))["org_uuid"] == ORG_UUID


def test_the_same_message_has_the_same_id_and_another_one_has_not() -> None:
    at = moment()
    message = notification(authorizationDate=at)
    others = [
        notification("deauthorized", authorizationDate=at),
        notification(authorizerOrgId=org_id(1), authorizationDate=at),
        notification(authorizationDate=moment(60)),
    ]
    # The same once more, in other words.
    again = body_of({**message, "name": "Another name", "id": "x"})
    assert read(again)["id"] == read(message)["id"]
    assert len({read(one)["id"] for one in [message, *others]}) == 4


TEMPLATE = "{{ lookup('pipe', 'id') }}"
HOSTILE: dict[str, tuple[t.Any, str]] = {
    "nothing": (b"", "is no JSON"),
    "binary": (b"\xff\xfe\x00", "is no JSON"),
    "half": (b'{"resource": "serviceApp"', "is no JSON"),
    "deep": (b"[" * 16000, "is no JSON"),
    "a huge number": (b"1" * 16000, "is no JSON|is not about"),
    "a list": ([notification()], "is not about a service app"),
    "a text": ("authorized", "is not about a service app"),
    "null": (None, "is not about a service app"),
    "no data": ({**notification(), "data": None}, "is not about a service app"),
    "data as a text": ({**notification(), "data": "x"}, "is not about a service app"),
    "another resource": ({**notification(), "resource": "messages"}, "is not about a service app"),
    "another event": ({**notification(), "event": "created"}, "another event"),
    "an event that is a list": ({**notification(), "event": ["authorized"]}, "another event"),
    "another app": (notification(id=application_id("C1")), "another service app"),
    "the app of the webhook": (
        {**notification(id=application_id("C1")), "appId": application_id()},
        "another service app",
    ),
    "no app": (notification(id=None), r"no data\.id"),
    "an app that is a number": (notification(id=1), r"no data\.id"),
    "a long app": (notification(id="C" * 2000), r"no data\.id"),
    "no organization": (notification(authorizerOrgId=None), r"no data\.authorizerOrgId"),
    "an empty organization": (notification(authorizerOrgId=""), r"no data\.authorizerOrgId"),
    "a person": (notification(authorizerOrgId=encoded(f"ciscospark://us/PEOPLE/{ORG_UUID}")), "no organization"),
    "a folder": (notification(authorizerOrgId="../../etc/passwd"), "no organization"),
    "a folder, encoded": (
        notification(authorizerOrgId=encoded("ciscospark://us/ORGANIZATION/../x")),
        "no organization",
    ),
    "a template": (notification(authorizerOrgId=TEMPLATE), "no organization"),
    "a template, encoded": (
        notification(authorizerOrgId=encoded(f"ciscospark://{TEMPLATE}/ORGANIZATION/{ORG_UUID}")),
        "no organization",
    ),
    "a line more": (notification(authorizerOrgId=f"{ORG_UUID}\n"), "no organization"),
    "no date": (notification(authorizationDate=None), r"no data\.authorizationDate"),
    "a date that is a number": (notification(authorizationDate=1), r"no data\.authorizationDate"),
    "words": (notification(authorizationDate="yesterday"), r"no time in data\.authorizationDate"),
    "no time zone": (notification(authorizationDate="2026-01-01T00:00:00"), r"no time in data\.authorizationDate"),
    "beyond the calendar": (notification(authorizationDate="0001-01-01T00:00:00+14:00"), "no time in data"),
    "old": (notification(authorizationDate=moment(HOUR + 60)), "is too old"),
    "of the future": (notification(authorizationDate=moment(-HOUR)), "of the future"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_not_wanted_is_not_handed_on(name: str) -> None:
    message, reason = HOSTILE[name]
    with pytest.raises(SOURCE.Unwanted, match=reason):
        read(message)


def test_how_old_it_may_be_can_be_said() -> None:
    message = notification(authorizationDate=moment(2 * HOUR))
    assert read(message, max_age=3 * HOUR)
    assert read(message, max_age=0)


def test_a_deauthorization_may_carry_the_date_of_the_authorization() -> None:
    assert read(notification("deauthorized", authorizationDate=moment(365 * 24 * HOUR)))


def test_nothing_that_is_handed_on_can_be_a_template() -> None:
    message = notification()
    message.update(name=TEMPLATE, id=TEMPLATE, orgId=TEMPLATE, actorId=TEMPLATE)
    message["data"]["more"] = TEMPLATE
    assert "{{" not in json.dumps(read(message))


# Receiving


def receive(receiver: t.Any, *messages: t.Any, signature: str | None = None) -> list[int]:
    async def all_of_them() -> list[int]:
        bodies = [body_of(message) for message in messages]
        return [await receiver.receive(body, [signature or signature_of(body)]) for body in bodies]

    return asyncio.run(all_of_them())


@pytest.fixture
def events() -> list[dict[str, t.Any]]:
    return []


@pytest.fixture
def receiver(events: list[dict[str, t.Any]]) -> t.Callable[..., t.Any]:
    """A receiver with these arguments more, which hands on to ``events``."""

    async def put(event: dict[str, t.Any]) -> None:
        events.append(event)

    return lambda **arguments: SOURCE.Receiver(SOURCE.read_options({**ARGUMENTS, **arguments}), put)


def test_each_notification_acts_once(receiver: t.Any, events: list[t.Any]) -> None:
    first, second = notification(), notification(authorizerOrgId=org_id(1))
    assert receive(receiver(), first, second, first, first, second) == [200] * 5
    assert [event["webex"]["org_id"] for event in events] == [org_id(), org_id(1)]


def test_what_is_not_signed_is_refused_before_it_is_read(receiver: t.Any, events: list[t.Any]) -> None:
    assert receive(receiver(), notification(), "no notification", signature="0" * 40) == [401, 401]
    assert events == []


def test_what_is_signed_and_not_wanted_is_no_failure_for_webex(receiver: t.Any, events: list[t.Any]) -> None:
    assert receive(receiver(), *(message for message, _reason in HOSTILE.values() if not isinstance(message, bytes)))
    assert set(receive(receiver(), notification(id="C1"), [])) == {200}
    assert events == []


def test_the_memory_is_bounded(receiver: t.Any, events: list[t.Any]) -> None:
    bounded = receiver(max_memory=3)
    messages = [notification(authorizerOrgId=org_id(number)) for number in range(5)]
    receive(bounded, *messages)
    assert len(bounded.memory.ids) == 3
    receive(bounded, *messages[-3:])
    assert len(events) == 5


def test_what_comes_too_fast_is_refused_and_can_come_again() -> None:
    now = [0.0]
    allowance = SOURCE.Allowance(6, clock=lambda: now[0])
    assert [allowance.take() for _time in range(7)] == [True] * 6 + [False]
    now[0] = 9.0
    assert not allowance.take()
    now[0] = 10.0
    assert allowance.take()
    now[0] = 10_000.0
    assert [allowance.take() for _time in range(7)] == [True] * 6 + [False]


def test_a_notification_that_was_refused_for_the_rate_acts_when_it_comes_again(
    receiver: t.Any, events: list[t.Any]
) -> None:
    busy = receiver(max_rate=1)
    late = notification(authorizerOrgId=org_id(1))
    assert receive(busy, notification(), late) == [200, 429]
    busy.allowance.left = 1
    assert receive(busy, late) == [200]
    assert len(events) == 2


def test_a_queue_that_is_full_is_no_reason_to_lose_an_event() -> None:
    async def full() -> tuple[list[int], int]:
        queue: asyncio.Queue[t.Any] = asyncio.Queue(maxsize=1)
        receiver = SOURCE.Receiver(SOURCE.read_options({**ARGUMENTS, "read_timeout": 1}), queue.put)
        bodies = [body_of(notification(authorizerOrgId=org_id(number))) for number in range(2)]
        statuses = [await receiver.receive(body, [signature_of(body)]) for body in bodies]
        queue.get_nowait()
        return [*statuses, await receiver.receive(bodies[1], [signature_of(bodies[1])])], queue.qsize()

    assert asyncio.run(full()) == ([200, 429, 200], 1)


def test_a_flood_is_a_few_lines_of_log_and_no_secret_is_in_them(
    receiver: t.Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    flooded = receiver()
    receive(flooded, *[notification()] * 500, signature="0" * 40)
    receive(flooded, *[notification(id="C1")] * 500)
    lines = [record.getMessage() for record in caplog.records if record.name != "asyncio"]
    assert len(lines) == 2
    assert SECRET not in "\n".join(lines)
    assert flooded.log.counts.total() == 998


# Arguments


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"port": None}, "port: is missing"),
        ({"port": "http"}, "port: is no whole number"),
        ({"port": True}, "port: is no whole number"),
        ({"max_body": 0}, "max_body: is no whole number of 1"),
        ({"max_age": -1}, "max_age: is no whole number of 0"),
        ({"client_id": None}, "client_id: give either"),
        ({"application_id": "x"}, "client_id: give either"),
        ({"secret": None}, "secret_file: give either"),
        ({"secret": ""}, "secret_file: give either"),
        ({"secret_file": "x"}, "secret_file: give either"),
        ({"scret": "x"}, "unknown: scret"),
    ],
)
def test_arguments_that_cannot_be_are_refused(changes: dict[str, t.Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as refusal:
        SOURCE.read_options({**ARGUMENTS, **changes})
    assert SECRET not in str(refusal.value)


def test_an_empty_file_is_no_secret(tmp_path: pathlib.Path) -> None:
    (tmp_path / "secret").write_text("\n \n", encoding="utf-8")
    with pytest.raises(ValueError, match="no secret in the file"):
        SOURCE.read_options({"port": 1, "client_id": "C", "secret_file": str(tmp_path / "secret")})


def test_a_file_holds_secrets_line_by_line_and_they_stay_out_of_the_repr(tmp_path: pathlib.Path) -> None:
    (tmp_path / "secret").write_bytes(b"old secret\r\nnew\n")
    options = SOURCE.read_options({"port": "1", "client_id": "C", "secret_file": str(tmp_path / "secret")})
    assert (options.secrets, options.port) == ((b"old secret", b"new"), 1)
    assert "old secret" not in repr(options)


def test_the_arguments_are_those_that_are_documented() -> None:
    documented = yaml.safe_load(SOURCE.DOCUMENTATION)["options"]
    assert documented.keys() == SOURCE.KNOWN
    options = SOURCE.read_options(ARGUMENTS)
    defaults = {name: option["default"] for name, option in documented.items() if "default" in option}
    assert defaults == {name: getattr(options, name) for name in defaults}
    assert len(defaults) == 8
    (example,) = yaml.safe_load(SOURCE.EXAMPLES)
    assert example["collabops.webex.service_app"].keys() <= documented.keys()
