"""`stylegan-t serve`: the renderer without a window, for one that runs elsewhere."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO

import click

import stylegan_t
from renderer.remote.wire import Writer
from visualizer.options.renderer_place import workers_option

UPLOADS = "stylegan-t-uploads"


@click.command(short_help="Render for a window on another computer.")
@click.option("--stdio", is_flag=True, required=True, help="Speak over standard input and output.")
@click.option("--device", default="auto", metavar="NAME", help="auto, cuda, cuda:1, mps or cpu.")
@click.option(
    "--folder",
    "folders",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Folder that models may be read from; may be repeated.  [default: the home folder]",
)
@workers_option
@click.option("--any-folder", is_flag=True, help="Models may be read from anywhere.")
@click.option(
    "--uploads",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Folder that models may be uploaded into.  [default: stylegan-t-uploads in the first "
    "folder]",
)
@click.option("--no-uploads", is_flag=True, help="No model may be uploaded.")
def serve(
    stdio: bool,
    device: str,
    workers: str,
    folders: tuple[Path, ...],
    any_folder: bool,
    uploads: Path | None,
    no_uploads: bool,
) -> None:
    """Render for a window on another computer: stylegan-t --on user@host starts this there.

    No port is opened: the program that starts this command holds its only line, and when the
    line ends, so does the command.
    """
    reads, writes = _line()
    Writer(writes).greet()  # what takes its time comes after it: the window knows who answers
    # PyTorch and the renderer: after the line, so that nothing they print gets into it
    from renderer.models.device import DeviceError, choose
    from renderer.models.text_towers import open_tower
    from renderer.models.worker_devices import worker_devices
    from renderer.pipeline.render_thread import RenderThread
    from renderer.remote.folders import Folders
    from renderer.remote.server import Server
    from renderer.remote.workers import workers_on

    try:
        chosen = choose(device)
        beside = worker_devices(workers, chosen)
    except DeviceError as error:
        raise click.ClickException(str(error)) from error
    given = () if any_folder else folders or (Path.home(),)
    allowed = Folders(given)
    place = uploads.absolute() if uploads is not None else allowed.first / UPLOADS
    if uploads is not None and not allowed.allow(str(place)):
        raise click.UsageError(f"--uploads: {allowed.refusal(str(place))}")
    load, opener = allowed.loader(stylegan_t.load), allowed.tower_opener(open_tower)
    Server(
        reads,
        writes,
        lambda wake: RenderThread(chosen, wake, load=load, open_tower=opener),
        allowed,
        workers_on(beside, [str(folder.absolute()) for folder in given]),
        None if no_uploads else place,
        greeted=True,
    ).run()
    sys.stderr.flush()
    os._exit(0)  # also while a thread is busy: its work is not waited for


def _line() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output, for the line alone: whatever else prints goes to the errors."""
    reads = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    writes = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout.flush()
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, sys.stdin.fileno())
    os.close(nothing)
    if sys.platform == "win32":
        # these would change line ends
        import msvcrt

        for stream in (reads, writes):
            msvcrt.setmode(stream.fileno(), os.O_BINARY)
    return reads, writes
