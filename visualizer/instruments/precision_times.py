"""Measures a precision when it is first chosen for a kind of model, and remembers the times."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from renderer.frame.frame import Frame
from renderer.pipeline.precision_times import Times, measure
from renderer.recipe.identity import unhashed
from renderer.recipe.recipe import Precision, Recipe
from visualizer.services.instrument import Desk, Instrument
from visualizer.services.probe import Probe, Unwanted
from visualizer.session.json_file import JsonFile, UnusableFileError, versioned
from widgets.context import Context
from widgets.model.precision import DEFAULT, PrecisionView

FILE = "precision.json"
VERSION = 1
MAX_BYTES = 1_000_000
MAX_KINDS = 200

logger = logging.getLogger(__name__)


class _File(Struct, frozen=True):
    """The memory of this computer: milliseconds by kind of model and precision."""

    stylegan_t_precision: Annotated[int, Meta(ge=1)]
    times: Annotated[
        dict[str, dict[Precision, Annotated[float, Meta(gt=0, le=1e9)]]], Meta(max_length=MAX_KINDS)
    ]


_DECODE = versioned(msgspec.json.Decoder(_File), "stylegan_t_precision", VERSION)


class PrecisionTimes(Instrument):
    """Asks the render thread, once it rests, how long pictures take in what was chosen."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._file = JsonFile(desk.folders.state / FILE, _DECODE, MAX_BYTES)
        self._times: dict[str, Times] | None = None
        self._tried: set[tuple[str, Precision]] = set()
        self._loading, self._probe = False, Probe(desk)

    def views(self, now_s: float) -> Iterable[object]:
        """Return what is known of the model that is shown."""
        frame = self.desk.session.frame
        known = {} if frame is None else (self._times or {}).get(self._kind(frame), {})
        return (PrecisionView(tuple(known.items())),)

    def drawn(self, context: Context, edited: bool) -> None:
        """Measure what is chosen and not known yet, while nothing else is to be drawn."""
        session, frame = self.desk.session, self.desk.session.frame
        if (
            frame is None
            or self._loading
            or self._probe.busy
            or session.recipe.precision == DEFAULT
        ):
            return
        shown, wanted = unhashed(frame.recipe), unhashed(session.recipe)
        if shown != wanted or self.desk.thread.status.kind != "idle":
            return
        if self._times is None:
            self._loading = True
            self.desk.background.run(self._load, self._loaded, self._failed)
            return
        kind, precision = self._kind(frame), session.recipe.precision
        known = precision in self._times.get(kind, {})
        if not known and (kind, precision) not in self._tried:
            self._measure(kind, wanted)

    def _kind(self, frame: Frame) -> str:
        """Models of one shape on one device take one time."""
        model = frame.model
        shape = (model.parameters, *model.blocks) if model is not None else ()
        return " ".join(map(str, (self.desk.thread.device_name, *shape)))

    def _load(self) -> dict[str, Times]:
        """Return what was measured before; nothing if it cannot be read, for it can be measured
        again."""
        try:
            return self._file.read().times
        except (FileNotFoundError, UnusableFileError) as error:
            logger.info("precisions are measured again: %s", error)
            return {}

    def _loaded(self, times: dict[str, Times]) -> None:
        self._loading, self._times = False, times

    def _failed(self, sentence: str) -> None:
        logger.info("precisions cannot be measured: %s", sentence)
        self._loading, self._times = False, self._times or {}

    def _measure(self, kind: str, recipe: Recipe) -> None:
        def work(renderer: Any, unwanted: Unwanted) -> Times:
            return measure(renderer, recipe, (DEFAULT, recipe.precision), unwanted)

        def done(times: Times | None) -> None:
            if times is not None:
                self._tried.add((kind, recipe.precision))
            if times:
                self._keep(kind, times)

        def failed(sentence: str) -> None:
            self._tried.add((kind, recipe.precision))
            self._failed(sentence)

        self._probe.ask(work, f"Measuring {recipe.precision}", done, failed, recipe)

    def _keep(self, kind: str, times: Times) -> None:
        known = self._times or {}
        known = {**known, kind: {**known.get(kind, {}), **times}}
        self._times = dict(list(known.items())[-MAX_KINDS:])
        data = msgspec.json.encode(_File(VERSION, self._times))
        self.desk.background.run(lambda: self._file.write(data), lambda _: None, logger.info)
