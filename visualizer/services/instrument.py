"""Instruments: an instrument is a part of the program with panels of its own and something to
remember.

The loop calls every instrument at the same few moments of a frame.  Instruments do not know each
other; they meet in the document and in the actions that panels ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from msgspec import Raw, Struct

from renderer.frame.frame import Frame
from renderer.recipe.recipe import Recipe
from visualizer.services.action_table import Handler
from visualizer.services.background import Background
from visualizer.services.dialogs import Dialogs
from visualizer.services.jobs import Jobs
from visualizer.services.render_port import Renderers, Rendering
from visualizer.session.session import Session
from visualizer.session.state import Folders
from visualizer.sinks.rack import SinkRack
from visualizer.window.layout import Layout
from visualizer.window.window import Window
from widgets.actions import Action
from widgets.context import Context

if TYPE_CHECKING:  # at run time it needs OpenGL, which is imported once there is a window
    from visualizer.services.previews import PreviewStore
    from visualizer.window.texture import ImageTexture


@dataclass(frozen=True)
class Desk:
    """The services that instruments work with; all of them for the main thread.

    `do` carries out an action, as if a panel had asked for it; `submit_again` asks for the current
    picture although nothing has changed; `clock` is monotonic seconds; `wake_at` asks for a frame
    at a time of that clock at the latest.  `wake` alone may be called from other threads: a frame
    comes soon.
    """

    session: Session
    window: Window
    layout: Layout
    renderers: Renderers
    background: Background
    jobs: Jobs
    dialogs: Dialogs
    previews: PreviewStore
    texture: ImageTexture
    sinks: SinkRack
    folders: Folders
    clock: Callable[[], float]
    do: Callable[[Action], None]
    submit_again: Callable[[], None]
    wake_at: Callable[[float], None]
    wake: Callable[[], None]

    @property
    def thread(self) -> Rendering:
        """The current render thread."""
        return self.renderers.now


class Instrument:
    """One instrument; every method has a default that does nothing.

    `name` is under which its `state` is kept in a session, and `preset_name` under which a preset
    keeps what a performer has set up in it; empty keeps nothing.
    """

    name: ClassVar[str] = ""
    preset_name: ClassVar[str] = ""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @property
    def moves(self) -> bool:
        """Return whether it changes what is on the screen by itself: frames come at full pace."""
        return False

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of the actions that it carries out; no other instrument does."""
        return ()

    def poll(self, now_s: float) -> None:
        """A frame begins.  Whatever plays the document amends it here."""

    def played(self, recipe: Recipe) -> Recipe:
        """Return the recipe to be shown for the document's `recipe`: what plays on top of it
        without editing it."""
        return recipe

    def views(self, now_s: float) -> Iterable[object]:
        """Return what its panels see in this frame: frozen values, found by their type."""
        return ()

    def saw(self, frame: Frame, now_s: float) -> None:
        """The renderer has answered with a picture."""

    def drawn(self, context: Context, edited: bool) -> None:
        """The frame is drawn and taken; `edited` is whether its panels changed the recipe."""

    def state(self) -> Struct | None:
        """Return what a session should remember of it, plain values; None for nothing."""
        return None

    def restore(self, state: Raw | None) -> str | None:
        """Take what a session remembers, JSON of what `state` gave; None: start afresh.

        It is not to be trusted.  Returns a sentence when it cannot be used, and starts afresh then.
        """
        return None

    def preset(self) -> Struct | None:
        """Return what a preset keeps of it; that is what a session remembers, unless it says
        otherwise."""
        return self.state()

    def take_preset(self, part: Raw) -> str | None:
        """Take what a preset has, which the user chose but which is not to be trusted.

        Returns a sentence when it cannot be used, and leaves everything as it is then.
        """
        return self.restore(part)

    def close(self) -> None:
        """The window closes: end what runs; OpenGL is still there."""


def show_played(instruments: Iterable[Instrument], session: Session) -> Recipe:
    """Let instruments play on top of the document; returns the recipe that is to be drawn."""
    recipe = session.recipe
    for instrument in instruments:
        recipe = instrument.played(recipe)
    session.shown = None if recipe is session.recipe else recipe
    return recipe
