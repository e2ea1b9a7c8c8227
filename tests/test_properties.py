"""What is true of every value that the program keeps, and of every damage to what it has kept."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import msgspec
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Raw
from torch import Tensor

from renderer.files import latent_file
from renderer.files.latent_file import SavedLatent
from renderer.parameters.bindings import Binding
from renderer.pipeline import latents
from renderer.recipe import contact_sheet, seed_plane
from renderer.recipe.history import History, StoredHistory, Storing, from_stored
from renderer.recipe.recipe import (
    MAX_SEED,
    LatentPart,
    Recipe,
    RecipeError,
    check,
    from_json,
    to_json,
)
from renderer.timeline.serialization import timeline_from_json, timeline_to_json
from renderer.timeline.timeline import (
    Timeline,
    check_timeline,
    frame_count,
    frame_recipe,
    recipe_at,
)
from tests.fuzzing.json_damage import damaged, tokens
from tests.renderer import strategies
from visualizer.control import settings as control_settings
from visualizer.control.settings import ControlSettings
from visualizer.session import session_file
from visualizer.session.session_file import SessionError, SessionFile

quick = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
RECIPES = strategies.recipes()
SEEDS = st.integers(0, MAX_SEED)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


# -- what is kept comes back ---------------------------------------------------------------------


@quick
@given(RECIPES)
def test_any_recipe_comes_back(recipe: Recipe) -> None:
    check(recipe)
    again = from_json(to_json(recipe))
    assert again == recipe
    assert hash(again) == hash(recipe)
    assert to_json(again) == to_json(recipe)


@pytest.mark.slow
@quick
@given(strategies.timelines(3))
def test_any_timeline_comes_back(timeline: Timeline) -> None:
    check_timeline(timeline)
    assert timeline_from_json(timeline_to_json(timeline)) == timeline


@pytest.mark.slow
@quick
@given(RECIPES, st.dictionaries(TEXT, JSON, max_size=4))
def test_any_session_comes_back(recipe: Recipe, parts: dict[str, Any]) -> None:
    own = (session_file.VERSION_KEY, session_file.RECIPE_KEY)
    raw = {k: Raw(msgspec.json.encode(v)) for k, v in parts.items() if k not in own}
    again = session_file.decode(session_file.encode(SessionFile(recipe, raw)))
    assert again.recipe == recipe
    assert {k: bytes(v) for k, v in again.parts.items()} == {k: bytes(v) for k, v in raw.items()}


@pytest.mark.slow
@quick
@given(st.lists(RECIPES, max_size=6), st.lists(st.booleans(), min_size=6, max_size=6))
def test_any_history_comes_back(recipes: list[Recipe], stars: list[bool]) -> None:
    history = History()
    for recipe, star in zip(recipes, stars, strict=False):
        history.star(history.add(recipe, len(history.entries)).number, star)
    data = msgspec.json.encode(Storing().stored(history.entries))
    again = from_stored(msgspec.json.decode(data, type=StoredHistory))
    assert again == history.entries


@quick
@given(strategies.sheets(), RECIPES)
def test_any_sheet_comes_back_and_holds_sound_recipes(
    sheet: contact_sheet.Sheet, recipe: Recipe
) -> None:
    assert contact_sheet.from_json(contact_sheet.to_json(sheet)) == sheet
    rows, columns = contact_sheet.table_size(sheet, recipe)
    table = contact_sheet.table(sheet, recipe)
    assert (len(table), {len(line) for line in table}) == (rows, {columns})
    for line in table:
        for cell in line:
            if cell is not None:
                check(cell)


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
FINITE = st.floats(-1e4, 1e4)
BINDINGS = st.builds(Binding, NAMES, NAMES, FINITE, FINITE, FINITE, FINITE, st.booleans())


@quick
@given(settings=st.builds(ControlSettings, st.booleans(), bindings=strategies.tuples(BINDINGS)))
def test_any_control_settings_come_back(
    tmp_path_factory: pytest.TempPathFactory, settings: ControlSettings
) -> None:
    folder = tmp_path_factory.mktemp("control")
    control_settings.save(folder, settings)
    assert control_settings.load(folder) == (settings, "")


@quick
@given(NAMES, st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=64))
def test_any_latent_comes_back_bit_for_bit(name: str, values: list[float]) -> None:
    name = latent_file.plain_name(name) or "a latent"
    latent = SavedLatent(name, latent_file.shortened(values))
    again = latent_file.decode(latent_file.encode(latent), "it")
    assert again == latent
    assert torch.equal(torch.tensor(again.values), torch.tensor(values))


# -- what is damaged is refused, or sound --------------------------------------------------------


@pytest.mark.slow
@settings(quick, max_examples=100)
@given(RECIPES, st.integers(0, 2**32))
def test_a_damaged_recipe_is_refused_or_sound(recipe: Recipe, seed: int) -> None:
    try:
        again = from_json(damaged(tokens(to_json(recipe)), Random(seed)))
    except RecipeError as error:
        assert str(error).isprintable()
        return
    check(again)
    assert from_json(to_json(again)) == again


@quick
@given(st.binary(max_size=300))
def test_no_bytes_are_more_than_refused(data: bytes) -> None:
    with pytest.raises(RecipeError):
        from_json(data)
    with pytest.raises(SessionError):
        session_file.decode(data)


# -- moments of a timeline -----------------------------------------------------------------------


@pytest.mark.slow
@quick
@given(strategies.timelines(3), st.floats(-10.0, 4000.0), st.integers(-(10**6), 10**6))
def test_every_moment_of_any_timeline_is_sound(
    timeline: Timeline, time_s: float, frame: int
) -> None:
    if not timeline.keys:
        return
    check(recipe_at(timeline, time_s))
    for key in timeline.keys:
        assert recipe_at(timeline, key.time_s) is key.recipe
    assert frame_count(timeline) >= 1
    check(frame_recipe(timeline, frame))
    if timeline.loop != "once":
        assert frame_recipe(timeline, frame) == frame_recipe(
            timeline, frame + frame_count(timeline)
        )


# -- latents -------------------------------------------------------------------------------------


def norm(z: Tensor) -> float:
    """The length of one latent."""
    return float(z.double().norm())


@quick
@given(SEEDS, FINITE, FINITE, st.floats(-1e-5, 1e-5), st.floats(-1e-5, 1e-5))
def test_the_plane_has_no_cracks(seed: int, x: float, y: float, dx: float, dy: float) -> None:
    here, there = LatentPart(seed, x=x, y=y), LatentPart(seed, x=x + dx, y=y + dy)
    a, b = latents.plane_latent(here, 32), latents.plane_latent(there, 32)
    assert float((a - b).abs().max()) < 1e-3


@quick
@given(SEEDS, FINITE, FINITE)
def test_the_plane_keeps_the_norm_of_its_corners(seed: int, x: float, y: float) -> None:
    part = LatentPart(seed, x=x, y=y)
    around = [norm(latents.seed_latent(corner, 32)) for corner in seed_plane.corners(part)[0]]
    here = norm(latents.plane_latent(part, 32))
    assert min(around) * (1 - 1e-5) <= here <= max(around) * (1 + 1e-5)


@pytest.mark.slow
@quick
@given(SEEDS, st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_a_journey_ends_at_the_same_place_as_an_offset(seed: int, dx: float, dy: float) -> None:
    gone = seed_plane.travelled(LatentPart(seed), dx, dy)
    offset = LatentPart(seed, x=dx, y=dy)
    torch.testing.assert_close(
        latents.plane_latent(gone, 32), latents.plane_latent(offset, 32), atol=1e-4, rtol=0
    )


@pytest.mark.slow
@quick
@given(SEEDS, SEEDS, st.floats(-3.0, 4.0))
def test_the_norm_goes_from_one_end_of_an_arc_to_the_other(a: int, b: int, t: float) -> None:
    p, q = latents.seed_latent(a, 32), latents.seed_latent(b, 32)
    share = min(max(t, 0.0), 1.0)
    wanted = norm(p) ** (1 - share) * norm(q) ** share
    assert norm(latents.slerp(p, q, t)) == pytest.approx(wanted, rel=1e-5)
    back = latents.slerp(q, p, 1 - t)
    if math.isclose(share, t):  # beyond the ends the arc goes on in both directions alike
        torch.testing.assert_close(latents.slerp(p, q, t), back, atol=1e-4, rtol=0)


@quick
@given(RECIPES)
def test_the_latent_of_any_recipe_is_finite(recipe: Recipe) -> None:
    assert bool(latents.latent(recipe.latent, 4).isfinite().all())
