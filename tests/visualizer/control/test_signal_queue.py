"""Signals on their way from the threads of knobs and networks to the loop."""

from __future__ import annotations

import pytest

from visualizer.control import signal_queue
from visualizer.control.signal_queue import Inbox, Signal


def test_a_signal_is_told_in_few_words() -> None:
    assert Signal("midi/cc/1/7", (64,)).in_words() == "CC 7 64"
    assert Signal("/a", (0.12345, "b")).in_words() == "/a 0.123 b"
    flood = Signal("/a", ("x" * 500,) * 500).in_words()
    assert len(flood) == 60 and flood.endswith("…")


def test_signals_come_out_once_and_in_order() -> None:
    inbox = Inbox(lambda: None)
    signals = [Signal(f"/{number}", (number,)) for number in range(5)]
    for signal in signals:
        inbox.put(signal)
    assert inbox.take() == signals
    assert inbox.take() == []


def test_the_loop_is_woken_by_the_first_alone() -> None:
    woken: list[int] = []
    inbox = Inbox(lambda: woken.append(1))
    for _ in range(3):
        inbox.put(Signal("/a"))
    assert woken == [1]
    inbox.take()
    inbox.put(Signal("/a"))
    assert woken == [1, 1]


def test_a_flood_drops_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal_queue, "MAX_SIGNALS", 3)
    inbox = Inbox(lambda: None)
    for number in range(10):
        inbox.put(Signal("/a", (number,)))
    assert [signal.values[0] for signal in inbox.take()] == [7, 8, 9]


def test_long_texts_count_by_their_size_and_never_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    large = Signal("/prompt/1/text", ("x" * 1000,))
    monkeypatch.setattr(signal_queue, "MAX_BYTES", 3 * large.size)
    inbox = Inbox(lambda: None)
    for _ in range(10):
        inbox.put(large)
    assert len(inbox.take()) == 3
    for _ in range(3):
        inbox.put(large)
    assert len(inbox.take()) == 3, "what was taken counts no more"
