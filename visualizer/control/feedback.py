"""Tells another program what changes here, so that its faders follow."""

from __future__ import annotations

from collections.abc import Mapping

from renderer.frame.frame import ModelInfo
from renderer.parameters.kinds import Value
from renderer.parameters.parameters import parameters_of
from renderer.recipe.recipe import Recipe
from visualizer.control.osc import OscError, OscSender
from visualizer.control.osc_packets import Message
from visualizer.control.settings import ControlSettings

PERIOD_S = 1 / 30
"""Changes are sent at most this often; what changes in between is sent once."""
LONGEST_TEXT = 1000
"""Longer texts would not fit into a packet."""


class Feedback:
    """Sends the values that differ from what was sent before."""

    def __init__(self) -> None:
        self.problem = ""
        """The reason why nothing is sent although it should be."""
        self._sender: OscSender | None = None
        self._told: tuple[Recipe, ModelInfo | None] | None = None
        self._known: dict[str, Value] = {}
        self._next_s = float("-inf")

    def configure(self, settings: ControlSettings) -> None:
        """Start afresh with these settings: everything is told once."""
        self.close()
        self.problem, self._told = "", None
        if not settings.feedback:
            return
        try:
            self._sender = OscSender(settings.host, settings.feedback_port)
        except OscError as error:
            self.problem = str(error)

    def knows(self, values: Mapping[str, Value]) -> None:
        """Remember values that came from outside: their sender need not hear them again."""
        if self._sender is not None:
            self._known.update(values)

    def tell(self, recipe: Recipe, model: ModelInfo | None, now_s: float) -> float | None:
        """Send what has changed, unless that was done a moment ago.

        Returns:
            When to call again because something is left to be sent, or None.
        """
        if self._sender is None or self._told == (recipe, model):
            return None
        if now_s < self._next_s:
            return self._next_s
        parameters = parameters_of(recipe, model)
        if self._told is None or self._told[1] != model:
            values = {item.address: item.read(recipe) for item in parameters}
        else:
            changes = parameters.changed(self._told[0], recipe)
            values = {item.address: value for item, value in changes}
        self._sender.send(
            [
                Message(address, (value,))
                for address, value in values.items()
                if not (isinstance(value, str) and len(value) > LONGEST_TEXT)
                and not (address in self._known and self._known[address] == value)
            ]
        )
        self._known.clear()
        self._told, self._next_s = (recipe, model), now_s + PERIOD_S
        return None

    def close(self) -> None:
        """Send nothing more."""
        if self._sender is not None:
            self._sender.close()
            self._sender = None
