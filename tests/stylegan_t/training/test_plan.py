"""The plan of a run counts what it takes."""

from pathlib import Path

import pytest

from stylegan_t.training.plan import describe
from tests.stylegan_t.training.tiny_run import tiny_trainer


def test_the_plan_counts_weights_steps_and_rounds(tmp_path: Path) -> None:
    run = tiny_trainer(tmp_path / "run", batch=16, batch_per_gpu=8, kimg=1.601)
    generator = run.players.generator
    weights = sum(p.numel() for p in generator.synthesis.parameters()) / 1e6
    plan = "\n".join(describe(run))
    assert f"{weights:.2f} M in the synthesis at 16 pixels" in plan
    assert "16 = 8 at a time x 2 rounds x 1 processes on cpu, float32" in plan
    assert "steps: 101 to 1.601 kimg, from 0" in plan
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_a_run_that_goes_on_counts_what_is_left(tmp_path: Path) -> None:
    tiny_trainer(tmp_path, kimg=0.016).run()
    plan = describe(tiny_trainer(tmp_path, kimg=0.032))
    assert any(line.startswith("steps: 2 to 0.032 kimg, from 0.016") for line in plan)
    assert tiny_trainer(tmp_path, kimg=0.032).step == 2, "planning wrote nothing"
