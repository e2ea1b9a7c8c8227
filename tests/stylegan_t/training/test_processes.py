"""Processes: alone nothing is sent; two average, agree and gather."""

from pathlib import Path

import pytest
import torch

from stylegan_t.data.sampling import TrainingError
from stylegan_t.training import processes
from stylegan_t.training.processes import Processes
from tests.stylegan_t.training.tiny_run import run_together

TOGETHER = """
import torch
from stylegan_t.training import processes
processes.BUCKET = 5  # some buckets, and a tensor that is larger than one
together = processes.Processes("cpu")
rank = together.rank
tensors = [torch.full((n,), float(rank)) for n in (2, 2, 7, 1)]
tensors.append(torch.full((2, 3), 2.0 * rank).t())
together.average(tensors)
assert all((t == 0.5).all() for t in tensors[:4]) and (tensors[4] == 1).all()
together.average([])
assert together.any(rank == 1) and not together.any(False)
rows = torch.tensor([[rank, k] for k in range(rank + 1)])
assert together.gather_rows(rows).tolist() == [[0, 0], [1, 0], [1, 1]]
assert together.gather_rows(torch.zeros(0, 1, dtype=torch.int64)).shape == (0, 1)
together.wait()
name = "first" if together.first else "second"
open(name, "w").write(str(together.world))  # the lines of two processes could run into one
together.close()
"""


def test_alone_everything_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = Processes("cpu")
    tensor = torch.tensor([1.0, 2.0])
    alone.average([tensor])
    rows = torch.tensor([[1, 2]])
    assert tensor.tolist() == [1, 2] and alone.gather_rows(rows) is rows
    assert alone.any(True) and not alone.any(False) and alone.first
    alone.wait()
    alone.close()


@pytest.mark.slow
def test_two_processes_average_agree_and_gather(tmp_path: Path) -> None:
    run_together(TOGETHER, tmp_path)
    assert [(tmp_path / name).read_text() for name in ("first", "second")] == ["2", "2"]


def test_devices_that_are_not_there_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TrainingError, match="is not a device"):
        Processes("toaster")
    monkeypatch.setattr(processes.torch.cuda, "device_count", lambda: 1)
    with pytest.raises(TrainingError, match="no CUDA device 3"):
        Processes("cuda:3")
    monkeypatch.setattr(processes.torch.cuda, "is_available", lambda: False)
    assert Processes("auto").device.type == "cpu"
