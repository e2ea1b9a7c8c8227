"""The instruments, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Sequence

from visualizer.control.instrument import Control
from visualizer.instruments.alignment import AlignmentMeter
from visualizer.instruments.blending import Blender
from visualizer.instruments.captures import Captures
from visualizer.instruments.clean_output import CleanOutput
from visualizer.instruments.cleanup import Sweeper
from visualizer.instruments.comparison import Comparison
from visualizer.instruments.components import ComponentShares
from visualizer.instruments.editing import EditActions
from visualizer.instruments.gallery import Gallery
from visualizer.instruments.grid import Sheets
from visualizer.instruments.history import HistoryKeeper
from visualizer.instruments.latent_directions import DirectionLibrary
from visualizer.instruments.latent_library import LatentLibrary
from visualizer.instruments.layers import LayerInspector
from visualizer.instruments.missing_model import MissingModel
from visualizer.instruments.moments import MomentsKeeper
from visualizer.instruments.opening import FileOpener
from visualizer.instruments.output import Output
from visualizer.instruments.precision_times import PrecisionTimes
from visualizer.instruments.presets import Presets
from visualizer.instruments.profiling import Profiler
from visualizer.instruments.prompts import Prompts
from visualizer.instruments.recorder import Recorder
from visualizer.instruments.renderer_place import RendererPlaces
from visualizer.instruments.script_calls import ScriptCalls
from visualizer.instruments.text_tower import Towers
from visualizer.instruments.timeline import Playback
from visualizer.instruments.tour import Tour
from visualizer.instruments.training_run import TrainingRun
from visualizer.instruments.uploads import Uploads
from visualizer.instruments.viewing import ViewActions
from visualizer.instruments.wander import Wanderer
from visualizer.instruments.watchdog import Watchdog
from visualizer.instruments.word_lists import WordListKeeper
from visualizer.instruments.workers import WorkerDevices
from visualizer.music.instrument import Music
from visualizer.services.instrument import Desk, Instrument

STAGE: Sequence[type[Instrument]] = (
    EditActions,
    Output,
    Captures,
    Prompts,
    MomentsKeeper,
    Wanderer,
    Playback,
    Music,
    Control,
    Recorder,
)
"""Those that play, listen and send; they work without a window, in the same order."""


def all_instruments(desk: Desk) -> Sequence[Instrument]:
    """Every instrument of the window."""
    kinds: Sequence[type[Instrument]] = (
        FileOpener,
        MissingModel,
        Blender,
        TrainingRun,
        Towers,
        EditActions,
        ViewActions,
        HistoryKeeper,
        Comparison,
        CleanOutput,
        Output,
        Captures,
        Sheets,
        Gallery,
        Prompts,
        WordListKeeper,
        LatentLibrary,
        DirectionLibrary,
        MomentsKeeper,  # before what yields to a change by hand, as it does to a fade
        Wanderer,
        Playback,
        Tour,  # its views stand in for those of the tabs above
        ComponentShares,
        LayerInspector,
        AlignmentMeter,
        Music,
        Control,
        ScriptCalls,
        Recorder,  # after all that plays
        Sweeper,
        Profiler,
        PrecisionTimes,
        RendererPlaces,
        WorkerDevices,
        Uploads,
        Watchdog,
    )
    return made(desk, kinds)


def made(desk: Desk, kinds: Sequence[type[Instrument]]) -> Sequence[Instrument]:
    """One instrument of each kind, and the one that hands presets to them."""
    one_each = tuple(kind(desk) for kind in kinds)
    return (*one_each, Presets(desk, one_each))
