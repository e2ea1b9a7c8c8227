"""The judge of the second demo world learns to see, and counts what can be seen."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from stylegan_t import Generator, GeneratorConfig
from stylegan_t.demo.things.attributes import (
    COLUMN,
    NAMES,
    OPEN,
    VALUES,
    WIDTH,
    default_count,
)
from stylegan_t.demo.things.codes import CodeBook
from stylegan_t.encoders.text import WordTower, WordTowerConfig
from stylegan_t.metrics.thing_judge import (
    BEST,
    ThingFeatures,
    ThingJudge,
    as_told,
    beside_real,
    thing_accuracy,
    thing_agreement,
    train_thing_judge,
)

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


def test_pictures_are_compared_with_real_scenes_of_their_own_size() -> None:
    tower = WordTower(WordTowerConfig(c_dim=8, width=8, layers=1, heads=2, buckets=64)).eval()
    model = Generator(GeneratorConfig(16, 256, 16, 1, 8, gn_groups=4), tower).eval()
    judge = ThingJudge(THINGS, width=2).eval()
    scores = beside_real(judge, model, n=50)
    as_large, larger = (thing_accuracy(judge, None, 50, size=size) for size in (16, 64))
    assert scores[0].shares == thing_accuracy(judge, model, 50).shares
    assert scores[1] == as_large and as_large.crispness != larger.crispness


def test_a_blind_judge_is_right_by_chance_and_the_best_are_more() -> None:
    scores = thing_accuracy(Blind(), None, n=200).shares  # pyright: ignore[reportArgumentType] - all that is asked of a judge
    assert scores["thing"][1] > 100 and scores["thing"][0] < 0.1
    assert scores[f"thing, best {BEST}"][0] >= scores["thing"][0]
    assert 0.1 < scores["time"][0] < 0.5
    assert scores["size"][1] < scores["time"][1]


def rows_of(**values: int) -> Tensor:
    rows = torch.full((1, WIDTH), OPEN)
    for name, value in values.items():
        rows[:, COLUMN[name]] = value
    return rows


def certain(rows: Tensor) -> list[Tensor]:
    """Logits of a judge that sees rows and nothing else."""
    sizes = [len(VALUES[name]) if name in VALUES else THINGS + 1 for name in NAMES]
    return [9 * functional.one_hot(rows[:, k].clamp(min=0), n).float() for k, n in enumerate(sizes)]


@pytest.mark.parametrize("turned", [False, True])
def test_things_beside_one_another_may_stand_in_either_order(turned: bool) -> None:
    beside, left = (VALUES["relation"].index(name) for name in ("beside", "left"))
    named = rows_of(thing=4, other=9, color=3, relation=beside)
    seen = rows_of(thing=4, other=9, color=3, other_color=5, relation=left)
    if turned:
        seen = rows_of(thing=9, other=4, color=5, other_color=3, relation=left)
    told = as_told(certain(seen), named)
    assert torch.equal(told[told != OPEN], seen[told != OPEN])
    assert (told != OPEN).sum() == 4  # what was named, and nothing else
    # Where the words name an order, it counts.
    asked = rows_of(thing=4, other=9, relation=left)
    assert torch.equal(as_told(certain(seen), asked), asked)


def test_agreement_is_the_share_of_what_is_named_and_can_be_seen() -> None:
    class Sure(nn.Module):
        def forward(self, image: Tensor) -> list[Tensor]:
            return certain(rows_of(thing=4, time=1, ground=2, size=0))

    pixels = torch.zeros(1, 3, 64, 64, dtype=torch.uint8)
    half = thing_agreement(Sure(), pixels, rows_of(thing=4, time=2))  # pyright: ignore[reportArgumentType] - all that is asked of a judge
    whole = thing_agreement(Sure(), pixels, rows_of(thing=4, ground=2, moon=1))  # pyright: ignore[reportArgumentType] - likewise
    assert half.item() == 0.5 and whole.item() == 1.0
    nothing = thing_agreement(Sure(), pixels, rows_of())  # pyright: ignore[reportArgumentType] - likewise
    assert nothing.isnan().all()


def test_features_are_what_the_judge_knows() -> None:
    judge = ThingJudge(THINGS, width=4).eval()
    features = ThingFeatures(judge)
    pixels = torch.randint(0, 256, (2, 3, 128, 128)).to(torch.uint8)
    seen = features(pixels)
    assert seen.shape == (2, features.dim) and seen.min() >= 0
    torch.testing.assert_close(judge.heads[0](seen), judge(pixels.float() / 127.5 - 1)[0])


def test_models_are_judged_like_scenes() -> None:
    tower = WordTower(WordTowerConfig(c_dim=8, width=8, layers=1, heads=2, buckets=64)).eval()
    model = Generator(GeneratorConfig(16, 256, 16, 1, 8, gn_groups=4), tower).eval()
    scores = thing_accuracy(Blind(), model, n=50)  # pyright: ignore[reportArgumentType] - all that is asked of a judge
    assert scores.crispness > 0
    assert set(scores.shares) == {*NAMES, f"thing, best {BEST}"}


def test_the_code_book_and_the_judge_count_alike() -> None:
    assert len(CodeBook(THINGS).table("thing")) == THINGS + 2  # none before, "not named" behind
