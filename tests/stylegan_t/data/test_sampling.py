"""Order and chance: functions of seed, step and place alone."""

import pytest
import torch

from stylegan_t.data.sampling import GroupDraws, Shuffled, Split, TrainingError, key, split_batch


def test_keys_differ_by_everything_that_they_are_of() -> None:
    keys = [key(0, "z", 1, 2), key(1, "z", 1, 2), key(0, "c", 1, 2), key(0, "z", 2, 1)]
    assert len(set(keys)) == 4 and all(0 <= k < 2**63 for k in keys)
    assert key(0, "z", 1, 2) == keys[0]
    assert key(0, "z", 12) != key(0, "z", 1, 2)


def test_each_epoch_holds_everything_once_in_another_order() -> None:
    order = Shuffled(50, seed=3)
    epochs = [[order[e * 50 + k] for k in range(50)] for e in range(4)]
    assert all(sorted(epoch) == list(range(50)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 4
    assert [Shuffled(50, seed=3)[60 + k] for k in range(9)] == epochs[1][10:19]
    assert [Shuffled(50, seed=4)[k] for k in range(50)] != epochs[0]


def test_a_batch_is_shared_out_without_gaps() -> None:
    split = split_batch(96, world=2, per_round=16)
    assert split == Split(96, 2, 16) and split.rounds == 3 and split.groups == 12
    rounds = [split.of_round(rank, i) for rank in range(2) for i in range(3)]
    assert [g for r in rounds for g in r] == list(range(12))
    assert split.of_rank(1) == range(6, 12)
    assert split_batch(32, 2, None).per_round == 16


@pytest.mark.parametrize(
    ("batch", "world", "per_round", "words"),
    [
        (12, 1, None, "virtual batches of 8: give --batch a multiple of 8"),
        (0, 1, None, "a multiple of 8"),
        (24, 2, None, "for each of 2 processes: give --batch a multiple of 16"),
        (32, 1, 12, "12 at a time: give --batch-per-gpu one of 8, 16, 32"),
        (
            48,
            2,
            16,
            "on 2 processes cannot be done 16 at a time: give --batch-per-gpu one of 8, 24",
        ),
        (16, 1, 0, "one of 8, 16"),
    ],
)
def test_what_does_not_divide_is_told(
    batch: int, world: int, per_round: int | None, words: str
) -> None:
    with pytest.raises(TrainingError) as caught:
        split_batch(batch, world, per_round)
    assert words in str(caught.value)


def test_a_group_draws_the_same_whoever_draws_for_it() -> None:
    cpu = torch.device("cpu")
    whole = GroupDraws(0, "z", 5, range(4), cpu)
    first, second = whole.normal(3), whole.noise(4, torch.zeros(4, 4))
    part = GroupDraws(0, "z", 5, range(2, 4), cpu)
    assert torch.equal(part.normal(3), first[16:]) and torch.equal(
        part.noise(4, torch.zeros(4, 4)), second[16:]
    )
    assert first.shape == (32, 3) and second.shape == (32, 1, 4, 4)
    assert len(first.unique()) == first.numel()
    assert not torch.equal(GroupDraws(0, "z", 6, range(4), cpu).normal(3), first)
