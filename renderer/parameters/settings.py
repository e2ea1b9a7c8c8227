"""Settings of the window's sliders beside the recipe: the wandering, the timeline, the grid."""

from __future__ import annotations

from dataclasses import replace

from renderer.parameters.hearing import ATTACK, GAIN, GATE, RELEASE
from renderer.parameters.kinds import Number, Whole
from renderer.parameters.lfo import CENTRE, DEPTH, PERIOD, PHASE, TEMPO
from renderer.parameters.parameter import Setting
from renderer.parameters.ranges import MIX
from renderer.recipe.contact_sheet import MAX_COUNT, Axis
from renderer.recipe.recipe import MAX_BENDS
from renderer.timeline.cross_fade import MAX_FADE_S
from renderer.timeline.timeline import (
    MAX_FPS,
    MAX_LENGTH_S,
    MAX_SIDE,
    MIN_LENGTH_S,
    MIN_SIDE,
    Timeline,
)

WANDER_SPEED = Setting(
    "Speed",
    Number(0.05, 5.0, (0.05, 5.0), " seeds/s", logarithmic=True),
    0.5,
    "How fast to wander, in seeds per second.",
)
SMOOTHNESS = Setting(
    "Smooth",
    Number(0.0, 1.0, (0.0, 1.0)),
    0.5,
    "0 may turn sharply at every seed, 1 goes almost straight on.",
)
LENGTH = Setting(
    "Length",
    Number(0.5, 60.0, (MIN_LENGTH_S, MAX_LENGTH_S), " s", logarithmic=True),
    Timeline().length_s,
    "Length of the timeline in seconds; it always reaches its last key frame.",
)
FPS = Setting(
    "Frames",
    Whole(5, 60, (1, MAX_FPS), unit=" per second"),
    Timeline().fps,
    "Frames per second. Type 29.97, 23.976 or 59.94 for the rates of television.",
)
_SIDE = Whole(320, 3840, (MIN_SIDE, MAX_SIDE), unit=" px")
VIDEO_WIDTH = Setting("Width", _SIDE, 1920, "Width of the video in pixels.")
VIDEO_HEIGHT = Setting("Height", _SIDE, 1080, "Height of the video in pixels.")
FADE = Setting(
    "Fade",
    Number(0.0, 10.0, (0.0, MAX_FADE_S), " s"),
    2.0,
    "How long the way to a moment takes; 0 is a cut.",
)
GRID_COUNT = Setting("Count", Whole(1, 16, (1, MAX_COUNT)), Axis().count, "How many.")
GRID_BEND = Setting(
    "Bend", Whole(1, 8, (1, MAX_BENDS)), Axis().bend, "The number of the bend in the Layers tab."
)
MIXING_WEIGHT = Setting(
    "Weight", replace(MIX, limits=(-1.0, 2.0)), 0.0, "Weight: 0 takes nothing, 1 takes all."
)
"""Of a cell of the mixing matrix, which stands for a block or a row."""
SNAPSHOT = Setting(
    "Snapshot",
    Whole(1, 100),
    1,
    "Which checkpoint of the run draws the picture; everything else of the recipe stays.",
)
ALL = (WANDER_SPEED, SMOOTHNESS, LENGTH, FPS, FADE, GRID_COUNT, GRID_BEND)
ALL += (MIXING_WEIGHT, SNAPSHOT)
ALL += (VIDEO_WIDTH, VIDEO_HEIGHT)
ALL += (TEMPO, PERIOD, PHASE, DEPTH, CENTRE, GAIN, GATE, ATTACK, RELEASE)
