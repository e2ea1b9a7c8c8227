"""Options for where the window's picture goes: another screen, and other programs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast, get_args

import click
from msgspec.structs import replace

from widgets.output import MAX_NAME, MAX_PLACE, OutputOptions, SinkKey

HELP = {
    "ndi": "Send the picture over the network by NDI, as NAME.",
    "spout": "Share the picture with other programs by Spout, as NAME (Windows).",
    "syphon": "Share the picture with other programs by Syphon, as NAME (macOS).",
}


@dataclass(frozen=True)
class OutputWish:
    """The wishes of a command line: a place for the clean output, None for none, sinks to switch
    on, and the name that they have for others, empty to keep the known one."""

    place: str | None = None
    sinks: tuple[SinkKey, ...] = ()
    name: str = ""

    def applied(self, known: OutputOptions) -> OutputOptions:
        """Return the options of the last run with these wishes."""
        sinks = (*known.sinks, *(key for key in self.sinks if key not in known.sinks))
        wanted = replace(known, sinks=sinks, name=self.name or known.name)
        return wanted if self.place is None else replace(wanted, on=True, place=self.place)


NO_WISH = OutputWish()


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command, which gets them as `output`, an `OutputWish`."""
    return click.option(
        "--output",
        metavar="SCREEN",
        help="Show the picture alone on a screen: its name or number, auto, or window.",
    )(sink_options(command))


def sink_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add those for other programs alone; a command gets them in the same way."""

    @functools.wraps(command)
    def with_wish(*args: Any, camera: bool, output: str | None = None, **options: Any) -> Any:
        names = {key: options.pop(key) for key in HELP}
        given = {name.strip() for name in names.values() if name is not None}
        if len(given) > 1:
            raise click.UsageError("NDI, Spout and Syphon have one name: give the same to each.")
        for text, most in ((output or "", MAX_PLACE), *((name, MAX_NAME) for name in given)):
            if len(text) > most:
                raise click.UsageError(f"{text[:20]}… is too long: at most {most} characters.")
        on = {key for key, name in names.items() if name is not None}
        sinks = tuple(key for key in get_args(SinkKey) if key in on or (key == "camera" and camera))
        sinks = cast(tuple[SinkKey, ...], sinks)
        place = None if output is None else "" if output == "auto" else output
        return command(*args, output=OutputWish(place, sinks, next(iter(given), "")), **options)

    for key, text in HELP.items():
        with_wish = click.option(f"--{key}", key, metavar="NAME", help=text)(with_wish)
    return click.option(
        "--camera", is_flag=True, help="Show the picture as a webcam (v4l2loopback, OBS)."
    )(with_wish)
