"""Scripting the window from Python: the script runs beside it, and the user can go on playing.

    from visualizer import scripting

    def main(window: scripting.Explorer) -> None:
        window.set("/text/prompt/1", "a red house at sunset")
        for step in range(11):
            window.set("/psi", step / 10)
            window.capture(f"psi-{step:02}.png")

    scripting.run(main)

The window needs the program's main thread, so `run` takes that and `main` gets a thread of its own.
Every call is handed to the window and answered before it returns.  When the user closes the window,
the call that is under way raises `WindowClosedError`, and so the script ends.

Addresses are those of OSC; `stylegan-t parameters` lists them.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from renderer.errors import Abandoned, PictureError
from renderer.files.atomic import write_file
from renderer.frame.frame import Frame, captured_recipe
from renderer.parameters.commands import MOMENT
from renderer.parameters.kinds import Choice, ParameterError, Value
from renderer.parameters.parameter import Command
from renderer.parameters.parameters import Parameters, parameters_of
from renderer.parameters.settings import FADE
from renderer.recipe.moments import PARTS, Part, in_order
from renderer.recipe.recipe import Recipe, check
from visualizer.app.shutdown import AT_EXIT
from visualizer.app.start import open_app
from visualizer.control.command_addresses import Commander
from visualizer.instruments.script_calls import ScriptCalls, ScriptError, WindowClosedError
from visualizer.services.signals import SIGNALLED
from widgets.actions import Action
from widgets.controls.moments_view import RecallMoment, StoreMoment

__all__ = ["Explorer", "ScriptError", "WindowClosedError", "run"]

T = TypeVar("T")
PICTURE_S = 120.0
"""Default seconds that a script waits for a picture; loading a model takes its time."""
JOIN_S = 5.0
GESTURE = "script"

logger = logging.getLogger(__name__)


class Explorer:
    """The open window, as a script sees it.  Every method may be called from any thread but the
    window's own.

    All of them raise `WindowClosedError` once the window is closed.
    """

    def __init__(self, calls: ScriptCalls) -> None:
        self._calls = calls
        self._commander = Commander(calls.desk.do, calls.desk.clock)

    # -- the document --------------------------------------------------------------------------

    @property
    def recipe(self) -> Recipe:
        """The current recipe."""
        session = self._calls.desk.session
        return self._do(lambda: session.recipe)

    def edit(self, recipe: Recipe) -> None:
        """Show another recipe; edits in quick succession are one step of undo.

        Raises:
            RecipeError: it holds an impossible value.
        """
        check(recipe)
        session = self._calls.desk.session
        self._do(lambda: session.edit(recipe, GESTURE))

    @property
    def parameters(self) -> Parameters:
        """Return what can be set now: depends on the model, and on the prompts, sources and
        directions."""
        session = self._calls.desk.session
        return self._do(lambda: parameters_of(session.recipe, session.model))

    def get(self, address: str) -> Value:
        """The value of a parameter, such as `/psi`.

        Raises:
            ParameterError: there is no such parameter.
        """

        def work() -> Value:
            session = self._calls.desk.session
            return (
                parameters_of(session.recipe, session.model).parameter(address).read(session.recipe)
            )

        return self._do(work)

    def set(self, address: str, value: Value = True) -> None:
        """Set a parameter, or do what a command's address does: `window.set("/undo")`.

        Raises:
            ParameterError: there is no such address, or the value is not taken.
        """
        self._do(lambda: self._set(address, value))

    def undo(self) -> None:
        """Take the last step back."""
        self.set("/undo")

    def redo(self) -> None:
        """Redo the last step that was undone."""
        self.set("/redo")

    # -- pictures ------------------------------------------------------------------------------

    def frame(self, timeout_s: float = PICTURE_S) -> Frame:
        """Wait until the window shows the current recipe, and return that frame.

        Raises:
            ScriptError: there is no picture of it, or it took too long.
        """
        return self._answer(self._calls.shown(), timeout_s)

    def picture(self, timeout_s: float = PICTURE_S) -> np.ndarray:
        """Wait for the picture of the current recipe: uint8 [R, R, 3], row 0 at the top.

        Raises:
            ScriptError: there is no picture of it, or it took too long.
        """
        return self.frame(timeout_s).pixels().copy()

    def render(self, recipe: Recipe, timeout_s: float = PICTURE_S) -> np.ndarray:
        """The picture of any recipe, without showing it: uint8 [R, R, 3].

        Raises:
            ScriptError: there is no picture of it, or it took too long.
        """
        thread = self._calls.desk.thread
        self._do(lambda: None)  # a closed window renders nothing
        future = thread.run(lambda renderer: renderer.render(recipe), "Rendering for a script")
        frame = self._answer(future, timeout_s)
        if frame.error is not None:
            raise ScriptError(frame.error)
        return frame.pixels().copy()

    def capture(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Save the picture of the current recipe, with the recipe in it.

        Args:
            path: ends in .png, .jpg or .webp.
            overwrite: whether a file that is there may be replaced.

        Raises:
            ExportError: it cannot be written, or is there already.
            ScriptError: there is no picture.
        """
        # Pillow is slow to import: only for captures
        from renderer.files.images import encode

        path, frame = Path(path), self.frame()
        data = encode(frame.pixels(), captured_recipe(frame), path.suffix)
        write_file(path, data, overwrite=overwrite)
        return path

    def frames(self, timeout_s: float | None = None) -> Iterator[Frame]:
        """Yield each new frame that the window shows; slow readers miss some.

        It ends when none has come for `timeout_s`; None waits until the window is closed.
        """
        seen = 0
        while (found := self._calls.wait_frame(seen, timeout_s)) is not None:
            frame, seen = found
            yield frame

    def on_frame(self, react: Callable[[Frame], object]) -> None:
        """Call `react` with each new frame, on a thread of its own, until the window is closed."""

        def main() -> None:
            try:
                for frame in self.frames():
                    react(frame)
            except WindowClosedError:
                return
            except Exception:
                logger.exception("a script's reaction to frames failed and is called no more")

        threading.Thread(target=main, name="script frames", daemon=True).start()

    # -- moments -------------------------------------------------------------------------------

    def store(self, number: int, name: str = "", *parts: Part) -> None:
        """Keep the current picture as the moment `number`, 1 to 99.

        Args:
            number: of the pad; what it holds is replaced.
            name: empty calls it by its prompt and its seed.
            parts: such as "prompts" or "psi", see `renderer.recipe.moments`: recalling it changes
                these alone.  None of them stands for all.

        Raises:
            ParameterError: there is no such moment, or no such part.
        """
        wanted = MOMENT.checked(number, "store")
        assert isinstance(wanted, int)
        for part in parts:
            Choice(PARTS).checked(part, "store")
        self._ask(StoreMoment(wanted, name, in_order(parts)))

    def recall(self, number: int, fade_s: float | None = None) -> None:
        """Go to a moment within `fade_s` seconds, or as the window is set; 0 is a cut.  It returns
        at once.

        Raises:
            ParameterError: there is no such moment, or the fade is longer than 10 minutes.
        """
        wanted = MOMENT.checked(number, "recall")
        assert isinstance(wanted, int)
        seconds = None if fade_s is None else FADE.kind.checked(fade_s, "fade_s")
        assert seconds is None or isinstance(seconds, float)
        self._ask(RecallMoment(wanted, seconds))

    def _ask(self, action: Action) -> None:
        """Carry out an action, as if a panel had asked for it."""
        self._do(lambda: self._calls.desk.do(action))

    # -- the window ----------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """Tell the user something in the status line."""
        session = self._calls.desk.session
        self._do(lambda: session.say(text))

    @property
    def closed(self) -> bool:
        """Return whether the window is closed."""
        return self._calls.closed

    def close(self) -> None:
        """Close the window as the user would."""
        window = self._calls.desk.window
        self._do(window.ask_close)

    # -- inside --------------------------------------------------------------------------------

    def _set(self, address: str, value: Value) -> None:
        session = self._calls.desk.session
        found = parameters_of(session.recipe, session.model).find(address)
        if found is None:
            raise ParameterError(f"There is no address {address[:80]!r} at the moment.")
        if isinstance(found, Command):
            if (good := found.kind.checked(value, address)) is not False:
                self._commander.carry_out(found.address, good)
        else:
            session.edit(found.set(session.recipe, value), GESTURE)

    def _do(self, work: Callable[[], T]) -> T:
        """Do `work` on the window's thread and wait for its result."""
        return self._calls.call(work).result()

    def _answer(self, future: Any, timeout_s: float) -> Frame:
        try:
            return future.result(timeout_s)
        except (CancelledError, Abandoned) as error:  # it had not begun, or was interrupted
            raise WindowClosedError("The window was closed.") from error
        except PictureError as error:  # the renderer was restarted meanwhile
            raise ScriptError(str(error)) from error
        except TimeoutError as error:
            raise ScriptError(f"No picture came within {timeout_s:g} s.") from error


