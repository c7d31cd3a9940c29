# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._user_list.decode import MOST_BYTES, check_text, decode
from ansible_collections.collabops.webex.plugins.module_utils._user_list.problems import EmptyListError, UserListError

TEXT = "email;location\nzoë@example.com;Köln\n"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_encoding_that_a_file_tells_needs_no_note(codec: str) -> None:
    notes: list[str] = []
    assert decode(TEXT.encode(codec), notes) == TEXT
    assert notes == []


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16_is_read_with_and_without_its_mark(codec: str, mark: str) -> None:
    notes: list[str] = []
    assert decode((mark + TEXT).encode(codec), notes) == TEXT
    assert notes == ([] if mark else ["The file has no byte order mark; it was read as UTF-16."])


def test_windows_1252_is_named_with_a_word_to_see_it_by() -> None:
    notes: list[str] = []
    assert decode(("email;price\na@b;5\n" + TEXT + "c@d;€\n").encode("cp1252"), notes).endswith(TEXT + "c@d;€\n")
    assert notes == ["The file is not UTF-8; it was read as Windows-1252: line 4 has 'zoë@example.com', for example."]


def test_one_long_word_is_not_gone_through_again_and_again() -> None:
    # With a search that begins anew at each letter, this would take days.
    notes: list[str] = []
    assert len(decode(b"x" * 5_000_000 + b"\xe4\n", notes)) == 5_000_002
    assert "line 1 has 'xxx" in notes[0]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"email;location\na@b;K\xf6ln\nc@d;\x81\xf6\n", "neither UTF-8 nor Windows-1252: see line 3. .*CSV UTF-8"),
        (b"email;location\na@b;K\xf6ln\nc@d;M\xc3\xbcnchen\n", "line 3 could be either. .*put together from several"),
        (b"email\n" + b"\x81\n" * 50, "see lines 2-11 and more"),
        (b"email\0;location\na@b;x\n", "characters of another encoding in line 1"),
        (b"\xff\xfee\0m\0a", "begins as UTF-16, but is damaged"),
        (b"PK\x03\x04\x14\0\x06\0", "an Excel workbook .*save it as CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"),
        (b"\x1f\x8b\x08\0", "a compressed file"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"\xef\xbb\xbf\n <!DOCTYPE html><html>", "a web page or XML"),
    ],
)
def test_what_is_no_text_is_refused_with_what_to_do(data: bytes, words: str) -> None:
    with pytest.raises(UserListError, match=words) as error:
        decode(data, [])
    assert error.value.remedy


@pytest.mark.parametrize("data", [b"", b" \r\n\t", b"\n"])
def test_no_bytes_are_an_empty_list(data: bytes) -> None:
    with pytest.raises(EmptyListError, match="there is nothing in it"):
        decode(data, [])


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(UserListError, match="larger than 20,000,000 bytes. What to do: check that it"):
        decode(b"x" * (MOST_BYTES + 1), [])


@pytest.mark.parametrize(
    ("text", "where"),
    [
        # So Ansible reads a file in Latin-1, and in UTF-16, where every other byte is zero.
        ("email,location\na@b,Berlin\nc@d,K\udcf6ln\ne@f,M\udcfcnchen\n", "lines 3-4"),
        ('[{"email": "a@b",\n"location": "K\udcf6ln"}]', "line 2"),
        ("\udcff\udcfee\0m\0a\0i\0l\0\n\0a\0@\0b\0", "lines 1-2"),
    ],
)
def test_a_text_that_was_not_read_as_text_is_refused(text: str, where: str) -> None:
    with pytest.raises(UserListError, match=f"not UTF-8: .* in {where}. What to do: save the file as UTF-8 .*iconv"):
        check_text(text)
