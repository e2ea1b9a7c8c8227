"""Where pictures are computed, as the command line says it."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from renderer.remote.wire import LineError
from visualizer.cli import cli
from visualizer.options.renderer_place import HERE, Place, place_of


def test_without_options_it_is_this_process() -> None:
    place = place_of("", "", "thread", "auto")
    assert place == HERE
    assert place.here
    assert not place.elsewhere


@pytest.mark.parametrize(
    ("place", "name", "elsewhere"),
    [
        (Place(process=True), "this computer", False),
        (Place(host="me@box"), "me@box", True),
        (Place(command="docker exec box serve"), "docker", True),
        (Place(command="/opt/bin/python -m visualizer serve --stdio"), "python", True),
        (Place(host="the box", command="docker exec box serve"), "the box", True),
    ],
)
def test_a_place_has_a_name(place: Place, name: str, elsewhere: bool) -> None:
    assert place.name == name
    assert place.elsewhere is elsewhere
    assert not place.here


def test_two_places_exclude_each_other() -> None:
    with pytest.raises(
        click.UsageError, match="--on and --renderer process cannot be used together"
    ):
        place_of("box", "", "process", "auto")


def test_a_command_may_have_a_name() -> None:
    assert place_of("box", "ssh box serve", "thread", "auto") == Place(
        False, "box", "ssh box serve"
    )


def test_pictures_travel_only_from_elsewhere() -> None:
    with pytest.raises(click.UsageError, match="--on USER@HOST"):
        place_of("", "", "thread", "jpeg")
    assert place_of("box", "", "thread", "jpeg").pictures == "jpeg"


def test_the_thread_of_a_place_is_named_after_it() -> None:
    thread = Place(host="me@box").thread("auto", lambda: None)
    assert thread.device_name == "me@box"
    assert thread.stop(1.0)
    with pytest.raises(LineError, match="user@host"):
        Place(host="-bad").thread("auto", lambda: None)


def test_the_command_line_names_both_when_they_clash() -> None:
    result = CliRunner().invoke(cli, ["--on", "box", "--renderer", "process"])
    assert result.exit_code == 2
    assert "cannot be used together" in result.output
