"""Weights from disk: every format, and nothing that could run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.state_files import read_state, state_key
from tests.stylegan_t.tiny_clip import write_torchscript

STATE = {"visual.a": torch.arange(6.0).view(2, 3), "visual.b": torch.ones(1), "c": torch.zeros(2)}


class Gadget:
    """Makes a file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.marker),)


def test_each_format_gives_the_same_tensors(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.safetensors", "b.pth", "c.pt", "d.bin")]
    save_file(STATE, files[0])
    torch.save(STATE, files[1])
    torch.save({"state_dict": STATE}, files[2])
    torch.save(STATE, files[3], _use_new_zipfile_serialization=False)
    for file in files:
        state = read_state(file)
        assert state.keys() == STATE.keys()
        assert all(torch.equal(state[name], STATE[name]) for name in STATE), file
        assert read_state(file, "visual.").keys() == {"a", "b"}


def test_the_key_knows_names_shapes_and_values() -> None:
    keys = {
        state_key(state)
        for state in (
            STATE,
            {**STATE, "visual.b": torch.zeros(1)},
            {**STATE, "visual.a": STATE["visual.a"].view(3, 2)},
            {("d" if name == "c" else name): value for name, value in STATE.items()},
        )
    }
    assert len(keys) == 4
    assert state_key(STATE) == state_key(dict(reversed(STATE.items())))
    assert state_key({"n": torch.tensor(3)}) != state_key({"n": torch.tensor(4)})


def test_nothing_in_a_file_runs(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    for index, new in enumerate((True, False)):
        file = tmp_path / f"{index}.pth"
        torch.save({"a": Gadget(marker)}, file, _use_new_zipfile_serialization=new)
        with pytest.raises(MetricError, match="more than weights"):
            read_state(file)
    assert not marker.exists()


def test_what_holds_no_weights_is_refused(tmp_path: Path) -> None:
    def refused(name: str, word: str, data: bytes | None = None) -> None:
        if data is not None:
            (tmp_path / name).write_bytes(data)
        with pytest.raises(MetricError, match=word):
            read_state(tmp_path / name)

    refused("none.pth", "no file")
    refused("a.txt", "ends in none", b"x")
    refused("b.pth", "damaged", b"not a pickle")
    refused("c.safetensors", "damaged", b"\x10" + bytes(40))
    torch.save([torch.ones(1)], tmp_path / "d.pth")
    refused("d.pth", "no state dict")
    torch.save({"n": 1}, tmp_path / "e.pth")
    refused("e.pth", "no weights")
    write_torchscript(tmp_path / "f.pt")
    refused("f.pt", "TorchScript")
