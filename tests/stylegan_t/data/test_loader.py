"""Reading ahead: the same batches in the same order, errors handed over, nothing left behind."""

import threading

import pytest
import torch

from stylegan_t.data.loader import Loader
from stylegan_t.data.sampling import TrainingError
from stylegan_t.data.sources import Enlarged, Pictures, Skipped


class Counting:
    """A source whose pictures say how often it was asked."""

    title = "numbers"

    def __init__(self, last: int = 1000) -> None:
        self.skipped, self.enlarged = Skipped(), Enlarged()
        self.taken, self.last = 0, last

    def take(self, groups: range) -> Pictures:
        if self.taken >= self.last:
            raise TrainingError("no more")
        self.taken += 1
        return Pictures(torch.tensor([self.taken]), [f"{groups}"])

    def positions(self, groups: range) -> torch.Tensor:
        return torch.full((len(groups), 3), self.taken)

    def seek(self, positions: torch.Tensor) -> None:
        self.taken = int(positions[0, 0])


@pytest.mark.parametrize("ahead", [0, 1, 3])
def test_positions_are_those_of_what_was_given(ahead: int) -> None:
    source = Counting()
    loader = Loader(source, range(2), ahead)
    assert loader.positions.tolist() == [[0, 0, 0]] * 2
    for count in range(1, 8):
        assert int(loader.next().images) == count
        assert loader.positions.tolist() == [[count] * 3] * 2
    loader.close()
    assert 7 <= source.taken <= 7 + ahead + 1


@pytest.mark.parametrize("ahead", [0, 2])
def test_an_error_comes_when_its_batch_is_wanted(ahead: int) -> None:
    loader = Loader(Counting(last=2), range(1), ahead)
    loader.next()
    loader.next()
    with pytest.raises(TrainingError, match="no more"):
        loader.next()
    loader.close()


def test_closing_ends_the_thread() -> None:
    before = threading.active_count()
    loader = Loader(Counting(), range(1), 2)
    assert threading.active_count() == before + 1
    loader.close()
    assert threading.active_count() == before
