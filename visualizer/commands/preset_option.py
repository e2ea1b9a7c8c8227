"""The option for a preset, of the window and of `stylegan-t send`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from visualizer.options.paths import typed_path
from visualizer.session.preset_file import Parts, PresetError, read_preset

NamedPreset = tuple[str, Parts]
"""A preset's name for people, and its parts."""


def preset_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option; a command gets it as `preset`, a `NamedPreset` or None."""

    def read(ctx: click.Context, param: click.Parameter, value: str | None) -> NamedPreset | None:
        if value is None:
            return None
        path = typed_path(value)
        try:
            return path.stem, read_preset(path)
        except PresetError as error:
            raise click.ClickException(str(error)) from error

    return click.option(
        "--preset",
        callback=read,
        metavar="FILE",
        help="Set mappings, music, moments and outputs up as in a preset that the window saved.",
    )(command)
