"""Keeps the history: takes a picture in when the user rests at it, and compares two of them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from imgui_bundle import imgui
from msgspec import Raw

from renderer.errors import PictureError
from renderer.frame.frame import Frame
from renderer.recipe.history import (
    STORED_HISTORY,
    Entry,
    History,
    HistoryError,
    StoredHistory,
    Storing,
    from_stored,
)
from renderer.recipe.identity import same_picture
from renderer.recipe.quoting import quoted
from renderer.recipe.recipe import Recipe
from stylegan_t.errors import BROKEN_JSON
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Desk, Instrument
from widgets.actions import CaptureImage
from widgets.context import Context
from widgets.picture.compare import picture_key
from widgets.tabs.history import (
    BringBack,
    Forget,
    ForgetUnstarred,
    HistoryView,
    ShowStarred,
    Star,
)

REST_S = 0.7
"""A picture that has been looked at for this long, with no button held, is remembered."""
TYPING_REST_S = 1.5
"""While a text box has the keyboard: between two words there is no rest."""


class HistoryKeeper(Instrument):
    """The strip of pictures, and what its panel asks for."""

    name = "history"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._history = History()
        self._current, self._reveal = 0, 0
        self._starred_only = False
        self._removed: tuple[Entry, ...] = ()
        self._removed_count = 0
        self._declined = False
        self._seen: Recipe | None = None
        self._since_s = 0.0
        self._own: tuple[Entry, ...] | None = None
        """While the tour plays, what was here before."""
        self._shown: tuple[tuple[Entry, ...], bool, tuple[Entry, ...]] = ((), False, ())
        self._stored: tuple[tuple[Entry, ...], StoredHistory] | None = None
        self._storing = Storing()

    # -- taking pictures in --------------------------------------------------------------------

    def saw(self, frame: Frame, now_s: float) -> None:
        """A picture has come: the rest at it begins."""
        self.desk.wake_at(now_s + REST_S)

    def drawn(self, context: Context, edited: bool) -> None:
        """See whether the user rests."""
        self._reveal = 0
        recipe, now_s = self.desk.session.recipe, context.now_s
        if recipe is not self._seen:
            if self._seen is None or not same_picture(recipe, self._seen):
                self._since_s, self._declined = now_s, False
                self._follow(recipe)
            self._seen = recipe
        captures = any(isinstance(action, CaptureImage) for action in context.out.actions)
        if captures or self._rests(now_s):
            self._take()

    def _follow(self, recipe: Recipe) -> None:
        """Undo, redo and a pressed picture lead to what is known."""
        entry = self._history.find(recipe)
        if entry is not None and entry.number != self._current:
            self._current = self._reveal = entry.number

    def _rests(self, now_s: float) -> bool:
        if self._declined or not self._is_shown() or self._is_known():
            return False
        if imgui.is_mouse_down(0):
            return False
        rest_s = TYPING_REST_S if imgui.get_io().want_text_input else REST_S
        if now_s - self._since_s >= rest_s:
            return True
        self.desk.wake_at(self._since_s + rest_s + 0.01)
        return False

    def _is_shown(self) -> bool:
        """Return whether the current picture is the one on the screen."""
        session = self.desk.session
        if session.frame is None or session.error is not None:
            return False
        return same_picture(session.frame.recipe, session.recipe)

    def _is_known(self) -> bool:
        here = self._history.by_number.get(self._current)
        return here is not None and same_picture(here.recipe, self.desk.session.recipe)

    def _take(self) -> Entry | None:
        """Remember the current picture, if it is on the screen; returns its entry."""
        if not self._is_shown():
            return None
        entry = self._history.add(self.desk.session.recipe, self._current)
        if entry.number != self._current:
            self._current = self._reveal = entry.number
        frame = self.desk.session.frame
        assert frame is not None
        key = picture_key(entry.recipe)
        if self.desk.previews.known(key) is None:
            with suppress(PictureError):  # its card was lost: it is drawn again when looked at
                self.desk.previews.put(key, frame.pixels())
        return entry

    # -- for the panel -------------------------------------------------------------------------

    def poll(self, now_s: float) -> None:
        """Tell what the current picture was made from: the step before, or its parent here."""
        self._leave_out_the_tour()
        session, entry = self.desk.session, self._history.by_number.get(self._current)
        parent = self._history.by_number.get(entry.parent) if entry is not None else None
        session.before = session.document.recipe_before or (parent.recipe if parent else None)

    def _leave_out_the_tour(self) -> None:
        """Remove what came in during the tour once it is over."""
        touring = self.desk.session.own is not None
        if touring and self._own is None:
            self._own = self._history.entries
        elif not touring and self._own is not None:
            known = self._history.by_number
            self._history = History(tuple(known.get(e.number, e) for e in self._own))
            self._own = None
            self._removed, self._removed_count = (), 0
            self._find_here()

    def views(self, now_s: float) -> Iterable[object]:
        """Return what the strip shows."""
        return (
            HistoryView(
                shown=self._entries_shown(),
                count=len(self._history.by_number),
                stars=self._history.stars,
                current=self._current,
                reveal=self._reveal,
                starred_only=self._starred_only,
                removed=self._removed_count,
                by_number=self._history.by_number,
            ),
        )

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what the strip's buttons do."""
        return (
            on(Star, self._star),
            on(Forget, lambda action: self._remove([action.number])),
            on(
                ForgetUnstarred,
                lambda _: self._remove(
                    [entry.number for entry in self._history.entries if not entry.starred]
                ),
            ),
            on(BringBack, lambda _: self._bring_back()),
            on(ShowStarred, self._show_starred),
        )

    def _entries_shown(self) -> tuple[Entry, ...]:
        entries = self._history.entries
        if self._shown[0] is not entries or self._shown[1] != self._starred_only:
            shown = entries
            if self._starred_only:
                shown = tuple(entry for entry in entries if entry.starred)
            self._shown = (entries, self._starred_only, shown)
        return self._shown[2]

    def _star(self, action: Star) -> None:
        number = action.number
        if not number:
            entry = self._take()
            if entry is None:
                self.desk.session.say("This picture is not rendered yet.")
                return
            number = entry.number
        try:
            self._history.star(number, action.starred)
        except HistoryError as error:
            self.desk.session.say(str(error), "warning")

    def _remove(self, numbers: list[int]) -> None:
        self._removed = self._history.entries
        for number in numbers:
            self._history.remove(number)
        self._removed_count = len(self._removed) - len(self._history.by_number)
        self._find_here()
        self._declined = not self._current  # it was taken out: it does not come back by itself

    def _bring_back(self) -> None:
        known = {entry.number for entry in self._removed}
        new = tuple(entry for entry in self._history.entries if entry.number not in known)
        old = tuple(self._history.by_number.get(e.number, e) for e in self._removed)
        self._history, self._removed, self._removed_count = History((*old, *new)), (), 0
        self._find_here()

    def _show_starred(self, action: ShowStarred) -> None:
        self._starred_only = action.only
        self._reveal = self._current

    def _find_here(self) -> None:
        """The current picture may have been taken out, or come back; it stays where it is."""
        entry = self._history.find(self.desk.session.recipe)
        self._current = self._reveal = 0 if entry is None else entry.number

    # -- in a session --------------------------------------------------------------------------

    def state(self) -> StoredHistory:
        """The newest entries, and all with a star."""
        entries = self._history.entries if self._own is None else self._own
        if self._stored is None or self._stored[0] is not entries:
            self._stored = (entries, self._storing.stored(entries))
        return self._stored[1]

    def restore(self, state: Raw | None) -> str | None:
        """Take the history of a session."""
        self._history, self._removed, self._removed_count = History(), (), 0
        self._current, self._seen = 0, None
        if state is None:
            return None
        try:
            stored = STORED_HISTORY.decode(state)
            self._history = History(from_stored(stored))
        except HistoryError as error:
            return str(error)
        except BROKEN_JSON as error:
            return f"The history is damaged: {quoted(error)}."
        self._find_here()
        return None
