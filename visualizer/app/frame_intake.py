"""News from a frame: the model, its hash, notes, and why there is no picture."""

from __future__ import annotations

from renderer.errors import Fault
from renderer.frame.frame import Frame, ModelInfo, captured_recipe
from renderer.recipe.identity import hash_learnt
from renderer.recipe.recipe import Recipe
from visualizer.session.session import Session, greeting

CANNOT_OPEN: tuple[Fault, ...] = ("model", "missing")


class Learner:
    """Keeps the session in step with what the renderer answers.

    Args:
        session: is kept in step.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._notes: set[str] = set()

    def learn(self, frame: Frame) -> bool:
        """Take in everything but the picture.  Returns whether the model is another one."""
        session, opened = self._session, False
        if frame.model is not None:
            opened = session.opened(frame.model, frame.recipe.model.path)
            if opened and frame.model.warning:  # its panel, which says so too, may be closed
                session.say(frame.model.warning, "warning")
            if session.greets:
                self._greet(frame.model)
        for note in frame.notes:
            if note not in self._notes:
                self._notes.add(note)
                session.say(note, "warning")
        if frame.error is not None and frame.error != session.error:
            session.notices.log(frame.error, "error")
        session.fail(frame.recipe, frame.error, frame.fault)
        if frame.error is not None and frame.model is None and frame.fault in CANNOT_OPEN:
            refused = session.refuse(frame.recipe, frame.error, frame.fault)
            if refused:  # the picture of what stays is still to come
                session.fail(None)
        return opened

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
