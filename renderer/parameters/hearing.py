"""Settings of listening to sound, and the values that it gives."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from renderer.parameters.kinds import Number
from renderer.parameters.parameter import Setting

BANDS_HZ = {"low": (20.0, 250.0), "mid": (250.0, 2000.0), "high": (2000.0, 16_000.0)}
NAMES = ("level", *BANDS_HZ, "onset")
"""The values of a sound, each a source `audio/NAME` of bindings."""
GAIN = Setting("Gain", Number(-20.0, 40.0, (-40.0, 60.0), " dB", decimals=1), 0.0, "Louder input.")
GATE = Setting("Gate", Number(0.0, 1.0, (0.0, 1.0)), 0.1, "Values below this count as silence.")
ATTACK = Setting(
    "Attack", Number(0.0, 0.5, (0.0, 5.0), " s"), 0.01, "Time in which values rise to the sound's."
)
RELEASE = Setting(
    "Release", Number(0.0, 2.0, (0.0, 20.0), " s"), 0.25, "Time in which values fall back."
)


class Hearing(Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of listening; gain in decibels, times in seconds."""

    gain_db: Annotated[float, Meta(ge=GAIN.kind.limits[0], le=GAIN.kind.limits[1])] = GAIN.default
    gate: Annotated[float, Meta(ge=0.0, le=1.0)] = GATE.default
    attack_s: Annotated[float, Meta(ge=0.0, le=ATTACK.kind.limits[1])] = ATTACK.default
    release_s: Annotated[float, Meta(ge=0.0, le=RELEASE.kind.limits[1])] = RELEASE.default
