"""What plays the window from outside: an OSC port on this computer, a stage of stand-ins, scripts
on threads of their own, and another window beside it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Raw
from msgspec.structs import replace

from renderer.files.atomic import ExportError
from renderer.parameters.bindings import Binding
from renderer.parameters.kinds import ParameterError
from renderer.recipe.recipe import RecipeError
from tests.monkey.line import Line
from tests.monkey.neighbour import Neighbour
from tests.monkey.rules import BrokenRuleError
from tests.monkey.stage import CONTROLLER, Stage
from tests.monkey.world import recipes
from tests.source_tree import ROOT
from visualizer.app.app import App
from visualizer.control import settings as control_settings
from visualizer.control.instrument import Control
from visualizer.control.osc import LOCAL
from visualizer.control.settings import ControlSettings
from visualizer.instruments.presets import Presets
from visualizer.instruments.script_calls import ScriptCalls, ScriptError, WindowClosedError
from visualizer.scripting import Explorer
from visualizer.services.instrument import Instrument
from visualizer.session.preset_file import Parts, encode_preset
from widgets.actions import Action
from widgets.chrome.preset_menu import OpenPreset

TAKEN_S = 5.0
"""Packets, messages and calls are taken within this time, or it is a fault."""
PICTURE_S = 20.0
FOLLOW_S = 0.3
FOLLOWED = 4
MAX_SCRIPTS = 6
EXPECTED = (ParameterError, RecipeError, ScriptError, WindowClosedError, ExportError)
"""What a script may be told; anything else goes through everything, and is heard of."""
BINDINGS = (
    Binding("midi/cc/1/1", "/psi", 0.0, 1.5),
    Binding("midi/cc/1/2", "/latent/x", -2.0, 2.0),
    Binding("midi/cc/1/3", "/transform/rotate", 180.0, -180.0),
    Binding("midi/cc/1/4", "/latent/seed", 0, 1000, relative=True),
    Binding("midi/cc/1/5", "/noise/mode"),
    Binding("midi/note/1/60", "/random"),
    Binding("midi/note/1/61", "/undo"),
    Binding("midi/note/1/62", "/nowhere"),
    Binding("midi/bend/1", "/transform/zoom", 0.5, 4.0),
    Binding("/1/fader1", "/text/strength", 0.0, 2.0),
    Binding("/1/pad1#2", "/latent/y", -2.0, 2.0),
    Binding("lfo/1", "/latent/x", -0.5, 0.5, around=True),
    Binding("beat/4", "/moment/next"),
    Binding("audio/level", "/psi", 0.0, 0.6, around=True),
    Binding("pad/1/lx", "/bend/1/amount", -3.0, 3.0),
    Binding("pad/1/a", "/record"),
)
DAMAGED = Raw(b'{"bindings": [0], "bpm": "fast", "moments": 3, "sinks": {}, "state": null}')
"""Wrong for every part of a preset."""
T = TypeVar("T", bound=Instrument)


class Remote:
    """Sends to the window that is open.

    Args:
        home: where the settings are kept; they are written now.
        real: time is real: nothing is waited for.
    """

    def __init__(self, home: Path, *, real: bool) -> None:
        self._real, self._captures = real, home / "captures"
        self.stage, self.neighbour = Stage(real=real), Neighbour(home)
        self.line = Line(home, ROOT)
        self._app: App | None = None
        self._preset_file = home / "stage preset.json"
        self._presets: dict[int, Parts] = {}
        self._scripts: list[threading.Thread] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        settings = ControlSettings(True, _free_port(), midi=CONTROLLER, bindings=BINDINGS)
        control_settings.save(home, settings)

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Everything is connected meanwhile; the other window ends with it."""
        with (
            self._socket,
            closing(self.neighbour),
            self.stage.standing(),
            self.line.standing(),
        ):
            yield

    def opened(self, app: App) -> None:
        """This is the window now."""
        self._app = app

    def closed(self) -> None:
        """The window is closed: every script must end.

        Raises:
            BrokenRuleError: one does not.
        """
        self._app = None
        for script in self._scripts:
            script.join(TAKEN_S)
            if script.is_alive():
                raise BrokenRuleError(f"{script.name} goes on although its window is closed")
        self._scripts.clear()

    # -- OSC and outputs ----------------------------------------------------------------------

    def osc(self, *packets: bytes) -> None:
        """Send packets to the port that the window listens on, if it does."""
        server = self._instrument(Control)._server
        if server is None:
            return
        for packet in packets:
            before = server.packets + server.garbage
            self._socket.sendto(packet, (LOCAL, server.port))
            self._until(lambda seen=before: server.packets + server.garbage > seen, "an OSC packet")

    def output(self, changes: dict[str, Any]) -> None:
        """Choose where the picture goes, as the panel does."""
        assert self._app is not None
        session = self._app.session
        wanted = replace(session.options.output, **changes)
        session.options = replace(session.options, output=wanted)

    def preset(self, way: str, number: int, *parts: str) -> Action:
        """Keep what is set up under a number, or write what is kept there into a file: with all
        `parts`, without some of them, with damage to them, or cut off.

        Returns:
            The wish to load that file.
        """
        kept = self._presets.setdefault(number, self._instrument(Presets).parts())
        if way == "keep":
            kept = self._presets[number] = self._instrument(Presets).parts()
        if way == "lack":
            kept = {name: part for name, part in kept.items() if name not in parts}
        elif way == "damage":
            kept = {name: DAMAGED if name in parts else part for name, part in kept.items()}
        data = encode_preset(kept)
        self._preset_file.write_bytes(data[: len(data) // 2] if way == "cut" else data)
        return OpenPreset(str(self._preset_file))

    # -- scripts -----------------------------------------------------------------------------

    def script(self, name: str, *values: Any) -> None:
        """Let a script make one call, see `_CALLS`."""
        self._scripts = [script for script in self._scripts if script.is_alive()]
        if name in _SLOW and (not self._real or len(self._scripts) >= MAX_SCRIPTS):
            return  # its answer comes when it comes: there is no doing that again
        calls = self._instrument(ScriptCalls)
        thread = threading.Thread(
            target=self._script, args=(Explorer(calls), name, values), name=f"script: {name}"
        )
        self._scripts.append(thread)
        thread.start()
        self._until(lambda: bool(calls._calls) or not thread.is_alive(), f"a script's {name}")

    def _script(self, window: Explorer, name: str, values: tuple[Any, ...]) -> None:
        with suppress(*EXPECTED):
            if name == "capture":
                values = (self._captures / values[0],)
            _CALLS[name](window, *values)

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        end_s = time.monotonic() + TAKEN_S
        while not self._real and not condition():
            if time.monotonic() > end_s:
                raise BrokenRuleError(f"{what} was not taken")
            time.sleep(0.0005)

    def _instrument(self, kind: type[T]) -> T:
        assert self._app is not None
        return self._app.instrument(kind)


def _follow(window: Explorer) -> None:
    for _, _ in zip(range(FOLLOWED), window.frames(FOLLOW_S), strict=False):
        pass


_CALLS: dict[str, Callable[..., Any]] = {
    "set": Explorer.set,
    "get": Explorer.get,
    "edit": lambda window, index: window.edit(recipes()[index]),
    "recipe": lambda window: window.recipe,
    "parameters": lambda window: len(window.parameters),
    "say": Explorer.say,
    "close": Explorer.close,
    "picture": lambda window: window.picture(PICTURE_S),
    "render": lambda window, index: window.render(recipes()[index], PICTURE_S),
    "capture": lambda window, path: window.capture(path),
    "frames": _follow,
}
_SLOW = frozenset({"picture", "render", "capture", "frames"})


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((LOCAL, 0))
        return int(probe.getsockname()[1])
