"""Every value has an address; what is set is what is read; what does not fit is refused."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.parameters.kinds import Choice, Number, ParameterError, Switch, Text, Whole
from renderer.parameters.parameter import Parameter
from renderer.parameters.parameters import Parameters, parameters_of
from renderer.recipe.recipe import (
    WILD,
    Bend,
    Direction,
    LayoutLock,
    MixingPart,
    MixSource,
    Move,
    Pad,
    Prompt,
    Recipe,
    TextPart,
    check,
)
from tests.visualizer.fake import MODEL

RICH = Recipe(
    text=TextPart(
        (Prompt("a house"), Prompt("a boat", 0.5)),
        directions=(Direction("At Night!", "night", "noon", 0.5), Direction("", "snow", "sun")),
    ),
    moves=(Move("mapped", 2, 1.5), Move("style", 0, -1.0, 3)),
    mixing=MixingPart((MixSource(5), MixSource(6, prompt="neon"))),
    bends=(Bend("b8.input", "shift", 0.1), Bend("b16.conv0", "noise", 1.0, seed=3)),
    layout=LayoutLock(),
)
KNOWN = parameters_of(RICH, MODEL)
ODD: tuple[Any, ...] = (
    *(math.nan, math.inf, -math.inf, 1e300, -1e300, 10**400, -1, 2**63, 0.5),
    *(True, False, None, "", "nan", "\ud800", "x" * 100_001, b"bytes", [1.0], (1, 2), {}, object()),
)


def values_of(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Values that a parameter takes."""
    kind = parameter.kind
    nothing = st.none() if getattr(kind, "optional", False) else st.nothing()
    if isinstance(kind, Number):
        return st.floats(*kind.limits) | nothing
    if isinstance(kind, Whole):
        return st.integers(*kind.limits) | nothing
    if isinstance(kind, Choice):
        return st.sampled_from(kind.options)
    if isinstance(kind, Switch):
        return st.booleans()
    assert isinstance(kind, Text)
    if parameter.address == "/canvas/form":
        return st.sampled_from(["1:1", "16:9", "1.25x1.5"])
    if parameter.name == "Channels":
        return st.sampled_from(["all", "7", "0..3, 8../2"])
    return st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)


@given(st.data())
def test_what_is_set_is_what_is_read(data: st.DataObject) -> None:
    parameter = data.draw(st.sampled_from(list(KNOWN)))
    value = data.draw(values_of(parameter))
    recipe = parameter.set(RICH, value)
    assert parameter.read(recipe) == value
    check(recipe)
    others = {item.address for item, _ in KNOWN.changed(RICH, recipe)}
    assert others <= {parameter.address, *also_changed(parameter.address)}


def also_changed(address: str) -> tuple[str, ...]:
    """What else changes with a value: a place on the pad turns the pad on, and the blend of all
    parts is that of each; another kind of bend has other amounts, and a canvas has a form."""
    if address.startswith("/blend/"):
        return tuple(item.address for item in KNOWN if item.address.startswith("/blend/"))
    if address.startswith("/canvas/"):
        return tuple(item.address for item in KNOWN if item.address.startswith("/canvas/"))
    if address.startswith("/bend/") and address.endswith("/kind"):
        at = address.removesuffix("kind")
        return tuple(item.address for item in KNOWN if item.address.startswith(at))
    part, _, axis = address.rpartition("/")
    return (f"{part}/on",) if part.endswith("/pad") and axis in "xy" else ()


@given(st.data())
def test_knobs_reach_only_what_is_taken(data: st.DataObject) -> None:
    parameter = data.draw(st.sampled_from([p for p in KNOWN if not isinstance(p.kind, Text)]))
    share = data.draw(st.floats(-0.5, 1.5))
    value = parameter.kind.at(share)
    assert parameter.read(parameter.set(RICH, value)) == value


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:20])
def test_odd_values_never_harm(value: Any) -> None:
    for parameter in KNOWN:
        outcome = KNOWN.set(RICH, parameter.address, value)
        if outcome.refusal:
            assert outcome.recipe == RICH
            assert outcome.refusal.endswith(".")
        else:
            check(outcome.recipe)


def test_every_parameter_starts_at_its_default() -> None:
    for parameter in parameters_of(Recipe(), MODEL):
        assert parameter.read(Recipe()) == parameter.default
        assert parameter.label and parameter.text.endswith(".")


def test_putting_the_default_back_gives_the_recipe_back() -> None:
    plain = parameters_of(Recipe(), MODEL)
    for address, value in (
        ("/psi", 0.4),
        ("/psi/block/32", 0.4),
        ("/noise/strength/64", 0.0),
        ("/move/mapped/7", 2.0),
        ("/layout/lock", True),
        ("/text/pad/on", True),
    ):
        changed = plain.set(Recipe(), address, value).recipe
        assert changed != Recipe()
        default = plain.parameter(address).default
        assert plain.set(changed, address, default).recipe == Recipe()


