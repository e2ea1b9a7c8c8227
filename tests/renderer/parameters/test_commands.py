"""What addresses do rather than set."""

from __future__ import annotations

from renderer.parameters.commands import COMMANDS, RESET, SPEED


def test_each_command_has_an_address_of_its_own_and_says_what_it_does() -> None:
    assert len({command.address for command in COMMANDS}) == len(COMMANDS)
    assert all(command.label and command.text.endswith(".") for command in COMMANDS)
    known = {command.address: command for command in COMMANDS}
    assert RESET in known
    assert known["/speed"].kind is SPEED
    assert SPEED.limits[0] < SPEED.low < SPEED.high <= SPEED.limits[1]
