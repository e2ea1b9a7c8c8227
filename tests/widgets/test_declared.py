"""A parameter is declared once: nobody else says its range, and what is declared is true."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from renderer.parameters.component_steps import step_along
from renderer.parameters.kinds import Number, Whole
from renderer.parameters.parameters import EXAMPLE, declared, parameters_of
from renderer.parameters.registry import noise_of_block, psi_of_block
from renderer.recipe.recipe import MAX_MOVES, Move, Pad, Recipe, TextPart
from tests.source_tree import ROOT
from tests.visualizer.fake import MODEL
from widgets.controls.slider import Slider

MAKERS = {"Slider", "SeedField", "Number", "Whole", "FloatRange", "IntRange"}
"""What a range is given to."""
FOLDERS = ("widgets", "visualizer/options")
HOMES = {"widgets/controls/slider.py", "visualizer/options/metric_options.py"}
"""The second has the options of measuring, which are no parameters of a picture."""
SLIDERS = (
    *("/psi", "/text/strength", "/text/weight/1", "/text/direction/1", "/latent/position"),
    *("/noise/strength", "/transform/rotate", "/transform/x", "/transform/y", "/transform/zoom"),
)


def literal_ranges(tree: ast.AST) -> Iterator[int]:
    """The lines in which a slider or an option is given numbers of its own."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if name in MAKERS and any(map(_is_number, given)):
            yield node.lineno


def _is_number(node: ast.expr) -> bool:
    return any(
        isinstance(part, ast.Constant)
        and isinstance(part.value, int | float)
        and not isinstance(part.value, bool)
        for part in ast.walk(node)
    )


def test_no_panel_and_no_option_says_a_range() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if str(path.relative_to(ROOT)) not in HOMES
        for line in literal_ranges(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "Slider('Psi', 1.0, -1.0, 2.0, 'text')",
        "Slider(name, default, low=LOW, high=HIGH, limits=(-1.0, 2.0))",
        "click.IntRange(0, MAX_SEED)",
        "SeedField('Seed', 0, 'text')",
    ],
)
def test_the_check_finds_a_range(text: str) -> None:
    assert [*literal_ranges(ast.parse(text))] == [1]


@pytest.mark.parametrize("address", SLIDERS)
def test_knob_and_slider_have_the_same_ends(address: str) -> None:
    parameter = declared(address)
    slider, kind = Slider.of(address), parameter.kind
    assert isinstance(kind, Number | Whole)
    assert (slider.low, slider.high) == (kind.at(0.0), kind.at(1.0))
    assert (slider.default, slider.text) == (parameter.default, parameter.text)
    low, high = slider.reach
    assert kind.limits[0] <= low <= slider.low < slider.high <= high <= kind.limits[1]


def test_the_slider_of_a_block_is_that_of_its_address() -> None:
    known = parameters_of(Recipe(), MODEL)
    for index, size in enumerate(MODEL.blocks):
        for one in (psi_of_block(index, size), noise_of_block(index, size)):
            assert known.parameter(one.address) == one
    assert known.parameter("/move/mapped/3") is step_along(Move("mapped", 2), MODEL.blocks)
    assert Slider.of(psi_of_block(0, 8), 0.7).default == 0.7


def test_the_ends_of_text_strength_are_the_sliders_and_truncation_leaves_the_words_alone() -> None:
    strength = declared("/text/strength")
    assert strength.kind.at(0.0) == -0.5
    assert "latent and text together" not in strength.text
    assert "text is not truncated" in declared("/psi").text


def test_what_has_no_effect_says_why() -> None:
    wordless = dataclasses.replace(MODEL, c_dim=0)
    assert "without text" in declared("/text/strength").reason(EXAMPLE, wordless)
    assert declared("/text/strength").reason(EXAMPLE, MODEL) == ""
    assert declared("/text/strength").reason(EXAMPLE, None) == ""
    padded = replace(EXAMPLE, text=TextPart(pad=Pad()))
    assert "pad" in declared("/text/weight/1").reason(padded, MODEL)
    for mode, seed, strength in (
        ("const", True, False),
        ("random", False, False),
        ("none", True, True),
    ):
        recipe = declared("/noise/mode").put(Recipe(), mode)
        assert bool(declared("/noise/seed").reason(recipe, MODEL)) == seed
        assert bool(declared("/noise/strength").reason(recipe, MODEL)) == strength
    full = Recipe(moves=tuple(Move("style", index, 1.0) for index in range(MAX_MOVES)))
    assert "at most 256" in step_along(Move(), MODEL.blocks).reason(full, MODEL)
    assert step_along(Move("style", 3), MODEL.blocks).reason(full, MODEL) == ""
    assert "No model" in psi_of_block(0, 8).reason(EXAMPLE, None)


def test_what_a_kind_of_model_lacks_is_told_at_its_parameters() -> None:
    plain = dataclasses.replace(MODEL, has_noise=False, has_transform=False)
    for address in ("/noise/mode", "/noise/seed", "/noise/strength"):
        assert "without noise" in declared(address).reason(Recipe(), plain)
    assert "without noise" in noise_of_block(0, 8).reason(Recipe(), plain)
    for address in ("/transform/rotate", "/transform/x", "/transform/y", "/transform/zoom"):
        assert "cannot be moved" in declared(address).reason(Recipe(), plain)
        assert declared(address).reason(Recipe(), MODEL) == ""


def test_values_of_blocks_are_written_as_briefly_as_can_be() -> None:
    def psi(own: tuple[float | None, ...], index: int, value: float | None) -> object:
        return psi_of_block(index, 8).put(Recipe(psi_blocks=own), value).psi_blocks

    assert psi((), 2, 0.5) == (None, None, 0.5)
    assert psi((None, 0.5), 1, None) == ()
    assert psi((0.1, 0.2, 0.3), 1, None) == (0.1, None, 0.3)
    noise = noise_of_block(1, 16).put(Recipe(), 0.5)
    assert noise.noise.blocks == (1.0, 0.5)
    assert noise_of_block(1, 16).put(noise, 1.0) == Recipe()
