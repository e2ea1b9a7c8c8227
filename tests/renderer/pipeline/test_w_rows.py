"""Rows of w: what each word of a recipe does to which rows, and what of it is computed again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from msgspec.structs import replace
from torch import Tensor

from renderer.frame.frame import Frame
from renderer.pipeline import components as pca
from renderer.pipeline import latents, text_stage
from renderer.pipeline.means import MEANS
from renderer.pipeline.renderer import Renderer
from renderer.recipe.component_moves import Space
from renderer.recipe.recipe import (
    Direction,
    LatentPart,
    LayoutLock,
    MixingPart,
    MixSource,
    MixTrack,
    ModelRef,
    Morph,
    Move,
    NoisePart,
    Pad,
    Prompt,
    Recipe,
    TextPart,
)
from stylegan_t import Generator
from stylegan_t.encoders.known_words import KnownWords
from stylegan_t.encoders.text import WordTower
from tests.renderer.fakes import TOWER, CountingLoader, FakeTowers, recipe, tiny_model, tiny_tower

Z_DIM, NUM_WS = 16, 7
BOTH = MixTrack((1.0, 1.0))


@pytest.fixture
def loader() -> CountingLoader:
    return CountingLoader()


@pytest.fixture
def renderer(loader: CountingLoader) -> Renderer:
    return Renderer("cpu", load=loader, open_tower=FakeTowers())


def rows_of(renderer: Renderer, wanted: Recipe) -> Tensor:
    """The rows of w that are drawn, [num_ws, w_dim]."""
    frame = renderer.render(wanted)
    assert frame.error is None
    run = renderer._run(wanted, None)
    with torch.inference_mode():
        return renderer._rows.rows(renderer._rows.text(wanted.text, run), run)[0]


def worked(frame: Frame) -> set[str]:
    """The stages that did something."""
    assert frame.error is None
    return {name for name, ms in frame.stage_ms if ms > 0}


def sources(*each: MixSource, wanted: Recipe | None = None) -> Recipe:
    return replace(wanted or recipe(), mixing=MixingPart(each))


def changed(a: Tensor, b: Tensor) -> list[int]:
    """The rows that differ."""
    return [row for row in range(len(a)) if not torch.equal(a[row], b[row])]


# -- latents, truncation and moves ---------------------------------------------------------------


def test_each_block_has_its_own_truncation(renderer: Renderer) -> None:
    mixed = rows_of(renderer, replace(recipe(psi=0.7), psi_blocks=(0.2, None)))
    low, high = rows_of(renderer, recipe(psi=0.2)), rows_of(renderer, recipe(psi=0.7))
    assert torch.equal(mixed[:3], low[:3])
    assert torch.equal(mixed[3:], high[3:])
    surplus = replace(recipe(psi=0.7), psi_blocks=(0.2, None, 0.1, 0.3, -1.0))
    assert torch.equal(rows_of(renderer, surplus), mixed)


def test_rows_from_the_cutoff_on_are_not_truncated(renderer: Renderer) -> None:
    cut = rows_of(renderer, replace(recipe(psi=0.2), psi_blocks=(None, 0.5), psi_cutoff=4))
    low, middle, plain = (rows_of(renderer, recipe(psi=psi)) for psi in (0.2, 0.5, 1.0))
    assert torch.equal(cut[:3], low[:3])
    assert torch.equal(cut[3:4], middle[3:4])
    assert torch.equal(cut[4:], plain[4:])


def test_truncation_goes_towards_the_nearest_mean(renderer: Renderer) -> None:
    near = replace(recipe(psi=0.0), psi_towards="nearest")
    places = [rows_of(renderer, replace(near, latent=LatentPart(seed)))[0] for seed in range(40)]
    unlike = {tuple(place[:Z_DIM].tolist()) for place in places}
    assert 2 < len(unlike) <= MEANS
    plain = rows_of(renderer, recipe())
    half = rows_of(renderer, replace(near, psi=0.5))
    torch.testing.assert_close(half, rows_of(renderer, near).lerp(plain, 0.5))
    distances = [float((place - plain[0])[:Z_DIM].norm()) for place in places]
    assert min(distances) == distances[0], "its own is the nearest"


def test_a_kept_layout_is_truncated_towards_the_same(renderer: Renderer) -> None:
    lock = LayoutLock(recipe().text, LatentPart(), 0.3)
    kept = replace(recipe(psi=0.3), layout=lock, psi_towards="nearest")
    free = replace(kept, layout=None)
    assert torch.equal(rows_of(renderer, kept), rows_of(renderer, free))


def test_a_source_is_truncated_as_the_picture_is(renderer: Renderer) -> None:
    psi = {"psi": 0.7, "psi_blocks": (0.2,)}
    mixed = sources(MixSource(9, latent=BOTH), wanted=replace(recipe(), **psi))
    assert torch.equal(rows_of(renderer, mixed), rows_of(renderer, replace(recipe(seed=9), **psi)))


def test_a_written_latent_may_be_any(renderer: Renderer) -> None:
    z = torch.randn(1, Z_DIM, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    values = tuple(z.float()[0].tolist())
    written = replace(recipe(), latent=LatentPart(values=values))
    assert torch.equal(rows_of(renderer, written), rows_of(renderer, recipe(seed=3)))
    mixed = sources(MixSource(values=values, latent=BOTH))
    assert torch.equal(rows_of(renderer, mixed), rows_of(renderer, recipe(seed=3)))


@pytest.mark.parametrize(
    "wanted",
    [
        replace(recipe(), latent=LatentPart(values=(1.0,) * 5)),
        replace(recipe(), latent=LatentPart(position=1.0, target_values=(1.0,) * 5)),
        replace(recipe(), latent=LatentPart(morph=Morph(LatentPart(values=(1.0,) * 5), 0.5))),
        replace(recipe(), layout=LayoutLock(latent=LatentPart(values=(1.0,) * 5))),
        sources(MixSource(values=(1.0,) * 5, latent=BOTH)),
    ],
)
def test_a_latent_of_another_model_is_a_sentence(renderer: Renderer, wanted: Recipe) -> None:
    frame = renderer.render(wanted)
    assert frame.image is None
    assert frame.error is not None
    assert "has 5 values, but the model takes 16" in frame.error
    assert renderer.render(recipe()).error is None


def test_moves_are_for_all_rows_and_add_up(renderer: Renderer) -> None:
    plain = rows_of(renderer, recipe(psi=0.5))
    one = rows_of(renderer, replace(recipe(psi=0.5), moves=(Move(amount=2.0),)))
    step = one - plain
    assert torch.equal(step[:, Z_DIM:], torch.zeros(NUM_WS, 8))
    torch.testing.assert_close(step, step[:1].expand(NUM_WS, -1))
    two = rows_of(renderer, replace(recipe(psi=0.5), moves=(Move(amount=3.0), Move(amount=1.0))))
    torch.testing.assert_close(two - plain, 2 * step)
    other = rows_of(renderer, replace(recipe(psi=0.5), moves=(Move(component=1, amount=2.0),)))
    assert float(((other - plain) * step).sum().abs()) < 1e-3, "components are orthogonal"
    assert step.norm() > (other - plain).norm(), "the widest comes first"


def test_moves_go_where_mixing_has_been(renderer: Renderer) -> None:
    move = (Move(amount=2.0),)
    mixed = replace(sources(MixSource(9, latent=BOTH)), moves=move)
    alone = replace(recipe(seed=9), moves=move)
    assert torch.equal(rows_of(renderer, mixed), rows_of(renderer, alone))


@pytest.mark.parametrize("move", [Move("mapped", 16, 1.0), Move("style", 8, 1.0, 3)])
def test_components_beyond_the_last_are_a_sentence(renderer: Renderer, move: Move) -> None:
    frame = renderer.render(replace(recipe(), moves=(move,)))
    assert frame.image is None
    assert frame.error is not None
    assert f"principal component {move.component + 1} of the" in frame.error
    assert f"has {move.component}:" in frame.error


def test_the_renderer_tells_the_components(renderer: Renderer) -> None:
    asked: tuple[tuple[Space, int, int], ...] = (
        ("mapped", 0, Z_DIM),
        ("style", 0, 4),
        ("style", 6, 8),
    )
    for space, row, count in asked:
        shares = renderer.components(recipe(), space, row)
        assert len(shares) == count
        assert sum(shares) == pytest.approx(1)
        assert list(shares) == sorted(shares, reverse=True)
    with pytest.raises(RuntimeError, match="no row 7 of w, only 7"):
        renderer.components(recipe(), "style", NUM_WS)


def test_components_of_styles_do_not_depend_on_the_text(renderer: Renderer) -> None:
    one = renderer.components(recipe("a red house"), "style", 2)
    turned = with_text(strength=0.5, neutral="fog", directions=(Direction("", "a", "b", 1.0),))
    for other in (recipe("a red house", seed=9), recipe("snow"), turned):
        assert renderer.components(other, "style", 2) == one


def test_style_moves_do_not_jump_where_texts_are_blended(loader: CountingLoader) -> None:
    words, row = ("a red house", "snow"), 2
    model = tiny_model()
    loader.make = lambda name: model
    renderer = Renderer("cpu", load=loader)

    def picture(t: float) -> Tensor:
        prompts = tuple(Prompt(w, weight) for w, weight in zip(words, (1 - t, t), strict=True))
        wanted = with_text(prompts=prompts, blend="slerp")
        frame = renderer.render(replace(wanted, moves=(Move("style", 0, 3.0, row),)))
        assert frame.image is not None
        return frame.image.float()

    def axis(t: float) -> Tensor:
        return axis_of_the_text_itself(model, words, t, row)

    # Sampled with the blended text, the component turns round at one place on the way.
    low, high = 0.0, 1.0
    assert axis(low) @ axis(high) < 0
    while high - low > 1e-4:
        middle = (low + high) / 2
        low, high = (middle, high) if axis(middle) @ axis(low) > 0 else (low, middle)
    assert (picture(low) - picture(high)).abs().mean() < 0.1
    assert (picture(0.0) - picture(1.0)).abs().mean() > 1


@torch.inference_mode()
def axis_of_the_text_itself(model: Generator, words: tuple[str, str], t: float, row: int) -> Tensor:
    """The first component of a style, sampled with the blend of two texts, [channels] float64."""
    start, end = model.encode_text(list(words)).double().split(1)
    text = latents.slerp(start, end, t)[0].float()
    return pca.principal(pca.style_samples(model, row, text)).axes[0]


def test_a_style_moves_the_picture_and_no_row(renderer: Renderer) -> None:
    plain = renderer.render(recipe())
    for row in range(NUM_WS):
        wanted = replace(recipe(), moves=(Move("style", 0, 2.0, row),))
        frame = renderer.render(wanted)
        assert worked(frame) == {"synthesis", "picture"}
        assert plain.image is not None
        assert frame.image is not None
        assert not torch.equal(frame.image, plain.image), row
        assert torch.equal(rows_of(renderer, wanted), rows_of(renderer, recipe()))


# -- mixing --------------------------------------------------------------------------------------


def test_single_rows_go_their_own_way(renderer: Renderer) -> None:
    plain, source = rows_of(renderer, recipe("a")), rows_of(renderer, recipe("b", seed=9))
    latent = MixTrack((0.0, 1.0), ((1, 1.0), (5, 0.0), (300, 1.0)))
    text = MixTrack((1.0,), ((0, 0.0),))
    mixed = rows_of(
        renderer, sources(MixSource(9, (), "b", latent, text), wanted=recipe("a"))
    ).split([Z_DIM, 8], dim=1)
    assert changed(mixed[0], plain[:, :Z_DIM]) == [1, 3, 4, 6]
    assert changed(mixed[0], source[:, :Z_DIM]) == [0, 2, 5]
    assert changed(mixed[1], plain[:, Z_DIM:]) == [1, 2]
    assert changed(mixed[1], source[:, Z_DIM:]) == [0, 3, 4, 5, 6]


def test_two_sources_share_a_place(renderer: Renderer) -> None:
    each = [MixSource(seed, (), text, BOTH, BOTH) for seed, text in ((8, "b"), (9, "c"))]
    mixed = rows_of(renderer, sources(*each))
    b, c = rows_of(renderer, recipe("b", seed=8)), rows_of(renderer, recipe("c", seed=9))
    torch.testing.assert_close(mixed[:, :Z_DIM], (b + c)[:, :Z_DIM] / 2)
    text = torch.nn.functional.normalize((b + c)[:, Z_DIM:], dim=1)
    torch.testing.assert_close(mixed[:, Z_DIM:], text)
    torch.testing.assert_close(rows_of(renderer, sources(*reversed(each))), mixed)


def test_mixed_text_is_raw_where_text_is_raw(renderer: Renderer) -> None:
    half = MixTrack((0.5, 0.5))
    raw = replace(recipe("a"), text=replace(recipe("a").text, normalize=False))
    mixed = rows_of(renderer, sources(MixSource(prompt="b", text=half), wanted=raw))
    a, b = rows_of(renderer, recipe("a")), rows_of(renderer, recipe("b"))
    torch.testing.assert_close(mixed[:, Z_DIM:], (a + b)[:, Z_DIM:] / 2)


def test_sixty_four_sources(renderer: Renderer, loader: CountingLoader) -> None:
    quarter = MixTrack((0.25, -0.25))
    each = tuple(MixSource(seed, (), f"prompt {seed}", quarter, quarter) for seed in range(64))
    frame = renderer.render(sources(*each))
    assert frame.error is None
    mapped, read = loader.calls["mapping"], len(loader.encoded)
    assert read == 65
    moved = (*each[:5], replace(each[5], latent=MixTrack((1.0,))), *each[6:])
    assert worked(renderer.render(sources(*moved))) == {"mixing", "synthesis", "picture"}
    assert (loader.calls["mapping"], len(loader.encoded)) == (mapped, read)


# -- text ----------------------------------------------------------------------------------------


def with_text(**words: Any) -> Recipe:
    return replace(recipe(), text=TextPart(**words))


CORNERS = tuple(Prompt(text, 7.0) for text in ("a", "b", "c", "d"))


@pytest.mark.parametrize(
    ("pad", "corner"),
    [(Pad(0, 0), "a"), (Pad(1, 0), "b"), (Pad(0, 1), "c"), (Pad(1, 1), "d")],
)
def test_a_corner_of_the_pad_is_its_prompt(renderer: Renderer, pad: Pad, corner: str) -> None:
    rows = rows_of(renderer, with_text(prompts=CORNERS, pad=pad))
    assert torch.equal(rows, rows_of(renderer, recipe(corner)))


def test_the_middle_of_the_pad_is_all_four(renderer: Renderer) -> None:
    rows = rows_of(renderer, with_text(prompts=CORNERS, pad=Pad()))
    torch.testing.assert_close(rows, rows_of(renderer, recipe("a", "b", "c", "d")))


@pytest.mark.parametrize("blend", ["lerp", "slerp"])
def test_strength_comes_from_the_neutral_prompt(renderer: Renderer, blend: str) -> None:
    house = (Prompt("a house"),)

    def strong(strength: float) -> Tensor:
        return rows_of(
            renderer, with_text(prompts=house, blend=blend, strength=strength, neutral="b")
        )

    torch.testing.assert_close(strong(0.0), rows_of(renderer, recipe("b")))
    assert torch.equal(strong(1.0), rows_of(renderer, recipe("a house")))
    assert not torch.equal(strong(2.0), strong(1.0))
    torch.testing.assert_close(strong(2.0)[:, Z_DIM:].norm(dim=1), torch.ones(NUM_WS))


def test_a_direction_turns_its_rows(renderer: Renderer) -> None:
    plain = rows_of(renderer, recipe())
    warm = Direction("warmth", "summer", "winter", 1.5, 2, 5)
    rows = rows_of(renderer, with_text(prompts=recipe().text.prompts, directions=(warm,)))
    assert changed(rows, plain) == [2, 3, 4]
    model = tiny_model(len("demo"))
    house, summer, winter = model.encode_text(["a red house", "summer", "winter"])
    expected = torch.nn.functional.normalize(house + 1.5 * (summer - winter), dim=0)
    torch.testing.assert_close(rows[3, Z_DIM:], expected)


def test_the_frame_tells_norm_and_angle(renderer: Renderer) -> None:
    plain = renderer.render(recipe())
    assert (plain.text_norm, plain.text_angle_deg) == (pytest.approx(1), pytest.approx(0, abs=1e-3))
    warm = Direction("warmth", "summer", "winter", 1.5, 2, 5)
    frame = renderer.render(with_text(prompts=recipe().text.prompts, directions=(warm,)))
    model = tiny_model(len("demo"))
    house, summer, winter = model.encode_text(["a red house", "summer", "winter"]).double()
    turned = house + 1.5 * (summer - winter)
    cosine = turned @ house / turned.norm() / house.norm()
    assert frame.text_norm == pytest.approx(float(turned.norm()), rel=1e-5)
    assert frame.text_angle_deg == pytest.approx(float(cosine.arccos().rad2deg()), rel=1e-4)


def test_a_weight_of_zero_is_counted_and_not_read(
    renderer: Renderer, loader: CountingLoader
) -> None:
    renderer.render(recipe())
    quiet = (*recipe().text.prompts, Prompt("one two three", 0.0))
    frame = renderer.render(with_text(prompts=quiet))
    assert worked(frame) == {"text"}
    assert [count.used for count in frame.tokens] == [3, 3]
    assert loader.encoded == ["a red house"]


def test_two_hundred_prompts_are_read_once(renderer: Renderer, loader: CountingLoader) -> None:
    many = tuple(Prompt(f"prompt {i}", 1.0) for i in range(200))
    frame = renderer.render(with_text(prompts=many, blend="slerp"))
    assert len(frame.tokens) == 200
    louder = (*many[:70], Prompt("prompt 70", 3.0), *many[71:])
    renderer.render(with_text(prompts=louder, strength=0.5, neutral="prompt 3"))
    assert len(loader.encoded) == 200


def test_a_model_without_text_ignores_all_words_of_text(loader: CountingLoader) -> None:
    loader.make = lambda name: tiny_model(text=False)
    renderer = Renderer("cpu", load=loader)
    wanted = replace(
        sources(MixSource(9, (), "b", BOTH, BOTH)),
        text=TextPart((Prompt(),), strength=0.5, directions=(Direction("", "a", "b", 1.0),)),
        layout=LayoutLock(TextPart((Prompt("c"),))),
        moves=(Move(amount=1.0), Move("style", 0, 1.0, 3)),
    )
    frame = renderer.render(wanted)
    assert frame.error is None
    assert (frame.text_norm, frame.text_angle_deg) == (1.0, 0.0)
    assert rows_of(renderer, wanted).shape == (NUM_WS, Z_DIM)


def test_a_model_without_its_tower_takes_all_words(loader: CountingLoader) -> None:
    def make(name: str) -> Any:
        model = tiny_model()
        model.text = None
        return model

    loader.make = make
    renderer = Renderer("cpu", load=loader)
    wanted = replace(
        sources(MixSource(9, (), "b", BOTH, BOTH)),
        layout=LayoutLock(TextPart((Prompt("c"),))),
        moves=(Move("style", 0, 1.0, 3),),
    )
    frame = renderer.render(wanted)
    assert frame.notes == (text_stage.NO_TOWER,)


# -- layout lock ---------------------------------------------------------------------------------


def test_the_layout_keeps_row_0_whatever_the_others_do(renderer: Renderer) -> None:
    lock = LayoutLock(recipe("b").text, LatentPart(9), 0.5)
    kept = rows_of(renderer, recipe("b", seed=9, psi=0.5))
    loud = replace(
        sources(MixSource(4, (), "c", BOTH, BOTH)), moves=(Move(amount=2.0),), psi_blocks=(0.1,)
    )
    for wanted in (recipe("a"), loud):
        free, locked = rows_of(renderer, wanted), rows_of(renderer, replace(wanted, layout=lock))
        assert torch.equal(locked[0], kept[0])
        assert changed(free, locked) == [0]


def test_a_locked_layout_has_its_own_direction(renderer: Renderer) -> None:
    """Only what a direction does to row 0 counts."""
    turned = replace(recipe("b").text, directions=(Direction("", "x", "y", 1.0, 1),))
    rows = [
        rows_of(renderer, replace(recipe("a"), layout=LayoutLock(text)))
        for text in (recipe("b").text, turned)
    ]
    assert torch.equal(*rows)


# -- caches --------------------------------------------------------------------------------------

DRAWING = {"synthesis", "picture"}


@pytest.mark.parametrize(
    ("change", "stages"),
    [
        (lambda r: replace(r, psi=0.4), {"mapping", "mixing"}),
        (lambda r: replace(r, latent=LatentPart(5)), {"mapping", "mixing"}),
        (lambda r: replace(r, moves=(Move(amount=-1.0),)), {"mixing"}),
        (lambda r: replace(r, noise=NoisePart(blocks=(0.0, 1.0))), set()),
        (lambda r: replace(r, moves=(*r.moves, Move("style", 1, 1.0, 4))), set()),
        (lambda r: replace(r, layout=None), {"mixing"}),
        (
            lambda r: replace(r, text=replace(r.text, strength=0.5, neutral="snow")),
            {"text", "mapping", "mixing"},
        ),
    ],
)
def test_only_what_depends_on_a_word_is_computed_again(
    renderer: Renderer, change: Callable[[Recipe], Recipe], stages: set[str]
) -> None:
    start = replace(
        sources(MixSource(9, (), "b", MixTrack((0.5,)), MixTrack((0.5,)))),
        layout=LayoutLock(recipe("snow").text),
        moves=(Move(amount=1.0),),
    )
    renderer.render(start)
    assert worked(renderer.render(change(start))) == stages | DRAWING
    assert worked(renderer.render(start)) == set()


# -- words that are not known --------------------------------------------------------------------


def telling(loader: CountingLoader) -> Renderer:
    """A renderer whose models' text towers know "house" and "red"."""

    def make(name: str) -> Generator:
        model = tiny_model(len(name))
        model.text = WordTower(TOWER, "told", KnownWords(("red house",), (), (("sofa", ("red",)),)))
        return model

    loader.make = make
    return Renderer("cpu", load=loader)


