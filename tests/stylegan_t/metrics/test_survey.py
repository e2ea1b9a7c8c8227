"""Surveys: batches change nothing, scores are means of what can be said."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor

from stylegan_t.data.images import read_square
from stylegan_t.encoders.classes import ClassTower, class_tower
from stylegan_t.generator import to_uint8
from stylegan_t.layers import SynthesisLayer
from stylegan_t.metrics.features import RandomFeatures
from stylegan_t.metrics.pictures import PictureShelf, latents
from stylegan_t.metrics.shards import Shards
from stylegan_t.metrics.survey import Fakes, heard, picture, survey
from stylegan_t.network import AnyNetwork
from tests.stylegan_t.family.recorded import recorded
from tests.stylegan_t.metrics.tiny import tiny_generator, write_pictures
from tests.stylegan_t.training.tiny_run import encoded


@pytest.fixture
def folder(tmp_path: Path) -> PictureShelf:
    write_pictures(tmp_path, 10)
    return PictureShelf(str(tmp_path))


def said(network: AnyNetwork, *prompts: str) -> Tensor | None:
    """What a network hears of prompts."""
    return heard(network, list(prompts), 0, range(len(prompts)))


def test_batches_do_not_matter(folder: PictureShelf) -> None:
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


def test_a_sample_is_its_prompt_and_its_latent(folder: PictureShelf) -> None:
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
    assert picture(generator, z, said(generator, "a", "b"), 1.0).shape == (2, 3, 16, 16)
    small = picture(generator, z, said(generator, "a", "b"), 1.0, 8)
    assert small.shape == (2, 3, 8, 8) and small.dtype == torch.uint8


def test_both_sides_are_shrunk_by_one_filter() -> None:
    generator = tiny_generator()
    z = latents(0, range(2), generator.config.z_dim)
    large, small = (picture(generator, z, said(generator, "a", "b"), 1.0, size) for size in (0, 8))
    files = [encoded(Image.fromarray(p.permute(1, 2, 0).numpy()), "PNG") for p in large]
    assert torch.equal(small, torch.stack([read_square(data, 8).pixels for data in files]))


def test_fresh_noise_is_a_samples_own(folder: PictureShelf) -> None:
    generator = tiny_generator()
    for block in generator.synthesis.modules():
        if isinstance(block, SynthesisLayer):
            block.noise_strength.fill_(1.0)
    fresh = Fakes(generator, folder, 5, 1.0, 16, "random")
    whole = fresh(range(6))
    parts = torch.cat([fresh(range(k, k + 2)) for k in (0, 2, 4)])
    assert (whole.int() - parts.int()).abs().max() <= 1, "batches round differently"
    stored = Fakes(generator, folder, 5, 1.0, 16)(range(6))
    assert (whole.int() - stored.int()).abs().float().mean() > 5
    other = Fakes(generator, folder, 6, 1.0, 16, "random")(range(6))
    assert not torch.equal(whole, other)


def test_pictures_that_are_missing_are_left_out() -> None:
    def draw(block: range) -> Tensor:
        """Samples 0 .. 8 but for 3, 4 and 5."""
        rows = [torch.full((3, 8, 8), 25 * k, dtype=torch.uint8) for k in block if k // 3 != 1]
        return torch.stack(rows) if rows else torch.empty(0, 3, 8, 8, dtype=torch.uint8)

    some = survey(draw, 9, RandomFeatures(), Shards(), batch=2, keep=True)
    rest = [0, 1, 2, 6, 7, 8]
    whole = survey(lambda b: torch.cat([draw(range(rest[k], rest[k] + 1)) for k in b]), 6,
                   RandomFeatures(), Shards(), batch=6, keep=True)  # fmt: skip
    assert some.moments.count == 6 and some.features is not None and whole.features is not None
    torch.testing.assert_close(some.features, whole.features, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(some.moments.mean, whole.moments.mean, atol=1e-3, rtol=1e-3)


def test_a_model_without_text_reads_no_prompts() -> None:
    generator = tiny_generator(c_dim=0)
    z = latents(0, range(2), generator.config.z_dim)
    assert torch.equal(
        picture(generator, z, said(generator, "a", "b"), 1.0),
        picture(generator, z, said(generator, "c", "d"), 1.0),
    )


def test_a_class_is_the_prompts_or_the_samples_own() -> None:
    network = recorded("sg2_cond").model()
    network.text = ClassTower(("cat", "dog", "owl", "fox", "cow"))
    prompts = ["an owl", "a house", "cat and dog", "a house"]
    c = heard(network, prompts, 3, range(4))
    assert c is not None
    assert c[0].tolist() == [0, 0, 1, 0, 0]
    assert c[2].tolist() == [0.5, 0.5, 0, 0, 0]
    assert sorted(c[1].tolist()) == [0, 0, 0, 0, 1]
    alone = heard(network, ["a house"], 3, range(3, 4))
    assert alone is not None and torch.equal(alone[0], c[3])
    many = heard(network, ["a house"] * 400, 3, range(400))
    assert many is not None and many.mean(dim=0).sub(0.2).abs().max() < 0.08


@pytest.mark.parametrize("name", ["sg2_uncond", "sg3_r", "xl_uncond", "xl_superres"])
def test_relatives_are_looked_at(name: str, folder: PictureShelf) -> None:
    network = recorded(name).model()
    network.text = class_tower(network.anatomy.c_dim, Path("a.pkl"))
    draw = Fakes(network, folder, 5, 0.7, 16, "random")
    whole, part = draw(range(4)), draw(range(2, 4))
    assert whole.shape == (4, 3, 16, 16)
    assert (whole[2:].int() - part.int()).abs().max() <= 1
    assert len({tuple(one.flatten().tolist()) for one in whole}) == 4


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
