"""Parts of a recipe beyond the model are told, and those within it are not."""

from msgspec.structs import replace

from renderer.models.info import describe
from renderer.pipeline.reach import beyond_notes
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import Move, NoisePart
from tests.renderer.fakes import recipe, tiny_model

INFO = describe(tiny_model(), "tiny")
BLOCKS, ROWS = len(INFO.blocks), INFO.num_ws


def test_what_a_model_has_is_not_told() -> None:
    within = replace(
        recipe(),
        psi_blocks=(0.5,) * BLOCKS,
        noise=NoisePart(blocks=(0.0,) * BLOCKS),
        moves=(
            Move("block", amount=1.0, row=BLOCKS - 1),
            Move("style", amount=1.0, row=ROWS - 1),
            Move("block", amount=0.0, row=BLOCKS, name="kept by its name"),
        ),
    )
    assert beyond_notes(recipe(), INFO) == beyond_notes(within, INFO) == ()


def test_what_lies_beyond_is_told_with_the_frame() -> None:
    head = f"This model has {BLOCKS} blocks and {ROWS} rows of w, counted from 0, so "
    psi = replace(recipe(), psi_blocks=(None,) * (BLOCKS + 1) + (0.5,))
    assert beyond_notes(psi, INFO) == (
        f"{head}the truncation of block {BLOCKS + 1} has no effect.",
    )
    moves = (Move("block", amount=1.0, row=BLOCKS), Move("weights", amount=1.0, row=ROWS))
    more = replace(psi, moves=moves, noise=NoisePart(blocks=(1.0,) * BLOCKS + (0.0,)))
    (said,) = beyond_notes(more, INFO)
    assert said == (
        f"{head}the truncation of block {BLOCKS + 1}, the noise of block {BLOCKS}, the step of "
        f"block {BLOCKS} and more have no effect."
    )
    renderer = Renderer("cpu", load=lambda path, /, device, *, progress: tiny_model())
    frame = renderer.render(more)
    assert frame.error is None and said in frame.notes
