"""The table of speeds for this machine, by one command: run it by hand, on an idle machine.

    python -m tests.benchmarks.speed [--quick] [--only NAME] [--write]

Every part runs in a process of its own.  `--only` takes the names below, and may be given more than
once; `--quick` shows in a minute that all of it works, with too few runs to mean much; `--write`
puts the tables into RESULTS.md.  The parts with a window need a display, or Xvfb.

- demo, lite-64, lite-256, full-64 (full-256, full-512: on a graphics card, or when asked for):
  the synthesis by modulated weights (`baseline`), by the readable path and by the prepared one;
  and edits of late blocks, which begin where the picture differs;
- relatives: StyleGAN2, StyleGAN3, StyleGAN-XL and LAFITE by the readable and the prepared path;
- text: what the caches save; frames: whole frames while one drags;
- transport: the way of a picture into a texture;
- window, window-demo-2, window-lite-256: from the hand to the picture, in the real window, and the
  way into the texture; start: from the command to the first picture.
"""

from __future__ import annotations

import argparse
import datetime
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import torch
from msgspec.structs import replace

from stylegan_t.demo.built_in import SECOND
from tests.benchmarks.tables import RESULTS, Table, load, machine, plain, updated


@dataclass(frozen=True)
class Part:
    """A part of the measurement: what measures it, how often in all (runs, or seconds of a drag)
    and with `--quick`, and whether it opens a window or belongs on a graphics card."""

    measure: Callable[[int], list[Table]]
    full: int
    quick: int
    window: bool = False
    large: bool = False


def _synthesis(name: str) -> Callable[[int], list[Table]]:
    def measure(rounds: int) -> list[Table]:
        from tests.benchmarks import speed_synthesis

        return speed_synthesis.measured(name, rounds)

    return measure


def _relatives(rounds: int) -> list[Table]:
    from tests.benchmarks import speed_relatives

    return speed_relatives.measured(rounds)


def _text(rounds: int) -> list[Table]:
    from tests.benchmarks import speed_text

    return speed_text.measured(rounds)


def _frames(rounds: int) -> list[Table]:
    from tests.benchmarks import speed_frames

    return speed_frames.measured(rounds)


def _transport(rounds: int) -> list[Table]:
    from tests.benchmarks import speed_transport

    return speed_transport.measured(rounds)


def _window(model: str) -> Callable[[int], list[Table]]:
    def measure(seconds: int) -> list[Table]:
        from tests.benchmarks import speed_window

        return speed_window.measured(seconds, model)

    return measure


def _start(rounds: int) -> list[Table]:
    from tests.benchmarks import speed_start

    return speed_start.measured(rounds)


PARTS = {
    "demo": Part(_synthesis("demo"), 60, 5),
    "lite-64": Part(_synthesis("lite-64"), 20, 2),
    "lite-256": Part(_synthesis("lite-256"), 11, 1),
    "full-64": Part(_synthesis("full-64"), 3, 1),
    "full-256": Part(_synthesis("full-256"), 12, 2, large=True),
    "full-512": Part(_synthesis("full-512"), 12, 2, large=True),
    "relatives": Part(_relatives, 7, 1),
    "text": Part(_text, 40, 5),
    "frames": Part(_frames, 100, 10),
    "transport": Part(_transport, 200, 10),
    "window": Part(_window("demo"), 10, 2, window=True),
    "window-demo-2": Part(_window(SECOND), 10, 2, window=True),
    "window-lite-256": Part(_window("lite-256"), 20, 4, window=True),
    "start": Part(_start, 5, 1, window=True),
}
SLOW = ("full-64", "relatives", "window-lite-256")
"""Left out of `--quick`, unless they are asked for."""


def chosen(only: Sequence[str], *, quick: bool, gpu: bool) -> list[str]:
    """The parts to measure, in order."""
    if only:
        return [name for name in PARTS if name in only]
    return [
        name
        for name, part in PARTS.items()
        if (gpu or not part.large) and not (quick and name in SLOW)
    ]


def measured_apart(name: str, *, quick: bool) -> list[Table]:
    """The tables of a part, from a process of its own; their notes say when and how busy it was.

    Raises:
        RuntimeError: it failed; what it printed has been shown.
    """
    before = load()
    with tempfile.TemporaryDirectory(prefix="stylegan-t-bench-") as folder:
        answer = Path(folder, "tables.json")
        command = [sys.executable, "-m", "tests.benchmarks.speed", "--into", str(answer)]
        command += ["--only", name, *(["--quick"] if quick else [])]
        if PARTS[name].window and sys.platform.startswith("linux") and not _has_display():
            command = ["xvfb-run", "-a", "-s", "-screen 0 1920x1080x24", *command]
        if subprocess.call(command):
            raise RuntimeError(f"The part {name!r} failed; see above.")
        tables = msgspec.json.decode(answer.read_bytes(), type=list[Table])
    today = datetime.date.today().isoformat()
    when = f"{today}, load {before:.1f} to {load():.1f}{', too few runs' * quick}."
    return [replace(table, note=f"{table.note} {when}".strip()) for table in tables]


def _has_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def main() -> None:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", choices=list(PARTS), default=[], metavar="NAME")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.into is not None:
        part = PARTS[options.only[0]]
        tables = part.measure(part.quick if options.quick else part.full)
        options.into.write_bytes(msgspec.json.encode(tables))
        return
    print(machine())
    for name in chosen(options.only, quick=options.quick, gpu=torch.cuda.is_available()):
        tables = measured_apart(name, quick=options.quick)
        print("\n" + "\n\n".join(plain(table) for table in tables), flush=True)
        if options.write:
            text = RESULTS.read_text() if RESULTS.exists() else ""
            RESULTS.write_text(updated(text, machine(), tables))


if __name__ == "__main__":
    main()
