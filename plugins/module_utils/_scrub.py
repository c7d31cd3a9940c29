# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a text from outside fit to be shown: no secret, whole or in part, and no character that controls a terminal."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable

# A secret is hidden whole, and every part of it that has so many characters.
PIECE = 20
# Of the base64 of a part, so many characters depend on nothing that stands before or after it.
BASE64_PIECE = (PIECE - 2) // 3 * 4
# A shorter one is a word, and hiding it would make messages unreadable.
SHORTEST = 4
SHORTEST_PIECE = 8
# Of one text from outside, in characters.
LONGEST = 1000
HIDDEN = "***"

_CHARACTER = re.compile(r"%(?:25)*([0-9a-fA-F]{2})|.", re.DOTALL)
# What a token has in common with others: its end, _<cluster>_<organization>, and the header of a JSON web token.
_COMMON = re.compile(r"_[A-Za-z0-9]+_[0-9a-fA-F-]{36}$|^eyJ[\w-]*\.")


class Scrubber:
    """Hides secrets in texts: plain, URL-encoded (also several times), in base64, and with letters of another case.

    What is looked for is prepared with the first text, so that a session without errors does not pay for it.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = set(secrets)
        self._patterns: dict[int, set[str]] | None = None

    def add(self, secrets: Iterable[str]) -> None:
        """Hide these *secrets* too from now on."""
        self._secrets.update(secrets)
        self._patterns = None

    def __call__(self, text: str) -> str:
        """Return *text* in one line of printable characters, without the secrets, and cut off after LONGEST."""
        text = _printable(text)
        folded = [(_fold(match), match.start(), match.end()) for match in _CHARACTER.finditer(text)]
        is_secret = self._secret_characters("".join(character for character, _start, _end in folded))
        parts: list[str] = []
        for position, (_character, start, end) in enumerate(folded):
            if not is_secret[position]:
                parts.append(text[start:end])
            elif not position or not is_secret[position - 1]:
                parts.append(HIDDEN)
        return "".join(parts)

    def _secret_characters(self, folded: str) -> bytearray:
        """Return for each character of *folded* whether it belongs to a secret."""
        if self._patterns is None:
            self._patterns = _patterns_of(self._secrets)
        marks = bytearray(len(folded))
        for size, patterns in self._patterns.items():
            for start in range(len(folded) - size + 1):
                if folded[start : start + size] in patterns:
                    marks[start : start + size] = b"\x01" * size
        return marks


def _printable(text: str) -> str:
    cut = text[:LONGEST] + "..." if len(text) > LONGEST else text
    kept = "".join(character for character in cut if character.isprintable() or character.isspace())
    return " ".join(kept.split())


def _fold(match: re.Match[str]) -> str:
    """Return the one character that stands for a character of a text, or for an escape of it."""
    character = chr(int(match[1], 16)) if match[1] else match[0]
    # Both alphabets of base64 are one here.
    return {"-": "+", "_": "/"}.get(character, character.lower()[:1])


def _patterns_of(secrets: Iterable[str]) -> dict[int, set[str]]:
    """Return what to look for, by its length."""
    patterns: dict[int, set[str]] = {}
    for secret in secrets:
        own = _COMMON.sub("", secret)
        pieces = [_fold_all(secret)] if len(secret) >= SHORTEST else []
        pieces += _pieces(own, PIECE)
        pieces += [piece for text in _in_base64(own) for piece in _pieces(text, BASE64_PIECE)]
        for piece in pieces:
            patterns.setdefault(len(piece), set()).add(piece)
    return patterns


def _fold_all(text: str) -> str:
    return "".join(map(_fold, _CHARACTER.finditer(text)))


def _pieces(text: str, size: int) -> list[str]:
    """Return every part of *text* that has *size* characters, or all of it if it is shorter, and no mere word; folded."""
    size = max(min(size, len(text)), SHORTEST_PIECE)
    folded = _fold_all(text)
    if len(folded) == len(text):
        return [folded[start : start + size] for start in range(len(text) - size + 1)]
    # A part may begin or end in the middle of an escape, and is folded by itself then. That takes much longer.
    return [_fold_all(text[start : start + size]) for start in range(len(text) - size + 1)]


def _in_base64(secret: str) -> list[str]:
    """Return the base64 of *secret* at each of its three offsets, without what depends on its neighbours."""
    encoded = [base64.b64encode(b"x" * offset + secret.encode("utf-8", "replace")).decode() for offset in range(3)]
    return [text.rstrip("=")[4 if offset else 0 : -1] for offset, text in enumerate(encoded)]
