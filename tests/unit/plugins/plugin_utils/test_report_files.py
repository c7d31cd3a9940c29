# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of reports: whole or untouched, whatever the disk and the folder are like."""

from __future__ import annotations

import os
import pathlib
import resource
import signal
import stat
import sys
import tempfile
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.module_utils._errors import OptionError
from ansible_collections.collabops.webex.plugins.plugin_utils._report_files import (
    ReportFile,
    check_path,
    check_writable,
    make_folder,
    write_files,
)
from ansible_collections.collabops.webex.tests.unit.support import process

NOBODY = 65534


def files(folder: pathlib.Path, text: str) -> list[ReportFile]:
    """Two files of a folder."""
    return [ReportFile(name, str(folder / name), text, 0o644) for name in ("one", "two")]


@pytest.fixture
def read_only() -> t.Iterator[pathlib.Path]:
    """A folder with a file, which all may read; below pytest's own folders, others could not even see it."""
    with tempfile.TemporaryDirectory(prefix="wx") as name:
        folder = pathlib.Path(name)
        (folder / "one").write_text("old", encoding="utf-8")
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)


def error_of_nobody(answer: pathlib.Path, do: t.Callable[[], object]) -> str:
    """Do something as a user who is not root, who may do everything; return the error."""

    def child() -> None:
        with open(answer, "w", encoding="utf-8") as handle:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            try:
                do()
            except OptionError as error:
                handle.write(str(error))

    with process(child) as running:
        running.join()
    return answer.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "do",
    [
        lambda folder: check_path("html", str(folder / "one")),
        lambda folder: check_writable("html", str(folder)),
        lambda folder: make_folder("html", str(folder / "new")),
        lambda folder: write_files([ReportFile("html", str(folder / "one"), "new", 0o644)]),
    ],
)
def test_a_read_only_folder_is_one_clear_line(
    read_only: pathlib.Path, tmp_path: pathlib.Path, do: t.Callable[[pathlib.Path], object]
) -> None:
    error = error_of_nobody(tmp_path / "answer", lambda: do(read_only))
    assert error.startswith(f"html: nothing can be written to {read_only}")
    assert error.endswith(
        ": it is read-only for this user. "
        "What to do: name a folder that is there and that you can write to, or leave html out."
    )
    assert "\n" not in error
    assert [path.name for path in read_only.iterdir()] == ["one"]
    assert (read_only / "one").read_text(encoding="utf-8") == "old"


def test_a_disk_without_room_leaves_the_files_of_before(tmp_path: pathlib.Path) -> None:
    folder, answer = tmp_path / "folder", tmp_path / "answer"
    folder.mkdir()
    write_files(files(folder, "old"))

    def child() -> None:
        # A limit for the size of files stands for the end of a disk: the second file is the one without room.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        small, large = files(folder, "new")
        try:
            write_files([small, ReportFile("two", large.path, "new" * 1000, 0o644)])
        except OptionError as error:
            answer.write_text(str(error), encoding="utf-8")

    with process(child) as running:
        running.join()
    assert answer.read_text(encoding="utf-8").startswith(f"two: nothing can be written to {folder}: ")
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == {"one": "old", "two": "old"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("folder", "is a folder"),
        ("pipe", "is not a plain file"),
        ("missing/file", "there is no such folder"),
        ("file/below", "a file stands where a folder should be"),
    ],
)
def test_no_file_can_be_there(tmp_path: pathlib.Path, name: str, words: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    path = str(tmp_path / name)
    with pytest.raises(OptionError, match=words):
        check_path("html", path)
    with pytest.raises(OptionError, match=words):
        write_files([ReportFile("html", path, "text", 0o644)])
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_device_is_not_replaced() -> None:
    with pytest.raises(OptionError, match="/dev/null is not a plain file"):
        write_files([ReportFile("html", os.devnull, "text", 0o644)])
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is of Linux")
def test_a_file_system_without_files_of_ones_own_is_named() -> None:
    with pytest.raises(OptionError, match="html: nothing can be written to /proc"):
        check_writable("html", "/proc")
    with pytest.raises(OptionError, match="html: nothing can be written to /proc/reports"):
        make_folder("html", "/proc/reports")


def test_a_file_keeps_whole_for_those_who_read_it_meanwhile(tmp_path: pathlib.Path) -> None:
    write_files(files(tmp_path, "old"))
    with open(tmp_path / "one", encoding="utf-8") as handle:
        write_files(files(tmp_path, "new"))
        assert handle.read() == "old"
    assert (tmp_path / "one").read_text(encoding="utf-8") == "new"
    assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o644


def test_a_link_in_a_shared_folder_is_replaced_and_not_followed(tmp_path: pathlib.Path) -> None:
    (tmp_path / "precious").write_text("precious", encoding="utf-8")
    (tmp_path / "one").symlink_to(tmp_path / "precious")
    write_files(files(tmp_path, "new")[:1])
    assert not (tmp_path / "one").is_symlink()
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "precious"
