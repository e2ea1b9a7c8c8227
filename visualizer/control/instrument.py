"""Control by OSC and MIDI: what comes in becomes edits of the document, one undo step a burst."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from renderer.parameters.bindings import MAX_BINDINGS, MIDI, PAD, Binding, source_label
from renderer.parameters.kinds import Value
from renderer.recipe.recipe import Recipe
from stylegan_t.errors import BROKEN_JSON
from stylegan_t.lru_cache import LruCache
from visualizer.control import midi
from visualizer.control import settings as control_settings
from visualizer.control.command_addresses import Commander
from visualizer.control.dispatch import Dispatcher, touched
from visualizer.control.feedback import Feedback
from visualizer.control.gamepad import Gamepads
from visualizer.control.lamps import Lamps
from visualizer.control.learning import Learner
from visualizer.control.midi_pairs import FinePairs
from visualizer.control.modulation import Modulation
from visualizer.control.osc import OscError, OscServer
from visualizer.control.settings import ControlSettings
from visualizer.control.signal_queue import Inbox, Signal
from visualizer.services.action_table import Handler, on
from visualizer.services.budget import Budget
from visualizer.services.instrument import Desk, Instrument
from widgets.context import Context
from widgets.controls.control_view import (
    ChangeBinding,
    ChangeFeedback,
    ChangeLamps,
    ChangeOsc,
    ChooseInput,
    ControlView,
    Learn,
    ListInputs,
    PlaySources,
    StopLearning,
)

GESTURE = "control"
ACTIVE_S = 0.35
"""Seconds that a binding lights up after its source was moved."""
CAPTURE_S = 0.25
"""Pictures are saved at most this often, whatever is sent."""
LEARN = "Turn a knob, press a key or a button of a gamepad, or send OSC."
LEARN_DEAF = "Use a gamepad, or choose a controller or turn OSC on under Control first."
MAX_UNKNOWN = 8

logger = logging.getLogger(__name__)


class Control(Instrument):
    """Listens to OSC and MIDI while the window is open."""

    preset_name = "control"
    keeps = True
    """False leaves the settings on the disk as they are."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.settings, note = control_settings.load(desk.folders.state)
        self._base = self.settings
        if note:
            desk.session.say(note, "warning")
        self.inbox, self._dispatcher = Inbox(desk.wake), Dispatcher()
        self.learner, self._feedback = Learner(), Feedback()
        self._lamps, self._pairs = Lamps(), FinePairs()
        self._commander = Commander(desk.do, desk.clock)
        self._modulation, self.pads = Modulation(), Gamepads()
        self._server: OscServer | None = None
        self._midi: midi.Controller | None = None
        self._inputs: tuple[str, ...] | None = None
        self._osc_problem = self._list_problem = self._midi_told = ""
        self._midi_missing, self._midi_times = midi.why_not(), 0
        self._heard = self._problem = ""
        self._unknown: LruCache[tuple[str, float]] = LruCache(MAX_UNKNOWN)
        self._moved_s: dict[str, float] = {}
        self._captured_s = float("-inf")
        self._mapped_of: tuple[Sequence[Binding], Mapping[str, tuple[Binding, ...]]] = (), {}
        self._started = self._unkept = False

    # -- the loop ------------------------------------------------------------------------------

    def poll(self, now_s: float) -> None:
        """Take what came in since the last frame."""
        if not self._started:  # with the first frame, so that the window is there sooner
            self._started = True
            self._open_osc()
            self._open_midi()
            self._feedback.configure(self.settings)
        self._tell_midi()
        signals = self._heard_now(now_s) + self._on_pads(now_s)
        for address, value in self._modulation.commands():
            self._carry_out(address, value, now_s)
        if signals or self._dispatcher.waits:
            self._take(signals, now_s)
        self._learnt()

    def _heard_now(self, now_s: float) -> list[Signal]:
        """Return what came in, with fine controllers put together, and without echoes."""
        bound = {binding.source for binding in self.settings.bindings}
        signals = self._pairs.heard(self.inbox.take(), bound, now_s)
        if (due_s := self._pairs.due_s) is not None:
            self.desk.wake_at(due_s)
        return self._lamps.heard(signals, now_s)

    @property
    def listens(self) -> bool:
        """Return whether something can still come in: by OSC, MIDI or a gamepad."""
        return self.settings.osc or bool(self.settings.midi) or self.pads.present > 0

    @property
    def moves(self) -> bool:
        """Return whether something plays a parameter."""
        return self._modulation.moves

    def played(self, recipe: Recipe) -> Recipe:
        """Return the recipe with what its playing sources make of it."""
        return self._modulation.applied(recipe, self.desk.session.model)

    def drawn(self, context: Context, edited: bool) -> None:
        """Learn what was moved in the window, and tell other programs what has changed."""
        session = self.desk.session
        if edited:
            self.learner.edited(session.recipe, session.model)
            self._learnt()
        now_s, state = context.now_s, (session.recipe, session.model)
        plugged = self._plugged if self.settings.lamps else None
        for due_s in (
            self._feedback.tell(*state, now_s),
            self._lamps.tell(plugged, self.settings.bindings, state, now_s),
        ):
            if due_s is not None:
                self.desk.wake_at(due_s)

    @property
    def _plugged(self) -> tuple[str, int] | None:
        """The controller while it is heard, and how many times it has been connected."""
        heard = self._midi is not None and not self._midi.problem
        return (self.settings.midi, self._midi.times_opened) if self._midi and heard else None

    def preset(self) -> ControlSettings:
        """Return ports and mappings, which no session has."""
        return self.settings

    def take_preset(self, part: Raw) -> str | None:
        """Listen and map as a preset says; other computers are only let in with a word."""
        try:
            found = control_settings.SETTINGS.decode(part)
        except BROKEN_JSON:
            return "Its mappings and ports are damaged."
        if found.osc and found.anywhere and not self.settings.anywhere:
            text = f"The preset lets other computers send OSC to port {found.port}."
            self.desk.session.say(text, "warning")
        self._keep(**msgspec.structs.asdict(found))
        self._open_osc()
        self._open_midi()
        self._feedback.configure(self.settings)
        return self._osc_problem or None

    def close(self) -> None:
        """Free the port and the controller, and try once more to write what could not be."""
        if self._unkept:
            self._write()
        self._close_osc()
        self._close_midi()
        self._feedback.close()
        self.pads.close()

    def _on_pads(self, now_s: float) -> list[Signal]:
        """Return what moved on gamepads, which are looked at where they are mapped or could be."""
        mapped = any(binding.source.startswith(PAD) for binding in self.settings.bindings)
        if not mapped and self.learner.learning is None:
            return []
        signals = self.pads.changed()
        if mapped and self.pads.news is not None:
            self.desk.session.say(*self.pads.news)
        self.desk.wake_at(now_s + self.pads.pause_s)
        return signals

    def _take(self, signals: list[Signal], now_s: float) -> None:
        session = self.desk.session
        if signals:
            self._heard, self._problem = signals[-1].in_words(), ""
        self._light(signals, now_s)
        if self.learner.learning is not None:
            for signal in signals:
                self.learner.hear(signal, now_s)
            return
        result = self._dispatcher.apply(
            session.recipe,
            session.model,
            signals,
            self.settings.bindings,
            Budget(self.desk.clock).spent,
        )
        self._problem = result.problem or self._problem
        if self._dispatcher.waits:
            self.desk.wake_at(now_s)
        for source, sent in (
            part for signal in result.unknown[-MAX_UNKNOWN:] for part in touched(signal)
        ):
            self._unknown.put(source, (source, sent))
        self._feedback.knows(result.told)
        session.edit(result.recipe, GESTURE)
        for address, value in result.commands:
            self._carry_out(address, value, now_s)

    def _light(self, signals: Sequence[Signal], now_s: float) -> None:
        """Note which bindings' sources were moved, to light them up."""
        bound = {binding.source.partition("#")[0] for binding in self.settings.bindings}
        moved = {signal.source: now_s for signal in signals if signal.source in bound}
        self._moved_s = {s: at for s, at in self._moved_s.items() if now_s - at < ACTIVE_S} | moved
        self.desk.wake_at(now_s + ACTIVE_S)

    def _carry_out(self, address: str, value: Value, now_s: float) -> None:
        """Do what an address does."""
        if address == "/capture":
            if now_s - self._captured_s < CAPTURE_S:
                return
            self._captured_s = now_s
        self._commander.carry_out(address, value)

    # -- what the panel sees and wants ---------------------------------------------------------

    def views(self, now_s: float) -> Iterable[object]:
        """The state of everything."""
        settings = self.settings
        reach = "anywhere" if settings.anywhere else "local"
        yield ControlView(
            osc=reach if settings.osc else "off",
            port=settings.port,
            osc_problem=self._osc_problem,
            garbage=self._server.garbage if self._server else 0,
            heard=self._heard,
            problem=self._problem,
            unknown=tuple(source for source, _ in self._unknown.values()),
            midi=settings.midi,
            midi_missing=self._midi_missing,
            midi_problem=self._midi_problem,
            lamps=settings.lamps,
            inputs=self._inputs,
            feedback=settings.feedback,
            host=settings.host,
            feedback_port=settings.feedback_port,
            feedback_problem=self._feedback.problem,
            bindings=settings.bindings,
            active=frozenset(s for s, at_s in self._moved_s.items() if now_s - at_s < ACTIVE_S),
            learning=self.learner.learning,
            playing=tuple(self._modulation.values),
            mapped=self._mapped(),
            played=self._modulation.played,
            pads=self.pads.present,
        )

    def _mapped(self) -> Mapping[str, tuple[Binding, ...]]:
        """Return the bindings of each address, put together only when they change."""
        bindings = self.settings.bindings
        if self._mapped_of[0] is not bindings:
            found: dict[str, tuple[Binding, ...]] = {}
            for binding in bindings:
                found[binding.address] = (*found.get(binding.address, ()), binding)
            self._mapped_of = bindings, found
        return self._mapped_of[1]

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what the panel may ask for."""
        return (
            on(ChangeOsc, self._change_osc),
            on(ChangeFeedback, self._change_feedback),
            on(ListInputs, lambda _: self._list_inputs()),
            on(ChooseInput, self._choose_input),
            on(ChangeLamps, lambda wish: self._keep(lamps=wish.on)),
            on(Learn, self._learn),
            on(StopLearning, lambda _: self.learner.stop()),
            on(ChangeBinding, self._change_binding),
            on(PlaySources, self._play),
        )

    def _learn(self, wish: Learn) -> None:
        session = self.desk.session
        if self.learner.learning is None:
            self._pairs.forget()
        _, sent = self._unknown.pop(wish.source) or ("", 0.0)
        self.learner.begin(session.recipe, session.model, wish.source, wish.address, sent)
        self._learnt()
        if (learning := self.learner.learning) is not None and not learning.source:
            heard = self.settings.midi or self.settings.osc
            session.say(LEARN if heard else LEARN_DEAF, "info")

    def _learnt(self) -> None:
        """Take the binding over that is complete now, if one is."""
        session = self.desk.session
        learning = self.learner.learning
        now_s, due_s = self.desk.clock(), self.learner.due_s
        binding = self.learner.finished(session.recipe, session.model, now_s)
        if binding is None or learning is None:
            if due_s is not None and due_s > now_s:
                self.desk.wake_at(due_s)
            return
        same = (binding.source, binding.address)
        kept = [item for item in self.settings.bindings if (item.source, item.address) != same]
        if len(kept) >= MAX_BINDINGS:
            session.say(
                f"There can be at most {MAX_BINDINGS} bindings: remove one first.", "warning"
            )
            return
        self._keep(bindings=(*kept, binding))
        session.say(f"{source_label(binding.source)} now controls {learning.label}.", "good")

    def _play(self, wish: PlaySources) -> None:
        model = self.desk.session.model
        self._modulation.take(wish, self.settings.bindings, self.desk.session.recipe, model)

    def _change_binding(self, wish: ChangeBinding) -> None:
        items = list(self.settings.bindings)
        if wish.index < len(items):
            items[wish.index : wish.index + 1] = [wish.binding] if wish.binding else []
            self._keep(bindings=tuple(items))

    def _keep(self, **changes: Any) -> None:
        """Take other settings and write them down."""
        new = replace(self.settings, **changes)
        if new == self.settings:
            return
        self.settings, self._unkept = new, True
        self._write()

    def _write(self) -> None:
        """Write the settings down."""
        new, folder = self.settings, self.desk.folders.state
        if not self.keeps:
            return

        def work() -> None:
            control_settings.save(folder, new, self._base)
            self._base = new
            self._unkept = self.settings is not new

        def failed(sentence: str) -> None:
            self.desk.session.say(f"The controller settings are not saved: {sentence}", "warning")

        self.desk.background.run(work, lambda _: None, failed)

    # -- OSC and MIDI --------------------------------------------------------------------------

    def _change_osc(self, wish: ChangeOsc) -> None:
        anywhere = wish.reach == "anywhere"
        self._keep(osc=wish.reach != "off", port=wish.port, anywhere=anywhere)
        self._open_osc()

    def _open_osc(self) -> None:
        self._close_osc()
        settings, self._osc_problem = self.settings, ""
        if not settings.osc:
            return
        try:
            put = self.inbox.put
            self._server = OscServer(settings.port, put, anywhere=settings.anywhere)
        except OscError as error:
            self._osc_problem = str(error)
            self.desk.session.say(self._osc_problem, "warning")

    def _close_osc(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _change_feedback(self, wish: ChangeFeedback) -> None:
        self._keep(feedback=wish.on, host=wish.host, feedback_port=wish.port)
        self._feedback.configure(self.settings)

    def _list_inputs(self) -> None:
        try:
            self._inputs, self._list_problem = midi.input_names(midi.backend()), ""
        except midi.MidiError as error:
            self._inputs, self._list_problem = (), str(error)

    def _choose_input(self, wish: ChooseInput) -> None:
        self._keep(midi=wish.name)
        self._open_midi()

    def _open_midi(self) -> None:
        self._close_midi()
        self._list_problem, self._pairs = "", FinePairs()
        if self.settings.midi:
            self._midi = midi.Controller(self.settings.midi, self._put, self.desk.wake)
        self._midi_told = ""  # a controller that is not there is told

    def _put(self, signal: Signal) -> None:
        """Take a controller's message, on MIDI's own thread, with its time: redraws may be slow."""
        self.inbox.put(dataclasses.replace(signal, at_s=self.desk.clock()))

    @property
    def _midi_problem(self) -> str:
        """Return why no controller is heard, if so."""
        return self._list_problem or (self._midi.problem if self._midi else "")

    def _tell_midi(self) -> None:
        """Say that the controller is gone, or is there again."""
        problem, before = (self._midi.problem if self._midi else ""), self._midi_told
        times = self._midi.times_opened if self._midi else 0
        if times != self._midi_times:
            self._midi_times = times
            self._dispatcher.let_go(MIDI)
        self._midi_told = problem
        if problem and problem != before:
            self.desk.session.say(problem, "warning")
        elif before and not problem and self._midi:
            self.desk.session.say(f"{self.settings.midi} is connected again.", "good")

    def _close_midi(self) -> None:
        if self._midi is not None:
            self._midi.close()
            self._midi = None
