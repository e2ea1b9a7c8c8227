"""The script of the tour: a minute in which the window plays its four jobs by itself.

Each step is a pure function from the recipe at its beginning and a share of its time to a recipe,
so the tour shows the same pictures at any speed of the machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from renderer.recipe import (
    LatentPart,
    MixingPart,
    MixSource,
    MixTrack,
    Prompt,
    Recipe,
    TransformPart,
)
from widgets import actions

FIRST_PROMPT = "a lighthouse by the sea at night, full moon"
STYLE = ", pixel art"
OTHER_STYLE = ", watercolor"
SECOND_PROMPT = "a red house in a meadow at noon"
MIX_PROMPT = "mountains in the snow at sunset, oil painting"
BLOCKS = 5
"""Resolution blocks of the demo model, 8 to 128 pixels."""

At = Callable[[Recipe, float], Recipe]


@dataclass(frozen=True)
class Step:
    """One thing that the tour shows.

    `title` and `text` are on the screen meanwhile, `seconds` long; `area` is the section, or
    "Picture" or "Drawer", that is pointed out; `sections` are open and `drawer` is the tab below
    the picture; `at` gives the recipe, from the one at the step's beginning and the share of its
    time from 0 to 1; `action` is asked for when half of the time is over.
    """

    title: str
    text: str
    seconds: float
    area: str
    at: At
    sections: tuple[str, ...] = ("Prompt",)
    drawer: str = ""
    action: Any = None


def start(recipe: Recipe) -> Recipe:
    """What the tour begins with: the demo model, and nothing typed yet."""
    return Recipe(latent=LatentPart(seed=7, target_seed=12), precision=recipe.precision)


def ease(share: float) -> float:
    """From 0 to 1, slow at both ends."""
    return share * share * (3 - 2 * share)


def still(recipe: Recipe, share: float) -> Recipe:
    """Nothing moves."""
    del share
    return recipe


def typing(text: str, keep: int | None = None) -> At:
    """Types `text` behind the first `keep` characters of the first prompt (None: behind all);
    what stood there goes first, letter by letter."""

    def at(recipe: Recipe, share: float) -> Recipe:
        old = recipe.text.prompts[0].text
        kept = old if keep is None else old[:keep]
        strokes = len(old) - len(kept) + len(text)
        done = round(min(share / 0.85, 1.0) * strokes)
        gone = min(done, len(old) - len(kept))
        words = old[: len(old) - gone] + text[: done - gone]
        return _with_prompts(recipe, replace(recipe.text.prompts[0], text=words))

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


def _with_prompts(recipe: Recipe, *prompts: Prompt) -> Recipe:
    return replace(recipe, text=replace(recipe.text, prompts=prompts))


STEPS: tuple[Step, ...] = (
    Step(
        "Type, and the picture follows",
        "One pass of the generator for every key: no button to press, nothing to wait for.",
        9.0,
        "Prompt",
        typing(FIRST_PROMPT),
    ),
    Step(
        "Change a word",
        "Style is a word too. Take it back letter by letter, and try another.",
        4.5,
        "Prompt",
        typing(STYLE),
    ),
    Step(
        "Change a word",
        "Style is a word too. Take it back letter by letter, and try another.",
        5.0,
        "Prompt",
        typing(OTHER_STYLE, len(FIRST_PROMPT)),
    ),
    Step(
        "Blend two prompts",
        "Any number of prompts, each with a weight: here one hands over to the other.",
        6.0,
        "Prompt",
        second_prompt,
    ),
    Step(
        "Travel through latents",
        "Drag the picture: seeds lie on an endless plane, and the way between them is smooth.",
        7.0,
        "Picture",
        travel,
        sections=("Latent",),
        drawer="History",
    ),
    Step(
        "Variation against alignment",
        "psi 0 is the prompt's average picture, psi 1 shows all its variation.",
        6.0,
        "Truncation",
        truncation,
        sections=("Truncation",),
    ),
    Step(
        "Mix styles, text first",
        "Another prompt takes over block by block: coarse blocks hold layout, fine ones texture.",
        6.0,
        "Mixing",
        mixing("text"),
        sections=("Mixing",),
    ),
    Step(
        "Mix styles, latent next",
        "Latent and text mix on tracks of their own.",
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
        "Move the content, not the picture",
        "Rotate, move and zoom through the generator's Fourier input.",
        4.0,
        "Transform",
        placing,
        sections=("Transform",),
    ),
    Step(
        "Keep what you found",
        "Ctrl-S saves the picture with its recipe inside: drop the file here to be back.",
        4.0,
        "Capture",
        still,
        sections=("Capture",),
        action=actions.CaptureImage(),
    ),
)
"""The four jobs: live prompts, scrubbing, mixing, capture."""


def length_s(steps: tuple[Step, ...] = STEPS) -> float:
    """How long the tour takes."""
    return sum(step.seconds for step in steps)