def run(
    main: Callable[[Explorer], T],
    model: str | None = None,
    *,
    device: str = "auto",
    recipe: Recipe | None = None,
    stay: bool = False,
) -> T | None:
    """Open the window and run `main` beside it; call it from the program's main thread.

    Args:
        main: the script.
        model: a checkpoint's path or "demo"; None opens the one of the last run.
        device: "auto", "cuda", "mps" or "cpu".
        recipe: to begin with; None goes on where the last run ended.
        stay: leave the window open when `main` is done, until the user closes it.

    Returns:
        What `main` returns; None when the window was closed before it was done.

    Raises:
        WindowError: there is no display or no such device.
        KeyboardInterrupt, SystemExit: a signal has closed the window.
        Exception: whatever `main` raises, once the window is down.
    """
    app = open_app(model, device, recipe)
    calls = app.instrument(ScriptCalls)
    outcome = _Outcome()
    script = threading.Thread(
        target=outcome.of, args=(main, Explorer(calls), stay), name="script", daemon=True
    )
    script.start()
    status = app.run()
    script.join(JOIN_S)
    if script.is_alive():
        AT_EXIT.leave(script)
    elif not app.left_behind:
        AT_EXIT.release(app)
    if status == SIGNALLED + signal.SIGINT:
        raise KeyboardInterrupt
    if status:
        AT_EXIT.status = status
        raise SystemExit(status)
    if outcome.error is not None:
        raise outcome.error
    return outcome.result


class _Outcome:
    """The outcome of a script: a result, an error, or neither when its window was closed."""

    def __init__(self) -> None:
        self.result: Any = None
        self.error: BaseException | None = None

    def of(self, main: Callable[[Explorer], Any], window: Explorer, stay: bool) -> None:
        """Run `main`; then close the window, unless it is to stay."""
        try:
            self.result = main(window)
        except WindowClosedError:
            return
        except BaseException as error:  # raised again by `run`, on the main thread
            self.error = error
        if stay and self.error is None:
            return
        try:
            window.close()
        except WindowClosedError:
            logger.debug("the user closed the window at the same moment")
