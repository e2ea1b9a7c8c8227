"""Kills the renderer of a window at random moments, many times, and looks what is lost.

    python -m tests.benchmarks.kill_line [--count 50]

After every kill the newest recipe must be drawn, work in flight must come to its end, and of all
renderers that were started only the last may be alive; after the end, none.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import threading
import time

from msgspec.structs import replace

from renderer.recipe.recipe import Recipe
from renderer.remote import line_keeper
from renderer.remote.client import RemoteThread
from renderer.remote.connection import ProcessConnection, here

WAIT_S = 60.0


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill the renderer at random moments.")
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    rng, made, woken = random.Random(args.seed), list[ProcessConnection](), threading.Event()
    line_keeper.LASTING_S = 0.5  # every break begins with the short pause

    def connect() -> ProcessConnection:
        made.append(ProcessConnection(here("cpu")))
        return made[-1]

    thread, lost, late, back = RemoteThread(connect, "here", woken.set), 0, 0, list[float]()
    thread.start()

    def shown(recipe: Recipe) -> bool:
        end_s = time.monotonic() + WAIT_S
        while time.monotonic() < end_s:
            if (frame := thread.take()) is not None and frame.recipe == recipe and not frame.early:
                return frame.error is None
            woken.wait(0.05)
            woken.clear()
        return False

    def psi(value: float) -> Recipe:
        return replace(Recipe(), psi=value)

    thread.submit(psi(0.5))
    assert shown(psi(0.5))
    for turn in range(args.count):
        work = thread.run(lambda renderer, t=turn: renderer.render(psi(t / 1000)), "Saving")
        end_s = time.monotonic() + rng.random() * 0.3
        while time.monotonic() < end_s:
            thread.submit(psi(0.1 + rng.random()))
            time.sleep(0.004)
        os.kill(made[-1].pid, signal.SIGKILL)
        killed_s, newest = time.monotonic(), psi(2.0 + turn / 1000)
        thread.submit(newest)
        lost += not shown(newest)
        back.append(time.monotonic() - killed_s)
        try:
            late += work.result(WAIT_S).error is not None
        except Exception as error:
            print(f"turn {turn}: {error}")
            late += 1
    orphans = sum(alive(one.pid) for one in made[:-1])
    thread.stop(5.0)
    after = sum(alive(one.pid) for one in made)
    back.sort()
    print(f"{args.count} kills: newest recipe lost {lost}, work lost {late}, orphans {orphans}")
    print(
        f"alive after the end {after}; again a picture after {back[len(back) // 2]:.1f} s (median)"
    )


if __name__ == "__main__":
    main()
