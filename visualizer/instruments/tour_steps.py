"""The script of the tour: a minute in which the window plays its four jobs by itself.

Each step is a pure function from the recipe at its beginning and a share of its time to a recipe,
so the tour shows the same pictures at any speed of the machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from renderer.recipe.contact_sheet import Axis, Sheet
from renderer.recipe.fresh import FRESH
from renderer.recipe.recipe import (
    LatentPart,
    MixingPart,
    MixSource,
    MixTrack,
    Prompt,
    Recipe,
    TransformPart,
)
from renderer.timeline.timeline import KeyFrame, Timeline, position, recipe_at
from widgets.controls.grid_view import SheetView
from widgets.controls.key_names import MAIN
from widgets.controls.timeline_view import TimelineView

FIRST_PROMPT = "a lion in the desert at sunset"
STYLE = ", pixel art"
OTHER_STYLE = ", watercolor"
SECOND_PROMPT = "a castle on the beach"
MIX_PROMPT = "a cactus at night, neon"
THIRD_STYLE = ", oil painting"
SHEET = Sheet(rows=Axis("seed", count=2, seed=7), columns=Axis("psi", count=7))
CLIP_KEYS_S, CLIP_S = (0.0, 1.4, 2.8), 4.2
"""Times of the key frames of the tour's video, and its length."""
KEPT = 0.45
"""After this share of its step the key frames are all made, and the video plays."""
AT_ONCE, MOVING = 0.4, 0.65
"""Shares of a way after which the picture rests: small pictures are made while it does."""
BLOCKS = 5
"""Resolution blocks of the demo model, 8 to 128 pixels."""

At = Callable[[Recipe, float], Recipe]
Shows = Callable[[Recipe, float], object]


@dataclass(frozen=True)
class Step:
    """One thing that the tour shows.

    `title` and `text` are on the screen meanwhile, `seconds` long; `area` is the section, or
    "Picture" or "Drawer", that is pointed out; `sections` are open and `drawer` is the tab below
    the picture; `at` gives the recipe, from the one at the step's beginning and the share of its
    time from 0 to 1.  `shows`, from the same
    two, is what the drawer's tab sees in place of the user's own timeline or sheet.
    """

    title: str
    text: str
    seconds: float
    area: str
    at: At
    sections: tuple[str, ...] = ("Prompt",)
    drawer: str = ""
    shows: Shows | None = None


def start(recipe: Recipe) -> Recipe:
    """Return what the tour begins with: the demo model, and nothing typed yet."""
    return replace(FRESH, latent=LatentPart(seed=7, target_seed=12), precision=recipe.precision)


def ease(share: float) -> float:
    """From 0 to 1, slow at both ends."""
    return share * share * (3 - 2 * share)


def still(recipe: Recipe, share: float) -> Recipe:
    """Nothing moves."""
    del share
    return recipe


def typing(text: str, keep: int | None = None) -> At:
    """Types `text` behind the first `keep` characters of the last prompt (None: behind all);
    what stood there goes first, letter by letter."""

    def at(recipe: Recipe, share: float) -> Recipe:
        *others, last = recipe.text.prompts
        old = last.text
        kept = old if keep is None else old[:keep]
        strokes = len(old) - len(kept) + len(text)
        done = round(min(share / 0.85, 1.0) * strokes)
        gone = min(done, len(old) - len(kept))
        words = old[: len(old) - gone] + text[: done - gone]
        return _with_prompts(recipe, *others, replace(last, text=words))

    return at


def second_prompt(recipe: Recipe, share: float) -> Recipe:
    """A second prompt comes in as the first one goes."""
    weight = ease(share)
    first = replace(recipe.text.prompts[0], weight=round(1 - weight, 3))
    return _with_prompts(recipe, first, Prompt(SECOND_PROMPT, round(weight, 3)))


def travel(recipe: Recipe, share: float) -> Recipe:
    """Over the plane of seeds, three to the right and one down."""
    way = ease(share)
    return replace(recipe, latent=replace(recipe.latent, x=round(3 * way, 4), y=round(way, 4)))


def truncation(recipe: Recipe, share: float) -> Recipe:
    """psi from 1 to 0 and back."""
    return replace(recipe, psi=round(abs(1 - 2 * ease(share)), 3))


def mixing(track: str) -> At:
    """A source takes block by block, from the coarse ones on, on one track."""

    def at(recipe: Recipe, share: float) -> Recipe:
        known = recipe.mixing.sources
        source = known[0] if known else MixSource(seed=31, prompt=MIX_PROMPT)
        weights = tuple(
            round(ease(min(max(share * (BLOCKS + 1) - index, 0.0), 1.0)), 3)
            for index in range(BLOCKS)
        )
        if track == "text":
            source = replace(source, text=MixTrack(weights))
        else:
            source = replace(source, latent=MixTrack(weights))
        return replace(recipe, mixing=MixingPart((source,)))

    return at


def unmixed(recipe: Recipe, share: float) -> Recipe:
    """The fine blocks alone stay mixed, then nothing."""
    if not recipe.mixing.sources:
        return recipe
    weights = tuple(
        round(1 - ease(min(max(share * BLOCKS - index, 0.0), 1.0)), 3) for index in range(BLOCKS)
    )
    source = replace(recipe.mixing.sources[0], latent=MixTrack(weights), text=MixTrack(weights))
    return replace(recipe, mixing=MixingPart((source,)))


def placing(recipe: Recipe, share: float) -> Recipe:
    """The content turns a little, comes nearer, and goes back."""
    way = 4 * share * (1 - share)
    return replace(
        recipe,
        transform=TransformPart(
            rotate_deg=round(14 * ease(way), 2), zoom=round(1 + 0.35 * ease(way), 3)
        ),
    )


