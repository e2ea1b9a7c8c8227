"""Choosing a device, and saying why not."""

from __future__ import annotations

import pytest
import torch

from renderer.models import device
from renderer.models.device import DeviceError, choose


def test_the_cpu_is_always_there() -> None:
    chosen = choose("cpu")
    assert chosen.torch_device == torch.device("cpu")
    assert chosen.kind == "cpu"
    assert "CPU" in chosen.name
    chosen.synchronize()
    chosen.release_memory()


@pytest.mark.parametrize("name", ["", "gpu", "cuda:", "cuda:-1", "cuda:x", "cpu0", "tpu"])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(DeviceError, match="no device called"):
        choose(name)


def test_asked_for_cuda_and_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceError, match="CUDA is not available"):
        choose("cuda")


def test_asked_for_mps_and_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(DeviceError, match="Apple GPU"):
        choose("MPS")


def test_auto_falls_back_and_says_so_when_the_gpu_does_not_compute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(name: str) -> device.Device:
        raise DeviceError("The GPU is there but does not compute: no kernel image")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(device, "_cuda", broken)
    chosen = choose("auto")
    assert chosen.kind == "cpu"
    assert "does not compute" in chosen.note


def test_a_core_is_left_to_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, threads in [(1, 1), (2, 1), (8, 7)]:
        monkeypatch.setattr(device, "available_cores", lambda cores=cores: cores)
        assert device.worker_threads() == threads


@pytest.mark.gpu
def test_cuda_is_taken_first_and_named() -> None:
    assert choose("auto").kind == "cuda"
    assert choose("cuda").name == torch.cuda.get_device_name()
    with pytest.raises(DeviceError, match="no GPU number 99"):
        choose("cuda:99")
