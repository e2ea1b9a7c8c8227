"""What signals come to: values, commands, and sentences for the rest."""

from __future__ import annotations

import random
from typing import Any

import pytest
from msgspec.structs import replace

from renderer.parameters.bindings import Binding
from renderer.parameters.component_steps import step_along
from renderer.parameters.parameters import declared, parameters_of
from renderer.parameters.registry import noise_of_block, psi_of_block
from renderer.recipe import mixing_tracks
from renderer.recipe.recipe import (
    MixingPart,
    MixSource,
    MixTrack,
    Move,
    Pad,
    Prompt,
    Recipe,
    TextPart,
    check,
    to_json,
)
from tests.visualizer.fake import MODEL
from visualizer.control.dispatch import MAX_COMMANDS, MAX_PATTERNS, MAX_REACHED, Dispatcher, Result
from visualizer.control.signal_queue import MAX_SIGNALS, Inbox, Signal
from widgets.mixing import matrix


def applied(*signals: Signal, bindings: tuple[Binding, ...] = ()) -> Result:
    return Dispatcher().apply(Recipe(), MODEL, signals, bindings)


def test_the_newest_value_counts_and_all_addresses_do() -> None:
    result = applied(Signal("/psi", (0.1,)), Signal("/noise/seed", (3,)), Signal("/psi", (0.2,)))
    assert (result.recipe.psi, result.recipe.noise.seed) == (0.2, 3)
    assert result.told == {"/noise/seed": 3, "/psi": 0.2}


def test_every_press_of_a_button_counts() -> None:
    result = applied(*[Signal("/undo")] * 3, Signal("/undo", (0,)), Signal("/redo", (True,)))
    assert [address for address, _ in result.commands] == ["/undo"] * 3 + ["/redo"]
    assert len(applied(*[Signal("/capture")] * 999).commands) == MAX_COMMANDS


def test_a_prompt_that_is_added_can_be_weighed_at_once() -> None:
    result = applied(
        Signal("/text/prompt/2", ("a boat",)),
        Signal("/text/weight/2", (0.5,)),
        Signal("/text/prompt/3", ("a tree",)),
    )
    assert result.recipe.text.prompts[1:] == (Prompt("a boat", 0.5), Prompt("a tree"))


def test_patterns_reach_several() -> None:
    result = applied(Signal("/psi/block/*", (0.5,)), Signal("/noise/{seed,strength}", (1,)))
    assert result.recipe.psi_blocks == (0.5,) * 4
    assert (result.recipe.noise.seed, result.recipe.noise.strength) == (1, 1.0)


def test_nil_and_reset_bring_defaults_back() -> None:
    result = applied(
        Signal("/psi/block/16", (0.5,)),
        Signal("/transform/rotate", (30,)),
        Signal("/transform/zoom", (2.0,)),
        Signal("/reset", ("/transform/*",)),
        Signal("/psi/block/16", (None,)),
    )
    assert result.recipe == Recipe()
    assert applied(Signal("/reset")).commands == [("/reset", True)]


def test_what_is_not_taken_is_said() -> None:
    assert applied(Signal("/psi", ("half",))).problem == "/psi takes a number."
    assert applied(Signal("/psi")).problem == "/psi takes a number."
    assert applied(Signal("/1/fader", (0.5,))).unknown == [Signal("/1/fader", (0.5,))]


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("/text/weight/*", 0.5),
        ("/text/prompt/*", "house"),
        ("/text/weight/[1-9]", 0.5),
        ("/mixing/*/seed", 3),
        ("/mixing/*/latent/8", 0.5),
        ("/mixing/{1,2}/text/row/*", 0.5),
        ("/text/pad/*", 0.25),
        ("/layout/*/*", 0.5),
        ("/reset", "/text/*/*"),
        ("/reset", "/mixing/*/*/*"),
        ("/reset", "/text/weight/2"),
        ("/reset", "/text/pad/x"),
    ],
)
def test_only_an_exact_address_adds(source: str, value: float | str) -> None:
    """Five moves of one fader, one a redraw."""
    recipe, dispatcher = Recipe(), Dispatcher()
    for _ in range(5):
        recipe = dispatcher.apply(recipe, MODEL, [Signal(source, (value,))], ()).recipe
    assert (len(recipe.text.prompts), len(recipe.mixing.sources)) == (1, 0)
    assert (recipe.text.pad, recipe.layout) == (None, None)
    assert len(applied(Signal("/text/weight/2", (0.5,))).recipe.text.prompts) == 2
    assert len(applied(Signal("/mixing/1/seed", (3,))).recipe.mixing.sources) == 1
    assert applied(Signal("/text/pad/x", (0.25,))).recipe.text.pad == Pad(0.25, 0.5)


