"""Sharing work: every sample is somebody's, and nothing depends on how many there are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from stylegan_t.metrics.frechet import Moments
from stylegan_t.metrics.shards import Shards

TWO = """
import sys, torch
from stylegan_t.metrics.frechet import Moments
from stylegan_t.metrics.shards import Shards
shards = Shards()
rows = torch.randn(11, 3, generator=torch.Generator().manual_seed(1))
rows[4] = torch.nan
parts = [(b, rows[b.start:b.stop]) for b in shards.blocks(11, 2)]
assert len(parts) == (3 if shards.first else 3)
whole = shards.whole(parts, 11, 3)
assert torch.equal(whole.nan_to_num(9), rows.nan_to_num(9))
moments = Moments(3)
for block, part in parts:
    moments.add(part.nan_to_num(0))
total, alone = shards.merged(moments), Moments(3)
alone.add(rows.nan_to_num(0))
assert total.count == 11
torch.testing.assert_close(total.covariance, alone.covariance)
assert shards.agree(True) and not shards.agree(shards.first)
shards.wait()
shards.close()
sys.stderr.write(f"done {shards.rank} of {shards.world}\\n")
"""


def test_blocks_cover_every_sample_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for world in (1, 2, 3, 7):
        seen: list[int] = []
        starts: set[int] = set()
        for rank in range(world):
            shards = Shards()
            shards.rank, shards.world = rank, world
            for block in shards.blocks(23, 4):
                seen += list(block)
                starts.add(block.start)
        assert sorted(seen) == list(range(23))
        assert starts == {0, 4, 8, 12, 16, 20}


def test_alone_everything_comes_back_as_it_was() -> None:
    shards = Shards()
    rows = torch.randn(5, 2)
    parts = [(block, rows[block.start : block.stop]) for block in shards.blocks(5, 3)]
    assert torch.equal(shards.whole(parts, 5, 2), rows)
    moments = Moments(2)
    assert shards.merged(moments) is moments
    assert shards.first and shards.agree(True) and not shards.agree(False)
    shards.wait()
    shards.close()


@pytest.mark.slow
def test_two_processes_are_as_one(tmp_path: Path) -> None:
    script = tmp_path / "two.py"
    script.write_text(TWO)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    result = subprocess.run(
        [*command, "--nproc-per-node", "2", str(script)],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.getcwd()},
    )
    assert result.returncode == 0, result.stderr
    assert "done 0 of 2" in result.stderr and "done 1 of 2" in result.stderr
