"""Principal components: of plain samples, of latents, of styles."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from torch import Tensor

from renderer.errors import PictureError
from renderer.pipeline import components as pca
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import ModelRef, Move, Recipe, Vector
from stylegan_t import Generator
from tests.renderer.fakes import tiny_model

WIDTHS = torch.tensor([3.0, 2.0, 1.0, 0.5])


@pytest.fixture(scope="module")
def model() -> Generator:
    return tiny_model()


def samples() -> Tensor:
    """Gaussian samples of known widths along known axes, off centre."""
    draws = torch.Generator().manual_seed(2)
    axes = torch.linalg.qr(torch.randn(4, 4, generator=draws)).Q
    return torch.randn(20_000, 4, generator=draws) * WIDTHS @ axes + 5


def test_components_are_the_axes_of_the_samples() -> None:
    found = pca.principal(samples())
    torch.testing.assert_close(found.deviations.float(), WIDTHS, rtol=0.03, atol=0)
    variances = WIDTHS.square() / WIDTHS.square().sum()
    assert found.shares == pytest.approx(variances.tolist(), abs=0.01)
    torch.testing.assert_close(found.axes @ found.axes.T, torch.eye(4, dtype=torch.float64))
    along = (samples().double() - samples().double().mean(dim=0)) @ found.axes.T
    torch.testing.assert_close(along.std(dim=0), found.deviations)


def test_the_sign_is_fixed_and_the_widest_come_first() -> None:
    for axis in pca.principal(samples()).axes:
        assert axis[axis.abs().argmax()] > 0
    flipped = pca.principal(-samples())
    torch.testing.assert_close(flipped.axes, pca.principal(samples()).axes)
    assert flipped.shares == tuple(sorted(flipped.shares, reverse=True))


def test_only_the_widest_are_kept() -> None:
    few, all_of_them = pca.principal(samples(), 2), pca.principal(samples())
    assert torch.equal(few.axes, all_of_them.axes[:2])
    assert few.shares == all_of_them.shares[:2], "shares are of the whole variance"


def test_samples_without_variance_lead_nowhere() -> None:
    found = pca.principal(torch.ones(10, 3))
    assert found.shares == (0.0, 0.0, 0.0)
    assert not found.step(2, 5.0, "nothing").any()


def test_a_step_is_counted_in_standard_deviations() -> None:
    found = pca.principal(samples())
    for k in range(4):
        step = found.step(k, -2.0, "samples")
        assert float(step @ found.axes[k]) == pytest.approx(-2 * float(found.deviations[k]))
    with pytest.raises(PictureError, match="component 5 of samples, but this model has 4"):
        found.step(4, 1.0, "samples")


@torch.inference_mode()
def test_samples_of_a_model_are_always_the_same(model: Generator) -> None:
    first = pca.mapped_samples(model)
    torch.manual_seed(99)
    assert torch.equal(first, pca.mapped_samples(model))
    assert first.shape == (pca.SAMPLES, model.config.z_dim)
    # Not truncated: they spread about a mean that is not `x_avg`, which is random here.
    assert float((first.mean(dim=0) - model.mapping.x_avg).norm()) > 1


@torch.inference_mode()
def test_styles_are_those_of_the_layer(model: Generator) -> None:
    text = model.encode_text(["a red house"])[0]
    w = torch.cat([pca.mapped_samples(model), text.expand(pca.SAMPLES, -1)], dim=1)
    for row in range(model.config.num_ws):
        found = pca.style_samples(model, row, text)
        torch.testing.assert_close(found, model.synthesis.style_of_row(row)(w))
    assert pca.style_samples(model, 0, text).shape[1] == 4


@torch.inference_mode()
def test_styles_of_a_model_without_text() -> None:
    model = tiny_model(text=False)
    assert pca.style_samples(model, 1, None).shape == (pca.SAMPLES, model.config.channels(8))


# -- directions of weights -------------------------------------------------------------------------


def test_directions_of_an_affine_style_are_the_eigenvectors_of_its_weights() -> None:
    draws = torch.Generator().manual_seed(3)
    weights, bias = torch.randn(9, 5, generator=draws), torch.randn(9, generator=draws)
    latents, spoken = torch.randn(500, 3, generator=draws) * 2 + 1, 2
    found = pca.factorised(lambda w: w @ weights.T + bias, latents, spoken)
    own = weights[:, :3].double()
    answers = (found.axes @ own.T).square().sum(dim=1)
    assert answers.tolist() == sorted(answers.tolist(), reverse=True)
    wanted = torch.linalg.svdvals(own).square()
    torch.testing.assert_close(answers, wanted, rtol=1e-4, atol=1e-5)
    assert sum(found.shares) == pytest.approx(1.0)
    torch.testing.assert_close(found.deviations, (latents.double() @ found.axes.T).std(dim=0))


def test_a_step_along_weights_moves_its_row_alone_and_nothing_without_an_amount() -> None:
    renderer = Renderer("cpu")
    plain = Recipe(ModelRef("demo"))
    moved = replace(plain, moves=(Move("weights", 0, 2.0, row=4),))
    shares = renderer.components(plain, "weights", 4)
    assert list(shares) == sorted(shares, reverse=True)
    first, second, beyond = (
        renderer.render(recipe).pixels().astype(int)
        for recipe in (plain, moved, replace(plain, moves=(Move("weights", 0, 2.0, row=400),)))
    )
    assert abs(first - second).max() > 3
    assert (first == beyond).all()
    with pytest.raises(PictureError, match="no row 400"):
        renderer.components(plain, "weights", 400)


# -- blocks and vectors ----------------------------------------------------------------------------


def drawn(renderer: Renderer, *moves: Move) -> torch.Tensor:
    recipe = Recipe(ModelRef("demo"), moves=moves)
    return torch.from_numpy(renderer.render(recipe).pixels().astype("int32"))


def test_a_block_moves_all_its_rows_along_what_all_its_layers_answer_to() -> None:
    renderer = Renderer("cpu")
    plain = Recipe(ModelRef("demo"))
    info = renderer.render(plain).model
    assert info is not None
    start, stop = info.rows_of_block[2]
    shares = renderer.components(plain, "block", 2)
    assert list(shares) == sorted(shares, reverse=True)
    assert shares != renderer.components(plain, "weights", start)
    step = renderer.direction(plain, Move("block", 0, 5.0, 2))
    table = np.frombuffer(step.data, "<f4").reshape(step.rows, step.columns)
    assert table[start:stop].any(axis=1).all()
    assert not table[:start].any() and not table[stop:].any()
    with pytest.raises(PictureError, match="no block 40, only"):
        renderer.components(plain, "block", 40)


@pytest.mark.parametrize(
    "move", [Move("mapped", 1), Move("weights", 0, row=4), Move("block", 1, row=2)]
)
def test_a_direction_that_is_written_out_draws_the_same(move: Move) -> None:
    renderer = Renderer("cpu")
    vector = renderer.direction(Recipe(ModelRef("demo")), move)
    written = Move("vector", amount=1.5, vector=vector)
    first, second = drawn(renderer, replace(move, amount=1.5)), drawn(renderer, written)
    assert (first - second).abs().max() <= 1
    assert (first - drawn(renderer)).abs().max() > 3


def test_a_vector_of_whole_rows_moves_the_text_too() -> None:
    renderer = Renderer("cpu")
    info = renderer.render(Recipe(ModelRef("demo"))).model
    assert info is not None and info.w_dim > info.latent_dim
    only_text = np.zeros(info.w_dim, "<f4")
    only_text[info.latent_dim :] = 0.2
    moved = drawn(renderer, Move("vector", amount=1.0, vector=Vector(1, only_text.tobytes())))
    assert (moved - drawn(renderer)).abs().max() > 3


def test_a_vector_of_another_model_does_nothing_and_that_is_said() -> None:
    renderer = Renderer("cpu")
    odd = Move("vector", amount=1.0, name="smile", vector=Vector(1, bytes(28)))
    frame = renderer.render(Recipe(ModelRef("demo"), moves=(odd,)))
    assert any("smile has no effect" in note and "7 numbers" in note for note in frame.notes)
    assert (torch.from_numpy(frame.pixels().astype("int32")) == drawn(renderer)).all()


def test_styles_are_no_directions_of_w() -> None:
    with pytest.raises(PictureError, match="style of a layer"):
        Renderer("cpu").direction(Recipe(ModelRef("demo")), Move("style", 0, row=2))
