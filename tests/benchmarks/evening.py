"""Plays a short evening by a script, on two screens, and draws it again from its take.

    python -m tests.benchmarks.evening [--clip .readme/evening.webp]

The real window with its panels stands on one output of an X server with the dummy driver, the clean
output covers the other.  A MIDI clock sets the tempo, pads go to moments on the beat, oscillators
and a knob move the picture, and everything is recorded.  The ports are stand-ins for mido, and time
is that of the film, so no picture of the clip is missing however slow this computer is.  Then the
take is rendered twice without a window: both files must have the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from visualizer.app.app import App

SIZE = (1280, 720)
BPM, BEATS, FPS = 120.0, 32, 12
PULSES = 24
"""Of a MIDI clock, to the beat."""
SHOW_PX = (640, 360)
"""Each of the two screens in the clip."""
QUALITY = 62
ANSWER_S, LOAD_S, CLIP_S = 30.0, 120.0, 300.0
PROMPTS = (
    ("a snowman in the snow", 3),
    ("a unicorn under the stars", 1),
    ("two penguins in the snow", 3),
    ("a lion in the desert at sunset", 1),
    ("a red mushroom in a meadow", 3),
    ("an avocado on a meadow", 3),
    ("a blue butterfly over a meadow", 1),
    ("a panda in a meadow at sunset", 3),
)
FIRST_PAD, RECORD_PAD, BEND_KNOB = 36, 44, 21
FADE_S = 1.0
ZOOM = 0.8
"""Of the panels: the lights of the beat are seen below the closed sections."""
XORG = """
Section "ServerFlags"
  Option "AutoAddDevices" "false"
EndSection
Section "Device"
  Identifier "card"
  Driver "dummy"
  VideoRam 256000
EndSection
Section "Monitor"
  Identifier "monitor"
  HorizSync 5.0-1000.0
  VertRefresh 5.0-200.0
  Modeline "{0}x{1}" 74.48 1280 1336 1472 1664 720 721 724 746
EndSection
Section "Screen"
  Identifier "screen"
  Device "card"
  Monitor "monitor"
  DefaultDepth 24
  SubSection "Display"
    Depth 24
    Modes "{0}x{1}"
  EndSubSection
