"""How long the window stands still under a flood of OSC, on the real program: run it by hand.

    python -m tests.benchmarks.flood [--seconds 4] [--rate 50000]

Prints, for a quiet line, for floods of several kinds and for the worst packets that are known, the
longest redraw, the longest time that was spent on what came in, and the messages left out.  The
sender is a process of its own and stops by itself.  Needs a display, or Xvfb.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from renderer.recipe.recipe import MixingPart, MixSource, MixTrack, Prompt, TextPart
from visualizer.app import start
from visualizer.app.app import App
from visualizer.control import settings
from visualizer.control.instrument import Control
from visualizer.control.osc import OscServer
from visualizer.control.osc_packets import Message, bundled, encoded
from visualizer.control.settings import ControlSettings

SEND = "from tests.benchmarks.flood import send; import sys; send(*map(float, sys.argv[1:4]))"
LARGEST = 60_000
Packets = list[bytes]


def packed(messages: list[Message]) -> bytes:
    """As many of the messages as one packet holds."""
    size = max(len(encoded(message)) for message in messages) + 4
    return bundled(messages[: min(1000, LARGEST // size)])


def faders(count: int) -> Packets:
    """Single messages: faders that move, each value once."""
    names = ("/psi", "/latent/seed", "/text/strength", "/noise/strength", "/transform/rotate")
    return [encoded(Message(names[i % 5], (i % 1000 / 1000,))) for i in range(count)]


def worst() -> dict[str, Packets]:
    """The packets that gave the most work, by what they do."""
    sweeps = [Message("/reset", ("/*/*/*",)), Message("/*/*/*", (0.5,))]
    others = [Message(f"/*/*/{{*,{number}}}/*", (number / 1000,)) for number in range(1000)]
    adders = [Message(f"/mixing/{number}/seed", (number,)) for number in range(1, 65)]
    more = [Message(f"/text/prompt/{number}", ("a house",)) for number in range(2, 900)]
    moves = [Message("/move/*/*", (0.5,)), Message("/move/*/*/*", (0.5,))]
    return {
        "200 times /reset /*/*/*": [packed([Message("/reset", ("/*/*/*",))] * 200)],
        "1000 times two sweeps in turn": [packed(sweeps * 500)],
        "1000 different patterns": [packed(others)],
        "64 sources, 900 prompts, then sweeps": [packed(adders), packed(more), packed(sweeps * 9)],
        "moves": [packed(moves * 100)],
        "long unknown addresses": [packed([Message("/x" * 99, (0.5,) * 60)] * 1000)],
    }


def send(port: float, rate: float, seconds: float) -> None:
    """Send faders' messages to this computer, `rate` a second, for so long; then end."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    packets, begin_s, sent = faders(5000), time.monotonic(), 0
    print("begins", flush=True)
    while (passed_s := time.monotonic() - begin_s) < seconds and sent < rate * seconds:
        for _ in range(min(int(passed_s * rate) - sent, 5000)):
            line.sendto(packets[sent % len(packets)], ("127.0.0.1", int(port)))
            sent += 1
        time.sleep(0.0005)
    print(f"  sent {sent} messages in {time.monotonic() - begin_s:.1f} s")


def watched(app: App, seconds: float) -> tuple[float, float, int]:
    """Run the window.  Returns ms of the longest redraw, ms of the processor's time of the longest
    look at what came in, and how many redraws there were."""
    control = app.instrument(Control)
    poll, looks, redraws = control.poll, [0.0], [0.0]

    def timed(now_s: float) -> None:
        begin_s = time.thread_time()
        poll(now_s)
        looks.append((time.thread_time() - begin_s) * 1000)

    control.poll = timed
    until_s = time.perf_counter() + seconds
    while time.perf_counter() < until_s:
        app._pacer.wake_at(app._clock() + 0.02)
        begin_s = time.perf_counter()
        app.frame()
        redraws.append((time.perf_counter() - begin_s) * 1000)
    control.poll = poll
    return max(redraws), max(looks), len(redraws) - 1


def told(app: App, name: str, seconds: float, act: Callable[[], object]) -> None:
    """Print one line."""
    control = app.instrument(Control)
    app.session.edit(replace(app.session.recipe, text=TextPart(), mixing=MixingPart(), moves=()))
    watched(app, 1.0)
    act()
    redraw_ms, look_ms, count = watched(app, seconds)
    said = f", “{control._problem}”" if control._problem else ""
    print(
        f"{name}: longest redraw {redraw_ms:.0f} ms, longest look {look_ms:.1f} ms, "
        f"{count} redraws{said}",
        flush=True,
    )


def main() -> None:
    """Measure all of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rate", type=float, default=50_000)
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp())
    os.environ["STYLEGAN_T_HOME"] = str(home)
    taken = OscServer(0, lambda signal: None)
    taken.close()
    port = taken.port
    settings.save(home, ControlSettings(osc=True, port=port))
    app = start.open_app("demo", "cpu", None)
    app.start()
    while app.session.frame is None:
        app.frame()
    watched(app, 2.0)
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    senders: list[subprocess.Popen[str]] = []

    def flood() -> None:
        command = [sys.executable, "-c", SEND, str(port), str(options.rate)]
        sender = subprocess.Popen(
            [*command, str(options.seconds)], stdout=subprocess.PIPE, text=True
        )
        senders.append(sender)
        assert sender.stdout is not None
        sender.stdout.readline()  # it begins

    def throw(packets: Packets) -> None:
        for packet in packets:
            line.sendto(packet, ("127.0.0.1", port))

    def grown() -> None:
        """A document with everything in it, and the worst packet over and over."""
        rows = (MixSource(text=MixTrack((0.5,) * 4)),) * 64
        text = TextPart(tuple(Prompt(f"word {number}", 0.5) for number in range(900)))
        app.session.edit(replace(app.session.recipe, text=text, mixing=MixingPart(rows)))
        throw(worst()["1000 times two sweeps in turn"] * 5)

    told(app, "quiet", options.seconds, lambda: None)
    told(app, "flood of faders", options.seconds, flood)
    print(senders[0].communicate()[0].strip())
    for name, packets in worst().items():
        told(app, name, options.seconds, lambda packets=packets: throw(packets))
    told(app, "a large document, swept", options.seconds, grown)
    app.close()


if __name__ == "__main__":
    main()