def test_of_extra_arguments_the_first_counts_and_a_slash_at_the_end_is_forgiven() -> None:
    result = applied(Signal("/psi/", (0.5, 1)), Signal("/noise/seed", (3, "label")))
    assert (result.recipe.psi, result.recipe.noise.seed, result.problem) == (0.5, 3, "")
    assert applied(Signal("/random", (1.0, "label"))).commands == [("/random", 1.0 > 0)]
    assert applied(Signal("/psi/block/*/", (0.5, 1))).recipe.psi_blocks == (0.5,) * 4
    assert applied(Signal("/reset/", ("/psi/", 1))).commands == []
    assert applied(Signal("/", (1.0,))).unknown == [Signal("/", (1.0,))]


def test_a_pad_takes_x_and_y_in_one_message() -> None:
    result = applied(Signal("/text/pad", (0.25, 0.75)), Signal("/transform", (0.5, -0.5)))
    assert result.recipe.text.pad == Pad(0.25, 0.75)
    assert (result.recipe.transform.x, result.recipe.transform.y) == (0.5, -0.5)
    assert result.told["/text/pad/y"] == 0.75
    assert applied(Signal("/text/pad", (0.5, "up"))).problem == "/text/pad/y takes a number."
    assert applied(Signal("/text/pad", (0.5,))).unknown == [Signal("/text/pad", (0.5,))]


LARGE = Recipe(
    text=TextPart(tuple(Prompt(f"word {number}", 0.5) for number in range(100))),
    mixing=MixingPart((MixSource(text=MixTrack((0.5,) * 4)),) * 60),
)
"""With thousands of addresses."""


@pytest.mark.slow
def test_a_redraw_does_a_piece_at_a_time_and_the_rest_waits() -> None:
    """However much one message reaches, there is a moment to stop after each value."""
    signals = [Signal("/reset", ("/*/*/*",)), Signal("/*/*/*/*", (0.25,)), Signal("/psi", (0.5,))]
    whole = Dispatcher().apply(LARGE, MODEL, signals, ())
    reached = list(parameters_of(LARGE, MODEL).changed(LARGE, whole.recipe))
    assert len(reached) > 500
    dispatcher, recipe, redraws = Dispatcher(), LARGE, 0
    while dispatcher.waits or signals:
        recipe = dispatcher.apply(recipe, MODEL, signals, (), lambda: True).recipe
        signals, redraws = [], redraws + 1
    assert recipe == whole.recipe
    assert redraws > len(reached)


def test_what_waits_does_not_bring_back_what_went_meanwhile() -> None:
    dispatcher = Dispatcher()
    dispatcher.apply(LARGE, MODEL, [Signal("/text/weight/*", (0.25,))], (), lambda: True)
    assert dispatcher.waits
    assert dispatcher.apply(Recipe(), MODEL, [], ()).recipe.text.prompts == (Prompt("", 0.25),)
    assert not dispatcher.waits


