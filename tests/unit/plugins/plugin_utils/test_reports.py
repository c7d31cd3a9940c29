# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report on the users of a list, and its files."""

from __future__ import annotations

import csv
import io
import json
import pathlib
import stat
import typing as t
from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._calling.options import WANTED_SPEC
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError
from ansible_collections.collabops.webex.plugins.module_utils._user_list import Reading, read_bytes, read_users
from ansible_collections.collabops.webex.plugins.plugin_utils._reports import (
    COLUMNS,
    MOST_NAMED,
    NO_RESULT,
    OPTIONS,
    as_csv,
    as_json,
    check_folder,
    make_report,
    summary_stats,
    write_reports,
)

NOW = datetime(2026, 11, 25, 3, 4, tzinfo=timezone.utc)
HEADER = (
    "email,person_id,state,license,location,extension,phone_number,remove_phone_number,"
    "first_name,last_name,display_name,outcome,action,verified,reason,remedy,error_codes,tracking_id,notes"
)
ALICE = {"email": "alice@example.com", "extension": "2002", "location": "Berlin"}
BOB = {"email": "bob@example.com", "phone_number": "+493055502003", "license": "standard"}
# What people, directories and Webex may put into a text.
TEXTS = (
    'semi;colon, comma "quotes" and\nlines\r\n',
    "München, 北京 😀 שלום",
    "\\backslash\\",
    " blanks ",
    "'0123",
    "<script>alert(1)</script>",
)
# Texts of formulas that a location could be called.
RISKY = ("=1+1", "-2", "@SUM(A1)", "+49 30", "'quoted'")
FORMULAS = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\uff1d1+1",
    "+49 30 555",
    "x;=1+1",
    "x\n=1+1",
)


