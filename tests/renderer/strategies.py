"""Recipes, timelines and sheets of all kinds for property tests, with a few texts and seeds so that
things match."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import strategies as st

from renderer.recipe.contact_sheet import NAMES, Axis, Sheet
from renderer.recipe.recipe import (
    Bend,
    Canvas,
    Direction,
    LatentPart,
    LayoutLock,
    MixingPart,
    MixSource,
    MixTrack,
    ModelBlend,
    ModelRef,
    Morph,
    Move,
    NoisePart,
    Pad,
    Prompt,
    Recipe,
    TextPart,
    TransformPart,
    Vector,
    WeightedSeed,
)
from renderer.timeline.easing import Easing
from renderer.timeline.timeline import LOOPS, KeyFrame, Timeline
from stylegan_t.config import BendKind

WORDS = st.sampled_from(["", "a red house", "snow", "日本"])
SEEDS = st.sampled_from([0, 1, 7, 8, 1007, 2**63 - 1])
NUMBERS = st.one_of(st.sampled_from([0.0, 1.0, -1.0, 1e4, -1e4]), st.floats(-1e4, 1e4))
NONE = ModelBlend()
ZOOMS = st.floats(0.01, 100.0)
MODEST = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(-2.0, 2.0))


def tuples(items: st.SearchStrategy[Any], most: int = 4, least: int = 0) -> Any:
    """Tuples of `least` to `most` items."""
    return st.lists(items, min_size=least, max_size=most).map(tuple)


def recipes(
    numbers: st.SearchStrategy[float] = NUMBERS,
    weights: st.SearchStrategy[float] = NUMBERS,
    zooms: st.SearchStrategy[float] = ZOOMS,
) -> st.SearchStrategy[Recipe]:
    """Sound recipes in which any part may be set; `weights` are those of prompts."""
    share = st.floats(0.0, 1.0)
    tracks = st.builds(
        MixTrack,
        tuples(numbers),
        st.lists(st.integers(0, 5), unique=True, max_size=2).flatmap(
            lambda rows: st.tuples(*(st.tuples(st.just(row), numbers) for row in rows))
        ),
    )
    directions = st.builds(
        Direction, WORDS, WORDS, WORDS, numbers, st.integers(0, 2), st.none() | st.just(3)
    )
    texts = st.builds(
        TextPart,
        prompts=tuples(st.builds(Prompt, WORDS, weights), 6, 1),
        blend=st.sampled_from(["lerp", "slerp"]),
        normalize=st.booleans(),
        pad=st.none() | st.builds(Pad, share, share),
        strength=numbers,
        neutral=WORDS,
        directions=tuples(directions),
    )
    plain = st.builds(
        LatentPart,
        seed=SEEDS,
        target_seed=SEEDS,
        position=numbers,
        blend=st.sampled_from(["lerp", "slerp"]),
        x=numbers,
        y=numbers,
        values=st.sampled_from([(), (0.5, -1.0, 2.0, 0.1)]),
        target_values=st.sampled_from([(), (0.5, 1.0, -2.0, 0.3)]),
        seeds=st.just(())
        | st.lists(numbers, min_size=1, max_size=5).map(
            lambda weights: tuple(WeightedSeed(3 * i, weight) for i, weight in enumerate(weights))
        ),
        pad=st.none() | st.builds(Pad, share, share),
    )
    bare = st.builds(LatentPart, seed=SEEDS)
    walks = st.builds(LatentPart, seed=SEEDS, morph=st.builds(Morph, plain | bare, numbers))
    latents = st.one_of(bare, plain, walks)
    sources = st.builds(
        MixSource, SEEDS, st.sampled_from([(), (1.0, 2.0, 3.0, 4.0)]), WORDS, tracks, tracks
    )
    blends = st.builds(
        ModelBlend,
        st.sampled_from(["", "/models/b.pkl", "/models/c.pkl"]),
        mapping=numbers,
        weights=tuples(numbers),
    )
    return st.builds(
        Recipe,
        model=st.builds(
            ModelRef, st.sampled_from(["demo", "/models/a.pkl"]), blend=st.just(NONE) | blends
        ),
        text=texts,
        latent=latents,
        psi=numbers,
        psi_blocks=tuples(st.none() | numbers),
        psi_cutoff=st.sampled_from([None, 3]),
        psi_towards=st.sampled_from(["average", "nearest"]),
        moves=tuples(moves(numbers)),
        noise=st.builds(
            NoisePart,
            st.sampled_from(["const", "random", "none"]),
            SEEDS,
            numbers,
            tuples(numbers),
        ),
        mixing=st.builds(MixingPart, tuples(sources, 3)),
        transform=st.builds(TransformPart, numbers, numbers, numbers, zooms),
        layout=st.none() | st.builds(LayoutLock, texts, latents, numbers),
        canvas=st.sampled_from([Canvas(), Canvas(1.75, 1.0), Canvas(1.5, 2.5)]),
        bends=tuples(bends(numbers)),
        precision=st.sampled_from(["float32", "bfloat16"]),
    )


def moves(numbers: st.SearchStrategy[float]) -> st.SearchStrategy[Move]:
    """Steps along directions of all kinds."""
    return st.builds(
        Move,
        st.sampled_from(["mapped", "style", "weights", "block", "vector"]),
        st.integers(0, 2),
        numbers,
        st.just(1),
        st.sampled_from(["", "smile"]),
        st.sampled_from([Vector(1, b"\0\0\x80?"), Vector(2, b"\0\0\x80?\0\0\x80@")]),
    )


def bends(numbers: st.SearchStrategy[float]) -> st.SearchStrategy[Bend]:
    """Bends of all kinds, of a few layers and channels."""
    spans = st.sampled_from([(0, 3, 1), (5, 5, 1), (8, None, 2)])
    return st.builds(
        Bend,
        st.sampled_from(["b8.input", "b16.conv0"]),
        st.sampled_from(get_args(BendKind)),
        numbers,
        numbers,
        SEEDS,
        tuples(spans, 2),
        st.booleans(),
    )


def timelines(most: int = 4) -> st.SearchStrategy[Timeline]:
    """Sound timelines of up to `most` key frames of any recipes."""

    @st.composite
    def build(draw: st.DrawFn) -> Timeline:
        length_s = draw(st.floats(0.1, 3600.0))
        shares = draw(st.lists(st.integers(0, 1000), unique=True, max_size=most).map(sorted))
        keys = (
            KeyFrame(
                share / 1000 * length_s, draw(recipes()), draw(st.sampled_from(get_args(Easing)))
            )
            for share in shares
        )
        loop = draw(st.sampled_from(LOOPS))
        return Timeline(tuple(keys), length_s, draw(st.integers(1, 120)), loop)

    return build()


def sheets() -> st.SearchStrategy[Sheet]:
    """Sheets of any two axes that go together."""
    axes = st.builds(
        Axis,
        st.sampled_from([*NAMES]),
        st.integers(1, 5),
        SEEDS,
        NUMBERS,
        NUMBERS,
        tuples(WORDS),
        st.tuples(st.integers(0, 16), st.integers(0, 16)),
    )
    return st.builds(Sheet, axes, axes, st.booleans()).filter(
        lambda sheet: sheet.rows.kind in ("none", "mixing") or sheet.rows.kind != sheet.columns.kind
    )