def test_what_is_too_much_is_left_out_and_told() -> None:
    patterns = [Signal(f"/psi/{{block,{number}}}/8", (0.5,)) for number in range(MAX_PATTERNS + 5)]
    result = applied(*patterns, Signal("/psi", (0.25,)))
    assert (result.left_out, result.recipe.psi) == (5, 0.25)
    assert result.problem == "Too many messages came in at once: 5 were dropped."
    flood = applied(*[Signal(f"/{number}", (0.5,)) for number in range(MAX_SIGNALS + 7)])
    assert flood.left_out == 7
    large = Dispatcher()
    sweeps = [Signal(f"/{{mixing,{number}}}/*/*/*", (0.5,)) for number in range(60)]
    result = large.apply(LARGE, MODEL, sweeps, ())
    assert result.left_out > 0
    assert large._reached <= MAX_REACHED


def test_bound_sources_move_what_they_are_bound_to() -> None:
    bindings = (
        Binding("/1/xy", "/transform/x", -1.0, 1.0),
        Binding("/1/xy#2", "/transform/y", -1.0, 1.0),
        Binding("midi/cc/1/1", "/psi", 0.0, 1.0),
        Binding("midi/cc/1/1", "/text/strength", 1.0, 0.0),
        Binding("midi/cc/1/2", "/gone", 0.0, 1.0),
    )
    result = applied(
        Signal("/1/xy", (0.75, 0.25)), Signal("midi/cc/1/1", (0.25,)), bindings=bindings
    )
    transform = result.recipe.transform
    assert (transform.x, transform.y) == (0.5, -0.5)
    assert (result.recipe.psi, result.recipe.text.strength) == (0.25, 0.75)
    assert result.told == {}  # a knob of another name wants to hear of it
    gone = applied(Signal("midi/cc/1/2", (1.0,)), bindings=bindings)
    assert gone.problem == "There is no /gone at the moment."


def test_steps_and_presses_between_two_redraws_all_count() -> None:
    steps = Binding("midi/cc/1/7", "/latent/seed", 0, 100, relative=True)
    result = applied(*[Signal("midi/cc/1/7", (1 / 127,))] * 5, bindings=(steps,))
    assert result.recipe.latent.seed == 5
    key = Binding("midi/note/1/60", "/seed/next")
    down, up = Signal("midi/note/1/60", (0.4,)), Signal("midi/note/1/60", (0.0,))
    result = applied(down, up, down, up, bindings=(key,))
    assert len(result.commands) == 2


def test_off_is_a_command_but_letting_go_is_none() -> None:
    result = applied(Signal("/output", (1,)), Signal("/output", (0,)), Signal("/undo", (0,)))
    assert result.commands == [("/output", True), ("/output", False)]


def test_a_button_that_was_down_before_is_not_pressed_again() -> None:
    dispatcher, binding = Dispatcher(), (Binding("midi/cc/1/9", "/undo"),)
    down = [Signal("midi/cc/1/9", (1.0,))]
    assert dispatcher.apply(Recipe(), MODEL, down, binding).commands
    assert not dispatcher.apply(Recipe(), MODEL, down, binding).commands


def test_nonsense_never_does_harm() -> None:
    chance = random.Random(1)
    addresses = ["/psi", "/text/prompt/1", "/latent/seed", "/reset", "/*", "/text/pad/x", "/x", "a"]
    values: list[Any] = [0.5, -1, 2**63 - 1, "words", "/*", True, None, float("nan"), 1e300]
    recipe, dispatcher = Recipe(), Dispatcher()
    for _ in range(300):
        signals = [
            Signal(chance.choice(addresses), tuple(chance.choices(values, k=chance.randrange(3))))
            for _ in range(20)
        ]
        recipe = dispatcher.apply(recipe, MODEL, signals, ()).recipe
        check(recipe)


