"""Measures the music: drift over ten minutes, a MIDI clock with jitter, 64 oscillators in a redraw.

    python -m tests.benchmarks.music

All time but that of the last line is simulated.
"""

from __future__ import annotations

import random
import statistics
import time
from fractions import Fraction

from renderer.parameters.bindings import Binding
from renderer.parameters.lfo import SHAPES, Lfo
from renderer.recipe.recipe import Recipe
from visualizer.control.modulation import Modulation
from visualizer.music.midi_clock import Heard, MidiClock
from visualizer.music.tempo import Tempo
from widgets.controls.control_view import PlaySources

MINUTES = 10
ADDRESSES = (
    "/psi",
    "/latent/x",
    "/latent/y",
    "/transform/rotate",
    "/transform/x",
    "/transform/y",
    "/noise/strength",
    "/text/strength",
)


def drift_s(bpm: float) -> float:
    """How far the beat is from the exact one after redraws at random moments, in seconds."""
    tempo, now_s, chance = Tempo(0.0, bpm), 0.0, random.Random(1)
    while now_s < MINUTES * 60:
        tempo.beat_at(now_s)
        now_s += chance.uniform(0.005, 0.05)
    exact = Fraction(now_s) * Fraction(bpm) / 60
    return float(abs(Fraction(tempo.beat_at(now_s)) - exact) * 60 / Fraction(bpm))


def clock_errors_s(jitter_s: float) -> list[float]:
    """How far the followed beat is from the true one, at each pulse but those of the first bar."""
    clock, chance, found = MidiClock(), random.Random(2), []
    clock.hear(Heard("start", 0.0))
    for pulse in range(MINUTES * 60 * 48):
        due_s = pulse / 48
        clock.hear(Heard("clock", due_s + chance.uniform(-jitter_s, jitter_s)))
        at = clock.at(due_s + 0.01)
        if at is not None and pulse >= 96:
            found.append(abs(at[1] - (due_s + 0.01) * 2) / 2)
    return found


def redraw_ms(count: int) -> float:
    """The median time in which `count` oscillators are computed and applied, in milliseconds."""
    lfos = [Lfo(SHAPES[i % len(SHAPES)], 1.0 + i, number=i + 1) for i in range(count)]
    bindings = tuple(
        Binding(f"lfo/{i + 1}", ADDRESSES[i % len(ADDRESSES)], -0.1, 0.1, around=True)
        for i in range(count)
    )
    modulation, recipe, taken = Modulation(), Recipe(), []
    for redraw in range(300):
        begin_s = time.perf_counter()
        values = {f"lfo/{lfo.number}": lfo.at(redraw / 30, redraw / 60) for lfo in lfos}
        modulation.take(PlaySources(values), bindings, recipe, None)
        modulation.applied(recipe, None)
        taken.append((time.perf_counter() - begin_s) * 1000)
    return statistics.median(taken)


def main() -> None:
    """Print everything."""
    for bpm in (60.0, 127.3, 174.0):
        print(f"drift at {bpm:g} BPM after {MINUTES} minutes: {drift_s(bpm) * 1e9:.3f} ns")
    for jitter_s in (0.001, 0.003, 0.005):
        errors = clock_errors_s(jitter_s)
        print(
            f"MIDI clock with ±{jitter_s * 1000:g} ms of jitter: median "
            f"{statistics.median(errors) * 1000:.2f} ms, worst {max(errors) * 1000:.2f} ms"
        )
    for count in (1, 8, 64):
        print(f"{count} oscillators in a redraw: {redraw_ms(count):.3f} ms")


if __name__ == "__main__":
    main()