EndSection
"""


# -- two screens ----------------------------------------------------------------------------------


@contextmanager
def two_screens(folder: Path) -> Iterator[None]:
    """An X server with two outputs side by side, as `DISPLAY`.

    Raises:
        RuntimeError: it does not start.
    """
    config, mode = folder / "xorg.conf", f"{SIZE[0]}x{SIZE[1]}"
    config.write_text(XORG.format(*SIZE))
    reads, writes = os.pipe()
    command = ["Xorg", "-displayfd", str(writes), "-config", str(config), "-noreset"]
    command += ["-logfile", str(folder / "xorg.log"), "vt7"]
    server = subprocess.Popen(command, pass_fds=[writes], stderr=subprocess.DEVNULL)
    os.close(writes)
    try:
        with os.fdopen(reads) as said:
            number = said.readline().strip()
        if not number:
            raise RuntimeError(f"Xorg did not start: see {folder / 'xorg.log'}")
        os.environ["DISPLAY"] = f":{number}"
        os.environ.pop("WAYLAND_DISPLAY", None)
        subprocess.run(["xrandr", "--addmode", "DUMMY1", mode], check=True)
        outputs = ["--output", "DUMMY0", "--mode", mode]
        outputs += ["--output", "DUMMY1", "--mode", mode, "--right-of", "DUMMY0"]
        subprocess.run(["xrandr", *outputs], check=True)
        # Asking makes the server look at its outputs again: programs only read what it knows.
        found = subprocess.run(["xrandr"], check=True, capture_output=True, text=True).stdout
        if "DUMMY1 connected" not in found:
            raise RuntimeError(f"there is no second screen: {found}")
        yield
    finally:
        server.terminate()
        server.wait(10)


# -- the evening ----------------------------------------------------------------------------------


def script() -> list[tuple[float, str, dict[str, Any]]]:
    """(beat, kind, values) of every message of the controller, in their order."""
    found: list[tuple[float, str, dict[str, Any]]] = []

    def strike(beat: float, note: int) -> None:
        found.append((beat, "note_on", {"note": note, "velocity": 100}))
        found.append((beat + 0.25, "note_on", {"note": note, "velocity": 0}))

    strike(0.0, RECORD_PAD)
    for number in range(1, len(PROMPTS)):
        strike(4.0 * number, FIRST_PAD + number)
    for step in range(33):  # the knob is turned up and back within two bars
        value = round(127 * (1 - abs(step - 16) / 16))
        found.append((13.0 + step / 5, "control_change", {"control": BEND_KNOB, "value": value}))
    strike(BEATS - 0.5, RECORD_PAD)
    return sorted(found, key=lambda item: item[0])


def settings() -> Any:
    """What is mapped to what."""
    from renderer.parameters.bindings import Binding
    from tests.monkey.stage import CONTROLLER
    from visualizer.control.settings import ControlSettings

    pads = tuple(
        Binding(f"midi/note/1/{FIRST_PAD + number}", f"/moment/{number + 1}")
        for number in range(len(PROMPTS))
    )
    return ControlSettings(
        midi=CONTROLLER,
        bindings=(
            *pads,
            Binding(f"midi/note/1/{RECORD_PAD}", "/record"),
            Binding(f"midi/cc/1/{BEND_KNOB}", "/bend/1/amount", 0.0, 40.0),
            Binding("lfo/1", "/transform/rotate", -6.0, 6.0, around=True),
            Binding("lfo/2", "/latent/x", -0.15, 0.15, around=True),
            Binding("beat/1", "/transform/zoom", 0.0, 0.12, around=True),
        ),
    )


class Evening:
    """The window on its stage.

    Args:
        home: folder of the program.
        model: that plays.
    """

    def __init__(self, home: Path, model: str) -> None:
        from renderer.pipeline.render_thread import RenderThread
        from tests.monkey.stage import Midi
        from visualizer.app.app import App
        from visualizer.app.tour_film import FilmClock
        from visualizer.control import settings as control_settings
        from visualizer.services.render_port import Renderers, Wake
        from visualizer.session.state import Folders, State, Store
        from visualizer.window.window import TITLE, Window

        control_settings.save(home, settings())
        self.midi, self.clock, wake = Midi(), FilmClock(), Wake()
        self._model = model
        self._sent_to = 0.0
        self._script = script()
        self.app: App = App(
            Window(TITLE, SIZE),
            Renderers(lambda device: RenderThread(device, wake), "cpu"),
            wake,
            Store(home),
            State(),
            Folders(home, home / "captures"),
            clock=self.clock,
        )

    def prepare(self) -> None:
        """Store the moments, set the oscillators, open the panels and the output."""
        from msgspec.structs import replace

        from renderer.parameters.lfo import Lfo
        from renderer.recipe.recipe import (
            Bend,
            Canvas,
            LatentPart,
            ModelRef,
            Prompt,
            Recipe,
            TextPart,
        )
        from tests.monkey.stage import CLOCK
        from widgets.controls.moments_view import RecallMoment, SetFade, StoreMoment
        from widgets.controls.music_view import ChangeLfo, FollowClock
        from widgets.output import OutputOptions

        app = self.app
        app.start()
        for number, (prompt, seed) in enumerate(PROMPTS, 1):
            recipe = Recipe(
                ModelRef(self._model),
                text=TextPart((Prompt(prompt),)),
                latent=LatentPart(seed=seed),
                psi=0.8,
                canvas=Canvas(16 / 9, 1.0),
                bends=(Bend("b16.convs1.1", "rotate", 0.0),),
            )
            app.session.edit(recipe)
            self._turn_until(self._answered, LOAD_S)
            app.commands.do(StoreMoment(number, prompt.removeprefix("a ").removeprefix("an ")))
        for index, lfo in enumerate((Lfo("sine", 4.0), Lfo("triangle", 8.0))):
            app.commands.do(ChangeLfo(index, lfo))
        app.commands.do(SetFade(FADE_S, "both"))
        app.commands.do(FollowClock("midi", CLOCK))
        app.commands.do(RecallMoment(1, 0.0))
        app.session.options = replace(
            app.session.options,
            open_sections=("Music",),
            zoom=ZOOM,
            drawer="Moments",
            output=OutputOptions(on=True, fit="fill"),
        )
        self._turn_until(self._answered, LOAD_S)
        self._turn_until(lambda: not app.previews.wanting, ANSWER_S)

    def frames(self) -> Iterator[float]:
        """Play on to the next frame of the film; its time in beats."""
        begun_s = self.clock.now_s
        self._beat_s = begun_s
        for number in range(round(BEATS * 60 / BPM * FPS)):
            self._send_until(begun_s, number / FPS * BPM / 60)
            self.clock.now_s = begun_s + number / FPS
            self.app.frame(wait=False)
            self._turn_until(self._answered, ANSWER_S)
            yield number / FPS * BPM / 60

    def end(self) -> None:
        """Let the recording come to its end."""
        from tests.monkey.stage import records

        self.clock.now_s += 0.1
        self._turn_until(lambda: not records(self.app), ANSWER_S)
        self.app.close()

    def _send_until(self, begun_s: float, beat: float) -> None:
        """Send what comes before `beat`, each message at its own time."""
        import mido

        from tests.monkey.stage import CLOCK, CONTROLLER

        first, last = round(self._sent_to * PULSES), round(beat * PULSES)
        due: list[tuple[float, str, Any]] = [
            (pulse / PULSES, CLOCK, mido.Message("clock")) for pulse in range(first, last)
        ]
        if first == 0 and last > 0:
            due.insert(0, (0.0, CLOCK, mido.Message("start")))
        while self._script and self._script[0][0] < beat:
            at, kind, values = self._script.pop(0)
            due.append((at, CONTROLLER, mido.Message(kind, **values)))
        for at, port, message in sorted(due, key=lambda item: item[0]):
            self.clock.now_s = begun_s + at * 60 / BPM
            self.midi.play(port, message)
        self._sent_to = beat

    def _answered(self) -> bool:
        from renderer.recipe.identity import same_picture

        session = self.app.session
        frame, idle = session.frame, self.app.thread.status.kind == "idle"
        return idle and frame is not None and same_picture(frame.recipe, session.wanted)

    def _turn_until(self, condition: Callable[[], bool], timeout_s: float) -> None:
        """Let the window turn; the film's time stands still meanwhile."""
        end_s = time.monotonic() + timeout_s
        self.app.frame(wait=False)
        while not condition():
            if time.monotonic() > end_s:
                raise RuntimeError("the picture did not come")
            time.sleep(0.002)
            self.app.frame(wait=False)


