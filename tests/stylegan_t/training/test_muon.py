"""Muon turns every direction equally far, alone and with others."""

import pytest
import torch

from stylegan_t.training.muon import STEP_RMS, Muon, orthogonal
from stylegan_t.training.processes import Processes


@pytest.mark.parametrize("shape", [(24, 60), (60, 24), (16, 16)])
def test_all_singular_values_are_brought_near_one(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    before = torch.linalg.svdvals(matrix)
    after = torch.linalg.svdvals(orthogonal(matrix))
    assert before.max() / before.min() > 2
    assert after.min() > 0.6 and after.max() < 1.3


def test_a_rare_direction_moves_as_far_as_a_common_one() -> None:
    weight = torch.zeros(8, 8, requires_grad=True)
    muon = Muon([weight], [None], Processes())
    weight.grad = torch.zeros(8, 8)
    weight.grad[0, 0], weight.grad[1, 1] = 1.0, -0.02
    muon.step(0.1)
    moved = weight.detach()
    assert weight.grad is None and moved[0, 0] < 0 < moved[1, 1]
    assert 0.4 < -moved[1, 1] / moved[0, 0] < 2.5


def test_steps_have_the_length_of_adam_s_and_columns_their_scale() -> None:
    torch.manual_seed(0)
    weight, plain = torch.zeros(12, 3, 3, 3), torch.zeros(12, 27)
    scale = torch.ones(27)
    scale[20:] = 4.0
    muon = Muon([weight, plain], [None, scale], Processes())
    gradient = torch.randn(12, 27)
    weight.grad, plain.grad = gradient.view_as(weight).clone(), gradient.clone()
    muon.step(0.5)
    rms = weight.square().mean().sqrt()
    assert 0.3 * STEP_RMS * 0.5 < rms < 1.5 * STEP_RMS * 0.5
    far, near = plain[:, 20:].square().mean().sqrt(), plain[:, :20].square().mean().sqrt()
    assert far > 3 * near


def test_it_goes_on_from_its_state() -> None:
    torch.manual_seed(0)
    gradients = torch.randn(3, 6, 10)

    def run(weight: torch.Tensor, muon: Muon, steps: slice) -> None:
        for gradient in gradients[steps]:
            weight.grad = gradient.clone()
            muon.step(0.1)

    whole, parts = torch.zeros(6, 10), torch.zeros(6, 10)
    run(whole, Muon([whole], [None], Processes()), slice(0, 3))
    first = Muon([parts], [None], Processes())
    run(parts, first, slice(0, 2))
    again = Muon([parts], [None], Processes())
    again.restore(first.state())
    run(parts, again, slice(2, 3))
    torch.testing.assert_close(whole, parts)