def test_the_addresses_that_controllers_are_told_of() -> None:
    found = {
        "/psi": 1.0,
        "/text/prompt/1": "a house",
        "/text/weight/2": 0.5,
        "/text/strength": 1.0,
        "/text/direction/1": 0.5,
        "/text/direction/at-night!": 0.5,
        "/text/direction/at-night!/plus": "night",
        "/latent/seed": 0,
        "/latent/x": 0.0,
        "/latent/position": 0.0,
        "/noise/mode": "const",
        "/mixing/1/seed": 5,
        "/mixing/2/prompt": "neon",
        "/mixing/1/latent/32": 0.0,
        "/mixing/1/latent/row/5": None,
        "/transform/rotate": 0.0,
        "/move/mapped/3": 1.5,
        "/move/style/3/1": -1.0,
        "/layout/lock": True,
        "/layout/text/prompt/1": "",
        "/layout/latent/seed": 0,
    }
    assert {address: KNOWN.parameter(address).read(RICH) for address in found} == found


def test_the_row_after_the_last_adds_one() -> None:
    recipe = KNOWN.set(RICH, "/text/prompt/3", "a tree").recipe
    assert recipe.text.prompts[2] == Prompt("a tree")
    recipe = KNOWN.set(RICH, "/mixing/3/latent/8", 1.0).recipe
    assert recipe.mixing.sources[2].latent.weights == (1.0,)
    assert KNOWN.set(RICH, "/text/prompt/4", "a tree").refusal.startswith("There is no parameter")


def test_the_pad_is_turned_on_by_its_place_and_off_by_its_switch() -> None:
    recipe = KNOWN.set(RICH, "/text/pad/x", 0.25).recipe
    assert recipe.text.pad == Pad(0.25, 0.5)
    assert KNOWN.set(recipe, "/text/pad/on", True).recipe == recipe
    assert KNOWN.set(recipe, "/text/pad/on", 0).recipe == RICH


def test_a_single_row_follows_its_block_again() -> None:
    recipe = KNOWN.set(RICH, "/mixing/1/text/row/4", 0.7).recipe
    assert recipe.mixing.sources[0].text.rows == ((4, 0.7),)
    assert KNOWN.set(recipe, "/mixing/1/text/row/4", None).recipe == RICH


def test_moves_end_at_their_most() -> None:
    full = Recipe(moves=tuple(Move("style", index, 1.0) for index in range(256)))
    refusal = KNOWN.set(full, "/move/mapped/1", 1.0).refusal
    assert "at most 256" in refusal


def test_values_beyond_the_knob_are_taken_up_to_the_limits() -> None:
    assert KNOWN.set(RICH, "/psi", 7).recipe.psi == 7.0
    assert "/psi takes" in KNOWN.set(RICH, "/psi", WILD * 1.01).refusal
    assert KNOWN.set(RICH, "/latent/seed", 3.0).recipe.latent.seed == 3
    assert KNOWN.set(RICH, "/latent/seed", 2**63 - 1).recipe.latent.seed == 2**63 - 1
    assert "whole" in KNOWN.set(RICH, "/latent/seed", 2.5).refusal
    assert KNOWN.set(RICH, "/noise/mode", 1.0).recipe.noise.mode == "random"


def test_a_model_that_is_not_there_has_no_blocks() -> None:
    addresses = {parameter.address for parameter in parameters_of(Recipe(), None)}
    assert "/psi" in addresses
    assert not [address for address in addresses if address.startswith(("/psi/block/", "/move/"))]


@pytest.mark.parametrize(
    ("pattern", "addresses"),
    [
        ("/psi/block/*", ["/psi/block/8", "/psi/block/16", "/psi/block/32", "/psi/block/64"]),
        ("/psi/block/??", ["/psi/block/16", "/psi/block/32", "/psi/block/64"]),
        ("/transform/[x-y]", ["/transform/x", "/transform/y"]),
        ("/text/weight/[!13]", ["/text/weight/2"]),
        ("/{un,re}do", ["/undo", "/redo"]),
        ("/noise/{seed,mode}", ["/noise/mode", "/noise/seed"]),
        ("/psi", ["/psi"]),
        ("/nothing", []),
        ("/psi/block/[z-a]", []),
        ("/psi/block/[", []),
        ("*" * 500, []),
        ("/*a*a*a*a*a*a*a*b", []),
    ],
)
def test_osc_patterns_find_what_they_mean(pattern: str, addresses: list[str]) -> None:
    assert [item.address for item in KNOWN.matching(pattern)] == addresses


@pytest.mark.slow
@given(st.text(max_size=60) | st.text("/*?[]{},!-ab^\\&~|", max_size=60))
def test_no_pattern_does_harm(pattern: str) -> None:
    assert isinstance(KNOWN.matching(pattern), tuple)


def test_parameters_are_found_again_for_the_same_shape() -> None:
    assert parameters_of(RICH, MODEL) is parameters_of(RICH, MODEL)
    assert parameters_of(Recipe(psi=0.3), MODEL) is parameters_of(Recipe(), MODEL)


def test_a_parameter_raises_where_the_list_answers() -> None:
    known = Parameters(KNOWN)
    with pytest.raises(ParameterError, match="/psi takes a number"):
        known.parameter("/psi").set(RICH, "half")
    with pytest.raises(ParameterError, match="no parameter"):
        known.parameter("/psi/block/7")
