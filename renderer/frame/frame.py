"""The renderer's answer: a picture, the recipe that it shows, and what making it took."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from renderer.errors import Fault, PictureError
from renderer.frame.block_times import BlockMs
from renderer.recipe.identity import with_hash
from renderer.recipe.recipe import Recipe
from stylegan_t.config import BASE_RESOLUTION, Condition

if TYPE_CHECKING:  # panels and the window's first second use this file without loading torch
    import numpy as np
    from torch import Tensor

UnknownWords = tuple[tuple[str, tuple[str, ...]], ...]
"""Words in lower case that a text tower was not taught, each with the nearest that it was."""


@dataclass(frozen=True)
class LayerInfo:
    """One layer of the synthesis that reads a row of w.

    `name` is the layer's path in the model ("b32.conv0", "b32.convs1.0", "b32.torgb"; "b8.input"
    for the Fourier input), `block` its block's index, coarsest first.  `channels` is the length of
    its style: its input channels, or the 4 values that turn and move the input.  A `shared` layer
    is a colour output that reads the first row of the next block, with the layer that owns it.
    """

    name: str
    row: int
    block: int
    resolution: int
    channels: int
    shared: bool = False


@dataclass(frozen=True)
class ModelInfo:
    """A loaded model as the panels know it; plain values, no tensors.

    `blocks` are the resolutions of the synthesis blocks, coarsest first; `rows_of_block[i]` is the
    half-open range of rows of w that block i owns; `layers` are all layers in the order in which
    they draw.  The latent makes the first `latent_dim` columns of a row, a text those that follow.
    `text_tower` is the name of the checkpoint's own, or None; `memory_bytes` is what
    all its weights take, the tower's too.  `warning` says what is suspicious about the file, or is
    empty.  `left_out` counts the example prompts and words of its card that are too many to be kept
    here.  `kind` is its architecture, `condition` what it hears beside the latent; `has_noise` and
    `has_transform` say whether it has noise, and an input that can be moved.  `grid` is the number
    of cells to the side of its input, see `stylegan_t.extent`.
    """

    path: str
    sha256: str
    name: str
    description: str
    resolution: int
    z_dim: int
    latent_dim: int
    c_dim: int
    num_ws: int
    blocks: tuple[int, ...]
    rows_of_block: tuple[tuple[int, int], ...]
    parameters: int
    text_tower: str | None
    example_prompts: tuple[str, ...] = ()
    vocabulary: tuple[tuple[str, tuple[str, ...]], ...] = ()
    memory_bytes: int = 0
    layers: tuple[LayerInfo, ...] = ()
    warning: str = ""
    left_out: int = 0
    kind: str = "StyleGAN-T"
    condition: Condition = "text"
    has_noise: bool = True
    has_transform: bool = True
    grid: int = BASE_RESOLUTION

    @property
    def w_dim(self) -> int:
        """Return the number of columns of a row of w."""
        return self.latent_dim + (self.c_dim if self.takes_text else 0)

    @property
    def has_classes(self) -> bool:
        """Tell whether prompts are names of classes, which go through the mapping network."""
        return self.condition == "classes"

    @property
    def takes_text(self) -> bool:
        """Tell whether prompts go through a text tower."""
        return self.c_dim > 0 and not self.has_classes

    def layer_of_row(self, row: int) -> LayerInfo | None:
        """The layer that owns `row` of w, or None where there is no such row."""
        owners = (layer for layer in self.layers if layer.row == row and not layer.shared)
        return next(owners, None)


@dataclass(frozen=True)
class TokenCount:
    """The room that a prompt takes in the text window: tokens `used` of `limit`; `cut_at` is the
    index of the first character that the model no longer sees, or None when all of it fits."""

    used: int
    limit: int
    cut_at: int | None


ANNOUNCED = 1
"""The `early` of a frame that shows nothing: it tells of the model before a picture is begun."""


@dataclass(frozen=True)
class Frame:
    """The answer to one recipe: a picture or an error, never both.

    `image` is uint8 [R, R, 3] on the renderer's device, row 0 at the top; caches share it, so
    it must not be written to.  The renderer waited until it was computed to its end, that of an
    early frame too: it may be read at once, on any thread and stream.  It goes to main memory only
    when its `pixels` are asked for.

    `stage_ms` holds (stage, milliseconds) in order; a stage that came from its cache has 0.0.
    `block_ms` holds (resolution, milliseconds) of the blocks of the synthesis, coarsest first, 0.0
    for one that was kept of the picture before; it is empty when no block was timed.
    `serial` counts a renderer's answers.  `early` is 0; or the resolution that a picture really
    has which is shown, enlarged, before its finer blocks are drawn; or `ANNOUNCED`.  `notes` are
    sentences for the user.  `fault` says what the error is about, where the window can help.

    `text_norm` is the norm of the text, after strength and directions and before it is brought
    back to unit norm, and `text_angle_deg` how far it has turned from the plain blend of prompts;
    where directions turn rows of w differently, both are those of the row that turned furthest.

    `unknown` are words in any text of the recipe that its model does not know, as far as its text
    tower can tell: see `stylegan_t.encoders.text.TextTower.unknown_words`.

    `second` is the model that `model` was blended with, or None.  `exact` is False for a picture
    that came over a line and was compressed with loss; the exact one follows once it rests.
    """

    recipe: Recipe
    model: ModelInfo | None
    image: Tensor | None
    error: str | None = None
    stage_ms: tuple[tuple[str, float], ...] = ()
    block_ms: BlockMs = ()
    tokens: tuple[TokenCount, ...] = ()
    device: str = "cpu"
    serial: int = 0
    early: int = 0
    notes: tuple[str, ...] = field(default=())
    fault: Fault = ""
    text_norm: float = 1.0
    text_angle_deg: float = 0.0
    unknown: UnknownWords = ()
    second: ModelInfo | None = None
    exact: bool = True

    @property
    def total_ms(self) -> float:
        return sum(ms for _, ms in self.stage_ms)

    def pixels(self) -> np.ndarray:
        """The picture as uint8 [R, R, 3] in main memory, to be read only.  There must be one.

        Raises:
            PictureError: it cannot be fetched, as when the graphics card was lost meanwhile.
        """
        return self._pixels

    @cached_property
    def _pixels(self) -> np.ndarray:
        # Once they were looked at they stay: a graphics card may be lost, its last picture not.
        assert self.image is not None, "a frame with an error has no pixels"
        try:
            return self.image.cpu().numpy()
        except RuntimeError as error:
            reason = str(error).strip().partition("\n")[0].rstrip(".")
            raise PictureError(
                f"The picture could not be fetched from {self.device}: {reason}. Render it again, "
                "on the CPU if the graphics card has stopped working."
            ) from error


def captured_recipe(frame: Frame) -> Recipe:
    """The recipe to write into a picture of `frame`: its own, with the hashes of the models that
    really drew it."""
    if frame.model is None:
        return frame.recipe
    return with_hash(frame.recipe, frame.model.sha256, frame.second and frame.second.sha256)
