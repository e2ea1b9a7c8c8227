"""One table of actions: each kind is carried out by one handler, and no kind by none."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

import widgets
from tests.visualizer.conftest import Open
from visualizer.services.action_table import ActionTable, on
from widgets.actions import Action


@dataclass(frozen=True)
class Add(Action):
    number: int


@dataclass(frozen=True)
class AddTwice(Add):
    pass


def test_an_action_goes_to_the_handler_of_its_kind() -> None:
    table, numbers = ActionTable(), list[int]()
    table.add([on(Add, lambda action: numbers.append(action.number))])
    table.add([on(AddTwice, lambda action: numbers.extend([action.number] * 2))])
    table.do(Add(1))
    table.do(AddTwice(2))
    assert numbers == [1, 2, 2]
    assert table.kinds == {Add, AddTwice}


def test_no_kind_of_action_has_two_handlers() -> None:
    table = ActionTable()
    table.add([on(Add, print)])
    with pytest.raises(AssertionError, match="Add has two handlers"):
        table.add([on(Add, print)])


def all_actions() -> Iterator[type[Action]]:
    """Every action that a panel can ask for."""
    for module in pkgutil.walk_packages(widgets.__path__, "widgets."):
        importlib.import_module(module.name)
    waiting = Action.__subclasses__()
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("widgets."):
            yield kind


@pytest.mark.display
def test_whatever_a_panel_may_ask_for_is_carried_out(open_window: Open) -> None:
    kinds = set(all_actions())
    assert len(kinds) > 100
    assert open_window().app.commands.kinds == kinds
