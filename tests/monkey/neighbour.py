"""Another window of the program on the same folder, in a process of its own: it changes things, and
is closed or killed.  Of what either window has done nothing may be lost.

The processes are forked from one that has imported everything: a window is there in no time, and
the fence around this process need not let anybody start a program.
"""

from __future__ import annotations

import gc
import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from renderer.recipe.identity import unhashed
from renderer.recipe.recipe import LatentPart, Prompt, Recipe, TextPart, from_json, to_json
from tests.monkey.rules import BrokenRuleError, always, listening
from tests.source_tree import ROOT
from visualizer.instruments.prompts import MAX_KEPT_PROMPTS, PROMPT
from visualizer.session.earlier_sessions import EarlierSessions
from visualizer.session.session_file import SessionError, read_session
from visualizer.session.state import MAX_RECENT, Store
from visualizer.session.user_lists import Library

if TYPE_CHECKING:
    from visualizer.app.app import App

SIZE = (500, 400)
TURN_S, TURNS = 0.5, 16
"""A redraw by the neighbour's clock, and so many follow a change: all is written after them."""
PROMPTS, ENDED = "prompts", "ended"


class Neighbour:
    """Opens windows on `home`, one at a time, and looks after each call whether all is kept."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(home)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self._pid = 0
        self._made: dict[str, str] = {}

    @property
    def is_open(self) -> bool:
        """Whether there is a window."""
        return self._pid != 0

    def act(self, name: str, *values: Any) -> None:
        """One of "open", "change" (a number, a model), "look", "close" and "kill".

        Raises:
            BrokenRuleError: something is lost, or the window has failed.
        """
        if self.is_open == (name == "open"):
            return
        if name == "open":
            self._pid = int(self._ask(name))
        elif name == "change":
            self._made = json.loads(self._ask(json.dumps(values)))
        elif name in ("close", "kill"):
            self._end(name)
        if self._made:
            self._look()
        if name == "close":  # what was killed is looked for once more, after the next one's start
            self._made = {}

    def close(self) -> None:
        """End the window and its process, whatever they are at."""
        self._process.communicate()

    def _end(self, name: str) -> None:
        if name == "kill":
            os.kill(self._pid, signal.SIGKILL)
            wanted, answer = f"{ENDED} {-signal.SIGKILL}", self._answer()
        else:
            wanted, answer = f"{ENDED} 0", self._ask(name)
        if answer != wanted:
            raise BrokenRuleError(f"another window was to be {wanted} and is {answer}")
        self._pid = 0

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        answer = self._answer()
        if line != "close" and answer.startswith(ENDED):
            raise BrokenRuleError(f"another window has {answer}")
        return answer

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def _look(self) -> None:
        wanted = unhashed(from_json(self._made["recipe"]))
        if wanted not in map(unhashed, _recipes(self._home)):
            raise BrokenRuleError(f"the session of another window is lost: {wanted}")
        recent = Store(self._home)._file.read().recent_models
        if self._made["model"] not in recent and len(recent) < MAX_RECENT:
            raise BrokenRuleError(f"{self._made['model']} of another window is not in {recent}")
        prompts = Library(self._home, PROMPTS, PROMPT, MAX_KEPT_PROMPTS).load()[0]
        if self._made["prompt"] not in prompts and len(prompts) < MAX_KEPT_PROMPTS:
            raise BrokenRuleError(f"{self._made['prompt']} of another window is not in {prompts}")


def _recipes(home: Path) -> list[Recipe]:
    """Those of all sessions that a user can come to."""
    found = []
    for path in (
        *home.glob("session*.json"),
        *(Path(name) for name, _ in EarlierSessions(home).listed()),
    ):
        try:
            found.append(read_session(path).recipe)
        except SessionError:  # a file that is being replaced
            continue
    return found


# -- the other process -----------------------------------------------------------------------------


def serve(home: Path) -> None:
    """Fork a window for each line that asks for one; tells how it has ended."""
    import tests.monkey.turns
    import visualizer.app

    assert tests.monkey.turns, visualizer.app
    gc.freeze()
    while _line() == "open":
        if (pid := os.fork()) == 0:
            _live(home)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        _tell(f"{ENDED} {os.waitstatus_to_exitcode(status)}")


def _live(home: Path) -> None:
    """A window that does what it is told, until it is closed."""
    from tests.monkey.fence import fenced
    from visualizer.control import midi

    without = mock.patch.object(midi, "why_not", lambda: "the controller is at the other window")
    with without, listening() as ears, fenced(home) as fence:
        clock = [0.0]
        app = _opened(home, clock)

        def redraw(count: int) -> None:
            for _ in range(count):
                clock[0] += TURN_S
                app.frame(wait=False)
                always(app, ears, fence.breaches)
                app._background._files.submit(int).result()

        redraw(2)
        _tell(os.getpid())
        while (line := _line()).startswith("["):
            number, model = json.loads(line)
            _tell(json.dumps(_change(app, number, model, lambda: redraw(TURNS))))
        app.close()
        if ears.heard:
            raise BrokenRuleError("\n".join(ears.heard))


def _opened(home: Path, clock: list[float]) -> App:
    from tests.monkey.turns import TurnThread
    from tests.visualizer.fake import renderers_with
    from visualizer.app.app import App
    from visualizer.services.dialogs import Dialogs
    from visualizer.services.render_port import Wake
    from visualizer.session.seats import take_seat
    from visualizer.session.state import Folders
    from visualizer.window.window import TITLE, Window

    store = Store(home, take_seat(home))
    last, wake = store.load(), Wake()
    app = App(
        Window(TITLE, SIZE, visible=False),
        renderers_with(TurnThread()),
        wake,
        store,
        last,
        Folders(home, home / "captures"),
        clock=lambda: clock[0],
        choose=Dialogs(use_native=False),
    )
    app.start()
    return app


def _change(app: App, number: int, model: str, redraw: Callable[[], None]) -> dict[str, str]:
    """Another recipe, prompt and model; what there is of them once all is written."""
    from widgets.actions import OpenModel

    prompt = f"beside {number}"
    app.session.edit(Recipe(text=TextPart((Prompt(prompt),)), latent=LatentPart(number)))
    app.commands.do(OpenModel(model))
    redraw()
    if app.session.error:
        raise BrokenRuleError(app.session.error)
    return {"recipe": to_json(app.session.recipe), "prompt": prompt, "model": model}


def _line() -> str:
    """The next one, byte by byte: what follows may be for another process."""
    read = iter(lambda: os.read(0, 1), b"")
    return b"".join(itertools.takewhile(lambda byte: byte != b"\n", read)).decode()


def _tell(answer: object) -> None:
    print(answer, flush=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
