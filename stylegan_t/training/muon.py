"""Muon: steps that turn a weight matrix equally far in every direction.

Adam's steps follow what most pictures have in common; what only one thing in a hundred needs is a
small direction of a gradient.  Muon takes the gradient's mean over time and sets all its singular
values to one, so that rare directions are learned as fast as common ones.

Source: Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"; the length of
a step is that of Liu et al. 2025, "Muon is scalable for LLM training", which suits learning rates
of Adam.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from stylegan_t.training.processes import Processes

MOMENTUM = 0.9
STEP_RMS = 0.2
"""Root mean square of a step's values, at learning rate 1."""
_POLYNOMIAL = (3.4445, -4.7750, 2.0315)
_ROUNDS = 5


def orthogonal(matrix: Tensor) -> Tensor:
    """The matrix [M, N] with all its singular values brought near one (0.7 to 1.2), float32.

    A Newton-Schulz iteration; bfloat16 is enough for it.
    """
    a, b, c = _POLYNOMIAL
    x = matrix.bfloat16()
    upright = x.shape[0] > x.shape[1]
    x = x.T if upright else x
    x = x / (x.norm() + 1e-7)
    for _ in range(_ROUNDS):
        gram = x @ x.T
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return (x.T if upright else x).float()


class Muon:
    """Moves weights [O, ...], each as a matrix [O, N]; gradients are taken from `.grad`.

    Args:
        weights: what it moves.
        scales: for each weight how much larger the inputs of its columns are to be thought, [N] or
            None; a column moves that much further.
        processes: share the work; their gradients must be the same.
    """

    def __init__(
        self, weights: Sequence[Tensor], scales: Sequence[Tensor | None], processes: Processes
    ) -> None:
        self.weights, self.scales, self.processes = list(weights), list(scales), processes
        self.momenta = [torch.zeros_like(weight.flatten(1)) for weight in weights]

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Move every weight by its gradient, and drop the gradient."""
        turns = [torch.zeros_like(momentum) for momentum in self.momenta]
        for k, (weight, momentum) in enumerate(zip(self.weights, self.momenta, strict=True)):
            if weight.grad is None:
                continue
            gradient, scale = weight.grad.flatten(1), self.scales[k]
            gradient = gradient if scale is None else gradient * scale
            momentum.lerp_(gradient, 1 - MOMENTUM)
            weight.grad = None
            if k % self.processes.world == self.processes.rank:
                turn = orthogonal(gradient.lerp(momentum, MOMENTUM))
                turns[k] = turn * (STEP_RMS * math.sqrt(max(turn.shape)) * self.processes.world)
        self.processes.average(turns)
        for weight, turn, scale in zip(self.weights, turns, self.scales, strict=True):
            weight.sub_(rate * (turn if scale is None else turn * scale).view_as(weight))

    def state(self) -> list[Tensor]:
        """Return what going on needs."""
        return self.momenta

    def restore(self, state: Sequence[Tensor]) -> None:
        """Go on from a state."""
        for momentum, kept in zip(self.momenta, state, strict=True):
            momentum.copy_(kept)
