"""News from a frame: the model, its hash, notes, and why there is no picture."""

from __future__ import annotations

from renderer.errors import Fault
from renderer.frame.frame import ANNOUNCED, Frame, ModelInfo, captured_recipe
from renderer.recipe.identity import hash_learnt
from renderer.recipe.recipe import Recipe
from visualizer.session.session import Session, greeting
from widgets.controls.unknown_words import SETTLED_S

CANNOT_OPEN: tuple[Fault, ...] = ("model", "missing", "missing there")


class Learner:
    """Keeps the session in step with what the renderer answers.

    Args:
        session: is kept in step.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._notes: set[str] = set()
        self._waiting: tuple[str, ...] = ()

    def learn(self, frame: Frame) -> bool:
        """Take in everything but the picture.  Returns whether the model is another one."""
        session, opened = self._session, False
        if frame.model is not None:
            opened = session.opened(frame.model, frame.recipe.model.path)
            if opened and frame.model.warning:  # its panel, which says so too, may be closed
                session.say(frame.model.warning, "warning")
            if session.greets:
                self._greet(frame.model)
        self._waiting = tuple(note for note in frame.notes if note not in self._notes)
        if frame.error is not None and frame.error != session.error:
            session.notices.log(frame.error, "error")
        session.fail(frame.recipe, frame.error, frame.fault)
        if frame.error is not None and frame.model is None and frame.fault in CANNOT_OPEN:
            refused = session.refuse(frame.recipe, frame.error, frame.fault)
            if refused:  # the picture of what stays is still to come
                session.fail(None)
        return opened

    def met(self, frame: Frame) -> bool:
        """Greet with the model of an early frame.  Returns whether that is all that it tells."""
        if self._session.greets and frame.model is not None:
            self._greet(frame.model)
        return frame.early == ANNOUNCED

    def say_notes(self, typed_s: float, now_s: float) -> float | None:
        """Say what the last frame notes, each note once; not of a text that is being typed.

        Args:
            typed_s: when the last letter was typed.
            now_s: the current time.

        Returns:
            When to come again, or None.
        """
        if not self._waiting:
            return None
        if now_s - typed_s < SETTLED_S:
            return typed_s + SETTLED_S
        for note in self._waiting:
            self._notes.add(note)
            self._session.say(note, "warning")
        self._waiting = ()
        return None

    def name_model(self, frame: Frame) -> bool:
        """Write the hashes of the models that were loaded into the document, where it has none yet.

        Returns:
            Whether it was written.
        """
        document = self._session.document
        named = hash_learnt(document.recipe, captured_recipe(frame).model)
        if frame.model is None or named == document.recipe:
            return False
        document.amend(named)
        return True

    def _greet(self, model: ModelInfo) -> None:
        """Fill a newcomer's empty document; anything already begun stays."""
        session = self._session
        recipe = session.recipe
        if session.own is not None:
            return  # the tour's document is not the newcomer's
        if recipe == Recipe(model=recipe.model):
            session.document.amend(greeting(recipe.model, model))
        session.greets = False
