"""The picture half of a CLIP as a feature network, and CLIP's score.

The architecture is open_clip's, the weights come from its file on this machine; only the picture
half is built and read.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.config import OPEN_CLIP
from stylegan_t.encoders.hub_files import (
    HUB,
    FetchError,
    HubPlace,
    cached_file,
    fetch_file,
    hub_place,
)
from stylegan_t.encoders.open_clip_import import import_open_clip
from stylegan_t.encoders.text import TextTower, TowerError
from stylegan_t.encoders.towers import open_tower
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.features import Features, resized
from stylegan_t.metrics.state_files import SUFFIXES, read_state

PAPER_TOWER = f"{OPEN_CLIP}ViT-g-14/laion2b_s12b_b42k"
"""With which the paper measures text alignment (StyleGAN-T, section 4)."""
_MEAN = (0.48145466, 0.4578275, 0.40821073)
_STD = (0.26862954, 0.26130258, 0.27577711)
"""OpenAI's, where a list of weights names no others."""
_SMALL_TEXT = {"width": 8, "heads": 1, "layers": 1, "vocab_size": 8}
"""open_clip builds both halves of a CLIP; the half that is not wanted is kept small."""
_VISUAL = "visual."


class ClipImageFeatures(Features):
    """Embeddings of pictures as a CLIP makes them, before they are normalised."""

    note = "Figures in CLIP's features compare with one another, not with published FIDs."

    def __init__(
        self,
        visual: torch.nn.Module,
        size: int,
        name: str,
        mean: tuple[float, ...] = _MEAN,
        std: tuple[float, ...] = _STD,
    ) -> None:
        super().__init__()
        self.visual, self.size, self.name = visual, size, name
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1), persistent=False)
        with torch.inference_mode():
            self.dim = self(torch.zeros(1, 3, size, size, dtype=torch.uint8)).shape[1]
        self.ready("clip")

    mean: Tensor
    std: Tensor

    def forward(self, pixels: Tensor) -> Tensor:
        """See `Features.forward`."""
        x = resized(pixels.float() / 255, self.size).clamp(0, 1)
        return self.visual((x - self.mean) / self.std)


def open_clip_images(spec: str, *, download: bool = False) -> ClipImageFeatures:
    """The picture half of `open_clip:ARCHITECTURE/TAG`, or of `open_clip:ARCHITECTURE/FILE`.

    Args:
        spec: which one.
        download: whether weights that are not on this machine may be fetched from Hugging Face.

    Raises:
        MetricError: open_clip knows no such weights, or they are missing or damaged.
    """
    try:
        open_clip = import_open_clip()
    except TowerError as error:
        raise MetricError(str(error)) from error
    architecture, tag, file = _parts(spec)
    # Only names of its list: it reads others ("hf-hub:...") as places in the network.
    known = architecture in open_clip.list_models()
    config = open_clip.get_model_config(architecture) if known else None
    if config is None or "timm_model_name" in config["vision_cfg"]:
        raise MetricError(f"open_clip has no plain picture network {architecture!r}.")
    listed = {} if file else open_clip.get_pretrained_cfg(architecture, tag)
    if file is None and not listed:
        tags = ", ".join(open_clip.list_pretrained_tags_by_model(architecture)) or "none"
        raise MetricError(
            f"open_clip has no weights {tag!r} for {architecture}; it has: {tags}. "
            f"A file of yours must end in one of {', '.join(SUFFIXES)}."
        )
    file = file or _weights(listed, f"{architecture} ({tag})", download)
    visual, size = _visual(open_clip, config, _quick_gelu(config, listed, tag))
    try:
        visual.load_state_dict(read_state(file, _VISUAL))
    except RuntimeError as error:
        raise MetricError(f"{file} does not hold the weights of {architecture}.") from error
    mean, std = listed.get("mean") or _MEAN, listed.get("std") or _STD
    return ClipImageFeatures(visual, size, f"CLIP {architecture} ({file.name})", mean, std)


def _parts(spec: str) -> tuple[str, str, Path | None]:
    """Architecture, and what stands behind the slash: a tag, or the path of a file too."""
    architecture, _, tag = spec.removeprefix(OPEN_CLIP).partition("/")
    file = Path(os.path.expanduser(tag))
    return architecture, tag, file if file.suffix.lower() in SUFFIXES else None


def _quick_gelu(config: dict[str, Any], listed: dict[str, Any], tag: str) -> bool:
    """Return which activation weights were trained with: no tensor shows it."""
    openai = re.search(r"openai|quick[-_]?gelu", Path(tag).name, re.IGNORECASE) is not None
    return config.get("quick_gelu", False) or listed.get("quick_gelu", openai)


def _visual(
    open_clip: ModuleType, config: dict[str, Any], quick: bool
) -> tuple[torch.nn.Module, int]:
    """The picture half of an architecture with random weights, and the size that it looks at."""
    vision = open_clip.CLIPVisionCfg(**config["vision_cfg"])
    text = open_clip.CLIPTextCfg(**_SMALL_TEXT)
    visual = open_clip.CLIP(config["embed_dim"], vision, text, quick_gelu=quick).visual
    size = vision.image_size
    return visual.float(), size if isinstance(size, int) else size[0]


def _weights(listed: dict[str, Any], label: str, download: bool) -> Path:
    place = hub_place(listed.get("hf_hub", ""))
    if place is None:
        raise MetricError(f"open_clip names no Hugging Face repository for {label}.")
    file = cached_file(place)
    if file is not None:
        return file
    if not download:
        raise MetricError(
            f"{label} is not on this computer: have it downloaded with --download, or "
            f"{_hand(place)}."
        )
    try:
        return fetch_file(place)
    except FetchError as error:
        raise MetricError(
            f"{label} could not be downloaded: check the connection to {HUB}, or {_hand(place)}."
        ) from error


def _hand(place: HubPlace) -> str:
    return f"{place.by_hand} and name it after the slash instead of the tag"


class ClipScore:
    """Cosines of pictures and their prompts in one CLIP, as the paper measures text alignment.

    Source: Hessel et al. 2021, "CLIPScore", without its factor of 2.5 and its cut at zero.
    """

    def __init__(self, images: ClipImageFeatures, text: TextTower) -> None:
        self.images, self.text = images, text

    def __call__(self, pixels: Tensor, prompts: list[str]) -> Tensor:
        """uint8 [N, 3, H, W] and N prompts to [N] cosines in [-1, 1], in main memory."""
        seen = F.normalize(self.images(pixels), dim=1).cpu()
        return (seen * self.text.encode(prompts).cpu()).sum(dim=1)


def open_clip_score(spec: str, *, download: bool = False) -> ClipScore:
    """Both halves of `spec`, which `open_clip_images` and `open_tower` must know.

    Raises:
        MetricError: one of them is not to be had, or they do not belong together.
    """
    images = open_clip_images(spec, download=download)
    architecture, tag, file = _parts(spec)
    place = spec
    if file is not None:
        config = import_open_clip().get_model_config(architecture)
        activation = "quick_gelu" if _quick_gelu(config, {}, tag) else "gelu"
        place = f"{file}?{activation}&heads={config['text_cfg']['heads']}"
    try:
        text = open_tower(place, download=download)
    except TowerError as error:
        raise MetricError(str(error)) from error
    if text.c_dim != images.dim:
        raise MetricError(f"The two halves of {spec} do not belong together.")
    return ClipScore(images, text)