def both_screens() -> np.ndarray:
    """What stands on both screens now, uint8 [H, W, 3]."""
    import numpy as np
    from PIL import ImageGrab

    return np.asarray(ImageGrab.grab(xdisplay=os.environ["DISPLAY"]).convert("RGB"))


def side_by_side(pixels: np.ndarray) -> Any:
    """The two screens as a picture of the clip."""
    from PIL import Image

    image = Image.fromarray(pixels)
    return image.resize((SHOW_PX[0] * 2, SHOW_PX[1]), Image.Resampling.LANCZOS)


def played(home: Path, model: str) -> tuple[list[Any], Path]:
    """Play the evening; returns the pictures of the clip, and the take."""
    from unittest import mock

    from visualizer.control import midi

    evening = Evening(home, model)
    ports = (("backend", lambda: evening.midi), ("why_not", lambda: ""))
    with (
        mock.patch.object(midi, *ports[0]),
        mock.patch.object(midi, *ports[1]),
    ):
        evening.prepare()
        pictures = []
        for beat in evening.frames():
            pictures.append(side_by_side(both_screens()))
            if beat % 4 == 0:
                print(f"bar {beat / 4 + 1:.0f}", flush=True)
        evening.end()
    takes = list((home / "captures").glob("*.take"))
    assert len(takes) == 1, takes
    return pictures, takes[0]


def save(pictures: list[Any], clip: Path) -> None:
    """Write the clip, which begins again for ever."""
    first, *others = pictures
    first.save(
        clip,
        save_all=True,
        append_images=others,
        duration=round(1000 / FPS),
        loop=0,
        quality=QUALITY,
        method=4,
    )
    print(f"{clip}: {clip.stat().st_size / 1e6:.2f} MB", flush=True)


def rendered_again(take: Path, out: Path) -> str:
    """Render a take without a window; the hash of the file."""
    command = [sys.executable, "-m", "visualizer", "video", str(take), "--fps", "30"]
    subprocess.run([*command, "--out", str(out)], check=True, timeout=CLIP_S, stdout=sys.stderr)
    return hashlib.sha256(out.read_bytes()).hexdigest()


def main() -> None:
    """Play, and tell what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clip", type=Path, help="write what both screens showed: .webp or .gif")
    parser.add_argument("--keep", type=Path, help="copy the take and its video to this folder")
    parser.add_argument("--model", default="demo-2")
    options = parser.parse_args()
    root = Path(__file__).resolve().parents[2]
    os.environ["PYTHONPATH"] = str(root)
    with tempfile.TemporaryDirectory() as name, two_screens(Path(name)):
        home = Path(name) / "home"
        home.mkdir()
        os.environ["HOME"] = os.environ["STYLEGAN_T_HOME"] = str(home)
        pictures, take = played(home, options.model)
        print(f"{len(pictures)} pictures of both screens; take of {take.stat().st_size} bytes")
        if options.clip:
            save(pictures, options.clip)
        hashes = [rendered_again(take, home / f"{number}.mp4") for number in (1, 2)]
        print(f"rendered twice from the take, equal bytes: {hashes[0] == hashes[1]}")
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            for path in (take, take.with_suffix(".mp4"), home / "1.mp4", home / "2.mp4"):
                shutil.copy(path, options.keep)
    if hashes[0] != hashes[1]:
        sys.exit(1)


if __name__ == "__main__":
    main()
