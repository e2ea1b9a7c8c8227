"""The sizes that determine a generator, and the presets of the paper."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

DEMO = "demo"
"""Names the model that comes along, its size, its world and its text tower."""

OPEN_CLIP = "open_clip:"
"""Begins the name of a CLIP by its architecture and the tag of its weights, as open_clip has
them."""

Condition = Literal["nothing", "classes", "text"]
"""The condition of a network beside the latent.  A text stands in the last columns of each row of
w; a class goes through the mapping network."""
BendKind = Literal[
    "gain",
    "bias",
    "clamp",
    "threshold",
    "ablate",
    "noise",
    "blur",
    "rotate",
    "scale",
    "shift",
    "mirror",
]
"""The changes that can be made to what comes out of a layer, see `inference.bending`."""
BASE_RESOLUTION = 8
"""Side of the first feature map, in pixels (StyleGAN-T, section 3.1)."""


MAX_RES_BLOCKS = 64
"""Bounds what a file can make us build; the paper's largest model has 3 at each resolution."""


MAX_CLAMP = 1e30
"""Stands for "no clamp": no activation gets there, and twice of it is still a float32."""


MAX_WIDTH = 1 << 16
"""Features of a layer, classes, and entries of a table: the originals stay far below."""


def require_sizes(
    *sizes: int, least: int = 1, most: int = MAX_WIDTH, owner: str = "generator"
) -> None:
    """Raise `ValueError` unless all sizes of its `owner` lie between these bounds, both
    included."""
    if not all(least <= size <= most for size in sizes):
        raise ValueError(f"The sizes of a {owner} must be positive and of sensible magnitude.")


def require_clamp(clamp: float | None) -> None:
    """Raise `ValueError` unless this is a bound for activations; None is none."""
    if clamp is not None and not 0 < clamp <= MAX_CLAMP:
        raise ValueError(f"The clamp must be positive, and at most {MAX_CLAMP:g}.")


class GeneratorConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The sizes that a generator is built from.

    `img_resolution` is the picture's side in pixels, a power of two from 8.  A block at resolution
    `res` has `min(channel_base // res, channel_max)` channels and `num_res_blocks` residual blocks.
    `c_dim` is the length of a text embedding; 0 makes an unconditional model.  `architecture`
    "skip" adds a colour output at every resolution, "orig" only at the last.
    """

    img_resolution: int
    channel_base: int
    channel_max: int
    num_res_blocks: int
    c_dim: int = 768
    z_dim: int = 64
    img_channels: int = 3
    architecture: Literal["skip", "orig"] = "skip"
    conv_clamp: float = 256.0
    gn_groups: int = 32
    layer_scale_init: float = 1e-5

    def __post_init__(self) -> None:
        res = self.img_resolution
        if res < BASE_RESOLUTION or res > 4096 or res & (res - 1):
            raise ValueError(f"The resolution must be a power of two from 8 to 4096, not {res}.")
        sizes = (self.channel_base, self.channel_max, self.num_res_blocks, self.z_dim)
        require_sizes(*sizes, most=1 << 20)
        require_sizes(self.c_dim, least=0)
        if self.num_res_blocks > MAX_RES_BLOCKS:
            raise ValueError(f"{self.num_res_blocks} residual blocks in a row are too many.")
        if self.gn_groups < 1 or not 1 <= self.img_channels <= 16:
            raise ValueError("Groups and picture channels must be positive.")
        if not 0 < self.conv_clamp <= MAX_CLAMP or not 0 <= self.layer_scale_init <= MAX_CLAMP:
            raise ValueError(
                f"The clamp must be positive, the first layer scale not negative, and both at most "
                f"{MAX_CLAMP:g}."
            )
        for resolution in self.block_resolutions:
            channels = self.channels(resolution)
            if channels < 1 or channels % self.gn_groups:
                raise ValueError(
                    f"{channels} channels at {resolution} pixels do not divide into "
                    f"{self.gn_groups} normalisation groups."
                )

    @property
    def w_dim(self) -> int:
        """Length of one row of w: the latent part, then the text part."""
        return self.z_dim + self.c_dim

    @property
    def block_resolutions(self) -> tuple[int, ...]:
        """Resolutions of the synthesis blocks, coarsest first."""
        last = self.img_resolution.bit_length()
        return tuple(1 << k for k in range(BASE_RESOLUTION.bit_length() - 1, last))

    @property
    def convs_per_block(self) -> int:
        """Rows of w that one block consumes: its input or upsampling layer, then its 3x3 layers."""
        return 1 + 2 * self.num_res_blocks

    @property
    def num_ws(self) -> int:
        """Rows of w: one for each layer, and one for the last colour output."""
        return len(self.block_resolutions) * self.convs_per_block + 1

    def channels(self, resolution: int) -> int:
        """Channels of the feature maps at `resolution`."""
        return min(self.channel_base // resolution, self.channel_max)

    def rows_of_block(self, index: int) -> tuple[int, int]:
        """Half-open range of rows of w that block `index` owns, coarsest block first.

        A block's colour output shares the next block's first row; the last has a row of its own.
        """
        start = index * self.convs_per_block
        last = index == len(self.block_resolutions) - 1
        return start, start + self.convs_per_block + int(last)


def full(img_resolution: int = 256, c_dim: int = 768) -> GeneratorConfig:
    """The paper's largest model, about one billion parameters (StyleGAN-T, table 5)."""
    return GeneratorConfig(img_resolution, 65536, 2048, 3, c_dim)


def lite(img_resolution: int = 256, c_dim: int = 768) -> GeneratorConfig:
    """The paper's lightweight model, about 80 million parameters."""
    return GeneratorConfig(img_resolution, 32768, 512, 2, c_dim)


def demo(img_resolution: int = 64, c_dim: int = 128) -> GeneratorConfig:
    """The model that ships with this project: small enough for two CPU cores."""
    return GeneratorConfig(img_resolution, 2048, 128, 1, c_dim, gn_groups=8, layer_scale_init=0.1)


def things(img_resolution: int = 128, c_dim: int = 256) -> GeneratorConfig:
    """The model of the second demo world: wide where shapes are decided, slim where drawn."""
    return GeneratorConfig(img_resolution, 4096, 192, 1, c_dim, gn_groups=8, layer_scale_init=0.1)


PRESETS = {"full": full, "lite": lite, "demo": demo}
