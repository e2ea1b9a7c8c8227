"""The timeline in the window: plays it, follows the playhead, and keeps its key frames.

Where the playhead is follows from the clock: a slow picture is left out, and nothing slows down.
What plays is no edit; one step of undo leads back to the picture before it began.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import ClassVar

from msgspec import Raw
from msgspec.structs import replace

from renderer.files.embedded_timeline import read_video_timeline
from renderer.files.video_settings import SUFFIXES, VideoSettings
from renderer.frame.layer_report import LayerChoice
from renderer.parameters.commands import SPEED
from renderer.pipeline.batch import video_batch
from renderer.recipe.identity import hash_learnt, same_picture
from renderer.timeline.edits import moved_key, place_for_key, snapped, with_key, without_key
from renderer.timeline.serialization import (
    STORED_TIMELINE,
    StoredTimeline,
    restored,
    stored,
)
from renderer.timeline.timeline import SAME_S, Timeline, TimelineError, position, recipe_at
from stylegan_t.errors import BROKEN_JSON
from visualizer.services.action_table import Handler, on
from visualizer.services.batch_export import BatchExport
from visualizer.services.instrument import Desk, Instrument
from widgets.controls.timeline_view import (
    AddKey,
    CancelVideo,
    DeleteKey,
    DragKey,
    ExportVideo,
    HoldTimeline,
    OpenTimeline,
    PauseVideo,
    Seek,
    SetAutoKey,
    SetSpeed,
    SetTimeline,
    SetVideoSettings,
    StepKey,
    TimelineView,
    TogglePlay,
    UpdateKey,
)
from widgets.latent.wander import Wander
from widgets.tabs.layer_view import ExportLayer

TAB = "Timeline"
NO_KEYS = "The timeline has no key frames yet: press K to add this picture as the first."


class Playback(Instrument):
    """Plays the timeline."""

    name: ClassVar[str] = "timeline"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._position_s = 0.0
        self._playing, self._speed, self._auto_key = False, 1.0, False
        self._held = False
        # While it plays: how far it had run on when the clock was last set.
        self._since_s = self._run_s = 0.0
        self._step_owed = False
        self._mine = desk.session.recipe
        """The picture as the playhead, or the frame before, left it."""
        self._compared = ((Timeline(), 0.0, self._mine), False)
        self._export = BatchExport(desk)
        self._form = VideoSettings()
        self._grabbed: tuple[float, Timeline] = (0.0, Timeline())
        self._stored: tuple[Timeline, StoredTimeline] | None = None

    @property
    def timeline(self) -> Timeline:
        """The current timeline."""
        return self.desk.session.document.timeline

    @property
    def moves(self) -> bool:
        """Return whether it plays."""
        return self._playing

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what the Timeline tab asks for."""
        return (
            on(SetTimeline, lambda action: self._edit(action.timeline, action.gesture)),
            on(OpenTimeline, self._open),
            on(DragKey, self._drag_key),
            on(Seek, lambda action: self._seek(action.time_s, begins=action.begins)),
            on(TogglePlay, lambda _: self._toggle()),
            on(HoldTimeline, self._hold),
            on(SetSpeed, self._set_speed),
            on(SetAutoKey, self._set_auto_key),
            on(AddKey, lambda _: self._add()),
            on(UpdateKey, lambda _: self._update()),
            on(DeleteKey, lambda _: self._delete()),
            on(StepKey, lambda action: self._step(action.step)),
            on(SetVideoSettings, self._set_form),
            on(ExportVideo, lambda _: self._write()),
            on(ExportLayer, self._write_layer),
            on(PauseVideo, lambda action: self._export.pause(action.paused)),
            on(CancelVideo, lambda _: self._export.cancel()),
        )

    def views(self, now_s: float) -> Iterable[object]:
        """The timeline, its playhead, and the video that is being written."""
        before = self.desk.session.document.before
        return (
            TimelineView(
                timeline=self.timeline,
                position_s=self._position_s,
                playing=self._playing,
                speed=self._speed,
                auto_key=self._auto_key,
                changed=self._differs(),
                emptied=before is not None and not before.timeline.empty,
                video=self._export.progress,
                form=self._form,
            ),
        )

    def poll(self, now_s: float) -> None:
        """Notice what the user has changed, or play on."""
        document = self.desk.session.document
        self._stay_within()  # an undo may have brought back a shorter timeline
        if self._held:
            return
        if not same_picture(document.recipe, self._mine):
            self._playing = False  # a change by hand stops the playback
            self._mine = document.recipe
            # What an undo brings back has its own timeline.
            if self._auto_key and self.timeline.keys and not document.can_redo:
                self._update(joins=True)
        elif self._playing:
            self._play_on(now_s)

    def state(self) -> StoredTimeline | None:
        """The key frames and the playhead; nothing when there are no keys."""
        timeline = self.timeline
        if timeline.empty:
            return None
        if self._stored is None or self._stored[0] is not timeline:
            try:
                self._stored = (timeline, stored(timeline))
            except TimelineError:  # half a surrogate pair in a prompt; what was there before stays
                return self._stored and self._stored[1]
        position_s = min(self._moment(self._position_s), timeline.length_s)
        return replace(self._stored[1], playhead_s=position_s)

    def restore(self, state: Raw | None) -> str | None:
        """Take the key frames of a session."""
        self._playing, self._auto_key, self._position_s = False, False, 0.0
        self._mine = self.desk.session.recipe
        document = self.desk.session.document
        document.amend(timeline=Timeline())
        if state is None:
            return None
        try:
            found = STORED_TIMELINE.decode(state)
            document.amend(timeline=restored(found))
            self._position_s = min(found.playhead_s, self.timeline.length_s)
        except (*BROKEN_JSON, TimelineError):
            return "The timeline could not be restored, so it is empty."
        return None

    def close(self) -> None:
        """Give up the video that is being written, and see that nothing of it stays."""
        self._export.close()

    # -- the playhead ------------------------------------------------------------------------

    def _toggle(self) -> None:
        if self._playing:
            self._playing, self._position_s = False, self._moment(self._position_s)
            self._show()
        elif self.timeline.empty:
            self.desk.session.say(NO_KEYS)
        else:
            self.desk.do(Wander(False))
            ended = self._position_s >= self.timeline.length_s - SAME_S
            self._run_from(0.0 if ended else self._position_s)
            self._playing = self._step_owed = True

    def _hold(self, action: HoldTimeline) -> None:
        """Rest, or go on from the picture that is there now."""
        self._held, self._playing = action.on, False
        self._mine = self.desk.session.recipe

    def _run_from(self, run_s: float) -> None:
        self._run_s, self._since_s = run_s, self.desk.clock()

    def _running_s(self, now_s: float) -> float:
        return self._run_s + self._speed * max(now_s - self._since_s, 0.0)

    def _play_on(self, now_s: float) -> None:
        timeline, run_s = self.timeline, self._running_s(now_s)
        if timeline.empty:
            self._playing = False
            return
        self._position_s = position(timeline, run_s)
        if timeline.loop == "once" and run_s >= timeline.length_s:
            self._playing = False
        self._show()

    def _seek(self, time_s: float, *, begins: bool = True) -> None:
        """Move the playhead to a frame, and show it."""
        self._playing = False
        self._position_s = self._moment(time_s)
        self._step_owed = self._step_owed or begins
        if not self.timeline.empty:
            self._show()

    def _moment(self, time_s: float) -> float:
        """The key frame at a moment, else the frame nearest to it."""
        here = self.timeline.key_at(time_s)
        return snapped(self.timeline, time_s) if here is None else self.timeline.times_s[here]

    def _show(self) -> None:
        """Show the picture at the playhead; one step of undo leads back from all of it."""
        document = self.desk.session.document
        recipe = hash_learnt(recipe_at(self.timeline, self._position_s), document.recipe.model)
        if recipe != document.recipe:
            if self._step_owed:
                self.desk.session.edit(recipe)
                self._step_owed = False
            else:
                document.amend(recipe)
        self._mine = recipe

    def _differs(self) -> bool:
        """Return whether the picture is another than the one at the playhead."""
        now = (self.timeline, self._position_s, self.desk.session.recipe)
        if any(one is not other for one, other in zip(now, self._compared[0], strict=True)):
            timeline, at_s, recipe = now
            other = recipe if timeline.empty else recipe_at(timeline, at_s)
            self._compared = (now, not same_picture(other, recipe))
        return self._compared[1]

    def _step(self, step: int) -> None:
        at_s, times_s = self._position_s, self.timeline.times_s
        if step > 0:
            ahead = [time_s for time_s in times_s if time_s > at_s + SAME_S]
        else:
            ahead = [time_s for time_s in reversed(times_s) if time_s < at_s - SAME_S]
        if ahead:
            self._position_s, self._playing, self._step_owed = ahead[0], False, True
            self._show()

    def _set_speed(self, action: SetSpeed) -> None:
        run_s = self._running_s(self.desk.clock())
        self._speed = min(max(action.speed, SPEED.limits[0]), SPEED.limits[1])
        self._run_from(run_s)

    # -- key frames --------------------------------------------------------------------------

    def _edit(self, timeline: Timeline, gesture: Hashable = None) -> None:
        self.desk.session.document.edit(gesture=gesture, timeline=timeline)
        self._stay_within()

    def _stay_within(self) -> None:
        """Keep the playhead on the timeline, and at its beginning while that is empty: the next
        video begins there."""
        timeline = self.timeline
        self._position_s = 0.0 if timeline.empty else min(self._position_s, timeline.length_s)

    def _open(self, action: OpenTimeline) -> None:
        """Take the timeline of a video, or a take; one can undo that."""
        path, notes = Path(action.path), list[str]()

        def done(timeline: Timeline) -> None:
            session = self.desk.session
            self._edit(timeline)
            self._seek(0.0)
            session.options = replace(session.options, drawer=TAB)
            session.say(f"Opened the timeline of {path.name}.", "good")
            for note in notes:
                session.say(note, "warning")

        failed = self.desk.session.say
        self.desk.background.run(lambda: read_video_timeline(path, notes.append), done, failed)

    def _drag_key(self, action: DragKey) -> None:
        """Move a key; from where it was at first, so that it passes by others unhindered."""
        if self._grabbed[0] != action.pressed:
            self._grabbed = (action.pressed, self.timeline)
        before = self._grabbed[1]
        if action.index < len(before.keys):
            at_s = before.keys[action.index].time_s + action.delta_s
            self._edit(moved_key(before, action.index, at_s)[0], ("key", action.pressed))

    def _set_auto_key(self, action: SetAutoKey) -> None:
        self._auto_key = action.on

    def _add(self) -> None:
        """Keep the picture as another key frame, and go there."""
        try:
            at_s = place_for_key(self.timeline, self._position_s)
            timeline = with_key(self.timeline, at_s, self.desk.session.recipe)
        except TimelineError as error:
            self.desk.session.say(str(error), "warning")
            return
        self._playing = False
        self._edit(timeline)
        self._here(at_s)
        self._tell(f"Key frame {timeline.times_s.index(at_s) + 1} at {at_s:.2f} s.")

    def _delete(self) -> None:
        """Delete the key frame at the playhead, where its tab shows which that is."""
        session, here = self.desk.session, self.timeline.key_at(self._position_s)
        if session.options.drawer != TAB or not self.timeline.keys:
            return
        if here is None:
            session.say("The playhead is not at a key frame.")
        else:
            self._edit(without_key(self.timeline, here))

    def _update(self, *, joins: bool = False) -> None:
        """Put the picture into the key frame at the playhead, or make one there; a step of undo,
        unless it `joins` the one that changed the picture."""
        try:
            at_s = self._moment(self._position_s)
            timeline = with_key(self.timeline, at_s, self.desk.session.recipe)
        except TimelineError as error:
            self.desk.session.say(str(error), "warning")
            return
        self.desk.session.document.amend(timeline=timeline) if joins else self._edit(timeline)
        self._here(at_s)

    def _here(self, at_s: float) -> None:
        """The playhead is at a key that shows the current picture."""
        self._position_s, self._mine = at_s, self.desk.session.recipe

    def _tell(self, sentence: str) -> None:
        """Say it where the tab, which shows it, is not open; a first key opens the drawer."""
        session = self.desk.session
        if not session.options.drawer:
            session.options = replace(session.options, drawer=TAB)
        elif session.options.drawer != TAB:
            session.say(sentence)

    # -- videos -------------------------------------------------------------------------------

    def _set_form(self, action: SetVideoSettings) -> None:
        self._form = action.form

    def _write_layer(self, action: ExportLayer) -> None:
        channels = () if action.channel is None or action.everything else (action.channel,)
        self._write(LayerChoice(action.layer, channels, action.everything), f"layer-{action.layer}")

    def _write(self, layer: LayerChoice | None = None, name: str = "clip") -> None:
        session, timeline = self.desk.session, self.timeline
        if timeline.empty:
            return
        path = session.capture_folder / f"{name}{SUFFIXES[self._form.kind]}"
        try:
            batch = video_batch(timeline, self._form, path, numbered=True, layer=layer)
        except TimelineError as error:
            session.say(str(error), "warning")
            return
        self._export.start(batch)
