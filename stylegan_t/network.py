"""The one face of every generator: what a program that draws with it has to know.

StyleGAN-T, StyleGAN2, StyleGAN3, StyleGAN-XL and LAFITE are kinds of `Network`.  Nothing above this
package asks which; it asks the `Anatomy`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from stylegan_t.card import ModelCard
from stylegan_t.config import Condition
from stylegan_t.encoders.text import TextTower


@dataclass(frozen=True)
class LayerShape:
    """One layer that reads a row of w.

    `name` is its path in the synthesis network, `block` its block's index, coarsest first, and
    `channels` the length of its style.  A `shared` layer reads a row that another one owns.
    """

    name: str
    row: int
    block: int
    resolution: int
    channels: int
    shared: bool = False


@dataclass(frozen=True)
class Anatomy:
    """The sizes and the abilities of a network.

    Attributes:
        kind: the architecture's name, for people.
        img_resolution: side of the image in pixels.
        img_channels: number of colour channels.
        z_dim: length of a latent.
        latent_dim: number of columns of a row of w that the latent makes.
        c_dim: length of what a prompt becomes: a text embedding, or one weight for each class.
        condition: what that is.
        num_ws: number of rows of w.
        blocks: the resolution of each block, coarsest first.
        rows_of_block: the rows that each block owns, from and to (exclusive).
        layers: every layer that reads a row, in the order in which they draw.
        has_noise: whether noise makes a difference.
        has_transform: whether the input can be moved and turned.
        grid: cells to the side of the input, in which larger pictures are measured.
    """

    kind: str
    img_resolution: int
    img_channels: int
    z_dim: int
    latent_dim: int
    c_dim: int
    condition: Condition
    num_ws: int
    blocks: tuple[int, ...]
    rows_of_block: tuple[tuple[int, int], ...]
    layers: tuple[LayerShape, ...]
    has_noise: bool
    has_transform: bool
    grid: int


class LatentMapping(nn.Module, ABC):
    """Latents to the columns of w that the latent makes."""

    @abstractmethod
    def mapped(self, z: Tensor, label: Tensor | None = None) -> Tensor:
        """[N, z_dim] samples of N(0, I) to [N, latent_dim], before truncation.

        `label` is [N, c_dim], the weight of each class, for networks that classes go through.
        """

    @abstractmethod
    def truncate(self, x: Tensor, psi: float, label: Tensor | None = None) -> Tensor:
        """Draw what `mapped` gave towards its centre: 0 is the centre, 1 leaves it."""


@dataclass(frozen=True, eq=False)
class BlockParts:
    """The layers of one block of a synthesis, for those who draw with them in another way.

    Attributes:
        resolution: what the block is called by.
        start: the row of w that its first layer reads; the others read those that follow.
        source: for the first block what the features come from: a module that reads a row, or the
            features themselves, [C, H, W].
        layers: the convolutions.
        colours: the colour output, which reads the row behind those of the convolutions.
        past: the way past a residual block, or None.
        fir: what doubles the image of the coarser block.
        gain: multiplies the colours.
        halved: whether it is computed in half precision where that is wanted.
    """

    resolution: int
    start: int
    layers: tuple[nn.Module, ...]
    source: nn.Module | Tensor | None = None
    colours: nn.Module | None = None
    past: nn.Module | None = None
    fir: Tensor | None = None
    gain: float = 1.0
    halved: bool = True


HALVED_BLOCKS = 4
"""Number of the finest resolutions that the originals of StyleGAN2 and StyleGAN3 compute in half
precision by default."""


class Synthesis(nn.Module, ABC):
    """Rows of w to an image, block by block."""

    config: Any

    @property
    @abstractmethod
    def latent_dim(self) -> int:
        """Number of columns of a row of w that the latent makes; the text makes the others."""

    @property
    @abstractmethod
    def grid(self) -> int:
        """Number of cells to the side of the trained square, see `stylegan_t.extent`."""

    @abstractmethod
    def parts(self) -> tuple[BlockParts, ...]:
        """The blocks, coarsest first."""


M = TypeVar("M", bound=LatentMapping)
S = TypeVar("S", bound=Synthesis)


class Network(nn.Module, ABC, Generic[M, S]):
    """A generator, with the text tower and the card that came with it.

    `source` is where it was loaded from ("demo" or a path) and `sha256` that file's hash; `warning`
    says what is suspicious about the file, or is empty.
    """

    config: Any
    mapping: M
    synthesis: S

    def __init__(self, text: TextTower | None = None, card: ModelCard | None = None) -> None:
        super().__init__()
        self.card = card or ModelCard()
        self.text = text
        self.source, self.sha256, self.warning = "", "", ""

    @property
    @abstractmethod
    def anatomy(self) -> Anatomy:
        """Its sizes and abilities."""

    @abstractmethod
    def style_of_row(self, row: int) -> Callable[[Tensor], Tensor]:
        """Return what makes the style of the layer that owns `row` of w: [N, columns of w] to
        [N, channels]."""

    @property
    def device(self) -> torch.device:
        """Return where the weights are."""
        return next(self.mapping.buffers()).device

    @torch.inference_mode()
    def encode_text(self, prompts: list[str]) -> Tensor:
        """Embed prompts: [N, c_dim] float32.

        Raises:
            ValueError: the model has no text tower, or takes no text.
        """
        if self.text is None:
            raise ValueError("This model has no text tower, so it cannot read a prompt.")
        return self.text.encode(prompts)


AnyNetwork = Network[Any, Any]
"""A network of whatever kind."""