EVERYWHERE = {
    "prompt": TextPart((Prompt("a red house"), Prompt("Sofa", 0.0))),
    "pad": TextPart((Prompt(), Prompt(), Prompt("sofa"), Prompt("red")), pad=Pad(1.0, 0.0)),
    "neutral": TextPart(neutral="the sofa", strength=0.5),
    "towards": TextPart(directions=(Direction("", "red sofa", "red"),)),
    "away from": TextPart(directions=(Direction("", "red", "red sofa", 1.0),)),
}


@pytest.mark.parametrize("text", EVERYWHERE.values(), ids=EVERYWHERE)
def test_a_frame_tells_unknown_words_wherever_they_are_written(
    loader: CountingLoader, text: TextPart
) -> None:
    renderer = telling(loader)
    assert dict(renderer.render(Recipe(text=text)).unknown)["sofa"] == ("red",)
    mixed = replace(sources(MixSource(prompt="sofa")), layout=LayoutLock(text))
    assert dict(renderer.render(mixed).unknown)["sofa"] == ("red",)


def test_another_tower_tells_what_it_knows_itself(loader: CountingLoader) -> None:
    renderer = telling(loader)
    renderer.keep_tower("other", tiny_tower())
    frame = renderer.render(replace(recipe("a sofa"), model=ModelRef("demo", tower="other")))
    assert frame.error is None
    assert frame.unknown == ()
    assert dict(renderer.render(recipe("sofa")).unknown) == {"sofa": ("red",)}


def test_what_is_told_of_very_many_texts_is_bounded(loader: CountingLoader) -> None:
    many = tuple(Prompt(f"w{i} x{i} y{i}", 0.0) for i in range(300))
    assert (
        len(telling(loader).render(Recipe(text=TextPart(many))).unknown) == text_stage.UNKNOWN_TOLD
    )
