"""Moments: stores numbered recipes, and cross-fades from what is shown to the one recalled.

Where a fade is follows from the clock.  One step of undo leads back from the whole of it; whatever
else changes the picture meanwhile keeps what it has changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace as with_name
from pathlib import Path
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta, Raw, Struct
from msgspec.structs import replace

from renderer.files.atomic import write_file
from renderer.files.moments_file import read_moments
from renderer.parameters.settings import FADE
from renderer.recipe.identity import hash_learnt, same_picture
from renderer.recipe.moments import MAX_MOMENTS, Moment, Moments, plain_name
from renderer.recipe.moments_json import (
    Found,
    MomentsError,
    StoredMoment,
    restored,
    stored,
    to_file,
)
from renderer.recipe.names import stem_of
from renderer.recipe.recipe import Recipe
from renderer.timeline.cross_fade import MAX_FADE_S, CrossFade, is_cut
from renderer.timeline.easing import Easing
from stylegan_t.errors import BROKEN_JSON
from visualizer.services import dialogs
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Desk, Instrument
from widgets.controls.moments_view import (
    CUT_S,
    ChooseParts,
    DeleteMoment,
    ExportMoments,
    ImportMoments,
    MomentsView,
    MoveMoment,
    RecallMoment,
    RenameMoment,
    SetFade,
    StepMoment,
    StoreMoment,
    UndoMoments,
)
from widgets.latent.wander import Wander

MAX_UNDO = 50
"""Number of changes of the pads that can be taken back."""


class _State(Struct, frozen=True):
    """The moments and how recalls go, as a session reads them."""

    moments: tuple[Raw, ...] = ()
    fade_s: Annotated[float, Meta(ge=0.0, le=MAX_FADE_S)] = FADE.default
    easing: Easing = "both"


class StoredState(Struct, frozen=True):
    """The same as a session writes them."""

    moments: tuple[StoredMoment, ...]
    fade_s: float
    easing: Easing


_STATE = msgspec.json.Decoder(_State)


class MomentsKeeper(Instrument):
    """Keeps the moments of a session, and plays the way from one to the next."""

    name: ClassVar[str] = "moments"
    preset_name: ClassVar[str] = "moments"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._moments, self._fade_s = Moments(), FADE.default
        self._easing: Easing = _State().easing
        self._undo: list[tuple[str, Moments]] = []
        self._current = 0
        self._fade: CrossFade | None = None
        self._since_s = self._share = 0.0
        self._mine = Recipe()
        self._begun = False
        self._compared: tuple[object, ...] = (None, None, None)
        self._at_it = False
        self._stored: tuple[Moments, tuple[StoredMoment, ...]] = (Moments(), ())

    @property
    def moves(self) -> bool:
        """Return whether a fade runs."""
        return self._fade is not None

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what the Moments tab, the keys and remote controls ask for."""
        return (
            on(RecallMoment, self._recall),
            on(StepMoment, lambda action: self._step(action.step)),
            on(StoreMoment, self._store),
            on(RenameMoment, self._rename),
            on(ChooseParts, self._choose_parts),
            on(MoveMoment, self._move),
            on(DeleteMoment, lambda action: self._delete(action.number)),
            on(UndoMoments, lambda _: self._take_back()),
            on(SetFade, self._set_fade),
            on(ImportMoments, self._import),
            on(ExportMoments, lambda _: self._export()),
        )

    def views(self, now_s: float) -> Iterable[object]:
        """Return what the pads show."""
        return (
            MomentsView(
                moments=self._moments,
                fade_s=self._fade_s,
                easing=self._easing,
                current=self._current,
                at_it=self._is_at_it(),
                share=None if self._fade is None else self._share,
                undo=self._undo[-1][0] if self._undo else "",
            ),
        )

    # -- the fade ------------------------------------------------------------------------------

    def poll(self, now_s: float) -> None:
        """Fade on."""
        if self._fade is None:
            return
        document = self.desk.session.document
        if document.recipe != self._mine:
            if document.can_redo:  # undone: the user wants to be where it began
                self._fade = None
                return
            self._fade = self._fade.keeping(self._mine, document.recipe)
        gone_s = max(now_s - self._since_s, 0.0)
        fade = self._fade
        self._share = min(gone_s / fade.seconds, 1.0)
        if self._share >= 1.0:
            self._fade = None
        self._show(fade.at(gone_s))

    def _show(self, recipe: Recipe) -> None:
        """Show a picture of the fade; all of them are one step of undo."""
        document = self.desk.session.document
        recipe = hash_learnt(recipe, document.recipe.model)
        if recipe != document.recipe:
            if self._begun:
                document.amend(recipe)
            else:
                self.desk.session.edit(recipe)
                self._begun = True
        self._mine = recipe

    def _recall(self, action: RecallMoment) -> None:
        session, moment = self.desk.session, self._moments.find(action.number)
        if moment is None:
            session.say(f"Moment {action.number} is empty: store a picture there first.")
            return
        start = session.recipe
        end = hash_learnt(moment.applied(start), start.model)
        fade_s = self._fade_s if action.fade_s is None else action.fade_s
        if fade_s > CUT_S and is_cut(start, end):
            session.say(f"Moment {moment.number} needs another model, so this is a cut.")
            fade_s = CUT_S
        if end.latent != start.latent:
            self.desk.do(Wander(False))
        self._current, self._begun = moment.number, False
        self._since_s, self._share, self._mine = self.desk.clock(), 0.0, start
        self._fade = None
        if fade_s > CUT_S:
            self._fade = CrossFade(start, end, fade_s, action.easing or self._easing)
        else:
            self._show(end)

    def _step(self, step: int) -> None:
        number = self._moments.neighbour(self._current, step)
        if number is None:
            self.desk.session.say("There are no moments yet: store a picture in one first.")
        else:
            self._recall(RecallMoment(number))

    def _set_fade(self, action: SetFade) -> None:
        self._fade_s = self._fade_s if action.seconds is None else action.seconds
        self._easing = action.easing or self._easing

    def _is_at_it(self) -> bool:
        """Return whether the picture is the one of the moment that was recalled last."""
        now = (self._moments, self._current, self.desk.session.recipe)
        if any(one is not other for one, other in zip(now, self._compared, strict=True)):
            moment, recipe = self._moments.find(self._current), now[2]
            self._at_it = moment is not None and same_picture(moment.applied(recipe), recipe)
            self._compared = now
        return self._at_it

    # -- the moments themselves ----------------------------------------------------------------

    def _store(self, action: StoreMoment) -> None:
        number, session = action.number, self.desk.session
        if not 1 <= number <= MAX_MOMENTS:
            session.say(f"Moments have the numbers 1 to {MAX_MOMENTS}.", "warning")
            return
        old = self._moments.find(number)
        name = plain_name(action.name) if action.name is not None else old.name if old else ""
        parts = action.parts if action.parts is not None else old.parts if old else ()
        undo = f"replacing {number}" if old else f"storing {number}"
        self._change(self._moments.stored(Moment(number, session.recipe, name, parts)), undo)
        self._current = number
        session.say(f"Stored the picture as moment {number}.", "good")

    def _rename(self, action: RenameMoment) -> None:
        moment = self._moments.find(action.number)
        if moment is not None:
            new = replace(moment, name=plain_name(action.name))
            self._change(self._moments.stored(new), f"renaming {action.number}")

    def _choose_parts(self, action: ChooseParts) -> None:
        moment = self._moments.find(action.number)
        if moment is not None:
            new = replace(moment, parts=action.parts)
            self._change(self._moments.stored(new), f"the parts of {action.number}")

    def _move(self, action: MoveMoment) -> None:
        moved = self._moments.moved(action.number, action.to)
        self._change(moved, f"moving {action.number} to {action.to}")
        places = {action.number: action.to, action.to: action.number}
        self._current = places.get(self._current, self._current)

    def _delete(self, number: int) -> None:
        self._change(self._moments.without(number), f"deleting {number}")

    def _take_back(self) -> None:
        if self._undo:
            _, self._moments = self._undo.pop()

    def _change(self, moments: Moments, undo: str) -> None:
        """Take other moments; `undo` says in a few words what was done."""
        if moments != self._moments:
            self._undo = [*self._undo[1 - MAX_UNDO :], (undo, self._moments)]
            self._moments = moments

    # -- files ---------------------------------------------------------------------------------

    def _import(self, action: ImportMoments) -> None:
        folder = self.desk.session.capture_folder
        if action.path:
            self._read(Path(action.path))
        else:
            self.desk.dialogs.ask(dialogs.MOMENTS, folder, self._read)

    def _read(self, path: Path) -> None:
        session = self.desk.session

        def done(found: Found) -> None:
            self._change(found.moments, f"opening {path.name}")
            count = len(found.moments.items)
            what = "1 moment" if count == 1 else f"{count} moments"
            if found.problem:
                session.say(f"Opened {what} of {path.name}. Left out: {found.problem}", "warning")
            else:
                session.say(f"Opened {what} of {path.name}.", "good")

        self.desk.background.run(
            lambda: read_moments(path), done, lambda sentence: session.say(sentence, "error")
        )

    def _export(self) -> None:
        session, moments = self.desk.session, self._moments

        def write(path: Path) -> None:
            def work() -> None:
                write_file(path, to_file(moments), overwrite=True)

            def done(_: None) -> None:
                session.say(f"Saved the moments as {path.name}.", "good")

            self.desk.background.run(work, done, lambda text: session.say(text, "error"))

        question = with_name(dialogs.SAVE_MOMENTS, name=f"{stem_of(session.recipe)}-moments.json")
        self.desk.dialogs.ask(question, session.capture_folder, write)

    # -- in a session --------------------------------------------------------------------------

    def state(self) -> StoredState:
        """The moments, and how recalls go."""
        if self._stored[0] is not self._moments:
            try:
                self._stored = (self._moments, stored(self._moments))
            except MomentsError:  # half a surrogate pair in a prompt; what was there before stays
                self._stored = (self._moments, self._stored[1])
        return StoredState(self._stored[1], self._fade_s, self._easing)

    def take_preset(self, part: Raw) -> str | None:
        """Take the moments of a preset; Undo above the pads brings the former ones back."""
        try:
            known = _STATE.decode(part)
            found = restored(known.moments)
        except (MomentsError, *BROKEN_JSON):
            return "Its moments are damaged."
        self._fade_s, self._easing = known.fade_s, known.easing
        self._change(found.moments, "loading a preset")
        return f"Moments are missing: {found.problem}" if found.problem else None

    def restore(self, state: Raw | None) -> str | None:
        """Take the moments of a session."""
        self._moments, self._undo, self._current, self._fade = Moments(), [], 0, None
        self._fade_s, self._easing = FADE.default, _State().easing
        if state is None:
            return None
        try:
            known = _STATE.decode(state)
            self._fade_s, self._easing = known.fade_s, known.easing
            found = restored(known.moments)
        except MomentsError as error:
            return f"The moments could not be restored: {error}"
        except BROKEN_JSON:
            return "The moments could not be restored, so there are none."
        self._moments = found.moments
        return f"Moments are missing: {found.problem}" if found.problem else None
