"""Surveys: batches change nothing, scores are means of what can be said."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from stylegan_t.generator import to_uint8
from stylegan_t.metrics.features import RandomFeatures
from stylegan_t.metrics.pictures import PictureFolder, latents
from stylegan_t.metrics.shards import Shards
from stylegan_t.metrics.survey import Fakes, picture, survey
from tests.stylegan_t.metrics.tiny import tiny_generator, write_pictures


@pytest.fixture
def folder(tmp_path: Path) -> PictureFolder:
    write_pictures(tmp_path, 10)
    return PictureFolder(tmp_path)


def test_batches_do_not_matter(folder: PictureFolder) -> None:
    fakes, features = Fakes(tiny_generator(), folder, 5, 0.8, 16), RandomFeatures()
    seen = [
        survey(fakes, 10, features, Shards(), batch=batch, keep=True) for batch in (1, 3, 10, 50)
    ]
    for one in seen[1:]:
        assert one.moments.count == 10
        torch.testing.assert_close(one.features, seen[0].features, atol=2e-2, rtol=1e-3)
        torch.testing.assert_close(
            one.moments.covariance, seen[0].moments.covariance, atol=1e-3, rtol=1e-2
        )


def test_a_sample_is_its_prompt_and_its_latent(folder: PictureFolder) -> None:
    generator = tiny_generator()
    block = range(4, 7)
    made = Fakes(generator, folder, 5, 0.5, 16)(block)
    z = latents(5, block, generator.config.z_dim)
    w = generator.mapping(z, generator.encode_text(folder.prompts(block)), 0.5)
    wanted = to_uint8(generator.synthesis(w, noise_mode="const")).permute(0, 3, 1, 2)
    assert torch.equal(made, wanted)
    assert not torch.equal(made, Fakes(generator, folder, 6, 0.5, 16)(block))


def test_pictures_are_scaled_where_that_is_asked() -> None:
    generator = tiny_generator()
    z = latents(0, range(2), generator.config.z_dim)
    assert picture(generator, z, ["a", "b"], 1.0).shape == (2, 3, 16, 16)
    small = picture(generator, z, ["a", "b"], 1.0, 8)
    assert small.shape == (2, 3, 8, 8) and small.dtype == torch.uint8


def test_a_model_without_text_reads_no_prompts() -> None:
    generator = tiny_generator(c_dim=0)
    z = latents(0, range(2), generator.config.z_dim)
    assert torch.equal(
        picture(generator, z, ["a", "b"], 1.0), picture(generator, z, ["c", "d"], 1.0)
    )


def test_the_score_is_the_mean_of_what_can_be_said() -> None:
    marks = torch.tensor([1.0, torch.nan, 0.5, torch.nan, 0.0])
    told: list[float] = []
    seen = survey(
        lambda block: torch.zeros(len(block), 3, 8, 8, dtype=torch.uint8),
        5,
        RandomFeatures(),
        Shards(),
        batch=2,
        score=lambda block, pixels: marks[block.start : block.stop],
        tell=told.append,
    )
    assert seen.score == pytest.approx(0.5) and seen.features is None
    assert told == pytest.approx([0.4, 0.8, 1.0])
