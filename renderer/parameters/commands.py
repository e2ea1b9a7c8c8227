"""The addresses that do something rather than set a value."""

from __future__ import annotations

from collections.abc import Iterator

from renderer.parameters.kinds import Number, Switch, Trigger, Whole
from renderer.parameters.lfo import TEMPO, lfo_commands
from renderer.parameters.parameter import Command
from renderer.parameters.settings import FADE, SMOOTHNESS, WANDER_SPEED
from renderer.recipe.moments import MAX_MOMENTS

RESET = "/reset"
SPEED = Number(0.25, 4.0, (0.1, 4.0), "×")
"""Speeds at which the timeline may play."""
MOMENT = Whole(1, MAX_MOMENTS, limits=(1, MAX_MOMENTS))


def _moments() -> Iterator[Command]:
    """Everything that recalls or stores moments."""
    yield Command("/moment", "Moment", MOMENT, "Goes to the moment of a number.")
    yield Command("/moment/next", "Next moment", Trigger(), "Goes to the next moment.")
    yield Command("/moment/previous", "Previous moment", Trigger(), "Goes to the previous moment.")
    yield Command("/moment/fade", "Fade of moments", FADE.kind, FADE.text)
    for number in range(1, MAX_MOMENTS + 1):
        at, name = f"/moment/{number}", f"Moment {number}"
        yield Command(at, name, Trigger(), f"Goes to moment {number}.")
        text = f"Goes to moment {number} within this number of seconds."
        yield Command(f"{at}/fade", f"{name}, fade", FADE.kind, text)
        text = f"Stores the current picture as moment {number}."
        yield Command(f"{at}/store", f"{name}, store", Trigger(), text)


COMMANDS = (
    Command("/random", "Random seed", Trigger(), "Goes to a random seed."),
    Command(
        "/surprise",
        "Surprise me",
        Trigger(),
        "Writes a random sentence of the model's own world into the prompt.",
    ),
    Command("/seed/next", "Next seed", Trigger(), "Goes to the next seed."),
    Command("/seed/previous", "Previous seed", Trigger(), "Goes to the previous seed."),
    Command("/capture", "Save picture", Trigger(), "Saves the picture in the capture folder."),
    Command(
        "/record",
        "Record",
        Trigger(),
        "Records what is played, as a take and a video, or ends the recording.",
    ),
    Command("/play", "Play", Trigger(), "Plays the timeline, or pauses it."),
    Command(
        "/seek",
        "Playhead",
        Number(0.0, 10.0, (0.0, 86_400.0), " s"),
        "Moves the timeline's playhead to a time, in seconds.",
    ),
    Command("/speed", "Speed", SPEED, "How fast the timeline plays."),
    Command("/key/add", "Add key frame", Trigger(), "Adds the picture as a key frame."),
    Command("/key/next", "Next key frame", Trigger(), "Moves the playhead to the next key frame."),
    Command(
        "/key/previous",
        "Previous key frame",
        Trigger(),
        "Moves the playhead to the previous key frame.",
    ),
    Command("/wander", "Wander", Switch(), "Wanders from seed to seed, or stops."),
    Command("/wander/toggle", "Wander or stop", Trigger(), "Wanders, or stops where it does."),
    Command("/wander/speed", "Wander speed", WANDER_SPEED.kind, WANDER_SPEED.text),
    Command("/wander/smooth", "Wander smoothness", SMOOTHNESS.kind, SMOOTHNESS.text),
    Command("/tempo", "Tempo", TEMPO.kind, "The tempo, in beats per minute."),
    Command("/tempo/tap", "Tap the tempo", Trigger(), "Sent on each beat, sets tempo and beat."),
    Command("/tempo/restart", "First beat", Trigger(), "This is the first beat of a bar."),
    Command("/output", "Clean output", Switch(), "Opens the clean output, or closes it."),
    Command("/output/ndi", "NDI", Switch(), "Sends the picture by NDI, or stops."),
    Command("/output/spout", "Spout", Switch(), "Shares the picture by Spout, or stops."),
    Command("/output/syphon", "Syphon", Switch(), "Shares the picture by Syphon, or stops."),
    Command("/output/camera", "Camera", Switch(), "Shows the picture as a webcam, or stops."),
    Command("/undo", "Undo", Trigger(), "Undoes the last step."),
    Command("/redo", "Redo", Trigger(), "Redoes the last step that was undone."),
    Command(
        RESET,
        "Reset all",
        Trigger(),
        "Resets everything to its default, except the model; given an address as text, only that.",
    ),
    *_moments(),
    *lfo_commands(),
)
"""Addresses that do something."""
