"""What plays by itself stands on top of the document, which keeps what is set."""

from __future__ import annotations

import math

from renderer.parameters.bindings import Binding
from renderer.recipe.recipe import Recipe
from visualizer.control.modulation import Modulation
from widgets.controls.control_view import PlaySources

SET = Recipe(psi=0.6)


def played(binding: Binding, sent: float, recipe: Recipe = SET) -> Recipe:
    """The recipe with one source that plays."""
    modulation = Modulation()
    modulation.take(PlaySources({binding.source: sent}), (binding,), recipe, None)
    return modulation.applied(recipe, None)


def test_around_the_set_value_or_over_a_range_of_its_own() -> None:
    around = Binding("lfo/1", "/psi", -0.25, 0.25, around=True)
    assert played(around, 0.5) == SET
    assert played(around, 1.0).psi == 0.85
    assert played(around, 0.0).psi == 0.35
    assert played(Binding("lfo/1", "/psi", 0.0, 1.0), 0.25).psi == 0.25
    assert played(Binding("lfo/1", "/psi", 1.0, 0.0), 0.25).psi == 0.75


def test_whole_numbers_switches_and_choices_are_played_too() -> None:
    assert played(Binding("lfo/1", "/latent/seed", 0.0, 10.0), 0.46).latent.seed == 5
    assert played(Binding("lfo/1", "/noise/mode"), 0.9).noise.mode == "none"
    assert played(Binding("lfo/1", "/noise/mode", 1.0, 0.0), 0.9).noise.mode == "const"
    assert not played(Binding("lfo/1", "/text/normalize"), 0.1).text.normalize


def test_it_stays_within_limits_and_what_fits_nowhere_is_left_out() -> None:
    wild = Binding("audio/level", "/psi", 0.0, 1e6, around=True)
    recipe = played(wild, 1.0)
    assert math.isfinite(recipe.psi)
    for sent in (math.nan, math.inf):
        assert played(wild, sent) == SET
    assert played(Binding("lfo/1", "/text/prompt/1"), 0.5) == SET
    assert played(Binding("lfo/1", "/nowhere"), 0.5) == SET


def test_a_source_that_does_not_play_leaves_the_set_value() -> None:
    modulation = Modulation()
    bindings = (Binding("lfo/1", "/psi", 0.0, 1.0),)
    modulation.take(PlaySources({"lfo/1": 0.9}), bindings, SET, None)
    assert modulation.moves and modulation.applied(SET, None).psi == 0.9
    modulation.take(PlaySources({}), bindings, SET, None)
    assert not modulation.moves and modulation.applied(SET, None) is SET


def test_commands_come_on_the_beat_and_when_an_oscillator_rises() -> None:
    modulation = Modulation()
    bindings = (
        Binding("beat/4", "/random"),
        Binding("lfo/1", "/seed/next"),
        Binding("audio/level", "/speed", 1.0, 3.0),
    )
    steps = [
        (PlaySources({"beat/4": 0.5, "lfo/1": 0.9}), []),  # high from the start: no rise
        (PlaySources({"beat/4": 1.0, "lfo/1": 0.1}, ("beat/4",)), [("/random", True)]),
        (PlaySources({"beat/4": 0.9, "lfo/1": 0.6}), [("/seed/next", True)]),
        (PlaySources({"beat/4": 0.8, "lfo/1": 0.8}), []),
    ]
    for wish, due in steps:
        modulation.take(wish, bindings, SET, None)
        assert modulation.commands() == due
    modulation.take(PlaySources({"audio/level": 0.25}), bindings, SET, None)
    assert modulation.commands() == [("/speed", 1.5)]
    assert modulation.applied(SET, None) is SET
