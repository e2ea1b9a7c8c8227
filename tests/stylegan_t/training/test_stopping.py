"""The first signal asks, the second ends."""

import os
import signal

import pytest

from stylegan_t.terminal.signals import ASKING
from stylegan_t.training.stopping import StopRequest


@pytest.mark.parametrize("number", ASKING)
def test_a_signal_asks_to_stop(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with StopRequest() as stop:
        assert not stop.asked
        os.kill(os.getpid(), number)
        assert stop.asked and (stop.name, stop.number) == (number.name, number)
        assert signal.getsignal(number) is before, "the second signal is for whoever was before"
    assert signal.getsignal(number) is before


def test_a_second_ctrl_c_interrupts() -> None:
    with pytest.raises(KeyboardInterrupt), StopRequest():
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
