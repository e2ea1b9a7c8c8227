"""The command line: `stylegan-t [MODEL]` opens the window, `stylegan-t render` makes a file.

PyTorch and the window are imported inside the commands, so that `--help` answers at once.
Exit codes: 0 done, 1 failed with one sentence on stderr, 2 wrong use.
"""

from __future__ import annotations

import difflib
import importlib
import os
import sys
from pathlib import Path

import click

from renderer.files.kinds import identify
from renderer.files.software import software_name
from stylegan_t.demo.built_in import BUILT_IN, is_built_in
from stylegan_t.terminal import console
from visualizer.commands.preset_option import NamedPreset, preset_option
from visualizer.commands.render import render, start_recipe
from visualizer.options.output_options import OutputWish, output_options
from visualizer.options.renderer_place import Place, place_options
from visualizer.session import dropped_files

LAZY_COMMANDS = {
    "convert": "visualizer.commands.convert",
    "doctor": "visualizer.commands.doctor",
    "grid": "visualizer.commands.grid",
    "info": "visualizer.commands.info",
    "metrics": "visualizer.commands.metrics",
    "parameters": "visualizer.commands.parameters",
    "send": "visualizer.commands.send",
    "serve": "visualizer.commands.serve",
    "tour": "visualizer.commands.tour",
    "train": "visualizer.commands.train",
    "video": "visualizer.commands.video",
}
"""Commands by the module that holds them under the same name; imported when they are called."""
WINDOW = "open"
"""Hidden command that a bare `stylegan-t [MODEL]` stands for."""
LARGE_PAGES = "THP_MEM_ALLOC_ENABLE"
"""Variable by which PyTorch asks Linux for large pages.  Feature maps of 32 MB and more come and go
with each image: in small pages, handing them out takes a fifth of the time of a 256 px image."""


class WindowGroup(click.Group):
    """A group whose first argument may be a command or a model: a model opens the window."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; without a command they are those of the window."""
        if not args or args[0] not in {*self.list_commands(ctx), "--help", "--version"}:
            args = [WINDOW, *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, those not imported yet too."""
        return sorted({*super().list_commands(ctx), *LAZY_COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now if it must be."""
        if cmd_name in LAZY_COMMANDS:
            command = getattr(importlib.import_module(LAZY_COMMANDS[cmd_name]), cmd_name)
            assert isinstance(command, click.Command)
            return command
        return super().get_command(ctx, cmd_name)


class WindowContext(click.Context):
    """Speaks of the whole command where the hidden one, which was not typed, would be named."""

    @property
    def command_path(self) -> str:
        """ "stylegan-t"."""
        assert self.parent is not None, "it belongs to the group"
        return self.parent.command_path

    def get_usage(self) -> str:
        """See `click.Context`."""
        assert self.parent is not None, "it belongs to the group"
        return self.parent.get_usage()


class WindowCommand(click.Command):
    """The hidden command; options of `render` that are given to it are told where they belong."""

    context_class = WindowContext

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """See `click.Command`."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if any(error.option_name in param.opts for param in render.params):
                raise click.UsageError(
                    f"{error.option_name} is an option of a command, such as stylegan-t render.",
                    ctx,
                ) from error
            raise


@click.group(
    cls=WindowGroup,
    subcommand_metavar="[MODEL] | COMMAND [ARGS]...",
    context_settings={"help_option_names": ["--help"], "max_content_width": 100},
    epilog="For a command's options: stylegan-t render --help",
)
@click.version_option(software_name(), message="%(version)s")
def cli() -> None:
    """Explore a text-to-image GAN by hand: type words, move sliders, and the picture follows.

    Without a command the window opens, on MODEL if one is given: "demo", a checkpoint file, the
    folder of a training run, or a picture, video, take or session of this program.  The window's
    options are --device NAME and --recipe FILE; --output SCREEN shows the picture alone on a
    screen, --preset FILE loads what is set up for the stage, and --ndi NAME, --spout NAME,
    --syphon NAME and --camera send it to other programs.
    """


@cli.command(WINDOW, WindowCommand, hidden=True)
@click.argument("model", required=False)
@click.option("--recipe", "recipe_file", metavar="FILE", help="A picture or JSON to start from.")
@click.option("--device", default="auto", metavar="NAME", help="auto, cuda, cuda:1, mps or cpu.")
@place_options
@output_options
@preset_option
@click.pass_context
def open_window(
    ctx: click.Context,
    model: str | None,
    recipe_file: str | None,
    device: str,
    place: Place,
    output: OutputWish,
    preset: NamedPreset | None,
) -> None:
    """Open the window, on MODEL if one is given: "demo", a checkpoint file or a run's folder.

    A picture, a video, a take or a session of this program in place of MODEL opens as if it was
    dropped on the window.
    """
    file = None
    if model is not None and not is_built_in(model) and not place.elsewhere:
        path = _existing(model)
        kind = identify(path)
        if kind == "model":
            model = str(path)
        elif kind == "run":
            model, file = None, path
        elif kind in ("picture", "recipe") and recipe_file is None:
            model, recipe_file = None, str(path)
        elif kind in dropped_files.DOCUMENTS and recipe_file is None:
            model, file = None, path
        else:
            raise click.ClickException(dropped_files.refusal(path, kind))
    recipe = None if recipe_file is None else start_recipe(recipe_file)
    # the window's libraries: other commands do without
    from visualizer.app.start import run

    ctx.exit(run(model, device, recipe, file=file, place=place, output=output, preset=preset))


def _existing(model: str) -> Path:
    """The absolute path of a file, or of a training run's folder, that is there."""
    path = Path(os.path.expanduser(model))  # as a shell does: an unknown ~name is a name
    if os.path.isfile(path) or identify(path) == "run":
        return path.absolute()
    if os.path.lexists(path):
        raise click.UsageError(f"{model} is not a file: name a checkpoint, or leave it out.")
    names = [*BUILT_IN, "render", *LAZY_COMMANDS]
    close = difflib.get_close_matches(model, names, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else " See stylegan-t --help."
    raise click.UsageError(f"There is no file {model!r}, and no command of that name.{hint}")


cli.add_command(render)


def main() -> None:
    """Entry point of `stylegan-t`."""
    # Read once, before PyTorch has any memory.
    os.environ.setdefault(LARGE_PAGES, "1")
    sys.exit(console.run(cli, "stylegan-t"))
