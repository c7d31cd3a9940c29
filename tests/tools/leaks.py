# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for secrets in whatever runs print, log, cache and leave behind. Standard library only."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import os
import pathlib
import re
import threading
import typing as t
import urllib.parse
import urllib.request

PIECE = 20
# Of the characters that a piece becomes, those that do not depend on what stands before and after it, at any offset.
BASE64_PIECE = (PIECE - 2) // 3 * 4
# What secrets, their base64 and their URL encoding are made of. Each different word is looked at once.
WORD = re.compile(rb"[\w+/=.~%%-]{%d,}" % PIECE)
TASK = re.compile(rb"TASK \[.*?\] \*")
SHOWN = 160
POLL_SECONDS = 0.02
LOOKS_AT_NEW = 5
POLLS_BETWEEN_LOOKS = 50

Secrets = t.Mapping[str, str]  # what each of them is
Texts = t.Mapping[str, bytes]  # by where they were found


def find(secrets: Secrets, texts: Texts) -> list[str]:
    """Return where which secret is, whole or a piece of it: plain, URL-encoded or in base64.

    There is one finding for each place and task of Ansible: what leaks, and the beginning of the first line up to there,
    but no secret. ValueError for a secret that this cannot find.
    """
    words = {place: set(WORD.findall(text)) for place, text in texts.items()}
    leaking = _leaking_words(secrets, set().union(*words.values()))
    return [
        finding
        for place, text in texts.items()
        if not words[place].isdisjoint(leaking)
        for finding in _findings(place, text, leaking)
    ]


def _leaking_words(secrets: Secrets, words: t.Iterable[bytes]) -> dict[bytes, set[str]]:
    """The words that hold a secret, and what those secrets are."""
    by_hint: dict[bytes, list[str]] = {}
    for secret in secrets:
        if not WORD.fullmatch(_random_part(secret).encode()):
            raise ValueError(f"this cannot be looked for: {secrets[secret]}")
        for hint in _hints(_random_part(secret)):
            by_hint.setdefault(hint, []).append(secret)
    leaking: dict[bytes, set[str]] = {}
    for word in words:
        plain = urllib.parse.unquote_to_bytes(word)
        suspects = {
            secret
            for size in (PIECE // 2, BASE64_PIECE // 2)
            for start in range(len(plain) - size + 1)
            for secret in by_hint.get(plain[start : start + size], ())
        }
        for secret in suspects:
            if any(form in plain for form in _forms(_random_part(secret))):
                leaking.setdefault(word, set()).add(secrets[secret])
    return leaking


def _findings(place: str, text: bytes, leaking: t.Mapping[bytes, set[str]]) -> t.Iterator[str]:
    """What leaks in a text, task by task."""
    task = ""
    what: dict[str, set[str]] = {}
    where: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if named := TASK.search(line):
            task = f", {named.group()[:-2].decode(errors='replace')}"
        for word in (word for word in WORD.finditer(line) if word.group() in leaking):
            what.setdefault(task, set()).update(leaking[word.group()])
            before = line[: word.start()].decode(errors="replace").strip()
            if len(before) > SHOWN:
                before = f"{before[: SHOWN // 2]} ... {before[-SHOWN // 2 :]}"
            where.setdefault(task, f"line {number}{task}, after {before!r}")
    for task, secrets in what.items():
        yield f"{', '.join(sorted(secrets))}: {place}, {where[task]}"


def _random_part(secret: str) -> str:
    """A token without what others have too: the end ``_<cluster>_<organization>``, or a JSON web token's header."""
    return re.sub(r"_[A-Z0-9]{4}_[0-9a-f-]{36}$|^eyJ[\w-]*\.", "", secret)


def _forms(secret: str) -> t.Iterator[bytes]:
    """Every piece of a secret, plain and in base64 at each of its three offsets."""
    for text, size in _encodings(secret):
        for start in range(len(text) - size + 1):
            yield text[start : start + size]


def _hints(secret: str) -> t.Iterator[bytes]:
    """Half pieces, one of which is in every piece: few enough to look for all of them at once."""
    for text, size in _encodings(secret):
        for start in range(0, len(text), size // 2):
            yield text[start : start + size // 2]


def _encodings(secret: str) -> t.Iterator[tuple[bytes, int]]:
    """A secret, plain and in base64 at each offset without what depends on its neighbours; how long its pieces are."""
    yield secret.encode(), PIECE
    for pad in range(3):
        encoded = base64.b64encode(b"x" * pad + secret.encode()).rstrip(b"=")
        yield encoded[4 if pad else 0 : -1], BASE64_PIECE


def known_secrets(control_url: str) -> dict[str, str]:
    """Every secret that the simulator with this control plane ever knew, and what it is."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # it is on loopback
    with opener.open(f"{control_url}/secrets", timeout=30) as answer:
        secrets: dict[str, str] = json.load(answer)["secrets"]
        return secrets


def left_behind(folder: pathlib.Path, *own: pathlib.Path) -> dict[str, bytes]:
    """Every file below a folder, by its path from there, but for those that the user put there."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and path not in own
    }


@contextlib.contextmanager
def watched_processes() -> t.Iterator[set[bytes]]:
    """Collect the command lines of all processes of this machine while the block runs."""
    stop, seen = threading.Event(), set[bytes]()
    watcher = threading.Thread(target=_watch, args=(stop, seen))
    watcher.start()
    try:
        yield seen
    finally:
        stop.set()
        watcher.join()


def _watch(stop: threading.Event, seen: set[bytes]) -> None:
    """Look at each process often while it is new, as it may turn into another program, and then now and again."""
    known: set[str] = set()
    looks: dict[str, int] = {}  # at each of the others
    for number in itertools.count():
        if stop.wait(POLL_SECONDS):
            return
        present = set(filter(str.isdecimal, os.listdir("/proc")))
        known &= present
        looks = {name: looks.get(name, 0) + 1 for name in present - known}
        known |= {name for name, count in looks.items() if count == LOOKS_AT_NEW}
        for name in (*looks, *(known if number % POLLS_BETWEEN_LOOKS == 0 else ())):
            with contextlib.suppress(OSError):
                seen.add(pathlib.Path("/proc", name, "cmdline").read_bytes().replace(b"\0", b" "))
