"""Output: every picture that is shown goes to the sinks that are on."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from renderer.frame.frame import Frame
from stylegan_t.errors import BROKEN_JSON
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Desk, Instrument
from visualizer.sinks.kinds import SinkKind, kinds_here
from visualizer.sinks.sink import Picture
from visualizer.sinks.sink_runner import SinkReport
from widgets.actions import SwitchSink
from widgets.output import OutputOptions, SinkKey
from widgets.sections.output_view import SinksView, SinkView

_OUTPUT = msgspec.json.Decoder(OutputOptions)
LOOK_S = 2.0
"""Seconds between two looks at what is installed: each reads folders."""


class Output(Instrument):
    """Feeds the sinks, and brings those of other programs in line with the options."""

    preset_name = "output"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._names: dict[SinkKey, str] = {}
        """The name under which each sink that is on was opened."""
        self._problems: dict[SinkKey, str] = {}
        self._missing: dict[SinkKey, str] = {}
        self._looked_s = float("-inf")
        self._last: Picture | None = None

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what the panel and remote controls ask for."""
        return (on(SwitchSink, lambda action: self._switch(action.key, action.on)),)

    def saw(self, frame: Frame, now_s: float) -> None:
        """Hand on the picture."""
        self._last = Picture(frame, now_s)
        self.desk.sinks.feed(self._last)

    def poll(self, now_s: float) -> None:
        """Open and close sinks as they are wanted; switch off those that failed."""
        if now_s - self._looked_s >= LOOK_S:
            self._looked_s = now_s
            self._missing = {kind.key: kind.missing for kind in kinds_here()}
        for kind in kinds_here():
            report = self.desk.sinks.report(kind.key)
            if report is not None and report.activity == "failed":
                self._failed(kind, report.problem)
            self._follow(kind)

    def views(self, now_s: float) -> Iterable[object]:
        """Return the state of the sinks, for the panel."""
        wanted = self._wanted.sinks
        yield SinksView(tuple(self._view(kind, kind.key in wanted) for kind in kinds_here()))

    def preset(self) -> OutputOptions:
        """Return the sinks, and the screen of the clean output."""
        return self._wanted

    def take_preset(self, part: Raw) -> str | None:
        """Take them; a screen or library that is missing is told when it is looked for."""
        try:
            output = _OUTPUT.decode(part)
        except BROKEN_JSON:
            return "Its outputs are damaged."
        session = self.desk.session
        session.options = replace(session.options, output=output)
        return None

    def _follow(self, kind: SinkKind) -> None:
        wanted, opened = self._wanted, self._names.get(kind.key)
        if kind.key not in wanted.sinks:
            if opened is not None:
                del self._names[kind.key]
                self.desk.sinks.close(kind.key)
            return
        self._problems.pop(kind.key, None)
        if opened == wanted.name:
            return
        if kind.missing:
            self._failed(kind, f"{kind.title}: {kind.missing}")
            return
        name = self._names[kind.key] = wanted.name
        self.desk.sinks.open(kind.key, kind.title, lambda: kind.make(name))
        if self._last is not None:
            self.desk.sinks.feed_one(kind.key, self._last)  # the others have it

    def _failed(self, kind: SinkKind, sentence: str) -> None:
        self._names.pop(kind.key, None)
        self.desk.sinks.close(kind.key)
        self._switch(kind.key, False)
        self._problems[kind.key] = sentence
        self.desk.session.say(sentence, "error")

    def _view(self, kind: SinkKind, wanted: bool) -> SinkView:
        report = self.desk.sinks.report(kind.key) or SinkReport(kind.title)
        problem = self._problems.get(kind.key, "")
        return SinkView(
            kind.key,
            kind.title,
            kind.text,
            on=wanted,
            missing=self._missing.get(kind.key, ""),
            problem=problem,
            status=report.status,
            per_s=report.per_s,
            dropped=report.dropped,
        )

    @property
    def _wanted(self) -> OutputOptions:
        return self.desk.session.options.output

    def _switch(self, key: SinkKey, is_on: bool) -> None:
        session = self.desk.session
        others = tuple(other for other in self._wanted.sinks if other != key)
        output = replace(self._wanted, sinks=(*others, key) if is_on else others)
        session.options = replace(session.options, output=output)
