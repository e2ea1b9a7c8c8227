"""What a window says of a renderer elsewhere, before and after it has said what it is."""

from __future__ import annotations

from renderer.frame.dropped import Counts
from renderer.pipeline.painter import AHEAD
from renderer.remote.messages import PROTOCOL, RendererState, Welcome
from renderer.remote.there import MAX_WIDTH, RendererThere

WELCOME = Welcome(PROTOCOL, "this one", "CPU, 3 threads", "cpu", 2, "/models/uploads")
STATE = RendererState("rendering", "Rendering", None, 4.0, 1, 0, Counts(not_begun=5, given_up=1))


def test_nothing_is_known_before_the_welcome_but_the_name() -> None:
    there = RendererThere("me@box", elsewhere=True)
    assert (there.name, there.device_name, there.uploads) == ("me@box", "me@box", "")
    assert (there.workers, there.width, there.quiet_s) == ((0, 0), AHEAD, 0.0)
    assert there.counts == Counts()


def test_a_welcome_and_a_state_say_the_rest() -> None:
    there = RendererThere("me@box", elsewhere=True)
    there._introduced(WELCOME)
    assert there.device_name == "CPU, 3 threads on me@box"
    assert (there.uploads, there.workers, there.width) == ("/models/uploads", (2, 0), 3 * AHEAD)
    there._state, there._never_sent = STATE, 7
    assert (there.workers, there.quiet_s) == ((2, 1), 4.0)
    assert there.counts == Counts(not_begun=12, given_up=1)


def test_a_renderer_of_this_computer_needs_no_place_and_a_boast_is_bounded() -> None:
    there = RendererThere("a process", elsewhere=False)
    there._introduced(Welcome(PROTOCOL, "this one", "CPU", "cpu", 2**40))
    assert there.device_name == "CPU"
    assert there.width == MAX_WIDTH
