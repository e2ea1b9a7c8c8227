"""The judge: it learns what is in a scene, and a model that ignores prompts gets low marks."""

import pytest
import torch

from stylegan_t import Generator, GeneratorConfig
from stylegan_t.demo.world import ATTRIBUTES
from stylegan_t.encoders.text import WordTower, WordTowerConfig
from stylegan_t.metrics.attributes import AttributeJudge, attribute_accuracy, train_judge


@pytest.mark.slow
def test_a_judge_learns_and_is_not_fooled() -> None:
    untrained = attribute_accuracy(AttributeJudge().eval(), None, n=100)
    judge = train_judge(steps=60, batch=32, report=lambda text: None)
    real = attribute_accuracy(judge, None, n=200)
    assert set(real) == set(ATTRIBUTES)
    assert real["time"][0] > 0.8 > untrained["time"][0]
    torch.manual_seed(0)
    tower = WordTower(WordTowerConfig(c_dim=8, width=8, layers=1, heads=2, buckets=64), "none")
    deaf = Generator(GeneratorConfig(64, 512, 8, 1, c_dim=8, gn_groups=4), tower).eval()
    assert attribute_accuracy(judge, deaf, n=100)["time"][0] < 0.5


def test_larger_pictures_are_judged_at_64_pixels() -> None:
    judge = AttributeJudge().eval()
    image = torch.rand(2, 3, 64, 64).repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    small = judge(image[:, :, ::2, ::2])
    for a, b in zip(judge(image), small, strict=True):
        torch.testing.assert_close(a, b)