def test_a_flood_is_bounded() -> None:
    woken: list[int] = []
    inbox = Inbox(lambda: woken.append(1))
    for number in range(10_000):
        inbox.put(Signal("/psi", (number / 10_000,)))
    taken = inbox.take()
    assert len(taken) == MAX_SIGNALS
    assert taken[-1] == Signal("/psi", (0.9999,))
    assert woken == [1]
    for _ in range(200):
        inbox.put(Signal("/text/prompt/1", ("x" * 60_000,)))
    assert sum(signal.size for signal in inbox.take()) <= 4_000_000
    assert inbox.take() == []


STATIC = ("/psi", "/text/strength", "/latent/position", "/noise/strength", "/transform/rotate")
"""Addresses that a slider of the window moves on any model."""


def edits(chance: random.Random) -> dict[str, float]:
    """Values by address, in a random order: each could be a knob's or a slider's."""
    components = chance.sample([f"/move/mapped/{number}" for number in range(1, 9)], 3)
    styles = [f"/move/style/{row}/{chance.randint(1, 8)}" for row in chance.sample(range(12), 2)]
    blocks = [f"/{part}/{size}" for part in BLOCKS for size in chance.sample(MODEL.blocks, 2)]
    addresses = [*STATIC, *components, *styles, *blocks]
    chance.shuffle(addresses)
    known = parameters_of(START, MODEL)
    values = [known.parameter(at).kind.at(chance.randrange(128) / 127) for at in addresses]
    return {
        address: value
        for address, value in zip(addresses, values, strict=True)
        if isinstance(value, float)
    }


BLOCKS = ("psi/block", "noise/strength", "mixing/1/latent", "mixing/1/text")
START = Recipe(mixing=MixingPart((MixSource(5, prompt="snow"),)))


def by_slider(recipe: Recipe, address: str, value: float) -> Recipe:
    """The edit as the panel makes it that has the slider."""
    parts = address.strip("/").split("/")
    match parts:
        case ["move", "mapped", number]:
            of = step_along(Move("mapped", int(number) - 1), MODEL.blocks)
        case ["move", "style", row, number]:
            of = step_along(Move("style", int(number) - 1, row=int(row)), MODEL.blocks)
        case ["psi", "block", size]:
            of = psi_of_block(MODEL.blocks.index(int(size)), int(size))
        case ["noise", "strength", size]:
            of = noise_of_block(MODEL.blocks.index(int(size)), int(size))
        case ["mixing", _, which, size]:
            index = MODEL.blocks.index(int(size))
            (source,), half = recipe.mixing.sources, "latent" if which == "latent" else "text"
            rows = MODEL.rows_of_block[index]
            track = mixing_tracks.with_block(matrix.half(source, half), index, value, rows)
            return replace(recipe, mixing=MixingPart((matrix.with_half(source, half, track),)))
        case _:
            of = declared(address)
    return of.put(recipe, value)


@pytest.mark.parametrize("seed", range(20))
def test_the_same_edits_make_the_same_recipe_whoever_makes_them(seed: int) -> None:
    """By slider, OSC, MIDI and script, each in an order of its own."""
    chance = random.Random(seed)
    wanted = edits(chance)

    def shuffled() -> list[tuple[str, float]]:
        return chance.sample([*wanted.items()], len(wanted))

    known, slider, script = parameters_of(START, MODEL), START, START
    for address, value in shuffled():
        slider = by_slider(slider, address, value)
    for address, value in shuffled():
        script = known.parameter(address).set(script, value)
    osc = Dispatcher().apply(
        START, MODEL, [Signal(address, (value,)) for address, value in shuffled()], ()
    )
    knobs = {address: f"midi/cc/1/{index}" for index, address in enumerate(wanted)}
    bindings = [
        Binding(knobs[address], address, value - 1.0, value) for address, value in wanted.items()
    ]
    turns = [Signal(knobs[address], (1.0,)) for address, _ in shuffled()]
    midi = Dispatcher().apply(START, MODEL, turns, bindings)
    assert slider == script == osc.recipe == midi.recipe
    assert osc.problem == midi.problem == ""
    assert to_json(slider) == to_json(script) == to_json(osc.recipe) == to_json(midi.recipe)
