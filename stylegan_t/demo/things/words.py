"""The words that captions use for everything but the things' own names."""

from __future__ import annotations

from stylegan_t.demo.captions import WORDS as FIRST_WORDS

_MORE: dict[str, dict[str, tuple[str, ...]]] = {
    "time": {
        "dawn": ("in the morning", "morning", "sunrise"),
        "day": ("at midday", "in the sunshine", "sunny", "on a bright day", "at day", "noon"),
        "sunset": ("at sundown", "in the evening light", "evening", "dusk", "golden hour"),
        "night": ("in the dark", "in the moonlight", "at nighttime", "midnight", "dark night"),
    },
    "weather": {
        "clear": ("with a blue sky", "blue sky", "cloudless", "nice weather"),
        "cloudy": ("under clouds", "on a cloudy day", "clouds", "overcast"),
        "rain": ("in heavy rain", "raining", "rainy", "stormy", "storm", "while it rains"),
        "snow": ("snowing", "snowfall", "blizzard", "in a snowstorm", "snowstorm", "snowflakes"),
        "fog": ("mist", "misty", "fog", "in the haze", "hazy", "in thick fog"),
    },
    "ground": {
        "meadow": (
            "in the grass", "on the grass", "on a meadow", "in a field", "in a garden", "in a park",
            "on a lawn", "grass", "field", "garden", "in the countryside",
        ),
        "desert": ("in a desert", "on a dune", "in the sahara", "sand dunes", "dunes"),
        "snow": ("in the snow", "on snow", "snowy", "in a winter landscape", "winter", "on ice"),
        "sea": (
            "on the sea", "in the sea", "in the ocean", "on the water", "in the water", "ocean",
            "water", "on a lake", "in the waves", "above the sea", "on the open sea",
        ),
        "beach": (
            "on the beach", "at the beach", "on a beach", "on a sandy beach", "beach", "seaside",
            "on the shore", "at the seaside", "on the coast",
        ),
    },
    "relief": {
        "peaks": ("in the mountains", "in front of mountains", "with mountains", "in the alps"),
        "hills": ("in the hills", "with hills", "in front of hills", "hilly"),
    },
    "size": {
        "small": ("tiny", "very small", "mini"),
        "large": ("very big", "gigantic", "enormous", "giant"),
    },
    "side": {
        "left": ("on the left side", "at the left"),
        "centre": ("in the center", "centered"),
        "right": ("on the right side", "at the right"),
    },
    "style": {
        "flat": ("flat", "vector", "illustration", "clip art", "cartoon"),
        "watercolor": ("watercolors", "watercolours", "wet watercolor", "watercolour painting"),
        "pixel": ("pixelart", "pixelated", "pixels", "8bit", "retro game", "minecraft"),
        "pencil": ("pencil", "drawing", "coloured pencil", "sketched", "pencils"),
        "oil": ("oil paint", "van gogh style", "starry night", "impressionist painting", "oils"),
        "neon": ("neon style", "neon glow", "cyberpunk", "synthwave", "glowing"),
    },
}  # fmt: skip

COLORS: dict[str, tuple[str, ...]] = {
    "red": ("red", "red", "red", "crimson", "scarlet"),
    "orange": ("orange", "orange", "tangerine"),
    "yellow": ("yellow", "yellow", "golden", "gold"),
    "green": ("green", "green", "emerald", "lime green"),
    "blue": ("blue", "blue", "blue", "navy", "azure", "turquoise"),
    "purple": ("purple", "purple", "violet", "lilac"),
    "pink": ("pink", "pink", "rose", "magenta"),
    "brown": ("brown", "brown", "chocolate"),
    "white": ("white", "white", "pale"),
    "black": ("black", "black", "jet black"),
    "grey": ("grey", "gray", "silver"),
}

RELATIONS: dict[str, tuple[tuple[str, bool], ...]] = {
    "beside": (
        ("beside", False), ("next to", False), ("and", False), ("with", False), ("by", False),
        ("near", False), ("and", False), ("&", False), ("together with", False),
    ),
    "left": (
        ("left of", False), ("to the left of", False), ("right of", True),
        ("to the right of", True), ("on the left of", False), ("on the right of", True),
    ),
    "above": (
        ("above", False), ("over", False), ("flying over", False), ("below", True),
        ("under", True), ("underneath", True), ("beneath", True), ("high above", False),
    ),
    "on": (
        ("on", False), ("on top of", False), ("sitting on", False), ("standing on", False),
        ("upon", False),
    ),
    "behind": (
        ("behind", False), ("in front of", True), ("before", True), ("hiding behind", False),
    ),
}  # fmt: skip
"""Words for how two things stand, and whether they name the two the other way round."""

COUNTS: dict[str, tuple[str, ...]] = {
    "two": ("two", "two", "2", "a pair of", "a couple of"),
    "three": ("three", "three", "3", "several", "some", "many", "a group of", ""),
}

EMPTY = (
    "landscape", "empty landscape", "scene", "view", "scenery", "an empty scene", "nothing",
    "empty", "a view", "nobody", "a landscape", "panorama",
)  # fmt: skip

FILLERS = (
    "beautiful", "nice", "very", "lovely", "cute", "picture of", "image of", "old", "some", "the",
    "photo of", "funny", "happy", "please", "little", "my", "cool", "pretty", "new", "great",
)  # fmt: skip
"""Words that change nothing."""


def _merged(name: str) -> dict[str, tuple[str, ...]]:
    ours, first = _MORE.get(name, {}), FIRST_WORDS[name]
    values = list(dict.fromkeys([*first, *ours]))
    return {value: first.get(value, ()) + ours.get(value, ()) for value in values}


WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    name: _merged(name)
    for name in ("time", "weather", "ground", "relief", "moon", "size", "side", "style")
}
"""For each attribute and value the phrases that name it."""
