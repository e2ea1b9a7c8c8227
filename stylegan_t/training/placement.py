"""Let the input of a generator move along with the thing in its pictures.

A StyleGAN-T generator can shift the waves that its pictures grow from (`SynthesisInput`).  In the
second demo world a thing's place is nearly linear in w, so the shift that follows it is known
before training: waves that stand still under a thing make it look alike wherever it stands, and one
that has learned to draw it in one place has learned it for all.
"""

from __future__ import annotations

import random

import torch
from torch import Tensor

from stylegan_t.demo.things.attributes import COLUMN, NO_THING, bare
from stylegan_t.demo.things.codes import CodeBook
from stylegan_t.demo.things.scenes import captioned, centres
from stylegan_t.generator import Generator

SAMPLES = 40_000
_BARE_SHARE = 2 / 3
_RIDGE = 0.1
"""Added to the squares, so that what a sample never names gets no weight."""


@torch.no_grad()
def follow_things(generator: Generator, book: CodeBook, seed: int, samples: int = SAMPLES) -> float:
    """Set the shift of the input to where things stand, by least squares, without a rotation.

    Returns:
        the share of the variance of places that this explains, at most 1.
    """
    w, middle = _places(generator, book, seed, samples)
    ones = torch.ones(len(w), 1, dtype=w.dtype)
    known = torch.cat([w, ones], dim=1)
    squares = known.T @ known + _RIDGE * torch.eye(known.shape[1], dtype=w.dtype)
    fit = torch.linalg.solve(squares, known.T @ middle)
    # Scenes span two units and look up; the input spans one and looks down.
    shift = (fit * torch.tensor([0.5, -0.5], dtype=w.dtype)).float()
    affine = generator.synthesis.block(generator.config.block_resolutions[0]).input.affine
    assert affine.bias is not None
    affine.weight.zero_()
    affine.weight[2:] = shift[:-1].T / affine.weight_gain
    affine.bias.copy_(torch.cat([torch.tensor([1.0, 0.0]), shift[-1]]))
    missed = (middle - known @ fit).square().sum()
    return 1 - (missed / (middle - middle.mean(dim=0)).square().sum()).item()


def _places(generator: Generator, book: CodeBook, seed: int, samples: int) -> tuple[Tensor, Tensor]:
    """Rows of w [N, w_dim] at any psi, and where their things stand, [N, 2], in float64."""
    draw = torch.Generator().manual_seed(seed)
    _, named = captioned(samples, book.count, random.Random(seed), draw)
    bare(named, slice(0, round(samples * _BARE_SHARE)))
    z, psi = torch.randn(samples, 64, generator=draw), torch.rand(samples, 1, generator=draw)
    middle, shown = centres(named, z, psi, book.count)
    shown &= named[:, COLUMN["thing"]] != NO_THING
    x = generator.mapping.x_avg.lerp(generator.mapping.mlp(z), psi)
    return torch.cat([x, book(named)], dim=1)[shown].double(), middle[shown].double()
