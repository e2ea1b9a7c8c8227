"""Records what is played: as a take, the recipes with their times, and as a video of the pictures.

Both have one name.  The take is written as it grows; it opens on the timeline and can be drawn
again at any size and rate, while the video holds the pictures as they were seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from renderer.files.take_file import MAX_TAKE_BYTES
from renderer.recipe.recipe import Recipe
from renderer.timeline.take import Sample
from renderer.timeline.timeline import MAX_LENGTH_S
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Desk, Instrument
from visualizer.services.take_writer import TakeWriter
from visualizer.sinks.recorder import Span, VideoRecorder
from visualizer.sinks.sink import Picture, Sink, SinkError
from visualizer.sinks.sink_runner import SinkRunner
from widgets.controls.recording_view import Record, RecordingView

SINK, TITLE = "recording", "The recording"
VIDEO = ".mp4"
ENDED = ("closed", "failed")
QUEUE = 8
"""Pictures that may wait for the encoder before some are dropped."""
LOOK_S = 0.25
"""Seconds after which the take gets a sample, and the time on the screen is drawn, at the latest;
after a longer pause of redraws the picture counts as still until just before."""
STEP_S = 1 / 60
FULL_BYTES = MAX_TAKE_BYTES * 9 // 10
CLOSE_S = 5.0
"""Seconds that closing the window waits for a take and a video that are being written."""


@dataclass
class _Run:
    """A recording: what writes the take and, while `video`, the video, when it began, and the last
    sample."""

    take: TakeWriter
    span: Span
    last: Sample
    video: SinkRunner | None = None


class Recorder(Instrument):
    """Begins and ends recordings, and gives the take its samples."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._run: _Run | None = None
        self._ending: list[_Run] = []
        self.broken = False
        """True once a take or a video could not be written to its end."""

    @property
    def recording(self) -> bool:
        """Return whether something is being recorded."""
        return self._run is not None

    def handlers(self) -> Iterable[Handler]:
        """Return the handler of the button, the key and the address."""
        return (on(Record, self._record),)

    def views(self, now_s: float) -> Iterable[object]:
        """Return what the status line shows."""
        run = self._run
        if run is None:
            return (RecordingView(),)
        return (RecordingView(True, now_s - run.span.began_s),)

    def poll(self, now_s: float) -> None:
        """Give the take the current recipe, and tell what came of recordings."""
        self._ending = [run for run in self._ending if not self._told(run)]
        if (run := self._run) is None:
            return
        if run.take.problem:
            self._end(now_s)
            return
        self._sample(run, now_s)
        self._look_at_video(run)
        self.desk.wake_at(now_s + LOOK_S)
        if now_s - run.span.began_s >= MAX_LENGTH_S - 1 or run.take.size >= FULL_BYTES:
            self._end(now_s)
            self._begin(now_s)
            self.desk.session.say("This take is full: the recording continues in another file.")

    def close(self) -> None:
        """End the recording, so that both files are whole."""
        if self._run is not None:
            self._end(self.desk.clock(), CLOSE_S)
        for run in self._ending:
            run.take.end(CLOSE_S)

    def _record(self, action: Record) -> None:
        wanted = self._run is None if action.on is None else action.on
        if wanted == (self._run is not None):
            return
        now_s = self.desk.clock()
        self._begin(now_s) if wanted else self._end(now_s)

    def _begin(self, now_s: float) -> None:
        desk, session = self.desk, self.desk.session
        take, span = TakeWriter(session.capture_folder, desk.wake), Span(now_s)
        first = Sample(0.0, session.wanted)
        take.add(first)
        self._run = _Run(take, span, first)
        if not session.options.record_video:
            return

        def opened() -> Sink:
            take.opened.wait()
            if take.path is None:
                raise SinkError(take.problem)
            return VideoRecorder(take.path.with_suffix(VIDEO), span, clock=desk.clock)

        desk.sinks.open(SINK, TITLE, opened, capacity=QUEUE)
        self._run.video = desk.sinks.runner(SINK)
        if session.frame is not None:  # it is on the screen as the recording begins
            desk.sinks.feed_one(SINK, Picture(session.frame, now_s))

    def _sample(self, run: _Run, now_s: float) -> None:
        at_s, recipe = now_s - run.span.began_s, self.desk.session.wanted
        last = run.last
        if at_s <= last.time_s:
            return
        if recipe is not last.recipe and at_s - last.time_s > LOOK_S + STEP_S:
            self._add(run, at_s - STEP_S, last.recipe)
        self._add(run, at_s, recipe)

    def _add(self, run: _Run, at_s: float, recipe: Recipe) -> None:
        run.last = Sample(at_s, recipe)
        run.take.add(run.last)

    def _look_at_video(self, run: _Run) -> None:
        report = None if run.video is None else run.video.report
        if report is not None and report.activity == "failed":
            run.video, self.broken = None, True
            self.desk.sinks.close(SINK)
            self.desk.session.say(f"{report.problem} The take continues.", "error")

    def _end(self, now_s: float, timeout_s: float = 0.0) -> None:
        run, self._run = self._run, None
        assert run is not None
        self._sample(run, now_s)
        run.span.ended_s = now_s
        run.take.end()
        if run.video is not None:
            self.desk.sinks.close(SINK, timeout_s)
        self._ending.append(run)

    def _told(self, run: _Run) -> bool:
        """Tell what came of a recording that was ended; returns whether it is finished."""
        report = None if run.video is None else run.video.report
        if not run.take.ended or (report is not None and report.activity not in ENDED):
            return False
        session, path = self.desk.session, run.take.path
        if run.take.problem:
            self.broken = True
            kept = "" if path is None else f" What was recorded until then is in {path.name}."
            session.say(f"{run.take.problem}{kept}", "error")
        elif path is not None:
            session.last_capture = str(path)
            whole = report is not None and not report.problem and path.with_suffix(VIDEO).exists()
            video = f" and {path.stem}{VIDEO}" if whole else ""
            session.say(f"Saved {path.name}{video}: {run.last.time_s:.1f} s.", "good")
        if report is not None and report.problem and report.problem != run.take.problem:
            self.broken = True
            session.say(report.problem, "error")
        return True
