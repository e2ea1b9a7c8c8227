"""How much memory there is, and the ways in which it runs out."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest
import torch

from renderer.models import memory


def test_main_memory_is_of_a_sensible_size() -> None:
    assert 1 << 28 < memory.device_bytes(torch.device("cpu")) < 1 << 46


def test_a_container_s_limit_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(memory, "CGROUP_LIMIT", limit)
    whole = memory.main_bytes()
    limit.write_text("max\n")
    assert memory.main_bytes() == whole
    limit.write_text("123456789\n")
    assert memory.main_bytes() == 123456789


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory: you tried"), True),
        (RuntimeError("shapes do not match"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_the_ways_in_which_memory_runs_out(error: Exception, expected: bool) -> None:
    assert memory.is_out_of_memory(error) is expected


def resident_bytes() -> int:
    """Main memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries do it themselves")
def test_what_lies_free_between_values_that_stay_is_given_back() -> None:
    size, count = 50_000, 2_000
    blocks = [bytes([i % 255 + 1]) * size for i in range(count)]
    full = resident_bytes()
    blocks = blocks[::40]  # those that stay lie everywhere in between
    memory.trim_heap()
    assert resident_bytes() < full - 0.6 * size * count
    assert all(len(block) == size for block in blocks)
