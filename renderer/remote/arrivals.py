"""Frames of what comes over the line: numbers become recipes, and bands become pictures."""

from __future__ import annotations

from collections import OrderedDict

import msgspec

from renderer.errors import Fault
from renderer.frame.frame import Frame, ModelInfo
from renderer.recipe.identity import second_of
from renderer.recipe.names import missing_sentence
from renderer.recipe.recipe import Recipe
from renderer.remote import frames
from renderer.remote.bands import Assembly
from renderer.remote.messages import Band, FrameMessage, Model, Submit

SUBMITS_KEPT = 256
MODELS_KEPT = 64
FOUND_THERE: dict[Fault, Fault] = {"missing": "missing there", "missing second": "second"}


class Arrivals:
    """Remembers what was sent, and reads what comes by it.  Not safe for several threads.

    Args:
        elsewhere: the renderer's files are not those of this computer.
    """

    def __init__(self, *, elsewhere: bool) -> None:
        self._elsewhere = elsewhere
        self._submitted: OrderedDict[int, Recipe] = OrderedDict()
        self._models: dict[int, ModelInfo] = {}
        self._assembly = Assembly()

    def submit(self, number: int, recipe: Recipe) -> Submit:
        """Return the message that asks for `recipe`, and remember its number."""
        self._submitted[number] = recipe
        while len(self._submitted) > SUBMITS_KEPT:
            self._submitted.popitem(last=False)
        return Submit(number, recipe)

    def forget_models(self) -> None:
        """Another renderer has numbers of its own for its models."""
        self._models.clear()

    def model(self, came: Model) -> None:
        """Remember a model that pictures will name by its number."""
        if len(self._models) >= MODELS_KEPT:
            del self._models[next(iter(self._models))]
        self._models[came.number] = came.info

    def picture(self, came: FrameMessage) -> Frame | None:
        """Return the frame of a message; None for a number that was never sent, or long ago."""
        recipe = self._submitted.get(came.number)
        if recipe is None:
            return None
        if self._elsewhere and came.fault in FOUND_THERE:  # no file here is the missing one
            came = _told_elsewhere(came, recipe)
        frame = frames.frame(came, recipe, self._info_of)
        if not frame.early:
            self._assembly.begin(frame, came.number)
        return frame

    def band(self, came: Band) -> Frame | None:
        """Return the exact picture once its last band has come; else None."""
        return self._assembly.add(came)

    def _info_of(self, number: int | None) -> ModelInfo | None:
        return None if number is None else self._models.get(number)


def _told_elsewhere(came: FrameMessage, recipe: Recipe) -> FrameMessage:
    """A missing file as it is told where the renderer is on another computer."""
    error = came.error
    for model in (recipe.model, second_of(recipe.model)):
        if error == missing_sentence(model):
            error = missing_sentence(model, elsewhere=True)
    return msgspec.structs.replace(came, fault=FOUND_THERE[came.fault], error=error)
