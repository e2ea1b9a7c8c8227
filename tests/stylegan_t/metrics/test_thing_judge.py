"""The judge of the second demo world learns to see, and counts what can be seen."""

import torch
from torch import Tensor, nn

from stylegan_t import Generator, GeneratorConfig
from stylegan_t.demo.things.attributes import NAMES, VALUES, default_count
from stylegan_t.demo.things.codes import CodeBook
from stylegan_t.encoders.text import WordTower, WordTowerConfig
from stylegan_t.metrics.thing_judge import BEST, ThingJudge, thing_accuracy, train_thing_judge

THINGS = default_count()


class Blind(nn.Module):
    """Always sees the first value of everything."""

    count = THINGS

    def forward(self, image: Tensor) -> list[Tensor]:
        sizes = [len(VALUES[name]) if name in VALUES else THINGS + 1 for name in NAMES]
        return [-torch.arange(size).float().repeat(len(image), 1) for size in sizes]


def test_it_has_a_reader_for_everything_and_looks_at_large_pictures_too() -> None:
    judge = ThingJudge(THINGS, width=4).eval()
    small, large = (judge(torch.zeros(2, 3, size, size)) for size in (64, 128))
    assert [x.shape[1] for x in small] == [
        len(VALUES[name]) if name in VALUES else THINGS + 1 for name in NAMES
    ]
    for a, b in zip(small, large, strict=True):
        torch.testing.assert_close(a, b)


def test_a_few_steps_of_training_are_told() -> None:
    lines: list[str] = []
    judge = train_thing_judge(THINGS, steps=2, batch=8, report=lines.append)
    assert len(lines) == 1 and "thing" in lines[0] and not judge.training


def test_a_blind_judge_is_right_by_chance_and_the_best_are_more() -> None:
    scores = thing_accuracy(Blind(), None, n=200)  # pyright: ignore[reportArgumentType] - all that is asked of a judge
    assert scores["thing"][1] > 100 and scores["thing"][0] < 0.1
    assert scores[f"thing, best {BEST}"][0] >= scores["thing"][0]
    assert 0.1 < scores["time"][0] < 0.5
    assert scores["size"][1] < scores["time"][1]


def test_models_are_judged_like_scenes() -> None:
    tower = WordTower(WordTowerConfig(c_dim=8, width=8, layers=1, heads=2, buckets=64)).eval()
    model = Generator(GeneratorConfig(16, 256, 16, 1, 8, gn_groups=4), tower).eval()
    scores = thing_accuracy(Blind(), model, n=50)  # pyright: ignore[reportArgumentType] - all that is asked of a judge
    assert set(scores) == {*NAMES, f"thing, best {BEST}"}


def test_the_code_book_and_the_judge_count_alike() -> None:
    assert len(CodeBook(THINGS).table("thing")) == THINGS + 2  # none before, "not named" behind
