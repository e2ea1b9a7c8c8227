"""Music: the tempo and everything that plays to it, as one instrument."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct

from renderer.parameters.bindings import AUDIO, BEAT, EVERY, LFO
from renderer.parameters.hearing import Hearing
from renderer.parameters.lfo import MAX_LFOS, TEMPO, Lfo, free_number, numbered
from stylegan_t.errors import BROKEN_JSON
from visualizer.control import midi
from visualizer.control.signal_queue import Signal
from visualizer.music import audio_input
from visualizer.music.audio_input import AudioInput
from visualizer.music.link_clock import LinkClock, LinkError
from visualizer.music.midi_clock import Heard, MidiClock
from visualizer.music.tempo import Tempo
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Desk, Instrument
from widgets.chrome.beat import counts as beats_count
from widgets.context import Context
from widgets.controls.control_view import PlaySources
from widgets.controls.music_view import (
    ChangeLfo,
    Clock,
    FollowClock,
    ListClocks,
    ListDevices,
    ListenTo,
    MusicView,
    RestartBar,
    SetTempo,
    TapTempo,
    TuneLfo,
)

SECTION = "Music"
MAX_PULSES = 4096
CLOCK_KINDS = frozenset({"clock", "start", "stop", "continue", "songpos"})
MAY_BE_LATE = 0.5
"""A clock that is corrected back by less than this many beats strikes none again."""


class MusicState(Struct, frozen=True):
    """Everything that a session keeps of the music."""

    bpm: Annotated[float, Meta(ge=TEMPO.kind.limits[0], le=TEMPO.kind.limits[1])] = TEMPO.default
    clock: Clock = "own"
    input: Annotated[str, Meta(max_length=500)] = ""
    lfos: Annotated[tuple[Lfo, ...], Meta(max_length=MAX_LFOS)] = ()
    device: Annotated[str, Meta(max_length=500)] = ""
    hearing: Hearing = Hearing()


_STATE = msgspec.json.Decoder(MusicState)


class Music(Instrument):
    """Counts the beats, follows clocks, and plays the oscillators."""

    name = preset_name = "music"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._state = MusicState()
        self._tempo, self._clock = Tempo(desk.clock()), MidiClock()
        self._link: LinkClock | None = None
        self._link_problem = ""
        self._heard: deque[Heard] = deque(maxlen=MAX_PULSES)
        self._input: midi.Controller | None = None
        self._inputs: tuple[str, ...] | None = None
        self._audio: AudioInput | None = None
        self._devices: tuple[str, ...] | None = None
        self._audio_told = ""
        self._values: dict[str, float] = {}
        self._struck_at: dict[int, int] = {}
        self._removed = set[int]()
        self._follows = self._followed = self._shown = self._touched = False
        self._audio_missing = audio_input.why_not()

    @property
    def moves(self) -> bool:
        """Return whether meters move on the screen."""
        return self._shown and (self._audio is not None or any(one.on for one in self._state.lfos))

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what the section asks for."""
        return (
            on(SetTempo, self._set_tempo),
            on(TapTempo, self._tap),
            on(RestartBar, lambda _: self._tempo.restart(self.desk.clock())),
            on(FollowClock, self._follow),
            on(ListClocks, lambda _: self._list()),
            on(ChangeLfo, self._change),
            on(TuneLfo, self._tune),
            on(ListenTo, self._listen_to),
            on(ListDevices, lambda _: self._list_devices()),
        )

    def poll(self, now_s: float) -> None:
        """Hear the clock, and say what everything that plays is at."""
        self._hear(now_s)
        beat = self._tempo.beat_at(now_s)
        struck = tuple(f"{BEAT}{every}" for every in EVERY if self._strikes(every, beat))
        self._values = {
            f"{LFO}{lfo.number}": lfo.at(beat, now_s) for lfo in self._state.lfos if lfo.on
        }
        self._values |= {f"{BEAT}{every}": 1.0 - beat / every % 1.0 for every in EVERY}
        if self._audio is not None:
            self._tell_audio(self._audio)
            self._values |= {f"{AUDIO}{name}": it for name, it in self._audio.values.items()}
        self.desk.do(PlaySources(self._values, struck))

    def drawn(self, context: Context, edited: bool) -> None:
        """See whether the lights are on the screen: they change with every beat."""
        self._shown = SECTION in context.options.open_sections and context.options.show_sidebar
        if self._shown or beats_count(context):
            quarter = 15 / self._tempo.bpm
            self.desk.wake_at(context.now_s + quarter)

    @property
    def _counts(self) -> bool:
        """Return whether the tempo was set or is followed, or an oscillator goes by the beat."""
        swings = any(lfo.on and lfo.unit == "beats" for lfo in self._state.lfos)
        return swings or self._touched or self._state.clock != "own"

    def views(self, now_s: float) -> Iterable[object]:
        """Return what the section shows."""
        yield MusicView(
            bpm=self._tempo.bpm,
            beat=self._tempo.beat_at(now_s),
            clock=self._state.clock,
            input=self._state.input,
            inputs=self._inputs,
            clock_problem=self._problem,
            follows=self._follows,
            lfos=self._state.lfos,
            next_lfo=free_number(self._state.lfos, self._removed),
            counts=self._counts,
            device=self._state.device,
            devices=self._devices,
            audio_missing=self._audio_missing,
            audio_problem=self._audio.problem if self._audio else "",
            hearing=self._state.hearing,
            values=self._values,
        )

    def state(self) -> MusicState:
        """Tempo, clock and oscillators."""
        return msgspec.structs.replace(self._state, bpm=self._tempo.bpm)

    def restore(self, state: Raw | None) -> str | None:
        """Take tempo, clock and oscillators of a session.

        A session may come from another person: it neither opens a microphone nor joins a network.
        """
        problem = None
        try:
            found = MusicState() if state is None else _STATE.decode(state)
        except BROKEN_JSON:
            found = MusicState()
            problem = "The settings for Music could not be read and were reset."
        heard = self._state.device == found.device
        joined = self._state.clock == found.clock
        self._become(
            msgspec.structs.replace(
                found,
                device=found.device if heard else "",
                clock="own" if found.clock == "link" and not joined else found.clock,
            )
        )
        return problem

    def take_preset(self, part: Raw) -> str | None:
        """Take all of it, the inputs too: the user chose the preset, and is told what is heard."""
        try:
            found = _STATE.decode(part)
        except BROKEN_JSON:
            return "Its settings for Music are damaged."
        if found.device and found.device != self._state.device:
            self.desk.session.say(f"Listening to {found.device}.")
        self._become(found)
        return None

    def _become(self, found: MusicState) -> None:
        self._state = msgspec.structs.replace(found, lfos=numbered(found.lfos))
        self._removed.clear()
        self._tempo.set(found.bpm, self.desk.clock())
        self._listen()
        self._open_audio()

    def close(self) -> None:
        """Free the inputs."""
        self._close_clock()
        self._close_audio()

    def _close_clock(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None
        if self._input is not None:
            self._input.close()
            self._input = None

    # -- clocks --------------------------------------------------------------------------------

    def _hear(self, now_s: float) -> None:
        """Follow the clock; where it stops, the tempo goes on as it was."""
        while self._heard:
            self._clock.hear(self._heard.popleft())
        at = self._clock.at(now_s) if self._state.clock == "midi" else None
        if self._link is not None:
            at = self._link.now()
        self._followed, self._follows = self._follows, at is not None
        if at is not None:
            self._tempo.follow(*at, now_s)
        if self._followed and not self._follows and self._state.clock == "midi":
            bpm = self._tempo.bpm
            self.desk.session.say(
                f"The MIDI clock stopped. The tempo stays at {bpm:.1f} BPM.", "warning"
            )
        elif self._follows and not self._followed and self._link is None:
            self.desk.session.say(f"Following the MIDI clock of {self._state.input}.", "good")

    @property
    def _problem(self) -> str:
        """Return why the chosen clock is not followed."""
        if self._state.clock == "own" or self._follows:
            return ""
        if self._state.clock == "link":
            return self._link_problem
        if self._input is None:
            return "Choose the input that the clock comes from."
        return self._input.problem or "No clock is coming in yet."

    def _follow(self, wish: FollowClock) -> None:
        self._keep(clock=wish.clock, input=wish.input)
        self._listen()

    def _listen(self) -> None:
        """Open the input of the MIDI clock, if one is to be followed."""
        self._close_clock()
        self._heard.clear()
        self._clock, self._follows = MidiClock(), False
        if self._state.clock == "link":
            self._join()
        if self._state.clock == "midi" and self._state.input:
            self._input = midi.Controller(
                self._state.input, self._put, self.desk.wake, read=self._pulse
            )

    def _join(self) -> None:
        """Take part in Link."""
        self._link_problem = ""
        try:
            self._link = LinkClock(self._tempo.bpm)
        except LinkError as error:
            self._link_problem = str(error)

    def _set_tempo(self, wish: SetTempo) -> None:
        self._tempo.set(wish.bpm, self.desk.clock())
        self._touched = self._tempo.bpm != TEMPO.default
        self._share()

    def _tap(self, wish: TapTempo) -> None:
        self._tempo.tap(self.desk.clock())
        self._touched = True
        self._share()

    def _share(self) -> None:
        """Have the other programs of Link take the tempo."""
        if self._link is not None:
            self._link.set(self._tempo.bpm)

    def _pulse(self, message: Any) -> Signal | None:
        """Take a message of the clock, on MIDI's own thread, with the time at which it came."""
        kind = getattr(message, "type", "")
        if kind in CLOCK_KINDS:
            position = message.pos if kind == "songpos" else 0
            self._heard.append(Heard(kind, self.desk.clock(), position))
        return None

    def _put(self, signal: Signal) -> None:
        """Knobs of this input are not listened to: Control does that."""

    def _list(self) -> None:
        try:
            self._inputs = midi.input_names(midi.backend())
        except midi.MidiError as error:
            self._inputs = ()
            self.desk.session.say(str(error), "warning")

    # -- audio ---------------------------------------------------------------------------------

    def _listen_to(self, wish: ListenTo) -> None:
        another = wish.device != self._state.device
        self._keep(device=wish.device, hearing=wish.hearing)
        if another:
            self._open_audio()

    def _open_audio(self) -> None:
        self._close_audio()
        if self._state.device and not self._audio_missing:
            device, wake = self._state.device, self.desk.wake
            self._audio = AudioInput(device, lambda: self._state.hearing, wake)
        self._audio_told = ""

    def _close_audio(self) -> None:
        if self._audio is not None:
            self._audio.close()
            self._audio = None

    def _tell_audio(self, audio: AudioInput) -> None:
        """Say that the device is gone, or is heard again."""
        problem, before = audio.problem, self._audio_told
        self._audio_told = problem
        if problem and problem != before:
            self.desk.session.say(problem, "warning")
        elif before and not problem:
            self.desk.session.say(f"{self._state.device} is heard again.", "good")

    def _list_devices(self) -> None:
        try:
            self._devices = audio_input.input_names(audio_input.backend())
        except audio_input.AudioError as error:
            self._devices = ()
            self.desk.session.say(str(error), "warning")

    # -- what plays ----------------------------------------------------------------------------

    def _strikes(self, every: int, beat: float) -> bool:
        """Return whether another beat of every so many has begun since the last redraw."""
        here = math.floor(beat / every)
        before = self._struck_at.setdefault(every, here)
        if here > before or beat < before * every - MAY_BE_LATE:
            self._struck_at[every] = here
            return True
        return False

    def _change(self, wish: ChangeLfo) -> None:
        kept = {lfo.number: lfo for lfo in self._state.lfos}
        if wish.lfo is None:
            kept.pop(wish.number, None)
            self._removed.add(wish.number)
        else:
            kept[wish.number] = msgspec.structs.replace(wish.lfo, number=wish.number)
        self._keep(lfos=numbered(kept.values()))

    def _tune(self, wish: TuneLfo) -> None:
        self._keep(
            lfos=tuple(
                msgspec.structs.replace(lfo, **{wish.field: wish.value})
                if lfo.number == wish.number
                else lfo
                for lfo in self._state.lfos
            )
        )

    def _keep(self, **changes: Any) -> None:
        self._state = msgspec.structs.replace(self._state, **changes)