def resting(at: At) -> At:
    """The same in the first part of the time, and then nothing moves."""
    return lambda recipe, share: at(recipe, min(share / AT_ONCE, 1.0))


def sheet(recipe: Recipe, share: float) -> SheetView:
    """The sheet that the Grid tab shows."""
    del recipe, share
    return SheetView(SHEET)


def video(recipe: Recipe) -> Timeline:
    """Three key frames: the picture, the prompt before it from elsewhere, and that one from near.

    It is a loop, so it ends with the picture that it begins with.
    """
    first, *others = recipe.text.prompts
    others = [replace(prompt, weight=0.0) for prompt in others]
    words = _with_prompts(recipe, replace(first, weight=1.0), *others)
    away = replace(words, latent=replace(recipe.latent, x=round(recipe.latent.x + 2.0, 4)))
    near = replace(away, psi=0.7, transform=TransformPart(rotate_deg=-10.0, zoom=1.3))
    keys = zip(CLIP_KEYS_S, (recipe, away, near), strict=True)
    return Timeline(tuple(KeyFrame(time_s, key) for time_s, key in keys), CLIP_S)


def video_time_s(share: float) -> float:
    """Return where on the video the step is: first from key to key, as they are made, with a rest
    at each; then all of it."""
    if share < KEPT:
        ways = len(CLIP_KEYS_S) - 1
        way = int(ways * share / KEPT)
        gone = min((ways * share / KEPT - way) / MOVING, 1.0)
        start_s, end_s = CLIP_KEYS_S[way : way + 2]
        return start_s + (end_s - start_s) * gone
    return position(Timeline(length_s=CLIP_S), CLIP_S * (share - KEPT) / (1 - KEPT))


def playing(recipe: Recipe, share: float) -> Recipe:
    """The picture that is being made a key frame of, or that the playhead is at."""
    return recipe_at(video(recipe), video_time_s(share))


def timeline(recipe: Recipe, share: float) -> TimelineView:
    """The video with the key frames that are made by then; its playhead waits at the last of them
    until it plays."""
    whole, at_s = video(recipe), video_time_s(share)
    if share >= KEPT:
        return TimelineView(whole, at_s, playing=True)
    keys = tuple(key for key in whole.keys if key.time_s <= at_s)
    return TimelineView(replace(whole, keys=keys), keys[-1].time_s, changed=True)


def _with_prompts(recipe: Recipe, *prompts: Prompt) -> Recipe:
    return replace(recipe, text=replace(recipe.text, prompts=prompts))


STEPS: tuple[Step, ...] = (
    Step(
        "Type, and the picture follows",
        "The generator runs on every keystroke: no button to press, nothing to wait for.",
        9.0,
        "Prompt",
        typing(FIRST_PROMPT),
    ),
    Step(
        "Change a word",
        "Style is just a word, too. Delete it letter by letter and try another.",
        4.5,
        "Prompt",
        typing(STYLE),
    ),
    Step(
        "Change a word",
        "Style is just a word, too. Delete it letter by letter and try another.",
        5.0,
        "Prompt",
        typing(OTHER_STYLE, len(FIRST_PROMPT)),
    ),
    Step(
        "Blend two prompts",
        "Any number of prompts, each with a weight: here one fades into the other.",
        6.0,
        "Prompt",
        second_prompt,
    ),
    Step(
        "Travel through latents",
        "Drag the picture: seeds lie on an endless plane, with smooth transitions between them.",
        7.0,
        "Picture",
        travel,
        sections=("Latent",),
        drawer="History",
    ),
    Step(
        "Variation versus alignment",
        "psi 0 is the prompt's average picture, psi 1 shows all its variation.",
        6.0,
        "Truncation",
        truncation,
        sections=("Truncation",),
    ),
    Step(
        "Mix styles: text first",
        "Another prompt takes over block by block: coarse blocks control layout, fine ones "
        "texture.",
        6.0,
        "Mixing",
        mixing("text"),
        sections=("Mixing",),
    ),
    Step(
        "Mix styles: then the latent",
        "Latent and text are mixed separately.",
        5.0,
        "Mixing",
        mixing("latent"),
        sections=("Mixing",),
    ),
    Step(
        "And back again",
        "Every weight is continuous, and everything can be undone.",
        3.5,
        "Mixing",
        unmixed,
        sections=("Mixing",),
    ),
    Step(
        "See many at once",
        "Rows and columns vary whatever you choose. Click a picture to continue with it.",
        6.5,
        "Drawer",
        resting(typing(THIRD_STYLE)),
        drawer="Grid",
        shows=sheet,
    ),
    Step(
        "Move the content, not the picture",
        "Rotate, move and zoom through the generator's Fourier input.",
        4.0,
        "Transform",
        placing,
        sections=("Transform",),
    ),
    Step(
        "Make it a video",
        "K adds the picture as a key frame; the timeline interpolates from each to the next.",
        8.0,
        "Drawer",
        playing,
        drawer="Timeline",
        shows=timeline,
    ),
    Step(
        "Keep what you found",
        f"{MAIN}+S saves the picture with its recipe inside: drop the file here to restore "
        "everything.",
        4.0,
        "Capture",
        still,
        sections=("Capture",),
    ),
)
"""The four jobs: live prompts, scrubbing, mixing, capture."""


def length_s(steps: tuple[Step, ...] = STEPS) -> float:
    """Return how long the tour takes."""
    return sum(step.seconds for step in steps)
