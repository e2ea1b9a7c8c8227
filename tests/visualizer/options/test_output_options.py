"""Where the picture goes, as it is typed."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from visualizer.options.output_options import OutputWish, output_options
from widgets.output import OutputOptions


def typed(*words: str) -> OutputWish | str:
    """The wish of a command line, or what is said against it."""
    heard: list[OutputWish] = []

    @click.command()
    @output_options
    def command(output: OutputWish) -> None:
        heard.append(output)

    result = CliRunner().invoke(command, words)
    return heard[0] if heard else result.output


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ((), OutputWish()),
        (("--output", "auto"), OutputWish("")),
        (("--output", "2", "--camera"), OutputWish("2", ("camera",))),
        (("--ndi", " Stage ", "--spout", "Stage"), OutputWish(None, ("ndi", "spout"), "Stage")),
    ],
)
def test_options_become_wishes(words: tuple[str, ...], wish: OutputWish) -> None:
    assert typed(*words) == wish


@pytest.mark.parametrize(
    "words", [("--ndi", "a", "--spout", "b"), ("--ndi", "x" * 99), ("--output", "x" * 999)]
)
def test_what_cannot_be_is_refused(words: tuple[str, ...]) -> None:
    assert "Error:" in str(typed(*words))


def test_wishes_add_to_what_the_last_run_had() -> None:
    known = OutputOptions(place="HDMI-1", sinks=("camera",), name="Tonight", fit="fill")
    assert OutputWish().applied(known) == known
    assert OutputWish("", ("ndi", "camera"), "").applied(known) == OutputOptions(
        on=True, place="", sinks=("camera", "ndi"), name="Tonight", fit="fill"
    )
