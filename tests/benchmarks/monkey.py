"""Random input without end: `python -m tests.benchmarks.monkey --minutes 10 --seed 1 --real`.

The window is a real one, on the display that is there; everything else (settings, captures, files)
is in a folder that is deleted afterwards.  Without --real every picture comes on the window's turn
and the clock is one of its own, so that a seed does the same again; with it the render thread runs
beside the window as it does for a user.  The window is closed and opened again now and then;
with --stay it is not, and what grows in one window goes on growing.  With --place the
renderer is in another process, or (for the window) on another computer, and killed now and then.

The first broken rule ends the run with the last acts, and with the command that repeats it.
"""

from __future__ import annotations

import argparse
import faulthandler
import itertools
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from tests.monkey.monkey import Monkey
    from tests.monkey.report import SampleTable

HANG_S = 240
PROGRESS_S = 30.0


@contextmanager
def own_folder() -> Iterator[Path]:
    """An empty folder, whose name is the same each time unless other monkeys are about: paths are
    on the screen, and with another width other widgets would be where the monkey clicks."""
    parent = Path(tempfile.gettempdir()).resolve()
    folders = (parent / f"stylegan-t-monkey-{number}" for number in itertools.count(1))
    at = next(folder for folder in folders if _made(folder))
    try:
        yield at
    finally:
        shutil.rmtree(at, ignore_errors=True)


def _made(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return False
    return True


def isolate(home: Path) -> None:
    """Let the whole process believe that `home` is all there is; before the program is imported."""
    for folder in ("tmp", "config", "data", "state", "cache"):
        (home / folder).mkdir()
        os.environ[f"XDG_{folder.upper()}_HOME"] = str(home / folder)
    os.environ["HOME"] = os.environ["STYLEGAN_T_HOME"] = str(home)
    os.environ["TMPDIR"] = str(home / "tmp")
    os.environ["HF_HUB_OFFLINE"] = "1"
    # Whoever started this process may have told it where PyTorch keeps what it compiles.
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(home / "cache" / "torchinductor")
    tempfile.tempdir = None
    os.chdir(home)


def open_monkey(home: Path, options: argparse.Namespace, log: TextIO) -> Monkey:
    """The monkey that the options describe; its acts go to `log`."""
    import torch

    from tests.monkey.monkey import Monkey
    from tests.monkey.turns import turning

    def alive() -> None:
        faulthandler.dump_traceback_later(HANG_S, exit=True)

    alive()  # its thread is there from the beginning, so that it is in every sample
    torch.set_num_threads(1)
    random.seed(options.seed)  # the program draws seeds, too

    def tell(line: str) -> None:
        print(line.encode("unicode_escape").decode(), file=log)

    if not options.real:
        return Monkey(
            home,
            options.seed,
            lambda wake: turning(),
            tell=tell,
            stay=options.stay,
            relatives=options.relative,
            alive=alive,
        )
    from tests.monkey.line import renderers
    from visualizer.app.start import SWITCH_S

    sys.setswitchinterval(SWITCH_S)
    return Monkey(
        home,
        options.seed,
        renderers(options.place),
        real=True,
        tell=tell,
        stay=options.stay,
        relatives=options.relative,
        alive=alive,
    )


def run(monkey: Monkey, options: argparse.Namespace, table: SampleTable) -> None:
    """Act until the time or the steps are over; what is measured goes into `table`.

    Raises:
        FailureError: a rule is broken.
    """
    begin_s = said_s = time.monotonic()
    while options.until is None or monkey.tally.step < options.until:
        now_s = time.monotonic()
        if options.until is None and now_s - begin_s > options.minutes * 60:
            return
        if now_s - said_s > PROGRESS_S:
            said_s = now_s
            last, tally = monkey.tally.samples[-1], monkey.tally
            print(
                f"{now_s - begin_s:6.0f} s  step {tally.step}  {tally.events} events  "
                f"{last.memory_mb:.0f} MB  {last.handles} files  {last.threads} threads  "
                f"{last.textures} textures",
                flush=True,
            )
        monkey.step()
        table.follow(monkey.tally.samples)
    faulthandler.cancel_dump_traceback_later()


def main() -> int:
    """Run, print the figures, and tell by the exit status whether every rule held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--place",
        choices=("thread", "process", "host"),
        default="thread",
        help="where the renderer is at first; in another process it is killed now and then",
    )
    parser.add_argument("--real", action="store_true", help="the render thread beside the window")
    parser.add_argument("--stay", action="store_true", help="never close the window meanwhile")
    parser.add_argument(
        "--relative",
        action="append",
        default=[],
        metavar="NAME",
        help="play with this recorded network (tests/parity/family); may be given again",
    )
    parser.add_argument("--replay", type=int, metavar="SEED", help="do again what SEED did")
    parser.add_argument("--until", type=int, metavar="STEP", help="end after this act")
    parser.add_argument("--log", metavar="FILE", default=os.devnull, help="write every act there")
    parser.add_argument("--samples", metavar="FILE", default=os.devnull, help="write them as CSV")
    options = parser.parse_args()
    options.seed = options.seed if options.replay is None else options.replay
    with (
        open(options.log, "w", buffering=1) as log,
        open(options.samples, "w", newline="") as table,
        own_folder() as home,
    ):
        isolate(home)
        from tests.monkey.monkey import FailureError
        from tests.monkey.report import SampleTable, summary

        monkey, status = open_monkey(home, options, log), 0
        try:
            run(monkey, options, SampleTable(table))
        except FailureError as failure:
            print(str(failure).encode("unicode_escape").decode().replace("\\n", "\n"))
            status = 1
        except KeyboardInterrupt:
            status = 130
        print(summary(monkey.tally), flush=True)
        if status == 0:
            monkey.close()
        os.chdir("/")
    return status


if __name__ == "__main__":
    sys.exit(main())
