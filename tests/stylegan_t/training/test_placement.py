"""The input of a generator moves along with the thing, before it has learned anything."""

import torch

from stylegan_t import config
from stylegan_t.demo.things.attributes import COLUMN, OPEN, VALUES, WIDTH, thing_index
from stylegan_t.demo.things.codes import CodeBook
from stylegan_t.demo.things.scenes import centres
from stylegan_t.generator import Generator
from stylegan_t.training.paired import prepare
from stylegan_t.training.placement import follow_things

BOOK = CodeBook(40)


def named(n: int, side: int = OPEN) -> torch.Tensor:
    rows = torch.full((n, WIDTH), OPEN)
    rows[:, COLUMN["thing"]] = thing_index("cat")
    rows[:, COLUMN["side"]] = side
    return rows


def test_the_shift_is_where_the_thing_stands_for_any_latent_side_and_psi() -> None:
    torch.manual_seed(1)
    generator = Generator(config.things(32, BOOK.c_dim))
    prepare(generator)
    explained = follow_things(generator, BOOK, seed=3, samples=3000)
    assert 0.85 < explained < 1
    z = torch.randn(64, 64)
    affine = generator.synthesis.block(8).input.affine
    for side in (OPEN, *range(len(VALUES["side"]))):
        for psi in (0.0, 0.6):
            rows = named(64, side)
            with torch.no_grad():
                shift = affine(generator.mapping(z, BOOK(rows), psi)[:, 0])[:, 2:]
            middle, shown = centres(rows, z, psi, BOOK.count)
            assert shown.all()
            missed = (shift * torch.tensor([2.0, -2.0]) - middle).abs().mean(dim=0)
            assert missed[0] < 0.09 and missed[1] < 0.05, (side, psi, missed)


def test_a_shifted_input_is_the_same_input_elsewhere() -> None:
    """A shift of one sample to the right moves every feature by one column."""
    generator = Generator(config.things(32, BOOK.c_dim))
    layer = generator.synthesis.block(8).input
    still, moved = torch.tensor([[1.0, 0, 0, 0]]), torch.tensor([[1.0, 0, 1 / 8, 0]])
    with torch.no_grad():
        a, b = layer.draw(still), layer.draw(moved)
    torch.testing.assert_close(a[..., :-1], b[..., 1:], atol=1e-4, rtol=1e-4)
