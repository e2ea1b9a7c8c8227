"""The words that the demo's text tower was taught, as its file declares them."""

from __future__ import annotations

from stylegan_t.demo.captions import FILLERS, WORDS
from stylegan_t.demo.reading import SILENT
from stylegan_t.encoders.known_words import KnownWords

NEAREST: dict[str, tuple[str, ...]] = {
    "cottage": ("villa", "mansion", "bungalow", "chalet", "farmhouse", "barn", "castle"),
    "pine tree": ("oak", "palm", "spruce", "birch", "forest", "woods"),
    "sailboat": ("sail", "vessel", "schooner", "canoe", "ferry", "catamaran"),
    "lighthouse": ("tower", "windmill"),
    "hot air balloon": ("airship", "zeppelin", "blimp", "parachute"),
    "cactus": ("succulent",),
    "meadow": ("lawn", "prairie", "pasture", "park", "garden"),
    "on the dunes": ("beach", "sahara", "wasteland"),
    "sea": ("lake", "river", "pond", "harbour", "harbor", "coast", "shore", "bay"),
    "hills": ("valley", "slope"),
    "mountains": ("alps", "cliff", "volcano", "summit"),
    "sunset": ("twilight", "afternoon"),
    "night": ("starry", "nighttime", "darkness"),
    "fog": ("haze", "hazy", "smoke", "smog"),
    "rain": ("drizzle", "shower", "thunderstorm", "lightning", "wet"),
    "in falling snow": ("snowflakes", "frost", "frozen", "hail"),
    "watercolor": ("gouache", "acrylic", "aquarell"),
    "pencil sketch": ("charcoal", "ink", "crayon", "chalk", "graphite"),
    "oil painting": ("impressionist", "monet", "canvas"),
    "flat illustration": ("cartoon", "comic", "poster", "minimalist"),
    "pixel art": ("minecraft", "16bit"),
    "neon": ("cyberpunk", "synthwave", "laser"),
    "red": ("ruby", "maroon", "burgundy", "pink"),
    "orange": ("amber", "brown"),
    "yellow": ("gold", "lemon", "beige"),
    "green": ("lime", "olive", "mint"),
    "blue": ("turquoise", "cyan", "teal", "indigo"),
    "purple": ("magenta", "mauve", "lavender"),
    "white": ("ivory", "silver"),
    "black": ("grey", "gray", "ebony"),
    "huge": ("enormous", "gigantic", "massive"),
    "tiny": ("miniature", "minuscule"),
}
"""Known words, each with words for something near it that were not taught."""

LOOKALIKES = (
    "horse",
    "mouse",
    "moose",
    "goose",
    "goat",
    "coat",
    "glass",
    "bunny",
    "bacon",
    "queen",
)
"""Words that were not taught, whose letters a tower could take for a known word's."""


def known_words() -> KnownWords:
    """Return what `WordTower` is told of the captions that it learns from."""
    values = [synonyms for kinds in WORDS.values() for synonyms in kinds.values()]
    words = dict.fromkeys(phrase for synonyms in values for phrase in synonyms)
    known = {word for phrase in words for word in phrase.split()}
    near = [(word, (instead,)) for instead, others in NEAREST.items() for word in others]
    untaught = dict([*near, *((word, ()) for word in LOOKALIKES)])
    return KnownWords(
        words=tuple(words),
        silent=tuple(dict.fromkeys([*sorted(SILENT), *FILLERS])),
        untaught=tuple((word, near) for word, near in untaught.items() if word not in known),
    )
