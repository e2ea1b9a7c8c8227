"""StyleGAN-XL (Sauer et al. 2022, arXiv 2202.00273): StyleGAN3 in stages, with classes.

The synthesis is StyleGAN3's; what differs is the mapping (classes through a table of features, a
centre for each class) and the layers of a super-resolution stage, see `schedule.superresolved`.
"""

from __future__ import annotations

from stylegan_t.config import require_sizes
from stylegan_t.family.mapping import ClassMappingNetwork, FamilyMapping
from stylegan_t.family.stylegan3 import StyleGAN3, StyleGAN3Config

MAX_TABLE = 1 << 20
"""Rows and columns of the class features."""


class StyleGANXLConfig(StyleGAN3Config, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The sizes that a StyleGAN-XL generator is built from; `table` is the shape of the class
    features."""

    table: tuple[int, int]

    def __post_init__(self) -> None:
        super().__post_init__()
        require_sizes(*self.table, most=MAX_TABLE)
        if self.c_dim > self.table[0]:
            raise ValueError("It has fewer embeddings than classes.")


class StyleGANXL(StyleGAN3):
    """Mapping and synthesis, of a stem or of a super-resolution stage."""

    kind = "StyleGAN-XL"
    config: StyleGANXLConfig

    def _mapping(self) -> FamilyMapping:
        config = self.config
        return ClassMappingNetwork(
            config.z_dim,
            config.c_dim,
            config.w_dim,
            config.num_ws,
            num_layers=config.mapping_layers,
            table=config.table,
            lr_multiplier=config.mapping_lr_multiplier,
        )
