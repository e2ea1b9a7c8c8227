"""Wandering: moves the document's latent along a random walk, as time passes."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct
from msgspec.structs import replace

from renderer.parameters.settings import SMOOTHNESS, WANDER_SPEED
from renderer.recipe.random_walk import RandomWalk
from renderer.recipe.recipe import LatentPart
from renderer.recipe.seed_plane import travelled
from stylegan_t.errors import BROKEN_JSON
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Desk, Instrument
from widgets.latent.seed_map import Glide
from widgets.latent.wander import SetWander, ToggleWander, Wander, Wandering

SEEDS = 2**32
OFF_PLANE = "This latent has no seed: choose one to wander from."

_SPEED, _SMOOTH = WANDER_SPEED.kind, SMOOTHNESS.kind


class WanderState(Struct, frozen=True):
    """The settings of wandering, as a session keeps them."""

    speed: Annotated[float, Meta(ge=_SPEED.low, le=_SPEED.high)] = WANDER_SPEED.default
    smoothness: Annotated[float, Meta(ge=_SMOOTH.low, le=_SMOOTH.high)] = SMOOTHNESS.default


_STATE = msgspec.json.Decoder(WanderState)


class Wanderer(Instrument):
    """Plays a random walk.

    Where the walk is follows from the time since it began, so that it is the same at any pace of
    the window.  Whatever else moves the latent meanwhile is where the walk goes on from.
    """

    name = "wander"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._how = WanderState()
        self._playing = self._begun = False
        self._seed = random.randrange(SEEDS)
        self._walk = RandomWalk(self._seed, self._how.smoothness)
        # Where on the walk it was when the clock was last set, and where the latent was then.
        self._since_s = self._distance = 0.0
        self._origin, self._start = (0.0, 0.0), LatentPart()
        self._mine: LatentPart | None = None

    @property
    def moves(self) -> bool:
        """Return whether it walks."""
        return self._playing

    def handlers(self) -> Iterable[Handler]:
        """Playing, stopping and setting."""
        return (
            on(Wander, self._wander),
            on(ToggleWander, lambda _: self._wander(Wander(not self._playing))),
            on(SetWander, self._set),
            on(Glide, lambda _: None),  # asking was enough: the next frame comes at full pace
        )

    def views(self, now_s: float) -> Iterable[object]:
        """Return what the buttons show."""
        return (Wandering(self._playing, self._how.speed, self._how.smoothness),)

    def poll(self, now_s: float) -> None:
        """Walk on."""
        if not self._playing:
            return
        document = self.desk.session.document
        part = document.recipe.latent
        if self._begun and part != self._mine and document.can_redo:
            self._stop()  # undone: the user wants to be where it began
            return
        if not part.on_plane:
            self._stop()
            self.desk.session.say(OFF_PLANE)
            return
        if part != self._mine:
            self._anchor(part, now_s)
        x, y = self._walk.at(self._at(now_s))
        part = travelled(self._start, x - self._origin[0], y - self._origin[1])
        if part == document.recipe.latent:
            return
        recipe = replace(document.recipe, latent=part)
        if self._begun:
            document.amend(recipe)
        else:  # one step of undo, back to where it began
            self.desk.session.edit(recipe)
            self._begun = True
        self._mine = part

    def state(self) -> WanderState:
        """Speed and smoothness."""
        return self._how

    def restore(self, state: Raw | None) -> str | None:
        """Take speed and smoothness; whatever walks stops."""
        self._stop()
        try:
            how = WanderState() if state is None else _STATE.decode(state)
        except BROKEN_JSON:
            how = WanderState()
            self._set(SetWander(how.speed, how.smoothness))
            return "The settings for Wander could not be read and were reset."
        self._set(SetWander(how.speed, how.smoothness))
        return None

    def _wander(self, action: Wander) -> None:
        now_s = self.desk.clock()
        if action.seed is not None:
            self._seed, self._distance = action.seed, 0.0
            self._walk = RandomWalk(self._seed, self._how.smoothness)
        elif self._playing and not action.playing:
            self._distance = self._at(now_s)
        self._stop()
        if action.playing:
            self._playing = True
            self._anchor(self.desk.session.recipe.latent, now_s, self._distance)

    def _set(self, action: SetWander) -> None:
        now_s = self.desk.clock()
        distance = self._at(now_s) if self._playing else self._distance
        before = self._how
        speed = before.speed if action.speed is None else action.speed
        smoothness = before.smoothness if action.smoothness is None else action.smoothness
        if smoothness != before.smoothness:
            self._walk = RandomWalk(self._seed, smoothness)
        self._how = WanderState(speed, smoothness)
        self._anchor(self.desk.session.recipe.latent, now_s, distance)

    def _anchor(self, part: LatentPart, now_s: float, distance: float | None = None) -> None:
        """Go on from `part`, at the same place of the walk."""
        self._distance = self._at(now_s) if distance is None else distance
        self._since_s, self._start, self._mine = now_s, part, part
        self._origin = self._walk.at(self._distance)

    def _at(self, now_s: float) -> float:
        """The distance walked, in seeds."""
        return self._distance + self._how.speed * max(now_s - self._since_s, 0.0)

    def _stop(self) -> None:
        self._playing = self._begun = False
        self._mine = None
