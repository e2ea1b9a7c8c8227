"""What the program learns from a frame: the model, its hash, notes, and why there is no picture."""

from __future__ import annotations

from msgspec.structs import replace

from renderer.frame import Fault, Frame, ModelInfo
from renderer.recipe import LatentPart, Prompt, TextPart
from visualizer.session import Session

CANNOT_OPEN: tuple[Fault, ...] = ("model", "missing")
FIRST_LATENT = LatentPart(seed=1, target_seed=2)
"""What a newcomer sees first: seed 0 of the demo model falls between two picture styles."""


class Learner:
    """Keeps the session in step with what the renderer answers.

    Args:
        session: is kept in step.
        greets: whether the user is new, and is shown what a prompt looks like.
    """

    def __init__(self, session: Session, *, greets: bool) -> None:
        self._session, self._greets = session, greets
        self._notes: set[str] = set()

    def learn(self, frame: Frame) -> bool:
        """Take in everything but the picture.  Returns whether the model is another one."""
        session, opened = self._session, False
        if frame.model is not None:
            opened = session.opened(frame.model, frame.recipe.model.path)
            if opened:
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
        """Write the hash of the model that was loaded into the document, where it has none yet.

        Returns:
            Whether it was written.
        """
        document = self._session.document
        model = document.recipe.model
        if frame.model is None or model.sha256 or model.path != frame.recipe.model.path:
            return False
        named = replace(model, sha256=frame.model.sha256)
        document.amend(replace(document.recipe, model=named))
        return True

    def _greet(self, model: ModelInfo) -> None:
        """Begin a newcomer's first session with a prompt that this model understands."""
        document = self._session.document
        untouched = document.recipe.text == TextPart() and not document.can_undo
        if self._greets and untouched and model.example_prompts:
            text = TextPart(prompts=(Prompt(text=model.example_prompts[0]),))
            latent = document.recipe.latent
            if latent == LatentPart():
                latent = FIRST_LATENT
            document.amend(replace(document.recipe, text=text, latent=latent))
        self._greets = False
