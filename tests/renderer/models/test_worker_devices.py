"""The devices of workers, as they are typed."""

from __future__ import annotations

import pytest
import torch

from renderer.models import worker_devices as module
from renderer.models.device import Device, DeviceError
from renderer.models.worker_devices import MAX_WORKERS, worker_devices

CPU = Device(torch.device("cpu"), "CPU")
CARD = Device(torch.device("cuda", 1), "A card")


@pytest.fixture
def three_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "device_count", lambda: 3)
    monkeypatch.setattr(module, "choose", lambda name: CARD)


@pytest.mark.usefixtures("three_cards")
def test_the_other_cards_help_by_themselves() -> None:
    assert worker_devices("auto", CARD) == ("cuda:0", "cuda:2")
    assert worker_devices(" None ", CARD) == ()
    assert worker_devices("auto", CPU) == ()


@pytest.mark.usefixtures("three_cards")
def test_a_number_goes_round_the_cards_or_means_processors() -> None:
    assert worker_devices("3", CARD) == ("cuda:0", "cuda:2", "cuda:0")
    assert worker_devices("2", CPU) == ("cpu", "cpu")
    assert worker_devices("0", CPU) == ()


@pytest.mark.usefixtures("three_cards")
def test_names_are_taken_as_they_are() -> None:
    assert worker_devices("cuda:2, cpu,CPU", CARD) == ("cuda:2", "cpu", "cpu")


@pytest.mark.parametrize(
    "wanted", ["", "cuda:1;cpu", "cpu,", "-1", "all", "--any-folder", "²", "x" * 999]
)
def test_what_names_no_devices_is_refused(wanted: str) -> None:
    with pytest.raises(DeviceError, match="auto, none, a number, or names"):
        worker_devices(wanted, CPU)


@pytest.mark.parametrize("wanted", [str(MAX_WORKERS + 1), "9" * 5000, ",".join(["cpu"] * 17)])
def test_too_many_are_refused(wanted: str) -> None:
    with pytest.raises(DeviceError, match=f"at most {MAX_WORKERS} workers"):
        worker_devices(wanted, CPU)


def test_a_card_that_is_not_there_is_a_sentence() -> None:
    with pytest.raises(DeviceError, match=r"CUDA|GPU"):
        worker_devices("cuda:77", CPU)
