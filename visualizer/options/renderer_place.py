"""The place where pictures are computed: this process, one of its own, or another computer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, get_args

import click

from renderer.remote import connection
from renderer.remote.messages import Wanted

if TYPE_CHECKING:  # PyTorch is imported behind the splash
    from renderer.remote.client import RemoteThread

PICTURES = get_args(Wanted)


@dataclass(frozen=True)
class Place:
    """The place of the renderer.

    Args:
        process: in a process of its own on this computer.
        host: on another computer, as ssh names it.
        command: what starts it there instead of ssh, in one line; `host` is only a name then.
        pictures: how they travel, one of `PICTURES`.
        workers: what shares exports and previews with it, see `renderer.models.worker_devices`.
    """

    process: bool = False
    host: str = ""
    command: str = ""
    pictures: Wanted = "auto"
    workers: str = "auto"

    @property
    def here(self) -> bool:
        """Tell whether it is in this process."""
        return not (self.process or self.elsewhere)

    @property
    def elsewhere(self) -> bool:
        """Tell whether its files are not those of this computer."""
        return bool(self.host or self.command)

    @property
    def name(self) -> str:
        """Return its name for people."""
        return self.host or (self.command and self.program) or "this computer"

    @property
    def program(self) -> str:
        """Return what connects to it."""
        return PurePath(self.command.split()[0]).name if self.command.split() else "ssh"

    def thread(self, device: str, wake: Callable[[], None]) -> RemoteThread:
        """Make what speaks with the renderer; it is not `here`.

        Raises:
            LineError: the host or the command cannot be meant.
        """
        # PyTorch: not before it has started behind the splash
        from renderer.remote.client import RemoteThread

        if self.command:
            command = connection.by_command(self.command, device, self.workers)
        elif self.host:
            command = connection.over_ssh(self.host, device, self.workers)
        else:
            command = connection.here(device, self.workers)
        pictures = "raw" if self.process and self.pictures == "auto" else self.pictures
        connect = partial(connection.ProcessConnection, command)
        return RemoteThread(connect, self.name, wake, pictures, elsewhere=self.elsewhere)


HERE = Place()


workers_option = click.option(
    "--workers",
    default="auto",
    show_default=True,
    metavar="DEVICES",
    help="What shares exports and previews, a process each: auto (all other graphics cards), none, "
    "how many, or names such as cuda:1,cuda:2.",
)
HOST_OPTIONS = (
    click.option(
        "--on",
        "host",
        default="",
        metavar="USER@HOST",
        help="Render on another computer, over ssh; stylegan-t must be installed there.",
    ),
    click.option(
        "--on-command",
        default="",
        metavar="COMMAND",
        help="Command that starts the renderer there, such as "
        '"docker exec -i box stylegan-t serve --stdio"; --on is then only its name.',
    ),
    workers_option,
)


WINDOW_OPTIONS = (
    click.option(
        "--renderer",
        type=click.Choice(("thread", "process")),
        default="thread",
        show_default=True,
        help="process: if the renderer crashes, the window stays, and starts another.",
    ),
    click.option(
        "--pictures",
        type=click.Choice(PICTURES),
        default="auto",
        show_default=True,
        help="How pictures are sent to the window; auto measures the connection.",
    ),
)


def place_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say where the window's pictures are computed; it gets `place`."""
    return _placed(command, (*HOST_OPTIONS, *WINDOW_OPTIONS))


def drawing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say where a command draws; it gets `device` and `place`."""
    device = click.option(
        "--device", default="auto", metavar="NAME", help="auto, cuda, cuda:1, mps or cpu."
    )
    return _placed(command, (device, *HOST_OPTIONS))


def _placed(command: Callable[..., Any], options: Sequence[Callable[..., Any]]) -> Any:
    @wraps(command)
    def placed(
        *args: Any,
        host: str,
        on_command: str,
        workers: str,
        renderer: str = "thread",
        pictures: Wanted = "auto",
        **others: Any,
    ) -> Any:
        place = place_of(host, on_command, renderer, pictures, workers)
        return command(*args, place=place, **others)

    wrapped: Any = placed
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped


def place_of(
    host: str, command: str, renderer: str, pictures: Wanted, workers: str = "auto"
) -> Place:
    """The place that the options say.

    Raises:
        click.UsageError: they contradict one another.
    """
    named = [
        name
        for name, given in (
            ("--on-command" if command else "--on", host or command),
            ("--renderer process", renderer == "process"),
        )
        if given
    ]
    if len(named) > 1:
        raise click.UsageError(f"{named[0]} and {named[1]} cannot be used together.")
    if pictures != "auto" and not named:
        raise click.UsageError("--pictures is for a renderer elsewhere: add --on USER@HOST.")
    return Place(renderer == "process", host, command, pictures, workers)
