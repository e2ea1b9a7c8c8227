"""Arguments as senders of OSC really send them."""

from __future__ import annotations

import pytest

from renderer.parameters.kinds import Choice, Number, Switch, Text, Trigger, Value, Whole
from renderer.recipe.recipe import Recipe
from visualizer.control.dispatch import Dispatcher
from visualizer.control.meaning import meant
from visualizer.control.signal_queue import Signal


@pytest.mark.parametrize(
    ("kind", "values", "value"),
    [
        (Number(0, 1), (1,), 1),
        (Number(0, 1), ("Psi", 0.5), 0.5),
        (Number(0, 1), ("0.25",), 0.25),
        (Number(0, 1), (True,), 1.0),
        (Number(0, 1), (0.5, "ch 1", 7), 0.5),
        (Number(0, 1), ("nan", "inf", 0.5), 0.5),
        (Number(0, 1), ("loud",), "loud"),
        (Whole(0, 9), ("seed", "3"), 3.0),
        (Switch(), (True, 1.0), True),
        (Switch(), ("off",), False),
        (Trigger(), ("Go",), None),
        (Trigger(), ("Go", 0.0), 0.0),
        (Trigger(), (), None),
        (Choice(("lerp", "slerp")), ("SLERP",), "slerp"),
        (Choice(("lerp", "slerp")), ("blend", 1), 1),
        (Text(), (1, "a boat"), "a boat"),
        (Text(), (7,), 7),
        (Number(0, 1), ("9" * 5000,), "9" * 5000),
    ],
)
def test_the_value_that_is_meant(kind: Number, values: tuple[Value, ...], value: Value) -> None:
    assert meant(kind, values) == value and type(meant(kind, values)) is type(value)


def sent(source: str, *values: Value) -> Recipe:
    """The recipe after a message."""
    return Dispatcher().apply(Recipe(), None, [Signal(source, values)], ()).recipe


def test_messages_with_more_than_was_asked_for() -> None:
    assert sent("/psi/", "Psi", 0.5).psi == 0.5
    assert sent("/psi", "0.5", 3, True).psi == 0.5
    assert sent("/ps*", "label", 0.5).psi == 0.5
    pad = sent("/text/pad/", "Pad", 0.25, 0.75, 1).text
    assert pad == sent("/text/pad", 0.25, 0.75).text != Recipe().text


def test_a_switch_of_a_command_is_switched_off_too() -> None:
    result = Dispatcher().apply(Recipe(), None, [Signal("/wander", (False,))], ())
    assert result.commands == [("/wander", False)]
    result = Dispatcher().apply(Recipe(), None, [Signal("/random", (False,))], ())
    assert result.commands == []
