"""The model: a checkpoint, its text tower, and a second one to blend with."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import force_setattr

from renderer.recipe.canonical import trimmed
from renderer.recipe.parts.fields import Number, PerBlock, Sha256, Text
from stylegan_t.config import DEMO


class ModelBlend(Struct, frozen=True, forbid_unknown_fields=True):
    """A second checkpoint of the same shapes, and how far the weights of each part go towards its:
    those of the `mapping` network, and of each resolution block, coarsest first.

    A weight of 0 keeps the first model's part, 1 takes the second's; blocks beyond the end of
    `weights` count as 0.  `path` and `sha256` are as in `ModelRef`; no path is no second model.
    """

    path: Text = ""
    sha256: Sha256 = ""
    mapping: Number = 0.0
    weights: PerBlock = ()

    def __post_init__(self) -> None:
        force_setattr(self, "weights", trimmed(self.weights, 0.0))


class ModelRef(Struct, frozen=True, forbid_unknown_fields=True):
    """A checkpoint: `"demo"` or a file's path, and the file's hash once it is known; with a
    `blend`, what lies between it and a second one.

    `tower` is what reads the prompts: empty for the checkpoint's own text tower, else a local file
    or a named one ("open_clip:ViT-L-14/openai") that is on this computer already: a recipe never
    makes the program fetch anything.
    """

    path: Text = DEMO
    sha256: Sha256 = ""
    tower: Text = ""
    blend: ModelBlend = ModelBlend()
