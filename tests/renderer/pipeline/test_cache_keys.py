"""Cache keys: equal where a recipe's words have no effect, else not."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from renderer.frame.frame import ModelInfo
from renderer.models.info import describe
from renderer.pipeline import cache_keys
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import (
    Bend,
    Canvas,
    Direction,
    LatentPart,
    LayoutLock,
    MixingPart,
    MixSource,
    MixTrack,
    Morph,
    Move,
    NoisePart,
    Pad,
    Prompt,
    Recipe,
    TextPart,
)
from tests.renderer.fakes import CountingLoader, recipe, tiny_model

INFO = describe(tiny_model(), "tiny")
"""Two blocks: rows 0 to 2 and 3 to 6."""
NO_TEXT = describe(tiny_model(text=False), "tiny")
FOUR = TextPart(tuple(Prompt(text) for text in "abcd"))


def whole_key(wanted: Recipe, info: ModelInfo = INFO) -> Hashable:
    return cache_keys.w_key(wanted, info), cache_keys.drawing_key(wanted, info)


def direction(**words: Any) -> Recipe:
    return replace(recipe(), text=TextPart((Prompt("a"),), directions=(Direction(**words),)))


BLUR, SHIFT = Bend("b8.input", "blur", 0.1), Bend("b16.conv0", "shift", 0.0, 0.1)


def bent(*bends: Bend) -> Recipe:
    return replace(recipe(), bends=bends)


def sources(*each: MixSource, normalize: bool = True) -> Recipe:
    text = replace(recipe().text, normalize=normalize)
    return replace(recipe(), text=text, mixing=MixingPart(each))


def latent(**words: Any) -> Recipe:
    return replace(recipe(), latent=LatentPart(**words))


LAYOUT = LayoutLock(psi=0.5)
SAME: dict[str, tuple[Recipe, Recipe]] = {
    "a goal that nobody walks to": (latent(), latent(target_seed=9, target_values=(1.0,))),
    "the kind of a walk that is none": (latent(), latent(blend="lerp")),
    "a morph that is not begun": (latent(), latent(morph=Morph(LatentPart(8), 0.0))),
    "a goal that is written out": (
        latent(position=0.5, target_values=(1.0,)),
        latent(position=0.5, target_values=(1.0,), target_seed=9),
    ),
    "a seed that is written out": (latent(values=(1.0,)), latent(seed=4, x=0.5, values=(1.0,))),
    "a prompt of weight 0": (
        replace(recipe(), text=TextPart((Prompt("a"),))),
        replace(recipe(), text=TextPart((Prompt("a"), Prompt("b", 0.0)))),
    ),
    "weights under a pad": (
        replace(recipe(), text=replace(FOUR, pad=Pad(0.5, 0.5))),
        replace(recipe(), text=TextPart(tuple(Prompt(t, 9.0) for t in "abcd"), pad=Pad(0.5, 0.5))),
    ),
    "a neutral prompt at full strength": (
        recipe(),
        replace(recipe(), text=replace(recipe().text, neutral="x")),
    ),
    "a direction of amount 0": (direction(), direction(plus="x", minus="y")),
    "a direction to where it is": (direction(), direction(plus="x", minus="x", amount=1.0)),
    "a direction beyond the rows": (direction(), direction(plus="x", amount=1.0, start=7)),
    "a direction's name": (
        direction(plus="x", amount=1.0),
        direction(plus="x", amount=1.0, name="warmth"),
    ),
    "a direction's rows beyond the last": (
        direction(plus="x", amount=1.0),
        direction(plus="x", amount=1.0, stop=500),
    ),
    "truncations that are the picture's": (
        recipe(psi=0.5),
        replace(recipe(psi=0.5), psi_blocks=(None, 0.5)),
    ),
    "truncations beyond the blocks": (recipe(), replace(recipe(), psi_blocks=(None, None, 0.3))),
    "the picture's truncation under those of blocks": (
        replace(recipe(psi=0.1), psi_blocks=(0.5, 0.6)),
        replace(recipe(psi=0.2), psi_blocks=(0.5, 0.6)),
    ),
    "a cutoff beyond the rows": (recipe(psi=0.5), replace(recipe(psi=0.5), psi_cutoff=99)),
    "a cutoff without truncation": (recipe(), replace(recipe(), psi_cutoff=2)),
    "means without truncation": (recipe(), replace(recipe(), psi_towards="nearest")),
    "a source that nothing is taken from": (recipe(), sources(MixSource(5, prompt="x"))),
    "a source for other rows": (
        recipe(),
        sources(MixSource(latent=MixTrack((0.0, 0.0, 1.0), ((99, 1.0),)))),
    ),
    "a seed under a text source": (
        sources(MixSource(5, prompt="x", text=MixTrack((1.0,)))),
        sources(MixSource(6, prompt="x", text=MixTrack((1.0,)))),
    ),
    "a prompt over a latent source": (
        sources(MixSource(5, prompt="x", latent=MixTrack((1.0,)))),
        sources(MixSource(5, prompt="y", latent=MixTrack((1.0,)))),
    ),
    "rows that go with their block": (
        sources(MixSource(5, latent=MixTrack((1.0,)))),
        sources(MixSource(5, latent=MixTrack((0.0,), ((0, 1.0), (1, 1.0), (2, 1.0))))),
    ),
    "a style beyond the rows": (recipe(), replace(recipe(), moves=(Move("style", 3, 1.0, 7),))),
    "the seed of stored noise": (recipe(), replace(recipe(), noise=NoisePart(seed=5))),
    "the strength of no noise": (
        replace(recipe(), noise=NoisePart("none")),
        replace(recipe(), noise=NoisePart("none", 3, 0.5, (2.0,))),
    ),
    "strength 0 and no noise": (
        replace(recipe(), noise=NoisePart("none")),
        replace(recipe(), noise=NoisePart("random", blocks=(0.0, 0.0))),
    ),
    "a canvas of less than a cell": (recipe(), replace(recipe(), canvas=Canvas(1.05, 1.0))),
    "a bend of nothing": (recipe(), bent(Bend("b8.input", "blur", 0.0))),
    "a bend that is off": (recipe(), bent(Bend("b8.input", "blur", 0.1, on=False))),
    "a bend of another model's layer": (recipe(), bent(Bend("L3_52_512", "blur", 0.1))),
    "the order of bends of two layers": (bent(BLUR, SHIFT), bent(SHIFT, BLUR)),
    "noise beyond the blocks": (recipe(), replace(recipe(), noise=NoisePart(blocks=(1, 1, 0)))),
}


@pytest.mark.parametrize("name", SAME)
def test_what_has_no_effect_is_not_in_the_key(name: str) -> None:
    a, b = SAME[name]
    assert a != b
    assert whole_key(a) == whole_key(b)
    hash(whole_key(a))


CHANGES: dict[str, Callable[[Recipe], Recipe]] = {
    "x": lambda r: replace(r, latent=LatentPart(x=0.25)),
    "y": lambda r: replace(r, latent=LatentPart(y=0.25)),
    "three values": lambda r: replace(r, latent=LatentPart(values=(0.0, 0.0, 0.0))),
    "walk": lambda r: replace(r, latent=LatentPart(position=0.5)),
    "straight walk": lambda r: replace(r, latent=LatentPart(position=0.5, blend="lerp")),
    "target": lambda r: replace(r, latent=LatentPart(position=0.5, target_seed=4)),
    "target values": lambda r: replace(r, latent=LatentPart(position=0.5, target_values=(1.0,))),
    "morph": lambda r: replace(r, latent=LatentPart(morph=Morph(LatentPart(1), 0.5))),
    "further morph": lambda r: replace(r, latent=LatentPart(morph=Morph(LatentPart(1), 0.6))),
    "other morph": lambda r: replace(r, latent=LatentPart(morph=Morph(LatentPart(2), 0.5))),
    "pad": lambda r: replace(r, text=replace(FOUR, pad=Pad())),
    "elsewhere on the pad": lambda r: replace(r, text=replace(FOUR, pad=Pad(0.25, 0.5))),
    "strength": lambda r: replace(r, text=replace(r.text, strength=0.5)),
    "neutral": lambda r: replace(r, text=replace(r.text, strength=0.5, neutral="x")),
    "direction": lambda r: direction(plus="x", amount=1.0),
    "other way": lambda r: direction(minus="x", amount=1.0),
    "longer way": lambda r: direction(plus="x", amount=2.0),
    "some rows": lambda r: direction(plus="x", amount=1.0, start=2),
    "some other rows": lambda r: direction(plus="x", amount=1.0, stop=2),
    "psi of a block": lambda r: replace(r, psi_blocks=(0.5,)),
    "psi of another": lambda r: replace(r, psi_blocks=(None, 0.5)),
    "cutoff": lambda r: replace(r, psi=0.5, psi_cutoff=2),
    "means": lambda r: replace(r, psi=0.5, psi_towards="nearest"),
    "means of a kept layout": lambda r: replace(r, layout=LAYOUT, psi_towards="nearest"),
    "latent source": lambda r: sources(MixSource(latent=MixTrack((1.0,)))),
    "text source": lambda r: sources(MixSource(text=MixTrack((1.0,)))),
    "text source, raw": lambda r: sources(MixSource(text=MixTrack((1.0,))), normalize=False),
    "written source": lambda r: sources(MixSource(values=(1.0,), latent=MixTrack((1.0,)))),
    "one row": lambda r: sources(MixSource(latent=MixTrack((), ((2, 1.0),)))),
    "two sources": lambda r: sources(*[MixSource(latent=MixTrack((1.0,)))] * 2),
    "move": lambda r: replace(r, moves=(Move(amount=1.0),)),
    "other component": lambda r: replace(r, moves=(Move(component=1, amount=1.0),)),
    "style": lambda r: replace(r, moves=(Move("style", amount=1.0),)),
    "style of a row": lambda r: replace(r, moves=(Move("style", amount=1.0, row=1),)),
    "noise of a block": lambda r: replace(r, noise=NoisePart(blocks=(0.5,))),
    "noise of another": lambda r: replace(r, noise=NoisePart(blocks=(1.0, 0.5))),
    "canvas": lambda r: replace(r, canvas=Canvas(1.75, 1.0)),
    "upright canvas": lambda r: replace(r, canvas=Canvas(1.0, 1.75)),
    "bend": lambda r: bent(BLUR),
    "more of a bend": lambda r: bent(replace(BLUR, amount=0.2)),
    "bend of some channels": lambda r: bent(replace(BLUR, channels=((0, 1, 1),))),
    "bend of another layer": lambda r: bent(replace(BLUR, layer="b16.torgb")),
    "upward": lambda r: bent(SHIFT),
    "noise in a layer": lambda r: bent(Bend("b8.input", "noise", 1.0)),
    "other noise in a layer": lambda r: bent(Bend("b8.input", "noise", 1.0, seed=2)),
    "two bends": lambda r: bent(Bend("b8.input", "bias", 1.0), Bend("b8.input", "gain", 2.0)),
    "two bends, turned": lambda r: bent(
        Bend("b8.input", "gain", 2.0), Bend("b8.input", "bias", 1.0)
    ),
    "layout": lambda r: replace(r, layout=LayoutLock()),
    "layout's text": lambda r: replace(r, layout=LayoutLock(text=TextPart((Prompt("x"),)))),
    "layout's latent": lambda r: replace(r, layout=LayoutLock(latent=LatentPart(5))),
    "layout's psi": lambda r: replace(r, layout=LayoutLock(psi=0.5)),
}


def test_every_word_is_in_the_key() -> None:
    seen = {whole_key(recipe()): "as it is"}
    for name, change in CHANGES.items():
        key = whole_key(change(recipe()))
        assert key not in seen, f"{name} is the same as {seen.get(key)}"
        seen[key] = name


def test_a_model_without_text_has_no_text_in_its_keys() -> None:
    loud = replace(
        sources(MixSource(prompt="x", text=MixTrack((1.0, 1.0)))),
        text=TextPart((Prompt("a"), Prompt("b", 2.0)), "slerp", pad=Pad(), strength=0.5),
    )
    assert whole_key(loud, NO_TEXT) == whole_key(recipe(), NO_TEXT)
    assert whole_key(loud) != whole_key(recipe())


def test_rows_may_leave_their_block() -> None:
    track = MixTrack((0.5, -1.0, 9.0), ((1, 0.0), (6, 2.0), (99, 1.0)))
    assert cache_keys.row_weights(track, INFO) == (0.5, 0.0, 0.5, -1.0, -1.0, -1.0, 2.0)
    blocks = [
        block for block, (start, stop) in enumerate(INFO.rows_of_block) for _ in range(start, stop)
    ]
    blocks += [len(INFO.rows_of_block) - 1] * (INFO.num_ws - len(blocks))
    assert cache_keys.row_weights(track, INFO) == tuple(
        track.of_row(row, block) for row, block in enumerate(blocks)
    )


# -- any recipe ----------------------------------------------------------------------------------

AMOUNTS = st.sampled_from([0.0, 0.5, 1.0, -1.0])
WORDS = st.sampled_from(["", "a", "b"])
TRACKS = st.builds(
    MixTrack,
    st.lists(AMOUNTS, max_size=3).map(tuple),
    st.lists(st.tuples(st.integers(0, 8), AMOUNTS), max_size=2).map(tuple),
)
DIRECTIONS = st.builds(
    Direction, st.just(""), WORDS, WORDS, AMOUNTS, st.integers(0, 8), st.integers(0, 8) | st.none()
)
TEXTS = st.builds(
    TextPart,
    st.lists(st.builds(Prompt, WORDS, AMOUNTS), min_size=1, max_size=3).map(tuple),
    st.sampled_from(["lerp", "slerp"]),
    st.booleans(),
    st.none() | st.builds(Pad, st.sampled_from([0.0, 0.5]), st.sampled_from([0.0, 1.0])),
    AMOUNTS,
    WORDS,
    st.lists(DIRECTIONS, max_size=2).map(tuple),
)
VALUES = st.just(()) | AMOUNTS.map(lambda amount: (amount,) * INFO.z_dim)
LATENTS = st.builds(
    LatentPart,
    st.integers(0, 2),
    st.integers(0, 2),
    AMOUNTS,
    st.sampled_from(["slerp", "lerp"]),
    AMOUNTS,
    AMOUNTS,
    VALUES,
    VALUES,
    st.none() | st.builds(Morph, st.builds(LatentPart, st.integers(0, 2)), AMOUNTS),
)
MOVES = st.builds(
    Move, st.sampled_from(["mapped", "style"]), st.integers(0, 3), AMOUNTS, st.integers(0, 8)
)
RECIPES = st.builds(
    Recipe,
    text=TEXTS,
    latent=LATENTS,
    psi=AMOUNTS,
    psi_blocks=st.lists(AMOUNTS | st.none(), max_size=3).map(tuple),
    psi_cutoff=st.none() | st.integers(1, 7),
    psi_towards=st.sampled_from(["average", "nearest"]),
    moves=st.lists(MOVES, max_size=2).map(tuple),
    noise=st.builds(
        NoisePart,
        st.sampled_from(["const", "random", "none"]),
        st.integers(0, 2),
        AMOUNTS,
        st.lists(AMOUNTS, max_size=3).map(tuple),
    ),
    mixing=st.builds(
        MixingPart,
        st.lists(
            st.builds(MixSource, st.integers(0, 2), VALUES, WORDS, TRACKS, TRACKS), max_size=3
        ).map(tuple),
    ),
    layout=st.none() | st.builds(LayoutLock, TEXTS, LATENTS, AMOUNTS),
)
WARM = Renderer("cpu", load=CountingLoader())


@pytest.mark.slow
@settings(max_examples=60, deadline=None, derandomize=True)
@given(RECIPES)
def test_no_picture_depends_on_what_came_before(wanted: Recipe) -> None:
    """A key that lacked a word would give some earlier recipe's picture."""
    warm, fresh = WARM.render(wanted), Renderer("cpu", load=CountingLoader()).render(wanted)
    assert warm.error is None
    assert warm.image is not None
    assert fresh.image is not None
    assert torch.equal(warm.image, fresh.image)
    assert (warm.text_norm, warm.text_angle_deg) == (fresh.text_norm, fresh.text_angle_deg)
    assert warm.tokens == fresh.tokens
