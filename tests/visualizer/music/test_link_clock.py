"""Ableton Link through an object with the package's interface."""

from __future__ import annotations

import importlib

import pytest

from visualizer.music import link_clock
from visualizer.music.link_clock import MISSING, LinkClock, LinkError


class FakeLink:
    """Stands for the package, for its Link, its clock and its session state."""

    def __init__(self) -> None:
        self.bpm, self.time_us, self.enabled, self.broken = 120.0, 0, False, False
        self.committed: float | None = None

    def Link(self, bpm: float) -> FakeLink:  # noqa: N802 - the package's name
        """Start."""
        if self.broken:
            raise RuntimeError("no network")
        self.bpm = bpm
        return self

    def clock(self) -> FakeLink:
        """Return the clock."""
        return self

    def micros(self) -> int:
        """Return the time."""
        return self.time_us

    def numPeers(self) -> int:  # noqa: N802 - the package's name
        """Return the number of others."""
        return 2

    def captureSessionState(self) -> FakeLink:  # noqa: N802 - the package's name
        """Return the state."""
        return self

    def commitSessionState(self, state: FakeLink) -> None:  # noqa: N802 - the package's name
        """Share the state."""
        self.committed = state.bpm

    def tempo(self) -> float:
        """Return the tempo."""
        return self.bpm

    def setTempo(self, bpm: float, time_us: int) -> None:  # noqa: N802 - the package's name
        """Change the tempo."""
        self.bpm = bpm

    def beatAtTime(self, time_us: int, quantum: float) -> float:  # noqa: N802 - as above
        """Return the beat."""
        return time_us / 6e7 * self.bpm


@pytest.fixture
def link(monkeypatch: pytest.MonkeyPatch) -> FakeLink:
    """A network with Link."""
    fake = FakeLink()
    monkeypatch.setattr(link_clock, "why_not", lambda: "")
    monkeypatch.setattr(link_clock, "backend", lambda: fake)
    return fake


def test_tempo_and_beat_are_shared(link: FakeLink) -> None:
    clock = LinkClock(100.0)
    assert link.enabled and clock.peers == 2
    link.time_us = 3_000_000
    assert clock.now() == (100.0, 5.0)
    clock.set(60.0)
    assert link.committed == 60.0 and clock.now() == (60.0, 3.0)
    clock.close()
    assert not link.enabled


def test_a_link_that_does_not_start_is_a_sentence(link: FakeLink) -> None:
    link.broken = True
    with pytest.raises(LinkError, match="does not start: no network"):
        LinkClock(100.0)


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_clock.importlib.util, "find_spec", lambda name: None)
    assert link_clock.why_not() == MISSING
    with pytest.raises(LinkError, match="one more package"):
        link_clock.backend()
    monkeypatch.setattr(link_clock.importlib.util, "find_spec", lambda name: True)

    def broken(name: str) -> None:
        raise ImportError("wrong architecture")

    monkeypatch.setattr(importlib, "import_module", broken)
    with pytest.raises(LinkError, match="wrong architecture"):
        link_clock.backend()