def report(users: t.Any, results: t.Any, **more: t.Any) -> dict[str, t.Any]:
    return make_report(users, results, now=NOW, **more)


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a CSV text, as a program reads it."""
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_the_columns_begin_with_all_options_of_a_user() -> None:
    assert COLUMNS[: len(OPTIONS)] == OPTIONS
    assert set(OPTIONS) == WANTED_SPEC.keys()
    assert ",".join(COLUMNS) == HEADER


def test_those_who_need_a_look_come_first_and_otherwise_the_order_stays() -> None:
    outcomes = ["ok", "enabled", "skipped", "failed", "changed", "ok", "failed"]
    users = [{"email": f"u{number}"} for number in range(len(outcomes))]
    results = [{"user": f"u{number}", "outcome": outcome} for number, outcome in enumerate(outcomes)]
    made = report(users, reversed(results))
    assert [row["user"] for row in made["users"]] == ["u3", "u6", "u2", "u1", "u4", "u0", "u5"]
    assert made["counts"] == {"enabled": 1, "changed": 1, "ok": 2, "skipped": 1, "failed": 2}
    assert made["words"] == "1 enabled, 1 changed, 2 unchanged, 1 skipped, 2 failed"
    assert made["time"] == "2026-11-25T03:04:00Z"


def test_of_those_who_failed_it_has_what_was_asked_for_and_of_others_what_they_have() -> None:
    state = {"enabled": True, "license": "Webex Calling - Standard", "location": "Berlin", "extension": "2003"}
    refusal = {
        "reason": "no",
        "remedy": "try.",
        "error_codes": ["400404"],
        "tracking_id": "NA_1",
        "person_id": "P1",
        "verified": True,
    }
    failed, done = report(
        [BOB, ALICE],
        [
            {"user": "bob@example.com", "outcome": "enabled", "action": "enable", "verified": False, **state}
            | {"person_id": "P2", "phone_number": "+493055502003", "license_id": "L", "location_id": "X"},
            {"user": "alice@example.com", "outcome": "failed", "action": "enable", **refusal},
        ],
    )["users"]
    assert failed == {
        **dict.fromkeys(COLUMNS),
        "user": "alice@example.com",
        **ALICE,
        "state": "present",
        "remove_phone_number": False,
        "outcome": "failed",
        "action": "enable",
        "verified": None,
        "notes": [],
        "reason": "no",
        "remedy": "try.",
        "error_codes": ["400404"],
        "tracking_id": "NA_1",
    }
    assert done == {
        **dict.fromkeys(COLUMNS),
        "user": "bob@example.com",
        "email": "bob@example.com",
        "person_id": "P2",
        "state": "present",
        "license": "Webex Calling - Standard",
        "location": "Berlin",
        "extension": "2003",
        "phone_number": "+493055502003",
        "remove_phone_number": False,
        "outcome": "enabled",
        "action": "enable",
        "verified": False,
        "notes": [],
        "error_codes": [],
    }


def test_a_result_may_be_brief_or_missing() -> None:
    skipped, done = report([ALICE, BOB], [{"user": "alice@example.com", "outcome": "ok", "verified": True}])["users"]
    assert {**skipped, **NO_RESULT, "user": "bob@example.com"} == skipped
    assert skipped["phone_number"] == "+493055502003"
    assert (done["outcome"], done["extension"], done["verified"]) == ("ok", "2002", None)


def test_the_last_result_of_a_user_counts() -> None:
    results = [{"user": "bob@example.com", "outcome": outcome} for outcome in ("failed", "ok")]
    assert report([BOB], results)["counts"]["ok"] == 1


def test_a_user_may_be_named_by_id_and_lose_calling() -> None:
    gone = {"enabled": False, "license": None, "location": None, "extension": None, "phone_number": None}
    result = {"user": "P1", "outcome": "changed", "action": "disable", "verified": True, "person_id": "P1", **gone}
    (row,) = report([{"person_id": "P1", "state": "absent", "extension": "2"}], [result])["users"]
    assert (row["user"], row["email"], row["person_id"]) == ("P1", None, "P1")
    assert (row["state"], row["extension"], row["verified"]) == ("absent", None, True)


def test_what_was_read_otherwise_is_among_the_notes() -> None:
    made = report(
        [ALICE],
        [{"user": "alice@example.com", "outcome": "ok", "notes": ["second"]}],
        notes=["about the list"],
        changes={"alice@example.com": ("first",), "nobody@example.com": ["x"]},
    )
    assert made["notes"] == ["about the list"]
    assert made["users"][0]["notes"] == ["first", "second"]
    assert rows_of(as_csv(made))[0]["notes"] == "first; second"


def test_who_was_created_is_noted_however_it_ended() -> None:
    results = [{"user": "alice@example.com", "outcome": "enabled", "created": True}]
    results.append({"user": "bob@example.com", "outcome": "failed", "created": True, "notes": ["more"]})
    made = report([ALICE, BOB], results)
    assert [row["notes"] for row in made["users"]] == [["was created", "more"], ["was created"]]


def test_nobody_is_a_report_too() -> None:
    made = report([], [])
    assert (made["words"], made["users"]) == ("nobody", [])
    assert as_csv(made) == f"\ufeff{HEADER}\r\n"


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_comes_back_from_both_files(text: str) -> None:
    users = [{"email": "a@example.com", "location": text, "license": text, "remove_phone_number": True}]
    made = report(users, [{"user": "a@example.com", "outcome": "failed", "reason": text}])
    (row,) = rows_of(as_csv(made))
    assert (row["location"], row["license"], row["reason"]) == (text, text, text)
    assert (row["remove_phone_number"], row["state"], row["extension"]) == ("true", "present", "")
    assert json.loads(as_json(made)) == made


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_compute_has_an_apostrophe_before_it(text: str) -> None:
    made = report([{"email": "a@example.com", "location": text}], [])
    (row,) = rows_of(as_csv(made))
    assert row["location"].replace("'", "") == text.replace("'", "")
    # Excel may take a semicolon or a line for the end of a cell.
    for cell in row["location"].replace("\n", ";").replace("\r", ";").replace("\t", ";").split(";"):
        assert not cell.startswith(tuple("=+-@\uff1d"))


@pytest.mark.parametrize("number", ["+493055502003", "2002", "0123"])
def test_a_number_stays_as_it_is(number: str) -> None:
    made = report([{"email": "a@example.com", "phone_number": number}], [])
    assert rows_of(as_csv(made))[0]["phone_number"] == number


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_those_who_failed_can_be_tried_again_with_the_report_as_the_list(kind: str, tmp_path: pathlib.Path) -> None:
    asked_for = read_users(
        [
            {"email": "done@example.com", "location": "Berlin", "extension": "0122"},
            {"email": "alice@example.com", "location": 'München, "Zentrale"', "extension": "0123"},
            {"email": "bob@example.com", "phone_number": "+493055502003", "license": "standard"},
            {"person_id": "P1", "state": "absent"},
            {"email": "carol@example.com", "remove_phone_number": True, "location": "Berlin", "extension": "7"},
            *(
                {"email": f"{n}@example.com", "location": text, "extension": f"{100 + n}"}
                for n, text in enumerate(RISKY)
            ),
        ],
        Reading(),
    ).users
    results = [{"user": "done@example.com", "outcome": "enabled", "verified": True}]
    results += [{"user": user.get("email") or "P1", "outcome": "failed", "person_id": "P9"} for user in asked_for[1:4]]
    paths = write_reports(str(tmp_path), report(asked_for, results, notes=["=1"], changes={"P1": ["=2"]}))
    again = read_bytes(pathlib.Path(paths[kind]).read_bytes(), Reading())
    assert again.users == asked_for[1:]
    assert again.changes == {}


def test_excel_and_other_readers_find_utf_8(tmp_path: pathlib.Path) -> None:
    paths = write_reports(str(tmp_path), report([{**ALICE, "location": "München"}], []))
    data = pathlib.Path(paths["csv"]).read_bytes()
    assert data.startswith(b"\xef\xbb\xbfemail,")
    assert "München".encode() in data
    assert "München" in pathlib.Path(paths["json"]).read_text(encoding="utf-8")


def test_characters_that_no_file_can_hold_do_not_stop_the_report(tmp_path: pathlib.Path) -> None:
    made = report([{**ALICE, "location": "a\0b\ud800c"}], [])
    paths = write_reports(str(tmp_path), made)
    texts = {name: pathlib.Path(path).read_text(encoding="utf-8") for name, path in paths.items()}
    assert rows_of(texts["csv"])[0]["location"] == "a[U+0000]b[U+D800]c"
    assert json.loads(texts["json"]) == made
    assert "a[U+0000]b[U+D800]c" in texts["html"]


def test_only_the_owner_can_read_the_files_and_a_new_folder(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "new" / "reports"
    paths = write_reports(str(folder), report([ALICE], []))
    assert paths == {name: str(folder / f"calling_users.{name}") for name in ("csv", "json", "html")}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert {path.name for path in folder.iterdir()} == {pathlib.Path(path).name for path in paths.values()}


def test_files_that_would_be_the_same_are_not_touched(tmp_path: pathlib.Path) -> None:
    def nodes() -> dict[str, int]:
        return {path.suffix: path.stat().st_ino for path in tmp_path.iterdir()}

    write_reports(str(tmp_path), report([ALICE], []))
    before = nodes()
    write_reports(str(tmp_path), report([ALICE], []))
    assert nodes() == before
    write_reports(str(tmp_path), make_report([ALICE], [], now=NOW + timedelta(days=1)))
    after = nodes()
    assert after[".csv"] == before[".csv"]
    assert after[".json"] != before[".json"]
    assert after[".html"] != before[".html"]


def test_a_file_that_others_can_read_is_replaced(tmp_path: pathlib.Path) -> None:
    paths = write_reports(str(tmp_path), report([ALICE], []))
    pathlib.Path(paths["csv"]).chmod(0o644)
    write_reports(str(tmp_path), report([ALICE], []))
    assert stat.S_IMODE(pathlib.Path(paths["csv"]).stat().st_mode) == 0o600


def test_a_folder_is_relative_to_the_present_one_or_to_home(
    tmp_path: pathlib.Path, home: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert write_reports("out", report([], []))["csv"] == str(tmp_path / "out" / "calling_users.csv")
    assert write_reports("~/out", report([], []))["csv"] == str(home / "out" / "calling_users.csv")


def test_a_good_folder_is_made_and_nothing_stays_in_it(tmp_path: pathlib.Path) -> None:
    check_folder(str(tmp_path / "out"))
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("write", [check_folder, lambda folder: write_reports(folder, report([ALICE], []))])
def test_what_is_in_the_way_is_named(tmp_path: pathlib.Path, write: t.Callable[[str], object]) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "full" / "calling_users.json").mkdir(parents=True)
    for folder, words in (
        ("file", "a file stands where a folder should be"),
        ("file/below", "a file stands where a folder should be"),
        ("full", "calling_users.json is a folder"),
    ):
        with pytest.raises(OptionError, match=words) as caught:
            write(str(tmp_path / folder))
        assert caught.value.option == "report_dir"
        assert "\n" not in str(caught.value)
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"
    # What can be written is not written either.
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["calling_users.json"]


def test_the_summary_names_a_hundred_at_most() -> None:
    users = [{"email": f"u{number}"} for number in range(MOST_NAMED + 51)]
    results = [{"user": f"u{number}", "outcome": "failed"} for number in range(MOST_NAMED + 1)]
    made = summary_stats(report(users, results))
    assert made == {
        "time": "2026-11-25T03:04:00Z",
        "total": 151,
        "counts": {"enabled": 0, "changed": 0, "ok": 0, "skipped": 50, "failed": 101},
        "words": "50 skipped, 101 failed",
        "failed": [f"u{number}" for number in range(MOST_NAMED)],
        "failed_more": 1,
        "skipped": [f"u{number}" for number in range(MOST_NAMED + 1, MOST_NAMED + 51)],
        "skipped_more": 0,
    }


# Settings

SETTINGS: dict[str, t.Any] = {
    "profile": "office",
    "emergency_callback": "location",
    "voicemail": {"enabled": True, "email_copy_to": "a@example.com"},
    "numbers": ["+493055502004"],
}


def test_settings_are_in_a_report_and_read_back_for_those_who_failed() -> None:
    users = [{**BOB, "location": "Berlin", **SETTINGS, "voicemail_passcode": "7294817"}, ALICE]
    results = [
        {"user": "bob@example.com", "outcome": "failed", "reason": "no", "settings": {}},
        {"user": "alice@example.com", "outcome": "ok"},
    ]
    report = make_report(users, results, now=NOW)
    reading = Reading(profiles={"office": {"time_zone": "UTC", "voicemail_passcode": "99887766"}})
    for text in (as_csv(report), as_json(report)):
        assert "7294817" not in text
        (user,) = read_bytes(text.encode(), reading).users
        assert {name: user[name] for name in SETTINGS} == SETTINGS
        assert (user["time_zone"], user["voicemail_passcode"]) == ("UTC", "99887766")


def test_of_those_who_are_done_a_report_has_what_they_have_now() -> None:
    now = {"emergency_callback": "location", "time_zone": "UTC"}
    done = [{"user": "bob@example.com", "outcome": "changed", "settings": now}]
    report = make_report([{**BOB, "emergency_callback": "location"}], done, now=NOW)
    (row,) = rows_of(as_csv(report))
    assert (row["emergency_callback"], row["time_zone"]) == ("location", "UTC")


def test_without_settings_a_report_has_no_columns_for_them() -> None:
    report = make_report([ALICE], [{"user": "alice@example.com", "outcome": "ok"}], now=NOW)
    assert as_csv(report).splitlines()[0].removeprefix("\ufeff") == HEADER
