"""Which test stands for a module that has none of its own, and why.

Tests mirror the packages: `renderer/files/atomic.py` is tested by `renderer/files/test_atomic.py`
in here.  Where one test is about several modules, because a user meets them together, it is named
below; whoever adds a module adds its test, or a line here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tests.source_tree import ROOT


@dataclass(frozen=True)
class Theme:
    """A test, why it is about more than one module, and which: paths without their ends, from
    `folder` of the project."""

    test: str
    why: str
    folder: str
    names: str

    @property
    def modules(self) -> list[str]:
        """The paths of its modules, from the root."""
        return [f"{self.folder}/{name}.py".lstrip("/") for name in self.names.split()]


WHOLE_FILES = "a file is opened through all of its readers"
DRAWN = "a scene is drawn and described as a whole"
FIGURES = "the same figures come out as on the plain way"
TYPES = "types that hold values: what fills and reads them is tested"
IN_A_WINDOW = "seen and used in the real window, on the panel that it is a part of"

THEMES = (
    Theme(
        "visualizer/instruments/test_renderer_place.py",
        IN_A_WINDOW,
        "widgets",
        "chrome/renderer_dialog controls/place_view picture/connecting_card",
    ),
    Theme(
        "visualizer/instruments/test_uploads.py",
        IN_A_WINDOW,
        "widgets",
        "chrome/upload_dialog controls/upload_view",
    ),
    Theme(
        "renderer/remote/test_calls.py",
        "what is asked at one end of a line is done at the other",
        "renderer",
        "pipeline/elsewhere remote/proxy remote/work",
    ),
    Theme(
        "renderer/remote/test_server.py",
        "messages are seen as they come and go",
        "renderer/remote",
        "messages frames outbox",
    ),
    Theme(
        "renderer/remote/test_client.py",
        "a line is cut, refused and mended under the window's hands",
        "renderer/remote",
        "pending_calls wish_list work_thread",
    ),
    Theme(
        "stylegan_t/checkpoints/test_checkpoint.py",
        WHOLE_FILES,
        "stylegan_t",
        "card config progress checkpoints/reference_values",
    ),
    Theme(
        "stylegan_t/checkpoints/test_reference_config.py",
        "names and sizes are read from the same state",
        "stylegan_t/checkpoints",
        "reference_names",
    ),
    Theme(
        "stylegan_t/checkpoints/test_reference_pickle.py",
        "what nodes mean shows in the parts that are made of them",
        "stylegan_t/checkpoints",
        "reference_nodes",
    ),
    Theme(
        "stylegan_t/checkpoints/test_state_dicts.py",
        WHOLE_FILES,
        "stylegan_t/checkpoints",
        "torch_archive usual_design",
    ),
    Theme(
        "stylegan_t/data/test_sources.py",
        "a source is opened, read and put back as training does it",
        "stylegan_t/data",
        "demo_source errors open_source",
    ),
    Theme(
        "stylegan_t/demo/test_world.py",
        DRAWN,
        "stylegan_t/demo",
        "canvas captions landscape objects scenes styles",
    ),
    Theme(
        "stylegan_t/demo/test_reading.py",
        "what the demo model says of itself, its words too",
        "stylegan_t/demo",
        "about known_words",
    ),
    Theme(
        "stylegan_t/demo/things/test_painting.py",
        DRAWN,
        "stylegan_t/demo/things",
        "drawn scenes words",
    ),
    Theme(
        "stylegan_t/encoders/test_towers.py",
        "a name is read where a tower is opened by it",
        "stylegan_t/encoders",
        "clip_specs",
    ),
    Theme(
        "stylegan_t/family/test_parity.py",
        "whole networks against numbers recorded from the original implementations",
        "stylegan_t/family",
        "mapping stylegan3 stylegan_xl",
    ),
    Theme(
        "stylegan_t/inference/test_fast.py",
        FIGURES,
        "stylegan_t/inference",
        "fast_layers packing prepared",
    ),
    Theme(
        "stylegan_t/inference/test_fast_blocks.py",
        FIGURES,
        "stylegan_t/inference",
        "fast_styles filtered",
    ),
    Theme(
        "stylegan_t/test_generator.py",
        "the input is tested with the networks that it feeds",
        "stylegan_t",
        "fourier_input",
    ),
    Theme(
        "stylegan_t/inference/test_bending.py",
        "bent pictures, which graphs begin and readable blocks end",
        "stylegan_t/inference",
        "graph_tail",
    ),
    Theme(
        "stylegan_t/inference/test_graphs.py",
        FIGURES,
        "stylegan_t/inference",
        "graph_layers recorders",
    ),
    Theme(
        "stylegan_t/test_on_a_card.py",
        f"{FIGURES}, which needs a graphics card",
        "stylegan_t/inference",
        "fused fused_kernels triton_kernels",
    ),
    Theme(
        "stylegan_t/metrics/test_features.py",
        "each network is opened by its name",
        "stylegan_t/metrics",
        "errors open_features",
    ),
    Theme(
        "stylegan_t/training/test_stopping.py",
        "real signals reach a run",
        "stylegan_t/terminal",
        "signals",
    ),
    Theme(
        "stylegan_t/training/test_demo_landscapes.py",
        "the text tower is a part of the demo model's training",
        "stylegan_t/training",
        "text",
    ),
    Theme(
        "renderer/models/test_recovery.py",
        "what fails becomes the right kind of error where the device is looked after",
        "renderer",
        "errors pipeline/render_call",
    ),
    Theme(
        "renderer/recipe/test_recipe.py",
        "parts are read and written with the recipe that they are parts of",
        "renderer/recipe/parts",
        "fields latent layout mixing model moves noise seeds text transform",
    ),
    Theme("renderer/files/test_images.py", WHOLE_FILES, "renderer", "files/png_text frame/frame"),
    Theme(
        "renderer/files/test_video.py",
        "clips are written and read back whole",
        "renderer/files",
        "video_encoder video_settings",
    ),
    Theme("renderer/pipeline/test_aligner.py", TYPES, "renderer/frame", "alignment_report"),
    Theme("renderer/pipeline/test_inspector.py", TYPES, "renderer/frame", "layer_report"),
    Theme(
        "renderer/pipeline/test_render_thread.py",
        "the newest recipe wins: what gives way, and what is counted",
        "renderer",
        "frame/dropped frame/status pipeline/preemption",
    ),
    Theme(
        "renderer/parameters/test_parameters.py",
        "every parameter is read and set by its address",
        "renderer/parameters",
        "kinds parameter registry",
    ),
    Theme(
        "visualizer/instruments/test_workers.py",
        IN_A_WINDOW,
        "widgets/chrome",
        "worker_rows",
    ),
    Theme(
        "visualizer/commands/test_batch.py",
        "commands draw with the renderer and the workers that their options name",
        "visualizer/commands",
        "painters",
    ),
    Theme(
        "renderer/pipeline/test_pool.py",
        "work is shared among makers of pictures",
        "renderer/pipeline",
        "painter",
    ),
    Theme(
        "renderer/pipeline/test_renderer.py",
        "the stages of a picture and what each of them keeps",
        "renderer/pipeline",
        "text_stage loading failures",
    ),
    Theme(
        "renderer/timeline/test_interpolation.py",
        "a whole recipe between two others",
        "renderer/timeline",
        "latent_interpolation text_interpolation",
    ),
    Theme(
        "visualizer/app/test_app.py",
        IN_A_WINDOW,
        "widgets",
        "actions context chrome/dialogs chrome/menu controls/modal model/recent picture/area "
        "picture/error_card picture/toolbar sections/capture",
    ),
    Theme(
        "widgets/test_panels.py",
        IN_A_WINDOW,
        "widgets",
        "controls/focus controls/labelled_row controls/seed_field controls/typed_text_box "
        "sections/noise sections/transform prompt/row",
    ),
    Theme(
        "visualizer/window/test_layout.py",
        "every control can be reached, and is explained where it is",
        "widgets",
        "controls/block_sliders controls/buttons controls/card controls/tooltips "
        "sections/layout_lock prompt/strength",
    ),
    Theme("widgets/chrome/test_shortcuts.py", IN_A_WINDOW, "widgets/controls", "key_names"),
    Theme(
        "widgets/prompt/test_wildcards.py",
        IN_A_WINDOW,
        "",
        "visualizer/instruments/word_lists widgets/controls/word_lists_view",
    ),
    Theme(
        "renderer/recipe/test_templates.py",
        "what is typed under an address is a template",
        "renderer/parameters",
        "prompt_text",
    ),
    Theme(
        "widgets/tabs/test_moments.py",
        IN_A_WINDOW,
        "widgets",
        "chrome/moment_keys controls/moments_view",
    ),
    Theme("visualizer/instruments/test_sessions.py", IN_A_WINDOW, "widgets/chrome", "session_menu"),
    Theme("visualizer/test_cli.py", IN_A_WINDOW, "visualizer/commands", "preset_option"),
    Theme("visualizer/instruments/test_presets.py", IN_A_WINDOW, "widgets/chrome", "preset_menu"),
    Theme("visualizer/instruments/test_tour.py", IN_A_WINDOW, "widgets/chrome", "tour"),
    Theme("widgets/sections/test_blend.py", IN_A_WINDOW, "visualizer/instruments", "blending"),
    Theme(
        "visualizer/instruments/test_training_run.py",
        IN_A_WINDOW,
        "widgets",
        "sections/training_run controls/run_view",
    ),
    Theme("widgets/sections/test_truncation.py", IN_A_WINDOW, "widgets/controls", "filmstrip"),
    Theme(
        "widgets/tabs/test_grid.py",
        IN_A_WINDOW,
        "widgets",
        "controls/export_progress controls/grid_view tabs/grid_axis",
    ),
    Theme(
        "widgets/prompt/test_directions.py",
        IN_A_WINDOW,
        "widgets",
        "controls/drawn_words controls/layer_range prompt/direction_ideas prompt/direction_popup",
    ),
    Theme("visualizer/test_typing.py", IN_A_WINDOW, "widgets/controls", "live_text_box"),
    Theme("visualizer/test_loads.py", IN_A_WINDOW, "widgets/controls", "loading spinner"),
    Theme(
        "widgets/tabs/test_layers.py",
        IN_A_WINDOW,
        "widgets",
        "controls/plots tabs/bends tabs/channels tabs/layer_mark tabs/layer_view",
    ),
    Theme("widgets/tabs/test_history.py", IN_A_WINDOW, "widgets/controls", "thumbnail"),
    Theme("widgets/sections/test_performance.py", IN_A_WINDOW, "widgets/controls", "time_bars"),
    Theme(
        "visualizer/instruments/test_recorder.py", IN_A_WINDOW, "widgets/controls", "recording_view"
    ),
    Theme(
        "widgets/tabs/test_timeline.py",
        IN_A_WINDOW,
        "widgets",
        "controls/timeline_view tabs/keyframe_lane tabs/video_export",
    ),
    Theme(
        "widgets/mixing/test_panel.py",
        IN_A_WINDOW,
        "widgets",
        "controls/weight_cells mixing/matrix mixing/source",
    ),
    Theme(
        "widgets/latent/test_panel.py",
        IN_A_WINDOW,
        "widgets/latent",
        "components seed_blend seed_map travel_tool",
    ),
    Theme(
        "visualizer/instruments/test_latent_library.py", IN_A_WINDOW, "widgets/latent", "library"
    ),
    Theme(
        "visualizer/instruments/test_latent_directions.py",
        IN_A_WINDOW,
        "widgets",
        "latent/directions controls/directions_view",
    ),
    Theme("visualizer/instruments/test_wander.py", IN_A_WINDOW, "widgets/latent", "wander"),
    Theme(
        "visualizer/instruments/test_watchdog.py",
        IN_A_WINDOW,
        "widgets/picture",
        "unresponsive_card",
    ),
    Theme("visualizer/instruments/test_prompts.py", IN_A_WINDOW, "widgets/prompt", "history"),
    Theme("widgets/prompt/test_pad.py", IN_A_WINDOW, "widgets/controls", "pad_square"),
    Theme(
        "renderer/parameters/test_parameters.py",
        "every parameter is read and set by its address",
        "renderer/parameters",
        "seed_blend",
    ),
    Theme("widgets/prompt/test_panel.py", IN_A_WINDOW, "widgets/prompt", "token_meter"),
    Theme("widgets/sections/test_alignment.py", IN_A_WINDOW, "widgets/sections", "alignment_view"),
    Theme(
        "widgets/sections/test_control.py",
        IN_A_WINDOW,
        "widgets",
        "sections/bindings controls/control_view",
    ),
    Theme(
        "widgets/controls/test_source_menu.py",
        IN_A_WINDOW,
        "widgets/controls",
        "binding_row sources source_sign",
    ),
    Theme(
        "visualizer/instruments/test_gallery.py",
        IN_A_WINDOW,
        "widgets/tabs",
        "gallery gallery_trash",
    ),
    Theme(
        "visualizer/app/test_app.py",
        "the loop is tested with what it starts and hands on to",
        "visualizer",
        "app/registry errors instruments/editing services/instrument "
        "services/render_port session/session window/gestures window/shared_glfw",
    ),
    Theme(
        "visualizer/test_shutdown.py",
        "real processes that end, by the window and by signals",
        "visualizer",
        "app/shutdown services/signals",
    ),
    Theme(
        "visualizer/test_cli.py",
        "commands as they are typed",
        "visualizer",
        "commands/info",
    ),
    Theme(
        "visualizer/commands/test_metrics.py",
        "a command with its options",
        "visualizer/options",
        "metric_options",
    ),
    Theme(
        "visualizer/commands/test_render.py",
        "a command with its options",
        "visualizer/options",
        "recipe_options",
    ),
    Theme(
        "visualizer/instruments/test_tour.py",
        "every step is played, in the window and for the film",
        "visualizer",
        "commands/tour app/tour_film instruments/tour_steps window/offscreen",
    ),
    Theme(
        "widgets/sections/test_control.py",
        "OSC and MIDI come in, and show on their panel",
        "visualizer/control",
        "instrument learning",
    ),
    Theme(
        "visualizer/music/test_instrument.py",
        IN_A_WINDOW,
        "widgets",
        "controls/music_view sections/music sections/playing sections/sound",
    ),
    Theme(
        "visualizer/music/test_spectrum.py",
        "settings are tested by what they do",
        "renderer/parameters",
        "hearing",
    ),
    Theme("visualizer/control/test_osc.py", "answers go out", "visualizer/control", "feedback"),
    Theme(
        "widgets/sections/test_alignment.py",
        "an instrument with its panel",
        "visualizer/instruments",
        "alignment",
    ),
    Theme(
        "widgets/picture/test_compare.py",
        "an instrument with its panel",
        "visualizer/instruments",
        "comparison",
    ),
    Theme(
        "widgets/latent/test_panel.py",
        "an instrument with its panel",
        "visualizer/instruments",
        "components",
    ),
    Theme(
        "widgets/tabs/test_history.py",
        "an instrument with its panel",
        "visualizer/instruments",
        "history",
    ),
    Theme(
        "widgets/tabs/test_layers.py",
        "an instrument with its panel",
        "visualizer/instruments",
        "layers",
    ),
    Theme(
        "widgets/sections/test_performance.py",
        "an instrument with its panel",
        "visualizer/instruments",
        "profiling",
    ),
    Theme(
        "visualizer/test_scripting.py",
        "scripts as they are written",
        "visualizer/instruments",
        "script_calls",
    ),
    Theme(
        "visualizer/session/test_state.py",
        "what is damaged is moved aside by whoever reads it",
        "visualizer/session",
        "earlier_sessions",
    ),
    Theme(
        "visualizer/window/test_window.py",
        "a real window with what it needs of the system",
        "visualizer/window",
        "display gl",
    ),
    Theme(
        "visualizer/window/test_texture.py",
        "a picture is uploaded and drawn",
        "visualizer/window",
        "picture_shader",
    ),
    Theme(
        "visualizer/instruments/test_clean_output.py",
        IN_A_WINDOW,
        "widgets",
        "output",
    ),
    Theme("widgets/sections/test_output.py", IN_A_WINDOW, "widgets", "sections/output_view"),
    Theme(
        "visualizer/sinks/test_kinds.py",
        "the libraries of other programs, on stand-ins",
        "visualizer/sinks",
        "layouts libraries ndi spout syphon virtual_camera",
    ),
)


def mirror_of(module: str) -> Path:
    """Where the test of a module stands, or would stand."""
    path = PurePosixPath(module)
    return ROOT / "tests" / path.parent / f"test_{path.name}"


def untested(modules: Iterable[str], themes: Iterable[Theme] = THEMES) -> list[str]:
    """Modules that have no test of their own and are in no theme."""
    named = {module for theme in themes for module in theme.modules}
    return [module for module in modules if module not in named and not mirror_of(module).exists()]


def needless(modules: Iterable[str], themes: Iterable[Theme] = THEMES) -> Iterator[str]:
    """Lines of themes about what is not there, is tested by its own test, or stands there twice."""
    known, seen = set(modules), set[str]()
    for theme in themes:
        if not (ROOT / "tests" / theme.test).exists():
            yield theme.test
        for module in theme.modules:
            if module not in known or module in seen or mirror_of(module).exists():
                yield module
            seen.add(module)
