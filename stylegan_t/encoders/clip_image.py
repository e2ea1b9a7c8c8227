"""The image half of CLIP: pictures in, unit-norm embeddings out, beside those of the text half.

Training measures with it how well a picture fits its caption.  It is named as text towers are:
`open_clip:ViT-L-14/openai`.  Nothing reaches for the network unless `download=True` says so.

Source: Radford et al. 2021, "Learning Transferable Visual Models From Natural Language
Supervision".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylegan_t.config import OPEN_CLIP
from stylegan_t.encoders.clip_specs import EXAMPLE, look_up, tower_label
from stylegan_t.encoders.hub_files import HUB, FetchError, HubPlace, cached_file, fetch_file
from stylegan_t.encoders.text import TowerError
from stylegan_t.encoders.vit import CLIP_MEAN, CLIP_STD, FeatureError, VisionTransformer
from stylegan_t.encoders.vit_files import USUAL_HEAD_WIDTH, open_vit, read_vit

_PLAIN_IMAGE = {"image_size", "layers", "width", "patch_size", "head_width", "mlp_ratio"}
"""Fields that the image half of an architecture may have; all else makes it no plain CLIP."""
_HARMLESS = {"patch_dropout"}
"""Acts in its own training only."""


def standardize(image: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """Pictures [N, 3, H, W] in 0..1 to what a network was trained with, by [3] `mean`, `std`."""
    return (image - mean[:, None, None]) / std[:, None, None]


class ClipImageEncoder(nn.Module):
    """Frozen; gradients pass through to the picture.  `size` is the side of its pictures.

    Args:
        vit: with a projection.
        mean, std: of red, green and blue, as it was trained.

    Raises:
        FeatureError: the network has no projection.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        vit: VisionTransformer,
        name: str = "CLIP image tower",
        mean: Sequence[float] = CLIP_MEAN,
        std: Sequence[float] = CLIP_STD,
    ) -> None:
        super().__init__()
        if not vit.config.out_dim:
            raise FeatureError(f"{name} contains no image encoder, so it is not a CLIP.")
        self.vit, self.name = vit.eval().requires_grad_(False), name
        self.c_dim, self.size = vit.config.out_dim, vit.config.size
        self.register_buffer("mean", torch.tensor(mean), persistent=False)
        self.register_buffer("std", torch.tensor(std), persistent=False)

    def forward(self, image: Tensor) -> Tensor:
        """[N, 3, size, size] in 0..1 to [N, c_dim] float32 of unit norm."""
        x = self.vit.embed(standardize(image, self.mean, self.std))
        return F.normalize(x.float(), dim=1)


def open_clip_image_encoder(spec: str, download: bool = False) -> ClipImageEncoder:
    """Open the image half of a CLIP.

    Args:
        spec: `open_clip:ARCHITECTURE/TAG`, or a file with the whole CLIP; the same as for the
            text tower, else the embeddings have nothing to do with each other.
        download: whether a CLIP that is not on this machine may be fetched from Hugging Face.

    Raises:
        FeatureError: it cannot be had, or is no plain vision transformer.
    """
    if spec.startswith(OPEN_CLIP):
        tower = named_image_tower(spec)
        return ClipImageEncoder(tower.open(download), tower.label, tower.mean, tower.std)
    vit = open_vit(spec, f"neither a file nor a name such as {EXAMPLE}")
    return ClipImageEncoder(vit, tower_label(spec))


@dataclass(frozen=True)
class ImageTower:
    """An image half that open_clip lists: its name for people, its numbers, its place."""

    label: str
    heads: int
    quick_gelu: bool
    mean: tuple[float, ...]
    std: tuple[float, ...]
    place: HubPlace

    def open(self, download: bool) -> VisionTransformer:
        """The network, from this machine's cache, or downloaded.

        Raises:
            FeatureError: it is not here, cannot be fetched, or the file is of another kind.
        """
        file = cached_or_fetched(self.place, self.label, download)
        return read_vit(file, heads=self.heads, quick_gelu=self.quick_gelu)


def cached_or_fetched(place: HubPlace, label: str, download: bool) -> Path:
    """The path of a published file that is on this machine, or may be brought here.

    Raises:
        FeatureError: it is not here and may not, or cannot, be fetched.
    """
    by_hand = f"{place.by_hand} and give its path"
    file = cached_file(place)
    if file is not None:
        return file
    if not download:
        raise FeatureError(f"{label} is not on this computer; have it downloaded, or {by_hand}.")
    try:
        return fetch_file(place)
    except FetchError as error:
        raise FeatureError(
            f"{label} could not be downloaded; check the connection to {HUB}, or {by_hand}."
        ) from error


def named_image_tower(spec: str) -> ImageTower:
    """Look an image half up in open_clip's own lists.

    Raises:
        FeatureError: it is not there, or is no plain vision transformer.
    """
    try:
        found = look_up(spec, _why_not)
    except TowerError as error:
        raise FeatureError(str(error)) from error
    vision = found.config["vision_cfg"]
    return ImageTower(
        label=found.label,
        heads=vision["width"] // vision.get("head_width", USUAL_HEAD_WIDTH),
        quick_gelu=found.quick_gelu,
        mean=tuple(found.weights.get("mean") or CLIP_MEAN),
        std=tuple(found.weights.get("std") or CLIP_STD),
        place=found.place,
    )


def _why_not(architecture: str, config: dict[str, Any]) -> str | None:
    reason = _why_not_plain(config.get("vision_cfg", {}))
    return f"{architecture} cannot be used for its pictures, because {reason}." if reason else None


def _why_not_plain(vision: dict[str, Any]) -> str | None:
    """Return why an architecture's image half is not CLIP's own, as half a sentence; None when it
    is."""
    if not isinstance(vision.get("layers"), int) or "width" not in vision:
        return "its image half is not CLIP's vision transformer"
    more = sorted(key for key in vision.keys() - _PLAIN_IMAGE - _HARMLESS if vision[key])
    return f"its image half is not a plain CLIP ({', '.join(more)})" if more else None
