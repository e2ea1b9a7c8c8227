"""The group of processes: alone there is none; what joined it leaves no thread of it behind."""

from pathlib import Path

import pytest
import torch.distributed as dist

from stylegan_t.process_group import join_group, leave_group, rank, world
from tests.stylegan_t.training.tiny_run import run_together

TOGETHER = """
from pathlib import Path

import torch.distributed as dist
from stylegan_t.process_group import join_group, leave_group

join_group()
import torch.distributed.nn  # PyTorch does that by itself, and would hold the group by it
join_group()
dist.barrier()


def threads():
    return [task.read_text() for task in Path("/proc/self/task").glob("*/comm")]


if threads():  # Linux
    assert any("gloo" in thread for thread in threads())
leave_group()
leave_group()
assert not [thread for thread in threads() if "gloo" in thread] and not dist.is_initialized()
"""


def test_alone_there_is_no_group() -> None:
    join_group()
    assert (rank(), world()) == (0, 1) and not dist.is_initialized()
    leave_group()


@pytest.mark.slow
def test_no_thread_outlives_the_group(tmp_path: Path) -> None:
    run_together(TOGETHER, tmp_path)
