# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the bytes of a file to text: which encoding it has. An encoding that was guessed is named."""

from __future__ import annotations

import re
from typing import AnyStr

from .problems import MOST_CHARACTERS, MOST_NAMES, EmptyListError, Place, UserListError, in_words, shown

# Far more than any organization has people; and what reads in a moment.
MOST_BYTES = 20_000_000

_UTF8_BOM, _UTF16_BOMS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
_CSV_UTF8 = "in Excel, save it as CSV UTF-8 (comma delimited)."
# What people take for a list, by its first bytes.
_OTHER_FILES = {
    b"PK\x03\x04": "an Excel workbook (.xlsx) or another packed file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls)",
    b"\x1f\x8b": "a compressed file (gzip)",
    b"%PDF": "a PDF",
}
# What Ansible puts in the place of bytes that are not UTF-8; and what UTF-16 leaves between the letters.
_NOT_UTF8 = re.compile("[\0\udc80-\udcff]")
# The bytes that mean nothing in Windows-1252.
_NOT_CP1252 = re.compile(rb"[\x00\x81\x8d\x8f\x90\x9d]")
# What letters of Latin scripts are in UTF-8: in Windows-1252 it would be read as "Ã¼".
_UTF8_LETTER = re.compile(rb"[\xc3-\xc5][\x80-\xbf]")
_FOREIGN_LETTER, _WORD_END = re.compile(r"[^\x00-\x7f]"), re.compile(r"[\s,;\"]")


def decode(data: bytes, notes: list[str]) -> str:
    """Return the text of a file in UTF-8, UTF-16 or Windows-1252; an encoding that was assumed goes to *notes*.

    Raises EmptyListError if there are no bytes, and UserListError for what is no text, or is too large.
    """
    if not data.strip():
        raise EmptyListError("The list of users is empty: there is nothing in it.", "check that it is the right file.")
    check_size(len(data))
    for beginning, kind in _OTHER_FILES.items():
        if data.startswith(beginning):
            raise UserListError(f"This is no list of users, but {kind}.", _CSV_UTF8)
    utf16 = _utf16_of(data, notes)
    if utf16:
        try:
            return check_text(data.decode(utf16))
        except UnicodeDecodeError:
            raise UserListError("The file begins as UTF-16, but is damaged.", f"export it anew; {_CSV_UTF8}") from None
    try:
        return check_text(data.removeprefix(_UTF8_BOM).decode("utf-8"))
    except UnicodeDecodeError:
        return _from_cp1252(data, notes)


def check_size(size: int) -> None:
    """Raise UserListError for a list of more than MOST_BYTES bytes."""
    if size > MOST_BYTES:
        raise UserListError(
            f"The list of users is larger than {MOST_BYTES:,} bytes.", "check that it is the right file, or split it."
        )


def check_text(text: str) -> str:
    """Return a text without its byte order mark; raises UserListError if it was not read as text."""
    bad_lines = _lines_with(_NOT_UTF8, text, "\n")
    if bad_lines:
        raise UserListError(
            f"The text is not UTF-8: there are characters of another encoding in {bad_lines}.",
            "save the file as UTF-8 (in Excel as CSV UTF-8), or convert it: iconv -f WINDOWS-1252 -t UTF-8.",
        )
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        raise UserListError("This is no list of users, but a web page or XML.", "download the list anew, as CSV.")
    return text.lstrip("\ufeff")


def _utf16_of(data: bytes, notes: list[str]) -> str | None:
    """Return the codec of a text in UTF-16; None for another. Without a mark, the zero bytes of plain letters tell."""
    if data[:2] in _UTF16_BOMS:
        return "utf-16"
    sample = data[:4096]
    pairs = len(sample) // 2
    zeros = {"utf-16-be": sample[0::2].count(0), "utf-16-le": sample[1::2].count(0)}
    for codec, other in (("utf-16-le", "utf-16-be"), ("utf-16-be", "utf-16-le")):
        if len(data) % 2 == 0 and zeros[codec] > 0.8 * pairs and not zeros[other]:
            notes.append("The file has no byte order mark; it was read as UTF-16.")
            return codec
    return None


def _from_cp1252(data: bytes, notes: list[str]) -> str:
    """Return the text of a file in Windows-1252. Raises UserListError if it cannot be, or if it is half UTF-8."""
    undefined = _lines_with(_NOT_CP1252, data, b"\n")
    if undefined:
        raise UserListError(
            f"The file is neither UTF-8 nor Windows-1252: see {undefined}.", f"save it as UTF-8; {_CSV_UTF8}"
        )
    mixed = _lines_with(_UTF8_LETTER, data, b"\n")
    if mixed:
        raise UserListError(
            f"The file is neither all UTF-8 nor all Windows-1252: {mixed} could be either.",
            "it was put together from several files: save each as UTF-8, and put them together anew.",
        )
    text = data.decode("cp1252")
    letter = _FOREIGN_LETTER.search(text)
    if letter:
        line = text.count("\n", 0, letter.start()) + 1
        word = _word_at(text, letter.start())
        notes.append(f"The file is not UTF-8; it was read as Windows-1252: line {line} has {shown(word)}, for example.")
    return text


def _word_at(text: str, position: int) -> str:
    """Return the word around a letter, or some of a long one."""
    before, after = text[max(0, position - MOST_CHARACTERS) : position], text[position : position + MOST_CHARACTERS]
    return _WORD_END.split(before)[-1] + _WORD_END.split(after)[0]


def _lines_with(pattern: re.Pattern[AnyStr], text: AnyStr, line_end: AnyStr) -> str:
    """Return the first lines in which a pattern is found, for a message; nothing if there are none."""
    numbers: list[int] = []
    line, counted = 1, 0
    for match in pattern.finditer(text):
        line, counted = line + text.count(line_end, counted, match.start()), match.start()
        if line not in numbers:
            numbers.append(line)
        if len(numbers) > MOST_NAMES:
            break
    more = " and more" if len(numbers) > MOST_NAMES else ""
    return in_words(Place("line", number) for number in numbers[:MOST_NAMES]) + more
