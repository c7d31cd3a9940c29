# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import typing as t

import pytest
from ansible_collections.collabops.webex.plugins.plugin_utils._signals import SIGNALS, put_off
from ansible_collections.collabops.webex.tests.unit.support import FORK, process

LONG = 300.0


class Came(BaseException):
    """What the handlers of these tests raise."""


@pytest.fixture(autouse=True)
def came() -> t.Iterator[list[int]]:
    """Let every signal raise Came; the signals that came."""
    numbers: list[int] = []

    def on_signal(number: int, _frame: object) -> None:
        numbers.append(number)
        raise Came

    before = {number: signal.signal(number, on_signal) for number in SIGNALS}
    yield numbers
    for number, handler in before.items():
        signal.signal(number, handler)


def run(seconds: float, *steps: t.Callable[[], object]) -> tuple[BaseException | None, int]:
    """Take the steps while signals are put off for *seconds*; return what was raised, and how many steps were done."""
    done = 0
    try:
        with put_off(seconds):
            for step in steps:
                step()
                done += 1
    except (Came, ZeroDivisionError) as error:
        return error, done
    return None, done


def get(number: int) -> t.Callable[[], None]:
    """A step in which a signal comes."""
    return lambda: signal.raise_signal(number)


def wait() -> None:
    """A step that does not end by itself."""
    threading.Event().wait(LONG)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_waits_for_the_end_of_the_block(number: int, came: list[int]) -> None:
    error, done = run(LONG, get(number), lambda: came.append(0))
    assert (type(error), done, came) == (Came, 2, [0, number])


def test_the_handlers_are_those_of_before() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    assert run(LONG) == (None, 0)
    assert [signal.getsignal(number) for number in SIGNALS] == before
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == mask


def test_no_signal_keeps_another_away(came: list[int]) -> None:
    run(LONG, get(signal.SIGTERM), get(signal.SIGINT))
    assert sorted(came) == [signal.SIGINT, signal.SIGTERM]


def test_a_block_that_fails_delivers_too() -> None:
    error, _done = run(LONG, get(signal.SIGTERM), lambda: 1 // 0)
    assert isinstance(error, Came)
    assert isinstance(error.__context__, ZeroDivisionError)


def test_a_block_that_takes_too_long_is_interrupted() -> None:
    error, done = run(0.1, get(signal.SIGTERM), wait)
    assert (type(error), done) == (Came, 1)


def test_the_time_counts_from_the_first_signal() -> None:
    error, done = run(0.05, lambda: threading.Event().wait(0.5), get(signal.SIGTERM), wait)
    assert (type(error), done) == (Came, 2)


def test_after_the_time_a_signal_waits_no_more() -> None:
    delivered = threading.Event()
    signal.signal(signal.SIGUSR1, lambda _number, _frame: delivered.set())
    error, done = run(0.05, get(signal.SIGUSR1), lambda: delivered.wait(LONG), get(signal.SIGTERM), wait)
    # It is the handler of before that is called, in the step in which the signal comes.
    assert (type(error), done) == (Came, 2)


def test_that_a_signal_came_is_said_at_once() -> None:
    noticed: list[int] = []

    def block() -> None:
        with put_off(LONG, noticed.append):
            signal.raise_signal(signal.SIGTERM)
            noticed.append(0)

    pytest.raises(Came, block)
    assert noticed == [signal.SIGTERM, 0]


def test_blocks_may_be_nested(came: list[int]) -> None:
    def inner() -> None:
        with put_off(LONG):
            signal.raise_signal(signal.SIGTERM)

    error, done = run(LONG, inner, lambda: came.append(0))
    assert (type(error), done, came) == (Came, 2, [0, signal.SIGTERM])


def test_what_is_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with put_off(LONG):
        signal.raise_signal(signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_another_thread_puts_nothing_off() -> None:
    ended = []

    def work() -> None:
        with put_off(LONG):
            ended.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ended == [True]


def test_a_signal_that_another_thread_gets_waits_too() -> None:
    """A blocked signal would be delivered at once: any thread of the process will do for it."""
    ready, over = threading.Event(), threading.Event()

    def idle() -> None:
        ready.set()
        over.wait(LONG)

    thread = threading.Thread(target=idle)
    thread.start()
    ready.wait(LONG)
    to_thread = thread.ident or 0
    error, done = run(
        LONG, lambda: signal.pthread_kill(to_thread, signal.SIGTERM), lambda: threading.Event().wait(0.2), lambda: None
    )
    over.set()
    thread.join()
    assert (type(error), done) == (Came, 3)


def end_by(number: int, seconds: float, done: t.Any) -> None:
    """Get a signal whose default is to end the process, while it is put off for *seconds*."""
    signal.signal(number, signal.SIG_DFL)
    with put_off(seconds):
        os.kill(os.getpid(), number)
        if seconds < LONG:
            threading.Event().wait(LONG)
        done.set()


@pytest.mark.parametrize(("seconds", "is_done"), [(LONG, True), (0.1, False)])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_ends_the_process_ends_it_after_the_block(number: int, seconds: float, is_done: bool) -> None:
    done = FORK.Event()
    with process(end_by, number, seconds, done) as child:
        child.join(LONG)
        assert (child.exitcode, done.is_set()) == (-number, is_done)


def wait_for_two_signals(output: int) -> None:
    """Sleep in a system call while signals are put off, and say what comes."""
    with put_off(LONG, lambda number: os.write(output, bytes([number]))):
        reader, _writer = os.pipe()
        os.write(output, b"\0")
        os.read(reader, 1)


def read(source: int) -> int:
    """The next byte that a process writes."""
    assert select.select([source], [], [], 120)[0], "nothing came"
    return os.read(source, 1)[0]


@pytest.mark.parametrize("_attempt", range(6))
def test_two_signals_at_once_are_noticed_by_a_main_thread_that_sleeps(_attempt: int) -> None:
    """Without care, the kernel often gives both to a thread that is awake sooner; a newer ansible-core sends two."""
    source, output = os.pipe()
    with process(wait_for_two_signals, output) as child:
        assert read(source) == 0
        threading.Event().wait(0.05)
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(child.pid or 0, number)
        assert {read(source), read(source)} == {signal.SIGINT, signal.SIGTERM}
        child.kill()
    os.close(source)
    os.close(output)


def interrupt_every_line_of_a_handler(output: int) -> None:
    """Get SIGINT while signals are put off, and SIGTERM before each line that is run to handle it."""
    came: list[int] = []

    def interrupt(_frame: object, event: str, _argument: object) -> t.Any:
        if event == "line":
            before = len(came)
            signal.raise_signal(signal.SIGTERM)
            while len(came) == before:
                pass
        return interrupt

    with put_off(LONG, came.append):
        sys.settrace(interrupt)
        signal.raise_signal(signal.SIGINT)
        sys.settrace(None)
        os.write(output, bytes([came.count(signal.SIGINT), came.count(signal.SIGTERM)]))
        wait()


def test_a_signal_that_interrupts_the_handler_of_another_hangs_nothing() -> None:
    source, output = os.pipe()
    with process(interrupt_every_line_of_a_handler, output):
        assert read(source) == 1
        assert read(source) > 2  # one for each line
    os.close(source)
    os.close(output)
